//! What a finding is known by again: its tokens, whatever they are called and wherever they stand.

use crate::text::{Fold, Tokens, mix, shingle_set};

/// Marks of a repetition that a baseline keeps.
pub(super) const KEPT: usize = 8;
/// Marks by which it is looked for: where the lines of a text are broken elsewhere, a copy may begin or end a few words earlier or later, and a few
/// marks stay.
pub(super) const ASKED: usize = 3;
/// Tokens of a mark.
const SHINGLE: usize = 5;

/// The least hashes of runs of tokens of a stretch of text, ascending.
pub(super) fn marks(text: &str, fold: Fold) -> Vec<u64> {
    let mut set = shingle_set(&Tokens::of(text, fold).hashes, SHINGLE);
    set.truncate(KEPT);
    set
}

/// The key of a mark that stands in an article for the `nth` time: a third copy is another finding than a second.
pub(super) fn key_of_mark(mark: u64, nth: usize) -> u64 {
    mix(mark ^ mix(nth as u64))
}

/// The key of a pair of contents, whichever comes first; of identical articles the `nth` copy.
pub(super) fn key_of_pair(a: [u64; 2], b: [u64; 2], nth: usize) -> u64 {
    let (low, high) = if a <= b { (a, b) } else { (b, a) };
    [low[0], low[1], high[0], high[1], nth as u64].into_iter().fold(0x7061_6972, |key, part| mix(key ^ part).rotate_left(7))
}

/// As it is told: sixteen hexadecimal digits.
pub(super) fn told(key: u64) -> String {
    format!("{key:016x}")
}
