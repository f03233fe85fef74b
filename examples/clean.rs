//! Cleans files and restores them: `cargo run --example clean -- ARTICLES.jsonl CLEAN.jsonl`.
#![expect(clippy::print_stdout, reason = "an example shows its result")]

use refrain::clean::{Options, clean};
use refrain::{Error, FileCorpus, Silent, SourceOptions};
use std::path::PathBuf;

fn main() -> refrain::Result<()> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [input, output] = &paths[..] else {
        return Err(Error::NothingRead { reason: "usage: clean ARTICLES.jsonl CLEAN.jsonl".to_owned() });
    };
    let inputs = [input.clone()];
    let corpus = FileCorpus::open(&inputs, &SourceOptions::default())?;
    let cleaned = clean(&corpus, &inputs, Some(output), &Options::default(), &Silent)?;
    println!("{:?}", cleaned.totals);
    println!("every removal is listed in {}", cleaned.manifest.display());
    Ok(())
}
