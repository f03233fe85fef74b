//! Which lines of a text are not prose: code, tables, logs, lists, verse and dialogue, where equal lines are legitimate.
//!
//! In: lines with their token counts. Out: whether each is prose. Lines of fenced code blocks are not prose, nor are [`LEAST_LINES`] or more consecutive
//! lines that look like structured text. A single headline or label between paragraphs counts as prose.

use std::ops::Range;

/// Minimum number of consecutive structured lines.
const LEAST_LINES: usize = 3;
/// A line of at most this many tokens that does not end a sentence is structured.
const UNFINISHED_TOKENS: usize = 20;
/// A line of at most this many tokens is structured, however it ends.
const SHORT_TOKENS: usize = 10;
/// A quoted line of at most this many tokens is dialogue.
const SPOKEN_TOKENS: usize = 25;
/// In a line of code at least one character in this many is a mark that is rare in prose.
const CODE_SHARE: usize = 16;

/// Whether each of `lines` (byte ranges of `text` with token counts) is prose.
pub(super) fn prose(text: &str, lines: impl Iterator<Item = (Range<usize>, usize)>) -> Vec<bool> {
    let (mut is_fenced, mut is_prose, mut run) = (false, Vec::new(), 0);
    let mut end = 0;
    for (range, tokens) in lines {
        is_fenced ^= fences(&text[end..range.start]) % 2 == 1;
        let own = fences(&text[range.clone()]);
        end = range.end;
        is_prose.push(!is_fenced && own == 0);
        is_fenced ^= own % 2 == 1;
        run = if is_structured(&text[range], tokens) { run + 1 } else { 0 };
        if run >= LEAST_LINES {
            let from = is_prose.len() - if run == LEAST_LINES { LEAST_LINES } else { 1 };
            is_prose[from..].fill(false);
        }
    }
    is_prose
}

/// Number of lines in `text` that open or close a Markdown code block.
fn fences(text: &str) -> usize {
    if !text.contains("```") && !text.contains("~~~") {
        return 0;
    }
    text.split(['\n', '\r']).map(str::trim_start).filter(|line| line.starts_with("```") || line.starts_with("~~~")).count()
}

fn is_structured(line: &str, tokens: usize) -> bool {
    tokens <= SHORT_TOKENS
        || tokens <= UNFINISHED_TOKENS && !ends_sentence(line)
        || has_label(line)
        || is_spoken(line, tokens)
        || is_logged(line)
        || is_tabular(line)
        || is_code(line)
}

fn ends_sentence(line: &str) -> bool {
    let end = line.trim_end_matches(['"', '\'', '”', '’', '»', ')', ']', ' ']);
    end.ends_with(['.', '!', '?', '…', '؟', '۔', '。', '！', '？', '।'])
}

/// The rest of `line` after a list label (a bullet, or a number or letter followed by a mark); None without a label.
pub(super) fn after_label(line: &str) -> Option<&str> {
    let line = line.trim_start();
    if let Some(rest) = line.strip_prefix(['•', '‣', '◦', '▪', '●', '○', '■', '□', '–', '—', '-', '*', '+', '·', '−'])
    {
        return rest.is_empty().then_some(rest).or_else(|| rest.strip_prefix([' ', '\t']));
    }
    let inner = line.strip_prefix(['(', '[']).unwrap_or(line);
    let length: usize = inner.chars().take_while(|c| c.is_numeric()).take(4).map(char::len_utf8).sum();
    let length = if length > 0 { length } else { inner.chars().next().filter(|c| c.is_alphabetic()).map_or(0, char::len_utf8) };
    let rest = inner[length..].strip_prefix(['.', ')', ']', '-', ':', '–', '۔']).filter(|_| length > 0)?;
    rest.is_empty().then_some(rest).or_else(|| rest.strip_prefix([' ', '\t']))
}

fn has_label(line: &str) -> bool {
    after_label(line).is_some()
}

/// A line of dialogue: it begins with a quotation mark, or with the name of the speaker and a colon.
fn is_spoken(line: &str, tokens: usize) -> bool {
    let is_quoted = line.starts_with(['"', '“', '«', '„', '‘', '「']);
    let name = line.split_once(": ").map(|(name, _)| name);
    let is_named =
        name.is_some_and(|name| name.split_whitespace().count() <= 3 && name.chars().all(|c| c.is_alphabetic() || " .-".contains(c)));
    tokens <= SPOKEN_TOKENS && (is_quoted || is_named)
}

/// A line of a log: it begins with a digit and has a date or time near its beginning.
fn is_logged(line: &str) -> bool {
    let begins = line.trim_start_matches(['[', '(', '<']).starts_with(char::is_numeric);
    let digits = |c: Option<&u8>| c.is_some_and(u8::is_ascii_digit);
    let bytes = &line.as_bytes()[..line.len().min(40)];
    begins && (1..bytes.len()).any(|at| matches!(bytes[at], b':' | b'-' | b'/') && digits(bytes.get(at - 1)) && digits(bytes.get(at + 1)))
}

/// A table row: cells separated by bars, tabs or at least two spaces.
fn is_tabular(line: &str) -> bool {
    let wide = line.trim().split("  ").filter(|cell| !cell.trim().is_empty()).count();
    line.matches('|').count() >= 2 || line.matches('\t').count() >= 2 || wide >= 3
}

fn is_code(line: &str) -> bool {
    let marks = line
        .chars()
        .filter(|&c| matches!(c, '{' | '}' | '(' | ')' | '[' | ']' | ';' | '=' | '<' | '>' | '`' | '\\' | '_' | '$' | '#' | '&'))
        .count();
    marks >= 2 && marks * CODE_SHARE >= line.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use refrain_engine::text::{Fold, Tokens};

    fn prose_of(text: &str) -> Vec<bool> {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let range = |line: &str| {
            let start = line.as_ptr() as usize - text.as_ptr() as usize;
            start..start + line.len()
        };
        prose(text, lines.map(|line| (range(line), Tokens::of(line, Fold::Full).len())))
    }

    const PARAGRAPH: &str =
        "The board of the harbour met on the last day of the month and agreed to repair the pier before the storms of the winter come.";

    #[test]
    fn lines_of_code_tables_logs_lists_verse_and_dialogue_are_no_prose() {
        let kinds = [
            "let x = f(a);\nif (x > 3) {\n    return g(x, \"a long string of words that is none of prose\", y[2], z);\n}",
            "| name | age | town of birth and what else is known of it, at length |\n|---|---|---|\n| Ana | 3 | Brask |",
            "2031-04-01 10:00:15 INFO worker nine finished a job of the queue in time, and the queue was then empty until the next.\n"
                .repeat(3)
                .leak(),
            "• one and more of it\n• two\n• three",
            "1. Wash the rice until the water that runs from it is clear, then leave it in the sieve for a quarter of an hour.\n2. Boil.\n3. Serve.",
            "O come to the water\nO come to the sea\nO come with your daughter\nO come, come with me",
            "“Who is it?”\n“It is the man who came yesterday with the letter from the board.”\n“Let him in.”",
            "ANA: Who is it that knocks at the door of this house at such an hour of the night?\nBEN: I.\nANA: You!",
            "Lions 2, Bears 1\nWolves 0, Foxes 3\nHawks 1, Crows 1",
        ];
        for text in kinds {
            assert!(prose_of(text).iter().all(|&is_prose| !is_prose), "{text}");
        }
        let mixed = format!("A headline\n{PARAGRAPH}\n\nBy a name\n{PARAGRAPH}\n- one\n- two\n- three\n{PARAGRAPH}");
        assert_eq!(prose_of(&mixed), [true, true, true, true, false, false, false, true]);
    }

    #[test]
    fn fenced_lines_are_code_whatever_they_look_like() {
        let text = format!("{PARAGRAPH}\n```sh\n{PARAGRAPH}\n```\n{PARAGRAPH}\n");
        assert_eq!(prose_of(&text), [true, false, false, false, true]);
    }

    #[test]
    fn labels_of_lists_are_told_from_words() {
        for (line, rest) in [("- x", "x"), ("3. x", "x"), ("(ب) x", "x"), ("٣- x", "x"), ("a) x", "x"), ("12:", "")] {
            assert_eq!(after_label(line), Some(rest), "{line}");
        }
        for line in ["-x", "3.5 x", "word x", "12345. x", "A x", ""] {
            assert_eq!(after_label(line), None, "{line}");
        }
    }
}
