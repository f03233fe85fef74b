//! A boundary in a text: no passage reaches over it.
//!
//! Who leaves out a part of a text puts [`BOUNDARY`] in its place, and fills up with [`FILLER`] so that no offset moves. The boundary is one token, which
//! nobody writes; aligners split what they find at it.

use super::fold::Fold;
use super::tokens::Tokens;
use std::ops::Range;
use std::sync::LazyLock;

/// The word: letters that stand together in no language.
pub const BOUNDARY: &str = "ꙮꚙꙮꚙ";
/// A character that is neither white space nor part of a token: a noncharacter, kept free for such uses.
pub const FILLER: char = '\u{FDD0}';

static HASH: LazyLock<u64> = LazyLock::new(|| Tokens::of(BOUNDARY, Fold::None).hashes.first().copied().unwrap_or_default());

/// True if a boundary is among `tokens`.
pub fn has_boundary(tokens: &[u64]) -> bool {
    tokens.contains(&HASH)
}

/// The ranges of `tokens` between boundaries that have at least `least` tokens.
pub fn between_boundaries(tokens: &[u64], range: Range<usize>, least: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = range.start;
    for part in tokens[range].split(|token| *token == *HASH) {
        parts.push(start..start + part.len());
        start += part.len() + 1;
    }
    parts.retain(|part| part.len() >= least);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boundary_is_one_token_and_the_filler_none_under_every_fold() {
        for fold in [Fold::Full, Fold::Light, Fold::None] {
            let text = format!("one{FILLER}{BOUNDARY}{FILLER}{FILLER}\n{FILLER}two");
            let hashes = Tokens::of(&text, fold).hashes;
            assert_eq!(hashes.len(), 3, "{fold:?}");
            assert!(hashes[1] == *HASH && !has_boundary(&hashes[..1]) && !has_boundary(&hashes[2..]), "{fold:?}");
            assert_eq!(between_boundaries(&hashes, 0..3, 1), [0..1, 2..3]);
        }
        assert!(!FILLER.is_whitespace());
    }

    #[test]
    fn parts_have_the_least_length() {
        let tokens = [1, *HASH, 2, 3, *HASH, *HASH, 4];
        assert_eq!(between_boundaries(&tokens, 0..7, 1), [0..1, 2..4, 6..7]);
        assert_eq!(between_boundaries(&tokens, 0..7, 2), vec![2..4]);
        assert_eq!(between_boundaries(&tokens, 3..7, 0), [3..4, 5..5, 6..7]);
    }
}
