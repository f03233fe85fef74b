//! `refrain stage`: near-duplicates over shards, one process for each.

use super::args::Global;
use super::messages::{line, tell_left_out, tell_notes};
use super::output::to_stdout;
use super::progress::Bar;
use super::settings::{Settings, settings_file};
use super::stage_args::{ApplyArgs, DigestArgs, ShardArgs, SketchArgs, StageArgs, StageCommand};
use crate::clean::{DecidedRemoval, Facts, Options, Policy, Rule, Totals, clean};
use crate::stages::{
    Finished, Removal, Work, candidates, check_texts, classes, components, digest_of_findings, removals, sets, sketch, verify,
};
use crate::{DetectConfig, FileCorpus, Linkage, Scope};
use anyhow::{Context, Result, bail};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_128;

/// Runs a stage, and prints what it counted.
pub(super) fn run(args: &StageArgs, global: Global) -> Result<()> {
    let finished = match &args.command {
        StageCommand::Sketch(args) => run_sketch(args, global)?,
        StageCommand::Sets(args) => run_sets(&args.shard, global)?,
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

/// A shard that is to be read.
struct Opened<'a> {
    args: &'a ShardArgs,
    settings: Settings,
    corpus: FileCorpus,
    work: Work,
}

impl<'a> Opened<'a> {
    fn new(args: &'a ShardArgs) -> Result<Self> {
        let settings = args.run.settings()?;
        let work = args.work.work.as_path();
        if args.paths.iter().any(|path| path == Path::new("-")) {
            bail!("-: a shard is read twice; save it to a file");
        }
        // What is not compared is not removed.
        let corpus = FileCorpus::open(&args.paths, &settings.source_to_clean())?;
        let mut guard = args.run.guard(&corpus);
        guard.writes_folder("work", work);
        guard.check()?;
        Ok(Self { args, settings, corpus, work: Work::new(work) })
    }

    /// Hash of the state in which the files are, and of how they are read.
    fn state(&self) -> Result<String> {
        let mut state = format!("{:?}\n", self.settings.source_to_clean());
        for path in self.corpus.paths() {
            let metadata = path.metadata().with_context(|| path.display().to_string())?;
            let _ = writeln!(state, "{path:?} {} {:?}", metadata.len(), metadata.modified().ok());
        }
        Ok(format!("{:032x}", xxh3_128(state.as_bytes())))
    }

    /// The settings with which the shards were sketched, if none differs from what is set now.
    fn known_detection(&self) -> Result<DetectConfig> {
        let known = DetectConfig { simd: self.settings.detect().simd, ..self.work.settings()?.detection() };
        if self.settings.detect_over(known) != known {
            bail!("the settings of detection are those of stage sketch; leave them away, or sketch all shards again with the new ones");
        }
        Ok(known)
    }
}

fn run_sketch(args: &SketchArgs, global: Global) -> Result<Finished> {
    let opened = Opened::new(&args.shard)?;
    let Opened { settings, corpus, work, .. } = &opened;
    settings.keep.as_ref().map_or(Ok(()), super::policy::KeepArg::check_usual)?;
    let config = detection(settings)?;
    let inputs = opened.state()?;
    let shard = args.shard.shard;
    let parts = args.parts.unwrap_or(shard.of);
    let (finished, left_out) = settings.pool()?.install(|| sketch(corpus, &config, (work, &inputs), (shard, parts)))?;
    if !global.quiet {
        tell_left_out(&corpus.notes(), &left_out.problems, left_out.renamed, &left_out.bad_dates, args.shard.run.verbose);
    }
    Ok(finished)
}

fn run_sets(args: &ShardArgs, global: Global) -> Result<Finished> {
    let opened = Opened::new(args)?;
    opened.known_detection()?;
    let finished = opened.settings.pool()?.install(|| sets(&opened.corpus, &opened.work, args.shard))?;
    if !global.quiet {
        tell_notes(&opened.corpus.notes());
    }
    Ok(finished)
}

fn run_apply(args: &ApplyArgs, global: Global) -> Result<()> {
    let opened = Opened::new(&args.shard)?;
    let detection = opened.known_detection()?;
    let Opened { args: ShardArgs { paths, shard, run, .. }, settings, corpus, work } = opened;
    let pool = settings.pool()?;
    pool.install(|| check_texts(&corpus, &work, *shard))?;
    let decided = removals(&work, shard.number)?.into_iter().map(|Removal { id, kept, is_identical }| {
        let rule = if is_identical { Rule::Identical } else { Rule::NearDuplicate };
        DecidedRemoval { id, kept, rule }
    });
    let policy = Policy { remove: vec![Rule::Identical, Rule::NearDuplicate], facts: Facts::Ignore, ..Policy::default() };
    let options = Options {
        decided: Some(Arc::new(decided.collect())),
        policy,
        detection,
        memory: Some(settings.memory()),
        also_read: settings_file(run.config.as_deref()).map(|file| ("settings file", file)).into_iter().collect(),
        ..Options::default()
    };
    let bar = Bar::new(&corpus, global.quiet);
    let cleaned = pool.install(|| clean(&corpus, paths, Some(&args.output), &options, &bar));
    bar.finish();
    let Totals { records_in, records_kept, .. } = cleaned?.totals;
    if !global.quiet {
        tell_notes(&corpus.notes());
        line("summary", &format!("apply {}: articles {records_in}, kept {records_kept}", shard.number));
    }
    Ok(())
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
