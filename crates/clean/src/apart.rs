//! Selection of removals that do not conflict.

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

/// Selects removals that do not conflict, earlier ones first: nothing is removed twice, and no kept copy is removed in part.
pub(super) fn apart(mut removals: Vec<Removal>) -> Vec<Removal> {
    removals.sort_by_key(|removal| (removal.removed.start, removal.kept.start, removal.removed.end));
    let (mut all_removed, mut all_kept) = (Ranges::default(), Ranges::default());
    removals.retain(|removal| {
        let fits = !all_removed.overlap(&removal.removed) && !all_kept.overlap(&removal.removed) && !all_removed.overlap(&removal.kept);
        if fits {
            all_removed.add(&removal.removed);
            all_kept.add(&removal.kept);
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
            let removal = |&(removed, long, kept, length): &(usize, usize, usize, usize)| {
                Removal { removed: removed..removed + long, kept: kept..kept + length, rule: Rule::RepeatedBlock, similarity: 1.0 }
            };
            let all: Vec<Removal> = removals.iter().map(removal).filter(|removal| !meet(&removal.removed, &removal.kept)).collect();
            let chosen = apart(all.clone());
            let clash = |x: &Removal, y: &Removal| meet(&x.removed, &y.removed) || meet(&x.removed, &y.kept) || meet(&x.kept, &y.removed);
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
