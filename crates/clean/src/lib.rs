//! A corpus without its repetition, and every removal accounted for.
//!
//! In: files, a [`Policy`], a [`DetectConfig`]. Out: the same files without what the policy removes, and a manifest from which [`restore`] makes the
//! input again. Always: a file that is written is the unpacked input less some ranges of bytes, so nothing else changes; what is written depends on
//! the input and the settings alone; cleaning what was cleaned removes nothing. How it goes: `decide` finds what goes, on the corpus as it
//! `cleaned_corpus` without it; `changes` finds the bytes; `write` writes.

mod annotate;
mod apart;
mod article;
#[cfg(feature = "parquet")]
mod base64;
mod boilerplate;
mod changes;
mod cleaned_corpus;
mod cleaner;
mod copied;
mod copies;
mod copies_of;
mod decide;
mod decided;
mod documents;
mod facts;
mod gopher;
mod kept_rows;
mod losses;
mod manifest;
mod manifest_lines;
mod mend;
mod number;
mod orphans;
mod plan;
mod policy;
mod removed_file;
mod removed_list;
mod restore;
mod resume;
mod review;
#[cfg(feature = "parquet")]
mod rows;
mod seen;
mod spans;
mod stars;
mod structure;
mod target;
mod units;
mod write;

pub use copies_of::CopiesOf;
pub use decide::Fields;
pub use decided::DecidedRemoval;
pub use documents::{CleanedDocuments, RemovedDocument, RemovedSpan, clean_documents};
pub use gopher::{Measures, Thresholds};
pub use losses::{Loss, Losses, MaxRemoved};
pub use manifest::{
    CopyThatStayed, Digest, Exceeded, FileLine, KeptLine, MANIFEST_SCHEMA, ManifestLine, OutputKind, ParquetLine, RemovalLine, RemovedText,
    RowsLine, RuleTotal, RunLine, Totals,
};
pub use plan::{Forecast, Plan, plan};
pub use policy::{Facts, Policy, Prefer, Rule, SpanUnit};
pub use restore::{Restored, restore};
pub use review::{ReviewCase, ReviewText, review};
pub use spans::shared_windows;

use annotate::Annotator;
use changes::Doomed;
use losses::Counted;
use refrain_engine::against::Reference;
use refrain_engine::config::{DetectConfig, Linkage};
use refrain_engine::detect::{Findings, Progress};
use refrain_engine::document::Locator;
use refrain_engine::error::{Error, Result};
use refrain_engine::spill::MemoryLimit;
use refrain_io::files::{Lock, Stamp};
use refrain_io::source::FileCorpus;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use target::Target;
use write::{Job, Mode, Outcome};

/// How to clean, besides what.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is removed.
    pub policy: Policy,
    /// Articles that the corpus is compared with, and not with itself.
    pub reference: Option<Arc<Reference>>,
    /// What another process decided to remove; nothing else is then.
    pub decided: Option<Arc<Vec<DecidedRemoval>>>,
    /// What counts as repetition.
    pub detection: DetectConfig,
    /// Where the manifest goes; None: beside the output.
    pub manifest: Option<PathBuf>,
    /// Where what was removed is kept.
    pub removed_text: RemovedText,
    /// Removes nothing, and adds a field `refrain` to each record that says what would be removed.
    pub annotate: bool,
    /// Where the removed articles are listed; in a `.txt` file ids alone.
    pub list_removed: Option<PathBuf>,
    /// How much may go before the run stops and writes nothing.
    pub max_removed: Vec<MaxRemoved>,
    /// Goes on from what an earlier run finished.
    pub resume: bool,
    /// Files that the caller reads besides the corpus, with what they are: they are not written over.
    pub also_read: Vec<(&'static str, PathBuf)>,
    /// The files of the reference, where it is of files: nothing is written among them.
    pub reference_files: Option<Arc<FileCorpus>>,
    /// How much memory may be taken; None: all that it takes.
    pub memory: Option<MemoryLimit>,
    /// Most removals in [`Cleaned::samples`]; None: a few.
    pub samples: Option<usize>,
}

impl Default for Options {
    /// As `refrain clean` without flags: each removed article was compared with the kept one.
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            reference: None,
            decided: None,
            detection: DetectConfig { linkage: Linkage::Complete, ..DetectConfig::default() },
            manifest: None,
            removed_text: RemovedText::default(),
            annotate: false,
            list_removed: None,
            max_removed: Vec::new(),
            resume: false,
            also_read: Vec::new(),
            reference_files: None,
            memory: None,
            samples: None,
        }
    }
}

/// Removals that are samples unless more are wanted.
const USUAL_SAMPLES: usize = 12;

/// What was done.
#[derive(Debug)]
pub struct Cleaned {
    /// How much went and stayed.
    pub totals: Totals,
    /// The first removals.
    pub samples: Vec<RemovalLine>,
    /// What was found in the input.
    pub findings: Findings,
    /// Bytes of the manifest; if nothing was written, of what it would have, but for the rows of Parquet.
    pub manifest_bytes: u64,
    /// Sources of 20 articles or more that lose more than half, those that lose most first.
    pub heavy: Vec<(String, Loss)>,
    /// Where the manifest is.
    pub manifest: PathBuf,
    /// Where the marks of text files are, if there are any.
    pub annotations: Option<PathBuf>,
}

/// Cleans `corpus`, which is the files of `paths`, into `out`: a file for a file, else a folder. Without `out`, tells what would be done.
///
/// # Errors
/// [`Error::Config`] for settings out of range and an output that is among the input; what keeps a file from being read or written.
pub fn clean(corpus: &FileCorpus, paths: &[PathBuf], out: Option<&Path>, options: &Options, progress: &dyn Progress) -> Result<Cleaned> {
    check_settings(corpus, options)?;
    let files: Vec<&Path> = corpus.paths().collect();
    let target = match out {
        Some(out) => Target::new(out, paths, &files, options.manifest.as_deref())?,
        None => Target::nowhere(&files),
    };
    check_paths(corpus, options, out.map(|_| &target))?;
    let locks = out.is_some().then(|| target.lock()).transpose()?;
    let stamps: Vec<Option<Stamp>> = files.iter().map(|path| Stamp::of(path)).collect();
    let decisions = match (&options.decided, &options.reference) {
        (Some(removals), _) => decided::decide(corpus, options, removals, progress)?,
        (None, Some(reference)) => seen::decide(corpus, options, reference, progress)?,
        (None, None) => decide::decide(corpus, options, progress)?,
    };
    corpus.require_articles(decisions.findings.summary().documents, decisions.findings.problems())?;
    let counted = Counted::new(corpus, &decisions);
    if !options.annotate {
        counted.check(&options.max_removed, &decisions)?;
    }
    let heavy = counted.heavy()?;
    if let Some(list) = &options.list_removed {
        removed_list::write(list, corpus, &decisions)?;
    }
    let run = RunLine {
        schema: MANIFEST_SCHEMA,
        version: env!("CARGO_PKG_VERSION").into(),
        output: target.kind,
        removed_text: options.removed_text,
        annotated: options.annotate,
        detection: options.detection,
        policy: options.policy.clone(),
    };
    let mode = match (out, options.resume) {
        (None, _) => Mode::Dry,
        (_, false) => Mode::Write,
        (_, true) => Mode::Resume,
    };
    let findings = &decisions.findings;
    let ids: HashMap<(u32, u64), &str> = findings
        .members()
        .filter(|member| decisions.fates.get(member.locator).is_some())
        .map(|member| ((member.locator.file, member.locator.start), member.id))
        .collect();
    let id = |locator: &Locator| ids.get(&(locator.file, locator.start)).copied().unwrap_or_default();
    let doomed: Vec<Doomed<'_>> =
        decisions.fates.0.iter().map(|(locator, fate)| Doomed { locator: *locator, id: id(locator), fate }).collect();
    let kept = copies_of::copies_of(corpus, &decisions)?;
    // With a reference, or decisions that were made elsewhere, the articles are not compared with each other.
    let has_clusters = options.reference.is_none() && options.decided.is_none();
    let annotator = options.annotate.then(|| Annotator::new(findings, &decisions.fates, &kept, has_clusters));
    let samples = options.samples.unwrap_or(USUAL_SAMPLES);
    let annotator = annotator.as_ref();
    let job = Job { corpus, findings, target: &target, run: &run, mode, samples, stamps: &stamps, progress, annotator, kept: &kept };
    let Outcome { totals, samples, annotations, manifest_bytes } = job.write(&doomed)?;
    locks.into_iter().flatten().for_each(Lock::release);
    Ok(Cleaned { totals, samples, annotations, findings: decisions.findings, heavy, manifest_bytes, manifest: target.manifest })
}

/// Says whether the settings make sense, and fit the way in which the corpus was opened.
fn check_settings(corpus: &FileCorpus, options: &Options) -> Result<()> {
    options.detection.check()?;
    options.policy.check(&options.detection)?;
    options.policy.check_reference(options.reference.is_some())?;
    if corpus.skips_code() {
        let reason = "cleaning compares the code of Markdown files, for what was not compared is not removed; set it to `compare`";
        return refuse("code-fences", reason.into());
    }
    if options.detection.is_exact() && !corpus.is_verbatim() {
        let reason =
            "texts are compared byte for byte, and the corpus was opened to read HTML and Markdown as what they show; open it verbatim";
        return refuse("exact", reason.into());
    }
    Ok(())
}

/// Refuses to write over what is read.
fn check_paths(corpus: &FileCorpus, options: &Options, target: Option<&Target>) -> Result<()> {
    let mut guard = corpus.guard();
    options.also_read.iter().for_each(|(role, path)| guard.reads(role, path.as_path()));
    options.reference_files.iter().for_each(|files| files.add_to_guard(&mut guard));
    if let Some(list) = &options.list_removed {
        guard.writes_corpus("list-removed", list.as_path());
    }
    match target {
        Some(target) => target.check(guard, options),
        None => guard.check(),
    }
}

impl decide::Fields for FileCorpus {
    fn field(&self, locator: Locator, name: &str) -> Result<Option<String>> {
        self.field_again(locator, name)
    }

    fn outlet(&self, locator: Locator) -> Result<Option<String>> {
        self.outlet_again(locator)
    }
}

fn refuse<T>(setting: &'static str, reason: String) -> Result<T> {
    Err(Error::Config { setting, reason })
}
