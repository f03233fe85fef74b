//! HTML inside a field of a record: whether it is, and the text of it.
//!
//! In: the text of a field as its format has it. Out: what a reader would see of it. A field is markup if it has a pair of tags of one HTML element
//! (`<p>…</p>`), a tag that stands alone (`<br>`, `<hr>`, an `<img>` with attributes), or two `<p>`. `a < b`, `Vec<u8>` and a single `<b>` are no
//! markup. A field without such tags may still have character references (`&amp;`, `&#8217;`); these alone are replaced, so that every other
//! character stays where it is, and a part of the text can be located in the field.

use super::page::{LineEnds, Page, character};
use crate::source::HtmlFields;
use memchr::{memchr_iter, memchr2};
use std::borrow::Cow;

/// Elements of which a pair of tags makes markup. The first [`BLOCKS`] end a paragraph.
const ELEMENTS: [&[u8]; 61] = [
    b"p",
    b"div",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"ul",
    b"ol",
    b"li",
    b"dl",
    b"dd",
    b"dt",
    b"table",
    b"tbody",
    b"tr",
    b"td",
    b"th",
    b"blockquote",
    b"section",
    b"article",
    b"header",
    b"footer",
    b"main",
    b"nav",
    b"aside",
    b"figure",
    b"figcaption",
    b"pre",
    b"form",
    b"body",
    b"html",
    b"center",
    b"a",
    b"abbr",
    b"b",
    b"big",
    b"button",
    b"cite",
    b"code",
    b"del",
    b"em",
    b"font",
    b"head",
    b"i",
    b"iframe",
    b"ins",
    b"label",
    b"mark",
    b"q",
    b"s",
    b"script",
    b"small",
    b"span",
    b"strike",
    b"strong",
    b"style",
    b"sub",
    b"sup",
    b"u",
];
const BLOCKS: usize = 34;
/// Of the names above and of those that stand alone.
const LONGEST_NAME_BYTES: usize = 10;
/// The longest reference is `&CounterClockwiseContourIntegral;`.
const LONGEST_REFERENCE_BYTES: usize = 33;

/// The text of a field that is not what the field has.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::source) enum FieldText {
    /// Made from markup: no part of it can be located in the field.
    Page(String),
    /// With references replaced.
    References(References),
}

/// A text whose references were replaced.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::source) struct References {
    pub(in crate::source) text: String,
    /// For each reference the end of its character in the text, and the end of the reference in the field.
    ends: Vec<(usize, usize)>,
}

/// The text of a field; None if it is the field as it is.
pub(in crate::source) fn field_text(field: &str, how: HtmlFields) -> Option<FieldText> {
    match how {
        HtmlFields::No => None,
        HtmlFields::Yes => Some(FieldText::Page(Tags::of(field).text(field))),
        HtmlFields::Auto => {
            memchr2(b'<', b'&', field.as_bytes())?;
            let tags = Tags::of(field);
            if tags.are_markup() {
                return Some(FieldText::Page(tags.text(field)));
            }
            let references = References::of(field)?;
            // Markup that was escaped once more on its way.
            let tags = Tags::of(&references.text);
            let is_markup = tags.are_markup();
            Some(if is_markup { FieldText::Page(tags.text(&references.text)) } else { FieldText::References(references) })
        }
    }
}

/// The text of a piece of HTML that may be plain text, as in the fields of a feed.
pub(super) fn text_of(field: &str) -> Cow<'_, str> {
    match field_text(field, HtmlFields::Auto) {
        None => Cow::Borrowed(field),
        Some(FieldText::Page(text)) => Cow::Owned(text),
        Some(FieldText::References(references)) => Cow::Owned(references.text),
    }
}

/// What tags a text has.
#[derive(Debug, Default)]
struct Tags {
    has_pair: bool,
    stands_alone: bool,
    paragraphs: usize,
    has_block: bool,
}

impl Tags {
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut found = Self::default();
        // Bit n: a start tag of `ELEMENTS[n]` came before.
        let mut open = 0_u64;
        for at in memchr_iter(b'<', bytes) {
            let rest = &bytes[at + 1..];
            let (is_end, rest) = rest.strip_prefix(b"/").map_or((false, rest), |rest| (true, rest));
            let length = rest.iter().take(LONGEST_NAME_BYTES + 1).take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let (name, rest) = rest.split_at(length);
            let is_closed = || memchr2(b'<', b'>', rest).is_some_and(|end| rest[end] == b'>');
            if !matches!(rest.first(), Some(b'>' | b'/' | b' ' | b'\t' | b'\n' | b'\r')) || !is_closed() {
                continue;
            }
            let name = name.to_ascii_lowercase();
            if let Some(element) = ELEMENTS.iter().position(|element| *element == name) {
                found.has_block |= element < BLOCKS;
                found.has_pair |= is_end && open >> element & 1 == 1;
                open |= u64::from(!is_end) << element;
                found.paragraphs += usize::from(!is_end && name == b"p");
            } else {
                found.stands_alone |= name == b"br" || name == b"hr" || name == b"img" && rest.first() == Some(&b' ');
            }
        }
        found
    }

    fn are_markup(&self) -> bool {
        self.has_pair || self.stands_alone || self.paragraphs > 1
    }

    /// Fields often have paragraphs as lines, with or without tags around them.
    fn text(&self, markup: &str) -> String {
        Page::of_fragment(markup, if self.has_block { LineEnds::Paragraphs } else { LineEnds::Lines }).text
    }
}

impl References {
    /// None if there is no reference.
    fn of(field: &str) -> Option<Self> {
        let mut found = Self::default();
        let mut copied = 0;
        for at in memchr_iter(b'&', field.as_bytes()) {
            // A reference may not begin inside another.
            let Some((reference, c)) = (at >= copied).then(|| reference_at(&field[at..])).flatten() else { continue };
            found.text += &field[copied..at];
            found.text.push(c);
            copied = at + reference.len();
            found.ends.push((found.text.len(), copied));
        }
        found.text += &field[copied..];
        (copied > 0).then_some(found)
    }

    /// Where byte `at` of the text is in the field; the end of a character is that of its reference.
    pub(in crate::source) fn in_field(&self, at: usize) -> usize {
        let before = self.ends.partition_point(|&(end, _)| end <= at);
        before.checked_sub(1).map_or(at, |last| self.ends[last].1 + at - self.ends[last].0)
    }
}

/// The reference that a text begins with, and its character.
fn reference_at(text: &str) -> Option<(&str, char)> {
    let head = &text.as_bytes()[..text.len().min(LONGEST_REFERENCE_BYTES)];
    let length = head.iter().skip(1).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#').count();
    let reference = text.get(..length + 2).filter(|reference| length > 0 && reference.ends_with(';'))?;
    let c = match reference {
        "&amp;" => '&',
        "&lt;" => '<',
        "&gt;" => '>',
        "&quot;" => '"',
        "&nbsp;" => '\u{a0}',
        _ => character(reference)?,
    };
    Some((reference, c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn page(field: &str) -> Option<String> {
        match field_text(field, HtmlFields::Auto) {
            Some(FieldText::Page(text)) => Some(text),
            _ => None,
        }
    }

    #[test]
    fn markup_is_told_from_text_with_angle_brackets() {
        for field in [
            "a < b and c > d",
            "Vec<u8>, Map<a, b>",
            "the <b> tag",
            "<one@a.example>",
            "<3",
            "x<p>y",
            "</p>",
            "<quote>a</quote>",
            "a</b><b>",
            "<br",
        ] {
            assert_eq!(page(field), None, "{field}");
        }
        let cases = [
            ("<p>One</p>\n<P class=\"x\">two</P>", "One\n\ntwo"),
            ("One<br/>two<BR>three", "One\ntwo\nthree"),
            ("<p>One<p>two", "One\n\ntwo"),
            ("One\n\n<strong>two</strong> three\nfour", "One\n\ntwo three\nfour"),
            ("<h2>One</h2>\ntwo\nthree\n\nfour", "One\n\ntwo three\n\nfour"),
            ("One <img src='a'> two<script>no</script>", "One two"),
            ("&lt;p&gt;One &amp;amp; two&lt;/p&gt;", "One & two"),
            ("<a href=\"x\">One</a> &eacute;", "One é"),
        ];
        for (field, text) in cases {
            assert_eq!(page(field).as_deref(), Some(text), "{field}");
        }
    }

    #[test]
    fn references_alone_are_replaced_in_place() {
        let Some(FieldText::References(found)) = field_text("Bow &amp; Aft&#8217;s\n\n &eacute;t&eacute; &nosuch; &", HtmlFields::Auto)
        else {
            panic!()
        };
        assert_eq!(found.text, "Bow & Aft’s\n\n été &nosuch; &");
        for plain in ["Bow & Aft", "&amp", "&;", "a&b;c", "?a=1&copy=2", "&NotEqualTilde;", "&#;", ""] {
            assert_eq!(field_text(plain, HtmlFields::Auto), None, "{plain}");
        }
        assert_eq!(field_text("<p>a</p>", HtmlFields::No), None);
        assert_eq!(field_text("a < b", HtmlFields::Yes), Some(FieldText::Page("a < b".into())));
    }

    proptest! {
        #[test]
        fn every_character_is_located_in_its_field(parts in prop::collection::vec("[a-c é]{1,2}|&amp;|&#[0-9]{1,4};|&eacute;|&|;", 0..20)) {
            let field = parts.concat();
            if let Some(FieldText::References(found)) = field_text(&field, HtmlFields::Auto) {
                let mut left = String::new();
                for (at, c) in found.text.char_indices() {
                    let written = &field[found.in_field(at)..found.in_field(at + c.len_utf8())];
                    prop_assert!(written.len() == c.len_utf8() && written.starts_with(c) || reference_at(written) == Some((written, c)));
                    left += written;
                }
                prop_assert_eq!(left, field);
            }
        }

        #[test]
        fn any_field_has_a_text(field in "[<>/&;a-p \n=\"']{0,80}|<p>.{0,40}</p>") {
            field_text(&field, HtmlFields::Auto);
            field_text(&field, HtmlFields::Yes);
        }
    }
}
