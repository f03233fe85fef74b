//! Boilerplate: paragraphs that stand in many documents. They are told apart, and make no pair of documents.
//!
//! In: the paragraphs of every document as hashes of their tokens. Out: those that many documents have, and where they stand in each.

use super::groups::Groups;
use super::read::{DocumentLine, Reading};
use crate::corpus::Corpus;
use crate::error::Result;
use crate::finding::Boilerplate;
use crate::sort::RepeatFilter;
use crate::spill::Word;
use crate::text::{ByteSpan, Fold, Tokenizer, Tokens, paragraphs};
use crate::{Simd, text::mix};
use rayon::prelude::*;
use std::collections::HashSet;
use std::ops::Range;

/// Words of a paragraph: shorter ones are labels, and no passage is made of them.
const LEAST_WORDS: usize = 4;
/// Longer ones are texts.
const MOST_WORDS: usize = 200;
/// Code points of a text that a finding shows.
const TEXT_CHARS: usize = 300;

/// A paragraph of a document: hash of its tokens, and which they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Paragraph {
    pub(super) hash: u64,
    pub(super) document: u32,
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Paragraph {
    pub(super) fn tokens(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl Word for Paragraph {
    const BYTES: usize = 20;

    fn put(self, bytes: &mut [u8]) {
        self.hash.put(&mut bytes[..8]);
        [self.document, self.start, self.end].into_iter().zip(bytes[8..].chunks_exact_mut(4)).for_each(|(number, bytes)| number.put(bytes));
    }

    fn take(bytes: &[u8]) -> Self {
        let [document, start, end] = [8, 12, 16].map(|at| u32::take(&bytes[at..at + 4]));
        Self { hash: u64::take(&bytes[..8]), document, start, end }
    }
}

/// The start of a text as a finding shows it, white space made single.
pub(super) fn on_one_line(text: &str) -> Box<str> {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(TEXT_CHARS).collect::<String>().into()
}

/// Hash of a paragraph as it is kept in an index.
pub(super) fn kept_hash(tokens: &[u64]) -> u64 {
    tokens.iter().fold(0, |hash: u64, token| mix(hash.rotate_left(5) ^ token))
}

/// Hash of a paragraph within one run: a polynomial as of a shingle, four tokens a step, so that none waits for the one before.
pub(super) fn quick_hash(tokens: &[u64]) -> u64 {
    const BASE: u64 = 0x9E37_79B9_7F4A_7C15;
    const POWERS: [u64; 3] = [BASE.wrapping_pow(3), BASE.wrapping_pow(2), BASE];
    let step = |hash: u64, token: u64| hash.wrapping_mul(BASE).wrapping_add(token);
    let (fours, rest) = tokens.as_chunks::<4>();
    let hash = fours.iter().fold(tokens.len() as u64, |hash, [first @ .., last]| {
        let first = first.iter().zip(POWERS).fold(*last, |sum, (token, power)| sum.wrapping_add(token.wrapping_mul(power)));
        hash.wrapping_mul(BASE.wrapping_pow(4)).wrapping_add(first)
    });
    mix(rest.iter().fold(hash, |hash, &token| step(hash, token)))
}

/// Appends the paragraphs of a document that may be boilerplate, each with its `hash`. Time linear in the text.
#[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
pub(super) fn append_paragraphs(text: &str, tokens: &Tokens, document: u32, hash: fn(&[u64]) -> u64, out: &mut Vec<Paragraph>) {
    let mut start = 0;
    for paragraph in paragraphs(text) {
        start += begun_before(&tokens.spans[start..], paragraph.start);
        let end = start + begun_before(&tokens.spans[start..], paragraph.end);
        if (LEAST_WORDS..=MOST_WORDS).contains(&tokens.words(start..end)) {
            let hash = hash(&tokens.hashes[start..end]);
            out.push(Paragraph { hash, document, start: start as u32, end: end as u32 });
        }
        start = end;
    }
}

/// How many of `spans`, which are in order, begin before `place`: by steps that grow, for most paragraphs are short beside what is left of the text.
fn begun_before(spans: &[ByteSpan], place: u32) -> usize {
    let mut end = 8;
    while end < spans.len() && spans[end].start < place {
        end *= 2;
    }
    let from = if end == 8 { 0 } else { end / 2 };
    from + spans[from..end.min(spans.len())].partition_point(|span| span.start < place)
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// In order of the first document that has each, then of its place there.
    pub(super) told: Vec<Boilerplate>,
    /// Where boilerplate stands in the first document of each class: class, tokens; in order.
    places: Vec<(u32, Range<u32>)>,
}

impl Frames {
    /// The boilerplate of a class.
    pub(super) fn of(&self, class: u32) -> impl Iterator<Item = Range<usize>> {
        let from = self.places.partition_point(|place| place.0 < class);
        self.places[from..].iter().take_while(move |place| place.0 == class).map(|(_, tokens)| tokens.start as usize..tokens.end as usize)
    }
}

/// Where the paragraphs come from.
pub(super) struct Source<'a, C> {
    pub(super) corpus: &'a C,
    pub(super) documents: &'a [DocumentLine],
    /// Identical documents.
    pub(super) classes: &'a Groups,
    pub(super) fold: Fold,
    pub(super) simd: Simd,
}

impl<C: Corpus> Source<'_, C> {
    /// The paragraphs of `reading` that occur in `least` classes or more.
    pub(super) fn frames(&self, reading: &Reading, least: usize) -> Result<Frames> {
        let class_of = self.classes.class_of(self.documents.len());
        let mut paragraphs = repeated(reading)?;
        paragraphs.par_sort_unstable();
        let classes = |same: &&[Paragraph]| {
            let mut classes: Vec<u32> = same.iter().map(|paragraph| class_of[paragraph.document as usize]).collect();
            classes.sort_unstable();
            classes.dedup();
            classes.len()
        };
        let mut many: Vec<&[Paragraph]> =
            paragraphs.chunk_by(|x, y| x.hash == y.hash).filter(|same| same.len() >= least && classes(same) >= least).collect();
        many.sort_unstable_by_key(|same| (same[0].document, same[0].start));
        let told = many.par_iter().map(|same| self.told(same)).collect::<Result<_>>()?;
        let is_first = |paragraph: &&Paragraph| self.classes.first(class_of[paragraph.document as usize]) == paragraph.document;
        let of_first = many.iter().flat_map(|same| same.iter().filter(is_first));
        let mut places: Vec<(u32, Range<u32>)> =
            of_first.map(|paragraph| (class_of[paragraph.document as usize], paragraph.start..paragraph.end)).collect();
        places.sort_unstable_by_key(|(class, tokens)| (*class, tokens.start));
        Ok(Frames { told, places })
    }

    fn told(&self, same: &[Paragraph]) -> Result<Boilerplate> {
        let mut documents: Vec<u32> = same.iter().map(|paragraph| paragraph.document).collect();
        documents.dedup();
        let outlets: HashSet<u64> = documents.iter().map(|&at| self.documents[at as usize].outlet).filter(|&outlet| outlet != 0).collect();
        let line = &self.documents[documents[0] as usize];
        let text = self.corpus.text(line.locator)?;
        let mut tokens = Tokens::default();
        Tokenizer::new(self.fold, self.simd).read(&text, &mut tokens);
        let (first, last) = (same[0].start as usize, same[0].end as usize - 1);
        let inside = |place: u32| paragraphs(&text).into_iter().find(|paragraph| (paragraph.start..paragraph.end).contains(&place));
        let span = tokens.spans.get(first).and_then(|span| inside(span.start));
        let whole =
            span.filter(|span| tokens.spans.get(last).is_some_and(|token| token.end <= span.end)).map_or("", |span| &text[span.range()]);
        Ok(Boilerplate {
            text: on_one_line(whole),
            documents: documents.len(),
            outlets: (!outlets.is_empty()).then_some(outlets.len()),
            examples: documents.iter().take(3).map(|&at| self.documents[at as usize].id.clone()).collect(),
        })
    }
}

/// The paragraphs that may occur in another position too.
fn repeated(reading: &Reading) -> Result<Vec<Paragraph>> {
    let mut filter = RepeatFilter::default();
    filter.clear(reading.count_paragraphs());
    reading.visit_paragraphs(|paragraph| filter.insert(paragraph.hash))?;
    let mut repeated = Vec::new();
    reading.visit_paragraphs(|paragraph| {
        if filter.is_repeated(paragraph.hash) {
            repeated.push(paragraph);
        }
    })?;
    Ok(repeated)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn paragraphs_are_read_as_they_were_written(hash in any::<u64>(), document in any::<u32>(), start in any::<u32>(), end in any::<u32>()) {
            let (paragraph, mut bytes) = (Paragraph { hash, document, start, end }, [0; Paragraph::BYTES]);
            paragraph.put(&mut bytes);
            prop_assert_eq!(Paragraph::take(&bytes), paragraph);
        }

        #[test]
        fn spans_are_counted(steps in prop::collection::vec(0..4_u32, 0..90), place in 0..140_u32) {
            let mut start = 0;
            let spans: Vec<ByteSpan> = steps.into_iter().map(|step| { start += step; ByteSpan { start, end: start + 1 } }).collect();
            prop_assert_eq!(begun_before(&spans, place), spans.iter().filter(|span| span.start < place).count());
        }

        #[test]
        fn a_paragraph_is_hashed_as_token_by_token(tokens in prop::collection::vec(any::<u64>(), 0..14)) {
            let step = |hash: u64, &token: &u64| hash.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(token);
            prop_assert_eq!(quick_hash(&tokens), mix(tokens.iter().fold(tokens.len() as u64, step)));
        }
    }
}
