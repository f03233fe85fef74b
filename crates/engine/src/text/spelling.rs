//! Tokens as they are written: two tokens that are equal after normalisation may be spelled differently.
//!
//! In: a text and the spans of its tokens. Out: for each token the span with the marks that follow it, and a hash of its bytes, its spelling.

use super::fold::{Fold, Kind, Table};
use super::hash::{WORD_BYTES, token_hash};
use super::tokens::ByteSpan;

/// Token `at` of those at `spans` as it is written: with the combining marks and tatweel that follow it, which the full fold drops.
#[inline(always)]
pub fn written(text: &str, spans: &[ByteSpan], at: usize) -> ByteSpan {
    let ByteSpan { start, end } = spans[at];
    let limit = spans.get(at + 1).map_or(text.len(), |next| next.start as usize);
    match text.as_bytes().get(end as usize) {
        Some(0x80..) if (end as usize) < limit => ByteSpan { start, end: end + marks(&text[end as usize..limit]) },
        _ => ByteSpan { start, end },
    }
}

/// The spelling of each token at `spans`: tokens with equal bytes, the marks that follow them included, have equal spellings, on every machine.
pub fn spellings<'t>(text: &'t str, spans: &'t [ByteSpan]) -> impl Iterator<Item = u32> + 't {
    (0..spans.len()).map(|at| spelling(text, written(text, spans, at)))
}

/// The upper half of the hash of a token as it is written.
#[inline(always)]
pub(super) fn spelling(text: &str, span: ByteSpan) -> u32 {
    let (text, span) = (text.as_bytes(), span.range());
    let hash = if span.start + WORD_BYTES <= text.len() || span.len() > WORD_BYTES {
        token_hash(text, span.start, span.end)
    } else {
        let mut word = [0; WORD_BYTES];
        word[..span.len()].copy_from_slice(&text[span.clone()]);
        token_hash(&word, 0, span.len())
    };
    (hash >> 32) as u32
}

/// Bytes of the marks that `text` begins with.
#[inline(never)]
#[expect(clippy::cast_possible_truncation, reason = "texts of 4 GiB and more are refused where they are read")]
fn marks(text: &str) -> u32 {
    let table = Table::of(Fold::Full);
    let is_mark = |c: char| table.entry(c).kind() == Kind::Drop && !is_format(c);
    text.chars().take_while(|&c| is_mark(c)).map(|c| c.len_utf8() as u32).sum()
}

/// True for dropped characters that are not displayed: those of general category Cf, variation selectors and fillers.
fn is_format(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}' | '\u{890}'..='\u{891}' | '\u{8E2}' | '\u{115F}'..='\u{1160}'
        | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FDD0}'..='\u{FDEF}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{110BD}' | '\u{110CD}' | '\u{13430}'..='\u{1343F}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Tokens;
    use proptest::prelude::*;

    fn written_in(text: &str) -> Vec<&str> {
        let spans = Tokens::of(text, Fold::Full).spans;
        (0..spans.len()).map(|at| &text[written(text, &spans, at).range()]).collect()
    }

    #[test]
    fn marks_and_tatweel_belong_to_the_token_that_they_follow() {
        assert_eq!(
            written_in("كتاباً قرأتُ، بيـت بـ e\u{301}te\u{301} x\u{200f} end"),
            ["كتاباً", "قرأتُ", "بيـت", "بـ", "e\u{301}te\u{301}", "x", "end"]
        );
        // A fraction is two tokens of one character.
        assert_eq!(written_in("½\u{64b} \u{640}ab"), ["½", "½\u{64b}", "ab"]);
        assert_eq!(written_in("東\u{64b}京"), ["東\u{64b}", "京"]);
    }

    proptest! {
        #[test]
        fn spellings_are_equal_where_the_bytes_are(text in "([a-cA-C]{1,2}|[اأآإىيةه]{1,12}|[\u{64b}\u{640}é½㎏\u{301}\u{200f}]| |،|xyzxyzxyzxyzxyzxyz){0,40}") {
            let spans = Tokens::of(&text, Fold::Full).spans;
            let tokens = written_in(&text);
            let spellings: Vec<u32> = spellings(&text, &spans).collect();
            for (at, (token, spelling)) in tokens.iter().zip(&spellings).enumerate() {
                for (other, other_spelling) in tokens[..at].iter().zip(&spellings) {
                    prop_assert_eq!(token == other, spelling == other_spelling, "{} {}", token, other);
                }
            }
        }
    }
}
