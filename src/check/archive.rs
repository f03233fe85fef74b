//! Articles put aside to be read in several runs: those of an index, and given ones.
//!
//! In: articles. Out: lists of them, of which some together are a corpus. Texts lie in a temporary file that has no name and is gone when the process ends;
//! the rest is held in memory.

use crate::corpus::{Corpus, Stretch, Visitor};
use crate::document::{Locator, Record};
use crate::error::{Error, Result};
use crate::source::{Unpacked, mapped_file};
use rayon::prelude::*;
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Articles that a visitor takes in one go.
const STRETCH: usize = 256;
/// Bytes that are gathered before they are written.
const BUFFER_BYTES: usize = 1 << 18;

/// An article, but for its text.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: Box<str>,
    /// Seconds since 1970.
    pub(super) date: Option<i64>,
    pub(super) outlet: Option<Box<str>>,
    /// The file that it came from.
    pub(super) origin: Box<str>,
    /// Where its text stands.
    start: u64,
    length: u32,
}

/// An archive that is being filled.
pub(super) struct Draft {
    out: BufWriter<File>,
    folder: PathBuf,
    bytes: u64,
}

impl Draft {
    /// Texts are to lie in `folder`.
    ///
    /// # Errors
    /// [`Error::Spill`].
    pub(super) fn begin(folder: &Path) -> Result<Self> {
        let failed = |cause| Error::Spill { folder: folder.into(), cause };
        let file = tempfile::tempfile_in(folder).map_err(failed)?;
        Ok(Self { out: BufWriter::with_capacity(BUFFER_BYTES, file), folder: folder.into(), bytes: 0 })
    }

    /// Puts a text aside, and gives what leads back to it.
    ///
    /// # Errors
    /// [`Error::Spill`].
    pub(super) fn put(&mut self, entry: (Box<str>, Option<i64>, Option<Box<str>>, Box<str>), text: &str) -> Result<Entry> {
        let (id, date, outlet, origin) = entry;
        self.out.write_all(text.as_bytes()).map_err(|cause| Error::Spill { folder: self.folder.clone(), cause })?;
        let start = self.bytes;
        self.bytes += text.len() as u64;
        let length = u32::try_from(text.len())
            .map_err(|_| Error::Spill { folder: self.folder.clone(), cause: io::ErrorKind::FileTooLarge.into() })?;
        Ok(Entry { id, date, outlet, origin, start, length })
    }

    /// The archive with what was put aside.
    ///
    /// # Errors
    /// [`Error::Spill`].
    pub(super) fn finish(self) -> Result<Texts> {
        let Self { out, folder, .. } = self;
        let map = || mapped_file(&out.into_inner().map_err(io::IntoInnerError::into_error)?);
        map().map(Texts).map_err(|cause| Error::Spill { folder, cause })
    }
}

/// All texts.
pub(super) struct Texts(Unpacked);

/// Some lists of an archive as one corpus: the number of a file is that of a list, and a locator starts at the number of an article in it.
pub(super) struct Shelf<'a, const LISTS: usize> {
    pub(super) texts: &'a Texts,
    pub(super) lists: [&'a [Entry]; LISTS],
}

impl<const LISTS: usize> Shelf<'_, LISTS> {
    /// The article at a place.
    pub(super) fn entry(&self, locator: Locator) -> Option<&Entry> {
        self.lists.get(locator.file as usize)?.get(usize::try_from(locator.start).ok()?)
    }

    fn text_of(&self, entry: &Entry) -> &str {
        let range = usize::try_from(entry.start).ok().map(|start| start..start + entry.length as usize);
        range.and_then(|range| std::str::from_utf8(self.texts.0.get(range)?).ok()).unwrap_or("")
    }
}

impl<const LISTS: usize> Corpus for Shelf<'_, LISTS> {
    fn visit<V: Visitor>(&self, visitor: impl Fn() -> V + Sync) -> Result<Vec<Stretch<V::Output>>> {
        let stretches = (0_u32..).zip(self.lists).flat_map(|(file, list)| {
            let starts = (0..list.len()).step_by(STRETCH);
            starts.map(move |start| (file, start, &list[start..list.len().min(start + STRETCH)]))
        });
        let stretches: Vec<(u32, usize, &[Entry])> = stretches.collect();
        let visited = stretches.into_par_iter().map(|(file, start, entries)| {
            let mut visitor = visitor();
            for (at, entry) in entries.iter().enumerate() {
                visitor.document(Record {
                    id: Some(Cow::Borrowed(&entry.id)),
                    text: Cow::Borrowed(self.text_of(entry)),
                    date: entry.date.and_then(|date| jiff::Timestamp::from_second(date).ok()).map(|date| Cow::Owned(date.to_string())),
                    outlet: entry.outlet.as_deref().map(Cow::Borrowed),
                    locator: Locator { file, length: 0, start: (start + at) as u64 },
                    line: at as u64,
                });
            }
            visitor.progress(entries.iter().map(|entry| u64::from(entry.length)).sum());
            Stretch { output: visitor.finish(), lines: entries.len() as u64, file, problems: Vec::new() }
        });
        Ok(visited.collect())
    }

    fn text(&self, locator: Locator) -> Result<Cow<'_, str>> {
        Ok(Cow::Borrowed(self.entry(locator).map_or("", |entry| self.text_of(entry))))
    }

    fn name(&self, file: u32) -> Cow<'_, str> {
        Cow::Owned(format!("list {file}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DetectConfig, Detector, Document, Silent};

    #[test]
    fn lists_together_are_a_corpus() {
        let words = |from: usize| (from..from + 40).map(|n| format!("كلمة{n}")).collect::<Vec<_>>().join(" ");
        let article = |n: usize| (format!("{n:04}"), words(n / 2 * 1000));
        let mut draft = Draft::begin(&std::env::temp_dir()).unwrap();
        let mut put = |n: usize| {
            let (id, text) = article(n);
            draft.put((id.into(), Some(86_400), None, "file".into()), &text).unwrap()
        };
        // Every other article, and the others: each pair is of two lists.
        let lists = [0, 1].map(|odd| (0..600).filter(|n| n % 2 == odd).map(&mut put).collect::<Vec<_>>());
        let texts = draft.finish().unwrap();
        let shelf = Shelf { texts: &texts, lists: [&lists[0], &lists[1]] };
        let detector = Detector::new(DetectConfig::default()).unwrap();
        let found = detector.detect_in(&shelf, &Silent).unwrap();
        let expected = detector.detect((0..600).map(|n| Document::new(article(n).0, article(n).1).dated("1970-01-02"))).unwrap();
        let pairs = |findings: &crate::Findings| {
            findings.pairs().map(|pair| (pair.a.to_owned(), pair.b.to_owned(), pair.passages.clone())).collect::<Vec<_>>()
        };
        assert_eq!(pairs(&found), pairs(&expected));
        assert_eq!(pairs(&found).len(), 300);
        for document in found.documents() {
            assert_eq!(&*shelf.entry(document.locator).unwrap().id, document.id);
        }
    }

    #[test]
    fn nothing_is_a_corpus_too_and_a_wrong_folder_is_named() {
        let texts = Draft::begin(&std::env::temp_dir()).unwrap().finish().unwrap();
        let shelf = Shelf { texts: &texts, lists: [&[][..], &[]] };
        assert_eq!(Detector::new(DetectConfig::default()).unwrap().detect_in(&shelf, &Silent).unwrap().documents().count(), 0);
        assert!(
            Draft::begin(Path::new("no/such/folder")).err().unwrap().to_string().contains("no/such/folder: cannot keep temporary files")
        );
    }
}
