//! Findings against labels: how much of what is there was told, and how much of what was told is there.
//!
//! In: lines of `--format jsonl` ([`read_findings`]) and labels ([`read_labels`]), each from a [`std::io::BufRead`]. Out: an
//! [`Evaluation`]. Always: it depends on the two inputs and the [`Request`] alone, every share lies in [0, 1], and a share of nothing
//! is 1 (who tells nothing tells nothing wrong). Nothing is detected here, and no text is read.

mod clusters;
mod ids;
mod labels;
mod lines;
mod pairs;
mod review;
mod span_labels;
mod spans;
mod stretch;
mod sweep;
mod told;

pub use clusters::{ClusterScore, Partition};
pub use ids::{DocId, DocPair, Ids};
pub use labels::{LabelKind, Labels, PairLabels, read_labels};
pub use pairs::{Agreement, ExactScore, LabelRecall, PairScore};
pub use review::{ReviewScore, read_reviews};
pub use span_labels::SpanLabels;
pub use spans::{Alignment, Case, GroupRecall, KindScore, Plagdet, SpanKind};
pub use sweep::{Measure, Sweep, SweepRow};
pub use told::{Told, ToldPair, read_findings};

use refrain_engine::error::{Error, Result};
use refrain_engine::finding::round;
use serde::{Serialize, Serializer};

/// What to compute besides the scores of the findings as they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request {
    /// Jaccard from which a pair counts, in [0, 1]; for [`Labels::Exact`] alone.
    pub threshold: f64,
    /// What thresholds to sweep over, if any. Spans are swept over their length in words, whichever it is.
    pub sweep: Option<Measure>,
}

impl Default for Request {
    fn default() -> Self {
        Self { threshold: 0.8, sweep: None }
    }
}

/// The scores, by what the labels are.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "labels", rename_all = "kebab-case")]
pub enum Evaluation {
    /// Against the exact Jaccard of every pair.
    Exact(ExactScore),
    /// Against pairs that people hold to be alike.
    Pairs(PairScore),
    /// Against a clustering.
    Clusters(ClusterScore),
    /// Against passages and repetitions with their offsets.
    Spans {
        /// Passages, then repetitions; a kind that has neither cases nor findings is left out.
        kinds: Vec<KindScore>,
    },
}

/// Scores findings. Linear in findings and labels but for sorting; in one pair of documents, cases times findings.
///
/// # Errors
/// [`Error::Config`] for a threshold out of range or a sweep that these labels or findings do not allow; [`Error::Record`] for a pair
/// without Jaccard where exact labels need it.
pub fn evaluate(told: &Told, labels: &Labels, request: Request) -> Result<Evaluation> {
    if !(0.0..=1.0).contains(&request.threshold) {
        return Err(wrong("threshold", format!("must be between 0 and 1 (got {})", request.threshold)));
    }
    if !matches!(labels, Labels::Pairs(_)) && request.sweep.is_some_and(|by| by != Measure::Jaccard) {
        return Err(wrong("by", format!("{} labels allow one measure to sweep over, Jaccard; do not name another", labels.kind().name())));
    }
    Ok(match labels {
        Labels::Exact(truth) => Evaluation::Exact(pairs::score_exact(told, truth, request)?),
        Labels::Pairs(truth) => Evaluation::Pairs(pairs::score_labelled(told, truth, request.sweep)?),
        Labels::Clusters(truth) => Evaluation::Clusters(clusters::score(told, truth, request.sweep)?),
        Labels::Spans(truth) => Evaluation::Spans { kinds: spans::score(told, truth, request.sweep.is_some())? },
    })
}

fn wrong(setting: &'static str, reason: String) -> Error {
    Error::Config { setting, reason }
}

/// `part` of `whole`; all of nothing is 1.
fn ratio(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 1.0 } else { part / whole }
}

/// [`ratio`] of counts.
fn share(part: usize, whole: usize) -> f64 {
    ratio(part as f64, whole as f64)
}

/// Harmonic mean of precision and recall; 0 where both are.
fn harmonic_mean(precision: f64, recall: f64) -> f64 {
    if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) }
}

/// Numbers have at most six decimals, as in the findings.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn six_decimals<S: Serializer>(number: &f64, to: S) -> std::result::Result<S::Ok, S::Error> {
    to.serialize_f64(round(*number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_nothing_are_all_but_nothing_right_is_no_success() {
        assert_eq!([share(0, 0), share(0, 4), share(1, 4)], [1.0, 0.0, 0.25]);
        assert_eq!(harmonic_mean(0.0, 0.0), 0.0);
        assert!((harmonic_mean(0.5, 1.0) - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn sweeps_by_other_measures_are_for_labelled_pairs() {
        let request = |sweep| Request { sweep: Some(sweep), ..Request::default() };
        let labels = Labels::Clusters(std::collections::HashMap::new());
        let refused = evaluate(&Told::default(), &labels, request(Measure::Coverage)).unwrap_err();
        assert_eq!(refused.to_string(), "by: clusters labels allow one measure to sweep over, Jaccard; do not name another");
        assert!(evaluate(&Told::default(), &labels, request(Measure::Jaccard)).is_ok());
        let refused = evaluate(&Told::default(), &labels, Request { threshold: f64::NAN, sweep: None }).unwrap_err();
        assert_eq!(refused.to_string(), "threshold: must be between 0 and 1 (got NaN)");
    }
}
