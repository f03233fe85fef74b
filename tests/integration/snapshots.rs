//! What people see.

use crate::workbench::{Run, project_root};

#[test]
fn the_report_on_a_terminal() {
    let ran = Run::new(&["scan", "corpus"]).folder(project_root()).go();
    insta::assert_snapshot!("scan-corpus-text", ran.stdout);
    insta::assert_snapshot!("scan-corpus-messages", ran.stderr);
}

#[test]
fn the_report_in_colour() {
    let ran = Run::new(&["scan", "corpus/text/harbour.txt", "--color", "always"]).folder(project_root()).go();
    insta::assert_snapshot!("scan-colour", ran.stdout.replace('\u{1b}', "<esc>"));
}

#[test]
fn help_names_every_flag() {
    insta::assert_snapshot!("help-scan", Run::new(&["scan", "--help"]).env("COLUMNS", "110").go().stdout);
    insta::assert_snapshot!("help-clean", Run::new(&["clean", "--help"]).env("COLUMNS", "110").go().stdout);
    insta::assert_snapshot!("help-restore", Run::new(&["restore", "--help"]).env("COLUMNS", "110").go().stdout);
    insta::assert_snapshot!("help-eval", Run::new(&["eval", "--help"]).env("COLUMNS", "110").go().stdout);
    insta::assert_snapshot!("help", Run::new(&["--help"]).env("COLUMNS", "110").go().stdout);
}

#[test]
fn tokens_with_their_offsets() {
    let text = "Dr. J. Ode wrote 3.5 pages.\nكتب د. سالم صفحةً.\n雨です。ไทย";
    insta::assert_snapshot!("tokens-text", Run::new(&["tokens", "-"]).stdin(text).go().stdout);
    insta::assert_snapshot!("tokens-json", Run::new(&["tokens", "-", "--json", "--fold", "none"]).stdin("Ode É").go().stdout);
}

/// What the README shows is what the program prints.
#[test]
fn the_readme_shows_real_output() {
    let readme = std::fs::read_to_string(project_root().join("README.md")).unwrap();
    let shown = readme.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    let printed = Run::new(&["scan", "corpus"]).folder(project_root()).go().stdout;
    for part in shown.trim_end().split("\n\n") {
        assert!(printed.contains(part), "not printed:\n{part}");
    }
}
