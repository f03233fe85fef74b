//! Pairs of documents against labels.
//!
//! In: the pairs that were told, and pairs that are alike, with or without their exact Jaccard. Out: precision, recall and their
//! harmonic mean, F1 (van Rijsbergen, Information Retrieval, 1979, chapter 7), as they are and at each threshold.

use super::ids::DocPair;
use super::labels::PairLabels;
use super::sweep::{Measure, Sorted, Sweep, first_best, grid};
use super::told::{Told, ToldPair};
use super::{Request, harmonic_mean, share, six_decimals};
use refrain_engine::error::Result;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Two sets, and what they share.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// Pairs that are alike.
    pub r#true: usize,
    /// Pairs that were told.
    pub told: usize,
    /// Share of what was told that is true.
    #[serde(serialize_with = "six_decimals")]
    pub precision: f64,
    /// Share of what is true that was told.
    #[serde(serialize_with = "six_decimals")]
    pub recall: f64,
    /// Harmonic mean of the two; 0 where both are 0.
    #[serde(serialize_with = "six_decimals")]
    pub f1: f64,
}

impl Agreement {
    fn new(truth: usize, told: usize, both: usize) -> Self {
        let (precision, recall) = (share(both, told), share(both, truth));
        Self { r#true: truth, told, precision, recall, f1: harmonic_mean(precision, recall) }
    }

    /// What a threshold is chosen by. One that keeps nothing is not good, also where nothing is true.
    fn goodness(&self) -> f64 {
        if self.told == 0 { 0.0 } else { self.f1 }
    }
}

/// Scores against exact Jaccard.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExactScore {
    /// Jaccard from which a pair counts, on both sides.
    pub threshold: f64,
    /// Of the pairs with at least that.
    #[serde(flatten)]
    pub pairs: Agreement,
    /// Largest difference between the Jaccard told, where at least the threshold, and the true one.
    pub largest_jaccard_error: f64,
    /// The same at each threshold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sweep: Option<Sweep<Agreement>>,
}

/// Scores against labelled pairs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairScore {
    /// Of all pairs told.
    #[serde(flatten)]
    pub pairs: Agreement,
    /// By the third column of the labels, in the order of their names.
    pub by_label: Vec<LabelRecall>,
    /// The same at each threshold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sweep: Option<Sweep<Agreement>>,
}

/// How much of what bears one label was told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelRecall {
    /// The third column.
    pub label: Box<str>,
    /// Pairs that bear it.
    pub r#true: usize,
    /// Share of them that was told.
    #[serde(serialize_with = "six_decimals")]
    pub recall: f64,
}

/// Counts of what is true, told, and both, from any threshold up.
struct Counts {
    truth: Sorted,
    told: Sorted,
    both: Sorted,
}

impl Counts {
    /// Truth holds each pair's value; a pair counts in both from the smaller of its two.
    fn new(truth: &HashMap<DocPair, f64>, told: &HashMap<DocPair, f64>) -> Self {
        let both = told.iter().filter_map(|(pair, told)| Some(told.min(*truth.get(pair)?)));
        Self { truth: Sorted::new(truth.values().copied()), told: Sorted::new(told.values().copied()), both: Sorted::new(both) }
    }

    fn at(&self, threshold: f64) -> Agreement {
        Agreement::new(self.truth.at_least(threshold), self.told.at_least(threshold), self.both.at_least(threshold))
    }

    /// A row for each step of the grid, and one for the value that was told at which F1 is highest, where that is no step.
    fn sweep(&self, by: Measure, without_value: usize) -> Sweep<Agreement> {
        let mut thresholds = grid(self.told.values());
        let mut all: Vec<f64> = thresholds.iter().copied().chain(self.told.values()).collect();
        all.sort_unstable_by(f64::total_cmp);
        all.dedup();
        if let Some(best) = first_best(all.iter().map(|&threshold| self.at(threshold).goodness())).map(|best| all[best]) {
            thresholds.push(best);
            thresholds.sort_unstable_by(f64::total_cmp);
            thresholds.dedup();
        }
        let rows = thresholds.into_iter().map(|threshold| (threshold, self.at(threshold))).collect();
        Sweep::new(by.name(), without_value, rows, Agreement::goodness)
    }
}

/// The value of each pair that has one.
fn values(told: &HashMap<DocPair, &ToldPair>, by: Measure) -> HashMap<DocPair, f64> {
    told.iter().filter_map(|(&pair, told)| Some((pair, by.of(told)?))).collect()
}

/// Scores pairs against the exact Jaccard of every pair that reaches the threshold.
///
/// # Errors
/// A pair was told without its Jaccard.
pub(super) fn score_exact(told: &Told, truth: &HashMap<DocPair, f64>, request: Request) -> Result<ExactScore> {
    told.check_jaccard()?;
    let told = values(&told.distinct_pairs(), Measure::Jaccard);
    let counts = Counts::new(truth, &told);
    let counted = told.iter().filter(|(_, jaccard)| **jaccard >= request.threshold);
    let errors = counted.filter_map(|(pair, jaccard)| Some((jaccard - truth.get(pair)?).abs()));
    Ok(ExactScore {
        threshold: request.threshold,
        pairs: counts.at(request.threshold),
        largest_jaccard_error: errors.fold(0.0, f64::max),
        sweep: request.sweep.map(|by| counts.sweep(by, 0)),
    })
}

/// Scores pairs against those that are labelled.
///
/// # Errors
/// No pair has the measure to sweep over.
pub(super) fn score_labelled(told: &Told, truth: &PairLabels, sweep: Option<Measure>) -> Result<PairScore> {
    sweep.map_or(Ok(()), |by| by.check(told))?;
    let distinct = told.distinct_pairs();
    let both = truth.0.keys().filter(|pair| distinct.contains_key(pair)).count();
    let mut by_label: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (pair, label) in truth.0.iter().filter_map(|(pair, label)| Some((pair, label.as_deref()?))) {
        let (found, labelled) = by_label.entry(label).or_default();
        *found += usize::from(distinct.contains_key(pair));
        *labelled += 1;
    }
    let recall =
        |(label, (found, labelled)): (&str, _)| LabelRecall { label: label.into(), r#true: labelled, recall: share(found, labelled) };
    let sweep = sweep.map(|by| {
        let values = values(&distinct, by);
        // A labelled pair is true at every threshold.
        let truth = truth.0.keys().map(|&pair| (pair, f64::INFINITY)).collect();
        Counts::new(&truth, &values).sweep(by, distinct.len() - values.len())
    });
    Ok(PairScore {
        pairs: Agreement::new(truth.0.len(), distinct.len(), both),
        by_label: by_label.into_iter().map(recall).collect(),
        sweep,
    })
}

#[cfg(test)]
mod tests {
    use super::super::ids::Ids;
    use super::super::labels::{LabelKind, Labels, read_labels};
    use super::super::told::read_findings;
    use super::super::{Evaluation, evaluate};
    use super::*;

    const TOLD: &str = r#"{"type":"pair","a":"a1","b":"a2","jaccard":0.95,"a_in_b":0.95,"b_in_a":1.0}
{"type":"pair","a":"b1","b":"b2","jaccard":0.81,"a_in_b":0.9,"b_in_a":0.85}
{"type":"pair","a":"c1","b":"c2","jaccard":0.62,"a_in_b":0.62,"b_in_a":0.99,"a_covered":0.5,"b_covered":0.7}
"#;

    fn score(told: &str, labels: &str, kind: LabelKind, request: Request) -> Result<Evaluation> {
        let mut ids = Ids::default();
        let told = read_findings(told.as_bytes(), "f.jsonl", &mut ids)?;
        let labels: Labels = read_labels(labels.as_bytes(), "t.tsv", Some(kind), &told, &mut ids)?;
        evaluate(&told, &labels, request)
    }

    fn labelled(told: &str, labels: &str, sweep: Option<Measure>) -> PairScore {
        match score(told, labels, LabelKind::Pairs, Request { sweep, ..Request::default() }).unwrap() {
            Evaluation::Pairs(score) => score,
            other => panic!("{other:?}"),
        }
    }

    fn thresholds(sweep: &Sweep<Agreement>) -> Vec<(f64, bool)> {
        sweep.rows.iter().map(|row| (row.threshold, row.best)).collect()
    }

    #[test]
    fn exact_pairs_are_cut_at_the_threshold_on_both_sides() {
        let truth = "a1\ta2\t0.95\nb1\tb2\t0.79\nd1\td2\t0.8\nc1\tc2\t0.62\n";
        let Ok(Evaluation::Exact(exact)) = score(TOLD, truth, LabelKind::Exact, Request { threshold: 0.8, sweep: Some(Measure::Jaccard) })
        else {
            panic!("not exact")
        };
        // True: a, d. Told: a, b. Of b the Jaccard is told 0.02 too high.
        assert_eq!(exact.pairs, Agreement { r#true: 2, told: 2, precision: 0.5, recall: 0.5, f1: 0.5 });
        assert!((exact.largest_jaccard_error - 0.02).abs() < 1e-12);
        let rows = exact.sweep.unwrap().rows;
        assert_eq!((rows[0].threshold, rows[0].score), (0.6, Agreement::new(4, 3, 3)));
        // Nothing is 1.0, and nothing was told to be.
        assert_eq!(rows.last().map(|row| (row.threshold, row.score.f1)), Some((1.0, 1.0)));
    }

    #[test]
    fn labelled_pairs_by_label_and_threshold() {
        let score = labelled(TOLD, "a2\ta1\tcut\nb1\tb2\tlight\ne1\te2\tlight\n", Some(Measure::Jaccard));
        assert_eq!(score.pairs, Agreement { r#true: 3, told: 3, precision: 2.0 / 3.0, recall: 2.0 / 3.0, f1: 2.0 / 3.0 });
        let recalls: Vec<_> = score.by_label.iter().map(|by| (by.label.as_ref(), by.r#true, by.recall)).collect();
        assert_eq!(recalls, [("cut", 1, 1.0), ("light", 2, 0.5)]);
        let best = score.sweep.unwrap().rows.into_iter().find(|row| row.best).unwrap();
        assert_eq!((best.threshold, best.score), (0.65, Agreement::new(3, 2, 2)));
    }

    #[test]
    fn the_best_threshold_may_stand_between_steps() {
        let sweep = |truth| labelled(TOLD, truth, Some(Measure::Containment)).sweep.unwrap();
        assert_eq!(thresholds(&sweep("a1\ta2\n")), [(0.9, false), (0.95, false), (1.0, true)]);
        assert_eq!(thresholds(&sweep("a1\ta2\nc1\tc2\n")), [(0.9, false), (0.95, true), (1.0, false)]);
        let close = TOLD.replace("0.85", "0.92").replace("0.99", "0.94");
        let sweep = labelled(&close, "a1\ta2\nc1\tc2\n", Some(Measure::Containment)).sweep.unwrap();
        assert_eq!(thresholds(&sweep), [(0.9, false), (0.94, true), (0.95, false), (1.0, false)]);
    }

    #[test]
    fn a_threshold_that_keeps_nothing_is_not_best() {
        let truth = "a1\ta2\t0.95\nd1\td2\t0.9\n";
        let request = Request { threshold: 0.8, sweep: Some(Measure::Jaccard) };
        let Ok(Evaluation::Exact(exact)) = score(TOLD, truth, LabelKind::Exact, request) else { panic!("not exact") };
        let best = exact.sweep.unwrap().rows.into_iter().find(|row| row.best).unwrap();
        assert_eq!((best.threshold, best.score), (0.95, Agreement::new(1, 1, 1)));
    }

    #[test]
    fn pairs_without_the_value_are_counted_apart() {
        let sweep = labelled(TOLD, "c1\tc2\n", Some(Measure::Coverage)).sweep.unwrap();
        assert_eq!((sweep.by, sweep.without_value), ("coverage", 2));
        assert_eq!(sweep.rows[0].score, Agreement::new(1, 1, 1));
    }

    #[test]
    fn nothing_right_has_an_f1_of_zero() {
        assert_eq!(labelled(TOLD, "x1\tx2\n", None).pairs, Agreement { r#true: 1, told: 3, precision: 0.0, recall: 0.0, f1: 0.0 });
    }
}
