//! Windows of items that several articles share, and which copies are kept.
//!
//! In: a corpus, the keys of its articles (`keys.rs`) and an order of them. Out: for each window to remove its position and that of a kept copy. Only articles with a
//! repeated key are read, and in them only windows around n-grams with such a key are hashed. They are partitioned by n-gram, and the
//! partitions are sorted one after another; beyond their share of the memory they are in a temporary file.

use super::keys::{ArticleKeys, WindowReader};
use super::order::Ranks;
use crate::policy::SpanUnit;
use rayon::prelude::*;
use refrain_engine::config::DetectConfig;
use refrain_engine::corpus::Corpus;
use refrain_engine::document::Locator;
use refrain_engine::error::Result;
use refrain_engine::spill::{Block, MemoryLimit, Spill};

/// Partitions of the windows, by n-gram, where memory is limited.
const PARTS: usize = 64;
/// Articles that a thread reads at a time.
const CHUNK: usize = 256;

/// A window of an article: hash, rank of the article, first item.
type Window = (u64, u32, u32);

/// A window from the words in which it is kept.
#[expect(clippy::cast_possible_truncation, reason = "the halves")]
fn window(hash: u64, place: u64) -> Window {
    (hash, (place >> u32::BITS) as u32, place as u32)
}

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
    pub(super) config: &'a DetectConfig,
    pub(super) unit: SpanUnit,
    pub(super) keys: &'a ArticleKeys,
    pub(super) ranks: &'a Ranks,
    /// Number of articles that keep a run.
    pub(super) keep_copies: usize,
    pub(super) memory: Option<&'a MemoryLimit>,
}

impl<C: Corpus> Look<'_, C> {
    /// The windows to remove, of those in at least `least_articles` articles.
    ///
    /// # Errors
    /// A text or a temporary file cannot be read again.
    pub(super) fn copies(&self, least_articles: usize) -> Result<Vec<Copy>> {
        let spill = Spill::new(self.memory);
        let parts = if spill.can_write() { PARTS } else { 1 };
        let chunks = self.windows(&spill, parts)?;
        let mut copies = Vec::new();
        for part in 0..parts {
            let mut windows = Vec::new();
            for of_chunk in &chunks {
                let words = spill.get(&of_chunk[part], 0..of_chunk[part].len())?;
                windows.extend(words.as_chunks::<2>().0.iter().map(|&[hash, place]| window(hash, place)));
            }
            windows.par_sort_unstable();
            let mut found = Vec::new();
            self.add_copies(&windows, least_articles, &mut found);
            found.par_sort_unstable();
            join(&mut found);
            copies.append(&mut found);
        }
        copies.par_sort_unstable();
        join(&mut copies);
        Ok(copies)
    }

    /// The windows that several articles may have, by chunks of articles and in each by partition.
    fn windows(&self, spill: &Spill, parts: usize) -> Result<Vec<Vec<Block<u64>>>> {
        let repeated = self.keys.repeated()?;
        let of_articles = |articles: &[Locator]| {
            let (mut reader, mut windows) = (WindowReader::new(self.unit, self.config), vec![Vec::new(); parts]);
            for &article in articles {
                let Some(rank) = self.ranks.of(article) else { continue };
                reader.read(&self.corpus.text(article)?);
                reader.windows(&repeated, |part, hash, start| {
                    windows[part as usize % parts].extend([hash, u64::from(rank) << u32::BITS | u64::from(start)]);
                });
            }
            windows.into_iter().map(|windows| spill.keep(windows)).collect()
        };
        repeated.articles.par_chunks(CHUNK).map(of_articles).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use refrain_engine::corpus::Documents;
    use refrain_engine::document::Document;
    use std::collections::{BTreeMap, BTreeSet};

    /// Rank and first item of every window to remove.
    fn found(texts: &[String], unit: SpanUnit, keep_copies: usize, (least, memory): (usize, Option<u64>)) -> BTreeSet<(u32, u32)> {
        let corpus: Documents = texts.iter().enumerate().map(|(at, text)| Document::new(at.to_string(), text.clone())).collect();
        let memory = memory.map(|bytes| MemoryLimit { bytes, temp_dir: std::env::temp_dir() });
        let ranks = Ranks::in_order(u32::try_from(texts.len()).unwrap());
        let config = DetectConfig::default();
        let keys = ArticleKeys::read(&corpus, unit, &config, memory.as_ref()).unwrap();
        let look = Look { corpus: &corpus, config: &config, unit, keys: &keys, ranks: &ranks, keep_copies, memory: memory.as_ref() };
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
