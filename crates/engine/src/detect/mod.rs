//! The pipeline: one call a stage, in the order of the diagram in `docs/architecture.md`.
//!
//! In: a corpus and a configuration. Out: [`Findings`]. Always: they depend on these two alone, not on threads or order.

mod across;
mod against;
mod boilerplate;
mod candidates;
mod clusters;
mod common_runs;
mod derivation;
mod findings;
mod frame;
mod groups;
mod held;
mod keys;
mod large;
mod lists;
mod members;
mod partners;
mod placed;
mod places;
mod prints;
mod publication;
mod read;
mod reader;
mod respelled;
mod reuse;
mod signature;
mod single;
mod token_store;
mod window_paths;
mod windows;
mod within;

/// For measures of texts outside the pipeline, which know no stage.
use crate::any_corpus::AnyCorpus;
pub use crate::text::Weight;
pub use against::{Evidence, Known, Match, Matcher, Offsets, PairSide};
pub use findings::{Findings, MOST_PAIRS, ReadDocument};
pub use large::{LARGE as LARGE_BUCKET, LEADERS};
pub use members::{Containment, Member};
pub use signature::{Around, SelectedGram, Signature, Signer};
pub use single::SingleDocument;

use derivation::DocumentDerivation;
use places::Places;

use crate::config::DetectConfig;
use crate::corpus::{Corpus, Documents};
use crate::document::Document;
use crate::error::{Error, Result};
use crate::spill::MemoryLimit;

/// A phase of a run. A run has some of them, in this order; a cleaning repeats them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Documents are read, tokenised and sketched; counted in bytes of text.
    Reading,
    /// Candidate pairs are collected.
    Candidates,
    /// The shingle sets of candidate pairs are compared; counted in pairs.
    Verification,
    /// Candidate pairs are aligned to find shared passages; counted in pairs.
    Passages,
    /// Clusters, sources and offsets are computed.
    Results,
    /// Output files are written; counted in bytes of input.
    Writing,
}

/// Receives the progress of a run. Called from many threads.
pub trait Progress: Sync {
    /// A phase begins; `total` is its amount of work, where that is known.
    fn phase(&self, _phase: Phase, _total: Option<u64>) {}
    /// `bytes` more of the input were read.
    fn read(&self, _bytes: u64) {}
    /// `pairs` more were verified or aligned.
    fn verified(&self, _pairs: u64) {}
    /// `bytes` more of the input were processed for the output.
    fn written(&self, _bytes: u64) {}
    /// True if the run is to stop. It is called between documents and between pairs, and has to be fast; once true, it stays true. The run then fails with
    /// [`crate::Error::Cancelled`].
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Stops a run that was cancelled.
///
/// # Errors
/// [`crate::Error::Cancelled`].
pub fn check_cancelled(progress: &dyn Progress) -> Result<()> {
    if progress.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
}

/// Ignores all progress.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {}

/// Finds repetition inside documents, near-duplicates and reused passages among them.
#[derive(Clone, Debug)]
pub struct Detector {
    config: DetectConfig,
    limit: Option<MemoryLimit>,
}

impl Detector {
    /// A detector for `config`.
    ///
    /// # Errors
    /// [`crate::Error::Config`] if a setting is out of its range.
    pub fn new(config: DetectConfig) -> Result<Self> {
        config.check()?;
        Ok(Self { config, limit: None })
    }

    /// The same, within `limit`. Findings do not depend on it.
    #[must_use]
    pub fn within_memory(self, limit: MemoryLimit) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// Everything found in `documents`, which are held in memory.
    ///
    /// # Errors
    /// [`crate::Error::TooMany`].
    pub fn detect(&self, documents: impl IntoIterator<Item = Document>) -> Result<Findings> {
        self.detect_in(&documents.into_iter().collect::<Documents>(), &Silent)
    }

    /// Everything found in `corpus`, read on all threads of the current rayon pool.
    ///
    /// # Errors
    /// What keeps a file from being read; [`crate::Error::TooMany`].
    pub fn detect_in(&self, corpus: &impl Corpus, progress: &dyn Progress) -> Result<Findings> {
        self.detect_any(&AnyCorpus::new(corpus), progress)
    }

    fn detect_any(&self, corpus: &AnyCorpus<'_>, progress: &dyn Progress) -> Result<Findings> {
        let config = &self.config;
        progress.phase(Phase::Reading, None);
        let mut reading = read::read(corpus, config, self.limit.as_ref(), progress)?;
        let mut across = if config.across() { across::across(corpus, &reading, config, progress)? } else { across::Across::default() };
        let mut shared = Shared::default();
        if config.passages() {
            shared.reuse = reuse::reuse(corpus, &mut reading, &across, config, progress)?;
            across.add_missed(&shared.reuse, config.threshold, reading.documents.len());
        }
        progress.phase(Phase::Results, None);
        let reuse = &shared.reuse;
        check_cancelled(progress)?;
        let clusters = || clusters::clusters(&across, &reading.documents, config.linkage, config.keep);
        let places = || if config.passages() { Places::find(corpus, &reading, reuse, config) } else { Ok(Places::default()) };
        let derivations = || derivation::derivations(reuse, &reading.documents);
        let (clusters, (places, derivations)) = rayon::join(clusters, || rayon::join(places, derivations));
        (shared.places, shared.derivations) = (places?, derivations);
        let holder = held::Holder { corpus, reading: &reading, classes: &shared.reuse.classes, config };
        shared.reuse.common_runs.read_texts(&holder, &shared.places)?;
        corpus.check_lengths()?;
        Ok(Findings::new(self.config, reading, across, shared, clusters))
    }
}

/// What documents share, and where.
#[derive(Debug, Default)]
struct Shared {
    reuse: reuse::Reuse,
    places: Places,
    derivations: Vec<DocumentDerivation>,
}
