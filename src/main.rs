//! refrain: finds text that repeats. Parses the flags, runs the command, turns the outcome into an exit code.
#![expect(clippy::print_stderr, reason = "the last word on an error")]

mod cli;

use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit code for wrong usage, configuration and input.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    match cli::run(&cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if cli::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("refrain: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}
