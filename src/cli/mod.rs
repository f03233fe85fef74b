//! The program: flags in, findings out. The only place that prints.

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
mod tokens;

pub(crate) use args::{Cli, parse};
pub(crate) use messages::line;

use anyhow::Result;
use args::Command;
use std::io;
use std::process::ExitCode;

/// Carries out the command. Errors go to the caller, in words that need nothing added.
///
/// # Errors
/// Wrong usage, configuration or input; a closed pipe.
pub(crate) fn run(cli: &Cli) -> Result<ExitCode> {
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
        Command::Tokens(args) => tokens::run(args),
        Command::Init(args) => setup::init(args),
        Command::Config(args) => setup::config(args),
        Command::Completions(args) => setup::completions(args),
        Command::Man(args) => setup::man(args),
    };
    done.map(|()| ExitCode::SUCCESS)
}

/// True if the reader of the output went away, which is no error.
#[must_use]
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    has_kind(error, io::ErrorKind::BrokenPipe)
}

/// Whether an error of the operating system of this kind is behind `error`.
fn has_kind(error: &anyhow::Error, kind: io::ErrorKind) -> bool {
    error.chain().any(|cause| {
        let of_library = |error: &refrain::Error| matches!(error, refrain::Error::Io { cause, .. } if cause.kind() == kind);
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == kind)
            || cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind) == Some(kind)
            || cause.downcast_ref().is_some_and(of_library)
    })
}
