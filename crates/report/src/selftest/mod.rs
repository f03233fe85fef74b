//! What to expect of a configuration on a corpus: known copies are planted into some of its articles, in memory, and looked for.
//!
//! In: a [`Sample`] of a corpus, a [`DetectConfig`], [`Options`]. Out: a [`Report`]: how many copies are found at which length and
//! change, whole copies by how much of them is changed, what is told besides, and advice that follows from the numbers by fixed rules.
//! Always: the same corpus and settings give the same report, whatever the threads and the order of the files. Nothing is written.

mod advice;
mod change;
mod plan;
mod plant;
mod random;
mod report;
mod sample;
mod told;

pub use advice::{Advice, Topic};
pub use change::Change;
pub use plan::Kind;
pub use report::{AlreadyThere, Cell, CopyRow, KindTable, Report, Row, Unexplained};
pub use sample::{LEAST_ARTICLES, LEAST_WORDS, Sample, SampleCounts};

use plan::Plan;
use plant::{Planter, unplanted};
use refrain_engine::config::{DetectConfig, Scope};
use refrain_engine::detect::Detector;
use refrain_engine::error::{Error, Result};
use report::Tally;
use serde::Serialize;
use told::Told;

/// What to plant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Options {
    /// Most articles in the sample, [`LEAST_ARTICLES`] at least.
    pub sample: usize,
    /// Words of planted copies, ascending; each 8 to 10,000.
    pub lengths: Vec<usize>,
    /// Copies of each length and change, 1 to 10,000; fewer where there are few articles that are long enough.
    pub trials: usize,
    /// Another number is another sample, and other copies.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { sample: 2000, lengths: vec![15, 25, 40, 80, 160], trials: 100, seed: 1 }
    }
}

impl Options {
    /// Says whether every option is in its range.
    ///
    /// # Errors
    /// [`Error::Config`] with the first that is not.
    pub fn check(&self) -> Result<()> {
        let wrong = |setting, reason: String| Err(Error::Config { setting, reason });
        if self.sample < LEAST_ARTICLES {
            return wrong("sample", format!("must be at least {LEAST_ARTICLES} articles (got {})", self.sample));
        }
        if !(1..=10_000).contains(&self.trials) {
            return wrong("trials", format!("must be between 1 and 10,000 (got {})", self.trials));
        }
        if self.lengths.is_empty() || !self.lengths.is_sorted_by(|x, y| x < y) {
            return wrong("lengths", "must be one or more numbers of words, each larger than the one before".into());
        }
        match self.lengths.iter().find(|words| !(8..=10_000).contains(*words)) {
            Some(words) => wrong("lengths", format!("must be between 8 and 10,000 words (got {words})")),
            None => Ok(()),
        }
    }
}

/// A whole plan reads each article of the sample at most this many times as often as there are trials to make.
const PATIENCE: usize = 4;
/// A copy is found if this much of it is told, on both sides.
const FOUND: f64 = 0.5;

/// Plants, detects, counts. The sample is searched once as it is, and then in rounds, each with other copies, until every length and
/// change was tried often enough or that would take too long; ten to forty thousand articles are searched with the default options.
///
/// # Errors
/// [`Error::Config`] for options or settings out of their range.
pub fn selftest(sample: &Sample, config: &DetectConfig, options: &Options) -> Result<Report> {
    options.check()?;
    let detector = Detector::new(*config)?;
    let articles = &sample.articles;
    let findings = detector.detect(unplanted(articles))?;
    let mut before = Told::new(&findings);
    if !config.within() {
        // What stands twice in its source cannot be attributed, whether it is looked for or not.
        let within = Detector::new(DetectConfig { scope: Scope::Within, ..*config })?;
        before.learn_repetitions(&within.detect(unplanted(articles))?);
    }
    let mut plan = Plan::new(options, config);
    let mut planter = Planter::new(articles, config, &before, options.seed);
    let mut tally = Tally::new(plan.tasks.len(), AlreadyThere::new(&before, findings.summary()));
    let most_rounds = (PATIENCE * plan.articles()).div_ceil(articles.len());
    for _ in 0..most_rounds {
        let round = planter.round(&mut plan);
        if round.plants.is_empty() {
            break;
        }
        let told = Told::new(&detector.detect(round.documents)?);
        for plant in &round.plants {
            tally.count(plant, &told);
        }
        tally.end_round(told.unexplained(&round.plants, &before, articles.len()));
        if plan.is_done() {
            break;
        }
    }
    Ok(Report::new(*sample.counts(), *config, options, &plan.tasks, tally))
}

#[cfg(test)]
mod tests;
