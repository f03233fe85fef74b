//! Any bytes as a file: the first byte chooses its ending, the rest is what it holds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use refrain::{Corpus, DetectConfig, Detector, Error, FileCorpus, Locator, Record, Silent, SourceOptions, Visitor};
use refrain_fuzz::{check_groups, check_repetition, check_reports, work_on_this_thread};
use std::path::PathBuf;
use std::sync::LazyLock;

const ENDINGS: [&str; 4] = [".jsonl", ".json", ".txt", ""];

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a temporary folder can be made"));

struct Document {
    id: Option<String>,
    text: String,
    locator: Locator,
    line: u64,
}

#[derive(Default)]
struct Collected(Vec<Document>);

impl Visitor for Collected {
    type Output = Vec<Document>;

    fn document(&mut self, record: Record<'_>) {
        let Record { id, text, locator, line, .. } = record;
        self.0.push(Document { id: id.map(Into::into), text: text.into(), locator, line });
    }

    fn progress(&mut self, _bytes: u64) {}

    fn finish(self) -> Vec<Document> {
        self.0
    }
}

fuzz_target!(init: work_on_this_thread(), |data: &[u8]| {
    let Some((&choice, bytes)) = data.split_first() else { return };
    let path = FOLDER.path().join(format!("input{}", ENDINGS[usize::from(choice) % ENDINGS.len()]));
    std::fs::write(&path, bytes).expect("the temporary folder can be written");
    check_file(path, bytes);
});

fn check_file(path: PathBuf, bytes: &[u8]) {
    let corpus = FileCorpus::open(&[path], &SourceOptions::default()).expect("the file is there");
    let stretches = match corpus.visit(Collected::default) {
        Err(Error::Unsupported { .. }) => return, // packed
        read => read.expect("a plain file can be read"),
    };
    let problems: usize = stretches.iter().map(|stretch| stretch.problems.len()).sum();
    let documents: Vec<Document> = stretches.into_iter().flat_map(|stretch| stretch.output).collect();
    assert!(documents.len() + problems <= bytes.len() + 1, "more records than bytes");
    for document in &documents {
        assert_eq!(corpus.text(document.locator).expect("nothing changed"), document.text, "read again, it is another text");
    }

    let detector = Detector::new(DetectConfig::default()).expect("the default makes sense");
    let findings = detector.detect_in(&corpus, &Silent).expect("what was read once can be read again");
    let summary = findings.summary();
    assert_eq!((summary.documents, summary.skipped), (documents.len(), problems));
    assert_eq!(summary.characters, documents.iter().map(|document| document.text.chars().count() as u64).sum::<u64>());
    assert!(summary.empty <= documents.len() && findings.renamed() <= documents.len() && findings.bad_dates() <= documents.len());
    let last_line = 1 + bytes.iter().filter(|&&byte| byte == b'\n').count() as u64;
    assert_eq!(findings.problems().len(), problems);
    assert!(findings.problems().iter().all(|problem| problem.line <= last_line), "{:?}", findings.problems());

    let name = corpus.name(0);
    for repetition in findings.repetitions() {
        let place = |d: &Document| format!("{name}:{}", d.line + 1);
        let is_named =
            |d: &&Document| d.id.as_deref() == Some(&*repetition.doc) || repetition.doc.split('#').next() == Some(place(d).as_str());
        let longest = documents.iter().filter(is_named).map(|document| document.text.chars().count()).max();
        check_repetition(repetition, longest.expect("a repetition names a document"));
    }
    check_groups(&findings);
    check_reports(&findings);
}
