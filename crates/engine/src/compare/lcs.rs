//! How many words two stretches have in common, in order.

use super::numbers::ABSENT;

/// No mask.
const NONE: u32 = u32::MAX;

/// Measures longest common subsequences; keeps its tables.
#[derive(Debug, Default)]
pub(super) struct CommonWords {
    /// For each number of a word that the shorter stretch has, where its mask stands. `NONE` for all others, and for all between calls.
    row: Vec<u32>,
    /// A bit for each place of the shorter stretch: those of one word, then those of the next.
    masks: Vec<u64>,
    column: Vec<u64>,
}

impl CommonWords {
    /// Length of the longest common subsequence of `a` and `b`, as numbers of words, by columns of bits (Hyyrö 2004). Time the product of the lengths
    /// over 64.
    pub(super) fn count(&mut self, a: &[u32], b: &[u32]) -> usize {
        let (a, b) = (a.iter().copied(), b.iter().copied());
        if a.len() < b.len() { self.of(b, a) } else { self.of(a, b) }
    }

    #[expect(clippy::cast_possible_truncation, reason = "fewer masks than words")]
    fn of(&mut self, long: impl ExactSizeIterator<Item = u32>, short: impl ExactSizeIterator<Item = u32> + Clone) -> usize {
        let Self { row, masks, column } = self;
        let words = short.len().div_ceil(64);
        masks.clear();
        for (at, number) in short.clone().enumerate() {
            // A word that the first document has not matches nothing.
            if number == ABSENT {
                continue;
            }
            let number = number as usize;
            if row.len() <= number {
                row.resize(number + 1, NONE);
            }
            if row[number] == NONE {
                row[number] = masks.len() as u32;
                masks.resize(masks.len() + words, 0);
            }
            masks[row[number] as usize + at / 64] |= 1 << (at % 64);
        }
        column.clear();
        column.resize(words, u64::MAX);
        for number in long {
            let Some(&start) = row.get(number as usize).filter(|&&start| start != NONE) else { continue };
            let mut carry = false;
            for (column, mask) in column.iter_mut().zip(&masks[start as usize..]) {
                let common = *column & mask;
                let (sum, over) = column.overflowing_add(common);
                let (sum, over_again) = sum.overflowing_add(u64::from(carry));
                (*column, carry) = (sum | (*column - common), over || over_again);
            }
        }
        for number in short {
            if let Some(row) = row.get_mut(number as usize) {
                *row = NONE;
            }
        }
        // Bits beyond the last word never match, and stay as they were.
        column.iter().map(|column| column.count_zeros() as usize).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn common_words_are_counted_as_defined(
            pairs in prop::collection::vec((prop::collection::vec(1..90_u32, 0..300), prop::collection::vec(1..95_u32, 0..200)), 1..4),
        ) {
            let mut common = CommonWords::default();
            for (a, b) in pairs {
                let b: Vec<u32> = b.into_iter().map(|number| if number < 90 { number } else { ABSENT }).collect();
                // Row by row of the whole matrix.
                let mut row = vec![0; b.len() + 1];
                for x in &a {
                    let before = row.clone();
                    for (j, y) in b.iter().enumerate() {
                        row[j + 1] = if x == y { before[j] + 1 } else { before[j + 1].max(row[j]) };
                    }
                }
                prop_assert_eq!(common.count(&a, &b), row[b.len()]);
            }
        }
    }
}
