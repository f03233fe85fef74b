//! Reports, checks and scores of findings.
//!
//! This crate is a part of `refrain`, which is the interface for others: here anything may change between versions.

#[cfg(feature = "page")]
pub mod catalogue;
pub mod check;
#[cfg(feature = "comparison")]
pub mod comparison;
pub mod eval;
pub mod report;
pub mod selftest;
