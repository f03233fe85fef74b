//! The keys of the settings file, as the flags of the command line describe them.
//!
//! In: the definitions of the flags. Out: each key with its help, its default and its variable. So the file that `init` writes has every key, in the words of `--help`.

use super::args::Global;
use super::check_args::CheckArgs;
use super::policy::CleanSettings;
use super::settings::Settings;
use clap::{Arg, Args, Command};
use std::ffi::OsStr;
use std::io::{self, Write};
use toml::{Table, Value};

/// Flags of `check` that are keys of its table.
const CHECK_KEYS: [&str; 8] = ["index", "baseline", "fail-on", "max-duplication", "format", "sarif-new-only", "path-prefix", "all-pairs"];
/// What is no single key, below the keys of a table.
const CLEAN_TABLES: &str = "[clean.thresholds] holds other thresholds of the filter (docs/clean.md)";
const CHECK_TABLES: &str = "[check.rules] holds the level of each rule, and [[check.ignore]] findings to pass over (docs/ci.md)";

/// A key of the settings file.
struct Key {
    name: String,
    help: String,
    /// Its default, where that is a value and not a description.
    default: Option<String>,
    /// What a value is, such as SIZE.
    kind: String,
    variable: Option<String>,
}

/// A table of the settings file.
pub(super) struct Section {
    /// None for the top level.
    table: Option<&'static str>,
    keys: Vec<Key>,
    /// What is said below the keys.
    note: &'static str,
}

/// All tables, the top level first.
pub(super) fn sections() -> Vec<Section> {
    let is_color = |name: &str| name == "color";
    let mut top = keys(&Settings::augment_args(Command::new("refrain")), |_| true);
    top.extend(keys(&Global::augment_args(Command::new("refrain")), is_color));
    let clean = keys(&CleanSettings::augment_args(Command::new("clean")), |_| true);
    let check = keys(&CheckArgs::augment_args(Command::new("check")), |name| CHECK_KEYS.contains(&name));
    vec![
        Section { table: None, keys: top, note: "" },
        Section { table: Some("clean"), keys: clean, note: CLEAN_TABLES },
        Section { table: Some("check"), keys: check, note: CHECK_TABLES },
    ]
}

fn keys(command: &Command, is_key: impl Fn(&str) -> bool) -> Vec<Key> {
    command.get_arguments().filter(|arg| arg.get_long().is_some_and(&is_key)).map(Key::of).collect()
}

impl Key {
    fn of(arg: &Arg) -> Self {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let described = help.split_once("[default: ").map(|(_, rest)| rest.split([';', ']']).next().unwrap_or_default().to_owned());
        let kinds: Vec<&str> = arg.get_value_names().into_iter().flatten().map(AsRef::as_ref).collect();
        let values: Vec<String> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
        Self {
            name: arg.get_long().unwrap_or_default().to_owned(),
            default: described.filter(|value| !value.is_empty() && !value.contains(' ')),
            kind: match values.is_empty() {
                true => kinds.join(" "),
                // A truth value has a dozen names.
                false if values.iter().any(|value| value == "true") => "true".to_owned(),
                false => values.join(" | "),
            },
            variable: arg.get_env().and_then(OsStr::to_str).map(str::to_owned),
            help,
        }
    }

    /// A line with a value, or with what a value is.
    fn example(&self) -> String {
        match &self.default {
            Some(default) => format!("#{} = {}", self.name, written(default)),
            None => format!("# {} = {}", self.name, written(&self.kind)),
        }
    }
}

/// A value as it is written in the file: numbers and truth values as they are, anything else as text.
fn written(value: &str) -> String {
    let is_bare = value.parse::<f64>().is_ok_and(f64::is_finite) || value == "true" || value == "false";
    if is_bare { value.to_owned() } else { Value::String(value.to_owned()).to_string() }
}

impl Section {
    fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        self.table.map_or(Ok(()), |table| writeln!(out, "\n[{table}]"))
    }

    fn end(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.note.is_empty() { Ok(()) } else { writeln!(out, "\n# {}", self.note) }
    }

    /// Writes every key as a comment, below what it does.
    pub(super) fn write_commented(&self, out: &mut dyn Write) -> io::Result<()> {
        self.begin(out)?;
        self.keys.iter().try_for_each(|key| writeln!(out, "\n# {}\n{}", key.help.replace('\n', " "), key.example()))?;
        self.end(out)
    }

    /// Writes every key with its value: that of its variable, else that of `file`, else the default, as a comment.
    pub(super) fn write_effective(&self, file: &Table, out: &mut dyn Write) -> io::Result<()> {
        self.begin(out)?;
        let table = match self.table {
            Some(name) => file.get(name).and_then(Value::as_table),
            None => Some(file),
        };
        for key in &self.keys {
            let variable = key.variable.as_ref().and_then(|name| Some((name, std::env::var(name).ok()?)));
            match (variable, table.and_then(|table| table.get(&key.name))) {
                (Some((name, value)), _) => writeln!(out, "{} = {}  # {name}", key.name, written(&value))?,
                (None, Some(value)) => writeln!(out, "{} = {value}  # settings file", key.name)?,
                (None, None) => writeln!(out, "{}", key.example())?,
            }
        }
        let others = table.into_iter().flatten().filter(|(name, value)| self.table.is_some() && !value.is_str() && !self.has(name));
        others.into_iter().try_for_each(|(name, value)| writeln!(out, "{name} = {value}  # settings file"))?;
        Ok(())
    }

    fn has(&self, name: &str) -> bool {
        self.keys.iter().any(|key| key.name == name)
    }
}
