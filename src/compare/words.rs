//! How much it says that two documents both have a word: the rarer it is in them, the more.
//!
//! In: the tokens of a document, then those of others, one after another. Out: for each of them its words as numbers, with their weights.
//! Weights come from the two documents alone, so what a pair shares does not depend on what else is scanned.

use std::ops::Range;

/// Parts of a bit in which weights and scores are counted.
pub(super) const BIT: i32 = 8;
/// What a word must say before it earns anything: one in eight of all words is so common that it says nothing.
const SAID_BY_CHANCE: i32 = 3 * BIT;
/// A word that the first document has not.
const ABSENT: u32 = u32::MAX;

/// A word of a document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    /// Equal for equal words of the pair; no number of the first document for a word that it has not.
    pub(super) number: u32,
    /// What it earns where both have it, in parts of a bit.
    pub(super) weight: i32,
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
    slots: Vec<Slot>,
    /// For each token of the first document its slot.
    pub(super) a: Vec<u32>,
    /// The tokens of the second document.
    pub(super) b: Vec<Word>,
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
        self.slots.resize((a.len() * 2).next_power_of_two().max(16), Slot::default());
        for &token in a {
            let at = self.slot(token);
            let slot = &mut self.slots[at];
            (slot.token, slot.in_a) = (token, slot.in_a + 1);
            self.a.push(at as u32);
        }
    }

    /// The most that the tokens on `places` of the first document can be worth in a pair that has `tokens` tokens: as if the second had
    /// each of them once.
    pub(super) fn most_worth(&self, places: Range<usize>, tokens: usize) -> i32 {
        let all = log2(tokens) - SAID_BY_CHANCE;
        self.a[places].iter().map(|&slot| (all - log2(self.slots[slot as usize].in_a as usize + 1)).max(0)).sum()
    }

    /// What the tokens on `places` of the second document are worth.
    pub(super) fn worth(&self, places: Range<usize>) -> i32 {
        self.b[places].iter().map(|word| word.weight).sum()
    }

    /// Fills `b`, after [`Self::count`]. Linear.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^31 tokens")]
    pub(super) fn weigh(&mut self, b: &[u64]) {
        self.b.clear();
        for &token in b {
            let at = self.slot(token);
            let slot = &mut self.slots[at];
            let number = if slot.in_a == 0 { ABSENT } else { at as u32 };
            slot.in_b += u32::from(number != ABSENT);
            self.b.push(Word { number, weight: 0 });
        }
        let all = log2(self.a.len() + b.len()) - SAID_BY_CHANCE;
        for word in &mut self.b {
            if let Some(slot) = self.slots.get(word.number as usize) {
                word.weight = (all - log2((slot.in_a + slot.in_b) as usize)).max(0);
            }
        }
        for word in &self.b {
            if let Some(slot) = self.slots.get_mut(word.number as usize) {
                slot.in_b = 0;
            }
        }
    }

    fn slot(&self, token: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = (token.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize & mask;
        while self.slots[at].in_a != 0 && self.slots[at].token != token {
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
            assert_eq!(words.b[0].weight, (8 - 1 - 3) * BIT);
            assert_eq!(words.b[0].number, words.a[0]);
            assert_eq!((words.b[4].number, words.b[4].weight), (ABSENT, 0));
            assert_eq!(words.b[127].weight, 0);
        }
        words.forget();
        words.count(&b);
        words.weigh(&a);
        assert_eq!(words.b[0].weight, (8 - 1 - 3) * BIT);
    }

    #[test]
    fn logarithms_are_near() {
        for count in 1..100_000_usize {
            let exact = (count as f64).log2() * f64::from(BIT);
            assert!((f64::from(log2(count)) - exact).abs() <= 1.7, "{count}");
        }
    }
}
