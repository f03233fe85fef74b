//! Findings that are not told: by rule, article, file or outlet.

use globset::GlobSet;
use refrain_io::glob::{Wildcards, matcher};
use serde::Deserialize;
use xxhash_rust::xxh3::xxh3_64;

/// What is passed over: a finding for which everything holds that is said here. Of a pair one side is enough.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, try_from = "Written")]
pub struct Ignore {
    rule: Option<String>,
    id: Option<GlobSet>,
    path: Option<GlobSet>,
    outlet: Option<u64>,
}

/// Letters of a pattern that a message quotes.
const QUOTED: usize = 80;

/// Why a rule to pass something over makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct IgnoreError(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    rule: Option<String>,
    id: Option<String>,
    path: Option<String>,
    outlet: Option<String>,
}

impl TryFrom<Written> for Ignore {
    type Error = IgnoreError;

    fn try_from(written: Written) -> Result<Self, IgnoreError> {
        let Written { rule, id, path, outlet } = written;
        if let Some(rule) = &rule
            && super::rules::place_of(rule).is_none()
        {
            return Err(IgnoreError(format!("`{rule}` is no rule; known are {}", super::RULES.map(|(name, ..)| name).join(", "))));
        }
        if [&rule, &id, &path, &outlet].into_iter().all(Option::is_none) {
            return Err(IgnoreError("says nothing; name a rule, an id, a path or an outlet".into()));
        }
        let glob = |pattern: Option<String>| {
            let short = |pattern: &str| pattern.chars().take(QUOTED).collect::<String>();
            let wrong = |pattern: &str, reason| IgnoreError(format!("`{}`: not a valid glob: {reason}", short(pattern)));
            let matcher = |pattern: String| matcher(&pattern, Wildcards::Anywhere).map_err(|reason| wrong(&pattern, reason));
            pattern.map(matcher).transpose()
        };
        Ok(Self { rule, id: glob(id)?, path: glob(path)?, outlet: outlet.map(|outlet| xxh3_64(outlet.as_bytes()).max(1)) })
    }
}

impl std::str::FromStr for Ignore {
    type Err = IgnoreError;

    /// `rule=template,outlet=Reuters`: what must hold, with commas between.
    fn from_str(text: &str) -> Result<Self, IgnoreError> {
        let mut written = Written { rule: None, id: None, path: None, outlet: None };
        for part in text.split(',') {
            let (name, value) =
                part.split_once('=').ok_or_else(|| IgnoreError(format!("`{part}`: expected rule=, id=, path= or outlet=")))?;
            let field = match name.trim() {
                "rule" => &mut written.rule,
                "id" => &mut written.id,
                "path" => &mut written.path,
                "outlet" => &mut written.outlet,
                other => return Err(IgnoreError(format!("`{other}` is none of rule, id, path, outlet"))),
            };
            *field = Some(value.to_owned());
        }
        written.try_into()
    }
}

/// A side of a finding, as far as rules ask.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side<'a> {
    pub(super) id: &'a str,
    pub(super) path: Option<&'a str>,
    /// Hash of the outlet's name, 0 if there is none.
    pub(super) outlet: u64,
}

impl Ignore {
    pub(super) fn matches(&self, rule: &str, sides: &[Side<'_>]) -> bool {
        let holds = |side: &Side<'_>| {
            self.id.as_ref().is_none_or(|glob| glob.is_match(side.id))
                && self.path.as_ref().is_none_or(|glob| side.path.is_some_and(|path| glob.is_match(path)))
                && self.outlet.is_none_or(|outlet| outlet == side.outlet)
        };
        self.rule.as_deref().is_none_or(|wanted| wanted == rule) && sides.iter().any(holds)
    }
}
