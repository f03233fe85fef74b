//! A check as a GitLab code quality report.

use super::path_of;
use crate::check::{Check, Level};
use serde::Serialize;
use std::collections::HashMap;
use std::io::{self, Write};
use std::path::Path;

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

/// Writes an array of findings, the known ones too: GitLab itself tells what a merge request adds.
///
/// # Errors
/// What the writer says.
pub fn write_gitlab(check: &Check, root: &Path, out: &mut impl Write) -> io::Result<()> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let issues: Vec<Issue> = check
        .findings
        .iter()
        .map(|finding| {
            // Findings of equal texts have one fingerprint; here each needs its own.
            let nth = seen.entry(finding.fingerprint()).or_default();
            *nth += 1;
            let fingerprint = if *nth == 1 { finding.fingerprint().to_owned() } else { format!("{}-{nth}", finding.fingerprint()) };
            let region = finding.at.region;
            let lines = Lines { begin: region.map_or(1, |region| region.start_line), end: region.map_or(1, |region| region.end_line) };
            Issue {
                description: finding.message(),
                check_name: finding.rule(),
                fingerprint,
                severity: severity(finding.level),
                location: Location { path: path_of(&finding.at, root).unwrap_or_default(), lines },
            }
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    out.write_all(b"\n")
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::Error => "major",
        Level::Warning => "minor",
        Level::Note | Level::Off => "info",
    }
}
