//! What each threshold would give.
//!
//! In: values that findings were told with. Out: thresholds to try, and rows with the best one marked. Always: thresholds ascend, and
//! of rows that are equally good the first is the best, which keeps most findings. Where no row scores over 0, none is the best.

use super::six_decimals;
use super::told::{Told, ToldPair};
use refrain_engine::error::Result;
use serde::Serialize;

/// By what pairs are kept or left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Jaccard.
    Jaccard,
    /// The larger containment of the two.
    Containment,
    /// The larger share of the two that passages cover.
    Coverage,
}

impl Measure {
    /// The measure's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Jaccard => "jaccard",
            Self::Containment => "containment",
            Self::Coverage => "coverage",
        }
    }

    /// The value that a pair was told with.
    pub(super) fn of(self, told: &ToldPair) -> Option<f64> {
        match self {
            Self::Jaccard => told.jaccard,
            Self::Containment => told.containment,
            Self::Coverage => told.coverage,
        }
    }

    /// Whether pairs can be swept by this.
    ///
    /// # Errors
    /// There are pairs, and none has it.
    pub(super) fn check(self, told: &Told) -> Result<()> {
        if told.pairs.is_empty() || told.pairs.iter().any(|pair| self.of(pair).is_some()) {
            return Ok(());
        }
        Err(told.wrong(format!(
            "no pair has a {} to sweep over; sweep over another measure, or scan again so that it is computed",
            self.name()
        )))
    }
}

/// A table of scores by threshold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sweep<T> {
    /// What the threshold is on: `jaccard`, `containment`, `coverage` or `words`.
    pub by: &'static str,
    /// Findings without that value. No row counts them.
    pub without_value: usize,
    /// By ascending threshold.
    pub rows: Vec<SweepRow<T>>,
}

/// What is scored if only findings with at least `threshold` had been told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SweepRow<T> {
    /// The least value that counts.
    #[serde(serialize_with = "six_decimals")]
    pub threshold: f64,
    /// The scores.
    #[serde(flatten)]
    pub score: T,
    /// True for the best row.
    pub best: bool,
}

impl<T> Sweep<T> {
    /// A table of rows by ascending threshold; the one that is best by `goodness` is marked.
    pub(super) fn new(by: &'static str, without_value: usize, rows: Vec<(f64, T)>, goodness: impl Fn(&T) -> f64) -> Self {
        let best = first_best(rows.iter().map(|(_, score)| goodness(score)));
        let row = |(number, (threshold, score))| SweepRow { threshold, score, best: Some(number) == best };
        Self { by, without_value, rows: rows.into_iter().enumerate().map(row).collect() }
    }
}

/// Index of the largest over 0, the first of equals.
pub(super) fn first_best(values: impl Iterator<Item = f64>) -> Option<usize> {
    let best = values.enumerate().filter(|(_, value)| *value > 0.0).reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.map(|(index, _)| index)
}

/// Steps of the grid between 0 and 1.
const STEPS: u32 = 20;

/// Thresholds in steps of 0.05 up to 1, from the last that keeps all of `values`.
pub(super) fn grid(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let smallest = values.fold(1.0, f64::min);
    let step = |number: u32| f64::from(number) / f64::from(STEPS);
    (0..=STEPS).filter(|&number| step(number + 1) > smallest).map(step).collect()
}

/// Values to be counted from any threshold up.
pub(super) struct Sorted(Vec<f64>);

impl Sorted {
    pub(super) fn new(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_unstable_by(f64::total_cmp);
        Self(values)
    }

    /// How many are not below `threshold`.
    pub(super) fn at_least(&self, threshold: f64) -> usize {
        self.0.len() - self.0.partition_point(|&value| value < threshold)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = f64> + '_ {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_begins_where_all_is_kept() {
        assert_eq!(grid([0.93, 0.87].into_iter()), [0.85, 0.9, 0.95, 1.0]);
        assert_eq!(grid([0.9].into_iter()), [0.9, 0.95, 1.0]);
        assert_eq!(grid([0.0].into_iter()).len(), 21);
        assert_eq!(grid([].into_iter()), [1.0]);
    }

    #[test]
    fn of_equals_the_first_is_best() {
        let sweep = Sweep::new("jaccard", 0, vec![(0.5, 1.0), (0.6, 2.0), (0.7, 2.0)], |&score| score);
        assert_eq!(sweep.rows.iter().map(|row| row.best).collect::<Vec<_>>(), [false, true, false]);
        assert_eq!(first_best([0.0, 0.0].into_iter()), None);
    }

    #[test]
    fn values_are_counted_from_a_threshold_up() {
        let sorted = Sorted::new([0.9, 0.5, 0.8].into_iter());
        assert_eq!([0.0, 0.8, 0.81, 1.0].map(|t| sorted.at_least(t)), [3, 2, 1, 0]);
    }
}
