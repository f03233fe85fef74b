//! Snappy as its best-known library writes it, in each way that library has looked for matches over the years.
//!
//! In: bytes, and which of the ways. Out: a raw Snappy block, the same bytes that the library gives. The format says how a block is read and not how it is
//! written; where two writers look up four bytes in tables of other sizes or by other hashes, their blocks differ. Nothing here is for reading.

use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Bytes that are packed at a time; matches do not reach beyond.
const FRAGMENT_BYTES: usize = 1 << 16;
/// Slots of the smallest table.
const LEAST_SLOTS: usize = 1 << 8;
/// Bytes at the end of a fragment that no match begins in.
const MARGIN_BYTES: usize = 15;
/// A literal or copy is told by two bits.
const COPY_SHORT: u8 = 1;
const COPY_LONG: u8 = 2;

/// How four bytes become a slot of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Hash {
    /// A product, of which the highest bits are taken that the table has.
    High,
    /// A product, of which the lowest are taken of the highest bits that the largest table has.
    Low,
    /// A checksum (CRC-32C).
    Checksum,
}

/// A way to write Snappy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Way {
    /// How slots are found.
    pub(crate) hash: Hash,
    /// The largest table has two to the power of so many slots, at most 15.
    pub(crate) bits: u32,
}

/// All ways that are known, most likely first.
pub(crate) const WAYS: [Way; 6] = [
    Way { hash: Hash::Low, bits: 15 },
    Way { hash: Hash::Low, bits: 14 },
    Way { hash: Hash::High, bits: 14 },
    Way { hash: Hash::Checksum, bits: 15 },
    Way { hash: Hash::Checksum, bits: 14 },
    Way { hash: Hash::High, bits: 15 },
];

/// What a byte of a word adds to its checksum, by its place from the highest.
static CHECKSUMS: [[u32; 256]; 4] = checksums();

#[expect(clippy::cast_possible_truncation, reason = "a byte")]
const fn checksums() -> [[u32; 256]; 4] {
    let mut tables = [[0; 256]; 4];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = byte as u32;
        let mut at = 0;
        while at < 32 {
            sum = if sum & 1 == 1 { sum >> 1 ^ 0x82F6_3B78 } else { sum >> 1 };
            at += 1;
            if at % 8 == 0 {
                tables[at / 8 - 1][byte] = sum;
            }
        }
        byte += 1;
    }
    tables
}

/// Finds the slot of four bytes.
#[derive(Clone, Copy)]
struct Slots {
    hash: Hash,
    shift: u32,
    mask: u32,
}

impl Slots {
    fn new(way: Way, slots: usize) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "at most 1 << 15")]
        let mask = slots as u32 - 1;
        let shift = match way.hash {
            Hash::High => 32 - slots.ilog2(),
            Hash::Low | Hash::Checksum => 32 - way.bits,
        };
        Self { hash: way.hash, shift, mask }
    }

    fn of(self, word: u32) -> usize {
        let slot = match self.hash {
            Hash::High | Hash::Low => word.wrapping_mul(0x1E35_A7BD) >> self.shift & self.mask,
            Hash::Checksum => {
                let [low, second, third, high] = (word ^ self.mask << 1).to_le_bytes().map(usize::from);
                let sum = CHECKSUMS[3][low] ^ CHECKSUMS[2][second] ^ CHECKSUMS[1][third] ^ CHECKSUMS[0][high];
                sum >> 1 & self.mask
            }
        };
        slot as usize
    }
}

/// Packs `bytes`, of which there are less than 4 GiB.
pub(crate) fn pack(bytes: &[u8], way: Way) -> Vec<u8> {
    let mut packed = Vec::with_capacity(32 + bytes.len() + bytes.len() / 6);
    let mut length = bytes.len();
    while length >= 128 {
        packed.push(low_byte(length) | 128);
        length >>= 7;
    }
    packed.push(low_byte(length));
    let mut table = vec![0_u16; 1 << way.bits];
    for fragment in bytes.chunks(FRAGMENT_BYTES) {
        let slots = fragment.len().next_power_of_two().clamp(LEAST_SLOTS, 1 << way.bits);
        table[..slots].fill(0);
        pack_fragment(fragment, &mut table[..slots], Slots::new(way, slots), &mut packed);
    }
    packed
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes[at..].first_chunk().map_or(0, |word| u32::from_le_bytes(*word))
}

/// Notes the place in its slot, and returns the one that was there.
#[expect(clippy::cast_possible_truncation, reason = "a place in a fragment")]
fn swap(table: &mut [u16], slot: usize, at: usize) -> usize {
    usize::from(std::mem::replace(&mut table[slot], at as u16))
}

fn pack_fragment(bytes: &[u8], table: &mut [u16], slots: Slots, packed: &mut Vec<u8>) {
    let mut unwritten = 0;
    if bytes.len() >= MARGIN_BYTES {
        let limit = bytes.len() - MARGIN_BYTES;
        let mut at = 1;
        while let Some((found, earlier)) = next_match(bytes, at, limit, table, slots) {
            literal(&bytes[unwritten..found], packed);
            at = found;
            let mut earlier = earlier;
            loop {
                let length = 4 + alike(bytes, earlier + 4, at + 4);
                copies(at - earlier, length, packed);
                at += length;
                unwritten = at;
                if at >= limit {
                    break;
                }
                swap(table, slots.of(word(bytes, at - 1)), at - 1);
                let here = word(bytes, at);
                earlier = swap(table, slots.of(here), at);
                if word(bytes, earlier) != here {
                    break;
                }
            }
            if at >= limit {
                break;
            }
            at += 1;
        }
    }
    if unwritten < bytes.len() {
        literal(&bytes[unwritten..], packed);
    }
}

/// The next place from `at` where four bytes stand that stood before, and where: the longer nothing is found, the fewer places are looked at.
fn next_match(bytes: &[u8], mut at: usize, limit: usize, table: &mut [u16], slots: Slots) -> Option<(usize, usize)> {
    let mut skip = 32;
    loop {
        let step = skip >> 5;
        if at + step > limit {
            return None;
        }
        skip += step;
        let here = word(bytes, at);
        let earlier = swap(table, slots.of(here), at);
        if word(bytes, earlier) == here {
            return Some((at, earlier));
        }
        at += step;
    }
}

/// How many bytes from both places on are alike.
fn alike(bytes: &[u8], earlier: usize, later: usize) -> usize {
    let (earlier, later) = (&bytes[earlier..], &bytes[later..]);
    let mut length = 0;
    while let (Some(x), Some(y)) = (earlier[length..].first_chunk::<8>(), later[length..].first_chunk::<8>()) {
        let differs = u64::from_le_bytes(*x) ^ u64::from_le_bytes(*y);
        if differs != 0 {
            return length + differs.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    length + earlier[length..].iter().zip(&later[length..]).take_while(|(x, y)| x == y).count()
}

#[expect(clippy::cast_possible_truncation, reason = "what is meant")]
fn low_byte(number: usize) -> u8 {
    number as u8
}

fn literal(bytes: &[u8], packed: &mut Vec<u8>) {
    let number = bytes.len() - 1;
    if number < 60 {
        packed.push(low_byte(number << 2));
    } else {
        let more: Range<usize> = 0..number.ilog2() as usize / 8 + 1;
        packed.push(low_byte((59 + more.end) << 2));
        packed.extend(more.map(|at| low_byte(number >> (8 * at))));
    }
    packed.extend_from_slice(bytes);
}

/// Tells a copy as copies of at most 64 bytes, the last of at least four.
fn copies(offset: usize, mut length: usize, packed: &mut Vec<u8>) {
    while length >= 68 {
        copy(offset, 64, packed);
        length -= 64;
    }
    if length > 64 {
        copy(offset, 60, packed);
        length -= 60;
    }
    copy(offset, length, packed);
}

fn copy(offset: usize, length: usize, packed: &mut Vec<u8>) {
    if length < 12 && offset < 2048 {
        packed.push(COPY_SHORT | low_byte((length - 4) << 2) | low_byte(offset >> 3 & 0xE0));
        packed.push(low_byte(offset));
    } else {
        packed.push(COPY_LONG | low_byte((length - 1) << 2));
        packed.extend([low_byte(offset), low_byte(offset >> 8)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Vec<Vec<u8>> {
        let mut texts: Vec<Vec<u8>> =
            ["", "a", "abcdabcdabcdabcd", "no fourbyte here!"].iter().map(|text| text.as_bytes().to_vec()).collect();
        let mut state = 7_u32;
        for length in [100, 300, 5_000, 65_536, 65_537, 200_000] {
            let mut next = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state >> 24
            };
            let words: Vec<String> = (0..length).map(|_| format!("word{} ", next() % 50)).collect();
            texts.push(words.concat().into_bytes()[..length].to_vec());
            texts.push((0..length).map(|_| low_byte(next() as usize)).collect());
            texts.push(vec![b'x'; length]);
        }
        texts
    }

    #[test]
    fn every_way_is_read_again() {
        for text in texts() {
            for way in WAYS {
                assert_eq!(snap::raw::Decoder::new().decompress_vec(&pack(&text, way)).unwrap(), text, "{way:?} {}", text.len());
            }
        }
    }

    #[test]
    fn one_way_is_that_of_another_library() {
        for text in texts() {
            let other = snap::raw::Encoder::new().compress_vec(&text).unwrap();
            assert_eq!(pack(&text, Way { hash: Hash::High, bits: 14 }), other, "{}", text.len());
        }
    }

    #[test]
    fn checksums_are_those_of_the_standard() {
        // CRC-32C of the digits 1 to 9, byte by byte with the table of the highest.
        let sum = b"123456789".iter().fold(u32::MAX, |sum, &byte| CHECKSUMS[0][(sum.to_le_bytes()[0] ^ byte) as usize] ^ sum >> 8);
        assert_eq!(!sum, 0xE306_9283);
        let four = b"1234".iter().fold(0, |sum: u32, &byte| CHECKSUMS[0][(sum.to_le_bytes()[0] ^ byte) as usize] ^ sum >> 8);
        let slots = Slots { hash: Hash::Checksum, shift: 0, mask: 0x7FFF };
        assert_eq!(slots.of(u32::from_le_bytes(*b"1234") ^ 0xFFFE), (four >> 1 & 0x7FFF) as usize);
    }
}
