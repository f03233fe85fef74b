//! Commands about the program itself: a settings file to start from, the settings in effect, completions and manual pages.

use super::args::Cli;
use super::messages::line;
use super::output::{to_stdout, write_file};
use super::setting_keys::sections;
use super::settings::{Settings, settings_file};
use anyhow::{Context, Result, bail};
use clap::{Args, CommandFactory, FromArgMatches};
use clap_complete::Shell;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(super) struct InitArgs {
    /// File to write
    #[arg(value_name = "FILE", default_value = "refrain.toml")]
    file: PathBuf,
}

#[derive(Args, Debug)]
pub(super) struct ConfigArgs {
    /// Read settings from this file instead of the nearest refrain.toml
    #[arg(long, value_name = "FILE", env = "REFRAIN_CONFIG", alias = "config-file")]
    config: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct CompletionsArgs {
    /// Shell to complete commands in
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Args, Debug)]
pub(super) struct ManArgs {
    /// Command to describe [default: refrain as a whole]
    command: Option<String>,
}

/// Writes a settings file in which every key is a comment, with what it does and its default.
///
/// # Errors
/// The file exists, or cannot be written.
pub(super) fn init(args: &InitArgs) -> Result<()> {
    let file = &args.file;
    if file.symlink_metadata().is_ok() {
        bail!("{}: the file exists; remove it, or name another", file.display());
    }
    write_file(file, &mut |out| {
        writeln!(
            out,
            "# Settings of refrain. Flags and REFRAIN_* variables come first; this file is found from its folder and all folders below."
        )?;
        sections().iter().try_for_each(|section| section.write_commented(out))
    })?;
    line("refrain", &format!("{}: written; uncomment what you need", file.display()));
    Ok(())
}

/// Prints every setting as it is in effect, as a settings file, with where it comes from.
///
/// # Errors
/// A settings file or a variable with a wrong value.
pub(super) fn config(args: &ConfigArgs) -> Result<()> {
    let path = settings_file(args.config.as_deref());
    let text = path.as_ref().map(std::fs::read_to_string).transpose().with_context(|| name(path.as_ref()))?.unwrap_or_default();
    // What is wrong is said in the words of a run.
    let matches = Settings::augment_args(clap::Command::new("refrain")).no_binary_name(true).try_get_matches_from::<_, &str>([])?;
    Settings::from_arg_matches(&matches)?.with_file(args.config.as_deref())?.check()?;
    let table: toml::Table = text.parse().with_context(|| name(path.as_ref()))?;
    to_stdout(&mut |out| {
        match &path {
            Some(path) => writeln!(out, "# settings file: {}", path.display())?,
            None => writeln!(out, "# no settings file; `refrain init` writes one")?,
        }
        Ok(sections().iter().try_for_each(|section| section.write_effective(&table, out))?)
    })
}

fn name(path: Option<&PathBuf>) -> String {
    path.map(|path| path.display().to_string()).unwrap_or_default()
}

/// Prints the completions of a shell.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn completions(args: &CompletionsArgs) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "refrain", &mut script);
    to_stdout(&mut |out| Ok(out.write_all(&script)?))
}

/// Prints a manual page, in roff.
///
/// # Errors
/// There is no such command.
pub(super) fn man(args: &ManArgs) -> Result<()> {
    let mut program = Cli::command();
    program.build();
    let page = match &args.command {
        None => program.clone(),
        Some(command) => match program.find_subcommand(command) {
            Some(found) => found.clone(),
            None => bail!("no command `{command}`; `refrain --help` lists them"),
        },
    };
    to_stdout(&mut |out| Ok(clap_mangen::Man::new(page.clone()).render(&mut &mut *out)?))
}

/// Prints the version at length, and ends the program.
pub(super) fn print_version() -> ! {
    let is_printed = to_stdout(&mut |out| Ok(out.write_all(version().as_bytes())?)).is_ok();
    std::process::exit(if is_printed { 0 } else { 2 });
}

/// What `refrain --version --verbose` prints.
fn version() -> String {
    let features: Vec<&str> = [
        ("compression", cfg!(feature = "compression")),
        ("html", cfg!(feature = "html")),
        ("index", cfg!(feature = "index")),
        ("parquet", cfg!(feature = "parquet")),
        ("remote", cfg!(feature = "remote")),
    ]
    .into_iter()
    .filter_map(|(name, is_on)| is_on.then_some(name))
    .collect();
    format!(
        "refrain {}\ncommit: {}\nfeatures: {}\nvector instructions: {}\n",
        env!("CARGO_PKG_VERSION"),
        option_env!("REFRAIN_COMMIT").unwrap_or("unknown"),
        features.join(", "),
        crate::Simd::Auto.level_name(),
    )
}

/// Whether a command line asks for the version at length.
pub(super) fn asks_for_long_version() -> bool {
    super::args::given().iter().skip(1).any(|arg| arg == "--verbose" || arg == "-v" || arg == "-vV" || arg == "-Vv")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_and_is_completed() {
        let program = Cli::command();
        for command in program.get_subcommands() {
            let mut page = Vec::new();
            clap_mangen::Man::new(command.clone()).render(&mut page).unwrap();
            assert!(String::from_utf8(page).unwrap().contains(command.get_name()));
        }
        let mut script = Vec::new();
        clap_complete::generate(Shell::Bash, &mut Cli::command(), "refrain", &mut script);
        assert!(String::from_utf8(script).unwrap().contains("--min-words"));
    }

    /// Of the defaults that are values.
    #[test]
    fn what_init_writes_is_read_once_it_is_uncommented() {
        let mut text = Vec::new();
        sections().iter().try_for_each(|section| section.write_commented(&mut text)).unwrap();
        let text = String::from_utf8(text).unwrap();
        let values = text.lines().map(|line| line.strip_prefix('#').unwrap_or(line)).filter(|line| !line.starts_with(' '));
        let settings = values.collect::<Vec<_>>().join("\n");
        assert!(settings.contains("threshold = 0.8") && settings.contains("[clean]") && settings.contains("[check]"), "{settings}");
        let read: Settings = toml::from_str(&settings).unwrap_or_else(|error| panic!("{error}\n{settings}"));
        read.check().unwrap();
    }
}
