//! What the next run with the same paths would read.

use super::SourceOptions;
use super::endings::Endings;
use super::files::FileCorpus;
use super::glob::{Glob, is_glob};
use super::remote::is_remote;
use super::walk::WalkOptions;
use crate::files::{Guard, Tree};
use ignore::gitignore::Gitignore;
use std::path::{Path, PathBuf};

/// The paths as given, and which files below a folder a walk reads.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    paths: Vec<PathBuf>,
    extensions: Vec<String>,
    own_files: Vec<PathBuf>,
    ignore_files: bool,
}

impl FileCorpus {
    /// What this corpus reads, as far as a run must not write there.
    #[must_use]
    pub fn guard(&self) -> Guard<'_> {
        let mut guard = Guard::default();
        self.add_to_guard(&mut guard);
        guard
    }

    /// Adds what a run with this corpus reads.
    pub fn add_to_guard<'p>(&'p self, guard: &mut Guard<'p>) {
        self.paths().filter(|path| !is_remote(path)).for_each(|path| guard.reads_input(path));
        self.walk.paths.iter().filter_map(|path| tree(path, &self.walk)).for_each(|tree| guard.reads_tree(tree));
    }
}

/// None for a path that names a file.
fn tree(given: &Path, walk: &Walk) -> Option<Tree> {
    if is_remote(given) {
        return None;
    }
    let mut walk = walk.clone();
    if given.is_dir() {
        let folder = given.to_path_buf();
        let walks = move |below: &Path| walk.options().reads(&folder, below);
        return Some(Tree { given: given.into(), folder: given.into(), holds: Box::new(|_| true), walks: Box::new(walks) });
    }
    if given.exists() || !is_glob(given) {
        return None;
    }
    let glob = Glob::new(given).ok()?;
    let folder = glob.folder.clone();
    walk.ignore_files &= glob.walks;
    let walks = {
        let folder = folder.clone();
        move |below: &Path| walk.options().enters(&folder, below)
    };
    Some(Tree { given: given.into(), folder, holds: Box::new(move |below| glob.holds(below)), walks: Box::new(walks) })
}

impl Walk {
    pub(super) fn new(paths: &[PathBuf], options: &SourceOptions) -> Self {
        Self {
            paths: paths.into(),
            extensions: options.extensions.clone(),
            own_files: options.own_files.clone(),
            ignore_files: !options.no_ignore,
        }
    }

    fn options(&self) -> WalkOptions<'_> {
        WalkOptions { extensions: &self.extensions, own_files: &self.own_files, ignore_files: self.ignore_files, depth: None }
    }
}

impl WalkOptions<'_> {
    /// Whether a walk of `folder` reads a file at `below`, where there may be none yet.
    fn reads(&self, folder: &Path, below: &Path) -> bool {
        Endings::new(self.extensions).include(below) && self.enters(folder, below)
    }

    /// The same, whatever the ending.
    fn enters(&self, folder: &Path, below: &Path) -> bool {
        let is_hidden = below.iter().any(|name| name.as_encoded_bytes().starts_with(b"."));
        if is_hidden || self.owns(&folder.join(below)) {
            return false;
        }
        if !self.ignore_files {
            return true;
        }
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.into());
        let file = folder.join(below);
        let is_walked = |path: &&Path| path.starts_with(&folder) && **path != *folder;
        !file.ancestors().take_while(is_walked).any(|path| is_ignored(path, path != file))
    }
}

/// Whether an ignore file names `path`: the nearest that says anything decides, and in one folder `.ignore` before `.gitignore`. The latter
/// counts inside a repository.
fn is_ignored(path: &Path, is_folder: bool) -> bool {
    let above: Vec<&Path> = path.ancestors().skip(1).collect();
    let root = above.iter().position(|folder| folder.join(".git").exists());
    let matched = |file: PathBuf| {
        let (ignore, _) = Gitignore::new(&file);
        let found = ignore.matched(path, is_folder);
        (!found.is_none()).then(|| found.is_ignore())
    };
    for (at, folder) in above.iter().enumerate() {
        let is_inside = root.is_some_and(|root| at <= root);
        let git = is_inside.then(|| folder.join(".gitignore"));
        let exclude = (root == Some(at)).then(|| exclude_file(folder, path, is_folder)).flatten();
        if let Some(found) = matched(folder.join(".ignore")).or_else(|| git.and_then(matched)).or(exclude) {
            return found;
        }
    }
    false
}

/// What `.git/info/exclude` of the repository at `root` says of `path`; its patterns count from the root.
fn exclude_file(root: &Path, path: &Path, is_folder: bool) -> Option<bool> {
    let mut builder = ignore::gitignore::GitignoreBuilder::new(root);
    builder.add(root.join(".git/info/exclude"));
    let found = builder.build().ok()?.matched(path, is_folder).map(ignore::gitignore::Glob::is_whitelist);
    (!found.is_none()).then(|| found.is_ignore())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir_all, write};

    /// Every file that is written is read by a walk if it was said to be, and only then.
    #[test]
    fn what_is_said_to_be_read_is_what_a_walk_reads() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let at = |name: &str| root.join(name);
        for name in ["repo/.git/info", "repo/sub/deep", "repo/data", "repo/.hidden", "repo/kept"] {
            create_dir_all(at(name)).unwrap();
        }
        write(at("repo/.gitignore"), "*.html\ndata/\n/kept/*\n!/kept/y.txt\n").unwrap();
        write(at("repo/sub/.ignore"), "!b.html\nsecret*\n").unwrap();
        write(at("repo/.git/info/exclude"), "private.txt\n").unwrap();
        write(at(".ignore"), "above.txt\n").unwrap();
        let names = [
            "a.txt",
            "a.html",
            "a.sarif",
            "a",
            "_a",
            ".a.txt",
            "sub/b.html",
            "sub/c.html",
            "sub/secret.txt",
            "sub/deep/secret.md",
            "data/x.txt",
            ".hidden/x.txt",
            "kept/x.txt",
            "kept/y.txt",
            "private.txt",
            "sub/private.txt",
            "above.txt",
            "sub/above.txt",
        ];
        for (given, ignore_files) in [("repo", true), ("repo", false), ("repo/data", true), ("repo/sub", true), ("repo/**/*.html", true)] {
            let options = SourceOptions { no_ignore: !ignore_files, ..SourceOptions::default() };
            let walk = Walk::new(&[], &options);
            let tree = tree(&at(given), &walk).unwrap();
            for name in names {
                let path = at("repo").join(name);
                let expected = path.strip_prefix(&tree.folder).is_ok_and(|below| (tree.holds)(below) && (tree.walks)(below));
                write(&path, "x").unwrap();
                let read = FileCorpus::open(&[at(given)], &options).is_ok_and(|corpus| corpus.paths().any(|read| read == path));
                std::fs::remove_file(&path).unwrap();
                assert_eq!(expected, read, "{given} {ignore_files} {name}");
            }
        }
    }
}
