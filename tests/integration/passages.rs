//! Passages across documents: the guarantee, what counts as the same, and what is told apart.

use proptest::prelude::*;
use refrain::{DerivationLabel, DetectConfig, Detector, Document, Findings, Pair, PairRule, Scope};

fn words(seed: u64, count: usize, vocabulary: u64) -> Vec<String> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % vocabulary
    };
    (0..count).map(|_| format!("w{}", next())).collect()
}

fn found(documents: impl IntoIterator<Item = Document>) -> Findings {
    let config = DetectConfig { scope: Scope::Passages, ..DetectConfig::default() };
    Detector::new(config).unwrap().detect(documents).unwrap()
}

/// Share of code points `span` that the passages cover on one side.
fn covered(pair: &Pair<'_>, span: [usize; 2], side: impl Fn(&refrain::SharedPassage) -> [usize; 2]) -> f64 {
    let inside = |at: usize| pair.passages.iter().flatten().any(|passage| side(passage)[0] <= at && at < side(passage)[1]);
    (span[0]..span[1]).filter(|&at| inside(at)).count() as f64 / (span[1] - span[0]) as f64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// The guarantee: every verbatim run of the least length that stands in two documents is found, whatever stands around it.
    #[test]
    fn a_common_run_is_found(
        seed in any::<u64>(), length in 25..45_usize, around in prop::array::uniform4(0..150_usize), vocabulary in 40..5000_u64, others in 0..4_u64,
    ) {
        let run = words(seed, length, vocabulary);
        let beside = |n: usize| words(seed.wrapping_add(n as u64 + 1), around[n], vocabulary);
        let place = |n: usize| {
            let text = [beside(n), run.clone(), beside(n + 2)].concat().join(" ");
            let start = if around[n] == 0 { 0 } else { beside(n).join(" ").len() + 1 };
            (text, [start, start + run.join(" ").len()])
        };
        let ((a, in_a), (b, in_b)) = (place(0), place(1));
        let others = (0..others).map(|n| Document::new(format!("z{n}"), words(seed.wrapping_add(100 + n), 200, vocabulary).join(" ")));
        let findings = found([Document::new("a", a), Document::new("b", b)].into_iter().chain(others));
        let pair = findings.pairs().find(|pair| (pair.a, pair.b) == ("a", "b"));
        prop_assert!(pair.is_some(), "the run was not found");
        let pair = pair.unwrap();
        prop_assert!(covered(&pair, in_a, |passage| passage.a) > 0.9 && covered(&pair, in_b, |passage| passage.b) > 0.9, "{pair:?}");
    }

    /// The same where many documents have the run, so that no gram of it is rare, and where some have a piece of it a second time.
    #[test]
    fn a_run_that_many_have_is_found_in_each_pair(
        seed in any::<u64>(), length in 25..32_usize, around in prop::collection::vec((0..60_usize, 0..60_usize, 0..20_usize, any::<bool>()), 2..9), vocabulary in 500..5000_u64,
    ) {
        let run = words(seed, length, vocabulary);
        let own = |n: u64, count: usize| words(seed.wrapping_add(n), count, vocabulary);
        let documents: Vec<Document> = (0_u64..).zip(&around).map(|(n, &(before, after, from, has_piece))| {
            let piece = if has_piece { &run[from..from + 5] } else { &[] };
            Document::new(format!("d{n}"), [&own(2 * n + 1, before)[..], piece, &own(1000 + n, 3), &run, &own(2 * n + 2, after)].concat().join(" "))
        }).collect();
        let findings = found(documents);
        let pairs: std::collections::BTreeSet<(String, String)> = findings.pairs().map(|pair| (pair.a.to_owned(), pair.b.to_owned())).collect();
        for a in 0..around.len() {
            for b in a + 1..around.len() {
                prop_assert!(pairs.contains(&(format!("d{a}"), format!("d{b}"))), "d{a} and d{b} of {}", around.len());
            }
        }
    }

    /// Passages stay in their texts, in order of a, and are no larger than what they match.
    #[test]
    fn passages_keep_their_laws(seed in any::<u64>(), vocabulary in 2..60_u64, lengths in prop::array::uniform2(0..250_usize)) {
        let texts = [0, 1].map(|n| words(seed.wrapping_add(n as u64), lengths[n], vocabulary).join(" "));
        let findings = found([Document::new("a", texts[0].clone()), Document::new("b", texts[1].clone())]);
        for pair in findings.pairs() {
            let passages = pair.passages.clone().unwrap_or_default();
            prop_assert!(passages.is_sorted_by_key(|passage| passage.a[0]));
            for passage in passages {
                prop_assert!(passage.a[1] <= texts[0].len() && passage.b[1] <= texts[1].len());
                let longest = texts[0][passage.a[0]..passage.a[1]].split(' ').count().max(texts[1][passage.b[0]..passage.b[1]].split(' ').count());
                prop_assert!(passage.words <= longest && (passage.similarity - passage.words as f64 / longest as f64).abs() < 1e-6);
            }
        }
    }
}

fn text(parts: &[&[String]]) -> String {
    parts.iter().map(|part| part.join(" ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn spelling_costs_nothing() {
    let run = "قال رئيس البلدية إن الأعمال في الجسر القديم ستبدأ يوم الأحد وتستمر ثلاثة أشهر وإن المدرسة المجاورة ستنقل إلى مبنى آخر حتى تنتهي وتعود بعدها الحركة إلى المدينة كلها";
    let respelled = run.replace('أ', "ا").replace('ة', "ه").replace('ى', "ي").replace("قال", "قَـــالَ");
    let findings = found([
        Document::new("a", format!("{}\n{run}", words(1, 80, 5000).join(" "))),
        Document::new("b", format!("{respelled}\n{}", words(2, 80, 5000).join(" "))),
    ]);
    let pair = findings.pairs().next().expect("a passage");
    let passage = pair.passages.unwrap().remove(0);
    assert_eq!((pair.rule, passage.similarity, passage.words), (PairRule::ReusedPassage, 1.0, 29));
    assert_eq!(passage.b, [0, respelled.chars().count()]);
}

#[test]
fn moved_sentences_are_one_passage_and_distant_stretches_two() {
    let [one, two, three, other] = [1, 2, 3, 4].map(|seed| words(seed, 30, 100_000));
    let own = [5, 6, 7].map(|seed| words(seed, 150, 100_000));
    let moved = found([Document::new("a", text(&[&own[0], &one, &two, &three])), Document::new("b", text(&[&three, &one, &two, &own[1]]))]);
    let pair = moved.pairs().next().unwrap();
    let passages = pair.passages.unwrap();
    assert_eq!((passages.len(), passages[0].reordered, passages[0].words), (1, true, 90));
    let apart = found([Document::new("a", text(&[&one, &own[0], &two])), Document::new("b", text(&[&one, &own[1], &two, &other]))]);
    let passages = apart.pairs().next().unwrap().passages.unwrap();
    assert_eq!(passages.iter().map(|passage| (passage.words, passage.reordered)).collect::<Vec<_>>(), [(30, false), (30, false)]);
}

#[test]
fn sources_are_the_fewest_earlier_ones_and_share_no_word() {
    let [one, two, own] = [1, 2, 3].map(|seed| words(seed, 60, 100_000));
    let findings = found([
        Document::new("late", text(&[&one, &two, &own])).dated("2020-01-03"),
        Document::new("first", text(&[&one])).dated("2020-01-01"),
        Document::new("half", text(&[&one[..30]])).dated("2020-01-01"),
        Document::new("second", text(&[&two])).dated("2020-01-02"),
        Document::new("undated", text(&[&one, &two])),
        Document::new("copy", text(&[&own])).dated("2020-01-04"),
    ]);
    let derivations: Vec<_> = findings.derivations().collect();
    let late = derivations.iter().find(|derivation| derivation.doc == "late").unwrap();
    assert_eq!(late.sources.iter().map(|source| (source.doc, source.words)).collect::<Vec<_>>(), [("first", 60), ("second", 60)]);
    assert_eq!((late.label, late.copied), (DerivationLabel::Partly, 0.666_667));
    let copy = derivations.iter().find(|derivation| derivation.doc == "copy").unwrap();
    assert_eq!((copy.label, copy.copied, copy.sources[0].doc), (DerivationLabel::Wholly, 1.0, "late"));
    assert_eq!(derivations.len(), 2, "half and first are of one day, and undated has no place in time");
}

#[test]
fn a_paragraph_in_many_documents_is_boilerplate_and_no_reuse() {
    let line = words(99, 30, 100_000).join(" ");
    let documents = (0..25).map(|n| {
        let outlet = format!("outlet {}", n % 3);
        Document::new(format!("d{n:02}"), format!("{}\n{line}", words(n, 100, 100_000).join(" "))).published_by(outlet)
    });
    let findings = found(documents);
    assert_eq!(findings.pairs().count(), 0);
    let boilerplate = &findings.boilerplate()[0];
    assert_eq!((&*boilerplate.text, boilerplate.documents, boilerplate.outlets), (&*line, 25, Some(3)));
    assert_eq!(boilerplate.examples, ["d00", "d01", "d02"].map(Box::from));
}

#[test]
fn identical_documents_cost_one_comparison_and_are_told_whole() {
    let body = words(1, 200, 100_000);
    let spaced = |n: usize| body.join(if n.is_multiple_of(2) { " " } else { "\n\n" });
    let findings = found((0..40).map(|n| Document::new(format!("d{n:02}"), spaced(n))));
    assert_eq!(findings.pairs().count(), 40 * 39 / 2);
    for pair in findings.pairs() {
        let [passage] = pair.passages.as_deref().unwrap() else { panic!("{pair:?}") };
        let length = |id: &str| spaced(id[1..].parse().unwrap()).len();
        assert_eq!((passage.a, passage.b, passage.words), ([0, length(pair.a)], [0, length(pair.b)], 200));
        assert_eq!((pair.rule, pair.a_covered), (PairRule::Identical, Some(1.0)));
    }
}
