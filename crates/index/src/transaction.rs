//! One state of an index: what stands in it, and how a change is made lasting.

use super::STATE_ROW;
use super::document::{Body, ContentRow, DocumentRow, Outline};
use super::files::Files;
use super::parameters::Parameters;
use super::rows::Rows;
use super::sqlite::Sqlite;
use super::state::State;
use super::store::{Access, Store as _, Table};
use super::{Index, Preparer};
use refrain_engine::detect::{SelectedGram, Signature, Signer};
use refrain_engine::error::Result;

/// One state of an index, to be read or changed. What is not committed when it is dropped was not done.
#[derive(Debug)]
pub struct Transaction<'i> {
    pub(super) index: &'i Index,
    pub(super) state: State,
    pub(super) access: Access,
    pub(super) is_open: bool,
}

/// What an index holds, in numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stats {
    /// What it was made with.
    pub parameters: Parameters,
    /// True if texts are kept.
    pub has_texts: bool,
    /// Articles.
    pub documents: u64,
    /// Articles, those with the same tokens counted once.
    pub contents: u64,
    /// Band keys, selected grams, paragraphs, ids, hashes of contents, a sample of all grams.
    pub entries: [u64; 6],
    /// Sorted runs of them: the fewer, the faster is a look-up.
    pub runs: usize,
    /// On disk, the log of changes included.
    pub bytes: u64,
}

/// An article as it stands in an index.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Its id.
    pub id: Box<str>,
    /// Seconds since 1970.
    pub date: Option<i64>,
    /// Who published it.
    pub outlet: Option<Box<str>>,
    /// File that it was read from.
    pub origin: Box<str>,
    /// Line of the file, if the article is recognised by its content and the line is known.
    pub line: Option<u64>,
    /// Code points of its text.
    pub characters: u64,
    /// Its tokens.
    pub words: usize,
    /// The text; None where texts are not kept.
    pub text: Option<String>,
}

impl Kept {
    /// The date in ISO 8601.
    #[must_use]
    pub fn date_text(&self) -> Option<String> {
        self.date.and_then(refrain_engine::document::date_text)
    }
}

/// What a content is looked up by.
#[derive(Clone, Debug)]
pub(super) struct LookedUp {
    pub(super) content: [u64; 2],
    pub(super) keys: Vec<u32>,
    pub(super) grams: Vec<SelectedGram>,
    pub(super) samples: Vec<u32>,
    pub(super) paragraphs: Vec<u32>,
}

impl LookedUp {
    /// All but the paragraphs.
    pub(super) fn of(signature: Signature) -> Self {
        let Signature { content, keys, grams, samples, .. } = signature;
        Self { content, keys, grams, samples, paragraphs: Vec::new() }
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.is_open {
            self.index.rows.store.rollback();
        }
    }
}

impl Transaction<'_> {
    /// Makes what was changed visible and lasting: when it returns, it is on the disk.
    ///
    /// # Errors
    /// [`super::IndexError::Full`], what the database says; nothing was changed then.
    pub fn commit(mut self) -> Result<()> {
        if self.access == Access::Write {
            self.rows().put(Table::State, STATE_ROW, self.state.bytes())?;
            self.rows().store.renew_format()?;
        }
        self.index.rows.store.commit()?;
        self.is_open = false;
        Ok(())
    }

    /// What it holds.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let mut entries = [0; 6];
        self.state.runs.iter().for_each(|run| entries[run.kind as usize] += run.entries);
        Stats {
            parameters: self.state.parameters,
            has_texts: self.state.has_texts,
            documents: self.state.documents,
            contents: self.state.contents,
            entries,
            runs: self.state.runs.len(),
            bytes: self.index.rows.store.bytes(),
        }
    }

    /// Calls `visit` with every article, in the order in which they were added.
    ///
    /// # Errors
    /// What the database or `visit` says.
    pub fn each(&self, mut visit: impl FnMut(Kept) -> Result<()>) -> Result<()> {
        let mut signer = self.signer();
        self.rows().scan(Table::Documents, DocumentRow::of, |number, row| {
            let text = self.text(number, &row)?;
            let outline = self.outline(number, &row, &mut signer)?;
            let DocumentRow { id, meta, .. } = row;
            let line = meta.line();
            let super::document::Meta { date, outlet, origin, chars, .. } = meta;
            visit(Kept { id, date, outlet, origin, line, characters: chars, words: outline.hashes.len(), text })
        })
    }

    /// The settings under which the index compares.
    pub fn config(&self) -> &refrain_engine::config::DetectConfig {
        &self.index.config
    }

    /// What articles are made ready by.
    #[must_use]
    pub fn preparer(&self) -> Preparer {
        self.index.preparer()
    }

    pub(super) fn rows(&self) -> &Rows<Sqlite> {
        &self.index.rows
    }

    /// A count of the state, less what was removed.
    pub(super) fn less(&self, count: u64, removed: usize) -> Result<u64> {
        count.checked_sub(removed as u64).ok_or_else(|| self.rows().fault("the state counts less than there is".into()))
    }

    pub(super) fn files(&self) -> &Files {
        &self.index.files
    }

    pub(super) fn signer(&self) -> Signer {
        Signer::new(&self.index.config)
    }

    pub(super) fn document(&self, number: u32) -> Result<DocumentRow> {
        self.rows().read(Table::Documents, i64::from(number), DocumentRow::of)
    }

    pub(super) fn content(&self, content: u32) -> Result<ContentRow> {
        self.rows().read(Table::Contents, i64::from(content), ContentRow::of)
    }

    /// The text of an article, where it is kept.
    pub(super) fn text(&self, number: i64, row: &DocumentRow) -> Result<Option<String>> {
        match &row.body {
            Body::Text(packed) => unpack(packed, row.meta.chars).map(Some).ok_or_else(|| {
                self.rows().damaged(
                    Table::Documents,
                    number,
                    "holds a text that cannot be unpacked, or of another length than it should have",
                )
            }),
            Body::Outline(_) => Ok(None),
        }
    }

    fn outline(&self, number: i64, row: &DocumentRow, signer: &mut Signer) -> Result<Outline> {
        match &row.body {
            Body::Text(_) => {
                let text = self.text(number, row)?.unwrap_or_default();
                let signature = signer.of_text(&text);
                let paragraphs = signature.paragraphs.iter().map(|paragraph| paragraph.hash);
                Ok(Outline { hashes: signature.tokens.hashes, spellings: Vec::new(), spans: Vec::new(), paragraphs: paragraphs.collect() })
            }
            Body::Outline(outline) => {
                Outline::of(outline).ok_or_else(|| self.rows().damaged(Table::Documents, number, "holds an outline that cannot be read"))
            }
        }
    }

    /// What the content of an article is looked up by, computed anew.
    pub(super) fn looked_up_by(&self, row: &DocumentRow, signer: &mut Signer) -> Result<LookedUp> {
        let outline = self.outline(i64::from(row.content), row, signer)?;
        let mut paragraphs = outline.paragraphs;
        paragraphs.sort_unstable();
        paragraphs.dedup();
        Ok(LookedUp { paragraphs, ..LookedUp::of(signer.of_hashes(&outline.hashes)) })
    }
}

/// Bytes of a text at most: a few kilobytes can be packed that make gigabytes.
pub(super) const MOST_TEXT_BYTES: u64 = 256 << 20;

/// Bytes that a packed text says it has. No memory is taken for more.
pub(super) fn unpacked_bytes(packed: &[u8]) -> Option<u64> {
    zstd::zstd_safe::get_frame_content_size(packed).ok().flatten().filter(|&length| length <= MOST_TEXT_BYTES)
}

/// A packed text of so many code points; None if it is none.
pub(super) fn unpack(packed: &[u8], chars: u64) -> Option<String> {
    const MOST_OF_CHAR: u64 = 4;
    let length = unpacked_bytes(packed).filter(|&length| length.div_ceil(MOST_OF_CHAR) <= chars && chars <= length)?;
    String::from_utf8(zstd::bulk::decompress(packed, usize::try_from(length).ok()?).ok()?).ok()
}
