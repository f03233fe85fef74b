//! Seeds of two documents: an index of the one, asked for the tokens of the other.
//!
//! In: the tokens of a document, then those of others, one after another. Out: places where both have the same tokens. Three tokens in a row
//! are joined to a few of the places where they stand, one or two tokens only where both documents have them once.

use super::seeds::{SEED, SEED_TOKENS, Seed};
use std::ops::Range;

/// Places of the first document that a place of the second is joined to, besides the first.
const LATEST: usize = 4;
/// Bits of the filter before the table, for each gram.
const FILTER_BITS: usize = 16;
/// Tokens around a seed in which shorter ones are looked for.
const AROUND: usize = 60;
/// A place that was met more than once.
const MANY: u32 = u32::MAX;
/// The first place of tokens that stand nowhere else.
const ALONE: u32 = u32::MAX;

/// The grams of a document: in a hash table the last place of each.
#[derive(Debug, Default)]
struct Grams<const LENGTH: usize> {
    /// Bloom filter (Bloom 1970) of one hash: most questions are about grams that are not there.
    filter: Vec<u64>,
    /// Place + 1 of the last gram in the slot, 0 for none.
    last: Vec<u32>,
}

/// The `LENGTH` tokens from `place`.
#[inline(always)]
fn gram<const LENGTH: usize>(tokens: &[u64], place: usize) -> [u64; LENGTH] {
    let tokens = &tokens[place..place + LENGTH];
    std::array::from_fn(|at| tokens[at])
}

/// The grams of `tokens` in order.
fn grams<const LENGTH: usize>(tokens: &[u64]) -> impl Iterator<Item = [u64; LENGTH]> {
    tokens.windows(LENGTH).map(|window| gram(window, 0))
}

impl<const LENGTH: usize> Grams<LENGTH> {
    /// Replaces the contents by the grams of `tokens`, and tells of each the place before it with the same gram.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    fn fill(&mut self, tokens: &[u64], mut visit: impl FnMut(usize, Option<usize>)) {
        let count = tokens.len().saturating_sub(LENGTH - 1);
        self.filter.clear();
        self.filter.resize((count * FILTER_BITS).next_power_of_two().max(64) / 64, 0);
        self.last.clear();
        self.last.resize((count * 2).next_power_of_two().max(16), 0);
        for (place, gram) in grams(tokens).enumerate() {
            let hash = hash(gram);
            let (word, bit) = self.bit(hash);
            self.filter[word] |= bit;
            let slot = self.slot(tokens, gram, hash);
            let before = std::mem::replace(&mut self.last[slot], place as u32 + 1);
            visit(place, (before as usize).checked_sub(1));
        }
    }

    #[inline(always)]
    fn bit(&self, hash: u64) -> (usize, u64) {
        let bit = (hash >> 32) as usize & (self.filter.len() * 64 - 1);
        (bit / 64, 1 << (bit % 64))
    }

    /// The slot that holds `gram`, or the empty one where it belongs: no more than half of them are taken.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "masked")]
    fn slot(&self, tokens: &[u64], wanted: [u64; LENGTH], hash: u64) -> usize {
        let mask = self.last.len() - 1;
        let mut slot = hash as usize & mask;
        while let held @ 1.. = self.last[slot] {
            if gram(tokens, held as usize - 1) == wanted {
                break;
            }
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// The last place in `tokens`, whose grams these are, where `gram` stands.
    #[inline(always)]
    fn last_place(&self, tokens: &[u64], gram: [u64; LENGTH]) -> Option<usize> {
        let hash = hash(gram);
        let (word, bit) = self.bit(hash);
        if self.filter[word] & bit == 0 {
            return None;
        }
        (self.last[self.slot(tokens, gram, hash)] as usize).checked_sub(1)
    }
}

#[inline(always)]
fn hash<const LENGTH: usize>(gram: [u64; LENGTH]) -> u64 {
    gram.iter().fold(0, |hash: u64, &token| hash.rotate_left(21) ^ token)
}

/// The grams of a document, and which of them stand in it once.
#[derive(Debug, Default)]
struct OnceGrams<const LENGTH: usize> {
    grams: Grams<LENGTH>,
    /// For each place.
    is_once: Vec<bool>,
}

impl<const LENGTH: usize> OnceGrams<LENGTH> {
    fn fill(&mut self, tokens: &[u64]) {
        let once = &mut self.is_once;
        once.clear();
        once.resize(tokens.len(), true);
        self.grams.fill(tokens, |place, found| {
            if let Some(found) = found {
                (once[place], once[found]) = (false, false);
            }
        });
    }

    /// Notes in `places` where the grams of `b` that no seed holds stand in `a`, whose grams these are.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    fn meet(&self, a: &[u64], b: &[u64], near: &Range<usize>, places: &mut Places) {
        for (place, gram) in (near.start..).zip(grams(&b[near.clone()])) {
            if places.joined[place] || places.joined[place + LENGTH - 1] {
                continue;
            }
            let Some(at) = self.grams.last_place(a, gram).filter(|&at| self.is_once[at] && !places.taken[at]) else { continue };
            let met = &mut places.met[at];
            if *met == 0 {
                *met = place as u32 + 1;
                places.touched.push(at as u32);
            } else {
                *met = MANY;
            }
        }
    }
}

/// What is known of the places of two documents.
#[derive(Debug, Default)]
struct Places {
    /// For each place of the second document, and of the first, whether a seed holds it.
    joined: Vec<bool>,
    taken: Vec<bool>,
    /// For each place of the first document where the second has its gram, + 1, or `MANY`.
    met: Vec<u32>,
    touched: Vec<u32>,
}

impl Places {
    /// No place is held by a seed. `met` is empty between calls.
    fn clear(&mut self, a_len: usize, b_len: usize) {
        for (list, length) in [(&mut self.joined, b_len), (&mut self.taken, a_len)] {
            list.clear();
            list.resize(length, false);
        }
        self.met.resize(self.met.len().max(a_len), 0);
    }

    fn mark(&mut self, seed: Seed) {
        let [a, b] = [seed.a, seed.b].map(|start| start as usize..(start + seed.length) as usize);
        self.joined[b].fill(true);
        self.taken[a].fill(true);
    }

    /// Makes seeds of what was met once.
    fn settle(&mut self, length: u32, seeds: &mut Vec<Seed>) {
        let start = seeds.len();
        for at in self.touched.drain(..) {
            let met = std::mem::take(&mut self.met[at as usize]);
            if met != MANY {
                seeds.push(Seed { a: at, b: met - 1, length });
            }
        }
        seeds[start..].iter().for_each(|&seed| self.mark(seed));
    }
}

/// Finds seeds of one document with others; keeps its tables.
#[derive(Debug, Default)]
pub(super) struct PairSeeds {
    triple: Grams<SEED>,
    /// For each place of the first document the one before it with the same three tokens, + 1.
    before: Vec<u32>,
    /// For each place of the first document the first one with the same three tokens, `ALONE` if they stand nowhere else.
    first: Vec<u32>,
    double: OnceGrams<2>,
    single: OnceGrams<1>,
    /// `double` and `single` are those of the first document.
    has_short: bool,
    places: Places,
    /// Stretches of the second document near seeds of three tokens.
    near: Vec<Range<usize>>,
    /// Seeds that reach to the last place and this one, by their positions.
    open: Vec<u32>,
    opening: Vec<u32>,
    pub(super) seeds: Vec<Seed>,
}

impl PairSeeds {
    /// Takes `a` for the first document. Linear.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    pub(super) fn index(&mut self, a: &[u64]) {
        let Self { triple, before, first, .. } = self;
        before.clear();
        before.resize(a.len(), 0);
        first.clear();
        first.resize(a.len(), ALONE);
        triple.fill(a, |place, found| {
            let Some(found) = found else { return };
            before[place] = found as u32 + 1;
            if first[found] == ALONE {
                first[found] = found as u32;
            }
            first[place] = first[found];
        });
        self.has_short = false;
    }

    /// Fills `seeds` with runs of three tokens and more, and returns at how many places of `b` three stand. Linear.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    pub(super) fn strong(&mut self, a: &[u64], b: &[u64]) -> usize {
        self.seeds.clear();
        self.open.clear();
        let (mut places, mut place) = (0, 0);
        while place + SEED <= b.len() {
            if let [open] = self.open[..] {
                // What follows along one diagonal, as long as it stands nowhere else.
                let seed = &mut self.seeds[open as usize];
                let at = seed.a as usize + (place - seed.b as usize);
                let next = a[at..].iter().skip(SEED - 1).zip(&self.first[at..]);
                let on = b[place + SEED - 1..].iter().zip(next).take_while(|(y, (x, first))| x == y && **first == ALONE).count();
                seed.length += on as u32;
                (place, places) = (place + on, places + on);
                if place + SEED > b.len() {
                    break;
                }
            }
            self.opening.clear();
            if let Some(last) = self.triple.last_place(a, gram(b, place)) {
                places += 1;
                self.join(last, place);
            }
            std::mem::swap(&mut self.open, &mut self.opening);
            place += 1;
        }
        places
    }

    /// Joins `place` of the second document to the first place of the first that has its three tokens, and to some of those up to `last`.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    fn join(&mut self, last: usize, place: usize) {
        let first = if self.first[last] == ALONE { last } else { self.first[last] as usize };
        let mut at = last;
        for _ in 0..LATEST {
            if at == first {
                break;
            }
            self.extend(at as u32, place as u32);
            at = self.before[at] as usize - 1;
        }
        self.extend(first as u32, place as u32);
    }

    /// True if `least` tokens in a row stand in both documents, 3 at least: looks at as many places of `b` as such runs fit in it side by side.
    pub(super) fn has_run(&self, a: &[u64], b: &[u64], least: usize) -> bool {
        let step = least.saturating_sub(SEED - 1).max(1);
        (0..b.len().saturating_sub(SEED - 1)).step_by(step).any(|place| {
            let mut next = self.triple.last_place(a, gram(b, place));
            while let Some(at) = next {
                let before = a[..at].iter().rev().zip(b[..place].iter().rev()).take(least).take_while(|(x, y)| x == y).count();
                let after = a[at..].iter().zip(&b[place..]).take(least).take_while(|(x, y)| x == y).count();
                if before + after >= least {
                    return true;
                }
                next = (self.before[at] as usize).checked_sub(1);
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
            self.double.fill(a);
            self.single.fill(a);
            self.has_short = true;
        }
        self.near.clear();
        self.places.clear(a.len(), b.len());
        // Seeds stand in order of `b`.
        for &seed in &self.seeds {
            self.places.mark(seed);
            let around = (seed.b as usize).saturating_sub(AROUND)..b.len().min((seed.b + seed.length) as usize + AROUND);
            match self.near.last_mut() {
                Some(last) if around.start <= last.end => last.end = last.end.max(around.end),
                _ => self.near.push(around),
            }
        }
        self.near.iter().for_each(|near| self.double.meet(a, b, near, &mut self.places));
        self.places.settle(2, &mut self.seeds);
        self.near.iter().for_each(|near| self.single.meet(a, b, near, &mut self.places));
        self.places.settle(1, &mut self.seeds);
        self.seeds.sort_unstable_by_key(|seed| (seed.b, seed.a, seed.length));
    }
}
