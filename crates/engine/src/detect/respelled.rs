//! Which matched tokens of two documents are respelled: equal after normalisation, and not as written.
//!
//! In: pairs of classes with their matched runs, and the spellings of documents. Out: for each pair of documents its respelled tokens, and the offsets of
//! these. Runs of equal spelling are recognised by sums at their edges, in constant time; the tokens of others are compared one by one.

use super::findings::{MOST_PAIRS, between, within_class};
use super::lists::Lists;
use super::placed::append_respelled;
use super::places::{Texts, offsets};
use super::reuse::Reuse;
use crate::compare::MatchedRun;
use crate::corpus::Corpus;
use crate::error::Result;
use crate::text::spellings;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::HashMap;

/// Odd, and neither it nor its successor has many factors of two after the first powers.
const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

/// Sums of the spellings of a document before each of `edges`, which ascend: polynomials in [`BASE`], modulo 2^64. Two runs of tokens of equal length are spelled
/// the same if their polynomials are equal; of others that holds for one in 2^50, about.
pub(super) fn sums_at(spellings: &[u32], edges: &[u32]) -> Vec<u64> {
    let (mut sum, mut next) = (0_u64, edges.first().map_or(0, |&edge| edge as usize));
    let at = |&edge: &u32| {
        for &spelling in &spellings[next..edge as usize] {
            sum = sum.wrapping_mul(BASE).wrapping_add(u64::from(spelling));
        }
        next = edge as usize;
        sum
    };
    edges.iter().map(at).collect()
}

/// What is compared.
pub(super) struct Matched<'a> {
    pub(super) reuse: &'a Reuse,
    /// Of each class.
    pub(super) edges: &'a Lists<u32>,
    /// Of each document, at the edges of its class.
    pub(super) sums: &'a Lists<u64>,
}

/// A matched run of two classes, by its edges.
struct Edges {
    run: MatchedRun,
    /// Numbers of its first and last edge in both classes.
    a: [usize; 2],
    b: [usize; 2],
    /// [`BASE`] to the power of its length.
    power: u64,
}

/// Two documents, `a` before `b`, and the matched runs of them that are spelled differently.
struct Differing {
    a: u32,
    b: u32,
    runs: Vec<MatchedRun>,
}

impl Matched<'_> {
    fn edges(&self, [a, b]: [u32; 2], run: MatchedRun) -> Edges {
        let at = |class: u32, token: u32| self.edges.get(class as usize).partition_point(|&edge| edge < token);
        let ends = |class: u32, start: u32| [at(class, start), at(class, start + run.length)];
        Edges { run, a: ends(a, run.a), b: ends(b, run.b), power: BASE.wrapping_pow(run.length) }
    }

    /// The pairs of documents of two classes, or of one, that are spelled differently in `runs`.
    fn differing(&self, classes: [u32; 2], runs: impl Iterator<Item = MatchedRun>, differing: &mut Vec<Differing>) {
        let runs: Vec<Edges> = runs.map(|run| self.edges(classes, run)).collect();
        let [own, others] = classes.map(|class| self.reuse.classes.get(class));
        let is_same = classes[0] == classes[1];
        let count = if is_same { within_class(own) } else { between(own, others) };
        let mut add = |a: u32, b: u32| {
            let runs: Vec<MatchedRun> = runs.iter().filter(|edges| self.differ(a, b, edges)).map(|edges| edges.run).collect();
            match runs.is_empty() {
                true => {}
                false if a < b => differing.push(Differing { a, b, runs }),
                false => {
                    let mut runs: Vec<MatchedRun> = runs.into_iter().map(MatchedRun::swapped).collect();
                    runs.sort_unstable();
                    differing.push(Differing { a: b, b: a, runs });
                }
            }
        };
        for (at, &a) in own.iter().enumerate() {
            let others = if is_same { &own[at + 1..] } else { others };
            // Only these are listed: see `MOST_PAIRS`.
            let listed = if at == 0 || count <= MOST_PAIRS { others.len() } else { usize::from(!is_same) };
            others[..listed].iter().for_each(|&b| add(a, b));
        }
    }

    fn differ(&self, a: u32, b: u32, edges: &Edges) -> bool {
        let [a, b] = [a, b].map(|document| self.sums.get(document as usize));
        let &Edges { a: [start_a, end_a], b: [start_b, end_b], power, .. } = edges;
        a[end_a].wrapping_sub(b[end_b]) != a[start_a].wrapping_sub(b[start_b]).wrapping_mul(power)
    }
}

/// The respelled tokens of pairs of documents.
#[derive(Debug, Default)]
pub(super) struct Respelled {
    /// By the documents, of which the first is before the second, in order of the first.
    runs: HashMap<(u32, u32), Vec<MatchedRun>>,
    /// For each document the edges of these that no matched run has: where the token starts, and where the one before it ends. By token.
    offsets: HashMap<u32, Vec<(u32, [u32; 2])>>,
}

/// Pairs of classes that are looked at together.
const PAIRS_AT_A_TIME: usize = 1 << 16;
/// Tokens of documents that are read again together: four bytes each.
const BATCH_TOKENS: usize = 32 << 20;

impl Respelled {
    pub(super) fn find<C: Corpus>(texts: &Texts<'_, C>, matched: &Matched<'_>) -> Result<Self> {
        let Reuse { classes, pairs, .. } = matched.reuse;
        let mut found = Self::default();
        let copied: Vec<u32> = (0..classes.count()).filter(|&class| classes.get(class).len() > 1).collect();
        for some in copied.chunks(PAIRS_AT_A_TIME) {
            let differing = some.par_iter().fold(Vec::new, |mut differing, &class| {
                let length = texts.reading.documents[classes.first(class) as usize].tokens;
                let whole = MatchedRun { a: 0, b: 0, length };
                matched.differing([class; 2], Some(whole).filter(|_| length > 0).into_iter(), &mut differing);
                differing
            });
            found.add(texts, &differing.flatten().collect::<Vec<_>>())?;
        }
        for some in pairs.chunks(PAIRS_AT_A_TIME) {
            let differing = some.par_iter().fold(Vec::new, |mut differing, pair| {
                let runs = pair.passages.iter().flat_map(|passage| passage.runs.iter().copied());
                matched.differing([pair.a, pair.b], runs, &mut differing);
                differing
            });
            found.add(texts, &differing.flatten().collect::<Vec<_>>())?;
        }
        found.offsets.par_iter_mut().for_each(|(_, offsets)| {
            offsets.sort_unstable();
            offsets.dedup();
        });
        Ok(found)
    }

    /// Compares the tokens of `differing` pairs.
    fn add<C: Corpus>(&mut self, texts: &Texts<'_, C>, differing: &[Differing]) -> Result<()> {
        let most = BATCH_TOKENS.min(texts.reading.spill.most_tokens());
        let tokens = |document: u32| match texts.reading.has_spellings(document) {
            true => 0,
            false => texts.reading.documents[document as usize].tokens as usize,
        };
        let (mut start, mut taken) = (0, 0);
        for (at, Differing { a, b, .. }) in differing.iter().enumerate() {
            taken += tokens(*a) + tokens(*b);
            if taken > most {
                self.add_batch(texts, &differing[start..=at])?;
                (start, taken) = (at + 1, 0);
            }
        }
        self.add_batch(texts, &differing[start..])
    }

    fn add_batch<C: Corpus>(&mut self, texts: &Texts<'_, C>, batch: &[Differing]) -> Result<()> {
        let mut needed: Vec<u32> = batch.iter().flat_map(|pair| [pair.a, pair.b]).collect();
        needed.par_sort_unstable();
        needed.dedup();
        let read = needed.par_iter().map_init(
            || texts.scratch(),
            |scratch, &document| match texts.reading.spellings_of(document)? {
                Some(stored) => Ok(stored),
                None => texts.read(document, scratch, |text, tokens| Cow::Owned(spellings(text, &tokens.spans).collect())),
            },
        );
        let spelled: Vec<Cow<'_, [u32]>> = read.collect::<Result<_>>()?;
        let of = |document: u32| &*spelled[needed.partition_point(|&other| other < document)];
        let respelled = batch.par_iter().map(|Differing { a, b, runs }| {
            let mut respelled = Vec::new();
            let spellings = [of(*a), of(*b)];
            runs.iter().for_each(|run| append_respelled(run, spellings, &mut respelled));
            ((*a, *b), respelled)
        });
        let respelled: Vec<_> = respelled.collect();
        drop(spelled);
        let edges = respelled.par_iter().flat_map_iter(|((a, b), runs)| {
            let edges = |run: &MatchedRun| [(*a, run.a), (*a, run.a + run.length), (*b, run.b), (*b, run.b + run.length)];
            runs.iter().flat_map(edges)
        });
        let mut edges: Vec<(u32, u32)> = edges.collect();
        edges.par_sort_unstable();
        edges.dedup();
        self.place(texts, &edges)?;
        self.runs.extend(respelled);
        Ok(())
    }

    /// Adds the offsets of `edges`, tokens by document, both in order.
    fn place<C: Corpus>(&mut self, texts: &Texts<'_, C>, edges: &[(u32, u32)]) -> Result<()> {
        let by_document: Vec<&[(u32, u32)]> = edges.chunk_by(|x, y| x.0 == y.0).collect();
        let placed = by_document.par_iter().map_init(
            || texts.scratch(),
            |scratch, edges| {
                let (document, edges): (u32, Vec<u32>) = (edges[0].0, edges.iter().map(|edge| edge.1).collect());
                let offsets = match texts.reading.edges_of(document, &edges)? {
                    Some(offsets) => offsets,
                    None => texts.read(document, scratch, |text, tokens| offsets(text, tokens, &edges))?,
                };
                Ok((document, edges.into_iter().zip(offsets).collect()))
            },
        );
        for (document, offsets) in placed.collect::<Result<Vec<(u32, Vec<_>)>>>()? {
            self.offsets.entry(document).or_default().extend(offsets);
        }
        Ok(())
    }

    /// The respelled tokens of documents `a` and `b`, of which `a` is before `b`.
    #[expect(clippy::cast_possible_truncation, reason = "the number of documents was checked")]
    pub(super) fn runs(&self, a: usize, b: usize) -> &[MatchedRun] {
        self.runs.get(&(a as u32, b as u32)).map_or(&[], Vec::as_slice)
    }

    /// Where a token at an edge of respelled tokens starts, and where the one before it ends.
    #[expect(clippy::cast_possible_truncation, reason = "the number of documents was checked")]
    pub(super) fn offsets_at(&self, document: usize, token: u32) -> [u32; 2] {
        let offsets = &self.offsets[&(document as u32)];
        offsets[offsets.partition_point(|&(edge, _)| edge < token)].1
    }
}

#[cfg(test)]
mod tests {
    use super::{BASE, sums_at};
    use crate::spill::MemoryLimit;
    use crate::{DetectConfig, Detector, Document, FoundPair, PairRule, Segment, SegmentKind};
    use proptest::prelude::*;

    /// Spellings of one word each: hamza, taa marbuta, tatweel, diacritics, digits, case, width, accents.
    const WORDS: [&[&str]; 8] = [
        &["إلى", "الى", "اِلي"],
        &["مدرسة", "مدرسه", "مَدْرَسَةٌ"],
        &["قال", "قـال", "قالَ", "قالـ"],
        &["مؤتمر", "موتمر"],
        &["١٤٤٥", "1445"],
        &["boat", "Boat", "BOAT"],
        &["net", "ｎｅｔ"],
        &["cafe", "café", "cafe\u{301}"],
    ];

    /// Stands for a word that no other text has.
    const NEW: usize = 100;

    /// A word of a drawn text: which, and in which spelling.
    type Word = (usize, usize);

    fn written(words: &[Word]) -> Vec<String> {
        // Numbered words make anchors.
        let word = |(at, &(which, spelling)): (usize, &Word)| match WORDS.get(which) {
            Some(spellings) => spellings[spelling % spellings.len()].to_owned(),
            None if which == NEW => format!("new{at}"),
            None => format!("{}{at}", ["Word", "word"][usize::from(spelling > 0)]),
        };
        words.iter().enumerate().map(word).collect()
    }

    fn pairs(documents: &[(String, String)], limit: Option<u64>) -> Vec<FoundPair> {
        let detector = Detector::new(DetectConfig::default()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let detector = match limit {
            Some(bytes) => detector.within_memory(MemoryLimit { bytes, temp_dir: folder.path().into() }),
            None => detector,
        };
        let findings = detector.detect(documents.iter().map(|(id, text)| Document::new(id, text))).unwrap();
        findings.pairs().map(|pair| FoundPair::from_pair(&pair)).collect()
    }

    /// The words of a range of code points. All words are apart by single spaces.
    fn words_in(text: &str, [start, end]: [usize; 2]) -> Vec<String> {
        let part: String = text.chars().skip(start).take(end - start).collect();
        part.split_whitespace().map(str::to_owned).collect()
    }

    /// The matched segments of all passages in order, with the sides exchanged or not.
    fn matched(pair: &FoundPair, is_swapped: bool) -> Vec<(SegmentKind, [usize; 2], [usize; 2])> {
        let segments = pair.passages.iter().flatten().flat_map(|passage| &passage.segments);
        let sides = |&Segment(kind, a, b): &Segment| if is_swapped { (kind, b, a) } else { (kind, a, b) };
        let is_matched = |segment: &&Segment| matches!(segment.0, SegmentKind::Exact | SegmentKind::Respelled);
        let mut matched: Vec<_> = segments.filter(is_matched).map(sides).collect();
        matched.sort_by_key(|segment| segment.1);
        matched
    }

    fn documents() -> impl Strategy<Value = Vec<Vec<Word>>> {
        let spelling = || prop_oneof![4 => Just(0_usize), 1 => 0..4_usize];
        let word = (0..14_usize, spelling());
        let text = prop::collection::vec(word, 30..60);
        let copy = || (prop::collection::vec(prop::option::weighted(0.1, spelling()), 60), prop::option::weighted(0.5, 0..30_usize));
        (text, prop::collection::vec(copy(), 1..4)).prop_map(|(text, copies)| {
            let copied = copies.into_iter().map(|(spellings, cut)| {
                let mut words: Vec<Word> = text.iter().zip(spellings).map(|(&(which, own), other)| (which, other.unwrap_or(own))).collect();
                // Other copies have the same words, in other spellings.
                if let Some(cut) = cut {
                    words[cut].0 = NEW;
                }
                words
            });
            let copied: Vec<_> = copied.collect();
            [text].into_iter().chain(copied).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// The reference compares the words of both texts as they are written, one by one.
        #[test]
        fn segments_are_exact_where_the_words_are_written_alike(drawn in documents()) {
            let named = |ids: &[&str]| -> Vec<(String, String)> {
                ids.iter().zip(&drawn).map(|(id, words)| ((*id).to_owned(), written(words).join(" "))).collect()
            };
            let documents = named(&["a", "b", "c", "d"]);
            let found = pairs(&documents, None);
            let text = |id: &str| &documents.iter().find(|document| document.0 == id).unwrap().1;
            let is_identical = |pair: &&FoundPair| pair.rule == PairRule::Identical;
            let same = |x: &[Word], y: &[Word]| x.iter().map(|word| word.0).eq(y.iter().map(|word| word.0));
            let identical = (0..drawn.len()).map(|at| drawn[at + 1..].iter().filter(|other| same(&drawn[at], other)).count()).sum::<usize>();
            prop_assert_eq!(found.iter().filter(is_identical).count(), identical);
            for pair in &found {
                for passage in pair.passages.iter().flatten() {
                    let mut counts = [0; 2];
                    for segment in &passage.segments {
                        let (x, y) = (words_in(text(&pair.a), segment.1), words_in(text(&pair.b), segment.2));
                        match segment.0 {
                            SegmentKind::Exact => prop_assert_eq!(&x, &y),
                            SegmentKind::Respelled => prop_assert!(x.len() == y.len() && x.iter().zip(&y).all(|(x, y)| x != y), "{:?} {:?}", x, y),
                            _ => continue,
                        }
                        counts[usize::from(segment.0 == SegmentKind::Respelled)] += x.len();
                    }
                    prop_assert_eq!([counts[0] + counts[1], counts[1]], [passage.words, passage.respelled]);
                    let kinds: Vec<_> = passage.segments.iter().map(|segment| segment.0).collect();
                    prop_assert!(passage.reordered || kinds.windows(2).all(|pair| pair[0] != pair[1]), "{:?}", kinds);
                }
            }
            // Whether tokens are held or read again.
            prop_assert_eq!(&pairs(&documents, Some(0)), &found);
            // With the order of the ids reversed.
            let swapped = pairs(&named(&["d", "c", "b", "a"]), None);
            let name = |id: &str| ["a", "b", "c", "d"].into_iter().rev().zip(["a", "b", "c", "d"]).find(|(from, _)| *from == id).unwrap().1;
            for pair in &found {
                let other = swapped.iter().find(|other| name(&other.b) == &*pair.a && name(&other.a) == &*pair.b).unwrap();
                prop_assert_eq!(matched(pair, true), matched(other, false));
            }
        }

        #[test]
        fn sums_are_those_of_the_tokens_between(spellings in prop::collection::vec(any::<u32>(), 1..60), edges in prop::collection::btree_set(0..60_u32, 1..8)) {
            let edges: Vec<u32> = edges.into_iter().filter(|&edge| edge as usize <= spellings.len()).collect();
            let sums = sums_at(&spellings, &edges);
            for (of, at) in edges.windows(2).zip(sums.windows(2)) {
                let between = &spellings[of[0] as usize..of[1] as usize];
                let sum = between.iter().fold(0_u64, |sum, &spelling| sum.wrapping_mul(BASE).wrapping_add(spelling.into()));
                prop_assert_eq!(at[1].wrapping_sub(at[0].wrapping_mul(BASE.wrapping_pow(of[1] - of[0]))), sum);
            }
        }
    }

    /// One respelled word inside 300 equal ones.
    #[test]
    fn one_respelled_word_is_one_segment() {
        let words: Vec<String> = (0..300).map(|n| format!("كلمة{n}")).collect();
        let mut other = words.clone();
        other[150] = other[150].replace('ة', "ه");
        let texts = [words.join(" "), other.join(" ")];
        let found = pairs(&[("a".into(), texts[0].clone()), ("b".into(), texts[1].clone())], None);
        let passage = &found[0].passages.as_ref().unwrap()[0];
        let counted: Vec<_> = passage.segments.iter().map(|segment| (segment.0, words_in(&texts[0], segment.1).len())).collect();
        assert_eq!(counted, [(SegmentKind::Exact, 150), (SegmentKind::Respelled, 1), (SegmentKind::Exact, 149)]);
        assert_eq!((passage.words, passage.respelled), (300, 1));
    }
}
