//! What a run that goes on knows of the one before it: which files of the output were finished, from which input, under which settings.
//!
//! A note a file lies in a hidden folder of the output folder until the manifest is whole, with the lines of the manifest that took long to find. Decisions are made again; a note spares writing. Small
//! files have none, since writing them again costs less.

use super::changes::Change;
use super::exact::{self, Exact};
use super::manifest::{Digest, FileLine, OutputKind, ParquetLine, RepackLine};
use super::target::WORK_FOLDER;
use super::write::Job;
use crate::error::{Error, Result};
use crate::files::{Durability, NewFile, explained};
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
    repack: Option<RepackLine>,
    /// The lines of [`Exact`], which lie beside the note.
    exact: [Digest; 2],
}

/// What the files of these lines are called.
const EXACT_ENDINGS: [&str; 2] = ["packing.jsonl", "pages.jsonl"];

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

    /// If the output at `path` is what the note says, tells so in `line` and `exact`.
    pub(super) fn settle(&self, path: &Path, line: &mut FileLine, exact: &mut Exact) -> bool {
        let Some((note, found)) = self.read(path) else { return false };
        (line.after, line.parquet, line.repack, *exact) = (note.after, note.parquet, note.repack, found);
        true
    }

    fn read(&self, path: &Path) -> Option<(Note, Exact)> {
        let note: Note = serde_json::from_slice(&std::fs::read(&self.path).ok()?).ok()?;
        let lies = Digest::of_reader(File::open(path).ok()?).ok()?;
        if note.key != self.key || note.lies != lies {
            return None;
        }
        let lines = |which: usize| exact::read(&self.path.with_extension(EXACT_ENDINGS[which]), &note.exact[which]);
        let exact = Exact { packing: lines(0)?, pages: lines(1)? };
        Some((note, exact))
    }

    /// Notes that the output is finished, lies there as `lies`, and is as `line` and `exact` say.
    ///
    /// # Errors
    /// What the file system says.
    pub(super) fn note(&self, lies: &Digest, line: &FileLine, exact: &mut Exact) -> Result<()> {
        let failed = |cause| Error::Io { path: self.path.clone(), cause: explained(cause) };
        let mut digests = Vec::new();
        for (lines, ending) in exact.both().into_iter().zip(EXACT_ENDINGS) {
            digests.push(exact::digest(lines).map_err(failed)?);
            let path = self.path.with_extension(ending);
            let unfinished = NewFile::begin_as(&path, [self.output.as_path()])?;
            exact::copy(lines, &mut unfinished.file()).map_err(failed)?;
            unfinished.keep(Durability::Run)?;
        }
        let [packing, pages] = [0, 1].map(|which: usize| digests[which].clone());
        let note = Note {
            key: self.key.clone(),
            lies: lies.clone(),
            after: line.after.clone(),
            parquet: line.parquet.clone(),
            repack: line.repack.clone(),
            exact: [packing, pages],
        };
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
    ending.is_some_and(|(_, ending)| ending == "json" || EXACT_ENDINGS.contains(&ending)) || name.starts_with(".refrain-")
}
