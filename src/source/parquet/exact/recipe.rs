//! From a file to the steps that make it again.

use super::pages::{Column, Content, Known, Made, Told, pages_of};
use super::{Step, Steps};
use crate::source::parquet::{decode, rewrite::column_at};
use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::io;
use std::ops::Range;

/// Bytes of a part of the steps, if no page needs more.
const PART_BYTES: usize = 1 << 20;
/// Steps of a part.
const PART_STEPS: usize = 1 << 14;

/// Tells, part by part, how `input` is made again of the texts in its column `text`. Returns the bytes of pages of texts that no way was known to make again.
///
/// # Errors
/// A damaged file; what `tell` says.
pub(crate) fn recipe(input: &Bytes, text: &str, tell: &mut dyn FnMut(Steps) -> io::Result<()>) -> Result<u64> {
    decode(|| {
        let reader = SerializedFileReader::new(input.clone())?;
        let metadata = reader.metadata();
        let text = column_at(metadata, text)?;
        let full = metadata.file_metadata().schema_descr().column(text).max_def_level();
        let mut teller = Teller { part: Steps::default(), tell, kept: 0 };
        let (mut known, mut packer, mut written) = (Known::default(), None, 0);
        for group in metadata.row_groups() {
            teller.step(Step::Rows(u64::try_from(group.num_rows())?))?;
            let chunk = group.column(text);
            // Chunks that overlap, or lie in another order than their rows, are not looked into.
            let Some(range) = range_of(chunk).filter(|range| range.start >= written && range.end <= input.len()) else { continue };
            let column = Column { codec: chunk.compression(), full: u32::try_from(full)? };
            teller.bytes(&input[written..range.start])?;
            written = range.end;
            let Some(pages) = pages_of(&input[range.clone()], column, &mut known) else {
                teller.kept += range.len() as u64;
                teller.bytes(&input[range])?;
                continue;
            };
            if known.packer != packer
                && let Some(found) = known.packer
            {
                teller.step(Step::Packer(found))?;
                packer = Some(found);
            }
            pages.into_iter().try_for_each(|page| teller.page(page))?;
        }
        teller.bytes(&input[written..])?;
        teller.flush()?;
        Ok(teller.kept)
    })
}

/// Where the pages of a column lie.
fn range_of(chunk: &ColumnChunkMetaData) -> Option<Range<usize>> {
    let first = chunk.dictionary_page_offset().filter(|&offset| offset > 0 && offset < chunk.data_page_offset());
    let start = usize::try_from(first.unwrap_or(chunk.data_page_offset())).ok()?;
    Some(start..start.checked_add(usize::try_from(chunk.compressed_size()).ok()?)?)
}

/// Gathers steps into parts.
struct Teller<'a> {
    part: Steps,
    tell: &'a mut dyn FnMut(Steps) -> io::Result<()>,
    kept: u64,
}

impl Teller<'_> {
    fn flush(&mut self) -> Result<()> {
        if self.part.steps.is_empty() {
            return Ok(());
        }
        (self.tell)(std::mem::take(&mut self.part)).map_err(|error| ParquetError::External(error.into()))
    }

    fn step(&mut self, step: Step) -> Result<()> {
        if self.part.bytes.len() >= PART_BYTES || self.part.steps.len() >= PART_STEPS {
            self.flush()?;
        }
        self.part.steps.push(step);
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        for bytes in bytes.chunks(PART_BYTES) {
            match self.part.steps.last_mut() {
                Some(Step::Bytes(length)) if self.part.bytes.len() < PART_BYTES => *length += bytes.len(),
                _ => self.step(Step::Bytes(bytes.len()))?,
            }
            self.part.bytes.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn page(&mut self, page: Told<'_>) -> Result<()> {
        self.bytes(page.head)?;
        match page.content {
            Content::Kept(body) => {
                self.kept += body.len() as u64;
                self.bytes(body)?;
                self.pass(page.texts)
            }
            Content::Numbers(body, _) => {
                self.bytes(body)?;
                self.pass(page.texts)
            }
            Content::Texts(Made { before, levels, told, behind }) => {
                self.bytes(before)?;
                self.step(Step::Page { levels: levels.len(), texts: page.texts, told: told.len() })?;
                self.part.bytes.extend(levels);
                self.part.bytes.extend(told);
                self.bytes(behind)
            }
            Content::Dictionary(Made { before, told, behind, .. }, listed) => {
                self.bytes(before)?;
                self.step(Step::Dictionary { of: page.texts, listed: listed.as_ref().map(Vec::len), told: told.len() })?;
                self.part.bytes.extend(listed.iter().flatten().flat_map(|number| number.to_le_bytes()));
                self.part.bytes.extend(told);
                self.bytes(behind)
            }
        }
    }

    fn pass(&mut self, texts: usize) -> Result<()> {
        if texts == 0 { Ok(()) } else { self.step(Step::Pass(texts)) }
    }
}
