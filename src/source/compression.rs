//! gzip, zstd, bzip2 and xz, known by their first bytes; any number of members one after another.

use crate::error::{Error, Result};
use std::io::{self, Read};
use std::path::Path;

/// A compression format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Zstd,
    Bzip2,
    Xz,
}

/// Bytes that tell the format.
pub(super) const MAGIC_BYTES: usize = 6;

impl Compression {
    /// What the first bytes of a file tell; None for plain files.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        let magic: [(&[u8], Self); 4] = [
            (&[0x1F, 0x8B], Self::Gzip),
            (&[0x28, 0xB5, 0x2F, 0xFD], Self::Zstd),
            (b"BZh", Self::Bzip2),
            (&[0xFD, b'7', b'z', b'X', b'Z', 0], Self::Xz),
        ];
        let skippable = head.len() >= 4 && head[0] & 0xF0 == 0x50 && head[1..4] == [0x2A, 0x4D, 0x18];
        if skippable {
            return Some(Self::Zstd);
        }
        magic.into_iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, format)| format)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        }
    }

    /// A reader of what `packed` holds, all members.
    ///
    /// # Errors
    /// [`Error::Unsupported`] in a build without the feature `compression`.
    #[cfg(feature = "compression")]
    pub(super) fn unpack<'a>(self, packed: impl Read + 'a, path: &Path) -> Result<Box<dyn Read + 'a>> {
        let packed = io::BufReader::with_capacity(1 << 18, packed);
        Ok(match self {
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
            Self::Zstd => Box::new(zstd::Decoder::with_buffer(packed).map_err(|cause| self.damaged(cause, path))?),
            Self::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(packed)),
            Self::Xz => Box::new(liblzma::bufread::XzDecoder::new_multi_decoder(packed)),
        })
    }

    /// # Errors
    /// Always [`Error::Unsupported`].
    #[cfg(not(feature = "compression"))]
    pub(super) fn unpack<'a>(self, _packed: impl Read + 'a, path: &Path) -> Result<Box<dyn Read + 'a>> {
        Err(Error::Unsupported { path: path.into(), format: self.name() })
    }

    pub(super) fn damaged(self, cause: io::Error, path: &Path) -> Error {
        Error::Compressed { path: path.into(), format: self.name(), cause }
    }
}
