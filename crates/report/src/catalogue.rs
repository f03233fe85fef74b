//! Every article of a corpus: its id, outlet, date and length; title, address and text on demand.
//!
//! In: a corpus, and a detector or what is equal for matching. Out: a [`Catalogue`] in the order of the ids, which are those of findings.
//! Always: it depends on the corpus alone. It holds no text: those are read again where they are asked for.

use refrain_engine::corpus::{Corpus, Stretch, Visitor};
use refrain_engine::date;
use refrain_engine::detect::{Detector, Findings, Progress};
use refrain_engine::document::{Locator, Record};
use refrain_engine::error::Result;
use refrain_engine::naming;
use refrain_engine::simd::Simd;
use refrain_engine::text::{Fold, Tokenizer};
use refrain_io::source::FileCorpus;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

/// An article, as far as a report counts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// As findings name it.
    pub id: Box<str>,
    /// Seconds since 1970.
    pub date: Option<i64>,
    /// Which of [`Catalogue::outlets`].
    pub outlet: Option<u32>,
    /// Tokens.
    pub words: u32,
    locator: Locator,
}

/// What an article says besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Of the record, else the first words of the text.
    pub title: String,
    /// Where it was published; `http` or `https`.
    pub url: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// The text.
    pub text: String,
}

/// The articles of a corpus.
#[derive(Debug)]
pub struct Catalogue<'c> {
    corpus: &'c FileCorpus,
    articles: Vec<Article>,
    outlets: Vec<Box<str>>,
}

/// Fields of a record that hold what a reader sees of it: of an object, columns of a table, lines of a crawl's header. The first that says something.
const TITLES: &[&str] = &["title", "headline", "webTitle", "fields.headline"];
const AUTHORS: &[&str] = &["author", "authors", "byline", "fields.byline", "creator"];
const ADDRESSES: &[&str] = &["url", "link", "WARC-Target-URI", "webUrl", "@id", "mainEntityOfPage", "source"];
/// A first line of more characters is no title.
const LONGEST_TITLE: usize = 140;
/// Characters that stand for a title where there is none.
const OPENING: usize = 80;

impl<'c> Catalogue<'c> {
    /// Runs the detector, and notes the articles as they go by.
    ///
    /// # Errors
    /// Those of [`Detector::detect_in`].
    pub fn detect(corpus: &'c FileCorpus, detector: &Detector, progress: &dyn Progress) -> Result<(Findings, Self)> {
        let noting = Noting { corpus, notes: Mutex::default() };
        let findings = detector.detect_in(&noting, progress)?;
        let notes = noting.notes.into_inner().unwrap_or_default();
        let at: HashMap<(u32, u64), &Note> = notes.iter().map(|note| ((note.locator.file, note.locator.start), note)).collect();
        let outlets = outlets(&notes);
        let members = findings.members().enumerate().map(|(position, member)| {
            let note = at.get(&(member.locator.file, member.locator.start));
            Article {
                id: member.id.into(),
                date: note.and_then(|note| note.date),
                outlet: note.and_then(|note| place(&outlets, note)),
                words: u32::try_from(position).map_or(0, |position| findings.words_of(position).1),
                locator: member.locator,
            }
        });
        let articles = members.collect();
        Ok((findings, Self { corpus, articles, outlets }))
    }

    /// Reads the articles alone, for findings that are known.
    ///
    /// # Errors
    /// What keeps a file from being read.
    pub fn read(corpus: &'c FileCorpus, fold: Fold, progress: &dyn Progress) -> Result<Self> {
        let noting = Noting { corpus, notes: Mutex::default() };
        let counter = || Counter { tokenizer: Tokenizer::new(fold, Simd::default()), words: Vec::new(), progress };
        let words: Vec<u32> = noting.visit(counter)?.into_iter().flat_map(|stretch| stretch.output).collect();
        let notes = noting.notes.into_inner().unwrap_or_default();
        let outlets = outlets(&notes);
        let ids = names(corpus, &notes);
        let article = |((id, note), words): ((Box<str>, &Note), u32)| Article {
            id,
            date: note.date,
            outlet: place(&outlets, note),
            words,
            locator: note.locator,
        };
        let mut articles: Vec<Article> = ids.into_iter().zip(&notes).zip(words).map(article).collect();
        articles.sort_by(|x, y| x.id.cmp(&y.id));
        Ok(Self { corpus, articles, outlets })
    }

    /// The articles, bytewise by their ids.
    #[must_use]
    pub fn articles(&self) -> &[Article] {
        &self.articles
    }

    /// Names of the outlets, bytewise.
    #[must_use]
    pub fn outlets(&self) -> &[Box<str>] {
        &self.outlets
    }

    /// Where the article of that id stands.
    #[must_use]
    pub fn position(&self, id: &str) -> Option<usize> {
        self.articles.binary_search_by(|article| article.id.as_ref().cmp(id)).ok()
    }

    /// Reads an article again. Of a format without fields, as plain text, the title is the first line.
    ///
    /// # Errors
    /// Its file is gone or has changed.
    pub fn content(&self, article: usize) -> Result<Content> {
        let locator = self.articles[article].locator;
        let text = self.corpus.text(locator)?.into_owned();
        let fields = self.corpus.fields_again(locator, &[TITLES, AUTHORS, ADDRESSES])?;
        let [title, author, url] = <[Option<String>; 3]>::try_from(fields).unwrap_or_default();
        let url = url.filter(|url| url.starts_with("http://") || url.starts_with("https://"));
        Ok(Content { title: title.unwrap_or_else(|| opening(&text)), url, author, text })
    }

    /// Checks, after articles were read again, that no file was truncated since it was first read.
    ///
    /// # Errors
    /// [`refrain_engine::Error::Truncated`].
    pub fn check_lengths(&self) -> Result<()> {
        self.corpus.check_lengths()
    }
}

/// What stands for a title: the first line with something on it, cut where it is long.
fn opening(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    match line.char_indices().nth(LONGEST_TITLE) {
        None => line.to_owned(),
        Some(_) => line.chars().take(OPENING).chain(['…']).collect(),
    }
}

/// What is noted of an article as it goes by.
#[derive(Debug)]
struct Note {
    id: Option<Box<str>>,
    locator: Locator,
    date: Option<i64>,
    outlet: Option<Box<str>>,
    /// From 1, in its file.
    line: u64,
}

/// A corpus that notes what is read of it.
struct Noting<'c> {
    corpus: &'c FileCorpus,
    notes: Mutex<Vec<Note>>,
}

impl Corpus for Noting<'_> {
    fn visit<V: Visitor>(&self, visitor: impl Fn() -> V + Sync) -> Result<Vec<Stretch<V::Output>>> {
        let stretches = self.corpus.visit(|| Notes { inner: visitor(), notes: Vec::new() })?;
        let (mut all, mut file, mut lines_before) = (Vec::new(), 0, 0);
        let mut outputs = Vec::with_capacity(stretches.len());
        for Stretch { output: (output, notes), lines, file: of, problems } in stretches {
            if of != file {
                (file, lines_before) = (of, 0);
            }
            all.extend(notes.into_iter().map(|note| Note { line: note.line + lines_before + 1, ..note }));
            lines_before += lines;
            outputs.push(Stretch { output, lines, file: of, problems });
        }
        if let Ok(mut notes) = self.notes.lock() {
            *notes = all;
        }
        Ok(outputs)
    }

    fn text(&self, locator: Locator) -> Result<Cow<'_, str>> {
        self.corpus.text(locator)
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

/// Hands on what it notes.
struct Notes<V> {
    inner: V,
    notes: Vec<Note>,
}

impl<V: Visitor> Visitor for Notes<V> {
    type Output = (V::Output, Vec<Note>);

    fn document(&mut self, record: Record<'_>) {
        let filled = |field: &Option<Cow<'_, str>>| field.as_deref().map(str::trim).filter(|field| !field.is_empty()).map(Box::from);
        self.notes.push(Note {
            id: record.id.as_deref().filter(|id| !id.is_empty()).map(Box::from),
            locator: record.locator,
            date: record.date.as_deref().and_then(|date| date::parse(date).seconds()),
            outlet: filled(&record.outlet),
            line: record.line,
        });
        self.inner.document(record);
    }

    fn is_done(&self) -> bool {
        self.inner.is_done()
    }

    fn progress(&mut self, bytes: u64) {
        self.inner.progress(bytes);
    }

    fn finish(self) -> Self::Output {
        (self.inner.finish(), self.notes)
    }
}

/// Counts the tokens of each article.
struct Counter<'p> {
    tokenizer: Tokenizer,
    words: Vec<u32>,
    progress: &'p dyn Progress,
}

impl Visitor for Counter<'_> {
    type Output = Vec<u32>;

    fn document(&mut self, record: Record<'_>) {
        let mut words = 0;
        self.tokenizer.for_each(&record.text, |_, _| words += 1);
        self.words.push(words);
    }

    fn progress(&mut self, bytes: u64) {
        self.progress.read(bytes);
    }

    fn finish(self) -> Vec<u32> {
        self.words
    }
}

fn outlets(notes: &[Note]) -> Vec<Box<str>> {
    let names: HashSet<&str> = notes.iter().filter_map(|note| note.outlet.as_deref()).collect();
    let mut names: Vec<Box<str>> = names.into_iter().map(Box::from).collect();
    names.sort_unstable();
    names
}

fn place(outlets: &[Box<str>], note: &Note) -> Option<u32> {
    outlets.binary_search(note.outlet.as_ref()?).ok().and_then(|at| u32::try_from(at).ok())
}

/// Ids as findings have them.
fn names(corpus: &FileCorpus, notes: &[Note]) -> Vec<Box<str>> {
    let id = |at: u32| notes[at as usize].id.as_deref().unwrap_or_default();
    let unnamed = naming::without_own_id(&naming::by_id(notes.len(), id), id);
    let mut names: Vec<Box<str>> = notes.iter().map(|note| note.id.clone().unwrap_or_default()).collect();
    unnamed.iter().for_each(|&at| names[at as usize] = Box::default());
    let place = |at: u32| format!("{}:{}", corpus.name(notes[at as usize].locator.file), notes[at as usize].line);
    let stand_ins = naming::stand_ins(&unnamed, names.iter().map(|name| &**name).filter(|name| !name.is_empty()), place);
    unnamed.iter().zip(stand_ins).for_each(|(&at, name)| names[at as usize] = name);
    names
}
