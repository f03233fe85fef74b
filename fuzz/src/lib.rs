//! Laws of files and findings that more than one target checks.
//!
//! In: findings, and what is known of the documents. Out: nothing, or a panic that names the law.

use refrain::clean::{Options, clean, restore};
use refrain::report::{Palette, write_json, write_jsonl, write_text};
use refrain::{
    Corpus, DetectConfig, Detector, Error, FileCorpus, Findings, Locator, PairRule, Place, Record, Repetition, Silent, SourceOptions,
    Visitor,
};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Does all work on the calling thread, so that an input does the same each time.
pub fn set_up() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread();
    pool.build_global().expect("called once, before any other use of the pool");
    // The fuzzer's hook aborts at once, also where the library catches a panic, as it does those of the Parquet reader. One that nobody catches still
    // ends the run.
    std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
}

/// A repetition in a text of `chars` code points: two places that are there, the copy after the first, and alike.
pub fn check_repetition(repetition: &Repetition, chars: usize) {
    let (first, again) = (repetition.first, repetition.again);
    assert!(first.start < first.end && again.start < again.end, "a side is empty: {repetition:?}");
    assert!(again.end <= chars, "beyond the text of {chars} code points: {repetition:?}");
    assert!(first.end <= again.start, "the sides overlap: {repetition:?}");
    assert!(repetition.similarity > 0.0 && repetition.similarity <= 1.0, "no similarity: {repetition:?}");
    for side in [first, again] {
        let [[first_paragraph, last_paragraph], [first_line, last_line]] = [side.paragraphs, side.lines];
        assert!(1 <= first_paragraph && first_paragraph <= last_paragraph, "paragraphs out of order: {repetition:?}");
        assert!(1 <= first_line && first_line <= last_line, "lines out of order: {repetition:?}");
    }
}

/// Pairs and clusters name different documents, in order.
pub fn check_groups(findings: &Findings) {
    for pair in findings.pairs() {
        assert!(pair.a < pair.b, "a pair of one name, or out of order: {pair:?}");
        let is_near = matches!(pair.rule, PairRule::Identical | PairRule::NearDuplicate);
        assert_eq!(is_near, (findings.config().threshold..=1.0).contains(&pair.jaccard), "{pair:?}");
        let passages = pair.passages.as_deref().unwrap_or_default();
        assert!(is_near || !passages.is_empty(), "nothing is shared: {pair:?}");
        assert!(passages.is_sorted_by_key(|passage| passage.a[0]), "passages out of order: {pair:?}");
        for passage in passages {
            assert!(passage.a[0] < passage.a[1] && passage.b[0] < passage.b[1] && passage.words > 0, "{pair:?}");
            assert!(passage.similarity > 0.0 && passage.similarity <= 1.0, "{pair:?}");
        }
    }
    for cluster in findings.clusters() {
        assert!(cluster.members.len() > 1 && cluster.members.is_sorted_by(|x, y| x < y), "{cluster:?}");
        assert!(cluster.members.contains(&cluster.keep), "{cluster:?}");
    }
}

/// The findings as JSON lines, after every form of report was written and read back.
pub fn check_reports(findings: &Findings) -> String {
    let written = |write: &dyn Fn(&mut Vec<u8>) -> std::io::Result<()>| {
        let mut bytes = Vec::new();
        write(&mut bytes).expect("memory takes everything");
        String::from_utf8(bytes).expect("reports are UTF-8")
    };
    for palette in [Palette::PLAIN, Palette::TERMINAL] {
        written(&|out| write_text(findings, palette, None, out));
    }
    let json = written(&|out| write_json(findings, None, out));
    serde_json::from_str::<serde_json::Value>(&json).expect("the document is JSON");
    let lines = written(&|out| write_jsonl(findings, None, out));
    for line in lines.lines() {
        let value: serde_json::Value = serde_json::from_str(line).expect("each line is JSON");
        assert!(value["type"].is_string(), "a line without a type: {line}");
    }
    lines
}

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

/// A file that holds `bytes`, read twice and searched: documents and problems are counted alike, texts are the same again and where they are said
/// to stand, findings lie in them.
pub fn check_file(path: PathBuf, bytes: &[u8]) {
    let corpus = FileCorpus::open(&[path], &SourceOptions::default()).expect("the file is there");
    let stretches = match corpus.visit(Collected::default) {
        // Packed, and damaged.
        Err(Error::Unsupported { .. } | Error::Compressed { .. }) => return,
        read => read.expect("a plain file can be read"),
    };
    let problems: usize = stretches.iter().map(|stretch| stretch.problems.count()).sum();
    let documents: Vec<Document> = stretches.into_iter().flat_map(|stretch| stretch.output).collect();
    assert!(documents.len() + problems <= bytes.len() + 1, "more records than bytes");
    for document in &documents {
        assert_eq!(corpus.text(document.locator).expect("nothing changed"), document.text, "read again, it is another text");
        check_place(&corpus, document, bytes);
    }

    let detector = Detector::new(DetectConfig::default()).expect("the default makes sense");
    let findings = detector.detect_in(&corpus, &Silent).expect("what was read once can be read again");
    let summary = findings.summary();
    assert_eq!((summary.documents, summary.skipped), (documents.len(), problems));
    assert_eq!(summary.characters, documents.iter().map(|document| document.text.chars().count() as u64).sum::<u64>());
    assert!(summary.empty <= documents.len() && findings.renamed() <= documents.len() && findings.bad_dates().count <= documents.len());
    // Files without a line feed may have lines that end with a carriage return.
    let last_line = 1 + bytes.iter().filter(|&&byte| matches!(byte, b'\n' | b'\r')).count() as u64;
    assert_eq!(findings.problems().count(), problems);
    assert!(findings.problems().examples().iter().all(|problem| problem.line <= last_line), "{:?}", findings.problems());

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

/// The text of a document stands in the file where it is said to, spelt as it is said to be.
fn check_place(corpus: &FileCorpus, document: &Document, bytes: &[u8]) {
    let place = corpus.place(document.locator).expect("nothing changed");
    let Place::Bytes { record, text, spelling } = place else { panic!("{place:?}") };
    assert!(record.start <= record.end, "{record:?}");
    let Some(text) = text else { return };
    assert!(record.start <= text.start && text.start <= text.end && text.end <= record.end, "{text:?} in {record:?}");
    let within = |at: u64| usize::try_from(at).expect("a place in memory");
    // Beyond the file, or other bytes: it was decoded first.
    let Some(written) = bytes.get(within(text.start)..within(text.end)).and_then(|written| std::str::from_utf8(written).ok()) else {
        return;
    };
    // With zero bytes it may be UTF-16 or UTF-32 without a mark.
    if std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0) {
        assert_eq!(spelling.read(written).expect("it is written plainly"), document.text, "{spelling:?}");
        assert_eq!(spelling.written_at(written, document.text.len()), Some(written.len()));
    }
}

/// Bytes of one change.
const CHANGE: usize = 5;
/// Changes of more bytes than this are cut.
const LONGEST: usize = 600;

/// `bytes` with changes: four bytes of each say where, the next how.
pub fn damaged(bytes: &[u8], changes: &[u8]) -> Vec<u8> {
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

/// Articles of sixty words, of which the second half of each is the first half of the next.
pub fn index_articles() -> Vec<(String, String)> {
    let words = |n: usize| (0..30).map(|m| format!("word{}", (n * 31 + m) * 7919 % 10_007)).collect::<Vec<_>>().join(" ");
    (0..16).map(|n| (format!("article-{n}"), format!("{}\n{}", words(n / 2), words(n / 2 + 1 + n % 2 * 40)))).collect()
}

/// Removes an index with what SQLite keeps beside it.
pub fn remove_index(path: &Path) {
    for ending in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        let _ = std::fs::remove_file(name);
    }
}

/// The articles of a file: where they are, and their ids and texts. A file that is compressed or encoded anew has the same.
pub fn articles(path: &Path) -> Vec<(u64, Option<String>, String)> {
    struct Articles(Vec<(u64, Option<String>, String)>);
    impl Visitor for Articles {
        type Output = Vec<(u64, Option<String>, String)>;

        fn document(&mut self, record: Record<'_>) {
            self.0.push((record.locator.start, record.id.map(Cow::into_owned), record.text.into_owned()));
        }

        fn progress(&mut self, _: u64) {}

        fn finish(self) -> Self::Output {
            self.0
        }
    }
    let corpus = FileCorpus::open(&[path.to_owned()], &SourceOptions::default()).expect("it is there");
    let found = corpus.visit(|| Articles(Vec::new())).expect("it can be read");
    found.into_iter().flat_map(|stretch| stretch.output).collect()
}

/// A file that holds `bytes`: reading it, searching it and cleaning it ends in findings that fit to each other, or in an error. Cleaned, it comes back.
pub fn check_packed(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("the temporary folder can be written");
    let result = FileCorpus::open(std::slice::from_ref(&path), &SourceOptions::default()).and_then(|corpus| {
        let findings = Detector::new(DetectConfig::default())?.detect_in(&corpus, &Silent)?;
        check_groups(&findings);
        check_reports(&findings);
        let out = folder.join(format!("out-{name}"));
        let options = Options { detection: DetectConfig::default(), ..Options::default() };
        let manifest = folder.join(format!("out-{name}.manifest.jsonl"));
        clean(&corpus, std::slice::from_ref(&path), Some(&out), &options, &Silent)?;
        let back = folder.join(format!("back-{name}"));
        restore(&out, &manifest, &back, &Silent).expect("what was cleaned can be restored");
        assert!(std::fs::read(&back).expect("it was restored") == bytes || articles(&back) == articles(&path), "another file came back");
        Ok(())
    });
    if let Err(error) = result {
        assert!(!error.to_string().is_empty());
    }
}
