//! Messages on standard error.

use super::args::Report;
use crate::report::printable;
use crate::{BadDates, Findings, Problems};
use std::collections::HashMap;
use std::io::{IsTerminal, Write};

/// Files with the same note that are listed one by one.
const MOST_FILES: usize = 3;

/// Notes of the source, then records that were left out, then documents that were renamed.
pub(super) fn tell(notes: &[String], findings: &Findings, verbose: bool) {
    tell_left_out(notes, findings.problems(), findings.renamed(), findings.bad_dates(), verbose);
}

/// The same without a run.
pub(super) fn tell_left_out(notes: &[String], problems: &Problems, renamed: usize, bad_dates: &BadDates, verbose: bool) {
    tell_notes(notes);
    tell_problems(problems, verbose);
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

/// Prints notes. Notes that say the same of many files become one, with their number and the first of them.
pub(super) fn tell_notes(notes: &[String]) {
    grouped(notes).iter().for_each(|note| line("note", note));
}

fn grouped(notes: &[String]) -> Vec<String> {
    let mut files: HashMap<&str, Vec<&str>> = HashMap::new();
    for (file, text) in notes.iter().filter_map(|note| note.split_once(": ")) {
        files.entry(text).or_default().push(file);
    }
    let group = |note: &String| {
        let Some((file, text)) = note.split_once(": ") else { return Some(note.clone()) };
        match files[text].as_slice() {
            few if few.len() <= MOST_FILES => Some(note.clone()),
            [first, ..] if *first != file => None,
            many => Some(format!("{} files: {text} ({}, ...)", many.len(), many[..MOST_FILES].join(", "))),
        }
    };
    notes.iter().filter_map(group).collect()
}

/// Prints the totals of a run, unless `format` shows them on the same terminal.
pub(super) fn summary(format: Report, totals: &str) {
    if format != Report::Text || !std::io::stdout().is_terminal() {
        line("summary", totals);
    }
}

fn tell_problems(problems: &Problems, verbose: bool) {
    problems.examples().iter().for_each(|problem| line("skipped", &problem.to_string()));
    let advice = if verbose { "" } else { "; --verbose lists more" };
    for (reason, count) in problems.more() {
        let like = if reason.is_empty() { "for other reasons".to_owned() } else { format!("like `{reason}`") };
        line("skipped", &format!("{count} more {like}{advice}"));
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
    use super::*;

    #[test]
    fn equal_notes_of_many_files_become_one() {
        let mut notes: Vec<String> = (0..500).map(|n| format!("a{n}.txt: read as windows-1256 (detected)")).collect();
        notes.insert(1, "b.txt: read as UTF-16LE (declared)".into());
        notes.push("fields: text from body".into());
        assert_eq!(
            grouped(&notes),
            [
                "500 files: read as windows-1256 (detected) (a0.txt, a1.txt, a2.txt, ...)",
                "b.txt: read as UTF-16LE (declared)",
                "fields: text from body"
            ]
        );
        assert_eq!(grouped(&notes[..4]), &notes[..4]);
    }

    #[test]
    fn settings_are_named_by_their_flags() {
        assert_eq!(with_flags("no text; use the setting `text-field`, or the setting `input`"), "no text; use --text-field, or --input");
        assert_eq!(with_flags("the setting `cut"), "the setting `cut");
        assert_eq!(with_flags("plain"), "plain");
    }
}
