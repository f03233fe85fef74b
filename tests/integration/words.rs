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
fn a_share_over_the_limit_is_said_with_the_limit() {
    let bench = corpus();
    let ran = bench.run(&["check", "a.jsonl", "--max-duplication", "5%"]);
    assert!(
        ran.code == 1 && ran.stderr.contains("failed: 75 % of the text is duplicated, and --max-duplication allows 5 %\n"),
        "{}",
        ran.stderr
    );
    assert!(!bench.run(&["check", "a.jsonl", "--max-duplication", "80%"]).stderr.contains("failed"));
    let ran = bench.run(&["check", "a.jsonl", "--max-duplication", "5"]);
    assert_refused(&ran, "invalid share `5` (expected a percentage: 5% for 5 of 100 words)");
}

#[test]
fn values_that_are_no_numbers_are_refused_in_words() {
    let bench = corpus();
    for (args, said) in [
        (&["--limit", "x"], "invalid value 'x' for '--limit <N>': expected a whole number"),
        (&["--min-words", "2.5"], "invalid value '2.5' for '--min-words <WORDS>': expected a whole number"),
        (&["--threshold", "90%"], "expected a number; 90% is 0.9"),
        (&["--threshold", "high"], "expected a number\n"),
    ] {
        assert_refused(&bench.run(&[&["scan", "a.jsonl"], &args[..]].concat()), said);
    }
    assert_refused(&bench.run(&["check", "a.jsonl", "--path-prefix", "../up"]), "--path-prefix ../up: is the path of the working folder");
    assert!(bench.run(&["report", "--help"]).stdout.contains("--format <FORMAT>"));
}

#[test]
fn a_manifest_that_is_not_there_is_named_with_the_flag() {
    let bench = corpus();
    let said = "a.jsonl.manifest.jsonl: there is no such manifest; name the manifest with --manifest FILE";
    assert_refused(&bench.run(&["restore", "a.jsonl", "-o", "back.jsonl"]), said);
    assert_refused(
        &bench.run(&["restore", "a.jsonl", "-o", "back.jsonl", "--manifest", "no"]),
        "no: there is no such manifest; name the manifest that",
    );
}

#[test]
fn a_dry_run_prints_as_many_removals_as_are_wanted() {
    let bench = Bench::new();
    bench.write("a.jsonl", (0..31).map(|n| record(&format!("r{n:02}"), &words("w", 50))).collect::<String>());
    let removals = |args: &[&str]| bench.run(&[&["clean", "a.jsonl", "--dry-run"], args].concat()).stdout.matches(" is kept\n").count();
    assert_eq!([removals(&[]), removals(&["--limit", "2"]), removals(&["--limit", "20"]), removals(&["--limit", "0"])], [12, 2, 20, 0]);
    assert_eq!(bench.run(&["clean", "a.jsonl", "-o", "b.jsonl", "--limit", "2"]).code, 2);
}

#[cfg(feature = "index")]
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

#[cfg(feature = "index")]
#[test]
fn an_index_in_a_folder_that_is_not_there_is_refused() {
    let bench = corpus();
    let said = "no/x.refrain: there is no folder no; make it first";
    assert_refused(&bench.run(&["index", "add", "no/x.refrain", "a.jsonl"]), said);
    assert_refused(&bench.run(&["check", "a.jsonl", "--index", "no/x.refrain", "--add"]), said);
    assert_refused(&bench.run(&["index", "add", "a.jsonl", "a.jsonl"]), "a.jsonl is among the files to read");
}
