//! The articles that are given to a check: as their corpus reads them, but for what their authors ask to pass over.
//!
//! In a text file the lines from one with `refrain:ignore-start` to one with `refrain:ignore-end`, both included, are not looked at: each of their
//! characters is read as a dash, so that every offset and every line stays where it is.

use crate::corpus::{Corpus, Region, Stretch, Visitor};
use crate::document::{Locator, Record};
use crate::error::Result;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use xxhash_rust::xxh3::xxh3_64;

const START: &str = "refrain:ignore-start";
const END: &str = "refrain:ignore-end";

/// A corpus with lines passed over, which remembers what a run does not keep.
#[derive(Debug)]
pub struct Given<C> {
    corpus: C,
    seen: Mutex<Remembered>,
}

#[derive(Debug, Default)]
struct Remembered {
    /// Files that are one article each.
    texts: HashSet<u32>,
    /// Outlets by the hashes of their names.
    outlets: HashMap<u64, Box<str>>,
}

impl<C: Corpus> Given<C> {
    /// The articles of `corpus`.
    pub fn new(corpus: C) -> Self {
        Self { corpus, seen: Mutex::default() }
    }

    /// The corpus itself.
    pub fn corpus(&self) -> &C {
        &self.corpus
    }

    /// True if the file of this number is one article, so that places of the article are places of the file.
    pub(crate) fn is_text(&self, file: u32) -> bool {
        self.seen.lock().is_ok_and(|seen| seen.texts.contains(&file))
    }

    /// The name of the outlet with this hash.
    #[cfg_attr(not(feature = "index"), expect(dead_code, reason = "for what is kept in an index"))]
    pub(crate) fn outlet(&self, hash: u64) -> Option<Box<str>> {
        self.seen.lock().ok().and_then(|seen| seen.outlets.get(&hash).cloned())
    }
}

impl<C: Corpus> Corpus for Given<C> {
    fn visit<V: Visitor>(&self, visitor: impl Fn() -> V + Sync) -> Result<Vec<Stretch<V::Output>>> {
        self.corpus.visit(|| Passing { given: self, visitor: visitor(), seen: Remembered::default() })
    }

    fn text(&self, locator: Locator) -> Result<Cow<'_, str>> {
        let text = self.corpus.text(locator)?;
        Ok(if self.is_text(locator.file) { masked(text) } else { text })
    }

    // A masked text has as many code points as the text.
    fn regions(&self, file: u32, wanted: &[(Locator, [usize; 2])]) -> Result<Vec<Option<Region>>> {
        self.corpus.regions(file, wanted)
    }

    fn name(&self, file: u32) -> Cow<'_, str> {
        self.corpus.name(file)
    }
}

/// Hands records on.
struct Passing<'g, C, V> {
    given: &'g Given<C>,
    visitor: V,
    seen: Remembered,
}

impl<C, V> Passing<'_, C, V> {
    fn note_outlet(&mut self, record: &Record<'_>) {
        if let Some(outlet) = &record.outlet {
            self.seen.outlets.entry(xxh3_64(outlet.as_bytes()).max(1)).or_insert_with(|| outlet.as_ref().into());
        }
    }
}

impl<C: Corpus, V: Visitor> Visitor for Passing<'_, C, V> {
    type Output = V::Output;

    fn document(&mut self, record: Record<'_>) {
        self.note_outlet(&record);
        // A file that is one article is named by its path.
        let is_text = record.is_whole_file(&self.given.corpus.name(record.locator.file));
        if is_text {
            self.seen.texts.insert(record.locator.file);
            self.visitor.document(Record { text: masked(record.text), ..record });
        } else {
            self.visitor.document(record);
        }
    }

    /// Offsets of a text that is made from markup are not those of its file.
    fn page(&mut self, record: Record<'_>) {
        self.note_outlet(&record);
        self.visitor.page(record);
    }

    fn progress(&mut self, bytes: u64) {
        self.visitor.progress(bytes);
    }

    fn finish(self) -> V::Output {
        if let Ok(mut seen) = self.given.seen.lock() {
            seen.texts.extend(self.seen.texts);
            seen.outlets.extend(self.seen.outlets);
        }
        self.visitor.finish()
    }
}

/// The text with dashes for every character of the lines that are passed over; without an end they go to the end.
fn masked(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains(START) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for line in text.split_inclusive(['\n', '\r']) {
        inside |= line.contains(START);
        if inside {
            out.extend(line.chars().map(|c| if matches!(c, '\n' | '\r') { c } else { '-' }));
            inside = !line.contains(END);
        } else {
            out.push_str(line);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_between_the_marks_are_dashes() {
        let text = "one\r\n# refrain:ignore-start\r\nخبر 😀\r\n# refrain:ignore-end\r\ntwo\r\n";
        assert_eq!(masked(text.into()), "one\r\n----------------------\r\n-----\r\n--------------------\r\ntwo\r\n");
        assert_eq!(masked("a\n<!-- refrain:ignore-start -->\nb".into()), "a\n-----------------------------\n-");
        assert!(matches!(masked("refrain:ignore-end\n".into()), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn no_offset_moves(parts in prop::collection::vec(prop_oneof![".{0,6}", Just(START.to_owned()), Just(END.to_owned()), Just("\n".to_owned()), Just("\r\n".to_owned())], 0..20)) {
            let text = parts.concat();
            let masked = masked(text.as_str().into());
            prop_assert_eq!(masked.chars().count(), text.chars().count());
            let ends = |text: &str| text.chars().enumerate().filter(|(_, c)| matches!(c, '\n' | '\r')).collect::<Vec<_>>();
            prop_assert_eq!(ends(&masked), ends(&text));
        }
    }
}
