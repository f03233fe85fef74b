//! A passage as a list of segments: what matches, and what is between.
//!
//! In: a passage. Out: segments in order of side a, as ranges of tokens that cover both sides of the passage, each token once.

use super::passage::{MatchedRun, Passage};
use std::ops::Range;

/// A segment: ranges of tokens on both sides, of which one may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenSegment {
    /// All tokens of one side match those of the other.
    pub(crate) is_matched: bool,
    pub(crate) a: Range<usize>,
    pub(crate) b: Range<usize>,
}

/// The segments of `passage`. Between two runs that are neighbours on both sides the unmatched tokens are one segment; where the order differs the
/// unmatched tokens of side b are in a segment with those that follow the same run on side a.
pub(crate) fn segments(passage: &Passage) -> Vec<TokenSegment> {
    let runs = &passage.runs;
    let mut by_b: Vec<usize> = (0..runs.len()).collect();
    by_b.sort_unstable_by_key(|&at| runs[at].b);
    // Where the unmatched tokens behind each run on side b end.
    let mut next_on_b = vec![passage.b.end; runs.len()];
    by_b.windows(2).for_each(|pair| next_on_b[pair[0]] = runs[pair[1]].on_b().start);
    let first_on_b = by_b.first().map_or(passage.b.start, |&first| runs[first].on_b().start);
    let first_on_a = runs.first().map_or(passage.a.start, |run| run.on_a().start);
    let mut segments = Vec::with_capacity(2 * runs.len() + 1);
    push_unmatched(&mut segments, passage.a.start..first_on_a, passage.b.start..first_on_b);
    for (at, run) in runs.iter().enumerate() {
        segments.push(TokenSegment { is_matched: true, a: run.on_a(), b: run.on_b() });
        let next_on_a = runs.get(at + 1).map_or(passage.a.end, |next: &MatchedRun| next.on_a().start);
        push_unmatched(&mut segments, run.on_a().end..next_on_a, run.on_b().end..next_on_b[at]);
    }
    segments
}

fn push_unmatched(segments: &mut Vec<TokenSegment>, a: Range<usize>, b: Range<usize>) {
    if !a.is_empty() || !b.is_empty() {
        segments.push(TokenSegment { is_matched: false, a, b });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn segments_cover_both_sides_once(drawn in prop::collection::vec((0..4_u32, 0..4_u32, 1..9_u32), 1..9), order in Just((0..9_usize).collect::<Vec<_>>()).prop_shuffle()) {
            // Runs in order of side a, and in any order on side b.
            let (mut a, mut b, mut starts_b) = (0, 0, vec![0; drawn.len()]);
            for &at in order.iter().filter(|&&at| at < drawn.len()) {
                let (_, gap, length) = drawn[at];
                starts_b[at] = b + gap;
                b += gap + length;
            }
            let runs = drawn.iter().zip(&starts_b).map(|(&(gap, _, length), &start_b)| {
                a += gap + length;
                MatchedRun { a: a - length, b: start_b, length }
            });
            let passage = Passage::of_runs(runs.collect());
            let segments = segments(&passage);
            let on_a: Vec<Range<usize>> = segments.iter().map(|segment| segment.a.clone()).collect();
            let on_b: Vec<Range<usize>> = segments.iter().map(|segment| segment.b.clone()).collect();
            for (mut ranges, whole) in [(on_a, &passage.a), (on_b, &passage.b)] {
                ranges.retain(|range| !range.is_empty());
                ranges.sort_by_key(|range| range.start);
                prop_assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start));
                prop_assert_eq!(ranges.iter().map(Range::len).sum::<usize>(), whole.len());
            }
            let matched: usize = segments.iter().filter(|segment| segment.is_matched).map(|segment| segment.a.len()).sum();
            prop_assert_eq!(matched, passage.matched);
        }
    }
}
