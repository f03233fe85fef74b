//! Band keys of all documents.
//!
//! In: the keys of each stretch, a row a document. Out: the keys of one band, or of one document. They are the most of what near-duplicates take in
//! memory, and are put away when there is no room.

use crate::error::Result;
use crate::sketch::BandKey;
use crate::spill::{Block, Spill};
use crate::text::mix;
use rayon::prelude::*;

/// A document's keys: stretch, and row in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct KeyPlace {
    pub(super) stretch: u32,
    pub(super) row: u32,
}

/// Band keys by stretch.
#[derive(Debug, Default)]
pub(super) struct BandKeys {
    /// Of each stretch the keys of the first band, then those of the second.
    stretches: Vec<Block<BandKey>>,
    bands: usize,
    /// For each row the document that it is of.
    documents: Vec<u32>,
}

/// The keys of a stretch, a row of `bands` a document, kept by band.
pub(super) fn keep_keys(rows: &[BandKey], bands: usize, spill: &Spill) -> Result<Block<BandKey>> {
    let mut by_band = Vec::with_capacity(rows.len());
    (0..bands).for_each(|band| by_band.extend(rows.iter().skip(band).step_by(bands)));
    spill.keep(by_band)
}

impl BandKeys {
    pub(super) fn new(bands: usize) -> Self {
        Self { bands, ..Self::default() }
    }

    /// Takes the keys of the next stretch.
    pub(super) fn push(&mut self, stretch: Block<BandKey>) {
        self.stretches.push(stretch);
    }

    /// Says which document each row is of; rows of a stretch follow those of the one before.
    pub(super) fn name_rows(&mut self, documents: impl Iterator<Item = (KeyPlace, u32)>) {
        let (mut starts, mut count) = (Vec::with_capacity(self.stretches.len()), 0);
        for stretch in &self.stretches {
            starts.push(count);
            count += stretch.len() / self.bands;
        }
        if count == 0 {
            return; // none are computed
        }
        self.documents = vec![u32::MAX; count];
        for (place, document) in documents {
            self.documents[starts[place.stretch as usize] + place.row as usize] = document;
        }
    }

    fn rows(&self, stretch: usize) -> usize {
        self.stretches[stretch].len() / self.bands
    }

    /// Calls `visit` with each document and its key in `band`, stretch by stretch.
    pub(super) fn visit_band(&self, band: usize, spill: &Spill, mut visit: impl FnMut(u32, BandKey)) -> Result<()> {
        let (mut buffer, mut first) = (Vec::new(), 0);
        for (number, stretch) in self.stretches.iter().enumerate() {
            let rows = self.rows(number);
            let keys = spill.read(stretch, band * rows..(band + 1) * rows, &mut buffer)?;
            self.documents[first..first + rows].iter().zip(keys).for_each(|(&document, &key)| visit(document, key));
            first += rows;
        }
        Ok(())
    }

    /// The keys of one document, in order of the bands.
    pub(super) fn of(&self, place: KeyPlace, spill: &Spill) -> Result<Vec<BandKey>> {
        let (stretch, row) = (place.stretch as usize, place.row as usize);
        let rows = self.rows(stretch);
        let mut buffer = Vec::new();
        let key =
            |band: usize| spill.read(&self.stretches[stretch], band * rows + row..band * rows + row + 1, &mut buffer).map(|key| key[0]);
        (0..self.bands).map(key).collect()
    }

    /// For each of `count` documents a hash of all its keys, 0 for those without any.
    pub(super) fn digests(&self, count: usize, spill: &Spill) -> Result<Vec<u64>> {
        let of_stretch = (0..self.stretches.len()).into_par_iter().map(|number| {
            let mut buffer = Vec::new();
            let keys = spill.read(&self.stretches[number], 0..self.stretches[number].len(), &mut buffer)?;
            let mut digests = vec![0; self.rows(number)];
            for band in keys.chunks_exact(digests.len().max(1)) {
                digests.iter_mut().zip(band).for_each(|(digest, &key)| *digest = mix(*digest ^ u64::from(key)));
            }
            Ok(digests)
        });
        let of_stretch = of_stretch.collect::<Result<Vec<Vec<u64>>>>()?;
        let mut digests = vec![0; count];
        for (&document, digest) in self.documents.iter().zip(of_stretch.into_iter().flatten()) {
            digests[document as usize] = digest;
        }
        Ok(digests)
    }
}
