//! Words that are broken at the end of a line: where the word goes on behind its hyphen.
//!
//! In: a text and the position of a hyphen. Out: the position of the rest of the word, if the hyphen breaks one. The rules need no dictionary, so that
//! "well-" before a line with "known" is one word, as "detec-" before "tion" is.

use super::fold::{Fold, Kind, Table};

/// Scripts whose words are not broken with hyphens: Hebrew and Arabic with their presentation forms, and Hangul.
const UNBROKEN: [(char, char); 6] = [
    ('\u{590}', '\u{8FF}'),
    ('\u{1100}', '\u{11FF}'),
    ('\u{3130}', '\u{318F}'),
    ('\u{AC00}', '\u{D7FF}'),
    ('\u{FB1D}', '\u{FDFF}'),
    ('\u{FE70}', '\u{FEFC}'),
];

/// The byte where a word goes on that the hyphen at `at` breaks at the end of a line; None if it breaks none. A hyphen breaks a word between two letters,
/// followed by at most spaces, one line end and white space; a capital behind a small letter begins another word. A soft hyphen breaks a word wherever
/// it occurs. Time linear in the white space behind the hyphen and the marks before it.
pub(super) fn rest_of_word(text: &str, at: usize) -> Option<usize> {
    let mut behind = text[at..].chars();
    let is_soft = Table::of(Fold::Full).entry(behind.next()?).kind() == Kind::SoftHyphen;
    let line_end = behind.as_str().trim_start_matches([' ', '\t']);
    let next_line = ["\r\n", "\n", "\r"].iter().find_map(|end| line_end.strip_prefix(end))?;
    let rest = next_line.trim_start_matches(|c: char| c.is_whitespace() && !matches!(c, '\n' | '\r'));
    let next = rest.chars().next()?;
    let goes_on = if is_soft {
        folds_to(next, |kind| matches!(kind, Kind::Letter | Kind::NoSpaceLetter))
    } else {
        let last = text[..at].chars().rev().find(|&c| !is_mark(c))?;
        is_broken(last) && is_broken(next) && !(last.is_lowercase() && next.is_uppercase())
    };
    goes_on.then_some(text.len() - rest.len())
}

/// True if the last word of `line`, a range of `text` that ends where a line does, goes on behind the line end.
pub(super) fn breaks_word(text: &str, line: std::ops::Range<usize>) -> bool {
    let line = (line.start, text[line].trim_end_matches([' ', '\t']));
    let Some(last) = line.1.chars().next_back() else { return false };
    let at = line.0 + line.1.len() - last.len_utf8();
    matches!(Table::of(Fold::Full).entry(last).kind(), Kind::Hyphen | Kind::SoftHyphen) && rest_of_word(text, at).is_some()
}

fn is_mark(c: char) -> bool {
    matches!(Table::of(Fold::Full).entry(c).kind(), Kind::Mark | Kind::NoSpaceMark | Kind::Drop)
}

/// True for letters of a script whose words are broken with hyphens.
fn is_broken(c: char) -> bool {
    let is_letter = folds_to(c, |kind| kind == Kind::Letter) && c.is_alphabetic();
    is_letter && !UNBROKEN.iter().any(|&(first, last)| (first..=last).contains(&c))
}

/// True if all characters that `c` folds to are of a kind.
fn folds_to(c: char, is_kind: impl Fn(Kind) -> bool) -> bool {
    let entry = Table::of(Fold::Full).entry(c);
    if entry.kind() == Kind::Several { entry.several().all(|one| is_kind(one.kind())) } else { is_kind(entry.kind()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What follows the first hyphen of `text` if a word goes on there.
    fn rest(text: &str) -> Option<&str> {
        let at = text.find(|c| matches!(Table::of(Fold::Full).entry(c).kind(), Kind::Hyphen | Kind::SoftHyphen)).unwrap();
        assert_eq!(breaks_word(text, 0..text.find(['\n', '\r']).unwrap_or(text.len())), rest_of_word(text, at).is_some(), "{text:?}");
        rest_of_word(text, at).map(|rest| &text[rest..])
    }

    #[test]
    fn a_hyphen_at_the_end_of_a_line_breaks_a_word() {
        for text in
            ["detec-\ntion", "detec- \t\n   tion", "detec-\r\n\u{a0}tion", "detec\u{2010}\rtion", "detec\u{ad}\ntion", "detec¬\ntion"]
        {
            assert_eq!(rest(text), Some("tion"), "{text:?}");
        }
        assert_eq!(rest("ΑΝΑ-\nΦΟΡΑ"), Some("ΦΟΡΑ"));
        assert_eq!(rest("re\u{301}-\nunion"), Some("union"));
        assert_eq!(rest("المد\u{ad}\nينة"), Some("ينة"));
    }

    #[test]
    fn other_hyphens_break_none() {
        for text in [
            "detec-tion",
            "detec-",
            "detec-\n",
            "detec-\n\ntion",
            "detec-\r\n\r\ntion",
            "a word -\nanother",
            "Jean-\nPaul",
            "1999-\n2000",
            "covid-\n19",
            "word--\nword",
            "-\nitem",
            "ك-\nك",
            "中-\n国",
            "c-\nำ",
            "한-\n미",
        ] {
            assert_eq!(rest(text), None, "{text:?}");
        }
    }
}
