//! A check as Markdown, for a summary page or a comment.

use super::{Paths, by_weight, headline, location};
use crate::check::Check;
use std::io::{self, Write};

/// Findings that are listed; the total is told.
const MOST_LISTED: usize = 100;

/// Writes a heading, a table of the findings, new ones first, and how many are left out.
///
/// # Errors
/// What the writer says.
pub fn write_markdown(check: &Check, paths: &Paths, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "## refrain\n\n{}\n", cell(&headline(check)))?;
    if check.findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "| | rule | where | what |\n|---|---|---|---|")?;
    for finding in by_weight(check).into_iter().take(MOST_LISTED).map(|at| &check.findings[at]) {
        let level = if finding.known { "known" } else { finding.level.name() };
        let place = cell(&location(&finding.at, paths));
        writeln!(out, "| {level} | {} | {place} | {} |", finding.rule(), cell(&finding.message()))?;
    }
    let all = check.findings.len() + check.summary.omitted.unwrap_or(0);
    if all > check.findings.len().min(MOST_LISTED) {
        writeln!(out, "\n{all} findings in all; the first {} are listed.", check.findings.len().min(MOST_LISTED))?;
    }
    Ok(())
}

/// Code points of a cell: a summary of GitHub that is longer than 1 MiB is refused.
const MOST_IN_A_CELL: usize = 1000;

/// Text from the input that is no markup and stays in its cell.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let text = crate::report::printable(text);
    let is_long = text.chars().nth(MOST_IN_A_CELL).is_some();
    for c in text.chars().take(MOST_IN_A_CELL).chain(is_long.then_some('…')) {
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
