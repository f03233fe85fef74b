//! Laws of findings that more than one target checks.
//!
//! In: findings, and what is known of the documents. Out: nothing, or a panic that names the law.

use refrain::report::{Palette, write_json, write_jsonl, write_text};
use refrain::{Findings, PairRule, Repetition};

/// Does all work on the calling thread, so that an input does the same each time.
pub fn work_on_this_thread() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread();
    pool.build_global().expect("called once, before any other use of the pool");
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
    for palette in [Palette::Plain, Palette::Ansi] {
        written(&|out| write_text(findings, palette, out));
    }
    let json = written(&|out| write_json(findings, out));
    serde_json::from_str::<serde_json::Value>(&json).expect("the document is JSON");
    let lines = written(&|out| write_jsonl(findings, out));
    for line in lines.lines() {
        let value: serde_json::Value = serde_json::from_str(line).expect("each line is JSON");
        assert!(value["type"].is_string(), "a line without a type: {line}");
    }
    lines
}
