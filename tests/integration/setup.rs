//! Settings files that are made, settings that are shown, completions and manual pages.

use crate::workbench::{Bench, Run};
use std::fs;

#[test]
fn init_writes_a_file_that_changes_nothing_and_replaces_none() {
    let bench = Bench::new();
    bench.write("a.txt", "one two three");
    let before = bench.run(&["scan", "a.txt", "--format", "jsonl"]).stdout;
    let ran = bench.run(&["init"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    let text = fs::read_to_string(bench.path().join("refrain.toml")).unwrap();
    assert!(text.contains("#threshold = 0.8") && text.contains("[clean]") && text.contains("[check]"));
    assert_eq!(bench.run(&["scan", "a.txt", "--format", "jsonl"]).stdout, before);
    let again = bench.run(&["init"]);
    assert!(again.code == 2 && again.stderr.contains("refrain.toml: the file exists"), "{}", again.stderr);
    assert_eq!(fs::read_to_string(bench.path().join("refrain.toml")).unwrap(), text);
    assert_eq!(bench.run(&["init", "other.toml"]).code, 0);
    assert!(bench.run(&["init", "no/such/folder.toml"]).stderr.contains("no/such"));
}

#[test]
fn config_shows_each_value_and_where_it_comes_from() {
    let bench = Bench::new();
    bench.write(
        "refrain.toml",
        "min-words = 30\nthreshold = 0.9\n[clean]\nspans = \"lines\"\n[check]\nfail-on = \"any\"\n[check.rules]\ntemplate = \"off\"\n",
    );
    let ran = Run::new(&["config"]).folder(bench.path()).env("REFRAIN_THRESHOLD", "0.7").go();
    for line in [
        "threshold = 0.7  # REFRAIN_THRESHOLD",
        "min-words = 30  # settings file",
        "#shingle = 5",
        "spans = \"lines\"  # settings file",
        "fail-on = \"any\"  # settings file",
    ] {
        assert!(ran.stdout.lines().any(|shown| shown == line), "{line}: {}", ran.stdout);
    }
    assert!(ran.stdout.contains("template") && ran.stdout.contains("refrain.toml"), "{}", ran.stdout);
    // What it prints is a settings file.
    bench.write("shown.toml", &ran.stdout);
    assert_eq!(bench.run(&["config", "--config", "shown.toml"]).code, 0);
    let wrong = Run::new(&["config"]).folder(bench.path()).env("REFRAIN_THRESHOLD", "7").go();
    assert!(wrong.code == 2 && wrong.stderr.contains("REFRAIN_THRESHOLD"), "{}", wrong.stderr);
    bench.write("refrain.toml", "mim-words = 30\n");
    let wrong = bench.run(&["config"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("mim-words"), "{}", wrong.stderr);
}

#[test]
fn completions_pages_and_the_version_are_printed() {
    let bench = Bench::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(bench.run(&["completions", shell]).stdout.contains("min-words"), "{shell}");
    }
    assert!(bench.run(&["man"]).stdout.contains(".TH refrain 1"));
    assert!(bench.run(&["man", "scan"]).stdout.contains(".TH refrain-scan 1"));
    assert!(bench.run(&["man", "no"]).stderr.contains("no command `no`"));
    assert_eq!(bench.run(&["--version"]).stdout.lines().count(), 1);
    let long = bench.run(&["--version", "--verbose"]);
    for name in ["commit: ", "features: ", "vector instructions: "] {
        assert!(long.code == 0 && long.stdout.contains(name), "{}", long.stdout);
    }
}
