//! One record has one name in every command.

use crate::workbench::Bench;
use crate::workbench::words;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

/// Records with the same words: without an id, with an empty one, two with one id, and one whose id is the file and line of another.
fn corpus(bench: &Bench) {
    let text = words("w", 40);
    let ids = [Value::Null, "".into(), "x".into(), "x".into(), "a.jsonl:1".into(), "b".into()];
    let lines = ids.iter().map(|id| serde_json::json!({"id": id, "text": text}).to_string() + "\n");
    bench.write("a.jsonl", lines.collect::<String>());
}

const NAMES: [&str; 6] = ["a.jsonl:1", "a.jsonl:1#1", "a.jsonl:2", "a.jsonl:3", "a.jsonl:4", "b"];

/// The names of both sides of all pairs.
fn names(lines: &[&Value]) -> BTreeSet<String> {
    lines.iter().flat_map(|pair| [&pair["a"], &pair["b"]]).map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[test]
fn scan_check_report_and_clean_give_a_record_the_same_name() {
    let bench = Bench::new();
    corpus(&bench);
    let expected: BTreeSet<String> = NAMES.into_iter().map(str::to_owned).collect();
    assert_eq!(names(&bench.scan(&["a.jsonl"]).of("pair")), expected);
    let checked = bench.run(&["check", "a.jsonl", "--format", "jsonl"]).findings();
    assert_eq!(names(&checked.of("pair")), expected);
    let table = bench.run(&["report", "a.jsonl", "--format", "csv", "--table", "pairs"]).stdout;
    for name in NAMES {
        assert!(table.contains(&format!("{name},")), "{name} in {table}");
    }
    // From findings that were written before.
    let findings = bench.run(&["scan", "a.jsonl", "--format", "jsonl"]).stdout;
    bench.write("found.jsonl", findings);
    let again = bench.run(&["report", "a.jsonl", "--findings", "found.jsonl", "--format", "csv", "--table", "pairs"]);
    assert_eq!(again.stdout, table, "{}", again.stderr);
    bench.run(&["clean", "a.jsonl", "-o", "out.jsonl", "--quiet"]);
    let manifest = fs::read_to_string(bench.path().join("out.jsonl.manifest.jsonl")).unwrap();
    let removed = manifest.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).filter(|line| line["type"] == "removal");
    let removed: BTreeSet<String> = removed.map(|line| line["doc"].as_str().unwrap().to_owned()).collect();
    assert!(removed.len() == 5 && removed.is_subset(&expected), "{removed:?}");
}

#[cfg(feature = "index")]
#[test]
fn an_index_names_given_records_as_a_scan_does() {
    let bench = Bench::new();
    corpus(&bench);
    bench.write("old.jsonl", serde_json::json!({"id": "old", "text": words("w", 40)}).to_string());
    bench.run(&["index", "add", "db", "old.jsonl"]);
    for args in [&["index", "query", "db", "a.jsonl"][..], &["check", "a.jsonl", "--index", "db", "--fail-on", "none"]] {
        let found = bench.run(&[args, &["--format", "jsonl"]].concat()).findings();
        let pairs: Vec<&Value> = found.of("pair").into_iter().filter(|pair| pair["indexed"].is_string()).collect();
        let expected: BTreeSet<String> = NAMES.into_iter().chain(["old"]).map(str::to_owned).collect();
        assert_eq!(names(&pairs), expected, "{args:?}");
    }
}

#[test]
fn a_comparison_names_records_as_a_scan_does() {
    let bench = Bench::new();
    corpus(&bench);
    let id = |side: &str| {
        let compared = bench.run(&["compare", side, "a.jsonl#b", "--format", "json"]);
        let compared: Value = serde_json::from_str(&compared.stdout).unwrap_or_else(|_| panic!("{}", compared.stderr));
        compared["a"]["id"].clone()
    };
    // The third and fourth records share an id; the sixth has its own.
    assert_eq!([id("a.jsonl:3"), id("a.jsonl:4"), id("a.jsonl:6")], ["a.jsonl:3", "a.jsonl:4", "b"]);
}
