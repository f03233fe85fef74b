//! Whether any text of a run has more than blanks: a run that read empty texts alone read no article.

use refrain_engine::corpus::Visitor;
use refrain_engine::document::Record;
use std::sync::atomic::{AtomicBool, Ordering};

/// Hands records on, and sets a flag at the first text that is not blank.
pub(super) struct Watched<'w, V> {
    inner: V,
    has_text: &'w AtomicBool,
}

impl<'w, V> Watched<'w, V> {
    pub(super) fn new(inner: V, has_text: &'w AtomicBool) -> Self {
        Self { inner, has_text }
    }

    fn look_at(&self, text: &str) {
        if !self.has_text.load(Ordering::Relaxed) && !text.trim_start().is_empty() {
            self.has_text.store(true, Ordering::Relaxed);
        }
    }
}

impl<V: Visitor> Visitor for Watched<'_, V> {
    type Output = V::Output;

    fn document(&mut self, record: Record<'_>) {
        self.look_at(&record.text);
        self.inner.document(record);
    }

    fn page(&mut self, record: Record<'_>) {
        self.look_at(&record.text);
        self.inner.page(record);
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
