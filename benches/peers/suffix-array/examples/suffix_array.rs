//! Windows of 50 words that occur in more than one article, by a suffix array and by refrain.
//!
//! Usage: `cargo run --release --example suffix_array -- array|refrain CORPUS [WORDS [MEBIBYTES]]`. Each prints the number of such windows, the seconds from the file to that number, and the peak of
//! anonymous memory, without the pages of the mapped corpus. Both read the same tokens. The array is of token ids, which takes a quarter of the memory of one over bytes.

use anyhow::{Context, Result, bail};
use libsais::{SuffixArrayConstruction, ThreadCount};
use refrain::text::{Fold, Tokenizer, Tokens};
use refrain::{Corpus, DetectConfig, FileCorpus, MemoryLimit, Record, Simd, SourceOptions, Visitor};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [how, path, rest @ ..] = args.as_slice() else { bail!("usage: suffix_array array|refrain CORPUS [WORDS [MEBIBYTES]]") };
    let words = rest.first().map_or(Ok(50), |words| words.parse())?;
    let corpus = FileCorpus::open(&[PathBuf::from(path)], &SourceOptions::default())?;
    let peak = watch_memory();
    let start = Instant::now();
    let windows = match how.as_str() {
        "array" => by_array(&corpus, words)?,
        "refrain" => {
            let limit: u64 = rest.get(1).map_or(Ok(256), |limit| limit.parse())?;
            let memory = MemoryLimit { bytes: limit << 20, temp_dir: std::env::temp_dir() };
            refrain::clean::shared_windows(&corpus, &DetectConfig::default(), words, Some(&memory))?
        }
        _ => bail!("{how}: expected array or refrain"),
    };
    let (seconds, mebibytes) = (start.elapsed().as_secs_f64(), peak.load(Ordering::Relaxed) / 1024);
    println!("{how}: {windows} windows of {words} words, {seconds:.2} s, {mebibytes} MiB");
    Ok(())
}

/// Token hashes of every article.
struct Reader {
    tokenizer: Tokenizer,
    texts: Vec<Vec<u64>>,
}

impl Visitor for Reader {
    type Output = Vec<Vec<u64>>;

    fn document(&mut self, record: Record<'_>) {
        let mut tokens = Tokens::default();
        self.tokenizer.read(&record.text, &mut tokens);
        self.texts.push(tokens.hashes);
    }

    fn progress(&mut self, _: u64) {}

    fn finish(self) -> Self::Output {
        self.texts
    }
}

/// Numbers the tokens, sorts all suffixes, and counts those that share their first `words` tokens with a suffix of another article.
fn by_array(corpus: &FileCorpus, words: usize) -> Result<u64> {
    let stretches = corpus.visit(|| Reader { tokenizer: Tokenizer::new(Fold::Full, Simd::Auto), texts: Vec::new() })?;
    let (mut ids, mut text, mut starts) = (HashMap::new(), Vec::new(), Vec::new());
    for tokens in stretches.into_iter().flat_map(|stretch| stretch.output) {
        starts.push(i32::try_from(text.len())?);
        for hash in tokens {
            let next = i32::try_from(ids.len())? + 1;
            text.push(*ids.entry(hash).or_insert(next));
        }
        // One number for all ends; a window with it is not counted.
        text.push(0);
    }
    drop(ids);
    let array = SuffixArrayConstruction::for_text_mut(&mut text).in_owned_buffer().multi_threaded(ThreadCount::openmp_default());
    let array = array.run().ok().context("the suffix array cannot be built")?.into_vec();
    let article = |position: i32| starts.partition_point(|&start| start <= position);
    let prefix = |position: i32| text.get(position as usize..position as usize + words).filter(|window| !window.contains(&0));
    let (mut windows, mut at) = (0, 0);
    while at < array.len() {
        let Some(first) = prefix(array[at]) else {
            at += 1;
            continue;
        };
        let count = array[at..].iter().take_while(|&&position| prefix(position) == Some(first)).count();
        let same = &array[at..at + count];
        let one = article(same[0]);
        if same.iter().any(|&position| article(position) != one) {
            windows += count as u64;
        }
        at += count;
    }
    Ok(windows)
}

/// The largest anonymous memory so far, in KiB: resident pages that are not those of a mapped file.
fn watch_memory() -> Arc<AtomicU64> {
    let peak = Arc::new(AtomicU64::new(0));
    let watched = Arc::clone(&peak);
    std::thread::spawn(move || {
        loop {
            let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap_or("0");
            let now = line.trim().trim_end_matches(" kB").parse().unwrap_or(0);
            watched.fetch_max(now, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(2));
        }
    });
    peak
}
