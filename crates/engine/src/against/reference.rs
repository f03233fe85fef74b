//! The reference: its articles in memory, ready to be looked up.
//!
//! In: a corpus, or articles one by one. Out: a [`Reference`]. Always: it depends on the articles alone, not on their order or on threads. Memory: the
//! texts, 4 bytes a token, and about 13 bytes a posting, of which there is one for every two to four tokens.

use super::anchors::AnchorIndex;
use super::matching::ReferenceMatch;
use super::postings::{Postings, posting};
use crate::any_corpus::AnyCorpus;
use crate::compare::fingerprint_of;
use crate::config::DetectConfig;
use crate::corpus::{Corpus, Visitor};
use crate::date::BadDates;
use crate::detect::{Progress, Silent, check_cancelled};
use crate::document::Record;
use crate::error::{Error, Result};
use crate::naming;
use crate::problems::Problems;
use crate::sketch::{BandKey, Sketcher};
use crate::text::{ShingleHash, Tokenizer, Tokens, shingles_into, spellings};
use rayon::prelude::*;
use std::collections::HashMap;
use xxhash_rust::xxh3::xxh3_64;

/// Articles that other articles are compared with.
#[derive(Debug)]
pub struct Reference {
    pub(super) config: DetectConfig,
    /// Bytewise by their ids; those without one are named by file and line.
    pub(super) items: Vec<Item>,
    /// Articles by content: those with the same tokens are compared once. By the first of their items.
    pub(super) contents: Vec<Content>,
    /// Numbers of contents by the first half of their hashes.
    by_hash: HashMap<[u64; 2], u32>,
    pub(super) anchors: AnchorIndex,
    /// Numbers of contents by band key; None if near-duplicates are not looked for.
    pub(super) keys: Option<Postings>,
    problems: Problems,
    bad_dates: BadDates,
}

/// An article of a reference.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) id: Box<str>,
    pub(super) date: Option<i64>,
    /// Hash of the outlet's name, 0 if there is none.
    pub(super) outlet: u64,
    pub(super) words: u32,
    pub(super) body: Body,
}

/// What is kept of the text of an article.
#[derive(Clone, Debug)]
pub enum Body {
    /// The text.
    Text(Box<str>),
    /// What an index keeps in its place.
    Outline {
        /// Hashes of the tokens.
        hashes: Vec<u64>,
        /// Hash of each token as it is written.
        spellings: Vec<u32>,
        /// Code points of each token.
        spans: Vec<[u32; 2]>,
    },
}

/// Articles with the same tokens.
#[derive(Debug)]
pub(super) struct Content {
    /// Ascending.
    pub(super) items: Vec<u32>,
}

/// An article as it is given to a reference.
#[derive(Clone, Debug)]
pub struct GivenItem {
    /// Empty if it has none.
    pub id: Box<str>,
    /// Seconds since 1970.
    pub date: Option<i64>,
    /// Hash of the name, 0 if it has none.
    pub outlet: u64,
    /// What is compared.
    pub body: Body,
    /// Number of its file.
    pub file: u32,
    /// From 1.
    pub line: u64,
}

/// Hash of an outlet's name, 0 if there is none.
pub(super) fn outlet_hash(outlet: Option<&str>) -> u64 {
    outlet.map_or(0, |outlet| xxh3_64(outlet.as_bytes()).max(1))
}

/// The lower half of each token's hash: enough to propose pairs, which are aligned on whole hashes.
#[expect(clippy::cast_possible_truncation, reason = "the lower half")]
pub(super) fn halves_into(hashes: &[u64], halves: &mut Vec<u32>) {
    halves.clear();
    halves.extend(hashes.iter().map(|&hash| hash as u32));
}

/// What is looked up of an item.
struct Signed {
    hash: [u64; 2],
    tokens: Vec<u32>,
    keys: Vec<BandKey>,
}

impl Reference {
    /// Reads all articles of `corpus` into memory.
    ///
    /// # Errors
    /// [`Error::Config`] for a setting out of its range, and for more than 4 billion tokens; what keeps a file from being read.
    pub fn read(corpus: &impl Corpus, config: &DetectConfig, progress: &dyn Progress) -> Result<Self> {
        Self::read_any(&AnyCorpus::new(corpus), config, progress)
    }

    fn read_any(corpus: &AnyCorpus<'_>, config: &DetectConfig, progress: &dyn Progress) -> Result<Self> {
        let stretches = corpus.visit(|| ItemReader { items: Vec::new(), bad_dates: BadDates::default(), progress })?;
        check_cancelled(progress)?;
        let (mut items, mut problems, mut bad_dates) = (Vec::new(), Problems::default(), BadDates::default());
        let (mut file, mut lines_before) = (0, 0);
        for stretch in stretches {
            if stretch.file != file {
                (file, lines_before) = (stretch.file, 0);
            }
            let (read, dates) = stretch.output;
            items.extend(read.into_iter().map(|item| GivenItem { line: item.line + lines_before + 1, ..item }));
            problems.append(stretch.problems, lines_before);
            bad_dates.append(dates, &corpus.name(file), lines_before);
            lines_before += stretch.lines;
        }
        corpus.check_lengths()?;
        let reference = Self::of_items(items, config, |file| corpus.name(file).into_owned())?;
        Ok(Self { problems, bad_dates, ..reference })
    }

    /// Takes articles in the order of the input. `name` names their files.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn of_items(items: Vec<GivenItem>, config: &DetectConfig, name: impl Fn(u32) -> String) -> Result<Self> {
        config.check()?;
        if config.is_exact() {
            let reason = "a reference is compared by words; leave this setting out".to_owned();
            return Err(Error::Config { setting: "exact", reason });
        }
        let items = named(items, name);
        let signed: Vec<Signed> = items.par_iter().map_init(|| ItemSigner::new(config), |signer, item| signer.sign(&item.body)).collect();
        if u32::try_from(signed.iter().map(|signed| signed.tokens.len()).sum::<usize>()).is_err() {
            let reason = "the reference has more than 4 billion words; split it".to_owned();
            return Err(Error::Config { setting: "against", reason });
        }
        let mut reference = Self {
            config: *config,
            items: Vec::with_capacity(items.len()),
            contents: Vec::new(),
            by_hash: HashMap::new(),
            anchors: AnchorIndex::new(&[], config.within.min_words, config.cap),
            keys: None,
            problems: Problems::default(),
            bad_dates: BadDates::default(),
        };
        reference.fill(items, signed);
        Ok(reference)
    }

    /// Numbers the contents, and indexes them.
    #[expect(clippy::cast_possible_truncation, reason = "fewer items than tokens, or empty ones, of which naming allows 2^32")]
    fn fill(&mut self, items: Vec<GivenItem>, signed: Vec<Signed>) {
        let (mut tokens, mut keys) = (Vec::new(), Vec::new());
        for (number, (item, signed)) in (0..).zip(items.into_iter().zip(signed)) {
            let words = signed.tokens.len() as u32;
            if words > 0 {
                let next = self.contents.len() as u32;
                let content = *self.by_hash.entry(signed.hash).or_insert(next);
                if content == next {
                    self.contents.push(Content { items: Vec::new() });
                    tokens.push(signed.tokens);
                    keys.extend(signed.keys.iter().map(|&key| posting(key, content)));
                }
                self.contents[content as usize].items.push(number);
            }
            self.items.push(Item { id: item.id, date: item.date, outlet: item.outlet, words, body: item.body });
        }
        self.anchors = AnchorIndex::new(&tokens, self.config.within.min_words, self.config.cap);
        self.keys = self.config.across().then(|| Postings::new(keys));
    }

    /// Number of articles.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// True if there is no article.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Records that could not be read.
    #[must_use]
    pub fn problems(&self) -> &Problems {
        &self.problems
    }

    /// Dates that were not understood.
    #[must_use]
    pub fn bad_dates(&self) -> &BadDates {
        &self.bad_dates
    }

    /// The text of the item of a match; None if an index without texts is the reference.
    #[must_use]
    pub fn text_of(&self, found: &ReferenceMatch) -> Option<&str> {
        match &self.items.get(found.item as usize)?.body {
            Body::Text(text) => Some(text),
            Body::Outline { .. } => None,
        }
    }

    /// The text of the item with this id; None if there is none, or an index without texts is the reference.
    #[must_use]
    pub fn text_of_id(&self, id: &str) -> Option<&str> {
        let at = self.items.binary_search_by(|item| (*item.id).cmp(id)).ok()?;
        match &self.items[at].body {
            Body::Text(text) => Some(text),
            Body::Outline { .. } => None,
        }
    }

    /// The content with exactly these tokens.
    pub(super) fn content_of(&self, hashes: &[u64]) -> Option<u32> {
        self.by_hash.get(&fingerprint_of(hashes)).copied()
    }
}

/// The items by id, those without an id of their own with a name.
fn named(mut items: Vec<GivenItem>, name: impl Fn(u32) -> String) -> Vec<GivenItem> {
    let order = naming::by_id(items.len(), |at| &items[at as usize].id);
    let unnamed = naming::without_own_id(&order, |at| &items[at as usize].id);
    let mut is_unnamed = vec![false; items.len()];
    unnamed.iter().for_each(|&at| is_unnamed[at as usize] = true);
    let own = items.iter().zip(&is_unnamed).filter(|(_, is_unnamed)| !**is_unnamed).map(|(item, _)| &*item.id);
    let place = |at: u32| format!("{}:{}", name(items[at as usize].file), items[at as usize].line);
    let names = naming::stand_ins(&unnamed, own, place);
    unnamed.iter().zip(names).for_each(|(&at, name)| items[at as usize].id = name);
    items.sort_by(|x, y| x.id.cmp(&y.id));
    items
}

/// Keeps the articles of a stretch.
struct ItemReader<'p> {
    items: Vec<GivenItem>,
    bad_dates: BadDates,
    progress: &'p dyn Progress,
}

impl Visitor for ItemReader<'_> {
    type Output = (Vec<GivenItem>, BadDates);

    fn document(&mut self, record: Record<'_>) {
        self.items.push(GivenItem {
            date: self.bad_dates.parse(record.date.as_deref(), record.line),
            outlet: outlet_hash(record.outlet.as_deref()),
            file: record.locator.file,
            line: record.line,
            id: record.id.as_deref().unwrap_or_default().into(),
            body: Body::Text(record.text.into()),
        });
    }

    fn is_done(&self) -> bool {
        self.progress.is_cancelled()
    }

    fn progress(&mut self, bytes: u64) {
        self.progress.read(bytes);
    }

    fn finish(self) -> Self::Output {
        (self.items, self.bad_dates)
    }
}

/// Computes what is looked up of items; keeps its scratch space.
struct ItemSigner {
    tokenizer: Tokenizer,
    tokens: Tokens,
    sketcher: Option<Sketcher>,
    shingles: Vec<ShingleHash>,
    shingle: usize,
}

impl ItemSigner {
    fn new(config: &DetectConfig) -> Self {
        Self {
            tokenizer: Tokenizer::new(config.fold, config.simd),
            tokens: Tokens::default(),
            sketcher: config.across().then(|| Sketcher::new(config.banding(), config.simd)),
            shingles: Vec::new(),
            shingle: config.shingle,
        }
    }

    fn sign(&mut self, body: &Body) -> Signed {
        let hashes = match body {
            Body::Text(text) => {
                self.tokenizer.read(text, &mut self.tokens);
                &self.tokens.hashes
            }
            Body::Outline { hashes, .. } => hashes,
        };
        let (mut keys, mut tokens) = (Vec::new(), Vec::new());
        if let Some(sketcher) = self.sketcher.as_mut().filter(|_| !hashes.is_empty()) {
            shingles_into(hashes, self.shingle, &mut self.shingles);
            sketcher.append_keys(&self.shingles, &mut keys);
        }
        halves_into(hashes, &mut tokens);
        Signed { hash: fingerprint_of(hashes), tokens, keys }
    }
}

/// An item with its tokens.
pub(super) enum Unpacked<'i> {
    Text(&'i str, Tokens, Vec<u32>),
    Outline { hashes: &'i [u64], spellings: &'i [u32], spans: &'i [[u32; 2]] },
}

impl<'i> Unpacked<'i> {
    pub(super) fn new(body: &'i Body, tokenizer: &mut Tokenizer) -> Self {
        match body {
            Body::Text(text) => {
                let mut tokens = Tokens::default();
                tokenizer.read(text, &mut tokens);
                let spellings = spellings(text, &tokens.spans).collect();
                Self::Text(text, tokens, spellings)
            }
            Body::Outline { hashes, spellings, spans } => Self::Outline { hashes, spellings, spans },
        }
    }
}

/// For callers that show no progress.
impl Reference {
    /// As [`Self::read`], without progress.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn new(corpus: &impl Corpus, config: &DetectConfig) -> Result<Self> {
        Self::read(corpus, config, &Silent)
    }
}
