//! Flags of `refrain compare`.

use super::choices::{CodeFencesArg, FoldArg, HtmlFieldsArg, InputArg};
use super::destination::{Formats, Output, Row};
use clap::Args;
use clap::builder::BoolishValueParser;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct CompareArgs {
    /// An article: FILE, FILE#ID, FILE:LINE or FILE:LINE#NUMBER as reports print it; - for standard input
    pub(super) a: PathBuf,
    /// The article to compare it with
    pub(super) b: PathBuf,
    /// Normalisation applied before comparison [default: full]
    #[arg(long, value_enum, env = "REFRAIN_FOLD", aliases = super::aliases::FOLD_ALIASES)]
    pub(super) fold: Option<FoldArg>,
    /// Minimum length of a passage, in words [default: 25]
    #[arg(long, value_name = "WORDS", env = "REFRAIN_MIN_WORDS", aliases = super::aliases::MIN_WORDS_ALIASES)]
    pub(super) min_words: Option<usize>,
    /// Field of a record that holds its text; dots lead into objects
    #[arg(long, value_name = "FIELD", env = "REFRAIN_TEXT_FIELD", aliases = super::aliases::TEXT_ALIASES)]
    pub(super) text_field: Option<String>,
    /// Field that holds the id of a record
    #[arg(long, value_name = "FIELD", env = "REFRAIN_ID_FIELD", aliases = super::aliases::ID_ALIASES)]
    pub(super) id_field: Option<String>,
    /// Path to the list of records in a JSON file, with dots
    #[arg(long, value_name = "PATH", env = "REFRAIN_RECORDS")]
    pub(super) records: Option<String>,
    /// Format of the input [default: detected from the content, then from the name]
    #[arg(long, value_enum, env = "REFRAIN_INPUT", aliases = super::aliases::INPUT_ALIASES)]
    pub(super) input: Option<InputArg>,
    /// Encoding of the input, such as windows-1256 [default: from the byte-order mark, else UTF-8, else detected]
    #[arg(long, env = "REFRAIN_ENCODING")]
    pub(super) encoding: Option<String>,
    /// Quotation marks in tables are text and quote nothing [default: whichever fits more rows]
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true, value_parser = clap::builder::BoolishValueParser::new(), env = "REFRAIN_NO_QUOTES")]
    pub(super) no_quotes: Option<bool>,
    /// Skip the first N lines of a table; the header is the next one
    #[arg(long, value_name = "N", env = "REFRAIN_SKIP_LINES")]
    pub(super) skip_lines: Option<usize>,
    /// Read the HTML pages of a crawl (WARC) as well: the visible text of the whole page
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true, value_parser = BoolishValueParser::new(), env = "REFRAIN_WARC_HTML")]
    pub(super) warc_html: Option<bool>,
    /// Read the text field of a record as HTML [default: auto]
    #[arg(long, value_enum, value_name = "WHEN", env = "REFRAIN_HTML_FIELDS")]
    pub(super) html_fields: Option<HtmlFieldsArg>,
    /// Compare or skip the code between fences in Markdown files [default: skip]
    #[arg(long, value_enum, value_name = "WHAT", env = "REFRAIN_CODE_FENCES")]
    pub(super) code_fences: Option<CodeFencesArg>,
    /// Read several articles from a text file: a line that matches this regular expression begins one
    #[arg(long, value_name = "REGEX", env = "REFRAIN_SPLIT")]
    pub(super) split: Option<String>,
    /// Format of the output [default: from the ending of --output, else text]
    #[arg(long, value_parser = COMPARE_FORMATS.parser(), alias = "output-format")]
    pub(super) format: Option<CompareFormat>,
    /// Write to FILE instead of standard output; the format is the one named, else that of the ending; repeatable
    #[arg(long, short, value_name = "[FORMAT=]FILE", value_parser = COMPARE_FORMATS.output_parser(), aliases = ["out", "output-file", "outfile"])]
    pub(super) output: Vec<Output<CompareFormat>>,
    /// Show all of the text that is not shared, not only the words next to passages
    #[arg(long)]
    pub(super) all: bool,
    /// Width of the text in terminal columns, 24 to 1000 [default: that of the terminal, else 100]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(24..=1000))]
    pub(super) width: Option<u16>,
}

/// A format of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CompareFormat {
    Text,
    Json,
    Html,
}

/// The formats of a comparison.
pub(super) const COMPARE_FORMATS: Formats<CompareFormat> = Formats(&[
    Row { format: CompareFormat::Text, name: "text", aliases: &["txt"], endings: &["txt", "text"], help: "Two columns for people" },
    Row {
        format: CompareFormat::Json,
        name: "json",
        aliases: &[],
        endings: &["json"],
        help: "One JSON document: numbers, passages, every change",
    },
    Row { format: CompareFormat::Html, name: "html", aliases: &["htm"], endings: &["html", "htm"], help: "One self-contained page" },
]);
