//! Documents from files: found, unpacked, decoded and cut into records.
//!
//! In: paths. Out: a [`FileCorpus`], which hands its documents to visitors in parallel and finds each again by its locator. Large
//! files are mapped; unpacked ones are held in memory or in a temporary file; small ones are read again when asked for.

mod again;
mod blank;
mod compression;
mod content;
mod csv;
mod damage;
mod encoded;
mod encoding;
mod endings;
mod field_reader;
mod fields;
mod files;
mod format;
mod glob;
mod inner_lists;
mod json;
mod kind;
mod latin;
mod lenient;
mod limits;
mod lists;
mod literal;
mod markdown;
#[cfg(feature = "html")]
mod markup;
#[cfg(not(feature = "html"))]
#[path = "no_markup.rs"]
mod markup;
#[cfg(feature = "compression")]
mod members;
mod names;
mod notes;
mod opened;
mod outlet;
mod packing;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(not(feature = "parquet"))]
#[path = "no_parquet.rs"]
mod parquet;
mod parquet_rows;
mod place;
mod ranges;
mod reading;
mod records;
mod regions;
mod remote;
mod rewrite;
mod sample;
mod split;
mod trees;
mod unfound;
mod unpacked;
mod utf32;
mod values;
mod walk;
mod warc;
mod whole;
mod xml;

pub use field_reader::ShownText;
pub use fields::FieldNames;
pub use files::FileCorpus;
pub use format::Format;
pub use glob::folder as folder_of_glob;
pub use limits::Limits;
pub use markdown::CodeFences;
pub use packing::{Packed, Recipe};
pub use records::keys_of;
/// Parquet files written anew.
#[cfg(feature = "parquet")]
pub mod rows {
    pub use super::parquet::{
        AddedColumn, AddedValues, Budget, Merge, RowLoss, Texts, changed_rows, damaged, merge, with_columns, without, without_columns,
    };
}
pub use place::{Place, Spelling};
pub use rewrite::{Layout, Original};
pub use unpacked::{Unpacked, read_unpacked};

use encoding_rs::Encoding;
use refrain_engine::error::{Error, Result};
use std::path::PathBuf;
use walk::WalkOptions;
use warc::Pages;

/// How files are read.
#[derive(Clone, Debug, Default)]
pub struct SourceOptions {
    /// Which fields of a record hold what.
    pub fields: FieldNames,
    /// Name of the encoding of all files (WHATWG label, such as `windows-1256`); None: byte-order mark, UTF-8, else detected.
    pub encoding: Option<String>,
    /// Format of all files; None: by content, then by name.
    pub format: Option<Format>,
    /// Read the HTML pages of a crawl too: `response` records with status 200, and `resource` records. Their text is that of the whole page, menus
    /// and all, as a browser shows it. Needs the feature `html`.
    pub warc_html: bool,
    /// Which text fields of records are read as HTML.
    pub html_fields: HtmlFields,
    /// Texts are read as the files have them: HTML and Markdown files are plain text, HTML in fields is text, and a field that holds a list or an
    /// object is its JSON. Overrides what is set about HTML, front matter and code. For a comparison byte for byte.
    pub verbatim: bool,
    /// Whether code between fences in Markdown files is compared.
    pub code_fences: CodeFences,
    /// A regular expression: in text and Markdown files a line in which it matches begins an article. None: a file is an article.
    pub split: Option<String>,
    /// In tables, quotation marks are text like any other character, and every line is a row. Otherwise what they mean is chosen by which reading fits
    /// more rows.
    pub no_quotes: bool,
    /// Lines above the header of a table. With 0, titles and comments there are found by their fields.
    pub skip_lines: usize,
    /// Fail if a record cannot be read, with the first such in the order of the input; all of it is read before.
    pub strict: bool,
    /// Name endings that a folder walk reads besides the built-in ones, with or without the dot.
    pub extensions: Vec<String>,
    /// Read files that a `.gitignore` or `.ignore` file names. By default `.gitignore` counts inside git repositories, `.ignore` everywhere.
    pub no_ignore: bool,
    /// Files that the run itself keeps, such as an index: folders are read without them. There may be none yet.
    pub own_files: Vec<PathBuf>,
    /// How much is read at most.
    pub limits: Limits,
}

/// Which text fields of records (JSON, tables, Parquet) are read as HTML. Needs the feature `html`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HtmlFields {
    /// Those that have tags or character references of HTML: `<p>…</p>`, `<br>`, `&amp;`.
    #[default]
    Auto,
    /// All.
    Yes,
    /// None.
    No,
}

impl SourceOptions {
    /// Says whether the options make sense.
    ///
    /// # Errors
    /// [`Error::Config`] for an encoding that is unknown, for too many text fields, for a pattern that is no regular expression, and for HTML if this
    /// build reads none or texts are to be read as they are.
    pub fn check(&self) -> Result<()> {
        self.known_encoding().and(self.pages()).and(self.splitter()).and(self.fields_as_html()).map(drop)?;
        self.limits.check()?;
        self.fields.check()
    }

    fn fields_as_html(&self) -> Result<HtmlFields> {
        if self.html_fields == HtmlFields::Yes && !cfg!(feature = "html") {
            let reason = "HTML is not in this build; build with the feature `html`".into();
            return Err(Error::Config { setting: "html-fields", reason });
        }
        Ok(if self.verbatim { HtmlFields::No } else { self.html_fields })
    }

    fn tables(&self) -> csv::TableOptions {
        csv::TableOptions { no_quotes: self.no_quotes, skip_lines: self.skip_lines }
    }

    fn pages(&self) -> Result<Pages> {
        if self.warc_html && self.verbatim {
            let reason =
                "the text of a page is made from its HTML, and texts are to be compared byte for byte; choose one of the two".into();
            return Err(Error::Config { setting: "warc-html", reason });
        }
        match (self.warc_html, cfg!(feature = "html")) {
            (false, _) => Ok(Pages::LeftOut),
            (true, true) => Ok(Pages::Read),
            (true, false) => {
                let reason = "HTML is not in this build; build with the feature `html`".into();
                Err(Error::Config { setting: "warc-html", reason })
            }
        }
    }

    fn walk(&self) -> WalkOptions<'_> {
        WalkOptions { extensions: &self.extensions, own_files: &self.own_files, ignore_files: !self.no_ignore, depth: None }
    }

    fn known_encoding(&self) -> Result<Option<&'static Encoding>> {
        let known = self.encoding.as_deref().map(|label| {
            let unknown = || Error::Config {
                setting: "encoding",
                reason: format!("`{label}` is no known encoding; try windows-1256, iso-8859-6, gb18030"),
            };
            Encoding::for_label(label.as_bytes()).ok_or_else(unknown)
        });
        known.transpose()
    }
}
