//! Any bytes as a Parquet file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use refrain_fuzz::{check_packed, set_up};
use std::sync::LazyLock;

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a temporary folder can be made"));

fuzz_target!(init: set_up(), |data: &[u8]| check_packed(FOLDER.path(), "input.parquet", data));
