//! Single words and short runs that were moved within a passage.
//!
//! In: the matched runs of a passage, which may be out of order, and its tokens. Out: the same with the unmatched tokens that occur once among those of
//! either side: longest n-grams first.

use super::passage::MatchedRun;
use crate::text::mix;
use std::collections::BTreeSet;
use std::ops::Range;

/// Lengths of the n-grams that are matched, in tokens.
const LENGTHS: [usize; 3] = [4, 2, 1];

/// Adds to `runs`, which are in order of side a and overlap on neither side, matches of unmatched tokens between them. Linear but for sorting.
pub(super) fn match_moved([a, b]: [&[u64]; 2], runs: &mut Vec<MatchedRun>) {
    let mut grams = Vec::new();
    for length in LENGTHS {
        let gaps_a = gaps(runs.iter().map(MatchedRun::on_a));
        let mut on_b: Vec<Range<usize>> = runs.iter().map(MatchedRun::on_b).collect();
        on_b.sort_unstable_by_key(|range| range.start);
        let gaps_b = gaps(on_b.into_iter());
        grams.clear();
        add_grams(a, &gaps_a, length, false, &mut grams);
        add_grams(b, &gaps_b, length, true, &mut grams);
        grams.sort_unstable();
        let unique = grams.chunk_by(|x, y| x.0 == y.0).filter_map(|same| match *same {
            [(_, false, x), (_, true, y)] if a[x..x + length] == b[y..y + length] => Some((x, y)),
            _ => None,
        });
        let mut found: Vec<(usize, usize)> = unique.collect();
        found.sort_unstable();
        add(&found, length, runs);
    }
}

/// Adds the n-grams on `gaps`: hash, whether they are of side b, position.
fn add_grams(tokens: &[u64], gaps: &[Range<usize>], length: usize, is_b: bool, grams: &mut Vec<(u64, bool, usize)>) {
    for gap in gaps {
        let hashes = tokens[gap.clone()].windows(length).map(|gram| gram.iter().fold(0, |hash, &token| mix(hash ^ token)));
        grams.extend(hashes.zip(gap.start..).map(|(hash, at)| (hash, is_b, at)));
    }
}

/// Ranges between `ranges`, which are in order.
fn gaps(ranges: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut gaps = Vec::new();
    let mut end = None;
    for range in ranges {
        if let Some(end) = end.filter(|&end| end < range.start) {
            gaps.push(end..range.start);
        }
        end = Some(range.end);
    }
    gaps
}

/// Adds the matches of n-grams, which are in order of side a; those that overlap are one run if they are on one diagonal, and the first one otherwise.
#[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^31 tokens")]
fn add(found: &[(usize, usize)], length: usize, runs: &mut Vec<MatchedRun>) {
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let first = runs.len();
    for &(x, y) in found {
        let run = MatchedRun { a: x as u32, b: y as u32, length: length as u32 };
        if let Some(last) = runs[first..].last_mut() {
            let end = last.on_a().end;
            if x < end {
                // The next tokens of the same match.
                if x + last.on_b().end == y + end {
                    let more = (x + length - end) as u32;
                    if (0..more as usize).all(|at| !taken.contains(&(last.on_b().end + at))) {
                        taken.extend(last.on_b().end..last.on_b().end + more as usize);
                        last.length += more;
                    }
                }
                continue;
            }
        }
        if run.on_b().any(|at| taken.contains(&at)) {
            continue;
        }
        taken.extend(run.on_b());
        runs.push(run);
    }
    runs.sort_unstable();
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn moved_words_are_matched() {
        let a: Vec<u64> = (0..40).collect();
        let b: Vec<u64> = (0..10).chain(20..25).chain([16, 15, 12]).chain(30..40).collect();
        let mut runs = vec![MatchedRun { a: 0, b: 0, length: 10 }, MatchedRun { a: 30, b: 18, length: 10 }];
        match_moved([&a, &b], &mut runs);
        let matched: u32 = runs.iter().map(|run| run.length).sum();
        assert_eq!(matched, 28);
        assert!(runs.contains(&MatchedRun { a: 20, b: 10, length: 5 }));
    }

    proptest! {
        #[test]
        fn runs_do_not_overlap(words in 1..50_u64, a in prop::collection::vec(any::<u64>(), 20..90), b in prop::collection::vec(any::<u64>(), 20..90)) {
            let drawn = |list: Vec<u64>| list.into_iter().map(|word| mix(word % words + 1)).collect::<Vec<u64>>();
            let (mut a, mut b) = (drawn(a), drawn(b));
            for list in [&mut a, &mut b] {
                (list[0], *list.last_mut().unwrap()) = (1, 2);
            }
            let last = [&a, &b].map(|list| u32::try_from(list.len()).unwrap() - 1);
            let mut runs = vec![MatchedRun { a: 0, b: 0, length: 1 }, MatchedRun { a: last[0], b: last[1], length: 1 }];
            match_moved([&a, &b], &mut runs);
            for side in [MatchedRun::on_a, MatchedRun::on_b] {
                let mut sides: Vec<Range<usize>> = runs.iter().map(side).collect();
                sides.sort_by_key(|range| range.start);
                prop_assert!(sides.windows(2).all(|pair| pair[0].end <= pair[1].start));
            }
            prop_assert!(runs.iter().all(|run| a[run.on_a()] == b[run.on_b()]));
        }
    }
}
