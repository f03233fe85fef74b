//! Errors of the library. Each message says what happened, where, and what to do.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Result of the library.
pub type Result<T> = std::result::Result<T, Error>;

/// A fatal error: nothing was reported. Records that cannot be read are [`Problem`]s instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is out of its range, or contradicts another.
    #[error("{setting}: {reason}")]
    Config {
        /// Name of the setting, as in `refrain.toml`.
        setting: &'static str,
        /// What is wrong, and what is allowed.
        reason: String,
    },
    /// A path, or a glob that matched nothing.
    #[error("{}: no such file or folder; check the path", path.display())]
    NotFound {
        /// As given.
        path: PathBuf,
    },
    /// A glob that matches files which ignore files leave out, and no others.
    #[error(
        "{pattern}: {files} matching file{} left out by .gitignore or .ignore; use the setting `no-ignore` to read {}",
        if *files == 1 { " is" } else { "s are" },
        if *files == 1 { "it" } else { "them" }
    )]
    Ignored {
        /// As given.
        pattern: String,
        /// How many files match.
        files: usize,
    },
    /// A glob that cannot be parsed.
    #[error("{pattern}: not a valid glob: {reason}")]
    Glob {
        /// As given.
        pattern: String,
        /// Which part.
        reason: String,
    },
    /// More would be removed than is allowed; nothing was written.
    #[error("{reason}; nothing was written; raise the setting `max-removed` to remove it all the same\n{table}")]
    TooMuchRemoved {
        /// How much of what, and the limit.
        reason: String,
        /// What would go, by source, language and rule.
        table: String,
    },
    /// A run that read no article.
    #[error("{reason}")]
    NothingRead {
        /// Why there is none, and what to do.
        reason: String,
    },
    /// The operating system refused.
    #[error("{}: {cause}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Its words.
        cause: io::Error,
    },
    /// Temporary files cannot be written.
    #[error(
        "{}: cannot write temporary files: {cause}; name another folder with the setting `temp-dir`, or allow more memory with the setting \
         `memory`",
        folder.display()
    )]
    Spill {
        /// The folder for temporary files.
        folder: PathBuf,
        /// The operating system's message.
        cause: io::Error,
    },
    /// A compressed or Parquet file that ends early or is damaged.
    #[error("{}: damaged or truncated {format} file: {cause}; download or write the file again", path.display())]
    Compressed {
        /// The file.
        path: PathBuf,
        /// gzip, zstd, bzip2, xz or Parquet.
        format: &'static str,
        /// The decoder's words.
        cause: io::Error,
    },
    /// A compressed or Parquet file that holds more than is read.
    #[error("{}: {}", path.display(), unpacked_reason(limit))]
    Unpacked {
        /// The file.
        path: PathBuf,
        /// The limit, in words.
        limit: String,
    },
    /// A compressed or Parquet file, and this build cannot read it.
    #[error("{}: this build cannot read {format}; build with the feature `{feature}`", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: &'static str,
        /// What to build with.
        feature: &'static str,
    },
    /// A record that cannot be read, where the caller asked to stop at the first; or a finding or label to be scored.
    #[error("{0}")]
    Record(Problem),
    /// A field or list that was named is in no record.
    #[error("no {what} in any of {} record{}; fields: {fields}", grouped(*records), if *records == 1 { "" } else { "s" })]
    NoField {
        /// What was named.
        what: String,
        /// Records that were read.
        records: usize,
        /// Fields of the first record.
        fields: String,
    },
    /// A list of records that was named is in no file.
    #[error(
        "no list of records `{path}` in any of {} JSON value{}; {}",
        grouped(*records),
        if *records == 1 { "" } else { "s" },
        if lists.is_empty() { "they have no list of objects".to_owned() } else { format!("lists: {}", lists.join(", ")) }
    )]
    NoList {
        /// What was named.
        path: String,
        /// Values that were read.
        records: usize,
        /// The lists of the first value.
        lists: Vec<String>,
    },
    /// A format that is cleaned in files alone.
    #[error("{}: {format} from a pipe cannot be cleaned; save it to a file and clean the file", path.display())]
    CannotCleanFromPipe {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: &'static str,
    },
    /// A file changed between the first and the second reading.
    #[error("{}: the file changed while it was read; run again when no other program writes to it", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A file became shorter while it was mapped into memory.
    #[error("{}: another program truncated the file while it was read; run again when no other program writes to it", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
    },
    /// Something is to be taken from a file in another encoding than UTF-8, and its bytes do not follow from its text.
    #[error("{}: the file was read as {encoding}, and encoding its text again gives different bytes; convert it to UTF-8 first, or leave it out", path.display())]
    Reencode {
        /// The file.
        path: PathBuf,
        /// What it was read as.
        encoding: &'static str,
    },
    /// A corpus that says too little, for a self-test.
    #[error(
        "a self-test needs {needed} different articles of at least {least_words} words, and only {usable} of the {articles} articles read \
         are that long (median: {median_words} words); name more files"
    )]
    TooFewArticles {
        /// Articles read.
        articles: usize,
        /// Different ones that are long enough.
        usable: usize,
        /// Half of the articles read have at least so many words.
        median_words: usize,
        /// What is long enough.
        least_words: usize,
        /// How many such are needed.
        needed: usize,
    },
    /// What an index says.
    #[error(transparent)]
    Index(Box<dyn std::error::Error + Send + Sync>),
    /// The caller stopped the run.
    #[error("cancelled")]
    Cancelled,
    /// More documents than a run can number.
    #[error("{count} documents are more than one run can number (4,294,967,295); split the corpus")]
    TooMany {
        /// Documents seen.
        count: usize,
    },
}

impl Error {
    /// A short name of the kind of error, for programs: it stays the same where words change.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Config { .. } => "setting",
            Self::NotFound { .. } => "not-found",
            Self::Ignored { .. } => "ignored",
            Self::Glob { .. } => "glob",
            Self::TooMuchRemoved { .. } => "too-much-removed",
            Self::NothingRead { .. } => "nothing-read",
            Self::Io { .. } => "io",
            Self::Spill { .. } => "temporary-files",
            Self::Compressed { .. } => "damaged",
            Self::Unpacked { .. } => "unpacked",
            Self::Unsupported { .. } => "unsupported",
            Self::Record(_) => "record",
            Self::NoField { .. } => "no-field",
            Self::NoList { .. } => "no-list",
            Self::CannotCleanFromPipe { .. } => "pipe",
            Self::Changed { .. } => "changed",
            Self::Truncated { .. } => "truncated",
            Self::Reencode { .. } => "encoding",
            Self::TooFewArticles { .. } => "too-few-articles",
            Self::Index(_) => "index",
            Self::Cancelled => "cancelled",
            Self::TooMany { .. } => "too-many",
        }
    }
}

/// Why a file is not read that unpacks to more than `limit`.
pub fn unpacked_reason(limit: &str) -> String {
    format!("unpacks to more than {limit}, which may be an attack; if it is not, raise the setting `max-unpacked`")
}

/// A number with commas between its thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A record that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file.
    pub path: String,
    /// Line on which the record starts, from 1; 0 for a whole file.
    pub line: u64,
    /// What is wrong, and what to do.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 { write!(f, "{}: {}", self.path, self.reason) } else { write!(f, "{}:{}: {}", self.path, self.line, self.reason) }
    }
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_grouped() {
        let shown = [0, 999, 1_000, 2_890, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "999", "1,000", "2,890", "1,234,567"]);
    }
}
