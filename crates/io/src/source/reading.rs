//! What becomes of the texts of files: HTML in fields, code in Markdown, several articles in a file.

use super::field_reader::{FieldCounts, FieldReader};
use super::format::Format;
use super::markdown::CodeFences;
use super::split::Splits;
use super::{FileCorpus, HtmlFields, SourceOptions};
use refrain_engine::error::Result;
use regex::Regex;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// How the texts of a corpus are read.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) html_fields: HtmlFields,
    pub(super) code_fences: CodeFences,
    /// Files with markup are text.
    is_verbatim: bool,
    /// What begins an article in a text file.
    pub(super) begins: Option<Regex>,
    pub(super) splits: Splits,
    /// By file, so that a second visit counts nothing twice.
    counts: Mutex<BTreeMap<usize, FieldCounts>>,
}

impl Reading {
    /// # Errors
    /// [`refrain_engine::Error::Config`] for a pattern that is no regular expression, and for HTML if this build reads none.
    pub(super) fn new(options: &SourceOptions) -> Result<Self> {
        let (html_fields, begins) = (options.fields_as_html()?, options.splitter()?);
        Ok(Self {
            html_fields,
            code_fences: options.code_fences,
            is_verbatim: options.verbatim,
            begins,
            splits: Splits::default(),
            counts: Mutex::default(),
        })
    }

    /// The format in which a file is read.
    pub(super) fn format(&self, format: Format) -> Format {
        let has_markup = matches!(format, Format::Markdown | Format::Html | Format::Feed);
        let format = if self.is_verbatim && has_markup { Format::Text } else { format };
        match format {
            Format::Text | Format::Markdown if self.begins.is_some() => Format::Articles,
            format => format,
        }
    }

    /// True if the text fields of a format may be read as HTML.
    pub(super) fn shows_html(&self, format: Format) -> bool {
        self.html_fields != HtmlFields::No && format.has_fields()
    }

    /// A visitor of records whose fields may hold HTML.
    pub(super) fn reader<'c, V>(&self, inner: V, counts: &'c FieldCounts) -> FieldReader<'c, V> {
        FieldReader { inner, how: self.html_fields, counts }
    }

    /// Keeps what was counted in a file.
    pub(super) fn note(&self, file: usize, counted: FieldCounts) {
        if let Ok(mut counts) = self.counts.lock() {
            counts.insert(file, counted);
        }
    }

    /// Words for the run's messages.
    pub(super) fn notes(&self) -> Vec<String> {
        self.counts.lock().map(|counts| FieldCounts::told(counts.values())).unwrap_or_default()
    }
}

impl FileCorpus {
    /// What became of the pattern that begins articles, for the run's messages.
    pub(super) fn split_notes(&self) -> Vec<String> {
        let notes = |begins: &Regex| self.reading.splits.notes(begins.as_str(), |file| self.file_name(file));
        self.reading.begins.as_ref().map(notes).unwrap_or_default()
    }

    /// Makes sure that the pattern that begins articles matches somewhere.
    ///
    /// # Errors
    /// [`refrain_engine::Error::Config`].
    pub(super) fn check_split(&self) -> Result<()> {
        let check = |begins: &Regex| self.reading.splits.check(begins.as_str(), |file| self.file_name(file));
        self.reading.begins.as_ref().map_or(Ok(()), check)
    }

    fn file_name(&self, file: usize) -> String {
        self.input(file).name.clone()
    }

    pub(super) fn html_fields(&self) -> HtmlFields {
        self.reading.html_fields
    }

    /// True if code in Markdown is no part of the texts, so that they are not all of what is read.
    pub fn skips_code(&self) -> bool {
        !self.is_verbatim() && self.reading.code_fences == CodeFences::Skip
    }

    /// True if texts are read as the files have them.
    pub fn is_verbatim(&self) -> bool {
        self.reading.is_verbatim
    }
}
