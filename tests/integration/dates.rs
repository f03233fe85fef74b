//! Dates in every form decide which article was first; what is no date is counted and reported.

use crate::workbench::{Bench, words};
use serde_json::{Value, json};

fn record(id: &str, text: &str, date: &Value) -> String {
    json!({ "id": id, "text": text, "date": date }).to_string() + "\n"
}

/// The id of the article that a scan takes for the original of two equal ones.
fn origin_of(early: &Value, late: &Value) -> Option<String> {
    let text = words("w", 30);
    let bench = Bench::new();
    // The later article has the smaller id and comes first in the file.
    bench.write("a.jsonl", record("a-late", &text, late) + &record("b-early", &text, early));
    let findings = bench.scan(&["a.jsonl"]);
    let pair = findings.of("pair")[0];
    pair["origin"].as_str().map(|side| pair[side].as_str().unwrap().to_owned())
}

#[test]
fn the_earlier_article_is_the_original_in_every_form_of_date() {
    for (early, late) in [
        (json!("2010-03-04"), json!("20150721")),
        (json!("20150721"), json!("2015-07-22")),
        (json!(20_150_721), json!(20_150_722)),
        (json!(20_150_721.0), json!(1_437_523_200)),
        (json!("20150721083000"), json!("2020-03-04T10:00:00Z")),
        (json!(20_150_721_083_000_u64), json!(20_150_721_083_001_u64)),
        (json!("20150720T120000Z"), json!("20150721T120000Z")),
        (json!("2015/07/20"), json!("2015/07/21")),
        (json!("20.07.2015"), json!("03.08.2015")),
        (json!("July 20, 2015"), json!("21 July 2015")),
        (json!("20 يوليو 2015"), json!("٢١ تموز ٢٠١٥")),
        (json!("20 juillet 2015"), json!("1er août 2015")),
        (json!("2015-06"), json!("2015-07")),
        (json!("2015-07-21 08:30:00 UTC"), json!("Tue Jul 21 08:31:00 +0000 2015")),
        (json!(1_437_467_400.25), json!(1_437_467_460_000_u64)),
        (json!(1_437_467_400_000_000_u64), json!(1_437_467_460_000_000_000_u64)),
    ] {
        assert_eq!(origin_of(&early, &late).as_deref(), Some("b-early"), "{early} before {late}");
    }
    for (early, late) in
        [("0", "2015-07-21"), ("0001-01-01", "2015-07-21"), ("1970-01-01T00:00:00", "2015-07-21"), ("03/04/2015", "2016-01-01")]
    {
        assert_eq!(origin_of(&json!(early), &json!(late)), None, "{early}");
    }
}

#[test]
fn dates_that_are_not_understood_are_reported_with_an_example() {
    let lines = ["2015-07-21", "0000-00-00 00:00:00", "next week", "03/04/2015", "\\N", "0000-00-00"];
    let file: String =
        lines.iter().enumerate().map(|(n, date)| record(&format!("{n}"), &words(&format!("w{n}"), 30), &json!(date))).collect();
    let bench = Bench::new();
    bench.write("a.jsonl", &file);
    bench.write("b.csv", "id,text,date\n9,some words of a row,31/31/2015\n");
    let expected =
        "note: 3 dates not understood and ignored, such as `next week` (a.jsonl:3); write dates as 2015-07-21 or 2015-07-21T09:30:00Z\n";
    for args in [&["scan", "a.jsonl", "b.csv"][..], &["check", "a.jsonl", "b.csv"], &["report", "a.jsonl", "b.csv", "-o", "o.html"]] {
        let ran = bench.run(args);
        assert!(ran.stderr.contains(expected), "{args:?}: {}", ran.stderr);
    }
    if cfg!(feature = "index") {
        let ran = bench.run(&["index", "add", "seen.refrain", "a.jsonl", "b.csv"]);
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    }
    bench.write("c.jsonl", record("1", "some words", &json!("2015-07-21")) + &record("2", "other words", &json!(0)));
    assert!(!bench.run(&["scan", "c.jsonl"]).stderr.contains("not understood"));
}
