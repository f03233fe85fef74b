//! Folded tokens on their way: where the tokeniser writes them, a few thousand at a time.
//!
//! The tokens' bytes stand one after another without anything between, so that a token ends where the next begins; the last may still be
//! open.

use super::hash::{WORD_BYTES, token_hash};
use super::tokens::ByteSpan;
use super::weight::Weight;

/// Bytes of a chunk: it stays in the first-level cache.
const BYTES: usize = 16 << 10;
/// Tokens of a chunk.
const TOKENS: usize = 4 << 10;
/// Most bytes of a block of text, and so most that it folds to and twice the most tokens that begin in it.
pub(super) const BLOCK: usize = 64;

/// Tokens that were folded, and the one that is open.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    /// Folded tokens, then free space: always a block of it, and what a hash reads too far.
    bytes: Vec<u8>,
    used: usize,
    /// Where each token begins in `bytes`; the last is the open one, if one is open. Room for a block's.
    starts: Vec<u32>,
    spans: Vec<ByteSpan>,
    count: usize,
    /// Tokens that count as less than a word, in order.
    weights: Vec<(usize, Weight)>,
    /// The last token may go on.
    pub(super) is_open: bool,
}

impl Chunk {
    pub(super) fn new() -> Self {
        let nowhere = ByteSpan { start: 0, end: 0 };
        Self {
            bytes: vec![0; BYTES + BLOCK + WORD_BYTES],
            used: 0,
            starts: vec![0; TOKENS + BLOCK],
            spans: vec![nowhere; TOKENS + BLOCK],
            count: 0,
            weights: Vec::new(),
            is_open: false,
        }
    }

    /// True if it should be emptied before more comes.
    #[inline(always)]
    pub(super) fn is_full(&self) -> bool {
        self.used + 2 * BLOCK + WORD_BYTES > self.bytes.len() || self.count + BLOCK > self.starts.len()
    }

    /// Opens a token that begins at byte `start` of the text.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the text is shorter than 4 GiB, a chunk shorter than its text")]
    pub(super) fn open(&mut self, start: usize) {
        self.starts[self.count] = self.used as u32;
        self.spans[self.count].start = start as u32;
        self.count += 1;
        self.is_open = true;
    }

    /// Gives the open token a weight other than that of a word.
    #[inline(always)]
    pub(super) fn weigh_open(&mut self, weight: Weight) {
        self.weights.push((self.count - 1, weight));
    }

    /// True if the last letter of the open token is Arabic.
    pub(super) fn ends_in_arabic(&self) -> bool {
        matches!(self.bytes[..self.used], [.., 0xD8..=0xDB, _] | [.., 0xDD, 0x90..=0xBF] | [.., 0xE0, 0xA2..=0xA3, _])
    }

    /// Adds the first `count` of `folded`, which stood before byte `end` of the text, to the open token.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the text is shorter than 4 GiB")]
    pub(super) fn append<const N: usize>(&mut self, folded: [u8; N], count: usize, end: usize) {
        self.bytes[self.used..self.used + N].copy_from_slice(&folded);
        self.used += count;
        self.spans[self.count - 1].end = end as u32;
    }

    /// Where the next folded bytes go. The chunk is not full.
    #[inline(always)]
    pub(super) fn space(&mut self) -> &mut [u8; BLOCK] {
        self.bytes[self.used..].first_chunk_mut().expect("a chunk that is not full has room for a block")
    }

    /// Adds the tokens of a block of text that begins at byte `base`: bit n of `starts` where a token begins, of `letters` where a byte belongs to
    /// one. [`Self::space`] holds
    /// what the bytes in `kept` fold to, in order, and anything behind it.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the text is shorter than 4 GiB, a chunk shorter than its text")]
    pub(super) fn append_block(&mut self, base: usize, mut starts: u64, letters: u64, kept: u64) {
        let end_before = |bit: u64| (base + BLOCK) as u32 - (letters & bit.wrapping_sub(1)).leading_zeros();
        let first = starts & starts.wrapping_neg();
        if letters & first.wrapping_sub(1) != 0 {
            self.spans[self.count - 1].end = end_before(first);
        }
        let tokens = starts.count_ones() as usize;
        let opened = self.starts[self.count..self.count + tokens].iter_mut().zip(&mut self.spans[self.count..self.count + tokens]);
        for (start, span) in opened {
            let at = starts.trailing_zeros();
            *start = self.used as u32 + (kept & ((1 << at) - 1)).count_ones();
            starts &= starts - 1;
            *span = ByteSpan { start: base as u32 + at, end: end_before(starts & starts.wrapping_neg()) };
        }
        self.count += tokens;
        self.used += kept.count_ones() as usize;
    }

    /// The open token's bytes may be replaced by others.
    pub(super) fn replace_open(&mut self, with: impl FnOnce(&[u8]) -> Vec<u8>) {
        let start = self.starts[self.count - 1] as usize;
        let new = with(&self.bytes[start..self.used]);
        self.used = start + new.len();
        self.make_room();
        self.bytes[start..self.used].copy_from_slice(&new);
    }

    /// How many tokens are finished.
    fn finished(&self) -> usize {
        self.count - usize::from(self.is_open)
    }

    /// Where a token stands in `bytes`.
    #[inline(always)]
    fn ends(&self, token: usize) -> (usize, usize) {
        let end = if token + 1 < self.count { self.starts[token + 1] as usize } else { self.used };
        (self.starts[token] as usize, end)
    }

    /// The finished tokens, each with its span.
    pub(super) fn tokens(&self) -> impl Iterator<Item = (&[u8], ByteSpan)> {
        (0..self.finished()).map(|token| {
            let (start, end) = self.ends(token);
            (&self.bytes[start..end], self.spans[token])
        })
    }

    /// Appends hashes and spans of the finished tokens. True if one counts as less than a word.
    pub(super) fn hash_into(&self, hashes: &mut Vec<u64>, spans: &mut Vec<ByteSpan>) -> bool {
        let finished = self.finished();
        let Some(last) = finished.checked_sub(1) else { return false };
        let first = hashes.len();
        let bounds = self.starts[..last].iter().zip(&self.starts[1..=last]);
        hashes.extend(bounds.map(|(&start, &end)| token_hash(&self.bytes, start as usize, end as usize)));
        let (start, end) = self.ends(last);
        hashes.push(token_hash(&self.bytes, start, end));
        spans.extend_from_slice(&self.spans[..finished]);
        let weights = self.weights.iter().filter(|(token, _)| *token < finished);
        weights.map(|&(token, weight)| hashes[first + token] = weight.mark(hashes[first + token])).count() > 0
    }

    /// Forgets the finished tokens.
    pub(super) fn forget_finished(&mut self) {
        if self.is_open {
            let last = self.count - 1;
            self.weights.retain_mut(|(token, _)| std::mem::take(token) == last);
            let start = self.starts[last] as usize;
            self.bytes.copy_within(start..self.used, 0);
            self.used -= start;
            self.starts[0] = 0;
            self.spans[0] = self.spans[last];
            self.count = 1;
            self.make_room();
        } else {
            (self.used, self.count) = (0, 0);
            self.weights.clear();
        }
    }

    /// Grows until an open token longer than a chunk has room to go on.
    fn make_room(&mut self) {
        if self.is_full() {
            self.bytes.resize((self.used + 2 * BLOCK + WORD_BYTES) * 2, 0);
        }
    }
}
