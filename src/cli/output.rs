//! Writing to standard output and to files.

use super::args::Color;
use super::has_kind;
use crate::files::{Durability, NewFile, behind_links, file_too_large, is_open_file, remove_unfinished};
use crate::report::Palette;
use anyhow::{Context, Result};
use std::cell::Cell;
use std::fs::OpenOptions;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

/// Exit code of a program that was interrupted.
const INTERRUPTED: i32 = 130;

/// On Ctrl-C and on a request to end, removes unfinished files first.
pub(super) fn remove_unfinished_on_interrupt() {
    // Fails only if a handler is set already, and nobody else sets one.
    let _ = ctrlc::set_handler(|| remove_unfinished(|| std::process::exit(INTERRUPTED)));
}

/// How text for people is written to standard output.
pub(super) fn palette(color: Option<Color>) -> Palette {
    let is_terminal = io::stdout().is_terminal();
    let color = match color.unwrap_or(Color::Auto) {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    };
    Palette { color, isolates: is_terminal }
}

/// Writes to standard output. Where the reader has gone away, writing ends and that is no error: the rest of the run, and its exit code, do not
/// depend on the reader.
///
/// # Errors
/// A full disk, or what `write` says for other reasons.
pub(super) fn to_stdout(write: &mut dyn FnMut(&mut dyn Write) -> Result<()>) -> Result<()> {
    let is_closed = Cell::new(false);
    let mut out = BufWriter::with_capacity(1 << 16, Watched { out: io::stdout().lock(), is_closed: &is_closed });
    let written = write(&mut out).and_then(|()| Ok(out.flush()?));
    // What is still buffered would be tried once more.
    drop(out.into_parts());
    if is_closed.get() { Ok(()) } else { written.map_err(with_remedy).context("standard output") }
}

/// A writer that notes whether its reader has gone away, whatever becomes of the error above it.
struct Watched<'c, W> {
    out: W,
    is_closed: &'c Cell<bool>,
}

impl<W> Watched<'_, W> {
    fn note<T>(&self, written: io::Result<T>) -> io::Result<T> {
        if written.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
            self.is_closed.set(true);
        }
        written
    }
}

impl<W: Write> Write for Watched<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes);
        self.note(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.out.flush();
        self.note(flushed)
    }
}

/// Writes a file, which is then complete or absent; or writes into a device or pipe.
///
/// # Errors
/// What the file system says, with the file's name.
pub(super) fn write_file(path: &Path, write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    to_file_by(path, &mut |out| {
        let mut out = BufWriter::with_capacity(1 << 16, out);
        Ok(write(&mut out).and_then(|()| out.flush())?)
    })
}

/// The same, for a writer that may fail for other reasons.
///
/// # Errors
/// What it or the file system says, with the file's name.
pub(super) fn to_file_by(path: &Path, write: &mut dyn FnMut(&mut dyn Write) -> Result<()>) -> Result<()> {
    let failed = || path.display().to_string();
    let target = behind_links(path);
    let is_device = target.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir());
    if is_device || is_open_file(path) {
        // What the process has written to an open file stays before it.
        let mut device = OpenOptions::new().append(true).open(if is_device { &target } else { path }).with_context(failed)?;
        return write(&mut device).map_err(with_remedy).with_context(failed);
    }
    let file = NewFile::begin(&target)?;
    write(&mut file.file()).map_err(with_remedy).with_context(failed)?;
    Ok(file.keep(Durability::Crash)?)
}

/// An error that says what to do, where the operating system's message does not.
fn with_remedy(error: anyhow::Error) -> anyhow::Error {
    if has_kind(&error, io::ErrorKind::FileTooLarge) { file_too_large().into() } else { error }
}
