//! Huffman codes of a block, built as zlib builds them: the same frequencies give the same lengths.

use super::tables::{D_CODES, L_CODES};

/// Most symbols of a tree.
const MOST_SYMBOLS: usize = L_CODES + 2;
/// Most nodes of a tree.
const MOST_NODES: usize = 2 * L_CODES + 1;
/// Longest code of literals, lengths and distances.
const MAX_BITS: usize = 15;
/// Longest code of code lengths.
const MAX_LENGTH_BITS: usize = 7;
/// Codes of code lengths.
pub(super) const LENGTH_CODES: usize = 19;

/// Which alphabet a tree codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// Literals, the end of a block, and lengths of matches.
    Literals,
    /// Distances of matches.
    Distances,
    /// Lengths of codes.
    Lengths,
}

impl Alphabet {
    fn symbols(self) -> usize {
        match self {
            Self::Literals => L_CODES,
            Self::Distances => D_CODES,
            Self::Lengths => LENGTH_CODES,
        }
    }

    fn max_bits(self) -> usize {
        if self == Self::Lengths { MAX_LENGTH_BITS } else { MAX_BITS }
    }

    /// Bits that follow the code of a symbol.
    fn extra(self, symbol: usize) -> u32 {
        use super::tables::{DISTANCE_EXTRA, LENGTH_EXTRA};
        match self {
            Self::Literals => symbol.checked_sub(super::tables::FIRST_LENGTH).map_or(0, |code| u32::from(LENGTH_EXTRA[code])),
            Self::Distances => u32::from(DISTANCE_EXTRA[symbol]),
            Self::Lengths => [2, 3, 7][symbol.saturating_sub(16).min(2)] * u32::from(symbol >= 16),
        }
    }

    /// Bits of the code of a symbol in a block with fixed codes.
    fn fixed(self, symbol: usize) -> u32 {
        match self {
            Self::Literals => u32::from(fixed_length(symbol)),
            Self::Distances => 5,
            Self::Lengths => 0,
        }
    }
}

/// Length of the fixed code of a literal or length.
pub(super) fn fixed_length(symbol: usize) -> u8 {
    match symbol {
        0..144 | 280.. => 8,
        144..256 => 9,
        256..280 => 7,
    }
}

/// The codes of one alphabet.
pub(super) struct Tree {
    alphabet: Alphabet,
    pub(super) frequencies: [u32; MOST_NODES],
    /// Bits of each code, 0 for a symbol that does not occur.
    pub(super) lengths: [u8; MOST_SYMBOLS],
    pub(super) codes: [u16; MOST_SYMBOLS],
    /// The last symbol that has a code.
    pub(super) last: usize,
}

/// Bits of a block's symbols.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    /// With the codes of the tree.
    pub(super) own: i64,
    /// With fixed codes.
    pub(super) fixed: i64,
}

impl Tree {
    pub(super) fn new(alphabet: Alphabet) -> Self {
        Self { alphabet, frequencies: [0; MOST_NODES], lengths: [0; MOST_SYMBOLS], codes: [0; MOST_SYMBOLS], last: 0 }
    }

    /// Makes codes of the frequencies, and adds what the symbols take to `cost`.
    pub(super) fn build(&mut self, cost: &mut Cost) {
        let mut heap = Heap { nodes: [0; MOST_NODES], length: 0, sorted: MOST_NODES, depths: [0; MOST_NODES] };
        let mut last = None;
        for symbol in 0..self.alphabet.symbols() {
            if self.frequencies[symbol] > 0 {
                heap.append(symbol);
                last = Some(symbol);
            } else {
                self.lengths[symbol] = 0;
            }
        }
        // A tree has at least two codes.
        while heap.length < 2 {
            let symbol = match last {
                Some(last) if last < 2 => last + 1,
                _ => 0,
            };
            last = last.max(Some(symbol));
            heap.append(symbol);
            self.frequencies[symbol] = 1;
            cost.own -= 1;
            cost.fixed -= i64::from(self.alphabet.fixed(symbol));
        }
        self.last = last.unwrap_or(0);
        for node in (1..=heap.length / 2).rev() {
            heap.sift_down(node, &self.frequencies);
        }
        let parents = self.join(&mut heap);
        self.measure(&heap, &parents, cost);
        self.number();
    }

    /// Joins the two rarest nodes until one is left; returns the parents.
    fn join(&mut self, heap: &mut Heap) -> [u16; MOST_NODES] {
        let mut parents = [0; MOST_NODES];
        let mut node = self.alphabet.symbols();
        loop {
            let first = heap.nodes[1];
            heap.nodes[1] = heap.nodes[heap.length];
            heap.length -= 1;
            heap.sift_down(1, &self.frequencies);
            let second = heap.nodes[1];
            heap.set_aside(first);
            heap.set_aside(second);
            let (first, second) = (usize::from(first), usize::from(second));
            self.frequencies[node] = self.frequencies[first] + self.frequencies[second];
            heap.depths[node] = heap.depths[first].max(heap.depths[second]) + 1;
            let name = u16::try_from(node).unwrap_or(u16::MAX);
            (parents[first], parents[second]) = (name, name);
            heap.nodes[1] = name;
            node += 1;
            heap.sift_down(1, &self.frequencies);
            if heap.length < 2 {
                break;
            }
        }
        heap.set_aside(heap.nodes[1]);
        parents
    }

    /// Finds the length of each code, none beyond the most.
    fn measure(&mut self, heap: &Heap, parents: &[u16; MOST_NODES], cost: &mut Cost) {
        let max_bits = self.alphabet.max_bits();
        let mut counts = [0_usize; MAX_BITS + 1];
        let mut depths = [0_u8; MOST_NODES];
        let mut overflow = 0_i64;
        for &node in &heap.nodes[heap.sorted + 1..] {
            let node = usize::from(node);
            let bits = usize::from(depths[usize::from(parents[node])]) + 1;
            overflow += i64::from(bits > max_bits);
            let bits = bits.min(max_bits);
            depths[node] = u8::try_from(bits).unwrap_or(u8::MAX);
            if node > self.last {
                continue;
            }
            self.lengths[node] = depths[node];
            counts[bits] += 1;
            let (extra, frequency) = (self.alphabet.extra(node), i64::from(self.frequencies[node]));
            cost.own += frequency * (i64::from(depths[node]) + i64::from(extra));
            if self.alphabet != Alphabet::Lengths {
                cost.fixed += frequency * i64::from(self.alphabet.fixed(node) + extra);
            }
        }
        if overflow > 0 {
            self.shorten(heap, &mut counts, (overflow, max_bits), cost);
        }
    }

    /// Moves codes so that none is too long, and gives the lengths out again, rarest first.
    fn shorten(&mut self, heap: &Heap, counts: &mut [usize], (mut overflow, max_bits): (i64, usize), cost: &mut Cost) {
        while overflow > 0 {
            let mut bits = max_bits - 1;
            while counts[bits] == 0 {
                bits -= 1;
            }
            counts[bits] -= 1;
            counts[bits + 1] += 2;
            counts[max_bits] -= 1;
            overflow -= 2;
        }
        let mut leaves = heap.nodes[heap.sorted..].iter().rev().map(|&node| usize::from(node)).filter(|&node| node <= self.last);
        for bits in (1..=max_bits).rev() {
            let length = u8::try_from(bits).unwrap_or(u8::MAX);
            for node in leaves.by_ref().take(counts[bits]) {
                cost.own += (i64::from(length) - i64::from(self.lengths[node])) * i64::from(self.frequencies[node]);
                self.lengths[node] = length;
            }
        }
    }

    /// Numbers codes of one length in the order of their symbols.
    fn number(&mut self) {
        let mut counts = [0_u16; MAX_BITS + 1];
        for &length in &self.lengths[..=self.last] {
            counts[usize::from(length)] += u16::from(length > 0);
        }
        number(&counts, &self.lengths[..=self.last], &mut self.codes);
    }
}

/// Gives out codes, with their bits reversed, as they are written.
pub(super) fn number(counts: &[u16; MAX_BITS + 1], lengths: &[u8], codes: &mut [u16]) {
    let mut next = [0_u16; MAX_BITS + 1];
    for bits in 1..=MAX_BITS {
        next[bits] = (next[bits - 1] + counts[bits - 1]) << 1;
    }
    for (code, &length) in codes.iter_mut().zip(lengths).filter(|(_, length)| **length > 0) {
        *code = next[usize::from(length)].reverse_bits() >> (16 - length);
        next[usize::from(length)] += 1;
    }
}

/// The nodes that are not joined yet, the rarest first; behind them, in the order of joining from the end, those that are.
struct Heap {
    /// From 1 on.
    nodes: [u16; MOST_NODES],
    length: usize,
    sorted: usize,
    depths: [u8; MOST_NODES],
}

impl Heap {
    fn append(&mut self, symbol: usize) {
        self.length += 1;
        self.nodes[self.length] = u16::try_from(symbol).unwrap_or(u16::MAX);
    }

    fn set_aside(&mut self, node: u16) {
        self.sorted -= 1;
        self.nodes[self.sorted] = node;
    }

    fn is_smaller(&self, x: u16, y: u16, frequencies: &[u32]) -> bool {
        let key = |node: u16| (frequencies[usize::from(node)], self.depths[usize::from(node)]);
        key(x) <= key(y)
    }

    fn sift_down(&mut self, mut at: usize, frequencies: &[u32]) {
        let node = self.nodes[at];
        let mut child = at * 2;
        while child <= self.length {
            if child < self.length && self.is_smaller(self.nodes[child + 1], self.nodes[child], frequencies) {
                child += 1;
            }
            if self.is_smaller(node, self.nodes[child], frequencies) {
                break;
            }
            self.nodes[at] = self.nodes[child];
            at = child;
            child *= 2;
        }
        self.nodes[at] = node;
    }
}
