//! Seeds of two words and of one: such as stand once in both documents, near seeds of three words and in none of them.
//!
//! In: the words of two documents as numbers, and their longer seeds. Out: the shorter seeds among those.

use super::grams::gram;
use super::seeds::Seed;
use super::sites::Sites;
use super::words::{Found, Words};
use std::ops::Range;

/// Tokens around a seed in which shorter ones are looked for.
pub(super) const AROUND: usize = 60;
/// A place that was met more than once, or that a seed holds.
const MANY: u32 = u32::MAX;

/// What is known of the places of two documents.
#[derive(Debug, Default)]
struct Places {
    /// For each place of the second document, whether a seed of two tokens holds it.
    joined: Vec<bool>,
    /// For each place of the first document where the second has its gram, + 1, or `MANY`; 0 for all between calls.
    met: Vec<u32>,
    touched: Vec<u32>,
}

impl Places {
    /// Makes room for two documents.
    fn reset(&mut self, a_len: usize, b_len: usize) {
        self.joined.clear();
        self.joined.resize(b_len, false);
        self.met.resize(self.met.len().max(a_len), 0);
    }

    /// Forgets the places of `seeds`, which are all that were taken: one by one in a long document that has few.
    fn release(&mut self, seeds: &[Seed]) {
        /// Places that are cleared in the time that one seed takes.
        const CLEARED: usize = 64;
        if self.met.len() <= seeds.len() * CLEARED {
            self.met.fill(0);
        } else {
            seeds.iter().for_each(|seed| self.met[seed.a as usize..(seed.a + seed.length) as usize].fill(0));
        }
    }

    /// A gram of the second document stands at `place`, and in the first at `at`.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    fn meet(&mut self, at: usize, place: u32) {
        let met = &mut self.met[at];
        if *met == 0 {
            *met = place + 1;
            self.touched.push(at as u32);
        } else {
            *met = MANY;
        }
    }

    /// The places of the first document that `seed` has are met no more.
    fn take(&mut self, seed: &Seed) {
        self.met[seed.a as usize..(seed.a + seed.length) as usize].fill(MANY);
    }

    /// Makes seeds of what was met once, in order of the second document.
    fn settle(&mut self, length: u32, seeds: &mut Vec<Seed>) {
        let start = seeds.len();
        for at in self.touched.drain(..) {
            let met = std::mem::take(&mut self.met[at as usize]);
            if met != MANY {
                seeds.push(Seed { a: at, b: met - 1, length });
            }
        }
        for seed in &seeds[start..] {
            self.joined[seed.b as usize..(seed.b + seed.length) as usize].fill(true);
            self.take(seed);
        }
    }
}

/// Finds short seeds; keeps its tables.
#[derive(Debug, Default)]
pub(super) struct ShortSeeds {
    places: Places,
    /// Stretches of the second document near the longer seeds, and in none.
    gaps: Vec<Range<usize>>,
    found: Found,
    /// Seeds of two tokens, then of one, each in order of the second document.
    short: Vec<Seed>,
}

impl ShortSeeds {
    /// Adds to `seeds`, which stand in order of the second document and on `stretches` of it, those that are shorter, in their order. Linear.
    pub(super) fn add(&mut self, words: &Words, sites: &Sites, stretches: &[Range<usize>], seeds: &mut Vec<Seed>) {
        let Self { places, gaps, found, short } = self;
        let numbers = &words.b.numbers;
        places.reset(words.a.len(), numbers.len());
        seeds.iter().for_each(|seed| places.take(seed));
        find_gaps(stretches, numbers.len(), gaps);
        words.find(gaps, found);
        for &place in found.twos() {
            if let Some(at) = sites.only(words, gram(numbers, place as usize)) {
                places.meet(at, place);
            }
        }
        short.clear();
        places.settle(2, short);
        let long = short.len();
        for &place in found.once() {
            if let Some(at) = words.only(numbers[place as usize]).filter(|_| !places.joined[place as usize]) {
                places.meet(at, place);
            }
        }
        places.settle(1, short);
        merge(short.split_at(long), seeds);
        places.release(seeds);
    }
}

/// Puts short seeds among the others, all in order of the second document.
fn merge((mut twos, mut ones): (&[Seed], &[Seed]), seeds: &mut Vec<Seed>) {
    let mut left = seeds.len();
    seeds.resize(left + twos.len() + ones.len(), Seed::new(0, 0));
    // From the last on, each to its place: no two of different length begin at one place of the second document.
    let mut to = seeds.len();
    let b_of = |list: &[Seed]| list.last().map(|seed| seed.b);
    while left < to {
        let list = if b_of(twos) > b_of(ones) { &mut twos } else { &mut ones };
        let Some((short, rest)) = list.split_last() else { break };
        *list = rest;
        while left > 0 && seeds[left - 1].b > short.b {
            (left, to) = (left - 1, to - 1);
            seeds[to] = seeds[left];
        }
        to -= 1;
        seeds[to] = *short;
    }
}

/// Fills `gaps` with what lies near `stretches` of `length` tokens, and in none of them.
fn find_gaps(stretches: &[Range<usize>], length: usize, gaps: &mut Vec<Range<usize>>) {
    gaps.clear();
    let mut end = 0;
    for (at, stretch) in stretches.iter().enumerate() {
        let before = stretch.start.saturating_sub(AROUND).max(end);
        // What is near both sides of a gap is one.
        match (at > 0).then(|| end + AROUND) {
            Some(after) if after < before => gaps.extend([end..after, before..stretch.start]),
            Some(_) => gaps.push(end..stretch.start),
            None => gaps.push(before..stretch.start),
        }
        end = stretch.end;
    }
    if !stretches.is_empty() {
        gaps.push(end..length.min(end + AROUND));
    }
}
