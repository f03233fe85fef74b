//! What shows that a file was written to.

use super::identity::Inode;
use std::path::Path;
use std::time::SystemTime;

/// Identity, size and times of a file. A program that writes to the file may put its modification time back, and cannot put its change time
/// back. A change within the resolution of the file system's clock (some milliseconds) may leave the stamp as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    inode: Option<Inode>,
    bytes: u64,
    modified: Option<SystemTime>,
    /// Seconds and nanoseconds.
    changed: Option<(i64, i64)>,
}

impl Stamp {
    /// Size of the file.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// That of the file at `path`, if it is one.
    pub fn of(path: &Path) -> Option<Self> {
        let metadata = path.metadata().ok().filter(std::fs::Metadata::is_file)?;
        #[cfg(unix)]
        let changed = {
            use std::os::unix::fs::MetadataExt;
            Some((metadata.ctime(), metadata.ctime_nsec()))
        };
        #[cfg(not(unix))]
        let changed = None;
        Some(Self { inode: Inode::of(&metadata, path), bytes: metadata.len(), modified: metadata.modified().ok(), changed })
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{File, write};

    #[test]
    fn a_change_shows_though_size_and_time_are_put_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        write(&path, "one").unwrap();
        let (stamp, modified) = (Stamp::of(&path), path.metadata().unwrap().modified().unwrap());
        let put_back = |path: &Path| File::options().write(true).open(path).unwrap().set_modified(modified).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(30));
        write(&path, "two").unwrap();
        put_back(&path);
        assert_eq!(path.metadata().unwrap().modified().unwrap(), modified);
        assert_ne!(Stamp::of(&path), stamp, "changed in place");
        let stamp = Stamp::of(&path);
        let other = folder.path().join("y");
        write(&other, "two").unwrap();
        put_back(&other);
        std::fs::rename(&other, &path).unwrap();
        assert_ne!(Stamp::of(&path), stamp, "another file");
        assert_eq!(Stamp::of(&path), Stamp::of(&path));
    }
}
