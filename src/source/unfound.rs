//! Fields that were named and are in no record: a typing error would leave every record out, or every date.

use super::FileCorpus;
use super::fields::{FieldNames, MOST_TEXTS, listed};
use super::format::Format;
use super::lists::values_of;
use super::records::keys_of;
use crate::error::{Error, Result};

impl FieldNames {
    /// Says whether the names can be looked for.
    ///
    /// # Errors
    /// [`Error::Config`] for too many names.
    pub(super) fn check(&self) -> Result<()> {
        let count = self.text.as_deref().map_or(0, |text| text.split(',').count());
        if count > MOST_TEXTS {
            return Err(Error::Config {
                setting: "text-field",
                reason: format!("{count} fields; at most {MOST_TEXTS} are joined to a text"),
            });
        }
        Ok(())
    }
}

impl FileCorpus {
    /// Says whether every field that was named is in some record of those that were read.
    ///
    /// # Errors
    /// [`Error::NoField`].
    pub(super) fn check_named_fields(&self) -> Result<()> {
        let Some((what, records)) = self.fields().unfound() else { return Ok(()) };
        let names = (0..self.len()).find_map(|file| self.first_names(file)).unwrap_or_default();
        Err(Error::NoField { what, records, fields: listed(&names) })
    }

    /// The names of the fields of a file's first record; None if its records have no fields, or it is gone.
    fn first_names(&self, file: usize) -> Option<Vec<String>> {
        #[cfg(feature = "parquet")]
        if self.texts(file).is_some() {
            return super::parquet::column_names(self.bytes_of(self.path(file)).ok()?.0, self.path(file));
        }
        let again;
        let opened = match self.kept(file) {
            Some(opened) => opened,
            None => {
                again = self.load(file).ok()?;
                &again
            }
        };
        let bytes = opened.content.get(opened.start..)?;
        match (opened.kind.format, &opened.kind.table) {
            (_, Some(table)) => Some(table.names().to_vec()),
            (Format::Jsonl, _) => bytes.split(|&byte| byte == b'\n').take(MOST_LINES).find_map(keys_of),
            (Format::Json, _) => {
                let text = std::str::from_utf8(bytes).ok()?;
                values_of(text, self.fields()).places.into_iter().find_map(|place| keys_of(text[place.range].as_bytes()))
            }
            _ => None,
        }
    }
}

/// Lines among which there is a record, if the file has any.
const MOST_LINES: usize = 1000;
