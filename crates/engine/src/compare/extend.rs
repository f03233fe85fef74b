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

impl Scores {
    /// What so many tokens of both sides cost between two matches: as many as can be are replaced, the others are missing.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "an alignment is given up long before")]
    fn between(self, a: usize, b: usize) -> i32 {
        let (less, more) = (a.min(b) as i32, a.max(b) as i32);
        -(self.replaced.max(2 * self.missing) * less + self.missing * (more - less))
    }
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

/// A match of an alignment: how many tokens of each side end with it, and what the best alignment up to it is worth.
#[derive(Clone, Copy, Debug)]
struct Match {
    a: usize,
    b: usize,
    score: i32,
    matched: usize,
}

/// Where more matches may be followed than this, few words make up the text, and cells of the matrix are fewer than pairs of matches.
const MOST_LIVE: usize = 24;
/// Matches that nothing can follow any longer are forgotten when there are so many.
const MOST_DEAD: usize = 256;

/// Reaches out of the cores of passages; keeps its lists.
#[derive(Debug, Default)]
pub(super) struct Extender {
    /// The edge, and the matches met, in order of side a, then b.
    matches: Vec<Match>,
    /// Rows of the matrix.
    row: Vec<i64>,
    above: Vec<i64>,
    /// Tokens of side a that all alignments of a pair may still reach over: where one phrase stands between many others each passage would reach all
    /// the way to the end of the document.
    pub(super) left: usize,
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
        let left = self.left;
        let reach = match streams {
            Outwards::Forwards(a, b) => self.reach_along(scores, [a.len().min(left), b.len()], |i| a[i], |j| b[j]),
            Outwards::Backwards(a, b) => {
                self.reach_along(scores, [a.len().min(left), b.len()], |i| a[a.len() - 1 - i], |j| b[b.len() - 1 - j])
            }
        };
        self.left -= reach.a;
        reach
    }

    #[inline(always)]
    fn reach_along(&mut self, scores: Scores, lengths: [usize; 2], a: impl Fn(usize) -> u64, b: impl Fn(usize) -> u64) -> Reach {
        if may_match(scores, lengths, &a, &b) { self.aligned(scores, lengths, a, b) } else { Reach::default() }
    }

    /// Only where tokens match an alignment gains: it is a chain of matches, and what lies between two of them costs the same however it is aligned. An
    /// alignment ends where it has fallen too far under the best of all rows before.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_sign_loss, reason = "few tokens, and not negative")]
    fn aligned(&mut self, scores: Scores, [a_len, b_len]: [usize; 2], a: impl Fn(usize) -> u64, b: impl Fn(usize) -> u64) -> Reach {
        let matches = &mut self.matches;
        matches.clear();
        matches.push(Match { a: 0, b: 0, score: 0, matched: 0 });
        let (mut best, mut reach) = (0, Reach::default());
        let (mut least_before, mut first) = (-scores.drop, 0);
        // Where the next match may stand on side b: behind one of those that are live, no further than one of them reaches.
        let reached = |from: &Match, least: i32| from.b + 1 + ((from.score - least) / -scores.missing) as usize;
        let (mut start, mut end) = (0, reached(&matches[0], least_before));
        for i in 0..a_len {
            let least = best - scores.drop;
            // What is left of an alignment that skips all tokens of side a since.
            let left = |from: &Match| from.score + scores.missing * (i - from.a) as i32;
            if left(&matches[first]) < least_before {
                first += matches[first..].iter().take_while(|from| left(from) < least_before).count();
                if first >= MOST_DEAD {
                    matches.drain(..first);
                    first = 0;
                }
                let Some(nearest) = matches[first..].iter().map(|from| from.b).min() else { break };
                start = nearest;
            }
            if matches.len() - first > MOST_LIVE {
                return self.aligned_by_cells(scores, [a_len, b_len], a, b);
            }
            let (token, before) = (a(i), matches.len());
            for j in start..end.min(b_len) {
                if b(j) != token {
                    continue;
                }
                // The latest first: what stands further back has to make up for more tokens of side a.
                let (mut score, mut matched) = (i32::MIN / 2, 0);
                for from in matches[first..before].iter().rev() {
                    if score > best + scores.missing * (i - from.a) as i32 {
                        break;
                    }
                    if from.b <= j {
                        (score, matched) = (score, matched).max((from.score - scores.between(i - from.a, j - from.b), from.matched));
                    }
                }
                let found = Match { a: i + 1, b: j + 1, score: score + scores.matched, matched: matched + 1 };
                if score < least_before || found.score < least {
                    continue;
                }
                if found.score > best {
                    (best, reach) = (found.score, Reach { a: found.a, b: found.b, matched: found.matched });
                }
                end = end.max(reached(&found, least));
                matches.push(found);
            }
            least_before = least;
        }
        reach
    }

    /// The same as [`Self::aligned`], cell by cell: the score of a cell stands above the number of its matches.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "unpacked")]
    fn aligned_by_cells(
        &mut self,
        scores: Scores,
        [a_len, b_len]: [usize; 2],
        a: impl Fn(usize) -> u64,
        b: impl Fn(usize) -> u64,
    ) -> Reach {
        const DEAD: i64 = i64::MIN / 2;
        let cell = |score: i32| i64::from(score) << 32;
        let (matched, replaced, missing) = (cell(scores.matched) + 1, cell(scores.replaced), cell(scores.missing));
        let (mut best, mut reach) = (0, Reach::default());
        // `above` holds columns from `start` on; column j stands behind j tokens of side b.
        let mut start = 0;
        self.above.clear();
        self.above.extend((0..).take(b_len + 1).map(|j: i32| cell(scores.missing * j)).take_while(|&value| value >= cell(-scores.drop)));
        for i in 0..a_len {
            let (token, least) = (a(i), cell(best - scores.drop));
            self.row.clear();
            let (mut diagonal, mut left) = (DEAD, DEAD);
            for j in start..=b_len {
                let up = self.above.get(j - start).copied().unwrap_or(DEAD);
                let is_match = j > 0 && b(j - 1) == token;
                let value = (up.max(left) + missing).max(diagonal + if is_match { matched } else { replaced });
                if value < least && j - start > self.above.len() {
                    break;
                }
                left = if value < least { DEAD } else { value };
                diagonal = up;
                if (left >> 32) as i32 > best && left != DEAD {
                    best = (left >> 32) as i32;
                    reach = Reach { a: i + 1, b: j, matched: (left as u32) as usize };
                }
                self.row.push(left);
            }
            let Some(first) = self.row.iter().position(|value| *value != DEAD) else { break };
            let last = self.row.iter().rposition(|value| *value != DEAD).unwrap_or(first);
            self.above.clear();
            self.above.extend_from_slice(&self.row[first..=last]);
            start += first;
        }
        reach
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

/// Pairs of tokens in two gaps beyond which they count as having none in common.
const MOST_COMPARED: usize = 4096;

/// Tokens that two gaps have in common, in order: the length of their longest common subsequence. Gaps of over 4,096 pairs of tokens count as
/// having none.
pub(super) fn common(a: &[u64], b: &[u64]) -> usize {
    if a.len() * b.len() > MOST_COMPARED { 0 } else { longest_common(a, b) }
}

/// Length of the longest common subsequence of two lists, one of which has at most 64 tokens, by a column of bits (Hyyrö 2004). Longer ones, of numbers
/// that index a table: [`super::lcs`].
fn longest_common(a: &[u64], b: &[u64]) -> usize {
    let (long, short) = if a.len() < b.len() { (b, a) } else { (a, b) };
    if short.is_empty() {
        return 0;
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
    (!column & u64::MAX >> (64 - short.len())).count_ones() as usize
}

/// A bit for each of up to 64 tokens that equals `token`.
fn equal(tokens: &[u64], token: u64) -> u64 {
    tokens.iter().enumerate().fold(0, |mask, (at, &other)| mask | u64::from(other == token) << at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same reach, cell by cell of the whole matrix: score and number of matches, none for a cell that was given up.
    fn aligned_slowly(scores: Scores, a: &[u64], b: &[u64]) -> Reach {
        type Cell = Option<(i32, usize)>;
        let (mut best, mut reach) = (0, Reach::default());
        let mut above: Vec<Cell> = Vec::new();
        for i in 0..=a.len() {
            let least = best - scores.drop;
            let mut row: Vec<Cell> = Vec::new();
            for j in 0..=b.len() {
                let cost = |from: Cell, cost: i32| from.map(|(score, matched)| (score + cost, matched));
                let up = above.get(j).copied().flatten();
                let left = j.checked_sub(1).and_then(|at| row[at]);
                let diagonal = j.checked_sub(1).and_then(|at| above.get(at).copied().flatten());
                let is_match = i > 0 && j > 0 && a[i - 1] == b[j - 1];
                let matched = diagonal.filter(|_| is_match).map(|(score, matched)| (score + scores.matched, matched + 1));
                let start = if i + j == 0 { Some((0, 0)) } else { None };
                let replaced = if is_match { None } else { cost(diagonal, scores.replaced) };
                let cell = [start, cost(up, scores.missing), cost(left, scores.missing), replaced, matched].into_iter().max().flatten();
                let cell = cell.filter(|(score, _)| *score >= least);
                if let Some((score, matched)) = cell.filter(|(score, _)| *score > best) {
                    (best, reach) = (score, Reach { a: i, b: j, matched });
                }
                row.push(cell);
            }
            above = row;
        }
        reach
    }

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
        fn common_equals_the_definition(a in prop::collection::vec(0..90_u64, 0..64), b in prop::collection::vec(0..90_u64, 0..64)) {
            prop_assert_eq!(common(&a, &b), common_slowly(&a, &b));
            prop_assert_eq!(common(&b, &a), common_slowly(&a, &b));
            let few: Vec<u64> = a.iter().map(|token| token % 3).collect();
            prop_assert_eq!(common(&few, &few), few.len());
        }

        #[test]
        fn the_matrix_reaches_as_far(words in 1..60_u64, copy in prop::collection::vec(any::<u64>(), 0..60), edits in prop::collection::vec((0..4_u8, 0..60_usize, any::<u64>()), 0..25)) {
            let a: Vec<u64> = copy.iter().map(|word| word % words).collect();
            let mut b = a.clone();
            for (kind, at, word) in edits {
                match kind {
                    _ if b.is_empty() => {}
                    0 => b.insert(at % b.len(), word % words),
                    1 => _ = b.remove(at % b.len()),
                    _ => { let at = at % b.len(); b[at] = word % words; }
                }
            }
            for scores in [WITHIN, BETWEEN] {
                let expected = aligned_slowly(scores, &a, &b);
                prop_assert_eq!(Extender::default().aligned(scores, [a.len(), b.len()], |i| a[i], |j| b[j]), expected);
                prop_assert_eq!(Extender::default().aligned_by_cells(scores, [a.len(), b.len()], |i| a[i], |j| b[j]), expected);
            }
        }

        /// What a glance at the first tokens rules out is what the alignment does not reach.
        #[test]
        fn nothing_is_reached_without_a_match(a in prop::collection::vec(0..40_u64, 0..30), b in prop::collection::vec(0..40_u64, 0..30)) {
            for scores in [WITHIN, BETWEEN] {
                let reach = Extender::default().aligned(scores, [a.len(), b.len()], |i| a[i], |j| b[j]);
                prop_assert_eq!(extender().reach(scores, Outwards::Forwards(&a, &b)), reach);
                let [back_a, back_b] = [&a, &b].map(|side| side.iter().rev().copied().collect::<Vec<_>>());
                prop_assert_eq!(extender().reach(scores, Outwards::Backwards(&back_a, &back_b)), reach);
            }
        }
    }

    fn extender() -> Extender {
        Extender { left: usize::MAX, ..Extender::default() }
    }

    fn reach(a: &[u64], b: &[u64]) -> Reach {
        extender().reach(WITHIN, Outwards::Forwards(a, b))
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
    fn reaches_no_further_than_is_left() {
        let tokens: Vec<u64> = (0..50).collect();
        let mut extender = Extender { left: 70, ..Extender::default() };
        let reached = [(); 3].map(|()| extender.reach(WITHIN, Outwards::Backwards(&tokens, &tokens)));
        assert_eq!(reached.map(|reach| reach.a), [50, 20, 0]);
    }

    #[test]
    fn common_is_the_longest_common_subsequence() {
        assert_eq!(common(&[1, 2, 3, 4], &[2, 9, 4]), 2);
        assert_eq!(common(&[1, 2], &[2, 1]), 1);
        assert_eq!(common(&[], &[1]), 0);
    }
}
