//! A check for people: a line a finding, as compilers write them.

use super::{Paths, headline, location, other_location};
use crate::check::{Check, Kind, Level};
use crate::report::Palette;
use std::io::{self, Write};

/// Writes the findings, each with its place, then a line that sums up.
///
/// # Errors
/// What the writer says.
pub fn write_check_text(check: &Check, paths: &Paths, palette: Palette, out: &mut impl Write) -> io::Result<()> {
    let paint = |code: &str, text: &str| if palette.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() };
    for finding in &check.findings {
        let color = match finding.level {
            _ if finding.known => "2",
            Level::Error => "31",
            Level::Warning => "33",
            Level::Note | Level::Off => "36",
        };
        let level = if finding.known { "known" } else { finding.level.name() };
        let place = paint("1", &palette.shown(&location(&finding.at, paths)));
        writeln!(out, "{place}: {}: {}", paint(color, &format!("{level}[{}]", finding.rule())), palette.shown(&finding.message()))?;
        if finding.at.path.is_some() && !location(&finding.at, paths).starts_with(&*finding.at.id) {
            writeln!(out, "    article {}", palette.shown(&finding.at.id))?;
        }
        match &finding.kind {
            Kind::Repetition(repetition) => writeln!(out, "    {}", paint("2", &palette.shown(&repetition.quotation)))?,
            Kind::Pair(_) if finding.other.path.is_some() => {
                writeln!(out, "    other copy: {}", palette.shown(&other_location(&finding.other, paths)))?
            }
            Kind::Pair(_) => {}
        }
    }
    writeln!(out, "{}", headline(check))
}
