//! Exact similarity of two shingle sets.

use crate::text::ShingleHash;
use std::borrow::Cow;

/// What two shingle sets have in common, as counts: every ratio is computed from these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// Shingles in both.
    pub both: usize,
    /// Shingles in the first.
    pub a: usize,
    /// Shingles in the second.
    pub b: usize,
}

impl Overlap {
    /// Of two sets of shingles. Linear in their lengths if both are sorted without repeats, as [`crate::text::shingle_set`] gives them; others are sorted first.
    #[must_use]
    pub fn of(a: &[ShingleHash], b: &[ShingleHash]) -> Self {
        let [a, b] = [a, b].map(as_set);
        Self::of_sorted(&a, &b)
    }

    /// The same of two sorted sets without repeats.
    pub(crate) fn of_sorted(a: &[ShingleHash], b: &[ShingleHash]) -> Self {
        let (mut i, mut j, mut both) = (0, 0, 0);
        while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
            both += usize::from(x == y);
            i += usize::from(x <= y);
            j += usize::from(y <= x);
        }
        Self { both, a: a.len(), b: b.len() }
    }

    /// The same as [`Self::of_sorted`]; None as soon as their Jaccard must be below `threshold`.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "at most the sizes")]
    pub(crate) fn at_least(a: &[ShingleHash], b: &[ShingleHash], threshold: f64) -> Option<Self> {
        /// Steps after which it is checked whether enough can still be in both.
        const STEPS: usize = 64;
        // Of J = both / (a + b - both), with one to spare for rounding.
        let least = (threshold / (1.0 + threshold) * (a.len() + b.len()) as f64) as usize;
        let most_single = a.len() + b.len() - 2 * least.saturating_sub(1).min(a.len().min(b.len()));
        let (mut i, mut j, mut both) = (0, 0, 0);
        loop {
            for _ in 0..STEPS {
                let (Some(x), Some(y)) = (a.get(i), b.get(j)) else { return Some(Self { both, a: a.len(), b: b.len() }) };
                both += usize::from(x == y);
                i += usize::from(x <= y);
                j += usize::from(y <= x);
            }
            // Each step passes one shingle of one set, or one of both.
            if i + j - 2 * both > most_single {
                return None;
            }
        }
    }

    /// Size of the intersection over size of the union, in [0, 1]; 0 for two empty sets.
    #[must_use]
    pub fn jaccard(self) -> f64 {
        ratio(self.both, self.a + self.b - self.both)
    }

    /// Share of the first set that is in the second.
    #[must_use]
    pub fn a_in_b(self) -> f64 {
        ratio(self.both, self.a)
    }

    /// Share of the second set that is in the first.
    #[must_use]
    pub fn b_in_a(self) -> f64 {
        ratio(self.both, self.b)
    }

    /// The same with the sets exchanged.
    #[must_use]
    pub fn swapped(self) -> Self {
        Self { a: self.b, b: self.a, ..self }
    }
}

/// The largest Jaccard that sets of these sizes can have.
#[must_use]
pub(crate) fn most_jaccard(a: usize, b: usize) -> f64 {
    ratio(a.min(b), a.max(b))
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The list itself if it is sorted without repeats.
fn as_set(list: &[ShingleHash]) -> Cow<'_, [ShingleHash]> {
    if list.is_sorted_by(|x, y| x < y) {
        return list.into();
    }
    let mut set = list.to_vec();
    set.sort_unstable();
    set.dedup();
    set.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn counts_equal_those_of_sets(a in prop::collection::btree_set(0..60_u64, 0..40), b in prop::collection::btree_set(0..60_u64, 0..40)) {
            let sorted = |s: &BTreeSet<u64>| s.iter().copied().collect::<Vec<_>>();
            let overlap = Overlap::of(&sorted(&a), &sorted(&b));
            prop_assert_eq!(overlap.both, a.intersection(&b).count());
            let union = a.union(&b).count();
            prop_assert_eq!(overlap.jaccard(), if union == 0 { 0.0 } else { overlap.both as f64 / union as f64 });
            prop_assert!(overlap.jaccard() <= most_jaccard(a.len(), b.len()));
            prop_assert_eq!(Overlap::of(&sorted(&b), &sorted(&a)), overlap.swapped());
        }

        /// Whatever the order of the lists, and with repeats.
        #[test]
        fn lists_that_are_no_sets_are_made_ones(a in prop::collection::vec(0..20_u64, 0..30), b in prop::collection::vec(0..20_u64, 0..30)) {
            let set = |list: &[u64]| list.iter().copied().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
            prop_assert_eq!(Overlap::of(&a, &b), Overlap::of(&set(&a), &set(&b)));
        }

        /// Sets of hundreds, so that the search ends early for some.
        #[test]
        fn none_only_below_the_threshold(kept in prop::collection::vec(0..20_u8, 200..500), share in 0..20_u8, threshold in 0.01..1.0) {
            let of = |left_out: u8| (0..).zip(&kept).filter(|(_, kind)| **kind != left_out).map(|(n, _)| n).collect::<Vec<u64>>();
            let b: Vec<u64> = (0..).zip(&kept).filter(|(_, kind)| **kind >= share).map(|(n, _)| n).collect();
            for (a, b) in [(of(0), of(1)), (of(0), b.clone()), (b.clone(), vec![]), (vec![3], of(19))] {
                let (all, least) = (Overlap::of(&a, &b), Overlap::at_least(&a, &b, threshold));
                prop_assert!(least.is_none_or(|least| least == all));
                prop_assert!(least.is_some() || all.jaccard() < threshold, "{:?} {}", all, threshold);
            }
        }
    }
}
