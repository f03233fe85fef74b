//! Which class documents are in, over all shards.

use crate::error::Result;
use crate::manifest::Stage;
use crate::work::{Sketches, Work};
use std::collections::HashMap;

/// Classes of the documents that are the first of their words in their shard, but not in the corpus.
pub(crate) struct Members(HashMap<i64, i64>);

impl Members {
    pub(crate) fn read(work: &Work, sketches: &Sketches) -> Result<Self> {
        let mut classes = HashMap::new();
        for part in 1..=sketches.parts() {
            let table = work.open(Stage::Classes, part, "members.parquet")?;
            let group = table.group(0)?;
            classes.extend(group.integers("row")?.into_iter().zip(group.integers("class")?));
        }
        Ok(Self(classes))
    }

    /// The class of a document that is `first` of its words in its shard.
    pub(crate) fn class_of(&self, first: i64) -> i64 {
        self.0.get(&first).copied().unwrap_or(first)
    }

    /// True if a document that is the first of its words in its shard is that of the corpus.
    pub(crate) fn is_first(&self, row: i64) -> bool {
        !self.0.contains_key(&row)
    }
}
