//! From the core of a passage outwards, over edits, as long as it pays; and tokens matched inside a gap.
//!
//! In: two token streams that start at the core's edge. Out: how far the passage reaches on each side, and how many tokens match.

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

impl Extender {
    /// The best-scoring alignment of a prefix of `a` with a prefix of `b`, by gapped extension with a drop-off (Zhang, Berman,
    /// Miller 1998; BLAST). Time proportional to the reach; the iterators are read as far as it goes.
    pub(super) fn reach(&mut self, scores: Scores, a: impl Iterator<Item = u64>, b: &(impl Fn(usize) -> Option<u64> + ?Sized)) -> Reach {
        let mut best = (0, Reach::default());
        self.above.clear();
        let mut live = 0..1 + usize::try_from(scores.drop / -scores.missing).unwrap_or(0);
        self.above.extend(live.clone().map(|j| Cell { score: scores.missing * i32::try_from(j).unwrap_or(i32::MAX), matched: 0 }));
        for (i, token) in a.enumerate() {
            let least = best.0 - scores.drop;
            self.row.clear();
            let (mut start, mut end) = (usize::MAX, 0);
            let mut left = DEAD;
            for j in live.start.. {
                let above = |at: usize| at.checked_sub(live.start).and_then(|at| self.above.get(at)).copied().unwrap_or(DEAD);
                let mut cell = max(step(above(j), scores.missing), step(left, scores.missing));
                if j > 0 {
                    let Some(other) = b(j - 1) else { break };
                    let diagonal = above(j - 1);
                    let matched = Cell { score: diagonal.score + scores.matched, matched: diagonal.matched + 1 };
                    cell = max(cell, if other == token { matched } else { step(diagonal, scores.replaced) });
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

fn step(from: Cell, cost: i32) -> Cell {
    Cell { score: from.score + cost, ..from }
}

fn max(x: Cell, y: Cell) -> Cell {
    if y.score > x.score { y } else { x }
}

/// Tokens that two gaps have in common, in order: the length of their longest common subsequence. Time the product of the lengths,
/// so gaps over 4,096 pairs of tokens count as having none.
pub(super) fn common(a: &[u64], b: &[u64]) -> usize {
    if a.is_empty() || b.is_empty() || a.len() * b.len() > 4096 {
        return 0;
    }
    let mut row = vec![0_usize; b.len() + 1];
    for x in a {
        let mut diagonal = 0;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if x == y { diagonal + 1 } else { above.max(row[j]) };
            diagonal = above;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(a: &[u64], b: &[u64]) -> Reach {
        Extender::default().reach(WITHIN, a.iter().copied(), &|j| b.get(j).copied())
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
