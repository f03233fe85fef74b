//! Deflate streams byte for byte as zlib writes them.
//!
//! In: what a stream holds. Out: the stream that zlib makes of it at a level. The bytes of a deflate stream depend on the program that wrote it, and the
//! library that the rest of refrain packs with (zlib-rs) writes other ones, so that zlib itself is called here, and nowhere else.
//! What it does not do: other strategies than the default one, level 0, and streams of other packers (GNU gzip, pigz, zlib-ng, libdeflate, zopfli, Go).

use libz_sys::{
    Z_BUF_ERROR, Z_DEFAULT_STRATEGY, Z_DEFLATED, Z_FINISH, Z_NO_FLUSH, Z_OK, Z_STREAM_END, deflate, deflateEnd, deflateInit2_, uInt,
    z_stream, zlibVersion,
};
use serde::{Deserialize, Serialize};
use std::ffi::c_int;
use std::io::{self, Write};
use std::mem::MaybeUninit;

/// Bytes of the window as a power of two; negative for a stream without a header.
const RAW_WINDOW: c_int = -15;
/// Bytes that are packed before they are written, and that are given to zlib at a time.
const BUFFER_BYTES: usize = 1 << 16;

/// How zlib is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Deflater {
    memory: Memory,
    /// From 1 to 9.
    level: u32,
}

/// The parameter `memLevel`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Memory {
    /// 8, with which nearly every program calls zlib: Python, Java, web servers.
    Usual,
    /// 9.
    Most,
}

/// Levels, most likely first.
const LEVELS: [u32; 9] = [6, 9, 1, 2, 3, 4, 5, 7, 8];

impl Deflater {
    /// Packs into `to`.
    ///
    /// # Errors
    /// A level that is not from 1 to 9; no memory.
    pub(crate) fn encoder<W: Write>(self, to: W) -> io::Result<Encoder<W>> {
        Encoder::new(to, self)
    }

    /// The stream of `text`; None if there is no such level.
    #[cfg(any(feature = "parquet", test))]
    pub(crate) fn pack(self, text: &[u8]) -> Option<Vec<u8>> {
        let mut encoder = self.encoder(Vec::new()).ok()?;
        encoder.write_all(text).ok()?;
        encoder.finish().ok()
    }

    /// All of them, most likely first.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        LEVELS.into_iter().flat_map(|level| [Memory::Usual, Memory::Most].map(|memory| Self { memory, level }))
    }
}

/// Packs what is written to it.
pub(crate) struct Encoder<W: Write> {
    stream: Stream,
    packed: Vec<u8>,
    to: W,
}

impl<W: Write> Encoder<W> {
    fn new(to: W, how: Deflater) -> io::Result<Self> {
        Ok(Self { stream: Stream::new(how)?, packed: vec![0; BUFFER_BYTES], to })
    }

    /// Ends the stream.
    ///
    /// # Errors
    /// What the writer says.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        loop {
            let (_, made, is_end) = self.stream.pack(&[], &mut self.packed, Z_FINISH)?;
            self.to.write_all(&self.packed[..made])?;
            if is_end {
                return Ok(self.to);
            }
        }
    }
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (taken, made, _) = self.stream.pack(&bytes[..bytes.len().min(BUFFER_BYTES)], &mut self.packed, Z_NO_FLUSH)?;
        self.to.write_all(&self.packed[..made])?;
        // Where all of the buffer was needed, nothing may have been taken yet.
        if taken == 0 && !bytes.is_empty() { self.write(bytes) } else { Ok(taken) }
    }

    /// Nothing is packed before its time: that would show in the bytes.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The state of zlib.
struct Stream(Box<MaybeUninit<z_stream>>);

// SAFETY: zlib keeps no state outside the stream, which one thread has at a time.
#[expect(unsafe_code, reason = "a library in C")]
unsafe impl Send for Stream {}

impl Stream {
    #[expect(
        unsafe_code,
        clippy::cast_possible_wrap,
        clippy::cast_possible_truncation,
        reason = "a library in C; levels and a size of some bytes"
    )]
    fn new(how: Deflater) -> io::Result<Self> {
        if !(1..=9).contains(&how.level) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let memory = if how.memory == Memory::Most { 9 } else { 8 };
        // Without functions of its own zlib allocates as C does.
        let mut stream = Box::new(MaybeUninit::zeroed());
        let size = size_of::<z_stream>() as c_int;
        // SAFETY: all fields are zero, which zlib takes for "as usual"; the version and size are those of the library that is linked.
        let status = unsafe {
            deflateInit2_(stream.as_mut_ptr(), how.level as c_int, Z_DEFLATED, RAW_WINDOW, memory, Z_DEFAULT_STRATEGY, zlibVersion(), size)
        };
        if status == Z_OK { Ok(Self(stream)) } else { Err(io::ErrorKind::OutOfMemory.into()) }
    }

    /// Takes some of `text` and makes some bytes of the stream; true at its end.
    #[expect(unsafe_code, clippy::cast_possible_truncation, reason = "a library in C; no more than the buffer's length")]
    fn pack(&mut self, text: &[u8], packed: &mut [u8], flush: c_int) -> io::Result<(usize, usize, bool)> {
        let stream = self.0.as_mut_ptr();
        // SAFETY: the stream was initialised; both buffers live until the call returns, and zlib writes to the second alone.
        let (status, text_left, room_left) = unsafe {
            (*stream).next_in = text.as_ptr().cast_mut();
            (*stream).avail_in = text.len() as uInt;
            (*stream).next_out = packed.as_mut_ptr();
            (*stream).avail_out = packed.len() as uInt;
            let status = deflate(stream, flush);
            (status, (*stream).avail_in as usize, (*stream).avail_out as usize)
        };
        if ![Z_OK, Z_STREAM_END, Z_BUF_ERROR].contains(&status) {
            return Err(io::Error::other("zlib cannot pack"));
        }
        Ok((text.len() - text_left, packed.len() - room_left, status == Z_STREAM_END))
    }
}

impl Drop for Stream {
    #[expect(unsafe_code, reason = "a library in C")]
    fn drop(&mut self) {
        // SAFETY: the stream was initialised, and is not used again.
        unsafe { deflateEnd(self.0.as_mut_ptr()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text of a small vocabulary with phrases that repeat, and random bytes in the middle, which no block packs.
    fn text() -> Vec<u8> {
        const LENGTH: usize = 700_000;
        let (mut seed, mut text) = (9_u32, Vec::new());
        while text.len() < LENGTH {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let word = seed >> 16;
            if (300_000..380_000).contains(&text.len()) {
                text.extend(&seed.to_le_bytes()[2..]);
                continue;
            }
            text.extend(format!("{} ", word % 3000).bytes());
            if word.is_multiple_of(7) {
                text.extend(format!("phrase {} of some length ", word % 50).repeat(2).bytes());
            }
        }
        text.truncate(LENGTH);
        text
    }

    /// Lengths at which streams may differ: ends of windows and buffers.
    const LENGTHS: [usize; 11] = [0, 1, 2, 3, 10, 300, 65_500, 131_072, 131_073, 200_000, 700_000];

    /// CRC-32 of what zlib 1.2.13 wrote as Debian packs it, by level, of the beginnings of the text, one after another.
    #[rustfmt::skip]
    const SUMS: [(Memory, [u32; 9]); 2] = [
        (Memory::Usual, [0xDFBA_3A19, 0xE428_A5F4, 0x1463_FA00, 0xBD4C_5AD5, 0x1C1E_0A8C, 0x9330_A87E, 0xE452_573B, 0xF856_C5C2, 0xF856_C5C2]),
        (Memory::Most, [0x285B_0132, 0xDA1C_D81E, 0x63C7_D77F, 0x3A5C_607E, 0x8226_1C47, 0xF0F8_3A76, 0xFDF3_2B90, 0x4ABD_AE62, 0x3B04_DE98]),
    ];

    fn crc(bytes: &[u8]) -> u32 {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        crc.sum()
    }

    #[test]
    fn streams_are_those_of_zlib() {
        let text = text();
        assert_eq!(crc(&text), 0xcbf8de3c, "the text is another one");
        for (memory, sums) in SUMS {
            for (level, sum) in (1..).zip(sums) {
                let deflater = Deflater { memory, level };
                let streams: Vec<u8> = LENGTHS.iter().flat_map(|&length| deflater.pack(&text[..length]).unwrap()).collect();
                assert_eq!(crc(&streams), sum, "{deflater:?}");
            }
        }
    }

    #[test]
    fn pieces_of_the_text_do_not_show() {
        let text = text();
        for deflater in [Deflater { memory: Memory::Usual, level: 2 }, Deflater { memory: Memory::Most, level: 9 }] {
            for piece in [777, 131_072, 500_000] {
                let mut encoder = deflater.encoder(Vec::new()).unwrap();
                text.chunks(piece).for_each(|piece| encoder.write_all(piece).unwrap());
                assert!(encoder.finish().unwrap() == deflater.pack(&text).unwrap(), "{deflater:?} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn other_levels_are_refused() {
        assert!([0, 10, u32::MAX].iter().all(|&level| Deflater { memory: Memory::Usual, level }.pack(b"text").is_none()));
    }
}
