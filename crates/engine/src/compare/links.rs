//! Links each seed to the best one before it.
//!
//! In: seeds in order of side b. Out: for each the seed before it in the best chain that ends with it, and what that is worth. The scores are those of
//! minimap2's chaining (Li 2018, section 2.1) on tokens: a seed's score is the best of its predecessors' scores, plus the tokens that it adds, less
//! what the gap between them costs. One loop; what it does most is written for any machine, and again for AVX2.
#![cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "instructions that are found at run time, and lists read eight at a time")
)]

use super::seeds::Seed;
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m256i, _mm_cvtsi128_si32, _mm_max_epi32, _mm_shuffle_epi32, _mm256_abs_epi32, _mm256_add_epi32, _mm256_and_si256,
    _mm256_andnot_si256, _mm256_blendv_epi8, _mm256_castsi256_si128, _mm256_extracti128_si256, _mm256_loadu_si256, _mm256_max_epi32,
    _mm256_mullo_epi32, _mm256_or_si256, _mm256_set1_epi32, _mm256_setr_epi32, _mm256_setzero_si256, _mm256_slli_epi32, _mm256_srai_epi32,
    _mm256_sub_epi32,
};

/// Longest gap between two seeds of a chain, on either side, in tokens.
pub(super) const LONGEST_GAP: i32 = 28;
/// Predecessors that are looked at.
pub(super) const LOOK_BACK: usize = 64;
/// Parts of a token in which scores are counted.
pub(super) const TOKEN: i32 = 20;
/// What a token of a gap costs that stands on both sides: 0.15.
pub(super) const SKIP_COST: i32 = 3;
/// What a token of a gap costs that stands on one side alone: 0.25.
pub(super) const DRIFT_COST: i32 = 5;
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

/// Seeds that are looked at together: mostly one group is enough.
pub(super) const GROUP: usize = 1 << PLACE_BITS;

/// What a seed is to those behind it.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// Place on side a less place on side b. In this list and the next four, `GROUP` stand before the first that nothing can follow.
    diagonal: Vec<i32>,
    end_b: Vec<i32>,
    length: Vec<i32>,
    /// Of the best chain that ends with it.
    pub(super) score: Vec<i32>,
    /// Where that begins on side b.
    pub(super) start_b: Vec<i32>,
    /// The seed before it, or itself.
    pub(super) before: Vec<u32>,
    /// How far the seeds before it reach on side b.
    furthest: Vec<u32>,
    /// For each seed whether a better chain than the best that ends with it goes on from it.
    pub(super) goes_on: Vec<bool>,
}

impl Links {
    /// Makes room for so many seeds.
    fn reset(&mut self, count: usize) {
        let Self { diagonal, end_b, length, score, start_b, before, furthest, goes_on } = self;
        if end_b.is_empty() {
            end_b.resize(GROUP, i32::MIN / 2);
        }
        for list in [diagonal, end_b, length, score, start_b] {
            list.resize(list.len().max(GROUP + count), 0);
        }
        for list in [before, furthest] {
            list.resize(list.len().max(count), 0);
        }
        goes_on.clear();
        goes_on.resize(count, false);
    }

    /// The score of the best chain that ends with one of a group of seeds and goes on with `seed`, and the position of that one: of equal ones the
    /// last. `behind` is the position behind the group. Tokens that both hold count once, for the first. If `same`, the sides do not overlap.
    #[inline(always)]
    #[expect(clippy::cast_possible_wrap, reason = "a text has fewer than 2^31 tokens")]
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
        unpacked(best, behind)
    }

    /// The same as [`Self::best`], line by line, eight lanes at a time: left to itself the compiler keeps to that in some builds only.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    #[inline]
    #[expect(clippy::cast_possible_wrap, reason = "a text has fewer than 2^31 tokens")]
    fn best_avx2<const SAME: bool>(&self, behind: usize, seed: Seed) -> (i32, u32) {
        const { assert!(GROUP == 8) };
        let all = |value: i32| _mm256_set1_epi32(value);
        let group = |list: &[i32]| -> __m256i {
            let group: &[i32; GROUP] = list[behind..].first_chunk().unwrap_or(&[0; GROUP]);
            // SAFETY: as many bytes are read as the array has.
            unsafe { _mm256_loadu_si256(group.as_ptr().cast()) }
        };
        // All ones where something is less than nothing.
        let negative = |values: __m256i| _mm256_srai_epi32::<31>(values);
        let negated = |values: __m256i| _mm256_sub_epi32(_mm256_setzero_si256(), values);
        let length = all(seed.length as i32);
        let drift = _mm256_sub_epi32(all(seed.a as i32 - seed.b as i32), group(&self.diagonal));
        let gap = _mm256_sub_epi32(all(seed.b as i32), group(&self.end_b));
        let gap = _mm256_add_epi32(gap, _mm256_and_si256(drift, negative(drift)));
        let drift = _mm256_abs_epi32(drift);
        let overlaps = negative(gap);
        let gap = _mm256_max_epi32(gap, all(-LONGEST_OVERLAP));
        let cost = _mm256_mullo_epi32(gap, _mm256_blendv_epi8(all(SKIP_COST), all(-TOKEN), overlaps));
        let cost = _mm256_add_epi32(cost, _mm256_mullo_epi32(drift, all(DRIFT_COST)));
        let score = _mm256_sub_epi32(_mm256_add_epi32(group(&self.score), all(earned(seed.length))), cost);
        let is_short = |values: __m256i| _mm256_sub_epi32(values, all(LONGEST_GAP + 1));
        // The signs of all that have to be less than nothing, and of what must not be.
        let both = _mm256_and_si256(negated(_mm256_add_epi32(gap, length)), negated(_mm256_add_epi32(gap, group(&self.length))));
        let both = _mm256_and_si256(both, _mm256_and_si256(is_short(_mm256_add_epi32(gap, drift)), is_short(drift)));
        let mut follows = _mm256_andnot_si256(drift, both);
        if SAME {
            let end_a = all((seed.a + seed.length) as i32);
            follows = _mm256_andnot_si256(_mm256_sub_epi32(group(&self.start_b), end_a), follows);
        }
        let score = _mm256_blendv_epi8(all(NOTHING), score, negative(follows));
        let packed = _mm256_or_si256(_mm256_slli_epi32::<{ PLACE_BITS as i32 }>(score), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
        let best = _mm_max_epi32(_mm256_castsi256_si128(packed), _mm256_extracti128_si256::<1>(packed));
        let best = _mm_max_epi32(best, _mm_shuffle_epi32::<0b01_00_11_10>(best));
        let best = _mm_max_epi32(best, _mm_shuffle_epi32::<0b10_11_00_01>(best));
        unpacked(_mm_cvtsi128_si32(best), behind)
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

    /// Links each of `seeds`, which stand in order of `b`, to the best one before it. If they are of one document with itself (`same`), the two sides of a
    /// chain do not overlap.
    pub(super) fn link(&mut self, seeds: &[Seed], same: bool) {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            // SAFETY: it has just been detected.
            return unsafe { self.link_avx2(seeds, same) };
        }
        self.link_any(seeds, same);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn link_avx2(&mut self, seeds: &[Seed], same: bool) {
        if same {
            self.link_each(seeds, |links, behind, seed| links.best_avx2::<true>(behind, seed));
        } else {
            self.link_each(seeds, |links, behind, seed| links.best_avx2::<false>(behind, seed));
        }
    }

    pub(super) fn link_any(&mut self, seeds: &[Seed], same: bool) {
        if same { self.link_each(seeds, Self::best::<true>) } else { self.link_each(seeds, Self::best::<false>) }
    }

    #[inline(always)]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "fewer than 2^32 seeds; a text has fewer than 2^31 tokens"
    )]
    fn link_each(&mut self, seeds: &[Seed], best_of: impl Fn(&Self, usize, Seed) -> (i32, u32)) {
        self.reset(seeds.len());
        let (mut furthest, mut first) = (0, 0);
        for (at, &seed) in seeds.iter().enumerate() {
            // Those before `first` end too far away, all of them.
            while first + 1 < at && self.furthest[first + 1] + LONGEST_GAP.unsigned_abs() < seed.b {
                first += 1;
            }
            let from = first.max(at.saturating_sub(LOOK_BACK));
            let alone = earned(seed.length);
            let (mut score, mut before, mut behind) = (alone, at as u32, at);
            // Often nothing is near.
            while furthest + LONGEST_GAP.unsigned_abs() >= seed.b {
                let (best, place) = best_of(self, behind, seed);
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
                start_b = self.start_b[GROUP + before as usize];
                self.goes_on[before as usize] |= score > self.score[GROUP + before as usize];
            }
            self.set(at, seed, Link { score, before, start_b, furthest });
            furthest = furthest.max(seed.b + seed.length);
        }
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

/// The score of a chain, and the position of its last seed, from the score with the place in the group that ends before `behind`.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "packed; fewer than 2^32 seeds")]
fn unpacked(best: i32, behind: usize) -> (i32, u32) {
    let at = best as u32 % GROUP as u32;
    (best >> PLACE_BITS, (behind as u32 + at).saturating_sub(GROUP as u32))
}

/// What so many tokens earn.
#[inline(always)]
#[expect(clippy::cast_possible_wrap, reason = "at most 2^25")]
pub(super) const fn earned(tokens: u32) -> i32 {
    (if tokens < LONGEST { tokens } else { LONGEST }) as i32 * TOKEN
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// As on any machine, also where seeds are too long to earn more, or overlap by more than any chain earns.
        #[test]
        fn long_seeds_are_linked_alike(
            drawn in prop::collection::vec((0..4_u32, 0..4_u32, prop_oneof![1..9_u32, LONGEST - 2..LONGEST + 3, LONGEST * 8..LONGEST * 9]), 0..40), same in any::<bool>(),
        ) {
            let mut seeds: Vec<Seed> = drawn.iter().map(|&(a, b, length)| Seed { a: a * LONGEST + a, b: b * LONGEST + b, length }).collect();
            seeds.sort_unstable_by_key(|seed| (seed.b, seed.a, seed.length));
            let (mut here, mut anywhere) = (Links::default(), Links::default());
            here.link(&seeds, same);
            anywhere.link_any(&seeds, same);
            let linked = |links: &Links| (0..seeds.len()).map(|at| (links.score[GROUP + at], links.before[at], links.start_b[GROUP + at], links.goes_on[at])).collect::<Vec<_>>();
            prop_assert_eq!(linked(&here), linked(&anywhere));
        }
    }
}
