//! The rows of articles and of contents.

use super::bytes::{Reader, put_bytes, put_number};
use super::identity::Stamp;
use refrain_engine::text::{LineIndex, Tokens, spellings, written};
use std::collections::HashMap;
use xxhash_rust::xxh3::xxh3_128;

/// What an index keeps of an article.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DocumentRow {
    pub(super) id: Box<str>,
    pub(super) content: u32,
    pub(super) meta: Meta,
    pub(super) body: Body,
}

/// What is known of an article besides its text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Meta {
    /// Seconds since 1970.
    pub(crate) date: Option<i64>,
    pub(crate) outlet: Option<Box<str>>,
    /// File that it was read from.
    pub(crate) origin: Box<str>,
    /// How it was read, if it is recognised by its content.
    pub(crate) stamp: Option<Stamp>,
    /// Code points of its text.
    pub(crate) chars: u64,
    /// 128 bits of its text.
    pub(crate) text_hash: u128,
}

impl Meta {
    /// True if an article of one id need not be added again. Where it was read from does not count.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.text_hash == other.text_hash && self.date == other.date && self.outlet == other.outlet
    }
}

/// The hash by which a text is recognised.
pub fn text_hash(text: &str) -> u128 {
    xxh3_128(text.as_bytes())
}

/// The text of an article, or what is needed in its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Body {
    /// The text, packed with zstd.
    Text(Vec<u8>),
    /// What stands for it where texts are not kept: see [`Outline`].
    Outline(Vec<u8>),
}

/// Bits of the number before the date: which of date and stamp follow.
const DATED: u64 = 1;
const STAMPED: u64 = 2;

impl DocumentRow {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_bytes(self.id.as_bytes(), &mut out);
        put_number(u64::from(self.content), &mut out);
        put_number(DATED * u64::from(self.meta.date.is_some()) + STAMPED * u64::from(self.meta.stamp.is_some()), &mut out);
        if let Some(date) = self.meta.date {
            out.extend_from_slice(&date.to_le_bytes());
        }
        put_number(u64::from(self.meta.outlet.is_some()), &mut out);
        if let Some(outlet) = &self.meta.outlet {
            put_bytes(outlet.as_bytes(), &mut out);
        }
        put_bytes(self.meta.origin.as_bytes(), &mut out);
        if let Some(Stamp { line, records, hash }) = self.meta.stamp {
            put_number(line, &mut out);
            put_number(records, &mut out);
            out.extend_from_slice(&hash.to_le_bytes());
        }
        put_number(self.meta.chars, &mut out);
        out.extend_from_slice(&self.meta.text_hash.to_le_bytes());
        let (kind, body) = match &self.body {
            Body::Text(body) => (0, body),
            Body::Outline(body) => (1, body),
        };
        put_number(kind, &mut out);
        out.extend_from_slice(body);
        out
    }

    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let mut from = Reader(bytes);
        let (id, content) = (from.string()?, from.small()?);
        let flags = from.number().filter(|flags| flags & !(DATED | STAMPED) == 0)?;
        let date = if flags & DATED > 0 { Some(i64::from_le_bytes(from.array()?)) } else { None };
        let outlet = if from.number()? == 1 { Some(from.string()?) } else { None };
        let origin = from.string()?;
        let mut stamp = || Some(Stamp { line: from.number()?, records: from.number()?, hash: u64::from_le_bytes(from.array()?) });
        let stamp = if flags & STAMPED > 0 { Some(stamp()?) } else { None };
        let meta = Meta { date, outlet, origin, stamp, chars: from.number()?, text_hash: u128::from_le_bytes(from.array()?) };
        let body = match from.number()? {
            0 => Body::Text(from.0.to_vec()),
            1 => Body::Outline(from.0.to_vec()),
            _ => return None,
        };
        Some(Self { id, content, meta, body })
    }
}

/// A content: what articles with the same tokens have in common.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ContentRow {
    /// 128 bits of its tokens.
    pub(super) hash: [u64; 2],
    /// The articles that have it, ascending; the postings are made from the first.
    pub(super) documents: Vec<u32>,
}

impl ContentRow {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = self.hash.map(u64::to_le_bytes).concat();
        put_number(self.documents.len() as u64, &mut out);
        self.documents.iter().for_each(|&document| put_number(u64::from(document), &mut out));
        out
    }

    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let mut from = Reader(bytes);
        let hash = [u64::from_le_bytes(from.array()?), u64::from_le_bytes(from.array()?)];
        let count = from.small::<usize>()?;
        let documents = (0..count).map(|_| from.small()).collect::<Option<Vec<u32>>>()?;
        (from.is_at_end() && !documents.is_empty()).then_some(Self { hash, documents })
    }
}

/// What stands for a text that is not kept: the hashes and spellings of its tokens, where they stand, and the hashes of its paragraphs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Outline {
    pub(super) hashes: Vec<u64>,
    /// Hash of each token as it is written.
    pub(super) spellings: Vec<u32>,
    /// Code points of each token as it is written.
    pub(super) spans: Vec<[u32; 2]>,
    pub(super) paragraphs: Vec<u32>,
}

/// Bytes of a hash and a spelling.
const TOKEN_BYTES: usize = size_of::<u64>() + size_of::<u32>();

impl Outline {
    #[expect(clippy::cast_possible_truncation, reason = "texts of 4 GiB and more are refused where they are read")]
    pub(super) fn new(text: &str, tokens: &Tokens, paragraphs: impl Iterator<Item = u32>) -> Self {
        let index = LineIndex::new(text);
        let spans = (0..tokens.len()).map(|at| {
            let span = written(text, &tokens.spans, at);
            [index.chars(span.start) as u32, index.chars(span.end) as u32]
        });
        let spellings = spellings(text, &tokens.spans).collect();
        Self { hashes: tokens.hashes.clone(), spellings, spans: spans.collect(), paragraphs: paragraphs.collect() }
    }

    /// Each different pair of hash and spelling once, then for each token which it is, its distance from the one before, and its length.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut numbers: HashMap<(u64, u32), usize> = HashMap::new();
        let mut different = Vec::new();
        let number = |token: (u64, u32)| {
            *numbers.entry(token).or_insert_with(|| {
                different.push(token);
                different.len() - 1
            })
        };
        let which: Vec<usize> = self.hashes.iter().copied().zip(self.spellings.iter().copied()).map(number).collect();
        let mut out = Vec::with_capacity(TOKEN_BYTES * different.len() + 4 * which.len());
        put_number(different.len() as u64, &mut out);
        for (hash, spelling) in different {
            out.extend_from_slice(&hash.to_le_bytes());
            out.extend_from_slice(&spelling.to_le_bytes());
        }
        put_number(which.len() as u64, &mut out);
        let mut end = 0;
        for (which, span) in which.into_iter().zip(&self.spans) {
            put_number(which as u64, &mut out);
            // Tokens of one character share its place: the next may begin before the last ended.
            put_number(u64::from(span[0].wrapping_sub(end)), &mut out);
            put_number(u64::from(span[1].wrapping_sub(span[0])), &mut out);
            end = span[1];
        }
        put_number(self.paragraphs.len() as u64, &mut out);
        self.paragraphs.iter().for_each(|hash| out.extend_from_slice(&hash.to_le_bytes()));
        out
    }

    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let mut from = Reader(bytes);
        let count = from.small::<usize>()?;
        let (different, _) = from.take(count.checked_mul(TOKEN_BYTES)?)?.as_chunks::<TOKEN_BYTES>();
        let mut outline = Self::default();
        let mut end = 0_u32;
        for _ in 0..from.small::<usize>()? {
            let [hash @ .., s0, s1, s2, s3] = *different.get(from.small::<usize>()?)?;
            outline.hashes.push(u64::from_le_bytes(hash));
            outline.spellings.push(u32::from_le_bytes([s0, s1, s2, s3]));
            let start = end.wrapping_add(from.small()?);
            end = start.wrapping_add(from.small()?);
            outline.spans.push([start, end]);
        }
        for _ in 0..from.small::<usize>()? {
            outline.paragraphs.push(u32::from_le_bytes(from.array()?));
        }
        from.is_at_end().then_some(outline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use refrain_engine::text::Fold;

    proptest! {
        #[test]
        fn rows_are_read_as_written(id in ".*", content in any::<u32>(), date in any::<Option<i64>>(), stamp in any::<Option<(u64, u64, u64)>>(), outlet in proptest::option::of(".{0,8}"), text in ".{0,60}") {
            let tokens = Tokens::of(&text, Fold::Full);
            let outline = Outline::new(&text, &tokens, [3, 9].into_iter());
            prop_assert_eq!(Outline::of(&outline.bytes()), Some(outline.clone()));
            let meta = Meta { date, outlet: outlet.map(Into::into), origin: "a:1".into(), stamp: stamp.map(|(line, records, hash)| Stamp { line, records, hash }), chars: 5, text_hash: text_hash(&text) };
            let row = DocumentRow { id: id.into(), content, meta, body: Body::Outline(outline.bytes()) };
            prop_assert_eq!(DocumentRow::of(&row.bytes()), Some(row));
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = (DocumentRow::of(&bytes), ContentRow::of(&bytes), Outline::of(&bytes), super::super::state::State::of(&bytes));
        }
    }
}
