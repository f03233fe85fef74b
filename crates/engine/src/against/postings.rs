//! Sorted postings of 32-bit hashes, behind a filter that fits in a cache.
//!
//! In: pairs of hash and value. Out: the values of a hash, ascending. Most hashes that are looked up have none, which one word of the filter says.

use crate::sort::HashSorter;
use crate::text::mix;

/// Bits of the filter for each posting, at least. A hash sets two in one word: 1 of 20 to 60 look-ups of absent hashes passes it.
const FILTER_BITS: usize = 8;

/// Values by hash. Memory: 12 to 14 bytes a posting.
#[derive(Debug, Default)]
pub(super) struct Postings {
    /// A Bloom filter of words (Putze, Sanders, Singler 2009), of which there is a power of two.
    filter: Vec<u64>,
    /// For each prefix of a hash where its postings begin; one more at the end.
    starts: Vec<u32>,
    prefix_bits: u32,
    /// Hash above value, sorted.
    entries: Vec<u64>,
}

/// A posting as it is sorted.
pub(super) fn posting(hash: u32, value: u32) -> u64 {
    u64::from(hash) << u32::BITS | u64::from(value)
}

/// The value of a posting.
#[expect(clippy::cast_possible_truncation, reason = "the lower half")]
pub(super) fn value(posting: u64) -> u32 {
    posting as u32
}

impl Postings {
    /// Takes fewer than 2^32 postings in any order; equal ones are one.
    pub(super) fn new(mut entries: Vec<u64>) -> Self {
        HashSorter::default().sort(&mut entries);
        entries.dedup();
        let words = (entries.len() * FILTER_BITS).next_power_of_two().clamp(1 << 10, 1 << 31) / u64::BITS as usize;
        let prefix_bits = entries.len().next_power_of_two().ilog2().clamp(4, 28);
        let mut filter = vec![0_u64; words];
        let mut starts = vec![0_u32; (1 << prefix_bits) + 1];
        for entry in &entries {
            let hash = (entry >> u32::BITS) as u32;
            let (word, bits) = in_filter(hash, words);
            filter[word] |= bits;
            starts[(hash >> (u32::BITS - prefix_bits)) as usize + 1] += 1;
        }
        let mut sum = 0;
        starts.iter_mut().for_each(|start| {
            sum += *start;
            *start = sum;
        });
        Self { filter, starts, prefix_bits, entries }
    }

    /// False if `hash` has no posting; true for one that has, and for a few others.
    #[inline]
    pub(super) fn may_have(&self, hash: u32) -> bool {
        let (word, bits) = in_filter(hash, self.filter.len());
        self.filter[word] & bits == bits
    }

    /// The postings of `hash`.
    pub(super) fn of(&self, hash: u32) -> &[u64] {
        let prefix = (hash >> (u32::BITS - self.prefix_bits)) as usize;
        let bucket = &self.entries[self.starts[prefix] as usize..self.starts[prefix + 1] as usize];
        let start = bucket.partition_point(|entry| entry >> u32::BITS < u64::from(hash));
        let count = bucket[start..].iter().take_while(|&entry| entry >> u32::BITS == u64::from(hash)).count();
        &bucket[start..start + count]
    }
}

/// The word of a filter of `words` words that is a hash's, and its bits.
fn in_filter(hash: u32, words: usize) -> (usize, u64) {
    let mixed = mix(u64::from(hash));
    ((mixed >> u32::BITS) as usize & (words - 1), 1 << (mixed & 63) | 1 << (mixed >> 6 & 63))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_values_of_a_hash_are_found(entries in prop::collection::vec((prop_oneof![0..50_u32, any::<u32>()], 0..9_u32), 0..300), absent in any::<u32>()) {
            let postings = Postings::new(entries.iter().map(|&(hash, value)| posting(hash, value)).collect());
            for hash in entries.iter().map(|entry| entry.0).chain([absent]) {
                let mut wanted: Vec<u32> = entries.iter().filter(|entry| entry.0 == hash).map(|entry| entry.1).collect();
                wanted.sort_unstable();
                wanted.dedup();
                prop_assert!(wanted.is_empty() || postings.may_have(hash));
                prop_assert_eq!(postings.of(hash).iter().map(|&entry| value(entry)).collect::<Vec<_>>(), wanted);
            }
        }
    }
}
