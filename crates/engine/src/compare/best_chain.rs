//! The chain of seeds whose words are worth most, however many they are.
//!
//! In: seeds in order of side b, and what each is worth. Out: the last seed of that chain, if it is worth enough. It is in order on both sides, and pays
//! for what lies between its seeds.

use super::seeds::Seed;
use super::words::BIT;

/// What a token between two seeds of a chain costs: some of them match.
const GAP: i32 = BIT / 4;
/// Seeds before one that it may be chained to.
const LOOKBACK: usize = 16;
/// A gap that no chain pays for.
const FAR: i32 = 1 << 24;

/// Finds the best chain; keeps its lists. Each has `LOOKBACK` entries before the first seed that nothing can follow.
#[derive(Debug, Default)]
pub(super) struct BestChain {
    ends_a: Vec<i32>,
    ends_b: Vec<i32>,
    /// Of the best chain that ends with a seed.
    worth: Vec<i32>,
}

impl BestChain {
    /// The last seed of the chain of `seeds` that is worth most, of equal ones of the first, if that is `least` or more. Linear.
    #[expect(clippy::cast_possible_wrap, reason = "a text has fewer than 2^31 tokens")]
    pub(super) fn find(&mut self, seeds: &[Seed], least: i32, worth: impl Fn(&Seed) -> i32) -> Option<Seed> {
        for (list, none) in [(&mut self.ends_a, i32::MAX), (&mut self.ends_b, i32::MAX), (&mut self.worth, 0)] {
            list.clear();
            list.resize(LOOKBACK, none);
        }
        let mut best = (least - 1, None);
        for (at, seed) in seeds.iter().enumerate() {
            let worth = worth(seed) + self.linked(at, [seed.a as i32, seed.b as i32]);
            self.worth.push(worth);
            self.ends_a.push((seed.a + seed.length) as i32);
            self.ends_b.push((seed.b + seed.length) as i32);
            if worth > best.0 {
                best = (worth, Some(*seed));
            }
        }
        best.1
    }

    /// What the best chain that a seed follows brings it, 0 at least. No branch, and many lanes at a time.
    #[inline(always)]
    fn linked(&self, at: usize, [start_a, start_b]: [i32; 2]) -> i32 {
        let before = |list: &[i32]| -> [i32; LOOKBACK] { list[at..].first_chunk().copied().unwrap_or_default() };
        let (ends_a, ends_b, worth) = (before(&self.ends_a), before(&self.ends_b), before(&self.worth));
        let mut best = 0;
        for at in 0..LOOKBACK {
            let (gap_a, gap_b) = (start_a.wrapping_sub(ends_a[at]), start_b.wrapping_sub(ends_b[at]));
            // All ones where it stands behind on both sides.
            let follows = !((gap_a | gap_b) >> (i32::BITS - 1));
            best = best.max((worth[at] - GAP * (gap_a.min(FAR).wrapping_add(gap_b.min(FAR)))) & follows);
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_best_of_all_chains(mut seeds in prop::collection::vec((0..90_u32, 0..90_u32, 1..4_u32), 0..50), scale in 1..40_i32, least in 0..300_i32) {
            seeds.sort_unstable_by_key(|seed| seed.1);
            let seeds: Vec<Seed> = seeds.into_iter().map(|(a, b, length)| Seed { a, b, length }).collect();
            let worth = |seed: &Seed| scale * i32::try_from(seed.length + seed.a % 5).unwrap();
            let mut chains: Vec<i32> = Vec::new();
            for (at, seed) in seeds.iter().enumerate() {
                let from = at.saturating_sub(LOOKBACK);
                let linked = (from..at).filter(|&before| seeds[before].a + seeds[before].length <= seed.a && seeds[before].b + seeds[before].length <= seed.b);
                let gaps = |before: &Seed| i32::try_from(seed.a - before.a - before.length + seed.b - before.b - before.length).unwrap();
                let linked = linked.map(|before| chains[before] - GAP * gaps(&seeds[before])).max().unwrap_or(0).max(0);
                chains.push(worth(seed) + linked);
            }
            let most = chains.iter().copied().max().unwrap_or(0);
            let expected = chains.iter().position(|&chain| chain == most).filter(|_| most >= least).map(|at| seeds[at]);
            let mut finder = BestChain::default();
            // What was left by another is of no matter.
            finder.find(&[Seed { a: 1, b: 2, length: 3 }; 40], 0, |_| 90);
            prop_assert_eq!(finder.find(&seeds, least, worth), expected);
        }
    }
}
