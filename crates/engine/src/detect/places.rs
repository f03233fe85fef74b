//! Where the passages of pairs stand in the texts of their documents.
//!
//! In: pairs of classes with passages in tokens. Out: for each document of such a class the offsets of the edges of its matched runs, in code points, and
//! for each pair of documents the matched tokens that are respelled, with their offsets. Documents of one class have the same tokens, but not the same text.

use super::lists::Lists;
use super::read::{DocumentLine, Reading};
use super::respelled::{Matched, Respelled, sums_at};
use super::reuse::Reuse;
use crate::compare::MatchedRun;
use crate::config::DetectConfig;
use crate::corpus::Corpus;
use crate::error::{Error, Result};
use crate::text::{LineIndex, Tokenizer, Tokens, spellings, written};
use rayon::prelude::*;
use std::ops::Range;

/// Documents, or classes, that one thread goes through at a time: the last to end keeps all others waiting.
const AT_A_TIME: usize = 64;

/// Offsets of passages.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// For each class the tokens at which a passage begins, or before which one ends; ascending.
    edges: Lists<u32>,
    class_of: Vec<u32>,
    /// For each document and edge of its class: where the token at the edge starts, and where the one before it ends.
    offsets: Lists<[u32; 2]>,
    respelled: Respelled,
}

impl Places {
    /// Reads every document again that has a passage, and of which it is not held where its tokens stand.
    #[expect(clippy::cast_possible_truncation, reason = "the number of documents was checked")]
    pub(super) fn find(corpus: &impl Corpus, reading: &Reading, reuse: &Reuse, config: &DetectConfig) -> Result<Self> {
        let documents = &reading.documents;
        let classes: Vec<u32> = (0..reuse.classes.count()).collect();
        let edges = classes.par_chunks(AT_A_TIME).map(|classes| {
            let mut edges = Lists::default();
            classes.iter().for_each(|&class| edges.push(edges_of(class, reuse, documents)));
            edges
        });
        let edges = Lists::concat(edges.collect());
        let class_of = reuse.classes.class_of(documents.len());
        let texts = Texts { corpus, reading, config };
        let read = class_of.par_chunks(AT_A_TIME).enumerate().map_init(
            || texts.scratch(),
            |scratch, (chunk, classes)| {
                let mut found = (Lists::default(), Lists::default());
                for (at, &class) in (chunk * AT_A_TIME..).zip(classes) {
                    let edges = edges.get(class as usize);
                    let (offsets, sums) = if edges.is_empty() { Default::default() } else { texts.at_edges(at as u32, edges, scratch)? };
                    found.0.push(offsets);
                    found.1.push(sums);
                }
                Ok(found)
            },
        );
        let (offsets, sums): (Vec<_>, Vec<_>) = read.collect::<Result<Vec<_>>>()?.into_iter().unzip();
        let (offsets, sums) = (Lists::concat(offsets), Lists::concat(sums));
        let respelled = Respelled::find(&texts, &Matched { reuse, edges: &edges, sums: &sums })?;
        Ok(Self { edges, class_of, offsets, respelled })
    }

    /// Code points of `tokens` in `document`; the range is between edges of a passage of its class, or of respelled tokens. Where it is empty, the end of the
    /// token before it.
    pub(super) fn range(&self, document: usize, tokens: &Range<usize>) -> [usize; 2] {
        let end = self.offsets_at(document, tokens.end)[1] as usize;
        if tokens.is_empty() { [end; 2] } else { [self.offsets_at(document, tokens.start)[0] as usize, end] }
    }

    /// The tokens that match in documents `a` and `b` and are respelled, in order of a; those that are neighbours as one run.
    pub(super) fn respelled(&self, a: usize, b: usize) -> &[MatchedRun] {
        self.respelled.runs(a, b)
    }

    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    fn offsets_at(&self, document: usize, token: usize) -> [u32; 2] {
        match self.edges.get(self.class_of[document] as usize).binary_search(&(token as u32)) {
            Ok(at) => self.offsets.get(document)[at],
            Err(_) => self.respelled.offsets_at(document, token as u32),
        }
    }
}

/// The edges of a class. Identical documents are one passage as a whole.
#[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
fn edges_of(class: u32, reuse: &Reuse, documents: &[DocumentLine]) -> Vec<u32> {
    let pairs = reuse.partners.get(class as usize).iter().map(|&(_, at)| &reuse.pairs[at as usize]);
    let mut edges: Vec<u32> =
        pairs.flat_map(|pair| pair.matched_in(class).flat_map(|tokens| [tokens.start as u32, tokens.end as u32])).collect();
    edges.extend(reuse.common_runs.edges.get(class as usize).iter().flatten());
    if reuse.classes.get(class).len() > 1 {
        edges.extend([0, documents[reuse.classes.first(class) as usize].tokens]);
    }
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// Documents that can be read again.
pub(super) struct Texts<'a, C> {
    corpus: &'a C,
    pub(super) reading: &'a Reading,
    config: &'a DetectConfig,
}

/// What a thread needs to read a document again.
pub(super) type Scratch = (Tokenizer, Tokens);

impl<C: Corpus> Texts<'_, C> {
    pub(super) fn scratch(&self) -> Scratch {
        (Tokenizer::new(self.config.fold, self.config.simd), Tokens::default())
    }

    /// Reads a document again and returns what `take` makes of its text and tokens.
    pub(super) fn read<T>(&self, document: u32, (tokenizer, tokens): &mut Scratch, take: impl FnOnce(&str, &Tokens) -> T) -> Result<T> {
        let line = &self.reading.documents[document as usize];
        let text = self.corpus.text(line.locator)?;
        tokenizer.read(&text, tokens);
        if tokens.len() != line.tokens as usize {
            return Err(Error::Changed { path: self.corpus.name(line.locator.file).as_ref().into() });
        }
        Ok(take(&text, tokens))
    }

    /// The offsets at `edges` of a document, and the sums of its spellings there.
    fn at_edges(&self, document: u32, edges: &[u32], scratch: &mut Scratch) -> Result<(Vec<[u32; 2]>, Vec<u64>)> {
        if let Some(offsets) = self.reading.edges_of(document, edges)?
            && let Some(spellings) = self.reading.spellings_of(document)?
        {
            return Ok((offsets, sums_at(&spellings, edges)));
        }
        self.read(document, scratch, |text, tokens| {
            let spellings: Vec<u32> = spellings(text, &tokens.spans).collect();
            (offsets(text, tokens, edges), sums_at(&spellings, edges))
        })
    }
}

/// For each of `edges`, where the token starts and where the one before it ends, in code points; 0 for what is not there.
#[expect(clippy::cast_possible_truncation, reason = "texts of 4 GiB and more are refused where they are read")]
pub(super) fn offsets(text: &str, tokens: &Tokens, edges: &[u32]) -> Vec<[u32; 2]> {
    let index = LineIndex::new(text);
    let chars = |byte: Option<u32>| byte.map_or(0, |byte| index.chars(byte) as u32);
    let of = |&edge: &u32| {
        let edge = edge as usize;
        let last = edge.checked_sub(1).map(|last| written(text, &tokens.spans, last).end);
        [chars(tokens.spans.get(edge).map(|span| span.start)), chars(last)]
    };
    edges.iter().map(of).collect()
}
