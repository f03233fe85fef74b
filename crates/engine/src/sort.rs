//! Lists sorted by counting: hashes, which are spread evenly, for the most part by one step of it; anything, by the number of its bucket. And
//! a filter of hashes that are repeated.

use crate::text::mix;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Fewer than this are left to the standard library.
const FEW: usize = 64;
/// A bucket of more is uneven, and left to the standard library too.
const LARGE_BUCKET: u32 = 24;

/// Scratch space of a sort.
#[derive(Clone, Debug, Default)]
pub(crate) struct HashSorter {
    ends: Vec<u32>,
    sorted: Vec<u64>,
}

impl HashSorter {
    /// Sorts `hashes`, whose upper bits are spread evenly but for repeats: each goes into the bucket of its upper bits, as many buckets as
    /// hashes, and the few of a bucket are put in order where they stand. Linear then, and never worse than a sort by comparison.
    #[expect(clippy::cast_possible_truncation, reason = "fewer than 2^32 hashes, as many buckets")]
    pub(crate) fn sort(&mut self, hashes: &mut [u64]) {
        if hashes.len() < FEW {
            return hashes.sort_unstable();
        }
        let bits = hashes.len().ilog2();
        let bucket = |hash: u64| (hash >> (u64::BITS - bits)) as usize;
        self.ends.clear();
        self.ends.resize(1 << bits, 0);
        hashes.iter().for_each(|&hash| self.ends[bucket(hash)] += 1);
        let (mut place, mut largest) = (0, 0);
        for end in &mut self.ends {
            largest = largest.max(*end);
            place += std::mem::replace(end, place);
        }
        self.sorted.resize(hashes.len().max(self.sorted.len()), 0);
        for &hash in &*hashes {
            let place = &mut self.ends[bucket(hash)];
            self.sorted[*place as usize] = hash;
            *place += 1;
        }
        hashes.copy_from_slice(&self.sorted[..hashes.len()]);
        if largest <= LARGE_BUCKET {
            insertion_sort(hashes);
        } else {
            let mut start = 0;
            for &end in &self.ends {
                hashes[start..end as usize].sort_unstable();
                start = end as usize;
            }
        }
    }
}

/// Quick where nothing is far from its place.
fn insertion_sort(hashes: &mut [u64]) {
    for at in 1..hashes.len() {
        let hash = hashes[at];
        let mut to = at;
        while to > 0 && hashes[to - 1] > hash {
            hashes[to] = hashes[to - 1];
            to -= 1;
        }
        hashes[to] = hash;
    }
}

/// A list by numbered buckets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buckets<T> {
    list: Vec<T>,
    /// Where each bucket ends.
    ends: Vec<u32>,
}

impl<T: Copy + Default> Buckets<T> {
    /// `items`, each with its bucket, of which there are `count`; they stay in order within one. Linear.
    pub(crate) fn new(count: usize, items: impl Iterator<Item = (usize, T)> + Clone) -> Self {
        let mut ends = vec![0_u32; count];
        items.clone().for_each(|(bucket, _)| ends[bucket] += 1);
        let mut place = 0;
        for end in &mut ends {
            place += std::mem::replace(end, place);
        }
        let mut list = vec![T::default(); place as usize];
        for (bucket, item) in items {
            list[ends[bucket] as usize] = item;
            ends[bucket] += 1;
        }
        Self { list, ends }
    }

    /// All items, and where each bucket ends.
    pub(crate) fn into_parts(self) -> (Vec<T>, Vec<u32>) {
        (self.list, self.ends)
    }

    /// The items of a bucket; none if there is no such bucket.
    pub(crate) fn get(&self, bucket: usize) -> &[T] {
        let Some(&end) = self.ends.get(bucket) else { return &[] };
        let start = if bucket == 0 { 0 } else { self.ends[bucket - 1] };
        &self.list[start as usize..end as usize]
    }
}

/// A map of numbers that are hashes already, or become one by [`mix`].
pub(crate) type MixedMap<K, V> = HashMap<K, V, BuildHasherDefault<MixHasher>>;

/// Hasher of [`MixedMap`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MixHasher(u64);

impl Hasher for MixHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(u64::from(byte)));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = mix(self.0 ^ number);
    }
}

/// Places of [`RepeatFilter`] at most: as many as a hash of 32 bits can number.
const MOST_PLACES: usize = 1 << 31;
/// Places of [`RepeatFilter`] for each word.
const PLACES_A_WORD: usize = 16;

/// A filter of hashes that occur more than once: none of them is missed, and a few that occur once pass too. It keeps two bits for a few bits of each hash.
#[derive(Clone, Debug, Default)]
pub struct RepeatFilter {
    /// Two bits a place: inserted, and inserted again.
    places: Vec<u64>,
    /// Bits of a word above those that are the number of its place.
    shift: u32,
}

impl RepeatFilter {
    /// Empties the filter, with room for `words`.
    pub fn clear(&mut self, words: usize) {
        let places = (words * PLACES_A_WORD).next_power_of_two().clamp(64, MOST_PLACES);
        self.shift = u64::BITS - places.ilog2();
        self.places.clear();
        self.places.resize(places / 32, 0);
    }

    #[expect(clippy::cast_possible_truncation, reason = "at most 31 bits are left")]
    fn place(&self, word: u64) -> (usize, u64) {
        let place = (word >> self.shift) as usize;
        (place / 32, 1 << (2 * (place % 32)))
    }

    /// Inserts a word, whose upper half is a hash.
    #[inline(always)]
    pub fn insert(&mut self, word: u64) {
        let (at, bit) = self.place(word);
        self.places[at] |= (self.places[at] & bit) << 1 | bit;
    }

    /// True if two words of the same hash may have been inserted; never false if they were.
    #[inline(always)]
    pub fn is_repeated(&self, word: u64) -> bool {
        let (at, bit) = self.place(word);
        self.places[at] & bit << 1 != 0
    }

    /// Keeps of `words`, as if they alone had been inserted, those whose hash may be that of another; none that is is lost.
    pub(crate) fn keep_repeated(&mut self, words: &mut Vec<u64>) {
        self.clear(words.len());
        words.iter().for_each(|&word| self.insert(word));
        self.retain_repeated(words);
    }

    /// Keeps of `words`, all of which were inserted, those whose hash may be that of another; none that is is lost.
    pub(crate) fn retain_repeated(&self, words: &mut Vec<u64>) {
        let mut kept = 0;
        for from in 0..words.len() {
            // Written in any case, and kept or not: no branch to foretell.
            let word = words[from];
            words[kept] = word;
            kept += usize::from(self.is_repeated(word));
        }
        words.truncate(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn items_stand_in_their_buckets_in_order(items in prop::collection::vec((0..9_usize, any::<u8>()), 0..60)) {
            let buckets = Buckets::new(9, items.iter().copied());
            for bucket in 0..12 {
                let expected: Vec<u8> = items.iter().filter(|item| item.0 == bucket).map(|item| item.1).collect();
                prop_assert_eq!(buckets.get(bucket), expected);
            }
        }

        #[test]
        fn what_stands_again_is_kept(hashes in prop::collection::vec(0..400_u64, 0..300)) {
            let mut words: Vec<u64> = hashes.iter().enumerate().map(|(at, hash)| crate::text::mix(hash + 1) >> 32 << 32 | at as u64).collect();
            let again = |word: &u64| words.iter().filter(|other| *other >> 32 == word >> 32).count() > 1;
            let expected: Vec<u64> = words.iter().copied().filter(again).collect();
            let before = words.clone();
            RepeatFilter::default().keep_repeated(&mut words);
            prop_assert!(expected.iter().all(|word| words.contains(word)));
            prop_assert!(words.iter().all(|word| before.contains(word)) && words.len() <= before.len());
        }

        #[test]
        fn sorts_as_the_standard_library(
            spread in prop::collection::vec(any::<u64>(), 0..700),
            uneven in prop::collection::vec(0..40_u64, 0..300),
            high in prop::collection::vec(u64::MAX - 500..=u64::MAX, 0..100),
        ) {
            let mut sorter = HashSorter::default();
            for mut hashes in [[spread.clone(), uneven].concat(), [spread, high].concat()] {
                let mut expected = hashes.clone();
                expected.sort_unstable();
                sorter.sort(&mut hashes);
                prop_assert_eq!(hashes, expected);
            }
        }
    }
}
