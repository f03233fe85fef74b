//! `refrain:ignore-start` and `refrain:ignore-end`: what is between them neither counts nor joins what is around it.

use crate::workbench::{Bench, words};
use serde_json::Value;

/// A text of `head`, ignored lines, and `tail`.
fn marked(head: &str, ignored: &str, tail: &str) -> String {
    format!("{head}\n<!-- refrain:ignore-start -->\n{ignored}\n<!-- refrain:ignore-end -->\n{tail}\n")
}

fn pairs(bench: &Bench, args: &[&str]) -> Vec<Value> {
    let ran = bench.run(&[&["check", "in", "--format", "jsonl", "--fail-on", "none"], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.findings().of("pair").into_iter().cloned().collect()
}

#[test]
fn passages_do_not_reach_over_marks() {
    // 14 and 13 words that both texts have, with a copy of 80 words between them that is ignored.
    let joined = |own: &str| format!("{}\n\n{}", words(own, 60), marked(&words("head", 14), &words("same", 80), &words("tail", 13)));
    let bench = Bench::new();
    bench.write("in/a.txt", joined("a"));
    bench.write("in/b.txt", joined("b"));
    assert!(pairs(&bench, &[]).is_empty(), "{:?}", pairs(&bench, &[]));
    // Another text has both in a row, without marks.
    bench.write("in/b.txt", format!("{}\n\n{} {}", words("b", 60), words("head", 14), words("tail", 13)));
    assert!(pairs(&bench, &[]).is_empty(), "{:?}", pairs(&bench, &[]));
    // Without marks the passage is found.
    bench.write("in/a.txt", format!("{}\n\n{} {}", words("a", 60), words("head", 14), words("tail", 13)));
    assert_eq!(pairs(&bench, &[]).len(), 1);
}

#[test]
fn passages_on_both_sides_of_marks_are_found_apart() {
    let bench = Bench::new();
    let text = |own: &str| format!("{}\n\n{}", words(own, 90), marked(&words("head", 40), &words("same", 80), &words("tail", 40)));
    bench.write("in/a.txt", text("a"));
    bench.write("in/b.txt", text("b"));
    let found = pairs(&bench, &[]);
    let passages = found[0]["passages"].as_array().unwrap();
    assert_eq!((found.len(), passages.len()), (1, 2), "{found:?}");
    assert!(passages.iter().all(|passage| passage["words"] == 40), "{passages:?}");
}

#[test]
fn repetition_inside_a_text_does_not_reach_over_marks() {
    let bench = Bench::new();
    let part = |ignored: &str| marked(&words("head", 14), &words(ignored, 30), &words("tail", 13));
    bench.write("in/a.txt", format!("{}\n\n{}\n\n{}", part("x"), words("own", 50), part("y")));
    let found = bench.run(&["check", "in", "--only", "within", "--format", "jsonl"]).findings();
    let repetitions = found.of("repetition");
    assert!(repetitions.iter().all(|found| found["words"].as_u64().unwrap() <= 14), "{repetitions:?}");
    // Ignored lines that repeat each other are no repetition, and neither are those that repeat what is outside.
    bench.write("in/a.txt", marked(&words("x", 40), &format!("{0}\n{0}\n{1}", words("y", 40), words("x", 40)), &words("z", 40)));
    assert_eq!(bench.run(&["check", "in", "--only", "within"]).code, 0);
}

#[test]
fn ignored_text_does_not_make_texts_alike_nor_different() {
    let bench = Bench::new();
    let near = |args: &[&str]| pairs(&bench, &[&["--only", "near-duplicates"], args].concat());
    // Alike by what is ignored.
    bench.write("in/a.txt", marked(&words("a", 40), &words("same", 400), ""));
    bench.write("in/b.txt", marked(&words("b", 40), &words("same", 400), ""));
    assert!(near(&[]).is_empty(), "{:?}", near(&[]));
    // Alike but for what is ignored.
    bench.write("in/a.txt", marked(&words("w", 100), &words("a", 300), &words("v", 100)));
    bench.write("in/b.txt", marked(&words("w", 100), &words("b", 300), &words("v", 100)));
    let found = near(&[]);
    assert_eq!((found.len(), &found[0]["rule"]), (1, &"identical".into()), "{found:?}");
    // Nothing but ignored text is nothing.
    bench.write("in/a.txt", marked("", &words("same", 100), ""));
    bench.write("in/b.txt", marked("", &words("same", 100), ""));
    assert!(pairs(&bench, &[]).is_empty());
    // A header that is ignored changes nothing.
    bench.write("in/a.txt", marked("", &words("same", 100), &words("w", 50)));
    bench.write("in/b.txt", words("w", 50));
    assert_eq!(pairs(&bench, &[])[0]["rule"], "identical");
}

#[test]
fn ignored_text_leaves_both_parts_of_the_duplication() {
    let bench = Bench::new();
    let share = |args: &[&str]| {
        bench.run(&[&["check", "in", "--format", "jsonl", "--fail-on", "none"], args].concat()).findings().of("summary")[0]["duplication"]
            .as_f64()
            .unwrap()
    };
    // A hundred words of a hundred and fifty are copied in the second text; nothing of the first is.
    let (first, second) = (words("w", 100), format!("{}\n{}", words("w", 100), words("o", 50)));
    bench.write("in/a.txt", &first);
    bench.write("in/b.txt", &second);
    let before = share(&[]);
    assert!(before > 0.3 && before < 0.5, "{before}");
    bench.write("in/b.txt", marked(&words("w", 100), &words("x", 2000), &words("o", 50)));
    let after = share(&[]);
    assert!((before - after).abs() < 0.02, "{before} {after}");
    // Ignored text in a copied article leaves what is copied as well.
    let copy = marked(&words("w", 60), &words("x", 900), &words("v", 60));
    bench.write("in/a.txt", &copy);
    bench.write("in/b.txt", &copy);
    assert!((share(&[]) - 0.5).abs() < 0.02, "{}", share(&[]));
}

#[test]
fn marks_that_are_not_closed_are_said() {
    let bench = Bench::new();
    bench.write("in/a.txt", format!("one\n# refrain:ignore-start\n{0}\n{0}\n", words("w", 40)));
    bench.write("in/b.txt", format!("two\n# refrain:ignore-end\n{0}\n{0}\n", words("v", 40)));
    bench.write("in/c.txt", format!("Write `refrain:ignore-start` before it.\n{0}\n{0}\n", words("u", 40)));
    let ran = bench.run(&["check", "in", "--only", "within", "--format", "jsonl"]);
    assert!(
        ran.stderr.contains("in/a.txt:2: refrain:ignore-start without refrain:ignore-end: everything after it is ignored"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("in/b.txt:2: refrain:ignore-end without refrain:ignore-start before it"), "{}", ran.stderr);
    let found = ran.findings();
    let docs: Vec<&Value> = found.of("repetition").iter().map(|found| &found["doc"]).collect();
    assert_eq!(docs, ["in/b.txt", "in/c.txt"]);
}

#[test]
fn capital_letters_and_missing_spaces_make_no_difference() {
    for [start, end] in [
        ["<!--refrain:ignore-start-->", "<!--refrain:ignore-end-->"],
        ["<!-- Refrain:Ignore-Start -->", "<!-- Refrain:Ignore-End -->"],
        ["/*REFRAIN:IGNORE-START*/", "/*REFRAIN:IGNORE-END*/"],
    ] {
        let bench = Bench::new();
        bench.write("in/a.md", format!("{}\n\n{start}\n{}\n{end}\n", words("a", 60), words("same", 80)));
        bench.write("in/b.md", format!("{}\n\n{start}\n{}\n{end}\n", words("b", 60), words("same", 80)));
        assert!(pairs(&bench, &[]).is_empty(), "{start}: {:?}", pairs(&bench, &[]));
    }
}

#[cfg(feature = "html")]
#[test]
fn marks_in_the_comments_of_a_page_ignore_what_it_shows_between_them() {
    let page = |own: &str, [start, end]: [&str; 2]| {
        let [head, same, tail] = [words("head", 14), words("same", 80), words("tail", 13)];
        let own = words(own, 60);
        format!("<!DOCTYPE html><html><body><p>{own}</p><p>{head}</p>{start}<p>{same}</p>\n{end}<p>{tail}</p></body></html>")
    };
    let bench = Bench::new();
    let write = |marks: [&str; 2]| ["a", "b"].map(|name| drop(bench.write(&format!("in/{name}.html"), page(name, marks))));
    for marks in
        [["<!-- refrain:ignore-start -->", "<!-- refrain:ignore-end -->"], ["<!--Refrain:Ignore-Start x=y-->", "<!--refrain:ignore-end-->"]]
    {
        write(marks);
        assert!(pairs(&bench, &[]).is_empty(), "{marks:?}: {:?}", pairs(&bench, &[]));
        // Commands that know no marks read the page as it is shown.
        assert_eq!(bench.scan(&["in"]).of("pair")[0]["passages"][0]["words"], 107);
    }
    for marks in [["<!-- see refrain:ignore-start -->", "<!-- refrain:ignore-ends -->"], ["", ""]] {
        write(marks);
        assert_eq!(pairs(&bench, &[]).len(), 1, "{marks:?}");
    }
    write(["<!-- refrain:ignore-start -->", ""]);
    assert!(pairs(&bench, &[]).is_empty());
    let ran = bench.run(&["check", "in"]);
    assert!(
        ran.stderr.contains("note: in/a.html: refrain:ignore-start without refrain:ignore-end: everything after it is ignored"),
        "{}",
        ran.stderr
    );
    // An index ignores the same.
    #[cfg(feature = "index")]
    {
        write(["<!-- refrain:ignore-start -->", "<!-- refrain:ignore-end -->"]);
        bench.run(&["index", "add", "db", "in/a.html"]);
        let ran = bench.run(&["check", "in/b.html", "--index", "db", "--add"]);
        assert!(ran.code == 0 && ran.stderr.contains("1 added, 0 replaced"), "{} {}", ran.stdout, ran.stderr);
        assert!(bench.run(&["check", "in/b.html", "--index", "db", "--add"]).stderr.contains("0 added, 0 replaced, 1 unchanged"));
    }
}

#[cfg(feature = "index")]
#[test]
fn an_index_ignores_what_a_check_ignores() {
    let bench = Bench::new();
    let text = |own: &str| format!("{}\n\n{}", words(own, 60), marked(&words("head", 14), &words("same", 80), &words("tail", 13)));
    bench.write("in/a.txt", text("a"));
    assert_eq!(bench.run(&["index", "add", "db", "in/a.txt"]).code, 0);
    assert!(bench.run(&["check", "in/a.txt", "--index", "db", "--add"]).stderr.contains("0 added, 0 replaced, 1 unchanged"));
    bench.write("in/b.txt", text("b"));
    for flags in [&[][..], &["--add"]] {
        let ran = bench.run(&[&["check", "in/b.txt", "--index", "db", "--format", "jsonl"], flags].concat());
        assert!(ran.code == 0 && ran.findings().of("pair").is_empty(), "{}", ran.stdout);
    }
}
