//! Folds text 64 bytes at a time with AVX-512: one- and two-byte characters, and general punctuation.
//!
//! In: a text and where to begin. Out: tokens in a [`Chunk`], the same that the tokeniser's own loop finds, as far as the first character that
//! wants a look at its neighbours, is longer, or stands in another [`Quad`] of the code space. Two-byte characters are looked up by permutations of
//! tables of 128 bytes: a quad is four lead bytes, 256 characters, which hold a script's letters (0xD8 to 0xDB are Arabic).
#![expect(unsafe_code, reason = "a function compiled for instructions that are found at run time, and loads into registers")]

use super::chunk::{BLOCK, Chunk};
use super::fold::{Low, Table};
use crate::simd::Simd;
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m512i, _mm512_and_si512, _mm512_loadu_epi8, _mm512_mask_blend_epi8, _mm512_mask_cmpeq_epi8_mask, _mm512_mask_cmpge_epu8_mask,
    _mm512_mask_cmple_epu8_mask, _mm512_mask_mov_epi8, _mm512_maskz_compress_epi8, _mm512_movepi8_mask, _mm512_permutex2var_epi8,
    _mm512_permutexvar_epi8, _mm512_set1_epi8, _mm512_setzero_si512, _mm512_slli_epi16, _mm512_storeu_epi8, _mm512_ternarylogic_epi64,
    _mm512_test_epi8_mask, _mm512_testn_epi8_mask,
};

/// What a table says of a character that folds to no letter. A folded byte is none of these.
const BREAK: u8 = 0;
const DROP: u8 = 1;
const OTHER: u8 = 2;

const HYPHEN: u8 = b'-';

/// [`BLOCK`], to compute places in a block with.
const BLOCK_BYTES: u8 = 64;

/// Four lead bytes: what each of their 256 characters folds to, in two halves that a permutation can look up.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Quad {
    /// The first of two folded bytes, or 0.
    leads: [[u8; 128]; 2],
    /// The last folded byte, or what else the character is.
    tails: [[u8; 128]; 2],
}

/// The tables of one fold.
#[repr(align(64))]
pub(super) struct Pages {
    ascii: [u8; 128],
    quads: [Quad; 8],
    /// What U+0080 to U+00BF are: `BREAK`, `DROP` or `OTHER`.
    latin: [u8; BLOCK],
    /// What U+2000 to U+203F are.
    punctuation: [u8; BLOCK],
}

impl Pages {
    pub(super) const EMPTY: Self = Self {
        ascii: [BREAK; 128],
        quads: [Quad { leads: [[0; 128]; 2], tails: [[BREAK; 128]; 2] }; 8],
        latin: [BREAK; BLOCK],
        punctuation: [BREAK; BLOCK],
    };

    pub(super) fn of(table: &Table) -> Self {
        let class = |low: Low| {
            if low == Low::BREAK {
                BREAK
            } else if low == Low::DROP {
                DROP
            } else {
                OTHER
            }
        };
        let (lead, tail) = (
            |low: Low| if low.letter_bytes() == Some(2) { low.bytes()[0] } else { 0 },
            |low: Low| low.letter_bytes().map_or_else(|| class(low), |count| low.bytes()[count - 1]),
        );
        let quad = |quad: usize, of: &dyn Fn(Low) -> u8| -> [[u8; 128]; 2] {
            std::array::from_fn(|half| std::array::from_fn(|at| of(table.low[quad * 256 + half * 128 + at])))
        };
        let quads = std::array::from_fn(|number| Quad { leads: quad(number, &lead), tails: quad(number, &tail) });
        Self {
            // Hyphens are few that need a look at the next line: those are found by themselves.
            ascii: std::array::from_fn(|at| if at == usize::from(HYPHEN) { BREAK } else { tail(table.low[at]) }),
            quads,
            latin: std::array::from_fn(|at| class(table.low[0x80 + at])),
            punctuation: std::array::from_fn(|at| class(table.low_of(0x2000 + at))),
        }
    }
}

/// Folds blocks of text on a machine that can look bytes up and compress them, 64 at a time.
#[derive(Clone, Copy)]
pub(super) struct VectorUnit {
    pages: &'static Pages,
    /// Where in the code space two-byte characters were last met: lead byte / 4, less 0x30.
    quad: u8,
}

impl VectorUnit {
    /// None if the machine has none, or `simd` forbids it.
    pub(super) fn find(simd: Simd, table: &'static Table) -> Option<Self> {
        simd.has_byte_permutations().then_some(Self { pages: &table.pages, quad: 0 })
    }

    /// Folds `text` from `at`, the first byte of a character, on into `chunk`, whose open token takes part. Returns where it ended: at the
    /// text's end, at a character that it leaves to others, or where the chunk is full.
    #[inline(always)]
    pub(super) fn fold(&mut self, text: &[u8], at: usize, chunk: &mut Chunk) -> usize {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `find` made this value where all instructions that the function is compiled for were detected.
        let end = unsafe { blocks(self.pages, self.quad, (text, at), chunk) };
        #[cfg(not(target_arch = "x86_64"))]
        let end = at;
        if let Some(lead @ 0xC3..0xE0) = text.get(end) {
            self.quad = lead >> 2 & 7;
        }
        end
    }
}

/// What [`VectorUnit::fold`] does. The instructions are those that [`Simd::has_byte_permutations`] asks for.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,bmi1,bmi2,lzcnt,popcnt")]
fn blocks(pages: &Pages, quad: u8, (text, mut at): (&[u8], usize), chunk: &mut Chunk) -> usize {
    let tables = Tables::load(pages, quad);
    while at < text.len() && !chunk.is_full() {
        let (bytes, length) = block(text, at);
        let folded = tables.fold(bytes, u64::MAX >> (BLOCK - length));
        if folded.whole != 0 {
            let starts = folded.starts(!chunk.is_open);
            store(folded.bytes, chunk.space());
            chunk.append_block(at, starts, folded.letters, folded.kept);
            if folded.letters | folded.breaks != 0 {
                chunk.is_open = folded.letters > folded.breaks;
            }
        }
        let done = folded.whole.count_ones() as usize;
        at += done;
        if done < length {
            break;
        }
    }
    at
}

/// The next block: at most 64 bytes, whole characters, and how many. Behind the text's end stands 0.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw")]
fn block(text: &[u8], at: usize) -> (__m512i, usize) {
    if let Some(bytes) = text[at..].first_chunk::<BLOCK>() {
        let cut = if bytes[BLOCK - 1] >= 0xC0 { 1 } else { usize::from(bytes[BLOCK - 2] >= 0xE0) * 2 };
        return (load(bytes), BLOCK - cut);
    }
    let mut bytes = [0; BLOCK];
    let length = text.len() - at;
    bytes[..length].copy_from_slice(&text[at..]);
    (load(&bytes), length)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw")]
fn load(bytes: &[u8; BLOCK]) -> __m512i {
    // SAFETY: the reference is to 64 readable bytes, and the load asks for no alignment.
    unsafe { _mm512_loadu_epi8(bytes.as_ptr().cast()) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw")]
fn store(bytes: __m512i, to: &mut [u8; BLOCK]) {
    // SAFETY: the reference is to 64 writable bytes, and the store asks for no alignment.
    unsafe { _mm512_storeu_epi8(to.as_mut_ptr().cast(), bytes) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw")]
fn load_pair(bytes: &[u8; 2 * BLOCK]) -> [__m512i; 2] {
    let (low, high) = bytes.split_at(BLOCK);
    [low, high].map(|half| half.first_chunk().map_or_else(|| _mm512_setzero_si512(), |half| load(half)))
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw")]
fn set(byte: u8) -> __m512i {
    _mm512_set1_epi8(byte.cast_signed())
}

/// What a block folds to. Bit n of a mask is about byte n of the block.
#[cfg(target_arch = "x86_64")]
struct Folded {
    /// The folded bytes without gaps, and anything behind them.
    bytes: __m512i,
    /// Bytes of the characters before the first that is left to others.
    whole: u64,
    /// Bytes of letters, of characters that end tokens, of dropped characters.
    letters: u64,
    breaks: u64,
    drops: u64,
    /// Bytes in whose place a folded byte stands.
    kept: u64,
}

#[cfg(target_arch = "x86_64")]
impl Folded {
    /// Where tokens begin: at a letter behind a break, whatever was dropped between. The sum lets a bit behind a break run over the dropped
    /// bytes that follow it.
    #[inline(always)]
    fn starts(&self, at_break: bool) -> u64 {
        let behind_break = self.breaks << 1 | u64::from(at_break);
        let over_dropped = (behind_break & self.drops).wrapping_add(self.drops) & !self.drops;
        self.letters & (behind_break | over_dropped)
    }
}

/// The tables in registers.
#[cfg(target_arch = "x86_64")]
struct Tables {
    ascii: [__m512i; 2],
    leads: [[__m512i; 2]; 2],
    tails: [[__m512i; 2]; 2],
    latin: __m512i,
    punctuation: __m512i,
    quad: __m512i,
    /// 1, 2, .. 63, 0, and 63, 0, 1, ...: permutations that bring the next or the last byte.
    next: __m512i,
    last: __m512i,
}

#[cfg(target_arch = "x86_64")]
impl Tables {
    #[target_feature(enable = "avx512f,avx512bw")]
    fn load(pages: &Pages, quad: u8) -> Self {
        let shifted = |by: u8| {
            let mut places = [0; BLOCK];
            (by..).zip(&mut places).for_each(|(from, place)| *place = from % BLOCK_BYTES);
            places
        };
        let Quad { leads, tails } = &pages.quads[usize::from(quad)];
        Self {
            ascii: load_pair(&pages.ascii),
            leads: [load_pair(&leads[0]), load_pair(&leads[1])],
            tails: [load_pair(&tails[0]), load_pair(&tails[1])],
            latin: load(&pages.latin),
            punctuation: load(&pages.punctuation),
            quad: set(0xC0 | quad << 2),
            next: load(&shifted(1)),
            last: load(&shifted(BLOCK_BYTES - 1)),
        }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi1,bmi2,lzcnt,popcnt")]
    #[inline]
    fn fold(&self, bytes: __m512i, valid: u64) -> Folded {
        let folded_ascii = _mm512_permutex2var_epi8(self.ascii[0], bytes, self.ascii[1]);
        let breaks = _mm512_testn_epi8_mask(folded_ascii, folded_ascii);
        let high = _mm512_movepi8_mask(bytes) & valid;
        let hyphens = _mm512_mask_cmpeq_epi8_mask(valid, bytes, set(HYPHEN));
        let at_line_end = if hyphens == 0 { 0 } else { at_line_end(hyphens, bytes, valid) };
        if high | at_line_end == 0 {
            let letters = !breaks & valid;
            return Folded {
                bytes: _mm512_maskz_compress_epi8(letters, folded_ascii),
                whole: valid,
                letters,
                breaks: breaks & valid,
                drops: 0,
                kept: letters,
            };
        }
        let lead = _mm512_mask_cmpge_epu8_mask(high, bytes, set(0xC0));
        let in_quad = _mm512_mask_cmpeq_epi8_mask(lead, _mm512_and_si512(bytes, set(0xFC)), self.quad);
        let next = _mm512_permutexvar_epi8(self.next, bytes);
        // The lower six bits of the next byte, above them the lowest of the lead: the place in half a quad.
        let place = _mm512_ternarylogic_epi64::<0xCA>(set(0x3F), next, _mm512_slli_epi16::<6>(bytes));
        let second_half = _mm512_test_epi8_mask(bytes, set(2));
        let look_up = |tables: &[[__m512i; 2]; 2]| {
            let [first, second] = tables.map(|[low, high]| _mm512_permutex2var_epi8(low, place, high));
            _mm512_mask_blend_epi8(second_half, first, second)
        };
        let (leads, tails) = (look_up(&self.leads), look_up(&self.tails));
        let is = |class: u8| _mm512_mask_cmpeq_epi8_mask(in_quad, tails, set(class));
        let (quad_breaks, quad_drops, quad_others) = (is(BREAK), is(DROP), is(OTHER));
        let quad_letters = in_quad & !(quad_breaks | quad_drops | quad_others);
        let mut rare = Rare { breaks: 0, drops: 0, others: 0 };
        if lead != in_quad {
            rare = self.rare(lead & !in_quad, bytes, next);
        }
        let others = quad_others | rare.others | at_line_end;
        let whole = valid & (others & others.wrapping_neg()).wrapping_sub(1);
        let twice = |leads: u64| leads | leads << 1;
        let ascii_letters = !(breaks | high);
        let letters = (ascii_letters | twice(quad_letters)) & whole;
        let two_bytes = quad_letters & _mm512_test_epi8_mask(leads, leads);
        let kept = (ascii_letters | two_bytes | quad_letters << 1) & whole;
        let moved = _mm512_permutexvar_epi8(self.last, tails);
        let out = _mm512_mask_mov_epi8(_mm512_mask_mov_epi8(folded_ascii, quad_letters, leads), quad_letters << 1, moved);
        Folded {
            bytes: _mm512_maskz_compress_epi8(kept, out),
            whole,
            letters,
            breaks: (breaks & !high | twice(quad_breaks) | rare.breaks) & whole,
            drops: (twice(quad_drops) | rare.drops) & whole,
            kept,
        }
    }

    /// Characters whose lead bytes are not of the quad.
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    #[inline]
    fn rare(&self, leads: u64, bytes: __m512i, next: __m512i) -> Rare {
        let is = |mask: u64, bytes: __m512i, byte: u8| _mm512_mask_cmpeq_epi8_mask(mask, bytes, set(byte));
        let latin = is(leads, bytes, 0xC2);
        let punctuation = is(is(leads, bytes, 0xE2), next, 0x80);
        let latin_class = _mm512_permutexvar_epi8(next, self.latin);
        let after_next = _mm512_permutexvar_epi8(self.next, next);
        let punctuation_class = _mm512_permutexvar_epi8(after_next, self.punctuation);
        let both = |class: u8| {
            let (latin, punctuation) = (is(latin, latin_class, class), is(punctuation, punctuation_class, class));
            latin | latin << 1 | punctuation | punctuation << 1 | punctuation << 2
        };
        let (breaks, drops) = (both(BREAK), both(DROP));
        Rare { breaks, drops, others: leads & !(breaks | drops) }
    }
}

/// The hyphens behind a word that a space, a line end or the end of the block follows: they may break a word.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw")]
fn at_line_end(hyphens: u64, bytes: __m512i, valid: u64) -> u64 {
    let spaces = _mm512_mask_cmple_epu8_mask(valid, bytes, set(b' '));
    let last = valid ^ valid >> 1;
    hyphens & (spaces >> 1 | last) & !(spaces << 1)
}

/// All bytes of what ends tokens and of what is dropped; the lead bytes of the rest.
#[cfg(target_arch = "x86_64")]
struct Rare {
    breaks: u64,
    drops: u64,
    others: u64,
}
