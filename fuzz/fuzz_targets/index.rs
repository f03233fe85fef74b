//! An index of a few articles that was damaged: four bytes of the input say where, the next how. Asked about all articles, it says what the whole one
//! does, or that it is damaged.
#![no_main]

use libfuzzer_sys::fuzz_target;
use refrain::index::{Article, Identity, Index, Ingest, Texts, Told, add_corpus};
use refrain::{DetectConfig, Document, Documents, Silent};
use refrain_fuzz::work_on_this_thread;
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// Bytes of one change.
const CHANGE: usize = 5;
/// Changes of more bytes than this are cut.
const LONGEST: usize = 600;

struct Whole {
    folder: tempfile::TempDir,
    bytes: Vec<u8>,
    told: Vec<Told>,
}

static WHOLE: LazyLock<Whole> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("whole");
    let index = Index::create(&path, &DetectConfig::default(), Texts::Kept).expect("an index can be made");
    // Two batches, so that there are several runs.
    for half in articles().chunks(8) {
        let documents: Documents = half.iter().map(|(id, text)| Document::new(id, text)).collect();
        add_corpus(&index, &documents, Ingest { batch: 4, threads: 1, progress: &Silent }, |_| ()).expect("articles can be added");
    }
    index.compact().expect("it can be written");
    let told = answers(&index).expect("nothing is damaged");
    assert!(told.iter().filter(|told| !told.pairs.is_empty()).count() > 8, "most articles share something");
    drop(index);
    let bytes = fs::read(&path).expect("it is there");
    Whole { folder, bytes, told }
});

/// Articles of sixty words, of which the second half of each is the first half of the next.
fn articles() -> Vec<(String, String)> {
    let words = |n: usize| (0..30).map(|m| format!("word{}", (n * 31 + m) * 7919 % 10_007)).collect::<Vec<_>>().join(" ");
    (0..16).map(|n| (format!("article-{n}"), format!("{}\n{}", words(n / 2), words(n / 2 + 1 + n % 2 * 40)))).collect()
}

/// What `index` says of each article, as if another had its text.
fn answers(index: &Index) -> refrain::Result<Vec<Told>> {
    let mut judge = index.judge();
    let view = index.read()?;
    let of = |(_, text): (String, String)| {
        let asked = judge.ask(Article { id: "asked", identity: Identity::Id, text: &text, date: None, outlet: None, origin: "" });
        view.query(&asked, &HashSet::new(), &mut judge)
    };
    articles().into_iter().map(of).collect()
}

fn damaged(bytes: &[u8], changes: &[u8]) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    for change in changes.chunks_exact(CHANGE) {
        let word = u32::from_le_bytes([change[0], change[1], change[2], change[3]]) as usize;
        let (at, how, length) = (word % damaged.len().max(1), change[4], (word >> 20) % LONGEST);
        match how % 4 {
            0 if at > 0 => damaged.truncate(at),
            1 => damaged.iter_mut().skip(at).take(length).for_each(|byte| *byte ^= how),
            2 => damaged.iter_mut().skip(at).take(length).for_each(|byte| *byte = how),
            _ => damaged.iter_mut().skip(at).take(1).for_each(|byte| *byte = how),
        }
    }
    damaged
}

fn check(path: &Path, bytes: &[u8], told: &[Told]) {
    fs::write(path, bytes).expect("the temporary folder can be written");
    let found = Index::open(path, &DetectConfig::default()).and_then(|index| {
        let verified = index.read()?.verify();
        answers(&index).map(|answers| (answers, verified.is_ok()))
    });
    match found {
        Ok((answers, _)) => assert_eq!(answers, told, "a damaged index tells something else"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        let _ = fs::remove_file(name);
    }
}

fuzz_target!(init: { work_on_this_thread(); LazyLock::force(&WHOLE); }, |data: &[u8]| {
    let Whole { folder, bytes, told } = &*WHOLE;
    check(&folder.path().join("hurt"), &damaged(bytes, data), told);
});
