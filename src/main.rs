//! refrain: finds text that repeats. Parses the flags, runs the command, turns the outcome into an exit code.

mod cli;

use std::process::ExitCode;

#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What the allocator reads when it starts: it asks for memory in large pages, which come six times as fast as small ones; there are none elsewhere. A variable of the same
/// name, `_RJEM_MALLOC_CONF`, has the last word.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "a name that the linker knows")]
#[unsafe(export_name = "_rjem_malloc_conf")]
static ALLOCATOR_SETTINGS: &[u8; 11] = b"thp:always\0";

/// Exit code for wrong usage, configuration and input.
const FAILED: u8 = 2;

/// Bytes of the stack on which the program runs: parsers go deeper than a small limit of the shell (`ulimit -s`) allows.
const STACK_BYTES: usize = 16 << 20;

fn main() -> ExitCode {
    ignore_file_size_signal();
    match std::thread::Builder::new().name("main".into()).stack_size(STACK_BYTES).spawn(run) {
        Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        Err(_) => run(),
    }
}

fn run() -> ExitCode {
    match cli::parse().and_then(|cli| cli::run(&cli)) {
        Ok(code) => code,
        Err(error) if cli::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            cli::line("refrain", &format!("{error:#}"));
            ExitCode::from(FAILED)
        }
    }
}

/// A file that grows beyond the limit of the shell (`ulimit -f`) is an error of the write, which is reported, and not the end of the process.
#[cfg(unix)]
#[expect(unsafe_code, reason = "the standard library sets no signals")]
fn ignore_file_size_signal() {
    // SAFETY: no handler is installed, and no other thread runs yet.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
}

#[cfg(not(unix))]
fn ignore_file_size_signal() {}
