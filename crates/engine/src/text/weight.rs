//! How many words tokens make: a letter of a script written without spaces is a token, and less than a word.
//!
//! In: token hashes. Out: a number of words. The weight of a token is in its hash, so that whoever has the tokens can count their words: 24 bits of the
//! hash of a lone letter follow from the other 40. An ordinary word has such a hash once in eight million.

/// What a token counts for that is less than a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Thai, Lao, Khmer, Myanmar: three letters make a word.
    Third,
    /// Han, Hiragana, Katakana: three characters make two words.
    TwoThirds,
}

/// Bits of a hash that say whether it has a weight, and which.
const MARK_BITS: u32 = 24;
const MARK: u64 = (1 << MARK_BITS) - 1;
/// Odd, with high entropy.
const FACTOR: u64 = 0xD6E8_FEB8_6659_FD93;

/// The mark that belongs to the upper bits of a hash, for the first weight.
#[inline(always)]
fn mark_of(hash: u64) -> u64 {
    (hash >> MARK_BITS).wrapping_mul(FACTOR) >> (u64::BITS - MARK_BITS)
}

impl Weight {
    /// A word, in the unit of [`Self::thirds`].
    pub const WORD: usize = 3;

    /// That of a letter or mark of a script written without spaces.
    pub fn of_letter(c: char) -> Self {
        let is_alphabet = matches!(c, '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}');
        if is_alphabet { Self::Third } else { Self::TwoThirds }
    }

    /// Of a token, by its hash; None for one that counts as a word.
    #[inline(always)]
    fn of_hash(hash: u64) -> Option<Self> {
        match (hash ^ mark_of(hash)) & MARK {
            0 => Some(Self::Third),
            1 => Some(Self::TwoThirds),
            _ => None,
        }
    }

    /// The hash of a token with this weight.
    pub(super) fn mark(self, hash: u64) -> u64 {
        hash & !MARK | mark_of(hash) ^ u64::from(self == Self::TwoThirds)
    }

    /// In thirds of a word.
    #[inline(always)]
    pub fn thirds(self) -> usize {
        if self == Self::Third { 1 } else { 2 }
    }
}

/// What `tokens` count for, in thirds of a word.
fn thirds(tokens: &[u64]) -> usize {
    tokens.iter().map(|&hash| Weight::of_hash(hash).map_or(Weight::WORD, Weight::thirds)).sum()
}

/// Number of words that `tokens` make, rounded down: a token is a word, three letters of Thai, Lao, Khmer or Myanmar are one, three characters of
/// Han, Hiragana or Katakana are two.
pub fn words_in(tokens: &[u64]) -> usize {
    thirds(tokens) / Weight::WORD
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Fold, Tokens};

    fn words(text: &str) -> usize {
        let tokens = Tokens::of(text, Fold::Full);
        assert_eq!(tokens.words(0..tokens.len()), words_in(&tokens.hashes), "{text}");
        words_in(&tokens.hashes)
    }

    #[test]
    fn letters_of_scripts_without_spaces_are_parts_of_words() {
        assert_eq!(words("five words and 10 numbers"), 5);
        assert_eq!(words("ประเทศไทย"), 3, "nine letters");
        assert_eq!(words("ที่นี่ดี"), 1, "vowels and tones above belong to their letter");
        assert_eq!(words("ປະເທດລາວ ភាសាខ្មែរ မြန်မာစာ"), (8 + 5 + 4) / 3);
        assert_eq!(words("中华人民共和国"), 4);
        assert_eq!(words("カタカナひらがな"), 5);
        assert_eq!(words("3 กขค words 中文字"), 1 + 1 + 1 + 2);
    }

    /// Letters keep distinct hashes, in both halves.
    #[test]
    fn marked_hashes_differ() {
        let han: String = ('\u{4E00}'..'\u{9FFF}').chain('\u{3400}'..'\u{4DBF}').collect();
        let mut hashes = Tokens::of(&han, Fold::Full).hashes;
        assert!(hashes.iter().all(|&hash| Weight::of_hash(hash) == Some(Weight::TwoThirds)));
        let count = hashes.len();
        let mut low: Vec<u32> = hashes.iter().map(|&hash| u32::try_from(hash & 0xFFFF_FFFF).unwrap()).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), count);
        low.sort_unstable();
        low.dedup();
        assert!(low.len() > count - 4);
    }

    #[test]
    fn ordinary_words_have_no_mark() {
        let text: String = (0..100_000).map(|n| format!("w{n} ")).collect();
        assert_eq!(words(&text), 100_000);
    }

    /// The weight of a token does not get lost where a chunk ends.
    #[test]
    fn every_letter_of_a_long_text_has_its_weight() {
        let text = "กข word 中文, ".repeat(5_000);
        assert_eq!(words(&text), (2 + 3 + 4) * 5_000 / 3);
    }
}
