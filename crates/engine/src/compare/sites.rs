//! Where a few words in a row stand in the first of two documents.
//!
//! In: words as numbers. Out: places. The rarest of the words tells where they may stand; if that is frequent too, a table does.

use super::grams::{ALONE, Grams, gram};
use super::seeds::SEED;
use super::words::Words;

/// Places of the first document that a place of the second is joined to, besides the first.
pub(super) const LATEST: usize = 4;
/// How often a word stands whose places are still looked at one by one. Tests know both ways.
const FREQUENT: u32 = if cfg!(test) { 6 } else { 64 };

/// Where grams of words stand in the first document.
#[derive(Debug, Default)]
pub(super) struct Sites {
    /// Of a first document that has a frequent word.
    triples: Grams<SEED>,
    pairs: Grams<2>,
    is_filled: bool,
}

impl Sites {
    /// The first document is another one from now on.
    pub(super) fn forget(&mut self) {
        self.is_filled = false;
    }

    /// Fills the tables, once for all pairs of the first document, if it has a frequent word. Linear.
    pub(super) fn fill(&mut self, words: &Words) {
        if words.most() > FREQUENT && !self.is_filled {
            self.triples.fill(&words.a);
            self.pairs.fill(&words.a);
            self.is_filled = true;
        }
    }

    /// Fills `found` with the first place where `gram` stands and at least the last ones behind it, in order. True if those are not all.
    #[expect(clippy::cast_possible_truncation, reason = "a text has fewer than 2^32 tokens")]
    pub(super) fn find(&self, words: &Words, gram: [u32; SEED], found: &mut Vec<u32>) -> bool {
        found.clear();
        if let Some((at, places)) = rarest(words, gram) {
            // Each is written, and stays if the next one does not take its room: no branch to foretell.
            found.resize(places.len(), 0);
            let mut count = 0;
            for &place in places {
                let start = place.wrapping_sub(at as u32);
                found[count] = start;
                count += usize::from(words.stands(&gram, start as usize));
            }
            found.truncate(count);
            return count > LATEST + 1;
        }
        let Some(last) = self.triples.last_place(&words.a, gram) else { return false };
        let first = if self.triples.first[last] == ALONE { last } else { self.triples.first[last] as usize };
        let mut at = last;
        while at != first && found.len() < LATEST {
            found.push(at as u32);
            at = self.triples.before[at] as usize - 1;
        }
        found.push(first as u32);
        found.reverse();
        at != first
    }

    /// True if the three words at `place` of the first document stand nowhere else.
    #[inline(always)]
    pub(super) fn are_alone(&self, words: &Words, place: usize) -> bool {
        words.has_once(place)
            || match rarest_places(words, gram::<_, SEED>(&words.a, place)) {
                Some(places) => places.take(2).count() == 1,
                None => self.triples.first[place] == ALONE,
            }
    }

    /// Where `pair` stands, if it does so once.
    #[inline(always)]
    pub(super) fn only(&self, words: &Words, pair: [u32; 2]) -> Option<usize> {
        if let Some(at) = words.only(pair[0]) {
            return Some(at).filter(|&at| words.stands(&pair, at));
        }
        if let Some(at) = words.only(pair[1]) {
            return at.checked_sub(1).filter(|&at| words.stands(&pair, at));
        }
        match rarest_places(words, pair) {
            Some(mut places) => places.next().filter(|_| places.next().is_none()),
            None => self.pairs.last_place(&words.a, pair).filter(|&last| self.pairs.first[last] == ALONE),
        }
    }
}

/// Where `gram` stands in the first document, in order, by the places of its rarest word; None if that is frequent.
#[inline(always)]
pub(super) fn rarest_places<const LENGTH: usize>(words: &Words, gram: [u32; LENGTH]) -> Option<impl Iterator<Item = usize>> {
    rarest(words, gram).map(|(at, places)| {
        let places = places.iter().filter_map(move |&place| (place as usize).checked_sub(at));
        places.filter(move |&place| words.stands(&gram, place))
    })
}

/// Which word of `gram` is the rarest, and where it stands in the first document; None if it is frequent.
#[inline(always)]
fn rarest<const LENGTH: usize>(words: &Words, gram: [u32; LENGTH]) -> Option<(usize, &[u32])> {
    let at = (0..LENGTH).min_by_key(|&at| words.count(gram[at])).unwrap_or(0);
    (words.count(gram[at]) <= FREQUENT).then(|| (at, words.places(gram[at])))
}
