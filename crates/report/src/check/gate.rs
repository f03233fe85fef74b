//! From findings to a list that passes or fails.

use super::baseline::{Baseline, document_name};
use super::fingerprint::set_fingerprints;
use super::given::Given;
use super::group::{Grouping, Role, group};
use super::ignore::{Ignore, Side};
use super::known::{Present, Sought, known};
use super::locate::locate;
use super::order::ranks;
use super::place::Place;
use super::rules::{Level, Levels};
use super::summary::{CheckSummary, new_by_level, summary};
use rayon::prelude::*;
use refrain_engine::config::DetectConfig;
use refrain_engine::corpus::Corpus;
use refrain_engine::detect::{Findings, ReadDocument};
use refrain_engine::error::Result;
use refrain_engine::finding::{FoundPair, Origin, Repetition, SegmentKind, SharedPassage, round};
use refrain_engine::problems::Problems;
use serde::Serialize;
use std::collections::BTreeMap;

/// What counts, and what is known.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    /// How much each rule counts.
    pub levels: Levels,
    /// What is passed over.
    pub ignore: Vec<Ignore>,
    /// What is known.
    pub baseline: Baseline,
    /// Which pairs are findings of their own.
    pub pairs: Pairs,
}

/// Which pairs are findings of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pairs {
    /// Of n articles with the same words or passages n - 1: the others say nothing new, and are in [`Check::represented`].
    #[default]
    Grouped,
    /// All.
    All,
}

/// A pair with an article of an index, and what is known of that.
#[derive(Clone, Debug)]
pub(super) struct IndexedPair {
    pub(super) pair: FoundPair,
    /// Which side stands in the index.
    pub(super) seen: Seen,
    pub(super) origin: Box<str>,
    /// Line of that file, where the article has no id of its own.
    pub(super) line: Option<u64>,
    /// Hash of its outlet's name, 0 if there is none.
    pub(super) outlet: u64,
}

/// Which side of a pair stands in the index, and not among the articles that are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Seen {
    /// The first.
    A,
    /// The second.
    B,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Inside one article.
    Repetition(Repetition),
    /// Of two.
    Pair(FoundPair),
}

/// A finding as it is told.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedFinding {
    /// What was found.
    pub kind: Kind,
    /// How much it counts; never off.
    pub level: Level,
    /// It stands in the baseline.
    pub known: bool,
    /// Of a repetition its later copy; of a pair the later article, or the one that is given.
    pub at: Place,
    /// Of a repetition where it stands first; of a pair the other article.
    pub other: Place,
    /// Number of further articles of which the same rule holds, and whose pairs with this one are represented by this finding.
    pub more: usize,
    /// The first of them.
    pub others: Vec<Place>,
    /// Which side of a pair stands in the index.
    pub seen: Option<Seen>,
    pub(super) outlets: [u64; 2],
    pub(super) fingerprint: String,
    /// Its documents as a baseline names them, in order.
    pub(super) documents: Vec<Box<str>>,
    /// Keys by which a baseline recognises it: of a repetition, and of each passage of a pair.
    pub(super) parts: Vec<Vec<u64>>,
    /// Entries of the baseline that know it.
    pub(super) entries: Vec<usize>,
}

impl CheckedFinding {
    /// Name of the rule.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match &self.kind {
            Kind::Repetition(repetition) => repetition.rule.name(),
            Kind::Pair(pair) => pair.rule.name(),
        }
    }

    /// Sixteen hexadecimal digits that depend on the words of the finding, and not on names or positions; in one article no two findings have the same.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// True if it may fail a check in which nothing is known.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.level == Level::Error
    }

    /// What a baseline looks up.
    pub(super) fn sought(&self) -> Sought<'_> {
        Sought { documents: &self.documents, parts: &self.parts }
    }

    fn sides(&self) -> [Side<'_>; 2] {
        let side = |place: usize| {
            let Place { id, path, .. } = [&self.at, &self.other][place];
            Side { id, path: path.as_deref(), outlet: self.outlets[place] }
        };
        [side(0), side(1)]
    }
}

/// The outcome of a check.
#[derive(Clone, Debug)]
pub struct Check {
    /// What was looked for.
    pub config: DetectConfig,
    /// What is told: repetitions by article and place, then pairs by their ids.
    pub findings: Vec<CheckedFinding>,
    /// Pairs that say nothing beyond the reported ones, by their ids. They have no regions.
    pub represented: Vec<CheckedFinding>,
    /// Totals.
    pub summary: CheckSummary,
    /// Records that were skipped.
    pub problems: Problems,
}

impl Check {
    /// What is told of an index alone; `config` is what was asked of it.
    #[must_use]
    pub fn of_index(mut self, config: &DetectConfig) -> Self {
        self.findings.retain(|finding| finding.seen.is_some());
        self.config = *config;
        self.summary.repetitions = None;
        self.summary.pairs = Some(self.findings.len());
        (self.summary.new, self.summary.known) = (self.findings.len(), 0);
        self.summary.new_by_level = new_by_level(&self.findings);
        self
    }

    /// The same with at most `limit` findings: those that weigh most, new before known, then by level. The totals stay those of all; the summary counts
    /// what is left out.
    #[must_use]
    pub fn limited(&self, limit: usize) -> Self {
        let mut heaviest: Vec<usize> = (0..self.findings.len()).collect();
        heaviest.sort_by_key(|&at| (self.findings[at].known, std::cmp::Reverse(self.findings[at].level)));
        heaviest.truncate(limit);
        heaviest.sort_unstable();
        let findings: Vec<CheckedFinding> = heaviest.into_iter().map(|at| self.findings[at].clone()).collect();
        let omitted = self.findings.len() - findings.len();
        let summary = CheckSummary { omitted: Some(omitted).filter(|&omitted| omitted > 0), ..self.summary };
        Self { config: self.config, findings, represented: Vec::new(), summary, problems: self.problems.clone() }
    }
}

impl Gate {
    /// What is told of `findings`, which are of `given`, and of what an index holds.
    ///
    /// # Errors
    /// What keeps a text from being read again.
    pub fn check<C: Corpus>(&self, findings: &Findings, given: &Given<C>, held: &super::Held) -> Result<Check> {
        let documents: Vec<ReadDocument<'_>> = findings.documents().collect();
        let ranks = ranks(&documents, |file| given.name(file));
        let sheet = Sheet { documents: &documents, ranks, given, config: *findings.config(), baseline: &self.baseline };
        let mut all = sheet.repetitions(findings.repetitions())?;
        let mut pairs: Vec<CheckedFinding> = Vec::new();
        findings.map_pairs(FoundPair::from_pair, |found| {
            pairs.extend(found.into_iter().map(|pair| sheet.pair(pair, None)));
            Ok::<(), refrain_engine::Error>(())
        })?;
        pairs.extend(held.pairs.iter().map(|indexed| sheet.pair(indexed.pair.clone(), Some(indexed))));
        let ids = |finding: &CheckedFinding| match &finding.kind {
            Kind::Pair(pair) => (pair.a.clone(), pair.b.clone()),
            Kind::Repetition(_) => Default::default(),
        };
        pairs.sort_by_cached_key(ids);
        all.extend(pairs);
        set_fingerprints(&sheet, &mut all)?;
        sheet.set_known(&mut all);
        all.iter_mut().for_each(|finding| finding.level = self.levels.of(finding.rule()));
        let is_ignored = |finding: &CheckedFinding| {
            finding.level == Level::Off || self.ignore.iter().any(|ignore| ignore.matches(finding.rule(), &finding.sides()))
        };
        let (ignored, kept): (Vec<_>, Vec<_>) = all.into_iter().partition(is_ignored);
        let (mut all, represented, grouping) = self.grouped(kept, &sheet);
        locate(&sheet, &mut all, &represented, &grouping)?;
        let mut summary = summary(findings, held, &all);
        summary.ignored = self.grouped(ignored, &sheet).0.len();
        summary.represented_pairs = Some(represented.len()).filter(|&count| count > 0);
        summary.duplication = sheet.duplication(all.iter().chain(&represented), summary.characters)?;
        given.check_lengths()?;
        Ok(Check { config: *findings.config(), findings: all, represented, summary, problems: findings.problems().clone() })
    }

    /// The findings that are reported, the pairs that they represent, and which represents which.
    fn grouped<C: Corpus>(
        &self,
        findings: Vec<CheckedFinding>,
        sheet: &Sheet<'_, C>,
    ) -> (Vec<CheckedFinding>, Vec<CheckedFinding>, Grouping) {
        if self.pairs == Pairs::All {
            return (findings, Vec::new(), Grouping::default());
        }
        let mut grouping = group(&findings, |id| sheet.rank(id));
        let (mut reported, mut represented) = (Vec::new(), Vec::new());
        let mut numbers = Vec::with_capacity(findings.len());
        for (finding, role) in findings.into_iter().zip(&grouping.roles) {
            let list = if *role == Role::Reported { &mut reported } else { &mut represented };
            numbers.push(list.len());
            list.push(finding);
        }
        for represented in &mut grouping.represented {
            (represented.by, represented.pair) = (numbers[represented.by], numbers[represented.pair]);
        }
        (reported, represented, grouping)
    }
}

/// The articles that are given, to look things up in.
pub(super) struct Sheet<'a, C> {
    pub(super) documents: &'a [ReadDocument<'a>],
    ranks: Vec<i64>,
    pub(super) given: &'a Given<C>,
    pub(super) config: DetectConfig,
    baseline: &'a Baseline,
}

impl<C: Corpus> Sheet<'_, C> {
    pub(super) fn at(&self, id: &str) -> Option<usize> {
        self.documents.binary_search_by_key(&id, |document| document.id).ok()
    }

    /// Earlier articles have a lower one.
    fn rank(&self, id: &str) -> i64 {
        self.at(id).map_or(i64::MAX, |at| self.ranks[at])
    }

    /// An article with its file, and the line where it begins if the file holds several.
    fn place_of(&self, id: &str) -> Place {
        let document = self.at(id).map(|at| &self.documents[at]);
        let record = document.filter(|document| !self.given.is_text(document.locator.file));
        Place {
            id: id.into(),
            path: document.map(|document| self.given.name(document.locator.file).into()),
            line: record.map(|record| usize::try_from(record.line).unwrap_or(usize::MAX)),
            region: None,
            is_indexed: false,
        }
    }

    /// An article as a baseline names it.
    fn document_name(&self, id: &str) -> Box<str> {
        let Some(at) = self.at(id) else { return document_name(None, Some(id)) };
        let document = &self.documents[at];
        let file = self.baseline.file_name(&self.given.name(document.locator.file));
        let is_record = document.has_own_id && !self.given.is_whole_file(document.locator.file);
        document_name(Some(&file), is_record.then_some(id))
    }

    /// Says which findings the baseline knows.
    fn set_known(&self, findings: &mut [CheckedFinding]) {
        if self.baseline.is_empty() {
            return;
        }
        let documents: Vec<Box<str>> = self.documents.iter().map(|document| self.document_name(document.id)).collect();
        let files: Vec<String> =
            self.documents.iter().map(|document| self.baseline.file_name(&self.given.name(document.locator.file))).collect();
        let present = Present {
            documents: documents.iter().map(|document| &**document).collect(),
            files: files.iter().map(String::as_str).collect(),
        };
        let sought: Vec<Sought<'_>> = findings.iter().map(CheckedFinding::sought).collect();
        let found = known(self.baseline, &sought, &present);
        for (finding, found) in findings.iter_mut().zip(found) {
            (finding.known, finding.entries) = (found.is_some(), found.unwrap_or_default());
        }
    }

    fn repetitions(&self, repetitions: &[Repetition]) -> Result<Vec<CheckedFinding>> {
        let of_document: Vec<&[Repetition]> = repetitions.chunk_by(|x, y| x.doc == y.doc).collect();
        let checked = of_document.par_iter().map(|repetitions| {
            let Some(at) = self.at(&repetitions[0].doc) else { return Ok(Vec::new()) };
            let document = &self.documents[at];
            let checked = repetitions.iter().map(|repetition| {
                let place = self.place_of(document.id);
                CheckedFinding {
                    kind: Kind::Repetition(repetition.clone()),
                    level: Level::Error,
                    known: false,
                    at: place.clone(),
                    other: place,
                    more: 0,
                    others: Vec::new(),
                    seen: None,
                    outlets: [document.outlet; 2],
                    fingerprint: String::new(),
                    documents: vec![self.document_name(document.id)],
                    parts: Vec::new(),
                    entries: Vec::new(),
                }
            });
            Ok(checked.collect::<Vec<_>>())
        });
        Ok(checked.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }

    /// The pair at the article that came later, or is given.
    fn pair(&self, pair: FoundPair, indexed: Option<&IndexedPair>) -> CheckedFinding {
        let a_is_later = match indexed {
            Some(indexed) => indexed.seen == Seen::B,
            None => pair.origin.map_or_else(|| self.rank(&pair.a) > self.rank(&pair.b), |origin| origin == Origin::B),
        };
        let (own, other) = if a_is_later { (&pair.a, &pair.b) } else { (&pair.b, &pair.a) };
        let outlet = |id: &str| self.at(id).map_or(0, |at| self.documents[at].outlet);
        let mut other_place = self.place_of(other);
        let mut outlets = [outlet(own), outlet(other)];
        if let Some(indexed) = indexed {
            other_place = Place {
                id: other.clone(),
                path: Some(indexed.origin.clone()).filter(|path| !path.is_empty()),
                line: indexed.line.and_then(|line| usize::try_from(line).ok()),
                region: None,
                is_indexed: true,
            };
            outlets[1] = indexed.outlet;
        }
        let mut documents = vec![self.document_name(own), self.document_name(other)];
        documents.sort_unstable();
        CheckedFinding {
            level: Level::Error,
            known: false,
            at: self.place_of(own),
            other: other_place,
            more: 0,
            others: Vec::new(),
            seen: indexed.map(|indexed| indexed.seen),
            outlets,
            fingerprint: String::new(),
            documents,
            parts: Vec::new(),
            entries: Vec::new(),
            kind: Kind::Pair(pair),
        }
    }

    /// Share of `characters`, less those that are ignored, that lies in what is told as copied and counts, each once.
    fn duplication<'f>(&self, findings: impl Iterator<Item = &'f CheckedFinding>, characters: u64) -> Result<f64> {
        let mut copied: BTreeMap<usize, Vec<[usize; 2]>> = BTreeMap::new();
        for finding in findings.filter(|finding| finding.level > Level::Note) {
            let Some(at) = self.at(&finding.at.id) else { continue };
            let ranges = copied.entry(at).or_default();
            match &finding.kind {
                Kind::Repetition(repetition) => ranges.push([repetition.again.start, repetition.again.end]),
                Kind::Pair(pair) => match &pair.passages {
                    Some(passages) => ranges.extend(passages.iter().flat_map(|passage| matched(passage, *pair.a == *finding.at.id))),
                    None => ranges.push([0, self.given.text(self.documents[at].locator)?.chars().count()]),
                },
            }
        }
        let of_article = |(at, ranges): (usize, Vec<[usize; 2]>)| covered(without(ranges, &self.given.ignored(self.documents[at].locator)));
        let covered: usize = copied.into_iter().map(of_article).sum();
        let counted = characters.saturating_sub(self.given.ignored_characters());
        Ok(round(covered as f64 / counted.max(1) as f64))
    }
}

fn covered(mut ranges: Vec<[usize; 2]>) -> usize {
    ranges.sort_unstable();
    let (mut count, mut end) = (0, 0);
    for [from, to] in ranges {
        count += to.saturating_sub(from.max(end));
        end = end.max(to);
    }
    count
}

/// The ranges of a passage on side a, or on side b, without its unmatched segments.
fn matched(passage: &SharedPassage, on_a: bool) -> Vec<[usize; 2]> {
    let side = |a: [usize; 2], b: [usize; 2]| if on_a { a } else { b };
    let is_matched = |kind: SegmentKind| matches!(kind, SegmentKind::Exact | SegmentKind::Respelled);
    let unmatched = passage.segments.iter().filter(|segment| !is_matched(segment.0)).map(|segment| side(segment.1, segment.2));
    without(vec![side(passage.a, passage.b)], &unmatched.filter(|[start, end]| start < end).collect::<Vec<_>>())
}

/// What is left of `ranges` outside of `ignored`, ranges in order and apart.
fn without(mut ranges: Vec<[usize; 2]>, ignored: &[[usize; 2]]) -> Vec<[usize; 2]> {
    for &[start, end] in ignored {
        let parts = ranges.into_iter().flat_map(|[from, to]| [[from, to.min(start)], [from.max(end), to]]);
        ranges = parts.filter(|[from, to]| from < to).collect();
    }
    ranges
}
