//! Fingerprints of a stretch, by the partition of their hashes: all that documents are paired by if they share a passage.
//!
//! In: the tokens of one document after another. Out: the fingerprints of all in one partition, which are put in order and compared while they fit in the cache.

use crate::error::Result;
use crate::sketch::ContextTag;
use crate::spill::{Block, Spill};
use crate::text::Winnower;
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
    pub(super) beside: Option<ContextTag>,
}

/// The fingerprints of a stretch by partition, then in order of the documents: four bytes each, and for those that are selected one more.
#[derive(Debug, Default)]
pub(super) struct Prints {
    words: Block<u32>,
    /// For each that is selected what is beside it.
    beside: Block<u8>,
    /// For each partition where its first fingerprint stands, and where all end; and the same for those that are selected, among `beside`.
    starts: Vec<u32>,
    starts_beside: Vec<u32>,
    /// Lot by lot but for the last, for each partition where the first one behind the lot stands.
    lots: Vec<u32>,
    /// Of the stretch, in the order of the input.
    first_document: u32,
}

/// Gathers the fingerprints of a stretch, document by document.
#[derive(Debug, Default)]
pub(super) struct PrintGatherer {
    winnower: Winnower,
    unsorted: Vec<u32>,
    /// For each that is selected what is beside it.
    beside: Vec<Option<ContextTag>>,
    /// For each document how many fingerprints it and those before it have.
    ends: Vec<usize>,
    sums: Vec<u64>,
}

impl PrintGatherer {
    /// With room for the fingerprints of so many tokens in a row.
    pub(super) fn with_room(tokens: usize) -> Self {
        Self { unsorted: Vec::with_capacity(tokens), beside: Vec::with_capacity(tokens), ..Self::default() }
    }

    /// Adds those of the next document, by [`Winnower::append`]; also if it has none. Linear.
    pub(super) fn add(&mut self, tokens: &[u64], run: usize) {
        let Self { winnower, unsorted, beside, ends, sums } = self;
        let (start, width) = (unsorted.len(), ContextTag::width(run));
        let selected = winnower.append(tokens, run, unsorted);
        ContextTag::sum(tokens, sums);
        beside.resize(unsorted.len(), None);
        selected.iter().map(|&gram| gram as usize).for_each(|gram| beside[start + gram] = Some(ContextTag::of(sums, gram, width)));
        ends.push(unsorted.len());
    }

    /// All of them; what there is no room for is put away.
    pub(super) fn finish(self, spill: &Spill) -> Result<Prints> {
        let Self { unsorted, beside, ends, .. } = self;
        let partition = |print: u32| (print >> (u32::BITS - PARTITION_BITS)) as usize;
        let (mut next, mut next_beside) = (vec![0_u32; PARTITIONS + 1], vec![0_u32; PARTITIONS + 1]);
        for (&print, beside) in unsorted.iter().zip(&beside) {
            next[partition(print)] += 1;
            next_beside[partition(print)] += u32::from(beside.is_some());
        }
        let [all, selected] = [&mut next, &mut next_beside]
            .map(|counts| counts.iter_mut().fold(0, |place, count| place + std::mem::replace(count, place)) as usize);
        let (starts, starts_beside, mut lots) = (next.clone(), next_beside.clone(), Vec::new());
        let (mut words, mut bytes) = (vec![0; all], vec![0; selected]);
        let mut start = 0;
        for (number, lot) in ends.chunks(LOT as usize).enumerate() {
            if number > 0 {
                lots.extend_from_slice(&next[..PARTITIONS]);
            }
            for (document, &end) in (0..).zip(lot) {
                for (&print, beside) in unsorted[start..end].iter().zip(&beside[start..end]) {
                    let (place, place_beside) = (&mut next[partition(print)], &mut next_beside[partition(print)]);
                    words[*place as usize] = print << PARTITION_BITS | u32::from(beside.is_some()) << DOCUMENT_BITS | document;
                    *place += 1;
                    if let Some(beside) = beside {
                        bytes[*place_beside as usize] = beside.byte();
                        *place_beside += 1;
                    }
                }
                start = end;
            }
        }
        Ok(Prints { words: spill.keep(words)?, beside: spill.keep(bytes)?, starts, starts_beside, lots, first_document: 0 })
    }
}

impl Prints {
    /// The same, of a stretch that begins with a document.
    pub(super) fn of(self, first_document: u32) -> Self {
        Self { first_document, ..self }
    }

    /// Where the fingerprints of a partition stand; in a stretch that was never gathered nowhere.
    fn range(&self, partition: usize) -> Range<usize> {
        range_of(&self.starts, partition)
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
        let beside = spill.read(&self.beside, range_of(&self.starts_beside, partition), beside)?;
        let (mut start, mut next) = (0, 0);
        let ends = self.lots.chunks_exact(PARTITIONS).map(|lot| lot[partition] as usize - range.start).chain([range.len()]);
        for (end, first) in ends.zip((self.first_document..).step_by(LOT as usize)) {
            for &word in &words[start..end] {
                let is_selected = word >> DOCUMENT_BITS & 1 == 1;
                // Read in any case: no branch to foretell.
                let byte = beside.get(next).copied().unwrap_or_default();
                next += usize::from(is_selected);
                let (hash, document) = (word >> PARTITION_BITS << PARTITION_BITS, first + word % LOT);
                visit(Print { hash, document, beside: is_selected.then(|| ContextTag::from_byte(byte)) });
            }
            start = end;
        }
        Ok(())
    }
}

/// From the start of a partition to that of the next.
fn range_of(starts: &[u32], partition: usize) -> Range<usize> {
    starts.get(partition..partition + 2).map_or(0..0, |starts| starts[0] as usize..starts[1] as usize)
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
                let (mut winnower, mut prints, mut sums) = (Winnower::default(), Vec::new(), Vec::new());
                let selected = winnower.append(tokens, run, &mut prints);
                ContextTag::sum(tokens, &mut sums);
                all.extend((0..).zip(prints).map(|(gram, print)| {
                    let beside = selected.contains(&gram).then(|| ContextTag::of(&sums, gram as usize, ContextTag::width(run)));
                    (print >> 24, Print { hash: print << 8, document, beside })
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
