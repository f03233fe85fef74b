//! The bytes of single files, for those who compare or restore them.

use super::content::Content;
use super::{FileCorpus, Limits, SourceOptions};
use refrain_engine::error::{Error, Result};
use std::io;
use std::ops::Deref;
use std::path::Path;
use tempfile::{SpooledData, SpooledTempFile};

/// The bytes of a file, mostly unpacked.
#[derive(Default)]
pub struct Unpacked(Option<Content>);

impl Deref for Unpacked {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl Unpacked {
    /// The content of a temporary file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn of_temporary(file: SpooledTempFile) -> io::Result<Self> {
        Ok(Self(Some(match file.into_inner() {
            SpooledData::InMemory(bytes) => Content::Memory(bytes.into_inner()),
            SpooledData::OnDisk(file) => Content::map_temporary(&file)?,
        })))
    }
}

#[cfg(feature = "parquet")]
impl Unpacked {
    /// To be shared by readers of columns.
    pub fn into_bytes(self) -> bytes::Bytes {
        self.0.map_or_else(bytes::Bytes::new, bytes::Bytes::from_owner)
    }
}

#[cfg(feature = "parquet")]
impl FileCorpus {
    /// The unpacked bytes of a file once more.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn whole(&self, path: &Path) -> Result<Unpacked> {
        Ok(Unpacked(Some(self.bytes_of(path)?.0)))
    }
}

/// The bytes of the file at `path`, unpacked; None if it unpacks to more than `most_bytes`.
///
/// # Errors
/// It cannot be read, or is damaged.
pub fn read_unpacked(path: &Path, most_bytes: u64) -> Result<Option<Unpacked>> {
    let limits = Limits { unpacked_bytes: most_bytes, unpacked_ratio: u64::MAX, ..Limits::default() };
    let reader = FileCorpus::open(&[], &SourceOptions { limits, ..SourceOptions::default() })?;
    match reader.bytes_of(path) {
        Ok((content, _)) => Ok(Some(Unpacked(Some(content)))),
        Err(Error::Unpacked { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
