//! What a user is told besides the findings, on standard error.

use refrain::report::printable;
use refrain::{Findings, Problem};
use std::collections::BTreeMap;
use std::io::Write;

/// Problems of one kind that are listed one by one.
const MOST_ALIKE: usize = 10;

/// Notes of the source, then records that were left out, then documents that were renamed.
pub(super) fn tell(notes: &[String], findings: &Findings, verbose: bool) {
    tell_left_out(notes, findings.problems(), findings.renamed(), findings.bad_dates(), verbose);
}

/// The same without a run.
pub(super) fn tell_left_out(notes: &[String], problems: &[Problem], renamed: usize, bad_dates: usize, verbose: bool) {
    notes.iter().for_each(|note| line("note", note));
    tell_problems(problems, if verbose { usize::MAX } else { MOST_ALIKE });
    let count = |count: usize, what: &str| {
        if count > 0 {
            line("note", &format!("{count} article{}{what}", if count == 1 { "" } else { "s" }));
        }
    };
    count(renamed, " named by file and line, for want of an id or because it is shared");
    count(bad_dates, " with a date that was not understood (wanted: 2015-07-21, 2015-07-21T09:30:00Z, ...), taken for none");
}

fn tell_problems(problems: &[Problem], most: usize) {
    let mut alike: BTreeMap<&str, usize> = BTreeMap::new();
    for problem in problems {
        let seen = alike.entry(&problem.reason).or_default();
        *seen += 1;
        if *seen <= most {
            line("skipped", &problem.to_string());
        }
    }
    for (reason, count) in alike.into_iter().filter(|(_, count)| *count > most) {
        line("skipped", &format!("{} more: {reason}; --verbose lists them", count - most));
    }
}

/// A line on standard error. Nobody may be listening, and what it says may come from the input.
pub(crate) fn line(kind: &str, message: &str) {
    let message: Vec<String> = message.lines().map(printable).collect();
    let _ = writeln!(std::io::stderr(), "{kind}: {}", message.join("\n"));
}
