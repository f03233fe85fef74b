//! Seeds of two documents: an index of the one, asked for the tokens of the other.
//!
//! In: the tokens of a document, then those of others, one after another. Out: places where both have the same tokens. Three tokens in a row
//! are joined to a few of the places where they stand, one or two tokens only where both documents have them once.

use super::seeds::{SEED, SEED_TOKENS, Seed, probe};

/// Places of the first document that a place of the second is joined to, besides the first.
const LATEST: usize = 4;
/// Bits of the filter before the table, for each gram.
const FILTER_BITS: usize = 16;
/// Tokens around a seed in which shorter ones are looked for.
const AROUND: usize = 60;
/// A place far from all seeds of three tokens; one near them; one in a seed.
const FAR: u8 = 0;
const FREE: u8 = 1;
const JOINED: u8 = 2;
/// A place that was met more than once.
const MANY: u32 = u32::MAX;

/// The grams of a document, each with the places where it stands.
#[derive(Debug, Default)]
struct Grams {
    /// Bloom filter (Bloom 1970) of one hash: most questions are about grams that are not there.
    filter: Vec<u64>,
    /// Hash table: place + 1 of the last gram in the slot, 0 for none.
    last: Vec<u32>,
    /// For each place the one before it with the same gram, + 1.
    before: Vec<u32>,
    /// For each place the first one with the same gram.
    first: Vec<u32>,
}

fn hash(gram: &[u64]) -> u64 {
    gram.iter().fold(0, |hash: u64, &token| hash.rotate_left(21) ^ token)
}

impl Grams {
    /// Replaces the contents by the grams of `length` tokens.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    fn fill(&mut self, tokens: &[u64], length: usize) {
        let count = tokens.len().saturating_sub(length - 1);
        self.filter.clear();
        self.filter.resize((count * FILTER_BITS).next_power_of_two().max(64) / 64, 0);
        self.last.clear();
        self.last.resize((count * 2).next_power_of_two().max(16), 0);
        for list in [&mut self.before, &mut self.first] {
            list.clear();
            list.resize(count, 0);
        }
        for (place, gram) in tokens.windows(length).enumerate() {
            let hash = hash(gram);
            let (word, bit) = self.bit(hash);
            self.filter[word] |= bit;
            let slot = self.slot(tokens, gram, hash);
            let found = self.last[slot];
            self.last[slot] = place as u32 + 1;
            self.before[place] = found;
            self.first[place] = if found == 0 { place as u32 } else { self.first[found as usize - 1] };
        }
    }

    fn bit(&self, hash: u64) -> (usize, u64) {
        let bit = (hash >> 32) as usize & (self.filter.len() * 64 - 1);
        (bit / 64, 1 << (bit % 64))
    }

    #[expect(clippy::cast_possible_truncation, reason = "masked")]
    fn slot(&self, tokens: &[u64], gram: &[u64], hash: u64) -> usize {
        probe(&self.last, tokens, gram, hash as usize & (self.last.len() - 1))
    }

    /// The last place in `tokens`, whose grams these are, where `gram` stands.
    #[inline(always)]
    fn last_place(&self, tokens: &[u64], gram: &[u64]) -> Option<usize> {
        let hash = hash(gram);
        let (word, bit) = self.bit(hash);
        if self.filter[word] & bit == 0 {
            return None;
        }
        (self.last[self.slot(tokens, gram, hash)] as usize).checked_sub(1)
    }
}

/// Finds seeds of one document with others; keeps its tables.
#[derive(Debug, Default)]
pub(super) struct PairSeeds {
    single: Grams,
    double: Grams,
    triple: Grams,
    /// `single` and `double` are those of the first document.
    has_short: bool,
    /// For each place of the first document where the second has its gram, + 1, or `MANY`.
    met: Vec<u32>,
    touched: Vec<u32>,
    /// For each place of the second document `FAR`, `FREE` or `JOINED`.
    joined: Vec<u8>,
    /// For each place of the first document whether a seed holds it.
    taken: Vec<bool>,
    /// Seeds that reach to the last place and this one, by their positions.
    open: Vec<u32>,
    opening: Vec<u32>,
    pub(super) seeds: Vec<Seed>,
}

impl PairSeeds {
    /// Takes `a` for the first document. Linear.
    pub(super) fn index(&mut self, a: &[u64]) {
        self.triple.fill(a, SEED);
        self.has_short = false;
    }

    /// The rest of the index, for whoever gets so far.
    fn index_short(&mut self, a: &[u64]) {
        self.double.fill(a, 2);
        self.single.fill(a, 1);
        self.met.clear();
        self.met.resize(a.len(), 0);
        self.has_short = true;
    }

    /// Fills `seeds` with runs of three tokens and more, and returns at how many places of `b` three stand. Linear.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    pub(super) fn strong(&mut self, a: &[u64], b: &[u64]) -> usize {
        self.seeds.clear();
        self.open.clear();
        let mut places = 0;
        for (place, gram) in b.windows(SEED).enumerate() {
            self.opening.clear();
            if let Some(last) = self.triple.last_place(a, gram) {
                places += 1;
                let first = self.triple.first[last] as usize;
                let mut at = last;
                for _ in 0..LATEST {
                    if at == first {
                        break;
                    }
                    self.extend(at as u32, place as u32);
                    at = self.triple.before[at] as usize - 1;
                }
                self.extend(first as u32, place as u32);
            }
            std::mem::swap(&mut self.open, &mut self.opening);
        }
        places
    }

    /// True if `least` tokens in a row stand in both documents, 3 at least: looks at as many places of `b` as such runs fit in it side by side.
    pub(super) fn has_run(&self, a: &[u64], b: &[u64], least: usize) -> bool {
        let step = least.saturating_sub(SEED - 1).max(1);
        (0..b.len().saturating_sub(SEED - 1)).step_by(step).any(|place| {
            let mut next = self.triple.last_place(a, &b[place..place + SEED]);
            while let Some(at) = next {
                let before = a[..at].iter().rev().zip(b[..place].iter().rev()).take(least).take_while(|(x, y)| x == y).count();
                let after = a[at..].iter().zip(&b[place..]).take(least).take_while(|(x, y)| x == y).count();
                if before + after >= least {
                    return true;
                }
                next = (self.triple.before[at] as usize).checked_sub(1);
            }
            false
        })
    }

    /// Adds the three tokens at `a` and `b` to the seed that ends with two of them, or opens one.
    #[expect(clippy::cast_possible_truncation, reason = "fewer than 2^32 seeds")]
    fn extend(&mut self, a: u32, b: u32) {
        let reaches = |seed: &Seed| seed.a + seed.length == a + SEED_TOKENS - 1 && seed.b + seed.length == b + SEED_TOKENS - 1;
        if let Some(&at) = self.open.iter().find(|&&at| reaches(&self.seeds[at as usize])) {
            self.seeds[at as usize].length += 1;
            self.opening.push(at);
        } else {
            self.opening.push(self.seeds.len() as u32);
            self.seeds.push(Seed::new(a, b));
        }
    }

    /// Adds to `seeds` one and two tokens that stand once in both documents, near the longer seeds and in none of them, and puts all in
    /// order. Linear but for sorting.
    pub(super) fn weak(&mut self, a: &[u64], b: &[u64]) {
        if !self.has_short {
            self.index_short(a);
        }
        self.joined.clear();
        self.joined.resize(b.len(), FAR);
        self.taken.clear();
        self.taken.resize(a.len(), false);
        for at in 0..self.seeds.len() {
            let Seed { b: start, length, .. } = self.seeds[at];
            let around = (start as usize).saturating_sub(AROUND)..b.len().min((start + length) as usize + AROUND);
            self.joined[around].iter_mut().filter(|place| **place == FAR).for_each(|place| *place = FREE);
        }
        (0..self.seeds.len()).for_each(|at| self.mark(self.seeds[at]));
        for length in [2, 1] {
            self.unique(a, b, length);
        }
        self.seeds.sort_unstable_by_key(|seed| (seed.b, seed.a, seed.length));
    }

    fn mark(&mut self, seed: Seed) {
        let [a, b] = [seed.a, seed.b].map(|start| start as usize..(start + seed.length) as usize);
        self.joined[b].fill(JOINED);
        self.taken[a].fill(true);
    }

    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    fn unique(&mut self, a: &[u64], b: &[u64], length: usize) {
        let grams = if length == 1 { &self.single } else { &self.double };
        for (place, gram) in b.windows(length).enumerate() {
            if self.joined[place..place + length].iter().any(|&state| state != FREE) {
                continue;
            }
            let Some(at) = grams.last_place(a, gram).filter(|&at| grams.before[at] == 0 && !self.taken[at]) else { continue };
            let met = &mut self.met[at];
            if *met == 0 {
                *met = place as u32 + 1;
                self.touched.push(at as u32);
            } else {
                *met = MANY;
            }
        }
        let mut touched = std::mem::take(&mut self.touched);
        for at in touched.drain(..) {
            let met = std::mem::take(&mut self.met[at as usize]);
            if met != MANY {
                let seed = Seed { a: at, b: met - 1, length: length as u32 };
                self.seeds.push(seed);
                self.mark(seed);
            }
        }
        self.touched = touched;
    }
}
