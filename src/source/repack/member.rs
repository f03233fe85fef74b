//! Where the members of a packed file end.

use crate::source::compression::Compression;
use crate::source::compression::LONGEST_WINDOW_LOG;
use std::io::{self, Read};

/// The next member of a packed file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Member {
    /// Bytes that stand before what is packed.
    pub(super) head: usize,
    /// Bytes that are packed.
    pub(super) packed: usize,
    /// Bytes that they hold.
    pub(super) text: usize,
    /// Bytes that stand behind.
    pub(super) end: usize,
}

/// Bytes of checksum and length behind a deflate stream in gzip.
const GZIP_END: usize = 8;
/// Bytes that are unpacked at a time.
const BUFFER_BYTES: usize = 1 << 17;

impl Member {
    /// The member at the beginning of `rest`; None if there is none that is whole.
    pub(super) fn at(format: Compression, rest: &[u8]) -> Option<Self> {
        match format {
            Compression::Gzip => Self::of_gzip(rest),
            Compression::Zstd => Self::of_zstd(rest),
            Compression::Bzip2 => {
                let mut reader = bzip2::bufread::BzDecoder::new(rest);
                let text = length(&mut reader)?;
                Some(Self { packed: usize::try_from(reader.total_in()).ok()?, text, ..Self::default() })
            }
            Compression::Xz => Self::of_xz(rest),
        }
    }

    /// Bytes of all of it.
    pub(super) fn length(self) -> usize {
        self.head + self.packed + self.end
    }

    fn of_gzip(rest: &[u8]) -> Option<Self> {
        let head = gzip_header(rest)?;
        let mut reader = flate2::bufread::DeflateDecoder::new(&rest[head..]);
        let text = length(&mut reader)?;
        let member = Self { head, packed: usize::try_from(reader.total_in()).ok()?, text, end: GZIP_END };
        (member.length() <= rest.len()).then_some(member)
    }

    fn of_zstd(rest: &[u8]) -> Option<Self> {
        let (magic, after) = rest.split_first_chunk::<4>()?;
        if magic[0] & 0xF0 == 0x50 && magic[1..] == [0x2A, 0x4D, 0x18] {
            let (told, _) = after.split_first_chunk()?;
            let head = usize::try_from(u32::from_le_bytes(*told)).ok()?.checked_add(8)?;
            return (head <= rest.len()).then_some(Self { head, ..Self::default() });
        }
        let mut reader = zstd::stream::read::Decoder::with_buffer(rest).ok()?.single_frame();
        reader.window_log_max(LONGEST_WINDOW_LOG).ok()?;
        let text = length(&mut reader)?;
        Some(Self { packed: rest.len() - reader.finish().len(), text, ..Self::default() })
    }

    fn of_xz(rest: &[u8]) -> Option<Self> {
        let padding = rest.iter().take_while(|&&byte| byte == 0).count();
        if padding > 0 {
            return Some(Self { head: padding, ..Self::default() });
        }
        let mut reader = liblzma::bufread::XzDecoder::new(rest);
        let text = length(&mut reader)?;
        Some(Self { packed: usize::try_from(reader.total_in()).ok()?, text, ..Self::default() })
    }
}

/// Bytes that a reader gives; None if it fails.
fn length(reader: &mut impl Read) -> Option<usize> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut length = 0_usize;
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Some(length),
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

/// Bytes of the header of gzip (RFC 1952), with extra field, name, comment and checksum; None if it is none.
fn gzip_header(rest: &[u8]) -> Option<usize> {
    let (fixed, _) = rest.split_first_chunk::<10>()?;
    if fixed[..3] != [0x1F, 0x8B, 8] {
        return None;
    }
    let flags = fixed[3];
    let mut at = fixed.len();
    if flags & 4 > 0 {
        let (length, _) = rest.get(at..)?.split_first_chunk()?;
        at += size_of::<u16>() + usize::from(u16::from_le_bytes(*length));
    }
    for _ in 0..(flags >> 3 & 1) + (flags >> 4 & 1) {
        at += memchr::memchr(0, rest.get(at..)?)? + 1;
    }
    at += usize::from(flags & 2);
    (at <= rest.len()).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_a_header_is_passed() {
        let fixed = |flags| vec![0x1F, 0x8B, 8, flags, 0, 0, 0, 0, 0, 3];
        let with = |flags, fields: &[u8]| gzip_header(&[fixed(flags), fields.to_vec(), vec![9; 3]].concat());
        assert_eq!(with(0, b""), Some(10));
        assert_eq!(with(4, b"\x02\0ab"), Some(14));
        assert_eq!(with(8, b"name\0"), Some(15));
        assert_eq!(with(16, b"\0"), Some(11));
        assert_eq!(with(31, b"\x01\0xname\0said\0cc"), Some(10 + 3 + 5 + 5 + 2));
        assert_eq!((with(8, b"name"), with(4, b"\xFF\xFFa"), gzip_header(b"\x1F\x8B\x08")), (None, None, None));
    }

    #[test]
    fn what_is_cut_short_is_no_member() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        io::Write::write_all(&mut gzip, b"some text").unwrap();
        let gzip = gzip.finish().unwrap();
        let zstd = zstd::encode_all(&b"some text"[..], 3).unwrap();
        for (format, packed) in [(Compression::Gzip, gzip), (Compression::Zstd, zstd)] {
            let behind = [packed.as_slice(), b"more"].concat();
            let member = Member::at(format, &behind).unwrap();
            assert_eq!((member.length(), member.text), (packed.len(), 9));
            assert!((0..packed.len()).all(|end| Member::at(format, &packed[..end]).is_none()), "{format:?}");
        }
    }
}
