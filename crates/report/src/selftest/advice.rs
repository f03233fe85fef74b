//! What follows from the numbers of a self-test, by fixed rules.
//!
//! In: a [`Report`] whose tables are filled. Out: sentences, each about one setting. A rule that has nothing to say says nothing.

use super::change::Change;
use super::plan::Kind;
use super::report::{Cell, CopyRow, KindTable, Report};
use refrain_engine::text::Fold;
use serde::Serialize;

/// What a piece of advice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// From which length on copies are found in other articles.
    Across,
    /// From which length on they are found in the same article.
    Within,
    /// The shortest passage that is told.
    MinWords,
    /// What is equal.
    Fold,
    /// In how many articles a run may stand.
    Cap,
    /// From which Jaccard on articles are near-duplicates.
    Threshold,
    /// The corpus itself.
    Corpus,
    /// Findings that were neither planted nor already there.
    Unexplained,
}

/// One thing to know, or to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// What it is about.
    pub about: Topic,
    /// In words.
    pub text: String,
}

/// Percent of the copies that must be found for it to be said that they are.
const SURELY: usize = 99;
/// Percent of whole copies that a threshold must tell.
const MOSTLY: usize = 95;
/// Percent of the articles that may be too short before it is worth a word.
const FEW_SHORT: usize = 10;
/// Percent that re-spelled copies may fall behind verbatim ones.
const SPELLING_LOSS: usize = 5;

/// All that the rules say.
pub(super) fn advise(report: &Report) -> Vec<Advice> {
    let mut advice: Vec<Advice> = report.tables.iter().map(lengths).collect();
    advice.extend(min_words(report));
    advice.extend(cap(report));
    advice.extend(fold(report));
    advice.extend(report.copies.iter().flat_map(|copies| thresholds(copies, report.config.threshold)));
    advice.extend(short_articles(report));
    advice.extend(unexplained(report));
    advice
}

fn reaches(found: usize, trials: usize, percent: usize) -> bool {
    trials > 0 && found * 100 >= trials * percent
}

/// The shortest length that was tried from which on [`SURELY`] of the copies are found, however long.
fn surely_from(cells: &[Cell]) -> Option<usize> {
    let tried = cells.iter().rev().filter(|cell| cell.trials > 0);
    tried.take_while(|cell| reaches(cell.found, cell.trials, SURELY)).last().map(|cell| cell.words)
}

/// From which length on copies with each change are found.
fn lengths(table: &KindTable) -> Advice {
    let mut by_length: Vec<(usize, Vec<&str>)> = Vec::new();
    let mut never = Vec::new();
    for row in &table.rows {
        match surely_from(&row.cells) {
            None => never.push(row.change.name()),
            Some(words) => match by_length.iter_mut().find(|(known, _)| *known == words) {
                Some((_, names)) => names.push(row.change.name()),
                None => by_length.push((words, vec![row.change.name()])),
            },
        }
    }
    by_length.sort();
    let mut parts: Vec<String> = by_length.iter().map(|(words, names)| format!("{} from {words} words on", listed(names))).collect();
    if !never.is_empty() {
        parts.push(format!("{} at none of these lengths", listed(&never)));
    }
    let (about, place) = match table.kind {
        Kind::Across => (Topic::Across, "copies in other articles"),
        Kind::Within => (Topic::Within, "copies in the same article"),
    };
    Advice { about, text: format!("{place}, {SURELY} % or more found: {}", parts.join("; ")) }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Verbatim copies that are shorter than what is told, and how to have them.
fn min_words(report: &Report) -> Option<Advice> {
    let min_words = report.config.within.min_words;
    let is_missed = |cell: &&Cell| cell.trials > 0 && cell.words < min_words && !reaches(cell.found, cell.trials, SURELY);
    let cells = report.tables.iter().filter_map(|table| table.row(Change::Verbatim)).flat_map(|row| &row.cells);
    let shortest = cells.filter(is_missed).map(|cell| cell.words).min()?;
    let there = report.already_there;
    let text = format!(
        "with --min-words {min_words} shorter copies are not looked for; those of {shortest} words need --min-words {shortest}. \
         refrain selftest --min-words {shortest} shows how many are found then, and what else is told that is already there (now {} \
         passages and {} repetitions)",
        there.passages, there.repetitions
    );
    Some(Advice { about: Topic::MinWords, text })
}

/// Verbatim copies in other articles that are long enough and were missed all the same.
fn cap(report: &Report) -> Option<Advice> {
    let row = report.table(Kind::Across)?.row(Change::Verbatim)?;
    let is_missed = |cell: &Cell| cell.words >= report.config.within.min_words && cell.found < cell.trials;
    let missed: usize = row.cells.iter().filter(|cell| is_missed(cell)).map(|cell| cell.trials - cell.found).sum();
    let text = || {
        format!(
            "{missed} verbatim copies were long enough and missed: {} runs of words stand in more than {} articles of the sample, and count \
             as boilerplate; a larger --cap takes longer and tells more of them",
            report.already_there.capped_shingles, report.config.cap
        )
    };
    (missed > 0 && report.already_there.capped_shingles > 0).then(|| Advice { about: Topic::Cap, text: text() })
}

/// Re-spelled copies that are missed for their spelling.
fn fold(report: &Report) -> Option<Advice> {
    let falls_behind = |table: &KindTable| {
        let (Some(verbatim), Some(respelled)) = (table.row(Change::Verbatim), table.row(Change::Respelled)) else { return false };
        let percent = |cell: &Cell| (cell.found * 100).checked_div(cell.trials).unwrap_or(0);
        verbatim.cells.iter().zip(&respelled.cells).any(|(x, y)| y.trials > 0 && percent(x) > percent(y) + SPELLING_LOSS)
    };
    let is_worth_it = report.config.fold != Fold::Full && report.tables.iter().any(falls_behind);
    let text = "re-spelled copies are missed for their spelling; --fold full takes no notice of it".to_owned();
    is_worth_it.then_some(Advice { about: Topic::Fold, text })
}

/// What the threshold tells, and which would tell copies with 5 and 10 % of their words changed.
fn thresholds(copies: &[CopyRow], threshold: f64) -> Vec<Advice> {
    let is_told = |row: &&CopyRow| reaches(row.found, row.trials, MOSTLY);
    let mut texts = Vec::new();
    if let Some(row) = copies.iter().take_while(is_told).last() {
        let percent = row.percent_changed;
        texts.push(format!("--threshold {threshold} tells {MOSTLY} % or more of the copies with up to {percent} % of their words changed"));
    }
    for row in copies.iter().filter(|row| matches!(row.percent_changed, 5 | 10) && row.trials > 0 && !is_told(row)) {
        let percent = row.percent_changed;
        texts.push(match row.telling_threshold {
            Some(telling) => format!("--threshold {telling} would tell {MOSTLY} % or more of those with {percent} % changed"),
            None => format!("no threshold tells {MOSTLY} % of those with {percent} % changed as near-duplicates; their passages are told"),
        });
    }
    texts.into_iter().map(|text| Advice { about: Topic::Threshold, text }).collect()
}

fn short_articles(report: &Report) -> Option<Advice> {
    let (sample, min_words) = (report.sample, report.config.within.min_words);
    let percent = sample.shorter_than_min_words * 100 / sample.articles.max(1);
    let text = || {
        format!(
            "{percent} % of the articles have fewer than {min_words} words (--min-words): no passage of them is told, only that they are \
             identical or near-duplicates"
        )
    };
    (percent >= FEW_SHORT && !report.tables.is_empty()).then(|| Advice { about: Topic::Corpus, text: text() })
}

fn unexplained(report: &Report) -> Option<Advice> {
    let count = report.unexplained.passages + report.unexplained.repetitions;
    let text = || {
        format!(
            "{count} findings in {} rounds were neither planted nor already there: chance, or text on the edge of what is told; a larger \
             --min-words tells less of it",
            report.rounds
        )
    };
    (count > 0).then(|| Advice { about: Topic::Unexplained, text: text() })
}

#[cfg(test)]
mod tests {
    use super::super::plan::COPY_PERCENTS;
    use super::*;
    use crate::selftest::report::Row;

    fn cells(shares: &[(usize, usize)]) -> Vec<Cell> {
        shares.iter().map(|&(words, found)| Cell { words, trials: 100, found }).collect()
    }

    #[test]
    fn copies_are_found_from_the_length_where_all_longer_ones_are() {
        assert_eq!(surely_from(&cells(&[(15, 100), (25, 98), (40, 99), (80, 100)])), Some(40));
        assert_eq!(surely_from(&cells(&[(15, 100), (25, 100), (40, 98)])), None);
        let mut untried = cells(&[(15, 0), (25, 100), (40, 0)]);
        untried[2].trials = 0;
        assert_eq!(surely_from(&untried), Some(25));
    }

    #[test]
    fn changes_with_one_length_are_told_together() {
        let row = |change, found: usize| Row { change, covered: 1.0, cells: cells(&[(15, 0), (25, found), (40, 100)]) };
        let rows = vec![row(Change::Verbatim, 100), row(Change::Respelled, 99), row(Change::Light, 60)];
        let text = lengths(&KindTable { kind: Kind::Within, rows }).text;
        assert_eq!(text, "copies in the same article, 99 % or more found: verbatim and respelled from 25 words on; light from 40 words on");
    }

    #[test]
    fn a_threshold_is_advised_for_copies_that_are_missed() {
        let copy = |percent_changed, found, telling_threshold| CopyRow {
            percent_changed,
            trials: 100,
            found,
            mean_jaccard: 0.5,
            telling_threshold,
        };
        let found = [100, 96, 50, 0, 0];
        let telling = [Some(0.9), Some(0.8), Some(0.65), None, None];
        let copies: Vec<CopyRow> = (0..5).map(|at| copy(COPY_PERCENTS[at], found[at], telling[at])).collect();
        let texts: Vec<String> = thresholds(&copies, 0.8).into_iter().map(|advice| advice.text).collect();
        assert_eq!(texts[0], "--threshold 0.8 tells 95 % or more of the copies with up to 2 % of their words changed");
        assert_eq!(texts[1], "--threshold 0.65 would tell 95 % or more of those with 5 % changed");
        assert!(texts[2].starts_with("no threshold tells 95 % of those with 10 % changed"));
        assert_eq!(texts.len(), 3);
    }
}
