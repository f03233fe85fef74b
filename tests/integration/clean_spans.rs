//! `refrain clean --remove reused-passage`: runs that several articles have, and what stays of them.

use crate::clean::{clean_and_back, of_type, run};
use crate::workbench::{Bench, record, words};
use serde_json::{Value, json};

/// The texts that are left, by id.
fn left(out: &str) -> Vec<(String, String)> {
    let parsed = out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    parsed.map(|record| (record["id"].as_str().unwrap().to_owned(), record["text"].as_str().unwrap().to_owned())).collect()
}

fn sentence(salt: &str, count: usize) -> String {
    format!("T{}.", words(salt, count))
}

#[test]
fn the_first_copy_of_a_run_stays_and_others_go_by_whole_sentences() {
    let bench = Bench::new();
    let shared = [sentence("s", 30), sentence("t", 30)].join(" ");
    let texts = [
        ("a", format!("{}\n{shared} {}", sentence("a", 20), sentence("b", 20))),
        ("b", format!("{}\nIn part {shared} Of another {}", sentence("c", 20), sentence("d", 20))),
        ("c", format!("{shared}\n{}", sentence("e", 20))),
        ("d", format!("{}\n{}", sentence("f", 20), sentence("s", 30))),
    ];
    bench.write("in.jsonl", texts.iter().map(|(id, text)| record(id, text)).collect::<String>());
    let args = ["--remove", "reused-passage", "--keep", "first"];
    let (out, manifest) = clean_and_back(&bench, "in.jsonl", &args);
    let left_of_b = format!("{}\nIn part {} Of another {}", sentence("c", 20), sentence("s", 30), sentence("d", 20));
    // "In part" belongs to the sentence behind it, which is none of the run.
    assert_eq!(
        left(&out),
        [
            ("a".to_owned(), texts[0].1.clone()),
            ("b".to_owned(), left_of_b),
            ("c".to_owned(), sentence("e", 20)),
            ("d".to_owned(), texts[3].1.clone()),
        ]
    );
    let removals = of_type(&manifest, "removal");
    assert_eq!(removals.len(), 2);
    let copied = removals[1]["copy"]["span"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| usize::try_from(edge.as_u64().unwrap()).unwrap())
        .collect::<Vec<_>>();
    assert_eq!(removals[1]["rule"], "reused-passage");
    assert_eq!(removals[1]["copy"]["doc"], "a");
    assert_eq!(&texts[0].1[copied[0]..copied[1]], shared.trim_end_matches('.'));
    let (out, _) = clean_and_back(&bench, "in.jsonl", &[&args[..], &["--keep-copies", "0"]].concat());
    assert_eq!(left(&out)[0].1, format!("{}\n{}", sentence("a", 20), sentence("b", 20)));
    let (out, _) = clean_and_back(&bench, "in.jsonl", &[&args[..], &["--keep-copies", "2"]].concat());
    assert!(left(&out)[1].1 == texts[1].1 && left(&out)[2].1 == sentence("e", 20));
    let (out, _) = clean_and_back(&bench, "in.jsonl", &[&args[..], &["--spans", "25"]].concat());
    assert_eq!(left(&out)[3].1, sentence("f", 20));
}

#[test]
fn lines_paragraphs_and_sentences_go_across_articles() {
    let bench = Bench::new();
    let body = |salt: &str| sentence(salt, 20);
    let texts = [
        ("a", format!("Read more\n{}\nAll rights reserved", body("a"))),
        ("b", format!("Read more\n{}\nAll rights reserved", body("b"))),
        ("c", format!("{} One more. And one. And this. {}", body("c"), body("d"))),
        ("d", format!("{} One more. And one. And this. {}", body("e"), body("f"))),
        ("e", "Read more\nAll rights reserved".to_owned()),
    ];
    bench.write("in.jsonl", texts.iter().map(|(id, text)| record(id, text)).collect::<String>());
    let args = |unit| ["--remove", "reused-passage", "--keep", "first", "--spans", unit];
    let (out, manifest) = clean_and_back(&bench, "in.jsonl", &args("lines"));
    let texts_left = left(&out);
    assert_eq!(texts_left[1].1, body("b"));
    assert_eq!((texts_left.len(), &texts_left[3].1), (4, &texts[3].1), "an article of which nothing is left goes");
    assert_eq!(of_type(&manifest, "removal").iter().filter(|line| line["span"].is_null()).count(), 1);
    let (out, _) = clean_and_back(&bench, "in.jsonl", &args("3-sentences"));
    assert_eq!(left(&out)[3].1, format!("{} {}", body("e"), body("f")));
    for wrong in ["3-words-more", "7", "0-sentences", "pages"] {
        assert_eq!(bench.run(&["clean", "in.jsonl", "-o", "x", "--remove", "reused-passage", "--spans", wrong]).code, 2, "{wrong}");
    }
}

#[test]
fn common_runs_are_those_of_many_articles_and_memory_changes_nothing() {
    let bench = Bench::new();
    let (common, pair) = (sentence("common", 60), sentence("pair", 60));
    let article = |n: usize| {
        let mut text = format!("{}\n{common}", sentence(&format!("own{n}x"), 20));
        if n < 2 {
            text = format!("{text}\n{pair}");
        }
        json!({ "id": format!("{n:03}"), "text": text, "date": format!("2020-01-{:02}", 30 - n) }).to_string() + "\n"
    };
    bench.write("in.jsonl", (0..25).map(article).collect::<String>());
    let (out, _) = clean_and_back(&bench, "in.jsonl", &["--remove", "common-run"]);
    assert_eq!((out.matches("Tcommon0").count(), out.matches("Tpair0").count()), (1, 2));
    assert!(left(&out)[24].1.contains("Tcommon0"), "the earliest has it");
    let (both, manifest) = clean_and_back(&bench, "in.jsonl", &["--remove", "common-run,reused-passage"]);
    assert_eq!((both.matches("Tcommon0").count(), both.matches("Tpair0").count()), (1, 1));
    let rules: Vec<&str> = of_type(&manifest, "removal").iter().map(|line| line["rule"].as_str().unwrap()).collect();
    // In one article both follow each other, and go together.
    assert_eq!((rules.len(), rules.iter().filter(|rule| **rule == "common-run").count()), (24, 23));
    for more in [&["--memory", "1M"][..], &["--jobs", "1"], &["--jobs", "3"]] {
        run(&bench, &[&["clean", "in.jsonl", "-o", "again.jsonl", "--remove", "common-run,reused-passage"], more].concat());
        assert_eq!(std::fs::read_to_string(bench.path().join("again.jsonl")).unwrap(), both);
    }
}

#[test]
fn a_headline_that_is_a_kept_copy_is_not_removed_for_want_of_content() {
    let bench = Bench::new();
    let line = "The council approved the new budget on Monday after a long debate about roads.";
    let texts = [
        ("a", format!("{line}\nSecond line of the first article, which is much longer than all others here.")),
        ("b", format!("Opening line of the article b with several words of its own here.\nINTRODUCTION\n{line}")),
        ("c", "INTRODUCTION\nSomething else.".to_owned()),
    ];
    bench.write("in.jsonl", texts.iter().map(|(id, text)| record(id, text)).collect::<String>());
    let (out, _) = clean_and_back(&bench, "in.jsonl", &["--remove", "reused-passage", "--spans", "lines", "--keep", "first"]);
    assert_eq!(left(&out)[1].1, "Opening line of the article b with several words of its own here.\nINTRODUCTION\n");
    assert_eq!(left(&out)[2].1, "Something else.");
}

#[test]
fn articles_of_one_date_keep_their_order_when_they_get_shorter() {
    let bench = Bench::new();
    let shared = "lake ocean pond stream brook creek bay gulf";
    let texts = [
        (
            "a",
            "2020-01-01",
            "Alpha one two three four five six seven eight nine ten. Gold silver copper iron lead tin zinc nickel cobalt.".to_owned(),
        ),
        (
            "b",
            "2020-01-25",
            format!(
                "River {shared}, gold silver copper iron lead tin zinc nickel cobalt. Alpha one two three four five six seven eight nine ten."
            ),
        ),
        ("c", "2020-01-25", format!("Before that, river {shared} or sea, then one more and two. Own ending of c here.")),
    ];
    let lines = texts.iter().map(|(id, date, text)| json!({"id": id, "date": date, "text": text}).to_string() + "\n");
    bench.write("in.jsonl", lines.collect::<String>());
    // It cleans the output again, and nothing more is removed.
    clean_and_back(&bench, "in.jsonl", &["--remove", "reused-passage", "--spans", "8", "--min-words", "8"]);
}
