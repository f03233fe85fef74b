//! Passages of one document with itself, and of two documents.
//!
//! In: token arrays. Out: passages as runs of matched tokens. Both questions take the same way: seeds are chained, chains extended to candidates,
//! candidates aligned token by token, alignments split into pieces, and pieces selected that do not overlap.

use super::candidate_selection::{distinct, improve, join, select_non_overlapping, selected, unselected};
use super::candidates::{Pieces, chain_on};
use super::chained::Chained;
use super::content::{comes_first, content_key};
use super::exact::ExactRuns;
use super::index::PairSeeds;
use super::parted::{loops_over, parted_within};
use super::passage::{MatchedRun, Passage, swapped};
use super::passages::{Candidate, LEAST_SIMILARITY, PassageFinder, Sides, WEAK_SIMILARITY};
use super::pieces::{is_end, without_boundaries};
use super::reworded::Reworded;
use super::seeds::{Loop, SEED, Seed, SeedFinder};
use super::trace::Tracer;
use crate::text::SelectedGrams;
use std::ops::Range;

/// Two documents that both have more tokens are aligned around the n-grams that both selected, and not read as a whole.
const LONG_DOCUMENT: usize = 8192;
/// Least run of tokens that is found for sure in two such documents, where none is asked for.
const RUN: usize = 25;

/// Two documents that share three tokens in a row at fewer places have no passage.
const LEAST_SEEDS: usize = 4;

/// Finds passages; keeps its tables between documents.
#[derive(Debug, Default)]
pub struct Aligner {
    seeds: SeedFinder,
    pair_seeds: PairSeeds,
    /// The two documents that were aligned last have seeds enough for a passage.
    has_seeds: bool,
    finder: PassageFinder,
    reworded: Reworded,
    chained: Chained,
    tracer: Tracer,
    /// Ranges of the two documents that were aligned last, or of the one, that may hold passages.
    candidates: Vec<Candidate>,
    /// Exact matches on a candidate, and what matches on it.
    chain: Vec<MatchedRun>,
    runs: Vec<MatchedRun>,
    /// Loops of a document with boundaries.
    loops: Vec<Loop>,
}

/// True if two documents are so long that [`Aligner::around`] is for them.
pub(crate) fn are_long(sides: [&[u64]; 2]) -> bool {
    sides.iter().all(|tokens| tokens.len() > LONG_DOCUMENT)
}

impl Aligner {
    /// An aligner with empty tables.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The passages of one document that occur in it before, in order of `b`, and its loops. Passages do not overlap on side b.
    /// Time linear in the document, also where it is one word over and over.
    pub fn within(&mut self, tokens: &[u64]) -> (Vec<Passage>, &[Loop]) {
        self.find_within(tokens);
        let passages = self.aligned_within(tokens);
        if self.seeds.loops.iter().any(|found| loops_over(tokens, found)) {
            let (passages, loops) = parted_within(tokens, passages, &self.seeds.loops);
            self.loops = loops;
            return (passages, &self.loops);
        }
        (passages, &self.seeds.loops)
    }

    /// Fills `candidates` with those of one document with itself.
    fn find_within(&mut self, tokens: &[u64]) {
        let Self { seeds, finder, .. } = self;
        let sides = Sides { a: tokens, b: tokens, same: true };
        seeds.within(tokens);
        // First what the first occurrence explains; then, in what is left, what nearer occurrences do.
        let mut found = select_non_overlapping(distinct(finder.find(sides, &seeds.to_first)), Vec::new());
        // Where nothing occurs three times, the nearer occurrences are the first ones, which were used.
        let left = if found.is_empty() && seeds.to_nearest == seeds.to_first { Vec::new() } else { unselected(&seeds.to_nearest, &found) };
        if !left.is_empty() {
            found = select_non_overlapping(distinct(finder.find(sides, &left)), found);
        }
        // An edited copy may hide a better one behind it.
        let hidden = if seeds.to_nearest == seeds.to_first { Vec::new() } else { selected(&seeds.to_nearest, &found) };
        if !hidden.is_empty() {
            improve(&mut found, finder.find(sides, &hidden));
        }
        // Among few distinct words chance passages hide real ones: what occurs twice word for word comes before what is hardly similar.
        let (similar, weak): (Vec<_>, Vec<_>) = found.into_iter().partition(|passage| passage.similarity() >= WEAK_SIMILARITY);
        let left = unselected(&seeds.long(tokens), &similar);
        found = if left.is_empty() { similar } else { select_non_overlapping(distinct(finder.find(sides, &left)), similar) };
        found = select_non_overlapping(weak, found);
        self.candidates = join(sides, found);
    }

    /// The passages on `candidates` of one document with itself, in order of `b`.
    fn aligned_within(&mut self, tokens: &[u64]) -> Vec<Passage> {
        let Self { candidates, runs, tracer, .. } = self;
        let mut passages = Vec::with_capacity(candidates.len());
        for Candidate { a, b, .. } in candidates {
            runs.clear();
            tracer.trace([tokens; 2], &[a.clone(), b.clone()], runs);
            without_boundaries(runs, [tokens; 2], |runs| {
                let parts = runs.chunk_by(|last, next| !has_own_words(last, next));
                passages.extend(parts.map(|part| Passage::of_runs(part.to_vec())));
            });
        }
        passages.sort_unstable_by_key(|passage| (passage.b.start, passage.a.start));
        for at in 0..passages.len() {
            let last = at.checked_sub(1).map_or(0, |before| passages[before].b.end);
            let next = passages.get(at + 1).map_or(tokens.len(), |next| next.b.start);
            passages[at].extend_within(tokens, last..next);
        }
        passages
    }

    /// Places where `length` tokens begin that may stand elsewhere too in the document that [`Self::within`] was called for last; none that does is left
    /// out. None if that is not known for so few tokens.
    pub(crate) fn repeated(&self, length: usize) -> Option<impl Iterator<Item = usize>> {
        self.seeds.repeated(length)
    }

    /// The passages that two documents share, in order of `a`. They overlap on neither side. Those of `b` and `a` are the same with their sides exchanged.
    pub fn between(&mut self, a: &[u64], b: &[u64]) -> Vec<Passage> {
        self.long_between(a, b, 0)
    }

    /// The same, where only passages of at least `least` matched tokens are of interest.
    pub fn long_between(&mut self, a: &[u64], b: &[u64], least: usize) -> Vec<Passage> {
        if comes_first(content_key(b), content_key(a)) { swapped(&self.ordered(b, a, least)) } else { self.ordered(a, b, least) }
    }

    /// The same of two documents in the order of their contents.
    fn ordered(&mut self, a: &[u64], b: &[u64], least: usize) -> Vec<Passage> {
        if are_long([a, b]) {
            let selected = [a, b].map(|tokens| SelectedGrams::new(tokens, if least == 0 { RUN } else { least }));
            return self.around([a, b], selected.each_ref(), least);
        }
        self.index(a);
        let passages = self.against(a, b, least);
        self.reword(a, b, least).unwrap_or(passages)
    }

    /// Takes `a` for the first document of the pairs that follow.
    pub(crate) fn index(&mut self, a: &[u64]) {
        self.pair_seeds.index(a);
        self.reworded.forget();
    }

    /// Replaces `places` by those on `stretches[0]` of the first of the two documents that [`Self::against`] was called for last where a run of `length`
    /// tokens begins that stands on `stretches[1]` of the other too, in order and apart. False if that is not known.
    pub(crate) fn find_runs(&self, length: usize, stretches: [&Range<usize>; 2], places: &mut Vec<Range<usize>>) -> bool {
        self.pair_seeds.find_runs(length, stretches, places)
    }

    /// Stretches of the second document that [`Self::against`] was called for last which hold every run of `length` tokens and more that the first has too,
    /// in order and apart. None if that is not known for so few tokens.
    pub(crate) fn stretches(&self, length: usize) -> Option<&[Range<usize>]> {
        (length >= SEED).then_some(&self.pair_seeds.stretches)
    }

    /// Fills `exact` with all exact matches of at least `least` tokens of the two documents that were aligned last, long ones with their selected n-grams.
    pub(crate) fn exact_runs(&mut self, sides: [&[u64]; 2], selected: Option<[&SelectedGrams; 2]>, least: usize, exact: &mut ExactRuns) {
        let ExactRuns { runs, unmatched } = exact;
        runs.clear();
        unmatched.clear();
        if selected.is_none() && !self.pair_seeds.is_capped && least >= SEED {
            let seeds = self.pair_seeds.seeds.iter().filter(|seed| seed.length as usize >= least);
            return runs.extend(seeds.map(|&Seed { a, b, length }| MatchedRun { a, b, length }));
        }
        if selected.is_none() {
            let selected = sides.map(|tokens| SelectedGrams::new(tokens, least));
            self.chained.find_exact(sides, selected.each_ref());
        }
        let found = self.chained.exact();
        runs.extend(found.runs.iter().filter(|run| run.length as usize >= least));
        unmatched.extend(&found.unmatched);
    }

    /// True if `a`, for which [`Self::index`] was called last, and `b` share `least` tokens in a row.
    pub(crate) fn share_run(&mut self, a: &[u64], b: &[u64], least: usize) -> bool {
        self.pair_seeds.has_run(a, b, least, &mut self.reworded.words)
    }

    /// The passages of `a`, for which [`Self::index`] was called last, and `b`, but for what only [`Self::reword`] finds; in order of `a`.
    /// None of fewer than `least` matched tokens in all is looked for.
    pub(crate) fn against(&mut self, a: &[u64], b: &[u64], least: usize) -> Vec<Passage> {
        let Self { pair_seeds, finder, reworded, has_seeds, candidates, .. } = self;
        let sides = Sides { a, b, same: false };
        reworded.words.index(a);
        reworded.words.read(b);
        *has_seeds = pair_seeds.strong(b, &reworded.words) >= LEAST_SEEDS;
        if !*has_seeds {
            return Vec::new();
        }
        pair_seeds.weak(&reworded.words);
        *candidates = join(sides, select_non_overlapping(distinct(finder.find(sides, &pair_seeds.seeds)), Vec::new()));
        candidates.retain(|candidate| candidate.similarity() >= LEAST_SIMILARITY);
        self.aligned(a, b, least)
    }

    /// The passages of `a` and `b`, for which [`Self::against`] was called last, with those that are reworded. None if there are none besides.
    pub(crate) fn reword(&mut self, a: &[u64], b: &[u64], least: usize) -> Option<Vec<Passage>> {
        let Self { pair_seeds, reworded, candidates, .. } = self;
        (self.has_seeds && reworded.add(a, b, &pair_seeds.seeds, candidates)).then(|| self.aligned(a, b, least))
    }

    /// The passages on `candidates` and on long exact matches, in order of `a`. Where a passage of `least` matched tokens cannot be, none is looked for.
    fn aligned(&mut self, a: &[u64], b: &[u64], least: usize) -> Vec<Passage> {
        let Self { candidates, pair_seeds, chain, runs, tracer, .. } = self;
        let mut pieces = Pieces::new([a, b], candidates, least);
        for candidate in &*candidates {
            if pieces.may_hold(candidate) {
                chain_on(candidate, &pair_seeds.seeds, pair_seeds.longest, chain);
                runs.clear();
                tracer.trace_along([a, b], [&candidate.a, &candidate.b], chain, runs);
                pieces.add(runs);
            }
        }
        pieces.add_exact(pair_seeds.seeds.iter().map(|&Seed { a, b, length }| MatchedRun { a, b, length }));
        pieces.passages()
    }

    /// The passages of two long documents, in order of `a`, around the n-grams that both selected: what they share without one is not found. Time proportional
    /// to the selected n-grams and to what matches.
    pub(crate) fn around(&mut self, sides: [&[u64]; 2], selected: [&SelectedGrams; 2], least: usize) -> Vec<Passage> {
        let Self { chained, candidates, pair_seeds, has_seeds, runs, tracer, .. } = self;
        *has_seeds = false;
        pair_seeds.skip();
        chained.find(sides, selected, candidates);
        let mut pieces = Pieces::new(sides, candidates, least);
        for (candidate, chain) in candidates.iter().zip(chained.chains()) {
            if pieces.may_hold(candidate) {
                runs.clear();
                tracer.trace_along(sides, [&candidate.a, &candidate.b], chain, runs);
                pieces.add(runs);
            }
        }
        pieces.add_exact(chained.exact().runs.iter().copied());
        pieces.passages()
    }
}

/// True if the later copy of a document with itself has words of its own between two runs, more than a few. It may lack some of the first: one that lacks
/// a paragraph is one copy.
fn has_own_words(last: &MatchedRun, next: &MatchedRun) -> bool {
    let gaps = last.gaps(next);
    gaps[1] > gaps[0] && is_end(gaps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn within(tokens: &[u64]) -> Vec<Passage> {
        Aligner::new().within(tokens).0
    }

    fn verbatim(a: usize, b: usize, length: usize) -> Passage {
        let [a, b, length] = [a, b, length].map(|n| u32::try_from(n).unwrap());
        Passage::of_runs(vec![MatchedRun { a, b, length }])
    }

    fn fresh(from: u64, count: u64) -> Vec<u64> {
        (from..from + count).collect()
    }

    #[test]
    fn a_doubled_body_is_one_passage() {
        let (lead, body) = (fresh(0, 30), fresh(100, 270));
        let tokens = [lead, body.clone(), body].concat();
        assert_eq!(within(&tokens), [verbatim(30, 300, 270)]);
    }

    #[test]
    fn three_copies_are_two_passages_against_the_first() {
        let body = fresh(0, 50);
        let expected: Vec<Passage> = (1..6).map(|n| verbatim(0, n * 50, 50)).collect();
        assert_eq!(within(&body.repeat(3)), expected[..2]);
        assert_eq!(within(&body.repeat(6)), expected);
    }

    #[test]
    fn a_copy_that_lacks_a_stretch_is_one_passage() {
        let body = fresh(0, 200);
        let copy = [&body[..80], &body[140..]].concat();
        let tokens = [body, fresh(900, 7), copy].concat();
        assert_eq!(
            within(&tokens),
            [Passage::of_runs(vec![MatchedRun { a: 0, b: 207, length: 80 }, MatchedRun { a: 140, b: 287, length: 60 }])]
        );
    }

    #[test]
    fn an_edited_copy_does_not_hide_an_exact_one() {
        let sentence = fresh(0, 14);
        let edited: Vec<u64> = sentence.iter().map(|&word| if word % 7 == 3 { word + 500 } else { word }).collect();
        let tokens = [&edited[..], &fresh(900, 20), &sentence, &fresh(950, 20), &sentence].concat();
        assert!(within(&tokens).contains(&verbatim(34, 68, 14)), "{:?}", within(&tokens));
    }

    #[test]
    fn a_copy_with_own_words_is_two_passages() {
        let body = fresh(0, 140);
        let tokens = [&body[..], &fresh(900, 7), &body[..80], &fresh(950, 30), &body[80..]].concat();
        assert_eq!(within(&tokens), [verbatim(0, 147, 80), verbatim(80, 257, 60)]);
    }

    proptest! {
        /// The guarantee of the design, for one document: a run that stands twice is found, wherever it stands.
        #[test]
        fn a_verbatim_run_is_found(before in 0..60_u64, between in 0..60_u64, after in 0..60_u64, length in 12..80_u64) {
            let run = fresh(10_000, length);
            let tokens = [fresh(0, before), run.clone(), fresh(1_000, between), run, fresh(2_000, after)].concat();
            let [first, again, length] = [before, before + length + between, length].map(|n| usize::try_from(n).unwrap());
            prop_assert_eq!(within(&tokens), [verbatim(first, again, length)]);
        }

        #[test]
        fn what_stands_again_is_repeated(words in 2..60_u64, tokens in prop::collection::vec(any::<u64>(), 0..200), length in 3..14_usize) {
            let tokens: Vec<u64> = tokens.into_iter().map(|word| crate::text::mix(word % words + 1)).collect();
            let mut aligner = Aligner::new();
            aligner.within(&tokens);
            let repeated: Vec<usize> = aligner.repeated(length).unwrap().collect();
            let runs: Vec<&[u64]> = tokens.windows(length).collect();
            for (place, run) in runs.iter().enumerate() {
                let stands_again = runs.iter().filter(|other| *other == run).count() > 1;
                prop_assert!(!stands_again || repeated.contains(&place));
            }
            prop_assert!(repeated.is_sorted() && repeated.iter().all(|place| place + length <= tokens.len()));
            prop_assert!(aligner.repeated(2).is_none());
        }

        /// Which document comes first makes no difference.
        #[test]
        fn sides_are_equal(
            words in 2..400_u64, a in prop::collection::vec(any::<u64>(), 0..160), b in prop::collection::vec(any::<u64>(), 0..160),
            copies in prop::collection::vec((0..160_usize, 0..60_usize, 0..160_usize), 0..4),
        ) {
            let drawn = |list: Vec<u64>| list.into_iter().map(|word| crate::text::mix(word % words + 1)).collect::<Vec<u64>>();
            let (a, mut b) = (drawn(a), drawn(b));
            for (from, length, to) in copies {
                let copy: Vec<u64> = a.iter().skip(from).take(length).copied().collect();
                let to = to.min(b.len());
                b.splice(to..to, copy);
            }
            let mut aligner = Aligner::new();
            let mut swapped: Vec<Passage> = aligner.between(&b, &a).iter().map(Passage::swapped).collect();
            swapped.sort_by_key(|passage| (passage.a.start, passage.b.start));
            let found = aligner.between(&a, &b);
            prop_assert_eq!(&found, &swapped);
            for side in [|passage: &Passage| passage.a.clone(), |passage: &Passage| passage.b.clone()] {
                let mut sides: Vec<Range<usize>> = found.iter().map(side).collect();
                sides.sort_by_key(|range| range.start);
                prop_assert!(sides.windows(2).all(|pair| pair[0].end <= pair[1].start), "overlap: {:?}", found);
            }
            for Passage { a: on_a, b: on_b, matched, reordered, runs } in &found {
                prop_assert!(runs.iter().all(|run| a[run.on_a()] == b[run.on_b()]));
                prop_assert_eq!(*matched, runs.iter().map(|run| run.length as usize).sum::<usize>());
                prop_assert_eq!([on_a.start, on_a.end], [runs[0].on_a().start, runs[runs.len() - 1].on_a().end]);
                prop_assert!(runs.iter().all(|run| on_b.start <= run.on_b().start && run.on_b().end <= on_b.end));
                let is_in_order = runs.is_sorted_by_key(|run| run.b);
                prop_assert!(is_in_order || *reordered || runs.len() > 1);
                prop_assert!(!is_in_order || runs.windows(2).all(|pair| !is_end(pair[0].gaps(&pair[1]))), "{:?}", runs);
            }
        }

        /// Few distinct tokens: every hazard of periods and overlaps.
        #[test]
        fn passages_keep_their_laws(tokens in prop::collection::vec(0..4_u64, 0..300)) {
            let mut end = 0;
            for p in within(&tokens) {
                prop_assert!(p.a.end <= p.b.start && p.b.end <= tokens.len());
                prop_assert!(p.b.start >= end, "copies overlap");
                prop_assert!(p.matched <= p.a.len().min(p.b.len()));
                end = p.b.end;
            }
        }
    }
}
