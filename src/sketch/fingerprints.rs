//! Fingerprints of a document: hashes of four tokens in a row, by which documents that share a passage find each other.
//!
//! In: token hashes. Out: a word for each gram. Some are selected by winnowing (Schleimer, Wilkerson, Aiken 2003): of every window of grams the
//! least, so that two documents that share a run as long as the window share a selected gram, whatever stands around it.

/// Tokens of a gram.
pub(crate) const GRAM: usize = 4;

/// A gram of a document: 32 bits of its hash, the document, and whether it is selected. Ordered by hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    /// `document` is less than 2^31.
    fn new(hash: u32, document: u32, is_selected: bool) -> Self {
        Self(u64::from(hash) << 32 | u64::from(document) << 1 | u64::from(is_selected))
    }

    pub(crate) fn hash(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
    pub(crate) fn document(self) -> u32 {
        self.0 as u32 >> 1
    }

    pub(crate) fn is_selected(self) -> bool {
        self.0 & 1 == 1
    }
}

/// Hash of a gram as in its fingerprint.
#[inline(always)]
pub(crate) fn gram_hash(gram: &[u64]) -> u32 {
    let mixed = gram.iter().fold(0_u64, |hash, &token| hash.rotate_left(15) ^ token);
    (mixed.wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 32) as u32
}

/// Makes the fingerprints of documents; keeps its scratch space.
#[derive(Debug, Default)]
pub(crate) struct Winnower {
    from_start: Vec<u64>,
}

impl Winnower {
    /// Appends the fingerprints of `tokens` in text order, those selected that are the least of some window: every run of `run` tokens
    /// holds a window. Of equal ones the last is taken. Linear.
    pub(crate) fn append(&mut self, tokens: &[u64], document: u32, run: usize, out: &mut Vec<Fingerprint>) {
        let start = out.len();
        out.extend(tokens.windows(GRAM).map(|gram| Fingerprint::new(gram_hash(gram), document, false)));
        self.select_least(&mut out[start..], run.saturating_sub(GRAM - 1).max(1));
    }

    /// Selects the least of each window of `prints`, the last of equal ones, if they are as many as one. The list is cut into blocks as long as a window: a
    /// window is the end of one block and the start of the next (van Herk 1992), and no branch depends on what is least.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    fn select_least(&mut self, prints: &mut [Fingerprint], window: usize) {
        const HASH: u64 = u64::MAX << u32::BITS;
        // Places count down, so that of equal hashes the last one makes the least word.
        let word = |print: Fingerprint, place: usize| print.0 & HASH | u64::from(u32::MAX - place as u32);
        let from_start = &mut self.from_start;
        from_start.clear();
        for (block, prints) in (0..).step_by(window).zip(prints.chunks(window)) {
            let mut least = u64::MAX;
            from_start.extend(prints.iter().zip(block..).map(|(&print, place)| {
                least = least.min(word(print, place));
                least
            }));
        }
        for block in (0..prints.len()).step_by(window) {
            let mut least = u64::MAX;
            for start in (block..prints.len().min(block + window)).rev() {
                least = least.min(word(prints[start], start));
                if let Some(rest) = from_start.get(start + window - 1) {
                    prints[(u32::MAX - least.min(*rest) as u32) as usize].0 |= 1;
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
                let mut grams = Vec::new();
                Winnower::default().append(tokens, 7, run.len(), &mut grams);
                prop_assert!(grams.iter().all(|gram| gram.document() == 7));
                Ok(grams.into_iter().filter(|gram| gram.is_selected()).map(Fingerprint::hash).collect::<Vec<_>>())
            };
            let one = selected(&[before.clone(), run.clone(), after.clone()].concat())?;
            let other = selected(&[after, run.clone(), before].concat())?;
            prop_assert!(one.iter().any(|hash| other.contains(hash)));
        }
    }

    proptest! {
        #[test]
        fn the_least_of_each_window_is_selected(hashes in prop::collection::vec(0..12_u32, 0..90), window in 1..30_usize) {
            let mut prints: Vec<Fingerprint> = hashes.iter().map(|&hash| Fingerprint::new(hash, 3, false)).collect();
            // What another document left is of no matter.
            let mut winnower = Winnower { from_start: vec![0; 200] };
            winnower.select_least(&mut prints, window);
            let least = |start: usize| (start..start + window).rev().min_by_key(|&at| hashes[at]).unwrap();
            let expected: std::collections::BTreeSet<usize> = (0..(hashes.len() + 1).saturating_sub(window)).map(least).collect();
            for (at, (print, &hash)) in prints.iter().zip(&hashes).enumerate() {
                prop_assert_eq!((print.hash(), print.document(), print.is_selected()), (hash, 3, expected.contains(&at)));
            }
        }
    }

    #[test]
    fn one_in_half_a_window_is_selected() {
        let tokens: Vec<u64> = (0..20_000_u64).map(|n| crate::text::mix(n + 1)).collect();
        let mut grams = Vec::new();
        Winnower::default().append(&tokens, 0, 25, &mut grams);
        let share = grams.iter().filter(|gram| gram.is_selected()).count() as f64 / (tokens.len() - GRAM + 1) as f64;
        assert!((share - 2.0 / 23.0).abs() < 0.01, "{share}");
    }
}
