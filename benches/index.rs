//! What it takes to ask an index about one article, through the library, with the index open.
//!
//! `cargo bench --bench index -- INDEX FILE.jsonl [--only near-duplicates]`. Every article of the file is asked about, one after the other, by one thread;
//! the table shows how long the slowest of a share of them took. Without arguments, articles are made up.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints, and may fail")]

use refrain::index::{Article, Identity, Index, Ingest, Texts, add_corpus};
use refrain::{Corpus, DetectConfig, Document, Documents, FileCorpus, Record, Scope, Silent, SourceOptions, Visitor};
use std::collections::HashSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Takes ids and texts.
struct Texter(Vec<(String, String)>);

impl Visitor for Texter {
    type Output = Vec<(String, String)>;

    fn document(&mut self, record: Record<'_>) {
        self.0.push((record.id.unwrap_or_default().into_owned(), record.text.into_owned()));
    }

    fn progress(&mut self, _bytes: u64) {}

    fn finish(self) -> Self::Output {
        self.0
    }
}

fn texts_of(corpus: &impl Corpus) -> Vec<(String, String)> {
    corpus.visit(|| Texter(Vec::new())).unwrap().into_iter().flat_map(|stretch| stretch.output).collect()
}

/// Articles of 300 words out of ten thousand.
fn made_up(count: u64) -> Documents {
    let word = |n: u64| format!("word{}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32 & 0x3FFF);
    let text = |n: u64| (0..300).map(|m| word(n * 1000 + m)).collect::<Vec<_>>().join(" ");
    (0..count).map(|n| Document::new(n.to_string(), text(n))).collect()
}

fn main() {
    let mut config = DetectConfig::default();
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if args.iter().any(|arg| arg == "near-duplicates") {
        config.scope = Scope::NearDuplicates;
    }
    let folder = tempfile::tempdir().unwrap();
    let (path, texts) = match args.iter().filter(|arg| !arg.starts_with("--")).take(2).collect::<Vec<_>>()[..] {
        [index, file] => {
            let corpus = FileCorpus::open(&[PathBuf::from(file)], &SourceOptions::default()).unwrap();
            (PathBuf::from(index), texts_of(&corpus))
        }
        _ => {
            let (path, corpus) = (folder.path().join("index"), made_up(5000));
            let index = Index::create(&path, &config, Texts::Kept).unwrap();
            let started = Instant::now();
            add_corpus(&index, &corpus, Ingest { batch: 1000, threads: 2, progress: &Silent }, |_| ()).unwrap();
            println!("added 5000 articles in {:.2?}", started.elapsed());
            (path, texts_of(&corpus))
        }
    };
    let index = Index::open(&path, &config).unwrap();
    let mut matcher = index.matcher();
    let (mut times, mut pairs) = (Vec::with_capacity(texts.len()), 0);
    for (id, text) in &texts {
        let started = Instant::now();
        let asked = matcher.ask(Article { id, identity: Identity::Id, text, date: None, outlet: None, origin: "" });
        pairs += index.read().unwrap().query(&asked, &HashSet::new(), &mut matcher).unwrap().pairs.len();
        times.push(started.elapsed());
    }
    times.sort_unstable();
    let at = |per_mille: usize| times[(times.len() - 1) * per_mille / 1000];
    let mean = times.iter().sum::<Duration>() / u32::try_from(times.len()).unwrap();
    println!("{} articles asked about, {pairs} pairs; mean {mean:.2?}", times.len());
    for (name, per_mille) in [("p50", 500), ("p90", 900), ("p99", 990), ("most", 1000)] {
        println!("{name:>5}  {:.2?}", at(per_mille));
    }
}
