//! A comparison for a terminal: two columns, a row for each passage and for what stands between.
//!
//! Without colour, marks are set around what colour would show. Right-to-left paragraphs are flush with the right edge of their column; on a
//! terminal they are set in isolates, so that columns keep their order. Control characters of the texts are shown as U+FFFD.

use super::Comparison;
use super::changes::Mark;
use super::rows::{Cell, Gap, Piece, Row, Shared, Unshared, rows};
use super::wrap::{Line, Paragraph, width};
use crate::report::{Palette, below_one, count, is_right_to_left, percent, printable};
use std::io::{self, Write};

/// How to set a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Colours, or marks in their place.
    pub palette: Palette,
    /// Cells of a line; in fewer than [`Self::LEAST_FOR_COLUMNS`] the texts stand below each other.
    pub width: usize,
    /// Show all of what is not shared, not the words next to passages alone.
    pub all: bool,
}

impl Layout {
    /// The least width in which two columns can be read.
    pub const LEAST_FOR_COLUMNS: usize = 50;
    /// The least width that is kept to.
    pub const LEAST_WIDTH: usize = 24;
}

/// How a stretch of text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Normal,
    Faint,
    Label(usize),
    Words(usize, Mark),
}

/// Six colours, by the number of the passage: cyan, yellow, green, magenta, blue, red.
const COLOURS: [u8; 6] = [36, 33, 32, 35, 34, 31];
const SEPARATOR: &str = " │ ";
const SEPARATOR_CELLS: usize = 3;
/// Isolates: right to left, left to right, their end. Not the first-strong one: a line that is wrapped begins with any word.
const ISOLATES: [&str; 3] = ["\u{2067}", "\u{2066}", "\u{2069}"];

/// Writes a comparison to read: names and numbers, then the rows.
///
/// # Errors
/// What the writer says.
pub fn write_side_by_side(comparison: &Comparison<'_>, layout: Layout, out: &mut impl Write) -> io::Result<()> {
    let show = if layout.all { Unshared::All } else { Unshared::NearPassages };
    let rows = rows(comparison, show);
    write_head(comparison, &rows, layout.palette, out)?;
    let mut sheet = Sheet { out, palette: layout.palette, width: layout.width.max(Layout::LEAST_WIDTH) };
    let column = sheet.column();
    for row in &rows {
        let (cells, is_new) = match row {
            Row::Unshared { a, b } => ([sheet.gap(a, column), sheet.gap(b, column)], true),
            Row::Shared(shared) => {
                let b = sheet.shared(shared, &shared.b, shared.after, column);
                ([sheet.shared(shared, &shared.a, None, column), b], shared.is_first_part)
            }
        };
        if is_new {
            sheet.blank()?;
        }
        sheet.row(&cells)?;
    }
    Ok(())
}

fn write_head(comparison: &Comparison<'_>, rows: &[Row<'_>], palette: Palette, out: &mut impl Write) -> io::Result<()> {
    let Comparison { a, b, overlap, passages, config } = comparison;
    for (letter, side) in [("a", a), ("b", b)] {
        writeln!(out, "{letter}  {}  {}", paint(palette, Look::Label(0), &palette.shown(side.given.name)), side.described())?;
    }
    let [a_in_b, b_in_a] = [overlap.a_in_b(), overlap.b_in_a()].map(percent);
    let found = match passages.len() {
        0 => format!("no passage of {} words or more", config.min_words),
        some => count(some, "passage"),
    };
    let jaccard = below_one(overlap.jaccard());
    writeln!(out, "jaccard {jaccard:.3}; {a_in_b} of a in b, {b_in_a} of b in a; {found}")?;
    let mut legend = Vec::new();
    if !passages.is_empty() {
        let sample = |mark, text: &str| {
            format!("{}{}{}", opening(palette, mark), paint(palette, Look::Words(1, mark), text), closing(palette, mark))
        };
        let marked = [sample(Mark::Changed, "changed"), sample(Mark::Respelled, "respelled")];
        legend.push(if !palette.color { "[1] passage [/1]".into() } else { paint(palette, Look::Label(1), "[1]") + " passage" });
        legend.extend(marked);
    }
    let left_out = |row: &Row<'_>| matches!(row, Row::Unshared { a, b } if a.left_out + b.left_out > 0);
    legend.extend(rows.iter().any(left_out).then(|| "… left out, --all shows it …".to_owned()));
    if legend.is_empty() { Ok(()) } else { writeln!(out, "{}", legend.join("   ")) }
}

fn paint(palette: Palette, look: Look, text: &str) -> String {
    let colour = |number: usize| COLOURS[number.saturating_sub(1) % COLOURS.len()];
    let codes = match look {
        _ if !palette.color => return text.to_owned(),
        Look::Normal | Look::Words(_, Mark::Unshared) => return text.to_owned(),
        Look::Faint => "2".to_owned(),
        Look::Label(0) => "1".to_owned(),
        Look::Label(number) => format!("1;7;{}", colour(number)),
        Look::Words(number, Mark::Same) => colour(number).to_string(),
        Look::Words(number, Mark::Changed) => format!("1;4;{}", colour(number)),
        Look::Words(number, Mark::Respelled) => format!("2;{}", colour(number)),
    };
    format!("\u{1b}[{codes}m{text}\u{1b}[0m")
}

/// What stands before and after marked words where there is no colour.
fn opening(palette: Palette, mark: Mark) -> &'static str {
    match mark {
        Mark::Changed if !palette.color => "{",
        Mark::Respelled if !palette.color => "~",
        _ => "",
    }
}

fn closing(palette: Palette, mark: Mark) -> &'static str {
    match opening(palette, mark) {
        "{" => "}",
        same => same,
    }
}

/// A line of a column, ready to be written.
struct Set {
    text: String,
    width: usize,
    /// Cells to leave free before it.
    indent: usize,
}

/// The lines of both sides go here.
struct Sheet<'o, W> {
    out: &'o mut W,
    palette: Palette,
    width: usize,
}

impl<W: Write> Sheet<'_, W> {
    fn has_columns(&self) -> bool {
        self.width >= Layout::LEAST_FOR_COLUMNS
    }

    fn column(&self) -> usize {
        if self.has_columns() { (self.width - SEPARATOR_CELLS) / 2 } else { self.width - SEPARATOR_CELLS }
    }

    /// An empty line between rows.
    fn blank(&mut self) -> io::Result<()> {
        if self.has_columns() { self.line(None, None) } else { writeln!(self.out) }
    }

    /// Two cells beside each other, or where there is no room, below each other.
    fn row(&mut self, [a, b]: &[Vec<Set>; 2]) -> io::Result<()> {
        if self.has_columns() {
            return (0..a.len().max(b.len())).try_for_each(|at| self.line(a.get(at), b.get(at)));
        }
        for (letter, lines) in [("a", a), ("b", b)] {
            lines.iter().try_for_each(|line| writeln!(self.out, "{letter}  {:indent$}{}", "", line.text, indent = line.indent))?;
        }
        Ok(())
    }

    fn line(&mut self, left: Option<&Set>, right: Option<&Set>) -> io::Result<()> {
        let padding = self.column() - left.map_or(0, |set| set.indent + set.width);
        if let Some(Set { text, indent, .. }) = left {
            write!(self.out, "{:indent$}{text}", "")?;
        }
        match right {
            Some(Set { text, indent, .. }) => writeln!(self.out, "{:padding$}{SEPARATOR}{:indent$}{text}", "", ""),
            None => writeln!(self.out, "{:padding$}{}", "", SEPARATOR.trim_end()),
        }
    }

    fn gap(&self, gap: &Gap<'_>, column: usize) -> Vec<Set> {
        let words = |cell: &Cell<'_>| -> Vec<Set> {
            cell.0.iter().flat_map(|pieces| self.set(self.filled(Paragraph::new(), pieces, 0), direction(pieces), column)).collect()
        };
        let mut lines = words(&gap.head);
        if gap.left_out > 0 {
            let told = format!("… {} …", count(gap.left_out, "word"));
            let width = width(&told);
            lines.push(Set { text: paint(self.palette, Look::Faint, &told), width, indent: column.saturating_sub(width) / 2 });
        }
        lines.extend(words(&gap.tail));
        lines
    }

    fn shared(&self, shared: &Shared<'_>, cell: &Cell<'_>, after: Option<usize>, column: usize) -> Vec<Set> {
        let number = shared.number;
        let mut lines = Vec::new();
        for (at, pieces) in cell.0.iter().enumerate() {
            let mut paragraph = Paragraph::new();
            if at == 0 && shared.is_first_part {
                paragraph.text(&format!("[{number}]"), Look::Label(number));
                paragraph.space();
                let place = after.map(|after| if after == 0 { "(at the start)".to_owned() } else { format!("(after [{after}])") });
                for word in place.iter().flat_map(|place| place.split(' ')) {
                    paragraph.text(word, Look::Faint);
                    paragraph.space();
                }
            }
            paragraph = self.filled(paragraph, pieces, number);
            if shared.is_last_part && at + 1 == cell.0.len() && !self.palette.color {
                paragraph.space();
                paragraph.text(&format!("[/{number}]"), Look::Label(number));
            }
            lines.extend(self.set(paragraph, direction(pieces), column));
        }
        lines
    }

    /// The paragraph with the words of `pieces` at its end.
    fn filled(&self, mut paragraph: Paragraph<Look>, pieces: &[Piece<'_>], number: usize) -> Paragraph<Look> {
        for piece in pieces {
            let look = Look::Words(number, piece.mark);
            paragraph.opening(opening(self.palette, piece.mark), look);
            for (at, word) in piece.text.split(char::is_whitespace).enumerate() {
                if at > 0 {
                    paragraph.space();
                }
                paragraph.text(&printable(word), look);
            }
            paragraph.text(closing(self.palette, piece.mark), look);
        }
        paragraph
    }

    fn set(&self, paragraph: Paragraph<Look>, direction: Direction, column: usize) -> Vec<Set> {
        paragraph.lines(column, Look::Normal).into_iter().map(|line| self.set_line(&line, direction, column)).collect()
    }

    fn set_line(&self, line: &Line<Look>, direction: Direction, column: usize) -> Set {
        let painted: String = line.parts.iter().map(|part| paint(self.palette, part.style, &part.text)).collect();
        let [right, left, end] = if self.palette.isolates { ISOLATES } else { [""; 3] };
        let (text, indent) = match direction {
            Direction::RightToLeft => (format!("{right}{painted}{end}"), column - line.width),
            Direction::Mixed => (format!("{left}{painted}{end}"), 0),
            Direction::LeftToRight => (painted, 0),
        };
        Set { text, width: line.width, indent }
    }
}

/// Direction of a paragraph: that of its first letter (rules P2 and P3 of the Unicode bidirectional algorithm).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    RightToLeft,
    /// Left to right, with right-to-left letters in it.
    Mixed,
    LeftToRight,
}

fn direction(pieces: &[Piece<'_>]) -> Direction {
    let mut letters = pieces.iter().flat_map(|piece| piece.text.chars()).filter(|c| c.is_alphabetic());
    match letters.next() {
        Some(first) if is_right_to_left(first) => Direction::RightToLeft,
        _ if letters.any(is_right_to_left) => Direction::Mixed,
        _ => Direction::LeftToRight,
    }
}
