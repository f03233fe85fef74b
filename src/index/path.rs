//! Files that hold another article today than yesterday, under the same path.
//!
//! A file that was edited is a new version of its article, and replaces it. A file that was overwritten with another article, as `today.txt` is every day,
//! is not: the article that was added from it before stays in the index, recognised by its content.

use super::Transaction;
use super::add::{Entries, id_hash};
use super::document::DocumentRow;
use super::postings::Kind;
use super::store::Table;
use super::transaction::LookedUp;
use crate::detect::Signature;
use crate::error::Result;
use std::collections::{BTreeSet, HashMap};

/// A text is a new version of another if one in so many runs of four words of the shorter one is in the longer one.
const SHARED_OF: usize = 4;

impl Transaction<'_> {
    /// Gives each article of the index that has the id of one of `articles`, which are files of other texts, the id of its content, unless the file is a new
    /// version of it. In: path, hash and signature of the text.
    pub(super) fn keep_unrelated<'a>(&mut self, articles: impl Iterator<Item = (&'a str, u128, &'a LookedUp)>) -> Result<()> {
        let articles: HashMap<&str, (u128, &LookedUp)> = articles.map(|(id, text_hash, looked_up)| (id, (text_hash, looked_up))).collect();
        if articles.is_empty() {
            return Ok(());
        }
        let mut known: Vec<(u32, DocumentRow)> = self.documents_of(&articles.keys().copied().collect::<Vec<_>>())?.into_values().collect();
        known.sort_unstable_by_key(|(number, _)| *number);
        let mut signer = self.signer();
        let mut unrelated = Vec::new();
        for (number, row) in known {
            let Some(&(text_hash, looked_up)) = articles.get(&*row.id) else { continue };
            if row.meta.text_hash != text_hash && !is_version(&self.looked_up_by(&row, &mut signer)?, looked_up) {
                unrelated.push((number, row));
            }
        }
        self.name_by_content(unrelated)
    }

    /// The same for articles that are about to be compared with the index, before they are added to it.
    pub(crate) fn keep_unrelated_signed<'a>(&mut self, articles: impl Iterator<Item = (&'a str, u128, Signature)>) -> Result<()> {
        let articles: Vec<(&str, u128, LookedUp)> =
            articles.map(|(id, text_hash, signature)| (id, text_hash, LookedUp::of(signature))).collect();
        self.keep_unrelated(articles.iter().map(|(id, text_hash, looked_up)| (*id, *text_hash, looked_up)))
    }

    /// Hashes of the texts of the articles with these ids, as far as the index has them.
    pub(crate) fn text_hashes(&self, ids: &[&str]) -> Result<HashMap<Box<str>, u128>> {
        Ok(self.documents_of(ids)?.into_iter().map(|(id, (_, row))| (id, row.meta.text_hash)).collect())
    }

    fn name_by_content(&mut self, articles: Vec<(u32, DocumentRow)>) -> Result<()> {
        let ids: Vec<Box<str>> = articles.iter().map(|(_, row)| row.meta.content_id()).collect();
        let mut taken: BTreeSet<Box<str>> = self.documents_of(&ids.iter().map(|id| &**id).collect::<Vec<_>>())?.into_keys().collect();
        let (mut old, mut new, mut repeated) = (Vec::new(), Entries::default(), Vec::new());
        for ((number, mut row), id) in articles.into_iter().zip(ids) {
            if !taken.insert(id.clone()) {
                // The index has it under this id already.
                repeated.push((number, row));
                continue;
            }
            old.push((id_hash(&row.id), number));
            new.push_id(&id, number);
            row.id = id;
            self.rows().put(Table::Documents, i64::from(number), row.bytes())?;
        }
        if !old.is_empty() {
            self.take_out(Kind::Ids, &old)?;
            new.kinds().try_for_each(|(kind, entries)| self.add_run(kind, entries))?;
        }
        self.take_away(&repeated)
    }
}

/// True if one of two texts is a version of the other.
fn is_version(old: &LookedUp, new: &LookedUp) -> bool {
    let runs = |text: &LookedUp| text.samples.iter().copied().chain(text.grams.iter().map(|gram| gram.hash)).collect::<BTreeSet<u32>>();
    let (old, new) = (runs(old), runs(new));
    let shared = old.intersection(&new).count();
    shared > 0 && shared * SHARED_OF >= old.len().min(new.len())
}
