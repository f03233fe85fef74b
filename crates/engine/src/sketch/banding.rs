//! How a signature is cut in bands, from the threshold.

use serde::Serialize;

/// `bands` keys of `rows` minima each. Two documents of Jaccard j share a key with probability 1-(1-j^rows)^bands
/// (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, section 3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Banding {
    /// Number of keys.
    pub bands: usize,
    /// Minima in a key.
    pub rows: usize,
}

/// Least probability that a pair exactly at the threshold is proposed.
const RECALL: f64 = 0.999;
/// More minima than this cost more time than the candidates that they save.
const MOST_MINIMA: usize = 160;
/// Lower thresholds are taken for this one.
const LEAST_THRESHOLD: f64 = 0.01;
/// More rows than this make no difference.
const MOST_ROWS: usize = 16;

impl Banding {
    /// The most selective bands that propose a pair at `threshold` with a probability of at least 0.999. A threshold beyond [0.01, 1] is the nearest in it, and
    /// one that is no number is 1.
    #[must_use]
    pub fn for_threshold(threshold: f64) -> Self {
        let threshold = if threshold.is_nan() { 1.0 } else { threshold.clamp(LEAST_THRESHOLD, 1.0) };
        (1..=MOST_ROWS)
            .map(|rows| Self { bands: bands_needed(threshold, rows), rows })
            .rfind(|banding| banding.rows == 1 || banding.minima() <= MOST_MINIMA)
            .unwrap_or(Self { bands: 1, rows: 1 })
    }

    /// Length of the signature.
    #[must_use]
    pub fn minima(self) -> usize {
        self.bands * self.rows
    }

    /// Probability that a pair of Jaccard `jaccard` is proposed.
    #[must_use]
    pub fn probability(self, jaccard: f64) -> f64 {
        1.0 - (1.0 - jaccard.powi(i32::try_from(self.rows).unwrap_or(i32::MAX))).powi(i32::try_from(self.bands).unwrap_or(i32::MAX))
    }
}

fn bands_needed(threshold: f64, rows: usize) -> usize {
    (1..).find(|&bands| Banding { bands, rows }.probability(threshold) >= RECALL || bands > MOST_MINIMA).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_thresholds_are_the_nearest_in_range() {
        for (odd, near) in [(f64::NAN, 1.0), (f64::INFINITY, 1.0), (2.0, 1.0), (-1.0, LEAST_THRESHOLD), (0.0, LEAST_THRESHOLD)] {
            assert_eq!(Banding::for_threshold(odd), Banding::for_threshold(near), "{odd}");
        }
        assert!(Banding::for_threshold(0.0).minima() > 0);
    }

    #[test]
    fn every_threshold_has_its_recall_within_the_budget() {
        for hundredths in 30..=100 {
            let threshold = f64::from(hundredths) / 100.0;
            let banding = Banding::for_threshold(threshold);
            assert!(banding.probability(threshold) >= RECALL, "{threshold}: {banding:?}");
            assert!(banding.minima() <= MOST_MINIMA, "{threshold}: {banding:?}");
        }
        assert_eq!(Banding::for_threshold(0.8), Banding { bands: 23, rows: 6 });
        assert_eq!(Banding::for_threshold(0.5), Banding { bands: 52, rows: 3 });
    }
}
