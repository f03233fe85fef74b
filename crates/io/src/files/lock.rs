//! One run at a time for one output.

use super::identity::lies_at;
use super::place::Place;
use super::unfinished::Unfinished;
use super::{failed, folder_of, refuse};
use refrain_engine::error::Result;
use std::ffi::OsStr;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

/// Times that the file is opened again because another run removed it in between.
const TRIES: usize = 64;

/// An output that this run alone writes to, among all runs of refrain on file systems with locks. The lock is a hidden file in the folder of an
/// output file, or inside an output folder. It is removed at the end. A killed run leaves the file, not the lock.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
    /// Folders that were made for it, outermost first; an unsuccessful run removes those that are still empty.
    made: Vec<PathBuf>,
    _unfinished: Unfinished,
}

impl Lock {
    /// Locks an output file.
    ///
    /// # Errors
    /// Another run writes to it; the operating system's.
    pub fn of_file(setting: &'static str, output: &Path) -> Result<Self> {
        let real = Place::of(output).path();
        Self::take(setting, folder_of(&real), real.file_name().unwrap_or_default(), output)
    }

    /// Locks an output folder, and makes it if it does not exist.
    ///
    /// # Errors
    /// Another run writes to it; the operating system's.
    pub fn of_folder(setting: &'static str, folder: &Path) -> Result<Self> {
        Self::take(setting, folder, OsStr::new("."), folder)
    }

    fn take(setting: &'static str, folder: &Path, name: &OsStr, output: &Path) -> Result<Self> {
        let made: Vec<PathBuf> = folder.ancestors().take_while(|above| !above.exists()).map(Path::to_path_buf).collect();
        std::fs::create_dir_all(folder).map_err(failed(folder))?;
        let path = folder.join(format!(".refrain-{:016x}.lock", xxh3_64(name.as_encoded_bytes())));
        for _ in 0..TRIES {
            let file = open(&path).map_err(failed(&path))?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => {
                    let (output, lock) = (output.display(), path.display());
                    return refuse(setting, format!("another run of refrain is writing to {output} (lock: {lock}); wait until it ends"));
                }
                Err(TryLockError::Error(cause)) if cause.kind() != io::ErrorKind::Unsupported => return Err(failed(&path)(cause)),
                // A file system without locks keeps nobody out.
                Ok(()) | Err(TryLockError::Error(_)) => {}
            }
            // The run that had the lock may have removed the file after it was opened here.
            if lies_at(&file, &path) {
                let made = made.into_iter().rev().collect();
                return Ok(Self { file, _unfinished: Unfinished::new(&path), path, made });
            }
        }
        refuse(setting, format!("the lock {} is removed again and again; wait until other runs of refrain end", path.display()))
    }

    /// The run was successful: what it made stays.
    pub fn release(mut self) {
        self.made.clear();
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Removed while it is locked: whoever opened it meanwhile sees that it is no longer there.
        if lies_at(&self.file, &self.path) {
            let _ = std::fs::remove_file(&self.path);
        }
        for folder in self.made.iter().rev() {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// The lock file: made, or opened if it exists. It is never written to.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    match open_plain(options.clone().create_new(true), path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        opened => return opened,
    }
    let unusable = || io::Error::other("this name is needed for a lock, and is not a plain file; remove it");
    if path.symlink_metadata().is_ok_and(|metadata| !metadata.is_file()) {
        return Err(unusable());
    }
    match open_plain(&options, path) {
        // Removed since.
        Err(error) if error.kind() == io::ErrorKind::NotFound => open_plain(options.create(true), path),
        Ok(file) if !file.metadata()?.is_file() => Err(unusable()),
        opened => opened,
    }
}

/// Opens a file without following a link, and without waiting for the other end of a pipe.
#[cfg(unix)]
pub(super) fn open_plain(options: &OpenOptions, path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    options.clone().custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)
}

#[cfg(not(unix))]
pub(super) fn open_plain(options: &OpenOptions, path: &Path) -> io::Result<File> {
    options.open(path)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir, hard_link, read_to_string, remove_file, write};
    use std::os::unix::fs::symlink;
    use std::process::Command;

    #[test]
    fn one_run_at_a_time_by_whatever_name_the_output_has() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        create_dir(at("a")).unwrap();
        symlink("a", at("link")).unwrap();
        symlink("a/out", at("soft")).unwrap();
        for again in [false, true] {
            let lock = Lock::of_file("output", &at("a/out")).unwrap();
            for name in ["a/out", "link/out", "soft", "a/../link/./out"] {
                let refused = Lock::of_file("output", &at(name)).unwrap_err().to_string();
                assert!(refused.contains("another run of refrain is writing to"), "{refused}");
            }
            drop(Lock::of_file("output", &at("a/other")).unwrap());
            let inside = Lock::of_folder("output", &at("a")).unwrap();
            assert!(Lock::of_folder("output", &at("link/")).is_err());
            drop((inside, lock));
            assert_eq!(at("a").read_dir().unwrap().count(), 0, "{again}");
        }
        // Left by a killed run.
        let path = Lock::of_file("output", &at("a/out")).unwrap().path.clone();
        write(&path, "").unwrap();
        drop(Lock::of_file("output", &at("a/out")).unwrap());
        assert!(!path.exists());
    }

    #[test]
    fn what_is_planted_under_its_name_is_neither_followed_nor_written() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let path = Lock::of_file("output", &at("out")).unwrap().path.clone();
        write(at("victim"), "precious").unwrap();
        symlink("victim", &path).unwrap();
        assert!(Lock::of_file("output", &at("out")).unwrap_err().to_string().contains("not a plain file; remove it"));
        remove_file(&path).unwrap();
        symlink("new", &path).unwrap();
        assert!(Lock::of_file("output", &at("out")).is_err() && !at("new").exists());
        remove_file(&path).unwrap();
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert!(Lock::of_file("output", &at("out")).is_err());
        remove_file(&path).unwrap();
        hard_link(at("victim"), &path).unwrap();
        drop(Lock::of_file("output", &at("out")).unwrap());
        assert_eq!(read_to_string(at("victim")).unwrap(), "precious");
    }

    #[test]
    fn threads_that_take_and_leave_it_never_have_it_at_once() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let folder = tempfile::tempdir().unwrap();
        let (holders, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        let Ok(lock) = Lock::of_file("output", &folder.path().join("out")) else { continue };
                        assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0);
                        taken.fetch_add(1, Ordering::SeqCst);
                        holders.fetch_sub(1, Ordering::SeqCst);
                        drop(lock);
                    }
                });
            }
        });
        assert!(taken.into_inner() > 0);
    }

    #[test]
    fn an_unsuccessful_run_leaves_no_empty_folder() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b");
        drop(Lock::of_folder("output", &deep).unwrap());
        assert!(!folder.path().join("a").exists());
        Lock::of_folder("output", &deep).unwrap().release();
        assert!(deep.is_dir());
    }
}
