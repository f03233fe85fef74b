//! What a user is told besides the findings, on standard error.
#![expect(clippy::print_stderr, reason = "messages are printed here")]

use refrain::{Findings, Problem};
use std::collections::BTreeMap;

/// Problems of one kind that are listed one by one.
const MOST_ALIKE: usize = 10;

/// Notes of the source, then records that were left out, then documents that were renamed.
pub(super) fn tell(notes: &[String], findings: &Findings, verbose: bool) {
    notes.iter().for_each(|note| eprintln!("note: {note}"));
    tell_problems(findings.problems(), if verbose { usize::MAX } else { MOST_ALIKE });
    if findings.renamed() > 0 {
        eprintln!("note: {} articles without an id of their own are named by file and line", findings.renamed());
    }
    if findings.bad_dates() > 0 {
        eprintln!(
            "note: {} articles have a date that was not understood (wanted: 2015-07-21, 2015-07-21T09:30:00Z, ...); taken for none",
            findings.bad_dates()
        );
    }
}

fn tell_problems(problems: &[Problem], most: usize) {
    let mut alike: BTreeMap<&str, usize> = BTreeMap::new();
    for problem in problems {
        let seen = alike.entry(&problem.reason).or_default();
        *seen += 1;
        if *seen <= most {
            eprintln!("skipped: {problem}");
        }
    }
    for (reason, count) in alike.into_iter().filter(|(_, count)| *count > most) {
        eprintln!("skipped: {} more: {reason}; --verbose lists them", count - most);
    }
}
