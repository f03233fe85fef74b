//! The outcome of a check in the forms that people and machines read.
//!
//! In: a [`Check`]. Out: bytes to a writer. Known findings are marked as known in every format, and are never failures.

mod github;
mod gitlab;
mod json;
mod junit;
mod markdown;
mod paths;
mod rules;
mod sarif;
mod sarif_limits;
mod text;

pub use github::write_github;
pub use gitlab::write_gitlab;
pub use json::{PairList, write_check_json, write_check_jsonl};
pub use junit::write_junit;
pub use markdown::write_markdown;
pub use paths::Paths;
pub use sarif::{SarifOptions, write_sarif};
pub use sarif_limits::LeftOut;
pub use text::write_check_text;

use crate::check::{Check, Level, Place};

fn path_of(place: &Place, paths: &Paths) -> Option<String> {
    place.path.as_deref().map(|path| paths.of(path).shown())
}

/// `path:line:column` of a text file, `path:line` of a record, as far as it is known; else the id. If several records are on one line, the number of the
/// record follows.
fn location(place: &Place, paths: &Paths) -> String {
    let Some(path) = path_of(place, paths) else { return place.id.to_string() };
    match (place.line, place.region) {
        (Some(line), _) => {
            let name = format!("{}:{line}", place.path.as_deref().unwrap_or_default());
            let number = place.id.strip_prefix(&name).filter(|number| number.starts_with('#')).unwrap_or_default();
            format!("{path}:{line}{number}")
        }
        (None, Some(region)) => format!("{path}:{}:{}", region.start_line, region.start_column),
        (None, None) => path,
    }
}

/// The location of the other copy. A location in the index says so, since the file may hold another article today.
fn other_location(place: &Place, paths: &Paths) -> String {
    let location = location(place, paths);
    if place.is_indexed { format!("{location} (in the index)") } else { location }
}

/// The numbers of the findings, what fails first: new before known, then by level.
fn by_weight(check: &Check) -> Vec<usize> {
    let mut findings: Vec<usize> = (0..check.findings.len()).collect();
    findings.sort_by_key(|&at| (check.findings[at].known, std::cmp::Reverse(check.findings[at].level)));
    findings
}

/// The totals of a check, in one line.
#[must_use]
pub fn headline(check: &Check) -> String {
    let levels = [Level::Error, Level::Warning, Level::Note].into_iter().zip(check.summary.new_by_level);
    let new: Vec<String> = levels.filter(|(_, count)| *count > 0).map(|(level, count)| super::count(count, level.name())).collect();
    let new = if new.is_empty() { "nothing new".to_owned() } else { format!("new: {}", new.join(", ")) };
    let mut parts = vec![new];
    parts.extend((check.summary.known > 0).then(|| format!("{} known", check.summary.known)));
    parts.extend((check.summary.ignored > 0).then(|| format!("{} passed over", check.summary.ignored)));
    parts.push(format!("{} duplicated", super::percent(check.summary.duplication)));
    parts.extend(check.summary.omitted.map(|omitted| format!("{} left out by the limit", super::count(omitted, "finding"))));
    parts.extend((check.summary.skipped > 0).then(|| format!("{} skipped", super::count(check.summary.skipped, "record"))));
    format!("{}: {}", super::count(check.summary.documents, "article"), parts.join("; "))
}
