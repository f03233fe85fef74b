//! A baseline over a folder of many files in Arabic and English: whatever is done to all of them at once, nothing is new; what is new is told once.

use crate::workbench::{Bench, Run, project_root, record, words};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

/// Numbers that look like chance, and are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    fn word(&mut self, letters: &[char]) -> String {
        (0..2 + self.below(7)).map(|_| letters[self.below(letters.len())]).collect()
    }

    /// Three sentences of words that come again elsewhere, as words do.
    fn paragraph(&mut self, vocabulary: &[String]) -> String {
        let mut sentence =
            || (0..8 + self.below(14)).map(|_| vocabulary[self.below(vocabulary.len())].as_str()).collect::<Vec<_>>().join(" ") + ".";
        [sentence(), sentence(), sentence()].join(" ")
    }
}

/// Files by name: those of the corpus, and made-up ones with every kind of repetition. Those called `plain` repeat nothing.
fn files() -> Vec<(String, String)> {
    let mut names: Vec<_> = fs::read_dir(project_root().join("corpus/text")).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let mut files: Vec<(String, String)> =
        names.iter().map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap())).collect();
    let mut chance = Chance(3);
    for (language, letters) in [("en", "abcdefghijklmnopqrstuvwxyz"), ("ar", "ابتثجحخدذرزسشصضطظعغفقكلمنهوي")] {
        let letters: Vec<char> = letters.chars().collect();
        let vocabulary: Vec<String> = (0..1500).map(|_| chance.word(&letters)).collect();
        for number in 0..6 {
            // Some articles have blank lines between their paragraphs.
            let apart = if number % 2 == 0 { "\n" } else { "\n\n" };
            let mut put =
                |name: &str, paragraphs: &[String]| files.push((format!("{name}-{language}-{number}.txt"), paragraphs.join(apart) + "\n"));
            let text: Vec<String> = (0..6).map(|_| chance.paragraph(&vocabulary)).collect();
            let other: Vec<String> = (0..6).map(|_| chance.paragraph(&vocabulary)).collect();
            put("plain", &text);
            put("block", &[&other[..], &other[1..5]].concat());
            put("paragraph", &[&other[2..4], &other[2..3]].concat());
            let story: Vec<String> = (0..6).map(|_| chance.paragraph(&vocabulary)).collect();
            put("story", &story);
            match number {
                0 | 1 => put("copy", &story),
                2 | 3 => put("edited", &[&[story[0].replacen(' ', " X ", 2)], &story[1..]].concat()),
                4 => put("longer", &[&story[..], &(0..8).map(|_| chance.paragraph(&vocabulary)).collect::<Vec<_>>()].concat()),
                _ => put("quotes", &[&[chance.paragraph(&vocabulary)], &story[2..4], &[chance.paragraph(&vocabulary)]].concat()),
            }
        }
    }
    files
}

/// Lines of at most `width` characters, broken between words; lines that end a paragraph stay.
fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    for line in text.split('\n') {
        let mut length = 0;
        for word in line.split_whitespace() {
            let more = word.chars().count();
            if length > 0 {
                let fits = length + 1 + more <= width;
                out.push(if fits { ' ' } else { '\n' });
                length = if fits { length + 1 } else { 0 };
            }
            out.push_str(word);
            length += more;
        }
        out.push('\n');
    }
    out
}

/// What becomes of the name and of the text of the file of a number.
type Change = (&'static str, fn(usize, &str) -> String, fn(&str) -> String);

const CHANGES: [Change; 9] = [
    ("moved", |number, name| format!("{}/deep/{name}", number % 7), str::to_owned),
    ("renamed", |number, _| format!("{:03}.txt", number * 37 % 997), str::to_owned),
    ("in the opposite order", |number, name| format!("{:03}-{name}", 999 - number), str::to_owned),
    ("with other line ends", |_, name| name.to_owned(), |text| text.replace('\n', "\r\n")),
    ("wrapped at 40", |_, name| name.to_owned(), |text| wrapped(text, 40)),
    ("wrapped at 100", |_, name| name.to_owned(), |text| wrapped(text, 100)),
    ("a line a paragraph, blank lines between", |_, name| name.to_owned(), |text| text.replace('\n', "\n\n")),
    ("all in one line", |_, name| name.to_owned(), |text| text.split_whitespace().collect::<Vec<_>>().join(" ")),
    ("all at once", |number, _| format!("{}/{:03}.txt", number % 5, 500 - number), |text| wrapped(text, 60).replace('\n', "\r\n")),
];

fn write(bench: &Bench, folder: &str, files: &[(String, String)], (_, name, text): Change) {
    let _ = fs::remove_dir_all(bench.path().join(folder));
    for (number, (before, content)) in files.iter().enumerate() {
        bench.write(&format!("{folder}/{}", name(number, before)), text(content));
    }
}

/// The rules of all findings, and what is told as new.
fn checked(bench: &Bench, folder: &str, flags: &[&str]) -> (Vec<String>, Vec<Value>) {
    let ran = bench.run(&[&["check", folder, "--baseline", "known.json", "--format", "jsonl"], flags].concat());
    assert!(ran.code < 2, "{}", ran.stderr);
    let findings: Vec<Value> = ran.findings().0.into_iter().filter(|finding| finding["rule"].is_string()).collect();
    let rules = findings.iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect();
    let new: Vec<Value> = findings.into_iter().filter(|finding| finding["known"] == false).collect();
    if flags.is_empty() {
        assert_eq!(ran.code, i32::from(!new.is_empty()), "{new:?}");
    }
    (rules, new)
}

#[test]
fn whatever_is_done_to_all_files_nothing_is_new_and_a_copy_is_one_finding() {
    let bench = Bench::new();
    let files = files();
    write(&bench, "news", &files, CHANGES[0]);
    let (rules, _) = checked(&bench, "news", &["--update-baseline"]);
    let kinds: BTreeSet<&str> = rules.iter().map(String::as_str).collect();
    for rule in ["repeated-block", "repeated-paragraph", "identical", "near-duplicate", "contained", "reused-passage"] {
        assert!(kinds.contains(rule), "{rule} is not among {kinds:?}");
    }
    let plain: Vec<&(String, String)> = files.iter().filter(|(name, _)| name.starts_with("plain")).collect();
    for (nth, change) in CHANGES.into_iter().enumerate() {
        // The files are changed where they are: what was there is gone.
        fs::remove_dir_all(bench.path().join(if nth == 0 { "news" } else { "changed" })).unwrap();
        write(&bench, "changed", &files, change);
        let (told, new) = checked(&bench, "changed", &[]);
        assert_eq!((told.len(), new.len()), (rules.len(), 0), "{}: {new:?}", change.0);
        // One more article, which is one of them again, as it was before.
        let (name, text) = plain[nth % plain.len()];
        bench.write("changed/one-more.txt", text);
        let (_, new) = checked(&bench, "changed", &[]);
        assert_eq!(new.len(), 1, "{}: {name} again: {new:?}", change.0);
        assert_eq!(new[0]["rule"], "identical", "{}: {name} again", change.0);
        fs::remove_file(bench.path().join("changed/one-more.txt")).unwrap();
        // A paragraph of an article, at its end once more.
        let last = text.lines().rfind(|line| !line.is_empty()).unwrap();
        bench.write("changed/one-more.txt", format!("{last}\n\n{last}\n"));
        let (_, new) = checked(&bench, "changed", &["--only", "within"]);
        assert_eq!(new.len(), 1, "{}: a paragraph of {name} twice: {new:?}", change.0);
    }
}

/// A paragraph twice, around one of its own.
fn doubled(paragraph: &str, own: &str) -> String {
    format!("{0}\n\n{1}\n\n{0}\n", words(paragraph, 40), words(own, 40))
}

/// Writes what is found in `folder` to the baseline.
fn know(bench: &Bench, folder: &str) {
    let ran = bench.run(&["check", folder, "--baseline", "known.json", "--update-baseline"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

fn count_new(bench: &Bench, paths: &[&str]) -> usize {
    let ran = bench.run(&[&["check", "--baseline", "known.json", "--format", "jsonl"], paths].concat());
    assert!(ran.code < 2, "{}", ran.stderr);
    ran.findings().0.iter().filter(|finding| finding["known"] == false).count()
}

#[test]
fn a_new_file_with_a_known_fault_is_new_and_a_moved_one_is_not() {
    let bench = Bench::new();
    bench.write("docs/c.txt", doubled("same", "c"));
    know(&bench, "docs");
    assert_eq!(count_new(&bench, &["docs"]), 0);
    // One more file with the same paragraph twice: that it is in two files is another finding.
    bench.write("docs/d.txt", doubled("same", "d"));
    assert_eq!(count_new(&bench, &["docs", "--only", "within"]), 1);
    assert_eq!(count_new(&bench, &["docs/d.txt", "--only", "within"]), 1, "c.txt is there, though it is not checked");
    // The known file is moved, and the other one stays new.
    fs::rename(bench.path().join("docs/c.txt"), bench.path().join("docs/z.txt")).unwrap();
    assert_eq!(count_new(&bench, &["docs", "--only", "within"]), 1);
    fs::remove_file(bench.path().join("docs/d.txt")).unwrap();
    assert_eq!(count_new(&bench, &["docs"]), 0);
}

#[test]
fn an_edit_elsewhere_makes_no_pair_new_and_a_further_passage_does() {
    let bench = Bench::new();
    let text = |own: &str, more: &str| format!("{}\n\n{}\n\n{more}\n", words(own, 60), words("shared", 40));
    bench.write("docs/a.txt", text("a", ""));
    bench.write("docs/b.txt", text("b", ""));
    know(&bench, "docs");
    bench.write("docs/a.txt", text("edited", "And a line more."));
    assert_eq!(count_new(&bench, &["docs"]), 0);
    bench.write("docs/b.txt", text("rewritten", "Another line."));
    assert_eq!(count_new(&bench, &["docs"]), 0);
    // From equal to similar, and back.
    bench.write("docs/a.txt", text("b", ""));
    bench.write("docs/b.txt", text("b", ""));
    know(&bench, "docs");
    bench.write("docs/a.txt", text("b", "And a line more."));
    assert_eq!(count_new(&bench, &["docs"]), 0);
    // Another passage of the same two files is new.
    for name in ["a", "b"] {
        bench.write(&format!("docs/{name}.txt"), text(name, &format!("{} {}", words(&format!("own{name}"), 60), words("further", 40))));
    }
    assert_eq!(count_new(&bench, &["docs"]), 1);
}

#[test]
fn records_are_known_by_their_ids_and_without_ids_by_their_file() {
    let bench = Bench::new();
    let with_id = |id: &str, own: &str| record(id, &doubled("same", own));
    bench.write("docs/all.jsonl", with_id("x", "x") + &record("y", &words("y", 40)));
    know(&bench, "docs");
    // In another order, and with a line more: the same. Another record with the same fault: new.
    bench.write("docs/all.jsonl", record("y", &words("y", 40)) + &with_id("x", "x"));
    assert_eq!(count_new(&bench, &["docs"]), 0);
    bench.write("docs/all.jsonl", with_id("z", "z") + &with_id("x", "x"));
    assert_eq!(count_new(&bench, &["docs", "--only", "within"]), 1);
    let without = |own: &str| serde_json::json!({"text": doubled("same", own)}).to_string() + "\n";
    let plain = |own: &str| serde_json::json!({"text": words(own, 40)}).to_string() + "\n";
    bench.write("docs/all.jsonl", without("x"));
    know(&bench, "docs");
    bench.write("docs/all.jsonl", plain("y") + &without("x"));
    assert_eq!(count_new(&bench, &["docs"]), 0, "it is on another line");
    bench.write("docs/all.jsonl", without("x") + &without("z"));
    assert_eq!(count_new(&bench, &["docs", "--only", "within"]), 1);
}

#[test]
fn paths_of_a_baseline_do_not_depend_on_the_folder_of_the_run() {
    let bench = Bench::new();
    bench.write("guide/docs/c.txt", doubled("same", "c"));
    bench.write("guide/docs/d.txt", words("d", 40));
    know(&bench, "guide/docs");
    bench.write("guide/docs/d.txt", doubled("same", "d"));
    let whole = bench.path().join("guide/docs");
    assert_eq!(count_new(&bench, &[whole.to_str().unwrap(), "--only", "within"]), 1);
    let args = ["check", "docs", "--baseline", "../known.json", "--only", "within", "--format", "jsonl"];
    let ran = Run::new(&args).folder(&bench.path().join("guide")).go();
    let findings = ran.findings();
    let new: Vec<&Value> = findings.0.iter().filter(|finding| finding["known"] == false).map(|finding| &finding["doc"]).collect();
    assert_eq!(new, ["docs/d.txt"], "{}", ran.stderr);
}

#[test]
fn a_baseline_of_the_version_before_is_refused_with_what_to_do() {
    let bench = Bench::new();
    bench.write("docs/c.txt", doubled("same", "c"));
    bench.write(
        "known.json",
        "{\"refrain-baseline\": 1, \"findings\": [\n  {\"rule\":\"repeated-paragraph\",\"fingerprints\":[\"072b3b2e42d39272\"]}\n]}\n",
    );
    let ran = bench.run(&["check", "docs", "--baseline", "known.json"]);
    assert!(
        ran.code == 2 && ran.stderr.contains("known.json: a baseline of version 1, which does not say in which documents"),
        "{}",
        ran.stderr
    );
    know(&bench, "docs");
    assert_eq!(count_new(&bench, &["docs"]), 0);
    // A file of something else is not overwritten.
    bench.write("known.json", "{\"name\": \"a package\"}");
    assert_eq!(bench.run(&["check", "docs", "--baseline", "known.json", "--update-baseline"]).code, 2);
}

#[test]
fn many_copies_are_known_by_few_entries() {
    let bench = Bench::new();
    (0..30).for_each(|n| drop(bench.write(&format!("docs/{n:02}.txt"), words("w", 40))));
    know(&bench, "docs");
    let known = fs::read_to_string(bench.path().join("known.json")).unwrap();
    assert_eq!(known.matches("\"rule\"").count(), 29);
    // Without the file that the others are joined by, and with one of them edited.
    fs::remove_file(bench.path().join("docs/00.txt")).unwrap();
    bench.write("docs/01.txt", words("other", 40));
    assert_eq!(count_new(&bench, &["docs"]), 0);
    // One more may be the one that is gone, under another name; two more may not.
    bench.write("docs/31.txt", words("w", 40));
    assert_eq!(count_new(&bench, &["docs"]), 0);
    bench.write("docs/32.txt", words("w", 40));
    assert_eq!(count_new(&bench, &["docs"]), 1);
}
