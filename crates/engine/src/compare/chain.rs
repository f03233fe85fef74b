//! Chains of seeds that stand in order on both sides, close together: the cores of passages.
//!
//! In: seeds. Out: chains as runs of equal tokens. Seeds are linked first ([`super::links`]); then chains are read off from the best ends. Each seed
//! is in one chain.

use super::links::{GROUP, Links};
use super::seeds::Seed;

/// Shorter seeds are no chain alone: most stand alone, and mean nothing then.
const LEAST_ALONE: u32 = 4;

/// A run of equal tokens on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) a: usize,
    pub(super) b: usize,
    pub(super) length: usize,
}

/// Chains seeds; keeps its tables.
#[derive(Debug, Default)]
pub(super) struct Chainer {
    links: Links,
    is_used: Vec<bool>,
    /// Ends of chains, in the lower half, by their scores.
    ends: Vec<u64>,
    /// Seeds of one chain, the last first.
    chain: Vec<Seed>,
    /// The chains that were read off, one behind the other, each in order.
    runs: Vec<Run>,
    /// For each chain how many runs it and those before it have.
    counts: Vec<usize>,
}

impl Chainer {
    /// Reads off the chains of `seeds`, which stand in order of `b`. If the seeds are of one document with itself (`same`), the two sides of a chain
    /// do not overlap.
    pub(super) fn chain(&mut self, seeds: &[Seed], same: bool) {
        self.links.link(seeds, same);
        self.read_off(seeds);
    }

    /// The chains that were read off, the best first, each as its runs in order.
    pub(super) fn chains(&self) -> impl Iterator<Item = &[Run]> {
        let starts = [0].into_iter().chain(self.counts.iter().copied());
        starts.zip(&self.counts).map(|(start, &end)| &self.runs[start..end])
    }

    /// Reads off the chains, the best first.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "packed; scores are positive")]
    fn read_off(&mut self, seeds: &[Seed]) {
        let Self { links, is_used, ends, chain, runs, counts } = self;
        ends.clear();
        runs.clear();
        counts.clear();
        is_used.clear();
        is_used.resize(seeds.len(), false);
        for (at, (seed, (&before, &score))) in (0..).zip(seeds.iter().zip(links.before.iter().zip(&links.score[GROUP..]))) {
            // Where a better chain goes on the seed is read off with that.
            if !links.goes_on[at as usize] && (before != at || seed.length >= LEAST_ALONE) {
                ends.push(u64::from(u32::MAX - score as u32) << 32 | u64::from(at));
            }
        }
        ends.sort_unstable();
        for &end in &*ends {
            let mut at = end as u32 as usize;
            chain.clear();
            while !std::mem::replace(&mut is_used[at], true) {
                chain.push(seeds[at]);
                at = links.before[at] as usize;
            }
            if !chain.is_empty() {
                add_runs(chain.iter().rev(), runs);
                counts.push(runs.len());
            }
        }
    }
}

/// Adds the runs of a chain: seeds that overlap on one diagonal joined, seeds that overlap on two cut.
fn add_runs<'a>(seeds: impl Iterator<Item = &'a Seed>, runs: &mut Vec<Run>) {
    let first = runs.len();
    for seed in seeds {
        let (mut a, mut b, mut length) = (seed.a as usize, seed.b as usize, seed.length as usize);
        if let Some(last) = runs[first..].last_mut() {
            let end = (last.a + last.length, last.b + last.length);
            if a <= end.0 && b <= end.1 && a + end.1 == b + end.0 {
                last.length = last.length.max(a + length - last.a);
                continue;
            }
            let cut = end.0.saturating_sub(a).max(end.1.saturating_sub(b));
            (a, b, length) = (a + cut, b + cut, length.saturating_sub(cut));
        }
        if length > 0 {
            runs.push(Run { a, b, length });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::links::{DRIFT_COST, LONGEST_GAP, LOOK_BACK, SKIP_COST, TOKEN, earned};
    use proptest::prelude::*;
    use std::cmp::Reverse;

    /// What `seed` adds to a chain that ends in `previous`, by the definition; None if it cannot follow.
    fn gain(previous: Seed, seed: Seed) -> Option<i32> {
        let [before, next] = [previous, seed].map(|seed| [seed.a, seed.b].map(i64::from));
        let [length, previous_length] = [seed.length, previous.length].map(i64::from);
        let cut = (0..2).map(|side| before[side] + previous_length - next[side]).max().unwrap().max(0);
        let gaps = [0, 1].map(|side| next[side] + cut - before[side] - previous_length);
        let (near, far) = (gaps[0].min(gaps[1]), gaps[0].max(gaps[1]));
        let follows = next[0] > before[0] && next[1] > before[1] && cut < length && far <= i64::from(LONGEST_GAP);
        let score = (length - cut) * i64::from(TOKEN) - near * i64::from(SKIP_COST) - (far - near) * i64::from(DRIFT_COST);
        follows.then(|| i32::try_from(score).unwrap())
    }

    fn seeds() -> impl Strategy<Value = Vec<Seed>> {
        let seed = (0..70_u32, 0..90_u32, 1..9_u32).prop_map(|(a, b, length)| Seed { a, b, length });
        prop::collection::vec(seed, 0..60).prop_map(|mut seeds| {
            seeds.sort_unstable_by_key(|seed| (seed.b, seed.a, seed.length));
            seeds
        })
    }

    proptest! {
        #[test]
        fn seeds_follow_the_best_before_them(seeds in seeds(), same in any::<bool>()) {
            let mut chainer = Chainer::default();
            // What another document left is of no matter.
            chainer.chain(&[Seed { a: 5, b: 5, length: 60 }; 30], false);
            chainer.chain(&seeds, same);
            let linked = |links: &Links| (0..seeds.len()).map(|at| (links.score[GROUP + at], links.before[at], links.start_b[GROUP + at], links.goes_on[at])).collect::<Vec<_>>();
            let mut others = Links::default();
            others.link_any(&seeds, same);
            prop_assert_eq!(linked(&chainer.links), linked(&others), "as on any machine");
            let mut links: Vec<(i32, usize, u32)> = Vec::new();
            for (at, &seed) in seeds.iter().enumerate() {
                let mut best = (earned(seed.length), at, seed.b);
                for before in (0..at).rev().take(LOOK_BACK) {
                    let (score, _, start_b) = links[before];
                    let is_apart = !same || seed.a + seed.length <= start_b;
                    if let Some(gain) = gain(seeds[before], seed).filter(|gain| is_apart && score + gain > best.0) {
                        best = (score + gain, before, start_b);
                    }
                }
                links.push(best);
            }
            let found = (0..seeds.len()).map(|at| (chainer.links.score[GROUP + at], chainer.links.before[at] as usize, u32::try_from(chainer.links.start_b[GROUP + at]).unwrap()));
            prop_assert_eq!(&found.collect::<Vec<_>>(), &links);
            // Read off from every end, the best first.
            let mut ends: Vec<usize> = (0..seeds.len()).filter(|&at| links[at].1 != at || seeds[at].length >= LEAST_ALONE).collect();
            ends.sort_by_key(|&at| (Reverse(links[at].0), at));
            let (mut is_used, mut chains) = (vec![false; seeds.len()], Vec::new());
            for mut at in ends {
                let mut chain = Vec::new();
                while !std::mem::replace(&mut is_used[at], true) {
                    chain.push(seeds[at]);
                    at = links[at].1;
                }
                let mut runs = Vec::new();
                add_runs(chain.iter().rev(), &mut runs);
                chains.extend((!chain.is_empty()).then_some(runs));
            }
            prop_assert_eq!(chainer.chains().map(<[Run]>::to_vec).collect::<Vec<_>>(), chains);
            // The runs of a chain are in order on both sides.
            for chain in chainer.chains() {
                prop_assert!(chain.windows(2).all(|pair| pair[0].a + pair[0].length <= pair[1].a && pair[0].b + pair[0].length <= pair[1].b));
            }
        }
    }
}
