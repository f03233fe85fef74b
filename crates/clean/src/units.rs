//! Sentences and lines, at whose boundaries a text can be cut.
//!
//! In: a text and its tokens. Out: units (sentences, split at line ends) with their tokens, and lines. Always: units are in text order, do not overlap, and
//! contain every token.

use super::structure;
use refrain_engine::text::{Tokens, paragraphs, sentences};
use std::ops::Range;

/// A sentence, or the part of it on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    /// Including punctuation at both ends.
    pub(super) bytes: Range<usize>,
    pub(super) tokens: Range<usize>,
    /// Number of its line among the lines that have tokens.
    pub(super) line: usize,
}

/// A line that has tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// From its first unit to its last.
    pub(super) bytes: Range<usize>,
    pub(super) units: Range<usize>,
    pub(super) tokens: Range<usize>,
    /// False for lines of code, tables, logs, lists, verse and dialogue.
    pub(super) is_prose: bool,
}

/// The units and lines of a text.
#[derive(Debug, Default)]
pub(super) struct Units {
    pub(super) units: Vec<Unit>,
    pub(super) lines: Vec<Line>,
}

impl Units {
    pub(super) fn of(text: &str, tokens: &Tokens) -> Self {
        let mut units: Vec<Unit> = Vec::new();
        let mut next = 0;
        for paragraph in paragraphs(text) {
            for sentence in sentences(text, paragraph) {
                for bytes in parts_on_lines(text, sentence.range()) {
                    let begun = tokens.spans[next..].iter().take_while(|span| (span.start as usize) < bytes.end).count();
                    let own = next..next + begun;
                    next = own.end;
                    // A word that is broken between two lines belongs to one unit with both.
                    let is_broken = own.start > 0 && tokens.spans[own.start - 1].end as usize > bytes.start;
                    match units.last_mut() {
                        Some(last) if is_broken => (last.bytes.end, last.tokens.end) = (bytes.end, own.end),
                        _ if own.is_empty() => {}
                        _ => units.push(Unit { bytes, tokens: own, line: 0 }),
                    }
                }
            }
        }
        let lines = lines_of(text, &mut units);
        Self { units, lines }
    }

    /// Whether a unit begins with the token at `at`; also true at the end of the text.
    pub(super) fn begins_at(&self, at: usize) -> bool {
        let unit = self.units.partition_point(|unit| unit.tokens.start < at);
        self.units.get(unit).map_or_else(|| self.tokens() == at, |unit| unit.tokens.start == at)
    }

    /// Tokens of all units.
    pub(super) fn tokens(&self) -> usize {
        self.units.last().map_or(0, |unit| unit.tokens.end)
    }

    /// The units that `tokens` covers completely.
    pub(super) fn inside(&self, tokens: &Range<usize>) -> Range<usize> {
        let first = self.units.partition_point(|unit| unit.tokens.start < tokens.start);
        let end = self.units.partition_point(|unit| unit.tokens.end <= tokens.end);
        first..end.max(first)
    }

    /// The tokens of some units.
    pub(super) fn tokens_of(&self, units: &Range<usize>) -> Range<usize> {
        if units.is_empty() { 0..0 } else { self.units[units.start].tokens.start..self.units[units.end - 1].tokens.end }
    }

    /// The bytes of some units.
    pub(super) fn bytes_of(&self, units: &Range<usize>) -> Range<usize> {
        if units.is_empty() { 0..0 } else { self.units[units.start].bytes.start..self.units[units.end - 1].bytes.end }
    }

    /// The line of a token.
    pub(super) fn line_at(&self, token: usize) -> Option<&Line> {
        self.lines.get(self.lines.partition_point(|line| line.tokens.end <= token))
    }

    /// Whether every line of some units is prose.
    pub(super) fn are_prose(&self, units: &Range<usize>) -> bool {
        self.units[units.clone()]
            .first()
            .zip(self.units[units.clone()].last())
            .is_none_or(|(first, last)| self.lines[first.line..=last.line].iter().all(|line| line.is_prose))
    }
}

/// The parts of `range` between line ends, trimmed.
fn parts_on_lines(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
    let offset = move |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    text[range].split(['\n', '\r']).map(str::trim).filter(|part| !part.is_empty()).map(move |part| offset(part)..offset(part) + part.len())
}

/// Numbers the lines of `units`, and says which are prose.
fn lines_of(text: &str, units: &mut [Unit]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (at, unit) in units.iter_mut().enumerate() {
        let is_same = lines.last().is_some_and(|line| !text[line.bytes.end..unit.bytes.start].contains(['\n', '\r']));
        match lines.last_mut().filter(|_| is_same) {
            Some(line) => (line.bytes.end, line.units.end, line.tokens.end) = (unit.bytes.end, at + 1, unit.tokens.end),
            None => lines.push(Line { bytes: unit.bytes.clone(), units: at..at + 1, tokens: unit.tokens.clone(), is_prose: true }),
        }
        unit.line = lines.len() - 1;
    }
    let prose = structure::prose(text, lines.iter().map(|line| (line.bytes.clone(), line.tokens.len())));
    lines.iter_mut().zip(prose).for_each(|(line, is_prose)| line.is_prose = is_prose);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use refrain_engine::text::Fold;

    fn shown(text: &str) -> Vec<(&str, usize)> {
        let units = Units::of(text, &Tokens::of(text, Fold::Full));
        units.units.iter().map(|unit| (&text[unit.bytes.clone()], unit.line)).collect()
    }

    #[test]
    fn sentences_end_at_line_ends_too() {
        assert_eq!(
            shown("One two. “Three.” Four\nfive.\r\n\r\n• Six"),
            [("One two.", 0), ("“Three.”", 0), ("Four", 0), ("five.", 1), ("• Six", 2)]
        );
        assert_eq!(shown("A bro-\nken word. End."), [("A bro-\nken word.", 0), ("End.", 0)]);
        assert_eq!(shown(" \n…\n"), []);
    }

    proptest! {
        #[test]
        fn each_token_is_in_one_unit(text in "[a-cث\u{301}.!?…\\-\" \n\r]{0,60}") {
            let tokens = Tokens::of(&text, Fold::Full);
            let units = Units::of(&text, &tokens);
            let all: Vec<usize> = units.units.iter().flat_map(|unit| unit.tokens.clone()).collect();
            prop_assert_eq!(all, (0..tokens.len()).collect::<Vec<_>>());
            for unit in &units.units {
                let (first, last) = (tokens.spans[unit.tokens.start], tokens.spans[unit.tokens.end - 1]);
                prop_assert!(unit.bytes.start <= first.start as usize && last.end as usize <= unit.bytes.end);
            }
            prop_assert!(units.units.windows(2).all(|pair| pair[0].bytes.end <= pair[1].bytes.start));
        }
    }
}
