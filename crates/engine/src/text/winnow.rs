//! Fingerprints of a document: hashes of four tokens in a row, by which documents that share a passage find each other.
//!
//! In: token hashes. Out: 32 bits for each gram. Some are selected by winnowing (Schleimer, Wilkerson, Aiken 2003): of every window of grams the
//! least, so that two documents that share a run as long as the window share a selected gram, whatever stands around it.

use crate::sort::HashSorter;
use std::cmp::Ordering;
use std::collections::VecDeque;

/// Tokens of a gram.
pub const GRAM: usize = 4;

/// Hash of a gram: its fingerprint.
#[inline(always)]
pub fn gram_hash(gram: &[u64]) -> u32 {
    let mixed = gram.iter().fold(0_u64, |hash, &token| hash.rotate_left(15) ^ token);
    (mixed.wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 32) as u32
}

/// Selects fingerprints of documents; keeps its scratch space.
#[derive(Debug, Default)]
pub struct Winnower {
    /// For each gram the least from the start of its block to it.
    from_start: Vec<u64>,
    /// The selected ones, so many, the last first; behind them anything.
    places: Vec<u32>,
    count: usize,
}

impl Winnower {
    /// Appends the fingerprints of `tokens` to `prints`, in text order; returns which of them are selected, the last first: those that are the least of
    /// some window, of equal ones the last. Every run of `run` tokens holds a window. Linear.
    pub(crate) fn append(&mut self, tokens: &[u64], run: usize, prints: &mut Vec<u32>) -> &[u32] {
        let start = prints.len();
        prints.extend(tokens.windows(GRAM).map(gram_hash));
        self.select(&prints[start..], run.saturating_sub(GRAM - 1).max(1))
    }

    /// The positions of the selected ones of `prints`, of which every `window` in a row holds one; the last first. Linear.
    pub fn select(&mut self, prints: &[u32], window: usize) -> &[u32] {
        self.select_least(prints, window);
        &self.places[..self.count]
    }

    /// Selects the least of each window of `prints`, the last of equal ones, if they are as many as one. The list is cut into blocks as long as a window: a
    /// window is the end of one block and the start of the next (van Herk 1992), and no branch depends on what is least.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    fn select_least(&mut self, prints: &[u32], window: usize) {
        // Places count down, so that of equal hashes the last one makes the least word.
        let word = |print: u32, place: u32| u64::from(print) << 32 | u64::from(u32::MAX - place);
        let Self { from_start, places, count } = self;
        from_start.clear();
        for (block, prints) in (0_usize..).step_by(window).zip(prints.chunks(window)) {
            let mut least = u64::MAX;
            from_start.extend(prints.iter().zip(block as u32..).map(|(&print, place)| {
                least = least.min(word(print, place));
                least
            }));
        }
        *count = 0;
        let windows = (prints.len() + 1).saturating_sub(window);
        places.resize(places.len().max(windows), 0);
        let mut last = u32::MAX;
        for block in (0..windows).step_by(window).rev() {
            let (end, all) = (windows.min(block + window), prints.len().min(block + window));
            let mut least = (end..all).map(|place| word(prints[place], place as u32)).min().unwrap_or(u64::MAX);
            let rest = &from_start[block + window - 1..end + window - 1];
            for ((&print, &rest), place) in prints[block..end].iter().zip(rest).zip(block as u32..end as u32).rev() {
                least = least.min(word(print, place));
                // That of the window behind, which is written once more, or one before it.
                let selected = u32::MAX - least.min(rest) as u32;
                *count += usize::from(selected != last);
                places[*count - 1] = selected;
                last = selected;
            }
        }
    }
}

/// Calls `each` with the start of each window of `hashes` and the position of its least hash, the last of equal ones: the n-gram that is selected for it. Linear.
pub fn least_of_windows(hashes: &[u32], window: usize, mut each: impl FnMut(usize, usize)) {
    // Positions that may be the least of a window to come, with increasing hashes.
    let mut open: VecDeque<usize> = VecDeque::with_capacity(window);
    for (at, hash) in hashes.iter().enumerate() {
        while open.pop_back_if(|&mut last| hashes[last] >= *hash).is_some() {}
        open.push_back(at);
        let Some(start) = (at + 1).checked_sub(window) else { continue };
        while open.pop_front_if(|&mut first| first < start).is_some() {}
        each(start, open[0]);
    }
}

/// The selected n-grams of a document with their positions.
#[derive(Clone, Debug, Default)]
pub struct SelectedGrams {
    /// Hash above position, sorted.
    entries: Vec<u64>,
}

impl SelectedGrams {
    /// Those of `tokens`, of which every run of `run` tokens holds one. Linear but for sorting.
    pub(crate) fn new(tokens: &[u64], run: usize) -> Self {
        let (mut winnower, mut hashes) = (Winnower::default(), Vec::with_capacity(tokens.len()));
        let selected = winnower.append(tokens, run, &mut hashes);
        let mut entries: Vec<u64> = selected.iter().map(|&at| u64::from(hashes[at as usize]) << 32 | u64::from(at)).collect();
        HashSorter::default().sort(&mut entries);
        Self { entries }
    }

    /// Calls `each` with the entries of both documents of every hash that both have, in order of the hash; an entry has the position in its lower half.
    pub(crate) fn join<'s>(&'s self, other: &'s Self, mut each: impl FnMut(&'s [u64], &'s [u64])) {
        let (mut x, mut y) = (&self.entries[..], &other.entries[..]);
        let same = |list: &[u64]| list.iter().take_while(|&&entry| entry >> 32 == list[0] >> 32).count();
        while let (Some(&one), Some(&two)) = (x.first(), y.first()) {
            match (one >> 32).cmp(&(two >> 32)) {
                Ordering::Less => x = &x[1..],
                Ordering::Greater => y = &y[1..],
                Ordering::Equal => {
                    let (in_x, in_y) = (same(x), same(y));
                    each(&x[..in_x], &y[..in_y]);
                    (x, y) = (&x[in_x..], &y[in_y..]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// A run in two documents leaves a selected gram in both.
        #[test]
        fn a_common_run_leaves_a_common_selected_gram(
            run in prop::collection::vec(0..30_u64, 8..40), before in prop::collection::vec(0..30_u64, 0..40), after in prop::collection::vec(0..30_u64, 0..40),
        ) {
            let selected = |tokens: &[u64]| {
                let (mut winnower, mut prints) = (Winnower::default(), vec![7; 3]);
                let places = winnower.append(tokens, run.len(), &mut prints);
                assert_eq!(prints[..3], [7; 3]);
                places.iter().map(|&place| prints[3 + place as usize]).collect::<Vec<_>>()
            };
            let one = selected(&[before.clone(), run.clone(), after.clone()].concat());
            let other = selected(&[after, run.clone(), before].concat());
            prop_assert!(one.iter().any(|hash| other.contains(hash)));
        }

        #[test]
        fn the_least_of_each_window_is_selected(prints in prop::collection::vec(0..12_u32, 0..90), window in 1..30_usize) {
            // What another document left is of no matter.
            let mut winnower = Winnower { from_start: vec![0; 200], places: vec![5; 3], count: 2 };
            winnower.select_least(&prints, window);
            let least = |start: usize| (start..start + window).rev().min_by_key(|&at| prints[at]).unwrap();
            let expected: std::collections::BTreeSet<usize> = (0..(prints.len() + 1).saturating_sub(window)).map(least).collect();
            let places = winnower.places[..winnower.count].iter().map(|&place| place as usize);
            prop_assert_eq!(places.collect::<Vec<_>>(), expected.into_iter().rev().collect::<Vec<_>>());
            let mut of_windows = Vec::new();
            least_of_windows(&prints, window, |start, at| of_windows.push((start, at)));
            prop_assert_eq!(of_windows, (0..(prints.len() + 1).saturating_sub(window)).map(|start| (start, least(start))).collect::<Vec<_>>());
        }
    }

    #[test]
    fn one_in_half_a_window_is_selected() {
        let tokens: Vec<u64> = (0..20_000_u64).map(|n| crate::text::mix(n + 1)).collect();
        let selected = Winnower::default().append(&tokens, 25, &mut Vec::new()).len();
        let share = selected as f64 / (tokens.len() - GRAM + 1) as f64;
        assert!((share - 2.0 / 23.0).abs() < 0.01, "{share}");
    }
}
