//! Paths of files as reports name them.
//!
//! In: paths as they were given. Out: paths with `/`, relative to a root where they are below it. No file is looked at.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

/// What paths of a report are relative to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    /// The working folder, absolute: given paths are relative to it.
    folder: PathBuf,
    /// What reported paths are relative to, absolute.
    root: PathBuf,
    /// Where the root is in the repository, if the root is not the repository's.
    prefix: PathBuf,
    /// Given paths, absolute, and what they are behind symbolic links.
    links: Vec<(PathBuf, PathBuf)>,
}

/// A path of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reported {
    /// Relative to the root.
    Inside(String),
    /// A file elsewhere: as it was given, and absolute.
    Outside(String, String),
    /// An address, or standard input.
    NoFile(String),
}

impl Reported {
    /// For people, and for formats that take one kind of path.
    pub(super) fn shown(self) -> String {
        match self {
            Self::Inside(path) | Self::Outside(path, _) | Self::NoFile(path) => path,
        }
    }
}

impl Paths {
    /// Paths relative to `folder`, the working folder.
    #[must_use]
    pub fn of_folder(folder: &Path) -> Self {
        Self { folder: folder.into(), root: folder.into(), ..Self::default() }
    }

    /// Paths relative to `root`, a folder above the files.
    #[must_use]
    pub fn relative_to(self, root: &Path) -> Self {
        Self { root: root.into(), ..self }
    }

    /// Paths relative to the working folder with `prefix` before them.
    #[must_use]
    pub fn prefixed(self, prefix: &Path) -> Self {
        Self {
            root: self.folder.clone(),
            prefix: prefix.components().filter(|part| matches!(part, Component::Normal(_))).collect(),
            ..self
        }
    }

    /// The same, where what was given as `from` is `to` behind symbolic links; both are absolute.
    #[must_use]
    pub fn linked(mut self, from: PathBuf, to: PathBuf) -> Self {
        self.links.push((from, to));
        self
    }

    pub(super) fn of(&self, given: &str) -> Reported {
        if given == "-" || given.contains("://") {
            return Reported::NoFile(given.to_owned());
        }
        let Some(absolute) = normal(&self.folder.join(given)) else { return Reported::Outside(given.to_owned(), given.to_owned()) };
        let behind_links = || {
            let mut found = self.links.iter().filter_map(|(from, to)| absolute.strip_prefix(from).ok().map(|below| to.join(below)));
            found.find_map(|path| self.below_root(&path))
        };
        match self.below_root(&absolute).or_else(behind_links).or_else(|| self.beside_root(given)) {
            Some(path) => Reported::Inside(slashes(&path)),
            None => {
                let shown = Path::new(given).strip_prefix("./").unwrap_or(Path::new(given));
                Reported::Outside(slashes(shown), slashes(&absolute))
            }
        }
    }

    fn below_root(&self, path: &Path) -> Option<PathBuf> {
        let below = path.strip_prefix(&self.root).ok().filter(|below| !below.as_os_str().is_empty())?;
        Some(self.prefix.join(below))
    }

    /// A path that leaves the working folder, but not what the prefix says is above it.
    fn beside_root(&self, given: &str) -> Option<PathBuf> {
        let relative = Path::new(given).is_relative() && !self.prefix.as_os_str().is_empty();
        relative.then(|| normal(&self.prefix.join(given))).flatten()
    }
}

/// The path without `.` and `..`; None if it leads above its start.
fn normal(path: &Path) -> Option<PathBuf> {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if !matches!(out.components().next_back()?, Component::Normal(_)) {
                    return None;
                }
                out.pop();
            }
            part => out.push(part),
        }
    }
    Some(out)
}

/// With `/` between the parts. On Unix a backslash is a character of a name.
fn slashes(path: &Path) -> String {
    let text: Cow<'_, str> = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}

/// A path as a URI reference (RFC 3986).
pub(super) fn encoded(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~!$&'()*+,;=@".contains(&byte);
    path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(path: &str) -> Reported {
        Reported::Inside(path.into())
    }

    #[test]
    fn paths_are_those_of_the_repository_from_any_folder() {
        let paths = Paths::of_folder(Path::new("/repo/packages/guide")).relative_to(Path::new("/repo"));
        assert_eq!(paths.of("articles/a.txt"), inside("packages/guide/articles/a.txt"));
        assert_eq!(paths.of("./a\\b.txt"), inside("packages/guide/a\\b.txt"), "a backslash is part of a name");
        assert_eq!(paths.of("../other/./x/../a.txt"), inside("packages/other/a.txt"));
        assert_eq!(paths.of("/repo/a.txt"), inside("a.txt"));
        let outside = |given: &str, absolute: &str| Reported::Outside(given.into(), absolute.into());
        assert_eq!(paths.of("../../../a.txt"), outside("../../../a.txt", "/a.txt"));
        assert_eq!(paths.of("/repository/a.txt"), outside("/repository/a.txt", "/repository/a.txt"));
        assert_eq!(paths.of("../../../../../a.txt"), outside("../../../../../a.txt", "../../../../../a.txt"));
        for given in ["-", "https://example.org/a.txt", "s3://bucket/a.jsonl"] {
            assert_eq!(paths.of(given), Reported::NoFile(given.into()));
        }
        let linked = paths.linked("/link".into(), "/repo/articles".into());
        assert_eq!(linked.of("/link/a.txt"), inside("articles/a.txt"));
    }

    #[test]
    fn a_prefix_is_put_before_paths_of_the_working_folder() {
        for prefix in ["packages/guide", "./packages/guide/", "/packages/guide"] {
            let paths = Paths::of_folder(Path::new("/srv")).relative_to(Path::new("/")).prefixed(Path::new(prefix));
            assert_eq!(paths.of("a.txt"), inside("packages/guide/a.txt"));
            assert_eq!(paths.of("/srv/a.txt"), inside("packages/guide/a.txt"));
            assert_eq!(paths.of("../b/a.txt"), inside("packages/b/a.txt"));
            assert!(matches!(paths.of("../../../a.txt"), Reported::Outside(..)));
        }
    }

    #[test]
    fn paths_become_uri_references() {
        assert_eq!(encoded("news/a b#1%.txt"), "news/a%20b%231%25.txt");
        assert_eq!(encoded("خبر.txt"), "%D8%AE%D8%A8%D8%B1.txt");
        assert_eq!(encoded("/tmp/x:y?"), "/tmp/x%3Ay%3F");
    }
}
