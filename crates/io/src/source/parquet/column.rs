//! One column of some rows of a Parquet file.
//!
//! In: a row group and the number of a column that holds one value a row. Out: a text or a name for each row, or nothing where the file has
//! none. Dates and times become ISO 8601; the rest is as JSON would have it.

use super::budget::Budget;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType, Int96};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::RowGroupReader;
use parquet::schema::types::ColumnDescriptor;
use std::ops::Range;

/// What the numbers of a column stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Number,
    Unsigned,
    /// Days since 1970.
    Date,
    /// Units since 1970, so many of them a second; in UTC, or nobody knows where.
    Time {
        a_second: i64,
        utc: bool,
    },
    Uuid,
}

impl Meaning {
    fn of(column: &ColumnDescriptor) -> Self {
        let time = |unit: &TimeUnit, utc| Self::Time {
            a_second: match unit {
                TimeUnit::MILLIS => 1_000,
                TimeUnit::MICROS => 1_000_000,
                TimeUnit::NANOS => 1_000_000_000,
            },
            utc,
        };
        match (column.logical_type_ref(), column.converted_type()) {
            (Some(LogicalType::Date), _) | (None, ConvertedType::DATE) => Self::Date,
            (Some(LogicalType::Timestamp(stamp)), _) => time(&stamp.unit, stamp.is_adjusted_to_u_t_c),
            (None, ConvertedType::TIMESTAMP_MILLIS) => time(&TimeUnit::MILLIS, true),
            (None, ConvertedType::TIMESTAMP_MICROS) => time(&TimeUnit::MICROS, true),
            (Some(LogicalType::Integer(integer)), _) if !integer.is_signed => Self::Unsigned,
            (None, ConvertedType::UINT_32 | ConvertedType::UINT_64) => Self::Unsigned,
            (Some(LogicalType::Uuid), _) => Self::Uuid,
            _ => Self::Number,
        }
    }

    /// A name or date from a number; None for a time beyond the calendar.
    #[expect(clippy::cast_sign_loss, reason = "the file says that it has no sign")]
    fn name(self, number: i64) -> Option<String> {
        match self {
            Self::Number | Self::Uuid => Some(number.to_string()),
            Self::Unsigned => Some((number as u64).to_string()),
            Self::Date => Some(Timestamp::from_second(number.checked_mul(86_400)?).ok()?.to_zoned(TimeZone::UTC).date().to_string()),
            Self::Time { a_second, utc } => {
                let nanosecond = i128::from(number) * i128::from(1_000_000_000 / a_second);
                let time = Timestamp::from_nanosecond(nanosecond).ok()?;
                Some(if utc { time.to_string() } else { time.to_zoned(TimeZone::UTC).datetime().to_string() })
            }
        }
    }
}

/// What a column may be read as.
pub(super) fn holds_text(column: &ColumnDescriptor) -> bool {
    column.physical_type() == Type::BYTE_ARRAY && !matches!(column.logical_type_ref(), Some(LogicalType::Decimal(_)))
}

/// Values of some rows, None for null, and their definition levels, if the column has any.
type Leveled<T> = (Vec<Option<T>>, Vec<i16>);

/// The texts of some rows.
pub(super) fn texts(group: &dyn RowGroupReader, column: usize, rows: &Range<usize>) -> Result<Leveled<ByteArray>> {
    match group.get_column_reader(column)? {
        ColumnReader::ByteArrayColumnReader(reader) => values(reader, group, column, rows),
        _ => Err(ParquetError::General("the text is of another type in another row group".into())),
    }
}

/// The names or dates in some rows.
pub(super) fn names(group: &dyn RowGroupReader, column: usize, rows: &Range<usize>, budget: &Budget<'_>) -> Result<Vec<Option<String>>> {
    let counted =
        |values: Leveled<ByteArray>| budget.values(values.0.iter().flatten().map(|value| value.len() as u64).sum()).map(|()| values);
    let meaning = Meaning::of(&group.metadata().schema_descr().column(column));
    Ok(match group.get_column_reader(column)? {
        ColumnReader::ByteArrayColumnReader(reader) => {
            named(counted(values(reader, group, column, rows)?)?, |name: ByteArray| utf8(name.data()))
        }
        ColumnReader::Int32ColumnReader(reader) => named(values(reader, group, column, rows)?, |number: i32| match meaning {
            #[expect(clippy::cast_sign_loss, reason = "the file says that it has no sign")]
            Meaning::Unsigned => Some((number as u32).to_string()),
            _ => meaning.name(number.into()),
        }),
        ColumnReader::Int64ColumnReader(reader) => named(values(reader, group, column, rows)?, |number| meaning.name(number)),
        ColumnReader::Int96ColumnReader(reader) => named(values(reader, group, column, rows)?, |time: Int96| time_of(&time)),
        ColumnReader::FloatColumnReader(reader) => named(values(reader, group, column, rows)?, |number: f32| Some(number.to_string())),
        ColumnReader::DoubleColumnReader(reader) => named(values(reader, group, column, rows)?, |number: f64| Some(number.to_string())),
        ColumnReader::FixedLenByteArrayColumnReader(reader) => {
            named(
                values(reader, group, column, rows)?,
                |bytes| if meaning == Meaning::Uuid { uuid(bytes.data()) } else { utf8(bytes.data()) },
            )
        }
        ColumnReader::BoolColumnReader(_) => vec![None; rows.len()],
    })
}

fn named<T>((values, _): Leveled<T>, name: impl Fn(T) -> Option<String>) -> Vec<Option<String>> {
    values.into_iter().map(|value| value.and_then(&name).filter(|name| !name.is_empty())).collect()
}

/// The values of some rows. Pages before them are passed over unread.
fn values<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    group: &dyn RowGroupReader,
    column: usize,
    rows: &Range<usize>,
) -> Result<Leveled<T::T>> {
    let full = group.metadata().schema_descr().column(column).max_def_level();
    let skipped = reader.skip_records(rows.start)?;
    let mut values = Vec::new();
    let mut levels = Vec::new();
    let (read, _, _) = reader.read_records(rows.len(), (full > 0).then_some(&mut levels), None, &mut values)?;
    if skipped + read != rows.end {
        return Err(ParquetError::EOF(format!("column {column} has {} rows of {}", skipped + read, rows.end)));
    }
    if full == 0 {
        return Ok((values.into_iter().map(Some).collect(), levels));
    }
    let mut values = values.into_iter();
    let by_row = levels.iter().map(|&level| if level == full { values.next() } else { None }).collect();
    Ok((by_row, levels))
}

fn utf8(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

/// Eight, four, four, four and twelve digits.
fn uuid(bytes: &[u8]) -> Option<String> {
    let number = u128::from_be_bytes(bytes.try_into().ok()?);
    let digits = format!("{number:032x}");
    Some([&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-"))
}

/// A time as older writers put it: nanoseconds of a day, and the day, counted from the year -4712.
fn time_of(time: &Int96) -> Option<String> {
    let &[low, high, day] = time.data() else { return None };
    let of_day = i64::from(high) << 32 | i64::from(low);
    let second = (i64::from(day) - 2_440_588) * 86_400 + of_day.div_euclid(1_000_000_000);
    let nanosecond = i32::try_from(of_day.rem_euclid(1_000_000_000)).ok()?;
    Timestamp::new(second, nanosecond).ok().map(|time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_dates_and_names() {
        let time = |a_second, utc| Meaning::Time { a_second, utc };
        assert_eq!(Meaning::Date.name(16_637).as_deref(), Some("2015-07-21"));
        assert_eq!(Meaning::Date.name(i64::MAX), None);
        assert_eq!(time(1_000, true).name(1_437_436_800_000).as_deref(), Some("2015-07-21T00:00:00Z"));
        assert_eq!(time(1_000_000, false).name(1_437_436_800_500_000).as_deref(), Some("2015-07-21T00:00:00.5"));
        assert_eq!(time(1_000_000_000, true).name(-1).as_deref(), Some("1969-12-31T23:59:59.999999999Z"));
        assert_eq!(time(1_000, true).name(i64::MIN), None);
        assert_eq!((Meaning::Number.name(-7), Meaning::Unsigned.name(-1)), (Some("-7".into()), Some(u64::MAX.to_string())));
        assert_eq!(uuid(&[0xAB; 16]).as_deref(), Some("abababab-abab-abab-abab-abababababab"));
        assert_eq!(uuid(&[1]), None);
        let mut time = Int96::new();
        time.set_data(0, 0, 2_440_588 + 16_637);
        assert_eq!(time_of(&time).as_deref(), Some("2015-07-21T00:00:00Z"));
        time.set_data(u32::MAX, u32::MAX, u32::MAX);
        assert_eq!(time_of(&time), None);
    }
}
