//! The copies that each kept article represents.
//!
//! In: the decisions. Out: for each article in favour of which others were removed: how many, their ids, their sources, and the earliest date.

use super::decide::{Decisions, Fields};
use refrain_engine::document::{Locator, date_text};
use refrain_engine::error::Result;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The removed copies of a kept article.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopiesOf {
    /// Number of articles removed in favour of it.
    pub copies: u64,
    /// Their ids, sorted.
    pub copy_ids: Vec<String>,
    /// Outlets of it and of the removed ones, sorted.
    pub sources: Vec<String>,
    /// The earliest date of it and of the removed ones (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_seen: Option<String>,
}

/// Position and copies of each kept article that others were removed for, in input order.
///
/// # Errors
/// A record cannot be read again.
pub(super) fn copies_of(corpus: &impl Fields, decisions: &Decisions) -> Result<Vec<(u32, CopiesOf)>> {
    let findings = &decisions.findings;
    let mut removed: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (at, member) in (0..).zip(findings.members()) {
        let fate = decisions.fates.get(member.locator);
        if let Some(kept) = fate.and_then(|fate| fate.gone.as_ref()?.copy) {
            removed.entry(kept).or_default().push(at);
        }
    }
    let mut found = removed.into_iter().map(|(kept, copies)| {
        let all = || copies.iter().copied().chain([kept]);
        let mut sources = all().filter_map(|at| corpus.outlet(locator(decisions, at)).transpose()).collect::<Result<Vec<String>>>()?;
        sources.sort_unstable();
        sources.dedup();
        let mut copy_ids: Vec<String> = copies.iter().map(|&at| findings.member(at as usize).id.to_owned()).collect();
        copy_ids.sort_unstable();
        let first_seen = all().filter_map(|at| findings.date_of(at as usize)).min().and_then(date_text);
        Ok((kept, CopiesOf { copies: copies.len() as u64, copy_ids, sources, first_seen }))
    });
    let mut found = found.by_ref().collect::<Result<Vec<_>>>()?;
    found.sort_by_key(|(kept, _)| {
        let Locator { file, start, .. } = locator(decisions, *kept);
        (file, start)
    });
    Ok(found)
}

fn locator(decisions: &Decisions, at: u32) -> Locator {
    decisions.findings.member(at as usize).locator
}
