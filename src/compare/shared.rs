//! How many shingles two documents share: one document against many, without putting any in order.
//!
//! In: the tokens of a document, then those of others, one after another. Out: exact counts of distinct shingles, as [`Overlap::of`] has them.

use super::verify::Overlap;
use crate::text::{ShingleHash, shingles_into};

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

    /// The slot that holds `hash`, or the empty one where it belongs.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "fewer bits than a place has")]
    fn slot(&self, hash: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = (hash >> (self.slots.len().leading_zeros() + 1)) as usize;
        while self.slots[slot] != 0 && self.slots[slot] != hash {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

/// Counts what the shingle sets of other documents have in common with one; keeps its tables.
#[derive(Debug, Default)]
pub(crate) struct SharedShingles {
    first: HashTable,
    /// Distinct shingles of the first document.
    count: usize,
    second: HashTable,
    shingles: Vec<ShingleHash>,
}

impl SharedShingles {
    /// Takes `a` for the first document of the pairs that follow. Linear.
    pub(crate) fn index(&mut self, a: &[u64], shingle: usize) {
        shingles_into(a, shingle, &mut self.shingles);
        self.first.clear(self.shingles.len());
        self.count = self.shingles.iter().filter(|&&hash| self.first.insert(hash)).count();
    }

    /// The shingles of the first document and of `b`. Linear.
    pub(crate) fn with(&mut self, b: &[u64], shingle: usize) -> Overlap {
        shingles_into(b, shingle, &mut self.shingles);
        self.second.clear(self.shingles.len());
        let mut overlap = Overlap { both: 0, a: self.count, b: 0 };
        for &hash in &self.shingles {
            let is_new = self.second.insert(hash);
            overlap.b += usize::from(is_new);
            overlap.both += usize::from(is_new && self.first.contains(hash));
        }
        overlap
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::shingle_set;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counts_equal_those_of_sets(texts in prop::collection::vec(prop::collection::vec(0..3_u64, 0..60), 2..6), k in 1..4_usize) {
            let mut shared = SharedShingles::default();
            for a in &texts {
                shared.index(a, k);
                for b in &texts {
                    prop_assert_eq!(shared.with(b, k), Overlap::of(&shingle_set(a, k), &shingle_set(b, k)));
                }
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
