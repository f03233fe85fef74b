//! What a run that goes on knows of the one before it: which files of the output were finished, from which input, under which settings.
//!
//! A note a file lies in a hidden folder of the output folder until the manifest is whole, with the rows of Parquet that changed. Decisions are made again; a note spares writing. Small
//! files have none, since writing them again costs less.

use super::changes::Change;
use super::kept_rows::KeptRows;
use super::manifest::{Digest, FileLine, OutputKind, ParquetLine};
use super::target::WORK_FOLDER;
use super::write::Job;
use refrain_engine::error::{Error, Result};
use refrain_io::files::{Durability, NewFile, explained};
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
    /// The output that it is about; the note gets its permissions.
    output: PathBuf,
    /// Stands for settings, input and changes.
    key: String,
}

#[derive(Serialize, Deserialize)]
struct Note {
    key: String,
    /// The output as it lies there.
    lies: Digest,
    /// What the manifest says of it, which is found out while it is written.
    after: Option<Digest>,
    parquet: Option<ParquetLine>,
    /// The lines of [`KeptRows`], which lie beside the note.
    rows: Digest,
}

/// How the name of the file of these lines ends.
const ROWS_ENDING: &str = "rows.jsonl";

impl Finished {
    /// The note of a file; None where there is none to be.
    pub(super) fn new(job: &Job<'_>, file: usize, line: &FileLine, changes: &[Change]) -> Option<Self> {
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
        let name = format!("{:032x}.json", xxh3_128(job.target.names[file].as_os_str().as_encoded_bytes()));
        let output = job.target.path(file);
        Some(Self { path: job.target.folder.join(WORK_FOLDER).join(name), output, key: format!("{:032x}", hasher.digest128()) })
    }

    /// If the output at `path` is what the note says, completes `line` and `rows`.
    pub(super) fn settle(&self, path: &Path, line: &mut FileLine, rows: &mut KeptRows) -> bool {
        let Some((note, found)) = self.read(path) else { return false };
        (line.after, line.parquet, *rows) = (note.after, note.parquet, found);
        true
    }

    fn read(&self, path: &Path) -> Option<(Note, KeptRows)> {
        let note: Note = serde_json::from_slice(&std::fs::read(&self.path).ok()?).ok()?;
        let lies = Digest::of_reader(File::open(path).ok()?).ok()?;
        if note.key != self.key || note.lies != lies {
            return None;
        }
        let rows = KeptRows::read(&self.path.with_extension(ROWS_ENDING), &note.rows)?;
        Some((note, rows))
    }

    /// Notes that the output is finished, lies there as `lies`, and is as `line` and `rows` say.
    ///
    /// # Errors
    /// What the file system says.
    pub(super) fn note(&self, lies: &Digest, line: &FileLine, rows: &mut KeptRows) -> Result<()> {
        let failed = |cause| Error::Io { path: self.path.clone(), cause: explained(cause) };
        let digest = rows.digest().map_err(failed)?;
        let unfinished = NewFile::begin_as(&self.path.with_extension(ROWS_ENDING), [self.output.as_path()])?;
        rows.copy(&mut unfinished.file()).map_err(failed)?;
        unfinished.keep(Durability::Run)?;
        let note =
            Note { key: self.key.clone(), lies: lies.clone(), after: line.after.clone(), parquet: line.parquet.clone(), rows: digest };
        let unfinished = NewFile::begin_as(&self.path, [self.output.as_path()])?;
        let bytes = serde_json::to_vec(&note).map_err(|error| failed(error.into()))?;
        unfinished.file().write_all(&bytes).map_err(failed)?;
        unfinished.keep(Durability::Run)
    }

    /// Removes all notes below `folder`; the run is done. Other files stay, and the folder of notes with them.
    pub(super) fn forget(folder: &Path) {
        let folder = folder.join(WORK_FOLDER);
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.file_name().to_str().is_some_and(is_of_notes) {
                // What stays is overwritten or ignored by the next run.
                let _ = std::fs::remove_file(entry.path());
            }
        }
        let _ = std::fs::remove_dir(folder);
    }
}

/// Whether a file of this name was made by a run, whole or not.
fn is_of_notes(name: &str) -> bool {
    let ending = name.split_once('.').filter(|(key, _)| key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit()));
    ending.is_some_and(|(_, ending)| ending == "json" || ending == ROWS_ENDING) || name.starts_with(".refrain-")
}
