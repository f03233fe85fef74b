//! Input of refrain: files in every format that is read, and writing them again.
//!
//! In: paths. Out: records, each with its position in its file. This crate is a part of `refrain`, which is the interface for others: here anything may change
//! between versions.

pub mod files;
pub mod glob;
pub mod source;

pub use source::{CodeFences, FieldNames, FileCorpus, Format, HtmlFields, Limits, Place, SourceOptions, Spelling};
