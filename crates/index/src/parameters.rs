//! The settings that an index is made with: what is in it can only be compared with what is made with the same.

use super::bytes::{Reader, put_number};
use super::error::IndexError;
use refrain_engine::config::DetectConfig;
use refrain_engine::text::Fold;
use std::path::Path;

/// Version of the hashes of tokens, shingles, keys and grams; grows when a change to one makes old ones incomparable.
const HASHES: u64 = 2;
/// Folds by their numbers in the file.
const FOLDS: [(Fold, &str); 3] = [(Fold::Full, "full"), (Fold::Light, "light"), (Fold::None, "none")];
/// Parts of one: thresholds are kept as whole numbers.
const MILLIONTHS: f64 = 1e6;

/// What stands in the file, and must be equal in who asks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters {
    /// What is equal.
    pub fold: Fold,
    /// Tokens in a shingle.
    pub shingle: usize,
    /// Jaccard from which articles are near-duplicates: the bands are made for it.
    pub threshold: f64,
    /// Shortest passage, in tokens: the grams are selected for it.
    pub min_words: usize,
    hashes: u64,
}

fn name_of(fold: Fold) -> &'static str {
    FOLDS.iter().find(|(other, _)| *other == fold).map_or("", |(_, name)| name)
}

impl Parameters {
    pub(super) fn of(config: &DetectConfig) -> Self {
        let DetectConfig { fold, shingle, threshold, within, .. } = *config;
        Self { fold, shingle, threshold: (threshold * MILLIONTHS).round() / MILLIONTHS, min_words: within.min_words, hashes: HASHES }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0.3 and 1")]
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        let fold = FOLDS.iter().position(|(fold, _)| *fold == self.fold).unwrap_or_default();
        let threshold = (self.threshold * MILLIONTHS).round() as u64;
        [self.hashes, fold as u64, self.shingle as u64, threshold, self.min_words as u64]
            .into_iter()
            .for_each(|number| put_number(number, out));
    }

    pub(super) fn take(from: &mut Reader<'_>) -> Option<Self> {
        let hashes = from.number()?;
        let fold = FOLDS.get(from.small::<usize>()?)?.0;
        let shingle = from.small()?;
        let threshold = f64::from(from.small::<u32>()?) / MILLIONTHS;
        Some(Self { fold, shingle, threshold, min_words: from.small()?, hashes })
    }

    /// `config` with these parameters.
    pub(super) fn into(self, config: &DetectConfig) -> DetectConfig {
        let mut config = DetectConfig { fold: self.fold, shingle: self.shingle, threshold: self.threshold, ..*config };
        config.within.min_words = self.min_words;
        config
    }

    /// Refuses to use an index with other parameters than its own.
    pub(super) fn check(&self, asked: &Self, path: &Path) -> Result<(), IndexError> {
        let different = |name, made_with: String, asked: String| Err(IndexError::Parameter { path: path.into(), name, made_with, asked });
        if self.hashes != asked.hashes {
            return Err(IndexError::Hashes { path: path.into() });
        }
        if self.fold != asked.fold {
            return different("fold", name_of(self.fold).into(), name_of(asked.fold).into());
        }
        for (name, made_with, asked) in [("shingle", self.shingle, asked.shingle), ("min-words", self.min_words, asked.min_words)] {
            if made_with != asked {
                return different(name, made_with.to_string(), asked.to_string());
            }
        }
        if (self.threshold - asked.threshold).abs() > 0.5 / MILLIONTHS {
            return different("threshold", self.threshold.to_string(), asked.threshold.to_string());
        }
        Ok(())
    }
}
