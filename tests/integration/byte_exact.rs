//! `--exact`: texts that differ in any byte are different, whatever they show.

use crate::clean::{read, run};
use crate::workbench::{Bench, names_in, scanned};

#[test]
fn exact_cleaning_removes_nothing_that_differs() {
    let bench = Bench::new();
    let lines = [
        r#"{"id":1,"text":"<p>Profit of <b>5</b> &amp; more</p>"}"#,
        r#"{"id":2,"text":"<div>Profit of 5 & more</div>"}"#,
        r#"{"id":3,"text":"a &amp; b"}"#,
        r#"{"id":4,"text":"a & b"}"#,
        r#"{"id":5,"text":[{"role":"user","content":"a"}]}"#,
        r#"{"id":6,"text":[{"role":"assistant","content":"a"}]}"#,
        r#"{"id":7,"text":["one","two"]}"#,
        r#"{"id":8,"text":"one\n\ntwo"}"#,
    ];
    bench.write("in.jsonl", lines.join("\n") + "\n");
    run(&bench, &["clean", "in.jsonl", "--exact", "-o", "out.jsonl"]);
    assert_eq!(read(&bench, "out.jsonl"), read(&bench, "in.jsonl"));
    // The same JSON is the same text.
    let (_, found) = scanned("twice.jsonl", format!("{}\n{}\n", lines[4], lines[4].replace('5', "9")), &["--exact"]);
    assert_eq!(found.of("pair").len(), 1);
    let files = [
        ("1.html", "<p>abc d</p>"),
        ("2.html", "<p>abc  d</p><!-- x --><script>important()</script>"),
        ("1.md", "---\ntitle: One\n---\nabc\n"),
        ("2.md", "---\ntitle: Two\n---\nabc\n"),
        ("1.xml", "<rss><channel><item><title>a</title></item></channel></rss>"),
        ("2.xml", "<rss><channel><item><title>a</title></item></channel></rss><!-- x -->"),
        ("3.html", "<p>abc d</p>"),
    ];
    files.iter().for_each(|(name, content)| drop(bench.write(&format!("pages/{name}"), content)));
    run(&bench, &["clean", "pages", "--exact", "-o", "cleaned"]);
    let mut kept: Vec<&str> = files.iter().map(|(name, _)| *name).filter(|name| *name != "3.html").collect();
    kept.sort_unstable();
    assert_eq!(names_in(&bench.path().join("cleaned")), kept);
    let refused = bench.run(&["scan", "pages", "--exact", "--warc-html"]);
    assert!(refused.code == 2 && refused.stderr.contains("byte for byte"), "{}", refused.stderr);
}
