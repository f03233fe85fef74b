//! Passages and repetitions against labels with offsets: plagdet and its parts.
//!
//! In: alignments that were told, and cases, which are alignments that are there. Out: recall, precision and granularity over
//! code points, and plagdet, which joins them (Potthast, Stein, Barrón-Cedeño and Rosso, An Evaluation Framework for Plagiarism
//! Detection, COLING 2010, section 3). Always: what was told hits a case if it is of the same documents and touches it on both sides.

use super::ids::DocId;
use super::span_labels::SpanLabels;
use super::stretch::{Stretch, length_of_union};
use super::sweep::Sweep;
use super::told::Told;
use super::{harmonic_mean, ratio, six_decimals};
use refrain_engine::error::Result;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Lengths that are swept over, in words.
const SWEPT_WORDS: [u32; 9] = [10, 15, 20, 25, 30, 40, 50, 75, 100];

/// Two stretches that are alike, of two documents or of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alignment {
    pub(super) documents: [DocId; 2],
    pub(super) sides: [Stretch; 2],
    /// Matched tokens.
    pub(super) words: Option<u64>,
}

impl Alignment {
    /// Two stretches of one document.
    pub(super) fn within(document: DocId, sides: [Stretch; 2], words: Option<u64>) -> Self {
        Self { documents: [document; 2], sides, words }
    }

    fn hits(&self, other: &Self) -> bool {
        self.documents == other.documents && (0..2).all(|side| self.sides[side].shared(other.sides[side]).is_some())
    }

    /// Share of the code points of both sides that lie in some of `others` that hit this; 0 for an empty one.
    fn covered(&self, others: &[&Self]) -> f64 {
        let hits: Vec<&Self> = others.iter().copied().filter(|other| self.hits(other)).collect();
        let covered = |side: usize| length_of_union(hits.iter().filter_map(|hit| self.sides[side].shared(hit.sides[side])).collect());
        let length = self.sides[0].length() + self.sides[1].length();
        (covered(0) + covered(1)) as f64 / length.max(1) as f64
    }
}

/// An alignment that is there, and what is known of it.
#[derive(Clone, Debug)]
pub struct Case {
    pub(super) place: Alignment,
    /// How the text was altered.
    pub(super) change: Option<Box<str>>,
    /// What comes again: a block, a sentence.
    pub(super) shape: Option<Box<str>>,
}

/// What is scored by its offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpanKind {
    /// A stretch that two documents share.
    Passage,
    /// A stretch that comes again in its document.
    Repetition,
}

impl SpanKind {
    /// The kind's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passage => "passage",
            Self::Repetition => "repetition",
        }
    }
}

/// Plagdet and its parts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Plagdet {
    /// F1 over the logarithm to base 2 of 1 + granularity (equation 4).
    #[serde(serialize_with = "six_decimals")]
    pub plagdet: f64,
    /// Mean over the cases of the share of their code points that was told (equation 2); 0 where nothing was told.
    #[serde(serialize_with = "six_decimals")]
    pub recall: f64,
    /// Mean over what was told of the share of its code points that is true (equation 1); 0 where nothing was told.
    #[serde(serialize_with = "six_decimals")]
    pub precision: f64,
    /// Mean number of findings that hit a case, over the cases that are hit (equation 3); at least 1.
    #[serde(serialize_with = "six_decimals")]
    pub granularity: f64,
    /// Harmonic mean of precision and recall.
    #[serde(serialize_with = "six_decimals")]
    pub f1: f64,
    /// Alignments that are there.
    pub cases: usize,
    /// Alignments that were told.
    pub told: usize,
}

/// Scores of one kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KindScore {
    /// The kind.
    pub kind: SpanKind,
    /// Of all cases and findings of it.
    #[serde(flatten)]
    pub all: Plagdet,
    /// Recall by how the text was altered, in the order of the names.
    pub by_change: Vec<GroupRecall>,
    /// Recall by what comes again.
    pub by_shape: Vec<GroupRecall>,
    /// The same for findings of at least so many words. Cases are not left out by their length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sweep: Option<Sweep<Plagdet>>,
}

/// Recall of some of the cases.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupRecall {
    /// The change or shape.
    pub name: Box<str>,
    /// How many there are.
    pub cases: usize,
    /// Mean share of their code points that was told.
    #[serde(serialize_with = "six_decimals")]
    pub recall: f64,
}

/// Scores passages, then repetitions.
///
/// # Errors
/// There are findings to sweep over, and none has its length in words.
pub(super) fn score(told: &Told, truth: &SpanLabels, sweep: bool) -> Result<Vec<KindScore>> {
    let both = [(SpanKind::Passage, &told.passages), (SpanKind::Repetition, &told.repetitions)];
    if sweep && both.iter().any(|(_, found)| !found.is_empty()) && both.iter().all(|(_, found)| found.iter().all(|one| one.words.is_none()))
    {
        return Err(told.wrong("no passage or repetition has its length in `words` to sweep over; scan again, or evaluate without a sweep"));
    }
    let kinds = both.into_iter().map(|(kind, found)| (kind, truth.of(kind), found));
    let scored = kinds.filter(|(_, cases, found)| !(cases.is_empty() && found.is_empty()));
    Ok(scored.map(|(kind, cases, found)| score_kind(kind, cases, found, sweep)).collect())
}

fn score_kind(kind: SpanKind, cases: &[Case], told: &[Alignment], sweep: bool) -> KindScore {
    let all: Vec<&Alignment> = told.iter().collect();
    let (score, covered) = plagdet(cases, &all);
    KindScore {
        kind,
        all: score,
        by_change: by_name(cases, &covered, |case| case.change.as_deref()),
        by_shape: by_name(cases, &covered, |case| case.shape.as_deref()),
        sweep: sweep.then(|| sweep_words(cases, told)),
    }
}

fn sweep_words(cases: &[Case], told: &[Alignment]) -> Sweep<Plagdet> {
    let row = |least: u32| {
        let kept: Vec<&Alignment> = told.iter().filter(|one| one.words.is_some_and(|words| words >= u64::from(least))).collect();
        (f64::from(least), plagdet(cases, &kept).0)
    };
    let without_words = told.iter().filter(|one| one.words.is_none()).count();
    Sweep::new("words", without_words, SWEPT_WORDS.into_iter().map(row).collect(), |score| score.plagdet)
}

fn by_name<'a>(cases: &'a [Case], covered: &[f64], name: impl Fn(&'a Case) -> Option<&'a str>) -> Vec<GroupRecall> {
    let mut groups: BTreeMap<&str, (usize, f64)> = BTreeMap::new();
    for (name, covered) in cases.iter().zip(covered).filter_map(|(case, covered)| Some((name(case)?, covered))) {
        let (cases, total) = groups.entry(name).or_default();
        *cases += 1;
        *total += covered;
    }
    groups.into_iter().map(|(name, (cases, total))| GroupRecall { name: name.into(), cases, recall: total / cases as f64 }).collect()
}

/// Alignments by their documents, so that only those of the same two are compared.
struct ByDocuments<'a>(HashMap<[DocId; 2], Vec<&'a Alignment>>);

impl<'a> ByDocuments<'a> {
    fn new(alignments: impl Iterator<Item = &'a Alignment>) -> Self {
        let mut groups: HashMap<_, Vec<_>> = HashMap::new();
        alignments.for_each(|alignment| groups.entry(alignment.documents).or_default().push(alignment));
        Self(groups)
    }

    fn near(&self, alignment: &Alignment) -> &[&'a Alignment] {
        self.0.get(&alignment.documents).map_or(&[], Vec::as_slice)
    }
}

/// Plagdet with its parts, and the share of each case that was told.
fn plagdet(cases: &[Case], told: &[&Alignment]) -> (Plagdet, Vec<f64>) {
    let told_near = ByDocuments::new(told.iter().copied());
    let cases_near = ByDocuments::new(cases.iter().map(|case| &case.place));
    let covered: Vec<f64> = cases.iter().map(|case| case.place.covered(told_near.near(&case.place))).collect();
    let hits = cases.iter().map(|case| told_near.near(&case.place).iter().filter(|one| case.place.hits(one)).count());
    let hits: Vec<usize> = hits.filter(|&hits| hits > 0).collect();
    let mean = |total: f64, count: usize| if told.is_empty() { 0.0 } else { ratio(total, count as f64) };
    let recall = mean(covered.iter().sum(), cases.len());
    let precision = mean(told.iter().map(|one| one.covered(cases_near.near(one))).sum(), told.len());
    let granularity = ratio(hits.iter().sum::<usize>() as f64, hits.len() as f64);
    let f1 = harmonic_mean(precision, recall);
    let plagdet = f1 / (1.0 + granularity).log2();
    (Plagdet { plagdet, recall, precision, granularity, f1, cases: cases.len(), told: told.len() }, covered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn alignment(document: u32, [first, again]: [(u64, u64); 2], words: u64) -> Alignment {
        let stretch = |(start, end)| Stretch { start, end };
        Alignment::within(DocId(document), [stretch(first), stretch(again)], Some(words))
    }

    fn case(document: u32, sides: [(u64, u64); 2], change: &str) -> Case {
        Case { place: alignment(document, sides, 0), change: Some(change.into()), shape: None }
    }

    #[test]
    fn plagdet_as_computed_by_hand() {
        let cases = [case(0, [(0, 10), (20, 30)], "light"), case(1, [(0, 10), (20, 30)], "heavy")];
        // The first case is hit twice: code points 0-5 and 20-25, 5-8 and 25-30. The third touches one side alone.
        let told = [alignment(0, [(0, 5), (20, 25)], 12), alignment(0, [(5, 8), (25, 35)], 30), alignment(1, [(0, 10), (30, 40)], 60)];
        let score = score_kind(SpanKind::Repetition, &cases, &told, true);
        assert!((score.all.recall - (18.0 / 20.0 + 0.0) / 2.0).abs() < 1e-12);
        assert!((score.all.precision - (1.0 + 8.0 / 13.0 + 0.0) / 3.0).abs() < 1e-12);
        assert_eq!((score.all.granularity, score.all.cases, score.all.told), (2.0, 2, 3));
        assert!((score.all.plagdet - score.all.f1 / 3.0_f64.log2()).abs() < 1e-12);
        let recalls: Vec<_> = score.by_change.iter().map(|group| (group.name.as_ref(), group.recall)).collect();
        assert_eq!(recalls, [("heavy", 0.0), ("light", 0.9)]);
        let sweep: Vec<_> = score.sweep.unwrap().rows.iter().map(|row| (row.threshold, row.score.told)).collect();
        assert_eq!(&sweep[..6], [(10.0, 3), (15.0, 2), (20.0, 2), (25.0, 2), (30.0, 2), (40.0, 1)]);
    }

    #[test]
    fn nothing_told_and_nothing_there() {
        let cases = [case(0, [(0, 10), (20, 30)], "light")];
        let none = score_kind(SpanKind::Passage, &cases, &[], false).all;
        assert_eq!([none.plagdet, none.recall, none.precision, none.granularity], [0.0, 0.0, 0.0, 1.0]);
        let false_alarm = score_kind(SpanKind::Passage, &[], &[alignment(0, [(0, 5), (20, 25)], 12)], false).all;
        assert_eq!([false_alarm.plagdet, false_alarm.recall, false_alarm.precision], [0.0, 1.0, 0.0]);
    }

    /// The definition, mark by mark.
    fn covered_by_marks(this: &Alignment, others: &[&Alignment]) -> f64 {
        let hits: Vec<_> = others.iter().filter(|other| this.hits(other)).collect();
        let is_marked = |side: usize, at: u64| hits.iter().any(|hit| (hit.sides[side].start..hit.sides[side].end).contains(&at));
        let marks = |side: usize| (this.sides[side].start..this.sides[side].end).filter(|&at| is_marked(side, at)).count();
        let length = this.sides[0].length() + this.sides[1].length();
        (marks(0) + marks(1)) as f64 / length.max(1) as f64
    }

    fn some_alignment() -> impl Strategy<Value = Alignment> {
        let stretch = || (0..60_u64, 0..25_u64).prop_map(|(start, length)| (start, start + length));
        (0..2_u32, stretch(), stretch()).prop_map(|(document, first, again)| alignment(document, [first, again], 1))
    }

    proptest! {
        #[test]
        fn merged_stretches_cover_what_marks_cover(this in some_alignment(), others in prop::collection::vec(some_alignment(), 0..12)) {
            let others: Vec<&Alignment> = others.iter().collect();
            prop_assert_eq!(this.covered(&others), covered_by_marks(&this, &others));
        }
    }
}
