//! One column of a row group, written again without some rows.
//!
//! In: a column reader, and which rows stay. Out: the same levels and values in a column writer. Nothing is known of what values mean, so that every
//! type and every nesting comes out as it came in.

use super::chunk::Draft;
use parquet::column::reader::{ColumnReader, get_typed_column_reader};
use parquet::data_type::DataType;
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescriptor;
use std::ops::Range;

/// Rows that are held at a time.
pub(super) const BATCH_ROWS: usize = 1024;

/// Rows one after another that all stay, or all go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) stays: bool,
    pub(super) rows: usize,
}

/// Copies a column whose values are of type `T`.
pub(super) fn copy<T: DataType>(column: &ColumnDescriptor, runs: &[Run], reader: ColumnReader, writer: &mut Draft) -> Result<()> {
    let mut reader = get_typed_column_reader::<T>(reader);
    let has = [column.max_def_level() > 0, column.max_rep_level() > 0];
    let (mut levels, mut values, mut rows) = ([Vec::new(), Vec::new()], Vec::new(), 0);
    let mut write = |levels: &mut [Vec<i16>; 2], values: &mut Vec<T::T>| -> Result<()> {
        let [definition, repetition] = [0, 1].map(|at| has[at].then_some(levels[at].as_slice()));
        writer.typed::<T>().write_batch(values, definition, repetition)?;
        levels.iter_mut().for_each(Vec::clear);
        values.clear();
        Ok(())
    };
    for run in runs {
        let mut left = run.rows;
        while left > 0 {
            let wanted = left.min(BATCH_ROWS - rows);
            let before = (levels[0].len(), levels[1].len(), values.len());
            let [definition, repetition] = &mut levels;
            let (definition, repetition) = (has[0].then_some(definition), has[1].then_some(repetition));
            let (read, _, _) = reader.read_records(wanted, definition, repetition, &mut values)?;
            if read != wanted {
                return Err(ParquetError::EOF(format!("column {} ends before its rows do", column.path())));
            }
            left -= read;
            if run.stays {
                rows += read;
            } else {
                levels[0].truncate(before.0);
                levels[1].truncate(before.1);
                values.truncate(before.2);
            }
            if rows == BATCH_ROWS {
                write(&mut levels, &mut values)?;
                rows = 0;
            }
        }
    }
    if rows > 0 { write(&mut levels, &mut values) } else { Ok(()) }
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
