//! Windows of tokens that several documents share outside the passages of their pairs: where common runs occur.
//!
//! In: documents that may hold such windows, the n-grams that are in too many documents to propose pairs, and windows that the passages of a pair left out.
//! Out: every occurrence of each such window in two classes or more, in bounded memory. The documents are read twice: most n-grams that many have are followed by something else
//! in each, and only those whose neighbours are repeated too are looked at in the second reading.

use super::boilerplate::quick_hash;
use super::candidates::GramSet;
use super::held::Holder;
use crate::compare::HashTable;
use crate::corpus::Corpus;
use crate::error::Result;
use crate::sketch::ContextTag;
use crate::sort::{MixedMap, RepeatFilter};
use crate::spill::{Block, Spill};
use crate::text::{GRAM, ShingleHash, gram_hash, least_of_windows, mix, shingles_into};
use std::ops::Range;

/// Tokens of the classes whose keys or windows are held at a time.
const MOST_TOKENS: usize = 1 << 22;
/// Keys of a selected n-gram, and how many n-grams are selected, about, in as many tokens as a window has.
const KEYS_A_GRAM: usize = 2;
const SELECTED_A_WINDOW: usize = 2;

/// In place of the number of a window that no other class has.
const UNSHARED: u32 = u32::MAX;

/// What makes a window that documents share a common one.
pub(super) struct Wanted<'a> {
    /// Hashes of n-grams; a window is wanted if its selected n-gram is among them.
    pub(super) grams: &'a GramSet,
    /// Hashes of windows that are wanted besides.
    pub(super) windows: &'a HashTable,
    /// There are such.
    pub(super) has_windows: bool,
    /// Tokens of a window.
    pub(super) length: usize,
}

/// Windows that begin at tokens in a row of a class: class, first token of the first, and the number of each.
pub(super) struct ConsecutiveWindows<'a> {
    pub(super) class: u32,
    pub(super) start: u32,
    pub(super) windows: &'a [u32],
}

/// The occurrences of windows that several classes have; beyond their share of the memory in the temporary file.
pub(super) struct SharedWindows<'s> {
    spill: &'s Spill,
    /// Rows of windows, each as its class, its start, how many windows it has and their provisional numbers; in order of class and start.
    blocks: Vec<Block<u32>>,
    /// For each provisional number the final one, or `UNSHARED`.
    numbers: Vec<u32>,
    /// Number of different windows, which are numbered in the order of their hashes.
    pub(super) count: usize,
}

impl SharedWindows<'_> {
    /// Calls `each` with all occurrences, in order of class and start, as many in a row as there are.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub(super) fn for_each(&self, each: &mut dyn FnMut(ConsecutiveWindows<'_>)) -> Result<()> {
        let mut windows = Vec::new();
        for block in &self.blocks {
            let words = self.spill.get(block, 0..block.len())?;
            let mut rest = &words[..];
            while let [class, start, length, tail @ ..] = rest {
                let (provisional, tail) = tail.split_at(*length as usize);
                rest = tail;
                windows.clear();
                windows.extend(provisional.iter().map(|&number| self.numbers[number as usize]));
                let mut start = *start;
                for same in windows.chunk_by(|&x, &y| (x == UNSHARED) == (y == UNSHARED)) {
                    if same[0] != UNSHARED {
                        each(ConsecutiveWindows { class: *class, start, windows: same });
                    }
                    start += length_of(same);
                }
            }
        }
        Ok(())
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
fn length_of(windows: &[u32]) -> u32 {
    windows.len() as u32
}

/// Windows by their hashes, numbered as they come.
#[derive(Default)]
struct Numbering {
    numbers: MixedMap<u64, u32>,
    /// For each window the class that has it, `SEVERAL` if there is another.
    classes: Vec<u32>,
}

/// In place of a class.
const SEVERAL: u32 = u32::MAX;

impl Numbering {
    /// The number of a window, of which a class has an occurrence.
    #[expect(clippy::cast_possible_truncation, reason = "windows are fewer than the tokens of classes, which are numbered in 32 bits")]
    fn number(&mut self, hash: u64, class: u32) -> u32 {
        let number = *self.numbers.entry(hash).or_insert(self.classes.len() as u32);
        match self.classes.get_mut(number as usize) {
            None => self.classes.push(class),
            Some(of) if *of != class => *of = SEVERAL,
            Some(_) => {}
        }
        number
    }

    /// For each number its place among the hashes that several classes have, `UNSHARED` for the others; and how many those are.
    fn final_numbers(self) -> (Vec<u32>, usize) {
        let Self { numbers, classes: mut last } = self;
        let mut shared: Vec<(u64, u32)> = numbers.into_iter().filter(|&(_, number)| last[number as usize] == SEVERAL).collect();
        shared.sort_unstable();
        last.fill(UNSHARED);
        (0..).zip(&shared).for_each(|(place, &(_, number))| last[number as usize] = place);
        (last, shared.len())
    }
}

/// All wanted windows of `classes`, which are in order, that at least two of them have.
#[expect(clippy::cast_possible_truncation, reason = "classes, starts and lengths of 32 bits, between hashes")]
pub(super) fn shared_windows<'h, C: Corpus>(holder: &Holder<'h, C>, classes: &[u32], wanted: &Wanted<'_>) -> Result<SharedWindows<'h>> {
    let tokens: usize = classes.iter().map(|&class| holder.tokens_in(class)).sum();
    let mut filter = RepeatFilter::default();
    filter.clear(KEYS_A_GRAM * SELECTED_A_WINDOW * tokens / wanted.length + 1);
    for some in portions(holder, classes) {
        let keys = holder.map(some, |scratch: &mut Scratch, _, tokens, keys| wanted.add_keys(tokens, scratch, keys))?;
        keys.into_iter().flatten().for_each(|key: u64| filter.insert(key));
    }
    let spill = &holder.reading.spill;
    let (mut blocks, mut numbering) = (Vec::new(), Numbering::default());
    for some in portions(holder, classes) {
        let found = holder.map(some, |scratch: &mut Scratch, class, tokens, found| {
            wanted.add_windows(tokens, &filter, scratch, |start, hashes| {
                found.extend([u64::from(class), u64::from(start), hashes.len() as u64]);
                found.extend_from_slice(hashes);
            });
        })?;
        let mut words = Vec::with_capacity(found.iter().map(Vec::len).sum());
        for list in &found {
            let mut rest = &list[..];
            while let [class, start, length, tail @ ..] = rest {
                let (hashes, tail) = tail.split_at(*length as usize);
                rest = tail;
                words.extend([*class as u32, *start as u32, *length as u32]);
                words.extend(hashes.iter().map(|&hash| numbering.number(hash, *class as u32)));
            }
        }
        drop(found);
        blocks.push(spill.keep(words)?);
    }
    let (numbers, count) = numbering.final_numbers();
    Ok(SharedWindows { spill, blocks, numbers, count })
}

/// `classes` in portions of as many tokens as may be held, or of one class.
fn portions<'c, C: Corpus>(holder: &Holder<'_, C>, classes: &'c [u32]) -> Vec<&'c [u32]> {
    let mut held = 0;
    let portions = classes.chunk_by(|_, &next| {
        held += holder.tokens_in(next);
        let fits = held <= MOST_TOKENS;
        held *= usize::from(fits);
        fits
    });
    portions.collect()
}

/// What a thread needs.
#[derive(Default)]
pub(super) struct Scratch {
    hashes: Vec<u32>,
    /// Start of a window and position of its selected n-gram, which is wanted.
    selected: Vec<[u32; 2]>,
    windows: Vec<ShingleHash>,
    /// First tokens of windows.
    starts: Vec<u32>,
}

impl Wanted<'_> {
    /// Fills `selected`.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    fn select(&self, tokens: &[u64], Scratch { hashes, selected, .. }: &mut Scratch) {
        hashes.clear();
        hashes.extend(tokens.windows(GRAM).map(gram_hash));
        selected.clear();
        let mut last = (usize::MAX, false);
        least_of_windows(hashes, (self.length + 1).saturating_sub(GRAM).max(1), |start, least| {
            if last.0 != least {
                last = (least, self.grams.contains(hashes[least]));
            }
            if last.1 {
                selected.push([start as u32, least as u32]);
            }
        });
    }

    /// Adds the keys of all selected n-grams that are wanted: documents that share a window around one have a key in common.
    fn add_keys(&self, tokens: &[u64], scratch: &mut Scratch, keys: &mut Vec<u64>) {
        self.select(tokens, scratch);
        for same in scratch.selected.chunk_by(|x, y| x[1] == y[1]) {
            keys.extend(self.keys(tokens, same[0][1] as usize).into_iter().flatten());
        }
    }

    /// Of an n-gram with the tokens before it, and with those behind it: of a window around it as many are on one side, at least.
    fn keys(&self, tokens: &[u64], gram: usize) -> [Option<u64>; 2] {
        let width = ContextTag::width(self.length);
        let key =
            |range: Option<Range<usize>>, salt: u64| range.and_then(|range| tokens.get(range)).map(|tokens| mix(quick_hash(tokens) ^ salt));
        [key(gram.checked_sub(width).map(|start| start..gram + GRAM), 1), key(Some(gram..gram + GRAM + width), 2)]
    }

    /// Calls `each` with the first start and the hashes of windows in a row: all wanted windows of which the document is not the only one, and some others.
    fn add_windows(&self, tokens: &[u64], filter: &RepeatFilter, scratch: &mut Scratch, mut each: impl FnMut(u32, &[u64])) {
        self.select(tokens, scratch);
        let Scratch { selected, windows, starts, .. } = scratch;
        starts.clear();
        for same in selected.chunk_by(|x, y| x[1] == y[1]) {
            if self.keys(tokens, same[0][1] as usize).into_iter().flatten().any(|key| filter.is_repeated(key)) {
                starts.extend(same.iter().map(|window| window[0]));
            }
        }
        if self.has_windows && tokens.len() >= self.length {
            shingles_into(tokens, self.length, windows);
            starts.extend((0..).zip(&*windows).filter(|(_, hash)| self.windows.contains(**hash)).map(|(start, _): (u32, _)| start));
            starts.sort_unstable();
            starts.dedup();
        }
        for row in starts.chunk_by(|start, next| start + 1 == *next) {
            shingles_into(&tokens[row[0] as usize..row[row.len() - 1] as usize + self.length], self.length, windows);
            each(row[0], windows);
        }
    }
}
