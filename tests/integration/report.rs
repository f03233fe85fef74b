//! `refrain report`: the numbers on the page are those of the findings, and nothing of the input is markup.

use crate::workbench::{Bench, Findings, Run, project_root, record, words};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

/// A page, unpacked.
pub(crate) struct Page {
    pub(crate) html: String,
    pub(crate) data: Value,
}

impl Page {
    pub(crate) fn read(path: &Path) -> Self {
        let html = std::fs::read_to_string(path).unwrap();
        let data = serde_json::from_slice(&block(&html, "data").expect("a page has data")).unwrap();
        Self { html, data }
    }

    pub(crate) fn column(&self, table: &str, name: &str) -> &Vec<Value> {
        self.data[table][name].as_array().unwrap_or_else(|| panic!("no {table}.{name}"))
    }

    fn id(&self, number: &Value) -> &str {
        self.data["articles"]["id"][place(number)].as_str().unwrap()
    }

    fn outlet(&self, number: &Value) -> &str {
        let at = self.data["articles"]["outlet"][place(number)].as_i64().unwrap();
        usize::try_from(at).map_or("", |at| self.data["outlets"][at]["name"].as_str().unwrap())
    }

    /// The text of an article; None where it is left out.
    fn text(&self, id: &str) -> Option<String> {
        let at = self.column("articles", "id").iter().position(|other| other == id)?;
        let number = self.column("articles", "block")[at].as_i64().filter(|&block| block >= 0)?;
        let texts: Vec<String> = serde_json::from_slice(&block(&self.html, &format!("texts-{number}"))?).unwrap();
        Some(texts[place(&self.column("articles", "slot")[at])].clone())
    }
}

fn place(number: &Value) -> usize {
    usize::try_from(number.as_u64().unwrap()).unwrap()
}

/// The bytes of a data block.
fn block(html: &str, id: &str) -> Option<Vec<u8>> {
    let start = html.split_once(&format!("id=\"{id}\">"))?.1;
    let packed = decoded(start.split_once("</script>").unwrap().0);
    let mut bytes = Vec::new();
    flate2::read::DeflateDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
    Some(bytes)
}

fn decoded(base64: &str) -> Vec<u8> {
    let value = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let sixes: Vec<u8> = base64.bytes().filter(|&c| c != b'=').map(value).collect();
    sixes
        .chunks(4)
        .flat_map(|four| {
            let word = four.iter().fold(0_u32, |word, &six| word << 6 | u32::from(six)) << (6 * (4 - four.len()));
            word.to_be_bytes()[1..four.len()].to_vec()
        })
        .collect()
}

pub(crate) fn report(folder: &Path, args: &[&str]) -> Page {
    let bench = Bench::new();
    let out = bench.path().join("report.html");
    let ran = Run::new(&[&["report", "-o", out.to_str().unwrap(), "--quiet"], args].concat()).folder(folder).go();
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    Page::read(&out)
}

fn scan(folder: &Path, args: &[&str]) -> Findings {
    Run::new(&[&["scan", "--format", "jsonl"], args].concat()).folder(folder).go().findings()
}

/// Articles of three outlets that take from each other, with boilerplate, a template, repetition, and some that lack date or outlet.
pub(crate) fn newsroom(bench: &Bench) {
    let mut lines = String::new();
    let mut put = |id: &str, outlet: Option<&str>, day: Option<u32>, text: String| {
        let mut article = json!({ "id": id, "title": format!("Title of {id}"), "text": text });
        if let Some(outlet) = outlet {
            article["outlet"] = outlet.into();
        }
        if let Some(day) = day {
            article["date"] = format!("2025-03-{day:02}").into();
        }
        lines += &(article.to_string() + "\n");
    };
    for n in 0..12 {
        let body = words(&format!("s{n}x"), 80);
        let outlets = ["Agency", "Morning", "Evening"];
        put(&format!("a{n:02}"), Some(outlets[0]), Some(1 + n), body.clone());
        put(
            &format!("b{n:02}"),
            Some(outlets[1 + n as usize % 2]),
            Some(2 + n),
            format!("{} {body}", words(&format!("own{n}b"), 5 + 20 * n as usize)),
        );
        let part: String = body.split(' ').take(40).collect::<Vec<_>>().join(" ");
        put(
            &format!("c{n:02}"),
            (n % 3 != 0).then_some("Evening"),
            (n % 4 != 0).then_some(3 + n),
            format!("{part}\n{}\n{part}", words(&format!("own{n}c"), 60)),
        );
    }
    let footer = words("footer", 12);
    for n in 0..30 {
        put(&format!("z{n:02}"), Some("Morning"), Some(20), format!("{}\n\n{footer}", words(&format!("alone{n}q"), 30)));
    }
    bench.write("news.jsonl", lines);
}

/// Words and articles from outlet to outlet.
type Matrix = BTreeMap<(String, String), (u64, BTreeSet<String>)>;

fn matrix_of_findings(findings: &Findings, outlet: &BTreeMap<String, String>) -> Matrix {
    let mut matrix = Matrix::new();
    let name = |id: &Value| outlet.get(id.as_str().unwrap()).cloned().unwrap_or_default();
    for derivation in findings.of("derivation") {
        for source in derivation["sources"].as_array().unwrap() {
            let cell = matrix.entry((name(&derivation["doc"]), name(&source["doc"]))).or_default();
            cell.0 += source["words"].as_u64().unwrap();
            cell.1.insert(derivation["doc"].as_str().unwrap().to_owned());
        }
    }
    matrix
}

fn matrix_of_page(page: &Page) -> Matrix {
    let mut matrix = Matrix::new();
    for (doc, sources) in page.column("derivations", "doc").iter().zip(page.column("derivations", "sources")) {
        for source in sources.as_array().unwrap().chunks(3) {
            let number = json!(whole(&source[0]));
            let cell = matrix.entry((page.outlet(doc).to_owned(), page.outlet(&number).to_owned())).or_default();
            cell.0 += whole(&source[2]);
            cell.1.insert(page.id(doc).to_owned());
        }
    }
    matrix
}

fn outlets_of(folder: &Path, file: &str) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter_map(|article| Some((article["id"].as_str()?.to_owned(), article["outlet"].as_str()?.to_owned()))).collect()
}

#[track_caller]
fn assert_same_numbers(findings: &Findings, page: &Page) {
    assert_eq!(page.data["summary"], {
        let mut s = findings.of("summary")[0].clone();
        s.as_object_mut().unwrap().remove("type");
        s
    });
    let pairs: Vec<Value> = (0..page.column("pairs", "a").len())
        .map(|at| {
            let get = |name: &str| page.column("pairs", name)[at].clone();
            let passages: Vec<Value> = get("passages")
                .as_array()
                .unwrap()
                .chunks(7)
                .map(|p| json!([p[0].as_f64(), p[1].as_f64(), p[2].as_f64(), p[3].as_f64(), p[4].as_f64(), p[5].as_f64()]))
                .collect();
            json!([
                page.id(&get("a")),
                page.id(&get("b")),
                get("rule"),
                get("jaccard"),
                get("a_covered"),
                get("b_covered"),
                get("origin"),
                passages
            ])
        })
        .collect();
    let told: Vec<Value> = findings
        .of("pair")
        .into_iter()
        .map(|f| {
            let of = |p: &Value| {
                json!([
                    p["a"][0].as_f64(),
                    p["a"][1].as_f64(),
                    p["b"][0].as_f64(),
                    p["b"][1].as_f64(),
                    p["similarity"].as_f64(),
                    p["words"].as_f64()
                ])
            };
            let passages: Vec<Value> = f["passages"].as_array().unwrap().iter().map(of).collect();
            let origin = match f["origin"].as_str() {
                None => 0,
                Some("a") => 1,
                Some(_) => 2,
            };
            json!([f["a"], f["b"], f["rule"], f["jaccard"], f["a_covered"], f["b_covered"], origin, passages])
        })
        .collect();
    assert_eq!(pairs, told);
    assert_same_rest(findings, page);
}

/// Derivations, clusters, repetitions and boilerplate.
#[track_caller]
fn assert_same_rest(findings: &Findings, page: &Page) {
    let copied: Vec<Value> = page
        .column("derivations", "doc")
        .iter()
        .zip(page.column("derivations", "copied"))
        .map(|(doc, copied)| json!([page.id(doc), copied]))
        .collect();
    assert_eq!(copied, findings.of("derivation").into_iter().map(|f| json!([f["doc"], f["copied"]])).collect::<Vec<_>>());
    let clusters: Vec<Value> = page.data["clusters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| {
            json!([c["members"].as_array().unwrap().iter().map(|m| page.id(m)).collect::<Vec<_>>(), page.id(&c["keep"]), c["min_jaccard"]])
        })
        .collect();
    assert_eq!(
        clusters,
        findings.of("cluster").into_iter().map(|f| json!([f["members"], f["keep"], f["min_jaccard"]])).collect::<Vec<_>>()
    );
    let repetitions: Vec<Value> = (0..page.column("repetitions", "doc").len())
        .map(|at| {
            let get = |name: &str| page.column("repetitions", name)[at].clone();
            json!([page.id(&get("doc")), get("rule"), get("first"), get("again"), get("words"), get("similarity")])
        })
        .collect();
    assert_eq!(
        repetitions,
        findings
            .of("repetition")
            .into_iter()
            .map(|f| json!([
                f["doc"],
                f["rule"],
                [f["first"]["start"], f["first"]["end"]],
                [f["again"]["start"], f["again"]["end"]],
                f["words"],
                f["similarity"]
            ]))
            .collect::<Vec<_>>()
    );
    let boilerplate: Vec<Value> = page.data["boilerplate"].as_array().unwrap().iter().map(|b| json!([b["text"], b["documents"]])).collect();
    assert_eq!(boilerplate, findings.of("boilerplate").into_iter().map(|f| json!([f["text"], f["documents"]])).collect::<Vec<_>>());
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts, which are small")]
fn whole(number: &Value) -> u64 {
    number.as_f64().unwrap() as u64
}

#[test]
fn the_numbers_are_those_of_the_findings() {
    let page = report(project_root(), &["corpus"]);
    let findings = scan(project_root(), &["corpus"]);
    assert_same_numbers(&findings, &page);
    assert_eq!(matrix_of_page(&page), matrix_of_findings(&findings, &outlets_of(project_root(), "corpus/articles.jsonl")));

    let bench = Bench::new();
    newsroom(&bench);
    let page = report(bench.path(), &["news.jsonl"]);
    let findings = scan(bench.path(), &["news.jsonl"]);
    assert_same_numbers(&findings, &page);
    let matrix = matrix_of_findings(&findings, &outlets_of(bench.path(), "news.jsonl"));
    assert_eq!(matrix_of_page(&page), matrix);
    assert!(matrix.len() == 3 && findings.of("boilerplate").len() == 1 && findings.of("repetition").len() >= 12, "{matrix:?}");
    let csv = bench.run(&["report", "news.jsonl", "--format", "csv", "--table", "outlets", "--quiet"]).stdout;
    let rows: Matrix = matrix.clone();
    let expected: Vec<String> =
        rows.into_iter().map(|((taker, giver), (words, articles))| format!("{taker},{giver},{words},{}", articles.len())).collect();
    assert_eq!(csv.lines().skip(1).collect::<Vec<_>>(), expected);
}

#[test]
fn findings_of_an_earlier_scan_give_the_same_page() {
    let bench = Bench::new();
    newsroom(&bench);
    // Ids that are missing or shared are settled in the same way.
    let twice = words("twice", 40);
    let nameless = json!({ "text": words("nameless", 40) }).to_string() + "\n";
    bench.write("more.jsonl", [record("x", &twice), record("x", &format!("{twice} more")), nameless.clone(), nameless].concat());
    let args = ["news.jsonl", "more.jsonl"];
    let scanned = bench.run(&["scan", "news.jsonl", "more.jsonl", "--format", "jsonl", "--fold", "light"]);
    bench.write("findings.jsonl", &scanned.stdout);
    let told = report(bench.path(), &[&args[..], &["--findings", "findings.jsonl"]].concat());
    let found = report(bench.path(), &[&args[..], &["--fold", "light"]].concat());
    assert_eq!(told.data, found.data);
    assert_eq!(told.html, found.html);
    let without = report(bench.path(), &["--findings", "findings.jsonl"]);
    assert_same_numbers(&scanned.findings(), &without);
    assert!(without.data["left_out"]["strangers"].as_u64().unwrap() > 10);
}

#[test]
fn hostile_texts_are_data() {
    let bench = Bench::new();
    let body = words("mark", 60);
    let nasty = format!("<script>alert(1)</script> {body} </script><img src=x onerror=alert(2)> \u{202e}\u{2066}<!-- 👩‍🚀 𝔘 ]]>");
    let huge = format!("{} {}", words("huge", 120_000), words("mark", 60));
    let mut lines = String::new();
    for (id, text) in [("<b>&\"'", &nasty), ("../../etc#?%2f", &nasty), ("huge", &huge)] {
        lines += &(json!({ "id": id, "title": "</script><script>alert(3)</script>", "outlet": "<i>\u{202e}x", "url": "javascript:alert(4)", "text": text }).to_string() + "\n");
    }
    lines += &(json!({ "id": "empty", "title": "", "text": "" }).to_string() + "\n");
    bench.write("hostile.jsonl", lines);
    for lang in ["en", "ar"] {
        let page = report(bench.path(), &["hostile.jsonl", "--html-fields", "no", "--lang", lang]);
        assert_eq!(page.text("<b>&\"'").unwrap(), nasty);
        assert_eq!(page.text("huge").unwrap(), huge);
        assert!(!page.html.contains("alert(") && !page.html.contains("onerror"));
        let addresses = page.html.matches("http").count() - page.html.matches("http://www.w3.org/2000/svg").count();
        assert_eq!(addresses, page.html.matches("http-equiv").count(), "names of a namespace alone");
        assert!(page.html.contains("default-src 'none'; script-src 'sha256-"));
        assert!(page.column("articles", "url").iter().all(Value::is_null));
        assert!(page.html.contains(&format!("<html lang=\"{lang}\" dir=\"{}\">", if lang == "ar" { "rtl" } else { "ltr" })));
    }
}

#[test]
fn nothing_found_and_nothing_read() {
    let bench = Bench::new();
    bench.write("one.jsonl", record("only", &words("single", 40)));
    bench.write("none.jsonl", "");
    let page = report(bench.path(), &["one.jsonl"]);
    assert_eq!(page.data["summary"]["documents"], 1);
    assert!(page.column("articles", "id").is_empty() && page.data["totals"]["first"].is_null());
    let ran = bench.run(&["report", "none.jsonl", "-o", "none.html"]);
    assert!(ran.code == 2 && !bench.path().join("none.html").exists(), "{}", ran.stderr);
}

#[test]
fn a_small_page_leaves_out_texts_and_says_so() {
    let bench = Bench::new();
    newsroom(&bench);
    let whole = report(bench.path(), &["news.jsonl"]);
    assert_eq!(whole.data["left_out"], json!({ "texts": 0, "pairs": 0, "strangers": 0 }));
    let limit = (whole.html.len() - 2000).to_string();
    let ran = bench.run(&["report", "news.jsonl", "-o", "small.html", "--max-size", &limit]);
    assert!(ran.stderr.contains("texts are left out"), "{}", ran.stderr);
    let small = Page::read(&bench.path().join("small.html"));
    assert!(small.html.len() <= limit.parse().unwrap());
    assert!(small.data["left_out"]["texts"].as_u64().unwrap() > 0);
    assert_eq!(matrix_of_page(&small), matrix_of_page(&whole), "the numbers stay");
}

#[test]
fn anonymised_pages_name_nobody() {
    let bench = Bench::new();
    newsroom(&bench);
    let page = report(bench.path(), &["news.jsonl", "--anonymise"]);
    let told = page.data.to_string();
    for name in ["Agency", "Morning", "Evening", "\"a00\"", "\"b03\""] {
        assert!(!told.contains(name), "{name}");
    }
    assert_eq!(page.data["outlets"][0]["name"], "Outlet 1");
    let words = |page: &Page| matrix_of_page(page).values().map(|cell| cell.0).sum::<u64>();
    assert_eq!(words(&page), words(&report(bench.path(), &["news.jsonl"])));
}

#[test]
fn tables_for_a_spreadsheet_and_a_readme() {
    let bench = Bench::new();
    newsroom(&bench);
    let findings = scan(bench.path(), &["news.jsonl"]);
    let sources = findings.of("derivation").iter().map(|d| d["sources"].as_array().unwrap().len()).sum::<usize>();
    let passages = findings.of("pair").iter().map(|p| p["passages"].as_array().unwrap().len()).sum::<usize>();
    let members = findings.of("cluster").iter().map(|c| c["members"].as_array().unwrap().len()).sum::<usize>();
    let tables = [
        ("pairs", findings.of("pair").len()),
        ("passages", passages),
        ("sources", sources),
        ("clusters", members),
        ("repetitions", findings.of("repetition").len()),
        ("boilerplate", 1),
    ];
    for (table, rows) in tables {
        for (form, heads) in [("csv", 1), ("markdown", 2)] {
            let ran = bench.run(&["report", "news.jsonl", "--format", form, "--table", table, "--quiet"]);
            assert_eq!((ran.code, ran.stdout.lines().count()), (0, rows + heads), "{table} as {form}");
        }
    }
}

#[test]
fn wrong_use_is_told() {
    let bench = Bench::new();
    newsroom(&bench);
    bench.write("cut.jsonl", "{\"type\":\"run\",\"config\":{}}\n{\"type\":\"pair\"\n");
    let cases: [(&[&str], &str); 4] = [
        (&["report", "news.jsonl", "-o", "html=news.jsonl"], "is among the files to read"),
        (&["report", "nowhere"], "no such file"),
        (&["report", "news.jsonl", "--findings", "cut.jsonl"], "cut.jsonl:2: not a finding"),
        (&["report", "news.jsonl", "--findings", "news.jsonl"], "news.jsonl:1: not a finding"),
    ];
    for (args, told) in cases {
        let ran = bench.run(args);
        assert!(ran.code == 2 && ran.stderr.contains(told), "{args:?}: {} {}", ran.code, ran.stderr);
    }
}
