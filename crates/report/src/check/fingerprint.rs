//! What a finding is recognised by: its words, whatever its documents are called and wherever in them it is.
//!
//! In: findings and the texts of their articles. Out: for each finding its fingerprint, and the keys of its parts. A repetition has one part, its later
//! copy; a pair has its passages, or the whole texts where none were looked for. The keys of a part are the least hashes of five words in a row, numbered by
//! the findings in the same documents that have them: a third copy is another finding than a second.

use super::gate::{CheckedFinding, Kind, Sheet};
use rayon::prelude::*;
use refrain_engine::corpus::Corpus;
use refrain_engine::error::Result;
use refrain_engine::finding::{FoundPair, Repetition};
use refrain_engine::simd::Simd;
use refrain_engine::text::{Tokenizer, Tokens, mix, shingle_set};
use std::borrow::Cow;
use std::collections::HashMap;
use xxhash_rust::xxh3::xxh3_64;

/// Keys of a part.
const KEPT: usize = 8;
/// Tokens of a shingle.
const SHINGLE: usize = 5;
/// Findings whose texts are in memory at a time, for each thread.
const AT_A_TIME: usize = 64;
/// Tells the fingerprints of pairs from those of repetitions.
const PAIR: u64 = 0x7061_6972;

/// Of each mark in what has it.
type Counts = HashMap<(u64, u64), usize>;

/// As it is printed: sixteen hexadecimal digits.
pub(super) fn told(key: u64) -> String {
    format!("{key:016x}")
}

/// The key of a mark that occurs for the `nth` time.
fn key(mark: u64, nth: usize) -> u64 {
    mix(mark ^ mix(nth as u64))
}

/// Sets the fingerprints and the parts of `findings`; their documents are set.
pub(super) fn set_fingerprints<C: Corpus>(sheet: &Sheet<'_, C>, findings: &mut [CheckedFinding]) -> Result<()> {
    let marks = findings.par_chunks(AT_A_TIME).map(|findings| {
        let mut marker = Marker::new(sheet);
        findings.iter().map(|finding| marker.marks(finding)).collect::<Result<Vec<_>>>()
    });
    let marks: Vec<Vec<Vec<u64>>> = marks.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    // In one document of a baseline, which may be a file with many articles; in one article.
    let (mut of_documents, mut of_article) = (Counts::new(), Counts::new());
    for (finding, parts) in findings.iter_mut().zip(marks) {
        let documents = xxh3_64(finding.documents.join("\n").as_bytes());
        let article = xxh3_64(finding.at.id.as_bytes());
        let mut fingerprint = |mark: u64| next(&mut of_article, (article, mark));
        let own = match &finding.kind {
            Kind::Repetition(_) => {
                let keys: Vec<u64> = parts.iter().flatten().map(|&mark| key(mark, fingerprint(mark))).collect();
                keys.first().copied().unwrap_or_default()
            }
            Kind::Pair(_) => {
                let mark = parts.iter().flatten().min().copied().unwrap_or_default() ^ PAIR;
                key(mark, fingerprint(mark))
            }
        };
        finding.fingerprint = told(own);
        // Which passages of a pair repeat each other depends on the order of the two documents, so that within a finding no mark is numbered twice.
        let mut numbered: HashMap<u64, u64> = HashMap::new();
        let mut number = |mark: u64| *numbered.entry(mark).or_insert_with(|| key(mark, next(&mut of_documents, (documents, mark))));
        finding.parts = parts.into_iter().map(|part| part.into_iter().map(&mut number).collect()).collect();
    }
    Ok(())
}

/// How often `key` came, this time included.
fn next(counts: &mut Counts, key: (u64, u64)) -> usize {
    let count = counts.entry(key).or_default();
    *count += 1;
    *count
}

/// Makes marks; keeps texts.
struct Marker<'s, 'd, C> {
    sheet: &'s Sheet<'d, C>,
    tokenizer: Tokenizer,
    tokens: Tokens,
    texts: HashMap<usize, Text<'s>>,
}

/// A text, and where its code points are.
struct Text<'s> {
    text: Cow<'s, str>,
    /// First byte of each, and the end; None where every one is a byte.
    starts: Option<Vec<usize>>,
}

impl<'s> Text<'s> {
    fn new(text: Cow<'s, str>) -> Self {
        let starts = (!text.is_ascii()).then(|| text.char_indices().map(|(byte, _)| byte).chain([text.len()]).collect());
        Self { text, starts }
    }

    fn slice(&self, [start, end]: [usize; 2]) -> &str {
        let byte = |at: usize| match &self.starts {
            Some(starts) => starts[at.min(starts.len() - 1)],
            None => at.min(self.text.len()),
        };
        self.text.get(byte(start)..byte(end)).unwrap_or_default()
    }
}

impl<'s, 'd, C: Corpus> Marker<'s, 'd, C> {
    fn new(sheet: &'s Sheet<'d, C>) -> Self {
        Self { sheet, tokenizer: Tokenizer::new(sheet.config.fold, Simd::default()), tokens: Tokens::default(), texts: HashMap::new() }
    }

    /// The marks of each part of a finding, ascending.
    fn marks(&mut self, finding: &CheckedFinding) -> Result<Vec<Vec<u64>>> {
        match &finding.kind {
            Kind::Repetition(Repetition { doc, again, .. }) => {
                Ok(vec![least(self.shingles(doc, [again.start, again.end])?.unwrap_or_default())])
            }
            Kind::Pair(FoundPair { a, b, passages, .. }) => {
                let whole = [([0, usize::MAX], [0, usize::MAX])];
                let passages = passages.as_ref().map(|passages| passages.iter().map(|passage| (passage.a, passage.b)).collect::<Vec<_>>());
                let passages = passages.unwrap_or_else(|| whole.to_vec());
                passages.into_iter().map(|(of_a, of_b)| Ok(least(shared(self.shingles(a, of_a)?, self.shingles(b, of_b)?)))).collect()
            }
        }
    }

    /// The shingles of a stretch of an article, ascending; None for an article of an index.
    fn shingles(&mut self, id: &str, stretch: [usize; 2]) -> Result<Option<Vec<u64>>> {
        let Some(at) = self.sheet.at(id) else { return Ok(None) };
        if !self.texts.contains_key(&at) {
            self.texts.insert(at, Text::new(self.sheet.given.text(self.sheet.documents[at].locator)?));
        }
        let Some(text) = self.texts.get(&at) else { return Ok(None) };
        self.tokenizer.read(text.slice(stretch), &mut self.tokens);
        Ok(Some(shingle_set(&self.tokens.hashes, SHINGLE)))
    }
}

/// The shingles that both sides of a passage have; all of both where it is reworded so much that they have none in common.
fn shared(a: Option<Vec<u64>>, b: Option<Vec<u64>>) -> Vec<u64> {
    match (a, b) {
        (Some(a), Some(b)) => {
            let both: Vec<u64> = a.iter().filter(|shingle| b.binary_search(shingle).is_ok()).copied().collect();
            if !both.is_empty() {
                return both;
            }
            let mut all = [a, b].concat();
            all.sort_unstable();
            all
        }
        (one, two) => one.or(two).unwrap_or_default(),
    }
}

fn least(mut marks: Vec<u64>) -> Vec<u64> {
    marks.truncate(KEPT);
    marks
}
