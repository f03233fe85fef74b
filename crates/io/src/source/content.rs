//! The bytes of a file: mapped, in memory, or unpacked into a temporary file that is mapped.
#![expect(unsafe_code, reason = "files are mapped into memory")]

use crate::files::KnownMap;
use memmap2::Mmap;
use refrain_engine::document::Locator;
use refrain_engine::error::{Error, Result};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::ops::Deref;
use std::path::Path;
#[cfg(feature = "parquet")]
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes to read from.
#[derive(Debug)]
pub(super) enum Content {
    /// A file in the page cache.
    Mapped(Map),
    /// Bytes of our own.
    Memory(Vec<u8>),
}

impl Deref for Content {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => &map.bytes,
            Self::Memory(bytes) => bytes,
        }
    }
}

impl AsRef<[u8]> for Content {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

/// A mapped file that [`crate::files::bus_error`] knows.
#[derive(Debug)]
pub(super) struct Map {
    /// Before the bytes, so that it is dropped before them.
    _known: KnownMap,
    bytes: Mmap,
    is_temporary: bool,
}

impl Content {
    /// Maps the file at `path`, which is open.
    pub(super) fn map(file: &File, path: &Path) -> io::Result<Self> {
        let bytes = map(file)?;
        Ok(Self::Mapped(Map { _known: KnownMap::of_file(&bytes, path), bytes, is_temporary: false }))
    }

    /// Maps a temporary file.
    pub(super) fn map_temporary(file: &File) -> io::Result<Self> {
        let bytes = map(file)?;
        Ok(Self::Mapped(Map { _known: KnownMap::of_temporary(&bytes), bytes, is_temporary: true }))
    }

    /// Length of the input file when it was mapped; None for bytes in memory and in a temporary file.
    pub(super) fn mapped_bytes(&self) -> Option<usize> {
        match self {
            Self::Mapped(map) if !map.is_temporary => Some(map.bytes.len()),
            _ => None,
        }
    }
}

fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the map is read only. Other programs may still truncate or rewrite the file. Bytes are checked for UTF-8 each time they are
    // read. Reading beyond the end of a truncated file raises a bus error, and the program handles it.
    unsafe { Mmap::map(file) }
}

/// Checks that the file at `path` still has the length it had when it was mapped, if it was: the last page of a truncated file reads as zeros.
///
/// # Errors
/// [`Error::Truncated`].
pub(super) fn not_truncated(path: &Path, mapped_bytes: Option<usize>) -> Result<()> {
    let is_shorter = |bytes: usize| path.metadata().is_ok_and(|metadata| metadata.len() < bytes as u64);
    if mapped_bytes.is_some_and(is_shorter) { Err(Error::Truncated { path: path.into() }) } else { Ok(()) }
}

/// One record of a file on disk.
pub(super) fn read_part(path: &Path, locator: Locator) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(io::SeekFrom::Start(locator.start))?;
    let mut bytes = vec![0; locator.length as usize];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Fills `into`, or as much of it as there is; returns how much.
pub(super) fn read_up_to(from: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < into.len() {
        match from.read(&mut into[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Keeps unpacked and decoded bytes: in memory while there is room, beyond that in an unnamed temporary file, which disappears when the
/// process ends.
#[derive(Debug, Default)]
pub(super) struct Spool {
    in_memory_bytes: AtomicUsize,
}

/// Unpacked bytes kept in memory, of all files together.
const MOST_IN_MEMORY_BYTES: usize = 64 << 20;
/// Bytes copied to a temporary file in one go.
const COPY_BYTES: usize = 1 << 20;

impl Spool {
    /// Reads `from` to its end. An error of `from` goes through `unreadable`.
    ///
    /// # Errors
    /// What `unreadable` returns; [`Error::Spill`] if the temporary file cannot be written.
    pub(super) fn keep(&self, mut from: impl Read, unreadable: impl Fn(io::Error) -> Error) -> Result<Content> {
        let room = MOST_IN_MEMORY_BYTES.saturating_sub(self.in_memory_bytes.load(Ordering::Relaxed));
        let mut start = Vec::new();
        from.by_ref().take(room as u64 + 1).read_to_end(&mut start).map_err(&unreadable)?;
        if start.len() <= room {
            self.in_memory_bytes.fetch_add(start.len(), Ordering::Relaxed);
            start.shrink_to_fit();
            return Ok(Content::Memory(start));
        }
        let mut file = tempfile::tempfile().map_err(unwritable)?;
        file.write_all(&start).map_err(unwritable)?;
        drop(start);
        let mut buffer = vec![0; COPY_BYTES];
        loop {
            let length = read_up_to(&mut from, &mut buffer).map_err(&unreadable)?;
            if length == 0 {
                break;
            }
            file.write_all(&buffer[..length]).map_err(unwritable)?;
        }
        file.rewind().and_then(|()| Content::map_temporary(&file)).map_err(unwritable)
    }
}

/// The error for a temporary file that cannot be written.
pub(super) fn unwritable(cause: io::Error) -> Error {
    Error::Spill { folder: tempfile::env::temp_dir(), cause }
}

#[cfg(feature = "parquet")]
impl Spool {
    /// Keeps what is appended from several threads, which will be about `expected_bytes`.
    pub(super) fn gather(&self, expected_bytes: u64) -> Gathering<'_> {
        let room = MOST_IN_MEMORY_BYTES.saturating_sub(self.in_memory_bytes.load(Ordering::Relaxed));
        let room = if expected_bytes > room as u64 { 0 } else { room };
        Gathering { spool: self, room, parts: Mutex::default() }
    }
}

/// Bytes that come in parts.
#[cfg(feature = "parquet")]
#[derive(Debug)]
pub(super) struct Gathering<'s> {
    spool: &'s Spool,
    /// Bytes that may be held in memory.
    room: usize,
    parts: Mutex<Gathered>,
}

#[cfg(feature = "parquet")]
#[derive(Debug, Default)]
struct Gathered {
    memory: Vec<u8>,
    /// Holds all of it, once there is too much for memory.
    file: Option<File>,
    length: u64,
}

#[cfg(feature = "parquet")]
impl Gathering<'_> {
    /// Appends `part`; returns where it stands.
    pub(super) fn append(&self, part: &[u8]) -> io::Result<u64> {
        let mut gathered = self.parts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let start = gathered.length;
        if gathered.file.is_none() && gathered.memory.len() + part.len() > self.room {
            let mut file = tempfile::tempfile()?;
            file.write_all(&std::mem::take(&mut gathered.memory))?;
            gathered.file = Some(file);
        }
        match &mut gathered.file {
            Some(file) => file.write_all(part)?,
            None => gathered.memory.extend_from_slice(part),
        }
        gathered.length += part.len() as u64;
        Ok(start)
    }

    /// All of it.
    pub(super) fn finish(self) -> io::Result<Content> {
        let gathered = self.parts.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        match gathered.file {
            Some(file) => Content::map_temporary(&file),
            None => {
                self.spool.in_memory_bytes.fetch_add(gathered.memory.len(), Ordering::Relaxed);
                Ok(Content::Memory(gathered.memory))
            }
        }
    }
}

#[cfg(all(test, feature = "parquet"))]
mod tests {
    use super::*;

    #[test]
    fn parts_are_kept_in_memory_or_in_a_file() {
        for room in [0, 5, 100] {
            let spool = Spool::default();
            let gathering = Gathering { spool: &spool, room, parts: Mutex::default() };
            let starts = ["one", "", "three", "four"].map(|part| gathering.append(part.as_bytes()).unwrap());
            assert_eq!(starts, [0, 3, 3, 8]);
            let content = gathering.finish().unwrap();
            assert_eq!((&content[..], matches!(content, Content::Memory(_))), (&b"onethreefour"[..], room == 100));
        }
        let spool = Spool::default();
        assert!(spool.gather(MOST_IN_MEMORY_BYTES as u64 + 1).room == 0 && spool.gather(9).room == MOST_IN_MEMORY_BYTES);
    }
}
