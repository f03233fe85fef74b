//! Which documents may share a passage: those that have fingerprints in common.
//!
//! In: the fingerprints of all documents, and the classes of identical ones, which count once. Out: pairs of classes. A run of
//! the least length that two of them share is always proposed by its selected gram, unless that stands in more classes than the cap; edited
//! copies are proposed by several grams that are rare. Pairs are listed for at most `cap` classes a gram, so nothing is quadratic.

use super::groups::Groups;
use super::prints::{PARTITION_BITS, PARTITIONS};
use super::read::Reading;
use crate::error::Result;
use crate::sketch::Fingerprint;
use crate::sort::{HashSorter, Met};
use rayon::prelude::*;

/// A gram in at most this many classes is rare.
const RARE: usize = 4;
/// Rare grams in common that make a candidate of two classes without a run.
pub(super) const RARE_COMMON: usize = 3;
/// Selected grams in common that do.
const SELECTED_COMMON: usize = 2;
/// A gram in this many classes is common: a frame, a figure of speech, a story that many print.
const COMMON: usize = 4;

/// Two classes that may share a passage, `a < b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Proposal {
    pub(super) a: u32,
    pub(super) b: u32,
    /// Only a whole run of the least length can make them share one.
    pub(super) is_weak: bool,
}

/// What the fingerprints say.
#[derive(Debug)]
pub(super) struct Proposed {
    /// In order, each once.
    pub(super) pairs: Vec<Proposal>,
    /// Grams left out because they stand in more classes than the cap.
    pub(super) capped: u64,
    pub(super) common: CommonGrams,
}

/// Hashes of grams that stand in many classes: an open hash table. It holds all but the greatest of hashes.
#[derive(Debug)]
pub(super) struct CommonGrams {
    /// Hash + 1 in each slot that is taken, 0 in others; a power of two of them, half of them free at least.
    slots: Vec<u32>,
}

impl CommonGrams {
    fn new(parts: &[Part]) -> Self {
        let count: usize = parts.iter().map(|part| part.common.len()).sum();
        let mut grams = Self { slots: vec![0; (2 * count).next_power_of_two()] };
        for &gram in parts.iter().flat_map(|part| &part.common) {
            let slot = grams.slot(gram);
            grams.slots[slot] = gram.wrapping_add(1);
        }
        grams
    }

    /// The slot of a gram, or the free one where it belongs. Grams of one partition share their upper bits.
    fn slot(&self, gram: u32) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = (gram.wrapping_mul(0x9E37_79B1) >> 8) as usize & mask;
        while self.slots[slot] != 0 && self.slots[slot] != gram.wrapping_add(1) {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// True if the gram of this hash stands in many classes.
    pub(super) fn contains(&self, gram: u32) -> bool {
        self.slots[self.slot(gram)] != 0
    }
}

/// Proposes pairs of classes. Those of `also` are among them, whatever they share.
pub(super) fn propose(reading: &Reading, classes: &Groups, cap: usize, also: &[(u32, u32)]) -> Result<Proposed> {
    let class_of = reading.in_order_of_input(&classes.class_of_first(reading.documents.len()));
    let parts: Vec<Part> = (0..PARTITIONS)
        .into_par_iter()
        .map_init(Scratch::default, |scratch, partition| scratch.part(reading, &class_of, partition, cap))
        .collect::<Result<_>>()?;
    let (capped, common) = (parts.iter().map(|part| part.capped).sum(), CommonGrams::new(&parts));
    let asked = also.iter().map(|&(a, b)| Evidence::Asked.of(a, b)).collect();
    let evidence = parts.into_iter().map(|part| part.evidence).chain([asked]).collect();
    drop(class_of);
    let mut evidence = by_first(evidence, classes.len());
    let judged_of = |of_first: &mut [u64]| {
        of_first.sort_unstable();
        of_first.chunk_by(|x, y| x >> KIND_BITS == y >> KIND_BITS).filter_map(judged).collect::<Vec<_>>()
    };
    let pairs = evidence.par_chunk_by_mut(|x, y| x >> FIRST_SHIFT == y >> FIRST_SHIFT).flat_map_iter(judged_of).collect();
    Ok(Proposed { pairs, capped, common })
}

/// All of `evidence` in order of its first classes, of which there are `count`. Each list is freed when it was read.
fn by_first(evidence: Vec<Vec<u64>>, count: usize) -> Vec<u64> {
    let first = |word: u64| (word >> FIRST_SHIFT) as usize;
    let mut places = vec![0; count + 1];
    evidence.iter().flatten().for_each(|&word| places[first(word) + 1] += 1);
    for class in 1..places.len() {
        places[class] += places[class - 1];
    }
    let mut sorted = vec![0; places[count]];
    for word in evidence.into_iter().flatten() {
        let place = &mut places[first(word)];
        sorted[*place] = word;
        *place += 1;
    }
    sorted
}

const KIND_BITS: u32 = 2;
/// Bits of a word below its first class.
const FIRST_SHIFT: u32 = 33;

/// Why two classes are looked at. In a word: a, b, kind, the first above the others.
#[derive(Clone, Copy)]
enum Evidence {
    Rare,
    Selected,
    RareAndSelected,
    Asked,
}

impl Evidence {
    fn of(self, a: u32, b: u32) -> u64 {
        u64::from(a) << FIRST_SHIFT | u64::from(b) << KIND_BITS | self as u64
    }
}

/// All evidence for one pair.
#[expect(clippy::cast_possible_truncation, reason = "unpacked")]
fn judged(evidence: &[u64]) -> Option<Proposal> {
    let count = |kinds: [Evidence; 2]| evidence.iter().filter(|&&word| kinds.iter().any(|&kind| word & 3 == kind as u64)).count();
    let (rare, selected) = (count([Evidence::Rare, Evidence::RareAndSelected]), count([Evidence::Selected, Evidence::RareAndSelected]));
    let is_asked = evidence.iter().any(|&word| word & 3 == Evidence::Asked as u64);
    let is_weak = !is_asked && rare < RARE_COMMON && selected < SELECTED_COMMON;
    let (a, b) = ((evidence[0] >> FIRST_SHIFT) as u32, (evidence[0] >> KIND_BITS) as u32 & (u32::MAX >> 1));
    (!is_weak || selected > 0).then_some(Proposal { a, b, is_weak })
}

/// What one partition of the fingerprints says.
#[derive(Default)]
struct Part {
    evidence: Vec<u64>,
    capped: u64,
    common: Vec<u32>,
}

#[derive(Default)]
struct Scratch {
    sorter: HashSorter,
    words: Vec<u64>,
    met: Met,
}

impl Scratch {
    /// The grams of `partition`, each class that has one once.
    #[expect(clippy::cast_possible_truncation, reason = "unpacked")]
    fn part(&mut self, reading: &Reading, class_of: &[u32], partition: usize, cap: usize) -> Result<Part> {
        let words = &mut self.words;
        words.clear();
        // Hash less the bits that all of a partition share, class, whether it is selected.
        let word =
            |class: u32, f: Fingerprint| u64::from(f.hash() << PARTITION_BITS) << 32 | u64::from(class) << 1 | u64::from(f.is_selected());
        reading.visit_fingerprints(partition, |first_document, fingerprints| {
            let classes = fingerprints.iter().map(|&f| (class_of[(first_document + f.document()) as usize], f));
            words.extend(classes.filter(|(class, _)| *class != u32::MAX).map(|(class, f)| word(class, f)));
        })?;
        self.met.retain_again(words);
        self.sorter.sort(words);
        // Of two of one class the selected one comes last, and stays.
        let mut part = Part::default();
        let mut members: Vec<(u32, bool)> = Vec::new();
        for gram in words.chunk_by(|x, y| x >> 32 == y >> 32) {
            if gram.len() < 2 {
                continue;
            }
            members.clear();
            members.extend(gram.chunk_by(|x, y| x >> 1 == y >> 1).map(|same| ((same[0] as u32) >> 1, same[same.len() - 1] & 1 == 1)));
            let hash = (gram[0] >> 32) as u32 >> PARTITION_BITS | (partition as u32) << (u32::BITS - PARTITION_BITS);
            if members.len() >= COMMON {
                part.common.push(hash);
            }
            if members.len() > cap {
                part.capped += 1;
            } else {
                list(&members, &mut part.evidence);
            }
        }
        Ok(part)
    }
}

/// The pairs of `members`, if the gram is rare; else those that both selected it.
fn list(members: &[(u32, bool)], evidence: &mut Vec<u64>) {
    let is_rare = members.len() <= RARE;
    for (at, &(a, a_selected)) in members.iter().enumerate() {
        for &(b, b_selected) in &members[at + 1..] {
            match (is_rare, a_selected && b_selected) {
                (true, true) => evidence.push(Evidence::RareAndSelected.of(a, b)),
                (true, false) => evidence.push(Evidence::Rare.of(a, b)),
                (false, true) => evidence.push(Evidence::Selected.of(a, b)),
                (false, false) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn common_grams_are_those_put_in(grams in prop::collection::hash_set(any::<u32>(), 0..300), others in prop::collection::vec(any::<u32>(), 0..100)) {
            let grams: std::collections::HashSet<u32> = grams.into_iter().filter(|&gram| gram != u32::MAX).collect();
            let parts: Vec<Part> = grams.iter().map(|&gram| Part { common: vec![gram], ..Part::default() }).collect();
            let common = CommonGrams::new(&parts);
            prop_assert!(grams.iter().all(|&gram| common.contains(gram)));
            prop_assert!(others.iter().all(|other| common.contains(*other) == grams.contains(other)));
            prop_assert!(!CommonGrams::new(&[]).contains(7));
        }
    }
}
