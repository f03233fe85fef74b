//! Parquet files on their way out and back: there bytes of the file say nothing, so rows and texts go and come back.
//!
//! In: changes with the rows that they are of. Out: the file without them, and lines of the manifest with the rows that went, all columns but the text, as
//! small Parquet files; the other way, the file with the same values, schema and metadata, which is held to the hash of all values.

use super::base64;
use super::changes::Change;
use super::manifest::{Digest, FileLine, ManifestLine, ParquetLine, RemovalLine, RowsLine};
use super::write::{append, write_packed};
use crate::detect::Progress;
use crate::error::{Error, Result};
use crate::source::rows::{RemovedRows, Returned, RowLoss, damaged, with, without};
use crate::source::{FileCorpus, Original, Recipe, Unpacked};
use parquet::errors::ParquetError;
use std::cell::RefCell;
use std::io::{self, Write};
use std::path::Path;

/// What goes of each row; None if a change names none.
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
    pub(super) progress: &'a dyn Progress,
}

impl Way<'_> {
    /// Writes what `rewrite` writes, if `check` agrees with the hash of all values. A fault of the input is told with its name, one of the output with its own.
    fn write(
        &self,
        rewrite: impl FnOnce(&mut (dyn Write + Send)) -> std::result::Result<String, ParquetError>,
        check: impl FnOnce(&str) -> Result<()>,
    ) -> Result<(Digest, Digest, String)> {
        let (values, fault) = (RefCell::new(String::new()), RefCell::new(None));
        let fill = |to: &mut (dyn Write + Send)| match rewrite(to) {
            Ok(hash) => {
                *values.borrow_mut() = hash;
                Ok(())
            }
            Err(ParquetError::External(cause)) => Err(io::Error::other(cause)),
            Err(error) => {
                *fault.borrow_mut() = Some(error);
                Err(io::ErrorKind::InvalidData.into())
            }
        };
        let written = write_packed(self.to, self.packing, None, self.progress, (fill, |_: &Digest| check(&values.borrow())));
        if let Some(error) = fault.take() {
            return Err(damaged(self.from, error));
        }
        written.map(|(after, packed)| (after, packed, values.take()))
    }
}

/// Writes the output of a Parquet file, and lines with the rows that went to `lines`.
pub(super) fn write_out(
    corpus: &FileCorpus,
    (original, changes): (&Original<'_>, &[Change]),
    (way, unchanged): (&Way<'_>, impl FnOnce() -> Result<()>),
    line: &mut FileLine,
    lines: Option<&mut (impl Write + Send)>,
) -> Result<()> {
    let input = corpus.whole(way.from)?;
    let changed = || Error::Changed { path: way.from.into() };
    let texts = original.texts().ok_or_else(changed)?;
    let text = texts.column().ok_or_else(changed)?;
    let losses = losses(changes).ok_or_else(changed)?;
    let mut lines = lines;
    let mut tell = |rows: RemovedRows| match &mut lines {
        Some(lines) => {
            let RemovedRows { group, of, rows, file } = rows;
            let told = RowsLine { file: line.name.clone(), group, of, rows, parquet: base64::encode(&file) };
            append(lines, &ManifestLine::Rows(Box::new(told)))
        }
        None => Ok(()),
    };
    let (after, _, values) = way.write(|to| without(input.into_bytes(), texts, &losses, to, &mut tell), |_| unchanged())?;
    line.after = Some(after);
    line.parquet = Some(ParquetLine { text: text.to_owned(), values });
    Ok(())
}

/// Rows and texts that come back, from lines of the manifest; None if they make no sense.
pub(super) fn returned(removals: &[RemovalLine]) -> Option<Returned<'_>> {
    let mut found = Returned::new();
    let mut shift = (0, 0);
    for removal in removals {
        let row = removal.row?;
        let removed = removal.removed.as_deref().unwrap_or_default();
        if removed.len() as u64 != removal.bytes {
            return None;
        }
        if shift.0 != row {
            shift = (row, 0);
        }
        let at = removal.offset.checked_sub(shift.1)?;
        shift.1 += removal.bytes;
        found.entry(row).or_default().push((usize::try_from(at).ok()?, removed.as_bytes()));
    }
    Some(found)
}

/// Rows that went, from lines of the manifest; None if they make no sense.
pub(super) fn removed_rows(lines: Vec<RowsLine>) -> Option<Vec<RemovedRows>> {
    let rows = |line: RowsLine| Some(RemovedRows { group: line.group, of: line.of, rows: line.rows, file: base64::decode(&line.parquet)? });
    lines.into_iter().map(rows).collect()
}

/// Writes the input of a cleaning again; returns what lies there then. `wrong` says that the manifest is damaged.
pub(super) fn write_back(
    way: &Way<'_>,
    output: Unpacked,
    told: &ParquetLine,
    (removed, removals): (Vec<RowsLine>, &[RemovalLine]),
    wrong: &dyn Fn() -> Error,
) -> Result<Digest> {
    let returned = returned(removals).ok_or_else(wrong)?;
    let removed = removed_rows(removed).ok_or_else(wrong)?;
    let rewrite = |to: &mut (dyn Write + Send)| with(output.into_bytes(), &told.text, &removed, &returned, to);
    let check = |values: &str| if values == told.values { Ok(()) } else { Err(wrong()) };
    way.write(rewrite, check).map(|(_, packed, _)| packed).map_err(|error| match error {
        // The output has the hash that the manifest says, so what does not fit to it is the manifest.
        Error::Compressed { .. } => wrong(),
        other => other,
    })
}
