//! The articles that are given to a check: as their corpus reads them, but for what their authors mark to be ignored.
//!
//! In a text file the lines from one with the mark `refrain:ignore-start` to one with `refrain:ignore-end`, both included, are ignored, and in a page what is
//! between comments with these marks: see [`super::marks`].

use super::marks::{Ignored, masked, masked_page};
use refrain_engine::corpus::{Corpus, Region, Stretch, Visitor};
use refrain_engine::document::{Locator, Record};
use refrain_engine::error::Result;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use xxhash_rust::xxh3::xxh3_64;

/// A corpus with lines passed over, which remembers what a run does not keep.
#[derive(Debug)]
pub struct Given<C> {
    corpus: C,
    seen: Mutex<Remembered>,
}

#[derive(Debug, Default)]
struct Remembered {
    /// Files that are one article each.
    whole: HashSet<u32>,
    /// Those of them whose places are places of the article.
    texts: HashSet<u32>,
    /// What is ignored, by file and beginning of the article.
    ignored: HashMap<(u32, u64), Ignored>,
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

    /// True if the file of this number is one article, which is named by its path.
    pub(crate) fn is_whole_file(&self, file: u32) -> bool {
        self.seen.lock().is_ok_and(|seen| seen.whole.contains(&file))
    }

    /// Ranges of code points of an article that are ignored, in order.
    pub(crate) fn ignored(&self, article: Locator) -> Vec<[usize; 2]> {
        let seen = self.seen.lock().ok();
        seen.and_then(|seen| seen.ignored.get(&key(article)).map(|ignored| ignored.ranges.clone())).unwrap_or_default()
    }

    fn has_marks(&self, article: Locator) -> bool {
        self.seen.lock().is_ok_and(|seen| seen.ignored.contains_key(&key(article)))
    }

    /// Code points that are ignored in all files.
    pub(crate) fn ignored_characters(&self) -> u64 {
        let length = |ignored: &Ignored| ignored.ranges.iter().map(|[start, end]| (end - start) as u64).sum::<u64>();
        self.seen.lock().map_or(0, |seen| seen.ignored.values().map(length).sum())
    }

    /// What a user should know of the marks in the files, after a visit.
    pub fn notes(&self) -> Vec<String> {
        let Ok(seen) = self.seen.lock() else { return Vec::new() };
        let mut articles: Vec<(&(u32, u64), &Ignored)> = seen.ignored.iter().collect();
        articles.sort_unstable_by_key(|(key, _)| **key);
        articles.into_iter().filter_map(|(&(file, _), ignored)| ignored.note(&self.corpus.name(file))).collect()
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
        Ok(if self.is_text(locator.file) {
            masked(text).0
        } else if self.has_marks(locator) {
            masked_page(text).0
        } else {
            text
        })
    }

    // A masked text has as many code points as the text.
    fn regions(&self, file: u32, wanted: &[(Locator, [usize; 2])]) -> Result<Vec<Option<Region>>> {
        self.corpus.regions(file, wanted)
    }

    fn check_lengths(&self) -> Result<()> {
        self.corpus.check_lengths()
    }

    fn has_no_ids(&self, file: u32) -> bool {
        self.corpus.has_no_ids(file)
    }

    fn name(&self, file: u32) -> Cow<'_, str> {
        self.corpus.name(file)
    }
}

fn key(article: Locator) -> (u32, u64) {
    (article.file, article.start)
}

/// Hands records on.
struct Passing<'g, C, V> {
    given: &'g Given<C>,
    visitor: V,
    seen: Remembered,
}

impl<C: Corpus, V> Passing<'_, C, V> {
    /// Notes what is remembered of every record; true if it is all of its file.
    fn note(&mut self, record: &Record<'_>) -> bool {
        if let Some(outlet) = &record.outlet {
            self.seen.outlets.entry(xxh3_64(outlet.as_bytes()).max(1)).or_insert_with(|| outlet.as_ref().into());
        }
        let file = record.locator.file;
        let is_whole_file = record.is_whole_file(&self.given.corpus.name(file));
        if is_whole_file {
            self.seen.whole.insert(file);
        }
        is_whole_file
    }
}

impl<C: Corpus, V: Visitor> Visitor for Passing<'_, C, V> {
    type Output = V::Output;

    fn document(&mut self, record: Record<'_>) {
        if self.note(&record) {
            self.seen.texts.insert(record.locator.file);
            let (text, ignored) = masked(record.text);
            if let Some(ignored) = ignored {
                self.seen.ignored.insert(key(record.locator), ignored);
            }
            self.visitor.document(Record { text, ..record });
        } else {
            self.visitor.document(record);
        }
    }

    /// Offsets of a text that is made from markup are not those of its file.
    fn page(&mut self, record: Record<'_>) {
        self.note(&record);
        let (text, ignored) = masked_page(record.text);
        if let Some(ignored) = ignored {
            self.seen.ignored.insert(key(record.locator), ignored);
        }
        self.visitor.page(Record { text, ..record });
    }

    fn is_done(&self) -> bool {
        self.visitor.is_done()
    }

    fn progress(&mut self, bytes: u64) {
        self.visitor.progress(bytes);
    }

    fn finish(self) -> V::Output {
        if let Ok(mut seen) = self.given.seen.lock() {
            seen.whole.extend(self.seen.whole);
            seen.texts.extend(self.seen.texts);
            seen.ignored.extend(self.seen.ignored);
            seen.outlets.extend(self.seen.outlets);
        }
        self.visitor.finish()
    }
}
