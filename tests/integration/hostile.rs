//! Input that is broken, huge or malicious: a clear message, the right exit code, and the rest is read.

use crate::workbench::{Bench, Findings, Ran, record, unread, words};
use std::time::{Duration, Instant};

/// `content` scanned as a file of that name.
fn scanned(name: &str, content: impl AsRef<[u8]>) -> (Ran, Findings) {
    let bench = Bench::new();
    bench.write(name, content);
    let ran = bench.run(&["scan", name, "--format", "jsonl"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let findings = ran.findings();
    (ran, findings)
}

/// The run of a scan of such a file, of which nothing can be read.
fn unreadable(name: &str, content: impl AsRef<[u8]>) -> Ran {
    let bench = Bench::new();
    bench.write(name, content);
    let ran = bench.run(&["scan", name]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    ran
}

/// Documents, empty ones among them, and records skipped.
fn counts(findings: &Findings) -> (u64, u64, u64) {
    (findings.summary("documents"), findings.summary("empty"), findings.summary("skipped"))
}

/// The two ids of each pair.
fn pairs(findings: &Findings) -> Vec<(String, String)> {
    let id = |id: &serde_json::Value| id.as_str().unwrap().to_owned();
    findings.of("pair").into_iter().map(|pair| (id(&pair["a"]), id(&pair["b"]))).collect()
}

fn pair(a: &str, b: &str) -> Vec<(String, String)> {
    vec![(a.into(), b.into())]
}

/// The lines of standard error that begin with `skipped: `, without that.
fn skipped(ran: &Ran) -> Vec<&str> {
    ran.stderr.lines().filter_map(|line| line.strip_prefix("skipped: ")).collect()
}

const ARABIC: &str = "أكد وزير المالية أن الميزانية الجديدة ستعرض على المجلس في الأسبوع المقبل";

#[test]
fn empty_files_alone_are_refused() {
    for (name, content) in [("empty.txt", ""), ("mark.txt", "\u{feff}")] {
        let ran = unread(name, content, &[]);
        assert!(ran.stderr.contains("1 article read, and its text is empty"), "{}", ran.stderr);
    }
    let packed = unread("empty.json.gz", "", &[]);
    assert!(packed.stderr.contains("empty.json.gz: damaged or truncated gzip file: it is empty"), "{}", packed.stderr);
    for (name, content) in [("empty.jsonl", ""), ("blank.jsonl", "\n\r\n  \n"), ("empty.json", "[]")] {
        let ran = unread(name, content, &[]);
        assert!(ran.stderr.contains(&format!("1 file without an article (the first: {name})")), "{}", ran.stderr);
    }
    assert_eq!(counts(&scanned("no-words.txt", "... --- ...\n").1), (1, 1, 0));
}

#[test]
fn empty_articles_are_like_nothing() {
    let (_, findings) = scanned("a.jsonl", record("a", "") + &record("b", "") + &record("c", " - ") + &record("d", "!"));
    assert_eq!((counts(&findings), pairs(&findings)), ((4, 4, 0), vec![]));
}

#[test]
fn binary_files_are_skipped_and_named() {
    let bytes: Vec<u8> = (0..=255).cycle().take(4096).collect();
    for name in ["binary", "binary.txt"] {
        let ran = unreadable(name, &bytes);
        assert!(skipped(&ran)[0].starts_with(&format!("{name}: binary, not text")), "{}", ran.stderr);
    }
    let ran = unreadable("binary.jsonl", &bytes);
    assert!(skipped(&ran)[0].starts_with("binary.jsonl:1: "), "{}", ran.stderr);
}

#[test]
fn nul_is_binary_in_a_text_file_and_an_error_in_its_line_of_json() {
    assert!(skipped(&unreadable("a.txt", "words and \0 more"))[0].starts_with("a.txt: binary, not text"));
    let lines = [record("a", &words("x", 9)), record("nul", "x\0y").replace("\\u0000", "\0"), record("b", &words("x", 9))];
    let (ran, findings) = scanned("a.jsonl", lines.concat());
    assert_eq!((counts(&findings), pairs(&findings)), ((2, 0, 1), pair("a", "b")));
    assert!(skipped(&ran)[0].starts_with("a.jsonl:2: not JSON"), "{}", ran.stderr);
    let (_, escaped) = scanned("a.jsonl", record("a", "x\0y"));
    assert_eq!((counts(&escaped), escaped.summary("characters")), ((1, 0, 0), 3));
}

#[test]
fn one_long_line_is_an_article() {
    let text = words("w", 1_000_000);
    assert_eq!(text.len(), 7_888_889);
    let (_, findings) = scanned("long.txt", &text);
    assert_eq!((counts(&findings), findings.summary("characters")), ((1, 0, 0), 7_888_889));
    let line = words("w", 250_000);
    let (_, findings) = scanned("long.jsonl", record("a", "short") + &record("long", &line) + &record("b", "short"));
    assert_eq!((counts(&findings), pairs(&findings)), ((3, 0, 0), pair("a", "b")));
}

#[test]
fn deep_json_does_not_exhaust_the_stack() {
    let (open, close) = ("[".repeat(100_000), "]".repeat(100_000));
    let deep_objects = "{\"a\":".repeat(100_000) + "1" + &"}".repeat(100_000);
    let lines = [
        format!("{{\"x\":{open}{close},\"text\":\"a closed one is passed over\"}}"),
        format!("{{\"x\":{deep_objects},\"text\":\"a closed one is passed over\"}}"),
        format!("{{\"id\":\"open\",\"x\":{open}"),
        format!("{{\"text\":{open}{close}}}"),
        open.clone(),
    ];
    let (ran, findings) = scanned("deep.jsonl", lines.join("\n"));
    assert_eq!((counts(&findings), pairs(&findings)), ((2, 0, 3), pair("deep.jsonl:1", "deep.jsonl:2")));
    assert!(skipped(&ran)[1].starts_with("deep.jsonl:4: not JSON: recursion limit exceeded at column "), "{}", ran.stderr);
    let (_, findings) = scanned("deep.json", format!("[{}]", lines[..2].join(",\n")));
    assert_eq!(pairs(&findings), pair("deep.json:1", "deep.json:2"));
    let bench = Bench::new();
    bench.write("deep.jsonl", lines.join("\n"));
    let ran = bench.run(&["scan", "deep.jsonl", "--text-field", "x.a.a"]);
    assert!(ran.code == 2 && ran.stderr.contains("deep.jsonl:2: text field `x.a.a` is an object without text"), "{}", ran.stderr);
}

#[test]
fn lone_surrogates_become_replacement_characters_and_are_told() {
    let half = |id: &str, half: &str| format!("{{\"id\":\"{id}\",\"text\":\"one two \\{half} three \\ud83d\\ude00\"}}\n");
    let (ran, findings) = scanned("a.jsonl", half("a", "ud800") + &half("b", "udc00"));
    assert_eq!((counts(&findings), pairs(&findings)), ((2, 0, 0), pair("a", "b")));
    assert_eq!(findings.summary("characters"), 2 * "one two x three y".len() as u64);
    assert!(ran.stderr.contains("records read with U+FFFD in place of half a surrogate pair: 2"), "{}", ran.stderr);
}

#[test]
fn lines_end_in_any_of_the_three_ways() {
    let (x, y) = (words("x", 20), words("y", 20));
    let (_, findings) = scanned("a.txt", format!("{x}\r{y}\r\n{x}\n{y}"));
    let block = findings.of("repetition")[0];
    assert_eq!((&block["rule"], &block["first"]["paragraphs"]), (&"repeated-block".into(), &serde_json::json!([1, 2])));
    assert_eq!(
        (&block["again"]["paragraphs"], block["again"]["start"].as_u64()),
        (&serde_json::json!([3, 4]), Some((x.len() + y.len()) as u64 + 3))
    );
    let (a, b) = (record("a", &x), record("b", &x));
    let (ran, findings) = scanned("a.jsonl", format!("{}\r\n\r\n{a}\n{b}bad\r\n", record("c", &y).trim_end()));
    assert_eq!((counts(&findings), pairs(&findings)), ((3, 0, 1), pair("a", "b")));
    assert!(skipped(&ran)[0].starts_with("a.jsonl:6: "), "{}", ran.stderr);
}

#[test]
fn lines_have_the_same_numbers_whatever_ends_them() {
    let body = words("x", 20);
    let bench = Bench::new();
    for end in ["\n", "\r\n", "\r"] {
        bench.write("a.txt", ["lead", &body, "middle", &body, ""].join(end));
        let stdout = bench.run(&["scan", "a.txt"]).stdout;
        assert!(stdout.contains("line 2 again on line 4"), "{end:?}: {stdout}");
    }
}

#[test]
fn file_and_line_stand_in_for_ids_that_are_missing_or_shared() {
    let bench = Bench::new();
    let text = words("x", 9);
    bench.write("a.jsonl", record("same", &text) + "\n" + &record("same", &words("y", 9)) + &record("own", &words("z", 9)));
    bench.write(
        "b.jsonl",
        format!("\n{{\"text\":\"{text}\"}}\n{{\"id\":\"\",\"text\":\"{}\"}}\n{}", words("z", 9), record("same", &words("q", 9))),
    );
    let ran = bench.run(&["scan", "a.jsonl", "b.jsonl", "--format", "jsonl"]);
    assert_eq!(pairs(&ran.findings()), [pair("a.jsonl:1", "b.jsonl:2"), pair("b.jsonl:3", "own")].concat());
    assert!(ran.stderr.contains("5 articles"), "{}", ran.stderr);
}

#[test]
fn ids_stay_unique_when_a_stand_in_is_taken() {
    let text = words("x", 9);
    let (_, findings) = scanned("a.jsonl", record("a.jsonl:2", &text) + &format!("{{\"text\":\"{text}\"}}"));
    let found = pairs(&findings);
    assert_ne!(found[0].0, found[0].1);
}

#[test]
fn numbers_are_ids_as_they_are_written() {
    let numbered = |id: &str| format!("{{\"id\":{id},\"text\":\"{}\"}}\n", words("x", 9));
    assert_eq!(pairs(&scanned("a.jsonl", numbered("7") + &numbered("-18")).1), pair("-18", "7"));
    let largest = u64::MAX.to_string();
    assert_eq!(pairs(&scanned("a.jsonl", numbered("0") + &numbered(&largest)).1), pair("0", &largest));
    let others = ["null", "true", "{}", "[1]"].map(numbered).concat();
    assert_eq!(pairs(&scanned("a.jsonl", others).1)[0], ("a.jsonl:1".into(), "a.jsonl:2".into()));
}

#[test]
fn huge_numbers_are_ids_as_they_are_written() {
    let numbered = |id: &str| format!("{{\"id\":{id},\"text\":\"{}\"}}\n", words("x", 9));
    for (a, b) in [("123456789012345678901234567890", "123456789012345678901234567891"), ("1", "1.0"), ("1e400", "7")] {
        assert_eq!(pairs(&scanned("a.jsonl", numbered(a) + &numbered(b)).1), pair(a, b));
    }
}

#[test]
fn a_wrong_text_field_is_told_with_the_fields_there_are() {
    let bench = Bench::new();
    bench.write("a.jsonl", r#"{"id":1,"title":"t","body_html":"x","text":"y"}"#);
    for field in ["words", "title.main"] {
        let ran = bench.run(&["scan", "a.jsonl", "--text-field", field]);
        let expected = format!("no text field `{field}` in any of 1 record; fields: id, title, body_html, text\n");
        assert!(ran.code == 2 && ran.stderr.ends_with(&expected), "{}", ran.stderr);
    }
}

#[test]
fn texts_that_are_none_are_told_with_what_they_are() {
    let values = ["7", "null", "{\"a\":1}", "[1,[]]", "true", "1e9"];
    let lines: String = values.iter().map(|value| format!("{{\"id\":1,\"text\":{value}}}\n")).collect();
    let bench = Bench::new();
    bench.write("a.jsonl", lines + "7\n\"text\"\nnull\n[1]\n{}\n");
    let ran = bench.run(&["scan", "a.jsonl", "--verbose"]);
    assert_eq!((ran.code, skipped(&ran).len()), (2, 11), "{}", ran.stderr);
    for (line, said) in (1..).zip(["a number", "null", "an object without text", "a list without text", "true or false", "a number"]) {
        assert_eq!(skipped(&ran)[line - 1], format!("a.jsonl:{line}: text field `text` is {said}, not a string"));
    }
    assert!(skipped(&ran)[6..10].iter().all(|told| told.contains("an object")), "{}", ran.stderr);
    assert!(skipped(&ran)[10].starts_with("a.jsonl:11: no text field"), "{}", ran.stderr);
}

#[test]
fn invalid_utf8_in_one_line_skips_that_line() {
    let mut bytes = (record("a", ARABIC) + &record("damaged", ARABIC) + &record("b", ARABIC)).into_bytes();
    let at = record("a", ARABIC).len() + 40;
    bytes[at] = 0xFF;
    let (ran, findings) = scanned("a.jsonl", bytes);
    assert_eq!((counts(&findings), pairs(&findings)), ((2, 0, 1), pair("a", "b")));
    assert!(skipped(&ran)[0].starts_with("a.jsonl:2: bytes that are not UTF-8"), "{}", ran.stderr);
}

#[test]
fn invalid_utf8_in_a_text_is_replaced_and_told() {
    let mut bytes = format!("{ARABIC}\n{ARABIC}").into_bytes();
    bytes[20] = 0xFF;
    let (ran, findings) = scanned("a.txt", bytes);
    assert_eq!(counts(&findings), (1, 0, 0));
    assert!(ran.stderr.contains("a.txt: read as UTF-8 (with invalid bytes replaced)"), "{}", ran.stderr);
}

#[test]
fn an_array_broken_in_the_middle_is_read_up_to_there() {
    let text = words("x", 9);
    let (a, b, c) = (record("a", &text), record("b", &text), record("c", &text));
    for (broken, line) in [
        (format!("[\n{a},{b},\noops,\n{c}]"), 5),
        (format!("[\n{a},{b}"), 4),
        (format!("[\n{a},{b},{{\"id\":\"c\",\n\"text\":\"cut sho"), 5),
        (format!("[{a},{b}]\nmore"), 4),
        (format!("[{a},{b}]\n[{c}]"), 4),
    ] {
        let (ran, findings) = scanned("a.json", &broken);
        assert_eq!((counts(&findings), pairs(&findings)), ((2, 0, 1), pair("a", "b")), "{broken}");
        assert!(skipped(&ran)[0].starts_with(&format!("a.json:{line}: not JSON")), "{broken}\n{}", ran.stderr);
        assert!(skipped(&ran)[0].contains("the rest of the file is left out"), "{}", ran.stderr);
    }
}

#[test]
fn garbage_after_a_record_skips_its_line() {
    let text = words("x", 9);
    let lines = record("a", &text) + record("c", &text).trim_end() + " more\n" + &record("b", &text) + "{\"id\":\"cut\",\"text\":\"sho";
    let (ran, findings) = scanned("a.jsonl", lines);
    assert_eq!((counts(&findings), pairs(&findings)), ((2, 0, 2), pair("a", "b")));
    assert!(skipped(&ran)[0].starts_with("a.jsonl:2: not JSON: trailing characters"), "{}", ran.stderr);
    assert!(skipped(&ran)[1].starts_with("a.jsonl:4: not JSON"), "{}", ran.stderr);
}

#[test]
fn a_broken_first_line_costs_that_line_alone() {
    let lines = "{\"id\":\"cut\",\"text\":\"sho\n".to_owned() + &record("a", &words("x", 9)) + &record("b", &words("x", 9));
    assert_eq!(counts(&scanned("a.jsonl", &lines).1), (2, 0, 1));
    assert_eq!(counts(&scanned("lines", &lines).1), (2, 0, 1));
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    let body = words("x", 30);
    let starts = |name: &str, content: String| {
        let (_, findings) = scanned(name, content);
        assert_eq!(counts(&findings), (1, 0, 0), "{name}");
        let repetition = findings.of("repetition")[0];
        (repetition["first"]["start"].as_u64().unwrap(), repetition["again"]["start"].as_u64().unwrap())
    };
    let doubled = format!("{body}\n{body}");
    let again = body.len() as u64 + 1;
    assert_eq!(starts("a.txt", format!("\u{feff}{doubled}")), (0, again));
    assert_eq!(starts("a.jsonl", format!("\u{feff}{}", record("a", &doubled))), (0, again));
    assert_eq!(starts("a.json", format!("\u{feff}[{}]", record("a", &doubled))), (0, again));
}

#[test]
fn nothing_from_the_input_steers_the_terminal() {
    let body = words("x", 30);
    let doubled = format!("\u{1b}[31m{body}\n\u{1b}[31m{body}");
    let bench = Bench::new();
    bench.write("a.jsonl", record("\u{1b}[2J\u{9b}2Ja", &doubled) + &record("\u{202e}b\r\n\u{7}", &doubled));
    let ran = bench.run(&["scan", "a.jsonl"]);
    let steering = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
    assert!(ran.stdout.contains("repeated") && ran.stdout.contains("cluster 1"), "{}", ran.stdout);
    assert!(!ran.stdout.contains(steering), "{:?}", ran.stdout);
    assert!(bench.scan(&["a.jsonl"]).of("pair")[0]["a"].as_str().unwrap().starts_with('\u{1b}'));
}

#[test]
#[cfg(unix)]
fn nothing_from_the_input_steers_the_terminal_by_a_message() {
    let bench = Bench::new();
    bench.write("a.jsonl", r#"{"\u001b[2J":1}"#);
    bench.write("\u{1b}[2J.jsonl", "bad\n");
    for file in ["a.jsonl", "\u{1b}[2J.jsonl"] {
        let ran = bench.run(&["scan", file]);
        assert!(!ran.stderr.contains('\u{1b}'), "{:?}", ran.stderr);
    }
}

#[test]
fn problems_far_into_a_file_have_their_line() {
    let bad = [1, 2_000, 9_000, 17_001, 25_000];
    let mut lines: Vec<String> = (1..=25_000).map(|n| record(&format!("r{n}"), &words(&format!("n{n}w"), 12))).collect();
    bad.iter().for_each(|line| lines[line - 1] = "{}\n".into());
    lines[20_000 - 1] = format!("{{\"text\":\"{}\"}}\n", words("same", 9));
    lines[22_000 - 1] = lines[20_000 - 1].clone();
    let file = lines.concat();
    assert!(file.len() > 3 << 20, "{}", file.len());
    let (ran, findings) = scanned("big.jsonl", &file);
    assert_eq!((counts(&findings), pairs(&findings)), ((24_995, 0, 5), pair("big.jsonl:20000", "big.jsonl:22000")));
    let told: Vec<&str> = skipped(&ran).iter().map(|told| told.split(": ").next().unwrap()).collect();
    assert_eq!(told, bad.map(|line| format!("big.jsonl:{line}")));
    let strict = Bench::new();
    strict.write("big.jsonl", file.replacen("{}\n", "\n", 1));
    let ran = strict.run(&["scan", "big.jsonl", "--strict"]);
    assert!(ran.code == 2 && ran.stderr.starts_with("refrain: big.jsonl:2000: "), "{}", ran.stderr);
}

#[test]
fn invalid_utf8_far_into_a_file_has_its_line() {
    let mut lines: Vec<Vec<u8>> = (1..=9_000).map(|n| record(&format!("r{n}"), &words(&format!("n{n}w"), 20)).into_bytes()).collect();
    lines[8_000 - 1][30] = 0xE9;
    let (ran, findings) = scanned("big.jsonl", lines.concat());
    assert_eq!(counts(&findings), (8_999, 0, 1));
    assert!(skipped(&ran)[0].starts_with("big.jsonl:8000: bytes that are not UTF-8"), "{}", ran.stderr);
}

#[test]
fn problems_in_a_json_file_have_the_line_of_their_value() {
    let objects: String =
        (1..=600).map(|n| if n % 299 == 0 { "{\n}\n".into() } else { format!("{{\n\"text\":\"{}\"}}\n", words("x", 3)) }).collect();
    for (content, lines) in [(objects.clone(), [597, 1195]), (format!("\n[\n{}]", objects.replace("}\n{", "},\n{")), [599, 1197])] {
        let (ran, findings) = scanned("a.json", content);
        assert_eq!(counts(&findings), (598, 0, 2));
        let told: Vec<&str> = skipped(&ran).iter().map(|told| told.split(": ").next().unwrap()).collect();
        assert_eq!(told, lines.map(|line| format!("a.json:{line}")));
    }
}

#[test]
fn many_problems_of_a_kind_are_counted_and_listed_on_request() {
    let bench = Bench::new();
    bench.write("a.jsonl", record("a", "one") + &"{}\n".repeat(500));
    let listed = |args: &[&str]| {
        let ran = bench.run(&[&["scan", "a.jsonl"], args].concat());
        ran.stderr.lines().filter(|line| line.starts_with("skipped: a.jsonl:")).count()
    };
    assert!(listed(&[]) < 20);
    assert_eq!(listed(&["--verbose"]), 500);
    assert_eq!(bench.scan(&["a.jsonl"]).summary("skipped"), 500);
}

/// How long a scan of `text` takes at best, as other tests run beside it, and what it finds.
fn timed(text: &str) -> (Duration, Findings) {
    let bench = Bench::new();
    bench.write("a.txt", text);
    let once = || {
        let start = Instant::now();
        let findings = bench.scan(&["a.txt"]);
        (start.elapsed(), findings)
    };
    let (first, (second, findings)) = (once().0, once());
    (first.min(second), findings)
}

#[test]
fn a_loop_of_a_megabyte_takes_time_linear_in_its_length() {
    for phrase in ["word ", "ab ab ab ", "ab cd ", "ال خبر ", "字"] {
        let copies = 250_000 / phrase.len();
        let (short, _) = timed(&phrase.repeat(copies));
        let (long, findings) = timed(&phrase.repeat(4 * copies));
        assert!(long < short * 8 + Duration::from_millis(200), "{phrase}: {short:?}, then {long:?}");
        let found = findings.of("repetition");
        assert_eq!((found.len(), found[0]["rule"].as_str()), (1, Some("repeated-phrase")), "{phrase}");
    }
}

#[test]
fn a_paragraph_repeated_for_a_megabyte_takes_time_linear_in_its_length() {
    let paragraph = words("w", 60) + ".\n";
    let copies = 250_000 / paragraph.len();
    let (short, _) = timed(&paragraph.repeat(copies));
    let (long, findings) = timed(&paragraph.repeat(4 * copies));
    assert!(long < short * 8 + Duration::from_millis(200), "{short:?}, then {long:?}");
    let found = findings.of("repetition");
    let last = found.iter().map(|repetition| repetition["again"]["end"].as_u64().unwrap()).max().unwrap();
    assert!(last + 1 >= (4 * copies * paragraph.len()) as u64, "{last}");
}

#[test]
fn two_thousand_equal_articles_are_one_cluster() {
    let text = words("w", 100);
    let lines: String = (0..2_000).map(|n| record(&format!("r{n:04}"), &text)).collect();
    let (_, findings) = scanned("a.jsonl", lines);
    let clusters = findings.of("cluster");
    assert_eq!((clusters.len(), clusters[0]["members"].as_array().unwrap().len()), (1, 2_000));
    assert_eq!(clusters[0]["keep"], "r0000");
    assert_eq!(findings.summary("pairs") + findings.of("summary")[0]["unlisted_pairs"].as_u64().unwrap_or(0), 1_999_000);
}
