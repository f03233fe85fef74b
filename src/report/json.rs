//! Findings as JSON: a line each, or one document.

use crate::config::DetectConfig;
use crate::detect::Findings;
use crate::finding::{SCHEMA, round};
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Line<'a, T> {
    r#type: &'static str,
    #[serde(flatten)]
    finding: &'a T,
}

/// The run: version and configuration, without anything that the findings do not depend on.
#[derive(Serialize)]
pub(super) struct Run<'a> {
    schema: u32,
    version: &'static str,
    config: Settings<'a>,
}

#[derive(Serialize)]
struct Settings<'a> {
    #[serde(flatten)]
    config: &'a DetectConfig,
    #[serde(flatten)]
    banding: Option<Bands>,
}

#[derive(Serialize)]
struct Bands {
    bands: usize,
    rows: usize,
    recall_at_threshold: f64,
}

fn run(findings: &Findings) -> Run<'_> {
    run_of(findings.config())
}

/// The line that says what was looked for.
pub(super) fn run_of(config: &DetectConfig) -> Run<'_> {
    let banding = config.banding();
    let bands = Bands { bands: banding.bands, rows: banding.rows, recall_at_threshold: round(banding.probability(config.threshold)) };
    Run { schema: SCHEMA, version: env!("CARGO_PKG_VERSION"), config: Settings { config, banding: config.across().then_some(bands) } }
}

fn line<T: Serialize>(out: &mut impl Write, r#type: &'static str, finding: &T) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Line { r#type, finding })?;
    out.write_all(b"\n")
}

/// Lines of some findings, or why there are none.
#[derive(Default)]
struct Lines {
    bytes: Vec<u8>,
    failed: Option<io::Error>,
}

impl Lines {
    fn add<T: Serialize>(&mut self, r#type: &'static str, finding: &T) {
        if let Err(error) = line(&mut self.bytes, r#type, finding) {
            self.failed.get_or_insert(error);
        }
    }

    fn write(self, out: &mut impl Write) -> io::Result<()> {
        self.failed.map_or_else(|| out.write_all(&self.bytes), Err)
    }
}

/// One finding a line: the run, repetitions, pairs, derivations, boilerplate, clusters, the summary.
///
/// # Errors
/// What the writer says.
pub fn write_jsonl(findings: &Findings, out: &mut impl Write) -> io::Result<()> {
    line(out, "run", &run(findings))?;
    findings.repetitions().iter().try_for_each(|repetition| line(out, "repetition", repetition))?;
    findings.fold_pairs(|lines: &mut Lines, pair| lines.add("pair", pair), |lines| lines.write(out))?;
    findings.fold_derivations(|lines: &mut Lines, derivation| lines.add("derivation", derivation), |lines| lines.write(out))?;
    findings.boilerplate().iter().try_for_each(|boilerplate| line(out, "boilerplate", boilerplate))?;
    findings.clusters().try_for_each(|cluster| line(out, "cluster", &cluster))?;
    line(out, "summary", findings.summary())
}

/// One document: `{"run":{},"repetitions":[],"pairs":[],"derivations":[],"boilerplate":[],"clusters":[],"summary":{}}`, each finding without its type.
///
/// # Errors
/// What the writer says.
pub fn write_json(findings: &Findings, out: &mut impl Write) -> io::Result<()> {
    fn list<T: Serialize>(out: &mut impl Write, name: &str, items: impl Iterator<Item = T>) -> io::Result<()> {
        write!(out, ",\n\"{name}\":[")?;
        for (number, item) in items.enumerate() {
            out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
            serde_json::to_writer(&mut *out, &item)?;
        }
        out.write_all(b"]")
    }
    out.write_all(b"{\"run\":")?;
    serde_json::to_writer(&mut *out, &run(findings))?;
    list(out, "repetitions", findings.repetitions().iter())?;
    list(out, "pairs", findings.pairs())?;
    list(out, "derivations", findings.derivations())?;
    list(out, "boilerplate", findings.boilerplate().iter())?;
    list(out, "clusters", findings.clusters())?;
    out.write_all(b",\n\"summary\":")?;
    serde_json::to_writer(&mut *out, findings.summary())?;
    out.write_all(b"}\n")
}
