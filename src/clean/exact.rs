//! Lines of the manifest that lead back to the bytes of a file, beside its removals.

use super::manifest::Digest;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::Path;
use tempfile::SpooledTempFile;

/// Bytes of such lines that are held in memory; more wait in a temporary file.
const LINES_IN_MEMORY: usize = 4 << 20;

/// These lines.
pub(super) struct Exact {
    /// How it is packed again.
    pub(super) packing: SpooledTempFile,
    /// How Parquet is made again of its texts.
    pub(super) pages: SpooledTempFile,
}

impl Default for Exact {
    fn default() -> Self {
        let [packing, pages] = [(); 2].map(|()| tempfile::spooled_tempfile(LINES_IN_MEMORY));
        Self { packing, pages }
    }
}

impl Exact {
    /// Both, in the order of the manifest.
    pub(super) fn both(&mut self) -> [&mut SpooledTempFile; 2] {
        [&mut self.packing, &mut self.pages]
    }
}

/// Copies all lines of `from`.
pub(super) fn copy(from: &mut SpooledTempFile, to: &mut (impl Write + ?Sized)) -> io::Result<()> {
    from.rewind()?;
    io::copy(from, to).map(drop)
}

/// What `lines` are.
pub(super) fn digest(lines: &mut SpooledTempFile) -> io::Result<Digest> {
    lines.rewind()?;
    Digest::of_reader(lines)
}

/// Reads the lines at `path`, if they are those of `digest`.
pub(super) fn read(path: &Path, expected: &Digest) -> Option<SpooledTempFile> {
    let mut lines = tempfile::spooled_tempfile(LINES_IN_MEMORY);
    io::copy(&mut File::open(path).ok()?, &mut lines).ok()?;
    (digest(&mut lines).ok()? == *expected).then_some(lines)
}
