//! Attacks by paths: nothing that is read is written over, nothing planted is followed, and odd names, masks and limits are no surprise.
#![cfg(unix)]

use crate::workbench::{Bench, Ran, Run, names_in, record, words};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_refrain");

#[track_caller]
fn assert_refused(ran: &Ran, said: &str) {
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains(said), "no {said:?} in {}", ran.stderr);
}

#[track_caller]
fn run(bench: &Bench, args: &[&str]) -> Ran {
    let ran = bench.run(args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran
}

/// Runs a line of a shell, in which `refrain` is the program.
fn shell(bench: &Bench, line: &str) -> Ran {
    let script = format!("refrain() {{ {PROGRAM} \"$@\"; }}; {line}");
    Ran::from(Command::new("bash").args(["-c", &script]).current_dir(bench.path()).env_remove("GITHUB_STEP_SUMMARY").output().unwrap())
}

/// All that lies below a folder: what files hold, and where links lead.
fn everything(folder: &Path) -> Vec<(OsString, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let (name, path) = {
            let entry = entry.unwrap();
            (entry.file_name(), entry.path())
        };
        if path.is_symlink() {
            found.push((name, path.read_link().unwrap().into_os_string().as_bytes().to_vec()));
        } else if path.is_dir() {
            let below = |(inner, bytes): (OsString, Vec<u8>)| (Path::new(&name).join(inner).into_os_string(), bytes);
            found.extend(everything(&path).into_iter().map(below));
            found.push((name, Vec::new()));
        } else if path.is_file() {
            found.push((name, fs::read(path).unwrap()));
        }
    }
    found.sort();
    found
}

/// Two articles of which one repeats the other, and one that repeats itself.
fn articles() -> String {
    record("a", &words("a", 40)) + &record("b", &words("a", 40)) + &record("c", &format!("{0}\n{0}", words("c", 40)))
}

#[test]
fn nothing_that_is_read_is_written_over_by_any_name() {
    let bench = Bench::new();
    let at = |name: &str| bench.path().join(name);
    ["t.jsonl", "in/a.jsonl", "o.annotations.jsonl", "o.jsonl"].iter().for_each(|name| drop(bench.write(name, articles())));
    bench.write("refrain.toml", "jobs = 2\n");
    run(&bench, &["clean", "t.jsonl", "-o", "cleaned"]);
    run(&bench, &["clean", "in", "-o", "folder"]);
    run(&bench, &["check", "t.jsonl", "--baseline", "b.json", "--update-baseline"]);
    run(&bench, &["scan", "t.jsonl", "-o", "found.jsonl"]);
    if cfg!(feature = "index") {
        run(&bench, &["index", "add", "ix", "t.jsonl"]);
    }
    fs::hard_link(at("b.json"), at("hard.json")).unwrap();
    symlink("b.json", at("soft.json")).unwrap();
    symlink("in", at("link")).unwrap();
    symlink("in/new.jsonl", at("dangling")).unwrap();
    let before = everything(bench.path());
    let mut attacks = vec![
        "clean t.jsonl o.annotations.jsonl --annotate -o o",
        "clean t.jsonl -o o --annotate --manifest o.annotations.jsonl",
        "clean in -o in/new/out",
        "clean in -o link/out",
        "clean in -o link/../in/out",
        "clean in -o out --manifest dangling",
        "clean 'in/*.jsonl' -o dangling",
        "clean - -o t.jsonl < t.jsonl",
        "clean t.jsonl -o refrain.toml",
        "clean t.jsonl -o out --manifest refrain.toml",
        "clean t.jsonl -o t.jsonl/",
        "restore cleaned -o cleaned.manifest.jsonl",
        "restore cleaned -o cleaned",
        "restore folder -o folder/back",
        "check t.jsonl --baseline b.json -o json=b.json",
        "check t.jsonl --baseline b.json -o json=hard.json",
        "check t.jsonl --baseline b.json -o json=soft.json",
        "check t.jsonl --baseline b.json --update-baseline -o json=./b.json",
        "check t.jsonl --baseline t.jsonl --update-baseline",
        "GITHUB_STEP_SUMMARY=t.jsonl check t.jsonl --format github",
        "GITHUB_STEP_SUMMARY=x.json check t.jsonl --format github -o json=x.json",
        "check t.jsonl -o json=refrain.toml",
        "scan - -o json=t.jsonl < t.jsonl",
        "scan t.jsonl -o json=new.json -o jsonl=in/../new.json",
        "scan t.jsonl -o json=in",
        "scan t.jsonl -o json=in/",
        "scan t.jsonl -o json=new/",
        "scan in -o jsonl=dangling",
        "report t.jsonl --findings found.jsonl -o html=found.jsonl",
        "report . -o report.html",
        "report 'in/*' -o in/report.html",
        "compare t.jsonl:1 t.jsonl:2 -o json=t.jsonl",
        "eval found.jsonl b.json --labels pairs -o json=b.json",
    ];
    if cfg!(feature = "index") {
        attacks.extend([
            "check t.jsonl --index ix --output json=ix",
            "check t.jsonl --index ix --output json=ix-wal",
            "check t.jsonl --index ix --baseline ix --update-baseline",
            "check t.jsonl --index new --add --output json=new",
            "check t.jsonl --index t.jsonl --add",
            "index add t.jsonl t.jsonl",
        ]);
    }
    for attack in attacks {
        let (variable, command) = attack.split_once(" check").filter(|(name, _)| name.contains('=')).unwrap_or(("", attack));
        let command = if variable.is_empty() { format!("refrain {command}") } else { format!("{variable} {PROGRAM} check{command}") };
        let ran = shell(&bench, &command);
        assert_eq!(ran.code, 2, "{attack}: {ran:?}");
        assert!(!ran.stderr.contains("os error"), "{attack}: {}", ran.stderr);
        assert!(everything(bench.path()) == before, "{attack} changed something: {}", ran.stderr);
    }
    assert!(shell(&bench, "refrain report . -o report.html").stderr.contains("to a hidden or ignored name"));
}

#[test]
fn an_output_that_no_walk_reads_may_lie_in_a_folder_that_is_read() {
    let bench = Bench::new();
    bench.write("a.jsonl", articles());
    bench.write("page.html", "");
    bench.write(".gitignore", "ignored/\n");
    fs::create_dir(bench.path().join(".git")).unwrap();
    fs::create_dir(bench.path().join("ignored")).unwrap();
    for _ in 0..2 {
        for args in [
            &["check", ".", "--fail-on", "none", "-o", "refrain.sarif", "-o", "json=.check.json"][..],
            &["check", ".", "--baseline", ".baseline.json", "--update-baseline"],
            &["report", "*.jsonl", "-o", "page.html"],
            &["report", ".", "-o", "ignored/page.html"],
            &["scan", ".", "-o", "json=/dev/null", "-o", "jsonl=/dev/null"],
        ] {
            run(&bench, args);
        }
    }
    let printed = bench.run(&["scan", ".", "--format", "json"]).stdout;
    assert_eq!(shell(&bench, "refrain scan . -q --format json -o /dev/stdout > out.png").code, 0);
    assert_eq!(fs::read_to_string(bench.path().join("out.png")).unwrap(), printed);
    // A file that a process has open is written as it is.
    assert_eq!(shell(&bench, "refrain scan . -q -o json=/dev/fd/3 3> other.png").code, 0);
    assert_eq!(fs::read_to_string(bench.path().join("other.png")).unwrap(), printed);
}

/// A baseline and an index in the folder that is checked are no articles, whatever their names end in.
#[cfg(feature = "index")]
#[test]
fn what_a_run_keeps_is_not_read_from_a_folder() {
    let bench = Bench::new();
    bench.write("a.txt", words("word", 40));
    bench.write("b.txt", words("word", 40));
    let check = ["check", ".", "--strict", "--baseline", "base.json", "--index", "ix.txt", "--add"];
    for round in 0..3 {
        let ran = bench.run(&[&check[..], if round == 0 { &["--update-baseline"] } else { &[] }].concat());
        assert!(ran.code == 0 && ran.stdout.contains("2 articles") && !ran.stderr.contains("skipped"), "{ran:?}");
    }
    assert!(bench.run(&["scan", "base.json"]).code == 2, "named as a file it is read");
    bench.write("in/c.txt", words("other", 40));
    for _ in 0..2 {
        let ran = run(&bench, &["index", "add", "in/ix.txt", "in", "--strict"]);
        assert!(!ran.stderr.contains("skipped"), "{ran:?}");
    }
}

#[test]
fn the_folder_of_notes_is_removed_without_what_is_not_its_own() {
    let bench = Bench::new();
    bench.write("out/.refrain-clean/in.jsonl", articles());
    bench.write("in.jsonl", articles());
    assert_refused(&bench.run(&["clean", "out/.refrain-clean/in.jsonl", "-o", "out"]), "which is removed at the end");
    assert_refused(&bench.run(&["clean", "in.jsonl", "-o", "out/", "--manifest", "out/.refrain-clean/m"]), "which is removed at the end");
    run(&bench, &["clean", "in.jsonl", "-o", "out/"]);
    assert_eq!(fs::read_to_string(bench.path().join("out/.refrain-clean/in.jsonl")).unwrap(), articles());
    fs::remove_dir_all(bench.path().join("out/.refrain-clean")).unwrap();
    fs::create_dir(bench.path().join("elsewhere")).unwrap();
    symlink("../elsewhere", bench.path().join("out/.refrain-clean")).unwrap();
    assert_refused(&bench.run(&["clean", "in.jsonl", "-o", "out/"]), "is needed for a folder of notes");
}

#[test]
fn what_is_planted_beside_an_output_is_not_followed() {
    let bench = Bench::new();
    let at = |name: &str| bench.path().join(name);
    bench.write("in.jsonl", articles());
    bench.write("victim", "precious");
    for name in ["out", "out.manifest.jsonl", "back"] {
        let planted = at(&format!(".{name}.refrain-unfinished"));
        for plant in ["soft", "hard", "pipe"] {
            let _ = fs::remove_file(&planted);
            match plant {
                "soft" => symlink("victim", &planted).unwrap(),
                "hard" => fs::hard_link(at("victim"), &planted).unwrap(),
                _ => assert!(Command::new("mkfifo").arg(&planted).status().unwrap().success()),
            }
            run(&bench, &["clean", "in.jsonl", "-o", "out"]);
            run(&bench, &["restore", "out", "-o", "back"]);
            assert_eq!(fs::read_to_string(at("victim")).unwrap(), "precious", "{name} {plant}");
            assert_eq!(fs::read_to_string(at("back")).unwrap(), articles());
        }
    }
}

/// A run that has begun to write, as far as others can see, and waits for its input.
fn waiting(bench: &Bench, args: &[&str]) -> std::process::Child {
    let mut child = Run::new(args).folder(bench.path()).start();
    // More than a pipe holds: when all is written, the program is reading.
    child.stdin.as_mut().unwrap().write_all(record("x", &"x ".repeat(1 << 17)).as_bytes()).unwrap();
    child
}

#[test]
fn one_run_at_a_time_writes_to_an_output() {
    let bench = Bench::new();
    bench.write("in.jsonl", articles());
    bench.write("in/a.jsonl", articles());
    fs::create_dir(bench.path().join("folder")).unwrap();
    symlink("folder", bench.path().join("link")).unwrap();
    for (first, second) in [
        (&["clean", "-", "-o", "out"][..], &["clean", "in.jsonl", "-o", "./folder/../out"][..]),
        (&["clean", "-", "-o", "folder", "--manifest", "m"], &["clean", "in", "-o", "link/", "--manifest", "m"]),
    ] {
        let mut child = waiting(&bench, first);
        assert_refused(&bench.run(second), "another run of refrain is writing to");
        child.kill().unwrap();
        child.wait().unwrap();
        run(&bench, second);
        let hidden = |folder: &Path| names_in(folder).into_iter().filter(|name| name.starts_with('.')).count();
        assert_eq!(hidden(bench.path()) + hidden(&bench.path().join("folder")), 0, "a killed run leaves nothing to the next: {first:?}");
    }
    let mut child = waiting(&bench, &["clean", "-", "-o", "out", "--manifest", "m"]);
    assert_refused(&bench.run(&["clean", "in.jsonl", "-o", "other", "--manifest", "m"]), "manifest: another run of refrain");
    child.kill().unwrap();
    child.wait().unwrap();
    // Restoring is writing, too.
    let child = waiting(&bench, &["clean", "-", "-o", "back"]);
    run(&bench, &["clean", "in.jsonl", "-o", "out", "--manifest", "m"]);
    assert_refused(&bench.run(&["restore", "out", "--manifest", "m", "-o", "back"]), "another run of refrain is writing to back");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(Ran::from(child.wait_with_output().unwrap()).code, 130);
    assert!(names_in(bench.path()).iter().all(|name| !name.starts_with('.')), "an interrupt removes the lock");
}

#[test]
fn a_killed_run_leaves_no_unfinished_file_to_the_next() {
    let bench = Bench::new();
    bench.write("in.jsonl", articles());
    run(&bench, &["clean", "in.jsonl", "-o", "out"]);
    run(&bench, &["scan", "in.jsonl", "-o", "found.jsonl"]);
    let left: Vec<String> = ["out", "out.manifest.jsonl", "found.jsonl"]
        .map(|name| format!(".refrain-{:08x}-aB3dEfGhIjKl", xxhash_rust::xxh3::xxh3_64(name.as_bytes()) >> 32))
        .into();
    left.iter().for_each(|name| drop(bench.write(name, "half")));
    run(&bench, &["clean", "in.jsonl", "-o", "out"]);
    assert_eq!(names_in(bench.path()).into_iter().filter(|name| name.starts_with('.')).collect::<Vec<_>>(), left[2..]);
    run(&bench, &["scan", "in.jsonl", "-o", "found.jsonl"]);
    assert!(names_in(bench.path()).iter().all(|name| !name.starts_with('.')));
}

#[test]
fn permissions_follow_the_umask_and_the_input() {
    let bench = Bench::new();
    let mode = |name: &str| fs::metadata(bench.path().join(name)).unwrap().permissions().mode() & 0o777;
    for (umask, input, output, report) in [("077", 0o644, 0o600, 0o600), ("022", 0o640, 0o640, 0o644), ("027", 0o604, 0o600, 0o640)] {
        let path = bench.write("in.jsonl", articles());
        fs::set_permissions(path, fs::Permissions::from_mode(input)).unwrap();
        let line = format!(
            "umask {umask}; rm -rf out* back* [bspc].*; refrain clean in.jsonl -o out && refrain restore out -o back && refrain scan in.jsonl -o s.jsonl \
             && refrain report in.jsonl -o p.html && refrain check in.jsonl --baseline b.json --update-baseline -o c.json"
        );
        let ran = shell(&bench, &line);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        for name in ["out", "out.manifest.jsonl", "back"] {
            assert_eq!(mode(name), output, "{name} {umask} {input:o}");
        }
        for name in ["s.jsonl", "p.html", "b.json", "c.json"] {
            assert_eq!(mode(name), report, "{name} {umask}");
        }
        fs::remove_file(bench.path().join("in.jsonl")).unwrap();
    }
}

#[test]
fn names_of_any_length_and_bytes_come_back() {
    let bench = Bench::new();
    let long = "n".repeat(249) + ".jsonl";
    let odd = |bytes: &[u8]| OsStr::from_bytes(bytes).to_owned();
    // Two of them differ only in bytes that are not UTF-8.
    let names = [
        OsString::from(&long),
        odd(b"\xff.jsonl"),
        odd(b"\xfe.jsonl"),
        odd(b"sub\xe9/x\xff.jsonl"),
        "خبر.jsonl".into(),
        " \\x.jsonl".into(),
    ];
    fs::create_dir_all(bench.path().join("in").join(odd(b"sub\xe9"))).unwrap();
    for (n, name) in names.iter().enumerate() {
        let text = words(&format!("f{n}x"), 40);
        fs::write(bench.path().join("in").join(name), record("", &format!("{text}\n{text}")) + &record("", &text) + "{}\n").unwrap();
    }
    run(&bench, &["clean", "in", "-o", "out"]);
    let all = |folder: &str| everything(&bench.path().join(folder));
    let names_of = |folder: &str| all(folder).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names_of("out"), names_of("in"));
    assert_ne!(all("out"), all("in"), "something was removed");
    run(&bench, &["restore", "out", "-o", "back"]);
    assert_eq!(all("back"), all("in"));
    let manifest = fs::read_to_string(bench.path().join("out.manifest.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> = manifest.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let files: Vec<_> = lines.iter().filter(|line| line["type"] == "file").collect();
    assert!(files.iter().all(|file| file["unreadable"] == 1), "each has a record without a text");
    assert!(
        files
            .iter()
            .any(|file| file["name"] == "\u{fffd}.jsonl" && file["name_hex"] == "fe2e6a736f6e6c" && file["input"] == "in/\\xFE.jsonl")
    );
    // A name that contradicts its bytes, or leads elsewhere.
    for (from, to) in [
        ("fe2e6a736f6e6c", "fe2e6a736f6e6d"),
        ("fe2e6a736f6e6c", "2e2e2f6666"),
        ("\"name\":\"خبر.jsonl\"", "\"name\":\"خبر.jsonl\",\"name_hex\":\"2e2e\""),
    ] {
        assert!(manifest.contains(from));
        bench.write("damaged", manifest.replace(from, to));
        assert_refused(&bench.run(&["restore", "out", "--manifest", "damaged", "-o", "elsewhere"]), "is not a name inside a folder");
    }
    bench.write("twice", manifest.replace("fe2e6a736f6e6c", "ff2e6a736f6e6c"));
    assert_refused(&bench.run(&["restore", "out", "--manifest", "twice", "-o", "elsewhere"]), "is described twice");
    assert!(!bench.path().join("elsewhere").exists());
    for args in [&["scan", "in", "-o"][..], &["check", "in", "--fail-on", "none", "-o"], &["report", "in", "-o"]] {
        let format = if args[0] == "report" { "html" } else { "json" };
        let file = format!("{format}={}.txt", "r".repeat(251));
        run(&bench, &[args, &[file.as_str()]].concat());
    }
    let single = "s".repeat(255);
    bench.write("one.jsonl", articles());
    assert_refused(&bench.run(&["clean", "one.jsonl", "-o", &single]), "--manifest");
    run(&bench, &["clean", "one.jsonl", "-o", &single, "--manifest", "m"]);
    run(&bench, &["restore", &single, "--manifest", "m", "-o", &"r".repeat(255)]);
}

#[test]
fn odd_arguments_end_with_an_error_on_any_stack() {
    let bench = Bench::new();
    bench.write("a.jsonl", articles());
    let many = |text: &str| text.repeat(5_000);
    let odd = [
        OsStr::from_bytes(b"\xff").to_owned(),
        OsStr::from_bytes(b"--format=\xff").to_owned(),
        OsStr::from_bytes(b"a.jsonl\xff#\xfe").to_owned(),
        OsStr::from_bytes(b"*\xff*").to_owned(),
        many("{").into(),
        (many("{a,") + &many("}")).into(),
        "{aaaaaaaa,b*}".repeat(1_500).into(),
        many("[!a]").into(),
        "[".into(),
        "\\".into(),
        "".into(),
    ];
    for command in ["scan", "check", "report", "clean", "restore", "tokens", "compare", "eval", "selftest", "index"] {
        for argument in &odd {
            for stack in ["unlimited", "256"] {
                let script = format!("ulimit -s {stack}; exec {PROGRAM} {command} \"$@\"");
                let output =
                    Command::new("bash").args(["-c", &script, "sh"]).arg(argument).arg(argument).current_dir(bench.path()).output();
                let output = output.unwrap();
                let said = String::from_utf8_lossy(&output.stderr);
                assert_eq!(output.status.code(), Some(2), "{command} {argument:?} {stack}: {said}");
                assert!(!said.contains("panicked") && !said.contains("RUST_BACKTRACE"), "{command} {argument:?}: {said}");
            }
        }
    }
    let ran =
        shell(&bench, "ulimit -s 256; refrain clean a.jsonl -o out && refrain restore out -o back && refrain report a.jsonl -o p.html");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn a_limit_on_the_size_of_files_is_reported_and_leaves_nothing() {
    let bench = Bench::new();
    bench.write("in.jsonl", (0..400).map(|n| record(&n.to_string(), &words(&format!("w{}x", n / 2), 40))).collect::<String>());
    bench.write("all.jsonl", fs::read(bench.path().join("in.jsonl")).unwrap());
    run(&bench, &["clean", "in.jsonl", "-o", "out"]);
    let names = names_in(bench.path());
    for command in [
        "scan in.jsonl -o x.jsonl",
        "scan in.jsonl --format jsonl > /dev/shm/refrain-test-$$; code=$?; rm /dev/shm/refrain-test-$$; exit $code",
        "check in.jsonl -o json=x.json",
        "check in.jsonl --baseline x.json --update-baseline",
        "report in.jsonl -o x.html",
        "clean in.jsonl -o x",
        "restore out -o x",
    ] {
        let ran = shell(&bench, &format!("ulimit -f 4; refrain {command}"));
        assert_refused(&ran, "File too large: the limit on the size of a file is reached");
        assert_eq!(names_in(bench.path()), names, "{command}");
    }
}
