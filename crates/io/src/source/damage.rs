//! Damaged files among others: they are skipped as bad records are.
//!
//! In: what came of reading each file. Out: the segments of those that were read, and a problem for each that was not. Where no file could be read, or
//! the caller wants to stop at the first problem, the first error stays one.

use super::files::FileCorpus;
use super::opened::Kept;
use refrain_engine::corpus::{Corpus, Stretch, Visitor};
use refrain_engine::error::{Error, Problem, Result, unpacked_reason};

/// What came of a file that may be skipped: its segments, or why it cannot be read.
type Visited<T> = std::result::Result<Vec<Stretch<T>>, Error>;

impl FileCorpus {
    /// Separates the errors for which a file may be skipped: its content is damaged, or too long. A file that the operating system does not let us read is no such file:
    /// the next try may read it.
    ///
    /// # Errors
    /// Any other.
    pub(super) fn or_damage<T>(&self, number: usize, visited: Result<Vec<Stretch<T>>>) -> Result<Visited<T>> {
        match visited {
            // It was read before, so it changed.
            Err(error) if self.input(number).kept.get().is_some() => Err(error),
            Err(error @ (Error::Compressed { .. } | Error::Unpacked { .. })) => Ok(Err(error)),
            visited => visited.map(Ok),
        }
    }

    /// The segments of all files, with a problem for each that is skipped.
    ///
    /// # Errors
    /// The first error, if no file was read, or no problem is tolerated.
    pub(super) fn without_damaged<V: Visitor>(
        &self,
        files: Vec<Visited<V::Output>>,
        visitor: &(impl Fn() -> V + Sync),
    ) -> Result<Vec<Stretch<V::Output>>> {
        let all_are_damaged = files.iter().all(Visited::is_err);
        let mut stretches: Vec<Stretch<V::Output>> = Vec::new();
        for (number, file) in files.into_iter().enumerate() {
            let is_fatal = || all_are_damaged || self.is_strict() && stretches.iter().all(|stretch| stretch.problems.is_empty());
            match file {
                Ok(of_file) => stretches.extend(of_file),
                Err(error) if is_fatal() => return Err(error),
                Err(error) => {
                    let reason = reason(&error);
                    // Nothing else is kept of it.
                    let _ = self.input(number).kept.set(Kept::Damaged(reason.clone()));
                    stretches.extend(self.skipped(number, reason, visitor)?);
                }
            }
        }
        Ok(stretches)
    }

    /// Why a file was skipped, if it was.
    pub fn damage(&self, number: usize) -> Option<&str> {
        match self.input(number).kept.get() {
            Some(Kept::Damaged(reason)) => Some(reason),
            _ => None,
        }
    }

    /// True for a file of rows, whose records are numbered and not placed by bytes.
    #[cfg(feature = "parquet")]
    pub fn has_rows(&self, number: usize) -> bool {
        matches!(self.input(number).kept.get(), Some(Kept::Rows(..)))
    }

    /// There are no such files in this build.
    #[cfg(not(feature = "parquet"))]
    pub fn has_rows(&self, _: usize) -> bool {
        false
    }

    /// A segment without a document, for a file that is skipped.
    ///
    /// # Errors
    /// More files than can be numbered.
    pub(super) fn skipped<V: Visitor>(
        &self,
        number: usize,
        reason: String,
        visitor: &(impl Fn() -> V + Sync),
    ) -> Result<Vec<Stretch<V::Output>>> {
        let file = u32::try_from(number).map_err(|_| Error::TooMany { count: number })?;
        let problem = Problem { path: self.name(file).into_owned(), line: 0, reason };
        Ok(vec![Stretch { output: visitor().finish(), lines: 0, file, problems: problem.into() }])
    }
}

/// Why a file is skipped, without its name.
fn reason(error: &Error) -> String {
    match error {
        Error::Compressed { format, cause, .. } => {
            format!("damaged or truncated {format} file: {cause}; download or write it again")
        }
        Error::Unpacked { limit, .. } => unpacked_reason(limit),
        error => error.to_string(),
    }
}
