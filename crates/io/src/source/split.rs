//! Text files with several articles: a line that matches begins the next.
//!
//! In: a text and a pattern. Out: the articles, which with the blank stretches between them are the text. The line that matches belongs to the article that
//! it begins, so nothing is lost where it is a headline; a line of signs alone has no words and does not count.

use super::SourceOptions;
use super::ranges;
use super::records::RecordReader;
use memchr::memchr;
use refrain_engine::corpus::{Stretch, Visitor};
use refrain_engine::document::Record;
use refrain_engine::error::{Error, Result};
use regex::Regex;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;

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

/// Where the articles of a text are, and whether a line matches; what comes before the first line that matches is one, if it has anything.
fn articles(text: &str, begins: &Regex) -> (Vec<Range<usize>>, bool) {
    let mut found = Vec::new();
    let mut has_match = false;
    let (mut start, mut at) = (0, 0);
    let mut close = |range: Range<usize>| {
        if !text[range.clone()].trim().is_empty() {
            found.push(range);
        }
    };
    while at < text.len() {
        let end = memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |length| at + length + 1);
        if begins.is_match(text[at..end].trim_end_matches(['\n', '\r'])) {
            has_match = true;
            close(start..at);
            start = at;
        }
        at = end;
    }
    close(start..text.len());
    (found, has_match)
}

/// Hands out the articles of a file, and says whether a line of it matches.
pub(super) fn read<V: Visitor>(
    records: &RecordReader<'_>,
    text: &str,
    begins: &Regex,
    visitor: &(impl Fn() -> V + Sync),
) -> (Vec<Stretch<V::Output>>, bool) {
    let (ranges, has_match) = articles(text, begins);
    let stretches = ranges::read(records, text, &ranges, visitor, |visitor, text, locator, line| {
        visitor.document(Record { id: None, text: Cow::Borrowed(text), date: None, outlet: None, locator, line });
    });
    (stretches, has_match)
}

/// What became of the pattern in the files of a run.
#[derive(Debug, Default)]
pub(super) struct Splits {
    /// By file, whether a line matches; None for a file of records or a page.
    by_file: Mutex<BTreeMap<usize, Option<bool>>>,
}

impl Splits {
    /// Keeps what became of it in a file.
    pub(super) fn note(&self, file: usize, has_match: Option<bool>) {
        if let Ok(mut by_file) = self.by_file.lock() {
            by_file.insert(file, has_match);
        }
    }

    /// True if a file was split into articles.
    pub(super) fn is_of_texts(&self, file: usize) -> bool {
        self.by_file.lock().is_ok_and(|by_file| by_file.get(&file).is_some_and(Option::is_some))
    }

    /// Words for the run's messages about each file in which it does nothing; `name` is that of a file.
    pub(super) fn notes(&self, pattern: &str, name: impl Fn(usize) -> String) -> Vec<String> {
        let told = |(&file, has_match): (&usize, &Option<bool>)| match has_match {
            Some(true) => None,
            Some(false) => Some(format!("{}: no line matches `{pattern}`, so the file is one article", name(file))),
            None => Some(format!("{}: the setting `split` has no effect here; it is for text and Markdown files", name(file))),
        };
        self.by_file.lock().map(|by_file| by_file.iter().filter_map(told).collect()).unwrap_or_default()
    }

    /// Makes sure that a line of some text file matches, if there is one; `name` is that of a file.
    ///
    /// # Errors
    /// [`Error::Config`].
    pub(super) fn check(&self, pattern: &str, name: impl Fn(usize) -> String) -> Result<()> {
        let Ok(by_file) = self.by_file.lock() else { return Ok(()) };
        let texts: Vec<usize> = by_file.iter().filter(|(_, has_match)| has_match.is_some()).map(|(&file, _)| file).collect();
        if by_file.values().any(|has_match| *has_match == Some(true)) {
            return Ok(());
        }
        let files = match texts[..] {
            [] => return Ok(()),
            [file] => name(file),
            [first, ..] => format!("any of {} text files (the first: {})", texts.len(), name(first)),
        };
        Err(Error::Config { setting: "split", reason: format!("no line of {files} matches `{pattern}`; check the pattern") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, pattern: &str) -> Vec<String> {
        let options = SourceOptions { split: Some(pattern.into()), ..SourceOptions::default() };
        let regex = options.splitter().unwrap().unwrap();
        articles(text, &regex).0.into_iter().map(|range| text[range].to_owned()).collect()
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
