//! Stage sketch: the documents of a shard to what is looked up of them.
//!
//! Out: `documents.parquet` (row, id, tokens, date, class, file, start) in the order of the input; `classes.parquet` (high, low, tokens, row) of one document of each class of those
//! with the same words, in row groups by part of the hashes; `keys.parquet` (band, key, row) of the same documents, sorted, in row groups by part of the keys.

use crate::columns::{Column, Kind, write};
use crate::digest::Digest;
use crate::error::Result;
use crate::manifest::{Manifest, Settings, Stage};
use crate::work::{Finished, Share, Work};
use parquet::data_type::ByteArray;
use rayon::prelude::*;
use refrain_engine::compare::fingerprint_of;
use refrain_engine::config::DetectConfig;
use refrain_engine::corpus::{Corpus, Stretch, Visitor};
use refrain_engine::date::BadDates;
use refrain_engine::document::Record;
use refrain_engine::naming;
use refrain_engine::problems::Problems;
use refrain_engine::sketch::Sketcher;
use refrain_engine::text::{Tokenizer, Tokens, mix, shingles_into};
use std::collections::HashMap;
use std::path::Path;

/// Bits of a row below those of its shard.
pub(crate) const SHARD_SHIFT: u32 = 40;

/// The shard of a row, from 1.
#[expect(clippy::cast_sign_loss, reason = "rows are made of a shard of 32 bits and a position")]
pub(crate) const fn shard_of(row: i64) -> u32 {
    (row >> SHARD_SHIFT) as u32
}

/// The part, from 0, of a hash.
#[expect(clippy::cast_possible_truncation, reason = "less than the number of parts")]
pub(crate) fn part_of(hash: u64, parts: u32) -> usize {
    (mix(hash) % parts as u64) as usize
}

/// What was left out, or could not be understood, while a shard was read.
#[derive(Debug, Default)]
pub struct LeftOut {
    /// Records that cannot be read.
    pub problems: Problems,
    /// Dates that are none.
    pub bad_dates: BadDates,
    /// Documents named by file and line.
    pub renamed: usize,
}

/// Sketches a shard of `corpus` into as many `parts`. `inputs` names the state of its files: with the same one nothing is done again.
///
/// # Errors
/// What keeps a file from being read; the first record, where none can be read; what the file system says.
pub fn sketch(
    corpus: &impl Corpus,
    config: &DetectConfig,
    (work, inputs): (&Work, &str),
    (shard, parts): (Share, u32),
) -> Result<(Finished, LeftOut)> {
    config.check()?;
    shard.check()?;
    if parts == 0 {
        return Err(refrain_engine::Error::Config { setting: "parts", reason: "must be at least 1".into() }.into());
    }
    let planned = Manifest::new(Stage::Sketch, shard, parts, Settings::of(config), inputs);
    let mut left_out = LeftOut::default();
    let finished = work.run(&planned, |folder, manifest| {
        let stretches = corpus.visit(|| Sketching::new(config))?;
        let Gathered { documents, keys, texts, left_out: found } = gathered(corpus, stretches);
        left_out = found;
        corpus.check_lengths()?;
        if let (true, Some(problem)) = (documents.is_empty(), left_out.problems.first()) {
            return Err(refrain_engine::Error::Record(problem.clone()).into());
        }
        Shard { first_row: i64::from(shard.number) << SHARD_SHIFT, parts, documents, keys, texts }.write(folder, manifest)?;
        manifest.count("skipped", left_out.problems.count());
        manifest.count("renamed", left_out.renamed);
        Ok(())
    })?;
    Ok((finished, left_out))
}

/// What is kept of a document.
struct Document {
    id: Box<str>,
    has_own_id: bool,
    file: u32,
    start: u64,
    line: u64,
    tokens: u32,
    seconds: Option<i64>,
    hash: [u64; 2],
}

/// Sketches the documents of a stretch.
struct Sketching<'c> {
    config: &'c DetectConfig,
    tokenizer: Tokenizer,
    tokens: Tokens,
    shingles: Vec<u64>,
    sketcher: Sketcher,
    found: Sketched,
}

#[derive(Default)]
struct Sketched {
    documents: Vec<Document>,
    /// Of documents with tokens, as many as there are bands.
    keys: Vec<u32>,
    bad_dates: BadDates,
    texts: Digest,
}

impl<'c> Sketching<'c> {
    fn new(config: &'c DetectConfig) -> Self {
        let (tokenizer, sketcher) = (Tokenizer::new(config.fold, config.simd), Sketcher::new(config.banding(), config.simd));
        Self { config, tokenizer, tokens: Tokens::default(), shingles: Vec::new(), sketcher, found: Sketched::default() }
    }
}

impl Visitor for Sketching<'_> {
    type Output = Sketched;

    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    fn document(&mut self, record: Record<'_>) {
        self.tokenizer.read(&record.text, &mut self.tokens);
        let tokens = &self.tokens.hashes;
        self.found.texts.add(record.text.as_bytes());
        let id: Box<str> = record.id.as_deref().unwrap_or_default().into();
        self.found.documents.push(Document {
            has_own_id: true,
            id,
            file: record.locator.file,
            start: record.locator.start,
            line: record.line,
            tokens: tokens.len() as u32,
            seconds: self.found.bad_dates.parse(record.date.as_deref(), record.line),
            hash: fingerprint_of(tokens),
        });
        if !tokens.is_empty() {
            shingles_into(tokens, self.config.shingle, &mut self.shingles);
            self.sketcher.append_keys(&self.shingles, &mut self.found.keys);
        }
    }

    fn progress(&mut self, _bytes: u64) {}

    fn finish(self) -> Sketched {
        self.found
    }
}

/// All documents of a shard, with their names.
#[derive(Default)]
struct Gathered {
    documents: Vec<Document>,
    keys: Vec<u32>,
    texts: Digest,
    left_out: LeftOut,
}

fn gathered(corpus: &impl Corpus, stretches: Vec<Stretch<Sketched>>) -> Gathered {
    let Gathered { mut documents, mut keys, mut texts, mut left_out } = Gathered::default();
    let (mut file, mut lines) = (u32::MAX, 0);
    for stretch in stretches {
        if stretch.file != file {
            (file, lines) = (stretch.file, 0);
        }
        let Sketched { documents: some, keys: of_some, bad_dates, texts: digest } = stretch.output;
        documents.extend(some.into_iter().map(|document| Document { line: document.line + lines + 1, ..document }));
        keys.extend(of_some);
        texts.append(digest);
        left_out.bad_dates.append(bad_dates, &corpus.name(file), lines);
        left_out.problems.append(stretch.problems, lines);
        lines += stretch.lines;
    }
    left_out.renamed = rename(corpus, &mut documents);
    Gathered { documents, keys, texts, left_out }
}

/// Names documents without an id of their own, as all commands do. Returns how many lack one.
fn rename(corpus: &impl Corpus, documents: &mut [Document]) -> usize {
    let by_id = naming::by_id(documents.len(), |at| &documents[at as usize].id);
    let unnamed = naming::without_own_id(&by_id, |at| &documents[at as usize].id);
    unnamed.iter().for_each(|&at| documents[at as usize].has_own_id = false);
    let own = documents.iter().filter(|document| document.has_own_id).map(|document| &*document.id);
    let place = |at: u32| format!("{}:{}", corpus.name(documents[at as usize].file), documents[at as usize].line);
    let names = naming::stand_ins(&unnamed, own, place);
    let renamed = unnamed.iter().filter(|&&at| !corpus.has_no_ids(documents[at as usize].file)).count();
    unnamed.iter().zip(names).for_each(|(&at, name)| documents[at as usize].id = name);
    renamed
}

/// A shard that was read.
struct Shard {
    first_row: i64,
    parts: u32,
    documents: Vec<Document>,
    /// Of documents with tokens, as many as there are bands.
    keys: Vec<u32>,
    texts: Digest,
}

impl Shard {
    fn write(&self, folder: &Path, manifest: &mut Manifest) -> Result<()> {
        let (classes, firsts) = self.classes();
        let column = |of: fn(&Document) -> i64| Column::Integers(self.documents.iter().map(of).collect());
        let documents = vec![
            Column::Integers((self.first_row..).take(self.documents.len()).collect()),
            Column::Texts(self.documents.iter().map(|document| ByteArray::from(&*document.id)).collect()),
            column(|document| document.tokens.into()),
            Column::Dates(self.documents.iter().map(|document| document.seconds).collect()),
            Column::Integers(classes),
            column(|document| document.file.into()),
            column(|document| document.start.cast_signed()),
        ];
        let integers = |name| (name, Kind::Integer);
        let names = [integers("row"), ("id", Kind::Text), integers("tokens"), ("date", Kind::Date)];
        let names = [&names[..], &[integers("class"), integers("file"), integers("start")]].concat();
        write(&folder.join("documents.parquet"), &names, [documents])?;
        self.write_classes(&folder.join("classes.parquet"), &firsts)?;
        let keys = self.write_keys(&folder.join("keys.parquet"), &firsts)?;
        manifest.count("documents", self.documents.len());
        manifest.count("empty", self.documents.iter().filter(|document| document.tokens == 0).count());
        manifest.count("classes", firsts.len());
        manifest.count("keys", keys);
        manifest.digests.insert("texts".into(), self.texts.to_string());
        Ok(())
    }

    /// For each document the row of the first one with the same words, and the positions of those that are the first and have words.
    fn classes(&self) -> (Vec<i64>, Vec<usize>) {
        let (mut first, mut firsts) = (HashMap::new(), Vec::new());
        let rows = (self.first_row..).zip(&self.documents).enumerate().map(|(at, (row, document))| {
            let class = *first.entry((document.hash, document.tokens)).or_insert(row);
            if class == row && document.tokens > 0 {
                firsts.push(at);
            }
            if document.tokens > 0 { class } else { row }
        });
        (rows.collect(), firsts)
    }

    /// The row of the document at a position.
    fn row(&self, at: usize) -> i64 {
        self.first_row + i64::try_from(at).unwrap_or_default()
    }

    fn write_classes(&self, path: &Path, firsts: &[usize]) -> Result<()> {
        let mut parts: Vec<Vec<(&Document, i64)>> = vec![Vec::new(); self.parts as usize];
        for &at in firsts {
            let document = &self.documents[at];
            parts[part_of(document.hash[1], self.parts)].push((document, self.row(at)));
        }
        let groups = parts.into_iter().map(|part| {
            let column = |of: fn(&(&Document, i64)) -> i64| Column::Integers(part.iter().map(of).collect());
            vec![
                column(|(document, _)| document.hash[0].cast_signed()),
                column(|(document, _)| document.hash[1].cast_signed()),
                column(|(document, _)| document.tokens.into()),
                column(|(_, row)| *row),
            ]
        });
        write(path, &["high", "low", "tokens", "row"].map(|name| (name, Kind::Integer)), groups)
    }

    /// Returns how many there are.
    fn write_keys(&self, path: &Path, firsts: &[usize]) -> Result<usize> {
        let filled = self.documents.iter().filter(|document| document.tokens > 0).count();
        let bands = self.keys.len().checked_div(filled).unwrap_or(0);
        let mut positions = vec![0; self.documents.len()];
        let mut next = 0;
        for (position, document) in positions.iter_mut().zip(&self.documents) {
            *position = next;
            next += usize::from(document.tokens > 0);
        }
        let mut parts: Vec<Vec<(i64, i64, i64)>> = vec![Vec::new(); self.parts as usize];
        for &at in firsts {
            let keys = &self.keys[positions[at] * bands..][..bands];
            for (band, &key) in (0_u32..).zip(keys) {
                parts[part_of(u64::from(band) << u32::BITS | u64::from(key), self.parts)].push((band.into(), key.into(), self.row(at)));
            }
        }
        parts.par_iter_mut().for_each(|part| part.sort_unstable());
        let groups = parts.iter().map(|part| {
            let column = |of: fn(&(i64, i64, i64)) -> i64| Column::Integers(part.iter().map(of).collect());
            vec![column(|key| key.0), column(|key| key.1), column(|key| key.2)]
        });
        write(path, &["band", "key", "row"].map(|name| (name, Kind::Integer)), groups)?;
        Ok(bands * firsts.len())
    }
}
