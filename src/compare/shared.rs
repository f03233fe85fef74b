//! How many shingles two documents have and share, without putting them in order.
//!
//! In: tokens. Out: exact counts of distinct shingles, as [`Overlap::of`] has them.

use super::verify::Overlap;
use crate::sort::Met;
use crate::text::{ShingleHash, shingles_into};
use std::ops::Range;

/// A set of hashes whose upper bits are spread evenly: an open table, half of it free at least.
#[derive(Clone, Debug, Default)]
pub(crate) struct HashTable {
    /// The hash that is in the slot, 0 for none.
    slots: Vec<u64>,
    has_zero: bool,
}

impl HashTable {
    /// Empties the table, with room for so many hashes.
    pub(crate) fn clear(&mut self, room: usize) {
        self.slots.clear();
        self.slots.resize((2 * room).next_power_of_two().max(16), 0);
        self.has_zero = false;
    }

    /// True if it was not there. No more may be put in than there is room for.
    #[inline]
    pub(crate) fn insert(&mut self, hash: u64) -> bool {
        let slot = self.slot(hash);
        let is_new = if hash == 0 { !self.has_zero } else { self.slots[slot] != hash };
        if hash == 0 {
            self.has_zero = true;
        } else {
            self.slots[slot] = hash;
        }
        is_new
    }

    #[inline]
    pub(crate) fn contains(&self, hash: u64) -> bool {
        if hash == 0 { self.has_zero } else { self.slots[self.slot(hash)] == hash }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "fewer bits than a place has")]
    fn slot(&self, hash: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = (hash >> (self.slots.len().leading_zeros() + 1)) as usize;
        while (self.slots[slot] != 0) & (self.slots[slot] != hash) {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

/// Counts shingles of documents, and what they have in common; keeps its tables.
#[derive(Debug, Default)]
pub(crate) struct SharedShingles {
    first: HashTable,
    first_count: usize,
    second: HashTable,
    shingles: Vec<ShingleHash>,
    /// Those of one stretch.
    some: Vec<ShingleHash>,
    met: Met,
}

impl SharedShingles {
    /// How many distinct shingles `tokens` have. Linear but for those that stand twice.
    pub(crate) fn count(&mut self, tokens: &[u64], shingle: usize) -> usize {
        shingles_into(tokens, shingle, &mut self.shingles);
        self.distinct()
    }

    /// How many distinct ones begin at `places`, in order and apart, of a document that has `count` of them.
    pub(crate) fn count_at(&mut self, tokens: &[u64], shingle: usize, count: usize, places: &[Range<usize>]) -> usize {
        if count + shingle == tokens.len() + 1 {
            // No two are equal.
            return places.iter().map(Range::len).sum();
        }
        let Self { shingles, some, .. } = self;
        shingles.clear();
        for run in places {
            shingles_into(&tokens[run.start..run.end + shingle - 1], shingle, some);
            shingles.extend_from_slice(some);
        }
        self.distinct()
    }

    /// Takes `a` for the first document of the pairs that [`Self::with`] is asked for. Linear.
    pub(crate) fn index(&mut self, a: &[u64], shingle: usize) {
        shingles_into(a, shingle, &mut self.shingles);
        self.first.clear(self.shingles.len());
        self.first_count = self.shingles.iter().filter(|&&hash| self.first.insert(hash)).count();
    }

    /// What the shingle sets of the first document and of `b` have in common. Linear in `b`.
    pub(crate) fn with(&mut self, b: &[u64], shingle: usize) -> Overlap {
        let mut overlap = Overlap { both: 0, a: self.first_count, b: 0 };
        shingles_into(b, shingle, &mut self.shingles);
        self.second.clear(self.shingles.len());
        for &hash in &self.shingles {
            let is_new = self.second.insert(hash);
            overlap.b += usize::from(is_new);
            overlap.both += usize::from(is_new && self.first.contains(hash));
        }
        overlap
    }

    /// How many of `shingles` are distinct.
    fn distinct(&mut self) -> usize {
        let all = self.shingles.len();
        self.met.retain_again(&mut self.shingles);
        let again = self.shingles.len();
        self.shingles.sort_unstable();
        self.shingles.dedup();
        all - again + self.shingles.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Aligner;
    use crate::text::shingle_set;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counts_equal_those_of_sets(texts in prop::collection::vec(prop::collection::vec(0..3_u64, 0..60), 2..6), k in 1..7_usize) {
            let mut shared = SharedShingles::default();
            for a in &texts {
                shared.index(a, k);
                for b in &texts {
                    prop_assert_eq!(shared.with(b, k), Overlap::of(&shingle_set(a, k), &shingle_set(b, k)));
                }
                prop_assert_eq!(shared.count(a, k), shingle_set(a, k).len());
            }
        }

        /// Seeds tell where shingles stand that both documents have.
        #[test]
        fn runs_are_shared_shingles(words in 3..90_u64, a in prop::collection::vec(any::<u64>(), 0..80), b in prop::collection::vec(any::<u64>(), 0..80), k in 3..7_usize) {
            let mix = |list: &[u64]| list.iter().map(|word| crate::text::mix(word % words + 1)).collect::<Vec<u64>>();
            let (a, b) = (mix(&a), mix(&b));
            let (mut aligner, mut shared, mut places) = (Aligner::new(), SharedShingles::default(), Vec::new());
            aligner.index(&a);
            aligner.against(&a, &b);
            if b.len() >= k && aligner.find_runs(k, &mut places) {
                let expected = Overlap::of(&shingle_set(&a, k), &shingle_set(&b, k));
                prop_assert_eq!(shared.count_at(&b, k, expected.b, &places), expected.both);
            }
        }

        #[test]
        fn a_table_is_a_set(hashes in prop::collection::vec(prop_oneof![0..3_u64, u64::MAX - 2..=u64::MAX, any::<u64>()], 0..80)) {
            let (mut table, mut set) = (HashTable::default(), std::collections::HashSet::new());
            table.clear(hashes.len());
            for &hash in &hashes {
                prop_assert_eq!(table.insert(hash), set.insert(hash));
            }
            for hash in hashes.into_iter().chain(0..4) {
                prop_assert_eq!(table.contains(hash), set.contains(&hash));
            }
        }
    }
}
