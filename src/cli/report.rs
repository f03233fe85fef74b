//! `refrain report`: who reuses whom, as a page or as tables.

use super::args::{LangArg, Report, ReportArgs, ReportForm};
use super::messages::{line, tell};
use super::output::{refuse_outputs, to_file_by};
use super::progress::Bar;
use super::settings::Settings;
use anyhow::{Context, Result, bail};
use refrain::catalogue::Catalogue;
use refrain::report::{Anonymity, Dossier, Lang, PageOptions, SheetForm, SheetOptions, Written, config_of_run, write_page, write_sheet};
use refrain::{Detector, Error, FileCorpus};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Write};
use std::path::Path;

/// Detects, or reads what was detected, and writes.
pub(super) fn run(args: &ReportArgs) -> Result<()> {
    let settings = args.run.settings()?;
    settings.keep.as_ref().map_or(Ok(()), super::policy::KeepArg::check_usual)?;
    check_form(args)?;
    let corpus = FileCorpus::open(&args.paths, &settings.source())?;
    let outputs: Vec<(Report, std::path::PathBuf)> = args.output.iter().map(|path| (Report::Text, path.clone())).collect();
    refuse_outputs(&outputs, corpus.paths().chain(args.findings.as_deref()))?;
    let pool = settings.pool()?;
    pool.install(|| {
        let (dossier, catalogue) = match &args.findings {
            Some(findings) => told(findings, args, &corpus)?,
            None => detected(args, &settings, &corpus)?,
        };
        write(args, &dossier, &catalogue)
    })
}

/// What cannot be written is told before anything is read.
fn check_form(args: &ReportArgs) -> Result<()> {
    if !matches!(args.form, ReportForm::Parquet) {
        return Ok(());
    }
    if cfg!(not(feature = "parquet")) {
        bail!("--format parquet: Parquet is not in this build; build with the feature `parquet`, or take csv");
    }
    if args.output.is_none() && io::stdout().is_terminal() {
        bail!("--format parquet: a terminal cannot show it; name a file with --output");
    }
    Ok(())
}

fn detected<'c>(args: &ReportArgs, settings: &Settings, corpus: &'c FileCorpus) -> Result<(Dossier, Catalogue<'c>)> {
    let detector = Detector::new(settings.detect())?.within_memory(settings.memory());
    let bar = Bar::new(corpus.bytes(), args.run.quiet);
    let found = Catalogue::detect(corpus, &detector, &bar);
    bar.finish();
    let (findings, catalogue) = found?;
    if !args.run.quiet {
        tell(&corpus.notes(), &findings, args.run.verbose);
    }
    corpus.require_articles(findings.summary().documents, findings.problems())?;
    Ok((Dossier::of(&findings, &catalogue)?, catalogue))
}

fn told<'c>(findings: &Path, args: &ReportArgs, corpus: &'c FileCorpus) -> Result<(Dossier, Catalogue<'c>)> {
    let name = findings.display().to_string();
    let open = || File::open(findings).map_err(|cause| Error::Io { path: findings.into(), cause });
    let mut first = String::new();
    BufReader::new(open()?).read_line(&mut first).with_context(|| name.clone())?;
    let config = config_of_run(&first, &name)?;
    let bar = Bar::new(corpus.bytes(), args.run.quiet);
    let catalogue = Catalogue::read(corpus, config.fold, &bar);
    bar.finish();
    let catalogue = catalogue?;
    let dossier = Dossier::read(BufReader::with_capacity(1 << 18, open()?), &name, &catalogue)?;
    if !args.run.quiet {
        corpus.notes().iter().for_each(|note| line("note", note));
        if dossier.strangers() > 0 {
            let count = dossier.strangers();
            line("note", &format!("{count} articles of {name} are not among those read: no text, title, outlet or date of them is shown"));
        }
    }
    Ok((dossier, catalogue))
}

fn write(args: &ReportArgs, dossier: &Dossier, catalogue: &Catalogue<'_>) -> Result<()> {
    let mut written = Written::default();
    let mut put = |out: &mut dyn Write| -> Result<()> {
        let mut out = BufWriter::with_capacity(1 << 16, out);
        let form = match args.form {
            ReportForm::Html => {
                written = write_page(dossier, catalogue, options(args), &mut out)?;
                return Ok(());
            }
            ReportForm::Csv => SheetForm::Csv,
            ReportForm::Markdown => SheetForm::Markdown,
            ReportForm::Parquet => SheetForm::Parquet,
        };
        let PageOptions { lang, anonymity, .. } = options(args);
        let options = SheetOptions { sheet: args.table.into(), form, anonymity, lang };
        Ok(write_sheet(dossier, catalogue, options, &mut out)?)
    };
    match &args.output {
        Some(path) => to_file_by(path, &mut put)?,
        None => put(&mut io::stdout().lock())?,
    }
    if !args.run.quiet {
        tell_left_out(args, written);
    }
    Ok(())
}

fn tell_left_out(args: &ReportArgs, written: Written) {
    let Written { bytes, texts_left_out, pairs_left_out } = written;
    if texts_left_out > 0 && dossier_has_texts(args) {
        line("note", &format!("{texts_left_out} texts left out of the page, those that findings are least about; --max-size allows more"));
    }
    if pairs_left_out > 0 {
        line("note", &format!("{pairs_left_out} pairs left out of the page, those with the fewest words; the totals count them"));
    }
    if bytes > args.max_size.bytes {
        line("note", &format!("the page has {bytes} bytes, more than --max-size: nothing else of it can be left out"));
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
