//! Exit codes, what is said on standard error, and what becomes of output files.

use crate::workbench::{Bench, Ran, Run, names_in, record, words};
use std::fs;
use std::io::{Read, Write};
use std::process::{Child, Command};

/// A folder with `a.txt` and `b.txt`, which are the same, and a record that cannot be read on line 2 of `c.jsonl`.
fn folder() -> Bench {
    let bench = Bench::new();
    bench.write("a.txt", words("w", 40));
    bench.write("b.txt", words("w", 40));
    bench.write("c.jsonl", record("c", &words("c", 40)) + "no record\n");
    bench
}

/// `articles` equal articles: a finding for each two of them.
fn many_pairs(bench: &Bench, classes: usize, articles: usize) {
    let class = |class: usize| words(&format!("c{class}w"), 20);
    let records = (0..classes * articles).map(|n| record(&format!("article-{n}"), &class(n / articles)));
    bench.write("many.jsonl", records.collect::<String>());
}

#[track_caller]
fn assert_refused(ran: &Ran, said: &str) {
    assert_eq!(ran.code, 2, "{ran:?}");
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains(said), "no {said:?} in {}", ran.stderr);
}

#[test]
fn findings_and_none_exit_with_0() {
    let bench = folder();
    assert_eq!(bench.run(&["scan", "a.txt", "b.txt"]).code, 0);
    assert_eq!(bench.run(&["scan", "a.txt"]).code, 0);
}

#[test]
fn help_and_version_are_data() {
    for asked in ["--help", "--version"] {
        let ran = Bench::new().run(&[asked]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        assert!(ran.stdout.contains("refrain") || ran.stdout.contains("Usage"), "{}", ran.stdout);
    }
}

#[test]
fn wrong_usage_exits_with_2_and_names_what_is_wrong() {
    let bench = folder();
    let cases: &[(&[&str], &str)] = &[
        (&[], "Usage"),
        (&["scna", "a.txt"], "scna"),
        (&["scan", "a.txt", "--bogus"], "--bogus"),
        (&["scan", "a.txt", "--threshold", "7"], "threshold: must be between 0.3 and 1.0 (got 7)"),
        (&["scan", "a.txt", "--threshold", "NaN"], "threshold"),
        (&["scan", "a.txt", "--threshold", "much"], "much"),
        (&["scan", "a.txt", "--memory", "much"], "invalid size"),
        (&["scan", "a.txt", "--memory", "1", "--temp-dir", "nowhere"], "--temp-dir: nowhere is not a folder"),
        (&["scan", "a.txt", "--jobs", "0"], "jobs: must be between 1 and 1024 (got 0)"),
        (&["scan", "a.txt", "--jobs", "-1"], "-1"),
        (&["scan", "a.txt", "--shingle", "0"], "shingle: must be between 1 and 64 (got 0)"),
        (&["scan", "a.txt", "--min-words", "1"], "min-words: must be at least 4 (got 1)"),
        (&["scan", "a.txt", "--only", "everything"], "everything"),
        (&["scan", "a.txt", "--format", "xml"], "xml"),
        (&["scan", "a.txt", "--encoding", "klingon"], "klingon"),
        (&["scan", "a.txt", "--output", "jsonl"], "FORMAT=FILE"),
        (&["scan", "a.txt", "--output", "xml=x"], "xml"),
        (&["scan", "a.txt", "--output", "jsonl="], "name is missing"),
        (&["tokens", "none.txt"], "none.txt"),
    ];
    for (args, said) in cases {
        assert_refused(&bench.run(args), said);
    }
}

#[test]
fn paths_that_lead_nowhere_exit_with_2() {
    let bench = folder();
    for path in ["none.txt", "none/", "*.csv", "none/*.txt", "[a", "a.txt/b.txt"] {
        assert_refused(&bench.run(&["scan", "a.txt", path]), path);
    }
}

#[test]
fn a_file_that_cannot_be_read_exits_with_2() {
    let bench = folder();
    let locked = bench.write("locked.txt", "x");
    let _ = Command::new("chmod").arg("000").arg(&locked).status();
    if fs::File::open(&locked).is_err() {
        assert_refused(&bench.run(&["scan", "a.txt", "locked.txt"]), "locked.txt");
    } else if fs::File::open("/proc/self/mem").is_ok() {
        assert_refused(&bench.run(&["scan", "a.txt", "/proc/self/mem"]), "/proc/self/mem");
    } else {
        println!("skipped: this user can read every file");
    }
}

#[test]
fn a_bad_record_is_reported_and_under_strict_ends_the_run() {
    let bench = folder();
    let ran = bench.run(&["scan", "c.jsonl", "--format", "jsonl"]);
    assert_eq!((ran.code, ran.findings().summary("skipped")), (0, 1));
    assert!(ran.stderr.contains("c.jsonl:2: not JSON"), "{}", ran.stderr);
    let strict = bench.run(&["scan", "c.jsonl", "--strict", "--output", "jsonl=out.jsonl"]);
    assert_refused(&strict, "c.jsonl:2: not JSON");
    assert_eq!(names_in(bench.path()), ["a.txt", "b.txt", "c.jsonl"]);
    assert_eq!(bench.run(&["scan", "a.txt", "b.txt", "--strict"]).code, 0);
}

#[test]
fn data_goes_to_standard_output_and_words_to_standard_error() {
    let ran = folder().run(&["scan", ".", "--format", "jsonl"]);
    let kinds: Vec<String> = ran.findings().0.iter().map(|line| line["type"].to_string()).collect();
    assert_eq!(kinds, ["\"run\"", "\"pair\"", "\"cluster\"", "\"summary\""]);
    let is_message = |line: &str| ["note: ", "skipped: ", "summary: "].iter().any(|kind| line.starts_with(kind));
    assert!(ran.stderr.lines().all(is_message), "{}", ran.stderr);
}

#[test]
fn quiet_leaves_errors_only() {
    let bench = folder();
    let (loud, quiet) = (bench.run(&["scan", "."]), bench.run(&["scan", ".", "--quiet"]));
    assert_eq!((quiet.code, quiet.stderr.as_str()), (0, ""));
    assert_eq!(quiet.stdout, loud.stdout);
    assert!(!loud.stderr.is_empty());
    assert_refused(&bench.run(&["scan", "none", "--quiet"]), "none");
}

#[test]
fn colour_is_for_terminals_or_when_asked_for() {
    let bench = folder();
    let coloured = |args: &[&str], variable: (&str, &str)| {
        let ran = Run::new(&[&["scan", "a.txt", "b.txt"], args].concat()).folder(bench.path()).env(variable.0, variable.1).go();
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout.contains('\u{1b}')
    };
    let none = ("NO_COLOR", "");
    assert!(!coloured(&[], none));
    assert!(!coloured(&["--color", "never"], none));
    assert!(coloured(&["--color", "always"], none));
    assert!(coloured(&["--color", "always"], ("NO_COLOR", "1")));
    assert!(coloured(&[], ("REFRAIN_COLOR", "always")));
    assert!(!coloured(&["--color", "never"], ("REFRAIN_COLOR", "always")));
    assert!(!coloured(&["--color", "always", "--format", "jsonl"], none));
    assert_eq!(bench.run(&["scan", "a.txt", "--color", "always", "--output", "text=out"]).code, 0);
    assert!(!fs::read_to_string(bench.path().join("out")).unwrap().contains('\u{1b}'));
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let bench = Bench::new();
    many_pairs(&bench, 1, 200);
    for format in ["jsonl", "json", "text"] {
        let mut child =
            Run::new(&["scan", "many.jsonl", "--quiet", "--only", "near-duplicates", "--format", format]).folder(bench.path()).start();
        let mut pipe = child.stdout.take().unwrap();
        let mut first = [0; 4];
        pipe.read_exact(&mut first).unwrap();
        drop(pipe);
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{format}");
    }
}

#[test]
fn closed_output_and_error_end_quietly() {
    let bench = folder();
    let mut child = Run::new(&["scan", "-", "c.jsonl"]).folder(bench.path()).start();
    drop((child.stdout.take(), child.stderr.take(), child.stdin.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

fn interrupt(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn an_interrupt_while_reading_exits_with_130() {
    let bench = Bench::new();
    let mut child = Run::new(&["scan", "-", "--output", "jsonl=out.jsonl"]).folder(bench.path()).start();
    let mut pipe = child.stdin.take().unwrap();
    // More than a pipe holds: when all is written, the program is reading.
    pipe.write_all(&vec![b'x'; 1 << 20]).unwrap();
    interrupt(&child);
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.stdout.as_str()), (130, ""));
    assert_eq!(names_in(bench.path()), [""; 0]);
}

#[test]
fn an_interrupt_while_writing_takes_the_unfinished_file_away() {
    let bench = Bench::new();
    many_pairs(&bench, 5, 440);
    let mut child = Run::new(&["scan", "many.jsonl", "--quiet", "--only", "near-duplicates", "--output", "jsonl=out.jsonl"])
        .folder(bench.path())
        .start();
    let writing = || names_in(bench.path()).iter().any(|name| name.starts_with(".refrain-"));
    while !writing() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    interrupt(&child);
    assert_eq!(Ran::from(child.wait_with_output().unwrap()).code, 130);
    assert_eq!(names_in(bench.path()), ["many.jsonl"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_under_standard_output_exits_with_2() {
    let bench = folder();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let ran = Run::new(&["scan", "a.txt"]).folder(bench.path()).stdout(full).go();
    assert_refused(&ran, "standard output: No space left on device");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_device_as_output_exits_with_2_and_stays_a_device() {
    let bench = folder();
    let link = bench.path().join("full");
    std::os::unix::fs::symlink("/dev/full", &link).unwrap();
    assert_refused(&bench.run(&["scan", "a.txt", "--output", "jsonl=full"]), "full: No space left on device");
    assert!(link.is_symlink());
}

#[test]
#[cfg(unix)]
fn output_through_a_link_lands_where_the_link_leads() {
    let bench = folder();
    fs::create_dir(bench.path().join("elsewhere")).unwrap();
    let link = bench.path().join("out.jsonl");
    std::os::unix::fs::symlink("elsewhere/out.jsonl", &link).unwrap();
    assert_eq!(bench.run(&["scan", "a.txt", "--output", "jsonl=out.jsonl"]).code, 0);
    assert!(link.is_symlink());
    assert_eq!(names_in(&bench.path().join("elsewhere")), ["out.jsonl"]);
}

#[test]
#[cfg(target_os = "linux")]
fn output_to_a_named_pipe_is_written_into_it() {
    let bench = folder();
    let pipe = bench.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // Held open at both ends, so that nobody waits for the other.
    let mut held = fs::File::options().read(true).write(true).open(&pipe).unwrap();
    let ran = bench.run(&["scan", "a.txt", "--output", "jsonl=pipe", "--format", "jsonl"]);
    assert!(std::os::unix::fs::FileTypeExt::is_fifo(&fs::metadata(&pipe).unwrap().file_type()));
    let mut written = vec![0; ran.stdout.len()];
    held.read_exact(&mut written).unwrap();
    assert_eq!(written, ran.stdout.as_bytes());
}

/// Runs under a limit of one block a file, beyond which writing fails.
#[cfg(unix)]
fn run_with_no_room(bench: &Bench) -> Ran {
    let script =
        format!("trap '' XFSZ; ulimit -f 1; exec {} scan many.jsonl --quiet --output jsonl=out.jsonl", env!("CARGO_BIN_EXE_refrain"));
    Ran::from(Command::new("sh").args(["-c", &script]).current_dir(bench.path()).output().unwrap())
}

#[test]
#[cfg(unix)]
fn an_output_file_is_whole_or_absent() {
    let bench = Bench::new();
    many_pairs(&bench, 1, 50);
    assert_refused(&run_with_no_room(&bench), "out.jsonl: File too large");
    assert_eq!(names_in(bench.path()), ["many.jsonl"]);
    bench.write("out.jsonl", "older");
    assert_refused(&run_with_no_room(&bench), "out.jsonl: File too large");
    assert_eq!(names_in(bench.path()), ["many.jsonl", "out.jsonl"]);
    assert_eq!(fs::read_to_string(bench.path().join("out.jsonl")).unwrap(), "older");
}

#[test]
fn outputs_may_repeat_and_hold_what_standard_output_would() {
    let bench = folder();
    fs::create_dir(bench.path().join("sub")).unwrap();
    let ran = bench.run(&["scan", "a.txt", "b.txt", "--output", "jsonl=x.jsonl", "--output", "json=x.json", "--output", "text=sub/x.txt"]);
    assert_eq!((ran.code, ran.stderr.lines().count()), (0, 1), "{}", ran.stderr);
    for (format, file) in [("jsonl", "x.jsonl"), ("json", "x.json"), ("text", "sub/x.txt")] {
        let written = fs::read_to_string(bench.path().join(file)).unwrap();
        assert_eq!(written, bench.run(&["scan", "a.txt", "b.txt", "--format", format]).stdout, "{format}");
    }
    assert!(ran.stdout.contains("identical"), "{}", ran.stdout);
}

#[test]
fn the_json_report_is_one_document() {
    let ran = folder().run(&["scan", ".", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["pairs"][0]["a"], "a.txt");
    assert_eq!(document["summary"]["skipped"], 1);
}

#[test]
fn an_output_that_is_an_input_is_refused() {
    let bench = folder();
    let before = fs::read(bench.path().join("a.txt")).unwrap();
    for (input, output) in [("a.txt", "a.txt"), ("a.txt", "./a.txt"), (".", "a.txt"), ("*.txt", "a.txt")] {
        assert_refused(&bench.run(&["scan", input, "--output", &format!("jsonl={output}")]), "is among the files to read");
        assert_eq!(fs::read(bench.path().join("a.txt")).unwrap(), before);
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("a.txt", bench.path().join("link")).unwrap();
        assert_refused(&bench.run(&["scan", "a.txt", "--output", "jsonl=link"]), "is among the files to read");
    }
}

#[test]
fn an_output_folder_that_is_not_there_is_named() {
    let bench = folder();
    assert_refused(&bench.run(&["scan", "a.txt", "--output", "jsonl=none/x.jsonl"]), "none/x.jsonl: there is no folder none");
    bench.write("taken/x", "");
    assert_refused(&bench.run(&["scan", "a.txt", "--output", "jsonl=taken"]), "it is a folder (expected a file, for example taken/report)");
    assert_eq!(names_in(bench.path()), ["a.txt", "b.txt", "c.jsonl", "taken"]);
}

#[test]
fn one_file_for_two_reports_is_refused() {
    let bench = folder();
    assert_refused(&bench.run(&["scan", "a.txt", "--output", "jsonl=o", "--output", "json=./o"]), "is named for two files to write");
}

#[test]
fn more_threads_than_make_sense_are_refused() {
    assert_refused(&folder().run(&["scan", "a.txt", "--jobs", "100000"]), "jobs: must be between 1 and 1024 (got 100000)");
}

#[test]
fn empty_texts_alone_are_no_article() {
    let bench = Bench::new();
    bench.write("empty.jsonl", record("1", "") + &record("2", " \n"));
    bench.write("empty.csv", "id,text\n1,\n2, \n");
    bench.write("empty.txt", "\n");
    for file in ["empty.jsonl", "empty.csv", "empty.txt"] {
        for command in [
            &["scan", file][..],
            &["check", file],
            &["clean", file, "-o", "x"],
            &["report", file, "-o", "r.html"],
            &["scan", file, "--exact"],
        ] {
            let ran = bench.run(command);
            assert_refused(&ran, "is empty; check the input");
            assert!(!ran.stderr.contains("text from"), "{}", ran.stderr);
        }
        #[cfg(feature = "index")]
        assert_refused(&bench.run(&["index", "add", "ix", file]), "is empty; check the input");
    }
    assert!(!bench.path().join("x").exists());
    assert!(!bench.run(&["report", "empty.jsonl", "-o", "r.html"]).stderr.contains("summary: "));
    bench.write("tags.jsonl", record("1", "<p> </p>"));
    #[cfg(feature = "html")]
    assert_refused(&bench.run(&["scan", "tags.jsonl"]), "is empty; check the input");
    bench.write("one.jsonl", record("1", "") + &record("2", "a"));
    assert_eq!(bench.run(&["scan", "one.jsonl", "empty.jsonl"]).code, 0);
}
