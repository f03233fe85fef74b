//! An index of a few articles that was damaged: four bytes of the input say where, the next how. Asked about all articles, it says what the whole one
//! does, or that it is damaged.
#![no_main]

use libfuzzer_sys::fuzz_target;
use refrain::index::{Article, Identity, Index, Ingest, Texts, QueryResult, add_corpus};
use refrain::{DetectConfig, Document, Documents, Silent};
use refrain_fuzz::{damaged, index_articles, remove_index, set_up};
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

struct Whole {
    folder: tempfile::TempDir,
    bytes: Vec<u8>,
    answers_of_whole: Vec<QueryResult>,
}

static WHOLE: LazyLock<Whole> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("whole");
    let index = Index::create(&path, &DetectConfig::default(), Texts::Kept).expect("an index can be made");
    // Two batches, so that there are several runs.
    for half in index_articles().chunks(8) {
        let documents: Documents = half.iter().map(|(id, text)| Document::new(id, text)).collect();
        add_corpus(&index, &documents, Ingest { batch: 4, threads: 1, progress: &Silent }, |_| ()).expect("articles can be added");
    }
    index.compact().expect("it can be written");
    let answers_of_whole = answers(&index).expect("nothing is damaged");
    assert!(answers_of_whole.iter().filter(|answer| !answer.pairs.is_empty()).count() > 8, "most articles share something");
    drop(index);
    let bytes = fs::read(&path).expect("it is there");
    Whole { folder, bytes, answers_of_whole }
});

/// What `index` says of each article, as if another had its text.
fn answers(index: &Index) -> refrain::Result<Vec<QueryResult>> {
    let mut matcher = index.matcher();
    let view = index.read()?;
    let of = |(_, text): (String, String)| {
        let asked = matcher.ask(Article { id: "asked", identity: Identity::Id, text: &text, date: None, outlet: None, origin: "" });
        view.query(&asked, &HashSet::new(), &mut matcher)
    };
    index_articles().into_iter().map(of).collect()
}

fn check(path: &Path, bytes: &[u8], answers_of_whole: &[QueryResult]) {
    fs::write(path, bytes).expect("the temporary folder can be written");
    let found = Index::open(path, &DetectConfig::default()).and_then(|index| {
        let verified = index.read()?.verify();
        answers(&index).map(|answers| (answers, verified.is_ok()))
    });
    match found {
        Ok((answers, _)) => assert_eq!(answers, answers_of_whole, "a damaged index answers otherwise"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    remove_index(path);
}

fuzz_target!(init: { set_up(); LazyLock::force(&WHOLE); }, |data: &[u8]| {
    let Whole { folder, bytes, answers_of_whole } = &*WHOLE;
    check(&folder.path().join("hurt"), &damaged(bytes, data), answers_of_whole);
});
