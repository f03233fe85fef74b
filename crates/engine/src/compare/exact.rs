//! Exact matches of two long documents, found at the n-grams that both selected by winnowing.
//!
//! In: two token arrays and their selected n-grams. Out: maximal runs of equal tokens, in order of side a. Time proportional to the selected n-grams of both
//! and to what matches, not to the lengths.

use super::passage::MatchedRun;
use crate::text::{GRAM, SelectedGrams};

/// An n-gram with more pairs of occurrences than this is matched at its first, its last and its corresponding occurrences only.
const MOST_PAIRS: usize = 256;
/// Tokens that all matches of a pair may have together, for each token of both documents: texts that repeat themselves match themselves everywhere.
const MATCHED_A_TOKEN: usize = 16;

/// Finds exact matches; keeps its lists.
#[derive(Debug, Default)]
pub(super) struct ExactMatches {
    /// Pairs of occurrences of an n-gram: the diagonal above the position on side a.
    pairs: Vec<u64>,
    /// Maximal runs of equal tokens around them, in order of side a, then b.
    pub(super) runs: Vec<MatchedRun>,
    /// Hashes of the n-grams of which not all pairs of occurrences were matched.
    pub(super) unmatched: Vec<u32>,
}

/// The exact matches of two documents.
#[derive(Debug, Default)]
pub(crate) struct ExactRuns {
    /// Maximal runs of equal tokens.
    pub(crate) runs: Vec<MatchedRun>,
    /// Hashes of selected n-grams that may be in more runs, because they occur too often.
    pub(crate) unmatched: Vec<u32>,
}

impl ExactMatches {
    /// Fills `runs`.
    pub(super) fn find(&mut self, [a, b]: [&[u64]; 2], selected: [&SelectedGrams; 2]) {
        let Self { pairs, runs, unmatched } = self;
        pairs.clear();
        unmatched.clear();
        selected[0].join(selected[1], |on_a, on_b| {
            add_pairs(on_a, on_b, b.len() as u64, pairs);
            if on_a.len() * on_b.len() > MOST_PAIRS {
                unmatched.push(high(on_a[0]));
            }
        });
        pairs.sort_unstable();
        runs.clear();
        let mut left = MATCHED_A_TOKEN * (a.len() + b.len());
        let (mut diagonal, mut end) = (u64::MAX, 0);
        for &pair in &*pairs {
            let x = low(pair) as usize;
            if pair >> 32 != diagonal {
                (diagonal, end) = (pair >> 32, 0);
            }
            if x < end {
                continue;
            }
            let Some(run) = maximal([a, b], [x, x + b.len() - low(diagonal) as usize]) else { continue };
            let Some(rest) = left.checked_sub(run.length as usize) else {
                unmatched.clear();
                selected[0].join(selected[1], |on_a, _| unmatched.push(high(on_a[0])));
                break;
            };
            (left, end) = (rest, run.on_a().end);
            runs.push(run);
        }
        runs.sort_unstable();
    }
}

/// Adds the pairs of occurrences of one n-gram, each with its diagonal.
fn add_pairs(on_a: &[u64], on_b: &[u64], b_len: u64, pairs: &mut Vec<u64>) {
    let pair = |x: u64, y: u64| {
        let (x, y) = (u64::from(low(x)), u64::from(low(y)));
        (x + b_len - y) << 32 | x
    };
    if on_a.len() * on_b.len() <= MOST_PAIRS {
        return pairs.extend(on_a.iter().flat_map(|&x| on_b.iter().map(move |&y| pair(x, y))));
    }
    let ends = |list: &[u64]| [list[0], list[list.len() - 1]];
    pairs.extend(on_b.iter().flat_map(|&y| ends(on_a).map(|x| pair(x, y))));
    pairs.extend(on_a.iter().flat_map(|&x| ends(on_b).map(|y| pair(x, y))));
    pairs.extend(on_a.iter().zip(on_b).map(|(&x, &y)| pair(x, y)));
    pairs.extend(on_a.iter().rev().zip(on_b.iter().rev()).map(|(&x, &y)| pair(x, y)));
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half")]
fn low(entry: u64) -> u32 {
    entry as u32
}

/// The hash of an entry of selected n-grams.
fn high(entry: u64) -> u32 {
    (entry >> u32::BITS) as u32
}

/// The maximal run of equal tokens around an n-gram at two positions; None if its tokens differ.
#[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^31 tokens")]
fn maximal([a, b]: [&[u64]; 2], [x, y]: [usize; 2]) -> Option<MatchedRun> {
    let before = a[..x].iter().rev().zip(b[..y].iter().rev()).take_while(|(x, y)| x == y).count();
    let behind = a[x..].iter().zip(&b[y..]).take_while(|(x, y)| x == y).count();
    (behind >= GRAM).then(|| MatchedRun { a: (x - before) as u32, b: (y - before) as u32, length: (before + behind) as u32 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{gram_hash, mix};
    use proptest::prelude::*;

    const RUN: usize = 8;

    fn matches(sides: [&[u64]; 2]) -> ExactMatches {
        let selected = sides.map(|tokens| SelectedGrams::new(tokens, RUN));
        let mut matches = ExactMatches::default();
        matches.find(sides, selected.each_ref());
        matches
    }

    proptest! {
        /// Every pair of positions at which so many tokens in a row are equal is on a match, or one of its n-grams is among those not matched.
        #[test]
        fn long_runs_are_on_matches(words in prop_oneof![Just(2_u64), Just(9), Just(400)], a in prop::collection::vec(any::<u64>(), 0..90), b in prop::collection::vec(any::<u64>(), 0..90), from in 0..80_usize, to in 0..80_usize) {
            let drawn = |list: Vec<u64>| list.into_iter().map(|word| mix(word % words + 1)).collect::<Vec<u64>>();
            let (a, mut b) = (drawn(a), drawn(b));
            let copied: Vec<u64> = a.iter().skip(from).take(30).copied().collect();
            let to = to.min(b.len());
            b.splice(to..to, copied);
            let found = matches([&a, &b]);
            for run in &found.runs {
                prop_assert_eq!(&a[run.on_a()], &b[run.on_b()]);
                let (start, end) = ((run.on_a().start, run.on_b().start), (run.on_a().end, run.on_b().end));
                prop_assert!(start.0 == 0 || start.1 == 0 || a[start.0 - 1] != b[start.1 - 1]);
                prop_assert!(end.0 == a.len() || end.1 == b.len() || a[end.0] != b[end.1]);
            }
            prop_assert!(found.runs.is_sorted_by(|last, next| last < next));
            for x in 0..(a.len() + 1).saturating_sub(RUN) {
                for y in (0..(b.len() + 1).saturating_sub(RUN)).filter(|&y| a[x..x + RUN] == b[y..y + RUN]) {
                    let is_on = |run: &MatchedRun| run.on_a().start <= x && x + RUN <= run.on_a().end && run.on_b().start + x == run.on_a().start + y;
                    let is_unmatched = a[x..x + RUN].windows(GRAM).any(|gram| found.unmatched.contains(&gram_hash(gram)));
                    prop_assert!(found.runs.iter().any(is_on) || is_unmatched);
                }
            }
        }
    }

    #[test]
    fn texts_of_one_word_end() {
        let found = matches([&[7; 30_000], &[7; 20_000]]);
        assert!(found.runs.len() < 2_000 && found.unmatched.len() == 1);
    }
}
