//! Paths, folders and globs to a list of files.

use super::remote::is_remote;
use crate::error::{Error, Result};
use std::io;
use std::path::{Path, PathBuf};

/// Standard input, among the paths.
pub(super) const STDIN: &str = "-";

/// Endings of files that a walk takes; a file without an ending is taken too, but for those that begin with an underscore: writers of
/// many files put marks among them (`_SUCCESS`, `_metadata`). A file that is named is always taken.
const ENDINGS: &[&str] = &["txt", "text", "jsonl", "ndjson", "json", "csv", "tsv", "tab", "warc", "wet", "parquet", "pq"];
const PACKED_ENDINGS: &[&str] = &["gz", "zst", "bz2", "xz"];

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// Each once, whatever the paths that lead to it, in the order of the paths; inside a folder or glob bytewise.
    pub(super) files: Vec<PathBuf>,
    /// Files in folders that were left out for their ending.
    pub(super) other_kinds: usize,
}

/// Files of `paths`: files as they are, folders walked (.gitignore and .ignore honoured, hidden files left out), globs matched.
///
/// # Errors
/// A path that is not there, a glob that matches nothing or cannot be parsed, a folder that cannot be read.
pub(super) fn walk(paths: &[PathBuf]) -> Result<Walked> {
    let mut walked = Walked::default();
    for path in paths {
        if is_remote(path) {
            walk_remote(path, &mut walked)?;
        } else if path.as_os_str() == STDIN || path.is_file() {
            walked.files.push(path.clone());
        } else if path.is_dir() {
            walk_folder(path, &mut walked)?;
        } else if let Some(pattern) = path.to_str().filter(|p| p.contains(['*', '?', '[', '{'])) {
            walk_glob(pattern, &mut walked)?;
        } else if path.exists() {
            walked.files.push(path.clone()); // a pipe or device
        } else {
            return Err(Error::NotFound { path: path.clone() });
        }
    }
    let mut seen = std::collections::HashSet::new();
    walked.files.retain(|file| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())));
    Ok(walked)
}

/// An address, or what stands below it if it ends in a slash.
#[cfg(feature = "remote")]
fn walk_remote(path: &Path, walked: &mut Walked) -> Result<()> {
    if !path.to_string_lossy().ends_with('/') {
        walked.files.push(path.into());
        return Ok(());
    }
    let files = super::remote::files_below(path)?;
    let before = files.len();
    let taken: Vec<PathBuf> = files.into_iter().filter(|file| is_text_ending(file)).collect();
    walked.other_kinds += before - taken.len();
    walked.files.extend(taken);
    Ok(())
}

/// # Errors
/// Always [`Error::Unsupported`].
#[cfg(not(feature = "remote"))]
fn walk_remote(path: &Path, _walked: &mut Walked) -> Result<()> {
    Err(Error::Unsupported { path: path.into(), format: "reading from an address", feature: "remote" })
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in ignore::WalkBuilder::new(folder).require_git(false).build() {
        let entry = entry.map_err(|error| {
            let reason = error.to_string();
            Error::Io { path: folder.into(), cause: error.into_io_error().unwrap_or_else(|| io::Error::other(reason)) }
        })?;
        if entry.file_type().is_some_and(|kind| kind.is_file()) || entry.path().is_file() {
            files.push(entry.into_path());
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn walk_folder(folder: &Path, walked: &mut Walked) -> Result<()> {
    let files = files_below(folder)?;
    let before = files.len();
    let taken: Vec<PathBuf> = files.into_iter().filter(|file| is_text_ending(file)).collect();
    walked.other_kinds += before - taken.len();
    walked.files.extend(taken);
    Ok(())
}

fn walk_glob(pattern: &str, walked: &mut Walked) -> Result<()> {
    let glob = globset::GlobBuilder::new(pattern.strip_prefix("./").unwrap_or(pattern)).literal_separator(true).build();
    let matcher = glob.map_err(|error| Error::Glob { pattern: pattern.into(), reason: error.kind().to_string() })?.compile_matcher();
    let root: PathBuf =
        Path::new(pattern).components().take_while(|part| !part.as_os_str().to_string_lossy().contains(['*', '?', '[', '{'])).collect();
    let root = if root.as_os_str().is_empty() { PathBuf::from(".") } else { root };
    if !root.is_dir() {
        return Err(Error::NotFound { path: pattern.into() });
    }
    let bare = |file: PathBuf| file.strip_prefix("./").map(Path::to_path_buf).unwrap_or(file);
    let matched: Vec<PathBuf> = files_below(&root)?.into_iter().map(bare).filter(|file| matcher.is_match(file)).collect();
    if matched.is_empty() {
        return Err(Error::NotFound { path: pattern.into() });
    }
    walked.files.extend(matched);
    Ok(())
}

/// The ending of a file's name, in lower case, without that of its compression.
pub(super) fn ending(path: &Path) -> Option<String> {
    let of = |path: &Path| path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match of(path) {
        Some(packed) if PACKED_ENDINGS.contains(&packed.as_str()) => of(&path.with_extension("")),
        other => other,
    }
}

fn is_text_ending(path: &Path) -> bool {
    let is_mark = || path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"_"));
    ending(path).map_or_else(|| !is_mark(), |ending| ENDINGS.contains(&ending.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn folders_globs_and_ignore_files() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("sub")).unwrap();
        for name in ["b.txt", "a.jsonl.zst", "sub/c.txt", "picture.png", "ignored.txt", ".hidden.txt", "plain", "_SUCCESS", "t.csv", "p.pq"]
        {
            fs::write(at(name), "x").unwrap();
        }
        fs::write(at(".gitignore"), "ignored.txt\n").unwrap();
        let names = |walked: &Walked| -> Vec<String> {
            walked.files.iter().map(|f| f.strip_prefix(folder.path()).unwrap().to_string_lossy().into_owned()).collect()
        };
        let walked = walk(&[folder.path().into(), at("b.txt")]).unwrap();
        assert_eq!(names(&walked), ["a.jsonl.zst", "b.txt", "p.pq", "plain", "sub/c.txt", "t.csv"]);
        assert_eq!(walked.other_kinds, 2);
        assert_eq!(names(&walk(&[at("*.txt")]).unwrap()), ["b.txt"]);
        assert_eq!(names(&walk(&[at("**/*.txt")]).unwrap()), ["b.txt", "sub/c.txt"]);
        assert!(matches!(walk(&[at("*.md")]), Err(Error::NotFound { .. })));
        assert!(matches!(walk(&[at("no/such")]), Err(Error::NotFound { .. })));
        assert_eq!(ending(Path::new("x.JSON.GZ")).as_deref(), Some("json"));
    }
}
