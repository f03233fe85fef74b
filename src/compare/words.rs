//! The words of two documents as numbers, where they stand in the first, and how much it says that both have them: the rarer they are in the two, the more.
//!
//! In: the tokens of a document, then those of others, one after another. Out: numbers of words, places, weights.
//! Weights come from the two documents alone, so what a pair shares does not depend on what else is scanned.

use std::hint::select_unpredictable;
use std::ops::Range;

/// Parts of a bit in which weights and scores are counted.
pub(super) const BIT: i32 = 8;
/// What a word must say before it earns anything: one in eight of all words is so common that it says nothing.
const SAID_BY_CHANCE: i32 = 3 * BIT;
/// A word that the first document has not.
pub(super) const ABSENT: u32 = 0;
const BITS: usize = u64::BITS as usize;
/// Set in the second slot of a bucket that was found full: what is not in it may be in the next one.
const GOES_ON: u32 = 1 << 31;
/// Buckets of the table for each token, at least: most words of the second document are looked for in vain, and few buckets are full.
const BUCKETS: usize = 2;

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

/// Numbers and weighs the words of pairs; keeps its tables.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// A table of numbers, `ABSENT` where there is room.
    buckets: Vec<[u32; 2]>,
    /// For each number its token, and how often that stands in the first document; the first is `ABSENT`, which stands nowhere.
    tokens: Vec<u64>,
    counts: Vec<u32>,
    /// Places in the first document, those of one number after those of another; where those of each number end.
    places: Vec<u32>,
    ends: Vec<u32>,
    /// Of the word that stands most often.
    most: u32,
    /// For each token of the first document its number.
    pub(super) a: Vec<u32>,
    /// For each token of the first document but the last two, whether one of it and the two behind it stands there once.
    has_once: Vec<bool>,
    /// The tokens of the second document.
    pub(super) b: WeighedWords,
    /// A bit for each token of the second document: where two, and three, begin that the first has, and where one stands that it has once.
    twos: Vec<u64>,
    threes: Vec<u64>,
    once: Vec<u64>,
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
        self.buckets.clear();
        self.buckets.resize((a.len() * BUCKETS).next_power_of_two().max(16), [ABSENT; 2]);
        // What it held before is written over, but for the first.
        self.tokens.resize(a.len() + 1, 0);
        self.counts.clear();
        self.counts.resize(a.len() + 1, 0);
        let mut next = ABSENT + 1;
        for &token in a {
            // Whether a word is new cannot be foretold: what is written is right in either case.
            let (bucket, slot, known) = self.slot(token);
            let number = if known == ABSENT { next } else { known };
            next += u32::from(known == ABSENT);
            self.buckets[bucket][slot] |= number;
            self.tokens[number as usize] = token;
            self.counts[number as usize] += 1;
            self.a.push(number);
        }
        // No word has `GOES_ON` for a number then.
        self.tokens.truncate(next as usize);
        self.counts.truncate(next as usize);
        self.most = self.counts.iter().copied().max().unwrap_or(0);
    }

    /// Fills `places` and `ends`.
    fn put_in_places(&mut self) {
        let Self { counts, places, ends, a, has_once, .. } = self;
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
        let mut numbers = std::mem::take(&mut self.b.numbers);
        self.b.weights.clear();
        for bits in [&mut self.twos, &mut self.threes, &mut self.once] {
            bits.clear();
        }
        numbers.clear();
        numbers.resize(b.len(), ABSENT);
        for (tokens, numbers) in b.chunks(BITS).zip(numbers.chunks_mut(BITS)) {
            let (mut known, mut once) = (0, 0);
            for (&token, number) in tokens.iter().zip(numbers) {
                *number = self.number_of(token);
                known = known >> 1 | u64::from(*number != ABSENT) << (BITS - 1);
                once = once >> 1 | u64::from(self.count(*number) == 1) << (BITS - 1);
            }
            self.twos.push(known >> (BITS - tokens.len()));
            self.once.push(once >> (BITS - tokens.len()));
        }
        self.b.numbers = numbers;
        let known_later = |known: &[u64], at: usize, by: usize| known[at] >> by | known.get(at + 1).map_or(0, |next| next << (BITS - by));
        for at in 0..self.twos.len() {
            let two = self.twos[at] & known_later(&self.twos, at, 1);
            self.threes.push(two & known_later(&self.twos, at, 2));
            self.twos[at] = two;
        }
    }

    /// Where in `range` of the second document two words in a row stand that the first has.
    pub(super) fn twos(&self, range: Range<usize>) -> impl Iterator<Item = u32> {
        places_of(&self.twos, range.start..range.end.saturating_sub(1))
    }

    /// Where in the second document three in a row begin.
    pub(super) fn threes(&self) -> impl Iterator<Item = u32> {
        places_of(&self.threes, 0..self.b.numbers.len())
    }

    /// Where in `range` of the second document a word stands that the first has once.
    pub(super) fn once(&self, range: Range<usize>) -> impl Iterator<Item = u32> {
        places_of(&self.once, range)
    }

    /// True if one of the three words at `place` of the first document stands there once: then the three stand nowhere else.
    #[inline(always)]
    pub(super) fn has_once(&self, place: usize) -> bool {
        self.has_once[place]
    }

    /// The number of a word, `ABSENT` if the first document has it not.
    #[inline(always)]
    pub(super) fn number_of(&self, token: u64) -> u32 {
        let bucket = self.bucket_of(token);
        let [first, second] = self.buckets[bucket];
        // Whether there is such a word cannot be foretold: no branch but for a bucket that goes on, which is no number.
        match self.tokens.get(second as usize) {
            Some(&other) => self.either([first, second], other, token),
            None => self.number_from(bucket, token),
        }
    }

    /// The same from `bucket` on.
    #[cold]
    fn number_from(&self, mut bucket: usize, token: u64) -> u32 {
        loop {
            let [first, second] = self.buckets[bucket];
            let number = self.either([first, second & !GOES_ON], self.tokens[(second & !GOES_ON) as usize], token);
            if number != ABSENT || second & GOES_ON == 0 {
                return number;
            }
            bucket = (bucket + 1) & (self.buckets.len() - 1);
        }
    }

    /// The one of two numbers whose word is `token`, `ABSENT` if neither is; `other` is the word of the second. What a free slot has as its word does
    /// not matter: behind a free slot stands nothing.
    #[inline(always)]
    fn either(&self, [first, second]: [u32; 2], other: u64, token: u64) -> u32 {
        select_unpredictable(self.tokens[first as usize] == token, first, select_unpredictable(other == token, second, ABSENT))
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

    /// Where the number of `token` is to be written, and which it is, `ABSENT` if that is not known.
    #[inline(always)]
    fn slot(&mut self, token: u64) -> (usize, usize, u32) {
        let mut bucket = self.bucket_of(token);
        loop {
            let [first, second] = self.buckets[bucket].map(|number| number & !GOES_ON);
            let number = self.either([first, second], self.tokens[second as usize], token);
            let is_other = |held: u32| usize::from((held != ABSENT) & (held != number));
            let slot = is_other(first) + is_other(first) * is_other(second);
            if slot < 2 {
                return (bucket, slot, number);
            }
            self.buckets[bucket][1] |= GOES_ON;
            bucket = (bucket + 1) & (self.buckets.len() - 1);
        }
    }

    #[inline(always)]
    fn bucket_of(&self, token: u64) -> usize {
        (token.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize & (self.buckets.len() - 1)
    }
}

/// The bits of `range` that are set.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
fn places_of(bits: &[u64], range: Range<usize>) -> impl Iterator<Item = u32> {
    let (first, end) = (range.start / BITS, range.end.div_ceil(BITS).max(range.start / BITS));
    bits[first..end].iter().zip(first..).flat_map(move |(&bits, at)| {
        let start = at * BITS;
        let (before, behind) = (range.start.saturating_sub(start), (start + BITS).saturating_sub(range.end));
        let mut left = bits & u64::MAX << before & u64::MAX.checked_shr(behind as u32).unwrap_or(0);
        std::iter::from_fn(move || {
            let place = (left != 0).then(|| start as u32 + left.trailing_zeros());
            left &= left.wrapping_sub(1);
            place
        })
    })
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

    /// Tokens that belong into one bucket, the last: the product of an odd number and its inverse is 1.
    fn in_the_last_bucket(count: u64) -> Vec<u64> {
        let odd = 0x9E37_79B9_7F4A_7C15_u64;
        let inverse = (0..6).fold(odd, |inverse: u64, _| inverse.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(inverse))));
        (0..count).map(|n| (u64::MAX << 32 | n).wrapping_mul(inverse)).collect()
    }

    #[test]
    fn words_of_one_bucket_are_told_apart() {
        let all = in_the_last_bucket(40);
        let (known, unknown) = all.split_at(20);
        let mut words = Words::default();
        for a in [known.to_vec(), [&[0], known, known].concat()] {
            words.forget();
            words.index(&a);
            assert_eq!(words.bucket_of(known[3]), words.buckets.len() - 1);
            for (&token, &number) in a.iter().zip(&words.a) {
                assert_eq!(words.number_of(token), number);
                assert_eq!(
                    words.places(number),
                    (0..).zip(&a).filter(|(_, other)| **other == token).map(|(at, _)| at).collect::<Vec<u32>>()
                );
            }
            assert!(unknown.iter().all(|&token| words.number_of(token) == ABSENT));
            assert_eq!(words.number_of(0) == ABSENT, a[0] != 0);
        }
    }

    #[test]
    fn logarithms_are_near() {
        for count in 1..100_000_usize {
            let exact = (count as f64).log2() * f64::from(BIT);
            assert!((f64::from(log2(count)) - exact).abs() <= 1.7, "{count}");
        }
    }
}
