//! The text model: what counts as equal ([`Fold`]), tokens, paragraphs, sentences and shingles.
//!
//! In: a document's text. Out: token hashes with the byte span of each token, spans of paragraphs and sentences, shingle hashes.
//! Always: the text itself is never altered, and every span slices it on character boundaries. No I/O, no state.

mod fold;
#[rustfmt::skip]
mod fold_table;
mod segments;
mod shingles;
mod tokens;

pub use fold::Fold;
pub use segments::{LineIndex, paragraphs, sentences};
pub(crate) use shingles::mix;
pub use shingles::{ShingleHash, shingle_set, shingles_into};
pub use tokens::{ByteSpan, TokenSink, Tokens, for_each_token};
