//! Judgements of people on the decisions of a cleaning, as precision per rule.
//!
//! In: JSON lines that a page of `refrain clean --review` saves: `{"type":"review","stratum":...,"label":"right"|"wrong"|"unsure", ...}`. Out: for each stratum how many
//! were judged right, with the interval of that share (Wilson 1927, 95 %). Judgements that are unsure count in neither.

use super::lines::Lines;
use refrain_engine::error::Result;
use refrain_engine::finding::round;
use refrain_engine::interval::wilson;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::BufRead;

/// A judgement.
#[derive(Deserialize)]
struct ReviewLabel {
    r#type: String,
    stratum: String,
    label: Judgement,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Judgement {
    Right,
    Wrong,
    Unsure,
}

/// The judgements of a stratum: a rule, or `kept:` and a rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ReviewScore {
    /// Name of the stratum.
    pub stratum: String,
    /// Decisions that were judged right.
    pub right: usize,
    /// Decisions that were judged wrong.
    pub wrong: usize,
    /// Decisions about which the judge was unsure.
    pub unsure: usize,
    /// Share of right ones among right and wrong ones, in [0, 1]; None if there are none.
    pub precision: Option<f64>,
    /// The 95 % interval of that share.
    pub interval: Option<[f64; 2]>,
}

/// Reads judgements; one of the same decision replaces none, so that several judges count each.
///
/// # Errors
/// What the reader says; [`refrain_engine::Error::Record`] for a line that is no judgement.
pub fn read_reviews(input: impl BufRead, name: &str) -> Result<Vec<ReviewScore>> {
    let mut lines = Lines::new(input, name);
    let mut scores: BTreeMap<String, ReviewScore> = BTreeMap::new();
    while let Some(line) = lines.next()? {
        let read: std::result::Result<ReviewLabel, _> = serde_json::from_slice(line.bytes);
        let Some(label) = read.ok().filter(|label| label.r#type == "review") else {
            return Err(line.wrong("no label of a review, as its page saves them; findings are scored with the setting `truth`"));
        };
        let score = scores.entry(label.stratum.clone()).or_insert_with(|| ReviewScore { stratum: label.stratum, ..ReviewScore::default() });
        match label.label {
            Judgement::Right => score.right += 1,
            Judgement::Wrong => score.wrong += 1,
            Judgement::Unsure => score.unsure += 1,
        }
    }
    scores.values_mut().for_each(ReviewScore::settle);
    Ok(scores.into_values().collect())
}

impl ReviewScore {
    fn settle(&mut self) {
        let judged = (self.right + self.wrong) as f64;
        if judged > 0.0 {
            let share = self.right as f64 / judged;
            let (low, high) = wilson(share, judged);
            self.precision = Some(round(share));
            self.interval = Some([low, high].map(round));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_is_counted_by_stratum() {
        let line =
            |stratum: &str, label: &str| format!("{{\"type\":\"review\",\"stratum\":\"{stratum}\",\"doc\":\"a\",\"label\":\"{label}\"}}\n");
        let lines: String =
            ["right", "right", "right", "wrong", "unsure"].map(|label| line("identical", label)).concat() + &line("contained", "unsure");
        let scores = read_reviews(lines.as_bytes(), "r").unwrap();
        assert_eq!(scores.len(), 2);
        assert_eq!((scores[0].stratum.as_str(), scores[0].precision, scores[0].unsure), ("contained", None, 1));
        assert_eq!((scores[1].right, scores[1].wrong, scores[1].unsure, scores[1].precision), (3, 1, 1, Some(0.75)));
        let [low, high] = scores[1].interval.unwrap();
        assert!(low > 0.3 && low < 0.35 && high > 0.94 && high < 0.97, "{low} {high}");
        let error = read_reviews(&b"{\"type\":\"pair\"}\n"[..], "r").unwrap_err();
        assert!(error.to_string().starts_with("r:1: no label of a review"), "{error}");
    }
}
