//! Scans documents in memory: `cargo run --example scan`.
#![expect(clippy::print_stdout, reason = "an example shows its result")]

use refrain::{DetectConfig, Detector, Document};

fn main() -> refrain::Result<()> {
    let story =
        "The harbour master counted nineteen boats at dawn, and wrote each name in the ledger with a careful hand before the fog lifted.";
    let documents = [
        Document::new("herald-1", format!("Boats return\n{story}")).dated("2026-03-01"),
        Document::new("courier-7", format!("BOATS RETURN\n{}", story.to_uppercase())).dated("2026-03-02"),
        Document::new("courier-8", format!("{story}\n{story}")),
    ];
    let config = DetectConfig { threshold: 0.7, ..DetectConfig::default() };
    let findings = Detector::new(config)?.detect(documents)?;
    for repetition in findings.repetitions() {
        println!("{}: {} words are repeated ({})", repetition.doc, repetition.words, repetition.rule.name());
    }
    for pair in findings.pairs() {
        println!("{} and {}: {}, Jaccard {:.3}", pair.a, pair.b, pair.rule.name(), pair.jaccard);
    }
    for cluster in findings.clusters() {
        println!("keep {} of {}", cluster.keep, cluster.members.join(", "));
    }
    Ok(())
}
