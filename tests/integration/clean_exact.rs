//! Parquet, cleaned and restored: the same bytes, whoever wrote the file and however its pages are packed.

use crate::clean::{of_type, read, run};
use crate::parquet::{FIELDS, written};
use crate::workbench::{Bench, Run, words};
use ::parquet::basic::{BrotliLevel, Compression, Encoding, GzipLevel, ZstdLevel};
use ::parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use ::parquet::schema::types::ColumnPath;
use serde_json::{Value, json};
use std::fs;

/// Some alike, some that repeat themselves, some empty, some null.
fn articles() -> Vec<Option<String>> {
    let text = |number: usize| match number % 10 {
        2 => Some(String::new()),
        3 => Some(words("same", 40)),
        5 => None,
        7 => Some(format!("خبر {number}\n{0}\n{0}", words(&format!("d{number}-"), 30))),
        _ => Some(words(&format!("x{number}-"), 60)),
    };
    (0..160).map(text).collect()
}

/// Cleans and restores; says that the bytes are the same, and returns the manifest.
#[track_caller]
fn there_and_back(bench: &Bench, input: &[u8]) -> Vec<Value> {
    bench.write("in.parquet", input);
    run(bench, &[&["clean", "in.parquet", "-o", "out.parquet"], &FIELDS[..]].concat());
    run(bench, &["restore", "out.parquet", "-o", "back.parquet"]);
    assert!(fs::read(bench.path().join("back.parquet")).unwrap() == input, "other bytes");
    assert!(fs::read(bench.path().join("out.parquet")).unwrap() != input, "nothing went");
    read(bench, "out.parquet.manifest.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Bytes of pages that are kept as they were.
fn kept(manifest: &[Value]) -> u64 {
    let summary = of_type(manifest, "summary")[0]["pages_kept"].as_u64().unwrap();
    assert_eq!(of_type(manifest, "file")[0]["parquet"]["pages_kept"], summary);
    summary
}

fn steps<'m>(manifest: &'m [Value], name: &str) -> Vec<&'m Value> {
    let lines = of_type(manifest, "pages");
    lines.into_iter().flat_map(|line| line["steps"].as_array().unwrap()).filter_map(|step| step.get(name)).collect()
}

fn small_pages() -> WriterPropertiesBuilder {
    WriterProperties::builder().set_data_page_row_count_limit(9).set_write_batch_size(9)
}

#[test]
fn every_codec_gives_the_same_bytes_and_keeps_no_page() {
    let mut codecs = vec![Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::LZ4_RAW];
    codecs.extend([1, 3, 9].map(|level| Compression::ZSTD(ZstdLevel::try_new(level).unwrap())));
    codecs.extend([1, 6, 9].map(|level| Compression::GZIP(GzipLevel::try_new(level).unwrap())));
    codecs.extend([1, 5].map(|level| Compression::BROTLI(BrotliLevel::try_new(level).unwrap())));
    let bench = Bench::new();
    for codec in codecs {
        for (version, dictionary) in [(WriterVersion::PARQUET_1_0, true), (WriterVersion::PARQUET_2_0, false)] {
            let properties = small_pages()
                .set_compression(codec)
                .set_writer_version(version)
                .set_dictionary_enabled(dictionary)
                .set_encoding(Encoding::PLAIN);
            let manifest = there_and_back(&bench, &written(&articles(), 70, properties));
            assert_eq!(kept(&manifest), 0, "{codec:?} {version:?}");
            assert_eq!(steps(&manifest, "rows"), [70, 70, 20]);
            assert_eq!(steps(&manifest, "dictionary").len(), if dictionary { 3 } else { 0 });
            assert_eq!(steps(&manifest, "page").len(), if dictionary { 0 } else { 8 + 8 + 3 });
        }
    }
}

#[test]
fn what_cannot_be_made_again_is_kept_and_told() {
    let body = || ColumnPath::new(vec!["meta".to_owned(), "body".to_owned()]);
    let bench = Bench::new();
    let plain = || small_pages().set_dictionary_enabled(false);
    let delta = plain().set_column_encoding(body(), Encoding::DELTA_LENGTH_BYTE_ARRAY);
    let prefixes = plain().set_writer_version(WriterVersion::PARQUET_2_0).set_column_encoding(body(), Encoding::DELTA_BYTE_ARRAY);
    for properties in [delta, prefixes] {
        let input = written(&articles(), 70, properties);
        let manifest = there_and_back(&bench, &input);
        assert!((1_000..input.len() as u64).contains(&kept(&manifest)), "{}", kept(&manifest));
        assert!(steps(&manifest, "page").is_empty());
        let ran = bench.run(&[&["clean", "in.parquet", "-o", "out.parquet"], &FIELDS[..]].concat());
        assert!(ran.stderr.contains("bytes of Parquet pages are kept in the manifest"), "{}", ran.stderr);
    }
}

#[test]
fn a_page_of_another_packer_is_kept_alone() {
    let plain = small_pages().set_dictionary_enabled(false).set_compression(Compression::ZSTD(ZstdLevel::try_new(3).unwrap()));
    let mut input = written(&articles(), 200, plain);
    let frames: Vec<usize> = (0..input.len() - 4).filter(|&at| input[at..].starts_with(&[0x28, 0xB5, 0x2F, 0xFD])).collect();
    // There are 18 pages of ids before those of texts. A bit that readers must not look at tells this frame from the others.
    input[frames[20] + 4] |= 0b1_0000;
    let bench = Bench::new();
    let manifest = there_and_back(&bench, &input);
    assert_eq!(steps(&manifest, "page").len(), 17, "of 18");
    assert!((100..2_000).contains(&kept(&manifest)), "{}", kept(&manifest));
}

#[test]
fn a_dictionary_that_overflows_a_bloom_filter_and_an_index_come_back() {
    let properties = small_pages()
        .set_compression(Compression::SNAPPY)
        .set_dictionary_page_size_limit(3_000)
        .set_bloom_filter_enabled(true)
        .set_statistics_enabled(::parquet::file::properties::EnabledStatistics::Page);
    let bench = Bench::new();
    let manifest = there_and_back(&bench, &written(&articles(), 100, properties));
    assert_eq!((kept(&manifest), steps(&manifest, "dictionary").len()), (0, 2));
    assert!(!steps(&manifest, "page").is_empty() && !steps(&manifest, "pass").is_empty());
}

#[test]
fn rows_all_of_which_go_come_back() {
    let loops: Vec<_> = (0..4).map(|n| Some(format!("{} {n}", "read more ".repeat(40)))).collect();
    let bench = Bench::new();
    bench.write("in.parquet", written(&loops, 3, WriterProperties::builder()));
    run(&bench, &[&["clean", "in.parquet", "-o", "out.parquet", "--remove", "nothing", "--filter", "gopher"], &FIELDS[..]].concat());
    run(&bench, &["restore", "out.parquet", "-o", "back.parquet"]);
    assert_eq!(fs::read(bench.path().join("in.parquet")).unwrap(), fs::read(bench.path().join("back.parquet")).unwrap());
}

#[test]
fn without_removed_text_nothing_is_told_of_pages() {
    let bench = Bench::new();
    bench.write("in.parquet", written(&articles(), 70, WriterProperties::builder()));
    run(&bench, &[&["clean", "in.parquet", "-o", "out.parquet", "--no-removed-text"], &FIELDS[..]].concat());
    let manifest: Vec<Value> = read(&bench, "out.parquet.manifest.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(of_type(&manifest, "pages").is_empty() && kept(&manifest) == 0);
    let ran = bench.run(&["restore", "out.parquet", "-o", "back.parquet"]);
    assert!(ran.code == 2 && ran.stderr.contains("does not contain the removed text"), "{}", ran.stderr);
}

/// Changes the steps of the first line that has some.
fn with_steps(manifest: &str, change: impl Fn(&mut Vec<Value>)) -> String {
    let mut lines: Vec<Value> = manifest.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = lines.iter_mut().find(|line| line["type"] == "pages").unwrap();
    change(line["steps"].as_array_mut().unwrap());
    lines.iter().map(|line| line.to_string() + "\n").collect()
}

/// The first step of that name.
fn first<'s>(steps: &'s mut [Value], name: &str) -> &'s mut Value {
    steps.iter_mut().find(|step| step.get(name).is_some()).unwrap()
}

#[test]
fn a_damaged_manifest_gives_no_wrong_file() {
    let bench = Bench::new();
    let plain = small_pages().set_dictionary_enabled(false).set_compression(Compression::SNAPPY);
    bench.write("in.parquet", written(&articles(), 70, plain));
    run(&bench, &[&["clean", "in.parquet", "-o", "out.parquet"], &FIELDS[..]].concat());
    let manifest = read(&bench, "out.parquet.manifest.jsonl");
    let pages = manifest.lines().find(|line| line.contains("\"type\":\"pages\"")).unwrap().to_owned() + "\n";
    let cut = manifest.lines().find(|line| line.contains("\"rule\":\"repeated-paragraph\"")).unwrap();
    let other_bytes = pages.replacen("\"bytes\":\"KLUv", "\"bytes\":\"KLUw", 1);
    let damaged = [
        manifest.replace(&pages, ""),
        manifest.replace(&pages, &(pages.clone() + &pages)),
        manifest.replace(&pages, &other_bytes),
        manifest.replace(&pages, &pages.replace("\"file\":\"out.parquet\"", "\"file\":\"x\"")),
        manifest.replace(cut, &cut.replace("\"row\":7", "\"row\":8")),
        manifest.replace(cut, &cut.replace("\"row\":7", "\"row\":5")),
        manifest.replace(cut, &cut.replace("d7-3", "d7-4")),
        manifest.replace("\"text\":\"meta.body\"", "\"text\":\"note\""),
        with_steps(&manifest, |steps| drop(steps.pop())),
        with_steps(&manifest, |steps| steps.push(json!({ "pass": 1_000_000 }))),
        with_steps(&manifest, |steps| steps.push(json!({ "bytes": 1 }))),
        with_steps(&manifest, |steps| steps.push(json!({ "dictionary": { "of": 1, "listed": usize::MAX / 2 } }))),
        with_steps(&manifest, |steps| *first(steps, "rows") = json!({ "rows": 3 })),
        with_steps(&manifest, |steps| *first(steps, "packer") = json!({ "packer": { "snappy": { "hash": "low", "bits": 40 } } })),
        with_steps(&manifest, |steps| *first(steps, "packer") = json!({ "packer": "lz4" })),
        with_steps(&manifest, |steps| first(steps, "page")["page"]["levels"] = json!(u64::MAX)),
        with_steps(&manifest, |steps| *first(steps, "page") = json!({ "else": 1 })),
    ];
    for (number, damaged) in damaged.into_iter().enumerate() {
        assert!(damaged != manifest, "{number}");
        bench.write("m", damaged);
        let ran = bench.run(&["restore", "out.parquet", "--manifest", "m", "-o", "back.parquet"]);
        assert!(ran.code == 2 && !bench.path().join("back.parquet").exists(), "{number}: {}", ran.stderr);
        assert!(
            ran.stderr.contains("m:") && (ran.stderr.contains("damaged") || ran.stderr.contains("not a line")),
            "{number}: {}",
            ran.stderr
        );
    }
}

/// Builds with the feature `exact-deflate` write corrections of predicted streams, which other builds cannot carry out.
#[test]
#[cfg(not(feature = "exact-deflate"))]
fn corrections_of_deflate_streams_are_refused_by_name() {
    let bench = Bench::new();
    let plain = small_pages().set_dictionary_enabled(false).set_compression(Compression::SNAPPY);
    bench.write("in.parquet", written(&articles(), 70, plain));
    run(&bench, &[&["clean", "in.parquet", "-o", "out.parquet"], &FIELDS[..]].concat());
    let manifest = read(&bench, "out.parquet.manifest.jsonl");
    bench.write("m", with_steps(&manifest, |steps| *first(steps, "packer") = json!({ "packer": "deflate" })));
    let ran = bench.run(&["restore", "out.parquet", "--manifest", "m", "-o", "back.parquet"]);
    assert!(ran.code == 2 && ran.stderr.contains("build with the feature `exact-deflate`"), "{}", ran.stderr);
    assert!(!bench.path().join("back.parquet").exists());
}

/// Many different texts, and some that go.
fn many(count: usize, salt: &str) -> Vec<Option<String>> {
    (0..count).map(|number| Some(words(&format!("{salt}{}x", if number % 9 == 0 { 0 } else { number }), 60))).collect()
}

#[test]
fn what_was_finished_before_a_kill_is_left_alone_and_comes_back_all_the_same() {
    let bench = Bench::new();
    let gzip = WriterProperties::builder().set_compression(Compression::GZIP(GzipLevel::try_new(6).unwrap()));
    bench.write("in/a.parquet", written(&many(3000, "a"), 1000, WriterProperties::builder().set_encoding(Encoding::PLAIN)));
    bench.write("in/b.parquet", written(&many(9000, "b"), 1000, gzip.set_encoding(Encoding::PLAIN)));
    run(&bench, &[&["clean", "in", "-o", "whole", "--manifest", "whole.m"], &FIELDS[..]].concat());

    let clean = [&["clean", "in", "-o", "out", "--manifest", "out.m", "--jobs", "1"], &FIELDS[..]].concat();
    let mut child = Run::new(&clean).folder(bench.path()).start();
    let notes = bench.path().join("out/.refrain-clean");
    let is_noted =
        || fs::read_dir(&notes).is_ok_and(|mut files| files.any(|file| file.unwrap().file_name().to_string_lossy().ends_with(".json")));
    while !is_noted() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(is_noted() && !bench.path().join("out.m").exists(), "it was killed when one file was finished");
    let modified = || fs::metadata(bench.path().join("out/a.parquet")).unwrap().modified().unwrap();
    let before = modified();
    run(&bench, &[&clean[..], &["--resume"]].concat());
    assert_eq!(modified(), before, "it was written again");
    for (out, whole) in [("out/a.parquet", "whole/a.parquet"), ("out/b.parquet", "whole/b.parquet"), ("out.m", "whole.m")] {
        assert!(fs::read(bench.path().join(out)).unwrap() == fs::read(bench.path().join(whole)).unwrap(), "{out}");
    }
    run(&bench, &["restore", "out", "--manifest", "out.m", "-o", "back"]);
    for name in ["a.parquet", "b.parquet"] {
        assert!(fs::read(bench.path().join("back").join(name)).unwrap() == fs::read(bench.path().join("in").join(name)).unwrap(), "{name}");
    }
}
