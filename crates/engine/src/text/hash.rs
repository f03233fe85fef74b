//! The hash of a token.

use xxhash_rust::xxh3::xxh3_64;

/// Tokens are read in words of this many bytes: whoever hashes them keeps as many readable bytes behind the last.
pub(super) const WORD_BYTES: usize = 16;

/// Keep the first n bytes of a word.
const FIRST_BYTES: [u128; WORD_BYTES + 1] = {
    let mut masks = [0; WORD_BYTES + 1];
    let mut n = 1;
    while n <= WORD_BYTES {
        masks[n] = u128::MAX >> (128 - 8 * n);
        n += 1;
    }
    masks
};

/// Both hold a byte that UTF-8 never has, so that neither factor can be made 0 by a text.
const KEYS: [u64; 2] = [0xA076_1DFF_78BD_642F, 0xE703_7EFE_A0B4_28DB];

/// 64-bit hash of the token that is `bytes[start..end]`, not empty and without NUL. Up to 16 bytes: the halves of the token, each with a key,
/// multiplied to 128 bits and folded (the short keys of wyhash, Wang Yi 2019), without a branch on the length; longer: XXH3.
#[inline(always)]
pub(super) fn token_hash(bytes: &[u8], start: usize, end: usize) -> u64 {
    let length = end - start;
    if length > WORD_BYTES {
        return xxh3_64(&bytes[start..end]);
    }
    let mut word = [0; WORD_BYTES];
    word.copy_from_slice(&bytes[start..start + WORD_BYTES]);
    fold(u128::from_le_bytes(word) & FIRST_BYTES[length])
}

#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "halves are taken")]
fn fold(word: u128) -> u64 {
    let product = u128::from(word as u64 ^ KEYS[0]) * u128::from((word >> 64) as u64 ^ KEYS[1]);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn hash(token: &str) -> u64 {
        let padded = [b"~", token.as_bytes(), &[0xAA; WORD_BYTES]].concat();
        token_hash(&padded, 1, 1 + token.len())
    }

    #[test]
    fn what_stands_around_a_token_does_not_matter() {
        for length in 1..40 {
            let token = "ab".repeat(20)[..length].to_owned();
            let other = [token.as_bytes(), &[7; WORD_BYTES]].concat();
            assert_eq!(hash(&token), token_hash(&other, 0, length), "{length} bytes");
        }
    }

    /// Tokens that are alike, numbers above all, neither meet nor leave a pattern in the bits.
    #[test]
    fn like_tokens_have_unlike_hashes() {
        let tokens: Vec<String> = (0..200_000).flat_map(|n| [n.to_string(), format!("ال{n:x}"), format!("word{n}word{n}")]).collect();
        let hashes: HashSet<u64> = tokens.iter().map(|token| hash(token)).collect();
        assert_eq!(hashes.len(), tokens.len());
        for bit in 0..64 {
            let ones = hashes.iter().filter(|&hash| hash >> bit & 1 == 1).count();
            assert!((290_000..310_000).contains(&ones), "bit {bit} is set in {ones} of {}", hashes.len());
        }
    }
}
