//! What is to be planted, and how often.
//!
//! In: the options and what is looked for. Out: for one article after the other, what it is good for and most wanted. Always: no cell
//! gets more trials than asked for, and what can go into fewer articles goes first.

use super::Options;
use super::change::Change;
use refrain_engine::config::DetectConfig;
use serde::Serialize;
use std::cmp::Reverse;

/// Where a copy stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// In another article.
    Across,
    /// Further down in the same one.
    Within,
}

impl Kind {
    /// The kind's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Across => "across",
            Self::Within => "within",
        }
    }
}

/// Share of the words of a whole article that is changed in its copies.
pub(super) const COPY_PERCENTS: [usize; 5] = [1, 2, 5, 10, 20];

/// What is planted in a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// So many words in a row.
    Passage { kind: Kind, change: Change, words: usize },
    /// An article of its own, a copy of another with so many of its words changed.
    Copy { percent: usize },
}

impl Task {
    /// Words that an article must have to be copied from.
    fn least_words(self) -> usize {
        match self {
            Self::Passage { words, .. } => words,
            Self::Copy { .. } => 0,
        }
    }
}

/// The tasks, and how often each was planted.
pub(super) struct Plan {
    pub(super) tasks: Vec<Task>,
    planted: Vec<usize>,
    trials: usize,
}

impl Plan {
    pub(super) fn new(options: &Options, config: &DetectConfig) -> Self {
        let mut tasks = Vec::new();
        for (kind, wanted) in [(Kind::Across, config.passages()), (Kind::Within, config.within())] {
            for change in Change::ALL.into_iter().filter(|_| wanted) {
                tasks.extend(options.lengths.iter().map(|&words| Task::Passage { kind, change, words }));
            }
        }
        if config.across() {
            tasks.extend(COPY_PERCENTS.map(|percent| Task::Copy { percent }));
        }
        Self { planted: vec![0; tasks.len()], trials: options.trials, tasks }
    }

    /// Articles that it takes to plant everything once as often as asked for.
    pub(super) fn articles(&self) -> usize {
        let articles = |task: &Task| if matches!(task, Task::Passage { kind: Kind::Across, .. }) { 2 } else { 1 };
        self.trials * self.tasks.iter().map(articles).sum::<usize>()
    }

    /// The task that an article of so many words is most wanted for.
    pub(super) fn choose(&self, words: usize) -> Option<usize> {
        let is_wanted = |task: &usize| self.planted[*task] < self.trials && self.tasks[*task].least_words() <= words;
        let wanted = (0..self.tasks.len()).filter(is_wanted);
        wanted.min_by_key(|&task| (self.planted[task], Reverse(self.tasks[task].least_words())))
    }

    /// The task was planted.
    pub(super) fn count(&mut self, task: usize) {
        self.planted[task] += 1;
    }

    /// True if nothing is left to plant.
    pub(super) fn is_done(&self) -> bool {
        self.planted.iter().all(|&planted| planted == self.trials)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use refrain_engine::config::Scope;

    fn plan(scope: Scope) -> Plan {
        Plan::new(&Options { trials: 2, lengths: vec![15, 80], ..Options::default() }, &DetectConfig { scope, ..DetectConfig::default() })
    }

    #[test]
    fn only_what_is_looked_for_is_planted() {
        assert_eq!(plan(Scope::All).tasks.len(), 2 * 6 * 2 + 5);
        assert_eq!((plan(Scope::Within).tasks.len(), plan(Scope::Passages).tasks.len()), (12, 12));
        assert_eq!(plan(Scope::NearDuplicates).tasks.len(), 5);
        assert_eq!((plan(Scope::Within).articles(), plan(Scope::Passages).articles()), (24, 48));
    }

    #[test]
    fn every_task_gets_its_trials_and_an_article_only_what_fits() {
        let mut plan = plan(Scope::All);
        let mut chosen = 0;
        while let Some(task) = plan.choose(200) {
            plan.count(task);
            chosen += 1;
        }
        assert!(plan.is_done() && chosen == 2 * plan.tasks.len());
        let fresh = super::Plan::new(&Options { lengths: vec![80], ..Options::default() }, &DetectConfig::default());
        assert_eq!(fresh.choose(60).map(|task| fresh.tasks[task]), Some(Task::Copy { percent: 1 }));
        assert_eq!(fresh.choose(100).map(|task| fresh.tasks[task].least_words()), Some(80));
    }
}
