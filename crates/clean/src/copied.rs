//! Files that are copied as they are, on the way out and on the way back: packed files from which nothing is removed, and damaged ones.

use super::kept_rows::KeptRows;
use super::manifest::{Digest, FileLine, Totals, name_hex};
use super::manifest_lines::Removals;
use super::target::shown;
use super::write::{Job, Mode, Written, write_packed};
use refrain_engine::error::{Error, Result};
use refrain_io::source::Format;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

impl FileLine {
    /// Whether the output is the packed input as it lay there.
    pub(super) fn is_copied(&self) -> bool {
        self.packed.is_some() && self.packing.is_none()
    }

    /// Whether that makes sense: a copy is what it was, and the manifest has no way back to it.
    pub(super) fn is_sound_copy(&self, removals: &Removals) -> bool {
        let is_same = self.after.as_ref() == Some(&self.before);
        is_same && removals.is_empty() && self.parquet.is_none() && self.removed == 0
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
        copy(input, &self.target.path(file), check)
    }

    /// Damaged files are copied, so they must be readable as bytes at least.
    ///
    /// # Errors
    /// The first that is not, before anything is written.
    pub(super) fn check_damaged(&self) -> Result<()> {
        let damaged = (0..self.corpus.len()).filter(|&file| self.corpus.damage(file).is_some()).map(|file| self.corpus.path(file));
        damaged.into_iter().try_for_each(|path| std::fs::File::open(path).map(drop).map_err(|cause| Error::Io { path: path.into(), cause }))
    }

    /// Copies a file that cannot be read: it is not lost, and nobody takes the output for the whole of the input.
    pub(super) fn write_damaged(&self, file: usize, reason: &str) -> Result<Written> {
        let input = self.corpus.path(file);
        let bytes = digest_of(input)?;
        if self.mode != Mode::Dry {
            let check = |copy: &Digest| if *copy == bytes { self.unchanged(file) } else { Err(Error::Changed { path: input.into() }) };
            copy(input, &self.target.path(file), check)?;
        }
        let line = FileLine {
            name: shown(&self.target.names[file]),
            name_hex: name_hex(&self.target.names[file]),
            input: self.corpus_name(file),
            format: Format::Text,
            packing: None,
            before: bytes.clone(),
            packed: None,
            after: Some(bytes.clone()),
            records: 0,
            removed: 0,
            unreadable: 0,
            parquet: None,
            damaged: Some(reason.to_owned()),
        };
        self.progress.written(bytes.bytes);
        let totals = Totals { files: 1, bytes_in: bytes.bytes, bytes_out: bytes.bytes, files_damaged: 1, ..Totals::default() };
        let [lines, removed] = [(); 2].map(|()| tempfile::spooled_tempfile(0));
        Ok(Written { line, totals, lines, removed, rows: KeptRows::default(), samples: Vec::new(), annotations: Vec::new() })
    }
}

/// The digest of the bytes of a file as they are.
///
/// # Errors
/// What the file system says.
pub(super) fn digest_of(path: &Path) -> Result<Digest> {
    File::open(path).and_then(Digest::of_reader).map_err(|cause| Error::Io { path: path.into(), cause })
}

/// Copies `from` to `to`, if `check` agrees with what was copied; returns that.
///
/// # Errors
/// What the file system says, and `check`.
pub(super) fn copy(from: &Path, to: &Path, check: impl FnOnce(&Digest) -> Result<()>) -> Result<Digest> {
    let mut file = File::open(from).map_err(|cause| Error::Io { path: from.into(), cause })?;
    let fill = |to: &mut (dyn Write + Send)| io::copy(&mut file, to).map(drop);
    let (_, lies) = write_packed((from, to), None, None, (fill, |_: &Digest, lies: &Digest| check(lies)))?;
    Ok(lies)
}
