//! How pages are packed, in the ways of those who write Parquet, and which of the ways a file was written in.
//!
//! In: the bytes of a page, unpacked, and as they lie in a file. Out: a way that makes the second of the first, if one is known. A codec says how a page is
//! read; its bytes depend on the library that packed it and on its level, of which a file tells nothing. So the likely ones are tried.

use super::snappy::{self, Way};
use crate::source::comparing::Comparing;
use crate::source::deflate::Deflater;
use flate2::write::DeflateEncoder;
use parquet::basic::Compression;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
#[cfg(feature = "exact-deflate")]
use std::panic::catch_unwind;
use zstd::zstd_safe::CParameter;

/// A way to pack pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Packer {
    /// They lie there as they are.
    Plain,
    /// Snappy.
    Snappy(Way),
    /// One frame of zstd.
    Zstd {
        /// Its level.
        level: i32,
        /// Whether it tells the bytes of the page.
        size: bool,
        /// Whether it ends with a checksum.
        checksum: bool,
    },
    /// A deflate stream, from what is told of it besides; header and checksum of gzip stand apart.
    Deflate,
    /// A deflate stream as a program packs it; header and checksum of gzip stand apart.
    Deflated(Deflater),
    /// A deflate stream as our own library packs it, which Rust programs use; header and checksum of gzip stand apart.
    ZlibRs {
        /// From 1 to 9.
        level: u32,
    },
    /// LZ4 by its own library.
    Lz4,
    /// LZ4 as the crate of that name packs it.
    Lz4Flex,
    /// Brotli as the crate of that name packs it.
    Brotli {
        /// Its quality.
        quality: i32,
    },
}

/// Bytes of a page that show whether a level may be the one: more than a block of zstd, and less than any window.
const PROBE_BYTES: usize = 300_000;
/// Levels of zstd, most likely first.
const ZSTD_LEVELS: [i32; 22] = [3, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22];
/// Qualities of brotli that are tried, most likely first; the two highest take seconds a page.
const BROTLI_QUALITIES: [i32; 10] = [1, 0, 2, 3, 4, 5, 6, 7, 8, 9];
/// Levels of our own library, most likely first.
const ZLIB_RS_LEVELS: [u32; 9] = [6, 9, 1, 2, 3, 4, 5, 7, 8];
/// Two to the power of so many bytes are looked back by brotli.
const BROTLI_WINDOW: i32 = 22;

impl Packer {
    /// Packs a page; None if that fails. `told` is what [`told_of_stream`] told.
    pub(super) fn pack(self, page: &[u8], told: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Plain => Some(page.to_vec()),
            Self::Snappy(way) => (way.bits <= 15 && way.bits >= 8).then(|| snappy::pack(page, way)),
            Self::Deflate => pack_by_corrections(page, told),
            Self::Deflated(deflater) => deflater.pack(page),
            Self::Lz4 => lz4::block::compress(page, None, false).ok(),
            Self::Lz4Flex => Some(lz4_flex::block::compress(page)),
            // In one go, as those do who tell the size: a stream's buffer is not where the page is, and other matches are found.
            Self::Zstd { level, size: true, checksum } => {
                let mut packer = zstd::bulk::Compressor::new(level).ok()?;
                packer.set_parameter(CParameter::ChecksumFlag(checksum)).ok()?;
                packer.compress(page).ok()
            }
            Self::Zstd { .. } | Self::Brotli { .. } | Self::ZlibRs { .. } => {
                let mut packed = Vec::new();
                self.stream(page, &mut packed).ok()?;
                Some(packed)
            }
        }
    }

    /// Packs bit by bit, so that who takes it can break it off.
    fn stream(self, page: &[u8], to: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Zstd { level, size: false, checksum } => {
                let mut encoder = zstd::stream::write::Encoder::new(to, level)?;
                encoder.include_checksum(checksum)?;
                encoder.write_all(page)?;
                encoder.finish()?.flush()
            }
            Self::Brotli { quality } => {
                let parameters = brotli::enc::BrotliEncoderParams { quality, lgwin: BROTLI_WINDOW, ..Default::default() };
                let mut encoder = brotli::CompressorWriter::with_params(to, 4096, &parameters);
                encoder.write_all(page)?;
                // Those who write so flush before the end, which shows in the bytes.
                encoder.flush()?;
                drop(encoder);
                Ok(())
            }
            Self::Deflated(deflater) => {
                let mut encoder = deflater.encoder(to)?;
                encoder.write_all(page)?;
                encoder.finish().map(drop)
            }
            Self::ZlibRs { level: level @ 1..=9 } => {
                let mut encoder = DeflateEncoder::new(to, flate2::Compression::new(level));
                encoder.write_all(page)?;
                encoder.finish().map(drop)
            }
            Self::ZlibRs { .. } => Err(io::ErrorKind::Unsupported.into()),
            _ => self.pack(page, &[]).map_or(Err(io::ErrorKind::Unsupported.into()), |packed| to.write_all(&packed)),
        }
    }

    /// Whether `packed` begins as `page` packed would; for what is slow and cannot be broken off.
    fn may_make(self, page: &[u8], packed: &[u8]) -> bool {
        let Self::Zstd { level, size: true, checksum } = self else { return true };
        let Some(beginning) = page.get(..PROBE_BYTES) else { return true };
        let probe = || -> io::Result<()> {
            let mut encoder = zstd::stream::write::Encoder::new(Comparing(packed), level)?;
            encoder.include_checksum(checksum)?;
            encoder.set_pledged_src_size(Some(page.len() as u64))?;
            encoder.write_all(beginning)
        };
        probe().is_ok()
    }

    /// Whether `page` packed is `packed`; of gzip, the stream alone.
    pub(super) fn makes(self, page: &[u8], packed: &[u8]) -> bool {
        if self == Self::Plain {
            // Mostly the same bytes at the same place.
            return std::ptr::eq(page, packed) || page == packed;
        }
        let mut left = Comparing(packed);
        self.stream(page, &mut left).is_ok() && left.0.is_empty()
    }

    /// Whether `page` packed is what lies in a file, as far as it shows without corrections.
    pub(super) fn makes_page(self, page: &[u8], packed: &[u8]) -> bool {
        match self {
            // A stream that no program is known to write is predicted page by page, but others come first.
            Self::Deflate => false,
            Self::Deflated(_) | Self::ZlibRs { .. } => parts_of_gzip(packed).is_some_and(|[_, stream, _]| self.makes(page, stream)),
            _ => self.makes(page, packed),
        }
    }

    /// The way in which `packed` was made of `page`, if one is known.
    pub(super) fn find(codec: Compression, page: &[u8], packed: &[u8]) -> Option<Self> {
        let ways: Vec<Self> = match codec {
            Compression::UNCOMPRESSED => vec![Self::Plain],
            Compression::SNAPPY => snappy::WAYS.map(Self::Snappy).to_vec(),
            Compression::ZSTD(_) => {
                let told = *packed.get(4)?;
                let (size, checksum) = (told >> 5 > 0, told & 4 > 0);
                ZSTD_LEVELS.map(|level| Self::Zstd { level, size, checksum }).to_vec()
            }
            Compression::GZIP(_) => {
                let [_, stream, _] = parts_of_gzip(packed)?;
                let ways: Vec<Self> =
                    ZLIB_RS_LEVELS.map(|level| Self::ZlibRs { level }).into_iter().chain(Deflater::all().map(Self::Deflated)).collect();
                let found = ways.into_par_iter().find_first(|way| way.makes(page, stream));
                return found.or(cfg!(feature = "exact-deflate").then_some(Self::Deflate));
            }
            Compression::LZ4_RAW => vec![Self::Lz4, Self::Lz4Flex],
            Compression::BROTLI(_) => BROTLI_QUALITIES.map(|quality| Self::Brotli { quality }).to_vec(),
            _ => Vec::new(),
        };
        ways.into_par_iter().find_first(|way| way.may_make(page, packed) && way.makes(page, packed))
    }
}

/// A page unpacked, of so many bytes; None if it is damaged, or its codec is not known.
pub(super) fn unpack(codec: Compression, packed: &[u8], bytes: usize) -> Option<Vec<u8>> {
    let read = |reader: &mut dyn Read| {
        let mut page = Vec::with_capacity(bytes.min(packed.len().saturating_mul(1 << 10)));
        reader.take(bytes as u64 + 1).read_to_end(&mut page).ok().map(|_| page)
    };
    let page = match codec {
        Compression::UNCOMPRESSED => packed.to_vec(),
        Compression::SNAPPY => snap::raw::Decoder::new().decompress_vec(packed).ok()?,
        Compression::ZSTD(_) => read(&mut zstd::stream::read::Decoder::with_buffer(packed).ok()?)?,
        Compression::GZIP(_) => read(&mut flate2::bufread::GzDecoder::new(packed))?,
        Compression::LZ4_RAW => lz4::block::decompress(packed, Some(i32::try_from(bytes).ok()?)).ok()?,
        Compression::BROTLI(_) => read(&mut brotli::Decompressor::new(packed, 1 << 16))?,
        _ => return None,
    };
    (page.len() == bytes).then_some(page)
}

/// Bytes of the header of gzip that everyone writes, and of what comes after the stream.
const GZIP_HEADER: usize = 10;
const GZIP_END: usize = 8;

/// Cuts what lies in a file into the header of gzip, the deflate stream and what comes behind; None if it is none, or a header with names.
pub(super) fn parts_of_gzip(packed: &[u8]) -> Option<[&[u8]; 3]> {
    let (header, rest) = packed.split_at_checked(GZIP_HEADER)?;
    let (stream, end) = rest.split_at_checked(rest.len().checked_sub(GZIP_END)?)?;
    (header.starts_with(&[0x1F, 0x8B, 8, 0])).then_some([header, stream, end])
}

/// What it takes besides `page` to make the deflate `stream` of it again; None if that cannot be done.
#[cfg(feature = "exact-deflate")]
pub(super) fn told_of_stream(page: &[u8], stream: &[u8]) -> Option<Vec<u8>> {
    let config = preflate_rs::PreflateConfig { plain_text_limit: page.len() + 1, verify_compression: false, ..Default::default() };
    let told = catch_unwind(|| preflate_rs::preflate_whole_deflate_stream(stream, &config).ok()).ok()??.0.corrections;
    (Packer::Deflate.pack(page, &told)? == stream).then_some(told)
}

/// None: this build predicts no streams.
#[cfg(not(feature = "exact-deflate"))]
pub(super) fn told_of_stream(_page: &[u8], _stream: &[u8]) -> Option<Vec<u8>> {
    None
}

#[cfg(feature = "exact-deflate")]
fn pack_by_corrections(page: &[u8], told: &[u8]) -> Option<Vec<u8>> {
    catch_unwind(|| preflate_rs::recreate_whole_deflate_stream(page, told).ok()).ok().flatten()
}

#[cfg(not(feature = "exact-deflate"))]
fn pack_by_corrections(_page: &[u8], _told: &[u8]) -> Option<Vec<u8>> {
    None
}
