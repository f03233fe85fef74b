//! The words of a document as small numbers, from 1 on in the order in which they come.
//!
//! In: tokens. Out: the number of each. A hash table that is exact without room for the tokens: the lowest bits of a token are its bucket, the others stand
//! in its entry, which is the token with the bits of the number turned over (quotienting: Knuth, The Art of Computer Programming 3, 6.4, exercise 13).

use std::collections::BTreeMap;
use std::hint::select_unpredictable;

/// The number of a word that the document has not.
pub(super) const ABSENT: u32 = 0;
/// Buckets for each token, at least: most words that are looked for are not there, and few buckets are full.
const BUCKETS: usize = 2;

/// Numbers of words.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// Each two entries: its place twice if there is no word, the same entry twice if there is one. The second has the highest bit of a number turned over
    /// where further words of the bucket are among `others`.
    buckets: Vec<[u64; 2]>,
    /// By token.
    others: BTreeMap<u64, u32>,
    /// How many words there are: fewer than half as many as buckets.
    count: u32,
}

impl Numbers {
    /// Forgets all words; from now on there is room for those of `tokens` tokens.
    pub(super) fn clear(&mut self, tokens: usize) {
        let buckets = ((tokens + 1) * BUCKETS).next_power_of_two().max(16);
        self.buckets.clear();
        self.buckets.extend((0..buckets as u64).map(|place| [place; 2]));
        self.others.clear();
        self.count = 0;
    }

    /// How many words there are.
    pub(super) fn count(&self) -> usize {
        self.count as usize
    }

    /// The number of a word, the next one if it is new: of no more tokens than there is room for.
    #[inline(always)]
    pub(super) fn number(&mut self, token: u64) -> u32 {
        let place = self.place(token);
        let [first, second] = self.buckets[place];
        let number = self.either([first ^ token, (second ^ token) & !self.goes_on()]);
        let is_new = number == ABSENT;
        if is_new & (first != second) {
            return self.other_number(place, token);
        }
        // Whether a word is new cannot be foretold: what is written is right in either case.
        self.count += u32::from(is_new);
        let entry = token ^ u64::from(self.count);
        let is_first = is_new & (first == place as u64);
        self.buckets[place] = [select_unpredictable(is_first, entry, first), select_unpredictable(is_new, entry, second)];
        select_unpredictable(is_new, self.count, number)
    }

    /// The number of a word, `ABSENT` if there is none.
    #[inline(always)]
    pub(super) fn get(&self, token: u64) -> u32 {
        let place = self.place(token);
        let left = self.buckets[place].map(|entry| entry ^ token);
        if left[1] & self.goes_on() != 0 {
            return self.get_among_all(place, token);
        }
        self.either(left)
    }

    /// The number of a word of a full bucket.
    #[cold]
    fn other_number(&mut self, place: usize, token: u64) -> u32 {
        let [_, second] = self.buckets[place];
        if (second ^ token) & self.goes_on() == 0 {
            self.buckets[place][1] ^= self.goes_on();
        }
        *self.others.entry(token).or_insert_with(|| {
            self.count += 1;
            self.count
        })
    }

    /// The number of a word of a bucket with more than two.
    #[cold]
    fn get_among_all(&self, place: usize, token: u64) -> u32 {
        let [first, second] = self.buckets[place];
        match self.either([first ^ token, (second ^ token) & !self.goes_on()]) {
            ABSENT => self.others.get(&token).copied().unwrap_or(ABSENT),
            number => number,
        }
    }

    /// The one of two that is nothing but a number, `ABSENT` if neither is: what is left of two entries without the token, which no more than one has.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "a number has fewer than 32 bits")]
    fn either(&self, left: [u64; 2]) -> u32 {
        let least = left[0].min(left[1]);
        select_unpredictable(least < self.buckets.len() as u64, least, 0) as u32
    }

    /// The bucket of a word: tokens are hashes.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "masked")]
    fn place(&self, token: u64) -> usize {
        token as usize & (self.buckets.len() - 1)
    }

    /// Turned over in the second entry of a bucket that has more words.
    #[inline(always)]
    fn goes_on(&self) -> u64 {
        self.buckets.len() as u64 / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    fn check(known: &[u64], asked: &[u64]) {
        let mut numbers = Numbers::default();
        // What it held before does not matter.
        for tokens in [asked, known] {
            numbers.clear(tokens.len());
            let mut words: HashMap<u64, u32> = HashMap::new();
            for &token in tokens {
                let next = u32::try_from(words.len()).unwrap() + 1;
                assert_eq!(numbers.number(token), *words.entry(token).or_insert(next));
            }
            assert_eq!(numbers.count(), words.len());
            for &token in [asked, known].concat().iter() {
                assert_eq!(numbers.get(token), words.get(&token).copied().unwrap_or(ABSENT));
            }
        }
    }

    #[test]
    fn words_of_one_bucket_are_told_apart() {
        let all: Vec<u64> = (0..40).map(|n| n << 32 | 0xFFFF).collect();
        let (known, asked) = all.split_at(20);
        check(&[known, known, &[0]].concat(), asked);
        check(&all[..2], asked);
        check(&all, &all);
    }

    #[test]
    fn words_that_are_places_of_buckets_are_words() {
        check(&[0, 1, 0], &[2]);
        check(&[], &[0, 1]);
        check(&[7], &[0]);
    }

    proptest! {
        #[test]
        fn numbers_are_those_of_a_map(
            known in prop::collection::vec(prop_oneof![0..40_u64, any::<u64>(), (0..4_u64).prop_map(|n| n << 60)], 0..200),
            asked in prop::collection::vec(0..80_u64, 0..50),
        ) {
            check(&known, &asked);
        }
    }
}
