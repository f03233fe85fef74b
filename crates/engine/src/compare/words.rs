//! The words of two documents as numbers, where they stand in the first, and how much it says that both have them: the rarer they are in the two, the more.
//!
//! In: the tokens of a document, then those of others, one after another. Out: numbers of words, places, weights.
//! Weights come from the two documents alone, so what a pair shares does not depend on what else is scanned.

use super::numbers::{ABSENT, Numbers};
use std::ops::Range;

/// Parts of a bit in which weights and scores are counted.
pub(super) const BIT: i32 = 8;
/// What a word must say before it earns anything: one in eight of all words is so common that it says nothing.
const SAID_BY_CHANCE: i32 = 3 * BIT;
const BITS: usize = u64::BITS as usize;
/// The place of a word that stands at several, or at none.
const NOWHERE: u32 = u32::MAX;

/// The words of a document.
#[derive(Clone, Debug, Default)]
pub(super) struct WeighedWords {
    /// For each token the number of its word in the first document, `ABSENT` if that has it not.
    pub(super) numbers: Vec<u32>,
    /// For each token what it earns where both have it, in parts of a bit.
    pub(super) weights: Vec<i32>,
}

impl WeighedWords {
    pub(super) fn clear(&mut self) {
        self.numbers.clear();
        self.weights.clear();
    }

    /// Replaces the contents by those of `other` from its end.
    pub(super) fn reverse_of(&mut self, other: &Self) {
        self.clear();
        self.numbers.extend(other.numbers.iter().rev());
        self.weights.extend(other.weights.iter().rev());
    }

    /// The words from token `start` on.
    pub(super) fn from(&self, start: usize) -> (&[u32], &[i32]) {
        (&self.numbers[start..], &self.weights[start..])
    }
}

/// What [`Words::find`] finds: places of the second document, in two lists of which the first so many count.
#[derive(Debug, Default)]
pub(super) struct Found {
    twos: Vec<u32>,
    once: Vec<u32>,
    counts: [usize; 2],
}

impl Found {
    /// Where two words in a row stand that the first has.
    pub(super) fn twos(&self) -> &[u32] {
        &self.twos[..self.counts[0]]
    }

    /// Where a word stands that it has once.
    pub(super) fn once(&self) -> &[u32] {
        &self.once[..self.counts[1]]
    }
}

/// Numbers and weighs the words of pairs; keeps its tables.
#[derive(Debug, Default)]
pub(super) struct Words {
    numbers: Numbers,
    /// For each number how often its word stands in the first document; the first is `ABSENT`, which stands nowhere.
    counts: Vec<u32>,
    /// Places in the first document, those of one number after those of another; where those of each number end.
    places: Vec<u32>,
    ends: Vec<u32>,
    /// For each number where its word stands, if it does so once, `NOWHERE` else.
    only: Vec<u32>,
    /// Of the word that stands most often.
    most: u32,
    /// For each token of the first document its number.
    pub(super) a: Vec<u32>,
    /// For each token of the first document but the last two, whether one of it and the two behind it stands there once.
    has_once: Vec<bool>,
    /// The tokens of the second document.
    pub(super) b: WeighedWords,
    /// A bit for each token of the second document: where three begin that the first has.
    threes: Vec<u64>,
    /// For each number how often it stands in the second document; 0 for all between calls.
    counts_in_b: Vec<u32>,
    /// For each number whether it does.
    is_in_b: Vec<bool>,
}

impl Words {
    /// The first document is another one from now on.
    pub(super) fn forget(&mut self) {
        self.a.clear();
    }

    /// Takes `a` for the first document, once for all its pairs. Linear.
    pub(super) fn index(&mut self, a: &[u64]) {
        if self.a.is_empty() {
            self.number(a);
            self.put_in_places();
        }
    }

    /// Fills `a` and all that stands for each number but its places.
    fn number(&mut self, a: &[u64]) {
        let Self { numbers, counts, .. } = self;
        numbers.clear(a.len());
        counts.clear();
        counts.resize(a.len() + 1, 0);
        self.a.extend(a.iter().map(|&token| {
            let number = numbers.number(token);
            counts[number as usize] += 1;
            number
        }));
        counts.truncate(numbers.count() + 1);
        self.most = counts.iter().copied().max().unwrap_or(0);
    }

    /// Fills `places`, `ends`, `only` and `has_once`.
    fn put_in_places(&mut self) {
        let Self { counts, places, ends, only, a, has_once, .. } = self;
        // First where they begin, then, place by place, where the next one goes.
        let mut start = 0;
        ends.clear();
        ends.extend(counts.iter().map(|&count| {
            start += count;
            start - count
        }));
        places.resize(places.len().max(a.len()), 0);
        for (place, &number) in (0..).zip(&*a) {
            let end = &mut ends[number as usize];
            places[*end as usize] = place;
            *end += 1;
        }
        only.clear();
        only.extend(counts.iter().zip(&*ends).map(|(&count, &end)| if count == 1 { places[end as usize - 1] } else { NOWHERE }));
        // Of the latest three, in the lowest bits.
        let mut once = 0_u8;
        let mut latest = a.iter().map(|&number| {
            once = once << 1 | u8::from(counts[number as usize] == 1);
            once & 7 != 0
        });
        has_once.clear();
        // The first two are not behind two others.
        if latest.by_ref().nth(1).is_some() {
            has_once.extend(latest);
        }
    }

    /// Takes `b` for the second document, after [`Self::index`]: fills all but the weights. Linear.
    pub(super) fn read(&mut self, b: &[u64]) {
        let Self { numbers, threes, b: WeighedWords { numbers: found, weights }, .. } = self;
        found.clear();
        weights.clear();
        threes.clear();
        for tokens in b.chunks(BITS) {
            let mut known = 0_u64;
            found.extend(tokens.iter().map(|&token| {
                let number = numbers.get(token);
                known = known << 1 | u64::from(number != ABSENT);
                number
            }));
            // The first one's bit is the lowest.
            threes.push(known.reverse_bits() >> (BITS - tokens.len()));
        }
        let mut after = 0;
        for known in threes.iter_mut().rev() {
            let later = |by: usize| *known >> by | after << (BITS - by);
            (*known, after) = (*known & later(1) & later(2), *known);
        }
    }

    /// Where in the second document three words in a row begin that the first has.
    pub(super) fn threes(&self) -> impl Iterator<Item = u32> {
        (0..).step_by(BITS).zip(&self.threes).flat_map(|(start, &(mut bits))| {
            std::iter::from_fn(move || {
                let place = (bits != 0).then(|| start + bits.trailing_zeros());
                bits &= bits.wrapping_sub(1);
                place
            })
        })
    }

    /// Fills `found` with places of the second document on `ranges`, which are apart: where two words in a row stand that the first has, and where one stands
    /// that it has once.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    pub(super) fn find(&self, ranges: &[Range<usize>], found: &mut Found) {
        let Found { twos, once, counts } = found;
        // Each place is written, and stays if the next one does not take its room: no branch to foretell.
        let [twos, once] = [twos, once].map(|list| {
            list.resize(self.b.numbers.len().max(list.len()), 0);
            &mut list[..]
        });
        let (mut two, mut one) = (0, 0);
        for range in ranges {
            let numbers = &self.b.numbers[range.clone()];
            for (place, pair) in (range.start as u32..).zip(numbers.windows(2)) {
                twos[two] = place;
                two += usize::from((pair[0] != ABSENT) & (pair[1] != ABSENT));
                once[one] = place;
                one += usize::from(self.only[pair[0] as usize] != NOWHERE);
            }
            if let Some(&last) = numbers.last() {
                once[one] = range.end as u32 - 1;
                one += usize::from(self.only[last as usize] != NOWHERE);
            }
        }
        *counts = [two, one];
    }

    /// Where a word stands in the first document, if it does so once.
    #[inline(always)]
    pub(super) fn only(&self, number: u32) -> Option<usize> {
        Some(self.only[number as usize]).filter(|&place| place != NOWHERE).map(|place| place as usize)
    }

    /// True if one of the three words at `place` of the first document stands there once: then the three stand nowhere else.
    #[inline(always)]
    pub(super) fn has_once(&self, place: usize) -> bool {
        self.has_once[place]
    }

    /// The number of a word, `ABSENT` if the first document has it not.
    #[inline(always)]
    pub(super) fn number_of(&self, token: u64) -> u32 {
        self.numbers.get(token)
    }

    /// True if the words of `gram` stand at `place` of the first document.
    #[inline(always)]
    pub(super) fn stands<const LENGTH: usize>(&self, gram: &[u32; LENGTH], place: usize) -> bool {
        self.a.get(place..).and_then(|words| words.first_chunk()) == Some(gram)
    }

    /// How often a word stands in the first document.
    #[inline(always)]
    pub(super) fn count(&self, number: u32) -> u32 {
        self.counts[number as usize]
    }

    /// How often any does.
    pub(super) fn most(&self) -> u32 {
        self.most
    }

    /// Where a word stands in the first document, in order.
    #[inline(always)]
    pub(super) fn places(&self, number: u32) -> &[u32] {
        let end = self.ends[number as usize] as usize;
        &self.places[end - self.counts[number as usize] as usize..end]
    }

    /// The most that the tokens on `places` of the first document can be worth in a pair that has `tokens` tokens: as if the second had
    /// each of them once.
    pub(super) fn most_worth(&self, places: Range<usize>, tokens: usize) -> i32 {
        let all = log2(tokens) - SAID_BY_CHANCE;
        self.a[places].iter().map(|&number| (all - log2(self.count(number) as usize + 1)).max(0)).sum()
    }

    /// A word of the first document, or `ABSENT` if the second has it not, after [`Self::weigh`].
    pub(super) fn shared(&self, number: u32) -> u32 {
        if self.is_in_b[number as usize] { number } else { ABSENT }
    }

    /// What the tokens on `places` of the second document are worth.
    pub(super) fn worth(&self, places: Range<usize>) -> i32 {
        self.b.weights[places].iter().sum()
    }

    /// Fills the weights of the second document, after [`Self::read`]. Linear in it.
    pub(super) fn weigh(&mut self) {
        let Self { counts, counts_in_b, is_in_b, b: WeighedWords { numbers, weights }, a, .. } = self;
        counts_in_b.resize(counts_in_b.len().max(counts.len()), 0);
        numbers.iter().for_each(|&number| counts_in_b[number as usize] += 1);
        let all = log2(a.len() + numbers.len()) - SAID_BY_CHANCE;
        weights.clear();
        weights.extend(numbers.iter().map(|&number| {
            let weight = (all - log2((counts[number as usize] + counts_in_b[number as usize]) as usize)).max(0);
            if number == ABSENT { 0 } else { weight }
        }));
        is_in_b.clear();
        is_in_b.resize(counts.len(), false);
        for &number in &*numbers {
            counts_in_b[number as usize] = 0;
            is_in_b[number as usize] = true;
        }
    }
}

/// Logarithms of the counts that most words have.
const LOGARITHMS: [i32; 64] = {
    let mut logarithms = [0; 64];
    let mut count = 0;
    while count < logarithms.len() {
        logarithms[count] = log2_of(count);
        count += 1;
    }
    logarithms
};

#[inline(always)]
fn log2(count: usize) -> i32 {
    LOGARITHMS.get(count).copied().unwrap_or_else(|| log2_of(count))
}

/// Binary logarithm in parts of a bit, by a straight line between powers of two: less than a tenth of a bit too small.
#[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "less than 64 bits")]
const fn log2_of(count: usize) -> i32 {
    let count = if count == 0 { 1 } else { count };
    let whole = count.ilog2();
    let part = if whole >= 3 { count >> (whole - 3) } else { count << (3 - whole) };
    whole as i32 * BIT + part as i32 - BIT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_words_weigh_more_and_common_ones_nothing() {
        let mut words = Words::default();
        let a: Vec<u64> = (0..64).chain([7; 64]).collect();
        let b: Vec<u64> = (0..4).chain(100..160).chain([7; 64]).collect();
        for _ in 0..2 {
            words.index(&a);
            words.read(&b);
            words.weigh();
            assert_eq!(words.b.weights[0], (8 - 1 - 3) * BIT);
            assert_eq!(words.b.numbers[0], words.a[0]);
            assert_eq!((words.b.numbers[4], words.b.weights[4]), (ABSENT, 0));
            assert_eq!(words.b.weights[127], 0);
        }
        words.forget();
        words.index(&b);
        words.read(&a);
        words.weigh();
        assert_eq!(words.b.weights[0], (8 - 1 - 3) * BIT);
    }

    #[test]
    fn logarithms_are_near() {
        for count in 1..100_000_usize {
            let exact = (count as f64).log2() * f64::from(BIT);
            assert!((f64::from(log2(count)) - exact).abs() <= 1.7, "{count}");
        }
    }
}
