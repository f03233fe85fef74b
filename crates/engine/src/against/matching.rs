//! A corpus is read once and compared with a reference, article by article.
//!
//! In: a [`Reference`] and a corpus. Out: [`Matches`]. Always: they depend on the articles of both alone, not on threads or order. Memory: the reference and
//! the matches.

use super::anchors::{Anchor, AnchorFinder};
use super::items::{ItemMatch, items_of};
use super::postings::value;
use super::reference::{Reference, Unpacked, halves_into, outlet_hash};
use crate::any_corpus::AnyCorpus;
use crate::compare::MatchedRun;
use crate::config::DetectConfig;
use crate::corpus::{Corpus, Visitor};
use crate::date::BadDates;
use crate::detect::{Evidence, Known, Match, Matcher, Offsets, PairSide, Phase, Progress, check_cancelled};
use crate::document::{Locator, Record};
use crate::error::{Error, Result};
use crate::finding::FoundPair;
use crate::problems::Problems;
use crate::sketch::{BandKey, Sketcher};
use crate::text::{ShingleHash, Tokenizer, Tokens, shingles_into, spellings};
use serde::Serialize;

/// Articles of one content of the reference that are listed for an article.
const MOST_COPIES: usize = 1000;

/// An article of the corpus and an article of the reference that share text.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceMatch {
    /// The pair: `a` is of the corpus, `b` of the reference.
    pub pair: FoundPair,
    /// The file of the article of the corpus.
    pub file: Box<str>,
    /// Its line or row, from 1.
    pub line: u64,
    /// Words of the longest run that matches verbatim.
    pub longest: usize,
    /// Where the article of the corpus is.
    pub locator: Locator,
    /// Position of the other in the reference.
    pub(super) item: u32,
}

impl ReferenceMatch {
    /// The share of the item that the article has, in [0, 1]: of its words, or of its shingles where passages were not looked for.
    #[must_use]
    pub fn item_share(&self) -> f64 {
        self.pair.b_covered.unwrap_or(self.pair.b_in_a)
    }
}

/// What a corpus shares with a reference.
#[derive(Debug)]
pub struct Matches {
    pub(super) config: DetectConfig,
    /// By article and item.
    pub(super) pairs: Vec<ReferenceMatch>,
    pub(super) items: Vec<ItemMatch>,
    pub(super) problems: Problems,
    pub(super) bad_dates: BadDates,
    pub(super) summary: MatchSummary,
}

/// Totals of a comparison with a reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MatchSummary {
    /// Articles of the corpus.
    pub documents: usize,
    /// Those without a word.
    pub empty: usize,
    /// Those that share text with the reference.
    pub matched_documents: usize,
    /// Records of the corpus that could not be read.
    pub skipped: usize,
    /// Articles of the reference.
    pub items: usize,
    /// Those that share text with the corpus.
    pub matched_items: usize,
    /// Pairs of an article and an item.
    pub matches: usize,
    /// Seeds of articles that occur in more items than `cap`: only the first of these items were compared on their account.
    pub capped_seeds: usize,
    /// Items with the same words as one that is listed, left out beyond the first thousand.
    pub unlisted: usize,
}

impl Matches {
    /// What was looked for.
    #[must_use]
    pub fn config(&self) -> &DetectConfig {
        &self.config
    }

    /// The matches, by the id of the article, its file and line, and the id of the item.
    #[must_use]
    pub fn pairs(&self) -> &[ReferenceMatch] {
        &self.pairs
    }

    /// The items that were found, those found in most articles first.
    #[must_use]
    pub fn items(&self) -> &[ItemMatch] {
        &self.items
    }

    /// Totals.
    #[must_use]
    pub fn summary(&self) -> &MatchSummary {
        &self.summary
    }

    /// Records of the corpus that could not be read.
    #[must_use]
    pub fn problems(&self) -> &Problems {
        &self.problems
    }

    /// Dates of the corpus that were not understood.
    #[must_use]
    pub fn bad_dates(&self) -> &BadDates {
        &self.bad_dates
    }
}

/// What is found in a stretch of the corpus.
#[derive(Default)]
struct Found {
    pairs: Vec<ReferenceMatch>,
    bad_dates: BadDates,
    documents: usize,
    empty: usize,
    matched_documents: usize,
    capped_seeds: usize,
    unlisted: usize,
}

impl Reference {
    /// Compares every article of `corpus` with the reference, on all threads of the current pool.
    ///
    /// # Errors
    /// What keeps a file from being read.
    pub fn matches(&self, corpus: &impl Corpus, progress: &dyn Progress) -> Result<Matches> {
        self.matches_in_any(&AnyCorpus::new(corpus), progress)
    }

    fn matches_in_any(&self, corpus: &AnyCorpus<'_>, progress: &dyn Progress) -> Result<Matches> {
        progress.phase(Phase::Reading, None);
        let stretches = corpus.visit(|| Comparing::new(self, progress))?;
        check_cancelled(progress)?;
        let mut matches = Matches {
            config: self.config,
            pairs: Vec::new(),
            items: Vec::new(),
            problems: Problems::default(),
            bad_dates: BadDates::default(),
            summary: MatchSummary { items: self.items.len(), ..MatchSummary::default() },
        };
        let (mut file, mut lines_before) = (0, 0);
        for stretch in stretches {
            if stretch.file != file {
                (file, lines_before) = (stretch.file, 0);
            }
            matches.append(stretch.output, &corpus.name(file), lines_before);
            matches.problems.append(stretch.problems, lines_before);
            lines_before += stretch.lines;
        }
        corpus.check_lengths()?;
        matches.pairs.sort_by(|x, y| order(x).cmp(&order(y)));
        matches.items = items_of(&matches.pairs, &self.items);
        let summary = &mut matches.summary;
        (summary.matches, summary.matched_items) = (matches.pairs.len(), matches.items.len());
        summary.skipped = matches.problems.count();
        Ok(matches)
    }
}

/// What the matches are sorted by.
fn order(found: &ReferenceMatch) -> (&str, &str, u64, u64, u32) {
    (&found.pair.a, &found.file, found.line, found.locator.start, found.item)
}

impl Matches {
    fn append(&mut self, found: Found, file: &str, lines_before: u64) {
        self.pairs.extend(found.pairs.into_iter().map(|mut pair| {
            pair.line += lines_before + 1;
            pair.file = file.into();
            if pair.pair.a.is_empty() {
                pair.pair.a = format!("{file}:{}", pair.line).into();
            }
            pair
        }));
        self.bad_dates.append(found.bad_dates, file, lines_before);
        self.summary.documents += found.documents;
        self.summary.empty += found.empty;
        self.summary.matched_documents += found.matched_documents;
        self.summary.capped_seeds += found.capped_seeds;
        self.summary.unlisted += found.unlisted;
    }
}

/// Compares the articles of a stretch.
struct Comparing<'r> {
    reference: &'r Reference,
    progress: &'r dyn Progress,
    tokenizer: Tokenizer,
    tokens: Tokens,
    halves: Vec<u32>,
    finder: AnchorFinder,
    sketcher: Option<Sketcher>,
    shingles: Vec<ShingleHash>,
    keys: Vec<BandKey>,
    /// Contents that share a run, and those that share a band key.
    sharing: Vec<Anchor>,
    near: Vec<u32>,
    /// Made for the first pair.
    matcher: Option<Matcher>,
    found: Found,
}

impl<'r> Comparing<'r> {
    fn new(reference: &'r Reference, progress: &'r dyn Progress) -> Self {
        let config = &reference.config;
        Self {
            reference,
            progress,
            tokenizer: Tokenizer::new(config.fold, config.simd),
            tokens: Tokens::default(),
            halves: Vec::new(),
            finder: AnchorFinder::default(),
            sketcher: config.across().then(|| Sketcher::new(config.banding(), config.simd)),
            shingles: Vec::new(),
            keys: Vec::new(),
            sharing: Vec::new(),
            near: Vec::new(),
            matcher: None,
            found: Found::default(),
        }
    }

    /// Fills `sharing` and `near` for the tokens that were read last.
    fn propose(&mut self) {
        let Self { reference, tokens, halves, finder, sketcher, shingles, keys, sharing, near, found, .. } = self;
        let config = &reference.config;
        sharing.clear();
        near.clear();
        if config.passages() {
            halves_into(&tokens.hashes, halves);
            found.capped_seeds += reference.anchors.find(halves, finder, sharing);
        }
        if let Some((sketcher, postings)) = sketcher.as_mut().zip(reference.keys.as_ref()) {
            shingles_into(&tokens.hashes, config.shingle, shingles);
            keys.clear();
            sketcher.append_keys(shingles, keys);
            let known = keys.iter().filter(|&&key| postings.may_have(key));
            near.extend(known.flat_map(|&key| postings.of(key)).map(|&posting| value(posting)));
        }
        // Identical articles are found in every scope.
        near.extend(reference.content_of(&tokens.hashes));
        near.sort_unstable();
        near.dedup();
    }

    /// Compares the article with the contents that were proposed.
    fn compare(&mut self, record: &Record<'_>) {
        let (sharing, near) = (std::mem::take(&mut self.sharing), std::mem::take(&mut self.near));
        let mut contents: Vec<u32> = sharing.iter().map(|anchor| anchor.content).chain(near.iter().copied()).collect();
        contents.sort_unstable();
        contents.dedup();
        let spelled: Vec<u32> = spellings(&record.text, &self.tokens.spans).collect();
        let own = PairSide {
            id: record.id.as_deref().unwrap_or_default(),
            date: self.found.bad_dates.parse(record.date.as_deref(), record.line),
            outlet: outlet_hash(record.outlet.as_deref()),
            hashes: &self.tokens.hashes,
            spellings: &spelled,
            offsets: Offsets::Text(&record.text, &self.tokens.spans),
        };
        let known = Known { of: own.id, is_common: &|_| None, boilerplate: &[] };
        let before = self.found.pairs.len();
        for content in contents {
            let anchor = sharing.binary_search_by_key(&content, |anchor| anchor.content).ok().map(|at| sharing[at]);
            let why = Evidence { key: near.binary_search(&content).is_ok(), strong: anchor.is_some(), near: false, weak: false };
            let run = anchor.map(|anchor| MatchedRun { a: anchor.at, b: anchor.there, length: anchor.length });
            let items = &self.reference.contents[content as usize].items;
            let listed = &items[..items.len().min(MOST_COPIES)];
            let Self { reference, tokenizer, matcher, .. } = self;
            let unpacked: Vec<Unpacked<'_>> =
                listed.iter().map(|&item| Unpacked::new(&reference.items[item as usize].body, tokenizer)).collect();
            let sides: Vec<PairSide<'_>> = listed.iter().zip(&unpacked).map(|(&item, unpacked)| reference.side(item, unpacked)).collect();
            let matcher = matcher.get_or_insert_with(|| Matcher::new(&reference.config));
            let matches = matcher.matches(own, &sides, (why, run), &known);
            if !matches.is_empty() {
                self.found.unlisted += items.len() - listed.len();
            }
            self.found.pairs.extend(listed.iter().zip(matches).map(|(&item, Match { pair, longest })| ReferenceMatch {
                pair,
                file: "".into(),
                line: record.line,
                longest,
                locator: record.locator,
                item,
            }));
        }
        self.found.matched_documents += usize::from(self.found.pairs.len() > before);
        (self.sharing, self.near) = (sharing, near);
    }
}

impl Reference {
    /// An item as the second of a pair.
    fn side<'i>(&'i self, item: u32, unpacked: &'i Unpacked<'_>) -> PairSide<'i> {
        let item = &self.items[item as usize];
        let (hashes, spellings, offsets): (&[u64], &[u32], _) = match unpacked {
            Unpacked::Text(text, tokens, spellings) => (&tokens.hashes, spellings, Offsets::Text(text, &tokens.spans)),
            Unpacked::Outline { hashes, spellings, spans } => (hashes, spellings, Offsets::Chars(spans)),
        };
        PairSide { id: &item.id, date: item.date, outlet: item.outlet, hashes, spellings, offsets }
    }
}

impl Visitor for Comparing<'_> {
    type Output = Found;

    fn document(&mut self, record: Record<'_>) {
        if self.is_done() {
            return;
        }
        self.found.documents += 1;
        self.tokenizer.read(&record.text, &mut self.tokens);
        if self.tokens.is_empty() {
            self.found.empty += 1;
            return;
        }
        self.propose();
        if !self.sharing.is_empty() || !self.near.is_empty() {
            self.compare(&record);
        }
    }

    fn is_done(&self) -> bool {
        self.progress.is_cancelled()
    }

    fn progress(&mut self, bytes: u64) {
        self.progress.read(bytes);
    }

    fn finish(self) -> Self::Output {
        self.found
    }
}

/// Refuses a corpus and a reference that have a file in common: each of its articles would match itself.
///
/// # Errors
/// [`Error::Config`] with the first such file.
pub fn check_distinct<'p>(
    corpus: impl Iterator<Item = &'p std::path::Path>,
    reference: impl Iterator<Item = &'p std::path::Path>,
) -> Result<()> {
    let real = |path: &std::path::Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let of_reference: std::collections::HashSet<_> = reference.map(real).collect();
    match corpus.map(real).find(|path| of_reference.contains(path)) {
        None => Ok(()),
        Some(path) => {
            let reason =
                format!("{} is in the corpus too, and each of its articles would match itself; leave it out of one", path.display());
            Err(Error::Config { setting: "against", reason })
        }
    }
}
