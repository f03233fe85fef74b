//! An index of articles already seen, in a file: what is new is held against it without reading the old ones again.
//!
//! In: articles. Out: pairs of an article with those of the index, as a run over all of them would tell. Always: a pair that is told is measured
//! on the articles themselves; whatever is read from the file is checked, so that a damaged one is an error and never an answer; a transaction is
//! there as a whole or not at all. The bytes are described in `docs/index-format.md`.

mod add;
mod bytes;
mod document;
mod error;
mod files;
mod identity;
mod ingest;
mod lookup;
mod parameters;
mod path;
mod postings;
mod query;
mod rows;
mod sqlite;
mod state;
mod store;
mod transaction;
mod verify;

pub use add::{Added, Prepared, Preparer, Removed};
pub(crate) use document::text_hash;
pub use error::IndexError;
pub(crate) use identity::{ByContent, Unnamed, content_hash, content_id};
pub use identity::{Identity, Reading};
pub use ingest::{Ingest, Ingested, add_corpus};
pub use parameters::Parameters;
pub(crate) use query::other_name;
pub use query::{Asked, Gathered, Judge, Told, ToldPair};
pub use transaction::{Kept, Stats, Transaction};
pub use verify::Verified;

use crate::config::DetectConfig;
use crate::error::Result;
use files::Files;
use postings::Kind;
use rows::Rows;
use sqlite::Sqlite;
use state::State;
use std::path::Path;
use std::sync::Arc;
use store::{Access, Store, Table};

/// The row of the state.
const STATE_ROW: i64 = 1;

/// An article as it is added or asked about.
#[derive(Clone, Copy, Debug)]
pub struct Article<'a> {
    /// Names it.
    pub id: &'a str,
    /// How it is recognised if it is in the index already.
    pub identity: Identity<'a>,
    /// What is compared.
    pub text: &'a str,
    /// When it was published, in seconds since 1970.
    pub date: Option<i64>,
    /// Who published it.
    pub outlet: Option<&'a str>,
    /// File that it was read from: its path from the working folder.
    pub origin: &'a str,
}

/// Whether texts are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Texts {
    /// Packed.
    Kept,
    /// Not at all: hashes of tokens and their places stand for them.
    LeftOut,
}

/// An index on disk. Cheap to open; any number of processes may read while one writes.
#[derive(Debug)]
pub struct Index {
    rows: Rows<Sqlite>,
    config: DetectConfig,
    /// Fixed when the index was made.
    has_texts: bool,
    files: Arc<Files>,
}

impl Index {
    /// Makes an empty index at `path`, and opens it. If another process made one meanwhile, that is opened.
    ///
    /// # Errors
    /// [`IndexError::ReadOnly`], [`IndexError::Full`]; as [`Self::open`].
    pub fn create(path: &Path, config: &DetectConfig, texts: Texts) -> Result<Self> {
        let state = State::new(Parameters::of(config), texts == Texts::Kept);
        Sqlite::create(path, |store| {
            let mut bytes = state.bytes();
            bytes::seal(Table::State, STATE_ROW, &mut bytes);
            store.put(Table::State, STATE_ROW, &bytes)
        })?;
        Self::open_to_write(path, config)
    }

    /// Opens the index at `path` to be read, for what `config` asks.
    ///
    /// # Errors
    /// [`IndexError::NotFound`], [`IndexError::NotAnIndex`], [`IndexError::Format`], [`IndexError::Parameter`], [`IndexError::Damaged`].
    pub fn open(path: &Path, config: &DetectConfig) -> Result<Self> {
        Self::checked(path, Access::Read, config)
    }

    /// The same, to be changed.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_to_write(path: &Path, config: &DetectConfig) -> Result<Self> {
        Self::checked(path, Access::Write, config)
    }

    /// Opens the index at `path` with the parameters that it was made with.
    ///
    /// # Errors
    /// As [`Self::open`], but for parameters.
    pub fn open_as_made(path: &Path, write: bool) -> Result<Self> {
        let (mut index, parameters) = Self::opened(path, if write { Access::Write } else { Access::Read }, &DetectConfig::default())?;
        index.config = parameters.into(&index.config);
        Ok(index)
    }

    fn opened(path: &Path, access: Access, config: &DetectConfig) -> Result<(Self, Parameters)> {
        let rows = Rows { store: Sqlite::open(path, access)?, path: path.into() };
        let mut index = Self { rows, config: *config, has_texts: false, files: Arc::new(Files::of(path)) };
        let state = index.begin(Access::Read)?.state.clone();
        index.has_texts = state.has_texts;
        Ok((index, state.parameters))
    }

    fn checked(path: &Path, access: Access, config: &DetectConfig) -> Result<Self> {
        let (index, parameters) = Self::opened(path, access, config)?;
        parameters.check(&Parameters::of(config), path)?;
        Ok(index)
    }

    /// Where it stands.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.rows.path
    }

    fn begin(&self, access: Access) -> Result<Transaction<'_>> {
        if self.rows.store.is_in_transaction() {
            return Err(IndexError::InTransaction { path: self.rows.path.clone() }.into());
        }
        self.rows.store.begin(access)?;
        let state = self.rows.read(Table::State, STATE_ROW, State::of).inspect_err(|_| self.rows.store.rollback())?;
        Ok(Transaction { index: self, state, access, is_open: true })
    }

    /// A view of the whole as it is now, whatever is added meanwhile.
    ///
    /// # Errors
    /// [`IndexError::InTransaction`], what the database says.
    pub fn read(&self) -> Result<Transaction<'_>> {
        self.begin(Access::Read)
    }

    /// A transaction: waits for other writers, and is nothing until it is committed.
    ///
    /// # Errors
    /// [`IndexError::Busy`], [`IndexError::ReadOnly`], [`IndexError::InTransaction`], what the database says.
    pub fn write(&self) -> Result<Transaction<'_>> {
        self.begin(Access::Write)
    }

    /// Makes articles ready to be added; may be called while a transaction is open.
    #[must_use]
    pub fn preparer(&self) -> Preparer {
        Preparer { signer: crate::detect::Signer::new(&self.config), has_texts: self.has_texts, files: self.files.clone() }
    }

    /// What questions are asked by.
    #[must_use]
    pub fn judge(&self) -> Judge {
        Judge::new(&self.config)
    }

    /// What it looks for.
    #[must_use]
    pub fn config(&self) -> &DetectConfig {
        &self.config
    }

    /// Makes one run of all, and gives back room that is not used.
    ///
    /// # Errors
    /// What the database says.
    pub fn compact(&self) -> Result<()> {
        let mut transaction = self.write()?;
        for kind in Kind::ALL {
            let runs: Vec<_> = transaction.state.runs.iter().filter(|run| run.kind == kind).copied().collect();
            if runs.len() > 1 {
                transaction.merge(kind, &runs)?;
            }
        }
        transaction.commit()?;
        self.rows.store.shrink()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article<'a>(id: &'a str, text: &'a str) -> Article<'a> {
        Article { id, identity: Identity::Id, text, date: None, outlet: None, origin: "" }
    }

    #[test]
    fn a_transaction_within_a_transaction_is_said_and_no_damage() {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::create(&folder.path().join("db"), &DetectConfig::default(), Texts::Kept).unwrap();
        let mut open = index.write().unwrap();
        let is_told = |error: crate::Error| matches!(error, crate::Error::Index(IndexError::InTransaction { .. }));
        assert!(index.read().is_err_and(is_told) && index.write().is_err_and(is_told) && index.compact().is_err_and(is_told));
        // Articles can be made ready meanwhile, and the transaction goes on.
        let ready = index.preparer().prepare(&article("a", "some words in a row"));
        assert_eq!(open.add(&[ready]).unwrap().new, 1);
        open.commit().unwrap();
        assert_eq!(index.read().unwrap().stats().documents, 1);
    }

    #[test]
    fn one_id_twice_in_a_batch_is_as_in_two() {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::create(&folder.path().join("db"), &DetectConfig::default(), Texts::Kept).unwrap();
        let mut preparer = index.preparer();
        let batch = [
            ("a", "one text"),
            ("b", "another"),
            ("a", "one text"),
            ("a", "a new text"),
            ("", "no id"),
            ("", "none either"),
            ("", "no id"),
        ];
        let batch: Vec<Prepared> = batch.iter().map(|(id, text)| preparer.prepare(&article(id, text))).collect();
        let mut transaction = index.write().unwrap();
        assert_eq!(transaction.add(&batch).unwrap(), Added { new: 4, replaced: 1, unchanged: 2 });
        transaction.commit().unwrap();
        let view = index.read().unwrap();
        let mut kept = Vec::new();
        view.each(|article| {
            kept.push((article.id.starts_with("content:"), article.text.unwrap_or_default()));
            Ok(())
        })
        .unwrap();
        assert_eq!(
            kept,
            [(false, "a new text"), (false, "another"), (true, "no id"), (true, "none either")].map(|(by, text)| (by, text.to_owned()))
        );
        assert_eq!(view.verify().unwrap().documents, 4);
    }
}
