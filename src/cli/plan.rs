//! `refrain clean --plan`: what a cleaning would remove and take, from a sample.

use super::args::Global;
use super::clean_args::CleanArgs;
use super::messages::tell_notes;
use super::output::to_stdout;
use super::progress::Bar;
use crate::FileCorpus;
use crate::clean::{Forecast, Options, Plan, RemovedText, plan};
use crate::report::printable;
use anyhow::{Context, Result};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Bytes of a sample, unless a share is named.
const USUAL_SAMPLE: f64 = 256.0 * 1024.0 * 1024.0;
/// Bytes that are written to see how fast that is.
const TRIAL_BYTES: usize = 32 << 20;
/// Time of the same work differs by so much from run to run.
const SPREAD: f64 = 1.25;

/// The share that is read of files of so many bytes.
#[expect(clippy::cast_precision_loss, reason = "a share")]
pub(super) fn usual_share(corpus: &FileCorpus) -> f64 {
    let bytes: u64 = corpus.paths().filter_map(|path| path.metadata().ok()).map(|metadata| metadata.len()).sum();
    (USUAL_SAMPLE / bytes.max(1) as f64).min(1.0)
}

/// Forecasts and prints.
pub(super) fn run(args: &CleanArgs, (corpus, options): (&FileCorpus, &Options), pool: &rayon::ThreadPool, global: Global) -> Result<()> {
    let bar = Bar::new(corpus, global.quiet);
    let watch = MemoryWatch::start();
    let planned = pool.install(|| plan(corpus, options, &bar));
    let memory = watch.stop();
    bar.finish();
    let planned = planned?;
    if !global.quiet {
        tell_notes(&corpus.notes());
    }
    let limit = options.memory.as_ref().map_or(u64::MAX, |limit| limit.bytes);
    let temp_dir = options.memory.as_ref().map_or_else(std::env::temp_dir, |limit| limit.temp_dir.clone());
    let rate = writing_rate(&temp_dir)?;
    let needs =
        Needs::new(&planned, (input_bytes(corpus), rate), (memory, limit), args.annotate || options.removed_text == RemovedText::None);
    to_stdout(&mut |out| Ok(write(&planned, &needs, out)?))
}

/// Bytes of the files; 0 for a pipe, which has no length.
fn input_bytes(corpus: &FileCorpus) -> u64 {
    corpus.paths().filter_map(|path| path.metadata().ok()).map(|metadata| metadata.len()).sum()
}

/// What a run takes.
struct Needs {
    seconds: Forecast,
    memory: Forecast,
    output: Forecast,
    manifest: Forecast,
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes and seconds of a forecast")]
impl Needs {
    fn new(plan: &Plan, (input, rate): (u64, f64), ([base, peak], limit): ([u64; 2], u64), is_without_text: bool) -> Self {
        let input = if input == 0 { plan.bytes as u64 } else { input };
        let [whole, half] = plan.times.map(|time| time.as_secs_f64());
        let (one, two) = (whole / plan.share, 2.0 * half / plan.share);
        let writing = plan.bytes / rate + plan.packing.as_secs_f64();
        let seconds = Forecast {
            estimate: one + writing,
            low: one.min(two) / SPREAD + writing / SPREAD,
            high: one.max(two) * SPREAD + writing * SPREAD,
        };
        // What is measured beyond the start grows with the articles, up to the limit.
        let grown = peak.saturating_sub(base) as f64;
        let at_most = |bytes: f64| bytes.min(base as f64 + limit as f64);
        let memory = Forecast {
            estimate: at_most(base as f64 + grown / plan.share),
            low: at_most(base as f64 + grown),
            high: at_most(base as f64 + SPREAD * grown / plan.share),
        };
        let removed = plan.removed_bytes;
        let left = |bytes: f64| input as f64 * (1.0 - bytes / plan.bytes.max(1.0)).max(0.0);
        let output = Forecast { estimate: left(removed.estimate), low: left(removed.high), high: left(removed.low) };
        let manifest = if is_without_text { Forecast::default() } else { removed };
        Self { seconds, memory, output, manifest }
    }
}

fn write(plan: &Plan, needs: &Needs, out: &mut dyn Write) -> io::Result<()> {
    let Plan { share, articles_read, articles, .. } = plan;
    match *share < 1.0 {
        true => writeln!(out, "from {articles_read} articles, {:.1} % of the input; about {articles} in all", 100.0 * share)?,
        false => writeln!(out, "from all {articles} articles; the removals are exact")?,
    }
    writeln!(out, "\n{:<22} {:>12}   95 % interval", "needs", "estimate")?;
    let row = |out: &mut dyn Write, name: &str, forecast: &Forecast, shown: fn(f64) -> String| {
        let Forecast { estimate, low, high } = forecast;
        writeln!(out, "  {name:<20} {:>12}   {} to {}", shown(*estimate), shown(*low), shown(*high))
    };
    row(out, "time", &needs.seconds, duration)?;
    row(out, "memory", &needs.memory, bytes)?;
    row(out, "output", &needs.output, bytes)?;
    row(out, "removed text", &needs.manifest, bytes)?;
    writeln!(out, "\n{:<22} {:>12}   95 % interval", "removals", "estimate")?;
    row(out, "articles", &plan.removed, whole)?;
    plan.rules.iter().try_for_each(|(rule, forecast)| row(out, &format!("  {}", rule.name()), forecast, whole))?;
    writeln!(out, "\n{:<22} {:>12}   {:<18} articles", "removed by source", "estimate", "95 % interval")?;
    for (name, articles, forecast) in &plan.sources {
        let Forecast { estimate, low, high } = forecast;
        let interval = format!("{} to {}", percent(*low), percent(*high));
        let name: String = printable(name).chars().take(40).collect();
        writeln!(out, "  {name:<20} {:>12}   {interval:<18} {articles}", percent(*estimate))?;
    }
    Ok(())
}

fn whole(number: f64) -> String {
    format!("{number:.0}")
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

fn duration(seconds: f64) -> String {
    match seconds {
        ..120.0 => format!("{seconds:.1} s"),
        ..7200.0 => format!("{:.0} min", seconds / 60.0),
        _ => format!("{:.1} h", seconds / 3600.0),
    }
}

fn bytes(bytes: f64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let power = (0..units.len() - 1).take_while(|&power| bytes >= 1024_f64.powi(i32::try_from(power).unwrap_or(0) + 1)).count();
    format!("{:.1} {}", bytes / 1024_f64.powi(i32::try_from(power).unwrap_or(0)), units[power])
}

/// Bytes a second that the folder for temporary files takes.
#[expect(clippy::cast_precision_loss, reason = "a rate")]
fn writing_rate(folder: &Path) -> Result<f64> {
    let failed = || format!("{}: cannot write temporary files", folder.display());
    let mut file = tempfile::tempfile_in(folder).with_context(failed)?;
    let block = vec![0x5a; 1 << 20];
    let start = Instant::now();
    for _ in 0..TRIAL_BYTES / block.len() {
        file.write_all(&block).with_context(failed)?;
    }
    Ok(TRIAL_BYTES as f64 / start.elapsed().as_secs_f64().max(1e-6))
}

/// Watches the memory of the process, without mapped files where the system counts them separately.
struct MemoryWatch {
    base: u64,
    peak: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<()>,
}

impl MemoryWatch {
    fn start() -> Self {
        let base = resident();
        let (peak, is_over) = (Arc::new(AtomicU64::new(base)), Arc::new(AtomicBool::new(false)));
        let (watched, ends) = (Arc::clone(&peak), Arc::clone(&is_over));
        let thread = std::thread::spawn(move || {
            while !ends.load(Ordering::Relaxed) {
                watched.fetch_max(resident(), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        Self { base, peak, is_over, thread }
    }

    /// Bytes at the start, and at most.
    fn stop(self) -> [u64; 2] {
        self.is_over.store(true, Ordering::Relaxed);
        let _ = self.thread.join();
        [self.base, self.peak.load(Ordering::Relaxed)]
    }
}

fn resident() -> u64 {
    let anonymous = || {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let kibibytes: u64 = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?.trim().trim_end_matches(" kB").parse().ok()?;
        Some(kibibytes * 1024)
    };
    anonymous().unwrap_or_else(super::size::resident_memory)
}
