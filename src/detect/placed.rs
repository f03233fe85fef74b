//! Passages as findings have them: with code points instead of tokens.
//!
//! In: a passage, and where ranges of tokens are in both texts. Out: a [`SharedPassage`] with its segments.

use crate::compare::{Passage, segments};
use crate::finding::{PassageKind, Segment, SegmentKind, SharedPassage, round};
use std::ops::Range;

/// The passage with offsets by `on_a` and `on_b`, which tell the code points of a range of tokens; of an empty one they tell where the token before it ends.
pub(super) fn placed(
    passage: &Passage,
    on_a: impl Fn(&Range<usize>) -> [usize; 2],
    on_b: impl Fn(&Range<usize>) -> [usize; 2],
) -> SharedPassage {
    let segment = |segment: crate::compare::TokenSegment| {
        let kind = match segment.is_matched {
            true => SegmentKind::Matched,
            false if segment.a.is_empty() || segment.b.is_empty() => SegmentKind::Inserted,
            false => SegmentKind::Replaced,
        };
        Segment(kind, on_a(&segment.a), on_b(&segment.b))
    };
    SharedPassage {
        a: on_a(&passage.a),
        b: on_b(&passage.b),
        words: passage.matched,
        similarity: round(passage.similarity()),
        kind: PassageKind::of(passage.runs.len(), passage.similarity()),
        reordered: passage.reordered,
        segments: segments(passage).into_iter().map(segment).collect(),
    }
}
