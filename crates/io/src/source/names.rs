//! The usual names of fields, as programs that collect articles write them. Earlier names are preferred.
//!
//! Named after the record formats of trafilatura, news-please, NewsAPI, schema.org, Media Cloud, the Guardian's API, passim and fundus, among others.

/// What is compared.
pub(super) const TEXT: &[&str] = &[
    "text",
    "content",
    "body",
    "raw_content",
    "maintext",
    "article",
    "article_text",
    "articleBody",
    "article_body",
    "body_text",
    "content_text",
    "bodyText",
    "fields.bodyText",
    "fields.body",
    "blocks.body",
    "full_text",
    "fulltext",
    "story",
    "story_text",
    "plaintext",
    "plain_text",
    "messages",
    "conversations",
    "conversation",
    "paragraphs",
];

/// What names a document.
pub(super) const ID: &[&str] =
    &["id", "_id", "doc_id", "docid", "document_id", "article_id", "uid", "uuid", "guid", "stories_id", "docno", "url", "@id"];

/// When it was published.
pub(super) const DATE: &[&str] = &[
    "date",
    "published",
    "published_at",
    "publishedAt",
    "publication_date",
    "publicationDate",
    "publish_date",
    "date_publish",
    "date_published",
    "datePublished",
    "publishing_date",
    "webPublicationDate",
    "pub_date",
    "pubDate",
    "datetime",
    "timestamp",
    "created_at",
    "createdAt",
    "dateCreated",
    "time",
];

/// Who published it.
pub(super) const OUTLET: &[&str] = &[
    "outlet",
    "source",
    "publisher",
    "newspaper",
    "site",
    "site_name",
    "sitename",
    "domain",
    "sourceCommonName",
    "publication",
    "fields.publication",
    "media_name",
    "source_name",
    "source-hostname",
    "source_domain",
    "hostname",
    "media_url",
    "series",
    "webUrl",
];

/// Fields of an object that stands for an outlet.
pub(super) const INSIDE_OUTLET: &[&str] = &["name", "title", "domain", "uri", "url", "@id", "id"];
/// Fields of an object that stands for an id, as MongoDB and JSON-LD write it.
pub(super) const INSIDE_ID: &[&str] = &["$oid", "$numberLong", "@value", "value"];
/// Fields of an object that stands for a date.
pub(super) const INSIDE_DATE: &[&str] = &["$date", "$numberLong", "@value", "value", "iso"];
/// Fields of an object in which a text is: a message, a part of one, an article in sections.
pub(super) const INSIDE_TEXT: &[&str] = &["text", "content", "value", "summary", "headline", "sections", "paragraphs", "bodyTextSummary"];
/// Fields with the same text in HTML, where an object has none of those.
pub(super) const INSIDE_HTML: &[&str] = &["bodyHtml"];
