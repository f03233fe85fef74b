//! What a record says besides its text, read again; and the documents of a stream, which cannot be read again, from what was kept.

use super::FileCorpus;
use super::field_reader::FieldCounts;
#[cfg(feature = "parquet")]
use super::fields::same_in_any_case;
use super::kind::Kind;
use super::opened::{Kept, Opened};
#[cfg(feature = "parquet")]
use super::outlet::outlet_name;
use super::parquet::Texts;
use refrain_engine::corpus::{Stretch, Visitor};
use refrain_engine::document::Locator;
use refrain_engine::error::Result;

impl FileCorpus {
    /// A field of a record, by its name; None where there is none, or it is no string or number.
    ///
    /// # Errors
    /// [`refrain_engine::Error::Changed`].
    pub fn field_again(&self, locator: Locator, name: &str) -> Result<Option<String>> {
        #[cfg(feature = "parquet")]
        if let Some(found) = self.in_column(locator, name, |columns| column_of(columns, name))? {
            return Ok(found);
        }
        let (record, kind) = self.record(locator)?;
        Ok(kind.field(&record, name))
    }

    /// Who published a document.
    ///
    /// # Errors
    /// [`refrain_engine::Error::Changed`].
    pub fn outlet_again(&self, locator: Locator) -> Result<Option<String>> {
        // No column is called by an empty name.
        #[cfg(feature = "parquet")]
        if let Some(found) = self.in_column(locator, "", |columns| self.fields().columns(columns).ok()?.outlet)? {
            return Ok(found.map(|outlet| outlet_name(outlet.into()).into_owned()));
        }
        let (record, kind) = self.record(locator)?;
        Ok(kind.outlet(self.fields(), &record))
    }
}

/// Which column has a name; exactly so, or else in another case.
#[cfg(feature = "parquet")]
fn column_of(columns: &[String], name: &str) -> Option<usize> {
    let in_other_case = || columns.iter().position(|column| same_in_any_case(column, name));
    columns.iter().position(|column| column == name).or_else(in_other_case)
}

impl FileCorpus {
    /// Fields of a record: for each list of names what the first of them says that says anything; None where none does. Names are dotted paths in
    /// JSON, columns of a table, lines of the header in a crawl.
    ///
    /// # Errors
    /// The file is gone or has changed.
    pub fn fields_again(&self, locator: Locator, lists: &[&[&str]]) -> Result<Vec<Option<String>>> {
        #[cfg(feature = "parquet")]
        if self.texts(locator.file as usize).is_some() {
            let first = |names: &&[&str]| {
                let fields = names.iter().map(|name| self.field_again(locator, name));
                fields.filter_map(Result::transpose).find(|field| field.as_deref().map_or(true, says_something)).transpose()
            };
            return lists.iter().map(first).collect();
        }
        let (record, kind) = self.record(locator)?;
        Ok(kind.fields(&record, lists))
    }
}

impl Kind {
    fn fields(&self, record: &[u8], lists: &[&[&str]]) -> Vec<Option<String>> {
        let object = self.object(record);
        let field = |name: &str| object.as_ref().map_or_else(|| self.field(record, name), |object| Self::field_of(object, name));
        let first = |names: &&[&str]| names.iter().filter_map(|name| field(name)).find(|field| says_something(field));
        lists.iter().map(first).collect()
    }
}

fn says_something(field: impl AsRef<str>) -> bool {
    !field.as_ref().trim().is_empty()
}

impl FileCorpus {
    /// The file as it was read, where all of it was kept.
    pub(super) fn kept(&self, file: usize) -> Option<&Opened> {
        match self.files[file].kept.get() {
            Some(Kept::Whole(opened)) if opened.binary.is_none() => Some(opened),
            _ => None,
        }
    }

    /// The texts of a Parquet file that was read.
    pub(super) fn texts(&self, file: usize) -> Option<&Texts> {
        match self.files[file].kept.get() {
            #[cfg(feature = "parquet")]
            Some(Kept::Rows(texts, _, _)) => Some(texts),
            _ => None,
        }
    }

    /// The documents of a pipe or other stream that was read before, from what was kept of it; None for other files.
    pub(super) fn visit_stream_again<V: Visitor>(
        &self,
        number: usize,
        visitor: &(impl Fn() -> V + Sync),
    ) -> Option<Result<Vec<Stretch<V::Output>>>> {
        let Some(Kept::Whole(opened)) = self.files[number].kept.get().filter(|_| Self::is_stream(&self.files[number].path)) else {
            return None;
        };
        Some(if self.reading.shows_html(opened.kind.format) {
            let counts = FieldCounts::default();
            self.read(number, opened, &|| self.reading.reader(visitor(), &counts))
        } else {
            self.read(number, opened, visitor)
        })
    }
}
