//! One run of the library: on its own threads, without the lock of the interpreter, and stopped by Ctrl-C.
//!
//! The threads end with the call, so that nothing of it is left after a fork or a cancelled call.

use crate::errors::exception;
use pyo3::prelude::*;
use refrain::{Error, Phase, Progress};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

/// Time between two looks at signals: Ctrl-C stops a call this much later at most, and the time that a document or a pair takes.
const INTERVAL: Duration = Duration::from_millis(50);
/// Bytes of the stack of a thread: parsers of deeply nested files need more than the usual 2 MB.
const STACK_BYTES: usize = 16 << 20;
/// An amount of work that is not known.
const UNKNOWN: u64 = u64::MAX;
/// The phases in their order, by the names that callbacks get.
const PHASES: [&str; 6] = ["reading", "candidates", "verification", "passages", "results", "writing"];

/// How a call runs.
#[derive(Default)]
pub(crate) struct Call {
    /// Threads; 0 for one per core.
    pub(crate) threads: usize,
    /// Called with the phase, the work done in it and its whole amount, which is None if that is not known.
    pub(crate) callback: Option<Py<PyAny>>,
}

/// The state of a run: written by its threads, read by the one that waits.
struct State {
    is_cancelled: AtomicBool,
    phase: AtomicU8,
    done: AtomicU64,
    total: AtomicU64,
}

impl Progress for State {
    fn phase(&self, phase: Phase, total: Option<u64>) {
        let number = match phase {
            Phase::Reading => 0,
            Phase::Candidates => 1,
            Phase::Verification => 2,
            Phase::Passages => 3,
            Phase::Results => 4,
            Phase::Writing => 5,
        };
        self.done.store(0, Ordering::Relaxed);
        self.total.store(total.unwrap_or(UNKNOWN), Ordering::Relaxed);
        self.phase.store(number, Ordering::Relaxed);
    }

    fn read(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
    }

    fn verified(&self, pairs: u64) {
        self.done.fetch_add(pairs, Ordering::Relaxed);
    }

    fn written(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }
}

impl Call {
    /// Runs `work` on threads of its own.
    ///
    /// # Errors
    /// Those of `work` as exceptions; the interrupt, or what the callback raised.
    pub(crate) fn run<T: Send>(&self, py: Python<'_>, work: impl FnOnce(&dyn Progress) -> Result<T, Error> + Send) -> PyResult<T> {
        let state = State { is_cancelled: AtomicBool::new(false), phase: 0.into(), done: 0.into(), total: UNKNOWN.into() };
        let (outcome, stopped) = py.detach(|| self.wait(&state, work));
        match (stopped, outcome) {
            (Some(stopped), _) => Err(stopped),
            (None, outcome) => outcome.map_err(|error| exception(py, &error)),
        }
    }

    fn wait<T: Send>(
        &self,
        state: &State,
        work: impl FnOnce(&dyn Progress) -> Result<T, Error> + Send,
    ) -> (Result<T, Error>, Option<PyErr>) {
        let (ends, ended) = sync_channel::<()>(0);
        std::thread::scope(|scope| {
            let work = move || {
                let _ends = ends;
                on_threads(self.threads, || work(state))
            };
            let worker = match std::thread::Builder::new().name("refrain".into()).stack_size(STACK_BYTES).spawn_scoped(scope, work) {
                Ok(worker) => worker,
                Err(cause) => return (Err(no_threads(cause)), None),
            };
            let mut stopped = None;
            while ended.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                if stopped.is_none() {
                    stopped = self.look(state).err();
                    state.is_cancelled.store(stopped.is_some(), Ordering::Relaxed);
                }
            }
            (worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), stopped)
        })
    }

    /// Handles signals, and reports the progress.
    fn look(&self, state: &State) -> PyResult<()> {
        Python::attach(|py| {
            py.check_signals()?;
            let Some(callback) = &self.callback else { return Ok(()) };
            let total = Some(state.total.load(Ordering::Relaxed)).filter(|&total| total != UNKNOWN);
            let phase = PHASES[usize::from(state.phase.load(Ordering::Relaxed))];
            callback.call1(py, (phase, state.done.load(Ordering::Relaxed), total)).map(drop)
        })
    }
}

/// Calls `work` on `threads` threads that end with it.
fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> Result<T, Error> + Send) -> Result<T, Error> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK_BYTES);
    match pool.build_scoped(|thread| thread.run(), |pool| pool.install(work)) {
        Ok(outcome) => outcome,
        Err(error) => Err(no_threads(std::io::Error::other(error))),
    }
}

fn no_threads(cause: std::io::Error) -> Error {
    Error::Io { path: "threads".into(), cause }
}
