//! Which paragraphs stand in many articles.
//!
//! In: a corpus as it stands. Out: hashes of the paragraphs that many of its articles have, articles of equal words counted once. Memory: 24 bytes a
//! paragraph of 4 to 200 words.

use rayon::prelude::*;
use refrain_engine::config::DetectConfig;
use refrain_engine::corpus::{Corpus, Visitor};
use refrain_engine::detect::SingleDocument;
use refrain_engine::document::Record;
use refrain_engine::error::Result;
use std::collections::HashSet;

/// The paragraphs that stand in `config.boilerplate` articles or more.
pub(super) fn boilerplate(corpus: &impl Corpus, config: &DetectConfig) -> Result<HashSet<u64>> {
    let stretches = corpus.visit(|| Paragraphs { document: SingleDocument::new(config), found: Vec::new() })?;
    let mut found: Vec<(u64, [u64; 2])> = stretches.into_iter().flat_map(|stretch| stretch.output).collect();
    found.par_sort_unstable();
    found.dedup();
    let many = found.chunk_by(|x, y| x.0 == y.0).filter(|same| same.len() >= config.boilerplate).map(|same| same[0].0);
    Ok(many.collect())
}

struct Paragraphs {
    document: SingleDocument,
    /// Hash of a paragraph, and of the words of its article.
    found: Vec<(u64, [u64; 2])>,
}

impl Visitor for Paragraphs {
    type Output = Vec<(u64, [u64; 2])>;

    fn document(&mut self, record: Record<'_>) {
        self.document.read(&record.text);
        let words = self.document.fingerprint();
        self.found.extend(self.document.paragraphs(&record.text).map(|(hash, _)| (hash, words)));
    }

    fn progress(&mut self, _: u64) {}

    fn finish(self) -> Self::Output {
        self.found
    }
}
