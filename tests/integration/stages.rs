//! Stages over shards find what a scan finds, in any order and number, and say what is missing.

use crate::workbench::{Bench, Ran, Run, words};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;

/// Articles of which many are copies or variants of others, each as a line.
fn articles(count: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for number in 0..count {
        let base = number % (count / 3).max(1);
        let mut text: Vec<String> = words(&format!("w{base}x"), 60).split(' ').map(str::to_owned).collect();
        // A third is the text itself, the others differ in a few words, or have other letters alone.
        match number * 3 / count {
            0 => {}
            1 => text.iter_mut().take(number % 7).enumerate().for_each(|(at, word)| *word = format!("n{number}y{at}")),
            _ => text.iter_mut().for_each(|word| *word = word.to_uppercase()),
        }
        let date = format!("2024-05-{:02}", 1 + number * 11 % 28);
        lines.push(format!("{}\n", json!({"id": format!("a{:04}", number * 7919 % 10_000), "text": text.join(" "), "date": date})));
    }
    lines.push(format!("{}\n", json!({"id": "empty", "text": "..."})));
    lines
}

/// Writes `lines` as so many shards.
fn write_shards(bench: &Bench, lines: &[String], shards: usize) {
    for (number, some) in (1..).zip(lines.chunks(lines.len().div_ceil(shards))) {
        bench.write(&format!("in/{number}.jsonl"), some.concat());
    }
}

fn stage(bench: &Bench, args: &[&str]) -> Ran {
    let ran = bench.run(&[&["stage"], args, &["--work", "work"]].concat());
    assert_eq!(ran.code, 0, "{args:?}: {}", ran.stderr);
    ran
}

fn fails(bench: &Bench, args: &[&str]) -> String {
    let ran = bench.run(&[&["stage"], args, &["--work", "work"]].concat());
    assert_eq!(ran.code, 2, "{args:?}: {}", ran.stderr);
    ran.stderr
}

/// Runs all stages, in the order of `number`, a permutation of the shards and parts.
fn run_all(bench: &Bench, shards: usize, parts: usize, flags: &[&str], backwards: bool) -> String {
    let order = |count: usize| (1..=count).map(move |number| if backwards { count + 1 - number } else { number }.to_string());
    let input = |number: &str| format!("in/{number}.jsonl");
    for number in order(shards) {
        let shard = format!("{number}/{shards}");
        stage(bench, &[&["sketch", &input(&number), "--shard", &shard, "--parts", &parts.to_string()], flags].concat());
    }
    order(parts).for_each(|part| drop(stage(bench, &["classes", "--part", &part])));
    order(parts).for_each(|part| drop(stage(bench, &["candidates", "--part", &part])));
    for number in order(shards) {
        stage(bench, &["sets", &input(&number), "--shard", &format!("{number}/{shards}")]);
    }
    order(parts).for_each(|part| drop(stage(bench, &["verify", "--part", &part])));
    stage(bench, &["components"]);
    manifest(bench, "components/00001")
}

/// The digests of a stage, as `refrain stage digest` prints them.
fn manifest(bench: &Bench, folder: &str) -> String {
    let json = fs::read(bench.path().join("work").join(folder).join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let line = |what: &str, count: &str| format!("{what} {} {}\n", manifest["counts"][count], manifest["digests"][what].as_str().unwrap());
    line("pairs", "pairs") + &line("clusters", "members")
}

/// The digests of a scan.
fn scanned(bench: &Bench, flags: &[&str]) -> String {
    let scan = bench.run(&[&["scan", "in", "--only", "near-duplicates", "--format", "jsonl"], flags].concat());
    let digest = Run::new(&["stage", "digest", "-"]).stdin(scan.stdout).go();
    assert_eq!(digest.code, 0, "{}", digest.stderr);
    digest.stdout
}

#[test]
fn shards_and_parts_in_any_number_and_order_find_what_a_scan_finds() {
    let lines = articles(300);
    for (shards, parts, flags) in [
        (1, 1, &["--threshold", "0.5"][..]),
        (3, 4, &["--threshold", "0.5"]),
        (5, 2, &["--keep", "longest", "--fold", "light"]),
        (4, 3, &[]),
    ] {
        let bench = Bench::new();
        write_shards(&bench, &lines, shards);
        let expected = scanned(&bench, flags);
        assert!(!expected.starts_with("pairs 0 "), "{expected}");
        assert_eq!(run_all(&bench, shards, parts, flags, false), expected, "{shards} {parts}");
        fs::remove_dir_all(bench.path().join("work")).unwrap();
        assert_eq!(run_all(&bench, shards, parts, flags, true), expected, "{shards} {parts}, backwards");
    }
}

#[test]
fn what_is_kept_is_written_with_a_manifest_that_restores_it() {
    let bench = Bench::new();
    write_shards(&bench, &articles(120), 3);
    run_all(&bench, 3, 2, &[], false);
    let scan = bench.scan(&["in", "--only", "near-duplicates"]);
    let removed = scan.of("cluster").into_iter().flat_map(|cluster| {
        let members = cluster["members"].as_array().unwrap().iter().filter(|member| **member != cluster["keep"]);
        members.map(|member| member.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    });
    let removed: BTreeSet<String> = removed.collect();
    let mut kept = BTreeSet::new();
    for number in 1..=3 {
        let (input, output) = (format!("in/{number}.jsonl"), format!("out/{number}.jsonl"));
        stage(&bench, &["apply", &input, "--shard", &format!("{number}/3"), "-o", &output]);
        let of_input: Vec<String> = fs::read_to_string(bench.path().join(&input)).unwrap().lines().map(str::to_owned).collect();
        for line in fs::read_to_string(bench.path().join(&output)).unwrap().lines() {
            assert!(of_input.iter().any(|of_input| of_input == line));
            kept.insert(serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].as_str().unwrap().to_owned());
        }
        let back = bench.run(&["restore", &output, "-o", "back.jsonl"]);
        assert_eq!(back.code, 0, "{}", back.stderr);
        assert_eq!(fs::read(bench.path().join("back.jsonl")).unwrap(), fs::read(bench.path().join(&input)).unwrap());
    }
    assert!(!removed.is_empty());
    let all: BTreeSet<String> = scan_ids(&bench);
    assert_eq!(kept, all.difference(&removed).cloned().collect());
}

fn scan_ids(bench: &Bench) -> BTreeSet<String> {
    let lines = (1..=3).flat_map(|number| {
        fs::read_to_string(bench.path().join(format!("in/{number}.jsonl"))).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
    });
    lines.map(|line| serde_json::from_str::<serde_json::Value>(&line).unwrap()["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_was_done_is_not_done_again_and_what_is_missing_is_named() {
    let bench = Bench::new();
    write_shards(&bench, &articles(60), 2);
    assert!(fails(&bench, &["classes", "--part", "1"]).contains("stage sketch 1 is not finished"));
    stage(&bench, &["sketch", "in/1.jsonl", "--shard", "1/2"]);
    assert!(fails(&bench, &["classes", "--part", "1"]).contains("stage sketch 2 is not finished"));
    let first = run_all(&bench, 2, 2, &[], false);
    for args in [
        &["sketch", "in/1.jsonl", "--shard", "1/2"][..],
        &["classes", "--part", "2"],
        &["sets", "in/2.jsonl", "--shard", "2/2"],
        &["components"],
    ] {
        assert!(stage(&bench, args).stderr.contains("(was finished before)"), "{args:?}");
    }
    assert!(fails(&bench, &["verify", "--part", "3"]).contains("3 of 2: must be at least 1 and at most 2"));
    assert!(fails(&bench, &["sketch", "in/1.jsonl", "--shard", "3/2"]).contains("K/N"));
    assert!(fails(&bench, &["sets", "in/1.jsonl", "--shard", "1/3"]).contains("numbers of shards differ"));
    assert!(fails(&bench, &["sets", "in/1.jsonl", "--shard", "1/2", "--threshold", "0.6"]).contains("those of stage sketch"));
    assert!(
        fails(&bench, &["sketch", "in/1.jsonl", "--shard", "1/2", "--min-words", "30"]).contains("only threshold, fold, shingle and keep")
    );
    // A shard with other settings does not fit the others.
    stage(&bench, &["sketch", "in/2.jsonl", "--shard", "2/2", "--threshold", "0.6"]);
    assert!(fails(&bench, &["classes", "--part", "1"]).contains("settings differ from those of shard 1"));
    assert_eq!(run_all(&bench, 2, 2, &[], false), first);
}

#[test]
fn a_shard_that_changed_is_an_error() {
    let bench = Bench::new();
    write_shards(&bench, &articles(60), 2);
    run_all(&bench, 2, 2, &[], false);
    let path = bench.path().join("in/2.jsonl");
    let text = fs::read_to_string(&path).unwrap().replacen("w1", "W2", 1);
    fs::write(&path, text).unwrap();
    fs::remove_dir_all(bench.path().join("work/sets")).unwrap();
    for args in [&["sets", "in/2.jsonl", "--shard", "2/2"][..], &["apply", "in/2.jsonl", "--shard", "2/2", "-o", "out.jsonl"]] {
        assert!(fails(&bench, args).contains("shard 2: the documents have changed"), "{args:?}");
    }
    // What the later stages left is of the shard as it was: they have to be run again, from the first on.
    run_all_again(&bench);
    assert!(!bench.path().join("out.jsonl").exists());
}

/// Sketches a shard that changed, and runs what follows: each stage is an error until the one before it was run again.
fn run_all_again(bench: &Bench) {
    stage(bench, &["sketch", "in/2.jsonl", "--shard", "2/2"]);
    let apply = ["apply", "in/2.jsonl", "--shard", "2/2", "-o", "out.jsonl"];
    for part in ["1", "2"] {
        assert!(fails(bench, &["components"]).contains(&format!("stage classes {part} is not finished")));
        assert!(fails(bench, &["verify", "--part", part]).contains(&format!("stage classes {part} is not finished")));
        assert!(fails(bench, &apply).contains(&format!("stage classes {part} is not finished")));
        stage(bench, &["classes", "--part", part]);
    }
    assert!(fails(bench, &apply).contains("stage candidates 1 is not finished"));
    assert_eq!(run_all(bench, 2, 2, &[], false), scanned(bench, &[]));
}

#[test]
fn bad_records_are_counted_or_fatal_and_ids_are_their_own() {
    let bench = Bench::new();
    let lines = articles(30);
    bench.write("in/1.jsonl", format!("{}not a record\n{}", lines[0], lines[1]));
    bench.write("in/2.jsonl", lines[0].clone());
    let ran = stage(&bench, &["sketch", "in/1.jsonl", "--shard", "1/2"]);
    assert!(ran.stderr.contains("in/1.jsonl:2") && ran.stderr.contains("skipped 1"), "{}", ran.stderr);
    assert!(fails(&bench, &["sketch", "in/1.jsonl", "--shard", "2/2", "--strict"]).contains("in/1.jsonl:2"));
    bench.write("in/none.jsonl", "not a record\nneither\n");
    assert!(fails(&bench, &["sketch", "in/none.jsonl", "--shard", "2/2"]).contains("in/none.jsonl:1"));
    for args in [
        &["sketch", "in/2.jsonl", "--shard", "2/2"][..],
        &["classes", "--part", "1"],
        &["classes", "--part", "2"],
        &["candidates", "--part", "1"],
        &["candidates", "--part", "2"],
    ] {
        stage(&bench, args);
    }
    for number in ["1", "2"] {
        stage(&bench, &["sets", &format!("in/{number}.jsonl"), "--shard", &format!("{number}/2")]);
    }
    ["1", "2"].iter().for_each(|part| drop(stage(&bench, &["verify", "--part", part])));
    let id = serde_json::from_str::<serde_json::Value>(&lines[0]).unwrap()["id"].as_str().unwrap().to_owned();
    assert!(fails(&bench, &["components"]).contains(&format!("several documents have the id `{id}`")));
}

#[test]
fn a_killed_stage_is_run_again() {
    let bench = Bench::new();
    write_shards(&bench, &articles(3000), 2);
    let expected = run_all(&bench, 2, 2, &[], false);
    let is_done = |folder: &str| bench.path().join("work").join(folder).join("manifest.json").exists();
    for (args, folder) in [
        (&["sketch", "in/2.jsonl", "--shard", "2/2"][..], "sketch/00002"),
        (&["sets", "in/1.jsonl", "--shard", "1/2"], "sets/00001"),
        (&["verify", "--part", "1"], "verify/00001"),
    ] {
        for delay in [1, 4, 9, 16] {
            fs::remove_file(bench.path().join("work").join(folder).join("manifest.json")).unwrap();
            let mut child =
                Run::new(&[&["stage"], args, &["--work", "work", "-q"]].concat()).folder(bench.path()).stdout(Stdio::null()).start();
            std::thread::sleep(std::time::Duration::from_millis(delay));
            child.kill().unwrap();
            child.wait().unwrap();
            if !is_done(folder) {
                stage(&bench, args);
            }
        }
    }
    assert_eq!(run_all(&bench, 2, 2, &[], false), expected);
}

#[test]
fn damaged_files_of_a_stage_are_named() {
    let bench = Bench::new();
    write_shards(&bench, &articles(60), 2);
    run_all(&bench, 2, 2, &[], false);
    let break_file = |path: &Path| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    };
    break_file(&bench.path().join("work/verify/00002/pairs.parquet"));
    fs::remove_file(bench.path().join("work/components/00001/manifest.json")).unwrap();
    assert!(fails(&bench, &["components"]).contains("delete its folder and run the stage again"));
    let manifest = bench.path().join("work/verify/00002/manifest.json");
    fs::write(&manifest, "{").unwrap();
    assert!(fails(&bench, &["components"]).contains("manifest.json: damaged"));
}

/// The example of the documentation, as it is there.
#[cfg(unix)]
#[test]
fn the_example_with_eight_shards_runs() {
    let page = fs::read_to_string(crate::workbench::project_root().join("docs/scale.md")).unwrap();
    let script = page.split("```bash\n").nth(1).unwrap().split("```").next().unwrap();
    let bench = Bench::new();
    let lines = articles(240);
    for (number, some) in (1..).zip(lines.chunks(lines.len().div_ceil(8))) {
        bench.write(&format!("shards/{number}.jsonl"), some.concat());
        bench.write(&format!("in/{number}.jsonl"), some.concat());
    }
    let folder = Path::new(env!("CARGO_BIN_EXE_refrain")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let ran =
        std::process::Command::new("bash").args(["-euo", "pipefail", "-c", script]).env("PATH", path).current_dir(bench.path()).output();
    let ran = Ran::from(ran.unwrap());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(manifest(&bench, "components/00001"), scanned(&bench, &[]));
    assert_eq!(crate::workbench::names_in(&bench.path().join("kept")).iter().filter(|name| !name.contains("manifest")).count(), 8);
}
