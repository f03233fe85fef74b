//! Whether two documents have a run of tokens of some length in common.
//!
//! In: tokens of a document, then those of others, one after another. Out: yes or no, after a look at a few of their places.

use super::grams::{Filter, gram};
use super::seeds::SEED;
use super::shared::HashTable;
use super::sites::rarest_places;
use super::words::Words;
use crate::text::{ShingleHash, shingles_into};

/// Distance between the places of the second document that are looked at for a run of `least` tokens: each such run holds one of them with the two
/// tokens behind it.
pub(crate) fn run_step(least: usize) -> usize {
    least.saturating_sub(SEED - 1).max(1)
}

/// The runs of one length of the first document, for where its words are frequent.
#[derive(Debug, Default)]
pub(super) struct Runs {
    hashes: HashTable,
    /// Of which length they are, 0 if they are those of another document.
    length: usize,
    scratch: Vec<ShingleHash>,
}

impl Runs {
    /// The first document is another one from now on.
    pub(super) fn forget(&mut self) {
        self.length = 0;
    }

    /// True if `least` tokens in a row stand in both documents, 3 at least: looks at as many places of the second as such runs fit in it side by side, and
    /// beside those that may hold one.
    /// `filter` has the grams of the first. Linear in the second, and once for all pairs in the first.
    pub(super) fn are_shared(&mut self, filter: &Filter<SEED>, [a, b]: [&[u64]; 2], least: usize, words: &mut Words) -> bool {
        let has = |place: usize| place + SEED <= b.len() && filter.may_have(gram::<_, SEED>(b, place));
        // Half of the other tokens of a run stand on one side of the place, or more: so many grams side by side.
        let beside = least.saturating_sub(SEED).div_ceil(2) / SEED;
        for place in (0..b.len().saturating_sub(SEED - 1)).step_by(run_step(least)).filter(|&place| has(place)) {
            let mut steps = (1..=beside).map(|step| step * SEED);
            if !steps.clone().all(|step| has(place + step)) && !steps.all(|step| place.checked_sub(step).is_some_and(has)) {
                continue;
            }
            let tokens = gram::<_, SEED>(b, place);
            words.index(a);
            let Some(mut places) = rarest_places(words, tokens.map(|token| words.number_of(token))) else {
                return self.are_shared_by_hash(a, b, least);
            };
            let is_run = |at: usize| {
                let before = a[..at].iter().rev().zip(b[..place].iter().rev()).take(least).take_while(|(x, y)| x == y).count();
                let after = a[at..].iter().zip(&b[place..]).take(least).take_while(|(x, y)| x == y).count();
                before + after >= least
            };
            if places.any(is_run) {
                return true;
            }
        }
        false
    }

    /// The same by the hashes of all runs: where all words of a gram are frequent there are too many places to look at.
    fn are_shared_by_hash(&mut self, a: &[u64], b: &[u64], length: usize) -> bool {
        let Self { hashes, scratch, .. } = self;
        if self.length != length {
            shingles_into(a, length, scratch);
            hashes.clear(scratch.len());
            scratch.iter().for_each(|&hash| _ = hashes.insert(hash));
            self.length = length;
        }
        shingles_into(b, length, scratch);
        a.len().min(b.len()) >= length && scratch.iter().any(|&hash| hashes.contains(hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn runs_are_found_wherever_they_stand(
            words in 1..40_u64, a in prop::collection::vec(any::<u64>(), 0..90), b in prop::collection::vec(any::<u64>(), 0..90), from in 0..90_usize, least in 3..40_usize, at in 0..130_usize,
        ) {
            let mix = |list: Vec<u64>| list.into_iter().map(|word| crate::text::mix(word % words + 1)).collect::<Vec<u64>>();
            let (a, mut b) = (mix(a), mix(b));
            // Sometimes just long enough, sometimes not.
            let run = a[from.min(a.len())..].iter().take(least - 1 + from % 2).copied().collect::<Vec<u64>>();
            let at = at.min(b.len());
            b.splice(at..at, run);
            let (mut runs, mut filter, mut all) = (Runs::default(), Filter::default(), Words::default());
            for (x, y) in [(&b, &a), (&a, &b)] {
                all.forget();
                runs.forget();
                filter.fill(x);
                let expected = y.windows(least).any(|run| x.windows(least).any(|other| other == run));
                prop_assert_eq!(runs.are_shared(&filter, [x, y], least, &mut all), expected);
            }
        }
    }
}
