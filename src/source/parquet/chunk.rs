//! Column chunks in memory: written apart from their file, so that several are written at a time, and put together where they are parts of one.
//!
//! In: values, through a column writer. Out: the bytes of a chunk and what a footer says of them, from where they are appended to a row group.

use crate::source::content::Content;
use bytes::{Buf, Bytes};
use parquet::basic::{BoundaryOrder, Encoding, EncodingMask, Type};
use parquet::column::page::{CompressedPage, PageWriteSpec, PageWriter};
use parquet::column::writer::{ColumnCloseResult, ColumnWriter, ColumnWriterImpl, get_column_writer, get_typed_column_writer_mut};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, ColumnIndexBuilder, LevelHistogram, PageEncodingStats};
use parquet::file::page_index::column_index::{ByteArrayColumnIndex, ColumnIndexMetaData};
use parquet::file::page_index::offset_index::OffsetIndexMetaData;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::statistics::{Statistics, ValueStatistics};
use parquet::file::writer::{SerializedPageWriter, SerializedRowGroupWriter as RowGroup, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Packed bytes of a chunk that are held in memory.
const MOST_IN_MEMORY_BYTES: usize = 64 << 20;
/// Shorter writes are put to what was written before.
const SMALL_BYTES: usize = 1 << 12;

/// What was written, in pieces, so that nothing is moved when there is more.
#[derive(Clone, Debug, Default)]
struct Pieces {
    done: VecDeque<Bytes>,
    small: Vec<u8>,
}

impl Pieces {
    fn finish(mut self) -> VecDeque<Bytes> {
        self.settle();
        self.done
    }

    fn settle(&mut self) {
        if !self.small.is_empty() {
            self.done.push_back(std::mem::take(&mut self.small).into());
        }
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() < SMALL_BYTES {
            self.small.extend_from_slice(bytes);
        } else {
            self.settle();
            self.done.push_back(Bytes::copy_from_slice(bytes));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Pages one after another.
struct Pages(Arc<Mutex<TrackedWrite<Pieces>>>);

impl PageWriter for Pages {
    fn write_page(&mut self, page: CompressedPage) -> Result<PageWriteSpec> {
        SerializedPageWriter::new(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).write_page(page)
    }

    fn close(&mut self) -> Result<()> {
        Ok(())
    }
}

/// A chunk that is being written.
pub(super) struct Draft {
    writer: ColumnWriter<'static>,
    pages: Arc<Mutex<TrackedWrite<Pieces>>>,
}

impl Draft {
    pub(super) fn new(column: ColumnDescPtr, properties: &WriterPropertiesPtr) -> Self {
        let pages = Arc::new(Mutex::new(TrackedWrite::new(Pieces::default())));
        let writer = get_column_writer(column, WriterPropertiesPtr::clone(properties), Box::new(Pages(Arc::clone(&pages))));
        Self { writer, pages }
    }

    pub(super) fn typed<T: DataType>(&mut self) -> &mut ColumnWriterImpl<'static, T> {
        get_typed_column_writer_mut(&mut self.writer)
    }

    pub(super) fn close(self) -> Result<Chunk> {
        let close = self.writer.close()?;
        let pages = Arc::into_inner(self.pages).ok_or_else(|| ParquetError::General("a column is still being written".into()))?;
        let pieces = pages.into_inner().unwrap_or_else(PoisonError::into_inner).into_inner()?;
        Ok(Chunk { bytes: Joined(pieces.finish()), close })
    }
}

/// Bytes one after another.
#[derive(Clone, Debug, Default)]
struct Joined(VecDeque<Bytes>);

impl Joined {
    fn length(&self) -> usize {
        self.0.iter().map(Bytes::len).sum()
    }

    /// Moves all of it to a temporary file.
    fn spill(&mut self) -> io::Result<()> {
        let mut file = tempfile::tempfile()?;
        io::copy(&mut std::mem::take(self), &mut file)?;
        self.0.push_back(Bytes::from_owner(Content::map(&file)?));
        Ok(())
    }
}

impl Read for Joined {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.0.front().is_some_and(Bytes::is_empty) {
            self.0.pop_front();
        }
        let Some(front) = self.0.front_mut() else { return Ok(0) };
        let length = front.len().min(into.len());
        front.copy_to_slice(&mut into[..length]);
        Ok(length)
    }
}

impl Length for Joined {
    fn len(&self) -> u64 {
        self.length() as u64
    }
}

impl ChunkReader for Joined {
    type T = Self;

    fn get_read(&self, start: u64) -> Result<Self> {
        let mut rest = self.clone();
        let start = usize::try_from(start)?;
        let mut left = start;
        while let Some(front) = rest.0.front_mut().filter(|_| left > 0) {
            let length = front.len().min(left);
            front.advance(length);
            left -= length;
            if front.is_empty() {
                rest.0.pop_front();
            }
        }
        if left > 0 { Err(ParquetError::EOF(format!("a chunk has no byte {start}"))) } else { Ok(rest) }
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let mut bytes = vec![0; length];
        self.get_read(start)?.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// A chunk that is written.
pub(super) struct Chunk {
    bytes: Joined,
    close: ColumnCloseResult,
}

impl Chunk {
    /// One chunk of several of a column of bytes without dictionary and bloom filter, which come in `batches`. Where they are many, they wait in temporary
    /// files.
    pub(super) fn joined(batches: impl Iterator<Item = Result<Vec<Self>>>) -> Result<Self> {
        let mut bytes = Joined::default();
        let mut in_memory = Joined::default();
        let mut parts = Vec::new();
        for batch in batches {
            for chunk in batch? {
                in_memory.0.extend(chunk.bytes.0);
                parts.push(chunk.close);
            }
            if in_memory.length() > MOST_IN_MEMORY_BYTES {
                in_memory.spill()?;
                bytes.0.append(&mut in_memory.0);
            }
        }
        bytes.0.append(&mut in_memory.0);
        Ok(Self { bytes, close: join(parts)? })
    }

    pub(super) fn append_to<W: Write + Send>(self, group: &mut RowGroup<'_, W>) -> Result<()> {
        group.append_column(&self.bytes, self.close)
    }
}

/// What is told of chunks as if they were one, in their order.
fn join(mut parts: Vec<ColumnCloseResult>) -> Result<ColumnCloseResult> {
    if parts.iter().any(|part| part.rows_written > 0) {
        parts.retain(|part| part.rows_written > 0);
    }
    let all = || parts.iter().map(|part| &part.metadata);
    let Some(first) = all().next() else { return Err(ParquetError::General("a column has no parts".into())) };
    let sum = |of: fn(&ColumnChunkMetaData) -> i64| all().map(of).sum();
    let encodings: Vec<Encoding> = all().flat_map(ColumnChunkMetaData::encodings).collect();
    let mut builder = ColumnChunkMetaData::builder(first.column_descr_ptr())
        .set_compression_codec(first.compression_codec())
        .set_encodings_mask(EncodingMask::new_from_encodings(encodings.iter()))
        .set_page_encoding_stats(page_encodings(all()))
        .set_total_compressed_size(sum(ColumnChunkMetaData::compressed_size))
        .set_total_uncompressed_size(sum(ColumnChunkMetaData::uncompressed_size))
        .set_num_values(sum(ColumnChunkMetaData::num_values))
        .set_data_page_offset(0)
        .set_unencoded_byte_array_data_bytes(all().map(ColumnChunkMetaData::unencoded_byte_array_data_bytes).sum())
        .set_definition_level_histogram(histogram(all().map(ColumnChunkMetaData::definition_level_histogram)))
        .set_repetition_level_histogram(histogram(all().map(ColumnChunkMetaData::repetition_level_histogram)));
    if let Some(statistics) = statistics(all().map(ColumnChunkMetaData::statistics)) {
        builder = builder.set_statistics(statistics);
    }
    Ok(ColumnCloseResult {
        bytes_written: parts.iter().map(|part| part.bytes_written).sum(),
        rows_written: parts.iter().map(|part| part.rows_written).sum(),
        metadata: builder.build()?,
        bloom_filter: None,
        column_index: column_index(&parts)?,
        offset_index: offset_index(&parts),
    })
}

fn page_encodings<'a>(parts: impl Iterator<Item = &'a ColumnChunkMetaData>) -> Vec<PageEncodingStats> {
    let mut found: Vec<PageEncodingStats> = Vec::new();
    for stats in parts.filter_map(ColumnChunkMetaData::page_encoding_stats).flatten() {
        match found.iter_mut().find(|known| known.page_type == stats.page_type && known.encoding == stats.encoding) {
            Some(known) => known.count += stats.count,
            None => found.push(stats.clone()),
        }
    }
    found
}

fn histogram<'a>(mut parts: impl Iterator<Item = Option<&'a LevelHistogram>>) -> Option<LevelHistogram> {
    let mut total = parts.next()??.clone();
    for part in parts {
        total.add(part?);
    }
    Some(total)
}

/// The least and the greatest value of all. Both may be shortened; that keeps their order.
fn statistics<'a>(parts: impl Iterator<Item = Option<&'a Statistics>>) -> Option<Statistics> {
    let (mut nulls, mut least, mut greatest) = (0, None, None);
    for part in parts {
        let Some(Statistics::ByteArray(part)) = part else { return None };
        nulls += part.null_count_opt()?;
        if let Some(min) = part.min_opt()
            && least.is_none_or(|(value, _): (&ByteArray, _)| min.data() < value.data())
        {
            least = Some((min, part.min_is_exact()));
        }
        if let Some(max) = part.max_opt()
            && greatest.is_none_or(|(value, _): (&ByteArray, _)| max.data() > value.data())
        {
            greatest = Some((max, part.max_is_exact()));
        }
    }
    let is_exact = |found: Option<(_, bool)>| found.is_some_and(|(_, is_exact)| is_exact);
    let total =
        ValueStatistics::new(least.map(|(value, _)| value.clone()), greatest.map(|(value, _)| value.clone()), None, Some(nulls), false);
    Some(Statistics::ByteArray(total.with_min_is_exact(is_exact(least)).with_max_is_exact(is_exact(greatest))))
}

fn offset_index(parts: &[ColumnCloseResult]) -> Option<OffsetIndexMetaData> {
    let (mut bytes, mut rows) = (0, 0);
    let (mut page_locations, mut lengths) = (Vec::new(), Some(Vec::new()));
    for part in parts {
        let index = part.offset_index.as_ref()?;
        for page in &index.page_locations {
            let mut page = page.clone();
            page.offset += bytes;
            page.first_row_index += rows;
            page_locations.push(page);
        }
        lengths = lengths.zip(index.unencoded_byte_array_data_bytes.as_ref()).map(|(mut all, of_part)| {
            all.extend(of_part);
            all
        });
        bytes += part.metadata.compressed_size();
        rows += i64::try_from(part.rows_written).ok()?;
    }
    Some(OffsetIndexMetaData { page_locations, unencoded_byte_array_data_bytes: lengths })
}

fn column_index(parts: &[ColumnCloseResult]) -> Result<Option<ColumnIndexMetaData>> {
    let mut builder = ColumnIndexBuilder::new(Type::BYTE_ARRAY);
    let mut edges: Vec<(&[u8], &[u8])> = Vec::new();
    for part in parts {
        let Some(ColumnIndexMetaData::BYTE_ARRAY(index)) = &part.column_index else { return Ok(None) };
        for page in 0..usize::try_from(index.num_pages())? {
            append_page(&mut builder, index, page);
            edges.extend(index.min_value(page).zip(index.max_value(page)));
        }
    }
    let is_sorted = |sorted: fn(&[u8], &[u8]) -> bool| edges.windows(2).all(|two| sorted(two[0].0, two[1].0) && sorted(two[0].1, two[1].1));
    builder.set_boundary_order(if is_sorted(|x, y| x <= y) {
        BoundaryOrder::ASCENDING
    } else if is_sorted(|x, y| x >= y) {
        BoundaryOrder::DESCENDING
    } else {
        BoundaryOrder::UNORDERED
    });
    builder.build().map(Some)
}

fn append_page(builder: &mut ColumnIndexBuilder, index: &ByteArrayColumnIndex, page: usize) {
    let value = |value: Option<&[u8]>| value.unwrap_or_default().to_vec();
    let (min, max) = (value(index.min_value(page)), value(index.max_value(page)));
    builder.append(index.is_null_page(page), min, max, index.null_count(page).unwrap_or(0), None);
    let levels = |levels: Option<&[i64]>| levels.map(|levels| LevelHistogram::from(levels.to_vec()));
    builder.append_histograms(&levels(index.repetition_level_histogram(page)), &levels(index.definition_level_histogram(page)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_read_as_one_from_any_byte_in_memory_and_from_a_file() {
        let mut written = Pieces::default();
        let long = vec![b'x'; SMALL_BYTES];
        for bytes in [&b"ab"[..], b"", b"c", &long, b"de", &long] {
            assert_eq!(written.write(bytes).unwrap(), bytes.len());
        }
        let expected = [&b"abc"[..], &long, b"de", &long].concat();
        let mut joined = Joined(written.finish());
        assert_eq!(joined.0.len(), 4);
        for is_spilled in [false, true] {
            if is_spilled {
                joined.spill().unwrap();
                assert_eq!(joined.0.len(), 1);
            }
            assert_eq!(joined.len(), expected.len() as u64);
            for start in [0, 1, 3, 4, SMALL_BYTES + 4, expected.len()] {
                let mut rest = Vec::new();
                joined.get_read(start as u64).unwrap().read_to_end(&mut rest).unwrap();
                assert!(rest == expected[start..], "{start}");
            }
            assert_eq!(joined.get_bytes(2, 3).unwrap(), &expected[2..5]);
            assert!(joined.get_read(joined.len() + 1).is_err() && joined.get_bytes(joined.len(), 1).is_err());
        }
    }
}
