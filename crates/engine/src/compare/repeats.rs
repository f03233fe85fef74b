//! Positions of a document whose n-gram may occur elsewhere in it too.
//!
//! In: token hashes. Out: positions in order, all that repeat and few others. Most n-grams occur once, and cost no look-up in a table: two Bloom filters of one
//! hash (Bloom 1970) tell them apart without a branch. In a long document they are looked up partition by partition of their hashes, so that the filters of one
//! fit into a cache, and the time stays linear.

use super::seeds::SEED;

/// Bits of a filter for each n-gram: one in sixteen meets another by chance.
const FILTER_BITS: usize = 16;
/// N-grams from which on they are partitioned.
const PARTITIONED_FROM: usize = if cfg!(test) { 1 << 10 } else { 1 << 20 };
/// N-grams of a partition, about.
const PARTITION: usize = PARTITIONED_FROM >> 4;

/// The positions, and scratch space.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    hashes: Vec<u32>,
    filter: Filter,
    /// `count` positions in order; behind them anything.
    places: Vec<u32>,
    count: usize,
    /// Hash and position of each n-gram, by partition.
    partitioned: Vec<u64>,
}

impl Repeats {
    /// Positions in order.
    pub(super) fn places(&self) -> &[u32] {
        &self.places[..self.count]
    }

    /// Positions of `length` tokens that may occur elsewhere too, `SEED` at least: all their n-grams may, at as many positions in a row.
    pub(super) fn runs(&self, length: usize) -> impl Iterator<Item = usize> {
        let places = self.places().windows(length - SEED + 1);
        places.filter(move |run| (run[length - SEED] - run[0]) as usize == length - SEED).map(|run| run[0] as usize)
    }

    /// Finds the positions of `tokens`. Linear.
    pub(super) fn find(&mut self, tokens: &[u64]) {
        self.hashes.clear();
        self.hashes.extend(tokens.windows(SEED).map(|gram| ((gram[0] ^ gram[1].rotate_left(21) ^ gram[2].rotate_left(42)) >> 32) as u32));
        self.places.resize(self.hashes.len().max(self.places.len()), 0);
        self.count = 0;
        if self.hashes.len() >= PARTITIONED_FROM {
            return self.find_by_partition();
        }
        self.filter.clear(self.hashes.len());
        self.hashes.iter().for_each(|&hash| self.filter.add(hash));
        for (place, &hash) in (0..).zip(&self.hashes) {
            self.places[self.count] = place;
            self.count += usize::from(self.filter.is_again(hash));
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens; unpacked")]
    fn find_by_partition(&mut self) {
        let bits = (self.hashes.len() / PARTITION).ilog2();
        let partition = |hash: u32| (hash >> (u32::BITS - bits)) as usize;
        let mut ends = vec![0_u32; 1 << bits];
        self.hashes.iter().for_each(|&hash| ends[partition(hash)] += 1);
        let mut place = 0;
        for end in &mut ends {
            place += std::mem::replace(end, place);
        }
        self.partitioned.resize(self.hashes.len().max(self.partitioned.len()), 0);
        for (place, &hash) in (0_u64..).zip(&self.hashes) {
            let end = &mut ends[partition(hash)];
            self.partitioned[*end as usize] = u64::from(hash) << u32::BITS | place;
            *end += 1;
        }
        // The positions are marked in the order of their hashes, and listed in their own.
        let mut marked = vec![0_u64; self.hashes.len().div_ceil(64)];
        let mut start = 0;
        for &end in &ends {
            let packed = &self.partitioned[start..end as usize];
            let hash = |packed: u64| (packed >> u32::BITS << bits) as u32;
            self.filter.clear(packed.len());
            packed.iter().for_each(|&packed| self.filter.add(hash(packed)));
            for &packed in packed {
                let place = packed as u32 as usize;
                marked[place / 64] |= u64::from(self.filter.is_again(hash(packed))) << (place % 64);
            }
            start = end as usize;
        }
        for (word, &marks) in marked.iter().enumerate() {
            let mut left = marks;
            while left != 0 {
                self.places[self.count] = word as u32 * 64 + left.trailing_zeros();
                self.count += 1;
                left &= left - 1;
            }
        }
    }
}

/// Hashes that were added once, and those that were added again. Two bits for each value of the upper bits of a hash.
#[derive(Debug, Default)]
struct Filter {
    words: Vec<u64>,
    shift: u32,
}

impl Filter {
    /// Empties it, for so many hashes.
    fn clear(&mut self, hashes: usize) {
        let values = (hashes * FILTER_BITS).next_power_of_two().clamp(64, 1 << 31);
        self.shift = u32::BITS - values.trailing_zeros();
        self.words.clear();
        self.words.resize(values / 32, 0);
    }

    #[inline(always)]
    fn add(&mut self, hash: u32) {
        let value = (hash >> self.shift) as usize;
        let (word, once) = (&mut self.words[value / 32], 1 << (2 * (value % 32)));
        *word |= (*word & once) << 1 | once;
    }

    #[inline(always)]
    fn is_again(&self, hash: u32) -> bool {
        let value = (hash >> self.shift) as usize;
        self.words[value / 32] >> (2 * (value % 32)) & 2 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::mix;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        /// Every n-gram that repeats is found, in order, and few others: for short documents and for partitioned ones.
        #[test]
        fn repeats_are_found(count in 3..4000_usize, words in prop::sample::select(vec![1_u64, 2, 50, 10_000]), salt in any::<u64>()) {
            let tokens: Vec<u64> = (0..count as u64).map(|at| mix(mix(at ^ salt) % words)).collect();
            let mut repeats = Repeats::default();
            repeats.find(&tokens[..count / 2]);
            repeats.find(&tokens);
            let mut grams: HashMap<&[u64], usize> = HashMap::new();
            tokens.windows(SEED).for_each(|gram| *grams.entry(gram).or_default() += 1);
            let places: Vec<usize> = repeats.places().iter().map(|&place| place as usize).collect();
            prop_assert!(places.is_sorted_by(|x, y| x < y));
            let expected: Vec<usize> = (0..=count - SEED).filter(|&at| grams[&tokens[at..at + SEED]] > 1).collect();
            prop_assert!(expected.iter().all(|place| places.binary_search(place).is_ok()));
            prop_assert!(places.len() - expected.len() <= 20 + count / 8, "{} of {}", places.len() - expected.len(), count);
        }
    }
}
