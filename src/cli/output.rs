//! Reports to standard output and to files. A file is written beside its name and renamed when it is whole.

use super::args::{Color, Report};
use anyhow::{Context, Result, bail};
use refrain::Findings;
use refrain::report::{Palette, write_json, write_jsonl, write_text};
use std::collections::HashMap;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Files that are not whole yet.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
/// Exit code of a program that was interrupted.
const INTERRUPTED: i32 = 130;

/// On Ctrl-C and on a request to end, takes unfinished files away first.
pub(super) fn remove_unfinished_on_interrupt() {
    // Refused only where a handler is set already, and nobody else sets one.
    let _ = ctrlc::set_handler(|| {
        if let Ok(files) = UNFINISHED.lock() {
            files.iter().for_each(|file| drop(std::fs::remove_file(file)));
        }
        std::process::exit(INTERRUPTED);
    });
}

/// The palette for standard output.
pub(super) fn palette(color: Color) -> Palette {
    let wanted = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    };
    if wanted { Palette::Ansi } else { Palette::Plain }
}

fn write(findings: &Findings, report: Report, palette: Palette, mut out: impl Write) -> io::Result<()> {
    match report {
        Report::Text => write_text(findings, palette, &mut out),
        Report::Jsonl => write_jsonl(findings, &mut out),
        Report::Json => write_json(findings, &mut out),
        Report::Sarif | Report::Junit | Report::Github | Report::Gitlab | Report::Markdown => {
            Err(io::Error::other("this is a form of refrain check"))
        }
    }?;
    out.flush()
}

/// Writes a report to standard output.
///
/// # Errors
/// A pipe that was closed, a disk that is full.
pub(super) fn to_stdout(findings: &Findings, report: Report, palette: Palette) -> Result<()> {
    let out = io::stdout().lock();
    write(findings, report, palette, BufWriter::with_capacity(1 << 16, out)).context("standard output")
}

/// Refuses, before anything is read, to write over a file that is read, to the same file twice, or into a folder that is not there.
///
/// # Errors
/// Names the file.
pub(super) fn refuse_outputs(outputs: &[(Report, PathBuf)], inputs: impl Iterator<Item = impl AsRef<Path>>) -> Result<()> {
    let mut targets: HashMap<PathBuf, &Path> = HashMap::new();
    for (_, path) in outputs {
        let target = behind_links(path);
        let folder = folder_of(&target);
        if !folder.is_dir() {
            bail!("{}: there is no folder {}", path.display(), folder.display());
        }
        let real = folder.canonicalize().unwrap_or_else(|_| folder.into()).join(target.file_name().unwrap_or_default());
        if targets.insert(real, path).is_some() {
            bail!("{}: is named for two reports", path.display());
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

/// Writes a report to a file, which is there whole or not at all; or into a device or pipe.
///
/// # Errors
/// What the file system says, with the file's name.
pub(super) fn to_file(findings: &Findings, report: Report, path: &Path) -> Result<()> {
    write_file(path, &mut |out| write(findings, report, Palette::Plain, out))
}

/// The same for whatever `write` writes.
///
/// # Errors
/// What the file system says, with the file's name.
pub(super) fn write_file(path: &Path, write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    to_file_by(path, &mut |out| {
        let mut out = BufWriter::with_capacity(1 << 16, out);
        Ok(write(&mut out).and_then(|()| out.flush())?)
    })
}

/// The same for what may fail for other reasons too.
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

/// Links that are followed before they are taken for a circle.
const MOST_LINKS: usize = 40;

/// Where a path leads, also to a file that is not there yet.
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
