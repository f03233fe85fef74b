//! `refrain clean`: the corpus without its repetition.

use super::args::CleanArgs;
use super::messages::{line, tell};
use super::progress::Bar;
use anyhow::{Context, Result};
use refrain::FileCorpus;
use refrain::clean::{Cleaned, Options, RemovalLine, Totals, clean};
use refrain::report::printable;
use std::io::{self, Write};

/// Code points of a removal that is told.
const SAMPLE_CHARS: usize = 90;

/// Reads, decides, writes; tells the totals.
pub(super) fn run(args: &CleanArgs) -> Result<()> {
    let settings = args.run.settings()?;
    let policy = args.policy.clone().over(settings.clean.clone());
    let options = Options {
        policy: policy.policy(settings.keep.as_ref()),
        detection: settings.detect(),
        manifest: args.manifest.clone(),
        without_removed_text: args.no_removed_text,
        without_exact_packing: args.no_exact_packing,
        annotate: args.annotate,
        resume: args.resume,
        memory: Some(settings.memory()),
    };
    options.policy.check()?;
    let corpus = FileCorpus::open(&args.paths, &settings.source_to_clean())?;
    let bar = Bar::new(corpus.bytes(), args.run.quiet);
    let out = args.output.as_deref().filter(|_| !args.dry_run);
    let cleaned = settings.pool()?.install(|| clean(&corpus, &args.paths, out, &options, &bar));
    bar.finish();
    let cleaned = cleaned?;
    if !args.run.quiet {
        tell(&corpus.notes(), &cleaned.findings, args.run.verbose);
    }
    let mut told = Vec::new();
    if args.dry_run {
        write_samples(&cleaned, &mut told)?;
    }
    write_totals(&cleaned.totals, &mut told)?;
    if args.dry_run {
        return io::stdout().lock().write_all(&told).context("standard output");
    }
    if !args.run.quiet {
        io::stderr().lock().write_all(&told)?;
        if let Some(annotations) = &cleaned.annotations {
            line("note", &format!("what is said of text files is in {}", annotations.display()));
        }
        line("note", &format!("every removal is in {}", cleaned.manifest.display()));
    }
    Ok(())
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
    if totals.packed_kept > 0 {
        writeln!(
            to,
            "{} packed bytes stand in the manifest, since no way is known to pack them so again (--no-exact-packing leaves them out)",
            totals.packed_kept
        )?;
    }
    if totals.pages_kept > 0 {
        writeln!(to, "{} bytes of Parquet pages stand in the manifest, since no way is known to make them again", totals.pages_kept)?;
    }
    Ok(())
}

fn write_samples(cleaned: &Cleaned, to: &mut impl Write) -> io::Result<()> {
    for removal in &cleaned.samples {
        let rule = removal.rule.map_or("", refrain::clean::Rule::name);
        let copy = removal.copy.as_ref().filter(|copy| copy.doc != removal.doc);
        let copy = copy.map_or(String::new(), |copy| format!(", {} stays", printable(&copy.doc)));
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
