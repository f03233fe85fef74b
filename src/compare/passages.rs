//! Passages: stretches that stand twice, aligned token by token, edits and gaps allowed.
//!
//! In: two token streams, or one twice, and seeds. Out: pairs of token ranges with the number of tokens that match. Seeds are chained,
//! chains cut where they cost more than they bring, and extended over edits. Passages may still tell the same twice.

use super::chain::{Run, chains};
use super::extend::{BETWEEN, Extender, Outwards, WITHIN, common};
use super::seeds::{SEED, Seed};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

/// A stretch of tokens and another one that it is aligned with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Tokens of the one document, or of the earlier place in the document.
    pub a: Range<usize>,
    /// Tokens of the other; in one document it begins at or after the end of `a`.
    pub b: Range<usize>,
    /// Tokens that match.
    pub matched: usize,
    /// The stretch stands in another order on side b: its parts match, each in order.
    pub reordered: bool,
}

/// How many tokens `ranges` cover, each once.
pub(crate) fn covered(ranges: impl Iterator<Item = Range<usize>>) -> usize {
    let mut ranges: Vec<Range<usize>> = ranges.collect();
    ranges.sort_unstable_by_key(|range| range.start);
    let (mut count, mut end) = (0, 0);
    for range in ranges {
        count += range.end.saturating_sub(range.start.max(end));
        end = end.max(range.end);
    }
    count
}

/// Two token streams to be aligned.
#[derive(Clone, Copy)]
pub(super) struct Sides<'t> {
    pub(super) a: &'t [u64],
    pub(super) b: &'t [u64],
    /// Both are one document, in which side a stands before side b.
    pub(super) same: bool,
}

impl Passage {
    /// All of a document of `tokens` tokens, the same in another.
    #[must_use]
    pub fn whole(tokens: usize) -> Self {
        Self { a: 0..tokens, b: 0..tokens, matched: tokens, reordered: false }
    }

    /// The same with the sides exchanged.
    #[must_use]
    pub fn swapped(&self) -> Self {
        Self { a: self.b.clone(), b: self.a.clone(), ..*self }
    }

    /// True if the longer side has at least `min_words` tokens, and most of as many match: an edited copy of the least length counts.
    #[must_use]
    pub fn is_long(&self, min_words: usize) -> bool {
        self.a.len().max(self.b.len()) >= min_words && self.matched as f64 >= LEAST_MATCHED_SHARE * min_words as f64
    }

    /// Matched tokens over the longer side's tokens, in [0, 1].
    #[must_use]
    pub fn similarity(&self) -> f64 {
        self.matched as f64 / self.a.len().max(self.b.len()).max(1) as f64
    }
}

/// Share of the least length that must match in a passage that is as long.
const LEAST_MATCHED_SHARE: f64 = 0.6;
/// A passage of fewer matched tokens is noise to the joining of neighbours.
const LEAST_MATCHED: usize = 6;
/// The same for two documents, where small pieces may belong to a passage whose sentences were moved.
const LEAST_CORE: usize = 4;
/// Least similarity of a passage.
pub(super) const LEAST_SIMILARITY: f64 = 0.5;
/// A passage less alike than this gives way to its core, where that is more alike, and to what stands twice word for word.
pub(super) const WEAK_SIMILARITY: f64 = 0.7;
/// Passages around the chains of `seeds`; they may tell the same twice.
pub(super) fn passages(extender: &mut Extender, sides: Sides<'_>, seeds: &[Seed]) -> Vec<Passage> {
    let mut chains = chains(seeds, sides.same);
    if !sides.same {
        chains.retain(|chain| matched_in_runs(chain) >= LEAST_CORE);
    }
    let mut pieces: Vec<&[Run]> = chains.iter().flat_map(|chain| pieces(sides, chain)).collect();
    let claims = Claims::new(&pieces);
    let mut found: Vec<Passage> = Vec::new();
    if sides.same {
        found.extend(pieces.iter().map(|piece| extend(extender, sides, piece, &claims)));
    } else {
        // Two documents that are alike have many chance chains beside the true one: what lies in a greater passage is not extended.
        pieces.retain(|piece| matched_in_runs(piece) >= LEAST_CORE);
        pieces.sort_by_key(|piece| (Reverse(matched_in_runs(piece)), piece[0].b, piece[0].a));
        let mut told = Intervals::default();
        for piece in pieces {
            let Some(piece) = told.free_part(piece) else { continue };
            let passage = if matched_in_runs(&piece) < LEAST_MATCHED { core(&piece) } else { extend(extender, sides, &piece, &claims) };
            told.add(&passage.b);
            found.push(passage);
        }
    }
    let least = if sides.same { LEAST_MATCHED } else { LEAST_CORE };
    found.retain(|passage| passage.matched >= least && passage.similarity() >= LEAST_SIMILARITY);
    found
}

/// A piece without what is around it.
fn core(piece: &[Run]) -> Passage {
    let (head, tail) = (piece[0], piece[piece.len() - 1]);
    Passage { a: head.a..tail.a + tail.length, b: head.b..tail.b + tail.length, matched: matched_in_runs(piece), reordered: false }
}

fn matched_in_runs(piece: &[Run]) -> usize {
    piece.iter().map(|run| run.length).sum()
}

/// Ranges of tokens that do not overlap.
#[derive(Default)]
struct Intervals(BTreeMap<usize, usize>);

impl Intervals {
    /// What is free of `piece` on side b if its ends are cut: a word that stands on both sides of a seam may belong to either. None if that is
    /// less than half of what matches in it.
    fn free_part(&self, piece: &[Run]) -> Option<Vec<Run>> {
        let (start, end) = (piece[0].b, piece[piece.len() - 1].b + piece[piece.len() - 1].length);
        let from = self.0.range(..=start).next_back().map_or(start, |(_, &end)| end.max(start));
        let to = self.0.range(from..end.max(from)).next().map_or(end, |(&start, _)| start);
        let cut = piece.iter().filter_map(|run| {
            let (b, b_end) = (run.b.max(from), (run.b + run.length).min(to));
            (b < b_end).then(|| Run { a: run.a + (b - run.b), b, length: b_end - b })
        });
        let free: Vec<Run> = cut.collect();
        let matched = matched_in_runs(&free);
        (matched >= LEAST_CORE && 2 * matched >= matched_in_runs(piece)).then_some(free)
    }

    fn add(&mut self, range: &Range<usize>) {
        self.0.insert(range.start, range.end);
    }
}

/// Tokens of a core that keep other passages from reaching over it.
const CLAIMING_TOKENS: usize = 8;

/// Where the cores of passages stand on side b: what one of them explains, another does not reach into.
struct Claims {
    starts: Vec<usize>,
    ends: Vec<usize>,
}

impl Claims {
    fn new(pieces: &[&[Run]]) -> Self {
        let claiming = || pieces.iter().filter(|piece| matched_in_runs(piece) >= CLAIMING_TOKENS);
        let mut starts: Vec<usize> = claiming().map(|piece| piece[0].b).collect();
        let mut ends: Vec<usize> = claiming().map(|piece| piece[piece.len() - 1]).map(|tail| tail.b + tail.length).collect();
        starts.sort_unstable();
        ends.sort_unstable();
        Self { starts, ends }
    }

    /// What a core on `core` may reach on side b: itself, but for a few tokens that the next claims, and what nothing else claims.
    fn free_around(&self, core: &Range<usize>) -> Range<usize> {
        let next = self.starts.get(self.starts.partition_point(|&start| start <= core.start));
        let last = self.ends.partition_point(|&end| end < core.end).checked_sub(1).map(|at| self.ends[at]);
        let end = next.copied().unwrap_or(usize::MAX);
        last.unwrap_or(0)..if end <= core.end.saturating_sub(SEED) { core.end } else { end }
    }
}

/// In a passage of two documents longer gaps are left to the joining of neighbours: what stands in them may be told with another place.
const LONGEST_INNER_GAP: usize = 10;

/// What a token of a chain earns that matches, and what one costs that does not.
const MATCH: f64 = 2.0;
const MISMATCH: f64 = 1.2;

/// Two runs and the gap between them: tokens that match in it, and what it is worth.
fn gap(sides: Sides<'_>, before: &Run, after: &Run) -> (usize, f64) {
    let (a, b) = (&sides.a[before.a + before.length..after.a], &sides.b[before.b + before.length..after.b]);
    let matched = common(a, b);
    (matched, MATCH * matched as f64 - MISMATCH * (a.len().max(b.len()) - matched) as f64)
}

/// Cuts a chain at gaps that cost more than what stands on one side of them is worth: a chance seed at some distance is no part of a
/// passage. Linear in the chain.
fn pieces<'c>(sides: Sides<'_>, chain: &'c [Run]) -> Vec<&'c [Run]> {
    let worth: Vec<f64> = chain.windows(2).map(|pair| gap(sides, &pair[0], &pair[1]).1).collect();
    let is_far = |pair: &[Run]| {
        let (before, after) = (&pair[0], &pair[1]);
        !sides.same && (after.a - before.a - before.length).max(after.b - before.b - before.length) > LONGEST_INNER_GAP
    };
    let mut cut: Vec<bool> = chain.windows(2).map(is_far).collect();
    let mut score = 0.0;
    for (at, gap) in worth.iter().enumerate() {
        score = if cut[at] { 0.0 } else { score + MATCH * chain[at].length as f64 + gap };
        if score <= 0.0 {
            (cut[at], score) = (true, 0.0);
        }
    }
    score = 0.0;
    for (at, gap) in worth.iter().enumerate().rev() {
        score = if cut[at] { 0.0 } else { score + MATCH * chain[at + 1].length as f64 + gap };
        if score <= 0.0 {
            (cut[at], score) = (true, 0.0);
        }
    }
    let mut start = 0;
    let mut pieces = Vec::new();
    for (at, _) in cut.iter().enumerate().filter(|(_, cut)| **cut) {
        pieces.push(&chain[start..=at]);
        start = at + 1;
    }
    pieces.push(&chain[start..]);
    pieces
}

/// The runs of a piece, what matches between them, and how far the passage reaches around them.
fn extend(extender: &mut Extender, sides: Sides<'_>, piece: &[Run], claims: &Claims) -> Passage {
    let (head, tail) = (piece[0], piece[piece.len() - 1]);
    let runs = matched_in_runs(piece);
    let between: usize = piece.windows(2).map(|pair| gap(sides, &pair[0], &pair[1]).0).sum();
    let (mut a, mut b) = (head.a..tail.a + tail.length, head.b..tail.b + tail.length);
    let free = claims.free_around(&b);
    // The last seed may hang over into the next copy by less than its length.
    let over = b.end.saturating_sub(free.end).min(tail.length - 1);
    (a.end, b.end) = (a.end - over, b.end - over);
    let scores = if sides.same { WITHIN } else { BETWEEN };
    // In one document side a ends before side b begins.
    let limit_a = if sides.same { b.start } else { sides.a.len() };
    let limit_b = free.end.clamp(b.end, sides.b.len());
    let right = extender.reach(scores, Outwards::Forwards(&sides.a[a.end..limit_a], &sides.b[b.end..limit_b]));
    let a_end = a.end + right.a;
    let least_b = (if sides.same { a_end.max(free.start) } else { free.start }).min(b.start);
    let left = extender.reach(scores, Outwards::Backwards(&sides.a[..a.start], &sides.b[least_b..b.start]));
    let core = Passage { matched: runs - over + between, a: a.clone(), b: b.clone(), reordered: false };
    let matched = core.matched + right.matched + left.matched;
    let passage = Passage { a: a.start - left.a..a_end, b: b.start - left.b..b.end + right.b, matched, reordered: false };
    // Among few distinct words anything can be aligned: then the core stands for itself.
    if passage.similarity() < WEAK_SIMILARITY && passage.similarity() < core.similarity() { core } else { passage }
}
