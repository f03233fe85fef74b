//! A Parquet file whose pages are written before it is known what the footer says of them.
//!
//! In: chunks and parts of chunks, in the order of the file. Out: the file. The library's writer takes a chunk with all that is told of it, which is known when its last
//! page is made; so pages pass by that writer, and it is given as many bytes in their place, which go nowhere.

use super::chunk::{Chunk, join};
use super::rewrite::{Last, Sink};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::TypePtr;
use std::io::{self, Read, Write};

/// What is written, less what has passed by already.
struct Passing<'w> {
    to: Sink<'w>,
    /// Bytes that come and are there already.
    passed: usize,
}

impl Write for Passing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let passed = self.passed.min(bytes.len());
        self.passed -= passed;
        if passed > 0 { Ok(passed) } else { self.to.write(bytes) }
    }

    /// The library's buffer is emptied before each part; whoever packs what comes here is not to end a block for that.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// So many bytes in the place of pages.
#[derive(Clone, Copy)]
struct Placeholder(usize);

impl Read for Placeholder {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.0.min(into.len());
        self.0 -= length;
        Ok(length)
    }
}

impl Length for Placeholder {
    fn len(&self) -> u64 {
        self.0 as u64
    }
}

impl ChunkReader for Placeholder {
    type T = Self;

    fn get_read(&self, _: u64) -> Result<Self> {
        Ok(*self)
    }

    fn get_bytes(&self, start: u64, _: usize) -> Result<bytes::Bytes> {
        Err(ParquetError::General(format!("there are no bytes at {start}")))
    }
}

/// Writes a file.
pub(super) struct PagesFirst<'w> {
    writer: SerializedFileWriter<Passing<'w>>,
    /// What is told of the parts of a column, and of the columns before it; bytes of each column.
    parts: Vec<ColumnCloseResult>,
    columns: Vec<(usize, ColumnCloseResult)>,
    bytes: usize,
}

impl<'w> PagesFirst<'w> {
    pub(super) fn new(to: Sink<'w>, schema: TypePtr, properties: &WriterPropertiesPtr) -> Result<Self> {
        let writer = SerializedFileWriter::new(Passing { to, passed: 0 }, schema, WriterPropertiesPtr::clone(properties))?;
        Ok(Self { writer, parts: Vec::new(), columns: Vec::new(), bytes: 0 })
    }

    /// Writes what comes next.
    ///
    /// # Errors
    /// What the sink says.
    pub(super) fn write(&mut self, chunk: Chunk, last: Last) -> Result<()> {
        self.writer.flush()?;
        for page in &chunk.pages {
            self.writer.inner_mut().to.write_all(page)?;
            self.bytes += page.len();
        }
        self.parts.push(chunk.close);
        if last != Last::Nothing {
            let column = join(std::mem::take(&mut self.parts))?;
            self.columns.push((std::mem::take(&mut self.bytes), column));
        }
        if last == Last::RowGroup { self.end_row_group() } else { Ok(()) }
    }

    fn end_row_group(&mut self) -> Result<()> {
        let columns = std::mem::take(&mut self.columns);
        self.writer.inner_mut().passed = columns.iter().map(|(bytes, _)| bytes).sum();
        let mut group = self.writer.next_row_group()?;
        columns.into_iter().try_for_each(|(bytes, column)| group.append_column(&Placeholder(bytes), column))?;
        group.close().map(drop)
    }

    /// Writes the footer.
    ///
    /// # Errors
    /// What the sink says.
    pub(super) fn close(self) -> Result<()> {
        self.writer.close().map(drop)
    }
}
