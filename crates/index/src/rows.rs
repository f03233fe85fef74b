//! Rows with their checksums, over any store.

use super::bytes::{seal, unseal};
use super::error::IndexError;
use super::store::{Extent, Store, Table};
use refrain_engine::error::Result;
use std::path::PathBuf;

/// A file of this size is checked whole before it is first written to: that takes less than half a second where it was read before.
const WHOLE_BYTES: u64 = 512 << 20;

/// A store whose rows are checked when they are read.
#[derive(Debug)]
pub(super) struct Rows<S> {
    pub(super) store: S,
    pub(super) path: PathBuf,
}

impl<S: Store> Rows<S> {
    /// A row that may be there.
    pub(super) fn get(&self, table: Table, row: i64) -> Result<Option<Vec<u8>>> {
        let Some(mut bytes) = self.store.get(table, row)? else { return Ok(None) };
        let length = unseal(table, row, &bytes).map(<[u8]>::len).ok_or_else(|| self.damaged(table, row, "has a wrong checksum"))?;
        bytes.truncate(length);
        Ok(Some(bytes))
    }

    /// A row that is there, read by `of`.
    pub(super) fn read<T>(&self, table: Table, row: i64, of: impl FnOnce(&[u8]) -> Option<T>) -> Result<T> {
        let bytes = self.get(table, row)?.ok_or_else(|| self.damaged(table, row, "is missing"))?;
        of(&bytes).ok_or_else(|| self.damaged(table, row, "cannot be read"))
    }

    pub(super) fn put(&self, table: Table, row: i64, mut bytes: Vec<u8>) -> Result<()> {
        seal(table, row, &mut bytes);
        self.store.put(table, row, &bytes)
    }

    pub(super) fn delete(&self, table: Table, row: i64) -> Result<()> {
        self.store.delete(table, row..=row)
    }

    /// Calls `visit` with every row of a table, read by `of`.
    pub(super) fn scan<T>(&self, table: Table, of: impl Fn(&[u8]) -> Option<T>, mut visit: impl FnMut(i64, T) -> Result<()>) -> Result<()> {
        self.store.scan(table, &mut |row, bytes| {
            let bytes = unseal(table, row, bytes).ok_or_else(|| self.damaged(table, row, "has a wrong checksum"))?;
            visit(row, of(bytes).ok_or_else(|| self.damaged(table, row, "cannot be read"))?)
        })
    }

    /// Reads every row of a table, and compares it with its checksum.
    pub(super) fn check(&self, table: Table) -> Result<()> {
        self.store.scan(table, &mut |row, bytes| match unseal(table, row, bytes) {
            Some(_) => Ok(()),
            None => Err(self.damaged(table, row, "has a wrong checksum")),
        })
    }

    /// Refuses to write to a damaged file: a fault in a page that is changed spreads to others.
    ///
    /// Up to [`WHOLE_BYTES`] every page and every checksum is read; in a larger file what a write overwrites first: free pages and the state.
    /// The pages and rows that it changes later are checked when they are read.
    pub(super) fn check_before_writing(&self) -> Result<()> {
        let is_whole = self.store.pages_bytes()? <= WHOLE_BYTES;
        let extent = if is_whole { Extent::Structure } else { Extent::WrittenFirst };
        if let Some(fault) = self.store.faults(extent)?.first() {
            return Err(self.fault(fault.clone()));
        }
        if is_whole { Table::ALL.into_iter().try_for_each(|table| self.check(table)) } else { Ok(()) }
    }

    pub(super) fn damaged(&self, table: Table, row: i64, what: &str) -> refrain_engine::Error {
        self.fault(format!("row {row} of {} {what}", table.name()))
    }

    pub(super) fn fault(&self, what: String) -> refrain_engine::Error {
        IndexError::Damaged { path: self.path.clone(), what }.into()
    }
}
