//! `refrain clean` and `refrain restore`: what is removed, what is written, and the way back.

use crate::workbench::{Bench, Ran, record, words};
use serde_json::Value;
use std::fs;

/// Runs, and fails unless the exit code is 0.
#[track_caller]
fn run(bench: &Bench, args: &[&str]) -> Ran {
    let ran = bench.run(args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran
}

fn read(bench: &Bench, name: &str) -> String {
    String::from_utf8(fs::read(bench.path().join(name)).unwrap()).unwrap()
}

/// Lines of a manifest.
fn manifest(bench: &Bench, name: &str) -> Vec<Value> {
    read(bench, name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of_type<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["type"] == kind).collect()
}

/// Cleans `input` into `out`, holds the totals and the way back to what they promise, and that cleaning again changes nothing.
#[track_caller]
fn clean_and_back(bench: &Bench, input: &str, args: &[&str]) -> (String, Vec<Value>) {
    run(bench, &[&["clean", input, "-o", "out", "--manifest", "m"], args].concat());
    run(bench, &["restore", "out", "--manifest", "m", "-o", "back"]);
    assert_eq!(fs::read(bench.path().join(input)).unwrap(), fs::read(bench.path().join("back")).unwrap(), "restored");
    run(bench, &[&["clean", "out", "-o", "again", "--manifest", "m2"], args].concat());
    assert_eq!(fs::read(bench.path().join("out")).unwrap(), fs::read(bench.path().join("again")).unwrap(), "cleaned again");
    let lines = manifest(bench, "m");
    let summary = of_type(&lines, "summary")[0];
    let number = |name: &str| summary[name].as_u64().unwrap();
    assert_eq!(number("bytes_in") + number("bytes_inserted"), number("bytes_out") + number("bytes_removed"));
    assert_eq!(number("records_in"), number("records_kept") + number("records_removed"));
    let removed: u64 = of_type(&lines, "removal").iter().map(|line| line["bytes"].as_u64().unwrap()).sum();
    assert_eq!(removed, number("bytes_removed"));
    (read(bench, "out"), lines)
}

#[test]
fn repetition_and_copies_go_and_everything_else_stays_byte_for_byte() {
    let bench = Bench::new();
    let body = words("w", 40);
    let kept = format!("{{\"n\": 1.50, \"id\":\"a\" ,\"text\":\"Lead\\n{body}\",\"x\":[1e3,{{}}]}}");
    let input = format!(
        "{}\r\n{{\"id\":\"b\",\"text\":\"{}\"}}\nnot json\n{}",
        kept.replace(&body, &format!("{body}\\n\\u0077{}", &body[1..])),
        format_args!("LEAD {}", body.to_uppercase()),
        record("c", &words("c", 30)).trim_end(),
    );
    bench.write("in.jsonl", &input);
    let (out, lines) = clean_and_back(&bench, "in.jsonl", &[]);
    assert_eq!(out, format!("{kept}\r\nnot json\n{}", record("c", &words("c", 30)).trim_end()));
    let removals = of_type(&lines, "removal");
    assert_eq!(removals.len(), 2);
    assert_eq!((&removals[0]["rule"], &removals[0]["copy"]["doc"]), (&"repeated-paragraph".into(), &"a".into()));
    let length = 5 + body.len() as u64;
    assert_eq!((removals[0]["span"][0].as_u64(), removals[0]["span"][1].as_u64()), (Some(length), Some(length + 1 + body.len() as u64)));
    assert_eq!((&removals[1]["rule"], &removals[1]["doc"], &removals[1]["span"]), (&"identical".into(), &"b".into(), &Value::Null));
    let summary = of_type(&lines, "summary")[0];
    assert_eq!((&summary["records_in"], &summary["records_removed"], &summary["records_unreadable"]), (&4.into(), &1.into(), &1.into()));
}

#[test]
fn elements_of_an_array_go_with_a_comma() {
    let bench = Bench::new();
    let article = |id: &str, salt: &str| format!("{{\"id\": \"{id}\", \"text\": \"{}\"}}", words(salt, 30));
    for (order, left) in [("xab", "ab"), ("axb", "ab"), ("abx", "ab"), ("xyab", "ab"), ("axyb", "ab"), ("a", "a")] {
        let element = |name: char| article(&name.to_string(), if matches!(name, 'x' | 'y' | 'b') { "b" } else { "a" });
        let list = |order: &str| format!("[\n  {}\n]\n", order.chars().map(element).collect::<Vec<_>>().join(",\n  "));
        bench.write("in.json", list(order));
        let (out, _) = clean_and_back(&bench, "in.json", &["--keep", "first"]);
        let kept: Vec<Value> = serde_json::from_str(&out).unwrap();
        let kept: String = kept.iter().map(|article| article["id"].as_str().unwrap()).collect();
        assert_eq!(kept, left, "{order}");
        assert_eq!(out, list(left), "{order}");
    }
}
