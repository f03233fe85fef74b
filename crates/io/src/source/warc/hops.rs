//! The records of a WARC file, one after another.
//!
//! In: bytes. Out: where each record and its block stand, and what its header says. A record whose length is wrong is told, and reading
//! goes on at the next line on which a record begins.

use memchr::{memchr, memmem};
use std::ops::Range;

const VERSION: &[u8] = b"WARC/";
/// Line ends behind a block: there should be two. So few are passed over that a damaged file is read in linear time.
const MOST_LINE_ENDS_BYTES: usize = 64;
/// A longer header is none.
const LONGEST_HEADER_BYTES: usize = 1 << 16;

/// True if a record begins here: a line with the version and nothing else.
pub(super) fn begins_record(bytes: &[u8]) -> bool {
    let Some(rest) = bytes.strip_prefix(VERSION) else { return false };
    let digits = rest.iter().take(8).take_while(|&&byte| byte.is_ascii_digit() || byte == b'.').count();
    digits > 0 && matches!(&rest[digits..], [b'\n', ..] | [b'\r', b'\n', ..])
}

/// The named lines of a record's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header<'a> {
    lines: &'a [u8],
    /// Where they begin in the record.
    start: usize,
}

impl<'a> Header<'a> {
    /// The header of the record that begins with `record`, and where its block begins. None if it is not closed by an empty line, or has a
    /// line without a name.
    pub(super) fn of(record: &'a [u8]) -> Option<(Self, usize)> {
        Self::to_empty_line(record, |line| memchr(b':', line).is_some())
    }

    /// The same of an answer over HTTP. Servers send lines without a name, so that they are passed over.
    #[cfg(feature = "html")]
    pub(super) fn of_http(answer: &'a [u8]) -> Option<(Self, usize)> {
        Self::to_empty_line(answer, |_| true)
    }

    fn to_empty_line(record: &'a [u8], accepts: impl Fn(&[u8]) -> bool) -> Option<(Self, usize)> {
        let start = memchr(b'\n', record)? + 1;
        let mut at = start;
        while at - start < LONGEST_HEADER_BYTES {
            let end = at + memchr(b'\n', &record[at..])?;
            match record[at..end].trim_ascii_end() {
                [] => return Some((Self { lines: &record[start..at], start }, end + 1)),
                [b' ' | b'\t', ..] if at > start => {}
                line if accepts(line) => {}
                _ => return None,
            }
            at = end + 1;
        }
        None
    }

    /// What the header says under `name`; None for what is not UTF-8 too.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        let mut lines = self.lines.split(|&byte| byte == b'\n');
        let value = lines.find_map(|line| {
            let colon = memchr(b':', line)?;
            line[..colon].trim_ascii().eq_ignore_ascii_case(name.as_bytes()).then(|| line[colon + 1..].trim_ascii())
        });
        value.and_then(|value| std::str::from_utf8(value).ok()).filter(|value| !value.is_empty())
    }

    /// Where the lines under `name` stand in the record, with their line ends and the lines that go on with them.
    pub(super) fn places(&self, name: &str) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        let (mut at, mut is_meant) = (0, false);
        while at < self.lines.len() {
            let end = memchr(b'\n', &self.lines[at..]).map_or(self.lines.len(), |length| at + length + 1);
            let line = &self.lines[at..end];
            let goes_on = matches!(line, [b' ' | b'\t', ..]);
            if !goes_on {
                is_meant = memchr(b':', line).is_some_and(|colon| line[..colon].trim_ascii().eq_ignore_ascii_case(name.as_bytes()));
            }
            match found.last_mut() {
                Some(last) if goes_on && is_meant => last.end = self.start + end,
                _ if is_meant && !goes_on => found.push(self.start + at..self.start + end),
                _ => {}
            }
            at = end;
        }
        found
    }

    /// Where the value stands in the record that [`Header::get`] reads.
    pub(super) fn value_place(&self, name: &str) -> Option<Range<usize>> {
        let value = self.get(name)?;
        let start = self.start + (value.as_ptr().addr() - self.lines.as_ptr().addr());
        Some(start..start + value.len())
    }

    /// A value that may stand in angle brackets, without them.
    pub(super) fn get_bare(&self, name: &str) -> Option<&'a str> {
        let value = self.get(name)?;
        Some(value.strip_prefix('<').and_then(|value| value.strip_suffix('>')).unwrap_or(value))
    }
}

/// A record, or a stretch of bytes that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hop<'a> {
    /// From the version to the end of the block.
    pub(super) range: Range<usize>,
    /// Its header, or why it cannot be read.
    pub(super) header: Result<Header<'a>, &'static str>,
}

/// Goes from record to record by their lengths.
#[derive(Clone, Debug)]
pub(super) struct Hops<'a> {
    bytes: &'a [u8],
    /// First byte that was not read.
    pub(super) at: usize,
}

impl<'a> Hops<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The record at `start`: its header, and where its block ends.
    ///
    /// # Errors
    /// What is wrong, and where to look for the next record.
    fn record(&self, start: usize) -> Result<(Header<'a>, usize), (&'static str, usize)> {
        let bytes = self.bytes;
        if !begins_record(&bytes[start..]) {
            return Err(("no WARC record begins here", start));
        }
        let (header, block) = Header::of(&bytes[start..]).ok_or(("a WARC header that is damaged or cut", start + VERSION.len()))?;
        let block = start + block;
        let length: Option<usize> = header.get("Content-Length").and_then(|length| length.parse().ok());
        let length = length.ok_or(("a WARC header without a Content-Length", block))?;
        let end = block.checked_add(length).filter(|&end| end <= bytes.len());
        let end = end.ok_or(("a WARC record that is cut, or whose Content-Length is too great", block))?;
        let next = end + line_ends(&bytes[end..]);
        if next < bytes.len() && !begins_record(&bytes[next..]) {
            return Err(("a WARC record whose Content-Length does not lead to the next record", block));
        }
        Ok((header, end))
    }

    /// The next place from `at` on where a line begins a record.
    fn next_record(&self, at: usize) -> usize {
        // A record may begin right at `at`, where a line begins.
        let from = at.saturating_sub(1);
        let found = memmem::find_iter(&self.bytes[from..], b"\nWARC/").map(|length| from + length + 1);
        let mut found = found.filter(|&start| start >= at && begins_record(&self.bytes[start..]));
        found.next().unwrap_or(self.bytes.len())
    }
}

/// Bytes of the line ends at the start.
fn line_ends(bytes: &[u8]) -> usize {
    bytes.iter().take(MOST_LINE_ENDS_BYTES).take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
}

impl<'a> Iterator for Hops<'a> {
    type Item = Hop<'a>;

    fn next(&mut self) -> Option<Hop<'a>> {
        let rest = &self.bytes[self.at..];
        let start = self.at + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if start == self.bytes.len() {
            self.at = start;
            return None;
        }
        match self.record(start) {
            Ok((header, end)) => {
                self.at = end;
                Some(Hop { range: start..end, header: Ok(header) })
            }
            Err((fault, from)) => {
                self.at = self.next_record(from.max(start + 1));
                Some(Hop { range: start..self.at, header: Err(fault) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(length: usize, block: &str) -> String {
        format!("WARC/1.0\r\nWARC-Type: conversion\r\nwarc-target-uri:  <http://a.b/>\r\nContent-Length: {length}\r\n\r\n{block}\r\n\r\n")
    }

    fn hops(bytes: &str) -> Vec<(&str, Option<&'static str>)> {
        Hops::new(bytes.as_bytes()).map(|hop| (&bytes[hop.range], hop.header.err())).collect()
    }

    #[test]
    fn records_follow_one_another_by_their_lengths() {
        let file = record(4, "one\n") + &record(0, "") + &record(18, "x\r\nWARC/1.0\r\n\r\nend").replace("\r\n\r\nWARC", "\n\nWARC");
        let found = hops(&file);
        assert_eq!(found.len(), 3);
        assert!(found.iter().all(|(_, fault)| fault.is_none()), "{found:?}");
        assert!(found[0].0.ends_with("\r\n\r\none\n") && found[2].0.ends_with("end"));
        let (header, block) = Header::of(file.as_bytes()).unwrap();
        assert_eq!((header.get("WARC-TYPE"), header.get_bare("WARC-Target-URI")), (Some("conversion"), Some("http://a.b/")));
        assert_eq!(&file[block..block + 4], "one\n");
        assert_eq!(hops("\r\n"), []);
    }

    #[test]
    fn a_wrong_length_costs_its_record() {
        let good = record(4, "good");
        for length in [3, 5, 40, 400, usize::MAX] {
            let file = format!("{good}{}{good}", record(length, "a wrong length"));
            let found: Vec<bool> = hops(&file).iter().map(|(_, fault)| fault.is_some()).collect();
            assert_eq!(found, [false, true, false], "{length}");
        }
        let cut = record(14, "a cut record..");
        assert!(hops(&cut[..cut.len() - 8])[0].1.unwrap().contains("cut"));
        assert!(hops(&cut[..30])[0].1.unwrap().contains("header"));
        assert_eq!(hops("no such file\n").len(), 1);
        assert_eq!(hops(&format!("junk\n{good}")).len(), 2);
    }
}
