//! A Parquet file with one column more, and without it again.
//!
//! In: a file, the name of a column and its value for some rows. Out: the same rows, row groups, codecs and metadata, and behind all columns one of texts.

use super::budget::Budget;
use super::chunk::Draft;
use super::copy::Run;
use super::decode;
use super::merge::{Chunk as Source, write_columns};
use super::pages_first::PagesFirst;
use super::rewrite::{Last, Sink, properties, row_count};
use crate::error::Error;
use bytes::Bytes;
use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::{ColumnPath, Type, TypePtr};
use std::sync::Arc;

/// Writes `input` with a column `name` behind all others: `values` are of rows, which ascend; other rows have none.
///
/// # Errors
/// The file has such a column; it is damaged, or more than the budget; what `to` says.
pub(crate) fn with_column(input: &Bytes, name: &str, values: &[(u64, String)], (budget, to): (&Budget<'_>, Sink<'_>)) -> Result<()> {
    decode(|| {
        let reader = SerializedFileReader::new(input.clone())?;
        let metadata = reader.metadata();
        let schema = metadata.file_metadata().schema_descr();
        let columns = schema.num_columns();
        budget.check_pages(input, metadata, &(0..columns).collect::<Vec<_>>())?;
        let root = schema.root_schema();
        if root.get_fields().iter().any(|field| field.name() == name) {
            let reason = format!("there is a column `{name}` already; remove it first (`refrain restore` does)");
            return Err(ParquetError::External(Error::Config { setting: "annotate", reason }.into()));
        }
        let field = Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(Some(LogicalType::String))
            .build()?;
        let all = root.get_fields().iter().cloned().chain([Arc::new(field)]).collect();
        let schema = Arc::new(Type::group_type_builder(root.name()).with_fields(all).build()?);
        let mut own = properties(metadata, None)?;
        if let Some(column) = metadata.row_groups().first().and_then(|group| group.columns().first()) {
            let path = ColumnPath::new(vec![name.to_owned()]);
            own = own.into_builder().set_column_compression(path, column.compression()).build();
        }
        let own = Arc::new(own);
        let described = parquet::schema::types::SchemaDescriptor::new(Arc::clone(&schema)).column(columns);
        let mut writer = PagesFirst::new(to, schema, &own)?;
        let mut first = 0;
        for group in 0..metadata.num_row_groups() {
            let rows = row_count(metadata, group)?;
            let runs = [Run { reader: 0, stays: true, rows }];
            write_columns(&mut writer, &own, 0..columns, (&runs, Last::Column), |column| vec![Some((&reader, group, column))])?;
            let end = first + rows as u64;
            let own_values = &values[values.partition_point(|(row, _)| *row < first)..values.partition_point(|(row, _)| *row < end)];
            let mut levels = vec![0; rows];
            own_values.iter().for_each(|(row, _)| levels[usize::try_from(row - first).unwrap_or(0)] = 1);
            let texts: Vec<ByteArray> = own_values.iter().map(|(_, value)| ByteArray::from(value.as_str())).collect();
            let mut draft = Draft::new(described.clone(), &own);
            draft.typed::<ByteArrayType>().write_batch(&texts, Some(&levels), None)?;
            writer.write(draft.close()?, Last::RowGroup)?;
            first = end;
        }
        writer.close()
    })
}

/// Writes `input` without its column `name`, which is the last of all.
///
/// # Errors
/// It has no such column there; it is damaged; what `to` says.
pub(crate) fn without_column(input: &Bytes, name: &str, to: Sink<'_>) -> Result<()> {
    decode(|| {
        let reader = SerializedFileReader::new(input.clone())?;
        let metadata = reader.metadata();
        let schema = metadata.file_metadata().schema_descr();
        let root = schema.root_schema();
        let Some((_, fields)) = root.get_fields().split_last().filter(|(last, _)| last.name() == name && last.is_primitive()) else {
            return Err(ParquetError::General(format!("its last column is not `{name}`")));
        };
        let left: TypePtr = Arc::new(Type::group_type_builder(root.name()).with_fields(fields.to_vec()).build()?);
        let own = Arc::new(properties(metadata, None)?);
        let mut writer = PagesFirst::new(to, left, &own)?;
        for group in 0..metadata.num_row_groups() {
            let runs = [Run { reader: 0, stays: true, rows: row_count(metadata, group)? }];
            let source = |column| -> Vec<Source<'_>> { vec![Some((&reader, group, column))] };
            write_columns(&mut writer, &own, 0..schema.num_columns() - 1, (&runs, Last::RowGroup), source)?;
        }
        writer.close()
    })
}
