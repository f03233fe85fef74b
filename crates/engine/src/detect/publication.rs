//! When and by whom documents of equal content were published.
//!
//! In: dates and outlets of two contents. Out: whether a story may have travelled from one to the other. What is found depends neither on ids nor on which
//! content comes first.

use crate::document::DAY;

/// Days in which a story travels from outlet to outlet.
const STORY_DAYS: i64 = 2;

/// A date, in seconds since 1970, and the hash of an outlet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Publication {
    date: i64,
    outlet: u64,
}

impl Publication {
    /// The publications that have a date and an outlet; an outlet of 0 is none.
    pub(super) fn list(documents: impl Iterator<Item = (Option<i64>, u64)>) -> Vec<Self> {
        documents.filter_map(|(date, outlet)| Some(Self { date: date?, outlet }).filter(|one| one.outlet != 0)).collect()
    }
}

/// True if one of `a` and one of `b` are of different outlets, and less than [`STORY_DAYS`] + 1 days apart. Sorts both.
pub(super) fn travels_between(a: &mut Vec<Publication>, b: &mut Vec<Publication>) -> bool {
    for list in [&mut *a, &mut *b] {
        list.sort_unstable();
        list.dedup();
    }
    // For each of `b` where the next one of another outlet is.
    let mut next_outlet = vec![b.len(); b.len()];
    for at in (1..b.len()).rev() {
        next_outlet[at - 1] = if b[at - 1].outlet == b[at].outlet { next_outlet[at] } else { at };
    }
    let days = (STORY_DAYS + 1) * DAY;
    a.iter().any(|one| {
        let first = b.partition_point(|other| other.date <= one.date.saturating_sub(days));
        let end = b.partition_point(|other| other.date < one.date.saturating_add(days));
        first < end && (b[first].outlet != one.outlet || next_outlet[first] < end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn some_pair_decides_and_sides_do_not(
            a in prop::collection::vec((prop::option::of(0..12_i64), 0..3_u64), 0..8),
            b in prop::collection::vec((prop::option::of(0..12_i64), 0..3_u64), 0..8),
        ) {
            let half_days = |side: &[(Option<i64>, u64)]| side.iter().map(|&(date, outlet)| (date.map(|date| date * DAY / 2), outlet)).collect::<Vec<_>>();
            let (a, b) = (half_days(&a), half_days(&b));
            let is_near = |x: i64, y: i64| x.abs_diff(y) / DAY.unsigned_abs() <= 2;
            let travels = |&(x, own): &(Option<i64>, u64), &(y, other): &(Option<i64>, u64)| {
                own != 0 && other != 0 && own != other && x.zip(y).is_some_and(|(x, y)| is_near(x, y))
            };
            let expected = a.iter().any(|x| b.iter().any(|y| travels(x, y)));
            let list = |side: &[(Option<i64>, u64)]| Publication::list(side.iter().copied());
            prop_assert_eq!(travels_between(&mut list(&a), &mut list(&b)), expected);
            prop_assert_eq!(travels_between(&mut list(&b), &mut list(&a)), expected);
        }
    }
}
