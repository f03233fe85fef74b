//! How many shingles two documents have and share, without putting them in order.
//!
//! In: tokens, or where they agree. Out: exact counts of distinct shingles, as [`Overlap::of`] has them.

use super::verify::Overlap;
use crate::sort::RepeatFilter;
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

impl Overlap {
    /// Of two documents of which the first has the shingles of the second at `places`, in order and apart, and nowhere else. `all` is at how many places
    /// each has one, `again` at which of them, in order, one that stands before too.
    pub(crate) fn at(places: &[Range<usize>], all: [usize; 2], again: [&[u32]; 2]) -> Self {
        // All places of a shingle are among `places`, or none is.
        let before = |place: usize| again[0].partition_point(|&again| (again as usize) < place);
        let both = places.iter().map(|run| run.len() - (before(run.end) - before(run.start))).sum();
        Self { both, a: all[0] - again[0].len(), b: all[1] - again[1].len() }
    }
}

/// Appends to `again`, in order, those of `places` whose shingle stands before them too; all places of a shingle that stands twice are among `places`.
pub(crate) fn append_again(shingles: &[ShingleHash], places: &mut [u32], again: &mut Vec<u32>) {
    let start = again.len();
    places.sort_unstable_by_key(|&place| (shingles[place as usize], place));
    let of_one = places.chunk_by(|x, y| shingles[*x as usize] == shingles[*y as usize]);
    again.extend(of_one.flat_map(|places| &places[1..]));
    again[start..].sort_unstable();
}

/// Adds a place behind those of `runs`, which are in order and apart.
fn push_place(runs: &mut Vec<Range<usize>>, place: usize) {
    match runs.last_mut() {
        Some(last) if last.end == place => last.end += 1,
        _ => runs.push(place..place + 1),
    }
}

/// Counts shingles of documents, and what they have in common; keeps its tables.
#[derive(Debug, Default)]
pub(crate) struct SharedShingles {
    first: HashTable,
    first_count: usize,
    second: HashTable,
    shingles: Vec<ShingleHash>,
    /// Places of shingles below some bits of theirs.
    places: Vec<u64>,
    filter: RepeatFilter,
}

impl SharedShingles {
    /// The places of `tokens` whose shingle stands before them too, in order. Linear but for the sorting of shingles that stand twice.
    #[expect(clippy::cast_possible_truncation, reason = "unpacked")]
    pub(crate) fn again(&mut self, tokens: &[u64], shingle: usize) -> Vec<u32> {
        let Self { shingles, places, filter, .. } = self;
        shingles_into(tokens, shingle, shingles);
        places.clear();
        places.extend((0..).zip(&*shingles).map(|(place, hash)| hash >> u32::BITS << u32::BITS | place));
        filter.keep_repeated(places);
        let mut again = Vec::new();
        append_again(shingles, &mut places.iter().map(|&word| word as u32).collect::<Vec<_>>(), &mut again);
        again
    }

    /// Takes `a` for the first document of the pairs that [`Self::with`] is asked for. Linear.
    pub(crate) fn index(&mut self, a: &[u64], shingle: usize) {
        shingles_into(a, shingle, &mut self.shingles);
        self.first.clear(self.shingles.len());
        self.first_count = self.shingles.iter().filter(|&&hash| self.first.insert(hash)).count();
    }

    /// Replaces `places` by those of `b` whose shingle the first document has, in order and apart; it has none outside `stretches`, in order and apart. Linear in
    /// those.
    pub(crate) fn find(&mut self, b: &[u64], shingle: usize, stretches: &[Range<usize>], places: &mut Vec<Range<usize>>) {
        places.clear();
        for stretch in stretches.iter().filter(|stretch| stretch.len() >= shingle) {
            shingles_into(&b[stretch.clone()], shingle, &mut self.shingles);
            let found = (stretch.start..).zip(&self.shingles).filter(|(_, hash)| self.first.contains(**hash));
            found.for_each(|(place, _)| push_place(places, place));
        }
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
                let mut shingles = Vec::new();
                shingles_into(a, k, &mut shingles);
                let again: Vec<u32> = (0..).zip(&shingles).filter(|(at, hash)| shingles[..*at as usize].contains(hash)).map(|(at, _)| at).collect();
                prop_assert_eq!(shared.again(a, k), again);
            }
        }

        /// Seeds tell where shingles stand that both documents have.
        #[test]
        fn runs_are_shared_shingles(words in 3..90_u64, a in prop::collection::vec(any::<u64>(), 0..80), b in prop::collection::vec(any::<u64>(), 0..80), k in 3..7_usize) {
            let mix = |list: &[u64]| list.iter().map(|word| crate::text::mix(word % words + 1)).collect::<Vec<u64>>();
            let (a, b) = (mix(&a), mix(&b));
            let (mut aligner, mut shared, mut places) = (Aligner::new(), SharedShingles::default(), Vec::new());
            aligner.index(&a);
            aligner.against(&a, &b, 0);
            if a.len().min(b.len()) < k {
                return Ok(());
            }
            let again = [&a, &b].map(|tokens| shared.again(tokens, k));
            let expected = Overlap::of(&shingle_set(&a, k), &shingle_set(&b, k));
            if aligner.find_runs(k, [&(0..a.len()), &(0..b.len())], &mut places) {
                prop_assert_eq!(Overlap::at(&places, [a.len() + 1 - k, b.len() + 1 - k], [&again[0], &again[1]]), expected);
            }
            shared.index(&a, k);
            shared.find(&b, k, aligner.stretches(k).unwrap(), &mut places);
            prop_assert_eq!(Overlap::at(&places, [b.len() + 1 - k, a.len() + 1 - k], [&again[1], &again[0]]).swapped(), expected);
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
