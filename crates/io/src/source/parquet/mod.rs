//! Parquet files.
//!
//! In: the bytes of a file. Out: a document a row, and a problem for each row without text. Of the columns only those are read that hold
//! text, id, date and outlet. A row is found again among the decoded texts: rows are asked for in any order, and a page that holds one must be
//! unpacked whole. Texts of pages that are not packed stay where they are, in the mapped file; others are kept aside as unpacked files are.

mod added;
mod budget;
mod chunk;
mod column;
mod copy;
mod in_order;
mod merge;
mod page_header;
mod pages_first;
mod rewrite;
mod text_column;
mod texts;

use super::Limits;
use super::content::{Content, Gathering, Spool, unwritable};
use super::fields::{Columns, Fields};
use super::outlet::outlet_name;
use super::records::{Outcome, STRETCH_BYTES};
use ::parquet::data_type::ByteArray;
use ::parquet::errors::{ParquetError, Result as ParquetResult};
use ::parquet::file::metadata::RowGroupMetaData;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::schema::types::{ColumnDescPtr, SchemaDescriptor};
pub use added::{AddedColumn, AddedValues, with_columns, without_columns};
pub use budget::Budget;
use bytes::Bytes;
pub use merge::{Merge, changed_rows, merge};
use rayon::prelude::*;
use refrain_engine::corpus::{Stretch, Visitor};
use refrain_engine::document::{Locator, Record};
use refrain_engine::error::{Error, Problem, Result};
use refrain_engine::problems::Problems;
pub use rewrite::{RowLoss, without};
use std::borrow::Cow;
use std::io;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
pub use texts::Texts;
use texts::{Block, Missing, Stand};

/// Rows of a group whose names are read once for all its parts.
const MOST_NAMED_ROWS: usize = 1 << 18;
/// Bytes of text in a part of a row group.
const PART_BYTES: usize = 4 * STRETCH_BYTES;
/// Parts of a row group at most: each passes over the headers of all pages before it.
const MOST_PARTS: usize = 32;

/// Reads the rows of one file.
pub(super) struct RowReader<'a> {
    pub(super) file: u32,
    pub(super) path: &'a Path,
    /// The path as messages have it.
    pub(super) name: &'a str,
    pub(super) fields: &'a Fields,
    pub(super) spool: &'a Spool,
    pub(super) limits: &'a Limits,
}

/// Rows of a row group that are decoded in one go.
struct Part {
    group: usize,
    rows: Range<usize>,
    /// Rows of the file before them.
    before: u64,
}

/// Ids, dates, outlets; empty where no column has them.
type Names = [Vec<Option<String>>; 3];

/// What some rows hold.
struct Decoded<'n> {
    texts: Vec<Option<ByteArray>>,
    /// Definition levels of the texts, if they may be null.
    levels: Vec<i16>,
    names: Cow<'n, Names>,
    /// Where the names of the first of the rows stand.
    first_name: usize,
}

/// The stretches of a file, and its texts.
type Read<T> = (Vec<Stretch<T>>, Texts);

impl RowReader<'_> {
    /// The documents of a file.
    ///
    /// # Errors
    /// A file that is damaged or cut; a temporary file that cannot be written.
    pub(super) fn read<V: Visitor>(&self, content: Content, visitor: &(impl Fn() -> V + Sync)) -> Result<Read<V::Output>> {
        let is_mapped = matches!(content, Content::Mapped(_));
        let budget = Budget::new(self.limits, self.path, content.len());
        let bytes = Bytes::from_owner(content);
        // What is in memory is a small file, or one that was unpacked: it is not held for its texts.
        let file = if is_mapped { bytes.clone() } else { Bytes::new() };
        let reader = decode(|| SerializedFileReader::new(bytes.clone())).map_err(|error| self.damaged(error))?;
        let metadata = reader.metadata();
        let rows = metadata.row_groups().iter().map(|group| u64::try_from(group.num_rows()).unwrap_or(0));
        let first_rows: Vec<u64> = rows.scan(0_u64, |before, rows| Some(std::mem::replace(before, before.saturating_add(rows)))).collect();
        let total = first_rows.last().copied().unwrap_or(0)
            + metadata.row_groups().last().map_or(0, |group| u64::try_from(group.num_rows()).unwrap_or(0));
        self.fields.note_records(usize::try_from(total).unwrap_or(usize::MAX));
        let column_names = names_of_columns(metadata.file_metadata().schema_descr());
        let columns = match self.columns(metadata.file_metadata().schema_descr()) {
            Ok(columns) => columns,
            Err(reason) => {
                let problems = Problem { path: self.name.into(), line: 0, reason: format!("{reason}; the file is left out") }.into();
                let stretch = Stretch { output: visitor().finish(), lines: 0, file: self.file, problems };
                let none = Texts::new(Bytes::new(), self.spool.gather(0), Vec::new(), first_rows, None).map_err(unwritable)?;
                return Ok((vec![stretch], none));
            }
        };
        let read: Vec<usize> = [Some(columns.text), columns.id, columns.date, columns.outlet].into_iter().flatten().collect();
        decode(|| budget.check_pages(&bytes, metadata, &read)).map_err(|error| self.damaged(error))?;
        drop(bytes);
        let size = |column: usize| {
            let of_group = |group: &RowGroupMetaData| u64::try_from(group.column(column).uncompressed_size()).unwrap_or(0);
            Ok(metadata.row_groups().iter().map(of_group).fold(0, u64::saturating_add))
        };
        let gathering = self.spool.gather(decode(|| size(columns.text)).map_err(|error| self.damaged(error))?);
        let blocks = Mutex::new(Vec::new());
        let stretches = (0..first_rows.len()).into_par_iter().map(|group| {
            let read = || Ok((parts(&reader, group, columns.text, first_rows[group])?, names_of_group(&reader, columns, group, &budget)?));
            let (parts, names) = decode(read).map_err(|error| self.damaged(error))?;
            let stretches = parts.par_iter().map(|part| {
                let decoded = decode(|| rows_of((&reader, &budget), columns, part, names.as_ref())).map_err(|error| self.damaged(error))?;
                let stretch = |rows: Range<usize>| {
                    let block = self.keep(&decoded, rows.clone(), part.before, (&file, &gathering))?;
                    blocks.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(block);
                    let (stretch, holds) = self.visit(&decoded, rows, part.before, visitor);
                    self.fields.note_columns(&columns, &column_names, holds);
                    Ok(stretch)
                };
                cut(&decoded.texts).into_par_iter().map(stretch).collect::<Result<Vec<_>>>()
            });
            Ok(stretches.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect::<Vec<_>>())
        });
        let stretches = stretches.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
        let blocks = blocks.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let column = Some(metadata.file_metadata().schema_descr().column(columns.text).path().string());
        Ok((stretches, Texts::new(file, gathering, blocks, first_rows, column).map_err(unwritable)?))
    }

    /// Which columns hold what.
    ///
    /// # Errors
    /// Words for a [`Problem`]: none is the text, or it holds none.
    fn columns(&self, schema: &SchemaDescriptor) -> std::result::Result<Columns, String> {
        let names = names_of_columns(schema);
        let columns = self.fields.columns(&names)?;
        let text = schema.column(columns.text);
        if column::holds_text(&text) {
            return Ok(columns);
        }
        let (name, of) = (&names[columns.text], text.physical_type());
        Err(format!("text field `{name}` is of type {of}, not text; name another with the setting `text-field`"))
    }

    /// Notes where the texts of some rows stand in `file`, or puts them aside.
    #[expect(clippy::cast_possible_truncation, reason = "a block is of about a megabyte, or of one text, which is shorter than 2 GiB")]
    fn keep(&self, decoded: &Decoded<'_>, rows: Range<usize>, before: u64, (file, gathering): (&Bytes, &Gathering<'_>)) -> Result<Block> {
        let first_row = before + rows.start as u64;
        let levels = decoded.levels.get(rows.clone()).unwrap_or_default();
        let texts = &decoded.texts[rows];
        let missing = (0..).zip(texts).filter(|(_, text)| text.is_none());
        let missing = missing.map(|(row, _)| Missing { row, level: levels[row as usize] }).collect();
        let texts = || texts.iter().map(|text| text.as_ref().map_or(&[][..], ByteArray::data));
        let ends = texts().scan(0, |end, text| {
            *end += text.len() as u32;
            Some(*end)
        });
        let ends = ends.collect();
        let stand = match texts().map(|text| place_in(file, text)).collect() {
            Some(starts) => Stand::InFile(starts),
            None => {
                let joined = texts().collect::<Vec<_>>().concat();
                Stand::Kept(gathering.append(&joined).map_err(unwritable)?)
            }
        };
        Ok(Block { first_row, stand, ends, missing })
    }

    /// Hands out the documents in some rows; says also whether any of them holds a text, id, date and outlet.
    fn visit<V: Visitor>(
        &self,
        decoded: &Decoded<'_>,
        rows: Range<usize>,
        before: u64,
        visitor: &impl Fn() -> V,
    ) -> (Stretch<V::Output>, [bool; 4]) {
        let mut holds = [false; 4];
        let mut outcome = Outcome { visitor: visitor(), problems: Problems::new(self.limits.examples) };
        let (mut bytes, first, lines) = (0, rows.start, rows.len() as u64);
        for row in rows {
            let line = (row - first) as u64;
            let read = decoded.texts[row].as_ref().ok_or("no text: null").and_then(|text| {
                bytes += text.len() as u64;
                simdutf8::basic::from_utf8(text.data()).map_err(|_| "a text with bytes that are not UTF-8")
            });
            let read = read.map_err(str::to_owned).and_then(|text| Ok((text, self.limits.record_length(text.len())?)));
            let (text, length) = match read {
                Ok(read) => read,
                Err(reason) => {
                    outcome.problems.push(Problem { path: self.name.into(), line: line + 1, reason });
                    continue;
                }
            };
            let [id, date, outlet] =
                decoded.names.each_ref().map(|names| names.get(decoded.first_name + row)?.as_deref().map(Cow::Borrowed));
            for (any, holds) in holds.iter_mut().zip([!text.trim_start().is_empty(), id.is_some(), date.is_some(), outlet.is_some()]) {
                *any |= holds;
            }
            let outlet = outlet.map(outlet_name);
            let locator = Locator { file: self.file, length, start: before + row as u64 };
            outcome.visitor.document(Record { id, text: Cow::Borrowed(text), date, outlet, locator, line });
        }
        outcome.visitor.progress(bytes);
        (Stretch { output: outcome.visitor.finish(), lines, file: self.file, problems: outcome.problems }, holds)
    }

    fn damaged(&self, error: ParquetError) -> Error {
        damaged(self.path, error)
    }
}

/// Where in `file` a text stands that was not copied from it; None if it is no part of it.
fn place_in(file: &Bytes, text: &[u8]) -> Option<usize> {
    let start = if text.is_empty() { 0 } else { text.as_ptr().addr().checked_sub(file.as_ptr().addr())? };
    (start.checked_add(text.len())? <= file.len()).then_some(start)
}

/// Paths of the columns. One in a list has none: it holds more than a value a row.
fn names_of_columns(schema: &SchemaDescriptor) -> Vec<String> {
    let name = |column: &ColumnDescPtr| if column.max_rep_level() == 0 { column.path().string() } else { String::new() };
    schema.columns().iter().map(name).collect()
}

/// Paths of the columns; None for a file that cannot be read.
pub(super) fn column_names(content: Content, path: &Path) -> Option<Vec<String>> {
    let names = Mutex::new(None);
    let note = |columns: &[String]| {
        *names.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(columns.to_vec());
        None
    };
    whole_column(content, note, (path, &Limits::default())).ok()?;
    names.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The values of a whole column as names; None where there is no such column. `which` chooses it by the paths of all.
///
/// # Errors
/// A damaged file.
pub(super) fn whole_column(
    content: Content,
    which: impl Fn(&[String]) -> Option<usize>,
    (path, limits): (&Path, &Limits),
) -> Result<Option<Vec<Option<String>>>> {
    let read = || {
        let bytes = Bytes::from_owner(content);
        let budget = Budget::new(limits, path, bytes.len());
        let reader = SerializedFileReader::new(bytes.clone())?;
        let metadata = reader.metadata();
        let Some(column) = which(&names_of_columns(metadata.file_metadata().schema_descr())) else { return Ok(None) };
        budget.check_pages(&bytes, metadata, &[column])?;
        let mut values = Vec::new();
        for (number, group) in metadata.row_groups().iter().enumerate() {
            let rows = 0..usize::try_from(group.num_rows()).unwrap_or(0);
            values.extend(column::names(&*reader.get_row_group(number)?, column, &rows, &budget)?);
        }
        Ok(Some(values))
    };
    decode(read).map_err(|error| damaged(path, error))
}

/// The error for a file that cannot be read, or the error of a [`Budget`].
pub fn damaged(path: &Path, error: ParquetError) -> Error {
    let unreadable = |error| Error::Compressed { path: path.into(), format: "Parquet", cause: io::Error::other(error) };
    match error {
        ParquetError::External(cause) => cause.downcast().map_or_else(|cause| unreadable(ParquetError::External(cause)), |error| *error),
        error => unreadable(error),
    }
}

/// What `read` gives. A damaged file must not end the program, whatever its reader thinks of it.
fn decode<T>(read: impl FnOnce() -> ParquetResult<T>) -> ParquetResult<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(ParquetError::General("its structure is broken".into())))
}

/// Cuts a row group between pages of its text, so that none is unpacked twice.
fn parts(reader: &SerializedFileReader<Bytes>, number: usize, text: usize, before: u64) -> ParquetResult<Vec<Part>> {
    let group = reader.get_row_group(number)?;
    let bytes = usize::try_from(group.metadata().column(text).uncompressed_size()).unwrap_or(0);
    let total = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
    let mut pages = group.get_column_page_reader(text)?;
    let mut ends = Vec::new();
    let mut row = 0;
    while let Some(page) = pages.peek_next_page()? {
        if !page.is_dict {
            row += page.num_rows.or(page.num_levels).unwrap_or(0);
            ends.push(row);
        }
        pages.skip_next_page()?;
    }
    if row != total {
        return Err(ParquetError::General(format!("row group {number} should have {total} rows, and has {row}")));
    }
    let least = PART_BYTES.max(bytes / MOST_PARTS);
    let pages_of_a_part = (ends.len() * least / bytes.max(1)).max(1);
    let mut start = 0;
    let part = |ends: &[usize]| {
        let end = ends.last().copied().unwrap_or(start);
        let before = before + start as u64;
        Part { group: number, rows: std::mem::replace(&mut start, end)..end, before }
    };
    Ok(ends.chunks(pages_of_a_part).map(part).collect())
}

/// The names in some rows.
fn names_of(
    reader: &SerializedFileReader<Bytes>,
    columns: Columns,
    group: usize,
    rows: &Range<usize>,
    budget: &Budget<'_>,
) -> ParquetResult<Names> {
    let read = |column: Option<usize>| {
        column.map_or(Ok(Vec::new()), |column| decode(|| column::names(&*reader.get_row_group(group)?, column, rows, budget)))
    };
    let (id, (date, outlet)) = rayon::join(|| read(columns.id), || rayon::join(|| read(columns.date), || read(columns.outlet)));
    Ok([id?, date?, outlet?])
}

/// The names in a row group, if they are few enough to be held while its parts are read: each part would read their dictionaries again.
fn names_of_group(
    reader: &SerializedFileReader<Bytes>,
    columns: Columns,
    group: usize,
    budget: &Budget<'_>,
) -> ParquetResult<Option<Names>> {
    let rows = usize::try_from(reader.metadata().row_group(group).num_rows()).unwrap_or(usize::MAX);
    if rows > MOST_NAMED_ROWS { Ok(None) } else { names_of(reader, columns, group, &(0..rows), budget).map(Some) }
}

/// Decodes the rows of a part, whose names may have been read with those of its group.
fn rows_of<'n>(
    (reader, budget): (&SerializedFileReader<Bytes>, &Budget<'_>),
    columns: Columns,
    part: &Part,
    names: Option<&'n Names>,
) -> ParquetResult<Decoded<'n>> {
    let (texts, levels) = column::texts(&*reader.get_row_group(part.group)?, columns.text, &part.rows)?;
    budget.values(texts.iter().flatten().map(|text| text.len() as u64).sum())?;
    Ok(match names {
        Some(names) => Decoded { texts, levels, names: Cow::Borrowed(names), first_name: part.rows.start },
        None => Decoded { texts, levels, names: Cow::Owned(names_of(reader, columns, part.group, &part.rows, budget)?), first_name: 0 },
    })
}

/// Cuts decoded rows where a stretch has about [`STRETCH_BYTES`] of text.
fn cut(texts: &[Option<ByteArray>]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (row, text) in texts.iter().enumerate() {
        bytes += text.as_ref().map_or(0, ByteArray::len);
        if bytes >= STRETCH_BYTES || row + 1 == texts.len() {
            ranges.push(std::mem::replace(&mut start, row + 1)..row + 1);
            bytes = 0;
        }
    }
    ranges
}
