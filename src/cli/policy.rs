//! What `clean` removes and keeps: flags, `REFRAIN_*` variables, and the table `[clean]` of `refrain.toml`.

use crate::clean::{Facts, Policy, Prefer, Rule, SpanUnit, Thresholds};
use crate::{DetectConfig, Keep};
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::str::FromStr;

/// Which member of a cluster is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeepArg {
    /// By what every document has.
    Usual(Keep),
    /// By a number in the record, or by who published it.
    Preferred(Prefer),
}

impl KeepArg {
    /// What decides where nothing else does.
    pub(super) fn among_equals(&self) -> Keep {
        match self {
            Self::Usual(keep) => *keep,
            Self::Preferred(_) => Keep::default(),
        }
    }

    /// Refuses what only `clean` can do.
    ///
    /// # Errors
    /// Says which.
    pub(super) fn check_usual(&self) -> Result<()> {
        match self {
            Self::Usual(_) => Ok(()),
            Self::Preferred(_) => {
                bail!("keep: only refrain clean takes highest:FIELD and outlets:A,B; use earliest, latest, longest or first here")
            }
        }
    }
}

impl FromStr for KeepArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let usual = match text {
            "earliest" => Keep::Earliest,
            "latest" => Keep::Latest,
            "longest" => Keep::Longest,
            "first" => Keep::First,
            _ => {
                return match text.split_once(':') {
                    Some(("highest", field)) => Ok(Self::Preferred(Prefer::Highest(field.trim().to_owned()))),
                    Some(("outlets", names)) => {
                        Ok(Self::Preferred(Prefer::Outlets(names.split(',').map(|name| name.trim().to_owned()).collect())))
                    }
                    _ => Err(format!("unknown choice `{text}` (expected earliest, latest, longest, first, highest:FIELD or outlets:A,B)")),
                };
            }
        };
        Ok(Self::Usual(usual))
    }
}

impl<'de> Deserialize<'de> for KeepArg {
    fn deserialize<D: Deserializer<'de>>(setting: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(setting)?.parse().map_err(D::Error::custom)
    }
}

/// What to remove: a rule, or several by one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RemoveArg {
    /// All repetition inside articles
    Within,
    /// Identical and near-duplicate articles
    Across,
    /// Nothing; for use with --filter
    Nothing,
    /// Repeated consecutive paragraphs
    RepeatedBlock,
    /// Repeated paragraphs
    RepeatedParagraph,
    /// Repeated sentences
    RepeatedSentence,
    /// Repeated passages that are no whole sentences or paragraphs
    RepeatedPassage,
    /// All but the first copy of a phrase that repeats in a row
    RepeatedPhrase,
    /// Articles with the same words as another
    Identical,
    /// All but one article of each cluster of near-duplicates
    NearDuplicate,
    /// Articles that a longer one contains
    Contained,
    /// Paragraphs found in many articles (--boilerplate)
    Boilerplate,
    /// Runs of words that several articles have (--spans), but for the first copy
    ReusedPassage,
    /// Those of them that many articles have (--boilerplate)
    CommonRun,
    /// Articles that contain an item of the reference (--against, --item-share)
    ContainsItem,
}

impl RemoveArg {
    fn rules(self) -> Vec<Rule> {
        match self {
            Self::Within => Rule::WITHIN.to_vec(),
            Self::Across => Rule::ACROSS.to_vec(),
            Self::Nothing => Vec::new(),
            Self::RepeatedBlock => vec![Rule::RepeatedBlock],
            Self::RepeatedParagraph => vec![Rule::RepeatedParagraph],
            Self::RepeatedSentence => vec![Rule::RepeatedSentence],
            Self::RepeatedPassage => vec![Rule::RepeatedPassage],
            Self::RepeatedPhrase => vec![Rule::RepeatedPhrase],
            Self::Identical => vec![Rule::Identical],
            Self::NearDuplicate => vec![Rule::NearDuplicate],
            Self::Contained => vec![Rule::Contained],
            Self::Boilerplate => vec![Rule::Boilerplate],
            Self::ReusedPassage => vec![Rule::ReusedPassage],
            Self::CommonRun => vec![Rule::CommonRun],
            Self::ContainsItem => vec![Rule::ContainsItem],
        }
    }
}

/// A set of measures with their thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FilterArg {
    /// Repetition measures of Gopher (Rae et al. 2021, table A1), with the paper's thresholds
    Gopher,
}

/// What is compared across articles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SpansArg(SpanUnit);

impl FromStr for SpansArg {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let count = |number: &str| number.parse::<usize>().ok();
        let unit = match text {
            "line" | "lines" => Some(SpanUnit::Lines),
            "paragraph" | "paragraphs" => Some(SpanUnit::Paragraphs),
            _ => match text.split_once('-') {
                None => count(text).map(SpanUnit::Words),
                Some((number, "words")) => count(number).map(SpanUnit::Words),
                Some((number, "sentence" | "sentences")) => count(number).map(SpanUnit::Sentences),
                Some(_) => None,
            },
        };
        unit.map(Self).ok_or_else(|| format!("`{text}` is none of a number of words, paragraphs, lines and 3-sentences"))
    }
}

impl<'de> Deserialize<'de> for SpansArg {
    fn deserialize<D: Deserializer<'de>>(setting: D) -> std::result::Result<Self, D::Error> {
        /// A number of words, or one of the names.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Setting {
            Words(usize),
            Name(String),
        }
        match Setting::deserialize(setting)? {
            Setting::Words(count) => Ok(Self(SpanUnit::Words(count))),
            Setting::Name(name) => name.parse().map_err(D::Error::custom),
        }
    }
}

/// Whether a copy that differs in a fact stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FactsArg {
    /// It stays, however similar
    Keep,
    /// It goes if it is similar enough
    Ignore,
}

/// Settings of `clean`: flags, variables, and the table `[clean]`.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CleanSettings {
    /// What to remove, separated by commas [default: within,across; with --against: across]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT", env = "REFRAIN_REMOVE", help_heading = "What to remove")]
    #[serde(deserialize_with = "one_or_many")]
    remove: Option<Vec<RemoveArg>>,
    /// Whether copies stay that differ in a fact: a figure, a date, a name, a negation [default: keep]
    #[arg(long, value_enum, env = "REFRAIN_FACTS", help_heading = "What to remove")]
    facts: Option<FactsArg>,
    /// Also remove edited copies inside an article that are at least this similar, 0 to 1, whatever their facts [default: verbatim copies only]
    #[arg(long, value_name = "SHARE", env = "REFRAIN_MIN_SIMILARITY", help_heading = "What to remove")]
    min_similarity: Option<f64>,
    /// Share of an article that must be in a longer one for `contained`, 0.8 to 1 [default: 1]
    #[arg(long, value_name = "SHARE", env = "REFRAIN_CONTAINED", help_heading = "What to remove")]
    contained: Option<f64>,
    /// Compare articles without the paragraphs that many have (--boilerplate), such as headers and licences; they stay
    #[arg(long, num_args = 0..=1, default_missing_value = "true", env = "REFRAIN_IGNORE_BOILERPLATE", help_heading = "What to remove")]
    ignore_boilerplate: Option<bool>,
    /// What reused-passage and common-run compare: N words, `paragraphs`, `lines`, or N `sentences`, as 3-sentences [default: 50]
    #[arg(long, value_name = "UNIT", env = "REFRAIN_SPANS", help_heading = "What to remove")]
    spans: Option<SpansArg>,
    /// Articles that keep a run which several have; 0 for none [default: 1]
    #[arg(long, value_name = "N", env = "REFRAIN_KEEP_COPIES", help_heading = "What to remove")]
    keep_copies: Option<usize>,
    /// Share of the words of an item that an article must have for contains-item, above 0 to 1 [default: 0.5]
    #[arg(long, value_name = "SHARE", env = "REFRAIN_ITEM_SHARE", help_heading = "What to remove")]
    item_share: Option<f64>,
    /// Remove articles that exceed the thresholds of this set of measures
    #[arg(long, value_enum, env = "REFRAIN_FILTER", help_heading = "What to remove")]
    filter: Option<FilterArg>,
    /// Other thresholds for the filter; only in refrain.toml, as [clean.thresholds]
    #[arg(skip)]
    thresholds: Option<Thresholds>,
}

fn one_or_many<'de, D: Deserializer<'de>>(setting: D) -> std::result::Result<Option<Vec<RemoveArg>>, D::Error> {
    super::settings::names(setting, "one of the names that `refrain clean --help` lists under --remove")
}

impl CleanSettings {
    /// These settings, and where they say nothing those of `under`.
    pub(super) fn over(self, under: Self) -> Self {
        Self {
            remove: self.remove.or(under.remove),
            facts: self.facts.or(under.facts),
            min_similarity: self.min_similarity.or(under.min_similarity),
            contained: self.contained.or(under.contained),
            ignore_boilerplate: self.ignore_boilerplate.or(under.ignore_boilerplate),
            spans: self.spans.or(under.spans),
            keep_copies: self.keep_copies.or(under.keep_copies),
            item_share: self.item_share.or(under.item_share),
            filter: self.filter.or(under.filter),
            thresholds: self.thresholds.or(under.thresholds),
        }
    }

    /// The same; if texts are compared byte for byte and nothing is said of what to remove, identical articles alone.
    pub(super) fn for_scope(self, detection: &DetectConfig) -> Self {
        Self { remove: self.remove.or_else(|| detection.is_exact().then(|| vec![RemoveArg::Identical])), ..self }
    }

    /// The same for a comparison with a reference: if nothing is said of what to remove, articles that it has.
    pub(super) fn for_reference(self) -> Self {
        Self { remove: self.remove.or_else(|| Some(vec![RemoveArg::Across])), ..self }
    }

    /// The policy.
    pub(super) fn policy(&self, keep: Option<&KeepArg>) -> Policy {
        let mut policy = Policy::default();
        if let Some(remove) = &self.remove {
            policy.remove = remove.iter().flat_map(|named| named.rules()).collect();
            policy.remove.sort_unstable();
            policy.remove.dedup();
        }
        if let Some(KeepArg::Preferred(prefer)) = keep {
            policy.prefer = prefer.clone();
        }
        policy.facts = match self.facts {
            Some(FactsArg::Ignore) => Facts::Ignore,
            Some(FactsArg::Keep) | None => Facts::Keep,
        };
        policy.min_similarity = self.min_similarity;
        policy.ignore_boilerplate = self.ignore_boilerplate.unwrap_or(policy.ignore_boilerplate);
        policy.spans = self.spans.map_or(policy.spans, |SpansArg(unit)| unit);
        policy.keep_copies = self.keep_copies.unwrap_or(policy.keep_copies);
        policy.item_share = self.item_share.unwrap_or(policy.item_share);
        policy.contained = self.contained.unwrap_or(policy.contained);
        policy.filter = self.filter.map(|FilterArg::Gopher| self.thresholds.unwrap_or_default());
        policy
    }
}
