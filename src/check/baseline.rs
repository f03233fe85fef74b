//! Findings that are known: a file of fingerprints.
//!
//! The file is JSON, sorted, one finding a line, and holds nothing of where a finding stands: whoever moves, renames, reorders or wraps files
//! need not write it anew, and a merge of two branches is a merge of lines.

use super::gate::CheckedFinding;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Version of the file.
const VERSION: u32 = 1;

/// A file of known findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Entry {
    rule: String,
    /// The first is the finding's own; others know a repetition again whose edges moved.
    fingerprints: Vec<String>,
}

#[derive(Deserialize)]
struct Written {
    #[serde(rename = "refrain-baseline")]
    version: u32,
    findings: Vec<Entry>,
}

/// What became of a baseline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BaselineChange {
    /// Findings that were not in it.
    pub added: usize,
    /// Findings in it that are found no more.
    pub dropped: usize,
    /// Findings that stay.
    pub kept: usize,
}

impl Baseline {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// What is wrong with it, and what to do.
    pub fn parse(text: &str) -> Result<Self, String> {
        let written: Written = serde_json::from_str(text)
            .map_err(|error| format!("not a baseline: {error}; write it again with the setting `update-baseline`"))?;
        if written.version != VERSION {
            return Err(format!(
                "a baseline of version {}, and this refrain reads version {VERSION}; write it again with the setting `update-baseline`",
                written.version
            ));
        }
        Ok(Self { entries: written.findings })
    }

    /// All fingerprints in it.
    pub(super) fn fingerprints(&self) -> HashSet<&str> {
        self.entries.iter().flat_map(|entry| &entry.fingerprints).map(String::as_str).collect()
    }

    /// The baseline in which exactly `findings` are known.
    #[must_use]
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f CheckedFinding>) -> Self {
        let entry = |finding: &CheckedFinding| Entry { rule: finding.rule().into(), fingerprints: finding.keys.clone() };
        let mut entries: Vec<Entry> = findings.into_iter().map(entry).collect();
        entries.sort();
        entries.dedup();
        Self { entries }
    }

    /// What is different from `before`.
    #[must_use]
    pub fn change_from(&self, before: &Self) -> BaselineChange {
        let (old, new) = (before.fingerprints(), self.fingerprints());
        let knows =
            |known: &HashSet<&str>, entry: &&Entry| entry.fingerprints.iter().any(|fingerprint| known.contains(fingerprint.as_str()));
        let kept = self.entries.iter().filter(|entry| knows(&old, entry)).count();
        let dropped = before.entries.iter().filter(|entry| !knows(&new, entry)).count();
        BaselineChange { added: self.entries.len() - kept, dropped, kept }
    }

    /// The text of its file.
    #[must_use]
    pub fn text(&self) -> String {
        let lines: Vec<String> = self.entries.iter().filter_map(|entry| serde_json::to_string(entry).ok()).collect();
        let findings = if lines.is_empty() { String::new() } else { format!("\n  {}\n", lines.join(",\n  ")) };
        format!("{{\"refrain-baseline\": {VERSION}, \"findings\": [{findings}]}}\n")
    }
}
