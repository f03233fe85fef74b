//! `refrain report`: who reuses whom, as a page or as tables.

use super::args::Global;
use super::destination::Target;
use super::messages::{line, tell, tell_notes};
use super::output::{to_file_by, to_stdout};
use super::progress::Bar;
use super::report_args::{LangArg, REPORT_FORMATS, ReportArgs, ReportForm, SheetArg};
use super::settings::Settings;
use crate::catalogue::Catalogue;
use crate::report::{
    Anonymity, Dossier, Lang, PageOptions, SheetForm, SheetOptions, Written, config_of_run, summary_line, write_page, write_sheet,
};
use crate::{Detector, Error, FileCorpus};
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Write};
use std::path::Path;

/// Detects, or reads findings, and writes.
pub(super) fn run(args: &ReportArgs, global: Global) -> Result<()> {
    let settings = args.run.settings()?;
    settings.refuse_exact("refrain report")?;
    settings.keep.as_ref().map_or(Ok(()), super::policy::KeepArg::check_usual)?;
    let targets = targets(args)?;
    let corpus = FileCorpus::open(&args.paths, &settings.source())?;
    let mut guard = args.run.guard(&corpus);
    args.findings.iter().for_each(|path| guard.reads("findings", path.as_path()));
    targets.iter().filter_map(|(_, target)| target.file()).for_each(|path| guard.writes("output", path));
    guard.check()?;
    let pool = settings.pool()?;
    pool.install(|| {
        let (dossier, catalogue) = match &args.findings {
            Some(findings) => told(findings, &corpus, global)?,
            None => detected(args, &settings, &corpus, global)?,
        };
        write(args, &targets, (&dossier, &catalogue), global)
    })
}

/// What is written where.
///
/// # Errors
/// What cannot be written, before anything is read.
fn targets(args: &ReportArgs) -> Result<Vec<(ReportForm, Target)>> {
    let usual = if args.table.is_some() { ReportForm::Csv } else { ReportForm::Html };
    let targets = REPORT_FORMATS.settle(&args.output, args.form, usual)?;
    let has = |wanted: ReportForm| targets.iter().any(|(form, _)| *form == wanted);
    if has(ReportForm::Parquet) && cfg!(not(feature = "parquet")) {
        bail!("--format parquet: this build cannot write Parquet; build with the feature `parquet`, or use csv");
    }
    if targets.contains(&(ReportForm::Parquet, Target::Stdout)) && io::stdout().is_terminal() {
        bail!("--format parquet: a terminal cannot show it; name a file with --output");
    }
    if args.table.is_some() && targets.iter().all(|(form, _)| *form == ReportForm::Html) {
        bail!("--table: a page holds all tables; write one table with --output FILE.csv, or leave --table out");
    }
    if targets.iter().filter(|(_, target)| *target == Target::Stdout).count() > 1 {
        bail!("standard output: is named twice with --output; write one of the two to a file");
    }
    Ok(targets)
}

fn detected<'c>(args: &ReportArgs, settings: &Settings, corpus: &'c FileCorpus, global: Global) -> Result<(Dossier, Catalogue<'c>)> {
    let detector = Detector::new(settings.detect())?.within_memory(settings.memory());
    let bar = Bar::new(corpus, global.quiet);
    let found = Catalogue::detect(corpus, &detector, &bar);
    bar.finish();
    let (findings, catalogue) = found?;
    if !global.quiet {
        tell(&corpus.notes(), &findings, args.run.verbose);
    }
    corpus.require_articles(findings.summary().documents, findings.problems())?;
    if !global.quiet {
        line("summary", &summary_line(findings.summary()));
    }
    Ok((Dossier::of(&findings, &catalogue)?, catalogue))
}

fn told<'c>(findings: &Path, corpus: &'c FileCorpus, global: Global) -> Result<(Dossier, Catalogue<'c>)> {
    let name = findings.display().to_string();
    let open = || File::open(findings).map_err(|cause| Error::Io { path: findings.into(), cause });
    let mut first = String::new();
    BufReader::new(open()?).read_line(&mut first).with_context(|| name.clone())?;
    let config = config_of_run(&first, &name)?;
    let bar = Bar::new(corpus, global.quiet);
    let catalogue = Catalogue::read(corpus, config.fold, &bar);
    bar.finish();
    let catalogue = catalogue?;
    let dossier = Dossier::read(BufReader::with_capacity(1 << 18, open()?), &name, &catalogue)?;
    if !global.quiet {
        tell_notes(&corpus.notes());
        if dossier.strangers() > 0 {
            let count = dossier.strangers();
            line(
                "note",
                &format!("{count} articles of {name} are not in the paths given; their texts, titles, outlets and dates are missing"),
            );
        }
    }
    Ok((dossier, catalogue))
}

fn write(
    args: &ReportArgs,
    targets: &[(ReportForm, Target)],
    (dossier, catalogue): (&Dossier, &Catalogue<'_>),
    global: Global,
) -> Result<()> {
    let mut written = Written::default();
    for (form, target) in targets {
        let mut put = |out: &mut dyn Write| -> Result<()> {
            let mut out = BufWriter::with_capacity(1 << 16, out);
            let form = match form {
                ReportForm::Html => {
                    written = write_page(dossier, catalogue, options(args), &mut out)?;
                    catalogue.check_lengths()?;
                    return Ok(out.flush()?);
                }
                ReportForm::Csv => SheetForm::Csv,
                ReportForm::Markdown => SheetForm::Markdown,
                ReportForm::Parquet => SheetForm::Parquet,
            };
            let PageOptions { lang, anonymity, .. } = options(args);
            let sheet = args.table.unwrap_or(SheetArg::Pairs).into();
            write_sheet(dossier, catalogue, SheetOptions { sheet, form, anonymity, lang }, &mut out)?;
            catalogue.check_lengths()?;
            Ok(out.flush()?)
        };
        match target {
            Target::File(path) => to_file_by(path, &mut put)?,
            Target::Stdout => to_stdout(&mut put)?,
        }
    }
    if !global.quiet {
        tell_left_out(args, written);
    }
    Ok(())
}

fn tell_left_out(args: &ReportArgs, written: Written) {
    let Written { bytes, texts_left_out, pairs_left_out } = written;
    if texts_left_out > 0 && dossier_has_texts(args) {
        line(
            "note",
            &format!(
                "{texts_left_out} texts are left out of the page, those that matter least to the findings; --max-size allows a larger page"
            ),
        );
    }
    if pairs_left_out > 0 {
        line("note", &format!("{pairs_left_out} pairs are left out of the page, those with the fewest words; the totals count them"));
    }
    if bytes > args.max_size.bytes {
        line("note", &format!("the page has {bytes} bytes, more than --max-size: nothing more can be left out"));
    }
}

/// Without paths there is no text to leave out.
fn dossier_has_texts(args: &ReportArgs) -> bool {
    !args.paths.is_empty()
}

fn options(args: &ReportArgs) -> PageOptions {
    PageOptions {
        lang: match args.lang {
            LangArg::En => Lang::En,
            LangArg::Ar => Lang::Ar,
        },
        anonymity: if args.anonymise { Anonymity::Numbered } else { Anonymity::Named },
        max_bytes: args.max_size.bytes,
    }
}
