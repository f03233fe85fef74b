//! A check as JSON: the findings of a run, each with what a gate adds.

use crate::check::{Check, CheckedFinding, Kind, Seen};
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
    /// Further articles whose pairs with this one the finding represents.
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<usize>,
    /// Another finding represents this pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    represented: Option<bool>,
}

/// Which pairs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairList {
    /// Those that are findings of their own.
    Reported,
    /// Also those that they represent, marked as such.
    All,
}

#[derive(Serialize)]
struct Named<'a, T> {
    r#type: &'static str,
    #[serde(flatten)]
    finding: &'a T,
}

/// A finding, and whether another one represents it.
type Listed<'a> = (&'a CheckedFinding, bool);

/// The pairs, by their ids.
fn pairs(check: &Check, list: PairList) -> impl Iterator<Item = Listed<'_>> {
    let of_pair = |finding: &&CheckedFinding| matches!(finding.kind, Kind::Pair(_));
    let mut reported = check.findings.iter().filter(of_pair).peekable();
    let mut represented = check.represented.iter().filter(move |_| list == PairList::All).peekable();
    std::iter::from_fn(move || match (reported.peek(), represented.peek()) {
        (Some(one), Some(other)) if ids(other) < ids(one) => represented.next().map(|finding| (finding, true)),
        (None, _) => represented.next().map(|finding| (finding, true)),
        (Some(_), _) => reported.next().map(|finding| (finding, false)),
    })
}

fn ids(finding: &CheckedFinding) -> Option<(&str, &str)> {
    if let Kind::Pair(pair) = &finding.kind { Some((&pair.a, &pair.b)) } else { None }
}

fn repetitions(check: &Check) -> impl Iterator<Item = Listed<'_>> {
    check.findings.iter().filter(|finding| matches!(finding.kind, Kind::Repetition(_))).map(|finding| (finding, false))
}

fn write_one((finding, represented): Listed<'_>, named: bool, out: &mut impl Write) -> io::Result<()> {
    let gate = Gate {
        level: finding.level.name(),
        known: finding.known,
        fingerprint: finding.fingerprint(),
        indexed: finding.seen,
        more: (finding.more > 0).then_some(finding.more),
        represented: represented.then_some(true),
    };
    let name = |name| named.then_some(name);
    match &finding.kind {
        Kind::Repetition(repetition) => serde_json::to_writer(out, &Line { r#type: name("repetition"), finding: repetition, gate }),
        Kind::Pair(pair) => serde_json::to_writer(out, &Line { r#type: name("pair"), finding: pair.as_pair(), gate }),
    }?;
    Ok(())
}

/// One finding a line: the run, repetitions, pairs, the summary.
///
/// # Errors
/// What the writer says.
pub fn write_check_jsonl(check: &Check, list: PairList, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Named { r#type: "run", finding: &run_of(&check.config) })?;
    out.write_all(b"\n")?;
    for finding in repetitions(check).chain(pairs(check, list)) {
        write_one(finding, true, out)?;
        out.write_all(b"\n")?;
    }
    serde_json::to_writer(&mut *out, &Named { r#type: "summary", finding: &check.summary })?;
    out.write_all(b"\n")
}

/// One document: `{"run":{},"repetitions":[],"pairs":[],"summary":{}}`.
///
/// # Errors
/// What the writer says.
pub fn write_check_json(check: &Check, list: PairList, out: &mut impl Write) -> io::Result<()> {
    fn write_all<'a>(name: &str, findings: impl Iterator<Item = Listed<'a>>, out: &mut impl Write) -> io::Result<()> {
        write!(out, ",\n\"{name}\":[")?;
        for (number, finding) in findings.enumerate() {
            out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
            write_one(finding, false, out)?;
        }
        out.write_all(b"]")
    }

    out.write_all(b"{\"run\":")?;
    serde_json::to_writer(&mut *out, &run_of(&check.config))?;
    write_all("repetitions", repetitions(check), out)?;
    write_all("pairs", pairs(check, list), out)?;
    out.write_all(b",\n\"summary\":")?;
    serde_json::to_writer(&mut *out, &check.summary)?;
    out.write_all(b"}\n")
}
