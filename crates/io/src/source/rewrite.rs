//! Where records and stretches of their texts stand in the bytes of the file that they came from.
//!
//! In: locators, and byte ranges of texts as they were handed out. Out: byte ranges of the unpacked file, such that the file without them is the
//! file without those records and stretches. Always exact: what cannot be told exactly is an error. A new format answers two questions:
//! [`Layout::whole_record`] and [`Layout::in_content`].

use super::HtmlFields;
use super::compression::Compression;
use super::content::Content;
use super::encoded::places_in;
use super::encoding::Charset;
use super::fields::Fields;
use super::files::FileCorpus;
use super::format::Format;
use super::kind::Kind;
use super::lists::values_of;
use super::literal::places_in_literal;
use super::opened::Opened;
use super::parquet::Texts;
use super::place::Place;
use super::records::text_place;
use super::warc;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use refrain_engine::document::Locator;
use refrain_engine::error::{Error, Result};
use std::ops::{Deref, Range};
use std::path::Path;

/// A file as it lies there, and as it was read.
pub struct Original<'c> {
    /// As it was read: UTF-8, or lines of which some are not.
    opened: Held<'c>,
    /// The unpacked bytes, where reading them took decoding.
    undecoded: Option<Content>,
    compression: Option<Compression>,
    path: &'c Path,
    fields: &'c Fields,
    html_fields: HtmlFields,
    /// Of a Parquet file.
    texts: Option<&'c Texts>,
}

/// A file that is kept, or was read again.
pub(super) enum Held<'c> {
    Kept(&'c Opened),
    Again(Box<Opened>),
}

impl Deref for Held<'_> {
    type Target = Opened;

    fn deref(&self) -> &Opened {
        match self {
            Self::Kept(opened) => opened,
            Self::Again(opened) => opened,
        }
    }
}

impl FileCorpus {
    /// A file again, for what is to be taken from it.
    ///
    /// # Errors
    /// It is gone, or cannot be read again because it was standard input in another encoding.
    pub fn original(&self, file: u32) -> Result<Original<'_>> {
        let number = file as usize;
        let path = self.path(number);
        let texts = self.texts(number);
        if texts.is_some() && FileCorpus::is_stream(path) {
            return Err(Error::CannotCleanFromPipe { path: path.into(), format: "Parquet" });
        }
        let opened = match self.kept(number) {
            Some(opened) => Held::Kept(opened),
            None => Held::Again(Box::new(self.load(number)?)),
        };
        let undecoded = match opened.decoded {
            Some(charset) if FileCorpus::is_stream(path) => return Err(Error::Reencode { path: path.into(), encoding: charset.name() }),
            Some(_) => Some(self.bytes_of(path)?.0),
            None if opened.binary.is_some() => Some(self.bytes_of(path)?.0),
            None => None,
        };
        let compression = if FileCorpus::is_stream(path) { None } else { Compression::of_file(path)? };
        Ok(Original { opened, undecoded, compression, path, fields: self.fields(), html_fields: self.html_fields(), texts })
    }
}

impl Original<'_> {
    /// The unpacked bytes, byte-order mark and all.
    pub fn bytes(&self) -> &[u8] {
        self.undecoded.as_ref().map_or(&self.opened.content, |content| content)
    }

    /// Whether [`Self::bytes`] are those of the file itself, which another program may write to.
    pub fn is_mapped(&self) -> bool {
        self.undecoded.is_none() && self.opened.plain && matches!(self.opened.content, Content::Mapped(_))
    }

    /// How the file is packed.
    pub fn compression(&self) -> Option<Compression> {
        self.compression
    }

    /// What kind of records it holds.
    pub fn format(&self) -> Format {
        self.opened.kind.format
    }

    /// Where its records stand.
    pub fn layout(&self) -> Layout<'_> {
        let content: &[u8] = &self.opened.content;
        let (kind, start) = (&self.opened.kind, self.opened.start);
        Layout { content, start, kind, fields: self.fields, html_fields: self.html_fields, path: self.path, texts: self.texts }
    }

    /// What stands in ranges that [`Layout`] gave and [`Original::in_bytes`] led to.
    pub fn removed(&self, range: &Range<usize>) -> Option<&[u8]> {
        match self.texts {
            Some(texts) => texts.joined(range.start as u64..range.end as u64),
            None => self.bytes().get(range.clone()),
        }
    }

    /// The texts of a Parquet file.
    #[cfg(feature = "parquet")]
    pub fn texts(&self) -> Option<&Texts> {
        self.texts
    }

    /// Bytes that are counted: all, or those of the texts where no others are looked at.
    pub fn length(&self) -> u64 {
        self.texts.map_or(self.bytes().len() as u64, Texts::length)
    }

    /// Where the text of a row begins among all texts of a Parquet file; None for other files.
    pub fn row_start(&self, locator: Locator) -> Option<u64> {
        self.texts?.start(locator.start)
    }

    /// Ranges of the content as it was read, ascending and apart, as ranges of [`Original::bytes`].
    ///
    /// # Errors
    /// [`Error::Reencode`] if the file does not come back to the same bytes when its text is encoded again.
    pub fn in_bytes(&self, ranges: &[Range<usize>]) -> Result<Vec<Range<usize>>> {
        let Some(charset) = self.opened.decoded else { return Ok(ranges.to_vec()) };
        if ranges.is_empty() {
            return Ok(Vec::new());
        }
        let refused = || Error::Reencode { path: self.path.into(), encoding: charset.name() };
        let text = std::str::from_utf8(&self.opened.content).map_err(|_| refused())?;
        let edges: Vec<usize> = ranges.iter().flat_map(|range| [range.start, range.end]).collect();
        let mark = match charset {
            Charset::Web(encoding) => {
                Encoding::for_bom(self.bytes()).filter(|(by_mark, _)| *by_mark == encoding).map_or(0, |(_, length)| length)
            }
            Charset::Utf32(order) => order.mark_bytes(self.bytes()),
        };
        let places = places_in(text, &self.bytes()[mark..], charset, &edges).ok_or_else(refused)?;
        Ok(places.chunks_exact(2).map(|edge| mark + edge[0]..mark + edge[1]).collect())
    }
}

impl Original<'_> {
    /// `json` as it is put into the file: as it stands, or without a character that its encoding may not have.
    pub fn encoded(&self, json: &str) -> Vec<u8> {
        let Some(charset) = self.opened.decoded else { return json.as_bytes().to_vec() };
        let mut ascii = String::with_capacity(json.len());
        for c in json.chars() {
            if c.is_ascii() {
                ascii.push(c);
            } else {
                // Characters beyond ASCII stand in strings alone.
                c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| ascii += &format!("\\u{unit:04x}"));
            }
        }
        match charset {
            Charset::Utf32(order) => ascii.chars().flat_map(|c| order.bytes(c)).collect(),
            Charset::Web(encoding) if encoding == UTF_16LE => ascii.bytes().flat_map(|byte| [byte, 0]).collect(),
            Charset::Web(encoding) if encoding == UTF_16BE => ascii.bytes().flat_map(|byte| [0, byte]).collect(),
            Charset::Web(_) => ascii.into_bytes(),
        }
    }
}

/// Where the records of a file stand in its content as it was read.
#[derive(Clone, Copy)]
pub struct Layout<'a> {
    pub(super) content: &'a [u8],
    /// After the byte-order mark.
    pub(super) start: usize,
    pub(super) kind: &'a Kind,
    pub(super) fields: &'a Fields,
    pub(super) html_fields: HtmlFields,
    pub(super) path: &'a Path,
    /// Of a Parquet file: its content is that they stand one after another.
    pub(super) texts: Option<&'a Texts>,
}

impl Layout<'_> {
    /// The file is not what it was.
    pub fn changed(&self) -> Error {
        Error::Changed { path: self.path.into() }
    }

    /// Bytes of the content.
    pub fn length(&self) -> usize {
        self.texts.map_or(self.content.len(), |texts| usize::try_from(texts.length()).unwrap_or(usize::MAX))
    }

    /// The bytes of a record.
    ///
    /// # Errors
    /// [`Error::Changed`].
    pub fn record(&self, locator: Locator) -> Result<&[u8]> {
        let start = usize::try_from(locator.start).map_err(|_| self.changed())?;
        start.checked_add(locator.length as usize).and_then(|end| self.content.get(start..end)).ok_or_else(|| self.changed())
    }

    /// For each of `records`, which ascend, what goes with it when it goes: a line with its end, an element of an array with a comma.
    ///
    /// # Errors
    /// [`Error::Changed`].
    pub fn whole_records(&self, records: &[Locator]) -> Result<Vec<Range<usize>>> {
        match self.kind.format {
            Format::Text | Format::Markdown | Format::Html => Ok(records.iter().map(|_| 0..self.content.len()).collect()),
            Format::Articles => records.iter().map(|&record| self.place(record)).collect(),
            Format::Jsonl => records.iter().map(|&record| self.whole_line(record)).collect(),
            Format::Json if records.is_empty() => Ok(Vec::new()),
            Format::Json => self.whole_elements(records),
            Format::Csv => records.iter().map(|&record| self.whole_row(record)).collect(),
            Format::Warc | Format::Feed => records.iter().map(|&record| self.with_blank(record)).collect(),
            Format::Parquet => records.iter().map(|&record| self.row(record)).collect(),
        }
    }

    fn whole_line(&self, locator: Locator) -> Result<Range<usize>> {
        let start = usize::try_from(locator.start).map_err(|_| self.changed())?;
        let after = start + locator.length as usize;
        let rest = self.content.get(after..).ok_or_else(|| self.changed())?;
        Ok(start..memchr::memchr(b'\n', rest).map_or(self.content.len(), |length| after + length + 1))
    }

    /// Where a record stands.
    fn place(&self, locator: Locator) -> Result<Range<usize>> {
        let start = usize::try_from(locator.start).map_err(|_| self.changed())?;
        let end = start.checked_add(locator.length as usize).filter(|&end| end <= self.content.len());
        end.map(|end| start..end).ok_or_else(|| self.changed())
    }

    /// A row with its line end.
    fn whole_row(&self, locator: Locator) -> Result<Range<usize>> {
        let Range { start, end } = self.place(locator)?;
        let table = self.kind.table.as_ref().ok_or_else(|| self.changed())?;
        Ok(start..table.row_end(self.content, end))
    }

    /// A record of a crawl, or an item of a feed, with the line ends between it and the next one.
    fn with_blank(&self, locator: Locator) -> Result<Range<usize>> {
        let Range { start, end } = self.place(locator)?;
        let blank = self.content[end..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        Ok(start..end + blank)
    }

    /// The text of a row among all texts of a Parquet file.
    fn row(&self, locator: Locator) -> Result<Range<usize>> {
        let start = self.texts.and_then(|texts| texts.start(locator.start)).and_then(|start| usize::try_from(start).ok());
        start.map(|start| start..start + locator.length as usize).ok_or_else(|| self.changed())
    }

    fn whole_elements(&self, records: &[Locator]) -> Result<Vec<Range<usize>>> {
        let text = std::str::from_utf8(&self.content[self.start..]).map_err(|_| self.changed())?;
        let is_dropped = |place: &Range<usize>| records.binary_search_by_key(&(place.start as u64), |record| record.start).is_ok();
        let mut found = Vec::with_capacity(records.len());
        for list in values_of(text, self.fields).places.chunk_by(|x, y| x.list == y.list) {
            let places: Vec<Range<usize>> = list.iter().map(|place| self.start + place.range.start..self.start + place.range.end).collect();
            let mut any_stays = false;
            for (at, place) in places.iter().enumerate() {
                if !is_dropped(place) {
                    any_stays = true;
                } else if any_stays {
                    found.push(places[at - 1].end..place.end);
                } else {
                    found.push(place.start..places.get(at + 1).map_or(place.end, |next| next.start));
                }
            }
        }
        if found.len() == records.len() { Ok(found) } else { Err(self.changed()) }
    }

    /// Byte ranges of a record's text, ascending and apart, as ranges of the content.
    ///
    /// # Errors
    /// [`Error::Changed`].
    pub fn in_content(&self, locator: Locator, ranges: &[Range<usize>]) -> Result<Vec<Range<usize>>> {
        let ranges = &*self.in_field(locator, ranges)?;
        let start = usize::try_from(locator.start).map_err(|_| self.changed())?;
        match self.kind.format {
            Format::Text | Format::Markdown | Format::Articles => {
                return Ok(ranges.iter().map(|range| start + range.start..start + range.end).collect());
            }
            // Their texts are removed as a whole.
            Format::Html | Format::Feed => return if ranges.is_empty() { Ok(Vec::new()) } else { Err(self.changed()) },
            Format::Csv | Format::Warc => return self.in_spelling(self.record(locator)?, locator.start, ranges),
            Format::Parquet => {
                let row = self.row(locator)?;
                return Ok(ranges.iter().map(|range| row.start + range.start..row.start + range.end).collect());
            }
            Format::Jsonl | Format::Json => {}
        }
        let record = self.record(locator)?;
        let literal = text_place(self.fields, record).ok_or_else(|| self.changed())?;
        let edges: Vec<usize> = ranges.iter().flat_map(|range| [range.start, range.end]).collect();
        let inside = &record[literal.start + 1..literal.end - 1];
        let places = places_in_literal(inside, &edges).ok_or_else(|| self.changed())?;
        let base = start + literal.start + 1;
        Ok(places.chunks_exact(2).map(|edge| base + edge[0]..base + edge[1]).collect())
    }

    /// What else has to change in a record that loses `cuts`, which [`Layout::in_content`] gave, to be a record still: the length that its header says,
    /// quotes around what now begins with one. Ranges of the content in no order, with what comes there.
    ///
    /// # Errors
    /// [`Error::Changed`].
    pub fn consequences(&self, locator: Locator, cuts: &[Range<usize>]) -> Result<Vec<(Range<usize>, String)>> {
        if self.texts.is_some() {
            return Ok(Vec::new());
        }
        let Range { start, end } = self.place(locator)?;
        let record = &self.content[start..end];
        let found = match (self.kind.format, &self.kind.table) {
            (Format::Warc, _) => warc::header_changes(record, cuts.iter().map(Range::len).sum()),
            (_, Some(table)) => {
                let inside: Vec<Range<usize>> = cuts.iter().map(|cut| cut.start - start..cut.end - start).collect();
                table.quotes(record, &inside)
            }
            _ => Some(Vec::new()),
        };
        let found = found.ok_or_else(|| self.changed())?;
        Ok(found.into_iter().map(|(range, put)| (start + range.start..start + range.end, put)).collect())
    }

    /// Says whether a record may get a field more.
    ///
    /// # Errors
    /// It may not in this format.
    pub fn has_fields(&self) -> Result<()> {
        let reason = match self.kind.format {
            Format::Warc => "the records of a crawl have no place for a field",
            Format::Feed => "the items of a feed have no place for a field",
            _ => return Ok(()),
        };
        let reason =
            format!("{}: {reason}; convert the file to JSONL and annotate that, or clean it without annotating", self.path.display());
        Err(Error::Config { setting: "annotate", reason })
    }

    /// Where the field `name` is put into the records of `values`, which ascend, and what is put there. `values` are JSON.
    ///
    /// # Errors
    /// A format without a place for it; a table that has it; [`Error::Changed`].
    pub fn field_more(&self, names: &[&str], values: &[(Locator, Vec<String>)]) -> Result<Vec<(Range<usize>, String)>> {
        let refused = |reason: String| Error::Config { setting: "annotate", reason: format!("{}: {reason}", self.path.display()) };
        self.has_fields()?;
        match (self.kind.format, &self.kind.table) {
            (_, Some(table)) => {
                let mut values = values.iter().map(|(locator, value)| (locator.start, value)).peekable();
                let value = |start: usize| values.next_if(|(at, _)| *at == (self.start + start) as u64).map(|(_, value)| value.clone());
                let found = table.more_columns(&self.content[self.start..], names, value).map_err(refused)?;
                Ok(found.into_iter().map(|(range, put)| (self.start + range.start..self.start + range.end, put)).collect())
            }
            (Format::Json | Format::Jsonl, _) => {
                let place = |(locator, values): &(Locator, Vec<String>)| {
                    let Range { end, .. } = self.place(*locator)?;
                    let is_object = self.content[..end].last() == Some(&b'}');
                    is_object.then(|| (end - 1..end - 1, format!(",\"{}\":{}", names[0], values[0]))).ok_or_else(|| self.changed())
                };
                values.iter().map(place).collect()
            }
            _ => Err(self.changed()),
        }
    }

    /// The same where the text is a part of the record, in some spelling.
    fn in_spelling(&self, record: &[u8], start: u64, ranges: &[Range<usize>]) -> Result<Vec<Range<usize>>> {
        let Some(Place::Bytes { text: Some(text), spelling, .. }) = self.kind.place(record, start) else { return Err(self.changed()) };
        let [from, to] = [text.start, text.end].map(|edge| usize::try_from(edge).unwrap_or(usize::MAX));
        let written = self.content.get(from..to).and_then(|bytes| std::str::from_utf8(bytes).ok()).ok_or_else(|| self.changed())?;
        let place = |edge: usize| spelling.written_at(written, edge).map(|at| from + at).ok_or_else(|| self.changed());
        ranges.iter().map(|range| Ok(place(range.start)?..place(range.end)?)).collect()
    }
}
