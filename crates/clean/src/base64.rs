//! Bytes as letters, as RFC 4648 has it, for the manifest.

use std::io::{self, Read};

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Four letters for three bytes, `=` for what is missing.
fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for part in bytes.chunks(3) {
        let number = (0..3).fold(0_usize, |number, at| number << 8 | usize::from(part.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            text.push(if at <= part.len() { char::from(LETTERS[number >> (18 - 6 * at) & 63]) } else { '=' });
        }
    }
    text
}

/// The bytes again; None if `text` is not what [`encode`] gives.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let letters = text.trim_end_matches('=');
    for part in letters.as_bytes().chunks(4) {
        let mut number = 0_usize;
        for at in 0..4 {
            let value = match part.get(at) {
                None => 0,
                Some(c @ b'A'..=b'Z') => usize::from(c - b'A'),
                Some(c @ b'a'..=b'z') => usize::from(c - b'a') + 26,
                Some(c @ b'0'..=b'9') => usize::from(c - b'0') + 52,
                Some(b'+') => 62,
                Some(b'/') => 63,
                Some(_) => return None,
            };
            number = number << 6 | value;
        }
        bytes.extend(
            [16, 8, 0].iter().take(part.len().saturating_sub(1)).map(|shift| number.to_be_bytes()[size_of::<usize>() - 1 - shift / 8]),
        );
    }
    (encode(&bytes) == text).then_some(bytes)
}

/// Level of zstd at which bytes in the manifest are packed.
const ZSTD_LEVEL: i32 = 3;

/// Bytes as a frame of zstd, in letters.
pub(super) fn pack(bytes: &[u8]) -> io::Result<String> {
    Ok(encode(&zstd::bulk::compress(bytes, ZSTD_LEVEL)?))
}

/// The bytes again; None if `text` is not what [`pack`] gives, or more than `most` bytes.
pub(super) fn unpack(text: &str, most: u64) -> Option<Vec<u8>> {
    let packed = decode(text)?;
    let mut bytes = Vec::new();
    zstd::stream::read::Decoder::with_buffer(packed.as_slice()).ok()?.take(most + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= most).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_unpacked_than_is_allowed() {
        let packed = pack(&[0; 5000]).unwrap();
        assert_eq!((unpack(&packed, 5000), unpack(&packed, 4999)), (Some(vec![0; 5000]), None));
    }

    #[test]
    fn bytes_come_back() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!((encode(bytes.as_bytes()), decode(text).as_deref()), (text.to_owned(), Some(bytes.as_bytes())));
        }
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&all)), Some(all));
        assert!(["Zg=", "Z", "Zg==Zg==", "Zh==", "é", "Zg =", "===="].iter().all(|text| decode(text).is_none()));
    }
}
