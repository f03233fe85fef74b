//! `refrain clean` on tables: rows that go, stretches of quoted fields, a column more.

use crate::clean::{clean_and_back, of_type, read, run};
use crate::workbench::{Bench, words};

#[test]
fn rows_go_with_their_line_ends_and_the_header_stays() {
    let (a, b) = (words("a", 30), words("b", 30));
    for end in ["\n", "\r\n", "\r"] {
        let bench = Bench::new();
        let table = |rows: &[(&str, &str)]| {
            let rows: Vec<String> = rows.iter().map(|(id, text)| format!("{id},\"{text}\",1.50{end}")).collect();
            format!("id,text,n{end}{end}{}", rows.concat())
        };
        bench.write("in.csv", table(&[("1", &a), ("2", &b), ("3", &a), ("4", &b.to_uppercase())]));
        assert_eq!(clean_and_back(&bench, "in.csv", &[]).0, table(&[("1", &a), ("2", &b)]));
        let input = table(&[("1", &a), ("2", &b), ("3", &a)]);
        bench.write("in.csv", input.trim_end());
        assert_eq!(clean_and_back(&bench, "in.csv", &[]).0, table(&[("1", &a), ("2", &b)]));
        assert_eq!(clean_and_back(&bench, "in.csv", &["--keep", "highest:id"]).0, table(&[("2", &b), ("3", &a)]).trim_end());
    }
}

#[test]
fn stretches_of_a_field_go_and_quotes_stay_in_pairs() {
    let bench = Bench::new();
    let body = words("w", 40);
    let said = format!("He said \"\"{body}\"\"\r\n");
    let row = |text: &str| format!("1;\"{text}\";x\r\n");
    bench.write("in.csv", format!("id;text;note\r\n{}", row(&format!("{said}\r\n{said}\r\nend"))));
    let (out, lines) = clean_and_back(&bench, "in.csv", &[]);
    assert_eq!(out, format!("id;text;note\r\n{}", row(&format!("{said}\r\nend"))));
    let removal = of_type(&lines, "removal")[0];
    assert_eq!(removal["rule"], "repeated-paragraph");
    let span: Vec<usize> = serde_json::from_value(removal["span"].clone()).unwrap();
    assert_eq!(span[1] - span[0], said.len(), "two quotes less, two line ends more");
}

#[test]
fn columns_say_which_of_alike_rows_stays() {
    let bench = Bench::new();
    let text = words("w", 40);
    let row = |id: &str, score: &str, paper: &str| format!("{id},\"{text}\",{score},\"{paper}\"\n");
    let rows = [row("a", "2", "Daily"), row("b", "10.5", "The \"\"Agency\"\""), row("c", "\"9\"", "")];
    bench.write("in.csv", "id,text,score,paper\n".to_owned() + &rows.concat());
    let kept = |keep: &str| {
        clean_and_back(&bench, "in.csv", &["--keep", keep, "--outlet-field", "paper"]).0.lines().nth(1).unwrap()[..1].to_owned()
    };
    assert_eq!(
        ["first", "highest:score", "highest:none", "outlets:the \"agency\",Daily", "outlets:Daily"].map(kept),
        ["a", "b", "a", "b", "a"]
    );
}

#[test]
fn annotating_a_table_adds_columns() {
    let bench = Bench::new();
    let body = words("w", 40);
    let table = format!("id,text,n\r\n1,\"{body}\r\n{body}\",1\r\n2,{body},\r\n3,short\r\n4,\"bad\"quote,x\r\n5,،,7");
    bench.write("in.csv", &table);
    run(&bench, &["clean", "in.csv", "-o", "out.csv", "--annotate"]);
    run(&bench, &["restore", "out.csv", "-o", "back.csv"]);
    assert_eq!(read(&bench, "back.csv"), table);
    let out = read(&bench, "out.csv");
    assert!(
        out.starts_with("id,text,n,refrain,refrain_copies,refrain_copy_ids,refrain_sources,refrain_first_seen\r\n1,")
            && out.contains("\r\n3,short,,,,,\r\n4,\"bad\"quote,x\r\n5,،,7,\"{\"\"keep\"\":true"),
        "{out}"
    );
    assert!(out.contains(",\"{\"\"keep\"\":false,\"\"why\"\":\"\"identical\"\",\"\"copy\"\":\"\"1\"\""), "{out}");
    assert!(out.contains("}\",\"1\",\"[\"\"2\"\"]\",\"[]\",\r\n"), "the counts of the kept article: {out}");
    let scan = bench.scan(&["out.csv"]);
    assert_eq!((scan.summary("documents"), scan.summary("skipped")), (3, 2));
    assert!(bench.run(&["clean", "out.csv", "-o", "x.csv", "--annotate"]).stderr.contains("has a column `refrain` already"));
}

#[test]
fn tables_of_every_way_of_quoting_come_back() {
    let (body, once) = (words("w", 40), words("o", 30));
    let article = |quote: &str| format!("{quote}He{quote} said {body}. {quote}No{quote}. {quote}He{quote} said {body}. Then more.");
    let rows = |write: &dyn Fn(&str, &str) -> String, quote: &str| {
        let other = ["p", "q"].map(|letter| words(letter, 30));
        let texts = [article(quote), format!("{quote}{once}"), other[0].clone() + quote, article(quote), format!("{} more.", other[1])];
        (1..).zip(texts).map(|(id, text)| write(&format!("{id}"), &text)).collect::<String>()
    };
    let tab = |id: &str, text: &str| format!("{id}\t{text}\t2024\r\n");
    let quoted = |id: &str, text: &str| format!("{id},\"{text}, x\",2024\n");
    let spaced = |id: &str, text: &str| format!("{id}, \"{text}, x\" , 2024\n");
    let trailing = |id: &str, text: &str| format!("{id},\"{text}, x\",2024,,\n");
    let tables = [
        ("in.tsv", format!("id\ttext\tdate\r\n{}", rows(&tab, "\""))),
        ("in.csv", format!("id,text,date\n{}", rows(&quoted, "\\\""))),
        ("in.csv", format!("id, text, date\n{}", rows(&spaced, "\"\""))),
        ("in.csv", format!("id,text,date\n{}", rows(&trailing, "\"\""))),
        ("in.csv", format!("id,text,date,\n{}", rows(&quoted, "\"\""))),
        ("in.csv", format!("# from a catalogue\nA list, of \"texts\"\n\nid,text,date\n{}", rows(&quoted, "\"\""))),
    ];
    for (input, table) in tables {
        let bench = Bench::new();
        bench.write(input, &table);
        let (out, lines) = clean_and_back(&bench, input, &["--remove", "identical,near-duplicate,repeated-sentence,repeated-passage"]);
        assert!(out.len() + 300 < table.len() && !of_type(&lines, "removal").is_empty(), "{table}\n{out}");
        let before = bench.scan(&[input]);
        let after = bench.run(&["scan", &input.replace("in", "out"), "--format", "jsonl"]);
        assert!(after.stdout.contains("\"documents\":4,\"empty\":0,\"skipped\":0"), "{out}\n{}", after.stdout);
        assert_eq!((before.summary("documents"), before.summary("skipped")), (5, 0), "{table}");
        run(&bench, &["clean", input, "-o", "marked.csv", "--annotate"]);
        run(&bench, &["restore", "marked.csv", "-o", "back.csv"]);
        assert_eq!(read(&bench, "back.csv"), table);
        let marked = bench.scan(&["marked.csv"]);
        assert_eq!((marked.summary("documents"), marked.summary("skipped")), (5, 0), "{}", read(&bench, "marked.csv"));
    }
}

#[test]
fn a_value_that_would_need_quoting_is_refused() {
    let bench = Bench::new();
    bench.write("in.csv", "id,text\n1,\"a\n2,b\"\n3,c\n");
    let ran = bench.run(&["clean", "in.csv", "-o", "out.csv", "--annotate"]);
    assert!(ran.code == 2 && ran.stderr.contains("in.csv: its quotation marks are text"), "{}", ran.stderr);
}

mod properties {
    use super::*;
    use proptest::prelude::*;
    use std::fs;

    fn table() -> impl Strategy<Value = (String, &'static str)> {
        let sentence = |n: usize| words(["a", "ب", "é", "x\"", "😀t", "c,d;"][n], [12, 30, 11, 26, 3, 14][n]) + ".";
        let unit = (0..6_usize, "(\n|\n\n| |\r\n|\"|, )").prop_map(move |(n, separator)| sentence(n) + &separator);
        let text = prop::collection::vec(unit, 0..7).prop_map(|units| units.concat());
        let row = (text, any::<u8>(), any::<bool>());
        let ends = prop_oneof![Just("\n"), Just("\r\n")];
        (prop::collection::vec(row, 1..9), "[,;\t]", ends, any::<bool>(), 0..3_usize).prop_map(|(rows, delimiter, end, closed, text_at)| {
            let line = |cells: [String; 3]| cells.join(&delimiter) + end;
            let placed = |text: String, id: String| {
                let mut cells = vec![id, "1.50".to_owned()];
                cells.insert(text_at, text);
                <[String; 3]>::try_from(cells).unwrap()
            };
            let row = |(text, id, quoted): (String, u8, bool)| {
                let plain = text.replace(['\r', '\n', ',', ';', '\t'], " ");
                let text = if quoted || plain.starts_with('"') { format!("\"{}\"", text.replace('"', "\"\"")) } else { plain };
                line(placed(text, id.to_string()))
            };
            let all = line(placed("text".into(), "id".into())).replace("1.50", "n") + &rows.into_iter().map(row).collect::<String>();
            (if closed { all } else { all.trim_end_matches(['\r', '\n']).to_owned() }, if delimiter == "\t" { "tsv" } else { "csv" })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn a_table_that_was_cleaned_comes_back_and_is_clean((table, ending) in table(), annotate in any::<bool>()) {
            // Sentences alone have spaces, and a run that reads empty texts alone fails.
            prop_assume!(table.contains(' '));
            let bench = Bench::new();
            let input = format!("in.{ending}");
            bench.write(&input, &table);
            if annotate {
                run(&bench, &["clean", &input, "-o", "out", "--annotate"]);
                run(&bench, &["restore", "out", "-o", "back"]);
                prop_assert_eq!(fs::read(bench.path().join("back")).unwrap(), table.as_bytes());
            } else {
                clean_and_back(&bench, &input, &[]);
            }
        }
    }
}
