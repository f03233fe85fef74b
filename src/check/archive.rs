//! Articles put aside to be read in several runs: those of an index, and given ones.
//!
//! In: articles. Out: lists of them, of which some together are a corpus. Texts are held in memory while there is room, and stand in a temporary file beyond, which has
//! no name and is gone when the process ends; the rest is held in memory.

use crate::corpus::{Corpus, Stretch, Visitor};
use crate::document::{Locator, Record, date_text};
use crate::error::Result;
use crate::problems::Problems;
use crate::spill::{Block, MemoryLimit, Spill};
use rayon::prelude::*;
use std::borrow::Cow;
use std::ops::Range;

/// Articles that a visitor takes in one go.
const STRETCH: usize = 256;
/// Bytes of texts that are put aside together.
const BLOCK_BYTES: usize = 1 << 20;

/// An article.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: Box<str>,
    /// Seconds since 1970.
    pub(super) date: Option<i64>,
    pub(super) outlet: Option<Box<str>>,
    /// The file that it came from.
    pub(super) origin: Box<str>,
    /// Line of the file, where the article has no id of its own.
    pub(super) line: Option<u64>,
    pub(super) text: TextPlace,
}

/// Where a text stands: in which block, and which of its bytes it is.
#[derive(Clone, Debug)]
pub(super) struct TextPlace {
    block: usize,
    bytes: Range<usize>,
}

/// Texts that are put aside.
#[derive(Default)]
pub(super) struct Texts {
    spill: Spill,
    blocks: Vec<Block<u8>>,
    /// The block that is being filled.
    open: Vec<u8>,
}

impl Texts {
    /// Texts to be held within `limit`.
    pub(super) fn new(limit: Option<&MemoryLimit>) -> Self {
        Self { spill: Spill::new(limit), ..Self::default() }
    }

    /// Puts a text aside, and says where it stands.
    ///
    /// # Errors
    /// [`Error::Spill`](crate::Error::Spill).
    pub(super) fn put(&mut self, text: &str) -> Result<TextPlace> {
        let start = self.open.len();
        self.open.extend_from_slice(text.as_bytes());
        let place = TextPlace { block: self.blocks.len(), bytes: start..self.open.len() };
        if self.open.len() >= BLOCK_BYTES {
            self.close()?;
        }
        Ok(place)
    }

    /// No more texts come for now; must be called before they are read.
    ///
    /// # Errors
    /// [`Error::Spill`](crate::Error::Spill).
    pub(super) fn close(&mut self) -> Result<()> {
        self.blocks.push(self.spill.keep(std::mem::take(&mut self.open))?);
        Ok(())
    }

    fn at(&self, place: &TextPlace) -> Result<Cow<'_, str>> {
        let (block, range) = (&self.blocks[place.block], place.bytes.clone());
        if let Block::Held(bytes) = block {
            return Ok(String::from_utf8_lossy(&bytes[range]));
        }
        let mut buffer = Vec::new();
        Ok(Cow::Owned(String::from_utf8_lossy(self.spill.read(block, range, &mut buffer)?).into_owned()))
    }
}

/// Two lists of articles as one corpus: the number of a file is that of a list, and a locator starts at the number of an article in it.
pub(super) struct Shelf<'a> {
    pub(super) texts: &'a Texts,
    pub(super) lists: [&'a [Entry]; 2],
}

impl Shelf<'_> {
    /// The article at a place.
    pub(super) fn entry(&self, locator: Locator) -> Option<&Entry> {
        self.lists.get(locator.file as usize)?.get(usize::try_from(locator.start).ok()?)
    }
}

impl Corpus for Shelf<'_> {
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
                    text: self.texts.at(&entry.text)?,
                    date: entry.date.and_then(date_text).map(Cow::Owned),
                    outlet: entry.outlet.as_deref().map(Cow::Borrowed),
                    locator: Locator { file, length: 0, start: (start + at) as u64 },
                    line: at as u64,
                });
            }
            visitor.progress(entries.iter().map(|entry| entry.text.bytes.len() as u64).sum());
            Ok(Stretch { output: visitor.finish(), lines: entries.len() as u64, file, problems: Problems::default() })
        });
        visited.collect()
    }

    fn text(&self, locator: Locator) -> Result<Cow<'_, str>> {
        self.entry(locator).map_or(Ok(Cow::Borrowed("")), |entry| self.texts.at(&entry.text))
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
    fn lists_together_are_a_corpus_in_memory_and_not() {
        let words = |from: usize| (from..from + 200).map(|n| format!("كلمة{n}")).collect::<Vec<_>>().join(" ");
        let article = |n: usize| (format!("{n:04}"), words(n / 2 * 1000));
        let folder = tempfile::tempdir().unwrap();
        let detector = Detector::new(DetectConfig::default()).unwrap();
        let expected = detector.detect((0..900).map(|n| Document::new(article(n).0, article(n).1).dated("1970-01-02"))).unwrap();
        let pairs = |findings: &crate::Findings| {
            findings.pairs().map(|pair| (pair.a.to_owned(), pair.b.to_owned(), pair.passages.clone())).collect::<Vec<_>>()
        };
        for bytes in [0, u64::MAX] {
            let mut texts = Texts::new(Some(&MemoryLimit { bytes, temp_dir: folder.path().into() }));
            let mut put = |n: usize| {
                let (id, text) = article(n);
                Entry {
                    id: id.into(),
                    date: Some(86_400),
                    outlet: None,
                    origin: "file".into(),
                    line: None,
                    text: texts.put(&text).unwrap(),
                }
            };
            // Every other article, and the others: each pair is of two lists.
            let lists = [0, 1].map(|odd| (0..900).filter(|n| n % 2 == odd).map(&mut put).collect::<Vec<_>>());
            texts.close().unwrap();
            assert!(texts.blocks.len() > 1 && texts.blocks.iter().all(|block| matches!(block, Block::Held(_)) == (bytes > 0)));
            let shelf = Shelf { texts: &texts, lists: [&lists[0], &lists[1]] };
            let found = detector.detect_in(&shelf, &Silent).unwrap();
            assert_eq!(pairs(&found), pairs(&expected));
            assert_eq!(pairs(&found).len(), 450);
            for document in found.documents() {
                assert_eq!(&*shelf.entry(document.locator).unwrap().id, document.id);
            }
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no file has a name");
    }

    #[test]
    fn nothing_is_a_corpus_too_and_a_wrong_folder_is_named() {
        let mut texts = Texts::new(None);
        texts.close().unwrap();
        let shelf = Shelf { texts: &texts, lists: [&[][..], &[]] };
        assert_eq!(Detector::new(DetectConfig::default()).unwrap().detect_in(&shelf, &Silent).unwrap().documents().count(), 0);
        let mut texts = Texts::new(Some(&MemoryLimit { bytes: 0, temp_dir: "no/such/folder".into() }));
        texts.put("text").unwrap();
        assert!(texts.close().unwrap_err().to_string().contains("no/such/folder: cannot write temporary files"));
    }
}
