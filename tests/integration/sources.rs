//! Files in every form, compression and encoding: the same documents, so the same findings.

use crate::workbench::{Bench, Findings, Run, record, words};
use encoding_rs::{Encoding, ISO_8859_6, WINDOWS_1256};
use serde_json::{Value, json};

const ARABIC: &str =
    "أكد وزير المالية أن الميزانية الجديدة ستعرض على المجلس في الأسبوع المقبل، وقال إن العجز تراجع كثيرا بفضل ارتفاع أسعار النفط";

/// Ids and texts: one article doubled, two that are nearly the same, two that are the same, one in Arabic that is doubled.
fn articles() -> Vec<(&'static str, String)> {
    let body = words("body", 30);
    vec![
        ("arabic", format!("خبر\n{ARABIC}\n{ARABIC}\n")),
        ("doubled", format!("A lead 🚢\n\n{body}\n\n{body}\n")),
        ("near-1", words("near", 100) + " one"),
        ("near-2", words("near", 100) + " two"),
        ("same-1", words("same", 20)),
        ("same-2", words("same", 20).to_uppercase() + "!"),
    ]
}

fn values() -> Vec<Value> {
    articles().into_iter().map(|(id, text)| json!({ "id": id, "text": text })).collect()
}

fn jsonl() -> String {
    articles().iter().map(|(id, text)| record(id, text)).collect()
}

fn pretty(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

/// The articles as a table, every field in quotes, among fields that mean nothing.
fn table(delimiter: &str, line_end: &str) -> String {
    let row = |fields: [&str; 3]| fields.map(|field| format!("\"{}\"", field.replace('"', "\"\""))).join(delimiter) + line_end;
    let rows = articles().into_iter().map(|(id, text)| row(["a \"b\",;|\t\n", id, &text]));
    row(["note", "id", "text"]) + &rows.collect::<String>()
}

/// The articles as records of a crawl, in a file that begins with a record about itself.
fn warc() -> String {
    let record = |kind: &str, id: &str, text: &str| {
        let length = text.len();
        format!("WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {id}\r\nContent-Length: {length}\r\n\r\n{text}\r\n\r\n")
    };
    let records = articles().into_iter().map(|(id, text)| record("conversion", id, &text));
    record("warcinfo", "a.warc.wet", "software: none\r\n") + &records.collect::<String>()
}

/// The articles in each form that holds several, by a name that fits.
fn forms() -> Vec<(&'static str, String)> {
    vec![
        ("a.jsonl", jsonl()),
        ("a.json", json!(values()).to_string()),
        ("a.json", pretty(&values())),
        ("a.json", values().iter().map(pretty).collect::<Vec<_>>().join("\n")),
        ("a", jsonl()),
        ("a.txt", pretty(&values())),
        ("a.csv", table(",", "\n")),
        ("a.csv", "\u{feff}".to_owned() + &table(";", "\r\n")),
        ("a.tsv", table("\t", "\n")),
        ("a", table("|", "\r\n")),
        ("a.warc.wet", warc()),
        ("a", warc()),
    ]
}

fn scanned(name: &str, content: impl AsRef<[u8]>, args: &[&str]) -> Findings {
    let bench = Bench::new();
    bench.write(name, content);
    bench.scan(&[&[name], args].concat())
}

/// What every form must give.
fn expected() -> Findings {
    let findings = scanned("a.jsonl", jsonl(), &[]);
    let rules: Vec<&Value> = findings.0.iter().filter_map(|finding| finding.get("rule")).collect();
    assert_eq!(rules, ["repeated-paragraph", "repeated-paragraph", "near-duplicate", "identical"]);
    findings
}

fn from_stdin(content: &[u8], args: &[&str]) -> Findings {
    let ran = Run::new(&[&["scan", "-", "--format", "jsonl"], args].concat()).stdin(content).go();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.findings()
}

#[test]
fn every_form_gives_the_same_findings() {
    for (name, content) in forms() {
        assert_eq!(scanned(name, &content, &[]), expected(), "{name}: {content}");
        assert_eq!(from_stdin(content.as_bytes(), &[]), expected(), "{content}");
    }
}

#[test]
fn text_files_give_the_same_findings_under_their_paths() {
    let bench = Bench::new();
    for (id, text) in articles() {
        bench.write(id, &text);
        bench.write(&format!("folder/{id}.txt"), &text);
    }
    let ids: Vec<&str> = articles().iter().map(|(id, _)| *id).collect();
    assert_eq!(bench.scan(&ids), expected());
    let of_folder = bench.scan(&["folder"]);
    assert_eq!(of_folder, bench.scan(&["folder/*.txt"]));
    assert_eq!(of_folder, bench.scan(&["./folder/"]));
    let pair = of_folder.of("pair")[0];
    assert_eq!((&pair["a"], &pair["b"]), (&json!("folder/near-1.txt"), &json!("folder/near-2.txt")));
    let whole = bench.path().join("folder");
    let pair = bench.scan(&[whole.to_str().unwrap()]).of("pair")[0].clone();
    assert_eq!(pair["a"], whole.join("near-1.txt").to_str().unwrap());
}

#[test]
fn standard_input_is_one_text_or_records() {
    let doubled = format!("{ARABIC}\n{ARABIC}");
    assert_eq!(from_stdin(doubled.as_bytes(), &[]).of("repetition")[0]["doc"], "-");
    let nameless = json!({ "text": doubled }).to_string();
    assert_eq!(from_stdin(nameless.as_bytes(), &[]).of("repetition")[0]["doc"], "-:1");
    assert_eq!(Run::new(&["scan", "-"]).stdin("").go().code, 2, "an empty text alone is no article");
    let bench = Bench::new();
    bench.write("a.txt", &doubled);
    let both = Run::new(&["scan", "-", "a.txt", "--format", "jsonl"]).folder(bench.path()).stdin(doubled).go().findings();
    assert_eq!((&both.of("pair")[0]["a"], &both.of("pair")[0]["b"]), (&json!("-"), &json!("a.txt")));
}

#[test]
fn the_order_of_records_files_and_threads_does_not_matter() {
    let reversed: String = articles().iter().rev().map(|(id, text)| record(id, text)).collect();
    assert_eq!(scanned("a.jsonl", reversed, &["--jobs", "1"]), expected());
    let bench = Bench::new();
    let files: Vec<String> = articles()
        .iter()
        .map(|(id, text)| {
            bench.write(&format!("{id}.jsonl"), record(id, text));
            format!("{id}.jsonl")
        })
        .collect();
    let forward: Vec<&str> = files.iter().map(String::as_str).collect();
    let backward: Vec<&str> = files.iter().rev().map(String::as_str).collect();
    assert_eq!(bench.scan(&forward), expected());
    assert_eq!(bench.scan(&[&backward[..], &["--jobs", "2"]].concat()), expected());
}

#[cfg(feature = "compression")]
mod packed {
    use super::{ARABIC, articles, expected, forms, from_stdin, jsonl, scanned};
    use crate::workbench::{Bench, Run, record};
    use std::io::Write;

    type Pack = fn(&[u8]) -> Vec<u8>;

    const PACKS: [(&str, &str, Pack); 4] = [("gzip", "gz", gzip), ("zstd", "zst", zstd), ("bzip2", "bz2", bzip2), ("xz", "xz", xz)];

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(plain).unwrap();
        packer.finish().unwrap()
    }

    fn zstd(plain: &[u8]) -> Vec<u8> {
        let mut packer = ::zstd::Encoder::new(Vec::new(), 1).unwrap();
        packer.include_checksum(true).unwrap();
        packer.write_all(plain).unwrap();
        packer.finish().unwrap()
    }

    fn bzip2(plain: &[u8]) -> Vec<u8> {
        let mut packer = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::fast());
        packer.write_all(plain).unwrap();
        packer.finish().unwrap()
    }

    fn xz(plain: &[u8]) -> Vec<u8> {
        let mut packer = liblzma::write::XzEncoder::new(Vec::new(), 1);
        packer.write_all(plain).unwrap();
        packer.finish().unwrap()
    }

    #[test]
    fn every_form_gives_the_same_findings_from_every_compression() {
        for (_, ending, pack) in PACKS {
            for (name, content) in forms() {
                let packed = pack(content.as_bytes());
                assert_eq!(scanned(&format!("{name}.{ending}"), &packed, &[]), expected(), "{name}.{ending}");
                assert_eq!(from_stdin(&packed, &[]), expected(), "{ending}");
            }
            assert_eq!(scanned("misnamed.txt", pack(jsonl().as_bytes()), &[]), expected(), "{ending}");
        }
    }

    #[test]
    fn members_one_after_another_are_one_file() {
        let plain = jsonl();
        for (_, ending, pack) in PACKS {
            let members: Vec<u8> = plain.as_bytes().chunks(333).flat_map(pack).collect();
            assert_eq!(scanned(&format!("a.jsonl.{ending}"), &members, &[]), expected(), "{ending}");
            assert_eq!(from_stdin(&members, &[]), expected(), "{ending}");
            let with_empty = [pack(b""), members, pack(b"")].concat();
            assert_eq!(scanned(&format!("a.jsonl.{ending}"), with_empty, &[]), expected(), "{ending}");
        }
    }

    #[test]
    fn packed_text_files_are_articles() {
        for (_, ending, pack) in PACKS {
            let bench = Bench::new();
            articles().iter().for_each(|(id, text)| drop(bench.write(&format!("texts/{id}.txt.{ending}"), pack(text.as_bytes()))));
            let findings = bench.scan(&["texts"]);
            assert_eq!(findings.of("repetition")[0]["doc"], format!("texts/arabic.txt.{ending}"));
            assert_eq!(findings.of("pair").len(), 2);
            let expected = expected();
            assert_eq!(findings.of("repetition")[0]["again"], expected.of("repetition")[0]["again"]);
        }
    }

    #[test]
    fn a_truncated_file_exits_with_2_and_is_told() {
        let plain: String =
            (0..3_000).map(|n: u64| record(&format!("{n}"), &format!("{}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15)))).collect();
        for (format, ending, pack) in PACKS {
            let packed = pack(plain.as_bytes());
            for length in [12, packed.len() / 2, packed.len() - 9, packed.len() - 1] {
                let bench = Bench::new();
                let name = format!("a.jsonl.{ending}");
                bench.write(&name, &packed[..length]);
                let ran = bench.run(&["scan", &name]);
                assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ending} cut to {length}");
                assert!(ran.stderr.contains(&format!("{name}: damaged or truncated {format} file")), "{}", ran.stderr);
            }
            let ran = Run::new(&["scan", "-"]).stdin(&packed[..packed.len() / 2]).go();
            assert!(ran.code == 2 && ran.stderr.contains(&format!("truncated {format}")), "{}", ran.stderr);
        }
    }

    #[test]
    fn a_truncated_second_member_exits_with_2() {
        for (format, ending, pack) in PACKS {
            let (first, second) = (pack(jsonl().as_bytes()), pack(jsonl().as_bytes()));
            let bench = Bench::new();
            bench.write("a", [&first[..], &second[..second.len() / 2]].concat());
            let ran = bench.run(&["scan", "a"]);
            assert!(ran.code == 2 && ran.stderr.contains(&format!("truncated {format}")), "{ending}: {}", ran.stderr);
        }
    }

    #[test]
    fn a_damaged_file_exits_with_2_and_is_told() {
        for (format, ending, pack) in PACKS {
            let mut packed = pack(jsonl().as_bytes());
            let middle = packed.len() / 2;
            packed[middle] ^= 0x55;
            let bench = Bench::new();
            bench.write("a", packed);
            let ran = bench.run(&["scan", "a"]);
            assert!(ran.code == 2 && ran.stderr.contains(&format!("damaged or truncated {format}")), "{ending}: {}", ran.stderr);
        }
    }

    #[test]
    fn a_message_says_each_thing_once() {
        let bench = Bench::new();
        let packed = gzip(jsonl().as_bytes());
        bench.write("a.gz", &packed[..40]);
        let ran = bench.run(&["scan", "a.gz"]);
        assert!(ran.stderr.matches("deflate").count() < 2, "{}", ran.stderr);
    }

    #[test]
    fn lines_of_a_packed_file_are_counted_as_of_a_plain_one() {
        let lines: String = (1..=20_000).map(|n| if n % 9_999 == 0 { "{}\n".into() } else { record(&format!("{n}"), "short") }).collect();
        for (_, ending, pack) in PACKS {
            let bench = Bench::new();
            let name = format!("a.jsonl.{ending}");
            bench.write(&name, pack(lines.as_bytes()));
            let stderr = bench.run(&["scan", &name, "--only", "within"]).stderr;
            assert!(stderr.contains(&format!("{name}:9999: ")) && stderr.contains(&format!("{name}:19998: ")), "{stderr}");
        }
    }

    #[test]
    fn packed_files_are_decoded_after_they_are_unpacked() {
        let (bytes, ..) = encoding_rs::WINDOWS_1256.encode(ARABIC);
        for (_, ending, pack) in PACKS {
            let bench = Bench::new();
            bench.write("utf-8.txt", ARABIC);
            bench.write(&format!("legacy.{ending}"), pack(&bytes));
            assert_eq!(bench.scan(&["."]).of("pair")[0]["rule"], "identical", "{ending}");
        }
    }
}

/// `text` in an encoding, with a byte-order mark if it is a wide one.
fn encoded(text: &str, label: &str) -> Vec<u8> {
    match label {
        "utf-16le" => "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect(),
        _ => {
            let (bytes, _, lossy) = Encoding::for_label(label.as_bytes()).unwrap().encode(text);
            assert!(!lossy);
            bytes.into_owned()
        }
    }
}

#[test]
fn wide_encodings_are_read_by_their_mark() {
    for label in ["utf-16le", "utf-16be"] {
        for (name, content) in forms() {
            assert_eq!(scanned(name, encoded(&content, label), &[]), expected(), "{label}");
            assert_eq!(from_stdin(&encoded(&content, label), &[]), expected(), "{label}");
        }
        let bench = Bench::new();
        bench.write("a.txt", encoded(&articles()[0].1, label));
        let findings = bench.scan(&["a.txt"]);
        assert_eq!(findings.of("repetition")[0]["again"], expected().of("repetition")[0]["again"], "{label}");
    }
}

#[test]
fn arabic_encodings_are_detected_and_told() {
    for encoding in [WINDOWS_1256, ISO_8859_6] {
        let text = format!("{ARABIC}\n{ARABIC}");
        let bench = Bench::new();
        bench.write("utf-8.txt", &text);
        bench.write("legacy.txt", encoded(&text, encoding.name()));
        bench.write("legacy.jsonl", encoded(&(record("1", &text) + &record("2", &text)), encoding.name()));
        let ran = bench.run(&["scan", ".", "--format", "jsonl"]);
        let findings = ran.findings();
        let spans: Vec<&Value> = findings.of("repetition").into_iter().map(|repetition| &repetition["again"]).collect();
        assert_eq!(spans.len(), 4);
        assert!(spans.windows(2).all(|two| two[0] == two[1]), "{spans:?}");
        assert_eq!(findings.of("pair").iter().filter(|pair| pair["rule"] == "identical").count(), 6);
        for name in ["legacy.txt", "legacy.jsonl"] {
            assert!(ran.stderr.contains(&format!("{name}: read as {} (detected)", encoding.name())), "{}", ran.stderr);
        }
        assert!(!ran.stderr.contains("utf-8.txt"), "{}", ran.stderr);
    }
}

#[test]
fn a_declared_encoding_is_not_guessed() {
    let text = "Fußgängerübergänge in Köln";
    for (label, content, name) in [
        ("windows-1256", encoded(ARABIC, "windows-1256"), "windows-1256"),
        ("iso-8859-6", encoded(ARABIC, "iso-8859-6"), "ISO-8859-6"),
        ("ARABIC", encoded(ARABIC, "iso-8859-6"), "ISO-8859-6"),
        ("latin1", encoded(text, "windows-1252"), "windows-1252"),
    ] {
        let bench = Bench::new();
        bench.write("a.txt", content);
        let ran = bench.run(&["scan", "a.txt", "--encoding", label, "--format", "jsonl"]);
        let characters = if label == "latin1" { text.chars().count() } else { ARABIC.chars().count() };
        assert_eq!(ran.findings().summary("characters"), characters as u64);
        assert!(ran.stderr.starts_with(&format!("note: a.txt: read as {name} (declared)\nsummary: ")), "{}", ran.stderr);
    }
}

#[test]
fn wide_encodings_without_a_mark_are_read_when_declared() {
    let with_mark = encoded(&jsonl(), "utf-16le");
    assert_eq!(scanned("a.jsonl", &with_mark[2..], &["--encoding", "utf-16le"]), expected());
}

#[test]
fn a_mark_goes_over_a_declared_encoding() {
    assert_eq!(scanned("a.jsonl", format!("\u{feff}{}", jsonl()), &["--encoding", "windows-1256"]), expected());
    assert_eq!(scanned("a.jsonl", encoded(&jsonl(), "utf-16be"), &["--encoding", "utf-8"]), expected());
}

#[test]
fn folders_are_walked_without_ignored_and_hidden_files() {
    let bench = Bench::new();
    for name in ["b/kept.txt", "b/ignored.txt", "b/.hidden.txt", ".hidden/c.txt", "build/d.txt", "e.log", "kept", "picture.png"] {
        bench.write(name, words("w", 20));
    }
    bench.write(".ignore", "ignored.txt\nbuild/\n");
    let members = |args: &[&str]| bench.scan(args).of("cluster").first().map(|cluster| cluster["members"].clone());
    assert_eq!(members(&["."]), Some(json!(["b/kept.txt", "e.log", "kept"])));
    let ran = bench.run(&["scan", "."]);
    assert!(ran.stderr.contains("1 file left out of folders for its ending: 1 .png;"), "{}", ran.stderr);
    let named = ["b/ignored.txt", "b/.hidden.txt", "e.log", "picture.png"];
    assert_eq!(members(&named), Some(json!(["b/.hidden.txt", "b/ignored.txt", "e.log", "picture.png"])));
    assert_eq!(members(&["b", ".hidden/c.txt"]), Some(json!([".hidden/c.txt", "b/kept.txt"])));
}

#[test]
fn globs_match_below_their_folder() {
    let bench = Bench::new();
    for name in ["a.txt", "b.text", "sub/c.txt", "sub/deep/d.txt", "sub/e.json.txt", "x[1].txt"] {
        bench.write(name, words("w", 20));
    }
    let members = |args: &[&str]| bench.scan(args).of("cluster")[0]["members"].clone();
    assert_eq!(members(&["*.t*"]), json!(["a.txt", "b.text", "x[1].txt"]));
    assert_eq!(members(&["**/*.txt"]), json!(["a.txt", "sub/c.txt", "sub/deep/d.txt", "sub/e.json.txt", "x[1].txt"]));
    assert_eq!(members(&["sub/*.txt"]), json!(["sub/c.txt", "sub/e.json.txt"]));
    assert_eq!(members(&["./sub/?.txt", "{a,b}.*"]), json!(["a.txt", "b.text", "sub/c.txt"]));
    assert_eq!(members(&["x[1].txt", "a.txt"]), json!(["a.txt", "x[1].txt"]));
}

#[test]
fn a_path_given_twice_is_read_once() {
    let bench = Bench::new();
    bench.write("sub/a.txt", words("w", 20));
    for paths in [["sub/a.txt", "sub/a.txt"], ["sub", "sub/a.txt"], ["sub/*.txt", "sub"]] {
        assert_eq!(bench.scan(&paths).summary("documents"), 1, "{paths:?}");
    }
}

#[test]
fn a_file_given_by_two_paths_is_read_once() {
    let bench = Bench::new();
    let file = bench.write("a.txt", words("w", 20));
    for paths in [["a.txt", "./a.txt"], [".", "a.txt"], ["a.txt", file.to_str().unwrap()]] {
        assert_eq!(bench.scan(&paths).summary("documents"), 1, "{paths:?}");
    }
}

#[test]
fn fields_are_found_by_their_usual_names() {
    let text = words("w", 20);
    for text_name in ["text", "content", "body", "raw_content", "maintext", "article", "full_text", "articleBody"] {
        for id_name in ["id", "_id", "doc_id", "uuid", "url"] {
            let line = |id: &str| json!({ id_name: id, "other": "x", text_name: text }).to_string() + "\n";
            let bench = Bench::new();
            bench.write("a.jsonl", line("x") + &line("y"));
            let ran = bench.run(&["scan", "a.jsonl", "--format", "jsonl"]);
            assert_eq!(ran.findings().of("cluster")[0]["members"], json!(["x", "y"]), "{text_name} {id_name}");
            assert!(ran.stderr.contains(&format!("text from {text_name}; id from {id_name}")), "{}", ran.stderr);
        }
    }
}

#[test]
fn dates_are_found_and_tell_the_origin() {
    let text = words("w", 20);
    for date_name in ["date", "published", "published_at", "date_publish", "datePublished", "pubDate", "timestamp"] {
        let line = |id: &str, date: Value| json!({ "id": id, "text": text, date_name: date }).to_string() + "\n";
        let findings = scanned("a.jsonl", line("a", json!("2020-05-02")) + &line("b", json!(1_588_204_800)) + &line("c", json!(null)), &[]);
        let origins: Vec<&Value> = findings.of("pair").into_iter().map(|pair| &pair["origin"]).collect();
        assert_eq!(origins, [&json!("b"), &json!(null), &json!(null)], "{date_name}");
        assert_eq!(findings.of("cluster")[0]["keep"], "b", "{date_name}");
    }
}

#[test]
fn dotted_paths_name_fields_of_fields() {
    let text = words("w", 20);
    let line = |id: u32, date: &str| {
        json!({ "meta": { "id": id, "at": { "day": date } }, "text": "no", "page": { "x": 1, "main.text": "no", "main": { "text": text } } }).to_string() + "\n"
    };
    let lines = line(1, "2020-01-02") + &line(2, "2020-01-01");
    let args = ["--text-field", "page.main.text", "--id-field", "meta.id", "--date-field", "meta.at.day"];
    let findings = scanned("a.jsonl", &lines, &args);
    let pair = findings.of("pair")[0];
    assert_eq!((&pair["a"], &pair["b"], &pair["origin"]), (&json!("1"), &json!("2"), &json!("b")));
    assert_eq!(findings.summary("characters"), 2 * text.len() as u64);
    let flat = json!({ "id": 1, "a.b": text }).to_string();
    assert_eq!(scanned("a.jsonl", flat, &["--text-field", "a.b"]).summary("characters"), text.len() as u64);
}

#[test]
fn a_declared_format_goes_over_content_and_name() {
    assert_eq!(scanned("a.jsonl", jsonl(), &["--input", "text"]).summary("documents"), 1);
    assert_eq!(scanned("a.txt", jsonl(), &["--input", "json"]), expected());
    assert_eq!(scanned("a", jsonl(), &["--input", "jsonl"]), expected());
}

/// Records of over a MiB between a first article and a last one that is nearly the same and repeats itself.
fn large(id: impl Fn(usize) -> String) -> String {
    let filler = (1..9_000).map(|n| record(&id(n), &words(&format!("n{n}w"), 15)));
    let body = words("body", 40);
    let first = record(&id(0), &(words("near", 100) + " one"));
    let nearly = record(&id(9_000), &(words("near", 100) + " two"));
    let doubled = record(&id(9_001), &format!("نص 🚢\n{body}\n{body}"));
    std::iter::once(first).chain(filler).chain([nearly, doubled]).collect()
}

#[test]
fn a_large_file_is_right_to_its_last_record() {
    let id = |n: usize| format!("{n:05}");
    let lines = large(id);
    assert!(lines.len() > 1 << 20);
    let body = words("body", 40).len();
    for content in
        [lines.clone(), format!("\u{feff}{lines}"), lines.trim_end().to_owned(), format!("[{}]", lines.trim_end().replace('\n', ",\n"))]
    {
        let findings = scanned("large.jsonl", content, &[]);
        assert_eq!(findings.summary("documents"), 9_002);
        let repetition = findings.of("repetition")[0];
        assert_eq!(repetition["doc"], "09001");
        assert_eq!(repetition["first"], json!({ "start": 5, "end": 5 + body, "paragraphs": [2, 2] }));
        assert_eq!(repetition["again"], json!({ "start": 6 + body, "end": 6 + 2 * body, "paragraphs": [3, 3] }));
        let pair = findings.of("pair")[0];
        assert_eq!((&pair["a"], &pair["b"], &pair["jaccard"]), (&json!("00000"), &json!("09000"), &json!(0.979592)));
        assert_eq!((findings.of("repetition").len(), findings.of("pair").len()), (1, 1));
    }
}

#[test]
fn small_files_are_read_again_for_verification() {
    let bench = Bench::new();
    let mut lines = String::new();
    for n in 0..150 {
        for (version, mark) in [("a", "\u{feff}"), ("b", "")] {
            let text = words(&format!("article{n}w"), 60) + " " + version;
            let id = format!("{version}{n:03}");
            bench.write(&format!("texts/{id}.txt"), format!("{mark}{text}"));
            bench.write(&format!("records/{id}.jsonl"), format!("{mark}\n\n{}", record(&id, &text)));
            bench.write(&format!("arrays/{id}.json"), format!("{mark}[\n{}]", record(&id, &text)));
            lines += &record(&id, &text);
        }
    }
    bench.write("all.jsonl", lines);
    let all = bench.scan(&["all.jsonl"]);
    assert_eq!(all.of("pair").len(), 150);
    assert!(all.of("pair").iter().all(|pair| pair["rule"] == "near-duplicate"));
    assert_eq!(bench.scan(&["records"]), all);
    assert_eq!(bench.scan(&["arrays"]), all);
    let similarities = |findings: &Findings| findings.of("pair").into_iter().map(|pair| pair["jaccard"].clone()).collect::<Vec<_>>();
    assert_eq!(similarities(&bench.scan(&["texts"])), similarities(&all));
}
