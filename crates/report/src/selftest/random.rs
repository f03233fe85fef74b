//! Numbers that look random and are the same in each run.

use refrain_engine::text::mix;

/// `SplitMix64` (Steele, Lea, Flood 2014): a counter with an odd step, mixed.
#[derive(Clone, Debug)]
pub(super) struct SplitMix64(u64);

/// 2^64 over the golden ratio, odd.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl SplitMix64 {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number under `bound`, which is not 0.
    #[expect(clippy::cast_possible_truncation, reason = "the upper half of a product with `bound` is under it")]
    pub(super) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> u64::BITS) as usize
    }

    /// True in `percent` of a hundred.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Any order of `items`, each as likely (Fisher and Yates 1938).
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spread_and_the_same_again() {
        let counts = |seed| {
            let (mut random, mut counts) = (SplitMix64::new(seed), [0_usize; 10]);
            (0..10_000).for_each(|_| counts[random.below(10)] += 1);
            counts
        };
        assert_eq!(counts(1), counts(1));
        assert_ne!(counts(1), counts(2));
        assert!(counts(1).iter().all(|count| (850..1150).contains(count)), "{:?}", counts(1));
    }

    #[test]
    fn a_shuffle_loses_nothing() {
        let mut items: Vec<usize> = (0..100).collect();
        SplitMix64::new(3).shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
