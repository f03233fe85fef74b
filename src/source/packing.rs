//! Writing what was read packed, packed again.

use super::compression::Compression;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::path::Path;

/// How to pack: format and level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recipe {
    pub(crate) format: Compression,
    pub(crate) level: u32,
    /// Whether a checksum of the content is written, where the format leaves that open.
    pub(crate) checksum: bool,
}

impl Recipe {
    /// What the format's own tool does.
    pub(crate) fn usual(format: Compression) -> Self {
        let level = match format {
            Compression::Gzip | Compression::Xz => 6,
            Compression::Zstd => 3,
            Compression::Bzip2 => 9,
        };
        Self { format, level, checksum: true }
    }
}

/// Packs what is written to it; plain without a recipe. [`Packed::finish`] must be called.
pub(crate) enum Packed<W: Write> {
    Plain(W),
    #[cfg(feature = "compression")]
    Gzip(flate2::write::GzEncoder<W>),
    #[cfg(feature = "compression")]
    Zstd(zstd::Encoder<'static, W>),
    #[cfg(feature = "compression")]
    Bzip2(bzip2::write::BzEncoder<W>),
    #[cfg(feature = "compression")]
    Xz(Box<liblzma::write::XzEncoder<W>>),
}

impl<W: Write> Packed<W> {
    /// Packs by `recipe` into `to`; `bytes` will be written, and the file is named `path` in errors.
    ///
    /// # Errors
    /// [`Error::Unsupported`] in a build without the feature `compression`.
    #[cfg(feature = "compression")]
    pub(crate) fn new(to: W, recipe: Option<Recipe>, bytes: u64, path: &Path) -> Result<Self> {
        let failed = |cause| Error::Io { path: path.into(), cause };
        let Some(Recipe { format, level, checksum }) = recipe else { return Ok(Self::Plain(to)) };
        Ok(match format {
            Compression::Gzip => Self::Gzip(flate2::write::GzEncoder::new(to, flate2::Compression::new(level))),
            Compression::Zstd => {
                let mut encoder = zstd::Encoder::new(to, i32::try_from(level).unwrap_or(3)).map_err(failed)?;
                encoder.include_checksum(checksum).map_err(failed)?;
                encoder.set_pledged_src_size(Some(bytes)).map_err(failed)?;
                encoder.include_contentsize(true).map_err(failed)?;
                Self::Zstd(encoder)
            }
            Compression::Bzip2 => Self::Bzip2(bzip2::write::BzEncoder::new(to, bzip2::Compression::new(level))),
            Compression::Xz => Self::Xz(Box::new(liblzma::write::XzEncoder::new(to, level))),
        })
    }

    /// # Errors
    /// [`Error::Unsupported`] with a recipe.
    #[cfg(not(feature = "compression"))]
    pub(crate) fn new(to: W, recipe: Option<Recipe>, _bytes: u64, path: &Path) -> Result<Self> {
        match recipe {
            None => Ok(Self::Plain(to)),
            Some(recipe) => Err(Error::Unsupported { path: path.into(), format: recipe.format.name() }),
        }
    }

    /// Writes what is left and gives the writer back.
    pub(crate) fn finish(self) -> io::Result<W> {
        match self {
            Self::Plain(to) => Ok(to),
            #[cfg(feature = "compression")]
            Self::Gzip(encoder) => encoder.finish(),
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
            Self::Zstd(encoder) => encoder.flush(),
            #[cfg(feature = "compression")]
            Self::Bzip2(encoder) => encoder.flush(),
            #[cfg(feature = "compression")]
            Self::Xz(encoder) => encoder.flush(),
        }
    }
}
