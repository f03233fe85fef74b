//! From the output and its manifest back to the input.
//!
//! In: what `clean` wrote. Out: the files with the content that they had, byte for byte; compressed files are compressed anew, and rows of Parquet written anew.
//! Always: the output and the manifest are held to the hashes in the manifest before anything is written, and what is restored to that of the input, unpacked,
//! before it gets its name.

use super::copied::{self, digest_of};
use super::manifest::{Digest, FileLine, MANIFEST_SCHEMA, ManifestLine, OutputKind, RemovedText, RowsLine, RunLine, removed_file};
use super::manifest_lines::{Gathered, Lines, Removals};
use super::refuse;
use super::write::write_packed;
use refrain_engine::detect::Progress;
use refrain_engine::error::{Error, Result};
use refrain_io::files::{Guard, Lock, Tree, remove_leftovers};
use refrain_io::source::{Unpacked, read_unpacked};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

/// What was restored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Files written.
    pub files: u64,
    /// Their bytes, unpacked.
    pub bytes: u64,
    /// Files of the same content whose bytes are others: they were compressed, or encoded as Parquet, anew.
    pub written_anew: u64,
}

/// Makes the input of a cleaning again: from `out`, which it wrote, and its manifest, into `back`.
///
/// # Errors
/// A manifest that does not belong to `out`, is damaged, or was written without the removed text; what the file system says.
pub fn restore(out: &Path, manifest: &Path, back: &Path, progress: &dyn Progress) -> Result<Restored> {
    let files = files_of(manifest)?;
    let mut lines = Lines::open(manifest)?;
    let run = match lines.next()? {
        Some(ManifestLine::Run(run)) => *run,
        _ => {
            return Err(
                lines.wrong("the first line does not describe a run, so this is not a manifest of `refrain clean`; name the manifest")
            );
        }
    };
    check_run(&run, manifest)?;
    let places = Places::new(out, back, run.output)?;
    let lock = places.prepare(&files, manifest, &lines)?;
    if run.removed_text == RemovedText::File {
        lines.with_removed_file()?;
    }
    let mut restored = Restored::default();
    let mut next = lines.next()?;
    while let Some(ManifestLine::File(file)) = next {
        let mut gathered = Gathered::default();
        next = loop {
            match lines.next()? {
                Some(ManifestLine::Removal(removal)) => gathered.push(*removal, &lines)?,
                other => break other,
            }
        };
        let removals = gathered.finish()?;
        let lies = restore_file(&places, &file, &removals, Rows { lines: &mut lines, next: &mut next }, progress)?;
        restored.files += 1;
        restored.bytes += file.before.bytes;
        restored.written_anew += u64::from(file.packed.as_ref().unwrap_or(&file.before) != &lies);
    }
    while let Some(ManifestLine::Kept(_)) = next {
        next = lines.next()?;
    }
    match next {
        Some(ManifestLine::Summary(_)) => {
            lock.release();
            Ok(restored)
        }
        _ => Err(lines.wrong("a line is out of order: the manifest is damaged; restore a backup of it")),
    }
}

/// The paths of the files in the output, of a manifest that is whole: it is written whole, so its last line is the summary.
fn files_of(manifest: &Path) -> Result<Vec<PathBuf>> {
    let mut lines = Lines::open(manifest)?;
    let (mut files, mut last) = (Vec::new(), None);
    while let Some(line) = lines.next()? {
        if let ManifestLine::File(file) = &line {
            files.push(path_of(file, &lines)?);
        }
        last = Some(line);
    }
    match last {
        Some(ManifestLine::Summary(_)) => Ok(files),
        _ => Err(lines.wrong("the file ends before its summary: it was cut short, or is not a manifest of `refrain clean`")),
    }
}

/// The path of a file below the output folder.
///
/// # Errors
/// It leads elsewhere.
fn path_of(file: &FileLine, lines: &Lines<'_>) -> Result<PathBuf> {
    let is_inside = |name: &PathBuf| !name.as_os_str().is_empty() && name.components().all(|part| matches!(part, Component::Normal(_)));
    let wrong = || lines.wrong(&format!("`{}` is not a name inside a folder; the manifest is damaged or hostile", file.name));
    file.path().filter(is_inside).ok_or_else(wrong)
}

fn check_run(run: &RunLine, manifest: &Path) -> Result<()> {
    if run.schema != MANIFEST_SCHEMA {
        return refuse(
            "manifest",
            format!(
                "{} has schema {}, and this refrain reads {MANIFEST_SCHEMA}; use the build of refrain {} that wrote it",
                manifest.display(),
                run.schema,
                run.version
            ),
        );
    }
    if run.removed_text == RemovedText::None {
        return refuse("manifest", format!("{} does not contain the removed text, so nothing can be restored from it", manifest.display()));
    }
    Ok(())
}

/// The lines that follow the removals of a Parquet file.
struct Rows<'l, 'p> {
    lines: &'l mut Lines<'p>,
    next: &'l mut Option<ManifestLine>,
}

impl Rows<'_, '_> {
    /// The next of them; None at their end. What stands behind them stays where it is.
    fn take(&mut self) -> Result<Option<RowsLine>> {
        match self.next.take() {
            Some(ManifestLine::Rows(line)) => {
                *self.next = self.lines.next()?;
                Ok(Some(*line))
            }
            other => {
                *self.next = other;
                Ok(None)
            }
        }
    }
}

/// Where files are read and written.
struct Places {
    out: PathBuf,
    back: PathBuf,
    is_folder: bool,
}

impl Places {
    fn new(out: &Path, back: &Path, kind: OutputKind) -> Result<Self> {
        let is_folder = kind == OutputKind::Folder;
        if is_folder != out.is_dir() {
            let what = if is_folder { "a folder" } else { "a file" };
            return refuse(
                "output",
                format!("the manifest describes {what}, and {} is not; name the output that it belongs to", out.display()),
            );
        }
        if is_folder && back.exists() && !back.is_dir() {
            return refuse("back", format!("{} is a file, and the manifest describes a folder; name a folder", back.display()));
        }
        Ok(Self { out: out.into(), back: back.into(), is_folder })
    }

    /// Refuses to write over what is read, keeps other runs out, and removes what killed ones left.
    ///
    /// # Errors
    /// [`Error::Config`]; two files of one name; the operating system's.
    fn prepare(&self, files: &[PathBuf], manifest: &Path, lines: &Lines<'_>) -> Result<Lock> {
        let mut names: Vec<&PathBuf> = files.iter().collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|two| two[0] == two[1]) {
            return Err(lines.wrong(&format!("`{}` is described twice; the manifest is damaged", twice[0].display())));
        }
        let ways: Vec<(PathBuf, PathBuf)> = files.iter().map(|name| self.of(name)).collect();
        let mut guard = Guard::default();
        guard.reads("manifest", manifest);
        guard.reads("removed text", removed_file(manifest));
        for (from, to) in &ways {
            guard.reads("file to restore from", from.as_path());
            guard.writes_corpus("back", to.as_path());
        }
        if self.is_folder {
            guard.reads_tree(Tree::of_folder(&self.out));
            guard.writes_folder("back", self.back.as_path());
        }
        guard.check()?;
        let lock = match ways.first().filter(|_| !self.is_folder) {
            Some((_, to)) => Lock::of_file("back", to)?,
            None => Lock::of_folder("back", &self.back)?,
        };
        remove_leftovers(ways.iter().map(|(_, to)| to.as_path()));
        Ok(lock)
    }

    /// The file `name` of the output, and where its input goes.
    fn of(&self, name: &Path) -> (PathBuf, PathBuf) {
        if self.is_folder {
            return (self.out.join(name), self.back.join(name));
        }
        let is_folder = self.back.is_dir() || self.back.to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]);
        (self.out.clone(), if is_folder { self.back.join(name) } else { self.back.clone() })
    }
}

/// One removal to undo: `removed` is written at `at`, in place of `inserted` bytes.
struct Undo<'r> {
    /// Of the output, unpacked.
    at: usize,
    inserted: usize,
    removed: &'r [u8],
}

/// The removals to undo, in order; None if a line makes no sense.
fn undo(removals: &Removals, length: usize) -> Option<Vec<Undo<'_>>> {
    let (mut shift, mut last) = (0_i128, 0_i128);
    let mut found = Vec::with_capacity(removals.len());
    for (removal, removed) in removals.iter() {
        let at = i128::from(removal.offset) + shift;
        let end = at + i128::from(removal.inserted);
        if at < last || end > length as i128 {
            return None;
        }
        found.push(Undo { at: usize::try_from(at).ok()?, inserted: usize::try_from(removal.inserted).ok()?, removed });
        shift += i128::from(removal.inserted) - i128::from(removal.bytes);
        last = end;
    }
    Some(found)
}

/// Restores a file; returns what lies there now.
fn restore_file(places: &Places, file: &FileLine, removals: &Removals, rows: Rows<'_, '_>, progress: &dyn Progress) -> Result<Digest> {
    let lines = &*rows.lines;
    let (from, to) = places.of(&path_of(file, lines)?);
    let lies = if file.is_copied() { Some(digest_of(&from)?) } else { None };
    if file.damaged.is_some() {
        return restore_damaged((&from, &to), file, removals, lines, progress);
    }
    let output = file.after.as_ref().map_or_else(|| Ok(Unpacked::default()), |after| read_output(&from, after))?;
    if let Some(expected) = lies {
        if !file.is_sound_copy(removals) {
            return Err(lines.wrong(&format!("the record of how {} was compressed is missing; the manifest is damaged", file.name)));
        }
        return restore_copy(&from, &to, file, &expected, progress);
    }
    if file.parquet.is_some() {
        let packed = restore_rows((&from, &to), file, output, rows)?;
        progress.written(file.before.bytes);
        return Ok(packed);
    }
    let undo = undo(removals, output.len())
        .ok_or_else(|| lines.wrong(&format!("the removals of {} contradict each other; the manifest is damaged", file.name)))?;
    let fill = |to: &mut (dyn Write + Send)| -> io::Result<()> {
        let mut at = 0;
        for undo in &undo {
            to.write_all(&output[at..undo.at])?;
            to.write_all(undo.removed)?;
            at = undo.at + undo.inserted;
        }
        to.write_all(&output[at..])
    };
    let check = |after: &Digest, _: &Digest| {
        if *after == file.before {
            Ok(())
        } else {
            Err(lines.wrong(&format!("{} cannot be restored to its original bytes; the manifest is damaged", file.name)))
        }
    };
    let (_, packed) = write_packed((&from, &to), file.packing, Some(file.before.bytes), (fill, check))?;
    progress.written(file.before.bytes);
    Ok(packed)
}

/// The unpacked output at `path`, if its digest is `expected`.
fn read_output(path: &Path, expected: &Digest) -> Result<Unpacked> {
    match read_unpacked(path, expected.bytes)? {
        Some(output) if Digest::of(&output) == *expected => Ok(output),
        _ => changed_output(path),
    }
}

fn changed_output<T>(from: &Path) -> Result<T> {
    refuse(
        "output",
        format!("{} differs from the output that the manifest describes: it was changed, or belongs to another run", from.display()),
    )
}

/// Copies a file back that could not be read when the others were cleaned.
fn restore_damaged(
    (from, to): (&Path, &Path),
    file: &FileLine,
    removals: &Removals,
    lines: &Lines<'_>,
    progress: &dyn Progress,
) -> Result<Digest> {
    if !file.is_sound_copy(removals) || file.packed.is_some() || file.packing.is_some() {
        return Err(lines.wrong(&format!("what it says of {} contradicts itself; the manifest is damaged", file.name)));
    }
    if digest_of(from)? != file.before {
        return changed_output(from);
    }
    restore_copy(from, to, file, &file.before, progress)
}

/// Restores a Parquet file of which something went.
#[cfg(feature = "parquet")]
fn restore_rows((from, to): (&Path, &Path), file: &FileLine, output: Unpacked, mut rows: Rows<'_, '_>) -> Result<Digest> {
    let wrong = rows.lines.wrong(&format!("{} cannot be restored to its original rows; the manifest is damaged", file.name));
    let Some(parquet) = file.parquet.as_ref() else { return Err(wrong) };
    let Some(changed) = super::rows::gather(file, parquet, &mut || rows.take())? else { return Err(wrong) };
    super::rows::write_back(super::rows::Way { from, to, packing: file.packing }, output, (parquet, changed), wrong)
}

/// This build has no means to.
#[cfg(not(feature = "parquet"))]
fn restore_rows((from, _): (&Path, &Path), _: &FileLine, _: Unpacked, mut rows: Rows<'_, '_>) -> Result<Digest> {
    while rows.take()?.is_some() {}
    Err(Error::Unsupported { path: from.into(), format: "Parquet", feature: "parquet" })
}

/// Restores a file that was copied, if it is still `expected`: what was unpacked and held to the manifest is what is copied.
fn restore_copy(from: &Path, to: &Path, file: &FileLine, expected: &Digest, progress: &dyn Progress) -> Result<Digest> {
    let check = |lies: &Digest| if lies == expected { Ok(()) } else { Err(Error::Changed { path: from.into() }) };
    let packed = copied::copy(from, to, check)?;
    progress.written(file.before.bytes);
    Ok(packed)
}
