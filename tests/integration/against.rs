//! `--against`: articles compared with a reference and not with each other.

use crate::clean::{clean_and_back, of_type};
use crate::workbench::{Bench, record, words};
use serde_json::{Value, json};

/// A corpus of three articles and a reference of two: `a` has one item whole, `b` repeats `a`, `c` shares nothing.
fn bench() -> Bench {
    let bench = Bench::new();
    let item = words("q", 30);
    let texts = [
        ("a", format!("{}\n{item}\n{}", words("a", 40), words("b", 40))),
        ("b", format!("{}\n{item}\n{}", words("a", 40), words("b", 40))),
        ("c", words("c", 60)),
    ];
    bench.write("corpus.jsonl", texts.iter().map(|(id, text)| record(id, text)).collect::<String>());
    let other: Vec<String> = words("r", 24).split(' ').map(str::to_owned).collect();
    let split: Vec<String> = item.split(' ').map(str::to_owned).collect();
    let items = [
        json!({"id": "q1", "question": split[..10].join(" "), "choices": [split[10..15].join(" "), split[15..20].join(" ")], "answer": split[20..].join(" ")}),
        json!({"id": "q2", "question": other[..12].join(" "), "choices": [other[12..].join(" ")], "answer": "none"}),
    ];
    bench.write("items.jsonl", items.iter().map(|item| format!("{item}\n")).collect::<String>());
    bench
}

const ITEMS: [&str; 6] = ["--against", "items.jsonl", "--against-text-field", "question,choices,answer", "--min-words", "8"];

fn scan(bench: &Bench, args: &[&str]) -> Vec<Value> {
    let ran = bench.run(&[&["scan", "corpus.jsonl", "--format", "jsonl"], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.findings().0
}

#[test]
fn articles_are_compared_with_the_reference_alone() {
    let bench = bench();
    let found = scan(&bench, &ITEMS);
    let kinds: Vec<&str> = found.iter().map(|finding| finding["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["run", "match", "match", "item", "match-summary"]);
    let first = &found[1];
    assert_eq!((&first["a"], &first["b"], &first["line"], &first["longest"]), (&json!("a"), &json!("q1"), &json!(1), &json!(30)));
    assert_eq!((&first["b_covered"], &first["passages"][0]["words"]), (&json!(1.0), &json!(30)));
    let item = &found[3];
    assert_eq!((&item["id"], &item["documents"], &item["longest"], &item["covered"]), (&json!("q1"), &json!(2), &json!(30), &json!(1.0)));
    assert_eq!((&item["doc"], &item["file"], &item["line"]), (&json!("a"), &json!("corpus.jsonl"), &json!(1)));
    let summary = &found[4];
    assert_eq!((&summary["documents"], &summary["matched_documents"], &summary["items"]), (&json!(3), &json!(2), &json!(2)));
    let text = bench.run(&[&["scan", "corpus.jsonl"], &ITEMS[..]].concat()).stdout;
    assert!(text.contains("  contained  with q1\n    30 words, 30 in a row: ") && text.contains("1 of 2 items found; 2 matches"), "{text}");
}

#[test]
fn edits_other_spelling_and_threads_do_not_hide_a_match() {
    let bench = Bench::new();
    let item = "The Harbour master counted nineteen boats at dawn and wrote every single name in his ledger with a careful hand";
    let edited = "the harbour master counted nineteen boats at noon, and wrote every single name in her ledger with a careful hand.";
    let filler = |salt: &str| words(salt, 30);
    bench.write("items.jsonl", record("i", item));
    let corpus: String =
        (0..40).map(|n| record(&format!("d{n:02}"), &format!("{} {edited} {}", filler("x"), filler(&format!("y{n}"))))).collect();
    bench.write("corpus.jsonl", &corpus);
    let args = ["--against", "items.jsonl", "--min-words", "8", "--only", "passages"];
    let found = scan(&bench, &args);
    assert_eq!(found.iter().filter(|finding| finding["type"] == "match").count(), 40);
    assert_eq!(found[1]["passages"][0]["words"], 18);
    let mut lines: Vec<&str> = corpus.lines().collect();
    lines.reverse();
    bench.write("corpus.jsonl", lines.join("\n"));
    let other = scan(&bench, &[&args[..], &["-j", "1"]].concat());
    let ids = |found: &[Value]| found.iter().map(|finding| (finding["a"].clone(), finding["passages"].clone())).collect::<Vec<_>>();
    assert_eq!(ids(&found), ids(&other));
}

#[test]
#[cfg(feature = "index")]
fn an_index_is_a_reference_with_and_without_texts() {
    let bench = bench();
    bench.write("old.jsonl", record("z", &format!("{} {}", words("a", 40), words("z", 40))) + &record("a", &words("c", 60)));
    for (name, flags) in [("texts.idx", vec![]), ("outlines.idx", vec!["--no-text"])] {
        assert_eq!(bench.run(&[&["index", "add", name, "old.jsonl"], &flags[..]].concat()).code, 0);
    }
    let from_file = scan(&bench, &["--against", "old.jsonl"]);
    assert_eq!(from_file.iter().filter(|finding| finding["type"] == "match").count(), 3);
    // An article of the reference may have the id of one of the corpus.
    assert_eq!((&from_file[3]["a"], &from_file[3]["b"], &from_file[3]["rule"]), (&json!("c"), &json!("a"), &json!("identical")));
    assert_eq!(scan(&bench, &["--against", "texts.idx"]), from_file);
    assert_eq!(scan(&bench, &["--against", "outlines.idx"]), from_file);
    let refused = bench.run(&["scan", "corpus.jsonl", "--against", "texts.idx", "--against", "old.jsonl"]);
    assert!(refused.code == 2 && refused.stderr.contains("is an index; name it alone"), "{}", refused.stderr);
    let refused = bench.run(&["scan", "corpus.jsonl", "--against", "outlines.idx", "--fold", "light"]);
    assert!(refused.code == 2 && refused.stderr.contains("another normalisation"), "{}", refused.stderr);
}

#[test]
fn articles_that_contain_an_item_are_removed_and_come_back() {
    let bench = bench();
    let args = [&ITEMS[..], &["--remove", "contains-item"]].concat();
    let (out, manifest) = clean_and_back(&bench, "corpus.jsonl", &args);
    assert_eq!(out.lines().count(), 1);
    let removals = of_type(&manifest, "removal");
    assert_eq!((removals.len(), &removals[0]["rule"], &removals[0]["similarity"]), (2, &json!("contains-item"), &json!(1.0)));
    assert_eq!(removals[0]["copy"], json!({"doc": "q1", "span": null, "in_reference": true}));
    let half = words("q", 30).split(' ').take(14).collect::<Vec<_>>().join(" ");
    bench.write("half.jsonl", record("a", &half) + &record("b", &words("d", 30)));
    let (out, _) = clean_and_back(&bench, "half.jsonl", &args);
    assert_eq!(out.lines().count(), 2, "less than half of the item");
    let (out, _) = clean_and_back(&bench, "half.jsonl", &[&args[..], &["--item-share", "0.4"]].concat());
    assert_eq!(out, record("b", &words("d", 30)));
}

#[test]
fn articles_seen_before_are_removed_unless_they_state_another_fact() {
    let bench = Bench::new();
    let body = |figure: &str| format!("{} and {figure} boats were counted {}", words("a", 40), words("b", 40));
    bench.write("old.jsonl", record("old", &body("19")));
    bench.write(
        "new.jsonl",
        record("same", &body("19")) + &record("other", &body("20")) + &record("again", &body("20")) + &record("own", &words("d", 30)),
    );
    let (out, manifest) = clean_and_back(&bench, "new.jsonl", &["--against", "old.jsonl"]);
    assert_eq!(out.lines().count(), 3, "articles of the corpus are not compared with each other");
    assert_eq!(of_type(&manifest, "removal")[0]["doc"], "same");
    let (out, _) = clean_and_back(&bench, "new.jsonl", &["--against", "old.jsonl", "--facts", "ignore"]);
    assert_eq!(out, record("own", &words("d", 30)));
    let listed = bench.run(&["clean", "new.jsonl", "--against", "old.jsonl", "--list-removed", "gone.jsonl"]);
    assert_eq!(listed.code, 0, "{}", listed.stderr);
    let gone: Value = serde_json::from_str(&std::fs::read_to_string(bench.path().join("gone.jsonl")).unwrap()).unwrap();
    assert_eq!((&gone["id"], &gone["copy"]), (&json!("same"), &json!("old")));
}

#[test]
fn a_short_run_and_one_that_a_text_has_twice_are_matches() {
    let bench = Bench::new();
    let matches = |article: &str, item: &str, least: &str| {
        bench.write("corpus.jsonl", record("a", article));
        bench.write("items.jsonl", record("i", item));
        let found = scan(&bench, &["--against", "items.jsonl", "--min-words", least, "--only", "passages"]);
        found.into_iter().filter(|finding| finding["type"] == "match").collect::<Vec<_>>()
    };
    let river = "He said that the river ran dry in August and nobody knew why.";
    let found = matches(river, "Long ago the river ran dry and then it rained.", "4");
    assert_eq!((found.len(), &found[0]["longest"], &found[0]["passages"][0]["words"]), (1, &json!(4), &json!(4)));
    assert_eq!(matches(river, "the river ran dry", "4")[0]["b_covered"], 1.0);
    assert!(matches(river, "the river ran fast", "4").is_empty());
    let run = words("r", 9);
    let found = matches(&format!("{run} {run} {}", words("x", 30)), &format!("{} {run} {}", words("y", 30), words("z", 30)), "8");
    assert_eq!((found.len(), &found[0]["longest"]), (1, &json!(9)));
}

#[test]
fn runs_in_more_items_than_the_cap_are_counted_in_the_summary() {
    let bench = Bench::new();
    bench.write("corpus.jsonl", record("a", &words("q", 30)));
    bench.write(
        "items.jsonl",
        (0..10).map(|n| record(&format!("i{n}"), &format!("{} {}", words("q", 30), words(&format!("x{n}"), 9)))).collect::<String>(),
    );
    let ran = bench.run(&["scan", "corpus.jsonl", "--against", "items.jsonl", "--cap", "3"]);
    assert!(ran.stdout.contains("3 of 10 items found") && ran.stdout.contains("short runs in more items than"), "{}", ran.stdout);
}

#[test]
fn a_pipe_is_compared_and_cleaned_as_a_file() {
    let bench = bench();
    let input = std::fs::read(bench.path().join("corpus.jsonl")).unwrap();
    let args = [&["clean", "-", "-o", "-"], &ITEMS[..], &["--remove", "contains-item"]].concat();
    let ran = crate::workbench::Run::new(&args).folder(bench.path()).stdin(input).go();
    assert_eq!((ran.code, ran.stdout.as_str()), (0, record("c", &words("c", 60)).as_str()), "{}", ran.stderr);
    // A cleaning without a reference reads a corpus several times, too.
    let text = words("w", 60);
    let input = record("a", &format!("{text} {}", words("v", 30))) + &record("b", &text);
    let args = ["clean", "-", "-o", "-", "--remove", "contained"];
    let ran = crate::workbench::Run::new(&args).folder(bench.path()).stdin(input).go();
    assert_eq!((ran.code, ran.stdout.lines().count()), (0, 1), "{}", ran.stderr);
}

#[test]
fn what_makes_no_sense_with_a_reference_is_refused() {
    let bench = bench();
    let refused = |args: &[&str], reason: &str| {
        let ran = bench.run(args);
        assert!(ran.code == 2 && ran.stderr.contains(reason), "{args:?}: {}", ran.stderr);
    };
    refused(&["scan", "corpus.jsonl", "--against", "corpus.jsonl"], "is in the corpus too");
    refused(&["scan", "corpus.jsonl", "--against", "none.jsonl"], "none.jsonl: no such file or folder");
    refused(&["scan", "corpus.jsonl", "--exact", "--against", "items.jsonl"], "--against compares words");
    refused(&["scan", "corpus.jsonl", "--against", "items.jsonl", "-o", "items.jsonl"], "items.jsonl");
    refused(&["clean", "corpus.jsonl", "-o", "items.jsonl", "--against", "items.jsonl"], "items.jsonl");
    refused(&["clean", "corpus.jsonl", "-o", "o.jsonl", "--against", "items.jsonl", "--remove", "within"], "remove: `repeated-block`");
    refused(&["clean", "corpus.jsonl", "-o", "o.jsonl", "--remove", "contains-item"], "name it with --against");
    refused(&["scan", "corpus.jsonl", "--against-id-field", "id"], "--against");
    refused(&["scan", "corpus.jsonl", "--against", "items.jsonl", "--only", "within"], "--only within looks inside each");
    bench.write("folder/items.jsonl", std::fs::read(bench.path().join("items.jsonl")).unwrap());
    refused(
        &["clean", "corpus.jsonl", "--against", "folder", "-o", "folder/out.jsonl", "--against-text-field", "question"],
        "folder/out.jsonl",
    );
    refused(
        &["clean", "corpus.jsonl", "--against", "folder", "--list-removed", "folder/gone.jsonl", "--against-text-field", "question"],
        "folder/gone.jsonl",
    );
    bench.write("empty.jsonl", "");
    refused(&["scan", "corpus.jsonl", "--against", "empty.jsonl"], "empty.jsonl");
}
