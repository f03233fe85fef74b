//! Blocks of a deflate stream, written as zlib writes them: which of the three kinds, and the bits of it.

use super::huffman::{Alphabet, Cost, LENGTH_CODES, Tree, fixed_length, number};
use super::tables::{DISTANCE_EXTRA, END_OF_BLOCK, FIRST_LENGTH, LENGTH_EXTRA, LENGTH_ORDER, distance_code, length_code};

/// Kinds of a block, as they are numbered in its header.
const STORED: u32 = 0;
const FIXED: u32 = 1;
const DYNAMIC: u32 = 2;
/// Symbols of the fixed codes of literals and lengths.
const FIXED_SYMBOLS: usize = 288;

/// A literal, with distance 0, or a match: its length less three, and its distance.
#[derive(Clone, Copy)]
struct Symbol {
    length: u8,
    distance: u16,
}

/// Bits, the lowest first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    word: u64,
    count: u32,
}

impl Bits {
    fn put(&mut self, bits: u32, count: u32) {
        self.word |= u64::from(bits) << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.word.to_le_bytes()[0]);
            self.word >>= 8;
            self.count -= 8;
        }
    }

    fn align(&mut self) {
        if self.count > 0 {
            self.put(0, 8 - self.count);
        }
    }

    fn stored(&mut self, bytes: &[u8], is_last: bool) {
        self.put(STORED << 1 | u32::from(is_last), 3);
        self.align();
        let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend((!length).to_le_bytes());
        self.bytes.extend(bytes);
    }
}

/// Gathers the symbols of a block and writes it.
pub(super) struct Blocks {
    symbols: Vec<Symbol>,
    matches: usize,
    literals: Tree,
    distances: Tree,
    fixed: [u16; FIXED_SYMBOLS],
    bits: Bits,
}

impl Blocks {
    pub(super) fn new() -> Self {
        let lengths: Vec<u8> = (0..FIXED_SYMBOLS).map(fixed_length).collect();
        let (mut counts, mut fixed) = ([0; 16], [0; FIXED_SYMBOLS]);
        lengths.iter().for_each(|&length| counts[usize::from(length)] += 1);
        number(&counts, &lengths, &mut fixed);
        let (literals, distances) = (Tree::new(Alphabet::Literals), Tree::new(Alphabet::Distances));
        let mut blocks = Self { symbols: Vec::new(), matches: 0, literals, distances, fixed, bits: Bits::default() };
        blocks.begin();
        blocks
    }

    fn begin(&mut self) {
        self.symbols.clear();
        self.matches = 0;
        self.literals.frequencies.fill(0);
        self.distances.frequencies.fill(0);
        self.literals.frequencies[END_OF_BLOCK] = 1;
    }

    pub(super) fn literal(&mut self, byte: u8) {
        self.symbols.push(Symbol { length: byte, distance: 0 });
        self.literals.frequencies[usize::from(byte)] += 1;
    }

    /// A match of that length less three, that far back.
    pub(super) fn repeat(&mut self, length: u8, distance: u16) {
        self.symbols.push(Symbol { length, distance });
        self.matches += 1;
        self.literals.frequencies[FIRST_LENGTH + length_code(length).0] += 1;
        self.distances.frequencies[distance_code(distance - 1).0] += 1;
    }

    /// Symbols of the block at hand.
    pub(super) fn len(&self) -> usize {
        self.symbols.len()
    }

    /// Whether the block at hand, of so many bytes, should end early because it packs well with few matches.
    pub(super) fn is_good_end(&self, bytes: usize) -> bool {
        let extra = |(&frequency, &extra): (&u32, &u8)| frequency as usize * (5 + usize::from(extra));
        let bits = self.symbols.len() * 8 + self.distances.frequencies.iter().zip(&DISTANCE_EXTRA).map(extra).sum::<usize>();
        self.matches < self.symbols.len() / 2 && bits >> 3 < bytes / 2
    }

    /// Ends the block. `text` is what it holds, if a window still has that, and `length` how long that is.
    pub(super) fn end(&mut self, text: Option<&[u8]>, length: usize, is_last: bool) {
        let mut cost = Cost::default();
        self.literals.build(&mut cost);
        self.distances.build(&mut cost);
        let mut lengths = Tree::new(Alphabet::Lengths);
        let runs = [runs_of(&self.literals), runs_of(&self.distances)];
        runs.iter().flatten().for_each(|run| lengths.frequencies[run.code] += 1);
        lengths.build(&mut cost);
        let listed = (3..LENGTH_CODES).rev().find(|&rank| lengths.lengths[LENGTH_ORDER[rank]] > 0).unwrap_or(2) + 1;
        let header = i64::try_from(3 * listed + 5 + 5 + 4).unwrap_or(i64::MAX);
        let [own, fixed] = [cost.own + header, cost.fixed].map(|bits| (bits + 3 + 7) >> 3);
        let last = u32::from(is_last);
        match text {
            Some(text) if i64::try_from(length + 4).is_ok_and(|stored| stored <= own.min(fixed)) => self.bits.stored(text, is_last),
            _ if fixed <= own => {
                self.bits.put(FIXED << 1 | last, 3);
                self.put_symbols(None);
            }
            _ => {
                self.bits.put(DYNAMIC << 1 | last, 3);
                self.put_trees(&lengths, listed, &runs);
                self.put_symbols(Some(()));
            }
        }
        self.begin();
        if is_last {
            self.bits.align();
        }
    }

    fn put_trees(&mut self, lengths: &Tree, listed: usize, runs: &[Vec<Run>; 2]) {
        let count = |codes: usize| u32::try_from(codes).unwrap_or(u32::MAX);
        self.bits.put(count(self.literals.last + 1 - FIRST_LENGTH), 5);
        self.bits.put(count(self.distances.last), 5);
        self.bits.put(count(listed - 4), 4);
        for &code in &LENGTH_ORDER[..listed] {
            self.bits.put(u32::from(lengths.lengths[code]), 3);
        }
        for run in runs.iter().flatten() {
            self.bits.put(u32::from(lengths.codes[run.code]), u32::from(lengths.lengths[run.code]));
            self.bits.put(run.behind, [2, 3, 7].get(run.code.wrapping_sub(16)).copied().unwrap_or(0));
        }
    }

    /// Writes the symbols, with the codes of the trees or with fixed ones.
    fn put_symbols(&mut self, own: Option<()>) {
        let Self { symbols, literals, distances, fixed, bits, .. } = self;
        let literal = |bits: &mut Bits, symbol: usize| match own {
            Some(()) => bits.put(u32::from(literals.codes[symbol]), u32::from(literals.lengths[symbol])),
            None => bits.put(u32::from(fixed[symbol]), u32::from(fixed_length(symbol))),
        };
        for symbol in &*symbols {
            if symbol.distance == 0 {
                literal(bits, usize::from(symbol.length));
                continue;
            }
            let (code, behind) = length_code(symbol.length);
            literal(bits, FIRST_LENGTH + code);
            bits.put(u32::from(behind), u32::from(LENGTH_EXTRA[code]));
            let (code, behind) = distance_code(symbol.distance - 1);
            match own {
                Some(()) => bits.put(u32::from(distances.codes[code]), u32::from(distances.lengths[code])),
                None => bits.put(u32::try_from(code).unwrap_or(0).reverse_bits() >> 27, 5),
            }
            bits.put(u32::from(behind), u32::from(DISTANCE_EXTRA[code]));
        }
        literal(bits, END_OF_BLOCK);
    }

    /// Ends at a byte as pigz ends its parts: with empty blocks.
    pub(super) fn end_part(&mut self) {
        if self.bits.count % 2 == 1 {
            self.bits.stored(&[], false);
            return;
        }
        while self.bits.count > 0 {
            self.bits.put(FIXED << 1, 10);
        }
    }

    /// Whole bytes that are written.
    pub(super) fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bits.bytes
    }
}

/// One code of code lengths, with the number behind it.
struct Run {
    code: usize,
    behind: u32,
}

/// The lengths of a tree's codes in runs.
fn runs_of(tree: &Tree) -> Vec<Run> {
    let lengths = &tree.lengths[..=tree.last];
    let mut runs = Vec::new();
    let (mut before, mut count) = (None, 0);
    let (mut most, mut least) = limits(None, lengths[0]);
    for (at, &length) in lengths.iter().enumerate() {
        count += 1;
        let next = lengths.get(at + 1).copied();
        if count < most && next == Some(length) {
            continue;
        }
        let behind = |bias: u32| count - bias;
        let plain = || Run { code: usize::from(length), behind: 0 };
        if count < least {
            runs.extend((0..count).map(|_| plain()));
        } else if length > 0 {
            let is_new = before != Some(length);
            if is_new {
                runs.push(plain());
            }
            runs.push(Run { code: 16, behind: behind(3 + u32::from(is_new)) });
        } else if count <= 10 {
            runs.push(Run { code: 17, behind: behind(3) });
        } else {
            runs.push(Run { code: 18, behind: behind(11) });
        }
        count = 0;
        before = Some(length);
        (most, least) = limits(Some(length), next.unwrap_or(u8::MAX));
    }
    runs
}

/// The longest and the shortest run of a length that comes after another.
fn limits(before: Option<u8>, length: u8) -> (u32, u32) {
    match length {
        0 => (138, 3),
        _ if before == Some(length) => (6, 3),
        _ => (7, 4),
    }
}
