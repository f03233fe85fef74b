//! Lists of numbers that are held in memory while there is room, and stand in a temporary file beyond.
//!
//! In: lists, from many threads. Out: the same lists, or parts of them. What is read does not depend on where it was kept.

use crate::error::{Error, Result};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// How much memory a run may take, and where it puts what does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryLimit {
    /// Bytes of the whole run, pages of mapped input aside; the table of documents (about 150 bytes each) is never put away.
    pub bytes: u64,
    /// Folder for temporary files; they have no name there, and are gone when the process ends.
    pub temp_dir: PathBuf,
}

/// Share of the limit that lists take before they are put away; the rest is for tables and scratch space.
const SHARE_OF_LISTS: u64 = 8;
/// The same for the tokens of documents that are compared.
const SHARE_OF_TOKENS: u64 = 8;
/// Bytes of a token that is held from the first pass on: its hash, and its lengths and its spelling in [`crate::text::Extents`]. What those take besides
/// counts as tokens.
pub(crate) const BYTES_A_TOKEN: usize = size_of::<u64>() + 2 + size_of::<u32>();

/// A number that can be put away.
pub(crate) trait Word: Copy + Default {
    const BYTES: usize;
    fn put(self, bytes: &mut [u8]);
    fn take(bytes: &[u8]) -> Self;
}

macro_rules! words {
    ($($number:ty),+) => {
        $(impl Word for $number {
            const BYTES: usize = size_of::<$number>();

            fn put(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.to_le_bytes());
            }

            fn take(bytes: &[u8]) -> Self {
                let mut number = [0; size_of::<$number>()];
                number.copy_from_slice(bytes);
                Self::from_le_bytes(number)
            }
        })+
    };
}

words!(u8, u32, u64);

/// A list.
#[derive(Debug)]
pub(crate) enum Block<T> {
    Held(Vec<T>),
    /// First byte in the file, and numbers in the list.
    Spilled {
        start: u64,
        length: usize,
    },
}

impl<T> Default for Block<T> {
    fn default() -> Self {
        Self::Held(Vec::new())
    }
}

impl<T> Block<T> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Held(list) => list.len(),
            Self::Spilled { length, .. } => *length,
        }
    }
}

/// Keeps lists.
#[derive(Debug)]
pub(crate) struct Spill {
    /// Bytes that may still be held.
    room: AtomicUsize,
    most_tokens: usize,
    temp_dir: PathBuf,
    file: Mutex<Option<File>>,
}

impl Default for Spill {
    fn default() -> Self {
        Self::new(None)
    }
}

impl Spill {
    pub(crate) fn new(limit: Option<&MemoryLimit>) -> Self {
        let share = |of: u64| limit.map_or(usize::MAX, |limit| usize::try_from(limit.bytes / of).unwrap_or(usize::MAX));
        let temp_dir = limit.map(|limit| limit.temp_dir.clone()).unwrap_or_default();
        Self {
            room: AtomicUsize::new(share(SHARE_OF_LISTS)),
            most_tokens: share(SHARE_OF_TOKENS) / BYTES_A_TOKEN,
            temp_dir,
            file: Mutex::default(),
        }
    }

    /// Tokens of documents that may be held at a time, besides the lists.
    pub(crate) fn most_tokens(&self) -> usize {
        self.most_tokens
    }

    /// True if `bytes` more may be held; they count as held from then on.
    fn has_room(&self, bytes: usize) -> bool {
        self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |room| room.checked_sub(bytes)).is_ok()
    }

    /// Keeps a list.
    ///
    /// # Errors
    /// The temporary file cannot be made or written.
    pub(crate) fn keep<T: Word>(&self, list: Vec<T>) -> Result<Block<T>> {
        if self.has_room(list.len() * T::BYTES) {
            return Ok(Block::Held(list));
        }
        let mut bytes = vec![0; list.len() * T::BYTES];
        bytes.chunks_exact_mut(T::BYTES).zip(&list).for_each(|(bytes, word)| word.put(bytes));
        let start = self.with_file(|file| {
            let start = file.seek(SeekFrom::End(0))?;
            file.write_all(&bytes)?;
            Ok(start)
        })?;
        Ok(Block::Spilled { start, length: list.len() })
    }

    /// Numbers of a list; of one that was put away through `buffer`.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub(crate) fn read<'b, T: Word>(&self, block: &'b Block<T>, range: Range<usize>, buffer: &'b mut Vec<T>) -> Result<&'b [T]> {
        let start = match block {
            Block::Held(list) => return Ok(&list[range]),
            Block::Spilled { start, .. } => *start,
        };
        let mut bytes = vec![0; range.len() * T::BYTES];
        self.with_file(|file| {
            file.seek(SeekFrom::Start(start + (range.start * T::BYTES) as u64))?;
            file.read_exact(&mut bytes)
        })?;
        buffer.clear();
        buffer.extend(bytes.chunks_exact(T::BYTES).map(T::take));
        Ok(buffer)
    }

    fn with_file<R>(&self, action: impl FnOnce(&mut File) -> io::Result<R>) -> Result<R> {
        // A thread that panicked here left a file of whole lists: where each stands is known from its start.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let act = || match &mut *file {
            Some(file) => action(file),
            none => action(none.insert(tempfile::tempfile_in(&self.temp_dir)?)),
        };
        act().map_err(|cause| Error::Spill { folder: self.temp_dir.clone(), cause })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Lists are the same whether they fit or not.
        #[test]
        fn what_is_kept_is_read(lists in prop::collection::vec(prop::collection::vec(any::<u64>(), 0..50), 0..20), bytes in 0..4000_u64) {
            let folder = tempfile::tempdir().unwrap();
            let spill = Spill::new(Some(&MemoryLimit { bytes, temp_dir: folder.path().into() }));
            let blocks: Vec<_> = lists.iter().map(|list| spill.keep(list.clone()).unwrap()).collect();
            let held: usize = blocks.iter().filter(|block| matches!(block, Block::Held(_))).map(Block::len).sum();
            prop_assert!(held as u64 * 8 <= bytes / SHARE_OF_LISTS);
            let mut buffer = Vec::new();
            for (list, block) in lists.iter().zip(&blocks) {
                prop_assert_eq!(spill.read(block, 0..list.len(), &mut buffer).unwrap(), &list[..]);
                let half = list.len() / 2..list.len();
                prop_assert_eq!(spill.read(block, half.clone(), &mut buffer).unwrap(), &list[half]);
            }
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let spill = Spill::new(Some(&MemoryLimit { bytes: 0, temp_dir: "no/such/folder".into() }));
        let error = spill.keep(vec![1_u32]).unwrap_err().to_string();
        assert!(error.contains("no/such/folder") && error.contains("`temp-dir`"), "{error}");
    }
}
