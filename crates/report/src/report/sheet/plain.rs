//! Tables as text: CSV and Markdown.

use super::{Cell, Table};
use crate::report::printable;
use std::io::{self, Write};

/// Rows of RFC 4180, the header first.
pub(super) fn write_csv(table: &Table, out: &mut impl Write) -> io::Result<()> {
    let quoted = |field: String| if field.contains([',', '"', '\n', '\r']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field };
    let mut line = |fields: &mut dyn Iterator<Item = String>| write!(out, "{}\r\n", fields.map(quoted).collect::<Vec<_>>().join(","));
    line(&mut table.columns.iter().map(|(name, _)| (*name).to_owned()))?;
    table.rows.iter().try_for_each(|row| {
        line(&mut row.iter().map(|cell| match cell {
            cell @ (Cell::Text(_) | Cell::Name(_) | Cell::Names(_)) => no_formula(plain(cell)),
            cell => plain(cell),
        }))
    })
}

/// A table of Markdown.
pub(super) fn write_markdown(table: &Table, out: &mut impl Write) -> io::Result<()> {
    let mut line = |cells: &mut dyn Iterator<Item = String>| writeln!(out, "| {} |", cells.collect::<Vec<_>>().join(" | "));
    line(&mut table.columns.iter().map(|(name, _)| no_markup(name)))?;
    line(&mut table.columns.iter().map(|_| "---".to_owned()))?;
    table.rows.iter().try_for_each(|row| line(&mut row.iter().map(|cell| no_markup(&plain(cell)))))
}

fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Nothing => String::new(),
        Cell::Name(text) | Cell::Text(text) => text.clone(),
        Cell::Count(count) => count.to_string(),
        Cell::Share(share) => share.to_string(),
        Cell::Flag(flag) => flag.to_string(),
        Cell::Date(second) => jiff::Timestamp::from_second(*second).map_or_else(|_| String::new(), |date| date.to_string()),
        Cell::Names(names) => names.join(" "),
    }
}

/// Text that no spreadsheet takes for a formula: with an apostrophe in front where it would.
fn no_formula(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

/// What would be a column's edge, a link, emphasis or markup is not.
fn no_markup(field: &str) -> String {
    let one_line = printable(&field.split_whitespace().collect::<Vec<_>>().join(" "));
    one_line.chars().fold(String::new(), |mut text, c| {
        if matches!(c, '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '#') {
            text.push('\\');
        }
        text.push(c);
        text
    })
}
