//! Writing what was read packed, packed again.

use super::compression::Compression;
use super::format::Format;
#[cfg(feature = "compression")]
use super::members::Members;
#[cfg(feature = "compression")]
use super::repack::{Repacker, Source};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::path::Path;
#[cfg(feature = "compression")]
use std::{fs::File, io::Read};

/// How to pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recipe {
    pub(crate) format: Compression,
    pub(crate) level: u32,
    /// Whether zstd writes a checksum of the content.
    pub(crate) checksum: bool,
    /// Whether zstd writes the length of the content.
    pub(crate) content_size: bool,
    /// Whether zstd packs by jobs, as its tool does.
    pub(crate) jobs: bool,
    /// Whether gzip packs each record of a crawl as a member.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub(crate) members: bool,
}

/// Bytes that are packed at a time to see whether a level gives what is there, and how often: some encoders write late.
#[cfg(feature = "compression")]
const TRIAL_BYTES: usize = 1 << 18;
#[cfg(feature = "compression")]
const MOST_TRIALS: usize = 32;
/// Packed bytes that are no chance.
#[cfg(feature = "compression")]
const ENOUGH_BYTES: usize = 1 << 10;

#[cfg(feature = "compression")]
fn same_beginning(x: &[u8], y: &[u8]) -> bool {
    let length = x.len().min(y.len());
    x[..length] == y[..length]
}

impl Recipe {
    /// The same for a crawl that is written anew: whoever packed it with gzip, each record becomes a member, as those who read crawls expect.
    pub(crate) fn for_records(self, kind: Format) -> Self {
        Self { members: kind == Format::Warc && self.format == Compression::Gzip, ..self }
    }

    /// How the file at `path` of that kind is packed, as far as that shows: some levels are tried on the beginning of `content`, which is what it holds,
    /// and where none gives the same bytes the usual one is taken.
    ///
    /// # Errors
    /// The file cannot be read.
    #[cfg(feature = "compression")]
    pub(crate) fn of(format: Compression, path: &Path, content: &[u8], kind: Format) -> Result<Self> {
        let mut packed = Vec::with_capacity(TRIAL_BYTES);
        let read = File::open(path).and_then(|file| file.take(TRIAL_BYTES as u64).read_to_end(&mut packed));
        read.map_err(|cause| Error::Io { path: path.into(), cause })?;
        // Frame header of zstd: size of the length in bits 7 and 6, one segment in bit 5, checksum in bit 2. bzip2 names its level.
        let descriptor = packed.get(4).copied().unwrap_or(0);
        let usual = Self { checksum: descriptor & 4 != 0, content_size: descriptor & 0xE0 != 0, ..Self::usual(format) };
        let named = packed.get(3).map_or(9, |digit| u32::from(digit.saturating_sub(b'0')).clamp(1, 9));
        let levels: &[u32] = match format {
            Compression::Gzip => &[6, 9, 1],
            Compression::Zstd => &[3, 1, 2, 5, 6, 7, 9, 10, 12, 15, 19],
            Compression::Bzip2 => return Ok(Self { level: named, ..usual }),
            Compression::Xz => &[6, 9],
        };
        let usual = usual.for_records(kind);
        // By jobs where zstd packs, by records where a crawl is packed; then without.
        let way = |level, is_parted: bool| Self {
            level,
            jobs: is_parted && format == Compression::Zstd,
            members: is_parted && usual.members,
            ..usual
        };
        let recipes = levels.iter().flat_map(|&level| [true, false].map(|is_parted| way(level, is_parted)));
        Ok(recipes.into_iter().find(|recipe| recipe.gives(&packed, content, path)).unwrap_or(usual))
    }

    /// Without the feature there is nothing packed to read.
    ///
    /// # Errors
    /// None.
    #[cfg(not(feature = "compression"))]
    #[expect(clippy::unnecessary_wraps, reason = "the same as with the feature")]
    pub(crate) fn of(format: Compression, _path: &Path, _content: &[u8], _kind: Format) -> Result<Self> {
        Ok(Self::usual(format))
    }

    /// True if packing the beginning of `content` gives the beginning of `packed`.
    #[cfg(feature = "compression")]
    fn gives(self, packed: &[u8], content: &[u8], path: &Path) -> bool {
        let Ok(mut trial) = Packed::new(Vec::new(), How::By(Some(self)), Some(content.len() as u64), path) else { return false };
        let mut parts = content.chunks(TRIAL_BYTES);
        for part in parts.by_ref().take(MOST_TRIALS) {
            if trial.write_all(part).is_err() || !same_beginning(trial.so_far(), packed) {
                return false;
            }
            if trial.so_far().len() >= ENOUGH_BYTES {
                return true;
            }
        }
        parts.next().is_none() && trial.finish().is_ok_and(|trial| same_beginning(&trial, packed))
    }

    /// What the format's own tool does.
    fn usual(format: Compression) -> Self {
        let level = match format {
            Compression::Gzip | Compression::Xz => 6,
            Compression::Zstd => 3,
            Compression::Bzip2 => 9,
        };
        Self { format, level, checksum: true, content_size: true, jobs: false, members: false }
    }
}

/// How a file is packed.
pub(crate) enum How {
    /// By a recipe; plain without one.
    By(Option<Recipe>),
    /// As it was, by the steps that tell so.
    #[cfg(feature = "compression")]
    Again(Source),
}

/// Packs what is written to it; plain without a recipe. [`Packed::finish`] must be called.
pub(crate) enum Packed<W: Write> {
    Plain(W),
    #[cfg(feature = "compression")]
    Gzip(flate2::write::GzEncoder<W>),
    #[cfg(feature = "compression")]
    Members(Box<Members<W>>),
    #[cfg(feature = "compression")]
    Zstd(zstd::Encoder<'static, W>),
    #[cfg(feature = "compression")]
    Bzip2(bzip2::write::BzEncoder<W>),
    #[cfg(feature = "compression")]
    Xz(Box<liblzma::write::XzEncoder<W>>),
    #[cfg(feature = "compression")]
    Again(Box<Repacker<W>>),
}

impl<W: Write> Packed<W> {
    /// Packs into `to`; so many `bytes` will be written, if that is known, and the file is named `path` in errors.
    ///
    /// # Errors
    /// [`Error::Unsupported`] in a build without the feature `compression`.
    #[cfg(feature = "compression")]
    pub(crate) fn new(to: W, how: How, bytes: Option<u64>, path: &Path) -> Result<Self> {
        let failed = |cause| Error::Io { path: path.into(), cause };
        let recipe = match how {
            How::By(recipe) => recipe,
            How::Again(source) => return Ok(Self::Again(Box::new(Repacker::new(to, source)))),
        };
        let Some(Recipe { format, level, checksum, content_size, jobs, members }) = recipe else { return Ok(Self::Plain(to)) };
        Ok(match format {
            Compression::Gzip if members => Self::Members(Box::new(Members::new(to, level))),
            Compression::Gzip => Self::Gzip(flate2::write::GzEncoder::new(to, flate2::Compression::new(level))),
            Compression::Zstd => {
                let mut encoder = zstd::Encoder::new(to, i32::try_from(level).unwrap_or(3)).map_err(failed)?;
                encoder.include_checksum(checksum).map_err(failed)?;
                if jobs {
                    encoder.multithread(1).map_err(failed)?;
                }
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
    pub(crate) fn new(to: W, How::By(recipe): How, _bytes: Option<u64>, path: &Path) -> Result<Self> {
        match recipe {
            None => Ok(Self::Plain(to)),
            Some(recipe) => Err(Error::Unsupported { path: path.into(), format: recipe.format.name(), feature: "compression" }),
        }
    }

    /// Writes what is left and gives the writer back.
    pub(crate) fn finish(self) -> io::Result<W> {
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
            #[cfg(feature = "compression")]
            Self::Again(packer) => packer.finish(),
        }
    }
}

#[cfg(feature = "compression")]
impl Packed<Vec<u8>> {
    /// What was packed until now, but for what waits for more.
    fn so_far(&self) -> &[u8] {
        match self {
            Self::Plain(to) => to,
            Self::Gzip(encoder) => encoder.get_ref(),
            Self::Members(encoder) => encoder.get_ref().map_or(&[], Vec::as_slice),
            Self::Zstd(encoder) => encoder.get_ref(),
            Self::Bzip2(encoder) => encoder.get_ref(),
            Self::Xz(encoder) => encoder.get_ref(),
            // It tells when it is done, not before.
            Self::Again(_) => &[],
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
            #[cfg(feature = "compression")]
            Self::Again(packer) => packer.write(bytes),
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
            #[cfg(feature = "compression")]
            Self::Again(packer) => packer.flush(),
        }
    }
}
