//! Where a stretch of an article stands in its file.

use serde::Serialize;

/// Lines and columns, from 1; columns count UTF-16 code units, as editors and SARIF do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Region {
    /// Line of the first character.
    pub start_line: usize,
    /// Column of the first character; None where the whole line is meant.
    pub start_column: Option<usize>,
    /// Line of the last character.
    pub end_line: usize,
    /// Column behind the last character.
    pub end_column: Option<usize>,
}

impl Region {
    /// A line of a file that holds an article a line.
    #[must_use]
    pub fn line(line: usize) -> Self {
        Self { start_line: line, start_column: None, end_line: line, end_column: None }
    }
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The article.
    pub id: Box<str>,
    /// Its file, as it was given; of an article of the index the file that it was once read from, where that is known.
    pub path: Option<Box<str>>,
    /// The first stretch that is meant; None for an article of the index.
    pub region: Option<Region>,
}

/// Where the lines of a text begin.
pub(crate) struct Lines<'t> {
    text: &'t str,
    /// First byte and first code point of each line.
    starts: Vec<(usize, usize)>,
}

impl<'t> Lines<'t> {
    /// Lines end with `\n`, `\r\n` or `\r`.
    pub(crate) fn new(text: &'t str) -> Self {
        let mut starts = vec![(0, 0)];
        let mut before = ' ';
        for (chars, (byte, c)) in text.char_indices().enumerate() {
            if before == '\n' || before == '\r' && c != '\n' {
                starts.push((byte, chars));
            }
            before = c;
        }
        Self { text, starts }
    }

    /// The place of code points of the text; what ends at the beginning of a line is told by the line before.
    pub(crate) fn region(&self, [start, end]: [usize; 2]) -> Region {
        let (start_line, start_column) = self.at(start);
        let (end_line, last_column) = if end > start { self.at(end - 1) } else { (start_line, start_column) };
        let last_units = if end > start { self.units_of(end_line, end - 1) } else { 0 };
        Region { start_line, start_column: Some(start_column), end_line, end_column: Some(last_column + last_units) }
    }

    fn at(&self, char: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|&(_, first)| first <= char) - 1;
        let (byte, first) = self.starts[line];
        let units: usize = self.text[byte..].chars().take(char - first).map(char::len_utf16).sum();
        (line + 1, units + 1)
    }

    fn units_of(&self, line: usize, char: usize) -> usize {
        let (byte, first) = self.starts[line - 1];
        self.text[byte..].chars().nth(char - first).map_or(0, char::len_utf16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(text: &str, range: [usize; 2]) -> [usize; 4] {
        let region = Lines::new(text).region(range);
        [region.start_line, region.start_column.unwrap(), region.end_line, region.end_column.unwrap()]
    }

    #[test]
    fn columns_count_utf16_units_and_line_ends_of_any_kind() {
        let text = "ab\r\nخبر 😀 عاجل\rx\n\ny";
        assert_eq!(region(text, [0, 2]), [1, 1, 1, 3]);
        assert_eq!(region(text, [4, 7]), [2, 1, 2, 4]);
        assert_eq!(region(text, [8, 9]), [2, 5, 2, 7]);
        assert_eq!(region(text, [10, 14]), [2, 8, 2, 12]);
        assert_eq!(region(text, [15, 16]), [3, 1, 3, 2]);
        assert_eq!(region(text, [0, 19]), [1, 1, 5, 2]);
        assert_eq!(region("", [0, 0]), [1, 1, 1, 1]);
    }
}
