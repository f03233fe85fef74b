//! How an index recognises the given articles.

use super::given::Given;
use rayon::ThreadPool;
use rayon::prelude::*;
use refrain_engine::corpus::Corpus;
use refrain_engine::detect::{ReadDocument, Signer};
use refrain_engine::error::Result;
use refrain_index::{ByContent, Identity, Transaction, Unnamed, content_hash, text_hash};
use std::collections::HashSet;

/// The identities of the given articles.
pub(super) struct Identities<'g, C> {
    pub(super) given: &'g Given<C>,
    by_content: ByContent,
}

impl<'g, C: Corpus> Identities<'g, C> {
    /// Reads the articles without an id of their own again.
    pub(super) fn of(documents: &[ReadDocument<'_>], given: &'g Given<C>, pool: &ThreadPool) -> Result<Self> {
        let unnamed: Vec<&ReadDocument<'_>> = documents.iter().filter(|document| !document.has_own_id).collect();
        let hashed = unnamed.par_iter().map(|document| {
            let text = given.text(document.locator)?;
            let hash = content_hash(&text, document.date, given.outlet(document.outlet).as_deref());
            Ok(Unnamed { file: document.locator.file, start: document.locator.start, line: document.line, hash })
        });
        Ok(Self { given, by_content: ByContent::of(pool.install(|| hashed.collect::<Result<Vec<_>>>())?) })
    }

    /// How the index recognises an article.
    pub(super) fn identity(&self, document: &ReadDocument<'_>) -> Identity<'_> {
        match self.by_content.reading(document.locator.file, document.locator.start) {
            Some(reading) => Identity::Content(reading),
            None if self.given.is_whole_file(document.locator.file) => Identity::Path,
            None => Identity::Id,
        }
    }

    /// The id that an article without an id of its own has in the index.
    pub(super) fn id(&self, document: &ReadDocument<'_>) -> Box<str> {
        self.by_content.id(document.locator.file, document.locator.start).unwrap_or_else(|| document.id.into())
    }

    /// Names of the articles without an id of their own.
    pub(super) fn by_place<'d>(&self, documents: &'d [ReadDocument<'d>]) -> HashSet<&'d str> {
        let unnamed = |document: &&ReadDocument<'_>| !self.by_content.is_empty() && !document.has_own_id;
        documents.iter().filter(unnamed).map(|document| document.id).collect()
    }

    /// Ids in the index of articles that are given: all ids of their own, and the contents that are read again.
    pub(super) fn in_index(&self, documents: &[ReadDocument<'_>], transaction: &Transaction<'_>) -> Result<HashSet<Box<str>>> {
        let (own, unnamed): (Vec<&ReadDocument<'_>>, Vec<_>) = documents.iter().partition(|document| document.has_own_id);
        let (files, own): (Vec<&ReadDocument<'_>>, Vec<_>) =
            own.into_iter().partition(|document| self.identity(document) == Identity::Path);
        let files = transaction.ids_of_files(files.iter().map(|document| document.id))?.into_values();
        let readings = unnamed.into_iter().filter_map(|document| {
            let reading = self.by_content.reading(document.locator.file, document.locator.start)?;
            Some((self.id(document), reading, self.given.name(document.locator.file)))
        });
        let again = transaction.read_again(&readings.collect::<Vec<_>>())?;
        Ok(own.into_iter().map(|document| document.id.into()).chain(again).chain(files).collect())
    }

    /// Has the index keep the articles that it has under the paths of other ones.
    pub(super) fn make_way(&self, documents: &[ReadDocument<'_>], transaction: &mut Transaction<'_>) -> Result<()> {
        let files: Vec<&ReadDocument<'_>> = documents.iter().filter(|document| self.identity(document) == Identity::Path).collect();
        transaction.rename_files(files.iter().map(|document| document.id))?;
        let names: Vec<Box<str>> = files.iter().map(|document| transaction.file_name(document.id)).collect();
        let known = transaction.text_hashes(&names.iter().map(|name| &**name).collect::<Vec<_>>())?;
        let mut signer = Signer::new(transaction.config());
        let mut changed = Vec::new();
        for (document, name) in files.into_iter().zip(&names) {
            let Some(&known) = known.get(name) else { continue };
            let text = self.given.text(document.locator)?;
            let hash = text_hash(&text);
            if hash != known {
                changed.push((&**name, hash, signer.of_text(&text)));
            }
        }
        transaction.keep_unrelated_signed(changed.into_iter())
    }
}
