//! The texts of a row group on their way out, from where they were kept when the file was read.
//!
//! In: the texts, and which rows and which parts of texts go. Out: the chunk of those that stay, in stretches that may be written at a time. Where they are cut
//! depends on the texts alone.

use super::chunk::{Chunk, Draft};
use super::copy::{BATCH_ROWS, cut};
use super::texts::Texts;
use bytes::Bytes;
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterPropertiesPtr;
use parquet::schema::types::ColumnDescPtr;
use std::ops::Range;

/// Pages of text in a stretch, so that there are few short ones.
const STRETCH_PAGES: usize = 4;

/// Byte ranges that go from the text of a row of the group.
pub(super) type Cut<'a> = (usize, &'a [Range<usize>]);

/// The texts of a row group.
pub(super) struct TextColumn<'a> {
    pub(super) column: ColumnDescPtr,
    pub(super) texts: &'a Texts,
    /// The first row of the group, counted in the file.
    pub(super) first_row: u64,
    pub(super) rows: usize,
    /// Rows that go, ascending.
    pub(super) gone: &'a [usize],
    /// What goes of other rows, ascending.
    pub(super) cuts: &'a [Cut<'a>],
}

impl TextColumn<'_> {
    /// Cuts the rows where there is as much text as some pages hold; there is one stretch at least.
    ///
    /// # Errors
    /// A row that was not there when the file was read.
    pub(super) fn stretches(&self, properties: &WriterPropertiesPtr) -> Result<Vec<Range<usize>>> {
        let stretch_bytes = STRETCH_PAGES.saturating_mul(properties.column_data_page_size_limit(self.column.path()));
        let mut stretches = Vec::new();
        let (mut start, mut bytes) = (0, 0);
        for row in 0..self.rows {
            bytes += self.row(row)?.map_or(0, |text| text.len());
            if bytes >= stretch_bytes {
                stretches.push(std::mem::replace(&mut start, row + 1)..row + 1);
                bytes = 0;
            }
        }
        if start < self.rows || stretches.is_empty() {
            stretches.push(start..self.rows);
        }
        Ok(stretches)
    }

    /// The part of the chunk that some rows make.
    ///
    /// # Errors
    /// A row that was not there when the file was read.
    pub(super) fn write(&self, rows: Range<usize>, properties: &WriterPropertiesPtr) -> Result<Chunk> {
        let mut gone = self.gone[self.gone.partition_point(|&row| row < rows.start)..].iter().peekable();
        let mut cuts = self.cuts[self.cuts.partition_point(|(row, _)| *row < rows.start)..].iter().peekable();
        let mut batch = Batch::new(self, properties);
        for row in rows {
            if gone.next_if_eq(&&row).is_some() {
                continue;
            }
            let text = match (self.row(row)?, cuts.next_if(|(cut, _)| *cut == row)) {
                (Ok(text), Some((_, ranges))) => Ok(cut(&text, ranges)?.into()),
                (Err(_), Some(_)) => return Err(ParquetError::General(format!("row {row} has no text to change"))),
                (text, None) => text,
            };
            batch.push(text)?;
        }
        batch.close()
    }

    /// The text of a row, or its definition level.
    fn row(&self, row: usize) -> Result<std::result::Result<Bytes, i16>> {
        self.texts
            .row(self.first_row + row as u64)
            .ok_or_else(|| ParquetError::EOF(format!("row {row} was not there when the file was read")))
    }
}

/// Texts that wait to be written.
struct Batch {
    draft: Draft,
    levels: Vec<i16>,
    texts: Vec<ByteArray>,
    /// Definition level of a text that is there.
    full: i16,
    rows: usize,
}

impl Batch {
    fn new(column: &TextColumn<'_>, properties: &WriterPropertiesPtr) -> Self {
        let draft = Draft::new(ColumnDescPtr::clone(&column.column), properties);
        Self { draft, levels: Vec::new(), texts: Vec::new(), full: column.column.max_def_level(), rows: 0 }
    }

    fn push(&mut self, text: std::result::Result<Bytes, i16>) -> Result<()> {
        if self.full > 0 {
            self.levels.push(text.as_ref().map_or_else(|level| *level, |_| self.full));
        }
        self.texts.extend(text.ok().map(ByteArray::from));
        self.rows += 1;
        if self.rows == BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let levels = (self.full > 0).then_some(self.levels.as_slice());
        self.draft.typed::<ByteArrayType>().write_batch(&self.texts, levels, None)?;
        self.levels.clear();
        self.texts.clear();
        self.rows = 0;
        Ok(())
    }

    fn close(mut self) -> Result<Chunk> {
        if self.rows > 0 {
            self.flush()?;
        }
        self.draft.close()
    }
}

#[cfg(test)]
mod tests {
    use super::super::pages_first::PagesFirst;
    use super::super::rewrite::Last;
    use super::super::texts::{Block, Missing, Stand};
    use super::*;
    use crate::source::content::Spool;
    use parquet::basic::{BoundaryOrder, Compression};
    use parquet::file::metadata::ParquetMetaData;
    use parquet::file::properties::WriterProperties;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::file::serialized_reader::ReadOptionsBuilder;
    use parquet::schema::parser::parse_message_type;
    use parquet::schema::types::SchemaDescriptor;
    use std::sync::Arc;

    /// Every seventh row has no text; others are of the letter, and longer than what statistics keep.
    fn kept(letter: impl Fn(usize) -> char) -> Texts {
        let spool = Spool::default();
        let gathering = spool.gather(0);
        let text = |row| if row % 7 == 0 { String::new() } else { letter(row).to_string().repeat(70) + "!!!" };
        let texts: Vec<String> = (0..300).map(text).collect();
        let start = gathering.append(texts.concat().as_bytes()).unwrap();
        let ends = texts.iter().scan(0, |end, text| {
            *end += u32::try_from(text.len()).unwrap();
            Some(*end)
        });
        let missing = (0..300).step_by(7).map(|row| Missing { row, level: 0 }).collect();
        let block = Block { first_row: 5, stand: Stand::Kept(start), ends: ends.collect(), missing };
        Texts::new(Bytes::new(), gathering, vec![block], vec![5], Some("text".into())).unwrap()
    }

    /// Rows and footer of a file of one chunk, made of the parts that some rows make, and how many pages it has.
    fn read(
        column: &TextColumn<'_>,
        parts: &[Range<usize>],
        properties: &WriterPropertiesPtr,
        schema: &SchemaDescriptor,
    ) -> (Vec<String>, ParquetMetaData, usize) {
        let mut file = Vec::new();
        let mut writer = PagesFirst::new(&mut file, schema.root_schema_ptr(), properties).unwrap();
        for (at, rows) in parts.iter().enumerate() {
            let last = if at + 1 == parts.len() { Last::RowGroup } else { Last::Nothing };
            writer.write(column.write(rows.clone(), properties).unwrap(), last).unwrap();
        }
        writer.close().unwrap();
        let file = Bytes::from(file);
        // With the index, pages are read from where it says that they are.
        let options = ReadOptionsBuilder::new().with_page_index().build();
        let reader = SerializedFileReader::new_with_options(file, options).unwrap();
        let rows = reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        let pages = reader.get_row_group(0).unwrap().get_column_page_reader(0).unwrap().count();
        (rows, reader.metadata().clone(), pages)
    }

    #[test]
    fn stretches_make_what_one_writer_makes() {
        let schema = SchemaDescriptor::new(Arc::new(parse_message_type("message rows { optional binary text (UTF8); }").unwrap()));
        let letters: [fn(usize) -> char; 3] = [
            |row| char::from(b'a' + u8::try_from(row / 20).unwrap()),
            |row| char::from(b'z' - u8::try_from(row / 20).unwrap()),
            |row| char::from(b'a' + u8::try_from(row * 7 % 26).unwrap()),
        ];
        let cuts: [Cut<'_>; 2] = [(2, &[0..1, 1..70]), (9, &[0..1, 71..73])];
        let cases = [
            (letters[0], Compression::SNAPPY, &cuts[..0], BoundaryOrder::ASCENDING),
            (letters[1], Compression::UNCOMPRESSED, &[], BoundaryOrder::DESCENDING),
            (letters[2], Compression::LZ4_RAW, &cuts, BoundaryOrder::UNORDERED),
        ];
        for (letter, codec, cuts, expected_order) in cases {
            let properties = WriterProperties::builder().set_dictionary_enabled(false).set_compression(codec);
            let properties = Arc::new(properties.set_data_page_size_limit(300).set_write_batch_size(3).build());
            let texts = kept(letter);
            let gone: Vec<usize> = (100..140).chain([299]).collect();
            let column = TextColumn { column: schema.column(0), texts: &texts, first_row: 5, rows: 300, gone: &gone, cuts };
            let stretches = column.stretches(&properties).unwrap();
            assert!(stretches.len() > 10);
            let (rows, one, pages) = read(&column, std::slice::from_ref(&(0..300)), &properties, &schema);
            let (same_rows, several, more_pages) = read(&column, &stretches, &properties, &schema);
            assert!(
                rows == same_rows
                    && rows.len() == 300 - gone.len()
                    && rows.contains(&"{text: \"!!!\"}".into()) != cuts.is_empty()
                    && pages > 10
                    && more_pages >= pages
            );
            let of = |metadata: &ParquetMetaData| {
                let column = metadata.row_group(0).column(0).clone();
                let levels = column.definition_level_histogram().unwrap().values().to_vec();
                (column.statistics().cloned(), column.num_values(), column.unencoded_byte_array_data_bytes(), levels)
            };
            assert_eq!(of(&one), of(&several));
            let order = |metadata: &ParquetMetaData| metadata.page_index_for_row_group(0).column_index(0).unwrap().get_boundary_order();
            assert_eq!((order(&one), order(&several)), (Some(expected_order), Some(expected_order)));
        }
    }

    #[test]
    fn a_row_that_was_not_read_is_told() {
        let schema = SchemaDescriptor::new(Arc::new(parse_message_type("message rows { optional binary text (UTF8); }").unwrap()));
        let texts = kept(|_| 'a');
        let properties = Arc::new(WriterProperties::new());
        let error = |rows, cuts: &[Cut<'_>]| {
            let column = TextColumn { column: schema.column(0), texts: &texts, first_row: 5, rows, gone: &[], cuts };
            column.write(0..rows, &properties).err().unwrap().to_string()
        };
        assert_eq!(error(301, &[]), "EOF: row 300 was not there when the file was read");
        assert!(error(300, &[(7, &[0..1, 1..2])]).contains("row 7 has no text to change"));
    }
}
