//! MinHash (Broder 1997): the signature of a document is, for each of n hash functions, the least value over its shingles.
//!
//! The functions are a*x+b modulo 2^32 with odd a, on the lower half of the 64-bit shingle hash, which is mixed already.

use super::banding::Banding;
use super::simd::LANES;
use crate::simd::Simd;
use crate::text::{ShingleHash, mix};

/// Key of a band: documents that share it are proposed. 32 bits keep a million documents' keys small; chance meetings are
/// verified away like any other.
pub type BandKey = u32;

/// Computes band keys of documents.
#[derive(Clone, Debug)]
pub struct Sketcher {
    banding: Banding,
    simd: Simd,
    /// Multipliers and addends, filled up to a multiple of [`LANES`].
    multipliers: Vec<u32>,
    addends: Vec<u32>,
    minima: Vec<u32>,
}

/// Seed of the hash functions. Sketches made with another cannot be compared.
const SEED: u64 = 0x7265_6672_6169_6E00;

fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mix(*state)
}

fn upper_half(hash: u64) -> u32 {
    (hash >> 32) as u32
}

impl Sketcher {
    /// A sketcher for `banding`, of at least one band and one row; `simd` changes its speed alone.
    #[must_use]
    pub fn new(banding: Banding, simd: Simd) -> Self {
        let banding = Banding { bands: banding.bands.max(1), rows: banding.rows.max(1) };
        let lanes = banding.minima().next_multiple_of(LANES);
        let mut state = SEED;
        let mut lanes_or = |or: u32| -> Vec<u32> { (0..lanes).map(|_| upper_half(draw(&mut state)) | or).collect() };
        Self { banding, simd: simd.resolve(), multipliers: lanes_or(1), addends: lanes_or(0), minima: vec![0; lanes] }
    }

    /// Appends the document's band keys to `keys`, one a band.
    pub fn append_keys(&mut self, shingles: &[ShingleHash], keys: &mut Vec<BandKey>) {
        self.simd.minima(shingles, &self.multipliers, &self.addends, &mut self.minima);
        let used = &self.minima[..self.banding.minima()];
        keys.extend(used.chunks_exact(self.banding.rows).enumerate().map(|(band, rows)| {
            let hash = rows.iter().fold(band as u64, |hash, &minimum| mix(hash ^ u64::from(minimum)));
            upper_half(hash)
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_band_is_one_band() {
        assert_eq!(keys(Banding { bands: 0, rows: 0 }, Simd::Auto, &[7, 9]), keys(Banding { bands: 1, rows: 1 }, Simd::Auto, &[7, 9]));
    }

    fn keys(banding: Banding, simd: Simd, shingles: &[u64]) -> Vec<BandKey> {
        let mut keys = Vec::new();
        Sketcher::new(banding, simd).append_keys(shingles, &mut keys);
        keys
    }

    proptest! {
        #[test]
        fn instructions_order_and_repeats_change_nothing(set in prop::collection::vec(any::<u64>(), 1..200), bands in 1..60_usize) {
            let banding = Banding { bands, rows: 3 };
            let plain = keys(banding, Simd::Off, &set);
            let doubled: Vec<u64> = set.iter().rev().chain(&set).copied().collect();
            prop_assert_eq!(&plain, &keys(banding, Simd::Auto, &doubled));
            prop_assert_eq!(&plain, &keys(banding, Simd::Avx2, &set));
        }
    }

    /// Pairs of known Jaccard share a band as often as the formula says.
    #[test]
    fn bands_meet_as_often_as_the_formula_says() {
        let banding = Banding { bands: 23, rows: 6 };
        let mut state = 7;
        for (shared, own) in [(80, 10), (60, 20), (50, 25)] {
            let jaccard = f64::from(shared) / f64::from(shared + 2 * own);
            let trials = 3000;
            let met = (0..trials)
                .filter(|_| {
                    let common: Vec<u64> = (0..shared).map(|_| draw(&mut state)).collect();
                    let mut with_own =
                        || keys(banding, Simd::Auto, &[common.clone(), (0..own).map(|_| draw(&mut state)).collect()].concat());
                    let (a, b) = (with_own(), with_own());
                    a.iter().zip(&b).any(|(x, y)| x == y)
                })
                .count();
            let (found, expected) = (met as f64 / f64::from(trials), banding.probability(jaccard));
            assert!((found - expected).abs() < 0.03, "jaccard {jaccard}: {found} of pairs met, the formula says {expected}");
        }
    }
}
