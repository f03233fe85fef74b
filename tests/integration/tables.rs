//! Tables: what rows, fields and quotes are, what is told of those that cannot be read, and where a text stands in its file.

use crate::workbench::{Bench, Ran, scanned, unread, words};
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
    let quoted = "a,\"x, y\"\nb,\"x, z\"\nc,\"y, z\"\n";
    let content = format!("id,text\n{quoted}1,\"two\nlines\"\n2\n3,a,b\n\n4,\"open\n5,good\n6,\"a\"b\n8,\"last");
    let (ran, findings) = scanned("a.csv", &content, &[]);
    let counted = (findings.summary("documents"), findings.summary("skipped"));
    assert_eq!(counted, (5, 5), "{}", ran.stderr);
    let told: Vec<&str> = skipped(&ran).iter().map(|line| line.split(';').next().unwrap()).collect();
    assert_eq!(
        told,
        [
            "a.csv:7: has 1 fields, the header 2",
            "a.csv:8: has 3 fields, the header 2",
            "a.csv:10: a quote inside a quoted field is not doubled",
            "a.csv:12: a quote inside a quoted field is not doubled",
            "a.csv:13: a quote that opens a field is not closed",
        ]
    );
    let bench = Bench::new();
    bench.write("a.csv", content);
    let strict = bench.run(&["scan", "a.csv", "--strict"]);
    assert!(strict.code == 2 && strict.stderr.contains("a.csv:7: "), "{}", strict.stderr);
}

/// Rows of `delimiter` with these texts.
fn rows(delimiter: &str, texts: &[String]) -> String {
    (1..).zip(texts).map(|(n, text)| format!("{n}{delimiter}{text}{delimiter}2024-01-{n:02}\n")).collect()
}

#[test]
fn quotation_marks_that_are_text_merge_no_rows() {
    let [same, one, two] = ["s", "o", "t"].map(|letter| words(letter, 30));
    let texts = [same.clone(), format!("\"{one}"), same.clone(), format!("{two}, so he said\""), same, format!("\"{two}")];
    for (name, delimiter) in [("a.tsv", "\t"), ("a.csv", "|"), ("a.csv", ";"), ("a.csv", ",")] {
        let texts = if delimiter == "," { texts.each_ref().map(|text| text.replace(", ", " ")) } else { texts.clone() };
        let content = format!("id{delimiter}text{delimiter}date\n{}7\nbad{delimiter}row\n", rows(delimiter, &texts));
        let (ran, findings) = scanned(name, &content, &[]);
        assert_eq!((findings.summary("documents"), findings.summary("skipped")), (6, 2), "{delimiter:?}: {}", ran.stderr);
        let identical = findings.of("pair").iter().filter(|pair| pair["rule"] == "identical").count();
        assert_eq!(identical, 3, "{delimiter:?}: {}", ran.stdout);
        assert!(ran.stderr.contains("quotation marks are text"), "{}", ran.stderr);
        assert!(skipped(&ran).iter().any(|line| line.contains(":8: has 1 fields, the header 3")), "{}", ran.stderr);
    }
}

#[test]
fn other_ways_of_quoting_are_read() {
    let (a, b) = (words("a", 30), words("b", 30));
    let tables = [
        format!("id,text,n\n1,\"He \\\"said\\\", then {a}\",x\n2,\"{b}, \\\\\",y\n3,\"He \\\"said\\\", then {a}\",x\n"),
        format!("id, text, n\n1, \"{a}, yes\", x\n2, \"{b}\", y\n3, \"{a}, yes\" , x\n"),
        format!("id,text,n\n1,\"{a}, yes\",x,\n2,{b},y,\n3,\"{a}, yes\",x,\n"),
        format!("ID,Text,N,\n1,\"{a}, yes\",x\n2,{b},y\n3,\"{a}, yes\",x\n"),
        format!("Search results for \"storm\"\n\nid,text,n\n1,\"{a}, yes\",x\n2,{b},y\n3,\"{a}, yes\",x\n"),
        format!("# made by hand, text and all\n#\nid,text,n\n1,\"{a}, yes\",x\n2,{b},y\n3,\"{a}, yes\",x\n"),
    ];
    for table in tables {
        for line_end in ["\n", "\r\n"] {
            let (ran, findings) = scanned("a.csv", table.replace('\n', line_end), &[]);
            assert_eq!((findings.summary("documents"), findings.summary("skipped")), (3, 0), "{table}: {}", ran.stderr);
            let pair = findings.of("pair")[0];
            assert_eq!((&pair["rule"], &pair["a"], &pair["b"]), (&"identical".into(), &"1".into(), &"3".into()), "{table}");
        }
    }
}

#[test]
fn the_reading_of_tables_can_be_set() {
    let (a, b) = (words("a", 30), words("b", 30));
    let bench = Bench::new();
    bench.write("a.tsv", format!("text\tid\tabout\ntext\tid\tabout\n\"{a}\"\t1\tx\n\"{b}\"\t2\tx\n"));
    let texts = |args: &[&str]| {
        let ran = bench.run(&[&["clean", "a.tsv", "-o", "out.tsv", "--annotate"], args].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let annotated = std::fs::read_to_string(bench.path().join("out.tsv")).unwrap();
        let quoted = annotated.contains("\"{\"\"keep\"\"");
        (quoted, annotated.matches("keep").count())
    };
    assert_eq!(texts(&[]), (true, 3));
    assert_eq!(texts(&["--no-quotes", "--skip-lines", "1"]), (false, 2));
    bench.write("refrain.toml", "no-quotes = true\nskip-lines = 1\n");
    assert_eq!(texts(&[]), (false, 2));
    assert_eq!(texts(&["--no-quotes=false", "--skip-lines", "0"]), (true, 3));
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
    let bench = Bench::new();
    bench.write("a.csv", "id,body_html\n1,x\n2,y\n");
    let ran = bench.run(&["scan", "a.csv"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    let expected = "a.csv:1: no text field (has: id, body_html); name it with --text-field; if the header is further down, set the number of \
                    lines above it with --skip-lines; the table is left out";
    assert_eq!(skipped(&ran), [expected]);
    for empty in ["", "\n", "id,text\n"] {
        bench.write("a.csv", empty);
        let ran = bench.run(&["scan", "a.csv"]);
        assert!(ran.code == 2 && skipped(&ran).is_empty(), "{}", ran.stderr);
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

#[test]
fn titles_of_spreadsheets_are_no_headers() {
    let texts = [words("a", 30), words("a", 30)];
    let table = |header: &str, delimiter: &str| format!("{header}\r\n{}", rows(delimiter, &texts).replace('\n', "\r\n"));
    for (content, args) in [
        (format!("Articles export 2015,,\r\n{}", table("id,text,date", ",")), &[][..]),
        (format!("Articles export;;\r\n;;\r\n{}", table("id;text;date", ";")), &[]),
        (format!("Report:,Articles,2024\n{}", table("id,text,date", ",")), &[]),
        (format!("Articles,,\n{}", table("id,body copy,date", ",")), &["--text-field", "body copy"]),
        (format!("Text,,\n{}", table("id,text,date", ",")), &[]),
        (table(",text,date", ","), &[]),
    ] {
        let (ran, findings) = scanned("a.csv", &content, args);
        assert_eq!((findings.summary("documents"), findings.of("pair").len()), (2, 1), "{content}\n{}", ran.stderr);
    }
    // Rows are no header, though one has the name of a text.
    for content in ["headline,lede\n1,text\n2,x\n", "id,lede\nnews,text\nsport,x\n"] {
        let ran = unread("a.csv", content, &[]);
        assert!(ran.stderr.contains("(has: ") && ran.stderr.contains("lede)") && ran.stderr.contains("--skip-lines"), "{}", ran.stderr);
    }
    let ran = unread("a.csv", table("id,text,date", ","), &["--skip-lines", "100"]);
    assert!(ran.stderr.contains("the file has 3 lines, and --skip-lines leaves out 100"), "{}", ran.stderr);
}

#[test]
fn empty_fields_at_the_ends_of_some_rows_do_not_count() {
    let row = |n: usize| format!("{n},\"{}\",2024-01-01{}\n", words(&format!("w{}x", n / 2), 30), ["", ",", "", ",,"][n % 4]);
    let content = format!("id,text,date\n{}", (0..20).map(row).collect::<String>());
    let (ran, findings) = scanned("a.csv", content, &[]);
    assert_eq!((findings.summary("documents"), findings.summary("skipped")), (20, 0), "{}", ran.stderr);
}
