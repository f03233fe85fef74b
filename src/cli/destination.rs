//! `-o/--output [FORMAT=]FILE`: where a command writes, and in which format. Every command follows the same rule.
//!
//! The format is the one named before `=`. Without a name the ending of the file decides. A file without an ending, and a device or pipe, has the format
//! of `--format`, or the usual one; so has a file with an unknown ending if `--format` is on the command line, and else it is refused. `-` is standard
//! output.

use anyhow::{Result, bail};
use clap::builder::{OsStringValueParser, PossibleValue, PossibleValuesParser, TypedValueParser};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A format that a command writes.
pub(super) struct Row<F> {
    pub(super) format: F,
    pub(super) name: &'static str,
    /// Other names that are accepted.
    pub(super) aliases: &'static [&'static str],
    /// Endings of file names that mean this format.
    pub(super) endings: &'static [&'static str],
    pub(super) help: &'static str,
}

/// The formats that a command writes.
pub(super) struct Formats<F: 'static>(pub(super) &'static [Row<F>]);

impl<F> Clone for Formats<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Formats<F> {}

/// Where a report is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Stdout,
    File(PathBuf),
}

impl Target {
    pub(super) fn file(&self) -> Option<&Path> {
        match self {
            Self::Stdout => None,
            Self::File(path) => Some(path),
        }
    }
}

/// A value of `--output`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Output<F> {
    /// As named before `=`.
    named: Option<F>,
    by_ending: Ending<F>,
    pub(super) target: Target,
}

/// What the ending of a file says of its format.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ending<F> {
    /// There is none, or it does not count.
    Nothing,
    Format(F),
    /// No command writes such files.
    Unknown(String),
}

/// Endings that belong to a format of some command. A command that does not write such a format refuses the ending.
const KNOWN_ENDINGS: [&str; 14] =
    ["txt", "text", "jsonl", "ndjson", "json", "csv", "tsv", "md", "markdown", "html", "htm", "parquet", "sarif", "xml"];

impl<F: Copy + PartialEq + Send + Sync + 'static> Formats<F> {
    pub(super) fn named(self, name: &str) -> Result<F, String> {
        let row = self.0.iter().find(|row| row.name == name || row.aliases.contains(&name));
        row.map(|row| row.format).ok_or_else(|| format!("unknown format `{name}` (expected one of {})", self.names()))
    }

    pub(super) fn name(self, format: F) -> &'static str {
        self.0.iter().find(|row| row.format == format).map_or("", |row| row.name)
    }

    fn names(self) -> String {
        self.0.iter().map(|row| row.name).collect::<Vec<_>>().join(", ")
    }

    /// Parses `--format`.
    pub(super) fn parser(self) -> impl TypedValueParser<Value = F> {
        let names = self.0.iter().map(|row| PossibleValue::new(row.name).aliases(row.aliases).help(row.help));
        PossibleValuesParser::new(names).try_map(move |name| self.named(&name))
    }

    /// Parses `--output`.
    pub(super) fn output_parser(self) -> impl TypedValueParser<Value = Output<F>> {
        OsStringValueParser::new().try_map(move |value| self.parse(value))
    }

    fn parse(self, value: OsString) -> Result<Output<F>, String> {
        // A path may hold `=` as well: `./a=b.json`.
        let split = value.to_str().and_then(|value| value.split_once('=')).filter(|(name, _)| !name.contains(['/', '\\', '.']));
        let (named, file) = match split {
            Some((name, file)) => (Some(self.named(name)?), OsString::from(file)),
            None => (None, value),
        };
        if file.is_empty() {
            return Err("the file's name is missing (expected FILE or FORMAT=FILE)".into());
        }
        // Opened by name, a file behind `/dev/stdout` would be written from its beginning.
        if file == "-" || file == "/dev/stdout" {
            return Ok(Output { named, by_ending: Ending::Nothing, target: Target::Stdout });
        }
        if Path::new(&file).is_dir() {
            return Err(format!("it is a folder (expected a file, for example {})", Path::new(&file).join("report").display()));
        }
        if let (None, Some(name)) = (named, file.to_str().filter(|name| self.named(name).is_ok())) {
            return Err(format!("expected FILE or FORMAT=FILE, for example {name}=report.{name} (write ./{name} for a file of that name)"));
        }
        let by_ending = if named.is_some() { Ending::Nothing } else { self.by_ending(Path::new(&file))? };
        Ok(Output { named, by_ending, target: Target::File(file.into()) })
    }

    /// # Errors
    /// The ending belongs to a format that this command does not write.
    fn by_ending(self, file: &Path) -> Result<Ending<F>, String> {
        let Some(ending) = file.extension().map(|ending| ending.to_string_lossy().to_lowercase()) else { return Ok(Ending::Nothing) };
        if let Some(row) = self.0.iter().find(|row| row.endings.contains(&ending.as_str())) {
            return Ok(Ending::Format(row.format));
        }
        if KNOWN_ENDINGS.contains(&ending.as_str()) {
            return Err(format!("this command does not write .{ending} files (it writes {}; FORMAT=FILE names the format)", self.names()));
        }
        let is_device = file.metadata().is_ok_and(|metadata| !metadata.is_file());
        Ok(if is_device { Ending::Nothing } else { Ending::Unknown(ending) })
    }

    /// # Errors
    /// The ending of the file is unknown, so that nothing says the format.
    fn require_format(self, output: &Output<F>) -> Result<()> {
        let (Ending::Unknown(ending), Target::File(path)) = (&output.by_ending, &output.target) else { return Ok(()) };
        let endings: Vec<String> = self.0.iter().flat_map(|row| row.endings).map(|ending| format!(".{ending}")).collect();
        let (path, name) = (path.display(), self.0.first().map_or("text", |row| row.name));
        bail!(
            "{path}: the ending .{ending} names no format (known: {}); write --output FORMAT=FILE, for example {name}={path}",
            endings.join(", ")
        )
    }

    /// The format of each output of a command whose `--format` describes its only result: `asked` is the value of the flag.
    ///
    /// # Errors
    /// The flag and the ending of a file contradict each other.
    pub(super) fn settle(self, outputs: &[Output<F>], asked: Option<F>, usual: F) -> Result<Vec<(F, Target)>> {
        let settled = |output: &Output<F>| {
            if asked.is_none() {
                self.require_format(output)?;
            }
            if let (Some(asked), &Ending::Format(ending), Target::File(path)) = (asked, &output.by_ending, &output.target)
                && asked != ending
            {
                let (asked, path) = (self.name(asked), path.display());
                bail!(
                    "{path}: the ending says {}, and --format says {asked}; write --output {asked}={path} if you mean that",
                    self.name(ending)
                );
            }
            Ok((output.format(asked.unwrap_or(usual)), output.target.clone()))
        };
        if outputs.is_empty() {
            return Ok(vec![(asked.unwrap_or(usual), Target::Stdout)]);
        }
        outputs.iter().map(settled).collect()
    }
}

impl<F: Copy> Output<F> {
    /// The format, `usual` if neither a name nor the ending says it.
    pub(super) fn format(&self, usual: F) -> F {
        match self.by_ending {
            Ending::Format(format) => self.named.unwrap_or(format),
            Ending::Nothing | Ending::Unknown(_) => self.named.unwrap_or(usual),
        }
    }
}

/// What a command that prints a report and writes more of them writes where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reports<F> {
    /// The format on standard output.
    pub(super) printed: F,
    pub(super) files: Vec<(F, PathBuf)>,
}

impl<F: Copy + PartialEq + Send + Sync + 'static> Reports<F> {
    /// Whether anything is written in a format.
    pub(super) fn include(&self, format: F) -> bool {
        self.printed == format || self.files.iter().any(|(other, _)| *other == format)
    }

    /// `format` is the setting of standard output; `is_flag` says that it comes from the command line.
    ///
    /// # Errors
    /// Two formats for standard output; a file of which nothing says the format.
    pub(super) fn of(formats: Formats<F>, outputs: &[Output<F>], format: Option<F>, is_flag: bool, usual: F) -> Result<Self> {
        let usual = format.unwrap_or(usual);
        let (mut printed, mut files) = (None, Vec::new());
        for output in outputs {
            if format.is_none() || !is_flag {
                formats.require_format(output)?;
            }
            let wanted = output.format(usual);
            match &output.target {
                Target::File(path) => files.push((wanted, path.clone())),
                Target::Stdout => {
                    let before = printed.or(format.filter(|_| is_flag));
                    if let Some(before) = before.filter(|before| *before != wanted) {
                        bail!(
                            "standard output: is named for two reports, {} and {}; write one of them to a file",
                            formats.name(before),
                            formats.name(wanted)
                        );
                    }
                    printed = Some(wanted);
                }
            }
        }
        Ok(Self { printed: printed.unwrap_or(usual), files })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Form {
        Text,
        Json,
    }

    const FORMS: Formats<Form> = Formats(&[
        Row { format: Form::Text, name: "text", aliases: &["plain"], endings: &["txt"], help: "" },
        Row { format: Form::Json, name: "json", aliases: &[], endings: &["json"], help: "" },
    ]);

    fn parsed(value: &str) -> Result<(Form, Target), String> {
        FORMS.parse(value.into()).map(|output| (output.format(Form::Text), output.target))
    }

    #[test]
    fn the_name_goes_before_the_ending_and_the_ending_before_the_usual_format() {
        let file = |path: &str| Target::File(path.into());
        for (value, expected) in [
            ("json=a.txt", (Form::Json, file("a.txt"))),
            ("plain=a.json", (Form::Text, file("a.json"))),
            ("a.json", (Form::Json, file("a.json"))),
            ("a.JSON", (Form::Json, file("a.JSON"))),
            ("a", (Form::Text, file("a"))),
            ("-", (Form::Text, Target::Stdout)),
            ("json=-", (Form::Json, Target::Stdout)),
            ("./a=b.json", (Form::Json, file("./a=b.json"))),
            ("json=a=b", (Form::Json, file("a=b"))),
        ] {
            assert_eq!(parsed(value), Ok(expected), "{value}");
        }
    }

    #[test]
    fn what_is_no_output_is_refused() {
        for (value, said) in [("", "missing"), ("json=", "missing"), ("json", "FORMAT=FILE"), ("xml=a", "`xml`"), ("a.csv", ".csv")] {
            let refused = parsed(value);
            assert!(refused.as_ref().is_err_and(|refused| refused.contains(said)), "{value}: {refused:?}");
        }
    }

    #[test]
    fn an_unknown_ending_is_refused_unless_the_format_is_named() {
        let output = |value: &str| [FORMS.parse(value.into()).unwrap()];
        let said = "a.xlsx: the ending .xlsx names no format (known: .txt, .json); write --output FORMAT=FILE, for example text=a.xlsx";
        assert_eq!(FORMS.settle(&output("a.xlsx"), None, Form::Text).unwrap_err().to_string(), said);
        for (format, is_flag) in [(None, false), (Some(Form::Json), false)] {
            assert_eq!(Reports::of(FORMS, &output("a.xlsx"), format, is_flag, Form::Text).unwrap_err().to_string(), said);
        }
        let named = Reports::of(FORMS, &output("a.xlsx"), Some(Form::Json), true, Form::Text).unwrap();
        assert_eq!(named.files, [(Form::Json, "a.xlsx".into())]);
        assert_eq!(FORMS.settle(&output("a.xlsx"), Some(Form::Json), Form::Text).unwrap()[0].0, Form::Json);
        for fine in ["json=a.xlsx", "a", ".a", "/dev/null"] {
            assert!(FORMS.settle(&output(fine), None, Form::Text).is_ok(), "{fine}");
        }
        assert!(FORMS.parse(".".into()).unwrap_err().contains("it is a folder"));
    }

    #[test]
    fn standard_output_has_one_format() {
        let of = |values: &[&str], format: Option<Form>, is_flag: bool| {
            let outputs: Vec<_> = values.iter().map(|value| FORMS.parse((*value).into()).unwrap()).collect();
            Reports::of(FORMS, &outputs, format, is_flag, Form::Text)
        };
        assert_eq!(
            of(&["json=-", "b.txt"], None, false).unwrap(),
            Reports { printed: Form::Json, files: vec![(Form::Text, "b.txt".into())] }
        );
        assert_eq!(of(&["json=-"], Some(Form::Text), false).unwrap().printed, Form::Json);
        assert!(of(&["json=-"], Some(Form::Text), true).is_err());
        assert!(of(&["json=-", "text=-"], None, false).is_err());
    }

    #[test]
    fn a_format_that_contradicts_the_ending_is_refused() {
        let settle = |value: &str, asked| FORMS.settle(&[FORMS.parse(value.into()).unwrap()], asked, Form::Text);
        assert!(settle("a.json", Some(Form::Text)).is_err());
        assert_eq!(settle("text=a.json", Some(Form::Json)).unwrap(), [(Form::Text, Target::File("a.json".into()))]);
        assert_eq!(settle("a", Some(Form::Json)).unwrap(), [(Form::Json, Target::File("a".into()))]);
        assert_eq!(FORMS.settle(&[], None, Form::Json).unwrap(), [(Form::Json, Target::Stdout)]);
    }
}
