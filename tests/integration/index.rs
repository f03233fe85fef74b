//! `refrain index`, and checks against one: what is told, what is kept, and what a damaged or stopped one says.

use crate::workbench::{Bench, Run, project_root, record, words};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Articles of which some are copies, some near-duplicates, some share a passage, and most nothing.
fn articles(count: usize) -> Vec<(String, String)> {
    let text = |n: usize| match n % 10 {
        7 => words(&format!("a{}w", n - 7), 80),
        8 => words(&format!("a{}w", n - 8), 78) + " other words",
        9 => format!("{} {} {}", words(&format!("b{n}w"), 50), words(&format!("a{}w", n - 9), 35), words(&format!("c{n}w"), 50)),
        _ => words(&format!("a{n}w"), 80),
    };
    (0..count).map(|n| (format!("{:04}", (n * 7919) % 10_000), text(n))).collect()
}

fn jsonl(articles: &[(String, String)]) -> String {
    articles.iter().map(|(id, text)| record(id, text)).collect()
}

fn pairs(lines: &[&Value]) -> BTreeSet<String> {
    lines.iter().map(|pair| format!("{} {} {} {} {}", pair["a"], pair["b"], pair["rule"], pair["jaccard"], pair["passages"])).collect()
}

#[test]
fn day_by_day_tells_what_one_scan_tells() {
    let bench = Bench::new();
    let articles = articles(200);
    bench.write("all.jsonl", jsonl(&articles));
    let whole = pairs(&bench.scan(&["all.jsonl"]).of("pair"));
    assert_eq!(whole.len(), 120, "copies, near-duplicates and passages of 20 articles, with each other");
    for (name, size, flags) in [("one", 1, &[][..]), ("seven", 7, &[]), ("sixty", 60, &["--no-text"]), ("all", 200, &["--no-text"])] {
        let mut told = BTreeSet::new();
        for (day, articles) in articles.chunks(size).enumerate().take(if size == 1 { 60 } else { 200 }) {
            let file = format!("{name}-{day}.jsonl");
            bench.write(&file, jsonl(articles));
            let ran = bench.run(&[&["check", &file, "--index", name, "--add", "--fail-on", "none", "--format", "jsonl"], flags].concat());
            assert_eq!(ran.code, 0, "{}", ran.stderr);
            let findings = ran.findings();
            let of_day = pairs(&findings.of("pair"));
            assert_eq!(told.intersection(&of_day).count(), 0, "each pair once");
            told.extend(of_day);
        }
        if size > 1 {
            assert_eq!(told, whole, "{name}");
        } else {
            assert_eq!(told.len(), 36, "{name}");
        }
        assert_eq!(bench.run(&["index", "verify", name]).code, 0);
    }
}

#[test]
fn adding_again_changes_nothing_and_another_text_replaces() {
    let bench = Bench::new();
    bench.write("a.jsonl", jsonl(&articles(40)));
    let add = |file: &str| bench.run(&["index", "add", "db", file, "-q"]).stdout;
    assert_eq!(add("a.jsonl"), "40 added, 0 replaced, 0 unchanged\n");
    let before = bench.run(&["index", "export", "db"]).stdout;
    assert_eq!(add("a.jsonl"), "0 added, 0 replaced, 40 unchanged\n");
    assert_eq!(bench.run(&["index", "export", "db"]).stdout, before);
    let mut changed = articles(40);
    changed[3].1 = words("new", 50);
    bench.write("b.jsonl", jsonl(&changed));
    assert_eq!(add("b.jsonl"), "0 added, 1 replaced, 39 unchanged\n");
    assert!(bench.run(&["index", "verify", "db"]).stdout.starts_with("ok: 40 articles"));
    bench.write("new.jsonl", record("x", &words("new", 50)));
    let told = bench.run(&["index", "query", "db", "new.jsonl", "--format", "jsonl"]).findings();
    assert_eq!((told.of("pair").len(), &told.of("pair")[0]["indexed"]), (1, &Value::from("a")));
}

#[test]
fn what_is_exported_makes_the_same_index() {
    let bench = Bench::new();
    let text = "خبر عاجل\n\n“Quoted”, 3.5 %\r\nend";
    let line = serde_json::json!({"id": "خ", "text": text, "date": "2020-02-29T12:00:00Z", "source": "وكالة"}).to_string();
    bench.write("a.jsonl", line + "\n" + &jsonl(&articles(30)));
    assert_eq!(bench.run(&["index", "add", "db", "a.jsonl"]).code, 0);
    let exported = bench.run(&["index", "export", "db"]).stdout;
    let first: Value = serde_json::from_str(exported.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["text"], &first["date"], &first["outlet"], &first["origin"]),
        (&text.into(), &"2020-02-29T12:00:00Z".into(), &"وكالة".into(), &"a.jsonl".into())
    );
    bench.write("back.jsonl", &exported);
    assert_eq!(bench.run(&["index", "add", "again", "back.jsonl"]).code, 0);
    let strip = |text: String| text.replace("a.jsonl", "back.jsonl");
    assert_eq!(bench.run(&["index", "export", "again"]).stdout, strip(exported));
}

#[test]
fn removing_leaves_what_was_never_there() {
    let bench = Bench::new();
    let all = articles(60);
    bench.write("a.jsonl", jsonl(&all));
    bench.write("first.jsonl", jsonl(&all[..30]));
    bench.write("rest.jsonl", jsonl(&all[30..]));
    bench.run(&["index", "add", "db", "first.jsonl"]);
    bench.run(&["index", "add", "db", "rest.jsonl"]);
    let ids: Vec<&str> = all[..30].iter().map(|(id, _)| id.as_str()).collect();
    let ran = Run::new(&["index", "remove", "db", "nobody", "-"]).folder(bench.path()).stdin(ids.join("\n")).go();
    assert_eq!((ran.stdout.as_str(), ran.stderr.contains("note: not in the index: nobody\n")), ("30 removed\n", true));
    assert!(bench.run(&["index", "verify", "db"]).stdout.starts_with("ok: 30 articles"));
    bench.run(&["index", "compact", "db"]);
    assert!(bench.run(&["index", "verify", "db"]).stdout.starts_with("ok: 30 articles"));
    bench.run(&["index", "add", "other", "rest.jsonl"]);
    let asked = |db: &str| bench.run(&["index", "query", db, "a.jsonl", "--format", "jsonl"]).stdout;
    assert_eq!(asked("db"), asked("other"));
    let told = bench.run(&["index", "query", "db", "a.jsonl", "--format", "jsonl"]).findings();
    assert!(told.of("pair").len() > 10, "{told:?}");
    let stats: Value = serde_json::from_str(&bench.run(&["index", "stats", "db", "--format", "json"]).stdout).unwrap();
    assert_eq!((&stats["documents"], &stats["texts"], &stats["shingle"]), (&30.into(), &true.into(), &5.into()));
}

#[test]
fn other_parameters_and_other_files_are_refused_with_what_to_do() {
    let bench = Bench::new();
    bench.write("a.jsonl", jsonl(&articles(10)));
    bench.write("text", "words in a file");
    bench.write("empty", "");
    bench.run(&["index", "add", "db", "a.jsonl"]);
    for (flags, said) in [
        (&["--threshold", "0.7"][..], "built with threshold 0.8, and this run uses 0.7"),
        (&["--fold", "none"], "built with fold full, and this run uses none"),
        (&["--shingle", "7"], "built with shingle 5"),
        (&["--min-words", "30"], "built with min-words 25"),
    ] {
        for command in
            [&["index", "query", "db", "a.jsonl"][..], &["check", "a.jsonl", "--index", "db"], &["index", "add", "db", "a.jsonl"]]
        {
            let ran = bench.run(&[command, flags].concat());
            assert_eq!((ran.code, ran.stderr.contains(said)), (2, true), "{}", ran.stderr);
        }
    }
    for (file, said) in
        [("text", "not an index of refrain: "), ("empty", "it is empty"), (".", "it is a folder"), ("none", "no such index")]
    {
        let ran = bench.run(&["check", "a.jsonl", "--index", file]);
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.contains(said)), (2, "", true), "{}", ran.stderr);
        if file != "none" {
            assert_eq!(bench.run(&["check", "a.jsonl", "--index", file, "--add"]).code, 2);
        }
    }
    assert_eq!(fs::read_to_string(bench.path().join("text")).unwrap(), "words in a file");
}

/// Asks the index at `db` about all articles, and reads it whole.
fn answers(bench: &Bench, db: &str) -> Vec<(i32, String)> {
    let asked = bench.run(&["index", "query", db, "ask.jsonl", "--format", "jsonl"]);
    let exported = bench.run(&["index", "export", db]);
    [asked, exported].map(|ran| (ran.code, ran.stdout)).into()
}

#[test]
fn a_damaged_index_gives_an_error_or_the_right_answer() {
    let bench = Bench::new();
    bench.write("a.jsonl", jsonl(&articles(60)));
    bench.write("ask.jsonl", jsonl(&articles(60)[40..].iter().map(|(id, text)| (format!("x{id}"), text.clone())).collect::<Vec<_>>()));
    bench.run(&["index", "add", "db", "a.jsonl", "--batch", "20"]);
    let right = answers(&bench, "db");
    assert!(right.iter().all(|(code, _)| *code == 0));
    let whole = fs::read(bench.path().join("db")).unwrap();
    let mut errors = 0;
    let mut state = 1_u64;
    for round in 0..60 {
        let mut bytes = whole.clone();
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from(state >> 33).unwrap() % bytes.len();
        if round % 6 == 5 {
            bytes.truncate(at);
        } else {
            let end = bytes.len().min(at + if round % 2 == 0 { 1 } else { 300 });
            bytes[at..end].iter_mut().for_each(|byte| *byte ^= 0x55);
        }
        bench.write("hurt", &bytes);
        for (found, right) in answers(&bench, "hurt").iter().zip(&right) {
            // An export may have begun before it meets the damage; what it says then is not complete, and its exit code says so.
            assert!(found.0 == 2 || found == right, "round {round}: byte {at}: exit code {}", found.0);
            errors += usize::from(found.0 == 2);
        }
        let _ = fs::remove_file(bench.path().join("hurt-wal"));
        let _ = fs::remove_file(bench.path().join("hurt-shm"));
    }
    assert!(errors > 20, "{errors} errors");
}

#[test]
fn every_checksum_is_read_by_verify() {
    let bench = Bench::new();
    bench.write("a.jsonl", jsonl(&articles(20)));
    bench.run(&["index", "add", "db", "a.jsonl"]);
    let whole = fs::read(bench.path().join("db")).unwrap();
    let place = whole.windows(4).rposition(|bytes| bytes == [0x28, 0xB5, 0x2F, 0xFD]).expect("a packed text");
    let mut bytes = whole.clone();
    bytes[place + 20] ^= 1;
    bench.write("db", &bytes);
    let ran = bench.run(&["index", "verify", "db"]);
    assert_eq!(
        (ran.code, ran.stderr.contains("is damaged: row"), ran.stderr.contains("restore a backup")),
        (2, true, true),
        "{}",
        ran.stderr
    );
}

#[test]
fn another_format_is_told() {
    let bench = Bench::new();
    bench.write("a.jsonl", jsonl(&articles(5)));
    bench.run(&["index", "add", "db", "a.jsonl"]);
    let mut bytes = fs::read(bench.path().join("db")).unwrap();
    bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
    bench.write("db", &bytes);
    let ran = bench.run(&["index", "stats", "db"]);
    assert!(ran.code == 2 && ran.stderr.contains("the index has format 99, and this version reads formats 2 to 4"), "{}", ran.stderr);
}

#[test]
fn an_index_of_the_format_before_is_told_and_not_changed() {
    let fixture = fs::read(project_root().join("tests/fixtures/index-format-1")).unwrap();
    let bench = Bench::new();
    bench.write("db", &fixture);
    bench.write("a.jsonl", jsonl(&articles(5)));
    for args in
        [&["index", "query", "db", "a.jsonl"][..], &["index", "add", "db", "a.jsonl"], &["check", "a.jsonl", "--index", "db", "--add"]]
    {
        let ran = bench.run(args);
        assert!(
            ran.code == 2 && ran.stderr.contains("the index has format 1, and this version reads formats 2 to 4; use the version"),
            "{}",
            ran.stderr
        );
    }
    assert!(fs::read(bench.path().join("db")).unwrap() == fixture);
}

#[test]
fn an_index_with_other_hashes_is_refused_and_not_changed() {
    let fixture = fs::read(project_root().join("tests/fixtures/index-hashes-1")).unwrap();
    let bench = Bench::new();
    bench.write("db", &fixture);
    bench.write("a.jsonl", jsonl(&articles(5)));
    for args in
        [&["index", "query", "db", "a.jsonl"][..], &["index", "add", "db", "a.jsonl"], &["check", "a.jsonl", "--index", "db", "--add"]]
    {
        let ran = bench.run(args);
        assert!(ran.code == 2 && ran.stderr.contains("build it again from the articles"), "{}", ran.stderr);
    }
    assert!(fs::read(bench.path().join("db")).unwrap() == fixture);
    assert_eq!(bench.run(&["index", "export", "db"]).stdout.lines().count(), 30, "the texts in it are not lost");
}

/// An edited copy shares no run as long as a passage; a few rare grams propose it, in an index as in a scan.
#[test]
fn an_edited_passage_is_told_by_its_rare_grams() {
    let bench = Bench::new();
    let edited = |name: &str| {
        let word = |n: usize| if n % 11 == 10 { format!("{name}{n}") } else { format!("common{n}") };
        format!(
            "{} {} {}",
            words(&format!("{name}before"), 60),
            (0..66).map(word).collect::<Vec<_>>().join(" "),
            words(&format!("{name}after"), 60)
        )
    };
    let pairs: Vec<(String, String)> = ["x", "y"].map(|name| (name.into(), edited(name))).into();
    bench.write("x.jsonl", jsonl(&pairs[..1]));
    bench.write("y.jsonl", jsonl(&pairs[1..]));
    bench.run(&["index", "add", "db", "x.jsonl"]);
    let told = |ran: super::workbench::Ran| ran.findings().of("pair").iter().map(|pair| pair["passages"].clone()).collect::<Vec<_>>();
    let by_index = told(bench.run(&["check", "y.jsonl", "--index", "db", "--fail-on", "none", "--format", "jsonl"]));
    assert_eq!(by_index.len(), 1);
    assert_eq!(by_index, told(bench.run(&["scan", "x.jsonl", "y.jsonl", "--format", "jsonl"])));
}

#[test]
fn the_index_of_this_version_stays_readable() {
    for name in ["index-format-2", "index-format-3"] {
        let bench = Bench::new();
        fs::copy(project_root().join("tests/fixtures").join(name), bench.path().join("db")).unwrap();
        bench.write("ask.jsonl", record("asked", &words("a0w", 80)));
        assert!(bench.run(&["index", "verify", "db"]).stdout.starts_with("ok: 30 articles"));
        let told = bench.run(&["index", "query", "db", "ask.jsonl", "--format", "jsonl"]).findings();
        let rules: Vec<(&Value, &Value)> = told.of("pair").iter().map(|pair| (&pair["rule"], &pair["jaccard"])).collect();
        assert_eq!(rules.iter().filter(|(rule, _)| *rule == "identical").count(), 2, "{name}: {rules:?}");
        assert_eq!(rules.len(), 4, "{name}: {rules:?}");
        let by_content = bench.run(&["index", "export", "db"]).stdout.matches("\"id\":\"content:").count();
        assert_eq!(by_content, if name == "index-format-2" { 0 } else { 15 });
    }
}

#[test]
fn a_full_disk_is_told_and_what_was_acknowledged_stays() {
    let bench = Bench::new();
    bench.write("few.jsonl", jsonl(&articles(20)));
    let noise: Vec<(String, String)> = (0..3000).map(|n| (format!("n{n}"), words(&format!("n{n}x"), 100))).collect();
    bench.write("many.jsonl", jsonl(&noise));
    let disk = bench.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let mounted = std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(&disk).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        eprintln!("left out: no small disk can be mounted here");
        return;
    }
    let few = bench.run(&["index", "add", "disk/db", "few.jsonl"]);
    let many = bench.run(&["index", "add", "disk/db", "many.jsonl", "--batch", "100000"]);
    let held = bench.run(&["check", "many.jsonl", "--index", "disk/db", "--add", "--fail-on", "none"]);
    let verified = bench.run(&["index", "verify", "disk/db"]);
    std::process::Command::new("umount").arg(&disk).output().unwrap();
    assert_eq!(few.code, 0, "{}", few.stderr);
    for ran in [many, held] {
        assert_eq!((ran.code, ran.stderr.contains("the disk is full")), (2, true), "{}", ran.stderr);
    }
    assert!(verified.stdout.starts_with("ok: 20 articles"), "{verified:?}");
}

#[test]
fn a_folder_that_cannot_be_written_is_read_all_the_same() {
    let bench = Bench::new();
    bench.write("a.jsonl", jsonl(&articles(20)));
    let disk = bench.path().join("disk");
    fs::create_dir(&disk).unwrap();
    bench.run(&["index", "add", "disk/db", "a.jsonl"]);
    let mount =
        |args: &[&str]| std::process::Command::new("mount").args(args).arg(&disk).output().is_ok_and(|output| output.status.success());
    if !mount(&["--bind", disk.to_str().unwrap()]) || !mount(&["-o", "remount,bind,ro"]) {
        eprintln!("left out: no folder can be mounted for reading alone here");
        return;
    }
    let asked = bench.run(&["index", "query", "disk/db", "a.jsonl"]);
    let added = bench.run(&["index", "add", "disk/db", "a.jsonl"]);
    let made = bench.run(&["index", "add", "disk/new", "a.jsonl"]);
    std::process::Command::new("umount").arg(&disk).output().unwrap();
    assert_eq!(asked.code, 0, "{}", asked.stderr);
    for ran in [added, made] {
        assert_eq!((ran.code, ran.stderr.contains("cannot be written")), (2, true), "{}", ran.stderr);
    }
}

/// Kills in the quick suite; `KILLS=50` is the whole.
const FEW_KILLS: usize = 8;
/// Articles of a file, which are one batch.
const PART: usize = 40;

/// Two add, and are killed at any moment; four read. `kills` counts down.
struct Crash {
    folder: std::path::PathBuf,
    kills: AtomicUsize,
    next: AtomicUsize,
    running: AtomicUsize,
    acknowledged: Mutex<BTreeSet<usize>>,
}

impl Crash {
    fn add(&self, mut random: u64) {
        while self.kills.load(Ordering::SeqCst) > 0 {
            let part = self.next.fetch_add(1, Ordering::SeqCst);
            let file = self.folder.join(format!("part-{part}.jsonl"));
            let articles: Vec<(String, String)> = (0..PART).map(|n| (format!("{part}-{n}"), words(&format!("p{part}n{n}w"), 60))).collect();
            fs::write(&file, jsonl(&articles)).unwrap();
            let mut child = Run::new(&["index", "add", "db", file.to_str().unwrap(), "-q"]).folder(&self.folder).start();
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            std::thread::sleep(Duration::from_micros((random >> 40) % 60_000));
            match child.try_wait().unwrap() {
                None if random >> 20 & 3 != 0 => {
                    child.kill().unwrap();
                    child.wait().unwrap();
                    let _ = self.kills.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |kills| Some(kills.saturating_sub(1)));
                }
                _ => {
                    assert!(child.wait().unwrap().success());
                    self.acknowledged.lock().unwrap().insert(part);
                }
            }
        }
        self.running.fetch_sub(1, Ordering::SeqCst);
    }

    /// Whole parts, and all that were acknowledged before.
    fn read(&self) {
        while self.running.load(Ordering::SeqCst) > 0 {
            let before = self.acknowledged.lock().unwrap().clone();
            assert_whole(&self.folder, &before);
        }
    }
}

fn assert_whole(folder: &Path, acknowledged: &BTreeSet<usize>) {
    let ran = Run::new(&["index", "export", "db"]).folder(folder).go();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut parts: BTreeMap<usize, usize> = BTreeMap::new();
    for line in ran.stdout.lines() {
        let article: Value = serde_json::from_str(line).unwrap();
        let part = article["id"].as_str().unwrap().split('-').next().unwrap().parse().unwrap();
        *parts.entry(part).or_default() += 1;
    }
    assert!(parts.values().all(|&count| count == PART), "half a batch: {parts:?}");
    assert!(acknowledged.iter().all(|part| parts.contains_key(part)), "an acknowledged batch is not there");
}

#[test]
fn whoever_is_killed_leaves_whole_batches() {
    let bench = Bench::new();
    bench.write("seed.jsonl", jsonl(&(0..PART).map(|n| (format!("999999-{n}"), words(&format!("s{n}w"), 60))).collect::<Vec<_>>()));
    assert_eq!(bench.run(&["index", "add", "db", "seed.jsonl"]).code, 0);
    let kills = std::env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(FEW_KILLS);
    let crash = Arc::new(Crash {
        folder: bench.path().into(),
        kills: AtomicUsize::new(kills),
        next: AtomicUsize::new(0),
        running: AtomicUsize::new(2),
        acknowledged: Mutex::new(BTreeSet::from([999_999])),
    });
    std::thread::scope(|scope| {
        for adder in 0..2_u64 {
            let crash = crash.clone();
            scope.spawn(move || crash.add(adder.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 11));
        }
        for _ in 0..4 {
            let crash = crash.clone();
            scope.spawn(move || crash.read());
        }
    });
    assert_whole(bench.path(), &crash.acknowledged.lock().unwrap());
    let verified = bench.run(&["index", "verify", "db"]);
    assert_eq!(verified.code, 0, "{}", verified.stderr);
}
