//! `refrain stage`: near-duplicates over shards, one process for each.

use super::args::{Global, RunArgs};
use super::messages::{line, tell_left_out, tell_notes};
use super::output::to_stdout;
use super::progress::Bar;
use super::settings::{Settings, settings_file};
use super::stage_args::{ApplyArgs, DigestArgs, SetsArgs, SketchArgs, StageArgs, StageCommand};
use crate::clean::{DecidedRemoval, Facts, Options, Policy, Rule, Totals, clean};
use crate::stages::{
    Finished, Removal, Work, candidates, check_texts, classes, components, digest_of_findings, removals, sets, sketch, verify,
};
use crate::{DetectConfig, FileCorpus, Linkage, Scope};
use anyhow::{Context, Result, bail};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_128;

/// Runs a stage, and prints what it counted.
pub(super) fn run(args: &StageArgs, global: Global) -> Result<()> {
    let finished = match &args.command {
        StageCommand::Sketch(args) => run_sketch(args, global)?,
        StageCommand::Sets(args) => run_sets(args, global)?,
        StageCommand::Classes(args) => classes(&Work::new(&args.work.work), args.part)?,
        StageCommand::Candidates(args) => candidates(&Work::new(&args.work.work), args.part)?,
        StageCommand::Verify(args) => verify(&Work::new(&args.work.work), args.part)?,
        StageCommand::Components(args) => components(&Work::new(&args.work))?,
        StageCommand::Apply(args) => return run_apply(args, global),
        StageCommand::Digest(args) => return run_digest(args),
    };
    if !global.quiet {
        line("summary", &summary(&finished));
    }
    Ok(())
}

/// What a stage did, in a line.
fn summary(finished: &Finished) -> String {
    let manifest = &finished.manifest;
    let mut summary = format!("{} {}", manifest.stage, manifest.number);
    for (at, (what, count)) in manifest.counts.iter().enumerate() {
        let _ = write!(summary, "{} {what} {count}", if at == 0 { ":" } else { "," });
    }
    for (what, digest) in &manifest.digests {
        let _ = write!(summary, ", digest of {what} {digest}");
    }
    if finished.was_done {
        summary.push_str(" (was finished before)");
    }
    summary
}

fn run_sketch(args: &SketchArgs, global: Global) -> Result<Finished> {
    let settings = args.run.settings()?;
    settings.keep.as_ref().map_or(Ok(()), super::policy::KeepArg::check_usual)?;
    let config = detection(&settings)?;
    let (corpus, inputs) = open((&args.paths, &args.work.work), &args.run, &settings)?;
    let parts = args.parts.unwrap_or(args.shard.of);
    let work = Work::new(&args.work.work);
    let (finished, left_out) = settings.pool()?.install(|| sketch(&corpus, &config, (&work, &inputs), (args.shard, parts)))?;
    if !global.quiet {
        tell_left_out(&corpus.notes(), &left_out.problems, left_out.renamed, &left_out.bad_dates, args.run.verbose);
    }
    Ok(finished)
}

fn run_sets(args: &SetsArgs, global: Global) -> Result<Finished> {
    let settings = args.run.settings()?;
    let (corpus, _) = open((&args.paths, &args.work.work), &args.run, &settings)?;
    let work = Work::new(&args.work.work);
    known_detection(&work, &settings)?;
    let finished = settings.pool()?.install(|| sets(&corpus, &work, args.shard))?;
    if !global.quiet {
        tell_notes(&corpus.notes());
    }
    Ok(finished)
}

fn run_apply(args: &ApplyArgs, global: Global) -> Result<()> {
    let settings = args.run.settings()?;
    let (corpus, _) = open((&args.paths, &args.work.work), &args.run, &settings)?;
    let work = Work::new(&args.work.work);
    let detection = known_detection(&work, &settings)?;
    let pool = settings.pool()?;
    pool.install(|| check_texts(&corpus, &work, args.shard))?;
    let decided = removals(&work, args.shard.number)?.into_iter().map(|Removal { id, kept, is_identical }| {
        let rule = if is_identical { Rule::Identical } else { Rule::NearDuplicate };
        DecidedRemoval { id, kept, rule }
    });
    let policy = Policy { remove: vec![Rule::Identical, Rule::NearDuplicate], facts: Facts::Ignore, ..Policy::default() };
    let options = Options {
        decided: Some(Arc::new(decided.collect())),
        policy,
        detection,
        memory: Some(settings.memory()),
        also_read: settings_file(args.run.config.as_deref()).map(|file| ("settings file", file)).into_iter().collect(),
        ..Options::default()
    };
    let bar = Bar::new(&corpus, global.quiet);
    let cleaned = pool.install(|| clean(&corpus, &args.paths, Some(&args.output), &options, &bar));
    bar.finish();
    let Totals { records_in, records_kept, .. } = cleaned?.totals;
    if !global.quiet {
        tell_notes(&corpus.notes());
        line("summary", &format!("apply {}: articles {records_in}, kept {records_kept}", args.shard.number));
    }
    Ok(())
}

/// The settings with which the shards were sketched, if none differs from what is set now.
fn known_detection(work: &Work, settings: &Settings) -> Result<DetectConfig> {
    let known = work.settings()?.detection();
    if settings.detect_over(known) != (DetectConfig { simd: settings.detect().simd, ..known }) {
        bail!("the settings of detection are those of stage sketch; leave them away, or sketch all shards again with the new ones");
    }
    Ok(known)
}

/// The settings of detection, of which stages know a few.
fn detection(settings: &Settings) -> Result<DetectConfig> {
    let given = settings.detect();
    let DetectConfig { fold, shingle, threshold, keep, simd, .. } = given;
    let config = DetectConfig { scope: given.scope, fold, shingle, threshold, keep, simd, ..DetectConfig::default() };
    if given.linkage != Linkage::Single {
        bail!("--linkage: stages join chains of pairs; only `single` is allowed");
    }
    if !matches!(given.scope, Scope::All | Scope::NearDuplicates) || given != config {
        bail!("stages find near-duplicates; of the settings of detection only threshold, fold, shingle and keep are allowed");
    }
    Ok(DetectConfig { scope: Scope::NearDuplicates, ..config })
}

/// The files of a shard, with the state they are in.
fn open((paths, work): (&[PathBuf], &Path), run: &RunArgs, settings: &Settings) -> Result<(FileCorpus, String)> {
    if paths.iter().any(|path| path == Path::new("-")) {
        bail!("-: a shard is read twice; save it to a file");
    }
    // What is not compared is not removed.
    let source = settings.source_to_clean();
    let corpus = FileCorpus::open(paths, &source)?;
    let mut guard = run.guard(&corpus);
    guard.writes_folder("work", work);
    guard.check()?;
    let mut state = format!("{source:?}\n");
    for path in corpus.paths() {
        let metadata = path.metadata().with_context(|| path.display().to_string())?;
        let _ = writeln!(state, "{path:?} {} {:?}", metadata.len(), metadata.modified().ok());
    }
    Ok((corpus, format!("{:032x}", xxh3_128(state.as_bytes()))))
}

fn run_digest(args: &DigestArgs) -> Result<()> {
    let name = args.findings.display().to_string();
    let findings: Box<dyn BufRead> = if args.findings == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::with_capacity(1 << 18, File::open(&args.findings).with_context(|| name.clone())?))
    };
    let found = digest_of_findings(findings).with_context(|| name)?;
    to_stdout(&mut |out| {
        writeln!(out, "pairs {} {}", found.pairs, found.digests["pairs"])?;
        Ok(writeln!(out, "clusters {} {}", found.members, found.digests["clusters"])?)
    })
}
