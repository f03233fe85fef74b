//! Windows that documents share, merged to runs.
//!
//! In: occurrences of windows of tokens. Out: runs, each with all ranges that hold a part of it. Windows are the nodes of a graph in which a window is followed
//! by the one that begins a token later in some document. Each is linked to the one that follows it most often, if that one follows no other more often: so the
//! graph falls into paths (as the unitigs of a de Bruijn graph, but over differences that few documents have), and each window is in one path.

use super::windows::{ConsecutiveWindows, SharedWindows};
use crate::error::Result;
use crate::sort::MixedMap;
use rayon::prelude::*;
use std::cmp::Reverse;
use std::ops::Range;

const NONE: u32 = u32::MAX;

/// A range of tokens of one class that holds a run, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RunPlace {
    pub(super) class: u32,
    pub(super) start: u32,
    pub(super) end: u32,
}

impl RunPlace {
    pub(super) fn tokens(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The runs of `windows`: for each the ranges that hold it, in order of class and tokens. In order of their first ranges. `length` is that of a window in tokens.
///
/// # Errors
/// The temporary file cannot be read.
pub(super) fn runs(windows: &SharedWindows<'_>, length: u32) -> Result<Vec<Vec<RunPlace>>> {
    runs_of(windows.count, |each| windows.for_each(each), length)
}

/// The same of `count` windows, whose occurrences `for_each` reads in order of class and start.
fn runs_of(
    count: usize,
    for_each: impl Fn(&mut dyn FnMut(ConsecutiveWindows<'_>)) -> Result<()>,
    length: u32,
) -> Result<Vec<Vec<RunPlace>>> {
    let mut pairs = Pairs::default();
    for_each(&mut |row| count_pairs(row.windows, &mut pairs))?;
    let next = linked(&pairs, count);
    drop(pairs);
    let path = paths(&next);
    let mut places: Vec<(u32, RunPlace)> = Vec::new();
    for_each(&mut |ConsecutiveWindows { class, mut start, windows }| {
        for linked in windows.chunk_by(|&window, &following| next[window as usize] == following) {
            let last = (start..).zip(linked).last().map_or(start, |(last, _)| last);
            places.push((path[linked[0] as usize], RunPlace { class, start, end: last + length }));
            start = last + 1;
        }
    })?;
    places.par_sort_unstable();
    let mut runs: Vec<Vec<RunPlace>> =
        places.chunk_by(|x, y| x.0 == y.0).map(|same| same.iter().map(|(_, place)| place.clone()).collect()).collect();
    runs.par_sort_unstable();
    Ok(runs)
}

/// How often a window is followed by another a token later: the two numbers, and the count.
type Pairs = MixedMap<u64, u32>;

/// Counts which of `windows`, in a row, follow each other.
fn count_pairs(windows: &[u32], pairs: &mut Pairs) {
    for pair in windows.windows(2) {
        *pairs.entry(u64::from(pair[0]) << u32::BITS | u64::from(pair[1])).or_default() += 1;
    }
}

/// For each window the one that it is linked to, `NONE` if there is none.
#[expect(clippy::cast_possible_truncation, reason = "the halves")]
fn linked(pairs: &Pairs, count: usize) -> Vec<u32> {
    // Of two that are as frequent the lesser hash: what is linked depends on the texts alone.
    let (mut best_next, mut best_before) = (vec![(0, Reverse(NONE)); count], vec![(0, Reverse(NONE)); count]);
    for (&pair, &count) in pairs {
        let (from, to) = ((pair >> u32::BITS) as u32, pair as u32);
        let (next, before) = (&mut best_next[from as usize], &mut best_before[to as usize]);
        *next = (*next).max((count, Reverse(to)));
        *before = (*before).max((count, Reverse(from)));
    }
    let is_mutual =
        |&(from, (_, Reverse(to))): &(u32, (u32, Reverse<u32>))| to != NONE && to != from && best_before[to as usize].1.0 == from;
    let mut next = vec![NONE; count];
    (0..).zip(best_next.iter().copied()).filter(is_mutual).for_each(|(from, (_, Reverse(to)))| next[from as usize] = to);
    cut_circles(&mut next);
    next
}

/// Unlinks the window before the first one of each circle.
fn cut_circles(next: &mut [u32]) {
    let mut has_before = vec![false; next.len()];
    next.iter().filter(|&&to| to != NONE).for_each(|&to| has_before[to as usize] = true);
    let mut is_seen = vec![false; next.len()];
    let heads: Vec<usize> = (0..next.len()).filter(|&at| !has_before[at]).collect();
    for mut at in heads {
        while !std::mem::replace(&mut is_seen[at], true) && next[at] != NONE {
            at = next[at] as usize;
        }
    }
    for first in 0..next.len() {
        let mut at = first;
        while !std::mem::replace(&mut is_seen[at], true) {
            if next[at] as usize == first {
                next[at] = NONE;
                break;
            }
            at = next[at] as usize;
        }
    }
}

/// For each window the first one of its path.
fn paths(next: &[u32]) -> Vec<u32> {
    let mut has_before = vec![false; next.len()];
    next.iter().filter(|&&to| to != NONE).for_each(|&to| has_before[to as usize] = true);
    let mut path = vec![NONE; next.len()];
    for (head, _) in (0..).zip(&has_before).filter(|(_, has_before)| !**has_before) {
        let mut at: u32 = head;
        while at != NONE {
            path[at as usize] = head;
            at = next[at as usize];
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::mix;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// A window of a document, as in `windows.rs`.
    #[derive(Clone, Copy)]
    struct Window {
        hash: u64,
        class: u32,
        start: u32,
    }

    /// The runs of windows, which are in order.
    fn runs(windows: &[Window], length: usize) -> Vec<Vec<RunPlace>> {
        let numbered = windows.chunk_by(|x, y| x.hash == y.hash).zip(0..);
        let mut all: Vec<(u32, u32, u32)> =
            numbered.flat_map(|(same, number)| same.iter().map(move |window| (window.class, window.start, number))).collect();
        all.sort_unstable();
        let count = windows.chunk_by(|x, y| x.hash == y.hash).count();
        let for_each = |each: &mut dyn FnMut(ConsecutiveWindows<'_>)| {
            for row in all.chunk_by(|x, y| x.0 == y.0 && x.1 + 1 == y.1) {
                let windows: Vec<u32> = row.iter().map(|occurrence| occurrence.2).collect();
                each(ConsecutiveWindows { class: row[0].0, start: row[0].1, windows: &windows });
            }
            Ok(())
        };
        runs_of(count, for_each, u32::try_from(length).unwrap()).unwrap()
    }

    /// Class and first token of each occurrence.
    type Starts = BTreeSet<(u32, u32)>;

    /// All windows of `length` tokens that two documents or more have.
    fn windows(documents: &[Vec<u64>], length: usize) -> Vec<Window> {
        let mut all: BTreeMap<u64, Vec<Window>> = BTreeMap::new();
        for (class, tokens) in (0..).zip(documents) {
            for (start, window) in (0..).zip(tokens.windows(length)) {
                let hash = window.iter().fold(0, |hash, &token| mix(hash ^ token));
                all.entry(hash).or_default().push(Window { hash, class, start });
            }
        }
        all.retain(|_, same| same[0].class != same[same.len() - 1].class);
        all.into_values().flatten().collect()
    }

    proptest! {
        /// Every window that is shared is in one run alone, which has a place around each of its occurrences.
        #[test]
        fn each_window_is_in_one_run_with_all_its_occurrences(documents in prop::collection::vec(prop::collection::vec(0..3_u64, 0..40), 2..7), length in 1..5_usize) {
            let windows = windows(&documents, length);
            let runs = runs(&windows, length);
            let mut occurrences: BTreeMap<Vec<u64>, Starts> = BTreeMap::new();
            for window in &windows {
                let tokens = &documents[window.class as usize][window.start as usize..][..length];
                occurrences.entry(tokens.to_vec()).or_default().insert((window.class, window.start));
            }
            let mut found: BTreeMap<Vec<u64>, (usize, Starts)> = BTreeMap::new();
            for (number, places) in runs.iter().enumerate() {
                prop_assert!(places.is_sorted());
                for RunPlace { class, start, end } in places {
                    for start in *start..=end - u32::try_from(length).unwrap() {
                        let window = documents[*class as usize][start as usize..][..length].to_vec();
                        let (run, all) = found.entry(window).or_insert((number, BTreeSet::new()));
                        prop_assert_eq!(*run, number);
                        prop_assert!(all.insert((*class, start)));
                    }
                }
            }
            prop_assert_eq!(found.into_iter().map(|(window, (_, all))| (window, all)).collect::<BTreeMap<_, _>>(), occurrences);
        }
    }

    #[test]
    fn what_few_documents_change_does_not_cut_a_run() {
        let common: Vec<u64> = (0..40).collect();
        let mut documents = vec![common.clone(); 9];
        documents.push([&common[..30], &[900], &common[31..]].concat());
        documents.push([&common[..30], &[900], &common[31..]].concat());
        let runs = runs(&windows(&documents, 5), 5);
        let ranges: Vec<(usize, Range<usize>)> = runs.iter().map(|places| (places.len(), places[0].tokens())).collect();
        assert_eq!(ranges, [(13, 0..40), (2, 26..35)]);
    }
}
