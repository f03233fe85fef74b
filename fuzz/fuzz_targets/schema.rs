//! What somebody else made of an index: SQL that is run on a good one, or, if it begins as a database does, any bytes as the file. Opened, queried, added to
//! and verified, it ends in an answer or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use refrain::index::{Article, Identity, Index, Ingest, Texts, add_corpus};
use refrain::{DetectConfig, Document, Documents, Silent};
use refrain_fuzz::{index_articles, remove_index, set_up};
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// How databases begin.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// How long the statements of an input may take.
const LONGEST: Duration = Duration::from_millis(200);

struct Whole {
    folder: tempfile::TempDir,
    bytes: Vec<u8>,
}

static WHOLE: LazyLock<Whole> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("whole");
    let index = Index::create(&path, &DetectConfig::default(), Texts::Kept).expect("an index can be made");
    let documents: Documents = index_articles().iter().map(|(id, text)| Document::new(id, text)).collect();
    add_corpus(&index, &documents, Ingest { batch: 8, threads: 1, progress: &Silent }, |_| ()).expect("articles can be added");
    index.compact().expect("it can be written");
    drop(index);
    let bytes = fs::read(&path).expect("it is there");
    Whole { folder, bytes }
});

/// Runs statements until one fails or all took too long.
fn run(path: &Path, sql: &str) {
    let Ok(database) = rusqlite::Connection::open(path) else { return };
    let handle = database.get_interrupt_handle();
    let (done, waits) = channel::<()>();
    let watch = std::thread::spawn(move || {
        // Statements that come after the first interrupt are ended, too.
        let mut wait = LONGEST;
        while waits.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
            handle.interrupt();
            wait = Duration::from_millis(5);
        }
    });
    for statement in sql.split(";;") {
        if database.execute_batch(statement).is_err() {
            break;
        }
    }
    drop((done, database));
    watch.join().expect("it only waits");
}

fn used(path: &Path) -> refrain::Result<()> {
    let config = DetectConfig::default();
    let index = Index::open(path, &config)?;
    let mut matcher = index.matcher();
    let view = index.read()?;
    let _ = view.verify();
    for (_, text) in index_articles().iter().take(3) {
        let asked = matcher.ask(Article { id: "asked", identity: Identity::Id, text, date: None, outlet: None, origin: "" });
        view.query(&asked, &HashSet::new(), &mut matcher)?;
    }
    drop(matcher);
    drop(view);
    drop(index);
    let index = Index::open_to_write(path, &config)?;
    let documents: Documents = index_articles().iter().map(|(id, text)| Document::new(format!("more-{id}"), text)).collect();
    add_corpus(&index, &documents, Ingest { batch: 8, threads: 1, progress: &Silent }, |_| ())?;
    index.compact()?;
    index.read()?.verify().map(drop)
}

fuzz_target!(init: { set_up(); LazyLock::force(&WHOLE); }, |data: &[u8]| {
    let Whole { folder, bytes } = &*WHOLE;
    let path = folder.path().join("changed");
    if data.starts_with(MAGIC) {
        fs::write(&path, data).expect("the temporary folder can be written");
    } else {
        fs::write(&path, bytes).expect("the temporary folder can be written");
        run(&path, &String::from_utf8_lossy(data));
    }
    if let Err(error) = used(&path) {
        assert!(!error.to_string().is_empty());
    }
    remove_index(&path);
});
