//! The text model: what counts as equal ([`Fold`]), tokens, paragraphs, sentences and shingles.
//!
//! In: a document's text. Out: token hashes with the byte span of each token, spans of paragraphs and sentences, shingle hashes.
//! Always: the text itself is never altered, and every span slices it on character boundaries. No I/O, no state.

mod boundary;
mod chunk;
mod extents;
mod fold;
#[rustfmt::skip]
mod fold_table;
mod hash;
mod letter;
mod line_end;
mod segments;
mod shingles;
mod spelling;
mod tokens;
mod vector;
mod weight;
mod winnow;

pub use boundary::{BOUNDARY, FILLER, between_boundaries, has_boundary};
pub(crate) use extents::{Extent, Extents};
pub use fold::Fold;
pub use letter::Part;
pub use segments::{LineIndex, paragraphs, sentences};
pub use shingles::{ShingleHash, shingle_set, shingles_into};
pub use shingles::{mix, shingle};
pub use spelling::{spellings, written};
pub use tokens::{ByteSpan, Tokenizer, Tokens};
pub use weight::{Weight, words_in};
pub use winnow::{GRAM, SelectedGrams, Winnower, gram_hash, least_of_windows};
