//! Commands and flags.

use super::policy::CleanSettings;
use super::settings::{Settings, choices, variable_behind};
use anyhow::{Result, anyhow};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue};
use clap::{Args, Parser, Subcommand, ValueEnum};
use refrain::report::Sheet;
use serde::Deserialize;
use std::path::PathBuf;

/// Finds text that repeats: inside an article, and across articles.
#[derive(Debug, Parser)]
#[command(name = "refrain", version, max_term_width = 110)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The command line. Help and usage errors are printed by the parser, which ends the program.
///
/// # Errors
/// A variable whose value is wrong, by its name: the parser knows flags alone.
pub(crate) fn parse() -> Result<Cli> {
    Cli::try_parse().or_else(|error| {
        let flag = match error.get(ContextKind::InvalidArg) {
            Some(ContextValue::String(flag)) => flag.trim_start_matches('-').split([' ', '=']).next().unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        match (variable_behind(&flag), error.get(ContextKind::InvalidValue)) {
            (Some(variable), Some(value)) => Err(anyhow!("{variable}: `{value}` is no value for --{flag}; see refrain scan --help")),
            _ => error.exit(),
        }
    })
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Find repetition inside articles, and articles that are alike
    Scan(Box<ScanArgs>),
    /// Write the articles without what repeats, and a manifest of every removal
    Clean(Box<CleanArgs>),
    /// Make the input of a cleaning again, byte for byte, from its output and manifest
    Restore(RestoreArgs),
    /// Tell repetition and reuse as a gate: baseline, index, levels, and exit code 1 for what is new
    Check(Box<super::check_args::CheckArgs>),
    /// Keep articles already seen in an index: add, query, remove, stats, verify, compact, export
    #[cfg(feature = "index")]
    Index(super::index_args::IndexArgs),
    /// Show two articles side by side: what they share, and every word that differs
    Compare(CompareArgs),
    /// Write one page about who reuses whom, or its tables
    Report(Box<ReportArgs>),
    /// Score findings against labels: precision, recall, F1, adjusted Rand index, plagdet
    Eval(EvalArgs),
    /// Plant known copies into your articles, in memory, and tell how many are found: what to expect here
    Selftest(Box<SelftestArgs>),
    /// Show the tokens, paragraphs and sentences of a text, as everything else sees them
    Tokens(TokensArgs),
}

/// What every command takes that looks at a corpus.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// Say nothing but errors on standard error
    #[arg(long, short)]
    pub(super) quiet: bool,
    /// List every record that was skipped, not the first few of each kind
    #[arg(long, short)]
    pub(super) verbose: bool,
    /// Read settings from this file instead of the nearest refrain.toml
    #[arg(long, value_name = "FILE", env = "REFRAIN_CONFIG")]
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
        let settings = self.settings.clone().with_file(self.config.as_deref())?;
        settings.check()?;
        settings.use_temp_dir()?;
        Ok(settings)
    }
}

#[derive(Debug, Args)]
pub(super) struct ScanArgs {
    /// Files, folders, globs, or - for standard input [default: the current folder]
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub(super) paths: Vec<PathBuf>,
    /// Write a report to a file as well; may be repeated
    #[arg(long, value_name = "FORMAT=FILE", value_parser = parse_output)]
    pub(super) output: Vec<(Report, PathBuf)>,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

#[derive(Debug, Args)]
#[command(mut_arg("only", |arg| arg.hide(true)), mut_arg("format", |arg| arg.hide(true)), mut_arg("color", |arg| arg.hide(true)))]
pub(super) struct CleanArgs {
    /// Files, folders, globs, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Where to write: a file for a file, a folder for several
    #[arg(long, short, value_name = "OUT", required_unless_present = "dry_run")]
    pub(super) output: Option<PathBuf>,
    /// Where to write the manifest [default: OUT.manifest.jsonl]
    #[arg(long, value_name = "FILE")]
    pub(super) manifest: Option<PathBuf>,
    /// Leave what was removed out of the manifest; nothing can be restored then
    #[arg(long)]
    pub(super) no_removed_text: bool,
    /// Do not note how packed files were packed: faster; they come back with the same content, packed otherwise
    #[arg(long)]
    pub(super) no_exact_packing: bool,
    /// Remove nothing; add a field `refrain` to each record: kept or not and why, cluster, measures, spans
    #[arg(long)]
    pub(super) annotate: bool,
    /// Tell the totals and some removals, and write nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Go on where an earlier run was ended: files that it finished are not written again
    #[arg(long)]
    pub(super) resume: bool,
    #[command(flatten)]
    pub(super) policy: CleanSettings,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// What refrain clean wrote: a file, or a folder
    pub(super) output: PathBuf,
    /// The manifest [default: OUTPUT.manifest.jsonl]
    #[arg(long, value_name = "FILE")]
    pub(super) manifest: Option<PathBuf>,
    /// Where to write what was cleaned: a file for a file, a folder for a folder
    #[arg(long = "output", short = 'o', value_name = "BACK")]
    pub(super) back: PathBuf,
    /// Threads [default: all cores]
    #[arg(long, short, value_name = "THREADS", env = "REFRAIN_JOBS")]
    pub(super) jobs: Option<usize>,
    /// Say nothing but errors on standard error
    #[arg(long, short)]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct CompareArgs {
    /// A file, or a record of one: FILE, FILE#ID; - for standard input
    pub(super) a: PathBuf,
    /// What to compare it with
    pub(super) b: PathBuf,
    /// What is equal for matching [default: full]
    #[arg(long, value_enum, env = "REFRAIN_FOLD")]
    pub(super) fold: Option<super::settings::FoldArg>,
    /// Shortest passage that is shown, in words [default: 25]
    #[arg(long, value_name = "WORDS", env = "REFRAIN_MIN_WORDS")]
    pub(super) min_words: Option<usize>,
    /// Field of a record that holds its text; dots lead into objects
    #[arg(long, value_name = "FIELD", env = "REFRAIN_TEXT_FIELD")]
    pub(super) text_field: Option<String>,
    /// Field that names the record
    #[arg(long, value_name = "FIELD", env = "REFRAIN_ID_FIELD")]
    pub(super) id_field: Option<String>,
    /// Path to the list of records in a JSON file, with dots
    #[arg(long, value_name = "PATH", env = "REFRAIN_RECORDS")]
    pub(super) records: Option<String>,
    /// Format of the input; otherwise by content, then by name
    #[arg(long, value_enum, env = "REFRAIN_INPUT")]
    pub(super) input: Option<super::settings::InputArg>,
    /// Encoding of the input, such as windows-1256; otherwise by byte-order mark, UTF-8, or detected
    #[arg(long, env = "REFRAIN_ENCODING")]
    pub(super) encoding: Option<String>,
    /// Read the HTML pages of a crawl (WARC) too: the visible text of the whole page
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true, value_parser = clap::builder::BoolishValueParser::new(), env = "REFRAIN_WARC_HTML")]
    pub(super) warc_html: Option<bool>,
    /// Read the text field of a record as HTML [default: auto]
    #[arg(long, value_enum, value_name = "WHEN", env = "REFRAIN_HTML_FIELDS")]
    pub(super) html_fields: Option<super::settings::HtmlFieldsArg>,
    /// Compare or skip the code between fences in Markdown files [default: skip]
    #[arg(long, value_enum, value_name = "WHAT", env = "REFRAIN_CODE_FENCES")]
    pub(super) code_fences: Option<super::settings::CodeFencesArg>,
    /// Read several articles from a text file: a line in which this regular expression matches begins one
    #[arg(long, value_name = "REGEX", env = "REFRAIN_SPLIT")]
    pub(super) split: Option<String>,
    /// What to write on standard output
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: CompareFormat,
    /// Show all of what is not shared, not the words next to passages alone
    #[arg(long)]
    pub(super) all: bool,
    /// Width of the text, in cells, 24 to 1000 [default: that of the terminal, else 100]
    #[arg(long, value_name = "CELLS", value_parser = clap::value_parser!(u16).range(24..=1000))]
    pub(super) width: Option<u16>,
    /// Colour on the terminal [default: auto]
    #[arg(long, value_enum, env = "REFRAIN_COLOR")]
    pub(super) color: Option<Color>,
}

#[derive(Debug, Args)]
#[command(mut_arg("format", |arg| arg.long("scan-format").hide(true)), mut_arg("color", |arg| arg.hide(true)))]
pub(super) struct ReportArgs {
    /// Files, folders, globs, or - for standard input
    #[arg(required_unless_present = "findings", value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Where to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Take the findings from here, what refrain scan --format jsonl wrote of these paths, and look for none
    #[arg(long, value_name = "FILE")]
    pub(super) findings: Option<PathBuf>,
    /// What to write
    #[arg(id = "form", long = "format", value_enum, default_value = "html")]
    pub(super) form: ReportForm,
    /// Which table, for csv, markdown and parquet
    #[arg(long, value_enum, default_value = "pairs")]
    pub(super) table: SheetArg,
    /// Language of the page's own words
    #[arg(long, value_enum, default_value = "en")]
    pub(super) lang: LangArg,
    /// Numbers for outlets, authors and articles, the same in page and tables, and no addresses; titles and texts stay
    #[arg(long)]
    pub(super) anonymise: bool,
    /// The page is to be no larger: texts are left out to that end, those first that findings are least about
    #[arg(long, value_name = "SIZE", default_value = "25M")]
    pub(super) max_size: super::size::Size,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

/// A form of a report on reuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportForm {
    /// One page that needs nothing else
    Html,
    /// A table for a spreadsheet
    Csv,
    /// A table for a README
    Markdown,
    /// A table for a data frame
    Parquet,
}

choices!(
    /// A table of a report on reuse.
    SheetArg for Sheet {
    /// Two articles a row
    Pairs,
    /// A shared passage a row
    Passages,
    /// An outlet and one that it reuses a row
    Outlets,
    /// An article and one of its sources a row
    Sources,
    /// A member of a cluster a row
    Clusters,
    /// A repetition inside an article a row
    Repetitions,
    /// A paragraph of many articles a row
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

/// A form of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CompareFormat {
    /// Two columns for people
    Text,
    /// One JSON document: numbers, passages, every change
    Json,
    /// One page that needs nothing else
    Html,
}

#[derive(Debug, Args)]
#[command(mut_arg("format", |format| format.value_parser(selftest_forms())), mut_arg("color", |color| color.hide(true)))]
pub(super) struct SelftestArgs {
    /// Files, folders, globs, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Articles to plant into, at most [default: 2000]
    #[arg(long, value_name = "ARTICLES", help_heading = "What to plant")]
    pub(super) sample: Option<usize>,
    /// Words of planted copies, with commas between [default: 15,25,40,80,160]
    #[arg(long, value_name = "WORDS", value_delimiter = ',', help_heading = "What to plant")]
    pub(super) lengths: Vec<usize>,
    /// Copies of each length and change, at most [default: 100]
    #[arg(long, value_name = "COPIES", help_heading = "What to plant")]
    pub(super) trials: Option<usize>,
    /// Another number is another sample, and other copies [default: 1]
    #[arg(long, value_name = "NUMBER", help_heading = "What to plant")]
    pub(super) seed: Option<u64>,
    /// Say nothing but errors on standard error
    #[arg(long, short)]
    pub(super) quiet: bool,
    /// Read settings from this file instead of the nearest refrain.toml
    #[arg(long, value_name = "FILE", env = "REFRAIN_CONFIG")]
    pub(super) config: Option<PathBuf>,
    #[command(flatten)]
    pub(super) settings: Settings,
}

/// The forms of a self-test's report. Where `jsonl` is set for scans, it is the JSON document on one line.
fn selftest_forms() -> impl TypedValueParser<Value = Report> {
    let names = [
        PossibleValue::new("text").help("Tables for people"),
        PossibleValue::new("json").help("One JSON document"),
        PossibleValue::new("jsonl").hide(true),
    ];
    PossibleValuesParser::new(names).try_map(|name| Report::from_str(&name, false))
}

#[derive(Debug, Args)]
pub(super) struct TokensArgs {
    /// A text file, or - for standard input
    pub(super) file: PathBuf,
    /// What is equal for matching
    #[arg(long, value_enum)]
    pub(super) fold: Option<super::settings::FoldArg>,
    /// Name of the file's encoding, such as windows-1256; detected otherwise
    #[arg(long)]
    pub(super) encoding: Option<String>,
    /// Write one JSON object a line: paragraphs, sentences, tokens
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct EvalArgs {
    /// What refrain scan --format jsonl wrote, or - for standard input
    pub(super) findings: PathBuf,
    /// What is true: columns between tabs, or JSON lines for passages and repetitions; - for standard input
    #[arg(long, value_name = "FILE")]
    pub(super) truth: PathBuf,
    /// What the truth holds; otherwise by its content
    #[arg(long, value_enum)]
    pub(super) labels: Option<super::eval::LabelsArg>,
    /// Jaccard from which a pair counts, for exact labels [default: 0.8]
    #[arg(long, value_name = "JACCARD")]
    pub(super) threshold: Option<f64>,
    /// Show what each threshold would give: Jaccard for documents, words for passages and repetitions
    #[arg(long)]
    pub(super) sweep: bool,
    /// What to sweep over, for labelled pairs [default: jaccard]
    #[arg(long, value_enum, value_name = "MEASURE", requires = "sweep")]
    pub(super) by: Option<super::eval::MeasureArg>,
    /// What to write on standard output
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: ScoreFormat,
}

/// A form of scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ScoreFormat {
    /// Tables for people
    Text,
    /// One JSON document
    Json,
}

/// A form of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Report {
    /// For people
    Text,
    /// One finding a line (docs/findings.schema.json)
    Jsonl,
    /// One JSON document
    Json,
    /// SARIF 2.1.0, for code scanning
    #[value(skip)]
    #[serde(skip)]
    Sarif,
    /// JUnit XML
    #[value(skip)]
    #[serde(skip)]
    Junit,
    /// Annotations of GitHub
    #[value(skip)]
    #[serde(skip)]
    Github,
    /// Code quality report of GitLab
    #[value(skip)]
    #[serde(skip)]
    Gitlab,
    /// A table for a summary page
    #[value(skip)]
    #[serde(skip)]
    Markdown,
}

/// When to write in colour.
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

fn parse_output(value: &str) -> Result<(Report, PathBuf), String> {
    let (format, file) = value.split_once('=').ok_or("expected FORMAT=FILE, for example jsonl=findings.jsonl")?;
    let format = Report::from_str(format, false).map_err(|_| format!("`{format}` is none of text, jsonl, json"))?;
    if file.is_empty() { Err("the file's name is missing".into()) } else { Ok((format, file.into())) }
}
