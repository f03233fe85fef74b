//! Chains of seeds that stand in order on both sides, close together: the cores of passages.
//!
//! The chaining is minimap2's (Li 2018, section 2.1) on tokens: a seed's score is the best of its predecessors' scores, plus the
//! tokens that it adds, less what the gap between them costs; chains are read off from the best ends. Each seed is in one chain.

use super::seeds::{SEED, SEED_TOKENS, Seed};

/// Longest gap between two seeds of a chain, on either side, in tokens.
const LONGEST_GAP: u32 = 28;
/// Predecessors that are looked at.
const LOOK_BACK: usize = 64;
/// What a token of a gap costs that stands on both sides.
const SKIP_COST: f32 = 0.15;
/// What a token of a gap costs that stands on one side alone.
const DRIFT_COST: f32 = 0.25;

/// A run of equal tokens on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) a: usize,
    pub(super) b: usize,
    pub(super) length: usize,
}

struct Link {
    score: f32,
    /// The seed before it, or itself.
    before: u32,
    /// Where the chain begins on side b.
    start_b: u32,
    used: bool,
}

/// The chains of `seeds` of one document with itself, which stand in order of `b`; each as its runs, in order. The two sides of a
/// chain do not overlap.
#[expect(clippy::cast_possible_truncation, reason = "fewer than 2^32 seeds")]
pub(super) fn chains(seeds: &[Seed]) -> Vec<Vec<Run>> {
    let mut links: Vec<Link> = Vec::with_capacity(seeds.len());
    for (at, &seed) in seeds.iter().enumerate() {
        let mut best = Link { score: SEED as f32, before: at as u32, start_b: seed.b, used: false };
        for from in (at.saturating_sub(LOOK_BACK)..at).rev() {
            let previous = seeds[from];
            if seed.b - previous.b > LONGEST_GAP + SEED_TOKENS {
                break;
            }
            let score = links[from].score + gain(previous, seed);
            let apart = seed.a + SEED_TOKENS <= links[from].start_b;
            if score > best.score && apart {
                best = Link { score, before: from as u32, start_b: links[from].start_b, used: false };
            }
        }
        links.push(best);
    }
    read_off(seeds, &mut links)
}

/// What `seed` adds to a chain that ends in `previous`; minus infinity if it cannot follow.
fn gain(previous: Seed, seed: Seed) -> f32 {
    if seed.a <= previous.a || seed.b <= previous.b {
        return f32::NEG_INFINITY;
    }
    let (ahead_a, ahead_b) = (seed.a - previous.a, seed.b - previous.b);
    let (near, far) = (ahead_a.min(ahead_b), ahead_a.max(ahead_b));
    if far > LONGEST_GAP + SEED_TOKENS {
        return f32::NEG_INFINITY;
    }
    near.min(SEED_TOKENS) as f32 - SKIP_COST * near.saturating_sub(SEED_TOKENS) as f32 - DRIFT_COST * (far - near) as f32
}

fn read_off(seeds: &[Seed], links: &mut [Link]) -> Vec<Vec<Run>> {
    let mut order: Vec<u32> = (0..).take(links.len()).collect();
    order.sort_by(|&x, &y| links[y as usize].score.total_cmp(&links[x as usize].score).then(x.cmp(&y)));
    let mut chains = Vec::new();
    for end in order {
        let mut at = end as usize;
        let mut chain = Vec::new();
        while !links[at].used {
            links[at].used = true;
            chain.push(seeds[at]);
            at = links[at].before as usize;
        }
        if !chain.is_empty() {
            chains.push(runs(chain.iter().rev()));
        }
    }
    chains
}

/// Seeds that overlap on one diagonal, joined; seeds that overlap on two, cut.
fn runs<'a>(seeds: impl Iterator<Item = &'a Seed>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for seed in seeds {
        let (mut a, mut b, mut length) = (seed.a as usize, seed.b as usize, SEED);
        if let Some(last) = runs.last_mut() {
            let end = (last.a + last.length, last.b + last.length);
            if a <= end.0 && b <= end.1 && a + end.1 == b + end.0 {
                last.length = a + SEED - last.a;
                continue;
            }
            let cut = end.0.saturating_sub(a).max(end.1.saturating_sub(b));
            (a, b, length) = (a + cut, b + cut, SEED.saturating_sub(cut));
        }
        if length > 0 {
            runs.push(Run { a, b, length });
        }
    }
    runs
}
