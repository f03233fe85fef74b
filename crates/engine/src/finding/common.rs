//! What many documents have in common: paragraphs, and runs of tokens.

use serde::{Deserialize, Serialize};

/// A paragraph that occurs in many documents: a byline, a disclaimer, a line that asks to follow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Boilerplate {
    /// Its text where it occurs first, at most 300 code points, on one line.
    pub text: Box<str>,
    /// Documents that have it.
    pub documents: usize,
    /// Outlets of those documents; left out where none is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlets: Option<usize>,
    /// The first three of those documents.
    pub examples: Vec<Box<str>>,
}

/// A verbatim run of tokens that documents share outside the passages of their pairs: many have it, or one of the two has it several times.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CommonRun<'a> {
    /// The text of its longest place, at most 300 code points, on one line.
    pub text: &'a str,
    /// Tokens of its longest place, at least as many as a passage has.
    pub words: usize,
    /// Documents that have it, or a part of it of that least length.
    pub documents: usize,
    /// Outlets of those documents; left out where none is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outlets: Option<usize>,
    /// All its places, by document, then offset; a place holds the run or a part of it.
    pub places: Vec<Occurrence<'a>>,
}

/// A range of a document's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Occurrence<'a> {
    /// Id of the document.
    pub doc: &'a str,
    /// First code point.
    pub start: usize,
    /// One past the last.
    pub end: usize,
}
