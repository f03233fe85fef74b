//! Tokens: maximal runs of letters, numbers and marks after folding; a letter of a script without spaces stands alone.
//!
//! In: a text. Out: for each token its folded form, in NFC, and its byte span in the text. One pass over the bytes; text of
//! one- and two-byte UTF-8 takes a short loop over [`Low`], everything else goes through [`Entry`].

use super::chunk::Chunk;
use super::fold::{Entry, Fold, Kind, Low, Table};
use super::line_end::rest_of_word;
use super::vector::VectorUnit;
use super::weight::{Weight, words_in};
use crate::simd::Simd;
use icu_normalizer::ComposingNormalizerBorrowed;
use std::ops::Range;

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

/// The tokens of one text: a 64-bit hash of the folded token and a byte span each; two vectors of one length.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    /// Hash of each folded token: equal tokens have equal hashes, on every machine.
    pub hashes: Vec<u64>,
    /// Where each token stands.
    pub spans: Vec<ByteSpan>,
    /// Some token counts as less than a word.
    has_parts_of_words: bool,
}

impl Tokens {
    /// The tokens of `text`. Whoever reads many texts keeps a [`Tokenizer`].
    #[must_use]
    pub fn of(text: &str, fold: Fold) -> Self {
        let mut tokens = Self::default();
        Tokenizer::new(fold, Simd::Auto).read(text, &mut tokens);
        tokens
    }

    /// Number of tokens.
    #[must_use]
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Number of words that the tokens of `range` make, rounded down: see [`words_in`].
    pub fn words(&self, range: Range<usize>) -> usize {
        if self.has_parts_of_words { words_in(&self.hashes[range]) } else { range.len() }
    }

    /// True if the text has no token.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }
}

/// Folds and tokenises texts; holds the scratch space for it.
#[derive(Clone)]
pub struct Tokenizer {
    table: &'static Table,
    chunk: Chunk,
    unit: Option<VectorUnit>,
    /// The open token began with a character of a script without spaces.
    stands_alone: bool,
    /// The open token holds characters that may compose or change order.
    denormal: bool,
    after_combining: bool,
}

/// A text from which on room for its tokens is reserved before they are known.
const LONG_TEXT_BYTES: usize = 1 << 20;
/// Bytes of a token and the blank behind it, at least, in most texts. Memory that is reserved and not used costs nothing.
const BYTES_OF_A_TOKEN: usize = 4;

impl Tokenizer {
    /// A tokeniser for `fold`; `simd` changes its speed alone.
    #[must_use]
    pub fn new(fold: Fold, simd: Simd) -> Self {
        let table = Table::of(fold);
        Self {
            table,
            chunk: Chunk::new(),
            // Signs are tokens there, which the unit does not know.
            unit: if fold == Fold::None { None } else { VectorUnit::find(simd, table) },
            stands_alone: false,
            denormal: false,
            after_combining: false,
        }
    }

    /// Replaces the contents of `tokens` by the tokens of `text`; keeps the memory. Time linear in the text.
    ///
    /// # Panics
    /// If `text` is 4 GiB or longer: sources refuse such records.
    pub fn read(&mut self, text: &str, tokens: &mut Tokens) {
        tokens.hashes.clear();
        tokens.spans.clear();
        tokens.has_parts_of_words = false;
        if text.len() >= LONG_TEXT_BYTES {
            // Growing lists of this size would copy them again and again.
            tokens.hashes.reserve(text.len() / BYTES_OF_A_TOKEN);
            tokens.spans.reserve(text.len() / BYTES_OF_A_TOKEN);
        }
        self.scan(text, |chunk| tokens.has_parts_of_words |= chunk.hash_into(&mut tokens.hashes, &mut tokens.spans));
    }

    /// Calls `visit` with each token of `text`, in order: the token after folding, UTF-8 in NFC, never empty, and where it stands, without
    /// dropped characters at its ends. Time linear in the text.
    ///
    /// # Panics
    /// If `text` is 4 GiB or longer: sources refuse such records.
    pub fn for_each(&mut self, text: &str, mut visit: impl FnMut(&[u8], ByteSpan)) {
        self.scan(text, |chunk| chunk.tokens().for_each(|(folded, span)| visit(folded, span)));
    }

    /// Tells `taker` whenever a chunk is full, and at the end.
    fn scan(&mut self, text: &str, mut taker: impl FnMut(&Chunk)) {
        assert!(u32::try_from(text.len()).is_ok(), "texts of 4 GiB and more are refused where they are read");
        let mut at = 0;
        while at < text.len() {
            at = self.blocks(text.as_bytes(), at);
            if self.chunk.is_full() {
                taker(&self.chunk);
                self.chunk.forget_finished();
            } else if at < text.len() {
                at = self.characters(text, at);
            }
        }
        self.close();
        taker(&self.chunk);
        self.chunk.forget_finished();
    }

    /// Takes whole blocks of text, as long as its characters are of the common kind. Returns where the others begin.
    #[inline(always)]
    fn blocks(&mut self, text: &[u8], at: usize) -> usize {
        /// Characters that begin with such bytes are long, or a script's own punctuation.
        const LONG: u8 = 0xE3;
        let plain = !(self.chunk.is_open && (self.stands_alone || self.denormal || self.after_combining));
        let Some(unit) = self.unit.as_mut().filter(|_| plain && text[at] < LONG) else { return at };
        let next = unit.fold(text, at, &mut self.chunk);
        if next > at {
            (self.stands_alone, self.denormal, self.after_combining) = (false, false, false);
        }
        next
    }

    /// Takes the character at `at`, and letters that follow it. Returns where they end.
    #[inline(always)]
    fn characters(&mut self, text: &str, at: usize) -> usize {
        let (low, width) = self.table.low_at(text.as_bytes(), at);
        match low {
            Low::BREAK => self.close(),
            Low::DROP => {}
            Low::OTHER => {
                let c = text[at..].chars().next().unwrap_or(' ');
                let end = at + c.len_utf8();
                let entry = self.table.entry(c);
                if matches!(entry.kind(), Kind::Hyphen | Kind::SoftHyphen) {
                    return self.hyphen(text, at, end, entry.kind());
                }
                self.entry(entry, at, end);
                return end;
            }
            _ => return self.letters(text.as_bytes(), at),
        }
        at + width
    }

    /// Takes letters that need no look at their neighbours, and what is dropped among them, from `at`, where one stands. Returns where
    /// they end.
    #[inline(always)]
    fn letters(&mut self, text: &[u8], at: usize) -> usize {
        if self.stands_alone {
            self.close();
        }
        if !self.chunk.is_open {
            self.chunk.open(at);
        }
        let mut next = at;
        while next < text.len() && !self.chunk.is_full() {
            let (low, width) = self.table.low_at(text, next);
            if let Some(count) = low.letter_bytes() {
                self.chunk.append(low.bytes(), count, next + width);
            } else if low != Low::DROP {
                break;
            }
            next += width;
        }
        self.after_combining = false;
        next
    }

    /// Takes the hyphen at `start..end`, and the line end behind it where it breaks a word. Returns where to go on.
    fn hyphen(&mut self, text: &str, start: usize, end: usize, kind: Kind) -> usize {
        let rest = if self.chunk.is_open { rest_of_word(text, start) } else { None };
        if rest.is_none() && kind == Kind::Hyphen {
            self.close();
        }
        rest.unwrap_or(end)
    }

    /// Takes what the character at `start..end` folds to.
    fn entry(&mut self, entry: Entry, start: usize, end: usize) {
        let (closes, stands_alone) = match entry.kind() {
            Kind::Break | Kind::Hyphen => return self.close(),
            Kind::Drop | Kind::SoftHyphen => return,
            Kind::NonJoiner if self.chunk.is_open && self.chunk.ends_in_arabic() => return self.close(),
            Kind::NonJoiner => return,
            Kind::Several => return entry.several().for_each(|one| self.entry(one, start, end)),
            Kind::Letter => (self.stands_alone, false),
            Kind::NoSpaceLetter => (true, true),
            Kind::Mark => (false, false),
            Kind::NoSpaceMark => (false, true),
            Kind::Symbol => (true, false),
        };
        if closes {
            self.close();
        }
        if !self.chunk.is_open {
            self.chunk.open(start);
            self.stands_alone = stands_alone;
            if stands_alone {
                self.chunk.weigh_open(Weight::of_letter(entry.char()));
            }
        }
        let mut folded = [0; 4];
        let count = entry.char().encode_utf8(&mut folded).len();
        self.chunk.append(folded, count, end);
        let normal = entry.normal();
        self.denormal |= normal == 2 || normal == 1 && self.after_combining;
        self.after_combining = normal != 0;
        if entry.kind() == Kind::Symbol {
            self.close();
        }
    }

    #[inline(always)]
    fn close(&mut self) {
        if self.chunk.is_open && self.denormal {
            self.chunk.replace_open(|folded| ComposingNormalizerBorrowed::new_nfc().normalize_utf8(folded).into_owned().into_bytes());
        }
        self.chunk.is_open = false;
        (self.stands_alone, self.denormal, self.after_combining) = (false, false, false);
    }
}

#[cfg(test)]
mod tests;
