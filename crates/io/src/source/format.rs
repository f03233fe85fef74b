//! What kind of records a file holds: by its content, then by its name.

use super::csv::{TableOptions, is_table};
use super::endings::ending;
use super::fields::Fields;
use super::lenient::repaired;
use super::lists::is_wrapper;
use super::warc::is_warc;
use super::xml::{is_feed, name_of, root};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Kind of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The file is an article.
    Text,
    /// A JSON object a line.
    Jsonl,
    /// A JSON array of objects, or objects one after another over several lines.
    Json,
    /// A table with a header: commas, semicolons, tabs or bars between its fields.
    Csv,
    /// Records of a crawl: WARC, WET.
    Warc,
    /// Parquet, which has compression of its own.
    Parquet,
    /// The file is an article with front matter and code between fences.
    Markdown,
    /// The file is a page: HTML or XHTML.
    Html,
    /// RSS or Atom: an item is an article.
    Feed,
    /// A text file with several articles; chosen by [`super::SourceOptions::split`] alone.
    Articles,
}

impl Format {
    /// True if a file is one article, which is removed with its file.
    pub fn is_one_article(self) -> bool {
        matches!(self, Self::Text | Self::Markdown | Self::Html)
    }

    /// True if records have a text field among others.
    pub(super) fn has_fields(self) -> bool {
        matches!(self, Self::Jsonl | Self::Json | Self::Csv | Self::Parquet)
    }
}

/// How far a file is searched for the root element of its markup.
const ROOT_SAMPLE_BYTES: usize = 1 << 16;
const MARKDOWN_ENDINGS: &[&str] = &["md", "markdown", "mdown", "mkd", "mdx", "qmd", "rmd"];
const PAGE_ENDINGS: &[&str] = &["html", "htm", "xhtml", "xht", "shtml"];
const FEED_ENDINGS: &[&str] = &["rss", "atom", "rdf"];

/// Where a NUL tells that a file is no text.
const BINARY_SAMPLE_BYTES: usize = 8192;
/// How far the first value of a JSON file is followed.
const VALUE_SAMPLE_BYTES: usize = 1 << 20;

/// Endings of tables; the last two say that tabs part the fields.
const TABLE_ENDINGS: &[&str] = &["csv", "tsv", "tab"];

/// True if the file's name says that tabs part its fields.
pub(super) fn says_tabs(path: &Path) -> bool {
    ending(path).is_some_and(|ending| TABLE_ENDINGS[1..].contains(&ending.as_str()))
}

/// The format of a file that begins with `bytes` (its byte-order mark gone).
pub(super) fn sniff(bytes: &[u8], path: &Path, fields: &Fields, tables: TableOptions) -> Format {
    let ending = ending(path);
    let is = |names: &[&str]| ending.as_deref().is_some_and(|ending| names.contains(&ending));
    let trimmed = bytes.trim_ascii_start();
    match trimmed.first() {
        Some(b'P') if bytes.starts_with(b"PAR1") => Format::Parquet,
        Some(b'W') if is_warc(trimmed) => Format::Warc,
        Some(b'[') if begins_list(trimmed) => Format::Json,
        Some(b'{') if first_line_is_object(trimmed) => {
            let wraps = |line: &[u8]| line.trim_ascii().is_empty() || is_wrapper(&String::from_utf8_lossy(line), fields);
            // One odd record at the start does not make a file of lines anything else.
            let all_wrap = wraps(first_line(trimmed)) && second_line(trimmed).is_none_or(|rest| wraps(first_line(rest)));
            if all_wrap { Format::Json } else { Format::Jsonl }
        }
        Some(b'{') if !is(&["jsonl", "ndjson"]) && (is(&["json"]) || begins_with_value(trimmed)) => Format::Json,
        Some(b'{') if begins_object(trimmed) && second_line(trimmed).is_some_and(first_line_is_object) => Format::Jsonl,
        Some(b'<') if let Some(format) = markup(trimmed, is(PAGE_ENDINGS), is(&["xml"])) => format,
        _ if is(PAGE_ENDINGS) => Format::Html,
        _ if is(FEED_ENDINGS) => Format::Feed,
        _ if ending.is_none() && second_line(trimmed).is_some_and(is_object) => Format::Jsonl, // a stream cut at its front
        _ if is(TABLE_ENDINGS) => Format::Csv,
        _ if is(&["warc", "wet"]) => Format::Warc,
        _ if is(MARKDOWN_ENDINGS) => Format::Markdown,
        _ if is_table(bytes, fields, tables) => Format::Csv,
        _ if is(&["jsonl", "ndjson", "json"]) => Format::Jsonl,
        _ => Format::Text,
    }
}

/// What begins with a tag: a page, or XML, which is read as a feed or reported as none. None if it is neither.
fn markup(bytes: &[u8], is_page: bool, is_xml: bool) -> Option<Format> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(ROOT_SAMPLE_BYTES)]);
    let begins_with = |text: &str, start: &str| text.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start));
    let has_declaration = begins_with(&head, "<?xml");
    let mut rest: &str = &head;
    // What may stand before a document type.
    while let Some(end) = [("<!--", "-->"), ("<?", "?>")].into_iter().find_map(|(start, end)| rest.strip_prefix(start)?.split_once(end)) {
        rest = end.1.trim_start();
    }
    let root = root(rest).map(name_of).unwrap_or_default();
    if begins_with(rest, "<!doctype html") || ["html", "head", "body"].iter().any(|page| root.eq_ignore_ascii_case(page)) {
        return Some(Format::Html);
    }
    (!is_page && (is_feed(root) || has_declaration || is_xml)).then_some(Format::Feed)
}

fn first_line(bytes: &[u8]) -> &[u8] {
    &bytes[..memchr::memchr(b'\n', bytes).unwrap_or(bytes.len())]
}

/// True if the first line is an object, if a damaged one. Prose and templates may begin with a brace too, but not with a quote or a brace behind it.
fn first_line_is_object(bytes: &[u8]) -> bool {
    let line = first_line(bytes);
    begins_object(line) && (line.trim_ascii_end().ends_with(b"}") || serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok())
}

fn begins_object(bytes: &[u8]) -> bool {
    let inside = bytes.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    inside.and_then(|inside| inside.first()).is_some_and(|first| matches!(first, b'"' | b'}'))
}

fn begins_list(bytes: &[u8]) -> bool {
    let inside = bytes.strip_prefix(b"[").map(<[u8]>::trim_ascii_start);
    inside.is_some_and(|inside| inside.first() == Some(&b']') || begins_object(inside))
}

/// True if the first line is a JSON object without a fault.
fn is_object(bytes: &[u8]) -> bool {
    let line = first_line(bytes);
    line.starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
}

fn second_line(bytes: &[u8]) -> Option<&[u8]> {
    memchr::memchr(b'\n', bytes).map(|end| &bytes[end + 1..])
}

/// True if a JSON value begins here, as far as it can be seen.
fn begins_with_value(bytes: &[u8]) -> bool {
    let sample = &bytes[..bytes.len().min(VALUE_SAMPLE_BYTES)];
    let begins = |sample: &[u8]| match serde_json::Deserializer::from_slice(sample).into_iter::<serde::de::IgnoredAny>().next() {
        Some(Err(error)) => error.is_eof() && sample.len() < bytes.len(),
        first => first.is_some(),
    };
    begins(sample) || repaired(&String::from_utf8_lossy(sample)).is_some_and(|repaired| begins(repaired.json.as_bytes()))
}

/// True for what is no text at all, as far as its first bytes tell.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    memchr::memchr(0, &bytes[..bytes.len().min(BINARY_SAMPLE_BYTES)]).is_some()
}

/// What a file without text is, by its first bytes, and what to do.
pub(super) fn binary_kind(bytes: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 12] = [
        (b"%PDF-", "a PDF file; extract its text first"),
        (b"PK\x03\x04", "a ZIP archive, or a Word, Excel, OpenDocument or EPUB file, which are ZIP archives; extract its text first"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Word, Excel or PowerPoint file; extract its text first"),
        (b"\x89PNG\r\n\x1A\n", "a PNG image"),
        (b"\xFF\xD8\xFF", "a JPEG image"),
        (b"GIF87a", "a GIF image"),
        (b"GIF89a", "a GIF image"),
        (b"SQLite format 3\0", "an SQLite database; export its table as CSV"),
        (b"7z\xBC\xAF\x27\x1C", "a 7z archive; unpack it first"),
        (b"Rar!\x1A\x07", "a RAR archive; unpack it first"),
        (b"ARROW1\0\0", "an Arrow file; write it as Parquet"),
        (b"\x7FELF", "a program"),
    ];
    KINDS.into_iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_comes_before_name() {
        let fields = Fields::new(&crate::source::FieldNames::default());
        let cases = [
            ("{\"id\":1}\n{\"id\":2}", "a.txt", Format::Jsonl),
            (" [\n{\"id\":1}]", "a", Format::Json),
            ("[]", "a.json", Format::Json),
            ("{\n \"id\": 1\n}", "a.json", Format::Json),
            ("{\n \"id\": 1\n}", "a", Format::Json),
            ("{\"id\": \"cut\n{\"id\":2}", "a", Format::Jsonl),
            ("xt\": \"b\"}\n{\"id\":2}\n", "-", Format::Jsonl),
            ("not json\n{\"id\":2}", "a.jsonl.gz", Format::Jsonl),
            ("[Reuters] A ship", "a.txt", Format::Text),
            ("{curly} thoughts", "a.txt", Format::Text),
            ("{{title}}\ntext", "a.txt", Format::Text),
            ("{{ title }}\n{{ body }}", "a", Format::Text),
            ("{{title}}", "a", Format::Text),
            ("{title}\ntext", "a.txt", Format::Text),
            ("{% if title %}\n{}", "a.txt", Format::Text),
            ("[{{title}}]\ntext", "a.txt", Format::Text),
            ("{{title}}\ntext", "a.jsonl", Format::Jsonl),
            ("{\n\"id\":NaN}", "a", Format::Json),
            ("{ \"id\":1}\n", "a.txt", Format::Jsonl),
            ("{}\n", "a.txt", Format::Jsonl),
            ("{\"a\":[{\"text\":\"t\"}]}", "a", Format::Json),
            ("{\"a\":[{\"text\":NaN},{\"text\":\"t\"}]}\n", "a.jsonl", Format::Json),
            ("{\"a\":[{\"text\":\"t\"}]}\n{\"a\":[{\"text\":\"t\"}]}\n", "a.jsonl", Format::Json),
            ("{\"a\":[{\"text\":\"t\"}]}\n{\"text\":\"t\"}\n", "a.jsonl", Format::Jsonl),
            ("{\"content\":[{\"id\":1,\"text\":\"t\"}]}", "a", Format::Json),
            ("{\"content\":[{\"role\":\"user\",\"text\":\"t\"}]}", "a", Format::Jsonl),
            ("{\"a\":[{\"id\":1}]}", "a", Format::Jsonl),
            ("{\"a\":[{\"text\":\"t\"}],\"text\":\"t\"}", "a", Format::Jsonl),
            ("", "a.jsonl", Format::Jsonl),
            ("", "a.txt", Format::Text),
            ("WARC/1.0\r\nWARC-Type: warcinfo\r\n", "-", Format::Warc),
            ("PAR1\0", "a.csv", Format::Parquet),
            ("WARC/1.0 is a format", "a.txt", Format::Text),
            ("", "a.wet.gz", Format::Warc),
            ("x;y\n", "a.csv", Format::Csv),
            ("", "a.tsv.gz", Format::Csv),
            ("{\"id\":1}", "a.csv", Format::Jsonl),
            ("id,text\n1,a", "-", Format::Csv),
            ("id,text\n1,a", "a.jsonl", Format::Csv),
            ("\n<!doctype HTML><p>", "a.txt", Format::Html),
            ("<!-- a --><?php x ?> <HTML lang=en>", "-", Format::Html),
            ("<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x'><html>", "a.xml", Format::Html),
            ("<p>a</p>", "a.htm", Format::Html),
            ("a", "a.HTML.gz", Format::Html),
            ("<?xml version='1.0'?><p/>", "a.xhtml", Format::Html),
            ("<?xml version='1.0'?>\n<?xml-stylesheet?><rss version='2.0'>", "a.txt", Format::Feed),
            ("<feed xmlns='http://www.w3.org/2005/Atom'>", "-", Format::Feed),
            ("<rdf:RDF>", "a.xml", Format::Feed),
            ("<urlset>", "a.xml", Format::Feed),
            ("<DOC>\n<DOCNO> 1", "a.txt", Format::Text),
            ("<p align=center>\n# A", "README.md", Format::Markdown),
            ("# id, text\n", "a.markdown", Format::Markdown),
        ];
        for (content, name, format) in cases {
            assert_eq!(sniff(content.as_bytes(), Path::new(name), &fields, TableOptions::default()), format, "{name}: {content}");
        }
    }
}
