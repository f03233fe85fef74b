//! Two texts side by side: the passages that they share, and word for word what became of them.
//!
//! In: two texts and what is equal for matching. Out: a [`Comparison`], written for a terminal, as JSON or as a page of HTML; all three
//! from the same passages, marks and rows. Always: what is shown of a text slices it, and passages are numbered from 1 in order of a.
//! Reads no files, decides nothing about rules: a pair is compared whatever its similarity.

mod changes;
mod html;
mod json;
mod rows;
mod side;
mod terminal;
#[cfg(test)]
mod tests;
mod wrap;

pub use html::write_html;
pub use json::write_comparison_json;
pub use terminal::{Layout, write_side_by_side};

use changes::Wording;
use refrain_engine::compare::{Aligner, Overlap, Passage};
use refrain_engine::text::{Fold, shingle_set};
use side::Side;

/// A text to be compared, and what to call it.
#[derive(Clone, Copy, Debug)]
pub struct NamedText<'t> {
    /// As a user named it.
    pub name: &'t str,
    /// The id of the document, as findings have it.
    pub id: &'t str,
    /// The text; under 4 GiB.
    pub text: &'t str,
}

/// What is equal, and what is worth showing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompareConfig {
    /// What is equal for matching.
    pub fold: Fold,
    /// Tokens in a shingle, at least 1.
    pub shingle: usize,
    /// Minimum length of a passage, in words of the longer side.
    pub min_words: usize,
}

impl Default for CompareConfig {
    fn default() -> Self {
        Self { fold: Fold::Full, shingle: 5, min_words: 25 }
    }
}

/// Two texts, their exact overlap, and the passages that they share.
#[derive(Debug)]
pub struct Comparison<'t> {
    a: Side<'t>,
    b: Side<'t>,
    config: CompareConfig,
    overlap: Overlap,
    /// In order of a.
    passages: Vec<Aligned>,
}

/// A passage with its words on both sides.
#[derive(Debug)]
struct Aligned {
    passage: Passage,
    wording: Wording,
}

impl<'t> Comparison<'t> {
    /// Compares two texts. Time linear in them, but for the words of a passage: length times number of differences, cut up where that
    /// is much.
    ///
    /// # Panics
    /// If a text is 4 GiB or longer: sources refuse such records.
    #[must_use]
    pub fn of(a: NamedText<'t>, b: NamedText<'t>, config: CompareConfig) -> Self {
        let (mut a, mut b) = (Side::new(a, config.fold), Side::new(b, config.fold));
        let set = |side: &Side<'_>| shingle_set(&side.tokens.hashes, config.shingle);
        let overlap = Overlap::of(&set(&a), &set(&b));
        let mut found = Aligner::new().long_between(&a.tokens.hashes, &b.tokens.hashes, config.min_words);
        found.retain(|passage| passage.is_long([&a.tokens.hashes, &b.tokens.hashes], config.min_words));
        let passages: Vec<Aligned> = found.into_iter().map(|passage| Aligned { wording: Wording::of(&a, &b, &passage), passage }).collect();
        for Aligned { wording, .. } in &passages {
            a.counts.add(&wording.a);
            b.counts.add(&wording.b);
        }
        Self { a, b, config, overlap, passages }
    }

    /// The passages that both share, as ranges of tokens, in order of a.
    pub fn passages(&self) -> impl ExactSizeIterator<Item = &Passage> {
        self.passages.iter().map(|aligned| &aligned.passage)
    }

    /// How much the shingle sets of both have in common.
    #[must_use]
    pub fn overlap(&self) -> Overlap {
        self.overlap
    }
}
