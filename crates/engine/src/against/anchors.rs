//! Anchors: runs of tokens that a document and the reference have in common, and the contents of the reference that they propose.
//!
//! In: 32-bit token hashes. Out: contents, each with its longest anchor. Seeds of [`Seeds::length`] tokens are selected by winnowing on both sides (Schleimer, Wilkerson, Aiken
//! 2003), so that a run of `min_words` tokens in both contains a seed that both selected. A seed that is found is extended to the longest exact match around it.
//! Always: a content that shares such a run is proposed, unless a seed occurs in more contents than `cap`; then the first of them are, and the seed is counted.

use super::postings::{Postings, posting, value};
use crate::text::Winnower;
use std::ops::Range;

/// Most tokens of a seed: shorter ones are found by chance too often, longer ones miss texts with many edits.
const MOST_SEED: usize = 6;
/// Most seeds of a window, of which one is selected. Half as many as a run of `min_words` tokens has are enough for edited copies.
const MOST_WINDOW: usize = 7;

/// Seeds, in tokens of shorter runs, that propose a content whose passages may be edited.
const EDITED: usize = 2;

/// Which runs of tokens are looked up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seeds {
    /// Tokens of a seed.
    pub(super) length: usize,
    /// Seeds of a window.
    window: usize,
}

impl Seeds {
    /// For runs of at least `min_words` tokens.
    pub(super) fn for_run(min_words: usize) -> Self {
        let length = MOST_SEED.min(min_words);
        Self { length, window: ((min_words - length).div_ceil(2)).clamp(1, MOST_WINDOW) }
    }

    /// Replaces `hashes` by those of all seeds of `tokens`, and `selected` by the selected seeds whose hash `is_wanted`, in no particular order.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    fn select(self, tokens: &[u32], scratch: &mut SeedScratch, is_wanted: impl Fn(u32) -> bool) {
        let SeedScratch { winnower, hashes, selected } = scratch;
        hashes.clear();
        hashes.extend(tokens.windows(self.length).map(hash_of));
        selected.clear();
        if self.window == 1 {
            selected.extend((0..hashes.len() as u32).filter(|&at| is_wanted(hashes[at as usize])));
        } else {
            let all = winnower.select(hashes, self.window).iter();
            selected.extend(all.filter(|&&at| is_wanted(hashes[at as usize])));
        }
    }

    /// Selected seeds of so many tokens, about.
    fn expected(self, tokens: usize) -> usize {
        2 * tokens / (self.window + 1)
    }
}

/// Scratch space of [`Seeds::select`].
#[derive(Debug, Default)]
struct SeedScratch {
    winnower: Winnower,
    hashes: Vec<u32>,
    selected: Vec<u32>,
}

#[inline(always)]
fn hash_of(seed: &[u32]) -> u32 {
    let mixed = seed.iter().fold(0_u64, |hash, &token| (hash.rotate_left(15) ^ u64::from(token)).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    (mixed >> u32::BITS) as u32
}

/// The tokens of a reference and the seeds in them.
#[derive(Debug)]
pub(super) struct AnchorIndex {
    seeds: Seeds,
    /// Least length of a run.
    min_words: usize,
    /// Most contents that a seed proposes.
    cap: usize,
    /// Those of all contents, one after another.
    tokens: Vec<u32>,
    /// Where the tokens of each content begin; one more at the end.
    starts: Vec<u32>,
    /// Positions in `tokens`.
    postings: Postings,
}

/// Scratch space of look-ups.
#[derive(Debug, Default)]
pub(super) struct AnchorFinder {
    seeds: SeedScratch,
    /// Position in the document, and in the reference.
    hits: Vec<[u32; 2]>,
    anchors: Vec<Anchor>,
}

/// A run of tokens that a document and a content have in common, as long as it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Anchor {
    pub(super) content: u32,
    pub(super) length: u32,
    /// Its first token in the document.
    pub(super) at: u32,
    /// Its first token in the content.
    pub(super) there: u32,
}

impl AnchorIndex {
    /// Of contents of fewer than 2^32 tokens in all.
    #[expect(clippy::cast_possible_truncation, reason = "fewer than 2^32 tokens")]
    pub(super) fn new(contents: &[Vec<u32>], min_words: usize, cap: usize) -> Self {
        let seeds = Seeds::for_run(min_words);
        let count = contents.iter().map(Vec::len).sum();
        let (mut tokens, mut starts, mut entries) = (Vec::with_capacity(count), vec![0], Vec::with_capacity(seeds.expected(count)));
        let mut scratch = SeedScratch::default();
        for content in contents {
            let start = tokens.len() as u32;
            seeds.select(content, &mut scratch, |_| true);
            entries.extend(scratch.selected.iter().map(|&at| posting(scratch.hashes[at as usize], start + at)));
            tokens.extend_from_slice(content);
            starts.push(tokens.len() as u32);
        }
        Self { seeds, min_words, cap, tokens, starts, postings: Postings::new(entries) }
    }

    /// Appends to `found` the contents that share a run of `min_words` tokens with the document of `tokens`, or shorter runs with as many tokens in all as
    /// two seeds have, ascending, each with its longest anchor. Returns the number of seeds that occur in more contents than `cap`.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    pub(super) fn find(&self, tokens: &[u32], finder: &mut AnchorFinder, found: &mut Vec<Anchor>) -> usize {
        let AnchorFinder { seeds, hits, anchors } = finder;
        hits.clear();
        self.seeds.select(tokens, seeds, |hash| self.postings.may_have(hash));
        let mut capped = 0;
        for &at in &seeds.selected {
            let postings = self.postings.of(seeds.hashes[at as usize]);
            capped += usize::from(postings.len() > self.cap);
            hits.extend(postings.iter().take(self.cap).map(|&posting| [at, value(posting)]));
        }
        if hits.is_empty() {
            return 0;
        }
        // Along each diagonal in order, so that one anchor is extended once.
        hits.sort_unstable_by_key(|&[at, there]| (there.wrapping_sub(at), at));
        anchors.clear();
        let (mut diagonal, mut end) = (None, 0);
        for &[at, there] in hits.iter() {
            if diagonal == Some(there.wrapping_sub(at)) && at < end {
                continue;
            }
            let content = self.content_at(there);
            let run = self.extended(tokens, [at, there], content);
            (diagonal, end) = (Some(there.wrapping_sub(at)), run.end as u32);
            if run.len() >= self.seeds.length {
                let start = there - self.starts[content] - (at - run.start as u32);
                anchors.push(Anchor { content: content as u32, length: run.len() as u32, at: run.start as u32, there: start });
            }
        }
        anchors.sort_unstable();
        let shared = anchors.chunk_by(|x, y| x.content == y.content).filter(|of_content| {
            let shared: usize = of_content.iter().map(|anchor| anchor.length as usize).sum();
            shared >= self.min_words.min(EDITED * self.seeds.length)
        });
        found.extend(shared.map(|of_content| of_content[of_content.len() - 1]));
        capped
    }

    /// The content that has the token at this position.
    fn content_at(&self, position: u32) -> usize {
        self.starts.partition_point(|&start| start <= position) - 1
    }

    /// The longest exact match around a pair of positions, on the side of the document.
    fn extended(&self, tokens: &[u32], [at, there]: [u32; 2], content: usize) -> Range<usize> {
        let text = &self.tokens[self.starts[content] as usize..self.starts[content + 1] as usize];
        let (at, there) = (at as usize, (there - self.starts[content]) as usize);
        let back = tokens[..at].iter().rev().zip(text[..there].iter().rev()).take_while(|(x, y)| x == y).count();
        let forth = tokens[at..].iter().zip(&text[there..]).take_while(|(x, y)| x == y).count();
        at - back..at + forth
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Whether two texts share a run of `run` tokens.
    fn share(x: &[u32], y: &[u32], run: usize) -> bool {
        x.windows(run).any(|run_of_x| y.windows(run).any(|run_of_y| run_of_x == run_of_y))
    }

    fn texts() -> impl Strategy<Value = Vec<Vec<u32>>> {
        let vocabulary = prop_oneof![Just(3_u32), Just(40)];
        vocabulary.prop_flat_map(|words| prop::collection::vec(prop::collection::vec(0..words, 0..40), 1..9))
    }

    proptest! {
        /// Whatever the vocabulary, and however the texts repeat themselves.
        #[test]
        fn every_content_that_shares_a_run_is_proposed(mut texts in texts(), min_words in 4..20_usize, copied in (0..9_usize, 0..30_usize, 4..20_usize)) {
            let mut document = texts.pop().unwrap_or_default();
            if let Some(source) = texts.get(copied.0) {
                document.extend(source.iter().skip(copied.1).take(copied.2));
            }
            let index = AnchorIndex::new(&texts, min_words, usize::MAX);
            let mut found = Vec::new();
            prop_assert_eq!(index.find(&document, &mut AnchorFinder::default(), &mut found), 0);
            for (number, text) in (0..).zip(&texts) {
                prop_assert!(!share(text, &document, min_words) || found.iter().any(|anchor| anchor.content == number), "content {}", number);
            }
            prop_assert!(found.is_sorted_by(|x, y| x.content < y.content));
            for Anchor { content, length, at, there } in found {
                let [at, there, length] = [at, there, length].map(|number| number as usize);
                prop_assert_eq!(&document[at..at + length], &texts[content as usize][there..there + length]);
            }
        }
    }

    #[test]
    fn a_seed_in_more_contents_than_the_cap_is_counted() {
        let text: Vec<u32> = (0..30).collect();
        let index = AnchorIndex::new(&vec![text.clone(); 5], 25, 3);
        let mut found = Vec::new();
        let capped = index.find(&text, &mut AnchorFinder::default(), &mut found);
        assert!(capped > 0);
        assert_eq!(found.iter().map(|anchor| anchor.content).collect::<Vec<_>>(), [0, 1, 2]);
    }
}
