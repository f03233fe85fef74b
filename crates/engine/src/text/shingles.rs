//! Shingles: hashes of k consecutive tokens.
//!
//! In: token hashes. Out: one 64-bit hash a position, or the sorted set of them. A text of fewer than k tokens has one
//! shingle, of all its tokens; a text without tokens has none.

/// 64-bit hash of k consecutive tokens.
pub type ShingleHash = u64;

/// Odd, with high entropy; powers of it weigh a token by its place.
const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

/// Finaliser of `SplitMix64` (Steele, Lea, Flood 2014): a bijection that spreads every bit.
#[inline(always)]
pub fn mix(mut x: u64) -> u64 {
    x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ x >> 31
}

/// Replaces `out` by the shingles of `tokens` in text order, repeats included: `max(1, tokens - k + 1)` of them, none if
/// there is no token. A rolling polynomial over the token hashes (Karp and Rabin 1987), then mixed: cost does not grow with k.
pub fn shingles_into(tokens: &[u64], k: usize, out: &mut Vec<ShingleHash>) {
    out.clear();
    if tokens.is_empty() {
        return;
    }
    let width = k.min(tokens.len());
    let mut rolling = tokens[..width].iter().fold(0_u64, |hash, &token| hash.wrapping_mul(BASE).wrapping_add(token));
    if width < k {
        out.push(mix(rolling ^ width as u64));
        return;
    }
    let leaving_weight = (0..k).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    out.push(mix(rolling));
    out.extend(tokens.iter().zip(&tokens[k..]).map(|(&leaving, &entering)| {
        rolling = rolling.wrapping_mul(BASE).wrapping_add(entering).wrapping_sub(leaving.wrapping_mul(leaving_weight));
        mix(rolling)
    }));
}

/// The hash of `tokens` as one shingle of so many.
pub fn shingle(tokens: &[u64]) -> ShingleHash {
    mix(tokens.iter().fold(0_u64, |hash, &token| hash.wrapping_mul(BASE).wrapping_add(token)))
}

/// The shingle set of `tokens`, sorted, each once.
#[must_use]
pub fn shingle_set(tokens: &[u64], k: usize) -> Vec<ShingleHash> {
    let mut set = Vec::new();
    shingles_into(tokens, k, &mut set);
    set.sort_unstable();
    set.dedup();
    set
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn short_texts_have_one_shingle_of_all_tokens() {
        assert!(shingle_set(&[], 5).is_empty());
        assert_eq!(shingle_set(&[1, 2], 5).len(), 1);
        assert_ne!(shingle_set(&[1, 2], 5), shingle_set(&[2, 1], 5));
        assert_eq!(shingle_set(&[1, 2, 3, 4, 5], 5).len(), 1);
        assert_eq!(shingle_set(&[7; 40], 5).len(), 1, "one word repeated is one shingle");
    }

    proptest! {
        #[test]
        fn rolling_equals_hashing_each_window(tokens in prop::collection::vec(0..4_u64, 1..40), k in 1..8_usize) {
            let mut all = Vec::new();
            shingles_into(&tokens, k, &mut all);
            prop_assert_eq!(all.len(), tokens.len().saturating_sub(k) + 1);
            for (i, window) in tokens.windows(k).enumerate() {
                prop_assert_eq!(all[i], shingle_set(window, k)[0]);
                prop_assert_eq!(all[i], shingle(window));
                for (j, other) in tokens.windows(k).enumerate() {
                    prop_assert_eq!(window == other, all[i] == all[j]);
                }
            }
        }
    }
}
