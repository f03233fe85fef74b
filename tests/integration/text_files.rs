//! Text files that are more than one text: Markdown with front matter and code, and several articles in a file (`--split`).

use crate::clean::{clean_and_back, of_type, read, run};
use crate::workbench::{Bench, record, scanned, words};
use serde_json::json;

fn post(title: &str, date: &str, body: &str) -> String {
    format!(
        "---\ntitle: \"{title}\"\ndate: {date}\nsource: Bow Times\ndescription: >\n  {}\n---\n\n# {title}\n\n{body}\n",
        words("front", 60)
    )
}

#[test]
fn front_matter_does_not_count_and_says_the_date() {
    let bench = Bench::new();
    bench.write("a.md", post("One", "2024-02-02", &words("a", 40)));
    bench.write("b.md", post("Two", "2024-02-01", &words("b", 40)));
    assert_eq!(bench.scan(&["."]).of("pair").len(), 0);
    bench.write("c.md", post("Two", "2024-02-03", &words("b", 40)).replace("Bow Times", "Aft Daily"));
    let found = bench.scan(&["."]);
    assert_eq!((found.of("pair").len(), &found.of("pair")[0]["origin"], found.of("derivation").len()), (1, &json!("a"), 1));
    let table = run(&bench, &["report", ".", "--format", "csv", "--table", "outlets"]).stdout;
    assert!(table.contains("Aft Daily,Bow Times"), "{table}");
    let ran = bench.run(&["check", ".", "--format", "github"]);
    assert!(ran.code == 1 && ran.stdout.contains("file=c.md,line=9,"), "{}", ran.stdout);
    // The same lines in a file of another kind are text.
    let (_, text) = scanned("a.txt", post("One", "2024-02-02", &words("front", 60)), &[]);
    assert_eq!(text.of("repetition").len(), 1);
}

#[test]
fn code_between_fences_is_skipped_by_a_scan_and_kept_by_cleaning() {
    let bench = Bench::new();
    let with = |prose: &str, code: &str| format!("# Title\n\n{prose}\n\n```sh\n{code}\n```\n");
    let [shared, other] = ["c", "d"].map(|salt| words(salt, 40));
    bench.write("in/a.md", with(&words("a", 40), &shared));
    bench.write("in/b.md", with(&words("b", 40), &shared));
    bench.write("in/same.md", with(&words("a", 40), &other));
    let pairs = |args: &[&str]| {
        bench.scan(args).of("pair").iter().map(|pair| format!("{} {} {}", pair["rule"], pair["a"], pair["b"])).collect::<Vec<_>>()
    };
    assert_eq!(pairs(&["in"]), [r#""identical" "in/a.md" "in/same.md""#]);
    let compared = pairs(&["in", "--code-fences", "compare"]);
    assert!(
        compared.iter().any(|pair| pair.contains("in/b.md")) && !compared.iter().any(|pair| pair.contains("identical")),
        "{compared:?}"
    );
    // What differs in its code alone is no copy.
    run(&bench, &["clean", "in", "-o", "out", "--manifest", "m"]);
    for name in ["a.md", "b.md", "same.md"] {
        assert_eq!(read(&bench, &format!("out/{name}")), read(&bench, &format!("in/{name}")));
    }
    let refused = bench.run(&["clean", "in", "-o", "x", "--code-fences", "skip"]);
    assert!(refused.code == 2 && refused.stderr.contains("code-fences: cleaning compares the code"), "{}", refused.stderr);
}

#[test]
fn markdown_is_cleaned_in_place() {
    let bench = Bench::new();
    let body = words("a", 40);
    bench.write("in.md", post("Été 😀", "2024-02-01", &format!("{body}\n\n```\ncode\n```\n\n{body}")));
    let (out, lines) = clean_and_back(&bench, "in.md", &[]);
    assert_eq!(out, post("Été 😀", "2024-02-01", &format!("{body}\n\n```\ncode\n```")));
    let span = of_type(&lines, "removal")[0]["span"].clone();
    let removed: String = read(&bench, "in.md").chars().skip(span[0].as_u64().unwrap().try_into().unwrap()).collect();
    assert!(removed.trim_start().starts_with(&body), "offsets are those of the file");
}

#[test]
fn one_file_with_many_articles_is_split() {
    let bench = Bench::new();
    let (body, other) = (words("a", 40), words("b", 40));
    let articles = [
        format!("== One\n{body}\n\n"),
        format!("== Two\r\n{other}\n{other}\n"),
        format!("== Three\n{body}\n"),
        format!("== Four\n{}\n", words("d", 40)),
    ];
    bench.write("all.txt", articles.concat());
    bench.write("none.txt", words("n", 40));
    let split = ["--split", "^== "];
    let found = bench.scan(&[&["all.txt", "none.txt"], &split[..]].concat());
    assert_eq!(found.summary("documents"), 5);
    let pair = found.of("pair")[0];
    assert_eq!((&pair["rule"], &pair["a"], &pair["b"]), (&json!("near-duplicate"), &json!("all.txt:1"), &json!("all.txt:7")));
    assert_eq!(found.of("repetition")[0]["doc"], "all.txt:4");
    let ran = bench.run(&[&["check", "all.txt", "--format", "github"], &split[..]].concat());
    assert!(ran.code == 1 && ran.stdout.contains("file=all.txt,line=8,"), "{}", ran.stdout);
    let compared = run(&bench, &[&["compare", "all.txt#all.txt:1", "all.txt#all.txt:7", "--format", "json"], &split[..]].concat());
    assert!(compared.stdout.contains("\"words\":40"), "{}", compared.stdout);
    // The titles are names that the other has not.
    let cleaning = [&split[..], &["--facts", "ignore"]].concat();
    let (out, lines) = clean_and_back(&bench, "all.txt", &cleaning);
    assert_eq!(out, format!("{}== Two\r\n{other}\n{}", articles[0], articles[3]));
    assert_eq!((of_type(&lines, "removal").len(), &of_type(&lines, "file")[0]["format"]), (2, &json!("articles")));
    run(&bench, &[&["clean", "all.txt", "-o", "marked.txt", "--annotate"], &cleaning[..]].concat());
    assert_eq!(read(&bench, "marked.txt.annotations.jsonl").lines().count(), 4);
    bench.write("refrain.toml", "split = '^== '\n");
    assert_eq!(bench.scan(&["all.txt"]).summary("documents"), 4);
}

#[test]
fn a_file_of_copies_alone_is_written_empty_when_it_is_split() {
    let bench = Bench::new();
    let body = words("a", 40);
    bench.write("in/a.txt", format!("***\n{body}\n"));
    bench.write("in/b.txt", format!("***\n{body}\n***\n{}\n", body.to_uppercase()));
    run(&bench, &["clean", "in", "-o", "out", "--manifest", "m", "--split", r"^\*+$", "--keep", "first"]);
    assert_eq!((read(&bench, "out/a.txt"), read(&bench, "out/b.txt").as_str()), (read(&bench, "in/a.txt"), ""));
    run(&bench, &["restore", "out", "--manifest", "m", "-o", "back"]);
    assert_eq!(read(&bench, "back/b.txt"), read(&bench, "in/b.txt"));
}

#[test]
fn a_pattern_that_cannot_be_read_is_refused() {
    let bench = Bench::new();
    bench.write("a.txt", "x");
    let ran = bench.run(&["scan", "a.txt", "--split", "("]);
    assert!(ran.code == 2 && ran.stderr.contains("is not a regular expression"), "{}", ran.stderr);
}

#[test]
fn a_pattern_that_does_nothing_is_reported() {
    let bench = Bench::new();
    let article = |salt: &str| format!("Document {salt}\n{}\n", words(salt, 30));
    bench.write("a.txt", article("a") + &article("b"));
    bench.write("plain.txt", words("c", 30));
    bench.write("r.jsonl", record("1", &words("d", 30)));
    let ran = bench.run(&["scan", ".", "--split", "^Document"]);
    assert_eq!(ran.code, 0);
    for note in ["plain.txt: no line matches `^Document`, so the file is one article", "r.jsonl: --split has no effect here"] {
        assert!(ran.stderr.contains(note), "{note}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("for want of an id") && !ran.stderr.contains("a.txt: "), "{}", ran.stderr);
    for command in [&["scan", "."][..], &["check", "a.txt"], &["clean", "a.txt", "-o", "x"]] {
        let ran = bench.run(&[command, &["--split", "^Documnet"]].concat());
        assert_eq!(ran.code, 2);
        assert!(
            ran.stderr.contains("no line of a.txt matches `^Documnet`; check the pattern") || ran.stderr.contains("any of 2 text files"),
            "{ran:?}"
        );
    }
    assert_eq!(bench.run(&["scan", "r.jsonl", "--split", "^Documnet"]).code, 0);
    for command in [&["check", "a.txt"][..], &["clean", "a.txt", "--dry-run"], &["report", "a.txt", "-o", "r.html"]] {
        let ran = bench.run(&[command, &["--split", "^Document"]].concat());
        assert!(ran.code != 2 && !ran.stderr.contains("for want of an id"), "{ran:?}");
    }
}

#[test]
fn front_matter_with_an_address_alone_names_the_host() {
    let bench = Bench::new();
    let post = |date: &str, front: &str| format!("---\ndate: {date}\n{front}\n---\n\n{}\n", words("a", 40));
    bench.write("a.md", post("2024-02-01", "url: https://www.bow.example/quay"));
    bench.write("b.md", post("2024-02-02", "source: https://www.aft.example/\nurl: https://mirror.example/x"));
    bench.write("c.md", post("2024-02-03", "url: /2024/quay"));
    let table = run(&bench, &["report", ".", "--format", "csv", "--table", "outlets"]).stdout;
    assert!(table.contains("aft.example,bow.example") && !table.contains("2024/quay") && !table.contains("mirror"), "{table}");
}
