//! An index of articles already seen, in a file: what is new is held against it without reading the old ones again.
//!
//! In: articles. Out: pairs of an article with those of the index, as a run over all of them would tell. Always: a pair that is told is measured
//! on the articles themselves; whatever is read from the file is checked, so that a damaged one is an error and never an answer; a transaction is
//! there as a whole or not at all. The bytes are described in `docs/index-format.md`.

mod add;
mod bytes;
mod connection;
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
mod reference;
mod rows;
mod schema;
mod sqlite;
mod state;
mod store;
mod transaction;
mod verify;

pub use add::{Added, Prepared, Preparer, Removed};
pub use document::text_hash;
pub use error::IndexError;
pub use identity::{ByContent, Unnamed, content_hash};
pub use identity::{Identity, Reading};
pub use ingest::{Destination, Ingest, Ingested, add_corpus};
pub use parameters::Parameters;
pub use query::{Candidates, Query, QueryMatcher, QueryResult, ResultPair};
pub use transaction::{Kept, Stats, Transaction};
pub use verify::Verified;

use files::Files;
use postings::Kind;
use refrain_engine::config::DetectConfig;
use refrain_engine::error::Result;
use rows::Rows;
use sqlite::{FORMAT_OF_OUTLINES, Sqlite};
use state::State;
use std::cell::Cell;
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
    /// The file was found sound before it is written to.
    is_checked: Cell<bool>,
    files: Arc<Files>,
}

impl Index {
    /// Makes an empty index at `path`, and opens it. If another process made one meanwhile, that is opened.
    ///
    /// # Errors
    /// [`IndexError::ReadOnly`], [`IndexError::Full`]; as [`Self::open`].
    pub fn create(path: &Path, config: &DetectConfig, texts: Texts) -> Result<Self> {
        Self::create_filled(path, config, texts, |_| Ok(()))
    }

    /// Makes an index at `path` to which `fill` adds the first articles, and opens it. The file appears when these are on the disk; if `fill` fails, there is
    /// none. If another process made one meanwhile, `fill` is called a second time, for that one.
    ///
    /// # Errors
    /// As [`Self::create`]; what `fill` says.
    pub fn create_filled(path: &Path, config: &DetectConfig, texts: Texts, mut fill: impl FnMut(&Self) -> Result<()>) -> Result<Self> {
        let has_texts = texts == Texts::Kept;
        let state = State::new(Parameters::of(config), has_texts);
        let is_made = Sqlite::create(path, |store| {
            let mut bytes = state.bytes();
            bytes::seal(Table::State, STATE_ROW, &mut bytes);
            store.begin(Access::Write)?;
            store.put(Table::State, STATE_ROW, &bytes)?;
            store.commit()?;
            let draft = Self { has_texts, is_checked: Cell::new(true), ..Self::of(store, path, config) };
            fill(&draft)?;
            Ok(draft.rows.store)
        })?;
        let index = Self::open_to_write(path, config)?;
        if !is_made {
            if index.has_texts != has_texts {
                let [made_with, asked] = [index.has_texts, has_texts].map(|has_texts| (!has_texts).to_string());
                return Err(IndexError::Parameter { path: path.into(), name: "no-text", made_with, asked }.into());
            }
            fill(&index)?;
        }
        Ok(index)
    }

    /// Reports early that no index can be created at `path`; creates nothing.
    ///
    /// # Errors
    /// [`IndexError::ReadOnly`], [`IndexError::Full`], what the system says.
    pub fn require_room(path: &Path) -> Result<()> {
        Sqlite::require_room(path)
    }

    fn of(store: Sqlite, path: &Path, config: &DetectConfig) -> Self {
        Self {
            rows: Rows { store, path: path.into() },
            config: *config,
            has_texts: false,
            is_checked: Cell::new(false),
            files: Arc::new(Files::of(path)),
        }
    }

    /// Opens the index at `path` to be read, for what `config` asks.
    ///
    /// # Errors
    /// [`IndexError::NotFound`], [`IndexError::NotAnIndex`], [`IndexError::Format`], [`IndexError::NoSpellings`], [`IndexError::Parameter`],
    /// [`IndexError::Damaged`], [`IndexError::Foreign`], [`IndexError::Busy`].
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
        let mut index = Self::of(Sqlite::open(path, access)?, path, config);
        let state = index.begin(Access::Read)?.state.clone();
        index.has_texts = state.has_texts;
        let found = index.rows.store.format()?;
        if !state.has_texts && found < FORMAT_OF_OUTLINES {
            return Err(IndexError::NoSpellings { path: path.into(), found }.into());
        }
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
        let state = self.sound_state(access).inspect_err(|_| self.rows.store.rollback())?;
        Ok(Transaction { index: self, state, access, is_open: true })
    }

    fn sound_state(&self, access: Access) -> Result<State> {
        if access == Access::Write && !self.is_checked.get() {
            self.rows.check_before_writing()?;
            self.is_checked.set(true);
        }
        let state = self.rows.read(Table::State, STATE_ROW, State::of)?;
        if state.fits(self.rows.store.pages_bytes()?) {
            Ok(state)
        } else {
            Err(self.rows.fault("the state counts more than the file can hold".into()))
        }
    }

    /// A view of the whole as it is now, whatever is added meanwhile.
    ///
    /// # Errors
    /// [`IndexError::InTransaction`], what the database says.
    pub fn read(&self) -> Result<Transaction<'_>> {
        self.begin(Access::Read)
    }

    /// A transaction: waits for other writers, and is nothing until it is committed. The first of an opening checks the file before it is changed: at most half a
    /// second where it was read before.
    ///
    /// # Errors
    /// [`IndexError::Busy`], [`IndexError::ReadOnly`], [`IndexError::InTransaction`], [`IndexError::Damaged`], [`IndexError::Foreign`], what the database says.
    pub fn write(&self) -> Result<Transaction<'_>> {
        self.begin(Access::Write)
    }

    /// Makes articles ready to be added; may be called while a transaction is open.
    #[must_use]
    pub fn preparer(&self) -> Preparer {
        Preparer { signer: refrain_engine::detect::Signer::new(&self.config), has_texts: self.has_texts, files: self.files.clone() }
    }

    /// What questions are asked by.
    #[must_use]
    pub fn matcher(&self) -> QueryMatcher {
        QueryMatcher::new(&self.config)
    }

    /// What it looks for.
    #[must_use]
    pub fn config(&self) -> &DetectConfig {
        &self.config
    }

    /// Makes one run of all, and gives back room that is not used. The file is copied once to the folder for temporary files, and once to its own.
    ///
    /// # Errors
    /// [`IndexError::NoRoomToCompact`], [`refrain_engine::Error::Spill`], what the database says.
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
mod tests;
