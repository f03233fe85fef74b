//! Tokens of the first pass, kept so that documents need not be read and tokenised again.
//!
//! In: the tokens of one stretch. Out: those of one document, from memory or from the temporary file; None where there was room in neither.

use crate::error::Result;
use crate::spill::{BYTES_A_TOKEN, Block, Spill};
use crate::text::{Extent, Extents};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Tokens of a stretch of news, roughly.
const STRETCH_TOKENS: usize = 100_000;

/// The tokens of the documents of one stretch, document by document.
#[derive(Debug, Default)]
pub(super) struct StretchTokens {
    pub(super) hashes: Vec<u64>,
    pub(super) extents: Extents,
    /// Positions of shingles that occurred in the same document before.
    pub(super) again: Vec<u32>,
}

/// Where the tokens of one stretch are.
#[derive(Debug, Default)]
pub(super) enum StoredTokens {
    /// Nowhere: they have to be computed from the texts.
    #[default]
    Dropped,
    Memory(StretchTokens),
    /// In the temporary file.
    File {
        hashes: Block<u64>,
        extents: Block<Extent>,
        spellings: Block<u32>,
        continued: Block<u8>,
        again: Block<u32>,
    },
}

/// How many tokens stay in memory; shared by all threads.
#[derive(Debug)]
pub(super) struct TokenRoom {
    /// Tokens in memory, and other data of them in units of the size of a token.
    used: AtomicUsize,
    most: usize,
}

impl TokenRoom {
    pub(super) fn new(most: usize) -> Self {
        Self { used: AtomicUsize::new(0), most }
    }

    /// True if the tokens of the next stretch can be kept, in memory or in the file of `spill`.
    pub(super) fn takes_more(&self, spill: &Spill) -> bool {
        spill.can_write() || self.used.load(Ordering::Relaxed) < self.most
    }
}

impl StretchTokens {
    /// With room for the tokens of a stretch.
    pub(super) fn with_room() -> Self {
        Self { hashes: Vec::with_capacity(STRETCH_TOKENS), extents: Extents::with_room(STRETCH_TOKENS), again: Vec::new() }
    }

    /// Keeps them in memory while there is `room`, then in the file of `spill`; drops them if it has none.
    ///
    /// # Errors
    /// The temporary file cannot be made or written.
    pub(super) fn store(mut self, room: &TokenRoom, spill: &Spill) -> Result<StoredTokens> {
        let size = self.hashes.len() + self.extents.blocks() / BYTES_A_TOKEN + self.again.len();
        let fits = |used: usize| (used <= room.most).then_some(used + size);
        if room.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok() {
            self.hashes.shrink_to_fit();
            self.extents.shrink_to_fit();
            return Ok(StoredTokens::Memory(self));
        }
        if !spill.can_write() {
            return Ok(StoredTokens::Dropped);
        }
        Ok(StoredTokens::File {
            hashes: spill.write(&self.hashes)?,
            extents: spill.write(&self.extents.tokens)?,
            spellings: spill.write(&self.extents.spellings)?,
            continued: spill.write(&self.extents.continued)?,
            again: spill.write(&self.again)?,
        })
    }
}

impl StoredTokens {
    /// Hashes of the tokens of a document, which are `tokens` of the stretch.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub(super) fn hashes(&self, tokens: Range<usize>, spill: &Spill) -> Result<Option<Cow<'_, [u64]>>> {
        match self {
            Self::Memory(stretch) => Ok(stretch.hashes.get(tokens).map(Cow::Borrowed)),
            Self::File { hashes, .. } => spill.get(hashes, tokens).map(Some),
            Self::Dropped => Ok(None),
        }
    }

    /// Spellings of the tokens of a document, which are `tokens` of the stretch.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub(super) fn spellings(&self, tokens: Range<usize>, spill: &Spill) -> Result<Option<Cow<'_, [u32]>>> {
        match self {
            Self::Memory(stretch) => Ok(stretch.extents.spellings.get(tokens).map(Cow::Borrowed)),
            Self::File { spellings, .. } => spill.get(spellings, tokens).map(Some),
            Self::Dropped => Ok(None),
        }
    }

    /// The positions `range` of [`StretchTokens::again`].
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub(super) fn again(&self, range: Range<usize>, spill: &Spill) -> Result<Option<Cow<'_, [u32]>>> {
        match self {
            Self::Memory(stretch) => Ok(stretch.again.get(range).map(Cow::Borrowed)),
            Self::File { again, .. } => spill.get(again, range).map(Some),
            Self::Dropped => Ok(None),
        }
    }

    /// Offsets of the `edges` of a document by [`Extents::edges`]; its tokens are `tokens` of the stretch, and its blocks begin at `first_block`.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub(super) fn edges(&self, tokens: Range<usize>, first_block: usize, edges: &[u32], spill: &Spill) -> Result<Option<Vec<[u32; 2]>>> {
        match self {
            Self::Memory(stretch) => Ok(stretch.extents.edges(tokens, first_block, edges)),
            Self::File { extents, continued, .. } => {
                let tokens = spill.get(extents, tokens)?.into_owned();
                let end = continued.len().min(first_block + Extents::blocks_of(&tokens));
                let continued = spill.get(continued, first_block.min(end)..end)?.into_owned();
                let count = tokens.len();
                Ok(Extents { tokens, continued, ..Extents::default() }.edges(0..count, 0, edges))
            }
            Self::Dropped => Ok(None),
        }
    }

    /// Frees the memory of all but the extents.
    pub(super) fn forget_hashes(&mut self) {
        if let Self::Memory(stretch) = self {
            (stretch.hashes, stretch.again) = (Vec::new(), Vec::new());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spill::MemoryLimit;
    use crate::text::{Fold, Tokens, spellings};
    use crate::{DetectConfig, Detector, Document};
    use proptest::prelude::*;

    proptest! {
        /// What is stored is read, from memory and from the file, and nothing is where there is neither.
        #[test]
        fn tokens_are_the_same_wherever_they_are(texts in prop::collection::vec("([a-cé ب☃𝄞]|[ -~]|[½㎏]|[ء-ي]){0,60}", 1..5), step in 1..4_usize) {
            let folder = tempfile::tempdir().unwrap();
            let limited = Spill::new(Some(&MemoryLimit { bytes: 0, temp_dir: folder.path().into() }));
            let unlimited = Spill::new(None);
            let full = || TokenRoom { used: AtomicUsize::new(2), most: 1 };
            let stored = |room: TokenRoom, spill: &Spill| {
                let mut stretch = StretchTokens::with_room();
                for text in &texts {
                    let tokens = Tokens::of(text, Fold::Full);
                    stretch.extents.append(text, &tokens.spans);
                    stretch.hashes.extend(&tokens.hashes);
                    stretch.again.extend((0..).take(tokens.len() / 2));
                }
                stretch.store(&room, spill).unwrap()
            };
            let (memory, file) = (stored(TokenRoom::new(1), &unlimited), stored(full(), &limited));
            let dropped = stored(full(), &unlimited);
            let are_apart = matches!((&memory, &file, &dropped), (StoredTokens::Memory(_), StoredTokens::File { .. }, StoredTokens::Dropped));
            prop_assert!(are_apart);
            let (mut start, mut first_block, mut first_again) = (0, 0, 0);
            for text in &texts {
                let tokens = Tokens::of(text, Fold::Full);
                let (all, again) = (start..start + tokens.len(), first_again..first_again + tokens.len() / 2);
                let edges: Vec<u32> = (0..=u32::try_from(tokens.len()).unwrap()).step_by(step).collect();
                let hashes = [memory.hashes(all.clone(), &unlimited)?, file.hashes(all.clone(), &limited)?];
                prop_assert!(hashes.iter().all(|hashes| hashes.as_deref() == Some(&tokens.hashes[..])));
                let spelled: Vec<u32> = spellings(text, &tokens.spans).collect();
                let stored = [memory.spellings(all.clone(), &unlimited)?, file.spellings(all.clone(), &limited)?];
                prop_assert!(stored.iter().all(|spellings| spellings.as_deref() == Some(&spelled[..])));
                prop_assert_eq!(memory.again(again.clone(), &unlimited)?, file.again(again.clone(), &limited)?);
                let offsets = memory.edges(all.clone(), first_block, &edges, &unlimited)?;
                prop_assert_eq!(offsets, file.edges(all.clone(), first_block, &edges, &limited)?);
                prop_assert!(dropped.hashes(all.clone(), &unlimited)?.is_none() && dropped.again(again.clone(), &unlimited)?.is_none());
                prop_assert!(dropped.edges(all.clone(), first_block, &edges, &unlimited)?.is_none());
                let mut extents = Extents::default();
                extents.append(text, &tokens.spans);
                (start, first_block, first_again) = (all.end, first_block + extents.blocks(), again.end);
            }
        }
    }

    /// Tests keep few tokens in memory: those of later stretches are in the file if memory is limited, and are computed from the texts if it is not.
    #[test]
    fn findings_do_not_depend_on_where_tokens_are() {
        let words = |from: usize, count: usize| (from..from + count).map(|n| format!("w{n}é")).collect::<Vec<_>>().join(" ");
        // Some have a word of more than 255 bytes, a character that is two words, or shingles that repeat.
        let own = |n: usize| match n % 5 {
            0 => "x".repeat(300),
            1 => "half ½ of it".into(),
            2 => format!("{0} then {0}", words(7000, 9)),
            _ => words(n * 1000, 20),
        };
        let text = |n: usize| format!("{} {} {}", own(n), words((n % 300) * 1_000_000, 40 + n / 300), words(n * 1000 + 500, 20));
        let folder = tempfile::tempdir().unwrap();
        let found = |bytes: Option<u64>| {
            let detector = Detector::new(DetectConfig::default()).unwrap();
            let limit = bytes.map(|bytes| MemoryLimit { bytes, temp_dir: folder.path().into() });
            let detector = if let Some(limit) = limit { detector.within_memory(limit) } else { detector };
            let findings = detector
                .detect((0..900).map(|n| Document::new(format!("{n:03}"), text(n)).dated(format!("2015-07-{:02}", 1 + n / 300))))
                .unwrap();
            let all: (Vec<_>, Vec<_>, Vec<_>) =
                (findings.repetitions().to_vec(), findings.pairs().collect(), findings.derivations().collect());
            assert!(all.1.len() >= 900 && !all.2.is_empty());
            format!("{all:?}")
        };
        let unlimited = found(None);
        for bytes in [0, 1 << 16, 1 << 30] {
            assert!(found(Some(bytes)) == unlimited, "{bytes}");
        }
    }
}
