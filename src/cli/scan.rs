//! `refrain scan`: the main job.

use super::args::{Color, Report, ScanArgs};
use super::messages::tell;
use super::output::{palette, refuse_outputs, to_file, to_stdout};
use super::progress::Bar;
use anyhow::Result;
use refrain::{Detector, FileCorpus};

/// Reads, detects, reports.
pub(super) fn run(args: &ScanArgs) -> Result<()> {
    let settings = args.run.settings()?;
    settings.keep.as_ref().map_or(Ok(()), super::policy::KeepArg::check_usual)?;
    let detector = Detector::new(settings.detect())?.within_memory(settings.memory());
    let corpus = FileCorpus::open(&args.paths, &settings.source())?;
    refuse_outputs(&args.output, corpus.paths())?;
    let bar = Bar::new(corpus.bytes(), args.run.quiet);
    let pool = settings.pool()?;
    let findings = pool.install(|| detector.detect_in(&corpus, &bar));
    bar.finish();
    let findings = findings?;
    if !args.run.quiet {
        tell(&corpus.notes(), &findings, args.run.verbose);
    }
    corpus.require_articles(findings.summary().documents, findings.problems())?;
    let written = pool.install(|| {
        args.output.iter().try_for_each(|(report, path)| to_file(&findings, *report, path))?;
        to_stdout(&findings, settings.format.unwrap_or(Report::Text), palette(settings.color.unwrap_or(Color::Auto)))
    });
    // The end of the process frees them at once; list by list it takes longer than some scans.
    std::mem::forget((findings, corpus));
    written
}
