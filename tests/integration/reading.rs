//! Which files are read, what a run says that read nothing, and where files and their permissions go.

use crate::workbench::{Bench, Run, record, words};
use std::fs;

const EVERY_COMMAND: [&[&str]; 5] = [&["scan"], &["check"], &["report"], &["clean", "-o", "out"], &["index", "add", "db"]];

#[track_caller]
fn assert_nothing_read(bench: &Bench, path: &str, reason: &str) {
    for command in EVERY_COMMAND {
        let ran = bench.run(&[command, &[path]].concat());
        assert_eq!(ran.code, 2, "{command:?} {path}: {}", ran.stderr);
        assert!(ran.stderr.contains(reason), "{command:?}: no {reason:?} in {}", ran.stderr);
        assert!(!bench.path().join("out").exists(), "{command:?} wrote its output");
    }
}

#[test]
fn a_glob_reads_what_it_names_and_says_what_it_leaves_out() {
    let bench = Bench::new();
    ["a.txt", "sub/b.txt"].iter().for_each(|name| drop(bench.write(name, words(name, 30))));
    bench.write(".git/config", "");
    bench.write(".gitignore", "*.txt\n");
    assert_eq!(bench.scan(&["*.txt"]).summary("documents"), 1);
    assert_eq!(bench.scan(&["**/*.txt", "--no-ignore"]).summary("documents"), 2);
    let ran = bench.run(&["scan", "**/*.txt"]);
    let said = "**/*.txt: 2 matching files are left out by .gitignore or .ignore; use --no-ignore to read them";
    assert!(ran.code == 2 && ran.stderr.contains(said), "{}", ran.stderr);
}

#[test]
fn a_run_that_reads_no_article_fails_with_the_reason() {
    let bench = Bench::new();
    bench.write("pictures/a.png", "x");
    bench.write("pictures/.hidden.txt", "x");
    bench.write("empty.jsonl", "");
    bench.write("broken.jsonl", "{\"id\": 1\nno record\n");
    bench.write("binary.dat", b"a\0b");
    fs::create_dir(bench.path().join("none")).unwrap();
    assert_nothing_read(&bench, "pictures", "no file to read: 1 file left out of folders for its ending: 1 .png;");
    assert_nothing_read(&bench, "pictures", "1 hidden entry");
    assert_nothing_read(&bench, "none", "no file to read: the folders are empty");
    assert_nothing_read(&bench, "empty.jsonl", "1 file without an article");
    assert_nothing_read(&bench, "broken.jsonl", "no article read: 2 records skipped; the first: broken.jsonl:1: ");
    assert_nothing_read(&bench, "binary.dat", "no article read: 1 record skipped; the first: binary.dat: ");
}

#[test]
fn an_article_without_a_word_is_read() {
    let bench = Bench::new();
    bench.write("a.txt", "...\n");
    assert_eq!(bench.scan(&["a.txt"]).summary("empty"), 1);
}

#[test]
fn scan_and_check_read_the_current_folder() {
    let bench = Bench::new();
    let text = words("w", 40);
    ["notes.md", "deep/page.rst", "code.py"].iter().for_each(|name| drop(bench.write(name, &text)));
    bench.write("data.transcript", &text);
    assert_eq!(bench.scan(&[]).summary("documents"), 3);
    assert_eq!(bench.scan(&["--ext", "transcript,.dat"]).summary("documents"), 4);
    assert_eq!(bench.scan(&["data.transcript"]).summary("documents"), 1);
    let checked = bench.run(&["check", "--format", "json"]);
    assert_eq!(checked.code, 1, "{}", checked.stderr);
    assert!(checked.stdout.contains("deep/page.rst"), "{}", checked.stdout);
    let left_out = "1 file left out of folders for its ending: 1 .transcript; name a file to read it, or add its ending with --ext";
    assert!(checked.stderr.contains(left_out), "{}", checked.stderr);
}

#[test]
fn gitignore_counts_inside_repositories_only() {
    let bench = Bench::new();
    ["a.txt", "ignored.txt"].iter().for_each(|name| drop(bench.write(name, words("w", 40))));
    bench.write(".gitignore", "ignored.txt\n");
    assert_eq!(bench.scan(&["."]).summary("documents"), 2);
    fs::create_dir(bench.path().join(".git")).unwrap();
    let ran = bench.run(&["scan", "--format", "jsonl"]);
    assert_eq!(ran.findings().summary("documents"), 1);
    assert!(ran.stderr.contains("1 entry of folders left out by .gitignore or .ignore; use --no-ignore to read them"), "{}", ran.stderr);
    assert_eq!(bench.scan(&["--no-ignore"]).summary("documents"), 2);
}

#[test]
fn a_temporary_folder_that_cannot_be_used_is_the_cause() {
    let bench = Bench::new();
    bench.write("a.txt", words("w", 40));
    for command in EVERY_COMMAND {
        let ran = bench.run(&[command, &["a.txt", "--temp-dir", "nowhere"]].concat());
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.stderr.contains("--temp-dir: nowhere is not a folder"), "{}", ran.stderr);
    }
}

#[cfg(all(unix, feature = "compression"))]
#[test]
fn unpacking_into_a_missing_folder_does_not_blame_the_file() {
    let bench = Bench::new();
    // More than is kept in memory. Unpacked it would be one line that is no record.
    let packed = zstd_of_spaces(65 << 20);
    bench.write("large.jsonl.zst", packed);
    let run = || Run::new(&["scan", "large.jsonl.zst"]).folder(bench.path());
    let ran = run().env("TMPDIR", "/no/such/folder").go();
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("/no/such/folder: cannot write temporary files"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("damaged"), "{}", ran.stderr);
    // It is the folder: with one that is there the file is read.
    let ran = run().go();
    assert!(ran.stderr.contains("without an article"), "{}", ran.stderr);
}

/// A zstd frame of so many spaces: each block repeats one byte (RFC 8878, RLE blocks).
#[cfg(all(unix, feature = "compression"))]
fn zstd_of_spaces(count: usize) -> Vec<u8> {
    const BLOCK: usize = 128 << 10;
    // Magic number; no checksum, no single segment; a window of 128 KiB.
    let mut frame = vec![0x28, 0xB5, 0x2F, 0xFD, 0, 0x38];
    let blocks = count.div_ceil(BLOCK);
    for block in 0..blocks {
        let header = u32::from(block + 1 == blocks) | 1 << 1 | u32::try_from(BLOCK).unwrap() << 3;
        frame.extend(&header.to_le_bytes()[..3]);
        frame.push(b' ');
    }
    frame
}

#[cfg(unix)]
fn mode_of(bench: &Bench, name: &str) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(bench.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}")).permissions().mode() & 0o777
}

#[cfg(unix)]
fn set_mode(bench: &Bench, name: &str, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(bench.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
#[test]
fn outputs_and_manifests_keep_the_permissions_of_the_input() {
    let bench = Bench::new();
    bench.write("in/a.jsonl", record("a", &words("w", 40)) + &record("b", &words("w", 40)));
    bench.write("in/b.txt", words("b", 40));
    set_mode(&bench, "in/a.jsonl", 0o640);
    set_mode(&bench, "in/b.txt", 0o604);
    assert_eq!(bench.run(&["clean", "in", "-o", "out"]).code, 0);
    assert_eq!((mode_of(&bench, "out/a.jsonl"), mode_of(&bench, "out/b.txt")), (0o640, 0o604));
    assert_eq!(mode_of(&bench, "out.manifest.jsonl"), 0o600, "it holds text of both files");
    assert_eq!(bench.run(&["restore", "out", "-o", "back"]).code, 0);
    assert_eq!(mode_of(&bench, "back/a.jsonl"), 0o640);
}

#[cfg(unix)]
#[test]
fn reports_have_the_permissions_of_any_new_file() {
    let bench = Bench::new();
    bench.write("a.txt", words("w", 40));
    bench.write("new", "");
    assert_eq!(bench.run(&["scan", "a.txt", "--output", "jsonl=findings.jsonl"]).code, 0);
    assert_eq!(mode_of(&bench, "findings.jsonl"), mode_of(&bench, "new"));
    set_mode(&bench, "findings.jsonl", 0o600);
    assert_eq!(bench.run(&["scan", "a.txt", "--output", "jsonl=findings.jsonl"]).code, 0);
    assert_eq!(mode_of(&bench, "findings.jsonl"), 0o600, "a file that is replaced keeps its permissions");
}

#[test]
fn the_highest_number_is_found_among_numbers_that_floats_confuse() {
    let bench = Bench::new();
    let text = words("w", 40);
    let record = |id: &str, score: u64| serde_json::json!({ "id": id, "text": text, "score": score }).to_string() + "\n";
    bench.write("a.jsonl", record("low", (1 << 53) + 1) + &record("high", (1 << 53) + 2) + &record("lowest", 1 << 53));
    bench.write("b.jsonl", record("low", 1 << 53) + &record("high", (1 << 53) + 1));
    for name in ["a.jsonl", "b.jsonl"] {
        assert_eq!(bench.run(&["clean", name, "-o", "out.jsonl", "--keep", "highest:score"]).code, 0);
        let kept = fs::read_to_string(bench.path().join("out.jsonl")).unwrap();
        assert!(kept.contains("\"high\"") && kept.lines().count() == 1, "{name}: {kept}");
    }
}
