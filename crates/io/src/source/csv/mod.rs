//! Tables: CSV, TSV and similar files with a header.
//!
//! In: the bytes of a file. Out: a document per row, and a problem for each row that cannot be read: wrong quotes, another number of fields than the
//! header has, bytes that are not UTF-8. Where the header is and what separates fields is found in `header.rs`, what quotation marks mean in
//! `choose.rs`. Rows are found one after another, since a quote decides how the bytes after it are read; segments of them are read on all threads
//! meanwhile.

mod choose;
mod edit;
mod header;
mod rows;

use super::fields::{Columns, Fields, same_in_any_case};
use super::outlet::outlet_name;
use super::place::Place;
use super::records::{Outcome, RecordReader, STRETCH_BYTES};
use choose::{Habits, Shape, choose};
use header::Start;
pub(super) use header::is_table;
use memchr::memchr_iter;
use rayon::prelude::*;
use refrain_engine::corpus::{Stretch, Visitor};
use refrain_engine::document::{Locator, Record};
use refrain_engine::error::Problem;
use rows::{Cell, Dialect, Quoting, Row, Rows};
use std::borrow::Cow;
use std::ops::Range;

/// What the user says of all tables.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TableOptions {
    /// Quotation marks are text.
    pub(super) no_quotes: bool,
    /// Lines above the header.
    pub(super) skip_lines: usize,
}

/// What a table's header says, and how its rows are read.
#[derive(Clone, Debug)]
pub(super) struct Table {
    dialect: Dialect,
    shape: Shape,
    /// Where the rows after the header begin.
    start: usize,
    /// The position of the header.
    header: Range<usize>,
    /// Line of the header, from 1.
    line: u64,
    /// The user said that quotation marks are text.
    no_quotes: bool,
    /// Names of the columns, one for each field of a row.
    names: Vec<String>,
    /// Which of them hold what, or why none is the text.
    columns: Result<Columns, String>,
}

impl Table {
    /// Reads the header of a file; `tabs` if its name says that tabs separate the fields.
    pub(super) fn of(bytes: &[u8], tabs: bool, fields: &Fields, options: TableOptions) -> Self {
        let start = Start::of(bytes, tabs, fields, options);
        let plain = start.dialect(if options.no_quotes { Quoting::None } else { Quoting::Doubled });
        let mut rows = Rows::new(bytes, plain, start.at);
        let header = rows.next();
        let header = header.map_or(start.at..start.at, |row| row.range);
        let names = if header.is_empty() { Vec::new() } else { names_of(&bytes[header.clone()], plain) };
        let columns = if names.is_empty() { Err(no_header(bytes, plain, options)) } else { columns_of(&names, fields) };
        let text = columns.as_ref().ok().map(|columns| columns.text);
        let Habits { dialect, shape, .. } = choose(bytes, plain, rows.at, (&names, text), options);
        let line = 1 + memchr_iter(dialect.line_end, &bytes[..header.start]).count() as u64;
        Self { dialect, shape, start: rows.at, header, line, no_quotes: options.no_quotes, names, columns }
    }

    /// What a user should know of how the table is read: what differs from RFC 4180.
    pub(super) fn note(&self) -> Option<String> {
        let quoting = match self.dialect.quoting {
            Quoting::None if !self.no_quotes => Some("quotation marks are text, not quoting".to_owned()),
            Quoting::Escaped => Some("backslashes escape quotation marks".to_owned()),
            _ => None,
        };
        let line = (self.line > 1 && self.columns.is_ok()).then(|| format!("header on line {}", self.line));
        let notes: Vec<String> = line.into_iter().chain(quoting).collect();
        (!notes.is_empty()).then(|| notes.join("; "))
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
        self.dialect.cells_into(row.as_bytes(), &mut cells);
        Some(cells.get(column)?.decoded(row).into_owned())
    }

    /// The cell of a row that is its text.
    fn text_cell(&self, row: &[u8]) -> Option<Cell> {
        let mut cells = Vec::with_capacity(self.names.len());
        self.dialect.cells_into(row, &mut cells);
        cells.into_iter().nth(self.columns.as_ref().ok()?.text)
    }

    /// The text of a row again.
    pub(super) fn text_again<'r>(&self, row: &'r [u8]) -> Option<Cow<'r, str>> {
        let row = simdutf8::basic::from_utf8(row).ok()?;
        Some(self.text_cell(row.as_bytes())?.decoded(row))
    }

    /// The positions of the row that begins at `start`, and of its text.
    pub(super) fn place(&self, row: &[u8], start: u64) -> Option<Place> {
        let cell = self.text_cell(row)?;
        let at = |range: Range<usize>| start + range.start as u64..start + range.end as u64;
        let spelling = cell.spelling(row);
        Some(Place::Bytes { record: at(0..row.len()), text: Some(at(cell.range)), spelling })
    }
}

/// Which columns hold what; words that mention titles where the header names no text.
fn columns_of(names: &[String], fields: &Fields) -> Result<Columns, String> {
    let is_unnamed = !fields.has_text_in_any_case(names);
    let below = "; if the header is further down, set the number of lines above it with the setting `skip-lines`";
    fields.columns(names).map_err(|reason| if is_unnamed { reason + below } else { reason })
}

/// Why a table has no header; nothing for an empty file.
fn no_header(bytes: &[u8], dialect: Dialect, options: TableOptions) -> String {
    if options.skip_lines == 0 {
        return String::new();
    }
    let lines = memchr_iter(dialect.line_end, bytes.trim_ascii_end()).count() + 1;
    format!("no header: the file has {lines} lines, and the setting `skip-lines` leaves out {}", options.skip_lines)
}

/// The names of the columns: trimmed, without quotes and without the mark of a comment before the first.
fn names_of(header: &[u8], dialect: Dialect) -> Vec<String> {
    let header = String::from_utf8_lossy(header);
    let mut cells = Vec::new();
    dialect.cells_into(header.as_bytes(), &mut cells);
    let name = |cell: &Cell| {
        let name = cell.decoded(&header).trim().to_owned();
        let unquoted = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).map(|name| name.trim().to_owned());
        unquoted.unwrap_or(name)
    };
    let mut names: Vec<String> = cells.iter().map(name).collect();
    if let Some(first) = names.first_mut().filter(|first| first.starts_with('#')) {
        *first = first.trim_start_matches('#').trim_start().to_owned();
    }
    names
}

/// The documents of a table.
pub(super) fn read<V: Visitor>(records: &RecordReader<'_>, table: &Table, visitor: &(impl Fn() -> V + Sync)) -> Vec<Stretch<V::Output>> {
    let columns = match &table.columns {
        Ok(columns) => *columns,
        Err(reason) => {
            records.fields.note_records(Rows::new(records.bytes, table.dialect, table.start).count());
            let problem = || Problem { path: records.path.into(), line: table.line, reason: format!("{reason}; the table is left out") };
            let problems = if reason.is_empty() { records.problems() } else { problem().into() };
            return vec![Stretch { output: visitor().finish(), lines: 0, file: records.file, problems }];
        }
    };
    let cut = Cut { rows: Rows::new(records.bytes, table.dialect, table.start), start: 0 };
    let mut stretches: Vec<(usize, Stretch<V::Output>)> = cut
        .enumerate()
        .par_bridge()
        .map(|(number, part)| {
            let outcome = Outcome { visitor: visitor(), problems: records.problems() };
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
        let length = self.records.limits.record_length(text.len())?;
        self.table.dialect.cells_into(text.as_bytes(), cells);
        if !self.table.shape.fits(cells) {
            let (width, quoted) = (self.table.shape.names, self.table.dialect.quoting != Quoting::None);
            let advice = if quoted {
                "quote a field that holds the delimiter"
            } else {
                "quotes mean nothing here, so no field may hold the delimiter"
            };
            return Err(format!("has {} fields, the header {width}; {advice}", cells.len()));
        }
        let Columns { id, date, outlet, .. } = self.columns;
        let name = |column: Option<usize>| column.map(|column| cells[column].decoded(text)).filter(|name| !name.trim().is_empty());
        let (id, date, outlet) = (name(id), name(date), name(outlet).map(outlet_name));
        let field = cells[self.columns.text].decoded(text);
        let holds = [!field.trim_start().is_empty(), id.is_some(), date.is_some(), outlet.is_some()];
        self.holds.iter_mut().zip(holds).for_each(|(any, holds)| *any |= holds);
        self.outcome.visitor.document(Record {
            id,
            text: field,
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
    use crate::source::{FieldNames, Spelling};

    fn table(content: &str, tabs: bool) -> Table {
        Table::of(content.as_bytes(), tabs, &Fields::new(&FieldNames::default()), TableOptions::default())
    }

    fn delimiter_of(content: &str, tabs: bool) -> char {
        char::from(table(content, tabs).dialect.delimiter)
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
    fn the_header_may_follow_titles_and_comments() {
        let header = |content: &str| {
            let table = table(content, content.contains('\t'));
            (table.line, table.names.join("|"), table.columns.is_ok(), table.note().is_some())
        };
        let expected = |line, names: &str, noted| (line, names.to_owned(), true, noted);
        assert_eq!(header("Results for \"storm\"\n\nid,text\n1,a\n2,b\n"), expected(3, "id|text", true));
        assert_eq!(header("# id, text\n#x\nid,text\n1,a\n"), expected(3, "id|text", true));
        assert_eq!(header("#id\ttext\n1\ta\n"), expected(1, "id|text", false));
        assert_eq!(header("\r\nContent: news\r\n\"ID\",\"Text\"\r\n1,a\r\n"), expected(3, "ID|Text", true));
        assert_eq!(header("One, two and three\nID\tBODY\tn\n1\ta\t2\n"), expected(2, "ID|BODY|n", true));
        assert_eq!(header("# a table of texts\ntext\none\n"), expected(2, "text", true));
        // A header that names no text field is one all the same, and no row takes its place.
        assert_eq!(header("id,body_html\n1,text\n2,x\n"), (1, "id|body_html".to_owned(), false, false));
        let skipped = |skip_lines| {
            let options = TableOptions { skip_lines, no_quotes: false };
            let table = Table::of(b"a,b,c\nx,y,z\nid,text,n\n1,a,2\n", false, &Fields::new(&FieldNames::default()), options);
            (table.line, table.columns.is_ok())
        };
        assert_eq!([0, 1, 2, 9].map(skipped), [(3, true), (2, false), (3, true), (5, false)]);
    }

    #[test]
    fn a_text_is_no_table() {
        let fields = Fields::new(&FieldNames::default());
        assert!(is_table(b"id,text\n1,a\n", &fields, TableOptions::default()));
        for text in
            ["", "text", "id,text", "A text, with commas\nand, more\n", "text\nbody\nstory\n", "body, arms, legs\nand, so, on, then\n"]
        {
            assert!(!is_table(text.as_bytes(), &fields, TableOptions::default()), "{text}");
        }
    }

    #[test]
    fn a_field_that_then_begins_with_a_quote_gets_quotes() {
        let row = "1\tFollow us. \"One\" \"two\" gone";
        let table = table("id\ttext\n1\tx\n", true);
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
        let content = "id,text\n1,\"a \"\"b\"\"\"\n2,plain\n";
        let (table, content) = (table(content, false), content.as_bytes());
        assert_eq!(table.text_again(&content[8..19]).as_deref(), Some("a \"b\""));
        let place = |text: Range<u64>, record: Range<u64>, spelling| Some(Place::Bytes { record, text: Some(text), spelling });
        assert_eq!(table.place(&content[8..19], 8), place(11..18, 8..19, Spelling::DoubledQuotes));
        assert_eq!(table.place(&content[20..27], 20), place(22..27, 20..27, Spelling::Plain));
    }
}
