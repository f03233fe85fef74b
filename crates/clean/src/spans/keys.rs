//! Keys by which articles that share a window of items find each other.
//!
//! In: a corpus. Out: keys of 32 bits for each article, and from them the articles that may share a window with another. Two articles that share a window share a key. A
//! window of words has a selected n-gram with the words on one side of it, so that one key serves about 25 windows; a window of other items is a key itself.
//! The corpus is read once; after cuts only the keys of the articles that were cut are computed again. Memory: 4 bytes a key, in a temporary file beyond its share.

use super::items::{Item, items};
use crate::policy::SpanUnit;
use rayon::prelude::*;
use refrain_engine::config::DetectConfig;
use refrain_engine::corpus::{Corpus, Visitor};
use refrain_engine::document::{Locator, Record};
use refrain_engine::error::Result;
use refrain_engine::sort::RepeatFilter;
use refrain_engine::spill::{Block, MemoryLimit, Spill};
use refrain_engine::text::{GRAM, Tokenizer, Tokens, Winnower, gram_hash, mix, shingle};
use std::collections::HashMap;
use std::ops::Range;

/// The keys of all articles.
pub(super) struct ArticleKeys {
    unit: SpanUnit,
    spill: Spill,
    stretches: Vec<StretchKeys>,
    /// Keys of articles that were cut, by file and start.
    changed: HashMap<(u32, u64), Vec<u32>>,
}

/// The keys of the articles of a stretch, each once in an article.
struct StretchKeys {
    /// Each article, and where its keys end.
    articles: Vec<(Locator, usize)>,
    keys: Block<u32>,
}

/// Keys that several articles have, and these articles.
pub(super) struct Repeated {
    keys: RepeatFilter,
    pub(super) articles: Vec<Locator>,
}

impl ArticleKeys {
    /// # Errors
    /// What keeps a file from being read, or a temporary file from being written.
    pub(super) fn read<C: Corpus>(corpus: &C, unit: SpanUnit, config: &DetectConfig, memory: Option<&MemoryLimit>) -> Result<Self> {
        let spill = Spill::new(memory);
        let visitor = || KeyReader { reader: WindowReader::new(unit, config), spill: &spill, articles: Vec::new(), keys: Vec::new() };
        let stretches = corpus.visit(visitor)?.into_iter().map(|stretch| stretch.output).collect::<Result<Vec<_>>>()?;
        Ok(Self { unit, spill, stretches, changed: HashMap::new() })
    }

    /// Computes the keys of articles again.
    ///
    /// # Errors
    /// A text cannot be read again.
    pub(super) fn renew<C: Corpus>(&mut self, corpus: &C, config: &DetectConfig, articles: &[Locator]) -> Result<()> {
        let keys = |reader: &mut WindowReader, article: &Locator| {
            reader.read(&corpus.text(*article)?);
            let mut keys = Vec::new();
            reader.keys(&mut keys);
            Ok(((article.file, article.start), keys))
        };
        let renewed = articles.par_iter().map_init(|| WindowReader::new(self.unit, config), keys).collect::<Result<Vec<_>>>()?;
        self.changed.extend(renewed);
        Ok(())
    }

    /// All articles, in the order of the input.
    pub(super) fn articles(&self) -> impl Iterator<Item = Locator> + '_ {
        self.stretches.iter().flat_map(|stretch| stretch.articles.iter().map(|(article, _)| *article))
    }

    /// The articles that may share a window with another.
    ///
    /// # Errors
    /// A temporary file cannot be read.
    pub(super) fn repeated(&self) -> Result<Repeated> {
        let mut repeated = Repeated { keys: RepeatFilter::default(), articles: Vec::new() };
        let changed: usize = self.changed.values().map(Vec::len).sum();
        let count = self.stretches.iter().map(|stretch| stretch.keys.len()).sum::<usize>() + changed;
        repeated.keys.clear(count / 2);
        self.each(|_, keys| keys.iter().for_each(|&key| repeated.keys.insert(word(key))))?;
        let Repeated { keys: filter, articles } = &mut repeated;
        self.each(|article, keys| {
            if keys.iter().any(|&key| filter.is_repeated(word(key))) {
                articles.push(article);
            }
        })?;
        Ok(repeated)
    }

    fn each(&self, mut visit: impl FnMut(Locator, &[u32])) -> Result<()> {
        let mut buffer = Vec::new();
        for stretch in &self.stretches {
            let keys = self.spill.read(&stretch.keys, 0..stretch.keys.len(), &mut buffer)?;
            let mut start = 0;
            for &(article, end) in &stretch.articles {
                let own = self.changed.get(&(article.file, article.start)).map_or(&keys[start..end], Vec::as_slice);
                visit(article, own);
                start = end;
            }
        }
        Ok(())
    }
}

impl Repeated {
    fn has(&self, key: u32) -> bool {
        self.keys.is_repeated(word(key))
    }
}

/// A key where the filter expects a hash.
fn word(key: u32) -> u64 {
    u64::from(key) << u32::BITS
}

/// Collects the keys of a stretch.
struct KeyReader<'a> {
    reader: WindowReader,
    spill: &'a Spill,
    articles: Vec<(Locator, usize)>,
    keys: Vec<u32>,
}

impl Visitor for KeyReader<'_> {
    type Output = Result<StretchKeys>;

    fn document(&mut self, record: Record<'_>) {
        self.reader.read(&record.text);
        self.reader.keys(&mut self.keys);
        self.articles.push((record.locator, self.keys.len()));
    }

    // Pages are never cut.
    fn page(&mut self, _: Record<'_>) {}

    fn progress(&mut self, _: u64) {}

    fn finish(mut self) -> Self::Output {
        self.keys.shrink_to_fit();
        Ok(StretchKeys { keys: self.spill.keep(self.keys)?, articles: self.articles })
    }
}

/// Reads articles one by one.
pub(super) struct WindowReader {
    unit: SpanUnit,
    tokenizer: Tokenizer,
    tokens: Tokens,
    items: Vec<Item>,
    winnower: Winnower,
    hashes: Vec<u32>,
    /// Selected n-grams, and the windows of each by their first words.
    selected: Vec<(usize, Range<usize>)>,
}

impl WindowReader {
    pub(super) fn new(unit: SpanUnit, config: &DetectConfig) -> Self {
        Self {
            unit,
            tokenizer: Tokenizer::new(config.fold, config.simd),
            tokens: Tokens::default(),
            items: Vec::new(),
            winnower: Winnower::default(),
            hashes: Vec::new(),
            selected: Vec::new(),
        }
    }

    /// Takes up a text.
    pub(super) fn read(&mut self, text: &str) {
        self.tokenizer.read(text, &mut self.tokens);
        self.items = items(text, &self.tokens, self.unit);
        self.selected.clear();
        if let SpanUnit::Words(length) = self.unit {
            self.hashes.clear();
            self.hashes.extend(self.tokens.hashes.windows(GRAM).map(gram_hash));
            let window = length + 1 - GRAM;
            let selected = self.winnower.select(&self.hashes, window).iter().rev().map(|&at| at as usize);
            append_windows(&self.hashes, selected, window, &mut self.selected);
        }
    }

    /// Appends the keys of the article, each once. Articles that share a window share a key.
    fn keys(&self, keys: &mut Vec<u32>) {
        let before = keys.len();
        match self.unit {
            SpanUnit::Words(length) => {
                keys.extend(self.selected.iter().flat_map(|(gram, _)| gram_keys(&self.tokens.hashes, *gram, length)));
            }
            unit => keys.extend((0..self.windows_of_items(unit)).map(|start| key_of(self.hash_of_items(start, unit)))),
        }
        keys[before..].sort_unstable();
        let mut kept = before;
        for at in before..keys.len() {
            if at == before || keys[at] != keys[kept - 1] {
                keys[kept] = keys[at];
                kept += 1;
            }
        }
        keys.truncate(kept);
    }

    fn windows_of_items(&self, unit: SpanUnit) -> usize {
        (self.items.len() + 1).saturating_sub(unit.items())
    }

    fn hash_of_items(&self, start: usize, unit: SpanUnit) -> u64 {
        let items = &self.items[start..start + unit.items()];
        let parts = items.iter().map(|item| shingle(&self.tokens.hashes[item.tokens.clone()]));
        parts.fold(0, |hash: u64, part| mix(hash.rotate_left(5) ^ part))
    }

    /// Calls `each` with partition, hash and first item of each window that another article may have, too. Consecutive windows are of one partition for the most
    /// part.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 items")]
    pub(super) fn windows(&self, repeated: &Repeated, mut each: impl FnMut(u32, u64, u32)) {
        let hashes = &self.tokens.hashes;
        match self.unit {
            SpanUnit::Words(length) => {
                for (gram, windows) in &self.selected {
                    if gram_keys(hashes, *gram, length).any(|key| repeated.has(key)) {
                        let part = self.hashes[*gram];
                        windows.clone().for_each(|start| each(part, shingle(&hashes[start..start + length]), start as u32));
                    }
                }
            }
            unit => {
                for start in 0..self.windows_of_items(unit) {
                    let hash = self.hash_of_items(start, unit);
                    if repeated.has(key_of(hash)) {
                        each(key_of(hash), hash, start as u32);
                    }
                }
            }
        }
    }
}

/// Appends each of the `selected` n-grams, which ascend, with the starts of the windows of `window` n-grams of which it is the least, the last of equal ones.
fn append_windows(hashes: &[u32], selected: impl Iterator<Item = usize>, window: usize, found: &mut Vec<(usize, Range<usize>)>) {
    let end = (hashes.len() + 1).saturating_sub(window);
    for gram in selected {
        let start = match found.last_mut() {
            None => 0,
            Some((last, windows)) => {
                let start = if hashes[gram] <= hashes[*last] { (gram + 1).saturating_sub(window) } else { *last + 1 };
                windows.end = start;
                start
            }
        };
        found.push((gram, start..end));
    }
}

fn key_of(hash: u64) -> u32 {
    (mix(hash) >> u32::BITS) as u32
}

/// Keys of the n-gram at `gram`: with the tokens before it, and with those after it. Each window of `length` around it contains one of both ranges.
fn gram_keys(tokens: &[u64], gram: usize, length: usize) -> impl Iterator<Item = u32> + '_ {
    let width = (length - GRAM).div_ceil(2);
    let ranges: [Option<Range<usize>>; 2] = [gram.checked_sub(width).map(|start| start..gram + GRAM), Some(gram..gram + GRAM + width)];
    ranges.into_iter().zip(1..).filter_map(move |(range, salt): (_, u64)| Some(key_of(shingle(tokens.get(range?)?) ^ salt)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use refrain_engine::text::least_of_windows;

    proptest! {
        #[test]
        fn each_window_belongs_to_its_least_gram(hashes in prop::collection::vec(0..9_u32, 0..80), window in 1..20_usize) {
            let mut expected = Vec::new();
            least_of_windows(&hashes, window, |start, least| expected.push((start, least)));
            let mut winnower = Winnower::default();
            let selected: Vec<usize> = winnower.select(&hashes, window).iter().rev().map(|&at| at as usize).collect();
            let mut found = Vec::new();
            append_windows(&hashes, selected.into_iter(), window, &mut found);
            let found: Vec<(usize, usize)> = found.into_iter().flat_map(|(gram, windows)| windows.map(move |start| (start, gram))).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
