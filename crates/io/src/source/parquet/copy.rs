//! Copies rows of one column from one or two readers.
//!
//! In: column readers, and runs of rows to copy or skip. Out: the same levels and values in a column writer. Values are not interpreted, so every type and
//! nesting is preserved.

use super::chunk::Draft;
use parquet::basic::Type;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{
    BoolType, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type, Int64Type, Int96Type,
};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescriptor;
use std::ops::Range;

/// Rows per batch.
pub(super) const BATCH_ROWS: usize = 1024;

/// Consecutive rows of a reader that are all copied, or all skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// Number of the reader.
    pub(super) reader: usize,
    pub(super) stays: bool,
    pub(super) rows: usize,
}

/// Copies a column, whatever its type. A reader that no run names may be left out.
///
/// # Errors
/// A reader has fewer rows than the runs say; a damaged file.
pub(super) fn copy(column: &ColumnDescriptor, runs: &[Run], readers: Vec<Option<ColumnReader>>, writer: &mut Draft) -> Result<()> {
    match column.physical_type() {
        Type::BYTE_ARRAY => copy_typed::<ByteArrayType>(column, runs, readers, writer),
        Type::BOOLEAN => copy_typed::<BoolType>(column, runs, readers, writer),
        Type::INT32 => copy_typed::<Int32Type>(column, runs, readers, writer),
        Type::INT64 => copy_typed::<Int64Type>(column, runs, readers, writer),
        Type::INT96 => copy_typed::<Int96Type>(column, runs, readers, writer),
        Type::FLOAT => copy_typed::<FloatType>(column, runs, readers, writer),
        Type::DOUBLE => copy_typed::<DoubleType>(column, runs, readers, writer),
        Type::FIXED_LEN_BYTE_ARRAY => copy_typed::<FixedLenByteArrayType>(column, runs, readers, writer),
    }
}

/// Rows that wait to be written.
struct Batch<T: DataType> {
    /// Whether the column has definition and repetition levels.
    has: [bool; 2],
    levels: [Vec<i16>; 2],
    values: Vec<T::T>,
    rows: usize,
}

impl<T: DataType> Batch<T> {
    /// Reads `rows` records; returns how many there were.
    fn read(&mut self, reader: &mut ColumnReaderImpl<T>, rows: usize) -> Result<usize> {
        let [definition, repetition] = &mut self.levels;
        let (definition, repetition) = (self.has[0].then_some(definition), self.has[1].then_some(repetition));
        let (read, _, _) = reader.read_records(rows, definition, repetition, &mut self.values)?;
        self.rows += read;
        Ok(read)
    }

    fn write(&mut self, writer: &mut Draft) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let [definition, repetition] = [0, 1].map(|at| self.has[at].then_some(self.levels[at].as_slice()));
        writer.typed::<T>().write_batch(&self.values, definition, repetition)?;
        self.levels.iter_mut().for_each(Vec::clear);
        self.values.clear();
        self.rows = 0;
        Ok(())
    }
}

fn copy_typed<T: DataType>(column: &ColumnDescriptor, runs: &[Run], readers: Vec<Option<ColumnReader>>, writer: &mut Draft) -> Result<()> {
    let mut readers: Vec<_> = readers.into_iter().map(|reader| reader.map(get_typed_column_reader::<T>)).collect();
    let has = [column.max_def_level() > 0, column.max_rep_level() > 0];
    let mut batch = Batch::<T> { has, levels: [Vec::new(), Vec::new()], values: Vec::new(), rows: 0 };
    let ends_early = || ParquetError::EOF(format!("column {} ends before its rows do", column.path()));
    for run in runs {
        let reader = readers.get_mut(run.reader).and_then(Option::as_mut).ok_or_else(ends_early)?;
        let mut left = run.rows;
        while left > 0 {
            let wanted = left.min(BATCH_ROWS - batch.rows);
            let read = if run.stays { batch.read(reader, wanted)? } else { reader.skip_records(wanted)? };
            if read != wanted {
                return Err(ends_early());
            }
            left -= read;
            if batch.rows == BATCH_ROWS {
                batch.write(writer)?;
            }
        }
    }
    batch.write(writer)
}

/// A text without `cuts`, which ascend and do not overlap.
pub(super) fn cut(text: &[u8], cuts: &[Range<usize>]) -> Result<Vec<u8>> {
    let mut left = Vec::with_capacity(text.len());
    let mut at = 0;
    for range in cuts {
        let kept = text.get(at..range.start).filter(|_| range.start <= range.end && range.end <= text.len());
        left.extend_from_slice(kept.ok_or_else(|| ParquetError::General("a change lies outside its text".into()))?);
        at = range.end;
    }
    left.extend_from_slice(&text[at..]);
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_stand_in_order_inside_their_text() {
        assert_eq!(cut(b"abcdef", &[0..1, 2..4, 4..4]).unwrap(), b"bef");
        assert_eq!(cut(b"ab", &[0..1, 1..2]).unwrap(), b"");
        for wrong in [[0..1, 1..3], [1..2, 0..1], [0..0, Range { start: 2, end: 1 }]] {
            assert!(cut(b"ab", &wrong).is_err(), "{wrong:?}");
        }
    }
}
