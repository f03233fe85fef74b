//! One name for a file, whichever way its path is written.
//!
//! In: paths. Out: paths without `.` and `..`, and paths relative to a folder, with `/` between the parts. No file is looked at.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

/// The path without `.` and `..`.
pub fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => _ = plain.pop(),
            part => plain.push(part),
        }
    }
    plain
}

/// `path` as it is written from `folder`, both absolute and plain; absolute where they have no folder in common.
pub fn relative(path: &Path, folder: &Path) -> String {
    let shared = folder.components().zip(path.components()).take_while(|(x, y)| x == y).count();
    if shared == 0 {
        return path.to_string_lossy().into_owned();
    }
    let up = folder.components().skip(shared).map(|_| "..".into());
    let parts: Vec<Cow<'_, str>> = up.chain(path.components().skip(shared).map(|part| part.as_os_str().to_string_lossy())).collect();
    parts.join("/")
}

/// True for what is named like a file and is none: an address, standard input, nothing.
pub fn is_no_file(name: &str) -> bool {
    name.is_empty() || name == "-" || name.contains("://")
}
