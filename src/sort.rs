//! Sorts hashes, which are spread evenly: most of the work is one step of counting.

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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
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
