//! Tokens: maximal runs of letters, numbers and marks after folding; a letter of a script without spaces stands alone.
//!
//! In: a text. Out: for each token its folded form, in NFC, and its byte span in the text. One pass over the bytes; text of
//! one- and two-byte UTF-8 takes a short loop over [`Low`], everything else goes through [`Entry`].

use super::fold::{Entry, Fold, Kind, Low, Table};
use icu_normalizer::ComposingNormalizerBorrowed;
use std::ops::Range;
use xxhash_rust::xxh3::xxh3_64;

/// Half-open range of bytes in a document's text. Texts of 4 GiB and more are not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteSpan {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl ByteSpan {
    /// The span as a range to slice the text with.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Takes the tokens of a text in order.
pub trait TokenSink {
    /// `folded`: the token after folding, UTF-8 in NFC, never empty; `span`: where it stands, without dropped characters at its ends.
    fn token(&mut self, folded: &[u8], span: ByteSpan);
}

/// The tokens of one text: a 64-bit hash (XXH3 of the folded token) and a byte span each; two vectors of one length.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    /// XXH3 of each folded token.
    pub hashes: Vec<u64>,
    /// Where each token stands.
    pub spans: Vec<ByteSpan>,
}

impl Tokens {
    /// The tokens of `text`.
    #[must_use]
    pub fn of(text: &str, fold: Fold) -> Self {
        let mut tokens = Self::default();
        tokens.read(text, fold);
        tokens
    }

    /// Replaces the contents by the tokens of `text`; keeps the memory.
    pub fn read(&mut self, text: &str, fold: Fold) {
        self.hashes.clear();
        self.spans.clear();
        for_each_token(text, fold, self);
    }

    /// Number of tokens.
    #[must_use]
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// True if the text has no token.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }
}

impl TokenSink for Tokens {
    #[inline(always)]
    fn token(&mut self, folded: &[u8], span: ByteSpan) {
        self.hashes.push(xxh3_64(folded));
        self.spans.push(span);
    }
}

/// Hands each token of `text` to `sink`, in order. Time linear in the text.
///
/// # Panics
/// If `text` is 4 GiB or longer: sources refuse such records.
pub fn for_each_token(text: &str, fold: Fold, sink: &mut impl TokenSink) {
    assert!(u32::try_from(text.len()).is_ok(), "texts of 4 GiB and more are refused where they are read");
    let mut scanner = Scanner::new(Table::of(fold), sink);
    scanner.text(text);
    scanner.close();
}

/// Room that a folded character needs in the buffer.
const CHAR_BYTES: usize = 4;

struct Scanner<'a, S> {
    table: &'static Table,
    sink: &'a mut S,
    /// The open token's folded bytes are `buffer[..len]`; none is open when `len` is 0.
    buffer: Vec<u8>,
    len: usize,
    span: ByteSpan,
    /// The open token began with a character of a script without spaces.
    stands_alone: bool,
    /// The open token holds characters that may compose or change order.
    denormal: bool,
    after_combining: bool,
}

impl<'a, S: TokenSink> Scanner<'a, S> {
    fn new(table: &'static Table, sink: &'a mut S) -> Self {
        let span = ByteSpan { start: 0, end: 0 };
        Self { table, sink, buffer: vec![0; 64], len: 0, span, stands_alone: false, denormal: false, after_combining: false }
    }

    #[expect(clippy::cast_possible_truncation, reason = "the text is shorter than 4 GiB")]
    fn text(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let (low, width) = self.table.low_at(bytes, at);
            match low {
                Low::BREAK => self.close(),
                Low::DROP => {}
                Low::OTHER => {
                    let c = text[at..].chars().next().unwrap_or(' ');
                    let next = at + c.len_utf8();
                    self.entry(self.table.entry(c), ByteSpan { start: at as u32, end: next as u32 });
                    at = next;
                    continue;
                }
                _ => {
                    at = self.letters(bytes, at);
                    continue;
                }
            }
            at += width;
        }
    }

    /// Takes letters that need no look at their neighbours, and what is dropped among them, from `at`, where one stands. Returns where
    /// they end. Most of the time of a run is spent in this loop.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the text is shorter than 4 GiB")]
    fn letters(&mut self, bytes: &[u8], at: usize) -> usize {
        if self.stands_alone {
            self.close();
        }
        if self.len == 0 {
            self.span.start = at as u32;
        }
        let (mut len, mut next, mut end) = (self.len, at, at);
        while next < bytes.len() {
            let (low, width) = self.table.low_at(bytes, next);
            let Some(count) = low.letter_bytes() else {
                if low != Low::DROP {
                    break;
                }
                next += width;
                continue;
            };
            next += width;
            if len + CHAR_BYTES > self.buffer.len() {
                self.grow();
            }
            self.buffer[len..len + 2].copy_from_slice(&low.bytes());
            len += count;
            end = next;
        }
        self.len = len;
        self.span.end = end as u32;
        self.after_combining = false;
        next
    }

    #[inline(always)]
    fn room(&mut self) {
        if self.len + CHAR_BYTES > self.buffer.len() {
            self.grow();
        }
    }

    #[cold]
    fn grow(&mut self) {
        self.buffer.resize(self.buffer.len() * 2, 0);
    }

    fn entry(&mut self, entry: Entry, span: ByteSpan) {
        match entry.kind() {
            Kind::Break => self.close(),
            Kind::Drop => {}
            Kind::Letter => {
                if self.stands_alone {
                    self.close();
                }
                self.append(entry, span, false);
            }
            Kind::NoSpaceLetter => {
                self.close();
                self.append(entry, span, true);
            }
            Kind::Mark => self.append(entry, span, false),
            Kind::NoSpaceMark => self.append(entry, span, true),
            Kind::Several => entry.several().for_each(|one| self.entry(one, span)),
        }
    }

    fn append(&mut self, entry: Entry, span: ByteSpan, stands_alone: bool) {
        self.room();
        if self.len == 0 {
            self.span.start = span.start;
            self.stands_alone = stands_alone;
        }
        self.len += entry.char().encode_utf8(&mut self.buffer[self.len..]).len();
        self.span.end = span.end;
        let normal = entry.normal();
        self.denormal |= normal == 2 || normal == 1 && self.after_combining;
        self.after_combining = normal != 0;
    }

    #[inline(always)]
    fn close(&mut self) {
        if self.len == 0 {
            return;
        }
        if self.denormal {
            self.close_normalised();
        } else {
            self.sink.token(&self.buffer[..self.len], self.span);
        }
        self.len = 0;
        self.stands_alone = false;
        self.after_combining = false;
    }

    #[cold]
    fn close_normalised(&mut self) {
        let composed = ComposingNormalizerBorrowed::new_nfc().normalize_utf8(&self.buffer[..self.len]);
        self.sink.token(composed.as_bytes(), self.span);
        self.denormal = false;
    }
}

#[cfg(test)]
mod tests;
