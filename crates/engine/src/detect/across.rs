//! Near-duplicates among documents: band keys propose, shingle sets decide.
//!
//! In: the documents' table with their band keys. Out: classes of documents with equal shingle sets, and verified pairs of
//! classes. Documents of one class are never compared with each other, so a template that comes a hundred thousand times costs one
//! comparison a copy. Memory: the sets of a batch, however many documents there are; texts are read again for it.

use super::groups::Groups;
use super::large::{Comparer, LARGE, LargeBuckets, LargeClusters};
use super::read::{DocumentLine, Reading};
use super::reuse::Reuse;
use super::{Phase, Progress, check_cancelled};
use crate::compare::fingerprint_of;
use crate::compare::{Overlap, most_jaccard};
use crate::config::DetectConfig;
use crate::corpus::Corpus;
use crate::error::Result;
use crate::sort::HashSorter;
use crate::text::{ShingleHash, Tokenizer, Tokens, shingles_into};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::HashMap;

/// Two classes whose shingle sets are alike, `a < b`; classes stand in the order of their first documents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ClassPair {
    pub(crate) a: u32,
    pub(crate) b: u32,
    pub(crate) overlap: Overlap,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Across {
    /// Documents with equal shingle sets, as positions in the table.
    pub(super) classes: Groups,
    /// Sorted by a, then b.
    pub(super) pairs: Vec<ClassPair>,
    /// Clusters of which a spanning set of pairs is compared.
    pub(super) large: LargeClusters,
}

impl Across {
    /// The pairs of classes by their first documents.
    pub(super) fn document_pairs(&self) -> Vec<(u32, u32)> {
        self.pairs.iter().map(|pair| (self.classes.first(pair.a), self.classes.first(pair.b))).collect()
    }

    /// Takes over pairs at or over the threshold that the bands did not propose and the passages did.
    pub(super) fn add_missed(&mut self, reuse: &Reuse, threshold: f64, documents: usize) {
        if self.classes.len() == 0 {
            return;
        }
        let class_of = self.classes.class_of(documents);
        let class = |other: u32| class_of[reuse.classes.first(other) as usize];
        let known = |a: u32, b: u32| self.pairs.binary_search_by_key(&(a, b), |pair| (pair.a, pair.b)).is_ok();
        let alike = reuse.pairs.iter().filter(|pair| pair.overlap.jaccard() >= threshold);
        let missed = alike.filter_map(|pair| {
            let (a, b) = (class(pair.a), class(pair.b));
            let (a, b, overlap) = if a < b { (a, b, pair.overlap) } else { (b, a, pair.overlap.swapped()) };
            (a != b && !known(a, b) && !self.large.are_together(a, b)).then_some(ClassPair { a, b, overlap })
        });
        let missed: Vec<ClassPair> = missed.collect();
        self.pairs.extend(missed);
        self.pairs.sort_unstable_by_key(|pair| (pair.a, pair.b));
        self.pairs.dedup_by_key(|pair| (pair.a, pair.b));
    }
}

/// Tokens whose shingle sets are held at a time: about eight bytes each.
const BATCH_TOKENS: usize = 4 << 20;

/// Finds near-duplicates among the documents of `reading`.
pub(super) fn across(corpus: &impl Corpus, reading: &Reading, config: &DetectConfig, progress: &dyn Progress) -> Result<Across> {
    progress.phase(Phase::Candidates, None);
    let sets = Sets { corpus, documents: &reading.documents, held: Some(reading), config };
    let same = same_tokens(&reading.documents);
    if config.is_exact() {
        return Ok(Across { classes: same, ..Across::default() });
    }
    let classes = same_sets(&same, reading, &sets)?;
    check_cancelled(progress)?;
    let Candidates { pairs: mut candidates, large } = candidates(&classes, reading, config.banding().bands)?;
    progress.phase(Phase::Verification, Some(candidates.len() as u64));
    let verify = |pairs: &[(u32, u32)]| {
        let tiled = tiled(pairs, &classes, &reading.documents);
        let batches = batches(&tiled, |&(a, b)| [a, b], &classes, &reading.documents, BATCH_TOKENS);
        let verified = batches.into_iter().map(|batch| sets.verify(batch, &classes, progress));
        Ok(verified.collect::<Result<Vec<_>>>()?.concat())
    };
    let keys = |class| reading.keys_of(classes.first(class));
    let comparer = Comparer { classes: &classes, documents: &reading.documents, keep: config.keep, verify: &verify, keys };
    let mut large = comparer.clusters(&large, &mut candidates)?;
    if !large.pairs.is_empty() || large.uncompared > 0 {
        candidates.retain(|pair| large.leaves(pair));
        candidates.par_sort_unstable();
        candidates.dedup();
    }
    let mut pairs = verify(&candidates)?;
    pairs.append(&mut large.pairs);
    pairs.sort_unstable_by_key(|pair| (pair.a, pair.b));
    Ok(Across { classes, pairs, large })
}

/// Documents with tokens, those with the same tokens together.
#[expect(clippy::cast_possible_truncation, reason = "the number of documents was checked")]
pub(super) fn same_tokens(documents: &[DocumentLine]) -> Groups {
    let filled = (0..documents.len() as u32).into_par_iter().filter(|&at| documents[at as usize].tokens > 0);
    Groups::by_key(filled, |at| documents[at as usize].fingerprint)
}

/// Joins classes whose shingle sets are equal although their tokens are not: such have equal band keys, and so the same hash of them.
fn same_sets<C: Corpus>(classes: &Groups, reading: &Reading, sets: &Sets<'_, C>) -> Result<Groups> {
    let digests = reading.keys.digests(reading.documents.len(), &reading.spill)?;
    let alike = Groups::by_key((0..classes.count()).into_par_iter(), |class| digests[classes.first(class) as usize]);
    drop(digests);
    let (alone, several): (Vec<u32>, Vec<u32>) = (0..alike.count()).partition(|&group| alike.get(group).len() == 1);
    let mut placed: Vec<(u32, u32)> = Vec::with_capacity(reading.documents.len());
    for group in alone {
        let members = classes.get(alike.first(group));
        placed.extend(members.iter().map(|&member| (members[0], member)));
    }
    let joined = several.into_par_iter().map_init(
        || sets.scratch(),
        |scratch, group| {
            // By 128 bits of each set: the sets themselves may be many and large.
            let mut found: HashMap<[u64; 2], u32> = HashMap::new();
            let mut placed = Vec::new();
            for &class in alike.get(group) {
                let members = classes.get(class);
                let first = *found.entry(fingerprint_of(&sets.of(members[0], scratch)?)).or_insert(members[0]);
                placed.extend(members.iter().map(|&member| (first, member)));
            }
            Ok(placed)
        },
    );
    placed.extend(joined.collect::<Result<Vec<Vec<(u32, u32)>>>>()?.into_iter().flatten());
    Ok(Groups::placed(placed))
}

/// What band keys propose.
struct Candidates {
    /// Pairs of classes that share one, sorted, each once; those of large buckets are not among them.
    pairs: Vec<(u32, u32)>,
    /// The large buckets of each band.
    large: Vec<LargeBuckets>,
}

#[expect(clippy::cast_possible_truncation, reason = "no more classes than documents")]
fn candidates(classes: &Groups, reading: &Reading, bands: usize) -> Result<Candidates> {
    let class_of = classes.class_of_first(reading.documents.len());
    let per_band = (0..bands)
        .into_par_iter()
        .map_init(HashSorter::default, |sorter, band| {
            // Key above class in one word: keys are hashes.
            let mut keyed: Vec<u64> = Vec::with_capacity(classes.len());
            reading.keys.visit_band(band, &reading.spill, |document, key| {
                let class = class_of[document as usize];
                if class != u32::MAX {
                    keyed.push(u64::from(key) << 32 | u64::from(class));
                }
            })?;
            sorter.sort(&mut keyed);
            let (mut pairs, mut large) = (Vec::new(), LargeBuckets::new());
            for bucket in keyed.chunk_by(|x, y| x >> 32 == y >> 32).filter(|bucket| bucket.len() > 1) {
                let bucket: Vec<u32> = bucket.iter().map(|&x| x as u32).collect();
                if bucket.len() <= LARGE {
                    pairs.extend(bucket.iter().enumerate().flat_map(|(at, &a)| bucket[at + 1..].iter().map(move |&b| (a, b))));
                } else {
                    large.push(bucket);
                }
            }
            Ok((pairs, large))
        })
        .collect::<Result<Vec<(Vec<(u32, u32)>, LargeBuckets)>>>()?;
    let (pairs, large): (Vec<Vec<(u32, u32)>>, Vec<LargeBuckets>) = per_band.into_iter().unzip();
    let mut pairs: Vec<(u32, u32)> = pairs.into_iter().flatten().collect();
    pairs.par_sort_unstable();
    pairs.dedup();
    Ok(Candidates { pairs, large })
}

/// The candidates in tiles: those of one block of classes with another one follow each other, so that a batch needs the sets of few blocks.
fn tiled<'c>(candidates: &'c [(u32, u32)], classes: &Groups, documents: &[DocumentLine]) -> Cow<'c, [(u32, u32)]> {
    let tokens = |class: u32| documents[classes.first(class) as usize].tokens as usize;
    let blocks: Vec<usize> = (0..classes.count())
        .scan(0, |before, class| {
            *before += tokens(class);
            Some(*before / (BATCH_TOKENS / 2))
        })
        .collect();
    if blocks.last().is_none_or(|&last| last < 2) {
        return Cow::Borrowed(candidates);
    }
    let mut tiled = candidates.to_vec();
    tiled.par_sort_unstable_by_key(|&(a, b)| (blocks[a as usize], blocks[b as usize], a, b));
    Cow::Owned(tiled)
}

/// Cuts the candidates, each of two classes, into batches that have `most` tokens together, and the last candidate's more.
pub(super) fn batches<'a, T>(
    candidates: &'a [T],
    sides: impl Fn(&T) -> [u32; 2],
    classes: &Groups,
    documents: &[DocumentLine],
    most: usize,
) -> Vec<&'a [T]> {
    if documents.iter().map(|document| document.tokens as usize).sum::<usize>() <= most {
        return vec![candidates];
    }
    let mut last_batch = vec![u32::MAX; classes.len()];
    let (mut batches, mut start, mut tokens, mut number) = (Vec::new(), 0, 0, 0);
    for (at, candidate) in candidates.iter().enumerate() {
        for class in sides(candidate) {
            if std::mem::replace(&mut last_batch[class as usize], number) != number {
                tokens += documents[classes.first(class) as usize].tokens as usize;
            }
        }
        if tokens > most {
            batches.push(&candidates[start..=at]);
            (start, tokens, number) = (at + 1, 0, number + 1);
        }
    }
    batches.push(&candidates[start..]);
    batches
}

/// What a thread needs to read a document again.
pub(super) struct Scratch {
    tokenizer: Tokenizer,
    tokens: Tokens,
    sorter: HashSorter,
}

/// Shingle sets of documents, computed anew from their texts.
pub(super) struct Sets<'a, C> {
    pub(super) corpus: &'a C,
    pub(super) documents: &'a [DocumentLine],
    /// The first pass, if tokens may be stored from it.
    pub(super) held: Option<&'a Reading>,
    pub(super) config: &'a DetectConfig,
}

impl<C: Corpus> Sets<'_, C> {
    pub(super) fn scratch(&self) -> Scratch {
        let tokenizer = Tokenizer::new(self.config.fold, self.config.simd);
        Scratch { tokenizer, tokens: Tokens::default(), sorter: HashSorter::default() }
    }

    pub(super) fn of(&self, document: u32, scratch: &mut Scratch) -> Result<Vec<ShingleHash>> {
        let stored = self.held.map(|reading| reading.tokens_of(document)).transpose()?.flatten();
        let tokens = if let Some(stored) = stored {
            stored
        } else {
            let text = self.corpus.text(self.documents[document as usize].locator)?;
            scratch.tokenizer.read(&text, &mut scratch.tokens);
            Cow::Borrowed(&scratch.tokens.hashes[..])
        };
        let mut set = Vec::with_capacity(tokens.len());
        shingles_into(&tokens, self.config.shingle, &mut set);
        scratch.sorter.sort(&mut set);
        set.dedup();
        Ok(set)
    }

    /// The pairs at or over the threshold.
    fn verify(&self, batch: &[(u32, u32)], classes: &Groups, progress: &dyn Progress) -> Result<Vec<ClassPair>> {
        check_cancelled(progress)?;
        let mut needed: Vec<u32> = batch.iter().flat_map(|&(a, b)| [a, b]).collect();
        needed.par_sort_unstable();
        needed.dedup();
        let sets = needed.par_iter().map_init(|| self.scratch(), |scratch, &class| self.of(classes.first(class), scratch));
        let sets = sets.collect::<Result<Vec<_>>>()?;
        let set = |class: u32| needed.binary_search(&class).map_or(&[][..], |at| &sets[at]);
        let verified = batch.par_iter().filter_map(|&(a, b)| {
            let (set_a, set_b) = (set(a), set(b));
            if most_jaccard(set_a.len(), set_b.len()) < self.config.threshold || progress.is_cancelled() {
                return None;
            }
            let overlap = Overlap::at_least(set_a, set_b, self.config.threshold)?;
            (overlap.jaccard() >= self.config.threshold).then_some(ClassPair { a, b, overlap })
        });
        let verified = verified.collect();
        check_cancelled(progress)?;
        progress.verified(batch.len() as u64);
        Ok(verified)
    }
}
