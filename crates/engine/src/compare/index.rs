//! Seeds of two documents: where the one has the words of the other.
//!
//! In: the tokens of two documents, and their words as numbers. Out: places where both have the same. Three tokens in a row
//! are joined to a few of the places where they stand; near those shorter seeds are looked for ([`super::short`]).

use super::grams::{Filter, gram};
use super::runs::Runs;
use super::seeds::{SEED, Seed};
use super::short::ShortSeeds;
use super::sites::{LATEST, Sites};
use super::words::Words;
use std::ops::Range;

/// A seed that may grow.
#[derive(Clone, Copy, Debug)]
struct Open {
    /// Its position.
    seed: u32,
    /// Where the next three tokens of the first document begin that it ends with two of.
    next: u32,
}

/// Finds seeds of one document with others; keeps its tables.
#[derive(Debug, Default)]
pub(super) struct PairSeeds {
    /// Three tokens in a row of the first document.
    filter: Filter<SEED>,
    sites: Sites,
    runs: Runs,
    /// Places of the second document where tokens begin that the first may have.
    asked: Vec<u32>,
    /// Places of the first document that have the tokens of one of the second.
    found: Vec<u32>,
    /// Seeds that reach to the last place and this one, in order of the first document.
    open: Vec<Open>,
    opening: Vec<Open>,
    short: ShortSeeds,
    /// In order of the second document, then of the first.
    pub(super) seeds: Vec<Seed>,
    /// Tokens of the longest seed.
    pub(super) longest: usize,
    /// Some places were not joined, because the first document has their tokens too often.
    pub(super) is_capped: bool,
    /// Stretches of the second document that hold every run of three tokens and more that the first has too, in order.
    pub(super) stretches: Vec<Range<usize>>,
}

impl PairSeeds {
    /// Takes `a` for the first document. Linear.
    pub(super) fn index(&mut self, a: &[u64]) {
        self.filter.fill(a);
        self.sites.forget();
        self.runs.forget();
    }

    /// Says that the pair at hand was not looked at.
    pub(super) fn skip(&mut self) {
        self.seeds.clear();
        self.stretches.clear();
        self.is_capped = true;
    }

    /// Fills `seeds` with runs of three tokens and more, and `stretches`; returns at how many places of the second document three stand. Linear.
    pub(super) fn strong(&mut self, b: &[u64], words: &Words) -> usize {
        self.sites.fill(words);
        self.seeds.clear();
        self.open.clear();
        self.is_capped = false;
        self.ask(b, words);
        let (mut count, mut next, mut at) = (0, u32::MAX, 0);
        while let Some(&place) = self.asked.get(at) {
            if place != next {
                self.open.clear();
            } else if self.open.len() == 1 {
                let on = self.follow(words, place as usize);
                (at, count) = (at + on, count + on);
                if on > 0 {
                    next = self.asked[at - 1] + 1;
                    continue;
                }
            }
            self.opening.clear();
            self.is_capped |= self.sites.find(words, gram(&words.b.numbers, place as usize), &mut self.found);
            count += usize::from(!self.found.is_empty());
            self.join(place);
            std::mem::swap(&mut self.open, &mut self.opening);
            (at, next) = (at + 1, place + 1);
        }
        self.find_stretches();
        count
    }

    /// Fills `asked`.
    fn ask(&mut self, b: &[u64], words: &Words) {
        let Self { filter, asked, .. } = self;
        // Each place is written, and stays if the next one does not take its room: no branch to foretell.
        asked.resize(b.len().max(asked.len()), 0);
        let mut count = 0;
        for place in words.threes() {
            asked[count] = place;
            count += usize::from(filter.may_have(gram(b, place as usize)));
        }
        asked.truncate(count);
    }

    /// Lengthens the only open seed along its diagonal from `place` on, as long as what follows stands nowhere else; returns by how much.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    fn follow(&mut self, words: &Words, place: usize) -> usize {
        let Open { seed, next } = &mut self.open[0];
        let at = *next as usize;
        let following = words.a[at..].iter().skip(SEED - 1).zip(at..);
        let same = words.b.numbers[place + SEED - 1..].iter().zip(following);
        let on = same.take_while(|(y, (x, at))| x == y && self.sites.are_alone(words, *at)).count();
        self.seeds[*seed as usize].length += on as u32;
        *next += on as u32;
        on
    }

    /// Joins `place` of the second document to the first place that was found, and to some of the last: lengthens the seeds that end with two of
    /// the three tokens there, or opens others.
    #[expect(clippy::cast_possible_truncation, reason = "fewer than 2^32 seeds")]
    fn join(&mut self, place: u32) {
        let Self { found, open, opening, seeds, .. } = self;
        let latest = found.len().saturating_sub(LATEST).max(1).min(found.len());
        let mut open = open.iter().peekable();
        for &a in found.first().into_iter().chain(&found[latest..]) {
            while open.next_if(|open| open.next < a).is_some() {}
            let seed = if let Some(open) = open.next_if(|open| open.next == a) {
                seeds[open.seed as usize].length += 1;
                open.seed
            } else {
                seeds.push(Seed::new(a, place));
                seeds.len() as u32 - 1
            };
            opening.push(Open { seed, next: a + 1 });
        }
    }

    /// Replaces `places` by those of a stretch of the first document where `length` tokens begin that one of the second has too, in order and apart. False
    /// if that is not known: the first has some tokens too often, or the run is shorter than a seed.
    pub(super) fn find_runs(&self, length: usize, [a, b]: [&Range<usize>; 2], places: &mut Vec<Range<usize>>) -> bool {
        places.clear();
        if self.is_capped || length < SEED {
            return false;
        }
        // Seeds stand in order of the second document.
        let from = self.seeds.partition_point(|seed| seed.b as usize + self.longest <= b.start);
        let near = self.seeds[from..].iter().take_while(|seed| (seed.b as usize) < b.end);
        for seed in near.filter(|seed| seed.length as usize >= length) {
            let (at_a, at_b) = (seed.a as usize, seed.b as usize);
            // What of it lies on both stretches.
            let start = a.start.saturating_sub(at_a).max(b.start.saturating_sub(at_b));
            let end = (seed.length as usize).min(a.end.saturating_sub(at_a)).min(b.end.saturating_sub(at_b));
            if end >= start + length {
                places.push(at_a + start..at_a + end + 1 - length);
            }
        }
        places.sort_unstable_by_key(|run| run.start);
        places.dedup_by(|next, last| {
            let meet = next.start <= last.end;
            if meet {
                last.end = last.end.max(next.end);
            }
            meet
        });
        true
    }

    /// Fills `stretches` and `longest` from `seeds`, which stand in order of the second document.
    fn find_stretches(&mut self) {
        self.stretches.clear();
        self.longest = 0;
        for seed in &self.seeds {
            self.longest = self.longest.max(seed.length as usize);
            let (start, end) = (seed.b as usize, (seed.b + seed.length) as usize);
            match self.stretches.last_mut() {
                Some(last) if start < last.end => last.end = last.end.max(end),
                _ => self.stretches.push(start..end),
            }
        }
    }

    /// True if `least` tokens in a row stand in both documents, 3 at least.
    pub(super) fn has_run(&mut self, a: &[u64], b: &[u64], least: usize, words: &mut Words) -> bool {
        self.runs.are_shared(&self.filter, [a, b], least, words)
    }

    /// Adds the shorter seeds to `seeds`, in their order. Linear.
    pub(super) fn weak(&mut self, words: &Words) {
        let Self { sites, short, seeds, stretches, .. } = self;
        short.add(words, sites, stretches, seeds);
    }
}

#[cfg(test)]
mod tests {
    use super::super::seeds::SEED_TOKENS;
    use super::super::short::AROUND;
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeSet, HashMap};

    /// The places of `a` that a place of `b` is joined to: the last ones with its three tokens, and the first.
    fn joined(a: &[u64], b: &[u64], place: usize) -> BTreeSet<usize> {
        let all: Vec<usize> = (0..(a.len() + 1).saturating_sub(SEED)).filter(|&at| a[at..at + SEED] == b[place..place + SEED]).collect();
        all.iter().rev().take(LATEST).chain(all.first()).copied().collect()
    }

    /// What [`PairSeeds::strong`] finds: runs of places that are joined along a diagonal.
    fn strong_slowly(a: &[u64], b: &[u64]) -> Vec<Seed> {
        let mut open: HashMap<usize, u32> = HashMap::new();
        let mut seeds = Vec::new();
        for place in 0..(b.len() + 1).saturating_sub(SEED) {
            let joined = joined(a, b, place);
            open = joined.iter().map(|&at| (at + 1, 1 + open.get(&at).copied().unwrap_or(SEED_TOKENS - 1))).collect();
            let seed = |(&next, &length): (&usize, &u32)| Seed {
                a: u32::try_from(next + SEED - 1).unwrap() - length,
                b: u32::try_from(place + SEED).unwrap() - length,
                length,
            };
            // Each run is told anew as it grows: the longest of one beginning stays.
            seeds.extend(open.iter().map(seed));
        }
        let mut longest: HashMap<(u32, u32), Seed> = HashMap::new();
        for seed in seeds {
            let known = longest.entry((seed.a, seed.b)).or_insert(seed);
            known.length = known.length.max(seed.length);
        }
        longest.into_values().collect()
    }

    /// What [`PairSeeds::weak`] adds: `length` tokens that stand once in `a`, and once near the seeds of `b`, in no seed.
    fn weak_slowly(a: &[u64], b: &[u64], length: usize, near: &[bool], seeds: &[Seed]) -> Vec<Seed> {
        let covers = |start: u32, seed: &Seed, at: usize| (start as usize..(start + seed.length) as usize).contains(&at);
        let in_b = |at: usize| seeds.iter().any(|seed| covers(seed.b, seed, at));
        let in_a = |at: usize| seeds.iter().any(|seed| covers(seed.a, seed, at));
        let mut met: HashMap<usize, Vec<usize>> = HashMap::new();
        for place in 0..(b.len() + 1).saturating_sub(length) {
            if (place..place + length).any(|at| !near[at] || in_b(at)) {
                continue;
            }
            let found: Vec<usize> = (0..=a.len() - length).filter(|&at| a[at..at + length] == b[place..place + length]).collect();
            if let [at] = found[..]
                && !in_a(at)
            {
                met.entry(at).or_default().push(place);
            }
        }
        let once = met.into_iter().filter(|(_, places)| places.len() == 1);
        once.map(|(at, places)| Seed {
            a: u32::try_from(at).unwrap(),
            b: u32::try_from(places[0]).unwrap(),
            length: u32::try_from(length).unwrap(),
        })
        .collect()
    }

    fn in_order(mut seeds: Vec<Seed>) -> Vec<Seed> {
        seeds.sort_unstable_by_key(|seed| (seed.b, seed.a, seed.length));
        seeds
    }

    proptest! {
        #[test]
        fn seeds_are_those_of_the_definition(
            words in 2..150_u64, a in prop::collection::vec(any::<u64>(), 3..120), others in prop::collection::vec(any::<u64>(), 0..200), from in 0..100_usize, to in 0..150_usize,
        ) {
            let mix = |list: Vec<u64>| list.into_iter().map(|word| crate::text::mix(word % words + 1)).collect::<Vec<u64>>();
            let (a, mut b) = (mix(a), mix(others));
            // A stretch of the one in the other.
            let copy = a[from.min(a.len())..].iter().take(30).copied().collect::<Vec<u64>>();
            let at = to.min(b.len());
            b.splice(at..at, copy);
            let (mut found, mut all) = (PairSeeds::default(), Words::default());
            // What another pair left is of no matter.
            for (x, y) in [(&b, &a), (&a, &b)] {
                all.forget();
                found.index(x);
                all.index(x);
                all.read(y);
                found.strong(y, &all);
            }
            let mut expected = strong_slowly(&a, &b);
            prop_assert_eq!(in_order(found.seeds.clone()), in_order(expected.clone()));
            for seed in &expected {
                prop_assert!(found.stretches.iter().any(|stretch| stretch.start <= seed.b as usize && (seed.b + seed.length) as usize <= stretch.end));
            }
            found.weak(&all);
            let is_near = |at: usize| expected.iter().any(|seed| at + AROUND >= seed.b as usize && at < (seed.b + seed.length) as usize + AROUND);
            let near: Vec<bool> = (0..b.len()).map(is_near).collect();
            for length in [2, 1] {
                let more = weak_slowly(&a, &b, length, &near, &expected);
                expected.extend(more);
            }
            prop_assert_eq!(found.seeds.clone(), in_order(expected));
        }
    }
}
