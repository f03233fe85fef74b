//! A comparison as one page of HTML that needs nothing else: no script, no font, no network.
//!
//! The rows are those of the terminal; what is left out there opens here. Everything from the texts is escaped.

use super::Comparison;
use super::changes::Mark;
use super::rows::{Cell, Gap, Piece, Row, Shared, Unshared, rows};
use super::side::Side;
use crate::report::{below_one, count, percent, printable};
use std::io::{self, Write};

const STYLE: &str = include_str!("page.css");
/// Tints of passages, by their number.
const TINTS: usize = 6;

/// Writes the page. With `all`, what is not shared stands open.
///
/// # Errors
/// What the writer says.
pub fn write_html(comparison: &Comparison<'_>, all: bool, out: &mut impl Write) -> io::Result<()> {
    let Comparison { a, b, .. } = comparison;
    let [name_a, name_b] = [a, b].map(|side| escaped(side.given.name));
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(out, "<title>{name_a} and {name_b}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>")?;
    write_head(comparison, out)?;
    writeln!(out, "<main>")?;
    for row in rows(comparison, if all { Unshared::All } else { Unshared::NearPassages }) {
        match row {
            Row::Unshared { a, b } => {
                writeln!(out, "<div class=\"row unshared\">")?;
                write_gap(&a, out)?;
                write_gap(&b, out)?;
            }
            Row::Shared(shared) => {
                let more = if shared.is_first_part { "" } else { " more" };
                writeln!(out, "<div class=\"row shared t{}{more}\">", (shared.number - 1) % TINTS)?;
                write_shared(&shared, &shared.a, ["a", "b"], out)?;
                write_shared(&shared, &shared.b, ["b", "a"], out)?;
            }
        }
        writeln!(out, "</div>")?;
    }
    writeln!(out, "</main>\n</body>\n</html>")
}

fn write_head(comparison: &Comparison<'_>, out: &mut impl Write) -> io::Result<()> {
    let Comparison { a, b, overlap, passages, config } = comparison;
    let [a_in_b, b_in_a] = [overlap.a_in_b(), overlap.b_in_a()].map(percent);
    let found = match passages.len() {
        0 => format!("no passage of {} words or more", config.min_words),
        some => count(some, "passage"),
    };
    writeln!(out, "<h1>Two texts side by side</h1>")?;
    let jaccard = below_one(overlap.jaccard());
    let shares = format!("{a_in_b} of the first in the second, {b_in_a} of the second in the first");
    writeln!(out, "<p class=\"numbers\">Jaccard {jaccard:.3}; {shares}; {found}.</p>")?;
    if !passages.is_empty() {
        let legend = "Passages have numbers, which lead to the other side. <mark>Changed words</mark> are underlined, <span class=\"r\">respelled words</span> grey.";
        writeln!(out, "<p class=\"numbers\">{legend}</p>")?;
    }
    let name = |side: &Side<'_>| format!("<p><bdi>{}</bdi><span>{}</span></p>", escaped(side.given.name), side.described());
    writeln!(out, "<header class=\"row names\">{}{}</header>", name(a), name(b))
}

fn write_gap(gap: &Gap<'_>, out: &mut impl Write) -> io::Result<()> {
    write!(out, "<div class=\"cell\">")?;
    write_paragraphs(&gap.head, "", out)?;
    if gap.left_out > 0 {
        write!(out, "<details><summary>{}</summary>", count(gap.left_out, "more word"))?;
        write_paragraphs(&gap.middle, "", out)?;
        write!(out, "</details>")?;
    }
    write_paragraphs(&gap.tail, "", out)?;
    writeln!(out, "</div>")
}

/// A cell of a passage; its number leads to the other side.
fn write_shared(shared: &Shared<'_>, cell: &Cell<'_>, [this, other]: [&str; 2], out: &mut impl Write) -> io::Result<()> {
    let number = shared.number;
    let mut label = String::new();
    if shared.is_first_part {
        label = format!("<a class=\"n\" id=\"{this}{number}\" href=\"#{other}{number}\">{number}</a> ");
        label += &match shared.after.filter(|_| this == "b") {
            None => String::new(),
            Some(0) => "<span class=\"after\">(at the start)</span> ".to_owned(),
            Some(after) => format!("<span class=\"after\">(after <a href=\"#b{after}\">{after}</a>)</span> "),
        };
    }
    write!(out, "<div class=\"cell\">")?;
    write_paragraphs(cell, &label, out)?;
    writeln!(out, "</div>")
}

fn write_paragraphs(cell: &Cell<'_>, label: &str, out: &mut impl Write) -> io::Result<()> {
    for (at, pieces) in cell.0.iter().enumerate() {
        write!(out, "<p dir=\"auto\">{}", if at == 0 { label } else { "" })?;
        pieces.iter().try_for_each(|piece| write_piece(*piece, out))?;
        writeln!(out, "</p>")?;
    }
    Ok(())
}

fn write_piece(piece: Piece<'_>, out: &mut impl Write) -> io::Result<()> {
    let text = escaped(piece.text);
    match piece.mark {
        Mark::Unshared | Mark::Same => out.write_all(text.as_bytes()),
        Mark::Respelled => write!(out, "<span class=\"r\">{text}</span>"),
        Mark::Changed => write!(out, "<mark>{text}</mark>"),
    }
}

/// Text from the input: nothing in it is markup, and no character steers the page.
fn escaped(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let mut escaped = String::with_capacity(text.len());
    for c in printable(&spaced).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn markup_and_controls_are_text() {
        assert_eq!(escaped("<b a='1' c=\"2\">&\n\u{202e}\u{7}"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp; \u{FFFD}");
    }
}
