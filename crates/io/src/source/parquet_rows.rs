//! Parquet files among the files of a corpus: their rows handed out, and single columns read again.

use super::FileCorpus;
use super::opened::Opened;
#[cfg(feature = "parquet")]
use super::opened::{InputFile, Kept};
#[cfg(feature = "parquet")]
use super::parquet::{RowReader, whole_column};
use refrain_engine::corpus::{Stretch, Visitor};
#[cfg(feature = "parquet")]
use refrain_engine::document::Locator;
use refrain_engine::error::{Error, Result};
#[cfg(feature = "parquet")]
use std::sync::Mutex;

impl FileCorpus {
    #[cfg(feature = "parquet")]
    pub(super) fn visit_rows<V: Visitor>(
        &self,
        number: usize,
        opened: Opened,
        visitor: &(impl Fn() -> V + Sync),
    ) -> Result<Vec<Stretch<V::Output>>> {
        let InputFile { path, name, kept } = &self.files[number];
        let file = u32::try_from(number).map_err(|_| Error::TooMany { count: number })?;
        let reader = RowReader { file, path, name, fields: self.fields(), spool: &self.spool, limits: &self.limits };
        let (stretches, texts) = reader.read(opened.content, visitor)?;
        let _ = kept.set(Kept::Rows(texts, opened.kind, Mutex::default()));
        Ok(stretches)
    }

    #[cfg(not(feature = "parquet"))]
    pub(super) fn visit_rows<V: Visitor>(&self, number: usize, _: Opened, _: &(impl Fn() -> V + Sync)) -> Result<Vec<Stretch<V::Output>>> {
        Err(Error::Unsupported { path: self.files[number].path.clone(), format: "Parquet", feature: "parquet" })
    }

    /// What a row of a Parquet file has in a column, which is read once and kept; None for other files. `which` chooses it by the paths of all.
    #[cfg(feature = "parquet")]
    pub(super) fn in_column(
        &self,
        locator: Locator,
        key: &str,
        which: impl Fn(&[String]) -> Option<usize>,
    ) -> Result<Option<Option<String>>> {
        let file = &self.files[locator.file as usize];
        let Some(Kept::Rows(_, _, columns)) = file.kept.get() else { return Ok(None) };
        let mut columns = columns.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !columns.contains_key(key) {
            let content = self.bytes_of(&file.path)?.0;
            columns.insert(key.to_owned(), whole_column(content, which, (&file.path, &self.limits))?.unwrap_or_default());
        }
        let row = usize::try_from(locator.start).ok();
        Ok(Some(row.and_then(|row| columns.get(key)?.get(row)?.clone())))
    }
}
