//! Flags of the commands that examine refrain itself: `eval`, `selftest` and `tokens`.

use super::args::{JSONL_ALIASES, Report};
use super::choices::FoldArg;
use super::destination::{Formats, Output, Row};
use super::settings::Settings;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct EvalArgs {
    /// Output of refrain scan --format jsonl, or - for standard input; without --truth, the labels that a page of refrain clean --review saved
    pub(super) findings: PathBuf,
    /// Labels: columns separated by tabs, or JSON lines for passages and repetitions; - for standard input
    #[arg(long, value_name = "FILE", aliases = ["labels-file", "gold"])]
    pub(super) truth: Option<PathBuf>,
    /// Kind of labels [default: detected from their content]
    #[arg(long, value_enum)]
    pub(super) labels: Option<super::eval::LabelsArg>,
    /// Minimum Jaccard of a pair that counts, for exact labels [default: 0.8]
    #[arg(long, value_name = "JACCARD", aliases = super::aliases::THRESHOLD_ALIASES)]
    pub(super) threshold: Option<f64>,
    /// Add the scores at every threshold: Jaccard for documents, words for passages and repetitions
    #[arg(long)]
    pub(super) sweep: bool,
    /// Measure to sweep over, for labelled pairs [default: jaccard]
    #[arg(long, value_enum, value_name = "MEASURE", requires = "sweep")]
    pub(super) by: Option<super::eval::MeasureArg>,
    /// Format of the output [default: from the ending of --output, else text]
    #[arg(long, value_parser = SCORE_FORMATS.parser(), alias = "output-format")]
    pub(super) format: Option<ScoreFormat>,
    /// Write to FILE instead of standard output; the format is the one named, else that of the ending; repeatable
    #[arg(long, short, value_name = "[FORMAT=]FILE", value_parser = SCORE_FORMATS.output_parser(), aliases = ["out", "output-file", "outfile"])]
    pub(super) output: Vec<Output<ScoreFormat>>,
}

/// A format of scores and totals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScoreFormat {
    Text,
    Json,
}

/// The formats of scores and totals.
pub(super) const SCORE_FORMATS: Formats<ScoreFormat> = Formats(&[
    Row { format: ScoreFormat::Text, name: "text", aliases: &["txt"], endings: &["txt", "text"], help: "Tables for people" },
    Row { format: ScoreFormat::Json, name: "json", aliases: &[], endings: &["json"], help: "One JSON document" },
]);

#[derive(Debug, Args)]
#[command(mut_arg("format", |format| format.value_parser(SELFTEST_FORMATS.parser())))]
pub(super) struct SelftestArgs {
    /// Files, folders, globs, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Maximum number of articles to plant into [default: 2000]
    #[arg(long, value_name = "ARTICLES", help_heading = "What to plant")]
    pub(super) sample: Option<usize>,
    /// Lengths of planted copies in words, separated by commas [default: 15,25,40,80,160]
    #[arg(long, value_name = "WORDS", value_delimiter = ',', help_heading = "What to plant")]
    pub(super) lengths: Vec<usize>,
    /// Maximum number of copies of each length and change [default: 100]
    #[arg(long, value_name = "COPIES", help_heading = "What to plant")]
    pub(super) trials: Option<usize>,
    /// Seed of the sample and of the copies [default: 1]
    #[arg(long, value_name = "NUMBER", help_heading = "What to plant")]
    pub(super) seed: Option<u64>,
    /// Read settings from this file instead of the nearest refrain.toml
    #[arg(long, value_name = "FILE", env = "REFRAIN_CONFIG")]
    pub(super) config: Option<PathBuf>,
    #[command(flatten)]
    pub(super) settings: Settings,
}

/// The formats of a self-test. Where `jsonl` is set for scans, it is the JSON document on one line.
const SELFTEST_FORMATS: Formats<Report> = Formats(&[
    Row { format: Report::Text, name: "text", aliases: &["txt"], endings: &[], help: "Tables for people" },
    Row { format: Report::Json, name: "json", aliases: &[], endings: &[], help: "One JSON document" },
    Row { format: Report::Jsonl, name: "jsonl", aliases: JSONL_ALIASES, endings: &[], help: "The same on one line" },
]);

#[derive(Debug, Args)]
pub(super) struct TokensArgs {
    /// A text file, or - for standard input
    pub(super) file: PathBuf,
    /// Normalisation applied before comparison [default: full]
    #[arg(long, value_enum, aliases = super::aliases::FOLD_ALIASES)]
    pub(super) fold: Option<FoldArg>,
    /// Encoding of the file, such as windows-1256 [default: detected]
    #[arg(long)]
    pub(super) encoding: Option<String>,
    /// Write JSON lines: paragraphs, sentences, tokens
    #[arg(long)]
    pub(super) json: bool,
}
