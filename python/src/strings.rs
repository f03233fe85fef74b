//! A column of strings of a table, in any of the layouts that Arrow has for them; read where it is.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, LargeStringArray, StringArray, StringViewArray};
use arrow_schema::DataType;

/// One chunk of a column.
pub(crate) enum Strings {
    Utf8(StringArray),
    LargeUtf8(LargeStringArray),
    Utf8View(StringViewArray),
    /// For each row the value of the dictionary, if it has one.
    Dictionary(Vec<Option<u32>>, Box<Strings>),
    /// Whole numbers, as text.
    Numbers(Vec<Option<Box<str>>>),
    /// Every row is null.
    Null,
}

impl Strings {
    /// # Errors
    /// The name of the type of `array`, if it holds no strings.
    pub(crate) fn new(array: &ArrayRef) -> Result<Self, String> {
        let type_name = || array.data_type().to_string();
        match array.data_type() {
            DataType::Utf8 => Ok(Self::Utf8(array.as_string::<i32>().clone())),
            DataType::LargeUtf8 => Ok(Self::LargeUtf8(array.as_string::<i64>().clone())),
            DataType::Utf8View => Ok(Self::Utf8View(array.as_string_view().clone())),
            DataType::Null => Ok(Self::Null),
            DataType::Int32 => Ok(numbers::<Int32Type>(array)),
            DataType::Int64 => Ok(numbers::<Int64Type>(array)),
            DataType::UInt32 => Ok(numbers::<UInt32Type>(array)),
            DataType::UInt64 => Ok(numbers::<UInt64Type>(array)),
            DataType::Dictionary(key, _) => match **key {
                DataType::Int8 => dictionary::<Int8Type>(array),
                DataType::Int16 => dictionary::<Int16Type>(array),
                DataType::Int32 => dictionary::<Int32Type>(array),
                DataType::Int64 => dictionary::<Int64Type>(array),
                DataType::UInt8 => dictionary::<UInt8Type>(array),
                DataType::UInt16 => dictionary::<UInt16Type>(array),
                DataType::UInt32 => dictionary::<UInt32Type>(array),
                DataType::UInt64 => dictionary::<UInt64Type>(array),
                _ => Err(type_name()),
            },
            _ => Err(type_name()),
        }
    }

    /// The string of a row; None for a null.
    pub(crate) fn get(&self, row: usize) -> Option<&str> {
        match self {
            Self::Utf8(array) => array.is_valid(row).then(|| array.value(row)),
            Self::LargeUtf8(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Utf8View(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Dictionary(keys, values) => keys.get(row).copied().flatten().and_then(|key| values.get(key as usize)),
            Self::Numbers(numbers) => numbers.get(row)?.as_deref(),
            Self::Null => None,
        }
    }
}

fn numbers<N: ArrowPrimitiveType<Native: ToString>>(array: &ArrayRef) -> Strings {
    let numbers = array.as_primitive::<N>().iter().map(|number| number.map(|number| number.to_string().into()));
    Strings::Numbers(numbers.collect())
}

/// # Errors
/// The name of the type of the values, if they are no strings.
fn dictionary<K: ArrowDictionaryKeyType>(array: &ArrayRef) -> Result<Strings, String> {
    let array = array.as_dictionary::<K>();
    let key = |row| array.key(row).and_then(|key| u32::try_from(key).ok());
    Ok(Strings::Dictionary((0..array.len()).map(key).collect(), Box::new(Strings::new(array.values())?)))
}
