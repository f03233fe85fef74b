//! `refrain compare`: what people see, what programs read, and what is refused.

use crate::workbench::{Bench, Ran, Run, project_root, record, words};
use serde_json::Value;

const ENGLISH: [&str; 2] = ["corpus/articles.jsonl#courier-520", "corpus/articles.jsonl#tamarind-8112"];
const ARABIC: [&str; 2] = ["corpus/articles.jsonl#nawras-0440", "corpus/articles.jsonl#sanabil-1155"];

/// `compare` from the project's root; fails unless the exit code is 0.
fn compare(pair: [&str; 2], more: &[&str]) -> String {
    let ran = Run::new(&[&["compare", pair[0], pair[1]], more].concat()).folder(project_root()).go();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.stdout
}

fn json_of(ran: &Ran) -> Value {
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn two_columns_without_colour() {
    insta::assert_snapshot!("compare-english", compare(ENGLISH, &["--width", "100"]));
    insta::assert_snapshot!("compare-arabic", compare(ARABIC, &["--width", "100"]));
    insta::assert_snapshot!("compare-narrow", compare(ARABIC, &["--width", "40"]));
}

#[test]
fn two_columns_in_colour() {
    insta::assert_snapshot!("compare-colour", compare(ARABIC, &["--width", "100", "--color", "always"]).replace('\u{1b}', "<esc>"));
}

#[test]
fn pages_and_documents() {
    insta::assert_snapshot!("compare-json", compare(ARABIC, &["--format", "json"]));
    let page = compare(ARABIC, &["--format", "html"]);
    insta::assert_snapshot!("compare-html", page.split_once("</style>").unwrap().1);
    for network in ["http:", "https:", "url(", "@import", "<script"] {
        assert!(!page.contains(network), "{network}");
    }
    insta::assert_snapshot!("help-compare", Run::new(&["compare", "--help"]).env("COLUMNS", "110").go().stdout);
}

/// A folder with one story in two forms: words changed, left out and put in, a paragraph of its own before and after.
fn folder() -> Bench {
    let bench = Bench::new();
    let story = format!("{} grey boats {} Cafe {}", words("s", 20), words("t", 20), words("u", 20));
    let copy = format!("{} blue ships {} café left {}", words("s", 20), words("t", 20), words("u", 20));
    bench.write("a.txt", format!("{}\n{story}\n{}\n", words("lead", 50), words("end", 4)));
    bench.write("b.jsonl", record("x", &words("other", 40)) + &record("y", &format!("é {copy}")) + &record("y2", "short"));
    bench
}

#[test]
fn offsets_are_code_points_and_changes_say_what_became_of_words() {
    let bench = folder();
    let told = json_of(&bench.run(&["compare", "a.txt", "b.jsonl#y", "--format", "json"]));
    assert_eq!([&told["a"]["id"], &told["b"]["id"]], ["a.txt", "y"]);
    let passage = &told["passages"][0];
    assert_eq!((passage["words"].as_u64(), told["passages"].as_array().unwrap().len()), (Some(61), 1));
    let a = std::fs::read_to_string(bench.path().join("a.txt")).unwrap();
    let lines = std::fs::read_to_string(bench.path().join("b.jsonl")).unwrap();
    let b: Value = serde_json::from_str(lines.lines().nth(1).unwrap()).unwrap();
    let slice = |text: &str, span: &Value| {
        let [start, end] = [0, 1].map(|at| usize::try_from(span[at].as_u64().unwrap()).unwrap());
        text.chars().skip(start).take(end - start).collect::<String>()
    };
    let changes: Vec<[String; 3]> = passage["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            [change["kind"].as_str().unwrap().to_owned(), slice(&a, &change["a"]), slice(b["text"].as_str().unwrap(), &change["b"])]
        })
        .collect();
    let expected = [["replaced", "grey boats", "blue ships"], ["respelled", "Cafe", "café"], ["inserted", "", "left"]];
    assert_eq!(changes, expected);
    assert!(slice(&a, &passage["a"]).starts_with("s0 "));
}

#[test]
fn what_is_not_shared_is_left_out_unless_all_is_asked_for() {
    let bench = folder();
    let short = bench.run(&["compare", "a.txt", "b.jsonl#y"]).stdout;
    assert!(short.contains("… 38 words …") && short.contains("lead49") && !short.contains("lead20"), "{short}");
    let all = bench.run(&["compare", "a.txt", "b.jsonl#y", "--all"]).stdout;
    assert!(all.contains("lead20") && !all.contains('…'), "{all}");
    let page = bench.run(&["compare", "a.txt", "b.jsonl#y", "--format", "html"]).stdout;
    assert!(page.contains("<summary>38 more words</summary>") && page.contains("lead20"), "{page}");
    assert!(!bench.run(&["compare", "a.txt", "b.jsonl#y", "--format", "html", "--all"]).stdout.contains("<summary>"));
}

#[test]
fn settings_come_from_flags_variables_and_the_file() {
    let bench = folder();
    let passages = |run: Run| json_of(&run.folder(bench.path()).go())["passages"].as_array().unwrap().len();
    let args = ["compare", "a.txt", "b.jsonl#y", "--format", "json"];
    assert_eq!(passages(Run::new(&args)), 1);
    assert_eq!(passages(Run::new(&args).env("REFRAIN_MIN_WORDS", "200")), 0);
    bench.write("refrain.toml", "min-words = 300\nformat = \"jsonl\"\n");
    assert_eq!(passages(Run::new(&args)), 0);
    assert_eq!(passages(Run::new(&[&args[..], &["--min-words", "20"]].concat())), 1);
    let strict = json_of(&bench.run(&["compare", "a.txt", "b.jsonl#y", "--format", "json", "--fold", "none", "--min-words", "20"]));
    assert!(strict["passages"][0]["changes"].as_array().unwrap().iter().all(|change| change["kind"] != "respelled"));
}

#[test]
fn records_are_named_by_id_or_by_line_and_files_by_their_whole_name() {
    let bench = folder();
    let id = |a: &str| json_of(&bench.run(&["compare", a, "a.txt", "--format", "json"]))["a"]["id"].as_str().unwrap().to_owned();
    assert_eq!(id("b.jsonl#y2"), "y2");
    assert_eq!(id("b.jsonl#b.jsonl:1"), "x");
    bench.write("b.jsonl#y", "a file of that name");
    assert_eq!(id("b.jsonl#y"), "b.jsonl#y");
    bench.write("one.jsonl", record("https://news.example/#top", "the only one"));
    assert_eq!(id("one.jsonl"), "https://news.example/#top");
    assert_eq!(id("one.jsonl#https://news.example/#top"), "https://news.example/#top");
    bench.write("nameless.json", "[{\"text\": \"first\"},\n{\"text\": \"second\"}]");
    assert_eq!(id("nameless.json#nameless.json:2"), "nameless.json:2");
    let ran = Run::new(&["compare", "-", "a.txt", "--format", "json"]).folder(bench.path()).stdin(words("s", 30)).go();
    assert_eq!(json_of(&ran)["a"]["words"], 30);
}

#[test]
fn what_cannot_be_compared_is_refused_with_what_to_do() {
    let bench = folder();
    bench.write("twice.jsonl", record("t", "one") + &record("t", "two") + "broken\n");
    bench.write("empty.jsonl", "");
    bench.write("nul.txt", b"a\0b");
    let cases: &[(&[&str], &str)] = &[
        (&["none.txt", "a.txt"], "none.txt: no such file"),
        (&["a.txt", "none.jsonl#x"], "none.jsonl: no such file"),
        (&["b.jsonl", "a.txt"], "b.jsonl: has 3 articles; name one: b.jsonl#x"),
        (&["b.jsonl#z", "a.txt"], "b.jsonl: has no article z (has: x, y, y2)"),
        (&["b.jsonl#b.jsonl:9", "a.txt"], "has no article b.jsonl:9"),
        (&["b.jsonl#", "a.txt"], "the id after # is missing"),
        (&["twice.jsonl#t", "a.txt"], "twice.jsonl:1, twice.jsonl:2"),
        (&["twice.jsonl#u", "a.txt"], "left out: twice.jsonl:3: not JSON"),
        (&["empty.jsonl", "a.txt"], "empty.jsonl: holds no article"),
        (&["nul.txt", "a.txt"], "not text"),
        (&[".", "a.txt"], "is a folder; name one file"),
        (&["-", "-"], "is named for both"),
        (&["a.txt"], "<B>"),
        (&["a.txt", "a.txt", "--width", "5"], "24..=1000"),
        (&["a.txt", "a.txt", "--min-words", "1"], "min-words: must be at least 4 (got 1)"),
        (&["a.txt", "a.txt", "--format", "xml"], "xml"),
    ];
    for (args, said) in cases {
        let ran = bench.run(&[&["compare"], *args].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{args:?}: {ran:?}");
        assert!(ran.stderr.contains(said), "no {said:?} in {}", ran.stderr);
    }
}

#[test]
fn texts_cannot_steer_the_page_or_the_terminal() {
    let bench = Bench::new();
    bench.write("a.txt", format!("\u{1b}[2J <script>alert(1)</script> \u{202e} {}", words("w", 40)));
    bench.write("<b>.txt", format!("\u{7}{}", words("w", 40)));
    let page = bench.run(&["compare", "a.txt", "<b>.txt", "--format", "html"]).stdout;
    assert!(!page.contains("<script>") && !page.contains("<b>") && page.contains("&lt;script&gt;"), "{page}");
    let laid = bench.run(&["compare", "a.txt", "<b>.txt"]).stdout;
    assert!(!laid.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{laid}");
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let bench = Bench::new();
    bench.write("long.txt", words("w", 60_000));
    for format in ["text", "html"] {
        let mut child = Run::new(&["compare", "long.txt", "long.txt", "--format", format]).folder(bench.path()).start();
        drop(child.stdout.take());
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    }
}
