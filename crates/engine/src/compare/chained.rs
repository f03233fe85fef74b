//! Chains of the exact matches of two long documents, and the ranges around them that may hold passages.
//!
//! In: exact matches. Out: candidates, each with the matches that it is made of. Matches are chained in order on both sides with a cost for what lies between
//! them (as in minimap2, Li 2018), and a chain is extended outwards from both ends as long as what matches pays for what does not.

use super::candidates::cut_overlaps;
use super::exact::ExactMatches;
use super::extend::{BETWEEN, Extender, Outwards};
use super::passage::MatchedRun;
use super::passages::Candidate;
use super::pieces::{cost, score_of};
use crate::text::SelectedGrams;
use std::cmp::Reverse;
use std::ops::Range;

/// Tokens between two matches of a chain, at most.
const LONGEST_GAP: u32 = 60;
/// Earlier matches that a match is tried to continue.
const LOOK_BACK: usize = 64;
/// Tokens of side a that all chains of a pair may be extended over, for each that it has.
const EXTENDED_A_TOKEN: usize = 16;

/// Chains matches; keeps its lists.
#[derive(Debug, Default)]
pub(super) struct Chained {
    exact: ExactMatches,
    extender: Extender,
    scores: Vec<i64>,
    /// For each match the one before it in its chain.
    before: Vec<usize>,
    is_used: Vec<bool>,
    /// The matches of all chains, one chain after another, in order on both sides.
    runs: Vec<MatchedRun>,
    /// For each candidate its matches among `runs`.
    chains: Vec<Range<usize>>,
}

impl Chained {
    /// The exact matches that were found last.
    pub(super) fn exact(&self) -> &ExactMatches {
        &self.exact
    }

    /// For each candidate that was found last its matches.
    pub(super) fn chains(&self) -> impl Iterator<Item = &[MatchedRun]> {
        self.chains.iter().map(|chain| &self.runs[chain.clone()])
    }

    /// Finds the exact matches alone.
    pub(super) fn find_exact(&mut self, sides: [&[u64]; 2], selected: [&SelectedGrams; 2]) {
        self.exact.find(sides, selected);
    }

    /// Replaces `candidates` by the ranges around chains.
    pub(super) fn find(&mut self, sides: [&[u64]; 2], selected: [&SelectedGrams; 2], candidates: &mut Vec<Candidate>) {
        self.exact.find(sides, selected);
        self.link();
        self.read_off();
        let Self { extender, runs, chains, .. } = self;
        extender.left = EXTENDED_A_TOKEN * sides[0].len();
        candidates.clear();
        candidates.extend(chains.iter().map(|chain| extended(extender, sides, &runs[chain.clone()])));
    }

    /// Fills `scores` and `before`.
    fn link(&mut self) {
        let matches = &self.exact.runs;
        self.scores.clear();
        self.before.clear();
        // Where the matches up to each end on side a, at most.
        let mut furthest: Vec<u32> = Vec::with_capacity(matches.len());
        for (at, run) in matches.iter().enumerate() {
            let (mut best, mut before) = (0, usize::MAX);
            for last in (at.saturating_sub(LOOK_BACK)..at).rev() {
                if furthest[last] + LONGEST_GAP < run.a {
                    break;
                }
                let score = linked(&matches[last], run).map_or(0, |change| self.scores[last] + change);
                if score > best {
                    (best, before) = (score, last);
                }
            }
            self.scores.push(best + score_of(run.length));
            self.before.push(before);
            let end = run.a + run.length;
            furthest.push(furthest.last().map_or(end, |&last| end.max(last)));
        }
    }

    /// Fills `runs` and `chains`, the best chain first; each match is in one.
    fn read_off(&mut self) {
        let Self { exact, scores, before, is_used, runs, chains, .. } = self;
        runs.clear();
        chains.clear();
        is_used.clear();
        is_used.resize(exact.runs.len(), false);
        let mut ends: Vec<usize> = (0..exact.runs.len()).collect();
        ends.sort_unstable_by_key(|&at| (Reverse(scores[at]), at));
        for end in ends {
            let (start, mut at) = (runs.len(), end);
            while is_used.get(at) == Some(&false) {
                is_used[at] = true;
                runs.push(exact.runs[at]);
                at = before[at];
            }
            if runs.len() > start {
                let mut chain = runs.split_off(start);
                chain.reverse();
                cut_overlaps(&mut chain);
                runs.append(&mut chain);
                chains.push(start..runs.len());
            }
        }
    }
}

/// By how much `next` scores less than alone if it follows `last`: for what overlaps, and for what lies between. None if it does not follow.
fn linked(last: &MatchedRun, next: &MatchedRun) -> Option<i64> {
    let overlap = overlap(last, next);
    let gaps = last.gaps(next);
    let follows = last.a < next.a && last.b < next.b && overlap < next.length && gaps[0].max(gaps[1]) <= LONGEST_GAP;
    follows.then(|| score_of(next.length - overlap) - score_of(next.length) - cost(gaps))
}

/// Tokens at the start of `next` that `last` has too, on either side.
fn overlap(last: &MatchedRun, next: &MatchedRun) -> u32 {
    (last.a + last.length).saturating_sub(next.a).max((last.b + last.length).saturating_sub(next.b))
}

/// The range of a chain, extended from both ends.
fn extended(extender: &mut Extender, [a, b]: [&[u64]; 2], chain: &[MatchedRun]) -> Candidate {
    let (head, tail) = (&chain[0], &chain[chain.len() - 1]);
    let (start, end) = ((head.on_a().start, head.on_b().start), (tail.on_a().end, tail.on_b().end));
    let left = extender.reach(BETWEEN, Outwards::Backwards(&a[..start.0], &b[..start.1]));
    let right = extender.reach(BETWEEN, Outwards::Forwards(&a[end.0..], &b[end.1..]));
    let matched = chain.iter().map(|run| run.length as usize).sum::<usize>() + left.matched + right.matched;
    Candidate { a: start.0 - left.a..end.0 + right.a, b: start.1 - left.b..end.1 + right.b, matched }
}

#[cfg(test)]
mod tests {
    use super::super::passage::Passage;
    use super::*;
    use crate::compare::{Aligner, content_key, swapped};
    use crate::text::mix;
    use proptest::prelude::*;

    fn around(a: &[u64], b: &[u64], least: usize) -> Vec<Passage> {
        let selected = [a, b].map(|tokens| SelectedGrams::new(tokens, least));
        Aligner::new().around([a, b], selected.each_ref(), least)
    }

    fn fresh(from: u64, count: u64) -> Vec<u64> {
        (from..from + count).map(mix).collect()
    }

    #[test]
    fn an_edited_copy_is_one_passage_between_the_words_that_differ() {
        let body = fresh(0, 400);
        let edited: Vec<u64> = (0..).zip(&body).map(|(at, &word)| if at % 23 == 11 { mix(at + 9_000) } else { word }).collect();
        let a = [fresh(1_000, 700), body, fresh(2_000, 500)].concat();
        let b = [fresh(3_000, 90), edited, fresh(4_000, 800)].concat();
        let found = around(&a, &b, 25);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].a.clone(), found[0].b.clone(), found[0].matched), (700..1100, 90..490, 383));
    }

    #[test]
    fn what_shares_a_few_words_has_no_passage() {
        let (a, b) = (fresh(0, 900), [fresh(1_000, 400), fresh(300, 14), fresh(2_000, 400)].concat());
        assert!(around(&a, &b, 25).is_empty());
    }

    proptest! {
        #[test]
        fn long_copies_are_found_wherever_they_are(copies in prop::collection::vec((0..60_u64, 25..90_u64, 0..60_u64), 1..6), order in any::<bool>()) {
            let (mut a, mut b) = (Vec::new(), Vec::new());
            for (number, &(before, length, behind)) in (1..).zip(&copies) {
                let copy = fresh(number * 100_000, length);
                a.extend([fresh(number * 100_000 + 50_000, before + 9), copy.clone()].concat());
                b = if order { [b, fresh(number * 100_000 + 60_000, behind + 9), copy].concat() } else { [copy, fresh(number * 100_000 + 60_000, behind + 9), b].concat() };
            }
            let found = around(&a, &b, 25);
            let matched: usize = found.iter().map(|passage| passage.matched).sum();
            prop_assert_eq!(matched as u64, copies.iter().map(|copy| copy.1).sum::<u64>());
            prop_assert!(found.iter().flat_map(|passage| &passage.runs).all(|run| a[run.on_a()] == b[run.on_b()]));
            prop_assert!(content_key(&a) != content_key(&b));
            prop_assert_eq!(swapped(&swapped(&found)), found);
        }
    }
}
