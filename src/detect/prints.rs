//! Fingerprints of a stretch, by the partition of their hashes: all that documents are paired by if they share a passage.
//!
//! In: the tokens of one document after another. Out: the fingerprints of all in one partition, which are put in order and compared while they fit in the cache.

use crate::error::Result;
use crate::sketch::{Beside, Fingerprint, Winnower};
use crate::spill::{Block, Spill};
use std::mem;
use std::ops::Range;

/// Partitions of the fingerprints by the upper bits of their hashes.
pub(super) const PARTITIONS: usize = 1 << PARTITION_BITS;
pub(super) const PARTITION_BITS: u32 = 8;

/// A fingerprint is a word, `hash 24 | selected 1 | document 7`: its partition says the upper bits of the hash, and documents count from the first of their
/// lot.
const DOCUMENT_BITS: u32 = PARTITION_BITS - 1;
/// Documents of a lot.
const LOT: u32 = 1 << DOCUMENT_BITS;

/// A fingerprint as it is visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Print {
    /// Without the bits that say which partition, which are 0: its upper 24 bits are those that the partition does not say.
    pub(super) hash: u32,
    /// In the order of the input.
    pub(super) document: u32,
    /// If it is selected.
    pub(super) beside: Option<Beside>,
}

/// The fingerprints of a stretch by partition, then in order of the documents; in five bytes each.
#[derive(Debug, Default)]
pub(super) struct Prints {
    words: Block<u32>,
    /// For each what is beside it, for those that are not selected anything.
    beside: Block<u8>,
    /// For each partition where its first fingerprint stands; then, lot by lot, for each where the first one behind the lot does.
    places: Vec<u32>,
    /// Of the stretch, in the order of the input.
    first_document: u32,
}

/// Gathers the fingerprints of a stretch, document by document.
#[derive(Debug, Default)]
pub(super) struct PrintGatherer {
    winnower: Winnower,
    /// In order of the documents, which count from the first of their lot.
    unsorted: Vec<Fingerprint>,
    beside: Vec<Beside>,
    /// How many fingerprints there are up to the end of each full lot.
    lots: Vec<usize>,
    /// Documents of the lot that is not full.
    documents: u32,
    sums: Vec<u64>,
}

impl PrintGatherer {
    /// With room for the fingerprints of so many tokens in a row.
    pub(super) fn with_room(tokens: usize) -> Self {
        Self { unsorted: Vec::with_capacity(tokens), beside: Vec::with_capacity(tokens), ..Self::default() }
    }

    /// Adds those of the next document, by [`Winnower::append`]; also if it has none. Linear.
    pub(super) fn add(&mut self, tokens: &[u64], run: usize) {
        if self.documents == LOT {
            self.lots.push(self.unsorted.len());
            self.documents = 0;
        }
        let start = self.unsorted.len();
        self.winnower.append(tokens, self.documents, run, &mut self.unsorted);
        self.documents += 1;
        let (unsorted, width) = (&self.unsorted[start..], Beside::width(run));
        Beside::sum(tokens, &mut self.sums);
        self.beside.resize(start + unsorted.len(), Beside::default());
        let selected = self.beside[start..].iter_mut().zip(unsorted).enumerate().filter(|(_, (_, print))| print.is_selected());
        selected.for_each(|(gram, (beside, _))| *beside = Beside::of(&self.sums, gram, width));
    }

    /// All of them; what there is no room for is put away.
    pub(super) fn finish(self, spill: &Spill) -> Result<Prints> {
        let Self { unsorted, beside, mut lots, .. } = self;
        lots.push(unsorted.len());
        let partition = |fingerprint: &Fingerprint| (fingerprint.hash() >> (u32::BITS - PARTITION_BITS)) as usize;
        let mut next = vec![0_u32; PARTITIONS];
        unsorted.iter().for_each(|fingerprint| next[partition(fingerprint)] += 1);
        let mut place = 0;
        for next in &mut next {
            place += mem::replace(next, place);
        }
        let mut places = next.clone();
        let (mut words, mut sorted) = (vec![0; unsorted.len()], vec![0; unsorted.len()]);
        let mut start = 0;
        for end in lots {
            for (fingerprint, beside) in unsorted[start..end].iter().zip(&beside[start..end]) {
                let place = &mut next[partition(fingerprint)];
                let selected = u32::from(fingerprint.is_selected()) << DOCUMENT_BITS;
                words[*place as usize] = fingerprint.hash() << PARTITION_BITS | selected | fingerprint.document();
                sorted[*place as usize] = beside.byte();
                *place += 1;
            }
            places.extend_from_slice(&next);
            start = end;
        }
        Ok(Prints { words: spill.keep(words)?, beside: spill.keep(sorted)?, places, first_document: 0 })
    }
}

impl Prints {
    /// The same, of a stretch that begins with a document.
    pub(super) fn of(self, first_document: u32) -> Self {
        Self { first_document, ..self }
    }

    /// Where the fingerprints of a partition begin, and where those of each lot end.
    fn places(&self, partition: usize) -> impl DoubleEndedIterator<Item = usize> {
        self.places.chunks_exact(PARTITIONS).map(move |places| places[partition] as usize)
    }

    /// Where the fingerprints of a partition stand.
    fn range(&self, partition: usize) -> Range<usize> {
        let mut places = self.places(partition);
        places.next().map_or(0..0, |start| start..places.next_back().unwrap_or(start))
    }

    /// How many one partition has.
    pub(super) fn count(&self, partition: usize) -> usize {
        self.range(partition).len()
    }

    /// Calls `visit` with each fingerprint of one partition; what was put away is read through `buffers`.
    pub(super) fn visit(
        &self,
        partition: usize,
        spill: &Spill,
        (words, beside): &mut (Vec<u32>, Vec<u8>),
        mut visit: impl FnMut(Print),
    ) -> Result<()> {
        let range = self.range(partition);
        if range.is_empty() {
            return Ok(());
        }
        let words = spill.read(&self.words, range.clone(), words)?;
        let beside = spill.read(&self.beside, range.clone(), beside)?;
        let mut start = 0;
        for (end, first) in self.places(partition).skip(1).zip((self.first_document..).step_by(LOT as usize)) {
            let end = end - range.start;
            for (&word, &beside) in words[start..end].iter().zip(&beside[start..end]) {
                let is_selected = word >> DOCUMENT_BITS & 1 == 1;
                let (hash, document) = (word >> PARTITION_BITS << PARTITION_BITS, first + word % LOT);
                visit(Print { hash, document, beside: is_selected.then(|| Beside::from_byte(beside)) });
            }
            start = end;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spill::MemoryLimit;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_gathered_is_visited(documents in prop::collection::vec(prop::collection::vec(0..9_u64, 0..8), 0..400), first in 0..9_u32, run in 4..7_usize, room in 0..9_000_u64) {
            let (mut gatherer, mut all) = (PrintGatherer::default(), Vec::new());
            for (document, tokens) in (first..).zip(&documents) {
                gatherer.add(tokens, run);
                let mut prints = Vec::new();
                Winnower::default().append(tokens, document, run, &mut prints);
                all.extend(prints.into_iter().enumerate().map(|(gram, print)| {
                    let mut sums = Vec::new();
                    Beside::sum(tokens, &mut sums);
                    let beside = print.is_selected().then(|| Beside::of(&sums, gram, Beside::width(run)));
                    (print.hash() >> 24, Print { hash: print.hash() << 8, document, beside })
                }));
            }
            // Some have no room for all of it.
            let folder = tempfile::tempdir().unwrap();
            let spill = Spill::new(Some(&MemoryLimit { bytes: room, temp_dir: folder.path().into() }));
            let prints = gatherer.finish(&spill)?.of(first);
            for partition in 0..PARTITIONS {
                let mut visited = Vec::new();
                prints.visit(partition, &spill, &mut Default::default(), |print| visited.push(print))?;
                let of_partition = all.iter().filter(|print| print.0 as usize == partition).map(|print| print.1);
                prop_assert_eq!(prints.count(partition), visited.len());
                prop_assert_eq!(visited, of_partition.collect::<Vec<_>>());
            }
        }
    }
}
