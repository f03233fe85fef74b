//! Errors of stages.

use crate::manifest::Stage;
use std::path::PathBuf;

/// Result of a stage.
pub type Result<T> = std::result::Result<T, Error>;

/// What keeps a stage from being done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Input that cannot be read, output that cannot be written, settings out of their range.
    #[error(transparent)]
    Engine(#[from] refrain_engine::Error),
    /// A stage that has to be finished before.
    #[error("{}: stage {stage} {number} is not finished for what the stages before it left; run it first", folder.display())]
    Unfinished {
        /// Which.
        stage: Stage,
        /// Its shard or part, from 1.
        number: u32,
        /// Where it is missing.
        folder: PathBuf,
    },
    /// Shards that were sketched with different settings, or numbers of shards or parts.
    #[error("{}: {what} differ from those of shard 1; sketch the shard again with the same ones, or use another folder", path.display())]
    Differs {
        /// The manifest.
        path: PathBuf,
        /// What differs.
        what: &'static str,
    },
    /// Documents of a shard that are other ones than when it was sketched.
    #[error("shard {shard}: the documents have changed since the shard was sketched; run stage sketch again, and then the stages after it")]
    Changed {
        /// Which, from 1.
        shard: u32,
    },
    /// Documents of one cluster with the same id.
    #[error("several documents have the id `{id}`; stages need ids of their own")]
    SharedId {
        /// Theirs.
        id: String,
    },
    /// A number of a shard or part that there is not.
    #[error("{number} of {of}: must be at least 1 and at most {of}")]
    Number {
        /// As given.
        number: u32,
        /// How many there are.
        of: u32,
    },
    /// A file of a stage that is damaged, or was written by something else.
    #[error("{}: damaged, or no file of this stage: {reason}; delete its folder and run the stage again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A file that cannot be read or written.
    #[error("{}: {cause}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's words.
        cause: std::io::Error,
    },
}

impl Error {
    /// A short name of the kind of error, which does not change.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Engine(error) => error.code(),
            Self::Unfinished { .. } => "stage-unfinished",
            Self::Differs { .. } => "stage-differs",
            Self::Changed { .. } => "stage-changed",
            Self::SharedId { .. } => "shared-id",
            Self::Number { .. } => "stage-number",
            Self::Damaged { .. } => "stage-damaged",
            Self::Io { .. } => "io",
        }
    }
}
