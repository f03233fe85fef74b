//! Tables made of columns.

use arrow_array::{ArrayRef, BooleanArray, Float64Array, LargeStringArray, RecordBatch, UInt64Array};
use std::sync::Arc;

/// The columns of a table, all of one length.
#[derive(Default)]
pub(crate) struct Columns(Vec<(&'static str, ArrayRef)>);

impl Columns {
    pub(crate) fn texts<S: AsRef<str>>(self, name: &'static str, texts: impl Iterator<Item = Option<S>>) -> Self {
        self.with(name, Arc::new(texts.collect::<LargeStringArray>()))
    }

    pub(crate) fn counts(self, name: &'static str, counts: impl Iterator<Item = Option<usize>>) -> Self {
        self.with(name, Arc::new(counts.map(|count| count.map(|count| count as u64)).collect::<UInt64Array>()))
    }

    pub(crate) fn numbers(self, name: &'static str, numbers: impl Iterator<Item = Option<f64>>) -> Self {
        self.with(name, Arc::new(numbers.collect::<Float64Array>()))
    }

    pub(crate) fn flags(self, name: &'static str, flags: impl Iterator<Item = bool>) -> Self {
        self.with(name, Arc::new(flags.map(Some).collect::<BooleanArray>()))
    }

    fn with(mut self, name: &'static str, column: ArrayRef) -> Self {
        self.0.push((name, column));
        self
    }

    /// # Panics
    /// If the columns differ in length.
    pub(crate) fn table(self) -> RecordBatch {
        let columns = self.0.into_iter().map(|(name, column)| (name, column, true));
        #[expect(clippy::expect_used, reason = "each caller makes its columns from one list")]
        RecordBatch::try_from_iter_with_nullable(columns).expect("columns of one length")
    }
}
