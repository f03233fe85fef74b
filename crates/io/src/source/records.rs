//! Records out of bytes: the lines of a stretch, the values of a JSON file.
//!
//! In: bytes and the fields to pick. Out: records to a visitor, and a problem for each that cannot be read.

use super::fields::{Fields, Picked};
use super::lenient::{Repaired, repaired};
use super::limits::Limits;
use super::lists::ValuePlace;
use super::values::Keys;
use memchr::{memchr, memchr_iter};
use refrain_engine::corpus::Visitor;
use refrain_engine::document::{Locator, Record};
use refrain_engine::error::Problem;
use refrain_engine::problems::Problems;
use std::borrow::Cow;
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
    pub(super) counts: &'a RecordCounts,
    pub(super) limits: &'a Limits,
}

/// Counts of records for the run's messages.
#[derive(Debug, Default)]
pub(super) struct RecordCounts {
    /// Records in which half a surrogate pair was replaced.
    pub(super) half_pairs: AtomicUsize,
    /// Records whose text was made of several strings.
    pub(super) joined: AtomicUsize,
}

/// What comes of the records of a stretch.
pub(super) struct Outcome<V> {
    pub(super) visitor: V,
    pub(super) problems: Problems,
}

/// Where a record stands: its first byte, and the lines before it.
#[derive(Clone, Copy)]
struct Place {
    start: usize,
    line: u64,
}

impl RecordReader<'_> {
    /// Where problems of a stretch are counted.
    pub(super) fn problems(&self) -> Problems {
        Problems::new(self.limits.examples)
    }

    /// The lines that begin in `range`, which begins at 0 or anywhere in a line. Returns the number of lines.
    pub(super) fn lines<V: Visitor>(&self, range: Range<usize>, outcome: &mut Outcome<V>) -> u64 {
        if outcome.visitor.is_done() {
            return 0;
        }
        let line_after = |at: usize| memchr(b'\n', &self.bytes[at..]).map_or(self.bytes.len(), |length| at + length + 1);
        // Looks no further than the range for a line that begins in it: a long line spans many ranges.
        let first = match range.start.checked_sub(1) {
            None => Some(0),
            Some(before) => memchr(b'\n', &self.bytes[before..range.end - 1]).map(|length| before + length + 1),
        };
        let Some(start) = first.filter(|&start| start < range.end) else { return 0 };
        let end = if range.end == self.bytes.len() { range.end } else { line_after(range.end - 1) };
        let whole = simdutf8::basic::from_utf8(&self.bytes[start..end]).ok();
        let mut place = Place { start, line: 0 };
        let mut count = 0;
        for line_end in memchr_iter(b'\n', &self.bytes[start..end]).map(|length| start + length).chain([end]) {
            if line_end > place.start {
                let line = match whole {
                    Some(text) => Some(&text[place.start - start..line_end - start]),
                    None => simdutf8::basic::from_utf8(&self.bytes[place.start..line_end]).ok(),
                };
                count += usize::from(self.record(
                    line.ok_or_else(|| "bytes that are not UTF-8; name the encoding with the setting `encoding`".to_owned()),
                    place,
                    outcome,
                ));
            }
            place = Place { start: line_end + 1, line: place.line + u64::from(line_end < end) };
        }
        self.fields.note_json_records(count);
        place.line + u64::from(self.bytes[end - 1] != b'\n')
    }

    /// The values of a JSON file that stand at `places`.
    pub(super) fn values<V: Visitor>(&self, text: &str, places: &[ValuePlace], outcome: &mut Outcome<V>) {
        let is_record = |place: &&ValuePlace| !place.is_in_graph || self.fields.is_article(&text[place.range.clone()]);
        let records: Vec<&ValuePlace> = places.iter().filter(is_record).collect();
        self.fields.note_json_records(records.len());
        for place in records {
            self.record(Ok(&text[place.range.clone()]), Place { start: place.range.start, line: place.line }, outcome);
        }
    }

    /// Returns false for a line with nothing on it.
    fn record<V: Visitor>(&self, json: Result<&str, String>, place: Place, outcome: &mut Outcome<V>) -> bool {
        let picked = json.and_then(|json| {
            let json = json.trim_ascii_end();
            let length = self.limits.record_length(json.len())?;
            if json.is_empty() { Ok(None) } else { self.pick(json).map(|picked| Some((picked, length))) }
        });
        match picked {
            Ok(None) => return false,
            Ok(Some((Picked { text, is_joined, id, date, outlet }, length))) => {
                let locator = Locator { file: self.file, length, start: (self.base + place.start) as u64 };
                let record = Record { id, text, date, outlet, locator, line: place.line };
                if is_joined {
                    self.counts.joined.fetch_add(1, Ordering::Relaxed);
                    outcome.visitor.page(record);
                } else {
                    outcome.visitor.document(record);
                }
            }
            Err(reason) => outcome.problems.push(Problem { path: self.path.into(), line: place.line + 1, reason }),
        }
        true
    }

    fn pick<'r>(&self, json: &'r str) -> Result<Picked<'r>, String> {
        pick_repaired(self.fields, json).map(|(picked, had_half_pairs)| {
            if had_half_pairs {
                self.counts.half_pairs.fetch_add(1, Ordering::Relaxed);
            }
            picked
        })
    }
}

/// The fields of `json`; a second try after a repair if the first fails. Says whether halves of surrogate pairs were replaced.
pub(super) fn pick_repaired<'r>(fields: &Fields, json: &'r str) -> Result<(Picked<'r>, bool), String> {
    match fields.pick(json) {
        Err(reason) => match repaired(json) {
            Some(Repaired { json, had_half_pairs }) => fields.pick(&json).map(|picked| (picked.into_owned(), had_half_pairs)),
            None => Err(reason),
        },
        Ok(picked) => Ok((picked, false)),
    }
}

/// The text of one record again.
pub(super) fn text_again<'r>(fields: &Fields, json: &'r [u8]) -> Option<Cow<'r, str>> {
    let json = simdutf8::basic::from_utf8(json).ok()?;
    pick_repaired(fields, json).ok().map(|(picked, _)| picked.text)
}

/// Where the JSON string with the text of a record stands in it, quotes included.
pub(super) fn text_place(fields: &Fields, json: &[u8]) -> Option<Range<usize>> {
    let json = simdutf8::basic::from_utf8(json).ok()?;
    // What a repair puts into a record is as long as what it takes out.
    fields.text_place(json).or_else(|| fields.text_place(&repaired(json)?.json))
}

/// The keys of a record, in its order; None if it is no object.
pub fn keys_of(record: &[u8]) -> Option<Vec<String>> {
    let json = simdutf8::basic::from_utf8(record).ok()?;
    let keys: Keys = serde_json::from_str(json).ok().or_else(|| serde_json::from_str(&repaired(json)?.json).ok())?;
    Some(keys.0)
}
