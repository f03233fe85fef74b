//! One document against one that was read before: the pair that a run over both would tell.
//!
//! In: the tokens of both. Out: exact numbers and passages, or nothing. What depends on how many documents have something is asked of the caller.

use super::findings::{NumbersOfPair, rule_of};
use super::frame::{Judge, SharedGrams};
use super::placed::{append_respelled, placed};
use super::publication::{Publication, travels_between};
use super::reuse::{is_mostly, letter_run};
use crate::compare::{Aligner, MatchedRun, Overlap, Passage, SharedShingles, are_long, comes_first, content_key, swapped};
use crate::config::DetectConfig;
use crate::finding::{FoundPair, round};
use crate::text::{ByteSpan, LineIndex, SelectedGrams, written};
use std::ops::Range;

/// A document of a pair.
#[derive(Clone, Copy, Debug)]
pub struct PairSide<'a> {
    /// Its id.
    pub id: &'a str,
    /// Seconds since 1970.
    pub date: Option<i64>,
    /// Hash of the outlet's name, 0 if there is none.
    pub outlet: u64,
    /// Hash of each token.
    pub hashes: &'a [u64],
    /// Of each token, as it is written.
    pub spellings: &'a [u32],
    /// Where the tokens are in the text.
    pub offsets: Offsets<'a>,
}

/// What is known of how many documents have what one of a pair has.
pub struct Known<'a> {
    /// Its id.
    pub of: &'a str,
    /// Whether a gram stands in many documents; None where that is not known.
    pub is_common: &'a dyn Fn(u32) -> Option<bool>,
    /// Tokens of its paragraphs that are boilerplate.
    pub boilerplate: &'a [Range<usize>],
}

/// Where tokens stand.
#[derive(Clone, Copy, Debug)]
pub enum Offsets<'a> {
    /// In a text, in bytes.
    Text(&'a str, &'a [ByteSpan]),
    /// In code points, as they are written.
    Chars(&'a [[u32; 2]]),
}

impl Offsets<'_> {
    /// Counts the code points of a text.
    fn index(&self) -> Option<LineIndex<'_>> {
        if let Self::Text(text, _) = self { Some(LineIndex::new(text)) } else { None }
    }

    /// Code points of a range of tokens; of an empty one where the token before it ends. `index` is that of [`Self::index`].
    fn of(&self, index: Option<&LineIndex<'_>>, range: &Range<usize>) -> [usize; 2] {
        let span = |token: usize| match (self, index) {
            (Self::Text(text, spans), Some(index)) => {
                let span = written(text, spans, token);
                [index.chars(span.start), index.chars(span.end)]
            }
            (Self::Chars(spans), _) => spans[token].map(|at| at as usize),
            (Self::Text(..), None) => [0; 2],
        };
        let end = range.end.checked_sub(1).map_or(0, |last| span(last)[1]);
        if range.is_empty() { [end; 2] } else { [span(range.start)[0], end] }
    }
}

/// Why two documents are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// They share a band key.
    pub key: bool,
    /// They share fingerprints enough to be aligned whatever else they share.
    pub strong: bool,
    /// They share a rare fingerprint of a sample, and are aligned if they share as many grams as a run asks rare ones of.
    pub near: bool,
    /// They share one, and may share a run of the least length.
    pub weak: bool,
}

/// Compares documents; keeps its tables between them.
#[derive(Debug)]
pub struct Matcher {
    config: DetectConfig,
    aligner: Aligner,
    shingles: SharedShingles,
    grams: SharedGrams,
}

/// A pair of a document with one of a reference, which is the second.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    pub(crate) pair: FoundPair,
    /// Tokens of the longest run that matches verbatim; 0 if passages were not looked for.
    pub(crate) longest: usize,
}

/// What was measured of two documents, before it gets names and offsets.
struct Measured {
    /// None for equal shingle sets.
    overlap: Option<Overlap>,
    passages: Option<Vec<Passage>>,
    is_identical: bool,
    is_template: bool,
}

impl Measured {
    fn swapped(&self) -> Self {
        let passages = self.passages.as_deref().map(swapped);
        Self { overlap: self.overlap.map(Overlap::swapped), passages, ..*self }
    }
}

impl Matcher {
    /// For pairs that `config` is to report.
    pub fn new(config: &DetectConfig) -> Self {
        Self { config: *config, aligner: Aligner::new(), shingles: SharedShingles::default(), grams: SharedGrams::default() }
    }

    /// The pairs of `x` with `others`, which all have the same tokens. None of `others` has the id of `x`.
    pub fn pairs(&mut self, x: PairSide<'_>, others: &[PairSide<'_>], why: Evidence, known: &Known<'_>) -> Vec<FoundPair> {
        let Some(measured) = self.measure_first(&x, others, why, known) else { return Vec::new() };
        let swapped = measured.swapped();
        let pair = |other: &PairSide<'_>| {
            if x.id < other.id { self.told(&x, other, &measured) } else { self.told(other, &x, &swapped) }
        };
        others.iter().map(pair).collect()
    }

    /// The matches of `x` with `others`, which all have the same tokens. `x` is the first document of each pair, whatever its id. `run` is the longest known exact match:
    /// if it is long enough and no passage is found, because one of the two texts has it twice, it is the passage.
    pub(crate) fn matches(
        &mut self,
        x: PairSide<'_>,
        others: &[PairSide<'_>],
        (why, run): (Evidence, Option<MatchedRun>),
        known: &Known<'_>,
    ) -> Vec<Match> {
        let Some(other) = others.first() else { return Vec::new() };
        let mut measured = self.measure_first(&x, others, why, known);
        let sides = [x.hashes, other.hashes];
        let is_found = |measured: &Measured| measured.passages.as_ref().is_none_or(|passages| !passages.is_empty());
        let run = run.filter(|_| self.config.passages());
        let passage = run.map(|run| Passage::of_runs(vec![run])).filter(|passage| passage.is_long(sides, self.config.within.min_words));
        if let Some(passage) = passage.filter(|_| !measured.as_ref().is_some_and(is_found)) {
            let overlap = measured.as_ref().and_then(|measured| measured.overlap);
            let overlap = overlap.unwrap_or_else(|| overlap_of(&mut self.shingles, x.hashes, other.hashes, self.config.shingle));
            measured = Some(Measured { overlap: Some(overlap), passages: Some(vec![passage]), is_identical: false, is_template: false });
        }
        let Some(measured) = measured else { return Vec::new() };
        let runs = measured.passages.iter().flatten().flat_map(|passage| &passage.runs).chain(&run);
        let longest = runs.map(|run| run.length as usize).max().unwrap_or(0);
        others.iter().map(|other| Match { pair: self.told(&x, other, &measured), longest }).collect()
    }

    /// Measures `x` and one of `others`; `x` is the first.
    fn measure_first(&mut self, x: &PairSide<'_>, others: &[PairSide<'_>], why: Evidence, known: &Known<'_>) -> Option<Measured> {
        let first = others.iter().min_by_key(|other| other.id)?;
        let travels = travels_between(
            &mut Publication::list([(x.date, x.outlet)].into_iter()),
            &mut Publication::list(others.iter().map(|other| (other.date, other.outlet))),
        );
        // As in a run: in the order of their contents.
        if comes_first(content_key(x.hashes), content_key(first.hashes)) {
            self.measure([x, first], why, travels, known)
        } else {
            self.measure([first, x], why, travels, known).map(|measured| measured.swapped())
        }
    }

    fn measure(&mut self, [a, b]: [&PairSide<'_>; 2], why: Evidence, travels: bool, known: &Known<'_>) -> Option<Measured> {
        let config = self.config;
        if a.hashes.is_empty() || b.hashes.is_empty() {
            return None;
        }
        if a.hashes == b.hashes {
            let passages = config.passages().then(|| vec![Passage::whole(a.hashes.len())]);
            return Some(Measured { overlap: None, passages, is_identical: true, is_template: false });
        }
        let mut overlap = None;
        if why.key && config.across() {
            overlap = Some(overlap_of(&mut self.shingles, a.hashes, b.hashes, config.shingle));
        }
        let is_near = overlap.is_some_and(|overlap| overlap.jaccard() >= config.threshold);
        let why = Evidence { strong: why.strong || is_near, ..why };
        let may_share = config.passages() && (why.strong || why.near || why.weak);
        let (passages, is_template) =
            if may_share { self.passages([a, b], why, (known, travels), &mut overlap) } else { (Vec::new(), false) };
        if !is_near && passages.is_empty() {
            return None;
        }
        let overlap = overlap.unwrap_or_else(|| overlap_of(&mut self.shingles, a.hashes, b.hashes, config.shingle));
        Some(Measured { overlap: Some(overlap), passages: config.passages().then_some(passages), is_identical: false, is_template })
    }

    /// The passages of `a` and `b` that are told, and whether the pair is a template. Fills `overlap` if it was asked for.
    fn passages(
        &mut self,
        [a, b]: [&PairSide<'_>; 2],
        why: Evidence,
        (known, travels): (&Known<'_>, bool),
        overlap: &mut Option<Overlap>,
    ) -> (Vec<Passage>, bool) {
        let Self { config, aligner, shingles, grams } = self;
        let least = config.within.min_words;
        let sides = [a.hashes, b.hashes];
        let selected = are_long(sides).then(|| sides.map(|tokens| SelectedGrams::new(tokens, least)));
        aligner.index(a.hashes);
        let is_aligned = why.strong
            || selected.is_some()
            || why.near && grams.are_rare(a.hashes, b.hashes, known.is_common)
            || why.weak && aligner.share_run(a.hashes, b.hashes, least);
        let is_near = overlap.is_some_and(|overlap| overlap.jaccard() >= config.threshold);
        let shares_words = |aligner: &mut Aligner| letter_run(a.hashes).is_none_or(|run| aligner.share_run(a.hashes, b.hashes, run));
        if !is_aligned || !is_near && !shares_words(aligner) {
            return (Vec::new(), false);
        }
        let is_known_a = known.of == a.id;
        let is_frame = |passage: &Passage| {
            let (tokens, own) = if is_known_a { (a.hashes, &passage.a) } else { (b.hashes, &passage.b) };
            is_mostly(tokens, own, known.boilerplate, least)
        };
        let mut judge = Judge {
            least,
            selected: selected.as_ref().map(|[on_a, on_b]| [on_a, on_b]),
            is_told: &|passage| passage.is_long(sides, least) && !is_frame(passage),
            may_be_template: &mut |_| {
                let overlap = overlap.get_or_insert_with(|| overlap_of(shingles, a.hashes, b.hashes, config.shingle));
                overlap.jaccard() < config.threshold && !travels
            },
            is_common: known.is_common,
        };
        grams.told(aligner, sides, &mut judge)
    }

    fn told(&self, a: &PairSide<'_>, b: &PairSide<'_>, measured: &Measured) -> FoundPair {
        let numbers = NumbersOfPair::of(measured.overlap);
        let passages = measured.passages.as_deref();
        let matched = passages.map(|passages| passages.iter().map(|passage| passage.matched).sum::<usize>());
        let share = |tokens: usize| matched.map(|matched| round(matched as f64 / tokens.max(1) as f64));
        let placed = passages.map(|passages| {
            let (index_a, index_b) = (a.offsets.index(), b.offsets.index());
            let on_a = |tokens: &Range<usize>| a.offsets.of(index_a.as_ref(), tokens);
            let on_b = |tokens: &Range<usize>| b.offsets.of(index_b.as_ref(), tokens);
            let of_passage = |passage: &Passage| {
                let mut respelled = Vec::new();
                passage.runs.iter().for_each(|run| append_respelled(run, [a.spellings, b.spellings], &mut respelled));
                placed(passage, &respelled, on_a, on_b)
            };
            passages.iter().map(of_passage).collect()
        });
        FoundPair {
            rule: rule_of(measured.is_identical, numbers, measured.is_template, self.config.threshold),
            a: a.id.into(),
            b: b.id.into(),
            jaccard: numbers.jaccard,
            a_in_b: numbers.a_in_b,
            b_in_a: numbers.b_in_a,
            origin: super::findings::origin_of(a.date, b.date),
            a_covered: share(a.hashes.len()),
            b_covered: share(b.hashes.len()),
            passages: placed,
        }
    }
}

/// What the sets of shingles of `a` and `b` have in common.
fn overlap_of(shingles: &mut SharedShingles, a: &[u64], b: &[u64], length: usize) -> Overlap {
    shingles.index(a, length);
    shingles.with(b, length)
}
