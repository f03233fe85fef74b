//! Writing what was read packed, packed again.

use super::compression::Compression;
use super::format::Format;
#[cfg(feature = "compression")]
use super::members::Members;
use refrain_engine::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::path::Path;
#[cfg(feature = "compression")]
use std::{fs::File, io::Read};

/// How to pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    pub(crate) format: Compression,
    pub(crate) level: u32,
    /// Whether zstd writes a checksum of the content.
    pub(crate) checksum: bool,
    /// Whether zstd writes the length of the content.
    pub(crate) content_size: bool,
    /// Whether gzip packs each record of a crawl as a member.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub(crate) members: bool,
}

/// Bytes of a header that describe the compression.
#[cfg(feature = "compression")]
const HEADER_BYTES: u64 = 32;

impl Recipe {
    /// The same for a crawl that is written anew: whoever packed it with gzip, each record becomes a member, as those who read crawls expect.
    #[cfg(feature = "compression")]
    fn for_records(self, kind: Format) -> Self {
        Self { members: kind == Format::Warc && self.format == Compression::Gzip, ..self }
    }

    /// How the file at `path` of that kind is packed again: the headers say whether there are checksum and length, and something of the level. The bytes are not
    /// those of the input; nothing is tried to find out how these were made.
    ///
    /// # Errors
    /// The file cannot be read.
    #[cfg(feature = "compression")]
    pub fn of(format: Compression, path: &Path, kind: Format) -> Result<Self> {
        let mut header = Vec::new();
        let read = File::open(path).and_then(|file| file.take(HEADER_BYTES).read_to_end(&mut header));
        read.map_err(|cause| Error::Io { path: path.into(), cause })?;
        Ok(Self::of_header(format, &header).for_records(kind))
    }

    #[cfg(feature = "compression")]
    fn of_header(format: Compression, header: &[u8]) -> Self {
        let byte = |at: usize| header.get(at).copied().unwrap_or(0);
        let usual = Self::usual(format);
        match format {
            // RFC 1952, section 2.3.1, XFL: 2 for the slowest level, 4 for the fastest.
            Compression::Gzip => Self {
                level: match byte(8) {
                    2 => 9,
                    4 => 1,
                    _ => usual.level,
                },
                ..usual
            },
            // RFC 8878, section 3.1.1.1: bit 2 of the descriptor says that there is a checksum, bits 5 to 7 that there is a length.
            Compression::Zstd => Self { level: zstd_level(header), checksum: byte(4) & 4 != 0, content_size: byte(4) & 0xE0 != 0, ..usual },
            Compression::Bzip2 => Self { level: u32::from(byte(3).saturating_sub(b'0')).clamp(1, 9), ..usual },
            Compression::Xz => usual,
        }
    }

    /// Without the feature there is nothing packed to read.
    ///
    /// # Errors
    /// None.
    #[cfg(not(feature = "compression"))]
    pub fn of(format: Compression, _path: &Path, _kind: Format) -> Result<Self> {
        Ok(Self::usual(format))
    }

    /// For files of our own.
    pub fn of_own() -> Self {
        Self { content_size: false, ..Self::usual(Compression::Zstd) }
    }

    /// What the format's own tool does.
    fn usual(format: Compression) -> Self {
        let level = match format {
            Compression::Gzip | Compression::Xz => 6,
            Compression::Zstd => 3,
            Compression::Bzip2 => 9,
        };
        Self { format, level, checksum: true, content_size: true, members: false }
    }
}

/// The zstd level that the window size suggests: without a content size the library uses 2 MiB from level 3, 4 MiB from 8 and 8 MiB from 17 on. At most 9,
/// because higher levels cost more time than they save.
#[cfg(feature = "compression")]
fn zstd_level(header: &[u8]) -> u32 {
    let Some((&descriptor, rest)) = header.get(4..).and_then(<[u8]>::split_first) else { return 3 };
    // A frame in one segment names no window.
    let exponent = if descriptor & 0x20 == 0 { rest.first().map_or(0, |window| window >> 3) } else { 0 };
    if exponent >= 12 { 9 } else { 3 }
}

/// Packs what is written to it; plain without a recipe. [`Packed::finish`] must be called.
pub enum Packed<W: Write> {
    /// Not compressed.
    Plain(W),
    /// One gzip member.
    #[cfg(feature = "compression")]
    Gzip(flate2::write::GzEncoder<W>),
    /// A gzip member for each record.
    #[cfg(feature = "compression")]
    Members(Box<Members<W>>),
    /// zstd.
    #[cfg(feature = "compression")]
    Zstd(zstd::Encoder<'static, W>),
    /// bzip2.
    #[cfg(feature = "compression")]
    Bzip2(bzip2::write::BzEncoder<W>),
    /// xz.
    #[cfg(feature = "compression")]
    Xz(Box<liblzma::write::XzEncoder<W>>),
}

impl<W: Write> Packed<W> {
    /// Packs into `to`; so many `bytes` will be written, if that is known, and the file is named `path` in errors.
    ///
    /// # Errors
    /// [`Error::Unsupported`] in a build without the feature `compression`.
    #[cfg(feature = "compression")]
    pub fn new(to: W, recipe: Option<Recipe>, bytes: Option<u64>, path: &Path) -> Result<Self> {
        let failed = |cause| Error::Io { path: path.into(), cause };
        let Some(Recipe { format, level, checksum, content_size, members }) = recipe else { return Ok(Self::Plain(to)) };
        Ok(match format {
            Compression::Gzip if members => Self::Members(Box::new(Members::new(to, level))),
            Compression::Gzip => Self::Gzip(flate2::write::GzEncoder::new(to, flate2::Compression::new(level))),
            Compression::Zstd => {
                let mut encoder = zstd::Encoder::new(to, i32::try_from(level).unwrap_or(3)).map_err(failed)?;
                encoder.include_checksum(checksum).map_err(failed)?;
                // The bytes are the same for any number of threads from one.
                encoder.multithread(u32::try_from(rayon::current_num_threads()).unwrap_or(1)).map_err(failed)?;
                if content_size {
                    encoder.set_pledged_src_size(bytes).map_err(failed)?;
                }
                encoder.include_contentsize(content_size).map_err(failed)?;
                Self::Zstd(encoder)
            }
            Compression::Bzip2 => Self::Bzip2(bzip2::write::BzEncoder::new(to, bzip2::Compression::new(level))),
            Compression::Xz => Self::Xz(Box::new(liblzma::write::XzEncoder::new(to, level))),
        })
    }

    /// # Errors
    /// [`Error::Unsupported`] with a recipe.
    #[cfg(not(feature = "compression"))]
    pub fn new(to: W, recipe: Option<Recipe>, _bytes: Option<u64>, path: &Path) -> Result<Self> {
        match recipe {
            None => Ok(Self::Plain(to)),
            Some(recipe) => Err(Error::Unsupported { path: path.into(), format: recipe.format.name(), feature: "compression" }),
        }
    }

    /// Writes what is left and gives the writer back.
    pub fn finish(self) -> io::Result<W> {
        match self {
            Self::Plain(to) => Ok(to),
            #[cfg(feature = "compression")]
            Self::Gzip(encoder) => encoder.finish(),
            #[cfg(feature = "compression")]
            Self::Members(encoder) => encoder.finish(),
            #[cfg(feature = "compression")]
            Self::Zstd(encoder) => encoder.finish(),
            #[cfg(feature = "compression")]
            Self::Bzip2(encoder) => encoder.finish(),
            #[cfg(feature = "compression")]
            Self::Xz(encoder) => encoder.finish(),
        }
    }
}

impl<W: Write> Write for Packed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(to) => to.write(bytes),
            #[cfg(feature = "compression")]
            Self::Gzip(encoder) => encoder.write(bytes),
            #[cfg(feature = "compression")]
            Self::Members(encoder) => encoder.write(bytes),
            #[cfg(feature = "compression")]
            Self::Zstd(encoder) => encoder.write(bytes),
            #[cfg(feature = "compression")]
            Self::Bzip2(encoder) => encoder.write(bytes),
            #[cfg(feature = "compression")]
            Self::Xz(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(to) => to.flush(),
            #[cfg(feature = "compression")]
            Self::Gzip(encoder) => encoder.flush(),
            #[cfg(feature = "compression")]
            Self::Members(encoder) => encoder.flush(),
            #[cfg(feature = "compression")]
            Self::Zstd(encoder) => encoder.flush(),
            #[cfg(feature = "compression")]
            Self::Bzip2(encoder) => encoder.flush(),
            #[cfg(feature = "compression")]
            Self::Xz(encoder) => encoder.flush(),
        }
    }
}
