//! Texts of few distinct words, in which everything repeats: the aligner on their tokens, the detector on the text.
//!
//! The first byte chooses the number of words, each other byte a word and what stands after it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use refrain::compare::{Aligner, Passage};
use refrain::{DetectConfig, Detector, Document, Scope, WithinConfig};
use refrain_fuzz::{check_groups, check_repetition, check_reports, set_up};

#[rustfmt::skip]
const WORDS: [&str; 32] = [
    "harbour", "ميناء", "boat", "قارب", "dawn", "فجر", "ledger", "دفتر", "salt", "ملح", "rope", "حبل", "lantern", "فانوس", "tide", "مد",
    "gull", "نورس", "quay", "رصيف", "sail", "شراع", "anchor", "مرساة", "north", "شمال", "stone", "حجر", "wind", "ريح", "name", "اسم",
];

/// By the three high bits of a byte: control characters, digits, capitals, small letters, and the rest.
const SEPARATORS: [&str; 8] = ["\n", ", ", ". ", " ", "\n\n", "… ", " ", " "];

fuzz_target!(init: set_up(), |data: &[u8]| {
    let Some((&size, bytes)) = data.split_first() else { return };
    let size = usize::from(size) % WORDS.len() + 1;
    let words: Vec<usize> = bytes.iter().map(|&byte| usize::from(byte) % WORDS.len() % size).collect();
    let tokens: Vec<u64> = words.iter().map(|&word| word as u64).collect();
    check_passages(&tokens);
    check_between(tokens.split_at(tokens.len() / 2));
    let text: String = words.iter().zip(bytes).flat_map(|(&word, &byte)| [WORDS[word], SEPARATORS[usize::from(byte >> 5)]]).collect();
    check_detector(&text, DetectConfig::default());
    let within = WithinConfig { min_words: 4, min_sentence_words: 4, min_loop_copies: 3 };
    check_detector(&text, DetectConfig { scope: Scope::Within, within, ..DetectConfig::default() });
});

fn check_passages(tokens: &[u64]) {
    let mut aligner = Aligner::new();
    let (passages, loops) = aligner.within(tokens);
    let mut end = 0;
    for passage in &passages {
        let Passage { a, b, matched, .. } = passage;
        assert!(a.start < a.end && b.start < b.end && b.end <= tokens.len(), "{passage:?}");
        assert!(a.end <= b.start, "sides overlap: {passage:?}");
        assert!(b.start >= end, "copies overlap: {passage:?}");
        assert!(*matched > 0 && *matched <= a.len().min(b.len()), "{passage:?}");
        if a.len() * b.len() <= 1 << 16 {
            let most = longest_common_subsequence(&tokens[a.clone()], &tokens[b.clone()]);
            assert!(*matched <= most, "{passage:?} matches more than the {most} that can be");
        }
        end = b.end;
    }
    for found in loops {
        let all = &tokens[found.start..found.start + found.period * found.copies];
        let (phrase, rest) = all.split_at(found.period);
        assert!(found.copies > 1 && rest.chunks(found.period).all(|copy| copy == phrase), "{found:?}");
    }
    let loops = loops.to_vec();
    assert_eq!(aligner.within(tokens), (passages, &loops[..]), "tables of the first run change the second");
}

/// Passages of two documents stay in them, in order, overlap on neither side, and their runs match.
fn check_between((a, b): (&[u64], &[u64])) {
    let mut aligner = Aligner::new();
    let passages = aligner.between(a, b);
    assert!(passages.is_sorted_by_key(|passage| passage.a.start), "{passages:?}");
    for passage in &passages {
        assert!(
            passage.a.start < passage.a.end && passage.a.end <= a.len() && passage.b.start < passage.b.end && passage.b.end <= b.len(),
            "{passage:?}"
        );
        assert!(passage.matched > 0 && passage.matched <= passage.a.len().min(passage.b.len()), "{passage:?}");
        assert!(passage.runs.iter().all(|run| a[run.on_a()] == b[run.on_b()]), "{passage:?}");
    }
    for side in [|passage: &Passage| passage.a.clone(), |passage: &Passage| passage.b.clone()] {
        let mut sides: Vec<_> = passages.iter().map(side).collect();
        sides.sort_by_key(|range| range.start);
        assert!(sides.windows(2).all(|pair| pair[0].end <= pair[1].start), "overlap: {passages:?}");
    }
    assert_eq!(aligner.between(a, b), passages, "tables of the first run change the second");
}

fn longest_common_subsequence(a: &[u64], b: &[u64]) -> usize {
    let mut lengths = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            lengths[i + 1][j + 1] = if x == y { lengths[i][j] + 1 } else { lengths[i][j + 1].max(lengths[i + 1][j]) };
        }
    }
    lengths[a.len()][b.len()]
}

fn check_detector(text: &str, config: DetectConfig) {
    let detect = || {
        let detector = Detector::new(config).expect("the settings make sense");
        detector.detect([Document::new("one", text)]).expect("one document in memory")
    };
    let findings = detect();
    let chars = text.chars().count();
    findings.repetitions().iter().for_each(|repetition| check_repetition(repetition, chars));
    check_groups(&findings);
    let report = check_reports(&findings);
    assert_eq!(report, check_reports(&detect()), "a second run finds something else");
}
