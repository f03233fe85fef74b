//! Runs that are cancelled: they fail with the same error in every phase, and soon.

use crate::workbench::Bench;
use refrain::against::Reference;
use refrain::clean::{Fields, Options, clean_documents};
use refrain::index::{Destination, Ingest, Texts, add_corpus};
use refrain::{Corpus, DetectConfig, Detector, Document, Documents, Error, Locator, Phase, Progress, Stretch, Visitor};
use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Cancels when a phase begins, or after some looks at whether it is cancelled.
struct Cancelling {
    phase: Option<Phase>,
    looks: AtomicUsize,
    is_cancelled: AtomicBool,
}

impl Cancelling {
    fn at(phase: Phase) -> Self {
        Self { phase: Some(phase), looks: AtomicUsize::new(usize::MAX), is_cancelled: AtomicBool::new(false) }
    }

    fn after(looks: usize) -> Self {
        Self { phase: None, looks: AtomicUsize::new(looks), is_cancelled: AtomicBool::new(false) }
    }
}

impl Progress for Cancelling {
    fn phase(&self, phase: Phase, _: Option<u64>) {
        if self.phase == Some(phase) {
            self.is_cancelled.store(true, Ordering::Relaxed);
        }
    }

    fn is_cancelled(&self) -> bool {
        let left = self.looks.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |looks| Some(looks.saturating_sub(1)));
        self.is_cancelled.load(Ordering::Relaxed) || left == Ok(0)
    }
}

fn documents() -> Documents {
    let words = |from: usize, count: usize| (from..from + count).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
    (0..900).map(|n| Document::new(n.to_string(), format!("{} {}", words(n / 3 * 1000, 60), words(n * 7919, 4)))).collect()
}

/// The documents, as a corpus that can be cleaned.
struct Plain(Documents);

impl Corpus for Plain {
    fn visit<V: Visitor>(&self, visitor: impl Fn() -> V + Sync) -> refrain::Result<Vec<Stretch<V::Output>>> {
        self.0.visit(visitor)
    }

    fn text(&self, locator: Locator) -> refrain::Result<Cow<'_, str>> {
        self.0.text(locator)
    }

    fn name(&self, file: u32) -> Cow<'_, str> {
        self.0.name(file)
    }
}

impl Fields for Plain {
    fn field(&self, _: Locator, _: &str) -> refrain::Result<Option<String>> {
        Ok(None)
    }

    fn outlet(&self, _: Locator) -> refrain::Result<Option<String>> {
        Ok(None)
    }
}

#[test]
fn a_run_is_cancelled_in_every_phase() {
    let detector = Detector::new(DetectConfig::default()).unwrap();
    for phase in [Phase::Reading, Phase::Candidates, Phase::Verification, Phase::Passages] {
        let found = detector.detect_in(&documents(), &Cancelling::at(phase));
        assert!(matches!(found, Err(Error::Cancelled)), "{phase:?}");
    }
    for looks in [0, 1, 10, 500, 901, 1200] {
        let found = detector.detect_in(&documents(), &Cancelling::after(looks));
        assert!(matches!(found, Err(Error::Cancelled)), "{looks}");
    }
}

#[test]
fn a_run_that_is_not_cancelled_finds_what_it_finds() {
    let detector = Detector::new(DetectConfig::default()).unwrap();
    let found = detector.detect_in(&documents(), &Cancelling::after(usize::MAX)).unwrap();
    assert_eq!(found.pairs().count(), 900);
}

#[test]
fn comparisons_cleanings_and_indexes_are_cancelled() {
    let config = DetectConfig::default();
    let reference = Reference::new(&documents(), &config).unwrap();
    for looks in [0, 100, 800] {
        assert!(matches!(reference.matches(&documents(), &Cancelling::after(looks)), Err(Error::Cancelled)));
        assert!(matches!(clean_documents(&Plain(documents()), &Options::default(), &Cancelling::after(looks)), Err(Error::Cancelled)));
        let bench = Bench::new();
        let path = bench.path().join("seen.db");
        let to = Destination::New { path: &path, config: &config, texts: Texts::Kept };
        let how = Ingest { batch: 100_000, threads: 2, progress: &Cancelling::after(looks) };
        assert!(matches!(add_corpus(to, &documents(), how, |_| ()), Err(Error::Cancelled)));
        assert!(!path.exists(), "no batch was added");
    }
}
