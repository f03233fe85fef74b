//! Passages: stretches that stand twice, aligned token by token, edits and gaps allowed.
//!
//! In: token hashes. Out: pairs of token ranges with the number of tokens that match. Seeds are chained, chains extended over
//! edits, neighbours joined, and each token of a later copy told once, against the earliest place that explains it.

use super::chain::{Run, chains};
use super::extend::{Extender, common};
use super::seeds::{Loop, SEED, Seed, SeedFinder};
use std::collections::BTreeMap;
use std::ops::Range;

/// A stretch of tokens and an earlier one that it is aligned with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Tokens of the earlier place.
    pub a: Range<usize>,
    /// Tokens of the later one; begins at or after the end of `a`.
    pub b: Range<usize>,
    /// Tokens that match, in order.
    pub matched: usize,
}

impl Passage {
    /// Matched tokens over the longer side's tokens, in [0, 1].
    #[must_use]
    pub fn similarity(&self) -> f64 {
        self.matched as f64 / self.a.len().max(self.b.len()).max(1) as f64
    }
}

/// A passage of fewer matched tokens is noise to the joining of neighbours.
const LEAST_MATCHED: usize = 6;
/// Least similarity of a passage.
const LEAST_SIMILARITY: f64 = 0.5;
/// A passage less alike than this gives way to its core, where that is more alike, and to what stands twice word for word.
const WEAK_SIMILARITY: f64 = 0.7;
/// Gap on the nearer side over which two neighbours are one passage.
const JOIN_NEAR: usize = 16;

/// Finds passages; keeps its tables between documents.
#[derive(Debug, Default)]
pub struct Aligner {
    seeds: SeedFinder,
    extender: Extender,
}

impl Aligner {
    /// An aligner with empty tables.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The passages of one document that stand in it before, in order of `b`, and its loops. Passages do not overlap on side b.
    /// Time linear in the document, also where it is one word over and over.
    pub fn within(&mut self, tokens: &[u64]) -> (Vec<Passage>, &[Loop]) {
        let Self { seeds, extender } = self;
        seeds.within(tokens);
        // First what is explained by the first place where it stands; then, in what is left, by nearer places.
        let mut told = apart(distinct(passages(extender, tokens, &seeds.to_first)), Vec::new());
        // Where nothing stands three times, the nearer places are the first ones, and were looked at.
        let left = if told.is_empty() && seeds.to_nearest == seeds.to_first { Vec::new() } else { untold(&seeds.to_nearest, &told) };
        if !left.is_empty() {
            told = apart(distinct(passages(extender, tokens, &left)), told);
        }
        // Among few distinct words chance passages hide real ones: what stands twice word for word comes before what is hardly alike.
        let (alike, weak): (Vec<_>, Vec<_>) = told.into_iter().partition(|passage| passage.similarity() >= WEAK_SIMILARITY);
        let left = untold(&seeds.long(tokens), &alike);
        told = if left.is_empty() { alike } else { apart(distinct(passages(extender, tokens, &left)), alike) };
        told = apart(weak, told);
        (join(tokens, told), &seeds.loops)
    }
}

/// The seeds whose later place lies in no copy that is told.
fn untold(seeds: &[Seed], told: &[Passage]) -> Vec<Seed> {
    seeds.iter().filter(|seed| !is_told(told, seed.b as usize)).copied().collect()
}

/// Passages around the chains of `seeds`; they may tell the same twice.
fn passages(extender: &mut Extender, tokens: &[u64], seeds: &[Seed]) -> Vec<Passage> {
    let chains = chains(seeds);
    let pieces: Vec<&[Run]> = chains.iter().flat_map(|chain| pieces(tokens, chain)).collect();
    let claims = Claims::new(&pieces);
    let found = pieces.iter().map(|piece| extend(extender, tokens, piece, &claims));
    found.filter(|passage| passage.matched >= LEAST_MATCHED && passage.similarity() >= LEAST_SIMILARITY).collect()
}

/// Tokens of a core that keep other passages from reaching over it.
const CLAIMING_TOKENS: usize = 8;

/// Where the cores of passages stand on side b: what one of them explains, another does not reach into.
struct Claims {
    starts: Vec<usize>,
    ends: Vec<usize>,
}

impl Claims {
    fn new(pieces: &[&[Run]]) -> Self {
        let claiming = || pieces.iter().filter(|piece| piece.iter().map(|run| run.length).sum::<usize>() >= CLAIMING_TOKENS);
        let mut starts: Vec<usize> = claiming().map(|piece| piece[0].b).collect();
        let mut ends: Vec<usize> = claiming().map(|piece| piece[piece.len() - 1]).map(|tail| tail.b + tail.length).collect();
        starts.sort_unstable();
        ends.sort_unstable();
        Self { starts, ends }
    }

    /// What a core on `core` may reach on side b: itself, but for a few tokens that the next claims, and what nothing else claims.
    fn free_around(&self, core: &Range<usize>) -> Range<usize> {
        let next = self.starts.get(self.starts.partition_point(|&start| start <= core.start));
        let last = self.ends.partition_point(|&end| end < core.end).checked_sub(1).map(|at| self.ends[at]);
        let end = next.copied().unwrap_or(usize::MAX);
        last.unwrap_or(0)..if end <= core.end.saturating_sub(SEED) { core.end } else { end }
    }
}

/// True if `place` lies in a copy that is told; `told` stands in order.
fn is_told(told: &[Passage], place: usize) -> bool {
    let next = told.partition_point(|passage| passage.b.start <= place);
    next > 0 && told[next - 1].b.end > place
}

/// What a token of a chain earns that matches, and what one costs that does not.
const MATCH: f64 = 2.0;
const MISMATCH: f64 = 1.2;

/// Two runs and the gap between them: tokens that match in it, and what it is worth.
fn gap(tokens: &[u64], before: &Run, after: &Run) -> (usize, f64) {
    let (a, b) = (&tokens[before.a + before.length..after.a], &tokens[before.b + before.length..after.b]);
    let matched = common(a, b);
    (matched, MATCH * matched as f64 - MISMATCH * (a.len().max(b.len()) - matched) as f64)
}

/// Cuts a chain at gaps that cost more than what stands on one side of them is worth: a chance seed at some distance is no part of a
/// passage. Linear in the chain.
fn pieces<'c>(tokens: &[u64], chain: &'c [Run]) -> Vec<&'c [Run]> {
    let worth: Vec<f64> = chain.windows(2).map(|pair| gap(tokens, &pair[0], &pair[1]).1).collect();
    let mut cut = vec![false; worth.len()];
    let mut score = 0.0;
    for (at, gap) in worth.iter().enumerate() {
        score += MATCH * chain[at].length as f64 + gap;
        if score <= 0.0 {
            (cut[at], score) = (true, 0.0);
        }
    }
    score = 0.0;
    for (at, gap) in worth.iter().enumerate().rev() {
        score = if cut[at] { 0.0 } else { score + MATCH * chain[at + 1].length as f64 + gap };
        if score <= 0.0 {
            (cut[at], score) = (true, 0.0);
        }
    }
    let mut start = 0;
    let mut pieces = Vec::new();
    for (at, _) in cut.iter().enumerate().filter(|(_, cut)| **cut) {
        pieces.push(&chain[start..=at]);
        start = at + 1;
    }
    pieces.push(&chain[start..]);
    pieces
}

/// The runs of a piece, what matches between them, and how far the passage reaches around them.
fn extend(extender: &mut Extender, tokens: &[u64], piece: &[Run], claims: &Claims) -> Passage {
    let (head, tail) = (piece[0], piece[piece.len() - 1]);
    let runs: usize = piece.iter().map(|run| run.length).sum();
    let between: usize = piece.windows(2).map(|pair| gap(tokens, &pair[0], &pair[1]).0).sum();
    let (mut a, mut b) = (head.a..tail.a + tail.length, head.b..tail.b + tail.length);
    let free = claims.free_around(&b);
    // The last seed may hang over into the next copy by less than its length.
    let over = b.end.saturating_sub(free.end).min(tail.length - 1);
    (a.end, b.end) = (a.end - over, b.end - over);
    // Forwards side a ends where side b begins; backwards side b ends where side a does.
    let right =
        extender.reach(tokens[a.end..b.start].iter().copied(), &|j| tokens.get(b.end + j).filter(|_| b.end + j < free.end).copied());
    let a_end = a.end + right.a;
    let before_a = tokens[..a.start].iter().rev().copied();
    let left = extender.reach(before_a, &|j| (b.start.checked_sub(j + 1)).filter(|&at| at >= a_end.max(free.start)).map(|at| tokens[at]));
    let core = Passage { matched: runs - over + between, a: a.clone(), b: b.clone() };
    let matched = core.matched + right.matched + left.matched;
    let passage = Passage { a: a.start - left.a..a_end, b: b.start - left.b..b.end + right.b, matched };
    // Among few distinct words anything can be aligned: then the core stands for itself.
    if passage.similarity() < WEAK_SIMILARITY && passage.similarity() < core.similarity() { core } else { passage }
}

fn overlap(x: &Range<usize>, y: &Range<usize>) -> usize {
    x.end.min(y.end).saturating_sub(x.start.max(y.start))
}

/// One passage of those that cover the same tokens on both sides: the one that matches most.
fn distinct(mut found: Vec<Passage>) -> Vec<Passage> {
    found.sort_by(|x, y| (x.b.start, x.a.start).cmp(&(y.b.start, y.a.start)).then(y.matched.cmp(&x.matched)));
    let mut kept: Vec<Passage> = Vec::with_capacity(found.len());
    for passage in found {
        let twin = kept.iter_mut().rev().take(8).find(|k| {
            2 * overlap(&k.b, &passage.b) > k.b.len().min(passage.b.len()) && 2 * overlap(&k.a, &passage.a) > k.a.len().min(passage.a.len())
        });
        match twin {
            Some(twin) if twin.matched >= passage.matched => {}
            Some(twin) => *twin = passage,
            None => kept.push(passage),
        }
    }
    kept
}

/// Adds to `told`, which stands in order of `b`, the passages of `found` whose copies are not told yet: those that match most first,
/// and of equal ones the one whose first side is the earliest.
fn apart(mut found: Vec<Passage>, told: Vec<Passage>) -> Vec<Passage> {
    found.sort_by(|x, y| y.matched.cmp(&x.matched).then(x.a.start.cmp(&y.a.start)).then(x.b.start.cmp(&y.b.start)));
    let mut by_start: BTreeMap<usize, Passage> = told.into_iter().map(|passage| (passage.b.start, passage)).collect();
    for passage in found {
        let before = by_start.range(..passage.b.end).next_back();
        if before.is_none_or(|(_, before)| before.b.end <= passage.b.start) {
            by_start.insert(passage.b.start, passage);
        }
    }
    by_start.into_values().collect()
}

/// Neighbours in order on both sides, near on one and not too far on the other, as one: a copy that lacks a paragraph is one copy.
fn join(tokens: &[u64], found: Vec<Passage>) -> Vec<Passage> {
    let mut joined: Vec<Passage> = Vec::with_capacity(found.len());
    for passage in found {
        if let Some(last) = joined.last_mut() {
            let follows = passage.a.start >= last.a.end && passage.a.end <= last.b.start;
            let (gap_a, gap_b) = (passage.a.start.saturating_sub(last.a.end), passage.b.start - last.b.end);
            let longest = (last.b.len() + passage.b.len()) / 2;
            if follows && gap_a.min(gap_b) <= JOIN_NEAR && gap_a.max(gap_b) <= longest {
                let between = common(&tokens[last.a.end..passage.a.start], &tokens[last.b.end..passage.b.start]);
                last.matched += passage.matched + between;
                (last.a.end, last.b.end) = (passage.a.end, passage.b.end);
                continue;
            }
        }
        joined.push(passage);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn within(tokens: &[u64]) -> Vec<Passage> {
        Aligner::new().within(tokens).0
    }

    fn fresh(from: u64, count: u64) -> Vec<u64> {
        (from..from + count).collect()
    }

    #[test]
    fn a_doubled_body_is_one_passage() {
        let (lead, body) = (fresh(0, 30), fresh(100, 270));
        let tokens = [lead, body.clone(), body].concat();
        assert_eq!(within(&tokens), [Passage { a: 30..300, b: 300..570, matched: 270 }]);
    }

    #[test]
    fn three_copies_are_two_passages_against_the_first() {
        let body = fresh(0, 50);
        let expected: Vec<Passage> = (1..6).map(|n| Passage { a: 0..50, b: n * 50..n * 50 + 50, matched: 50 }).collect();
        assert_eq!(within(&body.repeat(3)), expected[..2]);
        assert_eq!(within(&body.repeat(6)), expected);
    }

    #[test]
    fn a_copy_that_lacks_a_stretch_is_one_passage() {
        let body = fresh(0, 200);
        let copy = [&body[..80], &body[140..]].concat();
        let tokens = [body, fresh(900, 7), copy].concat();
        assert_eq!(within(&tokens), [Passage { a: 0..200, b: 207..347, matched: 140 }]);
    }

    proptest! {
        /// The guarantee of the design, for one document: a run that stands twice is found, wherever it stands.
        #[test]
        fn a_verbatim_run_is_found(before in 0..60_u64, between in 0..60_u64, after in 0..60_u64, length in 12..80_u64) {
            let run = fresh(10_000, length);
            let tokens = [fresh(0, before), run.clone(), fresh(1_000, between), run, fresh(2_000, after)].concat();
            let [first, again, length] = [before, before + length + between, length].map(|n| usize::try_from(n).unwrap());
            prop_assert_eq!(within(&tokens), [Passage { a: first..first + length, b: again..again + length, matched: length }]);
        }

        /// Few distinct tokens: every hazard of periods and overlaps.
        #[test]
        fn passages_keep_their_laws(tokens in prop::collection::vec(0..4_u64, 0..300)) {
            let mut end = 0;
            for p in within(&tokens) {
                prop_assert!(p.a.end <= p.b.start && p.b.end <= tokens.len());
                prop_assert!(p.b.start >= end, "copies overlap");
                prop_assert!(p.matched <= p.a.len().min(p.b.len()));
                end = p.b.end;
            }
        }
    }
}
