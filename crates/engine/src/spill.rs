//! Lists of numbers that are held in memory while there is room, and stand in a temporary file beyond.
//!
//! In: lists, from many threads. Out: the same lists, or parts of them. What is read does not depend on where it was kept.

use crate::error::{Error, Result};
use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

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
pub trait Word: Copy + Default {
    /// Bytes of one.
    const BYTES: usize;
    /// Writes it to the start of `bytes`.
    fn put(self, bytes: &mut [u8]);
    /// Reads it from the start of `bytes`.
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

/// Two bytes, such as an extent of a text.
impl Word for [u8; 2] {
    const BYTES: usize = 2;

    fn put(self, bytes: &mut [u8]) {
        bytes.copy_from_slice(&self);
    }

    fn take(bytes: &[u8]) -> Self {
        [bytes[0], bytes[1]]
    }
}

/// A list.
#[derive(Debug)]
pub enum Block<T> {
    /// In memory.
    Held(Vec<T>),
    /// First byte in the file, and numbers in the list.
    Spilled {
        /// Byte of the file at which it begins.
        start: u64,
        /// Number of words.
        length: usize,
    },
}

impl<T> Default for Block<T> {
    fn default() -> Self {
        Self::Held(Vec::new())
    }
}

impl<T> Block<T> {
    /// Number of words.
    pub fn len(&self) -> usize {
        match self {
            Self::Held(list) => list.len(),
            Self::Spilled { length, .. } => *length,
        }
    }

    /// True if there is no word.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Keeps lists. Threads write and read the temporary file by position, and do not wait for each other.
#[derive(Debug)]
pub struct Spill {
    /// Bytes that may still be held.
    room: AtomicUsize,
    most_tokens: usize,
    /// None without a limit.
    temp_dir: Option<PathBuf>,
    file: OnceLock<File>,
    /// Bytes of the file that are written or being written.
    length: AtomicU64,
}

impl Default for Spill {
    fn default() -> Self {
        Self::new(None)
    }
}

impl Spill {
    /// With a temporary file, made when it is first needed, if memory is limited.
    pub fn new(limit: Option<&MemoryLimit>) -> Self {
        let share = |of: u64| limit.map_or(usize::MAX, |limit| usize::try_from(limit.bytes / of).unwrap_or(usize::MAX));
        Self {
            room: AtomicUsize::new(share(SHARE_OF_LISTS)),
            most_tokens: share(SHARE_OF_TOKENS) / BYTES_A_TOKEN,
            temp_dir: limit.map(|limit| limit.temp_dir.clone()),
            file: OnceLock::new(),
            length: AtomicU64::new(0),
        }
    }

    /// True if there is a folder for the temporary file: if memory is limited.
    pub fn can_write(&self) -> bool {
        self.temp_dir.is_some()
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
    pub fn keep<T: Word>(&self, list: Vec<T>) -> Result<Block<T>> {
        if self.has_room(list.len() * T::BYTES) {
            return Ok(Block::Held(list));
        }
        self.write(&list)
    }

    /// Writes a list to the temporary file.
    ///
    /// # Errors
    /// The temporary file cannot be made or written.
    pub(crate) fn write<T: Word>(&self, list: &[T]) -> Result<Block<T>> {
        if list.is_empty() {
            return Ok(Block::default());
        }
        let mut bytes = vec![0; list.len() * T::BYTES];
        bytes.chunks_exact_mut(T::BYTES).zip(list).for_each(|(bytes, word)| word.put(bytes));
        let start = self.length.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.file().and_then(|file| write_all_at(file, &bytes, start)).map_err(|cause| self.error(cause))?;
        Ok(Block::Spilled { start, length: list.len() })
    }

    /// Part of a list; of one in the temporary file through `buffer`.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub fn read<'b, T: Word>(&self, block: &'b Block<T>, range: Range<usize>, buffer: &'b mut Vec<T>) -> Result<&'b [T]> {
        match self.get(block, range)? {
            Cow::Borrowed(list) => Ok(list),
            Cow::Owned(list) => {
                *buffer = list;
                Ok(buffer)
            }
        }
    }

    /// Part of a list.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub fn get<'b, T: Word>(&self, block: &'b Block<T>, range: Range<usize>) -> Result<Cow<'b, [T]>> {
        let start = match block {
            Block::Held(list) => return Ok(Cow::Borrowed(&list[range])),
            Block::Spilled { start, .. } => start + (range.start * T::BYTES) as u64,
        };
        let mut bytes = vec![0; range.len() * T::BYTES];
        self.file().and_then(|file| read_exact_at(file, &mut bytes, start)).map_err(|cause| self.error(cause))?;
        Ok(Cow::Owned(bytes.chunks_exact(T::BYTES).map(T::take).collect()))
    }

    /// The temporary file, which the first call creates.
    fn file(&self) -> io::Result<&File> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        // Of two that are created at once one is dropped, and with that deleted.
        let created = tempfile::tempfile_in(self.folder())?;
        Ok(self.file.get_or_init(|| created))
    }

    fn folder(&self) -> PathBuf {
        self.temp_dir.clone().unwrap_or_default()
    }

    fn error(&self, cause: io::Error) -> Error {
        Error::Spill { folder: self.folder(), cause }
    }
}

#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], start: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, start)
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], start: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, start)
}

#[cfg(windows)]
fn write_all_at(file: &File, mut bytes: &[u8], mut start: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_write(file, bytes, start)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => (bytes, start) = (&bytes[written..], start + written as u64),
        }
    }
    Ok(())
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut bytes: &mut [u8], mut start: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, start)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => (bytes, start) = (&mut bytes[read..], start + read as u64),
        }
    }
    Ok(())
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

    /// Threads that write and read at the same time get their own lists.
    #[test]
    fn threads_read_what_they_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let spill = Spill::new(Some(&MemoryLimit { bytes: 0, temp_dir: folder.path().into() }));
        std::thread::scope(|scope| {
            for thread in 0..4_u64 {
                let spill = &spill;
                scope.spawn(move || {
                    for count in 1..200 {
                        let list: Vec<u64> = (0..count).map(|number| (thread << 32) | (count * number)).collect();
                        let block = spill.write(&list).unwrap();
                        assert_eq!(&*spill.get(&block, 0..list.len()).unwrap(), &list[..]);
                    }
                });
            }
        });
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let spill = Spill::new(Some(&MemoryLimit { bytes: 0, temp_dir: "no/such/folder".into() }));
        let error = spill.keep(vec![1_u32]).unwrap_err().to_string();
        assert!(error.contains("no/such/folder") && error.contains("`temp-dir`"), "{error}");
    }
}
