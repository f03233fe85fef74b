//! Repetition inside one document: passages of it with itself, named by what they cover.
//!
//! In: a text and its tokens. Out: repetitions in order of the later copy. Only a document in which something comes again pays
//! for its paragraphs, sentences and lines.

use crate::compare::{Aligner, Loop, Passage, append_again};
use crate::config::WithinConfig;
use crate::finding::{Repetition, RepetitionRule, Span, round};
use crate::text::{ByteSpan, LineIndex, ShingleHash, Tokens, paragraphs, sentences};
use std::collections::HashSet;
use std::ops::Range;

/// A passage's edge this near to a paragraph's or sentence's, in tokens, is meant to be there: the words between were edited.
const EDGE_SLACK: usize = 3;
/// Sentences and paragraphs less alike than this share a way of speaking, not a text.
const LEAST_UNIT_SIMILARITY: f64 = 0.6;
/// The same for stretches that keep to neither: lists of names and figures of speech are such.
const LEAST_PASSAGE_SIMILARITY: f64 = 0.7;
/// Copies less alike than this are left alone where they are lists: "Price: 3 crowns", "Price: 4 crowns".
const LEAST_LIST_SIMILARITY: f64 = 0.95;
/// Prose has more distinct tokens than this share in a window of [`LIST_WINDOW`] tokens; a list of lines of one form has fewer.
const LIST_DISTINCT_SHARE: f64 = 0.55;
const LIST_WINDOW: usize = 40;
/// Code points of a quotation.
const QUOTATION_CHARS: usize = 72;

/// Finds repetitions document by document; keeps its tables between them.
#[derive(Debug)]
pub(super) struct Within {
    config: WithinConfig,
    aligner: Aligner,
    /// Where shingles stand that may stand again.
    places: Vec<u32>,
}

impl Within {
    pub(super) fn new(config: WithinConfig) -> Self {
        Self { config, aligner: Aligner::new(), places: Vec::new() }
    }

    /// Appends to `again`, in order, the places of `shingles`, each of `length` tokens, whose shingle stands before them too: those of the document that
    /// [`Self::find`] was called for last. None if that is not known for so few tokens.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    pub(super) fn append_again(&mut self, shingles: &[ShingleHash], length: usize, again: &mut Vec<u32>) -> Option<()> {
        self.places.clear();
        self.places.extend(self.aligner.repeated(length)?.map(|place| place as u32));
        append_again(shingles, &mut self.places, again);
        Some(())
    }

    /// Appends the repetitions of a document, with an empty id, in order of the later copy.
    pub(super) fn find(&mut self, text: &str, tokens: &Tokens, found: &mut Vec<Repetition>) {
        let config = self.config;
        let (passages, loops) = self.aligner.within(&tokens.hashes);
        let looped = |l: &Loop| tokens.words(l.start..l.start + l.copies * l.period);
        let long = |l: &&Loop| l.copies >= config.min_loop_copies && looped(l) >= config.min_sentence_words;
        let long_enough = |p: &&Passage| matched_words(tokens, p) >= config.min_words.min(config.min_sentence_words) && may_be_alike(p);
        if !loops.iter().any(|l| long(&l)) && !passages.iter().any(|p| long_enough(&p)) {
            return;
        }
        let page = Page::new(text, tokens, passages.iter().filter(long_enough));
        let start = found.len();
        found.extend(passages.iter().filter(long_enough).filter_map(|p| page.repetition(p, config)));
        found.extend(loops.iter().filter(long).filter_map(|l| page.phrase(l)));
        found[start..].sort_by_key(|r| (r.again.start, r.first.start));
    }
}

/// Paragraphs or sentences, with the token that each begins at.
struct Units {
    spans: Vec<ByteSpan>,
    starts: Vec<usize>,
    token_count: usize,
}

impl Units {
    fn new(spans: Vec<ByteSpan>, tokens: &Tokens) -> Self {
        let mut token = 0;
        let starts = spans.iter().map(|unit| {
            token += tokens.spans[token..].iter().take_while(|span| span.start < unit.start).count();
            token
        });
        Self { starts: starts.collect(), spans, token_count: tokens.len() }
    }

    /// The unit that holds a token.
    fn of(&self, token: usize) -> usize {
        self.starts.partition_point(|&start| start <= token).saturating_sub(1)
    }

    /// The units of `tokens`, if they begin and end with them.
    fn whole(&self, tokens: &Range<usize>) -> Option<Range<usize>> {
        let (first, last) = (self.of(tokens.start), self.of(tokens.end - 1));
        let end = self.starts.get(last + 1).copied().unwrap_or(self.token_count);
        (self.starts[first] == tokens.start && end == tokens.end).then_some(first..last + 1)
    }

    /// True if both sides of a passage begin, or both end, at the edge of a unit.
    fn touched_by(&self, passage: &Passage) -> bool {
        let is_edge = |place: usize| place == self.token_count || self.starts.binary_search(&place).is_ok();
        is_edge(passage.a.start) && is_edge(passage.b.start) || is_edge(passage.a.end) && is_edge(passage.b.end)
    }

    /// How many of `units` have a token.
    fn filled(&self, units: &Range<usize>) -> usize {
        let next = |unit: usize| self.starts.get(unit + 1).copied().unwrap_or(self.token_count);
        units.clone().filter(|&unit| next(unit) > self.starts[unit]).count()
    }

    /// The edge of a unit at most `slack` tokens from `place`.
    fn edge_near(&self, place: usize, slack: usize) -> Option<usize> {
        let next = self.starts.partition_point(|&start| start <= place);
        let after = self.starts.get(next).copied().unwrap_or(self.token_count);
        let before = next.checked_sub(1).map(|at| self.starts[at]);
        before.into_iter().chain([after]).min_by_key(|edge| edge.abs_diff(place)).filter(|edge| edge.abs_diff(place) <= slack)
    }

    /// `bytes` of `tokens`, out to the edges of the units where the tokens reach them.
    fn widened(&self, tokens: &Range<usize>, bytes: ByteSpan) -> ByteSpan {
        let (first, last) = (self.of(tokens.start), self.of(tokens.end - 1));
        let end = self.starts.get(last + 1).copied().unwrap_or(self.token_count);
        ByteSpan {
            start: if self.starts[first] == tokens.start { self.spans[first].start } else { bytes.start },
            end: if end == tokens.end { self.spans[last].end } else { bytes.end },
        }
    }
}

/// True for tokens that come again and again within a few lines.
fn is_list(tokens: &[u64]) -> bool {
    let distinct: usize = tokens.chunks(LIST_WINDOW).map(|window| window.iter().collect::<HashSet<_>>().len()).sum();
    (distinct as f64) < LIST_DISTINCT_SHARE * tokens.len() as f64
}

/// Words that an edge of a passage may move to be a sentence's.
fn slack(passage: &Passage) -> usize {
    EDGE_SLACK.min(passage.matched / 4)
}

/// How many words the matched tokens of a passage make.
fn matched_words(tokens: &Tokens, passage: &Passage) -> usize {
    passage.matched * tokens.words(passage.b.clone()) / passage.b.len().max(1)
}

/// False if a passage is too unlike for any rule, wherever its edges move: then nobody need know where sentences end.
fn may_be_alike(passage: &Passage) -> bool {
    let least = passage.a.len().max(passage.b.len()).saturating_sub(2 * slack(passage));
    passage.matched as f64 >= LEAST_UNIT_SIMILARITY.min(LEAST_PASSAGE_SIMILARITY) * least as f64
}

/// `again` without the character that it shares with `first`, if it does: ½ is one character and two tokens.
fn after(first: ByteSpan, again: ByteSpan) -> Option<ByteSpan> {
    let start = again.start.max(first.end);
    (start < again.end).then_some(ByteSpan { start, end: again.end })
}

/// A document with everything needed to say where a passage stands.
struct Page<'a> {
    text: &'a str,
    tokens: &'a Tokens,
    index: LineIndex<'a>,
    paragraphs: Units,
    /// Sentences where a passage begins or ends, else paragraphs: of what a passage holds besides, or not at all, nothing is asked.
    sentences: Units,
}

impl<'a> Page<'a> {
    fn new<'p>(text: &'a str, tokens: &'a Tokens, passages: impl Iterator<Item = &'p Passage>) -> Self {
        let paragraphs = Units::new(paragraphs(text), tokens);
        let mut is_edge = vec![false; paragraphs.spans.len()];
        let mut edges: Vec<usize> = passages.flat_map(|passage| [passage.a.start, passage.a.end, passage.b.start, passage.b.end]).collect();
        edges.sort_unstable();
        edges.dedup();
        for edge in edges {
            // The edge may move, and lies between two tokens.
            let (first, last) = (paragraphs.of(edge.saturating_sub(EDGE_SLACK + 1)), paragraphs.of(edge + EDGE_SLACK));
            is_edge[first..=last].fill(true);
        }
        let units = paragraphs.spans.iter().zip(is_edge);
        let sentences = units.flat_map(|(&unit, is_edge)| if is_edge { sentences(text, unit) } else { vec![unit] }).collect();
        Self { text, tokens, index: LineIndex::new(text), paragraphs, sentences: Units::new(sentences, tokens) }
    }

    /// None if the passage is too short, or too unlike, for what it is.
    fn repetition(&self, passage: &Passage, config: WithinConfig) -> Option<Repetition> {
        let passage = self.snapped(passage);
        let whole = |units: &Units| units.whole(&passage.a).zip(units.whole(&passage.b));
        let paragraphs = whole(&self.paragraphs).map(|(a, b)| (self.paragraphs.filled(&a), self.paragraphs.filled(&b)));
        let is_sentence = self.sentences.whole(&passage.a).is_some() || self.sentences.whole(&passage.b).is_some();
        let (rule, units, least) = match paragraphs {
            Some((1, 1)) => (RepetitionRule::RepeatedParagraph, Some(&self.paragraphs), config.min_sentence_words),
            Some((2.., 2..)) => (RepetitionRule::RepeatedBlock, Some(&self.paragraphs), config.min_sentence_words),
            None if is_sentence => (RepetitionRule::RepeatedSentence, Some(&self.sentences), config.min_sentence_words),
            // One edge is that of a sentence, on both sides: a sentence whose other end was rewritten. It is shorter than any passage.
            _ if passage.matched < config.min_words && self.sentences.touched_by(&passage) => {
                (RepetitionRule::RepeatedSentence, None, config.min_sentence_words + EDGE_SLACK)
            }
            _ => (RepetitionRule::RepeatedPassage, None, config.min_words),
        };
        let [first, again] = [&passage.a, &passage.b].map(|tokens| self.bytes(tokens, units));
        let again = after(first, again)?;
        let similarity = passage.similarity();
        let least_similarity = if units.is_some() { LEAST_UNIT_SIMILARITY } else { LEAST_PASSAGE_SIMILARITY };
        let is_list = similarity < LEAST_LIST_SIMILARITY && is_list(&self.tokens.hashes[passage.a.clone()]);
        (matched_words(self.tokens, &passage) >= least && similarity >= least_similarity && !is_list).then(|| Repetition {
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

    fn phrase(&self, found: &Loop) -> Option<Repetition> {
        let (start, second, end) = (found.start, found.start + found.period, found.start + found.period * found.copies);
        let (first, again) = (self.bytes(&(start..second), None), self.bytes(&(second..end), None));
        let again = after(first, again)?;
        Some(Repetition {
            rule: RepetitionRule::RepeatedPhrase,
            doc: Box::default(),
            first: self.span(first),
            again: self.span(again),
            similarity: 1.0,
            words: end - second,
            copies: Some(found.copies),
            quotation: self.quotation(first),
        })
    }

    /// The passage with each of its edges moved to where a sentence begins or ends, if that is near on both sides.
    fn snapped(&self, passage: &Passage) -> Passage {
        let slack = slack(passage);
        let nearest = |place: usize| self.sentences.edge_near(place, slack);
        let both = |a: usize, b: usize| nearest(a).zip(nearest(b)).unwrap_or((a, b));
        let (a_start, b_start) = both(passage.a.start, passage.b.start);
        let (a_end, b_end) = both(passage.a.end, passage.b.end);
        let apart = a_end <= b_start && a_start < a_end && b_start < b_end;
        if !apart {
            return passage.clone();
        }
        let (a, b) = (a_start..a_end, b_start..b_end);
        passage.on(a, b)
    }

    /// Where `tokens` stand; out to the edges of `units` where they reach them.
    fn bytes(&self, tokens: &Range<usize>, units: Option<&Units>) -> ByteSpan {
        let bytes = ByteSpan { start: self.tokens.spans[tokens.start].start, end: self.tokens.spans[tokens.end - 1].end };
        units.map_or(bytes, |units| units.widened(tokens, bytes))
    }

    fn span(&self, bytes: ByteSpan) -> Span {
        let touched = |at: u32| self.paragraphs.spans.partition_point(|p| p.end <= at) + 1;
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
            if length > QUOTATION_CHARS {
                quotation.push('…');
                break;
            }
            chars += length + 1;
        }
        quotation.into()
    }
}

#[cfg(test)]
mod tests;
