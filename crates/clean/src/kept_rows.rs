//! Manifest lines with the changed rows of a Parquet file, until they are written to the manifest.

use super::manifest::Digest;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::Path;
use tempfile::SpooledTempFile;

/// Maximum bytes of these lines in memory; more are written to a temporary file.
const LINES_IN_MEMORY: usize = 4 << 20;

/// These lines.
pub(super) struct KeptRows {
    pub(super) lines: SpooledTempFile,
}

impl Default for KeptRows {
    fn default() -> Self {
        Self { lines: tempfile::spooled_tempfile(LINES_IN_MEMORY) }
    }
}

impl KeptRows {
    /// Copies all lines.
    pub(super) fn copy(&mut self, to: &mut (impl Write + ?Sized)) -> io::Result<()> {
        copy(&mut self.lines, to)
    }

    /// What the lines are.
    pub(super) fn digest(&mut self) -> io::Result<Digest> {
        self.lines.rewind()?;
        Digest::of_reader(&mut self.lines)
    }

    /// Reads the lines at `path`, if they are those of `expected`.
    pub(super) fn read(path: &Path, expected: &Digest) -> Option<Self> {
        let mut rows = Self::default();
        io::copy(&mut File::open(path).ok()?, &mut rows.lines).ok()?;
        (rows.digest().ok()? == *expected).then_some(rows)
    }
}

/// Copies all of a temporary file.
pub(super) fn copy(from: &mut SpooledTempFile, to: &mut (impl Write + ?Sized)) -> io::Result<()> {
    from.rewind()?;
    io::copy(from, to).map(drop)
}
