//! One column of a row group, written again: rows from one file or two, to one file or two.
//!
//! In: column readers and writers, and which rows go from where to where. Out: the same levels and values, but for what an edit of texts changes, and a
//! hash of them. Nothing is known of what values mean, so that every type and every nesting comes out as it came in.

use super::chunk::Draft;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{AsBytes, ByteArray, DataType};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescriptor;
use std::ops::Range;
use xxhash_rust::xxh3::Xxh3Default;

/// Rows that are held at a time.
pub(super) const BATCH_ROWS: usize = 1024;
/// Values from this length on are hashed where they lie.
const LONG_BYTES: usize = 512;

/// Rows in a row from one of the sources to one of the sinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) source: usize,
    pub(super) sink: usize,
    pub(super) rows: usize,
}

/// Where values are hashed: they are what the input has before they are edited on the way out of it, and after that on the way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hashed {
    Read,
    Written,
}

/// Hashes of a column: of both kinds of levels, and of the values.
pub(super) type ColumnHash = [u128; 3];

/// Hashes levels and values, however they come in batches.
#[derive(Default)]
pub(super) struct Digests {
    levels: [Xxh3Default; 2],
    values: Xxh3Default,
    gathered: Vec<u8>,
}

impl Digests {
    pub(super) fn update<V: AsBytes>(&mut self, levels: [&[i16]; 2], values: &[V]) {
        for (hasher, levels) in self.levels.iter_mut().zip(levels) {
            self.gathered.clear();
            self.gathered.extend(levels.iter().flat_map(|level| level.to_le_bytes()));
            hasher.update(&self.gathered);
        }
        self.gathered.clear();
        for value in values {
            let bytes = value.as_bytes();
            self.gathered.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            if bytes.len() < LONG_BYTES {
                self.gathered.extend_from_slice(bytes);
            } else {
                self.values.update(&self.gathered);
                self.gathered.clear();
                self.values.update(bytes);
            }
        }
        self.values.update(&self.gathered);
    }

    pub(super) fn finish(&self) -> ColumnHash {
        [&self.levels[0], &self.levels[1], &self.values].map(Xxh3Default::digest128)
    }
}

/// Rows that wait to be written.
struct Batch<V> {
    levels: [Vec<i16>; 2],
    values: Vec<V>,
    rows: usize,
    /// Rows that were written before.
    before: usize,
}

impl<V> Batch<V> {
    fn new() -> Self {
        Self { levels: [Vec::new(), Vec::new()], values: Vec::new(), rows: 0, before: 0 }
    }
}

/// A column on its way.
pub(super) struct Lane<'a> {
    pub(super) column: &'a ColumnDescriptor,
    pub(super) runs: &'a [Run],
    pub(super) hashed: Hashed,
}

impl Lane<'_> {
    /// Copies a column whose values are of type `T`; returns their hash. `edit` is shown each batch before it is written: sink, first row, definition
    /// levels, values.
    pub(super) fn copy<T: DataType>(
        self,
        readers: Vec<ColumnReader>,
        writers: &mut [Option<Draft>],
        mut edit: impl FnMut(usize, usize, &[i16], &mut [T::T]) -> Result<()>,
    ) -> Result<ColumnHash> {
        let mut readers: Vec<ColumnReaderImpl<T>> = readers.into_iter().map(get_typed_column_reader::<T>).collect();
        let has = [self.column.max_def_level() > 0, self.column.max_rep_level() > 0];
        let mut digests = Digests::default();
        let mut batches: Vec<Batch<T::T>> = writers.iter().map(|_| Batch::new()).collect();
        let mut write = |sink: usize, batch: &mut Batch<T::T>, digests: &mut Digests| -> Result<()> {
            edit(sink, batch.before, &batch.levels[0], &mut batch.values)?;
            if self.hashed == Hashed::Written {
                digests.update([&batch.levels[0], &batch.levels[1]], &batch.values);
            }
            if let Some(writer) = &mut writers[sink] {
                let [definition, repetition] = [0, 1].map(|at| has[at].then_some(batch.levels[at].as_slice()));
                writer.typed::<T>().write_batch(&batch.values, definition, repetition)?;
            }
            batch.levels.iter_mut().for_each(Vec::clear);
            batch.values.clear();
            batch.before += std::mem::take(&mut batch.rows);
            Ok(())
        };
        for run in self.runs {
            let batch = &mut batches[run.sink];
            let mut left = run.rows;
            while left > 0 {
                let wanted = left.min(BATCH_ROWS - batch.rows);
                let first = [batch.levels[0].len(), batch.levels[1].len(), batch.values.len()];
                let [definition, repetition] = &mut batch.levels;
                let (definition, repetition) = (has[0].then_some(definition), has[1].then_some(repetition));
                let (read, _, _) = readers[run.source].read_records(wanted, definition, repetition, &mut batch.values)?;
                if read != wanted {
                    return Err(ParquetError::EOF(format!("column {} ends before its rows do", self.column.path())));
                }
                if self.hashed == Hashed::Read {
                    digests.update([&batch.levels[0][first[0]..], &batch.levels[1][first[1]..]], &batch.values[first[2]..]);
                }
                (batch.rows, left) = (batch.rows + read, left - read);
                if batch.rows == BATCH_ROWS {
                    write(run.sink, batch, &mut digests)?;
                }
            }
        }
        for (sink, batch) in batches.iter_mut().enumerate().filter(|(_, batch)| batch.rows > 0) {
            write(sink, batch, &mut digests)?;
        }
        Ok(digests.finish())
    }
}

/// A stretch of a text, and what comes in its place.
pub(super) type Splice<'a> = (Range<usize>, &'a [u8]);

/// Changes of the texts of a row group: row, counted among those that are written, and splices, both ascending.
pub(super) struct Edits<'a> {
    pub(super) rows: Vec<(usize, Vec<Splice<'a>>)>,
    /// Definition level of a text that is there.
    pub(super) full: i16,
}

impl Edits<'_> {
    /// Changes the texts of a batch.
    pub(super) fn make(&self, first_row: usize, levels: &[i16], texts: &mut [ByteArray]) -> Result<()> {
        let rows = if self.full > 0 { levels.len() } else { texts.len() };
        let from = self.rows.partition_point(|(row, _)| *row < first_row);
        let mut place = 0;
        let mut at = 0;
        for (row, splices) in self.rows[from..].iter().take_while(|(row, _)| *row < first_row + rows) {
            let row = row - first_row;
            if self.full > 0 {
                place += levels[at..row].iter().filter(|&&level| level == self.full).count();
                at = row;
                if levels[row] != self.full {
                    return Err(ParquetError::General(format!("row {} has no text to change", first_row + row)));
                }
            } else {
                place = row;
            }
            let text = texts.get_mut(place).ok_or_else(|| ParquetError::General("a text is missing".into()))?;
            *text = ByteArray::from(spliced(text.data(), splices)?);
        }
        Ok(())
    }
}

/// A text with its changes made.
pub(super) fn spliced(text: &[u8], splices: &[Splice<'_>]) -> Result<Vec<u8>> {
    let mut changed = Vec::with_capacity(text.len() + splices.iter().map(|(_, put)| put.len()).sum::<usize>());
    let mut at = 0;
    for (range, put) in splices {
        let kept = text.get(at..range.start).filter(|_| range.start <= range.end && range.end <= text.len());
        changed.extend_from_slice(kept.ok_or_else(|| ParquetError::General("a change lies outside its text".into()))?);
        changed.extend_from_slice(put);
        at = range.end;
    }
    changed.extend_from_slice(&text[at..]);
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_changed_where_there_are_some() {
        let edits =
            |full, rows: &[usize]| Edits { rows: rows.iter().map(|&row| (row, vec![(0..1, &b"X"[..]), (2..2, b"Y")])).collect(), full };
        let texts = || ["abc", "def", "ghi"].map(ByteArray::from);
        let told =
            |texts: &[ByteArray]| texts.iter().map(|text| String::from_utf8(text.data().to_vec()).unwrap()).collect::<Vec<_>>().join(" ");
        let mut some = texts();
        edits(0, &[9, 11, 13]).make(10, &[], &mut some).unwrap();
        assert_eq!(told(&some), "abc XeYf ghi");
        let mut some = texts();
        edits(2, &[0, 4]).make(0, &[2, 1, 2, 0, 2], &mut some).unwrap();
        assert_eq!(told(&some), "XbYc def XhYi");
        assert!(edits(2, &[1]).make(0, &[2, 1, 2, 0, 2], &mut texts()).is_err());
        assert!(spliced(b"ab", &[(1..3, b"")]).is_err() && spliced(b"abc", &[(1..2, b""), (0..1, b"")]).is_err());
    }
}
