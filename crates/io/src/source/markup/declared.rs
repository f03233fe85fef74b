//! The encoding that a page or an XML file declares inside itself.

use super::page::parted;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

/// How far a page is searched for its encoding; more than the standard's 1,024, since old pages declare it late.
const DECLARED_WITHIN_BYTES: usize = 8192;

/// The encoding that a page names in a `meta` tag, or in the XML declaration that it begins with.
pub(in crate::source) fn declared(page: &[u8]) -> Option<&'static Encoding> {
    let mut meta = Meta::default();
    let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| meta.take(&event));
    let head = parted(&page[..page.len().min(DECLARED_WITHIN_BYTES)]);
    let Ok(found) = Tokenizer::new_with_emitter(&head[..], emitter).next().transpose();
    found.map(not_utf16)
}

/// The encoding that an XML file names in its declaration.
pub(super) fn declared_in_xml_of(xml: &[u8]) -> Option<&'static Encoding> {
    let declaration = xml.trim_ascii_start().strip_prefix(b"<?xml")?;
    let declaration = &declaration[..declaration.len().min(DECLARED_WITHIN_BYTES)];
    let end = memchr::memmem::find(declaration, b"?>")?;
    declared_in_xml(std::str::from_utf8(&declaration[..end]).ok()?).map(not_utf16)
}

/// A declaration that could be read as ASCII is not UTF-16, whatever it says.
fn not_utf16(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding }
}

/// The encoding that an XML declaration names.
fn declared_in_xml(declaration: &str) -> Option<&'static Encoding> {
    let (_, rest) = declaration.split_once("encoding")?;
    let value = rest.trim_start().strip_prefix('=')?.trim_start().strip_prefix(['"', '\''])?;
    let label = value.split(['"', '\'']).next()?;
    Encoding::for_label_no_replacement(label.trim().as_bytes())
}

/// The encoding that a content type names: `text/html; charset=windows-1256`.
pub(in crate::source) fn charset_of(content_type: &str) -> Option<&'static Encoding> {
    let named = content_type.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then_some(value)
    });
    Encoding::for_label_no_replacement(named?.trim().trim_matches(['"', '\'']).as_bytes())
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
                return declared_in_xml(&declaration);
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
    fn declarations_of_xml_as_people_write_them() {
        let named = |declaration| declared_in_xml(declaration).map(Encoding::name);
        assert_eq!(named("<?xml version='1.0' encoding = \"Windows-1256\"?>"), Some("windows-1256"));
        assert_eq!(named("?xml encoding='koi8-r'"), Some("KOI8-R"));
        assert_eq!([named("?xml version='1.0'"), named("?xml encoding=x"), named("?xml encoding='nosuch'")], [None; 3]);
    }
}
