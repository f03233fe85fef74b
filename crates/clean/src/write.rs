//! Writing the output: each file with its changes made, and what the manifest says of it.
//!
//! In: the input and what goes. Out: files under their names, and the manifest. Files are written on all threads; what is written depends on the
//! input and the settings alone.

use super::annotate::Annotator;
use super::changes::{Change, Doomed, changes, make};
use super::copies_of::CopiesOf;
use super::kept_rows::{self, KeptRows};
use super::manifest::OutputKind;
use super::manifest::{Digest, FileLine, Hashing, KeptLine, ManifestLine, RemovalLine, RemovedText, RunLine, Totals, name_hex, to_hex};
use super::removed_file::{Counting, RemovedFile};
use super::resume::Finished;
use super::target::{Target, shown};
use rayon::prelude::*;
use refrain_engine::detect::{Findings, Progress};
use refrain_engine::error::{Error, Result};
use refrain_io::files::{Durability, NewFile, Stamp, explained, unwritten};
use refrain_io::source::{FileCorpus, Format, Original, Packed, Recipe};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::SpooledTempFile;

/// Files of which the manifest's lines are held at a time.
const FILES_AT_A_TIME: usize = 256;
/// Bytes of a file's lines in the manifest that are held in memory; more wait in a temporary file.
const LINES_IN_MEMORY: usize = 4 << 20;
/// Bytes that are gathered before they are written.
const BUFFER_BYTES: usize = 1 << 18;

/// Whether anything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Nothing is.
    Dry,
    /// Everything is.
    Write,
    /// What an earlier run finished is left as it is.
    Resume,
}

/// What is written.
pub(super) struct Job<'a> {
    pub(super) corpus: &'a FileCorpus,
    pub(super) findings: &'a Findings,
    pub(super) target: &'a Target,
    pub(super) run: &'a RunLine,
    pub(super) mode: Mode,
    /// Most removals that are samples.
    pub(super) samples: usize,
    pub(super) stamps: &'a [Option<Stamp>],
    pub(super) progress: &'a dyn Progress,
    /// What articles that stay stand for, by position, in the order of the input.
    pub(super) kept: &'a [(u32, CopiesOf)],
    /// Marks in place of removing.
    pub(super) annotator: Option<&'a Annotator<'a>>,
}

/// Outcome of writing.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) totals: Totals,
    pub(super) samples: Vec<RemovalLine>,
    /// Where the marks of text files are, if there are any.
    pub(super) annotations: Option<PathBuf>,
    /// Bytes of the manifest, but for the rows of Parquet where nothing is written.
    pub(super) manifest_bytes: u64,
}

/// A file that was written.
pub(super) struct Written {
    pub(super) line: FileLine,
    pub(super) totals: Totals,
    /// Its removals, as they stand in the manifest.
    pub(super) lines: SpooledTempFile,
    /// The same with what was removed, where that gets a file of its own.
    pub(super) removed: SpooledTempFile,
    /// Of a Parquet file, the lines with the rows that changed.
    pub(super) rows: KeptRows,
    pub(super) samples: Vec<RemovalLine>,
    /// Of a text file, where documents are marked.
    pub(super) annotations: Vec<u8>,
}

/// Records of each file, and those that could not be read.
struct Counts {
    records: Vec<u64>,
    unreadable: Vec<u64>,
}

impl Counts {
    fn new(job: &Job<'_>) -> Self {
        let files = job.corpus.len();
        let mut counts = Self { records: vec![0; files], unreadable: vec![0; files] };
        job.findings.members().for_each(|member| counts.records[member.locator.file as usize] += 1);
        let problems = job.findings.problems();
        counts.unreadable.iter_mut().enumerate().for_each(|(file, count)| *count = problems.of_file(&job.corpus_name(file)));
        counts
    }
}

impl Job<'_> {
    pub(super) fn corpus_name(&self, file: usize) -> String {
        use refrain_engine::corpus::Corpus;
        u32::try_from(file).map_or_else(|_| String::new(), |file| self.corpus.name(file).into_owned())
    }

    /// Writes all files and the manifest. `doomed` holds what goes, in the order of its places.
    ///
    /// # Errors
    /// What the file system says, with the file; files that are whole by then have their names, the manifest has not.
    pub(super) fn write(&self, doomed: &[Doomed<'_>]) -> Result<Outcome> {
        let counts = Counts::new(self);
        self.check_damaged()?;
        let files: Vec<usize> = (0..self.corpus.len()).collect();
        let mut outcome = Outcome::default();
        // What was removed stands in the manifest: only those may read it who may read all of the input.
        let inputs = || self.corpus.paths();
        let begin = || NewFile::begin_as(&self.target.manifest, inputs());
        let manifest = (self.mode != Mode::Dry).then(begin).transpose()?;
        let failed = |cause| self.unwritten(cause);
        let lines: Box<dyn Write> = match &manifest {
            Some(manifest) => Box::new(BufWriter::with_capacity(BUFFER_BYTES, manifest.file())),
            None => Box::new(std::io::sink()),
        };
        let mut lines = Counting { to: lines, bytes: 0 };
        append(&mut lines, &ManifestLine::Run(Box::new(self.run.clone()))).map_err(failed)?;
        let aside = RemovedFile::begin(self)?;
        let mut removed = aside.as_ref().map(RemovedFile::writer).transpose()?;
        let mut annotations = Vec::new();
        for some in files.chunks(FILES_AT_A_TIME) {
            let written = some.par_iter().map(|&file| self.write_file(file, of_file(doomed, file), &counts));
            for mut written in written.collect::<Result<Vec<_>>>()? {
                append(&mut lines, &ManifestLine::File(Box::new(written.line))).map_err(failed)?;
                kept_rows::copy(&mut written.lines, &mut lines).map_err(failed)?;
                match &mut removed {
                    Some(removed) => kept_rows::copy(&mut written.removed, removed).and_then(|()| written.rows.copy(removed)),
                    None => written.rows.copy(&mut lines),
                }
                .map_err(failed)?;
                outcome.totals.add(&written.totals);
                outcome.samples.extend(written.samples);
                outcome.samples.truncate(self.samples);
                annotations.extend(written.annotations);
            }
        }
        for (at, copies) in self.kept {
            append(&mut lines, &ManifestLine::Kept(Box::new(self.kept_line(*at, copies)))).map_err(failed)?;
        }
        append(&mut lines, &ManifestLine::Summary(Box::new(outcome.totals.clone()))).and_then(|()| lines.flush()).map_err(failed)?;
        outcome.manifest_bytes = lines.bytes;
        drop(lines);
        removed.map_or(Ok(()), RemovedFile::finish).map_err(failed)?;
        aside.map_or(Ok(()), RemovedFile::keep)?;
        if !annotations.is_empty() && self.mode != Mode::Dry {
            let sidecar = NewFile::begin_as(&self.target.annotations, inputs())?;
            let failed = |cause| Error::Io { path: self.target.annotations.clone(), cause: explained(cause) };
            sidecar.file().write_all(&annotations).map_err(failed)?;
            // What was written may reach the disk after the name. Waiting for the disk takes longer than all the rest.
            sidecar.keep(Durability::Run)?;
            outcome.annotations = Some(self.target.annotations.clone());
        }
        manifest.map_or(Ok(()), |manifest| manifest.keep(Durability::Run))?;
        if self.mode != Mode::Dry && self.target.kind == OutputKind::Folder {
            Finished::forget(&self.target.folder);
        }
        Ok(outcome)
    }

    fn write_file(&self, file: usize, doomed: &[Doomed<'_>], counts: &Counts) -> Result<Written> {
        let number = u32::try_from(file).map_err(|_| Error::TooMany { count: file })?;
        if let Some(reason) = self.corpus.damage(file) {
            return self.write_damaged(file, reason);
        }
        let original = self.corpus.original(number)?;
        let name = shown(&self.target.names[file]);
        let name_of = |at: u32| self.findings.member(at as usize).id;
        let (changes, annotations) = match self.annotator {
            None => (changes(self.corpus, &original, &name, doomed, name_of)?, Vec::new()),
            Some(annotator) if original.format().is_one_article() || original.format() == Format::Articles => {
                (Vec::new(), annotator.lines(self.corpus, number)?)
            }
            // They get a column, which is no change of bytes.
            Some(_) if original.format() == Format::Parquet => (Vec::new(), Vec::new()),
            Some(annotator) => (annotator.changes(self.corpus, &original, number, &name)?, Vec::new()),
        };
        let is_gone = |document: &&Doomed<'_>| self.annotator.is_none() && document.fate.gone.is_some();
        let gone = doomed.iter().filter(is_gone).count() as u64;
        let input = self.corpus.path(file);
        let [mut lines, mut removed] = [(); 2].map(|()| tempfile::spooled_tempfile(LINES_IN_MEMORY));
        let mut describe = || self.describe(&original, &changes, (&mut lines, &mut removed)).map_err(|cause| self.unwritten(cause));
        let (before, described) = if original.is_mapped() {
            // Nothing is taken from the file before it is hashed, nor after it is hashed again: a change in between is seen.
            (Digest::of(original.bytes()), describe())
        } else {
            rayon::join(|| Digest::of(original.bytes()), describe)
        };
        let (mut totals, samples) = described?;
        let gets_column = self.annotator.is_some() && original.format() == Format::Parquet;
        // Of a packed file that changes: else it is copied as it lies there.
        let repacked = original.compression().filter(|_| gets_column || !changes.is_empty());
        let mut line = FileLine {
            name,
            name_hex: name_hex(&self.target.names[file]),
            input: self.corpus_name(file),
            format: original.format(),
            packing: repacked.map(|format| Recipe::of(format, input, original.format())).transpose()?,
            packed: None,
            before,
            after: None,
            records: counts.records[file] + counts.unreadable[file],
            removed: gone,
            unreadable: counts.unreadable[file],
            parquet: None,
            damaged: None,
        };
        if original.compression().is_some() {
            let failed = |cause| Error::Io { path: input.into(), cause };
            line.packed = Some(std::fs::File::open(input).and_then(Digest::of_reader).map_err(failed)?);
        }
        let mut rows = KeptRows::default();
        self.settle(file, &original, &changes, (&mut line, &mut rows))?;
        self.unchanged(file)?;
        count_file(&mut totals, &line, original.length());
        self.progress.written(line.before.bytes);
        Ok(Written { line, totals, lines, removed, rows, samples, annotations })
    }

    fn kept_line(&self, at: u32, copies: &CopiesOf) -> KeptLine {
        let member = self.findings.member(at as usize);
        KeptLine { doc: member.id.to_owned(), file: shown(&self.target.names[member.locator.file as usize]), copies: copies.clone() }
    }

    /// The manifest cannot be written.
    fn unwritten(&self, cause: std::io::Error) -> Error {
        Error::Io { path: self.target.manifest.clone(), cause: explained(cause) }
    }

    /// Nobody wrote to an input file since it was opened.
    ///
    /// # Errors
    /// [`Error::Changed`].
    pub(super) fn unchanged(&self, file: usize) -> Result<()> {
        let input = self.corpus.path(file);
        if self.stamps[file] == Stamp::of(input) { Ok(()) } else { Err(Error::Changed { path: input.into() }) }
    }

    /// The same, also where a program that has the file mapped wrote to it, which no time may show: the bytes are held to `before`.
    fn still(&self, file: usize, original: &Original<'_>, before: &Digest) -> Result<()> {
        self.unchanged(file)?;
        if original.is_mapped() && Digest::of(original.bytes()) != *before {
            return Err(Error::Changed { path: self.corpus.path(file).into() });
        }
        Ok(())
    }

    /// Writes the output of one file, or finds that it is there, or removes what an earlier run left under its name. Describes it in `line`,
    /// and the changed rows of Parquet in `rows`.
    fn settle(&self, file: usize, original: &Original<'_>, changes: &[Change], (line, rows): (&mut FileLine, &mut KeptRows)) -> Result<()> {
        if self.mode == Mode::Dry {
            return Ok(());
        }
        let finished = Finished::new(self, file, line, changes);
        if self.mode == Mode::Resume
            && let Some(finished) = &finished
            && finished.settle(&self.target.path(file), line, rows)
        {
            return Ok(());
        }
        let lies = if line.is_copied() {
            Some(self.copy_packed(file, line)?)
        } else {
            self.write_output(file, original, changes, (&mut *line, rows))?
        };
        match (finished, lies) {
            (Some(finished), Some(lies)) => finished.note(&lies, line, rows),
            _ => Ok(()),
        }
    }

    /// Writes the output; returns what lies there then, if anything.
    fn write_output(
        &self,
        file: usize,
        original: &Original<'_>,
        changes: &[Change],
        (line, rows): (&mut FileLine, &mut KeptRows),
    ) -> Result<Option<Digest>> {
        if line.format == Format::Parquet && (self.annotator.is_some() || !changes.is_empty()) {
            return self.write_rows(file, original, changes, (line, rows)).map(Some);
        }
        let path = self.target.path(file);
        // A file that is one article is not written when that is removed.
        if line.format.is_one_article() && line.removed > 0 {
            return match std::fs::remove_file(&path) {
                Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(Error::Io { path, cause }),
                _ => Ok(None),
            };
        }
        let removed: usize = changes.iter().map(|change| change.range.len()).sum();
        let inserted: usize = changes.iter().map(|change| change.inserted.len()).sum();
        let bytes = original.bytes().len() - removed + inserted;
        let fill = |to: &mut (dyn Write + Send)| make(original.bytes(), changes, to);
        let before = &line.before;
        let unchanged = |_: &Digest, _: &Digest| self.still(file, original, before);
        let (after, lies) = write_packed((self.corpus.path(file), &path), line.packing, Some(bytes as u64), (fill, unchanged))?;
        line.after = Some(after);
        Ok(Some(lies))
    }

    #[cfg(feature = "parquet")]
    fn write_rows(
        &self,
        file: usize,
        original: &Original<'_>,
        changes: &[Change],
        (line, rows): (&mut FileLine, &mut KeptRows),
    ) -> Result<Digest> {
        let (from, to) = (self.corpus.path(file), &self.target.path(file));
        let way = super::rows::Way { from, to, packing: line.packing };
        let before = line.before.clone();
        if let Some(annotator) = self.annotator {
            let number = u32::try_from(file).map_err(|_| Error::TooMany { count: file })?;
            let added = annotator.columns(self.corpus, number)?;
            let still = || self.still(file, original, &before);
            return super::rows::write_annotated(self.corpus, original, (way, still), line, &added);
        }
        super::rows::write_out(
            self.corpus,
            (original, changes),
            (way, || self.still(file, original, &before)),
            line,
            (self.run.removed_text != RemovedText::None).then_some(&mut rows.lines),
        )
    }

    /// There are no such files in this build.
    #[cfg(not(feature = "parquet"))]
    fn write_rows(&self, file: usize, _: &Original<'_>, _: &[Change], _: (&mut FileLine, &mut KeptRows)) -> Result<Digest> {
        Err(Error::Unsupported { path: self.corpus.path(file).into(), format: "Parquet", feature: "parquet" })
    }

    /// Writes the removals of a file as they stand in the manifest; counts them, and takes the first as samples.
    fn describe(
        &self,
        original: &Original<'_>,
        changes: &[Change],
        (to, removed): (&mut impl Write, &mut impl Write),
    ) -> std::io::Result<(Totals, Vec<RemovalLine>)> {
        let mut totals = Totals::default();
        let mut samples = Vec::new();
        let (mut to, mut removed) = (BufWriter::with_capacity(BUFFER_BYTES, to), BufWriter::with_capacity(BUFFER_BYTES, removed));
        for change in changes {
            let mut line = change.line.clone();
            line.inserted = change.inserted.len() as u64;
            totals.bytes_removed += line.bytes;
            totals.bytes_inserted += line.inserted;
            if let Some(rule) = line.rule {
                let total = totals.rules.entry(rule).or_default();
                (total.removals, total.bytes) = (total.removals + 1, total.bytes + line.bytes);
            }
            let bytes = original.removed(&change.range).unwrap_or_default();
            match std::str::from_utf8(bytes) {
                _ if bytes.is_empty() => {}
                Ok(text) => line.removed = Some(text.to_owned()),
                Err(_) => line.removed_hex = Some(to_hex(bytes)),
            }
            if samples.len() < self.samples && line.rule.is_some() {
                samples.push(line.clone());
            }
            if self.run.removed_text == RemovedText::File && line.bytes > 0 {
                append(&mut removed, &ManifestLine::Removal(Box::new(line.clone())))?;
            }
            if self.run.removed_text != RemovedText::Inline {
                (line.removed, line.removed_hex) = (None, None);
            }
            append(&mut to, &ManifestLine::Removal(Box::new(line)))?;
        }
        to.flush()?;
        removed.flush()?;
        Ok((totals, samples))
    }
}

/// The part of `doomed` that is of one file.
fn of_file<'d, 'a>(doomed: &'d [Doomed<'a>], file: usize) -> &'d [Doomed<'a>] {
    let before = |file: usize| doomed.partition_point(|document| (document.locator.file as usize) < file);
    &doomed[before(file)..before(file + 1)]
}

pub(super) fn append(to: &mut impl Write, line: &ManifestLine) -> std::io::Result<()> {
    serde_json::to_writer(&mut *to, line)?;
    to.write_all(b"\n")
}

/// Writes to `path` what `fill` writes, which is so many `bytes` if that is known, if `check` agrees at the end with what it is unpacked, and as it lies there.
/// Returns these two. The file gets the permissions of the file at `from`.
///
/// # Errors
/// What the file system says, and `check`.
pub(super) fn write_packed(
    (from, path): (&Path, &Path),
    packing: Option<Recipe>,
    bytes: Option<u64>,
    (fill, check): (impl FnOnce(&mut (dyn Write + Send)) -> std::io::Result<()>, impl FnOnce(&Digest, &Digest) -> Result<()>),
) -> Result<(Digest, Digest)> {
    let failed = |cause| unwritten(cause, path, from);
    let unfinished = NewFile::begin_as(path, [from])?;
    let packed = Hashing::new(BufWriter::with_capacity(BUFFER_BYTES, unfinished.file()));
    let mut unpacked = Hashing::new(Packed::new(packed, packing, bytes, path)?);
    fill(&mut unpacked).map_err(failed)?;
    let after = unpacked.digest();
    let packed = unpacked.into_inner().finish().map_err(failed)?;
    let lies = packed.digest();
    packed.into_inner().into_inner().map_err(|error| failed(error.into_error()))?;
    check(&after, &lies)?;
    unfinished.keep(Durability::Run)?;
    Ok((after, lies))
}

/// Adds to the totals of a file's removals those of the file itself, of so many bytes.
fn count_file(totals: &mut Totals, line: &FileLine, bytes: u64) {
    totals.files = 1;
    totals.bytes_in = bytes;
    totals.bytes_out = totals.bytes_in + totals.bytes_inserted - totals.bytes_removed;
    totals.records_in = line.records;
    totals.records_removed = line.removed;
    totals.records_kept = line.records - line.removed;
    totals.records_unreadable = line.unreadable;
}
