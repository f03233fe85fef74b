//! Which file a path names.

use super::place::Place;
use std::ffi::{OsStr, OsString};
use std::fs::Metadata;
use std::path::Path;

/// Identifies a file or folder that exists, whatever its names: device and inode.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Inode(u64, u64);

#[cfg(unix)]
impl Inode {
    pub(super) fn of(metadata: &Metadata, _: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        Some(Self(metadata.dev(), metadata.ino()))
    }
}

/// Identifies a file or folder that exists by its path without links: there is no stable way to read the number of a file.
#[cfg(not(unix))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Inode(u64);

#[cfg(not(unix))]
impl Inode {
    pub(super) fn of(_: &Metadata, path: &Path) -> Option<Self> {
        let real = path.canonicalize().ok()?;
        Some(Self(xxhash_rust::xxh3::xxh3_64(real.as_os_str().as_encoded_bytes())))
    }
}

impl Inode {
    /// That of what lies at `path`, links followed.
    pub(super) fn at(path: &Path) -> Option<Self> {
        Self::of(&path.metadata().ok()?, path)
    }
}

/// Identifies a file by its folder and name, whether it exists or not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Named {
    /// The nearest folder above it that exists.
    folder: Option<Inode>,
    /// The names from there.
    names: Vec<OsString>,
}

impl Named {
    pub(super) fn new(folder: Option<Inode>, names: impl IntoIterator<Item = OsString>) -> Self {
        Self { folder, names: names.into_iter().map(|name| as_compared(&name)).collect() }
    }
}

/// A name as the usual file systems of this machine compare it.
fn as_compared(name: &OsStr) -> OsString {
    match name.to_str() {
        Some(name) if cfg!(any(windows, target_vendor = "apple")) => name.to_lowercase().into(),
        _ => name.to_owned(),
    }
}

/// A file by both: its name, and its inode if it exists and is a regular file or folder.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) named: Named,
    pub(super) inode: Option<Inode>,
}

impl Identity {
    pub(super) fn of(path: &Path) -> Self {
        Place::of(path).identity()
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        self.named == other.named || (self.inode.is_some() && self.inode == other.inode)
    }
}

/// Whether both paths name one file or folder: through links of any kind, `..`, and also if nothing exists there yet.
#[must_use]
pub fn same(a: &Path, b: &Path) -> bool {
    Identity::of(a).is(&Identity::of(b))
}

/// The inode of a regular file or folder; devices and pipes may be written by many.
pub(super) fn inode_of(path: &Path) -> Option<Inode> {
    let metadata = path.metadata().ok().filter(|metadata| metadata.is_file() || metadata.is_dir())?;
    Inode::of(&metadata, path)
}

/// Whether `file` is what lies at `path` now, and no link to it.
#[cfg(unix)]
pub(super) fn lies_at(file: &std::fs::File, path: &Path) -> bool {
    let (open, named) = (file.metadata(), path.symlink_metadata());
    open.ok().and_then(|open| Inode::of(&open, path)).is_some_and(|inode| named.is_ok_and(|named| Inode::of(&named, path) == Some(inode)))
}

/// Whether something lies at `path`: a file that is open cannot be replaced there unnoticed.
#[cfg(not(unix))]
pub(super) fn lies_at(_: &std::fs::File, path: &Path) -> bool {
    path.exists()
}
