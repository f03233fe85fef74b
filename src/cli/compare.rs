//! `refrain compare`: two articles side by side.

use super::args::Global;
use super::compare_args::{COMPARE_FORMATS, CompareArgs, CompareFormat};
use super::destination::Target;
use super::messages::tell_notes;
use super::output::{palette, to_file_by, to_stdout};
use super::pick::{Article, pick};
use super::settings::{Settings, settings_file};
use crate::comparison::{CompareConfig, Comparison, Layout, NamedText, write_comparison_json, write_html, write_side_by_side};
use crate::files::Guard;
use crate::report::Palette;
use anyhow::{Result, bail};
use std::io::{self, IsTerminal, Write};
use std::path::Path;

/// Columns of a line where there is no terminal to ask.
const USUAL_WIDTH: u16 = 100;

/// Reads both, compares, writes.
pub(super) fn run(args: &CompareArgs, global: Global) -> Result<()> {
    let settings = Settings::from(args).with_file(None)?;
    settings.check()?;
    let is_stdin = |path: &Path| path.to_str().is_some_and(|path| path == "-" || path.starts_with("-#"));
    if is_stdin(&args.a) && is_stdin(&args.b) {
        bail!("-: is named for both articles; name a file for one of them");
    }
    let targets = COMPARE_FORMATS.settle(&args.output, args.format, CompareFormat::Text)?;
    let source = settings.source();
    let (a, mut notes) = pick(&args.a, &source)?;
    let (b, more_notes) = pick(&args.b, &source)?;
    let mut guard = Guard::default();
    let settings_file = settings_file(None);
    [&a.file, &b.file].into_iter().for_each(|file| guard.reads_input(file));
    settings_file.iter().for_each(|file| guard.reads("settings file", file.as_path()));
    targets.iter().filter_map(|(_, target)| target.file()).for_each(|path| guard.writes("output", path));
    guard.check()?;
    if !global.quiet {
        let more: Vec<String> = more_notes.into_iter().filter(|note| !notes.contains(note)).collect();
        notes.extend(more);
        tell_notes(&notes);
    }
    let detect = settings.detect();
    let config = CompareConfig { fold: detect.fold, shingle: detect.shingle, min_words: detect.within.min_words };
    let comparison = Comparison::of(text_of(&a), text_of(&b), config);
    let layout = |palette| Layout { palette, width: usize::from(width(args)), all: args.all };
    for (format, target) in &targets {
        match target {
            Target::Stdout => {
                let layout = layout(palette(global.color.or(settings.color)));
                to_stdout(&mut |out| Ok(write(&comparison, *format, layout, out)?))?;
            }
            Target::File(path) => to_file_by(path, &mut |out| Ok(write(&comparison, *format, layout(Palette::PLAIN), out)?))?,
        }
    }
    Ok(())
}

fn write(comparison: &Comparison<'_>, format: CompareFormat, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    match format {
        CompareFormat::Text => write_side_by_side(comparison, layout, &mut out),
        CompareFormat::Json => write_comparison_json(comparison, &mut out),
        CompareFormat::Html => write_html(comparison, layout.all, &mut out),
    }?;
    out.flush()
}

fn text_of(article: &Article) -> NamedText<'_> {
    NamedText { name: &article.name, id: &article.id, text: &article.text }
}

fn width(args: &CompareArgs) -> u16 {
    let terminal = || {
        let out = io::stdout();
        let size = out.is_terminal().then(|| terminal_size::terminal_size_of(out)).flatten();
        size.map(|(width, _)| width.0)
    };
    args.width.or_else(terminal).unwrap_or(USUAL_WIDTH)
}
