//! A corpus compared with a reference: articles seen before, or test items that must not be in training data.
//!
//! In: a [`Reference`], which is in memory, and a corpus, which is read once. Out: [`Matches`], pairs of an article of the corpus and one of the reference
//! alone. A pair has the numbers and passages that a scan of both would report. Memory: the reference and the matches.

mod anchors;
mod items;
mod matching;
mod postings;
mod reference;

pub use items::ItemMatch;
pub use matching::{MatchSummary, Matches, ReferenceMatch, check_distinct};
pub use reference::Reference;
pub use reference::{Body, GivenItem};
