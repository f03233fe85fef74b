//! The articles of an index as a reference that a corpus is compared with.

use super::Index;
use super::document::{Body as RowBody, DocumentRow, Outline};
use super::store::Table;
use refrain_engine::against::{Body, GivenItem, Reference};
use refrain_engine::config::DetectConfig;
use refrain_engine::error::{Error, Result};
use xxhash_rust::xxh3::xxh3_64;

impl Index {
    /// Loads all articles into memory, to be compared with `config`; of the settings of the index only the normalisation must be the same, and only if it
    /// has no texts.
    ///
    /// # Errors
    /// [`Error::Config`] for another normalisation; what the database says; those of [`Reference::read`].
    pub fn reference(&self, config: &DetectConfig) -> Result<Reference> {
        if !self.has_texts && self.config.fold != config.fold {
            let reason = format!("the index {} has no texts and was made with another normalisation", self.path().display());
            return Err(Error::Config { setting: "fold", reason });
        }
        let transaction = self.read()?;
        let mut items = Vec::new();
        transaction.rows().scan(Table::Documents, DocumentRow::of, |number, mut row| {
            let body = match &row.body {
                RowBody::Text(_) => Body::Text(transaction.text(number, &row)?.unwrap_or_default().into()),
                RowBody::Outline(outline) => {
                    let damaged = || transaction.rows().damaged(Table::Documents, number, "holds an outline that cannot be read");
                    let Outline { hashes, spellings, spans, .. } = Outline::of(outline).ok_or_else(damaged)?;
                    Body::Outline { hashes, spellings, spans }
                }
            };
            transaction.show_paths(&mut row.id, &mut row.meta);
            let outlet = row.meta.outlet.as_deref().map_or(0, |outlet| xxh3_64(outlet.as_bytes()).max(1));
            items.push(GivenItem { date: row.meta.date, outlet, body, file: 0, line: row.meta.line().unwrap_or(0), id: row.id });
            Ok(())
        })?;
        Reference::of_items(items, config, |_| self.path().display().to_string())
    }

    /// True if the file at `path` is an index, or another SQLite database.
    #[must_use]
    pub fn is_at(path: &std::path::Path) -> bool {
        const MAGIC: &[u8] = b"SQLite format 3\0";
        let mut start = [0; MAGIC.len()];
        let read = std::fs::File::open(path).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut start));
        path.is_file() && read.is_ok() && start == MAGIC
    }
}
