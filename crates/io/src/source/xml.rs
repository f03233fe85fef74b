//! XML as far as feeds need it: elements with their byte ranges, in one pass and without a tree.
//!
//! In: text that may be XML, however broken. Out: [`Event`]s, each with its range. Entities of a document type are never expanded. Always: the time is
//! linear in the text, since every byte that is searched is consumed.

use memchr::{memchr, memchr3, memmem};
use std::ops::Range;

/// A piece of XML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event<'t> {
    /// A start tag, or a tag that closes itself.
    Start { name: &'t str, tag: Range<usize>, is_empty: bool },
    /// An end tag.
    End { name: &'t str, tag: Range<usize> },
    /// Text between tags, entities as they are written.
    Text(Range<usize>),
    /// What a CDATA section holds.
    Data(Range<usize>),
}

/// Reads events from a place in a text on. Comments, processing instructions and the document type are skipped.
#[derive(Clone, Debug)]
pub(super) struct Events<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Events<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self::from(text, 0)
    }

    /// Begins at byte `at`, which is the start of a piece.
    pub(super) fn from(text: &'t str, at: usize) -> Self {
        Self { text, at }
    }

    /// The end of what was read.
    #[cfg(any(feature = "html", test))]
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The end of the first `end` after `from`, or that of the text.
    fn after(&self, end: &[u8], from: usize) -> usize {
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        memmem::find(rest, end).map_or(self.text.len(), |found| from + found + end.len())
    }

    /// The end of a tag that begins at `at`: behind the first `>` outside of quotes.
    fn tag_end(&self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut next = at;
        while let Some(found) = memchr3(b'>', b'"', b'\'', &bytes[next..]) {
            next += found + 1;
            match bytes[next - 1] {
                b'>' => return next,
                // A quote that is never closed is no quote. There is at most one of each kind, so this stays linear.
                quote => next = memchr(quote, &bytes[next..]).map_or(next, |length| next + length + 1),
            }
        }
        bytes.len()
    }

    /// The end of a document type, which may hold declarations in brackets.
    fn type_end(&self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let (mut next, mut depth) = (at, 0_usize);
        while let Some(&byte) = bytes.get(next) {
            next += 1;
            match byte {
                b'[' => depth += 1,
                b']' => depth = depth.saturating_sub(1),
                b'>' if depth == 0 => return next,
                _ => {}
            }
        }
        next
    }

    fn text_to(&mut self, from: usize, search: usize) -> Event<'t> {
        let rest = &self.text.as_bytes()[search..];
        self.at = memchr(b'<', rest).map_or(self.text.len(), |length| search + length);
        Event::Text(from..self.at)
    }
}

impl<'t> Iterator for Events<'t> {
    type Item = Event<'t>;

    fn next(&mut self) -> Option<Event<'t>> {
        loop {
            let start = self.at;
            let rest = self.text.as_bytes().get(start..).filter(|rest| !rest.is_empty())?;
            if rest[0] != b'<' {
                return Some(self.text_to(start, start));
            }
            if rest.starts_with(b"<!--") {
                self.at = self.after(b"-->", start + 4);
            } else if rest.starts_with(b"<![CDATA[") {
                self.at = self.after(b"]]>", start + 9);
                let is_closed = self.at >= start + 12 && self.text.as_bytes()[..self.at].ends_with(b"]]>");
                return Some(Event::Data(start + 9..if is_closed { self.at - 3 } else { self.at }));
            } else if rest.starts_with(b"<?") {
                self.at = self.after(b"?>", start + 2);
            } else if rest.starts_with(b"<!") {
                self.at = self.type_end(start + 2);
            } else {
                let is_end = rest.get(1) == Some(&b'/');
                let name = name_at(self.text, start + 1 + usize::from(is_end));
                if name.is_empty() {
                    return Some(self.text_to(start, start + 1));
                }
                self.at = self.tag_end(start + 1);
                let tag = start..self.at;
                let is_empty = self.text[tag.clone()].ends_with("/>");
                return Some(if is_end { Event::End { name, tag } } else { Event::Start { name, tag, is_empty } });
            }
        }
    }
}

/// The name that begins at byte `at`; empty if none does.
fn name_at(text: &str, at: usize) -> &str {
    let rest = text.get(at..).unwrap_or_default();
    if !rest.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return "";
    }
    let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'))).unwrap_or(rest.len());
    &rest[..end]
}

/// A name without its prefix.
pub(super) fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// The value of an attribute of a tag, as it is written.
#[cfg(any(feature = "html", test))]
pub(super) fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let bytes = tag.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr(b'=', &bytes[at..]) {
        let sign = at + found;
        let named = tag[at..sign].trim_end();
        let value = tag[sign + 1..].trim_start();
        let start = tag.len() - value.len();
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''));
        let end = match quote {
            Some(quote) => value[1..].find(quote).map_or(value.len(), |length| length + 1),
            None => value.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(value.len()),
        };
        let is_named = named.strip_suffix(name).is_some_and(|before| before.ends_with(char::is_whitespace));
        if is_named {
            return Some(value[..end].trim_start_matches(['"', '\'']));
        }
        at = (start + end + usize::from(quote.is_some())).min(tag.len());
    }
    None
}

/// The start tag of the root element of a text that begins as XML or HTML does; None if no element begins it.
pub(super) fn root(text: &str) -> Option<&str> {
    let mut events = Events::new(text);
    events.find_map(|event| match event {
        Event::Text(range) if text[range.clone()].trim().is_empty() => None,
        Event::Start { tag, .. } => Some(Some(&text[tag])),
        _ => Some(None),
    })?
}

/// The name of a start tag.
pub(super) fn name_of(tag: &str) -> &str {
    name_at(tag, 1)
}

/// True if a root element of that name is that of a feed.
pub(super) fn is_feed(root: &str) -> bool {
    matches!(local(root), "rss" | "RDF" | "feed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(text: &str) -> Vec<String> {
        let told = Events::new(text).map(|event| match event {
            Event::Start { name, is_empty, .. } => format!("+{name}{}", if is_empty { "/" } else { "" }),
            Event::End { name, .. } => format!("-{name}"),
            Event::Text(range) => text[range].to_owned(),
            Event::Data(range) => format!("[{}]", &text[range]),
        });
        told.collect()
    }

    #[test]
    fn pieces_of_xml() {
        let text = "<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a \"b>\">]><r a='>'>t<!-- <x> --><![CDATA[<p>]]><b:c/></r>";
        assert_eq!(told(text), ["+r", "t", "[<p>]", "+b:c/", "-r"]);
    }

    #[test]
    fn broken_xml_is_read_to_its_end() {
        assert_eq!(told("a < b <"), ["a ", "< b ", "<"]);
        assert_eq!(told("<a \"b>c</a>"), ["+a", "c", "-a"]);
        assert_eq!(told("<a"), ["+a"]);
        assert_eq!(told("<![CDATA[]]"), ["[]]]"]);
        assert_eq!(told("<![CDATA[]]>"), ["[]"]);
        assert_eq!(told("<!-- x"), [""; 0]);
        assert_eq!(told("<!DOCTYPE [ x"), [""; 0]);
    }

    #[test]
    fn the_root_and_its_attributes() {
        assert_eq!(root("<?xml?>\n<!-- a --><rss version = '2.0'><x>").map(name_of), Some("rss"));
        assert_eq!(root("text <rss>"), None);
        assert_eq!(root(""), None);
        let tag = "<link data-href='no' rel=\"alternate\" href = 'a?b=c' x=y>";
        let value = |name| attribute(tag, name);
        assert_eq!((value("href"), value("rel"), value("x"), value("y")), (Some("a?b=c"), Some("alternate"), Some("y"), None));
        assert_eq!((local("dc:date"), local("date")), ("date", "date"));
    }

    proptest! {
        #[test]
        fn every_text_is_read_in_order(parts in prop::collection::vec("[<>/!?=\"'\\[\\]a-c:é -]{0,6}|<!\\[CDATA\\[|\\]\\]>|<!--|-->|<\\?|\\?>", 0..24)) {
            let text = parts.concat();
            let mut end = 0;
            for event in Events::new(&text) {
                let (Event::Start { tag: range, .. } | Event::End { tag: range, .. } | Event::Text(range) | Event::Data(range)) = event;
                prop_assert!(range.start >= end && range.end >= range.start && text.get(range.clone()).is_some());
                attribute(&text[range.clone()], "a");
                end = range.end;
            }
        }
    }
}
