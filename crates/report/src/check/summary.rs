//! Totals of a check.

use super::gate::{CheckedFinding, Kind};
use super::indexed::Held;
use super::rules::Level;
use refrain_engine::detect::Findings;
use refrain_engine::finding::Summary;
use serde::Serialize;

/// Totals of a check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct CheckSummary {
    /// Articles that were given, empty ones included.
    pub documents: usize,
    /// Articles without a token.
    pub empty: usize,
    /// Records left out.
    pub skipped: usize,
    /// Code points in all texts.
    pub characters: u64,
    /// Repetitions told; left out where they were not looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repetitions: Option<usize>,
    /// Pairs told; left out where they were not looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairs: Option<usize>,
    /// Pairs that other findings represent: they are of articles that these findings join already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub represented_pairs: Option<usize>,
    /// Findings told that are not in the baseline.
    pub new: usize,
    /// Findings told that are.
    pub known: usize,
    /// Findings that are not told, because a rule is off or a setting passes over them.
    pub ignored: usize,
    /// Share of the characters that stand somewhere before, each once.
    pub duplication: f64,
    /// Pairs too many to list one by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unlisted_pairs: Option<u64>,
    /// As in a run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncompared_pairs: Option<u64>,
    /// As in a run, those that the index left out included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capped_shingles: Option<u64>,
    /// Findings that the report leaves out because it is limited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub omitted: Option<usize>,
    /// New findings of level error, warning and note.
    #[serde(skip)]
    pub(crate) new_by_level: [usize; 3],
}

/// How many of `findings` are new errors, warnings and notes.
pub(super) fn new_by_level(findings: &[CheckedFinding]) -> [usize; 3] {
    let count = |level| findings.iter().filter(|finding| !finding.known && finding.level == level).count();
    [Level::Error, Level::Warning, Level::Note].map(count)
}

/// The totals of what is told, but for what is not told and how much is duplicated.
pub(super) fn summary(findings: &Findings, held: &Held, all: &[CheckedFinding]) -> CheckSummary {
    let Summary { documents, empty, skipped, characters, repetitions, pairs, unlisted_pairs, uncompared_pairs, capped_shingles, .. } =
        *findings.summary();
    let of_pairs = all.iter().filter(|finding| matches!(finding.kind, Kind::Pair(_))).count();
    let known = all.iter().filter(|finding| finding.known).count();
    let more = |count: Option<u64>, more: u64| Some(count.unwrap_or(0) + more).filter(|&count| count > 0);
    CheckSummary {
        documents,
        empty,
        skipped,
        characters,
        repetitions: repetitions.map(|_| all.len() - of_pairs),
        pairs: pairs.map(|_| of_pairs),
        new: all.len() - known,
        known,
        new_by_level: new_by_level(all),
        unlisted_pairs: more(unlisted_pairs, held.unlisted),
        uncompared_pairs,
        capped_shingles: capped_shingles.map(|count| count + held.capped),
        ..CheckSummary::default()
    }
}
