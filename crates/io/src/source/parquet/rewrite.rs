//! Parquet files without some rows and parts of texts.
//!
//! In: a file and what goes of it. Out: a file with the same schema, metadata, row groups and codecs. Columns, and stretches of the texts, are made on all threads
//! and written as soon as what stands before them is: a few of them are held.

use super::budget::Budget;
use super::chunk::{Chunk, Draft};
use super::copy::{Run, copy};
use super::decode;
use super::in_order::in_order;
use super::pages_first::PagesFirst;
use super::text_column::{Cut, TextColumn};
use super::texts::Texts;
use bytes::Bytes;
use parquet::basic::{Encoding, Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::io::Write;
use std::ops::Range;
use std::sync::Arc;

/// What goes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowLoss {
    /// All of it.
    Row,
    /// Byte ranges of its text, ascending and apart.
    Text(Vec<Range<usize>>),
}

/// Where a file is written to.
pub(crate) type Sink<'w> = &'w mut (dyn Write + Send);

/// Writes `input` without `losses`, in the order of their rows; `texts` are those that were read from it.
pub fn without(input: &Bytes, texts: &Texts, losses: &[(u64, RowLoss)], (budget, to): (&Budget<'_>, Sink<'_>)) -> Result<()> {
    decode(|| {
        let reader = SerializedFileReader::new(input.clone())?;
        let metadata = reader.metadata();
        let columns: Vec<usize> = (0..metadata.file_metadata().schema_descr().num_columns()).collect();
        budget.check_pages(input, metadata, &columns)?;
        let text = column_at(metadata, texts.column().unwrap_or_default())?;
        let is_cut = losses.iter().any(|(_, loss)| matches!(loss, RowLoss::Text(_)));
        let schema = metadata.file_metadata().schema_descr();
        let own = Arc::new(properties(metadata, is_cut.then_some(text))?);
        let plain = WriterProperties::clone(&own).into_builder().set_column_dictionary_enabled(schema.column(text).path().clone(), false);
        let plain = Arc::new(plain.build());
        let outgoing = Outgoing { reader: &reader, texts, text, own: &own, plain: &plain };
        let plans: Vec<Plan<'_>> = Plan::all(metadata, losses)?.into_iter().filter(Plan::stays).collect();
        let parts = outgoing.parts(&plans)?;
        let mut writer = PagesFirst::new(to, schema.root_schema_ptr(), &own)?;
        // A reader of a damaged file may panic.
        let make = |at: usize| decode(|| Ok((outgoing.chunk(&plans[parts[at].plan], &parts[at])?, parts[at].last)));
        in_order(parts.len(), make, |(chunk, last)| decode(|| writer.write(chunk, last)))?;
        writer.close()
    })
}

/// What is made in one go.
struct Part {
    /// The row group, by its plan.
    plan: usize,
    column: usize,
    /// Rows of the texts; None for all of a column as it is written in one go.
    rows: Option<Range<usize>>,
    last: Last,
}

/// What ends with a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    /// Nothing: more of the column comes.
    Nothing,
    Column,
    RowGroup,
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
    /// The parts of all row groups, in the order of the file.
    fn parts(&self, plans: &[Plan<'_>]) -> Result<Vec<Part>> {
        let metadata = self.reader.metadata();
        let columns = metadata.file_metadata().schema_descr().num_columns();
        let mut parts = Vec::new();
        for (plan, planned) in plans.iter().enumerate() {
            for column in 0..columns {
                let is_divisible = column == self.text && is_divisible(metadata.row_group(planned.group).column(column));
                let stretches: Vec<Option<Range<usize>>> =
                    if is_divisible { self.texts_of(planned).stretches(self.plain)?.into_iter().map(Some).collect() } else { vec![None] };
                parts.extend(stretches.into_iter().map(|rows| Part { plan, column, rows, last: Last::Nothing }));
                if let Some(part) = parts.last_mut() {
                    part.last = if column + 1 == columns { Last::RowGroup } else { Last::Column };
                }
            }
        }
        Ok(parts)
    }

    fn chunk(&self, plan: &Plan<'_>, part: &Part) -> Result<Chunk> {
        match &part.rows {
            Some(rows) => self.texts_of(plan).write(rows.clone(), self.plain),
            None if part.column == self.text => self.texts_of(plan).write(0..plan.rows, self.own),
            None => self.column(plan, part.column),
        }
    }

    fn texts_of<'p>(&'p self, plan: &'p Plan<'p>) -> TextColumn<'p> {
        TextColumn {
            column: self.reader.metadata().file_metadata().schema_descr().column(self.text),
            texts: self.texts,
            first_row: plan.first_row,
            rows: plan.rows,
            gone: &plan.gone,
            cuts: &plan.cuts,
        }
    }

    fn column(&self, plan: &Plan<'_>, at: usize) -> Result<Chunk> {
        let column = self.reader.metadata().file_metadata().schema_descr().column(at);
        let reader = self.reader.get_row_group(plan.group)?.get_column_reader(at)?;
        let mut draft = Draft::new(column.clone(), self.own);
        copy(&column, &plan.runs, vec![Some(reader)], &mut draft)?;
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

    /// Plans for all row groups.
    fn all(metadata: &ParquetMetaData, losses: &'a [(u64, RowLoss)]) -> Result<Vec<Self>> {
        let mut first_row = 0_u64;
        let plan = |group| {
            let rows = row_count(metadata, group)?;
            let start = first_row;
            first_row = start.saturating_add(rows as u64);
            let before = |row: u64| losses.partition_point(|(lost, _)| *lost < row);
            Ok(Self::without(group, rows, start, &losses[before(start)..before(first_row)]))
        };
        (0..metadata.num_row_groups()).map(plan).collect()
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
        let runs = runs(rows, &gone).map(|(is_gone, rows)| Run { reader: 0, stays: !is_gone, rows }).collect();
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
pub(super) fn properties(metadata: &ParquetMetaData, changed: Option<usize>) -> Result<WriterProperties> {
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

pub(super) fn row_count(metadata: &ParquetMetaData, group: usize) -> Result<usize> {
    Ok(usize::try_from(metadata.row_group(group).num_rows())?)
}
