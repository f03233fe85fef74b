//! Postings: from a hash to the numbers that have it. Immutable sorted runs, cut into chunks by the upper bits of the hash, and merged as they grow.
//!
//! In: entries, each a hash and a number. Out: the entries of a hash, all of them: a chunk holds every entry of its part of the hashes, so that what
//! is not in it is not there, and a chunk that is missing or changed is an error. A batch becomes one run of each kind; from four runs of like
//! size one is made, so that an entry is written a few times and a look-up meets few runs.

use super::bytes::{Reader, put_number};

/// What is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Contents by their band keys.
    Keys,
    /// Contents by their selected grams.
    Grams,
    /// Contents by their paragraphs.
    Paragraphs,
    /// Articles by their ids.
    Ids,
    /// Contents by the hash of their tokens.
    Contents,
    /// Contents by a sample of all their grams.
    Samples,
}

impl Kind {
    pub(super) const ALL: [Self; 6] = [Self::Keys, Self::Grams, Self::Paragraphs, Self::Ids, Self::Contents, Self::Samples];
}

/// A hash with a number; of grams also what stands around. Ordered by hash, then number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    word: u64,
    pub(super) around: u16,
}

impl Entry {
    pub(super) fn new(hash: u32, number: u32, around: u16) -> Self {
        Self { word: u64::from(hash) << 32 | u64::from(number), around }
    }

    pub(super) fn hash(self) -> u32 {
        (self.word >> 32) as u32
    }

    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
    pub(super) fn number(self) -> u32 {
        self.word as u32
    }
}

/// A run of chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) number: u32,
    pub(super) kind: Kind,
    /// Upper bits of the hash that say which chunk.
    pub(super) bits: u8,
    pub(super) entries: u64,
}

/// Entries of a chunk, about.
const CHUNK: u64 = 128;
/// Runs of fewer entries are of one size.
const SMALL: u64 = 1 << 14;
/// So many runs of one size become one.
pub(super) const FAN: usize = 4;

impl Run {
    pub(super) const MOST_BITS: u8 = 30;

    pub(super) fn new(number: u32, kind: Kind, entries: u64) -> Self {
        let bits = (entries / CHUNK).checked_ilog2().map_or(0, |bits| u8::try_from(bits).unwrap_or(Self::MOST_BITS).min(Self::MOST_BITS));
        Self { number, kind, bits, entries }
    }

    /// Runs of one size are merged together.
    pub(super) fn size(&self) -> u32 {
        (self.entries / SMALL).checked_ilog2().map_or(0, |log| 1 + log / FAN.ilog2())
    }

    pub(super) fn chunks(&self) -> u32 {
        1 << self.bits
    }

    pub(super) fn chunk_of(&self, hash: u32) -> u32 {
        hash.checked_shr(u32::BITS - u32::from(self.bits)).unwrap_or(0)
    }

    /// The chunk of `other`, a run of as many chunks or more, in which a chunk of this one begins.
    pub(super) fn first_of(&self, chunk: u32, other: &Self) -> u32 {
        chunk << other.bits.saturating_sub(self.bits)
    }

    /// The row of a chunk.
    pub(super) fn row(&self, chunk: u32) -> i64 {
        i64::from(self.number) << 32 | i64::from(chunk)
    }

    fn first_word(&self, chunk: u32) -> u64 {
        u64::from(chunk).checked_shl(u64::BITS - u32::from(self.bits)).unwrap_or(0)
    }

    /// A chunk as bytes: the number of entries, then of each its distance from the one before, and what is around.
    pub(super) fn pack(&self, chunk: u32, entries: &[Entry]) -> Vec<u8> {
        let mut out = Vec::with_capacity(8 * entries.len() + 4);
        put_number(entries.len() as u64, &mut out);
        let mut before = self.first_word(chunk);
        for entry in entries {
            put_number(entry.word - before, &mut out);
            before = entry.word;
            if self.kind == Kind::Grams {
                out.extend_from_slice(&entry.around.to_le_bytes());
            }
        }
        out
    }

    /// Calls `each` with the entries of the hashes, which ascend and belong to the chunk, and with the place of each hash among them; false if the
    /// bytes are no chunk as far as they are read. Reads no further than the last hash.
    pub(super) fn search(&self, chunk: u32, bytes: &[u8], hashes: &[u32], mut each: impl FnMut(usize, Entry)) -> bool {
        let mut from = Reader(bytes);
        let mut word = self.first_word(chunk);
        let (Some(count), Some(&last)) = (from.number(), hashes.last()) else { return !bytes.is_empty() };
        let mut at = 0;
        for _ in 0..count {
            let Some(next) = from.number().and_then(|distance| word.checked_add(distance)) else { return false };
            word = next;
            let mut entry = Entry { word, around: 0 };
            if entry.hash() > last {
                return true;
            }
            if self.kind == Kind::Grams {
                let Some(around) = from.array().map(u16::from_le_bytes) else { return false };
                entry.around = around;
            }
            while hashes[at] < entry.hash() {
                at += 1;
            }
            if hashes[at] == entry.hash() {
                each(at, entry);
            }
        }
        true
    }

    /// Replaces `entries` by those of a chunk; false if the bytes are none.
    pub(super) fn unpack(&self, chunk: u32, bytes: &[u8], entries: &mut Vec<Entry>) -> bool {
        entries.clear();
        let mut from = Reader(bytes);
        let mut word = self.first_word(chunk);
        let Some(count) = from.number() else { return false };
        for _ in 0..count {
            let Some(next) = from.number().and_then(|distance| word.checked_add(distance)) else { return false };
            word = next;
            let around = if self.kind == Kind::Grams { from.array().map(u16::from_le_bytes) } else { Some(0) };
            let Some(around) = around else { return false };
            entries.push(Entry { word, around });
        }
        from.is_at_end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn chunks_are_read_as_written(words in prop::collection::btree_set(any::<u64>(), 0..3000), around in any::<u16>()) {
            let entries: Vec<Entry> = words.into_iter().map(|word| Entry { word, around }).collect();
            let run = Run::new(3, Kind::Grams, entries.len() as u64);
            let mut all = Vec::new();
            let asked: Vec<u32> = entries.iter().step_by(3).map(|entry| entry.hash()).collect();
            let mut found = 0;
            for chunk in 0..run.chunks() {
                let part: Vec<Entry> = entries.iter().copied().filter(|entry| run.chunk_of(entry.hash()) == chunk).collect();
                let bytes = run.pack(chunk, &part);
                let mut read = Vec::new();
                prop_assert!(run.unpack(chunk, &bytes, &mut read));
                all.extend(read);
                let asked: Vec<u32> = asked.iter().copied().filter(|&hash| run.chunk_of(hash) == chunk).collect();
                prop_assert!(run.search(chunk, &bytes, &asked, |at, entry| found += usize::from(entry.hash() == asked[at])));
            }
            let expected = all.iter().filter(|entry| asked.contains(&entry.hash())).count();
            prop_assert_eq!((all, found), (entries, expected));
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            for kind in Kind::ALL {
                Run::new(0, kind, 5).unpack(0, &bytes, &mut Vec::new());
                Run::new(0, kind, 5).search(0, &bytes, &[3, 1 << 20, 1 << 31], |_, _| ());
            }
        }
    }

    #[test]
    fn runs_of_like_size_are_merged() {
        let size = |entries| Run::new(0, Kind::Keys, entries).size();
        assert_eq!([size(1), size(16_000), size(16_384), size(65_535), size(65_536), size(262_144)], [0, 0, 1, 1, 2, 3]);
        assert_eq!(Run::new(0, Kind::Keys, 1 << 40).bits, Run::MOST_BITS);
    }
}
