//! A check as JSON: the findings of a run, each with what a gate adds.

use crate::check::{Check, CheckedFinding, Kind, Revision, Seen};
use crate::finding::{Pair, PairRule};
use crate::report::json::run_of;
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Line<'a, T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    #[serde(flatten)]
    finding: T,
    #[serde(flatten)]
    gate: Gate<'a>,
}

#[derive(Serialize)]
struct Gate<'a> {
    level: &'static str,
    known: bool,
    fingerprint: &'a str,
    /// The side that stands in the index alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    indexed: Option<Seen>,
}

#[derive(Serialize)]
struct Revised<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    change: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<PairRule>,
    #[serde(flatten)]
    pair: Pair<'a>,
}

#[derive(Serialize)]
struct Named<'a, T> {
    r#type: &'static str,
    #[serde(flatten)]
    finding: &'a T,
}

fn write_one(finding: &CheckedFinding, named: bool, out: &mut impl Write) -> io::Result<()> {
    let gate = Gate { level: finding.level.name(), known: finding.known, fingerprint: finding.fingerprint(), indexed: finding.seen };
    let name = |name| named.then_some(name);
    match &finding.kind {
        Kind::Repetition(repetition) => serde_json::to_writer(out, &Line { r#type: name("repetition"), finding: repetition, gate }),
        Kind::Pair(pair) => serde_json::to_writer(out, &Line { r#type: name("pair"), finding: pair.as_pair(), gate }),
    }?;
    Ok(())
}

fn write_revision(revision: &Revision, named: bool, out: &mut impl Write) -> io::Result<()> {
    let Revision { pair, change, .. } = revision;
    let line = Revised { r#type: named.then_some("revision"), change: change.name(), was: change.was(), pair: pair.as_pair() };
    Ok(serde_json::to_writer(out, &line)?)
}

/// One finding a line: the run, repetitions, pairs, with hindsight the revisions, the summary.
///
/// # Errors
/// What the writer says.
pub fn write_check_jsonl(check: &Check, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Named { r#type: "run", finding: &run_of(&check.config) })?;
    out.write_all(b"\n")?;
    for finding in &check.findings {
        write_one(finding, true, out)?;
        out.write_all(b"\n")?;
    }
    for revision in check.revisions.iter().flatten() {
        write_revision(revision, true, out)?;
        out.write_all(b"\n")?;
    }
    serde_json::to_writer(&mut *out, &Named { r#type: "summary", finding: &check.summary })?;
    out.write_all(b"\n")
}

/// One document: `{"run":{},"repetitions":[],"pairs":[],"summary":{}}`, with hindsight `"revisions":[]` before the summary.
///
/// # Errors
/// What the writer says.
pub fn write_check_json(check: &Check, out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"{\"run\":")?;
    serde_json::to_writer(&mut *out, &run_of(&check.config))?;
    for (name, wanted) in [("repetitions", true), ("pairs", false)] {
        write!(out, ",\n\"{name}\":[")?;
        let of_kind = check.findings.iter().filter(|finding| matches!(finding.kind, Kind::Repetition(_)) == wanted);
        for (number, finding) in of_kind.enumerate() {
            out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
            write_one(finding, false, out)?;
        }
        out.write_all(b"]")?;
    }
    if let Some(revisions) = &check.revisions {
        out.write_all(b",\n\"revisions\":[")?;
        for (number, revision) in revisions.iter().enumerate() {
            out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
            write_revision(revision, false, out)?;
        }
        out.write_all(b"]")?;
    }
    out.write_all(b",\n\"summary\":")?;
    serde_json::to_writer(&mut *out, &check.summary)?;
    out.write_all(b"}\n")
}
