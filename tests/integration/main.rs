//! The program and the library from outside. One binary, a module a concern; each test has a folder of its own.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "tests may fail, and share their workbench"
)]

mod against;
mod baseline;
mod byte_exact;
mod cancelled;
mod check;
mod check_hosts;
mod check_places;
mod clean;
mod clean_crawls;
#[cfg(feature = "parquet")]
#[cfg(feature = "parquet")]
mod clean_parquet;
mod clean_plan;
mod clean_runs;
mod clean_safe;
mod clean_spans;
mod clean_tables;
mod command_line;
mod compare;
mod corpus;
mod damage;
mod dates;
mod eval;
mod exit_codes;
#[cfg(feature = "index")]
mod hostile;
#[cfg(feature = "index")]
mod index;
#[cfg(feature = "index")]
mod index_hostile;
#[cfg(feature = "index")]
mod index_identity;
mod invariance;
mod json_records;
mod layers;
mod library;
mod limits;
mod marks;
mod names;
#[cfg(feature = "html")]
mod pages;
#[cfg(feature = "parquet")]
mod parquet;
mod passages;
mod paths;
mod reading;
mod reference;
mod report;
mod report_tables;
mod schema;
mod scripts;
mod selftest;
mod settings;
mod setup;
mod shared_data;
mod snapshots;
mod sources;
#[cfg(feature = "stages")]
mod stages;
mod tables;
mod text_files;
#[cfg(unix)]
mod truncated;
mod warc;
#[cfg(feature = "html")]
mod warc_html;
mod words;
mod workbench;
