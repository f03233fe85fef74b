//! Deflate streams byte for byte as zlib, GNU gzip and pigz write them.
//!
//! In: what a stream holds. Out: the stream of a [`Deflater`], or which of them wrote a given one. The bytes of a deflate stream depend on the program that
//! wrote it, and the library that the rest of refrain packs with (zlib-rs) writes other ones. The three differ in few things only: how many symbols a block
//! has, how positions are hashed, where a block ends early, and into which parts a file is divided.
//! What it does not do: strategies other than the default one, levels 0 and beyond 9, and other packers (zlib-ng, libdeflate, zopfli, those of Go).
//!
//! This is a translation of parts of zlib 1.3 (deflate.c, trees.c) to Rust, altered in form and reduced to what is required here. Its notice:
//! Copyright (C) 1995-2024 Jean-loup Gailly and Mark Adler. This software is provided 'as-is', without any express or implied warranty. In no event will the
//! authors be held liable for any damages arising from the use of this software. Permission is granted to anyone to use this software for any purpose,
//! including commercial applications, and to alter it and redistribute it freely, subject to the following restrictions: 1. The origin of this software must
//! not be misrepresented; you must not claim that you wrote the original software. If you use this software in a product, an acknowledgment in the product
//! documentation would be appreciated but is not required. 2. Altered source versions must be plainly marked as such, and must not be misrepresented as being
//! the original software. 3. This notice may not be removed or altered from any source distribution.

mod block;
mod encoder;
mod huffman;
mod tables;
#[cfg(test)]
mod tests;

pub(crate) use encoder::Encoder;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// A program, at a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Deflater {
    by: Program,
    /// From 1 to 9.
    level: u32,
}

/// A program that writes deflate streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Program {
    /// zlib as nearly everything calls it: Python, Java, web servers.
    Zlib,
    /// zlib with the most memory (`memLevel` 9).
    ZlibMost,
    /// GNU gzip, which has a deflate of its own.
    Gzip,
    /// pigz, which packs parts of 128 KiB on several threads.
    Pigz,
}

/// Programs and levels, most likely first.
const PROGRAMS: [Program; 4] = [Program::Gzip, Program::Zlib, Program::Pigz, Program::ZlibMost];
const LEVELS: [u32; 9] = [6, 9, 1, 2, 3, 4, 5, 7, 8];

impl Deflater {
    /// Packs into `to`.
    ///
    /// # Errors
    /// A level that is not from 1 to 9.
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
        LEVELS.into_iter().flat_map(|level| PROGRAMS.map(|by| Self { by, level }))
    }
}
