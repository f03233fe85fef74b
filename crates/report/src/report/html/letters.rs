//! What the characters of a page's texts become in tokens, so that the script folds and cuts words as the run did.
//!
//! In: texts, and the fold of the run. Out: a few kilobytes, for the characters alone that stand in those texts. What ends a token is not listed.

use rayon::prelude::*;
use refrain_engine::{Fold, Part};
use serde::Serialize;
use std::collections::BTreeSet;

/// Characters by what they become.
#[derive(Debug, Default, Serialize)]
pub(super) struct Letters {
    /// Those that stay as they are: letters, lone letters, marks, lone marks, symbols.
    same: [String; 5],
    dropped: String,
    /// Others, each with what it becomes: a digit for the part (0 ends a token, 1 to 5 as in `same`), and a character; as often as need be.
    folded: Vec<(char, String)>,
}

impl Letters {
    pub(super) fn of(characters: &BTreeSet<char>, fold: Fold) -> Self {
        let mut letters = Self::default();
        for &c in characters {
            match fold.parts(c).as_slice() {
                [] => letters.dropped.push(c),
                [(Part::Break, _)] => {}
                [(part, to)] if *to == c => letters.same[digit(*part) - 1].push(c),
                parts => letters.folded.push((c, parts.iter().map(|(part, to)| format!("{}{to}", digit(*part))).collect())),
            }
        }
        letters
    }
}

fn digit(part: Part) -> usize {
    match part {
        Part::Break => 0,
        Part::Letter => 1,
        Part::LoneLetter => 2,
        Part::Mark => 3,
        Part::LoneMark => 4,
        Part::Symbol => 5,
    }
}

/// The characters of some texts.
pub(super) fn characters<'t>(texts: impl ParallelIterator<Item = &'t str>) -> BTreeSet<char> {
    const POINTS: usize = 0x11_0000;
    let seen = texts.fold(
        || vec![0_u64; POINTS / 64],
        |mut seen, text| {
            text.chars().for_each(|c| seen[c as usize / 64] |= 1 << (c as usize % 64));
            seen
        },
    );
    let seen = seen.reduce(
        || vec![0; POINTS / 64],
        |mut all, seen| {
            all.iter_mut().zip(seen).for_each(|(all, seen)| *all |= seen);
            all
        },
    );
    let is_in = |c: &char| seen[*c as usize / 64] >> (*c as usize % 64) & 1 == 1;
    ('\0'..=char::MAX).filter(is_in).collect()
}
