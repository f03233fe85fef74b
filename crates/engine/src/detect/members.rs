//! The outcome of a run by the documents' positions, for those who act on it.

use super::across::Sets;
use super::clusters::{DocumentCluster, kept};
use super::findings::{CONTAINED, Findings};
use crate::any_corpus::AnyCorpus;
use crate::compare::Overlap;
use crate::config::Keep;
use crate::corpus::Corpus;
use crate::document::Locator;
use crate::error::Result;
use rayon::prelude::*;

/// A document of a run.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// Its id.
    pub id: &'a str,
    /// Where it is in the corpus.
    pub locator: Locator,
}

/// Identical documents that are contained in others.
#[derive(Debug)]
pub struct Containment<'a> {
    /// Positions of the documents whose text is in the others.
    pub inner: &'a [u32],
    /// Positions of the documents that have it.
    pub outer: &'a [u32],
    /// Different shingles of each of the inner ones: the size by which they are told from the outer ones.
    pub inner_size: usize,
}

impl Findings {
    /// The documents in the order of their ids.
    pub fn members(&self) -> impl ExactSizeIterator<Item = Member<'_>> {
        (0..self.documents.len()).map(|at| self.member(at))
    }

    /// The position of the document with this id.
    pub fn position_of(&self, id: &str) -> Option<usize> {
        self.documents.binary_search_by(|line| (*line.id).cmp(id)).ok()
    }

    /// The document at a position.
    pub fn member(&self, at: usize) -> Member<'_> {
        let line = &self.documents[at];
        Member { id: &line.id, locator: line.locator }
    }

    /// Clusters by positions.
    pub fn member_clusters(&self) -> &[DocumentCluster] {
        &self.clusters
    }

    /// Equal for two documents if they have the same words in the same order.
    pub fn words_of(&self, at: u32) -> ([u64; 2], u32) {
        let line = &self.documents[at as usize];
        (line.fingerprint, line.tokens)
    }

    /// The date of a document, in seconds since 1970.
    pub fn date_of(&self, at: usize) -> Option<i64> {
        self.documents[at].date
    }

    /// A hash of the outlet of a document; 0 if it has none.
    pub fn outlet_of(&self, at: usize) -> u64 {
        self.documents[at].outlet
    }

    /// Which of `members` is to be kept.
    pub fn kept(&self, members: &[u32], keep: Keep) -> u32 {
        kept(members, &self.documents, keep)
    }

    /// Texts of which at least `least` of the shingles (and at least the share of the findings) are in others, and that are not near-duplicates. The outer text has
    /// more shingles, or as many and the smaller id.
    pub fn containments(&self, least: f64) -> Vec<Containment<'_>> {
        let classes = &self.shared.reuse.classes;
        let is_contained = |overlap: Overlap, share: f64| share >= CONTAINED.max(least) && overlap.jaccard() < self.config.threshold;
        let pairs = self.shared.reuse.pairs.iter().filter(|pair| !pair.is_template);
        let found = pairs.filter_map(|pair| {
            let overlap = pair.overlap;
            let (inner, outer, size, share) = if overlap.a < overlap.b || overlap.a == overlap.b && pair.b < pair.a {
                (pair.a, pair.b, overlap.a, overlap.a_in_b())
            } else {
                (pair.b, pair.a, overlap.b, overlap.b_in_a())
            };
            let contained = Containment { inner: classes.get(inner), outer: classes.get(outer), inner_size: size };
            is_contained(overlap, share).then_some(contained)
        });
        found.collect()
    }

    /// What the shingle sets of each pair have in common: from what is known, else computed anew from the texts.
    ///
    /// # Errors
    /// A text cannot be read again.
    pub fn overlaps(&self, corpus: &impl Corpus, pairs: &[(u32, u32)]) -> Result<Vec<Overlap>> {
        self.overlaps_in_any(&AnyCorpus::new(corpus), pairs)
    }

    fn overlaps_in_any(&self, corpus: &AnyCorpus<'_>, pairs: &[(u32, u32)]) -> Result<Vec<Overlap>> {
        let class_of = if self.config.across() { self.classes.class_of(self.documents.len()) } else { Vec::new() };
        let sets = Sets { corpus, documents: &self.documents, held: None, config: &self.config };
        let overlap = |scratch: &mut _, &(x, y): &(u32, u32)| -> Result<Overlap> {
            if self.words_of(x) == self.words_of(y) {
                return Ok(Overlap { both: 1, a: 1, b: 1 });
            }
            let class = |at: u32| class_of.get(at as usize).copied().unwrap_or(u32::MAX);
            let (a, b) = (class(x), class(y));
            if a == b && a != u32::MAX {
                return Ok(Overlap { both: 1, a: 1, b: 1 });
            }
            match self.pairs.binary_search_by_key(&(a.min(b), a.max(b)), |pair| (pair.a, pair.b)) {
                Ok(at) if a < b => Ok(self.pairs[at].overlap),
                Ok(at) => Ok(self.pairs[at].overlap.swapped()),
                Err(_) => Ok(Overlap::of_sorted(&sets.of(x, scratch)?, &sets.of(y, scratch)?)),
            }
        };
        pairs.par_iter().map_init(|| sets.scratch(), overlap).collect()
    }
}
