//! What a stage says of itself.

use crate::work::Share;
use refrain_engine::config::{DetectConfig, Keep};
use refrain_engine::text::Fold;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Version of [`Manifest`], and of the files beside it.
pub const MANIFEST_SCHEMA: u32 = 1;

/// A stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Documents of a shard to their hashes and band keys.
    Sketch,
    /// Documents of all shards with the same words, of one part of the hashes.
    Classes,
    /// Pairs of classes that share a band key, of one part of the keys.
    Candidates,
    /// Shingle sets of the documents of a shard that are in candidates.
    Sets,
    /// Exact similarities of one part of the candidates.
    Verify,
    /// Pairs of documents, clusters, and the document that is kept of each.
    Components,
}

impl Stage {
    /// All but the first, in their order.
    pub(crate) const AFTER_SKETCH: [Self; 5] = [Self::Classes, Self::Candidates, Self::Sets, Self::Verify, Self::Components];

    /// Name of its folder.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sketch => "sketch",
            Self::Classes => "classes",
            Self::Candidates => "candidates",
            Self::Sets => "sets",
            Self::Verify => "verify",
            Self::Components => "components",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.name())
    }
}

/// Settings on which the pairs and clusters depend.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// What is equal.
    pub fold: Fold,
    /// Tokens in a shingle.
    pub shingle: usize,
    /// Jaccard from which two documents are near-duplicates.
    pub threshold: f64,
    /// Which member of a cluster is kept.
    pub keep: Keep,
}

impl Settings {
    /// Those of a search.
    #[must_use]
    pub const fn of(config: &DetectConfig) -> Self {
        Self { fold: config.fold, shingle: config.shingle, threshold: config.threshold, keep: config.keep }
    }

    /// The settings of a search with these.
    #[must_use]
    pub fn detection(&self) -> DetectConfig {
        DetectConfig { fold: self.fold, shingle: self.shingle, threshold: self.threshold, keep: self.keep, ..DetectConfig::default() }
    }
}

/// What a stage did for a shard or part; it is beside the files, and there once these are whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`MANIFEST_SCHEMA`].
    pub schema: u32,
    /// Version of the program.
    pub version: String,
    /// Which stage.
    pub stage: Stage,
    /// Which shard or part, from 1.
    pub number: u32,
    /// Shards of the corpus.
    pub shards: u32,
    /// Parts into which hashes, keys and candidates are divided.
    pub parts: u32,
    /// With which settings.
    pub settings: Settings,
    /// Hash (XXH3) of what was read: of files their paths, lengths and times, of stages the manifests of the one before.
    pub inputs: String,
    /// How many of what.
    pub counts: BTreeMap<String, u64>,
    /// Digests that do not depend on order: `texts` of the documents of a shard, `pairs` and `clusters`.
    pub digests: BTreeMap<String, String>,
}

impl Manifest {
    /// Of a stage that is still to be run for a shard or part with this number, of so many shards.
    pub(crate) fn new(stage: Stage, shard: Share, parts: u32, settings: Settings, inputs: &str) -> Self {
        Self {
            schema: MANIFEST_SCHEMA,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            stage,
            number: shard.number,
            shards: shard.of,
            parts,
            settings,
            inputs: inputs.to_owned(),
            counts: BTreeMap::new(),
            digests: BTreeMap::new(),
        }
    }

    /// Notes a number.
    pub(crate) fn count(&mut self, what: &str, number: usize) {
        self.counts.insert(what.to_owned(), number as u64);
    }
}
