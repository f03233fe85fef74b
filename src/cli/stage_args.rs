//! Flags of `refrain stage`.

use super::args::RunArgs;
use crate::stages::Share;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct StageArgs {
    #[command(subcommand)]
    pub(super) command: StageCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum StageCommand {
    /// Read the articles of a shard, and keep what is looked up of them
    Sketch(Box<SketchArgs>),
    /// Join articles of different shards with the same words, of one part of the hashes
    Classes(PartArgs),
    /// Propose the pairs of one part of the keys
    Candidates(PartArgs),
    /// Read a shard again for the articles that are in proposed pairs
    Sets(Box<SetsArgs>),
    /// Compute the similarity of one part of the proposed pairs
    Verify(PartArgs),
    /// Join the pairs to clusters, and choose the article that is kept of each
    Components(WorkArgs),
    /// Write the articles of a shard that are kept, and a manifest of every removal
    Apply(Box<ApplyArgs>),
    /// Print the digests of findings (refrain scan --format jsonl), as the manifest of stage components has them
    Digest(DigestArgs),
}

/// Flags of stages that read a shard.
#[derive(Debug, Args)]
#[command(mut_arg("format", |arg| arg.hide(true)))]
pub(super) struct ShardArgs {
    /// Files, folders or globs of the shard; the same for every stage that reads it
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) work: WorkArgs,
    /// Which shard, and how many there are, such as 3/8
    #[arg(long, value_name = "K/N", value_parser = share)]
    pub(super) shard: Share,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

#[derive(Debug, Args)]
#[command(mut_arg("memory", |arg| arg.hide(true)))]
pub(super) struct SketchArgs {
    #[command(flatten)]
    pub(super) shard: ShardArgs,
    /// Number of parts into which the later stages are divided; the same for all shards [default: as many as shards]
    #[arg(long, value_name = "PARTS", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub(super) parts: Option<u32>,
}

#[derive(Debug, Args)]
#[command(mut_arg("memory", |arg| arg.hide(true)))]
pub(super) struct SetsArgs {
    #[command(flatten)]
    pub(super) shard: ShardArgs,
}

#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    #[command(flatten)]
    pub(super) shard: ShardArgs,
    /// Where the articles go that are kept: a file for one file, else a folder; the manifest is beside it
    #[arg(long, short, value_name = "OUT", aliases = ["out", "output-file", "outfile"])]
    pub(super) output: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct PartArgs {
    #[command(flatten)]
    pub(super) work: WorkArgs,
    /// Which part, from 1
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) part: u32,
}

#[derive(Debug, Args)]
pub(super) struct WorkArgs {
    /// Folder in which the stages leave what they found
    #[arg(long, value_name = "FOLDER")]
    pub(super) work: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct DigestArgs {
    /// Output of refrain scan --format jsonl, or - for standard input
    pub(super) findings: PathBuf,
}

/// A shard, as `K/N`.
fn share(text: &str) -> Result<Share, String> {
    const MOST: u32 = 1 << 20;
    let wrong = || format!("must be K/N with 1 <= K <= N <= {MOST}, such as 3/8");
    let (number, of) = text.split_once('/').ok_or_else(wrong)?;
    let share = Share { number: number.parse().map_err(|_| wrong())?, of: of.parse().map_err(|_| wrong())? };
    if (1..=share.of).contains(&share.number) && share.of <= MOST { Ok(share) } else { Err(wrong()) }
}
