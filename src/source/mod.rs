//! Documents from files: found, unpacked, decoded and cut into records.
//!
//! In: paths. Out: a [`FileCorpus`], which hands its documents to visitors in parallel and finds each again by its locator. Large
//! files are mapped; unpacked ones are held in memory or in a temporary file; small ones are read again when asked for.

#[cfg(feature = "page")]
mod again;
#[cfg(any(feature = "compression", feature = "parquet"))]
mod comparing;
mod compression;
mod content;
mod csv;
mod encoded;
mod encoding;
mod endings;
mod fields;
mod files;
mod format;
mod json;
mod kind;
mod lenient;
mod lists;
mod literal;
#[cfg(feature = "compression")]
mod members;
mod names;
mod opened;
mod outlet;
mod packing;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(not(feature = "parquet"))]
#[path = "no_parquet.rs"]
mod parquet;
mod place;
mod records;
mod regions;
mod remote;
#[cfg(feature = "compression")]
pub(crate) mod repack;
mod rewrite;
mod unfound;
mod values;
mod walk;
mod warc;

pub use fields::FieldNames;
pub use files::FileCorpus;
pub use format::Format;
pub(crate) use packing::{How, Packed, Recipe};
pub(crate) use records::keys_of;
/// Parquet files written anew.
#[cfg(feature = "parquet")]
pub(crate) mod rows {
    pub(crate) use super::parquet::{Replay, Return, RowLoss, Step, Steps, damaged, recipe, without};
}
pub use place::{Place, Spelling};
#[cfg(feature = "compression")]
pub(crate) use rewrite::mapped;
pub(crate) use rewrite::{Layout, Original, Unpacked, read_unpacked};

use crate::error::{Error, Result};
use encoding_rs::Encoding;
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
    /// Fail if a record cannot be read, with the first such in the order of the input; all of it is read before.
    pub strict: bool,
    /// Name endings that a folder walk reads besides the built-in ones, with or without the dot.
    pub extensions: Vec<String>,
    /// Read files that a `.gitignore` or `.ignore` file names. By default `.gitignore` counts inside git repositories, `.ignore` everywhere.
    pub no_ignore: bool,
}

impl SourceOptions {
    /// Says whether the options make sense.
    ///
    /// # Errors
    /// [`Error::Config`] for an encoding that is unknown, for too many text fields, and for pages if this build reads none.
    pub fn check(&self) -> Result<()> {
        self.known_encoding().and(self.pages()).map(drop)?;
        self.fields.check()
    }

    fn pages(&self) -> Result<Pages> {
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
        WalkOptions { extensions: &self.extensions, ignore_files: !self.no_ignore }
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
