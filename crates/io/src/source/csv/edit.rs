//! What has to be written into a table so that it is one still: quotes around a field that now begins with one, another column.

use super::Table;
use super::rows::{Cell, QUOTE, Quoting, Rows};
use std::ops::Range;

/// Positions, and what is put there.
type Edits = Vec<(Range<usize>, String)>;

impl Table {
    /// What has to be put into a row that loses `cuts` of its text: quotes, if the rest of an unquoted field begins with one. All are positions in
    /// the row.
    pub(in crate::source) fn quotes(&self, row: &[u8], cuts: &[Range<usize>]) -> Option<Edits> {
        let cell = self.text_cell(row)?;
        let is_left = |at: &usize| !cuts.iter().any(|cut| cut.contains(at));
        let is_space = |at: &usize| self.dialect.spaced && row[*at] == b' ';
        let begins_quoted = cell.range.clone().filter(is_left).find(|at| !is_space(at)).is_some_and(|at| row[at] == QUOTE);
        if cell.is_quoted() || self.dialect.quoting == Quoting::None || !begins_quoted {
            return Some(Vec::new());
        }
        let (escape, escaped): (&str, &[u8]) = if self.dialect.quoting == Quoting::Escaped { ("\\", b"\"\\") } else { ("\"", b"\"") };
        let escapes = cell.range.clone().filter(|&at| escaped.contains(&row[at])).filter(is_left).map(|at| (at, escape));
        let edges = [cell.range.start, cell.range.end].map(|at| (at, "\""));
        Some(edges.into_iter().chain(escapes).map(|(at, put)| (at..at, put.to_owned())).collect())
    }

    /// Where more columns are put, and what: their `names` behind the header, `values` of the row that begins at a position behind that row. Rows that
    /// cannot be read get none; those with another number of fields than the header get an empty one, so that they still have another number.
    ///
    /// # Errors
    /// The reason: there is a column of that name, or a value cannot be written without quotes.
    pub(in crate::source) fn more_columns(
        &self,
        bytes: &[u8],
        names: &[&str],
        mut values: impl FnMut(usize) -> Option<Vec<String>>,
    ) -> Result<Edits, String> {
        if let Some(name) = names.iter().find(|name| self.names.iter().any(|column| column == *name)) {
            return Err(format!("the table has a column `{name}` already; take it out first (refrain restore does)"));
        }
        if self.dialect.quoting == Quoting::None && self.dialect.delimiter == b',' {
            return Err("its quotation marks are text, and a value with commas cannot be written without quoting".to_owned());
        }
        let delimiter = char::from(self.dialect.delimiter);
        let header: String = names.iter().flat_map(|name| [delimiter].into_iter().chain(name.chars())).collect();
        let empty = delimiter.to_string().repeat(names.len() - 1);
        let joined = |values: Vec<String>| {
            let cells: Vec<String> =
                values.iter().map(|value| if value.is_empty() { String::new() } else { self.written(value) }).collect();
            cells.join(&delimiter.to_string())
        };
        let mut found = vec![(self.header.end..self.header.end, header)];
        let mut cells = Vec::new();
        for row in Rows::new(bytes, self.dialect, self.start).filter(|row| row.fault.is_none()) {
            let value = values(row.range.start).map_or_else(|| empty.clone(), joined);
            self.dialect.cells_into(&bytes[row.range.clone()], &mut cells);
            found.push(self.next_cell(&row.range, &cells, &value));
        }
        Ok(found)
    }

    /// Where a row gets `value` as the cell of another column, and what is put there.
    fn next_cell(&self, row: &Range<usize>, cells: &[Cell], value: &str) -> (Range<usize>, String) {
        let delimiter = char::from(self.dialect.delimiter);
        match cells.get(self.shape.names) {
            // The row ends with empty fields that the header does not have: the first of them is of the new column.
            Some(empty) if self.shape.fits(cells) => (row.start + empty.range.start..row.start + empty.range.end, value.to_owned()),
            _ => {
                let missing = if self.shape.fits(cells) { self.shape.names - cells.len() } else { 0 };
                let delimiters = delimiter.to_string().repeat(missing + 1);
                (row.end..row.end, delimiters + value)
            }
        }
    }

    /// A JSON value, a date or a number as a field.
    fn written(&self, json: &str) -> String {
        if self.dialect.quoting != Quoting::None {
            return format!("\"{}\"", json.replace('"', "\"\""));
        }
        // Outside of strings JSON has no such character.
        let delimiter = self.dialect.delimiter;
        json.replace(char::from(delimiter), &format!("\\u{delimiter:04x}"))
    }
}
