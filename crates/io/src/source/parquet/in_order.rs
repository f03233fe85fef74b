//! Work done on all threads whose results are taken one by one, in the order of the work.
//!
//! In: a number of pieces of work. Out: each result, once all before it were taken. One thread takes while others go on; results that wait are few and small,
//! however slow one of them is.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Results that may wait, for each thread.
const WAITING_OF_A_THREAD: usize = 8;
/// Bytes of results that wait from which no more is begun, but for what is taken next.
const WAITING_BYTES: usize = 64 << 20;

/// A result that waits in memory.
pub(super) trait Waiting {
    /// The memory that it takes.
    fn bytes(&self) -> usize;
}

struct State<T, E> {
    /// The piece of work that is begun next.
    next: usize,
    /// How many results were taken.
    taken: usize,
    waiting: BTreeMap<usize, T>,
    waiting_bytes: usize,
    is_taking: bool,
    error: Option<E>,
}

/// Calls `make` with 0 to `count`, on all threads of the pool, and `take` with what it gives, in that order. Neither may panic, or wait for the pool.
///
/// # Errors
/// The first that `make` or `take` says; nothing is taken after it.
pub(super) fn in_order<T: Waiting + Send, E: Send>(
    count: usize,
    make: impl Fn(usize) -> Result<T, E> + Sync,
    take: impl FnMut(T) -> Result<(), E> + Send,
) -> Result<(), E> {
    let threads = rayon::current_num_threads();
    let state = State { next: 0, taken: 0, waiting: BTreeMap::new(), waiting_bytes: 0, is_taking: false, error: None };
    let shared = Shared {
        count,
        most: WAITING_OF_A_THREAD * threads,
        state: Mutex::new(state),
        changed: Condvar::new(),
        make,
        take: Mutex::new(take),
    };
    rayon::scope(|scope| (0..threads.min(count)).for_each(|_| scope.spawn(|_| shared.work())));
    shared.state.into_inner().unwrap_or_else(PoisonError::into_inner).error.map_or(Ok(()), Err)
}

struct Shared<T, E, M, K> {
    count: usize,
    /// Results that may wait.
    most: usize,
    state: Mutex<State<T, E>>,
    changed: Condvar,
    make: M,
    take: Mutex<K>,
}

impl<T: Waiting, E, M: Fn(usize) -> Result<T, E>, K: FnMut(T) -> Result<(), E>> Shared<T, E, M, K> {
    /// What one thread does: takes what is next, else makes what is next, else waits.
    fn work(&self) {
        let mut state = self.lock();
        while state.error.is_none() {
            let place = state.taken;
            let (done, at) = if !state.is_taking
                && let Some(result) = state.waiting.remove(&place)
            {
                state.is_taking = true;
                state.waiting_bytes -= result.bytes();
                drop(state);
                let taken = (self.take.lock().unwrap_or_else(PoisonError::into_inner))(result);
                state = self.lock();
                state.is_taking = false;
                state.taken += 1;
                (taken.map(|()| None), place)
            } else if state.next == self.count {
                // What is still being made is taken by those who make it.
                return;
            } else if state.next == state.taken || state.next < state.taken + self.most && state.waiting_bytes < WAITING_BYTES {
                let at = state.next;
                state.next += 1;
                drop(state);
                let made = (self.make)(at);
                state = self.lock();
                (made.map(Some), at)
            } else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            match done {
                Ok(made) => {
                    state.waiting_bytes += made.as_ref().map_or(0, T::bytes);
                    state.waiting.extend(made.map(|made| (at, made)));
                }
                Err(error) => state.error = state.error.take().or(Some(error)),
            }
            self.changed.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A number that takes so many bytes.
    struct Heavy(usize, usize);

    impl Waiting for Heavy {
        fn bytes(&self) -> usize {
            self.1
        }
    }

    /// How many are made while the first is not done, by so many threads, of so many bytes each; and the order in which all are taken.
    fn made_meanwhile(threads: usize, bytes: usize) -> (usize, Vec<usize>) {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let (made, meanwhile) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let mut taken = Vec::new();
        let make = |at: usize| {
            if at == 0 && threads > 1 {
                // Until nothing more is made.
                let mut before = usize::MAX;
                while before != made.load(Ordering::SeqCst) {
                    before = made.load(Ordering::SeqCst);
                    std::thread::sleep(std::time::Duration::from_millis(100));
                }
                meanwhile.store(before, Ordering::SeqCst);
            }
            made.fetch_add(1, Ordering::SeqCst);
            Ok::<_, ()>(Heavy(at, bytes))
        };
        let take = |Heavy(at, _)| {
            taken.push(at);
            Ok(())
        };
        pool.install(|| in_order(300, make, take)).unwrap();
        (meanwhile.into_inner(), taken)
    }

    #[test]
    fn results_are_taken_in_order_and_few_wait() {
        for threads in [1, 2, 5] {
            let (meanwhile, taken) = made_meanwhile(threads, 1);
            assert_eq!(taken, (0..300).collect::<Vec<_>>());
            assert_eq!(meanwhile, if threads > 1 { WAITING_OF_A_THREAD * threads - 1 } else { 0 });
            // Of those that fill what may wait by halves, two, and those that the other threads had begun by then.
            let (meanwhile, taken) = made_meanwhile(threads, WAITING_BYTES / 2);
            assert_eq!(taken, (0..300).collect::<Vec<_>>());
            assert!(threads == 1 || (2..2 + threads).contains(&meanwhile), "{meanwhile}");
        }
        in_order(0, |_| Ok::<_, ()>(Heavy(0, 0)), |_| Err(())).unwrap();
    }

    #[test]
    fn nothing_is_taken_after_an_error_and_who_waits_goes_home() {
        let mut taken = 0;
        let take = |_| {
            taken += 1;
            Ok(())
        };
        let error = in_order(100, |at| if at == 40 { Err("made") } else { Ok(Heavy(at, 0)) }, take);
        assert!(error == Err("made") && taken <= 40);
        let mut taken = 0;
        let take = |Heavy(at, _)| {
            taken += 1;
            if at == 20 { Err("taken") } else { Ok(()) }
        };
        assert_eq!((in_order(100, |at| Ok(Heavy(at, 0)), take), taken), (Err("taken"), 21));
        // The others wait for the first by then.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        let make = |at: usize| {
            if at > 0 {
                return Ok(Heavy(at, WAITING_BYTES));
            }
            std::thread::sleep(std::time::Duration::from_millis(200));
            Err("late")
        };
        assert_eq!(pool.install(|| in_order(100, make, |_| Ok(()))), Err("late"));
    }
}
