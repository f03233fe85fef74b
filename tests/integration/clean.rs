//! `refrain clean` and `refrain restore`: what is removed, what is written, and the way back.

use crate::workbench::{Bench, Ran, record, words};
use serde_json::Value;
use std::fs;
use std::io::Read;

/// Runs, and fails unless the exit code is 0.
#[track_caller]
pub(crate) fn run(bench: &Bench, args: &[&str]) -> Ran {
    let ran = bench.run(args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran
}

pub(crate) fn read(bench: &Bench, name: &str) -> String {
    String::from_utf8(fs::read(bench.path().join(name)).unwrap()).unwrap()
}

/// Lines of a manifest.
pub(crate) fn manifest(bench: &Bench, name: &str) -> Vec<Value> {
    read(bench, name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) fn of_type<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["type"] == kind).collect()
}

/// Cleans `input` into `out`, holds the totals and the way back to what they promise, and that cleaning again changes nothing.
#[track_caller]
pub(crate) fn clean_and_back(bench: &Bench, input: &str, args: &[&str]) -> (String, Vec<Value>) {
    let ending = input.split_once('.').unwrap().1;
    let [out, back, again] = ["out", "back", "again"].map(|name| format!("{name}.{ending}"));
    let bytes = |name: &str| fs::read(bench.path().join(name)).unwrap();
    run(bench, &[&["clean", input, "-o", &out, "--manifest", "m"], args].concat());
    run(bench, &["restore", &out, "--manifest", "m", "-o", &back]);
    assert_eq!(content(input, bytes(input)), content(input, bytes(&back)), "restored");
    run(bench, &[&["clean", &out, "-o", &again, "--manifest", "m2"], args].concat());
    assert_eq!(bytes(&out), bytes(&again), "cleaned again");
    let lines = manifest(bench, "m");
    let summary = of_type(&lines, "summary")[0];
    let number = |name: &str| summary[name].as_u64().unwrap();
    assert_eq!(number("bytes_in") + number("bytes_inserted"), number("bytes_out") + number("bytes_removed"));
    assert_eq!(number("records_in"), number("records_kept") + number("records_removed"));
    let removed: u64 = of_type(&lines, "removal").iter().map(|line| line["bytes"].as_u64().unwrap()).sum();
    assert_eq!(removed, number("bytes_removed"));
    (String::from_utf8_lossy(&bytes(&out)).into_owned(), lines)
}

/// What a file of that name holds, decompressed.
fn content(name: &str, bytes: Vec<u8>) -> Vec<u8> {
    let mut content = Vec::new();
    let read = match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("gz") => flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut content),
        Some("zst") => {
            let mut decoder = zstd::Decoder::new(bytes.as_slice()).unwrap();
            decoder.window_log_max(31).unwrap();
            decoder.read_to_end(&mut content)
        }
        _ => return bytes,
    };
    read.unwrap();
    content
}

#[test]
fn repetition_and_copies_go_and_everything_else_stays_byte_for_byte() {
    let bench = Bench::new();
    let body = words("w", 40);
    let kept = format!("{{\"n\": 1.50, \"id\":\"a\" ,\"text\":\"Lead\\n{body}\",\"x\":[1e3,{{}}]}}");
    let input = format!(
        "{}\r\n{{\"id\":\"b\",\"text\":\"{}\"}}\nnot json\n{}",
        kept.replace(&body, &format!("{body}\\n\\u0077{}", &body[1..])),
        format_args!("LEAD {}", body.to_uppercase()),
        record("c", &words("c", 30)).trim_end(),
    );
    bench.write("in.jsonl", &input);
    let (out, lines) = clean_and_back(&bench, "in.jsonl", &[]);
    assert_eq!(out, format!("{kept}\r\nnot json\n{}", record("c", &words("c", 30)).trim_end()));
    let removals = of_type(&lines, "removal");
    assert_eq!(removals.len(), 2);
    assert_eq!((&removals[0]["rule"], &removals[0]["copy"]["doc"]), (&"repeated-paragraph".into(), &"a".into()));
    let length = 5 + body.len() as u64;
    assert_eq!((removals[0]["span"][0].as_u64(), removals[0]["span"][1].as_u64()), (Some(length), Some(length + 1 + body.len() as u64)));
    assert_eq!((&removals[1]["rule"], &removals[1]["doc"], &removals[1]["span"]), (&"identical".into(), &"b".into(), &Value::Null));
    let summary = of_type(&lines, "summary")[0];
    assert_eq!((&summary["records_in"], &summary["records_removed"], &summary["records_unreadable"]), (&4.into(), &1.into(), &1.into()));
}

#[test]
fn elements_of_an_array_go_with_a_comma() {
    let bench = Bench::new();
    let article = |id: &str, salt: &str| format!("{{\"id\": \"{id}\", \"text\": \"{}\"}}", words(salt, 30));
    for (order, left) in [("xab", "ab"), ("axb", "ab"), ("abx", "ab"), ("xyab", "ab"), ("axyb", "ab"), ("a", "a")] {
        let element = |name: char| article(&name.to_string(), if matches!(name, 'x' | 'y' | 'b') { "b" } else { "a" });
        let list = |order: &str| format!("[\n  {}\n]\n", order.chars().map(element).collect::<Vec<_>>().join(",\n  "));
        bench.write("in.json", list(order));
        let (out, _) = clean_and_back(&bench, "in.json", &["--keep", "first"]);
        let kept: Vec<Value> = serde_json::from_str(&out).unwrap();
        let kept: String = kept.iter().map(|article| article["id"].as_str().unwrap()).collect();
        assert_eq!(kept, left, "{order}");
        assert_eq!(out, list(left), "{order}");
    }
}

#[test]
fn a_name_narrows_what_is_removed() {
    let bench = Bench::new();
    let (body, loops) = (words("w", 40), "read more ".repeat(12));
    bench.write(
        "in.jsonl",
        record("a", &format!("{body}\n{body}\n{loops}")) + &record("b", &body) + &record("c", &(body.clone() + " more")),
    );
    let rules = |args: &[&str]| {
        let (_, lines) = clean_and_back(&bench, "in.jsonl", args);
        let rules: Vec<String> = of_type(&lines, "removal").iter().map(|line| line["rule"].as_str().unwrap().to_owned()).collect();
        rules.join(" ")
    };
    assert_eq!(rules(&["--keep", "first", "--remove", "repeated-phrase"]), "repeated-phrase");
    assert_eq!(rules(&["--keep", "first", "--remove", "within"]), "repeated-paragraph repeated-phrase");
    assert_eq!(rules(&["--remove", "identical"]), "");
    assert_eq!(
        rules(&["--keep", "first", "--remove", "repeated-paragraph,repeated-phrase,near-duplicate"]),
        "repeated-paragraph repeated-phrase near-duplicate near-duplicate"
    );
    assert_eq!(rules(&["--remove", "nothing"]), "");
    let ran = bench.run(&["clean", "in.jsonl", "-o", "x", "--remove", "everything"]);
    assert!(ran.code == 2 && ran.stderr.contains("everything"), "{}", ran.stderr);
}

#[test]
fn copies_that_are_less_alike_than_asked_stay() {
    let bench = Bench::new();
    let body = words("w", 20);
    bench.write("in.jsonl", record("a", &format!("{body}.\n{}.\n{body}.", body.replace("w7 w8", "x7 x8"))));
    let removals = |least: &str| of_type(&clean_and_back(&bench, "in.jsonl", &["--min-similarity", least]).1, "removal").len();
    assert_eq!((removals("0"), removals("0.95")), (2, 1));
    assert_eq!(bench.run(&["clean", "in.jsonl", "-o", "x", "--min-similarity", "7"]).code, 2);
}

#[test]
fn which_of_alike_articles_stays() {
    let bench = Bench::new();
    let line = |id: &str, date: &str, outlet: &str, score: &str, more: usize| {
        let text = words("w", 60 + more);
        format!("{{\"id\":\"{id}\",\"text\":\"{text}\",\"date\":\"{date}\",\"outlet\":\"{outlet}\",\"meta\":{{\"score\":{score}}}}}\n")
    };
    let lines =
        [("a", "2020-01-03", "Daily", "2", 3), ("b", "2020-01-01", "Agency", "10.5", 0), ("c", "2020-01-02", "agency ", "\"9\"", 1)];
    bench.write("in.jsonl", lines.map(|(id, date, outlet, score, more)| line(id, date, outlet, score, more)).concat());
    let kept = |keep: &str| {
        let (out, _) = clean_and_back(&bench, "in.jsonl", &["--facts", "ignore", "--keep", keep]);
        let kept: Value = serde_json::from_str(&out).unwrap();
        kept["id"].as_str().unwrap().to_owned()
    };
    let by = ["earliest", "latest", "longest", "first", "highest:meta.score", "highest:none", "outlets:Daily,Agency", "outlets:AGENCY"];
    assert_eq!(by.map(kept), ["b", "a", "a", "a", "b", "b", "a", "b"]);
    for wrong in ["highest:", "outlets:A,,B", "best", "highest"] {
        assert_eq!(bench.run(&["clean", "in.jsonl", "-o", "x", "--keep", wrong]).code, 2, "{wrong}");
    }
    assert!(bench.run(&["scan", "in.jsonl", "--keep", "highest:score"]).stderr.contains("only refrain clean takes highest:FIELD"));
}

#[test]
fn contained_articles_go_for_one_that_stays() {
    let bench = Bench::new();
    let text = |from: usize, to: usize| (from..to).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
    let lines = [("small", 0, 40), ("middle", 0, 100), ("large", 0, 300), ("other", 900, 960)];
    bench.write("in.jsonl", lines.map(|(id, from, to)| record(id, &text(from, to))).concat());
    let (out, lines) = clean_and_back(&bench, "in.jsonl", &["--remove", "across,contained"]);
    assert_eq!(out, record("large", &text(0, 300)) + &record("other", &text(900, 960)));
    for removal in of_type(&lines, "removal") {
        assert_eq!(
            (&removal["rule"], &removal["copy"]["doc"], &removal["similarity"]),
            (&"contained".into(), &"large".into(), &1.0.into())
        );
    }
}

#[test]
fn boilerplate_goes_from_every_article() {
    let bench = Bench::new();
    let follow = "Follow us on every channel and never miss a story";
    let article = |n: usize| format!("{}\n\n{follow}\n\n{}\n", words(&format!("a{n}x"), 30), words(&format!("b{n}x"), 30));
    let lines: String = (0..6).map(|n| record(&n.to_string(), &article(n))).collect();
    bench.write("in.jsonl", lines + &record("bare", follow) + &record("few", &words("f", 30)));
    let (out, lines) = clean_and_back(&bench, "in.jsonl", &["--remove", "within,boilerplate", "--boilerplate", "5"]);
    assert!(!out.contains("Follow") && out.lines().count() == 7, "{out}");
    assert!(out.contains("a0x29\\n\\nb0x0"), "one separator stays");
    assert_eq!(of_type(&lines, "removal").len(), 7);
    let (out, _) = clean_and_back(&bench, "in.jsonl", &["--remove", "boilerplate", "--boilerplate", "8"]);
    assert_eq!(out, read(&bench, "in.jsonl"));
}

#[test]
fn articles_over_the_thresholds_of_a_filter_go() {
    let bench = Bench::new();
    bench.write("in.jsonl", record("loop", &"read more ".repeat(30)) + &record("prose", &words("p", 80)));
    let (out, lines) = clean_and_back(&bench, "in.jsonl", &["--remove", "nothing", "--filter", "gopher"]);
    assert_eq!(out, record("prose", &words("p", 80)));
    let removal = of_type(&lines, "removal")[0];
    assert_eq!((&removal["rule"], &removal["measure"]["name"]), (&"gopher".into(), &"top_2_gram".into()));
    assert!(removal["measure"]["value"].as_f64() > removal["measure"]["threshold"].as_f64());
    bench.write(
        "refrain.toml",
        "[clean]\nremove = [\"across\"]\nfilter = \"gopher\"\n[clean.thresholds]\ntop_2_gram = 1.0\ntop_3_gram = 1.0\n\
        top_4_gram = 1.0\nduplicate_5_grams = 1.0\nduplicate_6_grams = 1.0\nduplicate_7_grams = 1.0\nduplicate_8_grams = 1.0\n\
        duplicate_9_grams = 1.0\nduplicate_10_grams = 1.0\n",
    );
    assert_eq!(clean_and_back(&bench, "in.jsonl", &[]).0, read(&bench, "in.jsonl"), "the file has other thresholds");
    bench.write("refrain.toml", "[clean]\nfliter = \"gopher\"\n");
    assert!(bench.run(&["scan", "in.jsonl"]).stderr.contains("fliter"));
}

#[test]
fn annotating_marks_and_removes_nothing() {
    let bench = Bench::new();
    let body = words("w", 40);
    bench.write("in.jsonl", record("a", &format!("{body}\n{body}")) + &record("b", &body) + "no json\n" + &record("c", &words("c", 30)));
    run(&bench, &["clean", "in.jsonl", "-o", "out", "--annotate", "--keep", "first"]);
    run(&bench, &["restore", "out", "-o", "back"]);
    assert_eq!(read(&bench, "back"), read(&bench, "in.jsonl"));
    let out = read(&bench, "out");
    let marks: Vec<Value> =
        out.lines().filter_map(|line| serde_json::from_str(line).ok()).map(|record: Value| record["refrain"].clone()).collect();
    assert_eq!(marks.len(), 3);
    assert_eq!((&marks[0]["keep"], &marks[0]["spans"][0]["rule"]), (&true.into(), &"repeated-paragraph".into()));
    assert_eq!((&marks[0]["spans"][0]["start"], &marks[0]["spans"][0]["copy"]), (&body.len().into(), &serde_json::json!([0, body.len()])));
    assert_eq!((&marks[1]["keep"], &marks[1]["why"], &marks[1]["copy"]), (&false.into(), &"identical".into(), &"a".into()));
    assert_eq!(marks[1]["cluster"], serde_json::json!({ "id": 1, "size": 2, "keep": "a" }));
    assert_eq!(marks[2]["measures"]["top_2_gram"], 0.0);
    assert!(bench.run(&["clean", "out", "-o", "twice", "--annotate"]).stderr.contains("already has a field `refrain`"));
    bench.write("texts/a.txt", format!("{body}\n{body}\n"));
    run(&bench, &["clean", "texts", "-o", "marked", "--annotate"]);
    assert_eq!(read(&bench, "marked/a.txt"), read(&bench, "texts/a.txt"));
    let mark: Value = serde_json::from_str(&read(&bench, "marked.annotations.jsonl")).unwrap();
    assert_eq!((&mark["id"], &mark["refrain"]["spans"][0]["rule"]), (&"texts/a.txt".into(), &"repeated-paragraph".into()));
}

#[test]
fn a_dry_run_tells_and_writes_nothing() {
    let bench = Bench::new();
    bench.write("in.jsonl", record("a", &words("w", 40)) + &record("b", &words("w", 40)));
    let ran = run(&bench, &["clean", "in.jsonl", "--dry-run", "-o", "out"]);
    assert!(ran.stdout.contains("identical, a is kept") && ran.stdout.contains("2 articles: 1 kept, 1 removed"), "{}", ran.stdout);
    assert_eq!(crate::workbench::names_in(bench.path()), ["in.jsonl"]);
    run(&bench, &["clean", "in.jsonl", "--dry-run"]);
    assert_eq!(bench.run(&["clean", "in.jsonl"]).code, 2, "an output is wanted");
}

#[test]
fn without_the_removed_text_nothing_is_restored() {
    let bench = Bench::new();
    bench.write("in.jsonl", record("a", &words("secret", 40)) + &record("b", &words("secret", 40)));
    run(&bench, &["clean", "in.jsonl", "-o", "out", "--removed-text", "none"]);
    assert!(!read(&bench, "out.manifest.jsonl").contains("secret"));
    let ran = bench.run(&["restore", "out", "-o", "back"]);
    assert!(ran.code == 2 && ran.stderr.contains("does not contain the removed text"), "{}", ran.stderr);
}

mod properties {
    use super::*;
    use proptest::prelude::*;
    use refrain::clean::{Options, Totals, clean, restore};
    use refrain::{Error, FileCorpus, Silent, SourceOptions};
    use std::path::Path;

    /// A JSON string of `text`; `how` says which characters are escaped, and how.
    fn literal(text: &str, how: u8) -> String {
        let mut json = String::from("\"");
        for (at, c) in text.chars().enumerate() {
            if c == '"' || c == '\\' || c.is_control() || (at as u64 * 7 + u64::from(how)).is_multiple_of(11) {
                c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| json += &format!("\\u{unit:04X}"));
            } else {
                json.push(c);
            }
        }
        json + "\""
    }

    fn lines() -> impl Strategy<Value = String> {
        let sentence = |n: usize| words(["a", "ب", "é", "x\"", "😀t", "c\\"][n], [12, 30, 11, 26, 3, 14][n]) + ".";
        let unit = (0..6_usize, "(\n|\n\n| |\r\n|\t)").prop_map(move |(n, separator)| sentence(n) + &separator);
        let text = prop::collection::vec(unit, 0..7).prop_map(|units| units.concat());
        let article = (text, any::<u8>(), "( |)", "(\n|\r\n|\n\n)").prop_map(|(text, how, space, end)| {
            format!("{{\"n\":{how}.0,{space}\"text\":{space}{},\"id\":\"{how}\"}}{end}", literal(&text, how))
        });
        let line = prop_oneof![8 => article, 1 => Just("{\"text\": 5}\n".to_owned()), 1 => Just("{\"text\": \"\\ud800 x\"}\n".to_owned())];
        (prop::collection::vec(line, 0..10), any::<bool>()).prop_map(|(lines, ends)| {
            let all = lines.concat();
            if ends { all } else { all.trim_end().to_owned() }
        })
    }

    /// None if there is no article to clean.
    fn cleaned(folder: &Path, input: &str, out: &str, options: &Options) -> Option<Totals> {
        let input = folder.join(input);
        let corpus = FileCorpus::open(std::slice::from_ref(&input), &SourceOptions::default()).unwrap();
        match clean(&corpus, &[input], Some(&folder.join(out)), options, &Silent) {
            Err(Error::NothingRead { .. }) => None,
            cleaned => Some(cleaned.unwrap().totals),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_was_cleaned_comes_back_and_is_clean(input in lines(), annotate in any::<bool>(), array in any::<bool>()) {
            let bench = Bench::new();
            let folder = bench.path();
            let name = if array { "in.json" } else { "in.jsonl" };
            let input = if array { format!("[{}]", input.split_terminator('\n').filter(|line| line.starts_with('{')).collect::<Vec<_>>().join(" ,\n")) } else { input };
            bench.write(name, &input);
            let out = format!("out-{name}");
            let options = Options { annotate, ..Options::default() };
            let Some(totals) = cleaned(folder, name, &out, &options) else {
                prop_assert!(!folder.join(&out).exists());
                return Ok(());
            };
            prop_assert_eq!(totals.bytes_in + totals.bytes_inserted, totals.bytes_out + totals.bytes_removed);
            prop_assert_eq!(totals.records_in, totals.records_kept + totals.records_removed);
            prop_assert_eq!(totals.bytes_in, input.len() as u64);
            let manifest = folder.join(format!("{out}.manifest.jsonl"));
            restore(&folder.join(&out), &manifest, &folder.join("back"), &Silent).unwrap();
            prop_assert_eq!(fs::read(folder.join("back")).unwrap(), input.as_bytes());
            if annotate {
                return Ok(());
            }
            let again = cleaned(folder, &out, &format!("again-{name}"), &options);
            prop_assert_eq!(again.map_or(0, |totals| totals.bytes_removed), 0);
            // Half a surrogate pair is read, and is no JSON.
            if array && !input.contains("ud800") {
                prop_assert!(serde_json::from_slice::<Value>(&fs::read(folder.join(&out)).unwrap()).is_ok());
            }
        }
    }
}
