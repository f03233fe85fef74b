//! The same findings whatever the threads, the order, the form of the input or the instructions.

use crate::workbench::{Bench, words};
use serde_json::Value;
use std::collections::HashSet;

/// Articles with near-duplicates, copies, repetition and an empty one, in a fixed order.
fn articles() -> Vec<String> {
    let mut records = Vec::new();
    for n in 0..240 {
        let body = words(&format!("w{}x", n / 3), 60);
        let text = match n % 6 {
            0 => body,
            1 => format!("{body} and a little more here"),
            2 => format!("lead of it {n}\n{body}\n{body}"),
            3 => body.to_uppercase(),
            4 => format!("{} {}", words("other", 12), words(&format!("y{n}x"), 30)),
            _ => body.replace("x7 ", "seven "),
        };
        let date = format!("2024-01-{:02}", 1 + n % 28);
        records.push(serde_json::json!({ "id": format!("a{n}"), "text": text, "date": date }).to_string());
    }
    records.push(r#"{"id":"empty","text":"..."}"#.into());
    records
}

#[test]
fn threads_order_form_and_instructions_change_nothing() {
    let bench = Bench::new();
    let articles = articles();
    let lines = articles.join("\n");
    let shuffled: Vec<&String> = (0..articles.len()).map(|n| &articles[n * 100 % articles.len()]).collect();
    assert_eq!(shuffled.iter().collect::<HashSet<_>>().len(), articles.len());
    bench.write("plain.jsonl", &lines);
    bench.write("shuffled.jsonl", shuffled.iter().map(|line| format!("{line}\r\n\n")).collect::<String>());
    bench.write("array.json", format!("[\n{}\n]", articles.join(",\n")));
    bench.write(
        "wide.jsonl",
        lines.encode_utf16().flat_map(u16::to_le_bytes).fold(vec![0xFF, 0xFE], |mut all, byte| {
            all.push(byte);
            all
        }),
    );
    for (number, part) in articles.chunks(50).enumerate() {
        bench.write(&format!("shards/{number}.jsonl"), part.join("\n"));
    }
    let expected = bench.scan(&["plain.jsonl", "--jobs", "1"]);
    let told = ["pair", "repetition", "cluster"].map(|kind| expected.of(kind).len());
    assert!(told.iter().all(|&count| count >= 40), "{told:?}");
    for args in [
        &["plain.jsonl", "--jobs", "2"][..],
        &["plain.jsonl", "--jobs", "7"],
        &["plain.jsonl", "--simd", "off"],
        &["plain.jsonl", "--simd", "avx2"],
        &["plain.jsonl", "--memory", "1K"],
        &["shards", "--memory", "40K", "--jobs", "2"],
        &["shuffled.jsonl"],
        &["array.json"],
        &["wide.jsonl"],
        &["shards"],
        &["shards/4.jsonl", "shards/0.jsonl", "shards/[1235].jsonl"],
    ] {
        assert_eq!(bench.scan(args), expected, "{args:?}");
    }
}

#[test]
fn each_scope_tells_its_part_of_the_whole() {
    let bench = Bench::new();
    bench.write("plain.jsonl", articles().join("\n"));
    let all = bench.scan(&["plain.jsonl"]);
    let within = bench.scan(&["plain.jsonl", "--only", "within"]);
    let across = bench.scan(&["plain.jsonl", "--only", "near-duplicates"]);
    assert_eq!(within.of("repetition"), all.of("repetition"));
    let passages = bench.scan(&["plain.jsonl", "--only", "passages"]);
    let without = |pair: &Value| {
        let mut pair = pair.clone();
        ["a_covered", "b_covered", "passages"].iter().for_each(|field| drop(pair.as_object_mut().unwrap().remove(*field)));
        pair
    };
    let is_near = |pair: &&&Value| ["identical", "near-duplicate"].contains(&pair["rule"].as_str().unwrap());
    assert_eq!(
        across.of("pair").into_iter().cloned().collect::<Vec<_>>(),
        all.of("pair").iter().filter(is_near).map(|p| without(p)).collect::<Vec<_>>()
    );
    assert!(!passages.of("pair").is_empty());
    assert!(passages.of("pair").iter().all(|pair| all.of("pair").contains(pair)), "what is told of passages is told of the whole");
    assert_eq!(passages.of("derivation"), all.of("derivation"));
    assert_eq!(across.of("cluster"), all.of("cluster"));
    let both = bench.scan(&["plain.jsonl", "--only", "near-duplicates,within"]);
    assert_eq!((both.of("pair"), both.of("repetition")), (across.of("pair"), all.of("repetition")));
    assert!(within.of("pair").is_empty() && across.of("repetition").is_empty());
    assert_eq!(within.of("summary")[0].get("pairs"), None, "what was not looked for is left out");
    assert_eq!(across.of("summary")[0].get("repetitions"), None);
}

/// Articles that share passages in many ways: edited, moved, twice in one, in a frame, in several outlets on one day.
fn sharing_articles() -> Vec<Value> {
    let part = |salt: &str, from: usize, count: usize| (from..from + count).map(|n| format!("{salt}{n}")).collect::<Vec<_>>().join(" ");
    let mut records = Vec::new();
    for n in 0..160_usize {
        let story = format!("s{}x", n % 23);
        let own = words(&format!("own{n}x"), 10 + n % 50);
        let text = match n % 8 {
            0 => format!("{own}. {}", part(&story, 0, 90)),
            1 => format!("{}. {own}. {}", part(&story, 40, 50), part(&story, 0, 40)),
            2 => format!("{}. {own}. {}", part(&story, 10, 45), part(&story, 10, 45)),
            3 => part(&story, 0, 90).replace("3 ", "three ").replace("8 ", "and more "),
            4 => format!("{} {}", part(&story, 0, 30 + n % 20), part(&format!("s{}x", (n + 5) % 23), 30, 40)),
            5 => format!("{}\n{own}\n{}", part("frame", 0, 30), part("frame", 30, 30)),
            6 => format!("{own} {} {}", part("frame", 0, 60), part(&story, 60, 28)),
            _ => part(&story, n % 7, 80),
        };
        let (outlet, date) = (format!("outlet {}", n % 5), format!("2024-01-{:02}", 1 + n % 9));
        records.push(serde_json::json!({ "id": format!("a{n:03}"), "text": text, "date": date, "outlet": outlet }));
    }
    records
}

/// A pair with the article that comes first in the input as side a, under the names that the input has.
fn by_input(finding: &Value, name: impl Fn(&Value) -> String) -> String {
    let (a, b) = (name(&finding["a"]), name(&finding["b"]));
    let is_swapped = a > b;
    let sides = |x: &str, y: &str| if is_swapped { [&finding[y], &finding[x]] } else { [&finding[x], &finding[y]] };
    let mut passages: Vec<String> = finding["passages"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|passage| {
            let [a, b] = if is_swapped { [&passage["b"], &passage["a"]] } else { [&passage["a"], &passage["b"]] };
            format!("{a} {b} {} {} {}", passage["words"], passage["similarity"], passage["reordered"])
        })
        .collect();
    passages.sort();
    let numbers = [sides("a_in_b", "b_in_a"), sides("a_covered", "b_covered")];
    format!("{:?} {} {} {numbers:?} {passages:?}", (a.clone().min(b.clone()), a.max(b)), finding["rule"], finding["jaccard"])
}

#[test]
fn names_of_articles_change_nothing() {
    let bench = Bench::new();
    let articles = sharing_articles();
    let lines = |records: &[Value]| records.iter().map(|record| format!("{record}\n")).collect::<String>();
    bench.write("named.jsonl", lines(&articles));
    let mut renamed = articles.clone();
    for (n, record) in renamed.iter_mut().enumerate() {
        record["id"] = format!("z{:03}", 999 - n).into();
    }
    bench.write("renamed.jsonl", lines(&renamed));
    let given = |id: &Value| id.as_str().unwrap().to_owned();
    let back = |id: &Value| {
        let number: usize = id.as_str().unwrap()[1..].parse().unwrap();
        format!("a{:03}", 999 - number)
    };
    for args in [&[][..], &["--boilerplate", "5"], &["--cap", "10"], &["--min-words", "10"]] {
        let findings = |file: &str, name: &dyn Fn(&Value) -> String| {
            let found = bench.scan(&[&[file], args].concat());
            let mut all: Vec<String> = found.of("pair").into_iter().map(|pair| by_input(pair, name)).collect();
            all.extend(found.of("derivation").into_iter().map(|derivation| {
                let sources =
                    derivation["sources"].as_array().unwrap().iter().map(|source| format!("{} {}", name(&source["doc"]), source["words"]));
                format!("{} {} {} {:?}", name(&derivation["doc"]), derivation["label"], derivation["copied"], sources.collect::<Vec<_>>())
            }));
            all.sort();
            all
        };
        let (named, renamed) = (findings("named.jsonl", &given), findings("renamed.jsonl", &back));
        assert!(named.len() > 300, "{}", named.len());
        assert_eq!(named, renamed, "{args:?}");
    }
}
