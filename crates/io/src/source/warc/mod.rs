//! WARC files: the records of a crawl that hold text.
//!
//! In: the bytes of a file, unpacked. Out: a document for each `conversion` record (a WET file has nothing else but its first record), if asked for
//! one for each HTML page that was fetched, and a problem for each record that is damaged. Other records are counted and passed over.

mod hops;
#[cfg(feature = "html")]
mod page;
#[cfg(not(feature = "html"))]
#[path = "no_page.rs"]
mod page;

use super::fields::{Fields, Role};
use super::outlet::{host_of, outlet_name};
use super::place::{Place, Spelling};
use super::records::{Outcome, RecordReader, STRETCH_BYTES};
use hops::{Header, Hop, Hops, begins_record};
use memchr::memchr_iter;
use rayon::prelude::*;
use refrain_engine::corpus::{Stretch, Visitor};
use refrain_engine::document::{Locator, Record};
use refrain_engine::error::Problem;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::Mutex;
use xxhash_rust::xxh3::xxh3_64;

/// True if the bytes are those of a WARC file.
pub(super) fn is_warc(bytes: &[u8]) -> bool {
    begins_record(bytes)
}

/// Types of records without text, as a message has them.
const OTHER_TYPES: [&str; 7] = ["continuation", "metadata", "request", "resource", "response", "revisit", "warcinfo"];

/// Counts records without text, by file and type, so that a second visit counts none twice.
#[derive(Debug, Default)]
pub(super) struct PassedOver(Mutex<BTreeMap<u32, BTreeMap<&'static str, usize>>>);

impl PassedOver {
    fn note(&self, file: u32, counts: BTreeMap<&'static str, usize>) {
        if let Ok(mut files) = self.0.lock() {
            files.insert(file, counts);
        }
    }

    /// Words for the run's messages.
    pub(super) fn told(&self, pages: Pages) -> Option<String> {
        let files = self.0.lock().ok()?;
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        files.values().flatten().for_each(|(name, count)| *counts.entry(name).or_default() += count);
        let total: usize = counts.values().sum();
        let each: Vec<String> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
        let why = match pages {
            _ if !counts.contains_key("response") => "",
            Pages::LeftOut => "; text is read from conversion records, as in WET files, and with the setting `warc-html` from HTML pages",
            Pages::Read => "; responses are read that have status 200 and are HTML",
        };
        (total > 0).then(|| format!("WARC records left out because they are no text: {total} ({}){why}", each.join(", ")))
    }
}

/// Whether HTML pages are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pages {
    LeftOut,
    Read,
}

/// The documents of a file.
pub(super) fn read<V: Visitor>(
    records: &RecordReader<'_>,
    pages: Pages,
    passed_over: &PassedOver,
    visitor: &(impl Fn() -> V + Sync),
) -> Vec<Stretch<V::Output>> {
    let (mut hops, mut others) = (Vec::new(), BTreeMap::new());
    let mut seen: HashMap<u64, bool> = HashMap::new();
    for hop in Hops::new(records.bytes) {
        if let Ok(header) = &hop.header {
            let is_page =
                || pages == Pages::Read && page::is_page(*header, block_of(&records.bytes[hop.range.clone()]).unwrap_or_default());
            if !is_conversion(header) && !is_page() {
                let name = header.get("WARC-Type").unwrap_or_default();
                let other = OTHER_TYPES.into_iter().find(|other| name.eq_ignore_ascii_case(other));
                *others.entry(other.unwrap_or("of another type")).or_default() += 1;
                continue;
            }
            if let Some(uri) = header.get_bare(URI) {
                seen.entry(xxh3_64(uri.as_bytes())).and_modify(|shared| *shared = true).or_insert(false);
            }
        }
        hops.push(hop);
    }
    passed_over.note(records.file, others);
    let shared: HashSet<u64> = seen.into_iter().filter(|(_, shared)| *shared).map(|(uri, _)| uri).collect();
    let parts = parts(hops, records.bytes.len());
    let stretches = parts.par_iter().map(|part| {
        let mut reader = Reader { records, shared: &shared, outcome: Outcome { visitor: visitor(), problems: records.problems() } };
        reader.outcome.visitor.progress(part.range.len() as u64);
        let lines = reader.read(part);
        let Outcome { visitor, problems } = reader.outcome;
        Stretch { output: visitor.finish(), lines, file: records.file, problems }
    });
    stretches.collect()
}

/// Records that are read in one go, and the bytes from the end of those before.
struct Part<'a> {
    hops: Vec<Hop<'a>>,
    range: Range<usize>,
}

/// Cuts records into parts of about [`STRETCH_BYTES`]; the last goes to the end of the file.
fn parts(hops: Vec<Hop<'_>>, length: usize) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut part = Part { hops: Vec::new(), range: 0..0 };
    for hop in hops {
        part.range.end = hop.range.end;
        part.hops.push(hop);
        if part.range.len() >= STRETCH_BYTES {
            let end = part.range.end;
            parts.push(std::mem::replace(&mut part, Part { hops: Vec::new(), range: end..end }));
        }
    }
    part.range.end = length;
    if !part.range.is_empty() {
        parts.push(part);
    }
    parts
}

const URI: &str = "WARC-Target-URI";
const RECORD_ID: &str = "WARC-Record-ID";
const DATE: &str = "WARC-Date";
const LENGTH: &str = "Content-Length";

/// Reads the records of one stretch.
struct Reader<'r, V> {
    records: &'r RecordReader<'r>,
    /// Hashes of the addresses that several records of the file have.
    shared: &'r HashSet<u64>,
    outcome: Outcome<V>,
}

impl<V: Visitor> Reader<'_, V> {
    /// Hands out the documents of `part`; returns the number of its lines.
    fn read(&mut self, part: &Part<'_>) -> u64 {
        let bytes = self.records.bytes;
        let lines = |range: Range<usize>| memchr_iter(b'\n', &bytes[range]).count() as u64;
        let (mut line, mut at) = (0, part.range.start);
        for hop in &part.hops {
            line += lines(at..hop.range.start);
            at = hop.range.start;
            if let Err(reason) = self.record(hop, line) {
                self.outcome.problems.push(Problem { path: self.records.path.into(), line: line + 1, reason });
            }
        }
        line + lines(at..part.range.end)
    }

    fn record(&mut self, hop: &Hop<'_>, line: u64) -> Result<(), String> {
        let header = hop.header?;
        let record = &self.records.bytes[hop.range.clone()];
        let length = self.records.limits.record_length(record.len())?;
        let text = text_of(header, block_of(record).unwrap_or_default())?;
        let names = Names { header, fields: self.records.fields };
        let document = Record {
            id: names.id(self.shared).map(Cow::Borrowed),
            text,
            date: names.date().map(Cow::Borrowed),
            outlet: names.outlet(),
            locator: Locator { file: self.records.file, length, start: (self.records.base + hop.range.start) as u64 },
            line,
        };
        if is_conversion(&header) {
            self.outcome.visitor.document(document);
        } else {
            self.outcome.visitor.page(document);
        }
        Ok(())
    }
}

/// What a record is called by, and by whom: a line of its header that the user named, if it has it, else the usual ones.
struct Names<'a> {
    header: Header<'a>,
    fields: &'a Fields,
}

impl<'a> Names<'a> {
    fn named(&self, role: Role) -> Option<&'a str> {
        let found = self.header.get_bare(self.fields.named(role)?)?;
        self.fields.note_found(role);
        Some(found)
    }

    /// The address, or the record's own id where several records of the file have that address.
    fn id(&self, shared: &HashSet<u64>) -> Option<&'a str> {
        let uri = || self.header.get_bare(URI).filter(|uri| !shared.contains(&xxh3_64(uri.as_bytes())));
        self.named(Role::Id).or_else(uri).or_else(|| self.header.get_bare(RECORD_ID))
    }

    fn date(&self) -> Option<&'a str> {
        self.named(Role::Date).or_else(|| self.header.get(DATE))
    }

    fn outlet(&self) -> Option<Cow<'a, str>> {
        let host = || self.header.get_bare(URI).and_then(host_of);
        self.named(Role::Outlet).map(|name| outlet_name(Cow::Borrowed(name))).or_else(|| host().map(Cow::Owned))
    }
}

fn block_of(record: &[u8]) -> Option<&[u8]> {
    Header::of(record).map(|(_, block)| &record[block..])
}

fn is_conversion(header: &Header<'_>) -> bool {
    header.get("WARC-Type").is_some_and(|name| name.eq_ignore_ascii_case("conversion"))
}

/// The text of a record that is read: its block, or the page in it.
fn text_of<'a>(header: Header<'_>, block: &'a [u8]) -> Result<Cow<'a, str>, &'static str> {
    if !is_conversion(&header) {
        return page::read(header, block).map(|page| Cow::Owned(page.text));
    }
    simdutf8::basic::from_utf8(block).map(Cow::Borrowed).map_err(|_| "a WARC record with bytes that are not UTF-8")
}

/// The text of a record again.
pub(super) fn text_again(record: &[u8]) -> Option<Cow<'_, str>> {
    let (header, block) = Header::of(record)?;
    text_of(header, &record[block..]).ok()
}

/// Where the record that begins at `start` and its text stand.
pub(super) fn place(record: &[u8], start: u64) -> Option<Place> {
    let (header, block) = Header::of(record)?;
    let end = start + record.len() as u64;
    if !is_conversion(&header) {
        return Some(Place::Bytes { record: start..end, text: None, spelling: Spelling::Markup });
    }
    Some(Place::Bytes { record: start..end, text: Some(start + block as u64..end), spelling: Spelling::Plain })
}

/// The value of a line of a record's header; of a page also its `title`.
pub(super) fn field(record: &[u8], name: &str) -> Option<String> {
    let (header, block) = Header::of(record)?;
    let title = || page::read(header, &record[block..]).ok().and_then(|page| page.title);
    let said = header.get_bare(name).map(String::from);
    said.or_else(|| (name.eq_ignore_ascii_case("title") && !is_conversion(&header)).then(title)?)
}

/// Who published a record.
pub(super) fn outlet(record: &[u8], fields: &Fields) -> Option<String> {
    let (header, _) = Header::of(record)?;
    Names { header, fields }.outlet().map(Cow::into_owned)
}

/// Bytes of the block behind a header; None if that cannot be told.
#[cfg(feature = "compression")]
pub(super) fn block_of_header(header: &[u8]) -> Option<u64> {
    let (lines, _) = Header::of(header).filter(|_| begins_record(header))?;
    lines.get(LENGTH)?.parse().ok()
}

/// Hashes of a record's block, by their names in its header.
const DIGESTS: [&str; 2] = ["WARC-Block-Digest", "WARC-Payload-Digest"];

/// What has to change in the header of a record whose block loses `bytes`: its length, and hashes that would be wrong. Places in the record, in no
/// order, with what comes there.
pub(super) fn header_changes(record: &[u8], bytes: usize) -> Option<Vec<(Range<usize>, String)>> {
    let (header, _) = Header::of(record)?;
    let length: usize = header.get(LENGTH)?.parse().ok()?;
    let mut changes = vec![(header.value_place(LENGTH)?, length.checked_sub(bytes)?.to_string())];
    changes.extend(DIGESTS.iter().flat_map(|name| header.places(name)).map(|line| (line, String::new())));
    Some(changes)
}

#[cfg(test)]
mod tests {
    use super::header_changes;

    #[test]
    fn a_header_that_fits_a_shorter_block() {
        let record = b"WARC/1.0\r\nwarc-block-digest: sha1:A\r\n B\r\nContent-Length:  120 \r\nX: y\r\nWARC-Payload-Digest: c\r\n\r\nblock";
        let mut changes = header_changes(record, 21).unwrap();
        changes.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        let mut changed = String::from_utf8(record.to_vec()).unwrap();
        changes.into_iter().for_each(|(range, by)| changed.replace_range(range, &by));
        assert_eq!(changed, "WARC/1.0\r\nContent-Length:  99 \r\nX: y\r\n\r\nblock");
        assert_eq!(header_changes(record, 121), None);
    }
}
