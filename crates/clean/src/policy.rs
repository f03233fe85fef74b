//! What is removed, and what stays of it. Plain data; [`Policy::check`] says whether it makes sense.

use super::gopher::Thresholds;
use refrain_engine::config::{DetectConfig, Keep, Scope};
use refrain_engine::error::{Error, Result};
use refrain_engine::finding::RepetitionRule;
use serde::{Deserialize, Serialize};

/// Why something is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Two or more paragraphs in a row come again in the article.
    RepeatedBlock,
    /// A paragraph does.
    RepeatedParagraph,
    /// A sentence does.
    RepeatedSentence,
    /// A stretch does that keeps to no paragraph or sentence.
    RepeatedPassage,
    /// A short phrase loops; its first copy stays.
    RepeatedPhrase,
    /// The article has the same words as another.
    Identical,
    /// The article is in a cluster of near-duplicates with another.
    NearDuplicate,
    /// Most of the article is in a longer one.
    Contained,
    /// The paragraph stands in many articles, or the article has nothing else.
    Boilerplate,
    /// A run of words also occurs in another article.
    ReusedPassage,
    /// Such a run occurs in at least `boilerplate` articles.
    CommonRun,
    /// The article contains an item of a reference.
    ContainsItem,
    /// A measure of repetition is over its threshold.
    Gopher,
}

impl Rule {
    /// Every rule that `--remove` may name.
    pub const REMOVABLE: [Self; 12] = [
        Self::RepeatedBlock,
        Self::RepeatedParagraph,
        Self::RepeatedSentence,
        Self::RepeatedPassage,
        Self::RepeatedPhrase,
        Self::Identical,
        Self::NearDuplicate,
        Self::Contained,
        Self::Boilerplate,
        Self::ReusedPassage,
        Self::CommonRun,
        Self::ContainsItem,
    ];
    /// What can be removed because a reference has it.
    pub const BY_REFERENCE: [Self; 3] = [Self::Identical, Self::NearDuplicate, Self::ContainsItem];
    /// Repetition inside an article.
    pub const WITHIN: [Self; 5] =
        [Self::RepeatedBlock, Self::RepeatedParagraph, Self::RepeatedSentence, Self::RepeatedPassage, Self::RepeatedPhrase];
    /// Articles of which one stays.
    pub const ACROSS: [Self; 2] = [Self::Identical, Self::NearDuplicate];

    /// Its name in flags and in the manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RepeatedBlock => "repeated-block",
            Self::RepeatedParagraph => "repeated-paragraph",
            Self::RepeatedSentence => "repeated-sentence",
            Self::RepeatedPassage => "repeated-passage",
            Self::RepeatedPhrase => "repeated-phrase",
            Self::Identical => "identical",
            Self::NearDuplicate => "near-duplicate",
            Self::Contained => "contained",
            Self::Boilerplate => "boilerplate",
            Self::ReusedPassage => "reused-passage",
            Self::CommonRun => "common-run",
            Self::ContainsItem => "contains-item",
            Self::Gopher => "gopher",
        }
    }
}

impl From<RepetitionRule> for Rule {
    fn from(rule: RepetitionRule) -> Self {
        match rule {
            RepetitionRule::RepeatedBlock => Self::RepeatedBlock,
            RepetitionRule::RepeatedParagraph => Self::RepeatedParagraph,
            RepetitionRule::RepeatedSentence => Self::RepeatedSentence,
            RepetitionRule::RepeatedPassage => Self::RepeatedPassage,
            RepetitionRule::RepeatedPhrase => Self::RepeatedPhrase,
        }
    }
}

/// Which member of a cluster stays, before [`DetectConfig::keep`] decides among those that are equal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Prefer {
    /// None before another.
    #[default]
    Any,
    /// That with the highest number in a field of its record; those without a number come last.
    Highest(String),
    /// That of the first of these outlets, compared without regard to case; those of others come last.
    Outlets(Vec<String>),
}

/// Whether copies that differ in a fact are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Facts {
    /// It is kept.
    #[default]
    Keep,
    /// It is removed if it is similar enough.
    Ignore,
}

/// The unit in which shared runs are compared across articles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SpanUnit {
    /// Runs of this many words, at least 8.
    Words(usize),
    /// Lines.
    Lines,
    /// Paragraphs.
    Paragraphs,
    /// Runs of this many sentences.
    Sentences(usize),
}

impl Default for SpanUnit {
    /// 50 words, as Lee et al. 2022 (section 4.1) have it.
    fn default() -> Self {
        Self::Words(50)
    }
}

/// What `clean` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// What is removed, each once, in the order of [`Rule`].
    pub remove: Vec<Rule>,
    /// Which of alike articles stays.
    pub prefer: Prefer,
    /// Whether copies that differ in a fact are kept.
    pub facts: Facts,
    /// Minimum similarity of edited copies inside an article that are removed whatever their facts, 0 to 1; None: edited copies are kept.
    pub min_similarity: Option<f64>,
    /// Minimum share of an article's shingles in the kept article for `contained`, 0.8 to 1.
    pub contained: f64,
    /// The unit of shared runs.
    pub spans: SpanUnit,
    /// Number of articles that keep a shared run.
    pub keep_copies: usize,
    /// Whether articles are compared without boilerplate paragraphs.
    pub ignore_boilerplate: bool,
    /// Minimum share of an item's words in an article for `contains-item`, above 0 to 1.
    pub item_share: f64,
    /// Articles over these thresholds go.
    pub filter: Option<Thresholds>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            remove: Rule::WITHIN.into_iter().chain(Rule::ACROSS).collect(),
            prefer: Prefer::Any,
            facts: Facts::Keep,
            min_similarity: None,
            contained: 1.0,
            spans: SpanUnit::default(),
            keep_copies: 1,
            ignore_boilerplate: false,
            item_share: 0.5,
            filter: None,
        }
    }
}

impl Policy {
    /// True if `rule` is to be acted on.
    #[must_use]
    pub fn removes(&self, rule: Rule) -> bool {
        self.remove.contains(&rule)
    }

    /// True if repetition inside articles is removed.
    pub(super) fn within(&self) -> bool {
        Rule::WITHIN.into_iter().any(|rule| self.removes(rule))
    }

    /// True if alike articles are.
    pub(super) fn across(&self) -> bool {
        Rule::ACROSS.into_iter().any(|rule| self.removes(rule))
    }

    /// Settings of the run that finds what articles have in common. Repetition inside them is gone by then, and not looked for again.
    pub(super) fn detection(&self, config: &DetectConfig) -> DetectConfig {
        let scope = match (self.across(), self.removes(Rule::Contained)) {
            _ if config.is_exact() => Scope::Exact,
            (_, false) => Scope::NearDuplicates,
            (true, true) => Scope::NearDuplicatesAndPassages,
            (false, true) => Scope::Passages,
        };
        DetectConfig { scope, keep: if self.prefer == Prefer::Any { config.keep } else { Keep::Earliest }, ..*config }
    }

    /// Says whether the policy makes sense with these settings of detection.
    ///
    /// # Errors
    /// [`Error::Config`] with what does not.
    pub fn check(&self, config: &DetectConfig) -> Result<()> {
        let wrong = |setting, reason: &str| Err(Error::Config { setting, reason: reason.into() });
        if let Some(rule) = self.remove.iter().find(|&&rule| config.is_exact() && rule != Rule::Identical) {
            let reason = format!(
                "`{}` needs the words of a text; where texts are compared byte for byte only `identical` can be removed",
                rule.name()
            );
            return Err(Error::Config { setting: "remove", reason });
        }
        match &self.prefer {
            Prefer::Highest(field) if field.is_empty() => {
                return wrong("keep", "`highest:` needs the name of a field, for example highest:score");
            }
            Prefer::Outlets(outlets) if outlets.iter().any(String::is_empty) => {
                return wrong("keep", "`outlets:` needs names separated by commas, for example outlets:Agency,Daily");
            }
            _ => {}
        }
        if let Some(rule) = self.remove.iter().find(|rule| !Rule::REMOVABLE.contains(rule)) {
            return Err(Error::Config {
                setting: "remove",
                reason: format!("`{}` is a filter; name it with the setting `filter`", rule.name()),
            });
        }
        if let Some(least) = self.min_similarity.filter(|least| !(0.0..=1.0).contains(least)) {
            return Err(Error::Config { setting: "min-similarity", reason: format!("must be between 0 and 1 (got {least})") });
        }
        if matches!(self.spans, SpanUnit::Words(..8) | SpanUnit::Sentences(0)) {
            return wrong("spans", "must be of at least 8 words, or of at least one sentence");
        }
        if !(0.8..=1.0).contains(&self.contained) {
            return Err(Error::Config { setting: "contained", reason: format!("must be between 0.8 and 1 (got {})", self.contained) });
        }
        if !(self.item_share > 0.0 && self.item_share <= 1.0) {
            return Err(Error::Config {
                setting: "item-share",
                reason: format!("must be above 0 and at most 1 (got {})", self.item_share),
            });
        }
        self.filter.as_ref().map_or(Ok(()), Thresholds::check)
    }

    /// Says whether the policy makes sense with a reference, or without one.
    ///
    /// # Errors
    /// [`Error::Config`] with the first rule that does not.
    pub fn check_reference(&self, has_reference: bool) -> Result<()> {
        let is_wrong = |rule: &&Rule| if has_reference { !Rule::BY_REFERENCE.contains(rule) } else { **rule == Rule::ContainsItem };
        let Some(rule) = self.remove.iter().find(is_wrong) else {
            return match &self.filter {
                Some(_) if has_reference => {
                    let reason = "articles are compared with the reference alone; filter them in another run".to_owned();
                    Err(Error::Config { setting: "filter", reason })
                }
                _ => Ok(()),
            };
        };
        let reason = if has_reference {
            format!(
                "`{}` is found within the articles, and they are compared with the reference alone; clean them in another run, or name \
                 identical, near-duplicate or contains-item",
                rule.name()
            )
        } else {
            format!("`{}` needs a reference; name it with the setting `against`", rule.name())
        };
        Err(Error::Config { setting: "remove", reason })
    }

    /// What is looked for in a comparison with a reference.
    #[must_use]
    pub fn reference_scope(&self) -> Scope {
        match (self.across(), self.removes(Rule::ContainsItem)) {
            (true, true) => Scope::NearDuplicatesAndPassages,
            (false, true) => Scope::Passages,
            (_, false) => Scope::NearDuplicates,
        }
    }
}
