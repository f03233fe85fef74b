//! Damage: bad bytes in a file, and files that cannot be read among others that can.

use crate::clean::{clean_and_back, of_type, read, run};
use crate::workbench::{Bench, record, scanned, words};
use std::fs;

/// Articles with two that are identical.
fn articles() -> String {
    [("1", "a"), ("2", "b"), ("3", "a")].map(|(id, letter)| record(id, &words(letter, 40))).concat()
}

#[test]
fn a_file_of_lines_with_bad_bytes_is_utf8() {
    for (name, head) in [("a.jsonl", ""), ("a.csv", "id,text\n")] {
        let row = |n: usize, text: &[u8]| {
            let (before, after) =
                if head.is_empty() { (format!("{{\"id\":\"{n}\",\"text\":\""), "\"}\n") } else { (format!("{n},"), "\n") };
            [before.as_bytes(), text, after.as_bytes()].concat()
        };
        let text = |n: usize| format!("L’été {} à Łódź", words(&format!("w{n}é"), 20)).into_bytes();
        let rows = (0..60).flat_map(|n| if n % 10 == 3 { row(n, b"d\xE9j\xE0 vu \xFF") } else { row(n, &text(n)) });
        let (ran, findings) = scanned(name, [head.as_bytes().to_vec(), rows.collect()].concat(), &[]);
        assert_eq!((findings.summary("documents"), findings.summary("skipped")), (54, 6), "{}", ran.stderr);
        let line = 4 + usize::from(!head.is_empty());
        assert!(
            ran.stderr.contains(&format!("{name}:{line}: bytes that are not UTF-8")) && !ran.stderr.contains("read as"),
            "{}",
            ran.stderr
        );
    }
    let bench = Bench::new();
    let text = format!("L’été {}", words("é", 40));
    bench.write("a.txt", [text.as_bytes(), b" d\xE9j\xE0 vu\n", text.as_bytes()].concat());
    bench.write("b.txt", &text);
    let findings = bench.scan(&["a.txt", "b.txt"]);
    assert_eq!((findings.of("repetition").len(), findings.of("pair").len()), (1, 1), "the rest is as it was");
}

#[test]
fn wide_files_need_no_mark() {
    let arabic = "خبر عاجل من الرياض عن الميزانية الجديدة التي ستعرض على المجلس في الأسبوع المقبل وقال الوزير إن العجز تراجع";
    let chinese =
        "政府宣布了支持企业的新措施，市场反应积极。部长表示，这些变化将于秋季生效。记者在现场采访了多位企业负责人，他们都表示支持。";
    let contents = [
        ("a.jsonl", record("1", arabic) + &record("2", arabic) + &record("3", chinese)),
        ("a.csv", format!("id,text\r\n1,\"{arabic}\"\r\n2,\"{arabic}\"\r\n3,{chinese}\r\n")),
        ("a.json", format!("[{},{},{}]", record("1", arabic), record("2", arabic), record("3", chinese))),
    ];
    for (name, content) in contents {
        let expected = scanned(name, &content, &[]).1;
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            let bench = Bench::new();
            bench.write(name, content.encode_utf16().flat_map(order).collect::<Vec<u8>>());
            let ran = bench.run(&["scan", name, "--format", "jsonl"]);
            assert_eq!(ran.findings().0, expected.0, "{name}: {}", ran.stderr);
            assert!(ran.stderr.contains("read as UTF-16"), "{}", ran.stderr);
            clean_and_back(&bench, name, &[]);
        }
    }
    let japanese = "政府は企業を支援する新しい措置を発表した。大臣は変更が秋に施行されると述べた。市場の反応は前向きだった。";
    let bench = Bench::new();
    let content = format!("{{\"id\":\"1\",\"text\":\"{japanese}\"}}\n{{\"id\":\"2\",\"text\":\"{japanese}\"}}\n");
    bench.write("a.jsonl", encoding_rs::ISO_2022_JP.encode(&content).0);
    let ran = bench.run(&["scan", "a.jsonl", "--format", "jsonl"]);
    assert!(ran.findings().of("pair").len() == 1 && ran.stderr.contains("read as ISO-2022-JP"), "{}", ran.stderr);
    clean_and_back(&bench, "a.jsonl", &[]);
}

#[test]
fn utf32_is_read_in_every_format() {
    let (body, other) = (words("é", 30), words("b", 30));
    let texts = [
        ("a.txt", format!("{body}\n\n{body}\n")),
        ("a.jsonl", [record("1", &body), record("2", &body), record("3", &other)].concat()),
        ("a.json", format!("[{},\n{}]", record("1", &body).trim_end(), record("2", &body).trim_end())),
        ("a.csv", format!("id,text\n1,{body}\n2,{body}\n")),
        ("a.html", format!("<!doctype html><p>{body}</p><p>{body}</p>")),
    ];
    for (name, text) in texts.into_iter().filter(|(name, _)| cfg!(feature = "html") || *name != "a.html") {
        for (mark, is_little) in [("", true), ("\u{feff}", true), ("", false), ("\u{feff}", false)] {
            let order = |c: char| if is_little { u32::from(c).to_le_bytes() } else { u32::from(c).to_be_bytes() };
            let bytes: Vec<u8> = mark.chars().chain(text.chars()).flat_map(order).collect();
            let bench = Bench::new();
            bench.write(name, &bytes);
            let ran = bench.run(&["scan", name, "--format", "jsonl"]);
            let found = ran.findings();
            assert_eq!((found.of("pair").len() + found.of("repetition").len(), found.summary("skipped")), (1, 0), "{name}: {}", ran.stderr);
            assert!(ran.stderr.contains(if is_little { "read as UTF-32LE" } else { "read as UTF-32BE" }), "{}", ran.stderr);
            if name != "a.html" {
                run(&bench, &["clean", name, "-o", "out", "--manifest", "m"]);
                let out = fs::read(bench.path().join("out")).unwrap();
                assert!(out.len() < bytes.len() && out.len().is_multiple_of(4) && (mark.is_empty() || out[..4] == bytes[..4]));
                run(&bench, &["restore", "out", "--manifest", "m", "-o", "back"]);
                assert_eq!(fs::read(bench.path().join("back")).unwrap(), bytes);
            }
        }
    }
}

#[test]
fn files_without_text_are_named_by_their_kind() {
    let bench = Bench::new();
    bench.write("b.txt", words("b", 30));
    for (name, bytes, kind) in [
        ("a.pdf", &b"%PDF-1.4\n%\xE2\xE3\n1 0 obj\n"[..], "a PDF file"),
        ("a.docx", b"PK\x03\x04\x14\0\x06\0", "a Word, Excel"),
        ("a.csv", b"PK\x03\x04\x14\0\x06\0,text\n1,a\n", "a ZIP archive"),
        ("a.png", b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR", "a PNG image"),
        ("a.txt", b"a\0b", "it has NUL bytes"),
    ] {
        bench.write(name, bytes);
        let ran = bench.run(&["scan", name, "b.txt"]);
        assert!(ran.stderr.contains(&format!("skipped: {name}: binary, not text: ")) && ran.stderr.contains(kind), "{}", ran.stderr);
    }
}

#[cfg(feature = "compression")]
mod packed {
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// A frame of zstd with a window of 2 to the power of `log` bytes, its content as it is.
    fn long_window(bytes: &[u8], log: u8) -> Vec<u8> {
        let block = u32::try_from(bytes.len()).unwrap() << 3 | 1;
        [&[0x28, 0xB5, 0x2F, 0xFD, 0, (log - 10) << 3], &block.to_le_bytes()[..3], bytes].concat()
    }

    /// A folder with a good file and three damaged ones.
    fn shards() -> Bench {
        let bench = Bench::new();
        let more: String = (0..50).map(|n| record(&format!("m{n}"), &words(&format!("m{n}x"), 40))).collect();
        let gz = gzip(more.as_bytes());
        let mut zst = zstd::encode_all(more.as_bytes(), 3).unwrap();
        let middle = zst.len() / 2;
        zst[middle] ^= 0x55;
        bench.write("in/a.jsonl", articles());
        bench.write("in/b.jsonl.gz", &gz[..gz.len() / 2]);
        bench.write("in/c.jsonl.zst", &zst[..zst.len() - 5]);
        bench.write("in/d.parquet", b"PAR1 and no more");
        bench.write("in/e.jsonl", record("4", &words("a", 40)));
        bench.write("in/f.jsonl.xz", "");
        bench
    }

    #[test]
    fn damaged_files_among_others_are_skipped_and_counted() {
        let bench = shards();
        let scan = |args: &[&str]| bench.run(&[&["scan", "in", "--format", "jsonl"], args].concat());
        let ran = scan(&["--jobs", "1"]);
        let findings = ran.findings();
        assert_eq!((ran.code, findings.summary("documents"), findings.summary("skipped")), (0, 4, 4), "{}", ran.stderr);
        assert_eq!(findings.of("pair").len(), 3);
        for (name, format) in [("b.jsonl.gz", "gzip"), ("c.jsonl.zst", "zstd"), ("d.parquet", "Parquet"), ("f.jsonl.xz", "xz")] {
            assert!(ran.stderr.contains(&format!("skipped: in/{name}: damaged or truncated {format} file")), "{}", ran.stderr);
        }
        let lines = || ran.stderr.lines().filter(|line| line.starts_with("skipped: "));
        assert!(lines().all(|line| line.matches("skipped").count() == 1), "{}", ran.stderr);
        let parallel = scan(&["--jobs", "4"]);
        assert_eq!((&parallel.stdout, &parallel.stderr), (&ran.stdout, &ran.stderr));
        let strict = scan(&["--strict"]);
        assert!(strict.code == 2 && strict.stderr.contains("in/b.jsonl.gz: damaged or truncated gzip file"), "{}", strict.stderr);
        let alone = bench.run(&["scan", "in/b.jsonl.gz", "in/d.parquet"]);
        assert!(alone.code == 2 && alone.stderr.contains("in/b.jsonl.gz: damaged or truncated"), "{}", alone.stderr);
        for command in [&["check", "in", "--fail-on", "none"][..], &["report", "in", "--format", "csv"], &["index", "add", "ix", "in"]] {
            let ran = bench.run(command);
            assert!(ran.code == 0 && ran.stderr.contains("skipped: in/c.jsonl.zst: damaged"), "{command:?} {}", ran.stderr);
        }
    }

    #[test]
    fn damaged_files_are_copied_and_come_back() {
        let bench = shards();
        for annotate in [false, true] {
            let out = if annotate { "marked" } else { "out" };
            let more: &[&str] = if annotate { &["--annotate"] } else { &[] };
            let ran = run(&bench, &[&["clean", "in", "-o", out], more].concat());
            assert!(ran.stderr.contains("4 files could not be read and were copied unchanged"), "{}", ran.stderr);
            run(&bench, &["restore", out, "-o", "back"]);
            let bytes = |folder: &str, name: &str| std::fs::read(bench.path().join(folder).join(name)).unwrap();
            for name in ["a.jsonl", "b.jsonl.gz", "c.jsonl.zst", "d.parquet", "e.jsonl", "f.jsonl.xz"] {
                assert_eq!(bytes("in", name), bytes("back", name), "{name}");
                assert!(!name.contains("jsonl.") || bytes("in", name) == bytes(out, name), "{name}");
            }
            std::fs::remove_dir_all(bench.path().join("back")).unwrap();
        }
        let lines = crate::clean::manifest(&bench, "out.manifest.jsonl");
        let damaged: Vec<&str> =
            of_type(&lines, "file").iter().filter(|line| line["damaged"].is_string()).map(|line| line["name"].as_str().unwrap()).collect();
        assert_eq!(damaged, ["b.jsonl.gz", "c.jsonl.zst", "d.parquet", "f.jsonl.xz"]);
        assert_eq!(of_type(&lines, "summary")[0]["files_damaged"], 4);
        // A copy that was changed is not taken for the input.
        bench.write("out/b.jsonl.gz", "x");
        let ran = bench.run(&["restore", "out", "-o", "back"]);
        assert!(ran.code == 2 && ran.stderr.contains("b.jsonl.gz differs from the output that the manifest describes"), "{}", ran.stderr);
        let strict = bench.run(&["clean", "in", "-o", "strict", "--strict"]);
        assert!(strict.code == 2 && !bench.path().join("strict").exists(), "{}", strict.stderr);
        let alone = bench.run(&["clean", "in/b.jsonl.gz", "-o", "alone"]);
        assert!(alone.code == 2 && !bench.path().join("alone").exists(), "{}", alone.stderr);
    }

    #[test]
    fn zstd_with_long_windows_is_read() {
        for log in [27, 28, 31] {
            let bench = Bench::new();
            bench.write("a.jsonl.zst", long_window(articles().as_bytes(), log));
            assert_eq!(bench.scan(&["a.jsonl.zst"]).of("pair").len(), 1, "{log}");
            if log < 29 {
                clean_and_back(&bench, "a.jsonl.zst", &[]);
            }
        }
        let bench = Bench::new();
        bench.write("in/a.jsonl", articles());
        bench.write("in/b.jsonl.zst", long_window(articles().as_bytes(), 35));
        assert!(bench.run(&["scan", "in"]).stderr.contains("skipped: in/b.jsonl.zst: damaged"), "larger than zstd itself makes");
        assert_eq!(read(&bench, "in/a.jsonl"), articles());
    }
}
