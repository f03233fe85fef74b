//! Real text, where it is at hand beside the project. None of it is part of the project.

use crate::workbench::{Bench, Run, project_root};
use serde_json::json;
use std::path::PathBuf;

/// The folder of real data; None, said plainly, where it is not there.
fn data() -> Option<PathBuf> {
    let folder = project_root().join("../shared/data");
    if !folder.is_dir() {
        eprintln!("left out: ../shared/data is not there");
    }
    folder.is_dir().then_some(folder)
}

#[test]
fn the_reference_articles() {
    let Some(data) = data() else { return };
    let ran = Run::new(&["scan", "seeds", "--format", "jsonl"]).folder(&data).go();
    let findings = ran.findings();
    let told: Vec<_> =
        findings.of("repetition").into_iter().map(|f| json!([f["rule"], f["first"], f["again"], f["similarity"], f["words"]])).collect();
    let first = json!({ "start": 115, "end": 1858, "paragraphs": [2, 10] });
    let again = json!({ "start": 1859, "end": 3602, "paragraphs": [11, 19] });
    assert_eq!(told, [json!(["repeated-block", first, again, 1.0, 277])]);
    assert!(findings.of("pair").is_empty());
}

/// A short planted set as a guard; `tests/run` scores all of them with a release build.
#[test]
fn planted_repetitions_are_found() {
    let Some(data) = data() else { return };
    let truth = std::fs::read_to_string(data.join("planted-en.truth.jsonl")).unwrap();
    let findings = Bench::new().scan(&[data.join("planted-en.jsonl").to_str().unwrap(), "--only", "within"]);
    let planted: Vec<serde_json::Value> =
        truth.lines().map(|line| serde_json::from_str(line).unwrap()).filter(|t: &serde_json::Value| t["kind"] == "repetition").collect();
    let touches = |span: &serde_json::Value, label: &serde_json::Value| {
        span["start"].as_u64() < label[1].as_u64() && label[0].as_u64() < span["end"].as_u64()
    };
    let is_found = |t: &&serde_json::Value| {
        findings
            .of("repetition")
            .iter()
            .any(|f| f["doc"] == t["doc"] && touches(&f["first"], &t["first"]) && touches(&f["again"], &t["again"]))
    };
    let found = planted.iter().filter(is_found).count();
    assert!(found * 100 >= planted.len() * 97, "{found} of {}", planted.len());
}
