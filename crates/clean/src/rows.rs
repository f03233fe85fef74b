//! Parquet files, which are cleaned and restored by rows instead of bytes.
//!
//! In: changes with their row numbers. Out: the file without them, and manifest lines with the changed rows as a Parquet file. Restoring merges the cleaned file and
//! these rows. Always: the rows are checked against their hash before they are merged.

use super::base64;
use super::changes::Change;
use super::manifest::{Digest, FileLine, Hashing, ManifestLine, ParquetLine, RowsLine};
use super::write::{append, write_packed};
use bytes::Bytes;
use parquet::errors::ParquetError;
use refrain_engine::error::{Error, Result};
use refrain_io::source::rows::{
    AddedColumn, Budget, Merge, RowLoss, Texts, changed_rows, damaged, merge, with_columns, without, without_columns,
};
use refrain_io::source::{FileCorpus, Original, Recipe, Unpacked};
use std::cell::RefCell;
use std::io::{self, BufWriter, Read, Seek, Write};
use std::path::Path;
use tempfile::SpooledTempFile;

/// Bytes of the changed rows in a line of the manifest.
const PART_BYTES: usize = 1 << 20;
/// Maximum bytes of changed rows in memory; more are written to a temporary file.
const ROWS_IN_MEMORY: usize = 16 << 20;

/// The removals of each row; None if a change has no row.
fn losses(changes: &[Change]) -> Option<Vec<(u64, RowLoss)>> {
    let mut found: Vec<(u64, RowLoss)> = Vec::new();
    for change in changes {
        let row = change.line.row?;
        if change.line.span.is_none() {
            found.push((row, RowLoss::Row));
            continue;
        }
        let start = usize::try_from(change.line.offset).ok()?;
        let cut = start..start + change.range.len();
        match found.last_mut() {
            Some((last, RowLoss::Text(cuts))) if *last == row => cuts.push(cut),
            _ => found.push((row, RowLoss::Text(vec![cut]))),
        }
    }
    Some(found)
}

/// Where a file comes from, and where it goes.
pub(super) struct Way<'a> {
    pub(super) from: &'a Path,
    pub(super) to: &'a Path,
    pub(super) packing: Option<Recipe>,
}

impl Way<'_> {
    /// Writes what `rewrite` writes, if `check` agrees. A fault of the input is told with its name, one of the output with its own.
    fn write(
        self,
        rewrite: impl FnOnce(&mut (dyn Write + Send)) -> std::result::Result<(), ParquetError>,
        check: impl FnOnce(&Digest, &Digest) -> Result<()>,
    ) -> Result<(Digest, Digest)> {
        let fault = RefCell::new(None);
        let fill = |to: &mut (dyn Write + Send)| match rewrite(to) {
            Ok(()) => Ok(()),
            Err(ParquetError::External(cause)) if !cause.is::<Error>() => Err(io::Error::other(cause)),
            Err(error) => {
                *fault.borrow_mut() = Some(error);
                Err(io::ErrorKind::InvalidData.into())
            }
        };
        let written = write_packed((self.from, self.to), self.packing, None, (fill, check));
        fault.take().map_or(written, |error| Err(damaged(self.from, error)))
    }
}

/// The texts of a Parquet file that was read, and its bytes.
fn input_of<'o>(corpus: &FileCorpus, original: &'o Original<'_>, path: &Path) -> Result<(&'o Texts, Bytes)> {
    let texts = original.texts().ok_or_else(|| Error::Changed { path: path.into() })?;
    let input = match texts.file() {
        Some(file) => file.clone(),
        None => corpus.whole(path)?.into_bytes(),
    };
    Ok((texts, input))
}

/// Writes the output of a Parquet file, and to `lines` the rows of the input that change. Returns what lies there then.
pub(super) fn write_out(
    corpus: &FileCorpus,
    (original, changes): (&Original<'_>, &[Change]),
    (way, unchanged): (Way<'_>, impl FnOnce() -> Result<()> + Send),
    line: &mut FileLine,
    lines: Option<&mut SpooledTempFile>,
) -> Result<Digest> {
    let (from, to) = (way.from, way.to);
    let changed = || Error::Changed { path: from.into() };
    let (texts, input) = input_of(corpus, original, from)?;
    let column = texts.column().ok_or_else(changed)?;
    let losses = losses(changes).ok_or_else(changed)?;
    let budget = Budget::new(&corpus.limits, from, input.len());
    let write = || way.write(|to| without(&input, texts, &losses, (&budget, to)), |_, _| unchanged());
    let note = || {
        let Some(lines) = lines else { return Ok(None) };
        let budget = Budget::new(&corpus.limits, from, input.len());
        note_rows((&input, column), &losses, &line.name, &budget, lines).map(Some)
    };
    let (written, noted) = rayon::join(write, note);
    line.parquet = noted.map_err(|error| match error {
        ParquetError::External(cause) if !cause.is::<Error>() => Error::Io { path: to.into(), cause: io::Error::other(cause) },
        error => damaged(from, error),
    })?;
    let (after, lies) = written?;
    line.after = Some(after);
    Ok(lies)
}

/// Writes a Parquet file with the column `name` of some values, by row. Returns what lies there then.
pub(super) fn write_annotated(
    corpus: &FileCorpus,
    original: &Original<'_>,
    (way, unchanged): (Way<'_>, impl FnOnce() -> Result<()> + Send),
    line: &mut FileLine,
    added: &[AddedColumn<'_>],
) -> Result<Digest> {
    let from = way.from;
    let (texts, input) = input_of(corpus, original, from)?;
    let budget = Budget::new(&corpus.limits, from, input.len());
    let (after, lies) = way.write(|to| with_columns(&input, added, (&budget, to)), |_, _| unchanged())?;
    line.after = Some(after);
    let mut parquet = ParquetLine {
        text: texts.column().unwrap_or_default().to_owned(),
        added: added.first().map(|column| column.name.to_owned()),
        row_groups: Vec::new(),
        removed: Vec::new(),
        cut: Vec::new(),
        rows: Digest::of(b""),
        sum: String::new(),
    };
    parquet.sum = parquet.checksum();
    line.parquet = Some(parquet);
    Ok(lies)
}

/// Writes to `lines` the rows of `input` that change.
fn note_rows(
    (input, column): (&Bytes, &str),
    losses: &[(u64, RowLoss)],
    name: &str,
    budget: &Budget<'_>,
    lines: &mut SpooledTempFile,
) -> std::result::Result<ParquetLine, ParquetError> {
    let of = |is_row: bool| losses.iter().filter(move |(_, loss)| matches!(loss, RowLoss::Row) == is_row).map(|(row, _)| *row).collect();
    let changed: Vec<u64> = losses.iter().map(|(row, _)| *row).collect();
    let mut rows = Hashing::new(BufWriter::new(tempfile::spooled_tempfile(ROWS_IN_MEMORY)));
    let row_groups = changed_rows(input, &changed, (budget, &mut rows))?;
    let digest = rows.digest();
    let mut rows = rows.into_inner().into_inner().map_err(io::IntoInnerError::into_error)?;
    rows.rewind()?;
    loop {
        let mut part = Vec::new();
        Read::by_ref(&mut rows).take(PART_BYTES as u64).read_to_end(&mut part)?;
        if part.is_empty() {
            break;
        }
        append(lines, &ManifestLine::Rows(Box::new(RowsLine { file: name.into(), bytes: base64::pack(&part)? })))?;
    }
    let mut line = ParquetLine {
        text: column.to_owned(),
        added: None,
        row_groups,
        removed: of(true),
        cut: of(false),
        rows: digest,
        sum: String::new(),
    };
    line.sum = line.checksum();
    Ok(line)
}

/// Gathers the rows of a file from its lines in the manifest, which `next` gives; None if they are not those that were written.
///
/// # Errors
/// What `next` says; a temporary file that cannot be written.
pub(super) fn gather(
    file: &FileLine,
    parquet: &ParquetLine,
    next: &mut dyn FnMut() -> Result<Option<RowsLine>>,
) -> Result<Option<Unpacked>> {
    let unwritable = |cause| Error::Spill { folder: tempfile::env::temp_dir(), cause };
    let mut rows = Hashing::new(tempfile::spooled_tempfile(ROWS_IN_MEMORY));
    while let Some(line) = next()? {
        let part = (line.file == file.name).then(|| base64::unpack(&line.bytes, PART_BYTES as u64)).flatten();
        let Some(part) = part else { return Ok(None) };
        rows.write_all(&part).map_err(unwritable)?;
    }
    if rows.digest() != parquet.rows || parquet.checksum() != parquet.sum {
        return Ok(None);
    }
    Unpacked::of_temporary(rows.into_inner()).map(Some).map_err(unwritable)
}

/// Writes a file with the rows of the input of a cleaning; returns what lies there then. `wrong` says that the manifest is damaged.
pub(super) fn write_back(way: Way<'_>, output: Unpacked, (parquet, rows): (&ParquetLine, Unpacked), wrong: Error) -> Result<Digest> {
    let (output, rows) = (output.into_bytes(), rows.into_bytes());
    let plan = Merge { row_groups: &parquet.row_groups, removed: &parquet.removed, cut: &parquet.cut };
    let rewrite = |to: &mut (dyn Write + Send)| match &parquet.added {
        Some(name) => without_columns(&output, name, to),
        None => merge(&output, &rows, plan, to),
    };
    let written = way.write(rewrite, |_, _| Ok(())).map(|(_, packed)| packed);
    written.map_err(|error| match error {
        // Output and rows have the hashes that the manifest says, so what does not fit to them is the manifest.
        Error::Compressed { .. } => wrong,
        other => other,
    })
}
