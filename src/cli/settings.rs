//! Settings: flags over `REFRAIN_*` variables over the nearest `refrain.toml`. One struct is all three.

use super::aliases::{
    DATE_ALIASES, FOLD_ALIASES, FORMAT_ALIASES, ID_ALIASES, INPUT_ALIASES, JOBS_ALIASES, MEMORY_ALIASES, MIN_WORDS_ALIASES, OUTLET_ALIASES,
    SHINGLE_ALIASES, TEMP_ALIASES, TEXT_ALIASES, THRESHOLD_ALIASES,
};
use super::args::{Color, Report, SCAN_FORMATS};
use super::check_args::CheckSettings;
use super::choices::{CodeFencesArg, FoldArg, HtmlFieldsArg, InputArg, LinkageArg, ScopeArg, SimdArg};
use super::compare_args::CompareArgs;
use super::policy::{CleanSettings, KeepArg};
use super::size::{MaxUnpacked, Size, half_of_machine};
use crate::files::database_files;
use crate::{CodeFences, DetectConfig, Error, FieldNames, Limits, Linkage, MemoryLimit, Scope, SourceOptions};
use anyhow::{Context, Result, bail};
use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::path::{Path, PathBuf};

/// Skipped records that --verbose lists of each kind.
const VERBOSE_EXAMPLES: usize = 1000;

/// Settings of flags, of variables and of `refrain.toml`.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Settings {
    /// Find only these, separated by commas
    #[arg(long, value_enum, value_delimiter = ',', env = "REFRAIN_ONLY", help_heading = "What to find")]
    #[serde(deserialize_with = "one_or_many")]
    only: Option<Vec<ScopeArg>>,
    /// Find only articles whose texts are equal byte for byte, and nothing else
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true, value_parser = BoolishValueParser::new(), env = "REFRAIN_EXACT", help_heading = "What to find")]
    exact: Option<bool>,
    /// Minimum Jaccard similarity of near-duplicates, 0.3 to 1 [default: 0.8]
    #[arg(long, value_name = "JACCARD", env = "REFRAIN_THRESHOLD", help_heading = "What to find", aliases = THRESHOLD_ALIASES)]
    threshold: Option<f64>,
    /// Normalisation applied before comparison [default: full]
    #[arg(long, value_enum, env = "REFRAIN_FOLD", help_heading = "What to find", aliases = FOLD_ALIASES)]
    fold: Option<FoldArg>,
    /// Tokens per shingle [default: 5]
    #[arg(long, value_name = "TOKENS", env = "REFRAIN_SHINGLE", help_heading = "What to find", aliases = SHINGLE_ALIASES)]
    shingle: Option<usize>,
    /// How pairs form a cluster [default: single; complete in `clean`, which compares each removed article with the kept one]
    #[arg(long, value_enum, env = "REFRAIN_LINKAGE", help_heading = "What to find")]
    linkage: Option<LinkageArg>,
    /// Article of a cluster to keep: earliest or latest by date (without dates the longest), longest, or first by id; clean also takes
    /// highest:FIELD and outlets:A,B,C [default: earliest]
    #[arg(long, value_name = "WHICH", env = "REFRAIN_KEEP", help_heading = "What to find")]
    pub(super) keep: Option<KeepArg>,
    /// Minimum length of a reported passage, in words [default: 25]
    #[arg(long, value_name = "WORDS", env = "REFRAIN_MIN_WORDS", help_heading = "What to find", aliases = MIN_WORDS_ALIASES)]
    min_words: Option<usize>,
    /// Minimum length of a repeated sentence or paragraph inside an article, in words [default: 10]
    #[arg(long, value_name = "WORDS", env = "REFRAIN_MIN_SENTENCE_WORDS", help_heading = "What to find")]
    min_sentence_words: Option<usize>,
    /// Do not let a run of four words found in more than N articles propose passages [default: 100]
    #[arg(long, value_name = "ARTICLES", env = "REFRAIN_CAP", help_heading = "What to find")]
    cap: Option<usize>,
    /// Treat a paragraph found in at least N distinct articles as boilerplate, not as reuse [default: 20]
    #[arg(long, value_name = "ARTICLES", env = "REFRAIN_BOILERPLATE", help_heading = "What to find")]
    boilerplate: Option<usize>,
    /// Minimum number of copies of a phrase that repeats in a row [default: 5]
    #[arg(long, value_name = "COPIES", env = "REFRAIN_MIN_LOOP_COPIES", help_heading = "What to find")]
    min_loop_copies: Option<usize>,

    /// Field of a record that holds its text; dots lead into objects. Several fields of JSON records, separated by commas, are joined as paragraphs
    #[arg(long, value_name = "FIELD", env = "REFRAIN_TEXT_FIELD", help_heading = "Input", aliases = TEXT_ALIASES)]
    text_field: Option<String>,
    /// Field that holds the id of a record
    #[arg(long, value_name = "FIELD", env = "REFRAIN_ID_FIELD", help_heading = "Input", aliases = ID_ALIASES)]
    id_field: Option<String>,
    /// Field that holds the date of publication
    #[arg(long, value_name = "FIELD", env = "REFRAIN_DATE_FIELD", help_heading = "Input", aliases = DATE_ALIASES)]
    date_field: Option<String>,
    /// Field that holds the publisher
    #[arg(long, value_name = "FIELD", env = "REFRAIN_OUTLET_FIELD", help_heading = "Input", aliases = OUTLET_ALIASES)]
    outlet_field: Option<String>,
    /// Path to the list of records in a JSON file, with dots [default: the only list of records in the file]
    #[arg(long, value_name = "PATH", env = "REFRAIN_RECORDS", help_heading = "Input")]
    records: Option<String>,
    /// Format of the input [default: detected from the content, then from the name]
    #[arg(long, value_enum, env = "REFRAIN_INPUT", help_heading = "Input", aliases = INPUT_ALIASES)]
    input: Option<InputArg>,
    /// Encoding of the input, such as windows-1256 [default: from the byte-order mark, else UTF-8, else detected]
    #[arg(long, env = "REFRAIN_ENCODING", help_heading = "Input")]
    encoding: Option<String>,
    /// Quotation marks in tables are text and quote nothing [default: whichever fits more rows]
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true, value_parser = BoolishValueParser::new(), env = "REFRAIN_NO_QUOTES", help_heading = "Input")]
    no_quotes: Option<bool>,
    /// Skip the first N lines of a table; the header is the next one [default: titles and comments above the header are recognised]
    #[arg(long, value_name = "N", env = "REFRAIN_SKIP_LINES", help_heading = "Input")]
    skip_lines: Option<usize>,
    /// Read the HTML pages of a crawl (WARC) as well: the visible text of the whole page, menus included, of responses with status 200 and of
    /// resources [default: text records only]
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true, value_parser = BoolishValueParser::new(), env = "REFRAIN_WARC_HTML", help_heading = "Input")]
    warc_html: Option<bool>,
    /// Name endings that folder walks read besides the built-in ones (docs/input.md); separated by commas
    #[arg(long, value_name = "ENDING", value_delimiter = ',', env = "REFRAIN_EXT", help_heading = "Input")]
    ext: Option<Vec<String>>,
    /// Read files in folders that .gitignore or .ignore files exclude
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true, value_parser = BoolishValueParser::new(), env = "REFRAIN_NO_IGNORE", help_heading = "Input")]
    no_ignore: Option<bool>,
    /// Read the text field of a record as HTML; auto: if it has HTML tags or character references [default: auto]
    #[arg(long, value_enum, value_name = "WHEN", env = "REFRAIN_HTML_FIELDS", help_heading = "Input")]
    html_fields: Option<HtmlFieldsArg>,
    /// Compare or skip the code between fences in Markdown files [default: skip; clean: compare]
    #[arg(long, value_enum, value_name = "WHAT", env = "REFRAIN_CODE_FENCES", help_heading = "Input")]
    code_fences: Option<CodeFencesArg>,
    /// Read several articles from each text or Markdown file: a line that matches this regular expression begins one
    #[arg(long, value_name = "REGEX", env = "REFRAIN_SPLIT", help_heading = "Input")]
    split: Option<String>,
    /// Skip compressed and Parquet files that unpack to more than a size, or to more than a multiple of their own size, such as 64G, 500x or
    /// 64G,500x; none: no limit. The first 256 MiB of a file are free of the multiple [default: 256G,1000x]
    #[arg(long, value_name = "SIZE,RATIO", env = "REFRAIN_MAX_UNPACKED", help_heading = "Input")]
    max_unpacked: Option<MaxUnpacked>,
    /// Skip records and texts longer than this; less than 4G [default: 2G]
    #[arg(long, value_name = "SIZE", env = "REFRAIN_MAX_RECORD", help_heading = "Input")]
    max_record: Option<Size>,
    /// Stop with exit code 2 at the first record that cannot be read [default: report and skip it]
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true, value_parser = BoolishValueParser::new(), env = "REFRAIN_STRICT", help_heading = "Input")]
    strict: Option<bool>,

    /// Format on standard output [default: text]
    #[arg(long, value_parser = SCAN_FORMATS.parser(), env = "REFRAIN_FORMAT", help_heading = "Output", aliases = FORMAT_ALIASES)]
    pub(super) format: Option<Report>,
    /// List many skipped records of each kind: a flag of every command.
    #[arg(skip)]
    #[serde(skip)]
    pub(super) verbose: bool,
    /// When to use colour: a flag of every command.
    #[arg(skip)]
    pub(super) color: Option<Color>,

    /// Number of threads [default: all cores]
    #[arg(long, short, value_name = "THREADS", env = "REFRAIN_JOBS", help_heading = "Speed", aliases = JOBS_ALIASES)]
    jobs: Option<usize>,
    /// Vector instructions to use; findings do not depend on them [default: auto]
    #[arg(long, value_enum, env = "REFRAIN_SIMD", help_heading = "Speed")]
    simd: Option<SimdArg>,
    /// Memory to use, such as 2G or 800M; the rest goes to temporary files [default: half of the machine's memory]
    #[arg(long, value_name = "SIZE", env = "REFRAIN_MEMORY", help_heading = "Speed", aliases = MEMORY_ALIASES)]
    memory: Option<Size>,
    /// Folder for temporary files [default: that of the system]
    #[arg(long, value_name = "FOLDER", env = "REFRAIN_TEMP_DIR", help_heading = "Speed", aliases = TEMP_ALIASES)]
    temp_dir: Option<PathBuf>,

    /// What `clean` removes: the table `[clean]`.
    #[arg(skip)]
    pub(super) clean: CleanSettings,
    /// Settings of checks: the table `[check]`.
    #[arg(skip)]
    pub(super) check: Option<CheckSettings>,
}

impl From<&CompareArgs> for Settings {
    /// The flags of a comparison; the settings file says the rest.
    fn from(args: &CompareArgs) -> Self {
        Self {
            fold: args.fold,
            min_words: args.min_words,
            text_field: args.text_field.clone(),
            id_field: args.id_field.clone(),
            records: args.records.clone(),
            input: args.input,
            encoding: args.encoding.clone(),
            no_quotes: args.no_quotes,
            skip_lines: args.skip_lines,
            warc_html: args.warc_html,
            html_fields: args.html_fields,
            code_fences: args.code_fences,
            split: args.split.clone(),
            ..Self::default()
        }
    }
}

/// A setting that is a name, names separated by commas, or a list of names.
fn one_or_many<'de, D: Deserializer<'de>>(setting: D) -> std::result::Result<Option<Vec<ScopeArg>>, D::Error> {
    names(setting, "one of within, near-duplicates, passages")
}

/// The same for any names; `known` lists them.
pub(super) fn names<'de, D: Deserializer<'de>, T: ValueEnum>(setting: D, known: &str) -> std::result::Result<Option<Vec<T>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    let names = match OneOrMany::deserialize(setting)? {
        OneOrMany::One(names) => names.split(',').map(str::to_owned).collect(),
        OneOrMany::Many(names) => names,
    };
    let named =
        |name: String| T::from_str(name.trim(), false).map_err(|_| D::Error::custom(format!("unknown name `{name}` (expected {known})")));
    names.into_iter().map(named).collect::<std::result::Result<_, _>>().map(Some)
}

/// More threads than this are a mistake.
const MOST_JOBS: usize = 1024;
/// Name of the settings file.
const FILE_NAME: &str = "refrain.toml";

impl Settings {
    /// These settings, and where they say nothing those of `file`, or of the nearest `refrain.toml` upwards.
    ///
    /// # Errors
    /// A file that cannot be read, is not TOML, or holds unknown keys.
    pub(super) fn with_file(self, file: Option<&Path>) -> Result<Self> {
        let Some(path) = settings_file(file) else { return Ok(self) };
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let mut read: Self = toml::from_str(&text).with_context(|| format!("{}: invalid settings", path.display()))?;
        read.check().with_context(|| path.display().to_string())?;
        if let Some(check) = &mut read.check {
            check.below(path.parent().unwrap_or(Path::new("")));
        }
        Ok(self.over(read))
    }

    fn over(self, under: Self) -> Self {
        macro_rules! first {
            ($($field:ident),+ $(,)?) => { Self { $($field: self.$field.or(under.$field)),+, clean: self.clean.over(under.clean), verbose: self.verbose } };
        }
        first!(
            only,
            exact,
            threshold,
            fold,
            shingle,
            linkage,
            keep,
            min_words,
            min_sentence_words,
            min_loop_copies,
            cap,
            boilerplate,
            text_field,
            id_field,
            date_field,
            outlet_field,
            records,
            input,
            encoding,
            no_quotes,
            skip_lines,
            warc_html,
            ext,
            no_ignore,
            html_fields,
            code_fences,
            split,
            strict,
            max_unpacked,
            max_record,
            format,
            color,
            jobs,
            simd,
            memory,
            temp_dir,
            check,
        )
    }

    /// Checks that every setting is in its range.
    ///
    /// # Errors
    /// The first that is not; with the name of the variable, if a variable sets it.
    pub(super) fn check(&self) -> Result<()> {
        if self.exact == Some(true) && self.only.is_some() {
            anyhow::bail!(
                "--exact finds texts that are equal byte for byte and nothing else; leave out --only (or `only` in refrain.toml)"
            );
        }
        let jobs = match self.jobs {
            Some(jobs) if !(1..=MOST_JOBS).contains(&jobs) => {
                Err(Error::Config { setting: "jobs", reason: format!("must be between 1 and {MOST_JOBS} (got {jobs})") })
            }
            _ => Ok(()),
        };
        let wrong = |error: Error| match &error {
            Error::Config { setting, .. } => match variable_behind(setting) {
                Some(variable) => anyhow::Error::new(error).context(variable),
                None => error.into(),
            },
            _ => error.into(),
        };
        self.detect().check().and(self.source().check()).and(jobs).map_err(wrong)
    }

    /// Refuses `--exact` for a command that needs words.
    ///
    /// # Errors
    /// Says which command, and what works with `--exact`.
    pub(super) fn refuse_exact(&self, command: &str) -> Result<()> {
        if self.exact == Some(true) {
            anyhow::bail!("{command} compares words, and --exact compares bytes; use --exact with scan, check or clean");
        }
        Ok(())
    }

    /// What to look for.
    pub(super) fn detect(&self) -> DetectConfig {
        self.detect_over(DetectConfig::default())
    }

    /// `config` with what is set here.
    pub(super) fn detect_over(&self, mut config: DetectConfig) -> DetectConfig {
        let only: Vec<Scope> = self.only.iter().flatten().map(|&scope| scope.into()).collect();
        config.scope = match self.exact {
            Some(true) => Scope::Exact,
            _ if only.is_empty() => config.scope,
            _ => Scope::any_of(&only),
        };
        config.threshold = self.threshold.unwrap_or(config.threshold);
        config.fold = self.fold.map_or(config.fold, Into::into);
        config.shingle = self.shingle.unwrap_or(config.shingle);
        config.linkage = self.linkage.map_or(config.linkage, Into::into);
        config.keep = self.keep.as_ref().map_or(config.keep, KeepArg::among_equals);
        config.within.min_words = self.min_words.unwrap_or(config.within.min_words);
        config.within.min_sentence_words = self.min_sentence_words.unwrap_or(config.within.min_sentence_words);
        config.within.min_loop_copies = self.min_loop_copies.unwrap_or(config.within.min_loop_copies);
        config.cap = self.cap.unwrap_or(config.cap);
        config.boilerplate = self.boilerplate.unwrap_or(config.boilerplate);
        config.simd = self.simd.map_or(config.simd, Into::into);
        config
    }

    /// The same for `clean`, which by default compares each removed article with the kept one.
    pub(super) fn detect_to_clean(&self) -> DetectConfig {
        DetectConfig { linkage: self.linkage.map_or(Linkage::Complete, Into::into), ..self.detect() }
    }

    /// How much memory to use, and where temporary files go.
    pub(super) fn memory(&self) -> MemoryLimit {
        MemoryLimit {
            bytes: self.memory.map_or_else(half_of_machine, |size| size.bytes),
            temp_dir: self.temp_dir.clone().unwrap_or_else(std::env::temp_dir),
        }
    }

    /// How to read the input.
    pub(super) fn source(&self) -> SourceOptions {
        SourceOptions {
            fields: FieldNames {
                text: self.text_field.clone(),
                id: self.id_field.clone(),
                date: self.date_field.clone(),
                outlet: self.outlet_field.clone(),
                records: self.records.clone(),
            },
            encoding: self.encoding.clone(),
            format: self.input.map(Into::into),
            no_quotes: self.no_quotes.unwrap_or(false),
            skip_lines: self.skip_lines.unwrap_or(0),
            own_files: Vec::new(),
            warc_html: self.warc_html.unwrap_or(false),
            verbatim: self.exact == Some(true),
            html_fields: self.html_fields.map(Into::into).unwrap_or_default(),
            code_fences: self.code_fences.map_or(CodeFences::Skip, Into::into),
            split: self.split.clone(),
            strict: self.strict.unwrap_or(false),
            extensions: self.ext.clone().unwrap_or_default(),
            no_ignore: self.no_ignore.unwrap_or(false),
            limits: self.limits(),
        }
    }

    fn limits(&self) -> Limits {
        let default = Limits::default();
        Limits {
            unpacked_bytes: self.max_unpacked.and_then(|limit| limit.bytes).unwrap_or(default.unpacked_bytes),
            unpacked_ratio: self.max_unpacked.and_then(|limit| limit.ratio).unwrap_or(default.unpacked_ratio),
            record_bytes: self.max_record.map_or(default.record_bytes, |size| size.bytes),
            examples: if self.verbose { VERBOSE_EXAMPLES } else { default.examples },
        }
    }

    /// Makes the folder for temporary files that of the whole process.
    ///
    /// # Errors
    /// It is not a folder.
    pub(super) fn use_temp_dir(&self) -> Result<()> {
        let Some(folder) = &self.temp_dir else { return Ok(()) };
        use_temp_dir(folder)
    }

    /// How files are read by a run with an index and a baseline: folders without these.
    pub(super) fn source_without(&self, index: Option<&Path>, baseline: Option<&Path>) -> SourceOptions {
        let own_files = index.into_iter().flat_map(database_files).chain(baseline.map(Path::to_path_buf)).collect();
        SourceOptions { own_files, ..self.source() }
    }

    /// How to read input that is cleaned: unless it is set otherwise, code counts, for what is not compared is not removed.
    pub(super) fn source_to_clean(&self) -> SourceOptions {
        SourceOptions { code_fences: self.code_fences.map(Into::into).unwrap_or_default(), ..self.source() }
    }

    /// A pool of `jobs` threads.
    ///
    /// # Errors
    /// The system refuses.
    pub(super) fn pool(&self) -> Result<rayon::ThreadPool> {
        Ok(rayon::ThreadPoolBuilder::new().num_threads(self.jobs.unwrap_or(0)).build()?)
    }
}

/// The variable that sets `flag`, if one does and neither the flag nor another name of it is on the command line.
pub(super) fn variable_behind(flag: &str) -> Option<String> {
    let name = format!("REFRAIN_{}", flag.replace('-', "_").to_uppercase());
    std::env::var_os(&name)?;
    let names: Vec<String> = names_of(flag).into_iter().map(|name| format!("--{name}")).collect();
    let is_given = super::args::given().iter().skip(1).any(|arg| {
        let arg = arg.to_string_lossy();
        names.iter().any(|name| arg.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')))
    });
    (!is_given).then_some(name)
}

/// The long names of a setting's flag, `flag` first.
fn names_of(flag: &str) -> Vec<String> {
    let command = Settings::augment_args(clap::Command::new("settings"));
    let others = command.get_arguments().find(|arg| arg.get_long() == Some(flag)).and_then(clap::Arg::get_all_aliases).unwrap_or_default();
    std::iter::once(flag).chain(others).map(str::to_owned).collect()
}

/// The settings file that is read: `file`, or the nearest `refrain.toml` upwards.
pub(super) fn settings_file(file: Option<&Path>) -> Option<PathBuf> {
    let nearest = || std::env::current_dir().ok().and_then(|folder| nearest(&folder));
    file.map(Path::to_path_buf).or_else(nearest)
}

fn nearest(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(FILE_NAME)).find(|file| file.is_file())
}

/// Makes `folder` the folder for temporary files of the whole process.
///
/// # Errors
/// It is not a folder.
pub(super) fn use_temp_dir(folder: &Path) -> Result<()> {
    if !folder.is_dir() {
        bail!("--temp-dir: {} is not a folder; create it, or name another", folder.display());
    }
    // Set already only when a run reads its settings twice, to the same folder.
    let _ = tempfile::env::override_temp_dir(folder);
    Ok(())
}
