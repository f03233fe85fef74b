//! Lines of findings and labels, with their numbers.
//!
//! In: a reader and its name. Out: lines without their ends, blank ones and a byte-order mark left out. One buffer serves all lines.

use refrain_engine::error::{Error, Problem, Result};
use serde::Deserialize;
use std::io::BufRead;

/// What editors of some systems put before the first line.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads lines, and knows what to call them in an error.
pub(super) struct Lines<'a, R> {
    input: R,
    name: &'a str,
    buffer: Vec<u8>,
    number: u64,
}

impl<'a, R: BufRead> Lines<'a, R> {
    pub(super) fn new(input: R, name: &'a str) -> Self {
        Self { input, name, buffer: Vec::new(), number: 0 }
    }

    /// The next line that is not blank, as it stands in the file but for its end.
    ///
    /// # Errors
    /// What the reader says, with its name.
    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>> {
        loop {
            self.buffer.clear();
            let read = self.input.read_until(b'\n', &mut self.buffer);
            if read.map_err(|cause| Error::Io { path: self.name.into(), cause })? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if self.number == 1 && self.buffer.starts_with(BYTE_ORDER_MARK) {
                self.buffer.drain(..BYTE_ORDER_MARK.len());
            }
            if !self.buffer.trim_ascii().is_empty() {
                let end = self.buffer.iter().rposition(|byte| !b"\r\n".contains(byte)).map_or(0, |last| last + 1);
                return Ok(Some(Line { bytes: &self.buffer[..end], name: self.name, number: self.number }));
            }
        }
    }
}

/// A line and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) name: &'a str,
    /// From 1.
    pub(super) number: u64,
}

impl<'a> Line<'a> {
    /// The error that this line is.
    pub(super) fn wrong(&self, reason: impl Into<String>) -> Error {
        wrong_line(self.name, self.number, reason)
    }

    /// The line as text.
    ///
    /// # Errors
    /// It is not UTF-8.
    pub(super) fn text(&self) -> Result<&'a str> {
        std::str::from_utf8(self.bytes).map_err(|_| self.wrong("not UTF-8; convert the file"))
    }

    /// The line as a JSON value. `wanted` says what the file should be.
    ///
    /// # Errors
    /// It is not JSON, or lacks a field.
    pub(super) fn json<T: Deserialize<'a>>(&self, wanted: &str) -> Result<T> {
        serde_json::from_slice(self.bytes).map_err(|error| {
            // The line number that the parser gives is that inside the line.
            let words = error.to_string();
            let cause = words.split(" at line ").next().unwrap_or_default();
            let reason = if error.is_data() { cause.to_owned() } else { format!("not JSON: {cause} at column {}", error.column()) };
            self.wrong(format!("{reason}; {wanted}"))
        })
    }
}

/// An error on line `number` of the file `name`; 0 is the whole file.
pub(super) fn wrong_line(name: &str, number: u64, reason: impl Into<String>) -> Error {
    Error::Record(Problem { path: name.to_owned(), line: number, reason: reason.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_numbers() {
        let mut lines = Lines::new(&b"\xEF\xBB\xBFa\tb\r\n\n \nc"[..], "x");
        let first = lines.next().unwrap().unwrap();
        assert_eq!((first.bytes, first.number), (&b"a\tb"[..], 1));
        let second = lines.next().unwrap().unwrap();
        assert_eq!((second.bytes, second.number), (&b"c"[..], 4));
        assert!(lines.next().unwrap().is_none());
    }

    #[test]
    fn errors_say_where_and_what() {
        let line = Line { bytes: br#"{"a":1}"#, name: "x.jsonl", number: 7 };
        let wanted = "wanted findings";
        assert_eq!(
            line.json::<String>(wanted).unwrap_err().to_string(),
            "x.jsonl:7: invalid type: map, expected a string; wanted findings"
        );
        let cut = Line { bytes: br#"{"a":"#, ..line };
        let said = cut.json::<serde_json::Value>(wanted).unwrap_err().to_string();
        assert_eq!(said, "x.jsonl:7: not JSON: EOF while parsing a value at column 5; wanted findings");
        assert_eq!(Line { bytes: b"\xFF", ..line }.text().unwrap_err().to_string(), "x.jsonl:7: not UTF-8; convert the file");
    }
}
