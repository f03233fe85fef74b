//! What an index asks of the database that holds it: numbered rows of bytes in four tables, snapshots, and transactions.

use refrain_engine::error::Result;
use std::ops::RangeInclusive;

/// A table of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    /// One row: parameters, counts, runs.
    State,
    /// A row an article.
    Documents,
    /// A row a content: articles with the same tokens.
    Contents,
    /// Chunks of postings.
    Postings,
}

impl Table {
    pub(crate) const ALL: [Self; 4] = [Self::State, Self::Documents, Self::Contents, Self::Postings];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Documents => "documents",
            Self::Contents => "contents",
            Self::Postings => "postings",
        }
    }
}

/// What a transaction may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Sees one state of the whole, whatever others write meanwhile.
    Read,
    /// The same, and changes it; one at a time, others wait.
    Write,
}

/// How much of itself a database checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Every page, and every value against its definition.
    Contents,
    /// Every page.
    Structure,
    /// Free pages and the state.
    WrittenFirst,
}

/// A database. Rows are whole or not there; those of a transaction become visible and lasting together, when it is committed.
pub(crate) trait Store {
    fn begin(&self, access: Access) -> Result<()>;
    /// True between [`Self::begin`] and [`Self::commit`] or [`Self::rollback`].
    fn is_in_transaction(&self) -> bool;
    /// Notes in the file that its rows are of this version's format.
    fn renew_format(&self) -> Result<()>;
    fn commit(&self) -> Result<()>;
    /// Takes back what was put since [`Self::begin`]. Never fails in a way that matters: a transaction that is not committed is none.
    fn rollback(&self);
    fn get(&self, table: Table, row: i64) -> Result<Option<Vec<u8>>>;
    fn put(&self, table: Table, row: i64, bytes: &[u8]) -> Result<()>;
    fn delete(&self, table: Table, rows: RangeInclusive<i64>) -> Result<()>;
    /// Calls `visit` with every row, in order of their numbers.
    fn scan(&self, table: Table, visit: &mut dyn FnMut(i64, &[u8]) -> Result<()>) -> Result<()>;
    /// What the database finds wrong with its own pages.
    fn faults(&self, extent: Extent) -> Result<Vec<String>>;
    /// Gives back room that is not used.
    fn shrink(&self) -> Result<()>;
    /// Bytes of all pages, as this transaction sees them.
    fn pages_bytes(&self) -> Result<u64>;
    /// Bytes on disk.
    fn bytes(&self) -> u64;
}
