//! Removals that were decided elsewhere: the stages of a search over shards found that another shard has the article, or one like it.
//!
//! In: a corpus and [`DecidedRemoval`]s. Out: [`Decisions`].

use super::Options;
use super::cleaned_corpus::{Dropped, Fates};
use super::decide::Decisions;
use super::policy::Rule;
use refrain_engine::config::{DetectConfig, Scope};
use refrain_engine::corpus::Corpus;
use refrain_engine::detect::{Detector, Progress};
use refrain_engine::error::{Error, Result};
use std::collections::HashMap;

/// An article that is removed because another one is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct DecidedRemoval {
    /// Its id, as a scan of the corpus names it.
    pub id: String,
    /// Id of the one that is kept, which need not be in the corpus.
    pub kept: String,
    /// [`Rule::Identical`] or [`Rule::NearDuplicate`].
    pub rule: Rule,
}

/// Finds the articles to remove in `corpus`.
pub(super) fn decide(corpus: &impl Corpus, options: &Options, removals: &[DecidedRemoval], progress: &dyn Progress) -> Result<Decisions> {
    // Nothing is compared: identical articles are found by their hashes, and all are named.
    let detector = Detector::new(DetectConfig { scope: Scope::NearDuplicates, threshold: 1.0, ..options.detection })?;
    let detector = match &options.memory {
        Some(limit) => detector.within_memory(limit.clone()),
        None => detector,
    };
    let findings = detector.detect_in(corpus, progress)?;
    let mut wanted: HashMap<&str, &DecidedRemoval> = removals.iter().map(|removal| (&*removal.id, removal)).collect();
    let gone = findings.members().filter_map(|member| {
        let removal = wanted.remove(member.id)?;
        let similarity = (removal.rule == Rule::Identical).then_some(1.0);
        let dropped = Dropped { item: Some(removal.kept.as_str().into()), similarity, ..Dropped::for_rule(removal.rule) };
        Some((member.locator, dropped))
    });
    let mut fates = Fates::default();
    fates.add_gone(gone.collect());
    match wanted.keys().min() {
        None => Ok(Decisions { fates, findings }),
        Some(id) => Err(Error::Config {
            setting: "paths",
            reason: format!("there is no article `{id}`, which is to be removed; name the files in which it was found"),
        }),
    }
}
