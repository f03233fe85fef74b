//! What is held of the documents of a batch while their pairs are aligned.
//!
//! In: pairs of classes. Out: for each class its tokens; of long documents, which are not read as a whole for each pair, also their selected n-grams and those
//! of their shingles that another of them may have.

use super::candidates::Proposal;
use super::groups::Groups;
use super::read::Reading;
use crate::compare::{Overlap, SharedShingles, SparseSet, are_long};
use crate::config::DetectConfig;
use crate::corpus::Corpus;
use crate::error::{Error, Result};
use crate::sort::{MixedMap, RepeatFilter};
use crate::text::{SelectedGrams, ShingleHash, Tokenizer, Tokens, shingles_into};
use rayon::prelude::*;
use std::borrow::Cow;
use std::sync::OnceLock;

/// Classes that one thread goes through at a time.
const CLASSES_AT_A_TIME: usize = 64;

/// The classes of a batch.
pub(super) struct Held<'r, 'p> {
    classes: Vec<HeldClass<'r>>,
    /// For each class of all which of them it is.
    place: &'p [u32],
}

/// What is held of a class.
pub(super) struct HeldClass<'r> {
    tokens: Cow<'r, [u64]>,
    /// The places of its shingles that stand before too, where that is known from the first pass, or was asked for.
    again: OnceLock<Cow<'r, [u32]>>,
    long: Option<LongDocument>,
}

/// What is held of a long document besides.
struct LongDocument {
    selected: SelectedGrams,
    /// Numbers of those of its shingles that another long document of the batch may have.
    shingles: SparseSet,
}

impl HeldClass<'_> {
    /// The places of its shingles that stand before too.
    pub(super) fn again(&self, shingles: &mut SharedShingles, shingle: usize) -> &[u32] {
        // Where it is not known from the first pass it is looked for once in a batch.
        self.again.get_or_init(|| shingles.again(&self.tokens, shingle).into())
    }
}

impl<'r> Held<'r, '_> {
    pub(super) fn get(&self, class: u32) -> &HeldClass<'r> {
        &self.classes[self.place[class as usize] as usize]
    }

    pub(super) fn tokens(&self, class: u32) -> &[u64] {
        &self.get(class).tokens
    }

    /// The selected n-grams of two classes, if both are long.
    pub(super) fn selected(&self, classes: [u32; 2]) -> Option<[&SelectedGrams; 2]> {
        let [a, b] = classes.map(|class| self.get(class).long.as_ref());
        Some([&a?.selected, &b?.selected])
    }

    /// What the shingle sets of two long documents have in common. Time proportional to the shingles that several long documents have.
    pub(super) fn overlap(&self, classes: [u32; 2], shingles: &mut SharedShingles, shingle: usize) -> Option<Overlap> {
        let held = classes.map(|class| self.get(class));
        let [a, b] = held.map(|class| class.long.as_ref());
        let both = a?.shingles.count_common(&b?.shingles);
        let [all_a, all_b] = held.map(|class| class.tokens.len() + 1 - shingle - class.again(shingles, shingle).len());
        Some(Overlap { both, a: all_a, b: all_b })
    }
}

/// Reads the classes of batches.
pub(super) struct Holder<'a, C> {
    pub(super) corpus: &'a C,
    pub(super) reading: &'a Reading,
    pub(super) classes: &'a Groups,
    pub(super) config: &'a DetectConfig,
}

/// What a thread needs to read documents again.
pub(super) type TokenReader = (Tokenizer, Tokens);

impl<'a, C: Corpus> Holder<'a, C> {
    fn reader(&self) -> TokenReader {
        (Tokenizer::new(self.config.fold, self.config.simd), Tokens::default())
    }

    /// How many tokens a class has.
    pub(super) fn tokens_in(&self, class: u32) -> usize {
        self.reading.documents[self.classes.first(class) as usize].tokens as usize
    }

    /// The tokens of a class: those that are held, or read again.
    fn tokens(&self, class: u32, (tokenizer, tokens): &mut TokenReader) -> Result<Cow<'a, [u64]>> {
        let first = self.classes.first(class);
        if let Some(stored) = self.reading.tokens_of(first)? {
            return Ok(stored);
        }
        let locator = self.reading.documents[first as usize].locator;
        tokenizer.read(&self.corpus.text(locator)?, tokens);
        if tokens.len() != self.tokens_in(class) {
            return Err(Error::Changed { path: self.corpus.name(locator.file).as_ref().into() });
        }
        Ok(Cow::Owned(tokens.hashes.clone()))
    }

    /// Calls `add` with each of `classes` and its tokens, on all threads; what it adds for some classes in a row is in one list, in order.
    pub(super) fn map<S: Default + Send, T: Send>(
        &self,
        classes: &[u32],
        add: impl Fn(&mut S, u32, &[u64], &mut Vec<T>) + Sync,
    ) -> Result<Vec<Vec<T>>> {
        let some = classes.par_chunks(CLASSES_AT_A_TIME).with_max_len(1).map_init(
            || (self.reader(), S::default()),
            |(reader, scratch), some| {
                let mut list = Vec::new();
                some.iter().try_for_each(|&class| self.tokens(class, reader).map(|tokens| add(scratch, class, &tokens, &mut list)))?;
                Ok(list)
            },
        );
        some.collect()
    }

    /// Reads the classes of a batch. `place` has room for a number of each class.
    pub(super) fn hold<'p>(&self, batch: &[Proposal], place: &'p mut [u32]) -> Result<Held<'a, 'p>> {
        let needed = distinct(batch.iter().flat_map(|proposal| [proposal.a, proposal.b]), batch.len(), place.len());
        let read = needed.par_iter().map_init(
            || self.reader(),
            |reader, &class| {
                let tokens = self.tokens(class, reader)?;
                let first = self.classes.first(class);
                let shingles = (tokens.len() + 1).checked_sub(self.config.shingle);
                let known = shingles.map(|shingles| self.reading.again_in(first, shingles)).transpose()?.flatten();
                let again = known.map_or_else(OnceLock::new, OnceLock::from);
                Ok(HeldClass { tokens, again, long: None })
            },
        );
        let classes = read.collect::<Result<_>>()?;
        (0..).zip(&needed).for_each(|(at, &class)| place[class as usize] = at);
        let mut held = Held { classes, place };
        self.prepare_long(batch, &mut held);
        Ok(held)
    }

    /// Fills in what is held of long documents that are paired with each other.
    fn prepare_long(&self, batch: &[Proposal], held: &mut Held<'_, '_>) {
        let mut is_needed = vec![false; held.classes.len()];
        for &Proposal { a, b, .. } in batch {
            if are_long([held.tokens(a), held.tokens(b)]) {
                [a, b].into_iter().for_each(|class| is_needed[held.place[class as usize] as usize] = true);
            }
        }
        let Held { classes, .. } = held;
        let mut long: Vec<&mut HeldClass<'_>> = classes.iter_mut().zip(is_needed).filter(|(_, is)| *is).map(|(class, _)| class).collect();
        if long.is_empty() {
            return;
        }
        let DetectConfig { shingle, .. } = *self.config;
        let (mut filter, mut shingles) = (RepeatFilter::default(), Vec::new());
        filter.clear(long.iter().map(|class| class.tokens.len()).sum());
        for class in &long {
            shingles_into(&class.tokens, shingle, &mut shingles);
            shingles.iter().for_each(|&hash| filter.insert(hash));
        }
        let mut repeated: Vec<Vec<u64>> = Vec::new();
        let of_class = |class: &&mut HeldClass<'_>| {
            let mut shingles = Vec::new();
            shingles_into(&class.tokens, shingle, &mut shingles);
            shingles.retain(|&hash| filter.is_repeated(hash));
            shingles
        };
        long.par_iter().map(of_class).collect_into_vec(&mut repeated);
        let mut numbers = numbered(&repeated);
        long.par_iter_mut().zip(&mut numbers).for_each(|(class, numbers)| {
            let selected = SelectedGrams::new(&class.tokens, self.config.within.min_words);
            class.long = Some(LongDocument { selected, shingles: SparseSet::new(numbers) });
        });
    }
}

/// Numbers of the shingles of several documents, in the order in which they occur first: those of a run that documents share are close together.
#[expect(clippy::cast_possible_truncation, reason = "fewer than 2^32 shingles in a batch")]
fn numbered(documents: &[Vec<ShingleHash>]) -> Vec<Vec<u32>> {
    let mut numbers: MixedMap<ShingleHash, u32> = MixedMap::default();
    let mut number = |&hash: &ShingleHash| {
        let next = numbers.len() as u32;
        *numbers.entry(hash).or_insert(next)
    };
    documents.iter().map(|shingles| shingles.iter().map(&mut number).collect()).collect()
}

/// Some of the numbers below `count`, about `few`, in order, each once.
fn distinct(numbers: impl Iterator<Item = u32>, few: usize, count: usize) -> Vec<u32> {
    /// Numbers that are passed over in the time in which one is sorted.
    const PASSED: usize = 32;
    if few < count / PASSED {
        let mut list: Vec<u32> = numbers.collect();
        list.sort_unstable();
        list.dedup();
        return list;
    }
    let mut is_there = vec![false; count];
    numbers.for_each(|number| is_there[number as usize] = true);
    (0..).zip(is_there).filter(|(_, is_there)| *is_there).map(|(number, _)| number).collect()
}

#[cfg(test)]
mod tests {
    use super::distinct;

    #[test]
    fn numbers_come_once_and_in_order() {
        let numbers = [70, 3, 3, 99, 70];
        for few in [0, 5] {
            assert_eq!(distinct(numbers.into_iter(), few, 100), [3, 70, 99]);
        }
    }
}
