//! Passages: what two documents have in common, or one with itself, as runs of matched tokens.
//!
//! Always: every count is a count of matched tokens, each once; a token between two runs is in the passage, and counts nowhere.

use super::select::are_reordered;
use crate::text::{has_boundary, words_in};
use std::ops::Range;

/// Consecutive tokens that match: `length` of one document from `a` equal those of the other from `b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MatchedRun {
    /// First token in the one document.
    pub a: u32,
    /// First token in the other.
    pub b: u32,
    /// Number of tokens, at least 1.
    pub length: u32,
}

impl MatchedRun {
    /// Its tokens in the one document.
    #[must_use]
    pub fn on_a(&self) -> Range<usize> {
        self.a as usize..self.a as usize + self.length as usize
    }

    /// Its tokens in the other.
    #[must_use]
    pub fn on_b(&self) -> Range<usize> {
        self.b as usize..self.b as usize + self.length as usize
    }

    /// Tokens between it and the next run of a passage, on each side.
    pub(super) fn gaps(&self, next: &Self) -> [u32; 2] {
        [next.a.saturating_sub(self.a + self.length), next.b.saturating_sub(self.b + self.length)]
    }

    /// Part of it, counted from its first token.
    pub(crate) fn part(&self, range: Range<u32>) -> Self {
        Self { a: self.a + range.start, b: self.b + range.start, length: range.end - range.start }
    }

    /// The same with the sides exchanged.
    pub(crate) fn swapped(self) -> Self {
        Self { a: self.b, b: self.a, length: self.length }
    }
}

/// A range of tokens of one document, and the range of another, or of the same, that it is aligned with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Tokens of the one document, or of the first occurrence.
    pub a: Range<usize>,
    /// Tokens of the other document; within one document it begins at or after the end of `a`.
    pub b: Range<usize>,
    /// Number of tokens that match.
    pub matched: usize,
    /// Part of it is in another order on side b; or it is, as a whole, among the passages of the pair.
    pub reordered: bool,
    /// What matches, in order of `a`. Runs overlap on neither side; the first and the last tokens of both sides match.
    pub runs: Vec<MatchedRun>,
}

impl Passage {
    /// The passage of `runs`, in any order, which overlap on neither side.
    pub fn of_runs(mut runs: Vec<MatchedRun>) -> Self {
        runs.sort_unstable();
        let start = |side: fn(&MatchedRun) -> Range<usize>| runs.iter().map(|run| side(run).start).min().unwrap_or(0);
        let end = |side: fn(&MatchedRun) -> Range<usize>| runs.iter().map(|run| side(run).end).max().unwrap_or(0);
        Self {
            a: start(MatchedRun::on_a)..end(MatchedRun::on_a),
            b: start(MatchedRun::on_b)..end(MatchedRun::on_b),
            matched: runs.iter().map(|run| run.length as usize).sum(),
            reordered: are_reordered(&runs),
            runs,
        }
    }

    /// All of a document of `tokens` tokens, the same in another.
    ///
    /// # Panics
    /// If there are 2^32 tokens or more.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    pub fn whole(tokens: usize) -> Self {
        Self::of_runs(vec![MatchedRun { a: 0, b: 0, length: tokens as u32 }])
    }

    /// The same with the sides exchanged.
    #[must_use]
    pub fn swapped(&self) -> Self {
        let mut runs: Vec<MatchedRun> = self.runs.iter().map(|run| run.swapped()).collect();
        runs.sort_unstable();
        Self { a: self.b.clone(), b: self.a.clone(), matched: self.matched, reordered: self.reordered, runs }
    }

    /// Extends a passage of one document with itself over the equal tokens next to it, on side b within `free`. It ends at boundaries.
    pub(super) fn extend_within(&mut self, tokens: &[u64], free: Range<usize>) {
        let is_equal = |a: usize, b: usize| tokens[a] == tokens[b] && !has_boundary(&tokens[a..=a]);
        if let Some(run) = self.runs.first_mut().filter(|run| (run.on_a().start, run.on_b().start) == (self.a.start, self.b.start)) {
            while self.a.start > 0 && self.b.start > free.start.max(self.a.end) && is_equal(self.a.start - 1, self.b.start - 1) {
                (self.a.start, self.b.start, self.matched) = (self.a.start - 1, self.b.start - 1, self.matched + 1);
                *run = MatchedRun { a: run.a - 1, b: run.b - 1, length: run.length + 1 };
            }
        }
        if let Some(run) = self.runs.last_mut().filter(|run| (run.on_a().end, run.on_b().end) == (self.a.end, self.b.end)) {
            while self.a.end < self.b.start && self.b.end < free.end && is_equal(self.a.end, self.b.end) {
                (self.a.end, self.b.end, self.matched) = (self.a.end + 1, self.b.end + 1, self.matched + 1);
                run.length += 1;
            }
        }
    }

    /// The same on other ranges: what matches on both of them.
    #[expect(clippy::cast_possible_truncation, reason = "within a run")]
    pub(crate) fn on(&self, a: Range<usize>, b: Range<usize>) -> Self {
        let clipped = |run: &MatchedRun| {
            let before = |range: &Range<usize>, side: Range<usize>| range.start.saturating_sub(side.start).min(side.len());
            let behind = |range: &Range<usize>, side: Range<usize>| side.end.saturating_sub(range.end).min(side.len());
            let start = before(&a, run.on_a()).max(before(&b, run.on_b()));
            let end = (run.length as usize).saturating_sub(behind(&a, run.on_a()).max(behind(&b, run.on_b())));
            (start < end).then(|| run.part(start as u32..end as u32))
        };
        let runs: Vec<MatchedRun> = self.runs.iter().filter_map(clipped).collect();
        let matched = runs.iter().map(|run| run.length as usize).sum();
        Self { a, b, matched, reordered: self.reordered, runs }
    }

    /// True if the tokens that match make at least `min_words` words. `sides` are the tokens of both documents.
    #[must_use]
    pub fn is_long(&self, sides: [&[u64]; 2], min_words: usize) -> bool {
        // No token is more than a word.
        let words = |tokens: &[u64], range: &Range<usize>| self.matched * words_in(&tokens[range.clone()]) / range.len().max(1);
        self.matched >= min_words && words(sides[0], &self.a).max(words(sides[1], &self.b)) >= min_words
    }

    /// Matched tokens over the longer side's tokens, in [0, 1].
    #[must_use]
    pub fn similarity(&self) -> f64 {
        self.matched as f64 / self.a.len().max(self.b.len()).max(1) as f64
    }
}

/// The passages with their sides exchanged, in order of the new side a.
pub(crate) fn swapped(passages: &[Passage]) -> Vec<Passage> {
    let mut swapped: Vec<Passage> = passages.iter().map(Passage::swapped).collect();
    swapped.sort_unstable_by_key(|passage| (passage.a.start, passage.b.start));
    swapped
}
