//! The given articles and all that an index holds, judged together: what one run over both tells, and what it tells otherwise of articles of the index.
//!
//! In: a state of an index that keeps texts, and the given articles. Out: the pairs of given articles as such a run tells them, and a [`Revision`] for each
//! other pair that a run over the index alone tells otherwise. What is rare, boilerplate or a template depends on what comes later; so whoever takes
//! all pairs and revisions of check after check has what one run over everything tells. Time: two runs over the index, and reading it once.

use super::archive::{Entry, Shelf, Texts};
use super::gate::{IndexedPair, Seen};
use super::given::Given;
use super::identities::Identities;
use super::indexed::{Held, Purpose, add_all};
use super::revision::{Change, RevisedSide, Revision};
use crate::corpus::Corpus;
use crate::detect::{Detector, Findings, ReadDocument, Silent};
use crate::error::{Error, Result};
use crate::finding::{FoundPair, PairRule, Summary};
use crate::index::{Added, Identity, Transaction, content_hash, content_id, other_name};
use rayon::ThreadPool;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

/// Judges the articles of a run together with those of `transaction`, a state of an index, as [`hold_against`](super::hold_against) holds them against it. The
/// run was done by `detector`. For [`Purpose::Add`] they are added to it, and the caller commits; the other purposes are one.
///
/// # Errors
/// [`IndexError::NoTexts`](crate::index::IndexError::NoTexts); what keeps a text, the index or a temporary file from being read or written.
pub fn hold_with_hindsight<C: Corpus>(
    findings: &Findings,
    given: &Given<C>,
    transaction: &mut Transaction<'_>,
    purpose: Purpose,
    (detector, pool): (&Detector, &ThreadPool),
) -> Result<(Held, Added)> {
    let documents: Vec<ReadDocument<'_>> = findings.documents().collect();
    let identities = Identities::of(&documents, given, pool)?;
    if purpose == Purpose::Add {
        identities.make_way(&documents, transaction)?;
    }
    let archive = Archive::write(transaction, given, (&documents, &identities), detector)?;
    let held = pool.install(|| {
        let (before, after) = (archive.shelf([&archive.held, &archive.replaced]), archive.shelf([&archive.held, &archive.new]));
        let run = |shelf| Ok::<_, Error>((detector.detect_in(shelf, &Silent)?, shelf));
        archive.compare(run(&before)?, run(&after)?, findings.summary())
    })?;
    let added = if purpose == Purpose::Add { add_all(&documents, &identities, transaction, pool)? } else { Added::default() };
    Ok((held, added))
}

/// Articles put aside: those of the index, less those that are given again; these; and the given ones.
struct Archive<'a> {
    texts: Texts,
    held: Vec<Entry>,
    replaced: Vec<Entry>,
    new: Vec<Entry>,
    given: HashSet<&'a str>,
    /// Ids in the index of given articles that are named otherwise in findings.
    ids: HashMap<&'a str, Box<str>>,
}

/// What a run found, and in what.
type Run<'a> = (Findings, &'a Shelf<'a>);

impl<'a> Archive<'a> {
    fn write<C: Corpus>(
        transaction: &Transaction<'_>,
        given: &Given<C>,
        (documents, identities): (&'a [ReadDocument<'a>], &Identities<'_, C>),
        detector: &Detector,
    ) -> Result<Self> {
        let names: HashSet<&str> = documents.iter().map(|document| document.id).collect();
        let known = identities.in_index(documents, transaction)?;
        let id = |document: &ReadDocument<'_>| match identities.identity(document) {
            Identity::Id => None,
            Identity::Path => Some(transaction.shown_path(document.id).into()),
            Identity::Content(_) => Some(identities.id(document)),
        };
        let ids: HashMap<&str, Box<str>> = documents.iter().filter_map(|document| Some((document.id, id(document)?))).collect();
        let mut texts = Texts::new(detector.limit());
        let (mut held, mut replaced, mut new) = (Vec::new(), Vec::new(), Vec::with_capacity(documents.len()));
        let mut contents: HashMap<Box<str>, Cow<'_, str>> = HashMap::new();
        for document in documents {
            let (text, outlet, origin) = (given.text(document.locator)?, given.outlet(document.outlet), given.name(document.locator.file));
            if identities.identity(document) == Identity::Id {
                contents.insert(content_id(content_hash(&text, document.date, outlet.as_deref())), origin.clone());
            }
            let (id, text, origin) = (document.id.into(), texts.put(&text)?, origin.into());
            new.push(Entry { id, date: document.date, outlet, origin, line: None, text });
        }
        transaction.each_text(|mut id, mut meta, text| {
            let is_same = |origin: &Cow<'_, str>| transaction.is_file(&meta.origin, origin);
            let is_given = known.contains(&id) || contents.get(&id).is_some_and(is_same);
            transaction.show_paths(&mut id, &mut meta);
            let list = if is_given { &mut replaced } else { &mut held };
            let line = meta.line();
            let id = if !is_given && names.contains(&*id) { other_name(&id) } else { id };
            list.push(Entry { id, date: meta.date, outlet: meta.outlet, origin: meta.origin, line, text: texts.put(text)? });
            Ok(())
        })?;
        texts.close()?;
        Ok(Self { texts, held, replaced, new, given: names, ids })
    }

    fn shelf<'s>(&'s self, lists: [&'s [Entry]; 2]) -> Shelf<'s> {
        Shelf { texts: &self.texts, lists }
    }

    /// The pairs of given articles among those that the second run found, and what it tells of others that the first does not. `own` is of a run over the
    /// given articles alone.
    fn compare(&self, (before, old): Run<'_>, (after, now): Run<'_>, own: &Summary) -> Result<Held> {
        let mut told: HashMap<u128, (u64, PairRule)> = HashMap::new();
        each_pair(&before, |pair| _ = told.insert(self.key(&pair), (verdict(&pair), pair.rule)))?;
        let (old_documents, documents): (Vec<ReadDocument<'_>>, Vec<ReadDocument<'_>>) =
            (before.documents().collect(), after.documents().collect());
        let (mut pairs, mut among, mut revisions) = (Vec::new(), Vec::new(), Vec::new());
        each_pair(&after, |pair| {
            let was = told.remove(&self.key(&pair));
            match [&pair.a, &pair.b].map(|id| self.given.contains(&**id)) {
                [true, true] => among.push(pair),
                [false, false] => {
                    let change = match was {
                        None => Change::Told,
                        Some((same, _)) if same == verdict(&pair) => return,
                        Some((_, was)) => Change::Changed { was },
                    };
                    revisions.push(revision(pair, change, &documents, now));
                }
                [a_is_given, _] => pairs.extend(indexed(pair, a_is_given, &documents, now)),
            }
        })?;
        each_pair(&before, |pair| {
            if told.contains_key(&self.key(&pair)) {
                revisions.push(revision(pair, Change::Withdrawn, &old_documents, old));
            }
        })?;
        revisions.sort_by(|x, y| (&x.pair.a, &x.pair.b).cmp(&(&y.pair.a, &y.pair.b)));
        let more = |of: fn(&Summary) -> Option<u64>| of(after.summary()).unwrap_or(0).saturating_sub(of(own).unwrap_or(0));
        Ok(Held {
            pairs,
            among: Some(among),
            revisions: Some(revisions),
            capped: more(|summary| summary.capped_shingles),
            unlisted: more(|summary| summary.unlisted_pairs),
            uncompared: more(|summary| summary.uncompared_pairs),
        })
    }

    /// Equal for pairs of articles that are the same in the index.
    fn key(&self, pair: &FoundPair) -> u128 {
        let mut ids = [&*pair.a, &*pair.b].map(|name| self.ids.get(name).map_or(name, |id| id));
        ids.sort_unstable();
        xxh3_128(&[&(ids[0].len() as u64).to_le_bytes(), ids[0].as_bytes(), ids[1].as_bytes()].concat())
    }
}

/// What is known of an article by its id.
fn find<'d>(id: &str, documents: &'d [ReadDocument<'d>], shelf: &'d Shelf<'d>) -> Option<(&'d ReadDocument<'d>, &'d Entry)> {
    let document = &documents[documents.binary_search_by_key(&id, |document| document.id).ok()?];
    Some((document, shelf.entry(document.locator)?))
}

fn revision(pair: FoundPair, change: Change, documents: &[ReadDocument<'_>], shelf: &Shelf<'_>) -> Revision {
    let sides = [&pair.a, &pair.b].map(|id| {
        let found = find(id, documents, shelf);
        found.map_or_else(RevisedSide::default, |(document, entry)| RevisedSide { origin: entry.origin.clone(), outlet: document.outlet })
    });
    Revision { pair, change, sides }
}

fn indexed(pair: FoundPair, a_is_given: bool, documents: &[ReadDocument<'_>], shelf: &Shelf<'_>) -> Option<IndexedPair> {
    let (seen, other) = if a_is_given { (Seen::B, &*pair.b) } else { (Seen::A, &*pair.a) };
    let (document, entry) = find(other, documents, shelf)?;
    Some(IndexedPair { seen, origin: entry.origin.clone(), line: entry.line, outlet: document.outlet, pair })
}

fn each_pair(findings: &Findings, mut each: impl FnMut(FoundPair)) -> Result<()> {
    findings.map_pairs(FoundPair::from_pair, |found| {
        found.into_iter().for_each(&mut each);
        Ok(())
    })
}

/// Equal for pairs that are told alike.
fn verdict(pair: &FoundPair) -> u64 {
    xxh3_64(&serde_json::to_vec(&pair.as_pair()).unwrap_or_default())
}
