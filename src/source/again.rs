//! What a record says besides its text, read again for those who show it.

use super::FileCorpus;
use super::kind::Kind;
use crate::document::Locator;
use crate::error::Result;

impl FileCorpus {
    /// Fields of a record: for each list of names what the first of them says that says anything; None where none does. Names are dotted paths in
    /// JSON, columns of a table, lines of the header in a crawl.
    ///
    /// # Errors
    /// The file is gone or has changed.
    pub(crate) fn fields_again(&self, locator: Locator, lists: &[&[&str]]) -> Result<Vec<Option<String>>> {
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
