//! Chains of seeds that stand in order on both sides, close together: the cores of passages.
//!
//! The chaining is minimap2's (Li 2018, section 2.1) on tokens: a seed's score is the best of its predecessors' scores, plus the
//! tokens that it adds, less what the gap between them costs; chains are read off from the best ends. Each seed is in one chain.

use super::seeds::Seed;

/// Longest gap between two seeds of a chain, on either side, in tokens.
const LONGEST_GAP: u32 = 28;
/// Predecessors that are looked at.
const LOOK_BACK: usize = 64;
/// Seeds of two documents that are shorter than this are no chain alone.
const LEAST_ALONE: u32 = 4;
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
    /// How far the seeds before it reach on side b.
    furthest: u32,
    used: bool,
}

/// The chains of `seeds`, which stand in order of `b`; each as its runs, in order. If the seeds are of one document with itself
/// (`same`), the two sides of a chain do not overlap.
#[expect(clippy::cast_possible_truncation, reason = "fewer than 2^32 seeds")]
pub(super) fn chains(seeds: &[Seed], same: bool) -> Vec<Vec<Run>> {
    let mut links: Vec<Link> = Vec::with_capacity(seeds.len());
    let mut furthest = 0;
    for (at, &seed) in seeds.iter().enumerate() {
        let mut best = Link { score: seed.length as f32, before: at as u32, start_b: seed.b, furthest, used: false };
        for from in (at.saturating_sub(LOOK_BACK)..at).rev() {
            let (previous, link) = (seeds[from], &links[from]);
            if link.score + seed.length as f32 > best.score {
                let score = link.score + gain(previous, seed);
                let apart = !same || seed.a + seed.length <= link.start_b;
                if score > best.score && apart {
                    best = Link { score, before: from as u32, start_b: link.start_b, ..best };
                }
            }
            if seed.b > link.furthest + LONGEST_GAP {
                break;
            }
        }
        furthest = furthest.max(seed.b + seed.length);
        links.push(best);
    }
    // Between two documents most seeds stand alone, and mean nothing then.
    read_off(seeds, &mut links, if same { 0 } else { LEAST_ALONE })
}

/// What `seed` adds to a chain that ends in `previous`; minus infinity if it cannot follow. Tokens that both hold count once.
fn gain(previous: Seed, seed: Seed) -> f32 {
    // Most are too far away on side a, before or behind.
    if seed.a.wrapping_sub(previous.a) > previous.length + LONGEST_GAP || seed.a == previous.a || seed.b <= previous.b {
        return f32::NEG_INFINITY;
    }
    let (end_a, end_b) = (previous.a + previous.length, previous.b + previous.length);
    let cut = end_a.saturating_sub(seed.a).max(end_b.saturating_sub(seed.b));
    if cut >= seed.length {
        return f32::NEG_INFINITY;
    }
    let (gap_a, gap_b) = (seed.a + cut - end_a, seed.b + cut - end_b);
    let (near, far) = (gap_a.min(gap_b), gap_a.max(gap_b));
    if far > LONGEST_GAP {
        return f32::NEG_INFINITY;
    }
    (seed.length - cut) as f32 - SKIP_COST * near as f32 - DRIFT_COST * (far - near) as f32
}

/// Chains of one seed that is shorter than `least` are left out.
fn read_off(seeds: &[Seed], links: &mut [Link], least: u32) -> Vec<Vec<Run>> {
    let is_chain = |&at: &u32| links[at as usize].before != at || seeds[at as usize].length >= least;
    let mut order: Vec<u32> = (0..).take(links.len()).filter(is_chain).collect();
    order.sort_unstable_by(|&x, &y| links[y as usize].score.total_cmp(&links[x as usize].score).then(x.cmp(&y)));
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
        let (mut a, mut b, mut length) = (seed.a as usize, seed.b as usize, seed.length as usize);
        if let Some(last) = runs.last_mut() {
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
    runs
}
