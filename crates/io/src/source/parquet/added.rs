//! A Parquet file with more columns, and without them again.
//!
//! In: a file, names of columns and their values for some rows. Out: the same rows, row groups, codecs and metadata, and behind all columns those of texts, numbers or
//! lists of texts.

use super::budget::Budget;
use super::chunk::{Chunk, Draft};
use super::copy::Run;
use super::decode;
use super::merge::{Chunk as Source, write_columns};
use super::pages_first::PagesFirst;
use super::rewrite::{Last, Sink, properties, row_count};
use bytes::Bytes;
use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::{ColumnDescPtr, Type, TypePtr};
use refrain_engine::error::Error;
use std::sync::Arc;

/// A column that is added. Rows ascend; other rows have no value.
pub struct AddedColumn<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its values.
    pub values: AddedValues,
}

/// Values of a column, each with its row.
pub enum AddedValues {
    /// Texts, each with its row.
    Texts(Vec<(u64, String)>),
    /// Numbers, each with its row.
    Numbers(Vec<(u64, i64)>),
    /// Lists of texts, each with its row.
    Lists(Vec<(u64, Vec<String>)>),
}

/// Key of the schema that Arrow writes for itself. It names all columns, so that readers refuse a file with others: it is kept under another key.
const ARROW_SCHEMA: &str = "ARROW:schema";
const SET_ASIDE: &str = "refrain:ARROW:schema";

/// The same properties with a key of the metadata renamed.
fn renamed_key(properties: WriterProperties, [from, to]: [&str; 2]) -> WriterProperties {
    let renamed = properties.key_value_metadata().cloned().map(|pairs| {
        let rename = |mut pair: KeyValue| {
            if pair.key == from {
                to.clone_into(&mut pair.key);
            }
            pair
        };
        pairs.into_iter().map(rename).collect::<Vec<_>>()
    });
    properties.into_builder().set_key_value_metadata(renamed).build()
}

/// Levels of a list in a row: none, empty, and a list with values. A further value of the same list repeats at level 1.
const NO_LIST: i16 = 0;
const EMPTY_LIST: i16 = 1;
const LIST: i16 = 2;

impl AddedColumn<'_> {
    fn field(&self) -> Result<TypePtr> {
        let (physical, logical) = match self.values {
            AddedValues::Texts(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            AddedValues::Numbers(_) => (Physical::INT64, None),
            AddedValues::Lists(_) => return list_field(self.name),
        };
        let field = Type::primitive_type_builder(self.name, physical).with_repetition(Repetition::OPTIONAL).with_logical_type(logical);
        Ok(Arc::new(field.build()?))
    }

    /// The column for the rows from `first` to `end`.
    fn write(&self, described: &ColumnDescPtr, own: &WriterPropertiesPtr, (first, end): (u64, u64)) -> Result<Chunk> {
        let mut draft = Draft::new(described.clone(), own);
        match &self.values {
            AddedValues::Texts(values) => {
                let (levels, texts) = levels_of(values, (first, end), |text| ByteArray::from(text.as_str()));
                draft.typed::<ByteArrayType>().write_batch(&texts, Some(&levels), None)?;
            }
            AddedValues::Numbers(values) => {
                let (levels, numbers) = levels_of(values, (first, end), |number| *number);
                draft.typed::<Int64Type>().write_batch(&numbers, Some(&levels), None)?;
            }
            AddedValues::Lists(values) => {
                let mut values = part(values, (first, end)).iter().peekable();
                let (mut texts, mut levels, mut repeats) = (Vec::new(), Vec::new(), Vec::new());
                for row in first..end {
                    let list = values.next_if(|(at, _)| *at == row).map(|(_, list)| list);
                    let count = list.map_or(0, Vec::len);
                    texts.extend(list.into_iter().flatten().map(|text| ByteArray::from(text.as_str())));
                    levels.extend(vec![
                        if count > 0 {
                            LIST
                        } else if list.is_some() {
                            EMPTY_LIST
                        } else {
                            NO_LIST
                        };
                        count.max(1)
                    ]);
                    repeats.extend((0..count.max(1)).map(|at| i16::from(at > 0)));
                }
                draft.typed::<ByteArrayType>().write_batch(&texts, Some(&levels), Some(&repeats))?;
            }
        }
        draft.close()
    }
}

/// An optional list of texts, in three levels as the format's specification has it.
fn list_field(name: &str) -> Result<TypePtr> {
    let element = Type::primitive_type_builder("element", Physical::BYTE_ARRAY)
        .with_repetition(Repetition::REQUIRED)
        .with_logical_type(Some(LogicalType::String))
        .build()?;
    let list = Type::group_type_builder("list").with_repetition(Repetition::REPEATED).with_fields(vec![Arc::new(element)]).build()?;
    let field = Type::group_type_builder(name)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(Some(LogicalType::List))
        .with_fields(vec![Arc::new(list)]);
    Ok(Arc::new(field.build()?))
}

/// The values of some rows.
fn part<T>(values: &[(u64, T)], (first, end): (u64, u64)) -> &[(u64, T)] {
    &values[values.partition_point(|(row, _)| *row < first)..values.partition_point(|(row, _)| *row < end)]
}

/// For each row whether it has a value, and the values.
fn levels_of<T, V>(values: &[(u64, T)], (first, end): (u64, u64), value: impl Fn(&T) -> V) -> (Vec<i16>, Vec<V>) {
    let own = part(values, (first, end));
    let mut levels = vec![0; usize::try_from(end - first).unwrap_or(0)];
    own.iter().for_each(|(row, _)| levels[usize::try_from(row - first).unwrap_or(0)] = 1);
    (levels, own.iter().map(|(_, own)| value(own)).collect())
}

/// Writes `input` with more columns behind all others.
///
/// # Errors
/// The file has such a column; it is damaged, or more than the budget; what `to` says.
pub fn with_columns(input: &Bytes, added: &[AddedColumn<'_>], (budget, to): (&Budget<'_>, Sink<'_>)) -> Result<()> {
    decode(|| {
        let reader = SerializedFileReader::new(input.clone())?;
        let metadata = reader.metadata();
        let schema = metadata.file_metadata().schema_descr();
        let columns = schema.num_columns();
        budget.check_pages(input, metadata, &(0..columns).collect::<Vec<_>>())?;
        let root = schema.root_schema();
        if let Some(field) = root.get_fields().iter().find(|field| added.iter().any(|column| column.name == field.name())) {
            let reason = format!("there is a column `{}` already; remove it first (`refrain restore` does)", field.name());
            return Err(ParquetError::External(Error::Config { setting: "annotate", reason }.into()));
        }
        let fields = added.iter().map(AddedColumn::field).collect::<Result<Vec<_>>>()?;
        let all = root.get_fields().iter().cloned().chain(fields).collect();
        let schema = Arc::new(Type::group_type_builder(root.name()).with_fields(all).build()?);
        let described = parquet::schema::types::SchemaDescriptor::new(Arc::clone(&schema));
        let mut own = renamed_key(properties(metadata, None)?, [ARROW_SCHEMA, SET_ASIDE]);
        if let Some(column) = metadata.row_groups().first().and_then(|group| group.columns().first()) {
            let paths = (columns..described.num_columns()).map(|at| described.column(at).path().clone());
            let builder = paths.fold(own.into_builder(), |own, path| own.set_column_compression(path, column.compression()));
            own = builder.build();
        }
        let own = Arc::new(own);
        let mut writer = PagesFirst::new(to, schema, &own)?;
        let mut first = 0;
        for group in 0..metadata.num_row_groups() {
            let rows = row_count(metadata, group)?;
            let runs = [Run { reader: 0, stays: true, rows }];
            write_columns(&mut writer, &own, 0..columns, (&runs, Last::Column), |column| vec![Some((&reader, group, column))])?;
            let end = first + rows as u64;
            for (at, column) in added.iter().enumerate() {
                let last = if at + 1 == added.len() { Last::RowGroup } else { Last::Column };
                writer.write(column.write(&described.column(columns + at), &own, (first, end))?, last)?;
            }
            first = end;
        }
        writer.close()
    })
}

/// Writes `input` without its column `name` and those behind it, which were added.
///
/// # Errors
/// It has no such column; it is damaged; what `to` says.
pub fn without_columns(input: &Bytes, name: &str, to: Sink<'_>) -> Result<()> {
    decode(|| {
        let reader = SerializedFileReader::new(input.clone())?;
        let metadata = reader.metadata();
        let schema = metadata.file_metadata().schema_descr();
        let root = schema.root_schema();
        let fields = root.get_fields();
        let Some(count) = fields.iter().position(|field| field.name() == name).filter(|count| *count > 0) else {
            return Err(ParquetError::General(format!("it has no column `{name}` that was added")));
        };
        let left: TypePtr = Arc::new(Type::group_type_builder(root.name()).with_fields(fields[..count].to_vec()).build()?);
        let columns = (0..schema.num_columns()).take_while(|&column| schema.get_column_root_idx(column) < count).count();
        let own = Arc::new(renamed_key(properties(metadata, None)?, [SET_ASIDE, ARROW_SCHEMA]));
        let mut writer = PagesFirst::new(to, left, &own)?;
        for group in 0..metadata.num_row_groups() {
            let runs = [Run { reader: 0, stays: true, rows: row_count(metadata, group)? }];
            let source = |column| -> Vec<Source<'_>> { vec![Some((&reader, group, column))] };
            write_columns(&mut writer, &own, 0..columns, (&runs, Last::RowGroup), source)?;
        }
        writer.close()
    })
}
