//! The grams of a document: where each stands last, and which may stand in it at all.

use super::seeds::probe;

/// Bits of a filter for each gram.
const FILTER_BITS: usize = 32;

/// The `LENGTH` tokens from `place`.
#[inline(always)]
pub(super) fn gram<const LENGTH: usize>(tokens: &[u64], place: usize) -> [u64; LENGTH] {
    let tokens = &tokens[place..place + LENGTH];
    std::array::from_fn(|at| tokens[at])
}

/// The grams of `tokens` in order.
fn grams<const LENGTH: usize>(tokens: &[u64]) -> impl Iterator<Item = [u64; LENGTH]> {
    tokens.windows(LENGTH).map(|window| gram(window, 0))
}

#[inline(always)]
fn hash<const LENGTH: usize>(gram: [u64; LENGTH]) -> u64 {
    gram.iter().fold(0, |hash: u64, &token| hash.rotate_left(21) ^ token)
}

/// Bloom filter (Bloom 1970) of one hash: tells most grams that are not there from the others.
#[derive(Debug, Default)]
pub(super) struct Filter {
    words: Vec<u64>,
}

impl Filter {
    /// Empties it, with room for so many grams.
    fn clear(&mut self, room: usize) {
        self.words.clear();
        self.words.resize((room * FILTER_BITS).next_power_of_two().max(64) / 64, 0);
    }

    #[inline(always)]
    fn insert(&mut self, hash: u64, is_in: bool) {
        let (word, bit) = place_in(&self.words, hash);
        self.words[word] |= u64::from(is_in) << bit;
    }

    /// Replaces the contents by those of up to `room` tokens that are in.
    pub(super) fn fill(&mut self, room: usize, tokens: impl Iterator<Item = (u64, bool)>) {
        self.clear(room);
        tokens.for_each(|(token, is_in)| self.insert(token, is_in));
    }

    #[inline(always)]
    fn may_have(&self, hash: u64) -> bool {
        let (word, bit) = place_in(&self.words, hash);
        self.words[word] >> bit & 1 == 1
    }

    /// Appends to `places` those of `tokens`, of which the first stands at `start`, where a gram begins that may be in the filter.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    pub(super) fn append_places<const LENGTH: usize>(&self, tokens: &[u64], start: usize, places: &mut Vec<u32>) {
        let mut count = places.len();
        places.resize(count + tokens.len(), 0);
        // Each place is written, and stays if the next one does not take its room: no branch to foretell.
        for (at, gram) in grams::<LENGTH>(tokens).enumerate() {
            places[count] = (start + at) as u32;
            count += usize::from(self.may_have(hash(gram)));
        }
        places.truncate(count);
    }
}

/// The word, and the bit in it, of a hash.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "masked")]
fn place_in(words: &[u64], hash: u64) -> (usize, u32) {
    let bit = (hash >> 32) as usize & (words.len() * 64 - 1);
    (bit / 64, bit as u32 % 64)
}

/// In a hash table the last place of each gram.
#[derive(Debug, Default)]
pub(super) struct Grams<const LENGTH: usize> {
    /// Place + 1 of the last gram in the slot, 0 for none.
    last: Vec<u32>,
    filter: Filter,
}

impl<const LENGTH: usize> Grams<LENGTH> {
    /// Replaces the contents by the grams of `tokens`, and tells of each the place before it with the same gram.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    fn fill(&mut self, tokens: &[u64], mut visit: impl FnMut(usize, Option<usize>)) {
        let count = tokens.len().saturating_sub(LENGTH - 1);
        self.last.clear();
        self.last.resize((count * 2).next_power_of_two().max(16), 0);
        self.filter.clear(count);
        for (place, gram) in grams(tokens).enumerate() {
            self.filter.insert(hash(gram), true);
            let slot = self.slot(tokens, gram);
            let before = std::mem::replace(&mut self.last[slot], place as u32 + 1);
            visit(place, (before as usize).checked_sub(1));
        }
    }

    /// The slot that holds `gram`, or the empty one where it belongs: no more than half of them are taken.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "masked")]
    fn slot(&self, tokens: &[u64], gram: [u64; LENGTH]) -> usize {
        probe(&self.last, tokens, &gram, hash(gram) as usize & (self.last.len() - 1))
    }

    /// The last place where a gram of `tokens`, whose grams these are, stands.
    #[inline(always)]
    fn last_place(&self, tokens: &[u64], gram: [u64; LENGTH]) -> Option<usize> {
        (self.last[self.slot(tokens, gram)] as usize).checked_sub(1)
    }
}

/// The first place of a gram that stands nowhere else.
pub(super) const ALONE: u32 = u32::MAX;

/// The grams of a document with all their places.
#[derive(Debug, Default)]
pub(super) struct AllGrams<const LENGTH: usize> {
    grams: Grams<LENGTH>,
    /// For each place the one before it with the same gram, + 1.
    pub(super) before: Vec<u32>,
    /// For each place the first one with the same gram, `ALONE` if it stands nowhere else.
    pub(super) first: Vec<u32>,
}

impl<const LENGTH: usize> AllGrams<LENGTH> {
    /// Replaces the contents by the grams of `tokens`. Linear.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    pub(super) fn fill(&mut self, tokens: &[u64]) {
        let Self { grams: table, before, first } = self;
        before.clear();
        before.resize(tokens.len(), 0);
        first.clear();
        first.resize(tokens.len(), ALONE);
        table.fill(tokens, |place, found| {
            let Some(found) = found else { return };
            before[place] = found as u32 + 1;
            if first[found] == ALONE {
                first[found] = found as u32;
            }
            first[place] = first[found];
        });
    }

    /// Replaces `places` by those of `others` where a gram begins that may stand here too.
    pub(super) fn find_places(&self, others: &[u64], places: &mut Vec<u32>) {
        places.clear();
        self.grams.filter.append_places::<LENGTH>(others, 0, places);
    }

    /// False only if `gram` stands nowhere here.
    pub(super) fn may_have(&self, gram: [u64; LENGTH]) -> bool {
        self.grams.filter.may_have(hash(gram))
    }

    /// The last place in `tokens`, whose grams these are, where `gram` stands.
    pub(super) fn last_place(&self, tokens: &[u64], gram: [u64; LENGTH]) -> Option<usize> {
        self.grams.last_place(tokens, gram)
    }
}

/// The grams that stand in a document once.
#[derive(Debug, Default)]
pub(super) struct OnceGrams<const LENGTH: usize> {
    grams: Grams<LENGTH>,
    /// For each place.
    is_once: Vec<bool>,
}

impl<const LENGTH: usize> OnceGrams<LENGTH> {
    /// Replaces the contents by the grams of `tokens`. Linear.
    pub(super) fn fill(&mut self, tokens: &[u64]) {
        let Self { grams: table, is_once } = self;
        is_once.clear();
        is_once.resize(tokens.len(), true);
        table.fill(tokens, |place, found| {
            if let Some(found) = found {
                (is_once[place], is_once[found]) = (false, false);
            }
        });
    }

    /// Appends to `places` those of `others`, of which the first stands at `start`, where a gram begins that may stand here once.
    pub(super) fn append_places(&self, others: &[u64], start: usize, places: &mut Vec<u32>) {
        self.grams.filter.append_places::<LENGTH>(others, start, places);
    }

    /// The place in `tokens`, whose grams these are, where `gram` stands, if it does so once.
    pub(super) fn place(&self, tokens: &[u64], gram: [u64; LENGTH]) -> Option<usize> {
        self.grams.last_place(tokens, gram).filter(|&at| self.is_once[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_are_all_told(tokens in prop::collection::vec(0..9_u64, 0..60), others in prop::collection::vec(0..9_u64, 0..60)) {
            // A filter looks at the upper bits, a table at the lower ones.
            let [tokens, others] = [tokens, others].map(|list| list.into_iter().map(|token| crate::text::mix(token + 1)).collect::<Vec<u64>>());
            let (mut all, mut once) = (AllGrams::<3>::default(), OnceGrams::<2>::default());
            all.fill(&tokens);
            once.fill(&tokens);
            let (mut places, mut once_places) = (Vec::new(), Vec::new());
            all.find_places(&others, &mut places);
            once.append_places(&others, 0, &mut once_places);
            for (at, wanted) in others.windows(3).enumerate() {
                let found: Vec<usize> = tokens.windows(3).enumerate().filter(|(_, gram)| *gram == wanted).map(|(place, _)| place).collect();
                prop_assert_eq!(all.last_place(&tokens, gram(&others, at)), found.last().copied());
                prop_assert!(found.is_empty() || places.contains(&u32::try_from(at).unwrap()));
                for pair in found.windows(2) {
                    prop_assert_eq!(all.before[pair[1]] as usize, pair[0] + 1);
                    prop_assert_eq!(all.first[pair[1]] as usize, found[0]);
                }
                prop_assert!(found.len() != 1 || all.first[found[0]] == ALONE && all.before[found[0]] == 0);
            }
            for (at, wanted) in others.windows(2).enumerate() {
                let found: Vec<usize> = tokens.windows(2).enumerate().filter(|(_, gram)| *gram == wanted).map(|(place, _)| place).collect();
                let expected = if let [place] = found[..] { Some(place) } else { None };
                prop_assert_eq!(once.place(&tokens, gram(&others, at)), expected);
                prop_assert!(expected.is_none() || once_places.contains(&u32::try_from(at).unwrap()));
            }
        }
    }
}
