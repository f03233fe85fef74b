//! Whether everything in an index is as it was written, and fits together.

use super::Transaction;
use super::add::Entries;
use super::document::{ContentRow, DocumentRow};
use super::postings::{Entry, Kind, Run};
use super::store::{Extent, Store as _, Table};
use refrain_engine::error::Result;
use std::collections::HashMap;
use xxhash_rust::xxh3::xxh3_128;

/// What was verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Articles read, and their contents computed anew.
    pub documents: u64,
    /// Entries of all kinds, each of which belongs to an article.
    pub entries: u64,
}

/// A sum over entries that does not depend on their order: two lists of one sum are one list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    count: u64,
    sums: [u64; 2],
}

impl Tally {
    #[expect(clippy::cast_possible_truncation, reason = "both halves are kept")]
    fn add(&mut self, entry: Entry) {
        let mut bytes = [0; 10];
        bytes[..4].copy_from_slice(&entry.hash().to_le_bytes());
        bytes[4..8].copy_from_slice(&entry.number().to_le_bytes());
        bytes[8..].copy_from_slice(&entry.around.to_le_bytes());
        let hash = xxh3_128(&bytes);
        self.count += 1;
        let halves = [hash as u64, (hash >> 64) as u64];
        self.sums.iter_mut().zip(halves).for_each(|(sum, half)| *sum = sum.wrapping_add(half));
    }
}

impl Transaction<'_> {
    /// Reads everything: checksums, counts, and that every key, gram, paragraph and id is what the articles give, no more and no less.
    ///
    /// # Errors
    /// [`super::IndexError::Damaged`] with the first thing that does not hold.
    pub fn verify(&self) -> Result<Verified> {
        if let Some(fault) = self.rows().store.faults(Extent::Contents)?.first() {
            return Err(self.rows().fault(fault.clone()));
        }
        let members = self.verify_contents()?;
        let mut expected: [Tally; Kind::ALL.len()] = [Tally::default(); Kind::ALL.len()];
        let documents = self.verify_documents(&members, &mut expected)?;
        let mut verified = Verified { documents, entries: 0 };
        for kind in Kind::ALL {
            let found = self.tally(kind)?;
            if found != expected[kind as usize] {
                let (found, wanted) = (found.count, expected[kind as usize].count);
                return Err(self.rows().fault(format!("postings {kind:?} are {found}, and not the {wanted} that the articles give")));
            }
            verified.entries += found.count;
        }
        self.verify_chunks()?;
        Ok(verified)
    }

    /// The members of each content, by their numbers; whether they are the first.
    fn verify_contents(&self) -> Result<HashMap<u32, (u32, bool)>> {
        let mut members = HashMap::new();
        let mut contents = 0;
        self.rows().scan(Table::Contents, ContentRow::of, |row, content| {
            contents += 1;
            let number = u32::try_from(row).map_err(|_| self.rows().damaged(Table::Contents, row, "has no number of a content"))?;
            for (at, &document) in content.documents.iter().enumerate() {
                if members.insert(document, (number, at == 0)).is_some() {
                    return Err(self.rows().fault(format!("article {document} has two contents")));
                }
            }
            Ok(())
        })?;
        self.same("contents", contents, self.state.contents)?;
        self.same("articles of contents", members.len() as u64, self.state.documents)?;
        Ok(members)
    }

    fn verify_documents(&self, members: &HashMap<u32, (u32, bool)>, expected: &mut [Tally; Kind::ALL.len()]) -> Result<u64> {
        let mut signer = self.signer();
        let mut documents = 0;
        self.rows().scan(Table::Documents, DocumentRow::of, |row, document| {
            documents += 1;
            let number = u32::try_from(row).ok();
            let Some((number, &(content, is_first))) = number.and_then(|number| Some((number, members.get(&number)?))) else {
                return Err(self.rows().fault(format!("article {row} is of no content")));
            };
            if document.content != content {
                return Err(self.rows().fault(format!("article {row} is of another content than {content}, which names it")));
            }
            if let Some(text) = self.text(row, &document)?
                && super::document::text_hash(&text) != document.meta.text_hash
            {
                return Err(self.rows().fault(format!("article {row} has another text than was added")));
            }
            let looked_up = self.looked_up_by(&document, &mut signer)?;
            let hash = self.content(content)?.hash;
            if looked_up.content != hash {
                return Err(self.rows().fault(format!("article {row} has other tokens than its content")));
            }
            let mut entries = Entries::default();
            entries.push_id(&document.id, number);
            if is_first {
                entries.push_content(content, &looked_up);
            }
            entries.kinds().for_each(|(kind, entries)| entries.into_iter().for_each(|entry| expected[kind as usize].add(entry)));
            Ok(())
        })?;
        self.same("articles", documents, self.state.documents)?;
        Ok(documents)
    }

    fn tally(&self, kind: Kind) -> Result<Tally> {
        let mut tally = Tally::default();
        for run in self.state.runs.iter().filter(|run| run.kind == kind) {
            let before = tally.count;
            let mut is_placed = true;
            let mut chunk = 0;
            self.each_entry(run, |entry| {
                is_placed &= run.chunk_of(entry.hash()) >= chunk;
                chunk = run.chunk_of(entry.hash());
                tally.add(entry);
            })?;
            if !is_placed || tally.count - before != run.entries {
                return Err(self.rows().fault(format!("run {} of postings has not the entries that it should", run.number)));
            }
        }
        Ok(tally)
    }

    /// No chunk is there that belongs to no run.
    fn verify_chunks(&self) -> Result<()> {
        let mut found = 0;
        self.rows().store.scan(Table::Postings, &mut |_, _| {
            found += 1;
            Ok(())
        })?;
        self.same("chunks of postings", found, self.state.runs.iter().map(Run::chunks).map(u64::from).sum())
    }

    fn same(&self, what: &str, found: u64, said: u64) -> Result<()> {
        if found == said { Ok(()) } else { Err(self.rows().fault(format!("{found} {what}, and the state says {said}"))) }
    }
}
