//! `refrain selftest`: what to expect of the settings on a corpus.

use super::args::{Global, Report as Form};
use super::messages::{line, tell_notes};
use super::output::to_stdout;
use super::progress::Bar;
use super::score_args::SelftestArgs;
use super::scores::Table;
use crate::FileCorpus;
use crate::selftest::{CopyRow, Kind, KindTable, LEAST_WORDS, Options, Report, Sample, selftest};
use anyhow::Result;
use std::io::{self, Write};

/// Reads a sample, plants into it, prints what was found.
pub(super) fn run(args: &SelftestArgs, global: Global) -> Result<()> {
    let settings = args.settings.clone().with_file(args.config.as_deref())?;
    settings.check()?;
    let options = options(args);
    options.check()?;
    let config = settings.detect();
    let corpus = FileCorpus::open(&args.paths, &settings.source())?;
    let bar = Bar::new(&corpus, global.quiet);
    let pool = settings.pool()?;
    let sample = pool.install(|| Sample::read(&corpus, &config, &options, &bar));
    bar.finish();
    if !global.quiet {
        tell_notes(&corpus.notes());
    }
    let sample = sample?;
    if sample.counts().skipped > 0 && !global.quiet {
        line("skipped", &format!("{} that cannot be read; refrain scan says why", counted(sample.counts().skipped, "record")));
    }
    let report = pool.install(|| selftest(&sample, &config, &options))?;
    to_stdout(&mut |mut out| {
        match settings.format.unwrap_or(Form::Text) {
            Form::Text => return Ok(write_text(&report, &mut out)?),
            Form::Json => serde_json::to_writer_pretty(&mut *out, &report)?,
            _ => serde_json::to_writer(&mut *out, &report)?,
        }
        Ok(writeln!(out)?)
    })
}

fn options(args: &SelftestArgs) -> Options {
    let mut options = Options::default();
    options.sample = args.sample.unwrap_or(options.sample);
    options.trials = args.trials.unwrap_or(options.trials);
    options.seed = args.seed.unwrap_or(options.seed);
    if !args.lengths.is_empty() {
        options.lengths.clone_from(&args.lengths);
        options.lengths.sort_unstable();
        options.lengths.dedup();
    }
    options
}

fn write_text(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let (sample, options) = (report.sample, &report.options);
    writeln!(
        out,
        "{} of {} articles, {} words; {} have {LEAST_WORDS} words or more, which it takes to plant into them",
        sample.sampled, sample.articles, sample.sampled_words, sample.usable
    )?;
    writeln!(out, "up to {} copies of each length and change, planted in {} rounds, seed {}", options.trials, report.rounds, options.seed)?;
    for table in &report.tables {
        write_table(table, &options.lengths, out)?;
    }
    if let Some(copies) = &report.copies {
        write_copies(copies, report.config.threshold, out)?;
    }
    let (there, more) = (report.already_there, report.unexplained);
    writeln!(out, "\nalready there, with nothing planted")?;
    let counts =
        [(there.repetitions, "repetition"), (there.pairs, "pair"), (there.passages, "shared passage"), (there.clusters, "cluster")];
    writeln!(out, "{}", counts.map(|(count, what)| counted(count, what)).join(", "))?;
    writeln!(
        out,
        "neither planted nor already there: {}, {}",
        counted(more.repetitions, "repetition"),
        counted(more.passages, "shared passage")
    )?;
    writeln!(out, "\nwhat follows")?;
    report.advice.iter().try_for_each(|advice| writeln!(out, "* {}", advice.text))
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A share that is not all is not shown as 100 %.
fn share(found: usize, trials: usize) -> String {
    (found * 100).checked_div(trials).map_or_else(|| "-".to_owned(), |percent| format!("{percent} % ({trials})"))
}

fn write_table(table: &KindTable, lengths: &[usize], out: &mut impl Write) -> io::Result<()> {
    let place = match table.kind {
        Kind::Across => "in another article",
        Kind::Within => "in the same article",
    };
    writeln!(out, "\ncopies {place}: found (planted), by words; and how much of those found is told")?;
    let lengths: Vec<String> = lengths.iter().map(ToString::to_string).collect();
    let head = ["change"].into_iter().chain(lengths.iter().map(String::as_str)).chain(["told"]);
    let mut rows = Table::new(1, head);
    for row in &table.rows {
        let told = if row.cells.iter().any(|cell| cell.found > 0) { format!("{:.1} %", row.covered * 100.0) } else { "-".to_owned() };
        let cells = row.cells.iter().map(|cell| share(cell.found, cell.trials));
        rows.row([row.change.name().to_owned()].into_iter().chain(cells).chain([told]));
    }
    rows.write(out)
}

fn write_copies(copies: &[CopyRow], threshold: f64, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\ncopies of whole articles: found (made) as near-duplicates at {threshold}, and the threshold that 95 % of them reach")?;
    let mut rows = Table::new(1, ["words changed", "mean Jaccard", "found", "threshold"]);
    for row in copies {
        let told_from = row.telling_threshold.map_or_else(|| "under 0.3".to_owned(), |threshold| format!("{threshold:.2}"));
        let [jaccard, told_from] =
            if row.trials == 0 { ["-"; 2].map(str::to_owned) } else { [format!("{:.3}", row.mean_jaccard), told_from] };
        rows.row([format!("{} %", row.percent_changed), jaccard, share(row.found, row.trials), told_from]);
    }
    rows.write(out)
}
