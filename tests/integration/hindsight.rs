//! `refrain check --hindsight`: what one scan of everything tells, and what it takes back.

use crate::workbench::{Bench, record, words};
use serde_json::Value;
use std::collections::BTreeMap;

/// A paragraph of a column's head, and a body of its own.
fn column(n: usize) -> String {
    record(&format!("c{n:02}"), &format!("{}\n{}", words("head", 25), words(&format!("own{n}w"), 60)))
}

/// Bulletins of one frame, with other facts between its pieces.
fn bulletin(n: usize) -> String {
    let piece = |at: usize| format!("{} {}", words(&format!("frame{at}x"), 9), words(&format!("fact{n}at{at}x"), 4));
    record(&format!("b{n:02}"), &(0..6).map(piece).collect::<Vec<_>>().join(" "))
}

fn check(bench: &Bench, lines: &str, flags: &[&str]) -> Vec<Value> {
    bench.write("day.jsonl", lines);
    let ran = bench.run(&[&["check", "day.jsonl", "--index", "db", "--add", "--fail-on", "none", "--format", "jsonl"], flags].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.findings().0
}

fn of<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["type"] == kind).collect()
}

#[test]
fn what_turns_out_to_be_a_frame_or_boilerplate_is_told_so() {
    let bench = Bench::new();
    let first = format!("{}{}{}{}", column(0), column(1), bulletin(0), bulletin(1));
    let told = check(&bench, &first, &["--hindsight"]);
    let rules: BTreeMap<&str, &str> =
        of(&told, "pair").iter().map(|pair| (pair["a"].as_str().unwrap(), pair["rule"].as_str().unwrap())).collect();
    assert_eq!(rules, BTreeMap::from([("b00", "reused-passage"), ("c00", "reused-passage")]));
    assert_eq!(of(&told, "summary")[0]["revisions"], 0);

    let more: String = (2..30).map(column).chain((2..8).map(bulletin)).collect();
    let without = bench.run(&["check", "day.jsonl", "--index", "db", "--format", "jsonl"]).findings();
    assert!(without.of("revision").is_empty() && without.of("summary")[0].get("revisions").is_none());
    let told = check(&bench, &more, &["--hindsight"]);
    let revisions = of(&told, "revision");
    assert_eq!(revisions.len(), 2, "{revisions:?}");
    assert_eq!(
        (&revisions[0]["a"], &revisions[0]["change"], &revisions[0]["was"]),
        (&"b00".into(), &"changed".into(), &"reused-passage".into())
    );
    assert_eq!((&revisions[0]["rule"], &revisions[0]["b"]), (&"template".into(), &"b01".into()));
    assert_eq!(
        (&revisions[1]["a"], &revisions[1]["change"], &revisions[1]["rule"]),
        (&"c00".into(), &"withdrawn".into(), &"reused-passage".into())
    );
    assert!(of(&told, "pair").iter().all(|pair| pair["rule"] == "template"), "no pair for the head");

    // Given once more they are known, and nothing is told otherwise.
    let again = check(&bench, &more, &["--hindsight"]);
    assert_eq!((of(&again, "revision").len(), of(&again, "pair").len()), (0, of(&told, "pair").len()));
    assert_eq!(bench.run(&["index", "verify", "db"]).code, 0);
}

#[test]
fn an_article_that_was_replaced_takes_its_pairs_along() {
    let bench = Bench::new();
    check(&bench, &format!("{}{}", record("a", &words("w", 60)), record("b", &words("w", 60))), &["--hindsight"]);
    let told = check(&bench, &record("a", &words("other", 60)), &["--hindsight"]);
    let revisions = of(&told, "revision");
    assert_eq!((revisions.len(), &revisions[0]["change"], &revisions[0]["rule"]), (1, &"withdrawn".into(), &"identical".into()));
    assert!(of(&told, "pair").is_empty());
}

#[test]
fn what_is_off_or_passed_over_makes_no_revision() {
    let bench = Bench::new();
    check(&bench, &format!("{}{}{}{}", column(0), column(1), bulletin(0), bulletin(1)), &[]);
    bench.write("day.jsonl", (2..30).map(column).chain((2..8).map(bulletin)).collect::<String>());
    let revisions = |flags: &[&str]| {
        let args = ["check", "day.jsonl", "--index", "db", "--hindsight", "--fail-on", "none", "--format", "jsonl"];
        let told = bench.run(&[&args[..], flags].concat()).findings().0;
        let changes: Vec<(String, String)> =
            of(&told, "revision").iter().map(|told| (told["a"].to_string(), told["change"].to_string())).collect();
        assert_eq!(of(&told, "summary")[0]["revisions"], changes.len());
        changes.into_iter().map(|(a, change)| format!("{a} {change}").replace('"', "")).collect::<Vec<_>>()
    };
    assert_eq!(revisions(&[]), ["b00 changed", "c00 withdrawn"]);
    assert_eq!(revisions(&["--ignore", "rule=reused-passage"]), ["b00 told"]);
    assert_eq!(revisions(&["--rule", "template=off"]), ["b00 withdrawn", "c00 withdrawn"]);
    assert_eq!(revisions(&["--ignore", "id=b*"]), ["c00 withdrawn"]);
    assert!(revisions(&["--ignore", "path=day.jsonl"]).is_empty());
    assert!(revisions(&["--rule", "all=off"]).is_empty());
}

#[test]
fn revisions_are_told_in_words_and_pass() {
    let bench = Bench::new();
    bench.write("day.jsonl", format!("{}{}", column(0), column(1)));
    bench.run(&["check", "day.jsonl", "--index", "db", "--add"]);
    bench.write("day.jsonl", (2..30).map(column).collect::<String>());
    let args = ["check", "day.jsonl", "--index", "db", "--hindsight"];
    let ran = bench.run(&args);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(
        ran.stdout.contains("revised: c00 with c01: no longer reused-passage\n28 articles: nothing new; 0 % duplicated; 1 revised\n"),
        "{}",
        ran.stdout
    );
    let json: Value = serde_json::from_str(&bench.run(&[&args[..], &["--format", "json"]].concat()).stdout).unwrap();
    assert_eq!((&json["revisions"][0]["change"], json["revisions"].as_array().unwrap().len()), (&"withdrawn".into(), 1));
    assert_eq!(json["summary"]["revisions"], 1);
}

#[test]
fn hindsight_needs_an_index_with_texts() {
    let bench = Bench::new();
    bench.write("day.jsonl", column(0));
    let ran = bench.run(&["check", "day.jsonl", "--hindsight"]);
    assert!(ran.code == 2 && ran.stderr.contains("--hindsight: no index is named; add --index FILE"), "{}", ran.stderr);
    let ran = bench.run(&["check", "day.jsonl", "--index", "db", "--add", "--no-text", "--hindsight"]);
    assert!(ran.code == 2 && ran.stderr.contains("cannot be used with"), "{}", ran.stderr);
    bench.run(&["check", "day.jsonl", "--index", "db", "--add", "--no-text"]);
    let ran = bench.run(&["check", "day.jsonl", "--index", "db", "--add", "--hindsight"]);
    assert!(ran.code == 2 && ran.stderr.contains("db: the index contains no texts, and hindsight needs them"), "{}", ran.stderr);
}
