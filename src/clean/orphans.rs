//! What would stand alone where something was taken out: the label of a list item, and a headline with nothing under it.
//!
//! In: a text and what goes of it. Out: that with what goes besides.

use super::structure::after_label;
use std::ops::Range;

/// A headline has at most so many words.
const HEADLINE_WORDS: usize = 8;

/// `goes` with the label and the headline before it that would be left without content.
pub(super) fn with_orphans(text: &str, goes: Range<usize>) -> Range<usize> {
    let line_start = text[..goes.start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let label = &text[line_start..goes.start];
    let start = if after_label(label).is_some_and(|rest| rest.trim().is_empty()) { line_start } else { goes.start };
    let ends_line = text[goes.end..].split(['\n', '\r']).next().is_none_or(|rest| !rest.contains(char::is_alphanumeric));
    if !text[line_start..start].contains(char::is_alphanumeric) && ends_line {
        return headline_before(text, start, goes.end).unwrap_or(start)..goes.end;
    }
    start..goes.end
}

/// Where the headline begins that stands before `start`, if what follows `end` is the end of the text or another headline.
fn headline_before(text: &str, start: usize, end: usize) -> Option<usize> {
    let before = text[..start].trim_end();
    let line_start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let line = &before[line_start..];
    // The first line of a text is its title, which is of more than what goes.
    let is_first = !text[..line_start].contains(char::is_alphanumeric);
    let next = text[end..].split(['\n', '\r']).map(str::trim).find(|line| line.contains(char::is_alphanumeric));
    let level = |line: &str| line.len() - line.trim_start_matches('#').len();
    // Under a headline of Markdown one of a lower level goes on.
    let goes_on = |next: &str| !is_headline(next) || level(next) > level(line) && level(line) > 0;
    (!is_first && is_headline(line) && !next.is_some_and(goes_on)).then_some(line_start + line.len() - line.trim_start().len())
}

/// A headline of Markdown, or a short line with a colon at its end or in capitals. Other short lines may say something of their own.
fn is_headline(line: &str) -> bool {
    let line = line.trim();
    let is_upper = line.contains(char::is_uppercase) && !line.contains(char::is_lowercase);
    let words = line.split_whitespace().count();
    words > 0 && words <= HEADLINE_WORDS && (line.starts_with('#') || line.ends_with([':', '：']) || is_upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What goes with what stands between the brackets.
    fn going(marked: &str) -> String {
        let (start, end) = (marked.find('⟦').unwrap(), marked.find('⟧').unwrap());
        let text = marked.replace(['⟦', '⟧'], "");
        text[with_orphans(&text, start..end - '⟦'.len_utf8())].to_owned()
    }

    #[test]
    fn labels_and_headlines_without_content_go() {
        let cases = [
            ("Title\n\n3. ⟦One two three.⟧\nmore", "3. One two three."),
            ("Title\n\n## Part\n\n⟦One two.⟧\n\n## Other\n\nThree.", "## Part\n\nOne two."),
            ("Title\n\nRead also:\n⟦One two.⟧\n", "Read also:\nOne two."),
            ("Title\n\n## Part\n\n⟦One two.⟧\n\n### Other\n\nThree.", "One two."),
            ("Title\n\nPart\n⟦One two.⟧\n\nA paragraph that is long enough to be none of a headline.", "One two."),
            ("Title\n⟦One two.⟧", "One two."),
            ("A.\n\nPart\nOne. ⟦Two.⟧", "Two."),
            ("A.\n\nPart\n⟦One.⟧ Two.", "One."),
        ];
        for (marked, gone) in cases {
            assert_eq!(going(marked), gone, "{marked:?}");
        }
    }
}
