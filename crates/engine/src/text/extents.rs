//! How long tokens are and how far apart, how they are spelled, and which bytes of a text begin no character: little over seven bytes a token.
//!
//! In: a text and where its tokens stand in bytes. Out: for each token, as it is written, its spelling, the bytes between it and the one before, and its
//! own; from them where any token stands, in code points. A text in which a token is too long, too far from the last, or in one
//! character with it, is not told.

use super::spelling::{spelling, written};
use super::tokens::ByteSpan;
use std::ops::Range;

/// Bytes between a token and the one before it, and of the token itself, which are not 0.
pub(crate) type Extent = [u8; 2];

/// Stands for the first token of a text that is not told.
const UNTOLD: Extent = [0, 0];

/// Bytes of a text for which there is one of `continued`.
const BLOCK: usize = 8;

/// Where the tokens of many texts stand.
#[derive(Debug, Default)]
pub(crate) struct Extents {
    /// Of each token, text by text.
    pub(crate) tokens: Vec<Extent>,
    /// Of each token, as [`super::spellings`] has it.
    pub(crate) spellings: Vec<u32>,
    /// A bit for each byte of a text: whether it goes on with a character that began before. Each text begins with a byte of its own.
    pub(crate) continued: Vec<u8>,
}

impl Extents {
    /// With room for so many tokens, and for texts that have twelve bytes for each.
    pub(crate) fn with_room(tokens: usize) -> Self {
        let continued = Vec::with_capacity(tokens + tokens / 2);
        Self { tokens: Vec::with_capacity(tokens), spellings: Vec::with_capacity(tokens), continued }
    }

    /// Gives back the room that is left.
    pub(crate) fn shrink_to_fit(&mut self) {
        self.tokens.shrink_to_fit();
        self.spellings.shrink_to_fit();
        self.continued.shrink_to_fit();
    }

    /// Blocks of a text, of which `tokens` are the first ones, up to the last of them.
    pub(crate) fn blocks_of(tokens: &[Extent]) -> usize {
        tokens.iter().flatten().map(|&bytes| usize::from(bytes)).sum::<usize>() / BLOCK + 1
    }

    /// Blocks of texts so far: where those of the next text begin.
    pub(crate) fn blocks(&self) -> usize {
        self.continued.len()
    }

    /// Appends the tokens of `text`, which stand at `spans`. Linear.
    #[expect(clippy::cast_possible_truncation, reason = "checked, all together")]
    pub(crate) fn append(&mut self, text: &str, spans: &[ByteSpan]) {
        let first = self.tokens.len();
        let (mut last, mut most) = (0_u32, 0);
        self.spellings.reserve(spans.len());
        let Self { tokens, spellings, .. } = self;
        tokens.extend((0..spans.len()).map(|at| {
            let span = written(text, spans, at);
            // Of a character that is two tokens the second begins before the end of the first: more than any number of bytes.
            let (gap, length) = (span.start.wrapping_sub(last), span.end - span.start);
            (last, most) = (span.end, most | gap | length);
            spellings.push(spelling(text, span));
            [gap as u8, length as u8]
        }));
        if most > u32::from(u8::MAX) {
            self.tokens[first] = UNTOLD;
            return;
        }
        let (blocks, rest) = text.as_bytes()[..last as usize].as_chunks::<BLOCK>();
        self.continued.extend(blocks.iter().map(|block| continued(*block)));
        let mut block = [0; BLOCK];
        block[..rest.len()].copy_from_slice(rest);
        self.continued.push(continued(block));
    }

    /// For each of `edges`, each once and in order, tokens of a text of which these are all, where the token starts and where the one before it ends, in code
    /// points; 0 for what is not there. Its blocks begin at `first_block`. None if the text is not told.
    pub(crate) fn edges(&self, tokens: Range<usize>, first_block: usize, edges: &[u32]) -> Option<Vec<[u32; 2]>> {
        let extents = &self.tokens[tokens];
        if extents.first() == Some(&UNTOLD) {
            return None;
        }
        let mut chars = Chars { continued: self.continued.get(first_block..).unwrap_or_default(), byte: 0, before: 0 };
        let (mut end, mut next) = (0, 0);
        let edges = edges.iter().map(|&token| {
            let token = token as usize;
            end += extents[next..token].iter().map(|&[gap, length]| u32::from(gap) + u32::from(length)).sum::<u32>();
            next = token;
            let ended = chars.up_to(end);
            [extents.get(token).map_or(0, |&[gap, _]| chars.up_to(end + u32::from(gap))), ended]
        });
        Some(edges.collect())
    }
}

/// A bit for each byte, whether it goes on with a character that began before.
#[inline(always)]
fn continued(block: [u8; BLOCK]) -> u8 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    /// Moves the lowest bit of each byte next to those of the others, in the uppermost byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let word = u64::from_le_bytes(block);
    (word >> 7 & !(word >> 6) & ONES).wrapping_mul(GATHER).to_be_bytes()[0]
}

/// Counts code points from byte to byte.
struct Chars<'c> {
    continued: &'c [u8],
    /// Byte of the text that was reached, and how many before it begin no character.
    byte: u32,
    before: u32,
}

impl Chars<'_> {
    /// Code points before `byte`, which is not before the last one asked for.
    fn up_to(&mut self, byte: u32) -> u32 {
        let (first, last) = (self.byte as usize / BLOCK, byte as usize / BLOCK);
        let below = |byte: u32| (1 << (byte as usize % BLOCK)) - 1;
        // What was counted of the first block is taken off again.
        let ones = |block: u8, of: u8| (block & of).count_ones();
        let counted = self.continued.get(first).map_or(0, |&block| ones(block, below(self.byte)));
        let whole = self.continued.get(first..last).unwrap_or_default().iter().map(|block| block.count_ones()).sum::<u32>();
        let rest = self.continued.get(last).map_or(0, |&block| ones(block, below(byte)));
        (self.byte, self.before) = (byte, self.before + whole + rest - counted);
        byte - self.before
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Fold, Tokens};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn tokens_stand_where_their_spans_say(texts in prop::collection::vec("([a-cé ب☃𝄞]|[ -~]|[ء-ي\u{640}\u{64b}-\u{652}]|[½㎏]){0,60}", 1..4)) {
            let mut extents = Extents::default();
            let mut start = 0;
            for text in texts {
                let tokens = Tokens::of(&text, Fold::Full);
                let (blocks, all) = (extents.blocks(), start..start + tokens.len());
                start = all.end;
                extents.append(&text, &tokens.spans);
                let chars = |byte: u32| u32::try_from(text[..byte as usize].chars().count()).unwrap();
                let every: Vec<u32> = (0..=u32::try_from(tokens.len()).unwrap()).collect();
                let spans: Vec<ByteSpan> = (0..tokens.len()).map(|at| written(&text, &tokens.spans, at)).collect();
                let overlap = spans.windows(2).any(|pair| pair[1].start < pair[0].end);
                let spellings: Vec<u32> = crate::text::spellings(&text, &tokens.spans).collect();
                prop_assert_eq!(&extents.spellings[all.clone()], &spellings[..]);
                let Some(found) = extents.edges(all.clone(), blocks, &every) else {
                    prop_assert!(overlap);
                    continue;
                };
                for (at, edge) in found.into_iter().enumerate() {
                    let starts = spans.get(at).map_or(0, |span| chars(span.start));
                    let ended = at.checked_sub(1).map_or(0, |at| chars(spans[at].end));
                    prop_assert_eq!(edge, [starts, ended]);
                }
                let few: Vec<u32> = every.iter().copied().step_by(3).collect();
                let third = |edges: Vec<[u32; 2]>| edges.into_iter().step_by(3).collect::<Vec<_>>();
                prop_assert_eq!(extents.edges(all.clone(), blocks, &few), extents.edges(all, blocks, &every).map(third));
            }
        }
    }

    #[test]
    fn a_text_with_a_long_token_is_not_told() {
        let between = |letter: &str, count: usize| format!("one {} two", letter.repeat(count));
        let cases = [
            ("a ".repeat(300), true),
            (between("x", 255), true),
            (between("x", 256), false),
            (between("ب", 127), true),
            (between("ب", 128), false),
            (between(" ", 253), true),
            (between(" ", 254), false),
        ];
        for (text, is_told) in cases {
            let tokens = Tokens::of(&text, Fold::Full);
            let mut extents = Extents::default();
            extents.append(&text, &tokens.spans);
            assert_eq!(extents.edges(0..tokens.len(), 0, &[1]).is_some(), is_told, "{}", text.len());
        }
        assert_eq!(Extents::default().edges(0..0, 0, &[0]), Some(vec![[0, 0]]));
    }
}
