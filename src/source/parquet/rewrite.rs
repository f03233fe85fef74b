//! Parquet files without some rows and parts of texts.
//!
//! In: a file and what goes of it. Out: a file with the same schema, metadata, row groups and codecs. Columns are written on all threads; what is held is
//! one row group, packed, or some small ones.

use super::chunk::{Chunk, Draft};
use super::copy::{Run, copy};
use super::decode;
use super::text_column::{Cut, TextColumn};
use super::texts::Texts;
use bytes::Bytes;
use parquet::basic::{Encoding, Type};
use parquet::data_type::{BoolType, ByteArrayType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type, Int64Type, Int96Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use rayon::prelude::*;
use std::io::Write;
use std::ops::Range;
use std::sync::Arc;

/// Unpacked bytes of row groups that are written at a time, if there is more than one.
const BYTES_AT_A_TIME: u64 = 64 << 20;

/// What goes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RowLoss {
    /// All of it.
    Row,
    /// Byte ranges of its text, ascending and apart.
    Text(Vec<Range<usize>>),
}

/// Where a file is written to.
pub(crate) type Sink<'w> = &'w mut (dyn Write + Send);

/// Writes `input` without `losses`, in the order of their rows; `texts` are those that were read from it.
pub(crate) fn without(input: Bytes, texts: &Texts, losses: &[(u64, RowLoss)], to: Sink<'_>) -> Result<()> {
    decode(|| {
        let reader = SerializedFileReader::new(input)?;
        let metadata = reader.metadata();
        let text = column_at(metadata, texts.column().unwrap_or_default())?;
        let is_cut = losses.iter().any(|(_, loss)| matches!(loss, RowLoss::Text(_)));
        let schema = metadata.file_metadata().schema_descr();
        let own = Arc::new(properties(metadata, is_cut.then_some(text))?);
        let plain = WriterProperties::clone(&own).into_builder().set_column_dictionary_enabled(schema.column(text).path().clone(), false);
        let plain = Arc::new(plain.build());
        let mut writer = SerializedFileWriter::new(to, schema.root_schema_ptr(), WriterPropertiesPtr::clone(&own))?;
        let outgoing = Outgoing { reader: &reader, texts, text, own: &own, plain: &plain };
        for plans in Plan::at_a_time(metadata, losses)? {
            let written = plans.par_iter().filter(|plan| plan.stays()).map(|plan| outgoing.columns(plan)).collect::<Result<Vec<_>>>()?;
            for columns in written {
                let mut group = writer.next_row_group()?;
                columns.into_iter().try_for_each(|chunk| chunk.append_to(&mut group))?;
                group.close()?;
            }
        }
        writer.close().map(drop)
    })
}

/// A file that is written without some rows.
struct Outgoing<'a> {
    reader: &'a SerializedFileReader<Bytes>,
    texts: &'a Texts,
    text: usize,
    /// How it is written.
    own: &'a WriterPropertiesPtr,
    /// That, without a dictionary of texts.
    plain: &'a WriterPropertiesPtr,
}

impl Outgoing<'_> {
    /// The columns of a row group.
    fn columns(&self, plan: &Plan<'_>) -> Result<Vec<Chunk>> {
        let count = self.reader.metadata().file_metadata().schema_descr().num_columns();
        let others =
            || (0..count).into_par_iter().filter(|at| *at != self.text).map(|at| self.column(plan, at)).collect::<Result<Vec<_>>>();
        // The texts are most of it, and many pieces of work; the others come between them.
        let (text, others) = rayon::join(|| self.texts(plan), others);
        let mut columns = others?;
        columns.insert(self.text, text?);
        Ok(columns)
    }

    fn texts(&self, plan: &Plan<'_>) -> Result<Chunk> {
        let metadata = self.reader.metadata();
        let is_divisible = is_divisible(metadata.row_group(plan.group).column(self.text));
        let texts = TextColumn {
            column: metadata.file_metadata().schema_descr().column(self.text),
            texts: self.texts,
            first_row: plan.first_row,
            rows: plan.rows,
            gone: &plan.gone,
            cuts: &plan.cuts,
            is_divisible,
        };
        texts.chunk(if is_divisible { self.plain } else { self.own })
    }

    fn column(&self, plan: &Plan<'_>, at: usize) -> Result<Chunk> {
        let column = self.reader.metadata().file_metadata().schema_descr().column(at);
        let reader = self.reader.get_row_group(plan.group)?.get_column_reader(at)?;
        let mut draft = Draft::new(column.clone(), self.own);
        match column.physical_type() {
            Type::BYTE_ARRAY => copy::<ByteArrayType>(&column, &plan.runs, reader, &mut draft),
            Type::BOOLEAN => copy::<BoolType>(&column, &plan.runs, reader, &mut draft),
            Type::INT32 => copy::<Int32Type>(&column, &plan.runs, reader, &mut draft),
            Type::INT64 => copy::<Int64Type>(&column, &plan.runs, reader, &mut draft),
            Type::INT96 => copy::<Int96Type>(&column, &plan.runs, reader, &mut draft),
            Type::FLOAT => copy::<FloatType>(&column, &plan.runs, reader, &mut draft),
            Type::DOUBLE => copy::<DoubleType>(&column, &plan.runs, reader, &mut draft),
            Type::FIXED_LEN_BYTE_ARRAY => copy::<FixedLenByteArrayType>(&column, &plan.runs, reader, &mut draft),
        }?;
        draft.close()
    }
}

/// Whether the pages of a chunk of texts stand for themselves: there is no dictionary, or it was given up, and no filter.
fn is_divisible(column: &ColumnChunkMetaData) -> bool {
    let is_dictionary = |encoding| matches!(encoding, Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY);
    let gave_up = column.page_encoding_stats_mask().is_some_and(|pages| pages.encodings().any(|encoding| !is_dictionary(encoding)));
    column.bloom_filter_offset().is_none() && (gave_up || !column.encodings().any(is_dictionary))
}

/// Which rows of a group go where, and what changes in those that stay.
struct Plan<'a> {
    group: usize,
    first_row: u64,
    rows: usize,
    runs: Vec<Run>,
    gone: Vec<usize>,
    cuts: Vec<Cut<'a>>,
}

impl<'a> Plan<'a> {
    /// False if all rows of the group go, and it with them.
    fn stays(&self) -> bool {
        self.gone.len() < self.rows || self.rows == 0
    }

    /// Plans for all row groups, so many together as are written at a time.
    fn at_a_time(metadata: &ParquetMetaData, losses: &'a [(u64, RowLoss)]) -> Result<Vec<Vec<Self>>> {
        let mut found: Vec<Vec<Self>> = Vec::new();
        let (mut first_row, mut bytes) = (0_u64, u64::MAX);
        for (group, told) in metadata.row_groups().iter().enumerate() {
            let rows = row_count(metadata, group)?;
            let after = first_row.saturating_add(rows as u64);
            let here = &losses[losses.partition_point(|(row, _)| *row < first_row)..losses.partition_point(|(row, _)| *row < after)];
            let plan = Self::without(group, rows, first_row, here);
            first_row = after;
            bytes = bytes.saturating_add(u64::try_from(told.total_byte_size()).unwrap_or(0));
            match found.last_mut().filter(|_| bytes <= BYTES_AT_A_TIME) {
                Some(together) => together.push(plan),
                None => {
                    bytes = u64::try_from(told.total_byte_size()).unwrap_or(0);
                    found.push(vec![plan]);
                }
            }
        }
        Ok(found)
    }

    #[expect(clippy::cast_possible_truncation, reason = "the rows of a group were counted as usize")]
    fn without(group: usize, rows: usize, first_row: u64, losses: &'a [(u64, RowLoss)]) -> Self {
        let (mut gone, mut cuts) = (Vec::new(), Vec::new());
        for (row, loss) in losses {
            let row = (row - first_row) as usize;
            match loss {
                RowLoss::Row => gone.push(row),
                RowLoss::Text(ranges) => cuts.push((row, ranges.as_slice())),
            }
        }
        let runs = runs(rows, &gone).map(|(is_gone, rows)| Run { stays: !is_gone, rows }).collect();
        Self { group, first_row, rows, runs, gone, cuts }
    }
}

/// Stretches of rows of which all are, or none is, in `chosen`, which ascends.
fn runs(rows: usize, chosen: &[usize]) -> impl Iterator<Item = (bool, usize)> {
    let edges = chosen.iter().scan(0, |at, &row| Some([(false, row - std::mem::replace(at, row + 1)), (true, 1)]));
    let rest = rows - chosen.last().map_or(0, |&last| last + 1);
    edges.flatten().chain([(false, rest)]).filter(|(_, rows)| *rows > 0)
}

/// How to write a file like that of `metadata`. Where the column `changed` is, the file is no
/// longer said to be sorted by it.
fn properties(metadata: &ParquetMetaData, changed: Option<usize>) -> Result<WriterProperties> {
    let mut builder = WriterProperties::builder().set_key_value_metadata(metadata.file_metadata().key_value_metadata().cloned());
    let Some(group) = metadata.row_groups().first() else { return Ok(builder.build()) };
    let is_sorted_by = |column: usize| {
        group.sorting_columns().is_some_and(|sorting| sorting.iter().any(|by| usize::try_from(by.column_idx).is_ok_and(|by| by == column)))
    };
    if !changed.is_some_and(is_sorted_by) {
        builder = builder.set_sorting_columns(group.sorting_columns().cloned());
    }
    builder = builder.set_offset_index_disabled(group.columns().iter().all(|column| column.offset_index_offset().is_none()));
    for column in group.columns() {
        let path = column.column_path().clone();
        let has = |wanted: &[Encoding]| column.encodings().find(|encoding| wanted.contains(encoding));
        let dictionary = has(&[Encoding::RLE_DICTIONARY, Encoding::PLAIN_DICTIONARY]).is_some();
        builder = builder
            .set_column_compression(path.clone(), column.compression())
            .set_column_dictionary_enabled(path.clone(), dictionary)
            .set_column_bloom_filter_enabled(path.clone(), column.bloom_filter_offset().is_some());
        let statistics = match (column.statistics(), column.column_index_offset()) {
            (None, _) => EnabledStatistics::None,
            (Some(_), None) => EnabledStatistics::Chunk,
            (Some(_), Some(_)) => EnabledStatistics::Page,
        };
        builder = builder.set_column_statistics_enabled(path.clone(), statistics);
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
