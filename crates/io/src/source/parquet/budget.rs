//! How much a Parquet file may unpack to: checked from the headers of its pages before any is unpacked, and while values are copied.

use super::page_header::{self as header, Header};
use crate::source::Limits;
use parquet::basic::Compression;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use refrain_engine::error::Error;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Memory that a row takes in a column beside its value.
const ROW_BYTES: u64 = 64;
/// A page may have this many bytes, whatever the limit for records.
const FREE_PAGE_BYTES: u64 = 64 << 20;
/// A page whose codec cannot make more of it is not unpacked to see whether its header is right.
const TRUSTED_BYTES: u64 = 1 << 30;
/// What deflate makes of a byte at most.
const MOST_OF_DEFLATE: u64 = 1032;

/// What a file may unpack to.
pub struct Budget<'a> {
    limits: &'a Limits,
    path: &'a Path,
    file_bytes: u64,
    pages: AtomicU64,
    values: AtomicU64,
}

impl<'a> Budget<'a> {
    /// Of the file at `path` that has `file_bytes`.
    pub fn new(limits: &'a Limits, path: &'a Path, file_bytes: usize) -> Self {
        Self { limits, path, file_bytes: file_bytes as u64, pages: AtomicU64::new(0), values: AtomicU64::new(0) }
    }

    /// Counts bytes of values that are about to be copied: many may share a page.
    ///
    /// # Errors
    /// They are more than the file may unpack to.
    pub(super) fn values(&self, bytes: u64) -> Result<()> {
        self.add(&self.values, bytes)
    }

    fn add(&self, sum: &AtomicU64, bytes: u64) -> Result<()> {
        let before = sum.fetch_add(bytes, Ordering::Relaxed);
        let is_within = before.checked_add(bytes).is_some_and(|sum| sum <= self.limits.most_unpacked(self.file_bytes));
        if is_within { Ok(()) } else { Err(ParquetError::External(Box::new(self.limits.exceeded(self.path, self.file_bytes)))) }
    }

    /// Checks the pages of some columns, from their headers.
    ///
    /// # Errors
    /// They are more than the file may unpack to; a header that cannot be read; a page that is not what its header says.
    pub(super) fn check_pages(&self, file: &[u8], metadata: &ParquetMetaData, columns: &[usize]) -> Result<()> {
        for group in metadata.row_groups() {
            self.add(&self.pages, u64::try_from(group.num_rows()).unwrap_or(0).saturating_mul(ROW_BYTES))?;
            columns.iter().try_for_each(|&column| self.check_chunk(file, group.column(column)))?;
        }
        Ok(())
    }

    fn check_chunk(&self, file: &[u8], chunk: &ColumnChunkMetaData) -> Result<()> {
        let (start, length) = chunk.byte_range();
        let range = usize::try_from(start).ok().zip(usize::try_from(start.saturating_add(length)).ok());
        let mut rest = range.and_then(|(start, end)| file.get(start..end)).ok_or_else(|| general("a column lies outside of the file"))?;
        while !rest.is_empty() {
            let header = header::read(rest).ok_or_else(|| general("a page header cannot be read"))?;
            let packed = rest[header.length..].get(..header.packed).ok_or_else(|| general("a page is cut"))?;
            rest = &rest[header.length + header.packed..];
            let most = self.limits.record_bytes.max(FREE_PAGE_BYTES);
            if header.unpacked as u64 > most {
                let (path, bytes) = (self.path.to_owned(), header.unpacked);
                return Err(ParquetError::External(Box::new(too_long(path, bytes, most))));
            }
            self.add(&self.pages, header.unpacked as u64)?;
            check_content(&header, packed, chunk.compression())?;
        }
        Ok(())
    }
}

/// Unpacks a page without keeping it, where its codec does not stop at the length in the header and could go far beyond.
fn check_content(header: &Header, packed: &[u8], codec: Compression) -> Result<()> {
    let most_of_gzip = (packed.len() as u64).saturating_mul(MOST_OF_DEFLATE);
    let content: Box<dyn Read + '_> = match codec {
        Compression::GZIP(_) if most_of_gzip > TRUSTED_BYTES => Box::new(flate2::read::MultiGzDecoder::new(header.packed_values(packed))),
        Compression::BROTLI(_) => Box::new(brotli::Decompressor::new(header.packed_values(packed), 1 << 16)),
        _ => return Ok(()),
    };
    let most = header.unpacked as u64;
    let read = io::copy(&mut content.take(most + 1), &mut io::sink());
    match read {
        Ok(bytes) if bytes > most => Err(general("a page is longer than its header says")),
        // Its reader finds what is wrong with it.
        _ => Ok(()),
    }
}

fn general(what: &str) -> ParquetError {
    ParquetError::General(what.into())
}

fn too_long(path: PathBuf, bytes: usize, most: u64) -> Error {
    let cause = format!("a page of {bytes} bytes when unpacked, more than the limit of {most}; raise the setting `max-record`");
    Error::Compressed { path, format: "Parquet", cause: io::Error::other(cause) }
}

#[cfg(test)]
mod tests {
    use super::super::page_header::Kind;
    use super::*;
    use parquet::basic::{BrotliLevel, GzipLevel};
    use std::io::Write;

    fn header(unpacked: usize, packed: usize) -> Header {
        Header { length: 0, kind: Kind::Data, unpacked, packed, values: 1, encoding: 0, level_encoding: 0 }
    }

    /// The header says less than the page holds: its codec would unpack all of it.
    #[test]
    fn pages_that_are_longer_than_they_say_are_found() {
        let zeros = vec![0; 4 << 20];
        let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 1, 22);
        encoder.write_all(&zeros).unwrap();
        let brotli = encoder.into_inner();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        encoder.write_all(&zeros).unwrap();
        let gzip = encoder.finish().unwrap();
        let codecs = [(Compression::BROTLI(BrotliLevel::default()), brotli), (Compression::GZIP(GzipLevel::default()), gzip)];
        for (codec, page) in codecs {
            let check = |unpacked| check_content(&header(unpacked, page.len()), &page, codec);
            assert!(check(4 << 20).is_ok() && check((4 << 20) - 1).is_err(), "{codec}");
        }
        assert!(check_content(&header(1, 3), b"abc", Compression::SNAPPY).is_ok(), "its reader stops at the length");
    }

    #[test]
    fn values_are_counted_together() {
        let limits = Limits { unpacked_bytes: 1000, ..Limits::default() };
        let budget = Budget::new(&limits, Path::new("a.parquet"), 100);
        assert!(budget.values(999).is_ok() && budget.values(1).is_ok());
        let error = super::super::damaged(Path::new("a.parquet"), budget.values(1).unwrap_err()).to_string();
        assert!(error.starts_with("a.parquet: unpacks to more than 1000 bytes"), "{error}");
    }
}
