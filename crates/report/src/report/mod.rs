//! What is done with findings: lines or a document of JSON, or text for a terminal.
//!
//! In: [`refrain_engine::Findings`]. Out: bytes to a writer. Nothing is computed here that is not in the findings.

mod against;
pub mod check;
#[cfg(feature = "page")]
mod dossier;
#[cfg(feature = "page")]
mod html;
mod json;
#[cfg(feature = "page")]
mod review;
#[cfg(feature = "page")]
mod sheet;
mod terminal;

pub use against::{match_summary_line, write_matches_json, write_matches_jsonl, write_matches_text};
#[cfg(feature = "page")]
pub use dossier::{Dossier, config_of_run};
#[cfg(feature = "page")]
pub use html::{Anonymity, Lang, PageOptions, Written, write_page};
pub use json::{write_json, write_jsonl};
#[cfg(feature = "page")]
pub use review::write_review;
#[cfg(feature = "page")]
pub use sheet::{Sheet, SheetForm, SheetOptions, write_sheet};
pub use terminal::{Palette, printable, summary_line, write_text};
pub use terminal::{below_one, is_right_to_left};
pub(crate) use terminal::{count, percent};
