//! Each stage by itself, in bytes of text a second: `cargo bench --bench stages`.
//!
//! The texts are made of invented words in Arabic and in English, with the lengths of words and articles that news has.
#![expect(clippy::unwrap_used, reason = "a bench may fail")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use refrain::compare::{Aligner, Overlap};
use refrain::sketch::{Banding, Sketcher};
use refrain::text::{Tokenizer, Tokens, shingle_set, shingles_into};
use refrain::{DetectConfig, Detector, Document, Fold, Scope, Simd};
use std::hint::black_box;

/// `count` articles of 300 words, drawn from 20,000 words of two to nine letters of `alphabet`.
fn articles(alphabet: &str, count: u64) -> Vec<String> {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut state = 1_u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut word = || (0..2 + draw(8)).map(|_| letters[usize::try_from(draw(letters.len() as u64)).unwrap()]).collect::<String>();
    let words: Vec<String> = (0..20_000).map(|_| word()).collect();
    let mut pick = || words[usize::try_from(draw(20_000)).unwrap()].as_str();
    (0..count).map(|_| (0..300).map(|_| pick()).collect::<Vec<_>>().join(" ")).collect()
}

fn stages(c: &mut Criterion) {
    for (script, alphabet) in [("arabic", "ابتثجحخدذرزسشصضطظعغفقكلمنهويأإآةى"), ("english", "etaoinshrdlucmfwypvbgkjqxz")]
    {
        let texts = articles(alphabet, 200);
        let bytes: usize = texts.iter().map(String::len).sum();
        let tokens: Vec<Tokens> = texts.iter().map(|text| Tokens::of(text, Fold::Full)).collect();
        let shingles: Vec<Vec<u64>> = tokens.iter().map(|tokens| shingle_set(&tokens.hashes, 5)).collect();
        let banding = Banding::for_threshold(0.8);
        let mut group = c.benchmark_group(script);
        group.throughput(Throughput::Bytes(bytes as u64));
        let mut scratch = Tokens::default();
        for (name, simd) in [("fold and tokenise", Simd::Auto), ("fold and tokenise, no simd", Simd::Off)] {
            let mut tokenizer = Tokenizer::new(Fold::Full, simd);
            group.bench_function(name, |b| {
                b.iter(|| texts.iter().for_each(|text| tokenizer.read(black_box(text), &mut scratch)));
            });
        }
        let mut out = Vec::new();
        group.bench_function("shingle", |b| b.iter(|| tokens.iter().for_each(|t| shingles_into(black_box(&t.hashes), 5, &mut out))));
        for (name, simd) in
            [("sketch and band", Simd::Auto), ("sketch and band, avx2", Simd::Avx2), ("sketch and band, no simd", Simd::Off)]
        {
            let (mut sketcher, mut keys) = (Sketcher::new(banding, simd), Vec::new());
            group.bench_function(name, |b| {
                b.iter(|| {
                    keys.clear();
                    shingles.iter().for_each(|set| sketcher.append_keys(black_box(set), &mut keys));
                });
            });
        }
        group.bench_function("verify", |b| b.iter(|| shingles.windows(2).map(|pair| Overlap::of(&pair[0], &pair[1]).both).sum::<usize>()));
        let mut aligner = Aligner::new();
        let doubled: Vec<Vec<u64>> = tokens.iter().map(|t| [&t.hashes[..150], &t.hashes[..150]].concat()).collect();
        group.bench_function("within, nothing there", |b| {
            b.iter(|| tokens.iter().map(|t| aligner.within(&t.hashes).0.len()).sum::<usize>())
        });
        group.bench_function("within, all doubled", |b| b.iter(|| doubled.iter().map(|t| aligner.within(t).0.len()).sum::<usize>()));
        let documents: Vec<Document> = texts.iter().enumerate().map(|(n, text)| Document::new(n.to_string(), text.as_str())).collect();
        let detector = Detector::new(DetectConfig { scope: Scope::All, ..DetectConfig::default() }).unwrap();
        group.bench_function("everything, in memory", |b| {
            b.iter(|| detector.detect(documents.iter().cloned()).unwrap().summary().documents)
        });
        group.finish();
    }
}

criterion_group!(benches, stages);
criterion_main!(benches);
