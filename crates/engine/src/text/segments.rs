//! Lines, paragraphs and sentences.
//!
//! In: a text. Out: byte spans in text order that do not overlap. A paragraph spans its lines from the first character of the
//! first to the last of the last; a sentence carries no white space at its ends.

use super::line_end::breaks_word;
use super::tokens::ByteSpan;
use memchr::{memchr2, memchr2_iter};
use std::ops::Range;

#[expect(clippy::cast_possible_truncation, reason = "texts of 4 GiB and more are refused where they are read")]
fn span(start: usize, end: usize) -> ByteSpan {
    ByteSpan { start: start as u32, end: end as u32 }
}

/// The lines of a text without their ends (`\n`, `\r\n` or `\r`), empty ones too.
fn lines(text: &str) -> impl Iterator<Item = ByteSpan> + '_ {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let bytes = text.as_bytes();
        let Some(length) = memchr2(b'\n', b'\r', &bytes[start..]) else {
            next = None;
            return Some(span(start, bytes.len()));
        };
        let end = start + length;
        next = Some(end + if bytes[end..].starts_with(b"\r\n") { 2 } else { 1 });
        Some(span(start, end))
    })
}

/// White space as in Unicode, and the four separators of ASCII.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1C}'..='\u{1F}').contains(&c)
}

/// The paragraphs of `text`: runs of non-blank lines if blank lines separate such lines; otherwise each non-blank line, with the next one if a word is
/// broken between them.
#[must_use]
pub fn paragraphs(text: &str) -> Vec<ByteSpan> {
    let is_blank = |line: &ByteSpan| text[line.range()].chars().all(is_space);
    let filled: Vec<(usize, ByteSpan)> = lines(text).enumerate().filter(|(_, line)| !is_blank(line)).collect();
    let blank_between = filled.windows(2).any(|pair| pair[1].0 > pair[0].0 + 1);
    let mut paragraphs: Vec<ByteSpan> = Vec::with_capacity(filled.len());
    let mut previous = None;
    for (number, line) in filled {
        match paragraphs.last_mut() {
            Some(open) if previous == Some(number - 1) && (blank_between || breaks_word(text, open.range())) => open.end = line.end,
            _ => paragraphs.push(line),
        }
        previous = Some(number);
    }
    paragraphs
}

/// Ends a sentence wherever it stands.
fn always_ends(c: char) -> bool {
    matches!(c, '…' | '؟' | '۔' | '。' | '！' | '？' | '।')
}

/// Ends a sentence before white space or the paragraph's end.
fn may_end(c: char) -> bool {
    matches!(c, '.' | '!' | '?')
}

/// Stays with the sentence that it closes.
fn is_closer(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '’' | '»' | '›' | ')' | ']' | '}' | '」' | '』' | '）' | '】' | '》')
}

/// Last bytes of the characters that end sentences. Few others end so: of Arabic letters ف, ق, ؤ and ئ.
const LAST_BYTES: [u8; 9] = [b'.', b'!', b'?', 0x81, 0x82, 0x94, 0x9F, 0xA4, 0xA6];

const IS_LAST_BYTE: [bool; 256] = {
    let mut is_last = [false; 256];
    let mut at = 0;
    while at < LAST_BYTES.len() {
        is_last[LAST_BYTES[at] as usize] = true;
        at += 1;
    }
    is_last
};

/// Where the first character of `text` from byte `from` on stands that ends a sentence, or may, and which it is.
fn next_end(text: &str, mut from: usize) -> Option<(usize, char)> {
    loop {
        from += 1 + text.as_bytes()[from..].iter().position(|&byte| IS_LAST_BYTE[usize::from(byte)])?;
        // Within a longer character such a byte ends none.
        let end = text.get(..from).and_then(|before| before.chars().next_back()).filter(|&c| always_ends(c) || may_end(c));
        if let Some(c) = end {
            return Some((from - c.len_utf8(), c));
        }
    }
}

/// The sentences of the paragraph `within`, in order: they end at . ! ? … ؟ ۔ 。 ！ ？ । with the quotes and brackets that close
/// after it, and at the paragraph's end. "3.5", "د." and initials end none.
#[must_use]
pub fn sentences(text: &str, within: ByteSpan) -> Vec<ByteSpan> {
    let mut found = Vec::new();
    let paragraph = &text[within.range()];
    let (mut start, mut from) = (0, 0);
    while let Some((at, c)) = next_end(paragraph, from) {
        from = at + c.len_utf8();
        let mut decided = always_ends(c);
        let mut rest = paragraph[from..].chars().peekable();
        while let Some(c) = rest.next_if(|&c| always_ends(c) || may_end(c) || is_closer(c)) {
            decided |= always_ends(c);
            from += c.len_utf8();
        }
        if decided || rest.peek().is_none_or(|&next| is_space(next)) && !(c == '.' && ends_with_initial(&paragraph[..at])) {
            push_trimmed(&mut found, within, paragraph, start..from);
            start = from;
        }
    }
    push_trimmed(&mut found, within, paragraph, start..paragraph.len());
    found
}

/// True if `text` ends with a letter that stands alone.
fn ends_with_initial(text: &str) -> bool {
    let mut before = text.chars().rev();
    before.next().is_some_and(char::is_alphabetic) && !before.next().is_some_and(char::is_alphanumeric)
}

fn push_trimmed(found: &mut Vec<ByteSpan>, within: ByteSpan, paragraph: &str, range: Range<usize>) {
    let sentence = paragraph[range.clone()].trim_matches(is_space);
    if !sentence.is_empty() {
        let start = range.start + paragraph[range].find(|c| !is_space(c)).unwrap_or(0) + within.start as usize;
        found.push(span(start, start + sentence.len()));
    }
}

/// Turns byte offsets of a text into code points and line numbers. Built in one pass; a look-up counts at most 1 KiB.
#[derive(Clone, Debug)]
pub struct LineIndex<'a> {
    text: &'a str,
    /// Code points and line ends before each stride of the text.
    strides: Vec<(usize, usize)>,
}

const STRIDE: usize = 1024;

impl<'a> LineIndex<'a> {
    /// The index of `text`.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let mut strides = Vec::with_capacity(text.len() / STRIDE + 1);
        let mut seen = (0, 0);
        let bytes = text.as_bytes();
        for start in (0..bytes.len()).step_by(STRIDE) {
            strides.push(seen);
            let stride = start..bytes.len().min(start + STRIDE);
            seen = (seen.0 + count_chars(&bytes[stride.clone()]), seen.1 + count_line_ends(bytes, stride));
        }
        strides.push(seen);
        Self { text, strides }
    }

    /// Code points that begin before byte `offset`; all of them if it is past the end.
    #[must_use]
    pub fn chars(&self, offset: u32) -> usize {
        let (stride, rest) = self.at(offset);
        stride.0 + count_chars(&self.text.as_bytes()[rest])
    }

    /// Number of the line, from 1, that holds byte `offset`; the last one if it is past the end.
    #[must_use]
    pub fn line(&self, offset: u32) -> usize {
        let (stride, rest) = self.at(offset);
        1 + stride.1 + count_line_ends(self.text.as_bytes(), rest)
    }

    /// The counts before the stride that holds `offset`, and the bytes from there.
    fn at(&self, offset: u32) -> ((usize, usize), Range<usize>) {
        let offset = (offset as usize).min(self.text.len());
        let stride = offset / STRIDE;
        (self.strides[stride], stride * STRIDE..offset)
    }
}

/// Counted in bytes, many lanes at a time, as long as those hold.
fn count_chars(bytes: &[u8]) -> usize {
    let begins = |&byte: &u8| u8::from(byte & 0xC0 != 0x80);
    bytes.chunks(usize::from(u8::MAX)).map(|some| usize::from(some.iter().map(begins).sum::<u8>())).sum()
}

/// Line ends in `range`; `\r\n` counts where its `\n` stands.
fn count_line_ends(bytes: &[u8], range: Range<usize>) -> usize {
    let ends = memchr2_iter(b'\n', b'\r', &bytes[range.clone()]).map(|at| range.start + at);
    ends.filter(|&at| bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n')).count()
}

#[cfg(test)]
mod tests {
    use super::super::fold::Fold;
    use super::super::tokens::Tokens;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn offsets_past_the_end_are_the_end() {
        for text in ["", "one\ntwo", &"word\n".repeat(1000)] {
            let index = LineIndex::new(text);
            let end = u32::try_from(text.len()).unwrap();
            for offset in [end, end + 1, u32::MAX] {
                assert_eq!((index.chars(offset), index.line(offset)), (text.len(), 1 + text.matches('\n').count()));
            }
        }
    }

    fn cut(text: &str, spans: &[ByteSpan]) -> Vec<String> {
        spans.iter().map(|s| text[s.range()].to_owned()).collect()
    }

    fn sentences_of(text: &str) -> Vec<String> {
        cut(text, &sentences(text, span(0, text.len())))
    }

    #[test]
    fn blank_lines_with_no_break_spaces_part_paragraphs() {
        let text = "lead\u{a0}\n\u{a0}\u{a0}\nfirst\r\nsecond\n\nlast";
        assert_eq!(cut(text, &paragraphs(text)), ["lead\u{a0}", "first\r\nsecond", "last"]);
    }

    #[test]
    fn without_blank_lines_between_each_line_is_a_paragraph() {
        let text = "\n\none\ntwo\rthree\n \n";
        assert_eq!(cut(text, &paragraphs(text)), ["one", "two", "three"]);
        assert!(paragraphs(" \n\t\r\n").is_empty());
    }

    #[test]
    fn numbers_and_initials_end_no_sentence() {
        assert_eq!(
            sentences_of("Rates rose 3.5 per cent. J. Ode agreed! \"Truly?\" he said. End"),
            ["Rates rose 3.5 per cent.", "J. Ode agreed!", "\"Truly?\"", "he said.", "End"]
        );
        assert_eq!(sentences_of("وصل د. سالم أمس. هل عاد؟نعم."), ["وصل د. سالم أمس.", "هل عاد؟", "نعم."]);
        assert_eq!(sentences_of("雨が降った。「本当か。」彼は言った"), ["雨が降った。", "「本当か。」", "彼は言った"]);
        assert_eq!(sentences_of("  "), Vec::<String>::new());
    }

    #[test]
    fn whatever_ends_a_sentence_is_looked_for() {
        for c in (char::MIN..=char::MAX).filter(|&c| always_ends(c) || may_end(c)) {
            assert_eq!(next_end(&format!("é {c}"), 0), Some((3, c)));
        }
    }

    proptest! {
        #[test]
        fn ends_are_those_of_the_characters(text in "([a-zق ]|[.!?…؟۔。！？।]|[\\x{0}-\\x{3000}]|[\\x{FF00}-\\x{10FFFF}]){0,40}", from in 0..40_usize) {
            let from = (from..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
            let expected = text.char_indices().find(|&(at, c)| at >= from && (always_ends(c) || may_end(c)));
            prop_assert_eq!(next_end(&text, from), expected);
        }

        /// Under every fold, the signs that are tokens under `none` and the separators of ASCII among them.
        #[test]
        fn every_token_is_inside_one_paragraph_and_one_sentence(text in "([a-zق-]|[.!?\\-\u{ad}] ?|[\\x{0}-\\x{20}\u{85}\u{a0}]|\n[ab]?|\\PC){0,40}") {
            let paragraphs = paragraphs(&text);
            let sentences: Vec<ByteSpan> = paragraphs.iter().flat_map(|&paragraph| sentences(&text, paragraph)).collect();
            for fold in [Fold::Full, Fold::Light, Fold::None] {
                for token in Tokens::of(&text, fold).spans {
                    let holds = |unit: &&ByteSpan| unit.start <= token.start && token.end <= unit.end;
                    prop_assert_eq!(paragraphs.iter().filter(holds).count(), 1, "{:?} {:?}", token, fold);
                    prop_assert_eq!(sentences.iter().filter(holds).count(), 1, "{:?} {:?}", token, fold);
                }
            }
        }
    }

    fn lines_before(text: &str, at: usize) -> usize {
        (0..at).filter(|&i| text.as_bytes()[i] == b'\n' || text.as_bytes()[i] == b'\r' && text.as_bytes()[i + 1] != b'\n').count()
    }

    #[test]
    fn index_counts_code_points_and_lines() {
        let text = "é\nب".repeat(900) + &"a\rb\r\n".repeat(700);
        let index = LineIndex::new(&text);
        for (chars, (at, _)) in text.char_indices().enumerate().step_by(7) {
            let at = u32::try_from(at).unwrap();
            assert_eq!(index.chars(at), chars);
            assert_eq!(index.line(at), 1 + lines_before(&text, at as usize), "{at}");
        }
        assert_eq!(index.chars(u32::try_from(text.len()).unwrap()), 2700 + 3500);
    }
}
