//! The command line: one meaning of each flag, limits, summaries, standard output, and names of articles.

use crate::workbench::{Bench, Ran, Run, names_in, project_root, record, words};
use serde_json::Value;
use std::fs;
use std::io::Read;

/// Four articles without ids: the first, one that holds it, the first again, and one that repeats a paragraph.
fn folder() -> Bench {
    let bench = Bench::new();
    let (one, two) = (words("one", 40), words("two", 40));
    let texts = [one.clone(), format!("{one} {}", words("more", 30)), one, format!("{two}\n{two}")];
    bench.write("a.jsonl", texts.map(|text| serde_json::json!({ "text": text }).to_string() + "\n").concat());
    bench
}

#[track_caller]
fn refused(ran: &Ran, said: &str) {
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains(said), "no {said:?} in {}", ran.stderr);
}

/// Runs, closes standard output after the first bytes, and waits.
fn run_with_closed_output(bench: &Bench, args: &[&str]) -> Ran {
    let mut child = Run::new(args).folder(bench.path()).start();
    let mut pipe = child.stdout.take().unwrap();
    let mut first = [0; 4];
    pipe.read_exact(&mut first).unwrap();
    drop(pipe);
    Ran::from(child.wait_with_output().unwrap())
}

#[test]
fn quiet_and_colour_go_before_and_after_every_command() {
    let bench = folder();
    let coloured = |args: &[&str]| bench.run(args).stdout.contains('\u{1b}');
    assert!(coloured(&["--color", "always", "scan", "a.jsonl"]) && coloured(&["scan", "a.jsonl", "--colour", "always"]));
    assert!(coloured(&["--color=always", "compare", "a.jsonl:1", "a.jsonl:2"]));
    for command in [
        &["scan", "a.jsonl"][..],
        &["check", "a.jsonl"],
        &["report", "a.jsonl"],
        &["clean", "a.jsonl", "--dry-run"],
        &["compare", "a.jsonl:1", "a.jsonl:2"],
    ] {
        for args in
            [[&["-q"], command].concat(), [command, &["-q"]].concat(), [&["-q"], command, &["--quiet", "--color", "never"]].concat()]
        {
            assert_eq!(bench.run(&args).stderr, "", "{args:?}");
        }
        assert_ne!(bench.run(command).stderr, "", "{command:?}");
    }
    #[cfg(feature = "index")]
    assert_eq!(bench.run(&["index", "add", "ix", "a.jsonl", "-q", "--color", "never"]).stderr, "");
}

#[test]
fn the_ending_of_an_output_says_its_format() {
    let bench = folder();
    let ran = bench.run(&["scan", "a.jsonl", "-o", "x.json", "-o", "x.txt", "-o", "jsonl=x.out", "-q"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let read = |name: &str| fs::read_to_string(bench.path().join(name)).unwrap();
    for (format, file) in [("json", "x.json"), ("text", "x.txt"), ("jsonl", "x.out")] {
        assert_eq!(read(file), bench.run(&["scan", "a.jsonl", "--format", format]).stdout, "{format}");
    }
    assert_eq!(bench.run(&["check", "a.jsonl", "-o", "x.sarif", "-o", "x.xml", "-o", "x.md", "--format", "github"]).code, 1);
    assert!(read("x.sarif").contains("\"2.1.0\"") && read("x.xml").starts_with("<?xml") && read("x.md").starts_with("## refrain"));
    for (args, beginning) in [
        (&["report", "-o", "t.csv"][..], "rule,a,b,"),
        (&["report", "-o", "t.md"], "| "),
        (&["report", "-o", "t.html"], "<!"),
        (&["report", "-o", "csv=t.out"], "rule,a,b,"),
        (&["report", "-o", "t"], "<!"),
        (&["report", "--format", "csv", "-o", "t.table"], "rule,a,b,"),
    ] {
        assert_eq!(bench.run(&[args, &["a.jsonl"]].concat()).code, 0, "{args:?}");
        let written = read(args.last().unwrap().split('=').next_back().unwrap()).to_lowercase();
        assert!(written.trim_start_matches('\u{feff}').starts_with(beginning), "{args:?}: {}", &written[..40]);
    }
    assert_eq!(bench.run(&["compare", "a.jsonl:1", "a.jsonl:2", "--out", "c.html", "-o", "c.json"]).code, 0);
    assert!(read("c.html").starts_with("<!") && serde_json::from_str::<Value>(&read("c.json")).is_ok());
}

#[test]
fn a_table_is_csv_unless_another_format_is_wanted() {
    let bench = folder();
    assert!(bench.run(&["report", "a.jsonl", "--table", "outlets"]).stdout.contains("outlet,"));
    assert!(bench.run(&["report", "a.jsonl", "--table", "outlets", "--format", "markdown"]).stdout.contains("| outlet |"));
    refused(&bench.run(&["report", "a.jsonl", "--table", "outlets", "-o", "x.html"]), "a page holds all tables");
    refused(&bench.run(&["report", "a.jsonl", "--format", "html", "-o", "x.csv"]), "the ending says csv, and --format says html");
    assert_eq!(bench.run(&["report", "a.jsonl", "-o", "x.html", "-o", "x.csv", "-q"]).code, 0);
    assert_eq!(names_in(bench.path()), ["a.jsonl", "x.csv", "x.html"]);
}

#[test]
fn a_dash_is_standard_output() {
    let bench = folder();
    let jsonl = bench.run(&["scan", "a.jsonl", "--format", "jsonl"]).stdout;
    assert_eq!(bench.run(&["scan", "a.jsonl", "-o", "jsonl=-"]).stdout, jsonl);
    assert_eq!(bench.run(&["scan", "a.jsonl", "--format", "jsonl", "-o", "-"]).stdout, jsonl);
    assert!(bench.run(&["report", "a.jsonl", "-o", "-"]).stdout.starts_with("<!"));
    assert_eq!(bench.run(&["report", "a.jsonl", "-o", "csv=-"]).stdout, bench.run(&["report", "a.jsonl", "--format", "csv"]).stdout);
    refused(&bench.run(&["scan", "a.jsonl", "-o", "jsonl=-", "-o", "json=-"]), "standard output");
    refused(&bench.run(&["scan", "a.jsonl", "--format", "text", "-o", "json=-"]), "standard output");
    assert_eq!(names_in(bench.path()), ["a.jsonl"]);
}

#[test]
fn one_file_is_cleaned_and_restored_through_pipes() {
    let bench = folder();
    assert_eq!(bench.run(&["clean", "a.jsonl", "-o", "c.jsonl"]).code, 0);
    let cleaned = fs::read_to_string(bench.path().join("c.jsonl")).unwrap();
    let piped = bench.run(&["clean", "a.jsonl", "-o", "-", "--manifest", "m.jsonl"]);
    assert_eq!((piped.code, &piped.stdout), (0, &cleaned), "{}", piped.stderr);
    let input = fs::read(bench.path().join("a.jsonl")).unwrap();
    let from_stdin = Run::new(&["clean", "-", "-o", "-"]).folder(bench.path()).stdin(input.clone()).go();
    assert_eq!((from_stdin.code, &from_stdin.stdout), (0, &cleaned), "{}", from_stdin.stderr);
    assert!(from_stdin.stderr.contains("no manifest is kept"), "{}", from_stdin.stderr);
    for args in [&["restore", "c.jsonl", "-o", "-"][..], &["restore", "c.jsonl", "--manifest", "m.jsonl", "-o", "-"]] {
        let restored = bench.run(args);
        assert_eq!((restored.code, restored.stdout.as_bytes()), (0, &input[..]), "{args:?}: {}", restored.stderr);
    }
    refused(&bench.run(&["clean", ".", "-o", "-"]), "standard output takes one cleaned file");
    bench.write("t.txt", words("t", 30));
    refused(&bench.run(&["clean", "t.txt", "-o", "-", "--annotate"]), "name an output file");
    assert_eq!(names_in(bench.path()), ["a.jsonl", "c.jsonl", "c.jsonl.manifest.jsonl", "m.jsonl", "t.txt"]);
}

#[test]
fn an_output_inside_the_input_is_refused_whether_it_exists_or_not() {
    let bench = Bench::new();
    bench.write("in/a.jsonl", record("a", &words("w", 30)));
    for args in [
        &["in", "-o", "in/out"][..],
        &["in", "-o", "in/new/out"],
        &["in", "-o", "out/../in/out"],
        &[".", "-o", "out"],
        &["in", "-o", "out", "--manifest", "in/m.jsonl"],
        &["in/*.jsonl", "-o", "in/out"],
    ] {
        refused(&bench.run(&[&["clean"], args].concat()), "the next run would read it");
        assert_eq!((names_in(bench.path()), names_in(&bench.path().join("in"))), (vec!["in".to_owned()], vec!["a.jsonl".to_owned()]));
    }
    assert_eq!(bench.run(&["clean", "in", "-o", "out"]).code, 0);
}

#[test]
fn a_limit_cuts_what_is_printed_and_says_how_much() {
    let bench = folder();
    let all = bench.scan(&["a.jsonl"]);
    let findings = all.0.len() - 2;
    let cut = bench.scan(&["a.jsonl", "--limit", "2", "-o", "whole.jsonl"]);
    assert_eq!((cut.0.len() - 2, cut.summary("omitted")), (2, findings as u64 - 2));
    assert_eq!(cut.0[..3], all.0[..3]);
    assert_eq!(cut.summary("pairs"), all.summary("pairs"));
    assert_eq!(fs::read_to_string(bench.path().join("whole.jsonl")).unwrap(), bench.run(&["scan", "a.jsonl", "--format", "jsonl"]).stdout);
    let document: Value = serde_json::from_str(&bench.run(&["scan", "a.jsonl", "--limit", "2", "--format", "json"]).stdout).unwrap();
    assert_eq!((&document["summary"]["omitted"], document["repetitions"].as_array().map(Vec::len)), (&(findings - 2).into(), Some(1)));
    // In text a cluster stands for its pairs: one repetition, one cluster, two pairs that are contained.
    let text = bench.run(&["scan", "a.jsonl", "--limit", "1"]).stdout;
    assert!(text.contains("repeated-paragraph") && text.contains("\n3 findings left out (limit 1)\n"), "{text}");
    assert!(!bench.run(&["scan", "a.jsonl", "--limit", "4"]).stdout.contains("left out"));
    for limit in ["50", "1000000"] {
        assert_eq!(bench.scan(&["a.jsonl", "--limit", limit]), all);
    }
}

#[test]
fn a_summary_is_all_that_is_printed() {
    let bench = folder();
    let whole = bench.run(&["scan", "a.jsonl"]).stdout;
    let summary = bench.run(&["scan", "a.jsonl", "--summary"]).stdout;
    assert_eq!((summary.lines().count(), whole.lines().last()), (1, summary.lines().next()));
    assert_eq!(bench.scan(&["a.jsonl", "--summary"]).0.len(), 2);
    let checked = bench.run(&["check", "a.jsonl", "--summary"]);
    assert_eq!((checked.code, checked.stdout.lines().count()), (1, 1));
    refused(&bench.run(&["scan", "a.jsonl", "--summary", "--limit", "3"]), "--limit");
}

#[test]
fn a_limited_check_keeps_its_totals_and_its_exit_code() {
    let bench = folder();
    let of = |args: &[&str]| bench.run(&[&["check", "a.jsonl", "--limit", "1"], args].concat());
    let text = of(&[]);
    assert!(text.code == 1 && text.stdout.contains("new: 3 errors") && text.stdout.contains("2 findings left out"), "{}", text.stdout);
    let json: Value = serde_json::from_str(&of(&["--format", "json"]).stdout).unwrap();
    assert_eq!((&json["summary"]["omitted"], &json["summary"]["new"]), (&2.into(), &3.into()));
    let sarif: Value = serde_json::from_str(&of(&["--format", "sarif"]).stdout).unwrap();
    assert_eq!(sarif["runs"][0]["properties"]["omittedFindings"], 2);
    let junit = of(&["--format", "junit"]).stdout;
    assert!(junit.contains("tests=\"2\" failures=\"2\"") && junit.contains("2 findings left out by the limit"), "{junit}");
    assert!(of(&["--format", "markdown"]).stdout.contains("3 findings in all; the first 1 are listed"));
    refused(&of(&["--format", "gitlab"]), "GitLab");
    let baseline = of(&["--baseline", "b.json", "--update-baseline"]);
    assert!(baseline.stderr.contains("3 added"), "the baseline has all findings: {}", baseline.stderr);
}

#[test]
fn every_format_has_a_summary_on_standard_error() {
    let bench = folder();
    for format in ["text", "json", "jsonl"] {
        let ran = bench.run(&["scan", "a.jsonl", "--format", format]);
        assert_eq!(ran.stderr.lines().filter(|line| line.starts_with("summary: 4 articles: ")).count(), 1, "{format}: {}", ran.stderr);
    }
    for format in ["text", "json", "jsonl", "sarif", "junit", "github", "gitlab", "markdown"] {
        let ran = bench.run(&["check", "a.jsonl", "--format", format]);
        assert!(ran.stderr.contains("summary: 4 articles: new: 3 errors"), "{format}: {}", ran.stderr);
    }
}

#[test]
fn printed_places_name_articles() {
    let bench = folder();
    let json = |a: &str, b: &str| -> Value {
        let ran = bench.run(&["compare", a, b, "--format", "json", "-q"]);
        assert_eq!(ran.code, 0, "{a} {b}: {}", ran.stderr);
        serde_json::from_str(&ran.stdout).unwrap()
    };
    for pair in bench.scan(&["a.jsonl"]).of("pair") {
        let (a, b) = (pair["a"].as_str().unwrap(), pair["b"].as_str().unwrap());
        assert_eq!(json(a, b)["jaccard"], pair["jaccard"]);
    }
    assert_eq!(json("a.jsonl:1", "a.jsonl:2:7"), json("a.jsonl#a.jsonl:1", "a.jsonl:2:7"));
    bench.write("t.txt", format!("{}\n{}", words("one", 40), words("two", 20)));
    assert_eq!(json("t.txt:2", "a.jsonl:1")["jaccard"], json("t.txt", "a.jsonl:1")["jaccard"]);
    bench.write("list.json", "[\n{\"id\": \"x\",\n\"text\": \"a few words\"},\n{\"id\": \"y\",\n\"text\": \"and some others\"}]\n");
    assert_eq!(json("list.json:5", "a.jsonl:1")["a"]["id"], "y");
    bench.write("odd:3", words("one", 40));
    assert_eq!(json("odd:3", "a.jsonl:1")["jaccard"], 1.0);
    bench.write("bad.jsonl", record("x", "a few words") + "no record\n" + &record("y", "some other words"));
    for (name, said) in [
        ("a.jsonl:5", "a.jsonl: has 4 lines, and line 5 is wanted"),
        ("t.txt:3", "t.txt: has 2 lines, and line 3 is wanted"),
        ("a.jsonl:0", "has no article on line 0"),
        ("bad.jsonl:2", "bad.jsonl:2: not JSON"),
        ("none.jsonl:2", "none.jsonl:2: no such file"),
        ("a.jsonl:x", "a.jsonl:x: no such file"),
    ] {
        refused(&bench.run(&["compare", name, "a.jsonl:1"]), said);
    }
}

#[test]
fn common_names_of_flags_are_understood() {
    let bench = Bench::new();
    bench.write("a.jsonl", serde_json::json!({ "key": "k", "body text": words("w", 30) }).to_string() + "\n");
    let plain =
        bench.scan(&["a.jsonl", "--jobs", "1", "--text-field", "body text", "--id-field", "key", "--threshold", "0.7", "--shingle", "4"]);
    let args: &[&[&str]] = &[
        &["--threads", "1", "--field", "body text", "--id-column", "key", "--jaccard", "0.7", "--ngram", "4"],
        &["--workers", "1", "--text-column", "body text", "--id-key", "key", "--similarity", "0.7", "--shingle-size", "4"],
        &["--num-workers=1", "--column=body text", "--id-col=key", "--similarity-threshold=0.7", "--ngram-size=4"],
    ];
    for args in args {
        assert_eq!(bench.scan(&[&["a.jsonl"], *args].concat()), plain, "{args:?}");
    }
    let ran = bench.run(&["scan", "a.jsonl", "--field", "body text", "--format", "json-lines", "--out", "x.ndjson", "-q"]);
    assert_eq!(fs::read_to_string(bench.path().join("x.ndjson")).unwrap(), ran.stdout);
    // A variable is not named where the flag is given by another name.
    let ran = Run::new(&["scan", "a.jsonl", "--jaccard", "7"]).folder(bench.path()).env("REFRAIN_THRESHOLD", "0.7").go();
    assert!(ran.code == 2 && !ran.stderr.contains("REFRAIN_THRESHOLD"), "{}", ran.stderr);
}

#[test]
fn a_reader_that_goes_away_changes_nothing_but_the_output() {
    let bench = Bench::new();
    let articles = (0..800).map(|n| record(&format!("a{n}"), &words(&format!("c{}w", n / 30), 60)));
    bench.write("many.jsonl", articles.collect::<String>());
    for format in ["text", "json", "jsonl", "sarif", "junit", "gitlab"] {
        let ran = run_with_closed_output(&bench, &["check", "many.jsonl", "-q", "--format", format]);
        assert_eq!((ran.code, ran.stderr.as_str()), (1, ""), "{format}");
    }
    for args in [
        &["report", "many.jsonl", "-q"][..],
        &["report", "many.jsonl", "-q", "--table", "pairs"],
        &["report", "many.jsonl", "-q", "--format", "markdown"],
        &["scan", "many.jsonl", "-q", "--format", "json"],
        &["clean", "many.jsonl", "-q", "--remove", "within", "-o", "-"],
    ] {
        let ran = run_with_closed_output(&bench, args);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{args:?}");
    }
    #[cfg(feature = "index")]
    {
        let added = run_with_closed_output(&bench, &["check", "many.jsonl", "-q", "--index", "seen", "--add"]);
        assert_eq!((added.code, added.stderr.as_str()), (1, ""));
        assert!(bench.run(&["index", "stats", "seen"]).stdout.starts_with("800 articles"));
    }
}

#[test]
fn no_passage_is_shorter_than_the_minimum() {
    let bench = Bench::new();
    let edited = |text: &str, every: usize| -> String {
        text.split(' ')
            .enumerate()
            .map(|(n, word)| if n % every == every - 1 { format!("x{n}{every}") } else { word.into() })
            .collect::<Vec<_>>()
            .join(" ")
    };
    let mut records = String::new();
    for (n, length) in [20, 24, 25, 26, 30, 40, 60].into_iter().enumerate() {
        let shared = format!("{}.", words(&format!("s{n}w"), length));
        for (m, copy) in [shared.clone(), edited(&shared, 6), edited(&shared, 11)].into_iter().enumerate() {
            let own = |part: &str| words(&format!("o{n}m{m}{part}"), 30);
            records += &record(&format!("{length}-{m}"), &format!("{}. {copy} {}. {copy} {}", own("a"), own("b"), own("c")));
        }
    }
    bench.write("a.jsonl", records);
    for least in [12, 25, 40] {
        let findings = bench.scan(&["a.jsonl", "--min-words", &least.to_string()]);
        let passages: Vec<&Value> = findings.of("pair").iter().flat_map(|pair| pair["passages"].as_array().unwrap()).collect();
        let repeated = findings.of("repetition").into_iter().filter(|found| found["rule"] == "repeated-passage");
        assert!(!passages.is_empty());
        for passage in passages.into_iter().chain(repeated) {
            assert!(passage["words"].as_u64().unwrap() >= least, "{passage}");
        }
    }
}

#[test]
fn isolates_are_for_terminals() {
    let ran = Run::new(&["scan", "corpus"]).folder(project_root()).go();
    assert!(ran.stdout.contains("المهندس") && !ran.stdout.contains(['\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}']));
    let [a, b] = ["nawras-0412", "nawras-0440"].map(|id| format!("{}#{id}", project_root().join("corpus/articles.jsonl").display()));
    let ran = Bench::new().run(&["compare", &a, &b, "--color", "always"]);
    assert!(ran.code == 0 && !ran.stdout.contains(['\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}']), "{}", ran.stderr);
}

#[cfg(feature = "index")]
#[test]
fn adding_does_not_depend_on_what_is_found() {
    let bench = folder();
    let ran = bench.run(&["check", "a.jsonl", "--index", "seen", "--add"]);
    assert!(ran.code == 1 && ran.stderr.contains("articles are added whatever the check finds"), "{}", ran.stderr);
    assert!(bench.run(&["index", "stats", "seen"]).stdout.starts_with("3 articles, 3 distinct"));
    let help = bench.run(&["check", "--help"]).stdout;
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("whatever was found and however the check ends"), "{help}");
    assert_eq!(bench.run(&["check", "a.jsonl", "--baseline", "b.json", "--update-baseline"]).code, 0);
    for (flag, said) in [(&["-o", "json=seen"][..], "is the index"), (&["--baseline", "b.json", "-o", "json=b.json"], "is the baseline")] {
        refused(&bench.run(&[&["check", "a.jsonl", "--index", "seen"], flag].concat()), said);
    }
}

/// `cargo install --git` reads every manifest outside hidden folders, and refuses to choose between packages with programs.
#[test]
fn one_package_of_the_repository_has_a_program() {
    fn manifests(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !name.starts_with('.') && name != "target" {
                manifests(&path, found);
            } else if name == "Cargo.toml" {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    manifests(project_root(), &mut found);
    found.retain(|path| fs::read_to_string(path).unwrap().contains("[[bin]]") || path.with_file_name("src").join("main.rs").exists());
    assert_eq!(found, [project_root().join("Cargo.toml")]);
}
