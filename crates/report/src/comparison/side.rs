//! One of the two texts: its tokens, the words as they are written, and where it may be cut.

use super::NamedText;
use super::changes::Mark;
use crate::report::{count, percent};
use refrain_engine::text::{Fold, Tokens, paragraphs, written};
use std::ops::Range;

/// Tokens of a text by what the other text has of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Matched, and equal as written.
    pub(super) same: usize,
    /// Matched, and spelled differently.
    pub(super) respelled: usize,
    /// Not matched, between matched ones of a passage.
    pub(super) own: usize,
}

impl Counts {
    pub(super) fn add(&mut self, marks: &[Mark]) {
        let count = |mark| marks.iter().filter(|&&other| other == mark).count();
        self.same += count(Mark::Same);
        self.respelled += count(Mark::Respelled);
        self.own += count(Mark::Changed);
    }
}

/// A text of a comparison.
#[derive(Debug)]
pub(super) struct Side<'t> {
    pub(super) given: NamedText<'t>,
    pub(super) tokens: Tokens,
    /// First bytes of the paragraphs, in order.
    paragraph_starts: Vec<usize>,
    /// What became of its tokens.
    pub(super) counts: Counts,
}

impl<'t> Side<'t> {
    pub(super) fn new(given: NamedText<'t>, fold: Fold) -> Self {
        let paragraph_starts = paragraphs(given.text).iter().map(|paragraph| paragraph.start as usize).collect();
        Self { given, tokens: Tokens::of(given.text, fold), paragraph_starts, counts: Counts::default() }
    }

    /// Share of the tokens that passages match, in [0, 1].
    pub(super) fn covered_share(&self) -> f64 {
        (self.counts.same + self.counts.respelled) as f64 / self.tokens.len().max(1) as f64
    }

    /// Number of words, and how many of them the other text has: `150 words, 98.6 % matched: 140 same, 8 respelled; 2 own words in between`.
    pub(super) fn described(&self) -> String {
        let Counts { same, respelled, own } = self.counts;
        let words = count(self.tokens.len(), "word");
        let own = count(own, "own word");
        format!("{words}, {} matched: {same} same, {respelled} respelled; {own} in between", percent(self.covered_share()))
    }

    /// Bytes of a token as it is written: with the marks and tatweel at its end, which the fold drops.
    pub(super) fn written(&self, token: usize) -> Range<usize> {
        written(self.given.text, &self.tokens.spans, token).range()
    }

    /// The token as it is spelt.
    pub(super) fn spelling(&self, token: usize) -> &'t str {
        &self.given.text[self.written(token)]
    }

    fn start_of(&self, token: usize) -> usize {
        self.tokens.spans.get(token).map_or(self.given.text.len(), |span| span.start as usize)
    }

    /// Bytes that show the tokens of `range`, with the punctuation that belongs to them. Ranges that adjoin have bytes that adjoin, and
    /// all tokens have all bytes.
    pub(super) fn bytes(&self, range: &Range<usize>) -> Range<usize> {
        if self.tokens.is_empty() { 0..self.given.text.len() } else { self.cut(range.start)..self.cut(range.end) }
    }

    /// Where the text is cut before a token: what closes stays with the token before, what opens goes with this one.
    fn cut(&self, token: usize) -> usize {
        if token == 0 {
            return 0;
        }
        if token == self.tokens.len() {
            return self.given.text.len();
        }
        let end = self.written(token - 1).end;
        // One character may be several tokens, such as a fraction: it stays with the first.
        let between = end..self.start_of(token).max(end);
        let opens = |c: char| c.is_whitespace() || matches!(c, '(' | '[' | '{' | '«' | '‹' | '“' | '‘' | '「' | '『' | '（' | '【' | '《');
        self.given.text[between.clone()].find(opens).map_or(between.end, |at| between.start + at)
    }

    /// First bytes of paragraphs inside `bytes`.
    pub(super) fn breaks(&self, bytes: &Range<usize>) -> &[usize] {
        let from = self.paragraph_starts.partition_point(|&start| start <= bytes.start);
        let to = self.paragraph_starts.partition_point(|&start| start < bytes.end);
        &self.paragraph_starts[from..to.max(from)]
    }

    /// True if a paragraph begins between a token and the one before.
    pub(super) fn begins_paragraph(&self, token: usize) -> bool {
        let start = self.start_of(token);
        token > 0 && !self.breaks(&(self.written(token - 1).end.saturating_sub(1)..start + 1)).is_empty()
    }
}
