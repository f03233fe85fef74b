//! The rows of a table and the cells of a row, as RFC 4180 has them.
//!
//! In: bytes and what parts them. Out: where rows and cells stand. Nothing is copied but a cell with doubled quotes. A quote that is wrong
//! costs the line it stands on: reading goes on at the next one.

use memchr::{memchr, memchr2};
use std::borrow::Cow;
use std::ops::Range;

const QUOTE: u8 = b'"';

/// What parts the cells and the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    /// The last byte of a line: a line feed, or a carriage return in files that have no other.
    pub(super) line_end: u8,
}

/// Where a row stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Without its line end.
    pub(super) range: Range<usize>,
    /// Why it cannot be read.
    pub(super) fault: Option<&'static str>,
}

const UNCLOSED: &str = "a quote that opens a field is not closed";
const UNDOUBLED: &str = "a quote inside a quoted field is not doubled";

/// Rows one after another; lines without anything on them are passed over.
///
/// Each byte is looked at twice at most: what a wrong quote made unreadable is read again line by line, with quoted fields that end on
/// their line.
#[derive(Clone, Debug)]
pub(super) struct Rows<'a> {
    bytes: &'a [u8],
    dialect: Dialect,
    /// First byte that was not read.
    pub(super) at: usize,
    /// A quoted field that opens before this place ends on its line.
    confined_until: usize,
}

impl<'a> Rows<'a> {
    /// The rows from `at` on, where a row begins.
    pub(super) fn new(bytes: &'a [u8], dialect: Dialect, at: usize) -> Self {
        Self { bytes, dialect, at, confined_until: at }
    }

    /// The place after the quoted field that opens at `open`.
    ///
    /// # Errors
    /// What is wrong with it, and where that shows.
    fn close(&self, open: usize) -> Result<usize, (&'static str, usize)> {
        let confined = open < self.confined_until;
        let bytes = if confined { &self.bytes[..self.line_end_after(open)] } else { self.bytes };
        let mut at = open + 1;
        while let Some(length) = memchr(QUOTE, &bytes[at..]) {
            let quote = at + length;
            let ends_line = |at: usize| bytes.get(at).is_none_or(|&byte| byte == self.dialect.line_end);
            match bytes.get(quote + 1) {
                Some(&QUOTE) => at = quote + 2,
                Some(&next) if next == self.dialect.delimiter => return Ok(quote + 1),
                Some(b'\r') if ends_line(quote + 2) => return Ok(quote + 1),
                _ if ends_line(quote + 1) => return Ok(quote + 1),
                _ => return Err((UNDOUBLED, quote)),
            }
        }
        Err((UNCLOSED, bytes.len()))
    }

    fn line_end_after(&self, at: usize) -> usize {
        memchr(self.dialect.line_end, &self.bytes[at..]).map_or(self.bytes.len(), |length| at + length)
    }

    /// The row whose line ends at `end`.
    fn finish(&mut self, start: usize, end: usize, fault: Option<&'static str>) -> Row {
        self.at = self.bytes.len().min(end + 1);
        let carriage_return = end > start && self.dialect.line_end == b'\n' && self.bytes[end - 1] == b'\r';
        Row { range: start..end - usize::from(carriage_return), fault }
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
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
            let opens = found == start || self.bytes[found - 1] == self.dialect.delimiter;
            at = match opens.then(|| self.close(found)) {
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

/// Where a cell stands in its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// What it holds, without its quotes.
    pub(super) range: Range<usize>,
    /// It stands in quotes, so two quotes inside are one.
    pub(super) quoted: bool,
}

impl Cell {
    /// What the cell of `row` says.
    pub(super) fn decoded<'r>(&self, row: &'r str) -> Cow<'r, str> {
        let held = row.get(self.range.clone()).unwrap_or_default();
        if self.quoted && held.contains('"') { Cow::Owned(held.replace("\"\"", "\"")) } else { Cow::Borrowed(held) }
    }
}

/// The cells of a row without fault, into `cells`.
pub(super) fn cells_into(row: &[u8], delimiter: u8, cells: &mut Vec<Cell>) {
    cells.clear();
    let mut start = 0;
    loop {
        let quoted = row.get(start) == Some(&QUOTE);
        let end = if quoted { closing_quote(row, start + 1) } else { until(delimiter, row, start) };
        cells.push(Cell { range: start + usize::from(quoted)..end, quoted });
        let after = end + usize::from(quoted);
        if after >= row.len() {
            return;
        }
        start = after + 1;
    }
}

fn until(byte: u8, row: &[u8], at: usize) -> usize {
    memchr(byte, &row[at..]).map_or(row.len(), |length| at + length)
}

/// The next quote from `at` on that is not doubled.
fn closing_quote(row: &[u8], mut at: usize) -> usize {
    loop {
        let quote = until(QUOTE, row, at);
        if row.get(quote + 1) != Some(&QUOTE) {
            return quote;
        }
        at = quote + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAS: Dialect = Dialect { delimiter: b',', line_end: b'\n' };

    fn rows(bytes: &str) -> Vec<(&str, Option<&'static str>)> {
        Rows::new(bytes.as_bytes(), COMMAS, 0).map(|row| (&bytes[row.range], row.fault)).collect()
    }

    fn cells(row: &str) -> Vec<String> {
        let mut cells = Vec::new();
        cells_into(row.as_bytes(), b',', &mut cells);
        cells.iter().map(|cell| cell.decoded(row).into_owned()).collect()
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
}
