//! What `refrain clean` keeps by default (facts, lines, parts of sentences), and the limits at which it stops.

use crate::clean::{clean_and_back, of_type, run};
use crate::workbench::{Bench, record, words};
use std::fs;

/// The text file that cleaning leaves.
fn left(text: &str, args: &[&str]) -> String {
    let bench = Bench::new();
    bench.write("in.txt", text);
    clean_and_back(&bench, "in.txt", args).0
}

const LONG: &str = "The harbour board of Ansel Point agreed on Monday to repair the north pier before the storms of the winter come, said its chair, \
    and to let no more than 12 boats lie there until the work is done.";

#[test]
fn a_copy_with_another_fact_stays_whole() {
    for (from, to) in [("12", "13"), ("Monday", "Friday"), ("Ansel", "Harrow"), ("agreed", "has not agreed"), ("north", "south")] {
        let text = format!("{LONG}\n\nSomething else stands in between them.\n\n{}\n", LONG.replace(from, to));
        assert_eq!(left(&text, &[]), text, "{from}");
        assert_ne!(left(&text, &["--facts", "ignore"]), text, "{from}");
        assert_ne!(left(&text, &["--min-similarity", "0.8"]), text, "{from}");
    }
    // Spelling is no fact.
    let text = format!("{LONG}\n\nSomething else.\n\n{}\n", LONG.replace("harbour board", "Harbour-Board"));
    assert_eq!(left(&text, &[]), format!("{LONG}\n\nSomething else.\n"));
}

#[test]
fn of_an_edited_copy_of_several_paragraphs_those_go_that_are_verbatim() {
    let others: Vec<String> = (0..4).map(|n| words(&format!("w{n}x"), 30) + ".").collect();
    let body = others.join("\n\n");
    let edited = body.replace("w2x7 ", "w2x8 ");
    let edited_paragraph = others[2].replace("w2x7 ", "w2x8 ");
    let text = format!("{body}\n\nA line of its own.\n\n{edited}\n");
    assert_eq!(left(&text, &[]), format!("{body}\n\nA line of its own.\n\n{edited_paragraph}\n"));
}

#[test]
fn nothing_is_cut_in_a_sentence_and_a_short_one_is_not_taken_from_elsewhere() {
    let shared = words("s", 40);
    let text = format!("He said that {shared}, which is one thing.\n\nIt is another {shared} as she knew.\n");
    assert_eq!(left(&text, &[]), text);
    let short = "The price of it is five crowns and it can be had in any shop.";
    let text = format!("The first lamp shines red. {short}\n\nThe second lamp shines green, and is larger. {short}\n");
    assert_eq!(left(&text, &[]), text);
    // One that follows itself was doubled.
    assert_eq!(left(&format!("It is red. {short} {short}\n"), &[]), format!("It is red. {short}\n"));
    // A loop reads on as it did.
    let text = format!("{LONG}\n\nAnd so it went on {}until the evening of that day came.\n", "and on ".repeat(9));
    assert_eq!(left(&text, &[]), format!("{LONG}\n\nAnd so it went on and on until the evening of that day came.\n"));
}

#[test]
fn lines_of_lists_verse_and_code_stay_but_a_doubled_body_goes() {
    let chorus = "O come to the water,\nO come to the sea,\nand bring with you the daughter\nthat once was shown to me.\nO come before the morning,\nO come before the day.\n";
    let verse = |n: usize| {
        format!("{}\nand nobody would say\n{}\nwhat he had come to weigh.\n", words(&format!("a{n}"), 6), words(&format!("b{n}"), 6))
    };
    let song = format!("{}\n{chorus}\n{}\n{chorus}\n{}\n{chorus}", verse(1), verse(2), verse(3));
    assert_eq!(left(&song, &[]), song);
    let code = "    if let Some(found) = table.get(&key) {\n        return Ok(found.clone());\n    }\n    let made = make(&key, &options, &mut state)?;\n";
    let file = format!("fn first() {{\n{code}    Ok(made.first())\n}}\n\nfn second() {{\n{code}    Ok(made.second())\n}}\n");
    assert_eq!(left(&file, &[]), file);
    let page = format!("{}\n{}\n{}", verse(1), verse(2), verse(3));
    let page = format!("{page}{}\n", words("end", 20));
    assert_eq!(left(&format!("A title\n\n{page}\n{page}"), &[]), format!("A title\n\n{page}"));
}

#[test]
fn a_teaser_goes_and_the_story_stays() {
    let story = format!("{LONG} The work will cost forty thousand crowns, and will be done by a firm from Brask.");
    let teaser = format!("{}... Read more", &LONG[..LONG.find(" and to let").unwrap()]);
    let other = "Council cuts the fare for children. Read more";
    for (text, expected) in [
        (format!("Stories\n\n{teaser}\n\n{other}\n\n{story}\n"), format!("Stories\n\n{other}\n\n{story}\n")),
        (format!("{story}\n\n{other}\n\n{teaser}\n"), format!("{story}\n\n{other}\n")),
    ] {
        assert_eq!(left(&text, &[]), expected);
    }
}

#[test]
fn labels_and_headlines_go_with_what_stood_under_them() {
    let item = words("i", 30) + ".";
    let text = format!("Title\n\n{item}\n\n{LONG}\n\n## More of it\n\n{item}\n\n## The rest\n\n{}.\n", words("r", 30));
    assert_eq!(left(&text, &[]), format!("Title\n\n{item}\n\n{LONG}\n\n## The rest\n\n{}.\n", words("r", 30)));
}

/// A chain of articles, each like the next: with single linkage all but one would go.
#[test]
fn articles_go_for_one_that_they_were_compared_with() {
    let bench = Bench::new();
    let all: Vec<String> =
        (0..200).map(|n| format!("wort{}", char::from(b"abcdefghijklmnopqrstuvwxyz"[n % 26])).repeat(1 + n / 26)).collect();
    let chain = |n: usize| record(&format!("a{n}"), &all[n * 8..n * 8 + 100].join(" "));
    bench.write("in.jsonl", (0..8).map(chain).collect::<String>());
    let (_, manifest) = clean_and_back(&bench, "in.jsonl", &["--facts", "ignore"]);
    let gone = of_type(&manifest, "removal");
    assert!(!gone.is_empty() && gone.iter().all(|line| line["similarity"].as_f64().unwrap() >= 0.8), "{gone:?}");
    let (_, manifest) = clean_and_back(&bench, "in.jsonl", &["--facts", "ignore", "--linkage", "single"]);
    assert!(of_type(&manifest, "removal").len() == 7);
}

#[test]
fn an_article_with_another_fact_is_no_near_duplicate_to_remove() {
    let bench = Bench::new();
    let body = format!("{LONG} All that was said there was written down by the clerk of the house and laid before the board again.");
    let versions =
        [body.clone(), body.replace("Monday to", "Monday at last to"), body.replace("12", "14"), body.replace("repair", "not repair")];
    bench.write("in.jsonl", versions.iter().enumerate().map(|(n, text)| record(&n.to_string(), text)).collect::<String>());
    let gone = |args: &[&str]| {
        let args = [&["--keep", "first", "--threshold", "0.5"], args].concat();
        let (_, manifest) = clean_and_back(&bench, "in.jsonl", &args);
        of_type(&manifest, "removal").iter().map(|line| line["doc"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(gone(&["--facts", "ignore"]), ["1", "2", "3"]);
    assert!(!gone(&[]).iter().any(|id| id == "2" || id == "3"), "{:?}", gone(&[]));
}

#[test]
fn contained_means_all_of_it_unless_less_is_asked() {
    let bench = Bench::new();
    let part = words("p", 60);
    bench.write(
        "in.jsonl",
        record("long", &format!("{part} {}", words("more", 90)))
            + &record("whole", &part)
            + &record("most", &format!("{} own words", words("p", 58))),
    );
    let gone = |args: &[&str]| {
        let args = [&["--remove", "contained", "--threshold", "0.99"], args].concat();
        let (_, manifest) = clean_and_back(&bench, "in.jsonl", &args);
        of_type(&manifest, "removal").iter().map(|line| line["doc"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(gone(&[]), ["whole"]);
    assert_eq!(gone(&["--contained", "0.9"]), ["whole", "most"]);
    assert_eq!(bench.run(&["clean", "in.jsonl", "-o", "x", "--contained", "0.2"]).code, 2);
}

/// Of one source most is removed, of another nothing.
fn sources(bench: &Bench) {
    let article = |n: usize, outlet: &str, text: usize| {
        format!("{{\"id\":\"{n}\",\"text\":\"{}\",\"outlet\":\"{outlet}\",\"kind\":\"k{}\"}}\n", words(&format!("w{text}x"), 30), n % 2)
    };
    let lines = (0..60).map(|n| if n < 30 { article(n, "Copier", n % 3) } else { article(n, "Daily", n) });
    bench.write("in.jsonl", lines.collect::<String>());
}

#[test]
fn a_run_that_removes_too_much_stops_before_anything_is_written() {
    let bench = Bench::new();
    sources(&bench);
    for limit in ["40%", "0.4", "outlet=50%", "40%,outlet=95%"] {
        let ran = bench.run(&["clean", "in.jsonl", "-o", "out", "--max-removed", limit]);
        assert!(ran.code == 2 && !bench.path().join("out").exists() && !bench.path().join("out.manifest.jsonl").exists(), "{limit}");
        for part in [
            "nothing was written",
            "27 of        60 articles",
            "by source:",
            "Copier",
            "by language:",
            "Latin script",
            "identical",
            "largest clusters",
        ] {
            assert!(ran.stderr.contains(part), "{limit}: {part} in {}", ran.stderr);
        }
    }
    let ran = run(&bench, &["clean", "in.jsonl", "-o", "out", "--max-removed", "50%,outlet=90%,kind=60%"]);
    assert!(ran.stderr.contains("warning: Copier loses 27 of 30 articles"), "{}", ran.stderr);
    assert!(fs::metadata(bench.path().join("out")).is_ok());
    for wrong in ["130%", "much", "=3%", "outlet="] {
        assert_eq!(bench.run(&["clean", "in.jsonl", "-o", "x", "--max-removed", wrong]).code, 2, "{wrong}");
    }
}

#[test]
fn removed_articles_are_listed_without_an_output() {
    let bench = Bench::new();
    bench.write("in/a.jsonl", format!("not json\n{}{}", record("a1", &words("w", 40)), record("a2", &words("w", 40))));
    bench.write("in/b.csv", format!("id,text\nb1,{}\n", words("w", 40)));
    run(&bench, &["clean", "in", "--keep", "first", "--list-removed", "gone.jsonl"]);
    let expected = "{\"id\":\"a2\",\"file\":\"in/a.jsonl\",\"line\":3,\"rule\":\"identical\",\"copy\":\"a1\"}\n\
        {\"id\":\"b1\",\"file\":\"in/b.csv\",\"line\":2,\"rule\":\"identical\",\"copy\":\"a1\"}\n";
    assert_eq!(fs::read_to_string(bench.path().join("gone.jsonl")).unwrap(), expected);
    run(&bench, &["clean", "in", "-o", "out", "--keep", "first", "--list-removed", "gone.txt"]);
    assert_eq!(fs::read_to_string(bench.path().join("gone.txt")).unwrap(), "a2\nb1\n");
    let ran = bench.run(&["clean", "in", "--list-removed", "in/gone.txt"]);
    assert!(ran.code == 2 && !bench.path().join("in/gone.txt").exists(), "{}", ran.stderr);
}

/// The copies of a kept article, in the manifest and in the field of a record.
#[test]
fn copies_of_a_kept_article_are_listed() {
    let bench = Bench::new();
    let article = |id: &str, outlet: &str, date: &str| {
        format!("{{\"id\":\"{id}\",\"text\":\"{}\",\"outlet\":\"{outlet}\",\"date\":\"{date}\"}}\n", words("w", 40))
    };
    let input = article("b", "Daily", "2020-01-03") + &article("a", "Agency", "2020-01-02") + &article("c", "Daily", "2020-01-01");
    bench.write("in.jsonl", input + &record("d", &words("other", 40)));
    let (_, manifest) = clean_and_back(&bench, "in.jsonl", &["--keep", "first"]);
    let kept = of_type(&manifest, "kept");
    let expected = serde_json::json!({ "type": "kept", "doc": "a", "file": "out.jsonl", "copies": 2, "copy_ids": ["b", "c"], "sources": ["Agency", "Daily"],
        "first_seen": "2020-01-01T00:00:00Z" });
    assert_eq!(kept, [&expected]);
    run(&bench, &["clean", "in.jsonl", "-o", "marked.jsonl", "--annotate", "--keep", "first"]);
    let marked = fs::read_to_string(bench.path().join("marked.jsonl")).unwrap();
    assert!(
        marked.contains(r#""keep":true,"copies":2,"copy_ids":["b","c"],"sources":["Agency","Daily"],"first_seen":"2020-01-01T00:00:00Z""#),
        "{marked}"
    );
}

#[test]
fn boilerplate_can_be_left_out_of_the_comparison() {
    let bench = Bench::new();
    let licence = words("licence", 150);
    let article = |n: usize| record(&format!("{n:02}"), &format!("{licence}\n\n{}", words(&format!("own{}x", n / 2), 30)));
    bench.write("in.jsonl", (0..48).map(article).collect::<String>());
    let gone = |args: &[&str]| {
        let args = [&["--facts", "ignore", "--threshold", "0.7"], args].concat();
        let (out, manifest) = clean_and_back(&bench, "in.jsonl", &args);
        (of_type(&manifest, "removal").len(), out.matches("licence0").count())
    };
    assert_eq!(gone(&[]), (47, 1), "all are similar because of the licence");
    assert_eq!(gone(&["--ignore-boilerplate"]), (24, 24));
}

#[test]
fn the_removed_text_can_be_kept_in_a_file_of_its_own() {
    let bench = Bench::new();
    let body = words("w", 60);
    bench.write("in/a.jsonl", record("a", &format!("{body}.\n{body}.\nUnique")) + &record("b", &body) + &record("c", &body));
    bench.write(
        "in/b.parquet",
        crate::parquet::written(&vec![Some(words("p", 40)); 3], 2, ::parquet::file::properties::WriterProperties::builder()),
    );
    bench.write("in/c.csv", format!("id,text\n1,\"{body}\"\n2,\"{}\"\n", words("other", 40)));
    let fields = ["--text-field", "text,meta.body"];
    run(&bench, &[&["clean", "in", "-o", "out", "--removed-text", "file"], &fields[..]].concat());
    let manifest = fs::read_to_string(bench.path().join("out.manifest.jsonl")).unwrap();
    assert!(!manifest.contains("\"removed\":\"") && !manifest.contains("\"type\":\"rows\""), "{manifest}");
    run(&bench, &["restore", "out", "-o", "back"]);
    for name in ["a.jsonl", "c.csv"] {
        assert_eq!(
            fs::read(bench.path().join("in").join(name)).unwrap(),
            fs::read(bench.path().join("back").join(name)).unwrap(),
            "{name}"
        );
    }
    run(&bench, &[&["clean", "in", "-o", "inline"], &fields[..]].concat());
    run(&bench, &["restore", "inline", "-o", "again"]);
    assert_eq!(fs::read(bench.path().join("back/b.parquet")).unwrap(), fs::read(bench.path().join("again/b.parquet")).unwrap());
    let aside = bench.path().join("out.removed.jsonl.zst");
    let whole = fs::read(&aside).unwrap();
    for damaged in
        [&whole[..whole.len() / 2], b"", &zstd::encode_all(&b"{\"type\":\"rows\",\"file\":\"x\",\"bytes\":\"\"}\n"[..], 3).unwrap()]
    {
        fs::write(&aside, damaged).unwrap();
        let ran = bench.run(&["restore", "out", "-o", "none"]);
        assert!(ran.code == 2 && ran.stderr.contains("damaged"), "{}", ran.stderr);
    }
    fs::remove_file(&aside).unwrap();
    assert!(bench.run(&["restore", "out", "-o", "none"]).stderr.contains("out.removed.jsonl.zst"));
    let ran = run(&bench, &[&["clean", "in", "--dry-run"], &fields[..]].concat());
    assert!(ran.stdout.contains("manifest: "), "{}", ran.stdout);
}
