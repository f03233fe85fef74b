//! The progress of a run on standard error: a bar for each phase on a terminal, a line every half a minute elsewhere.
//!
//! The time left is that of the current phase, from its own speed. Where the amount of work is not known, no estimate is made.

use super::messages::line;
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use refrain::{FileCorpus, Phase};
use std::io::IsTerminal;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Time between two lines where there is no terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(30);
/// An estimate from a smaller share of the work is a guess.
const LEAST_SHARE: f64 = 0.02;
/// Endings of files whose text is larger than the file.
const PACKED: [&str; 8] = ["gz", "zst", "zstd", "bz2", "xz", "parquet", "tgz", "lzma"];

/// Shows the progress of a run.
pub(super) struct Bar {
    state: Arc<State>,
    bar: ProgressBar,
    /// Ends the thread that writes lines.
    lines: Option<(Sender<()>, JoinHandle<()>)>,
    /// Bytes of the input, where these are the bytes of its text.
    input: Option<u64>,
    /// The input is being read, or was: what is read after it is something else.
    is_input_read: AtomicBool,
}

/// The current phase, and how far it is.
struct State {
    phase: Mutex<(Phase, Option<u64>, Instant)>,
    done: AtomicU64,
}

impl Bar {
    /// For a run that begins by reading `corpus`.
    pub(super) fn new(corpus: &FileCorpus, quiet: bool) -> Self {
        Self::of(Phase::Reading, text_bytes(corpus.paths()), quiet)
    }

    /// For a run that begins with another phase.
    pub(super) fn of(phase: Phase, total: Option<u64>, quiet: bool) -> Self {
        let state = Arc::new(State { phase: Mutex::new((phase, total, Instant::now())), done: AtomicU64::new(0) });
        let (mut bar, mut lines) = (ProgressBar::hidden(), None);
        if !quiet && std::io::stderr().is_terminal() {
            bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(10));
            bar.enable_steady_tick(Duration::from_millis(500));
        } else if !quiet {
            lines = write_lines(Arc::clone(&state), LINE_INTERVAL, |text| line("progress", text));
        }
        let shown = Self { state, bar, lines, input: total, is_input_read: AtomicBool::new(false) };
        shown.restyle(phase, total);
        shown
    }

    /// Takes the bar away.
    pub(super) fn finish(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.bar.finish_and_clear();
        if let Some((ends, thread)) = self.lines.take() {
            drop(ends);
            let _ = thread.join();
        }
    }

    fn restyle(&self, phase: Phase, total: Option<u64>) {
        let template = match (total, is_in_bytes(phase)) {
            (None, true) => "{spinner} {msg} {bytes}, {bytes_per_sec}, {elapsed} so far",
            (None, false) => "{spinner} {msg} {elapsed} so far",
            (Some(_), true) => "{msg} {wide_bar} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left in this phase",
            (Some(_), false) => "{msg} {wide_bar} {human_pos}/{human_len} pairs, {eta} left in this phase",
        };
        self.bar.reset();
        self.bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        match total {
            Some(total) => self.bar.set_length(total),
            None => self.bar.unset_length(),
        }
        self.bar.set_message(name(phase));
    }

    fn add(&self, amount: u64) {
        self.state.done.fetch_add(amount, Ordering::Relaxed);
        self.bar.inc(amount);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.end();
    }
}

impl refrain::Progress for Bar {
    fn phase(&self, phase: Phase, total: Option<u64>) {
        let is_input = phase == Phase::Reading && !self.is_input_read.swap(true, Ordering::Relaxed);
        let total = total.or(self.input.filter(|_| is_input));
        if let Ok(mut current) = self.state.phase.lock() {
            *current = (phase, total, Instant::now());
            self.state.done.store(0, Ordering::Relaxed);
        }
        self.restyle(phase, total);
    }

    fn read(&self, bytes: u64) {
        self.add(bytes);
    }

    fn verified(&self, pairs: u64) {
        self.add(pairs);
    }

    fn written(&self, bytes: u64) {
        let is_new = self.state.phase.lock().is_ok_and(|current| current.0 != Phase::Writing);
        if is_new {
            self.phase(Phase::Writing, self.input);
        }
        self.add(bytes);
    }
}

/// Writes a line every `interval` until the sender is dropped.
fn write_lines(state: Arc<State>, interval: Duration, write: impl Fn(&str) + Send + 'static) -> Option<(Sender<()>, JoinHandle<()>)> {
    let (ends, ended) = channel();
    let thread = std::thread::Builder::new().name("progress".into()).spawn(move || {
        while ended.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
            if let Ok((phase, total, since)) = state.phase.lock().map(|phase| *phase) {
                write(&status(phase, state.done.load(Ordering::Relaxed), total, since.elapsed()));
            }
        }
    });
    thread.ok().map(|thread| (ends, thread))
}

/// How far a phase is, in words.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn status(phase: Phase, done: u64, total: Option<u64>, elapsed: Duration) -> String {
    let amount = |amount: u64| if is_in_bytes(phase) { HumanBytes(amount).to_string() } else { format!("{} pairs", HumanCount(amount)) };
    let seconds = elapsed.as_secs();
    match total.filter(|&total| done <= total && total > 0) {
        Some(total) => {
            let share = done as f64 / total as f64;
            let left = (share >= LEAST_SHARE).then(|| elapsed.as_secs_f64() * (1.0 - share) / share);
            let left = left.map_or_else(|| "time left not known yet".to_owned(), |left| format!("about {left:.0} s left in this phase"));
            format!("{}: {} of {}, {seconds} s so far, {left}", name(phase), amount(done), amount(total))
        }
        None if done > 0 => format!("{}: {}, {seconds} s so far", name(phase), amount(done)),
        None => format!("{}: {seconds} s so far", name(phase)),
    }
}

fn is_in_bytes(phase: Phase) -> bool {
    matches!(phase, Phase::Reading | Phase::Writing)
}

fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::Reading => "reading",
        Phase::Candidates => "collecting candidate pairs",
        Phase::Verification => "verifying pairs",
        Phase::Passages => "aligning passages",
        Phase::Results => "computing clusters and sources",
        Phase::Writing => "writing",
    }
}

/// Bytes of text in `files`; None if that is not known before they are read: pipes, addresses, compressed files.
fn text_bytes<'p>(mut files: impl Iterator<Item = &'p Path>) -> Option<u64> {
    files.try_fold(0, |sum, file| {
        let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        let metadata = file.metadata().ok().filter(|metadata| metadata.is_file() && !PACKED.contains(&ending.as_str()))?;
        Some(sum + metadata.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_made_only_from_known_work_and_enough_of_it() {
        let seconds = Duration::from_secs;
        assert_eq!(
            status(Phase::Verification, 250, Some(1000), seconds(30)),
            "verifying pairs: 250 pairs of 1,000 pairs, 30 s so far, about 90 s left in this phase"
        );
        assert!(status(Phase::Verification, 1, Some(1000), seconds(30)).ends_with("time left not known yet"));
        assert_eq!(status(Phase::Reading, 2048, None, seconds(31)), "reading: 2.00 KiB, 31 s so far");
        // More than there should be: the estimate was wrong, and none is made.
        assert_eq!(status(Phase::Reading, 4096, Some(2048), seconds(5)), "reading: 4.00 KiB, 5 s so far");
        assert_eq!(status(Phase::Candidates, 0, None, seconds(61)), "collecting candidate pairs: 61 s so far");
    }

    #[test]
    fn lines_are_written_until_the_run_ends() {
        let state = Arc::new(State { phase: Mutex::new((Phase::Reading, None, Instant::now())), done: AtomicU64::new(1024) });
        let (written, lines) = channel();
        let (ends, thread) = write_lines(state, Duration::from_millis(5), move |text| drop(written.send(text.to_owned()))).unwrap();
        assert_eq!(lines.recv().unwrap(), "reading: 1.00 KiB, 0 s so far");
        drop(ends);
        thread.join().unwrap();
        assert!(lines.iter().all(|text| text.starts_with("reading")), "the channel is closed once the thread has ended");
    }

    #[test]
    fn the_size_of_compressed_files_says_nothing_of_their_text() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, "0123456789").unwrap();
            path
        };
        let (plain, packed) = (file("a.jsonl"), file("b.jsonl.zst"));
        let size = |files: &[&Path]| text_bytes(files.iter().copied());
        assert_eq!([size(&[&plain, &plain]), size(&[&plain, &packed]), size(&[Path::new("-")])], [Some(20), None, None]);
    }
}
