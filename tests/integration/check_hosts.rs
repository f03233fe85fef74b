//! Reports of `refrain check` for code hosts: one finding for n copies, locations, paths, limits.

use crate::workbench::{Bench, Ran, Run, record, words};
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::Path;

const FORMATS: [&str; 8] = ["text", "jsonl", "json", "sarif", "junit", "github", "gitlab", "markdown"];

/// Every report of one run, by its format.
fn reports(bench: &Bench, args: &[&str]) -> Vec<String> {
    let outputs: Vec<String> = FORMATS.iter().map(|format| format!("--output={format}=out.{format}")).collect();
    let outputs: Vec<&str> = outputs.iter().map(String::as_str).collect();
    let ran = bench.run(&[&["check", "--fail-on", "none"], args, &outputs[..]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    FORMATS.iter().map(|format| fs::read_to_string(bench.path().join(format!("out.{format}"))).unwrap()).collect()
}

fn sarif(bench: &Bench, args: &[&str]) -> Value {
    let ran = bench.run(&[&["check", "--fail-on", "none", "--format", "sarif"], args].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr))
}

fn results(sarif: &Value) -> &Vec<Value> {
    sarif["runs"][0]["results"].as_array().unwrap()
}

fn uri(location: &Value) -> &str {
    location["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap()
}

/// The lines of a file that a region begins in, from its first column.
fn text_at(bench: &Bench, location: &Value) -> String {
    let region = &location["physicalLocation"]["region"];
    let number = |name: &str| usize::try_from(region[name].as_u64().unwrap_or_else(|| panic!("no {name}"))).unwrap();
    let text = fs::read_to_string(bench.path().join(uri(location))).unwrap();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').split('\n').collect();
    let (first, last) = (number("startLine"), number("endLine"));
    let units: Vec<u16> = lines[first - 1..last].join("\n").encode_utf16().collect();
    let before: usize = lines[first - 1..last - 1].iter().map(|line| line.encode_utf16().count() + 1).sum();
    String::from_utf16(&units[number("startColumn") - 1..before + number("endColumn") - 1]).unwrap()
}

/// Articles that share a paragraph.
fn sharing(bench: &Bench, names: impl Iterator<Item = String>, paragraph: &str) {
    for name in names {
        bench.write(
            &format!("t/{name}.txt"),
            format!("{}\n\n{paragraph}\n\n{}", words(&format!("{name}a"), 60), words(&format!("{name}b"), 60)),
        );
    }
}

/// Articles of which each differs from all others in one word.
fn similar(n: usize) -> String {
    let mut text: Vec<String> = (0..300).map(|at| format!("base{at}")).collect();
    text[n * 20] = format!("own{n}");
    text.join(" ")
}

fn new_findings(ran: &Ran) -> (Vec<Value>, Vec<Value>) {
    ran.findings().0.into_iter().filter(|line| line["known"].is_boolean()).partition(|line| line["known"] == false)
}

#[test]
fn n_equal_articles_are_n_minus_one_findings_in_every_report() {
    let bench = Bench::new();
    for n in 0..40 {
        bench.write(&format!("t/{n:02}.txt"), words("w", 50));
    }
    let reports = reports(&bench, &["t"]);
    let counts = [
        "error[identical]",
        "\"type\":\"pair\"",
        "\"rule\":\"identical\"",
        "\"ruleId\"",
        "<testcase",
        "::error ",
        "\"check_name\"",
        "| error |",
    ];
    let counts: Vec<usize> = reports.iter().zip(counts).map(|(report, part)| report.matches(part).count()).collect();
    assert_eq!(counts, [39, 39, 39, 39, 39, 10, 39, 39]);
    assert!(reports[5].contains("39 findings in all; annotations show 10 of them"), "{}", reports[5]);
    assert!(reports[0].contains("t/07.txt:1:1: error[identical]: The same words as t/00.txt, and 38 other articles\n"), "{}", reports[0]);
    let lines = Ran { code: 0, stdout: reports[1].clone(), stderr: String::new() }.findings();
    assert_eq!((lines.summary("pairs"), lines.summary("new"), lines.summary("represented_pairs")), (39, 39, 40 * 39 / 2 - 39));
    // Every copy is named, and some of the others with it.
    let log: Value = serde_json::from_str(&reports[3]).unwrap();
    let named: HashSet<&str> = results(&log).iter().map(|result| uri(&result["locations"][0])).collect();
    assert_eq!(named.len(), 39);
    assert!(results(&log).iter().all(|result| result["relatedLocations"].as_array().unwrap().len() == 10));
    // All pairs are there for whoever needs them.
    let all = bench.run(&["check", "t", "--all-pairs", "--format", "jsonl"]).findings();
    assert_eq!((all.of("pair").len(), all.of("pair").iter().filter(|pair| pair["represented"] == true).count()), (780, 741));
    let keys: Vec<_> = all.of("pair").iter().map(|pair| (pair["a"].to_string(), pair["b"].to_string())).collect();
    assert!(keys.is_sorted());
}

#[test]
fn similar_articles_and_shared_passages_are_one_finding_an_article() {
    let bench = Bench::new();
    for n in 0..10 {
        bench.write(&format!("t/n{n}.txt"), similar(n));
    }
    sharing(&bench, (0..14).map(|n| format!("p{n:02}")), &words("shared", 40));
    // This one shares the paragraph, and another passage with the similar ones.
    let own = format!(
        "{}\n\n{}\n\n{}",
        words("shared", 40),
        words("z", 60),
        (200..250).map(|n| format!("base{n}")).collect::<Vec<_>>().join(" ")
    );
    bench.write("t/z.txt", own);
    let found = bench.run(&["check", "t", "--format", "jsonl"]).findings();
    let of_rule = |rule: &str| {
        found
            .of("pair")
            .iter()
            .filter(|pair| pair["rule"] == rule)
            .map(|pair| (pair["a"].as_str().unwrap(), pair["b"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(of_rule("near-duplicate").len(), 9);
    let shared = of_rule("reused-passage");
    assert_eq!(shared.iter().filter(|(a, _)| *a == "t/p00.txt").count(), 14, "{shared:?}");
    assert_eq!(shared.len(), 15, "one more for the other passage of t/z.txt: {shared:?}");
    assert!(shared.contains(&("t/n0.txt", "t/z.txt")), "{shared:?}");
    let named: BTreeSet<&str> =
        found.of("pair").iter().flat_map(|pair| [pair["a"].as_str().unwrap(), pair["b"].as_str().unwrap()]).collect();
    assert_eq!(named.len(), 25, "every article is named");
    assert!(found.summary("represented_pairs") > 100);
}

#[test]
fn one_more_copy_is_one_new_finding_whatever_its_name() {
    for name in ["000", "n5a", "zzz"] {
        let bench = Bench::new();
        let check = |more: &[&str]| bench.run(&[&["check", "t", "--baseline", "known.json", "--format", "jsonl"], more].concat());
        (0..9).for_each(|n| drop(bench.write(&format!("t/n{n}.txt"), similar(n))));
        sharing(&bench, (0..9).map(|n| format!("p{n}")), &words("shared", 40));
        assert_eq!(check(&["--update-baseline"]).code, 0);
        let ran = check(&[]);
        assert_eq!((ran.code, new_findings(&ran).0.len(), new_findings(&ran).1.len()), (0, 0, 16), "{}", ran.stdout);
        bench.write(&format!("t/{name}.txt"), similar(12));
        sharing(&bench, std::iter::once(format!("{name}p")), &words("shared", 40));
        let ran = check(&[]);
        let (new, known) = new_findings(&ran);
        assert_eq!((new.len(), known.len()), (2, 16), "{name}: {}", ran.stdout);
        // Whoever removes the article that the others were compared with has nothing new.
        for gone in [format!("{name}.txt"), format!("{name}p.txt"), "n0.txt".into(), "p0.txt".into()] {
            fs::remove_file(bench.path().join("t").join(gone)).unwrap();
        }
        let ran = check(&[]);
        assert_eq!((ran.code, new_findings(&ran).1.len()), (0, 14), "{}", ran.stdout);
    }
}

#[test]
fn a_note_hides_no_error() {
    let bench = Bench::new();
    (0..5).for_each(|n| drop(bench.write(&format!("t/{n}.txt"), similar(n))));
    bench.write("t/z.txt", format!("{} {}", similar(0), words("tail", 400)));
    let errors = |rules: &[&str]| {
        let flags: Vec<&str> = rules.iter().flat_map(|rule| ["--rule", rule]).collect();
        let ran = bench.run(&[&["check", "t", "--format", "jsonl"], &flags[..]].concat());
        (ran.code, ran.findings().of("pair").iter().filter(|pair| pair["level"] == "error").count())
    };
    assert_eq!(errors(&[]), (1, 5));
    assert_eq!(errors(&["near-duplicate=note"]), (1, 5), "what is contained is represented by no note");
    assert_eq!(errors(&["contained=note"]), (1, 4));
    assert_eq!(errors(&["all=note"]), (0, 0));
}

#[test]
fn what_is_passed_over_represents_nothing() {
    let bench = Bench::new();
    (0..4).for_each(|n| drop(bench.write(&format!("t/{n}.txt"), words("w", 50))));
    let found = bench.run(&["check", "t", "--format", "jsonl", "--ignore", "path=t/0.txt"]).findings();
    assert_eq!((found.of("pair").len(), found.summary("ignored")), (2, 3));
}

#[test]
fn a_location_and_its_other_copy_are_the_same_passage() {
    let bench = Bench::new();
    let paragraphs: Vec<String> = (0..3).map(|n| words(&format!("moved{n}x"), 40)).collect();
    let article = |order: [usize; 3], own: &str| {
        let parts: Vec<String> = order.iter().map(|&at| format!("{}\n\n{}", paragraphs[at], words(&format!("{own}{at}y"), 90))).collect();
        parts.join("\n\n")
    };
    bench.write("a.txt", article([0, 1, 2], "a"));
    bench.write("b.txt", article([2, 0, 1], "b"));
    bench.write("c.jsonl", record("c", &format!("one\u{1F600}\n\"{}\"", article([1, 2, 0], "c"))));
    let log = sarif(&bench, &["a.txt", "b.txt", "c.jsonl"]);
    assert!(results(&log).len() >= 2);
    for result in results(&log) {
        let at = text_at(&bench, &result["locations"][0]);
        assert!(paragraphs.contains(&at), "{at}");
        for related in result["relatedLocations"].as_array().unwrap() {
            assert_eq!(text_at(&bench, related), at);
        }
    }
}

#[test]
fn a_finding_that_stands_for_several_passages_names_copies_of_its_own_passage() {
    let bench = Bench::new();
    let paragraphs = ["first", "third"].map(|name| words(name, 40));
    let [one, three] = &paragraphs;
    for (name, parts) in [("a", &[one, three][..]), ("b", &[one]), ("c", &[three]), ("d", &[three, one]), ("e", &[one])] {
        let parts = (0..).zip(parts).map(|(at, part)| format!("{}\n\n{part}\n\n", words(&format!("{name}{at}y"), 60)));
        bench.write(&format!("t/{name}.txt"), parts.collect::<String>());
    }
    let log = sarif(&bench, &["t"]);
    let mut named = 0;
    for result in results(&log) {
        let at = text_at(&bench, &result["locations"][0]);
        assert!(paragraphs.contains(&at), "{at}");
        for related in result["relatedLocations"].as_array().unwrap() {
            named += 1;
            assert_eq!(text_at(&bench, related), at, "{result}");
        }
    }
    assert!(named > results(&log).len(), "further copies are named");
    // Those with another passage are counted.
    let of_d = results(&log).iter().find(|result| uri(&result["locations"][0]) == "t/d.txt").unwrap();
    let message = of_d["message"]["text"].as_str().unwrap();
    assert!(message.ends_with(", and 3 other articles. Other copies: [t/c.txt](2) and 2 more"), "{message}");
}

#[test]
fn every_region_has_columns_in_every_kind_of_input() {
    let bench = Bench::new();
    let text = |salt: &str| format!("{} 😀.", words(salt, 40));
    bench.write("t/a.txt", format!("\u{feff}{}\r\n", text("w")));
    bench.write("t/b.jsonl", format!("\n{}{}", record("x 😀", &text("w")), record("y", &format!("{0}\n{0}", text("r")))));
    bench.write("t/c.json", format!("[\n{}]", record("z", &text("w")).trim_end()));
    bench.write("t/d.csv", format!("id,text\r\nd1,\"\"\"{}\r\n{}\"\"\"\r\n", text("o"), text("w")));
    bench.write(
        "t/e.txt",
        words("q", 30).into_bytes().into_iter().chain(*b" caf\xe9 ").chain(text("w").replace('😀', "x").into_bytes()).collect::<Vec<u8>>(),
    );
    for scope in [&[][..], &["--only", "near-duplicates"], &["--only", "passages"]] {
        let log = sarif(&bench, &[&["t"], scope].concat());
        assert!(results(&log).len() >= 2, "{scope:?}");
        for result in results(&log) {
            for location in [&result["locations"], &result["relatedLocations"]].into_iter().flat_map(|list| list.as_array().unwrap()) {
                let region = &location["physicalLocation"]["region"];
                let [line, column, last, end] =
                    ["startLine", "startColumn", "endLine", "endColumn"].map(|name| region[name].as_u64().unwrap());
                assert!(line >= 1 && column >= 1 && (last, end) > (line, column), "{region}");
                if uri(location) != "t/e.txt" && scope.is_empty() {
                    assert!(text_at(&bench, location).contains("w39") || text_at(&bench, location).contains("r39"), "{location}");
                }
            }
        }
    }
}

#[test]
fn sarif_has_what_code_scanning_requires() {
    let bench = Bench::new();
    let paragraph = words("w", 40);
    // Two records of one file with the same fault, and an id that looks like a link.
    let doubled = format!("{paragraph}\n{paragraph}");
    bench.write("a.jsonl", record("x [y](2) \\", &doubled) + &record("z", &doubled));
    let log = sarif(&bench, &["a.jsonl"]);
    let run = &log["runs"][0];
    for rule in run["tool"]["driver"]["rules"].as_array().unwrap() {
        for text in [&rule["shortDescription"]["text"], &rule["fullDescription"]["text"], &rule["help"]["text"], &rule["id"]] {
            assert!(text.as_str().is_some_and(|text| !text.is_empty() && text.len() < 1024), "{rule}");
        }
    }
    assert!(run["originalUriBaseIds"]["%SRCROOT%"].is_object() && run.get("invocations").is_none());
    let mut prints = HashSet::new();
    for result in results(&log) {
        let message = result["message"]["text"].as_str().unwrap();
        for related in result["relatedLocations"].as_array().unwrap() {
            assert!(message.contains(&format!("]({})", related["id"])), "{message}");
        }
        assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"], "%SRCROOT%");
        let print = result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap().to_owned();
        assert!(prints.insert((result["ruleId"].clone(), uri(&result["locations"][0]).to_owned(), print)), "{result}");
    }
    assert_eq!(prints.len(), 3);
    let pair = results(&log).iter().find(|result| result["ruleId"] == "identical").unwrap();
    assert_eq!(pair["message"]["text"], "The same words as [x \\[y\\](2) \\\\](1)");
}

#[test]
fn known_results_are_left_out_of_sarif_if_asked() {
    let bench = Bench::new();
    (0..2).for_each(|n| drop(bench.write(&format!("t/{n}.txt"), words("w", 50))));
    let baseline = ["t", "--baseline", "known.json"];
    bench.run(&[&["check", "--update-baseline"], &baseline[..]].concat());
    (2..4).for_each(|n| drop(bench.write(&format!("t/{n}.txt"), words("w", 50))));
    let states = |more: &[&str]| {
        let log = sarif(&bench, &[&baseline[..], more].concat());
        let print = |result: &Value| result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap().to_owned();
        results(&log).iter().map(|result| (result["baselineState"].as_str().unwrap().to_owned(), print(result))).collect::<Vec<_>>()
    };
    let all = states(&[]);
    assert_eq!(all.iter().map(|(state, _)| state.as_str()).collect::<Vec<_>>(), ["unchanged", "new", "new"]);
    assert_eq!(states(&["--sarif-new-only"]), all[1..]);
    assert_eq!(states(&["--sarif-new-only", "--sarif-new-only"]), all[1..]);
    assert_eq!(states(&["--sarif-new-only", "--sarif-new-only=false"]), all);
    bench.write("refrain.toml", "[check]\nsarif-new-only = true\n");
    assert_eq!(states(&[]), all[1..]);
}

#[test]
fn results_beyond_the_limit_are_left_out_and_said_to_be() {
    let bench = Bench::new();
    let text = words("w", 12);
    let records: String = (0..25_003).map(|n| record(&format!("r{n:05}"), &text)).collect();
    bench.write("a.jsonl", records);
    let summary = bench.write("summary.md", "");
    let ran = Run::new(&["check", "a.jsonl", "--only", "near-duplicates", "--format", "github", "--output", "sarif=a.sarif"])
        .folder(bench.path())
        .env("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())
        .go();
    let said = "2 of 25002 results are left out: code scanning takes 25000 results and 10 MB packed with gzip";
    assert!(ran.code == 1 && ran.stderr.contains(&format!("note: SARIF: {said}\n")), "{}", ran.stderr);
    assert!(fs::read_to_string(summary).unwrap().contains(said));
    let log: Value = serde_json::from_str(&fs::read_to_string(bench.path().join("a.sarif")).unwrap()).unwrap();
    assert_eq!(results(&log).len(), 25_000);
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(
        (&invocation["executionSuccessful"], &invocation["toolExecutionNotifications"][0]["message"]["text"]),
        (&true.into(), &said.into())
    );
    assert!(ran.stdout.contains("25002 findings in all; annotations show 10 of them"), "{}", ran.stdout);
}

#[test]
fn standard_input_is_annotated_without_a_file() {
    let bench = Bench::new();
    let records = record("a", &words("w", 50)) + &record("b", &words("w", 50));
    let ran = Run::new(&["check", "-", "--format", "github"]).folder(bench.path()).stdin(records).go();
    assert_eq!(ran.stdout, "::error title=identical::The same words as a\n2 articles: new: 1 error; 50 % duplicated\n");
}

/// A repository with two equal articles in a folder, and where to run.
fn repository(bench: &Bench, git: bool) -> std::path::PathBuf {
    for name in ["a b", "c%d"] {
        bench.write(&format!("repo/packages/guide/articles/{name}.txt"), words("w", 50));
    }
    if git {
        fs::create_dir(bench.path().join("repo/.git")).unwrap();
    }
    bench.path().join("repo/packages/guide")
}

fn run_in(folder: &Path, args: &[&str]) -> Ran {
    Run::new(&[&["check", "--fail-on", "none"], args].concat()).folder(folder).go()
}

#[test]
fn paths_are_those_of_the_repository_from_any_folder() {
    let bench = Bench::new();
    let folder = repository(&bench, true);
    let absolute = folder.join("articles");
    for (cwd, given) in [
        (folder.clone(), "articles"),
        (folder.clone(), "./articles/"),
        (folder.join("articles"), "."),
        (folder.join("articles"), "../articles"),
        (bench.path().join("repo"), "packages/guide/articles"),
        (bench.path().into(), "repo/packages/guide/articles"),
        (bench.path().into(), absolute.to_str().unwrap()),
    ] {
        let report = |format: &str| run_in(&cwd, &[given, "--format", format]).stdout;
        let of = |format: &str, part: &str| assert!(report(format).contains(part), "{given} in {}: {}", cwd.display(), report(format));
        of("github", "file=packages/guide/articles/c%25d.txt,");
        of("gitlab", "\"path\": \"packages/guide/articles/c%d.txt\"");
        of("junit", "classname=\"packages/guide/articles/c%d.txt\"");
        of("markdown", "| packages/guide/articles/c%d.txt:1:1 |");
        of("sarif", "\"uri\": \"packages/guide/articles/c%25d.txt\"");
        of("sarif", "\"uri\": \"packages/guide/articles/a%20b.txt\"");
    }
    let text = run_in(&folder, &["articles", "--format", "text"]).stdout;
    assert!(text.starts_with("articles/c%d.txt:1:1: "), "paths on the terminal are those of the working folder: {text}");
}

#[test]
fn a_prefix_says_where_the_working_folder_is() {
    let bench = Bench::new();
    let folder = repository(&bench, false);
    let uris = |args: &[&str]| {
        let log: Value = serde_json::from_str(&run_in(&folder, &[&["articles", "--format", "sarif"], args].concat()).stdout).unwrap();
        uri(&results(&log)[0]["locations"][0]).to_owned()
    };
    assert_eq!(uris(&[]), "articles/c%25d.txt", "without a repository paths are those of the working folder");
    assert_eq!(uris(&["--path-prefix", "packages/guide"]), "packages/guide/articles/c%25d.txt");
    assert_eq!(uris(&["--path-prefix", "./x y/"]), "x%20y/articles/c%25d.txt");
    fs::create_dir(bench.path().join("repo/.git")).unwrap();
    assert_eq!(uris(&["--path-prefix", "elsewhere"]), "elsewhere/articles/c%25d.txt", "a prefix is taken before what is found");
    bench.write("repo/packages/guide/refrain.toml", "[check]\npath-prefix = \"by/file\"\n");
    assert_eq!(uris(&[]), "by/file/articles/c%25d.txt");
}

#[test]
#[cfg(unix)]
fn a_repository_behind_a_link_is_one() {
    let bench = Bench::new();
    let folder = repository(&bench, true);
    let link = bench.path().join("link");
    std::os::unix::fs::symlink(bench.path().join("repo"), &link).unwrap();
    let given = link.join("packages/guide/articles");
    let ran = run_in(&folder, &[given.to_str().unwrap(), "--format", "gitlab"]);
    assert!(ran.stdout.contains("\"path\": \"packages/guide/articles/c%d.txt\""), "{}", ran.stdout);
}

#[test]
#[cfg(feature = "index")]
fn copies_in_an_index_are_one_finding_for_each_given_article() {
    let bench = Bench::new();
    let records = |ids: std::ops::Range<usize>| ids.map(|n| record(&format!("{n:02}"), &words("w", 50))).collect::<String>();
    bench.write("old.jsonl", records(0..20));
    bench.write("new.jsonl", records(20..23));
    bench.run(&["check", "old.jsonl", "--index", "db", "--add"]);
    let log = sarif(&bench, &["new.jsonl", "--index", "db"]);
    assert_eq!(results(&log).len(), 3);
    let message = results(&log)[0]["message"]["text"].as_str().unwrap();
    assert!(message.starts_with("The same words as 00 of the index, and "), "{message}");
    // The data of checks over an index add up to those of a scan: every pair is listed.
    let found = bench.run(&["check", "new.jsonl", "--index", "db", "--format", "jsonl"]).findings();
    assert_eq!((found.of("pair").len(), found.summary("pairs")), (3 * 20 + 3, 3));
    let few = bench.run(&["check", "new.jsonl", "--index", "db", "--format", "jsonl", "--all-pairs=false"]).findings();
    assert_eq!(few.of("pair").len(), 3);
    assert_eq!(bench.run(&["index", "query", "db", "new.jsonl", "--format", "jsonl"]).findings().of("pair").len(), 60);
}
