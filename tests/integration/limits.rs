//! Limits on what is read: compression bombs, Parquet bombs, long records, many bad records, hostile manifests.

use crate::parquet::{FIELDS, written};
use crate::workbench::{Bench, Run, names_in, record, words};
use ::parquet::basic::{Compression, Repetition, Type as Physical, ZstdLevel};
use ::parquet::data_type::{ByteArray, ByteArrayType};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::Type;
use std::fs;
use std::io::Write;
use std::sync::Arc;

/// The setting that a message names as the remedy.
const REMEDY: &str = "which may be an attack; if it is not, raise --max-unpacked";

/// `megabytes` of one line that repeats, packed.
fn bomb(megabytes: usize) -> Vec<u8> {
    let line = b"{\"id\": 1, \"text\": ".repeat(1 << 16);
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    (0..(megabytes << 20).div_ceil(line.len())).for_each(|_| encoder.write_all(&line).unwrap());
    encoder.finish().unwrap()
}

#[test]
fn a_file_that_unpacks_to_a_multiple_of_its_size_is_refused() {
    let bench = Bench::new();
    bench.write("bomb.jsonl.zst", bomb(300));
    for command in ["scan", "check"] {
        let ran = bench.run(&[command, "bomb.jsonl.zst"]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains("bomb.jsonl.zst: unpacks to more than 256 MiB (1000 times its "), "{}", ran.stderr);
        assert!(ran.stderr.contains(REMEDY), "{}", ran.stderr);
    }
    let ran = Run::new(&["scan", "-"]).folder(bench.path()).stdin(bomb(300)).go();
    assert!(ran.code == 2 && ran.stderr.contains("unpacks to more than 256 MiB (1000 times its "), "{}", ran.stderr);
}

#[test]
fn a_size_is_a_limit_too_and_other_files_are_read() {
    let bench = Bench::new();
    bench.write("long.jsonl.zst", bomb(3));
    bench.write("good.jsonl", record("a", &words("a", 40)) + &record("b", &words("a", 40)));
    let args = ["scan", "long.jsonl.zst", "good.jsonl", "--format", "jsonl", "--max-unpacked", "1M"];
    let ran = bench.run(&args);
    assert_eq!((ran.code, ran.findings().summary("documents"), ran.findings().summary("skipped")), (0, 2, 1), "{}", ran.stderr);
    assert!(ran.stderr.contains("skipped: long.jsonl.zst: unpacks to more than 1 MiB, which may be"), "{}", ran.stderr);
    let strict = bench.run(&[&args[..], &["--strict"]].concat());
    assert!(strict.code == 2 && strict.stderr.contains("long.jsonl.zst: unpacks to more than 1 MiB"), "{}", strict.stderr);
    bench.write("refrain.toml", "max-unpacked = \"none\"\n");
    let ran = bench.run(&args[..5]);
    assert!(!ran.stderr.contains("unpacks to"), "{}", ran.stderr);
}

#[test]
fn a_file_that_is_too_long_is_copied_by_clean_and_comes_back() {
    let bench = Bench::new();
    let packed = bomb(3);
    bench.write("in/long.jsonl.zst", &packed);
    bench.write("in/good.jsonl", record("a", &words("a", 40)) + &record("b", &words("a", 40)));
    let ran = bench.run(&["clean", "in", "-o", "out", "--max-unpacked", "1M"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(fs::read(bench.path().join("out/long.jsonl.zst")).unwrap(), packed);
    let ran = bench.run(&["restore", "out", "-o", "back"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(fs::read(bench.path().join("back/long.jsonl.zst")).unwrap(), packed);
}

/// A Parquet file with an optional column of texts: each of `texts`, so many times.
fn parquet(texts: &[(Option<&str>, usize)]) -> Vec<u8> {
    let text = Type::primitive_type_builder("text", Physical::BYTE_ARRAY).with_repetition(Repetition::OPTIONAL).build().unwrap();
    let schema = Type::group_type_builder("rows").with_fields(vec![Arc::new(text)]).build().unwrap();
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::try_new(3).unwrap()));
    let properties = Arc::new(properties.set_dictionary_page_size_limit(64 << 20).build());
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    for &(text, times) in texts {
        let values: Vec<ByteArray> = text.map(|text| vec![ByteArray::from(text); times]).unwrap_or_default();
        column.typed::<ByteArrayType>().write_batch(&values, Some(&vec![i16::from(text.is_some()); times]), None).unwrap();
    }
    column.close().unwrap();
    group.close().unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn parquet_bombs_are_refused_before_memory_is_allocated() {
    let long = words("long", 100_000);
    let several = format!("{long} {long} {long} {long} {long} {long} {long} {long}");
    let bombs = [
        // One text for many rows, by a dictionary.
        ("dictionary.parquet", parquet(&[(Some(&several), 60)])),
        // Rows without texts.
        ("nulls.parquet", parquet(&[(Some("a text"), 1), (None, 5_000_000)])),
        // A page of texts that compress well.
        ("page.parquet", parquet(&[(Some(&"a ".repeat(150 << 20)), 1)])),
    ];
    let bench = Bench::new();
    for (name, content) in bombs {
        assert!(content.len() < 1 << 20, "{name}: {}", content.len());
        bench.write(name, content);
        let ran = bench.run(&["scan", name, "--format", "jsonl"]);
        assert!(ran.code == 2 && ran.stderr.contains(&format!("{name}: unpacks to more than 256 MiB")), "{name}: {}", ran.stderr);
        assert!(ran.stderr.contains(REMEDY), "{}", ran.stderr);
    }
    bench.write("good.parquet", parquet(&[(Some(&long), 3), (None, 100)]));
    assert_eq!(bench.scan(&["good.parquet"]).summary("documents"), 3);
}

#[test]
fn a_longer_record_than_allowed_is_skipped() {
    let long = words("w", 10_000);
    let inputs = [
        ("a.jsonl", record("1", "short enough") + &record("2", &long) + &record("3", "short as well")),
        ("a.json", format!("[{},{},{}]", record("1", "short enough"), record("2", &long), record("3", "short as well"))),
        ("a.csv", format!("id,text\n1,short enough\n2,{long}\n3,short as well\n")),
        ("a.txt", long.clone()),
        ("a.md", long.clone()),
        ("a.html", format!("<p>{long}</p>")),
        ("a.parquet", String::new()),
    ];
    for (name, content) in inputs {
        let bench = Bench::new();
        match name {
            "a.parquet" => bench.write(name, parquet(&[(Some("short"), 1), (Some(&long), 1), (Some("short as well"), 1)])),
            _ => bench.write(name, content),
        };
        bench.write("b.txt", "another text");
        let ran = bench.run(&["scan", name, "b.txt", "--format", "jsonl", "--max-record", "20K"]);
        assert_eq!(ran.findings().summary("skipped"), 1, "{name}: {}", ran.stderr);
        let reason = "a record of 5";
        assert!(
            ran.stderr.contains(reason) && ran.stderr.contains("more than the limit of 20 KiB; split it, or raise --max-record"),
            "{}",
            ran.stderr
        );
        assert_eq!(bench.run(&["scan", name, "b.txt"]).code, 0);
    }
    let bench = Bench::new();
    bench.write("a.txt", "text");
    let ran = bench.run(&["scan", "a.txt", "--max-record", "4G"]);
    assert!(ran.code == 2 && ran.stderr.contains("max-record: must be between 1 byte"), "{}", ran.stderr);
}

#[test]
fn bad_records_are_counted_and_the_first_are_listed() {
    let bench = Bench::new();
    let bad: String = (0..3000).map(|n| format!("{{{n}\n")).collect();
    bench.write("a.jsonl", record("1", "a text") + &bad + "[]\n");
    let listed = |args: &[&str]| {
        let ran = bench.run(&[&["scan", "a.jsonl", "--format", "jsonl"], args].concat());
        assert_eq!(ran.findings().summary("skipped"), 3001, "{}", ran.stderr);
        let skipped = ran.stderr.lines().filter_map(|line| line.strip_prefix("skipped: ").map(str::to_owned));
        skipped.collect::<Vec<_>>()
    };
    let few = listed(&[]);
    assert_eq!(few.len(), 12, "{few:?}");
    assert!(few[0].starts_with("a.jsonl:2: ") && few[9].starts_with("a.jsonl:11: ") && few[10].starts_with("a.jsonl:3002: "), "{few:?}");
    assert!(few[11].starts_with("2990 more like `") && few[11].ends_with("; --verbose lists more"), "{few:?}");
    let many = listed(&["--verbose"]);
    assert!(many.len() == 1002 && many[1001].starts_with("2000 more like `") && many[1001].ends_with('`'), "{}", many.len());
}

#[test]
fn a_manifest_that_unpacks_to_too_much_is_refused() {
    let bench = Bench::new();
    let texts = vec![Some(words("a", 40)); 2];
    bench.write("in/a.parquet", written(&texts, 2, WriterProperties::builder()));
    assert_eq!(bench.run(&[&["clean", "in", "-o", "out"], &FIELDS[..]].concat()).code, 0);
    let manifest = names_in(bench.path()).into_iter().find(|name| name.ends_with("manifest.jsonl")).unwrap();
    let text = fs::read_to_string(bench.path().join(&manifest)).unwrap();
    // The bytes of the rows are a gigabyte of zeros.
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    (0..1024).for_each(|_| encoder.write_all(&vec![0; 1 << 20]).unwrap());
    let zeros = base64(&encoder.finish().unwrap());
    let forged = |line: &str| {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        if line["type"] == "rows" {
            line["bytes"] = zeros.clone().into();
        }
        line.to_string() + "\n"
    };
    let forged: String = text.lines().map(forged).collect();
    assert_ne!(forged, text);
    bench.write("forged.jsonl", forged);
    let ran = bench.run(&["restore", "out", "--manifest", "forged.jsonl", "-o", "back"]);
    assert!(ran.code == 2 && ran.stderr.contains("the manifest is damaged"), "{}", ran.stderr);
    assert!(!bench.path().join("back/a.parquet").exists());
}

#[test]
fn an_output_that_unpacks_to_more_than_the_manifest_says_is_refused() {
    let bench = Bench::new();
    bench.write("in/a.jsonl.zst", zstd::encode_all((record("a", &words("a", 40)) + &record("b", &words("a", 40))).as_bytes(), 3).unwrap());
    assert_eq!(bench.run(&["clean", "in", "-o", "out"]).code, 0);
    bench.write("out/a.jsonl.zst", bomb(300));
    let ran = bench.run(&["restore", "out", "-o", "back"]);
    assert!(ran.code == 2 && ran.stderr.contains("differs from the output that the manifest describes"), "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn a_manifest_without_lines_is_refused_at_once() {
    let bench = Bench::new();
    bench.write("out", "text");
    let ran = bench.run(&["restore", "out", "--manifest", "/dev/zero", "-o", "back"]);
    assert!(ran.code == 2 && ran.stderr.contains("/dev/zero:1: not a line of a manifest (it is no JSON object)"), "{}", ran.stderr);
}

/// Bytes as RFC 4648 has them.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at)) as usize & 63];
            text.push(if at <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}
