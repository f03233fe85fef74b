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

#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;

#[doc(inline)]
pub use refrain_clean as clean;
#[doc(inline)]
pub use refrain_engine::finding::round;
#[doc(inline)]
pub use refrain_engine::{
    BadDates, Boilerplate, Cluster, CommonRun, Corpus, Derivation, DerivationLabel, DerivationSource, DetectConfig, Detector, Document,
    Documents, Error, Findings, Fold, FoundPair, Keep, Linkage, Locator, MemoryLimit, Occurrence, Origin, Pair, PairRule, Part,
    PassageKind, Phase, Problem, Problems, Progress, Record, Repetition, RepetitionRule, Result, SCHEMA, Scope, Segment, SegmentKind,
    SharedPassage, Silent, Simd, Span, Stretch, Summary, Visitor, WithinConfig, against, compare, date, sketch, text,
};
#[doc(inline)]
#[cfg(feature = "index")]
pub use refrain_index as index;
#[doc(inline)]
pub use refrain_io::{CodeFences, FieldNames, FileCorpus, Format, HtmlFields, Limits, Place, SourceOptions, Spelling, files, source};
#[doc(inline)]
#[cfg(feature = "page")]
pub use refrain_report::catalogue;
#[doc(inline)]
#[cfg(feature = "cli")]
pub use refrain_report::comparison;
#[doc(inline)]
pub use refrain_report::{check, eval, report, selftest};
#[doc(inline)]
#[cfg(feature = "stages")]
pub use refrain_stages as stages;
