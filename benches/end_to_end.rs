//! From file to findings, beside the floor: what it costs to read, parse, fold, tokenise, shingle and sketch, and nothing else.
//!
//! `cargo bench --bench end_to_end -- FILE.jsonl [--jobs 2] [--runs 7] [--threshold 0.8]`. The floor and each scope run in turn, on the
//! same file and threads; the table shows the median of each and its ratio to the floor. Without a file, articles are made up.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints, and may fail")]

use refrain::report::write_jsonl;
use refrain::sketch::{Banding, Sketcher};
use refrain::text::{Tokenizer, Tokens, shingles_into};
use refrain::{Corpus, DetectConfig, Detector, FileCorpus, Fold, Record, Scope, Silent, Simd, SourceOptions, Visitor};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Does what the floor does to each document, and forgets it.
struct Floor {
    tokenizer: Tokenizer,
    tokens: Tokens,
    shingles: Vec<u64>,
    sketcher: Sketcher,
    keys: Vec<u32>,
}

impl Visitor for Floor {
    type Output = usize;

    fn document(&mut self, record: Record<'_>) {
        self.tokenizer.read(&record.text, &mut self.tokens);
        shingles_into(&self.tokens.hashes, 5, &mut self.shingles);
        self.sketcher.append_keys(&self.shingles, &mut self.keys);
    }

    fn progress(&mut self, _bytes: u64) {}

    fn finish(self) -> usize {
        self.keys.len()
    }
}

struct Options {
    file: PathBuf,
    jobs: usize,
    runs: usize,
    threshold: f64,
}

/// Flags that cargo itself adds are passed over.
fn options(made_up: &Path) -> Options {
    let mut options = Options { file: made_up.into(), jobs: 2, runs: 7, threshold: 0.8 };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().unwrap();
        match arg.as_str() {
            "--jobs" => options.jobs = value().parse().unwrap(),
            "--runs" => options.runs = value().parse().unwrap(),
            "--threshold" => options.threshold = value().parse().unwrap(),
            flag if flag.starts_with("--") => {}
            file => options.file = file.into(),
        }
    }
    options
}

fn open(file: &Path) -> FileCorpus {
    FileCorpus::open(&[file.to_path_buf()], &SourceOptions::default()).unwrap()
}

fn floor(options: &Options) -> usize {
    let banding = Banding::for_threshold(options.threshold);
    let new = || Floor {
        tokenizer: Tokenizer::new(Fold::Full, Simd::Auto),
        tokens: Tokens::default(),
        shingles: Vec::new(),
        sketcher: Sketcher::new(banding, Simd::Auto),
        keys: Vec::new(),
    };
    open(&options.file).visit(new).unwrap().iter().map(|stretch| stretch.output).sum()
}

fn whole(options: &Options, scope: Scope) -> usize {
    let config = DetectConfig { scope, threshold: options.threshold, ..DetectConfig::default() };
    let findings = Detector::new(config).unwrap().detect_in(&open(&options.file), &Silent).unwrap();
    let mut written = Vec::new();
    write_jsonl(&findings, None, &mut written).unwrap();
    written.len()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

/// Three thousand articles of made-up words, a tenth of them copies.
fn made_up(folder: &Path) -> PathBuf {
    let path = folder.join("made-up.jsonl");
    let mut file = std::fs::File::create(&path).unwrap();
    for article in 0..3000_u64 {
        let seed = article - article % 10 / 9;
        let words: Vec<String> = (0..300_u64).map(|n| format!("word{}", (seed * 7919 + n * n * 104_729) % 40_009)).collect();
        writeln!(file, "{{\"id\":{article},\"text\":\"{}\"}}", words.join(" ")).unwrap();
    }
    path
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(&made_up(folder.path()));
    let megabytes = options.file.metadata().unwrap().len() as f64 / 1e6;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.jobs).build().unwrap();
    let jobs: [(&str, &(dyn Fn() -> usize + Sync)); 6] = [
        ("floor", &|| floor(&options)),
        ("near-duplicates", &|| whole(&options, Scope::NearDuplicates)),
        ("within", &|| whole(&options, Scope::Within)),
        ("both", &|| whole(&options, Scope::WithinAndNearDuplicates)),
        ("passages", &|| whole(&options, Scope::Passages)),
        ("everything", &|| whole(&options, Scope::All)),
    ];
    let mut times = vec![Vec::new(); jobs.len()];
    for run in 0..=options.runs {
        for (job, times) in jobs.iter().zip(&mut times) {
            let start = Instant::now();
            let size = pool.install(job.1);
            assert!(size > 0);
            if run > 0 {
                times.push(start.elapsed()); // the first round warms the cache
            }
        }
    }
    println!("{:.1} MB, {} threads, threshold {}, median of {}", megabytes, options.jobs, options.threshold, options.runs);
    println!("{:16} {:>8} {:>9} {:>9}", "", "seconds", "MB/s", "to floor");
    let medians: Vec<f64> = times.into_iter().map(median).collect();
    for ((name, _), seconds) in jobs.iter().zip(&medians) {
        println!("{name:16} {seconds:>8.3} {:>9.0} {:>9.2}", megabytes / seconds, seconds / medians[0]);
    }
}
