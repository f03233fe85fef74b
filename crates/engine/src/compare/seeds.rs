//! Seeds: places where a few tokens in a row stand again in the same document, and loops of a short phrase.
//!
//! In: token hashes. Out: seeds in order of the later place. A place is joined to the first one with the same tokens and to a few
//! near ones, so that the number of seeds is linear in the text however often it repeats itself.

use super::repeats::Repeats;

/// Tokens of a seed.
pub(super) const SEED: usize = 3;
/// The same, to add to places.
pub(super) const SEED_TOKENS: u32 = 3;
/// Tokens of a long seed: too many to stand twice by chance, and few enough that every run of the least length holds several.
pub(super) const LONG: usize = 12;
/// The same as the length of a seed.
pub(super) const LONG_TOKENS: u32 = 12;
/// Seeds after the first along a long one.
const LONG_STEPS: u32 = 3;
/// Earlier places that a place is joined to, besides the first.
const NEAREST: usize = 4;
/// Longest period of a loop, in tokens.
pub(super) const LONGEST_PHRASE: usize = 12;
/// A loop has at least this many tokens beyond its first copy; shorter ones are left to the aligner.
const SHORTEST_LOOP: usize = 8;

/// `length` tokens from `a` equal those from `b`; for one document with itself `a < b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seed {
    pub(super) a: u32,
    pub(super) b: u32,
    pub(super) length: u32,
}

impl Seed {
    /// A seed of the common length.
    pub(super) fn new(a: u32, b: u32) -> Self {
        Self { a, b, length: SEED_TOKENS }
    }
}

/// A phrase of `period` tokens that stands `copies` times in a row from token `start`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loop {
    /// First token.
    pub start: usize,
    /// Tokens of the phrase, at most 12.
    pub period: usize,
    /// Copies, the first included.
    pub copies: usize,
}

/// The slot of `table` that holds `gram`, or the empty one where it belongs, from `slot` on. A slot holds the place of a gram in `tokens`, + 1;
/// the table's length is a power of two, and not all of it is taken.
#[inline(always)]
pub(super) fn probe<T: PartialEq>(table: &[u32], tokens: &[T], gram: &[T], mut slot: usize) -> usize {
    while let held @ 1.. = table[slot] {
        let at = held as usize - 1;
        if tokens[at..at + gram.len()] == *gram {
            break;
        }
        slot = (slot + 1) & (table.len() - 1);
    }
    slot
}

/// Finds seeds; keeps its tables between documents.
#[derive(Debug, Default)]
pub(super) struct SeedFinder {
    repeats: Repeats,
    /// Hash table over grams: place + 1 of the last gram in the slot, 0 for none.
    last: Vec<u32>,
    /// For each place of a gram in the table the one before it with the same gram, + 1.
    before: Vec<u32>,
    /// For each place of a gram in the table the first one with the same gram.
    first: Vec<u32>,
    /// Each place with the first one that has the same tokens.
    pub(super) to_first: Vec<Seed>,
    /// Each place with the nearest ones before it that have the same tokens.
    pub(super) to_nearest: Vec<Seed>,
    pub(super) loops: Vec<Loop>,
}

impl SeedFinder {
    /// Finds seeds and loops of one document. Linear in its length.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    pub(super) fn within(&mut self, tokens: &[u64]) {
        self.to_first.clear();
        self.to_nearest.clear();
        self.loops.clear();
        self.repeats.find(tokens);
        self.reset(self.repeats.places().len());
        let grams = tokens.len().saturating_sub(SEED - 1);
        for table in [&mut self.before, &mut self.first] {
            table.resize(grams.max(table.len()), 0);
        }
        let mut loop_end = 0;
        for at in 0..self.repeats.places().len() {
            let place = self.repeats.places()[at] as usize;
            if place < loop_end {
                continue;
            }
            let slot = self.slot(tokens, &tokens[place..place + SEED]);
            let found = self.last[slot];
            self.last[slot] = place as u32 + 1;
            self.before[place] = found;
            self.first[place] = if found == 0 { place as u32 } else { self.first[found as usize - 1] };
            if found != 0 {
                let period = place - (found as usize - 1);
                if period <= LONGEST_PHRASE
                    && let Some(end) = self.read_loop(tokens, place, period)
                {
                    loop_end = end;
                    continue;
                }
                self.join(place as u32);
            }
        }
    }

    /// Places where `length` tokens begin that may stand elsewhere too in the document that [`Self::within`] was called for; none that does is left out. None
    /// if that is not known for so few tokens.
    pub(super) fn repeated(&self, length: usize) -> Option<impl Iterator<Item = usize>> {
        (length >= SEED).then(|| self.repeats.runs(length))
    }

    /// Where `LONG` tokens in a row stand again: seeds all along them, to the first place where they stand. Such are few also in a text
    /// of few distinct words. What lies inside a loop is passed over. Linear.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    pub(super) fn long(&mut self, tokens: &[u64]) -> Vec<Seed> {
        let mut seeds = Vec::new();
        if self.to_nearest.len() < LONG - SEED {
            return seeds; // too few short ones for a long one
        }
        let repeats = std::mem::take(&mut self.repeats);
        self.reset(repeats.runs(LONG).count());
        let mut loops = self.loops.iter().map(|found| found.start..found.start + found.period * found.copies).peekable();
        for place in repeats.runs(LONG) {
            while loops.next_if(|found| found.end < place + LONG).is_some() {}
            if loops.peek().is_some_and(|found| found.start <= place) {
                continue;
            }
            let slot = self.slot(tokens, &tokens[place..place + LONG]);
            match self.last[slot].checked_sub(1) {
                None => self.last[slot] = place as u32 + 1,
                Some(first) if place - first as usize >= LONG => {
                    seeds.extend((0..=LONG_STEPS).map(|step| Seed::new(first + step * SEED_TOKENS, place as u32 + step * SEED_TOKENS)));
                }
                Some(_) => {}
            }
        }
        self.repeats = repeats;
        seeds.sort_unstable_by_key(|seed| (seed.b, seed.a));
        seeds.dedup();
        seeds
    }

    /// Empties the table, with room for `grams`.
    fn reset(&mut self, grams: usize) {
        self.last.clear();
        self.last.resize((grams * 2).next_power_of_two().max(16), 0);
    }

    /// The slot that holds `gram`, or the empty one where it belongs.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "masked")]
    fn slot(&self, tokens: &[u64], gram: &[u64]) -> usize {
        let hash = gram.iter().fold(0_u64, |hash, &token| (hash ^ token).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29));
        let (mask, shift) = (self.last.len() - 1, self.last.len().leading_zeros() + 1);
        probe(&self.last, tokens, gram, (hash.wrapping_mul(0xD6E8_FEB8_6659_FD93) >> shift) as usize & mask)
    }

    /// Reads a loop whose second copy starts at `place`; None if it is too short to be one. Its end has no gram in the tables.
    fn read_loop(&mut self, tokens: &[u64], place: usize, period: usize) -> Option<usize> {
        let run = tokens[place..].iter().zip(&tokens[place - period..]).take_while(|(x, y)| x == y).count();
        let copies = 1 + run / period;
        if copies < 3 || run < SHORTEST_LOOP {
            return None;
        }
        self.loops.push(Loop { start: place - period, period, copies });
        Some(place + run)
    }

    /// Joins `place` to the nearest places before it and to the first, as far as the two do not overlap.
    fn join(&mut self, place: u32) {
        let mut at = place;
        let apart = |earlier: u32| place - earlier >= SEED_TOKENS;
        let first = self.first[place as usize];
        if apart(first) {
            self.to_first.push(Seed::new(first, place));
        }
        for _ in 0..NEAREST {
            let Some(earlier) = self.before[at as usize].checked_sub(1) else { return };
            if apart(earlier) {
                self.to_nearest.push(Seed::new(earlier, place));
            }
            at = earlier;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_repeated_is_one_loop_and_no_seed() {
        let mut finder = SeedFinder::default();
        finder.within(&[5; 100_000]);
        assert_eq!(finder.loops, [Loop { start: 0, period: 1, copies: 100_000 }]);
        assert!(finder.to_first.is_empty() && finder.to_nearest.is_empty());
    }

    #[test]
    fn every_place_is_joined_to_the_first() {
        let text: Vec<u64> = (0..30).collect();
        let tokens = text.repeat(9);
        let mut finder = SeedFinder::default();
        finder.within(&tokens);
        for b in 30..u32::try_from(tokens.len() - 2).unwrap() {
            assert!(finder.to_first.contains(&Seed::new(b % 30, b)), "{b}");
        }
        assert!(finder.to_nearest.len() < tokens.len() * NEAREST);
        assert!(finder.loops.is_empty());
    }
}
