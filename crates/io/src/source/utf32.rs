//! UTF-32, which `encoding_rs` does not have.
//!
//! In: the bytes of a file. Out: whether they are UTF-32, the same as UTF-8, and positions in one as positions in the other.

use std::ops::RangeInclusive;

/// The order of the four bytes of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

/// Bytes from which it is recognised without a byte-order mark.
const SAMPLE_BYTES: usize = 1 << 16;
/// Bytes of a character.
const UNIT: usize = 4;
const MARK: char = '\u{feff}';
/// Control characters, of which text has but tab, line feed and carriage return.
const CONTROLS: RangeInclusive<char> = '\0'..='\u{1f}';

impl ByteOrder {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Little => "UTF-32LE",
            Self::Big => "UTF-32BE",
        }
    }

    /// The bytes of a character.
    pub(super) fn bytes(self, c: char) -> [u8; UNIT] {
        match self {
            Self::Little => u32::from(c).to_le_bytes(),
            Self::Big => u32::from(c).to_be_bytes(),
        }
    }

    fn character(self, unit: [u8; UNIT]) -> Option<char> {
        char::from_u32(if self == Self::Little { u32::from_le_bytes(unit) } else { u32::from_be_bytes(unit) })
    }

    /// The characters of `bytes`; None for four bytes that are none.
    fn characters(self, bytes: &[u8]) -> impl Iterator<Item = Option<char>> {
        bytes.chunks(UNIT).map(move |unit| self.character(unit.try_into().ok()?))
    }

    /// Bytes of the byte-order mark that `bytes` begin with.
    pub(super) fn mark_bytes(self, bytes: &[u8]) -> usize {
        if bytes.starts_with(&self.bytes(MARK)) { UNIT } else { 0 }
    }

    /// `bytes` as UTF-8; what is no character becomes U+FFFD.
    pub(super) fn decode(self, bytes: &[u8]) -> Vec<u8> {
        self.characters(bytes).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>().into_bytes()
    }

    /// Where the characters before each of `edges` (ascending byte offsets of `text`) end in `bytes`; None if `text` encoded is not `bytes`.
    pub(super) fn places(self, text: &str, bytes: &[u8], edges: &[usize]) -> Option<Vec<usize>> {
        let same = self.characters(bytes).eq(text.chars().map(Some));
        let (mut done, mut count) = (0, 0);
        let place = |&edge: &usize| {
            count += text.get(done..edge)?.chars().count();
            done = edge;
            Some(count * UNIT)
        };
        if same { edges.iter().map(place).collect() } else { None }
    }
}

/// The byte order of UTF-32: by its byte-order mark, or because every four bytes are a character. Nothing else has three NUL bytes in each four.
pub(super) fn detected(bytes: &[u8]) -> Option<ByteOrder> {
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let is_text = |c: Option<char>| c.is_some_and(|c| !CONTROLS.contains(&c) || matches!(c, '\t' | '\n' | '\r'));
    [ByteOrder::Little, ByteOrder::Big].into_iter().find(|order| {
        let is_long = sample.len() >= 2 * UNIT && sample.len().is_multiple_of(UNIT);
        order.mark_bytes(sample) > 0 || is_long && order.characters(sample).all(is_text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str, order: ByteOrder) -> Vec<u8> {
        text.chars().flat_map(|c| order.bytes(c)).collect()
    }

    #[test]
    fn utf32_is_recognised_and_located() {
        for order in [ByteOrder::Little, ByteOrder::Big] {
            for text in ["a text\n", "خبر عاجل", "😀, words", "政府宣布"] {
                let bytes = encoded(text, order);
                assert_eq!((detected(&bytes), order.decode(&bytes)), (Some(order), text.as_bytes().to_vec()), "{text}");
                let marked = encoded(&format!("{MARK}{text}"), order);
                assert_eq!((detected(&marked), order.mark_bytes(&marked)), (Some(order), 4));
                let edges: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
                let places: Vec<usize> = (0..edges.len()).map(|count| count * 4).collect();
                assert_eq!(order.places(text, &bytes, &edges), Some(places));
                assert_eq!(order.places("other", &bytes, &[0]), None);
            }
            let broken = [encoded("\u{feff}a", order), vec![0xFF, 0xFF, 0xFF, 0xFF, 0]].concat();
            assert_eq!(order.decode(&broken), "\u{feff}a\u{fffd}\u{fffd}".as_bytes());
        }
        let utf16: Vec<u8> = "\u{feff}a text".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [&b""[..], b"text", b"a\0\0\0", b"\0\0\0\0\0\0\0\0", b"\x89PNG\0\0\0\rIHDR", &utf16, &[1, 0, 0, 0, 2, 0, 0, 0]] {
            assert_eq!(detected(bytes), None, "{bytes:?}");
        }
    }
}
