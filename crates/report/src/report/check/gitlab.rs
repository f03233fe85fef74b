//! A check as a GitLab code quality report.

use super::{Paths, path_of};
use crate::check::{Check, CheckedFinding, Level};
use serde::Serialize;
use serde::ser::Serializer;
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Write};

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// Writes an array of findings, the known ones too: GitLab itself compares them with those of the target branch.
///
/// # Errors
/// What the writer says.
pub fn write_gitlab(check: &Check, paths: &Paths, out: &mut impl Write) -> io::Result<()> {
    let issues = Issues { check, paths, seen: RefCell::default() };
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    out.write_all(b"\n")
}

/// The findings, made into issues one by one.
struct Issues<'a> {
    check: &'a Check,
    paths: &'a Paths,
    /// Findings of equal texts have one fingerprint; here each needs its own.
    seen: RefCell<HashMap<&'a str, usize>>,
}

impl Serialize for Issues<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.check.findings.iter().map(|finding| self.issue(finding)))
    }
}

impl<'a> Issues<'a> {
    fn issue(&self, finding: &'a CheckedFinding) -> Issue {
        let mut seen = self.seen.borrow_mut();
        let number = seen.entry(finding.fingerprint()).or_default();
        *number += 1;
        let fingerprint = if *number == 1 { finding.fingerprint().to_owned() } else { format!("{}-{number}", finding.fingerprint()) };
        let region = finding.at.region;
        let lines = Lines { begin: region.map_or(1, |region| region.start_line), end: region.map_or(1, |region| region.end_line) };
        Issue {
            description: finding.message(),
            check_name: finding.rule(),
            fingerprint,
            severity: severity(finding.level),
            location: Location { path: path_of(&finding.at, self.paths).unwrap_or_default(), lines },
        }
    }
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::Error => "major",
        Level::Warning => "minor",
        Level::Note | Level::Off => "info",
    }
}
