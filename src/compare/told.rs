//! What is told of the passages found: each token of a later copy once, neighbours as one.
//!
//! In: passages that may tell the same twice. Out: passages in order of `b` that do not overlap there.

use super::extend::common;
use super::passages::{Passage, Sides};
use super::seeds::Seed;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

/// Gap on the nearer side over which two neighbours are one passage, in one document and in two.
const JOIN_NEAR: usize = 16;
const JOIN_NEAR_BETWEEN: usize = 24;

/// The seeds whose later place lies in no copy that is told.
pub(super) fn untold(seeds: &[Seed], told: &[Passage]) -> Vec<Seed> {
    seeds.iter().filter(|seed| !is_told(told, seed.b as usize)).copied().collect()
}

/// True if `place` lies in a copy that is told; `told` stands in order.
fn is_told(told: &[Passage], place: usize) -> bool {
    let next = told.partition_point(|passage| passage.b.start <= place);
    next > 0 && told[next - 1].b.end > place
}

fn overlap(x: &Range<usize>, y: &Range<usize>) -> usize {
    x.end.min(y.end).saturating_sub(x.start.max(y.start))
}

/// True if passages stand in order of `b` and do not overlap there.
fn are_apart(found: &[Passage]) -> bool {
    found.is_sorted_by(|last, next| last.b.end <= next.b.start)
}

/// One passage of those that cover the same tokens on both sides: the one that matches most.
pub(super) fn distinct(mut found: Vec<Passage>) -> Vec<Passage> {
    found.sort_by(|x, y| (x.b.start, x.a.start).cmp(&(y.b.start, y.a.start)).then(y.matched.cmp(&x.matched)));
    if are_apart(&found) {
        return found;
    }
    let mut kept: Vec<Passage> = Vec::with_capacity(found.len());
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

/// Adds to `told`, which stands in order of `b`, the passages of `found` whose copies are not told yet: those that match most first,
/// and of equal ones the one whose first side is the earliest.
pub(super) fn apart(mut found: Vec<Passage>, told: Vec<Passage>) -> Vec<Passage> {
    if told.is_empty() && are_apart(&found) {
        return found;
    }
    found.sort_by(|x, y| y.matched.cmp(&x.matched).then(x.a.start.cmp(&y.a.start)).then(x.b.start.cmp(&y.b.start)));
    let mut by_start: BTreeMap<usize, Passage> = told.into_iter().map(|passage| (passage.b.start, passage)).collect();
    for passage in found {
        let before = by_start.range(..passage.b.end).next_back();
        if before.is_none_or(|(_, before)| before.b.end <= passage.b.start) {
            by_start.insert(passage.b.start, passage);
        }
    }
    by_start.into_values().collect()
}

/// Neighbours in order on both sides, near on one and not too far on the other, as one: a copy that lacks a paragraph is one copy.
pub(super) fn join(sides: Sides<'_>, mut found: Vec<Passage>) -> Vec<Passage> {
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

/// Passages that lie beside each other on both sides, in whatever order, as one: a stretch whose sentences were moved. Cut where either side
/// has a gap, and again along the other side, until no part has one; parts of one passage stay as they are. In: passages that do not overlap on
/// side b; out: the same.
pub(super) fn gather(mut found: Vec<Passage>) -> Vec<Passage> {
    let are_far = |last: &Range<usize>, next: &Range<usize>| last.end + JOIN_NEAR_BETWEEN < next.start;
    if found.is_sorted_by(|last, next| are_far(&last.b, &next.b)) {
        return found;
    }
    let mut groups: Vec<Range<usize>> = Vec::with_capacity(found.len());
    let mut parts = vec![(0..found.len(), Side::A, false)];
    while let Some((part, side, whole)) = parts.pop() {
        if part.len() < 2 || whole {
            groups.push(part);
            continue;
        }
        let before = parts.len();
        cut_at_gaps(&mut found, part.clone(), side, |cut| parts.push((cut, side.other(), false)));
        if parts.len() == before + 1 {
            parts.truncate(before);
            cut_at_gaps(&mut found, part.clone(), side.other(), |cut| parts.push((cut.clone(), side, cut == part)));
        }
    }
    if groups.len() == found.len() { found } else { one_each(&found, groups) }
}

/// What may stand between the parts of a passage on side b, and is left out then: one in so many of the tokens that match in them.
const LEFT_OUT: usize = 4;

/// Each group of `found` as one passage. Where others stand between its parts on side b they are left out if they are little beside it; else it stays in
/// parts.
fn one_each(found: &[Passage], mut groups: Vec<Range<usize>>) -> Vec<Passage> {
    groups.sort_by_cached_key(|group| {
        (Reverse(matched_in(&found[group.clone()])), found[group.clone()].iter().map(|part| part.b.start).min())
    });
    let mut is_left_out = vec![false; found.len()];
    let mut told: Vec<Passage> = Vec::with_capacity(groups.len());
    for (at, group) in groups.iter().enumerate() {
        let parts: Vec<Passage> = group.clone().filter(|&part| !is_left_out[part]).map(|part| found[part].clone()).collect();
        let whole = merged(&parts).filter(|whole| parts.len() > 1 && !told.iter().any(|other| meet(&whole.b, &other.b)));
        let Some(whole) = whole else {
            told.extend(parts);
            continue;
        };
        let others = groups[at + 1..].iter().cloned().flatten();
        let between: Vec<usize> = others.filter(|&part| !is_left_out[part] && meet(&whole.b, &found[part].b)).collect();
        if between.iter().map(|&part| found[part].matched).sum::<usize>() * LEFT_OUT <= matched_in(&parts) {
            between.iter().for_each(|&part| is_left_out[part] = true);
            told.push(whole);
        } else {
            told.extend(parts);
        }
    }
    told
}

/// All of `parts` as one passage, which keeps its order if it was in order.
fn merged(parts: &[Passage]) -> Option<Passage> {
    let mut parts: Vec<&Passage> = parts.iter().collect();
    parts.sort_by_key(|passage| (passage.b.start, passage.a.start));
    let in_order = parts.is_sorted_by_key(|passage| passage.a.start);
    parts.into_iter().cloned().reduce(|one, other| {
        let a = one.a.start.min(other.a.start)..one.a.end.max(other.a.end);
        let b = one.b.start.min(other.b.start)..one.b.end.max(other.b.end);
        // Parts may overlap on side a, where a phrase stands once that side b has twice.
        let matched = (one.matched + other.matched).min(a.len()).min(b.len());
        Passage { a, b, matched, reordered: !in_order }
    })
}

/// True if two ranges have a token in common.
pub(super) fn meet(x: &Range<usize>, y: &Range<usize>) -> bool {
    x.start < y.end && y.start < x.end
}

fn matched_in(parts: &[Passage]) -> usize {
    parts.iter().map(|part| part.matched).sum()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    A,
    B,
}

impl Side {
    fn other(self) -> Self {
        if self == Self::A { Self::B } else { Self::A }
    }

    fn of(self, passage: &Passage) -> &Range<usize> {
        if self == Self::A { &passage.a } else { &passage.b }
    }
}

/// Puts `part` of `found` in order of one side, and cuts it where that has a gap.
fn cut_at_gaps(found: &mut [Passage], part: Range<usize>, side: Side, mut each: impl FnMut(Range<usize>)) {
    found[part.clone()].sort_unstable_by_key(|passage| (side.of(passage).start, side.of(passage).end, passage.b.start));
    let (mut start, mut end) = (part.start, usize::MAX);
    for at in part.clone() {
        let range = side.of(&found[at]);
        if at > part.start && range.start > end + JOIN_NEAR_BETWEEN {
            each(start..at);
            start = at;
        }
        end = if at > part.start { range.end.max(end) } else { range.end };
    }
    each(start..part.end);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(a: Range<usize>, b: Range<usize>) -> Passage {
        Passage { matched: a.len().min(b.len()), a, b, reordered: false }
    }

    #[test]
    fn moved_sentences_are_one_passage_unless_much_else_stands_between_them() {
        let moved = [passage(130..150, 0..20), passage(100..130, 20..50)];
        let whole = Passage { a: 100..150, b: 0..50, matched: 50, reordered: true };
        assert_eq!(gather(moved.to_vec()), [whole]);
        let parted = |between: usize| [passage(130..150, 0..20), passage(0..between, 20..20 + between), passage(100..130, 42..72)];
        let mut kept = gather(parted(20).to_vec());
        kept.sort_by_key(|passage| passage.b.start);
        assert_eq!(kept, parted(20));
        assert_eq!(gather(parted(12).to_vec()), [Passage { a: 100..150, b: 0..72, matched: 50, reordered: true }]);
    }
}
