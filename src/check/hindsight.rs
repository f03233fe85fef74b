//! The given articles and all that an index holds, judged together: what one run over both tells, and what it tells otherwise of articles of the index.
//!
//! In: a state of an index that keeps texts, and the given articles. Out: the pairs of given articles as such a run tells them, and a [`Revision`] for each
//! pair of other articles that a run over the index alone tells otherwise. What is rare, boilerplate or a template depends on what comes later; so whoever takes
//! all pairs and revisions of check after check has what one run over everything tells. Time: two runs over the index.

use super::gate::{IndexedPair, Seen};
use super::given::Given;
use super::indexed::{Held, Purpose, add_all};
use super::revision::{Change, Revision};
use crate::corpus::Corpus;
use crate::detect::{Detector, Findings, ReadDocument, Silent};
use crate::error::{Error, Result};
use crate::finding::{FoundPair, PairRule};
use crate::index::{Added, IndexError, Transaction};
use crate::source::{FieldNames, FileCorpus, Format, SourceOptions};
use rayon::ThreadPool;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

/// Judges the articles of a run together with those of `transaction`, a state of an index, as [`hold_against`](super::hold_against) holds them against it. The
/// run was done by `detector`. For [`Purpose::Add`] they are added to it; the caller commits.
///
/// # Errors
/// [`IndexError::NoTexts`]; what keeps a text, the index or a temporary file from being read or written.
pub fn hold_with_hindsight<C: Corpus>(
    findings: &Findings,
    given: &Given<C>,
    transaction: &mut Transaction<'_>,
    purpose: Purpose,
    (detector, pool): (&Detector, &ThreadPool),
) -> Result<(Held, Added)> {
    let documents: Vec<ReadDocument<'_>> = findings.documents().collect();
    let archive = Archive::write(transaction, given, &documents)?;
    let (before, after) = pool.install(|| Ok::<_, Error>((archive.run(detector, BEFORE)?, archive.run(detector, AFTER)?)))?;
    let mut held = pool.install(|| archive.compare(&before, &after))?;
    let more = |of: fn(&crate::Summary) -> Option<u64>| {
        let [all, own] = [&after, findings].map(|findings| of(findings.summary()).unwrap_or(0));
        usize::try_from(all.saturating_sub(own)).unwrap_or(usize::MAX)
    };
    (held.capped, held.unlisted) = (more(|summary| summary.capped_shingles), more(|summary| summary.unlisted_pairs));
    let added = if purpose == Purpose::Add { add_all(&documents, given, transaction, pool)? } else { Added::default() };
    Ok((held, added))
}

/// Files of an archive: articles of the index, those of them that are given again, and the given ones.
const FILES: [&str; 3] = ["held.jsonl", "replaced.jsonl", "given.jsonl"];
const BEFORE: [usize; 2] = [0, 1];
const AFTER: [usize; 2] = [0, 2];

/// Articles written down to be read in runs.
struct Archive<'a> {
    folder: tempfile::TempDir,
    given: HashSet<&'a str>,
    /// Of each article of the index that is not given, in order: where it came from, and the hash of its outlet.
    held: Vec<(Box<str>, u64)>,
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outlet: Option<&'a str>,
}

/// A file of an archive that is being written.
struct Sheet {
    path: PathBuf,
    out: BufWriter<File>,
}

impl Sheet {
    fn begin(folder: &Path, name: &str) -> Result<Self> {
        let path = folder.join(name);
        let out = File::create(&path).map(BufWriter::new).map_err(|cause| Error::Io { path: path.clone(), cause })?;
        Ok(Self { path, out })
    }

    fn write(&mut self, line: &Line<'_>) -> Result<()> {
        let written = serde_json::to_writer(&mut self.out, line).map_err(Into::into).and_then(|()| self.out.write_all(b"\n"));
        written.map_err(|cause| Error::Io { path: self.path.clone(), cause })
    }

    fn end(mut self) -> Result<()> {
        self.out.flush().map_err(|cause| Error::Io { path: self.path, cause })
    }
}

fn date_told(seconds: Option<i64>) -> Option<String> {
    Some(jiff::Timestamp::from_second(seconds?).ok()?.to_string())
}

impl<'a> Archive<'a> {
    fn write<C: Corpus>(transaction: &Transaction<'_>, given: &Given<C>, documents: &'a [ReadDocument<'a>]) -> Result<Self> {
        let folder = tempfile::tempdir().map_err(|cause| Error::Io { path: std::env::temp_dir(), cause })?;
        let mut archive = Self { folder, given: documents.iter().map(|document| document.id).collect(), held: Vec::new() };
        let sheet = |name| Sheet::begin(archive.folder.path(), name);
        let (mut held, mut replaced, mut new) = (sheet(FILES[0])?, sheet(FILES[1])?, sheet(FILES[2])?);
        transaction.each(|kept| {
            let Some(text) = &kept.text else { return Err(IndexError::NoTexts { path: transaction.path().into() }.into()) };
            let line = Line { id: &kept.id, text, date: kept.date_told(), outlet: kept.outlet.as_deref() };
            if archive.given.contains(&*kept.id) {
                return replaced.write(&line);
            }
            archive.held.push((kept.origin, kept.outlet.as_deref().map_or(0, |outlet| xxh3_64(outlet.as_bytes()).max(1))));
            held.write(&line)
        })?;
        for document in documents {
            let (text, outlet) = (given.text(document.locator)?, given.outlet(document.outlet));
            new.write(&Line { id: document.id, text: &text, date: date_told(document.date), outlet: outlet.as_deref() })?;
        }
        [held, replaced, new].into_iter().try_for_each(Sheet::end)?;
        Ok(archive)
    }

    fn run(&self, detector: &Detector, files: [usize; 2]) -> Result<Findings> {
        let name = |name: &str| Some(name.to_owned());
        let fields = FieldNames { text: name("text"), id: name("id"), date: name("date"), outlet: name("outlet") };
        let options = SourceOptions { fields, format: Some(Format::Jsonl), encoding: name("utf-8"), ..SourceOptions::default() };
        let paths = files.map(|file| self.folder.path().join(FILES[file]));
        detector.detect_in(&FileCorpus::open(&paths, &options)?, &Silent)
    }

    /// The pairs of given articles among those of `after`, and what it tells of others that `before` does not.
    fn compare(&self, before: &Findings, after: &Findings) -> Result<Held> {
        let mut told: HashMap<u128, (u64, PairRule)> = HashMap::new();
        each_pair(before, |pair| _ = told.insert(key(&pair), (verdict(&pair), pair.rule)))?;
        let documents: Vec<ReadDocument<'_>> = after.documents().collect();
        let (mut pairs, mut among, mut revisions) = (Vec::new(), Vec::new(), Vec::new());
        each_pair(after, |pair| {
            let was = told.remove(&key(&pair));
            match [&pair.a, &pair.b].map(|id| self.given.contains(&**id)) {
                [true, true] => among.push(pair),
                [false, false] => {
                    let change = match was {
                        None => Change::Told,
                        Some((same, _)) if same == verdict(&pair) => return,
                        Some((_, was)) => Change::Changed { was },
                    };
                    revisions.push(Revision { pair, change });
                }
                [a_is_given, _] => pairs.extend(self.indexed(pair, a_is_given, &documents)),
            }
        })?;
        each_pair(before, |pair| {
            if told.contains_key(&key(&pair)) {
                revisions.push(Revision { pair, change: Change::Withdrawn });
            }
        })?;
        revisions.sort_by(|x, y| (&x.pair.a, &x.pair.b).cmp(&(&y.pair.a, &y.pair.b)));
        Ok(Held { pairs, among: Some(among), revisions: Some(revisions), ..Held::default() })
    }

    fn indexed(&self, pair: FoundPair, a_is_given: bool, documents: &[ReadDocument<'_>]) -> Option<IndexedPair> {
        let (seen, other) = if a_is_given { (Seen::B, &*pair.b) } else { (Seen::A, &*pair.a) };
        let document = &documents[documents.binary_search_by_key(&other, |document| document.id).ok()?];
        let (origin, outlet) = self.held.get(usize::try_from(document.line).ok()?.checked_sub(1)?)?.clone();
        Some(IndexedPair { seen, content: document.content, origin, outlet, pair })
    }
}

fn each_pair(findings: &Findings, mut each: impl FnMut(FoundPair)) -> Result<()> {
    findings.map_pairs(FoundPair::from_pair, |found| {
        found.into_iter().for_each(&mut each);
        Ok(())
    })
}

fn key(pair: &FoundPair) -> u128 {
    xxh3_128(&[pair.a.as_bytes(), &[0], pair.b.as_bytes()].concat())
}

/// Equal for pairs that are told alike.
fn verdict(pair: &FoundPair) -> u64 {
    xxh3_64(&serde_json::to_vec(&pair.as_pair()).unwrap_or_default())
}
