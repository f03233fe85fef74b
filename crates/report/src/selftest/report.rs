//! The outcome of a self-test: counts, shares, and what follows from them.

use super::advice::{Advice, advise};
use super::change::Change;
use super::plan::{COPY_PERCENTS, Kind, Task};
use super::plant::Plant;
use super::sample::SampleCounts;
use super::told::Told;
use super::{FOUND, Options};
use refrain_engine::config::DetectConfig;
use refrain_engine::finding::{Summary, round};
use serde::{Serialize, Serializer};

/// What to expect of a configuration on a corpus.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Where copies were planted.
    pub sample: SampleCounts,
    /// What was planted.
    pub options: Options,
    /// What it was looked for with.
    pub config: DetectConfig,
    /// How often the sample was planted into.
    pub rounds: usize,
    /// Planted passages: across, then within; without what was not looked for.
    pub tables: Vec<KindTable>,
    /// Copies of whole articles; left out where near-duplicates were not looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copies: Option<Vec<CopyRow>>,
    /// What is told of the sample with nothing planted.
    pub already_there: AlreadyThere,
    /// What was told of the planted sample and is neither planted nor already there.
    pub unexplained: Unexplained,
    /// What follows.
    pub advice: Vec<Advice>,
}

/// Planted passages of one kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KindTable {
    /// Where the copies stand.
    pub kind: Kind,
    /// One a change.
    pub rows: Vec<Row>,
}

/// Planted passages with one change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The change.
    pub change: Change,
    /// Mean share of a found copy that is told, on the worse of both sides; 0 if none was found.
    #[serde(serialize_with = "six_decimals")]
    pub covered: f64,
    /// One a length.
    pub cells: Vec<Cell>,
}

/// Planted passages of one length and change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// How long what was copied is.
    pub words: usize,
    /// Copies planted.
    pub trials: usize,
    /// Copies of which half is told or more, on both sides.
    pub found: usize,
}

/// Copies of whole articles with a share of their words changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CopyRow {
    /// How many in a hundred words are changed.
    pub percent_changed: usize,
    /// Copies made.
    pub trials: usize,
    /// Those told as identical or near-duplicates.
    pub found: usize,
    /// Mean Jaccard with the original.
    #[serde(serialize_with = "six_decimals")]
    pub mean_jaccard: f64,
    /// The largest threshold, in steps of 0.05 from 0.3, that 95 % of the copies reach.
    pub telling_threshold: Option<f64>,
}

/// What is told of the sample with nothing planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AlreadyThere {
    /// Repetitions inside articles.
    pub repetitions: usize,
    /// Pairs of articles.
    pub pairs: usize,
    /// Passages of those pairs.
    pub passages: usize,
    /// Clusters of near-duplicates.
    pub clusters: usize,
    /// Runs of words that propose nothing, because they stand in more articles than [`DetectConfig::cap`].
    pub capped_shingles: u64,
}

/// What is neither planted nor already there, in all rounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Unexplained {
    /// Passages.
    pub passages: usize,
    /// Repetitions inside articles.
    pub repetitions: usize,
}

impl Cell {
    /// Share that is found, in [0, 1]; None where nothing was planted.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        (self.trials > 0).then(|| self.found as f64 / self.trials as f64)
    }
}

impl AlreadyThere {
    pub(super) fn new(told: &Told, summary: &Summary) -> Self {
        Self {
            repetitions: told.repetitions,
            pairs: summary.pairs.unwrap_or(0),
            passages: told.passages,
            clusters: summary.clusters.unwrap_or(0),
            capped_shingles: summary.capped_shingles.unwrap_or(0),
        }
    }
}

/// Counts by task.
pub(super) struct Tally {
    already_there: AlreadyThere,
    rounds: usize,
    unexplained: Unexplained,
    counts: Vec<Count>,
}

#[derive(Clone, Debug, Default)]
struct Count {
    trials: usize,
    found: usize,
    /// Sum over those found.
    covered: f64,
    jaccards: Vec<f64>,
}

impl Tally {
    pub(super) fn new(tasks: usize, already_there: AlreadyThere) -> Self {
        Self { already_there, rounds: 0, unexplained: Unexplained::default(), counts: vec![Count::default(); tasks] }
    }

    pub(super) fn count(&mut self, plant: &Plant, told: &Told) {
        let count = &mut self.counts[plant.task];
        count.trials += 1;
        count.jaccards.extend(plant.jaccard);
        let covered = told.covered(plant);
        let is_found = if plant.jaccard.is_some() { told.is_near_duplicate(plant) } else { covered >= FOUND };
        if is_found {
            count.found += 1;
            count.covered += covered;
        }
    }

    pub(super) fn end_round(&mut self, [passages, repetitions]: [usize; 2]) {
        self.rounds += 1;
        self.unexplained.passages += passages;
        self.unexplained.repetitions += repetitions;
    }
}

impl Report {
    pub(super) fn new(sample: SampleCounts, config: DetectConfig, options: &Options, tasks: &[Task], tally: Tally) -> Self {
        let kinds = [(Kind::Across, config.passages()), (Kind::Within, config.within())];
        let counted: Vec<(Task, Count)> = tasks.iter().copied().zip(tally.counts).collect();
        let mut report = Self {
            sample,
            options: options.clone(),
            config,
            rounds: tally.rounds,
            tables: kinds.into_iter().filter(|(_, wanted)| *wanted).map(|(kind, _)| KindTable::new(kind, &counted)).collect(),
            copies: config.across().then(|| copies(&counted)),
            already_there: tally.already_there,
            unexplained: tally.unexplained,
            advice: Vec::new(),
        };
        report.advice = advise(&report);
        report
    }

    /// The planted passages of one kind.
    #[must_use]
    pub fn table(&self, wanted: Kind) -> Option<&KindTable> {
        self.tables.iter().find(|table| table.kind == wanted)
    }
}

impl KindTable {
    fn new(of: Kind, counted: &[(Task, Count)]) -> Self {
        let row = |wanted: Change| {
            let mut row = Row { change: wanted, covered: 0.0, cells: Vec::new() };
            let (mut found, mut covered) = (0, 0.0);
            for (task, count) in counted {
                let Task::Passage { kind, change, words } = *task else { continue };
                if (kind, change) == (of, wanted) {
                    row.cells.push(Cell { words, trials: count.trials, found: count.found });
                    found += count.found;
                    covered += count.covered;
                }
            }
            Row { covered: covered / found.max(1) as f64, ..row }
        };
        Self { kind: of, rows: Change::ALL.map(row).into() }
    }

    /// The copies with one change.
    #[must_use]
    pub fn row(&self, wanted: Change) -> Option<&Row> {
        self.rows.iter().find(|row| row.change == wanted)
    }
}

fn copies(counted: &[(Task, Count)]) -> Vec<CopyRow> {
    let count =
        |percent| counted.iter().find(|(task, _)| *task == Task::Copy { percent }).map(|(_, count)| count.clone()).unwrap_or_default();
    let row = |percent_changed| {
        let count = count(percent_changed);
        CopyRow {
            percent_changed,
            trials: count.trials,
            found: count.found,
            mean_jaccard: count.jaccards.iter().sum::<f64>() / count.trials.max(1) as f64,
            telling_threshold: telling_threshold(&count.jaccards),
        }
    };
    COPY_PERCENTS.map(row).into()
}

/// The largest threshold that 95 % of `jaccards` reach, in steps of 0.05 from the least that is allowed, 0.3.
fn telling_threshold(jaccards: &[f64]) -> Option<f64> {
    let thresholds = (6..=20).rev().map(|step: u32| f64::from(step) / 20.0);
    let reach = |threshold: f64| jaccards.iter().filter(|&&jaccard| jaccard >= threshold).count();
    thresholds.filter(|_| !jaccards.is_empty()).find(|&threshold| reach(threshold) * 20 >= jaccards.len() * 19)
}

/// Numbers have at most six decimals, as in the findings.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn six_decimals<S: Serializer>(number: &f64, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(round(*number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_tells_if_nearly_all_reach_it() {
        assert_eq!(telling_threshold(&[]), None);
        assert_eq!(telling_threshold(&[0.2]), None);
        assert_eq!(telling_threshold(&[1.0]), Some(1.0));
        assert_eq!(telling_threshold(&[0.66, 0.7, 0.9]), Some(0.65));
        let (mut jaccards, few) = (vec![0.81; 19], 0.1);
        jaccards.push(few);
        assert_eq!(telling_threshold(&jaccards), Some(0.8));
        jaccards.push(few);
        assert_eq!(telling_threshold(&jaccards), None);
    }
}
