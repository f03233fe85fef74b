//! A check as workflow commands, which GitHub shows as annotations.

use super::{by_weight, headline, path_of};
use crate::check::{Check, CheckedFinding, Level};
use std::io::{self, Write};
use std::path::Path;

/// GitHub shows so many annotations of a level for a step.
const MOST_OF_A_LEVEL: usize = 10;

/// Writes an annotation for each new finding, as many as are shown; then one with the true total, if there are more.
///
/// # Errors
/// What the writer says.
pub fn write_github(check: &Check, root: &Path, out: &mut impl Write) -> io::Result<()> {
    for level in [Level::Error, Level::Warning, Level::Note] {
        let of_level: Vec<&CheckedFinding> =
            by_weight(check).into_iter().filter(|finding| !finding.known && finding.level == level).collect();
        // The last place of the notices is for the total.
        let most = if level == Level::Note { MOST_OF_A_LEVEL - 1 } else { MOST_OF_A_LEVEL };
        for finding in of_level.iter().take(most) {
            writeln!(out, "::{}{}::{}", command(level), properties(finding, root), escaped(&finding.message(), false))?;
        }
    }
    let new = check.findings.iter().filter(|finding| !finding.known).count();
    let shown: usize = [Level::Error, Level::Warning, Level::Note]
        .into_iter()
        .map(|level| {
            let most = if level == Level::Note { MOST_OF_A_LEVEL - 1 } else { MOST_OF_A_LEVEL };
            check.findings.iter().filter(|finding| !finding.known && finding.level == level).count().min(most)
        })
        .sum();
    if shown < new {
        writeln!(out, "::notice title=refrain::{new} findings in all; annotations show {shown} of them")?;
    }
    writeln!(out, "{}", escaped(&headline(check), false))
}

fn command(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note | Level::Off => "notice",
    }
}

fn properties(finding: &CheckedFinding, root: &Path) -> String {
    let mut parts = Vec::new();
    parts.extend(path_of(&finding.at, root).map(|path| format!("file={}", escaped(&path, true))));
    if let Some(region) = finding.at.region {
        parts.push(format!("line={}", region.start_line));
        parts.push(format!("endLine={}", region.end_line));
        // Columns are allowed on one line alone.
        if let Some((start, end)) = region.start_column.zip(region.end_column).filter(|_| region.start_line == region.end_line) {
            parts.push(format!("col={start},endColumn={end}"));
        }
    }
    parts.push(format!("title={}", finding.rule()));
    format!(" {}", parts.join(","))
}

fn escaped(text: &str, is_property: bool) -> String {
    let data = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    if is_property { data.replace(':', "%3A").replace(',', "%2C") } else { data }
}
