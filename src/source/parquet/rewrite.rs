//! Parquet files without some rows and parts of texts, and with them again.
//!
//! In: a file and what goes of it. Out: a file with the same schema, metadata, row groups and codecs, and a small one with the rows that went from each
//! row group; or, the other way, both and the removed texts as one file again. Columns are written on all threads; what is held is one row group, packed,
//! or some small ones.

use super::chunk::{Chunk, Draft};
use super::copy::{ColumnHash, Edits, Hashed, Lane, Run, Splice};
use super::decode;
use super::text_column::{Cut, TextColumn};
use super::texts::Texts;
use bytes::Bytes;
use parquet::basic::{Encoding, Type};
use parquet::column::reader::ColumnReader;
use parquet::data_type::{BoolType, ByteArrayType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type, Int64Type, Int96Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter as RowGroup};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;
use std::sync::Arc;
use xxhash_rust::xxh3::Xxh3Default;

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

/// Bytes that come back into the text of a row, each at its place in the text as it is now.
pub(crate) type Returned<'a> = BTreeMap<u64, Vec<(usize, &'a [u8])>>;

/// Where a file is written to.
pub(crate) type Sink<'w> = &'w mut (dyn Write + Send);

/// Writes `input` without `losses`, in the order of their rows; `texts` are those that were read from it. Returns a hash of all that the input holds.
pub(crate) fn without(
    input: Bytes,
    texts: &Texts,
    losses: &[(u64, RowLoss)],
    to: Sink<'_>,
    removed: &mut dyn FnMut(RemovedRows) -> std::io::Result<()>,
) -> Result<String> {
    decode(|| {
        let reader = SerializedFileReader::new(input)?;
        let metadata = reader.metadata();
        let text = column_at(metadata, texts.column().unwrap_or_default())?;
        let is_cut = losses.iter().any(|(_, loss)| matches!(loss, RowLoss::Text(_)));
        let schema = metadata.file_metadata().schema_descr();
        let small = Arc::new(properties(metadata, metadata, None)?.into_builder().set_key_value_metadata(None).build());
        let own = Arc::new(properties(metadata, metadata, is_cut.then_some(text))?);
        let plain = WriterProperties::clone(&own).into_builder().set_column_dictionary_enabled(schema.column(text).path().clone(), false);
        let plain = Arc::new(plain.build());
        let mut writer = SerializedFileWriter::new(to, schema.root_schema_ptr(), WriterPropertiesPtr::clone(&own))?;
        let mut hasher = Xxh3Default::new();
        let outgoing = Outgoing { reader: &reader, texts, text, own: &own, plain: &plain, small: &small };
        for plans in Plan::at_a_time(metadata, losses)? {
            let written = plans.par_iter().map(|plan| outgoing.columns(plan)).collect::<Result<Vec<_>>>()?;
            for (plan, columns) in plans.into_iter().zip(written) {
                let stays = if plan.gone.len() < plan.rows || plan.rows == 0 { Some(writer.next_row_group()?) } else { None };
                if plan.gone.is_empty() {
                    columns.append(stays, None::<RowGroup<'_, Vec<u8>>>, &mut hasher)?;
                    continue;
                }
                let mut gone = SerializedFileWriter::new(Vec::new(), schema.root_schema_ptr(), WriterPropertiesPtr::clone(&small))?;
                columns.append(stays, Some(gone.next_row_group()?), &mut hasher)?;
                removed(RemovedRows { group: plan.group, of: plan.rows, rows: plan.gone, file: gone.into_inner()? })?;
            }
        }
        writer.close()?;
        Ok(format!("{:032x}", hasher.digest128()))
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
    /// How the rows that go are written.
    small: &'a WriterPropertiesPtr,
}

impl Outgoing<'_> {
    fn columns(&self, plan: &Plan<'_>) -> Result<WrittenColumns> {
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
        let group = Group {
            sources: &[(self.reader, plan.group)],
            runs: &plan.runs,
            text: self.text,
            texts: TextsFrom::Kept(&texts),
            hashed: Hashed::Read,
            rows: plan.rows,
            properties: [
                Some(if is_divisible { self.plain } else { self.own }).filter(|_| plan.gone.len() < plan.rows || plan.rows == 0),
                Some(self.small).filter(|_| !plan.gone.is_empty()),
            ],
        };
        group.columns()
    }
}

/// Whether the pages of a chunk of texts stand for themselves: there is no dictionary, or it was given up, and no filter.
fn is_divisible(column: &ColumnChunkMetaData) -> bool {
    let is_dictionary = |encoding| matches!(encoding, Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY);
    let gave_up = column.page_encoding_stats_mask().is_some_and(|pages| pages.encodings().any(|encoding| !is_dictionary(encoding)));
    column.bloom_filter_offset().is_none() && (gave_up || !column.encodings().any(is_dictionary))
}

/// Writes what [`without`] made of a file as it was: `output`, the rows that went, and the removed texts by rows of the input. Returns the hash of all that
/// the file holds then.
pub(crate) fn with(output: Bytes, text: &str, removed: &[RemovedRows], returned: &Returned<'_>, to: Sink<'_>) -> Result<String> {
    decode(|| {
        let reader = SerializedFileReader::new(output)?;
        let metadata = reader.metadata();
        let text = column_at(metadata, text)?;
        let schema = metadata.file_metadata().schema_descr();
        let mut small = Vec::with_capacity(removed.len());
        for rows in removed {
            small.push(SerializedFileReader::new(Bytes::copy_from_slice(&rows.file))?);
        }
        let shaped = small.first().filter(|_| metadata.num_row_groups() == 0).map_or(metadata, |first| first.metadata());
        let shape = Arc::new(properties(metadata, shaped, None)?);
        let mut writer = SerializedFileWriter::new(to, schema.root_schema_ptr(), WriterPropertiesPtr::clone(&shape))?;
        let mut hasher = Xxh3Default::new();
        let mut removed = removed.iter().zip(&small).peekable();
        let mut kept = 0..metadata.num_row_groups();
        let (mut number, mut first_row) = (0, 0_u64);
        while !kept.is_empty() || removed.peek().is_some() {
            let gone = removed.next_if(|(gone, _)| gone.group == number);
            let is_whole = gone.is_some_and(|(gone, _)| gone.rows.len() == gone.of);
            let own = if is_whole { None } else { kept.next() };
            if own.is_none() && !is_whole {
                return Err(ParquetError::General(format!("row group {number} is missing")));
            }
            let staying = own.map_or(Ok(0), |own| row_count(metadata, own))?;
            let places: &[usize] = gone.map_or(&[], |(gone, _)| &gone.rows);
            let rows = staying + places.len();
            if gone.is_some_and(|(gone, _)| gone.of != rows)
                || !places.is_sorted_by(|x, y| x < y)
                || places.last().is_some_and(|&last| last >= rows)
            {
                return Err(ParquetError::General(format!("the rows of row group {number} do not add up")));
            }
            let after = first_row + rows as u64;
            let edits = returned.range(first_row..after).map(|(row, pieces)| {
                let splices: Vec<Splice<'_>> = pieces.iter().map(|&(at, piece)| (at..at, piece)).collect();
                Ok((usize::try_from(row - first_row)?, splices))
            });
            let edits = Edits { rows: edits.collect::<Result<_>>()?, full: schema.column(text).max_def_level() };
            // A source that nothing is read from stands in for one that is not there.
            let first = own.map(|own| (&reader, own));
            let second = gone.map(|(_, reader)| (reader, 0));
            let sources: Vec<_> = [first.or(second), second.or(first)].into_iter().flatten().collect();
            let runs: Vec<Run> = runs(rows, places).map(|(is_gone, rows)| Run { source: usize::from(is_gone), sink: 0, rows }).collect();
            let texts = TextsFrom::Read(&edits);
            let group =
                Group { sources: &sources, runs: &runs, text, texts, hashed: Hashed::Written, rows, properties: [Some(&shape), None] };
            group.columns()?.append(Some(writer.next_row_group()?), None::<RowGroup<'_, Vec<u8>>>, &mut hasher)?;
            (number, first_row) = (number + 1, after);
        }
        writer.close()?;
        Ok(format!("{:032x}", hasher.digest128()))
    })
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
        let runs = runs(rows, &gone).map(|(is_gone, rows)| Run { source: 0, sink: usize::from(is_gone), rows }).collect();
        Self { group, first_row, rows, runs, gone, cuts }
    }
}

/// Stretches of rows of which all are, or none is, in `chosen`, which ascends.
fn runs(rows: usize, chosen: &[usize]) -> impl Iterator<Item = (bool, usize)> {
    let edges = chosen.iter().scan(0, |at, &row| Some([(false, row - std::mem::replace(at, row + 1)), (true, 1)]));
    let rest = rows - chosen.last().map_or(0, |&last| last + 1);
    edges.flatten().chain([(false, rest)]).filter(|(_, rows)| *rows > 0)
}

/// Where the texts of a row group come from.
#[derive(Clone, Copy)]
enum TextsFrom<'a> {
    /// They were kept.
    Kept(&'a TextColumn<'a>),
    /// They are read like other columns, and changed.
    Read(&'a Edits<'a>),
}

/// A row group on its way.
struct Group<'a> {
    sources: &'a [(&'a SerializedFileReader<Bytes>, usize)],
    runs: &'a [Run],
    text: usize,
    texts: TextsFrom<'a>,
    hashed: Hashed,
    rows: usize,
    /// How each sink is written, where there is one.
    properties: [Option<&'a WriterPropertiesPtr>; 2],
}

/// The columns of a row group for both sinks, and their hashes.
struct WrittenColumns {
    rows: usize,
    columns: Vec<([Option<Chunk>; 2], ColumnHash)>,
}

impl Group<'_> {
    fn columns(&self) -> Result<WrittenColumns> {
        let count = self.sources[0].0.metadata().file_metadata().schema_descr().num_columns();
        let others = || (0..count).into_par_iter().filter(|at| *at != self.text).map(|at| self.column(at)).collect::<Result<Vec<_>>>();
        // The texts are most of it, and many pieces of work; the others come between them.
        let (text, others) = rayon::join(|| self.column(self.text), others);
        let mut columns = others?;
        columns.insert(self.text, text?);
        Ok(WrittenColumns { rows: self.rows, columns })
    }

    fn column(&self, at: usize) -> Result<([Option<Chunk>; 2], ColumnHash)> {
        let column = self.sources[0].0.metadata().file_metadata().schema_descr().column(at);
        let mut edits = None;
        if at == self.text {
            match self.texts {
                TextsFrom::Kept(texts) => return texts.chunks(self.properties),
                TextsFrom::Read(read) => edits = Some(read),
            }
        }
        let reader = |(reader, group): &(&SerializedFileReader<Bytes>, usize)| reader.get_row_group(*group)?.get_column_reader(at);
        let readers = self.sources.iter().map(reader).collect::<Result<Vec<ColumnReader>>>()?;
        let mut drafts = self.properties.map(|properties| properties.map(|properties| Draft::new(column.clone(), properties)));
        let lane = Lane { column: &column, runs: self.runs, hashed: self.hashed };
        let hash = match column.physical_type() {
            Type::BYTE_ARRAY => lane.copy::<ByteArrayType>(readers, &mut drafts, |_, first_row, levels, texts| {
                edits.map_or(Ok(()), |edits| edits.make(first_row, levels, texts))
            }),
            Type::BOOLEAN => lane.copy::<BoolType>(readers, &mut drafts, |_, _, _, _| Ok(())),
            Type::INT32 => lane.copy::<Int32Type>(readers, &mut drafts, |_, _, _, _| Ok(())),
            Type::INT64 => lane.copy::<Int64Type>(readers, &mut drafts, |_, _, _, _| Ok(())),
            Type::INT96 => lane.copy::<Int96Type>(readers, &mut drafts, |_, _, _, _| Ok(())),
            Type::FLOAT => lane.copy::<FloatType>(readers, &mut drafts, |_, _, _, _| Ok(())),
            Type::DOUBLE => lane.copy::<DoubleType>(readers, &mut drafts, |_, _, _, _| Ok(())),
            Type::FIXED_LEN_BYTE_ARRAY => lane.copy::<FixedLenByteArrayType>(readers, &mut drafts, |_, _, _, _| Ok(())),
        }?;
        let [first, second] = drafts.map(|draft| draft.map(Draft::close).transpose());
        Ok(([first?, second?], hash))
    }
}

impl WrittenColumns {
    fn append<A: Write + Send, B: Write + Send>(
        self,
        mut first: Option<RowGroup<'_, A>>,
        mut second: Option<RowGroup<'_, B>>,
        hasher: &mut Xxh3Default,
    ) -> Result<()> {
        hasher.update(&(self.rows as u64).to_le_bytes());
        for ([stays, goes], hash) in self.columns {
            if let Some((group, chunk)) = first.as_mut().zip(stays) {
                chunk.append_to(group)?;
            }
            if let Some((group, chunk)) = second.as_mut().zip(goes) {
                chunk.append_to(group)?;
            }
            hash.iter().for_each(|hash| hasher.update(&hash.to_le_bytes()));
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
fn column_at(metadata: &ParquetMetaData, path: &str) -> Result<usize> {
    let columns = metadata.file_metadata().schema_descr().columns();
    let found = columns.iter().position(|column| column.max_rep_level() == 0 && column.path().string() == path);
    found
        .filter(|&at| columns[at].physical_type() == Type::BYTE_ARRAY)
        .ok_or_else(|| ParquetError::General(format!("no column of texts `{path}`")))
}

fn row_count(metadata: &ParquetMetaData, group: usize) -> Result<usize> {
    Ok(usize::try_from(metadata.row_group(group).num_rows())?)
}
