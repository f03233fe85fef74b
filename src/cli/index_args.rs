//! Flags of `refrain index`.

use super::args::{RunArgs, ScoreFormat};
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct IndexArgs {
    #[command(subcommand)]
    pub(super) command: IndexCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum IndexCommand {
    /// Add articles; the same article again changes nothing, another one of the same id replaces it
    Add(Box<AddArgs>),
    /// Hold articles against the index, and tell the pairs
    Query(Box<QueryArgs>),
    /// Remove articles by their ids
    Remove(RemoveArgs),
    /// Tell what the index holds, and what it was made with
    Stats(StatsArgs),
    /// Read everything, and check that it is as it was written and fits together
    Verify(DbArgs),
    /// Put the index in order for fast look-ups, and give back room
    Compact(DbArgs),
    /// Write the articles as JSON lines
    Export(DbArgs),
}

#[derive(Debug, Args)]
pub(super) struct AddArgs {
    /// The index; made if it is not there
    #[arg(value_name = "INDEX")]
    pub(super) db: PathBuf,
    /// Files, folders, globs, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// In an index that is made: keep no texts, but what is needed in their stead
    #[arg(long)]
    pub(super) no_text: bool,
    /// Articles of a transaction, about; what is acknowledged is on the disk
    #[arg(long, value_name = "ARTICLES", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) batch: u32,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

#[derive(Debug, Args)]
pub(super) struct QueryArgs {
    /// The index
    #[arg(value_name = "INDEX")]
    pub(super) db: PathBuf,
    /// Files, folders, globs, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

#[derive(Debug, Args)]
pub(super) struct RemoveArgs {
    /// The index
    #[arg(value_name = "INDEX")]
    pub(super) db: PathBuf,
    /// Ids of articles; - reads them from standard input, one a line
    #[arg(required = true, value_name = "ID")]
    pub(super) ids: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct StatsArgs {
    /// The index
    #[arg(value_name = "INDEX")]
    pub(super) db: PathBuf,
    /// What to write on standard output
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: ScoreFormat,
}

#[derive(Debug, Args)]
pub(super) struct DbArgs {
    /// The index
    #[arg(value_name = "INDEX")]
    pub(super) db: PathBuf,
}
