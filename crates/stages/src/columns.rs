//! Tables of stages as Parquet: few types, every column required but dates, and a row group for each shard or part that reads it.

use crate::error::{Error, Result};
use parquet::basic::{Compression, Encoding, LogicalType, Repetition, Type as Physical};
use parquet::column::reader::ColumnReader;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, Type};
use refrain_io::files::{Durability, NewFile};
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Values of a column.
pub(crate) enum Column {
    Integers(Vec<i64>),
    /// Seconds since 1970; null where there is no date.
    Dates(Vec<Option<i64>>),
    Reals(Vec<f64>),
    Flags(Vec<bool>),
    Texts(Vec<ByteArray>),
    Bytes(Vec<ByteArray>),
}

/// Type of a column.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Integer,
    Date,
    Real,
    Flag,
    Text,
    Bytes,
}

/// Names and types of columns.
pub(crate) type Schema = [(&'static str, Kind)];

/// Writes a table, each of `groups` as a row group. The file has its name once it is whole.
pub(crate) fn write(path: &Path, schema: &Schema, groups: impl IntoIterator<Item = Vec<Column>>) -> Result<()> {
    let file = NewFile::begin(path)?;
    let damaged = |error: ParquetError| Error::Io { path: path.to_owned(), cause: std::io::Error::other(error) };
    let mut writer = writer(BufWriter::new(file.file()), schema).map_err(damaged)?;
    for columns in groups {
        append(&mut writer, columns).map_err(damaged)?;
    }
    writer.close().map_err(damaged)?;
    Ok(file.keep(Durability::Run)?)
}

fn writer<'f>(file: BufWriter<&'f File>, schema: &Schema) -> ParquetResult<SerializedFileWriter<BufWriter<&'f File>>> {
    let field = |&(name, kind): &(&str, Kind)| {
        let (physical, logical) = match kind {
            Kind::Integer | Kind::Date => (Physical::INT64, None),
            Kind::Real => (Physical::DOUBLE, None),
            Kind::Flag => (Physical::BOOLEAN, None),
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Bytes => (Physical::BYTE_ARRAY, None),
        };
        let repetition = if matches!(kind, Kind::Date) { Repetition::OPTIONAL } else { Repetition::REQUIRED };
        Type::primitive_type_builder(name, physical).with_repetition(repetition).with_logical_type(logical).build().map(Arc::new)
    };
    let fields = schema.iter().map(field).collect::<ParquetResult<Vec<_>>>()?;
    let root = Type::group_type_builder("stage").with_fields(fields).build()?;
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_dictionary_enabled(false)
        .set_created_by(concat!("refrain version ", env!("CARGO_PKG_VERSION")).to_owned());
    for &(name, kind) in schema {
        if matches!(kind, Kind::Integer | Kind::Date) {
            properties = properties.set_column_encoding(ColumnPath::from(name), Encoding::DELTA_BINARY_PACKED);
        }
    }
    SerializedFileWriter::new(file, Arc::new(root), Arc::new(properties.build()))
}

fn append(writer: &mut SerializedFileWriter<BufWriter<&File>>, columns: Vec<Column>) -> ParquetResult<()> {
    let mut group = writer.next_row_group()?;
    for column in columns {
        let Some(mut to) = group.next_column()? else { return Err(ParquetError::General("more columns than in the schema".into())) };
        match column {
            Column::Integers(values) => put::<Int64Type>(&mut to, &values, None)?,
            Column::Dates(values) => {
                let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
                put::<Int64Type>(&mut to, &values.into_iter().flatten().collect::<Vec<_>>(), Some(&levels))?;
            }
            Column::Reals(values) => put::<DoubleType>(&mut to, &values, None)?,
            Column::Flags(values) => put::<BoolType>(&mut to, &values, None)?,
            Column::Texts(values) | Column::Bytes(values) => put::<ByteArrayType>(&mut to, &values, None)?,
        }
        to.close()?;
    }
    group.close().map(drop)
}

fn put<T: DataType>(to: &mut SerializedColumnWriter<'_>, values: &[T::T], levels: Option<&[i16]>) -> ParquetResult<()> {
    to.typed::<T>().write_batch(values, levels, None).map(drop)
}

/// A table.
pub(crate) struct TableReader {
    path: PathBuf,
    reader: SerializedFileReader<File>,
}

/// A row group of a table.
pub(crate) struct Group<'r> {
    path: &'r Path,
    rows: Box<dyn RowGroupReader + 'r>,
}

impl TableReader {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|cause| Error::Io { path: path.to_owned(), cause })?;
        let reader = SerializedFileReader::new(file).map_err(|error| damaged(path, &error))?;
        Ok(Self { path: path.to_owned(), reader })
    }

    pub(crate) fn groups(&self) -> usize {
        self.reader.num_row_groups()
    }

    /// The row group of a shard or part, from 1.
    pub(crate) fn group_of(&self, number: u32) -> Result<Group<'_>> {
        self.group((number as usize).wrapping_sub(1))
    }

    pub(crate) fn group(&self, at: usize) -> Result<Group<'_>> {
        let missing = || Error::Damaged { path: self.path.clone(), reason: format!("it has no row group {at}") };
        if at >= self.groups() {
            return Err(missing());
        }
        let rows = self.reader.get_row_group(at).map_err(|error| damaged(&self.path, &error))?;
        Ok(Group { path: &self.path, rows })
    }
}

impl Group<'_> {
    pub(crate) fn integers(&self, name: &str) -> Result<Vec<i64>> {
        self.column(
            name,
            |reader, rows| if let ColumnReader::Int64ColumnReader(reader) = reader { Some(values(reader, rows)) } else { None },
        )
    }

    pub(crate) fn dates(&self, name: &str) -> Result<Vec<Option<i64>>> {
        self.column(name, |reader, rows| {
            let ColumnReader::Int64ColumnReader(mut reader) = reader else { return None };
            let (mut values, mut levels) = (Vec::new(), Vec::new());
            let read = reader.read_records(rows, Some(&mut levels), None, &mut values);
            let mut values = values.into_iter();
            Some(read.map(|_| levels.into_iter().map(|level| if level > 0 { values.next() } else { None }).collect()))
        })
    }

    pub(crate) fn reals(&self, name: &str) -> Result<Vec<f64>> {
        self.column(
            name,
            |reader, rows| if let ColumnReader::DoubleColumnReader(reader) = reader { Some(values(reader, rows)) } else { None },
        )
    }

    pub(crate) fn flags(&self, name: &str) -> Result<Vec<bool>> {
        self.column(
            name,
            |reader, rows| if let ColumnReader::BoolColumnReader(reader) = reader { Some(values(reader, rows)) } else { None },
        )
    }

    pub(crate) fn bytes(&self, name: &str) -> Result<Vec<ByteArray>> {
        self.column(
            name,
            |reader, rows| {
                if let ColumnReader::ByteArrayColumnReader(reader) = reader { Some(values(reader, rows)) } else { None }
            },
        )
    }

    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>> {
        let text = |bytes: ByteArray| {
            let reason = |_| Error::Damaged { path: self.path.to_owned(), reason: format!("column `{name}` is not UTF-8") };
            String::from_utf8(bytes.data().to_vec()).map_err(reason)
        };
        self.bytes(name)?.into_iter().map(text).collect()
    }

    /// A column of a type that `read` gives None for others of.
    fn column<T>(&self, name: &str, read: impl FnOnce(ColumnReader, usize) -> Option<ParquetResult<Vec<T>>>) -> Result<Vec<T>> {
        let wrong = |reason: String| Error::Damaged { path: self.path.to_owned(), reason };
        let metadata = self.rows.metadata();
        let at = (0..metadata.num_columns()).find(|&at| metadata.column(at).column_path().string() == name);
        let at = at.ok_or_else(|| wrong(format!("it has no column `{name}`")))?;
        let rows = usize::try_from(metadata.num_rows()).unwrap_or_default();
        if rows == 0 {
            return Ok(Vec::new());
        }
        let reader = self.rows.get_column_reader(at).map_err(|error| damaged(self.path, &error))?;
        let values = read(reader, rows).ok_or_else(|| wrong(format!("column `{name}` has another type")))?;
        let values = values.map_err(|error| damaged(self.path, &error))?;
        if values.len() == rows { Ok(values) } else { Err(wrong(format!("column `{name}` ends early"))) }
    }
}

fn values<T: DataType>(mut reader: parquet::column::reader::ColumnReaderImpl<T>, rows: usize) -> ParquetResult<Vec<T::T>> {
    let mut values = Vec::new();
    reader.read_records(rows, None, None, &mut values)?;
    Ok(values)
}

fn damaged(path: &Path, error: &ParquetError) -> Error {
    Error::Damaged { path: path.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What is written is read, empty row groups too.
        #[test]
        fn groups_are_read_as_they_were_written(groups in prop::collection::vec(prop::collection::vec((any::<i64>(), any::<Option<i64>>(), any::<f64>(), any::<bool>(), ".{0,9}"), 0..20), 0..5)) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("table.parquet");
            let schema = [("n", Kind::Integer), ("date", Kind::Date), ("x", Kind::Real), ("is", Kind::Flag), ("text", Kind::Text), ("raw", Kind::Bytes)];
            let columns = groups.iter().map(|rows| vec![
                Column::Integers(rows.iter().map(|row| row.0).collect()),
                Column::Dates(rows.iter().map(|row| row.1).collect()),
                Column::Reals(rows.iter().map(|row| row.2).collect()),
                Column::Flags(rows.iter().map(|row| row.3).collect()),
                Column::Texts(rows.iter().map(|row| ByteArray::from(row.4.as_str())).collect()),
                Column::Bytes(rows.iter().map(|row| ByteArray::from(row.4.as_str())).collect()),
            ]);
            write(&path, &schema, columns).unwrap();
            let table = TableReader::open(&path).unwrap();
            prop_assert_eq!(table.groups(), groups.len());
            for (at, rows) in groups.iter().enumerate() {
                let group = table.group(at).unwrap();
                prop_assert_eq!(group.integers("n").unwrap(), rows.iter().map(|row| row.0).collect::<Vec<_>>());
                prop_assert_eq!(group.dates("date").unwrap(), rows.iter().map(|row| row.1).collect::<Vec<_>>());
                prop_assert_eq!(group.reals("x").unwrap(), rows.iter().map(|row| row.2).collect::<Vec<_>>());
                prop_assert_eq!(group.flags("is").unwrap(), rows.iter().map(|row| row.3).collect::<Vec<_>>());
                prop_assert_eq!(group.texts("text").unwrap(), rows.iter().map(|row| row.4.clone()).collect::<Vec<_>>());
                prop_assert!(rows.is_empty() || group.integers("x").is_err() && group.integers("other").is_err());
            }
            prop_assert!(table.group(groups.len()).is_err());
        }
    }
}
