//! The sources of a document: the smallest set of earlier ones that covers its copied words.
//!
//! In: pairs with passages, dates. Out: for each document that has any, its sources, the greatest share first; each word is credited once. The
//! greedy cover is that of sourmash gather (Irber et al. 2022, "Lightweight compositional analysis of metagenomes with `FracMinHash`").

use super::read::DocumentLine;
use super::reuse::Reuse;
use crate::document::is_before;
use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

/// A document and its sources, as positions in the table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DocumentDerivation {
    pub(crate) document: u32,
    /// Each with the tokens that it is credited with.
    pub(crate) sources: Vec<(u32, usize)>,
}

/// A source brings at least this many words that no greater one has.
const LEAST_WORDS: usize = 10;

/// The documents that have sources, in order. Documents without a date have none and are none.
pub(super) fn derivations(reuse: &Reuse, documents: &[DocumentLine]) -> Vec<DocumentDerivation> {
    let of_class = |class: u32| {
        let members = reuse.classes.get(class);
        let Some(first) = earliest(members, documents) else { return Vec::new() };
        let date = documents[first as usize].date;
        let sources = sources(class, reuse, documents, date);
        let tokens = documents[first as usize].tokens as usize;
        let dated = members.iter().filter(|&&member| documents[member as usize].date.is_some());
        let derived = dated.map(|&document| {
            // A later copy of the whole comes from the first, whatever that was made of.
            let is_copy = date.zip(documents[document as usize].date).is_some_and(|(first, own)| is_before(first, own));
            DocumentDerivation { document, sources: if is_copy { vec![(first, tokens)] } else { sources.clone() } }
        });
        derived.filter(|derivation| !derivation.sources.is_empty()).collect()
    };
    let mut all: Vec<DocumentDerivation> = (0..reuse.classes.count()).into_par_iter().flat_map_iter(of_class).collect();
    all.par_sort_unstable_by_key(|derivation| derivation.document);
    all
}

/// The earliest of `members` with a date; of several the first by its outlet, then by its id.
fn earliest(members: &[u32], documents: &[DocumentLine]) -> Option<u32> {
    members
        .iter()
        .copied()
        .filter(|&at| documents[at as usize].date.is_some())
        .min_by_key(|&at| (documents[at as usize].date, documents[at as usize].outlet, at))
}

/// The sources of a class whose first document is of `date`.
fn sources(class: u32, reuse: &Reuse, documents: &[DocumentLine], date: Option<i64>) -> Vec<(u32, usize)> {
    let earlier = reuse.partners.get(class as usize).iter().filter_map(|&(other, at)| {
        let pair = Some(&reuse.pairs[at as usize]).filter(|pair| !pair.is_template)?;
        let source = earliest(reuse.classes.get(other), documents)?;
        let is_earlier = documents[source as usize].date.zip(date).is_some_and(|(source, own)| is_before(source, own));
        is_earlier.then(|| Candidate::new(source, pair.matched_in(class)))
    });
    let candidates: Vec<Candidate> = earlier.collect();
    if candidates.is_empty() {
        return Vec::new();
    }
    cover(&candidates, documents[reuse.classes.first(class) as usize].tokens as usize, |source| {
        let DocumentLine { date, tokens, fingerprint, .. } = documents[source as usize];
        (date, tokens, fingerprint)
    })
}

/// The greedy cover of a document of `tokens` tokens: of equal sources the first in `order`, such as by date, then the least.
fn cover<K: Ord>(candidates: &[Candidate], tokens: usize, order: impl Fn(u32) -> K) -> Vec<(u32, usize)> {
    let (mut left, mut sources) = (Left::all(tokens), Vec::new());
    let rank = |(at, candidate): (usize, &Candidate)| (candidate.words, Reverse(order(candidate.source)), Reverse(candidate.source), at);
    let mut ranked: BinaryHeap<_> = candidates.iter().enumerate().map(rank).filter(|best| best.0 >= LEAST_WORDS).collect();
    while let Some((counted, order, source, at)) = ranked.pop() {
        // Some of it may be taken since it was counted; the others' counts are no less than what is left of them, so that none is better.
        let ranges = &candidates[at].ranges;
        let words = left.count(ranges);
        if words == counted {
            sources.push((source.0, words));
            left.take(ranges);
        } else if words >= LEAST_WORDS {
            ranked.push((words, order, source, at));
        }
    }
    sources
}

/// A document that may be a source.
struct Candidate {
    source: u32,
    /// Tokens that stand in it too, apart.
    ranges: Vec<Range<usize>>,
    /// How many that are.
    words: usize,
}

impl Candidate {
    fn new(source: u32, ranges: impl Iterator<Item = Range<usize>>) -> Self {
        let mut ranges: Vec<Range<usize>> = ranges.collect();
        ranges.sort_unstable_by_key(|range| range.start);
        let mut end = 0;
        for range in &mut ranges {
            *range = range.start.max(end)..range.end.max(end);
            end = range.end;
        }
        let words = ranges.iter().map(Range::len).sum();
        Self { source, ranges, words }
    }
}

/// The tokens of a document that are credited to no source yet: a bit for each.
struct Left(Vec<u64>);

impl Left {
    fn all(tokens: usize) -> Self {
        Self(vec![u64::MAX; tokens.div_ceil(BITS)])
    }

    /// How many of `ranges`, which are apart, are left.
    fn count(&self, ranges: &[Range<usize>]) -> usize {
        let words = ranges.iter().flat_map(words);
        words.map(|(at, bits)| (self.0[at] & bits).count_ones() as usize).sum()
    }

    fn take(&mut self, ranges: &[Range<usize>]) {
        ranges.iter().flat_map(words).for_each(|(at, bits)| self.0[at] &= !bits);
    }
}

/// Bits of a word.
const BITS: usize = u64::BITS as usize;

/// The words that hold a bit of `range`, each with those bits.
#[expect(clippy::cast_possible_truncation, reason = "less than a word has bits")]
fn words(range: &Range<usize>) -> impl Iterator<Item = (usize, u64)> {
    let Range { start, end } = *range;
    (start / BITS..end.div_ceil(BITS)).map(move |at| {
        let (before, behind) = (start.saturating_sub(at * BITS), ((at + 1) * BITS).saturating_sub(end));
        (at, u64::MAX << before & u64::MAX.checked_shr(behind as u32).unwrap_or(0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Many sources of the same words: none is counted more than twice.
    #[test]
    fn many_equal_sources_are_passed_over_quickly() {
        let candidates: Vec<Candidate> = (0..100_000).map(|source| Candidate::new(source, [0..300, 400..420].into_iter())).collect();
        assert_eq!(cover(&candidates, 500, |source| Some(-i64::from(source % 7))), [(6, 320)]);
    }

    proptest! {
        #[test]
        fn each_word_is_credited_once_and_the_greatest_share_comes_first(
            drawn in prop::collection::vec((prop::collection::vec((0..200_usize, 0..60_usize), 0..5), 0..3_i64), 0..12),
        ) {
            let ranges: Vec<Vec<Range<usize>>> =
                drawn.iter().map(|(ranges, _)| ranges.iter().map(|&(start, length)| start..(start + length).min(220)).collect()).collect();
            let date = |source: u32| Some(drawn[source as usize].1);
            let candidates: Vec<Candidate> = (0..).zip(&ranges).map(|(source, ranges)| Candidate::new(source, ranges.iter().cloned())).collect();
            let mut left: BTreeSet<usize> = (0..220).collect();
            let mut expected = Vec::new();
            loop {
                let words = |source: u32| ranges[source as usize].iter().cloned().flatten().collect::<BTreeSet<_>>().intersection(&left).count();
                let all = (0..).take(ranges.len()).map(|source| (words(source), Reverse(date(source)), Reverse(source)));
                let Some((words, _, Reverse(source))) = all.max().filter(|best| best.0 >= LEAST_WORDS) else { break };
                expected.push((source, words));
                ranges[source as usize].iter().cloned().flatten().for_each(|word| _ = left.remove(&word));
            }
            prop_assert_eq!(cover(&candidates, 220, date), expected);
        }
    }
}
