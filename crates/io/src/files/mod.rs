//! Files and paths: what a run may write, and how a file appears under its name.
//!
//! In: paths that a run reads and paths that it writes. Out: [`Guard`] refuses to write over what is read, a lock keeps a second run out of
//! an output, [`NewFile`] is a file that appears whole under its name or not at all, a stamp says whether a file changed since, [`bus_error`]
//! says which mapped file could not be read. Files are compared by identity (device and inode), never by spelling. This module knows nothing of documents and imports `error` alone.

mod guard;
mod identity;
mod lock;
mod mapped;
mod new_file;
mod place;
mod spot;
mod stamp;
mod unfinished;

pub use guard::{Guard, Tree, database_files};
pub use identity::same;
pub use lock::Lock;
pub(crate) use mapped::KnownMap;
pub use mapped::bus_error;
pub use new_file::remove_leftovers;
pub use new_file::{Durability, NewFile};
pub use place::{behind_links, is_open_file};
pub use stamp::Stamp;
pub use unfinished::{Unfinished, remove_unfinished};

use refrain_engine::error::{Error, Result};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

/// The folder that `file` lies in.
#[must_use]
pub fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The same error; one whose usual message does not say what to do gets a longer one.
#[must_use]
pub fn explained(cause: io::Error) -> io::Error {
    if cause.kind() != io::ErrorKind::FileTooLarge || cause.raw_os_error().is_none() {
        return cause;
    }
    file_too_large()
}

/// The error of a write to `path` of bytes that may lie in a map of the file at `from`. Where that file was truncated, the system call fails; no
/// bus error is raised.
pub fn unwritten(cause: io::Error, path: &Path, from: &Path) -> Error {
    #[cfg(unix)]
    if cause.raw_os_error() == Some(libc::EFAULT) {
        return Error::Truncated { path: from.into() };
    }
    Error::Io { path: path.into(), cause: explained(cause) }
}

/// Adds `bytes` to the end of a file, which is made if it does not exist.
///
/// # Errors
/// The operating system's.
pub fn append(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path).map_err(failed(path))?;
    file.write_all(bytes).map_err(failed(path))
}

/// The error of a file that has reached the limit of the shell or of the file system, with what to do.
#[must_use]
pub fn file_too_large() -> io::Error {
    let reason = "File too large: the limit on the size of a file is reached; raise it (ulimit -f), or write to another file system";
    io::Error::new(io::ErrorKind::FileTooLarge, reason)
}

/// A path to print: bytes that are not UTF-8 are written as `\xFF`, so that two names stay two.
pub(crate) fn shown(path: &Path) -> String {
    if let Some(text) = path.to_str() {
        return text.to_owned();
    }
    let mut shown = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        shown.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| shown.push_str(&format!("\\x{byte:02X}")));
    }
    shown
}

fn refuse<T>(setting: &'static str, reason: String) -> Result<T> {
    Err(Error::Config { setting, reason })
}

fn failed(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
    |cause| Error::Io { path: path.into(), cause: explained(cause) }
}
