//! Tables: what rows, fields and quotes are, what is told of those that cannot be read, and where a text stands in its file.

use crate::workbench::{Bench, Ran, scanned, words};
use refrain::{Corpus, FileCorpus, Locator, Place, Record, SourceOptions, Visitor};

fn skipped(ran: &Ran) -> Vec<&str> {
    ran.stderr.lines().filter_map(|line| line.strip_prefix("skipped: ")).collect()
}

#[test]
fn columns_are_chosen_as_fields_are() {
    let text = words("w", 30);
    let content = format!("url,title,body,published,source\nu1,t,{text},2020-01-01,Courier\nu2,t,{text},2019-01-01,\n");
    let (ran, findings) = scanned("a.csv", &content, &[]);
    assert!(ran.stderr.contains("fields: text from body; id from url; date from published; outlet from source"), "{}", ran.stderr);
    let pair = findings.of("pair")[0];
    assert_eq!((&pair["a"], &pair["b"], &pair["origin"]), (&"u1".into(), &"u2".into(), &"b".into()));
    let named = ["--text-field", "body", "--id-field", "title"];
    let (_, findings) = scanned("a.csv", &content, &named);
    assert_eq!(findings.of("pair")[0]["a"], "a.csv:2");
    let dotted = content.replace("body", "meta.body");
    assert_eq!(scanned("a.csv", dotted, &["--text-field", "meta.body"]).1.of("pair").len(), 1);
}

#[test]
fn rows_that_cannot_be_read_are_told_with_their_lines() {
    let content = b"id,text\n1,\"two\nlines\"\n2\n3,a,b\n\n4,\"open\n5,good\n6,\"a\"b\n8,\"last";
    let (ran, findings) = scanned("a.csv", content, &[]);
    let counted = (findings.summary("documents"), findings.summary("skipped"));
    assert_eq!(counted, (2, 5), "{}", ran.stderr);
    let told: Vec<&str> = skipped(&ran).iter().map(|line| line.split(';').next().unwrap()).collect();
    assert_eq!(
        told,
        [
            "a.csv:4: has 1 fields, the header 2",
            "a.csv:5: has 3 fields, the header 2",
            "a.csv:7: a quote inside a quoted field is not doubled",
            "a.csv:9: a quote inside a quoted field is not doubled",
            "a.csv:10: a quote that opens a field is not closed",
        ]
    );
    let bench = Bench::new();
    bench.write("a.csv", content);
    let strict = bench.run(&["scan", "a.csv", "--strict"]);
    assert!(strict.code == 2 && strict.stderr.contains("a.csv:4: "), "{}", strict.stderr);
}

#[test]
fn a_row_that_is_not_utf8_is_left_out_alone() {
    let rows: String = (0..40).map(|n| format!("{n},\"{n}\nlines\"\n")).collect();
    let (ran, findings) = scanned("a.csv", [b"id,text\n", rows.as_bytes(), b"40,\xFF\n41,a\n"].concat(), &[]);
    assert_eq!((findings.summary("documents"), findings.summary("skipped")), (41, 1));
    assert_eq!(skipped(&ran), ["a.csv:82: bytes that are not UTF-8; name the encoding with --encoding"]);
}

#[test]
fn a_table_without_text_is_told() {
    let (ran, findings) = scanned("a.csv", "id,body_html\n1,x\n2,y\n", &[]);
    assert_eq!((findings.summary("documents"), findings.summary("skipped")), (0, 1));
    let expected = "a.csv:1: no text field (has: id, body_html); name it with --text-field; the table is left out";
    assert_eq!(skipped(&ran), [expected]);
    for empty in ["", "\n", "id,text\n"] {
        let (ran, findings) = scanned("a.csv", empty, &[]);
        assert_eq!((findings.summary("documents"), findings.summary("skipped")), (0, 0), "{}", ran.stderr);
    }
}

#[test]
fn encodings_are_told_as_of_other_files() {
    let arabic = "خبر عاجل من الرياض عن الميزانية الجديدة التي ستعرض على المجلس في الأسبوع المقبل وقال الوزير إن العجز تراجع";
    let content = format!("id,text\n1,{arabic}\n2,{arabic}\n");
    let (legacy, _, _) = encoding_rs::WINDOWS_1256.encode(&content);
    let wide: Vec<u8> = "\u{feff}".encode_utf16().chain(content.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for bytes in [legacy.to_vec(), wide] {
        let (ran, findings) = scanned("a.csv", bytes, &[]);
        assert_eq!(findings.of("pair").len(), 1, "{}", ran.stderr);
    }
}

/// Texts of a file, each with its locator and line, in the order of the file.
#[derive(Default)]
struct Texts(Vec<(String, Locator, u64)>);

impl Visitor for Texts {
    type Output = Vec<(String, Locator, u64)>;

    fn document(&mut self, record: Record<'_>) {
        self.0.push((record.text.into_owned(), record.locator, record.line));
    }
    fn progress(&mut self, _: u64) {}
    fn finish(self) -> Self::Output {
        self.0
    }
}

#[test]
fn large_tables_are_cut_between_rows_and_every_text_is_found_again() {
    let text = |n: usize| format!("row {n} says \"{}\",\nand {}", words(&format!("x{n}-"), 400), "ends, ".repeat(n % 7));
    let rows = (0..1500).map(|n| format!("{n},\"{}\",z\n", text(n).replace('"', "\"\"")));
    let content = "id,text,note\n".to_owned() + &rows.collect::<String>();
    assert!(content.len() > 3 << 20);
    let bench = Bench::new();
    let path = bench.write("a.csv", &content);
    let corpus = FileCorpus::open(&[path], &SourceOptions::default()).unwrap();
    let stretches = corpus.visit(Texts::default).unwrap();
    assert!(stretches.len() > 2);
    let (mut lines, mut number) = (0, 0);
    for stretch in stretches {
        for (found, locator, line) in stretch.output {
            assert_eq!((found.as_str(), lines + line), (text(number).as_str(), 1 + 2 * number as u64));
            assert!(corpus.text(locator).unwrap() == found, "row {number}");
            let Place::Bytes { record, text: Some(place), spelling } = corpus.place(locator).unwrap() else { panic!() };
            let at = |range: std::ops::Range<u64>| &content[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
            assert!(at(record).starts_with(&format!("{number},\"row")));
            assert_eq!(spelling.read(at(place)).unwrap(), found);
            number += 1;
        }
        lines += stretch.lines;
    }
    assert_eq!((number, lines), (1500, 3001));
}
