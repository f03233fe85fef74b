//! From a place outwards, over replaced words, as long as what both documents have pays for what they have not.
//!
//! In: the words of two documents from an edge on. Out: how far the best alignment reaches, how many words match in it, what it is worth.

use super::numbers::ABSENT;
use super::words::BIT;
use std::ops::Range;

/// What a word costs that was replaced, and one that the other document lacks: a third to a half of the words of a paraphrase stay, and
/// the rarer ones among them pay for their neighbours.
pub(super) const REPLACED: i32 = BIT;
pub(super) const MISSING: i32 = BIT / 2;
/// An alignment is given up when it has fallen this far under the best: so many words in a row were replaced.
const DROP: i32 = 25 * BIT;

/// Words in a row that cost more than that if they are missing.
const MOST_SKIPPED: usize = (DROP / MISSING) as usize;

/// How far an alignment reaches from its edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) a: usize,
    pub(super) b: usize,
    pub(super) matched: usize,
    /// What the matched words earn less what the others cost, in parts of a bit.
    pub(super) worth: i32,
}

/// Where the worth of a match begins; below it stands the number of matched words, so that one comparison takes the better of two.
const WORTH_BITS: u32 = 32;

const fn value(worth: i32) -> i64 {
    (worth as i64) << WORTH_BITS
}

// What lies between two matches costs the same however it is aligned.
const _: () = assert!(REPLACED == 2 * MISSING);

/// A match that alignments may go on from. Its value is what the alignment is worth, and what all words that it passed on both sides would cost if they
/// were missing: so matches compare wherever they stand.
#[derive(Clone, Copy, Debug)]
struct Match {
    /// Words of side b that end with it.
    b: usize,
    value: i64,
}

/// Finds how far alignments reach; keeps its lists.
#[derive(Debug, Default)]
pub(super) struct Reacher {
    /// The matches so far that are worth more than all that reach no further on side b.
    best: Vec<Match>,
    /// Those of one word of side a.
    found: Vec<Match>,
    /// Places that all alignments of a pair may look at, so that hostile texts cost no more than long ones.
    pub(super) places: usize,
}

impl Reacher {
    /// The alignment of a prefix of `a`, as numbers of words or `ABSENT`, with a prefix of `b`, as numbers and weights, that is worth most, by gapped extension with a drop-off
    /// (Zhang, Berman, Miller 1998) in which a match earns the weight of the word. Only where words match an alignment gains, so matches alone are
    /// looked at. Time proportional to the reach.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap, reason = "packed; places are few")]
    pub(super) fn reach(&mut self, a: impl Iterator<Item = u32>, (b, weights): (&[u32], &[i32])) -> Reach {
        let mut reach = Reach::default();
        let mut top = 0;
        let mut least_before = -value(DROP);
        self.best.clear();
        self.best.push(Match { b: 0, value: 0 });
        let skipped = |words: usize| i64::from(MISSING) * words as i64;
        // Rows up to the last match.
        let mut rows = 0;
        for (i, number) in a.enumerate() {
            // All alignments have skipped the words since the last match, and fallen too far.
            if i - rows > MOST_SKIPPED {
                break;
            }
            // A word that only one of them has stands nowhere in the other.
            if number == ABSENT {
                least_before = top - value(DROP);
                continue;
            }
            let least = top - value(DROP);
            let is_dead = |from: &Match| from.value - (skipped(i + from.b) << WORTH_BITS) < least_before;
            let dead = self.best.iter().take_while(|from| is_dead(from)).count();
            self.best.drain(..dead);
            let (Some(first), Some(last)) = (self.best.first(), self.best.last()) else { break };
            // How far on side b an alignment gets that matches no more.
            let furthest = ((last.value - least_before) >> WORTH_BITS) / i64::from(MISSING) - i as i64;
            let places = first.b..b.len().min(furthest.max(0) as usize) + 1;
            let Some(left) = self.places.checked_sub(places.len()) else { break };
            self.places = left;
            self.found.clear();
            for j in places_of(number, b, places.start..places.end.min(b.len())) {
                let from = self.best.partition_point(|from| from.b <= j);
                let Some(from) = self.best[..from].last() else { continue };
                let before = from.value - (skipped(i + j) << WORTH_BITS);
                let here = before + value(weights[j]) + 1;
                if before < least_before || here < least {
                    continue;
                }
                if here > top {
                    top = here;
                    reach = Reach { a: i + 1, b: j + 1, matched: (here as u32) as usize, worth: (here >> WORTH_BITS) as i32 };
                }
                self.found.push(Match { b: j + 1, value: here + (skipped(i + j + 2) << WORTH_BITS) });
            }
            if !self.found.is_empty() {
                rows = i + 1;
                self.keep_best();
            }
            least_before = least;
        }
        reach
    }

    /// Puts what was found among the best.
    fn keep_best(&mut self) {
        let Self { best, found, .. } = self;
        for found in found {
            let at = best.partition_point(|other| other.b <= found.b);
            if at > 0 && best[at - 1].value >= found.value {
                continue;
            }
            // What reaches as far or further and is worth no more is of no use any longer.
            let start = at - usize::from(at > 0 && best[at - 1].b == found.b);
            let end = at + best[at..].iter().take_while(|other| other.value <= found.value).count();
            best.splice(start..end, [*found]);
        }
    }
}

/// Where `number` stands on `places`: most blocks of them are passed over at a glance.
fn places_of(number: u32, numbers: &[u32], places: Range<usize>) -> impl Iterator<Item = usize> {
    const BLOCK: usize = 16;
    let blocks = numbers[places.clone()].chunks(BLOCK).zip(places.step_by(BLOCK));
    let has = move |block: &[u32]| match <&[u32; BLOCK]>::try_from(block) {
        Ok(block) => block.iter().fold(false, |found, other| found | (*other == number)),
        Err(_) => true,
    };
    let hit = blocks.filter(move |(block, _)| has(block));
    hit.flat_map(move |(block, start)| (start..).zip(block).filter(move |(_, other)| **other == number).map(|(at, _)| at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reach(a: &[u32], b: &[u32], places: usize) -> Reach {
        let weights = vec![4 * BIT; b.len()];
        Reacher { places, ..Reacher::default() }.reach(a.iter().copied(), (b, &weights))
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
    fn looks_at_no_more_places_than_allowed() {
        let a: Vec<u32> = (1..=10_000).collect();
        assert_eq!(reach(&a, &a, 1 << 24).matched, 10_000);
        assert!(reach(&a, &a, 10_000).matched < 1_000);
    }

    /// The same, cell by cell of the whole matrix: worth and number of matches, none for a cell that was given up.
    fn reach_slowly(a: &[u32], b: &[u32], weights: &[i32]) -> Reach {
        type Cell = Option<(i32, usize)>;
        let (mut best, mut reach) = ((0, 0), Reach::default());
        let mut above: Vec<Cell> = Vec::new();
        for i in 0..=a.len() {
            let least = (best.0 - DROP, best.1);
            let mut row: Vec<Cell> = Vec::new();
            for j in 0..=b.len() {
                let cost = |from: Cell, cost: i32| from.map(|(worth, matched)| (worth - cost, matched));
                let up = above.get(j).copied().flatten();
                let left = j.checked_sub(1).and_then(|at| row[at]);
                let diagonal = j.checked_sub(1).and_then(|at| above.get(at).copied().flatten());
                let step = if i > 0 && j > 0 && a[i - 1] != ABSENT && a[i - 1] == b[j - 1] {
                    diagonal.map(|(worth, matched)| (worth + weights[j - 1], matched + 1))
                } else {
                    cost(diagonal, REPLACED)
                };
                let start = if i + j == 0 { Some((0, 0)) } else { None };
                let cell = [start, cost(up, MISSING), cost(left, MISSING), step].into_iter().max().flatten().filter(|cell| *cell >= least);
                if let Some(cell) = cell.filter(|cell| *cell > best) {
                    (best, reach) = (cell, Reach { a: i, b: j, matched: cell.1, worth: cell.0 });
                }
                row.push(cell);
            }
            above = row;
        }
        reach
    }

    proptest! {
        #[test]
        fn the_matrix_reaches_as_far(a in prop::collection::vec(0..25_u32, 0..90), b in prop::collection::vec((0..25_u32, 0..60_i32), 0..90)) {
            let (numbers, weights): (Vec<u32>, Vec<i32>) = b.into_iter().unzip();
            let mut reacher = Reacher { places: usize::MAX, ..Reacher::default() };
            prop_assert_eq!(reacher.reach(a.iter().copied(), (&numbers, &weights)), reach_slowly(&a, &numbers, &weights));
        }
    }
}
