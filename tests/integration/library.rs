//! The public API, as another crate uses it.

use crate::workbench::words;
use refrain::{
    Corpus, DetectConfig, Detector, Document, Documents, Error, Keep, Linkage, Locator, PairRule, Result, Scope, Silent, Stretch, Visitor,
};
use std::borrow::Cow;

fn detector(change: impl FnOnce(&mut DetectConfig)) -> Detector {
    let mut config = DetectConfig::default();
    change(&mut config);
    Detector::new(config).unwrap()
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    let refused = |change: fn(&mut DetectConfig)| {
        let mut config = DetectConfig::default();
        change(&mut config);
        match Detector::new(config) {
            Err(Error::Config { setting, .. }) => setting,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused(|c| c.threshold = 0.29), "threshold");
    assert_eq!(refused(|c| c.threshold = f64::NAN), "threshold");
    assert_eq!(refused(|c| c.shingle = 0), "shingle");
    assert_eq!(refused(|c| c.within.min_words = 1), "min-words");
}

#[test]
fn the_earlier_of_a_pair_is_its_origin_and_the_one_to_keep() {
    let text = words("harbour", 40);
    let documents = [
        Document::new("a", format!("{text} late addition")).dated("2024-03-02T10:00:00+03:00"),
        Document::new("b", text.clone()).dated("2024-03-02T08:00:00+03:00"),
        Document::new("c", text.to_uppercase()),
    ];
    let findings = detector(|_| ()).detect(documents.clone()).unwrap();
    let pairs: Vec<_> = findings.pairs().collect();
    let told: Vec<_> = pairs.iter().map(|p| (p.a, p.b, p.rule, p.origin.map(|o| format!("{o:?}")))).collect();
    assert_eq!(
        told,
        [
            ("a", "b", PairRule::NearDuplicate, Some("B".into())),
            ("a", "c", PairRule::NearDuplicate, None),
            ("b", "c", PairRule::Identical, None),
        ]
    );
    let keep = |keep| detector(|c| c.keep = keep).detect(documents.clone()).unwrap().clusters().next().unwrap().keep.to_owned();
    assert_eq!([keep(Keep::Earliest), keep(Keep::Latest), keep(Keep::Longest), keep(Keep::First)], ["b", "a", "a", "a"]);
}

#[test]
fn complete_linkage_keeps_chains_apart() {
    let word = |n: usize| format!("word{n}");
    let text = |from: usize| (from..from + 100).map(word).collect::<Vec<_>>().join(" ");
    let chain = || (0..4).map(|n| Document::new(format!("d{n}"), text(n * 9)));
    let members = |linkage| {
        let findings = detector(|c| (c.linkage, c.threshold) = (linkage, 0.8)).detect(chain()).unwrap();
        findings.clusters().map(|c| c.members.join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(members(Linkage::Single), ["d0 d1 d2 d3"]);
    assert_eq!(members(Linkage::Complete), ["d0 d1", "d2 d3"]);
}

#[test]
fn a_text_without_tokens_is_counted_and_like_nothing() {
    let findings = detector(|_| ()).detect([Document::new("a", "…"), Document::new("b", " \n"), Document::new("c", "one")]).unwrap();
    assert_eq!((findings.summary().documents, findings.summary().empty, findings.pairs().count()), (3, 2, 0));
}

#[test]
fn shorter_than_a_shingle_is_like_what_is_equal() {
    let findings =
        detector(|_| ()).detect([Document::new("a", "One two"), Document::new("b", "one, two"), Document::new("c", "two one")]).unwrap();
    assert_eq!(findings.pairs().map(|p| (p.a, p.b)).collect::<Vec<_>>(), [("a", "b")]);
}

#[test]
fn thousands_of_copies_are_told_by_the_first() {
    let text = words("copy", 30);
    let findings = detector(|_| ()).detect((0..600).map(|n| Document::new(format!("d{n:03}"), text.clone()))).unwrap();
    let summary = findings.summary();
    assert_eq!((summary.pairs, summary.unlisted_pairs, summary.clusters), (Some(599), Some(600 * 599 / 2 - 599), Some(1)));
    assert!(findings.pairs().all(|pair| pair.a == "d000"));
}

/// Three thousand variants of one text, of which each pair is a near-duplicate, and two copies of another one.
#[test]
fn a_large_cluster_is_reported_by_a_spanning_set() {
    let frame = words("frame", 200);
    let variants = (0..3000).map(|n| Document::new(format!("d{n:04}"), format!("{frame} number n{n}")));
    let others = ["x", "y", "z"].map(|id| Document::new(id, format!("{} {id}", words("other", 60))));
    let findings = detector(|c| c.scope = Scope::NearDuplicates).detect(variants.chain(others)).unwrap();
    assert_eq!(findings.clusters().map(|c| c.members.len()).collect::<Vec<_>>(), [3000, 3]);
    let pairs: Vec<_> = findings.pairs().map(|pair| (pair.a.to_owned(), pair.b.to_owned(), pair.jaccard)).collect();
    // Of 198 shingles of each, one has the number.
    let of_first = (1..3000).map(|n| ("d0000".to_owned(), format!("d{n:04}"), 0.98995));
    assert!(pairs[..2999] == of_first.collect::<Vec<_>>(), "{:?}", &pairs[..3]);
    assert_eq!(pairs[2999..].iter().map(|(a, b, _)| [a.as_str(), b]).collect::<Vec<_>>(), [["x", "y"], ["x", "z"], ["y", "z"]]);
    assert_eq!(findings.summary().uncompared_pairs, Some(3000 * 2999 / 2 - 2999));
    let variants = (0..400).map(|n| Document::new(format!("d{n:04}"), format!("{frame} number n{n}")));
    let complete = detector(|c| (c.scope, c.linkage) = (Scope::NearDuplicates, Linkage::Complete)).detect(variants).unwrap();
    assert_eq!(complete.clusters().map(|c| c.members.len()).collect::<Vec<_>>(), [400]);
}

/// Variants of variants: the kept one is similar to a part of them, and each other one is paired with one that it is similar to.
#[test]
fn a_spanning_set_joins_all_members_with_verified_pairs() {
    let text = |n: usize| {
        let word = |at: usize| format!("{}{at}", if at % 10 < n % 3 { "other" } else { "word" });
        (0..150).map(word).chain([format!("own{n}"), format!("last{n}")]).collect::<Vec<_>>().join(" ")
    };
    let config = |c: &mut DetectConfig| (c.scope, c.threshold) = (Scope::NearDuplicates, 0.3);
    let findings = detector(config).detect((0..900).map(|n| Document::new(format!("d{n:03}"), text(n)))).unwrap();
    assert_eq!(findings.clusters().map(|c| c.members.len()).collect::<Vec<_>>(), [900]);
    let all = detector(config);
    let pairs: Vec<_> = findings.pairs().collect();
    assert_eq!(pairs.len(), 899);
    let mut joined = std::collections::BTreeSet::from(["d000"]);
    while let Some(pair) = pairs.iter().find(|pair| joined.contains(pair.a) != joined.contains(pair.b)) {
        joined.extend([pair.a, pair.b]);
    }
    assert_eq!(joined.len(), 900);
    for pair in pairs.iter().step_by(97) {
        let two = [pair.a, pair.b].map(|id| Document::new(id, text(id[1..].parse().unwrap())));
        assert_eq!(all.detect(two).unwrap().pairs().next().map(|alone| alone.jaccard), Some(pair.jaccard));
    }
}

/// A corpus of someone else's.
struct Numbered(Documents);

impl Corpus for Numbered {
    fn visit<V: Visitor>(&self, visitor: impl Fn() -> V + Sync) -> Result<Vec<Stretch<V::Output>>> {
        self.0.visit(visitor)
    }

    fn text(&self, locator: Locator) -> Result<Cow<'_, str>> {
        self.0.text(locator)
    }

    fn name(&self, _: u32) -> Cow<'_, str> {
        "list".into()
    }
}

#[test]
fn documents_without_an_id_of_their_own_are_named_by_their_place() {
    let corpus = Numbered(["same", "", "same", "other"].into_iter().map(|id| Document::new(id, words(id, 20))).collect());
    let findings = detector(|_| ()).detect_in(&corpus, &Silent).unwrap();
    assert_eq!(findings.renamed(), 3);
    assert_eq!(findings.pairs().map(|p| (p.a.to_owned(), p.b.to_owned())).collect::<Vec<_>>(), [("list:1".into(), "list:3".into())]);
}
