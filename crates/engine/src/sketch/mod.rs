//! Sketches: MinHash signatures cut in bands, so that documents that are alike share a key.
//!
//! In: the shingles of a document. Out: one 32-bit key a band. Always: a key depends on the set of shingles alone, not on their
//! order, on repeats, or on the instructions used. A sketch only proposes; what it proposes is verified elsewhere.

mod banding;
mod context_tag;
mod minhash;
mod simd;

pub use banding::Banding;
pub(crate) use context_tag::ContextTag;
pub use minhash::{BandKey, Sketcher};
