//! Tables: CSV, TSV and their kin, with a header.
//!
//! In: the bytes of a file. Out: a document a row, and a problem for each row that cannot be read: wrong quotes, too few or too many
//! fields, bytes that are not UTF-8. Rows are found one after another, since a quote decides what the bytes after it are; stretches of
//! them are read on all threads meanwhile.

mod rows;

use super::fields::{Columns, Fields, same_in_any_case};
use super::outlet::outlet_name;
use super::place::{Place, Spelling};
use super::records::{Outcome, RecordReader, STRETCH_BYTES};
use crate::corpus::{Stretch, Visitor};
use crate::document::{Locator, Record};
use crate::error::Problem;
use memchr::{memchr, memchr_iter, memchr2, memmem};
use rayon::prelude::*;
use rows::{Cell, Dialect, Row, Rows, cells_into};
use std::borrow::Cow;
use std::ops::Range;

/// What can part the fields of a row, by what comes first where several fit equally well.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How far a file is looked at to tell what parts its fields.
const SAMPLE_BYTES: usize = 1 << 20;
const SAMPLE_ROWS: usize = 20;
/// The header of a table that has no ending to tell it is one is not longer.
const LONGEST_HEADER_BYTES: usize = 4096;

/// What a table's header says.
#[derive(Clone, Debug)]
pub(super) struct Table {
    dialect: Dialect,
    /// Where the rows after the header begin.
    start: usize,
    /// Where the header stands.
    header: Range<usize>,
    /// Names of the columns, one for each field of a row.
    names: Vec<String>,
    /// Which of them hold what, or why none is the text.
    columns: Result<Columns, String>,
}

impl Table {
    /// Reads the header of a file; `tabs` if its name says that tabs part the fields.
    pub(super) fn of(bytes: &[u8], tabs: bool, fields: &Fields) -> Self {
        let (dialect, start) = dialect_of(bytes, tabs, fields);
        let mut rows = Rows::new(bytes, dialect, start);
        let header = rows.next();
        let header = header.map_or(start..start, |row| row.range);
        let names = if header.is_empty() { Vec::new() } else { names_of(&bytes[header.clone()], dialect) };
        let columns = if names.is_empty() { Err(String::new()) } else { fields.columns(&names) };
        Self { dialect, start: rows.at, header, names, columns }
    }

    /// The place after the line end that stands at `end`, if one does.
    pub(super) fn row_end(&self, bytes: &[u8], end: usize) -> usize {
        let rest = bytes.get(end..).unwrap_or_default();
        end + match rest {
            [b'\r', b'\n', ..] if self.dialect.line_end == b'\n' => 2,
            [first, ..] if *first == self.dialect.line_end => 1,
            _ => 0,
        }
    }

    /// The names of the columns.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// What a row has in the column of that name; exactly so, or else in another case.
    pub(super) fn field(&self, row: &[u8], name: &str) -> Option<String> {
        let in_other_case = || self.names.iter().position(|column| same_in_any_case(column, name));
        self.cell_in(row, self.names.iter().position(|column| column == name).or_else(in_other_case)?)
    }

    /// Who published a row.
    pub(super) fn outlet(&self, row: &[u8]) -> Option<String> {
        let outlet = self.cell_in(row, self.columns.as_ref().ok()?.outlet?).filter(|outlet| !outlet.trim().is_empty())?;
        Some(outlet_name(outlet.into()).into_owned())
    }

    fn cell_in(&self, row: &[u8], column: usize) -> Option<String> {
        let row = simdutf8::basic::from_utf8(row).ok()?;
        let mut cells = Vec::with_capacity(self.names.len());
        cells_into(row.as_bytes(), self.dialect.delimiter, &mut cells);
        Some(cells.get(column)?.decoded(row).into_owned())
    }

    /// What has to be put into a row that loses `cuts` of its text: quotes, if the rest of a field without them begins with one. All are places in
    /// the row.
    pub(super) fn quotes(&self, row: &[u8], cuts: &[Range<usize>]) -> Option<Vec<(Range<usize>, String)>> {
        let cell = self.text_cell(row)?;
        let is_left = |at: &usize| !cuts.iter().any(|cut| cut.contains(at));
        let begins_quoted = cell.range.clone().find(is_left).is_some_and(|at| row[at] == b'"');
        if cell.quoted || !begins_quoted {
            return Some(Vec::new());
        }
        let doubled = cell.range.clone().filter(|&at| row[at] == b'"').filter(is_left);
        let edges = [cell.range.start, cell.range.end];
        Some(edges.into_iter().chain(doubled).map(|at| (at..at, "\"".to_owned())).collect())
    }

    /// Where a column more is put, and what: its name behind the header, `value` of the row that begins at a place behind that row. Rows that cannot be
    /// read get none; those with another number of fields an empty one, so that the number is still another.
    ///
    /// # Errors
    /// Words: there is a column of that name.
    pub(super) fn column(
        &self,
        bytes: &[u8],
        name: &str,
        mut value: impl FnMut(usize) -> Option<String>,
    ) -> Result<Vec<(Range<usize>, String)>, String> {
        if self.names.iter().any(|column| column == name) {
            return Err(format!("the table has a column `{name}` already; take it out first (refrain restore does)"));
        }
        let delimiter = char::from(self.dialect.delimiter);
        let mut found = vec![(self.header.end..self.header.end, format!("{delimiter}{name}"))];
        for row in Rows::new(bytes, self.dialect, self.start).filter(|row| row.fault.is_none()) {
            let value = value(row.range.start).map(|value| format!("\"{}\"", value.replace('"', "\"\"")));
            found.push((row.range.end..row.range.end, format!("{delimiter}{}", value.unwrap_or_default())));
        }
        Ok(found)
    }

    /// The cell of a row that is its text.
    fn text_cell(&self, row: &[u8]) -> Option<Cell> {
        let mut cells = Vec::with_capacity(self.names.len());
        cells_into(row, self.dialect.delimiter, &mut cells);
        cells.into_iter().nth(self.columns.as_ref().ok()?.text)
    }

    /// The text of a row again.
    pub(super) fn text_again<'r>(&self, row: &'r [u8]) -> Option<Cow<'r, str>> {
        let row = simdutf8::basic::from_utf8(row).ok()?;
        Some(self.text_cell(row.as_bytes())?.decoded(row))
    }

    /// Where the row that begins at `start` and its text stand.
    pub(super) fn place(&self, row: &[u8], start: u64) -> Option<Place> {
        let cell = self.text_cell(row)?;
        let at = |range: Range<usize>| start + range.start as u64..start + range.end as u64;
        let doubled = cell.quoted && memchr(b'"', &row[cell.range.clone()]).is_some();
        let spelling = if doubled { Spelling::DoubledQuotes } else { Spelling::Plain };
        Some(Place::Bytes { record: at(0..row.len()), text: Some(at(cell.range)), spelling })
    }
}

/// True if a file of no telling name is a table: a header with a name that a text has, and a row with as many fields.
pub(super) fn is_table(bytes: &[u8], fields: &Fields) -> bool {
    let head = &bytes[..bytes.len().min(LONGEST_HEADER_BYTES)];
    let Some(line_end) = memchr2(b'\n', b'\r', head) else { return false };
    if !fields.text_names().any(|name| memmem::find(&head[..line_end], name.as_bytes()).is_some()) {
        return false; // quickly, for folders of many texts
    }
    let (dialect, start) = dialect_of(bytes, false, fields);
    let fit = Fit::of(bytes, dialect, start, fields);
    fit.has_text && fit.is_parted && fit.agreeing > 0
}

/// The names of the columns.
fn names_of(header: &[u8], dialect: Dialect) -> Vec<String> {
    let header = String::from_utf8_lossy(header);
    let mut cells = Vec::new();
    cells_into(header.as_bytes(), dialect.delimiter, &mut cells);
    cells.iter().map(|cell| cell.decoded(&header).trim().to_owned()).collect()
}

/// What parts the rows and fields of a file, and where its header begins.
fn dialect_of(bytes: &[u8], tabs: bool, fields: &Fields) -> (Dialect, usize) {
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let line_end = if memchr(b'\n', sample).is_none() && memchr(b'\r', sample).is_some() { b'\r' } else { b'\n' };
    // The first line that spreadsheets write to say it.
    let said = sample.strip_prefix(b"sep=").and_then(|rest| Some((*rest.first()?, memchr(line_end, rest)?)));
    if let Some((delimiter, length @ 1..=2)) = said {
        return (Dialect { delimiter, line_end }, "sep=".len() + length + 1);
    }
    let dialects = DELIMITERS.map(|delimiter| Dialect { delimiter, line_end });
    let expected = if tabs { b'\t' } else { b',' };
    let by_name = |dialect: &Dialect| dialect.delimiter == expected;
    let best = dialects.into_iter().rev().max_by_key(|dialect| (Fit::of(bytes, *dialect, 0, fields), by_name(dialect)));
    (best.unwrap_or(Dialect { delimiter: expected, line_end }), 0)
}

/// How well a delimiter fits a file. The greater fits better.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    /// A column has a name that a text has, and there are others.
    has_text: bool,
    /// There are several columns.
    is_parted: bool,
    /// Rows of the sample with as many fields as the header, less those with another number.
    agreeing: isize,
}

impl Fit {
    fn of(bytes: &[u8], dialect: Dialect, start: usize, fields: &Fields) -> Self {
        let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
        let mut rows = Rows::new(sample, dialect, start).take_while(|row| row.fault.is_none());
        let Some(header) = rows.next().filter(|header| header.range.len() <= LONGEST_HEADER_BYTES) else { return Self::default() };
        let names = names_of(&sample[header.range], dialect);
        if names.len() < 2 {
            return Self::default();
        }
        let mut cells = Vec::new();
        // The last row of the sample may be cut.
        let whole = rows.take(SAMPLE_ROWS).filter(|row| row.range.end < sample.len() || sample.len() == bytes.len());
        let agreeing = whole.map(|row| {
            cells_into(&sample[row.range], dialect.delimiter, &mut cells);
            if cells.len() == names.len() { 1 } else { -1 }
        });
        Self { has_text: fields.has_text(&names), is_parted: true, agreeing: agreeing.sum() }
    }
}

/// The documents of a table.
pub(super) fn read<V: Visitor>(records: &RecordReader<'_>, table: &Table, visitor: &(impl Fn() -> V + Sync)) -> Vec<Stretch<V::Output>> {
    let columns = match &table.columns {
        Ok(columns) => *columns,
        Err(reason) => {
            records.fields.note_records(Rows::new(records.bytes, table.dialect, table.start).count());
            let problem = || Problem { path: records.path.into(), line: 1, reason: format!("{reason}; the table is left out") };
            let problems = if reason.is_empty() { Vec::new() } else { vec![problem()] };
            return vec![Stretch { output: visitor().finish(), lines: 0, file: records.file, problems }];
        }
    };
    let cut = Cut { rows: Rows::new(records.bytes, table.dialect, table.start), start: 0 };
    let mut stretches: Vec<(usize, Stretch<V::Output>)> = cut
        .enumerate()
        .par_bridge()
        .map(|(number, part)| {
            let outcome = Outcome { visitor: visitor(), problems: Vec::new() };
            let mut reader = RowReader { records, table, columns, outcome, holds: [false; 4] };
            reader.outcome.visitor.progress(part.range.len() as u64);
            let lines = reader.read(&part);
            records.fields.note_records(part.rows.len());
            records.fields.note_columns(&columns, &table.names, reader.holds);
            let Outcome { visitor, problems } = reader.outcome;
            (number, Stretch { output: visitor.finish(), lines, file: records.file, problems })
        })
        .collect();
    stretches.sort_unstable_by_key(|(number, _)| *number);
    stretches.into_iter().map(|(_, stretch)| stretch).collect()
}

/// Rows that are read in one go, and the bytes from the end of those before.
struct Part {
    rows: Vec<Row>,
    range: Range<usize>,
}

/// Cuts rows into parts of about [`STRETCH_BYTES`].
struct Cut<'a> {
    rows: Rows<'a>,
    start: usize,
}

impl Iterator for Cut<'_> {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        let start = self.start;
        let mut rows = Vec::new();
        while self.rows.at - start < STRETCH_BYTES {
            match self.rows.next() {
                Some(row) => rows.push(row),
                None => break,
            }
        }
        self.start = self.rows.at;
        (self.start > start).then_some(Part { rows, range: start..self.start })
    }
}

/// Reads the rows of one stretch.
struct RowReader<'r, V> {
    records: &'r RecordReader<'r>,
    table: &'r Table,
    columns: Columns,
    outcome: Outcome<V>,
    /// Whether some row holds a text, id, date and outlet.
    holds: [bool; 4],
}

impl<V: Visitor> RowReader<'_, V> {
    /// Hands out the documents of `part`; returns the number of its lines.
    fn read(&mut self, part: &Part) -> u64 {
        let bytes = self.records.bytes;
        let line_ends = |range: Range<usize>| memchr_iter(self.table.dialect.line_end, &bytes[range]).count() as u64;
        let whole = simdutf8::basic::from_utf8(&bytes[part.range.clone()]).ok();
        let mut cells = Vec::with_capacity(self.table.names.len());
        let (mut line, mut at) = (0, part.range.start);
        for row in &part.rows {
            line += line_ends(at..row.range.start);
            at = row.range.start;
            let text = match whole {
                Some(text) => text.get(row.range.start - part.range.start..row.range.end - part.range.start),
                None => simdutf8::basic::from_utf8(&bytes[row.range.clone()]).ok(),
            };
            if let Err(reason) = self.row(row, text, line, &mut cells) {
                self.outcome.problems.push(Problem { path: self.records.path.into(), line: line + 1, reason });
            }
        }
        let is_open = bytes[part.range.end - 1] != self.table.dialect.line_end;
        line + line_ends(at..part.range.end) + u64::from(is_open)
    }

    fn row(&mut self, row: &Row, text: Option<&str>, line: u64, cells: &mut Vec<Cell>) -> Result<(), String> {
        if let Some(fault) = row.fault {
            return Err(format!("{fault}; write \"\" for a quote inside a quoted field"));
        }
        let text = text.ok_or("bytes that are not UTF-8; name the encoding with the setting `encoding`")?;
        cells_into(text.as_bytes(), self.table.dialect.delimiter, cells);
        let width = self.table.names.len();
        if cells.len() != width {
            return Err(format!("has {} fields, the header {width}; quote a field that holds the delimiter", cells.len()));
        }
        let length = u32::try_from(row.range.len()).map_err(|_| "longer than 4 GiB")?;
        let Columns { id, date, outlet, .. } = self.columns;
        let name = |column: Option<usize>| column.map(|column| cells[column].decoded(text)).filter(|name| !name.trim().is_empty());
        let (id, date, outlet) = (name(id), name(date), name(outlet).map(outlet_name));
        let holds = [true, id.is_some(), date.is_some(), outlet.is_some()];
        self.holds.iter_mut().zip(holds).for_each(|(any, holds)| *any |= holds);
        self.outcome.visitor.document(Record {
            id,
            text: cells[self.columns.text].decoded(text),
            date,
            outlet,
            locator: Locator { file: self.records.file, length, start: (self.records.base + row.range.start) as u64 },
            line,
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FieldNames;

    fn delimiter_of(content: &str, tabs: bool) -> char {
        let fields = Fields::new(&FieldNames::default());
        char::from(Table::of(content.as_bytes(), tabs, &fields).dialect.delimiter)
    }

    #[test]
    fn the_delimiter_is_told_by_content_then_by_name() {
        assert_eq!(delimiter_of("id,text\n1,\"a; b; c\"\n2,d;e\n", true), ',');
        assert_eq!(delimiter_of("id;text\n1;a, b\n2;c, d\n", false), ';');
        assert_eq!(delimiter_of("id\ttext\n1\ta, b\n", false), '\t');
        assert_eq!(delimiter_of("id|text|a,b\n1|2|3\n", false), '|');
        assert_eq!(delimiter_of("text\none\ntwo\n", false), ',');
        assert_eq!(delimiter_of("text\none, two\n", true), '\t');
        assert_eq!(delimiter_of("sep=;\nid;text,note\n1;2\n", false), ';');
        assert_eq!(delimiter_of("id,text\r1,a\r2,b\r", false), ',');
    }

    #[test]
    fn a_text_is_no_table() {
        let fields = Fields::new(&FieldNames::default());
        assert!(is_table(b"id,text\n1,a\n", &fields));
        for text in
            ["", "text", "id,text", "A text, with commas\nand, more\n", "text\nbody\nstory\n", "body, arms, legs\nand, so, on, then\n"]
        {
            assert!(!is_table(text.as_bytes(), &fields), "{text}");
        }
    }

    #[test]
    fn a_field_that_then_begins_with_a_quote_gets_quotes() {
        let row = "1\tFollow us. \"One\" \"two\" gone";
        let table = Table::of(b"id\ttext\n1\tx\n", true, &Fields::new(&FieldNames::default()));
        let gone = row.find("gone").unwrap();
        let cuts = [2..13, gone - 1..gone + 4];
        let mut changes = table.quotes(row.as_bytes(), &cuts).unwrap();
        changes.extend(cuts.iter().map(|cut| (cut.clone(), String::new())));
        changes.sort_by_key(|(range, _)| (range.start, range.end));
        let mut changed = row.to_owned();
        changes.into_iter().rev().for_each(|(range, put)| changed.replace_range(range, &put));
        assert_eq!(changed, "1\t\"\"\"One\"\" \"\"two\"\"\"");
        assert_eq!(table.quotes(row.as_bytes(), &cuts[1..]), Some(Vec::new()));
    }

    #[test]
    fn a_row_and_its_text_are_found_again() {
        let content = b"id,text\n1,\"a \"\"b\"\"\"\n2,plain\n";
        let table = Table::of(content, false, &Fields::new(&FieldNames::default()));
        assert_eq!(table.text_again(&content[8..19]).as_deref(), Some("a \"b\""));
        let place = |text: Range<u64>, record: Range<u64>, spelling| Some(Place::Bytes { record, text: Some(text), spelling });
        assert_eq!(table.place(&content[8..19], 8), place(11..18, 8..19, Spelling::DoubledQuotes));
        assert_eq!(table.place(&content[20..27], 20), place(22..27, 20..27, Spelling::Plain));
    }
}
