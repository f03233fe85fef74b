//! The rows of a table and the cells of a row, as RFC 4180 has them, and in the other ways in which programs quote.
//!
//! In: bytes and their [`Dialect`]. Out: the positions of rows and cells. Nothing is copied but a cell with escaped quotes. A wrong quote costs the
//! line on which it occurs: reading goes on at the next one.

use crate::source::place::Spelling;
use memchr::{memchr, memchr2};
use std::borrow::Cow;
use std::ops::Range;

pub(super) const QUOTE: u8 = b'"';
const BACKSLASH: u8 = b'\\';

/// How a table separates and quotes its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    /// The last byte of a line: a line feed, or a carriage return in files without line feeds.
    pub(super) line_end: u8,
    pub(super) quoting: Quoting,
    /// Spaces before and after a quoted cell are not part of it, nor are those before an unquoted one.
    pub(super) spaced: bool,
}

/// What a quotation mark means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoting {
    /// At the edge of a cell it quotes; two inside a quoted cell stand for one.
    Doubled,
    /// The same, and a backslash before a quotation mark or a backslash escapes it.
    Escaped,
    /// It is text like any other character, and every line is a row.
    None,
}

/// The position of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Without its line end.
    pub(super) range: Range<usize>,
    /// Why it cannot be read.
    pub(super) fault: Option<&'static str>,
}

const UNCLOSED: &str = "a quote that opens a field is not closed";
const UNDOUBLED: &str = "a quote inside a quoted field is not doubled";

/// The rows of a table in order; empty lines are skipped.
///
/// Reads each byte at most twice: what a wrong quote made unreadable is read again line by line, with quoted fields that end on their line.
#[derive(Clone, Debug)]
pub(super) struct Rows<'a> {
    bytes: &'a [u8],
    dialect: Dialect,
    /// First byte that was not read.
    pub(super) at: usize,
    /// A quoted field that opens before this position ends on its line.
    confined_until: usize,
}

impl<'a> Rows<'a> {
    /// The rows from `at` on, where a row begins.
    pub(super) fn new(bytes: &'a [u8], dialect: Dialect, at: usize) -> Self {
        Self { bytes, dialect, at, confined_until: at }
    }

    /// The position after the quoted field that opens at `open`.
    ///
    /// # Errors
    /// The fault, and the position where it shows.
    fn close(&self, open: usize) -> Result<usize, (&'static str, usize)> {
        let confined = open < self.confined_until;
        let bytes = if confined { &self.bytes[..self.line_end_after(open)] } else { self.bytes };
        let mut at = open + 1;
        loop {
            let Some(quote) = self.dialect.next_quote(bytes, at) else { return Err((UNCLOSED, bytes.len())) };
            if bytes.get(quote + 1) == Some(&QUOTE) {
                at = quote + 2;
                continue;
            }
            let after = quote + 1 + self.dialect.spaces(&bytes[quote + 1..]);
            let ends_line = |at: usize| bytes.get(at).is_none_or(|&byte| byte == self.dialect.line_end);
            return match bytes.get(after) {
                Some(&next) if next == self.dialect.delimiter => Ok(after),
                Some(b'\r') if ends_line(after + 1) => Ok(after),
                _ if ends_line(after) => Ok(after),
                _ => Err((UNDOUBLED, quote)),
            };
        }
    }

    fn line_end_after(&self, at: usize) -> usize {
        memchr(self.dialect.line_end, &self.bytes[at..]).map_or(self.bytes.len(), |length| at + length)
    }

    /// True if the quotation mark at `quote` opens a cell of the row that begins at `start`.
    fn opens(&self, start: usize, quote: usize) -> bool {
        let before = &self.bytes[start..quote];
        let spaces = if self.dialect.spaced { before.iter().rev().take_while(|&&byte| byte == b' ').count() } else { 0 };
        before[..before.len() - spaces].last().is_none_or(|&byte| byte == self.dialect.delimiter)
    }

    /// The row whose line ends at `end`.
    fn finish(&mut self, start: usize, end: usize, fault: Option<&'static str>) -> Row {
        self.at = self.bytes.len().min(end + 1);
        let carriage_return = end > start && self.dialect.line_end == b'\n' && self.bytes[end - 1] == b'\r';
        Row { range: start..end - usize::from(carriage_return), fault }
    }

    /// The next line that is not empty, where quotes mean nothing.
    fn next_line(&mut self) -> Option<Row> {
        while self.at < self.bytes.len() {
            let start = self.at;
            let row = self.finish(start, self.line_end_after(start), None);
            if !row.range.is_empty() {
                return Some(row);
            }
        }
        None
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        if self.dialect.quoting == Quoting::None {
            return self.next_line();
        }
        let mut start = self.at;
        let mut at = start;
        while at < self.bytes.len() {
            let found = memchr2(QUOTE, self.dialect.line_end, &self.bytes[at..]).map_or(self.bytes.len(), |length| at + length);
            if self.bytes.get(found) != Some(&QUOTE) {
                let row = self.finish(start, found, None);
                if !row.range.is_empty() {
                    return Some(row);
                }
                start = self.at;
                at = start;
                continue;
            }
            at = match self.opens(start, found).then(|| self.close(found)) {
                None => found + 1,
                Some(Ok(after)) => after,
                Some(Err((fault, shows))) => {
                    self.confined_until = self.confined_until.max(shows);
                    return Some(self.finish(start, self.line_end_after(found), Some(fault)));
                }
            };
        }
        // What is left is a row that ends with a quoted field, or nothing.
        (start < self.bytes.len()).then(|| self.finish(start, self.bytes.len(), None))
    }
}

/// The position of a cell in its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// Its content, without its quotes.
    pub(super) range: Range<usize>,
    /// How it is quoted, if it is.
    pub(super) quoting: Quoting,
}

impl Cell {
    pub(super) fn is_quoted(&self) -> bool {
        self.quoting != Quoting::None
    }

    /// A quoted cell with spaces before it.
    pub(super) fn is_after_space(&self, row: &[u8]) -> bool {
        self.range.start > 1 && row[self.range.start - 2] == b' '
    }

    /// How its content is written.
    pub(super) fn spelling(&self, row: &[u8]) -> Spelling {
        let written = row.get(self.range.clone()).unwrap_or_default();
        match self.quoting {
            Quoting::Doubled if memchr(QUOTE, written).is_some() => Spelling::DoubledQuotes,
            Quoting::Escaped if memchr2(QUOTE, BACKSLASH, written).is_some() => Spelling::EscapedQuotes,
            _ => Spelling::Plain,
        }
    }

    /// The content of the cell of `row`.
    pub(super) fn decoded<'r>(&self, row: &'r str) -> Cow<'r, str> {
        let written = row.get(self.range.clone()).unwrap_or_default();
        match self.spelling(row.as_bytes()) {
            Spelling::Plain => Cow::Borrowed(written),
            spelling => spelling.read(written).map_or(Cow::Borrowed(written), Cow::Owned),
        }
    }
}

impl Dialect {
    /// The cells of a row without fault, into `cells`.
    pub(super) fn cells_into(self, row: &[u8], cells: &mut Vec<Cell>) {
        cells.clear();
        let mut start = 0;
        loop {
            let begin = start + self.spaces(&row[start..]);
            let quoted = self.quoting != Quoting::None && row.get(begin) == Some(&QUOTE);
            let end = if quoted { self.closing_quote(row, begin + 1) } else { until(self.delimiter, row, begin) };
            let quoting = if quoted { self.quoting } else { Quoting::None };
            cells.push(Cell { range: begin + usize::from(quoted)..end, quoting });
            let after = if quoted { row.len().min(end + 1 + self.spaces(row.get(end + 1..).unwrap_or_default())) } else { end };
            if after >= row.len() {
                return;
            }
            start = after + 1;
        }
    }

    /// How many spaces `bytes` begin with that belong to no cell.
    pub(super) fn spaces(self, bytes: &[u8]) -> usize {
        if self.spaced { bytes.iter().take_while(|&&byte| byte == b' ').count() } else { 0 }
    }

    /// The next quotation mark from `at` on that no backslash escapes.
    fn next_quote(self, bytes: &[u8], mut at: usize) -> Option<usize> {
        if self.quoting != Quoting::Escaped {
            return memchr(QUOTE, bytes.get(at..)?).map(|length| at + length);
        }
        loop {
            let found = at + memchr2(QUOTE, BACKSLASH, bytes.get(at..)?)?;
            if bytes[found] == QUOTE {
                return Some(found);
            }
            at = found + if matches!(bytes.get(found + 1), Some(&(QUOTE | BACKSLASH))) { 2 } else { 1 };
        }
    }

    /// The quotation mark from `at` on that closes a cell; the end of the row if there is none.
    fn closing_quote(self, row: &[u8], mut at: usize) -> usize {
        loop {
            let Some(quote) = self.next_quote(row, at) else { return row.len() };
            if row.get(quote + 1) != Some(&QUOTE) {
                return quote;
            }
            at = quote + 2;
        }
    }
}

fn until(byte: u8, row: &[u8], at: usize) -> usize {
    memchr(byte, &row[at..]).map_or(row.len(), |length| at + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAS: Dialect = Dialect { delimiter: b',', line_end: b'\n', quoting: Quoting::Doubled, spaced: false };

    fn rows_in(bytes: &str, dialect: Dialect) -> Vec<(&str, Option<&'static str>)> {
        Rows::new(bytes.as_bytes(), dialect, 0).map(|row| (&bytes[row.range], row.fault)).collect()
    }

    fn rows(bytes: &str) -> Vec<(&str, Option<&'static str>)> {
        rows_in(bytes, COMMAS)
    }

    fn cells_in(row: &str, dialect: Dialect) -> Vec<String> {
        let mut cells = Vec::new();
        dialect.cells_into(row.as_bytes(), &mut cells);
        cells.iter().map(|cell| cell.decoded(row).into_owned()).collect()
    }

    fn cells(row: &str) -> Vec<String> {
        cells_in(row, COMMAS)
    }

    #[test]
    fn quotes_hold_line_ends_and_delimiters() {
        let found = rows("a,b\r\n\r\n\"one\n\ntwo\",2\n\"say \"\"no\"\", so\",\"\"\r\n5\" disk,x\n\"last\"");
        let expected = ["a,b", "\"one\n\ntwo\",2", "\"say \"\"no\"\", so\",\"\"", "5\" disk,x", "\"last\""];
        assert_eq!(found, expected.map(|row| (row, None)));
        assert_eq!(cells(found[1].0), ["one\n\ntwo", "2"]);
        assert_eq!(cells(found[2].0), ["say \"no\", so", ""]);
        assert_eq!(cells(found[3].0), ["5\" disk", "x"]);
        assert_eq!(cells(found[4].0), ["last"]);
        assert_eq!(cells("a,,\"\","), ["a", "", "", ""]);
        assert_eq!(rows("\"\"\n"), [("\"\"", None)]);
        assert_eq!(rows("\n\n"), []);
    }

    #[test]
    fn a_wrong_quote_costs_its_line() {
        let found = rows("1,\"open\n2,\"two\nlines\"\n3,three\n");
        assert_eq!(found, [("1,\"open", Some(UNDOUBLED)), ("2,\"two\nlines\"", None), ("3,three", None)]);
        assert_eq!(rows("1,\"a\"b\n2,c\n"), [("1,\"a\"b", Some(UNDOUBLED)), ("2,c", None)]);
        let found = rows("1,a\n2,\"never\n3,c\n4,d");
        assert_eq!(found, [("1,a", None), ("2,\"never", Some(UNCLOSED)), ("3,c", None), ("4,d", None)]);
    }

    #[test]
    fn wrong_quotes_are_read_in_linear_time() {
        let line = "x\",\"\n".repeat(200_000);
        let started = std::time::Instant::now();
        assert!(rows(&line).iter().all(|(_, fault)| fault.is_some()));
        assert!(started.elapsed().as_secs() < 20);
    }

    #[test]
    fn backslashes_escape_quotes_and_backslashes() {
        let dialect = Dialect { quoting: Quoting::Escaped, ..COMMAS };
        let table = "1,\"say \\\"no\\\", so\nand \"\"yes\"\"\"\n2,\"ends in \\\\\"\n3,\"\\\"\"\n4,\"C:\\dir\"\n5,a\\\"b";
        let found = rows_in(table, dialect);
        assert!(found.len() == 5 && found.iter().all(|(_, fault)| fault.is_none()), "{found:?}");
        let texts: Vec<String> = found.iter().map(|(row, _)| cells_in(row, dialect).pop().unwrap()).collect();
        assert_eq!(texts, ["say \"no\", so\nand \"yes\"", "ends in \\", "\"", "C:\\dir", "a\\\"b"]);
        assert_eq!(rows_in("1,\"open \\\"\n2,b", dialect), [("1,\"open \\\"", Some(UNCLOSED)), ("2,b", None)]);
    }

    #[test]
    fn spaces_around_quoted_cells_are_skipped() {
        let dialect = Dialect { spaced: true, ..COMMAS };
        let table = "1, \"a, b\" ,  x y\r\n  \"2\",\"c\"  , \"d\ne\" \r\n3,e \"f\" g,  ";
        let found = rows_in(table, dialect);
        assert!(found.len() == 3 && found.iter().all(|(_, fault)| fault.is_none()), "{found:?}");
        let cells: Vec<Vec<String>> = found.iter().map(|(row, _)| cells_in(row, dialect)).collect();
        assert_eq!(cells, [["1", "a, b", "x y"], ["2", "c", "d\ne"], ["3", "e \"f\" g", ""]]);
    }

    #[test]
    fn quotes_may_be_text() {
        let dialect = Dialect { quoting: Quoting::None, ..COMMAS };
        let found = rows_in("1,\"open\r\n\n2,close\"\n3,\"\"", dialect);
        assert_eq!(found, [("1,\"open", None), ("2,close\"", None), ("3,\"\"", None)]);
        assert_eq!(cells_in("\"a,b\",\"\"", dialect), ["\"a", "b\"", "\"\""]);
    }
}
