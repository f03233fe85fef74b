//! Index files that were changed by somebody: opened, they are refused or say what is wrong, and run nothing.

use crate::workbench::{Bench, Ran, Run, names_in, record, words};
use rusqlite::Connection;
use std::fs;
use std::time::{Duration, Instant};

/// A command on a small index that takes longer than this hangs.
const LONGEST: Duration = Duration::from_secs(40);

fn jsonl(count: usize) -> String {
    (0..count).map(|n| record(&format!("a{n}"), &words(&format!("a{}w", n / 2), 60))).collect()
}

/// A folder with an index `db` of 40 articles, and an article `new.jsonl` that is not in it.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("a.jsonl", jsonl(40));
    bench.write("new.jsonl", record("new", &words("new", 60)));
    assert_eq!(bench.run(&["index", "add", "db", "a.jsonl", "--batch", "10"]).code, 0);
    bench
}

/// Changes the index with SQL, as anybody can.
fn change(bench: &Bench, sql: &str) {
    let connection = Connection::open(bench.path().join("db")).unwrap();
    connection.execute_batch(&format!("{sql}; PRAGMA wal_checkpoint(TRUNCATE);")).unwrap();
}

/// Runs a command, and kills it if it hangs.
fn run(bench: &Bench, args: &[&str]) -> Ran {
    let mut child = Run::new(args).folder(bench.path()).stdout(fs::File::create(bench.path().join("out")).unwrap()).start();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > LONGEST {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{args:?} hangs");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    let stdout = fs::read_to_string(bench.path().join("out")).unwrap();
    Ran { code: output.status.code().unwrap_or(-1), stdout, stderr: String::from_utf8(output.stderr).unwrap() }
}

const COMMANDS: [&[&str]; 9] = [
    &["index", "add", "db", "new.jsonl"],
    &["index", "query", "db", "new.jsonl"],
    &["index", "remove", "db", "a1"],
    &["index", "stats", "db"],
    &["index", "verify", "db"],
    &["index", "compact", "db"],
    &["index", "export", "db"],
    &["check", "new.jsonl", "--index", "db"],
    &["check", "new.jsonl", "--index", "db", "--add", "--fail-on", "none"],
];

/// Rows without end that a query must read all to find that none is left.
const ENDLESS: &str =
    "WITH RECURSIVE r(row, bytes) AS (SELECT 1, x'00' UNION ALL SELECT row + 1, bytes FROM r) SELECT row, bytes FROM r WHERE row < 0";

#[test]
fn foreign_objects_are_refused_and_named() {
    let rename = |table: &str, made: &str| {
        format!("ALTER TABLE {table} RENAME TO old; {made}; INSERT INTO {table} SELECT row, bytes FROM old; DROP TABLE old")
    };
    let cases = [
        (
            "CREATE TRIGGER loses AFTER INSERT ON documents BEGIN DELETE FROM documents WHERE row=NEW.row; END".into(),
            "trigger \"loses\" on \"documents\"",
        ),
        (
            format!("CREATE TRIGGER hangs BEFORE INSERT ON documents BEGIN SELECT count(*) FROM ({ENDLESS}); END"),
            "trigger \"hangs\" on \"documents\"",
        ),
        ("CREATE VIEW seen AS SELECT * FROM documents".into(), "view \"seen\""),
        (format!("DROP TABLE postings; CREATE VIEW postings AS {ENDLESS}"), "view \"postings\""),
        (
            rename(
                "documents",
                "CREATE TABLE documents (row INTEGER PRIMARY KEY, bytes BLOB NOT NULL, n INT AS (length(hex(bytes))) STORED)",
            )
            .replace("INTO documents SELECT", "INTO documents (row, bytes) SELECT"),
            "table \"documents\" with another definition",
        ),
        ("ALTER TABLE documents ADD COLUMN more TEXT DEFAULT 'x'".into(), "table \"documents\" with another definition"),
        (rename("state", "CREATE TABLE state (row INTEGER PRIMARY KEY, bytes BLOB NOT NULL CHECK (length(bytes) > 0))"), "table \"state\""),
        (rename("contents", "CREATE TABLE contents (row INTEGER PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID"), "table \"contents\""),
        (
            rename("contents", "CREATE TABLE contents (row INTEGER PRIMARY KEY, bytes BLOB NOT NULL UNIQUE)"),
            "index \"sqlite_autoindex_contents_1\"",
        ),
        ("CREATE VIRTUAL TABLE words USING fts5(word)".into(), "virtual table \"words\""),
        ("CREATE INDEX by_bytes ON documents (length(hex(bytes)))".into(), "index \"by_bytes\" on \"documents\""),
        ("CREATE INDEX some_bytes ON documents (bytes) WHERE length(bytes) > 3".into(), "index \"some_bytes\" on \"documents\""),
        ("CREATE TABLE \"more\u{1b}[2J\u{202e}\" (x)".into(), "table \"more\\u{1b}[2J\\u{202e}\""),
        ("ANALYZE".into(), "table \"sqlite_stat1\""),
    ];
    for (sql, named) in cases {
        let bench = bench();
        change(&bench, &sql);
        let before = fs::read(bench.path().join("db")).unwrap();
        for command in COMMANDS {
            let ran = run(&bench, command);
            assert!(ran.code == 2 && ran.stderr.contains(named), "{sql}: {command:?}: {ran:?}");
            assert!(
                ran.stderr.contains("which refrain never creates; restore a backup") && !ran.stderr.contains('\u{1b}'),
                "{}",
                ran.stderr
            );
        }
        assert!(fs::read(bench.path().join("db")).unwrap() == before, "{sql}");
    }
}

#[test]
fn verify_names_every_foreign_object() {
    let bench = bench();
    let triggers: String = (0..7).map(|n| format!("CREATE TRIGGER t{n} AFTER INSERT ON state BEGIN SELECT 1; END;")).collect();
    change(&bench, &triggers);
    let told = run(&bench, &["index", "stats", "db"]).stderr;
    assert!(told.contains("trigger \"t2\" on \"state\" and 4 more foreign objects, which"), "{told}");
    let ran = run(&bench, &["index", "verify", "db"]);
    assert!((0..7).all(|n| ran.stderr.contains(&format!("foreign: trigger \"t{n}\" on \"state\"\n"))), "{}", ran.stderr);
    assert_eq!(ran.code, 2);
}

#[test]
fn a_missing_table_is_named() {
    let bench = bench();
    change(&bench, "DROP TABLE postings");
    let ran = run(&bench, &["index", "stats", "db"]);
    assert!(ran.code == 2 && ran.stderr.contains("table postings is missing"), "{}", ran.stderr);
}

/// Bytes that are damaged and belong to nothing may stay unnoticed; then the index is whole all the same.
#[test]
fn nothing_is_added_to_a_damaged_index() {
    let bench = bench();
    run(&bench, &["index", "remove", "db", "a3", "a5", "a8"]);
    let whole = fs::read(bench.path().join("db")).unwrap();
    let (mut refused, mut state) = (0, 7_u64);
    for round in 0..60 {
        let mut bytes = whole.clone();
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from(state >> 33).unwrap() % bytes.len();
        let end = bytes.len().min(at + [1, 40, 300][round % 3]);
        bytes[at..end].iter_mut().for_each(|byte| *byte ^= 0x55);
        bench.write("db", &bytes);
        let ran = run(&bench, &["index", "add", "db", "new.jsonl"]);
        if ran.code == 0 {
            let verified = run(&bench, &["index", "verify", "db"]);
            assert_eq!(verified.code, 0, "round {round}: byte {at} was damaged, added to, and {}", verified.stderr);
        } else {
            refused += 1;
            assert_eq!(ran.code, 2, "{}", ran.stderr);
            assert!(fs::read(bench.path().join("db")).unwrap() == bytes, "round {round}: byte {at}: written, and refused");
        }
        for ending in ["db-wal", "db-shm"] {
            let _ = fs::remove_file(bench.path().join(ending));
        }
    }
    assert!(refused > 15, "{refused} of 60 were refused");
}

/// Pages whose entries lead to the same page again and again: few of them make more rows than can ever be read.
#[test]
fn pages_in_a_circle_come_to_an_end() {
    const PAGE: usize = 8192;
    let bench = Bench::new();
    bench.write("a.jsonl", jsonl(400));
    run(&bench, &["index", "add", "db", "a.jsonl"]);
    let path = bench.path().join("db");
    let root: u32 = Connection::open(&path)
        .unwrap()
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name='documents'", [], |row| row.get(0))
        .unwrap();
    let root = usize::try_from(root).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let page = &mut bytes[(root - 1) * PAGE..root * PAGE];
    let cell = |page: &[u8], n: usize| usize::from(u16::from_be_bytes([page[12 + 2 * n], page[13 + 2 * n]]));
    assert!(page[0] == 5 && (page[4] > 1 || page[3] > 0), "an interior page of several entries");
    let (first, second) = (cell(page, 0), cell(page, 1));
    page.copy_within(first..first + 4, second);
    bench.write("db", &bytes);
    let ran = run(&bench, &["index", "export", "db"]);
    assert!(ran.code == 2 && ran.stderr.contains("of documents is out of order"), "{}", ran.stderr);
}

#[test]
fn an_add_that_fails_leaves_no_index() {
    let bench = Bench::new();
    bench.write("other.jsonl", "{\"id\": \"1\", \"words\": \"no text is here\"}\n");
    bench.write("bad.jsonl", "no json\n");
    bench.write("empty.jsonl", "");
    bench.write("good.jsonl", jsonl(4));
    for (args, created) in [
        (&["other.jsonl"][..], false),
        (&["bad.jsonl"], false),
        (&["empty.jsonl"], false),
        (&["none.jsonl"], false),
        (&["good.jsonl", "--text-field", "words"], false),
        (&["good.jsonl", "bad.jsonl", "--strict"], false),
        (&["good.jsonl"], true),
    ] {
        for command in [&["index", "add", "new"][..], &["check", "--index", "new", "--add", "--fail-on", "none"]] {
            let ran = run(&bench, &[command, args].concat());
            let names = names_in(bench.path());
            assert_eq!((ran.code == 0, names.iter().any(|name| name == "new")), (created, created), "{command:?} {args:?}: {ran:?}");
            assert!(!names.iter().any(|name| name.starts_with(".refrain-index-")), "{names:?}");
            let _ = fs::remove_file(bench.path().join("new"));
        }
    }
}

#[test]
fn compacting_keeps_its_copy_in_the_given_folder() {
    let bench = bench();
    let folder = bench.path().join("temp");
    let ran = run(&bench, &["index", "compact", "db", "--temp-dir", "temp"]);
    assert!(ran.code == 2 && ran.stderr.contains("--temp-dir: temp is not a folder"), "{}", ran.stderr);
    fs::create_dir(&folder).unwrap();
    assert_eq!(run(&bench, &["index", "compact", "db", "--temp-dir", "temp"]).code, 0);
    let mount = std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "ro", "tmpfs"]).arg(&folder).output();
    if !mount.is_ok_and(|output| output.status.success()) {
        eprintln!("left out: no folder can be mounted here");
        return;
    }
    let ran = run(&bench, &["index", "compact", "db", "--temp-dir", "temp"]);
    std::process::Command::new("umount").arg(&folder).output().unwrap();
    assert!(
        ran.code == 2 && ran.stderr.contains("temp: cannot write temporary files") && ran.stderr.contains("--temp-dir"),
        "{}",
        ran.stderr
    );
    assert!(run(&bench, &["index", "verify", "db"]).stdout.starts_with("ok: 40 articles"));
}
