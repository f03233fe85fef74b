//! Settings: flags over `REFRAIN_*` variables over the nearest `refrain.toml`. One struct is all three.

use super::args::{Color, CompareArgs, Report};
use super::check_args::CheckSettings;
use super::policy::{CleanSettings, KeepArg};
use super::size::{Size, half_of_machine};
use anyhow::{Context, Result, bail};
use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};
use refrain::{CodeFences, DetectConfig, Error, FieldNames, Fold, Format, HtmlFields, Linkage, MemoryLimit, Scope, Simd, SourceOptions};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::path::{Path, PathBuf};

/// Declares an argument that is one of a few names of a library's enum.
macro_rules! choices {
    ($(#[$doc:meta])* $name:ident for $of:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub(super) enum $name { $($(#[$variant_doc])* $variant),+ }

        impl From<$name> for $of {
            fn from(choice: $name) -> Self {
                match choice { $($name::$variant => Self::$variant),+ }
            }
        }
    };
}

pub(super) use choices;

choices!(ScopeArg for Scope {
    /// Repetition inside articles
    Within,
    /// Articles that are alike as a whole
    NearDuplicates,
    /// Passages that articles share
    Passages,
});
choices!(FoldArg for Fold {
    /// Spelling does not count: case, accents, harakat, hamza forms, ta marbuta, digits
    Full,
    /// Case does not count
    Light,
    /// Everything counts
    None,
});
choices!(LinkageArg for Linkage {
    /// Any chain of pairs
    Single,
    /// Every two members are a pair
    Complete,
});
choices!(SimdArg for Simd {
    /// The widest that the machine has
    Auto,
    /// At most AVX2
    Avx2,
    /// None
    Off,
});
choices!(HtmlFieldsArg for HtmlFields {
    /// Fields that have tags or character references of HTML
    Auto,
    /// Every field
    Yes,
    /// No field
    No,
});
choices!(CodeFencesArg for CodeFences {
    /// Code is text like the rest
    Compare,
    /// Code is left out
    Skip,
});
choices!(InputArg for Format {
    /// A file is an article
    Text,
    /// An object a line
    Jsonl,
    /// An array of objects
    Json,
    /// A table with a header; what parts its fields is told by its content
    Csv,
    /// Text records of a crawl: WARC, WET
    Warc,
    /// Columns, with compression of their own
    Parquet,
    /// A file is an article; front matter is no text of it
    Markdown,
    /// A file is a page: the text that HTML or XHTML shows
    Html,
    /// RSS or Atom: an item is an article
    Feed,
});

/// What can be set by flag, by variable and in `refrain.toml`.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Settings {
    /// Look for this alone; several with commas between
    #[arg(long, value_enum, value_delimiter = ',', env = "REFRAIN_ONLY", help_heading = "What to find")]
    #[serde(deserialize_with = "one_or_many")]
    only: Option<Vec<ScopeArg>>,
    /// Jaccard from which articles are near-duplicates, 0.3 to 1 [default: 0.8]
    #[arg(long, value_name = "JACCARD", env = "REFRAIN_THRESHOLD", help_heading = "What to find")]
    threshold: Option<f64>,
    /// What is equal for matching [default: full]
    #[arg(long, value_enum, env = "REFRAIN_FOLD", help_heading = "What to find")]
    fold: Option<FoldArg>,
    /// Tokens in a shingle [default: 5]
    #[arg(long, value_name = "TOKENS", env = "REFRAIN_SHINGLE", help_heading = "What to find")]
    shingle: Option<usize>,
    /// What joins a cluster [default: single]
    #[arg(long, value_enum, env = "REFRAIN_LINKAGE", help_heading = "What to find")]
    linkage: Option<LinkageArg>,
    /// Which of alike articles to keep: earliest or latest by date, else the longest; longest; first by id. For clean also highest:FIELD,
    /// outlets:A,B,C [default: earliest]
    #[arg(long, value_name = "WHICH", env = "REFRAIN_KEEP", help_heading = "What to find")]
    pub(super) keep: Option<KeepArg>,
    /// Shortest passage that is told, in words; inside an article, of those that keep to no sentence [default: 25]
    #[arg(long, value_name = "WORDS", env = "REFRAIN_MIN_WORDS", help_heading = "What to find")]
    min_words: Option<usize>,
    /// Shortest repeated sentence or paragraph, in words [default: 10]
    #[arg(long, value_name = "WORDS", env = "REFRAIN_MIN_SENTENCE_WORDS", help_heading = "What to find")]
    min_sentence_words: Option<usize>,
    /// Articles that a run of four words may stand in to propose a passage; in more it is boilerplate [default: 100]
    #[arg(long, value_name = "ARTICLES", env = "REFRAIN_CAP", help_heading = "What to find")]
    cap: Option<usize>,
    /// Articles, copies aside, from which a paragraph that stands in them is boilerplate, and no reuse [default: 20]
    #[arg(long, value_name = "ARTICLES", env = "REFRAIN_BOILERPLATE", help_heading = "What to find")]
    boilerplate: Option<usize>,
    /// Fewest copies of a phrase in a loop [default: 5]
    #[arg(long, value_name = "COPIES", env = "REFRAIN_MIN_LOOP_COPIES", help_heading = "What to find")]
    min_loop_copies: Option<usize>,

    /// Field of a record that holds its text; dots lead into objects. Several fields of JSON with commas between are joined as paragraphs
    #[arg(long, value_name = "FIELD", env = "REFRAIN_TEXT_FIELD", help_heading = "Input")]
    text_field: Option<String>,
    /// Field that names the record
    #[arg(long, value_name = "FIELD", env = "REFRAIN_ID_FIELD", help_heading = "Input")]
    id_field: Option<String>,
    /// Field with the date of publication
    #[arg(long, value_name = "FIELD", env = "REFRAIN_DATE_FIELD", help_heading = "Input")]
    date_field: Option<String>,
    /// Field with who published it
    #[arg(long, value_name = "FIELD", env = "REFRAIN_OUTLET_FIELD", help_heading = "Input")]
    outlet_field: Option<String>,
    /// Path to the list of records in a JSON file, with dots; otherwise a file that is one object with one list of records is recognised
    #[arg(long, value_name = "PATH", env = "REFRAIN_RECORDS", help_heading = "Input")]
    records: Option<String>,
    /// Format of the input; otherwise by content, then by name
    #[arg(long, value_enum, env = "REFRAIN_INPUT", help_heading = "Input")]
    input: Option<InputArg>,
    /// Encoding of the input, such as windows-1256; otherwise by byte-order mark, UTF-8, or detected
    #[arg(long, env = "REFRAIN_ENCODING", help_heading = "Input")]
    encoding: Option<String>,
    /// Read the HTML pages of a crawl (WARC) too: the visible text of the whole page, menus and all, of responses with status 200 and of
    /// resources [default: text records alone]
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true, value_parser = BoolishValueParser::new(), env = "REFRAIN_WARC_HTML", help_heading = "Input")]
    warc_html: Option<bool>,
    /// Name endings that folder walks read besides the built-in ones (docs/input.md); several with commas between
    #[arg(long, value_name = "ENDING", value_delimiter = ',', env = "REFRAIN_EXT", help_heading = "Input")]
    ext: Option<Vec<String>>,
    /// Read files in folders that .gitignore or .ignore files exclude
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true, value_parser = BoolishValueParser::new(), env = "REFRAIN_NO_IGNORE", help_heading = "Input")]
    no_ignore: Option<bool>,
    /// Read the text field of a record as HTML: auto for those that have tags or character references of HTML [default: auto]
    #[arg(long, value_enum, value_name = "WHEN", env = "REFRAIN_HTML_FIELDS", help_heading = "Input")]
    html_fields: Option<HtmlFieldsArg>,
    /// Compare or skip the code between fences in Markdown files [default: skip; clean: compare]
    #[arg(long, value_enum, value_name = "WHAT", env = "REFRAIN_CODE_FENCES", help_heading = "Input")]
    code_fences: Option<CodeFencesArg>,
    /// Read several articles from each text or Markdown file: a line in which this regular expression matches begins one
    #[arg(long, value_name = "REGEX", env = "REFRAIN_SPLIT", help_heading = "Input")]
    split: Option<String>,
    /// Stop with exit code 2 at a record that cannot be read [default: report it and go on]
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true, value_parser = BoolishValueParser::new(), env = "REFRAIN_STRICT", help_heading = "Input")]
    strict: Option<bool>,

    /// What to write on standard output [default: text]
    #[arg(long, value_enum, env = "REFRAIN_FORMAT", help_heading = "Output")]
    pub(super) format: Option<Report>,
    /// Colour on the terminal [default: auto]
    #[arg(long, value_enum, env = "REFRAIN_COLOR", help_heading = "Output")]
    pub(super) color: Option<Color>,

    /// Threads [default: all cores]
    #[arg(long, short, value_name = "THREADS", env = "REFRAIN_JOBS", help_heading = "Speed")]
    jobs: Option<usize>,
    /// Vector instructions; the findings are the same with each [default: auto]
    #[arg(long, value_enum, env = "REFRAIN_SIMD", help_heading = "Speed")]
    simd: Option<SimdArg>,
    /// Memory to take, such as 2G or 800M; the rest goes to temporary files [default: half of what the machine has]
    #[arg(long, value_name = "SIZE", env = "REFRAIN_MEMORY", help_heading = "Speed")]
    memory: Option<Size>,
    /// Folder for temporary files [default: that of the system]
    #[arg(long, value_name = "FOLDER", env = "REFRAIN_TEMP_DIR", help_heading = "Speed")]
    temp_dir: Option<PathBuf>,

    /// What `clean` removes: the table of that name.
    #[arg(skip)]
    pub(super) clean: CleanSettings,
    /// What is set for checks, in the settings file alone.
    #[arg(skip)]
    pub(super) check: Option<CheckSettings>,
}

impl From<&CompareArgs> for Settings {
    /// What the flags of a comparison say; the rest is left to the settings file.
    fn from(args: &CompareArgs) -> Self {
        Self {
            fold: args.fold,
            min_words: args.min_words,
            text_field: args.text_field.clone(),
            id_field: args.id_field.clone(),
            records: args.records.clone(),
            input: args.input,
            encoding: args.encoding.clone(),
            warc_html: args.warc_html,
            html_fields: args.html_fields,
            code_fences: args.code_fences,
            split: args.split.clone(),
            color: args.color,
            ..Self::default()
        }
    }
}

/// A setting that is a name, names with commas between, or a list of names.
fn one_or_many<'de, D: Deserializer<'de>>(setting: D) -> std::result::Result<Option<Vec<ScopeArg>>, D::Error> {
    names(setting, "one of within, near-duplicates, passages")
}

/// The same for any names; `known` says which there are.
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
    let named = |name: String| T::from_str(name.trim(), false).map_err(|_| D::Error::custom(format!("`{name}` is not {known}")));
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
        let nearest = || std::env::current_dir().ok().and_then(|folder| nearest(&folder));
        let Some(path) = file.map(Path::to_path_buf).or_else(nearest) else { return Ok(self) };
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let mut read: Self = toml::from_str(&text).with_context(|| format!("{}: wrong settings", path.display()))?;
        read.check().with_context(|| path.display().to_string())?;
        if let Some(check) = &mut read.check {
            check.below(path.parent().unwrap_or(Path::new("")));
        }
        Ok(self.over(read))
    }

    fn over(self, under: Self) -> Self {
        macro_rules! first {
            ($($field:ident),+ $(,)?) => { Self { $($field: self.$field.or(under.$field)),+, clean: self.clean.over(under.clean) } };
        }
        first!(
            only,
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
            warc_html,
            ext,
            no_ignore,
            html_fields,
            code_fences,
            split,
            strict,
            format,
            color,
            jobs,
            simd,
            memory,
            temp_dir,
            check,
        )
    }

    /// Says whether every setting is in its range.
    ///
    /// # Errors
    /// The first that is not; with the variable that holds it, if one does.
    pub(super) fn check(&self) -> Result<()> {
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

    /// What to look for.
    pub(super) fn detect(&self) -> DetectConfig {
        let mut config = DetectConfig::default();
        let only: Vec<Scope> = self.only.iter().flatten().map(|&scope| scope.into()).collect();
        config.scope = Scope::any_of(&only);
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

    /// How much memory to take, and where to put the rest.
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
            warc_html: self.warc_html.unwrap_or(false),
            html_fields: self.html_fields.map(Into::into).unwrap_or_default(),
            code_fences: self.code_fences.map_or(CodeFences::Skip, Into::into),
            split: self.split.clone(),
            strict: self.strict.unwrap_or(false),
            extensions: self.ext.clone().unwrap_or_default(),
            no_ignore: self.no_ignore.unwrap_or(false),
        }
    }

    /// Makes the folder for temporary files that of the whole process.
    ///
    /// # Errors
    /// It is not a folder.
    pub(super) fn use_temp_dir(&self) -> Result<()> {
        let Some(folder) = &self.temp_dir else { return Ok(()) };
        if !folder.is_dir() {
            bail!("--temp-dir: {} is not a folder; create it, or name another", folder.display());
        }
        // Set already only when a run reads its settings twice, to the same folder.
        let _ = tempfile::env::override_temp_dir(folder);
        Ok(())
    }

    /// How to read input that is cleaned: unless it is set otherwise, code counts, for what is not compared is not removed.
    pub(super) fn source_to_clean(&self) -> SourceOptions {
        SourceOptions { code_fences: self.code_fences.map(Into::into).unwrap_or_default(), ..self.source() }
    }

    /// A pool of as many threads as asked for.
    ///
    /// # Errors
    /// The system refuses.
    pub(super) fn pool(&self) -> Result<rayon::ThreadPool> {
        Ok(rayon::ThreadPoolBuilder::new().num_threads(self.jobs.unwrap_or(0)).build()?)
    }
}

/// The variable that sets `flag`, if it does and the flag is not given.
pub(super) fn variable_behind(flag: &str) -> Option<String> {
    let name = format!("REFRAIN_{}", flag.replace('-', "_").to_uppercase());
    let long = format!("--{flag}");
    let is_given = std::env::args().any(|arg| arg == long || arg.starts_with(&format!("{long}=")));
    (!is_given && std::env::var_os(&name).is_some()).then_some(name)
}

fn nearest(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(FILE_NAME)).find(|file| file.is_file())
}
