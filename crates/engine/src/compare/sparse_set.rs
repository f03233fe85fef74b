//! Sets of numbers as words of bits, of which those without a bit are left out: where members are close together, common members are counted 64 at a time.

/// A set of 32-bit numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SparseSet {
    /// Number of a word above its bits, ascending; none is empty.
    words: Vec<(u32, u64)>,
}

impl SparseSet {
    /// The set of `numbers`, in any order; sorts them.
    pub(crate) fn new(numbers: &mut [u32]) -> Self {
        numbers.sort_unstable();
        let mut words: Vec<(u32, u64)> = Vec::new();
        for &number in &*numbers {
            let (word, bit) = (number / u64::BITS, 1 << (number % u64::BITS));
            match words.last_mut() {
                Some((last, bits)) if *last == word => *bits |= bit,
                _ => words.push((word, bit)),
            }
        }
        Self { words }
    }

    /// Number of members that both sets have. Linear in their words.
    pub(crate) fn count_common(&self, other: &Self) -> usize {
        let (mut rest, mut count) = (other.words.as_slice(), 0);
        for &(word, bits) in &self.words {
            while let Some((_, behind)) = rest.split_first().filter(|(first, _)| first.0 < word) {
                rest = behind;
            }
            match rest.first() {
                Some(&(other, other_bits)) if other == word => count += (bits & other_bits).count_ones() as usize,
                Some(_) => {}
                None => break,
            }
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn members_in_common_are_counted(x in prop::collection::vec(0..700_u32, 0..200), y in prop::collection::vec(0..700_u32, 0..200)) {
            let [a, b]: [BTreeSet<u32>; 2] = [&x, &y].map(|list| list.iter().copied().collect());
            let [x, y] = [x, y].map(|mut list| SparseSet::new(&mut list));
            prop_assert_eq!(x.count_common(&y), a.intersection(&b).count());
            prop_assert_eq!(y.count_common(&x), a.intersection(&b).count());
        }
    }
}
