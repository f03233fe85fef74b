//! Rows with their checksums, over any store.

use super::bytes::{seal, unseal};
use super::error::IndexError;
use super::store::{Store, Table};
use crate::error::Result;
use std::path::PathBuf;

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

    pub(super) fn damaged(&self, table: Table, row: i64, what: &str) -> crate::Error {
        self.fault(format!("row {row} of {} {what}", table.name()))
    }

    pub(super) fn fault(&self, what: String) -> crate::Error {
        IndexError::Damaged { path: self.path.clone(), what }.into()
    }
}
