//! Articles made ready on any thread, then added or removed in one transaction.

use super::document::{Body, ContentRow, DocumentRow, Meta, Outline, text_hash};
use super::error::IndexError;
use super::files::Files;
use super::identity::Reading;
use super::postings::{Entry, Kind};
use super::store::Table;
use super::transaction::{LookedUp, MOST_TEXT_BYTES};
use super::{Article, Identity, Query, Transaction};
use refrain_engine::detect::{Signature, Signer};
use refrain_engine::error::Result;
use std::collections::hash_map::Entry as Slot;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// How well texts are packed: more costs time and saves little.
const ZSTD_LEVEL: i32 = 3;

/// An article made ready to be added.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub(super) id: Box<str>,
    /// The path of its file as it was given.
    given: Box<str>,
    /// The id is the path of a file, which may hold another article now.
    is_path: bool,
    meta: Meta,
    body: Body,
    /// Bytes of the text.
    pub(super) bytes: u64,
    looked_up: LookedUp,
}

/// Makes articles ready; keeps its scratch space.
pub struct Preparer {
    pub(super) signer: Signer,
    pub(super) has_texts: bool,
    pub(super) files: Arc<Files>,
}

impl Preparer {
    /// The article as it will be kept. Time linear in its text.
    pub fn prepare(&mut self, article: &Article<'_>) -> Prepared {
        let signature = self.signer.of_text(article.text);
        self.prepare_signed(article, &signature)
    }

    /// The same of an article that was asked about.
    pub fn prepare_asked(&self, asked: &Query<'_>) -> Prepared {
        self.prepare_signed(&asked.article, &asked.signature)
    }

    fn prepare_signed(&self, article: &Article<'_>, signature: &Signature) -> Prepared {
        let paragraphs: BTreeSet<u32> = signature.paragraphs.iter().map(|paragraph| paragraph.hash).collect();
        // Without room to pack into, the text's outline is kept in its stead; that does not come about.
        let packed = if self.has_texts { zstd::bulk::compress(article.text.as_bytes(), ZSTD_LEVEL).ok() } else { None };
        let outline = || Outline::new(article.text, &signature.tokens, paragraphs.iter().copied()).bytes();
        let meta = Meta {
            date: article.date,
            outlet: article.outlet.map(Into::into),
            origin: self.files.name(article.origin).into(),
            stamp: article.reading().map(Reading::stamp),
            chars: article.text.chars().count() as u64,
            text_hash: text_hash(article.text),
        };
        let id = match article.identity {
            Identity::Path => meta.origin.clone(),
            _ if meta.stamp.is_some() => meta.content_id(),
            _ => article.id.into(),
        };
        Prepared {
            id,
            given: article.origin.into(),
            is_path: article.identity == Identity::Path,
            meta,
            body: packed.map_or_else(|| Body::Outline(outline()), Body::Text),
            bytes: article.text.len() as u64,
            looked_up: LookedUp {
                content: signature.content,
                keys: signature.keys.clone(),
                grams: signature.grams.clone(),
                samples: signature.samples.clone(),
                paragraphs: paragraphs.into_iter().collect(),
            },
        }
    }
}

impl Prepared {
    fn require_room(&self, path: &Path) -> Result<()> {
        if self.bytes <= MOST_TEXT_BYTES {
            return Ok(());
        }
        let what = format!("the text of article {:?} ({})", self.id, self.given);
        Err(IndexError::TooLarge { path: path.into(), what, bytes: self.bytes, most: MOST_TEXT_BYTES }.into())
    }
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Articles whose id was not there.
    pub new: usize,
    /// Articles that replaced one of their id.
    pub replaced: usize,
    /// Articles that were there already.
    pub unchanged: usize,
}

/// What became of ids that were to be removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Articles that were removed.
    pub removed: usize,
    /// Ids that were not there, in order, each once.
    pub missing: Vec<Box<str>>,
}

impl std::ops::AddAssign for Added {
    fn add_assign(&mut self, other: Self) {
        self.new += other.new;
        self.replaced += other.replaced;
        self.unchanged += other.unchanged;
    }
}

/// Entries to be added, by kind.
#[derive(Default)]
pub(super) struct Entries([Vec<Entry>; Kind::ALL.len()]);

impl Entries {
    fn push(&mut self, kind: Kind, hash: u32, number: u32, around: u16) {
        self.0[kind as usize].push(Entry::new(hash, number, around));
    }

    /// All that a content is looked up by.
    pub(super) fn push_content(&mut self, content: u32, looked_up: &LookedUp) {
        let LookedUp { content: hash, keys, grams, samples, paragraphs } = looked_up;
        let keys: BTreeSet<u32> = keys.iter().copied().collect();
        keys.iter().for_each(|&key| self.push(Kind::Keys, key, content, 0));
        grams.iter().for_each(|gram| self.push(Kind::Grams, spread(gram.hash), content, gram.around.0));
        paragraphs.iter().for_each(|&paragraph| self.push(Kind::Paragraphs, paragraph, content, 0));
        self.push(Kind::Contents, upper(hash[0]), content, 0);
        samples.iter().for_each(|&gram| self.push(Kind::Samples, gram, content, 0));
    }

    pub(super) fn push_id(&mut self, id: &str, document: u32) {
        self.push(Kind::Ids, id_hash(id), document, 0);
    }

    pub(super) fn kinds(self) -> impl Iterator<Item = (Kind, Vec<Entry>)> {
        Kind::ALL.into_iter().zip(self.0)
    }
}

/// Selected grams are the least of their neighbours: their hashes are small ones. Mixed, they fill all chunks alike (finaliser of `MurmurHash3`,
/// Appleby 2011: a bijection).
pub(super) fn spread(hash: u32) -> u32 {
    let hash = (hash ^ hash >> 16).wrapping_mul(0x85EB_CA6B);
    let hash = (hash ^ hash >> 13).wrapping_mul(0xC2B2_AE35);
    hash ^ hash >> 16
}

pub(super) fn id_hash(id: &str) -> u32 {
    upper(xxh3_64(id.as_bytes()))
}

fn upper(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// Numbers that are given to articles and to contents.
const MOST: u32 = u32::MAX;

impl Transaction<'_> {
    /// Adds articles, as if one by one. If the index has the article, nothing changes; another article with its id is replaced, as [`Identity`] says.
    ///
    /// # Errors
    /// What the database says; nothing is added then, once this transaction is dropped.
    pub fn add(&mut self, batch: &[Prepared]) -> Result<Added> {
        let mut added = Added::default();
        let mut at: HashMap<&str, usize> = HashMap::with_capacity(batch.len());
        let mut distinct: Vec<&Prepared> = Vec::with_capacity(batch.len());
        for article in batch {
            match at.entry(&article.id) {
                Slot::Vacant(slot) => {
                    slot.insert(distinct.len());
                    distinct.push(article);
                }
                Slot::Occupied(slot) if distinct[*slot.get()].meta.is_same(&article.meta) => added.unchanged += 1,
                Slot::Occupied(slot) => {
                    distinct[*slot.get()] = article;
                    added.replaced += 1;
                }
            }
        }
        added += self.add_distinct(&distinct)?;
        Ok(added)
    }

    /// Adds articles with different ids.
    fn add_distinct(&mut self, batch: &[&Prepared]) -> Result<Added> {
        let mut added = Added::default();
        let paths = || batch.iter().filter(|article| article.is_path);
        self.rename_files(paths().map(|article| &*article.given))?;
        self.keep_unrelated(paths().map(|article| (&*article.id, article.meta.text_hash, &article.looked_up)))?;
        let known = self.documents_of(&batch.iter().map(|article| &*article.id).collect::<Vec<_>>())?;
        let by_content = self.same_by_content(batch, &known)?;
        let mut fresh: Vec<&Prepared> = Vec::with_capacity(batch.len());
        let mut replaced = Vec::new();
        for &article in batch {
            match known.get(&*article.id) {
                Some((_, row)) if row.meta.is_same(&article.meta) => {
                    added.unchanged += 1;
                    continue;
                }
                Some(found) => {
                    replaced.push(found.clone());
                    added.replaced += 1;
                }
                None if by_content.contains(&*article.id) => {
                    added.unchanged += 1;
                    continue;
                }
                None => added.new += 1,
            }
            fresh.push(article);
        }
        self.take_away(&replaced)?;
        self.insert(&fresh)?;
        Ok(added)
    }

    /// Ids of articles that the index has by their content alone, since another record had the same id when they were added from this file.
    fn same_by_content<'b>(&self, batch: &[&'b Prepared], known: &HashMap<Box<str>, (u32, DocumentRow)>) -> Result<HashSet<&'b str>> {
        let named = batch.iter().filter(|article| !article.is_path && article.meta.stamp.is_none() && !known.contains_key(&article.id));
        let named: Vec<(Box<str>, &Prepared)> = named.map(|article| (article.meta.content_id(), *article)).collect();
        let by_content = self.documents_of(&named.iter().map(|(id, _)| &**id).collect::<Vec<_>>())?;
        let is_same = |(id, article): &&(Box<str>, &Prepared)| {
            by_content.get(id).is_some_and(|(_, row)| self.files().is_file(&row.meta.origin, &article.given))
        };
        Ok(named.iter().filter(is_same).map(|(_, article)| &*article.id).collect())
    }

    fn insert(&mut self, articles: &[&Prepared]) -> Result<()> {
        let path = self.rows().path.clone();
        let most = || IndexError::TooMany { path: path.clone(), most: MOST };
        let mut contents = self.contents_of(articles)?;
        let mut grown: HashMap<u32, ContentRow> = HashMap::new();
        let mut entries = Entries::default();
        for article in articles {
            let number = self.state.next_document;
            self.state.next_document = number.checked_add(1).ok_or_else(most)?;
            let content = match contents.get(&article.looked_up.content) {
                Some(&content) => content,
                None => {
                    let content = self.state.next_content;
                    self.state.next_content = content.checked_add(1).ok_or_else(most)?;
                    self.state.contents += 1;
                    entries.push_content(content, &article.looked_up);
                    contents.insert(article.looked_up.content, content);
                    grown.insert(content, ContentRow { hash: article.looked_up.content, documents: Vec::new() });
                    content
                }
            };
            match grown.entry(content) {
                Slot::Occupied(row) => row.into_mut().documents.push(number),
                Slot::Vacant(slot) => slot.insert(self.content(content)?).documents.push(number),
            }
            entries.push_id(&article.id, number);
            article.require_room(&path)?;
            let row = DocumentRow { id: article.id.clone(), content, meta: article.meta.clone(), body: article.body.clone() };
            self.rows().put(Table::Documents, i64::from(number), row.bytes())?;
        }
        self.state.documents += articles.len() as u64;
        let mut grown: Vec<(u32, ContentRow)> = grown.into_iter().collect();
        grown.sort_unstable_by_key(|(content, _)| *content);
        for (content, row) in grown {
            self.rows().put(Table::Contents, i64::from(content), row.bytes())?;
        }
        entries.kinds().try_for_each(|(kind, entries)| self.add_run(kind, entries))
    }

    /// Removes the articles of `ids`, which are ids or paths of files; those that are not there are passed over.
    ///
    /// # Errors
    /// What the database says.
    pub fn remove(&mut self, ids: &[&str]) -> Result<Removed> {
        let mut known = self.documents_of(ids)?;
        let others = ids.iter().copied().filter(|id| !known.contains_key(*id)).collect::<BTreeSet<&str>>();
        let of_files = self.ids_of_files(others.iter().copied())?;
        let missing = others.iter().filter(|id| !of_files.contains_key(*id)).map(|id| (*id).into()).collect();
        known.extend(self.documents_of(&of_files.values().map(|id| &**id).collect::<Vec<_>>())?);
        let found: Vec<(u32, DocumentRow)> = known.into_values().collect();
        self.take_away(&found)?;
        Ok(Removed { removed: found.len(), missing })
    }

    pub(super) fn take_away(&mut self, articles: &[(u32, DocumentRow)]) -> Result<()> {
        if articles.is_empty() {
            return Ok(());
        }
        let mut gone = Entries::default();
        let mut again = Entries::default();
        let mut of_content: HashMap<u32, Vec<u32>> = HashMap::new();
        let mut signer = self.signer();
        let first_of: HashMap<u32, &DocumentRow> = articles.iter().map(|(number, row)| (*number, row)).collect();
        for (number, row) in articles {
            gone.push_id(&row.id, *number);
            of_content.entry(row.content).or_default().push(*number);
            self.rows().delete(Table::Documents, i64::from(*number))?;
        }
        for (content, members) in of_content {
            let mut row = self.content(content)?;
            let first = row.documents[0];
            row.documents.retain(|document| !members.contains(document));
            if let Some(row_of_first) = first_of.get(&first) {
                let looked_up = self.looked_up_by(row_of_first, &mut signer)?;
                gone.push_content(content, &looked_up);
            }
            match row.documents.first() {
                Some(&next) => {
                    if next != first {
                        let looked_up = self.looked_up_by(&self.document(next)?, &mut signer)?;
                        again.push_content(content, &looked_up);
                    }
                    self.rows().put(Table::Contents, i64::from(content), row.bytes())?;
                }
                None => {
                    self.rows().delete(Table::Contents, i64::from(content))?;
                    self.state.contents = self.less(self.state.contents, 1)?;
                }
            }
        }
        self.state.documents = self.less(self.state.documents, articles.len())?;
        for (kind, entries) in gone.kinds() {
            let gone: Vec<(u32, u32)> = entries.iter().map(|entry| (entry.hash(), entry.number())).collect();
            self.take_out(kind, &gone)?;
        }
        again.kinds().try_for_each(|(kind, entries)| self.add_run(kind, entries))
    }

    /// The articles of `ids` that are there, with their numbers.
    pub(super) fn documents_of(&self, ids: &[&str]) -> Result<HashMap<Box<str>, (u32, DocumentRow)>> {
        let mut hashed: Vec<(u32, &str)> = ids.iter().map(|id| (id_hash(id), *id)).collect();
        hashed.sort_unstable();
        hashed.dedup();
        let mut hashes: Vec<u32> = hashed.iter().map(|(hash, _)| *hash).collect();
        hashes.dedup();
        let mut found = Vec::new();
        self.find(Kind::Ids, &hashes, |_, entry| found.push((entry.hash(), entry.number())))?;
        let mut documents = HashMap::new();
        for (hash, number) in found {
            let row = self.document(number)?;
            if hashed.binary_search(&(hash, &row.id)).is_ok() {
                documents.insert(row.id.clone(), (number, row));
            }
        }
        Ok(documents)
    }

    /// The contents of articles, by the hashes of their tokens, as far as they are there.
    fn contents_of(&self, articles: &[&Prepared]) -> Result<HashMap<[u64; 2], u32>> {
        let mut wanted: Vec<[u64; 2]> = articles.iter().map(|article| article.looked_up.content).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut hashes: Vec<u32> = wanted.iter().map(|hash| upper(hash[0])).collect();
        hashes.dedup();
        let mut found = Vec::new();
        self.find(Kind::Contents, &hashes, |_, entry| found.push(entry.number()))?;
        let mut contents = HashMap::new();
        for content in found {
            let hash = self.content(content)?.hash;
            if wanted.binary_search(&hash).is_ok() {
                contents.insert(hash, content);
            }
        }
        Ok(contents)
    }
}
