//! Ways to pack a member by the library of its format, and which of them gives the bytes that are there.
//!
//! A file tells little of how it was packed: the levels of bzip2, the dictionary of xz, whether zstd noted a checksum and the length. So the likely ones are
//! tried, and broken off at the first byte that differs.

use super::WHOLE_BYTES;
use crate::source::comparing::Comparing;
use crate::source::compression::Compression;
use crate::source::deflate::{self, Deflater};
use flate2::write::DeflateEncoder;
use liblzma::stream::{Check, MtStreamBuilder, PRESET_EXTREME, Stream};
use liblzma::write::XzEncoder;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use zstd::zstd_safe::CParameter;

/// A way to pack a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Way {
    /// A deflate stream as our own library packs it.
    Deflate {
        /// From 1 to 9.
        level: u32,
    },
    /// A deflate stream as a program packs it that does not use our own library.
    Deflated(Deflater),
    /// A frame of zstd.
    Zstd {
        /// Below 0 the fast ones.
        level: i32,
        /// Whether it ends with a checksum.
        checksum: bool,
        /// Whether it tells the length of its content.
        size: bool,
        /// How its library was called.
        call: Call,
        /// Whether matches were looked for far back (`--long`).
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        long: bool,
    },
    /// A stream of bzip2.
    Bzip2 {
        /// From 1 to 9.
        level: u32,
    },
    /// A stream of xz.
    Xz {
        /// From 0 to 9.
        level: u32,
        /// Whether it was told to try harder (`--extreme`).
        extreme: bool,
        /// Which checksum, as the stream tells.
        check: u8,
        /// Whether it is in blocks, as several threads write it.
        blocks: bool,
    },
}

/// How the library of zstd was called, which shows in what it packs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Call {
    /// By jobs on threads of its own, as its tool does.
    Jobs,
    /// Bit by bit.
    Stream,
    /// With all of the content.
    Whole,
}

/// Bytes of the content that show whether a level of zstd may be the one: a little more than a block.
const PROBE_BYTES: usize = 160_000;
const PROBE_PIECE_BYTES: usize = 1 << 14;
/// Levels of zstd, most likely first.
const ZSTD_LEVELS: [i32; 29] = [3, 1, 2, 4, 5, 6, -1, -2, -3, -4, -5, -6, -7, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22];
/// Two to the power of so many bytes are looked back with `--long`.
const LONG_WINDOW_LOG: u32 = 27;
/// From this level on as far back at least.
const ULTRA_LEVEL: i32 = 20;
const ULTRA_WINDOW_LOG: u32 = 25;
/// Levels of gzip, most likely first.
const DEFLATE_LEVELS: [u32; 9] = [6, 9, 1, 2, 3, 4, 5, 7, 8];
/// Bytes that are packed at a time.
const PIECE_BYTES: usize = 1 << 18;

impl Way {
    /// The way in which `packed` was made of `text`, if one is known.
    pub(super) fn find(format: Compression, text: &[u8], packed: &[u8]) -> Option<Self> {
        let ways = match format {
            Compression::Gzip => Deflater::all().map(Self::Deflated).chain(DEFLATE_LEVELS.map(|level| Self::Deflate { level })).collect(),
            Compression::Bzip2 => vec![Self::Bzip2 { level: u32::from(packed.get(3)?.checked_sub(b'0')?) }],
            Compression::Zstd => return Self::find_zstd(text, packed),
            Compression::Xz => xz_ways(packed)?,
        };
        ways.into_iter().find(|way| way.makes(text, packed))
    }

    fn find_zstd(text: &[u8], packed: &[u8]) -> Option<Self> {
        let told = *packed.get(4)?;
        // Size of the length in bits 7 and 6, one segment in bit 5, checksum in bit 2.
        let (size, checksum) = (told & 0xE0 > 0, told & 4 > 0);
        // Unless it is one segment, two to the power of so many bytes are looked back.
        let window_log = (told & 0x20 == 0).then(|| packed.get(5).map_or(0, |told| u32::from(told >> 3) + 10));
        let looks_back = |log: u32| window_log.is_none_or(|window_log| window_log >= log);
        let calls: &[Call] = if size { &[Call::Jobs, Call::Stream, Call::Whole] } else { &[Call::Stream, Call::Jobs] };
        for long in [false, true].into_iter().filter(|&long| !long || looks_back(LONG_WINDOW_LOG)) {
            // The highest take a gigabyte.
            for level in ZSTD_LEVELS.into_iter().filter(|&level| level < ULTRA_LEVEL || looks_back(ULTRA_WINDOW_LOG)) {
                let way = |&call: &Call| Self::Zstd { level, checksum, size, call, long };
                if way(&Call::Stream).may_make(text, packed)
                    && let Some(found) = calls.iter().map(way).find(|way| way.makes(text, packed))
                {
                    return Some(found);
                }
            }
        }
        None
    }

    /// Whether `packed` begins as `text` packed would.
    fn may_make(self, text: &[u8], packed: &[u8]) -> bool {
        let Some(beginning) = text.get(..PROBE_BYTES) else { return true };
        // What was packed is handed on when more comes.
        let begin = || -> io::Result<()> {
            let mut library = Library::new(self, Comparing(packed), text.len() as u64)?;
            beginning.chunks(PROBE_PIECE_BYTES).try_for_each(|piece| library.write_all(piece))
        };
        begin().is_ok()
    }

    /// Whether `text` packed is `packed`.
    pub(super) fn makes(self, text: &[u8], packed: &[u8]) -> bool {
        let pack = || -> io::Result<Comparing<'_>> {
            let mut encoder = Encoder::new(self, Comparing(packed), text.len() as u64)?;
            encoder.write_all(text)?;
            encoder.finish()
        };
        pack().is_ok_and(|left| left.0.is_empty())
    }
}

/// The ways in which a stream of xz may have been packed: its header tells the checksum, that of its first block the size of the dictionary.
fn xz_ways(packed: &[u8]) -> Option<Vec<Way>> {
    const BLOCK: usize = 12;
    let check = packed.get(7)? & 0xF;
    // The length of the block's header, what it tells, lengths if it tells them, then the filter LZMA2 (0x21, 1) and its dictionary.
    let length = usize::from(*packed.get(BLOCK)?) * 4;
    let told = *packed.get(BLOCK + 1)?;
    let filter = memchr::memmem::find(packed.get(BLOCK..BLOCK + length)?, &[0x21, 1])?;
    let levels: &[u32] = match packed.get(BLOCK + filter + 2)? {
        12 => &[0],
        16 => &[1],
        18 => &[2],
        20 => &[4, 3],
        22 => &[6, 5],
        24 => &[7],
        26 => &[8],
        28 => &[9],
        _ => return None,
    };
    let ways = [false, true].into_iter().flat_map(|extreme| levels.iter().map(move |&level| (level, extreme)));
    Some(ways.map(|(level, extreme)| Way::Xz { level, extreme, check, blocks: told & 0xC0 > 0 }).collect())
}

/// Packs what is written to it, in pieces of one length, since that of pieces may show in what a library packs. [`Encoder::finish`] must be called.
pub(super) struct Encoder<W: Write> {
    library: Library<W>,
    /// A piece that is not whole yet.
    piece: Vec<u8>,
}

impl<W: Write> Encoder<W> {
    /// Packs into `to` what will be so many bytes of `text`.
    pub(super) fn new(way: Way, to: W, text: u64) -> io::Result<Self> {
        Ok(Self { library: Library::new(way, to, text)?, piece: Vec::new() })
    }

    /// Writes what is left and gives the writer back.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.library.write_all(&self.piece)?;
        self.library.finish()
    }
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.piece.is_empty() && bytes.len() >= PIECE_BYTES {
            self.library.write_all(&bytes[..PIECE_BYTES])?;
            return Ok(PIECE_BYTES);
        }
        let taken = bytes.len().min(PIECE_BYTES - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        if self.piece.len() == PIECE_BYTES {
            self.library.write_all(&self.piece)?;
            self.piece.clear();
        }
        Ok(taken)
    }

    /// Nothing is packed before its time: that would show in the bytes.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The packer of a format.
enum Library<W: Write> {
    Deflate(DeflateEncoder<W>),
    Deflated(Box<deflate::Encoder<W>>),
    Zstd(zstd::Encoder<'static, W>),
    /// Until all of it is there.
    Whole(Vec<u8>, Box<zstd::bulk::Compressor<'static>>, W),
    Bzip2(bzip2::write::BzEncoder<W>),
    Xz(Box<XzEncoder<W>>),
}

impl<W: Write> Library<W> {
    fn new(way: Way, to: W, text: u64) -> io::Result<Self> {
        Ok(match way {
            Way::Deflate { level: 0 | 10.. } | Way::Bzip2 { level: 0 | 10.. } | Way::Xz { level: 10.., .. } => {
                return Err(io::ErrorKind::Unsupported.into());
            }
            Way::Deflate { level } => Self::Deflate(DeflateEncoder::new(to, flate2::Compression::new(level))),
            Way::Deflated(deflater) => Self::Deflated(Box::new(deflater.encoder(to)?)),
            Way::Bzip2 { level } => Self::Bzip2(bzip2::write::BzEncoder::new(to, bzip2::Compression::new(level))),
            Way::Xz { level, extreme, check, blocks } => {
                let preset = level | if extreme { PRESET_EXTREME } else { 0 };
                let check = check_of(check)?;
                let stream = match blocks {
                    false => Stream::new_easy_encoder(preset, check),
                    true => MtStreamBuilder::new().preset(preset).check(check).encoder(),
                };
                Self::Xz(Box::new(XzEncoder::new_stream(to, stream.map_err(io::Error::from)?)))
            }
            Way::Zstd { level, checksum, call: Call::Whole, .. } => {
                if text > WHOLE_BYTES {
                    return Err(io::ErrorKind::Unsupported.into());
                }
                let mut packer = zstd::bulk::Compressor::new(level)?;
                packer.set_parameter(CParameter::ChecksumFlag(checksum))?;
                Self::Whole(Vec::new(), Box::new(packer), to)
            }
            Way::Zstd { level, checksum, size, call, long } => {
                let mut encoder = zstd::Encoder::new(to, level)?;
                encoder.include_checksum(checksum)?;
                if call == Call::Jobs {
                    encoder.multithread(1)?;
                }
                if long {
                    encoder.long_distance_matching(true)?;
                    encoder.window_log(LONG_WINDOW_LOG)?;
                }
                if size {
                    encoder.set_pledged_src_size(Some(text))?;
                }
                encoder.include_contentsize(size)?;
                Self::Zstd(encoder)
            }
        })
    }

    fn finish(self) -> io::Result<W> {
        match self {
            Self::Deflate(encoder) => encoder.finish(),
            Self::Deflated(encoder) => encoder.finish(),
            Self::Zstd(encoder) => encoder.finish(),
            Self::Whole(text, mut packer, mut to) => {
                to.write_all(&packer.compress(&text)?)?;
                Ok(to)
            }
            Self::Bzip2(encoder) => encoder.finish(),
            Self::Xz(encoder) => encoder.finish(),
        }
    }
}

impl<W: Write> Write for Library<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Deflate(encoder) => encoder.write(bytes),
            Self::Deflated(encoder) => encoder.write(bytes),
            Self::Zstd(encoder) => encoder.write(bytes),
            Self::Whole(text, ..) => text.write(bytes),
            Self::Bzip2(encoder) => encoder.write(bytes),
            Self::Xz(encoder) => encoder.write(bytes),
        }
    }

    /// Nothing is packed before its time: that would show in the bytes.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn check_of(told: u8) -> io::Result<Check> {
    Ok(match told {
        0 => Check::None,
        1 => Check::Crc32,
        4 => Check::Crc64,
        10 => Check::Sha256,
        _ => return Err(io::ErrorKind::Unsupported.into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_that_was_not_taken_is_known_by_the_beginning() {
        let text: Vec<u8> = (0_u32..80_000).flat_map(|n| format!("{} ", n.wrapping_mul(2_654_435_761) >> 20).into_bytes()).collect();
        let way = |level, call| Way::Zstd { level, checksum: true, size: true, call, long: false };
        for call in [Call::Jobs, Call::Stream] {
            let mut encoder = Encoder::new(way(3, call), Vec::new(), text.len() as u64).unwrap();
            encoder.write_all(&text).unwrap();
            let packed = encoder.finish().unwrap();
            let may_be: Vec<i32> = ZSTD_LEVELS.into_iter().filter(|&level| way(level, Call::Stream).may_make(&text, &packed)).collect();
            assert_eq!(may_be, [3], "{call:?}");
        }
    }
}
