//! Passages that overlap on neither side.
//!
//! In: pieces of alignments, which may overlap. Out: passages, in order of side a. The piece that scores most is selected first; of the others
//! remains what it leaves free. Pieces that are neighbours on both sides become one passage, in whatever order they are.

use super::gather::gather;
use super::passage::{MatchedRun, Passage};
use super::pieces::{LEAST_MATCHED, Piece, split};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::Range;

/// A passage is reordered if more than one in so many of its matched tokens are out of order.
const ORDERED_OF: usize = 10;

/// Passages from `pieces`; `sides` are the tokens of both documents. Only those of at least `least` matched tokens are of interest.
pub(super) fn select(sides: [&[u64]; 2], pieces: Vec<Piece>, least: usize) -> Vec<Passage> {
    let mut selected = non_overlapping(pieces);
    if selected.len() > 1 {
        selected.sort_unstable_by_key(|passage| passage.a.start);
        selected = gather(sides, selected, least);
        mark_moved(&mut selected);
    }
    selected
}

fn non_overlapping(pieces: Vec<Piece>) -> Vec<Passage> {
    if let [_] = *pieces {
        return pieces.into_iter().map(|piece| Passage::of_runs(piece.runs)).collect();
    }
    // The highest score first; of equal ones the one that comes first on both sides together, then on either.
    let rank = |piece: &Piece| {
        let head = piece.runs[0];
        (piece.score(), Reverse((head.a + head.b, head.a.min(head.b), head.a)))
    };
    let mut list: Vec<Option<Piece>> = Vec::with_capacity(pieces.len());
    let mut heap = BinaryHeap::with_capacity(pieces.len());
    let add = |piece: Piece, list: &mut Vec<Option<Piece>>, heap: &mut BinaryHeap<_>| {
        heap.push((rank(&piece), Reverse(list.len())));
        list.push(Some(piece));
    };
    pieces.into_iter().for_each(|piece| add(piece, &mut list, &mut heap));
    let (mut claimed, mut selected, mut rest) = ([Claimed::default(), Claimed::default()], Vec::new(), Vec::new());
    while let Some((_, Reverse(at))) = heap.pop() {
        let Some(piece) = list[at].take() else { continue };
        if let Some(free) = free_runs(&piece, &claimed) {
            free.iter().for_each(|runs| split(runs, &mut rest));
            rest.drain(..).filter(|piece| piece.matched() >= LEAST_MATCHED).for_each(|piece| add(piece, &mut list, &mut heap));
        } else {
            let passage = Passage::of_runs(piece.runs);
            claimed[0].add(&passage.a);
            claimed[1].add(&passage.b);
            selected.push(passage);
        }
    }
    selected
}

/// Ranges of one side that selected passages cover; they do not overlap.
#[derive(Default)]
struct Claimed(BTreeMap<usize, usize>);

impl Claimed {
    fn add(&mut self, range: &Range<usize>) {
        self.0.insert(range.start, range.end);
    }

    /// The first claimed range that has a token of `range`.
    fn first_in(&self, range: Range<usize>) -> Option<Range<usize>> {
        let reaching = self.0.range(..=range.start).next_back().filter(|(_, end)| **end > range.start);
        let first = reaching.or_else(|| self.0.range(range.start..range.end.max(range.start)).next());
        first.map(|(&start, &end)| start..end)
    }
}

/// What of a piece is not claimed, in parts that have no claimed range between their runs. None if all of it is free.
fn free_runs(piece: &Piece, claimed: &[Claimed; 2]) -> Option<Vec<Vec<MatchedRun>>> {
    let (head, tail) = (piece.runs.first()?, piece.runs.last()?);
    let whole = [head.on_a().start..tail.on_a().end, head.on_b().start..tail.on_b().end];
    if claimed.iter().zip(whole).all(|(claimed, range)| claimed.first_in(range).is_none()) {
        return None;
    }
    let mut parts: Vec<Vec<MatchedRun>> = Vec::new();
    for run in &piece.runs {
        let mut from = 0;
        while from < run.length {
            let rest = run.part(from..run.length);
            let next = free_prefix(&rest, claimed);
            if next.free > 0 {
                add_run(&mut parts, rest.part(0..next.free), claimed);
            }
            from += next.end;
        }
    }
    Some(parts)
}

/// How many tokens of a run are free, and where what is claimed behind them ends.
struct FreePrefix {
    free: u32,
    end: u32,
}

#[expect(clippy::cast_possible_truncation, reason = "within a run")]
fn free_prefix(run: &MatchedRun, claimed: &[Claimed; 2]) -> FreePrefix {
    let mut first = FreePrefix { free: run.length, end: run.length };
    for (claimed, side) in claimed.iter().zip([run.on_a(), run.on_b()]) {
        let Some(range) = claimed.first_in(side.clone()) else { continue };
        let free = range.start.saturating_sub(side.start) as u32;
        if free < first.free {
            first = FreePrefix { free, end: ((range.end - side.start) as u32).min(run.length) };
        }
    }
    first
}

/// Adds a run to the last of `parts`, or to a new one if something is claimed between them.
fn add_run(parts: &mut Vec<Vec<MatchedRun>>, run: MatchedRun, claimed: &[Claimed; 2]) {
    let is_free = |last: &MatchedRun| {
        claimed[0].first_in(last.on_a().end..run.on_a().start).is_none() && claimed[1].first_in(last.on_b().end..run.on_b().start).is_none()
    };
    match parts.last_mut() {
        Some(part) if part.last().is_some_and(is_free) => part.push(run),
        _ => parts.push(vec![run]),
    }
}

/// Marks passages that are out of order as a whole, among those of the pair.
fn mark_moved(passages: &mut [Passage]) {
    let is_in_order = heaviest_increasing(&passages.iter().map(|passage| (passage.b.start, passage.matched)).collect::<Vec<_>>());
    passages.iter_mut().zip(is_in_order).for_each(|(passage, is_in_order)| passage.reordered |= !is_in_order);
}

/// True if more than a few of the matched tokens of `runs`, which stand in order of side a, are out of order on side b.
pub(super) fn are_reordered(runs: &[MatchedRun]) -> bool {
    if runs.is_sorted_by_key(|run| run.b) {
        return false;
    }
    let weighed: Vec<(usize, usize)> = runs.iter().map(|run| (run.b as usize, run.length as usize)).collect();
    let is_in_order = heaviest_increasing(&weighed);
    let sum = |wanted: bool| weighed.iter().zip(&is_in_order).filter(|(_, is)| **is == wanted).map(|(item, _)| item.1).sum::<usize>();
    sum(false) * ORDERED_OF > sum(true) + sum(false)
}

/// Runs of a passage that are in order on both sides: those that match most together.
pub fn in_order(passage: &Passage) -> Vec<MatchedRun> {
    let mut runs = passage.runs.clone();
    keep_in_order(&mut runs);
    runs
}

/// Keeps of `runs`, which are in order of side a, those that are in order of side b too and match most together.
pub(super) fn keep_in_order(runs: &mut Vec<MatchedRun>) {
    let weighed: Vec<(usize, usize)> = runs.iter().map(|run| (run.b as usize, run.length as usize)).collect();
    let mut is_in_order = heaviest_increasing(&weighed).into_iter();
    runs.retain(|_| is_in_order.next().unwrap_or(false));
}

/// For each item, a position and a weight, whether it belongs to the subsequence of increasing positions that weighs most.
fn heaviest_increasing(items: &[(usize, usize)]) -> Vec<bool> {
    // The heaviest subsequence that ends at or before each position: weights increase with positions.
    let mut heaviest: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    let mut before = vec![usize::MAX; items.len()];
    for (at, &(position, weight)) in items.iter().enumerate() {
        let last = heaviest.range(..position).next_back().map(|(_, &last)| last);
        let total = weight + last.map_or(0, |(total, _)| total);
        before[at] = last.map_or(usize::MAX, |(_, last)| last);
        if heaviest.range(..=position).next_back().is_some_and(|(_, &(other, _))| other >= total) {
            continue;
        }
        while let Some((&next, _)) = heaviest.range(position..).next().filter(|(_, (other, _))| *other <= total) {
            heaviest.remove(&next);
        }
        heaviest.insert(position, (total, at));
    }
    let mut is_in = vec![false; items.len()];
    let mut at = heaviest.last_key_value().map_or(usize::MAX, |(_, &(_, at))| at);
    while let Some(is_in) = is_in.get_mut(at) {
        *is_in = true;
        at = before[at];
    }
    is_in
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::gather::tests::{ranges, sides};
    use proptest::prelude::*;

    fn run(a: u32, b: u32, length: u32) -> MatchedRun {
        MatchedRun { a, b, length }
    }

    fn selected(pieces: &[&[MatchedRun]]) -> Vec<Passage> {
        select(sides(), pieces.iter().map(|runs| Piece { runs: runs.to_vec() }).collect(), 0)
    }

    #[test]
    fn what_a_greater_passage_leaves_free_remains() {
        let found = selected(&[&[run(0, 100, 60)], &[run(40, 0, 50)]]);
        assert_eq!(ranges(&found), [[0..60, 100..160], [60..90, 20..50]]);
        // One of the two is out of order.
        assert_eq!(found.iter().map(|passage| passage.reordered).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn moved_neighbours_are_one_reordered_passage() {
        let found = selected(&[&[run(0, 30, 30)], &[run(32, 0, 29)]]);
        assert_eq!(ranges(&found), [[0..61, 0..60]]);
        assert!(found[0].reordered && found[0].matched == 59);
        let found = selected(&[&[run(0, 3, 90)], &[run(90, 0, 3)]]);
        assert!(found.iter().all(|passage| passage.a != (90..93)), "three tokens are no passage: {found:?}");
        let apart = [[0..30, 60..90], [32..61, 0..29]];
        assert_eq!(ranges(&selected(&[&[run(0, 60, 30)], &[run(32, 0, 29)]])), apart);
    }

    proptest! {
        #[test]
        fn passages_do_not_overlap(drawn in prop::collection::vec(prop::collection::vec((0..9_u32, 0..9_u32, 1..20_u32), 1..6), 1..8), starts in prop::collection::vec((0..60_u32, 0..60_u32), 8)) {
            let pieces: Vec<Piece> = drawn.iter().zip(starts).map(|(runs, (mut a, mut b))| {
                let runs = runs.iter().map(|&(gap_a, gap_b, length)| {
                    let run = run(a + gap_a, b + gap_b, length);
                    (a, b) = (a + gap_a + length, b + gap_b + length);
                    run
                });
                Piece { runs: runs.collect() }
            }).collect();
            let greatest = pieces.iter().map(Piece::score).max().unwrap_or(0);
            let first = pieces.iter().find(|piece| piece.score() == greatest).cloned().unwrap();
            let found = select(sides(), pieces, 0);
            for side in [|passage: &Passage| passage.a.clone(), |passage: &Passage| passage.b.clone()] {
                let mut sides: Vec<Range<usize>> = found.iter().map(side).collect();
                sides.sort_by_key(|range| range.start);
                prop_assert!(sides.windows(2).all(|pair| pair[0].end <= pair[1].start), "{found:?}");
            }
            // A few words may be left out where others are in the way.
            let matched: usize = found.iter().map(|passage| passage.matched).sum();
            prop_assert!(matched + 48 >= first.matched());
            prop_assert!(found.iter().all(|passage| passage.matched == passage.runs.iter().map(|run| run.length as usize).sum::<usize>()));
        }

        #[test]
        fn the_heaviest_increasing_subsequence_is_found(items in prop::collection::vec((0..12_usize, 1..9_usize), 0..12)) {
            let is_in = heaviest_increasing(&items);
            let chosen: Vec<_> = items.iter().zip(&is_in).filter(|(_, is_in)| **is_in).map(|(item, _)| *item).collect();
            prop_assert!(chosen.windows(2).all(|pair| pair[0].0 < pair[1].0));
            let weight = |list: &[(usize, usize)]| list.iter().map(|item| item.1).sum::<usize>();
            let most = (0..1_u32 << items.len()).filter_map(|mask| {
                let list: Vec<_> = items.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1).map(|(_, item)| *item).collect();
                list.windows(2).all(|pair| pair[0].0 < pair[1].0).then(|| weight(&list))
            }).max().unwrap_or(0);
            prop_assert_eq!(weight(&chosen), most);
        }
    }
}
