//! What is told otherwise than it was.

use crate::finding::{FoundPair, PairRule};

/// A pair of articles of an index that is told otherwise, now that more articles are known.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// The pair as it is told now; as it was told, if it is no longer.
    pub pair: FoundPair,
    /// What became of it.
    pub change: Change,
}

/// What became of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was not told before.
    Told,
    /// Rule, numbers or passages are others.
    Changed {
        /// The rule before.
        was: PairRule,
    },
    /// It is told no longer.
    Withdrawn,
}

impl Change {
    /// In a word, as it stands in the findings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Changed { .. } => "changed",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The rule before, if it was another time's.
    #[must_use]
    pub fn was(self) -> Option<PairRule> {
        if let Self::Changed { was } = self { Some(was) } else { None }
    }
}
