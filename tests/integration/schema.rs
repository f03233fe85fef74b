//! The findings' schema and the findings' fields name each other completely.

use crate::workbench::{Bench, Run, project_root};
use serde_json::Value;
use std::collections::BTreeSet;

fn schema() -> Value {
    read("docs/findings.schema.json")
}

fn read(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(project_root().join(name)).unwrap()).unwrap()
}

/// Holds `value` to the part of JSON Schema that the schema uses.
fn check(schema: &Value, root: &Value, value: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        return check(&root["$defs"][name.rsplit('/').next().unwrap()], root, value, at);
    }
    if let Some(choices) = schema["enum"].as_array() {
        assert!(choices.contains(value), "{at}: {value} is none of {choices:?}");
    }
    if let Some(constant) = schema.get("const") {
        assert_eq!(constant, value, "{at}");
    }
    match schema["type"].as_str() {
        Some("integer") => assert!(value.is_u64(), "{at}: {value}"),
        Some("number") => assert!(value.is_number(), "{at}: {value}"),
        Some("string") => assert!(value.is_string(), "{at}: {value}"),
        Some("array") => value.as_array().unwrap().iter().for_each(|item| check(&schema["items"], root, item, at)),
        Some("object") => {
            let object = value.as_object().unwrap();
            let required = schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap());
            required.for_each(|name| assert!(object.contains_key(name), "{at}: no {name}"));
            for (name, field) in object {
                let part = schema["properties"].get(name).unwrap_or_else(|| panic!("{at}: {name} is not in the schema"));
                check(part, root, field, &format!("{at}.{name}"));
            }
        }
        _ => {}
    }
    let number = value.as_f64().unwrap_or(0.0);
    assert!(
        schema["minimum"].as_f64().is_none_or(|least| number >= least) && schema["maximum"].as_f64().is_none_or(|most| number <= most),
        "{at}: {value}"
    );
}

#[test]
fn every_line_of_a_check_follows_the_schema() {
    let schema = schema();
    let ran = Run::new(&["check", "corpus", "--fail-on", "none", "--format", "jsonl"]).folder(project_root()).go();
    let mut types = BTreeSet::new();
    for finding in ran.findings().0 {
        let kind = finding["type"].as_str().unwrap().to_owned();
        check(&schema["$defs"][&kind], &schema, &finding, &kind);
        types.insert(kind);
    }
    assert_eq!(types.len(), 4, "{types:?}");
}

#[test]
fn every_line_follows_the_schema() {
    let schema = schema();
    for scope in
        [&[][..], &["--only", "within"], &["--only", "near-duplicates"], &["--only", "passages"], &["--only", "within,near-duplicates"]]
    {
        let ran = Run::new(&[&["scan", "corpus", "--format", "jsonl"], scope].concat()).folder(project_root()).go();
        let mut types = BTreeSet::new();
        for finding in ran.findings().0 {
            let kind = finding["type"].as_str().unwrap().to_owned();
            check(&schema["$defs"][&kind], &schema, &finding, &kind);
            types.insert(kind);
        }
        assert!(types.len() >= 3, "{types:?}");
    }
}

#[test]
fn every_line_of_a_comparison_with_a_reference_follows_the_schema() {
    let schema = schema();
    let bench = Bench::new();
    let text = crate::workbench::words("w", 60);
    bench.write("old.jsonl", crate::workbench::record("o", &text));
    bench.write("new.jsonl", crate::workbench::record("n", &format!("{text} {}", crate::workbench::words("v", 60))));
    let mut types = BTreeSet::new();
    for finding in bench.run(&["scan", "new.jsonl", "--against", "old.jsonl", "--format", "jsonl"]).findings().0 {
        let kind = finding["type"].as_str().unwrap().to_owned();
        check(&schema["$defs"][&kind], &schema, &finding, &kind);
        types.insert(kind);
    }
    assert_eq!(types.len(), 4, "{types:?}");
}

#[test]
fn lines_stand_in_the_order_of_the_contract() {
    let ran = Run::new(&["scan", "corpus", "--format", "jsonl"]).folder(project_root()).go();
    let rank = |finding: &Value| {
        ["run", "repetition", "pair", "derivation", "boilerplate", "cluster", "summary"]
            .iter()
            .position(|kind| finding["type"] == *kind)
            .unwrap()
    };
    let key = |f: &Value| {
        (
            rank(f),
            f["doc"].to_string(),
            f["a"].to_string(),
            f["first"]["start"].as_u64(),
            f["again"]["start"].as_u64(),
            f["b"].to_string(),
            f["id"].as_u64(),
        )
    };
    let keys: Vec<_> = ran.findings().0.iter().map(key).collect();
    assert!(keys.is_sorted(), "{keys:#?}");
    assert!(ran.stdout.starts_with(r#"{"type":"run","schema":2,"version":""#));
    let json = Run::new(&["scan", "corpus", "--format", "json"]).folder(project_root()).go();
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    let lists = ["repetitions", "pairs", "derivations", "boilerplate", "clusters"].map(|list| json[list].as_array().unwrap().len());
    assert_eq!(lists.iter().sum::<usize>() + 2, keys.len(), "the same findings in one document");
}

#[test]
fn every_line_of_a_manifest_follows_its_schema() {
    let schema = read("docs/manifest.schema.json");
    let bench = Bench::new();
    let mut rules = BTreeSet::new();
    let everything = ["--remove", "within,across,contained,boilerplate", "--boilerplate", "4", "--filter", "gopher"];
    for args in [&[][..], &["--annotate"], &["--removed-text", "none"], &everything] {
        let out = bench.path().join("out");
        let ran = Run::new(&[&["clean", "corpus", "-o", out.to_str().unwrap()], args].concat()).folder(project_root()).go();
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let manifest = std::fs::read_to_string(bench.path().join("out.manifest.jsonl")).unwrap();
        for line in manifest.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let kind = line["type"].as_str().unwrap();
            check(&schema["$defs"][kind], &schema, &line, kind);
            rules.extend(line["rule"].as_str().map(str::to_owned));
        }
        std::fs::remove_dir_all(out).unwrap();
    }
    assert!(rules.len() >= 7, "{rules:?}");
}
