//! Alignment of reworded text: single words and short runs that match, far apart.
//!
//! In: two token arrays and a range of each. Out: matched runs in order, of all exact matches on the ranges those that match most tokens without a gap at
//! which a passage ends. A longest common subsequence would take stray matches that leave a long gap on one side alone.

use super::passage::MatchedRun;
use super::pieces::{Piece, is_end, score_of};
use std::ops::Range;

/// Longest gap of reworded text, in tokens of the longer side.
const LONGEST_GAP: u32 = 60;
/// Earlier matches that a match is tried to continue.
const LOOK_BACK: usize = 600;
/// Exact matches for each token of both ranges, at most: where there are more, few words make up the text, and any two match.
const MATCHES_A_TOKEN: usize = 64;
/// A token that occurs more often on a range matches only beside others: it says nothing alone.
const MOST_ALONE: usize = 12;
/// Parts of a range with fewer matched tokens are not looked at.
const LEAST_MATCHED: usize = 8;

/// Adds to `pieces` the alignments on two ranges. False if there are too many exact matches; nothing is added then. Time proportional to exact matches.
pub(super) fn align(sides: [&[u64]; 2], ranges: [Range<usize>; 2], pieces: &mut Vec<Piece>) -> bool {
    let Some(matches) = exact_matches(sides, ranges) else { return false };
    let mut open = vec![matches];
    while let Some(matches) = open.pop() {
        if matches.iter().map(|run| run.length as usize).sum::<usize>() < LEAST_MATCHED {
            continue;
        }
        let chain = best_chain(&matches);
        let (head, tail) = (chain[0], chain[chain.len() - 1]);
        let before = |run: &&MatchedRun| run.on_a().end <= head.on_a().start && run.on_b().end <= head.on_b().start;
        let behind = |run: &&MatchedRun| run.on_a().start >= tail.on_a().end && run.on_b().start >= tail.on_b().end;
        open.push(matches.iter().filter(before).copied().collect());
        open.push(matches.iter().filter(behind).copied().collect());
        pieces.push(Piece { runs: chain });
    }
    true
}

/// All maximal exact matches, in order of side a, then b.
#[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^31 tokens")]
fn exact_matches([a, b]: [&[u64]; 2], [of_a, of_b]: [Range<usize>; 2]) -> Option<Vec<MatchedRun>> {
    let mut by_token: Vec<(u64, u32)> = b[of_b.clone()].iter().copied().zip(of_b.start as u32..).collect();
    by_token.sort_unstable();
    let found = |at: usize| {
        let start = by_token.partition_point(|other| other.0 < a[at]);
        let count = by_token[start..].iter().take_while(|other| other.0 == a[at]).count();
        &by_token[start..start + count]
    };
    let most = MATCHES_A_TOKEN * (of_a.len() + of_b.len());
    let (mut matches, mut count) = (Vec::new(), 0);
    for at in of_a.clone() {
        let places = found(at);
        for other in places.iter().map(|place| place.1 as usize) {
            count += 1;
            if at == of_a.start || other == of_b.start || a[at - 1] != b[other - 1] {
                let length = a[at..of_a.end].iter().zip(&b[other..of_b.end]).take_while(|(x, y)| x == y).count();
                if length == 1 && places.len() > MOST_ALONE {
                    continue;
                }
                matches.push(MatchedRun { a: at as u32, b: other as u32, length: length as u32 });
            }
        }
        if count > most {
            return None;
        }
    }
    Some(matches)
}

/// The chain of `matches`, which are not empty and in order of side a, that scores most.
fn best_chain(matches: &[MatchedRun]) -> Vec<MatchedRun> {
    let longest = matches.iter().map(|run| run.length).max().unwrap_or(0);
    let mut scores: Vec<i64> = Vec::with_capacity(matches.len());
    // Of all matches up to each.
    let mut highest: Vec<i64> = Vec::with_capacity(matches.len());
    let mut before = vec![usize::MAX; matches.len()];
    for (at, run) in matches.iter().enumerate() {
        let mut best = 0;
        for last in (at.saturating_sub(LOOK_BACK)..at).rev() {
            let other = &matches[last];
            if other.a + longest + LONGEST_GAP < run.a || highest[last] <= best {
                break;
            }
            if scores[last] > best && follows(other, run) {
                (best, before[at]) = (scores[last], last);
            }
        }
        scores.push(best + score_of(run.length));
        highest.push(scores[at].max(highest.last().copied().unwrap_or(0)));
    }
    let mut chain = Vec::new();
    let mut at = (0..matches.len()).rev().max_by_key(|&at| scores[at]).unwrap_or(usize::MAX);
    while let Some(&run) = matches.get(at) {
        chain.push(run);
        at = before[at];
    }
    chain.reverse();
    chain
}

fn follows(last: &MatchedRun, next: &MatchedRun) -> bool {
    let gaps = last.gaps(next);
    last.on_a().end <= next.on_a().start && last.on_b().end <= next.on_b().start && gaps[0].max(gaps[1]) <= LONGEST_GAP && !is_end(gaps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::mix;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn chains_keep_the_rule_of_gaps(words in 2..90_u64, a in prop::collection::vec(any::<u64>(), 1..160), b in prop::collection::vec(any::<u64>(), 1..160)) {
            let drawn = |list: Vec<u64>| list.into_iter().map(|word| mix(word % words + 1)).collect::<Vec<u64>>();
            let (a, b) = (drawn(a), drawn(b));
            let mut pieces = Vec::new();
            align([&a, &b], [0..a.len(), 0..b.len()], &mut pieces);
            for Piece { runs } in &pieces {
                prop_assert!(runs.windows(2).all(|pair| follows(&pair[0], &pair[1])));
                prop_assert!(runs.iter().all(|run| run.length > 0 && a[run.on_a()] == b[run.on_b()]));
            }
        }
    }

    #[test]
    fn few_words_make_no_alignment() {
        assert!(!align([&[1; 400], &[1; 400]], [0..400, 0..400], &mut Vec::new()));
    }
}
