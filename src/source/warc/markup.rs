//! The text of an HTML page, and what the page says of its encoding.
//!
//! In: markup, however broken. Out: the title, and the text that a browser shows: blocks become paragraphs with an empty line between, `br` and the
//! line ends of `pre` line ends, other white space one space; what scripts, styles, templates and frames hold is left out. All of the page is
//! taken, menus too; what a style hides is not known. Always: time and memory are linear in the markup, since no tree is built.

use super::page::charset_of;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, State, Tokenizer};

/// How far a page is looked at for what it says of its encoding; more than the standard's 1,024, since old pages say it late.
const DECLARED_WITHIN_BYTES: usize = 8192;

/// A page as it is read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) title: Option<String>,
    pub(super) text: String,
}

impl Page {
    /// Of markup. In `xml` a tag that closes itself holds nothing; in HTML that is so of what stands in a drawing alone.
    pub(super) fn of(markup: &str, xml: bool) -> Self {
        let mut reader = Reader { xml, ..Reader::default() };
        let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| reader.take(&event));
        let markup = parted(markup.as_bytes());
        let mut tokens = Tokenizer::new_with_emitter(&markup[..], emitter);
        while let Some(Ok(state)) = tokens.next() {
            tokens.set_state(state);
        }
        drop(tokens);
        Self { title: reader.title.map(|title| title.text).filter(|title| !title.is_empty()), text: reader.body.text }
    }
}

/// `markup` with a form feed before each equals sign. The tokenizer goes from an attribute to the next by a call that does not return, and a tag of ten
/// thousand attributes would end the stack; white space before the sign parts them, and means nothing in a tag.
fn parted(markup: &[u8]) -> Vec<u8> {
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

/// Takes what the tokenizer finds.
#[derive(Debug, Default)]
struct Reader {
    xml: bool,
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
}

impl Reader {
    /// The state in which the tokenizer goes on, if not in that of its own.
    fn take(&mut self, event: &CallbackEvent<'_>) -> Option<State> {
        match event {
            CallbackEvent::OpenStartTag { name } => self.open = Tag::of(name),
            CallbackEvent::CloseStartTag { self_closing } => {
                let holds_nothing = *self_closing && (self.xml || self.drawings > 0);
                return self.start(self.open, holds_nothing);
            }
            CallbackEvent::EndTag { name } => self.end(Tag::of(name)),
            CallbackEvent::String { value } => {
                let text = String::from_utf8_lossy(value).replace("\u{c}=", "=");
                match &mut self.title {
                    Some(title) if self.is_title => title.push(&text),
                    _ if self.is_raw || self.unseen > 0 => {}
                    _ => self.body.push(&text),
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
            }
            match &part[word.len()..] {
                "" => {}
                "\n" if self.pre > 0 => self.line(),
                _ => self.gap = self.gap.max(Gap::Space),
            }
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

/// The encoding that a page names in a `meta` tag, or in the XML declaration that it begins with.
pub(super) fn declared(page: &[u8]) -> Option<&'static Encoding> {
    let mut meta = Meta::default();
    let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| meta.take(&event));
    let head = parted(&page[..page.len().min(DECLARED_WITHIN_BYTES)]);
    let Ok(found) = Tokenizer::new_with_emitter(&head[..], emitter).next().transpose();
    // What could be read to here is not UTF-16.
    found.map(|encoding| if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding })
}

/// Reads `meta` tags.
#[derive(Debug, Default)]
struct Meta {
    is_meta: bool,
    attribute: Vec<u8>,
    charset: Option<&'static Encoding>,
    /// From `content`, which counts with `http-equiv`.
    content: Option<&'static Encoding>,
    is_header: bool,
}

impl Meta {
    fn take(&mut self, event: &CallbackEvent<'_>) -> Option<&'static Encoding> {
        match event {
            CallbackEvent::OpenStartTag { name } => *self = Self { is_meta: *name == b"meta", ..Self::default() },
            CallbackEvent::AttributeName { name } => self.attribute = name.to_ascii_lowercase(),
            CallbackEvent::AttributeValue { value } if self.is_meta => match self.attribute.as_slice() {
                b"charset" => self.charset = Encoding::for_label_no_replacement(value),
                b"content" => self.content = std::str::from_utf8(value).ok().and_then(charset_of),
                b"http-equiv" => self.is_header = value.trim_ascii().eq_ignore_ascii_case(b"content-type"),
                _ => {}
            },
            CallbackEvent::CloseStartTag { .. } if self.is_meta => return self.charset.or(self.content.filter(|_| self.is_header)),
            CallbackEvent::Comment { value } if value.starts_with(b"?xml ") => {
                let declaration = std::str::from_utf8(value).ok()?.replace('\u{c}', "");
                let (_, rest) = declaration.split_once("encoding=")?;
                let label = rest.trim_matches(['"', '\'', '?']).split(['"', '\'']).next()?;
                return Encoding::for_label_no_replacement(label.as_bytes());
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_title_is_the_title() {
        let page = Page::of("<svg><title>no</title></svg><title> a\n&amp; b=c</title><title>d</title>x = y=z", false);
        assert_eq!(page, Page { title: Some("a & b=c".into()), text: "x = y=z".into() });
        assert_eq!(Page::of("<title> </title>", false).title, None);
    }
}
