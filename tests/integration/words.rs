//! Messages say what happened, where, and what to do.

use crate::workbench::{Bench, Ran, names_in, record, words};

fn corpus() -> Bench {
    let bench = Bench::new();
    bench.write("a.jsonl", (0..4).map(|n| record(&format!("r{n}"), &words("w", 50))).collect::<String>());
    bench
}

#[track_caller]
fn assert_refused(ran: &Ran, said: &str) {
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains(said), "{said} in {}", ran.stderr);
    assert!(!ran.stderr.contains("os error"), "{}", ran.stderr);
}

#[test]
fn an_output_of_unknown_ending_is_refused_with_the_endings_that_are_known() {
    let bench = corpus();
    for (command, file, endings, example) in [
        ("scan", "x.pdf", ".txt, .text, .jsonl, .ndjson, .json", "text=x.pdf"),
        ("check", "x.yaml", ".txt, .text, .json, .jsonl, .ndjson, .sarif, .xml, .md, .markdown", "text=x.yaml"),
        ("report", "x.xlsx", ".html, .htm, .csv, .md, .markdown, .parquet", "html=x.xlsx"),
    ] {
        let said = format!("known: {endings}); write --output FORMAT=FILE, for example {example}");
        assert_refused(&bench.run(&[command, "a.jsonl", "-o", file]), &said);
    }
    assert_refused(&bench.run(&["scan", "a.jsonl", "-o", "."]), "it is a folder (expected a file, for example ./report)");
    assert_eq!(names_in(bench.path()), ["a.jsonl"]);
    for file in ["json=x.pdf", "x", "/dev/null"] {
        assert_eq!(bench.run(&["scan", "a.jsonl", "-o", file]).code, 0, "{file}");
    }
    // The flag names the format.
    assert_eq!(bench.run(&["report", "a.jsonl", "--format", "csv", "-o", "x.data"]).code, 0);
}

#[test]
fn a_dry_run_prints_as_many_removals_as_are_wanted() {
    let bench = Bench::new();
    bench.write("a.jsonl", (0..31).map(|n| record(&format!("r{n:02}"), &words("w", 50))).collect::<String>());
    let removals = |args: &[&str]| bench.run(&[&["clean", "a.jsonl", "--dry-run"], args].concat()).stdout.matches(" is kept\n").count();
    assert_eq!([removals(&[]), removals(&["--limit", "2"]), removals(&["--limit", "20"]), removals(&["--limit", "0"])], [12, 2, 20, 0]);
    assert_eq!(bench.run(&["clean", "a.jsonl", "-o", "b.jsonl", "--limit", "2"]).code, 2);
}

#[test]
fn a_query_prints_as_many_pairs_as_are_wanted() {
    let bench = corpus();
    assert_eq!(bench.run(&["index", "add", "db", "a.jsonl"]).code, 0);
    bench.write("b.jsonl", record("b", &words("w", 50)));
    let query = |args: &[&str]| bench.run(&[&["index", "query", "db", "b.jsonl"], args].concat()).stdout;
    assert_eq!(query(&[]).matches("error[identical]").count(), 4);
    let limited = query(&["--limit", "1"]);
    assert!(limited.matches("error[identical]").count() == 1 && limited.contains("3 findings left out by the limit"), "{limited}");
    assert_eq!(query(&["--summary"]).matches("error[identical]").count(), 0);
}

