//! What a run that goes on knows of the one before it: which files of the output were finished, from which input, under which settings.
//!
//! A note a file lies in a hidden folder of the output folder until the manifest is whole. Decisions are made again; a note spares writing. Small
//! files have none, since writing them again costs less.

use super::changes::Change;
use super::manifest::{Digest, FileLine, OutputKind};
use super::output::Unfinished;
use super::target::WORK_FOLDER;
use super::write::Job;
use crate::detect::Progress;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::{Xxh3Default, xxh3_128};

/// Smaller files are written again.
const NOTED_FROM_BYTES: u64 = 1 << 20;

/// A finished file of the output.
pub(super) struct Finished {
    /// Where the note lies.
    path: PathBuf,
    /// Stands for settings, input and changes.
    key: String,
}

#[derive(Serialize, Deserialize)]
struct Note {
    key: String,
    /// The output, unpacked.
    after: Digest,
    /// The output as it lies there.
    packed: Digest,
}

impl Finished {
    /// The note of a file; None where there is none to be.
    pub(super) fn new(job: &Job<'_>, line: &FileLine, changes: &[Change]) -> Option<Self> {
        if job.target.kind == OutputKind::File || line.before.bytes < NOTED_FROM_BYTES {
            return None;
        }
        let mut hasher = Xxh3Default::new();
        hasher.update(&serde_json::to_vec(job.run).ok()?);
        hasher.update(&serde_json::to_vec(line).ok()?);
        for change in changes {
            for number in [change.range.start, change.range.end, change.inserted.len()] {
                hasher.update(&(number as u64).to_le_bytes());
            }
            hasher.update(&change.inserted);
        }
        let name = format!("{:032x}.json", xxh3_128(line.name.as_bytes()));
        Some(Self { path: job.target.folder.join(WORK_FOLDER).join(name), key: format!("{:032x}", hasher.digest128()) })
    }

    /// What the output at `path` is, if it is what the note says.
    pub(super) fn output(&self, path: &Path) -> Option<Digest> {
        let note: Note = serde_json::from_slice(&std::fs::read(&self.path).ok()?).ok()?;
        let lies = Digest::of_reader(File::open(path).ok()?).ok()?;
        (note.key == self.key && note.packed == lies).then_some(note.after)
    }

    /// Notes that the output is finished.
    ///
    /// # Errors
    /// What the file system says.
    pub(super) fn note(&self, after: &Digest, packed: &Digest, progress: &dyn Progress) -> Result<()> {
        let note = Note { key: self.key.clone(), after: after.clone(), packed: packed.clone() };
        let failed = |cause| Error::Io { path: self.path.clone(), cause };
        let unfinished = Unfinished::begin(&self.path, progress)?;
        let bytes = serde_json::to_vec(&note).map_err(|error| failed(error.into()))?;
        unfinished.file()?.write_all(&bytes).map_err(failed)?;
        unfinished.keep()
    }

    /// Takes all notes below `folder` away; the run is done.
    pub(super) fn forget(folder: &Path) {
        // What stays is overwritten or ignored by the next run.
        let _ = std::fs::remove_dir_all(folder.join(WORK_FOLDER));
    }
}
