//! Paths, folders and globs to a list of files.

use super::endings::{Endings, ending};
use super::glob::{Glob, is_glob};
use super::remote::is_remote;
use crate::files::same;
use ignore::WalkBuilder;
use refrain_engine::error::{Error, Result};
use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

/// Standard input, among the paths.
pub(super) const STDIN: &str = "-";

/// How folders are walked.
#[derive(Clone, Copy, Debug)]
pub(super) struct WalkOptions<'a> {
    /// Endings to read besides the built-in ones.
    pub(super) extensions: &'a [String],
    /// Files that are not read from folders.
    pub(super) own_files: &'a [PathBuf],
    /// Whether `.gitignore` and `.ignore` files count.
    pub(super) ignore_files: bool,
    /// How many levels below a folder are walked; None: all.
    pub(super) depth: Option<usize>,
}

impl WalkOptions<'_> {
    /// Whether the file at `path`, where there may be none yet, is one that the run itself keeps.
    pub(super) fn owns(&self, path: &Path) -> bool {
        let mut named = self.own_files.iter().filter(|own| own.file_name() == path.file_name()).peekable();
        named.peek().is_some() && named.any(|own| same(own, path))
    }
}

/// The files to read.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// Each file once, whatever the paths that lead to it, in the order of the paths; inside a folder or glob bytewise.
    pub(super) files: Vec<PathBuf>,
    /// What was left out of the folders.
    pub(super) left_out: LeftOut,
}

/// Entries of folders that are not read, by reason.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct LeftOut {
    /// Files by their ending; the empty ending is a file whose name begins with an underscore and has none.
    endings: BTreeMap<String, usize>,
    /// Files and folders whose name begins with a dot.
    hidden: usize,
    /// Files and folders that an ignore file names.
    ignored: usize,
}

/// Endings that a note lists one by one.
const LISTED_ENDINGS: usize = 8;

impl LeftOut {
    /// One note for each reason.
    pub(super) fn notes(&self) -> Vec<String> {
        let files: usize = self.endings.values().sum();
        let by_ending = (files > 0).then(|| {
            let mut endings: Vec<(&String, &usize)> = self.endings.iter().collect();
            endings.sort_by_key(|&(ending, count)| (std::cmp::Reverse(*count), ending));
            let name = |ending: &str| if ending.is_empty() { "_*".to_owned() } else { format!(".{ending}") };
            let mut listed: Vec<String> =
                endings.iter().take(LISTED_ENDINGS).map(|(ending, count)| format!("{count} {}", name(ending))).collect();
            let more: usize = endings.iter().skip(LISTED_ENDINGS).map(|(_, count)| **count).sum();
            listed.extend((more > 0).then(|| format!("{more} others")));
            format!(
                "{files} file{} left out of folders for {} ending: {}; name a file to read it, or add its ending with the setting `ext`",
                if files == 1 { "" } else { "s" },
                if files == 1 { "its" } else { "their" },
                listed.join(", ")
            )
        });
        let ignored = (self.ignored > 0).then(|| {
            let entries = if self.ignored == 1 { "entry" } else { "entries" };
            format!("{} {entries} of folders left out by .gitignore or .ignore; use the setting `no-ignore` to read them", self.ignored)
        });
        let hidden = (self.hidden > 0).then(|| {
            let entries = if self.hidden == 1 { "entry" } else { "entries" };
            format!("{} hidden {entries} of folders left out; name a hidden file or folder to read it", self.hidden)
        });
        by_ending.into_iter().chain(ignored).chain(hidden).collect()
    }
}

/// Files of `paths`: files as they are, folders walked, globs matched. Hidden files are left out of folders, and so is what `.ignore` files
/// and, inside a git repository, `.gitignore` files name.
///
/// # Errors
/// A path that does not exist, a glob that matches nothing or cannot be parsed, a folder that cannot be read.
pub(super) fn walk(paths: &[PathBuf], options: WalkOptions<'_>) -> Result<Walked> {
    let mut walked = Walked::default();
    for path in paths {
        if is_remote(path) {
            walk_remote(path, options, &mut walked)?;
        } else if path.as_os_str() == STDIN || path.is_file() {
            walked.files.push(path.clone());
        } else if path.is_dir() {
            let files = files_below(path, options, Some(&mut walked.left_out))?;
            take(files, options, &mut walked);
        } else if is_glob(path) && !path.exists() {
            walk_glob(path, options, &mut walked)?;
        } else if path.exists() {
            walked.files.push(path.clone()); // a pipe or device
        } else {
            return Err(Error::NotFound { path: path.clone() });
        }
    }
    let mut seen = HashSet::new();
    walked.files.retain(|file| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())));
    Ok(walked)
}

/// Takes the files whose ending is read, and counts the rest.
fn take(files: Vec<PathBuf>, options: WalkOptions<'_>, walked: &mut Walked) {
    let endings = Endings::new(options.extensions);
    for file in files {
        if endings.include(&file) {
            walked.files.push(file);
        } else {
            *walked.left_out.endings.entry(ending(&file).unwrap_or_default()).or_default() += 1;
        }
    }
}

/// An address, or the files below it if it ends in a slash.
#[cfg(feature = "remote")]
fn walk_remote(path: &Path, options: WalkOptions<'_>, walked: &mut Walked) -> Result<()> {
    if !path.to_string_lossy().ends_with('/') {
        walked.files.push(path.into());
        return Ok(());
    }
    take(super::remote::files_below(path)?, options, walked);
    Ok(())
}

/// # Errors
/// Always [`Error::Unsupported`].
#[cfg(not(feature = "remote"))]
fn walk_remote(path: &Path, _: WalkOptions<'_>, _: &mut Walked) -> Result<()> {
    Err(Error::Unsupported { path: path.into(), format: "reading from an address", feature: "remote" })
}

/// The files below a folder, sorted. Counts in `left_out` the hidden and ignored entries; what lies in a folder that is left out is not looked at.
fn files_below(folder: &Path, options: WalkOptions<'_>, left_out: Option<&mut LeftOut>) -> Result<Vec<PathBuf>> {
    let failed = |error: ignore::Error| {
        let reason = error.to_string();
        Error::Io { path: folder.into(), cause: error.into_io_error().unwrap_or_else(|| io::Error::other(reason)) }
    };
    // The user's own git configuration does not count: the same folder gives the same files on every machine.
    let mut builder = WalkBuilder::new(folder);
    builder.git_global(false).max_depth(options.depth);
    if !options.ignore_files {
        builder.ignore(false).git_ignore(false).git_exclude(false).parents(false);
    }
    let mut files = Vec::new();
    let mut seen = HashSet::new();
    for entry in builder.build() {
        let entry = entry.map_err(failed)?;
        seen.insert(entry.path().to_path_buf());
        if options.owns(entry.path()) {
            continue;
        }
        if entry.file_type().is_some_and(|kind| kind.is_file()) || entry.path().is_file() {
            files.push(entry.into_path());
        }
    }
    if let Some(left_out) = left_out {
        count_left_out(folder, &seen, left_out);
    }
    files.sort_unstable();
    Ok(files)
}

/// Counts the entries of the walked folders that are not in `seen`.
fn count_left_out(folder: &Path, seen: &HashSet<PathBuf>, left_out: &mut LeftOut) {
    let is_hidden = |path: &Path| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    // Folders that the first walk did not enter are listed, and not entered here either.
    let entered: Vec<PathBuf> = seen.iter().filter(|path| path.is_dir()).cloned().collect();
    for parent in entered.into_iter().filter(|path| path == folder || !path.is_symlink()) {
        let entries = std::fs::read_dir(&parent).into_iter().flatten().flatten();
        for path in entries.map(|entry| parent.join(entry.file_name())).filter(|path| !seen.contains(path)) {
            *(if is_hidden(&path) { &mut left_out.hidden } else { &mut left_out.ignored }) += 1;
        }
    }
}

fn walk_glob(pattern: &Path, options: WalkOptions<'_>, walked: &mut Walked) -> Result<()> {
    let glob = Glob::new(pattern)?;
    if !glob.folder.is_dir() {
        return Err(Error::NotFound { path: pattern.into() });
    }
    let bare = |file: PathBuf| file.strip_prefix("./").map(Path::to_path_buf).unwrap_or(file);
    let matching = |options| -> Result<Vec<PathBuf>> {
        let holds = |file: &PathBuf| file.strip_prefix(&glob.folder).is_ok_and(|below| glob.holds(below));
        Ok(files_below(&glob.folder, options, None)?.into_iter().filter(holds).map(bare).collect())
    };
    // A pattern without `**` names its files, as the list that a shell makes of it would; with `**` it walks folders, and ignore files count.
    let depth = (!glob.walks).then(|| pattern.components().count());
    let all = matching(WalkOptions { ignore_files: false, depth, ..options })?;
    let matched = if glob.walks && options.ignore_files { matching(options)? } else { all.clone() };
    let ignored = all.len() - matched.len();
    walked.left_out.ignored += ignored;
    if all.is_empty() {
        return Err(Error::NotFound { path: pattern.into() });
    }
    if matched.is_empty() {
        return Err(Error::Ignored { pattern: pattern.display().to_string(), files: ignored });
    }
    walked.files.extend(matched);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const USUAL: WalkOptions<'_> = WalkOptions { extensions: &[], own_files: &[], ignore_files: true, depth: None };

    fn names(folder: &Path, walked: &Walked) -> Vec<String> {
        walked.files.iter().map(|f| f.strip_prefix(folder).unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn folders_globs_and_endings() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("sub")).unwrap();
        let files = ["b.txt", "a.jsonl.zst", "sub/c.txt", "picture.png", "sub/d.png", ".hidden.txt", "plain", "_SUCCESS", "t.csv", "p.pq"];
        files.iter().for_each(|name| fs::write(at(name), "x").unwrap());
        let walked = walk(&[folder.path().into(), at("b.txt")], USUAL).unwrap();
        assert_eq!(names(folder.path(), &walked), ["a.jsonl.zst", "b.txt", "p.pq", "plain", "sub/c.txt", "t.csv"]);
        let notes = walked.left_out.notes();
        assert!(notes[0].starts_with("3 files left out of folders for their ending: 2 .png, 1 _*;"), "{notes:?}");
        assert!(notes[1].starts_with("1 hidden entry of folders left out"), "{notes:?}");
        let more = WalkOptions { extensions: &["png".to_owned()], ..USUAL };
        assert_eq!(names(folder.path(), &walk(&[at("sub")], more).unwrap()), ["sub/c.txt", "sub/d.png"]);
        assert_eq!(names(folder.path(), &walk(&[at("*.txt")], USUAL).unwrap()), ["b.txt"]);
        assert_eq!(names(folder.path(), &walk(&[at("**/*.txt")], USUAL).unwrap()), ["b.txt", "sub/c.txt"]);
        assert_eq!(names(folder.path(), &walk(&[at("*.png"), at("_SUCCESS")], USUAL).unwrap()), ["picture.png", "_SUCCESS"]);
        assert!(matches!(walk(&[at("*.md")], USUAL), Err(Error::NotFound { .. })));
        assert!(matches!(walk(&[at("no/such")], USUAL), Err(Error::NotFound { .. })));
    }

    #[test]
    fn gitignore_counts_in_repositories_only() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        ["sub", "data"].iter().for_each(|name| fs::create_dir(at(name)).unwrap());
        ["a.txt", "ignored.txt", "sub/ignored.txt", "data/x.txt", "data/y.txt"].iter().for_each(|name| fs::write(at(name), "x").unwrap());
        fs::write(at(".gitignore"), "ignored.txt\ndata/\n").unwrap();
        let walked = || walk(&[folder.path().into()], USUAL).unwrap();
        assert_eq!(names(folder.path(), &walked()).len(), 5);
        fs::create_dir(at(".git")).unwrap();
        let ignoring = walked();
        assert_eq!(names(folder.path(), &ignoring), ["a.txt"]);
        assert_eq!((ignoring.left_out.ignored, ignoring.left_out.hidden), (3, 2));
        let all = WalkOptions { ignore_files: false, ..USUAL };
        assert_eq!(walk(&[folder.path().into()], all).unwrap().files.len(), 5);
        // A glob names files; with two asterisks it walks folders.
        let glob = |pattern: &str| walk(&[at(pattern)], USUAL);
        assert_eq!(names(folder.path(), &glob("*.txt").unwrap()), ["a.txt", "ignored.txt"]);
        assert_eq!(names(folder.path(), &glob("*/*.txt").unwrap()), ["data/x.txt", "data/y.txt", "sub/ignored.txt"]);
        let walking = glob("**/*.txt").unwrap();
        assert_eq!((names(folder.path(), &walking), walking.left_out.ignored), (vec!["a.txt".to_owned()], 4));
        assert!(matches!(glob("**/ignored.txt"), Err(Error::Ignored { files: 2, .. })));
        // A folder that is named is read, though an ignore file names it too.
        assert_eq!(names(folder.path(), &walk(&[at("data")], USUAL).unwrap()), ["data/x.txt", "data/y.txt"]);
        fs::write(at("sub/.ignore"), "*.txt\n").unwrap();
        fs::remove_dir(at(".git")).unwrap();
        assert_eq!(names(folder.path(), &walked()), ["a.txt", "data/x.txt", "data/y.txt", "ignored.txt"]);
    }
}
