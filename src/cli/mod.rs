//! The program: flags in, findings out. The only place that prints.

mod args;
mod clean;
mod compare;
mod eval;
mod messages;
mod output;
mod pick;
mod policy;
mod progress;
mod report;
mod restore;
mod scan;
mod scores;
mod selftest;
mod settings;
mod size;
mod tokens;

pub(crate) use args::{Cli, parse};
pub(crate) use messages::line;

use anyhow::Result;
use args::Command;
use std::io;

/// Carries out the command. Errors go to the caller, with everything a user needs to know in their words.
///
/// # Errors
/// Wrong usage, configuration or input; a closed pipe.
pub(crate) fn run(cli: &Cli) -> Result<()> {
    output::remove_unfinished_on_interrupt();
    match &cli.command {
        Command::Scan(args) => scan::run(args),
        Command::Clean(args) => clean::run(args),
        Command::Restore(args) => restore::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Report(args) => report::run(args),
        Command::Eval(args) => eval::run(args),
        Command::Selftest(args) => selftest::run(args),
        Command::Tokens(args) => tokens::run(args),
    }
}

/// True if the reader of our output went away, which is no error.
#[must_use]
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let closed = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(closed)
            || cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind) == Some(io::ErrorKind::BrokenPipe)
    })
}
