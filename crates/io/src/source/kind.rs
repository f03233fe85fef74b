//! What it takes to read one record of a file again.

use super::csv::{Table, TableOptions};
use super::endings::ending;
use super::fields::{Fields, Role, same_in_any_case};
use super::format::{Format, says_tabs};
use super::lenient::repaired;
use super::markdown::{CodeFences, FrontMatter, article};
use super::markup::{self, Channel};
use super::outlet::{host_of, outlet_name};
use super::place::{Place, Spelling};
use super::records::{pick_repaired, text_again};
use super::values::shown;
use super::warc;
use std::borrow::Cow;
use std::path::Path;

/// The format of a file, and what its start says of all its records.
#[derive(Clone, Debug)]
pub(super) struct Kind {
    pub(super) format: Format,
    /// Of a table.
    pub(super) table: Option<Table>,
    /// Of a feed, or why it is none.
    pub(super) channel: Option<Result<Channel, String>>,
    /// Of a page: it is XHTML.
    pub(super) is_xhtml: bool,
    /// Of Markdown.
    pub(super) code_fences: CodeFences,
}

/// Names under which front matter says who published an article, where it was published, and when.
const OUTLETS: &[&str] = &["outlet", "source", "publisher", "publication", "site_name", "site"];
const ADDRESSES: &[&str] = &["url", "canonical_url", "canonical", "original_url", "source_url", "link"];
const DATES: &[&str] = &["date", "published", "pubDate", "publishDate", "publish_date", "datePublished", "created"];

impl Kind {
    /// Of a file that holds `bytes`.
    pub(super) fn of(format: Format, bytes: &[u8], path: &Path, fields: &Fields, tables: TableOptions) -> Self {
        let channel = || simdutf8::basic::from_utf8(bytes).map_err(|_| "bytes that are not UTF-8".to_owned()).and_then(Channel::of);
        Self {
            format,
            table: (format == Format::Csv).then(|| Table::of(bytes, says_tabs(path), fields, tables)),
            channel: (format == Format::Feed).then(channel),
            is_xhtml: format == Format::Html && markup::is_xhtml(bytes, ending(path).as_deref()),
            code_fences: CodeFences::default(),
        }
    }

    /// Of a file that is no text.
    pub(super) fn binary() -> Self {
        Self { format: Format::Text, table: None, channel: None, is_xhtml: false, code_fences: CodeFences::default() }
    }

    /// The text of a record from its bytes.
    pub(super) fn text<'r>(&self, fields: &Fields, record: &'r [u8]) -> Option<Cow<'r, str>> {
        match (self.format, &self.table) {
            (_, Some(table)) => table.text_again(record),
            (Format::Jsonl | Format::Json, _) => text_again(fields, record),
            (Format::Warc, _) => warc::text_again(record),
            (Format::Html | Format::Feed, _) => markup::text_again(self.format, self.is_xhtml, record),
            (Format::Markdown, _) => simdutf8::basic::from_utf8(record).ok().map(|text| article(text, self.code_fences)),
            _ => simdutf8::basic::from_utf8(record).ok().map(Cow::Borrowed),
        }
    }

    /// A field of a record as text: by the dotted path to it in JSON, of a column, line or element of its name elsewhere. None where there is none, or
    /// it is no string or number.
    pub(super) fn field(&self, record: &[u8], name: &str) -> Option<String> {
        match (self.format, &self.table) {
            (_, Some(table)) => return table.field(record, name),
            (Format::Warc, _) => return warc::field(record, name),
            (Format::Html | Format::Feed, _) => return markup::field(self.format, record, name),
            (Format::Markdown, _) => return FrontMatter::of(std::str::from_utf8(record).ok()?)?.field(name),
            _ => {}
        }
        Self::field_of(&self.object(record)?, name)
    }

    /// A record of JSON; None for other formats.
    pub(super) fn object(&self, record: &[u8]) -> Option<serde_json::Value> {
        if !matches!(self.format, Format::Jsonl | Format::Json) {
            return None;
        }
        let json = std::str::from_utf8(record).ok()?;
        serde_json::from_str(json).ok().or_else(|| serde_json::from_str(&repaired(json)?.json).ok())
    }

    /// A field of such a record.
    pub(super) fn field_of(value: &serde_json::Value, name: &str) -> Option<String> {
        let path = || name.split('.').try_fold(value, |value, part| member(value, part));
        shown(member(value, name).or_else(path)?)
    }

    /// Who published a record.
    pub(super) fn outlet(&self, fields: &Fields, record: &[u8]) -> Option<String> {
        match (self.format, &self.table) {
            (_, Some(table)) => return table.outlet(record),
            (Format::Warc, _) => return warc::outlet(record, fields),
            (Format::Html, _) => return markup::outlet(record, None),
            (Format::Feed, _) => return markup::outlet(record, Some(self.channel.as_ref()?.as_ref().ok()?)),
            (Format::Markdown, _) => return outlet_of(&FrontMatter::of(std::str::from_utf8(record).ok()?)?, fields),
            (Format::Text | Format::Articles, _) => return None,
            _ => {}
        }
        let json = std::str::from_utf8(record).ok()?;
        pick_repaired(fields, json).ok().and_then(|(picked, _)| picked.outlet.map(String::from))
    }

    /// Where a record that begins at `start` and its text stand.
    pub(super) fn place(&self, record: &[u8], start: u64) -> Option<Place> {
        let whole = start..start + record.len() as u64;
        match (self.format, &self.table) {
            (_, Some(table)) => table.place(record, start),
            (Format::Jsonl | Format::Json, _) => Some(Place::Bytes { record: whole, text: None, spelling: Spelling::Json }),
            (Format::Warc, _) => warc::place(record, start),
            (Format::Html | Format::Feed, _) => Some(markup::place(whole)),
            _ => Some(Place::Bytes { record: whole.clone(), text: Some(whole), spelling: Spelling::Plain }),
        }
    }
}

/// What an object has under a name; exactly so, or else in another case.
fn member<'v>(value: &'v serde_json::Value, name: &str) -> Option<&'v serde_json::Value> {
    let in_other_case = || value.as_object()?.iter().find(|(key, _)| same_in_any_case(key, name)).map(|(_, value)| value);
    value.get(name).or_else(in_other_case)
}

/// The name that the user gave for a field, else the usual ones.
fn names<'n>(fields: &'n Fields, role: Role, usual: &[&'n str]) -> Vec<&'n str> {
    fields.named(role).map_or_else(|| usual.to_vec(), |name| vec![name])
}

/// Who published a Markdown file, as its front matter says; without a name, the host of its address.
fn outlet_of(front: &FrontMatter<'_>, fields: &Fields) -> Option<String> {
    let name = front.first(&names(fields, Role::Outlet, OUTLETS)).map(|name| outlet_name(name.into()).into_owned());
    let host = || ADDRESSES.iter().find_map(|address| host_of(&front.field(address)?));
    name.or_else(|| if fields.named(Role::Outlet).is_none() { host() } else { None })
}

/// When a Markdown file says that it was published, and by whom.
pub(super) fn date_and_outlet(text: &str, fields: &Fields) -> [Option<String>; 2] {
    let Some(front) = FrontMatter::of(text) else { return [None, None] };
    [front.first(&names(fields, Role::Date, DATES)), outlet_of(&front, fields)]
}
