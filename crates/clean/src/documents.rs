//! Cleaning for callers that hold the documents themselves: decisions about any corpus, without files.
//!
//! In: a corpus and [`Options`]. Out: [`CleanedDocuments`]: which documents are removed and why, and which ranges of the others.

use super::article::{Cut, char_offsets};
use super::cleaned_corpus::Fate;
use super::decide::{self, Decisions, Fields};
use super::policy::Rule;
use super::{Options, seen};
use refrain_engine::corpus::Corpus;
use refrain_engine::detect::{Findings, Progress};
use refrain_engine::document::Locator;
use refrain_engine::error::Result;
use std::ops::Range;

/// A document that is removed as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct RemovedDocument<'d> {
    /// Its id, as in the findings.
    pub id: &'d str,
    /// Where it is in the corpus.
    pub locator: Locator,
    /// Why it is removed.
    pub rule: Rule,
    /// Id of the document for which it is removed, of the corpus or of the reference.
    pub copy: Option<Box<str>>,
    /// Jaccard similarity to that one in [0, 1]; for `contained` and `contains-item` the share of the contained one.
    pub similarity: Option<f64>,
    /// For `gopher`: name, value and threshold of the measure.
    pub measure: Option<(&'static str, f64, f64)>,
}

/// A range that is removed from a document.
#[derive(Clone, Debug, PartialEq)]
pub struct RemovedSpan<'d> {
    /// The document's id.
    pub id: &'d str,
    /// Where the document is in the corpus.
    pub locator: Locator,
    /// Why the range is removed.
    pub rule: Rule,
    /// Code points of the text as it was.
    pub span: [usize; 2],
    /// The copy that stays: the id of its document, and its code points.
    pub copy: Option<(&'d str, [usize; 2])>,
    /// Similarity to that copy in [0, 1], where it is not verbatim.
    pub similarity: Option<f64>,
}

/// What cleaning does to documents.
pub struct CleanedDocuments(Decisions);

/// Decides what cleaning removes from the documents of `corpus`; writes nothing. Of `options` those count that say what is removed.
///
/// # Errors
/// [`refrain_engine::Error::Config`] for settings out of range; what keeps a text from being read; [`refrain_engine::Error::Cancelled`].
pub fn clean_documents<C: Corpus + Fields>(corpus: &C, options: &Options, progress: &dyn Progress) -> Result<CleanedDocuments> {
    options.detection.check()?;
    options.policy.check(&options.detection)?;
    options.policy.check_reference(options.reference.is_some())?;
    let decisions = match &options.reference {
        Some(reference) => seen::decide(corpus, options, reference, progress)?,
        None => decide::decide(corpus, options, progress)?,
    };
    Ok(CleanedDocuments(decisions))
}

impl CleanedDocuments {
    /// What was found in the documents before any was removed.
    #[must_use]
    pub fn findings(&self) -> &Findings {
        &self.0.findings
    }

    /// The same, to be kept.
    #[must_use]
    pub fn into_findings(self) -> Findings {
        self.0.findings
    }

    /// Documents that are removed as a whole, by their ids.
    pub fn removed(&self) -> impl Iterator<Item = RemovedDocument<'_>> {
        let id = |copy: u32| self.0.findings.member(copy as usize).id;
        self.changed().filter_map(move |(document, locator, fate)| {
            let gone = fate.gone.as_ref()?;
            let (copy, similarity, measure) = (gone.copy_id(id), gone.similarity, gone.measure);
            Some(RemovedDocument { id: document, locator, rule: gone.rule, copy, similarity, measure })
        })
    }

    /// Ranges that are removed from documents that stay, by the documents' ids, then in order.
    ///
    /// # Errors
    /// A text cannot be read again.
    pub fn spans(&self, corpus: &impl Corpus) -> Result<Vec<RemovedSpan<'_>>> {
        let mut spans = Vec::new();
        for (id, locator, fate) in self.changed().filter(|(.., fate)| fate.gone.is_none() && !fate.cuts.is_empty()) {
            self.add_spans((id, locator), &corpus.text(locator)?, &fate.cuts, &mut spans);
        }
        Ok(spans)
    }

    fn add_spans<'d>(&'d self, (id, locator): (&'d str, Locator), text: &str, cuts: &[Cut], spans: &mut Vec<RemovedSpan<'d>>) {
        let ranges = cuts.iter().flat_map(|cut| [Some(&cut.range), cut.why.first.as_ref()]).flatten();
        let mut edges: Vec<usize> = ranges.flat_map(|range| [range.start, range.end]).collect();
        edges.sort_unstable();
        edges.dedup();
        let chars = char_offsets(text, &edges);
        let in_chars = |bytes: &Range<usize>| [bytes.start, bytes.end].map(|edge| edges.binary_search(&edge).map_or(0, |at| chars[at]));
        spans.extend(cuts.iter().map(|Cut { range, why }| {
            let elsewhere = || why.other.map(|(other, span)| (self.0.findings.member(other as usize).id, span));
            let copy = why.first.as_ref().map(|first| (id, in_chars(first))).or_else(elsewhere);
            RemovedSpan { id, locator, rule: why.rule, span: in_chars(range), copy, similarity: why.similarity }
        }));
    }

    /// The ranges of bytes that are removed from the text of the document at `locator`, in order; None if the document is removed.
    #[must_use]
    pub fn ranges_removed(&self, locator: Locator) -> Option<impl Iterator<Item = Range<usize>>> {
        let fate = self.0.fates.get(locator);
        let is_gone = fate.is_some_and(|fate| fate.gone.is_some());
        (!is_gone).then(|| fate.into_iter().flat_map(|fate| &fate.cuts).map(|cut| cut.range.clone()))
    }

    fn changed(&self) -> impl Iterator<Item = (&str, Locator, &Fate)> {
        self.0.findings.members().filter_map(|member| Some((member.id, member.locator, self.0.fates.get(member.locator)?)))
    }
}
