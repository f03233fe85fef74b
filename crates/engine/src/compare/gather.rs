//! Neighbouring passages as one: a range whose sentences were moved.
//!
//! In: passages that overlap on neither side. Out: the same, where those that are neighbours on both sides, in whatever order, are one passage.

use super::moved::match_moved;
use super::passage::{MatchedRun, Passage};
use super::pieces::{LEAST_MATCHED, LONGEST_GAP, Piece, are_short, split_at_ends};
use super::scattered;
use super::seeds::LONG;
use crate::text::has_boundary;
use std::cmp::Reverse;
use std::ops::Range;

/// Neighbours may have a longer gap between them than a passage, if it has a counterpart on the other side.
const NEAR: [usize; 4] = [32, 24, 16, LONGEST_GAP as usize];

/// Joins neighbours, but for those that hardly have `least` matched tokens together. In and out: in order of side a.
pub(super) fn gather(sides: [&[u64]; 2], found: Vec<Passage>, least: usize) -> Vec<Passage> {
    NEAR.into_iter().fold(found, |found, near| join(sides, found, near, least))
}

/// Joins neighbours with at most `near` tokens between them, if no gap is in the whole at which a passage ends.
fn join(sides: [&[u64]; 2], found: Vec<Passage>, near: usize, least: usize) -> Vec<Passage> {
    let mut on_b: Vec<&Range<usize>> = found.iter().map(|passage| &passage.b).collect();
    on_b.sort_unstable_by_key(|range| range.start);
    if found.is_sorted_by(|last, next| last.a.end + near < next.a.start) || on_b.is_sorted_by(|last, next| last.end + near < next.start) {
        return found;
    }
    let mut groups = neighbours(sides, &found, near);
    if groups.len() == found.len() {
        return found;
    }
    groups.sort_by_cached_key(|group| (Reverse(matched_in(&found, group)), group.iter().map(|&at| found[at].a.start).min()));
    let mut left: Vec<Option<Passage>> = found.into_iter().map(Some).collect();
    let mut joined = Vec::new();
    for group in groups {
        let parts: Vec<Passage> = group.iter().filter_map(|&at| left[at].take()).collect();
        let matched: usize = parts.iter().map(|part| part.matched).sum();
        // Moved words may add to it.
        let wholes = if parts.len() < 2 || 2 * matched < least { Vec::new() } else { wholes(sides, &parts) };
        let is_in_the_way = |other: &Passage| wholes.iter().any(|whole| meet(&other.a, &whole.a) || meet(&other.b, &whole.b));
        // A few words between its parts that match elsewhere by chance do not keep them apart.
        if wholes.is_empty()
            || joined.iter().any(is_in_the_way)
            || left.iter().flatten().any(|other| other.matched >= LONG && is_in_the_way(other))
        {
            joined.extend(parts);
        } else {
            left.iter_mut().filter(|other| other.as_ref().is_some_and(is_in_the_way)).for_each(|other| *other = None);
            joined.extend(wholes);
        }
    }
    joined.sort_unstable_by_key(|passage| passage.a.start);
    joined
}

/// The passages that `parts` are together; none if nothing is gained.
fn wholes(sides: [&[u64]; 2], parts: &[Passage]) -> Vec<Passage> {
    let mut runs: Vec<MatchedRun> = parts.iter().flat_map(|part| part.runs.iter().copied()).collect();
    runs.sort_unstable();
    let as_they_are = non_overlapping(split_at_ends(runs.clone()));
    if let Some([_]) = as_they_are.as_deref() {
        return as_they_are.unwrap_or_default();
    }
    let (mut with_moved, mut in_order) = (None, None);
    if !runs.is_sorted_by_key(|run| run.b) {
        match_moved(sides, &mut runs);
        with_moved = non_overlapping(split_at_ends(runs));
        in_order = matched_in_order(sides, parts).map(|whole| vec![whole]);
    }
    // Few great passages are more than many small ones.
    let weight = |passages: &[Passage]| passages.iter().map(|passage| passage.matched * passage.matched).sum::<usize>();
    let best = [in_order, as_they_are, with_moved].into_iter().flatten().max_by_key(|passages| weight(passages));
    best.filter(|best| weight(best) > weight(parts)).unwrap_or_default()
}

/// What matches in order on the ranges of `parts` together: words were shuffled, and most parts are short. None if a long run would be lost.
fn matched_in_order(sides: [&[u64]; 2], parts: &[Passage]) -> Option<Passage> {
    let runs = || parts.iter().flat_map(|part| &part.runs);
    if !are_short(runs()) {
        return None;
    }
    let range = |side: fn(&MatchedRun) -> Range<usize>| {
        let start = runs().map(|run| side(run).start).min()?;
        Some(start..runs().map(|run| side(run).end).max()?)
    };
    let mut pieces = Vec::new();
    scattered::align(sides, [range(MatchedRun::on_a)?, range(MatchedRun::on_b)?], &mut pieces);
    let best = pieces.into_iter().max_by_key(Piece::matched)?;
    let is_kept = |run: &MatchedRun| {
        best.runs.iter().any(|kept| kept.a <= run.a && kept.on_a().end >= run.on_a().end && kept.b + run.a == run.b + kept.a)
    };
    runs().filter(|run| run.length as usize >= 2 * LONG).all(is_kept).then(|| Passage::of_runs(best.runs))
}

/// Parts as passages, without what overlaps a greater one. None if that is more than a few words.
fn non_overlapping(parts: Vec<Vec<MatchedRun>>) -> Option<Vec<Passage>> {
    let mut parts: Vec<Passage> = parts.into_iter().map(Passage::of_runs).collect();
    parts.sort_by_key(|part| (Reverse(part.matched), part.a.start));
    let mut selected: Vec<Passage> = Vec::with_capacity(parts.len());
    for part in parts {
        let overlaps = |a: &Range<usize>, b: &Range<usize>| selected.iter().any(|other| meet(&other.a, a) || meet(&other.b, b));
        if !overlaps(&part.a, &part.b) {
            selected.push(part);
            continue;
        }
        let free: Vec<MatchedRun> = part.runs.iter().filter(|run| !overlaps(&run.on_a(), &run.on_b())).copied().collect();
        let mut lost = part.matched;
        for part in split_at_ends(free).into_iter().filter(|runs| !runs.is_empty()).map(Passage::of_runs) {
            if !selected.iter().any(|other| meet(&other.a, &part.a) || meet(&other.b, &part.b)) {
                lost -= part.matched;
                selected.push(part);
            }
        }
        if lost >= LONG {
            return None;
        }
    }
    selected.retain(|passage| passage.matched >= LEAST_MATCHED);
    Some(selected)
}

fn matched_in(found: &[Passage], group: &[usize]) -> usize {
    group.iter().map(|&at| found[at].matched).sum()
}

fn meet(x: &Range<usize>, y: &Range<usize>) -> bool {
    x.start < y.end && y.start < x.end
}

/// Groups of passages, as positions, with no more than `near` tokens between neighbours on either side: all passages, split where one side has a longer
/// gap, and again along the other side, until no group has one.
fn neighbours(tokens: [&[u64]; 2], found: &[Passage], near: usize) -> Vec<Vec<usize>> {
    let sides: [fn(&Passage) -> &Range<usize>; 2] = [|passage| &passage.a, |passage| &passage.b];
    let mut groups = Vec::with_capacity(found.len());
    // Groups that may have to be split, each with the side along which to try, and how many sides had no gap.
    let mut open = vec![((0..found.len()).collect::<Vec<usize>>(), 0, 0)];
    while let Some((mut group, side, whole)) = open.pop() {
        if group.len() < 2 || whole == sides.len() {
            groups.push(group);
            continue;
        }
        let of = |at: usize| sides[side](&found[at]);
        group.sort_unstable_by_key(|&at| (of(at).start, at));
        let is_boundary_between =
            |last: usize, next: usize| of(next).start > of(last).end && has_boundary(&tokens[side][of(last).end..of(next).start]);
        let is_near = |last: usize, next: usize| of(next).start <= of(last).end + near && !is_boundary_between(last, next);
        let parts: Vec<&[usize]> = group.chunk_by(|&last, &next| is_near(last, next)).collect();
        let whole = if parts.len() == 1 { whole + 1 } else { 1 };
        open.extend(parts.into_iter().map(|part| (part.to_vec(), 1 - side, whole)));
    }
    groups
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::compare::MatchedRun;
    use crate::text::mix;

    fn passage(a: u32, b: u32, length: u32) -> Passage {
        Passage::of_runs(vec![MatchedRun { a, b, length }])
    }

    /// Both ranges of each passage.
    pub(in crate::compare) fn ranges(passages: &[Passage]) -> Vec<[Range<usize>; 2]> {
        passages.iter().map(|passage| [passage.a.clone(), passage.b.clone()]).collect()
    }

    /// Documents that share nothing but the runs of the test.
    pub(in crate::compare) fn sides() -> [&'static [u64]; 2] {
        static SIDES: std::sync::LazyLock<[Vec<u64>; 2]> =
            std::sync::LazyLock::new(|| [0, 10_000].map(|from| (from..from + 2_000).map(mix).collect()));
        [&SIDES[0], &SIDES[1]]
    }

    #[test]
    fn moved_sentences_are_one_passage() {
        // In the order 2, 4, 1, 3: no two neighbours on one side are neighbours on the other.
        let found = vec![passage(0, 60, 30), passage(30, 0, 30), passage(60, 90, 30), passage(90, 30, 30)];
        assert_eq!(ranges(&gather(sides(), found, 0)), [[0..120, 0..120]]);
    }

    #[test]
    fn long_passages_between_the_parts_keep_them_apart_and_short_ones_do_not() {
        let found = |length: u32| vec![passage(0, 40, 30), passage(32, 900, length), passage(32 + length, 0, 30)];
        assert_eq!(gather(sides(), found(20), 0), found(20));
        assert_eq!(ranges(&gather(sides(), found(5), 0)), [[0..67, 0..70]]);
    }
}
