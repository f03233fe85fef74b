//! Flags of `refrain clean` and `refrain restore`.

use super::against::AgainstArgs;
use super::args::RunArgs;
use super::policy::CleanSettings;
use crate::clean::{MaxRemoved, RemovedText};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(mut_arg("only", |arg| arg.hide(true)), mut_arg("format", |arg| arg.hide(true)))]
pub(super) struct CleanArgs {
    /// Files, folders, globs, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Write the cleaned articles to OUT: a file for one file, a folder for several; - for standard output
    #[arg(long, short, value_name = "OUT", required_unless_present_any = ["dry_run", "list_removed", "plan"], aliases = ["out", "output-file", "output-dir", "outfile"])]
    pub(super) output: Option<PathBuf>,
    /// Write the manifest to FILE [default: OUT.manifest.jsonl; none with --output -]
    #[arg(long, value_name = "FILE")]
    pub(super) manifest: Option<PathBuf>,
    /// Where the removed text is kept
    #[arg(long, value_enum, default_value = "inline", value_name = "WHERE")]
    pub(super) removed_text: RemovedTextArg,
    /// Remove nothing; add a field `refrain` to each record: kept or not and why, cluster, measures, spans
    #[arg(long)]
    pub(super) annotate: bool,
    /// Print the totals and some removals, and write nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Write nothing; print what a cleaning would take and remove, with intervals, from a sample of 256 MiB or of SHARE, as --plan=5%
    #[arg(long, value_name = "SHARE", num_args = 0..=1, require_equals = true, default_missing_value = "", value_parser = share_of_plan, conflicts_with_all = ["output", "dry_run", "resume", "list_removed", "manifest", "max_removed"])]
    pub(super) plan: Option<PlanShare>,
    /// Write nothing but a page with N decisions, near the thresholds and at random, of every rule, to be judged in a browser; --output names the page, and `refrain eval`
    /// reads what it saves
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000), requires = "output", conflicts_with_all = ["plan", "dry_run", "resume", "list_removed", "manifest", "max_removed", "annotate"])]
    pub(super) review: Option<u32>,
    /// With --dry-run: print at most N removals [default: 12]
    #[arg(long, value_name = "N", requires = "dry_run")]
    pub(super) limit: Option<usize>,
    /// List the removed articles in FILE, as JSON lines with id, file, line or row, rule and the copy that stays; as ids alone if it ends in .txt
    #[arg(long, value_name = "FILE")]
    pub(super) list_removed: Option<PathBuf>,
    /// Stop before anything is written if more is removed: a share of the articles or words, as 30%, or of those of each value of a field, as outlet=50%
    #[arg(long, value_name = "[FIELD=]SHARE", value_delimiter = ',', value_parser = max_removed, help_heading = "What to remove")]
    pub(super) max_removed: Vec<MaxRemoved>,
    /// Continue an interrupted run: files that it finished are not written again
    #[arg(long)]
    pub(super) resume: bool,
    #[command(flatten)]
    pub(super) against: AgainstArgs,
    #[command(flatten)]
    pub(super) policy: CleanSettings,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

/// Where the removed text is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum RemovedTextArg {
    /// In the manifest
    Inline,
    /// In OUT.removed.jsonl.zst beside the manifest, which then says only where and why
    File,
    /// Nowhere; nothing can be restored then
    None,
}

impl From<RemovedTextArg> for RemovedText {
    fn from(arg: RemovedTextArg) -> Self {
        match arg {
            RemovedTextArg::Inline => Self::Inline,
            RemovedTextArg::File => Self::File,
            RemovedTextArg::None => Self::None,
        }
    }
}

/// How much of the input a plan reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum PlanShare {
    /// As much as takes a moment.
    Usual,
    /// A share, above 0 to 1.
    Of(f64),
}

fn share_of_plan(text: &str) -> Result<PlanShare, String> {
    if text.is_empty() {
        return Ok(PlanShare::Usual);
    }
    let number = text.strip_suffix('%').map_or_else(|| text.parse(), |percent| percent.parse().map(|percent: f64| percent / 100.0));
    match number {
        Ok(share) if share > 0.0 && share <= 1.0 => Ok(PlanShare::Of(share)),
        _ => Err(format!("`{text}` is no share such as 5% or 0.05")),
    }
}

/// A share of all, or of the articles of each value of a field.
fn max_removed(text: &str) -> Result<MaxRemoved, String> {
    let (field, share) = text.rsplit_once('=').map_or((None, text), |(field, share)| (Some(field.to_owned()), share));
    let number = share.strip_suffix('%').map_or_else(|| share.parse(), |percent| percent.parse().map(|percent: f64| percent / 100.0));
    match number {
        Ok(share) if (0.0..=1.0).contains(&share) && field.as_deref() != Some("") => Ok(MaxRemoved { field, share }),
        _ => Err(format!("`{text}` is no share such as 30% or 0.3, nor one for a field such as outlet=50%")),
    }
}

#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// Output of refrain clean: a file or a folder
    #[arg(value_name = "CLEANED")]
    pub(super) cleaned: PathBuf,
    /// Manifest of the cleaning [default: CLEANED.manifest.jsonl]
    #[arg(long, value_name = "FILE")]
    pub(super) manifest: Option<PathBuf>,
    /// Write the original to OUT: a file for a file, a folder for a folder; - for standard output
    #[arg(long, short, value_name = "OUT", aliases = ["out", "output-file", "output-dir", "outfile"])]
    pub(super) output: PathBuf,
    /// Number of threads [default: all cores]
    #[arg(long, short, value_name = "THREADS", env = "REFRAIN_JOBS", aliases = super::aliases::JOBS_ALIASES)]
    pub(super) jobs: Option<usize>,
}
