//! The changed rows of a Parquet file in a file of their own, and the merge that restores the original.
//!
//! In: a file and the numbers of rows that are removed or cut. Out: a Parquet file with the original of these rows ([`changed_rows`]). Restoring: the cleaned file, that
//! file and the numbers give a file with the rows, values, schema, metadata, row groups and codecs of the original ([`merge`]). Pages and statistics are
//! written anew, so the bytes may differ. Memory: one row group.

use super::budget::Budget;
use super::chunk::Draft;
use super::copy::{Run, copy};
use super::decode;
use super::pages_first::PagesFirst;
use super::rewrite::{Last, Sink, properties, row_count};
use bytes::Bytes;
use parquet::column::reader::ColumnReader;
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::reader::{FileReader, SerializedFileReader};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// The file of the rows that changed, among the readers of a merge.
const CHANGED: usize = 0;
/// The cleaned file.
const CLEANED: usize = 1;

/// Which rows of a file changed.
#[derive(Clone, Copy, Debug)]
pub struct Merge<'a> {
    /// Rows of each row group of the file as it was.
    pub row_groups: &'a [u64],
    /// Rows that were removed, numbered from 0 in the file as it was, ascending.
    pub removed: &'a [u64],
    /// Rows whose texts were cut, likewise.
    pub cut: &'a [u64],
}

/// Writes the `rows` of `input`, which ascend, as a Parquet file. Returns the number of rows of each row group of `input`.
///
/// # Errors
/// A damaged file, pages beyond the budget; what `to` says.
pub fn changed_rows(input: &Bytes, rows: &[u64], (budget, to): (&Budget<'_>, Sink<'_>)) -> Result<Vec<u64>> {
    decode(|| {
        let reader = SerializedFileReader::new(input.clone())?;
        let metadata = reader.metadata();
        let schema = metadata.file_metadata().schema_descr();
        budget.check_pages(input, metadata, &(0..schema.num_columns()).collect::<Vec<_>>())?;
        let own = Arc::new(properties(metadata, None)?);
        let mut writer = PagesFirst::new(to, schema.root_schema_ptr(), &own)?;
        let (mut first, mut row_groups) = (0, Vec::new());
        for group in 0..metadata.num_row_groups() {
            let count = row_count(metadata, group)? as u64;
            row_groups.push(count);
            let chosen = between(rows, first..first + count);
            let mut runs = Runs::default();
            for &row in chosen {
                runs.push(0, false, row - first - runs.read[0]);
                runs.push(0, true, 1);
            }
            first += count;
            if !chosen.is_empty() {
                let chunk = |column: usize| vec![Some((&reader, group, column))];
                write_columns(&mut writer, &own, 0..schema.num_columns(), (&runs.runs, Last::RowGroup), chunk)?;
            }
        }
        writer.close()?;
        Ok(row_groups)
    })
}

/// Writes the file whose changed rows are those of `changed`, and all others those of `cleaned`, in order.
///
/// # Errors
/// Files that do not fit to the numbers, or have different columns; what `to` says.
pub fn merge(cleaned: &Bytes, changed: &Bytes, merge: Merge<'_>, to: Sink<'_>) -> Result<()> {
    decode(|| {
        let readers = [SerializedFileReader::new(changed.clone())?, SerializedFileReader::new(cleaned.clone())?];
        let schema = readers[CHANGED].metadata().file_metadata().schema_descr();
        if schema.root_schema() != readers[CLEANED].metadata().file_metadata().schema_descr().root_schema() {
            return Err(ParquetError::General("the removed rows have other columns".into()));
        }
        let own = Arc::new(properties(readers[CHANGED].metadata(), None)?);
        let mut writer = PagesFirst::new(to, schema.root_schema_ptr(), &own)?;
        let (mut first, mut next) = (0_u64, [0, 0]);
        for &count in merge.row_groups {
            let end = first.checked_add(count).ok_or_else(|| ParquetError::General("too many rows".into()))?;
            let runs = merge.runs(first..end);
            first = end;
            // A file has no row group where it has no row.
            let groups = [CHANGED, CLEANED].map(|file| (runs.read[file] > 0).then_some(next[file]));
            [CHANGED, CLEANED].into_iter().for_each(|file| next[file] += usize::from(runs.read[file] > 0));
            for file in [CHANGED, CLEANED] {
                let metadata = readers[file].metadata();
                let is_whole = |group: usize| {
                    group < metadata.num_row_groups() && row_count(metadata, group).is_ok_and(|rows| rows as u64 == runs.read[file])
                };
                if !groups[file].is_none_or(is_whole) {
                    return Err(ParquetError::General("a row group has another number of rows".into()));
                }
            }
            let chunk = |column: usize| [CHANGED, CLEANED].map(|file| groups[file].map(|group| (&readers[file], group, column))).into();
            write_columns(&mut writer, &own, 0..schema.num_columns(), (&runs.runs, Last::RowGroup), chunk)?;
        }
        let is_read = |file: usize| next[file] == readers[file].metadata().num_row_groups();
        if !is_read(CHANGED) || !is_read(CLEANED) {
            return Err(ParquetError::General("rows are left over".into()));
        }
        writer.close()
    })
}

impl Merge<'_> {
    /// Which rows of which file make the rows of a range.
    fn runs(&self, rows: Range<u64>) -> Runs {
        let (mut removed, mut cut) =
            (between(self.removed, rows.clone()).iter().peekable(), between(self.cut, rows.clone()).iter().peekable());
        let (mut runs, mut at) = (Runs::default(), rows.start);
        loop {
            let is_cut = cut.peek().is_some_and(|cut| removed.peek().is_none_or(|removed| cut < removed));
            let Some(&row) = (if is_cut { cut.next() } else { removed.next() }) else { break };
            runs.push(CLEANED, true, row.saturating_sub(at));
            runs.push(CHANGED, true, 1);
            if is_cut {
                runs.push(CLEANED, false, 1);
            }
            at = row + 1;
        }
        runs.push(CLEANED, true, rows.end.saturating_sub(at));
        runs
    }
}

/// Which rows are copied, and how many are read of each reader.
#[derive(Default)]
struct Runs {
    runs: Vec<Run>,
    read: [u64; 2],
}

impl Runs {
    fn push(&mut self, reader: usize, stays: bool, rows: u64) {
        if rows > 0 {
            self.runs.push(Run { reader, stays, rows: usize::try_from(rows).unwrap_or(usize::MAX) });
            self.read[reader] = self.read[reader].saturating_add(rows);
        }
    }
}

/// The part of `rows`, which ascend, in a range.
fn between(rows: &[u64], range: Range<u64>) -> &[u64] {
    &rows[rows.partition_point(|&row| row < range.start)..rows.partition_point(|&row| row < range.end)]
}

/// Where a column is read: the reader of a file, row group and column.
pub(super) type Chunk<'r> = Option<(&'r SerializedFileReader<Bytes>, usize, usize)>;

/// Writes columns of a row group, which are copied by `runs`, on all threads. `last` is what ends with the last of them.
///
/// # Errors
/// A damaged file; what the writer says.
pub(super) fn write_columns<'r>(
    writer: &mut PagesFirst<'_>,
    own: &WriterPropertiesPtr,
    columns: Range<usize>,
    (runs, last): (&[Run], Last),
    chunk: impl Fn(usize) -> Vec<Chunk<'r>> + Sync,
) -> Result<()> {
    let copied = |column: usize| {
        // A reader of a damaged file may panic.
        decode(|| {
            let chunks = chunk(column);
            let open = |chunk: &Chunk<'r>| -> Result<Option<ColumnReader>> {
                chunk.map(|(file, group, column)| file.get_row_group(group)?.get_column_reader(column)).transpose()
            };
            let readers = chunks.iter().map(open).collect::<Result<Vec<_>>>()?;
            let (file, ..) = chunks.iter().flatten().next().ok_or_else(|| ParquetError::General("no rows".into()))?;
            let described = file.metadata().file_metadata().schema_descr().column(column);
            let mut draft = Draft::new(described.clone(), own);
            copy(&described, runs, readers, &mut draft)?;
            draft.close()
        })
    };
    let end = columns.end;
    let chunks = columns.clone().into_par_iter().map(copied).collect::<Result<Vec<_>>>()?;
    for (column, chunk) in columns.zip(chunks) {
        writer.write(chunk, if column + 1 == end { last } else { Last::Column })?;
    }
    Ok(())
}
