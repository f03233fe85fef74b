//! Which documents may share a passage: those that have fingerprints in common.
//!
//! In: the fingerprints of all documents, and the classes of identical ones, which count once. Out: pairs of classes. A run of
//! the least length that two of them share is always proposed by its selected gram, unless that stands in more classes than the cap; edited
//! copies are proposed by several grams that are rare. Pairs are listed for at most `cap` classes a gram, so nothing is quadratic.

use super::groups::Groups;
use super::prints::{PARTITION_BITS, PARTITIONS};
use super::read::Reading;
use crate::error::Result;
use crate::sketch::ContextTag;
use crate::sort::{Buckets, HashSorter, RepeatFilter};
use crate::spill::{Block, Spill};
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// A gram in at most this many classes is rare.
const RARE: usize = 4;
/// Rare grams in common that make a candidate of two classes without a run.
pub(super) const RARE_COMMON: usize = 3;
/// Selected grams in common that do.
const SELECTED_COMMON: usize = 2;
/// Partitions, or ranges, that one thread goes through at a time: the last to end keeps all others waiting.
const AT_A_TIME: usize = 8;
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
    /// n-grams that are in more classes than the cap, and propose no pairs.
    pub(super) capped: u64,
    /// n-grams that are in many classes.
    pub(super) common: GramSet,
    pub(super) unlisted: Unlisted,
}

/// Selected n-grams that did not propose all pairs of the classes that have them.
#[derive(Debug)]
pub(super) struct Unlisted {
    /// Their hashes.
    pub(super) grams: Vec<u32>,
    /// The classes, in order.
    pub(super) classes: Vec<u32>,
}

/// Hashes of n-grams: an open hash table. It holds all but the greatest of hashes.
#[derive(Debug)]
pub(super) struct GramSet {
    /// Hash + 1 in each slot that is taken, 0 in others; a power of two of them, half of them free at least.
    slots: Vec<u32>,
}

impl GramSet {
    pub(super) fn of(lists: &[&[u32]]) -> Self {
        let count: usize = lists.iter().map(|list| list.len()).sum();
        let mut grams = Self { slots: vec![0; (2 * count).next_power_of_two()] };
        for &gram in lists.iter().copied().flatten() {
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

    /// True if an n-gram of this hash is in the set.
    pub(super) fn contains(&self, gram: u32) -> bool {
        self.slots[self.slot(gram)] != 0
    }
}

/// What is known of classes before their fingerprints are compared.
#[derive(Clone, Copy)]
pub(super) struct Known<'k> {
    /// Pairs that are proposed whatever they share.
    pub(super) pairs: &'k [(u32, u32)],
    /// For each class the large cluster that it is in, or `u32::MAX`; empty if there is none. No other pairs inside one are proposed.
    pub(super) large: &'k [u32],
}

impl Known<'_> {
    fn are_together(self, a: u32, b: u32) -> bool {
        self.large.get(a as usize).is_some_and(|&cluster| cluster != u32::MAX && cluster == self.large[b as usize])
    }
}

/// Proposes pairs of classes. The known ones are among them.
pub(super) fn propose(reading: &Reading, classes: &Groups, cap: usize, known: Known<'_>) -> Result<Proposed> {
    let class_of = reading.in_order_of_input(&classes.class_of_first(reading.documents.len()));
    let layout = Layout::of(classes.len());
    let is_unlisted = (0..classes.len()).map(|_| AtomicBool::new(false)).collect();
    let gatherer = Gatherer { reading, class_of, cap, layout, known, is_unlisted };
    let partitions = (0..PARTITIONS).into_par_iter().with_max_len(AT_A_TIME);
    let parts = partitions.map_init(Scratch::default, |scratch, partition| gatherer.part(partition, scratch));
    let parts = parts.collect::<Result<Vec<Part>>>()?;
    let asked: Vec<u64> = known.pairs.iter().map(|&(a, b)| layout.word(a, b, Evidence::Asked)).collect();
    let asked = layout.by_range(&asked);
    let judge_range = |scratch: &mut (Vec<u64>, HashSorter), range| {
        scratch.0.clear();
        scratch.0.extend(asked.get(range));
        parts.iter().try_for_each(|part| part.evidence.append(range, &reading.spill, &mut scratch.0))?;
        Ok(layout.judge(range, scratch))
    };
    let judge = || (0..RANGES).into_par_iter().with_max_len(AT_A_TIME).map_init(Default::default, judge_range).collect::<Result<Vec<_>>>();
    let (pairs, common) = rayon::join(judge, || GramSet::of(&parts.iter().map(|part| &part.common[..]).collect::<Vec<_>>()));
    let capped = parts.iter().map(|part| part.capped).sum();
    let unlisted =
        Unlisted { grams: parts.iter().flat_map(|part| &part.unlisted).copied().collect(), classes: gatherer.unlisted_classes() };
    drop(parts);
    Ok(Proposed { pairs: pairs?.concat(), capped, common, unlisted })
}

/// Why two classes are looked at.
#[derive(Clone, Copy)]
enum Evidence {
    /// A rare gram.
    Rare,
    /// One that both selected, and that stands in no run of the least length in both.
    Selected,
    /// One that both selected, and that may stand in such a run.
    Run,
    Asked,
}

const KIND_BITS: u32 = 2;
/// Ranges of first classes, of which the pairs are judged together.
const RANGES: usize = 1 << RANGE_BITS;
const RANGE_BITS: u32 = 8;

/// How evidence stands in a word: the first class above the second, above the kind. The upper bits of a class are its range.
#[derive(Clone, Copy)]
struct Layout {
    class_bits: u32,
}

impl Layout {
    fn of(classes: usize) -> Self {
        Self { class_bits: usize::BITS - classes.leading_zeros() }
    }

    fn word(self, a: u32, b: u32, kind: Evidence) -> u64 {
        u64::from(a) << (self.class_bits + KIND_BITS) | u64::from(b) << KIND_BITS | kind as u64
    }

    /// Bits of a word below the range of its first class.
    fn bits_below_range(self) -> u32 {
        self.class_bits.saturating_sub(RANGE_BITS) + self.class_bits + KIND_BITS
    }

    #[expect(clippy::cast_possible_truncation, reason = "fewer than RANGES")]
    fn by_range(self, words: &[u64]) -> Buckets<u64> {
        Buckets::new(RANGES, words.iter().map(|&word| ((word >> self.bits_below_range()) as usize, word)))
    }

    /// The proposals of a range, in order, from the words of all evidence for it.
    fn judge(self, range: usize, (words, sorter): &mut (Vec<u64>, HashSorter)) -> Vec<Proposal> {
        // What all of a range have in common stands above; without it they are spread, not evenly but by far enough.
        let shift = u64::BITS - self.bits_below_range();
        words.iter_mut().for_each(|word| *word <<= shift);
        sorter.sort(words);
        let above = (range as u64) << self.bits_below_range();
        words.iter_mut().for_each(|word| *word = *word >> shift | above);
        words.chunk_by(|x, y| x >> KIND_BITS == y >> KIND_BITS).filter_map(|same| self.judged(same)).collect()
    }

    /// What all evidence for one pair comes to.
    #[expect(clippy::cast_possible_truncation, reason = "unpacked")]
    fn judged(self, evidence: &[u64]) -> Option<Proposal> {
        let count = |kind: Evidence| evidence.iter().filter(|&&word| word & 3 == kind as u64).count();
        let (runs, asked) = (count(Evidence::Run), count(Evidence::Asked));
        let is_weak = asked == 0 && count(Evidence::Rare) < RARE_COMMON && count(Evidence::Selected) + runs < SELECTED_COMMON;
        let (a, b) = (evidence[0] >> (self.class_bits + KIND_BITS), evidence[0] >> KIND_BITS & ((1 << self.class_bits) - 1));
        (!is_weak || runs > 0).then_some(Proposal { a: a as u32, b: b as u32, is_weak })
    }
}

/// What one partition of the fingerprints says.
#[derive(Default)]
struct Part {
    evidence: StoredEvidence,
    capped: u64,
    common: Vec<u32>,
    unlisted: Vec<u32>,
}

/// Evidence by range, in memory or in the temporary file.
#[derive(Default)]
struct StoredEvidence {
    words: Block<u64>,
    /// Where each range ends.
    ends: Vec<u32>,
}

impl StoredEvidence {
    fn new(evidence: Buckets<u64>, spill: &Spill) -> Result<Self> {
        let (words, ends) = evidence.into_parts();
        Ok(Self { words: spill.keep(words)?, ends })
    }

    /// Appends the evidence of a range to `words`.
    fn append(&self, range: usize, spill: &Spill, words: &mut Vec<u64>) -> Result<()> {
        let start = range.checked_sub(1).map_or(0, |before| self.ends[before]);
        words.extend_from_slice(&spill.get(&self.words, start as usize..self.ends[range] as usize)?);
        Ok(())
    }
}

/// A word for a fingerprint: `hash 24 | class 31 | selected 1 | beside 8`.
const HASH_SHIFT: u32 = u64::BITS - (u32::BITS - PARTITION_BITS);
const CLASS_SHIFT: u32 = 9;
const SELECTED: u64 = 1 << 8;

#[derive(Default)]
struct Scratch {
    sorter: HashSorter,
    words: Vec<u64>,
    filter: RepeatFilter,
    evidence: Vec<u64>,
    members: Vec<Member>,
}

/// Gathers evidence from the fingerprints.
struct Gatherer<'a> {
    reading: &'a Reading,
    /// For each document, in the order of the input, the class whose first it is, or `u32::MAX`.
    class_of: Vec<u32>,
    cap: usize,
    layout: Layout,
    known: Known<'a>,
    /// For each class whether it selected an n-gram that did not propose all pairs of the classes that have it.
    is_unlisted: Vec<AtomicBool>,
}

impl Gatherer<'_> {
    /// What the grams of `partition` say, each class that has one counted once.
    #[expect(clippy::cast_possible_truncation, reason = "unpacked")]
    fn part(&self, partition: usize, scratch: &mut Scratch) -> Result<Part> {
        let Scratch { sorter, words, filter, evidence, members } = scratch;
        let count = self.reading.fingerprints_in(partition);
        filter.clear(count);
        words.clear();
        words.reserve(count);
        // Hash less the bits that all of a partition share, class, whether it is selected, what is beside it.
        self.reading.visit_fingerprints(partition, |print| {
            let class = self.class_of[print.document as usize];
            if class != u32::MAX {
                let beside = print.beside.map_or(0, |beside| u64::from(beside.byte()) | SELECTED);
                let word = u64::from(print.hash) << u32::BITS | u64::from(class) << CLASS_SHIFT | beside;
                filter.insert(word);
                words.push(word);
            }
        })?;
        filter.retain_repeated(words);
        sorter.sort(words);
        let mut part = Part::default();
        evidence.clear();
        for gram in words.chunk_by(|x, y| x >> HASH_SHIFT == y >> HASH_SHIFT) {
            if gram.len() < 2 {
                continue;
            }
            members.clear();
            members.extend(gram.chunk_by(|x, y| x >> CLASS_SHIFT == y >> CLASS_SHIFT).map(Member::of));
            let hash = (gram[0] >> HASH_SHIFT) as u32 | (partition as u32) << (u32::BITS - PARTITION_BITS);
            if members.len() >= COMMON {
                part.common.push(hash);
            }
            let is_capped = members.len() > self.cap;
            part.capped += u64::from(is_capped);
            if (is_capped || !self.list(members, evidence)) && self.mark_unlisted(members) {
                part.unlisted.push(hash);
            }
        }
        part.evidence = StoredEvidence::new(self.layout.by_range(evidence), &self.reading.spill)?;
        Ok(part)
    }

    /// Marks the classes that selected an n-gram; true if several did.
    fn mark_unlisted(&self, members: &[Member]) -> bool {
        let selected = || members.iter().filter(|member| member.beside.is_some());
        let are_several = selected().nth(1).is_some();
        if are_several {
            selected().for_each(|member| self.is_unlisted[member.class as usize].store(true, Ordering::Relaxed));
        }
        are_several
    }

    /// The classes that were marked, in order.
    fn unlisted_classes(&self) -> Vec<u32> {
        (0..).zip(&self.is_unlisted).filter(|(_, is_unlisted)| is_unlisted.load(Ordering::Relaxed)).map(|(class, _)| class).collect()
    }

    /// The pairs of `members`, if the gram is rare; and those that both selected it. False if some pairs that both selected it were left out.
    fn list(&self, members: &[Member], evidence: &mut Vec<u64>) -> bool {
        let is_rare = members.len() <= RARE;
        let mut are_all = true;
        for (at, one) in members.iter().enumerate() {
            for other in &members[at + 1..] {
                if self.known.are_together(one.class, other.class) {
                    are_all &= one.beside.is_none() || other.beside.is_none();
                    continue;
                }
                let word = |kind| self.layout.word(one.class, other.class, kind);
                if is_rare {
                    evidence.push(word(Evidence::Rare));
                }
                if let (Some(x), Some(y)) = (one.beside, other.beside) {
                    evidence.push(word(if x.may_meet(y) { Evidence::Run } else { Evidence::Selected }));
                }
            }
        }
        are_all
    }
}

/// A class that has a gram.
#[derive(Clone, Copy)]
struct Member {
    class: u32,
    /// If it selected the gram.
    beside: Option<ContextTag>,
}

impl Member {
    /// From all words of a gram in one class, in order: those that are selected come last.
    #[expect(clippy::cast_possible_truncation, reason = "unpacked")]
    fn of(same: &[u64]) -> Self {
        let last = same[same.len() - 1];
        let first = same[same.partition_point(|word| word & SELECTED == 0).min(same.len() - 1)];
        let beside = if first == last { ContextTag::from_byte(last as u8) } else { ContextTag::ANY };
        Self { class: (last >> CLASS_SHIFT) as u32 & (u32::MAX >> 1), beside: (last & SELECTED != 0).then_some(beside) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spill::MemoryLimit;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        /// All that is said of a pair is judged together, and pairs come in order, however many bits a class has.
        #[test]
        fn evidence_is_judged_pair_by_pair(bits in 1..32_u32, drawn in prop::collection::vec((any::<u32>(), any::<u32>(), 0..4_usize, 0..4_usize), 0..90), near in any::<bool>()) {
            let layout = Layout { class_bits: bits };
            let class = |n: u32| (if near { n % 7 } else { n }) & (u32::MAX >> (u32::BITS - bits));
            let kinds = [Evidence::Rare, Evidence::Selected, Evidence::Run, Evidence::Asked];
            let (mut lists, mut expected) = (vec![Vec::new(); 4], BTreeMap::<(u32, u32), Vec<usize>>::new());
            for (x, y, kind, list) in drawn {
                let (a, b) = (class(x).min(class(y)), class(x).max(class(y)));
                lists[list].push(layout.word(a, b, kinds[kind]));
                expected.entry((a, b)).or_default().push(kind);
            }
            // Some has no room in memory.
            let folder = tempfile::tempdir().unwrap();
            let spill = Spill::new(Some(&MemoryLimit { bytes: 800, temp_dir: folder.path().into() }));
            let lists: Vec<_> = lists.iter().map(|words| StoredEvidence::new(layout.by_range(words), &spill).unwrap()).collect();
            let mut scratch = <(Vec<u64>, HashSorter)>::default();
            let judged: Vec<Proposal> = (0..RANGES).flat_map(|range| {
                scratch.0.clear();
                lists.iter().for_each(|list| list.append(range, &spill, &mut scratch.0).unwrap());
                layout.judge(range, &mut scratch)
            }).collect();
            let expected = expected.into_iter().filter_map(|((a, b), kinds)| {
                let count = |kind: usize| kinds.iter().filter(|&&other| other == kind).count();
                let is_weak = count(3) == 0 && count(0) < 3 && count(1) + count(2) < 2;
                (!is_weak || count(2) > 0).then_some(Proposal { a, b, is_weak })
            });
            prop_assert_eq!(judged, expected.collect::<Vec<_>>());
        }

        #[test]
        fn a_set_has_the_grams_put_in(grams in prop::collection::hash_set(any::<u32>(), 0..300), others in prop::collection::vec(any::<u32>(), 0..100)) {
            let grams: std::collections::HashSet<u32> = grams.into_iter().filter(|&gram| gram != u32::MAX).collect();
            let lists: Vec<[u32; 1]> = grams.iter().map(|&gram| [gram]).collect();
            let common = GramSet::of(&lists.iter().map(|list| &list[..]).collect::<Vec<_>>());
            prop_assert!(grams.iter().all(|&gram| common.contains(gram)));
            prop_assert!(others.iter().all(|other| common.contains(*other) == grams.contains(other)));
            prop_assert!(!GramSet::of(&[]).contains(7));
        }
    }

    #[test]
    fn a_member_has_what_is_beside_its_only_selected_gram() {
        let class = (5 << HASH_SHIFT) | (u64::from(u32::MAX >> 1) << CLASS_SHIFT);
        let beside = |words: &[u64]| {
            let member = Member::of(words);
            assert_eq!(member.class, u32::MAX >> 1);
            member.beside
        };
        let selected = |byte: u64| class | SELECTED | byte;
        assert_eq!(beside(&[class]), None);
        assert_eq!(beside(&[class, class]), None);
        assert_eq!(beside(&[selected(0x23)]), Some(ContextTag::from_byte(0x23)));
        assert_eq!(beside(&[class, class, selected(0x23), selected(0x23)]), Some(ContextTag::from_byte(0x23)));
        assert_eq!(beside(&[class, selected(0x23), selected(0x24)]), Some(ContextTag::ANY));
    }
}
