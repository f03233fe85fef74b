//! Alignments split into pieces that may be passages.
//!
//! In: matched runs in order. Out: pieces without a long unmatched gap, whose ends match well. A match far out, beyond more unmatched tokens than it is
//! worth, is no part of a piece.

use super::passage::MatchedRun;
use super::seeds::LONG_TOKENS;
use crate::text::{between_boundaries, has_boundary};

/// Most consecutive unmatched tokens on one side of a passage that have no counterpart of similar length on the other.
pub(super) const LONGEST_GAP: u32 = 8;
/// Pieces of fewer matched tokens are dropped.
pub(super) const LEAST_MATCHED: usize = 4;
/// An alignment of lower similarity is of reworded text: its matches are scattered.
const SCATTERED: f64 = 0.75;

/// What tokens score: a matched one, one that is replaced by another, one without a counterpart.
const MATCH: i64 = 4;
const REPLACED: i64 = 4;
const MISSING: i64 = 3;

/// Matched runs in order on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) runs: Vec<MatchedRun>,
}

impl Piece {
    pub(super) fn matched(&self) -> usize {
        matched_in(&self.runs)
    }

    /// What its matches score, less what the gaps between them cost; scattered matches cost more than they score, and count for a fraction instead.
    pub(super) fn score(&self) -> i64 {
        let gaps: i64 = self.runs.windows(2).map(|pair| cost(pair[0].gaps(&pair[1]))).sum();
        let matched = self.matched() as i64;
        (MATCH * matched - gaps).max(matched)
    }
}

fn matched_in(runs: &[MatchedRun]) -> usize {
    runs.iter().map(|run| run.length as usize).sum()
}

/// What a run scores: of two chains that match as many tokens, the one in longer runs is the better.
pub(super) fn score_of(length: u32) -> i64 {
    (MATCH + 1) * i64::from(length) - 1
}

pub(super) fn cost([a, b]: [u32; 2]) -> i64 {
    REPLACED * i64::from(a.min(b)) + MISSING * i64::from(a.abs_diff(b))
}

/// True if a passage ends where so many tokens of each side are unmatched.
pub(super) fn is_end([a, b]: [u32; 2]) -> bool {
    let (less, more) = (a.min(b), a.max(b));
    more > LONGEST_GAP && 2 * less < more
}

/// The runs of passages, in any order: those of `runs`, which overlap on neither side, split where a passage ends on one side or the other, until none does.
pub(super) fn split_at_ends(runs: Vec<MatchedRun>) -> Vec<Vec<MatchedRun>> {
    let mut parts = Vec::new();
    // Each with the side along which to split, and along how many sides it was not.
    let mut open = vec![(runs, false, 0)];
    while let Some((runs, on_b, unsplit)) = open.pop() {
        if runs.len() < 2 || unsplit == 2 {
            parts.push(runs);
            continue;
        }
        let split = split_along(runs, on_b);
        let unsplit = if split.len() == 1 { unsplit + 1 } else { 1 };
        open.extend(split.into_iter().map(|part| (part, !on_b, unsplit)));
    }
    parts
}

/// Splits runs where a passage ends, in order of one side.
fn split_along(mut runs: Vec<MatchedRun>, on_b: bool) -> Vec<Vec<MatchedRun>> {
    let turned = |run: &MatchedRun| if on_b { run.swapped() } else { *run };
    runs.sort_unstable_by_key(turned);
    let mut by_other: Vec<usize> = (0..runs.len()).collect();
    by_other.sort_unstable_by_key(|&at| turned(&runs[at]).b);
    let mut rank = vec![0_usize; runs.len()];
    by_other.iter().enumerate().for_each(|(position, &at)| rank[at] = position);
    // Unmatched tokens of the other side behind a run, or before it.
    let other_gap = |one: usize, other: Option<&usize>| other.map(|&other| turned(&runs[one]).gaps(&turned(&runs[other]))[1]);
    let is_end_before = |at: usize| {
        let gap = turned(&runs[at - 1]).gaps(&turned(&runs[at]))[0];
        let behind = other_gap(at - 1, by_other.get(rank[at - 1] + 1));
        let before = rank[at].checked_sub(1).and_then(|before| other_gap(by_other[before], Some(&at)));
        let swapped = (rank[at] + 1 == rank[at - 1]).then(|| other_gap(at, Some(&(at - 1)))).flatten();
        let counterparts = [behind, before, swapped].into_iter().flatten();
        gap > LONGEST_GAP && counterparts.clone().all(|counterpart| is_end([gap, counterpart]))
            || rank[at] == rank[at - 1] + 1 && counterparts.clone().all(|counterpart| is_end([gap, counterpart]))
    };
    let mut parts: Vec<Vec<MatchedRun>> = Vec::new();
    for (at, run) in runs.iter().enumerate() {
        match parts.last_mut() {
            Some(part) if !is_end_before(at) => part.push(*run),
            _ => parts.push(vec![*run]),
        }
    }
    parts
}

/// Calls `each` with the parts of `runs`, which stand in order on both sides, between boundaries of either document.
pub(super) fn without_boundaries(runs: &[MatchedRun], [a, b]: [&[u64]; 2], mut each: impl FnMut(&[MatchedRun])) {
    let (Some(head), Some(tail)) = (runs.first(), runs.last()) else { return };
    if !has_boundary(&a[head.on_a().start..tail.on_a().end]) && !has_boundary(&b[head.on_b().start..tail.on_b().end]) {
        return each(runs);
    }
    let mut part: Vec<MatchedRun> = Vec::new();
    for run in runs {
        // A boundary matches a boundary, so one side says where those of a run are.
        for range in between_boundaries(a, run.on_a(), 1) {
            let run = run.part(offset(range.start, run)..offset(range.end, run));
            let is_parted = |last: &MatchedRun| {
                has_boundary(&a[last.on_a().end..run.on_a().start]) || has_boundary(&b[last.on_b().end..run.on_b().start])
            };
            if part.last().is_some_and(is_parted) {
                each(&part);
                part.clear();
            }
            part.push(run);
        }
    }
    if !part.is_empty() {
        each(&part);
    }
}

/// Position in a run of a token of the first document.
#[expect(clippy::cast_possible_truncation, reason = "within a run")]
fn offset(token: usize, run: &MatchedRun) -> u32 {
    (token - run.on_a().start) as u32
}

/// Adds to `pieces` those of `runs`, which stand in order on both sides.
pub(super) fn split(runs: &[MatchedRun], pieces: &mut Vec<Piece>) {
    runs.chunk_by(|last, next| !is_end(last.gaps(next))).for_each(|part| trim(part, pieces));
}

/// True if the matches of an alignment are scattered: most are in short runs, with much unmatched between them, apart from gaps at which a passage ends.
pub(super) fn are_scattered(runs: &[MatchedRun]) -> bool {
    let longest = |part: &[MatchedRun]| {
        let (head, tail) = (part[0], part[part.len() - 1]);
        (tail.a + tail.length - head.a).max(tail.b + tail.length - head.b)
    };
    let longest: u32 = runs.chunk_by(|last, next| !is_end(last.gaps(next))).map(longest).sum();
    (matched_in(runs) as f64) < SCATTERED * f64::from(longest) && are_short(runs.iter())
}

/// True if most of what matches is in short runs.
pub(super) fn are_short<'r>(runs: impl Iterator<Item = &'r MatchedRun>) -> bool {
    let (mut long, mut all) = (0, 0);
    for length in runs.map(|run| run.length) {
        all += length;
        long += if length >= LONG_TOKENS { length } else { 0 };
    }
    2 * long < all
}

/// Adds the piece around the longest run of `part`, out to where its ends score most, and those of what is left on its two sides.
fn trim(part: &[MatchedRun], pieces: &mut Vec<Piece>) {
    let mut parts = vec![part];
    while let Some(part) = parts.pop() {
        if matched_in(part) < LEAST_MATCHED {
            continue;
        }
        let core = longest(part);
        let end = core + 1 + best_prefix(part[core..].windows(2).map(|pair| (pair[1].length, pair[0].gaps(&pair[1]))));
        let start = core - best_prefix(part[..=core].windows(2).rev().map(|pair| (pair[0].length, pair[0].gaps(&pair[1]))));
        if matched_in(&part[start..end]) >= LEAST_MATCHED {
            pieces.push(Piece { runs: part[start..end].to_vec() });
        }
        parts.push(&part[..start]);
        parts.push(&part[end..]);
    }
}

/// Position of the longest run, of equal ones the first.
fn longest(runs: &[MatchedRun]) -> usize {
    let mut longest = 0;
    for (at, run) in runs.iter().enumerate() {
        if run.length > runs[longest].length {
            longest = at;
        }
    }
    longest
}

/// How many runs score most together, each with the gap before it.
fn best_prefix(runs: impl Iterator<Item = (u32, [u32; 2])>) -> usize {
    let (mut score, mut best, mut count) = (0, 0, 0);
    for (at, (length, gaps)) in (1..).zip(runs) {
        score += MATCH * i64::from(length) - cost(gaps);
        if score > best {
            (best, count) = (score, at);
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(a: u32, b: u32, length: u32) -> MatchedRun {
        MatchedRun { a, b, length }
    }

    fn pieces(runs: &[MatchedRun]) -> Vec<Vec<MatchedRun>> {
        let mut pieces = Vec::new();
        split(runs, &mut pieces);
        let mut runs: Vec<Vec<MatchedRun>> = pieces.into_iter().map(|piece| piece.runs).collect();
        runs.sort();
        runs
    }

    #[test]
    fn own_words_end_a_piece_and_few_changed_ones_do_not() {
        let [head, near, far] = [run(0, 0, 40), run(40, 48, 30), run(40, 49, 30)];
        assert_eq!(pieces(&[head, near]), [vec![head, near]]);
        assert_eq!(pieces(&[head, far]), [vec![head], vec![far]]);
        // As many words of the other side stand for them.
        let replaced = run(52, 52, 30);
        assert_eq!(pieces(&[head, replaced]), [vec![head, replaced]]);
    }

    #[test]
    fn a_match_beyond_more_than_it_is_worth_is_left_out() {
        let [head, stray] = [run(0, 0, 40), run(44, 46, 1)];
        assert_eq!(pieces(&[head, stray]), [vec![head]]);
        // Two good pieces with a bad stretch between them.
        let between: Vec<MatchedRun> = (0..6).map(|n| run(47 + 8 * n, 47 + 8 * n, 1)).collect();
        let tail = run(100, 100, 40);
        let all = [&[head][..], &between, &[tail]].concat();
        assert_eq!(pieces(&all), [vec![head], vec![tail]]);
    }

    proptest! {
        #[test]
        fn pieces_have_no_long_gap_and_keep_long_runs(drawn in prop::collection::vec((0..14_u32, 0..14_u32, 1..40_u32), 1..30)) {
            let (mut a, mut b, mut runs) = (0, 0, Vec::new());
            for (gap_a, gap_b, length) in drawn {
                (a, b) = (a + gap_a, b + gap_b);
                runs.push(run(a, b, length));
                (a, b) = (a + length, b + length);
            }
            let pieces = pieces(&runs);
            for piece in &pieces {
                prop_assert!(piece.windows(2).all(|pair| !is_end(pair[0].gaps(&pair[1]))));
            }
            for run in runs.iter().filter(|run| run.length as usize >= LEAST_MATCHED) {
                prop_assert!(pieces.iter().filter(|piece| piece.contains(run)).count() == 1);
            }
        }
    }
}
