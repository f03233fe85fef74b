//! Flags of `refrain report`.

use super::args::RunArgs;
use super::choices::choices;
use super::destination::{Formats, Output, Row};
use crate::report::Sheet;
use clap::builder::Resettable;
use clap::{Args, ValueEnum};
use serde::Deserialize;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(mut_arg("format", |arg| arg.long("scan-format").alias(Resettable::Reset).hide(true)))]
pub(super) struct ReportArgs {
    /// Files, folders, globs, or - for standard input
    #[arg(required_unless_present = "findings", value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Write to FILE instead of standard output; the format is the one named, else that of the ending; repeatable
    #[arg(long, short, value_name = "[FORMAT=]FILE", value_parser = REPORT_FORMATS.output_parser(), aliases = ["out", "output-file", "outfile"])]
    pub(super) output: Vec<Output<ReportForm>>,
    /// Take the findings from FILE (refrain scan --format jsonl on the same paths) instead of detecting them again
    #[arg(long, value_name = "FILE")]
    pub(super) findings: Option<PathBuf>,
    /// Format of the output [default: from the ending of --output, else csv with --table, else html]
    #[arg(id = "form", long = "format", value_name = "FORMAT", value_parser = REPORT_FORMATS.parser(), alias = "output-format")]
    pub(super) form: Option<ReportForm>,
    /// Table to write as csv, markdown or parquet [default: pairs]
    #[arg(long, value_enum)]
    pub(super) table: Option<SheetArg>,
    /// Language of the page's own words
    #[arg(long, value_enum, default_value = "en", alias = "language")]
    pub(super) lang: LangArg,
    /// Replace outlets, authors and articles by numbers, the same in page and tables, and leave out addresses; titles and texts stay
    #[arg(long, alias = "anonymize")]
    pub(super) anonymise: bool,
    /// Maximum size of the page; texts that matter least to the findings are left out first
    #[arg(long, value_name = "SIZE", default_value = "25M")]
    pub(super) max_size: super::size::Size,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

/// A format of a report on reuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReportForm {
    Html,
    Csv,
    Markdown,
    Parquet,
}

/// The formats of a report on reuse.
pub(super) const REPORT_FORMATS: Formats<ReportForm> = Formats(&[
    Row { format: ReportForm::Html, name: "html", aliases: &["htm"], endings: &["html", "htm"], help: "One self-contained page" },
    Row { format: ReportForm::Csv, name: "csv", aliases: &[], endings: &["csv"], help: "A table for a spreadsheet" },
    Row { format: ReportForm::Markdown, name: "markdown", aliases: &["md"], endings: &["md", "markdown"], help: "A table for a README" },
    Row { format: ReportForm::Parquet, name: "parquet", aliases: &[], endings: &["parquet"], help: "A table for a data frame" },
]);

choices!(
    /// A table of a report on reuse.
    SheetArg for Sheet {
    /// Pairs of articles
    Pairs,
    /// Shared passages
    Passages,
    /// Pairs of outlets, one reusing the other
    Outlets,
    /// Articles, each with one of its sources
    Sources,
    /// Members of clusters
    Clusters,
    /// Repetitions inside articles
    Repetitions,
    /// Paragraphs found in many articles
    Boilerplate,
});

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LangArg {
    /// English
    En,
    /// Arabic
    Ar,
}
