//! Exact comparison of documents: shingle sets ([`Overlap`]), and passages of two token streams or of one with itself.
//!
//! In: shingle sets, token hashes. Out: exact counts, passages as ranges of tokens. No I/O, no texts, no thresholds of rules.

mod aligner;
mod best_chain;
mod candidate_selection;
mod candidates;
mod chain;
mod chained;
mod content;
mod exact;
mod extend;
mod gather;
mod grams;
mod index;
mod lcs;
mod links;
mod moved;
mod numbers;
mod parted;
mod passage;
mod passages;
mod pieces;
mod reach;
mod repeats;
mod reworded;
mod runs;
mod scattered;
mod seeds;
mod segments;
mod select;
mod shared;
mod short;
mod sites;
mod sparse_set;
mod trace;
mod verify;
mod words;

pub use aligner::Aligner;
pub(crate) use aligner::are_long;
pub use content::fingerprint_of;
pub(crate) use content::{comes_first, content_key, halves};
pub(crate) use exact::ExactRuns;
pub(crate) use passage::swapped;
pub use passage::{MatchedRun, Passage};
pub(crate) use runs::run_step;
pub use seeds::Loop;
pub(crate) use segments::{TokenSegment, segments};
pub use select::in_order;
pub(crate) use shared::{HashTable, SharedShingles, append_again};
pub(crate) use sparse_set::SparseSet;
pub use verify::Overlap;
pub(crate) use verify::most_jaccard;
