//! Passages as findings have them: with code points instead of tokens.
//!
//! In: a passage, which of its tokens are respelled, and where ranges of tokens are in both texts. Out: a [`SharedPassage`] with its segments.

use crate::compare::{MatchedRun, Passage, TokenSegment, segments};
use crate::finding::{PassageKind, Segment, SegmentKind, SharedPassage, round};
use std::ops::Range;

/// Adds the respelled tokens of `run` to `respelled`, those that are neighbours as one run. `x` and `y` are the spellings of both documents.
pub(super) fn append_respelled(run: &MatchedRun, [x, y]: [&[u32]; 2], respelled: &mut Vec<MatchedRun>) {
    let (x, y) = (&x[run.on_a()], &y[run.on_b()]);
    if x == y {
        return;
    }
    let mut at = 0;
    for differ in x.iter().zip(y).map(|(x, y)| x != y).collect::<Vec<bool>>().chunk_by(|one, next| one == next) {
        #[expect(clippy::cast_possible_truncation, reason = "within a run")]
        let length = differ.len() as u32;
        if differ[0] {
            respelled.push(run.part(at..at + length));
        }
        at += length;
    }
}

/// The passage with offsets by `on_a` and `on_b`, which return the code points of a range of tokens; of an empty one they return where the token before it
/// ends. `respelled` are the runs of respelled tokens of the pair, in order of a, each within a matched run.
pub(super) fn placed(
    passage: &Passage,
    respelled: &[MatchedRun],
    on_a: impl Fn(&Range<usize>) -> [usize; 2],
    on_b: impl Fn(&Range<usize>) -> [usize; 2],
) -> SharedPassage {
    let (mut listed, mut words) = (Vec::new(), 0);
    let mut push = |kind, a: Range<usize>, b: Range<usize>| {
        if !a.is_empty() || !b.is_empty() {
            listed.push(Segment(kind, on_a(&a), on_b(&b)));
        }
    };
    for TokenSegment { is_matched, a, b } in segments(passage) {
        if !is_matched {
            let kind = if a.is_empty() || b.is_empty() { SegmentKind::Inserted } else { SegmentKind::Replaced };
            push(kind, a, b);
            continue;
        }
        let first = respelled.partition_point(|run| run.on_a().start < a.start);
        let (mut next_a, mut next_b) = (a.start, b.start);
        for run in respelled[first..].iter().take_while(|run| run.on_a().start < a.end) {
            push(SegmentKind::Exact, next_a..run.on_a().start, next_b..run.on_b().start);
            push(SegmentKind::Respelled, run.on_a(), run.on_b());
            words += run.on_a().len();
            (next_a, next_b) = (run.on_a().end, run.on_b().end);
        }
        push(SegmentKind::Exact, next_a..a.end, next_b..b.end);
    }
    SharedPassage {
        a: on_a(&passage.a),
        b: on_b(&passage.b),
        words: passage.matched,
        respelled: words,
        similarity: round(passage.similarity()),
        kind: PassageKind::of(passage.runs.len(), passage.similarity()),
        reordered: passage.reordered,
        segments: listed,
    }
}
