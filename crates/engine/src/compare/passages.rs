//! Passages: stretches that stand twice, aligned token by token, edits and gaps allowed.
//!
//! In: two token streams, or one twice, and seeds. Out: pairs of token ranges with the number of tokens that match. Seeds are chained,
//! chains cut where they cost more than they bring, and extended over edits. Passages may still tell the same twice.

use super::chain::{Chainer, Run};
use super::extend::{BETWEEN, Extender, Outwards, WITHIN, common};
use super::seeds::{SEED, Seed};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

/// Two ranges of tokens that may be aligned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// Tokens of the one document, or of the earlier occurrence in the document.
    pub(super) a: Range<usize>,
    /// Tokens of the other; within one document it begins at or after the end of `a`.
    pub(super) b: Range<usize>,
    /// About how many tokens match.
    pub(super) matched: usize,
}

/// Two token streams to be aligned.
#[derive(Clone, Copy)]
pub(super) struct Sides<'t> {
    pub(super) a: &'t [u64],
    pub(super) b: &'t [u64],
    /// Both are one document, in which side a stands before side b.
    pub(super) same: bool,
}

impl Candidate {
    /// Matched tokens over the longer side's tokens, in [0, 1].
    pub(super) fn similarity(&self) -> f64 {
        self.matched as f64 / self.a.len().max(self.b.len()).max(1) as f64
    }
}

/// A passage of fewer matched tokens is noise to the joining of neighbours.
const LEAST_MATCHED: usize = 6;
/// The same for two documents, where small pieces may belong to a passage whose sentences were moved.
const LEAST_CORE: usize = 4;
/// Least similarity of a passage.
pub(super) const LEAST_SIMILARITY: f64 = 0.5;
/// A passage less alike than this gives way to its core, where that is more alike, and to what stands twice word for word.
pub(super) const WEAK_SIMILARITY: f64 = 0.7;

/// Tokens of side a that all passages of a pair together may reach over, for each that it has.
const REACHED_A_TOKEN: usize = 16;

/// Finds passages around seeds; keeps its tables.
#[derive(Debug, Default)]
pub(super) struct PassageFinder {
    chainer: Chainer,
    extender: Extender,
    cutter: Cutter,
    claims: Claims,
    /// A piece whose ends were cut.
    cut: Vec<Run>,
}

impl PassageFinder {
    /// Passages around the chains of `seeds`; they may tell the same twice.
    pub(super) fn find(&mut self, sides: Sides<'_>, seeds: &[Seed]) -> Vec<Candidate> {
        let Self { chainer, extender, cutter, claims, cut } = self;
        chainer.chain(seeds, sides.same);
        extender.left = REACHED_A_TOKEN * sides.a.len();
        let least = if sides.same { 0 } else { LEAST_CORE };
        cutter.cut(sides, chainer.chains().filter(|chain| matched_in_runs(chain) >= least));
        let Cutter { runs, gaps, pieces, .. } = cutter;
        claims.fill(runs, pieces);
        let mut found: Vec<Candidate> = Vec::new();
        if sides.same {
            let whole = |piece: &Piece| (&runs[piece.start..piece.end], &gaps[piece.start..]);
            found.extend(pieces.iter().map(whole).map(|(piece, gaps)| extend(extender, sides, piece, gaps, claims)));
        } else {
            // Two documents that are alike have many chance chains beside the true one: what lies in a greater passage is not extended.
            pieces.retain(|piece| piece.matched >= LEAST_CORE);
            pieces.sort_unstable_by_key(|piece| (Reverse(piece.matched), runs[piece.start].b, runs[piece.start].a, piece.start));
            let mut told = Intervals::default();
            for &piece in &*pieces {
                let Some((piece, gaps)) = told.free_part(piece, runs, gaps, cut) else { continue };
                let is_noise = matched_in_runs(piece) < LEAST_MATCHED;
                let passage = if is_noise { core(piece) } else { extend(extender, sides, piece, gaps, claims) };
                told.add(&passage.b);
                found.push(passage);
            }
        }
        let least = if sides.same { LEAST_MATCHED } else { LEAST_CORE };
        found.retain(|passage| passage.matched >= least && passage.similarity() >= LEAST_SIMILARITY);
        found
    }
}

/// A piece without what is around it.
fn core(piece: &[Run]) -> Candidate {
    let (head, tail) = (piece[0], piece[piece.len() - 1]);
    Candidate { a: head.a..tail.a + tail.length, b: head.b..tail.b + tail.length, matched: matched_in_runs(piece) }
}

fn matched_in_runs(piece: &[Run]) -> usize {
    piece.iter().map(|run| run.length).sum()
}

/// Ranges of tokens that do not overlap.
#[derive(Default)]
struct Intervals(BTreeMap<usize, usize>);

impl Intervals {
    /// What is free of `piece` on side b if its ends are cut, with what matches in its gaps: a word that stands on both sides of a seam may belong to
    /// either. None if that is less than half of what matches in its runs.
    fn free_part<'p>(&self, piece: Piece, runs: &'p [Run], gaps: &'p [usize], cut: &'p mut Vec<Run>) -> Option<(&'p [Run], &'p [usize])> {
        let (whole, gaps) = (&runs[piece.start..piece.end], &gaps[piece.start..piece.end]);
        let (head, tail) = (whole[0], whole[whole.len() - 1]);
        let (start, end) = (head.b, tail.b + tail.length);
        let from = self.0.range(..=start).next_back().map_or(start, |(_, &end)| end.max(start));
        let to = self.0.range(from..end.max(from)).next().map_or(end, |(&start, _)| start);
        if (from, to) == (start, end) {
            return Some((whole, gaps));
        }
        let first = whole.iter().take_while(|run| run.b + run.length <= from).count();
        cut.clear();
        cut.extend(whole[first..].iter().take_while(|run| run.b < to).map(|run| {
            let (b, b_end) = (run.b.max(from), (run.b + run.length).min(to));
            Run { a: run.a + (b - run.b), b, length: b_end - b }
        }));
        let matched = matched_in_runs(cut);
        (matched >= LEAST_CORE && 2 * matched >= piece.matched).then_some((cut, &gaps[first..]))
    }

    fn add(&mut self, range: &Range<usize>) {
        self.0.insert(range.start, range.end);
    }
}

/// Tokens of a core that keep other passages from reaching over it.
const CLAIMING_TOKENS: usize = 8;

/// Where the cores of passages stand on side b: what one of them explains, another does not reach into.
#[derive(Debug, Default)]
struct Claims {
    starts: Vec<usize>,
    ends: Vec<usize>,
}

impl Claims {
    fn fill(&mut self, runs: &[Run], pieces: &[Piece]) {
        let Self { starts, ends } = self;
        starts.clear();
        ends.clear();
        for piece in pieces.iter().filter(|piece| piece.matched >= CLAIMING_TOKENS) {
            let tail = runs[piece.end - 1];
            starts.push(runs[piece.start].b);
            ends.push(tail.b + tail.length);
        }
        starts.sort_unstable();
        ends.sort_unstable();
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

/// What a token of a chain earns that matches, and what one costs that does not, in fifths.
const MATCH: i64 = 10;
const MISMATCH: i64 = 6;

/// Runs of a chain that belong together.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Positions of the first run, and of the one behind the last.
    start: usize,
    end: usize,
    /// Tokens in the runs.
    matched: usize,
}

/// Cuts chains into pieces; keeps its tables.
#[derive(Debug, Default)]
struct Cutter {
    /// Of all chains, one behind the other.
    runs: Vec<Run>,
    /// For each run how many tokens match between it and the next one of its piece, 0 for the last.
    gaps: Vec<usize>,
    pieces: Vec<Piece>,
    /// What the gaps of a chain are worth, and whether it is cut there.
    worth: Vec<i64>,
    is_cut: Vec<bool>,
}

impl Cutter {
    /// Cuts chains at gaps that cost more than what stands on one side of them is worth: a chance seed at some distance is no part of a
    /// passage. Linear in the chains.
    fn cut<'c>(&mut self, sides: Sides<'_>, chains: impl Iterator<Item = &'c [Run]>) {
        self.runs.clear();
        self.gaps.clear();
        self.pieces.clear();
        for chain in chains {
            self.measure_gaps(sides, chain);
            self.cut_chain(chain);
            let mut start = self.runs.len();
            self.runs.extend_from_slice(chain);
            let ends = self.is_cut.iter().enumerate().filter(|(_, is_cut)| **is_cut).map(|(at, _)| at + 1).chain([chain.len()]);
            let first = start;
            for end in ends.map(|end| first + end) {
                self.pieces.push(Piece { start, end, matched: matched_in_runs(&self.runs[start..end]) });
                start = end;
            }
        }
    }

    /// Adds to `gaps` those of `chain`, and fills `worth` and `is_cut`.
    fn measure_gaps(&mut self, sides: Sides<'_>, chain: &[Run]) {
        self.worth.clear();
        self.is_cut.clear();
        for pair in chain.windows(2) {
            let (before, after) = (&pair[0], &pair[1]);
            let (a, b) = (&sides.a[before.a + before.length..after.a], &sides.b[before.b + before.length..after.b]);
            let longest = a.len().max(b.len());
            let is_far = !sides.same && longest > LONGEST_INNER_GAP;
            let matched = if is_far { 0 } else { common(a, b) };
            self.gaps.push(matched);
            self.worth.push(MATCH * matched as i64 - MISMATCH * (longest - matched) as i64);
            self.is_cut.push(is_far);
        }
        self.gaps.push(0);
    }

    /// Completes `is_cut`, from both ends of the chain.
    fn cut_chain(&mut self, chain: &[Run]) {
        let Self { worth, is_cut, .. } = self;
        let mut score = 0;
        for (at, gap) in worth.iter().enumerate() {
            score = if is_cut[at] { 0 } else { score + MATCH * chain[at].length as i64 + gap };
            if score <= 0 {
                (is_cut[at], score) = (true, 0);
            }
        }
        score = 0;
        for (at, gap) in worth.iter().enumerate().rev() {
            score = if is_cut[at] { 0 } else { score + MATCH * chain[at + 1].length as i64 + gap };
            if score <= 0 {
                (is_cut[at], score) = (true, 0);
            }
        }
    }
}

/// The runs of a piece, what matches between them, and how far the passage reaches around them. `gaps` has for each run what matches behind it.
fn extend(extender: &mut Extender, sides: Sides<'_>, piece: &[Run], gaps: &[usize], claims: &Claims) -> Candidate {
    let (head, tail) = (piece[0], piece[piece.len() - 1]);
    let runs = matched_in_runs(piece);
    let between: usize = gaps[..piece.len() - 1].iter().sum();
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
    let core = Candidate { matched: runs - over + between, a: a.clone(), b: b.clone() };
    let matched = core.matched + right.matched + left.matched;
    let passage = Candidate { a: a.start - left.a..a_end, b: b.start - left.b..b.end + right.b, matched };
    // Among few distinct words anything can be aligned: then the core stands for itself.
    if passage.similarity() < WEAK_SIMILARITY && passage.similarity() < core.similarity() { core } else { passage }
}
