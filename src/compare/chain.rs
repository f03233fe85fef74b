//! Chains of seeds that stand in order on both sides, close together: the cores of passages.
//!
//! The chaining is minimap2's (Li 2018, section 2.1) on tokens: a seed's score is the best of its predecessors' scores, plus the
//! tokens that it adds, less what the gap between them costs; chains are read off from the best ends. Each seed is in one chain.

use super::seeds::Seed;

/// Longest gap between two seeds of a chain, on either side, in tokens.
const LONGEST_GAP: i32 = 28;
/// Predecessors that are looked at.
const LOOK_BACK: usize = 64;
/// Seeds of two documents that are shorter than this are no chain alone.
const LEAST_ALONE: u32 = 4;
/// Parts of a token in which scores are counted.
const TOKEN: i32 = 20;
/// What a token of a gap costs that stands on both sides: 0.15.
const SKIP_COST: i32 = 3;
/// What a token of a gap costs that stands on one side alone: 0.25.
const DRIFT_COST: i32 = 5;
/// Bits below a score in which the place in its group stands.
const PLACE_BITS: u32 = 3;
/// The score of a chain that a seed cannot follow.
const NOTHING: i32 = i32::MIN >> PLACE_BITS;
/// A longer seed earns no more than one of this length, and a chain no more than this: scores and places stay in 32 bits. Nothing but a text of dozens of
/// megabytes that repeats itself has such.
const LONGEST: u32 = 1 << LONGEST_BITS;
const LONGEST_BITS: u32 = 22;
const MOST: i32 = 1 << 27;
/// An overlap that costs more than any chain earns.
const LONGEST_OVERLAP: i32 = 2 << LONGEST_BITS;
const _: () = assert!(LONGEST_OVERLAP as i64 * TOKEN as i64 > MOST as i64 && (MOST + earned(LONGEST)) as i64 <= -(NOTHING as i64));

/// A run of equal tokens on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) a: usize,
    pub(super) b: usize,
    pub(super) length: usize,
}

/// Seeds that are looked at together: mostly one group is enough.
const GROUP: usize = 1 << PLACE_BITS;

/// What a seed is to those behind it.
#[derive(Debug, Default)]
struct Links {
    /// Place on side a less place on side b. In this list and the next four, `GROUP` stand before the first that nothing can follow.
    diagonal: Vec<i32>,
    end_b: Vec<i32>,
    length: Vec<i32>,
    /// Of the best chain that ends with it.
    score: Vec<i32>,
    /// Where that begins on side b.
    start_b: Vec<i32>,
    /// The seed before it, or itself.
    before: Vec<u32>,
    /// How far the seeds before it reach on side b.
    furthest: Vec<u32>,
}

impl Links {
    /// Makes room for so many seeds.
    fn reset(&mut self, count: usize) {
        let Self { diagonal, end_b, length, score, start_b, before, furthest } = self;
        if end_b.is_empty() {
            end_b.resize(GROUP, i32::MIN / 2);
        }
        for list in [diagonal, end_b, length, score, start_b] {
            list.resize(list.len().max(GROUP + count), 0);
        }
        for list in [before, furthest] {
            list.resize(list.len().max(count), 0);
        }
    }

    /// The score of the best chain that ends with one of a group of seeds and goes on with `seed`, and the position of that one: of equal ones the
    /// last. `behind` is the position behind the group. Tokens that both hold count once, for the first. If `same`, the sides do not overlap.
    #[inline(always)]
    #[expect(
        clippy::cast_possible_wrap,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a text has fewer than 2^31 tokens; packed"
    )]
    fn best<const SAME: bool>(&self, behind: usize, seed: Seed) -> (i32, u32) {
        let (diagonal, start_b, length) = (seed.a as i32 - seed.b as i32, seed.b as i32, seed.length as i32);
        let earned = earned(seed.length);
        // The lists begin `GROUP` before the first seed.
        let group = |list: &'_ [i32]| -> [i32; GROUP] { list[behind..].first_chunk().copied().unwrap_or_default() };
        let (diagonals, ends_b, lengths) = (group(&self.diagonal), group(&self.end_b), group(&self.length));
        let (mut scores, starts_b) = (group(&self.score), if SAME { group(&self.start_b) } else { [0; GROUP] });
        let end_a = (seed.a + seed.length) as i32;
        for at in 0..GROUP {
            // By so much the gap is longer on one side; so long it is on the other, less than nothing if the two overlap. All ones where something is
            // less than nothing: no branch, and many lanes at a time.
            let negative = |value: i32| value >> (i32::BITS - 1);
            let drift = diagonal.wrapping_sub(diagonals[at]);
            let gap = start_b.wrapping_sub(ends_b[at]).wrapping_add(drift & negative(drift));
            let drift = (drift ^ negative(drift)).wrapping_sub(negative(drift));
            let overlaps = negative(gap);
            let gap = gap.max(-LONGEST_OVERLAP);
            let cost = (SKIP_COST.wrapping_mul(gap) & !overlaps) | ((-TOKEN).wrapping_mul(gap) & overlaps);
            let score = scores[at].wrapping_add(earned).wrapping_sub(cost).wrapping_sub(DRIFT_COST.wrapping_mul(drift));
            let follows = negative(gap.wrapping_add(length).wrapping_neg())
                & negative(gap.wrapping_add(lengths[at]).wrapping_neg())
                & negative(gap.wrapping_add(drift).wrapping_sub(LONGEST_GAP + 1))
                & negative(drift.wrapping_sub(LONGEST_GAP + 1))
                & !negative(drift)
                & if SAME { !negative(starts_b[at].wrapping_sub(end_a)) } else { -1 };
            scores[at] = (score & follows) | (NOTHING & !follows);
        }
        let mut best = i32::MIN;
        for (at, score) in (0..).zip(scores) {
            best = best.max(score << PLACE_BITS | at);
        }
        let at = best as u32 % GROUP as u32;
        (best >> PLACE_BITS, (behind as u32 + at).saturating_sub(GROUP as u32))
    }

    #[inline(always)]
    #[expect(clippy::cast_possible_wrap, reason = "a text has fewer than 2^31 tokens")]
    fn set(&mut self, at: usize, seed: Seed, link: Link) {
        self.diagonal[GROUP + at] = seed.a as i32 - seed.b as i32;
        self.end_b[GROUP + at] = (seed.b + seed.length) as i32;
        self.length[GROUP + at] = seed.length as i32;
        self.score[GROUP + at] = link.score;
        self.start_b[GROUP + at] = link.start_b;
        self.before[at] = link.before;
        self.furthest[at] = link.furthest;
    }
}

/// The best chain that ends with a seed, as in [`Links`].
#[derive(Clone, Copy)]
struct Link {
    score: i32,
    before: u32,
    start_b: i32,
    furthest: u32,
}

/// Chains seeds; keeps its tables.
#[derive(Debug, Default)]
pub(super) struct Chainer {
    links: Links,
    /// For each seed whether a better chain than the best that ends with it goes on from it.
    goes_on: Vec<bool>,
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
        if same {
            self.link::<true>(seeds)
        } else {
            self.link::<false>(seeds)
        }
        // Between two documents most seeds stand alone, and mean nothing then.
        self.read_off(seeds, if same { 0 } else { LEAST_ALONE });
    }

    /// The chains that were read off, the best first, each as its runs in order.
    pub(super) fn chains(&self) -> impl Iterator<Item = &[Run]> {
        let starts = [0].into_iter().chain(self.counts.iter().copied());
        starts.zip(&self.counts).map(|(start, &end)| &self.runs[start..end])
    }

    /// Links each seed to the best one before it.
    #[expect(clippy::cast_possible_truncation, reason = "fewer than 2^32 seeds, and unpacked")]
    fn link<const SAME: bool>(&mut self, seeds: &[Seed]) {
        let Self { links, goes_on, .. } = self;
        links.reset(seeds.len());
        goes_on.clear();
        goes_on.resize(seeds.len(), false);
        let (mut furthest, mut first) = (0, 0);
        for (at, &seed) in seeds.iter().enumerate() {
            // Those before `first` end too far away, all of them.
            while first + 1 < at && links.furthest[first + 1] + LONGEST_GAP.unsigned_abs() < seed.b {
                first += 1;
            }
            let from = first.max(at.saturating_sub(LOOK_BACK));
            let alone = earned(seed.length);
            let (mut score, mut before, mut behind) = (alone, at as u32, at);
            // Often nothing is near.
            while furthest + LONGEST_GAP.unsigned_abs() >= seed.b {
                let (best, place) = links.best::<SAME>(behind, seed);
                if best > score {
                    (score, before) = (best, place);
                }
                if behind <= from + GROUP {
                    break;
                }
                behind -= GROUP;
            }
            let score = score.min(MOST);
            let mut start_b = seed.b as i32;
            if before as usize != at {
                start_b = links.start_b[GROUP + before as usize];
                goes_on[before as usize] |= score > links.score[GROUP + before as usize];
            }
            links.set(at, seed, Link { score, before, start_b, furthest });
            furthest = furthest.max(seed.b + seed.length);
        }
    }

    /// Reads off the chains, the best first. Chains of one seed that is shorter than `least` are left out.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "packed; scores are positive")]
    fn read_off(&mut self, seeds: &[Seed], least: u32) {
        let Self { links, goes_on, is_used, ends, chain, runs, counts } = self;
        ends.clear();
        runs.clear();
        counts.clear();
        is_used.clear();
        is_used.resize(seeds.len(), false);
        for (at, (seed, (&before, &score))) in (0..).zip(seeds.iter().zip(links.before.iter().zip(&links.score[GROUP..]))) {
            // Where a better chain goes on the seed is read off with that.
            if !goes_on[at as usize] && (before != at || seed.length >= least) {
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

/// What so many tokens earn.
#[inline(always)]
#[expect(clippy::cast_possible_wrap, reason = "at most 2^25")]
const fn earned(tokens: u32) -> i32 {
    (if tokens < LONGEST { tokens } else { LONGEST }) as i32 * TOKEN
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
            let mut ends: Vec<usize> = (0..seeds.len()).filter(|&at| same || links[at].1 != at || seeds[at].length >= LEAST_ALONE).collect();
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
