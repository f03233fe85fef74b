//! Scores as tables to read.

use crate::eval::{Agreement, ClusterScore, Evaluation, ExactScore, KindScore, PairScore, Partition, Plagdet, ReviewScore, Sweep};
use crate::report::printable;
use std::io::{self, Write};

/// Decimals of shares that are compared between systems.
const DECIMALS: usize = 4;
/// Decimals of shares that should be 1.
const EXACT_DECIMALS: usize = 6;

/// Writes the scores, and below them those by label and by threshold.
///
/// # Errors
/// What the writer says.
pub(super) fn write_scores(scores: &Evaluation, out: &mut impl Write) -> io::Result<()> {
    match scores {
        Evaluation::Exact(score) => write_exact(score, out),
        Evaluation::Pairs(score) => write_pairs(score, out),
        Evaluation::Clusters(score) => write_clusters(score, out),
        Evaluation::Spans { kinds } => write_spans(kinds, out),
    }
}

/// Writes how many decisions of each stratum were judged right.
///
/// # Errors
/// What the writer says.
pub(super) fn write_reviews(scores: &[ReviewScore], out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::new(1, ["decisions", "right", "wrong", "unsure", "precision", "95 % interval"]);
    for score in scores {
        let share = |share: f64| format!("{share:.3}");
        let interval = score.interval.map_or_else(|| "-".to_owned(), |[low, high]| format!("{} to {}", share(low), share(high)));
        let counts = [score.right, score.wrong, score.unsure].map(|count| count.to_string());
        let precision = score.precision.map_or_else(|| "-".to_owned(), share);
        table.row([printable(&score.stratum)].into_iter().chain(counts).chain([precision, interval]));
    }
    table.write(out)
}

/// A table: its columns are as wide as they need to be. Numbers stand to the right, and names before them to the left.
pub(super) struct Table {
    names: usize,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table whose first `names` columns hold names.
    pub(super) fn new<'a>(names: usize, head: impl IntoIterator<Item = &'a str>) -> Self {
        Self { names, rows: vec![head.into_iter().map(str::to_owned).collect()] }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let cells = row.iter().zip(&widths).enumerate();
            let padded = cells
                .map(|(column, (cell, &width))| if column < self.names { format!("{cell:<width$}") } else { format!("{cell:>width$}") });
            writeln!(out, "{}", padded.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// The columns of a score.
trait Columns {
    const HEAD: &'static [&'static str];
    fn cells(&self, decimals: usize) -> Vec<String>;
}

impl Columns for Agreement {
    const HEAD: &'static [&'static str] = &["true", "told", "precision", "recall", "f1"];

    fn cells(&self, decimals: usize) -> Vec<String> {
        let shares = [self.precision, self.recall, self.f1].map(|share| format!("{share:.decimals$}"));
        [self.r#true.to_string(), self.told.to_string()].into_iter().chain(shares).collect()
    }
}

impl Columns for Partition {
    const HEAD: &'static [&'static str] = &["documents", "adjusted Rand index", "precision", "recall", "f1"];

    fn cells(&self, decimals: usize) -> Vec<String> {
        let shares = [self.adjusted_rand_index, self.precision, self.recall, self.f1].map(|share| format!("{share:.decimals$}"));
        [self.documents.to_string()].into_iter().chain(shares).collect()
    }
}

impl Columns for Plagdet {
    const HEAD: &'static [&'static str] = &["plagdet", "recall", "precision", "granularity", "f1", "cases", "told"];

    fn cells(&self, decimals: usize) -> Vec<String> {
        let shares = [self.plagdet, self.recall, self.precision, self.granularity, self.f1].map(|share| format!("{share:.decimals$}"));
        shares.into_iter().chain([self.cases.to_string(), self.told.to_string()]).collect()
    }
}

fn write_exact(score: &ExactScore, out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::new(0, ["threshold"].iter().chain(Agreement::HEAD).chain(&["largest Jaccard error"]).copied());
    let cells = score.pairs.cells(EXACT_DECIMALS);
    table.row([score.threshold.to_string()].into_iter().chain(cells).chain([format!("{:.2e}", score.largest_jaccard_error)]));
    table.write(out)?;
    score.sweep.as_ref().map_or(Ok(()), |sweep| write_sweep(sweep, EXACT_DECIMALS, out))
}

fn write_pairs(score: &PairScore, out: &mut impl Write) -> io::Result<()> {
    write_one(&score.pairs, out)?;
    if !score.by_label.is_empty() {
        let mut table = Table::new(1, ["label", "true", "recall"]);
        for group in &score.by_label {
            table.row([printable(&group.label), group.r#true.to_string(), format!("{:.DECIMALS$}", group.recall)]);
        }
        writeln!(out)?;
        table.write(out)?;
    }
    score.sweep.as_ref().map_or(Ok(()), |sweep| write_sweep(sweep, DECIMALS, out))
}

fn write_clusters(score: &ClusterScore, out: &mut impl Write) -> io::Result<()> {
    write_one(&score.clusters, out)?;
    score.sweep.as_ref().map_or(Ok(()), |sweep| write_sweep(sweep, DECIMALS, out))
}

fn write_one<T: Columns>(score: &T, out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::new(0, T::HEAD.iter().copied());
    table.row(score.cells(DECIMALS));
    table.write(out)
}

fn write_spans(kinds: &[KindScore], out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::new(1, ["kind"].iter().chain(Plagdet::HEAD).copied());
    let mut groups = Table::new(3, ["kind", "by", "name", "cases", "recall"]);
    for score in kinds {
        let kind = || score.kind.name().to_owned();
        table.row([kind()].into_iter().chain(score.all.cells(DECIMALS)));
        for (by, group) in [("change", &score.by_change), ("shape", &score.by_shape)] {
            for group in group {
                let (name, recall) = (printable(&group.name), format!("{:.DECIMALS$}", group.recall));
                groups.row([kind(), by.to_owned(), name, group.cases.to_string(), recall]);
            }
        }
    }
    if kinds.is_empty() {
        return writeln!(out, "neither passages nor repetitions, labelled or told");
    }
    table.write(out)?;
    if groups.rows.len() > 1 {
        writeln!(out)?;
        groups.write(out)?;
    }
    for score in kinds {
        let Some(sweep) = &score.sweep else { continue };
        writeln!(out, "\n{}s, told with at least so many words", score.kind.name())?;
        write_rows(sweep, DECIMALS, out)?;
    }
    Ok(())
}

fn write_sweep<T: Columns>(sweep: &Sweep<T>, decimals: usize, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\npairs, told with at least such a {}", sweep.by)?;
    write_rows(sweep, decimals, out)
}

fn write_rows<T: Columns>(sweep: &Sweep<T>, decimals: usize, out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::new(1, [sweep.by].iter().chain(T::HEAD).copied());
    for row in &sweep.rows {
        let best = row.best.then(|| "best".to_owned());
        // What was told has six decimals at most; steps of the grid have two.
        table.row(
            [format!("{:.6}", row.threshold).trim_end_matches('0').trim_end_matches('.').to_owned()]
                .into_iter()
                .chain(row.score.cells(decimals))
                .chain(best),
        );
    }
    table.write(out)?;
    if sweep.without_value > 0 {
        writeln!(out, "left out for want of {}: {}", sweep.by, sweep.without_value)?;
    }
    Ok(())
}
