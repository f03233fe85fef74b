//! Where a path leads, whether something is there or not.

use super::identity::{Identity, Inode, Named, inode_of};
use super::{failed, folder_of};
use refrain_engine::error::Result;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// Links that are followed before they are taken for a cycle, as in the kernel.
const MOST_LINKS: usize = 40;

/// Where a path leads: through links, also through those that lead to nothing.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// What exists of it, free of links.
    pub(super) real: PathBuf,
    /// The names below that do not exist.
    pub(super) missing: Vec<OsString>,
}

impl Place {
    pub(super) fn of(path: &Path) -> Self {
        let here = Path::new(".");
        let path = if path.as_os_str().is_empty() { here } else { path };
        if let Ok(real) = path.canonicalize() {
            return Self { real, missing: Vec::new() };
        }
        let mut place = Self { real: here.into(), missing: Vec::new() };
        let mut links = 0;
        place.follow(path, &mut links);
        place.real = place.real.canonicalize().unwrap_or(place.real);
        place
    }

    /// Follows `path` from here.
    fn follow(&mut self, path: &Path, links: &mut usize) {
        for part in path.components() {
            match part {
                Component::Prefix(_) | Component::RootDir => {
                    self.real.push(part);
                    self.missing.clear();
                }
                Component::CurDir => {}
                // What exists so far is free of links, or `..` is looked up by the file system.
                Component::ParentDir if self.missing.pop().is_none() => self.real.push(".."),
                Component::ParentDir => {}
                Component::Normal(name) if self.missing.is_empty() => self.step(name.to_owned(), links),
                Component::Normal(name) => self.missing.push(name.to_owned()),
            }
        }
    }

    fn step(&mut self, name: OsString, links: &mut usize) {
        let next = self.real.join(&name);
        if next.exists() {
            self.real = next;
        } else if let Ok(link) = next.read_link()
            && *links < MOST_LINKS
        {
            *links += 1;
            self.follow(&link, links);
        } else {
            self.missing.push(name);
        }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.missing.iter().fold(self.real.clone(), |path, name| path.join(name))
    }

    pub(super) fn identity(&self) -> Identity {
        let inode = if self.missing.is_empty() { inode_of(&self.real) } else { None };
        let named = match self.real.file_name() {
            Some(name) if self.missing.is_empty() => Named::new(Inode::at(folder_of(&self.real)), [name.to_owned()]),
            _ => Named::new(Inode::at(&self.real), self.missing.iter().cloned()),
        };
        Identity { named, inode }
    }
}

/// Where a path leads if it is a link: the file that is written in the link's place. Other paths stay as they are.
#[must_use]
pub fn behind_links(path: &Path) -> PathBuf {
    if path.is_symlink() { Place::of(path).path() } else { path.into() }
}

/// Whether the path names an open file of a process, such as `/dev/stdout`, itself or through links. Such a file is written as it is: renaming
/// another over it would leave the process with the old one.
#[must_use]
pub fn is_open_file(path: &Path) -> bool {
    let mut at = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        let folder = folder_of(&at).canonicalize().unwrap_or_default();
        let is_table = folder.ends_with("fd") && (folder.starts_with("/proc") || folder.starts_with("/dev"));
        if is_table {
            return true;
        }
        let Ok(link) = at.read_link() else { return false };
        at = folder.join(link);
    }
    false
}

/// Makes the folders above a file that do not exist.
///
/// # Errors
/// The operating system's.
pub(crate) fn make_folders(file: &Path) -> Result<()> {
    std::fs::create_dir_all(folder_of(file)).map_err(failed(folder_of(file)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::same;

    #[test]
    fn paths_are_resolved_whether_they_exist_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        std::fs::create_dir(real.join("in")).unwrap();
        for (path, expected) in [("in/out", "in/out"), ("in/x/../../y/z", "y/z"), ("in", "in"), ("in/../in/./a.txt", "in/a.txt")] {
            assert_eq!(Place::of(&real.join(path)).path(), real.join(expected), "{path}");
        }
        assert_eq!(Place::of(Path::new("no-such-name")).path(), Path::new(".").canonicalize().unwrap().join("no-such-name"));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_the_same_by_every_name() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("a/b")).unwrap();
        std::fs::write(at("a/x"), "").unwrap();
        std::fs::hard_link(at("a/x"), at("hard")).unwrap();
        symlink("a/x", at("soft")).unwrap();
        symlink("a/b", at("link")).unwrap();
        symlink("link/new", at("dangling")).unwrap();
        symlink("loop", at("loop")).unwrap();
        for (one, other) in [("a/x", "hard"), ("a/x", "soft"), ("soft", "hard"), ("a/b/new", "dangling"), ("link/../x", "a/x")] {
            assert!(same(&at(one), &at(other)), "{one} {other}");
        }
        for (one, other) in [("a/x", "a/y"), ("a/b/new", "a/new"), ("loop", "a/x"), ("a", "a/b"), ("none/x", "none/y")] {
            assert!(!same(&at(one), &at(other)), "{one} {other}");
        }
    }
}
