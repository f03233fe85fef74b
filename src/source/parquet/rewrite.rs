//! Parquet files without some rows and parts of texts, and with them again.
//!
//! In: a file and what goes of it. Out: a file with the same schema, metadata, row groups and codecs, and a small one with the rows that went from each
//! row group; or, the other way, both and the removed texts as one file again. A row group is held at most.

use super::copy::{Edits, Hashed, Lane, Run, Splice};
use super::decode;
use bytes::Bytes;
use parquet::basic::{Encoding, Type};
use parquet::column::reader::ColumnReader;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type, Int64Type, Int96Type,
};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter as RowGroup};
use std::io::Write;
use std::ops::Range;
use std::sync::Arc;
use xxhash_rust::xxh3::Xxh3Default;

/// What goes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RowLoss {
    /// All of it.
    Row,
    /// Byte ranges of its text, ascending and apart.
    Text(Vec<Range<usize>>),
}

/// The rows that went from a row group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RemovedRows {
    /// Which row group of the input, from 0.
    pub(crate) group: usize,
    /// How many rows it had.
    pub(crate) of: usize,
    /// Which of them went, from 0, ascending.
    pub(crate) rows: Vec<usize>,
    /// They themselves, with empty texts, as a Parquet file of one row group.
    pub(crate) file: Vec<u8>,
}

/// Where a file is written to.
pub(crate) type Sink<'w> = &'w mut (dyn Write + Send);

/// Writes `input` without `losses`, in the order of their rows; `text` is its column of texts, by its path. Returns a hash of all that the input holds.
pub(crate) fn without(
    input: Bytes,
    text: &str,
    losses: &[(u64, RowLoss)],
    to: Sink<'_>,
    removed: &mut dyn FnMut(RemovedRows) -> std::io::Result<()>,
) -> Result<String> {
    decode(|| {
        let reader = SerializedFileReader::new(input)?;
        let metadata = reader.metadata();
        let text = column_at(metadata, text)?;
        let is_cut = losses.iter().any(|(_, loss)| matches!(loss, RowLoss::Text(_)));
        let schema = metadata.file_metadata().schema_descr().root_schema_ptr();
        let small = Arc::new(properties(metadata, metadata, None)?.into_builder().set_key_value_metadata(None).build());
        let own = Arc::new(properties(metadata, metadata, is_cut.then_some(text))?);
        let mut writer = SerializedFileWriter::new(to, schema.clone(), own)?;
        let mut hasher = Xxh3Default::new();
        let mut first_row = 0_u64;
        for number in 0..metadata.num_row_groups() {
            let rows = row_count(metadata, number)?;
            let after = first_row.saturating_add(rows as u64);
            let here = &losses[losses.partition_point(|(row, _)| *row < first_row)..losses.partition_point(|(row, _)| *row < after)];
            let plan = Plan::without(rows, first_row, here);
            first_row = after;
            let full = metadata.file_metadata().schema_descr().column(text).max_def_level();
            let edits = Edits { rows: plan.edits, full };
            let group = Group { sources: &[(&reader, number)], runs: &plan.runs, text, edits: &edits, hashed: Hashed::Read, rows };
            if plan.gone.is_empty() {
                group.write(Some(writer.next_row_group()?), None::<RowGroup<'_, Vec<u8>>>, &mut hasher)?;
                continue;
            }
            let mut gone = SerializedFileWriter::new(Vec::new(), schema.clone(), WriterPropertiesPtr::clone(&small))?;
            let stays = if plan.gone.len() < rows { Some(writer.next_row_group()?) } else { None };
            group.write(stays, Some(gone.next_row_group()?), &mut hasher)?;
            removed(RemovedRows { group: number, of: rows, rows: plan.gone, file: gone.into_inner()? })?;
        }
        writer.close()?;
        Ok(format!("{:032x}", hasher.digest128()))
    })
}

/// Which rows of a group go where, and what changes in those that stay.
struct Plan {
    runs: Vec<Run>,
    gone: Vec<usize>,
    edits: Vec<(usize, Vec<Splice<'static>>)>,
}

impl Plan {
    #[expect(clippy::cast_possible_truncation, reason = "the rows of a group were counted as usize")]
    fn without(rows: usize, first_row: u64, losses: &[(u64, RowLoss)]) -> Self {
        let (mut gone, mut edits) = (Vec::new(), Vec::new());
        for (row, loss) in losses {
            let row = (row - first_row) as usize;
            match loss {
                RowLoss::Row => gone.push(row),
                RowLoss::Text(ranges) => edits.push((row - gone.len(), ranges.iter().map(|range| (range.clone(), &b""[..])).collect())),
            }
        }
        let runs = runs(rows, &gone).map(|(is_gone, rows)| Run { source: 0, sink: usize::from(is_gone), rows }).collect();
        Self { runs, gone, edits }
    }
}

/// Stretches of rows of which all are, or none is, in `chosen`, which ascends.
fn runs(rows: usize, chosen: &[usize]) -> impl Iterator<Item = (bool, usize)> {
    let edges = chosen.iter().scan(0, |at, &row| Some([(false, row - std::mem::replace(at, row + 1)), (true, 1)]));
    let rest = rows - chosen.last().map_or(0, |&last| last + 1);
    edges.flatten().chain([(false, rest)]).filter(|(_, rows)| *rows > 0)
}

/// A row group on its way.
struct Group<'a> {
    sources: &'a [(&'a SerializedFileReader<Bytes>, usize)],
    runs: &'a [Run],
    text: usize,
    /// Of the first sink; the texts of the second become empty.
    edits: &'a Edits<'a>,
    hashed: Hashed,
    rows: usize,
}

impl Group<'_> {
    fn write<A: Write + Send, B: Write + Send>(
        &self,
        mut first: Option<RowGroup<'_, A>>,
        mut second: Option<RowGroup<'_, B>>,
        hasher: &mut Xxh3Default,
    ) -> Result<()> {
        hasher.update(&(self.rows as u64).to_le_bytes());
        let schema = self.sources[0].0.metadata().file_metadata().schema_descr();
        let groups = self.sources.iter().map(|(reader, number)| reader.get_row_group(*number)).collect::<Result<Vec<_>>>()?;
        for (at, column) in schema.columns().iter().enumerate() {
            let readers = groups.iter().map(|group| group.get_column_reader(at)).collect::<Result<Vec<ColumnReader>>>()?;
            let mut writers = [None, None];
            if let Some(group) = &mut first {
                writers[0] = group.next_column()?;
            }
            if let Some(group) = &mut second {
                writers[1] = group.next_column()?;
            }
            let lane = Lane { column, runs: self.runs, hashed: self.hashed, into: hasher };
            match column.physical_type() {
                Type::BYTE_ARRAY if at == self.text => {
                    lane.copy::<ByteArrayType>(readers, &mut writers, |sink, first_row, levels, texts| {
                        if sink == 0 {
                            return self.edits.make(first_row, levels, texts);
                        }
                        texts.fill(ByteArray::from(Vec::new()));
                        Ok(())
                    })
                }
                Type::BYTE_ARRAY => lane.copy::<ByteArrayType>(readers, &mut writers, |_, _, _, _| Ok(())),
                Type::BOOLEAN => lane.copy::<BoolType>(readers, &mut writers, |_, _, _, _| Ok(())),
                Type::INT32 => lane.copy::<Int32Type>(readers, &mut writers, |_, _, _, _| Ok(())),
                Type::INT64 => lane.copy::<Int64Type>(readers, &mut writers, |_, _, _, _| Ok(())),
                Type::INT96 => lane.copy::<Int96Type>(readers, &mut writers, |_, _, _, _| Ok(())),
                Type::FLOAT => lane.copy::<FloatType>(readers, &mut writers, |_, _, _, _| Ok(())),
                Type::DOUBLE => lane.copy::<DoubleType>(readers, &mut writers, |_, _, _, _| Ok(())),
                Type::FIXED_LEN_BYTE_ARRAY => lane.copy::<FixedLenByteArrayType>(readers, &mut writers, |_, _, _, _| Ok(())),
            }?;
            for writer in writers.into_iter().flatten() {
                writer.close()?;
            }
        }
        first.map_or(Ok(()), |group| group.close().map(drop))?;
        second.map_or(Ok(()), |group| group.close().map(drop))
    }
}

/// How to write a file like that of `metadata`, whose first row group may be in another file, `shaped`. Where the column `changed` is, the file is no
/// longer said to be sorted by it.
fn properties(metadata: &ParquetMetaData, shaped: &ParquetMetaData, changed: Option<usize>) -> Result<WriterProperties> {
    let mut builder = WriterProperties::builder().set_key_value_metadata(metadata.file_metadata().key_value_metadata().cloned());
    let Some(group) = shaped.row_groups().first() else { return Ok(builder.build()) };
    let is_sorted_by = |column: usize| {
        group.sorting_columns().is_some_and(|sorting| sorting.iter().any(|by| usize::try_from(by.column_idx).is_ok_and(|by| by == column)))
    };
    if !changed.is_some_and(is_sorted_by) {
        builder = builder.set_sorting_columns(group.sorting_columns().cloned());
    }
    for column in group.columns() {
        let path = column.column_path().clone();
        let has = |wanted: &[Encoding]| column.encodings().find(|encoding| wanted.contains(encoding));
        let dictionary = has(&[Encoding::RLE_DICTIONARY, Encoding::PLAIN_DICTIONARY]).is_some();
        builder = builder
            .set_column_compression(path.clone(), column.compression())
            .set_column_dictionary_enabled(path.clone(), dictionary)
            .set_column_bloom_filter_enabled(path.clone(), column.bloom_filter_offset().is_some());
        if column.statistics().is_none() {
            builder = builder.set_column_statistics_enabled(path.clone(), EnabledStatistics::None);
        }
        let packed =
            [Encoding::DELTA_BINARY_PACKED, Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY, Encoding::BYTE_STREAM_SPLIT];
        if let Some(encoding) = has(&packed) {
            builder = builder.set_column_encoding(path, encoding);
        }
    }
    Ok(builder.build())
}

/// The column of that path.
pub(super) fn column_at(metadata: &ParquetMetaData, path: &str) -> Result<usize> {
    let columns = metadata.file_metadata().schema_descr().columns();
    let found = columns.iter().position(|column| column.max_rep_level() == 0 && column.path().string() == path);
    found
        .filter(|&at| columns[at].physical_type() == Type::BYTE_ARRAY)
        .ok_or_else(|| ParquetError::General(format!("no column of texts `{path}`")))
}

fn row_count(metadata: &ParquetMetaData, group: usize) -> Result<usize> {
    Ok(usize::try_from(metadata.row_group(group).num_rows())?)
}
