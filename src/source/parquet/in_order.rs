//! Work done on all threads whose results are taken one by one, in the order of the work.
//!
//! In: a number of pieces of work. Out: each result, once all before it were taken. One thread takes while others go on; a few results wait at most,
//! however slow one of them is.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Results that may wait, for each thread.
const WAITING_OF_A_THREAD: usize = 8;

struct State<T, E> {
    /// The piece of work that is begun next.
    next: usize,
    /// How many results were taken.
    taken: usize,
    waiting: BTreeMap<usize, T>,
    is_taking: bool,
    error: Option<E>,
}

/// Calls `make` with 0 to `count`, on all threads of the pool, and `take` with what it gives, in that order. Neither may panic, or wait for the pool.
///
/// # Errors
/// The first that `make` or `take` says; nothing is taken after it.
pub(super) fn in_order<T: Send, E: Send>(
    count: usize,
    make: impl Fn(usize) -> Result<T, E> + Sync,
    take: impl FnMut(T) -> Result<(), E> + Send,
) -> Result<(), E> {
    let threads = rayon::current_num_threads();
    let state = State { next: 0, taken: 0, waiting: BTreeMap::new(), is_taking: false, error: None };
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

impl<T, E, M: Fn(usize) -> Result<T, E>, K: FnMut(T) -> Result<(), E>> Shared<T, E, M, K> {
    /// What one thread does: takes what is next, else makes what is next, else waits.
    fn work(&self) {
        let mut state = self.lock();
        while state.error.is_none() {
            let place = state.taken;
            let (done, at) = if !state.is_taking
                && let Some(result) = state.waiting.remove(&place)
            {
                state.is_taking = true;
                drop(state);
                let taken = (self.take.lock().unwrap_or_else(PoisonError::into_inner))(result);
                state = self.lock();
                state.is_taking = false;
                state.taken += 1;
                (taken.map(|()| None), place)
            } else if state.next == self.count {
                // What is still being made is taken by those who make it.
                return;
            } else if state.next < state.taken + self.most {
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
                Ok(made) => state.waiting.extend(made.map(|made| (at, made))),
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

    #[test]
    fn results_are_taken_in_order_and_few_wait() {
        for threads in [1, 2, 5] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let (made, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let mut taken = Vec::new();
            let make = |at: usize| {
                if at.is_multiple_of(7) {
                    std::thread::sleep(std::time::Duration::from_millis(2));
                }
                made.fetch_add(1, Ordering::SeqCst);
                Ok::<_, ()>(at)
            };
            let take = |at| {
                taken.push(at);
                most.fetch_max(made.load(Ordering::SeqCst) - taken.len(), Ordering::SeqCst);
                Ok(())
            };
            pool.install(|| in_order(300, make, take)).unwrap();
            assert_eq!(taken, (0..300).collect::<Vec<_>>());
            assert!(most.load(Ordering::SeqCst) <= (WAITING_OF_A_THREAD + 1) * threads);
        }
        in_order(0, |_| Ok::<_, ()>(()), |()| Err(())).unwrap();
    }

    #[test]
    fn nothing_is_taken_after_an_error() {
        let mut taken = 0;
        let take = |_| {
            taken += 1;
            Ok(())
        };
        let error = in_order(100, |at| if at == 40 { Err("made") } else { Ok(at) }, take);
        assert!(error == Err("made") && taken <= 40);
        let mut taken = 0;
        let take = |at| {
            taken += 1;
            if at == 20 { Err("taken") } else { Ok(()) }
        };
        assert_eq!((in_order(100, Ok, take), taken), (Err("taken"), 21));
    }
}
