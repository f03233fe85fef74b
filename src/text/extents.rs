//! How long tokens are and how far apart, in code points: two bytes a token.
//!
//! In: a text and where its tokens stand in bytes. Out: for each token the code points between it and the one before, and its own; from them
//! where any token stands. A text in which a token is too long, too far from the last, or in one
//! character with it, is not told.

use super::tokens::ByteSpan;

/// Code points between a token and the one before it, and of the token itself, which are not 0.
pub(crate) type Extent = [u8; 2];

/// Stands for the first token of a text that is not told.
const UNTOLD: Extent = [0, 0];

/// Bytes that are counted at a time.
const WORD: usize = 8;

/// Appends to `out` the extents of the tokens of `text`, which stand at `spans`. Linear.
#[expect(clippy::cast_possible_truncation, reason = "checked, all together")]
pub(crate) fn append_extents(text: &str, spans: &[ByteSpan], out: &mut Vec<Extent>) {
    let (text, first) = (text.as_bytes(), out.len());
    let (mut last, mut most) = (0, 0);
    out.extend(spans.iter().map(|span| {
        let (start, end) = (span.start as usize, span.end as usize);
        // A character that is two tokens is not told.
        let gap = if start < last { usize::MAX } else { chars_between::<1>(text, last, start) };
        let length = chars_between::<3>(text, start, end);
        (last, most) = (end, most | gap | length);
        [gap as u8, length as u8]
    }));
    if most > usize::from(u8::MAX) {
        out[first] = UNTOLD;
    }
}

/// Code points between two bytes of `text`: most often they lie within `WORDS` words, and no branch asks how much of them.
#[inline(always)]
fn chars_between<const WORDS: usize>(text: &[u8], start: usize, end: usize) -> usize {
    let length = end - start;
    let near = text.get(start..start + WORDS * WORD).filter(|_| length <= WORDS * WORD);
    let Some(near) = near else { return text[start..end].iter().filter(|&&byte| byte & 0xC0 != 0x80).count() };
    let words = near.as_chunks::<WORD>().0.iter().map(|word| u64::from_le_bytes(*word));
    let inside = |at: usize| length.saturating_sub(at * WORD);
    let kept = |word: u64, bytes: usize| if bytes < WORD { word & !(u64::MAX << (8 * bytes)) } else { word };
    length - words.enumerate().map(|(at, word)| continued(kept(word, inside(at)))).sum::<usize>()
}

/// How many bytes of a word go on with a character that began before.
#[inline(always)]
fn continued(word: u64) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    ((word >> 7 & !(word >> 6) & ONES).wrapping_mul(ONES) >> 56) as usize
}

/// For each of `tokens`, in ascending order, where it starts and where the one before it ends, in code points, by the extents of all; 0 for what is
/// not there. None if the text is not told.
pub(crate) fn edges_by_extents(extents: &[Extent], tokens: &[u32]) -> Option<Vec<[u32; 2]>> {
    if extents.first() == Some(&UNTOLD) {
        return None;
    }
    let (mut end, mut next) = (0, 0);
    let edges = tokens.iter().map(|&token| {
        let token = token as usize;
        end += extents[next..token].iter().map(|&[gap, length]| u32::from(gap) + u32::from(length)).sum::<u32>();
        next = token;
        [extents.get(token).map_or(0, |&[gap, _]| end + u32::from(gap)), end]
    });
    Some(edges.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Fold, Tokens};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn tokens_stand_where_their_spans_say(texts in prop::collection::vec("([a-cé ب☃𝄞]|[ -~]|[ء-ي]|[½㎏]){0,60}", 1..4)) {
            let mut extents = Vec::new();
            for text in texts {
                let tokens = Tokens::of(&text, Fold::Full);
                let start = extents.len();
                append_extents(&text, &tokens.spans, &mut extents);
                let chars = |byte: u32| u32::try_from(text[..byte as usize].chars().count()).unwrap();
                let edges: Vec<u32> = (0..=u32::try_from(tokens.len()).unwrap()).collect();
                let overlap = tokens.spans.windows(2).any(|pair| pair[1].start < pair[0].end);
                let Some(found) = edges_by_extents(&extents[start..], &edges) else {
                    prop_assert!(overlap);
                    continue;
                };
                for (at, edge) in found.into_iter().enumerate() {
                    let starts = tokens.spans.get(at).map_or(0, |span| chars(span.start));
                    let ended = at.checked_sub(1).map_or(0, |at| chars(tokens.spans[at].end));
                    prop_assert_eq!(edge, [starts, ended]);
                }
                let few: Vec<u32> = edges.into_iter().step_by(3).collect();
                prop_assert!(edges_by_extents(&extents[start..], &few).is_some());
            }
        }
    }

    #[test]
    fn a_text_with_a_long_token_is_not_told() {
        for (text, is_told) in
            [("a ".repeat(300), true), (format!("one {} two", "x".repeat(255)), true), (format!("one {} two", "x".repeat(256)), false)]
        {
            let tokens = Tokens::of(&text, Fold::Full);
            let mut extents = Vec::new();
            append_extents(&text, &tokens.spans, &mut extents);
            assert_eq!(extents.len(), tokens.len());
            assert_eq!(edges_by_extents(&extents, &[1]).is_some(), is_told, "{}", text.len());
        }
        assert_eq!(edges_by_extents(&[], &[0]), Some(vec![[0, 0]]));
    }
}
