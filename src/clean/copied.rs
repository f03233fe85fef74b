//! Packed files of which nothing goes: they are copied as they lie there, on the way out and on the way back.

use super::manifest::{Digest, FileLine, RemovalLine};
use super::write::{Job, write_packed};
use crate::detect::Progress;
use crate::error::{Error, Result};
use crate::source::How;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

impl FileLine {
    /// Whether the output is the packed input as it lay there.
    pub(super) fn is_copied(&self) -> bool {
        self.packed.is_some() && self.packing.is_none()
    }

    /// Whether that makes sense: a copy is what it was, and the manifest has no way back to it.
    pub(super) fn is_sound_copy(&self, removals: &[RemovalLine]) -> bool {
        let is_same = self.after.as_ref() == Some(&self.before);
        is_same && removals.is_empty() && self.repack.is_none() && self.parquet.is_none() && self.removed == 0
    }
}

impl Job<'_> {
    /// Copies a packed file of which nothing goes; returns what lies there then.
    ///
    /// # Errors
    /// It was written to since it was read; what the file system says.
    pub(super) fn copy_packed(&self, file: usize, line: &mut FileLine) -> Result<Digest> {
        let input = self.corpus.path(file);
        line.after = Some(line.before.clone());
        let check = |lies: &Digest| {
            if line.packed.as_ref() == Some(lies) { self.unchanged(file) } else { Err(Error::Changed { path: input.into() }) }
        };
        copy(input, &self.target.path(file), self.progress, check)
    }
}

/// Copies `from` to `to`, if `check` agrees with what was copied; returns that.
///
/// # Errors
/// What the file system says, and `check`.
pub(super) fn copy(from: &Path, to: &Path, progress: &dyn Progress, check: impl FnOnce(&Digest) -> Result<()>) -> Result<Digest> {
    let mut file = File::open(from).map_err(|cause| Error::Io { path: from.into(), cause })?;
    let fill = |to: &mut (dyn Write + Send)| io::copy(&mut file, to).map(drop);
    let (_, lies) = write_packed((from, to), How::By(None), None, progress, (fill, |_: &Digest, lies: &Digest| check(lies)))?;
    Ok(lies)
}
