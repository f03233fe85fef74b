//! HTML in the text fields of records, read as what it shows, on the way from any record format to a visitor.

use super::kind::Kind;
use super::markup::{FieldText, field_text};
use super::place::{Place, Spelling};
use super::rewrite::Layout;
use super::{FileCorpus, HtmlFields};
use refrain_engine::corpus::Visitor;
use refrain_engine::document::{Locator, Record};
use refrain_engine::error::Result;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many texts of a file are not what their fields have.
#[derive(Debug, Default)]
pub(super) struct FieldCounts {
    pages: AtomicUsize,
    references: AtomicUsize,
}

impl FieldCounts {
    /// Words for the run's messages; None if there is nothing to say. The counts are added to those of other files.
    pub(super) fn told<'c>(counts: impl Iterator<Item = &'c Self>) -> Vec<String> {
        let (mut pages, mut references) = (0, 0);
        for of_file in counts {
            pages += of_file.pages.load(Ordering::Relaxed);
            references += of_file.references.load(Ordering::Relaxed);
        }
        let told = |count: usize, what: &str| (count > 0).then(|| format!("{what}: {count}"));
        let pages = told(
            pages,
            "text fields with HTML, read as the text that it shows; cleaning removes such a record as a whole or not at all (html-fields=no leaves it)",
        );
        let references =
            told(references, "text fields with HTML character references such as &amp;, which were replaced (html-fields=no leaves them)");
        pages.into_iter().chain(references).collect()
    }
}

/// Hands records on with the text that their fields show.
pub(super) struct FieldReader<'c, V> {
    pub(super) inner: V,
    pub(super) how: HtmlFields,
    pub(super) counts: &'c FieldCounts,
}

impl<V: Visitor> Visitor for FieldReader<'_, V> {
    type Output = V::Output;

    fn document(&mut self, record: Record<'_>) {
        match field_text(&record.text, self.how) {
            None => self.inner.document(record),
            Some(FieldText::Page(text)) => {
                self.counts.pages.fetch_add(1, Ordering::Relaxed);
                self.inner.page(Record { text: Cow::Owned(text), ..record });
            }
            Some(FieldText::References(found)) => {
                self.counts.references.fetch_add(1, Ordering::Relaxed);
                self.inner.document(Record { text: Cow::Owned(found.text), ..record });
            }
        }
    }

    fn page(&mut self, record: Record<'_>) {
        let text = match field_text(&record.text, self.how) {
            None => return self.inner.page(record),
            Some(FieldText::Page(text)) => text,
            Some(FieldText::References(found)) => found.text,
        };
        self.counts.pages.fetch_add(1, Ordering::Relaxed);
        self.inner.page(Record { text: Cow::Owned(text), ..record });
    }

    fn is_done(&self) -> bool {
        self.inner.is_done()
    }

    fn progress(&mut self, bytes: u64) {
        self.inner.progress(bytes);
    }

    fn finish(self) -> V::Output {
        self.inner.finish()
    }
}

/// What a field with HTML shows, for callers that hold the fields themselves.
#[derive(Debug)]
pub struct ShownText(FieldText);

impl ShownText {
    /// What is shown of `field`, read as `how` says; None if that is the field as it is.
    #[must_use]
    pub fn of(field: &str, how: HtmlFields) -> Option<Self> {
        field_text(field, how).map(Self)
    }

    /// The text.
    #[must_use]
    pub fn into_text(self) -> String {
        match self.0 {
            FieldText::Page(text) => text,
            FieldText::References(found) => found.text,
        }
    }

    /// True if the text was made from markup: no range of it can be located in the field.
    #[must_use]
    pub fn is_page(&self) -> bool {
        matches!(self.0, FieldText::Page(_))
    }

    /// The byte of the field that an offset of the text is at, in bytes; None if the text was made from markup.
    #[must_use]
    pub fn in_field(&self, at: usize) -> Option<usize> {
        match &self.0 {
            FieldText::Page(_) => None,
            FieldText::References(found) => Some(found.in_field(at)),
        }
    }
}

impl FileCorpus {
    /// Where the document at `locator` and its text stand in its file.
    ///
    /// # Errors
    /// If the file is gone or has changed, or was not visited.
    pub fn place(&self, locator: Locator) -> Result<Place> {
        #[cfg(feature = "parquet")]
        if let Some(texts) = self.texts(locator.file as usize) {
            let (group, row) = texts.place(locator.start).ok_or_else(|| self.changed(locator))?;
            return Ok(Place::Row { group, row });
        }
        let (bytes, kind) = self.record(locator)?;
        let place = kind.place(&bytes, locator.start).ok_or_else(|| self.changed(locator))?;
        let field = kind.text(self.fields(), &bytes).filter(|_| kind.format.has_fields());
        let is_changed = field.is_some_and(|field| field_text(&field, self.html_fields()).is_some());
        Ok(match place {
            Place::Bytes { record, .. } if is_changed => Place::Bytes { record, text: None, spelling: Spelling::Markup },
            place => place,
        })
    }

    /// The text of a record; of a field with HTML what it shows.
    pub(super) fn shown_text<'r>(&self, kind: &Kind, record: &'r [u8]) -> Option<Cow<'r, str>> {
        let text = kind.text(self.fields(), record)?;
        let shown = if kind.format.has_fields() { field_text(&text, self.html_fields()) } else { None };
        Some(match shown {
            None => text,
            Some(FieldText::Page(text)) => Cow::Owned(text),
            Some(FieldText::References(found)) => Cow::Owned(found.text),
        })
    }
}

impl Layout<'_> {
    /// Ranges of a text as ranges of the field that shows it, which may have character references of HTML.
    pub(super) fn in_field<'r>(&self, locator: Locator, ranges: &'r [Range<usize>]) -> Result<Cow<'r, [Range<usize>]>> {
        if !self.kind.format.has_fields() {
            return Ok(Cow::Borrowed(ranges));
        }
        let record = match self.texts {
            Some(texts) => texts.get(locator.start).ok_or_else(|| self.changed())?,
            None => self.record(locator)?,
        };
        let field = self.kind.text(self.fields, record).ok_or_else(|| self.changed())?;
        match field_text(&field, self.html_fields) {
            None => Ok(Cow::Borrowed(ranges)),
            Some(FieldText::References(found)) => {
                Ok(ranges.iter().map(|range| found.in_field(range.start)..found.in_field(range.end)).collect())
            }
            Some(FieldText::Page(_)) if ranges.is_empty() => Ok(Cow::Borrowed(ranges)),
            Some(FieldText::Page(_)) => Err(self.changed()),
        }
    }
}
