//! Windows of tokens that several documents share outside the passages of their pairs: the places of common runs.
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
use crate::sort::{Buckets, MixedMap, RepeatFilter};
use crate::spill::{Block, Spill};
use crate::text::{GRAM, ShingleHash, gram_hash, least_of_windows, mix, shingle, shingles_into};
use std::ops::Range;

/// Classes whose keys are held at a time.
const MOST_CLASSES: usize = 1 << 14;
/// Keys of a selected n-gram, and how many n-grams are selected, about, in as many tokens as a window has.
const KEYS_A_GRAM: usize = 2;
const SELECTED_A_WINDOW: usize = 2;

/// Partitions of windows by hash, and of their occurrences by class.
const PARTS: usize = 64;

/// An occurrence of a window: class, first token, number of the window.
pub(super) type Occurrence = (u32, u32, u32);

/// A window of as many tokens as a passage has at least, in one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Window {
    /// Of its tokens.
    pub(super) hash: u64,
    pub(super) class: u32,
    /// Its first token.
    pub(super) start: u32,
}

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

/// The occurrences of windows that several classes have, by ranges of classes; beyond their share of the memory in the temporary file.
pub(super) struct SharedWindows<'s> {
    spill: &'s Spill,
    parts: Vec<Vec<Block<u32>>>,
    /// Number of different windows, which are numbered in the order of their hashes.
    pub(super) count: usize,
}

impl SharedWindows<'_> {
    /// Number of ranges of classes.
    pub(super) fn parts(&self) -> usize {
        self.parts.len()
    }

    /// The occurrences in a range of classes, in order.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub(super) fn occurrences(&self, part: usize) -> Result<Vec<Occurrence>> {
        let mut occurrences = Vec::new();
        for block in &self.parts[part] {
            let words = self.spill.get(block, 0..block.len())?;
            occurrences.extend(words.as_chunks::<3>().0.iter().map(|&[class, start, window]| (class, start, window)));
        }
        Ok(ordered(&occurrences))
    }
}

/// Occurrences by class and start, each once. Linear but for a sort within each class.
fn ordered(occurrences: &[Occurrence]) -> Vec<Occurrence> {
    let classes = || occurrences.iter().map(|&(class, ..)| class);
    let (Some(first), Some(last)) = (classes().min(), classes().max()) else { return Vec::new() };
    let in_classes = occurrences.iter().map(|&occurrence| ((occurrence.0 - first) as usize, occurrence));
    let (mut ordered, ends) = Buckets::new((last - first) as usize + 1, in_classes).into_parts();
    let mut start = 0;
    for end in ends {
        ordered[start as usize..end as usize].sort_unstable();
        start = end;
    }
    ordered.dedup();
    ordered
}

/// All wanted windows of `classes` that at least two of them have.
#[expect(clippy::cast_possible_truncation, reason = "the number of a partition")]
pub(super) fn shared_windows<'h, C: Corpus>(holder: &Holder<'h, C>, classes: &[u32], wanted: &Wanted<'_>) -> Result<SharedWindows<'h>> {
    let tokens: usize = classes.iter().map(|&class| holder.tokens_in(class)).sum();
    let mut filter = RepeatFilter::default();
    filter.clear(KEYS_A_GRAM * SELECTED_A_WINDOW * tokens / wanted.length + 1);
    for some in classes.chunks(MOST_CLASSES) {
        let keys = holder.map(some, |scratch: &mut Scratch, _, tokens, keys| wanted.add_keys(tokens, scratch, keys))?;
        keys.into_iter().flatten().for_each(|key: u64| filter.insert(key));
    }
    let spill = &holder.reading.spill;
    let mut by_hash: Vec<Vec<Block<u64>>> = (0..PARTS).map(|_| Vec::new()).collect();
    for some in classes.chunks(MOST_CLASSES) {
        let found = holder.map(some, |scratch: &mut Scratch, class, tokens, found| {
            wanted.add_windows(tokens, &filter, scratch, |start| found.push(window(tokens, class, start, wanted.length)));
        })?;
        let mut parts = vec![Vec::new(); PARTS];
        for Window { hash, class, start } in found.into_iter().flatten() {
            parts[(hash >> (u64::BITS - PARTS.ilog2())) as usize].extend([hash, u64::from(class) << u32::BITS | u64::from(start)]);
        }
        by_hash.iter_mut().zip(parts).try_for_each(|(blocks, part)| spill.keep(part).map(|block| blocks.push(block)))?;
    }
    let mut shared = SharedWindows { spill, parts: (0..PARTS).map(|_| Vec::new()).collect(), count: 0 };
    for blocks in by_hash {
        shared.add(&blocks, holder.classes.len())?;
    }
    Ok(shared)
}

impl SharedWindows<'_> {
    /// Adds the windows of a partition that several of all `classes` have.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the halves; and windows are fewer than the tokens of classes, which are numbered in 32 bits"
    )]
    fn add(&mut self, blocks: &[Block<u64>], classes: usize) -> Result<()> {
        let mut windows: Vec<[u64; 2]> = Vec::new();
        for block in blocks {
            windows.extend_from_slice(self.spill.get(block, 0..block.len())?.as_chunks::<2>().0);
        }
        let numbers = numbers_of_shared(&windows, self.count as u32);
        self.count += numbers.len();
        let mut parts = vec![Vec::new(); PARTS];
        for [hash, place] in windows {
            let (class, start) = ((place >> u32::BITS) as u32, place as u32);
            if let Some(&number) = numbers.get(&hash) {
                parts[class as usize * PARTS / classes.max(1)].extend([class, start, number]);
            }
        }
        self.parts.iter_mut().zip(parts).try_for_each(|(blocks, part)| self.spill.keep(part).map(|block| blocks.push(block)))
    }
}

/// The numbers of the hashes that several classes have, in the order of the hashes, from `first` on. Linear but for a sort of these.
fn numbers_of_shared(windows: &[[u64; 2]], first: u32) -> MixedMap<u64, u32> {
    /// In place of a class.
    const SEVERAL: u32 = u32::MAX;
    let mut classes: MixedMap<u64, u32> = MixedMap::default();
    for &[hash, place] in windows {
        let class = (place >> u32::BITS) as u32;
        classes.entry(hash).and_modify(|of| *of = if *of == class { class } else { SEVERAL }).or_insert(class);
    }
    classes.retain(|_, class| *class == SEVERAL);
    let mut shared: Vec<u64> = classes.keys().copied().collect();
    shared.sort_unstable();
    for (hash, number) in shared.into_iter().zip(first..) {
        classes.insert(hash, number);
    }
    classes
}

#[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
fn window(tokens: &[u64], class: u32, start: usize, length: usize) -> Window {
    Window { hash: shingle(&tokens[start..start + length]), class, start: start as u32 }
}

/// What a thread needs.
#[derive(Default)]
pub(super) struct Scratch {
    hashes: Vec<u32>,
    /// Start of a window and position of its selected n-gram, which is wanted.
    selected: Vec<[u32; 2]>,
    windows: Vec<ShingleHash>,
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

    /// Calls `each` with the start of each wanted window of which the document is not the only one, and of some others.
    fn add_windows(&self, tokens: &[u64], filter: &RepeatFilter, scratch: &mut Scratch, mut each: impl FnMut(usize)) {
        self.select(tokens, scratch);
        for same in scratch.selected.chunk_by(|x, y| x[1] == y[1]) {
            if self.keys(tokens, same[0][1] as usize).into_iter().flatten().any(|key| filter.is_repeated(key)) {
                same.iter().for_each(|window| each(window[0] as usize));
            }
        }
        if self.has_windows && tokens.len() >= self.length {
            let hashes = &mut scratch.windows;
            shingles_into(tokens, self.length, hashes);
            hashes.iter().enumerate().filter(|(_, hash)| self.windows.contains(**hash)).for_each(|(start, _)| each(start));
        }
    }
}
