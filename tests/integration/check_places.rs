//! Where `refrain check` says that findings are: at the later copy, in files that are there, by names that `compare` takes.

use crate::workbench::{Bench, record, words};
use serde_json::{Value, json};
use std::fs;

const FORMATS: [&str; 6] = ["text", "sarif", "junit", "github", "gitlab", "markdown"];

/// The reports of a check, in the order of the formats.
fn reports(bench: &Bench, args: &[&str]) -> Vec<String> {
    let report = |format: &&str| {
        let ran = bench.run(&[&["check", "--fail-on", "none", "--quiet", "--format", format], args].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    FORMATS.iter().map(report).collect()
}

#[track_caller]
fn assert_each(reports: &[String], parts: [&str; 6]) {
    for (report, part) in reports.iter().zip(parts) {
        assert!(report.contains(part), "{part} in {report}");
    }
}

/// A line of a record without an id.
fn unnamed(salt: &str) -> String {
    json!({"text": words(salt, 50)}).to_string() + "\n"
}

#[test]
fn the_later_copy_is_the_one_further_down_in_its_file() {
    let bench = Bench::new();
    let lines = (1..=12).map(|n| unnamed(&if n == 12 { "w3x".to_owned() } else { format!("w{n}x") }));
    bench.write("t.jsonl", lines.collect::<String>());
    let parts = [
        "t.jsonl:12: error[identical]: The same words as t.jsonl:3\n",
        "\"startLine\": 12",
        "t.jsonl:12: The same words as t.jsonl:3",
        "file=t.jsonl,line=12,",
        "\"begin\": 12",
        "| t.jsonl:12 |",
    ];
    assert_each(&reports(&bench, &["t.jsonl"]), parts);
    // Of three copies both later ones are compared with the first.
    bench.write("t.jsonl", [10, 9, 8].map(|id| record(&id.to_string(), &words("w", 50))).concat());
    let text = &reports(&bench, &["t.jsonl"])[0];
    assert!(text.contains("t.jsonl:2: error[identical]: The same words as 10, and 1 other article\n"), "{text}");
    assert!(text.contains("t.jsonl:3: error[identical]: The same words as 10, and 1 other article\n"), "{text}");
}

#[test]
fn of_two_files_the_later_one_is_that_of_the_later_name_unless_dates_say_more() {
    let bench = Bench::new();
    bench.write("a.jsonl", record("z", &words("w", 50)));
    bench.write("b.jsonl", record("y", &words("w", 50)));
    assert!(reports(&bench, &["b.jsonl", "a.jsonl"])[0].starts_with("b.jsonl:1: error[identical]: The same words as z\n"));
    let dated = |id: &str, date: &str| json!({"id": id, "date": date, "text": words("w", 50)}).to_string() + "\n";
    bench.write("a.jsonl", dated("y", "2026-01-02") + &dated("z", "2026-01-01"));
    fs::remove_file(bench.path().join("b.jsonl")).unwrap();
    assert!(reports(&bench, &["a.jsonl"])[0].starts_with("a.jsonl:1: error[identical]: The same words as z, which is earlier\n"));
}

#[cfg(feature = "index")]
#[test]
fn an_article_of_an_index_has_no_location_in_the_repository() {
    let bench = Bench::new();
    let table = |salts: &[&str]| salts.iter().fold("text,title\n".to_owned(), |table, salt| table + &words(salt, 50) + ",T\n");
    bench.write("x.csv", table(&["a", "b"]));
    bench.run(&["index", "add", "db", "x.csv"]);
    // The file of today has other articles, and a reprint on another line.
    bench.write("x.csv", table(&["c", "d", "b"]));
    let reports = reports(&bench, &["x.csv", "--index", "db"]);
    assert!(reports[0].contains("\n    other copy: x.csv:3 (in the index)\n"), "{}", reports[0]);
    assert!(reports[2].contains("other copy: x.csv:3 (in the index)"), "{}", reports[2]);
    let log: Value = serde_json::from_str(&reports[1]).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!((results.len(), &results[0]["relatedLocations"]), (1, &json!([])));
    let message = results[0]["message"]["text"].as_str().unwrap();
    assert!(message.starts_with("The same words as content:") && message.ends_with(" of the index") && !message.contains('['), "{message}");
    // A given article that has it too is linked, with the first number.
    bench.write("y.csv", table(&["b"]));
    let log: Value = serde_json::from_str(&self::reports(&bench, &["x.csv", "y.csv", "--index", "db"])[1]).unwrap();
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let (related, message) = (result["relatedLocations"].as_array().unwrap(), result["message"]["text"].as_str().unwrap());
        for (id, location) in (1..).zip(related) {
            assert!(location["id"] == id && message.contains(&format!("]({id})")), "{message}");
        }
    }
}

#[test]
fn records_on_one_line_have_names_that_compare_takes() {
    let bench = Bench::new();
    let article = |salt: &str| json!({"text": words(salt, 50)});
    bench.write("one.json", json!([article("w"), article("x"), article("w")]).to_string());
    let parts = [
        "one.json:1#3: error[identical]: The same words as one.json:1#1\n    other copy: one.json:1#1\n",
        "The same words as [one.json:1#1](1)",
        "one.json:1#3: The same words as one.json:1#1",
        "file=one.json,line=1,",
        "The same words as one.json:1#1",
        "| one.json:1\\#3 |",
    ];
    assert_each(&reports(&bench, &["one.json"]), parts);
    let id = |name: &str| {
        let ran = bench.run(&["compare", name, "one.json:1#1", "--format", "json"]);
        serde_json::from_str::<Value>(&ran.stdout).unwrap_or_else(|_| panic!("{name}: {}", ran.stderr))["a"]["id"].clone()
    };
    assert_eq!(["one.json:1#3", "one.json#one.json:1#3", "one.json:1#2"].map(id), ["one.json:1#3", "one.json:1#3", "one.json:1#2"]);
    for name in ["one.json:1", "one.json#one.json:1"] {
        let ran = bench.run(&["compare", name, "one.json:1#1"]);
        let said = "one.json:1: has several articles; name one: one.json:1#1, one.json:1#2, one.json:1#3\n";
        assert!(ran.code == 2 && ran.stderr.ends_with(said), "{}", ran.stderr);
    }
    let ran = bench.run(&["compare", "one.json:1#4", "one.json:1#1"]);
    assert!(ran.code == 2 && ran.stderr.contains("has no article number 4; name one: one.json:1#1, "), "{}", ran.stderr);
    // Records with ids of their own are named by these.
    bench.write("two.json", json!([{"id": "k", "text": words("w", 50)}, article("x")]).to_string());
    let ran = bench.run(&["compare", "two.json:1", "one.json:1#1"]);
    assert!(ran.stderr.ends_with("two.json:1: has several articles; name one: two.json#k, two.json:1\n"), "{}", ran.stderr);
}
