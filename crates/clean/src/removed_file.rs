//! The removed text in a file of its own: compressed copies of the manifest lines that contain it.
//!
//! In: lines with removed text. Out: a file beside the manifest, which then contains positions and lengths only. When restoring, lines of this file replace
//! those of the manifest.

use super::manifest::{ManifestLine, RemovedText, removed_file};
use super::manifest_lines::read_line;
use super::write::{Job, Mode};
use refrain_engine::error::{Error, Problem, Result};
use refrain_io::files::{Durability, NewFile};
use refrain_io::source::{Packed, Recipe};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The file while it is written.
pub(super) struct RemovedFile {
    unfinished: NewFile,
    path: PathBuf,
}

impl RemovedFile {
    /// Begins the file, if there is to be one.
    ///
    /// # Errors
    /// What the file system says.
    pub(super) fn begin(job: &Job<'_>) -> Result<Option<Self>> {
        if job.mode == Mode::Dry || job.run.removed_text != RemovedText::File {
            return Ok(None);
        }
        let path = job.target.removed.clone();
        Ok(Some(Self { unfinished: NewFile::begin_as(&path, job.corpus.paths())?, path }))
    }

    /// Writes its lines.
    ///
    /// # Errors
    /// The compressor cannot be made.
    pub(super) fn writer(&self) -> Result<Packed<BufWriter<&File>>> {
        let recipe = cfg!(feature = "compression").then(Recipe::of_own);
        Packed::new(BufWriter::new(self.unfinished.file()), recipe, None, &self.path)
    }

    /// Ends its lines.
    ///
    /// # Errors
    /// What the file system says.
    pub(super) fn finish(writer: Packed<BufWriter<&File>>) -> io::Result<()> {
        writer.finish()?.flush()
    }

    /// Gives it its name.
    ///
    /// # Errors
    /// What the file system says.
    pub(super) fn keep(self) -> Result<()> {
        self.unfinished.keep(Durability::Run)
    }
}

/// A writer that counts.
pub(super) struct Counting<W> {
    pub(super) to: W,
    pub(super) bytes: u64,
}

impl<W: Write> Write for Counting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// The file while it is read, with the next of its lines.
pub(super) struct RemovedLines {
    path: PathBuf,
    reader: Box<dyn BufRead>,
    buffer: Vec<u8>,
    line: u64,
    next: Option<ManifestLine>,
}

impl RemovedLines {
    /// Opens the file beside `manifest`.
    ///
    /// # Errors
    /// It is not there, or cannot be read.
    pub(super) fn open(manifest: &Path) -> Result<Self> {
        let path = removed_file(manifest);
        let opened = File::open(&path).and_then(decompressed);
        let reader = opened.map_err(|cause| Error::Io { path: path.clone(), cause })?;
        let mut lines = Self { path, reader, buffer: Vec::new(), line: 0, next: None };
        lines.advance()?;
        Ok(lines)
    }

    fn advance(&mut self) -> Result<()> {
        self.line += 1;
        let length = read_line(&mut self.reader, &mut self.buffer).map_err(|cause| self.damaged(&cause))?;
        self.next = match length {
            0 => None,
            _ => Some(serde_json::from_slice(&self.buffer).map_err(|error| self.damaged(&error))?),
        };
        Ok(())
    }

    fn damaged(&self, cause: &dyn std::fmt::Display) -> Error {
        let reason = format!("the file of the removed text is damaged ({cause}); restore a backup of it");
        Error::Record(Problem { path: self.path.display().to_string(), line: self.line, reason })
    }

    /// The next line, if it is `wanted`.
    ///
    /// # Errors
    /// A damaged file.
    pub(super) fn take_if(&mut self, wanted: impl Fn(&ManifestLine) -> bool) -> Result<Option<ManifestLine>> {
        let taken = self.next.take_if(|line| wanted(line));
        if taken.is_some() {
            self.advance()?;
        }
        Ok(taken)
    }
}

#[cfg(feature = "compression")]
fn decompressed(file: File) -> io::Result<Box<dyn BufRead>> {
    Ok(Box::new(BufReader::new(zstd::Decoder::new(file)?)))
}

#[cfg(not(feature = "compression"))]
#[expect(clippy::unnecessary_wraps, reason = "the same as with the feature")]
fn decompressed(file: File) -> io::Result<Box<dyn BufRead>> {
    Ok(Box::new(BufReader::new(file)))
}
