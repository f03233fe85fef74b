//! Stage verify: the exact similarity of one part of the candidates.
//!
//! Out: `pairs.parquet` (a, b, jaccard, `a_in_b`, `b_in_a`) of those at the threshold or over it, in order.

use crate::columns::{Column, Kind, write};
use crate::error::{Error, Result};
use crate::manifest::Stage;
use crate::work::{Finished, Work};
use rayon::prelude::*;
use refrain_engine::compare::Overlap;
use refrain_engine::finding::round;
use std::collections::HashMap;

/// Verifies the candidates of a part.
///
/// # Errors
/// A stage before that is not finished; what the file system says.
pub fn verify(work: &Work, part: u32) -> Result<Finished> {
    let before = work.before(Stage::Verify)?;
    let sketches = before.with_part(part)?;
    let (shards, parts) = (sketches.shards(), sketches.parts());
    let threshold = sketches.settings().threshold;
    work.run(&before.manifest(part), |folder, manifest| {
        let mut pairs: Vec<(i64, i64)> = Vec::new();
        for other in 1..=parts {
            let table = work.open(Stage::Candidates, other, "pairs.parquet")?;
            let group = table.group_of(part)?;
            pairs.extend(group.integers("a")?.into_iter().zip(group.integers("b")?));
        }
        pairs.par_sort_unstable();
        pairs.dedup();
        let sets = sets_of(work, shards, part)?;
        let compared: Result<Vec<Option<Overlap>>> = pairs.par_iter().map(|pair| overlap(work, &sets, *pair, threshold)).collect();
        let near: Vec<((i64, i64), Overlap)> = pairs.iter().zip(compared?).filter_map(|(&pair, overlap)| Some((pair, overlap?))).collect();
        manifest.count("compared", pairs.len());
        manifest.count("near", near.len());
        let rows = |of: fn((i64, i64)) -> i64| Column::Integers(near.iter().map(|&(pair, _)| of(pair)).collect());
        let shares = |of: fn(Overlap) -> f64| Column::Reals(near.iter().map(|&(_, overlap)| round(of(overlap))).collect());
        let columns =
            vec![rows(|pair| pair.0), rows(|pair| pair.1), shares(Overlap::jaccard), shares(Overlap::a_in_b), shares(Overlap::b_in_a)];
        let schema = [("a", Kind::Integer), ("b", Kind::Integer), ("jaccard", Kind::Real), ("a_in_b", Kind::Real), ("b_in_a", Kind::Real)];
        write(&folder.join("pairs.parquet"), &schema, [columns])
    })
}

/// Shingle sets of a part, by row.
type Sets = HashMap<i64, Vec<u64>>;

fn sets_of(work: &Work, shards: u32, part: u32) -> Result<Sets> {
    let mut sets = Sets::new();
    for shard in 1..=shards {
        let table = work.open(Stage::Sets, shard, "sets.parquet")?;
        let group = table.group_of(part)?;
        for (row, set) in group.integers("row")?.into_iter().zip(group.bytes("set")?) {
            sets.insert(row, set.data().as_chunks::<8>().0.iter().map(|hash| u64::from_le_bytes(*hash)).collect());
        }
    }
    Ok(sets)
}

/// What a pair has in common, if it is at the threshold or over it.
fn overlap(work: &Work, sets: &Sets, (a, b): (i64, i64), threshold: f64) -> Result<Option<Overlap>> {
    let set = |row: i64| {
        let missing = || Error::Damaged {
            path: work.folder_of(Stage::Sets, crate::sketch::shard_of(row)),
            reason: format!("the set of row {row} is missing"),
        };
        sets.get(&row).ok_or_else(missing)
    };
    let overlap = Overlap::of(set(a)?, set(b)?);
    Ok((overlap.jaccard() >= threshold).then_some(overlap))
}
