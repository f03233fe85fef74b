//! A check as workflow commands, which GitHub shows as annotations.

use super::paths::Reported;
use super::{Paths, headline};
use crate::check::{Check, CheckedFinding, Level};
use std::io::{self, Write};

/// GitHub shows so many annotations of a level for a step.
const MOST_OF_A_LEVEL: usize = 10;

/// Writes an annotation for each new finding, as many as are shown; then one with the true total, if there are more.
///
/// # Errors
/// What the writer says.
pub fn write_github(check: &Check, paths: &Paths, out: &mut impl Write) -> io::Result<()> {
    let mut shown = 0;
    for level in [Level::Error, Level::Warning, Level::Note] {
        // The last of the notices is for the total.
        let most = if level == Level::Note { MOST_OF_A_LEVEL - 1 } else { MOST_OF_A_LEVEL };
        for (number, finding) in check.findings.iter().filter(|finding| !finding.known && finding.level == level).enumerate() {
            if number < most {
                shown += 1;
                writeln!(out, "::{}{}::{}", command(level), properties(finding, paths), escaped(&finding.message(), false))?;
            }
        }
    }
    let new = check.summary.new;
    if shown < new {
        writeln!(out, "::notice title=refrain::{new} findings in all; annotations show {shown} of them")?;
    }
    writeln!(out, "{}", headline(check))
}

fn command(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note | Level::Off => "notice",
    }
}

fn properties(finding: &CheckedFinding, paths: &Paths) -> String {
    let mut parts = Vec::new();
    // Standard input and addresses are no files of the repository.
    let file = finding.at.path.as_deref().map(|path| paths.of(path)).filter(|path| !matches!(path, Reported::NoFile(_)));
    let region = finding.at.region.filter(|_| file.is_some());
    parts.extend(file.map(|file| format!("file={}", escaped(&file.shown(), true))));
    if let Some(region) = region {
        parts.push(format!("line={}", region.start_line));
        parts.push(format!("endLine={}", region.end_line));
        // Columns are allowed on one line alone.
        if region.start_line == region.end_line {
            parts.push(format!("col={},endColumn={}", region.start_column, region.end_column));
        }
    }
    parts.push(format!("title={}", finding.rule()));
    format!(" {}", parts.join(","))
}

fn escaped(text: &str, is_property: bool) -> String {
    let data = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    if is_property { data.replace(':', "%3A").replace(',', "%2C") } else { data }
}
