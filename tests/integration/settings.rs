//! Settings: flags over variables over the nearest `refrain.toml`.

use crate::workbench::{Bench, Findings, Run, words};
use serde_json::{Value, json};

/// A folder with an article that repeats a paragraph, and one with the same words in another case.
fn folder() -> Bench {
    let bench = Bench::new();
    let body = words("Word", 30);
    let record = |id: &str, text: &str| json!({ "id": id, "text": text, "date": null, "outlet": null }).to_string() + "\n";
    bench.write("a.jsonl", record("a", &format!("{body}\n{body}")) + &record("b", &format!("{body}\n{body}").to_lowercase()));
    bench
}

fn config(findings: &Findings) -> &Value {
    &findings.of("run")[0]["config"]
}

/// Settings that the run record tells: flag, value, where it is told, and how.
fn told() -> Vec<(&'static str, &'static str, &'static str, Value)> {
    vec![
        ("only", "within", "/scope", json!("within")),
        ("only", "near-duplicates", "/scope", json!("near-duplicates")),
        ("only", "within,passages", "/scope", json!("within-and-passages")),
        ("threshold", "0.55", "/threshold", json!(0.55)),
        ("threshold", "1", "/threshold", json!(1.0)),
        ("fold", "light", "/fold", json!("light")),
        ("fold", "none", "/fold", json!("none")),
        ("shingle", "3", "/shingle", json!(3)),
        ("linkage", "complete", "/linkage", json!("complete")),
        ("keep", "latest", "/keep", json!("latest")),
        ("keep", "longest", "/keep", json!("longest")),
        ("keep", "first", "/keep", json!("first")),
        ("min-words", "40", "/within/min_words", json!(40)),
        ("min-sentence-words", "12", "/within/min_sentence_words", json!(12)),
        ("min-loop-copies", "9", "/within/min_loop_copies", json!(9)),
        ("cap", "50", "/cap", json!(50)),
        ("boilerplate", "12", "/boilerplate", json!(12)),
    ]
}

/// Settings that the findings do not depend on, or that are seen in how the input is read.
const UNTOLD: &[(&str, &str)] = &[
    ("text-field", "text"),
    ("id-field", "id"),
    ("date-field", "date"),
    ("outlet-field", "outlet"),
    ("input", "jsonl"),
    ("encoding", "utf-8"),
    ("strict", "true"),
    ("jobs", "1"),
    ("simd", "off"),
];

fn line_of_file(name: &str, value: &str) -> String {
    let bare = value.parse::<f64>().is_ok() || value == "true";
    if bare { format!("{name} = {value}\n") } else { format!("{name} = \"{value}\"\n") }
}

fn variable(name: &str) -> String {
    format!("REFRAIN_{}", name.to_uppercase().replace('-', "_"))
}

fn scan_with_variable(bench: &Bench, args: &[&str], name: &str, value: &str) -> Findings {
    let ran = Run::new(&[&["scan", "a.jsonl", "--format", "jsonl"], args].concat()).folder(bench.path()).env(name, value).go();
    assert_eq!(ran.code, 0, "{name}={value}: {}", ran.stderr);
    ran.findings()
}

#[test]
fn every_setting_works_by_flag_by_variable_and_by_file() {
    let bench = folder();
    for (name, value, place, expected) in told() {
        bench.write("refrain.toml", "");
        let by_flag = bench.scan(&["a.jsonl", &format!("--{name}"), value]);
        let by_variable = scan_with_variable(&bench, &[], &variable(name), value);
        bench.write("refrain.toml", line_of_file(name, value));
        let by_file = bench.scan(&["a.jsonl"]);
        assert_eq!(config(&by_flag).pointer(place), Some(&expected), "{name} {value}");
        assert_eq!((&by_flag, &by_flag), (&by_variable, &by_file), "{name} {value}");
    }
}

#[test]
fn every_other_setting_is_taken_by_flag_by_variable_and_by_file() {
    let bench = folder();
    let plain = bench.scan(&["a.jsonl"]);
    for (name, value) in UNTOLD {
        bench.write("refrain.toml", "");
        assert_eq!(bench.scan(&["a.jsonl", &format!("--{name}={value}")]), plain, "{name}");
        assert_eq!(scan_with_variable(&bench, &[], &variable(name), value), plain, "{name}");
        bench.write("refrain.toml", line_of_file(name, value));
        assert_eq!(bench.scan(&["a.jsonl"]), plain, "{name}");
    }
}

#[test]
fn settings_of_the_input_have_their_effect_from_the_file() {
    let bench = Bench::new();
    let text = words("w", 20);
    let line = |key: &str, day: u32| json!({ "key": key, "when": format!("2020-01-0{day}"), "words": text }).to_string() + "\n";
    bench.write("a.jsonl", line("a", 2) + &line("b", 1));
    bench.write("refrain.toml", "text-field = \"words\"\nid-field = \"key\"\ndate-field = \"when\"\n");
    let pair = bench.scan(&["a.jsonl"]).of("pair")[0].clone();
    assert_eq!((&pair["a"], &pair["b"], &pair["origin"]), (&json!("a"), &json!("b"), &json!("b")));
    bench.write("refrain.toml", "input = \"text\"\n");
    assert_eq!(bench.scan(&["a.jsonl"]).summary("documents"), 1);
    bench.write("refrain.toml", "encoding = \"windows-1256\"\n");
    assert!(bench.run(&["scan", "a.jsonl"]).stderr.contains("windows-1256 (declared)"));
    bench.write("refrain.toml", "strict = true\n");
    assert_eq!(bench.run(&["scan", "a.jsonl"]).code, 2);
    assert!(bench.run(&["scan", "a.jsonl"]).stderr.contains("a.jsonl:1: "));
    assert!(bench.run(&["scan", "a.jsonl", "--strict=false"]).stderr.contains("no article read: 2 records skipped"));
    bench.write("refrain.toml", "jobs = 0\n");
    assert_eq!(bench.run(&["scan", "a.jsonl"]).code, 2);
}

#[test]
fn settings_of_detection_change_what_is_found() {
    let bench = folder();
    let found = |args: &[&str]| {
        let findings = bench.scan(&[&["a.jsonl"], args].concat());
        (findings.of("repetition").len(), findings.of("pair").len())
    };
    assert_eq!(found(&[]), (2, 1));
    assert_eq!(found(&["--only", "within"]), (2, 0));
    assert_eq!(found(&["--only", "near-duplicates"]), (0, 1));
    assert_eq!(found(&["--fold", "none"]), (2, 0));
    assert_eq!(found(&["--min-sentence-words", "31"]), (0, 1));
}

#[test]
fn flags_go_over_variables_and_variables_over_the_file() {
    let bench = folder();
    bench.write("refrain.toml", "threshold = 0.5\nkeep = \"first\"\n");
    assert_eq!(config(&bench.scan(&["a.jsonl"]))["threshold"], 0.5);
    let over_file = scan_with_variable(&bench, &[], "REFRAIN_THRESHOLD", "0.6");
    assert_eq!((&config(&over_file)["threshold"], &config(&over_file)["keep"]), (&json!(0.6), &json!("first")));
    let over_variable = scan_with_variable(&bench, &["--threshold", "0.7"], "REFRAIN_THRESHOLD", "0.6");
    assert_eq!(config(&over_variable)["threshold"], 0.7);
}

#[test]
fn the_nearest_file_upwards_is_read_and_no_other() {
    let bench = folder();
    let deep = bench.path().join("x/y");
    std::fs::create_dir_all(&deep).unwrap();
    let here = || Run::new(&["scan", "../../a.jsonl", "--format", "jsonl"]).folder(&deep).go().findings();
    bench.write("refrain.toml", "threshold = 0.5\nkeep = \"first\"\n");
    assert_eq!(config(&here())["threshold"], 0.5);
    bench.write("x/refrain.toml", "threshold = 0.6\n");
    let found = here();
    assert_eq!((&config(&found)["threshold"], &config(&found)["keep"]), (&json!(0.6), &json!("earliest")));
}

#[test]
fn a_named_file_takes_the_place_of_the_nearest() {
    let bench = folder();
    bench.write("refrain.toml", "threshold = 0.5\n");
    bench.write("other/mine.toml", "keep = \"first\"\n");
    for found in [
        bench.scan(&["a.jsonl", "--config", "other/mine.toml"]),
        scan_with_variable(&bench, &[], "REFRAIN_CONFIG", "other/mine.toml"),
        scan_with_variable(&bench, &["--config", "other/mine.toml"], "REFRAIN_CONFIG", "refrain.toml"),
    ] {
        assert_eq!((&config(&found)["threshold"], &config(&found)["keep"]), (&json!(0.8), &json!("first")));
    }
    for (path, said) in [("none.toml", "none.toml: No such file"), ("other", "other: Is a directory")] {
        let ran = bench.run(&["scan", "a.jsonl", "--config", path]);
        assert!(ran.code == 2 && ran.stderr.contains(said), "{}", ran.stderr);
    }
}

/// The message for a `refrain.toml` that is refused.
#[track_caller]
fn refused(content: impl AsRef<[u8]>) -> String {
    let bench = folder();
    bench.write("refrain.toml", content);
    let ran = bench.run(&["scan", "a.jsonl"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    ran.stderr
}

#[test]
fn wrong_files_are_refused_by_name_and_key() {
    for (content, said) in [
        ("treshold = 0.5\n", "treshold"),
        ("[scan]\nthreshold = 0.5\n", "scan"),
        ("min_words = 30\n", "min_words"),
        ("threshold = \"much\"\n", "threshold"),
        ("only = \"everything\"\n", "everything"),
        ("jobs = -1\n", "jobs"),
        ("threshold = [\n", "line 1"),
    ] {
        let message = refused(content);
        assert!(message.contains("refrain.toml") && message.contains(said), "{content}: {message}");
    }
    assert!(refused(b"\xFF\xFE").contains("refrain.toml"));
}

#[test]
fn a_value_out_of_range_is_told_with_its_file() {
    for content in ["threshold = 7\n", "shingle = 0\n", "jobs = 0\n", "encoding = \"klingon\"\n"] {
        let message = refused(content);
        assert!(message.contains("refrain.toml"), "{content}: {message}");
    }
}

#[test]
fn a_wrong_variable_is_told_by_its_name() {
    let bench = folder();
    for (name, value) in [("REFRAIN_THRESHOLD", "7"), ("REFRAIN_THRESHOLD", "much"), ("REFRAIN_ONLY", "everything")] {
        let ran = Run::new(&["scan", "a.jsonl"]).folder(bench.path()).env(name, value).go();
        assert!(ran.code == 2 && ran.stderr.contains(name), "{}", ran.stderr);
    }
}
