//! The text of an HTML page, and what the page says of itself.
//!
//! In: markup, however broken. Out: the title, and the text that a browser shows: blocks become paragraphs with an empty line between, `br` and the
//! line ends of `pre` line ends, other white space one space; what scripts, styles, templates and frames hold is left out. All of the page is
//! taken, menus too; what a style hides is not known. Always: time and memory are linear in the markup, since no tree is built.

use super::metadata::Metadata;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, State, Tokenizer};
use refrain_engine::document::{IGNORE_END, IGNORE_START, ignore_mark};

/// A page as it is read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::source) struct Page {
    pub(in crate::source) title: Option<String>,
    pub(in crate::source) text: String,
    /// Byte of the markup at which the text begins.
    pub(in crate::source) start: usize,
    pub(in crate::source) metadata: Metadata,
}

/// What a line end in the markup means for the text, outside of `pre`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum LineEnds {
    /// A space, as in a page.
    #[default]
    Spaces,
    /// A space; several in a row end a paragraph.
    Paragraphs,
    /// The end of a line.
    Lines,
}

impl Page {
    /// Of markup. In `xml` a tag that closes itself holds nothing; in HTML that is so of what stands in a drawing alone.
    pub(in crate::source) fn of(markup: &str, xml: bool) -> Self {
        Self::read(markup, Reader { xml, takes_marks: true, ..Reader::default() })
    }

    /// Of the markup in a field.
    pub(super) fn of_fragment(markup: &str, line_ends: LineEnds) -> Self {
        Self::read(markup, Reader { body: Paragraphs { line_ends, ..Paragraphs::default() }, ..Reader::default() })
    }

    fn read(page: &str, mut reader: Reader) -> Self {
        let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, span: Span<usize>| reader.take(&event, span.start));
        let markup = parted(page.as_bytes());
        let mut tokens = Tokenizer::new_with_emitter(&markup[..], emitter);
        while let Some(Ok(state)) = tokens.next() {
            tokens.set_state(state);
        }
        drop(tokens);
        // What was put before each equals sign is not in the page.
        let before = &markup[..reader.begin.unwrap_or(0).min(markup.len())];
        let rest = page.get(before.len() - memchr::memchr_iter(b'=', before).count()..).unwrap_or_default();
        let title = reader.title.map(|title| title.text).filter(|title| !title.is_empty());
        Self { title, text: reader.body.text, start: page.len() - rest.trim_start().len(), metadata: reader.metadata }
    }
}

/// The character that a reference stands for, such as `&eacute;`; None if it stands for none, or for several.
pub(super) fn character(reference: &str) -> Option<char> {
    let mut found = String::new();
    let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| {
        if let CallbackEvent::String { value } = event {
            found += &String::from_utf8_lossy(value);
        }
        None::<State>
    });
    let mut tokens = Tokenizer::new_with_emitter(reference, emitter);
    while let Some(Ok(_)) = tokens.next() {}
    drop(tokens);
    let mut characters = found.chars();
    characters.next().filter(|_| characters.next().is_none())
}

/// `markup` with a form feed before each equals sign. The tokenizer goes from an attribute to the next by a call that does not return, and a tag of ten
/// thousand attributes would end the stack; white space before the sign parts them, and means nothing in a tag.
pub(super) fn parted(markup: &[u8]) -> Vec<u8> {
    let mut parted = Vec::with_capacity(markup.len() + markup.len() / 16);
    let mut at = 0;
    for sign in memchr::memchr_iter(b'=', markup) {
        parted.extend_from_slice(&markup[at..sign]);
        parted.push(b'\x0C');
        at = sign;
    }
    parted.extend_from_slice(&markup[at..]);
    parted
}

/// What a tag means for the text.
#[derive(Clone, Copy, Debug, Default)]
enum Tag {
    /// Nothing.
    #[default]
    Inline,
    Block,
    Line,
    /// A block whose line ends count.
    Pre,
    /// Not shown, and may hold itself.
    Unseen,
    /// Not shown; holds no tags, but is read in that state to its end tag.
    Raw(State),
    Title,
    Field,
    Drawing,
}

impl Tag {
    fn of(name: &[u8]) -> Self {
        match name {
            b"address" | b"article" | b"aside" | b"blockquote" | b"body" | b"caption" | b"center" | b"dd" | b"details" | b"dialog"
            | b"dir" | b"div" | b"dl" | b"dt" | b"fieldset" | b"figcaption" | b"figure" | b"footer" | b"form" | b"h1" | b"h2" | b"h3"
            | b"h4" | b"h5" | b"h6" | b"header" | b"hgroup" | b"hr" | b"html" | b"legend" | b"li" | b"main" | b"menu" | b"nav" | b"ol"
            | b"optgroup" | b"option" | b"p" | b"search" | b"section" | b"select" | b"summary" | b"table" | b"tbody" | b"td" | b"tfoot"
            | b"th" | b"thead" | b"tr" | b"ul" => Self::Block,
            b"br" => Self::Line,
            b"pre" | b"listing" => Self::Pre,
            b"template" | b"noframes" => Self::Unseen,
            b"script" => Self::Raw(State::ScriptData),
            b"style" | b"noscript" | b"iframe" | b"noembed" => Self::Raw(State::RawText),
            b"title" => Self::Title,
            b"textarea" => Self::Field,
            b"svg" => Self::Drawing,
            _ => Self::Inline,
        }
    }
}

/// The mark of ignored text that a comment begins with.
fn ignore_mark_of(comment: &[u8]) -> Option<char> {
    let comment = String::from_utf8_lossy(comment).replace("\u{c}=", "=");
    let comment = comment.trim_start();
    let begins = |mark: &str| {
        let rest = comment.get(mark.len()..)?;
        let is_mark =
            comment[..mark.len()].eq_ignore_ascii_case(mark) && !rest.starts_with(|c: char| c.is_alphanumeric() || "-_".contains(c));
        is_mark.then_some(())
    };
    let start = begins("refrain:ignore-start").map(|()| IGNORE_START);
    start.or_else(|| begins("refrain:ignore-end").map(|()| IGNORE_END))
}

/// Takes what the tokenizer finds.
#[derive(Debug, Default)]
struct Reader {
    xml: bool,
    /// Comments with the marks of ignored text leave a mark in the text.
    takes_marks: bool,
    title: Option<Paragraphs>,
    body: Paragraphs,
    /// The start tag that is being read.
    open: Tag,
    /// Text up to the next end tag is not shown.
    is_raw: bool,
    /// It is the title.
    is_title: bool,
    /// How deep it stands in what is not shown.
    unseen: usize,
    drawings: usize,
    /// Where in the markup the text begins, or white space before it.
    begin: Option<usize>,
    metadata: Metadata,
}

impl Reader {
    /// The state in which the tokenizer goes on, if not in that of its own.
    fn take(&mut self, event: &CallbackEvent<'_>, at: usize) -> Option<State> {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.open = Tag::of(name);
                self.metadata.open(name);
            }
            CallbackEvent::AttributeName { name } => self.metadata.attribute(name),
            CallbackEvent::AttributeValue { value } => self.metadata.value(value),
            CallbackEvent::CloseStartTag { self_closing } => {
                self.metadata.close();
                self.body.line_ends_before = 0;
                let holds_nothing = *self_closing && (self.xml || self.drawings > 0);
                return self.start(self.open, holds_nothing);
            }
            CallbackEvent::EndTag { name } => {
                self.body.line_ends_before = 0;
                self.end(Tag::of(name));
            }
            CallbackEvent::Comment { value } => {
                if let Some(mark) = ignore_mark_of(value)
                    && self.takes_marks
                    && self.unseen == 0
                {
                    self.body.text += &ignore_mark(mark);
                }
            }
            CallbackEvent::String { value } => {
                let text = String::from_utf8_lossy(value).replace("\u{c}=", "=");
                match &mut self.title {
                    Some(title) if self.is_title => title.push(&text),
                    _ if self.is_raw => self.metadata.script(&text),
                    _ if self.unseen > 0 => {}
                    _ => {
                        if self.begin.is_none() && !text.trim_start().is_empty() {
                            self.begin = Some(at);
                        }
                        self.body.push(&text);
                    }
                }
            }
            _ => {}
        }
        None
    }

    fn start(&mut self, tag: Tag, holds_nothing: bool) -> Option<State> {
        let state = match tag {
            Tag::Inline => return None,
            Tag::Line => {
                self.shown(Paragraphs::line);
                return None;
            }
            Tag::Block | Tag::Pre => {
                self.shown(Paragraphs::paragraph);
                self.body.pre += usize::from(matches!(tag, Tag::Pre) && !holds_nothing);
                return None;
            }
            _ if holds_nothing => return None,
            Tag::Unseen => {
                self.unseen += 1;
                return None;
            }
            Tag::Drawing => {
                self.drawings += 1;
                return None;
            }
            Tag::Raw(state) => state,
            Tag::Title | Tag::Field => State::RcData,
        };
        self.is_raw = !matches!(tag, Tag::Field);
        if matches!(tag, Tag::Title) && self.title.is_none() && self.drawings == 0 && self.unseen == 0 {
            self.title = Some(Paragraphs::default());
            self.is_title = true;
        }
        Some(state)
    }

    fn end(&mut self, tag: Tag) {
        (self.is_raw, self.is_title) = (false, false);
        match tag {
            // A stray end tag of a line or a paragraph counts as one, as it does in browsers.
            Tag::Line => self.shown(Paragraphs::line),
            Tag::Block => self.shown(Paragraphs::paragraph),
            Tag::Pre => {
                self.shown(Paragraphs::paragraph);
                self.body.pre = self.body.pre.saturating_sub(1);
            }
            Tag::Unseen => self.unseen = self.unseen.saturating_sub(1),
            Tag::Drawing => self.drawings = self.drawings.saturating_sub(1),
            Tag::Inline | Tag::Raw(_) | Tag::Title | Tag::Field => {}
        }
    }

    fn shown(&mut self, change: fn(&mut Paragraphs)) {
        if self.unseen == 0 {
            change(&mut self.body);
        }
    }
}

/// What stands between the last word and the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    Nothing,
    Space,
    Line,
    Paragraph,
}

/// A text that grows word by word.
#[derive(Debug, Default)]
struct Paragraphs {
    text: String,
    gap: Gap,
    /// How deep it stands where line ends count.
    pre: usize,
    line_ends: LineEnds,
    /// Line ends since the last word or tag.
    line_ends_before: usize,
}

impl Paragraphs {
    fn push(&mut self, text: &str) {
        for part in text.split_inclusive(char::is_whitespace) {
            let word = part.trim_end_matches(char::is_whitespace);
            if !word.is_empty() {
                let gap = if self.text.is_empty() { Gap::Nothing } else { std::mem::take(&mut self.gap) };
                self.text += ["", " ", "\n", "\n\n"][gap as usize];
                self.text += word;
                self.gap = Gap::Nothing;
                self.line_ends_before = 0;
            }
            match &part[word.len()..] {
                "" => {}
                "\n" => self.line_end(),
                _ => self.gap = self.gap.max(Gap::Space),
            }
        }
    }

    fn line_end(&mut self) {
        self.line_ends_before += 1;
        match self.line_ends {
            _ if self.pre > 0 => self.line(),
            LineEnds::Lines => self.line(),
            LineEnds::Paragraphs if self.line_ends_before > 1 => self.paragraph(),
            _ => self.gap = self.gap.max(Gap::Space),
        }
    }

    /// Two line ends are a paragraph's.
    fn line(&mut self) {
        self.gap = if self.gap < Gap::Line { Gap::Line } else { Gap::Paragraph };
    }

    fn paragraph(&mut self) {
        self.gap = Gap::Paragraph;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_title_is_the_title() {
        let page = Page::of("<svg><title>no</title></svg><title> a\n&amp; b=c</title><title>d</title>x = y=z", false);
        assert_eq!((page.title.as_deref(), page.text.as_str()), (Some("a & b=c"), "x = y=z"));
        assert_eq!(Page::of("<title> </title>", false).title, None);
    }

    #[test]
    fn the_text_begins_at_its_first_word() {
        let rest = |markup: &'static str| &markup[Page::of(markup, false).start..];
        assert_eq!(rest("<html>\n<title>a\nb</title>\n<p class='a=b\n'>\r\n\r\n  One = 1\ntwo"), "One = 1\ntwo");
        assert_eq!([rest("One"), rest("<!-- = -->\r\n<script>\n</script>é"), rest("")], ["One", "é", ""]);
        assert_eq!(Page::of("<p>\n</p>", false).start, 0);
    }

    #[test]
    fn line_ends_of_a_fragment() {
        let text = |markup, line_ends| Page::of_fragment(markup, line_ends).text;
        assert_eq!(text("a\nb\n \nc<p>d", LineEnds::Spaces), "a b c\n\nd");
        assert_eq!(text("a\nb\n \nc<i>\nd</i>\ne", LineEnds::Paragraphs), "a b\n\nc d e");
        assert_eq!(text("a\r\nb\n\nc", LineEnds::Lines), "a\nb\n\nc");
    }

    #[test]
    fn references_of_one_character() {
        assert_eq!(["&eacute;", "&#8217;", "&#x41;", "&#128;"].map(character), ['é', '’', 'A', '€'].map(Some));
        assert_eq!(["&nosuch;", "&NotEqualTilde;", "&", ""].map(character), [None, None, Some('&'), None]);
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_text(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let page = Page::of(&String::from_utf8_lossy(&bytes), bytes.len() % 2 == 0);
            prop_assert!(page.text.len() <= 3 * bytes.len());
            super::super::declared::declared(&bytes);
        }

        #[test]
        fn any_markup_has_a_text(parts in prop::collection::vec("<|>|</|=|\"|'|&[a-z#]{0,5};?|[a-z \n]{1,4}|p|pre|title|script|svg|template|meta|<!--|-->|é", 0..40)) {
            let markup = parts.concat();
            for line_ends in [LineEnds::Spaces, LineEnds::Paragraphs, LineEnds::Lines] {
                Page::of_fragment(&markup, line_ends);
            }
            Page::of(&markup, true);
        }
    }
}
