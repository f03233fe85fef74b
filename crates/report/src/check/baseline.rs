//! Findings that are known: a file of documents and fingerprints.
//!
//! The file is JSON, sorted, one finding a line. It names the documents of each finding, and holds nothing of where in them it is: whoever reorders or
//! wraps text, or edits it elsewhere, need not write it again, and a merge of two branches is a merge of lines.

use super::gate::{Check, CheckedFinding};
use super::known::{Present, Sought, known};
use refrain_engine::file_path::{is_no_file, plain, relative};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Version of the file.
const VERSION: u32 = 2;
/// Stands between the path of a file and the id of a record in it.
const RECORD: char = '#';

/// A file of known findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    pub(super) entries: Vec<Entry>,
    /// Files of entries that are not there any more.
    missing: HashSet<Box<str>>,
    /// The folder of the file, and the one from which paths are given.
    base: Option<(PathBuf, PathBuf)>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Entry {
    rule: String,
    /// Of a repetition one, of a pair two, in order: the path of a file, with `#` and the id for a record that has one; `#` and the id for an article of
    /// an index.
    pub(super) documents: Vec<Box<str>>,
    #[serde(with = "hexadecimal")]
    pub(super) fingerprints: Vec<u64>,
}

/// Numbers as sixteen hexadecimal digits each.
mod hexadecimal {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(numbers: &[u64], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(numbers.iter().map(|&number| super::super::fingerprint::told(number)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
        let numbers = Vec::<String>::deserialize(deserializer)?;
        numbers.iter().map(|number| u64::from_str_radix(number, 16).map_err(D::Error::custom)).collect()
    }
}

#[derive(Deserialize)]
struct Written {
    findings: Vec<Entry>,
}

#[derive(Deserialize)]
struct Header {
    #[serde(rename = "refrain-baseline")]
    version: u32,
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
        let again = "write it again with the setting `update-baseline`";
        let header: Header = serde_json::from_str(text).map_err(|error| format!("not a baseline: {error}; {again}"))?;
        match header.version {
            VERSION => {}
            1 => return Err(format!("a baseline of version 1, which does not say in which documents its findings are; {again}")),
            other => return Err(format!("a baseline of version {other}, and this refrain reads version {VERSION}; {again}")),
        }
        let written: Written = serde_json::from_str(text).map_err(|error| format!("not a baseline: {error}; {again}"))?;
        Ok(Self { entries: written.findings, ..Self::default() })
    }

    /// True for the text of a baseline of another version.
    #[must_use]
    pub fn is_of_other_version(text: &str) -> bool {
        serde_json::from_str(text).is_ok_and(|header: Header| header.version != VERSION)
    }

    /// The same, for documents whose paths are given from `folder`, and named from the folder of the baseline; both are absolute.
    #[must_use]
    pub fn named_from(self, own: &Path, folder: &Path) -> Self {
        Self { base: Some((plain(own), plain(folder))), ..self }
    }

    /// The path of a file as the baseline names it.
    pub(super) fn file_name(&self, path: &str) -> String {
        let Some((own, folder)) = self.base.as_ref().filter(|_| !is_no_file(path)) else { return path.into() };
        relative(&plain(&folder.join(path)), own)
    }

    /// The same, where it is known which files of known findings are not there any more: they may have been renamed.
    #[must_use]
    pub fn with_missing(mut self, is_missing: impl Fn(&str) -> bool) -> Self {
        let documents: HashSet<&Box<str>> = self.entries.iter().flat_map(|entry| &entry.documents).collect();
        let files: HashSet<&str> = documents.iter().flat_map(|document| files_of(document)).collect();
        self.missing = files.into_iter().filter(|file| is_missing(file)).map(Box::from).collect();
        self
    }

    /// True if nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// True if `document`, of an entry, is not where it was: its file is gone, or is given and does not have it.
    pub(super) fn is_gone(&self, document: &str, present: &Present<'_>) -> bool {
        if document.starts_with(RECORD) || present.documents.contains(document) {
            return false;
        }
        files_of(document).any(|file| present.files.contains(file)) || files_of(document).all(|file| self.missing.contains(file))
    }

    /// The baseline in which exactly the findings of `check` are known. A pair that others represent is an entry only if they do not make it known.
    #[must_use]
    pub fn of(check: &Check) -> Self {
        let mut baseline = Self::of_findings(check.findings.iter());
        let sought: Vec<Sought<'_>> = check.represented.iter().map(CheckedFinding::sought).collect();
        let known = known(&baseline, &sought, &Present::default());
        let others =
            Self::of_findings(check.represented.iter().zip(known).filter(|(_, known)| known.is_none()).map(|(finding, _)| finding));
        baseline.entries.extend(others.entries);
        baseline.entries.sort();
        baseline
    }

    fn of_findings<'f>(findings: impl Iterator<Item = &'f CheckedFinding>) -> Self {
        let entry = |finding: &CheckedFinding| {
            let mut fingerprints: Vec<u64> = finding.parts.iter().flatten().copied().collect();
            fingerprints.sort_unstable();
            fingerprints.dedup();
            Entry { rule: finding.rule().into(), documents: finding.documents.clone(), fingerprints }
        };
        let mut entries: Vec<Entry> = findings.map(entry).collect();
        entries.sort();
        entries.dedup();
        Self { entries, ..Self::default() }
    }

    /// What is different in `check`, whose gate had this baseline.
    #[must_use]
    pub fn change_to(&self, check: &Check) -> BaselineChange {
        let kept = check.findings.iter().filter(|finding| finding.known).count();
        let all = check.findings.iter().chain(&check.represented);
        let used: HashSet<usize> = all.flat_map(|finding| finding.entries.iter().copied()).collect();
        BaselineChange { added: check.findings.len() - kept, dropped: self.entries.len() - used.len(), kept }
    }

    /// The text of its file.
    #[must_use]
    pub fn text(&self) -> String {
        let lines: Vec<String> = self.entries.iter().filter_map(|entry| serde_json::to_string(entry).ok()).collect();
        let findings = if lines.is_empty() { String::new() } else { format!("\n  {}\n", lines.join(",\n  ")) };
        format!("{{\"refrain-baseline\": {VERSION}, \"findings\": [{findings}]}}\n")
    }
}

/// What may be the path in the name of a document: both paths and ids may have a `#` in them.
fn files_of(document: &str) -> impl Iterator<Item = &str> {
    let before = document.match_indices(RECORD).map(|(at, _)| &document[..at]).filter(|file| !file.is_empty());
    before.chain((!document.starts_with(RECORD)).then_some(document))
}

/// The name of a document in a baseline: see [`Entry::documents`].
pub(super) fn document_name(file: Option<&str>, id: Option<&str>) -> Box<str> {
    match (file, id) {
        (Some(file), None) => file.into(),
        (file, id) => format!("{}{RECORD}{}", file.unwrap_or_default(), id.unwrap_or_default()).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_the_folder_of_the_baseline() {
        let baseline = Baseline::default().named_from(Path::new("/srv/repo"), Path::new("/srv/repo/guide"));
        for (given, named) in [
            ("articles/a.txt", "guide/articles/a.txt"),
            ("./a.txt", "guide/a.txt"),
            ("../b.txt", "b.txt"),
            ("/srv/repo/guide/a.txt", "guide/a.txt"),
            ("/tmp/a.txt", "../../tmp/a.txt"),
            ("-", "-"),
            ("s3://bucket/a.txt", "s3://bucket/a.txt"),
        ] {
            assert_eq!(baseline.file_name(given), named);
        }
        assert_eq!(Baseline::default().file_name("a/b.txt"), "a/b.txt");
    }

    #[test]
    fn a_file_that_is_no_baseline_of_this_version_is_refused_with_what_to_do() {
        for (text, said) in [
            ("", "not a baseline"),
            (
                "{\"refrain-baseline\": 1, \"findings\": [{\"rule\": \"r\", \"fingerprints\": [\"00\"]}]}",
                "a baseline of version 1, which does not say in which documents",
            ),
            ("{\"refrain-baseline\": 9}", "a baseline of version 9, and this refrain reads version 2"),
            ("{\"refrain-baseline\": 2, \"findings\": [{\"rule\": \"r\"}]}", "not a baseline: missing field"),
            (
                "{\"refrain-baseline\": 2, \"findings\": [{\"rule\": \"r\", \"documents\": [], \"fingerprints\": [\"x\"]}]}",
                "not a baseline: invalid digit",
            ),
        ] {
            let error = Baseline::parse(text).unwrap_err();
            assert!(error.starts_with(said) && error.ends_with("write it again with the setting `update-baseline`"), "{error}");
        }
        assert!(Baseline::is_of_other_version("{\"refrain-baseline\": 1, \"findings\": []}"));
        assert!(!Baseline::is_of_other_version("{\"refrain-baseline\": 2}") && !Baseline::is_of_other_version("{\"findings\": []}"));
    }

    #[test]
    fn what_is_written_is_read() {
        let text = "{\"refrain-baseline\": 2, \"findings\": [\n  {\"rule\":\"identical\",\"documents\":[\"a.txt\",\"b.jsonl#7\"],\"fingerprints\":[\"000000000000000a\"]}\n]}\n";
        assert_eq!(Baseline::parse(text).unwrap().text(), text);
        assert_eq!(Baseline::parse(&Baseline::default().text()), Ok(Baseline::default()));
    }

    #[test]
    fn a_path_may_have_the_mark_of_a_record() {
        assert_eq!(files_of("a#b.txt").collect::<Vec<_>>(), ["a", "a#b.txt"]);
        assert_eq!(files_of("#id#x").collect::<Vec<_>>(), ["#id"]);
        assert_eq!(&*document_name(Some("a.jsonl"), Some("7")), "a.jsonl#7");
        assert_eq!((&*document_name(Some("a.txt"), None), &*document_name(None, Some("7"))), ("a.txt", "#7"));
    }
}
