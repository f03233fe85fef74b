//! Repetition inside one document: passages of it with itself, named by what they cover.
//!
//! In: a text and its tokens. Out: repetitions in order of the later copy. Only a document in which something comes again pays
//! for its paragraphs, sentences and lines.

use crate::compare::{Aligner, Loop, Passage};
use crate::config::WithinConfig;
use crate::finding::{Repetition, RepetitionRule, Span, round};
use crate::text::{ByteSpan, LineIndex, Tokens, paragraphs, sentences};
use std::ops::Range;

/// A passage's edge this near to a paragraph's or sentence's, in tokens, is meant to be there: the words between were edited.
const EDGE_SLACK: usize = 3;
/// Code points of a quotation.
const QUOTATION_CHARS: usize = 72;

/// Finds repetitions document by document; keeps its tables between them.
#[derive(Debug)]
pub(super) struct Within {
    config: WithinConfig,
    aligner: Aligner,
}

impl Within {
    pub(super) fn new(config: WithinConfig) -> Self {
        Self { config, aligner: Aligner::new() }
    }

    /// Appends the repetitions of a document, with an empty id, in order of the later copy.
    pub(super) fn find(&mut self, text: &str, tokens: &Tokens, found: &mut Vec<Repetition>) {
        let config = self.config;
        let (passages, loops) = self.aligner.within(&tokens.hashes);
        let long = |l: &&Loop| l.copies >= config.min_loop_copies && l.copies * l.period >= config.min_words;
        let long_enough = |p: &&Passage| p.matched >= config.min_words;
        if !loops.iter().any(|l| long(&l)) && !passages.iter().any(|p| long_enough(&p)) {
            return;
        }
        let page = Page::new(text, tokens);
        let start = found.len();
        found.extend(passages.iter().filter(long_enough).filter_map(|p| page.repetition(p, config)));
        found.extend(loops.iter().filter(long).map(|l| page.phrase(l)));
        found[start..].sort_by_key(|r| (r.again.start, r.first.start));
    }
}

/// A range of units (paragraphs or sentences), and the tokens in them.
struct Cover {
    units: Range<usize>,
    tokens: Range<usize>,
}

/// A document with everything needed to say where a passage stands.
struct Page<'a> {
    text: &'a str,
    tokens: &'a Tokens,
    index: LineIndex<'a>,
    paragraphs: Vec<ByteSpan>,
    sentences: Vec<ByteSpan>,
}

impl<'a> Page<'a> {
    fn new(text: &'a str, tokens: &'a Tokens) -> Self {
        let paragraphs = paragraphs(text);
        let sentences = paragraphs.iter().flat_map(|&p| sentences(text, p)).collect();
        Self { text, tokens, index: LineIndex::new(text), paragraphs, sentences }
    }

    /// None if the passage is too short for what it is.
    fn repetition(&self, passage: &Passage, config: WithinConfig) -> Option<Repetition> {
        let paragraphs = self.both(&self.paragraphs, passage);
        let sentences = || self.both(&self.sentences, passage);
        let (rule, first, again, first_tokens, again_tokens) = if let Some((a, b)) = paragraphs {
            let block = a.units.len() > 1 && b.units.len() > 1;
            let one = a.units.len() == 1 && b.units.len() == 1;
            let rule = match (block, one) {
                (true, _) => RepetitionRule::RepeatedBlock,
                (_, true) => RepetitionRule::RepeatedParagraph,
                _ => RepetitionRule::RepeatedPassage,
            };
            (rule, self.covered(&self.paragraphs, &a), self.covered(&self.paragraphs, &b), a.tokens, b.tokens)
        } else if let Some((a, b)) = sentences() {
            let rule = RepetitionRule::RepeatedSentence;
            (rule, self.covered(&self.sentences, &a), self.covered(&self.sentences, &b), a.tokens, b.tokens)
        } else {
            let (a, b) = (passage.a.clone(), passage.b.clone());
            (RepetitionRule::RepeatedPassage, self.bytes(&a), self.bytes(&b), a, b)
        };
        let least = if rule == RepetitionRule::RepeatedPassage { config.min_passage_words } else { config.min_words };
        let similarity = passage.matched as f64 / first_tokens.len().max(again_tokens.len()) as f64;
        (passage.matched >= least).then(|| Repetition {
            rule,
            doc: Box::default(),
            first: self.span(first),
            again: self.span(again),
            similarity: round(similarity),
            words: passage.matched,
            copies: None,
            quotation: self.quotation(again),
        })
    }

    fn phrase(&self, found: &Loop) -> Repetition {
        let (start, second, end) = (found.start, found.start + found.period, found.start + found.period * found.copies);
        let (first, again) = (self.bytes(&(start..second)), self.bytes(&(second..end)));
        Repetition {
            rule: RepetitionRule::RepeatedPhrase,
            doc: Box::default(),
            first: self.span(first),
            again: self.span(again),
            similarity: 1.0,
            words: end - second,
            copies: Some(found.copies),
            quotation: self.quotation(first),
        }
    }

    /// The whole units that both sides of the passage cover, if its edges stand at theirs.
    fn both(&self, units: &[ByteSpan], passage: &Passage) -> Option<(Cover, Cover)> {
        let (a, b) = (self.cover(units, &passage.a)?, self.cover(units, &passage.b)?);
        (a.tokens.end <= b.tokens.start).then_some((a, b))
    }

    /// The units that `tokens` cover, but for a few tokens at either end.
    fn cover(&self, units: &[ByteSpan], tokens: &Range<usize>) -> Option<Cover> {
        let spans = &self.tokens.spans;
        let unit_of = |token: usize| units.partition_point(|unit| unit.end <= spans[token].start);
        let first_token = |unit: usize| spans.partition_point(|token| token.start < units[unit].start);
        let past_token = |unit: usize| spans.partition_point(|token| token.start < units[unit].end);
        let (mut first, mut last) = (unit_of(tokens.start), unit_of(tokens.end - 1));
        if first < last && past_token(first) - tokens.start <= EDGE_SLACK && first_token(first) < tokens.start {
            first += 1; // leaked over the end of the unit before
        }
        if first < last && tokens.end - first_token(last) <= EDGE_SLACK && past_token(last) > tokens.end {
            last -= 1;
        }
        let (start, end) = (first_token(first), past_token(last));
        let length = end - start;
        let slack = EDGE_SLACK.min(length / 4);
        (start.abs_diff(tokens.start) <= slack && end.abs_diff(tokens.end) <= slack)
            .then_some(Cover { units: first..last + 1, tokens: start..end })
    }

    fn covered(&self, units: &[ByteSpan], cover: &Cover) -> ByteSpan {
        ByteSpan { start: units[cover.units.start].start, end: units[cover.units.end - 1].end }
    }

    fn bytes(&self, tokens: &Range<usize>) -> ByteSpan {
        ByteSpan { start: self.tokens.spans[tokens.start].start, end: self.tokens.spans[tokens.end - 1].end }
    }

    fn span(&self, bytes: ByteSpan) -> Span {
        let touched = |at: u32| self.paragraphs.partition_point(|p| p.end <= at) + 1;
        let (start, end) = (self.index.chars(bytes.start), self.index.chars(bytes.end));
        let last = bytes.end - 1;
        let last = (0..=last).rev().find(|&at| self.text.is_char_boundary(at as usize)).unwrap_or(0);
        Span { start, end, paragraphs: [touched(bytes.start), touched(last)], lines: [self.index.line(bytes.start), self.index.line(last)] }
    }

    fn quotation(&self, bytes: ByteSpan) -> Box<str> {
        let words = self.text[bytes.range()].split_whitespace();
        let mut quotation = String::new();
        let mut chars = 0;
        for word in words {
            let length = word.chars().count();
            if chars > 0 && chars + 1 + length > QUOTATION_CHARS {
                quotation.push('…');
                break;
            }
            if chars > 0 {
                quotation.push(' ');
            }
            quotation.extend(word.chars().take(QUOTATION_CHARS));
            chars += length + 1;
        }
        quotation.into()
    }
}

#[cfg(test)]
mod tests;
