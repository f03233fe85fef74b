//! Flags of `refrain index`.

use super::args::{CutArgs, RunArgs};
use super::score_args::{SCORE_FORMATS, ScoreFormat};
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct IndexArgs {
    #[command(subcommand)]
    pub(super) command: IndexCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum IndexCommand {
    /// Add articles; adding an article again changes nothing, another article with the same id replaces it
    Add(Box<AddArgs>),
    /// Compare articles with the index, and print the pairs
    Query(Box<QueryArgs>),
    /// Remove articles by their ids
    Remove(RemoveArgs),
    /// Print what the index holds and which settings it was created with
    Stats(StatsArgs),
    /// Read the whole index, and check that it is intact and consistent
    Verify(DbArgs),
    /// Reorganise the index for fast look-ups, and free unused space
    Compact(CompactArgs),
    /// Write the articles as JSON lines
    Export(DbArgs),
}

#[derive(Debug, Args)]
pub(super) struct AddArgs {
    /// The index; created if it does not exist
    #[arg(value_name = "INDEX")]
    pub(super) db: PathBuf,
    /// Files, folders, globs, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// When creating the index: store what comparison needs instead of the texts
    #[arg(long)]
    pub(super) no_text: bool,
    /// Approximate number of articles per transaction; acknowledged articles are on the disk
    #[arg(long, value_name = "ARTICLES", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) batch: u32,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

#[derive(Debug, Args)]
#[command(mut_arg("limit", |limit| limit.help("Print at most N pairs, and how many are left out")))]
#[command(mut_arg("summary", |summary| summary.help("Print only the summary")))]
pub(super) struct QueryArgs {
    /// The index
    #[arg(value_name = "INDEX")]
    pub(super) db: PathBuf,
    /// Files, folders, globs, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) cut: CutArgs,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

#[derive(Debug, Args)]
pub(super) struct RemoveArgs {
    /// The index
    #[arg(value_name = "INDEX")]
    pub(super) db: PathBuf,
    /// Ids of articles, or paths of files; - reads them from standard input, one per line
    #[arg(required = true, value_name = "ID")]
    pub(super) ids: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct StatsArgs {
    /// The index
    #[arg(value_name = "INDEX")]
    pub(super) db: PathBuf,
    /// Format on standard output [default: text]
    #[arg(long, value_parser = SCORE_FORMATS.parser(), alias = "output-format")]
    pub(super) format: Option<ScoreFormat>,
}

#[derive(Debug, Args)]
pub(super) struct CompactArgs {
    /// The index
    #[arg(value_name = "INDEX")]
    pub(super) db: PathBuf,
    /// Folder for the temporary copy, which is as large as the index [default: the system's]
    #[arg(long, value_name = "FOLDER", env = "REFRAIN_TEMP_DIR")]
    pub(super) temp_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct DbArgs {
    /// The index
    #[arg(value_name = "INDEX")]
    pub(super) db: PathBuf,
}
