//! How packed files are packed again: lines of the manifest that are noted while cleaning, and read while restoring.

use super::base64;
use super::manifest::{ManifestLine, PackingLine, RepackLine};
use super::write::append;
use crate::error::{Error, Result};
use crate::source::repack::{Source, Steps, tell};
use crate::source::{Original, mapped};
use std::io::{self, BufRead, BufReader, Read, Seek, Write};
use std::path::Path;
use tempfile::SpooledTempFile;

/// Writes to `lines` how the file at `path`, which is called `name` and holds what `original` does, is packed again.
///
/// # Errors
/// It cannot be read; what the file system says of `lines`.
pub(super) fn note(original: &Original<'_>, path: &Path, name: &str, lines: &mut (impl Write + Send)) -> Result<Option<RepackLine>> {
    let Some(format) = original.compression() else { return Ok(None) };
    let packed = mapped(path)?;
    let mut write = |part: Steps| {
        let line = PackingLine { file: name.into(), bytes: base64::pack(&part.bytes)?, steps: part.steps };
        append(&mut *lines, &ManifestLine::Packing(Box::new(line)))
    };
    let kept = tell(format, &packed, original.bytes(), &mut write).map_err(|cause| Error::Io { path: path.into(), cause })?;
    Ok(Some(RepackLine { kept }))
}

/// Gives the steps that stand in `lines`, which were written by [`append`].
///
/// # Errors
/// They cannot be read.
pub(super) fn source(mut lines: SpooledTempFile) -> io::Result<Source> {
    lines.rewind()?;
    let mut reader = BufReader::new(lines);
    let mut buffer = Vec::new();
    Ok(Box::new(move || {
        buffer.clear();
        if reader.by_ref().read_until(b'\n', &mut buffer)? == 0 {
            return Ok(None);
        }
        let line: PackingLine = serde_json::from_slice(&buffer).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        let bytes = base64::unpack(&line.bytes).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
        Ok(Some(Steps { steps: line.steps, bytes }))
    }))
}
