//! HTML pages, feeds, and HTML inside fields, made into text.
//!
//! In: the decoded content of a file, or a field. Out: texts, and what pages and items say of themselves. A text that is made from markup is not a part
//! of its file: it is handed out as [`refrain_engine::corpus::Visitor::page`], is removed as a whole or not at all, and offsets are into the text.

mod declared;
mod feed;
mod field;
mod metadata;
mod page;

use super::format::Format;
use super::place::{Place, Spelling};
use super::ranges;
use super::records::RecordReader;
pub(super) use declared::{charset_of, declared};
use encoding_rs::{Encoding, UTF_8};
pub(super) use feed::Channel;
use feed::Item;
pub(super) use field::{FieldText, field_text};
pub(super) use page::Page;
use refrain_engine::corpus::{Stretch, Visitor};
use refrain_engine::document::{Locator, Record};
use refrain_engine::error::Problem;
use std::borrow::Cow;
use std::ops::Range;

/// The encoding that a file declares inside itself. A file that is UTF-8, and not ASCII alone, is UTF-8 whatever it declares: such were converted.
pub(super) fn declared_inside(format: Format, bytes: &[u8]) -> Option<&'static Encoding> {
    let declared = match format {
        Format::Html => declared(bytes),
        Format::Feed => declared::declared_in_xml_of(bytes),
        _ => None,
    };
    let is_utf8 = || !bytes.is_ascii() && simdutf8::basic::from_utf8(bytes).is_ok();
    declared.map(|encoding| if encoding != UTF_8 && is_utf8() { UTF_8 } else { encoding })
}

/// Hands out the page that a file is; `xml` if it is XHTML.
pub(super) fn read_page<V: Visitor>(records: &RecordReader<'_>, markup: &str, xml: bool, mut visitor: V) -> Stretch<V::Output> {
    let length = records.limits.record_length(markup.len());
    let mut problems = records.problems();
    match length {
        Ok(length) => {
            let page = Page::of(markup, xml);
            visitor.page(Record {
                id: Some(Cow::Borrowed(records.path)),
                text: Cow::Owned(page.text),
                date: page.metadata.date().map(Cow::Borrowed),
                outlet: page.metadata.outlet(),
                locator: Locator { file: records.file, length, start: records.base as u64 },
                line: 0,
            });
        }
        Err(reason) => problems.push(Problem { path: records.path.into(), line: 0, reason }),
    }
    visitor.progress(markup.len() as u64);
    Stretch { output: visitor.finish(), lines: 0, file: records.file, problems }
}

/// Hands out the items of a feed.
pub(super) fn read_feed<V: Visitor>(
    records: &RecordReader<'_>,
    text: &str,
    channel: &Result<Channel, String>,
    visitor: &(impl Fn() -> V + Sync),
) -> Vec<Stretch<V::Output>> {
    let channel = match channel {
        Ok(channel) => channel,
        Err(reason) => {
            let problem = Problem { path: records.path.into(), line: 0, reason: reason.clone() };
            return vec![Stretch { output: visitor().finish(), lines: 0, file: records.file, problems: problem.into() }];
        }
    };
    ranges::read(records, text, &channel.items, visitor, |visitor, text, locator, line| {
        let item = Item::of(text);
        visitor.page(Record {
            id: item.id().map(Cow::Owned),
            text: Cow::Owned(item.text()),
            date: item.date().map(Cow::Owned),
            outlet: item.outlet(channel).map(Cow::Owned),
            locator,
            line,
        });
    })
}

/// The text of a page or an item again.
pub(super) fn text_again(format: Format, xml: bool, record: &[u8]) -> Option<Cow<'_, str>> {
    let markup = simdutf8::basic::from_utf8(record).ok()?;
    Some(Cow::Owned(if format == Format::Feed { Item::of(markup).text() } else { Page::of(markup, xml).text }))
}

/// What a page or an item says under a name.
pub(super) fn field(format: Format, record: &[u8], name: &str) -> Option<String> {
    let markup = simdutf8::basic::from_utf8(record).ok()?;
    if format == Format::Feed {
        return Item::of(markup).field(name);
    }
    let page = Page::of(markup, false);
    let title = page.title.filter(|_| name == "title");
    title.or_else(|| page.metadata.field(name).map(str::to_owned))
}

/// Who published a page or an item.
pub(super) fn outlet(record: &[u8], channel: Option<&Channel>) -> Option<String> {
    let markup = simdutf8::basic::from_utf8(record).ok()?;
    match channel {
        Some(channel) => Item::of(markup).outlet(channel),
        None => Page::of(markup, false).metadata.outlet().map(Cow::into_owned),
    }
}

/// Where a page or an item is.
pub(super) fn place(record: Range<u64>) -> Place {
    Place::Bytes { record, text: None, spelling: Spelling::Markup }
}

/// The byte of a page at which its text begins.
pub(super) fn text_start(markup: &[u8]) -> usize {
    simdutf8::basic::from_utf8(markup).map_or(0, |markup| Page::of(markup, false).start)
}

/// True for markup that is XHTML: by its XML declaration, or the name of its file.
pub(super) fn is_xhtml(markup: &[u8], ending: Option<&str>) -> bool {
    markup.trim_ascii_start().starts_with(b"<?xml") || matches!(ending, Some("xhtml" | "xht"))
}
