//! Rules and how much each counts.

use serde::{Deserialize, Serialize};

/// How much a finding counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It is not reported.
    Off,
    /// It is reported, and never fails.
    Note,
    /// It is reported as a warning, and never fails.
    Warning,
    /// It fails the check.
    Error,
}

impl Level {
    /// Name in settings and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The level of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Off, Self::Note, Self::Warning, Self::Error].into_iter().find(|level| level.name() == name)
    }
}

/// Every rule, what it means, and its default level.
pub const RULES: [(&str, &str, Level); 10] = [
    ("repeated-block", "Two or more consecutive paragraphs are repeated in the same article.", Level::Error),
    ("repeated-paragraph", "A paragraph is repeated in the same article.", Level::Error),
    ("repeated-sentence", "One or more sentences are repeated in the same article.", Level::Error),
    ("repeated-passage", "A passage that does not end with a sentence is repeated in the same article.", Level::Error),
    ("repeated-phrase", "A short phrase is repeated many times in a row.", Level::Error),
    ("identical", "Another article has the same words in the same order.", Level::Error),
    ("near-duplicate", "Another article is similar as a whole.", Level::Error),
    ("contained", "Most of one article is contained in another.", Level::Error),
    ("reused-passage", "A passage is shared with another article.", Level::Error),
    ("template", "The text shared with another article is a template that many articles share.", Level::Note),
];

/// The level of each rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels([Level; RULES.len()]);

impl Default for Levels {
    fn default() -> Self {
        Self(RULES.map(|(_, _, level)| level))
    }
}

impl Levels {
    /// The level of a rule; off for one that is unknown.
    #[must_use]
    pub fn of(&self, rule: &str) -> Level {
        place_of(rule).map_or(Level::Off, |at| self.0[at])
    }

    /// Sets the level of a rule, or of `all`; false if there is none of that name.
    pub fn set(&mut self, rule: &str, level: Level) -> bool {
        if rule == "all" {
            self.0 = [level; RULES.len()];
            return true;
        }
        place_of(rule).map(|at| self.0[at] = level).is_some()
    }
}

/// The position of a rule in [`RULES`].
pub(crate) fn place_of(rule: &str) -> Option<usize> {
    RULES.iter().position(|(name, ..)| *name == rule)
}
