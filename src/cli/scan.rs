//! `refrain scan`: the main job.

use super::args::{Global, Report, SCAN_FORMATS, ScanArgs};
use super::destination::Reports;
use super::messages::{summary, tell};
use super::output::{palette, to_stdout, write_file};
use super::progress::Bar;
use crate::report::{Palette, summary_line, write_json, write_jsonl, write_text};
use crate::{Detector, FileCorpus, Findings};
use anyhow::Result;
use std::io::{self, Write};

/// Reads, detects, reports.
pub(super) fn run(args: &ScanArgs, global: Global) -> Result<()> {
    let settings = args.run.settings()?;
    settings.keep.as_ref().map_or(Ok(()), super::policy::KeepArg::check_usual)?;
    let reports = Reports::of(SCAN_FORMATS, &args.output, settings.format, args.run.names_format(), Report::Text)?;
    let detector = Detector::new(settings.detect())?.within_memory(settings.memory());
    let corpus = FileCorpus::open(&args.paths, &settings.source())?;
    let mut guard = args.run.guard(&corpus);
    reports.files.iter().for_each(|(_, path)| guard.writes("output", path.as_path()));
    let reference = args.against.open(&corpus, &settings)?;
    reference.iter().for_each(|reference| reference.add_to_guard(&mut guard));
    guard.check()?;
    if let Some(reference) = &reference {
        return super::against::scan(&corpus, reference, (&args.run, &settings, global), (&reports, args.cut.limit()));
    }
    let bar = Bar::new(&corpus, global.quiet);
    let pool = settings.pool()?;
    let findings = pool.install(|| detector.detect_in(&corpus, &bar));
    bar.finish();
    let findings = findings?;
    if !global.quiet {
        tell(&corpus.notes(), &findings, args.run.verbose);
    }
    corpus.require_articles(findings.summary().documents, findings.problems())?;
    let palette = palette(global.color.or(settings.color));
    let written = pool.install(|| {
        for (format, path) in &reports.files {
            write_file(path, &mut |out| write(&findings, *format, (Palette::PLAIN, None), out))?;
        }
        to_stdout(&mut |out| Ok(write(&findings, reports.printed, (palette, args.cut.limit()), out)?))
    });
    if !global.quiet && written.is_ok() {
        summary(reports.printed, &summary_line(findings.summary()));
    }
    // The end of the process frees them at once; list by list it takes longer than some scans.
    std::mem::forget((findings, corpus));
    written
}

/// Writes a report of at most `limit` findings.
fn write(findings: &Findings, format: Report, (palette, limit): (Palette, Option<usize>), mut out: impl Write) -> io::Result<()> {
    match format {
        Report::Text => write_text(findings, palette, limit, &mut out),
        Report::Jsonl => write_jsonl(findings, limit, &mut out),
        Report::Json => write_json(findings, limit, &mut out),
        Report::Sarif | Report::Junit | Report::Github | Report::Gitlab | Report::Markdown => {
            Err(io::Error::other("refrain check writes this format, refrain scan does not"))
        }
    }
}
