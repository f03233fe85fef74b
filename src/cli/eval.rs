//! `refrain eval`: findings scored against labels.

use super::args::Global;
use super::choices::choices;
use super::destination::Target;
use super::messages::line;
use super::output::{to_file_by, to_stdout};
use super::score_args::{EvalArgs, SCORE_FORMATS, ScoreFormat};
use super::scores::{write_reviews, write_scores};
use crate::eval::{Ids, LabelKind, Labels, Measure, Request, Told, evaluate, read_findings, read_labels, read_reviews};
use crate::files::Guard;
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde::Deserialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

choices!(LabelsArg for LabelKind {
    /// Id, id, Jaccard: every pair over some threshold
    Exact,
    /// Id, id, and a label if there are some: pairs that people judged to be similar
    Pairs,
    /// Id, cluster
    Clusters,
    /// JSON lines: passages and repetitions with their offsets
    Spans,
});
choices!(MeasureArg for Measure {
    /// Jaccard similarity
    Jaccard,
    /// Share of one article in the other, the larger of the two
    Containment,
    /// Share of an article that the passages cover, the larger of the two
    Coverage,
});

/// Reads both files, scores, writes.
pub(super) fn run(args: &EvalArgs, global: Global) -> Result<()> {
    let targets = SCORE_FORMATS.settle(&args.output, args.format, ScoreFormat::Text)?;
    let mut guard = Guard::default();
    [Some(&args.findings), args.truth.as_ref()].into_iter().flatten().for_each(|file| guard.reads_input(file));
    targets.iter().filter_map(|(_, target)| target.file()).for_each(|path| guard.writes("output", path));
    guard.check()?;
    let Some(truth) = &args.truth else { return reviews(&args.findings, &targets) };
    let (told, labels) = read(args, truth, global)?;
    if args.threshold.is_some() && labels.kind() != LabelKind::Exact {
        bail!("--threshold: works with exact labels, and these are {}; --sweep shows the scores at every threshold", labels.kind().name());
    }
    let sweep = args.sweep.then(|| args.by.map_or(Measure::Jaccard, Into::into));
    if told.unlisted_pairs() > 0 && !global.quiet {
        let count = told.unlisted_pairs();
        line("note", &format!("{count} pairs of equal articles are not listed in the findings, only counted; the scores leave them out"));
    }
    let threshold = args.threshold.unwrap_or(Request::default().threshold);
    let scores = evaluate(&told, &labels, Request { threshold, sweep })?;
    let write = |format, mut out: &mut dyn Write| -> Result<()> {
        match format {
            ScoreFormat::Text => write_scores(&scores, &mut out)?,
            ScoreFormat::Json => {
                serde_json::to_writer_pretty(&mut *out, &scores)?;
                writeln!(out)?;
            }
        }
        Ok(())
    };
    targets.iter().try_for_each(|(format, target)| match target {
        Target::Stdout => to_stdout(&mut |out| write(*format, out)),
        Target::File(path) => to_file_by(path, &mut |out| write(*format, out)),
    })
}

/// Precision by rule, of labels that a page of `refrain clean --review` saved.
fn reviews(labels: &Path, targets: &[(ScoreFormat, Target)]) -> Result<()> {
    let scores = read_reviews(open(labels)?, &labels.display().to_string())?;
    let write = |format: ScoreFormat, mut out: &mut dyn Write| -> Result<()> {
        match format {
            ScoreFormat::Text => write_reviews(&scores, &mut out)?,
            ScoreFormat::Json => {
                serde_json::to_writer_pretty(&mut *out, &serde_json::json!({"labels": "review", "strata": scores}))?;
                writeln!(out)?;
            }
        }
        Ok(())
    };
    targets.iter().try_for_each(|(format, target)| match target {
        Target::Stdout => to_stdout(&mut |out| write(*format, out)),
        Target::File(path) => to_file_by(path, &mut |out| write(*format, out)),
    })
}

/// Reads the findings and the labels, and notes the kind of labels where it was detected.
fn read(args: &EvalArgs, truth: &Path, global: Global) -> Result<(Told, Labels)> {
    let findings = args.findings.as_path();
    if is_stdin(findings) && is_stdin(truth) {
        bail!("-: is both the findings and the labels; name a file for one of them");
    }
    let mut ids = Ids::default();
    let told = read_findings(open(findings)?, &findings.display().to_string(), &mut ids)?;
    let labels = read_labels(open(truth)?, &truth.display().to_string(), args.labels.map(Into::into), &told, &mut ids)?;
    if args.labels.is_none() && !global.quiet {
        line("note", &format!("{}: read as {} labels (--labels names another kind)", truth.display(), labels.kind().name()));
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
