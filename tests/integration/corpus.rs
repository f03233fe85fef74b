//! refrain on corpus/, held to corpus/truth.jsonl exactly: nothing missing, nothing more.

use crate::workbench::{Findings, Run, project_root};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn found() -> Findings {
    let ran = Run::new(&["scan", "corpus", "--format", "jsonl"]).folder(project_root()).go();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.findings()
}

fn truth() -> Findings {
    let text = std::fs::read_to_string(project_root().join("corpus/truth.jsonl")).unwrap();
    Findings(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// The named fields of each finding, as a set.
fn picked(findings: &Findings, kind: &str, pick: impl Fn(&Value) -> Value) -> BTreeSet<String> {
    findings.of(kind).into_iter().map(|finding| pick(finding).to_string()).collect()
}

#[track_caller]
fn assert_same(kind: &str, pick: impl Fn(&Value) -> Value) {
    let (found, truth) = (picked(&found(), kind, &pick), picked(&truth(), kind, &pick));
    let missing: Vec<_> = truth.difference(&found).collect();
    let more: Vec<_> = found.difference(&truth).collect();
    assert!(missing.is_empty() && more.is_empty(), "missing {missing:#?}\nmore {more:#?}");
    assert!(!truth.is_empty());
}

#[test]
fn repetitions_are_those_of_the_truth() {
    let span = |span: &Value| json!([span["start"], span["end"]]);
    assert_same("repetition", |f| json!([f["doc"], f["rule"], span(&f["first"]), span(&f["again"]), f["copies"]]));
}

#[test]
fn pairs_are_those_of_the_truth() {
    assert_same("pair", |f| json!([f["rule"], f["a"], f["b"], f["jaccard"]]));
}

#[test]
fn clusters_are_those_of_the_truth() {
    assert_same("cluster", |f| json!([f["members"], f["keep"]]));
}

#[test]
fn innocent_articles_stay_quiet() {
    let (found, truth) = (found(), truth());
    for quiet in truth.of("quiet") {
        let told = found.0.iter().find(|f| [&f["doc"], &f["a"], &f["b"]].contains(&&quiet["doc"]));
        assert_eq!(told, None, "{quiet}");
    }
}

#[test]
fn exact_copies_have_similarity_one() {
    let (found, truth) = (found(), truth());
    for label in truth.of("repetition").into_iter().filter(|label| label["exact"] == true) {
        let matching = |f: &&Value| f["doc"] == label["doc"] && f["again"]["start"] == label["again"]["start"];
        assert_eq!(found.of("repetition").into_iter().find(matching).map(|f| f["similarity"].clone()), Some(json!(1.0)), "{label}");
    }
}
