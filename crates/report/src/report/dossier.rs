//! Findings by the positions of their articles in a catalogue: what a page and its tables are made of.
//!
//! In: [`Findings`], or the lines that `scan --format jsonl` wrote. Out: the same numbers, none of them computed again.

use crate::catalogue::Catalogue;
use refrain_engine::config::DetectConfig;
use refrain_engine::detect::Findings;
use refrain_engine::error::{Error, Problem, Result};
use refrain_engine::finding::{Boilerplate, DerivationLabel, Origin, Pair, PairRule, Repetition, SharedPassage, Summary, WordCounts};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::BufRead;

/// Findings, and the articles that they are of.
#[derive(Debug)]
pub struct Dossier {
    pub(super) config: DetectConfig,
    pub(super) summary: Summary,
    pub(super) pairs: Vec<PairRow>,
    pub(super) derivations: Vec<DerivationRow>,
    pub(super) clusters: Vec<ClusterRow>,
    pub(super) repetitions: Vec<(u32, Repetition)>,
    pub(super) boilerplate: Vec<(Boilerplate, Vec<u32>)>,
    /// Ids that findings name and no article read has; their positions follow those of the catalogue.
    strangers: Vec<Box<str>>,
}

#[derive(Debug)]
pub(super) struct PairRow {
    pub(super) rule: PairRule,
    pub(super) a: u32,
    pub(super) b: u32,
    pub(super) jaccard: f64,
    pub(super) a_in_b: f64,
    pub(super) b_in_a: f64,
    pub(super) origin: Option<Origin>,
    pub(super) a_covered: Option<f64>,
    pub(super) b_covered: Option<f64>,
    pub(super) passages: Vec<SharedPassage>,
}

impl PairRow {
    /// Matched tokens of all passages.
    pub(super) fn words(&self) -> usize {
        self.counts().words
    }

    /// The words of all passages.
    pub(super) fn counts(&self) -> WordCounts {
        WordCounts::of(&self.passages)
    }
}

#[derive(Debug)]
pub(super) struct DerivationRow {
    pub(super) doc: u32,
    pub(super) label: DerivationLabel,
    pub(super) copied: f64,
    pub(super) sources: Vec<SourceRow>,
}

#[derive(Debug)]
pub(super) struct SourceRow {
    pub(super) doc: u32,
    pub(super) share: f64,
    pub(super) words: usize,
}

#[derive(Debug)]
pub(super) struct ClusterRow {
    pub(super) members: Vec<u32>,
    pub(super) keep: u32,
    pub(super) min_jaccard: f64,
}

impl Dossier {
    /// What a run found in the articles of `catalogue`.
    ///
    /// # Errors
    /// None: the ids are those of the catalogue.
    pub fn of(findings: &Findings, catalogue: &Catalogue<'_>) -> Result<Self> {
        let mut ids = Positions::new(catalogue);
        let mut pairs = Vec::new();
        let known = |id: &str| catalogue.position(id).and_then(|at| u32::try_from(at).ok());
        let row = |pair: &Pair<'_>| Some(PairRow::new(pair, known(pair.a)?, known(pair.b)?));
        findings.map_pairs(row, |rows| {
            pairs.extend(rows.into_iter().flatten());
            Ok::<(), Error>(())
        })?;
        let derivations = findings.derivations().map(|derivation| DerivationRow {
            doc: ids.of(derivation.doc),
            label: derivation.label,
            copied: derivation.copied,
            sources: derivation.sources.iter().map(|s| SourceRow { doc: ids.of(s.doc), share: s.share, words: s.words }).collect(),
        });
        let derivations = derivations.collect();
        let clusters = findings.clusters().map(|cluster| ClusterRow {
            members: cluster.members.iter().map(|member| ids.of(member)).collect(),
            keep: ids.of(cluster.keep),
            min_jaccard: cluster.min_jaccard,
        });
        let clusters = clusters.collect();
        let repetitions = findings.repetitions().iter().map(|repetition| (ids.of(&repetition.doc), repetition.clone())).collect();
        let boilerplate = findings.boilerplate().iter().map(|line| (line.clone(), ids.all(&line.examples))).collect();
        let (config, summary) = (*findings.config(), *findings.summary());
        Ok(Self { config, summary, pairs, derivations, clusters, repetitions, boilerplate, strangers: ids.strangers })
    }

    /// Reads the findings in `lines`; `name` is for messages.
    ///
    /// # Errors
    /// A line that is no finding, or no summary at the end: the scan was cut short.
    pub fn read(lines: impl BufRead, name: &str, catalogue: &Catalogue<'_>) -> Result<Self> {
        let mut ids = Positions::new(catalogue);
        let mut dossier = Self {
            config: DetectConfig::default(),
            summary: Summary::default(),
            pairs: Vec::new(),
            derivations: Vec::new(),
            clusters: Vec::new(),
            repetitions: Vec::new(),
            boilerplate: Vec::new(),
            strangers: Vec::new(),
        };
        let mut is_whole = false;
        for (number, line) in (1..).zip(lines.lines()) {
            let wrong = |reason: String| Error::Record(Problem { path: name.to_owned(), line: number, reason });
            let line = line.map_err(|cause| wrong(format!("cannot be read: {cause}")))?;
            if !line.trim().is_empty() {
                is_whole = dossier.take(&line, &mut ids).map_err(|cause| wrong(format!("not a finding: {cause}; {WANTED}")))?;
            }
        }
        if !is_whole {
            let reason = format!("has no summary at its end, so the scan was cut short; {WANTED}");
            return Err(Error::Record(Problem { path: name.to_owned(), line: 0, reason }));
        }
        dossier.strangers = ids.strangers;
        Ok(dossier)
    }

    /// Takes a line; true for the summary.
    fn take(&mut self, line: &str, ids: &mut Positions<'_>) -> serde_json::Result<bool> {
        let kind: Kind<'_> = serde_json::from_str(line)?;
        match kind.r#type.as_ref() {
            "run" => self.config = config_of(line)?,
            "repetition" => {
                let repetition: Repetition = serde_json::from_str(line)?;
                self.repetitions.push((ids.of(&repetition.doc), repetition));
            }
            "pair" => self.pairs.push(serde_json::from_str::<PairLine<'_>>(line)?.row(ids)),
            "derivation" => {
                let told: DerivationLine<'_> = serde_json::from_str(line)?;
                let source =
                    |s: &SourceLine<'_>, ids: &mut Positions<'_>| SourceRow { doc: ids.of(&s.doc), share: s.share, words: s.words };
                let sources = told.sources.iter().map(|s| source(s, ids)).collect();
                self.derivations.push(DerivationRow { doc: ids.of(&told.doc), label: told.label, copied: told.copied, sources });
            }
            "boilerplate" => {
                let told: Boilerplate = serde_json::from_str(line)?;
                let examples = ids.all(&told.examples);
                self.boilerplate.push((told, examples));
            }
            "cluster" => {
                let told: ClusterLine<'_> = serde_json::from_str(line)?;
                let members = told.members.iter().map(|member| ids.of(member)).collect();
                self.clusters.push(ClusterRow { members, keep: ids.of(&told.keep), min_jaccard: told.min_jaccard });
            }
            "summary" => {
                self.summary = serde_json::from_str(line)?;
                return Ok(true);
            }
            _ => {}
        }
        Ok(false)
    }

    /// How many articles findings name that were not read.
    #[must_use]
    pub fn strangers(&self) -> usize {
        self.strangers.len()
    }

    /// The id of the article at a position.
    pub(super) fn id<'a>(&'a self, catalogue: &'a Catalogue<'_>, position: u32) -> &'a str {
        let position = position as usize;
        let known = catalogue.articles().get(position).map(|article| article.id.as_ref());
        known.or_else(|| self.strangers.get(position - catalogue.articles().len()).map(AsRef::as_ref)).unwrap_or_default()
    }
}

const WANTED: &str = "expected the JSONL findings of `refrain scan`";

/// Positions by ids.
struct Positions<'c> {
    catalogue: &'c Catalogue<'c>,
    strangers: Vec<Box<str>>,
    by_id: HashMap<Box<str>, u32>,
}

impl<'c> Positions<'c> {
    fn new(catalogue: &'c Catalogue<'_>) -> Self {
        Self { catalogue, strangers: Vec::new(), by_id: HashMap::new() }
    }

    fn of(&mut self, id: &str) -> u32 {
        let known = self.catalogue.position(id).or_else(|| self.by_id.get(id).map(|&at| at as usize));
        let position = known.unwrap_or_else(|| {
            self.strangers.push(id.into());
            self.catalogue.articles().len() + self.strangers.len() - 1
        });
        let position = u32::try_from(position).unwrap_or(u32::MAX);
        if known.is_none() {
            self.by_id.insert(id.into(), position);
        }
        position
    }

    fn all(&mut self, ids: &[Box<str>]) -> Vec<u32> {
        ids.iter().map(|id| self.of(id)).collect()
    }
}

impl PairRow {
    fn new(pair: &Pair<'_>, a: u32, b: u32) -> Self {
        Self {
            rule: pair.rule,
            a,
            b,
            jaccard: pair.jaccard,
            a_in_b: pair.a_in_b,
            b_in_a: pair.b_in_a,
            origin: pair.origin,
            a_covered: pair.a_covered,
            b_covered: pair.b_covered,
            passages: pair.passages.clone().unwrap_or_default(),
        }
    }
}

#[derive(Deserialize)]
struct Kind<'l> {
    #[serde(borrow)]
    r#type: Cow<'l, str>,
}

#[derive(Deserialize)]
struct PairLine<'l> {
    rule: PairRule,
    #[serde(borrow)]
    a: Cow<'l, str>,
    #[serde(borrow)]
    b: Cow<'l, str>,
    jaccard: f64,
    a_in_b: f64,
    b_in_a: f64,
    origin: Option<Origin>,
    a_covered: Option<f64>,
    b_covered: Option<f64>,
    #[serde(default)]
    passages: Vec<SharedPassage>,
}

impl PairLine<'_> {
    fn row(self, ids: &mut Positions<'_>) -> PairRow {
        PairRow {
            rule: self.rule,
            a: ids.of(&self.a),
            b: ids.of(&self.b),
            jaccard: self.jaccard,
            a_in_b: self.a_in_b,
            b_in_a: self.b_in_a,
            origin: self.origin,
            a_covered: self.a_covered,
            b_covered: self.b_covered,
            passages: self.passages,
        }
    }
}

#[derive(Deserialize)]
struct DerivationLine<'l> {
    #[serde(borrow)]
    doc: Cow<'l, str>,
    label: DerivationLabel,
    copied: f64,
    #[serde(borrow)]
    sources: Vec<SourceLine<'l>>,
}

#[derive(Deserialize)]
struct SourceLine<'l> {
    #[serde(borrow)]
    doc: Cow<'l, str>,
    share: f64,
    words: usize,
}

#[derive(Deserialize)]
struct ClusterLine<'l> {
    #[serde(borrow)]
    members: Vec<Cow<'l, str>>,
    #[serde(borrow)]
    keep: Cow<'l, str>,
    min_jaccard: f64,
}

/// The configuration of a `run` line, without what was computed from it.
fn config_of(line: &str) -> serde_json::Result<DetectConfig> {
    #[derive(Deserialize)]
    struct Run<'l> {
        #[serde(borrow)]
        config: HashMap<Cow<'l, str>, &'l RawValue>,
    }
    let mut run: Run<'_> = serde_json::from_str(line)?;
    ["bands", "rows", "recall_at_threshold"].iter().for_each(|computed| {
        run.config.remove(*computed);
    });
    serde_json::from_str(&serde_json::to_string(&run.config)?)
}

/// What is equal for matching in the findings whose first line is `line`.
///
/// # Errors
/// It is not the `run` line of a scan.
pub fn config_of_run(line: &str, name: &str) -> Result<DetectConfig> {
    config_of(line)
        .map_err(|cause| Error::Record(Problem { path: name.to_owned(), line: 1, reason: format!("not a finding: {cause}; {WANTED}") }))
}
