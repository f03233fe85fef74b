//! gzip, zstd, bzip2 and xz, known by their first bytes; any number of members one after another.

use refrain_engine::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// A compression format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    Gzip,
    Zstd,
    Bzip2,
    Xz,
}

/// Windows that zstd makes with --long=31; its decoder refuses more than 27 otherwise.
#[cfg(feature = "compression")]
pub(super) const LONGEST_WINDOW_LOG: u32 = if cfg!(target_pointer_width = "64") { 31 } else { 30 };

/// Bytes that tell the format.
pub(super) const MAGIC_BYTES: usize = 10;

impl Compression {
    /// What the first bytes of a file tell; None for plain files.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        let magic: [(&[u8], Self); 3] =
            [(&[0x1F, 0x8B], Self::Gzip), (&[0x28, 0xB5, 0x2F, 0xFD], Self::Zstd), (&[0xFD, b'7', b'z', b'X', b'Z', 0], Self::Xz)];
        let skippable = head.len() >= 4 && head[0] & 0xF0 == 0x50 && head[1..4] == [0x2A, 0x4D, 0x18];
        // A digit and the mark of a block, or of the end: some words begin with the first three.
        let block = [[0x31, 0x41, 0x59, 0x26, 0x53, 0x59], [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]];
        if head.starts_with(b"BZh")
            && head.get(4..10).is_none_or(|mark| block.iter().any(|block| mark == block))
            && head.get(3).is_some_and(u8::is_ascii_digit)
        {
            return Some(Self::Bzip2);
        }
        if skippable {
            return Some(Self::Zstd);
        }
        magic.into_iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, format)| format)
    }

    /// The compression that the name of a file stands for; None for other names.
    pub(super) fn by_name(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        let endings = [("gz", Self::Gzip), ("zst", Self::Zstd), ("bz2", Self::Bzip2), ("xz", Self::Xz)];
        endings.into_iter().find(|(name, _)| *name == ending).map(|(_, format)| format)
    }

    /// How the file at `path` is packed; None for plain files.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn of_file(path: &Path) -> Result<Option<Self>> {
        let failed = |cause| Error::Io { path: path.into(), cause };
        let mut head = Vec::with_capacity(MAGIC_BYTES);
        File::open(path).and_then(|file| file.take(MAGIC_BYTES as u64).read_to_end(&mut head)).map_err(failed)?;
        Ok(Self::of(&head))
    }

    pub(crate) fn name(self) -> &'static str {
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
    pub(crate) fn unpack<'a>(self, packed: impl Read + 'a, path: &Path) -> Result<Box<dyn Read + 'a>> {
        let packed = io::BufReader::with_capacity(1 << 18, packed);
        Ok(match self {
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
            Self::Zstd => {
                let long_windows = |mut decoder: zstd::Decoder<'a, _>| {
                    decoder.window_log_max(LONGEST_WINDOW_LOG)?;
                    Ok(decoder)
                };
                Box::new(zstd::Decoder::with_buffer(packed).and_then(long_windows).map_err(|cause| self.damaged(cause, path))?)
            }
            Self::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(packed)),
            Self::Xz => Box::new(liblzma::bufread::XzDecoder::new_multi_decoder(packed)),
        })
    }

    /// # Errors
    /// Always [`Error::Unsupported`].
    #[cfg(not(feature = "compression"))]
    pub(crate) fn unpack<'a>(self, _packed: impl Read + 'a, path: &Path) -> Result<Box<dyn Read + 'a>> {
        Err(Error::Unsupported { path: path.into(), format: self.name(), feature: "compression" })
    }

    pub fn damaged(self, cause: io::Error, path: &Path) -> Error {
        Error::Compressed { path: path.into(), format: self.name(), cause }
    }
}
