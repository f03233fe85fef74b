//! Windows of items that several articles share, and which copies are kept.
//!
//! In: a corpus and an order of its articles. Out: for each window to remove its position and that of a kept copy. The corpus is read at least twice more. The first
//! pass adds keys of each article to a counting filter: a selected n-gram for about 25 windows, with the words on one side of it. The second pass hashes only
//! windows around n-grams with a repeated key. If their list would exceed its share of the memory, n-grams are partitioned by hash, with one pass per
//! partition.

use super::items::{Item, items};
use super::order::Ranks;
use crate::clean::policy::SpanUnit;
use crate::config::DetectConfig;
use crate::corpus::{Corpus, Visitor};
use crate::detect::SingleDocument;
use crate::document::Record;
use crate::error::Result;
use crate::sort::Met;
use crate::spill::MemoryLimit;
use crate::text::{GRAM, Tokens, gram_hash, least_of_windows, mix, shingle};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Divisor of the memory limit for the list of windows.
const SHARE_OF_MEMORY: u64 = 4;
/// Maximum number of partitions.
const MOST_PARTS: usize = 1 << 12;

/// A window of an article: hash, rank of the article, first item.
type Window = (u64, u32, u32);

/// Consecutive windows to remove from an article, and the kept copy of the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Copy {
    pub(super) rank: u32,
    /// First item.
    pub(super) start: u32,
    /// Windows, each an item further.
    pub(super) windows: u32,
    /// The kept copy; the window itself if none is kept.
    pub(super) kept_rank: u32,
    pub(super) kept_start: u32,
    /// Whether at least `boilerplate` articles have it.
    pub(super) is_common: bool,
}

/// Finds shared windows.
pub(super) struct Look<'a, C> {
    pub(super) corpus: &'a C,
    pub(super) unit: SpanUnit,
    pub(super) config: &'a DetectConfig,
    pub(super) ranks: &'a Ranks,
    /// Words of all articles.
    pub(super) words: usize,
    /// Number of articles that keep a run.
    pub(super) keep_copies: usize,
    pub(super) memory: Option<&'a MemoryLimit>,
}

impl<C: Corpus> Look<'_, C> {
    /// The windows to remove, of those in at least `least_articles` articles.
    ///
    /// # Errors
    /// The corpus cannot be read again.
    pub(super) fn copies(&self, least_articles: usize) -> Result<Vec<Copy>> {
        let met = self.met()?;
        let most = self
            .memory
            .map_or(usize::MAX, |limit| usize::try_from(limit.bytes / SHARE_OF_MEMORY).unwrap_or(usize::MAX) / size_of::<Window>());
        let mut parts = 1;
        loop {
            if let Some(copies) = self.copies_in_parts(&met, parts, most, least_articles)? {
                return Ok(copies);
            }
            parts *= 4;
        }
    }

    /// The same with n-grams in `parts` partitions; None if one has more than `most` windows.
    fn copies_in_parts(&self, met: &Met, parts: usize, most: usize, least_articles: usize) -> Result<Option<Vec<Copy>>> {
        let mut copies = Vec::new();
        for part in 0..parts {
            let Some(mut windows) = self.windows(met, (part, parts), most)? else { return Ok(None) };
            windows.par_sort_unstable();
            self.add_copies(&windows, least_articles, &mut copies);
            copies.par_sort_unstable();
            join(&mut copies);
        }
        Ok(Some(copies))
    }

    /// The filter with the keys of all articles.
    fn met(&self) -> Result<Met> {
        let mut met = Met::default();
        met.clear(match self.unit {
            SpanUnit::Words(length) => 4 * self.words / length + 1,
            _ => self.words / 8 + 1,
        });
        let met = Mutex::new(met);
        self.corpus.visit(|| Keys { reader: self.reader(), met: &met, keys: Vec::new(), own: Vec::new() })?;
        Ok(met.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// The windows of a partition; None if there are more than `most`.
    fn windows(&self, met: &Met, part: (usize, usize), most: usize) -> Result<Option<Vec<Window>>> {
        let most = if part.1 >= MOST_PARTS { usize::MAX } else { most };
        let count = AtomicUsize::new(0);
        let found = self.corpus.visit(|| Finder {
            reader: self.reader(),
            met,
            part,
            ranks: self.ranks,
            count: &count,
            most,
            windows: Vec::new(),
        })?;
        if count.load(Ordering::Relaxed) > most {
            return Ok(None);
        }
        Ok(Some(found.into_iter().flat_map(|stretch| stretch.output).collect()))
    }

    fn reader(&self) -> Reader {
        Reader { unit: self.unit, document: SingleDocument::new(self.config), items: Vec::new(), hashes: Vec::new(), selected: Vec::new() }
    }

    /// Adds the windows to remove, given all windows in order.
    fn add_copies(&self, windows: &[Window], least_articles: usize, copies: &mut Vec<Copy>) {
        for same in windows.chunk_by(|x, y| x.0 == y.0) {
            let mut articles = 0;
            let mut going = same.len();
            let mut last = None;
            for (at, (_, rank, _)) in same.iter().enumerate() {
                if last != Some(rank) {
                    if articles == self.keep_copies {
                        going = going.min(at);
                    }
                    articles += 1;
                    last = Some(rank);
                }
            }
            if articles < least_articles {
                continue;
            }
            let kept = (self.keep_copies > 0).then_some(same[0]);
            copies.extend(same[going..].iter().map(|&(_, rank, start)| {
                let (_, kept_rank, kept_start) = kept.unwrap_or((0, rank, start));
                Copy { rank, start, windows: 1, kept_rank, kept_start, is_common: articles >= self.config.boilerplate }
            }));
        }
    }
}

/// Merges windows that are consecutive in both articles.
fn join(copies: &mut Vec<Copy>) {
    copies.dedup_by(|next, last| {
        let follows = next.rank == last.rank && next.start == last.start + last.windows;
        let is_same =
            next.kept_rank == last.kept_rank && next.kept_start == last.kept_start + last.windows && next.is_common == last.is_common;
        if follows && is_same {
            last.windows += next.windows;
        }
        follows && is_same
    });
}

/// Reads articles one by one.
struct Reader {
    unit: SpanUnit,
    document: SingleDocument,
    items: Vec<Item>,
    hashes: Vec<u32>,
    /// First word of a window, and its n-gram.
    selected: Vec<[u32; 2]>,
}

impl Reader {
    /// Takes up a text.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    fn read(&mut self, text: &str) {
        self.document.read(text);
        let tokens = self.document.tokens();
        self.items = items(text, tokens, self.unit);
        self.selected.clear();
        if let SpanUnit::Words(length) = self.unit {
            self.hashes.clear();
            self.hashes.extend(tokens.hashes.windows(GRAM).map(gram_hash));
            let selected = &mut self.selected;
            least_of_windows(&self.hashes, length + 1 - GRAM, |start, least| selected.push([start as u32, least as u32]));
        }
    }

    fn tokens(&self) -> &Tokens {
        self.document.tokens()
    }

    /// Keys: articles that share a window share a key.
    fn keys(&self, keys: &mut Vec<u64>) {
        match self.unit {
            SpanUnit::Words(length) => {
                for same in self.selected.chunk_by(|x, y| x[1] == y[1]) {
                    keys.extend(gram_keys(&self.tokens().hashes, same[0][1] as usize, length));
                }
            }
            unit => keys.extend((0..self.windows_of_items(unit)).map(|start| self.hash_of_items(start, unit))),
        }
    }

    fn windows_of_items(&self, unit: SpanUnit) -> usize {
        (self.items.len() + 1).saturating_sub(unit.items())
    }

    fn hash_of_items(&self, start: usize, unit: SpanUnit) -> u64 {
        let items = &self.items[start..start + unit.items()];
        let parts = items.iter().map(|item| shingle(&self.tokens().hashes[item.tokens.clone()]));
        parts.fold(0, |hash: u64, part| mix(hash.rotate_left(5) ^ part))
    }

    /// Calls `each` with hash and first item of each window of a partition that another article may have, too.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 items")]
    fn windows(&self, met: &Met, (part, parts): (usize, usize), mut each: impl FnMut(u64, u32)) {
        let is_in_part = |hash: u64| parts == 1 || (mix(hash) >> 32) as usize % parts == part;
        let hashes = &self.tokens().hashes;
        match self.unit {
            SpanUnit::Words(length) => {
                for same in self.selected.chunk_by(|x, y| x[1] == y[1]) {
                    let gram = same[0][1] as usize;
                    if is_in_part(u64::from(self.hashes[gram])) && gram_keys(hashes, gram, length).any(|key| met.is_again(key)) {
                        same.iter().for_each(|window| each(shingle(&hashes[window[0] as usize..window[0] as usize + length]), window[0]));
                    }
                }
            }
            unit => {
                for start in 0..self.windows_of_items(unit) {
                    let hash = self.hash_of_items(start, unit);
                    if is_in_part(hash) && met.is_again(hash) {
                        each(hash, start as u32);
                    }
                }
            }
        }
    }
}

/// Keys of the n-gram at `gram`: with the tokens before it, and with those after it. Each window of `length` around it contains one of both ranges.
fn gram_keys(tokens: &[u64], gram: usize, length: usize) -> impl Iterator<Item = u64> + '_ {
    let width = (length - GRAM).div_ceil(2);
    let ranges: [Option<Range<usize>>; 2] = [gram.checked_sub(width).map(|start| start..gram + GRAM), Some(gram..gram + GRAM + width)];
    ranges.into_iter().zip(1..).filter_map(move |(range, salt): (_, u64)| Some(mix(shingle(tokens.get(range?)?) ^ salt)))
}

/// Adds the distinct keys of each article to the filter.
struct Keys<'a> {
    reader: Reader,
    met: &'a Mutex<Met>,
    own: Vec<u64>,
    keys: Vec<u64>,
}

impl Visitor for Keys<'_> {
    type Output = ();

    fn document(&mut self, record: Record<'_>) {
        self.reader.read(&record.text);
        self.own.clear();
        self.reader.keys(&mut self.own);
        self.own.sort_unstable();
        self.own.dedup();
        self.keys.append(&mut self.own);
    }

    // Pages are never cut.
    fn page(&mut self, _: Record<'_>) {}

    fn progress(&mut self, _: u64) {}

    fn finish(self) {
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        self.keys.iter().for_each(|&key| met.meet(key));
    }
}

/// Collects windows.
struct Finder<'a> {
    reader: Reader,
    met: &'a Met,
    part: (usize, usize),
    ranks: &'a Ranks,
    count: &'a AtomicUsize,
    most: usize,
    windows: Vec<Window>,
}

impl Visitor for Finder<'_> {
    type Output = Vec<Window>;

    fn document(&mut self, record: Record<'_>) {
        let Some(rank) = self.ranks.of(record.locator) else { return };
        if self.count.load(Ordering::Relaxed) > self.most {
            self.windows = Vec::new();
            return;
        }
        self.reader.read(&record.text);
        let before = self.windows.len();
        let windows = &mut self.windows;
        self.reader.windows(self.met, self.part, |hash, start| windows.push((hash, rank, start)));
        self.count.fetch_add(self.windows.len() - before, Ordering::Relaxed);
    }

    fn page(&mut self, _: Record<'_>) {}

    fn progress(&mut self, _: u64) {}

    fn finish(self) -> Vec<Window> {
        self.windows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Documents;
    use crate::document::Document;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Rank and first item of every window to remove.
    fn found(texts: &[String], unit: SpanUnit, keep_copies: usize, (least, memory): (usize, Option<u64>)) -> BTreeSet<(u32, u32)> {
        let corpus: Documents = texts.iter().enumerate().map(|(at, text)| Document::new(at.to_string(), text.clone())).collect();
        let memory = memory.map(|bytes| MemoryLimit { bytes, temp_dir: std::env::temp_dir() });
        let ranks = Ranks::in_order(u32::try_from(texts.len()).unwrap());
        let config = DetectConfig::default();
        let look = Look { corpus: &corpus, unit, config: &config, ranks: &ranks, words: 200, keep_copies, memory: memory.as_ref() };
        let copies = look.copies(least).unwrap();
        copies.iter().flat_map(|copy| (copy.start..copy.start + copy.windows).map(|start| (copy.rank, start))).collect()
    }

    /// The same by brute force.
    fn expected(texts: &[Vec<String>], length: usize, keep_copies: usize, least: usize) -> BTreeSet<(u32, u32)> {
        let mut places: BTreeMap<&[String], Vec<(u32, u32)>> = BTreeMap::new();
        for (rank, text) in (0..).zip(texts) {
            (0..).zip(text.windows(length)).for_each(|(start, window)| places.entry(window).or_default().push((rank, start)));
        }
        let going = |places: Vec<(u32, u32)>| {
            let articles: BTreeSet<u32> = places.iter().map(|(rank, _)| *rank).collect();
            let kept: BTreeSet<u32> = articles.iter().copied().take(keep_copies).collect();
            places.into_iter().filter(move |(rank, _)| articles.len() >= least && !kept.contains(rank))
        };
        places.into_values().flat_map(going).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn windows_of_words_are_those_of_brute_force(
            texts in prop::collection::vec(prop::collection::vec(0..4_u8, 0..60), 1..6),
            shared in prop::collection::vec(0..200_u8, 8..30),
            places in prop::collection::vec((0..6_usize, 0..60_usize), 0..5),
            length in 8..14_usize,
            (keep_copies, least, memory) in (0..3_usize, 2..4_usize, prop::option::of(16..4000_u64)),
        ) {
            let mut texts = texts;
            for (text, place) in places {
                let count = texts.len();
                let text = &mut texts[text % count];
                let place = place.min(text.len());
                text.splice(place..place, shared.iter().copied());
            }
            let words: Vec<Vec<String>> = texts.iter().map(|text| text.iter().map(|word| format!("w{word}")).collect()).collect();
            let joined: Vec<String> = words.iter().map(|words| words.join(" ")).collect();
            prop_assert_eq!(found(&joined, SpanUnit::Words(length), keep_copies, (least, memory)), expected(&words, length, keep_copies, least));
        }

        #[test]
        fn windows_of_lines_and_sentences_are_those_of_brute_force(
            texts in prop::collection::vec(prop::collection::vec(0..6_u8, 0..12), 1..6),
            (keep_copies, least, memory) in (0..3_usize, 2..4_usize, prop::option::of(16..400_u64)),
        ) {
            let lines: Vec<Vec<String>> = texts.iter().map(|text| text.iter().map(|line| format!("One of {line} words.")).collect()).collect();
            for (unit, between, length) in [(SpanUnit::Lines, "\n", 1), (SpanUnit::Paragraphs, "\n\n", 1), (SpanUnit::Sentences(3), " ", 3)] {
                let joined: Vec<String> = lines.iter().map(|lines| lines.join(between)).collect();
                prop_assert_eq!(found(&joined, unit, keep_copies, (least, memory)), expected(&lines, length, keep_copies, least), "{:?}", unit);
            }
        }
    }
}
