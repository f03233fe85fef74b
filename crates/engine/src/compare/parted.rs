//! Loops that reach over a boundary, split at it.
//!
//! In: passages and loops of one document with boundaries. Out: loops that reach over none; what the parts of the others share is found anew.

use super::aligner::Aligner;
use super::passage::{MatchedRun, Passage};
use super::seeds::Loop;
use crate::text::{between_boundaries, has_boundary};
use std::ops::Range;

/// Parts of fewer tokens have no passage.
const LEAST_TOKENS: usize = 6;

/// True if a loop reaches over a boundary.
pub(super) fn loops_over(tokens: &[u64], found: &Loop) -> bool {
    has_boundary(&tokens[range_of(found)])
}

fn range_of(found: &Loop) -> Range<usize> {
    found.start..found.start + found.period * found.copies
}

/// Passages and loops of a document with itself, loops split at boundaries; passages in order of `b`, on which they do not overlap.
pub(super) fn parted_within(tokens: &[u64], mut found: Vec<Passage>, loops: &[Loop]) -> (Vec<Passage>, Vec<Loop>) {
    let (over, mut loops): (Vec<Loop>, Vec<Loop>) = loops.iter().partition(|found| loops_over(tokens, found));
    let mut aligner = Aligner::new();
    let mut parts = Vec::new();
    for over in over {
        let of_loop = between_boundaries(tokens, range_of(&over), LEAST_TOKENS);
        for part in &of_loop {
            let (passages, inner) = aligner.within(&tokens[part.clone()]);
            parts.extend(passages.into_iter().map(|passage| shifted(&passage, part.start, part.start)));
            loops.extend(inner.iter().map(|inner| Loop { start: inner.start + part.start, ..*inner }));
        }
        if let Some((first, rest)) = of_loop.split_first() {
            rest.iter().for_each(|part| parts.extend(between(&mut aligner, tokens, [first, part])));
        }
    }
    // What was found first stays, then what matches most.
    parts.sort_by_key(|part| (std::cmp::Reverse(part.matched), part.a.start, part.b.start));
    for part in parts {
        let next = found.partition_point(|other| other.b.end <= part.b.start);
        if found.get(next).is_none_or(|other| other.b.start >= part.b.end) {
            found.insert(next, part);
        }
    }
    loops.sort_unstable_by_key(|found| (found.start, found.period));
    (found, loops)
}

/// The passages of two parts.
fn between(aligner: &mut Aligner, tokens: &[u64], [one, other]: [&Range<usize>; 2]) -> Vec<Passage> {
    let found = aligner.between(&tokens[one.clone()], &tokens[other.clone()]);
    found.iter().map(|passage| shifted(passage, one.start, other.start)).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
fn shifted(passage: &Passage, a: usize, b: usize) -> Passage {
    Passage::of_runs(passage.runs.iter().map(|run| MatchedRun { a: run.a + a as u32, b: run.b + b as u32, ..*run }).collect())
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
