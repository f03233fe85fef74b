//! Common runs: verbatim runs of tokens that documents share outside the passages of their pairs, each with every place where it occurs.
//!
//! In: n-grams that are in too many documents to propose pairs, and windows that the passages of pairs left out. Out: findings. With them every run of the least
//! length that two documents share is in a passage of the pair, or in a common run that names both.

use super::boilerplate::on_one_line;
use super::candidates::{GramSet, Unlisted};
use super::findings::Findings;
use super::held::Holder;
use super::places::Places;
use super::reuse::Reuse;
use super::window_paths::{RunPlace, runs};
use super::windows::{Wanted, shared_windows};
use crate::compare::{ExactRuns, HashTable, MatchedRun, Passage};
use crate::corpus::Corpus;
use crate::error::Result;
use crate::finding::{CommonRun, Occurrence};
use crate::sort::Buckets;
use crate::text::shingle;
use rayon::prelude::*;
use std::collections::HashSet;
use std::ops::Range;

/// A window that two classes share outside the passages of their pair: hash, classes.
type Uncovered = (u64, [u32; 2]);

/// What was found.
#[derive(Debug, Default)]
pub(super) struct CommonRuns {
    /// For each run its places, in order.
    runs: Vec<Vec<RunPlace>>,
    /// For each class where runs begin and end in it, in tokens.
    pub(super) edges: Buckets<[u32; 2]>,
    /// For each run the start of its text.
    texts: Vec<Box<str>>,
}

/// Two classes that were aligned, with their tokens and their passages, in order of side a.
pub(super) struct AlignedPair<'a> {
    pub(super) classes: [u32; 2],
    pub(super) sides: [&'a [u64]; 2],
    pub(super) passages: &'a [Passage],
    /// Tokens of a window.
    pub(super) least: usize,
}

/// What the passages of pairs leave out.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    windows: Vec<Uncovered>,
    /// Hashes of n-grams that two classes have too often to match all of their occurrences, with the classes.
    grams: Vec<(u32, [u32; 2])>,
}

impl LeftOut {
    pub(super) fn append(&mut self, mut other: Self) {
        self.windows.append(&mut other.windows);
        self.grams.append(&mut other.grams);
    }

    /// The classes of all that was left out, each once, in order.
    fn classes(&self) -> Vec<u32> {
        let classes = self.windows.iter().map(|&(_, classes)| classes).chain(self.grams.iter().map(|&(_, classes)| classes));
        let mut classes: Vec<u32> = classes.flatten().collect();
        classes.par_sort_unstable();
        classes.dedup();
        classes
    }
}

impl AlignedPair<'_> {
    /// Adds what is on exact matches of the pair and in no passage on one side or the other.
    pub(super) fn add_uncovered(&self, matches: &ExactRuns, left_out: &mut LeftOut) {
        left_out.grams.extend(matches.unmatched.iter().map(|&gram| (gram, self.classes)));
        if matches.runs.iter().all(|run| self.is_in_passage(run)) {
            return;
        }
        let covered = [self.ranges(|passage| &passage.a), self.ranges(|passage| &passage.b)];
        let runs: Vec<&MatchedRun> =
            matches.runs.iter().filter(|run| !(is_covered(&covered[0], run.on_a()) && is_covered(&covered[1], run.on_b()))).collect();
        if runs.is_empty() {
            return;
        }
        let on_a = self.windows(0, runs.iter().map(|run| run.on_a()), &covered[0]);
        let on_b = self.windows(1, runs.iter().map(|run| run.on_b()), &covered[1]);
        let mut on_b = on_b.chunk_by(|x, y| x.0 == y.0).peekable();
        for same in on_a.chunk_by(|x, y| x.0 == y.0) {
            while on_b.next_if(|other| other[0].0 < same[0].0).is_some() {}
            let Some(other) = on_b.next_if(|other| other[0].0 == same[0].0) else { continue };
            if same.iter().chain(other).any(|(_, is_covered)| !is_covered) {
                left_out.windows.push((same[0].0, self.classes));
            }
        }
    }

    /// True if a passage holds all of an exact match.
    fn is_in_passage(&self, run: &MatchedRun) -> bool {
        let next = self.passages.partition_point(|passage| passage.a.start <= run.on_a().start);
        let passage = next.checked_sub(1).map(|last| &self.passages[last]);
        let holds = |range: &Range<usize>, run: Range<usize>| range.start <= run.start && run.end <= range.end;
        passage.is_some_and(|passage| holds(&passage.a, run.on_a()) && holds(&passage.b, run.on_b()))
    }

    /// The ranges of the passages on one side, in order.
    fn ranges(&self, range: fn(&Passage) -> &Range<usize>) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = self.passages.iter().map(|passage| range(passage).clone()).collect();
        ranges.sort_unstable_by_key(|range| range.start);
        ranges
    }

    /// Hashes of the windows on `runs` of one side, each with whether one of `covered` holds it; sorted.
    fn windows(&self, side: usize, runs: impl Iterator<Item = Range<usize>>, covered: &[Range<usize>]) -> Vec<(u64, bool)> {
        let mut starts: Vec<usize> = runs.flat_map(|run| run.start..(run.end + 1).saturating_sub(self.least)).collect();
        starts.sort_unstable();
        starts.dedup();
        let window = |start: usize| start..start + self.least;
        let hashed = |start: usize| (shingle(&self.sides[side][window(start)]), is_covered(covered, window(start)));
        let mut windows: Vec<(u64, bool)> = starts.into_iter().map(hashed).collect();
        windows.sort_unstable();
        windows
    }
}

/// True if one of `ranges`, which are in order and do not overlap, holds `range`.
fn is_covered(ranges: &[Range<usize>], range: Range<usize>) -> bool {
    let next = ranges.partition_point(|other| other.start <= range.start);
    next > 0 && range.end <= ranges[next - 1].end
}

/// Finds common runs: windows with a selected n-gram of `unlisted`, which are in the classes there, and what passages left out.
#[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
pub(super) fn common_runs<C: Corpus>(
    holder: &Holder<'_, C>,
    unlisted: &Unlisted,
    left_out: &LeftOut,
    partners: &Buckets<(u32, u32)>,
) -> Result<CommonRuns> {
    let mut windows = HashTable::default();
    windows.clear(left_out.windows.len());
    left_out.windows.iter().for_each(|&(hash, _)| _ = windows.insert(hash));
    let more: Vec<u32> = left_out.grams.iter().map(|&(gram, _)| gram).collect();
    let grams = GramSet::of(&[&unlisted.grams, &more]);
    let of_pairs = left_out.classes();
    // Who has such a window too shares it with them, in a passage or not.
    let partners = of_pairs.iter().flat_map(|&class| partners.get(class as usize)).map(|&(partner, _)| partner);
    let mut classes: Vec<u32> = partners.chain(of_pairs.iter().copied()).chain(unlisted.classes.iter().copied()).collect();
    classes.par_sort_unstable();
    classes.dedup();
    let length = holder.config.within.min_words;
    let wanted = Wanted { grams: &grams, windows: &windows, has_windows: !left_out.windows.is_empty(), length };
    let runs = runs(&shared_windows(holder, &classes, &wanted)?, length as u32)?;
    let edges = runs.iter().flatten().map(|place| (place.class as usize, [place.start, place.end]));
    Ok(CommonRuns { edges: Buckets::new(holder.classes.len(), edges), runs, texts: Vec::new() })
}

/// The longest place of a run, of equal ones the first.
fn longest(places: &[RunPlace]) -> &RunPlace {
    places.iter().rev().max_by_key(|place| place.tokens().len()).unwrap_or(&places[0])
}

impl CommonRuns {
    pub(super) fn len(&self) -> usize {
        self.runs.len()
    }

    /// Reads the texts of the runs, each document once.
    pub(super) fn read_texts<C: Corpus>(&mut self, holder: &Holder<'_, C>, places: &Places) -> Result<()> {
        let shown = (0..).zip(&self.runs).map(|(run, all): (usize, _)| {
            let place = longest(all);
            let document = holder.classes.first(place.class);
            (document, places.range(document as usize, &place.tokens()), run)
        });
        let mut shown: Vec<(u32, [usize; 2], usize)> = shown.collect();
        shown.sort_unstable();
        let of_documents: Vec<_> = shown.chunk_by(|x, y| x.0 == y.0).collect();
        let read = of_documents.par_iter().map(|shown| {
            let text = holder.corpus.text(holder.reading.documents[shown[0].0 as usize].locator)?;
            let (mut rest, mut passed) = (&text[..], 0);
            let texts = shown.iter().map(|&(_, [start, end], run)| {
                rest = rest.char_indices().nth(start - passed).map_or("", |(at, _)| &rest[at..]);
                passed = start;
                (run, on_one_line(&rest.chars().take(end - start).collect::<String>()))
            });
            Ok(texts.collect::<Vec<_>>())
        });
        self.texts = vec![Box::default(); self.runs.len()];
        for (run, text) in read.collect::<Result<Vec<_>>>()?.into_iter().flatten() {
            self.texts[run] = text;
        }
        Ok(())
    }
}

impl Findings {
    /// Verbatim runs that documents share outside the passages of pairs, in the order of their first places.
    pub fn common_runs(&self) -> impl Iterator<Item = CommonRun<'_>> {
        let Reuse { common_runs, .. } = &self.shared.reuse;
        common_runs.runs.iter().zip(&common_runs.texts).map(|(run, text)| self.common_run(run, text))
    }

    fn common_run<'a>(&'a self, run: &[RunPlace], text: &'a str) -> CommonRun<'a> {
        let mut places = Vec::with_capacity(run.len());
        let (mut documents, mut outlets) = (HashSet::new(), HashSet::new());
        for place in run {
            for &document in self.shared.reuse.classes.get(place.class) {
                let line = &self.documents[document as usize];
                documents.insert(document);
                outlets.insert(line.outlet);
                let [start, end] = self.shared.places.range(document as usize, &place.tokens());
                places.push(Occurrence { doc: &line.id, start, end });
            }
        }
        places.sort_unstable_by_key(|place| (place.doc, place.start));
        outlets.remove(&0);
        let outlets = (!outlets.is_empty()).then_some(outlets.len());
        CommonRun { text, words: longest(run).tokens().len(), documents: documents.len(), outlets, places }
    }
}

#[cfg(test)]
mod tests {
    use crate::{DetectConfig, Detector, Document};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        /// The guarantee, against brute force: every run of the least length that two documents share is accounted for.
        #[test]
        fn every_shared_run_is_accounted_for(
            words in prop_oneof![Just(3_u64), Just(30), Just(3000)],
            drawn in prop::collection::vec((0..6_usize, prop::collection::vec(any::<u64>(), 0..40)), 1..24), copies in prop::collection::vec((0..24_usize, 0..30_usize, 4..40_usize, 0..24_usize, 0..60_usize), 0..40),
            cap in 2..5_usize,
        ) {
            const LEAST: usize = 6;
            let mut documents: Vec<Vec<u64>> = drawn.into_iter().map(|(times, list)| {
                let list: Vec<u64> = list.into_iter().map(|word| word % words).collect();
                list.repeat(1 + times / 5)
            }).collect();
            for (from, start, length, to, at) in copies {
                let from = &documents[from % documents.len()];
                let copied: Vec<u64> = from.iter().skip(start).take(length).copied().collect();
                let to = to % documents.len();
                let at = at.min(documents[to].len());
                documents[to].splice(at..at, copied);
            }
            let text = |tokens: &[u64]| tokens.iter().map(|token| format!("w{token}")).collect::<Vec<_>>().join(" ");
            let all = documents.iter().enumerate().map(|(at, tokens)| Document::new(format!("{at:02}"), text(tokens)));
            let mut config = DetectConfig { cap, ..DetectConfig::default() };
            config.within.min_words = LEAST;
            let findings = Detector::new(config).unwrap().detect(all).unwrap();
            let mut reported: BTreeSet<(usize, usize, Vec<u64>)> = BTreeSet::new();
            let number = |id: &str| id.parse::<usize>().unwrap();
            // Which tokens of a document a range of code points holds.
            let tokens_in = |at: usize, [start, end]: [usize; 2]| {
                let mut offset = 0;
                documents[at].iter().copied().filter(|token| {
                    let from = offset;
                    offset += format!("w{token}").len() + 1;
                    start <= from && offset - 1 <= end
                }).collect::<Vec<u64>>()
            };
            let runs_in = |at: usize, range| tokens_in(at, range).windows(LEAST).map(<[u64]>::to_vec).collect::<BTreeSet<_>>();
            for pair in findings.pairs() {
                let (a, b) = (number(pair.a), number(pair.b));
                let side = |at: usize, of: fn(&crate::SharedPassage) -> [usize; 2]| {
                    pair.passages.iter().flatten().flat_map(|passage| runs_in(at, of(passage))).collect::<BTreeSet<_>>()
                };
                let (on_a, on_b) = (side(a, |passage| passage.a), side(b, |passage| passage.b));
                reported.extend(on_a.intersection(&on_b).map(|run| (a, b, run.clone())));
            }
            for run in findings.common_runs() {
                let places: Vec<(usize, BTreeSet<Vec<u64>>)> = run.places.iter().map(|place| (number(place.doc), runs_in(number(place.doc), [place.start, place.end]))).collect();
                for (a, of_a) in &places {
                    for (b, of_b) in places.iter().filter(|(b, _)| a < b) {
                        reported.extend(of_a.intersection(of_b).map(|run| (*a, *b, run.clone())));
                    }
                }
            }
            for (a, one) in documents.iter().enumerate() {
                for (b, other) in documents.iter().enumerate().skip(a + 1) {
                    for run in one.windows(LEAST).filter(|run| other.windows(LEAST).any(|window| window == *run)) {
                        prop_assert!(reported.contains(&(a, b, run.to_vec())), "{a} {b} {run:?}");
                    }
                }
            }
        }
    }
}
