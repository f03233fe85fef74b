//! Words set into lines of a column, by the cells that they take on a terminal.
//!
//! In: words in parts, each part with a style. Out: lines that are never wider than the column. Marks take no cell, Han letters two; where a
//! word is wider than the column it is broken, and between wide letters a line may end anywhere. Widths are those of single characters,
//! which is at least what a terminal takes that joins some of them.

use unicode_width::UnicodeWidthChar;

/// Cells that `text` takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// Text in one style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part<S> {
    pub(super) text: String,
    pub(super) style: S,
}

/// What a line break does not part.
#[derive(Clone, Debug, Default)]
struct Word<S> {
    parts: Vec<Part<S>>,
    width: usize,
    /// No space stands before it.
    is_glued: bool,
}

/// Takes text, gives lines.
#[derive(Debug)]
pub(super) struct Paragraph<S> {
    words: Vec<Word<S>>,
    /// The last word may go on.
    is_open: bool,
    last_is_wide: bool,
    /// What comes next stays with what came last.
    holds: bool,
}

impl<S: Copy + PartialEq> Paragraph<S> {
    pub(super) fn new() -> Self {
        Self { words: Vec::new(), is_open: false, last_is_wide: false, holds: false }
    }

    /// A mark that stays with the word after it.
    pub(super) fn opening(&mut self, mark: &str, style: S) {
        for c in mark.chars() {
            self.character(c, style, self.last_is_wide && !self.holds);
            self.holds = true;
        }
    }

    /// White space ends a word: what comes next stands after a space.
    pub(super) fn space(&mut self) {
        self.is_open = false;
    }

    /// Characters without white space, joined to what came before if no space came between.
    pub(super) fn text(&mut self, text: &str, style: S) {
        for c in text.chars() {
            let is_next_to_wide = self.last_is_wide || c.width() == Some(2);
            self.character(c, style, is_next_to_wide && c.is_alphanumeric() && !self.holds);
            self.holds = false;
        }
    }

    fn character(&mut self, c: char, style: S, may_break: bool) {
        let cells = c.width().unwrap_or(0);
        if !self.is_open || may_break {
            self.words.push(Word { parts: Vec::new(), width: 0, is_glued: self.is_open });
            self.is_open = true;
        }
        if cells > 0 {
            self.last_is_wide = cells == 2;
        }
        if let Some(word) = self.words.last_mut() {
            word.push(c, cells, style);
        }
    }

    /// The lines, none wider than `column`, which is at least 3: some characters take as many cells. A space between two parts of one style has that style, others `space`.
    pub(super) fn lines(self, column: usize, space: S) -> Vec<Line<S>> {
        let mut lines: Vec<Line<S>> = Vec::new();
        for word in self.words.into_iter().flat_map(|word| word.broken(column)) {
            match lines.last_mut() {
                Some(line) if line.width + usize::from(!word.is_glued) + word.width <= column => line.push(&word, space),
                _ => lines.push(Line { parts: word.parts, width: word.width }),
            }
        }
        lines
    }
}

impl<S: Copy + PartialEq> Word<S> {
    fn push(&mut self, c: char, cells: usize, style: S) {
        match self.parts.last_mut() {
            Some(part) if part.style == style => part.text.push(c),
            _ => self.parts.push(Part { text: c.into(), style }),
        }
        self.width += cells;
    }

    /// Itself, or the pieces that fit into a column.
    fn broken(self, column: usize) -> Vec<Self> {
        if self.width <= column {
            return vec![self];
        }
        let mut pieces = vec![Self { parts: Vec::new(), width: 0, is_glued: self.is_glued }];
        for (c, style) in self.parts.iter().flat_map(|part| part.text.chars().map(|c| (c, part.style))) {
            let cells = c.width().unwrap_or(0);
            if pieces.last().is_some_and(|piece| piece.width + cells > column) {
                pieces.push(Self { parts: Vec::new(), width: 0, is_glued: true });
            }
            if let Some(piece) = pieces.last_mut() {
                piece.push(c, cells, style);
            }
        }
        pieces
    }
}

/// A line of a cell.
#[derive(Clone, Debug, Default)]
pub(super) struct Line<S> {
    pub(super) parts: Vec<Part<S>>,
    pub(super) width: usize,
}

impl<S: Copy + PartialEq> Line<S> {
    fn push(&mut self, word: &Word<S>, space: S) {
        if !word.is_glued {
            let ends = self.parts.last().map(|part| part.style);
            let goes_on = ends == word.parts.first().map(|part| part.style);
            self.add(" ", if goes_on { ends.unwrap_or(space) } else { space });
            self.width += 1;
        }
        word.parts.iter().for_each(|part| self.add(&part.text, part.style));
        self.width += word.width;
    }

    fn add(&mut self, text: &str, style: S) {
        match self.parts.last_mut() {
            Some(part) if part.style == style => part.text.push_str(text),
            _ => self.parts.push(Part { text: text.into(), style }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wrap(text: &str, column: usize) -> Vec<String> {
        let mut paragraph = Paragraph::new();
        for word in text.split_whitespace() {
            paragraph.text(word, ());
            paragraph.space();
        }
        let line = |line: Line<()>| line.parts.into_iter().map(|part| part.text).collect::<String>();
        paragraph.lines(column, ()).into_iter().map(line).collect()
    }

    #[test]
    fn lines_break_at_spaces_between_wide_letters_and_in_long_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("渔船今天。归港", 6), ["渔船今", "天。归", "港"]);
        assert_eq!(wrap("a\u{17D8}a", 3), ["a", "\u{17D8}", "a"]);
        assert_eq!(wrap("a unbreakable", 6), ["a", "unbrea", "kable"]);
        assert_eq!(wrap("كَتَبَ كَتَبَ", 7), ["كَتَبَ كَتَبَ"], "marks take no cell");
    }

    #[test]
    fn an_opening_mark_stays_with_its_word() {
        let mut paragraph = Paragraph::new();
        paragraph.text("今天", ());
        paragraph.opening("{", ());
        paragraph.text("归}港", ());
        let lines: Vec<_> = paragraph.lines(6, ()).into_iter().map(|line| line.parts[0].text.clone()).collect();
        assert_eq!(lines, ["今天", "{归}港"]);
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_its_column(text in "\\PC{0,60}", column in 3..30_usize) {
            let lines = wrap(&text, column);
            prop_assert!(lines.iter().all(|line| width(line) <= column));
            let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(bare(&lines.concat()), bare(&text));
        }
    }
}
