//! The sources of a document: the smallest set of earlier ones that covers its copied words.
//!
//! In: pairs with passages, dates. Out: for each document that has any, its sources, the greatest share first; each word is credited once. The
//! greedy cover is that of sourmash gather (Irber et al. 2022, "Lightweight compositional analysis of metagenomes with `FracMinHash`").

use super::read::DocumentLine;
use super::reuse::Reuse;
use crate::compare::covered;
use crate::document::is_before;
use rayon::prelude::*;
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

/// The earliest of `members` with a date; of several the first.
fn earliest(members: &[u32], documents: &[DocumentLine]) -> Option<u32> {
    members.iter().copied().filter(|&at| documents[at as usize].date.is_some()).min_by_key(|&at| (documents[at as usize].date, at))
}

/// The sources of a class whose first document is of `date`.
fn sources(class: u32, reuse: &Reuse, documents: &[DocumentLine], date: Option<i64>) -> Vec<(u32, usize)> {
    let earlier = reuse.partners.get(class as usize).iter().filter_map(|&(other, at)| {
        let pair = Some(&reuse.pairs[at as usize]).filter(|pair| !pair.is_template)?;
        let source = earliest(reuse.classes.get(other), documents)?;
        let is_earlier = documents[source as usize].date.zip(date).is_some_and(|(source, own)| is_before(source, own));
        is_earlier.then(|| (source, pair.own(class).cloned().collect()))
    });
    let mut left: Vec<(u32, Vec<Range<usize>>)> = earlier.collect();
    let mut sources = Vec::new();
    loop {
        let sizes = left.iter().enumerate().map(|(at, (source, ranges))| (covered(ranges.iter().cloned()), *source, at));
        let best =
            sizes.max_by(|x, y| x.0.cmp(&y.0).then(documents[y.1 as usize].date.cmp(&documents[x.1 as usize].date)).then(y.1.cmp(&x.1)));
        let Some((words, source, at)) = best.filter(|best| best.0 >= LEAST_WORDS) else { return sources };
        sources.push((source, words));
        let (_, taken) = left.swap_remove(at);
        for (_, ranges) in &mut left {
            *ranges = ranges.iter().flat_map(|range| without(range, &taken)).collect();
        }
    }
}

/// What `taken` leaves of `range`.
fn without(range: &Range<usize>, taken: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut left = vec![range.clone()];
    for taken in taken {
        left = left
            .into_iter()
            .flat_map(|part| [part.start..part.end.min(taken.start), part.start.max(taken.end)..part.end])
            .filter(|part| part.start < part.end)
            .collect();
    }
    left
}
