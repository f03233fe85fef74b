//! A check as SARIF 2.1.0 (OASIS), for code scanning and editors.

use super::path_of;
use crate::check::{Check, CheckedFinding, Kind, Place, RULES, Region};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::Path;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Name and version of the fingerprints.
const FINGERPRINT: &str = "refrainFinding/v1";

/// Writes one run. URIs are relative to `root`; columns count UTF-16 code units. The other copy is a related location.
///
/// # Errors
/// What the writer says.
pub fn write_sarif(check: &Check, root: &Path, has_baseline: bool, out: &mut impl Write) -> io::Result<()> {
    let rules: Vec<Value> = RULES
        .iter()
        .map(|(id, text, level)| json!({"id": id, "shortDescription": {"text": text}, "defaultConfiguration": {"level": level.name()}}))
        .collect();
    let results: Vec<Value> = check.findings.iter().map(|finding| result(finding, root, has_baseline)).collect();
    let run = json!({
        "tool": {"driver": {"name": "refrain", "version": env!("CARGO_PKG_VERSION"), "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules}},
        "columnKind": "utf16CodeUnits",
        "results": results,
    });
    serde_json::to_writer_pretty(&mut *out, &json!({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}))?;
    out.write_all(b"\n")
}

fn result(finding: &CheckedFinding, root: &Path, has_baseline: bool) -> Value {
    let rule = RULES.iter().position(|(name, ..)| *name == finding.rule());
    let other = match finding.kind {
        Kind::Repetition(_) => "where it stands first",
        Kind::Pair(_) if finding.is_against_index() => "the article of the index",
        Kind::Pair(_) => "the other article",
    };
    let mut related = location(&finding.other, root);
    related["id"] = json!(1);
    related["message"] = json!({"text": other});
    let mut result = json!({
        "ruleId": finding.rule(),
        "ruleIndex": rule,
        "level": finding.level.name(),
        "message": {"text": finding.message()},
        "locations": [location(&finding.at, root)],
        "relatedLocations": [related],
        "partialFingerprints": {FINGERPRINT: finding.fingerprint()},
    });
    if has_baseline {
        result["baselineState"] = json!(if finding.known { "unchanged" } else { "new" });
    }
    result
}

fn location(place: &Place, root: &Path) -> Value {
    let mut location = json!({"logicalLocations": [{"name": place.id}]});
    if let Some(path) = path_of(place, root) {
        let mut physical = json!({"artifactLocation": {"uri": uri(&path)}});
        if let Some(region) = place.region {
            physical["region"] = region_of(region);
        }
        location["physicalLocation"] = physical;
    }
    location
}

fn region_of(region: Region) -> Value {
    let mut told = json!({"startLine": region.start_line, "endLine": region.end_line});
    if let Some((start, end)) = region.start_column.zip(region.end_column) {
        told["startColumn"] = json!(start);
        told["endColumn"] = json!(end);
    }
    told
}

/// A path as a URI reference (RFC 3986): relative, unless the path is not.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~!$&'()*+,;=@".contains(&byte);
    let encoded: String =
        path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect();
    if encoded.starts_with('/') { format!("file://{encoded}") } else { encoded }
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_uri_references() {
        assert_eq!(uri("news/a b#1.txt"), "news/a%20b%231.txt");
        assert_eq!(uri("خبر.txt"), "%D8%AE%D8%A8%D8%B1.txt");
        assert_eq!(uri("/tmp/x:y"), "file:///tmp/x%3Ay");
    }
}
