//! From a cleaned file, what was removed, and steps to the file as it was.

use super::packer::Packer;
use super::{NUMBER_BYTES, Step, Steps, put_text};
use crate::source::parquet::{decode, rewrite::column_at};
use bytes::Bytes;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{FileReader, SerializedFileReader};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::io::Write;

/// Rows that are read at a time.
const BATCH_ROWS: usize = 256;
/// Bytes of pages that are packed at a time, on all threads.
const BATCH_BYTES: usize = 16 << 20;
/// A dictionary may have this many bytes more than its different texts: writers may repeat some.
const FREE_DICTIONARY_BYTES: usize = 16 << 20;

/// What comes back in a row of the file as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Return<'a> {
    /// The row, with this text.
    Row(&'a [u8]),
    /// Bytes of its text, each at its place in the text as it is now.
    Pieces(Vec<(usize, &'a [u8])>),
}

/// Makes a file again.
pub(crate) struct Replay<'a> {
    rows: Rows<'a>,
    /// Rows of the group at hand that were not looked at.
    left: u64,
    /// Texts of the group at hand that were looked at, and not used.
    ahead: VecDeque<ByteArray>,
    packer: Packer,
}

impl<'a> Replay<'a> {
    /// Begins, with a cleaned file, its column of texts, and what comes back, by row of the file as it was.
    ///
    /// # Errors
    /// No such column; a damaged file.
    pub(crate) fn new(output: Bytes, text: &str, returned: BTreeMap<u64, Return<'a>>) -> Result<Self> {
        let open = || {
            let reader = SerializedFileReader::new(output)?;
            let column = column_at(reader.metadata(), text)?;
            let full = reader.metadata().file_metadata().schema_descr().column(column).max_def_level();
            Ok(Rows { reader, column, full, group: 0, current: None, read: VecDeque::new(), returned, row: 0 })
        };
        Ok(Self { rows: decode(open)?, left: 0, ahead: VecDeque::new(), packer: Packer::Plain })
    }

    /// Writes what some steps make.
    ///
    /// # Errors
    /// Steps that do not fit to the texts or to their bytes; a damaged file; what `to` says.
    pub(crate) fn play(&mut self, part: &Steps, to: &mut (dyn Write + Send)) -> Result<()> {
        decode(|| {
            let mut bytes = part.bytes.as_slice();
            let (mut jobs, mut gathered) = (Vec::new(), 0);
            for step in &part.steps {
                if let Some(job) = self.job(step, &mut bytes)? {
                    gathered += job.page.len();
                    jobs.push(job);
                }
                if gathered >= BATCH_BYTES {
                    write(&std::mem::take(&mut jobs), to)?;
                    gathered = 0;
                }
            }
            if bytes.is_empty() { write(&jobs, to) } else { Err(wrong("bytes are left")) }
        })
    }

    /// What a step writes, if it writes something.
    fn job<'b>(&mut self, step: &Step, bytes: &mut &'b [u8]) -> Result<Option<Job<'b>>> {
        let (page, told) = match *step {
            Step::Bytes(length) => return Ok(Some(Job { packer: None, page: Vec::new(), told: taken(bytes, length)? })),
            Step::Packer(packer) => {
                self.packer = packer;
                return Ok(None);
            }
            Step::Rows(rows) => {
                // Texts in pages of which nothing is known.
                while self.next_text()?.is_some() {}
                self.left = rows;
                return Ok(None);
            }
            Step::Pass(texts) => {
                (0..texts).try_for_each(|_| self.text().map(drop))?;
                return Ok(None);
            }
            Step::Page { levels, texts, told } => {
                let mut page = taken(bytes, levels)?.to_vec();
                for _ in 0..texts {
                    put_text(self.text()?.data(), &mut page).ok_or_else(|| wrong("a text is too long"))?;
                }
                (page, told)
            }
            Step::Dictionary { of, listed, told } => (self.dictionary(of, listed, bytes)?, told),
        };
        Ok(Some(Job { packer: Some(self.packer), page, told: taken(bytes, told)? }))
    }

    fn dictionary(&mut self, of: usize, listed: Option<usize>, bytes: &mut &[u8]) -> Result<Vec<u8>> {
        while self.ahead.len() < of {
            let text = self.rows_text()?.ok_or_else(|| wrong("a text is missing"))?;
            self.ahead.push_back(text);
        }
        // A dictionary has each text once.
        let most = FREE_DICTIONARY_BYTES + self.ahead.iter().take(of).map(|text| NUMBER_BYTES + text.len()).sum::<usize>();
        let mut page = Vec::new();
        let mut put = |text: &ByteArray| {
            put_text(text.data(), &mut page).filter(|()| page.len() <= most).ok_or_else(|| wrong("a dictionary is too long"))
        };
        let Some(listed) = listed else {
            let mut seen = HashSet::new();
            self.ahead.iter().take(of).filter(|text| seen.insert(text.data())).try_for_each(put)?;
            return Ok(page);
        };
        let numbers = taken(bytes, listed.checked_mul(NUMBER_BYTES).ok_or_else(|| wrong("a number is too large"))?)?;
        for number in numbers.as_chunks::<NUMBER_BYTES>().0 {
            let text = self.ahead.get(u32::from_le_bytes(*number) as usize);
            put(text.ok_or_else(|| wrong("a text is missing"))?)?;
        }
        Ok(page)
    }

    /// The next text of the group at hand, which must have one.
    fn text(&mut self) -> Result<ByteArray> {
        self.next_text()?.ok_or_else(|| wrong("a text is missing"))
    }

    fn next_text(&mut self) -> Result<Option<ByteArray>> {
        match self.ahead.pop_front() {
            Some(text) => Ok(Some(text)),
            None => self.rows_text(),
        }
    }

    /// The next text of the group at hand that was not looked at.
    fn rows_text(&mut self) -> Result<Option<ByteArray>> {
        while self.left > 0 {
            self.left -= 1;
            if let Some(text) = self.rows.next()? {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }
}

/// Something to write: bytes as they are, or a page.
struct Job<'b> {
    packer: Option<Packer>,
    page: Vec<u8>,
    told: &'b [u8],
}

/// Packs pages on all threads, and writes in order.
fn write(jobs: &[Job<'_>], to: &mut (dyn Write + Send)) -> Result<()> {
    let packed = jobs.par_iter().map(|job| job.packer.map(|packer| packer.pack(&job.page, job.told)));
    for (job, packed) in jobs.iter().zip(packed.collect::<Vec<_>>()) {
        let written = match packed {
            None => to.write_all(job.told),
            Some(Some(page)) => to.write_all(&page),
            Some(None) => return Err(wrong("a page cannot be packed")),
        };
        written.map_err(|error| ParquetError::External(error.into()))?;
    }
    Ok(())
}

fn taken<'b>(bytes: &mut &'b [u8], length: usize) -> Result<&'b [u8]> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or_else(|| wrong("bytes are missing"))?;
    *bytes = rest;
    Ok(taken)
}

fn wrong(what: &str) -> ParquetError {
    ParquetError::General(what.into())
}

/// The texts of the file as it was, row by row.
struct Rows<'a> {
    reader: SerializedFileReader<Bytes>,
    column: usize,
    full: i16,
    /// The next row group.
    group: usize,
    /// The row group at hand, and how many of its rows were not read.
    current: Option<(ColumnReaderImpl<ByteArrayType>, usize)>,
    read: VecDeque<Option<ByteArray>>,
    returned: BTreeMap<u64, Return<'a>>,
    row: u64,
}

impl Rows<'_> {
    /// The text of the next row; None where it has none.
    fn next(&mut self) -> Result<Option<ByteArray>> {
        let back = self.returned.remove(&self.row);
        self.row += 1;
        let pieces = match back {
            Some(Return::Row(text)) => return Ok(Some(ByteArray::from(text.to_vec()))),
            Some(Return::Pieces(pieces)) => pieces,
            None => return self.next_kept(),
        };
        let text = self.next_kept()?.ok_or_else(|| wrong("a row has no text to change"))?;
        let mut whole = Vec::with_capacity(text.len() + pieces.iter().map(|(_, piece)| piece.len()).sum::<usize>());
        let mut at = 0;
        for (place, piece) in pieces {
            whole.extend_from_slice(text.data().get(at..place).ok_or_else(|| wrong("a change lies outside its text"))?);
            whole.extend_from_slice(piece);
            at = place;
        }
        whole.extend_from_slice(&text.data()[at..]);
        Ok(Some(ByteArray::from(whole)))
    }

    fn next_kept(&mut self) -> Result<Option<ByteArray>> {
        while self.read.is_empty() {
            let Some((reader, left)) = self.current.as_mut().filter(|(_, left)| *left > 0) else {
                self.next_group()?;
                continue;
            };
            let wanted = BATCH_ROWS.min(*left);
            let (mut levels, mut texts) = (Vec::new(), Vec::with_capacity(wanted));
            let (rows, _, _) = reader.read_records(wanted, (self.full > 0).then_some(&mut levels), None, &mut texts)?;
            if rows != wanted {
                return Err(wrong("a column ends before its rows do"));
            }
            *left -= rows;
            let mut texts = texts.into_iter();
            if self.full == 0 {
                self.read.extend(texts.map(Some));
            } else {
                self.read.extend(levels.into_iter().map(|level| if level == self.full { texts.next() } else { None }));
            }
        }
        Ok(self.read.pop_front().flatten())
    }

    fn next_group(&mut self) -> Result<()> {
        if self.group >= self.reader.num_row_groups() {
            return Err(wrong("a row is missing"));
        }
        let group = self.reader.get_row_group(self.group)?;
        self.group += 1;
        let ColumnReader::ByteArrayColumnReader(reader) = group.get_column_reader(self.column)? else {
            return Err(wrong("a column is not of texts"));
        };
        self.current = Some((reader, usize::try_from(group.metadata().num_rows())?));
        Ok(())
    }
}
