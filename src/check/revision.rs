//! What is told otherwise than it was.

use super::ignore::{Ignore, Side};
use super::rules::{Level, Levels};
use crate::finding::{FoundPair, PairRule};

/// A pair that is told otherwise, now that more articles are known: neither article is given, or it was given anew and the pair is no longer told.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// The pair as it is told now; as it was told, if it is no longer.
    pub pair: FoundPair,
    /// What became of it.
    pub change: Change,
    /// Of `a` and `b`.
    pub(super) sides: [RevisedSide; 2],
}

/// What is known of an article besides its id.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RevisedSide {
    pub(super) origin: Box<str>,
    /// Hash of its outlet's name, 0 if there is none.
    pub(super) outlet: u64,
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

    /// The rule before, where the pair was told and is.
    #[must_use]
    pub fn was(self) -> Option<PairRule> {
        if let Self::Changed { was } = self { Some(was) } else { None }
    }
}

impl Revision {
    /// The revision for those who are not told what is off or passed over; None if they know of neither the old nor the new.
    pub(super) fn told(mut self, levels: &Levels, ignore: &[Ignore]) -> Option<Self> {
        let sides = || [(&self.pair.a, &self.sides[0]), (&self.pair.b, &self.sides[1])];
        let sides = sides().map(|(id, side)| Side { id, path: Some(&*side.origin).filter(|path| !path.is_empty()), outlet: side.outlet });
        let is_told =
            |rule: PairRule| levels.of(rule.name()) != Level::Off && !ignore.iter().any(|ignore| ignore.matches(rule.name(), &sides));
        self.change = match self.change {
            Change::Changed { was } => match (is_told(was), is_told(self.pair.rule)) {
                (true, true) => self.change,
                (false, true) => Change::Told,
                (true, false) => {
                    self.pair.rule = was;
                    Change::Withdrawn
                }
                (false, false) => return None,
            },
            change if is_told(self.pair.rule) => change,
            _ => return None,
        };
        Some(self)
    }
}
