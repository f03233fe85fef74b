//! What is done with findings: lines or a document of JSON, or text for a terminal.
//!
//! In: [`crate::Findings`]. Out: bytes to a writer. Nothing is computed here that is not in the findings.

pub mod check;
mod json;
mod terminal;

pub use json::{write_json, write_jsonl};
pub use terminal::{Palette, printable, write_text};
#[cfg(feature = "cli")]
pub(crate) use terminal::{below_one, is_right_to_left};
pub(crate) use terminal::{count, percent, shown};
