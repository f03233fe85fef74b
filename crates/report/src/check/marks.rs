//! Marks in a text file: what is between `refrain:ignore-start` and `refrain:ignore-end` is ignored.
//!
//! In: a text. Out: the same text with as many code points and the same line ends, in which ignored lines have no words. Where there are words on both
//! sides of ignored lines, a boundary keeps passages from reaching over them. A mark is alone in its line but for what opens and closes a comment, or
//! comes in a comment behind other text; a text that merely mentions a mark has none.

use refrain_engine::document::{IGNORE_END, IGNORE_START, MARK_CHARS};
use refrain_engine::text::{BOUNDARY, FILLER};
use std::borrow::Cow;
use std::ops::Range;

/// How both marks begin.
const PREFIX: &str = "refrain:ignore-";
const START: &str = "refrain:ignore-start";
const END: &str = "refrain:ignore-end";

/// What opens a comment behind other text.
const OPENERS: [&str; 12] = ["//", "/*", "*", "#", "<!--", "--", ";", "%", "(*", "{-", "{#", ".."];
/// Words that open a comment at the beginning of a line.
const OPENING_WORDS: [&str; 4] = ["rem", "dnl", "@c", "@comment"];

/// What is ignored in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ignored {
    /// Code points, in order and apart.
    pub(super) ranges: Vec<[usize; 2]>,
    /// Line, from 1, of a start without an end; 0 in a page.
    open_start: Option<usize>,
    /// Line, from 1, of the first end without a start; 0 in a page.
    lone_end: Option<usize>,
}

impl Ignored {
    /// What a user should know of the marks of a file.
    pub(super) fn note(&self, file: &str) -> Option<String> {
        let place = |line: usize| if line == 0 { file.to_owned() } else { format!("{file}:{line}") };
        match (self.open_start, self.lone_end) {
            (Some(line), _) => Some(format!("{}: {START} without {END}: everything after it is ignored", place(line))),
            (None, Some(line)) => Some(format!("{}: {END} without {START} before it: it has no effect", place(line))),
            (None, None) => None,
        }
    }
}

/// The text without the words of ignored lines, and what is ignored; None if there is no mark.
pub(super) fn masked(text: Cow<'_, str>) -> (Cow<'_, str>, Option<Ignored>) {
    if marks_in(&text, PREFIX).next().is_none() {
        return (text, None);
    }
    let (regions, ignored) = regions(&text);
    without(text, &regions, ignored)
}

/// The same of a page, whose marks were comments.
pub(super) fn masked_page(text: Cow<'_, str>) -> (Cow<'_, str>, Option<Ignored>) {
    if !text.contains([IGNORE_START, IGNORE_END]) {
        return (text, None);
    }
    let (mut regions, mut ignored, mut open) = (Vec::new(), Ignored::default(), None);
    for (at, mark) in text.match_indices([IGNORE_START, IGNORE_END]) {
        if mark.starts_with(IGNORE_START) {
            open = open.or(Some(at));
        } else {
            let end = at + text[at..].chars().take(MARK_CHARS).map(char::len_utf8).sum::<usize>();
            match open.take() {
                Some(start) => regions.push(start..end),
                None => ignored.lone_end = ignored.lone_end.or(Some(0)),
            }
        }
    }
    if let Some(start) = open {
        regions.push(start..text.len());
        ignored.open_start = Some(0);
    }
    without(text, &regions, ignored)
}

/// The text without the words of `regions`, which are in order and apart.
fn without<'t>(text: Cow<'t, str>, regions: &[Range<usize>], mut ignored: Ignored) -> (Cow<'t, str>, Option<Ignored>) {
    if regions.is_empty() {
        return (text, Some(ignored).filter(|ignored| ignored.lone_end.is_some()));
    }
    let has_word = |range: Range<usize>| text[range].contains(char::is_alphanumeric);
    let starts = regions.iter().skip(1).map(|next| next.start).chain([text.len()]);
    let mut word_after: Vec<bool> = regions.iter().zip(starts).map(|(region, next)| has_word(region.end..next)).collect();
    (1..word_after.len()).rev().for_each(|at| word_after[at - 1] |= word_after[at]);
    let mut out = String::with_capacity(text.len());
    let (mut at, mut chars, mut has_word_before) = (0, 0, false);
    for (number, region) in regions.iter().enumerate() {
        let before = &text[at..region.start];
        out.push_str(before);
        chars += before.chars().count();
        has_word_before |= has_word(at..region.start);
        let is_boundary = has_word_before && word_after[number];
        // Words before this boundary are behind the last one.
        has_word_before &= !is_boundary;
        let mut boundary = if is_boundary { BOUNDARY.chars() } else { "".chars() };
        let start = chars;
        for c in text[region.clone()].chars() {
            out.push(if matches!(c, '\n' | '\r') { c } else { boundary.next().unwrap_or(FILLER) });
            chars += 1;
        }
        ignored.ranges.push([start, chars]);
        at = region.end;
    }
    out.push_str(&text[at..]);
    (Cow::Owned(out), Some(ignored))
}

/// Bytes of the ignored lines, with their ends, in order.
fn regions(text: &str) -> (Vec<Range<usize>>, Ignored) {
    let (mut regions, mut ignored) = (Vec::new(), Ignored::default());
    let (mut at, mut number, mut ends_with_cr) = (0, 0, false);
    let mut open: Option<(usize, usize)> = None;
    for line in text.split_inclusive(['\n', '\r']) {
        // A line end of two characters ends one line.
        number += usize::from(!(ends_with_cr && line == "\n"));
        ends_with_cr = line.ends_with('\r');
        if open.is_none() && has_mark(line, START) {
            open = Some((at, number));
        }
        at += line.len();
        if has_mark(line, END) {
            match open.take() {
                Some((start, _)) => regions.push(start..at),
                None => ignored.lone_end = ignored.lone_end.or(Some(number)),
            }
        }
    }
    if let Some((start, line)) = open {
        regions.push(start..at);
        ignored.open_start = Some(line);
    }
    (regions, ignored)
}

fn has_mark(line: &str, mark: &'static str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || "-_`'\"”’»".contains(c);
    // The end of a comment may follow at once: `-->`, `-}`, `--%>`.
    let is_end = |rest: &str| rest.starts_with('-') && rest.trim_start_matches('-').starts_with(['>', '}', '%', '!']);
    marks_in(line, mark).any(|at| {
        let rest = &line[at + mark.len()..];
        opens_comment(&line[..at]) && (is_end(rest) || !rest.starts_with(goes_on))
    })
}

/// The bytes at which `mark` begins, in capital letters or small ones.
fn marks_in<'t>(text: &'t str, mark: &'static str) -> impl Iterator<Item = usize> + 't {
    let colon = mark.find(':').unwrap_or_default();
    let starts = memchr::memchr_iter(b':', text.as_bytes()).filter_map(move |at| at.checked_sub(colon));
    starts.filter(move |&at| text.as_bytes().get(at..at + mark.len()).is_some_and(|found| found.eq_ignore_ascii_case(mark.as_bytes())))
}

/// True if `before`, the beginning of a line, is no prose in which a mark is mentioned.
fn opens_comment(before: &str) -> bool {
    let before = before.trim_matches(['\u{FEFF}', ' ', '\t', '\u{A0}']);
    if before.contains(char::is_alphanumeric) {
        return OPENERS.iter().any(|opener| before.ends_with(opener)) || OPENING_WORDS.contains(&before.to_lowercase().as_str());
    }
    !before.ends_with(['`', '\'', '"', '“', '”', '‘', '’', '«', '»', '„'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The masked text with `.` for what has no words and `|` for a boundary.
    fn shown(text: &str) -> String {
        let masked = masked(text.into()).0.replace(BOUNDARY, "||||");
        masked.replace(FILLER, ".")
    }

    fn note(text: &str) -> Option<String> {
        masked(text.into()).1.and_then(|ignored| ignored.note("f"))
    }

    #[test]
    fn lines_between_the_marks_have_no_words() {
        let text = "one\r\n# refrain:ignore-start\r\nخبر 😀\r\n# refrain:ignore-end\r\ntwo\r\n";
        assert_eq!(shown(text), "one\r\n||||..................\r\n.....\r\n....................\r\ntwo\r\n");
        assert_eq!(masked(text.into()).1.unwrap().ranges, [[5, 57]]);
        assert_eq!(shown("a\n<!-- refrain:ignore-start -->\nb"), "a\n.............................\n.");
        assert!(matches!(masked("refrain:ignore-end\n".into()).0, Cow::Borrowed(_)));
    }

    #[test]
    fn a_boundary_is_only_between_words() {
        let mark = "# refrain:ignore-start\n# refrain:ignore-end\n";
        let count = |text: String| shown(&text).matches("||||").count();
        assert_eq!(count(format!("{mark}text")), 0, "a header");
        assert_eq!(count(format!("text\n{mark}")), 0, "a footer");
        assert_eq!(count(format!("a\n{mark}--\n{mark}b")), 1, "no word between two regions");
        assert_eq!(count(format!("a\n{mark}b\n{mark}c")), 2);
        assert_eq!(count(mark.to_owned()), 0);
    }

    #[test]
    fn starts_without_an_end_and_ends_without_a_start_are_said() {
        assert_eq!(
            note("a\r\n\r\n% refrain:ignore-start\r\nb").unwrap(),
            "f:3: refrain:ignore-start without refrain:ignore-end: everything after it is ignored"
        );
        assert_eq!(
            note("a\n// refrain:ignore-end\nb").unwrap(),
            "f:2: refrain:ignore-end without refrain:ignore-start before it: it has no effect"
        );
        assert_eq!(note("# refrain:ignore-start\n# refrain:ignore-start\n# refrain:ignore-end\n"), None, "a start within is none");
    }

    #[test]
    fn marks_are_in_comments_and_not_in_prose() {
        for line in [
            "refrain:ignore-start",
            "  <!-- refrain:ignore-start -->",
            "<!--refrain:ignore-start licence text-->",
            "[//]: # (refrain:ignore-start)",
            "code(); // refrain:ignore-start",
            "/* refrain:ignore-start */",
            "\u{FEFF}# refrain:ignore-start",
            ".. refrain:ignore-start",
            "% refrain:ignore-start",
            "REM refrain:ignore-start",
            "{# refrain:ignore-start #}",
            "<!--refrain:ignore-start-->",
            "<!-- Refrain:Ignore-Start -->",
            "REFRAIN:IGNORE-START",
            "{-refrain:ignore-start-}",
        ] {
            assert!(has_mark(line, START), "{line}");
        }
        for line in [
            "Between a line with refrain:ignore-start and",
            "with `refrain:ignore-start` and one with",
            "`refrain:ignore-start`, both included",
            "the mark \"refrain:ignore-start\"",
            "# refrain:ignore-starting",
            "# refrain:ignore-start-up",
            "# refrain:ignore-start-",
            "(see refrain:ignore-start)",
        ] {
            assert!(!has_mark(line, START), "{line}");
        }
    }

    #[test]
    fn marks_of_a_page_are_characters_in_its_text() {
        let (start, end) = (refrain_engine::document::ignore_mark(IGNORE_START), refrain_engine::document::ignore_mark(IGNORE_END));
        let shown = |text: String| masked_page(text.into()).0.replace(BOUNDARY, "||||").replace(FILLER, ".");
        assert_eq!(shown(format!("a{start}\n\nb{end}\n\nc")), "a.||||.\n\n.......\n\nc");
        assert_eq!(shown(format!("a{start}{end} c{end}")), "a.||||....... c.\u{FDD2}....");
        assert_eq!(shown(format!("{start}a{end}b{start}c")), ".............b.......");
        let note = |text: String| masked_page(text.into()).1.and_then(|ignored| ignored.note("f"));
        assert_eq!(
            note(format!("a{start}b")).unwrap(),
            "f: refrain:ignore-start without refrain:ignore-end: everything after it is ignored"
        );
        assert_eq!(note(format!("a{end}b")).unwrap(), "f: refrain:ignore-end without refrain:ignore-start before it: it has no effect");
        assert_eq!(note("a".into()), None);
    }

    proptest! {
        #[test]
        fn no_offset_moves(parts in prop::collection::vec(prop_oneof![".{0,6}", Just(START.to_owned()), Just(END.to_owned()), Just("\n".to_owned()), Just("\r\n".to_owned())], 0..20)) {
            let text = parts.concat();
            let (masked, ignored) = masked(text.as_str().into());
            prop_assert_eq!(masked.chars().count(), text.chars().count());
            let ends = |text: &str| text.chars().enumerate().filter(|(_, c)| matches!(c, '\n' | '\r')).collect::<Vec<_>>();
            prop_assert_eq!(ends(&masked), ends(&text));
            // What is not ignored is as it was.
            let ranges = ignored.unwrap_or_default().ranges;
            for (at, (is, was)) in masked.chars().zip(text.chars()).enumerate() {
                prop_assert!(is == was || ranges.iter().any(|[start, end]| (*start..*end).contains(&at)));
            }
        }
    }
}
