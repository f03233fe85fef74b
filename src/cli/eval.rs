//! `refrain eval`: findings scored against labels.

use super::args::{EvalArgs, ScoreFormat};
use super::messages::line;
use super::scores::write_scores;
use super::settings::choices;
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use refrain::eval::{Ids, LabelKind, Labels, Measure, Request, Told, evaluate, read_findings, read_labels};
use serde::Deserialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

choices!(LabelsArg for LabelKind {
    /// Id, id, Jaccard: every pair over some threshold
    Exact,
    /// Id, id, and a label if there are some: pairs that people hold to be alike
    Pairs,
    /// Id, cluster
    Clusters,
    /// JSON lines: passages and repetitions with their offsets
    Spans,
});
choices!(MeasureArg for Measure {
    /// What both have in common
    Jaccard,
    /// How much of one is in the other, the larger of the two
    Containment,
    /// How much of one the passages cover, the larger of the two
    Coverage,
});

/// Reads both files, scores, prints.
pub(super) fn run(args: &EvalArgs) -> Result<()> {
    let (told, labels) = read(args)?;
    if args.threshold.is_some() && labels.kind() != LabelKind::Exact {
        bail!("threshold: goes with exact labels, and these are {}; --sweep shows what each threshold would give", labels.kind().name());
    }
    let sweep = args.sweep.then(|| args.by.map_or(Measure::Jaccard, Into::into));
    if told.unlisted_pairs() > 0 {
        let count = told.unlisted_pairs();
        line("note", &format!("{count} pairs of equal articles are counted in the findings and not listed, and do not count here"));
    }
    let threshold = args.threshold.unwrap_or(Request::default().threshold);
    let scores = evaluate(&told, &labels, Request { threshold, sweep })?;
    let mut out = BufWriter::new(io::stdout().lock());
    match args.format {
        ScoreFormat::Text => write_scores(&scores, &mut out),
        ScoreFormat::Json => serde_json::to_writer_pretty(&mut out, &scores).map_err(io::Error::from).and_then(|()| writeln!(out)),
    }
    .and_then(|()| out.flush())
    .context("standard output")
}

/// The findings and the labels. Where the form of the labels is not given, it is told as what they were taken.
fn read(args: &EvalArgs) -> Result<(Told, Labels)> {
    let (findings, truth) = (args.findings.as_path(), args.truth.as_path());
    if is_stdin(findings) && is_stdin(truth) {
        bail!("-: is both the findings and the labels; name a file for one of them");
    }
    let mut ids = Ids::default();
    let told = read_findings(open(findings)?, &findings.display().to_string(), &mut ids)?;
    let labels = read_labels(open(truth)?, &truth.display().to_string(), args.labels.map(Into::into), &told, &mut ids)?;
    if args.labels.is_none() {
        line("note", &format!("{}: taken for {} labels; --labels says otherwise", truth.display(), labels.kind().name()));
    }
    Ok((told, labels))
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

fn open(path: &Path) -> Result<Box<dyn BufRead>> {
    if is_stdin(path) {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).with_context(|| path.display().to_string())?;
    Ok(Box::new(BufReader::with_capacity(1 << 18, file)))
}
