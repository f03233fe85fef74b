//! `refrain clean` and `refrain restore` on folders, packed files and other encodings; and when something goes wrong on the way.

use crate::workbench::{Bench, Ran, Run, names_in, record, words};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

#[track_caller]
fn run(bench: &Bench, args: &[&str]) -> Ran {
    let ran = bench.run(args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran
}

#[track_caller]
fn assert_refused(ran: &Ran, said: &str) {
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains(said), "no {said:?} in {}", ran.stderr);
}

/// All files below a folder with their bytes, by name.
fn tree(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for name in names_in(folder) {
        let path = folder.join(&name);
        if path.is_dir() {
            found.extend(tree(&path).into_iter().map(|(below, bytes)| (format!("{name}/{below}"), bytes)));
        } else {
            found.push((name, fs::read(path).unwrap()));
        }
    }
    found
}

fn names(tree: &[(String, Vec<u8>)]) -> Vec<&str> {
    tree.iter().map(|(name, _)| name.as_str()).collect()
}

/// A folder `in` of shards in which articles repeat themselves and each other.
fn shards(bench: &Bench, count: usize, articles: usize) {
    for shard in 0..count {
        let article = |n: usize| {
            let body = words(&format!("s{}a{n}x", if n.is_multiple_of(3) { 0 } else { shard }), 60);
            record(&format!("{shard}-{n}"), &if n.is_multiple_of(4) { format!("{body}\n{body}") } else { body })
        };
        bench.write(&format!("in/{shard}/part-{shard}.jsonl"), (0..articles).map(article).collect::<String>());
    }
}

#[test]
fn a_folder_keeps_its_names() {
    let bench = Bench::new();
    let (a, b) = (words("a", 40), words("b", 40));
    bench.write("in/x/one.txt", format!("\u{feff}{a}\r\n\r\n{b}\r\n\r\n{a}\r\n"));
    bench.write("in/x/two.txt", b.clone());
    bench.write("in/three.txt", b.to_uppercase());
    bench.write("in/four.jsonl", record("4", &words("four", 40)));
    bench.write("in/empty.txt", "");
    bench.write("in/picture.png", "left out");
    bench.write("in/noise.txt", [0_u8, 1, 2, 3]);
    run(&bench, &["clean", "in", "-o", "out/"]);
    let out = tree(&bench.path().join("out"));
    assert_eq!(names(&out), ["empty.txt", "four.jsonl", "noise.txt", "three.txt", "x/one.txt"]);
    assert_eq!(out[4].1, format!("\u{feff}{a}\r\n\r\n{b}\r\n").into_bytes());
    run(&bench, &["restore", "out", "-o", "back"]);
    let mut input = tree(&bench.path().join("in"));
    input.retain(|(name, _)| name != "picture.png");
    assert_eq!(tree(&bench.path().join("back")), input);
    run(&bench, &["clean", "out", "-o", "again"]);
    assert_eq!(tree(&bench.path().join("again")), out);
}

#[test]
fn what_an_earlier_run_wrote_for_an_article_that_goes_is_taken_away() {
    let bench = Bench::new();
    bench.write("in/a.txt", words("a", 40));
    bench.write("in/b.txt", words("b", 40));
    run(&bench, &["clean", "in", "-o", "out"]);
    bench.write("in/b.txt", words("a", 40));
    run(&bench, &["clean", "in", "-o", "out"]);
    assert_eq!(names_in(&bench.path().join("out")), ["a.txt"]);
}

#[test]
fn several_files_keep_what_tells_them_apart() {
    let bench = Bench::new();
    for (name, salt) in [("x/a.jsonl", "p"), ("y/a.jsonl", "q"), ("y/z/b.jsonl", "r")] {
        bench.write(name, record(salt, &words(salt, 30)));
    }
    for (paths, expected) in [
        (&["x/a.jsonl", "y/a.jsonl"][..], &["x/a.jsonl", "y/a.jsonl"][..]),
        (&["y/a.jsonl", "y/z/b.jsonl"], &["a.jsonl", "z/b.jsonl"]),
        (&["y"], &["a.jsonl", "z/b.jsonl"]),
        (&["*/*.jsonl"], &["x/a.jsonl", "y/a.jsonl"]),
        (&["x"], &["a.jsonl"]),
    ] {
        let _ = fs::remove_dir_all(bench.path().join("out"));
        run(&bench, &[&["clean"], paths, &["-o", "out"]].concat());
        assert_eq!(names(&tree(&bench.path().join("out"))), expected, "{paths:?}");
    }
    fs::create_dir(bench.path().join("there")).unwrap();
    run(&bench, &["clean", "x/a.jsonl", "-o", "there"]);
    assert_eq!(names_in(&bench.path().join("there")), ["a.jsonl"]);
    run(&bench, &["restore", "there", "-o", "back"]);
    assert_eq!(fs::read(bench.path().join("back/a.jsonl")).unwrap(), fs::read(bench.path().join("x/a.jsonl")).unwrap());
    let ran = Run::new(&["clean", "-", "-o", "stdin-out"]).folder(bench.path()).stdin(record("s", &words("s", 30))).go();
    assert_eq!((ran.code, fs::read(bench.path().join("stdin-out")).unwrap()), (0, record("s", &words("s", 30)).into_bytes()));
}

#[cfg(unix)]
#[test]
fn a_link_stays_and_the_file_behind_it_is_written() {
    let bench = Bench::new();
    bench.write("in.jsonl", record("a", &words("a", 30)));
    bench.write("there/real.jsonl", "old");
    std::os::unix::fs::symlink("there/real.jsonl", bench.path().join("out.jsonl")).unwrap();
    run(&bench, &["clean", "in.jsonl", "-o", "out.jsonl"]);
    assert!(bench.path().join("out.jsonl").is_symlink());
    assert_eq!(fs::read(bench.path().join("there/real.jsonl")).unwrap(), fs::read(bench.path().join("in.jsonl")).unwrap());
    run(&bench, &["restore", "out.jsonl", "-o", "back"]);
}

#[test]
fn writing_over_the_input_is_refused() {
    let bench = Bench::new();
    bench.write("in.jsonl", record("a", &words("a", 30)));
    bench.write("in/a.txt", words("a", 30));
    fs::create_dir(bench.path().join("out")).unwrap();
    fs::hard_link(bench.path().join("in.jsonl"), bench.path().join("hard.jsonl")).unwrap();
    let mut refused = vec![
        (vec!["in.jsonl", "-o", "in.jsonl"], "in.jsonl"),
        (vec!["in.jsonl", "-o", "./out/../in.jsonl"], "in.jsonl"),
        (vec!["in.jsonl", "-o", "hard.jsonl"], "hard.jsonl"),
        (vec!["in.jsonl", "-o", "."], "in.jsonl"),
        (vec!["in", "-o", "in"], "in"),
        (vec!["in", "-o", "in/out"], "in"),
        (vec!["in.jsonl", "-o", "x", "--manifest", "in.jsonl"], "manifest"),
        (vec!["in.jsonl", "-o", "x", "--manifest", "x"], "manifest"),
        (vec!["in.jsonl", "-o", "x", "--manifest", "out"], "manifest"),
        (vec!["in.jsonl", "in", "-o", "hard.jsonl"], "hard.jsonl is a file"),
    ];
    if cfg!(unix) {
        std::os::unix::fs::symlink("in.jsonl", bench.path().join("soft.jsonl")).unwrap();
        refused.push((vec!["in.jsonl", "-o", "soft.jsonl"], "in.jsonl, which is among the files to read"));
    }
    let before = tree(bench.path());
    for (args, said) in refused {
        assert_refused(&bench.run(&[&["clean"], &args[..]].concat()), said);
        fs::create_dir_all(bench.path().join("in/out")).unwrap();
    }
    assert_eq!(tree(bench.path()), before);
}

#[test]
fn other_encodings_come_back_to_the_same_bytes() {
    let bench = Bench::new();
    let sentence = |salt: &str| words(salt, 30) + ".";
    let text = format!("{}\n{}\n{}\n", sentence("خبر"), sentence("عام"), sentence("خبر"));
    let json = record("ا", &text) + &record("ب", &text);
    let wide = |text: &str| -> Vec<u8> { [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect() };
    let arabic = |text: &str| encoding_rs::WINDOWS_1256.encode(text).0.into_owned();
    for (name, bytes) in [("a.txt", wide(&text)), ("b.txt", arabic(&text)), ("c.jsonl", wide(&json)), ("d.jsonl", arabic(&json))] {
        bench.write(name, &bytes);
        for annotate in [&[][..], &["--annotate"]] {
            run(&bench, &[&["clean", name, "-o", "out"], annotate].concat());
            let out = fs::read(bench.path().join("out")).unwrap();
            assert!(annotate.is_empty() == (out.len() < bytes.len()) || name.ends_with("txt"), "{name}");
            run(&bench, &["restore", "out", "-o", "back"]);
            assert_eq!(fs::read(bench.path().join("back")).unwrap(), bytes, "{name}");
        }
    }
    let once = format!("{}\n{}\n", sentence("خبر"), sentence("عام"));
    let damaged = [text.as_bytes(), b"cut \xFF\xE2\x82 here\n", text.as_bytes()].concat();
    bench.write("e.txt", &damaged);
    run(&bench, &["clean", "e.txt", "-o", "out"]);
    let out = String::from_utf8_lossy(&fs::read(bench.path().join("out")).unwrap()).into_owned();
    assert_eq!(out, String::from_utf8_lossy(&[once.as_bytes(), b"cut \xFF\xE2\x82 here\n"].concat()));
    run(&bench, &["restore", "out", "-o", "back"]);
    assert_eq!(fs::read(bench.path().join("back")).unwrap(), damaged);
    bench.write("twice/1.txt", wide(&text));
    bench.write("twice/2.txt", wide(&text));
    run(&bench, &["clean", "twice", "-o", "once"]);
    assert_eq!(names_in(&bench.path().join("once")), ["1.txt"]);
    run(&bench, &["restore", "once", "-o", "twice-back"]);
    assert_eq!(tree(&bench.path().join("twice-back")), tree(&bench.path().join("twice")));
    let odd = [wide(&text), vec![0x00, 0xD8, b'x', 0]].concat();
    bench.write("f.txt", odd);
    assert_refused(&bench.run(&["clean", "f.txt", "-o", "out-f"]), "f.txt: the file was read as UTF-16LE");
}

#[test]
fn a_manifest_of_something_else_is_refused_and_nothing_written() {
    let bench = Bench::new();
    bench.write("in.jsonl", record("a", &words("a", 40)) + &record("b", &words("a", 40)));
    run(&bench, &["clean", "in.jsonl", "-o", "out"]);
    let manifest = fs::read_to_string(bench.path().join("out.manifest.jsonl")).unwrap();
    let lines: Vec<&str> = manifest.lines().collect();
    let cut = lines[..lines.len() - 1].join("\n");
    for (name, content, said) in [
        ("cut", cut.as_str(), "ends before its summary"),
        ("half", &manifest[..manifest.len() / 2], "half:2: not a line of a manifest"),
        ("text", &manifest.replace("\"removed\":\"{", "\"removed\":\"["), "cannot be restored to its original bytes"),
        ("place", &manifest.replace("\"offset\":", "\"offset\":9"), "contradict each other"),
        ("name", &manifest.replace("\"name\":\"out\"", "\"name\":\"../out\""), "is not a name inside a folder"),
        ("schema", &manifest.replace("\"schema\":5", "\"schema\":9"), "has schema 9"),
        ("none", "", "ends before its summary"),
    ] {
        bench.write(name, content);
        assert_refused(&bench.run(&["restore", "out", "--manifest", name, "-o", "back"]), said);
    }
    assert_refused(&bench.run(&["restore", "out", "-o", "out"]), "is the file to restore from");
    assert_refused(&bench.run(&["restore", "nowhere", "--manifest", "out.manifest.jsonl", "-o", "back"]), "nowhere");
    bench.write("out", record("a", &words("a", 41)));
    assert_refused(&bench.run(&["restore", "out", "-o", "back"]), "out differs from the output that the manifest describes");
    assert!(!bench.path().join("back").exists());
    assert!(names_in(bench.path()).iter().all(|name| !name.contains("unfinished")));
}

#[test]
fn bytes_do_not_depend_on_threads_and_a_second_run_writes_the_same() {
    let bench = Bench::new();
    shards(&bench, 4, 60);
    run(&bench, &["clean", "in", "-o", "one", "--jobs", "1", "--manifest", "m1"]);
    run(&bench, &["clean", "in", "-o", "four", "--jobs", "4", "--manifest", "m4"]);
    assert_eq!(tree(&bench.path().join("one")), tree(&bench.path().join("four")));
    assert_eq!(fs::read(bench.path().join("m1")).unwrap(), fs::read(bench.path().join("m4")).unwrap());
    run(&bench, &["clean", "in", "-o", "four", "--manifest", "m4", "--resume"]);
    assert_eq!(fs::read(bench.path().join("m1")).unwrap(), fs::read(bench.path().join("m4")).unwrap());
}

#[cfg(unix)]
#[test]
fn killed_at_any_moment_nothing_is_half_and_resume_gives_the_same_bytes() {
    let bench = Bench::new();
    shards(&bench, 3, 1400);
    let before = tree(&bench.path().join("in"));
    run(&bench, &["clean", "in", "-o", "whole", "--manifest", "whole.m"]);
    let whole = tree(&bench.path().join("whole"));
    let clean = |resume: &[&str]| {
        Run::new(&[&["clean", "in", "-o", "out", "--manifest", "out.m", "--quiet"], resume].concat()).folder(bench.path())
    };
    let started = std::time::Instant::now();
    assert_eq!(clean(&[]).go().code, 0);
    let whole_run = started.elapsed();
    for attempt in 0..20_u32 {
        if attempt % 7 == 0 {
            let _ = fs::remove_dir_all(bench.path().join("out"));
            let _ = fs::remove_file(bench.path().join("out.m"));
        }
        let mut child = clean(&["--resume"]).start();
        // The later half is when files are written.
        std::thread::sleep(whole_run * (30 + attempt * 37 % 70) / 100 + Duration::from_micros(u64::from(attempt) * 137));
        let _ = child.kill();
        let _ = child.wait();
        let out = bench.path().join("out");
        for (name, bytes) in if out.exists() { tree(&out) } else { Vec::new() } {
            let is_final = !name.split('/').any(|part| part.starts_with('.'));
            assert!(!is_final || whole.contains(&(name.clone(), bytes)), "{name} is half after attempt {attempt}");
        }
    }
    assert_eq!(tree(&bench.path().join("in")), before, "the input is untouched");
    assert_eq!(clean(&["--resume"]).go().code, 0);
    assert_eq!(tree(&bench.path().join("out")), whole);
    assert_eq!(fs::read(bench.path().join("out.m")).unwrap(), fs::read(bench.path().join("whole.m")).unwrap());
}

#[test]
fn a_run_that_goes_on_leaves_finished_files_alone_and_no_others() {
    let bench = Bench::new();
    shards(&bench, 3, 3000);
    let modified = |name: &str| fs::metadata(bench.path().join(name)).unwrap().modified().unwrap();
    // A run that cannot write its manifest to the end leaves its files.
    fs::create_dir_all(bench.path().join("locked")).unwrap();
    let limited = |bytes: u64| {
        let program = env!("CARGO_BIN_EXE_refrain");
        let command = format!("ulimit -f {}; trap '' XFSZ; exec {program} clean in -o out --manifest m --jobs 1", bytes / 512);
        Ran::from(Command::new("sh").args(["-c", &command]).current_dir(bench.path()).output().unwrap())
    };
    let size = fs::metadata(bench.path().join("in/0/part-0.jsonl")).unwrap().len();
    bench.write("in/9/large.jsonl", (0..9000).map(|n| record(&format!("l{n}"), &words(&format!("l{n}y"), 60))).collect::<String>());
    let ran = limited(size + (1 << 20));
    assert_refused(&ran, "large.jsonl");
    let out = bench.path().join("out");
    assert_eq!(names(&tree(&out)).into_iter().filter(|name| !name.starts_with('.')).count(), 3);
    assert!(!bench.path().join("m").exists());
    assert!(tree(bench.path()).iter().all(|(name, _)| !name.contains("unfinished")), "a file that could not be finished is taken away");
    let first = modified("out/1/part-1.jsonl");
    fs::write(bench.path().join("out/2/part-2.jsonl"), "spoiled").unwrap();
    run(&bench, &["clean", "in", "-o", "out", "--manifest", "m", "--resume"]);
    run(&bench, &["clean", "in", "-o", "whole", "--manifest", "whole.m"]);
    assert_eq!(modified("out/1/part-1.jsonl"), first, "not written again");
    assert_eq!(tree(&out), tree(&bench.path().join("whole")));
    assert_eq!(fs::read(bench.path().join("m")).unwrap(), fs::read(bench.path().join("whole.m")).unwrap());
}

#[test]
fn a_full_disk_and_a_place_that_cannot_be_written_are_told() {
    let bench = Bench::new();
    bench.write("in.jsonl", record("a", &words("a", 30)));
    assert_refused(&bench.run(&["clean", "in.jsonl", "-o", "in.jsonl/out"]), "in.jsonl");
    bench.write("file", "x");
    for device in ["/dev/full", "/dev/null"] {
        if Path::new(device).exists() {
            assert_refused(&bench.run(&["clean", "in.jsonl", "-o", device]), "not a file that can be replaced");
            assert_refused(&bench.run(&["clean", "in.jsonl", "-o", "out", "--manifest", device]), "not a file that can be replaced");
        }
    }
    assert_refused(&bench.run(&["clean", "in.jsonl", "-o", "out", "--manifest", "file/m"]), "file");
    assert!(!bench.path().join("out").exists(), "nothing is written where the manifest cannot be");
}

#[test]
fn a_file_that_is_written_to_meanwhile_is_refused() {
    use refrain::clean::{Options, clean};
    use refrain::{Error, FileCorpus, Progress, SourceOptions};
    /// Does something once all is read.
    struct Meddler<F: Fn() + Sync>(F, std::sync::atomic::AtomicU64);
    impl<F: Fn() + Sync> Progress for Meddler<F> {
        fn verified(&self, _: u64) {
            if self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0 {
                (self.0)();
            }
        }
    }
    let bench = Bench::new();
    shards(&bench, 2, 30);
    let input = bench.path().join("in");
    let meddled = |meddle: &(dyn Fn() + Sync)| {
        let corpus = FileCorpus::open(std::slice::from_ref(&input), &SourceOptions::default()).unwrap();
        let meddler = Meddler(meddle, 0.into());
        clean(&corpus, std::slice::from_ref(&input), Some(&bench.path().join("out")), &Options::default(), &meddler)
    };
    let shard = input.join("1/part-1.jsonl");
    let bytes = fs::read(&shard).unwrap();
    let ran = meddled(&|| fs::write(&shard, [&bytes[..], b"{}\n"].concat()).unwrap());
    assert!(matches!(ran, Err(Error::Changed { .. })), "{ran:?}");
    fs::write(&shard, &bytes).unwrap();
    // In place, with its time put back.
    std::thread::sleep(Duration::from_millis(30));
    let modified = fs::metadata(&shard).unwrap().modified().unwrap();
    let ran = meddled(&|| {
        let mut file = fs::File::options().write(true).open(&shard).unwrap();
        std::io::Write::write_all(&mut file, b"{\"id\":\"0").unwrap();
        file.set_modified(modified).unwrap();
    });
    assert!(!cfg!(unix) || matches!(ran, Err(Error::Changed { .. })), "{ran:?}");
    fs::write(&shard, &bytes).unwrap();
    let ran = meddled(&|| fs::remove_file(&shard).unwrap());
    assert!(matches!(ran, Err(Error::Changed { .. } | Error::Io { .. })), "{ran:?}");
    assert!(!bench.path().join("out/1/part-1.jsonl").exists() && !bench.path().join("out.manifest.jsonl").exists());
}

/// A program that has the file mapped leaves no change of its times where the page was written to before.
#[cfg(unix)]
#[test]
#[expect(unsafe_code, reason = "a file is mapped and written to")]
fn a_mapped_file_that_is_written_to_meanwhile_is_refused_or_comes_back() {
    use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
    let bench = Bench::new();
    let text = |n: usize| words(&format!("w{}x", n / 2), 40);
    let input = bench.write("in.jsonl", (0..8000).map(|n| record(&n.to_string(), &text(n))).collect::<String>());
    let file = fs::File::options().read(true).write(true).open(&input).unwrap();
    // SAFETY: nobody shortens the file, and this test alone writes to it.
    let mut map = unsafe { memmap2::MmapMut::map_mut(&file) }.unwrap();
    let at = map.windows(4).position(|four| four.iter().all(u8::is_ascii_digit)).unwrap();
    map[at..at + 4].copy_from_slice(b"0000");
    std::thread::sleep(Duration::from_millis(30));
    let ends = AtomicBool::new(false);
    let ran = std::thread::scope(|scope| {
        scope.spawn(|| {
            // SAFETY: bytes of the map, which outlives the thread.
            let digits = unsafe { [0, 1, 2, 3].map(|digit| AtomicU8::from_ptr(map.as_mut_ptr().add(at + digit))) };
            for number in (1..10_000).cycle().take_while(|_| !ends.load(Ordering::Relaxed)) {
                for (digit, letter) in digits.iter().zip(format!("{number:04}").bytes()) {
                    digit.store(letter, Ordering::Relaxed);
                }
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let runs = || {
            let cleaned = bench.run(&["clean", "in.jsonl", "-o", "out"]);
            let restored = (cleaned.code == 0).then(|| bench.run(&["restore", "out", "-o", "back"]));
            (cleaned, restored)
        };
        let ran: Vec<_> = (0..6).map(|_| runs()).collect();
        ends.store(true, Ordering::Relaxed);
        ran
    });
    for (cleaned, restored) in ran {
        match restored {
            Some(restored) => assert_eq!(restored.code, 0, "{}", restored.stderr),
            None => assert_refused(&cleaned, "changed while it was read"),
        }
    }
}

#[cfg(feature = "compression")]
mod packed {
    use super::*;
    use std::io::{Read, Write};

    fn zstd(plain: &[u8]) -> Vec<u8> {
        ::zstd::encode_all(plain, 7).unwrap()
    }

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let half = |part: &[u8]| {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(9));
            packer.write_all(part).unwrap();
            packer.finish().unwrap()
        };
        let (first, second) = plain.split_at(plain.len() / 2);
        [half(first), half(second)].concat()
    }

    fn bzip2(plain: &[u8]) -> Vec<u8> {
        let mut packer = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::new(9));
        packer.write_all(plain).unwrap();
        packer.finish().unwrap()
    }

    fn xz(plain: &[u8]) -> Vec<u8> {
        liblzma::encode_all(plain, 6).unwrap()
    }

    fn unpack(name: &str, bytes: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        let mut reader: Box<dyn Read> = match name {
            "zst" => Box::new(::zstd::Decoder::new(bytes).unwrap()),
            "gz" => Box::new(flate2::read::MultiGzDecoder::new(bytes)),
            "bz2" => Box::new(::bzip2::read::MultiBzDecoder::new(bytes)),
            _ => Box::new(liblzma::read::XzDecoder::new_multi_decoder(bytes)),
        };
        reader.read_to_end(&mut plain).unwrap();
        plain
    }

    #[test]
    fn packed_files_are_packed_again() {
        let bench = Bench::new();
        let plain: String = (0..1500).map(|n| record(&n.to_string(), &words(&format!("w{}x", n / 2), 40))).collect();
        bench.write("plain.jsonl", &plain);
        run(&bench, &["clean", "plain.jsonl", "-o", "plain.out"]);
        let out = fs::read(bench.path().join("plain.out")).unwrap();
        for (ending, pack) in [("gz", gzip as fn(&[u8]) -> Vec<u8>), ("zst", zstd), ("bz2", bzip2), ("xz", xz)] {
            let name = format!("in.jsonl.{ending}");
            bench.write(&name, pack(plain.as_bytes()));
            run(&bench, &["clean", &name, "-o", "out"]);
            assert_eq!(unpack(ending, &fs::read(bench.path().join("out")).unwrap()), out, "{ending}");
            run(&bench, &["restore", "out", "-o", "back"]);
            assert_eq!(unpack(ending, &fs::read(bench.path().join("back")).unwrap()), plain.as_bytes(), "{ending}");
        }
    }

    /// Nobody packs so: a block ends in the middle.
    fn odd_gzip(plain: &[u8]) -> Vec<u8> {
        let mut packer = flate2::GzBuilder::new().filename("odd").write(Vec::new(), flate2::Compression::new(7));
        for part in plain.chunks(9_999) {
            packer.write_all(part).unwrap();
            packer.flush().unwrap();
        }
        packer.finish().unwrap()
    }

    fn odd_zstd(plain: &[u8]) -> Vec<u8> {
        let mut packer = ::zstd::Encoder::new(Vec::new(), 3).unwrap();
        packer.set_target_cblock_size(Some(2000)).unwrap();
        packer.write_all(plain).unwrap();
        packer.finish().unwrap()
    }

    fn lines(bench: &Bench, manifest: &str) -> Vec<serde_json::Value> {
        fs::read_to_string(bench.path().join(manifest)).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn copies(count: usize) -> String {
        (0..count).map(|n| record(&n.to_string(), &words(&format!("w{}x", n / 2), 40))).collect()
    }

    #[test]
    fn files_packed_by_others_come_back_with_the_same_content_and_a_note() {
        let plain = copies(1500);
        for (ending, packed) in [("gz", odd_gzip(plain.as_bytes())), ("zst", odd_zstd(plain.as_bytes()))] {
            let bench = Bench::new();
            let name = format!("in.jsonl.{ending}");
            bench.write(&name, &packed);
            run(&bench, &["clean", &name, "-o", "out", "--manifest", "m"]);
            let ran = run(&bench, &["restore", "out", "--manifest", "m", "-o", "back"]);
            assert!(ran.stderr.contains("compressed or encoded anew"), "{}", ran.stderr);
            let back = fs::read(bench.path().join("back")).unwrap();
            assert!(back != packed && unpack(ending, &back) == plain.as_bytes(), "{ending}");
        }
    }

    /// Whoever packed them, and with rests that no packer would write.
    #[test]
    fn packed_files_of_which_nothing_goes_are_copied() {
        let bench = Bench::new();
        let plain: String = (0..300).map(|n| record(&n.to_string(), &words(&format!("w{n}x"), 40))).collect();
        let odd = [odd_gzip(plain.as_bytes()), odd_zstd(plain.replace("w", "v").as_bytes()), zstd(copies(20).as_bytes())];
        for (name, packed) in ["a.jsonl.gz", "b.jsonl.zst", "c.jsonl.zst"].into_iter().zip(&odd) {
            bench.write(&format!("in/{name}"), packed);
        }
        run(&bench, &["clean", "in", "-o", "out"]);
        let read = |path: &str| fs::read(bench.path().join(path)).unwrap();
        assert!(read("out/a.jsonl.gz") == odd[0] && read("out/b.jsonl.zst") == odd[1] && read("out/c.jsonl.zst") != odd[2]);
        let manifest = lines(&bench, "out.manifest.jsonl");
        let of = |kind: &str| manifest.iter().filter(|line| line["type"] == kind).collect::<Vec<_>>();
        assert_eq!(of("file").iter().map(|line| line["packing"].is_null()).collect::<Vec<_>>(), [true, true, false]);
        let ran = run(&bench, &["restore", "out", "-o", "back"]);
        assert!(read("back/a.jsonl.gz") == odd[0] && read("back/b.jsonl.zst") == odd[1]);
        assert_eq!(unpack("zst", &read("back/c.jsonl.zst")), copies(20).as_bytes());
        assert!(ran.stderr.contains("1 file: each has the same content, compressed or encoded anew"), "{}", ran.stderr);
        // Another file in its place, and the same packed otherwise.
        bench.write("out/a.jsonl.gz", gzip(plain.replace("w1x", "w2x").as_bytes()));
        let ran = bench.run(&["restore", "out", "-o", "other"]);
        assert!(ran.code == 2 && ran.stderr.contains("a.jsonl.gz differs from the output that the manifest describes"), "{}", ran.stderr);
        bench.write("out/a.jsonl.gz", gzip(plain.as_bytes()));
        assert!(run(&bench, &["restore", "out", "-o", "again"]).stderr.contains("2 files: each has the same content"));
    }

    /// Cleans a packed file to `out`; returns the manifest.
    fn manifest_of(bench: &Bench, packed: Vec<u8>) -> String {
        bench.write("in.jsonl.gz", packed);
        run(bench, &["clean", "in.jsonl.gz", "-o", "out", "--manifest", "m"]);
        fs::read_to_string(bench.path().join("m")).unwrap()
    }

    #[test]
    fn a_manifest_of_another_schema_is_refused_with_what_to_do() {
        let bench = Bench::new();
        let manifest = manifest_of(&bench, gzip(copies(200).as_bytes()));
        bench.write("m4", manifest.replace("\"schema\":5", "\"schema\":4"));
        let ran = bench.run(&["restore", "out", "--manifest", "m4", "-o", "back"]);
        assert!(ran.code == 2 && ran.stderr.contains("has schema 4") && ran.stderr.contains("use the build"), "{}", ran.stderr);
    }

    /// Without a recipe the file would count as copied.
    #[test]
    fn a_manifest_without_how_a_changed_file_is_compressed_gives_no_wrong_file() {
        let bench = Bench::new();
        let whole = manifest_of(&bench, odd_gzip(copies(500).as_bytes()));
        let file = whole.lines().find(|line| line.starts_with("{\"type\":\"file\"")).unwrap();
        let mut value: serde_json::Value = serde_json::from_str(file).unwrap();
        value.as_object_mut().unwrap().remove("packing").unwrap();
        bench.write("damaged", whole.replace(file, &value.to_string()));
        let ran = bench.run(&["restore", "out", "--manifest", "damaged", "-o", "back"]);
        assert!(ran.code != 0 && ran.stderr.contains("damaged"), "{:?} {}", ran.code, ran.stderr);
        assert!(!bench.path().join("back").exists());
    }
}
