//! Search for matches as zlib does it: hash chains over the last 32 KiB, greedy at the low levels and lazy from level 4 on.

use super::block::Blocks;
use super::tables::{MAX_MATCH, MIN_MATCH};
use super::{Deflater, Program};
use std::io::{self, Write};

/// Bytes that can be looked back.
const WINDOW: usize = 1 << 15;
/// Bytes ahead that the search requires unless the text ends.
const MIN_LOOKAHEAD: usize = MAX_MATCH + MIN_MATCH + 1;
/// The longest distance.
const MAX_DISTANCE: usize = WINDOW - MIN_LOOKAHEAD;
/// The last position of a window at which matches are looked for: behind it, the window moves.
const LAST_SEARCHED: usize = WINDOW + MAX_DISTANCE;
/// A match of three bytes from further back costs more than the literals.
const TOO_FAR: usize = 4096;
/// Bytes behind the search after which the buffer is moved.
const MOST_BEHIND: usize = 1 << 20;
/// Bytes of the parts that pigz packs on its own, each with the end of the part before as its dictionary.
const PART_BYTES: usize = 1 << 17;
/// GNU gzip decides after so many symbols whether a block ends early.
const GZIP_CHECK_SYMBOLS: usize = 1 << 12;
/// gzip never ends a block early below this level.
const GZIP_CHECK_LEVEL: u32 = 3;

/// How hard a level searches.
#[derive(Clone, Copy)]
struct Effort {
    /// A match of that length makes the search for a better one shorter.
    good: usize,
    /// No better match is looked for behind one of that length; at greedy levels, longer ones are not entered in the chains.
    lazy: usize,
    /// A match of that length ends the search.
    nice: usize,
    /// Most steps along a chain.
    chain: usize,
}

/// By level, from 1 on.
const EFFORTS: [[usize; 4]; 9] = [
    [4, 4, 8, 4],
    [4, 5, 16, 8],
    [4, 6, 32, 32],
    [4, 4, 16, 16],
    [8, 16, 32, 32],
    [8, 16, 128, 128],
    [8, 32, 128, 256],
    [32, 128, 258, 1024],
    [32, 258, 258, 4096],
];
/// The highest greedy level.
const LAST_GREEDY_LEVEL: u32 = 3;

/// Packs what is written to it. [`Encoder::finish`] must be called.
pub(crate) struct Encoder<W: Write> {
    to: W,
    how: Deflater,
    effort: Effort,
    hash_shift: u32,
    most_symbols: usize,
    /// The text at hand: what can be looked back to, and what lies ahead. A position of 0 means none, here as in zlib.
    text: Vec<u8>,
    at: usize,
    /// Where the text ends; behind it there may be bytes that only the search sees.
    end: usize,
    block_start: usize,
    /// Where the window of zlib begins: a block that began before it cannot be stored.
    window_start: usize,
    /// Where the part of pigz begins, and the first position of its dictionary that is not entered in a chain.
    part_start: usize,
    not_entered: usize,
    /// By hash, the last position with it; by position, the one before with the same hash.
    heads: Vec<u32>,
    previous: Vec<u32>,
    /// The match at the position before: its length and start. And whether that position's literal waits.
    length: usize,
    start: usize,
    waits: bool,
    blocks: Blocks,
}

impl<W: Write> Encoder<W> {
    /// # Errors
    /// A level that is not from 1 to 9.
    pub(super) fn new(to: W, how: Deflater) -> io::Result<Self> {
        let effort = (how.level as usize).checked_sub(1).and_then(|level| EFFORTS.get(level)).ok_or(io::ErrorKind::Unsupported)?;
        let &[good, lazy, nice, chain] = effort;
        let (hash_bits, symbol_bits) = match how.by {
            Program::Gzip => (15, 15),
            Program::ZlibMost => (16, 15),
            Program::Zlib | Program::Pigz => (15, 14),
        };
        Ok(Self {
            to,
            how,
            effort: Effort { good, lazy, nice, chain },
            hash_shift: u32::div_ceil(hash_bits, 3),
            most_symbols: (1 << symbol_bits) - 1,
            text: Vec::new(),
            at: 0,
            end: 0,
            block_start: 0,
            window_start: 0,
            part_start: 0,
            not_entered: 0,
            heads: vec![0; 1 << hash_bits],
            previous: vec![0; WINDOW],
            length: MIN_MATCH - 1,
            start: 0,
            waits: false,
            blocks: Blocks::new(),
        })
    }

    /// Packs what is left and gives the writer back.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        if self.how.by == Program::Gzip {
            self.see_beyond_the_end();
        }
        self.search(true)?;
        self.end_block(true)?;
        Ok(self.to)
    }

    /// GNU gzip moves its window for the last time when less than [`MIN_LOOKAHEAD`] lies ahead. It compares beyond the end with what its buffer held before,
    /// which may change the last match.
    fn see_beyond_the_end(&mut self) {
        if self.at - self.window_start >= LAST_SEARCHED {
            self.window_start += WINDOW;
        }
        self.text.extend([0; MIN_MATCH - 1]);
        let beyond = self.text.len();
        let old = beyond.checked_sub(WINDOW).filter(|_| self.window_start > 0);
        for at in 0..MAX_MATCH {
            self.text.push(old.map_or(0, |old| self.text[old + at]));
        }
    }

    /// Packs as far as more text cannot change it, or to the end.
    fn search(&mut self, to_the_end: bool) -> io::Result<()> {
        let ahead = if to_the_end { 1 } else { MIN_LOOKAHEAD };
        while self.end - self.at >= ahead {
            if self.at - self.window_start > LAST_SEARCHED && !(to_the_end && self.how.by == Program::Gzip) {
                self.window_start += WINDOW;
            }
            let ends = if self.how.level <= LAST_GREEDY_LEVEL { self.greedy_step() } else { self.lazy_step() };
            if let Some(end) = ends {
                self.end_block_at(end, false)?;
            }
        }
        if to_the_end && std::mem::take(&mut self.waits) {
            self.blocks.literal(self.text[self.at - 1]);
        }
        Ok(())
    }

    /// Finds the next match or literal and writes it; returns where the block ends, if it does.
    fn greedy_step(&mut self) -> Option<usize> {
        let head = self.entered(self.at);
        let found = if self.is_near(head) { self.longest_match(head, MIN_MATCH - 1) } else { (0, 0) };
        let (length, start) = found;
        if length < MIN_MATCH {
            self.blocks.literal(self.text[self.at]);
            let is_full = self.is_full();
            self.at += 1;
            return is_full.then_some(self.at);
        }
        self.repeat(self.at - start, length);
        let is_full = self.is_full();
        let next = self.at + length;
        if length <= self.effort.lazy && self.end - next >= MIN_MATCH {
            (self.at + 1..next).for_each(|at| {
                self.entered(at);
            });
        }
        self.at = next;
        is_full.then_some(next)
    }

    fn lazy_step(&mut self) -> Option<usize> {
        let head = self.entered(self.at);
        let (before, before_start) = (self.length, self.start);
        self.length = MIN_MATCH - 1;
        if before < self.effort.lazy && self.is_near(head) {
            (self.length, self.start) = self.longest_match(head, before);
            if self.length == MIN_MATCH && self.at - self.start > TOO_FAR {
                self.length = MIN_MATCH - 1;
            }
        }
        if before >= MIN_MATCH && self.length <= before {
            self.repeat(self.at - 1 - before_start, before);
            let is_full = self.is_full();
            let next = self.at - 1 + before;
            (self.at + 1..next).for_each(|at| {
                self.entered(at);
            });
            self.at = next;
            (self.waits, self.length) = (false, MIN_MATCH - 1);
            return is_full.then_some(next);
        }
        let mut ends = None;
        if self.waits {
            self.blocks.literal(self.text[self.at - 1]);
            ends = self.is_full().then_some(self.at);
        }
        self.waits = true;
        self.at += 1;
        ends
    }

    fn repeat(&mut self, distance: usize, length: usize) {
        let (length, distance) = (u8::try_from(length - MIN_MATCH), u16::try_from(distance));
        self.blocks.repeat(length.unwrap_or(u8::MAX), distance.unwrap_or(u16::MAX));
    }

    fn is_full(&self) -> bool {
        let symbols = self.blocks.len();
        let is_checked = self.how.by == Program::Gzip && self.how.level >= GZIP_CHECK_LEVEL && symbols.is_multiple_of(GZIP_CHECK_SYMBOLS);
        symbols == self.most_symbols || is_checked && self.blocks.is_good_end(self.at - self.block_start)
    }

    /// Enters a position in the chain of its hash; returns the one before, 0 if there is none.
    fn entered(&mut self, at: usize) -> usize {
        if self.end - at < MIN_MATCH {
            return 0;
        }
        let hash = |byte: u8, times: u32| usize::from(byte) << (times * self.hash_shift);
        let hash = (hash(self.text[at], 2) ^ hash(self.text[at + 1], 1) ^ usize::from(self.text[at + 2])) & (self.heads.len() - 1);
        let head = self.heads[hash];
        self.previous[at % WINDOW] = head;
        self.heads[hash] = u32::try_from(at).unwrap_or(0);
        head as usize
    }

    fn is_near(&self, head: usize) -> bool {
        head > 0 && self.at - head <= MAX_DISTANCE && self.at - self.window_start <= LAST_SEARCHED
    }

    /// The longest match of more than `least` bytes along the chain from `head`; of `least` if there is none.
    fn longest_match(&self, head: usize, least: usize) -> (usize, usize) {
        let (mut best, mut start) = (least, self.start);
        let mut steps = if least >= self.effort.good { self.effort.chain >> 2 } else { self.effort.chain };
        let ahead = self.end - self.at;
        // GNU gzip looks beyond the end, and cuts a match only afterwards.
        let (most, nice) = match self.how.by {
            Program::Gzip => (MAX_MATCH.min(self.text.len() - self.at), self.effort.nice),
            _ => (MAX_MATCH.min(ahead), self.effort.nice.min(ahead)),
        };
        let scan = &self.text[self.at..self.at + most];
        let limit = self.at.saturating_sub(MAX_DISTANCE);
        let mut candidate = head;
        while best < most {
            let other = &self.text[candidate..candidate + most];
            if other[best] == scan[best] && other[best - 1] == scan[best - 1] {
                let length = common(scan, other);
                if length > best {
                    (best, start) = (length, candidate);
                    if length >= nice {
                        break;
                    }
                }
            }
            candidate = self.previous[candidate % WINDOW] as usize;
            steps -= 1;
            if candidate <= limit || steps == 0 {
                break;
            }
        }
        (best.min(ahead), start)
    }

    fn end_block(&mut self, is_last: bool) -> io::Result<()> {
        self.end_block_at(self.at, is_last)
    }

    fn end_block_at(&mut self, end: usize, is_last: bool) -> io::Result<()> {
        let text = (self.block_start >= self.window_start).then(|| &self.text[self.block_start..end]);
        self.blocks.end(text.filter(|text| u16::try_from(text.len()).is_ok()), end - self.block_start, is_last);
        self.block_start = end;
        self.hand_on()
    }

    fn hand_on(&mut self) -> io::Result<()> {
        let bytes = self.blocks.bytes();
        self.to.write_all(bytes)?;
        bytes.clear();
        Ok(())
    }

    /// Drops text that nothing looks back to any more.
    fn move_text(&mut self) {
        let behind = self.at.min(self.block_start).min(self.window_start);
        if behind < MOST_BEHIND {
            return;
        }
        // Positions of chains stay where they are in a window.
        let moved = (behind - WINDOW) / WINDOW * WINDOW;
        self.text.drain(..moved);
        for at in [&mut self.at, &mut self.end, &mut self.block_start, &mut self.window_start] {
            *at -= moved;
        }
        self.start = self.start.saturating_sub(moved);
        for position in self.heads.iter_mut().chain(&mut self.previous) {
            *position = position.saturating_sub(u32::try_from(moved).unwrap_or(u32::MAX));
        }
    }

    /// Ends a part of pigz, and begins the next one, with the end of this one as its dictionary.
    fn end_part(&mut self) -> io::Result<()> {
        self.search(true)?;
        if self.blocks.len() > 0 {
            self.end_block(false)?;
        }
        self.blocks.end_part();
        self.hand_on()?;
        self.text.drain(..self.end - WINDOW);
        for at in [&mut self.at, &mut self.end, &mut self.block_start, &mut self.part_start] {
            *at = WINDOW;
        }
        (self.window_start, self.start, self.length) = (0, 0, MIN_MATCH - 1);
        self.heads.fill(0);
        self.not_entered = 0;
        Ok(())
    }
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut taken = bytes.len().min(MOST_BEHIND);
        if self.how.by == Program::Pigz {
            if self.end - self.part_start == PART_BYTES && taken > 0 {
                self.end_part()?;
            }
            taken = taken.min(PART_BYTES - (self.end - self.part_start));
        }
        self.text.extend_from_slice(&bytes[..taken]);
        self.end += taken;
        while self.not_entered < self.part_start && self.end - self.not_entered >= MIN_MATCH {
            self.entered(self.not_entered);
            self.not_entered += 1;
        }
        self.search(false)?;
        self.move_text();
        Ok(taken)
    }

    /// Nothing is packed before its time: that would show in the bytes.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How many bytes two texts of the same length have in common at the beginning.
fn common(x: &[u8], y: &[u8]) -> usize {
    let (words, _) = x.as_chunks::<8>();
    let (others, _) = y.as_chunks::<8>();
    for (number, (word, other)) in words.iter().zip(others).enumerate() {
        let differs = u64::from_le_bytes(*word) ^ u64::from_le_bytes(*other);
        if differs != 0 {
            return number * 8 + differs.trailing_zeros() as usize / 8;
        }
    }
    let from = words.len() * 8;
    from + x[from..].iter().zip(&y[from..]).take_while(|(x, y)| x == y).count()
}
