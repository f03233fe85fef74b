//! A corpus as it stands after some of it is gone: what detection reads in place of the input, so that articles are compared without their own
//! repetition.
//!
//! In: a corpus and what is gone so far. Out: the same documents, less their repetition, which is found as they are handed out; those that are gone
//! as a whole are handed out without text, so that every document keeps its name. Detection reads it as any other corpus.

use super::article::{Article, Cut, without};
use super::cleaner::Cleaner;
use super::gopher::{Measures, Thresholds};
use super::policy::{Policy, Rule};
use refrain_engine::config::DetectConfig;
use refrain_engine::corpus::{Corpus, Stretch, Visitor};
use refrain_engine::document::{Locator, Record};
use refrain_engine::error::{Error, Result};
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::OnceLock;

/// What became of a document.
#[derive(Clone, Debug, Default)]
pub(super) struct Fate {
    /// Stretches that are taken from its text.
    pub(super) cuts: Vec<Cut>,
    /// Words of these.
    pub(super) words_cut: u64,
    /// Why it is gone as a whole.
    pub(super) gone: Option<Dropped>,
    /// What was measured of it, where that is asked for.
    pub(super) measures: Option<Box<Measures>>,
}

/// Why a document is gone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dropped {
    pub(super) rule: Rule,
    /// Position, among the documents of the run, of the one for which it went.
    pub(super) copy: Option<u32>,
    /// Id of the article of a reference for which it went.
    pub(super) item: Option<Box<str>>,
    pub(super) similarity: Option<f64>,
    /// Name, value and threshold.
    pub(super) measure: Option<(&'static str, f64, f64)>,
}

impl Dropped {
    /// Id of the article for which it went, of the corpus or of a reference. `name_of` gives the ids of the corpus.
    pub(super) fn copy_id<'n>(&self, name_of: impl Fn(u32) -> &'n str) -> Option<Box<str>> {
        self.copy.map(name_of).map(Into::into).or_else(|| self.item.clone())
    }

    pub(super) fn for_rule(rule: Rule) -> Self {
        Self { rule, copy: None, item: None, similarity: None, measure: None }
    }
}

/// What became of the documents of which something is gone, in the order of their places.
#[derive(Clone, Debug, Default)]
pub(super) struct Fates(pub(super) Vec<(Locator, Fate)>);

fn place(locator: Locator) -> (u32, u64) {
    (locator.file, locator.start)
}

impl Fates {
    pub(super) fn get(&self, locator: Locator) -> Option<&Fate> {
        self.0.binary_search_by_key(&place(locator), |(locator, _)| place(*locator)).ok().map(|at| &self.0[at].1)
    }

    fn sorted(mut fates: Vec<(Locator, Fate)>) -> Self {
        fates.sort_by_key(|(locator, _)| place(*locator));
        Self(fates)
    }

    /// Notes documents that are gone besides. Returns how many were not gone before.
    pub(super) fn add_gone(&mut self, gone: Vec<(Locator, Dropped)>) -> usize {
        let mut added = 0;
        let mut new = Vec::new();
        for (locator, gone) in gone {
            match self.0.binary_search_by_key(&place(locator), |(locator, _)| place(*locator)) {
                Ok(at) if self.0[at].1.gone.is_some() => continue,
                Ok(at) => self.0[at].1.gone = Some(gone),
                Err(_) => new.push((locator, Fate { gone: Some(gone), ..Fate::default() })),
            }
            added += 1;
        }
        self.0.append(&mut new);
        self.0.sort_by_key(|(locator, _)| place(*locator));
        added
    }

    /// Takes these in place of what was known of their documents.
    pub(super) fn replace(&mut self, fates: Vec<(Locator, Fate)>) {
        let mut new = Vec::new();
        for (locator, fate) in fates {
            match self.0.binary_search_by_key(&place(locator), |(locator, _)| place(*locator)) {
                Ok(at) => self.0[at].1 = fate,
                Err(_) => new.push((locator, fate)),
            }
        }
        self.0.append(&mut new);
        self.0.sort_by_key(|(locator, _)| place(*locator));
    }

    /// Bytes taken from texts, and documents gone: grows with every round in which something is found.
    pub(super) fn extent(&self) -> (usize, usize) {
        let cut = self.0.iter().flat_map(|(_, fate)| &fate.cuts).map(|cut| cut.range.len()).sum();
        (cut, self.0.iter().filter(|(_, fate)| fate.gone.is_some()).count())
    }
}

/// What is looked for while documents are handed out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search<'p> {
    pub(super) policy: &'p Policy,
    pub(super) config: &'p DetectConfig,
    pub(super) boilerplate: &'p HashSet<u64>,
    /// Paragraphs that are left out where articles are handed out, and stay.
    pub(super) ignored: &'p HashSet<u64>,
    /// Whether measures are kept of every document.
    pub(super) keeps_measures: bool,
}

/// A corpus without what is gone from it.
pub(super) struct CleanedCorpus<'a, C> {
    corpus: &'a C,
    search: Search<'a>,
    before: &'a Fates,
    now: OnceLock<Fates>,
}

impl<'a, C: Corpus> CleanedCorpus<'a, C> {
    pub(super) fn new(corpus: &'a C, search: Search<'a>, before: &'a Fates) -> Self {
        Self { corpus, search, before, now: OnceLock::new() }
    }

    /// What became of the documents, after the visit.
    pub(super) fn fates(&self) -> &Fates {
        self.now.get().unwrap_or(self.before)
    }

    fn without_ignored<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        if self.search.ignored.is_empty() {
            return text;
        }
        Cleaner::new(self.search.policy, self.search.config, self.search.ignored).without_boilerplate(text)
    }

    pub(super) fn into_fates(self) -> Fates {
        self.now.into_inner().unwrap_or_else(|| self.before.clone())
    }
}

impl<C: Corpus> Corpus for CleanedCorpus<'_, C> {
    fn visit<V: Visitor>(&self, visitor: impl Fn() -> V + Sync) -> Result<Vec<Stretch<V::Output>>> {
        let cleaning = || Cleaning {
            inner: visitor(),
            cleaner: Cleaner::new(self.search.policy, self.search.config, self.search.boilerplate),
            ignoring: Cleaner::new(self.search.policy, self.search.config, self.search.ignored),
            search: self.search,
            before: self.before,
            fates: Vec::new(),
        };
        let visited = self.corpus.visit(cleaning)?;
        let mut fates = Vec::new();
        let stretches = visited.into_iter().map(|stretch| {
            let (output, found) = stretch.output;
            fates.extend(found);
            Stretch { output, lines: stretch.lines, file: stretch.file, problems: stretch.problems }
        });
        let stretches = stretches.collect();
        let _ = self.now.set(Fates::sorted(fates));
        Ok(stretches)
    }

    fn text(&self, locator: Locator) -> Result<Cow<'_, str>> {
        let text = self.corpus.text(locator)?;
        let cuts = self.fates().get(locator).map_or(&[][..], |fate| &fate.cuts);
        if cuts.is_empty() {
            return Ok(self.without_ignored(text));
        }
        let is_edge = |cut: &Cut| text.is_char_boundary(cut.range.start) && text.is_char_boundary(cut.range.end);
        if !cuts.iter().all(is_edge) {
            return Err(Error::Changed { path: self.name(locator.file).as_ref().into() });
        }
        Ok(self.without_ignored(Cow::Owned(without(&text, cuts).into_owned())))
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

/// Cleans the documents of a stretch on their way to another visitor.
struct Cleaning<'p, V> {
    inner: V,
    cleaner: Cleaner<'p>,
    /// Leaves out what is not compared.
    ignoring: Cleaner<'p>,
    search: Search<'p>,
    before: &'p Fates,
    fates: Vec<(Locator, Fate)>,
}

/// Whether stretches may be taken from a document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    Stretches,
    /// It goes as a whole, or stays as it is.
    Whole,
}

impl<V: Visitor> Cleaning<'_, V> {
    fn clean(&mut self, record: Record<'_>, taken: Taken) {
        let before = self.before.get(record.locator);
        if let Some(fate) = before.filter(|fate| fate.gone.is_some()) {
            self.fates.push((record.locator, fate.clone()));
            self.inner.document(Record { text: Cow::Borrowed(""), ..record });
            return;
        }
        let mut article = Article::new(&record.text, before.map_or_else(Vec::new, |fate| fate.cuts.clone()));
        if taken == Taken::Stretches || self.search.policy.removes(Rule::Boilerplate) {
            self.cleaner.clean(&mut article);
        }
        let is_frame = article.cuts().iter().any(|cut| cut.why.rule == Rule::Boilerplate) && !self.cleaner.has_words(article.text());
        if taken == Taken::Whole {
            article = Article::new(&record.text, Vec::new());
        }
        let filter: Option<&Thresholds> = self.search.policy.filter.as_ref();
        let measures = (self.search.keeps_measures || filter.is_some()).then(|| Measures::of(article.text()));
        let exceeded = filter.zip(measures.as_ref()).and_then(|(thresholds, measures)| thresholds.exceeded(measures));
        let (text, cuts) = article.into_parts();
        let mut gone = exceeded.map(|measure| Dropped { measure: Some(measure), ..Dropped::for_rule(Rule::Gopher) });
        // Nothing but boilerplate.
        if gone.is_none() && is_frame {
            gone = Some(Dropped::for_rule(Rule::Boilerplate));
        }
        let handed = if gone.is_some() { Cow::Borrowed("") } else { text };
        let measures = measures.filter(|_| self.search.keeps_measures).map(Box::new);
        if !cuts.is_empty() || gone.is_some() || measures.is_some() {
            let words_cut = cuts.iter().map(|cut| self.cleaner.count_words(&record.text[cut.range.clone()])).sum();
            self.fates.push((record.locator, Fate { cuts, words_cut, gone, measures }));
        }
        let handed = self.ignoring.without_boilerplate(handed);
        self.inner.document(Record { text: handed, ..record });
    }
}

impl<V: Visitor> Visitor for Cleaning<'_, V> {
    type Output = (V::Output, Vec<(Locator, Fate)>);

    fn document(&mut self, record: Record<'_>) {
        self.clean(record, Taken::Stretches);
    }

    fn page(&mut self, record: Record<'_>) {
        self.clean(record, Taken::Whole);
    }

    fn is_done(&self) -> bool {
        self.inner.is_done()
    }

    fn progress(&mut self, bytes: u64) {
        self.inner.progress(bytes);
    }

    fn finish(self) -> Self::Output {
        (self.inner.finish(), self.fates)
    }
}
