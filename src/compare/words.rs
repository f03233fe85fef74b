//! How much it says that two documents both have a word: the rarer it is in them, the more.
//!
//! In: the tokens of a document, then those of others, one after another. Out: for each of them its words as numbers, with their weights.
//! Weights come from the two documents alone, so what a pair shares does not depend on what else is scanned.

use super::grams::Filter;
use std::ops::Range;

/// Parts of a bit in which weights and scores are counted.
pub(super) const BIT: i32 = 8;
/// What a word must say before it earns anything: one in eight of all words is so common that it says nothing.
const SAID_BY_CHANCE: i32 = 3 * BIT;
/// A word that the first document has not.
pub(super) const ABSENT: u32 = u32::MAX;

/// The words of a document.
#[derive(Clone, Debug, Default)]
pub(super) struct WeighedWords {
    /// For each token a number: equal for equal words of the pair; no number of the first document, but `ABSENT`, for a word that it has not.
    pub(super) numbers: Vec<u32>,
    /// For each token what it earns where both have it, in parts of a bit.
    pub(super) weights: Vec<i32>,
}

impl WeighedWords {
    pub(super) fn clear(&mut self) {
        self.numbers.clear();
        self.weights.clear();
    }

    /// Replaces the contents by those of `other` from its end.
    pub(super) fn reverse_of(&mut self, other: &Self) {
        self.clear();
        self.numbers.extend(other.numbers.iter().rev());
        self.weights.extend(other.weights.iter().rev());
    }

    /// The words from token `start` on.
    pub(super) fn from(&self, start: usize) -> (&[u32], &[i32]) {
        (&self.numbers[start..], &self.weights[start..])
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    token: u64,
    /// How often it stands in the first document; 0 for an empty slot.
    in_a: u32,
    in_b: u32,
}

/// Weighs the words of pairs; keeps its tables.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// An open table, half of it free at least, and behind it a slot for all words that the first document has not.
    slots: Vec<Slot>,
    /// For each slot the last place of its word in the first document.
    places: Vec<u32>,
    /// Words that the first document has once.
    once: Filter,
    /// For each token of the first document its slot.
    pub(super) a: Vec<u32>,
    /// The tokens of the second document.
    pub(super) b: WeighedWords,
}

impl Words {
    /// The first document is another one from now on.
    pub(super) fn forget(&mut self) {
        self.a.clear();
    }

    /// Fills `a`. Linear, once for all pairs of the first document.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^31 tokens")]
    pub(super) fn count(&mut self, a: &[u64]) {
        if !self.a.is_empty() {
            return;
        }
        self.slots.clear();
        self.slots.resize((a.len() * 2).next_power_of_two().max(16) + 1, Slot::default());
        self.places.resize(self.slots.len().max(self.places.len()), 0);
        for (place, &token) in (0..).zip(a) {
            let at = self.slot(token);
            let slot = &mut self.slots[at];
            (slot.token, slot.in_a) = (token, slot.in_a + 1);
            self.places[at] = place;
            self.a.push(at as u32);
        }
        let slots = &self.slots;
        self.once.fill(a.len(), a.iter().zip(&self.a).map(|(&token, &at)| (token, slots[at as usize].in_a == 1)));
    }

    /// Appends to `places` those of `others`, of which the first stands at `start`, where a word stands that the first document may have once.
    pub(super) fn append_places_of_once(&self, others: &[u64], start: usize, places: &mut Vec<u32>) {
        self.once.append_places::<1>(others, start, places);
    }

    /// The place in the first document where a word stands, if it does so once.
    pub(super) fn place_of_once(&self, token: u64) -> Option<usize> {
        let at = self.slot(token);
        (self.slots[at].in_a == 1).then(|| self.places[at] as usize)
    }

    /// The most that the tokens on `places` of the first document can be worth in a pair that has `tokens` tokens: as if the second had
    /// each of them once.
    pub(super) fn most_worth(&self, places: Range<usize>, tokens: usize) -> i32 {
        let all = log2(tokens) - SAID_BY_CHANCE;
        self.a[places].iter().map(|&slot| (all - log2(self.slots[slot as usize].in_a as usize + 1)).max(0)).sum()
    }

    /// What the tokens on `places` of the second document are worth.
    pub(super) fn worth(&self, places: Range<usize>) -> i32 {
        self.b.weights[places].iter().sum()
    }

    /// Fills `b`, after [`Self::count`]. Linear.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^31 tokens")]
    pub(super) fn weigh(&mut self, b: &[u64]) {
        let others = self.slots.len() - 1;
        self.b.clear();
        for &token in b {
            let at = self.slot(token);
            let is_absent = self.slots[at].in_a == 0;
            let at = if is_absent { others } else { at };
            self.slots[at].in_b += 1;
            self.b.numbers.push(if is_absent { ABSENT } else { at as u32 });
        }
        let all = log2(self.a.len() + b.len()) - SAID_BY_CHANCE;
        self.b.weights.extend(self.b.numbers.iter().map(|&number| {
            let slot = &self.slots[others.min(number as usize)];
            let weight = (all - log2((slot.in_a + slot.in_b) as usize)).max(0);
            if slot.in_a == 0 { 0 } else { weight }
        }));
        for &number in &self.b.numbers {
            self.slots[others.min(number as usize)].in_b = 0;
        }
    }

    fn slot(&self, token: u64) -> usize {
        let mask = self.slots.len() - 2;
        let mut at = (token.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize & mask;
        // One branch, which is seldom taken: whether a word is new cannot be foretold.
        while (self.slots[at].in_a != 0) & (self.slots[at].token != token) {
            at = (at + 1) & mask;
        }
        at
    }
}

/// Binary logarithm in parts of a bit, by a straight line between powers of two: less than a tenth of a bit too small.
#[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "less than 64 bits")]
fn log2(count: usize) -> i32 {
    let count = count.max(1);
    let whole = count.ilog2();
    let part = if whole >= 3 { count >> (whole - 3) } else { count << (3 - whole) };
    whole as i32 * BIT + part as i32 - BIT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_words_weigh_more_and_common_ones_nothing() {
        let mut words = Words::default();
        let a: Vec<u64> = (0..64).chain([7; 64]).collect();
        let b: Vec<u64> = (0..4).chain(100..160).chain([7; 64]).collect();
        for _ in 0..2 {
            words.count(&a);
            words.weigh(&b);
            assert_eq!(words.b.weights[0], (8 - 1 - 3) * BIT);
            assert_eq!(words.b.numbers[0], words.a[0]);
            assert_eq!((words.b.numbers[4], words.b.weights[4]), (ABSENT, 0));
            assert_eq!(words.b.weights[127], 0);
        }
        words.forget();
        words.count(&b);
        words.weigh(&a);
        assert_eq!(words.b.weights[0], (8 - 1 - 3) * BIT);
    }

    #[test]
    fn logarithms_are_near() {
        for count in 1..100_000_usize {
            let exact = (count as f64).log2() * f64::from(BIT);
            assert!((f64::from(log2(count)) - exact).abs() <= 1.7, "{count}");
        }
    }
}
