//! Findings as JSON: a line each, or one document.

use refrain_engine::config::DetectConfig;
use refrain_engine::detect::Findings;
use refrain_engine::finding::{SCHEMA, Summary, round};
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

pub(super) fn line<T: Serialize>(out: &mut impl Write, r#type: &'static str, finding: &T) -> io::Result<()> {
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

/// One finding per line: the run, repetitions, pairs, derivations, boilerplate, common runs, clusters, the summary. Of the findings at most `limit`; the summary
/// counts the others.
///
/// # Errors
/// What the writer says.
pub fn write_jsonl(findings: &Findings, limit: Option<usize>, out: &mut impl Write) -> io::Result<()> {
    line(out, "run", &run(findings))?;
    if let Some(limit) = limit {
        let mut left = limit;
        some_lines(out, &mut left, "repetition", findings.repetitions().iter())?;
        some_lines(out, &mut left, "pair", findings.pairs())?;
        some_lines(out, &mut left, "derivation", findings.derivations())?;
        some_lines(out, &mut left, "boilerplate", findings.boilerplate().iter())?;
        some_lines(out, &mut left, "common-run", findings.common_runs())?;
        some_lines(out, &mut left, "cluster", findings.clusters())?;
        return line(out, "summary", &summary_of(findings, limit - left));
    }
    findings.repetitions().iter().try_for_each(|repetition| line(out, "repetition", repetition))?;
    findings.fold_pairs(|lines: &mut Lines, pair| lines.add("pair", pair), |lines| lines.write(out))?;
    findings.fold_derivations(|lines: &mut Lines, derivation| lines.add("derivation", derivation), |lines| lines.write(out))?;
    findings.boilerplate().iter().try_for_each(|boilerplate| line(out, "boilerplate", boilerplate))?;
    findings.common_runs().try_for_each(|run| line(out, "common-run", &run))?;
    findings.clusters().try_for_each(|cluster| line(out, "cluster", &cluster))?;
    line(out, "summary", findings.summary())
}

/// Writes at most `left` findings of a kind.
fn some_lines<T: Serialize>(
    out: &mut impl Write,
    left: &mut usize,
    r#type: &'static str,
    items: impl Iterator<Item = T>,
) -> io::Result<()> {
    items.take(*left).try_for_each(|item| {
        *left -= 1;
        line(out, r#type, &item)
    })
}

/// The totals of a report that has `written` of the findings.
fn summary_of(findings: &Findings, written: usize) -> Summary {
    let summary = *findings.summary();
    let all = [summary.repetitions, summary.pairs, summary.derived, summary.boilerplate, summary.common_runs, summary.clusters];
    let omitted = all.into_iter().flatten().sum::<usize>().saturating_sub(written);
    Summary { omitted: Some(omitted).filter(|&omitted| omitted > 0), ..summary }
}

/// One document: `{"run":{},"repetitions":[],"pairs":[],"derivations":[],"boilerplate":[],"common_runs":[],"clusters":[],"summary":{}}`, each finding without its type.
/// Of the findings at most `limit`; the summary counts the others.
///
/// # Errors
/// What the writer says.
pub fn write_json(findings: &Findings, limit: Option<usize>, out: &mut impl Write) -> io::Result<()> {
    fn list<T: Serialize>(out: &mut impl Write, left: &mut usize, name: &str, items: impl Iterator<Item = T>) -> io::Result<()> {
        write!(out, ",\n\"{name}\":[")?;
        for (number, item) in items.take(*left).enumerate() {
            *left -= 1;
            out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
            serde_json::to_writer(&mut *out, &item)?;
        }
        out.write_all(b"]")
    }
    let mut left = limit.unwrap_or(usize::MAX);
    out.write_all(b"{\"run\":")?;
    serde_json::to_writer(&mut *out, &run(findings))?;
    list(out, &mut left, "repetitions", findings.repetitions().iter())?;
    list(out, &mut left, "pairs", findings.pairs())?;
    list(out, &mut left, "derivations", findings.derivations())?;
    list(out, &mut left, "boilerplate", findings.boilerplate().iter())?;
    list(out, &mut left, "common_runs", findings.common_runs())?;
    list(out, &mut left, "clusters", findings.clusters())?;
    out.write_all(b",\n\"summary\":")?;
    let summary = limit.map_or(*findings.summary(), |limit| summary_of(findings, limit - left));
    serde_json::to_writer(&mut *out, &summary)?;
    out.write_all(b"}\n")
}
