//! The first pass: every document is read, folded and tokenised once. What stays of it is a line in a table, its band keys and
//! its repetitions.

use super::boilerplate::Paragraph;
use super::keys::{BandKeys, KeyPlace};
use super::prints::{Print, Prints};
use super::reader::{Read, Reader, Setup};
use super::token_store::{StoredTokens, TokenRoom};
use super::{Progress, check_cancelled};
use crate::config::DetectConfig;
use crate::corpus::{Corpus, Stretch};
use crate::date::BadDates;
use crate::document::Locator;
use crate::error::{Error, Result};
use crate::finding::Repetition;
use crate::naming;
use crate::problems::Problems;
use crate::sketch::BandKey;
use crate::spill::{Block, MemoryLimit, Spill};
use std::borrow::Cow;
use std::ops::Range;

/// What is kept of a document.
#[derive(Clone, Debug, Default)]
pub(super) struct DocumentLine {
    /// Empty until the names are settled, where the input has none.
    pub(super) id: Box<str>,
    /// False if it is named by file and line.
    pub(super) has_own_id: bool,
    pub(super) locator: Locator,
    /// Line of the file on which it starts, from 1.
    pub(super) line: u64,
    /// Seconds since 1970.
    pub(super) date: Option<i64>,
    /// Hash of the token stream, in halves: documents of equal hash are identical.
    pub(super) fingerprint: [u64; 2],
    pub(super) tokens: u32,
    /// Its distinct shingles, 0 if they were not counted.
    pub(super) shingles: u32,
    /// Hash of the outlet's name, 0 if there is none.
    pub(super) outlet: u64,
    /// Where its band keys stand. It has none if it has no token, or if none are computed; its stretch is right all the same.
    pub(super) keys: KeyPlace,
    /// Its first token among those of its stretch, if they are stored.
    pub(super) first_token: u32,
    /// Where its text begins among the extents of its stretch.
    pub(super) first_block: u32,
    /// Where its shingles that stand again begin among those of its stretch.
    pub(super) first_again: u32,
}

impl DocumentLine {
    /// Its tokens among those of its stretch, if they are stored.
    fn stored_tokens(&self) -> Range<usize> {
        let start = self.first_token as usize;
        start..start + self.tokens as usize
    }
}

/// What the first pass leaves. Documents and repetitions stand in bytewise order of the ids.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) documents: Vec<DocumentLine>,
    /// Of documents with tokens.
    pub(super) keys: BandKeys,
    /// Fingerprints by stretch.
    fingerprints: Vec<Prints>,
    /// Where keys and fingerprints are kept.
    pub(super) spill: Spill,
    /// Tokens by stretch. Documents of which none are stored are read again where their tokens are needed.
    tokens: Vec<StoredTokens>,
    /// Paragraphs that may be boilerplate, by stretch, with its first document in the order of the input; documents count from it.
    paragraphs: Vec<(u32, Block<Paragraph>)>,
    /// Where each document stands, in the order of the input.
    positions: Vec<u32>,
    pub(super) repetitions: Vec<Repetition>,
    pub(super) repeating_documents: usize,
    pub(super) problems: Problems,
    pub(super) characters: u64,
    /// Documents named by file and line, because they had no id or shared it.
    pub(super) renamed: usize,
    /// Dates that were not understood.
    pub(super) bad_dates: BadDates,
}

/// Tokens that stay in memory from the first pass on, fourteen bytes each. Every 112 bytes of text count as one more, and so does every position of a
/// repeated shingle.
const MOST_IN_MEMORY: usize = if cfg!(test) { 1000 } else { 128 << 20 };

/// Reads `corpus` on all threads of the current pool.
pub(super) fn read(corpus: &impl Corpus, config: &DetectConfig, limit: Option<&MemoryLimit>, progress: &dyn Progress) -> Result<Reading> {
    let banding = config.banding();
    let spill = Spill::new(limit);
    let room = TokenRoom::new(MOST_IN_MEMORY.min(spill.most_tokens()));
    let setup = Setup { config, banding, progress, room: &room, spill: &spill };
    let whole = |stretch: Stretch<Result<Read>>| {
        let Stretch { output, lines, file, problems } = stretch;
        Ok(Stretch { output: output?, lines, file, problems })
    };
    let stretches = corpus.visit(|| Reader::new(&setup))?.into_iter().map(whole).collect::<Result<Vec<_>>>()?;
    check_cancelled(progress)?;
    let count = stretches.iter().map(|stretch| stretch.output.documents.len()).sum();
    if i32::try_from(count).is_err() {
        return Err(Error::TooMany { count });
    }
    let mut reading = Reading { keys: BandKeys::new(banding.bands), spill, ..Reading::default() };
    reading.documents.reserve_exact(count);
    let mut owners = Vec::new();
    let (mut file, mut lines_before) = (0, 0);
    for stretch in stretches {
        if stretch.file != file {
            (file, lines_before) = (stretch.file, 0);
        }
        let lines = stretch.lines;
        reading.append(stretch, &corpus.name(file), lines_before, &mut owners);
        lines_before += lines;
    }
    reading.settle_names(corpus, &owners);
    Ok(reading)
}

impl Reading {
    /// Takes over what was read in one stretch. `owners` gets the document of each repetition.
    #[expect(clippy::cast_possible_truncation, reason = "the number of documents was checked, and stretches are fewer")]
    fn append(&mut self, stretch: Stretch<Read>, file: &str, lines_before: u64, owners: &mut Vec<u32>) {
        let number = self.tokens.len() as u32;
        let first_document = self.documents.len() as u32;
        let reader = stretch.output;
        self.keys.push(reader.keys);
        self.tokens.push(reader.tokens);
        self.fingerprints.push(reader.fingerprints.of(first_document));
        self.documents.extend(reader.documents.into_iter().map(|mut document| {
            document.keys.stretch = number;
            document.line += lines_before + 1;
            document
        }));
        self.repeating_documents += reader.owners.chunk_by(|x, y| x == y).count();
        owners.extend(reader.owners.iter().map(|owner| owner + first_document));
        self.paragraphs.push((first_document, reader.paragraphs));
        self.repetitions.extend(reader.repetitions);
        self.problems.append(stretch.problems, lines_before);
        self.characters += reader.characters;
        self.bad_dates.append(reader.bad_dates, file, lines_before);
    }

    /// The band keys of a document with tokens.
    pub(super) fn keys_of(&self, document: u32) -> Result<Vec<BandKey>> {
        self.keys.of(self.documents[document as usize].keys, &self.spill)
    }

    /// Calls `visit` with each fingerprint of one partition.
    pub(super) fn visit_fingerprints(&self, partition: usize, mut visit: impl FnMut(Print)) -> Result<()> {
        let mut buffers = Default::default();
        self.fingerprints.iter().try_for_each(|stretch| stretch.visit(partition, &self.spill, &mut buffers, &mut visit))
    }

    /// How many fingerprints a partition has.
    pub(super) fn fingerprints_in(&self, partition: usize) -> usize {
        self.fingerprints.iter().map(|stretch| stretch.count(partition)).sum()
    }

    /// Calls `visit` with each paragraph that may be boilerplate, and with the position of its document in the table.
    pub(super) fn visit_paragraphs(&self, mut visit: impl FnMut(Paragraph)) -> Result<()> {
        let mut buffer = Vec::new();
        for (first, stretch) in &self.paragraphs {
            for paragraph in self.spill.read(stretch, 0..stretch.len(), &mut buffer)? {
                visit(Paragraph { document: self.positions[(first + paragraph.document) as usize], ..*paragraph });
            }
        }
        Ok(())
    }

    /// How many these are.
    pub(super) fn count_paragraphs(&self) -> usize {
        self.paragraphs.iter().map(|(_, stretch)| stretch.len()).sum()
    }

    /// Frees them.
    pub(super) fn forget_paragraphs(&mut self) {
        self.paragraphs = Vec::new();
    }

    /// What is known of the documents by their positions in the table, in the order of the input.
    pub(super) fn in_order_of_input(&self, by_position: &[u32]) -> Vec<u32> {
        self.positions.iter().map(|&position| by_position[position as usize]).collect()
    }

    fn tokens_of_stretch(&self, document: &DocumentLine) -> &StoredTokens {
        &self.tokens[document.keys.stretch as usize]
    }

    /// Hashes of the tokens of a document, if they are stored.
    pub(super) fn tokens_of(&self, document: u32) -> Result<Option<Cow<'_, [u64]>>> {
        let document = &self.documents[document as usize];
        self.tokens_of_stretch(document).hashes(document.stored_tokens(), &self.spill)
    }

    /// The positions of a document, of `all` that begin a shingle, whose shingle occurred before, in order; None if they are not stored.
    pub(super) fn again_in(&self, document: u32, all: usize) -> Result<Option<Cow<'_, [u32]>>> {
        let document = &self.documents[document as usize];
        // It has as many shingles as positions, or fewer; 0 if they were not counted.
        let Some(count) = all.checked_sub(document.shingles as usize) else { return Ok(None) };
        if count == 0 {
            return Ok(Some(Cow::Borrowed(&[])));
        }
        if document.shingles == 0 {
            return Ok(None);
        }
        let start = document.first_again as usize;
        self.tokens_of_stretch(document).again(start..start + count, &self.spill)
    }

    /// For each of `edges`, tokens of a document in ascending order, where the token starts and where the one before it ends, in code points; None if that is
    /// not stored.
    pub(super) fn edges_of(&self, document: u32, edges: &[u32]) -> Result<Option<Vec<[u32; 2]>>> {
        let document = &self.documents[document as usize];
        self.tokens_of_stretch(document).edges(document.stored_tokens(), document.first_block as usize, edges, &self.spill)
    }

    /// The spellings of the tokens of a document, if they are stored.
    pub(super) fn spellings_of(&self, document: u32) -> Result<Option<Cow<'_, [u32]>>> {
        let document = &self.documents[document as usize];
        self.tokens_of_stretch(document).spellings(document.stored_tokens(), &self.spill)
    }

    /// True if the spellings of a document are in memory.
    pub(super) fn has_spellings(&self, document: u32) -> bool {
        matches!(self.tokens_of_stretch(&self.documents[document as usize]), StoredTokens::Memory(_))
    }

    /// Frees the memory of token hashes, and what was noted of their shingles.
    pub(super) fn forget_tokens(&mut self) {
        self.tokens.iter_mut().for_each(StoredTokens::forget_hashes);
    }

    /// Frees the fingerprints.
    pub(super) fn forget_fingerprints(&mut self) {
        self.fingerprints = Vec::new();
    }

    /// Gives each document its final id and everything its order.
    fn settle_names(&mut self, corpus: &impl Corpus, owners: &[u32]) {
        let mut order = self.by_id();
        if self.rename(corpus, &order) {
            order = self.by_id();
        }
        let documents = &mut self.documents;
        for (repetition, &owner) in self.repetitions.iter_mut().zip(owners) {
            repetition.doc.clone_from(&documents[owner as usize].id);
        }
        self.positions = vec![0; order.len()];
        (0..).zip(&order).for_each(|(position, &at)| self.positions[at as usize] = position);
        put_in_order(documents, order);
        let filled = (0..).zip(&self.documents).filter(|(_, document)| document.tokens > 0);
        self.keys.name_rows(filled.map(|(position, document)| (document.keys, position)));
        self.repetitions.sort_by(|x, y| (&x.doc, x.first.start, x.again.start).cmp(&(&y.doc, y.first.start, y.again.start)));
    }

    /// The documents in the order of their ids.
    fn by_id(&self) -> Vec<u32> {
        naming::by_id(self.documents.len(), |at| &self.documents[at as usize].id)
    }

    /// Names every document without an id of its own. True if there was one.
    fn rename(&mut self, corpus: &impl Corpus, by_id: &[u32]) -> bool {
        let documents = &mut self.documents;
        let unnamed = naming::without_own_id(by_id, |at| &documents[at as usize].id);
        if unnamed.is_empty() {
            return false;
        }
        self.renamed = unnamed.iter().filter(|&&at| !corpus.has_no_ids(documents[at as usize].locator.file)).count();
        for &at in &unnamed {
            let document = &mut documents[at as usize];
            (document.id, document.has_own_id) = (Box::default(), false);
        }
        let own = documents.iter().filter(|document| document.has_own_id).map(|document| &*document.id);
        let place = |at: u32| {
            let DocumentLine { locator, line, .. } = &documents[at as usize];
            format!("{}:{line}", corpus.name(locator.file))
        };
        let names = naming::stand_ins(&unnamed, own, place);
        unnamed.iter().zip(names).for_each(|(&at, name)| documents[at as usize].id = name);
        true
    }
}

/// Moves `list[order[n]]` to `n`, for every n, where it stands.
#[expect(clippy::cast_possible_truncation, reason = "places are numbered in 32 bits")]
fn put_in_order<T>(list: &mut [T], mut order: Vec<u32>) {
    for start in 0..order.len() {
        // Around the ring of places that each take from the next.
        let mut at = start;
        loop {
            let next = std::mem::replace(&mut order[at], at as u32) as usize;
            if next == start {
                break;
            }
            list.swap(at, next);
            at = next;
        }
    }
}

#[cfg(test)]
impl DocumentLine {
    pub(super) fn dated(date: Option<i64>, tokens: u32) -> Self {
        Self { date, tokens, has_own_id: true, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::put_in_order;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_list_is_put_in_any_order(order in (0..60_u32).prop_flat_map(|count| Just((0..count).collect::<Vec<u32>>()).prop_shuffle())) {
            let mut list: Vec<u32> = (100..).take(order.len()).collect();
            put_in_order(&mut list, order.clone());
            prop_assert_eq!(list, order.iter().map(|at| at + 100).collect::<Vec<_>>());
        }
    }
}
