//! Column chunks in memory: written apart from their file, so that several are written at a time, and put together where they are parts of one.
//!
//! In: values, through a column writer. Out: the pages of a chunk, or of a part of one, and what a footer says of them.

use super::in_order::Waiting;
use super::rewrite::Last;
use bytes::Bytes;
use parquet::basic::{BoundaryOrder, Encoding, EncodingMask, Type};
use parquet::column::page::{CompressedPage, PageWriteSpec, PageWriter};
use parquet::column::writer::{ColumnCloseResult, ColumnWriter, ColumnWriterImpl, get_column_writer, get_typed_column_writer_mut};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, ColumnIndexBuilder, LevelHistogram, PageEncodingStats};
use parquet::file::page_index::column_index::{ByteArrayColumnIndex, ColumnIndexMetaData};
use parquet::file::page_index::offset_index::OffsetIndexMetaData;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::statistics::{Statistics, ValueStatistics};
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

/// What was written, in pieces: a page is not copied.
#[derive(Debug, Default)]
struct Pieces {
    done: Vec<Bytes>,
    small: Vec<u8>,
    /// The page that is being written.
    page: Bytes,
}

impl Pieces {
    fn finish(mut self) -> Vec<Bytes> {
        self.settle();
        self.done
    }

    fn settle(&mut self) {
        if !self.small.is_empty() {
            self.done.push(mem::take(&mut self.small).into());
        }
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !bytes.is_empty() && bytes.as_ptr_range() == self.page.as_ptr_range() {
            self.settle();
            let page = mem::take(&mut self.page);
            self.done.push(page);
        } else {
            self.small.extend_from_slice(bytes);
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
        let mut pieces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pieces.inner_mut().page = page.compressed_page().buffer().clone();
        SerializedPageWriter::new(&mut *pieces).write_page(page)
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
        Ok(Chunk { pages: pieces.finish(), close })
    }
}

/// A chunk that is written, or a part of one.
pub(super) struct Chunk {
    /// Its bytes, in pieces.
    pub(super) pages: Vec<Bytes>,
    pub(super) close: ColumnCloseResult,
}

impl Waiting for (Chunk, Last) {
    fn bytes(&self) -> usize {
        self.0.pages.iter().map(Bytes::len).sum()
    }
}

/// What is told of parts of one chunk as if they were one, in their order: parts of a column of bytes without dictionary and bloom filter, if there are
/// several.
pub(super) fn join(mut parts: Vec<ColumnCloseResult>) -> Result<ColumnCloseResult> {
    if parts.len() < 2 {
        return parts.pop().ok_or_else(|| ParquetError::General("a column has no parts".into()));
    }
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
    fn a_page_is_not_copied() {
        let mut pieces = Pieces::default();
        let page = Bytes::from(b"page".to_vec());
        for bytes in [&b"ab"[..], b"", b"c"] {
            assert_eq!(pieces.write(bytes).unwrap(), bytes.len());
        }
        pieces.page = page.clone();
        assert_eq!((pieces.write(b"head").unwrap(), pieces.write(&page).unwrap(), pieces.write(&page).unwrap()), (4, 4, 4));
        let written = pieces.finish();
        assert_eq!(written, [&b"abchead"[..], b"page", b"page"]);
        assert!(written[1].as_ptr() == page.as_ptr() && written[2].as_ptr() != page.as_ptr());
    }
}
