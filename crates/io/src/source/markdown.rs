//! Markdown files: front matter is no text of the article, and code between fences need not be.
//!
//! In: the text of a file. Out: the same text with those parts blank, and what the front matter says. A blank takes as many bytes as the character it
//! replaces, and line ends stay, so every offset and every line is that of the file.

use memchr::memchr;
use std::borrow::Cow;
use std::ops::Range;

/// Whether the code between fences (three backticks or tildes) of Markdown files is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CodeFences {
    /// It is text like the rest.
    #[default]
    Compare,
    /// It is left out: commands and examples are repeated on purpose.
    Skip,
}

/// The lines before an article: YAML between `---`, or TOML between `+++`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FrontMatter<'t> {
    /// What is between the two lines.
    content: &'t str,
    /// Between a name and its value.
    sign: char,
    /// Bytes with both lines.
    length: usize,
}

/// Lines with their places, line ends included.
fn lines(text: &str, from: usize) -> impl Iterator<Item = Range<usize>> {
    let mut at = from;
    std::iter::from_fn(move || {
        let start = at;
        let rest = text.as_bytes().get(start..).filter(|rest| !rest.is_empty())?;
        at = memchr(b'\n', rest).map_or(text.len(), |length| start + length + 1);
        Some(start..at)
    })
}

impl<'t> FrontMatter<'t> {
    /// That of a text. A line of three dashes followed by something else than names and values is a rule, and no front matter.
    pub(super) fn of(text: &'t str) -> Option<Self> {
        let first = lines(text, 0).next()?;
        let (sign, ends): (char, &[&str]) = match text[first.clone()].trim_end() {
            "---" => (':', &["---", "..."]),
            "+++" => ('=', &["+++"]),
            _ => return None,
        };
        let last = lines(text, first.end).find(|line| ends.contains(&text[line.clone()].trim_end()))?;
        let found = Self { content: &text[first.end..last.start], sign, length: last.end };
        // TOML is known by its marks alone.
        let is_entries = sign == '=' || found.content.lines().all(|line| found.is_yaml(line));
        is_entries.then_some(found)
    }

    /// True for a line that YAML may have at its place: prose has others.
    fn is_yaml(&self, line: &str) -> bool {
        line.trim().is_empty() || line.starts_with([' ', '\t', '-', '#', ']', '}']) || self.entry(line).is_some()
    }

    /// Name and value of a line, if it has them.
    fn entry<'l>(&self, line: &'l str) -> Option<(&'l str, &'l str)> {
        let (name, value) = line.split_once(self.sign)?;
        let name = name.trim_end();
        let is_name =
            !name.is_empty() && !name.starts_with(char::is_whitespace) && !name.contains(',') && name.split_whitespace().count() <= 3;
        let is_parted = self.sign == '=' || value.is_empty() || value.starts_with(char::is_whitespace);
        (is_name && is_parted).then_some((name.trim_matches(['"', '\'']), value.trim()))
    }

    /// The value of a name at the top, in any case; of a list its first element.
    pub(super) fn field(&self, name: &str) -> Option<String> {
        let mut lines = self.content.lines().take_while(|line| self.sign == ':' || !line.starts_with('['));
        let value = lines.find_map(|line| self.entry(line).filter(|(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, value)| value))?;
        let value = match value {
            // What follows is a list or a text of several lines.
            "" | "|" | ">" | "|-" | ">-" => lines.next().filter(|line| line.starts_with([' ', '\t', '-'])).map_or("", str::trim),
            value => value,
        };
        let value = value.trim_start_matches(['[', '-', ' ']);
        let value = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or_default(),
            _ => value.split(" #").next().unwrap_or_default().split([',', ']']).next().unwrap_or_default(),
        };
        let value = if self.sign == ':' { value.strip_prefix("name:").unwrap_or(value) } else { value };
        Some(value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// The first of several names that says something.
    pub(super) fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.field(name))
    }
}

/// The mark that opens or closes a block of code, and what is behind it.
struct Fence<'t> {
    mark: char,
    length: usize,
    is_quoted: bool,
    rest: &'t str,
}

impl<'t> Fence<'t> {
    /// That of a line, in a list or a quotation too.
    fn of(line: &'t str) -> Option<Self> {
        let inner = line.trim_start_matches([' ', '\t', '>']);
        let mark = inner.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
        let rest = inner.trim_start_matches(mark);
        let length = inner.len() - rest.len();
        let is_fence = length >= 3 && !(mark == '`' && rest.contains('`'));
        is_fence.then_some(Self { mark, length, is_quoted: line.trim_start().starts_with('>'), rest: rest.trim() })
    }

    fn is_closed_by(&self, other: &Self) -> bool {
        other.mark == self.mark && other.length >= self.length && other.rest.is_empty()
    }
}

/// Where code is, fences included. From a fence that is never closed on, all is text.
fn code(text: &str, from: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<(Fence<'_>, usize)> = None;
    for line in lines(text, from) {
        let written = &text[line.clone()];
        if let Some((_, start)) = open.take_if(|(fence, _)| fence.is_quoted && !written.trim_start().starts_with('>')) {
            found.push(start..line.start);
        }
        let fence = Fence::of(written);
        match (&open, fence) {
            (None, Some(fence)) => open = Some((fence, line.start)),
            (Some((opened, start)), Some(fence)) if opened.is_closed_by(&fence) => {
                found.push(*start..line.end);
                open = None;
            }
            _ => {}
        }
    }
    found
}

/// `text` without its front matter and, if `skip` says so, its code.
pub(super) fn article(text: &str, skip: CodeFences) -> Cow<'_, str> {
    let front = FrontMatter::of(text).map_or(0, |front| front.length);
    let code = if skip == CodeFences::Skip { code(text, front) } else { Vec::new() };
    let blanks = std::iter::once(0..front).chain(code).filter(|range| !range.is_empty());
    let mut out = String::new();
    let mut at = 0;
    for range in blanks {
        out.reserve(text.len() - out.len());
        out += &text[at..range.start];
        out.extend(text[range.clone()].chars().map(blank));
        at = range.end;
    }
    if at == 0 {
        return Cow::Borrowed(text);
    }
    out += &text[at..];
    Cow::Owned(out)
}

/// White space of as many bytes; of four there is none, and a character without a glyph takes its place.
fn blank(c: char) -> char {
    match (c, c.len_utf8()) {
        ('\n' | '\r', _) => c,
        (_, 1) => ' ',
        (_, 2) => '\u{a0}',
        (_, 3) => '\u{2003}',
        _ => '\u{e0020}',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The words of a text that are left.
    fn left(text: &str, skip: CodeFences) -> String {
        let article = article(text, skip);
        assert_eq!((article.len(), article.chars().count()), (text.len(), text.chars().count()));
        article.replace('\u{e0020}', " ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn front_matter_is_no_text() {
        for text in [
            "---\ntitle: One\n---\nBody\n",
            "+++\r\ntitle = \"One\"\r\n+++\r\nBody",
            "---\n# c\n\n\"a b\": x\n...\nBody",
            "---\n---\nBody",
            "---\ntitle: été 😀\n---\nBody",
        ] {
            assert_eq!(left(text, CodeFences::Compare), "Body", "{text}");
        }
        for text in [
            "---\n\nA rule, and: a sentence of five words\n\n---\nBody",
            "---\ntitle: never closed\n",
            "text\n---\na: b\n---\n",
            "---\nNote: a sentence after a rule.\n\nA second one.\n---\nBody",
            "--- \nShe said: no\nx\n",
            "",
        ] {
            assert!(matches!(article(text, CodeFences::Compare), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn front_matter_says_title_date_and_outlet() {
        let yaml = FrontMatter::of(
            "---\ntitle: \"One: two\" # c\nDate: 2024-02-01 # c\nauthors:\n  - name: A. B.\ntags: [x, y]\nempty:\nlong: >\n  text\n---\n",
        )
        .unwrap();
        let field = |name| yaml.field(name);
        assert_eq!(
            [field("title"), field("date"), field("authors"), field("tags"), field("long")].map(Option::unwrap),
            ["One: two", "2024-02-01", "A. B.", "x", "text"]
        );
        assert_eq!([field("empty"), field("name"), field("x")], [None, None, None]);
        assert_eq!(yaml.first(&["published", "date"]).as_deref(), Some("2024-02-01"));
        let toml =
            FrontMatter::of("+++\ntitle = 'One'\ndate = 2024-02-01T08:00:00Z\nauthors = [\"A\", \"B\"]\n[extra]\nsource = 'no'\n+++\n")
                .unwrap();
        assert_eq!(
            [toml.field("title"), toml.field("date"), toml.field("authors")].map(Option::unwrap),
            ["One", "2024-02-01T08:00:00Z", "A"]
        );
        assert_eq!(toml.field("source"), None);
    }

    #[test]
    fn code_is_skipped_where_that_is_set() {
        let text = "One\n```sh\nno\n~~~\n```\ntwo\n  ~~~~\n  no\n  ~~~\n  ~~~~~\n- three\n    ```\n    no\n    ```\n> ```\n> no\nfour `x` ```y```\n";
        assert_eq!(left(text, CodeFences::Skip), "One two - three four `x` ```y```");
        assert!(left(text, CodeFences::Compare).contains("no"));
        assert_eq!(left("One\n```\ntwo\n```sh\nthree\n", CodeFences::Skip), "One ``` two ```sh three");
    }

    proptest! {
        #[test]
        fn no_byte_moves(parts in prop::collection::vec("---|\\+\\+\\+|```|~~~~|>|\n|\r\n|a: b|é😀خ|[a-c ]{0,4}", 0..30)) {
            let text = parts.concat();
            let found = article(&text, CodeFences::Skip);
            prop_assert_eq!(found.len(), text.len());
            for ((at, c), (was_at, was)) in found.char_indices().zip(text.char_indices()) {
                prop_assert!(at == was_at && (c == was || c == blank(was)));
            }
            if let Some(front) = FrontMatter::of(&text) {
                front.first(&["a", "b"]);
            }
        }
    }
}
