//! `refrain check`: what fails, what is known, and every form of report.

use crate::workbench::{Bench, Ran, Run, record, words};
use serde_json::Value;
use std::fs;

/// `a.txt` and `b.txt` have the same words, `c.txt` repeats a paragraph, `d.txt` nothing.
fn folder() -> Bench {
    let bench = Bench::new();
    let paragraph = |salt: &str| format!("{}.", words(salt, 40));
    bench.write("news/a.txt", paragraph("w"));
    bench.write("news/b.txt", paragraph("W"));
    bench.write("news/c.txt", format!("خبر 😀\r\n{}\r\n{}\r\n{}\r\n", paragraph("x"), paragraph("y"), paragraph("x")));
    bench.write("news/d.txt", paragraph("d"));
    bench
}

#[track_caller]
fn rules(ran: &Ran) -> Vec<(String, bool)> {
    let findings = ran.findings().0;
    let told = findings.iter().filter(|finding| finding["rule"].is_string());
    told.map(|finding| (finding["rule"].as_str().unwrap().to_owned(), finding["known"].as_bool().unwrap())).collect()
}

fn json(bench: &Bench, args: &[&str]) -> Value {
    serde_json::from_str(&bench.run(&[&["check", "news", "--format"], args].concat()).stdout).unwrap()
}

#[test]
fn exit_codes_are_those_of_a_gate() {
    let bench = folder();
    for (code, args) in [
        (1, &["check", "news"][..]),
        (1, &["check", "news", "--fail-on", "any"]),
        (0, &["check", "news", "--fail-on", "none"]),
        (0, &["check", "news/d.txt"]),
        (0, &["check", "news", "--rule", "all=warning"]),
        (0, &["check", "news", "--rule", "identical=off", "--rule", "repeated-paragraph=note"]),
        (1, &["check", "news", "--rule", "identical=off"]),
        (1, &["check", "news", "--max-duplication", "5%"]),
        (0, &["check", "news", "--max-duplication", "90%"]),
        (1, &["check", "news", "--max-duplication", "90%", "--fail-on", "any"]),
        (2, &["check", "nowhere"]),
        (2, &["check", "news", "--rule", "no-such=off"]),
        (2, &["check", "news", "--max-duplication", "5"]),
        (2, &["check", "news", "--baseline", "none.json"]),
        (2, &["check", "news", "--update-baseline"]),
        (2, &["check", "news", "--ignore", "colour=red"]),
    ] {
        let ran = bench.run(args);
        assert_eq!(ran.code, code, "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn what_is_known_does_not_fail_wherever_it_stands() {
    let bench = folder();
    let check =
        |paths: &[&str], more: &[&str]| bench.run(&[&["check", "--baseline", "known.json", "--format", "jsonl"], paths, more].concat());
    let ran = check(&["news"], &["--update-baseline"]);
    assert!(ran.code == 0 && ran.stderr.contains("known.json: 2 added, 0 dropped, 0 kept"), "{}", ran.stderr);
    let known = fs::read_to_string(bench.path().join("known.json")).unwrap();
    assert!(known.contains("\"documents\":[\"news/a.txt\",\"news/b.txt\"]"), "{known}");
    // Moved, renamed, in another order, and with other line breaks.
    let a = fs::read_to_string(bench.path().join("news/a.txt")).unwrap();
    bench.write("moved/z.txt", a.replace(" w20 ", "\nw20 ").replace(" w30 ", " \nw30 "));
    bench.write("moved/y.txt", fs::read(bench.path().join("news/b.txt")).unwrap());
    let c = fs::read_to_string(bench.path().join("news/c.txt")).unwrap();
    bench.write("moved/k/x.txt", c.replace("\r\n", "\n\n"));
    ["a", "b", "c"].iter().for_each(|name| fs::remove_file(bench.path().join(format!("news/{name}.txt"))).unwrap());
    let ran = check(&["moved"], &[]);
    assert_eq!((ran.code, rules(&ran)), (0, vec![("repeated-paragraph".into(), true), ("identical".into(), true)]), "{}", ran.stdout);
    assert_eq!(check(&["moved"], &["--fail-on", "any"]).code, 1);
    // One more copy is one new finding.
    bench.write("moved/copy.txt", words("d", 40));
    bench.write("moved/d.txt", words("d", 40));
    let ran = check(&["moved"], &[]);
    assert_eq!((ran.code, rules(&ran).iter().filter(|(_, known)| !known).count()), (1, 1), "{}", ran.stdout);
    // And so is a third copy of a paragraph in one article.
    bench.write("moved/k/x.txt", c.clone() + "\r\n" + &words("x", 40) + ".");
    let ran = check(&["moved/k"], &[]);
    assert_eq!((ran.code, rules(&ran).iter().filter(|(_, known)| !known).count()), (1, 1), "{}", ran.stdout);
    let ran = check(&["news/d.txt"], &["--update-baseline"]);
    assert!(ran.stderr.contains("0 added, 2 dropped, 0 kept"), "{}", ran.stderr);
}

#[test]
fn what_is_passed_over_is_counted() {
    let bench = folder();
    let summary = |args: &[&str]| bench.run(&[&["check", "news", "--format", "jsonl"], args].concat()).findings();
    for (args, told, ignored) in [
        (&[][..], 2, 0),
        (&["--ignore", "rule=identical"], 1, 1),
        (&["--ignore", "id=*c.txt"], 1, 1),
        (&["--ignore", "path=news/*"], 0, 2),
        (&["--ignore", "rule=identical,path=news/c*"], 2, 0),
        (&["--ignore", "outlet=Nobody"], 2, 0),
    ] {
        let found = summary(args);
        assert_eq!((found.summary("new"), found.summary("ignored")), (told, ignored), "{args:?}");
    }
    bench.write(
        "refrain.toml",
        "[check]\nfail-on = \"any\"\nrules = { all = \"note\", identical = \"error\" }\nignore = [{ id = \"*b.txt\" }]\n",
    );
    assert_eq!(bench.run(&["check", "news"]).code, 0);
    bench.write("refrain.toml", "[check]\nrulez = 3\n");
    let ran = bench.run(&["check", "news"]);
    assert!(ran.code == 2 && ran.stderr.contains("rulez"), "{}", ran.stderr);
}

#[test]
fn an_outlet_is_passed_over_by_name() {
    let bench = Bench::new();
    let line = |id: &str, outlet: &str| serde_json::json!({"id": id, "text": words("w", 40), "source": outlet}).to_string() + "\n";
    bench.write("a.jsonl", line("a", "The Ledger") + &line("b", "وكالة"));
    assert_eq!(bench.run(&["check", "a.jsonl", "--ignore", "outlet=وكالة"]).code, 0);
    assert_eq!(bench.run(&["check", "a.jsonl", "--ignore", "outlet=Other"]).code, 1);
}

#[test]
fn marked_lines_of_text_files_are_not_looked_at() {
    let bench = folder();
    let c = fs::read_to_string(bench.path().join("news/c.txt")).unwrap();
    let (head, last) = c.trim_end().rsplit_once("\r\n").unwrap();
    bench.write("news/c.txt", format!("{head}\r\n<!-- refrain:ignore-start -->\r\n{last}\r\n<!-- refrain:ignore-end -->\r\n"));
    assert_eq!(bench.run(&["check", "news/c.txt"]).code, 0);
    bench.write("r.jsonl", record("r", &format!("refrain:ignore-start\n{0}\n{0}", words("r", 30))));
    assert_eq!(bench.run(&["check", "r.jsonl"]).code, 1, "only text files have marks");
}

#[test]
fn sarif_places_are_those_of_editors() {
    let bench = folder();
    let sarif = json(&bench, &["sarif"]);
    let run = &sarif["runs"][0];
    assert_eq!((&sarif["version"], &run["columnKind"]), (&"2.1.0".into(), &"utf16CodeUnits".into()));
    let results = run["results"].as_array().unwrap();
    let (repeated, identical) = (&results[0], &results[1]);
    let physical = |location: &Value| location["physicalLocation"].clone();
    let at = physical(&repeated["locations"][0]);
    assert_eq!(at["artifactLocation"]["uri"], "news/c.txt");
    let width = words("x", 40).len() + 2;
    assert_eq!(at["region"], serde_json::json!({"startLine": 4, "startColumn": 1, "endLine": 4, "endColumn": width}));
    assert_eq!(physical(&repeated["relatedLocations"][0])["region"]["startLine"], 2);
    assert_eq!(physical(&identical["locations"][0])["artifactLocation"]["uri"], "news/b.txt");
    assert_eq!(physical(&identical["relatedLocations"][0])["artifactLocation"]["uri"], "news/a.txt");
    for result in results {
        assert_eq!(run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()]["id"], result["ruleId"]);
        assert_eq!(result["partialFingerprints"]["refrainFinding/v1"].as_str().unwrap().len(), 16);
    }
    fs::rename(bench.path().join("news"), bench.path().join("news2")).unwrap();
    fs::create_dir(bench.path().join("news")).unwrap();
    fs::rename(bench.path().join("news2"), bench.path().join("news/deep")).unwrap();
    let moved = json(&bench, &["sarif"]);
    let prints = |sarif: &Value| {
        sarif["runs"][0]["results"].as_array().unwrap().iter().map(|result| result["partialFingerprints"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(prints(&moved), prints(&sarif));
    let ran = bench.run(&["check", bench.path().join("news").to_str().unwrap(), "--format", "sarif"]);
    assert!(ran.stdout.contains("\"uri\": \"news/deep/b.txt\""), "absolute paths below the folder are told from it");
}

#[test]
fn records_are_placed_by_their_lines() {
    let bench = Bench::new();
    bench.write("a.jsonl", record("x", &words("x", 40)) + "\n" + &record("y", &words("y", 40)) + &record("z", &words("x", 40)));
    let ran = bench.run(&["check", "a.jsonl"]);
    assert!(
        ran.stdout.starts_with("a.jsonl:4: error[identical]: The same words as x\n    article z\n    other copy: a.jsonl:1\n"),
        "{}",
        ran.stdout
    );
}

#[test]
fn several_reports_come_from_one_run() {
    let bench = folder();
    let outputs = [
        "json=o.json",
        "jsonl=o.jsonl",
        "sarif=o.sarif",
        "junit=o.xml",
        "github=o.github",
        "gitlab=o.gitlab",
        "markdown=o.md",
        "text=o.txt",
    ];
    let flags: Vec<&str> = outputs.iter().flat_map(|output| ["--output", output]).collect();
    let summary = bench.write("summary.md", "before\n");
    let ran = Run::new(&[&["check", "news"], &flags[..]].concat())
        .folder(bench.path())
        .env("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())
        .go();
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let read = |name: &str| fs::read_to_string(bench.path().join(name)).unwrap();
    assert_eq!(read("o.txt"), ran.stdout);
    let gitlab: Value = serde_json::from_str(&read("o.gitlab")).unwrap();
    assert_eq!(
        (&gitlab[0]["location"]["path"], &gitlab[0]["location"]["lines"]["begin"], &gitlab[0]["severity"]),
        (&"news/c.txt".into(), &4.into(), &"major".into())
    );
    let document: Value = serde_json::from_str(&read("o.json")).unwrap();
    assert_eq!((document["repetitions"].as_array().unwrap().len(), document["pairs"][0]["rule"].as_str()), (1, Some("identical")));
    assert_eq!(read("o.jsonl").lines().count(), 4);
    assert!(read("o.xml").contains("<testsuite name=\"refrain check\" tests=\"2\" failures=\"2\""));
    assert!(read("o.github").starts_with("::error file=news/c.txt,line=4,endLine=4,col=1,endColumn="), "{}", read("o.github"));
    assert!(read("summary.md").starts_with("before\n## refrain\n"));
    assert!(read("o.md").contains("| error | identical | news/b.txt:1:1 |"), "{}", read("o.md"));
}

#[test]
fn annotations_are_capped_and_the_total_is_told() {
    let bench = Bench::new();
    let records: String = (0..40).map(|n| record(&format!("r{n}"), &words(&format!("c{}w", n % 20), 40))).collect();
    bench.write("a.jsonl", records);
    let ran = bench.run(&["check", "a.jsonl", "--format", "github"]);
    assert_eq!(ran.stdout.lines().filter(|line| line.starts_with("::error ")).count(), 10);
    assert!(ran.stdout.contains("20 findings in all; annotations show 10 of them"), "{}", ran.stdout);
}

#[test]
fn names_cannot_steer_a_report() {
    let bench = Bench::new();
    let hostile = "x\n::error::y | <b> & \u{1b}[2J \u{0}";
    bench.write("a.jsonl", record(hostile, &words("w", 40)) + &record("z", &words("w", 40)));
    let github = bench.run(&["check", "a.jsonl", "--format", "github"]).stdout;
    assert_eq!(github.lines().count(), 2, "{github}");
    let junit = bench.run(&["check", "a.jsonl", "--format", "junit"]).stdout;
    assert!(!junit.contains('\u{1b}') && !junit.contains("<b>"), "{junit}");
    let markdown = bench.run(&["check", "a.jsonl", "--format", "markdown"]).stdout;
    assert!(markdown.contains("\\|") && !markdown.contains("<b>"), "{markdown}");
}
