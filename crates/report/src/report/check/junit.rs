//! A check as JUnit XML, for servers that show tests.

use super::{Paths, headline, location, other_location, path_of};
use crate::check::{Check, CheckedFinding};
use std::io::{self, Write};

/// Writes one suite: a test case per finding, failed where it is new and an error; one case that passed where nothing was found; one for the findings
/// left out of a limited report.
///
/// # Errors
/// What the writer says.
pub fn write_junit(check: &Check, paths: &Paths, out: &mut impl Write) -> io::Result<()> {
    let fails = |finding: &&CheckedFinding| finding.is_error() && !finding.known;
    let failures = check.findings.iter().filter(fails).count();
    let omitted = check.summary.omitted.unwrap_or(0);
    let fails_omitted = check.summary.new_by_level[0] > failures;
    let failures = failures + usize::from(fails_omitted);
    let tests = (check.findings.len() + omitted.min(1)).max(1);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"refrain\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" time=\"0\">")?;
    writeln!(out, "  <testsuite name=\"refrain check\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\" time=\"0\">")?;
    if check.findings.is_empty() && omitted == 0 {
        writeln!(out, "    <testcase name=\"no repetition\" classname=\"refrain\" time=\"0\"/>")?;
    }
    for finding in &check.findings {
        let (place, message) = (location(&finding.at, paths), finding.message());
        let known = if finding.known { ", known" } else { "" };
        let name = escaped(&format!("{} in {} ({}{known})", finding.rule(), finding.at.id, finding.fingerprint()));
        let class = escaped(&path_of(&finding.at, paths).unwrap_or_else(|| "refrain".into()));
        writeln!(out, "    <testcase name=\"{name}\" classname=\"{class}\" time=\"0\">")?;
        let told = escaped(&format!("{place}: {message}\nother copy: {}", other_location(&finding.other, paths)));
        if fails(&finding) {
            writeln!(out, "      <failure message=\"{}\" type=\"{}\">{told}</failure>", escaped(&message), finding.rule())?;
        } else {
            writeln!(out, "      <system-out>{}: {told}</system-out>", finding.level.name())?;
        }
        writeln!(out, "    </testcase>")?;
    }
    if omitted > 0 {
        let what = crate::report::count(omitted, "finding");
        writeln!(out, "    <testcase name=\"{what} left out by the limit\" classname=\"refrain\" time=\"0\">")?;
        if fails_omitted {
            writeln!(out, "      <failure message=\"some of them are new errors\" type=\"limit\"/>")?;
        }
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "    <system-out>{}</system-out>", escaped(&headline(check)))?;
    writeln!(out, "  </testsuite>\n</testsuites>")
}

/// Text for XML 1.0: what it cannot hold becomes U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}
