//! Records out of bytes: the lines of a stretch, the values of a JSON file, a whole text.
//!
//! In: bytes and the fields to pick. Out: records to a visitor, and a problem for each that cannot be read.

use super::fields::{Fields, Picked};
use crate::corpus::Visitor;
use crate::document::{Locator, Record};
use crate::error::Problem;
use memchr::{memchr, memchr_iter};
use serde::de::{Deserializer, SeqAccess};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of a stretch: enough to make its bookkeeping small, few enough to keep every core busy to the end.
pub(super) const STRETCH_BYTES: usize = 1 << 20;

/// Equal parts of about [`STRETCH_BYTES`], whatever the number of threads.
pub(super) fn cut(length: usize) -> Vec<Range<usize>> {
    (0..length.div_ceil(STRETCH_BYTES)).map(|n| n * STRETCH_BYTES..length.min((n + 1) * STRETCH_BYTES)).collect()
}

/// Reads the records of one file.
pub(super) struct RecordReader<'a> {
    pub(super) bytes: &'a [u8],
    /// Where `bytes` begin in the file.
    pub(super) base: usize,
    pub(super) file: u32,
    pub(super) path: &'a str,
    pub(super) fields: &'a Fields,
    /// Counts records in which a lone surrogate was replaced.
    pub(super) mended: &'a AtomicUsize,
}

/// What comes of the records of a stretch.
pub(super) struct Outcome<V> {
    pub(super) visitor: V,
    pub(super) problems: Vec<Problem>,
}

/// Where a record stands: its first byte, and the lines before it.
#[derive(Clone, Copy)]
struct Place {
    start: usize,
    line: u64,
}

impl RecordReader<'_> {
    /// The lines that begin in `range`, which begins at 0 or anywhere in a line. Returns the number of lines.
    pub(super) fn lines<V: Visitor>(&self, range: Range<usize>, outcome: &mut Outcome<V>) -> u64 {
        let line_after = |at: usize| memchr(b'\n', &self.bytes[at..]).map_or(self.bytes.len(), |length| at + length + 1);
        let start = if range.start == 0 { 0 } else { line_after(range.start - 1) };
        let end = if range.end == self.bytes.len() { range.end } else { line_after(range.end - 1) };
        if start >= end {
            return 0;
        }
        let whole = simdutf8::basic::from_utf8(&self.bytes[start..end]).ok();
        let mut place = Place { start, line: 0 };
        for line_end in memchr_iter(b'\n', &self.bytes[start..end]).map(|length| start + length).chain([end]) {
            if line_end > place.start {
                let line = match whole {
                    Some(text) => Some(&text[place.start - start..line_end - start]),
                    None => simdutf8::basic::from_utf8(&self.bytes[place.start..line_end]).ok(),
                };
                self.record(
                    line.ok_or_else(|| "bytes that are not UTF-8; name the encoding with the setting `encoding`".to_owned()),
                    place,
                    outcome,
                );
            }
            place = Place { start: line_end + 1, line: place.line + u64::from(line_end < end) };
        }
        place.line + u64::from(self.bytes[end - 1] != b'\n')
    }

    /// The values of a JSON file that stand at `places`.
    pub(super) fn values<V: Visitor>(&self, text: &str, places: &[ValuePlace], outcome: &mut Outcome<V>) {
        for place in places {
            self.record(Ok(&text[place.range.clone()]), Place { start: place.range.start, line: place.line }, outcome);
        }
    }

    fn record<V: Visitor>(&self, json: Result<&str, String>, place: Place, outcome: &mut Outcome<V>) {
        let picked = json.and_then(|json| {
            let json = json.trim_ascii_end();
            let length = u32::try_from(json.len()).map_err(|_| "longer than 4 GiB".to_owned())?;
            if json.is_empty() { Ok(None) } else { self.pick(json).map(|picked| Some((picked, length))) }
        });
        match picked {
            Ok(None) => {}
            Ok(Some((picked, length))) => outcome.visitor.document(Record {
                id: picked.id,
                text: picked.text,
                date: picked.date,
                outlet: picked.outlet,
                locator: Locator { file: self.file, length, start: (self.base + place.start) as u64 },
                line: place.line,
            }),
            Err(reason) => outcome.problems.push(Problem { path: self.path.into(), line: place.line + 1, reason }),
        }
    }

    fn pick<'r>(&self, json: &'r str) -> Result<Picked<'r>, String> {
        pick_mended(self.fields, json).map(|(picked, mended)| {
            self.mended.fetch_add(usize::from(mended), Ordering::Relaxed);
            picked
        })
    }
}

/// The fields of `json`; a second try with lone surrogates replaced if the first fails, which is told.
pub(super) fn pick_mended<'r>(fields: &Fields, json: &'r str) -> Result<(Picked<'r>, bool), String> {
    match fields.pick(json) {
        Err(reason) => match without_lone_surrogates(json) {
            Some(mended) => fields.pick(&mended).map(|picked| (picked.into_owned(), true)),
            None => Err(reason),
        },
        Ok(picked) => Ok((picked, false)),
    }
}

/// `json` with every escape of half a surrogate pair as `\ufffd`; None if there is none.
fn without_lone_surrogates(json: &str) -> Option<String> {
    let unit = |at: usize| json.get(at..at + 6).filter(|e| e.starts_with("\\u")).and_then(|e| u16::from_str_radix(&e[2..], 16).ok());
    let mut mended = String::new();
    let (mut at, mut copied) = (0, 0);
    while let Some(next) = memchr(b'\\', &json.as_bytes()[at..]) {
        at += next;
        let is_pair = |high: u16| (0xD800..0xDC00).contains(&high) && unit(at + 6).is_some_and(|low| (0xDC00..0xE000).contains(&low));
        at += match unit(at) {
            Some(high) if is_pair(high) => 12,
            Some(0xD800..=0xDFFF) => {
                mended.push_str(&json[copied..at]);
                mended.push_str("\\ufffd");
                copied = at + 6;
                6
            }
            _ => 2,
        };
        at = at.min(json.len());
    }
    (copied > 0).then(|| mended + &json[copied..])
}

/// Where a value stands in a JSON file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ValuePlace {
    pub(super) range: Range<usize>,
    /// Lines before it.
    pub(super) line: u64,
}

/// The values of a JSON file, and why the rest could not be read, if so, with its line.
pub(super) struct Values {
    pub(super) places: Vec<ValuePlace>,
    pub(super) broken: Option<(u64, String)>,
}

/// Where the records of a JSON file stand: the elements of an array, or values one after another.
pub(super) fn values_of(json: &str) -> Values {
    let mut ranges = Vec::new();
    let range_of = |value: &RawValue| {
        let start = value.get().as_ptr().addr() - json.as_ptr().addr();
        start..start + value.get().len()
    };
    let error = if json.trim_ascii_start().starts_with('[') {
        let mut reader = serde_json::Deserializer::from_str(json);
        reader.deserialize_seq(Elements(&mut |value| ranges.push(range_of(value)))).and_then(|()| reader.end()).err()
    } else {
        let mut values = serde_json::Deserializer::from_str(json).into_iter::<&RawValue>();
        values.try_for_each(|value| value.map(|value| ranges.push(range_of(value)))).err()
    };
    let (mut at, mut line) = (0, 0);
    let places = ranges.into_iter().map(|range| {
        line += memchr_iter(b'\n', &json.as_bytes()[at..range.start]).count() as u64;
        at = range.start;
        ValuePlace { range, line }
    });
    let cause = |error: &serde_json::Error| error.to_string().split(" at line ").next().unwrap_or_default().to_owned();
    let broken = error.map(|error| (error.line() as u64, format!("not JSON: {}; the rest of the file is left out", cause(&error))));
    Values { places: places.collect(), broken }
}

struct Elements<F>(F);

impl<'de, F: FnMut(&'de RawValue)> serde::de::Visitor<'de> for Elements<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(value) = seq.next_element()? {
            (self.0)(value);
        }
        Ok(())
    }
}

/// The text of one record again.
pub(super) fn text_again<'r>(fields: &Fields, json: &'r [u8]) -> Option<Cow<'r, str>> {
    let json = simdutf8::basic::from_utf8(json).ok()?;
    pick_mended(fields, json).ok().map(|(picked, _)| picked.text)
}

/// Where the JSON string with the text of a record stands in it, quotes included.
pub(super) fn text_place(fields: &Fields, json: &[u8]) -> Option<Range<usize>> {
    let json = simdutf8::basic::from_utf8(json).ok()?;
    // Half a surrogate pair and what is put in its place are equally long.
    fields.text_place(json).or_else(|| fields.text_place(&without_lone_surrogates(json)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_surrogates_are_replaced_and_pairs_left() {
        assert_eq!(
            without_lone_surrogates(r#""\ud83d\ude00 \ud800 \\ud800 \udc00\ud801""#).as_deref(),
            Some(r#""\ud83d\ude00 \ufffd \\ud800 \ufffd\ufffd""#)
        );
        assert_eq!(without_lone_surrogates(r#""\ud83d\ude00 \n é \"#), None);
        assert_eq!(without_lone_surrogates(r"\ud80"), None);
    }

    #[test]
    fn places_of_an_array_and_of_values_in_a_row() {
        let at = |json: &str| {
            let values = values_of(json);
            let found: Vec<(String, u64)> = values.places.into_iter().map(|place| (json[place.range].to_owned(), place.line)).collect();
            (found, values.broken)
        };
        let listed = |values: &[(&str, u64)]| values.iter().map(|&(value, line)| (value.to_owned(), line)).collect::<Vec<_>>();
        assert_eq!(at("[\n{\"a\":1},\n\n 7, [2]\n]"), (listed(&[("{\"a\":1}", 1), ("7", 3), ("[2]", 3)]), None));
        let (found, broken) = at("{\"a\":1}\n{\"b\":\n2} {");
        assert_eq!((found, broken.unwrap().0), (listed(&[("{\"a\":1}", 0), ("{\"b\":\n2}", 1)]), 3));
        let (found, broken) = at("[{\"a\":1}, oops]");
        assert_eq!((found.len(), broken.unwrap().1), (1, "not JSON: expected value; the rest of the file is left out".to_owned()));
    }
}
