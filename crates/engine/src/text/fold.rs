//! What is equal for matching: the fold of a character, looked up in a table.
//!
//! In: a code point. Out: an entry, its folded character with its class, or a list of such entries. The table is generated
//! (`examples/fold_table.rs`); here it is unpacked once a process into an array indexed by block and code point.

use super::fold_table::{FULL, LIGHT, NONE, POOL};
use super::vector::Pages;
use std::sync::OnceLock;

/// What is equal for matching.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fold {
    /// NFKC and case folding. Accents, Arabic harakat, tatweel and format characters are dropped. Letters that differ by a stroke, a hook or a dot
    /// become the plain letter (ł to l, ı to i), ligatures two letters (æ to ae). Arabic letters that writers exchange become one (أ إ آ ٱ to ا,
    /// ى ی to ي, ة ہ ھ ە to ه, ک to ك, ؤ to و, ئ to ي). Digits become ASCII.
    #[default]
    Full,
    /// NFKC and case folding. Tatweel and format characters are dropped.
    Light,
    /// Characters as they are. Every sign that is not white space is a token.
    None,
}

/// How a folded character takes part in tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Ends a token: punctuation, symbols, space.
    Break,
    /// Is not there at all: neither part of a token nor the end of one.
    Drop,
    /// A letter or number.
    Letter,
    /// A letter of a script written without spaces: a token by itself.
    NoSpaceLetter,
    /// A combining mark: joins the open token.
    Mark,
    /// A combining mark of a script written without spaces.
    NoSpaceMark,
    /// Folds to several characters.
    Several,
    /// A sign that is a token by itself: with [`Fold::None`] everything but letters, numbers, marks and white space.
    Symbol,
    /// Zero-width non-joiner: ends a token of Arabic script, where writers use it or a space; dropped elsewhere.
    NonJoiner,
    /// Ends a token, unless it breaks a word at the end of a line.
    Hyphen,
    /// Dropped, and at the end of a line the line end with it.
    SoftHyphen,
}

const CLASS_SHIFT: u32 = 21;
const POINT_MASK: u32 = (1 << CLASS_SHIFT) - 1;
/// Two-byte UTF-8 ends here.
pub(super) const LOW_POINTS: usize = 0x800;

const KIND_BITS: u32 = 4;

/// A folded character with its class: kind in four bits, how it may normalise in two, the code point in 21.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry(u32);

impl Entry {
    pub(super) const BREAK: Self = Self(0);

    pub(super) fn kind(self) -> Kind {
        match self.0 >> CLASS_SHIFT & 15 {
            0 => Kind::Break,
            1 => Kind::Drop,
            2 => Kind::Letter,
            3 => Kind::NoSpaceLetter,
            4 => Kind::Mark,
            5 => Kind::NoSpaceMark,
            6 => Kind::Several,
            7 => Kind::Symbol,
            8 => Kind::NonJoiner,
            9 => Kind::Hyphen,
            _ => Kind::SoftHyphen,
        }
    }

    /// 0: inert; 1: has a combining class, so that its order may matter; 2: may compose with what stands before it.
    pub(super) fn normal(self) -> u32 {
        self.0 >> (CLASS_SHIFT + KIND_BITS)
    }

    /// The folded character.
    pub(super) fn char(self) -> char {
        char::from_u32(self.0 & POINT_MASK).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// The characters that a [`Kind::Several`] stands for.
    pub(super) fn several(self) -> impl Iterator<Item = Self> {
        let at = self.0 & POINT_MASK;
        let (from, count) = ((at >> 5) as usize, (at & 31) as usize);
        POOL[from..from + count].iter().map(|&entry| Self(entry))
    }
}

/// A code point below 0x800 in the form that the tokeniser's inner loop wants: the folded UTF-8 bytes in the lower half, above them
/// their number, 1 or 2, or one of the constants.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Low(u32);

impl Low {
    /// Ends a token.
    pub(super) const BREAK: Self = Self(0);
    /// Is not there at all.
    pub(super) const DROP: Self = Self(3 << 16);
    /// Look into the table of entries.
    pub(super) const OTHER: Self = Self(4 << 16);

    fn letter(c: char) -> Self {
        let mut bytes = [0; 2];
        let count = if c.encode_utf8(&mut bytes).len() == 1 { 1 << 16 } else { 2 << 16 };
        Self(u32::from(u16::from_le_bytes(bytes)) | count)
    }

    /// The folded bytes, the second 0 if there is one.
    #[inline(always)]
    pub(super) fn bytes(self) -> [u8; 2] {
        let [first, second, ..] = self.0.to_le_bytes();
        [first, second]
    }

    /// Number of folded bytes, if this is a letter.
    #[inline(always)]
    pub(super) fn letter_bytes(self) -> Option<usize> {
        let count = self.0 >> 16;
        matches!(count, 1 | 2).then_some(count as usize)
    }
}

/// The table of one fold.
pub(super) struct Table {
    pub(super) low: [Low; LOW_POINTS],
    pub(super) pages: Pages,
    blocks: Vec<u16>,
    entries: Vec<u32>,
}

const BLOCK: usize = 256;

impl Table {
    /// The table of `fold`, built at first use (about a millisecond).
    pub(super) fn of(fold: Fold) -> &'static Self {
        static TABLES: [OnceLock<Table>; 3] = [OnceLock::new(), OnceLock::new(), OnceLock::new()];
        let (at, runs) = match fold {
            Fold::Full => (0, FULL),
            Fold::Light => (1, LIGHT),
            Fold::None => (2, NONE),
        };
        TABLES[at].get_or_init(|| Self::build(runs))
    }

    fn build(runs: &[(u32, u32, u8, i32)]) -> Self {
        let mut table = Self {
            low: [Low::BREAK; LOW_POINTS],
            pages: Pages::EMPTY,
            blocks: vec![0; 0x11_0000 / BLOCK],
            entries: vec![0; BLOCK], // block 0: all breaks
        };
        for &(first, last, class, to) in runs {
            for point in first..=last {
                let several = u32::from(class) & 15 == 6;
                let folded = if several { to.unsigned_abs() } else { point.wrapping_add_signed(to) };
                table.set(point, u32::from(class) << CLASS_SHIFT | folded);
            }
        }
        for point in 0..LOW_POINTS {
            table.low[point] = table.low_of(point);
        }
        table.pages = Pages::of(&table);
        table
    }

    fn set(&mut self, point: u32, entry: u32) {
        let block = &mut self.blocks[point as usize / BLOCK];
        if *block == 0 {
            *block = u16::try_from(self.entries.len() / BLOCK).expect("at most 4,352 blocks");
            self.entries.resize(self.entries.len() + BLOCK, 0);
        }
        self.entries[usize::from(*block) * BLOCK + point as usize % BLOCK] = entry;
    }

    /// What the code point `point` is in the tokeniser's inner loop.
    pub(super) fn low_of(&self, point: usize) -> Low {
        let entry = char::from_u32(u32::try_from(point).unwrap_or(0)).map_or(Entry::BREAK, |c| self.entry(c));
        match entry.kind() {
            Kind::Break => Low::BREAK,
            Kind::Drop => Low::DROP,
            Kind::Letter if entry.normal() == 0 && (entry.char() as usize) < LOW_POINTS => Low::letter(entry.char()),
            _ => Low::OTHER,
        }
    }

    /// What the character at `at` is, and its bytes; [`Low::OTHER`] if it has more than two.
    #[inline(always)]
    pub(super) fn low_at(&self, text: &[u8], at: usize) -> (Low, usize) {
        let first = text[at];
        if first < 0x80 {
            return (self.low[usize::from(first)], 1);
        }
        match text.get(at + 1) {
            Some(&second) if first < 0xE0 => (self.low[usize::from(first & 0x1F) << 6 | usize::from(second & 0x3F)], 2),
            _ => (Low::OTHER, 3),
        }
    }

    /// What `c` folds to.
    pub(super) fn entry(&self, c: char) -> Entry {
        let point = c as usize;
        Entry(self.entries[usize::from(self.blocks[point / BLOCK]) * BLOCK + point % BLOCK])
    }
}

#[cfg(test)]
mod tests;
