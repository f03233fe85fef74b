//! Any bytes as a table or a crawl: the first byte chooses its ending, the rest is what it holds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use refrain_fuzz::{check_file, set_up};
use std::sync::LazyLock;

const ENDINGS: [&str; 4] = [".csv", ".warc", ".tsv", ""];

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a temporary folder can be made"));

fuzz_target!(init: set_up(), |data: &[u8]| {
    let Some((&choice, bytes)) = data.split_first() else { return };
    let path = FOLDER.path().join(format!("input{}", ENDINGS[usize::from(choice) % ENDINGS.len()]));
    std::fs::write(&path, bytes).expect("the temporary folder can be written");
    check_file(path, bytes);
});
