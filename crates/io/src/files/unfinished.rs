//! Files that must not stay if the run is interrupted.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn all() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file or folder that is removed by [`remove_unfinished`] as long as this lives.
#[derive(Debug)]
pub struct Unfinished(PathBuf);

impl Unfinished {
    /// Names a file or folder, before it is made.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        all().push(path.into());
        Self(path.into())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let mut files = all();
        if let Some(at) = files.iter().position(|file| *file == self.0) {
            files.swap_remove(at);
        }
    }
}

/// Removes what is not finished, then calls `leave`, which ends the process: nothing is begun in between.
///
/// For programs that handle interrupts.
pub fn remove_unfinished(leave: impl FnOnce()) {
    let files = all();
    for file in files.iter() {
        let is_folder = file.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
        // Not made yet, or finished already.
        let _ = if is_folder { std::fs::remove_dir_all(file) } else { std::fs::remove_file(file) };
    }
    leave();
}
