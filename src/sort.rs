//! Hashes, which are spread evenly: sorted, for the most part by one step of counting; and those that stand again told from the others.

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

/// Places of [`Met`] for each word.
const PLACES_A_WORD: usize = 16;

/// Tells most hashes that stand once from the others: by a few of their bits, which were met once or more often.
#[derive(Clone, Debug, Default)]
pub(crate) struct Met {
    /// Two bits a place: met, and met again.
    places: Vec<u64>,
}

impl Met {
    /// Keeps of `words`, whose upper halves are hashes, those whose hash may be that of another; none that is is lost.
    pub(crate) fn retain_again(&mut self, words: &mut Vec<u64>) {
        let places = (words.len() * PLACES_A_WORD).next_power_of_two().clamp(64, 1 << 24);
        let place = |word: u64| {
            let place = (word >> 40) as usize & (places - 1);
            (place / 32, 1_u64 << (2 * (place % 32)))
        };
        self.places.clear();
        self.places.resize(places / 32, 0);
        for &word in &*words {
            let (at, met) = place(word);
            self.places[at] |= (self.places[at] & met) << 1 | met;
        }
        let mut kept = 0;
        for from in 0..words.len() {
            // Written in any case, and kept or not: no branch to foretell.
            let word = words[from];
            let (at, met) = place(word);
            words[kept] = word;
            kept += usize::from(self.places[at] & met << 1 != 0);
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
        fn what_stands_again_is_kept(hashes in prop::collection::vec(0..400_u64, 0..300)) {
            let mut words: Vec<u64> = hashes.iter().enumerate().map(|(at, hash)| crate::text::mix(hash + 1) >> 32 << 32 | at as u64).collect();
            let again = |word: &u64| words.iter().filter(|other| *other >> 32 == word >> 32).count() > 1;
            let expected: Vec<u64> = words.iter().copied().filter(again).collect();
            let before = words.clone();
            Met::default().retain_again(&mut words);
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
