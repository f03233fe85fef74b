//! Names of files in an index.
//!
//! In: paths as they are given in some working folder. Out: one name for each file, its path from the folder of the index, behind symbolic links of
//! folders; and back. A link to a file is a file of its own: `today.txt` may be a link to another file tomorrow. Indexes made before this rule have
//! paths as they were given: these are recognised if the path leads to the file.

use refrain_engine::file_path::{is_no_file, plain, relative};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Names files.
#[derive(Debug)]
pub(super) struct Files {
    /// The folder of the index and the working folder; None if there is no working folder.
    folders: Option<(PathBuf, PathBuf)>,
    /// Folders behind symbolic links.
    real: Mutex<HashMap<PathBuf, PathBuf>>,
}

impl Files {
    /// Names for the index at `path`.
    pub(super) fn of(path: &Path) -> Self {
        let mut files = Self { folders: None, real: Mutex::default() };
        let absolute = std::path::absolute(path).ok().zip(std::path::absolute(".").ok());
        files.folders = absolute.map(|(index, working)| (files.real_folder(index.parent().unwrap_or(&index)), files.real_folder(&working)));
        files
    }

    #[cfg(test)]
    pub(super) fn in_folders(index: &Path, working: &Path) -> Self {
        Self { folders: Some((index.into(), working.into())), real: Mutex::default() }
    }

    /// Names as indexes of before had them.
    #[cfg(test)]
    pub(super) fn as_given() -> Self {
        Self { folders: None, real: Mutex::default() }
    }

    /// The name in the index of a file that is given.
    pub(super) fn name(&self, given: &str) -> String {
        match &self.folders {
            Some((index, working)) if !is_no_file(given) => relative(&self.real_path(&working.join(given)), index),
            _ => given.to_owned(),
        }
    }

    /// Names that the index may have for a file that is given: today's, and those of earlier indexes.
    pub(super) fn names(&self, given: &str) -> Vec<String> {
        let name = self.name(given);
        let Some((index, working)) = self.folders.as_ref().filter(|_| name != given) else { return vec![name] };
        let mut names = vec![name];
        let path = working.join(given);
        for as_given in [given.to_owned(), relative(&self.real_path(&path), working)] {
            // What is there under this path from the folder of the index is another file.
            if Path::new(&as_given).is_absolute() || !index.join(&as_given).exists() {
                names.push(as_given);
            }
        }
        for absolute in [self.real_path(&path), plain(&path)] {
            names.extend(absolute.to_str().filter(|absolute| *absolute != given).map(str::to_owned));
        }
        names
    }

    /// True if a name of the index is that of a file that is given.
    pub(super) fn is_file(&self, name: &str, given: &str) -> bool {
        // Most articles of an index are of other files, and that is seen without a look at the disk.
        let may_be = name == given || Path::new(name).file_name() == Path::new(given).file_name();
        may_be && self.names(given).iter().any(|known| known == name)
    }

    /// The path from the working folder of a file that has a name in the index.
    pub(super) fn shown(&self, name: &str) -> String {
        let Some((index, working)) = self.folders.as_ref().filter(|(index, working)| index != working && !is_no_file(name)) else {
            return name.to_owned();
        };
        let path = index.join(name);
        let is_as_given = Path::new(name).is_relative() && !path.exists() && working.join(name).exists();
        if is_as_given { name.to_owned() } else { relative(&self.real_path(&path), working) }
    }

    /// The path with its folder behind symbolic links.
    fn real_path(&self, path: &Path) -> PathBuf {
        match (path.parent(), path.file_name()) {
            (Some(folder), Some(name)) => self.real_folder(folder).join(name),
            _ => plain(path),
        }
    }

    fn real_folder(&self, folder: &Path) -> PathBuf {
        let find = || folder.canonicalize().unwrap_or_else(|_| plain(folder));
        match self.real.lock() {
            Ok(mut real) => real.entry(folder.into()).or_insert_with(find).clone(),
            Err(_) => find(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_name_whichever_way_its_path_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        for name in ["idx", "news/deep"] {
            std::fs::create_dir_all(base.join(name)).unwrap();
        }
        let at = |working: &str| Files::in_folders(&base.join("idx"), &plain(&base.join(working)));
        let absolute = base.join("news/a.txt").to_str().unwrap().to_owned();
        for (working, given) in
            [("", "news/a.txt"), ("", "./news/deep/../a.txt"), ("news", "a.txt"), ("news/deep", "../a.txt"), ("idx", &absolute)]
        {
            assert_eq!(at(working).name(given), "../news/a.txt", "{working}: {given}");
            assert!(at(working).is_file("../news/a.txt", given) && at(working).is_file(&absolute, given), "{working}: {given}");
        }
        assert_eq!((at("news").shown("../news/a.txt"), at("").shown("b.txt")), ("a.txt".into(), "idx/b.txt".into()));
        // An earlier index has the path as it was given, unless there is another file.
        assert!(at("news").is_file("a.txt", "a.txt") && at("news").is_file("a.txt", &absolute));
        std::fs::write(base.join("idx/a.txt"), "").unwrap();
        assert!(!at("news").is_file("a.txt", "a.txt") && !at("news").is_file("a.txt", &absolute));
        for name in ["", "-", "https://example.org/a.txt"] {
            assert_eq!((at("").name(name), at("").shown(name)), (name.to_owned(), name.to_owned()));
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_folder_behind_a_link_is_the_folder_and_a_link_to_a_file_is_a_file() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(base.join("days/one")).unwrap();
        std::fs::write(base.join("days/one/a.txt"), "").unwrap();
        symlink(base.join("days/one"), base.join("today")).unwrap();
        symlink(base.join("days/one/a.txt"), base.join("today.txt")).unwrap();
        let files = Files::of(&base.join("db"));
        let name = |given: &str| files.name(base.join(given).to_str().unwrap());
        assert_eq!(name("today/a.txt"), "days/one/a.txt");
        assert_eq!(name("today/../b.txt"), "days/b.txt", "`..` of what the link leads to");
        assert_eq!(name("today.txt"), "today.txt");
    }
}
