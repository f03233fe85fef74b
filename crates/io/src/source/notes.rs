//! What is said of a corpus that was read: notes for the user, and the reason where no article was read.

use super::FileCorpus;
use super::records::RecordCounts;
use refrain_engine::error::{Error, Result};
use refrain_engine::problems::Problems;
use std::sync::atomic::Ordering;

impl FileCorpus {
    /// What a user should know of how the files were read: encodings that were detected, fields that were taken, files left out.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut decisions = self.decisions.lock().map(|decisions| decisions.clone()).unwrap_or_default();
        decisions.sort();
        decisions.dedup();
        let mut notes: Vec<String> = decisions.into_iter().map(|(_, told)| told).collect();
        notes.extend(self.fields.told().map(|told| format!("fields: {told}")));
        let count = |count: usize, what: &str| (count > 0).then(|| format!("{what}: {count}"));
        notes.extend(self.passed_over.told(self.pages));
        notes.extend(self.left_out.notes());
        notes.extend(self.reading.notes());
        notes.extend(self.split_notes());
        let RecordCounts { half_pairs, joined } = &self.counts;
        notes.extend(count(half_pairs.load(Ordering::Relaxed), "records read with U+FFFD in place of half a surrogate pair"));
        notes.extend(count(
            joined.load(Ordering::Relaxed),
            "records whose text is made of several strings, joined as paragraphs; cleaning removes such a record as a whole or not at all",
        ));
        notes
    }

    /// Makes sure that a run read at least one article with a text.
    ///
    /// # Errors
    /// [`Error::NothingRead`] with the reason: no file, files without a record, every record skipped, or every text empty.
    pub fn require_articles(&self, documents: usize, problems: &Problems) -> Result<()> {
        let s = |count: usize| if count == 1 { "" } else { "s" };
        if documents > 0 {
            if self.has_text.load(Ordering::Relaxed) {
                return Ok(());
            }
            let which = if documents == 1 { "its text" } else { "the text of each" };
            let reason = format!("{documents} article{} read, and {which} is empty; check the input", s(documents));
            return Err(Error::NothingRead { reason });
        }
        let files = self.files.len();
        let reason = match (files, problems.first()) {
            (0, _) => {
                let notes = self.left_out.notes();
                let left_out = if notes.is_empty() { "the folders are empty".to_owned() } else { notes.join("; ") };
                format!("no file to read: {left_out}")
            }
            (_, None) => {
                let first = self.files.first().map_or("", |file| file.name.as_str());
                format!("{files} file{} without an article (the first: {first}); check the paths", s(files))
            }
            (_, Some(first)) => {
                format!("no article read: {} record{} skipped; the first: {first}", problems.count(), s(problems.count()))
            }
        };
        Err(Error::NothingRead { reason })
    }

    /// Keeps words for the run's messages about a file.
    pub(super) fn note(&self, file: usize, told: String) {
        if let Ok(mut decisions) = self.decisions.lock() {
            decisions.push((file, told));
        }
    }
}
