//! Where the passages of pairs stand in the texts of their documents.
//!
//! In: pairs of classes with passages in tokens. Out: for each document of such a class the offsets of the edges of its matched runs, in code points.
//! Documents of one class have the same tokens, but not the same text.

use super::read::{DocumentLine, Reading};
use super::reuse::Reuse;
use crate::config::DetectConfig;
use crate::corpus::Corpus;
use crate::error::Result;
use crate::text::{LineIndex, Tokenizer, Tokens};
use rayon::prelude::*;
use std::ops::Range;

/// Documents that one thread reads again at a time: the last to end keeps all others waiting.
const DOCUMENTS_AT_A_TIME: usize = 1024;

/// Offsets of passages.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// For each class the tokens at which a passage begins, or before which one ends; ascending.
    edges: Vec<Vec<u32>>,
    class_of: Vec<u32>,
    /// For each document and edge of its class: where the token at the edge starts, and where the one before it ends.
    offsets: Vec<Vec<[u32; 2]>>,
}

impl Places {
    /// Reads every document again that has a passage, and of which it is not held where its tokens stand.
    #[expect(clippy::cast_possible_truncation, reason = "the number of documents was checked")]
    pub(super) fn find(corpus: &impl Corpus, reading: &Reading, reuse: &Reuse, config: &DetectConfig) -> Result<Self> {
        let documents = &reading.documents;
        let edges: Vec<_> = (0..reuse.classes.count()).into_par_iter().map(|class| edges_of(class, reuse, documents)).collect();
        let class_of = reuse.classes.class_of(documents.len());
        let new = || (Tokenizer::new(config.fold, config.simd), Tokens::default());
        let read = documents.par_iter().with_max_len(DOCUMENTS_AT_A_TIME).zip(&class_of).enumerate().map_init(
            new,
            |(tokenizer, tokens), (at, (document, &class))| {
                let edges = edges.get(class as usize).map_or(&[][..], Vec::as_slice);
                if edges.is_empty() {
                    return Ok(Vec::new());
                }
                if let Some(offsets) = reading.edges_of(at as u32, edges) {
                    return Ok(offsets);
                }
                let text = corpus.text(document.locator)?;
                tokenizer.read(&text, tokens);
                Ok(offsets(&text, tokens, edges))
            },
        );
        let offsets = read.collect::<Result<_>>()?;
        Ok(Self { edges, class_of, offsets })
    }

    /// Code points of `tokens` in `document`; the range is between edges of a passage of its class. Where it is empty, the end of the token before it.
    pub(super) fn range(&self, document: usize, tokens: &Range<usize>) -> [usize; 2] {
        let edges = &self.edges[self.class_of[document] as usize];
        let at = |token: usize| edges.partition_point(|&edge| (edge as usize) < token);
        let offsets = &self.offsets[document];
        let end = offsets[at(tokens.end)][1] as usize;
        if tokens.is_empty() { [end; 2] } else { [offsets[at(tokens.start)][0] as usize, end] }
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

#[expect(clippy::cast_possible_truncation, reason = "texts of 4 GiB and more are refused where they are read")]
fn offsets(text: &str, tokens: &Tokens, edges: &[u32]) -> Vec<[u32; 2]> {
    let index = LineIndex::new(text);
    let chars = |byte: Option<u32>| byte.map_or(0, |byte| index.chars(byte) as u32);
    let span = |token: usize| tokens.spans.get(token);
    let of = |&edge: &u32| {
        let edge = edge as usize;
        [chars(span(edge).map(|span| span.start)), chars(edge.checked_sub(1).and_then(span).map(|span| span.end))]
    };
    edges.iter().map(of).collect()
}
