//! Against an independent reference: all pairs by brute force over sets of strings.

use proptest::prelude::*;
use refrain::{DetectConfig, Detector, Document, Scope};
use std::collections::{BTreeMap, BTreeSet};

/// Sets of k consecutive words, as strings. Texts here are lower-case ASCII words, so words are tokens.
fn shingles(text: &str, k: usize) -> BTreeSet<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() < k {
        return (!words.is_empty()).then(|| words.join(" ")).into_iter().collect();
    }
    words.windows(k).map(|window| window.join(" ")).collect()
}

fn pairs_by_brute_force(texts: &[String], k: usize, threshold: f64) -> BTreeMap<(String, String), String> {
    let sets: Vec<_> = texts.iter().map(|text| shingles(text, k)).collect();
    let mut pairs = BTreeMap::new();
    for (i, a) in sets.iter().enumerate() {
        for (j, b) in sets.iter().enumerate().skip(i + 1) {
            let both = a.intersection(b).count();
            let jaccard = both as f64 / (a.len() + b.len() - both).max(1) as f64;
            if both > 0 && jaccard >= threshold {
                let share = |of: &BTreeSet<String>| both as f64 / of.len() as f64;
                pairs.insert((format!("{i:03}"), format!("{j:03}")), format!("{jaccard:.6} {:.6} {:.6}", share(a), share(b)));
            }
        }
    }
    pairs
}

fn pairs_told(texts: &[String], k: usize, threshold: f64) -> BTreeMap<(String, String), String> {
    let config = DetectConfig { scope: Scope::NearDuplicates, shingle: k, threshold, ..DetectConfig::default() };
    let documents = texts.iter().enumerate().map(|(n, text)| Document::new(format!("{n:03}"), text.as_str()));
    let findings = Detector::new(config).unwrap().detect(documents).unwrap();
    let told = findings.pairs().map(|p| ((p.a.to_owned(), p.b.to_owned()), format!("{:.6} {:.6} {:.6}", p.jaccard, p.a_in_b, p.b_in_a)));
    told.collect()
}

/// Families of edited copies: pairs at every distance.
fn families() -> impl Strategy<Value = Vec<String>> {
    let edits = prop::collection::vec((0..80_usize, 0..40_u32), 0..12);
    let copy = (0..4_usize, edits, 20..80_usize);
    prop::collection::vec(copy, 2..24).prop_map(|copies| {
        let text = |(family, edits, length): (usize, Vec<(usize, u32)>, usize)| {
            let mut words: Vec<String> = (0..length).map(|n| format!("f{family}w{n}")).collect();
            edits.into_iter().for_each(|(at, word)| words[at % length] = format!("edit{word}"));
            words.join(" ")
        };
        copies.into_iter().map(text).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: proptest::test_runner::RngSeed::Fixed(11), cases: 120, ..ProptestConfig::default() })]

    /// With a fixed seed, since a pair at the threshold may be missed once in a thousand.
    #[test]
    fn every_pair_is_told_with_exact_numbers(texts in families(), k in 1..7_usize, threshold in 0.3..=1.0) {
        prop_assert_eq!(pairs_told(&texts, k, threshold), pairs_by_brute_force(&texts, k, threshold));
    }
}

/// A text of few distinct words, fewer than any article has, and a run that is put into it twice.
fn run_in_few_words() -> impl Strategy<Value = (Vec<u32>, Vec<u32>, [usize; 2])> {
    (40..200_u32).prop_flat_map(|vocabulary| {
        let word = 0..vocabulary;
        (prop::collection::vec(word.clone(), 0..400), prop::collection::vec(word, 25..60), [0..400_usize, 0..400])
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// The guarantee: a verbatim run of --min-words tokens that stands twice in an article is found, also where its words are common.
    #[test]
    fn a_verbatim_run_of_the_least_length_is_found((words, run, cuts) in run_in_few_words()) {
        let (first, second) = (cuts[0].min(cuts[1]).min(words.len()), cuts[0].max(cuts[1]).min(words.len()));
        let all: Vec<u32> = [&words[..first], &run, &words[first..second], &run, &words[second..]].concat();
        let text = all.iter().map(|word| format!("{word:03}")).collect::<Vec<_>>().join(" ");
        let findings = Detector::new(DetectConfig { scope: Scope::Within, ..DetectConfig::default() }).unwrap().detect([Document::new("a", text)]).unwrap();
        // Each word is three characters and a space.
        let again = second + run.len()..second + 2 * run.len();
        let told = again.clone().filter(|&word| findings.repetitions().iter().any(|r| {
            (r.again.start..r.again.end).contains(&(word * 4)) || r.copies.is_some() && (r.first.start..r.first.end).contains(&(word * 4))
        }));
        let told = told.count();
        prop_assert!(told * 10 >= run.len() * 8, "{told} of {} words at {again:?}: {:?}", run.len(), findings.repetitions());
    }
}
