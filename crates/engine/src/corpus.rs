//! What the engine reads: a corpus hands out its documents once, in parallel stretches, and finds single ones again.

use crate::document::{Document, Locator, Record};
use crate::error::{Problem, Result};
use crate::problems::Problems;
use rayon::prelude::*;
use serde::Serialize;
use std::borrow::Cow;

/// Lines and columns of a file, from 1; columns count UTF-16 code units, as editors and SARIF do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Region {
    /// Line of the first character.
    pub start_line: usize,
    /// Column of the first character.
    pub start_column: usize,
    /// Line of the last character.
    pub end_line: usize,
    /// Column behind the last character.
    pub end_column: usize,
}

impl Region {
    /// The first position of a file.
    pub const START: Self = Self { start_line: 1, start_column: 1, end_line: 1, end_column: 1 };
}

/// Takes the documents of one stretch of a corpus, in order.
pub trait Visitor {
    /// What stays of a visit; the visitor itself is gone with its scratch space.
    type Output: Send + 'static;
    /// The next document.
    fn document(&mut self, record: Record<'_>);
    /// The next document, where its text was made from markup: no stretch of it can be taken from the input.
    fn page(&mut self, record: Record<'_>) {
        self.document(record);
    }
    /// True if no more documents are wanted: a corpus may leave out those that are left.
    fn is_done(&self) -> bool {
        false
    }
    /// `bytes` of input were read. For progress; may be called often.
    fn progress(&mut self, bytes: u64);
    /// The stretch is read.
    fn finish(self) -> Self::Output;
}

/// One stretch of a corpus after its visit.
#[derive(Debug)]
pub struct Stretch<T> {
    /// What its visitor made of its documents.
    pub output: T,
    /// Lines in the stretch.
    pub lines: u64,
    /// Which file or list, as in [`Locator::file`].
    pub file: u32,
    /// Records left out, with `line` counted from the start of the stretch.
    pub problems: Problems,
}

/// A set of documents that can be read twice.
pub trait Corpus: Sync {
    /// Reads every document once, on all threads of the current pool; each stretch with a visitor of its own. Stretches come back
    /// in the order of the input, and where they are cut is no function of the number of threads.
    ///
    /// # Errors
    /// What keeps a whole file from being read. Single records that cannot be are in [`Stretch::problems`].
    fn visit<V: Visitor>(&self, visitor: impl Fn() -> V + Sync) -> Result<Vec<Stretch<V::Output>>>;

    /// The text of the document at `locator` again, the same as at the visit.
    ///
    /// # Errors
    /// If the file is gone or has changed.
    fn text(&self, locator: Locator) -> Result<Cow<'_, str>>;

    /// Where ranges of code points of documents of one file are in that file, in the order of `wanted`. A range that cannot be located is the whole
    /// record. None where the file has no lines, as in memory or in Parquet.
    ///
    /// # Errors
    /// If the file is gone or has changed.
    fn regions(&self, _file: u32, wanted: &[(Locator, [usize; 2])]) -> Result<Vec<Option<Region>>> {
        Ok(vec![None; wanted.len()])
    }

    /// Checks, after texts were read again, that no file is shorter than at the visit: the end of a truncated one may read as zeros.
    ///
    /// # Errors
    /// [`crate::Error::Truncated`].
    fn check_lengths(&self) -> Result<()> {
        Ok(())
    }

    /// True if the articles of a file are named by its name and their line because nothing in it could name them: no id is missing.
    fn has_no_ids(&self, _file: u32) -> bool {
        false
    }

    /// Name of the file or list, for messages and for ids that stand in.
    fn name(&self, file: u32) -> Cow<'_, str>;
}

/// Documents in memory.
#[derive(Clone, Debug, Default)]
pub struct Documents(Vec<Document>);

/// Documents a visitor takes in one go.
const STRETCH: usize = 256;

impl FromIterator<Document> for Documents {
    fn from_iter<I: IntoIterator<Item = Document>>(documents: I) -> Self {
        Self(documents.into_iter().collect())
    }
}

impl Corpus for Documents {
    fn visit<V: Visitor>(&self, visitor: impl Fn() -> V + Sync) -> Result<Vec<Stretch<V::Output>>> {
        let stretches = self.0.par_chunks(STRETCH).enumerate().map(|(number, documents)| {
            let mut visitor = visitor();
            let mut problems = Problems::default();
            for (at, document) in documents.iter().enumerate() {
                if visitor.is_done() {
                    break;
                }
                if u32::try_from(document.text.len()).is_err() {
                    let reason = "text of 4 GiB or more; split it".to_owned();
                    problems.push(Problem { path: document.id.clone(), line: 0, reason });
                    continue;
                }
                visitor.document(Record {
                    id: Some(Cow::Borrowed(&document.id)),
                    text: Cow::Borrowed(&document.text),
                    date: document.date.as_deref().map(Cow::Borrowed),
                    outlet: document.outlet.as_deref().map(Cow::Borrowed),
                    locator: Locator { file: 0, length: 0, start: (number * STRETCH + at) as u64 },
                    line: at as u64,
                });
            }
            visitor.progress(documents.iter().map(|d| d.text.len() as u64).sum());
            Stretch { output: visitor.finish(), lines: documents.len() as u64, file: 0, problems }
        });
        Ok(stretches.collect())
    }

    fn text(&self, locator: Locator) -> Result<Cow<'_, str>> {
        let at = usize::try_from(locator.start).unwrap_or(usize::MAX);
        Ok(Cow::Borrowed(self.0.get(at).map_or("", |document| &document.text)))
    }

    fn name(&self, _file: u32) -> Cow<'_, str> {
        Cow::Borrowed("document")
    }
}
