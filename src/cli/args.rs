//! The command line: commands, and the flags that several of them share.

use super::against::AgainstArgs;
use super::clean_args::{CleanArgs, RestoreArgs};
use super::compare_args::CompareArgs;
use super::destination::{Formats, Output, Row};
use super::report_args::ReportArgs;
use super::score_args::{EvalArgs, SelftestArgs, TokensArgs};
use super::settings::{Settings, settings_file, variable_behind};
use super::setup::{asks_for_long_version, print_version};
use crate::FileCorpus;
use crate::files::Guard;
use anyhow::{Result, anyhow};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Deserialize;
use std::ffi::OsString;
use std::num::{ParseFloatError, ParseIntError};
use std::path::PathBuf;
use std::sync::OnceLock;

/// Finds repeated text: inside an article, and between articles.
#[derive(Debug, Parser)]
#[command(name = "refrain", version, max_term_width = 110)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Flags of every command, before or after its name.
#[derive(Args, Clone, Copy, Debug)]
pub(super) struct Global {
    /// Print only errors on standard error: no notes, no progress, no summary
    #[arg(long, short, global = true, alias = "silent", overrides_with = "quiet", help_heading = "Messages")]
    pub(super) quiet: bool,
    /// When to use colour [default: auto]
    #[arg(long, value_enum, global = true, env = "REFRAIN_COLOR", value_name = "WHEN", alias = "colour", help_heading = "Messages")]
    pub(super) color: Option<Color>,
}

/// The command line that is carried out, where it is not that of the process.
static GIVEN: OnceLock<Vec<OsString>> = OnceLock::new();

/// The command line, with the name of the program first.
pub(super) fn given() -> &'static [OsString] {
    GIVEN.get_or_init(|| std::env::args_os().collect())
}

/// Takes `line` for the command line, unless one was used before.
pub(super) fn give(line: Vec<OsString>) {
    let _ = GIVEN.set(line);
}

/// Parses the command line. The parser prints help and usage errors itself and ends the program.
///
/// # Errors
/// A `REFRAIN_*` variable with a wrong value, named as the variable: the parser would name the flag.
pub(crate) fn parse() -> Result<Cli> {
    Cli::try_parse_from(given()).or_else(|error| {
        if error.kind() == ErrorKind::DisplayVersion && asks_for_long_version() {
            print_version();
        }
        let flag = match error.get(ContextKind::InvalidArg) {
            Some(ContextValue::String(flag)) => flag.trim_start_matches('-').split([' ', '=']).next().unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        match (variable_behind(&flag), error.get(ContextKind::InvalidValue)) {
            (Some(variable), Some(value)) => {
                Err(anyhow!("{variable}: invalid value `{value}` (the variable sets --{flag}; refrain scan --help lists what it takes)"))
            }
            _ => match expected_number(&error) {
                Some(message) => clap::Error::raw(ErrorKind::ValueValidation, message).exit(),
                None => error.exit(),
            },
        }
    })
}

/// What a flag that takes a number says of a value that is none; the parser has the words of the standard library.
fn expected_number(error: &clap::Error) -> Option<String> {
    let source = std::error::Error::source(error)?;
    let (Some(ContextValue::String(flag)), Some(ContextValue::String(value))) =
        (error.get(ContextKind::InvalidArg), error.get(ContextKind::InvalidValue))
    else {
        return None;
    };
    let share = value.trim().strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    let expected = match share {
        _ if source.is::<ParseIntError>() => "a whole number".to_owned(),
        Some(percent) if source.is::<ParseFloatError>() => format!("a number; {value} is {}", percent / 100.0),
        None if source.is::<ParseFloatError>() => "a number".to_owned(),
        _ => return None,
    };
    Some(format!("invalid value '{value}' for '{flag}': expected {expected}\n\nFor more information, try '--help'.\n"))
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Find repetition inside articles, and reuse between articles
    Scan(Box<ScanArgs>),
    /// Write the articles without their repetition, and a manifest of every removal
    Clean(Box<CleanArgs>),
    /// Rebuild the input of a cleaning, byte for byte, from its output and manifest
    Restore(RestoreArgs),
    /// Fail (exit 1) on new repetition or reuse; supports baselines, an index and per-rule levels
    Check(Box<super::check_args::CheckArgs>),
    /// Maintain an index of articles seen before: add, query, remove, stats, verify, compact, export
    #[cfg(feature = "index")]
    Index(super::index_args::IndexArgs),
    /// Show two articles side by side, with shared passages and every changed word marked
    Compare(CompareArgs),
    /// Write a page about who reuses whom, or its tables
    Report(Box<ReportArgs>),
    /// Score findings against labels: precision, recall, F1, adjusted Rand index, plagdet
    Eval(EvalArgs),
    /// Plant known copies into a sample of your articles, in memory, and report how many are found
    Selftest(Box<SelftestArgs>),
    /// Find near-duplicates over shards, one process for each: sketch, classes, candidates, sets, verify, components
    #[cfg(feature = "stages")]
    Stage(super::stage_args::StageArgs),
    /// Show the paragraphs, sentences and tokens of a text as refrain sees them
    Tokens(TokensArgs),
    /// Write a refrain.toml in which every setting is a comment, with its default
    Init(super::setup::InitArgs),
    /// Print the settings in effect, with where each comes from
    Config(super::setup::ConfigArgs),
    /// Print the completions of a shell
    Completions(super::setup::CompletionsArgs),
    /// Print a manual page
    Man(super::setup::ManArgs),
}

/// Flags of every command that reads a corpus.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// List up to 1,000 skipped records of each kind, not only the first ten
    #[arg(long, short, help_heading = "Messages")]
    pub(super) verbose: bool,
    /// Read settings from this file instead of the nearest refrain.toml
    #[arg(long, value_name = "FILE", env = "REFRAIN_CONFIG", alias = "config-file")]
    pub(super) config: Option<PathBuf>,
    #[command(flatten)]
    pub(super) settings: Settings,
}

impl RunArgs {
    /// The settings of flags, variables and file, each in its range.
    ///
    /// # Errors
    /// The first that is not; a file that cannot be read.
    pub(super) fn settings(&self) -> Result<Settings> {
        let mut settings = self.settings.clone().with_file(self.config.as_deref())?;
        settings.verbose = self.verbose;
        settings.check()?;
        settings.use_temp_dir()?;
        Ok(settings)
    }

    /// What a run with these flags reads: `corpus`, and the settings file.
    pub(super) fn guard<'p>(&self, corpus: &'p FileCorpus) -> Guard<'p> {
        let mut guard = corpus.guard();
        if let Some(file) = settings_file(self.config.as_deref()) {
            guard.reads("settings file", file);
        }
        guard
    }

    /// True if `--format` is on the command line, not only in a variable or in the settings file.
    pub(super) fn names_format(&self) -> bool {
        self.settings.format.is_some() && variable_behind("format").is_none()
    }
}

#[derive(Debug, Args)]
pub(super) struct ScanArgs {
    /// Files, folders, globs, or - for standard input [default: the current folder]
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub(super) paths: Vec<PathBuf>,
    /// Write a report to FILE as well, - for standard output; the format is the one named, else that of the ending; repeatable
    #[arg(long, short, value_name = "[FORMAT=]FILE", value_parser = SCAN_FORMATS.output_parser(), aliases = ["out", "output-file", "outfile"])]
    pub(super) output: Vec<Output<Report>>,
    #[command(flatten)]
    pub(super) against: AgainstArgs,
    #[command(flatten)]
    pub(super) cut: CutArgs,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

/// How much of a report is printed.
#[derive(Args, Clone, Copy, Debug)]
pub(super) struct CutArgs {
    /// Print at most N findings, and how many are left out; files of --output are complete
    #[arg(long, value_name = "N", aliases = ["max-findings", "max-results", "top"], help_heading = "Output")]
    limit: Option<usize>,
    /// Print only the summary; files of --output are complete
    #[arg(long, conflicts_with = "limit", alias = "summary-only", help_heading = "Output")]
    summary: bool,
}

impl CutArgs {
    /// How many findings are printed at most.
    pub(super) fn limit(self) -> Option<usize> {
        if self.summary { Some(0) } else { self.limit }
    }
}

/// A format of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Report {
    Text,
    Jsonl,
    Json,
    #[serde(skip)]
    Sarif,
    #[serde(skip)]
    Junit,
    #[serde(skip)]
    Github,
    #[serde(skip)]
    Gitlab,
    #[serde(skip)]
    Markdown,
}

/// Other names of JSON lines.
pub(super) const JSONL_ALIASES: &[&str] = &["json-lines", "jsonlines", "ndjson"];

/// The formats of a scan.
pub(super) const SCAN_FORMATS: Formats<Report> = Formats(&[
    Row { format: Report::Text, name: "text", aliases: &["txt"], endings: &["txt", "text"], help: "For people" },
    Row {
        format: Report::Jsonl,
        name: "jsonl",
        aliases: JSONL_ALIASES,
        endings: &["jsonl", "ndjson"],
        help: "One finding per line (docs/findings.schema.json)",
    },
    Row { format: Report::Json, name: "json", aliases: &[], endings: &["json"], help: "One JSON document" },
]);

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
