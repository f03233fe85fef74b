//! A bus error (SIGBUS) while a mapped file is read ends the run with a message, like any other error.
//!
//! In a signal handler hardly anything is allowed. The handler sends the address of the fault to a thread that was started beforehand, and
//! waits. That thread removes unfinished files, prints the message and ends the process. If no mapped file is the cause, it answers, and the
//! handler gives way to the one before it, which crashes the process.
#![expect(unsafe_code, reason = "the standard library sets no signal handlers")]

use super::messages::line;
use crate::files::{bus_error, remove_unfinished};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::os::unix::net::UnixDatagram;
use std::sync::OnceLock;

/// Codes of signals that the kernel sends because of an access to memory. Those that other processes send have other codes.
const FAULTS: std::ops::RangeInclusive<libc::c_int> = 1..=5;

/// Moves to the first column and clears the line, which may hold a progress bar.
const CLEAR_LINE: &[u8] = b"\r\x1b[K";

/// What the handler needs.
struct Handler {
    to_thread: UnixDatagram,
    previous: libc::sigaction,
}

static HANDLER: OnceLock<Handler> = OnceLock::new();

/// Installs the handler. Without it, which is so if the system refuses, a bus error ends the process as a crash.
pub(super) fn report_bus_errors() {
    let _ = install();
}

fn install() -> io::Result<()> {
    let (to_thread, from_handler) = UnixDatagram::pair()?;
    // SAFETY: all zeros are a valid `sigaction`, and the second call only reads the current handler.
    let previous = unsafe {
        let mut previous = std::mem::zeroed();
        result(libc::sigaction(libc::SIGBUS, std::ptr::null(), &raw mut previous))?;
        previous
    };
    std::thread::Builder::new().name("bus-error".into()).spawn(move || wait(&from_handler))?;
    if HANDLER.set(Handler { to_thread, previous }).is_err() {
        return Ok(());
    }
    // SAFETY: all zeros are a valid `sigaction`. The handler calls only what is safe in a signal handler, and it runs on the alternate stack
    // that the standard library gives each thread. All signals are blocked meanwhile in its thread; other threads receive them.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        let handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) = on_bus_error;
        action.sa_sigaction = handler as libc::sighandler_t;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        result(libc::sigfillset(&raw mut action.sa_mask))?;
        result(libc::sigaction(libc::SIGBUS, &raw const action, std::ptr::null_mut()))
    }
}

fn result(returned: libc::c_int) -> io::Result<()> {
    if returned == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// The signal handler. It sends and receives datagrams, which are plain system calls here, and takes no lock.
extern "C" fn on_bus_error(signal: libc::c_int, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
    let Some(Handler { to_thread, previous }) = HANDLER.get() else { return };
    // SAFETY: with SA_SIGINFO the kernel passes a valid `siginfo_t`.
    let (code, address) = unsafe { ((*info).si_code, (*info).si_addr().addr()) };
    let is_fault = FAULTS.contains(&code);
    if is_fault && to_thread.send(&address.to_ne_bytes()).is_ok() {
        while to_thread.recv(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::Interrupted) {}
    }
    // SAFETY: both calls are allowed in a signal handler. The instruction that failed is run again with the previous handler.
    unsafe {
        libc::sigaction(signal, previous, std::ptr::null_mut());
        if !is_fault {
            libc::raise(signal);
        }
    }
}

/// Waits for faults. It ends the process at the first that a mapped file is the cause of, and answers to others.
fn wait(handler: &UnixDatagram) {
    let mut address = [0; size_of::<usize>()];
    loop {
        match handler.recv(&mut address) {
            Ok(_) => {
                if let Some(error) = bus_error(usize::from_ne_bytes(address)) {
                    remove_unfinished(|| leave(&error));
                }
                let _ = handler.send(&[0]);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

fn leave(error: &crate::Error) {
    let mut to = io::stderr();
    if to.is_terminal() {
        let _ = to.write_all(CLEAR_LINE);
    }
    line("refrain", &error.to_string());
    std::process::exit(i32::from(super::FAILED));
}
