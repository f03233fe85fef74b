//! A comparison as one JSON document; offsets in code points, numbers with at most six decimals.

use super::changes::{Change, ChangeKind};
use super::side::{Counts, Side};
use super::{Aligned, Comparison};
use refrain_engine::finding::{PassageKind, round};
use refrain_engine::text::LineIndex;
use serde::Serialize;
use std::io::{self, Write};
use std::ops::Range;

#[derive(Serialize)]
struct Document<'t> {
    a: Text<'t>,
    b: Text<'t>,
    jaccard: f64,
    a_in_b: f64,
    b_in_a: f64,
    passages: Vec<SharedPassage>,
}

#[derive(Serialize)]
struct Text<'t> {
    id: &'t str,
    words: usize,
    covered: f64,
    same: usize,
    respelled: usize,
    own: usize,
}

#[derive(Serialize)]
struct SharedPassage {
    a: [usize; 2],
    b: [usize; 2],
    words: usize,
    respelled: usize,
    similarity: f64,
    kind: PassageKind,
    reordered: bool,
    changes: Vec<Place>,
}

#[derive(Serialize)]
struct Place {
    kind: ChangeKind,
    a: [usize; 2],
    b: [usize; 2],
}

/// Writes `{"a":{"id","words","covered","same","respelled","own"},"b":{},"jaccard","a_in_b","b_in_a","passages":[]}`. `own` counts the words in between
/// matched ones that do not match. Passages have the fields that they have in findings, and in place of `segments` they have `changes`: `kind` (replaced, inserted, deleted, respelled) and the words on both sides with the marks at their ends; an empty
/// range is where words are missing.
///
/// # Errors
/// What the writer says.
pub fn write_comparison_json(comparison: &Comparison<'_>, out: &mut impl Write) -> io::Result<()> {
    let Comparison { a, b, overlap, passages, .. } = comparison;
    let index = (LineIndex::new(a.given.text), LineIndex::new(b.given.text));
    let document = Document {
        a: text(a),
        b: text(b),
        jaccard: round(overlap.jaccard()),
        a_in_b: round(overlap.a_in_b()),
        b_in_a: round(overlap.b_in_a()),
        passages: passages.iter().map(|aligned| passage(comparison, (&index.0, &index.1), aligned)).collect(),
    };
    serde_json::to_writer(&mut *out, &document)?;
    out.write_all(b"\n")
}

fn text<'t>(side: &Side<'t>) -> Text<'t> {
    let Counts { same, respelled, own } = side.counts;
    Text { id: side.given.id, words: side.tokens.len(), covered: round(side.covered_share()), same, respelled, own }
}

fn passage(comparison: &Comparison<'_>, (in_a, in_b): (&LineIndex<'_>, &LineIndex<'_>), aligned: &Aligned) -> SharedPassage {
    let Comparison { a, b, .. } = comparison;
    let Aligned { passage, wording } = aligned;
    let span = |side: &Side<'_>, index: &LineIndex<'_>, range: &Range<usize>| {
        if range.is_empty() { [0; 2] } else { words(side, index, range, range.end) }
    };
    let place = |Change { kind, a: x, b: y }: &Change| Place {
        kind: *kind,
        a: words(a, in_a, x, passage.a.end),
        b: words(b, in_b, y, passage.b.end),
    };
    SharedPassage {
        a: span(a, in_a, &passage.a),
        b: span(b, in_b, &passage.b),
        words: passage.matched,
        respelled: wording.respelled(),
        similarity: round(passage.similarity()),
        kind: PassageKind::of(passage.runs.len(), passage.similarity()),
        reordered: passage.reordered,
        changes: wording.changes.iter().map(place).collect(),
    }
}

/// Where tokens stand as they are written; for none, the place before token `range.start`, or where the passage ends.
fn words(side: &Side<'_>, index: &LineIndex<'_>, range: &Range<usize>, passage_end: usize) -> [usize; 2] {
    let chars = |byte: usize| index.chars(u32::try_from(byte).unwrap_or(u32::MAX));
    if range.is_empty() {
        let place = if range.start < passage_end { side.written(range.start).start } else { side.written(range.start - 1).end };
        return [chars(place); 2];
    }
    [chars(side.written(range.start).start), chars(side.written(range.end - 1).end)]
}
