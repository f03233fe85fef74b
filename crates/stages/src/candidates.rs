//! Stage candidates: pairs of classes that share a band key, of one part of the keys.
//!
//! Out: `pairs.parquet` (a, b), the rows of the first documents of two classes, `a` before `b`, each pair once, in row groups by part of the pairs; `wanted.parquet` (row, part): the documents of these
//! pairs, in row groups by shard, with the part in which each is compared.

use crate::buckets::pairs_of_bucket;
use crate::columns::{Column, Kind, write};
use crate::error::Result;
use crate::manifest::Stage;
use crate::members::Members;
use crate::sketch::{part_of, shard_of};
use crate::work::{Finished, Work};
use rayon::prelude::*;

/// Proposes the pairs of a part.
///
/// # Errors
/// A shard that is not sketched, a part whose classes are not joined; what the file system says.
pub fn candidates(work: &Work, part: u32) -> Result<Finished> {
    let before = work.before(Stage::Candidates)?;
    let sketches = before.with_part(part)?;
    let (shards, parts) = (sketches.shards(), sketches.parts());
    work.run(&before.manifest(part), |folder, manifest| {
        let members = Members::read(work, sketches)?;
        let mut keys: Vec<(i64, i64, i64)> = Vec::new();
        for shard in 1..=shards {
            let table = work.open(Stage::Sketch, shard, "keys.parquet")?;
            let group = table.group_of(part)?;
            let found = group.integers("band")?.into_iter().zip(group.integers("key")?).zip(group.integers("row")?);
            keys.extend(found.map(|((band, key), row)| (band, key, row)).filter(|key| members.is_first(key.2)));
        }
        keys.par_sort_unstable();
        let (mut pairs, mut rows, mut left_out) = (vec![Vec::new(); parts as usize], Vec::new(), 0);
        for bucket in keys.chunk_by(|x, y| (x.0, x.1) == (y.0, y.1)) {
            rows.clear();
            rows.extend(bucket.iter().map(|key| key.2));
            left_out += pairs_of_bucket(&rows, |a, b| pairs[part_of(a.cast_unsigned(), parts)].push((a, b)));
        }
        drop(keys);
        let mut wanted: Vec<Vec<(i64, i64)>> = vec![Vec::new(); shards as usize];
        for (part, pairs) in (0_i64..).zip(&mut pairs) {
            pairs.par_sort_unstable();
            pairs.dedup();
            for row in pairs.iter().flat_map(|&(a, b)| [a, b]) {
                wanted[shard_of(row) as usize - 1].push((row, part));
            }
        }
        wanted.par_iter_mut().for_each(|rows| {
            rows.sort_unstable();
            rows.dedup();
        });
        manifest.count("pairs", pairs.iter().map(Vec::len).sum());
        manifest.counts.insert("uncompared".into(), left_out);
        write(&folder.join("pairs.parquet"), &[("a", Kind::Integer), ("b", Kind::Integer)], pairs.iter().map(|pairs| columns(pairs)))?;
        write(&folder.join("wanted.parquet"), &[("row", Kind::Integer), ("part", Kind::Integer)], wanted.iter().map(|rows| columns(rows)))
    })
}

fn columns(pairs: &[(i64, i64)]) -> Vec<Column> {
    vec![Column::Integers(pairs.iter().map(|pair| pair.0).collect()), Column::Integers(pairs.iter().map(|pair| pair.1).collect())]
}
