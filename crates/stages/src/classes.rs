//! Stage classes: documents of different shards with the same words, of one part of the hashes.
//!
//! Out: `members.parquet` (row, class): of the documents that are the first of their words in their shard, but not in the corpus, with the first of the corpus.

use crate::columns::{Column, Kind, write};
use crate::error::Result;
use crate::manifest::Stage;
use crate::work::{Finished, Work};

/// Joins the classes of all shards that are in a part.
///
/// # Errors
/// A shard that is not sketched; what the file system says.
pub fn classes(work: &Work, part: u32) -> Result<Finished> {
    let before = work.before(Stage::Classes)?;
    let sketches = before.with_part(part)?;
    work.run(&before.manifest(part), |folder, manifest| {
        let mut found: Vec<([i64; 3], i64)> = Vec::new();
        for shard in 1..=sketches.shards() {
            let table = work.open(Stage::Sketch, shard, "classes.parquet")?;
            let group = table.group_of(part)?;
            let [high, low, tokens] = ["high", "low", "tokens"].map(|name| group.integers(name));
            let hashes = high?.into_iter().zip(low?).zip(tokens?).map(|((high, low), tokens)| [high, low, tokens]);
            found.extend(hashes.zip(group.integers("row")?));
        }
        found.sort_unstable();
        let (mut rows, mut classes) = (Vec::new(), Vec::new());
        for same in found.chunk_by(|x, y| x.0 == y.0) {
            rows.extend(same[1..].iter().map(|&(_, row)| row));
            classes.resize(rows.len(), same[0].1);
        }
        manifest.count("members", rows.len());
        write(
            &folder.join("members.parquet"),
            &[("row", Kind::Integer), ("class", Kind::Integer)],
            [vec![Column::Integers(rows), Column::Integers(classes)]],
        )
    })
}
