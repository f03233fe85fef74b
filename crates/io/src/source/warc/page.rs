//! HTML pages in a crawl: which records are some, and how the bytes of one become text.
//!
//! In: a record of type `response` or `resource`. Out: its [`Page`]. What was done to its bytes on their way is undone by what its HTTP head says
//! (`chunked`, gzip, deflate, br); bytes that are not packed, though the head says so, are taken as they are, since many crawlers undo it and
//! leave the head. The encoding is that of the byte-order mark, else of the head, of the page, or the one that is detected.

use super::hops::Header;
use crate::source::encoding::{decide, decode};
use crate::source::format::Format;
use crate::source::markup::{Page, charset_of, declared};
use brotli_decompressor::Decompressor;
use encoding_rs::Encoding;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use memchr::memchr;
use std::borrow::Cow;
use std::io::Read;

/// Unpacked, a page has no more.
const LONGEST_PAGE_BYTES: u64 = 64 << 20;
/// Codings on top of each other that are undone.
const MOST_CODINGS: usize = 4;
/// What a Brotli stream is read through.
const BUFFER_BYTES: usize = 4096;

/// Where a page comes from.
struct Source<'a> {
    /// Of the answer to a request; a `resource` has none.
    http: Option<Header<'a>>,
    content_type: &'a str,
    body: &'a [u8],
    /// The crawler did not take all of it.
    is_cut: bool,
}

impl<'a> Source<'a> {
    /// None if the record is no page.
    ///
    /// # Errors
    /// Its HTTP head cannot be read.
    fn of(header: Header<'a>, block: &'a [u8]) -> Result<Option<Self>, &'static str> {
        let kind = header.get("WARC-Type").unwrap_or_default();
        let content_type = header.get("Content-Type").unwrap_or_default();
        let is_cut = header.get("WARC-Truncated").is_some();
        if kind.eq_ignore_ascii_case("resource") {
            let page = Self { http: None, content_type, body: block, is_cut };
            return Ok(is_html(content_type).then_some(page));
        }
        let is_http = media_type(content_type).eq_ignore_ascii_case("application/http");
        if !kind.eq_ignore_ascii_case("response") || !is_http {
            return Ok(None);
        }
        let (http, body) = Header::of_http(block).filter(|_| block.starts_with(b"HTTP/")).ok_or("an HTTP head that is damaged or cut")?;
        let status = block.split(|byte| byte.is_ascii_whitespace()).nth(1);
        let content_type = http.get("Content-Type").unwrap_or_default();
        let is_page = status == Some(b"200") && is_html(content_type);
        Ok(is_page.then_some(Self { http: Some(http), content_type, body: &block[body..], is_cut }))
    }

    /// The body as its author wrote it.
    fn body(&self) -> Result<Cow<'a, [u8]>, &'static str> {
        let said = ["Content-Encoding", "Transfer-Encoding"].map(|name| self.http.and_then(|http| http.get(name)).unwrap_or_default());
        let codings = said.into_iter().flat_map(|codings| codings.split(',')).map(str::trim);
        let codings: Vec<&str> = codings.filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity")).collect();
        if codings.len() > MOST_CODINGS {
            return Err("a page packed more than four times over");
        }
        codings.iter().rev().try_fold(Cow::Borrowed(self.body), |body, coding| self.undone(coding, body))
    }

    fn undone<'b>(&self, coding: &str, body: Cow<'b, [u8]>) -> Result<Cow<'b, [u8]>, &'static str> {
        let packed = body.as_ref();
        let done = match coding.to_ascii_lowercase().as_str() {
            "chunked" => match joined(packed, self.is_cut)? {
                Some(joined) => Ok(joined),
                None => return Ok(body),
            },
            "gzip" | "x-gzip" => self.unpacked(MultiGzDecoder::new(packed)),
            "deflate" if is_zlib(packed) => self.unpacked(ZlibDecoder::new(packed)),
            "deflate" => self.unpacked(DeflateDecoder::new(packed)),
            "br" => self.unpacked(Decompressor::new(packed, BUFFER_BYTES)),
            _ => Err("a page in a coding that is not undone (chunked, gzip, deflate and br are)"),
        };
        match done {
            Ok(done) => Ok(Cow::Owned(done)),
            Err(_) if begins_as_markup(&body) => Ok(body),
            Err(fault) => Err(fault),
        }
    }

    fn unpacked(&self, stream: impl Read) -> Result<Vec<u8>, &'static str> {
        let mut found = Vec::new();
        let read = stream.take(LONGEST_PAGE_BYTES + 1).read_to_end(&mut found);
        if found.len() as u64 > LONGEST_PAGE_BYTES {
            return Err("a page of more than 64 MiB when it is unpacked");
        }
        match read {
            Err(_) if !self.is_cut || found.is_empty() => Err("a page whose body is damaged or cut where it is unpacked"),
            _ => Ok(found),
        }
    }

    fn page(&self) -> Result<Page, &'static str> {
        let body = self.body()?;
        let mark = Encoding::for_bom(&body);
        let said = mark.map(|(encoding, _)| encoding).or_else(|| charset_of(self.content_type)).or_else(|| declared(&body));
        let encoding = said.unwrap_or_else(|| decide(&body, Some(Format::Text), None).encoding);
        let markup = decode(&body[mark.map_or(0, |(_, length)| length)..], encoding);
        let markup = String::from_utf8(markup).map_err(|_| "a page that cannot be decoded")?;
        Ok(Page::of(&markup, media_type(self.content_type).eq_ignore_ascii_case(XHTML)))
    }
}

const XHTML: &str = "application/xhtml+xml";

fn media_type(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

fn is_html(content_type: &str) -> bool {
    ["text/html", XHTML].iter().any(|html| media_type(content_type).eq_ignore_ascii_case(html))
}

/// The header of a zlib stream; some servers send none.
fn is_zlib(packed: &[u8]) -> bool {
    matches!(packed, [method, flags, ..] if method & 15 == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31))
}

fn begins_as_markup(body: &[u8]) -> bool {
    let mark = Encoding::for_bom(body).map_or(0, |(_, length)| length);
    body[mark..].trim_ascii_start().starts_with(b"<")
}

/// The chunks of a body; None if it has none.
fn joined(body: &[u8], is_cut: bool) -> Result<Option<Vec<u8>>, &'static str> {
    let (mut found, mut at) = (Vec::new(), 0);
    let short = || if is_cut { Ok(()) } else { Err("a page whose chunks are damaged or cut") };
    loop {
        let line = memchr(b'\n', &body[at..]).map(|length| &body[at..at + length]);
        let digits = line.and_then(|line| std::str::from_utf8(line.split(|&byte| byte == b';').next()?).ok());
        let Some((line, length)) = line.zip(digits.and_then(|digits| usize::from_str_radix(digits.trim(), 16).ok())) else {
            if at == 0 {
                return Ok(None);
            }
            return short().map(|()| Some(found));
        };
        at += line.len() + 1;
        if length == 0 {
            return Ok(Some(found));
        }
        let rest = &body[at..];
        found.extend_from_slice(&rest[..length.min(rest.len())]);
        let behind = rest.get(length..).unwrap_or_default();
        if behind.is_empty() {
            return short().map(|()| Some(found));
        }
        at += length + behind.iter().take(2).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    }
}

/// True if a record is to be read as a page, or would be if its HTTP head were whole.
pub(super) fn is_page(header: Header<'_>, block: &[u8]) -> bool {
    Source::of(header, block).map_or(true, |source| source.is_some())
}

/// The page in a record.
///
/// # Errors
/// Words for a [`refrain_engine::Problem`].
pub(super) fn read(header: Header<'_>, block: &[u8]) -> Result<Page, &'static str> {
    Source::of(header, block)?.ok_or("no page")?.page()
}
