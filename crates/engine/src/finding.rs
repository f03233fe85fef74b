//! What is found: the lines of `--format jsonl`, in the order of their fields (schema in `docs/findings.schema.json`).
//!
//! Always: offsets are code points into the document's text, half-open; numbers have at most six decimals and are exact.

mod common;

pub use common::{Boilerplate, CommonRun, Occurrence};

use serde::{Deserialize, Serialize};

/// Version of the findings' form; grows when a reader of the old one would go wrong.
pub const SCHEMA: u32 = 2;

/// A stretch of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// First code point.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// First and last paragraph that it touches, from 1.
    pub paragraphs: [usize; 2],
    /// First and last line, from 1.
    #[serde(skip)]
    pub lines: [usize; 2],
}

/// What kind of stretch comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RepetitionRule {
    /// Two or more consecutive paragraphs.
    RepeatedBlock,
    /// One paragraph.
    RepeatedParagraph,
    /// One or more whole sentences inside paragraphs.
    RepeatedSentence,
    /// A stretch that keeps to no paragraph or sentence.
    RepeatedPassage,
    /// A short phrase that loops.
    RepeatedPhrase,
}

impl RepetitionRule {
    /// The rule's name in the findings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RepeatedBlock => "repeated-block",
            Self::RepeatedParagraph => "repeated-paragraph",
            Self::RepeatedSentence => "repeated-sentence",
            Self::RepeatedPassage => "repeated-passage",
            Self::RepeatedPhrase => "repeated-phrase",
        }
    }
}

/// A stretch of one document that stands in it before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Repetition {
    /// What kind of stretch.
    pub rule: RepetitionRule,
    /// The document's id.
    pub doc: Box<str>,
    /// Where it stands first.
    pub first: Span,
    /// Where it comes again; for a phrase, the rest of the loop.
    pub again: Span,
    /// Matched tokens over the longer side's tokens, in [0, 1].
    pub similarity: f64,
    /// Matched tokens.
    pub words: usize,
    /// How often a phrase stands in its loop, the first included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copies: Option<usize>,
    /// The beginning of the later copy, on one line.
    #[serde(skip)]
    pub quotation: Box<str>,
}

/// How two documents are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PairRule {
    /// The same tokens in the same order.
    Identical,
    /// Jaccard at or over the threshold.
    NearDuplicate,
    /// One's shingle set is mostly in the other's: a containment of 0.8 or more.
    Contained,
    /// They share a passage.
    ReusedPassage,
    /// What they share is a frame that many documents share, filled in with other facts.
    Template,
}

impl PairRule {
    /// Name in the findings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::NearDuplicate => "near-duplicate",
            Self::Contained => "contained",
            Self::ReusedPassage => "reused-passage",
            Self::Template => "template",
        }
    }
}

/// Which of a pair is the earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The first.
    A,
    /// The second.
    B,
}

/// Two documents that are alike; `a` before `b` bytewise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair<'a> {
    /// How.
    pub rule: PairRule,
    /// Id of the one.
    pub a: &'a str,
    /// Id of the other.
    pub b: &'a str,
    /// Size of the intersection over size of the union of the shingle sets.
    pub jaccard: f64,
    /// Share of a's shingle set that is in b's.
    pub a_in_b: f64,
    /// Share of b's shingle set that is in a's.
    pub b_in_a: f64,
    /// The earlier, where both have a date and these tell which; a date at midnight stands for its whole day.
    pub origin: Option<Origin>,
    /// Share of a's tokens that passages match, each once; left out where none were looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub a_covered: Option<f64>,
    /// Share of b's tokens that passages match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub b_covered: Option<f64>,
    /// What stands in both, in order of a.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passages: Option<Vec<SharedPassage>>,
}

/// A pair that owns its ids: `a` before `b` bytewise.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundPair {
    /// How they are alike.
    pub rule: PairRule,
    /// Id of the one.
    pub a: Box<str>,
    /// Id of the other.
    pub b: Box<str>,
    /// As in [`Pair`].
    pub jaccard: f64,
    /// As in [`Pair`].
    pub a_in_b: f64,
    /// As in [`Pair`].
    pub b_in_a: f64,
    /// As in [`Pair`].
    pub origin: Option<Origin>,
    /// As in [`Pair`].
    pub a_covered: Option<f64>,
    /// As in [`Pair`].
    pub b_covered: Option<f64>,
    /// As in [`Pair`].
    pub passages: Option<Vec<SharedPassage>>,
}

impl FoundPair {
    /// A copy of a pair of a run.
    #[must_use]
    pub fn from_pair(pair: &Pair<'_>) -> Self {
        Self {
            rule: pair.rule,
            a: pair.a.into(),
            b: pair.b.into(),
            jaccard: pair.jaccard,
            a_in_b: pair.a_in_b,
            b_in_a: pair.b_in_a,
            origin: pair.origin,
            a_covered: pair.a_covered,
            b_covered: pair.b_covered,
            passages: pair.passages.clone(),
        }
    }

    /// The pair as it is told.
    #[must_use]
    pub fn as_pair(&self) -> Pair<'_> {
        Pair {
            rule: self.rule,
            a: &self.a,
            b: &self.b,
            jaccard: self.jaccard,
            a_in_b: self.a_in_b,
            b_in_a: self.b_in_a,
            origin: self.origin,
            a_covered: self.a_covered,
            b_covered: self.b_covered,
            passages: self.passages.clone(),
        }
    }
}

/// Text that two documents share, with its edits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharedPassage {
    /// Its range in a: code points, half-open.
    pub a: [usize; 2],
    /// Its range in b.
    pub b: [usize; 2],
    /// Number of matched tokens. Tokens in between that do not match are not counted.
    pub words: usize,
    /// How many of these are spelled differently: equal only after normalisation. 0 in findings of schema 1.
    #[serde(default)]
    pub respelled: usize,
    /// Matched tokens over the longer side's tokens, in [0, 1].
    pub similarity: f64,
    /// How much was changed.
    pub kind: PassageKind,
    /// Part of it is in another order in b; or all of it is, among the passages of the pair.
    pub reordered: bool,
    /// What matches and what does not, in order of a. Empty in findings of schema 1.
    #[serde(default)]
    pub segments: Vec<Segment>,
}

impl SharedPassage {
    /// Tokens of the longer side that do not match: words of its own in between.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a text has fewer than 2^32 tokens")]
    pub fn own(&self) -> usize {
        let longer = (self.words as f64 / self.similarity.clamp(1e-6, 1.0)).round();
        (longer as usize).saturating_sub(self.words)
    }
}

/// The words of some passages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WordCounts {
    /// Matched words.
    pub words: usize,
    /// How many of these are spelled differently.
    pub respelled: usize,
    /// Words in between that do not match, on the longer side of each passage.
    pub own: usize,
}

impl WordCounts {
    /// The sums over the passages of a pair.
    pub fn of(passages: &[SharedPassage]) -> Self {
        let add = |counts: Self, passage: &SharedPassage| Self {
            words: counts.words + passage.words,
            respelled: counts.respelled + passage.respelled,
            own: counts.own + passage.own(),
        };
        passages.iter().fold(Self::default(), add)
    }

    /// Matched words by spelling, and those in between, such as ` (80 same, 4 respelled; 10 own in between)`; empty if all are the same.
    pub fn details(self) -> String {
        let Self { words, respelled, own } = self;
        match (respelled, own) {
            (0, 0) => String::new(),
            _ => format!(" ({} same, {respelled} respelled; {own} own in between)", words.saturating_sub(respelled)),
        }
    }
}

/// How much of a passage was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PassageKind {
    /// All tokens match, in order; they may be respelled.
    Verbatim,
    /// Similarity of 0.7 or more.
    Edited,
    /// Similarity below 0.7: scattered words match.
    Reworded,
}

impl PassageKind {
    /// Similarity below which a passage is reworded.
    pub const REWORDED_BELOW: f64 = 0.7;

    /// The kind of a passage of so many matched runs and of `similarity`.
    pub fn of(runs: usize, similarity: f64) -> Self {
        match runs {
            1 => Self::Verbatim,
            _ if similarity < Self::REWORDED_BELOW => Self::Reworded,
            _ => Self::Edited,
        }
    }

    /// Name in the findings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Verbatim => "verbatim",
            Self::Edited => "edited",
            Self::Reworded => "reworded",
        }
    }
}

/// What a segment of a passage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SegmentKind {
    /// The tokens of both sides are equal as written.
    Exact,
    /// The tokens of both sides are equal only after normalisation: letter forms, diacritics, case or width differ.
    Respelled,
    /// The tokens of one side stand for those of the other, and differ.
    Replaced,
    /// One side has tokens and the other has none.
    Inserted,
}

/// A segment of a passage: its kind, its range in a and its range in b, in code points. An empty range is where tokens are missing. Written as
/// `["exact",[120,400],[0,280]]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment(pub SegmentKind, pub [usize; 2], pub [usize; 2]);

/// How much of a document comes from earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DerivationLabel {
    /// At least four fifths.
    Wholly,
    /// Less, but some.
    Partly,
}

/// The sources of a document: the earlier ones that cover its copied words, each word credited once, the greatest share first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Derivation<'a> {
    /// The document.
    pub doc: &'a str,
    /// How much of it is copied.
    pub label: DerivationLabel,
    /// Share of its tokens that match tokens of the sources.
    pub copied: f64,
    /// The sources.
    pub sources: Vec<DerivationSource<'a>>,
}

/// What a document owes to one source.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DerivationSource<'a> {
    /// The source.
    pub doc: &'a str,
    /// Share of the document's tokens that it covers, and none before it in the list.
    pub share: f64,
    /// How many tokens that is.
    pub words: usize,
}

/// Documents joined by verified pairs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cluster<'a> {
    /// From 1, in the order of the smallest member.
    pub id: usize,
    /// Ids, bytewise.
    pub members: Vec<&'a str>,
    /// The member to keep.
    pub keep: &'a str,
    /// Smallest Jaccard of the pairs that join it.
    pub min_jaccard: f64,
}

/// Totals of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Documents read, empty ones included.
    pub documents: usize,
    /// Documents without a token.
    pub empty: usize,
    /// Records left out.
    pub skipped: usize,
    /// Code points in all texts.
    pub characters: u64,
    /// Repetitions found; left out where they were not looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repetitions: Option<usize>,
    /// Documents that repeat themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeating_documents: Option<usize>,
    /// Pairs listed; left out where they were not looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairs: Option<usize>,
    /// Pairs inside clusters that are too many to list one by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlisted_pairs: Option<u64>,
    /// Pairs of different texts that were not compared: those of clusters of more than 256 different texts besides the spanning set that is reported, and
    /// others that share a band key with more than 256 texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncompared_pairs: Option<u64>,
    /// Clusters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clusters: Option<usize>,
    /// Verbatim runs that documents share outside the passages of pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub common_runs: Option<usize>,
    /// Paragraphs told as boilerplate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boilerplate: Option<usize>,
    /// Documents with sources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derived: Option<usize>,
    /// Runs of four tokens that proposed no pair, because they stand in too many documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capped_shingles: Option<u64>,
    /// Findings that the report leaves out because it is limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub omitted: Option<usize>,
}

/// The nearest number with six decimals.
pub fn round(number: f64) -> f64 {
    let scaled = number * 1e6;
    let nearest = scaled.round();
    // Scaling rounds as well: near the middle between two the formatter decides, which rounds the exact value.
    if (scaled - nearest).abs() < 0.499 && nearest < 1e15 { nearest / 1e6 } else { format!("{number:.6}").parse().unwrap_or(number) }
}
