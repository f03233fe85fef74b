//! What to look for, and how. A [`DetectConfig`] is plain data; [`DetectConfig::check`] says whether it makes sense.

use crate::error::{Error, Result};
use crate::simd::Simd;
use crate::sketch::Banding;
use crate::text::Fold;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// What is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Repetition inside documents, near-duplicates and reused passages among them.
    #[default]
    All,
    /// Repetition inside documents.
    Within,
    /// Documents that are alike as a whole.
    NearDuplicates,
    /// Passages that documents share.
    Passages,
    /// All but passages.
    WithinAndNearDuplicates,
    /// All but near-duplicates.
    WithinAndPassages,
    /// All but repetition inside documents.
    NearDuplicatesAndPassages,
    /// Documents whose texts are equal byte for byte, and nothing else. Nothing is folded; a text without tokens counts too.
    Exact,
}

impl Scope {
    /// What any of `scopes` looks for; everything if there is none.
    #[must_use]
    pub fn any_of(scopes: &[Self]) -> Self {
        let any = |of: fn(Self) -> bool| scopes.iter().any(|&scope| of(scope));
        match (any(Self::within), any(Self::near_duplicates), any(Self::passages)) {
            (true, false, false) => Self::Within,
            (false, true, false) => Self::NearDuplicates,
            (false, false, true) => Self::Passages,
            (true, true, false) => Self::WithinAndNearDuplicates,
            (true, false, true) => Self::WithinAndPassages,
            (false, true, true) => Self::NearDuplicatesAndPassages,
            (true, true, true) | (false, false, false) => Self::All,
        }
    }

    fn within(self) -> bool {
        matches!(self, Self::All | Self::Within | Self::WithinAndNearDuplicates | Self::WithinAndPassages)
    }

    fn near_duplicates(self) -> bool {
        matches!(self, Self::Exact | Self::All | Self::NearDuplicates | Self::WithinAndNearDuplicates | Self::NearDuplicatesAndPassages)
    }

    fn passages(self) -> bool {
        matches!(self, Self::All | Self::Passages | Self::WithinAndPassages | Self::NearDuplicatesAndPassages)
    }
}

/// Which member of a cluster is to be kept. Each falls back on the next: earliest, longest, smallest id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// The earliest by date, else the longest, else the smallest id.
    #[default]
    Earliest,
    /// The latest by date, else the longest, else the smallest id.
    Latest,
    /// The one with the most tokens, else the smallest id.
    Longest,
    /// The smallest id.
    First,
}

impl Keep {
    /// Order of documents of a cluster by their date, in seconds since 1970, and number of tokens: the least is kept, of several the one with the smallest id.
    #[must_use]
    pub const fn rank(self, seconds: Option<i64>, tokens: u32) -> (bool, i64, Reverse<u32>) {
        match (self, seconds) {
            (Self::Earliest, Some(seconds)) => (false, seconds, Reverse(tokens)),
            // The complement is less for later dates.
            (Self::Latest, Some(seconds)) => (false, !seconds, Reverse(tokens)),
            (Self::Earliest | Self::Latest, None) => (true, 0, Reverse(tokens)),
            (Self::Longest, _) => (false, 0, Reverse(tokens)),
            (Self::First, _) => (false, 0, Reverse(0)),
        }
    }
}

/// What joins a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Linkage {
    /// Any chain of verified pairs: A like B and B like C joins A and C, however unlike they are.
    #[default]
    Single,
    /// Every two members are a verified pair.
    Complete,
}

/// Shortest repetition that is told, in matched tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WithinConfig {
    /// Of a passage: inside a document a stretch that keeps to no paragraph or sentence, between two documents any.
    pub min_words: usize,
    /// Of whole paragraphs and sentences. Headlines, bylines and labels are shorter.
    pub min_sentence_words: usize,
    /// Copies of a phrase in a loop, the first included.
    pub min_loop_copies: usize,
}

impl Default for WithinConfig {
    fn default() -> Self {
        Self { min_words: 25, min_sentence_words: 10, min_loop_copies: 5 }
    }
}

/// Everything that the findings depend on besides the documents.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DetectConfig {
    /// What is looked for.
    pub scope: Scope,
    /// What is equal.
    pub fold: Fold,
    /// Tokens in a shingle, 1 to 64.
    pub shingle: usize,
    /// Jaccard from which two documents are near-duplicates, 0.3 to 1.
    pub threshold: f64,
    /// What joins a cluster.
    pub linkage: Linkage,
    /// Which member is kept.
    pub keep: Keep,
    /// Shortest repetitions and passages.
    pub within: WithinConfig,
    /// Documents that a gram may stand in to propose passages, 2 at least; grams in more are boilerplate, and counted.
    pub cap: usize,
    /// Documents, those of one text counted once, from which a paragraph that stands in them is boilerplate, 3 at least.
    pub boilerplate: usize,
    /// Vector instructions; the findings do not depend on it.
    #[serde(skip)]
    pub simd: Simd,
}

impl Default for DetectConfig {
    fn default() -> Self {
        Self {
            scope: Scope::All,
            fold: Fold::Full,
            shingle: 5,
            threshold: 0.8,
            linkage: Linkage::Single,
            keep: Keep::Earliest,
            within: WithinConfig::default(),
            cap: 100,
            boilerplate: 20,
            simd: Simd::Auto,
        }
    }
}

impl DetectConfig {
    /// True if documents are compared byte for byte.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.scope == Scope::Exact
    }

    /// True if near-duplicates or byte-identical documents are looked for.
    #[must_use]
    pub fn across(&self) -> bool {
        self.scope.near_duplicates()
    }

    /// True if passages that documents share are looked for.
    #[must_use]
    pub fn passages(&self) -> bool {
        self.scope.passages()
    }

    /// True if repetition inside documents is looked for.
    #[must_use]
    pub fn within(&self) -> bool {
        self.scope.within()
    }

    /// The bands that find a pair at the threshold with a probability of at least 0.999.
    #[must_use]
    pub fn banding(&self) -> Banding {
        Banding::for_threshold(self.threshold)
    }

    /// Says whether every setting is in its range.
    ///
    /// # Errors
    /// [`Error::Config`] with the first that is not.
    pub fn check(&self) -> Result<()> {
        let wrong = |setting, reason: String| Err(Error::Config { setting, reason });
        if !(0.3..=1.0).contains(&self.threshold) {
            return wrong("threshold", format!("must be between 0.3 and 1.0 (got {})", self.threshold));
        }
        if self.cap < 2 {
            return wrong("cap", format!("must be at least 2 (got {})", self.cap));
        }
        if self.boilerplate < 3 {
            return wrong("boilerplate", format!("must be at least 3 (got {})", self.boilerplate));
        }
        if !(1..=64).contains(&self.shingle) {
            return wrong("shingle", format!("must be between 1 and 64 (got {})", self.shingle));
        }
        for (setting, value, least) in [
            ("min-words", self.within.min_words, 4),
            ("min-sentence-words", self.within.min_sentence_words, 4),
            ("min-loop-copies", self.within.min_loop_copies, 3),
        ] {
            if value < least {
                return wrong(setting, format!("must be at least {least} (got {value})"));
            }
        }
        Ok(())
    }
}
