//! Which of several removals can be made together.

use super::copies::Removal;
use std::collections::BTreeMap;
use std::ops::Range;

/// Byte ranges that do not overlap.
#[derive(Debug, Default)]
pub(super) struct Ranges(BTreeMap<usize, usize>);

impl Ranges {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of the ranges has a byte of `range`.
    pub(super) fn overlap(&self, range: &Range<usize>) -> bool {
        self.0.range(..range.end).next_back().is_some_and(|(_, &end)| end > range.start)
    }

    /// Adds `range`, together with those that it overlaps or touches.
    pub(super) fn add(&mut self, range: &Range<usize>) {
        let (mut start, mut end) = (range.start, range.end);
        while let Some((&before, &its_end)) = self.0.range(..=end).next_back().filter(|(_, its_end)| **its_end >= start) {
            self.0.remove(&before);
            (start, end) = (start.min(before), end.max(its_end));
        }
        self.0.insert(start, end);
    }
}

/// Those of `removals` that can be made together, the first in the text before others: nothing goes twice, and nothing goes of a copy that stays.
pub(super) fn apart(mut removals: Vec<Removal>) -> Vec<Removal> {
    removals.sort_by_key(|removal| (removal.goes.start, removal.stays.start, removal.goes.end));
    let (mut going, mut staying) = (Ranges::default(), Ranges::default());
    removals.retain(|removal| {
        let fits = !going.overlap(&removal.goes) && !staying.overlap(&removal.goes) && !going.overlap(&removal.stays);
        if fits {
            going.add(&removal.goes);
            staying.add(&removal.stays);
        }
        fits
    });
    removals
}

#[cfg(test)]
mod tests {
    use super::super::policy::Rule;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_chosen_is_apart_and_nothing_that_fits_is_left_out(
            removals in prop::collection::vec((0..60_usize, 1..9_usize, 0..60_usize, 1..9_usize), 0..20),
        ) {
            let removal = |&(goes, long, stays, length): &(usize, usize, usize, usize)| {
                Removal { goes: goes..goes + long, stays: stays..stays + length, rule: Rule::RepeatedBlock, similarity: 1.0 }
            };
            let all: Vec<Removal> = removals.iter().map(removal).filter(|removal| !meet(&removal.goes, &removal.stays)).collect();
            let chosen = apart(all.clone());
            let clash = |x: &Removal, y: &Removal| meet(&x.goes, &y.goes) || meet(&x.goes, &y.stays) || meet(&x.stays, &y.goes);
            for (at, x) in chosen.iter().enumerate() {
                prop_assert!(chosen[at + 1..].iter().all(|y| !clash(x, y)));
            }
            prop_assert!(all.iter().all(|x| chosen.iter().any(|y| x == y || clash(x, y))));
        }
    }

    fn meet(x: &Range<usize>, y: &Range<usize>) -> bool {
        x.start < y.end && y.start < x.end
    }
}
