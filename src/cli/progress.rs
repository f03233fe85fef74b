//! The progress of a run on standard error: a bar for each phase on a terminal, a line every half a minute elsewhere.
//!
//! The time left is that of the current phase, from its own speed. Where the amount of work is not known, no estimate is made.

use super::messages::line;
use crate::{FileCorpus, Phase};
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
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
            bar = bar_on(ProgressDrawTarget::stderr_with_hz(10), &state, total);
            bar.enable_steady_tick(Duration::from_millis(500));
        } else if !quiet {
            lines = write_lines(Arc::clone(&state), LINE_INTERVAL, |text| line("progress", text));
        }
        Self { state, bar, lines, input: total, is_input_read: AtomicBool::new(false) }
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

    fn restyle(&self, total: Option<u64>) {
        self.bar.set_style(style(&self.state, total));
        match total {
            Some(total) => self.bar.set_length(total),
            None => self.bar.unset_length(),
        }
        self.bar.reset();
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

impl crate::Progress for Bar {
    fn phase(&self, phase: Phase, total: Option<u64>) {
        let is_input = phase == Phase::Reading && !self.is_input_read.swap(true, Ordering::Relaxed);
        let total = total.or(self.input.filter(|_| is_input));
        if let Ok(mut current) = self.state.phase.lock() {
            *current = (phase, total, Instant::now());
            self.state.done.store(0, Ordering::Relaxed);
        }
        self.restyle(total);
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

/// A bar that has its words from its first frame on.
fn bar_on(target: ProgressDrawTarget, state: &Arc<State>, total: Option<u64>) -> ProgressBar {
    ProgressBar::with_draw_target(total, target).with_style(style(state, total))
}

/// The bar of a phase. Its words are made from `state` alone, so that every frame has those of the current phase.
fn style(state: &Arc<State>, total: Option<u64>) -> ProgressStyle {
    let template = if total.is_some() { "{phase} {wide_bar} {status}" } else { "{spinner} {phase} {status}" };
    let words = |part: fn(Phase, u64, Option<u64>, Duration) -> String| {
        let state = Arc::clone(state);
        move |_: &ProgressState, out: &mut dyn std::fmt::Write| {
            if let Ok((phase, total, since)) = state.phase.lock().map(|phase| *phase) {
                let _ = out.write_str(&part(phase, state.done.load(Ordering::Relaxed), total, since.elapsed()));
            }
        }
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.with_key("phase", words(|phase, _, _, _| name(phase).to_owned())).with_key("status", words(beside_bar))
}

/// How far a phase is, in words.
fn status(phase: Phase, done: u64, total: Option<u64>, elapsed: Duration) -> String {
    let so_far = format!("{} s so far", elapsed.as_secs());
    match (known(done, total), done) {
        (Some(total), _) => {
            format!("{}: {} of {}, {so_far}, {}", name(phase), amount(phase, done), amount(phase, total), left(done, total, elapsed))
        }
        (None, 0) => format!("{}: {so_far}", name(phase)),
        (None, _) => format!("{}: {}, {so_far}", name(phase), amount(phase, done)),
    }
}

/// The same behind the name of the phase and a bar, which need room: without the time so far if the time left is there.
fn beside_bar(phase: Phase, done: u64, total: Option<u64>, elapsed: Duration) -> String {
    match known(done, total) {
        Some(total) => format!("{} of {}, {}", amount(phase, done), amount(phase, total), left(done, total, elapsed)),
        None if done > 0 => format!("{}, {} s so far", amount(phase, done), elapsed.as_secs()),
        None => format!("{} s so far", elapsed.as_secs()),
    }
}

/// The amount of work, if that is known, and was not wrong.
fn known(done: u64, total: Option<u64>) -> Option<u64> {
    total.filter(|&total| done <= total && total > 0)
}

fn amount(phase: Phase, amount: u64) -> String {
    if is_in_bytes(phase) { HumanBytes(amount).to_string() } else { format!("{} pairs", HumanCount(amount)) }
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn left(done: u64, total: u64, elapsed: Duration) -> String {
    let share = done as f64 / total as f64;
    let left = (share >= LEAST_SHARE).then(|| elapsed.as_secs_f64() * (1.0 - share) / share);
    left.map_or_else(|| "time left not known yet".to_owned(), |left| format!("about {left:.0} s left in this phase"))
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
    use crate::Progress;
    use indicatif::TermLike;

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

    /// A terminal that keeps what is written.
    #[derive(Clone, Debug, Default)]
    struct Terminal(Arc<Mutex<Vec<String>>>);

    impl TermLike for Terminal {
        fn width(&self) -> u16 {
            120
        }

        fn move_cursor_up(&self, _: usize) -> std::io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> std::io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> std::io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> std::io::Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> std::io::Result<()> {
            self.write_str(text)
        }

        fn write_str(&self, text: &str) -> std::io::Result<()> {
            self.0.lock().unwrap().push(text.trim().to_owned());
            Ok(())
        }

        fn clear_line(&self) -> std::io::Result<()> {
            Ok(())
        }

        fn flush(&self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_frame_names_its_phase_and_none_promises_an_end_before_it_began() {
        let terminal = Terminal::default();
        let state = Arc::new(State { phase: Mutex::new((Phase::Reading, Some(4096), Instant::now())), done: AtomicU64::new(0) });
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(terminal.clone()), 255);
        let bar = bar_on(target, &state, Some(4096));
        let shown = Bar { state, bar, lines: None, input: None, is_input_read: AtomicBool::new(true) };
        shown.bar.tick();
        shown.add(4096);
        shown.bar.tick();
        for (phase, total) in [(Phase::Candidates, None), (Phase::Verification, Some(10))] {
            Progress::phase(&shown, phase, total);
            shown.bar.tick();
        }
        let frames: Vec<String> = terminal.0.lock().unwrap().iter().filter(|frame| !frame.is_empty()).cloned().collect();
        assert!(frames.len() >= 3, "{frames:?}");
        assert!(frames[0].starts_with("reading ") && frames[0].ends_with(" 0 B of 4.00 KiB, time left not known yet"), "{frames:?}");
        for frame in &frames {
            let names = ["reading ", "collecting candidate pairs ", "verifying pairs "];
            assert!(names.iter().any(|name| frame.contains(name)) && !frame.contains("/s"), "{frame}");
        }
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
