//! Parquet files on their way out and back: there bytes of the file say nothing, so rows and texts go and come back.
//!
//! In: changes with the rows that they are of. Out: the file without them, and lines of the manifest with all that is not text; the other way, of texts and
//! these lines, the file byte for byte.

use super::changes::Change;
use super::manifest::{Digest, FileLine, ManifestLine, PagesLine, ParquetLine, pack_bytes, unpack_bytes};
use super::manifest_lines::Removals;
use super::write::{append, write_packed};
use crate::error::{Error, Result};
use crate::source::rows::{Budget, Replay, Return, RowLoss, Steps, damaged, recipe, without};
use crate::source::{FileCorpus, How, Original, Unpacked};
use parquet::errors::ParquetError;
use std::cell::RefCell;
use std::collections::BTreeMap;
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
    pub(super) how: How,
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
        let written = write_packed((self.from, self.to), self.how, None, (fill, check));
        fault.take().map_or(written, |error| Err(damaged(self.from, error)))
    }
}

/// Writes the output of a Parquet file, and to `lines` how the input is made again of it. Returns what lies there then.
pub(super) fn write_out(
    corpus: &FileCorpus,
    (original, changes): (&Original<'_>, &[Change]),
    (way, unchanged): (Way<'_>, impl FnOnce() -> Result<()> + Send),
    line: &mut FileLine,
    lines: Option<&mut (impl Write + Send)>,
) -> Result<Digest> {
    let (from, to) = (way.from, way.to);
    let changed = || Error::Changed { path: from.into() };
    let texts = original.texts().ok_or_else(changed)?;
    let input = match texts.file() {
        Some(file) => file.clone(),
        None => corpus.whole(from)?.into_bytes(),
    };
    let text = texts.column().ok_or_else(changed)?;
    let losses = losses(changes).ok_or_else(changed)?;
    let budget = Budget::new(&corpus.limits, from, input.len());
    let write = || way.write(|to| without(&input, texts, &losses, (&budget, to)), |_, _| unchanged());
    let note = || -> std::result::Result<u64, ParquetError> {
        let Some(lines) = lines else { return Ok(0) };
        recipe(&input, text, &mut |part| append(&mut *lines, &pages_line(&line.name, part)?))
    };
    let (written, kept) = rayon::join(write, note);
    let pages_kept = kept.map_err(|error| match error {
        ParquetError::External(cause) => Error::Io { path: to.into(), cause: io::Error::other(cause) },
        error => damaged(from, error),
    })?;
    let (after, lies) = written?;
    line.after = Some(after);
    line.parquet = Some(ParquetLine { text: text.to_owned(), pages_kept });
    Ok(lies)
}

fn pages_line(file: &str, part: Steps) -> io::Result<ManifestLine> {
    let (bytes, sum) = pack_bytes(&part.steps, &part.bytes)?;
    Ok(ManifestLine::Pages(Box::new(PagesLine { file: file.into(), steps: part.steps, bytes, sum })))
}

/// A part of the steps, from a line of the manifest; None if it makes no sense.
fn part_of(line: PagesLine) -> Option<Steps> {
    Some(Steps { bytes: unpack_bytes(&line.steps, &line.bytes, line.sum)?, steps: line.steps })
}

/// Rows and texts that come back, from lines of the manifest; None if they make no sense.
fn returned(removals: &Removals) -> Option<BTreeMap<u64, Return<'_>>> {
    let mut found = BTreeMap::new();
    let mut shift = 0;
    for (removal, removed) in removals.iter() {
        let row = removal.row?;
        if removal.span.is_none() {
            if found.insert(row, Return::Row(removed)).is_some() {
                return None;
            }
            continue;
        }
        match found.entry(row).or_insert_with(|| {
            shift = 0;
            Return::Pieces(Vec::new())
        }) {
            Return::Row(_) => return None,
            Return::Pieces(pieces) => pieces.push((usize::try_from(removal.offset.checked_sub(shift)?).ok()?, removed)),
        }
        shift += removal.bytes;
    }
    Some(found)
}

/// Writes the input of a cleaning again; returns what lies there then. `next` gives the steps to it, line by line; `wrong` says that the manifest is damaged.
pub(super) fn write_back(
    way: Way<'_>,
    output: Unpacked,
    (file, text): (&FileLine, &str),
    (next, removals): (&mut dyn FnMut() -> Result<Option<PagesLine>>, &Removals),
    wrong: Error,
) -> Result<Digest> {
    let Some(returned) = returned(removals) else { return Err(wrong) };
    let mut unread = None;
    let rewrite = |to: &mut (dyn Write + Send)| {
        let mut replay = Replay::new(output.into_bytes(), text, returned)?;
        let damage = || ParquetError::General("a line makes no sense".into());
        loop {
            match next() {
                Ok(Some(line)) if line.file != file.name => return Err(damage()),
                Ok(Some(line)) => replay.play(&part_of(line).ok_or_else(damage)?, to)?,
                Ok(None) => return Ok(()),
                Err(error) => {
                    unread = Some(error);
                    return Err(damage());
                }
            }
        }
    };
    let to = way.to;
    let check = |after: &Digest, lies: &Digest| if file.is_back(after, lies) { Ok(()) } else { Err(Error::Changed { path: to.into() }) };
    let written = way.write(rewrite, check).map(|(_, packed)| packed);
    written.map_err(|error| match (unread.take(), error) {
        (Some(unread), _) => unread,
        // The output has the hash that the manifest says, so what does not fit to it is the manifest.
        (None, Error::Compressed { .. } | Error::Changed { .. }) => wrong,
        (None, other) => other,
    })
}
