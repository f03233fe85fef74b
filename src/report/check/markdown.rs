//! A check as Markdown, for a summary page or a comment.

use super::{by_weight, headline, told_place};
use crate::check::Check;
use std::io::{self, Write};
use std::path::Path;

/// Findings that are listed; the total is told.
const MOST_LISTED: usize = 100;

/// Writes a heading, a table of the findings, new ones first, and how many are left out.
///
/// # Errors
/// What the writer says.
pub fn write_markdown(check: &Check, root: &Path, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "## refrain\n\n{}\n", cell(&headline(check)))?;
    if check.findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "| | rule | where | what |\n|---|---|---|---|")?;
    for finding in by_weight(check).into_iter().take(MOST_LISTED) {
        let level = if finding.known { "known" } else { finding.level.name() };
        let place = cell(&told_place(&finding.at, root));
        writeln!(out, "| {level} | {} | {place} | {} |", finding.rule(), cell(&finding.message()))?;
    }
    if check.findings.len() > MOST_LISTED {
        writeln!(out, "\n{} findings in all; the first {MOST_LISTED} are listed.", check.findings.len())?;
    }
    Ok(())
}

/// Text from the input that is no markup and stays in its cell.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in crate::report::printable(text).chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '~' => out.extend(['\\', c]),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            c => out.push(c),
        }
    }
    out
}
