//! Feeds: RSS 0.9x, 1.0 and 2.0, and Atom. An item is a document.
//!
//! In: the text of a feed, however broken. Out: the byte range of each item, and what an item says. Names are compared with their usual prefixes
//! (`content:encoded`, `dc:date`); HTML in a field is read as [`super::field`] reads it, whether it is escaped, in a CDATA section, or neither. An item that
//! is not closed ends where the next begins.

use super::field::text_of;
use crate::source::outlet::host_of;
use crate::source::xml::{Event, Events, attribute, is_feed, local, name_of, root};
use memchr::memchr;
use std::borrow::Cow;
use std::ops::Range;

/// Elements that may hold the text of an item: the longest of them does.
const TEXTS: &[&str] = &[
    "content:encoded",
    "content",
    "description",
    "summary",
    "itunes:summary",
    "media:description",
    "dc:description",
    "body",
    "xhtml:body",
];
/// Dates of an item: that of its publication before that of a change.
const DATES: &[&str] = &[
    "published",
    "pubDate",
    "pubdate",
    "dc:date",
    "dcterms:issued",
    "dcterms:created",
    "issued",
    "created",
    "date",
    "updated",
    "modified",
    "dcterms:modified",
];
/// Elements that only hold others.
const GROUPS: &[&str] = &["media:group", "media:content"];
const IDS: &[&str] = &["guid", "id"];
const AUTHORS: &[&str] = &["author", "dc:creator", "itunes:author"];

/// What a feed says of all its items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::source) struct Channel {
    title: Option<String>,
    /// Where its items are.
    pub(in crate::source) items: Vec<Range<usize>>,
}

impl Channel {
    /// Of a feed.
    ///
    /// # Errors
    /// Words for a [`refrain_engine::Problem`]: it is none.
    pub(in crate::source) fn of(feed: &str) -> Result<Self, String> {
        let root = root(feed).map(name_of).unwrap_or_default();
        if !is_feed(root) {
            let named = if root.is_empty() { "no root element".to_owned() } else { format!("the root element `{root}`") };
            return Err(format!(
                "XML with {named} is neither a page nor a feed (RSS, Atom); left out; read it as `html` for the text between its tags, or as `text`"
            ));
        }
        let mut found = Self::default();
        let mut item: Option<(&str, usize)> = None;
        let mut events = Events::new(feed);
        while let Some(event) = events.next() {
            match event {
                Event::Start { name, tag, is_empty } if matches!(local(name), "item" | "entry") => {
                    if let Some((_, start)) = item.take() {
                        found.items.push(start..tag.start);
                    }
                    item = (!is_empty).then_some((name, tag.start));
                }
                Event::End { name, tag } if item.is_some_and(|(open, _)| open == name) => {
                    found.items.extend(item.take().map(|(_, start)| start..tag.end));
                }
                Event::Start { name, is_empty: false, .. } if item.is_none() && found.title.is_none() && local(name) == "title" => {
                    let start = events.at();
                    let inner = &feed[start..end_of(feed, name, start).0];
                    // An empty one counts, so that the search for its end is not repeated.
                    found.title = Some(Element { name, tag: "", inner }.text().trim().to_owned());
                }
                _ => {}
            }
        }
        found.items.extend(item.map(|(_, start)| start..feed.len()));
        Ok(found)
    }
}

/// Where the content of an element that begins at `start` ends, and where its end tag does; both are the end of the text if it is not closed.
fn end_of(text: &str, name: &str, start: usize) -> (usize, usize) {
    let mut depth = 1_usize;
    for event in Events::from(text, start) {
        match event {
            Event::Start { name: inner, is_empty: false, .. } if inner == name => depth += 1,
            Event::End { name: inner, tag } if inner == name => {
                depth -= 1;
                if depth == 0 {
                    return (tag.start, tag.end);
                }
            }
            _ => {}
        }
    }
    (text.len(), text.len())
}

/// An element of an item.
#[derive(Clone, Copy, Debug)]
struct Element<'t> {
    name: &'t str,
    /// Its start tag.
    tag: &'t str,
    /// What is between its tags, as it is written.
    inner: &'t str,
}

impl<'t> Element<'t> {
    /// The HTML or text that it holds: entities of XML and CDATA sections undone.
    fn value(&self) -> Cow<'t, str> {
        let has_tags = Events::new(self.inner).any(|event| matches!(event, Event::Start { .. } | Event::End { .. }));
        let mut value = String::new();
        for event in Events::new(self.inner) {
            match event {
                Event::Data(range) => value += &self.inner[range],
                Event::Text(range) if has_tags => value += &self.inner[range],
                Event::Text(range) if range.len() == self.inner.len() && !self.inner.contains('&') => return Cow::Borrowed(self.inner),
                Event::Text(range) => value += &unescaped(&self.inner[range]),
                Event::Start { tag, .. } | Event::End { tag, .. } => value += &self.inner[tag],
            }
        }
        Cow::Owned(value)
    }

    fn text(&self) -> String {
        text_of(self.value().trim()).into_owned()
    }

    /// True for content that is no text: a picture, say, in base64.
    fn is_other_media(&self) -> bool {
        let kind = attribute(self.tag, "type").unwrap_or_default();
        kind.contains('/') && !["text/", "html", "xml"].iter().any(|text| kind.contains(text))
    }
}

/// `&#x10FFFF;`; what is longer is no reference.
const LONGEST_REFERENCE_BYTES: usize = 10;

/// The characters that XML text stands for; what else it has stays for the HTML that it holds.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out += &rest[..at];
        rest = &rest[at..];
        let head = &rest.as_bytes()[..rest.len().min(LONGEST_REFERENCE_BYTES)];
        let reference = memchr(b';', head).map_or("", |end| &rest[..=end]);
        let c = match reference {
            "&amp;" => Some('&'),
            "&lt;" => Some('<'),
            "&gt;" => Some('>'),
            "&quot;" => Some('"'),
            "&apos;" => Some('\''),
            "" => None,
            _ => numbered(reference),
        };
        out.push(c.unwrap_or('&'));
        rest = &rest[c.map_or(1, |_| reference.len())..];
    }
    out + rest
}

/// The character of `&#8217;` and `&#x2019;`.
fn numbered(reference: &str) -> Option<char> {
    let digits = reference.strip_prefix("&#")?.strip_suffix(';')?;
    let number = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    number.ok().and_then(char::from_u32)
}

/// An item of a feed.
#[derive(Debug)]
pub(in crate::source) struct Item<'t> {
    /// Its start tag.
    tag: &'t str,
    /// Prefix of its name, with the colon; its own elements have it, too.
    prefix: &'t str,
    elements: Vec<Element<'t>>,
}

impl<'t> Item<'t> {
    /// The item that `text` is.
    pub(in crate::source) fn of(text: &'t str) -> Self {
        let mut events = Events::new(text);
        let Some(Event::Start { name, tag, .. }) = events.next() else { return Self { tag: "", prefix: "", elements: Vec::new() } };
        let prefix = &name[..name.len() - local(name).len()];
        let mut found = Self { tag: &text[tag], prefix, elements: Vec::new() };
        while let Some(event) = events.next() {
            let Event::Start { name, tag, is_empty } = event else { continue };
            let start = events.at();
            if GROUPS.contains(&name) {
                continue;
            }
            let (end, after) = if is_empty { (start, start) } else { end_of(text, name, start) };
            found.elements.push(Element { name, tag: &text[tag], inner: &text[start..end] });
            events = Events::from(text, after);
        }
        found
    }

    /// The elements of a name, without the prefix of the item.
    fn named<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Element<'t>> {
        let bare = |element: &Element<'t>| element.name.strip_prefix(self.prefix).unwrap_or(element.name);
        self.elements.iter().filter(move |element| element.name == name || bare(element) == name)
    }

    /// The first text of these names that is not empty.
    fn first(&self, names: &[&str]) -> Option<String> {
        let texts = names.iter().flat_map(|name| self.named(name)).map(Element::text);
        texts.map(|text| text.trim().to_owned()).find(|text| !text.is_empty())
    }

    /// The longest of the texts that it has.
    pub(in crate::source) fn text(&self) -> String {
        let texts = TEXTS.iter().flat_map(|name| self.named(name)).filter(|element| !element.is_other_media()).map(Element::text);
        // Of equally long ones the first.
        texts.reduce(|longest, text| if text.len() > longest.len() { text } else { longest }).unwrap_or_default()
    }

    pub(in crate::source) fn id(&self) -> Option<String> {
        let about = || attribute(self.tag, "rdf:about").filter(|about| !about.is_empty()).map(unescaped);
        self.first(IDS).or_else(about).or_else(|| self.link())
    }

    fn link(&self) -> Option<String> {
        let href = |element: &Element<'t>| {
            let is_alternate = attribute(element.tag, "rel").is_none_or(|rel| rel == "alternate");
            attribute(element.tag, "href").filter(|href| is_alternate && !href.is_empty()).map(unescaped)
        };
        self.first(&["link"]).or_else(|| self.named("link").find_map(href))
    }

    pub(in crate::source) fn date(&self) -> Option<String> {
        self.first(DATES)
    }

    /// The outlet of the item, where a feed gathers those of others, else that of the feed.
    pub(in crate::source) fn outlet(&self, channel: &Channel) -> Option<String> {
        let source = self.named("source").next().and_then(|source| {
            let title = Item::of(&format!("<s>{}</s>", source.inner)).first(&["title"]);
            title.or_else(|| Some(source.text()).filter(|text| !text.is_empty() && !source.inner.contains('<')))
        });
        source.or_else(|| channel.title.clone().filter(|title| !title.is_empty())).or_else(|| host_of(&self.link()?))
    }

    /// What the item says under a name.
    pub(in crate::source) fn field(&self, name: &str) -> Option<String> {
        match name {
            "url" | "link" => self.link(),
            "author" => {
                let author = self.named("author").next().and_then(|author| Item::of(&format!("<a>{}</a>", author.inner)).first(&["name"]));
                author.or_else(|| self.first(AUTHORS))
            }
            _ => self.first(&[name]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Id, date, outlet and text of each item.
    fn told(feed: &str) -> Vec<[String; 4]> {
        let channel = Channel::of(feed).unwrap();
        let told = |range: &Range<usize>| {
            let item = Item::of(&feed[range.clone()]);
            [item.id(), item.date(), item.outlet(&channel), Some(item.text())].map(Option::unwrap_or_default)
        };
        channel.items.iter().map(told).collect()
    }

    #[test]
    fn items_of_rss() {
        let feed = "<?xml version='1.0'?><!-- a --><rss version=\"2.0\"><channel><title>Bow &amp; Aft</title><image><title>no</title></image>\n\
            <item><title>One</title><guid isPermaLink='false'>g1</guid><pubDate>Thu, 01 Feb 2024 08:00:00 GMT</pubDate>\
            <description>&lt;p&gt;Short &amp;amp; sweet&lt;/p&gt;</description><content:encoded><![CDATA[<p>A longer <b>text</b> of it</p><p>5 &lt; 6</p>]]></content:encoded></item>\n\
            <item><link>http://a.example/2?x=1&amp;y=2</link><source url='http://c.example'>Cape Post</source><dc:date>2024-02-03</dc:date><media:title>no</media:title>\
            <description><p>Not escaped<br>at &eacute; all</p></description></item></channel></rss>";
        let expected = [
            ["g1", "Thu, 01 Feb 2024 08:00:00 GMT", "Bow & Aft", "A longer text of it\n\n5 < 6"],
            ["http://a.example/2?x=1&y=2", "2024-02-03", "Cape Post", "Not escaped\nat é all"],
        ];
        assert_eq!(told(feed), expected);
        let item = &feed[Channel::of(feed).unwrap().items[0].clone()];
        assert!(item.starts_with("<item>") && item.ends_with("</item>"));
        assert_eq!(Item::of(item).field("title").as_deref(), Some("One"));
    }

    #[test]
    fn entries_of_atom_and_items_of_rdf() {
        let atom = "<atom:feed xmlns:atom='http://www.w3.org/2005/Atom'><atom:title type='html'>Bow</atom:title><atom:entry>\
            <atom:id>tag:1</atom:id><atom:updated>2024-02-05</atom:updated><atom:published>2024-02-04</atom:published><atom:link rel='self' href='no'/>\
            <atom:link href='http://a.example/1'/><atom:author><atom:name>A. B.</atom:name><atom:email>a@b.example</atom:email></atom:author>\
            <atom:content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>One &amp; two</p><p>three</p></div></atom:content></atom:entry></atom:feed>";
        assert_eq!(told(atom), [["tag:1", "2024-02-04", "Bow", "One & two\n\nthree"]]);
        let plain = atom.replace("atom:", "");
        assert_eq!(told(&plain), told(atom));
        let item = Channel::of(&plain).unwrap().items[0].clone();
        let field = |name| Item::of(&plain[item.clone()]).field(name);
        assert_eq!((field("link").as_deref(), field("author").as_deref()), (Some("http://a.example/1"), Some("A. B.")));
        let rdf = "<rdf:RDF><channel rdf:about='c'><title>Bow</title><items><rdf:Seq><rdf:li resource='u'/></rdf:Seq></items></channel>\
            <item rdf:about='u'><title>One</title><description>plain text, 5 &lt; 6</description></item></rdf:RDF>";
        assert_eq!(told(rdf), [["u", "", "Bow", "plain text, 5 < 6"]]);
    }

    #[test]
    fn broken_feeds_give_what_they_have() {
        let feed = "<rss><channel><item><guid>1</guid><description>one<item><guid>2</guid><description><![CDATA[two";
        assert_eq!(told(feed), [["1", "", "", "one"], ["2", "", "", "two"]]);
        assert_eq!(told("<rss><channel><item/></channel></rss>"), Vec::<[String; 4]>::new());
        assert_eq!(told("<feed><entry/><entry></entry>"), [["", "", "", ""]]);
        let why = Channel::of("<?xml version='1.0'?><urlset><url/></urlset>").unwrap_err();
        assert!(why.starts_with("XML with the root element `urlset` is neither"), "{why}");
        assert!(Channel::of("text").unwrap_err().contains("no root element"));
    }

    proptest! {
        #[test]
        fn any_feed_is_read(parts in prop::collection::vec("<item>|</item>|<title>|</title>|<description>|</description>|<!\\[CDATA\\[|\\]\\]>|<link href='|'/>|&amp;|&#[0-9]{1,9};|<p>|</p>|[a-z<>&\"'é ]{0,5}", 0..30)) {
            told(&format!("<rss>{}", parts.concat()));
        }
    }
}
