//! `--against`: the reference that a corpus is compared with.

use super::args::{Global, Report, RunArgs};
use super::destination::Reports;
use super::messages::{summary, tell_left_out};
use super::output::{palette, to_stdout, write_file};
use super::progress::Bar;
use super::settings::Settings;
use crate::against::{Matches, Reference, check_distinct};
use crate::files::Guard;
use crate::report::{Palette, match_summary_line, write_matches_json, write_matches_jsonl, write_matches_text};
use crate::{DetectConfig, FieldNames, FileCorpus, SourceOptions};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// Flags of commands that compare a corpus with a reference.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct AgainstArgs {
    /// Compare the articles only with those of REFERENCE: files, folders, globs, or an index; repeatable. The articles are read once, and memory is needed for the
    /// reference alone
    #[arg(long, value_name = "REFERENCE", help_heading = "What to find")]
    against: Vec<PathBuf>,
    /// Field of the reference that holds the text [default: that of the articles]; several, separated by commas, are joined: question,choices,answer
    #[arg(long, value_name = "FIELD", requires = "against", help_heading = "What to find")]
    against_text_field: Option<String>,
    /// Field of the reference that holds the id [default: that of the articles]
    #[arg(long, value_name = "FIELD", requires = "against", help_heading = "What to find")]
    against_id_field: Option<String>,
}

/// A reference before it is read.
pub(super) enum Opened {
    Files(Arc<FileCorpus>),
    #[cfg(feature = "index")]
    Index(PathBuf),
}

impl AgainstArgs {
    /// Whether there is a reference.
    pub(super) fn is_given(&self) -> bool {
        !self.against.is_empty()
    }

    /// Opens the reference for a comparison with `corpus`; None if none was given.
    ///
    /// # Errors
    /// A path that is not there; an index among several paths; a file that is in the corpus too.
    pub(super) fn open(&self, corpus: &FileCorpus, settings: &Settings) -> Result<Option<Opened>> {
        if !self.is_given() {
            return Ok(None);
        }
        settings.refuse_exact("--against")?;
        let scope = settings.detect();
        if !scope.across() && !scope.passages() {
            bail!("--against compares articles, and --only within looks inside each; name near-duplicates, passages or both");
        }
        #[cfg(feature = "index")]
        if let Some(path) = self.against.iter().find(|path| crate::index::Index::is_at(path)) {
            if self.against.len() > 1 {
                bail!("--against: {} is an index; name it alone, or only files", path.display());
            }
            if self.against_text_field.is_some() || self.against_id_field.is_some() {
                bail!(
                    "--against: {} is an index, whose articles have no fields; leave out --against-text-field and --against-id-field",
                    path.display()
                );
            }
            return Ok(Some(Opened::Index(path.clone())));
        }
        let options = settings.source();
        let fields = FieldNames {
            text: self.against_text_field.clone().or_else(|| options.fields.text.clone()),
            id: self.against_id_field.clone().or_else(|| options.fields.id.clone()),
            ..options.fields
        };
        // The format and the path of records are those of the articles; a reference has its own.
        let fields = FieldNames { records: None, ..fields };
        let reference = FileCorpus::open(&self.against, &SourceOptions { fields, format: None, ..options })?;
        if reference.paths().any(|path| path == "-") && corpus.paths().any(|path| path == "-") {
            bail!("--against: standard input cannot be both the articles and the reference; name a file for one of them");
        }
        check_distinct(corpus.paths(), reference.paths())?;
        Ok(Some(Opened::Files(Arc::new(reference))))
    }
}

impl Opened {
    /// Adds what is read of the reference.
    pub(super) fn add_to_guard<'p>(&'p self, guard: &mut Guard<'p>) {
        match self {
            Self::Files(corpus) => corpus.add_to_guard(guard),
            #[cfg(feature = "index")]
            Self::Index(path) => guard.reads_database("index", path),
        }
    }

    /// Reads the reference into memory.
    pub(super) fn read(&self, config: &DetectConfig, global: Global, verbose: bool) -> Result<Reference> {
        let corpus = match self {
            Self::Files(corpus) => corpus,
            #[cfg(feature = "index")]
            Self::Index(path) => return Ok(crate::index::Index::open_as_made(path, false)?.reference(config)?),
        };
        let bar = Bar::new(corpus, global.quiet);
        let reference = Reference::read(&**corpus, config, &bar);
        bar.finish();
        let reference = reference.context("--against")?;
        if !global.quiet {
            tell_left_out(&corpus.notes(), reference.problems(), 0, reference.bad_dates(), verbose);
        }
        corpus.require_articles(reference.len(), reference.problems()).context("--against")?;
        Ok(reference)
    }
}

/// `refrain scan --against`.
pub(super) fn scan(
    corpus: &FileCorpus,
    opened: &Opened,
    (run, settings, global): (&RunArgs, &Settings, Global),
    (reports, limit): (&Reports<Report>, Option<usize>),
) -> Result<()> {
    let pool = settings.pool()?;
    let reference = pool.install(|| opened.read(&settings.detect(), global, run.verbose))?;
    let bar = Bar::new(corpus, global.quiet);
    let matches = pool.install(|| reference.matches(corpus, &bar));
    bar.finish();
    let matches = matches?;
    if !global.quiet {
        tell_left_out(&corpus.notes(), matches.problems(), 0, matches.bad_dates(), run.verbose);
    }
    corpus.require_articles(matches.summary().documents, matches.problems())?;
    let palette = palette(global.color.or(settings.color));
    for (format, path) in &reports.files {
        write_file(path, &mut |out| write(&matches, *format, (Palette::PLAIN, None), out))?;
    }
    to_stdout(&mut |out| Ok(write(&matches, reports.printed, (palette, limit), out)?))?;
    if !global.quiet {
        summary(reports.printed, &match_summary_line(matches.summary()));
    }
    std::mem::forget(reference);
    Ok(())
}

fn write(matches: &Matches, format: Report, (palette, limit): (Palette, Option<usize>), mut out: impl Write) -> io::Result<()> {
    match format {
        Report::Text => write_matches_text(matches, palette, limit, &mut out),
        Report::Jsonl => write_matches_jsonl(matches, limit, &mut out),
        _ => write_matches_json(matches, limit, &mut out),
    }
}
