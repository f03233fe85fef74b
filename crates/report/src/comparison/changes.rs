//! What became of the words of a passage: kept, respelled, or changed.
//!
//! In: a passage and its texts. Out: a mark for each token, the pairs of tokens that match in order, and the list of changes.

use super::side::Side;
use refrain_engine::compare::{Passage, in_order};
use serde::Serialize;
use std::ops::Range;

/// What a token of a text is to the other text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Outside all passages.
    Unshared,
    /// The same on the other side.
    Same,
    /// Equal after folding, and spelled differently.
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
        let (mut marks_a, mut marks_b) = (vec![Mark::Changed; x.len()], vec![Mark::Changed; y.len()]);
        for (i, j) in passage.runs.iter().flat_map(|run| run.on_a().zip(run.on_b())) {
            let mark = if a.spelling(i) == b.spelling(j) { Mark::Same } else { Mark::Respelled };
            (marks_a[i - x.start], marks_b[j - y.start]) = (mark, mark);
        }
        let matches = in_order(passage).iter().flat_map(|run| run.on_a().zip(run.on_b())).collect();
        let mut wording = Self { a: marks_a, b: marks_b, matches, changes: Vec::new() };
        wording.list_changes(passage);
        wording
    }

    /// Matched tokens that are spelled differently.
    pub(super) fn respelled(&self) -> usize {
        self.a.iter().filter(|&&mark| mark == Mark::Respelled).count()
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

#[cfg(test)]
mod tests {
    use super::super::{NamedText, Side};
    use super::*;
    use refrain_engine::compare::MatchedRun;
    use refrain_engine::text::Fold;

    fn side(text: &str) -> Side<'_> {
        Side::new(NamedText { name: "", id: "", text }, Fold::Full)
    }

    /// The wording of the passage of two texts in which `runs` match.
    fn wording(a: &str, b: &str, runs: &[(u32, u32, u32)]) -> Wording {
        let (a, b) = (side(a), side(b));
        let runs = runs.iter().map(|&(a, b, length)| MatchedRun { a, b, length }).collect();
        let passage = Passage { a: 0..a.tokens.len(), b: 0..b.tokens.len(), ..Passage::of_runs(runs) };
        Wording::of(&a, &b, &passage)
    }

    #[test]
    fn kinds_of_change() {
        use ChangeKind::{Deleted, Inserted, Replaced, Respelled};
        let told =
            wording("The Grey boat left port at seven again", "the grey ship left the port at seven", &[(0, 0, 2), (3, 3, 1), (4, 5, 3)]);
        let kinds: Vec<_> = told.changes.iter().map(|change| (change.kind, change.a.clone(), change.b.clone())).collect();
        let expected =
            [(Respelled, 0..1, 0..1), (Respelled, 1..2, 1..2), (Replaced, 2..3, 2..3), (Inserted, 4..4, 4..5), (Deleted, 7..8, 8..8)];
        assert_eq!(kinds, expected);
    }

    #[test]
    fn marks_at_the_end_of_a_word_are_spelling() {
        let told = wording("كتابا قرأ", "كتاباً قرأ", &[(0, 0, 2)]);
        assert_eq!(told.a, [Mark::Respelled, Mark::Same]);
    }

    #[test]
    fn moved_words_are_the_same_and_new_ones_are_not() {
        let told = wording("one two three four", "Three four one new", &[(0, 2, 1), (2, 0, 2)]);
        assert_eq!(told.a, [Mark::Same, Mark::Changed, Mark::Respelled, Mark::Same]);
        assert_eq!(told.b, [Mark::Respelled, Mark::Same, Mark::Same, Mark::Changed]);
    }
}
