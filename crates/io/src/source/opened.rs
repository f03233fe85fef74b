//! What is known of a file of the input before and after it was read.

use super::content::Content;
use super::encoding::Charset;
use super::kind::Kind;
#[cfg(feature = "parquet")]
use super::parquet::Texts;
use crate::files::shown;
#[cfg(feature = "parquet")]
use std::collections::HashMap;
use std::path::PathBuf;
#[cfg(feature = "parquet")]
use std::sync::Mutex;
use std::sync::OnceLock;

/// A file of the input.
#[derive(Debug)]
pub(super) struct InputFile {
    pub(super) path: PathBuf,
    /// Path as given, for messages and ids.
    pub(super) name: String,
    /// Set at the first reading.
    pub(super) kept: OnceLock<Kept>,
}

impl InputFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { name: shown(path.strip_prefix("./").unwrap_or(&path)), path, kept: OnceLock::new() }
    }

    /// Length of the file when it was mapped, if texts are still read from the map.
    pub(super) fn mapped_bytes(&self) -> Option<usize> {
        match self.kept.get()? {
            Kept::Whole(opened) => opened.content.mapped_bytes(),
            #[cfg(feature = "parquet")]
            Kept::Rows(texts, _, _) => texts.file().map(bytes::Bytes::len),
            Kept::OnDisk(_) | Kept::Damaged(_) => None,
        }
    }
}

/// What stays of a file after it was read.
#[derive(Debug)]
pub(super) enum Kept {
    /// All of it: mapped, or unpacked or decoded at some cost.
    Whole(Opened),
    /// Nothing: it is small and plain, and single records are read from it again.
    OnDisk(Kind),
    /// Nothing: it cannot be read, for this reason.
    Damaged(String),
    /// The texts of its rows, and columns that were asked for besides.
    #[cfg(feature = "parquet")]
    Rows(Texts, Kind, Mutex<HashMap<String, Vec<Option<String>>>>),
}

/// A file, unpacked and decoded.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) content: Content,
    /// Bytes of the byte-order mark that is still there.
    pub(super) start: usize,
    pub(super) kind: Kind,
    /// What the bytes were decoded from, where they were.
    pub(super) decoded: Option<Charset>,
    /// Reading it again by its path and offset gives the same bytes.
    pub(super) plain: bool,
    /// It is no text, in words.
    pub(super) binary: Option<&'static str>,
}
