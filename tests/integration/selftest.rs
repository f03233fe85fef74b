//! `refrain selftest`: on the project's own corpus and on generated text.

use crate::workbench::{Bench, Run, project_root, record, words};
use serde_json::Value;

/// Articles that have nothing in common.
fn folder(articles: usize, length: usize) -> Bench {
    let bench = Bench::new();
    bench.write("news.jsonl", (0..articles).map(|n| record(&format!("n{n}"), &words(&format!("n{n}w"), length))).collect::<String>());
    bench
}

fn on_corpus(args: &[&str]) -> String {
    let ran = Run::new(&[&["selftest", "corpus", "--lengths", "15,30", "--trials", "4"], args].concat()).folder(project_root()).go();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.stdout
}

#[test]
fn verbatim_copies_in_real_articles_are_found() {
    let report: Value = serde_json::from_str(&on_corpus(&["--format", "json"])).unwrap();
    assert_eq!(report["sample"]["articles"], 62);
    assert_eq!((&report["options"]["seed"], &report["config"]["threshold"]), (&1.into(), &0.8.into()));
    for table in report["tables"].as_array().unwrap() {
        let row = &table["rows"][0];
        assert_eq!((&row["change"], &row["cells"][1]["words"]), (&"verbatim".into(), &30.into()));
        assert_eq!((&row["cells"][1]["trials"], &row["cells"][1]["found"]), (&4.into(), &4.into()), "{table}");
    }
    assert_eq!(report["copies"].as_array().unwrap().len(), 5);
    assert!(report["already_there"]["repetitions"].as_u64().unwrap() > 0);
    assert!(report["advice"].as_array().unwrap().iter().any(|advice| advice["about"] == "min-words"));
}

#[test]
fn the_report_to_read() {
    let text = on_corpus(&[]);
    for part in ["copies in another article", "copies in the same article", "verbatim", "reordered", "words changed", "already there", "* "]
    {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    assert!(text.lines().all(|line| line.trim_end() == line));
}

#[test]
fn the_report_does_not_depend_on_threads() {
    for format in ["text", "json"] {
        assert_eq!(on_corpus(&["--jobs", "1", "--format", format]), on_corpus(&["--jobs", "3", "--format", format]));
    }
    assert_ne!(on_corpus(&["--seed", "2"]), on_corpus(&[]));
}

#[test]
fn a_smaller_min_words_finds_shorter_copies() {
    let found = |args: &[&str]| {
        let report: Value = serde_json::from_str(&on_corpus(&[&["--format", "json", "--only", "passages"], args].concat())).unwrap();
        assert_eq!((report["tables"].as_array().unwrap().len(), report.get("copies")), (1, None));
        report["tables"][0]["rows"][0]["cells"][0]["found"].as_u64().unwrap()
    };
    assert_eq!((found(&[]), found(&["--min-words", "15"])), (0, 4));
}

#[test]
fn too_few_articles_are_refused_with_their_number() {
    let bench = folder(19, 80);
    let ran = bench.run(&["selftest", "news.jsonl"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    for said in ["20 different articles of at least 60 words", "only 19 of the 19 articles read are that long", "median: 80 words"] {
        assert!(ran.stderr.contains(said), "no {said:?} in {}", ran.stderr);
    }
    assert_eq!(folder(30, 59).run(&["selftest", "news.jsonl"]).code, 2);
    assert_eq!(folder(20, 60).run(&["selftest", "news.jsonl", "--trials", "1", "--quiet"]).stderr, "");
}

#[test]
fn wrong_options_are_named() {
    let bench = folder(20, 80);
    let cases: &[(&[&str], &str)] = &[
        (&["--lengths", "4"], "lengths: must be between 8 and 10,000 words (got 4)"),
        (&["--lengths", "15,many"], "many"),
        (&["--sample", "5"], "sample: must be at least 20 articles (got 5)"),
        (&["--trials", "0"], "trials: must be between 1 and 10,000 (got 0)"),
        (&["--threshold", "7"], "threshold: must be between 0.3 and 1.0 (got 7)"),
        (&["--format", "xml"], "xml"),
        (&["--output", "jsonl=x"], "--output"),
    ];
    for (args, said) in cases {
        let ran = bench.run(&[&["selftest", "news.jsonl"], *args].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{args:?}");
        assert!(ran.stderr.contains(said), "no {said:?} in {}", ran.stderr);
    }
}

#[test]
fn records_that_cannot_be_read_are_counted() {
    let bench = folder(20, 80);
    bench.write("bad.jsonl", record("x", &words("x", 80)) + "no record\n");
    let ran = bench.run(&["selftest", ".", "--trials", "1", "--format", "json"]);
    assert!(ran.stderr.contains("skipped: 1 record that cannot be read"), "{}", ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&report["sample"]["skipped"], &report["sample"]["usable"]), (&1.into(), &21.into()));
    // Set for scans, it is the document on one line.
    let line = Run::new(&["selftest", ".", "--trials", "1"]).folder(bench.path()).env("REFRAIN_FORMAT", "jsonl").go().stdout;
    assert_eq!((line.lines().count(), serde_json::from_str::<Value>(&line).unwrap()), (1, report));
}
