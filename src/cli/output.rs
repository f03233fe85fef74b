//! Writing to standard output and to files. A file is written beside its name and renamed when it is complete.

use super::args::Color;
use anyhow::{Context, Result, bail};
use refrain::report::Palette;
use std::cell::Cell;
use std::collections::HashMap;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Files that are not complete yet.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
/// Exit code of a program that was interrupted.
const INTERRUPTED: i32 = 130;

/// On Ctrl-C and on a request to end, removes unfinished files first.
pub(super) fn remove_unfinished_on_interrupt() {
    // Fails only if a handler is set already, and nobody else sets one.
    let _ = ctrlc::set_handler(|| {
        if let Ok(files) = UNFINISHED.lock() {
            files.iter().for_each(|file| drop(std::fs::remove_file(file)));
        }
        std::process::exit(INTERRUPTED);
    });
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
    if is_closed.get() { Ok(()) } else { written.context("standard output") }
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

/// Refuses, before anything is read, an output that is one of `inputs`, that is named twice, or whose folder does not exist.
///
/// # Errors
/// Names the file.
pub(super) fn refuse_outputs<'p>(outputs: impl Iterator<Item = &'p Path>, inputs: impl Iterator<Item = impl AsRef<Path>>) -> Result<()> {
    let mut targets: HashMap<PathBuf, &Path> = HashMap::new();
    for path in outputs {
        let target = behind_links(path);
        let folder = folder_of(&target);
        if !folder.is_dir() {
            bail!("{}: there is no folder {}; make it first", path.display(), folder.display());
        }
        let real = folder.canonicalize().unwrap_or_else(|_| folder.into()).join(target.file_name().unwrap_or_default());
        if targets.insert(real, path).is_some() {
            bail!("{}: is named for two reports; name another file for one of them", path.display());
        }
    }
    if targets.is_empty() {
        return Ok(());
    }
    for input in inputs {
        let real = input.as_ref().canonicalize().unwrap_or_else(|_| input.as_ref().to_path_buf());
        if let Some(path) = targets.get(&real) {
            bail!("{}: is among the files to read; write the report elsewhere", path.display());
        }
    }
    Ok(())
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
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
    if target.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        let mut device = std::fs::OpenOptions::new().write(true).open(&target).with_context(failed)?;
        return write(&mut device).with_context(failed);
    }
    let mut file = beside(&target).with_context(failed)?;
    let unfinished = file.path().to_path_buf();
    set_unfinished(|files| files.push(unfinished.clone()));
    let whole = write(&mut file);
    let in_place = |file: tempfile::NamedTempFile| -> io::Result<()> {
        file.as_file().sync_all()?;
        file.persist(&target).map(drop).map_err(|error| error.error)
    };
    let written = whole.and_then(|()| Ok(in_place(file)?));
    set_unfinished(|files| files.retain(|file| *file != unfinished));
    written.with_context(failed)
}

/// Links that are followed before they are taken for a cycle.
const MOST_LINKS: usize = 40;

/// Where a path leads, also if no file exists there yet.
fn behind_links(path: &Path) -> PathBuf {
    let mut target = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        let Ok(link) = std::fs::read_link(&target) else { break };
        target = target.parent().map_or_else(|| link.clone(), |folder| folder.join(&link));
    }
    target
}

pub(super) fn set_unfinished(change: impl FnOnce(&mut Vec<PathBuf>)) {
    if let Ok(mut files) = UNFINISHED.lock() {
        change(&mut files);
    }
}

/// A new file in the folder of `target`, with the permissions of the file that it will replace, or else those of any new file.
#[cfg(unix)]
fn beside(target: &Path) -> io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let new = std::fs::Permissions::from_mode(0o666);
    let file = tempfile::Builder::new().prefix(".refrain-").permissions(new).tempfile_in(folder_of(target))?;
    if let Ok(replaced) = target.metadata() {
        file.as_file().set_permissions(replaced.permissions())?;
    }
    Ok(file)
}

#[cfg(not(unix))]
fn beside(target: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(".refrain-").tempfile_in(folder_of(target))
}
