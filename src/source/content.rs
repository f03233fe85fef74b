//! The bytes of a file: mapped, in memory, or unpacked into a temporary file that is mapped.
#![expect(unsafe_code, reason = "files are mapped into memory")]

use memmap2::Mmap;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes to read from.
#[derive(Debug)]
pub(super) enum Content {
    /// A file in the page cache.
    Mapped(Mmap),
    /// Bytes of our own.
    Memory(Vec<u8>),
}

impl Deref for Content {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Memory(bytes) => bytes,
        }
    }
}

impl Content {
    /// Maps a file.
    pub(super) fn map(file: &File) -> io::Result<Self> {
        // SAFETY: the map is read only. That nobody cuts or rewrites the file meanwhile cannot be made sure from here; the README
        // says so. Bytes are checked for UTF-8 each time they are read, and a file cut short ends the process with a bus error.
        unsafe { Mmap::map(file) }.map(Self::Mapped)
    }
}

/// Keeps what was unpacked: in memory while there is room, else in a temporary file, which is gone when the process ends.
#[derive(Debug, Default)]
pub(super) struct Spool {
    in_memory_bytes: AtomicUsize,
}

/// Unpacked bytes held in memory, of all files together.
const MOST_IN_MEMORY_BYTES: usize = 64 << 20;

impl Spool {
    /// Reads `from` to its end.
    pub(super) fn keep(&self, mut from: impl Read) -> io::Result<Content> {
        let room = MOST_IN_MEMORY_BYTES.saturating_sub(self.in_memory_bytes.load(Ordering::Relaxed));
        let mut start = Vec::new();
        from.by_ref().take(room as u64 + 1).read_to_end(&mut start)?;
        if start.len() <= room {
            self.in_memory_bytes.fetch_add(start.len(), Ordering::Relaxed);
            start.shrink_to_fit();
            return Ok(Content::Memory(start));
        }
        let mut file = tempfile::tempfile()?;
        file.write_all(&start)?;
        drop(start);
        io::copy(&mut io::BufReader::with_capacity(1 << 20, from), &mut file)?;
        file.rewind()?;
        Content::map(&file)
    }
}
