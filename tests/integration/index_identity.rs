//! How an index recognises articles: by their ids, by their content where they have none, and files by their paths. Nothing that was added is lost.

use crate::workbench::{Bench, Ran, Run, project_root, record, words};
use serde_json::Value;
use std::fs;

/// Records without an id, one a line.
fn unnamed(texts: &[&str]) -> String {
    texts.iter().map(|text| serde_json::json!({"text": words(text, 60)}).to_string() + "\n").collect()
}

/// Checks `today.jsonl` with these records, and adds them.
fn add(bench: &Bench, texts: &[&str], flags: &[&str]) -> Ran {
    bench.write("today.jsonl", unnamed(texts));
    bench.run(&[&["check", "today.jsonl", "--index", "db", "--add", "--format", "jsonl", "--fail-on", "none"], flags].concat())
}

/// The articles of the index.
fn export(bench: &Bench) -> Vec<Value> {
    bench.run(&["index", "export", "db"]).stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn pairs(ran: &Ran) -> Vec<(String, String)> {
    let name = |id: &Value| id.as_str().unwrap().to_owned();
    ran.findings().of("pair").iter().map(|pair| (name(&pair["a"]), name(&pair["b"]))).collect()
}

#[test]
fn files_of_one_name_without_ids_lose_nothing_and_reprints_are_reported() {
    for flags in [&[][..], &["--no-text"]] {
        let bench = Bench::new();
        assert!(add(&bench, &["a", "b"], flags).stderr.contains("2 added, 0 replaced, 0 unchanged"));
        assert!(add(&bench, &["c", "d"], flags).stderr.contains("2 added, 0 replaced, 0 unchanged"));
        // A reprint on another line, and one on the same line.
        let ran = add(&bench, &["c", "a"], flags);
        assert!(ran.stderr.contains("0 added, 0 replaced, 2 unchanged"), "{}", ran.stderr);
        let found = pairs(&ran);
        assert_eq!(found.len(), 2, "{flags:?}: {found:?}");
        assert!(found.iter().all(|(a, b)| a.starts_with("content:") && b.starts_with("today.jsonl:")), "{found:?}");
        assert_eq!(export(&bench).len(), 4, "{flags:?}");
        assert!(bench.run(&["index", "verify", "db"]).stdout.starts_with("ok: 4 articles"));
    }
}

#[test]
fn the_same_file_read_again_is_no_reprint_of_itself() {
    for flags in [&[][..], &["--no-text"]] {
        let bench = Bench::new();
        add(&bench, &["a", "b"], flags);
        let ran = add(&bench, &["a", "b"], flags);
        assert!(ran.stderr.contains("0 added, 0 replaced, 2 unchanged"), "{}", ran.stderr);
        assert!(pairs(&ran).is_empty(), "{flags:?}");
        // It grows during the day.
        let ran = add(&bench, &["a", "b", "c"], flags);
        assert!(ran.stderr.contains("1 added, 0 replaced, 2 unchanged"), "{}", ran.stderr);
        assert!(pairs(&ran).is_empty(), "{flags:?}");
        // Under another name it is a copy.
        bench.write("copy.jsonl", unnamed(&["a", "b"]));
        let ran = bench.run(&[&["check", "copy.jsonl", "--index", "db", "--add", "--format", "jsonl"], flags].concat());
        assert_eq!((pairs(&ran).len(), ran.code), (2, 1), "{flags:?}");
        assert_eq!(export(&bench).len(), 3);
    }
}

#[test]
fn adding_and_querying_agree_with_checking() {
    let bench = Bench::new();
    bench.write("today.jsonl", unnamed(&["a", "b"]));
    let ran = bench.run(&["index", "add", "db", "today.jsonl"]);
    assert_eq!(ran.stdout, "2 added, 0 replaced, 0 unchanged\n");
    assert!(ran.stderr.contains("2 without an id of their own"), "{}", ran.stderr);
    assert_eq!(bench.run(&["index", "add", "db", "today.jsonl", "--batch", "1"]).stdout, "0 added, 0 replaced, 2 unchanged\n");
    assert!(add(&bench, &["a", "b"], &[]).stderr.contains("0 added, 0 replaced, 2 unchanged"));
    let query = |file: &str| bench.run(&["index", "query", "db", file, "--format", "jsonl"]);
    assert!(pairs(&query("today.jsonl")).is_empty());
    bench.write("other.jsonl", unnamed(&["b"]));
    assert_eq!(pairs(&query("other.jsonl")).len(), 1);
    let text = bench.run(&["index", "query", "db", "other.jsonl"]).stdout;
    assert!(text.contains("other copy: today.jsonl:2"), "the file and line that it came from: {text}");
    let exported = export(&bench);
    assert_eq!((&exported[1]["origin"], &exported[1]["line"]), (&"today.jsonl".into(), &2.into()));
    // What is exported makes the same index.
    bench.write("back.jsonl", bench.run(&["index", "export", "db"]).stdout);
    assert_eq!(bench.run(&["index", "add", "again", "back.jsonl"]).stdout, "2 added, 0 replaced, 0 unchanged\n");
    assert_eq!(bench.run(&["index", "add", "db", "back.jsonl"]).stdout, "0 added, 0 replaced, 2 unchanged\n");
    let id = exported[0]["id"].as_str().unwrap();
    assert_eq!(bench.run(&["index", "remove", "db", id]).stdout, "1 removed\n");
}

#[test]
fn outlet_and_date_are_part_of_the_content() {
    let bench = Bench::new();
    let line = |outlet: &str, date: &str| {
        serde_json::json!({"text": words("w", 60), "source": outlet, "date": date, "id": Value::Null}).to_string() + "\n"
    };
    bench.write("a.jsonl", line("Aft Daily", "2026-01-02") + &line("Bow Times", "2026-01-02") + &line("Bow Times", "2026-01-03"));
    assert_eq!(bench.run(&["index", "add", "db", "a.jsonl"]).stdout, "3 added, 0 replaced, 0 unchanged\n");
    // The same record twice is one article of the index.
    bench.write("b.jsonl", line("Cape Post", "2026-01-02").repeat(2));
    assert_eq!(bench.run(&["index", "add", "db", "b.jsonl"]).stdout, "1 added, 0 replaced, 1 unchanged\n");
    assert!(bench.run(&["index", "verify", "db"]).stdout.starts_with("ok: 4 articles"));
}

#[test]
fn ids_that_records_share_or_leave_empty_are_none() {
    let bench = Bench::new();
    bench.write(
        "a.jsonl",
        record("x", &words("a", 60)) + &record("x", &words("b", 60)) + &record("", &words("c", 60)) + &record("y", &words("d", 60)),
    );
    assert_eq!(bench.run(&["index", "add", "db", "a.jsonl"]).stdout, "4 added, 0 replaced, 0 unchanged\n");
    let ran = bench.run(&["check", "a.jsonl", "--index", "other", "--add", "--format", "jsonl"]);
    assert!(ran.stderr.contains("4 added, 0 replaced, 0 unchanged"), "{}", ran.stderr);
    let ids = |db: &str| {
        let exported = bench.run(&["index", "export", db]).stdout;
        let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned();
        let mut ids: Vec<String> = exported.lines().map(id).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids("db"), ids("other"));
    assert_eq!(ids("db").iter().filter(|id| id.starts_with("content:")).count(), 3, "{:?}", ids("db"));
}

/// An id that looks like the file and line of another record is the id of its own article.
#[test]
fn ids_like_a_file_and_line_are_not_mixed_up() {
    let bench = Bench::new();
    bench.write("old.jsonl", record("today.jsonl:1", &words("a", 60)));
    bench.run(&["index", "add", "db", "old.jsonl"]);
    let ran = add(&bench, &["a"], &[]);
    assert_eq!(pairs(&ran), [("today.jsonl:1".to_owned(), "today.jsonl:1 (index)".to_owned())], "{}", ran.stdout);
    assert!(ran.stderr.contains("1 added, 0 replaced, 0 unchanged"), "{}", ran.stderr);
    let ran = add(&bench, &["a"], &[]);
    assert_eq!(pairs(&ran).len(), 1, "{}", ran.stdout);
}

#[test]
fn a_file_that_was_edited_replaces_its_article_and_another_text_under_its_path_does_not() {
    for flags in [&[][..], &["--no-text"]] {
        let bench = Bench::new();
        let check = |text: String| {
            bench.write("today.txt", text);
            bench.run(&[&["check", "today.txt", "--index", "db", "--add", "--format", "jsonl"], flags].concat())
        };
        let (first, second) = (words("a", 80), words("b", 80));
        assert!(check(first.clone()).stderr.contains("1 added, 0 replaced"));
        let edited = check(format!("{first} and a few words more"));
        assert!(edited.stderr.contains("0 added, 1 replaced") && pairs(&edited).is_empty(), "{}", edited.stderr);
        assert!(check(first.clone()).stderr.contains("0 added, 1 replaced"));
        // The next day has another article in the file, and the third day the first one again.
        let ran = check(second.clone());
        assert!(ran.stderr.contains("1 added, 0 replaced"), "{}", ran.stderr);
        let ran = check(first.clone());
        assert!(ran.stderr.contains("1 added, 0 replaced"), "{}", ran.stderr);
        let found = pairs(&ran);
        assert!(found.len() == 1 && found[0].0.starts_with("content:") && found[0].1 == "today.txt", "{flags:?}: {found:?}");
        assert!(bench.run(&["index", "verify", "db"]).stdout.starts_with("ok: 3 articles"), "{flags:?}");
        // And so does adding without a check.
        bench.write("today.txt", &second);
        assert_eq!(bench.run(&["index", "add", "db", "today.txt"]).stdout, "1 added, 0 replaced, 0 unchanged\n");
        assert!(bench.run(&["index", "verify", "db"]).stdout.starts_with("ok: 3 articles"), "each article once, and the path");
    }
}

#[test]
fn a_file_is_the_same_whichever_way_its_path_is_written() {
    for flags in [&[][..], &["--no-text"]] {
        let bench = Bench::new();
        bench.write("a/s.jsonl", unnamed(&["a", "b"]));
        bench.write("a/t.txt", words("c", 80));
        let db = bench.path().join("idx/db").to_str().unwrap().to_owned();
        fs::create_dir(bench.path().join("idx")).unwrap();
        let absolute = bench.path().join("a").to_str().unwrap().to_owned();
        let mut added = Vec::new();
        for (folder, given) in [("", "a"), ("", absolute.as_str()), ("", "a/../a"), ("a", "."), ("idx", "../a")] {
            let args = [&["check", given, "--index", &db, "--add", "--format", "jsonl"], flags].concat();
            let ran = Run::new(&args).folder(&bench.path().join(folder)).go();
            assert!(ran.code == 0 && pairs(&ran).is_empty(), "{given}: {}", ran.stdout);
            added.push(ran.stderr.contains("db: 0 added, 0 replaced, 3 unchanged"));
        }
        assert_eq!(added, [false, true, true, true, true], "{flags:?}");
        // A reprint is reported with the path of the file that has it, from the working folder.
        bench.write("b/u.txt", words("c", 80));
        let ran = Run::new(&["check", "u.txt", "--index", &db, "--format", "jsonl"]).folder(&bench.path().join("b")).go();
        assert_eq!(pairs(&ran), [("../a/t.txt".to_owned(), "u.txt".to_owned())]);
        let ran = bench.run(&["index", "remove", &db, "a/t.txt", "a/no.txt"]);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("1 removed\n", "note: not in the index: a/no.txt\n"));
    }
}

#[test]
fn an_article_is_itself_though_another_had_its_id_when_it_was_added() {
    let bench = Bench::new();
    for (file, text) in [("k.jsonl", "a"), ("k2.jsonl", "b")] {
        bench.write(file, record("k", &words(text, 60)));
    }
    assert_eq!(bench.run(&["index", "add", "db", "k.jsonl", "k2.jsonl"]).stdout, "2 added, 0 replaced, 0 unchanged\n");
    for flags in [&[][..], &["--add"]] {
        let ran = bench.run(&[&["check", "k.jsonl", "--index", "db", "--format", "jsonl"], flags].concat());
        assert!(ran.code == 0 && pairs(&ran).is_empty(), "{flags:?}: {}", ran.stdout);
    }
    assert_eq!(export(&bench).len(), 2);
    // In another file the same words are a copy.
    bench.write("copy.jsonl", record("k", &words("a", 60)));
    assert_eq!(pairs(&bench.run(&["check", "copy.jsonl", "--index", "db", "--format", "jsonl"])).len(), 1);
}

#[test]
fn an_index_of_the_format_before_is_read_and_added_to() {
    let bench = Bench::new();
    fs::copy(project_root().join("tests/fixtures/index-format-2"), bench.path().join("db")).unwrap();
    let format = || fs::read(bench.path().join("db")).unwrap()[63];
    assert_eq!(format(), 2);
    assert!(bench.run(&["index", "verify", "db"]).stdout.starts_with("ok: 30 articles"));
    assert_eq!(format(), 2, "reading changes nothing");
    assert!(add(&bench, &["new"], &[]).stderr.contains("1 added, 0 replaced"));
    assert!(bench.run(&["index", "verify", "db"]).stdout.starts_with("ok: 31 articles"));
    bench.run(&["index", "compact", "db"]);
    assert_eq!(format(), 4);
}

#[cfg(feature = "html")]
#[test]
fn a_page_of_its_own_is_recognised_by_its_path() {
    let bench = Bench::new();
    let page = |salt: &str| format!("<!DOCTYPE html><html><body><p>{}</p></body></html>", words(salt, 80));
    bench.write("page.html", page("a"));
    assert_eq!(bench.run(&["index", "add", "db", "page.html"]).stdout, "1 added, 0 replaced, 0 unchanged\n");
    let ran = bench.run(&["check", "page.html", "--index", "db", "--add"]);
    assert!(ran.stderr.contains("0 added, 0 replaced, 1 unchanged"), "{}", ran.stderr);
    bench.write("page.html", page("b"));
    let ran = bench.run(&["check", "page.html", "--index", "db", "--add"]);
    assert!(ran.stderr.contains("1 added, 0 replaced, 0 unchanged"), "{}", ran.stderr);
    assert_eq!(export(&bench).len(), 2);
}
