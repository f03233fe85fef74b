//! refrain: finds text that repeats. Parses the flags, runs the command, turns the outcome into an exit code.

mod cli;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit code for wrong usage, configuration and input.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    match cli::parse().and_then(|cli| cli::run(&cli)) {
        Ok(code) => code,
        Err(error) if cli::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            cli::line("refrain", &format!("{error:#}"));
            ExitCode::from(FAILED)
        }
    }
}
