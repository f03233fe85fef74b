//! The program: flags in, findings out. Nothing else in this package prints.

mod against;
mod aliases;
mod args;
#[cfg(unix)]
mod bus_error;
mod check;
mod check_args;
mod choices;
mod clean;
mod clean_args;
mod compare;
mod compare_args;
mod destination;
mod eval;
#[cfg(feature = "index")]
mod index;
#[cfg(feature = "index")]
mod index_args;
mod messages;
mod output;
mod paths;
mod pick;
mod plan;
mod policy;
mod progress;
mod report;
mod report_args;
mod restore;
mod scan;
mod score_args;
mod scores;
mod selftest;
mod setting_keys;
mod settings;
mod setup;
mod size;
#[cfg(feature = "stages")]
mod stage;
#[cfg(feature = "stages")]
mod stage_args;
mod tokens;

use args::{Cli, parse};
use messages::line;

use anyhow::Result;
use args::Command;
use std::ffi::OsString;
use std::io;

/// Exit code where nothing failed.
const SUCCESS: u8 = 0;
/// Exit code for wrong usage, configuration and input.
const FAILED: u8 = 2;
/// Bytes of the stack on which the program runs: parsers need more than a small limit of the shell (`ulimit -s`) allows.
const STACK_BYTES: usize = 16 << 20;

/// Runs the program and returns its exit code. `line` is the command line with the name of the program first; None: that of the process. Sets handlers of signals, and may
/// end the process: it is to be called once, by a process that does nothing else.
pub fn main(line: Option<Vec<OsString>>) -> u8 {
    line.into_iter().for_each(args::give);
    ignore_file_size_signal();
    match std::thread::Builder::new().name("main".into()).stack_size(STACK_BYTES).spawn(exit_code) {
        Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        Err(_) => exit_code(),
    }
}

fn exit_code() -> u8 {
    let code = match parse().and_then(|cli| run(&cli)) {
        Ok(code) => code,
        Err(error) if is_closed_pipe(&error) => SUCCESS,
        Err(error) => {
            line("refrain", &format!("{error:#}"));
            FAILED
        }
    };
    // A program that is a part of another process is not flushed at its end.
    let _ = io::Write::flush(&mut io::stdout());
    code
}

/// A file that grows beyond the limit of the shell (`ulimit -f`) is an error of the write, which is reported, and not the end of the process.
#[cfg(unix)]
#[expect(unsafe_code, reason = "the standard library sets no signals")]
fn ignore_file_size_signal() {
    // SAFETY: no handler is installed.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
}

#[cfg(not(unix))]
fn ignore_file_size_signal() {}

/// Carries out the command. Errors go to the caller, in words that need nothing added.
///
/// # Errors
/// Wrong usage, configuration or input; a closed pipe.
fn run(cli: &Cli) -> Result<u8> {
    output::remove_unfinished_on_interrupt();
    #[cfg(unix)]
    bus_error::report_bus_errors();
    let global = cli.global;
    let done = match &cli.command {
        Command::Check(args) => return check::run(args, global),
        #[cfg(feature = "index")]
        Command::Index(args) => index::run(args, global),
        Command::Scan(args) => scan::run(args, global),
        Command::Clean(args) => clean::run(args, global),
        Command::Restore(args) => restore::run(args, global),
        Command::Compare(args) => compare::run(args, global),
        Command::Report(args) => report::run(args, global),
        Command::Eval(args) => eval::run(args, global),
        Command::Selftest(args) => selftest::run(args, global),
        #[cfg(feature = "stages")]
        Command::Stage(args) => stage::run(args, global),
        Command::Tokens(args) => tokens::run(args),
        Command::Init(args) => setup::init(args),
        Command::Config(args) => setup::config(args),
        Command::Completions(args) => setup::completions(args),
        Command::Man(args) => setup::man(args),
    };
    done.map(|()| SUCCESS)
}

/// True if the reader of the output went away, which is no error.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    has_kind(error, io::ErrorKind::BrokenPipe)
}

/// Whether an error of the operating system of this kind is behind `error`.
fn has_kind(error: &anyhow::Error, kind: io::ErrorKind) -> bool {
    error.chain().any(|cause| {
        let of_library = |error: &crate::Error| matches!(error, crate::Error::Io { cause, .. } if cause.kind() == kind);
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == kind)
            || cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind) == Some(kind)
            || cause.downcast_ref().is_some_and(of_library)
    })
}
