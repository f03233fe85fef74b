//! Stage sets: the shingle sets of the documents of a shard that are in candidates.
//!
//! Out: `sets.parquet` (row, set), each set as its sorted hashes of eight bytes, little-endian, in row groups by the part in which it is compared.

use crate::columns::{Column, Kind, write};
use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::manifest::Stage;
use crate::work::{Finished, Share, Sketches, Work};
use parquet::data_type::ByteArray;
use refrain_engine::config::DetectConfig;
use refrain_engine::corpus::{Corpus, Visitor};
use refrain_engine::document::Record;
use refrain_engine::text::{Tokenizer, Tokens, shingle_set};
use std::collections::HashMap;

/// Reads the shard again, of the same `corpus` as when it was sketched.
///
/// # Errors
/// A shard that is not sketched, a part whose candidates are not found, [`Error::Changed`]; what keeps a file from being read.
pub fn sets(corpus: &impl Corpus, work: &Work, shard: Share) -> Result<Finished> {
    let before = work.before(Stage::Sets)?;
    let sketches = &before.sketches;
    let shard = sketches.number_of(work, shard)?;
    work.run(&before.manifest(shard), |folder, manifest| {
        let wanted = wanted(work, sketches, shard)?;
        let at = positions(work, shard, &wanted)?;
        let config = sketches.settings().detection();
        let stretches = corpus.visit(|| Sets::new(&config, &at))?;
        let mut texts = Digest::default();
        let mut found: HashMap<i64, ByteArray> = HashMap::with_capacity(at.len());
        for stretch in stretches {
            let (sets, digest) = stretch.output;
            texts.append(digest);
            found.extend(sets);
        }
        corpus.check_lengths()?;
        sketches.check_texts(shard, texts)?;
        if found.len() != at.len() {
            return Err(Error::Changed { shard });
        }
        manifest.count("sets", found.len());
        let groups = wanted.iter().map(|rows| {
            let sets = rows.iter().map(|row| found.get(row).cloned().unwrap_or_default()).collect();
            vec![Column::Integers(rows.clone()), Column::Bytes(sets)]
        });
        write(&folder.join("sets.parquet"), &[("row", Kind::Integer), ("set", Kind::Bytes)], groups)
    })
}

/// For each part the rows of a shard that are compared in it, in order, each once.
fn wanted(work: &Work, sketches: &Sketches, shard: u32) -> Result<Vec<Vec<i64>>> {
    let mut wanted: Vec<Vec<i64>> = vec![Vec::new(); sketches.parts() as usize];
    for part in 1..=sketches.parts() {
        let table = work.open(Stage::Candidates, part, "wanted.parquet")?;
        let group = table.group_of(shard)?;
        for (row, part) in group.integers("row")?.into_iter().zip(group.integers("part")?) {
            let of_part = usize::try_from(part).ok().and_then(|part| wanted.get_mut(part));
            let no_part = || Error::Damaged { path: work.folder_of(Stage::Candidates, 1), reason: format!("there is no part {part}") };
            of_part.ok_or_else(no_part)?.push(row);
        }
    }
    wanted.iter_mut().for_each(|rows| {
        rows.sort_unstable();
        rows.dedup();
    });
    Ok(wanted)
}

/// File and start of the documents that are wanted, with their rows.
type Positions = HashMap<(u32, u64), i64>;

fn positions(work: &Work, shard: u32, wanted: &[Vec<i64>]) -> Result<Positions> {
    let mut rows: Vec<i64> = wanted.iter().flatten().copied().collect();
    rows.sort_unstable();
    rows.dedup();
    let table = work.open(Stage::Sketch, shard, "documents.parquet")?;
    let group = table.group(0)?;
    let (files, starts) = (group.integers("file")?, group.integers("start")?);
    let all = group.integers("row")?.into_iter().zip(files).zip(starts);
    let wanted = all.filter(|((row, _), _)| rows.binary_search(row).is_ok());
    Ok(wanted.map(|((row, file), start)| ((u32::try_from(file).unwrap_or(u32::MAX), start.cast_unsigned()), row)).collect())
}

/// Makes the sets of the documents of a stretch that are wanted.
struct Sets<'c> {
    config: &'c DetectConfig,
    wanted: &'c Positions,
    tokenizer: Tokenizer,
    tokens: Tokens,
    found: (Vec<(i64, ByteArray)>, Digest),
}

impl<'c> Sets<'c> {
    fn new(config: &'c DetectConfig, wanted: &'c Positions) -> Self {
        let tokenizer = Tokenizer::new(config.fold, config.simd);
        Self { config, wanted, tokenizer, tokens: Tokens::default(), found: (Vec::new(), Digest::default()) }
    }
}

impl Visitor for Sets<'_> {
    type Output = (Vec<(i64, ByteArray)>, Digest);

    fn document(&mut self, record: Record<'_>) {
        self.found.1.add(record.text.as_bytes());
        if let Some(&row) = self.wanted.get(&(record.locator.file, record.locator.start)) {
            self.tokenizer.read(&record.text, &mut self.tokens);
            let set = shingle_set(&self.tokens.hashes, self.config.shingle);
            let bytes: Vec<u8> = set.iter().flat_map(|hash| hash.to_le_bytes()).collect();
            self.found.0.push((row, bytes.into()));
        }
    }

    fn progress(&mut self, _bytes: u64) {}

    fn finish(self) -> Self::Output {
        self.found
    }
}
