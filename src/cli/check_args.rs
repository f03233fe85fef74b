//! Flags of `refrain check`, and its part of the settings file.

use super::args::{Report, RunArgs};
use clap::builder::{BoolishValueParser, PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use refrain::check::{Ignore, Level, Levels, RULES};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

#[derive(Debug, Args)]
#[command(mut_arg("format", |format| format.value_parser(forms())))]
pub(super) struct CheckArgs {
    /// Files, folders, globs, or - for standard input [default: the current folder]
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub(super) paths: Vec<PathBuf>,
    /// Hold the articles against this index too
    #[cfg(feature = "index")]
    #[arg(long, value_name = "FILE", env = "REFRAIN_INDEX", help_heading = "Gate")]
    pub(super) index: Option<PathBuf>,
    /// Add the articles to the index once they are told; makes the index if it is not there
    #[cfg(feature = "index")]
    #[arg(long, help_heading = "Gate")]
    pub(super) add: bool,
    /// In an index that is made: keep no texts, but what is needed in their stead
    #[cfg(feature = "index")]
    #[arg(long, requires = "add", help_heading = "Gate")]
    pub(super) no_text: bool,
    /// Judge the articles together with all that the index holds, as one scan of everything does, and tell what that tells otherwise now of articles of the
    /// index (text, json and jsonl); reads all of the index, and other writers wait meanwhile
    #[cfg(feature = "index")]
    #[arg(long, conflicts_with = "no_text", help_heading = "Gate")]
    pub(super) hindsight: bool,
    /// Findings that are known and do not fail
    #[arg(long, value_name = "FILE", env = "REFRAIN_BASELINE", help_heading = "Gate")]
    pub(super) baseline: Option<PathBuf>,
    /// Write what is found to the baseline, and pass
    #[arg(long, help_heading = "Gate")]
    pub(super) update_baseline: bool,
    /// Which findings of level error exit with 1 [default: new; none where --max-duplication is set]
    #[arg(long, value_enum, env = "REFRAIN_FAIL_ON", help_heading = "Gate")]
    pub(super) fail_on: Option<FailOn>,
    /// Exit with 1 if a larger share of the text stands somewhere before, such as 5%
    #[arg(long, value_name = "PERCENT", env = "REFRAIN_MAX_DUPLICATION", help_heading = "Gate")]
    pub(super) max_duplication: Option<Share>,
    /// How much a rule counts: error, warning, note or off; `all` for every rule; may be repeated
    #[arg(long, value_name = "RULE=LEVEL", value_parser = parse_rule, help_heading = "Gate")]
    pub(super) rule: Vec<(String, Level)>,
    /// Pass over what holds all of this: rule=, id=, path= (globs) or outlet=, with commas between; may be repeated
    #[arg(long, value_name = "WHAT", help_heading = "Gate")]
    pub(super) ignore: Vec<Ignore>,
    /// Leave findings of the baseline out of SARIF: code scanning on GitHub shows them as it shows new ones
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true, value_parser = BoolishValueParser::new(), overrides_with = "sarif_new_only", env = "REFRAIN_SARIF_NEW_ONLY", help_heading = "Output")]
    pub(super) sarif_new_only: Option<bool>,
    /// Path of the working folder in the repository, put before paths in SARIF, GitHub, GitLab, JUnit and Markdown [default: found by the folder .git]
    #[arg(long, value_name = "FOLDER", env = "REFRAIN_PATH_PREFIX", help_heading = "Output")]
    pub(super) path_prefix: Option<PathBuf>,
    /// List every pair of n copies in JSON and JSONL, not n - 1 that say the same [default with --index]
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true, value_parser = BoolishValueParser::new(), overrides_with = "all_pairs", env = "REFRAIN_ALL_PAIRS", help_heading = "Output")]
    pub(super) all_pairs: Option<bool>,
    /// Write a report to a file as well; may be repeated
    #[arg(long, value_name = "FORMAT=FILE", value_parser = parse_output)]
    pub(super) output: Vec<(Report, PathBuf)>,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

/// Which findings fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FailOn {
    /// Those that are not in the baseline
    New,
    /// All
    Any,
    /// None
    None,
}

/// A share, written as `5%`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Share(pub(super) f64);

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let percent = text.trim().strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
        let percent = percent.filter(|percent| (0.0..=100.0).contains(percent));
        percent.map(|percent| Self(percent / 100.0)).ok_or_else(|| format!("`{text}` is no share; try 5%"))
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// `[check]` of the settings file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CheckSettings {
    pub(super) index: Option<PathBuf>,
    pub(super) baseline: Option<PathBuf>,
    pub(super) fail_on: Option<FailOn>,
    pub(super) max_duplication: Option<Share>,
    #[serde(deserialize_with = "rules")]
    pub(super) rules: Vec<(String, Level)>,
    pub(super) ignore: Vec<Ignore>,
    #[serde(deserialize_with = "form")]
    pub(super) format: Option<Report>,
    pub(super) sarif_new_only: Option<bool>,
    pub(super) path_prefix: Option<PathBuf>,
    pub(super) all_pairs: Option<bool>,
}

impl CheckSettings {
    /// Files are named from the folder of the settings file.
    pub(super) fn below(&mut self, folder: &Path) {
        for file in [&mut self.index, &mut self.baseline].into_iter().flatten() {
            *file = folder.join(&*file);
        }
    }
}

fn rules<'de, D: Deserializer<'de>>(table: D) -> Result<Vec<(String, Level)>, D::Error> {
    let table = BTreeMap::<String, String>::deserialize(table)?;
    // `all` comes before single rules, whatever the order of the table.
    let (all, single): (Vec<_>, Vec<_>) = table.into_iter().partition(|(rule, _)| rule == "all");
    all.into_iter().chain(single).map(|(rule, level)| parse_rule(&format!("{rule}={level}")).map_err(D::Error::custom)).collect()
}

fn form<'de, D: Deserializer<'de>>(name: D) -> Result<Option<Report>, D::Error> {
    let name = String::deserialize(name)?;
    form_named(&name).map(Some).map_err(D::Error::custom)
}

/// The forms of a check's report.
const FORMS: [(&str, &str, Report); 8] = [
    ("text", "For people", Report::Text),
    ("json", "One JSON document", Report::Json),
    ("jsonl", "One finding a line (docs/findings.schema.json)", Report::Jsonl),
    ("sarif", "SARIF 2.1.0, for code scanning", Report::Sarif),
    ("junit", "JUnit XML", Report::Junit),
    ("github", "Annotations of GitHub, and its step summary", Report::Github),
    ("gitlab", "Code quality report of GitLab", Report::Gitlab),
    ("markdown", "A table for a summary page", Report::Markdown),
];

fn form_named(name: &str) -> Result<Report, String> {
    let known = || FORMS.map(|(name, ..)| name).join(", ");
    FORMS.iter().find(|form| form.0 == name).map(|form| form.2).ok_or_else(|| format!("`{name}` is none of {}", known()))
}

fn forms() -> impl TypedValueParser<Value = Report> {
    let names = FORMS.map(|(name, help, _)| PossibleValue::new(name).help(help));
    PossibleValuesParser::new(names).try_map(|name| form_named(&name))
}

fn parse_output(value: &str) -> Result<(Report, PathBuf), String> {
    let (format, file) = value.split_once('=').ok_or("expected FORMAT=FILE, for example sarif=refrain.sarif")?;
    let format = form_named(format)?;
    if file.is_empty() { Err("the file's name is missing".into()) } else { Ok((format, file.into())) }
}

fn parse_rule(value: &str) -> Result<(String, Level), String> {
    let (rule, level) = value.split_once('=').ok_or("expected RULE=LEVEL, for example template=off")?;
    let level = Level::named(level).ok_or_else(|| format!("`{level}` is none of error, warning, note, off"))?;
    if !Levels::default().set(rule, level) {
        return Err(format!("`{rule}` is no rule; known are all, {}", RULES.map(|(name, ..)| name).join(", ")));
    }
    Ok((rule.to_owned(), level))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_written_in_percent() {
        assert_eq!("5%".parse(), Ok(Share(0.05)));
        assert_eq!(" 12.5 % ".parse(), Ok(Share(0.125)));
        for wrong in ["5", "0.05", "-1%", "101%", "%", "NaN%"] {
            assert!(wrong.parse::<Share>().is_err(), "{wrong}");
        }
    }
}
