//! `refrain restore`: the way back.

use super::args::Global;
use super::clean::{is_stdout, print_file};
use super::clean_args::RestoreArgs;
use super::messages::line;
use super::progress::Bar;
use crate::Phase;
use crate::clean::restore;
use crate::files::Unfinished;
use anyhow::{Context, Result, bail};

/// Restores, and prints how much.
pub(super) fn run(args: &RestoreArgs, global: Global) -> Result<()> {
    let beside = || {
        let mut name = args.cleaned.components().collect::<std::path::PathBuf>().into_os_string();
        name.push(".manifest.jsonl");
        name.into()
    };
    let manifest = args.manifest.clone().unwrap_or_else(beside);
    if !manifest.exists() {
        let how =
            if args.manifest.is_some() { "name the manifest that the cleaning wrote" } else { "name the manifest with --manifest FILE" };
        bail!("{}: there is no such manifest; {how}", manifest.display());
    }
    let is_piped = is_stdout(&args.output);
    if is_piped && args.cleaned.is_dir() {
        bail!("output: standard output takes one file, and {} is a folder; name a folder with --output", args.cleaned.display());
    }
    let folder = is_piped.then(|| tempfile::Builder::new().prefix("refrain-").tempdir()).transpose();
    let folder = folder.with_context(|| format!("{}: cannot keep temporary files", std::env::temp_dir().display()))?;
    let _unfinished = folder.as_ref().map(|folder| Unfinished::new(folder.path()));
    let back = folder.as_ref().map_or_else(|| args.output.clone(), |folder| folder.path().join("restored"));
    let bar = Bar::of(Phase::Writing, None, global.quiet);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.jobs.unwrap_or(0)).build()?;
    let restored = pool.install(|| restore(&args.cleaned, &manifest, &back, &bar));
    bar.finish();
    let restored = restored?;
    if is_piped {
        print_file(&back)?;
    }
    if !global.quiet {
        let s = |count: u64| if count == 1 { "" } else { "s" };
        line("note", &format!("{} file{} restored, {} bytes", restored.files, s(restored.files), restored.bytes));
        if restored.written_anew > 0 {
            let count = restored.written_anew;
            let what = "has the same content, compressed or encoded anew, so that its own bytes differ from those of the input";
            line("note", &format!("{count} file{}: each {what}", s(count)));
        }
    }
    Ok(())
}
