//! Reading a manifest: line by line, each of a bounded length; removed text waits in a temporary file.

use super::manifest::{ManifestLine, RemovalLine, from_hex};
use super::removed_file::RemovedLines;
use refrain_engine::error::{Error, Problem, Result};
use refrain_io::source::Unpacked;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::ops::Range;
use std::path::Path;
use tempfile::SpooledTempFile;

/// A longer line is none of a manifest: one holds at most the text of a record, of less than 4 GiB, in which a byte may take six in JSON.
const LONGEST_LINE_BYTES: u64 = 32 << 30;
/// Removed text of a file that is kept in memory.
const TEXT_IN_MEMORY: usize = 16 << 20;

/// Reads a line into `buffer`; returns its length, 0 at the end.
///
/// # Errors
/// The reader's; [`io::ErrorKind::InvalidData`] for a line that does not begin a JSON object, or is longer than any line of a manifest.
pub(super) fn read_line(reader: &mut impl BufRead, buffer: &mut Vec<u8>) -> io::Result<usize> {
    buffer.clear();
    // Other files may have no line end for gigabytes.
    if reader.fill_buf()?.first().is_some_and(|&byte| byte != b'{') {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no JSON object"));
    }
    let length = reader.by_ref().take(LONGEST_LINE_BYTES).read_until(b'\n', buffer)?;
    if length as u64 == LONGEST_LINE_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is longer than 32 GiB"));
    }
    Ok(length)
}

/// Lines of a manifest.
pub(super) struct Lines<'a> {
    reader: BufReader<File>,
    path: &'a Path,
    line: u64,
    buffer: Vec<u8>,
    /// Lines that are kept in a file of their own, and one that waits for those before it.
    aside: Option<RemovedLines>,
    waiting: Option<ManifestLine>,
}

impl<'a> Lines<'a> {
    /// # Errors
    /// The file cannot be opened.
    pub(super) fn open(path: &'a Path) -> Result<Self> {
        let file = File::open(path).map_err(|cause| Error::Io { path: path.into(), cause })?;
        Ok(Self { reader: BufReader::with_capacity(1 << 18, file), path, line: 0, buffer: Vec::new(), aside: None, waiting: None })
    }

    /// Takes removed text from the file beside the manifest from here on.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn with_removed_file(&mut self) -> Result<()> {
        self.aside = Some(RemovedLines::open(self.path)?);
        Ok(())
    }

    /// The next line, with what was removed; None at the end.
    ///
    /// # Errors
    /// A line that is none of a manifest, with its number; the operating system's.
    pub(super) fn next(&mut self) -> Result<Option<ManifestLine>> {
        let line = match self.waiting.take() {
            Some(line) => Some(line),
            None => self.next_own()?,
        };
        let Some(aside) = &mut self.aside else { return Ok(line) };
        if let Some(ManifestLine::Removal(own)) = &line {
            if own.bytes == 0 {
                return Ok(line);
            }
            let of = |line: &RemovalLine| (line.doc.clone(), line.file.clone(), line.offset, line.bytes);
            let is_same = |line: &ManifestLine| matches!(line, ManifestLine::Removal(other) if of(other) == of(own));
            return match aside.take_if(is_same)? {
                None => Err(self
                    .wrong("what was removed here is not in the file of the removed text: it belongs to another manifest, or is damaged")),
                found => Ok(found),
            };
        }
        // Rows stand before the line of the next file.
        match aside.take_if(|line| matches!(line, ManifestLine::Rows(_)))? {
            None => Ok(line),
            rows => {
                self.waiting = line;
                Ok(rows)
            }
        }
    }

    /// The next line of the manifest itself.
    fn next_own(&mut self) -> Result<Option<ManifestLine>> {
        self.line += 1;
        match read_line(&mut self.reader, &mut self.buffer) {
            Ok(0) => {
                self.line -= 1;
                return Ok(None);
            }
            Ok(_) => {}
            Err(cause) if cause.kind() == io::ErrorKind::InvalidData => return Err(self.no_line(&cause)),
            Err(cause) => return Err(Error::Io { path: self.path.into(), cause }),
        }
        serde_json::from_slice(&self.buffer).map(Some).map_err(|error| self.no_line(&error))
    }

    fn no_line(&self, cause: &dyn std::fmt::Display) -> Error {
        self.wrong(&format!("not a line of a manifest ({cause}); name the manifest, or restore a backup of it"))
    }

    /// An error about the line that was read last.
    pub(super) fn wrong(&self, reason: &str) -> Error {
        Error::Record(Problem { path: self.path.display().to_string(), line: self.line, reason: reason.into() })
    }
}

/// Removals of a file while they are read.
pub(super) struct Gathered {
    removals: Vec<(RemovalLine, Range<usize>)>,
    text: SpooledTempFile,
    length: usize,
}

impl Default for Gathered {
    fn default() -> Self {
        Self { removals: Vec::new(), text: tempfile::spooled_tempfile(TEXT_IN_MEMORY), length: 0 }
    }
}

impl Gathered {
    /// Takes the removal that `lines` gave.
    ///
    /// # Errors
    /// A removal that contradicts itself; the temporary file cannot be written.
    pub(super) fn push(&mut self, mut removal: RemovalLine, lines: &Lines<'_>) -> Result<()> {
        let removed = match (removal.removed.take(), removal.removed_hex.take()) {
            (Some(text), None) => Some(text.into_bytes()),
            (None, Some(hex)) => from_hex(&hex),
            (None, None) => Some(Vec::new()),
            (Some(_), Some(_)) => None,
        };
        let wrong = || lines.wrong("the removed text is not as long as the line says; the manifest is damaged");
        let removed = removed.filter(|removed| removed.len() as u64 == removal.bytes).ok_or_else(wrong)?;
        self.text.write_all(&removed).map_err(unwritable)?;
        let start = self.length;
        self.length += removed.len();
        self.removals.push((removal, start..self.length));
        Ok(())
    }

    /// # Errors
    /// The temporary file cannot be read.
    pub(super) fn finish(self) -> Result<Removals> {
        Ok(Removals { removals: self.removals, text: Unpacked::of_temporary(self.text).map_err(unwritable)? })
    }
}

fn unwritable(cause: io::Error) -> Error {
    Error::Spill { folder: tempfile::env::temp_dir(), cause }
}

/// Removals of a file, in order.
pub(super) struct Removals {
    /// Without the removed text, and where that is in `text`.
    removals: Vec<(RemovalLine, Range<usize>)>,
    text: Unpacked,
}

impl Removals {
    pub(super) fn len(&self) -> usize {
        self.removals.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.removals.is_empty()
    }

    /// Each removal with its removed bytes.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&RemovalLine, &[u8])> {
        self.removals.iter().map(|(removal, range)| (removal, &self.text[range.clone()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_line_ends_is_refused_at_once() {
        // Longer than memory.
        let mut zeros = BufReader::new(io::repeat(0));
        assert_eq!(read_line(&mut zeros, &mut Vec::new()).unwrap_err().kind(), io::ErrorKind::InvalidData);
        let mut buffer = Vec::new();
        let mut lines = BufReader::new(&b"{1}\n{2}"[..]);
        let read: Vec<_> = (0..3).map(|_| (read_line(&mut lines, &mut buffer).unwrap(), buffer.clone())).collect();
        assert_eq!(read, [(4, b"{1}\n".to_vec()), (3, b"{2}".to_vec()), (0, Vec::new())]);
    }
}
