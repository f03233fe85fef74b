//! What stands in for HTML in a build that reads none.

use super::HtmlFields;
use super::format::Format;
use super::place::{Place, Spelling};
use super::records::RecordReader;
use encoding_rs::Encoding;
use refrain_engine::corpus::{Stretch, Visitor};
use refrain_engine::error::Problem;
use std::borrow::Cow;
use std::ops::Range;

/// There are no feeds.
#[derive(Clone, Debug)]
pub(super) struct Channel;

impl Channel {
    pub(super) fn of(_: &str) -> Result<Self, String> {
        Ok(Self)
    }
}

/// The text of a field that is not what the field has.
#[derive(Debug)]
pub(super) enum FieldText {
    #[expect(dead_code, reason = "the same as with the feature")]
    Page(String),
    #[expect(dead_code, reason = "the same as with the feature")]
    References(References),
}

#[derive(Debug)]
pub(super) struct References {
    pub(super) text: String,
}

impl References {
    pub(super) fn in_field(&self, at: usize) -> usize {
        at
    }
}

pub(super) fn field_text(_: &str, _: HtmlFields) -> Option<FieldText> {
    None
}

pub(super) fn declared_inside(_: Format, _: &[u8]) -> Option<&'static Encoding> {
    None
}

fn left_out<V: Visitor>(records: &RecordReader<'_>, visitor: V) -> Stretch<V::Output> {
    let reason = "HTML is not in this build; build with the feature `html`".into();
    let problems = Problem { path: records.path.into(), line: 0, reason }.into();
    Stretch { output: visitor.finish(), lines: 0, file: records.file, problems }
}

pub(super) fn read_page<V: Visitor>(records: &RecordReader<'_>, _: &str, _: bool, visitor: V) -> Stretch<V::Output> {
    left_out(records, visitor)
}

pub(super) fn read_feed<V: Visitor>(
    records: &RecordReader<'_>,
    _: &str,
    _: &Result<Channel, String>,
    visitor: &(impl Fn() -> V + Sync),
) -> Vec<Stretch<V::Output>> {
    vec![left_out(records, visitor())]
}

pub(super) fn text_again(_: Format, _: bool, _: &[u8]) -> Option<Cow<'_, str>> {
    None
}

pub(super) fn field(_: Format, _: &[u8], _: &str) -> Option<String> {
    None
}

pub(super) fn outlet(_: &[u8], _: Option<&Channel>) -> Option<String> {
    None
}

pub(super) fn place(record: Range<u64>) -> Place {
    Place::Bytes { record, text: None, spelling: Spelling::Markup }
}

pub(super) fn text_start(_: &[u8]) -> usize {
    0
}

pub(super) fn is_xhtml(_: &[u8], _: Option<&str>) -> bool {
    false
}
