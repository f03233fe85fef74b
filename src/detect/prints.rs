//! Fingerprints of a stretch, by the partition of their hashes.

use crate::error::Result;
use crate::sketch::Fingerprint;
use crate::spill::{Block, Spill, Word};
use std::mem;

/// Partitions of the fingerprints by the upper bits of their hashes.
pub(super) const PARTITIONS: usize = 256;
pub(super) const PARTITION_BITS: u32 = 8;

impl Word for Fingerprint {
    const BYTES: usize = <u64 as Word>::BYTES;

    fn put(self, bytes: &mut [u8]) {
        self.word().put(bytes);
    }

    fn take(bytes: &[u8]) -> Self {
        Self::from_word(u64::take(bytes))
    }
}

/// The fingerprints of a stretch, by partition; where each partition ends.
#[derive(Debug, Default)]
pub(super) struct Prints {
    sorted: Block<Fingerprint>,
    ends: Vec<u32>,
    /// Of the stretch, in the order of the input.
    first_document: u32,
}

impl Prints {
    /// Puts `unsorted` in order of their partitions; within one they stay in order.
    pub(super) fn keep(unsorted: &[Fingerprint], spill: &Spill) -> Result<Self> {
        let partition = |fingerprint: &Fingerprint| (fingerprint.hash() >> (u32::BITS - PARTITION_BITS)) as usize;
        let mut ends = vec![0_u32; PARTITIONS];
        unsorted.iter().for_each(|fingerprint| ends[partition(fingerprint)] += 1);
        let mut place = 0;
        for end in &mut ends {
            place += mem::replace(end, place);
        }
        debug_assert_eq!(place as usize, unsorted.len());
        let mut sorted = vec![Fingerprint::default(); unsorted.len()];
        for fingerprint in unsorted {
            let place = &mut ends[partition(fingerprint)];
            sorted[*place as usize] = *fingerprint;
            *place += 1;
        }
        Ok(Self { sorted: spill.keep(sorted)?, ends, first_document: 0 })
    }

    /// The same, of a stretch that begins with a document.
    pub(super) fn of(self, first_document: u32) -> Self {
        Self { first_document, ..self }
    }

    /// The first document of the stretch, in the order of the input.
    pub(super) fn first_document(&self) -> u32 {
        self.first_document
    }

    /// The fingerprints of one partition; of those put away through `buffer`.
    pub(super) fn partition<'b>(&'b self, partition: usize, spill: &Spill, buffer: &'b mut Vec<Fingerprint>) -> Result<&'b [Fingerprint]> {
        let Some(&end) = self.ends.get(partition) else { return Ok(&[]) };
        let start = if partition == 0 { 0 } else { self.ends[partition - 1] };
        spill.read(&self.sorted, start as usize..end as usize, buffer)
    }
}
