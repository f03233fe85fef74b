//! Rows as bytes: numbers in as few bytes as they need, lists with their lengths before, a checksum at the end.

use super::store::Table;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Bytes of the checksum of a row.
const SUM_BYTES: usize = 8;

/// Appends `number`, seven bits a byte, the least first; the upper bit says that more follow (LEB128).
#[expect(clippy::cast_possible_truncation, reason = "seven bits are taken")]
pub(super) fn put_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push((number & 0x7F) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends bytes with their number before.
pub(super) fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    put_number(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// Reads what was put, and never beyond; None where it is not that.
pub(super) struct Reader<'b>(pub(super) &'b [u8]);

impl<'b> Reader<'b> {
    #[inline]
    pub(super) fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for (at, &byte) in self.0.iter().take(10).enumerate() {
            number |= u64::from(byte & 0x7F).checked_shl(7 * u32::try_from(at).ok()?)?;
            if byte < 0x80 {
                self.0 = &self.0[at + 1..];
                return Some(number);
            }
        }
        None
    }

    pub(super) fn small<T: TryFrom<u64>>(&mut self) -> Option<T> {
        T::try_from(self.number()?).ok()
    }

    pub(super) fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(super) fn bytes(&mut self) -> Option<&'b [u8]> {
        let count = self.small()?;
        self.take(count)
    }

    pub(super) fn string(&mut self) -> Option<Box<str>> {
        std::str::from_utf8(self.bytes()?).ok().map(Into::into)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }
}

fn sum(table: Table, row: i64, bytes: &[u8]) -> [u8; SUM_BYTES] {
    let place = (table as u64) << 56 ^ row.cast_unsigned();
    xxh3_64_with_seed(bytes, place).to_le_bytes()
}

/// Appends the checksum of a row, which is also of its place: a row that stands elsewhere is not taken for another.
pub(super) fn seal(table: Table, row: i64, bytes: &mut Vec<u8>) {
    let sum = sum(table, row, bytes);
    bytes.extend_from_slice(&sum);
}

/// The row without its checksum; None if that is wrong.
pub(super) fn unseal(table: Table, row: i64, bytes: &[u8]) -> Option<&[u8]> {
    let (bytes, found) = bytes.split_at_checked(bytes.len().checked_sub(SUM_BYTES)?)?;
    (found == sum(table, row, bytes)).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_put_is_read(numbers in prop::collection::vec(any::<u64>(), 0..20), shift in 0..64_u32, bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut row = Vec::new();
            numbers.iter().for_each(|number| put_number(number >> shift, &mut row));
            put_bytes(&bytes, &mut row);
            let mut reader = Reader(&row);
            for number in &numbers {
                prop_assert_eq!(reader.number(), Some(number >> shift));
            }
            prop_assert_eq!(reader.bytes(), Some(&bytes[..]));
            prop_assert!(reader.is_at_end());
        }

        #[test]
        fn a_sealed_row_is_known_again(mut bytes in prop::collection::vec(any::<u8>(), 0..40), at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
            let before = bytes.clone();
            seal(Table::Contents, 7, &mut bytes);
            prop_assert_eq!(unseal(Table::Contents, 7, &bytes), Some(&before[..]));
            prop_assert_eq!(unseal(Table::Contents, 8, &bytes), None);
            prop_assert_eq!(unseal(Table::Documents, 7, &bytes), None);
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            prop_assert_eq!(unseal(Table::Contents, 7, &bytes), None);
        }
    }
}
