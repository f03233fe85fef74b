//! The grams of a document: which may stand in it at all, and where each stands last.

use super::seeds::probe;

/// Bits of a filter for each gram.
const FILTER_BITS: usize = 32;

/// The `LENGTH` tokens, or words, from `place`.
#[inline(always)]
pub(super) fn gram<T: Copy, const LENGTH: usize>(tokens: &[T], place: usize) -> [T; LENGTH] {
    let tokens = &tokens[place..place + LENGTH];
    std::array::from_fn(|at| tokens[at])
}

/// Bloom filter (Bloom 1970) of one hash: tells most grams that are not there from the others.
#[derive(Debug, Default)]
pub(super) struct Filter<const LENGTH: usize> {
    words: Vec<u64>,
}

impl<const LENGTH: usize> Filter<LENGTH> {
    /// Replaces the contents by the grams of `tokens`. Linear.
    pub(super) fn fill(&mut self, tokens: &[u64]) {
        let grams = tokens.len().saturating_sub(LENGTH - 1);
        self.words.clear();
        self.words.resize((grams * FILTER_BITS).next_power_of_two().max(64) / 64, 0);
        for tokens in tokens.windows(LENGTH) {
            let (word, bit) = self.place(gram(tokens, 0));
            self.words[word] |= 1 << bit;
        }
    }

    /// False only if `gram` is not there.
    #[inline(always)]
    pub(super) fn may_have(&self, gram: [u64; LENGTH]) -> bool {
        let (word, bit) = self.place(gram);
        self.words[word] >> bit & 1 == 1
    }

    /// The word, and the bit in it, of a gram.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "masked")]
    fn place(&self, gram: [u64; LENGTH]) -> (usize, u32) {
        let hash = gram.iter().fold(0, |hash: u64, &token| hash.rotate_left(21) ^ token);
        let bit = (hash >> 32) as usize & (self.words.len() * 64 - 1);
        (bit / 64, bit as u32 % 64)
    }
}

/// The first place of a gram that stands nowhere else.
pub(super) const ALONE: u32 = u32::MAX;

/// The grams of a document, as numbers of words, with all their places.
#[derive(Debug, Default)]
pub(super) struct Grams<const LENGTH: usize> {
    /// An open table: place + 1 of the last gram in the slot, 0 for none.
    last: Vec<u32>,
    /// For each place the one before it with the same gram, + 1.
    pub(super) before: Vec<u32>,
    /// For each place the first one with the same gram, `ALONE` if it stands nowhere else.
    pub(super) first: Vec<u32>,
}

impl<const LENGTH: usize> Grams<LENGTH> {
    /// Replaces the contents by the grams of `words`. Linear.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    pub(super) fn fill(&mut self, words: &[u32]) {
        self.last.clear();
        self.last.resize((words.len() * 2).next_power_of_two().max(16), 0);
        self.before.clear();
        self.before.resize(words.len(), 0);
        self.first.clear();
        self.first.resize(words.len(), ALONE);
        for place in 0..(words.len() + 1).saturating_sub(LENGTH) {
            let slot = self.slot(words, gram(words, place));
            let before = std::mem::replace(&mut self.last[slot], place as u32 + 1);
            let Some(found) = (before as usize).checked_sub(1) else { continue };
            self.before[place] = before;
            if self.first[found] == ALONE {
                self.first[found] = found as u32;
            }
            self.first[place] = self.first[found];
        }
    }

    /// The last place in `words`, whose grams these are, where `gram` stands.
    pub(super) fn last_place(&self, words: &[u32], gram: [u32; LENGTH]) -> Option<usize> {
        (self.last[self.slot(words, gram)] as usize).checked_sub(1)
    }

    /// The slot that holds `gram`, or the empty one where it belongs: no more than half of them are taken.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "masked")]
    fn slot(&self, words: &[u32], gram: [u32; LENGTH]) -> usize {
        let hash = gram.iter().fold(0, |hash: u64, &word| (hash ^ u64::from(word)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29));
        probe(&self.last, words, &gram, hash as usize & (self.last.len() - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_are_all_told(words in prop::collection::vec(0..9_u32, 0..60), others in prop::collection::vec(0..9_u32, 0..60)) {
            let tokens = |list: &[u32]| list.iter().map(|&word| crate::text::mix(u64::from(word) + 1)).collect::<Vec<u64>>();
            let (mut grams, mut filter) = (Grams::<3>::default(), Filter::<3>::default());
            grams.fill(&words);
            filter.fill(&tokens(&words));
            for (at, wanted) in others.windows(3).enumerate() {
                let found: Vec<usize> = words.windows(3).enumerate().filter(|(_, gram)| *gram == wanted).map(|(place, _)| place).collect();
                prop_assert_eq!(grams.last_place(&words, gram(&others, at)), found.last().copied());
                prop_assert!(found.is_empty() || filter.may_have(gram(&tokens(&others), at)));
                for pair in found.windows(2) {
                    prop_assert_eq!(grams.before[pair[1]] as usize, pair[0] + 1);
                    prop_assert_eq!(grams.first[pair[1]] as usize, found[0]);
                }
                prop_assert!(found.len() != 1 || grams.first[found[0]] == ALONE && grams.before[found[0]] == 0);
            }
        }
    }
}
