//! From candidates to passages: which candidates are worth an alignment, and what pieces their alignments have.
//!
//! In: ranges of two documents that may hold passages, and the matched runs of their alignments. Out: pieces.

use super::passage::{MatchedRun, Passage};
use super::passages::Candidate;
use super::pieces::{Piece, are_scattered, is_end, split, without_boundaries};
use super::scattered;
use super::seeds::{LONG_TOKENS, Seed};
use super::select::{keep_in_order, select};
use std::ops::Range;

/// Tokens between two candidates over which they may become one passage.
const FARTHEST: usize = 60;

/// Shorter exact matches are not taken for granted: chance brings them about.
const LEAST_ANCHOR: u32 = 4;

/// The pieces of the alignments of two documents.
pub(super) struct Pieces<'t> {
    sides: [&'t [u64]; 2],
    /// Passages of fewer matched tokens are not looked for.
    least: usize,
    /// Ranges of side a, in order, in which candidates are near enough to each other to be one passage of `least` matched tokens.
    near: Vec<Range<usize>>,
    pieces: Vec<Piece>,
}

impl<'t> Pieces<'t> {
    pub(super) fn new(sides: [&'t [u64]; 2], candidates: &[Candidate], least: usize) -> Self {
        Self { sides, least, near: near_enough(candidates, least), pieces: Vec::new() }
    }

    /// True if a candidate may be part of a passage.
    pub(super) fn may_hold(&self, candidate: &Candidate) -> bool {
        is_in(&self.near, candidate.a.start)
    }

    /// Adds the pieces of the alignment of a candidate.
    pub(super) fn add(&mut self, runs: &[MatchedRun]) {
        let Self { sides, pieces, .. } = self;
        without_boundaries(runs, *sides, |runs| {
            let (head, tail) = (&runs[0], &runs[runs.len() - 1]);
            let ranges = [head.on_a().start..tail.on_a().end, head.on_b().start..tail.on_b().end];
            if !are_scattered(runs) {
                split(runs, pieces);
            } else if runs.windows(2).all(|pair| !is_end(pair[0].gaps(&pair[1]))) {
                pieces.push(Piece { runs: runs.to_vec() });
            } else if !scattered::align(*sides, ranges, pieces) {
                split(runs, pieces);
            }
        });
    }

    /// Adds exact matches that are long and in no piece yet: whatever candidates they are part of, they are not lost.
    pub(super) fn add_exact(&mut self, matches: impl Iterator<Item = MatchedRun>) {
        let Self { sides, least, pieces, .. } = self;
        // Runs on one diagonal together.
        let on_diagonal = |run: &MatchedRun| (run.a.wrapping_sub(run.b), run.a);
        let mut known: Vec<MatchedRun> =
            pieces.iter().flat_map(|piece| &piece.runs).filter(|run| run.length >= LONG_TOKENS).copied().collect();
        known.sort_unstable_by_key(on_diagonal);
        let is_known = |run: &MatchedRun| {
            let next = known.partition_point(|other| on_diagonal(other) <= on_diagonal(run));
            let last = next.checked_sub(1).map(|last| &known[last]);
            last.is_some_and(|last| last.a.wrapping_sub(last.b) == run.a.wrapping_sub(run.b) && last.on_a().end >= run.on_a().end)
        };
        let near = &self.near;
        let is_wanted = |run: &MatchedRun| run.length as usize >= *least || is_in(near, run.a as usize);
        for run in matches.filter(|run| run.length >= LONG_TOKENS && is_wanted(run) && !is_known(run)) {
            without_boundaries(&[run], *sides, |runs| pieces.push(Piece { runs: runs.to_vec() }));
        }
    }

    /// The passages, in order of side a. They overlap on neither side.
    pub(super) fn passages(self) -> Vec<Passage> {
        if self.pieces.is_empty() { Vec::new() } else { select(self.sides, self.pieces, self.least) }
    }
}

/// True if a position is in one of `ranges`, which are in order.
fn is_in(ranges: &[Range<usize>], at: usize) -> bool {
    let next = ranges.partition_point(|range| range.start <= at);
    next > 0 && at < ranges[next - 1].end
}

/// Replaces `chain` by the exact matches on a candidate that match most together in order on both sides. `seeds` are in order of side b, and have at most
/// `longest` tokens.
pub(super) fn chain_on(candidate: &Candidate, seeds: &[Seed], longest: usize, chain: &mut Vec<MatchedRun>) {
    chain.clear();
    let Candidate { a, b, .. } = candidate;
    let from = seeds.partition_point(|seed| seed.b as usize + longest <= b.start);
    let near = seeds[from..].iter().take_while(|seed| (seed.b as usize) < b.end).filter(|seed| seed.length >= LEAST_ANCHOR);
    chain.extend(near.filter_map(|seed| clipped(seed, a, b)));
    chain.sort_unstable();
    if !chain.is_sorted_by_key(|run| run.b) {
        keep_in_order(chain);
    }
    cut_overlaps(chain);
}

/// What of a seed is on two ranges, if that is long enough.
#[expect(clippy::cast_possible_truncation, reason = "within a seed")]
fn clipped(seed: &Seed, a: &Range<usize>, b: &Range<usize>) -> Option<MatchedRun> {
    let run = MatchedRun { a: seed.a, b: seed.b, length: seed.length };
    let start = a.start.saturating_sub(run.on_a().start).max(b.start.saturating_sub(run.on_b().start));
    let behind = run.on_a().end.saturating_sub(a.end).max(run.on_b().end.saturating_sub(b.end));
    let end = (run.length as usize).saturating_sub(behind);
    (end >= start + LEAST_ANCHOR as usize).then(|| run.part(start as u32..end as u32))
}

/// Cuts the start of each run that overlaps the one before it, on either side; drops what is left of none.
pub(super) fn cut_overlaps(runs: &mut Vec<MatchedRun>) {
    let mut end = [0_u32; 2];
    runs.retain_mut(|run| {
        let overlap = end[0].saturating_sub(run.a).max(end[1].saturating_sub(run.b));
        let is_left = overlap < run.length;
        if is_left {
            *run = run.part(overlap..run.length);
            end = [run.a + run.length, run.b + run.length];
        }
        is_left
    });
}

/// Ranges of side a in which candidates are near enough to each other to be one passage of `least` matched tokens, in order.
fn near_enough(candidates: &[Candidate], least: usize) -> Vec<Range<usize>> {
    let mut by_a: Vec<&Candidate> = candidates.iter().collect();
    by_a.sort_unstable_by_key(|candidate| candidate.a.start);
    let mut groups: Vec<(Range<usize>, usize)> = Vec::new();
    for candidate in by_a {
        match groups.last_mut() {
            Some((range, matched)) if candidate.a.start <= range.end + FARTHEST => {
                range.end = range.end.max(candidate.a.end);
                *matched += candidate.matched;
            }
            _ => groups.push((candidate.a.clone(), candidate.matched)),
        }
    }
    // The alignment may match some more tokens than were counted.
    groups.into_iter().filter(|(_, matched)| matched + matched / 4 >= least).map(|(range, _)| range).collect()
}
