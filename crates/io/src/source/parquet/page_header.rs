//! What stands before each page of a Parquet file: how long the page is, and what is in it (Thrift's compact protocol).

/// What kind of page follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source::parquet) enum Kind {
    /// Values, with their levels in front, all packed.
    Data,
    /// Values that are packed, with levels in front that are not.
    DataV2 {
        /// Bytes of the levels.
        levels: usize,
        /// How many levels are at their fullest.
        texts: usize,
        /// False if the values are not packed either.
        packed: bool,
    },
    /// The values that other pages name by numbers.
    Dictionary,
    /// Anything else.
    Other,
}

/// A page's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source::parquet) struct Header {
    /// Bytes of the header.
    pub(in crate::source::parquet) length: usize,
    pub(in crate::source::parquet) kind: Kind,
    /// Bytes of the page, unpacked.
    pub(in crate::source::parquet) unpacked: usize,
    /// Bytes of the page as it lies there.
    pub(in crate::source::parquet) packed: usize,
    /// Values, nulls among them.
    pub(in crate::source::parquet) values: usize,
    /// The format's number for how values are told.
    pub(in crate::source::parquet) encoding: i64,
    /// The same for levels.
    pub(in crate::source::parquet) level_encoding: i64,
}

impl Header {
    /// The part of a page that is packed, if it is.
    pub(in crate::source::parquet) fn packed_values<'p>(&self, page: &'p [u8]) -> &'p [u8] {
        match self.kind {
            Kind::DataV2 { packed: false, .. } => &[],
            Kind::DataV2 { levels, .. } => page.get(levels..).unwrap_or_default(),
            _ => page,
        }
    }
}

/// The header that `bytes` begin with; None if they do not begin with one.
pub(in crate::source::parquet) fn read(bytes: &[u8]) -> Option<Header> {
    let mut reader = Reader { bytes, at: 0 };
    let mut fields = [0; 4];
    let mut inner = [0; 9];
    let mut kind_field = 0;
    let mut last = 0;
    while let Some((field, kind)) = reader.field(&mut last)? {
        match (field, kind) {
            (1..=3, I32) => fields[field] = reader.signed()?,
            (5 | 7 | 8, STRUCT) => {
                kind_field = field;
                // Values are packed unless it says that they are not.
                inner[7] = 1;
                let mut last = 0;
                while let Some((field, kind)) = reader.field(&mut last)? {
                    match (field, kind) {
                        (1..=6, I32) => inner[field] = reader.signed()?,
                        (7, TRUE | FALSE) => inner[7] = i64::from(kind == TRUE),
                        _ => reader.pass(kind, 0)?,
                    }
                }
            }
            _ => reader.pass(kind, 0)?,
        }
    }
    let size = |number: i64| usize::try_from(number).ok();
    let kind = match (fields[1], kind_field) {
        (0, 5) => Kind::Data,
        (2, 7) => Kind::Dictionary,
        (3, 8) => Kind::DataV2 {
            levels: size(inner[5])?.checked_add(size(inner[6])?)?,
            texts: size(inner[1].checked_sub(inner[2])?)?,
            packed: inner[7] == 1,
        },
        _ => Kind::Other,
    };
    let (encoding, level_encoding) = if kind_field == 8 { (inner[4], RLE) } else { (inner[2], inner[3]) };
    let (unpacked, packed, values) = (size(fields[2])?, size(fields[3])?, size(inner[1])?);
    Some(Header { length: reader.at, kind, unpacked, packed, values, encoding, level_encoding })
}

/// Number of an encoding.
pub(super) const RLE: i64 = 3;

/// Numbers of types of fields.
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
const I32: u8 = 5;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const STRUCT: u8 = 12;
/// Structs within one another that are looked into.
const MOST_DEPTH: u32 = 8;

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1).cast_signed() ^ -((number & 1).cast_signed()))
    }

    /// The next field's number and type; None inside at the end of the struct.
    fn field(&mut self, last: &mut usize) -> Option<Option<(usize, u8)>> {
        let byte = self.byte()?;
        if byte == 0 {
            return Some(None);
        }
        *last = if byte >> 4 == 0 { usize::try_from(self.signed()?).ok()? } else { *last + usize::from(byte >> 4) };
        Some(Some((*last, byte & 15)))
    }

    fn pass(&mut self, kind: u8, depth: u32) -> Option<()> {
        if depth > MOST_DEPTH {
            return None;
        }
        let skipped = match kind {
            TRUE | FALSE => 0,
            BYTE => 1,
            I16 | I32 | I64 => {
                self.number()?;
                0
            }
            DOUBLE => 8,
            BINARY => usize::try_from(self.number()?).ok()?,
            LIST | SET => {
                let head = self.byte()?;
                let count = if head >> 4 == 15 { self.number()? } else { u64::from(head >> 4) };
                for _ in 0..count {
                    // A truth in a list takes a byte.
                    self.pass(if head & 15 <= FALSE { BYTE } else { head & 15 }, depth + 1)?;
                }
                0
            }
            STRUCT => {
                let mut last = 0;
                while let Some((_, kind)) = self.field(&mut last)? {
                    self.pass(kind, depth + 1)?;
                }
                0
            }
            _ => return None,
        };
        self.at = self.at.checked_add(skipped).filter(|&at| at <= self.bytes.len())?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A data page of 100 bytes in 60 with 10 values, statistics and a checksum.
    const DATA: [u8; 24] =
        [0x15, 0, 0x15, 200, 1, 0x15, 120, 0x15, 7, 0x1C, 0x15, 20, 0x15, 0, 0x15, 6, 0x15, 6, 0x1C, 0x18, 1, b'a', 0, 0];

    #[test]
    fn a_header_is_read_and_a_damaged_one_is_not() {
        let bytes = [&DATA[..], &[0, 9, 9]].concat();
        let header = read(&bytes).unwrap();
        assert_eq!(
            header,
            Header { length: 25, kind: Kind::Data, unpacked: 100, packed: 60, values: 10, encoding: 0, level_encoding: RLE }
        );
        assert!((0..25).all(|length| read(&bytes[..length]).is_none()));
        assert_eq!(read(&[0x15, 0, 0x18, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0]), None);
        assert_eq!(read(&[0x1C; 40]), None, "structs in structs");
    }

    #[test]
    fn the_second_form_has_its_levels_apart() {
        // 10 values, 3 null, 10 rows, dictionary, 4 and 0 bytes of levels, not packed.
        let bytes = [0x15, 6, 0x15, 200, 1, 0x15, 200, 1, 0x5C, 0x15, 20, 0x15, 6, 0x15, 20, 0x15, 16, 0x15, 8, 0x15, 0, 0x12, 0, 0];
        let header = read(&bytes).unwrap();
        assert_eq!(header.kind, Kind::DataV2 { levels: 4, texts: 7, packed: false });
        assert_eq!((header.encoding, header.values, header.packed), (8, 10, 100));
    }
}
