//! Spellings, signs, broken words and scripts without spaces: what counts as equal, what as a word, and what `--exact` compares.

use super::workbench::Bench;
use refrain::{DetectConfig, Detector, Document, Findings, Fold, PairRule, Scope};
use serde_json::json;

fn found(texts: &[&str], config: DetectConfig) -> Findings {
    let documents = (0..).zip(texts).map(|(n, text)| Document::new(format!("{n:03}"), (*text).to_owned()));
    Detector::new(config).unwrap().detect(documents).unwrap()
}

fn rules(texts: &[&str], fold: Fold) -> Vec<PairRule> {
    found(texts, DetectConfig { fold, ..DetectConfig::default() }).pairs().map(|pair| pair.rule).collect()
}

/// Numbers below `below` that depend on the seed alone.
fn numbers(seed: u64, below: u64) -> impl Iterator<Item = usize> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below).unwrap()
    })
}

/// Scripts written without spaces: some of their letters, and how many make a word.
const SCRIPTS: [(&str, usize); 6] = [
    ("กขคงจฉชซญดตถทธนบปผพฟมยรลวสหอาะเแโ", 3),
    ("ກຂຄງຈສຊຍດຕຖທນບປຜຝພຟມຢຣລວຫອຮາະເແໂ", 3),
    ("កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយរលវសហឡអ", 3),
    ("ကခဂဃငစဆဇဈညဋဌဍဎဏတထဒဓနပဖဗဘမယရလဝသဟဠအ", 3),
    ("山水城市道路船新闻老师雨国家学校大小工作今天人民海风云车站门窗书报电", 2),
    ("あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめも", 2),
];

/// A text of words of a vocabulary, which depends on the script alone.
fn text(seed: u64, words: usize, (letters, length): (&str, usize)) -> String {
    let letters: Vec<char> = letters.chars().collect();
    let word = |n: usize| numbers(n as u64 + 1000, letters.len() as u64).skip(2).take(length).map(|at| letters[at]).collect::<String>();
    numbers(seed, 1000).skip(2).take(words).map(word).collect()
}

#[test]
fn unrelated_texts_in_scripts_without_spaces_make_no_pair() {
    for script in SCRIPTS {
        let texts: Vec<String> = (1..20).map(|seed| text(seed, 200, script)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let findings = found(&texts, DetectConfig::default());
        assert_eq!((findings.pairs().count(), findings.repetitions().len()), (0, 0), "{}", script.0);
    }
}

/// The least length is in words: a few letters are no passage, and as many words as in any other script are one.
#[test]
fn minimum_lengths_are_words_in_scripts_without_spaces() {
    for script in SCRIPTS {
        for (shared, expected) in [(8, 0), (18, 0), (25, 1)] {
            let run = text(900, shared, script);
            let [a, b] = [1, 2].map(|seed| [text(seed, 50, script), run.clone(), text(seed + 5, 50, script)].concat());
            assert_eq!(found(&[&a, &b], DetectConfig::default()).pairs().count(), expected, "{shared} words of {}", script.0);
        }
        for (copied, expected) in [(3, 0), (12, 1)] {
            let run = text(900, copied, script);
            let inside = [run.as_str(), &text(3, 50, script), &run].join("\n\n");
            let findings = found(&[&inside], DetectConfig { scope: Scope::Within, ..DetectConfig::default() });
            assert_eq!(findings.repetitions().len(), expected, "{copied} words of {}", script.0);
        }
    }
}

#[test]
fn a_word_broken_at_the_end_of_a_line_is_one_word() {
    let clean = "The committee questioned the harbour engineer about repairs to the lighthouse and the inspection of every warehouse";
    for (hyphen, end) in [("-", "\n"), ("- ", "\r\n"), ("\u{2010}", "\n    "), ("\u{ad}", "\n"), ("\u{ad}", "")] {
        let mut broken = clean.to_owned();
        for word in ["commit|tee", "ques|tioned", "engi|neer", "light|house", "inspec|tion", "ware|house"] {
            broken = broken.replace(&word.replace('|', ""), &word.replace('|', &format!("{hyphen}{end}")));
        }
        assert_eq!(rules(&[clean, &broken], Fold::Full), [PairRule::Identical], "{hyphen:?} {end:?}");
        assert_ne!(rules(&[clean, &broken], Fold::None), [PairRule::Identical]);
    }
}

/// Findings cover a broken word as a whole, and never cut it.
#[test]
fn findings_do_not_cut_broken_words() {
    let line = "one two three four five six seven eight nine ten eleven twelve detec-";
    let text = format!("{line}\ntion of it\nsomething else altogether\n{line}\ntion of it\n");
    let findings = found(&[&text], DetectConfig { scope: Scope::Within, ..DetectConfig::default() });
    let [repetition] = findings.repetitions() else { panic!("{:?}", findings.repetitions()) };
    let again = &repetition.again;
    let quoted: String = text.chars().skip(again.start).take(again.end - again.start).collect();
    assert_eq!(quoted, format!("{line}\ntion of it"));
}

/// The rule for signs: none is a token unless nothing is folded.
#[test]
fn texts_that_differ_in_signs_are_identical_only_if_signs_are_ignored() {
    for (x, y) in [
        ("We need a C++ engineer in Lumo", "We need a C# engineer in Lumo"),
        ("Compute 12 + 7 and stop", "Compute 12 - 7 and stop"),
        ("pay $50 now", "pay €50 now"),
        ("it came today 😀", "it came today 😡"),
        ("Did she win?", "Did she win!"),
    ] {
        assert_eq!(rules(&[x, y], Fold::Full), [PairRule::Identical], "{x}");
        assert_eq!(rules(&[x, y], Fold::None), [], "{x}");
    }
    assert_eq!(rules(&["pay $50 now", "pay EUR 50 now"], Fold::Full), []);
    assert_eq!(rules(&["😀😀 !!", "😀😀 !!"], Fold::None), [PairRule::Identical], "a text of signs alone is not empty");
}

#[test]
fn exact_finds_equal_bytes_and_nothing_else() {
    let bench = Bench::new();
    let long = "The harbour office closed at noon, and nobody said when it would open again. ".repeat(4);
    let texts = [
        ("a", long.as_str()),
        ("b", &long),
        ("c", &long.to_uppercase()),
        ("d", &format!("{long} ")),
        ("e", "😀"),
        ("f", "😀"),
        ("g", ""),
        ("h", ""),
    ];
    let lines: String = texts.iter().map(|(id, text)| format!("{}\n", json!({ "id": id, "text": text }))).collect();
    bench.write("in.jsonl", &lines);
    let found = bench.scan(&["in.jsonl", "--exact"]);
    let pairs: Vec<_> =
        found.of("pair").iter().map(|pair| (pair["rule"].clone(), pair["a"].clone(), pair["b"].clone(), pair["jaccard"].clone())).collect();
    let identical = |a: &str, b: &str| (json!("identical"), json!(a), json!(b), json!(1.0));
    assert_eq!(pairs, [identical("a", "b"), identical("e", "f")]);
    assert_eq!((found.of("repetition").len(), found.of("cluster").len()), (0, 2));
    assert_eq!(found.summary("empty"), 2);

    bench.write("refrain.toml", "exact = true\n");
    assert_eq!(bench.scan(&["in.jsonl"]).of("pair").len(), 2);
    let checked = bench.run(&["check", "in.jsonl", "--fail-on", "any", "--format", "jsonl"]);
    assert_eq!(checked.code, 1, "{}", checked.stderr);
    let cleaned = bench.run(&["clean", "in.jsonl", "-o", "out.jsonl"]);
    assert_eq!(cleaned.code, 0, "{}", cleaned.stderr);
    let kept: Vec<String> = lines.lines().enumerate().filter(|(n, _)| ![1, 5].contains(n)).map(|(_, line)| format!("{line}\n")).collect();
    assert_eq!(std::fs::read_to_string(bench.path().join("out.jsonl")).unwrap(), kept.concat());
}

#[test]
fn exact_is_refused_where_words_are_needed() {
    let bench = Bench::new();
    bench.write("in.jsonl", "{\"id\":1,\"text\":\"one\"}\n");
    for args in [
        &["scan", "in.jsonl", "--exact", "--only", "within"][..],
        &["clean", "in.jsonl", "-o", "out.jsonl", "--exact", "--remove", "within"],
        &["report", "in.jsonl", "-o", "out.html", "--exact"],
        #[cfg(feature = "index")]
        &["index", "add", "db", "in.jsonl", "--exact"],
        #[cfg(feature = "index")]
        &["check", "in.jsonl", "--exact", "--index", "db", "--add"],
    ] {
        let ran = bench.run(args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("exact") || ran.stderr.contains("byte for byte"), "{args:?}: {}", ran.stderr);
    }
}
