//! Fields that were named and are in no record: a typing error would leave every record out, or every date.

use super::FileCorpus;
use super::fields::{FieldNames, MOST_TEXTS, listed};
use super::format::Format;
use super::inner_lists::{described, paths};
use super::lists::values_of;
use super::records::keys_of;
use super::rewrite::Held;
use refrain_engine::error::{Error, Result};

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
        if let Some(path) = self.fields().unfound_list() {
            let lists = (0..self.len()).find_map(|file| self.first_json(file)).map(|value| paths(&value)).unwrap_or_default();
            return Err(Error::NoList { path, records, lists });
        }
        let fields = (0..self.len()).find_map(|file| self.first_fields(file)).unwrap_or_default();
        Err(Error::NoField { what, records, fields })
    }

    /// The first record of a file, if it is JSON.
    fn first_json(&self, file: usize) -> Option<String> {
        let opened = self.opened_again(file)?;
        let bytes = opened.content.get(opened.start..)?;
        match opened.kind.format {
            Format::Jsonl => {
                let is_record = |line: &&[u8]| keys_of(line).is_some();
                let line = bytes.split(|&byte| byte == b'\n').take(MOST_LINES).find(is_record)?;
                std::str::from_utf8(line).ok().map(str::to_owned)
            }
            Format::Json => {
                let text = std::str::from_utf8(bytes).ok()?;
                let values = values_of(text, self.fields()).places.into_iter().map(|place| &text[place.range]);
                values.into_iter().find(|value| keys_of(value.as_bytes()).is_some()).map(str::to_owned)
            }
            _ => None,
        }
    }

    /// The fields of a file's first record, in words; None if its records have no fields, or it is gone.
    fn first_fields(&self, file: usize) -> Option<String> {
        #[cfg(feature = "parquet")]
        if self.texts(file).is_some() {
            return super::parquet::column_names(self.bytes_of(self.path(file)).ok()?.0, self.path(file)).map(|names| listed(&names));
        }
        if let Some(value) = self.first_json(file) {
            return keys_of(value.as_bytes()).map(|names| described(&names, &value));
        }
        Some(listed(self.opened_again(file)?.kind.table.as_ref()?.names()))
    }

    /// A file as it was read; loaded again where it was not kept.
    fn opened_again(&self, file: usize) -> Option<Held<'_>> {
        match self.kept(file) {
            Some(opened) => Some(Held::Kept(opened)),
            None => self.load(file).ok().map(|opened| Held::Again(Box::new(opened))),
        }
    }
}

/// Lines among which there is a record, if the file has any.
const MOST_LINES: usize = 1000;
