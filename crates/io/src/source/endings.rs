//! The name endings that a folder walk reads.
//!
//! A file named on the command line is read whatever its ending. `docs/input.md` lists the same endings, and a test compares the two.

use std::path::Path;

/// Endings of records, tables and crawls.
const RECORDS: &[&str] = &["jsonl", "ndjson", "json", "csv", "tsv", "tab", "warc", "wet", "parquet", "pq"];
/// Endings of prose.
const PROSE: &[&str] = &["txt", "text", "md", "markdown", "rst", "adoc", "asciidoc", "org", "tex", "log", "srt", "vtt"];
/// Endings of pages and feeds.
const PAGES: &[&str] = &["html", "htm", "xhtml", "rss", "atom", "xml"];
/// Endings of source code.
const CODE: &[&str] = &[
    "bash", "c", "cc", "clj", "cpp", "cs", "css", "cxx", "d", "dart", "el", "erl", "ex", "exs", "f90", "fs", "go", "groovy", "h", "hh",
    "hpp", "hs", "hxx", "java", "jl", "js", "jsx", "kt", "kts", "less", "lisp", "lua", "m", "mjs", "ml", "mli", "mm", "nim", "pas", "php",
    "pl", "pm", "proto", "ps1", "py", "pyi", "r", "rb", "rs", "scala", "scm", "scss", "sh", "sql", "svelte", "swift", "tcl", "ts", "tsx",
    "vb", "vim", "vue", "zig",
];
/// Every ending that a walk reads, by group.
const GROUPS: [&[&str]; 4] = [RECORDS, PROSE, PAGES, CODE];
/// Endings of compressed files. The ending before one of these decides.
const COMPRESSED: &[&str] = &["gz", "zst", "bz2", "xz"];

/// The ending of a file's name in lower case, without the ending of its compression.
pub(super) fn ending(path: &Path) -> Option<String> {
    let of = |path: &Path| path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match of(path) {
        Some(compressed) if COMPRESSED.contains(&compressed.as_str()) => of(&path.with_extension("")),
        other => other,
    }
}

/// The endings that a walk reads: the built-in ones and those that the user adds.
#[derive(Debug)]
pub(super) struct Endings<'a> {
    added: &'a [String],
}

impl<'a> Endings<'a> {
    /// `added` holds endings with or without a leading dot, in any case.
    pub(super) fn new(added: &'a [String]) -> Self {
        Self { added }
    }

    /// True if a walk reads the file. A file without an ending is read unless its name begins with an underscore: writers of many files
    /// leave marks such as `_SUCCESS` and `_metadata` among them.
    pub(super) fn include(&self, path: &Path) -> bool {
        let Some(ending) = ending(path) else {
            return path.file_name().is_some_and(|name| !name.as_encoded_bytes().starts_with(b"_"));
        };
        let is_added = |added: &String| added.trim_start_matches('.').eq_ignore_ascii_case(&ending);
        GROUPS.iter().any(|group| group.contains(&ending.as_str())) || self.added.iter().any(is_added)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_code_and_added_endings_are_included() {
        let includes = |added: &[String], name: &str| Endings::new(added).include(Path::new(name));
        for name in ["a.md", "a.RST", "a.log.gz", "a.srt", "src/a.py", "a.html", "README", "a.jsonl.zst"] {
            assert!(includes(&[], name), "{name}");
        }
        for name in ["a.png", "a.zip", "_SUCCESS", "a.gz.png", "a.transcript"] {
            assert!(!includes(&[], name), "{name}");
        }
        let added = [".Transcript".to_owned(), "png".to_owned()];
        assert!(includes(&added, "a.transcript") && includes(&added, "b.TRANSCRIPT.xz") && includes(&added, "c.png"));
    }

    #[test]
    fn the_documented_endings_are_the_ones_that_are_read() {
        let page = include_str!("../../../../docs/input.md");
        let listed: Vec<&str> = page
            .lines()
            .skip_while(|line| !line.starts_with("## Files in folders"))
            .take_while(|line| !line.starts_with("## Files that are left out"))
            .flat_map(|line| line.split('`').skip(1).step_by(2))
            .filter_map(|name| name.strip_prefix('.'))
            .filter(|name| !COMPRESSED.contains(name))
            .collect();
        let mut read: Vec<&str> = GROUPS.concat();
        read.sort_unstable();
        let mut sorted = listed.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, read);
    }

    #[test]
    fn the_ending_of_the_compression_is_left_out() {
        for (name, expected) in [("x.JSON.GZ", Some("json")), ("x.zst", None), ("x", None), ("a.b/x.txt", Some("txt"))] {
            assert_eq!(ending(Path::new(name)).as_deref(), expected, "{name}");
        }
    }
}
