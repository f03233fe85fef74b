//! The program and the library from outside. One binary, a module a concern; each test has a folder of its own.
#![expect(clippy::unwrap_used, unreachable_pub, reason = "tests may fail, and share their workbench")]

mod corpus;
mod workbench;
