//! `refrain clean --plan` and `--review`: what a cleaning would do, before it does it, and whether people agree.

use crate::workbench::{Bench, names_in, record, words};
use serde_json::Value;

/// 3,000 articles of two outlets, of which 300 are copies of the one before.
fn corpus() -> String {
    let line = |n: usize| {
        let text = words(&format!("w{}-", if n % 10 == 9 { n - 1 } else { n }), 60);
        serde_json::json!({"id": format!("d{n:04}"), "outlet": if n < 1000 { "Courier" } else { "Herald" }, "text": text}).to_string()
            + "\n"
    };
    (0..3000).map(line).collect()
}

/// The three numbers of a row of the plan.
fn row(plan: &str, name: &str) -> [f64; 3] {
    let line = plan.lines().find(|line| line.trim().starts_with(name)).unwrap_or_else(|| panic!("no {name} in {plan}"));
    let numbers: Vec<f64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    [numbers[0], numbers[1], numbers[2]]
}

#[test]
fn a_plan_of_all_says_what_is_removed_and_one_of_a_sample_holds_it() {
    let bench = Bench::new();
    bench.write("in.jsonl", corpus());
    let plan = |args: &[&str]| {
        let ran = bench.run(&[&["clean", "in.jsonl"], args].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    let whole = plan(&["--plan"]);
    assert_eq!(row(&whole, "identical"), [300.0, 300.0, 300.0], "{whole}");
    assert!(whole.starts_with("from all 3000 articles; the removals are exact\n"), "{whole}");
    let source = whole.lines().find(|line| line.trim().starts_with("Herald")).unwrap();
    assert_eq!(source.split_whitespace().collect::<Vec<_>>(), ["Herald", "10.0", "%", "10.0", "%", "to", "10.0", "%", "2000"]);
    for name in ["time", "memory", "output", "removed text"] {
        assert!(whole.contains(&format!("\n  {name} ")), "{whole}");
    }
    let sample = plan(&["--plan=50%"]);
    let [estimate, low, high] = row(&sample, "identical");
    assert!(low <= 300.0 && 300.0 <= high && low <= estimate && estimate <= high, "{sample}");
    assert_eq!(names_in(bench.path()), ["in.jsonl"], "nothing is written");
}

#[test]
fn many_files_are_sampled_file_by_file() {
    let bench = Bench::new();
    (0..200).for_each(|n| _ = bench.write(&format!("in/{n}.txt"), words(&format!("w{n}-"), 40)));
    let ran = bench.run(&["clean", "in", "--plan=10%"]);
    assert!(ran.stdout.starts_with("from 20 articles, 10.") && ran.stdout.contains("% of the input; about "), "{}", ran.stdout);
}

#[test]
fn decisions_are_put_on_a_page_and_judgements_are_scored() {
    let bench = Bench::new();
    let body = |figure: &str| format!("{} and {figure} boats were counted {}", words("a", 40), words("b", 40));
    let lines = [
        record("near", &format!("{}.", body("19"))),
        record("fact", &body("20")),
        record("keep", &body("19")),
        record("twice", &format!("{0}\n{0}\n{1}", format!("S{}.", words("s", 40)), words("t", 40))),
        record("hostile", "</script><script>alert(1)</script>"),
    ];
    bench.write("in.jsonl", lines.concat());
    let ran = bench.run(&["clean", "in.jsonl", "--review", "20", "-o", "review.html"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("3 decisions in review.html"), "{}", ran.stderr);
    let page = std::fs::read_to_string(bench.path().join("review.html")).unwrap();
    let (_, data) = page.split_once("id=\"data\">").unwrap();
    let data: Value = serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap();
    let strata: Vec<&str> = data["cases"].as_array().unwrap().iter().map(|case| case["stratum"].as_str().unwrap()).collect();
    assert_eq!(strata, ["identical", "kept:near-duplicate", "repeated-paragraph"]);
    let cut = &data["cases"][2];
    let marked: Vec<usize> =
        cut["text"]["marked"].as_array().unwrap().iter().map(|at| usize::try_from(at.as_u64().unwrap()).unwrap()).collect();
    assert!(cut["text"]["text"].as_str().unwrap()[marked[0]..marked[1]].contains(&words("s", 40)));
    assert_eq!(cut["copy"], "twice");

    let label = |stratum: &str, label: &str| {
        serde_json::json!({"type": "review", "stratum": stratum, "doc": "x", "label": label}).to_string() + "\n"
    };
    bench.write("labels.jsonl", label("identical", "right") + &label("identical", "wrong") + &label("kept:near-duplicate", "unsure"));
    let ran = bench.run(&["eval", "labels.jsonl"]);
    let rows: Vec<Vec<&str>> = ran.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[1][..5], ["identical", "1", "1", "0", "0.500"], "{}", ran.stdout);
    assert_eq!(rows[2], ["kept:near-duplicate", "0", "0", "1", "-", "-"]);
    let json: Value = serde_json::from_str(&bench.run(&["eval", "labels.jsonl", "--format", "json"]).stdout).unwrap();
    assert_eq!((&json["strata"][0]["right"], &json["strata"][0]["precision"]), (&1.into(), &0.5.into()));
    let refused = bench.run(&["eval", "in.jsonl"]);
    assert!(refused.code == 2 && refused.stderr.contains("in.jsonl:1: no label of a review"), "{}", refused.stderr);
    let refused = bench.run(&["clean", "in.jsonl", "--review", "5", "-o", "in.jsonl"]);
    assert!(refused.code == 2 && refused.stderr.contains("in.jsonl"), "{}", refused.stderr);
}
