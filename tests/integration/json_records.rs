//! JSON as people and programs write it: records of known collectors, lists under a key, texts in several strings, numbers that JSON does not have.

use crate::workbench::{Bench, Ran, scanned, words};
use serde_json::{Value, json};

/// Two articles of 40 words that are equal, and one of its own, by two outlets; `form` writes them.
fn articles(form: impl Fn(&str, &str, &str) -> Value) -> Vec<Value> {
    let text = words("w", 40);
    vec![form("bow", "2024-01-01", &text), form("aft", "2024-01-02", &text), form("aft", "2024-01-03", &words("own", 40))]
}

fn lines(values: &[Value]) -> String {
    values.iter().map(|value| value.to_string() + "\n").collect()
}

/// Checks that a file of these articles is read: with dates, and with outlets of these names.
fn assert_read(name: &str, content: &str, outlets: Option<(&str, &str)>) {
    let bench = Bench::new();
    bench.write(name, content);
    let ran = bench.run(&["scan", name, "--format", "jsonl"]);
    let findings = ran.findings();
    assert_eq!((findings.summary("documents"), findings.summary("skipped")), (3, 0), "{content}\n{}", ran.stderr);
    let pair = findings.of("pair")[0];
    assert!(pair["rule"] == "identical" && !pair["origin"].is_null(), "{content}: {pair}");
    if let Some((bow, aft)) = outlets {
        let table = bench.run(&["report", name, "--format", "csv", "--table", "outlets"]).stdout;
        assert!(table.lines().any(|row| row.starts_with(&format!("{aft},{bow},"))), "{content}\n{table}");
    }
}

/// Checks that records of a form are read, a line each and in a list under a key.
fn assert_form(outlets: (&str, &str), form: impl Fn(&str, &str, &str) -> Value) {
    let values = articles(form);
    assert_read("a.jsonl", &lines(&values), Some(outlets));
    assert_read("a.json", &json!({"status": "ok", "count": 3, "data": {"items": values}}).to_string(), Some(outlets));
}

const HOSTS: (&str, &str) = ("bow.example", "aft.example");
const NAMES: (&str, &str) = ("Bow Times", "Aft Daily");

fn host(outlet: &str) -> String {
    format!("https://www.{outlet}.example/{outlet}")
}

fn name(outlet: &str) -> &'static str {
    if outlet == "bow" { NAMES.0 } else { NAMES.1 }
}

#[test]
fn records_of_news_collectors_are_read_as_they_come() {
    // trafilatura
    assert_form(HOSTS, |outlet, date, text| {
        json!({"title": "t", "author": null, "hostname": format!("{outlet}.example"), "date": date, "fingerprint": "x", "id": null, "raw_text": "x",
            "text": text, "source": host(outlet), "source-hostname": name(outlet)})
    });
    // news-please
    assert_form(HOSTS, |outlet, date, text| {
        json!({"authors": ["x"], "date_download": "2025-01-01 10:00:00", "date_modify": "None", "date_publish": format!("{date} 10:00:00"),
            "maintext": text, "text": null, "source_domain": format!("www.{outlet}.example"), "url": format!("{}/{date}", host(outlet))})
    });
    // NewsAPI
    assert_form(NAMES, |outlet, date, text| {
        json!({"source": {"id": null, "name": name(outlet)}, "author": "x", "title": "t", "url": format!("{}/{date}", host(outlet)),
            "publishedAt": format!("{date}T10:00:00Z"), "content": text})
    });
    // Media Cloud
    assert_form(NAMES, |outlet, date, text| {
        json!({"id": format!("{outlet}{date}"), "media_name": name(outlet), "media_url": host(outlet), "publish_date": date,
            "indexed_date": "2025-01-01", "title": "t", "text": text, "url": host(outlet)})
    });
    // The Guardian
    assert_form(HOSTS, |outlet, date, text| {
        json!({"id": format!("world/{outlet}/{date}"), "type": "article", "webPublicationDate": format!("{date}T10:00:00Z"), "webTitle": "t",
            "webUrl": host(outlet), "fields": {"headline": "t", "bodyText": text}})
    });
    // with the body as HTML, or in blocks
    let result = |outlet: &str, date: &str| json!({"id": format!("{outlet}/{date}"), "webPublicationDate": format!("{date}T10:00:00Z"), "webUrl": host(outlet)});
    assert_form(HOSTS, |outlet, date, text| {
        let mut record = result(outlet, date);
        record["fields"] = json!({"headline": "t", "body": format!("<p>{text}</p>")});
        record
    });
    for field in ["bodyTextSummary", "bodyHtml"] {
        assert_form(HOSTS, |outlet, date, text| {
            let (one, rest) = text.split_at(text.len() / 2);
            let block = |text: &str| json!({"id": "x", "bodyHtml": format!("<p>{text}</p>"), field: if field == "bodyHtml" { format!("<p>{text}</p>") } else { text.into() }});
            let mut record = result(outlet, date);
            record["blocks"] = json!({"body": [block(one), block(rest)], "totalBodyBlocks": 2});
            record
        });
    }
}

#[test]
fn records_of_pages_and_research_tools_are_read_as_they_come() {
    // schema.org
    assert_form(NAMES, |outlet, date, text| {
        json!({"@context": "https://schema.org", "@type": "NewsArticle", "@id": format!("{}/{date}", host(outlet)), "headline": "t",
            "datePublished": format!("{date}T10:00:00+02:00"), "publisher": {"@type": "Organization", "name": name(outlet)}, "articleBody": text})
    });
    assert_form(HOSTS, |outlet, date, text| {
        json!({"@context": "https://schema.org", "@graph": [{"@type": "WebPage", "@id": host(outlet)},
            {"@type": "NewsArticle", "datePublished": date, "publisher": {"@id": host(outlet)}, "articleBody": text}]})
    });
    // passim
    assert_form(
        ("bow", "aft"),
        |outlet, date, text| json!({"id": format!("{outlet}{date}"), "series": outlet, "date": date, "text": text}),
    );
    // fundus
    assert_form(NAMES, |outlet, date, text| {
        let (summary, rest) = text.split_at(text.len() / 2);
        json!({"title": "t", "authors": ["x"], "publishing_date": format!("{date} 10:00:00+02:00"), "publisher": name(outlet),
            "body": {"summary": [summary], "sections": [{"headline": [], "paragraphs": [rest]}]}})
    });
    // MongoDB, with names in another case
    assert_form(NAMES, |outlet, date, text| {
        json!({"_id": {"$oid": format!("{outlet}{date}")}, "Publisher": {"kind": 1, "name": name(outlet)},
            "DATE": {"$date": format!("{date}T10:00:00Z")}, "Text": text})
    });
}

#[test]
fn the_answer_of_an_interface_is_a_list_of_records() {
    let values = articles(
        |outlet, date, text| json!({"id": format!("{outlet}{date}"), "webPublicationDate": date, "webUrl": format!("https://{outlet}.example/"), "fields": {"bodyText": text}, "tags": [{"id": "x"}]}),
    );
    let answer = json!({"response": {"status": "ok", "results": values}});
    for (name, content) in [
        ("a.json", answer.to_string()),
        ("a", answer.to_string() + "\n"),
        ("a.jsonl", answer.to_string()),
        ("a.json", serde_json::to_string_pretty(&answer).unwrap()),
        ("a.jsonl", lines(&[json!({"response": {"results": values[..1]}}), json!({"response": {"results": values[1..]}})])),
    ] {
        assert_read(name, &content, Some(("bow.example", "aft.example")));
    }
}

fn numbered(texts: &[String]) -> Vec<Value> {
    (1..).zip(texts).map(|(id, text): (u32, _)| json!({"id": id, "text": text})).collect()
}

fn read(bench: &Bench, name: &str) -> String {
    std::fs::read_to_string(bench.path().join(name)).unwrap()
}

/// Cleans and restores a file; returns what cleaning left of it, and its messages.
fn cleaned(name: &str, content: &str, args: &[&str]) -> (String, String) {
    let bench = Bench::new();
    bench.write(name, content);
    let out = format!("out-{name}");
    let ran = bench.run(&[&["clean", name, "-o", &out], args].concat());
    assert_eq!(ran.code, 0, "{content}\n{}", ran.stderr);
    let left = read(&bench, &out);
    let back = bench.run(&["restore", &out, "-o", &format!("back-{name}")]);
    assert_eq!(back.code, 0, "{}", back.stderr);
    assert_eq!(read(&bench, &format!("back-{name}")), content);
    if !args.contains(&"--annotate") {
        bench.write(name, &left);
        let again = bench.run(&[&["clean", name, "-o", &format!("again-{name}")], args].concat());
        assert_eq!((again.code, read(&bench, &format!("again-{name}"))), (0, left.clone()), "cleaning twice: {}", again.stderr);
    }
    (left, ran.stderr)
}

#[test]
fn a_list_under_a_key_is_cleaned_in_place() {
    let same = words("same", 30);
    let body = words("body", 30);
    let texts = [same.clone(), words("own", 30), same.clone(), format!("Lead\n\n{body}\n\n{body}\n"), same];
    let values = numbered(&texts);
    let wrap = |values: &[Value]| json!({"status": "ok", "response": {"articles": values, "tags": [{"id": 1}]}, "end": [1]});
    let expected = {
        let mut left = vec![values[0].clone(), values[1].clone(), values[3].clone()];
        left[2]["text"] = json!(format!("Lead\n\n{body}\n"));
        left
    };
    for content in [wrap(&values).to_string(), serde_json::to_string_pretty(&wrap(&values)).unwrap()] {
        let (left, _) = cleaned("a.json", &content, &[]);
        let left: Value = serde_json::from_str(&left).unwrap();
        let found: Vec<&str> =
            left["response"]["articles"].as_array().unwrap().iter().map(|article| article["text"].as_str().unwrap().trim_end()).collect();
        assert_eq!(found, expected.iter().map(|article| article["text"].as_str().unwrap().trim_end()).collect::<Vec<_>>());
        assert_eq!((&left["status"], &left["end"], &left["response"]["tags"]), (&json!("ok"), &json!([1]), &json!([{"id": 1}])));
    }
    // Lists and single records in one file, and a list of which all goes.
    let mixed = format!("{:#}\n{}\n{}\n", json!({"items": [values[2], values[4]]}), values[0], values[1]);
    let (left, _) = cleaned("a.json", &mixed, &[]);
    assert!(
        left.starts_with("{\n  \"items\": [")
            && left.ends_with(&format!("]\n}}\n{}\n{}\n", values[0], values[1]))
            && !left.contains("\"id\": 3"),
        "{left}"
    );
    let mixed = format!("{:#}\n{}\n{}\n", values[2], json!({"items": [values[0], values[1]]}), values[4]);
    let (left, _) = cleaned("a.json", &mixed, &["--keep", "first"]);
    let left: Vec<Value> = serde_json::Deserializer::from_str(&left).into_iter().collect::<Result<_, _>>().unwrap();
    assert_eq!(left, [json!({"items": [values[0], values[1]]})]);
    let (left, _) = cleaned("a.json", &wrap(&values).to_string(), &["--annotate"]);
    let left: Value = serde_json::from_str(&left).unwrap();
    assert!(left["response"]["articles"].as_array().unwrap().iter().all(|article| article["refrain"]["keep"].is_boolean()));
}

#[test]
fn records_of_a_list_are_named_and_located() {
    let texts = [words("same", 30), words("same", 30)];
    let bench = Bench::new();
    let content = serde_json::to_string_pretty(&json!({"x": 1, "a": numbered(&texts), "b": numbered(&[words("b", 30)])})).unwrap();
    bench.write("a.json", &content);
    let ran = bench.run(&["scan", "a.json"]);
    assert!(ran.stderr.contains("a.json:1: has several lists of records: `a`, `b`; name one with --records"), "{}", ran.stderr);
    assert_eq!(bench.scan(&["a.json", "--records", "a"]).summary("documents"), 2);
    assert_eq!(bench.scan(&["a.json", "--records", "B"]).summary("documents"), 1);
    assert_eq!(bench.run(&["compare", "a.json#1", "a.json#2", "--records", "a"]).code, 0);
    let line = 1 + content.lines().position(|line| line.contains("\"id\": 2")).unwrap();
    let sarif: Value = serde_json::from_str(&bench.run(&["check", "a.json", "--records", "a", "--format", "sarif"]).stdout).unwrap();
    let lines = sarif.to_string();
    assert!(lines.contains(&format!("\"startLine\":{}", line + 1)), "{lines}");
    bench.write("refrain.toml", "records = \"b\"\n");
    assert_eq!(bench.scan(&["a.json"]).summary("documents"), 1);
    let ran = bench.run(&["scan", "a.json", "--records", "nosuch"]);
    assert_failed(&ran, "no list of records `nosuch` in any of 1 JSON value; lists: `a`, `b`\n");
}

#[test]
fn numbers_that_json_does_not_have_are_no_values() {
    let body = words("body", 30);
    let line =
        |id: &str, score: &str, text: &str| format!("{{\"id\":{id},\"score\":{score},\"text\":{},\"more\":[{score}]}}\n", json!(text));
    let doubled = format!("NaN \"Infinity\"\n\n{body}\n\n{body}\n");
    let content = line("1", "NaN", &doubled)
        + &line("NaN", "-Infinity", &words("own", 30))
        + &line("3", "Infinity", &doubled)
        + &line("4", "1.5", &words("other", 30));
    let array = format!("[\n{}\n]", content.trim_end().replace('\n', ",\n"));
    let wrapped = format!("{{\"max\":Infinity,\"articles\":{array}}}");
    for (name, content) in [("a.jsonl", &content), ("a.json", &array), ("a.json", &wrapped)] {
        let bench = Bench::new();
        bench.write(name, content);
        let ran = bench.run(&["scan", name, "--format", "jsonl"]);
        let findings = ran.findings();
        assert_eq!((findings.summary("documents"), findings.summary("skipped")), (4, 0), "{content}\n{}", ran.stderr);
        assert_eq!(findings.of("cluster")[0]["members"], json!(["1", "3"]));
        let (left, _) = cleaned(name, content, &[]);
        assert!(
            left.contains("\"score\":NaN")
                && left.contains(r#""NaN \"Infinity\""#)
                && left.contains("-Infinity")
                && !left.contains("\"id\":3"),
            "{left}"
        );
        assert_eq!(left.matches("body29").count(), 1, "{left}");
        let (annotated, _) = cleaned(name, content, &["--annotate"]);
        assert_eq!(annotated.matches("\"refrain\":").count(), 4);
        bench.write(name, &annotated);
        let ran = bench.run(&["clean", name, "-o", "twice", "--annotate"]);
        assert!(ran.code == 2 && ran.stderr.contains("already has a field `refrain`"), "{}", ran.stderr);
    }
    let bench = Bench::new();
    bench.write("a.jsonl", line("1", "1", "some text") + "{\"id\":2,\"text\":NaN}\n");
    assert!(bench.run(&["scan", "a.jsonl"]).stderr.contains("a.jsonl:2: text field `text` is NaN or empty, not a string"));
}

#[test]
fn a_text_of_several_strings_goes_as_a_whole_or_stays() {
    let body = words("body", 30);
    let message = |role: &str, text: &str| json!({"role": role, "content": text});
    let dialogue = json!([message("user", &body), message("assistant", &words("answer", 30)), message("user", &body)]);
    let parts = json!([{"role": "user", "content": [{"type": "text", "text": body}, {"type": "image_url", "image_url": {"url": "x"}}]}]);
    let values = [
        json!({"id": "a", "messages": dialogue}),
        json!({"id": "b", "messages": dialogue}),
        json!({"id": "c", "text": [words("one", 20), words("two", 20)]}),
        json!({"id": "d", "text": parts}),
        json!({"id": "e", "text": format!("Lead\n\n{}\n\n{}\n", words("e", 30), words("e", 30))}),
    ];
    let content = lines(&values);
    let bench = Bench::new();
    bench.write("a.jsonl", &content);
    let findings = bench.scan(&["a.jsonl"]);
    assert_eq!(findings.summary("documents"), 5);
    let repeating: Vec<&Value> = findings.of("repetition").into_iter().map(|repetition| &repetition["doc"]).collect();
    assert_eq!(repeating, ["a", "b", "e"]);
    let (left, stderr) = cleaned("a.jsonl", &content, &[]);
    let left: Vec<Value> = left.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(left[..3], [values[0].clone(), values[2].clone(), values[3].clone()]);
    assert_eq!(left[3]["text"].as_str().unwrap().matches("e29").count(), 1);
    assert!(stderr.contains("records whose text is made of several strings, joined as paragraphs; cleaning removes such a record as a whole or not at all: 4"), "{stderr}");
    let (annotated, _) = cleaned("a.jsonl", &content, &["--annotate"]);
    assert_eq!(annotated.matches("\"keep\":false").count(), 1);
}

#[test]
fn several_text_fields_are_one_text() {
    let value = |id: u32, question: &str, answer: &str| json!({"id": id, "answer": answer, "question": question, "text": "no"});
    let (question, answer) = (words("q", 15), words("a", 15));
    let content = lines(&[
        value(1, &question, &answer),
        value(2, &question, &answer),
        value(3, &question, &words("x", 30)),
        json!({"id": 4, "question": question}),
    ]);
    let bench = Bench::new();
    bench.write("a.jsonl", &content);
    let ran = bench.run(&["scan", "a.jsonl", "--text-field", "question,Answer", "--format", "jsonl"]);
    let findings = ran.findings();
    assert_eq!(findings.of("cluster")[0]["members"], json!(["1", "2"]));
    assert_eq!(findings.summary("documents"), 4);
    assert!(ran.stderr.contains("text from question, Answer; id from id"), "{}", ran.stderr);
    let (left, _) = cleaned("a.jsonl", &content, &["--text-field", "question,Answer"]);
    assert_eq!(left.lines().count(), 3);
    let ran = bench.run(&["scan", "a.jsonl", "--text-field", "question,reply"]);
    assert_failed(&ran, "no text field `reply` in any of 4 records; fields: answer, id, question, text\n");
    bench.write("b.csv", "id,question,answer\n1,Why?,So.\n");
    assert!(
        bench
            .run(&["scan", "b.csv", "--text-field", "question,answer"])
            .stderr
            .contains("several text fields are joined in JSON records alone")
    );
}

/// The run failed for that reason.
#[track_caller]
fn assert_failed(ran: &Ran, reason: &str) {
    assert!(ran.code == 2 && ran.stderr.ends_with(reason), "{reason}: {} {}", ran.code, ran.stderr);
}

#[test]
fn a_named_field_that_no_record_has_is_an_error() {
    let bench = Bench::new();
    let content: String =
        (0..1_200).map(|n| json!({"id": n, "headline": "h", "body": words(&format!("w{n}"), 12)}).to_string() + "\n").collect();
    bench.write("a.jsonl", &content);
    bench.write("a.json", json!(numbered(&[words("w", 20)])).to_string());
    bench.write("a.csv", "id,headline,body\n1,h,some text\n2,h,other text\n");
    bench.write("t.txt", words("w", 20));
    let commands: [&[&str]; 5] =
        [&["scan"], &["check"], &["clean", "-o", "out"], &["report", "-o", "r.html"], &["index", "add", "seen.refrain"]];
    for command in commands.iter().filter(|command| cfg!(feature = "index") || command[0] != "index") {
        let ran = bench.run(&[*command, &["a.jsonl", "--text-field", "nosuch"]].concat());
        assert_failed(&ran, "no text field `nosuch` in any of 1,200 records; fields: body, headline, id\n");
        assert!(!bench.path().join("out").exists() && !bench.path().join("r.html").exists());
    }
    for (flag, role) in [("--id-field", "id"), ("--date-field", "date"), ("--outlet-field", "outlet")] {
        let ran = bench.run(&["scan", "a.jsonl", flag, "no.such"]);
        assert_failed(&ran, &format!("no {role} field `no.such` in any of 1,200 records; fields: body, headline, id\n"));
        let ran = bench.run(&["scan", "a.csv", flag, "nosuch"]);
        assert_failed(&ran, &format!("no {role} field `nosuch` in any of 2 records; fields: id, headline, body\n"));
        assert_eq!(bench.run(&["scan", "t.txt", flag, "nosuch"]).code, 0, "a text has no fields");
    }
    let ran = bench.run(&["scan", "a.json", "--text-field", "nosuch"]);
    assert_failed(&ran, "no text field `nosuch` in any of 1 record; fields: id, text\n");
    let ran = bench.run(&["scan", "a.csv", "--text-field", "nosuch"]);
    assert_failed(&ran, "no text field `nosuch` in any of 2 records; fields: id, headline, body\n");
    // One file of several has it, one record of all, or it is there and empty.
    assert_eq!(bench.run(&["scan", "a.jsonl", "a.json", "--text-field", "text"]).code, 0);
    bench.write("b.jsonl", content + &json!({"id": "x", "body": "b", "When": null}).to_string());
    let ran = bench.run(&["scan", "b.jsonl", "--date-field", "when"]);
    assert!(ran.code == 0 && ran.stderr.contains("fields: text from body; id from id\n"), "{}", ran.stderr);
}

#[test]
fn names_of_columns_count_in_any_case() {
    let bench = Bench::new();
    let text = words("w", 30);
    bench.write(
        "a.csv",
        format!("ID,Text,Date,source.name,Site\n7,{text},2015-07-21,https://www.bow.example/x,\n8,{text},2015-07-20,Aft Daily,\n"),
    );
    let ran = bench.run(&["scan", "a.csv", "--format", "jsonl"]);
    assert_eq!(ran.findings().of("pair")[0]["origin"], "b", "{}", ran.stderr);
    assert!(ran.stderr.contains("text from Text; id from ID; date from Date; outlet from source.name\n"), "{}", ran.stderr);
    let table = bench.run(&["report", "a.csv", "--format", "csv", "--table", "outlets"]).stdout;
    assert!(table.lines().any(|row| row.starts_with("bow.example,Aft Daily,")), "{table}");
    bench.write("b.csv", format!("id,text,date,outlet\n1,{text},,\n2,{text},,\n"));
    assert!(bench.run(&["scan", "b.csv"]).stderr.contains("fields: text from text; id from id\n"));
}

#[test]
fn a_template_is_a_text() {
    let bench = Bench::new();
    let text = words("w", 30);
    bench.write("a.txt", format!("{{{{ title }}}}\n{text}\n"));
    bench.write("b.txt", format!("{{{{ heading }}}}\n{text}\n{{{{ end }}}}\n"));
    let findings = bench.scan(&["a.txt", "b.txt"]);
    assert_eq!((findings.summary("documents"), findings.summary("skipped"), findings.of("pair").len()), (2, 0, 1));
}

#[test]
fn a_list_of_records_without_a_text_is_described() {
    let bench = Bench::new();
    let said = |content: &str, args: &[&str]| {
        bench.write("a.json", content);
        let ran = bench.run(&[&["scan", "a.json"], args].concat());
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        ran.stderr
    };
    let wrapped = r#"{"status":"ok","results":[{"id":1,"headline":"x","lede":"y"},{"id":2,"headline":"x","lede":"y"}]}"#;
    let fields = "in the list `results`: id, headline, lede";
    assert!(said(wrapped, &[]).contains(&format!("no text field (has: status, results; {fields}); name it with --text-field")));
    assert!(said(wrapped, &["--text-field", "ledeX"]).contains(&format!("fields: status, results; {fields}")));
    let nested = r#"{"took":1,"hits":{"total":{"value":2},"hits":[{"_id":"1","_source":{"main":"t","date":"2024-01-01"}}]}}"#;
    assert!(said(nested, &[]).contains("in the list `hits.hits`: _id, _source.main, _source.date"), "{}", said(nested, &[]));
    assert!(said(nested, &["--records", "hits.hit"]).contains("lists: `hits.hits`"));
    assert!(said(r#"{"status":"ok","articles":[]}"#, &[]).contains("the list `articles` is empty"));
    assert!(said(r#"{"text":NaN}"#, &[]).contains("text field `text` is NaN or empty, not a string"));
}

#[test]
fn nodes_of_a_graph_that_are_no_articles_are_no_records() {
    let article = |id: u32, text: &str| json!({"@type": ["NewsArticle"], "@id": id, "articleBody": words(text, 30)});
    let others = [json!({"@type": "WebSite", "name": "x"}), json!({"@type": "NewsArticle", "headline": "h"})];
    let page = json!({"@context": "https://schema.org", "@graph": [others[0], article(1, "a"), article(2, "a"), others[1]]});
    let (_, found) = scanned("a.json", page.to_string(), &[]);
    assert_eq!((found.summary("documents"), found.summary("skipped")), (2, 1), "an article without a text is a bad record");
}

#[test]
fn notes_name_the_whole_path_of_a_field_as_it_is_spelled() {
    let line = |id: u32| json!({"id": id, "Meta": {"Body": words("a", 30)}}).to_string() + "\n";
    let upper = json!({"id": 3, "META": {"body": words("a", 30)}}).to_string() + "\n";
    let (ran, _) = scanned("a.jsonl", line(1) + &line(2) + &upper, &["--text-field", "meta.body"]);
    assert!(ran.stderr.contains("fields: text from META.body, Meta.Body; id from id"), "{}", ran.stderr);
}

#[test]
fn syntax_of_other_programs_is_named() {
    let bench = Bench::new();
    bench.write("a.jsonl", "{ \"_id\" : ObjectId(\"5f\"), \"text\" : \"t\" }\n{\"text\": \"t\", \"n\": nan}\n");
    bench.write("b.json", "[\n{\"n\": NumberLong(3)}]\n");
    let ran = bench.run(&["scan", "a.jsonl", "b.json"]);
    for (place, hint) in [("a.jsonl:1: ", "mongoexport"), ("a.jsonl:2: ", "json.dumps"), ("b.json:2: ", "mongoexport")] {
        assert!(ran.stderr.lines().any(|line| line.contains(place) && line.contains(hint)), "{place} {hint}: {}", ran.stderr);
    }
}
