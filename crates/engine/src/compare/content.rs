//! The content of a document as a key, by which the two documents of a pair are put in order.
//!
//! An aligner treats its first document differently from its second one: it is indexed once for all its pairs, and its passages may overlap. What is found
//! depends on no id if the order is that of the content.

use xxhash_rust::xxh3::Xxh3Default;

/// Number of tokens, and 128 bits of their hashes in halves. Documents with equal keys are equal.
pub(crate) type ContentKey = (usize, [u64; 2]);

/// The key of a document, from the hashes of its tokens.
pub(crate) fn content_key(tokens: &[u64]) -> ContentKey {
    (tokens.len(), fingerprint_of(tokens))
}

/// A document that is so many times as long as the other one of its pair comes first.
const MUCH_LONGER: usize = 8;

/// Whether the document with the key `x` comes before that with `y`, of two that differ. The shorter one does, so that a text that the longer one has twice is
/// found twice; but a much longer one is read once for all its pairs.
pub(crate) fn comes_first(x: ContentKey, y: ContentKey) -> bool {
    let is_much_longer = x.0.max(y.0) / MUCH_LONGER > x.0.min(y.0);
    (x < y) != is_much_longer
}

/// 128 bits of a list of hashes, in halves: lists with equal halves are equal.
pub fn fingerprint_of(hashes: &[u64]) -> [u64; 2] {
    let mut hasher = Xxh3Default::new();
    let mut bytes = [0; 512];
    for some in hashes.chunks(bytes.len() / 8) {
        for (to, hash) in bytes.chunks_exact_mut(8).zip(some) {
            to.copy_from_slice(&hash.to_le_bytes());
        }
        hasher.update(&bytes[..some.len() * 8]);
    }
    halves(hasher.digest128())
}

/// The lower and the upper half of a hash.
#[expect(clippy::cast_possible_truncation, reason = "both halves are kept")]
pub(crate) fn halves(hash: u128) -> [u64; 2] {
    [hash as u64, (hash >> 64) as u64]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_of_two_comes_first(x in (0..400_usize, any::<[u64; 2]>()), y in (0..400_usize, any::<[u64; 2]>())) {
            prop_assert!(x == y || comes_first(x, y) != comes_first(y, x));
        }
    }

    #[test]
    fn the_shorter_comes_first_unless_the_other_is_much_longer() {
        let first = |x: usize, y: usize| comes_first((x, [0; 2]), (y, [0; 2]));
        assert!(first(80, 140) && !first(140, 80));
        assert!(first(96, 11) && !first(11, 96) && first(12, 96));
    }
}
