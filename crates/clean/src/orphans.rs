//! Labels of list items and headlines that a removal would leave without content.
//!
//! In: a text and a range to remove. Out: the range extended by the label or headline.

use super::structure::after_label;
use std::ops::Range;

/// A headline has at most so many words.
const HEADLINE_WORDS: usize = 8;

/// `removed`, extended by the label and the headline before it if they would be left without content.
pub(super) fn with_orphans(text: &str, removed: Range<usize>) -> Range<usize> {
    let line_start = text[..removed.start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let label = &text[line_start..removed.start];
    let start = if after_label(label).is_some_and(|rest| rest.trim().is_empty()) { line_start } else { removed.start };
    let ends_line = text[removed.end..].split(['\n', '\r']).next().is_none_or(|rest| !rest.contains(char::is_alphanumeric));
    if !text[line_start..start].contains(char::is_alphanumeric) && ends_line {
        return headline_before(text, start, removed.end).unwrap_or(start)..removed.end;
    }
    start..removed.end
}

/// The start of the headline before `start`, if the text ends at `end` or another headline follows.
fn headline_before(text: &str, start: usize, end: usize) -> Option<usize> {
    let before = text[..start].trim_end();
    let line_start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let line = &before[line_start..];
    // The first line is the title of the whole text.
    let is_first = !text[..line_start].contains(char::is_alphanumeric);
    let next = text[end..].split(['\n', '\r']).map(str::trim).find(|line| line.contains(char::is_alphanumeric));
    let level = |line: &str| line.len() - line.trim_start_matches('#').len();
    // A Markdown headline of a lower level continues the section.
    let continues = |next: &str| !is_headline(next) || level(next) > level(line) && level(line) > 0;
    (!is_first && is_headline(line) && !next.is_some_and(continues)).then_some(line_start + line.len() - line.trim_start().len())
}

/// A Markdown headline, or a short line that ends in a colon or is in capitals. Other short lines may be content.
fn is_headline(line: &str) -> bool {
    let line = line.trim();
    let is_upper = line.contains(char::is_uppercase) && !line.contains(char::is_lowercase);
    let words = line.split_whitespace().count();
    words > 0 && words <= HEADLINE_WORDS && (line.starts_with('#') || line.ends_with([':', '：']) || is_upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The extended range, for a removal that is marked by brackets.
    fn extended(marked: &str) -> String {
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
            assert_eq!(extended(marked), gone, "{marked:?}");
        }
    }
}
