//! What is looked up of one document, and kept of it by an index: the same band keys and fingerprints as in a run over many.
//!
//! In: a text. Out: its [`Signature`]. Documents that a run would propose for their band keys share a key here too; those with a
//! run of `min_words` tokens in common share a selected gram.

use super::boilerplate::{Paragraph, append_paragraphs, kept_hash};
use crate::compare::fingerprint_of;
use crate::config::DetectConfig;
use crate::sketch::{BandKey, ContextTag, Sketcher};
use crate::text::{GRAM, Winnower};
use crate::text::{ShingleHash, Tokenizer, Tokens, mix, shingles_into};
use std::ops::Range;

/// What is looked up of a document.
#[derive(Clone, Debug, Default)]
pub struct Signature {
    /// Its tokens.
    pub tokens: Tokens,
    /// 128 bits of them, in halves: documents of equal content are identical.
    pub content: [u64; 2],
    /// One a band; none if there is no token.
    pub keys: Vec<BandKey>,
    /// Its selected grams by their hashes, each hash once.
    pub grams: Vec<SelectedGram>,
    /// Hashes of a quarter of all its grams, ascending: in every document the same quarter of all hashes.
    pub samples: Vec<u32>,
    /// Its paragraphs that may be boilerplate, in order; of a text alone.
    pub paragraphs: Vec<SignedParagraph>,
}

/// A paragraph: 32 bits of the hash of its tokens, and which they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedParagraph {
    pub hash: u32,
    pub tokens: Range<usize>,
}

/// A selected gram of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SelectedGram {
    /// Of the n-gram.
    pub hash: u32,
    /// Of the tokens around it.
    pub around: Around,
}

/// True for a quarter of all grams. Lower bits of the hash: by the upper ones it is looked up.
fn is_sampled(gram: u32) -> bool {
    gram.is_multiple_of(4)
}

/// What stands around a gram: a byte for the tokens before, one for those after, as many as the longer side of the shortest passage has. Of two
/// documents that share such a passage over a gram, one byte is equal. A run over many keeps `ContextTag` instead, in half the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Around(pub u16);

/// A side that ends before.
const NOTHING: u8 = 0;
/// The gram stands at several places.
const ANYTHING: u8 = u8::MAX;

impl Around {
    const ANY: Self = Self(u16::MAX);

    fn of(tokens: &[u64], gram: usize, width: usize) -> Self {
        if width == 0 {
            return Self::ANY;
        }
        let before = gram.checked_sub(width).map(|start| &tokens[start..gram]);
        let after = tokens.get(gram + GRAM..gram + GRAM + width);
        Self(u16::from_le_bytes([before, after].map(|side| side.map_or(NOTHING, byte_of))))
    }

    /// True if the two may stand in a passage that both documents share word for word; never false if they do.
    pub fn may_meet(self, other: Self) -> bool {
        let sides = self.0.to_le_bytes().into_iter().zip(other.0.to_le_bytes());
        self == Self::ANY || other == Self::ANY || sides.into_iter().any(|(x, y)| x == y && x != NOTHING)
    }
}

/// A byte that is neither [`NOTHING`] nor [`ANYTHING`].
#[expect(clippy::cast_possible_truncation, reason = "less than 254")]
fn byte_of(tokens: &[u64]) -> u8 {
    let hash = tokens.iter().fold(0_u64, |hash, &token| mix(hash.rotate_left(9) ^ token));
    (hash % u64::from(ANYTHING - NOTHING - 1)) as u8 + NOTHING + 1
}

/// Makes signatures; keeps its scratch space.
#[derive(Clone)]
pub struct Signer {
    config: DetectConfig,
    tokenizer: Tokenizer,
    sketcher: Sketcher,
    shingles: Vec<ShingleHash>,
}

impl Signer {
    /// For documents that are compared under `config`.
    pub fn new(config: &DetectConfig) -> Self {
        Self {
            config: *config,
            tokenizer: Tokenizer::new(config.fold, config.simd),
            sketcher: Sketcher::new(config.banding(), config.simd),
            shingles: Vec::new(),
        }
    }

    /// The signature of `text`. Time linear in it.
    pub fn of_text(&mut self, text: &str) -> Signature {
        let mut tokens = Tokens::default();
        self.tokenizer.read(text, &mut tokens);
        let mut signature = self.of_hashes(&tokens.hashes);
        let mut paragraphs = Vec::new();
        append_paragraphs(text, &tokens, 0, kept_hash, &mut paragraphs);
        let signed = |paragraph: &Paragraph| SignedParagraph {
            hash: (paragraph.hash >> 32) as u32,
            tokens: paragraph.start as usize..paragraph.end as usize,
        };
        signature.paragraphs = paragraphs.iter().map(signed).collect();
        signature.tokens = tokens;
        signature
    }

    /// The same from the hashes of the tokens, without the tokens.
    pub fn of_hashes(&mut self, hashes: &[u64]) -> Signature {
        let mut keys = Vec::new();
        if !hashes.is_empty() {
            shingles_into(hashes, self.config.shingle, &mut self.shingles);
            self.sketcher.append_keys(&self.shingles, &mut keys);
        }
        let (grams, samples) = self.grams(hashes);
        Signature { tokens: Tokens::default(), content: fingerprint_of(hashes), keys, grams, samples, paragraphs: Vec::new() }
    }

    /// The tokens of `text` alone.
    pub fn tokens(&mut self, text: &str, tokens: &mut Tokens) {
        self.tokenizer.read(text, tokens);
    }

    /// Those that are selected, and the sample.
    fn grams(&self, hashes: &[u64]) -> (Vec<SelectedGram>, Vec<u32>) {
        let run = self.config.within.min_words;
        let width = ContextTag::width(run);
        let (mut winnower, mut all) = (Winnower::default(), Vec::new());
        let selected = winnower.append(hashes, run, &mut all).iter().map(|&at| at as usize);
        let mut grams: Vec<SelectedGram> =
            selected.map(|at| SelectedGram { hash: all[at], around: Around::of(hashes, at, width) }).collect();
        grams.sort_unstable();
        grams.dedup_by(|next, kept| {
            let is_same = next.hash == kept.hash;
            if is_same && next.around != kept.around {
                kept.around = Around::ANY;
            }
            is_same
        });
        let mut samples: Vec<u32> = all.iter().copied().filter(|&hash| is_sampled(hash)).collect();
        samples.sort_unstable();
        samples.dedup();
        (grams, samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// A run in two documents leaves a gram that both selected and around which they may meet.
        #[test]
        fn documents_with_a_run_in_common_meet(
            run in prop::collection::vec(0..3000_u64, 25..40), before in prop::collection::vec(0..3000_u64, 0..40), after in prop::collection::vec(0..3000_u64, 0..40),
        ) {
            let mut signer = Signer::new(&DetectConfig::default());
            let one = signer.of_hashes(&[before.clone(), run.clone(), after.clone()].concat());
            let other = signer.of_hashes(&[after, run, before].concat());
            let met = one.grams.iter().any(|x| other.grams.iter().any(|y| x.hash == y.hash && x.around.may_meet(y.around)));
            prop_assert!(met);
        }
    }
}
