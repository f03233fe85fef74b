//! `refrain clean`: the corpus without its repetition.

use super::against::Opened;
use super::args::Global;
use super::clean_args::{CleanArgs, PlanShare};
use super::messages::{line, tell, tell_notes};
use super::output::{to_stdout, write_file};
use super::progress::Bar;
use super::settings::{Settings, settings_file};
use crate::clean::{Cleaned, Loss, Options, RemovalLine, Totals, clean, review};
use crate::files::Unfinished;
use crate::report::{printable, write_review};
use crate::{DetectConfig, FileCorpus};
use anyhow::{Context, Result, bail};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// Sources that are warned about one by one.
const MOST_WARNINGS: usize = 5;
/// Code points of a removal that is quoted.
const SAMPLE_CHARS: usize = 90;

/// Reads, decides, writes; prints the totals.
pub(super) fn run(args: &CleanArgs, global: Global) -> Result<()> {
    let settings = args.run.settings()?;
    let corpus = FileCorpus::open(&args.paths, &settings.source_to_clean())?;
    let pool = settings.pool()?;
    let options = options_with_reference(args, (&settings, &corpus), &pool, global)?;
    if let Some(count) = args.review {
        return review_page(args, (&corpus, &options), (&pool, global), count);
    }
    if let Some(share) = args.plan {
        let share = match share {
            PlanShare::Of(share) => share,
            PlanShare::Usual => super::plan::usual_share(&corpus),
        };
        return super::plan::run(args, (&corpus.sampled(share), &options), &pool, global);
    }
    let out = args.output.as_deref().filter(|_| !args.dry_run);
    let piped = out.filter(|out| is_stdout(out)).map(|_| Piped::new(args, &corpus, &settings.memory().temp_dir)).transpose()?;
    let out = piped.as_ref().map_or(out, |piped| Some(&piped.file));
    let bar = Bar::new(&corpus, global.quiet);
    let cleaned = pool.install(|| clean(&corpus, &args.paths, out, &options, &bar));
    bar.finish();
    let cleaned = cleaned?;
    if let Some(piped) = &piped {
        if cleaned.annotations.is_some() {
            bail!("--annotate: the annotations of a text file are a file beside the output; name an output file with --output");
        }
        print_file(&piped.file)?;
    }
    if !global.quiet {
        tell(&corpus.notes(), &cleaned.findings, args.run.verbose);
    }
    if !global.quiet {
        warn_of_heavy(&cleaned.heavy);
    }
    let mut totals = Vec::new();
    if args.dry_run {
        write_samples(&cleaned, &mut totals)?;
    }
    write_totals(&cleaned.totals, &mut totals)?;
    if args.dry_run {
        writeln!(totals, "manifest: {} bytes, without the rows of Parquet files", cleaned.manifest_bytes)?;
    }
    if args.dry_run {
        return to_stdout(&mut |out| Ok(out.write_all(&totals)?));
    }
    if !global.quiet {
        let _ = io::stderr().lock().write_all(&totals);
        if let Some(annotations) = &cleaned.annotations {
            line("note", &format!("the annotations of text files are in {}", annotations.display()));
        }
        if let Some(list) = &args.list_removed {
            line("note", &format!("the removed articles are listed in {}", list.display()));
        }
        match &piped {
            _ if args.output.is_none() => {}
            Some(_) if args.manifest.is_none() => line("note", "no manifest is kept: nothing can be restored; --manifest FILE keeps one"),
            _ => line("note", &format!("every removal is listed in {}", cleaned.manifest.display())),
        }
    }
    Ok(())
}

/// `--review`: a page with decisions to be judged.
fn review_page(
    args: &CleanArgs,
    (corpus, options): (&FileCorpus, &Options),
    (pool, global): (&rayon::ThreadPool, Global),
    count: u32,
) -> Result<()> {
    let Some(page) = args.output.as_deref() else { bail!("--review: name the page with --output, for example --output review.html") };
    let mut guard = corpus.guard();
    options.also_read.iter().for_each(|(role, path)| guard.reads(role, path.as_path()));
    options.reference_files.iter().for_each(|files| files.add_to_guard(&mut guard));
    guard.writes("output", page);
    guard.check()?;
    let bar = Bar::new(corpus, global.quiet);
    let cases = pool.install(|| review(corpus, options, count as usize, &bar));
    bar.finish();
    let cases = cases?;
    if !global.quiet {
        tell_notes(&corpus.notes());
    }
    let name = args.paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ");
    let cases = (cases.len(), serde_json::to_value(cases)?);
    if is_stdout(page) {
        to_stdout(&mut |mut out| Ok(write_review(&cases.1, &name, &mut out)?))?;
    } else {
        write_file(page, &mut |mut out| write_review(&cases.1, &name, &mut out))?;
    }
    if !global.quiet {
        let decisions = format!("{} decision{}", cases.0, if cases.0 == 1 { "" } else { "s" });
        let page = if is_stdout(page) { "the page".into() } else { page.display().to_string() };
        line("note", &format!("{decisions} in {page}; open it in a browser, and give what it saves to refrain eval"));
    }
    Ok(())
}

/// The options, with the reference in memory.
fn options_with_reference(
    args: &CleanArgs,
    (settings, corpus): (&Settings, &FileCorpus),
    pool: &rayon::ThreadPool,
    global: Global,
) -> Result<Options> {
    let mut options = options(args, settings);
    options.policy.check(&options.detection)?;
    options.policy.check_reference(args.against.is_given())?;
    if let Some(opened) = args.against.open(corpus, settings)? {
        let config = DetectConfig { scope: options.policy.reference_scope(), ..options.detection };
        let reference = pool.install(|| opened.read(&config, global, args.run.verbose))?;
        options.reference = Some(Arc::new(reference));
        match opened {
            Opened::Files(files) => options.reference_files = Some(files),
            #[cfg(feature = "index")]
            Opened::Index(path) => options.also_read.push(("index", path)),
        }
    }
    Ok(options)
}

/// What the flags and settings say.
fn options(args: &CleanArgs, settings: &Settings) -> Options {
    let detection = settings.detect_to_clean();
    let policy = args.policy.clone().over(settings.clean.clone()).for_scope(&detection);
    let policy = if args.against.is_given() { policy.for_reference() } else { policy };
    Options {
        decided: None,
        reference: None,
        policy: policy.policy(settings.keep.as_ref()),
        detection,
        manifest: args.manifest.clone(),
        removed_text: args.removed_text.into(),
        annotate: args.annotate,
        list_removed: args.list_removed.clone(),
        max_removed: args.max_removed.clone(),
        resume: args.resume,
        also_read: settings_file(args.run.config.as_deref()).map(|path| ("settings file", path)).into_iter().collect(),
        reference_files: None,
        memory: Some(settings.memory()),
        samples: args.limit,
    }
}

/// Says which sources lose more than half.
fn warn_of_heavy(heavy: &[(String, Loss)]) {
    for (source, loss) in heavy.iter().take(MOST_WARNINGS) {
        let what = format!("{} of {} articles and {} of {} words", loss.removed, loss.articles, loss.words_removed, loss.words);
        line("warning", &format!("{} loses {what}; see --max-removed", printable(source)));
    }
    if heavy.len() > MOST_WARNINGS {
        line("warning", &format!("{} more sources lose more than half", heavy.len() - MOST_WARNINGS));
    }
}

/// An output that is printed once it is complete.
struct Piped {
    file: PathBuf,
    _folder: TempDir,
    _unfinished: Unfinished,
}

impl Piped {
    /// A file of the input's name in a temporary folder.
    ///
    /// # Errors
    /// Several files, for which there is no single output; annotations that go to a file of their own.
    fn new(args: &CleanArgs, corpus: &FileCorpus, temp_dir: &Path) -> Result<Self> {
        let (mut files, path) = (corpus.paths(), &args.paths[0]);
        let (Some(file), None) = (files.next().filter(|_| !path.is_dir() && args.paths.len() == 1), files.next()) else {
            bail!(
                "output: standard output takes one cleaned file, and the input is a folder or several files; name a folder with --output"
            );
        };
        if args.resume {
            bail!("--resume: nothing is kept of a run that writes to standard output; name a file with --output");
        }
        let folder = tempfile::Builder::new().prefix("refrain-").tempdir_in(temp_dir);
        let folder = folder.with_context(|| format!("{}: cannot keep temporary files", temp_dir.display()))?;
        let name = file.file_name().filter(|name| *name != "-").unwrap_or("stdin".as_ref());
        Ok(Self { file: folder.path().join(name), _unfinished: Unfinished::new(folder.path()), _folder: folder })
    }
}

/// Whether an output is standard output.
pub(super) fn is_stdout(out: &Path) -> bool {
    out == Path::new("-") || out == Path::new("/dev/stdout")
}

/// Copies a file to standard output.
pub(super) fn print_file(file: &Path) -> Result<()> {
    let mut content = std::fs::File::open(file).with_context(|| file.display().to_string())?;
    to_stdout(&mut |out| Ok(io::copy(&mut content, out).map(drop)?))
}

fn write_totals(totals: &Totals, to: &mut impl Write) -> io::Result<()> {
    let s = |count: u64| if count == 1 { "" } else { "s" };
    writeln!(
        to,
        "{} article{}: {} kept, {} removed{}",
        totals.records_in,
        s(totals.records_in),
        totals.records_kept,
        totals.records_removed,
        if totals.records_unreadable > 0 { format!("; {} unreadable kept as they are", totals.records_unreadable) } else { String::new() }
    )?;
    let inserted = if totals.bytes_inserted > 0 { format!(" - {} added", totals.bytes_inserted) } else { String::new() };
    writeln!(to, "{} bytes in = {} out + {} removed{inserted}", totals.bytes_in, totals.bytes_out, totals.bytes_removed)?;
    for (rule, total) in &totals.rules {
        writeln!(to, "  {:<19} {:>9} removal{}, {} bytes", rule.name(), total.removals, s(total.removals), total.bytes)?;
    }
    if totals.files_damaged > 0 {
        let (files, was) = if totals.files_damaged == 1 { ("file", "was") } else { ("files", "were") };
        writeln!(to, "{} {files} could not be read and {was} copied unchanged", totals.files_damaged)?;
    }
    Ok(())
}

fn write_samples(cleaned: &Cleaned, to: &mut impl Write) -> io::Result<()> {
    for removal in &cleaned.samples {
        let rule = removal.rule.map_or("", crate::clean::Rule::name);
        let copy = removal.copy.as_ref().filter(|copy| copy.doc != removal.doc);
        let copy = copy.map_or(String::new(), |copy| format!(", {} is kept", printable(&copy.doc)));
        writeln!(to, "{}\n  {rule}{copy}\n    {}", printable(&removal.doc), quotation(removal))?;
    }
    if !cleaned.samples.is_empty() {
        writeln!(to)?;
    }
    Ok(())
}

/// The beginning of what was removed, on one line.
fn quotation(removal: &RemovalLine) -> String {
    let words = removal.removed.as_deref().unwrap_or("(not UTF-8)").split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = words.chars().take(SAMPLE_CHARS).collect();
    printable(&if short.len() < words.len() { short + "…" } else { short })
}
