//! refrain finds text that repeats: inside an article, and across articles.
//!
//! Feed documents, get findings: repetitions inside each document with their offsets, pairs of documents that are identical or
//! near-duplicates with their exact Jaccard similarity, and clusters of them. MinHash proposes pairs; every number reported is
//! computed on the real shingle sets.
//!
//! ```
//! use refrain::{DetectConfig, Detector, Document};
//!
//! let body = "The harbour master counted nineteen boats at dawn, and wrote each name in the ledger with a careful hand.";
//! let documents = [
//!     Document::new("a", format!("Boats return to Marsa\n{body}\n{body}")),
//!     Document::new("b", "Nothing in this short notice stands anywhere else, so it is left alone."),
//!     Document::new("c", "NOTHING in this short notice stands anywhere else; so it is left alone"),
//! ];
//! let findings = Detector::new(DetectConfig::default())?.detect(documents)?;
//!
//! let repetition = &findings.repetitions()[0];
//! assert_eq!(repetition.doc.as_ref(), "a");
//! assert_eq!((repetition.first.paragraphs, repetition.again.paragraphs), ([2, 2], [3, 3]));
//! assert_eq!(repetition.again.start, 22 + body.len() + 1);
//!
//! let pair = findings.pairs().next().expect("case and punctuation do not count");
//! assert_eq!((pair.a, pair.b, pair.jaccard), ("b", "c", 1.0));
//! # Ok::<(), refrain::Error>(())
//! ```
//!
//! Files are read by [`FileCorpus`]; anything else that can be read twice implements [`Corpus`]. Work is done on the current rayon
//! pool; findings do not depend on the number of threads nor on the order of the documents.

pub mod against;
#[cfg(feature = "page")]
pub mod catalogue;
pub mod check;
pub mod clean;
pub mod compare;
#[cfg(feature = "cli")]
pub mod comparison;
mod config;
mod corpus;
mod date;
mod detect;
mod document;
mod error;
pub mod eval;
mod file_path;
pub mod files;
mod finding;
mod glob;
#[cfg(feature = "index")]
pub mod index;
mod interval;
mod naming;
mod problems;
pub mod report;
pub mod selftest;
mod simd;
pub mod sketch;
mod sort;
pub mod source;
mod spill;
pub mod text;
mod union_find;

pub use config::{DetectConfig, Keep, Linkage, Scope, WithinConfig};
pub use corpus::{Corpus, Documents, Stretch, Visitor};
pub use date::BadDates;
pub use detect::{Detector, Findings, Phase, Progress, Silent};
pub use document::{Document, Locator, Record};
pub use error::{Error, Problem, Result};
pub use finding::{
    Boilerplate, Cluster, CommonRun, Derivation, DerivationLabel, DerivationSource, FoundPair, Occurrence, Origin, Pair, PairRule,
    PassageKind, Repetition, RepetitionRule, SCHEMA, Segment, SegmentKind, SharedPassage, Span, Summary,
};
pub use problems::Problems;
pub use simd::Simd;
pub use source::{CodeFences, FieldNames, FileCorpus, Format, HtmlFields, Limits, Place, SourceOptions, Spelling};
pub use spill::MemoryLimit;
pub use text::{Fold, Part};
