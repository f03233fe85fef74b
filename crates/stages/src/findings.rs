//! Digests of what a scan found, to compare with those of stages.

use crate::digest::Digest;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{self, BufRead};

/// Digests of findings as JSON lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindingsDigest {
    /// Identical and near-duplicate pairs.
    pub pairs: u64,
    /// Members of clusters.
    pub members: u64,
    /// Digests as in the manifest of stage components: `pairs` and `clusters`.
    pub digests: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Line {
    Pair {
        rule: String,
        a: String,
        b: String,
        jaccard: f64,
    },
    Cluster {
        keep: String,
        members: Vec<String>,
    },
    #[serde(other)]
    Other,
}

/// Reads the output of a scan in the format `jsonl`.
///
/// # Errors
/// A line that is no finding, with its number; what the operating system says.
pub fn digest_of_findings(findings: impl BufRead) -> io::Result<FindingsDigest> {
    let (mut pairs, mut clusters, mut found) = (Digest::default(), Digest::default(), FindingsDigest::default());
    for (number, line) in (1..).zip(findings.lines()) {
        let wrong = |error| io::Error::new(io::ErrorKind::InvalidData, format!("line {number}: no finding: {error}"));
        match serde_json::from_str(&line?).map_err(wrong)? {
            Line::Pair { rule, a, b, jaccard } if matches!(&*rule, "identical" | "near-duplicate") => {
                found.pairs += 1;
                pairs.add_pair(&rule, [&a, &b], jaccard);
            }
            Line::Cluster { keep, mut members } => {
                members.sort_unstable();
                found.members += members.len() as u64;
                members.iter().for_each(|id| clusters.add_member(&members[0], id, *id == keep));
            }
            _ => {}
        }
    }
    found.digests = BTreeMap::from([("pairs".to_owned(), pairs.to_string()), ("clusters".to_owned(), clusters.to_string())]);
    Ok(found)
}
