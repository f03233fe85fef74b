//! Text files with several articles: a line that matches begins the next.
//!
//! In: a text and a pattern. Out: the articles, which with the blank stretches between them are the text. The line that matches belongs to the article that
//! it begins, so nothing is lost where it is a headline; a line of signs alone has no words and does not count.

use super::SourceOptions;
use super::ranges;
use super::records::RecordReader;
use crate::corpus::{Stretch, Visitor};
use crate::document::Record;
use crate::error::{Error, Result};
use memchr::memchr;
use regex::Regex;
use std::borrow::Cow;
use std::ops::Range;

impl SourceOptions {
    /// The pattern that begins an article.
    ///
    /// # Errors
    /// [`Error::Config`]: it is no regular expression.
    pub(super) fn splitter(&self) -> Result<Option<Regex>> {
        let refused =
            |pattern, error| Error::Config { setting: "split", reason: format!("`{pattern}` is not a regular expression: {error}") };
        self.split.as_deref().map(|pattern| Regex::new(pattern).map_err(|error| refused(pattern, error))).transpose()
    }
}

/// Where the articles of a text are; what comes before the first line that matches is one, if it has anything.
fn articles(text: &str, begins: &Regex) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut start, mut at) = (0, 0);
    let mut close = |range: Range<usize>| {
        if !text[range.clone()].trim().is_empty() {
            found.push(range);
        }
    };
    while at < text.len() {
        let end = memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |length| at + length + 1);
        if begins.is_match(text[at..end].trim_end_matches(['\n', '\r'])) {
            close(start..at);
            start = at;
        }
        at = end;
    }
    close(start..text.len());
    found
}

/// Hands out the articles of a file.
pub(super) fn read<V: Visitor>(
    records: &RecordReader<'_>,
    text: &str,
    begins: &Regex,
    visitor: &(impl Fn() -> V + Sync),
) -> Vec<Stretch<V::Output>> {
    ranges::read(records, text, &articles(text, begins), visitor, |visitor, text, locator, line| {
        visitor.document(Record { id: None, text: Cow::Borrowed(text), date: None, outlet: None, locator, line });
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, pattern: &str) -> Vec<String> {
        let options = SourceOptions { split: Some(pattern.into()), ..SourceOptions::default() };
        let regex = options.splitter().unwrap().unwrap();
        articles(text, &regex).into_iter().map(|range| text[range].to_owned()).collect()
    }

    #[test]
    fn a_line_that_matches_begins_an_article() {
        assert_eq!(told("pre\n== 1\na\n\nb\n== 2\r\nc", "^== \\d"), ["pre\n", "== 1\na\n\nb\n", "== 2\r\nc"]);
        assert_eq!(told("\n\n# A\na\n# B\n", "^# "), ["# A\na\n", "# B\n"]);
        assert_eq!(told("one\r\n***\r\ntwo\r\n***\r\n", "^\\*+$"), ["one\r\n", "***\r\ntwo\r\n", "***\r\n"]);
        assert_eq!(told("one\n\ntwo\nthree\n\n\nfour", "^$"), ["one\n", "\ntwo\nthree\n", "\nfour"]);
        assert_eq!(told("one\ntwo\n", ""), ["one\n", "two\n"]);
        assert_eq!(told("one\ntwo", "^three"), ["one\ntwo"]);
        assert_eq!(told("\n \n", "x"), [""; 0]);
    }

    #[test]
    fn a_pattern_that_makes_no_sense_is_refused() {
        let options = SourceOptions { split: Some("(".into()), ..SourceOptions::default() };
        let error = options.check().unwrap_err().to_string();
        assert!(error.contains("split: `(` is not a regular expression"), "{error}");
    }
}
