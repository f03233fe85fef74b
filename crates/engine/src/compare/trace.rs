//! Which tokens of two ranges match, in order.
//!
//! In: two token arrays and a range of each. Out: matched runs in order on both sides. Equal beginnings and ends are matched first; the rest is
//! split at token n-grams that occur once on both sides (patience diff), until what is left is small enough for a table of all its cells.

use super::passage::MatchedRun;
use crate::text::mix;
use std::ops::Range;

/// Length of the n-grams a range is split at, longest first, each with the number of cells under which a table is filled instead.
const SPLITS: [(usize, usize); 3] = [(4, 1 << 11), (2, 1 << 11), (1, 1 << 12)];
/// Ranges with more cells that cannot be split are left unmatched: their tokens hardly differ from each other, and nothing says which belong together.
const MOST_CELLS: usize = 1 << 20;
/// Ranges are split again and again at most this often.
const MOST_SPLITS: usize = 16;

/// Score of a matched token, and what it scores besides if the tokens before it match too: of two alignments of about the same number of tokens, the
/// one in longer runs is the better.
const MATCH: i32 = 4;
const ADJACENT: i32 = 1;
/// A score that nothing can be added to.
const IMPOSSIBLE: i32 = i32::MIN / 2;

/// How the best score of a cell came about.
const SKIP_A: u8 = 0;
const SKIP_B: u8 = 1;
const MATCHED: u8 = 2;
/// Added to these: if its tokens match, the best alignment that ends with them continues the run before.
const CONTINUED: u8 = 4;

/// Aligns ranges; keeps its tables.
#[derive(Debug, Default)]
pub(super) struct Tracer {
    /// For each token of side b the best score up to it, and the best one that ends with it matched.
    best: Vec<i32>,
    matched: Vec<i32>,
    /// For each cell how its score came about.
    steps: Vec<u8>,
    /// n-grams of both sides: hash, side and position.
    grams: Vec<(u64, u32)>,
}

/// In [`Tracer::grams`]: a position on side b.
const ON_B: u32 = 1 << 31;

impl Tracer {
    /// Appends to `runs` the matched runs of `a` and `b` on two ranges, in order. Time linear in the ranges but for the parts that differ, whose lengths
    /// are multiplied up to [`MOST_CELLS`].
    pub(super) fn trace(&mut self, sides: [&[u64]; 2], ranges: &[Range<usize>; 2], runs: &mut Vec<MatchedRun>) {
        self.split(sides, ranges, 0, runs);
    }

    /// The same where it is known that the runs of `chain`, which are in order on both ranges, match.
    pub(super) fn trace_along(&mut self, sides: [&[u64]; 2], [a, b]: [&Range<usize>; 2], chain: &[MatchedRun], runs: &mut Vec<MatchedRun>) {
        let mut start = [a.start, b.start];
        for run in chain {
            self.split(sides, &[start[0]..run.on_a().start, start[1]..run.on_b().start], 0, runs);
            push(runs, run.on_a().start, run.on_b().start, run.length as usize);
            start = [run.on_a().end, run.on_b().end];
        }
        self.split(sides, &[start[0]..a.end, start[1]..b.end], 0, runs);
    }

    fn split(&mut self, sides @ [a, b]: [&[u64]; 2], ranges: &[Range<usize>; 2], depth: usize, runs: &mut Vec<MatchedRun>) {
        let [Range { start: mut start_a, end: end_a }, Range { start: mut start_b, end: end_b }] = *ranges;
        let head = common_prefix(&a[start_a..end_a], &b[start_b..end_b]);
        push(runs, start_a, start_b, head);
        (start_a, start_b) = (start_a + head, start_b + head);
        let tail = common_suffix(&a[start_a..end_a], &b[start_b..end_b]);
        let inner_ends = [end_a - tail, end_b - tail];
        let inner = [start_a..inner_ends[0], start_b..inner_ends[1]];
        if inner.iter().all(|range| !range.is_empty()) {
            match self.anchors(sides, &inner, depth) {
                Some(anchors) => {
                    for (x, y) in anchors {
                        if x < start_a || y < start_b {
                            continue;
                        }
                        self.split(sides, &[start_a..x, start_b..y], depth + 1, runs);
                        let length = common_prefix(&a[x..inner_ends[0]], &b[y..inner_ends[1]]);
                        push(runs, x, y, length);
                        (start_a, start_b) = (x + length, y + length);
                    }
                    self.split(sides, &[start_a..inner_ends[0], start_b..inner_ends[1]], depth + 1, runs);
                }
                None => self.fill(sides, inner, runs),
            }
        }
        push(runs, inner_ends[0], inner_ends[1], tail);
    }

    /// Pairs of positions with an n-gram that occurs once on both ranges, in order on both sides: as many as there are of the longest n-grams that have
    /// any. None if a table should be filled.
    fn anchors(&mut self, sides: [&[u64]; 2], ranges: &[Range<usize>; 2], depth: usize) -> Option<Vec<(usize, usize)>> {
        let cells = ranges[0].len().saturating_mul(ranges[1].len());
        if depth >= MOST_SPLITS {
            return None;
        }
        for (length, few_cells) in SPLITS {
            if cells <= few_cells {
                return None;
            }
            let unique = self.unique(sides, ranges, length);
            if !unique.is_empty() {
                return Some(longest_increasing(&unique));
            }
        }
        None
    }

    /// Positions of n-grams that occur once on both ranges, in order of side a.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^31 tokens")]
    fn unique(&mut self, [a, b]: [&[u64]; 2], [of_a, of_b]: &[Range<usize>; 2], length: usize) -> Vec<(usize, usize)> {
        let grams = &mut self.grams;
        grams.clear();
        for (tokens, range, side) in [(a, of_a, 0), (b, of_b, ON_B)] {
            let hashes = tokens[range.clone()].windows(length).map(|gram| gram.iter().fold(0, |hash, &token| mix(hash ^ token)));
            grams.extend(hashes.zip(range.start as u32..).map(|(hash, position)| (hash, position | side)));
        }
        grams.sort_unstable();
        let pairs = grams.chunk_by(|x, y| x.0 == y.0).filter_map(|same| match *same {
            [(_, x), (_, y)] if x & ON_B == 0 && y & ON_B != 0 => Some((x as usize, (y ^ ON_B) as usize)),
            _ => None,
        });
        let mut unique: Vec<_> = pairs.filter(|&(x, y)| a[x..x + length] == b[y..y + length]).collect();
        unique.sort_unstable();
        unique
    }

    /// Fills the table of two small ranges, and reads the best alignment off it.
    fn fill(&mut self, [a, b]: [&[u64]; 2], [of_a, of_b]: [Range<usize>; 2], runs: &mut Vec<MatchedRun>) {
        let (a, b, from_a, from_b) = (&a[of_a.clone()], &b[of_b.clone()], of_a.start, of_b.start);
        if a.len().saturating_mul(b.len()) > MOST_CELLS {
            return;
        }
        let Self { best, matched, steps, .. } = self;
        best.clear();
        best.resize(b.len() + 1, 0);
        matched.clear();
        matched.resize(b.len() + 1, IMPOSSIBLE);
        steps.clear();
        steps.reserve(a.len() * b.len());
        for x in a {
            let (mut diagonal_best, mut diagonal_matched) = (0, IMPOSSIBLE);
            for (j, y) in b.iter().enumerate() {
                let above = (best[j + 1], matched[j + 1]);
                let (mut step, mut score) = if above.0 >= best[j] { (SKIP_A, above.0) } else { (SKIP_B, best[j]) };
                matched[j + 1] = IMPOSSIBLE;
                if x == y {
                    let continued = diagonal_matched + ADJACENT;
                    matched[j + 1] = MATCH + diagonal_best.max(continued);
                    if matched[j + 1] >= score {
                        (step, score) = (MATCHED, matched[j + 1]);
                    }
                    step |= if continued >= diagonal_best { CONTINUED } else { 0 };
                }
                best[j + 1] = score;
                steps.push(step);
                (diagonal_best, diagonal_matched) = above;
            }
        }
        let first = runs.len();
        let (mut i, mut j, mut is_run) = (a.len(), b.len(), false);
        while i > 0 && j > 0 {
            let step = steps[(i - 1) * b.len() + j - 1];
            if is_run || step & MATCHED != 0 {
                (i, j) = (i - 1, j - 1);
                is_run = step & CONTINUED != 0;
                push_before(runs, first, from_a + i, from_b + j);
            } else if step & SKIP_B != 0 {
                j -= 1;
            } else {
                i -= 1;
            }
        }
        let backwards = runs.split_off(first);
        backwards.into_iter().rev().for_each(|run| push(runs, run.a as usize, run.b as usize, run.length as usize));
    }
}

/// Adds matched tokens behind those of `runs`.
#[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^31 tokens")]
fn push(runs: &mut Vec<MatchedRun>, a: usize, b: usize, length: usize) {
    let (a, b, length) = (a as u32, b as u32, length as u32);
    match runs.last_mut() {
        _ if length == 0 => {}
        Some(last) if (last.a + last.length, last.b + last.length) == (a, b) => last.length += length,
        _ => runs.push(MatchedRun { a, b, length }),
    }
}

/// Adds a matched token before the last of `runs`, which stand in reverse order from `first` on.
#[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^31 tokens")]
fn push_before(runs: &mut Vec<MatchedRun>, first: usize, a: usize, b: usize) {
    let (a, b) = (a as u32, b as u32);
    match runs[first..].last_mut() {
        Some(last) if (last.a, last.b) == (a + 1, b + 1) => *last = MatchedRun { a, b, length: last.length + 1 },
        _ => runs.push(MatchedRun { a, b, length: 1 }),
    }
}

fn common_prefix(a: &[u64], b: &[u64]) -> usize {
    a.iter().zip(b).take_while(|(x, y)| x == y).count()
}

fn common_suffix(a: &[u64], b: &[u64]) -> usize {
    a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count()
}

/// The longest subsequence of `pairs`, which stand in order of the first number, that is in order of the second too (Fredman 1975).
fn longest_increasing(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut ends: Vec<usize> = Vec::new();
    let mut before = vec![usize::MAX; pairs.len()];
    for (at, pair) in pairs.iter().enumerate() {
        let length = ends.partition_point(|&end| pairs[end].1 < pair.1);
        before[at] = length.checked_sub(1).map_or(usize::MAX, |last| ends[last]);
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut chain = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied().unwrap_or(usize::MAX);
    while let Some(&pair) = pairs.get(at) {
        chain.push(pair);
        at = before[at];
    }
    chain.reverse();
    chain
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn traced(a: &[u64], b: &[u64]) -> Vec<MatchedRun> {
        let mut runs = Vec::new();
        Tracer::default().trace([a, b], &[0..a.len(), 0..b.len()], &mut runs);
        runs
    }

    /// Length of a longest common subsequence, from the table of all cells.
    fn most_common(a: &[u64], b: &[u64]) -> usize {
        let mut row = vec![0; b.len() + 1];
        for x in a {
            let above = row.clone();
            for (j, y) in b.iter().enumerate() {
                row[j + 1] = if x == y { above[j] + 1 } else { above[j + 1].max(row[j]) };
            }
        }
        row[b.len()]
    }

    #[test]
    fn a_moved_sentence_does_not_break_a_run() {
        let (head, moved, tail) = (0..40, 100..110, 200..260);
        let a: Vec<u64> = head.clone().chain(moved.clone()).chain(tail.clone()).collect();
        let b: Vec<u64> = moved.chain(head).chain(tail).collect();
        assert_eq!(traced(&a, &b), [MatchedRun { a: 0, b: 10, length: 40 }, MatchedRun { a: 50, b: 50, length: 60 }]);
    }

    #[test]
    fn long_texts_that_repeat_one_word_end() {
        let a = vec![1; 200_000];
        let b = [vec![2], vec![1; 150_000], vec![3]].concat();
        assert!(traced(&a, &b).iter().all(|run| run.length > 0));
    }

    proptest! {
        #[test]
        fn runs_match_and_stand_in_order(words in 1..60_u64, a in prop::collection::vec(any::<u64>(), 0..260), b in prop::collection::vec(any::<u64>(), 0..260), copy in (0..200_usize, 0..120_usize, 0..200_usize)) {
            let drawn = |list: Vec<u64>| list.into_iter().map(|word| mix(word % words + 1)).collect::<Vec<u64>>();
            let (a, mut b) = (drawn(a), drawn(b));
            let copied: Vec<u64> = a.iter().skip(copy.0).take(copy.1).copied().collect();
            let to = copy.2.min(b.len());
            b.splice(to..to, copied);
            let runs = traced(&a, &b);
            let mut end = (0, 0);
            for run in &runs {
                let (x, y, length) = (run.a as usize, run.b as usize, run.length as usize);
                prop_assert!(length > 0 && x >= end.0 && y >= end.1);
                prop_assert!(end == (0, 0) || (x, y) != end, "two runs that are one");
                prop_assert_eq!(&a[x..x + length], &b[y..y + length]);
                end = (x + length, y + length);
            }
            prop_assert!(runs.iter().map(|run| run.length as usize).sum::<usize>() <= most_common(&a, &b));
        }

        /// Few edits in a text of many words: nothing that matches is missed.
        #[test]
        fn few_edits_leave_all_else_matched(length in 1..3000_usize, edits in prop::collection::vec((0..3000_usize, 0..3_u8), 0..6)) {
            let a: Vec<u64> = (0..length as u64).map(|n| mix(n % 1500 + 1)).collect();
            let mut b = a.clone();
            for (n, (at, kind)) in (5000..).zip(edits) {
                let at = at.min(b.len());
                match kind {
                    0 if at < b.len() => _ = b.remove(at),
                    1 if at < b.len() => b[at] = mix(n),
                    _ => b.insert(at, mix(n)),
                }
            }
            let matched = traced(&a, &b).iter().map(|run| run.length as usize).sum::<usize>();
            prop_assert!(matched + 12 >= a.len().min(b.len()), "{matched} of {}", a.len());
        }
    }
}
