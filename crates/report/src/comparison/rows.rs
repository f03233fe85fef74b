//! Rows of two cells: passages beside each other, and what stands between them.
//!
//! In: a [`Comparison`]. Out: rows in order of a. Everything of both texts stands in a row; of b, what stands before a passage goes with that
//! passage, wherever a has it. Only a stretch of a that is in two passages stands in two rows.

use super::changes::Mark;
use super::side::Side;
use super::{Aligned, Comparison};
use std::ops::Range;

/// Part of a text with one mark; without paragraph ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece<'t> {
    pub(super) text: &'t str,
    pub(super) mark: Mark,
}

/// A stretch of one text: paragraphs, none of them blank.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell<'t>(pub(super) Vec<Vec<Piece<'t>>>);

/// A stretch outside the passages: its words nearest to them, and the rest.
#[derive(Clone, Debug, Default)]
pub(super) struct Gap<'t> {
    pub(super) head: Cell<'t>,
    pub(super) middle: Cell<'t>,
    /// Words of the middle.
    pub(super) left_out: usize,
    pub(super) tail: Cell<'t>,
}

/// A passage on both sides, or a part of it: it is parted where paragraphs begin with a word that both sides have.
#[derive(Clone, Debug)]
pub(super) struct Shared<'t> {
    /// Of the passage, from 1.
    pub(super) number: usize,
    pub(super) is_first_part: bool,
    pub(super) is_last_part: bool,
    /// In b it stands after another passage than in a: the number of that passage, or 0 at the start.
    pub(super) after: Option<usize>,
    pub(super) a: Cell<'t>,
    pub(super) b: Cell<'t>,
}

#[derive(Clone, Debug)]
pub(super) enum Row<'t> {
    Shared(Shared<'t>),
    Unshared { a: Gap<'t>, b: Gap<'t> },
}

/// How much to show of what is not shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unshared {
    All,
    NearPassages,
}

/// Words that are shown next to a passage.
const NEAR_WORDS: usize = 12;
/// Fewer words are not worth leaving out.
const LEAST_LEFT_OUT: usize = 8;

/// The rows of a comparison.
pub(super) fn rows<'t>(comparison: &Comparison<'t>, show: Unshared) -> Vec<Row<'t>> {
    let Comparison { a, b, passages, .. } = comparison;
    let before_in_b = passages_before_in_b(passages);
    let mut rows = Vec::new();
    let mut end_a = 0;
    for (at, Aligned { passage, .. }) in passages.iter().enumerate() {
        let before = before_in_b[at];
        let end_b = before.map_or(0, |before| passages[before].passage.b.end);
        let gap_a = gap(a, end_a..passage.a.start.max(end_a), Edges { before: at > 0, after: true }, show);
        let gap_b = gap(b, end_b..passage.b.start, Edges { before: before.is_some(), after: true }, show);
        rows.extend(unshared(gap_a, gap_b));
        let after = (before != at.checked_sub(1)).then(|| before.map_or(0, |before| before + 1));
        rows.extend(parts(comparison, at, after));
        end_a = end_a.max(passage.a.end);
    }
    let end_b = passages.iter().map(|aligned| aligned.passage.b.end).max().unwrap_or(0);
    let edges = Edges { before: !passages.is_empty(), after: false };
    rows.extend(unshared(gap(a, end_a..a.tokens.len(), edges, show), gap(b, end_b..b.tokens.len(), edges, show)));
    rows
}

/// For each passage the one that stands before it in b.
fn passages_before_in_b(passages: &[Aligned]) -> Vec<Option<usize>> {
    let mut order: Vec<usize> = (0..passages.len()).collect();
    order.sort_unstable_by_key(|&at| passages[at].passage.b.start);
    let mut before = vec![None; passages.len()];
    for pair in order.windows(2) {
        before[pair[1]] = Some(pair[0]);
    }
    before
}

fn unshared<'t>(a: Gap<'t>, b: Gap<'t>) -> Option<Row<'t>> {
    (!a.is_empty() || !b.is_empty()).then_some(Row::Unshared { a, b })
}

/// The rows of the passage at `at`.
fn parts<'t>(comparison: &Comparison<'t>, at: usize, after: Option<usize>) -> Vec<Row<'t>> {
    let Comparison { a, b, .. } = comparison;
    let Aligned { passage, wording } = &comparison.passages[at];
    let begins = |&(i, j): &(usize, usize)| i > passage.a.start && j > passage.b.start && (a.begins_paragraph(i) || b.begins_paragraph(j));
    let in_order = !passage.reordered;
    let cuts = wording.matches.iter().copied().filter(|pair| in_order && begins(pair));
    let mut parts = Vec::new();
    let mut from = (passage.a.start, passage.b.start);
    for to in cuts.chain([(passage.a.end, passage.b.end)]) {
        let shared = |side: &Side<'t>, range: Range<usize>, first: usize, marks: &[Mark]| {
            cell(side, &range, &marks[range.start - first..range.end - first])
        };
        parts.push(Row::Shared(Shared {
            number: at + 1,
            is_first_part: from == (passage.a.start, passage.b.start),
            is_last_part: to == (passage.a.end, passage.b.end),
            after: after.filter(|_| parts.is_empty()),
            a: shared(a, from.0..to.0, passage.a.start, &wording.a),
            b: shared(b, from.1..to.1, passage.b.start, &wording.b),
        }));
        from = to;
    }
    parts
}

impl Gap<'_> {
    fn is_empty(&self) -> bool {
        self.head.0.is_empty() && self.left_out == 0 && self.tail.0.is_empty()
    }
}

/// Whether a gap has a passage on either side.
#[derive(Clone, Copy)]
struct Edges {
    before: bool,
    after: bool,
}

/// The tokens of `range`, which are in no passage. Where none is near, the first words are shown.
fn gap<'t>(side: &Side<'t>, range: Range<usize>, near: Edges, show: Unshared) -> Gap<'t> {
    let head = if near.before || !near.after { NEAR_WORDS } else { 0 };
    let tail = if near.after { NEAR_WORDS } else { 0 };
    let plain = |range: Range<usize>| cell(side, &range, &vec![Mark::Unshared; range.len()]);
    if show == Unshared::All || range.len() < head + tail + LEAST_LEFT_OUT {
        return Gap { head: plain(range), ..Gap::default() };
    }
    let middle = range.start + head..range.end - tail;
    Gap { head: plain(range.start..middle.start), left_out: middle.len(), tail: plain(middle.end..range.end), middle: plain(middle) }
}

/// The tokens of `range`, each with its mark. What stands between two tokens of one change belongs to the change.
fn cell<'t>(side: &Side<'t>, range: &Range<usize>, marks: &[Mark]) -> Cell<'t> {
    let bytes = side.bytes(range);
    let between = if marks.contains(&Mark::Unshared) || marks.is_empty() { Mark::Unshared } else { Mark::Same };
    let mut cell = Builder { text: side.given.text, breaks: side.breaks(&bytes), paragraphs: vec![Vec::new()] };
    let (mut at, mut last) = (bytes.start, between);
    for (token, &mark) in range.clone().zip(marks) {
        let Range { start, end } = side.written(token);
        let written = start.max(at)..end.max(at);
        let joins = mark == last && !side.begins_paragraph(token);
        cell.add(at..written.start, if joins { mark } else { between });
        cell.add(written.clone(), mark);
        (at, last) = (written.end, mark);
    }
    cell.add(at..bytes.end, between);
    cell.build()
}

/// Takes the pieces of a cell in order.
struct Builder<'t, 's> {
    text: &'t str,
    /// Where paragraphs begin, as far as they are not reached yet.
    breaks: &'s [usize],
    paragraphs: Vec<Vec<(Range<usize>, Mark)>>,
}

impl<'t> Builder<'t, '_> {
    fn add(&mut self, mut bytes: Range<usize>, mark: Mark) {
        while let Some((&start, rest)) = self.breaks.split_first().filter(|(start, _)| **start < bytes.end) {
            self.push(bytes.start..start, mark);
            self.paragraphs.push(Vec::new());
            (bytes.start, self.breaks) = (start, rest);
        }
        self.push(bytes, mark);
    }

    fn push(&mut self, bytes: Range<usize>, mark: Mark) {
        let Some(paragraph) = self.paragraphs.last_mut().filter(|_| !bytes.is_empty()) else { return };
        match paragraph.last_mut() {
            Some((last, same)) if *same == mark => last.end = bytes.end,
            _ => paragraph.push((bytes, mark)),
        }
    }

    fn build(self) -> Cell<'t> {
        let piece = |(bytes, mark)| Piece { text: &self.text[bytes], mark };
        let paragraphs = self.paragraphs.into_iter().map(|pieces| pieces.into_iter().map(piece).collect::<Vec<_>>());
        Cell(paragraphs.filter(|pieces| !pieces.iter().all(|piece| piece.text.trim().is_empty())).collect())
    }
}
