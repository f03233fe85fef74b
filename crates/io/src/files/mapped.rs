//! Mapped files by their addresses, so that a bus error can be explained.
//!
//! In: the maps of the process, while they exist. Out: for the address of a bus error, the file that could not be read and why.

use super::Stamp;
use refrain_engine::error::Error;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The smallest page of any system. A map ends at the end of a page.
const PAGE_BYTES: usize = 4096;

/// The maps by their first address.
static MAPS: Mutex<BTreeMap<usize, Map>> = Mutex::new(BTreeMap::new());

fn all() -> MutexGuard<'static, BTreeMap<usize, Map>> {
    MAPS.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Map {
    bytes: usize,
    /// Path and stamp of the file when it was mapped; None for a temporary file.
    file: Option<(PathBuf, Option<Stamp>)>,
}

/// A map that [`bus_error`] knows as long as this lives. It must be dropped before the map is.
#[derive(Debug)]
pub(crate) struct KnownMap(usize);

impl KnownMap {
    /// `map` holds the file at `path`, which other programs may write to.
    pub(crate) fn of_file(map: &[u8], path: &Path) -> Self {
        Self::new(map, Some((path.into(), Stamp::of(path))))
    }

    /// `map` holds a temporary file, which no other program knows.
    pub(crate) fn of_temporary(map: &[u8]) -> Self {
        Self::new(map, None)
    }

    fn new(map: &[u8], file: Option<(PathBuf, Option<Stamp>)>) -> Self {
        let start = map.as_ptr().addr();
        all().insert(start, Map { bytes: map.len(), file });
        Self(start)
    }
}

impl Drop for KnownMap {
    fn drop(&mut self) {
        all().remove(&self.0);
    }
}

/// The error behind a bus error (`SIGBUS`) at `address`. None if no mapped file is the cause, and the process should crash.
///
/// For programs that handle the signal. It takes locks and allocates: call it on a thread of its own, never in a signal handler.
#[must_use]
pub fn bus_error(address: usize) -> Option<Error> {
    known(address).or_else(|| listed(address))
}

fn known(address: usize) -> Option<Error> {
    let maps = all();
    let (start, map) = maps.range(..=address).next_back()?;
    (address - start < map.bytes.next_multiple_of(PAGE_BYTES)).then(|| map.error())
}

/// The same for maps of others, such as the database library: Linux lists all maps of a process.
#[cfg(target_os = "linux")]
fn listed(address: usize) -> Option<Error> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let (path, offset) = maps.lines().find_map(|line| place_in_map(line, address))?;
    let is_beyond = path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() <= offset);
    is_beyond.then_some(Error::Truncated { path })
}

#[cfg(not(target_os = "linux"))]
fn listed(_: usize) -> Option<Error> {
    None
}

/// The file, and the offset in it, to which `address` leads in a map that a line of `/proc/self/maps` describes.
#[cfg(target_os = "linux")]
fn place_in_map(line: &str, address: usize) -> Option<(PathBuf, u64)> {
    let (columns, path) = line.split_at_checked(line.find('/')?)?;
    let mut columns = columns.split_ascii_whitespace();
    let (start, end) = columns.next()?.split_once('-')?;
    let [start, end] = [start, end].map(|address| usize::from_str_radix(address, 16).ok());
    let (start, end) = (start?, end?);
    let offset = u64::from_str_radix(columns.nth(1)?, 16).ok()?;
    (start..end).contains(&address).then(|| (path.into(), offset + (address - start) as u64))
}

impl Map {
    fn error(&self) -> Error {
        let Some((path, before)) = &self.file else {
            let cause = io::Error::other("a part of one cannot be read (bus error): the disk is full or failing");
            return Error::Spill { folder: tempfile::env::temp_dir(), cause };
        };
        let path = path.clone();
        let now = Stamp::of(&path);
        match &now {
            Some(stamp) if stamp.bytes() < self.bytes as u64 => Error::Truncated { path },
            _ if now != *before => Error::Changed { path },
            _ => {
                let cause = "a part of the file cannot be read (bus error); check the disk or network on which it lies, then run again";
                Error::Io { path, cause: io::Error::other(cause) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a bus error `offset` bytes behind the start of `bytes`.
    fn said(bytes: &[u8], offset: usize) -> Option<String> {
        known(bytes.as_ptr().addr() + offset).map(|error| error.to_string())
    }

    #[test]
    fn a_bus_error_is_explained_by_what_became_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("in.jsonl");
        let resize = |bytes: u64| std::fs::File::options().write(true).open(&path).unwrap().set_len(bytes).unwrap();
        // Nothing is mapped: the registry knows addresses alone.
        let bytes = vec![b'a'; 3 * PAGE_BYTES];
        std::fs::write(&path, &bytes).unwrap();
        let known = KnownMap::of_file(&bytes, &path);
        for offset in [0, PAGE_BYTES, 3 * PAGE_BYTES - 1] {
            assert!(said(&bytes, offset).unwrap().ends_with(
                "in.jsonl: a part of the file cannot be read (bus error); check the disk or network on which it lies, then run again"
            ));
        }
        assert_eq!(said(&bytes, 3 * PAGE_BYTES), None, "behind the map");
        resize(5);
        assert!(
            said(&bytes, 9)
                .unwrap()
                .ends_with("in.jsonl: another program truncated the file while it was read; run again when no other program writes to it")
        );
        resize(1 << 20);
        assert!(said(&bytes, 9).unwrap().contains("in.jsonl: the file changed while it was read"));
        drop(known);
        assert_eq!(said(&bytes, 9), None, "no longer mapped");
    }

    #[test]
    fn a_map_ends_with_its_last_page_and_a_temporary_file_is_no_file_of_the_user() {
        let bytes = vec![0; 2 * PAGE_BYTES];
        let _known = KnownMap::of_temporary(&bytes[..PAGE_BYTES + 1]);
        let said = [0, 2 * PAGE_BYTES - 1, 2 * PAGE_BYTES]
            .map(|offset| said(&bytes, offset).is_some_and(|said| said.contains("cannot write temporary files")));
        assert_eq!(said, [true, true, false]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn lines_about_maps_lead_from_an_address_to_an_offset_in_a_file() {
        let line = "7f0000010000-7f0000030000 r--s 00002000 fe:00 1234                       /data/an index.db";
        let place = |address| place_in_map(line, address);
        assert_eq!(place(0x7f00_0001_0123), Some((PathBuf::from("/data/an index.db"), 0x2123)));
        assert_eq!((place(0x7f00_0000_ffff), place(0x7f00_0003_0000)), (None, None));
        for line in ["7f0000010000-7f0000030000 rw-p 00000000 00:00 0 ", "", "7f-/", "x-y r--s 0 0 0 /z"] {
            assert_eq!(place_in_map(line, 0x7f00_0001_0123), None, "{line}");
        }
    }
}
