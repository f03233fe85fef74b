//! `refrain compare`: two articles side by side.

use super::args::{Color, CompareArgs, CompareFormat};
use super::messages::line;
use super::output::palette;
use super::pick::{Article, pick};
use super::settings::Settings;
use anyhow::{Context, Result, bail};
use refrain::comparison::{CompareConfig, Comparison, Layout, NamedText, write_comparison_json, write_html, write_side_by_side};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

/// Cells of a line where nothing tells how many there are.
const USUAL_WIDTH: u16 = 100;

/// Reads both, compares, prints.
pub(super) fn run(args: &CompareArgs) -> Result<()> {
    let settings = Settings::from(args).with_file(None)?;
    settings.check()?;
    let is_stdin = |path: &Path| path.to_str().is_some_and(|path| path == "-" || path.starts_with("-#"));
    if is_stdin(&args.a) && is_stdin(&args.b) {
        bail!("-: is named for both articles; name a file for one of them");
    }
    let source = settings.source();
    let (a, notes) = pick(&args.a, &source)?;
    let (b, more_notes) = pick(&args.b, &source)?;
    notes.iter().chain(more_notes.iter().filter(|note| !notes.contains(note))).for_each(|note| line("note", note));
    let detect = settings.detect();
    let config = CompareConfig { fold: detect.fold, shingle: detect.shingle, min_words: detect.within.min_words };
    let comparison = Comparison::of(text_of(&a), text_of(&b), config);
    let mut out = BufWriter::new(io::stdout().lock());
    let layout = Layout { palette: palette(settings.color.unwrap_or(Color::Auto)), width: usize::from(width(args)), all: args.all };
    match args.format {
        CompareFormat::Text => write_side_by_side(&comparison, layout, &mut out),
        CompareFormat::Json => write_comparison_json(&comparison, &mut out),
        CompareFormat::Html => write_html(&comparison, args.all, &mut out),
    }
    .and_then(|()| out.flush())
    .context("standard output")
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
