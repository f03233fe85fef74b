//! Findings as a gate: which are new, which count, and where they stand in the files.
//!
//! In: the findings of a run over the given articles, and what an index says of them. Out: a [`Check`], the list of findings with their levels,
//! fingerprints and places. Always: a fingerprint depends on the tokens alone, not on paths, lines, order or line breaks.

mod baseline;
mod fingerprint;
mod gate;
mod given;
mod group;
#[cfg(feature = "index")]
mod identities;
mod ignore;
mod indexed;
mod known;
mod locate;
mod marks;
mod message;
mod order;
mod place;
mod rules;
mod summary;

pub use baseline::{Baseline, BaselineChange};
pub use gate::{Check, CheckedFinding, Gate, Kind, Pairs, Seen};
pub use given::Given;
pub use ignore::{Ignore, IgnoreError};
pub use indexed::Held;
#[cfg(feature = "index")]
pub use indexed::{Purpose, hold_against};
pub use message::Part;
pub use place::Place;
pub use refrain_engine::corpus::Region;
pub use rules::{Level, Levels, RULES};
pub use summary::CheckSummary;
