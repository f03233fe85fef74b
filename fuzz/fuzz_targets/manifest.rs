//! The manifest of a cleaned file with changes: the first byte chooses the file, the rest is changes as those of an index. Restored with it, the file
//! comes back with the same articles, or there is an error and no file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use refrain::clean::{Options, clean, restore};
use refrain::{FileCorpus, Silent, SourceOptions};
use refrain_fuzz::{articles, damaged, set_up};
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::LazyLock;

struct Cleaned {
    out: PathBuf,
    name: &'static str,
    articles: Articles,
    manifest: Vec<u8>,
}

type Articles = Vec<(u64, Option<String>, String)>;

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a temporary folder can be made"));
static CLEANED: LazyLock<Vec<Cleaned>> = LazyLock::new(|| {
    let lines: String = (0..40)
        .map(|n| {
            let words: Vec<String> = (0..30).map(|m| format!("w{}", (n / 2 * 31 + m) * 7919 % 10_007)).collect();
            format!("{{\"id\":\"{n}\",\"text\":\"{0}.\\n{0}.\\nEnd\"}}\n", words.join(" "))
        })
        .collect();
    let gzip = {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        packer.write_all(lines.as_bytes()).expect("memory takes everything");
        packer.finish().expect("memory takes everything")
    };
    let zstd = zstd::encode_all(lines.as_bytes(), 3).expect("memory takes everything");
    let parquet = include_bytes!("../seeds/parquet/snappy").to_vec();
    let gzipped = include_bytes!("../seeds/parquet/gzip").to_vec();
    let files =
        [("a.jsonl", lines.into_bytes()), ("b.jsonl.gz", gzip), ("c.jsonl.zst", zstd), ("d.parquet", parquet), ("e.parquet", gzipped)];
    files.into_iter().map(|(name, input)| cleaned(name, input)).collect()
});

fn cleaned(name: &'static str, input: Vec<u8>) -> Cleaned {
    let path = FOLDER.path().join(name);
    fs::write(&path, &input).expect("the temporary folder can be written");
    let corpus = FileCorpus::open(std::slice::from_ref(&path), &SourceOptions::default()).expect("it is there");
    let (out, manifest) = (FOLDER.path().join(format!("out-{name}")), FOLDER.path().join("m"));
    let options = Options { manifest: Some(manifest.clone()), ..Options::default() };
    clean(&corpus, std::slice::from_ref(&path), Some(&out), &options, &Silent).expect("it can be cleaned");
    let whole = fs::read(&manifest).expect("it was written");
    assert!(fs::read(&out).expect("it was written") != input, "nothing went from {name}");
    Cleaned { out, name, articles: articles(&path), manifest: whole }
}

fuzz_target!(init: { set_up(); LazyLock::force(&CLEANED); }, |data: &[u8]| {
    let Some((&choice, changes)) = data.split_first() else { return };
    let choice = usize::from(choice);
    let Cleaned { out, name, articles: expected, manifest: whole } = &CLEANED[choice / 2 % CLEANED.len()];
    let folder = FOLDER.path().join("back");
    let (manifest, back) = (FOLDER.path().join("damaged"), folder.join(name));
    fs::create_dir_all(&folder).expect("the temporary folder can be written");
    fs::write(&manifest, damaged(whole, changes)).expect("the temporary folder can be written");
    match restore(out, &manifest, &back, &Silent) {
        Ok(_) => assert!(articles(&back) == *expected, "another file came back"),
        Err(error) => assert!(!error.to_string().is_empty() && !back.exists(), "{error}, and a file"),
    }
    let left: Vec<_> = fs::read_dir(&folder).expect("it is there").map(|entry| entry.expect("it is there").file_name()).filter(|left| left != name).collect();
    assert!(left.is_empty(), "files are left: {left:?}");
    let _ = fs::remove_file(&back);
});
