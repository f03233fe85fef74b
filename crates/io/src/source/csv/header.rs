//! Where the header of a table is, and what separates its fields.
//!
//! In: the first bytes of a table. Out: its delimiter, its line ends, and the line of its header. Titles and comments may precede the header: it is
//! the first line with the name of a text field that the lines after it agree with. Lines of other kinds are looked through cheaply. A title may have
//! as many cells as the header, since spreadsheets write empty ones to the width of the table.

use super::choose::{Habits, Sample, best_habits};
use super::rows::{Dialect, Quoting, Rows};
use super::{TableOptions, names_of};
use crate::source::fields::Fields;
use memchr::{memchr, memmem};
use std::ops::Range;

/// The delimiters, in order of preference where several fit equally well.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Bytes from which the delimiter is chosen.
const SAMPLE_BYTES: usize = 1 << 20;
/// Rows from which the delimiter is chosen.
const SAMPLE_ROWS: usize = 20;
/// A longer line is no header.
pub(super) const LONGEST_HEADER_BYTES: usize = 4096;
/// The header is one of so many first lines.
const MOST_TITLE_LINES: usize = 50;

/// Where a table's header begins, and how its fields are separated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) at: usize,
    pub(super) delimiter: u8,
    pub(super) line_end: u8,
}

impl Start {
    /// That of a table; `tabs` if its name says that tabs separate the fields.
    pub(super) fn of(bytes: &[u8], tabs: bool, fields: &Fields, options: TableOptions) -> Self {
        let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
        let line_end = line_end_of(sample);
        let at = after_lines(bytes, line_end, options.skip_lines);
        // The first line that spreadsheets write to name the delimiter.
        let separator = bytes[at..].strip_prefix(b"sep=").and_then(|rest| Some((*rest.first()?, memchr(line_end, rest)?)));
        if let Some((delimiter, length @ 1..=2)) = separator {
            return Self { at: at + "sep=".len() + length + 1, delimiter, line_end };
        }
        let search = Search { bytes, tabs, line_end, fields, options };
        if options.skip_lines > 0 { search.at(at).0 } else { search.header() }
    }

    /// The dialect without a decision about quotes.
    pub(super) fn dialect(self, quoting: Quoting) -> Dialect {
        Dialect { delimiter: self.delimiter, line_end: self.line_end, quoting, spaced: false }
    }
}

fn line_end_of(sample: &[u8]) -> u8 {
    if memchr(b'\n', sample).is_none() && memchr(b'\r', sample).is_some() { b'\r' } else { b'\n' }
}

/// The position after so many lines, or the end.
fn after_lines(bytes: &[u8], line_end: u8, lines: usize) -> usize {
    let mut at = 0;
    for _ in 0..lines {
        at = memchr(line_end, &bytes[at..]).map_or(bytes.len(), |length| at + length + 1);
    }
    at
}

/// True if a file whose name does not say it is a table: a header with the name of a text field, and a row with as many fields.
pub(in crate::source) fn is_table(bytes: &[u8], fields: &Fields, options: TableOptions) -> bool {
    let line_end = line_end_of(&bytes[..bytes.len().min(SAMPLE_BYTES)]);
    let at = after_lines(bytes, line_end, options.skip_lines);
    let head = &bytes[at..bytes.len().min(at + LONGEST_HEADER_BYTES)];
    let Some(end) = memchr(line_end, head) else { return false };
    // Quick, for folders of many texts.
    if !names_text(&head[..end], fields) {
        return false;
    }
    let start = Start::of(&bytes[at..], false, fields, TableOptions { skip_lines: 0, ..options });
    let search = Search { bytes: &bytes[at..], tabs: false, line_end, fields, options };
    // A title above the header does not make a text a table.
    let is_first = bytes[at..at + start.at].starts_with(b"sep=") || start.at == 0;
    let fit = Fit::of(&search, start.delimiter, start.at);
    is_first && fit.has_exact_text && fit.is_separated && fit.agreeing > 0
}

/// True if a line may hold the name of a text field.
fn names_text(line: &[u8], fields: &Fields) -> bool {
    let line = String::from_utf8_lossy(line).to_lowercase();
    fields.text_names().any(|name| memmem::find(line.as_bytes(), name.to_lowercase().as_bytes()).is_some())
}

/// A table whose header is sought.
struct Search<'a> {
    bytes: &'a [u8],
    tabs: bool,
    line_end: u8,
    fields: &'a Fields,
    options: TableOptions,
}

impl Search<'_> {
    /// The header at `at`, with the delimiter that fits it best, and how well that fits.
    fn at(&self, at: usize) -> (Start, Fit) {
        let expected = if self.tabs { b'\t' } else { b',' };
        let of = |delimiter: u8| (Start { at, delimiter, line_end: self.line_end }, Fit::of(self, delimiter, at));
        let starts = DELIMITERS.into_iter().rev().map(of);
        let best =
            starts.max_by(|(x, x_fit), (y, y_fit)| (x_fit.rank(), x.delimiter == expected).cmp(&(y_fit.rank(), y.delimiter == expected)));
        best.unwrap_or((Start { at, delimiter: expected, line_end: self.line_end }, Fit::default()))
    }

    /// The first line that the lines after it confirm to be the header, else the first line.
    fn header(&self) -> Start {
        let is_comment = |line: &Range<usize>| self.bytes[line.clone()].trim_ascii_start().starts_with(b"#");
        let lines = self.first_lines();
        let (comments, plain): (Vec<_>, Vec<_>) = lines.into_iter().partition(is_comment);
        let Some(first) = plain.first().or(comments.first()) else { return self.at(0).0 };
        let (start, fit) = self.at(first.start);
        if fit.is_confirmed() && !self.names(first, start.delimiter).contains(&String::new()) {
            return start;
        }
        for line in plain.iter().skip(1).chain(&comments) {
            if !names_text(&self.bytes[line.clone()], self.fields) {
                continue;
            }
            let (start, fit) = self.at(line.start);
            let names = self.names(line, start.delimiter);
            // A line with as many fields above it is the header, though it names no text field, unless it is a title.
            let is_header = |above: &&Range<usize>| {
                let cells = self.names(above, start.delimiter);
                above.start < line.start && cells.len() == fit.width && !self.is_title(&cells, &names)
            };
            if fit.is_confirmed() && !plain.iter().any(|above| is_header(&above)) {
                return start;
            }
        }
        start
    }

    /// True if a row of a table's first lines is a title above the row with `names`: it has empty cells where that has none, or no name of a field.
    fn is_title(&self, cells: &[String], names: &[String]) -> bool {
        let is_number = |name: &String| !name.is_empty() && name.chars().all(|c| c.is_ascii_digit() || c.is_ascii_punctuation());
        let has_gap = cells.iter().zip(names).any(|(cell, name)| cell.is_empty() && !name.is_empty());
        has_gap || !names.iter().any(is_number) && !cells.iter().any(|cell| self.fields.knows(cell))
    }

    /// The lines among which the header is; empty ones are left out.
    fn first_lines(&self) -> Vec<Range<usize>> {
        let mut at = 0;
        let lines = std::iter::from_fn(|| {
            let start = at;
            let end = memchr(self.line_end, self.bytes.get(start..)?).map_or(self.bytes.len(), |length| start + length);
            at = end + 1;
            Some(start..end)
        });
        lines.take(MOST_TITLE_LINES).filter(|line| !self.bytes[line.clone()].trim_ascii().is_empty()).collect()
    }

    /// The cells of a line, as names.
    fn names(&self, line: &Range<usize>, delimiter: u8) -> Vec<String> {
        let dialect = Dialect { delimiter, line_end: self.line_end, quoting: Quoting::Doubled, spaced: false };
        names_of(&self.bytes[line.clone()], dialect)
    }
}

/// How well a delimiter and a header line fit a table.
#[derive(Clone, Copy, Debug, Default)]
struct Fit {
    /// A column has the name of a text field, and there are other columns.
    has_text: bool,
    /// It has that name in the usual case.
    has_exact_text: bool,
    /// There are several columns.
    is_separated: bool,
    /// Rows of the sample that fit the header, less those that do not.
    agreeing: isize,
    /// Columns.
    width: usize,
}

impl Fit {
    fn of(search: &Search<'_>, delimiter: u8, at: usize) -> Self {
        let sample = &search.bytes[at..search.bytes.len().min(at + SAMPLE_BYTES)];
        let plain = Dialect { delimiter, line_end: search.line_end, quoting: Quoting::Doubled, spaced: false };
        let mut rows = Rows::new(sample, plain, 0);
        let header = rows.next().filter(|row| row.range.len() <= LONGEST_HEADER_BYTES && row.fault.is_none());
        let names = header.map(|header| names_of(&sample[header.range], plain)).filter(|names| names.len() > 1);
        let Some(names) = names else { return Self::default() };
        let is_all = at + sample.len() == search.bytes.len();
        let sample = Sample { bytes: sample, is_all, start: rows.at, rows: SAMPLE_ROWS };
        let habits = best_habits(sample, plain, (&names, None), search.options);
        let Habits { fitting, misfits, .. } = habits;
        let agreeing = isize::try_from(fitting).unwrap_or(isize::MAX) - isize::try_from(misfits).unwrap_or(isize::MAX);
        let (has_text, has_exact_text) = (search.fields.has_text_in_any_case(&names), search.fields.has_text(&names));
        Self { has_text, has_exact_text, is_separated: true, agreeing, width: names.len() }
    }

    /// The greater fits better.
    fn rank(&self) -> (bool, bool, isize) {
        (self.has_text, self.is_separated, self.agreeing)
    }

    /// Rows confirm that the header is one.
    fn is_confirmed(&self) -> bool {
        self.has_text && self.is_separated && self.agreeing > 0
    }
}
