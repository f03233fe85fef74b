//! From a place outwards, over replaced words, as long as what both documents have pays for what they have not.
//!
//! In: the words of two documents from an edge on. Out: how far the best alignment reaches, how many words match in it, what it is worth.

use super::words::{BIT, Word};

/// What a word costs that was replaced, and one that the other document lacks: a third to a half of the words of a paraphrase stay, and
/// the rarer ones among them pay for their neighbours.
pub(super) const REPLACED: i32 = BIT;
pub(super) const MISSING: i32 = BIT / 2;
/// An alignment is given up when it has fallen this far under the best: so many words in a row were replaced.
const DROP: i32 = 25 * BIT;

/// How far an alignment reaches from its edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) a: usize,
    pub(super) b: usize,
    pub(super) matched: usize,
    /// What the matched words earn less what the others cost, in parts of a bit.
    pub(super) worth: i32,
}

/// Where the worth of a cell begins; below it stands the number of matched words, so that one comparison takes the better of two.
const WORTH_BITS: u32 = 32;
const DEAD: i64 = i64::MIN / 2;

const fn cell(worth: i32) -> i64 {
    (worth as i64) << WORTH_BITS
}

/// Rows of the alignment matrix, and how many cells may still be filled.
#[derive(Debug, Default)]
pub(super) struct Reacher {
    row: Vec<i64>,
    above: Vec<i64>,
    /// Cells that all alignments of a pair may fill, so that hostile texts cost no more than long ones.
    pub(super) cells: usize,
}

impl Reacher {
    /// The alignment of a prefix of `a`, as numbers of words, with a prefix of `b` that is worth most, by gapped extension with a drop-off
    /// (Zhang, Berman, Miller 1998) in which a match earns the weight of the word. Time proportional to the reach.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "unpacked")]
    pub(super) fn reach(&mut self, a: impl Iterator<Item = u32>, b: &[Word]) -> Reach {
        let mut best = 0;
        let mut reach = Reach::default();
        // Column j stands after j words of `b`; `above` holds those from `start` on.
        let mut start = 0;
        self.above.clear();
        self.above.extend((0..=DROP / MISSING).take(b.len() + 1).map(|j| cell(-MISSING * j)));
        for (i, number) in a.enumerate() {
            let Some(cells) = self.cells.checked_sub(self.above.len()) else { break };
            self.cells = cells;
            let (most, at) = self.next_row(number, b, start, best);
            if most > best {
                best = most;
                reach = Reach { a: i + 1, b: start + at, matched: (best as u32) as usize, worth: (best >> WORTH_BITS) as i32 };
            }
            let is_live = |cell: &i64| *cell != DEAD;
            let Some(first) = self.row.iter().position(is_live) else { break };
            let last = self.row.iter().rposition(is_live).unwrap_or(first);
            self.above.clear();
            self.above.extend_from_slice(&self.row[first..=last]);
            start += first;
        }
        reach
    }

    /// Fills `row`, which begins at column `start` as `above` does, for a word of side a; returns its best cell over `best`, and where.
    fn next_row(&mut self, number: u32, b: &[Word], start: usize, best: i64) -> (i64, usize) {
        let least = best - cell(DROP);
        let mut top = (best, 0);
        let (mut diagonal, mut left) = (DEAD, DEAD);
        let mut above = self.above.iter().copied();
        self.row.clear();
        if start == 0 {
            // Before the first word of `b`.
            diagonal = above.next().unwrap_or(DEAD);
            left = if diagonal - cell(MISSING) < least { DEAD } else { diagonal - cell(MISSING) };
            self.row.push(left);
        }
        let step = |diagonal: i64, word: &Word| diagonal + if word.number == number { cell(word.weight) + 1 } else { cell(-REPLACED) };
        let mut words = b[start.saturating_sub(1)..].iter();
        for (up, word) in above.zip(&mut words) {
            let worth = step(diagonal, word).max(up.max(left) - cell(MISSING));
            left = if worth < least { DEAD } else { worth };
            diagonal = up;
            if left > top.0 {
                top = (left, self.row.len());
            }
            self.row.push(left);
        }
        // Beyond the row above: from its last cell, then from the left alone.
        for word in words {
            left = step(diagonal, word).max(left - cell(MISSING));
            diagonal = DEAD;
            if left < least {
                break;
            }
            if left > top.0 {
                top = (left, self.row.len());
            }
            self.row.push(left);
        }
        top
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(a: &[u32], b: &[u32], cells: usize) -> Reach {
        let b: Vec<Word> = b.iter().map(|&number| Word { number, weight: 4 * BIT }).collect();
        Reacher { cells, ..Reacher::default() }.reach(a.iter().copied(), &b)
    }

    #[test]
    fn reaches_over_replaced_words_and_stops_where_none_match() {
        let a: Vec<u32> = (0..200).collect();
        // Every third word stays; after the sixtieth none does.
        let b: Vec<u32> = (0..200).map(|n| if n % 3 == 2 && n < 60 { n } else { n + 1000 }).collect();
        assert_eq!(reach(&a, &b, 1 << 20), Reach { a: 60, b: 60, matched: 20, worth: 20 * 4 * BIT - 40 * REPLACED });
        let fewer: Vec<u32> = b.iter().copied().filter(|n| n % 10 != 3).collect();
        let found = reach(&a, &fewer, 1 << 20);
        // Two of the words that stay are among those that are missing.
        assert_eq!((found.a, found.matched), (60, 18));
        assert_eq!(reach(&a, &[], 1 << 20), Reach::default());
        assert_eq!(reach(&[], &b, 1 << 20), Reach::default());
    }

    #[test]
    fn fills_no_more_cells_than_allowed() {
        let a: Vec<u32> = (0..10_000).collect();
        assert_eq!(reach(&a, &a, 1 << 24).matched, 10_000);
        assert!(reach(&a, &a, 10_000).matched < 1_000);
    }
}
