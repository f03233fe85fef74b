//! The outcome of a check in the forms that people and machines read.
//!
//! In: a [`Check`]. Out: bytes to a writer. Known findings are told as known in every form, and never as failures.

mod github;
mod gitlab;
mod json;
mod junit;
mod markdown;
mod sarif;
mod text;

pub use github::write_github;
pub use gitlab::write_gitlab;
pub use json::{write_check_json, write_check_jsonl};
pub use junit::write_junit;
pub use markdown::write_markdown;
pub use sarif::write_sarif;
pub use text::write_check_text;

use crate::check::{Check, CheckedFinding, Level, Place, Region};
use std::path::Path;

/// The path of a file as reports name it: relative to `root` where it lies below.
fn relative(path: &str, root: &Path) -> String {
    let shown = Path::new(path).strip_prefix(root).map_or(path.into(), |below| below.to_string_lossy());
    shown.strip_prefix("./").unwrap_or(&shown).replace('\\', "/")
}

fn path_of(place: &Place, root: &Path) -> Option<String> {
    place.path.as_deref().map(|path| relative(path, root))
}

/// `path:line:column`, as far as it is known; else the id.
fn told_place(place: &Place, root: &Path) -> String {
    let Some(path) = path_of(place, root) else { return place.id.to_string() };
    match place.region {
        Some(Region { start_line, start_column: Some(column), .. }) => format!("{path}:{start_line}:{column}"),
        Some(Region { start_line, .. }) => format!("{path}:{start_line}"),
        None => path,
    }
}

/// What fails first: new before known, then by level.
fn by_weight(check: &Check) -> Vec<&CheckedFinding> {
    let mut findings: Vec<&CheckedFinding> = check.findings.iter().collect();
    findings.sort_by_key(|finding| (finding.known, std::cmp::Reverse(finding.level)));
    findings
}

/// The outcome in a few words.
fn headline(check: &Check) -> String {
    let count = |level: Level| check.findings.iter().filter(|finding| !finding.known && finding.level == level).count();
    let new: Vec<String> = [Level::Error, Level::Warning, Level::Note]
        .into_iter()
        .filter(|&level| count(level) > 0)
        .map(|level| super::count(count(level), level.name()))
        .collect();
    let new = if new.is_empty() { "nothing new".to_owned() } else { format!("new: {}", new.join(", ")) };
    let mut parts = vec![new];
    parts.extend((check.summary.known > 0).then(|| format!("{} known", check.summary.known)));
    parts.extend((check.summary.ignored > 0).then(|| format!("{} passed over", check.summary.ignored)));
    parts.push(format!("{} duplicated", super::percent(check.summary.duplication)));
    parts.extend(check.summary.revisions.map(|revisions| format!("{revisions} revised")));
    parts.extend((check.summary.skipped > 0).then(|| format!("{} skipped", super::count(check.summary.skipped, "record"))));
    format!("{}: {}", super::count(check.summary.documents, "article"), parts.join("; "))
}
