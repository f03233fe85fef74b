//! From the core of a passage outwards, over edits, as long as it pays; and tokens matched inside a gap.
//!
//! In: two token streams that start at the core's edge. Out: how far the passage reaches on each side, and how many tokens match.

use std::collections::HashMap;

/// What the tokens of an extension earn and cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scores {
    matched: i32,
    replaced: i32,
    missing: i32,
    /// A branch is given up when it has fallen this far under the best.
    drop: i32,
}

/// Inside one document, where what stands around a copy is of the same make: two of five tokens may be edited.
pub(super) const WITHIN: Scores = Scores { matched: 2, replaced: -3, missing: -2, drop: 12 };
/// Between two documents: half of the tokens may be.
pub(super) const BETWEEN: Scores = Scores { matched: 4, replaced: -4, missing: -3, drop: 26 };

/// How far a passage reaches from its core.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) a: usize,
    pub(super) b: usize,
    pub(super) matched: usize,
}

#[derive(Clone, Copy)]
struct Cell {
    score: i32,
    matched: u32,
}

const DEAD: Cell = Cell { score: i32::MIN / 2, matched: 0 };

/// Rows of the alignment matrix; kept between calls.
#[derive(Default)]
pub(super) struct Extender {
    row: Vec<Cell>,
    above: Vec<Cell>,
}

impl std::fmt::Debug for Extender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Extender").finish_non_exhaustive()
    }
}

/// Two token streams that are read away from the core of a passage.
#[derive(Clone, Copy)]
pub(super) enum Outwards<'t> {
    /// From their starts.
    Forwards(&'t [u64], &'t [u64]),
    /// From their ends.
    Backwards(&'t [u64], &'t [u64]),
}

impl Extender {
    /// The best-scoring alignment of a prefix of one stream with a prefix of the other, by gapped extension with a drop-off (Zhang, Berman,
    /// Miller 1998; BLAST). Time proportional to the reach.
    pub(super) fn reach(&mut self, scores: Scores, streams: Outwards<'_>) -> Reach {
        match streams {
            Outwards::Forwards(a, b) => self.reach_along(scores, [a.len(), b.len()], |i| a[i], |j| b[j]),
            Outwards::Backwards(a, b) => self.reach_along(scores, [a.len(), b.len()], |i| a[a.len() - 1 - i], |j| b[b.len() - 1 - j]),
        }
    }

    #[inline(always)]
    fn reach_along(&mut self, scores: Scores, lengths: [usize; 2], a: impl Fn(usize) -> u64, b: impl Fn(usize) -> u64) -> Reach {
        if may_match(scores, lengths, &a, &b) { self.aligned(scores, lengths, a, b) } else { Reach::default() }
    }

    #[inline(always)]
    fn aligned(&mut self, scores: Scores, [a_len, b_len]: [usize; 2], a: impl Fn(usize) -> u64, b: impl Fn(usize) -> u64) -> Reach {
        let mut best = (0, Reach::default());
        self.above.clear();
        let mut live = 0..1 + usize::try_from(scores.drop / -scores.missing).unwrap_or(0);
        self.above.extend(live.clone().map(|j| Cell { score: scores.missing * i32::try_from(j).unwrap_or(i32::MAX), matched: 0 }));
        for i in 0..a_len {
            let token = a(i);
            let least = best.0 - scores.drop;
            self.row.clear();
            let (mut start, mut end) = (usize::MAX, 0);
            let mut left = DEAD;
            for j in live.start..=b_len {
                let above = |at: usize| at.checked_sub(live.start).and_then(|at| self.above.get(at)).copied().unwrap_or(DEAD);
                let mut cell = max(step(above(j), scores.missing), step(left, scores.missing));
                if j > 0 {
                    let diagonal = above(j - 1);
                    let matched = Cell { score: diagonal.score + scores.matched, matched: diagonal.matched + 1 };
                    cell = max(cell, if b(j - 1) == token { matched } else { step(diagonal, scores.replaced) });
                }
                if cell.score < least {
                    if j >= live.end {
                        break;
                    }
                    cell = DEAD;
                } else {
                    (start, end) = (start.min(j), j + 1);
                    if cell.score > best.0 {
                        best = (cell.score, Reach { a: i + 1, b: j, matched: cell.matched as usize });
                    }
                }
                self.row.push(cell);
                left = cell;
            }
            if start == usize::MAX {
                break;
            }
            self.row.drain(..start - live.start);
            self.row.truncate(end - start);
            live = start..end;
            std::mem::swap(&mut self.row, &mut self.above);
        }
        best.1
    }
}

/// The most tokens of a side that [`may_match`] looks at.
const LOOK_AHEAD: usize = 16;

/// False if no token among those that an alignment reaches before its first match stands on both sides: then it reaches nothing. It gets
/// past no more of them than the drop allows at the least cost of one.
#[expect(clippy::cast_possible_truncation, reason = "a few bits of each token: that two are alike by chance costs time alone")]
fn may_match(scores: Scores, [a_len, b_len]: [usize; 2], a: &impl Fn(usize) -> u64, b: &impl Fn(usize) -> u64) -> bool {
    let least_cost = (-scores.missing).min(-scores.replaced).max(1);
    let reached = 1 + usize::try_from(scores.drop / least_cost).unwrap_or(0);
    let (a_len, b_len) = (a_len.min(reached), b_len.min(reached));
    if a_len == 0 || b_len == 0 || b_len > LOOK_AHEAD {
        return a_len > 0 && b_len > 0;
    }
    let mut others = [b(0) as u16; LOOK_AHEAD];
    (0..b_len).for_each(|j| others[j] = b(j) as u16);
    (0..a_len).any(|i| {
        let token = a(i) as u16;
        others.iter().fold(false, |found, &other| found | (other == token))
    })
}

fn step(from: Cell, cost: i32) -> Cell {
    Cell { score: from.score + cost, ..from }
}

fn max(x: Cell, y: Cell) -> Cell {
    if y.score > x.score { y } else { x }
}

/// Pairs of tokens in two gaps beyond which they count as having none in common.
const MOST_COMPARED: usize = 4096;

/// Tokens that two gaps have in common, in order: the length of their longest common subsequence. Gaps of over 4,096 pairs of tokens count as
/// having none.
pub(super) fn common(a: &[u64], b: &[u64]) -> usize {
    if a.len() * b.len() > MOST_COMPARED { 0 } else { longest_common(a, b) }
}

/// Length of the longest common subsequence, by columns of bits (Hyyrö 2004). Time the product of the lengths over 64, but for the masks.
pub(super) fn longest_common(a: &[u64], b: &[u64]) -> usize {
    let (long, short) = if a.len() < b.len() { (b, a) } else { (a, b) };
    if short.len() > 64 {
        return longest_common_of_many(long, short);
    }
    let bit = |token: u64| 1_u64 << (token % 64);
    let filter = short.iter().fold(0, |filter, &token| filter | bit(token));
    let mut column = u64::MAX;
    for &token in long {
        if filter & bit(token) != 0 {
            let common = column & equal(short, token);
            column = column.wrapping_add(common) | (column - common);
        }
    }
    let used = if short.is_empty() { 0 } else { u64::MAX >> (64 - short.len()) };
    (!column & used).count_ones() as usize
}

/// A bit for each of up to 64 tokens that equals `token`.
fn equal(tokens: &[u64], token: u64) -> u64 {
    tokens.iter().enumerate().fold(0, |mask, (at, &other)| mask | u64::from(other == token) << at)
}

/// The same where the shorter is longer than a word of bits: sums carry from word to word.
fn longest_common_of_many(long: &[u64], short: &[u64]) -> usize {
    let mut masks: HashMap<u64, Vec<u64>> = HashMap::new();
    let words = short.len().div_ceil(64);
    for (at, &token) in short.iter().enumerate() {
        masks.entry(token).or_insert_with(|| vec![0; words])[at / 64] |= 1 << (at % 64);
    }
    let mut columns = vec![u64::MAX; words];
    for mask in long.iter().filter_map(|token| masks.get(token)) {
        let mut carry = false;
        for (column, mask) in columns.iter_mut().zip(mask) {
            let common = *column & mask;
            let (sum, over) = column.overflowing_add(common);
            let (sum, over_again) = sum.overflowing_add(u64::from(carry));
            (*column, carry) = (sum | (*column - common), over || over_again);
        }
    }
    // Bits beyond the last token never match, and stay as they were.
    columns.iter().map(|column| column.count_zeros() as usize).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The longest common subsequence by its definition.
    fn common_slowly(a: &[u64], b: &[u64]) -> usize {
        let mut row = vec![0; b.len() + 1];
        for x in a {
            let before = row.clone();
            for (j, y) in b.iter().enumerate() {
                row[j + 1] = if x == y { before[j] + 1 } else { before[j + 1].max(row[j]) };
            }
        }
        row[b.len()]
    }

    proptest! {
        #[test]
        fn long_ones_too(a in prop::collection::vec(0..90_u64, 0..400), b in prop::collection::vec(0..90_u64, 0..300)) {
            prop_assert_eq!(longest_common(&a, &b), common_slowly(&a, &b));
            let few: Vec<u64> = a.iter().map(|token| token % 3).collect();
            prop_assert_eq!(longest_common(&few, &few), few.len());
        }

        #[test]
        fn common_equals_the_definition(a in prop::collection::vec(0..90_u64, 0..64), b in prop::collection::vec(0..90_u64, 0..64)) {
            prop_assert_eq!(common(&a, &b), common_slowly(&a, &b));
            prop_assert_eq!(common(&b, &a), common_slowly(&a, &b));
            let few: Vec<u64> = a.iter().map(|token| token % 3).collect();
            prop_assert_eq!(common(&few, &few), few.len());
        }

        /// What a glance at the first tokens rules out is what the alignment does not reach.
        #[test]
        fn nothing_is_reached_without_a_match(a in prop::collection::vec(0..40_u64, 0..30), b in prop::collection::vec(0..40_u64, 0..30)) {
            for scores in [WITHIN, BETWEEN] {
                let reach = Extender::default().aligned(scores, [a.len(), b.len()], |i| a[i], |j| b[j]);
                prop_assert_eq!(Extender::default().reach(scores, Outwards::Forwards(&a, &b)), reach);
                let [back_a, back_b] = [&a, &b].map(|side| side.iter().rev().copied().collect::<Vec<_>>());
                prop_assert_eq!(Extender::default().reach(scores, Outwards::Backwards(&back_a, &back_b)), reach);
            }
        }
    }

    fn reach(a: &[u64], b: &[u64]) -> Reach {
        Extender::default().reach(WITHIN, Outwards::Forwards(a, b))
    }

    #[test]
    fn reaches_over_edits_and_stops_where_nothing_matches() {
        let a: Vec<u64> = (0..40).chain(1000..1100).collect();
        let mut b: Vec<u64> = (0..40).chain(2000..2100).collect();
        assert_eq!(reach(&a, &b), Reach { a: 40, b: 40, matched: 40 });
        b[10] = 99; // replaced
        b.insert(20, 98); // inserted
        b.remove(30); // dropped
        assert_eq!(reach(&a, &b), Reach { a: 40, b: 40, matched: 38 });
        assert_eq!(reach(&[], &b), Reach::default());
        assert_eq!(reach(&a, &[]), Reach::default());
        assert_eq!(reach(&[1, 2], &[3, 4]), Reach::default());
        assert_eq!(reach(&[1, 2], &[1, 2]), Reach { a: 2, b: 2, matched: 2 });
    }

    #[test]
    fn common_is_the_longest_common_subsequence() {
        assert_eq!(common(&[1, 2, 3, 4], &[2, 9, 4]), 2);
        assert_eq!(common(&[1, 2], &[2, 1]), 1);
        assert_eq!(common(&[], &[1]), 0);
    }
}
