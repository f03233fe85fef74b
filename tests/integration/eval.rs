//! `refrain eval`: invented findings against invented labels, and against a second program where it is at hand.

use crate::workbench::{Bench, Ran, Run, project_root, record, words};
use serde_json::{Value, json};
use std::process::Command;

const TOLD: &str = r#"{"type":"run","schema":1,"version":"0.1.0","config":{}}
{"type":"repetition","rule":"repeated-block","doc":"c1","first":{"start":0,"end":90,"paragraphs":[1,1]},"again":{"start":91,"end":171,"paragraphs":[2,2]},"similarity":1.0,"words":18}
{"type":"pair","rule":"near-duplicate","a":"a1","b":"a2","jaccard":0.95,"a_in_b":0.96,"b_in_a":0.99,"passages":[{"a":[0,50],"b":[10,60],"similarity":1.0,"words":40,"reordered":false}]}
{"type":"pair","rule":"near-duplicate","a":"a2","b":"a3","jaccard":0.84,"a_in_b":0.9,"b_in_a":0.9}
{"type":"pair","rule":"near-duplicate","a":"b1","b":"b2","jaccard":0.81,"a_in_b":0.82,"b_in_a":0.98,"a_covered":0.5,"b_covered":0.9}
{"type":"cluster","id":1,"members":["a1","a2","a3"],"keep":"a1","min_jaccard":0.84}
{"type":"cluster","id":2,"members":["b1","b2"],"keep":"b1","min_jaccard":0.81}
{"type":"summary","documents":9,"pairs":3}
"#;
const PAIRS: &str = "a1\ta2\tlight\na3\ta2\tlight\nd1\td2\theavy\n";
const CLUSTERS: &str = "a1\tone\na2\tone\na3\tone\nb1\ttwo\nb2\tthree\n";
const SPANS: &str = r#"{"kind":"passage","change":"light","source":"a2","source_span":[10,60],"target":"a1","target_span":[0,100]}
{"kind":"repetition","shape":"block","change":"verbatim","doc":"c1","first":[0,90],"again":[91,181]}
"#;

/// A folder with findings and labels of each form.
fn folder() -> Bench {
    let bench = Bench::new();
    bench.write("told.jsonl", TOLD);
    bench.write("exact.tsv", "a1\ta2\t0.95\t0.96\t0.99\na2\ta3\t0.84\t0.9\t0.9\nd1\td2\t0.9\t1\t1\n");
    bench.write("pairs.tsv", PAIRS);
    bench.write("clusters.tsv", CLUSTERS);
    bench.write("spans.jsonl", SPANS);
    bench
}

fn scored(bench: &Bench, truth: &str, args: &[&str]) -> Value {
    let ran = bench.run(&[&["eval", "told.jsonl", "--truth", truth, "--format", "json"], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[track_caller]
fn assert_refused(ran: &Ran, said: &str) {
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
    assert!(ran.stderr.contains(said), "no {said:?} in {}", ran.stderr);
}

#[test]
fn scores_to_read() {
    let bench = folder();
    for truth in ["exact.tsv", "pairs.tsv", "clusters.tsv", "spans.jsonl"] {
        let ran = bench.run(&["eval", "told.jsonl", "--truth", truth, "--sweep"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        insta::assert_snapshot!(format!("eval-{}", truth.split('.').next().unwrap()), ran.stdout);
    }
}

#[test]
fn the_form_of_the_labels_is_told_where_it_was_not_given() {
    let bench = folder();
    for (truth, form) in [("exact.tsv", "exact"), ("pairs.tsv", "pairs"), ("clusters.tsv", "clusters"), ("spans.jsonl", "spans")] {
        let ran = bench.run(&["eval", "told.jsonl", "--truth", truth]);
        assert_eq!(ran.stderr, format!("note: {truth}: read as {form} labels (--labels names another kind)\n"));
        let ran = bench.run(&["eval", "told.jsonl", "--truth", truth, "--labels", form]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    }
}

#[test]
fn json_has_the_same_numbers() {
    let bench = folder();
    let exact = scored(&bench, "exact.tsv", &["--threshold", "0.9"]);
    assert_eq!((&exact["labels"], &exact["true"], &exact["told"], &exact["recall"]), (&json!("exact"), &json!(2), &json!(1), &json!(0.5)));
    let pairs = scored(&bench, "pairs.tsv", &["--sweep", "--by", "coverage"]);
    assert_eq!((&pairs["f1"], &pairs["by_label"][0]), (&json!(0.666667), &json!({ "label": "heavy", "true": 1, "recall": 0.0 })));
    assert_eq!((&pairs["sweep"]["without_value"], &pairs["sweep"]["rows"][0]["threshold"]), (&json!(2), &json!(0.9)));
    let clusters = scored(&bench, "clusters.tsv", &[]);
    assert_eq!((&clusters["precision"], &clusters["recall"], &clusters["sweep"]), (&json!(0.75), &json!(1.0), &Value::Null));
    let spans = scored(&bench, "spans.jsonl", &[]);
    assert_eq!((&spans["kinds"][0]["recall"], &spans["kinds"][1]["recall"]), (&json!(0.666667), &json!(0.944444)));
    assert_eq!(spans["kinds"][1]["by_shape"], json!([{ "name": "block", "cases": 1, "recall": 0.944444 }]));
}

#[test]
fn findings_come_from_a_scan_through_a_pipe() {
    let bench = folder();
    bench.write("articles.jsonl", record("a1", &words("w", 40)) + &record("a2", &words("w", 40)));
    let told = bench.run(&["scan", "articles.jsonl", "--format", "jsonl"]).stdout;
    let run = Run::new(&["eval", "-", "--truth", "pairs.tsv", "--format", "json"]).folder(bench.path()).stdin(told).go();
    let scores: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&scores["told"], &scores["precision"]), (&json!(1), &json!(1.0)));
}

#[test]
fn pairs_that_were_not_listed_are_told() {
    let bench = folder();
    bench.write("told.jsonl", "{\"type\":\"summary\",\"unlisted_pairs\":7}\n");
    let ran = bench.run(&["eval", "told.jsonl", "--truth", "pairs.tsv"]);
    assert!(ran.stderr.contains("note: 7 pairs of equal articles are not listed in the findings, only counted"), "{}", ran.stderr);
}

#[test]
fn wrong_findings_are_told_by_line() {
    let bench = folder();
    let cases = [
        ("{\"type\":\"run\"}\npair\n", "told.jsonl:2: not JSON: "),
        ("{\"type\":\"pair\",\"a\":\"a1\"}\n", "told.jsonl:1: missing field `b`; expected the JSONL findings of `refrain scan`"),
        ("{\"run\":{}}\n", "told.jsonl:1: missing field `type`"),
        ("{\"type\":\"repetition\",\"doc\":\"c1\",\"first\":[3,1],\"again\":[4,6]}\n", "ends at 1 before it starts at 3"),
        ("{\"type\":\"cluster\",\"id\":1}\n", "missing field `members`"),
        ("{\"type\":\"pair\",\"a\":\"a1\",\"b\":\"a2\"}\n", "told.jsonl:1: a pair without `jaccard`"),
    ];
    for (told, said) in cases {
        bench.write("told.jsonl", told);
        assert_refused(&bench.run(&["eval", "told.jsonl", "--truth", "exact.tsv"]), said);
    }
}

#[test]
fn wrong_labels_are_told_by_line() {
    let bench = folder();
    let cases = [
        ("x1\ty1\nx2\ty2\n", "truth: two columns that may be pairs or clusters; say which with --labels: pairs or clusters"),
        ("a1\ta2\nb1\n", "truth:2: only one column; separate two ids"),
        ("", "truth: no labels"),
        ("{\"kind\":\"passage\"}\n", "truth:1: missing field `source`; expected an object with kind passage"),
    ];
    for (truth, said) in cases {
        bench.write("truth", truth);
        assert_refused(&bench.run(&["eval", "told.jsonl", "--truth", "truth"]), said);
    }
    let ran = bench.run(&["eval", "told.jsonl", "--truth", "pairs.tsv", "--labels", "exact"]);
    assert_refused(&ran, "pairs.tsv:1: `light` in the third column is not a Jaccard between 0 and 1");
}

#[test]
fn flags_that_do_not_fit_exit_with_2_and_say_what_would() {
    let bench = folder();
    let cases: &[(&[&str], &str)] = &[
        (&["pairs.tsv", "--by", "coverage"], "--sweep"),
        (&["exact.tsv", "--sweep", "--by", "coverage"], "by: exact labels allow one measure to sweep over, Jaccard"),
        (&["spans.jsonl", "--sweep", "--by", "containment"], "by: spans labels allow one measure"),
        (&["pairs.tsv", "--threshold", "0.5"], "threshold: works with exact labels, and these are pairs; --sweep shows"),
        (&["exact.tsv", "--threshold", "7"], "threshold: must be between 0 and 1 (got 7)"),
        (&["exact.tsv", "--labels", "poems"], "poems"),
        (&["none.tsv"], "none.tsv: "),
        (&["."], ".: "),
    ];
    for (args, said) in cases {
        assert_refused(&bench.run(&[&["eval", "told.jsonl", "--truth"], *args].concat()), said);
    }
    assert_refused(&bench.run(&["eval", "-", "--truth", "-"]), "-: is both the findings and the labels");
    assert_refused(&bench.run(&["eval", "none.jsonl", "--truth", "pairs.tsv"]), "none.jsonl: ");
    assert_refused(&bench.run(&["eval", "told.jsonl"]), "--truth");
    bench.write("told.jsonl", "{\"type\":\"pair\",\"a\":\"a1\",\"b\":\"a2\"}\n");
    let ran = bench.run(&["eval", "told.jsonl", "--truth", "pairs.tsv", "--sweep"]);
    assert_refused(&ran, "told.jsonl: no pair has a jaccard to sweep over; sweep over another measure, or scan again");
}

/// Numbers without a pattern, the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn stretch(&mut self) -> [u64; 2] {
        let start = self.below(300);
        [start, start + 1 + self.below(120)]
    }
}

/// Findings and labels of every form over a dozen documents.
#[derive(Default)]
struct Invented {
    told: Vec<Value>,
    exact: String,
    pairs: String,
    clusters: String,
    spans: Vec<Value>,
}

impl Invented {
    fn add_pair(&mut self, a: &str, b: &str, numbers: &mut Numbers) {
        let jaccard = 0.5 + numbers.below(500_000) as f64 / 1e6;
        if numbers.below(2) == 0 {
            let passage = |_| json!({ "a": numbers.stretch(), "b": numbers.stretch(), "words": 30 });
            let passages: Vec<_> = (0..3).map(passage).collect();
            self.told.push(json!({ "type": "pair", "a": a, "b": b, "jaccard": jaccard, "passages": passages }));
        }
        if numbers.below(2) == 0 {
            self.exact += &format!("{a}\t{b}\t{:.6}\n", jaccard - numbers.below(3) as f64 / 100.0);
            self.pairs += &format!("{b}\t{a}\n");
            let change = if numbers.below(2) == 0 { "light" } else { "heavy" };
            let (source, target) = (numbers.stretch(), numbers.stretch());
            let passage =
                json!({ "kind": "passage", "change": change, "source": b, "source_span": source, "target": a, "target_span": target });
            self.spans.push(passage);
        }
    }

    fn add_document(&mut self, doc: &str, numbers: &mut Numbers) {
        self.clusters += &format!("{doc}\tgroup-{}\n", numbers.below(4));
        let named = |[start, end]: [u64; 2]| json!({ "start": start, "end": end });
        let (first, again) = (named(numbers.stretch()), named(numbers.stretch()));
        self.told.push(json!({ "type": "repetition", "doc": doc, "first": first, "again": again, "words": 20 }));
        let shape = if numbers.below(2) == 0 { "block" } else { "sentence" };
        let (first, again) = (numbers.stretch(), numbers.stretch());
        self.spans.push(json!({ "kind": "repetition", "shape": shape, "change": "verbatim", "doc": doc, "first": first, "again": again }));
    }

    fn write(self, bench: &Bench) {
        let lines = |values: &[Value]| values.iter().map(|value| format!("{value}\n")).collect::<String>();
        bench.write("told.jsonl", lines(&self.told));
        bench.write("exact.tsv", self.exact);
        bench.write("pairs.tsv", self.pairs);
        bench.write("clusters.tsv", self.clusters);
        bench.write("spans.jsonl", lines(&self.spans));
    }
}

fn write_invented(bench: &Bench) {
    let (mut invented, mut numbers) = (Invented::default(), Numbers(5));
    let names: Vec<String> = (0..12).map(|number| format!("doc-{number:02}")).collect();
    for (number, a) in names.iter().enumerate() {
        invented.add_document(a, &mut numbers);
        names[number + 1..].iter().for_each(|b| invented.add_pair(a, b, &mut numbers));
    }
    invented.told.push(json!({ "type": "cluster", "id": 1, "members": [names[0], names[3], names[4], "stranger"] }));
    invented.told.push(json!({ "type": "cluster", "id": 2, "members": [names[1], names[2], names[7], names[8]] }));
    invented.write(bench);
}

/// What the second program prints, as words; None, said plainly, where it is not there.
fn second_program(bench: &Bench, args: &[&str]) -> Option<Vec<Vec<String>>> {
    let script = project_root().join("../shared/eval/score.py");
    let has_python = Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    if !script.is_file() || !has_python {
        eprintln!("left out: ../shared/eval/score.py or python3 is not there");
        return None;
    }
    let output = Command::new("python3").arg(script).args(args).current_dir(bench.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect())
}

/// Holds each number to the word that follows its name, as far as that has decimals.
#[track_caller]
fn assert_agree(line: &[String], scores: &Value, fields: &[(&str, &str)]) {
    for (name, field) in fields {
        let at = line.iter().position(|word| word == name).unwrap_or_else(|| panic!("no {name} in {line:?}"));
        let (word, number) = (&line[at + 1], scores[field].as_f64().unwrap());
        let decimals = word.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let unit = 0.1_f64.powi(i32::try_from(decimals).unwrap());
        assert!((word.parse::<f64>().unwrap() - number).abs() <= unit * 0.51, "{field}: {number} and {line:?}");
    }
}

#[test]
fn pairs_and_clusters_agree_with_a_second_program() {
    let bench = Bench::new();
    write_invented(&bench);
    let Some(lines) = second_program(&bench, &["pairs", "told.jsonl", "exact.tsv", "--threshold", "0.7"]) else { return };
    let scores = scored(&bench, "exact.tsv", &["--threshold", "0.7"]);
    assert_agree(&lines[0], &scores, &[("true", "true"), ("told", "told"), ("recall", "recall"), ("precision", "precision")]);
    let error: f64 = lines[0].last().unwrap().parse().unwrap();
    assert!((error - scores["largest_jaccard_error"].as_f64().unwrap()).abs() <= error * 0.01, "{lines:?}");

    let lines = second_program(&bench, &["labelled", "told.jsonl", "pairs.tsv"]).unwrap();
    let fields = [("true", "true"), ("told", "told"), ("recall", "recall"), ("precision", "precision"), ("f1", "f1")];
    assert_agree(&lines[0], &scored(&bench, "pairs.tsv", &["--labels", "pairs"]), &fields);

    let lines = second_program(&bench, &["clusters", "told.jsonl", "clusters.tsv"]).unwrap();
    let scores = scored(&bench, "clusters.tsv", &["--labels", "clusters"]);
    assert_agree(&lines[0], &scores, &[("documents", "documents"), ("index", "adjusted_rand_index")]);
}

#[test]
fn spans_agree_with_a_second_program() {
    let bench = Bench::new();
    write_invented(&bench);
    let Some(lines) = second_program(&bench, &["planted", "told.jsonl", "spans.jsonl"]) else { return };
    let scores = scored(&bench, "spans.jsonl", &[]);
    let fields = ["plagdet", "recall", "precision", "granularity", "cases", "told"].map(|name| (name, name));
    for (line, kind) in lines.iter().zip(scores["kinds"].as_array().unwrap()) {
        assert_eq!(kind["kind"], line[0].as_str());
        assert!(kind["plagdet"].as_f64().unwrap() > 0.0);
        assert_agree(line, kind, &fields);
    }
    let groups: Vec<&Value> = scores["kinds"].as_array().unwrap().iter().flat_map(|kind| [&kind["by_change"], &kind["by_shape"]]).collect();
    let groups: Vec<&Value> = groups.into_iter().flat_map(|groups| groups.as_array().unwrap()).collect();
    assert_eq!(lines.len(), 2 + groups.len());
    for line in &lines[2..] {
        let is_same = |group: &&&Value| group["name"] == line[1].as_str() && group["cases"].as_u64() == line[5].parse().ok();
        assert_agree(line, groups.iter().find(is_same).unwrap_or_else(|| panic!("no {line:?}")), &[("recall", "recall")]);
    }
}
