//! The visitor of the first pass: what is read of each document of a stretch, and kept of it.

use super::Progress;
use super::boilerplate::{Paragraph, append_paragraphs, quick_hash};
use super::keys::{KeyPlace, keep_keys};
use super::prints::{PrintGatherer, Prints};
use super::read::DocumentLine;
use super::token_store::{StoredTokens, StretchTokens, TokenRoom};
use super::within::Within;
use crate::compare::{fingerprint_of, halves};
use crate::config::DetectConfig;
use crate::corpus::Visitor;
use crate::date::BadDates;
use crate::document::Record;
use crate::error::Result;
use crate::finding::Repetition;
use crate::sketch::{BandKey, Banding, Sketcher};
use crate::spill::{Block, Spill};
use crate::text::{ShingleHash, Tokenizer, Tokens, shingles_into};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

/// What is kept of the documents of one stretch.
#[derive(Default)]
pub(super) struct Read {
    pub(super) fingerprints: Prints,
    pub(super) tokens: StoredTokens,
    pub(super) paragraphs: Block<Paragraph>,
    pub(super) documents: Vec<DocumentLine>,
    pub(super) keys: Block<BandKey>,
    pub(super) repetitions: Vec<Repetition>,
    /// The document of each repetition, counted in this stretch.
    pub(super) owners: Vec<u32>,
    pub(super) characters: u64,
    pub(super) bad_dates: BadDates,
}

/// Tokens of a stretch of news, roughly.
const STRETCH_TOKENS: usize = 100_000;

/// What all visitors share.
pub(super) struct Setup<'a> {
    pub(super) config: &'a DetectConfig,
    pub(super) banding: Banding,
    pub(super) progress: &'a dyn Progress,
    /// For the tokens of all stretches.
    pub(super) room: &'a TokenRoom,
    pub(super) spill: &'a Spill,
}

/// Visitor of one stretch, with its scratch space.
pub(super) struct Reader<'a> {
    setup: &'a Setup<'a>,
    /// Band keys, a row a document.
    keys: Vec<BandKey>,
    tokenizer: Tokenizer,
    tokens: Tokens,
    shingles: Vec<ShingleHash>,
    prints: PrintGatherer,
    sketcher: Option<Sketcher>,
    within: Option<Within>,
    /// The tokens of all documents, if they are kept.
    kept: StretchTokens,
    is_kept: bool,
    paragraphs: Vec<Paragraph>,
    read: Read,
}

impl<'a> Reader<'a> {
    pub(super) fn new(setup: &'a Setup<'a>) -> Self {
        let Setup { config, banding, .. } = setup;
        let is_kept = config.passages() && setup.room.takes_more(setup.spill);
        Self {
            setup,
            keys: Vec::new(),
            tokenizer: Tokenizer::new(config.fold, config.simd),
            tokens: Tokens::default(),
            shingles: Vec::new(),
            prints: PrintGatherer::with_room(if config.passages() { STRETCH_TOKENS } else { 0 }),
            sketcher: (config.across() && !config.is_exact()).then(|| Sketcher::new(*banding, config.simd)),
            within: config.within().then(|| Within::new(config.within)),
            kept: if is_kept { StretchTokens::with_room() } else { StretchTokens::default() },
            is_kept,
            paragraphs: Vec::new(),
            read: Read::default(),
        }
    }

    /// What is kept of a record besides its text.
    fn line_of(&mut self, record: &Record<'_>) -> DocumentLine {
        let date = self.read.bad_dates.parse(record.date.as_deref(), record.line);
        DocumentLine {
            id: record.id.as_deref().unwrap_or_default().into(),
            has_own_id: true,
            locator: record.locator,
            line: record.line,
            date,
            outlet: record.outlet.as_deref().map_or(0, |outlet| xxh3_64(outlet.as_bytes()).max(1)),
            ..DocumentLine::default()
        }
    }

    /// Keeps the bytes of a text as its fingerprint; its length, in code points, takes the place of the number of tokens.
    fn exact_document(&mut self, record: &Record<'_>) {
        let hash = xxh3_128(record.text.as_bytes());
        let characters = u32::try_from(record.text.chars().count()).unwrap_or(u32::MAX);
        let line = self.line_of(record);
        self.read.documents.push(DocumentLine { fingerprint: halves(hash), tokens: characters, ..line });
    }

    /// Appends to `again` the places whose shingle stands before too in the document that was read last; returns how many shingles it has, 0 if that
    /// would have to be counted: only what stands in it again is looked at.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    fn note_again(&mut self) -> u32 {
        let Self { setup, tokens, shingles, sketcher, within, kept, .. } = self;
        let (shingle, before) = (setup.config.shingle, kept.again.len());
        let known = within.as_mut().filter(|_| sketcher.is_some() && tokens.len() >= shingle);
        let is_known = known.and_then(|within| within.append_again(shingles, shingle, &mut kept.again)).is_some();
        if is_known { (shingles.len() - (kept.again.len() - before)) as u32 } else { 0 }
    }
}

impl Visitor for Reader<'_> {
    type Output = Result<Read>;

    #[expect(clippy::cast_possible_truncation, reason = "a stretch has fewer than 2^32 documents, a text fewer than 2^32 tokens")]
    fn document(&mut self, record: Record<'_>) {
        let Setup { config, banding, progress, .. } = *self.setup;
        if progress.is_cancelled() {
            return;
        }
        let number = self.read.documents.len() as u32;
        self.read.characters += record.text.chars().count() as u64;
        if config.is_exact() {
            return self.exact_document(&record);
        }
        self.tokenizer.read(&record.text, &mut self.tokens);
        let mut row = 0;
        let mut fingerprint = [0; 2];
        if let Some(sketcher) = self.sketcher.as_mut().filter(|_| !self.tokens.is_empty()) {
            row = (self.keys.len() / banding.bands) as u32;
            shingles_into(&self.tokens.hashes, config.shingle, &mut self.shingles);
            sketcher.append_keys(&self.shingles, &mut self.keys);
        }
        if config.across() || config.passages() {
            fingerprint = fingerprint_of(&self.tokens.hashes);
        }
        if config.passages() {
            append_paragraphs(&record.text, &self.tokens, number, quick_hash, &mut self.paragraphs);
            self.prints.add(&self.tokens.hashes, config.within.min_words);
        }
        if let Some(within) = &mut self.within {
            within.find(&record.text, &self.tokens, &mut self.read.repetitions);
            self.read.owners.resize(self.read.repetitions.len(), number);
        }
        let first_again = self.kept.again.len() as u32;
        let shingle_count = self.note_again();
        let line = self.line_of(&record);
        self.read.documents.push(DocumentLine {
            fingerprint,
            tokens: self.tokens.len() as u32,
            keys: KeyPlace { stretch: 0, row },
            shingles: shingle_count,
            first_token: self.kept.hashes.len() as u32,
            first_block: self.kept.extents.blocks() as u32,
            first_again,
            ..line
        });
        if self.is_kept {
            self.kept.hashes.extend_from_slice(&self.tokens.hashes);
            self.kept.extents.append(&record.text, &self.tokens.spans);
        }
    }

    fn is_done(&self) -> bool {
        self.setup.progress.is_cancelled()
    }

    fn progress(&mut self, bytes: u64) {
        self.setup.progress.read(bytes);
    }

    fn finish(mut self) -> Result<Read> {
        let Setup { banding, room, spill, .. } = *self.setup;
        self.read.documents.shrink_to_fit();
        self.read.keys = keep_keys(&self.keys, banding.bands, spill)?;
        if self.is_kept {
            self.read.tokens = self.kept.store(room, spill)?;
        }
        self.paragraphs.shrink_to_fit();
        self.read.paragraphs = spill.keep(self.paragraphs)?;
        self.read.fingerprints = self.prints.finish(spill)?;
        Ok(self.read)
    }
}
