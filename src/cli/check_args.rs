//! Flags of `refrain check`, and its part of the settings file.

use super::args::{CutArgs, JSONL_ALIASES, Report, RunArgs};
use super::destination::{Formats, Output, Row};
use crate::check::{Ignore, Level, Levels, RULES};
use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

#[derive(Debug, Args)]
#[command(mut_arg("format", |format| format.value_parser(CHECK_FORMATS.parser())))]
pub(super) struct CheckArgs {
    /// Files, folders, globs, or - for standard input [default: the current folder]
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub(super) paths: Vec<PathBuf>,
    /// Compare the articles with those of this index as well
    #[cfg(feature = "index")]
    #[arg(long, value_name = "FILE", env = "REFRAIN_INDEX", help_heading = "Gate")]
    pub(super) index: Option<PathBuf>,
    /// Add the articles to the index after the report, whatever was found and however the check ends; creates the index if it does not exist
    #[cfg(feature = "index")]
    #[arg(long, help_heading = "Gate")]
    pub(super) add: bool,
    /// When creating the index: store what comparison needs instead of the texts
    #[cfg(feature = "index")]
    #[arg(long, requires = "add", help_heading = "Gate")]
    pub(super) no_text: bool,
    /// File of known findings, which do not fail the check
    #[arg(long, value_name = "FILE", env = "REFRAIN_BASELINE", help_heading = "Gate")]
    pub(super) baseline: Option<PathBuf>,
    /// Write the findings to the baseline, and pass
    #[arg(long, help_heading = "Gate")]
    pub(super) update_baseline: bool,
    /// Which findings of level error make the check fail (exit code 1) [default: new; none with --max-duplication]
    #[arg(long, value_enum, env = "REFRAIN_FAIL_ON", help_heading = "Gate")]
    pub(super) fail_on: Option<FailOn>,
    /// Fail (exit code 1) if a larger share of the text is a copy of earlier text, such as 5%
    #[arg(long, value_name = "PERCENT", env = "REFRAIN_MAX_DUPLICATION", help_heading = "Gate")]
    pub(super) max_duplication: Option<Share>,
    /// Level of a rule: error, warning, note or off; `all` sets every rule; repeatable
    #[arg(long, value_name = "RULE=LEVEL", value_parser = parse_rule, help_heading = "Gate")]
    pub(super) rule: Vec<(String, Level)>,
    /// Ignore findings that match all of these: rule=, id=, path= (globs) or outlet=, separated by commas; repeatable
    #[arg(long, value_name = "CONDITIONS", help_heading = "Gate")]
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
    /// Write a report to FILE as well, - for standard output; the format is the one named, else that of the ending; repeatable
    #[arg(long, short, value_name = "[FORMAT=]FILE", value_parser = CHECK_FORMATS.output_parser(), aliases = ["out", "output-file", "outfile"])]
    pub(super) output: Vec<Output<Report>>,
    #[command(flatten)]
    pub(super) cut: CutArgs,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

/// Which findings fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FailOn {
    /// Findings that are not in the baseline
    New,
    /// All findings
    Any,
    /// No finding
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
        percent.map(|percent| Self(percent / 100.0)).ok_or_else(|| {
            let number = text.trim();
            let meant = number.parse::<f64>().is_ok_and(|number| (0.0..=100.0).contains(&number));
            if meant {
                format!("invalid share `{text}` (expected a percentage: {number}% for {number} of 100 words)")
            } else {
                format!("invalid share `{text}` (expected a percentage such as 5%)")
            }
        })
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
    /// Makes file names relative to the folder of the settings file.
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
    CHECK_FORMATS.named(&name).map(Some).map_err(D::Error::custom)
}

/// The formats of a check.
pub(super) const CHECK_FORMATS: Formats<Report> = Formats(&[
    Row { format: Report::Text, name: "text", aliases: &["txt"], endings: &["txt", "text"], help: "For people" },
    Row { format: Report::Json, name: "json", aliases: &[], endings: &["json"], help: "One JSON document" },
    Row {
        format: Report::Jsonl,
        name: "jsonl",
        aliases: JSONL_ALIASES,
        endings: &["jsonl", "ndjson"],
        help: "One finding per line (docs/findings.schema.json)",
    },
    Row { format: Report::Sarif, name: "sarif", aliases: &[], endings: &["sarif"], help: "SARIF 2.1.0, for code scanning" },
    Row { format: Report::Junit, name: "junit", aliases: &["xml"], endings: &["xml"], help: "JUnit XML" },
    Row { format: Report::Github, name: "github", aliases: &[], endings: &[], help: "GitHub annotations, and the step summary" },
    Row { format: Report::Gitlab, name: "gitlab", aliases: &[], endings: &[], help: "GitLab code quality report" },
    Row { format: Report::Markdown, name: "markdown", aliases: &["md"], endings: &["md", "markdown"], help: "A table for a summary page" },
]);

fn parse_rule(value: &str) -> Result<(String, Level), String> {
    let (rule, level) = value.split_once('=').ok_or("expected RULE=LEVEL, for example template=off")?;
    let level = Level::named(level).ok_or_else(|| format!("unknown level `{level}` (expected error, warning, note or off)"))?;
    if !Levels::default().set(rule, level) {
        return Err(format!("unknown rule `{rule}` (expected all, {})", RULES.map(|(name, ..)| name).join(", ")));
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
