//! Passages whose words were replaced: too few runs of words are left of them to be chained, but the words that stayed stay near each other.
//!
//! In: two documents, their seeds, and the passages that were told. Out: the passages with those among them that only weighted words tell.
//! A match earns what its word says ([`Words`]), whatever is replaced costs a bit. Seeds that no passage explains are chained by that
//! measure; where a chain is worth enough, the documents are aligned around it. Passages that are hardly alike grow in the same way, and
//! neighbours are one passage where the gap costs less than they are worth. `matched` stays a number of tokens that match in order.

use super::best_chain::BestChain;
use super::candidate_selection::meet;
use super::extend::common;
use super::lcs::CommonWords;
use super::passages::Candidate;
use super::reach::{MISSING, REPLACED, Reach, Reacher};
use super::seeds::Seed;
use super::words::{BIT, WeighedWords, Words};
use std::cmp::Reverse;
use std::ops::Range;

/// Seeds that no passage explains hold at least this many tokens together, or nothing is looked for.
const LEAST_TOKENS: u32 = 8;
/// What a chain of seeds is worth that documents are aligned around.
const LEAST_CHAIN: i32 = 50 * BIT;
/// Least worth of a passage, beyond what was told before. Places in two long articles are some 2^20 pairs: chance stays far below.
const LEAST_WORTH: i32 = 65 * BIT;
/// Chains that are looked at in a pair.
const MOST_CHAINS: usize = 8;
/// A passage more alike than this does not grow, and does not draw another to it.
const WEAK_SIMILARITY: f64 = 0.75;
/// Seeds this near to the end of a passage on both sides let it grow, if they are worth so much; it does if that brings so much.
const NEAR: usize = 60;
const LEAST_NEAR: i32 = 20 * BIT;
const LEAST_GROWTH: i32 = 25 * BIT;
/// Neighbours are one passage if the gap between them costs no more than three quarters of what the lesser is worth.
const JOINED: (i64, i64) = (3, 4);
/// Places that all alignments of a pair may look at, for each token of both documents.
const PLACES_A_TOKEN: usize = 64;

/// Finds reworded passages; keeps its tables.
#[derive(Debug, Default)]
pub(super) struct Reworded {
    pub(super) words: Words,
    /// The words of the second document from its end, if an alignment asked for them.
    backwards: WeighedWords,
    reacher: Reacher,
    common: CommonWords,
    /// Seeds that no passage explains, in order of `b`.
    left: Vec<Seed>,
    chain: BestChain,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Head,
    Tail,
}

impl Reworded {
    /// Says that the pairs that follow have another first document.
    pub(super) fn forget(&mut self) {
        self.words.forget();
    }

    /// Adds to `told`, the passages of `a` and `b`, what is reworded, and puts them in order of `b`, on which they do not overlap. `seeds` stand in order of
    /// `b`. False if nothing changes. Linear in documents and seeds but for the sorting of passages.
    pub(super) fn add(&mut self, a: &[u64], b: &[u64], seeds: &[Seed], told: &mut Vec<Candidate>) -> bool {
        told.sort_by_key(|passage| (passage.b.start, passage.a.start));
        self.keep_unexplained(seeds, told);
        if self.left.iter().map(|seed| seed.length).sum::<u32>() < LEAST_TOKENS {
            return false;
        }
        let tokens = a.len() + b.len();
        if !self.may_have_chain(tokens) && !self.may_grow(told, tokens) {
            return false;
        }
        self.words.weigh();
        let before = told.clone();
        self.backwards.clear();
        self.reacher.places = PLACES_A_TOKEN * tokens;
        for _ in 0..MOST_CHAINS {
            let Some(seed) = self.chained_seed() else { break };
            let (passage, worth) = self.around(seed);
            self.left.retain(|other| !meet(&passage.b, &on_b(other)));
            self.tell(passage, worth, LEAST_WORTH, told);
        }
        self.keep_unexplained(seeds, told);
        self.grow(told);
        self.join(a, b, told);
        for passage in told.iter_mut().filter(|passage| !before.contains(passage)) {
            self.count(passage);
        }
        *told != before
    }

    /// Counts the tokens that match in order: where passages were put together, more may than in either.
    fn count(&mut self, passage: &mut Candidate) {
        let (a, b) = (&self.words.a[passage.a.clone()], &self.words.b.numbers[passage.b.clone()]);
        if a.len() * b.len() <= MOST_COUNTED {
            passage.matched = passage.matched.max(self.common.count(a, b));
        }
    }

    /// Fills `left`: the seeds that begin in no passage on either side.
    fn keep_unexplained(&mut self, seeds: &[Seed], told: &[Candidate]) {
        let mut on_a: Vec<Range<usize>> = told.iter().map(|passage| passage.a.clone()).collect();
        on_a.sort_unstable_by_key(|range| (range.start, Reverse(range.end)));
        // Of two that overlap the later one alone holds what is beyond the end of the other.
        on_a.dedup_by(|next, last| next.end <= last.end);
        let is_told = |a: usize| {
            let next = on_a.partition_point(|range| range.start <= a);
            next > 0 && on_a[next - 1].end > a
        };
        self.left.clear();
        let mut next = 0;
        for seed in seeds {
            while told.get(next).is_some_and(|passage| passage.b.end <= seed.b as usize) {
                next += 1;
            }
            if told.get(next).is_none_or(|passage| (seed.b as usize) < passage.b.start) && !is_told(seed.a as usize) {
                self.left.push(*seed);
            }
        }
    }

    /// False if no chain of the seeds left can be worth enough, whatever the second document has.
    fn may_have_chain(&mut self, tokens: usize) -> bool {
        let Self { words, chain, left, .. } = self;
        let most_worth = |seed: &Seed| words.most_worth(on_a(seed), tokens);
        left.iter().map(|seed| i64::from(most_worth(seed))).sum::<i64>() >= i64::from(LEAST_CHAIN)
            && chain.find(left, LEAST_CHAIN, most_worth).is_some()
    }

    /// False if no passage can grow, whatever the second document has.
    fn may_grow(&self, told: &[Candidate], tokens: usize) -> bool {
        let most_near =
            |passage: &Candidate, end: End| self.near(passage, end).map(|seed| self.words.most_worth(on_a(seed), tokens)).sum::<i32>();
        told.iter()
            .filter(|passage| is_weak(passage))
            .any(|passage| [End::Head, End::Tail].iter().any(|&end| most_near(passage, end) >= LEAST_NEAR))
    }

    /// The last seed of the chain that is worth most.
    fn chained_seed(&mut self) -> Option<Seed> {
        let Self { words, chain, left, .. } = self;
        chain.find(left, LEAST_CHAIN, |seed| words.worth(on_b(seed)))
    }

    /// What `passage` is worth if its matched tokens are like its others.
    fn worth(&self, passage: &Candidate) -> i64 {
        i64::from(self.words.worth(passage.b.clone())) * passage.matched as i64 / passage.b.len().max(1) as i64
    }

    /// The alignment through `seed`, and what it is worth.
    fn around(&mut self, seed: Seed) -> (Candidate, i64) {
        let core = Candidate { a: on_a(&seed), b: on_b(&seed), matched: seed.length as usize };
        let (head, tail) = (self.reach(&core, End::Head), self.reach(&core, End::Tail));
        let worth = self.worth(&core) + i64::from(head.worth) + i64::from(tail.worth);
        (extended(extended(core, End::Head, head), End::Tail, tail), worth)
    }

    fn reach(&mut self, passage: &Candidate, end: End) -> Reach {
        let Self { words, reacher, backwards, .. } = self;
        if end == End::Tail {
            return reacher.reach(words.a[passage.a.end..].iter().map(|&word| words.shared(word)), words.b.from(passage.b.end));
        }
        if backwards.numbers.is_empty() {
            backwards.reverse_of(&words.b);
        }
        let before = words.a[..passage.a.start].iter().rev().map(|&word| words.shared(word));
        reacher.reach(before, backwards.from(words.b.numbers.len() - passage.b.start))
    }

    /// Puts `passage` among those told if it is worth `least` more than those that it meets on both sides, which it takes in; not if it meets another on
    /// side b alone.
    fn tell(&self, mut passage: Candidate, worth: i64, least: i32, told: &mut Vec<Candidate>) {
        let met = |passage: &Candidate, told: &[Candidate]| {
            let first = told.partition_point(|other| other.b.end <= passage.b.start);
            first..first + told[first..].partition_point(|other| other.b.start < passage.b.end)
        };
        let before =
            told[met(&passage, told)].iter().filter(|other| meet(&other.a, &passage.a)).map(|other| self.worth(other)).sum::<i64>();
        if worth - before < i64::from(least) {
            return;
        }
        loop {
            let range = met(&passage, told);
            if !told[range.clone()].iter().all(|other| meet(&other.a, &passage.a)) {
                return;
            }
            let whole = told[range.clone()].iter().fold(passage.clone(), |whole, other| union(&whole, other));
            if whole.b == passage.b && whole.a == passage.a {
                told.splice(range, [whole]);
                return;
            }
            passage = whole;
        }
    }

    /// Lets passages that are hardly alike grow into what no passage explains.
    fn grow(&mut self, told: &mut Vec<Candidate>) {
        let weak: Vec<usize> = told.iter().filter(|passage| is_weak(passage)).map(|passage| passage.b.start).collect();
        for place in weak {
            for end in [End::Tail, End::Head] {
                // It may have been taken in by another.
                let at = told.partition_point(|passage| passage.b.end <= place);
                let Some(passage) = told.get(at).filter(|passage| passage.b.contains(&place) && is_weak(passage)).cloned() else {
                    continue;
                };
                if self.near(&passage, end).map(|seed| self.words.worth(on_b(seed))).sum::<i32>() >= LEAST_NEAR {
                    let reach = self.reach(&passage, end);
                    let worth = self.worth(&passage) + i64::from(reach.worth);
                    self.tell(extended(passage, end, reach), worth, LEAST_GROWTH, told);
                }
            }
        }
    }

    /// The seeds left that stand near an end of `passage`, beyond it on both sides.
    fn near<'s>(&'s self, passage: &Candidate, end: End) -> impl Iterator<Item = &'s Seed> + use<'s> {
        let beyond = |range: &Range<usize>| match end {
            End::Head => range.start.saturating_sub(NEAR)..range.start,
            End::Tail => range.end..range.end + NEAR,
        };
        let (a, b) = (beyond(&passage.a), beyond(&passage.b));
        let from = self.left.partition_point(|seed| (seed.b as usize) < b.start);
        let seeds = self.left[from..].iter().take_while(move |seed| (seed.b as usize) < b.end);
        seeds.filter(move |seed| a.contains(&(seed.a as usize)))
    }

    /// Joins neighbours that follow each other on both sides, one of them hardly alike, if the gap costs less than they are worth.
    fn join(&self, a: &[u64], b: &[u64], told: &mut Vec<Candidate>) {
        let mut by_a: Vec<usize> = (0..told.len()).collect();
        by_a.sort_by_key(|&at| told[at].a.start);
        let mut next_on_a = vec![usize::MAX; told.len()];
        by_a.windows(2).for_each(|pair| next_on_a[pair[0]] = pair[1]);
        let mut joined: Vec<Candidate> = Vec::with_capacity(told.len());
        for (at, passage) in told.drain(..).enumerate() {
            match joined.last_mut() {
                Some(last) if next_on_a[at - 1] == at && self.belong_together(last, &passage) => {
                    let between = common(&a[last.a.end..passage.a.start], &b[last.b.end..passage.b.start]);
                    let matched = last.matched + between + passage.matched;
                    *last = Candidate { matched, ..union(last, &passage) };
                }
                _ => joined.push(passage),
            }
        }
        *told = joined;
    }

    fn belong_together(&self, last: &Candidate, next: &Candidate) -> bool {
        if !(is_weak(last) || is_weak(next)) || next.a.start < last.a.end || next.b.start < last.b.end {
            return false;
        }
        let (gap_a, gap_b) = (next.a.start - last.a.end, next.b.start - last.b.end);
        let cost = gap_a.min(gap_b) as i64 * i64::from(REPLACED) + gap_a.abs_diff(gap_b) as i64 * i64::from(MISSING);
        cost * JOINED.1 <= self.worth(last).min(self.worth(next)) * JOINED.0
    }
}

fn is_weak(passage: &Candidate) -> bool {
    passage.similarity() <= WEAK_SIMILARITY
}

fn on_a(seed: &Seed) -> Range<usize> {
    seed.a as usize..(seed.a + seed.length) as usize
}

fn on_b(seed: &Seed) -> Range<usize> {
    seed.b as usize..(seed.b + seed.length) as usize
}

fn extended(mut passage: Candidate, end: End, reach: Reach) -> Candidate {
    passage.matched += reach.matched;
    match end {
        End::Head => (passage.a.start, passage.b.start) = (passage.a.start - reach.a, passage.b.start - reach.b),
        End::Tail => (passage.a.end, passage.b.end) = (passage.a.end + reach.a, passage.b.end + reach.b),
    }
    passage
}

/// Pairs of tokens up to which the tokens of a passage that match are counted anew.
const MOST_COUNTED: usize = 1 << 22;

/// What holds both of two that tell part of the same: at least as many tokens match in it as in either.
fn union(one: &Candidate, other: &Candidate) -> Candidate {
    Candidate {
        a: one.a.start.min(other.a.start)..one.a.end.max(other.a.end),
        b: one.b.start.min(other.b.start)..one.b.end.max(other.b.end),
        matched: one.matched.max(other.matched),
    }
}

#[cfg(test)]
mod tests {
    use crate::compare::{Aligner, Passage, comes_first, content_key};
    use proptest::prelude::*;
    use std::ops::Range;

    /// Words of a text in which the word of rank n is as frequent as in a language: n grows evenly on a scale of factors.
    fn prose(seed: u64, length: usize) -> Vec<u64> {
        let mut state = seed;
        let mut draw = || {
            state = crate::text::mix(state.wrapping_add(0x9E37_79B9_7F4A_7C15));
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank")]
        (0..length).map(|_| 20_000_f64.powf(draw()) as u64 + 1).collect()
    }

    /// Six of ten words replaced by others; two in a row stay more often than by chance, as names and figures of speech do.
    fn replaced(tokens: &[u64]) -> Vec<u64> {
        let stays = [true, true, false, false, true, false, true, false, false, false];
        (1_000_000..).zip(tokens).zip(stays.iter().cycle()).map(|((new, &old), &stays)| if stays { old } else { new }).collect()
    }

    fn holds(range: &Range<usize>, truth: &Range<usize>) -> bool {
        let both = range.end.min(truth.end).saturating_sub(range.start.max(truth.start));
        both * 10 >= truth.len() * 9 && range.len() * 9 <= truth.len() * 10
    }

    #[test]
    fn a_paraphrase_is_found() {
        for seed in 0..20 {
            let body = prose(seed, 150);
            // Four runs of three words stay too, by which such documents are proposed at all.
            let mut copy = replaced(&body);
            [10, 50, 90, 130].iter().for_each(|&at| copy[at..at + 3].copy_from_slice(&body[at..at + 3]));
            let a = [prose(seed + 100, 300), body, prose(seed + 200, 300)].concat();
            let b = [prose(seed + 300, 200), copy, prose(seed + 400, 400)].concat();
            let found = Aligner::new().between(&a, &b);
            let told = found.iter().any(|passage| holds(&passage.a, &(300..450)) && holds(&passage.b, &(200..350)));
            assert!(told, "{seed}: {found:?}");
            let swapped = Aligner::new().between(&b, &a);
            assert!(swapped.iter().any(|passage| holds(&passage.a, &(200..350)) && holds(&passage.b, &(300..450))), "{seed}: {swapped:?}");
        }
    }

    #[test]
    fn unrelated_texts_of_one_vocabulary_share_nothing() {
        for seed in 0..200 {
            let found = Aligner::new().between(&prose(seed, 800), &prose(seed + 1_000, 600));
            assert_eq!(found, [], "{seed}");
        }
    }

    #[test]
    fn hostile_texts_cost_no_more_than_long_ones() {
        // Nothing to assert: what is quadratic here does not end.
        let few = |words: u64, seed: u64| -> Vec<u64> { prose(seed, 10_000).into_iter().map(|word| word % words).collect() };
        for (a, b) in
            [(vec![1; 100_000], vec![1; 100_000]), (few(2, 1), few(2, 2)), (few(60, 1), few(60, 2)), (few(1_000, 1), few(1_000, 2))]
        {
            Aligner::new().between(&a, &b);
        }
    }

    proptest! {
        /// Passages of all kinds beside each other, and words that come again.
        #[test]
        fn passages_keep_their_laws(pieces in prop::collection::vec((0..6_u64, 0..3_u8, 20..90_usize), 1..8)) {
            let piece = |&(seed, change, length): &(u64, u8, usize)| {
                let tokens = prose(seed, length);
                if change == 0 { tokens } else { replaced(&tokens) }
            };
            let a: Vec<u64> = (0..6).flat_map(|seed| prose(seed, 80)).collect();
            let b: Vec<u64> = pieces.iter().flat_map(piece).collect();
            let found = Aligner::new().between(&a, &b);
            for Passage { a: on_a, b: on_b, matched, .. } in &found {
                prop_assert!(on_a.end <= a.len() && on_b.end <= b.len());
                prop_assert!(*matched <= on_a.len().min(on_b.len()));
            }
            let b_is_first = comes_first(content_key(&b), content_key(&a));
            let mut sides: Vec<&Range<usize>> = found.iter().map(|passage| if b_is_first { &passage.a } else { &passage.b }).collect();
            sides.sort_by_key(|side| side.start);
            prop_assert!(sides.windows(2).all(|pair| pair[0].end <= pair[1].start), "overlap on the side of the second document: {found:?}");
        }
    }
}
