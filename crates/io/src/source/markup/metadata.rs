//! What a page says of itself: date, outlet, author and address, from `meta`, `link` and `time` tags and from JSON-LD.
//!
//! In: the tags of a page, in order. Out: the first value of each name. Where several sources give a date or an outlet, the more reliable is taken:
//! the order is that of [`DATES`] and [`OUTLETS`]. Bounded: so many names, each of so many bytes.

use crate::source::outlet::host_of;
use serde_json::Value;
use std::borrow::Cow;

/// `meta` names with the date of publication, the most reliable first. JSON-LD comes after the first of them.
const DATES: &[&str] = &[
    "article:published_time",
    "datepublished",
    "og:published_time",
    "parsely-pub-date",
    "sailthru.date",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date.created",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
    "citation_publication_date",
    "citation_date",
    "publication_date",
    "publish_date",
    "publish-date",
    "publishdate",
    "pubdate",
    "date",
];
/// `meta` names with the outlet. JSON-LD comes after the first of them, the host of the page's address last.
const OUTLETS: &[&str] = &["og:site_name", "dc.publisher", "dcterms.publisher", "publisher", "citation_journal_title", "application-name"];
const AUTHORS: &[&str] = &["author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "citation_author"];

/// Names that are kept of a page, and attributes of a tag.
const MOST_NAMES: usize = 256;
const MOST_ATTRIBUTES: usize = 32;
/// A longer value is cut.
const LONGEST_VALUE_BYTES: usize = 4096;
/// JSON-LD of more bytes is not read.
const LONGEST_JSON_BYTES: usize = 1 << 20;

/// What is known of a page.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::source) struct Metadata {
    /// From `meta` tags, in lower case, each with its first value.
    named: Vec<(String, String)>,
    canonical: Option<String>,
    time: Option<String>,
    linked: Linked,
    tag: Tag,
    attributes: Vec<(String, String)>,
}

/// The tag that is being read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tag {
    #[default]
    Unused,
    Meta,
    Link,
    Time,
    Script,
    /// The script that follows is JSON-LD.
    LinkedData,
}

/// From JSON-LD.
#[derive(Debug, Default, PartialEq, Eq)]
struct Linked {
    date: Option<String>,
    outlet: Option<String>,
    author: Option<String>,
}

impl Metadata {
    pub(super) fn open(&mut self, name: &[u8]) {
        self.attributes.clear();
        self.tag = match name {
            b"meta" => Tag::Meta,
            b"link" => Tag::Link,
            b"time" => Tag::Time,
            b"script" => Tag::Script,
            _ => Tag::Unused,
        };
    }

    pub(super) fn attribute(&mut self, name: &[u8]) {
        if self.attributes.len() == MOST_ATTRIBUTES {
            self.tag = Tag::Unused;
        }
        if self.tag != Tag::Unused {
            self.attributes.push((String::from_utf8_lossy(name).to_ascii_lowercase(), String::new()));
        }
    }

    pub(super) fn value(&mut self, value: &[u8]) {
        if let Some((_, held)) = self.attributes.last_mut().filter(|_| self.tag != Tag::Unused) {
            let value = String::from_utf8_lossy(&value[..value.len().min(LONGEST_VALUE_BYTES)]);
            *held = value.replace("\u{c}=", "=").trim().to_owned();
        }
    }

    /// The value of an attribute of the tag that is being read.
    fn of_tag(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(held, value)| held == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    pub(super) fn close(&mut self) {
        match self.tag {
            Tag::Meta => {
                let name = ["property", "name", "itemprop"].into_iter().find_map(|name| self.of_tag(name));
                let pair = name.zip(self.of_tag("content")).map(|(name, content)| (name.to_ascii_lowercase(), content.to_owned()));
                let pair = pair.filter(|(name, _)| self.named.len() < MOST_NAMES && self.get(name).is_none());
                self.named.extend(pair);
            }
            Tag::Link if self.canonical.is_none() => {
                let is_canonical = self.of_tag("rel").is_some_and(|rel| rel.eq_ignore_ascii_case("canonical"));
                self.canonical = self.of_tag("href").filter(|_| is_canonical).map(str::to_owned);
            }
            Tag::Time if self.time.is_none() => self.time = self.of_tag("datetime").map(str::to_owned),
            Tag::Script if self.of_tag("type").is_some_and(|kind| kind.eq_ignore_ascii_case("application/ld+json")) => {
                self.tag = Tag::LinkedData;
            }
            _ => {}
        }
    }

    /// The text of a script, or of something else that is not shown.
    pub(super) fn script(&mut self, text: &str) {
        let is_wanted = self.tag == Tag::LinkedData && self.linked.date.is_none() && text.len() <= LONGEST_JSON_BYTES;
        if let Some(read) = is_wanted.then(|| serde_json::from_str(text).ok()).flatten() {
            self.linked.read(&read);
        }
    }

    /// The value of a `meta` tag by its name in lower case.
    fn get(&self, name: &str) -> Option<&str> {
        self.named.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str())
    }

    /// Anything the page says under a name: title, author and address, or a `meta` tag.
    pub(in crate::source) fn field(&self, name: &str) -> Option<&str> {
        let name = name.to_ascii_lowercase();
        let named = self.get(&name);
        match name.as_str() {
            "title" => named.or_else(|| self.get("og:title")),
            "author" => AUTHORS.iter().find_map(|name| self.get(name)).or(self.linked.author.as_deref()),
            "url" => self.canonical.as_deref().or_else(|| self.get("og:url")).or(named),
            _ => named,
        }
    }

    /// When the page was published, as it says it.
    pub(in crate::source) fn date(&self) -> Option<&str> {
        let most_reliable = self.get(DATES[0]).or(self.linked.date.as_deref());
        most_reliable.or_else(|| DATES.iter().find_map(|name| self.get(name))).or(self.time.as_deref())
    }

    /// Who published the page: a name, else the host of its address without `www.`.
    pub(in crate::source) fn outlet(&self) -> Option<Cow<'_, str>> {
        let name = self.get(OUTLETS[0]).or(self.linked.outlet.as_deref());
        let name = name.or_else(|| OUTLETS.iter().find_map(|name| self.get(name)));
        name.map(Cow::Borrowed).or_else(|| host_of(self.field("url")?).map(Cow::Owned))
    }
}

impl Linked {
    /// Takes what the first object says that has a date of publication.
    fn read(&mut self, value: &Value) {
        let objects: &[Value] = match value {
            Value::Array(objects) => objects,
            Value::Object(object) => object.get("@graph").and_then(Value::as_array).map_or(std::slice::from_ref(value), Vec::as_slice),
            _ => &[],
        };
        let dated = objects.iter().find_map(|object| Some((object, object.get("datePublished")?.as_str()?)));
        let Some((object, date)) = dated else { return };
        let name = |field: &str| {
            let value = object.get(field)?;
            let value = value.get(0).unwrap_or(value);
            let name = value.as_str().or_else(|| value.get("name")?.as_str())?;
            Some(name.trim().to_owned()).filter(|name| !name.is_empty())
        };
        *self = Self { date: Some(date.to_owned()), outlet: name("publisher"), author: name("author") };
    }
}

#[cfg(test)]
mod tests {
    use crate::source::markup::Page;

    /// Date, outlet, author and address of a page.
    fn told(markup: &str) -> [Option<String>; 4] {
        let metadata = Page::of(markup, false).metadata;
        let field = |name| metadata.field(name).map(String::from);
        [metadata.date().map(String::from), metadata.outlet().map(std::borrow::Cow::into_owned), field("author"), field("url")]
    }

    fn some(values: [&str; 4]) -> [Option<String>; 4] {
        values.map(|value| Some(value.to_owned()).filter(|value| !value.is_empty()))
    }

    #[test]
    fn the_more_reliable_source_is_taken() {
        let tags = "<time datetime=2020-01-09>today</time><meta name=date content=2020-01-08>\
            <META PROPERTY='article:published_time' content='2020-01-02'><meta property=og:site_name content='Bow &amp; Aft'>\
            <meta name=author content='A. B.'><link rel=canonical href='https://www.bow.example/1?a=b'>";
        assert_eq!(told(tags), some(["2020-01-02", "Bow & Aft", "A. B.", "https://www.bow.example/1?a=b"]));
        assert_eq!(told("<link rel=canonical href='https://www.Bow.example/1'><time datetime=2020-01-09>x"), {
            some(["2020-01-09", "bow.example", "", "https://www.Bow.example/1"])
        });
        assert_eq!(told("<p>x"), some([""; 4]));
    }

    #[test]
    fn linked_data_of_every_shape() {
        let object = r#"{"@type":"NewsArticle","datePublished":"2020-01-02","publisher":{"name":"Bow"},"author":[{"name":"C. D."}]}"#;
        for json in [object.to_owned(), format!("[{{}},{object}]"), format!(r#"{{"@graph":[{object}]}}"#)] {
            let page = format!("<meta name=date content=2020-01-08><script type='application/ld+json'>{json}</script>");
            assert_eq!(told(&page), some(["2020-01-02", "Bow", "C. D.", ""]), "{json}");
        }
        let deep = format!("<script type=application/ld+json>{}</script>", "[".repeat(100_000));
        assert_eq!(told(&format!("{deep}<script>{object}</script>")), some([""; 4]));
    }
}
