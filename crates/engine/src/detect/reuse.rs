//! Passages that documents share: candidates are read again, aligned token by token, and what they share is measured exactly.
//!
//! In: the documents' table with their fingerprints. Out: pairs of classes of identical documents, each with its passages. Tokens of a batch of
//! candidates are held in memory, however many candidates there are.

use super::across::Across;
use super::across::batches;
use super::boilerplate::{Frames, Source};
use super::candidates::{GramSet, Known, Proposal, Proposed, propose};
use super::common_runs::{AlignedPair, CommonRuns, LeftOut, common_runs};
use super::frame::{Judge, SharedGrams};
use super::groups::Groups;
use super::held::{Held, Holder};
use super::publication::{Publication, travels_between};
use super::read::{DocumentLine, Reading};
use super::{Phase, Progress, check_cancelled};
use crate::compare::{Aligner, ExactRuns, Overlap, Passage, SharedShingles, comes_first, run_step, swapped};
use crate::config::DetectConfig;
use crate::corpus::Corpus;
use crate::error::Result;
use crate::finding::Boilerplate;
use crate::simd::prefetch;
use crate::sort::Buckets;
use crate::text::{GRAM, words_in};
use rayon::prelude::*;
use std::ops::Range;

/// Two classes of identical documents that share passages; `a < b`, classes stand in the order of their first documents.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReusePair {
    pub(crate) a: u32,
    pub(crate) b: u32,
    pub(crate) overlap: Overlap,
    /// In order of `a`, in tokens.
    pub(crate) passages: Vec<Passage>,
    /// What is shared is a frame that many documents share.
    pub(crate) is_template: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Reuse {
    /// Identical documents, as positions in the table.
    pub(super) classes: Groups,
    /// Sorted by a, then b.
    pub(super) pairs: Vec<ReusePair>,
    /// For each class those that it has a pair with, in order, each with the position of the pair.
    pub(super) partners: Buckets<(u32, u32)>,
    /// Grams left out because they stand in too many documents.
    pub(super) capped: u64,
    pub(super) boilerplate: Vec<Boilerplate>,
    pub(super) common_runs: CommonRuns,
}

/// Tokens that are held at a time: eight bytes each.
const BATCH_TOKENS: usize = 32 << 20;
/// Tokens that one thread goes through before it takes another task: what pairs cost differs much, and the last to end keeps all others waiting.
const TASK_TOKENS: usize = 1 << 16;
/// Of two long documents only the selected n-grams are gone through: one for so many tokens.
const TOKENS_A_SELECTED: usize = 12;
/// Pairs after which the tokens of a document are read that are asked for now: they lie anywhere in memory.
const AHEAD: usize = 4;

/// Finds the passages that the documents of `reading` share. The pairs of `across` are aligned whatever they share; no others of its large clusters.
pub(super) fn reuse(
    corpus: &impl Corpus,
    reading: &mut Reading,
    across: &Across,
    config: &DetectConfig,
    progress: &dyn Progress,
) -> Result<Reuse> {
    progress.phase(Phase::Candidates, None);
    let classes = super::across::same_tokens(&reading.documents);
    let also = class_pairs(&across.document_pairs(), &classes, reading.documents.len());
    let of_documents = across.large.of_documents(&across.classes, reading.documents.len());
    let large: Vec<u32> =
        if of_documents.is_empty() { Vec::new() } else { classes.iter().map(|class| of_documents[class[0] as usize]).collect() };
    let source = Source { corpus, documents: &reading.documents, classes: &classes, fold: config.fold, simd: config.simd };
    let (proposed, frames) = rayon::join(
        || propose(reading, &classes, config.cap, Known { pairs: &also, large: &large }),
        || source.frames(reading, config.boilerplate),
    );
    let (Proposed { pairs: proposals, capped, common, unlisted }, frames) = (proposed?, frames?);
    check_cancelled(progress)?;
    reading.forget_fingerprints();
    reading.forget_paragraphs();
    progress.phase(Phase::Passages, Some(proposals.len() as u64));
    let proposals = by_content(proposals, &classes, &reading.documents);
    let holder = Holder { corpus, reading: &*reading, classes: &classes, config };
    let finder = Finder { holder, reading: &*reading, classes: &classes, config, common, also, frames, progress };
    let (mut pairs, mut left_out, mut place) = (Vec::new(), LeftOut::default(), vec![0; classes.len()]);
    let sides = |proposal: &Proposal| [proposal.a, proposal.b];
    for batch in batches(&proposals, sides, &classes, &reading.documents, BATCH_TOKENS.min(finder.reading.spill.most_tokens())) {
        let found = finder.align(batch, &mut place)?;
        pairs.reserve(found.iter().map(|task| task.pairs.len()).sum());
        for task in found {
            pairs.extend(task.pairs);
            left_out.append(task.left_out);
        }
    }
    pairs.par_sort_unstable_by_key(|pair: &ReusePair| (pair.a, pair.b));
    // Whatever stands before a class in a pair is less than what stands behind it.
    let numbered = || (0..).zip(&pairs);
    let back = numbered().map(|(at, pair)| (pair.b as usize, (pair.a, at)));
    let partners = Buckets::new(classes.len(), back.chain(numbered().map(|(at, pair)| (pair.a as usize, (pair.b, at)))));
    let common_runs = common_runs(&finder.holder, &unlisted, &left_out, &partners)?;
    let boilerplate = finder.frames.told;
    reading.forget_tokens();
    Ok(Reuse { classes, pairs, partners, capped, boilerplate, common_runs })
}

/// The same proposals, each with its classes in the order of their contents, sorted: what is found does not depend on ids.
fn by_content(proposals: Vec<Proposal>, classes: &Groups, documents: &[DocumentLine]) -> Vec<Proposal> {
    let content = |class: u32| {
        let DocumentLine { tokens, fingerprint, .. } = &documents[classes.first(class) as usize];
        (*tokens as usize, *fingerprint)
    };
    let mut oriented: Vec<Proposal> = proposals
        .into_par_iter()
        .map(
            |Proposal { a, b, is_weak }| {
                if comes_first(content(a), content(b)) { Proposal { a, b, is_weak } } else { Proposal { a: b, b: a, is_weak } }
            },
        )
        .collect();
    oriented.par_sort_unstable();
    oriented
}

/// Pairs of documents as pairs of their classes, in order.
fn class_pairs(documents: &[(u32, u32)], classes: &Groups, count: usize) -> Vec<(u32, u32)> {
    let class_of = classes.class_of(count);
    let of = |document: u32| class_of[document as usize];
    let mut pairs: Vec<(u32, u32)> = documents.iter().map(|&(x, y)| (of(x).min(of(y)), of(x).max(of(y)))).filter(|(a, b)| a != b).collect();
    pairs.par_sort_unstable();
    pairs.dedup();
    pairs
}

/// What aligning needs.
struct Finder<'a, C> {
    holder: Holder<'a, C>,
    reading: &'a Reading,
    classes: &'a Groups,
    config: &'a DetectConfig,
    common: GramSet,
    /// Pairs that are told whether they share a passage or not.
    also: Vec<(u32, u32)>,
    frames: Frames,
    progress: &'a dyn Progress,
}

/// What a thread needs to align.
#[derive(Default)]
struct Scratch {
    aligner: Aligner,
    /// The aligner has the first document.
    is_indexed: bool,
    /// The run that the first document must share, where [`letter_run`] says one.
    letter_run: Option<usize>,
    overlaps: Overlaps,
    grams: SharedGrams,
    /// Exact matches of a pair, and what its passages leave out of them.
    exact: ExactRuns,
    left_out: LeftOut,
}

/// What a task finds.
#[derive(Default)]
struct Found {
    pairs: Vec<ReusePair>,
    left_out: LeftOut,
}

impl Scratch {
    /// Says that the pairs that follow have another first document.
    fn begin(&mut self, a: &[u64]) {
        self.letter_run = letter_run(a);
        (self.is_indexed, self.overlaps.is_indexed) = (false, false);
    }

    fn index(&mut self, a: &[u64]) {
        if !std::mem::replace(&mut self.is_indexed, true) {
            self.aligner.index(a);
        }
    }
}

/// What is needed to count the shingles that a document has in common with others.
#[derive(Default)]
struct Overlaps {
    shingles: SharedShingles,
    /// `shingles` has those of the first document.
    is_indexed: bool,
    /// Places of a document where a shingle stands that both have.
    runs: Vec<Range<usize>>,
}

impl ReusePair {
    /// The same with the sides exchanged.
    fn swapped(self) -> Self {
        Self { a: self.b, b: self.a, overlap: self.overlap.swapped(), passages: swapped(&self.passages), ..self }
    }

    /// The matched runs of all passages as ranges of tokens of `class`, in order of `a`. They do not overlap.
    pub(super) fn matched_in(&self, class: u32) -> impl Iterator<Item = Range<usize>> {
        let runs = self.passages.iter().flat_map(|passage| &passage.runs);
        runs.map(move |run| if self.a == class { run.on_a() } else { run.on_b() })
    }
}

impl<C: Corpus> Finder<'_, C> {
    /// The pairs of a batch that share something, in order, cut into lists. `place` has room for a number of each class.
    fn align(&self, batch: &[Proposal], place: &mut [u32]) -> Result<Vec<Found>> {
        let held = self.holder.hold(batch, place)?;
        // Looked up all at once: the lists of tokens lie anywhere in memory, and so does what says where.
        let second: Vec<&[u64]> = batch.par_iter().map(|proposal| held.tokens(proposal.b)).collect();
        let tasks = tasks(batch, &held);
        let found = tasks.par_iter().with_max_len(1).map_init(Scratch::default, |scratch, task| {
            let (mut found, mut first) = (Found::default(), None);
            for at in task.clone().take_while(|_| !self.progress.is_cancelled()) {
                let proposal = batch[at];
                let a = held.tokens(proposal.a);
                if first.replace(proposal.a) != Some(proposal.a) {
                    scratch.begin(a);
                }
                self.prefetch(&batch[at + 1..], &second[at + 1..], &held);
                found.pairs.extend(self.pair(scratch, &held, proposal, [a, second[at]]));
                found.left_out.append(std::mem::take(&mut scratch.left_out));
            }
            self.progress.verified(task.len() as u64);
            found
        });
        let found = found.collect();
        check_cancelled(self.progress)?;
        Ok(found)
    }

    /// Asks for the tokens of a pair that is aligned soon: of those that follow, and their second documents.
    fn prefetch(&self, batch: &[Proposal], second: &[&[u64]], held: &Held<'_, '_>) {
        let Some(ahead) = batch.get(AHEAD - 1) else { return };
        // Of a weak one little is read.
        prefetch(second[AHEAD - 1], if ahead.is_weak { run_step(self.config.within.min_words) } else { 1 });
        if ahead.a != batch[AHEAD - 2].a {
            prefetch(held.tokens(ahead.a), 1);
        }
    }

    /// True if two documents that are not both long may share a passage.
    fn may_share(&self, scratch: &mut Scratch, proposal: Proposal, [a, b]: [&[u64]; 2]) -> bool {
        scratch.index(a);
        let Scratch { aligner, letter_run, .. } = scratch;
        (!proposal.is_weak || aligner.share_run(a, b, self.config.within.min_words))
            && letter_run.is_none_or(|run| self.is_asked(proposal) || aligner.share_run(a, b, run))
    }

    /// True if the pair is reported whether it shares a passage or not.
    fn is_asked(&self, Proposal { a, b, .. }: Proposal) -> bool {
        self.also.binary_search(&(a.min(b), a.max(b))).is_ok()
    }

    /// What two classes, of which `a` and `b` are the tokens, share, if it is worth telling.
    fn pair(&self, scratch: &mut Scratch, held: &Held<'_, '_>, proposal: Proposal, [a, b]: [&[u64]; 2]) -> Option<ReusePair> {
        let selected = held.selected([proposal.a, proposal.b]);
        if selected.is_none() && !self.may_share(scratch, proposal, [a, b]) {
            return None;
        }
        let letter_run = scratch.letter_run.filter(|_| selected.is_some());
        let Scratch { aligner, overlaps, grams, exact, left_out, .. } = scratch;
        let mut overlap = None;
        let mut overlap_of =
            |aligner: &Aligner| *overlap.get_or_insert_with(|| self.overlap(aligner, overlaps, held, [(proposal.a, a), (proposal.b, b)]));
        let mut judge = Judge {
            least: self.config.within.min_words,
            selected,
            is_told: &|passage| {
                passage.is_long([a, b], self.config.within.min_words) && !self.is_boilerplate([(proposal.a, a), (proposal.b, b)], passage)
            },
            may_be_template: &mut |aligner| overlap_of(aligner).jaccard() < self.config.threshold && !self.travels(proposal.a, proposal.b),
            is_common: &|gram| Some(self.common.contains(gram)),
        };
        let (passages, is_template) = grams.told(aligner, [a, b], &mut judge);
        if letter_run.is_none() {
            let least = self.config.within.min_words;
            aligner.exact_runs([a, b], selected, least, exact);
            let pair = AlignedPair { classes: [proposal.a, proposal.b], sides: [a, b], passages: &passages, least };
            pair.add_uncovered(exact, left_out);
        }
        let has_run = |run: usize| passages.iter().flat_map(|passage| &passage.runs).any(|matched| matched.length as usize >= run);
        if (passages.is_empty() || !letter_run.is_none_or(has_run)) && !self.is_asked(proposal) {
            return None;
        }
        let pair = ReusePair { a: proposal.a, b: proposal.b, overlap: overlap_of(aligner), passages, is_template };
        Some(if pair.a < pair.b { pair } else { pair.swapped() })
    }

    /// What the shingle sets of two classes have in common, which `aligner` aligned last.
    fn overlap(&self, aligner: &Aligner, overlaps: &mut Overlaps, held: &Held<'_, '_>, classes: [(u32, &[u64]); 2]) -> Overlap {
        let [(_, a), (_, b)] = classes;
        let Overlaps { shingles, is_indexed, runs } = overlaps;
        let shingle = self.config.shingle;
        if let Some(overlap) = held.overlap(classes.map(|(class, _)| class), shingles, shingle) {
            return overlap;
        }
        let mut index = |shingles: &mut SharedShingles| {
            // The first document may be long, and have many such pairs.
            if !std::mem::replace(is_indexed, true) {
                shingles.index(a, shingle);
            }
        };
        let Some(stretches) = aligner.stretches(shingle).filter(|_| a.len().min(b.len()) >= shingle) else {
            index(shingles);
            return shingles.with(b, shingle);
        };
        let [all_a, all_b] = [a, b].map(|tokens| tokens.len() + 1 - shingle);
        let [again_a, again_b] = classes.map(|(class, _)| held.get(class).again(shingles, shingle));
        if aligner.find_runs(shingle, [&(0..a.len()), &(0..b.len())], runs) {
            return Overlap::at(runs, [all_a, all_b], [again_a, again_b]);
        }
        index(shingles);
        shingles.find(b, shingle, stretches, runs);
        Overlap::at(runs, [all_b, all_a], [again_b, again_a]).swapped()
    }

    /// True if boilerplate leaves less of a passage than a passage needs, on both sides.
    fn is_boilerplate(&self, sides: [(u32, &[u64]); 2], passage: &Passage) -> bool {
        sides.into_iter().zip([&passage.a, &passage.b]).all(|((class, tokens), range)| {
            let frames: Vec<_> = self.frames.of(class).collect();
            is_mostly(tokens, range, &frames, self.config.within.min_words)
        })
    }

    /// True if documents of both classes are of different outlets and of the same days: so a story travels, however reworded. A frame is repeated in its
    /// own outlet, or later.
    fn travels(&self, a: u32, b: u32) -> bool {
        let [mut a, mut b] = [a, b].map(|class| {
            let documents = self.classes.get(class).iter().map(|&document| &self.reading.documents[document as usize]);
            Publication::list(documents.map(|document| (document.date, document.outlet)))
        });
        travels_between(&mut a, &mut b)
    }
}

/// Cuts the pairs of a batch into tasks that take about as long.
fn tasks(batch: &[Proposal], held: &Held<'_, '_>) -> Vec<Range<usize>> {
    let (mut tasks, mut start, mut tokens) = (Vec::new(), 0, 0);
    for (at, &Proposal { a, b, .. }) in batch.iter().enumerate() {
        let [of_a, of_b] = [a, b].map(|class| held.tokens(class).len());
        let is_first = at == start || batch[at - 1].a != a;
        tokens += match held.selected([a, b]) {
            Some(_) => (of_a + of_b) / TOKENS_A_SELECTED,
            None => of_b + if is_first { of_a } else { 0 },
        };
        if tokens > TASK_TOKENS {
            tasks.push(start..at + 1);
            (start, tokens) = (at + 1, 0);
        }
    }
    tasks.push(start..batch.len());
    tasks
}

/// Length of a run, in tokens, that must be shared with a document in a script without spaces before anything else is aligned: as many words as a gram has
/// tokens. Grams of letters occur everywhere. None for a document of words.
pub(super) fn letter_run(tokens: &[u64]) -> Option<usize> {
    /// A document of words has at least this many tokens for each that is not a word.
    const TOKENS_A_LETTER: usize = 10;
    let words = words_in(tokens);
    (TOKENS_A_LETTER * (tokens.len() - words) > tokens.len()).then(|| GRAM * tokens.len() / words.max(1))
}

/// True if `frames` leave fewer than `least` words of a passage, a range of `tokens`.
pub(super) fn is_mostly(tokens: &[u64], passage: &Range<usize>, frames: &[Range<usize>], least: usize) -> bool {
    let inside = frames.iter().map(|frame| frame.start.max(passage.start)..frame.end.min(passage.end)).filter(|inside| !inside.is_empty());
    let inside: usize = inside.map(|inside| words_in(&tokens[inside])).sum();
    inside > 0 && words_in(&tokens[passage.clone()]).saturating_sub(inside) < least
}

#[cfg(test)]
mod tests {
    use crate::{DetectConfig, Detector, Document, PairRule};

    /// Tests hold few tokens from the first pass on, so that documents of later stretches are read again.
    #[test]
    fn documents_that_are_not_held_are_read_again() {
        let words = |from: usize, count: usize| (from..from + count).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
        let text = |n: usize| format!("{} {} {}", words(n * 1000, 20), words((n % 300) * 1_000_000, 40), words(n * 1000 + 500, 20));
        let documents = (0..600).map(|n| Document::new(format!("{n:03}"), text(n)));
        let findings = Detector::new(DetectConfig::default()).unwrap().detect(documents).unwrap();
        let pairs: Vec<_> = findings.pairs().collect();
        assert_eq!(pairs.len(), 300);
        for (n, pair) in pairs.iter().enumerate() {
            assert_eq!((pair.a.to_owned(), pair.b.to_owned()), (format!("{n:03}"), format!("{:03}", n + 300)));
            assert_eq!((pair.rule, pair.passages.as_ref().map(|passages| passages[0].words)), (PairRule::ReusedPassage, Some(40)));
        }
    }
}
