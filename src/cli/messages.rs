//! What a user is told besides the findings, on standard error.

use refrain::report::printable;
use refrain::{BadDates, Findings, Problem};
use std::collections::BTreeMap;
use std::io::Write;

/// Problems of one kind that are listed one by one.
const MOST_ALIKE: usize = 10;

/// Notes of the source, then records that were left out, then documents that were renamed.
pub(super) fn tell(notes: &[String], findings: &Findings, verbose: bool) {
    tell_left_out(notes, findings.problems(), findings.renamed(), findings.bad_dates(), verbose);
}

/// The same without a run.
pub(super) fn tell_left_out(notes: &[String], problems: &[Problem], renamed: usize, bad_dates: &BadDates, verbose: bool) {
    notes.iter().for_each(|note| line("note", note));
    tell_problems(problems, if verbose { usize::MAX } else { MOST_ALIKE });
    let count = |count: usize, what: &str| {
        if count > 0 {
            line("note", &format!("{count} article{}{what}", if count == 1 { "" } else { "s" }));
        }
    };
    count(renamed, " named by file and line, for want of an id or because it is shared");
    if bad_dates.count > 0 {
        line("note", &bad_dates.to_string());
    }
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

/// `message` with flags for settings: the library knows settings, and says "the setting `temp-dir`"; here that is `--temp-dir`.
fn with_flags(message: &str) -> String {
    const SETTING: &str = "the setting `";
    let mut parts = message.split(SETTING);
    let mut with_flags = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('`') {
            Some((name, rest)) => with_flags.extend(["--", name, rest]),
            None => with_flags.extend([SETTING, part]),
        }
    }
    with_flags
}

/// Writes a line to standard error. A reader that went away is no error, and control characters of the input are made visible.
pub(crate) fn line(kind: &str, message: &str) {
    let message: Vec<String> = with_flags(message).lines().map(printable).collect();
    let _ = writeln!(std::io::stderr(), "{kind}: {}", message.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::with_flags;

    #[test]
    fn settings_are_named_by_their_flags() {
        assert_eq!(with_flags("no text; use the setting `text-field`, or the setting `input`"), "no text; use --text-field, or --input");
        assert_eq!(with_flags("the setting `cut"), "the setting `cut");
        assert_eq!(with_flags("plain"), "plain");
    }
}
