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

