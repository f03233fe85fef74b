//! What can go wrong with an index, and what to do about it.

use std::path::PathBuf;

/// Objects that are named in one message.
const LISTED: usize = 3;

fn listed(objects: &[String], unnamed: usize) -> String {
    let more = objects.len().saturating_sub(LISTED) + unnamed;
    let first = objects[..objects.len().min(LISTED)].join(", ");
    if more == 0 { first } else { format!("{first} and {more} more foreign objects") }
}

/// An index that cannot be used as asked. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// No file of that name.
    #[error("{}: no such index; `refrain index add` creates one", path.display())]
    NotFound {
        /// As given.
        path: PathBuf,
    },
    /// A file that is something else.
    #[error("{}: not an index of refrain: {reason}; name another file, or move this one away and create an index", path.display())]
    NotAnIndex {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        reason: String,
    },
    /// An index of another format.
    #[error(
        "{}: the index has format {found}, and this version reads formats 2 to {known}; use the version that wrote it, or build the index again \
         from the articles",
        path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// The number in it.
        found: i64,
        /// The number that is read here.
        known: i64,
    },
    /// An index without texts of a format that does not record how words are spelled.
    #[error(
        "{}: the index has format {found} and contains no texts, and this version needs to know how their words are spelled; use the version \
         that wrote it, or build the index again from the articles",
        path.display()
    )]
    NoSpellings {
        /// The file.
        path: PathBuf,
        /// The number in it.
        found: i64,
    },
    /// An index of a version of the text model whose tokens have other hashes.
    #[error(
        "{}: the index was built by a version of refrain that splits texts into other words, so that nothing in it can be compared; \
         build it again from the articles",
        path.display()
    )]
    Hashes {
        /// The file.
        path: PathBuf,
    },
    /// An index whose parameters are not those that are asked for: nothing in it can be compared.
    #[error(
        "{}: the index was built with {name} {made_with}, and this run uses {asked}; use {name} {made_with} here too, or build another index",
        path.display()
    )]
    Parameter {
        /// The file.
        path: PathBuf,
        /// Name of the setting.
        name: &'static str,
        /// What stands in the file.
        made_with: String,
        /// What the caller wants.
        asked: String,
    },
    /// Bytes that were not written so.
    #[error("{}: the index is damaged: {what}; restore a backup, or build the index again from the articles", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not hold.
        what: String,
    },
    /// A database with parts that no index has, which may run when it is used.
    #[error(
        "{}: the index contains {}, which refrain never creates; restore a backup, or build the index again from the articles",
        path.display(),
        listed(objects, *unnamed)
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Kind and name of each object, at most a thousand.
        objects: Vec<String>,
        /// Objects beyond these.
        unnamed: usize,
    },
    /// More than an index keeps in one row.
    #[error("{}: {what} has {bytes} bytes, and an index holds at most {most}; split the article, or leave it out", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What is too large.
        what: String,
        /// Its size.
        bytes: u64,
        /// The limit.
        most: u64,
    },
    /// Another process keeps the index locked for longer than one waits.
    #[error(
        "{}: another process has kept the index locked for over {seconds} seconds; wait until it has finished, or stop it, and run again",
        path.display()
    )]
    Busy {
        /// The file.
        path: PathBuf,
        /// How long was waited.
        seconds: u64,
    },
    /// No room left.
    #[error("{}: the disk is full; free some space and run again: batches reported as added are kept, the rest was not added", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// No room for the copies that compacting makes.
    #[error(
        "{}: no room to compact the index: it is copied to {} and to its own folder, and one of them is full; free some space, or name another \
         folder with the setting `temp-dir`",
        path.display(),
        temp_dir.display()
    )]
    NoRoomToCompact {
        /// The file.
        path: PathBuf,
        /// The folder for temporary files.
        temp_dir: PathBuf,
    },
    /// A file or folder that cannot be written.
    #[error("{}: the index cannot be written; allow writing to the file and its folder, or run without adding to it", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// More than can be numbered.
    #[error("{}: the index holds {most} articles, the most it can number; start another index", path.display())]
    TooMany {
        /// The file.
        path: PathBuf,
        /// How many that is.
        most: u32,
    },
    /// A second transaction, while one is open.
    #[error("{}: a transaction of this index is open; end it first, or open the index a second time", path.display())]
    InTransaction {
        /// The file.
        path: PathBuf,
    },
    /// The database says something else.
    #[error("{}: {reason}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// Its words.
        reason: String,
    },
}

impl From<IndexError> for refrain_engine::Error {
    fn from(error: IndexError) -> Self {
        Self::Index(Box::new(error))
    }
}

impl IndexError {
    /// The error of an index that is behind `error`; None if there is none.
    #[must_use]
    pub fn behind(error: &refrain_engine::Error) -> Option<&Self> {
        if let refrain_engine::Error::Index(cause) = error { cause.downcast_ref() } else { None }
    }
}
