//! Tables as Parquet.
//!
//! A column of scalars is optional, so that what is not known is null; a column of several names is a list of strings. Dates are times in UTC,
//! in milliseconds. Snappy, which every reader has.

use super::{Cell, Kind, Table};
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::Result;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};
use std::io::{self, Write};
use std::sync::Arc;

/// Rows of a row group.
const GROUP_ROWS: usize = 1 << 18;

/// Writes the file.
pub(super) fn write(table: &Table, out: &mut impl Write) -> io::Result<()> {
    let file = file(table).map_err(io::Error::other)?;
    out.write_all(&file)
}

fn file(table: &Table) -> Result<Vec<u8>> {
    let fields = table.columns.iter().map(|&(name, kind)| field(name, kind)).collect::<Result<Vec<TypePtr>>>()?;
    let schema = Type::group_type_builder("report").with_fields(fields).build()?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(concat!("refrain version ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
    for rows in table.rows.chunks(GROUP_ROWS) {
        let mut group = writer.next_row_group()?;
        let mut columns = table.columns.iter().enumerate();
        while let (Some(mut column), Some((at, &(_, kind)))) = (group.next_column()?, columns.next()) {
            put(&mut column, kind, rows.iter().map(|row| &row[at]))?;
            column.close()?;
        }
        group.close()?;
    }
    writer.into_inner()
}

/// What a column is in the file.
fn field(name: &str, kind: Kind) -> Result<TypePtr> {
    let of = |physical, logical| {
        let column = Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
        column.with_logical_type(logical).build()
    };
    let column = match kind {
        Kind::Name | Kind::Text => of(Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Count => of(Physical::INT64, None),
        Kind::Share => of(Physical::DOUBLE, None),
        Kind::Flag => of(Physical::BOOLEAN, None),
        Kind::Date => of(Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
        Kind::Names => {
            let element = Type::primitive_type_builder("element", Physical::BYTE_ARRAY).with_repetition(Repetition::REQUIRED);
            let element = element.with_logical_type(Some(LogicalType::String)).build()?;
            let list = Type::group_type_builder("list").with_repetition(Repetition::REPEATED).with_fields(vec![Arc::new(element)]);
            let group = Type::group_type_builder(name).with_repetition(Repetition::REQUIRED).with_logical_type(Some(LogicalType::List));
            group.with_fields(vec![Arc::new(list.build()?)]).build()
        }
    };
    column.map(Arc::new)
}

/// Writes the cells of a column.
fn put<'c>(column: &mut SerializedColumnWriter<'_>, kind: Kind, cells: impl Iterator<Item = &'c Cell>) -> Result<()> {
    match kind {
        Kind::Name | Kind::Text => scalars::<ByteArrayType>(column, cells, |cell| match cell {
            Cell::Name(text) | Cell::Text(text) => Some(ByteArray::from(text.as_str())),
            _ => None,
        }),
        Kind::Count => {
            scalars::<Int64Type>(column, cells, |cell| if let Cell::Count(count) = cell { i64::try_from(*count).ok() } else { None })
        }
        Kind::Share => scalars::<DoubleType>(column, cells, |cell| if let Cell::Share(share) = cell { Some(*share) } else { None }),
        Kind::Flag => scalars::<BoolType>(column, cells, |cell| if let Cell::Flag(flag) = cell { Some(*flag) } else { None }),
        Kind::Date => {
            scalars::<Int64Type>(column, cells, |cell| if let Cell::Date(second) = cell { second.checked_mul(1000) } else { None })
        }
        Kind::Names => lists(column, cells),
    }
}

fn scalars<'c, T: DataType>(
    column: &mut SerializedColumnWriter<'_>,
    cells: impl Iterator<Item = &'c Cell>,
    value: impl Fn(&Cell) -> Option<T::T>,
) -> Result<()> {
    let cells: Vec<Option<T::T>> = cells.map(value).collect();
    let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    let values: Vec<T::T> = cells.into_iter().flatten().collect();
    column.typed::<T>().write_batch(&values, Some(&levels), None).map(drop)
}

fn lists<'c>(column: &mut SerializedColumnWriter<'_>, cells: impl Iterator<Item = &'c Cell>) -> Result<()> {
    let (mut values, mut definitions, mut repetitions) = (Vec::new(), Vec::new(), Vec::new());
    for cell in cells {
        let Cell::Names(names) = cell else { continue };
        for (at, name) in names.iter().enumerate() {
            values.push(ByteArray::from(name.as_str()));
            definitions.push(1);
            repetitions.push(i16::from(at > 0));
        }
        if names.is_empty() {
            definitions.push(0);
            repetitions.push(0);
        }
    }
    column.typed::<ByteArrayType>().write_batch(&values, Some(&definitions), Some(&repetitions)).map(drop)
}
