//! A check as SARIF 2.1.0 (OASIS), for code scanning and editors.
//!
//! Always: what GitHub requires is there. Results are written one by one, so that memory does not depend on their number.

use super::paths::{Reported, encoded};
use super::rules::guide;
use super::sarif_limits::{LeftOut, Limits, within};
use super::{Paths, by_weight};
use crate::check::{Check, CheckedFinding, Kind, Level, Part, Place, RULES, Region};
use serde::ser::{Serialize, Serializer};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{self, Write};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Name and version of the fingerprints.
const FINGERPRINT: &str = "refrainFinding/v1";
/// Name of the folder that URIs are relative to.
const ROOT: &str = "%SRCROOT%";

/// What is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct SarifOptions {
    /// Say of each result whether it is in the baseline.
    pub has_baseline: bool,
    /// Leave out results that are. GitHub shows them as it shows new ones.
    pub new_only: bool,
    /// Most results; None: as many as GitHub takes.
    pub most_results: Option<usize>,
    /// Most bytes, packed with gzip; None: as many as GitHub takes.
    pub most_bytes: Option<u64>,
}

/// Writes one run: as many results as GitHub takes, new ones before known ones and errors before warnings if some have to be left out, which is
/// returned and said in the run. URIs are relative to the root of `paths`; columns count UTF-16 code units; the other copy is a related location.
///
/// # Errors
/// What the writer says.
pub fn write_sarif(check: &Check, paths: &Paths, options: &SarifOptions, out: &mut impl Write) -> io::Result<Option<LeftOut>> {
    let report = Report { check, paths, numbers: numbers(&check.findings), has_baseline: options.has_baseline };
    let (chosen, left_out) = report.choose(options)?;
    let mut run = json!({
        "tool": {"driver": {
            "name": "refrain",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": RULES.iter().map(|&(id, text, level)| rule(id, text, level)).collect::<Vec<Value>>(),
        }},
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository; the working folder if there is none."}}},
        "columnKind": "utf16CodeUnits",
    });
    if let Some(omitted) = check.summary.omitted {
        run["properties"] = json!({"omittedFindings": omitted});
    }
    if let Some(left_out) = &left_out {
        let notification = json!({"level": "warning", "message": {"text": left_out.to_string()}});
        run["invocations"] = json!([{"executionSuccessful": true, "toolExecutionNotifications": [notification]}]);
    }
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [Run { head: run, results: Results { report: &report, chosen } }] };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")?;
    Ok(left_out)
}

#[derive(serde::Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(serde::Serialize)]
struct Run<'a> {
    #[serde(flatten)]
    head: Value,
    results: Results<'a>,
}

struct Results<'a> {
    report: &'a Report<'a>,
    chosen: Vec<usize>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.chosen.iter().map(|&at| self.report.result(at)))
    }
}

struct Report<'a> {
    check: &'a Check,
    paths: &'a Paths,
    /// Of each finding: how many findings of its file have had its fingerprint so far.
    numbers: Vec<usize>,
    has_baseline: bool,
}

/// Numbers findings of one file and fingerprint from 1: code hosts know a result by these two. Known findings count, so that a result keeps its
/// number when they are left out.
fn numbers(findings: &[CheckedFinding]) -> Vec<usize> {
    let mut seen: HashMap<(Option<&str>, &str, &str), usize> = HashMap::new();
    let mut numbers = Vec::with_capacity(findings.len());
    for finding in findings {
        let number = seen.entry((finding.at.path.as_deref(), finding.rule(), finding.fingerprint())).or_default();
        *number += 1;
        numbers.push(*number);
    }
    numbers
}

impl Report<'_> {
    /// The findings that are written, ascending, and what is left out for the limits.
    fn choose(&self, options: &SarifOptions) -> io::Result<(Vec<usize>, Option<LeftOut>)> {
        let limits = Limits::of_github(options.most_results, options.most_bytes);
        let wanted = |at: &usize| !(options.new_only && self.check.findings[*at].known);
        let candidates: Vec<usize> = by_weight(self.check).into_iter().filter(wanted).collect();
        let fitting = within(limits, candidates.len(), |at, out| Ok(serde_json::to_writer_pretty(out, &self.result(candidates[at]))?))?;
        let left_out = (fitting < candidates.len()).then(|| LeftOut { results: candidates.len() - fitting, of: candidates.len(), limits });
        let mut chosen = candidates;
        chosen.truncate(fitting);
        chosen.sort_unstable();
        Ok((chosen, left_out))
    }

    fn result(&self, at: usize) -> Value {
        let finding = &self.check.findings[at];
        let related: Vec<Value> = (1..).zip(related_places(finding)).map(|(id, place)| self.related(finding, id, place)).collect();
        let fingerprint = finding.fingerprint();
        let mut result = json!({
            "ruleId": finding.rule(),
            "ruleIndex": RULES.iter().position(|(name, ..)| *name == finding.rule()),
            "level": finding.level.name(),
            "message": {"text": message(finding)},
            "locations": [self.location(&finding.at)],
            "relatedLocations": related,
            "partialFingerprints": {"primaryLocationLineHash": format!("{fingerprint}:{}", self.numbers[at]), FINGERPRINT: fingerprint},
        });
        if self.has_baseline {
            result["baselineState"] = json!(if finding.known { "unchanged" } else { "new" });
        }
        result
    }

    fn related(&self, finding: &CheckedFinding, id: usize, place: &Place) -> Value {
        let what = match finding.kind {
            Kind::Repetition(_) => "the first occurrence",
            Kind::Pair(_) => "the other article",
        };
        let mut location = self.location(place);
        location["id"] = json!(id);
        location["message"] = json!({"text": what});
        location
    }

    fn location(&self, place: &Place) -> Value {
        let mut location = json!({"logicalLocations": [{"name": place.id}]});
        if let Some(path) = place.path.as_deref() {
            let artifact = match self.paths.of(path) {
                Reported::Inside(path) => json!({"uri": encoded(&path), "uriBaseId": ROOT}),
                Reported::Outside(_, absolute) => json!({"uri": format!("file://{}", encoded(&absolute))}),
                Reported::NoFile(address) => json!({"uri": address.replace(' ', "%20")}),
            };
            // Every region has columns; a file without lines is shown from its start.
            location["physicalLocation"] = json!({"artifactLocation": artifact, "region": region(place.region.unwrap_or(Region::START))});
        }
        location
    }
}

fn region(region: Region) -> Value {
    let Region { start_line, start_column, end_line, end_column } = region;
    json!({"startLine": start_line, "startColumn": start_column, "endLine": end_line, "endColumn": end_column})
}

fn rule(id: &str, text: &str, level: Level) -> Value {
    let guide = guide(id);
    let severity = if level == Level::Note { "recommendation" } else { level.name() };
    json!({
        "id": id,
        "shortDescription": {"text": text},
        "fullDescription": {"text": guide.description},
        "help": {"text": format!("{} {}", guide.description, guide.help), "markdown": format!("{}\n\n{}", guide.description, guide.help)},
        "defaultConfiguration": {"level": level.name()},
        "properties": {"precision": guide.precision, "problem.severity": severity, "tags": ["duplication"]},
    })
}

/// The other copies that are in the repository. An article of an index is not: the file that it was read from may hold another article today.
fn related_places(finding: &CheckedFinding) -> impl Iterator<Item = &Place> {
    [&finding.other].into_iter().chain(&finding.others).filter(|place| !place.is_indexed)
}

/// The message with links to the related locations: GitHub shows those that are linked.
fn message(finding: &CheckedFinding) -> String {
    let mut next = 0;
    let mut link = |name: &str, place: &Place| {
        if place.is_indexed {
            return escaped(name);
        }
        next += 1;
        format!("[{}]({next})", escaped(name))
    };
    let (mut text, mut is_named) = (String::new(), false);
    for part in finding.parts() {
        match part {
            Part::Text(part) => text += &escaped(&part),
            Part::Other(name) => {
                text += &link(&name, &finding.other);
                is_named = true;
            }
        }
    }
    if !is_named {
        text += &format!(" ({})", link("first occurrence", &finding.other));
    }
    let others: Vec<String> = finding.others.iter().map(|place| link(&place.id, place)).collect();
    if !others.is_empty() {
        let rest = finding.more - others.len();
        let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        text += &format!(". Other copies: {}{rest}", others.join(", "));
    }
    text
}

/// Text in which nothing is a link.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '[' | ']') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
