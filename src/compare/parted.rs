//! Passages that reach over a boundary, split at it.
//!
//! In: passages and loops of token streams with boundaries. Out: those that reach over none stay; instead of each other one, what the parts between
//! boundaries share. The parts are aligned anew: only so is it known what of one part matches which of the other.

use super::aligner::Aligner;
use super::passages::Passage;
use super::seeds::Loop;
use super::told::{apart, distinct};
use crate::text::{between_boundaries, has_boundary};
use std::ops::Range;

/// Parts of fewer tokens have no passage.
const LEAST_TOKENS: usize = 6;

/// True if a passage of `a` and `b` reaches over a boundary.
pub(super) fn reaches_over(a: &[u64], b: &[u64], passage: &Passage) -> bool {
    has_boundary(&a[passage.a.clone()]) || has_boundary(&b[passage.b.clone()])
}

/// True if a loop does.
pub(super) fn loops_over(tokens: &[u64], found: &Loop) -> bool {
    has_boundary(&tokens[range_of(found)])
}

fn range_of(found: &Loop) -> Range<usize> {
    found.start..found.start + found.period * found.copies
}

/// `found`, passages of `a` and `b`, split at boundaries, in order of `b`.
pub(super) fn parted(a: &[u64], b: &[u64], found: Vec<Passage>) -> Vec<Passage> {
    let (over, whole): (Vec<Passage>, Vec<Passage>) = found.into_iter().partition(|passage| reaches_over(a, b, passage));
    let mut aligner = Aligner::new();
    let mut parts = Vec::new();
    for passage in over {
        let of_b = between_boundaries(b, passage.b, LEAST_TOKENS);
        for of_a in between_boundaries(a, passage.a, LEAST_TOKENS) {
            aligner.index(&a[of_a.clone()]);
            of_b.iter().for_each(|of_b| parts.extend(between(&mut aligner, [a, b], [&of_a, of_b])));
        }
    }
    apart(distinct(parts), whole)
}

/// Passages and loops of a document with itself, split at boundaries, in order of `b`.
pub(super) fn parted_within(tokens: &[u64], found: Vec<Passage>, loops: &[Loop]) -> (Vec<Passage>, Vec<Loop>) {
    let mut found = parted(tokens, tokens, found);
    let (over, mut loops): (Vec<Loop>, Vec<Loop>) = loops.iter().partition(|found| loops_over(tokens, found));
    let mut aligner = Aligner::new();
    let mut parts = Vec::new();
    for over in over {
        let of_loop = between_boundaries(tokens, range_of(&over), LEAST_TOKENS);
        for part in &of_loop {
            let (passages, inner) = aligner.within(&tokens[part.clone()]);
            parts.extend(passages.into_iter().map(|passage| shifted(passage, part.start, part.start)));
            loops.extend(inner.iter().map(|inner| Loop { start: inner.start + part.start, ..*inner }));
        }
        if let Some((first, rest)) = of_loop.split_first() {
            aligner.index(&tokens[first.clone()]);
            rest.iter().for_each(|part| parts.extend(between(&mut aligner, [tokens; 2], [first, part])));
        }
    }
    if !parts.is_empty() {
        found = apart(distinct(parts), found);
    }
    loops.sort_unstable_by_key(|found| (found.start, found.period));
    (found, loops)
}

/// The passages of a part of `a`, for which `aligner` was indexed, and one of `b`.
fn between(aligner: &mut Aligner, [a, b]: [&[u64]; 2], [of_a, of_b]: [&Range<usize>; 2]) -> Vec<Passage> {
    let (a, b) = (&a[of_a.clone()], &b[of_b.clone()]);
    let mut found = aligner.against(a, b);
    aligner.reword(a, b, &mut found);
    found.into_iter().map(|passage| shifted(passage, of_a.start, of_b.start)).collect()
}

fn shifted(passage: Passage, a: usize, b: usize) -> Passage {
    let moved = |range: Range<usize>, by: usize| range.start + by..range.end + by;
    Passage { a: moved(passage.a, a), b: moved(passage.b, b), ..passage }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{BOUNDARY, Fold, Tokens};

    fn boundary() -> u64 {
        Tokens::of(BOUNDARY, Fold::Full).hashes[0]
    }

    fn fresh(from: u64, count: u64) -> Vec<u64> {
        (from..from + count).collect()
    }

    fn ranges(found: &[Passage]) -> Vec<[usize; 4]> {
        found.iter().map(|passage| [passage.a.start, passage.a.end, passage.b.start, passage.b.end]).collect()
    }

    #[test]
    fn passages_between_two_documents_end_at_boundaries_of_either() {
        let (head, tail) = (fresh(0, 40), fresh(100, 40));
        let parted = [head.clone(), vec![boundary()], tail.clone()].concat();
        let joined = [head, tail].concat();
        let mut aligner = Aligner::new();
        assert_eq!(ranges(&aligner.between(&parted, &parted)), [[0, 40, 0, 40], [41, 81, 41, 81]]);
        assert_eq!(ranges(&aligner.between(&parted, &joined)), [[0, 40, 0, 40], [41, 81, 40, 80]]);
        assert_eq!(ranges(&aligner.between(&joined, &parted)), [[0, 40, 0, 40], [40, 80, 41, 81]]);
        assert_eq!(ranges(&aligner.between(&joined, &joined)), [[0, 80, 0, 80]]);
    }

    #[test]
    fn passages_within_a_document_end_at_boundaries() {
        let (head, tail) = (fresh(0, 40), fresh(100, 40));
        let tokens = [&head[..], &[boundary()], &tail, &fresh(300, 20), &head, &tail].concat();
        assert_eq!(ranges(&Aligner::new().within(&tokens).0), [[0, 40, 101, 141], [41, 81, 141, 181]]);
    }

    #[test]
    fn a_loop_ends_at_a_boundary() {
        let phrase = fresh(0, 5);
        let part = phrase.repeat(6);
        let tokens = [&part[..], &[boundary()], &part].concat();
        let mut aligner = Aligner::new();
        let (_, loops) = aligner.within(&tokens);
        assert!(loops.iter().all(|found| !loops_over(&tokens, found)), "{loops:?}");
        // A line between two marks again and again is no loop of boundaries.
        let line = [&fresh(0, 4)[..], &[boundary()]].concat();
        let (passages, loops) = aligner.within(&line.repeat(12));
        assert!(passages.is_empty() && loops.is_empty(), "{passages:?} {loops:?}");
    }
}
