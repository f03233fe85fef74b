//! Files that are one article each: text, Markdown, pages.

use super::format::Format;
use super::kind::{Kind, date_and_outlet};
use super::markdown::article;
use super::markup::read_page;
use super::records::RecordReader;
use refrain_engine::corpus::{Stretch, Visitor};
use refrain_engine::document::{Locator, Record};
use refrain_engine::error::Problem;
use std::borrow::Cow;

/// Hands out the article that a file is.
pub(super) fn read<V: Visitor>(records: &RecordReader<'_>, kind: &Kind, text: &str, mut visitor: V) -> Stretch<V::Output> {
    if kind.format == Format::Html {
        return read_page(records, text, kind.is_xhtml, visitor);
    }
    let mut problems = records.problems();
    match records.limits.record_length(text.len()) {
        Ok(length) => {
            let is_markdown = kind.format == Format::Markdown;
            let [date, outlet] = if is_markdown { date_and_outlet(text, records.fields) } else { [None, None] };
            visitor.document(Record {
                id: Some(Cow::Borrowed(records.path)),
                text: if is_markdown { article(text, kind.code_fences) } else { Cow::Borrowed(text) },
                date: date.map(Cow::Owned),
                outlet: outlet.map(Cow::Owned),
                locator: Locator { file: records.file, length, start: records.base as u64 },
                line: 0,
            });
            visitor.progress(text.len() as u64);
        }
        Err(reason) => problems.push(Problem { path: records.path.into(), line: 0, reason }),
    }
    Stretch { output: visitor.finish(), lines: 0, file: records.file, problems }
}
