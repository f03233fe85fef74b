//! Documents of a shard that are not kept.

use crate::digest::Digest;
use crate::error::Result;
use crate::manifest::Stage;
use crate::sketch::shard_of;
use crate::work::{Share, Work};
use refrain_engine::corpus::{Corpus, Visitor};
use refrain_engine::document::Record;
use std::collections::HashMap;

/// A document that is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Its id.
    pub id: String,
    /// Id of the member of its cluster that is kept, of any shard.
    pub kept: String,
    /// The two have the same words.
    pub is_identical: bool,
}

/// The documents of a shard that are not kept, in the order of their clusters and ids.
///
/// # Errors
/// Clusters that are not joined, or of other documents; what the file system says.
pub fn removals(work: &Work, shard: u32) -> Result<Vec<Removal>> {
    work.through(Stage::Components)?;
    let table = work.open(Stage::Components, 1, "clusters.parquet")?;
    let group = table.group(0)?;
    let (clusters, ids, classes) = (group.texts("cluster")?, group.texts("id")?, group.integers("class")?);
    let (rows, keeps) = (group.integers("row")?, group.flags("keep")?);
    let kept: HashMap<&str, usize> = (0..ids.len()).filter(|&at| keeps[at]).map(|at| (&*clusters[at], at)).collect();
    let of_shard = (0..ids.len()).filter(|&at| !keeps[at] && shard_of(rows[at]) == shard);
    let removals = of_shard.filter_map(|at| {
        let kept = *kept.get(&*clusters[at])?;
        Some(Removal { id: ids[at].clone(), kept: ids[kept].clone(), is_identical: classes[at] == classes[kept] })
    });
    Ok(removals.collect())
}

/// Says whether `corpus` has the documents that a shard had when it was sketched.
///
/// # Errors
/// [`crate::Error::Changed`], [`crate::Error::Differs`]; what keeps a file from being read.
pub fn check_texts(corpus: &impl Corpus, work: &Work, shard: Share) -> Result<()> {
    let sketches = work.sketches()?;
    let number = sketches.number_of(work, shard)?;
    let mut texts = Digest::default();
    corpus.visit(Texts::default)?.into_iter().for_each(|stretch| texts.append(stretch.output));
    corpus.check_lengths()?;
    sketches.check_texts(number, texts)
}

/// Digest of the texts of a stretch.
#[derive(Default)]
struct Texts(Digest);

impl Visitor for Texts {
    type Output = Digest;

    fn document(&mut self, record: Record<'_>) {
        self.0.add(record.text.as_bytes());
    }

    fn progress(&mut self, _bytes: u64) {}

    fn finish(self) -> Digest {
        self.0
    }
}
