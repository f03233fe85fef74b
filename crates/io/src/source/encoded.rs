//! From places in a text to places in the bytes that it was decoded from.
//!
//! In: a text, the bytes of its file and their encoding. Out: where edges stand in the bytes, if the text encoded again gives just these bytes.

use super::encoding::Charset;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// As [`encoded_places`], of any charset.
pub(super) fn places_in(text: &str, bytes: &[u8], charset: Charset, edges: &[usize]) -> Option<Vec<usize>> {
    match charset {
        Charset::Web(encoding) => encoded_places(text, bytes, encoding, edges),
        Charset::Utf32(order) => order.places(text, bytes, edges),
    }
}

/// Where the characters before each of `edges` (ascending byte offsets of `text`) end in `bytes`; None if `text` encoded is not `bytes`.
fn encoded_places(text: &str, bytes: &[u8], encoding: &'static Encoding, edges: &[usize]) -> Option<Vec<usize>> {
    if encoding == UTF_8 {
        return damaged_places(text, bytes, edges);
    }
    let mut places = Vec::with_capacity(edges.len());
    let (mut done, mut place) = (0, 0);
    for &edge in edges.iter().chain([&text.len()]) {
        place += encoded_length(text.get(done..edge)?, &bytes[place..], encoding)?;
        places.push(place);
        done = edge;
    }
    (places.pop() == Some(bytes.len())).then_some(places)
}

/// The same for `bytes` of which some are not UTF-8 and became U+FFFD.
fn damaged_places(text: &str, bytes: &[u8], edges: &[usize]) -> Option<Vec<usize>> {
    const REPLACED: &str = "\u{fffd}";
    let mut places = Vec::with_capacity(edges.len());
    let (mut decoded, mut place) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid();
        if text.get(decoded..decoded + valid.len())? != valid {
            return None;
        }
        let inside = edges[places.len()..].iter().take_while(|&&edge| edge <= decoded + valid.len());
        places.extend(inside.map(|edge| place + edge - decoded));
        (decoded, place) = (decoded + valid.len(), place + valid.len());
        if !chunk.invalid().is_empty() {
            text[decoded..].starts_with(REPLACED).then_some(())?;
            (decoded, place) = (decoded + REPLACED.len(), place + chunk.invalid().len());
        }
    }
    places.extend(edges[places.len()..].iter().filter(|&&edge| edge == decoded).map(|_| place));
    (places.len() == edges.len() && decoded == text.len()).then_some(places)
}

/// Bytes of `piece` in `encoding`, if `bytes` begin with them.
fn encoded_length(piece: &str, bytes: &[u8], encoding: &'static Encoding) -> Option<usize> {
    if encoding == UTF_16LE || encoding == UTF_16BE {
        let order = |unit: u16| if encoding == UTF_16LE { unit.to_le_bytes() } else { unit.to_be_bytes() };
        let mut units = bytes.chunks_exact(2);
        let mut length = 0;
        for unit in piece.encode_utf16() {
            if units.next()? != order(unit) {
                return None;
            }
            length += 2;
        }
        return Some(length);
    }
    let (encoded, used, unmappable) = encoding.encode(piece);
    (used == encoding && !unmappable && bytes.starts_with(&encoded)).then_some(encoded.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_found_again_in_other_encodings() {
        let text = "خبر أول café ثم";
        for encoding in [encoding_rs::WINDOWS_1256, UTF_16LE, UTF_16BE, encoding_rs::GB18030] {
            let bytes: Vec<u8> = if encoding == UTF_16LE || encoding == UTF_16BE {
                let order = |unit: u16| if encoding == UTF_16LE { unit.to_le_bytes() } else { unit.to_be_bytes() };
                text.encode_utf16().flat_map(order).collect()
            } else {
                encoding.encode(text).0.into_owned()
            };
            let edges: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let places = encoded_places(text, &bytes, encoding, &edges).expect("it comes back");
            for (edge, place) in edges.iter().zip(places) {
                assert_eq!(encoding.decode_without_bom_handling(&bytes[..place]).0, text[..*edge], "{}", encoding.name());
            }
        }
        assert_eq!(encoded_places("a\u{fffd}b", b"a\xFFb", encoding_rs::WINDOWS_1252, &[1]), None);
    }

    #[test]
    fn damaged_utf8_is_mapped_over_the_damage() {
        let bytes = b"one \xFF\xE2\x82 two \xF0\x9F";
        let text = String::from_utf8_lossy(bytes);
        let edges: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let places = encoded_places(&text, bytes, UTF_8, &edges).expect("every place is known");
        assert_eq!(places, [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12]);
    }
}
