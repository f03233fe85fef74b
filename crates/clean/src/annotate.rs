//! Marking in place of removing: a field `refrain` for each record that says what would become of it.
//!
//! In: what goes and what was found. Out: for each document a JSON object: kept or not and why, its cluster, its measures, the stretches that would
//! be taken out. Spans are code points of the text, which stays as it is.

use super::article::char_offsets;
use super::changes::{Change, empty_line};
use super::cleaned_corpus::{Fate, Fates};
use super::copies_of::CopiesOf;
use super::gopher::Measures;
use super::manifest::{Exceeded, RemovalLine};
use super::policy::Rule;
use refrain_engine::corpus::Corpus;
use refrain_engine::detect::Findings;
use refrain_engine::document::Locator;
use refrain_engine::error::{Error, Result};
#[cfg(feature = "parquet")]
use refrain_io::source::rows::{AddedColumn, AddedValues};
use refrain_io::source::{FileCorpus, Format, Original, keys_of};
use serde::Serialize;
use std::collections::HashMap;
use std::ops::Range;

/// Name of the field.
const FIELD: &str = "refrain";
/// The columns that a table gets: the field, and the counts of a kept article in columns of their own.
const COLUMNS: [&str; 5] = [FIELD, "refrain_copies", "refrain_copy_ids", "refrain_sources", "refrain_first_seen"];

/// What is said of a document.
#[derive(Serialize)]
struct Note<'a> {
    /// False if cleaning would remove it.
    keep: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<Rule>,
    /// The document that stays for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    copy: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    similarity: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exceeded: Option<Exceeded>,
    /// Its copies, if others would be removed in favour of it.
    #[serde(flatten)]
    copies: Option<&'a CopiesOf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<ClusterNote<'a>>,
    measures: Measures,
    spans: Vec<SpanNote>,
}

/// The cluster that a document is in.
#[derive(Clone, Copy, Serialize)]
struct ClusterNote<'a> {
    id: usize,
    size: usize,
    /// The member that stays.
    keep: &'a str,
}

/// A stretch that would be taken out.
#[derive(Serialize)]
struct SpanNote {
    start: usize,
    end: usize,
    rule: Rule,
    #[serde(skip_serializing_if = "Option::is_none")]
    copy: Option<[usize; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    similarity: Option<f64>,
}

/// A line for a document that is a file of its own.
#[derive(Serialize)]
struct TextNote<'a> {
    id: &'a str,
    refrain: Note<'a>,
}

/// Writes notes.
pub(super) struct Annotator<'a> {
    findings: &'a Findings,
    fates: &'a Fates,
    /// By position of the document.
    clusters: HashMap<u32, ClusterNote<'a>>,
    /// Positions of the documents, in the order of the input.
    order: Vec<u32>,
    copies: HashMap<u32, &'a CopiesOf>,
}

impl<'a> Annotator<'a> {
    pub(super) fn new(findings: &'a Findings, fates: &'a Fates, kept: &'a [(u32, CopiesOf)], has_clusters: bool) -> Self {
        let place = |at: &u32| {
            let locator = findings.member(*at as usize).locator;
            (locator.file, locator.start)
        };
        let mut order: Vec<u32> = (0..).take(findings.members().len()).collect();
        order.sort_unstable_by_key(place);
        let mut clusters = HashMap::new();
        for (id, cluster) in (1..).zip(findings.member_clusters().iter().filter(|_| has_clusters)) {
            let stays = |at: &&u32| fates.get(findings.member(**at as usize).locator).is_none_or(|fate| fate.gone.is_none());
            let kept = cluster.members.iter().find(stays).unwrap_or(&cluster.keep);
            let note = ClusterNote { id, size: cluster.members.len(), keep: findings.member(*kept as usize).id };
            clusters.extend(cluster.members.iter().map(|&member| (member, note)));
        }
        Self { findings, fates, clusters, order, copies: kept.iter().map(|(at, copies)| (*at, copies)).collect() }
    }

    /// The documents of a file, by position.
    fn documents(&self, file: u32) -> &[u32] {
        let before = |file: u32| self.order.partition_point(|&at| self.findings.member(at as usize).locator.file < file);
        &self.order[before(file)..file.checked_add(1).map_or(self.order.len(), before)]
    }

    fn note(&self, at: u32, corpus: &FileCorpus) -> Result<Note<'a>> {
        let locator = self.findings.member(at as usize).locator;
        let nothing = Fate::default();
        let fate = self.fates.get(locator).unwrap_or(&nothing);
        let gone = fate.gone.as_ref();
        Ok(Note {
            keep: gone.is_none(),
            why: gone.map(|gone| gone.rule),
            copy: gone.and_then(|gone| gone.copy_id(|copy| self.findings.member(copy as usize).id)),
            similarity: gone.and_then(|gone| gone.similarity),
            exceeded: gone.and_then(|gone| gone.measure).map(|(name, value, threshold)| Exceeded { name: name.into(), value, threshold }),
            copies: self.copies.get(&at).copied(),
            cluster: self.clusters.get(&at).copied(),
            measures: fate.measures.as_deref().copied().unwrap_or_default(),
            spans: spans(fate, locator, corpus)?,
        })
    }

    /// The insertions of a file of records. `name` is that of the file.
    ///
    /// # Errors
    /// A record has the field already; the file has changed.
    pub(super) fn changes(&self, corpus: &FileCorpus, original: &Original<'_>, file: u32, name: &str) -> Result<Vec<Change>> {
        let layout = original.layout();
        layout.has_fields()?;
        let mut notes = Vec::new();
        let mut ids = HashMap::new();
        for &at in self.documents(file) {
            let member = self.findings.member(at as usize);
            let record = layout.record(member.locator)?;
            if matches!(original.format(), Format::Json | Format::Jsonl) {
                refuse_second(record, member.id)?;
            }
            ids.insert(member.locator.start + record.len() as u64, member.id);
            notes.push((member.locator, self.cells(at, corpus)?));
        }
        let places = layout.field_more(&COLUMNS, &notes)?;
        let ranges = original.in_bytes(&places.iter().map(|(range, _)| range.clone()).collect::<Vec<_>>())?;
        let change = |(range, (place, put)): (Range<usize>, (Range<usize>, String))| {
            // Behind a record, or before the brace that closes it; what else is put in is of no article.
            let end = place.start as u64;
            let id = ids.get(&end).or_else(|| ids.get(&(end + 1))).copied().unwrap_or_default();
            let line = RemovalLine { offset: range.start as u64, ..empty_line(id, name) };
            Change { line, range, inserted: original.encoded(&put) }
        };
        Ok(ranges.into_iter().zip(places).map(change).collect())
    }

    /// The values of [`COLUMNS`] for an article, as text; empty where there is none.
    fn cells(&self, at: u32, corpus: &FileCorpus) -> Result<Vec<String>> {
        let json = |value: &dyn Fn() -> serde_json::Result<String>| value().map_err(|error| not_written(&error));
        let note = self.note(at, corpus)?;
        let mut cells = vec![json(&|| serde_json::to_string(&note))?];
        match note.copies {
            None => cells.resize(COLUMNS.len(), String::new()),
            Some(copies) => cells.extend([
                copies.copies.to_string(),
                json(&|| serde_json::to_string(&copies.copy_ids))?,
                json(&|| serde_json::to_string(&copies.sources))?,
                copies.first_seen.clone().unwrap_or_default(),
            ]),
        }
        Ok(cells)
    }

    /// The columns of a file of rows: the field, number and ids of the copies, their sources, and the earliest date.
    ///
    /// # Errors
    /// The file has changed.
    #[cfg(feature = "parquet")]
    pub(super) fn columns(&self, corpus: &FileCorpus, file: u32) -> Result<Vec<AddedColumn<'static>>> {
        let documents = self.documents(file);
        let row = |at: u32| self.findings.member(at as usize).locator.start;
        let note = |&at: &u32| {
            let json = serde_json::to_string(&self.note(at, corpus)?).map_err(|error| not_written(&error))?;
            Ok((row(at), json))
        };
        let notes = documents.iter().map(note).collect::<Result<Vec<_>>>()?;
        let copies = || documents.iter().filter_map(|at| Some((row(*at), *self.copies.get(at)?)));
        let values = [
            AddedValues::Texts(notes),
            AddedValues::Numbers(copies().map(|(row, copies)| (row, i64::try_from(copies.copies).unwrap_or(i64::MAX))).collect()),
            AddedValues::Lists(copies().map(|(row, copies)| (row, copies.copy_ids.clone())).collect()),
            AddedValues::Lists(copies().map(|(row, copies)| (row, copies.sources.clone())).collect()),
            AddedValues::Texts(copies().filter_map(|(row, copies)| Some((row, copies.first_seen.clone()?))).collect()),
        ];
        Ok(COLUMNS.into_iter().zip(values).map(|(name, values)| AddedColumn { name, values }).collect())
    }

    /// Lines for a text file, which has no place for a field.
    ///
    /// # Errors
    /// The file has changed.
    pub(super) fn lines(&self, corpus: &FileCorpus, file: u32) -> Result<Vec<u8>> {
        let mut lines = Vec::new();
        for &at in self.documents(file) {
            let note = TextNote { id: self.findings.member(at as usize).id, refrain: self.note(at, corpus)? };
            serde_json::to_writer(&mut lines, &note).map_err(|error| not_written(&error))?;
            lines.push(b'\n');
        }
        Ok(lines)
    }
}

/// Shares and names are always JSON; this is for the type's sake.
fn not_written(error: &serde_json::Error) -> Error {
    Error::Config { setting: "annotate", reason: error.to_string() }
}

fn refuse_second(record: &[u8], id: &str) -> Result<()> {
    if memchr::memmem::find(record, FIELD.as_bytes()).is_none() {
        return Ok(());
    }
    match keys_of(record) {
        Some(keys) if keys.iter().any(|key| key == FIELD) => Err(Error::Config {
            setting: "annotate",
            reason: format!("the record of {id} already has a field `{FIELD}`; remove the field first (`refrain restore` does)"),
        }),
        _ => Ok(()),
    }
}

fn spans(fate: &Fate, locator: Locator, corpus: &FileCorpus) -> Result<Vec<SpanNote>> {
    if fate.cuts.is_empty() {
        return Ok(Vec::new());
    }
    let text = corpus.text(locator)?;
    let edges_of = |range: &Range<usize>| [range.start, range.end];
    let mut edges: Vec<usize> =
        fate.cuts.iter().flat_map(|cut| edges_of(&cut.range).into_iter().chain(cut.why.first.iter().flat_map(edges_of))).collect();
    edges.sort_unstable();
    edges.dedup();
    edges.retain(|&edge| text.is_char_boundary(edge));
    let chars = char_offsets(&text, &edges);
    let in_chars = |range: &Range<usize>| edges_of(range).map(|edge| edges.binary_search(&edge).map_or(0, |at| chars[at]));
    let note = |cut: &super::article::Cut| {
        let [start, end] = in_chars(&cut.range);
        SpanNote { start, end, rule: cut.why.rule, copy: cut.why.first.as_ref().map(in_chars), similarity: cut.why.similarity }
    };
    Ok(fate.cuts.iter().map(note).collect())
}
