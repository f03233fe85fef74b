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

/// The partition says as many bits of a hash as tell, in a word with the others, which document of its lot has it, and above them whether it is
/// selected.
const DOCUMENT_BITS: u32 = PARTITION_BITS - 1;
/// Documents of a lot.
const LOT: u32 = 1 << DOCUMENT_BITS;

/// The fingerprints of a stretch, in five bytes each.
#[derive(Debug, Default)]
pub(super) struct Prints {
    lots: Vec<Lot>,
    /// Of the stretch, in the order of the input.
    first_document: u32,
}

/// A fingerprint as it is visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Print {
    /// Without the bits that say which partition, which are 0.
    pub(super) hash: u32,
    /// In the order of the input.
    pub(super) document: u32,
    /// If it is selected.
    pub(super) beside: Option<Beside>,
}

/// The fingerprints of a lot of documents in a row, by partition.
#[derive(Debug)]
struct Lot {
    words: Block<u32>,
    /// For each what is beside it, for those that are not selected anything.
    beside: Block<u8>,
    /// Where each partition ends.
    ends: Vec<u32>,
}

impl Lot {
    /// Puts `unsorted`, whose documents count from the first of the lot, in order of their partitions; within one they stay in order.
    fn sorted(unsorted: &[Fingerprint], beside: &[Beside]) -> SortedLot {
        let partition = |fingerprint: &Fingerprint| (fingerprint.hash() >> (u32::BITS - PARTITION_BITS)) as usize;
        let mut ends = vec![0_u32; PARTITIONS];
        unsorted.iter().for_each(|fingerprint| ends[partition(fingerprint)] += 1);
        let mut place = 0;
        for end in &mut ends {
            place += mem::replace(end, place);
        }
        let (mut words, mut sorted) = (vec![0; unsorted.len()], vec![0; unsorted.len()]);
        for (fingerprint, beside) in unsorted.iter().zip(beside) {
            let place = &mut ends[partition(fingerprint)];
            let selected = u32::from(fingerprint.is_selected()) << DOCUMENT_BITS;
            words[*place as usize] = fingerprint.hash() << PARTITION_BITS | selected | fingerprint.document();
            sorted[*place as usize] = beside.byte();
            *place += 1;
        }
        SortedLot { words, beside: sorted, ends }
    }

    /// Where the words of a partition stand.
    fn range(&self, partition: usize) -> Range<usize> {
        let start = if partition == 0 { 0 } else { self.ends[partition - 1] };
        start as usize..self.ends[partition] as usize
    }
}

/// What [`Lot`] keeps, in memory.
#[derive(Debug)]
struct SortedLot {
    words: Vec<u32>,
    beside: Vec<u8>,
    ends: Vec<u32>,
}

/// Gathers the fingerprints of a stretch, document by document.
#[derive(Debug, Default)]
pub(super) struct PrintGatherer {
    winnower: Winnower,
    /// Of the lot that is not full.
    unsorted: Vec<Fingerprint>,
    beside: Vec<Beside>,
    documents: u32,
    full: Vec<SortedLot>,
}

impl PrintGatherer {
    /// With room for the fingerprints of so many tokens in a row.
    pub(super) fn with_room(tokens: usize) -> Self {
        Self { unsorted: Vec::with_capacity(tokens), ..Self::default() }
    }

    /// Adds those of the next document, by [`Winnower::append`]; also if it has none.
    pub(super) fn add(&mut self, tokens: &[u64], run: usize) {
        if self.documents == LOT {
            self.end_lot();
        }
        let start = self.unsorted.len();
        self.winnower.append(tokens, self.documents, run, &mut self.unsorted);
        self.documents += 1;
        let (unsorted, width) = (&self.unsorted[start..], Beside::width(run));
        self.beside.resize(start + unsorted.len(), Beside::default());
        let selected = self.beside[start..].iter_mut().zip(unsorted).enumerate().filter(|(_, (_, print))| print.is_selected());
        selected.for_each(|(gram, (beside, _))| *beside = Beside::of(tokens, gram, width));
    }

    fn end_lot(&mut self) {
        self.full.push(Lot::sorted(&self.unsorted, &self.beside));
        self.unsorted.clear();
        self.beside.clear();
        self.documents = 0;
    }

    /// All of them; what there is no room for is put away.
    pub(super) fn finish(mut self, spill: &Spill) -> Result<Prints> {
        if self.documents > 0 {
            self.end_lot();
        }
        let kept = |lot: SortedLot| Ok(Lot { words: spill.keep(lot.words)?, beside: spill.keep(lot.beside)?, ends: lot.ends });
        let lots = self.full.into_iter().map(kept);
        Ok(Prints { lots: lots.collect::<Result<_>>()?, first_document: 0 })
    }
}

impl Prints {
    /// The same, of a stretch that begins with a document.
    pub(super) fn of(self, first_document: u32) -> Self {
        Self { first_document, ..self }
    }

    /// How many one partition has.
    pub(super) fn count(&self, partition: usize) -> usize {
        self.lots.iter().map(|lot| lot.range(partition).len()).sum()
    }

    /// Calls `visit` with each fingerprint of one partition; what was put away is read through `buffers`.
    pub(super) fn visit(
        &self,
        partition: usize,
        spill: &Spill,
        (words, beside): &mut (Vec<u32>, Vec<u8>),
        mut visit: impl FnMut(Print),
    ) -> Result<()> {
        self.lots.iter().zip((self.first_document..).step_by(LOT as usize)).try_for_each(|(lot, first)| {
            let range = lot.range(partition);
            let words = spill.read(&lot.words, range.clone(), words)?;
            for (&word, &beside) in words.iter().zip(spill.read(&lot.beside, range, beside)?) {
                let is_selected = word >> DOCUMENT_BITS & 1 == 1;
                let (hash, document) = (word >> PARTITION_BITS << PARTITION_BITS, first + word % LOT);
                visit(Print { hash, document, beside: is_selected.then(|| Beside::from_byte(beside)) });
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_gathered_is_visited(documents in prop::collection::vec(prop::collection::vec(0..9_u64, 0..8), 0..400), first in 0..9_u32, run in 4..7_usize) {
            let (mut gatherer, mut all) = (PrintGatherer::default(), Vec::new());
            for (document, tokens) in (first..).zip(&documents) {
                gatherer.add(tokens, run);
                let mut prints = Vec::new();
                Winnower::default().append(tokens, document, run, &mut prints);
                all.extend(prints.into_iter().enumerate().map(|(gram, print)| {
                    let beside = print.is_selected().then(|| Beside::of(tokens, gram, Beside::width(run)));
                    (print.hash() >> 24, Print { hash: print.hash() << 8, document, beside })
                }));
            }
            let spill = Spill::new(None);
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
