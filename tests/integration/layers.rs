//! Who may use whom: what `docs/architecture.md` draws, held to the `use crate::` lines.

use crate::workbench::project_root;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn sources(below: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(below).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .collect()
}

/// The crate of a module (a folder or file below its sources, or the whole crate), and where it is.
fn find(module: &str) -> (String, PathBuf) {
    let crates = project_root().join("crates");
    if crates.join(module).is_dir() && module != "report" {
        return (module.to_owned(), crates.join(module).join("src"));
    }
    let parts: Vec<PathBuf> = fs::read_dir(&crates).unwrap().map(|entry| entry.unwrap().path()).collect();
    for name in [module.to_owned(), format!("{module}.rs")] {
        if let Some(of_crate) = parts.iter().find(|of_crate| of_crate.join("src").join(&name).exists()) {
            return (of_crate.file_name().unwrap().to_str().unwrap().to_owned(), of_crate.join("src").join(&name));
        }
    }
    panic!("no module {module}")
}

/// Lines of code of `module`, less those of tests, each with its file.
fn code(module: &str) -> Vec<(PathBuf, String)> {
    let (_, path) = find(module);
    let beside = path.with_extension("rs");
    let mut files = if path.is_dir() { sources(&path) } else { vec![path.clone()] };
    if path.is_dir() && beside.is_file() {
        files.push(beside);
    }
    let lines = files.into_iter().filter(|file| !file.ends_with("tests.rs")).flat_map(|file| {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap().to_owned();
        code.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| (file.clone(), line.to_owned())).collect::<Vec<_>>()
    });
    lines.collect()
}

/// How code names what `word` names: `crate::module` is a path from its own crate, and from others.
fn written(word: &str) -> Vec<String> {
    let Some(module) = word.strip_prefix("crate::") else { return vec![word.to_owned()] };
    let (of_crate, path) = find(module);
    let other = format!("refrain_{}", of_crate.replace('-', "_"));
    if path.ends_with("src") { vec![other] } else { vec![word.to_owned(), format!("{other}::{module}")] }
}

#[track_caller]
fn assert_without(module: &str, forbidden: &[&str]) {
    let lines = code(module);
    assert!(!lines.is_empty(), "no code in {module}");
    let forbidden: Vec<String> = forbidden.iter().flat_map(|word| written(word)).collect();
    for (file, line) in lines {
        for word in &forbidden {
            assert!(!line.contains(word.as_str()), "{}: {word} in: {line}", file.display());
        }
    }
}

/// The crates of this project that a crate is built from.
fn parts_of(name: &str) -> BTreeSet<String> {
    let manifest = fs::read_to_string(project_root().join("crates").join(name).join("Cargo.toml")).unwrap();
    let dependencies = manifest.lines().filter_map(|line| line.strip_prefix("refrain-"));
    dependencies.map(|line| line.split(['.', ' ']).next().unwrap().to_owned()).collect()
}

#[test]
fn crates_depend_downwards() {
    let expected: [(&str, &[&str]); 6] = [
        ("engine", &[]),
        ("io", &["engine"]),
        ("index", &["engine", "io"]),
        ("clean", &["engine", "io"]),
        ("report", &["engine", "index", "io"]),
        ("stages", &["engine", "io"]),
    ];
    for (name, parts) in expected {
        assert_eq!(parts_of(name).into_iter().collect::<Vec<_>>(), parts, "{name}");
    }
    let engine = fs::read_to_string(project_root().join("crates/engine/Cargo.toml")).unwrap();
    for heavy in ["clap", "anyhow", "rusqlite", "parquet", "jemalloc", "flate2", "zstd"] {
        assert!(!engine.contains(heavy), "the engine is built without {heavy}");
    }
}

#[test]
fn text_sketch_and_compare_do_no_input_or_output() {
    for module in ["text", "sketch", "compare"] {
        assert_without(module, &["std::fs", "std::io", "std::env", "std::time", "std::net", "println!", "eprintln!"]);
        assert_without(module, &["crate::source", "crate::detect", "crate::report", "crate::corpus", "crate::config", "crate::finding"]);
    }
    assert_without("text", &["crate::sketch", "crate::compare"]);
    assert_without("sketch", &["crate::compare"]);
    assert_without("compare", &["crate::sketch"]);
}

#[test]
fn source_and_report_do_not_know_each_other_nor_the_stages() {
    assert_without("source", &["crate::report", "crate::detect", "crate::sketch", "crate::compare", "crate::text"]);
    assert_without("report", &["crate::source", "crate::sketch", "crate::compare", "crate::text"]);
}

#[test]
fn only_detect_wires_stages_and_it_reads_no_files() {
    assert_without("detect", &["crate::source", "crate::report", "std::fs", "println!"]);
    for module in ["corpus", "document", "error", "finding"] {
        assert_without(module, &["crate::sketch", "crate::compare", "crate::detect", "crate::source"]);
    }
}

#[test]
fn comparison_writes_where_it_is_told_and_knows_neither_files_nor_rules() {
    assert_without("comparison", &["std::fs", "std::env", "std::time", "std::net", "stdout", "stderr"]);
    assert_without("comparison", &["crate::source", "crate::detect", "crate::sketch", "crate::corpus", "crate::config"]);
}

#[test]
fn eval_reads_what_it_is_given_and_knows_no_stage() {
    assert_without("eval", &["std::fs", "std::env", "std::time", "File::open"]);
    assert_without("eval", &["crate::source", "crate::report", "crate::detect", "crate::sketch", "crate::compare", "crate::text"]);
}

#[test]
fn selftest_plants_in_memory_alone() {
    assert_without(
        "selftest",
        &["std::fs", "std::io", "std::env", "std::time", "std::net", "crate::source", "crate::report", "crate::eval"],
    );
}

#[test]
fn files_know_paths_alone_and_all_files_are_written_through_them() {
    for (file, line) in code("files") {
        for prefix in ["crate::", "refrain_engine::"] {
            let imported = line.split(prefix).nth(1).filter(|name| !name.to_lowercase().starts_with("error"));
            assert!(imported.is_none(), "{}: {line}", file.display());
        }
    }
    // An index is a database that is linked into place; GitHub's summary, pipes and devices are added to.
    let creating = ["File::create", "fs::write(", ".create(true)", "create_new", "NamedTempFile"];
    for file in all_sources().into_iter().filter(|file| !file.starts_with(project_root().join("crates/io/src/files"))) {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for word in creating {
                assert!(!line.contains(word) || file.ends_with("tests.rs"), "{}: {word} in: {line}", file.display());
            }
        }
    }
}

#[test]
fn clean_goes_by_detect_and_source_and_knows_no_stage() {
    assert_without("clean", &["crate::report", "crate::sketch", "crate::compare", "crate::eval", "std::env"]);
    for module in ["source", "detect", "report", "corpus", "finding"] {
        assert_without(module, &["crate::clean"]);
    }
}

#[test]
fn index_and_check_know_no_sources_and_no_reports() {
    assert_without(
        "index",
        &["crate::source", "crate::report", "crate::check", "crate::sketch", "crate::compare", "std::env", "std::time::Instant"],
    );
    assert_without("check", &["crate::source", "crate::report", "crate::sketch", "crate::compare", "std::fs", "std::env"]);
    assert_without("source", &["crate::index", "crate::check"]);
    assert_without("report", &["crate::index"]);
    assert_without("detect", &["crate::index", "crate::check"]);
}

#[test]
fn only_the_program_prints_and_leaves() {
    for module in ["engine", "io", "index", "clean", "check", "comparison", "eval", "selftest", "report", "catalogue"] {
        assert_without(module, &["println!", "print!(", "process::exit", "clap", "anyhow"]);
    }
}

/// The sources of the program and of all crates.
fn all_sources() -> Vec<PathBuf> {
    let crates = fs::read_dir(project_root().join("crates")).unwrap().map(|entry| entry.unwrap().path().join("src"));
    crates.chain([project_root().join("src")]).flat_map(|below| sources(&below)).collect()
}

#[test]
fn files_stay_short_enough_to_find_the_way() {
    for file in all_sources() {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= 450 || file.ends_with("fold_table.rs"), "{} has {lines} lines", file.display());
    }
}

#[test]
fn messages_of_the_library_name_settings_and_no_flags() {
    // A flag is `--` and a lower-case letter in a string. The advice of a self-test and the legend of a comparison are no errors.
    let is_flag = |text: &str| text.match_indices("--").any(|(at, _)| text[at + 2..].starts_with(|c: char| c.is_ascii_lowercase()));
    for module in [
        "check", "clean", "config", "corpus", "detect", "document", "error", "eval", "files", "finding", "glob", "index", "source", "spill",
    ] {
        for (file, line) in code(module) {
            let strings: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
            assert!(!strings.iter().any(|text| is_flag(text)), "{}: a flag in: {line}", file.display());
        }
    }
}
