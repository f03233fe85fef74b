//! How an index recognises an article that it holds already.
//!
//! An article with an id of its own is recognised by it. An article without one is recognised by its content: 128 bits of its text, date and outlet. Its
//! position in a file says nothing, since tomorrow's file may have the same name. It is the same record read again, and not a copy, if its file has the
//! name that it had before and still begins with all the records without ids that it had then.

use super::Transaction;
use super::document::{Meta, text_hash};
use super::files::Files;
use refrain_engine::error::Result;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

/// Begins the id of an article that is recognised by its content.
const PREFIX: &str = "content:";

/// How an index recognises an article.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Identity<'a> {
    /// By its id. Another article with the same id replaces it. Without an id: as [`Self::Content`].
    #[default]
    Id,
    /// By its file, whichever way the path is written; the id is its name in findings alone. A new version of the text replaces it. A text that shares little with it is another article under the
    /// same path: the old one stays, recognised by its content.
    Path,
    /// By its content. The id is its name in findings alone.
    Content(Reading<'a>),
}

/// Where an article was read that is recognised by its content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading<'a> {
    /// Line of the file, from 1; 0 if it is not known.
    pub line: u64,
    /// Hashes of the records without ids at the beginning of the file: of none, of the first, of the first two, and so on.
    beginnings: &'a [u64],
}

/// What an index keeps of a [`Reading`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) line: u64,
    /// Records without ids in the file; 0 if they are not known.
    pub(crate) records: u64,
    /// Hash of all of them.
    pub(crate) hash: u64,
}

impl Reading<'_> {
    pub(super) fn stamp(self) -> Stamp {
        let records = self.beginnings.len().saturating_sub(1);
        Stamp { line: self.line, records: records as u64, hash: self.beginnings.last().copied().unwrap_or_default() }
    }

    /// True if this is the record, read again, that was added as `meta` says; both have the same content.
    pub(super) fn is_again(self, origin: &str, meta: &Meta, files: &Files) -> bool {
        let Some(Stamp { records, hash, .. }) = meta.stamp else { return false };
        let beginning = usize::try_from(records).ok().filter(|&records| records > 0).and_then(|records| self.beginnings.get(records));
        beginning == Some(&hash) && files.is_file(&meta.origin, origin)
    }
}

/// 128 bits of what an article is recognised by without an id.
pub fn content_hash(text: &str, date: Option<i64>, outlet: Option<&str>) -> u128 {
    hash_of(text_hash(text), date, outlet)
}

fn hash_of(text_hash: u128, date: Option<i64>, outlet: Option<&str>) -> u128 {
    let mut bytes = text_hash.to_le_bytes().to_vec();
    bytes.push(u8::from(date.is_some()));
    bytes.extend(date.unwrap_or_default().to_le_bytes());
    bytes.push(u8::from(outlet.is_some()));
    bytes.extend(outlet.unwrap_or_default().as_bytes());
    xxh3_128(&bytes)
}

/// The id of an article without one: `content:` and 32 hexadecimal digits.
pub(crate) fn content_id(hash: u128) -> Box<str> {
    format!("{PREFIX}{hash:032x}").into()
}

impl Meta {
    /// The line that the article was read from, if it is recognised by its content and the line is known.
    pub(crate) fn line(&self) -> Option<u64> {
        self.stamp.map(|stamp| stamp.line).filter(|&line| line > 0)
    }

    /// The id that the article has where it is recognised by its content.
    pub(super) fn content_id(&self) -> Box<str> {
        content_id(hash_of(self.text_hash, self.date, self.outlet.as_deref()))
    }
}

impl Transaction<'_> {
    /// The ids of `articles`, each the id of its content, how it was read and from which file, that the index has and that are the same records, read again.
    pub fn read_again(&self, articles: &[(Box<str>, Reading<'_>, Cow<'_, str>)]) -> Result<HashSet<Box<str>>> {
        let known = self.documents_of(&articles.iter().map(|(id, ..)| &**id).collect::<Vec<_>>())?;
        let is_again = |(id, reading, origin): &&(Box<str>, Reading<'_>, Cow<'_, str>)| {
            known.get(id).is_some_and(|(_, row)| row.meta.content_id() == row.id && reading.is_again(origin, &row.meta, self.files()))
        };
        Ok(articles.iter().filter(is_again).map(|(id, ..)| id.clone()).collect())
    }
}

/// An article without an id of its own.
#[derive(Clone, Copy, Debug)]
pub struct Unnamed {
    /// Number of its file.
    pub file: u32,
    /// First byte, or number, of the record in the file.
    pub start: u64,
    /// Its line, from 1.
    pub line: u64,
    /// Of its text.
    pub hash: u128,
}

/// The articles of a run without an id of their own.
#[derive(Clone, Debug, Default)]
pub struct ByContent {
    /// Line and hash by file and first byte.
    articles: HashMap<(u32, u64), (u64, u128)>,
    /// By file.
    beginnings: HashMap<u32, Vec<u64>>,
}

impl ByContent {
    /// Of articles in any order.
    pub fn of(mut unnamed: Vec<Unnamed>) -> Self {
        unnamed.sort_unstable_by_key(|article| (article.file, article.start));
        let mut by_content = Self::default();
        for Unnamed { file, start, line, hash } in unnamed {
            by_content.articles.insert((file, start), (line, hash));
            let beginnings = by_content.beginnings.entry(file).or_insert_with(|| vec![0]);
            let before = beginnings.last().copied().unwrap_or_default();
            beginnings.push(xxh3_64(&[&before.to_le_bytes()[..], &hash.to_le_bytes()].concat()));
        }
        by_content
    }

    /// Where the article was read, if it has no id of its own.
    pub fn reading(&self, file: u32, start: u64) -> Option<Reading<'_>> {
        let &(line, _) = self.articles.get(&(file, start))?;
        Some(Reading { line, beginnings: self.beginnings.get(&file)? })
    }

    /// The id that an index has for the article, if it has no id of its own.
    pub fn id(&self, file: u32, start: u64) -> Option<Box<str>> {
        self.articles.get(&(file, start)).map(|&(_, hash)| content_id(hash))
    }

    /// Number of articles.
    pub fn len(&self) -> usize {
        self.articles.len()
    }

    /// True if there is no article.
    pub fn is_empty(&self) -> bool {
        self.articles.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(hashes: &[u128]) -> ByContent {
        let unnamed = |(at, &hash): (u64, &u128)| Unnamed { file: 0, start: 10 * at, line: at + 1, hash };
        ByContent::of((0..).zip(hashes).map(unnamed).collect())
    }

    fn files() -> Files {
        Files::of(std::path::Path::new("db"))
    }

    /// Whether the record at `at` of `now` is the one at `before.1` of `before.0`, read again.
    fn is_again(now: &[u128], at: u64, before: (&[u128], u64), origin: &str) -> bool {
        let (now, then) = (file(now), file(before.0));
        let stamp = then.reading(0, 10 * before.1).unwrap().stamp();
        let meta = Meta { origin: "today.jsonl".into(), stamp: Some(stamp), ..Meta::default() };
        now.reading(0, 10 * at).unwrap().is_again(origin, &meta, &files())
    }

    #[test]
    fn a_record_is_read_again_in_the_same_file_which_may_have_grown() {
        assert!(is_again(&[1, 2], 1, (&[1, 2], 1), "today.jsonl"));
        assert!(is_again(&[1, 2, 3], 0, (&[1, 2], 0), "today.jsonl"), "more records were appended");
        assert!(!is_again(&[1, 2], 1, (&[1, 2], 1), "copy.jsonl"), "another file");
        assert!(!is_again(&[3, 1], 1, (&[1, 2], 0), "today.jsonl"), "a reprint");
        assert!(!is_again(&[1, 3], 0, (&[1, 2], 0), "today.jsonl"), "a reprint on the same line");
        let meta = Meta { origin: "today.jsonl".into(), ..Meta::default() };
        assert!(!file(&[1]).reading(0, 0).unwrap().is_again("today.jsonl", &meta, &files()), "nothing is known of how it was read");
        assert!(!Reading::default().is_again("today.jsonl", &Meta { stamp: Some(Stamp::default()), ..meta }, &files()));
    }

    #[test]
    fn text_date_and_outlet_are_the_content() {
        let hash = content_hash("text", Some(3), Some("x"));
        assert_eq!(hash, content_hash("text", Some(3), Some("x")));
        for other in [content_hash("text", None, Some("x")), content_hash("text", Some(3), None), content_hash("Text", Some(3), Some("x"))]
        {
            assert_ne!(hash, other);
        }
        assert_eq!(content_id(26).len(), "content:".len() + 32);
    }
}
