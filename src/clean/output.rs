//! Files that are there whole or not at all: written beside their names, and renamed.

use super::target::{folder_of, make_folders};
use crate::detect::Progress;
use crate::error::{Error, Result};
use std::fs::{File, Metadata, Permissions};
use std::io;
use std::path::{Path, PathBuf};

/// A file that is not whole yet. It is taken away again unless it is kept.
pub(super) struct Unfinished<'a> {
    file: Option<File>,
    beside: PathBuf,
    path: &'a Path,
    progress: &'a dyn Progress,
}

impl<'a> Unfinished<'a> {
    /// Begins what will be at `path`. A run that was killed leaves such a file; the next one writes over it.
    ///
    /// # Errors
    /// What the file system says.
    pub(super) fn begin(path: &'a Path, progress: &'a dyn Progress) -> Result<Self> {
        if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            let cause = io::Error::other("not a file that can be replaced; name a file");
            return Err(Error::Io { path: path.into(), cause });
        }
        make_folders(path)?;
        let beside = beside(path);
        progress.begun(&beside);
        let file = File::create(&beside).map_err(|cause| Error::Io { path: path.into(), cause })?;
        Ok(Self { file: Some(file), beside, path, progress })
    }

    /// Gives the file the permissions that all of `inputs` have. Without an input that is a file, it keeps those of a new file.
    ///
    /// # Errors
    /// What the file system says.
    pub(super) fn permitted_as<'p>(self, inputs: impl IntoIterator<Item = &'p Path>) -> Result<Self> {
        if let Some(permissions) = common_permissions(inputs) {
            self.file()?.set_permissions(permissions).map_err(|cause| Error::Io { path: self.path.into(), cause })?;
        }
        Ok(self)
    }

    /// To write to.
    pub(super) fn file(&self) -> Result<&File> {
        let gone = || Error::Io { path: self.path.into(), cause: std::io::ErrorKind::NotFound.into() };
        self.file.as_ref().ok_or_else(gone)
    }

    /// The file is whole: it gets its name, in place of what has it.
    ///
    /// # Errors
    /// What the file system says; nothing has the name then that had not before.
    pub(super) fn keep(mut self) -> Result<()> {
        // What was written may reach the disk after the name: that outlives a killed run, and a crash of the machine no better than a copied file
        // does. Waiting for the disk takes longer than all the rest.
        self.file = None;
        std::fs::rename(&self.beside, self.path).map_err(|cause| Error::Io { path: self.path.into(), cause })
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        self.file = None;
        // Gone already where it was kept.
        let _ = std::fs::remove_file(&self.beside);
        self.progress.ended(&self.beside);
    }
}

/// What everybody may do with all of the files at `paths`; None if none of them is a file.
#[cfg(unix)]
fn common_permissions<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    let modes = paths.into_iter().filter_map(|path| path.metadata().ok()).filter(Metadata::is_file);
    let mode = modes.map(|metadata| metadata.permissions().mode() & 0o777).reduce(|common, mode| common & mode)?;
    Some(Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn common_permissions<'p>(_: impl IntoIterator<Item = &'p Path>) -> Option<Permissions> {
    None
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    folder_of(path).join(format!(".{name}.refrain-unfinished"))
}
