//! Input files that another program truncates while they are mapped into memory.

use crate::workbench::{Bench, Ran, Run, names_in, record, words};
use refrain::{DetectConfig, Detector, FileCorpus, Phase, Progress, SourceOptions};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Rounds of each command. The moment of the truncation moves through the run from round to round.
const ROUNDS: u32 = 6;

/// The message.
const SAID: &str = "in.jsonl: another program truncated the file while it was read; run again when no other program writes to it";

/// About 2.5 MB, of which half repeats.
fn articles() -> String {
    (0..6000).map(|n| record(&n.to_string(), &words(&format!("w{}x", n / 2), 40))).collect()
}

/// Runs `args`, and truncates the input `after` so long.
fn truncated(bench: &Bench, args: &[&str], after: Duration, bytes: u64) -> Ran {
    let input = fs::File::options().write(true).open(bench.path().join("in.jsonl")).unwrap();
    let child = Run::new(args).folder(bench.path()).start();
    std::thread::sleep(after);
    input.set_len(bytes).unwrap();
    Ran::from(child.wait_with_output().unwrap())
}

#[test]
fn a_truncated_input_ends_the_run_with_a_message_and_no_output() {
    let articles = articles();
    let commands: [&[&str]; 3] = [
        &["scan", "in.jsonl", "--format", "jsonl"],
        &["check", "in.jsonl", "--format", "jsonl"],
        &["clean", "in.jsonl", "-o", "out.jsonl"],
    ];
    for args in commands {
        let bench = Bench::new();
        bench.write("in.jsonl", &articles);
        let begin = Instant::now();
        let whole = bench.run(args);
        let length = begin.elapsed();
        assert!(whole.code < 2, "{}", whole.stderr);
        let mut reported = 0;
        for round in 0..ROUNDS {
            let bench = Bench::new();
            bench.write("in.jsonl", &articles);
            // To nothing, or to the middle of a page.
            let bytes = if round % 2 == 0 { 0 } else { 1_000_003 };
            let ran = truncated(&bench, args, length * round / ROUNDS, bytes);
            let names = names_in(bench.path());
            match ran.code {
                2 => {
                    // Before it was mapped the file was merely a shorter one.
                    let is_expected =
                        ["in.jsonl: another program truncated", "in.jsonl: the file changed", "1 file without an article", "was cut"];
                    assert!(is_expected.iter().any(|said| ran.stderr.contains(said)), "{args:?}, round {round}: {}", ran.stderr);
                    reported += u32::from(ran.stderr.contains(SAID));
                    assert_eq!(names, ["in.jsonl"], "{args:?}, round {round}");
                }
                code => {
                    assert!(code == 0 || code == 1, "{args:?}, round {round}: {code}, {}", ran.stderr);
                    assert!(names.iter().all(|name| name == "in.jsonl" || name.starts_with("out.")), "{names:?}");
                }
            }
        }
        assert!(reported > 0, "{args:?}: no truncation was noticed");
    }
}

/// Truncates a file within its last page when candidates are looked for: no bus error is raised, and what was there reads as zeros.
struct Truncating(PathBuf);

impl Progress for Truncating {
    fn phase(&self, phase: Phase, _: Option<u64>) {
        if phase == Phase::Candidates {
            let file = fs::File::options().write(true).open(&self.0).unwrap();
            file.set_len(file.metadata().unwrap().len() - 90).unwrap();
        }
    }
}

#[test]
fn an_input_that_is_truncated_after_it_was_read_gives_no_findings() {
    let bench = Bench::new();
    let mut articles = articles();
    // The last 90 bytes are in one page.
    articles += &"\n".repeat((4096 + 2000 - articles.len() % 4096) % 4096);
    let path = bench.write("in.jsonl", &articles);
    let corpus = FileCorpus::open(std::slice::from_ref(&path), &SourceOptions::default()).unwrap();
    let error = Detector::new(DetectConfig::default()).unwrap().detect_in(&corpus, &Truncating(path)).unwrap_err().to_string();
    assert!(error.contains(SAID), "{error}");
}
