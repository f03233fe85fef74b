//! How a text reads on where something was taken from it.
//!
//! In: a text and what is to go. Out: what goes with it, so that one separator stays of the two around it, the one with more line ends. A
//! text keeps the white space that it begins and ends with; no blank line is doubled, no final line end lost.

use std::ops::Range;

/// White space as segments have it.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1C}'..='\u{1F}').contains(&c)
}

/// True if `text` has nothing that is read aloud.
pub(super) fn is_silent(text: &str) -> bool {
    !text.chars().any(char::is_alphanumeric)
}

/// `range`, which lies on character boundaries, with what is to go with it.
pub(super) fn mended(text: &str, range: Range<usize>) -> Range<usize> {
    let inside = text[range.clone()].trim_start_matches(is_space);
    if inside.is_empty() {
        return range;
    }
    let start = range.end - inside.len();
    let range = with_stray_marks(text, start..start + inside.trim_end_matches(is_space).len());
    let before = text[..range.start].len() - text[..range.start].trim_end_matches(is_space).len();
    let after = text[range.end..].len() - text[range.end..].trim_start_matches(is_space).len();
    let (left, right) = (range.start - before..range.start, range.end..range.end + after);
    let (at_start, at_end) = (left.start == 0, right.end == text.len());
    let takes_left = match (at_start, at_end) {
        (true, _) => false,
        (false, true) => true,
        (false, false) => line_ends(&text[right.clone()]) > line_ends(&text[left.clone()]),
    };
    if before > 0 && after == 0 && line_ends(&text[left.clone()]) == 0 && begins_with_closing_mark(&text[range.end..]) {
        return left.start..range.end;
    }
    // Where there is nothing on one side, there is nothing to take, and words must not run together.
    match (takes_left, before, after) {
        (true, _, 0) if !at_end => range,
        (true, ..) => left.start..range.end,
        (false, 0, _) if !at_start => range,
        (false, ..) => range.start..right.end,
    }
}

/// `range` out to the edges of its lines where nothing but marks would stay on them; else with the marks that follow it, if what they closed
/// is gone.
fn with_stray_marks(text: &str, range: Range<usize>) -> Range<usize> {
    if let Some((start, end)) = silent_before(text, range.start).zip(silent_after(text, range.end)) {
        let inside = text[start..end].trim_start_matches(is_space);
        let start = end - inside.len();
        return start.min(range.start)..(start + inside.trim_end_matches(is_space).len()).max(range.end);
    }
    let marks = text[range.end..].len() - text[range.end..].trim_start_matches(|c: char| !c.is_alphanumeric() && !is_space(c)).len();
    let end = range.end + marks;
    let closes = text[end..].chars().next().is_none_or(is_space);
    let after_mark = text[..range.start].trim_end_matches(is_space).chars().next_back().is_none_or(|c| !c.is_alphanumeric());
    if closes && after_mark { range.start..end } else { range }
}

/// True for a mark that stands at the end of something: "." before white space, but no "-" inside a word.
fn begins_with_closing_mark(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| !c.is_alphanumeric() && !is_space(c));
    rest.len() < text.len() && rest.chars().next().is_none_or(is_space)
}

/// Where the line begins that has nothing but marks before `at`; None if it has more. Looks no further than it must: a line may be a book.
fn silent_before(text: &str, at: usize) -> Option<usize> {
    for (place, c) in text[..at].char_indices().rev() {
        match c {
            '\n' | '\r' => return Some(place + 1),
            c if c.is_alphanumeric() => return None,
            _ => {}
        }
    }
    Some(0)
}

/// Where the line ends that has nothing but marks from `at` on.
fn silent_after(text: &str, at: usize) -> Option<usize> {
    for (place, c) in text[at..].char_indices() {
        match c {
            '\n' | '\r' => return Some(at + place),
            c if c.is_alphanumeric() => return None,
            _ => {}
        }
    }
    Some(text.len())
}

fn line_ends(space: &str) -> usize {
    let bytes = space.as_bytes();
    let ends = |at: &usize| bytes[*at] == b'\n' || bytes[*at] == b'\r' && bytes.get(at + 1) != Some(&b'\n');
    (0..bytes.len()).filter(ends).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The text without what stands between the brackets.
    fn without(marked: &str) -> String {
        let (start, end) = (marked.find('⟦').unwrap(), marked.find('⟧').unwrap());
        let text = marked.replace(['⟦', '⟧'], "");
        let range = mended(&text, start..end - '⟦'.len_utf8());
        text[..range.start].to_owned() + &text[range.end..]
    }

    #[test]
    fn one_separator_stays() {
        let cases = [
            ("one\n⟦two⟧\nthree", "one\nthree"),
            ("one\n\n⟦two⟧\nthree", "one\n\nthree"),
            ("one\n⟦two⟧\n\nthree", "one\n\nthree"),
            ("one\r\n\r\n⟦two⟧\r\nthree\r\n", "one\r\n\r\nthree\r\n"),
            ("one ⟦two⟧ three", "one three"),
            ("one ⟦two⟧\nthree", "one\nthree"),
            ("⟦one⟧\n\ntwo\n", "two\n"),
            ("one\n\n⟦two⟧\n", "one\n"),
            ("one\n\n⟦two⟧", "one"),
            ("one.⟦ two⟧ three", "one. three"),
            ("one,⟦two⟧ three", "one, three"),
            ("one ⟦two⟧-three", "one -three"),
            ("雨。⟦雪。⟧風。", "雨。風。"),
            ("⟦one⟧", ""),
            ("one\n⟦two ⟧", "one "),
            ("one⟦\ntwo\n⟧three", "one\nthree"),
            ("one\n\u{a0}\n⟦two⟧\n\u{a0}\nthree", "one\n\u{a0}\nthree"),
        ];
        for (marked, left) in cases {
            assert_eq!(without(marked), left, "{marked:?}");
        }
    }

    #[test]
    fn marks_do_not_stay_alone() {
        let cases = [
            ("One. ⟦two three⟧. Four.", "One. Four."),
            ("One\n• ⟦two three⟧.\nfour", "One\nfour"),
            ("One, ⟦two three⟧, four", "One, four"),
            ("One ⟦two three⟧. Four", "One. Four"),
            ("«⟦one two⟧».\n\nthree", "three"),
        ];
        for (marked, left) in cases {
            assert_eq!(without(marked), left, "{marked:?}");
        }
    }

    proptest! {
        #[test]
        fn no_line_is_joined_to_another_and_no_blank_line_doubled(
            parts in prop::collection::vec(("[a-c]{1,3}( [a-c.]{1,3}){0,3}", "(\n|\n\n|\r\n|\r\n\r\n|\n \n)"), 2..7),
            which in 0..7_usize,
            trailing in any::<bool>(),
        ) {
            let which = which % parts.len();
            let mut text = String::new();
            let mut range = 0..0;
            let mut widest = 0;
            for (at, (words, separator)) in parts.iter().enumerate() {
                let start = text.len();
                text += words;
                if at == which {
                    range = start..text.len();
                }
                if at + 1 < parts.len() || trailing {
                    text += separator;
                    widest = widest.max(line_ends(separator));
                }
            }
            let end = &text[text.trim_end().len()..];
            let cut = mended(&text, range.clone());
            let left = text[..cut.start].to_owned() + &text[cut.end..];
            prop_assert!(cut.start <= range.start && cut.end >= range.end);
            let words: Vec<&str> = parts.iter().enumerate().filter(|(at, _)| *at != which).map(|(_, (words, _))| words.as_str()).collect();
            prop_assert_eq!(left.lines().filter(|line| !line.trim().is_empty()).map(str::trim_end).collect::<Vec<_>>(),
                words.iter().map(|words| words.trim_end()).collect::<Vec<_>>());
            prop_assert_eq!(&left[left.trim_end().len()..], end);
            prop_assert!(line_ends(&left) <= line_ends(&text));
            let gaps = left.trim().split(|c: char| !c.is_whitespace()).map(line_ends).max().unwrap_or(0);
            prop_assert!(gaps <= widest);
        }
    }
}
