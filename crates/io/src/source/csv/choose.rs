//! What quotation marks mean in a table, and how many fields its rows have.
//!
//! In: a table with its header. Out: the reading under which the fewest rows of a sample have another number of fields than the header, and
//! then the one with the most rows; RFC 4180 where several are equal. The sample begins on the first line that the readings read differently,
//! wherever in the file that is.

use super::TableOptions;
use super::rows::{Cell, Dialect, QUOTE, Quoting, Rows};
use memchr::{memchr, memmem, memrchr};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Bytes of a sample.
const SAMPLE_BYTES: usize = 1 << 20;

/// How many fields rows have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// Fields of the header.
    pub(super) names: usize,
    /// Fields of the header up to the last that has a name.
    named: usize,
    /// Fields of most rows: fewer than the header has, where only the header ends with delimiters.
    pub(super) usual: usize,
    /// Empty fields beyond those of the header do not count: at least half of the rows that fit end with delimiters. One such row alone is more likely a text
    /// with a delimiter in it.
    is_padded: bool,
}

impl Shape {
    fn of(names: &[String]) -> Self {
        let named = names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
        Self { names: names.len(), named, usual: names.len(), is_padded: false }
    }

    /// True if a row has as many fields as it should.
    pub(super) fn fits(&self, cells: &[Cell]) -> bool {
        let is_whole = cells.len() == self.names || self.is_padded && self.ends_with_delimiters(cells);
        is_whole || cells.len() == self.usual && cells.len() >= self.named
    }

    /// True if a row has all fields of the header, and beyond them empty ones.
    fn ends_with_delimiters(&self, cells: &[Cell]) -> bool {
        cells.len() > self.names && cells.iter().skip(self.names).all(|cell| cell.range.is_empty() && !cell.is_quoted())
    }
}

/// Rows from which a reading is chosen.
#[derive(Clone, Copy)]
pub(super) struct Sample<'a> {
    pub(super) bytes: &'a [u8],
    /// The table ends with it.
    pub(super) is_all: bool,
    /// Where the first row begins.
    pub(super) start: usize,
    /// At most so many rows are read.
    pub(super) rows: usize,
}

impl<'a> Sample<'a> {
    /// Rows of a table from `start` on.
    fn from(bytes: &'a [u8], start: usize) -> Self {
        let end = bytes.len().min(start + SAMPLE_BYTES);
        Self { bytes: &bytes[start..end], is_all: end == bytes.len(), start: 0, rows: usize::MAX }
    }

    /// Calls `visit` with the cells of each row in `dialect`; with None for a row that cannot be read.
    fn each_row(&self, dialect: Dialect, mut visit: impl FnMut(Option<(&'a [u8], &[Cell])>)) {
        let mut cells = Vec::new();
        let half = self.bytes.len() / 2;
        for row in Rows::new(self.bytes, dialect, self.start).take(self.rows) {
            // In its second half the end of the sample may be the reason. All readings stop there.
            if !self.is_all && (row.range.start >= half || row.range.end == self.bytes.len()) {
                break;
            }
            let bytes = &self.bytes[row.range];
            if row.fault.is_some() {
                visit(None);
            } else {
                dialect.cells_into(bytes, &mut cells);
                visit(Some((bytes, &cells)));
            }
        }
    }
}

/// How the rows of a sample look in a dialect.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habits {
    pub(super) dialect: Dialect,
    pub(super) shape: Shape,
    pub(super) fitting: usize,
    pub(super) misfits: usize,
}

impl Habits {
    /// Those of `dialect`; None if it allows for spaces that the sample does not have.
    fn of(sample: Sample<'_>, dialect: Dialect, names: &[String]) -> Option<Self> {
        let mut shape = Shape::of(names);
        // Whole rows, and by their number of fields those that may lack the last ones of the header.
        let (mut all, mut whole, mut longer, mut shorter) = (0, 0, 0, BTreeMap::<usize, usize>::new());
        let mut is_spaced = false;
        sample.each_row(dialect, |row| {
            all += 1;
            let Some((bytes, cells)) = row else { return };
            is_spaced |= dialect.spaced && cells.iter().any(|cell| cell.is_quoted() && cell.is_after_space(bytes));
            if cells.len() == shape.names {
                whole += 1;
            } else if shape.ends_with_delimiters(cells) {
                longer += 1;
            } else if (shape.named..shape.names).contains(&cells.len()) {
                *shorter.entry(cells.len()).or_default() += 1;
            }
        });
        if dialect.spaced && !is_spaced {
            return None;
        }
        shape.is_padded = longer > 0 && longer >= whole;
        if shape.is_padded {
            whole += longer;
        }
        let (usual, short) = shorter.into_iter().max_by_key(|&(_, count)| count).unwrap_or_default();
        let short = if short > whole { short } else { 0 };
        shape.usual = if short > 0 { usual } else { shape.names };
        Some(Self { dialect, shape, fitting: whole + short, misfits: all - whole - short })
    }

    fn rank(&self) -> (usize, Reverse<usize>) {
        (self.misfits, Reverse(self.fitting))
    }

    /// Another column than the text says of every row that it is one: it has a number or a date.
    fn is_typed(&self, sample: Sample<'_>, text: Option<usize>) -> bool {
        let mut typed: Vec<bool> = (0..self.shape.names).map(|column| Some(column) != text).collect();
        sample.each_row(self.dialect, |row| {
            let Some((bytes, cells)) = row.filter(|(_, cells)| self.shape.fits(cells)) else { return };
            for (column, typed) in typed.iter_mut().enumerate() {
                *typed &= cells.get(column).is_some_and(|cell| is_number_or_date(&bytes[cell.range.clone()]));
            }
        });
        self.fitting > 0 && typed.contains(&true)
    }
}

fn is_number_or_date(cell: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_digit() || b"-/:. +TZ".contains(byte);
    cell.iter().any(u8::is_ascii_digit) && cell.iter().all(is_part)
}

/// The readings of a sample, in order of preference; `plain` says how fields are separated.
fn readings(sample: Sample<'_>, plain: Dialect, options: TableOptions) -> Vec<Dialect> {
    if options.no_quotes {
        return vec![Dialect { quoting: Quoting::None, ..plain }];
    }
    if memchr(QUOTE, &sample.bytes[sample.start..]).is_none() {
        return vec![plain];
    }
    let escaped = memmem::find(sample.bytes, b"\\\"").map(|_| Dialect { quoting: Quoting::Escaped, ..plain });
    let spaced = |dialect: Dialect| Dialect { spaced: true, ..dialect };
    let has_space = memmem::find(sample.bytes, b" \"").is_some();
    let quoted = [has_space.then(|| spaced(plain)), Some(plain), escaped.filter(|_| has_space).map(spaced), escaped];
    let none = Dialect { quoting: Quoting::None, ..plain };
    quoted.into_iter().flatten().chain([none]).collect()
}

/// The reading that fits the most rows of a sample; `plain` says how fields are separated.
pub(super) fn best_habits(sample: Sample<'_>, plain: Dialect, (names, text): (&[String], Option<usize>), options: TableOptions) -> Habits {
    let all: Vec<Habits> = readings(sample, plain, options).into_iter().filter_map(|dialect| Habits::of(sample, dialect, names)).collect();
    let (without, quoted): (Vec<Habits>, Vec<Habits>) = all.into_iter().partition(|habits| habits.dialect.quoting == Quoting::None);
    let without = without.into_iter().next();
    let quoted = quoted.into_iter().min_by_key(Habits::rank);
    match (quoted, without) {
        (Some(quoted), Some(without)) => {
            // Lines of a quoted text may have the right number of commas by chance, so equally many misfits are not enough.
            let is_clear = || matches!(plain.delimiter, b'\t' | b'|') || without.is_typed(sample, text);
            let more = without.misfits == quoted.misfits && without.fitting > quoted.fitting;
            if without.misfits < quoted.misfits || more && is_clear() { without } else { quoted }
        }
        (Some(habits), None) | (None, Some(habits)) => habits,
        (None, None) => Habits { dialect: plain, shape: Shape::of(names), fitting: 0, misfits: 0 },
    }
}

/// How to read a table whose rows begin at `data`.
pub(super) fn choose(bytes: &[u8], plain: Dialect, data: usize, header: (&[String], Option<usize>), options: TableOptions) -> Habits {
    let first = if options.no_quotes { None } else { first_difference(bytes, plain, data) };
    let sample = Sample::from(bytes, first.unwrap_or(data));
    let mut habits = best_habits(sample, plain, header, options);
    // Backslashes may escape quotes for the first time far behind.
    let after = first.unwrap_or(data) + sample.bytes.len();
    let is_open = first.is_some() && habits.dialect.quoting == Quoting::Doubled && memmem::find(sample.bytes, b"\\\"").is_none();
    if let Some(late) = is_open.then(|| memmem::find(&bytes[after..], b"\\\"")).flatten() {
        let line = memrchr(plain.line_end, &bytes[..after + late]).map_or(0, |end| end + 1);
        let late = best_habits(Sample::from(bytes, line), plain, header, options);
        if late.dialect.quoting == Quoting::Escaped {
            habits.dialect = late.dialect;
        }
    }
    habits
}

/// The first line from `data` on that the readings read differently.
fn first_difference(bytes: &[u8], plain: Dialect, data: usize) -> Option<usize> {
    let none = Dialect { quoting: Quoting::None, ..plain };
    let (mut cells, mut at) = (Vec::new(), data);
    loop {
        let quote = at + memchr(QUOTE, bytes.get(at..)?)?;
        let before = bytes[at..quote].trim_ascii_end();
        let opens = bytes[at..quote].last().is_none_or(|byte| [plain.delimiter, plain.line_end].contains(byte))
            || before.last().is_none_or(|&byte| byte == plain.delimiter);
        if !opens {
            at = quote + 1;
            continue;
        }
        let line = memrchr(plain.line_end, &bytes[..quote]).map_or(0, |end| end + 1).max(data);
        let row = Rows::new(bytes, plain, line).next()?;
        let end = memchr(plain.line_end, &bytes[quote..]).map_or(bytes.len(), |length| quote + length);
        if row.fault.is_some() || row.range.end < end.saturating_sub(1) || row.range.end > end {
            return Some(line);
        }
        let row = &bytes[row.range];
        plain.cells_into(row, &mut cells);
        let is_plain = |cell: &Cell| !row[cell.range.clone()].contains(&QUOTE);
        let same_cells = cells.iter().all(is_plain).then_some(cells.len());
        none.cells_into(row, &mut cells);
        if same_cells != Some(cells.len()) {
            return Some(line);
        }
        at = bytes.len().min(end + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAS: Dialect = Dialect { delimiter: b',', line_end: b'\n', quoting: Quoting::Doubled, spaced: false };

    fn chosen(delimiter: u8, header: &str, rows: &str) -> (Quoting, bool, usize, usize) {
        let names: Vec<String> = header.split(char::from(delimiter)).map(str::to_owned).collect();
        let plain = Dialect { delimiter, ..COMMAS };
        let text = names.iter().position(|name| name == "text");
        let habits = choose(rows.as_bytes(), plain, 0, (&names, text), TableOptions::default());
        (habits.dialect.quoting, habits.dialect.spaced, habits.fitting, habits.misfits)
    }

    #[test]
    fn the_reading_that_fits_more_rows_is_chosen() {
        // Marks that are text: with a partner rows away, and without one.
        let stray = "1\ta\tx\n2\t\"b\tx\n3\ta\tx\n4\tsaid\"\tx\n5\ta\tx\n";
        assert_eq!(chosen(b'\t', "id\ttext\tnote", stray), (Quoting::None, false, 4, 0), "from the second row on");
        assert_eq!(chosen(b'\t', "id\ttext", "1\ta\n2\t\"b\n3\tc\n").0, Quoting::None);
        assert_eq!(chosen(b',', "id,text", "1,a\n2,\"b\n3,c\"\n4,d\n").0, Quoting::None, "ids are numbers");
        // Marks that quote: what is inside would not fit.
        assert_eq!(chosen(b'\t', "id\ttext", "1\t\"a\tb\"\n2\t\"c\nd\"\n3\t\"e \"\"f\"\"\"\n"), (Quoting::Doubled, false, 3, 0));
        assert_eq!(chosen(b'\t', "id\ttext", "1\t\"a\"\n2\t\"b\"\n").0, Quoting::Doubled, "equal, so RFC 4180");
        let prose = "x,\"First, a\nsecond, b\nthird, c\"\ny,\"Fourth, d\nfifth, e\"\n";
        assert_eq!(chosen(b',', "id,text", &prose.replace("First, ", "First ").replace("Fourth, ", "Fourth ")).0, Quoting::Doubled);
        // Other ways of quoting.
        assert_eq!(chosen(b',', "id,text,n", "1,\"say \\\"no\\\", so\",1\n2,\"x, y\",2\n"), (Quoting::Escaped, false, 2, 0));
        assert_eq!(chosen(b',', "id,text,n", "1, \"a, b\", 1\n2, \"c, d\", 2\n"), (Quoting::Doubled, true, 2, 0));
        assert_eq!(chosen(b',', "id,text,n", "1, \"a \\\"x\\\", b\", 1\n2, \"c, d\", 2\n"), (Quoting::Escaped, true, 2, 0));
        assert!(!chosen(b',', "id,text", "1,\"one, \"\"two\"\"\"\n").1, "a space inside a cell");
    }

    #[test]
    fn a_late_difference_decides() {
        let rows: String = (0..60_000).map(|n| format!("{n}\t\"q {n}\"\tsome words of a text\n")).collect();
        assert!(rows.len() > SAMPLE_BYTES);
        let stray = rows.clone() + "7\t\"open\tx\n8\tb\tx\n9\tclose\"\tx\n";
        assert_eq!(chosen(b'\t', "id\ttext\tnote", &rows).0, Quoting::Doubled);
        assert_eq!(chosen(b'\t', "id\ttext\tnote", &stray).0, Quoting::None);
        let commas: String = (0..60_000).map(|n| format!("{n},\"a, {n}\",some words of a text\n")).collect();
        let late = commas.clone() + "7,\"say \\\"no\\\", then\",x\n8,\"\\\"So\\\", c\",x\n";
        assert_eq!(chosen(b',', "id,text,note", &commas).0, Quoting::Doubled);
        assert_eq!(chosen(b',', "id,text,note", &late).0, Quoting::Escaped);
    }

    #[test]
    fn trailing_delimiters_do_not_count_and_missing_ones_are_a_habit_of_a_table() {
        let fitting = |header: &str, rows: &str| {
            let (_, _, fitting, misfits) = chosen(b',', header, rows);
            (fitting, misfits)
        };
        assert_eq!(fitting("id,text", "1,a,\n2,b,\n3,c\n4,d,e\n5\n"), (3, 2));
        assert_eq!(fitting("id,text", "1,a,\n2,b\n3,c,,\n4,d\n5,e,\n6,f,\"\"\n"), (5, 1), "on half of the rows");
        assert_eq!(fitting("id,text,date", "1,Hello, world,\n2,b,x\n3,c,y\n"), (2, 1), "a comma in a text, and no date");
        assert_eq!(fitting("id,text,,", "1,a\n2,b\n3,c\n4,d,e,f\n5,g,h\n"), (4, 1));
        assert_eq!(fitting("id,text,date", "1,Hello, world,x\n2,b,x\n3,c,y\n"), (2, 1), "a comma in a text");
    }
}
