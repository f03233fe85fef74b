//! Which candidates of passages are kept: each token of a later copy is in one, and neighbours are one.
//!
//! In: candidates that may overlap. Out: candidates in order of `b` that do not overlap there.

use super::extend::common;
use super::passages::{Candidate, Sides};
use super::seeds::Seed;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

/// Gap on the nearer side over which two neighbours are one passage, in one document and in two.
const JOIN_NEAR: usize = 16;
const JOIN_NEAR_BETWEEN: usize = 24;

/// The seeds whose later occurrence is in none of `passages`, which are in order.
pub(super) fn unselected(seeds: &[Seed], passages: &[Candidate]) -> Vec<Seed> {
    seeds.iter().filter(|seed| !is_covered(passages, seed.b as usize)).copied().collect()
}

/// The seeds whose later occurrence is in one of `passages`, which are in order.
pub(super) fn selected(seeds: &[Seed], passages: &[Candidate]) -> Vec<Seed> {
    seeds.iter().filter(|seed| is_covered(passages, seed.b as usize)).copied().collect()
}

/// True if `position` is in the later copy of one of `passages`, which are in order.
fn is_covered(passages: &[Candidate], position: usize) -> bool {
    let next = passages.partition_point(|passage| passage.b.start <= position);
    next > 0 && passages[next - 1].b.end > position
}

fn overlap(x: &Range<usize>, y: &Range<usize>) -> usize {
    x.end.min(y.end).saturating_sub(x.start.max(y.start))
}

/// True if passages are in order of `b` and do not overlap there.
fn are_apart(found: &[Candidate]) -> bool {
    found.is_sorted_by(|last, next| last.b.end <= next.b.start)
}

/// One passage of those that cover the same tokens on both sides: the one that matches most.
pub(super) fn distinct(mut found: Vec<Candidate>) -> Vec<Candidate> {
    found.sort_by(|x, y| (x.b.start, x.a.start).cmp(&(y.b.start, y.a.start)).then(y.matched.cmp(&x.matched)));
    if are_apart(&found) {
        return found;
    }
    let mut kept: Vec<Candidate> = Vec::with_capacity(found.len());
    for passage in found {
        let twin = kept.iter_mut().rev().take(8).find(|k| {
            2 * overlap(&k.b, &passage.b) > k.b.len().min(passage.b.len()) && 2 * overlap(&k.a, &passage.a) > k.a.len().min(passage.a.len())
        });
        match twin {
            Some(twin) if twin.matched >= passage.matched => {}
            Some(twin) => *twin = passage,
            None => kept.push(passage),
        }
    }
    kept
}

/// Adds to `selected`, which is in order of `b`, the passages of `found` whose copies overlap none of it: those that match most first,
/// and of equal ones the one whose first side is the earliest.
pub(super) fn select_non_overlapping(mut found: Vec<Candidate>, selected: Vec<Candidate>) -> Vec<Candidate> {
    if selected.is_empty() && are_apart(&found) {
        return found;
    }
    // Of those that match as many tokens the most similar, then the first.
    found.sort_by_key(|passage| (Reverse(passage.matched), passage.a.len() + passage.b.len(), passage.a.start, passage.b.start));
    let mut by_start: BTreeMap<usize, Candidate> = selected.into_iter().map(|passage| (passage.b.start, passage)).collect();
    for passage in found {
        let before = by_start.range(..passage.b.end).next_back();
        if before.is_none_or(|(_, before)| before.b.end <= passage.b.start) {
            by_start.insert(passage.b.start, passage);
        }
    }
    by_start.into_values().collect()
}

/// Tokens by which a better passage may be longer than the one that it replaces.
const LONGER: usize = 8;

/// Replaces `passages`, which are in order of `b`, by those of `found` that match more tokens of the same copy, or as many of a more similar one.
pub(super) fn improve(passages: &mut [Candidate], mut found: Vec<Candidate>) {
    found.sort_by_key(|passage| (Reverse(passage.matched), passage.a.len() + passage.b.len(), passage.a.start, passage.b.start));
    for better in found {
        let first = passages.partition_point(|passage| passage.b.end <= better.b.start);
        let overlapping = &mut passages[first..];
        let count = overlapping.iter().take_while(|passage| passage.b.start < better.b.end).count();
        let [passage] = &mut overlapping[..count] else { continue };
        let is_better = (better.matched, passage.a.len() + passage.b.len()) > (passage.matched, better.a.len() + better.b.len());
        if is_better && better.b.len() <= passage.b.len() + LONGER {
            *passage = better;
        }
    }
}

/// Neighbours in order on both sides, near on one and not too far on the other, as one: a copy that lacks a paragraph is one copy.
pub(super) fn join(sides: Sides<'_>, mut found: Vec<Candidate>) -> Vec<Candidate> {
    let near = if sides.same { JOIN_NEAR } else { JOIN_NEAR_BETWEEN };
    found.dedup_by(|passage, last| {
        let follows = passage.a.start >= last.a.end && (!sides.same || passage.a.end <= last.b.start);
        let (gap_a, gap_b) = (passage.a.start.saturating_sub(last.a.end), passage.b.start - last.b.end);
        let longest = (last.b.len() + passage.b.len()) / 2;
        let is_one = follows && gap_a.min(gap_b) <= near && gap_a.max(gap_b) <= longest;
        if is_one {
            let between = common(&sides.a[last.a.end..passage.a.start], &sides.b[last.b.end..passage.b.start]);
            last.matched += passage.matched + between;
            (last.a.end, last.b.end) = (passage.a.end, passage.b.end);
        }
        is_one
    });
    found
}

/// True if two ranges have a token in common.
pub(super) fn meet(x: &Range<usize>, y: &Range<usize>) -> bool {
    x.start < y.end && y.start < x.end
}
