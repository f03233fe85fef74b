//! What became of the words of a passage: kept, spelt otherwise, or changed.
//!
//! In: the tokens of a passage on both sides. Out: a mark for each token, the pairs of tokens that match in order, and the list of changes.
//! Parts of a reordered passage match wherever they stand.

use super::side::Side;
use crate::compare::Passage;
use serde::Serialize;
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::collections::HashMap;
use std::ops::Range;

/// What a token of a text is to the other text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Outside all passages.
    Unshared,
    /// The same on the other side.
    Same,
    /// Equal after folding, and spelt otherwise.
    Respelled,
    /// Only on this side.
    Changed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ChangeKind {
    Replaced,
    Inserted,
    Deleted,
    Respelled,
}

/// A change from a to b, as ranges of tokens; where one is empty it says before which token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) kind: ChangeKind,
    pub(super) a: Range<usize>,
    pub(super) b: Range<usize>,
}

/// The words of a passage.
#[derive(Clone, Debug, Default)]
pub(super) struct Wording {
    /// One for each token of the passage on side a.
    pub(super) a: Vec<Mark>,
    pub(super) b: Vec<Mark>,
    /// Tokens that match, in order on both sides.
    pub(super) matches: Vec<(usize, usize)>,
    /// In order of a.
    pub(super) changes: Vec<Change>,
}

impl Wording {
    pub(super) fn of(a: &Side<'_>, b: &Side<'_>, passage: &Passage) -> Self {
        let (x, y) = (passage.a.clone(), passage.b.clone());
        let matches = matches(&a.tokens.hashes[x.clone()], &b.tokens.hashes[y.clone()]);
        let matches: Vec<(usize, usize)> = matches.into_iter().map(|(i, j)| (x.start + i, y.start + j)).collect();
        let [mut marks_a, mut marks_b] = match passage.reordered {
            true => [marks_anywhere(a, x.clone(), b, y.clone()), marks_anywhere(b, y.clone(), a, x.clone())],
            false => [vec![Mark::Changed; x.len()], vec![Mark::Changed; y.len()]],
        };
        for &(i, j) in &matches {
            let mark = if a.spelling(i) == b.spelling(j) { Mark::Same } else { Mark::Respelled };
            (marks_a[i - x.start], marks_b[j - y.start]) = (mark, mark);
        }
        let mut wording = Self { a: marks_a, b: marks_b, matches, changes: Vec::new() };
        wording.list_changes(passage);
        wording
    }

    fn list_changes(&mut self, passage: &Passage) {
        let (mut i, mut j) = (passage.a.start, passage.b.start);
        let end = (passage.a.end, passage.b.end);
        for &(next_i, next_j) in self.matches.iter().chain([&end]) {
            let runs_a = changed_runs(&self.a, passage.a.start, i..next_i);
            let runs_b = changed_runs(&self.b, passage.b.start, j..next_j);
            for at in 0..runs_a.len().max(runs_b.len()) {
                let (a, b) = (runs_a.get(at).cloned(), runs_b.get(at).cloned());
                let kind = match (&a, &b) {
                    (Some(_), Some(_)) => ChangeKind::Replaced,
                    (Some(_), None) => ChangeKind::Deleted,
                    _ => ChangeKind::Inserted,
                };
                self.changes.push(Change { kind, a: a.unwrap_or(next_i..next_i), b: b.unwrap_or(next_j..next_j) });
            }
            if (next_i, next_j) != end && self.a[next_i - passage.a.start] == Mark::Respelled {
                self.changes.push(Change { kind: ChangeKind::Respelled, a: next_i..next_i + 1, b: next_j..next_j + 1 });
            }
            (i, j) = (next_i + 1, next_j + 1);
        }
    }
}

/// Runs of changed tokens in `range`, for marks that begin at token `first`.
fn changed_runs(marks: &[Mark], first: usize, range: Range<usize>) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for token in range.filter(|token| marks[token - first] == Mark::Changed) {
        match runs.last_mut() {
            Some(run) if run.end == token => run.end += 1,
            _ => runs.push(token..token + 1),
        }
    }
    runs
}

/// Marks of the tokens of `range` by whether they stand anywhere in `others` of the other side.
fn marks_anywhere(side: &Side<'_>, range: Range<usize>, other: &Side<'_>, others: Range<usize>) -> Vec<Mark> {
    let mut spellings: HashMap<u64, Vec<&str>> = HashMap::new();
    for token in others {
        let known = spellings.entry(other.tokens.hashes[token]).or_default();
        if !known.contains(&other.spelling(token)) {
            known.push(other.spelling(token));
        }
    }
    let mark = |token: usize| match spellings.get(&side.tokens.hashes[token]) {
        None => Mark::Changed,
        Some(known) if known.contains(&side.spelling(token)) => Mark::Same,
        Some(_) => Mark::Respelled,
    };
    range.map(mark).collect()
}

/// Two stretches with more pairs of tokens than this are cut at tokens that stand once in both, before they are aligned.
const MOST_PAIRS: usize = 1 << 24;

/// Tokens that match in order: a longest common subsequence (Myers 1986); of very long stretches, one through the longest chain of
/// tokens that stand once on both sides (patience diff), and where those leave a long gap, what is the same at its two ends.
fn matches(a: &[u64], b: &[u64]) -> Vec<(usize, usize)> {
    if a.len().saturating_mul(b.len()) <= MOST_PAIRS {
        return shortest_edit(a, b, (0, 0)).collect();
    }
    let (mut found, mut i, mut j) = (Vec::new(), 0, 0);
    for (next_i, next_j) in unique_chain(a, b).into_iter().chain([(a.len(), b.len())]) {
        let (x, y) = (&a[i..next_i], &b[j..next_j]);
        if x.len().saturating_mul(y.len()) <= MOST_PAIRS {
            found.extend(shortest_edit(x, y, (i, j)));
        } else {
            let head = x.iter().zip(y).take_while(|(x, y)| x == y).count();
            let tail = x[head..].iter().rev().zip(y[head..].iter().rev()).take_while(|(x, y)| x == y).count();
            found.extend((0..head).map(|at| (i + at, j + at)));
            found.extend((0..tail).rev().map(|at| (next_i - 1 - at, next_j - 1 - at)));
        }
        if next_i < a.len() && next_j < b.len() {
            found.push((next_i, next_j));
        }
        (i, j) = (next_i + 1, next_j + 1);
    }
    found
}

/// Pairs of a longest common subsequence, for stretches that begin at `from`.
fn shortest_edit(a: &[u64], b: &[u64], from: (usize, usize)) -> impl Iterator<Item = (usize, usize)> {
    capture_diff_slices(Algorithm::Myers, a, b).into_iter().flat_map(move |operation| {
        let (i, j, length) = match operation {
            DiffOp::Equal { old_index, new_index, len } => (old_index, new_index, len),
            _ => (0, 0, 0),
        };
        (0..length).map(move |at| (from.0 + i + at, from.1 + j + at))
    })
}

/// The longest chain, in order on both sides, of tokens that stand once on each.
fn unique_chain(a: &[u64], b: &[u64]) -> Vec<(usize, usize)> {
    let (in_a, in_b) = (places_of_unique(a), places_of_unique(b));
    let mut pairs: Vec<(usize, usize)> = in_a.iter().filter_map(|(token, &i)| in_b.get(token).map(|&j| (i, j))).collect();
    pairs.sort_unstable();
    // Longest increasing subsequence: for each length the pair with the smallest end, and for each pair the one before.
    let mut ends: Vec<usize> = Vec::new();
    let mut before = vec![usize::MAX; pairs.len()];
    for at in 0..pairs.len() {
        let length = ends.partition_point(|&end| pairs[end].1 < pairs[at].1);
        before[at] = length.checked_sub(1).map_or(usize::MAX, |shorter| ends[shorter]);
        if length == ends.len() { ends.push(at) } else { ends[length] = at }
    }
    let last = ends.last().copied();
    let mut chain: Vec<_> = std::iter::successors(last, |&at| Some(before[at]).filter(|&b| b != usize::MAX)).map(|at| pairs[at]).collect();
    chain.reverse();
    chain
}

fn places_of_unique(tokens: &[u64]) -> HashMap<u64, usize> {
    let mut places: HashMap<u64, Option<usize>> = HashMap::with_capacity(tokens.len());
    for (at, &token) in tokens.iter().enumerate() {
        places.entry(token).and_modify(|place| *place = None).or_insert(Some(at));
    }
    places.into_iter().filter_map(|(token, place)| Some((token, place?))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{NamedText, Side};
    use super::*;
    use crate::text::Fold;
    use proptest::prelude::*;

    fn side(text: &str) -> Side<'_> {
        Side::new(NamedText { name: "", id: "", text }, Fold::Full)
    }

    /// The wording of two texts taken for one passage.
    fn wording(a: &str, b: &str, reordered: bool) -> Wording {
        let (a, b) = (side(a), side(b));
        Wording::of(&a, &b, &Passage { a: 0..a.tokens.len(), b: 0..b.tokens.len(), matched: 0, reordered })
    }

    #[test]
    fn kinds_of_change() {
        use ChangeKind::{Deleted, Inserted, Replaced, Respelled};
        let told = wording("The Grey boat left port at seven again", "the grey ship left the port at seven", false);
        let kinds: Vec<_> = told.changes.iter().map(|change| (change.kind, change.a.clone(), change.b.clone())).collect();
        let expected =
            [(Respelled, 0..1, 0..1), (Respelled, 1..2, 1..2), (Replaced, 2..3, 2..3), (Inserted, 4..4, 4..5), (Deleted, 7..8, 8..8)];
        assert_eq!(kinds, expected);
    }

    #[test]
    fn marks_at_the_end_of_a_word_are_spelling() {
        let told = wording("كتابا قرأ", "كتاباً قرأ", false);
        assert_eq!(told.a, [Mark::Respelled, Mark::Same]);
    }

    #[test]
    fn moved_words_are_the_same_and_new_ones_are_not() {
        let told = wording("one two three four", "Three four one new", true);
        assert_eq!(told.a, [Mark::Same, Mark::Changed, Mark::Respelled, Mark::Same]);
        assert_eq!(told.b, [Mark::Respelled, Mark::Same, Mark::Same, Mark::Changed]);
    }

    #[test]
    fn long_stretches_are_cut_at_what_stands_once() {
        let a: Vec<u64> = (0..9000).collect();
        let mut b = a.clone();
        b[4000] = 90_000;
        b.drain(6000..6003);
        let found = matches(&a, &b);
        assert_eq!(found.len(), 8996);
        assert!(found.iter().all(|&(i, j)| a[i] == b[j]));
        let looped = vec![7; 5000];
        assert_eq!(matches(&looped, &looped).len(), 5000);
    }

    proptest! {
        #[test]
        fn matches_are_equal_and_in_order(a in prop::collection::vec(0..6_u64, 0..40), b in prop::collection::vec(0..6_u64, 0..40)) {
            for found in [matches(&a, &b), unique_chain(&a, &b)] {
                prop_assert!(found.iter().all(|&(i, j)| a[i] == b[j]));
                prop_assert!(found.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1));
            }
        }
    }
}
