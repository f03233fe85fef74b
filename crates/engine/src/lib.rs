//! The engine of refrain: text, sketches, alignment and detection.
//!
//! In: documents. Out: findings with exact numbers. No files are read or written, but for temporary ones where memory is limited. This crate is a part of
//! `refrain`, which is the interface for others: here anything may change between versions.

pub mod against;
pub mod any_corpus;
pub mod compare;
pub mod config;
pub mod corpus;
pub mod date;
pub mod detect;
pub mod document;
pub mod error;
pub mod file_path;
pub mod finding;
pub mod interval;
pub mod naming;
pub mod problems;
pub mod simd;
pub mod sketch;
pub mod sort;
pub mod spill;
pub mod text;
pub mod union_find;

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
pub use spill::MemoryLimit;
pub use text::{Fold, Part};
