//! `refrain report`: what it reads from every format, and the tables that it writes in every form.

use crate::report::{newsroom, report};
use crate::workbench::{Bench, words};
use serde_json::{Value, json};

/// Two articles that share their body, as rows.
fn articles() -> [[String; 6]; 2] {
    let body = words("body", 60);
    let row = |id: &str, outlet: &str, date: &str, title: &str, author: &str, text: String| {
        [id, outlet, date, title, author, text.as_str()].map(str::to_owned)
    };
    [
        row("one", "Courier", "2025-03-01", "The \"first\", told", "A. Writer", format!("Opening line\n{body}")),
        row("two", "Herald", "2025-03-02", "", "", format!("Second opening\n{body}")),
    ]
}

/// Outlet, date, title, author and address of the articles of a page.
fn told(folder: &std::path::Path, args: &[&str]) -> Value {
    let page = report(folder, args);
    let outlets: Vec<&Value> = page.data["outlets"].as_array().unwrap().iter().map(|outlet| &outlet["name"]).collect();
    let column = |name: &str| page.column("articles", name).clone();
    let named: Vec<&Value> = column("outlet").iter().map(|at| outlets[usize::try_from(at.as_u64().unwrap()).unwrap()]).collect();
    json!({ "outlet": named, "date": column("date"), "title": column("title"), "author": column("author"), "url": column("url") })
}

#[test]
fn tables_and_json_say_the_same_of_an_article() {
    let bench = Bench::new();
    let names = ["id", "outlet", "date", "headline", "byline", "text", "link"];
    let link = |id: &str| format!("https://example.org/{id}");
    let rows = articles().map(|row| [&row[..], &[link(&row[0])]].concat());
    let quoted = |row: &[String]| row.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect::<Vec<_>>().join(",");
    bench.write("a.csv", format!("{}\n{}\n{}\n", names.join(","), quoted(&rows[0]), quoted(&rows[1])));
    let object =
        |row: &Vec<String>| Value::Object(names.iter().map(|name| (*name).to_owned()).zip(row.iter().map(|field| json!(field))).collect());
    bench.write("a.jsonl", rows.iter().map(|row| format!("{}\n", object(row))).collect::<String>());
    bench.write("a.json", json!(rows.iter().map(object).collect::<Vec<_>>()).to_string());
    let expected = json!({
        "outlet": ["Courier", "Herald"], "date": [1_740_787_200, 1_740_873_600], "title": ["The \"first\", told", "Second opening"],
        "author": ["A. Writer", null], "url": [link("one"), link("two")],
    });
    for file in ["a.csv", "a.jsonl", "a.json"] {
        assert_eq!(told(bench.path(), &[file]), expected, "{file}");
    }
    let tabs = rows.iter().map(|row| row.join("\t").replace('\n', " ") + "\n").collect::<String>();
    bench.write("a.tsv", format!("{}\n{tabs}", names.join("\t").replace("headline", "title")));
    assert_eq!(told(bench.path(), &["a.tsv"])["title"][0], "The \"first\", told");
}

#[test]
fn a_crawl_gives_address_host_date_and_first_line() {
    let bench = Bench::new();
    let record = |row: &[String; 6]| {
        let [id, outlet, date, _, _, text] = row;
        let head = format!("WARC-Type: conversion\r\nWARC-Target-URI: https://{outlet}.example/{id}\r\nWARC-Date: {date}T00:00:00Z\r\n");
        format!("WARC/1.0\r\n{head}Content-Length: {}\r\n\r\n{text}\r\n\r\n", text.len())
    };
    bench.write("a.wet", articles().iter().map(record).collect::<String>());
    let expected = json!({
        "outlet": ["courier.example", "herald.example"], "date": [1_740_787_200, 1_740_873_600], "title": ["Opening line", "Second opening"],
        "author": [null, null], "url": ["https://Courier.example/one", "https://Herald.example/two"],
    });
    assert_eq!(told(bench.path(), &["a.wet"]), expected);
}

#[test]
fn numbers_stand_for_names_in_tables_as_on_the_page() {
    let bench = Bench::new();
    newsroom(&bench);
    let page = report(bench.path(), &["news.jsonl", "--anonymise", "--lang", "ar"]);
    let id =
        |number: &Value| page.column("articles", "id")[usize::try_from(number.as_u64().unwrap()).unwrap()].as_str().unwrap().to_owned();
    let outlet = |number: &Value| {
        let at = page.column("articles", "outlet")[usize::try_from(number.as_u64().unwrap()).unwrap()].as_i64().unwrap();
        usize::try_from(at).map_or(String::new(), |at| page.data["outlets"][at]["name"].as_str().unwrap().to_owned())
    };
    let args = ["report", "news.jsonl", "--format", "csv", "--anonymise", "--lang", "ar", "--quiet"];
    let csv = bench.run(&args).stdout;
    let rows: Vec<Vec<&str>> = csv.lines().skip(1).map(|line| line.split(',').skip(1).take(4).collect()).collect();
    let pairs = page.column("pairs", "a").iter().zip(page.column("pairs", "b"));
    let expected: Vec<Vec<String>> = pairs.map(|(a, b)| vec![id(a), id(b), outlet(a), outlet(b)]).collect();
    assert_eq!(rows, expected);
    assert!(rows.len() > 10 && rows.iter().any(|row| row[2] == "جهة 1"), "{csv}");
    for table in ["pairs", "passages", "outlets", "sources", "clusters", "repetitions", "boilerplate"] {
        for form in ["csv", "markdown"] {
            let written = bench.run(&["report", "news.jsonl", "--format", form, "--table", table, "--anonymise", "--quiet"]).stdout;
            for name in ["Agency", "Morning", "Evening", "a00", "b03", "c01", "z07"] {
                assert!(!written.contains(name), "{name} in {table} as {form}");
            }
            assert!(written.contains("Outlet ") || ["passages", "boilerplate"].contains(&table), "{table} as {form}");
        }
    }
}

#[test]
fn a_page_says_what_its_characters_become() {
    let bench = Bench::new();
    let text = format!("Ré ½ 語 كتابٌ — {}", words("same", 40));
    bench.write(
        "a.jsonl",
        [json!({ "id": 1, "text": text }), json!({ "id": 2, "text": text })].map(|article| format!("{article}\n")).concat(),
    );
    let letters = |fold: &str| report(bench.path(), &["a.jsonl", "--fold", fold]).data["letters"].clone();
    let full = letters("full");
    assert_eq!(full["same"][1], "語");
    assert_eq!(full["dropped"], "\u{64c}");
    assert_eq!(full["folded"], json!([["R", "1r"], ["½", "110 12"], ["é", "1e"]]));
    let none = letters("none");
    assert_eq!((&none["dropped"], &none["folded"], &none["same"][2]), (&json!(""), &json!([]), &json!("\u{64c}")));
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_build_without_parquet_says_so_before_it_reads() {
    let bench = Bench::new();
    newsroom(&bench);
    let ran = bench.run(&["report", "news.jsonl", "--format", "parquet", "-o", "t.parquet"]);
    assert!(ran.code == 2 && ran.stderr.contains("build with the feature `parquet`"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("fields:") && !bench.path().join("t.parquet").exists());
}

#[cfg(feature = "parquet")]
mod parquet {
    use super::{articles, told};
    use crate::report::newsroom;
    use crate::workbench::{Bench, Findings, Run};
    use ::parquet::basic::{LogicalType, TimeUnit};
    use ::parquet::file::properties::WriterProperties;
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    use ::parquet::file::writer::SerializedFileWriter;
    use ::parquet::record::{Field, RowAccessor};
    use ::parquet::schema::parser::parse_message_type;
    use bytes::Bytes;
    use serde_json::json;
    use std::sync::Arc;

    #[test]
    fn columns_say_what_json_says() {
        use ::parquet::data_type::{ByteArray, ByteArrayType};
        let bench = Bench::new();
        let names = ["id", "outlet", "date", "title", "author", "text"];
        let columns: String = names.iter().map(|name| format!("required binary {name} (UTF8); ")).collect();
        let schema = Arc::new(parse_message_type(&format!("message m {{ {columns} }}")).unwrap());
        let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(WriterProperties::builder().build())).unwrap();
        let mut rows = writer.next_row_group().unwrap();
        for at in 0..names.len() {
            let mut column = rows.next_column().unwrap().unwrap();
            let values = articles().map(|row| ByteArray::from(row[at].as_str()));
            column.typed::<ByteArrayType>().write_batch(&values, None, None).unwrap();
            column.close().unwrap();
        }
        rows.close().unwrap();
        bench.write("a.parquet", writer.into_inner().unwrap());
        let expected = json!({
            "outlet": ["Courier", "Herald"], "date": [1_740_787_200, 1_740_873_600], "title": ["The \"first\", told", "Second opening"],
            "author": ["A. Writer", null], "url": [null, null],
        });
        assert_eq!(told(bench.path(), &["a.parquet"]), expected);
    }

    /// The cells of a CSV without quotes.
    fn csv(bench: &Bench, table: &str) -> Vec<Vec<String>> {
        let ran = bench.run(&["report", "news.jsonl", "--format", "csv", "--table", table, "--quiet"]);
        ran.stdout.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
    }

    /// A value as CSV has it.
    fn cell(field: &Field) -> String {
        match field {
            Field::Null => String::new(),
            Field::TimestampMillis(at) => jiff::Timestamp::from_millisecond(*at).unwrap().to_string(),
            Field::Str(text) => text.clone(),
            Field::Long(number) => number.to_string(),
            Field::Double(number) => number.to_string(),
            Field::Bool(flag) => flag.to_string(),
            Field::ListInternal(list) => list.elements().iter().map(cell).collect::<Vec<_>>().join(" "),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_table_holds_what_its_csv_holds() {
        let bench = Bench::new();
        newsroom(&bench);
        for table in ["pairs", "passages", "outlets", "sources", "clusters", "repetitions", "boilerplate"] {
            let ran = bench.run(&["report", "news.jsonl", "--format", "parquet", "--table", table, "-o", "t.parquet", "--quiet"]);
            assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
            let file = Bytes::from(std::fs::read(bench.path().join("t.parquet")).unwrap());
            let reader = SerializedFileReader::new(file).unwrap();
            let rows: Vec<Vec<String>> = reader
                .get_row_iter(None)
                .unwrap()
                .map(|row| row.unwrap().get_column_iter().map(|(_, field)| cell(field)).collect())
                .collect();
            let expected = csv(&bench, table);
            let columns = reader.metadata().file_metadata().schema().get_fields().iter().map(|field| field.name().to_owned());
            assert_eq!(columns.collect::<Vec<_>>(), expected[0], "{table}");
            assert!(rows == expected[1..] && !rows.is_empty(), "{table}: {rows:?}\n{expected:?}");
        }
    }

    #[test]
    fn columns_have_types_and_nothing_is_null() {
        let bench = Bench::new();
        newsroom(&bench);
        let ran = Run::new(&["report", "news.jsonl", "--format", "parquet", "--quiet", "-o", "t.parquet"]).folder(bench.path()).go();
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let reader = SerializedFileReader::new(Bytes::from(std::fs::read(bench.path().join("t.parquet")).unwrap())).unwrap();
        let schema = reader.metadata().file_metadata().schema_descr();
        let column = |name: &str| schema.columns().iter().position(|column| column.name() == name).unwrap();
        let date = schema.column(column("a_date"));
        assert!(matches!(date.logical_type_ref(), Some(LogicalType::Timestamp(t)) if t.is_adjusted_to_u_t_c && t.unit == TimeUnit::MILLIS));
        let findings: Findings = bench.run(&["scan", "news.jsonl", "--format", "jsonl"]).findings();
        let pairs = findings.of("pair");
        let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows.len(), pairs.len());
        let (mut unknown, mut known) = (0, 0);
        for (row, pair) in rows.iter().zip(pairs) {
            assert_eq!(row.get_double(column("jaccard")).unwrap(), pair["jaccard"].as_f64().unwrap());
            assert_eq!(row.get_long(column("passages")).unwrap(), i64::try_from(pair["passages"].as_array().unwrap().len()).unwrap());
            match row.get_timestamp_millis(column("b_date")) {
                Ok(at) => {
                    known += 1;
                    assert_eq!(at % 86_400_000, 0);
                }
                Err(_) => unknown += 1,
            }
        }
        assert!(unknown > 0 && known > 0, "{unknown} {known}");
    }
}

#[test]
fn no_text_of_a_csv_table_is_a_formula() {
    let bench = Bench::new();
    let body = words("body", 60);
    let boilerplate = format!("=HYPERLINK(\"x\") {}", words("line", 30));
    let starts = ["=1+1", "+1", "-1", "@x", "\tx", "\rx"];
    let article = |id: &str, outlet: &str, day: usize, text: &str| {
        json!({ "id": id, "outlet": outlet, "date": format!("2025-03-{day:02}"), "text": format!("{text}\n\n{boilerplate}") }).to_string()
            + "\n"
    };
    let copies = (1..).zip(starts).flat_map(|(day, start)| ["a", "b"].map(|copy| article(&format!("{start}{copy}"), start, day, &body)));
    let others = (0..20).map(|n| article(&format!("={n}"), "=o", 9, &format!("{0}\n\n{0}", words(&format!("w{n}x"), 40))));
    bench.write("a.jsonl", copies.chain(others).collect::<String>());
    let sheets = ["pairs", "passages", "outlets", "sources", "clusters", "repetitions", "boilerplate"];
    let mut guarded = 0;
    for sheet in sheets {
        let ran = bench.run(&["report", "a.jsonl", "--format", "csv", "--table", sheet, "--boilerplate", "15"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let texts = cells(&ran.stdout);
        let is_number = |cell: &str| cell.parse::<f64>().is_ok() && !cell.starts_with('+');
        let formula = texts.iter().find(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(cell));
        assert_eq!(formula, None, "{sheet}");
        let of_sheet = texts.iter().filter(|cell| cell.starts_with('\'')).count();
        assert!(of_sheet > 0, "{sheet}: {}", ran.stdout);
        guarded += of_sheet;
    }
    assert!(guarded > 100, "{guarded}");
}

/// The cells of a CSV table, without their quotes.
fn cells(table: &str) -> Vec<String> {
    let (mut found, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    for c in table.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => found.push(std::mem::take(&mut cell)),
            '\n' if !quoted => found.push(std::mem::take(&mut cell).trim_end_matches('\r').to_owned()),
            c => cell.push(c),
        }
    }
    found
}
