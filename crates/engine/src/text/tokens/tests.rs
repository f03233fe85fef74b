//! Tokens against examples of the text model, and the laws that hold for any text.

use super::*;
use proptest::prelude::*;

fn listed_with(text: &str, fold: Fold, simd: Simd) -> Vec<(String, Range<usize>)> {
    let mut list = Vec::new();
    Tokenizer::new(fold, simd).for_each(text, |folded, span| {
        list.push((String::from_utf8(folded.to_vec()).expect("folded text is UTF-8"), span.range()));
    });
    list
}

fn listed(text: &str, fold: Fold) -> Vec<(String, Range<usize>)> {
    listed_with(text, fold, Simd::Auto)
}

fn words(text: &str) -> Vec<String> {
    listed(text, Fold::Full).into_iter().map(|(word, _)| word).collect()
}

#[test]
fn words_numbers_and_scripts_without_spaces() {
    assert_eq!(words("Café-crème, 3.5٪ إلى الأُمّة"), ["cafe", "creme", "3", "5", "الي", "الامه"]);
    assert_eq!(words("東京tower ไทย"), ["東", "京", "tower", "ไ", "ท", "ย"]);
    assert_eq!(words("が\u{304b}\u{3099} 한국 \u{1112}\u{1161}\u{11ab}"), ["が", "が", "한국", "한"]);
    assert_eq!(words("½ ﷺ ﬁn"), ["1", "2", "صلي", "الله", "عليه", "وسلم", "fin"]);
    assert_eq!(words("\u{200f}—؟"), Vec::<String>::new());
}

#[test]
fn dropped_characters_neither_part_nor_lengthen_tokens() {
    let text = "كتـاب\u{64f} س\u{200d}ت";
    let tokens = listed(text, Fold::Full);
    assert_eq!(tokens.iter().map(|(w, s)| (w.as_str(), &text[s.clone()])).collect::<Vec<_>>(), [("كتاب", "كتـاب"), ("ست", "س\u{200d}ت")]);
}

#[test]
fn folds_differ_in_what_is_equal() {
    assert_eq!(listed("أَحمد É", Fold::Light).into_iter().map(|t| t.0).collect::<Vec<_>>(), ["أَحمد", "é"]);
    assert_eq!(listed("أَحـمد E\u{301}", Fold::None).into_iter().map(|t| t.0).collect::<Vec<_>>(), ["أَحـمد", "E\u{301}"]);
}

/// Each line is one word, spelt in several ways.
#[test]
fn the_full_fold_makes_spellings_one() {
    for spellings in [
        "ISPARTA isparta ısparta İSPARTA Isparta",
        "Łódź łódź lodz LODZ",
        "Đurđević đurđević durdevic",
        "smørrebrød SMØRREBRØD smorrebrod",
        "Ħal ħal hal",
        "œuvre ŒUVRE oeuvre",
        "Ærø ærø aero",
        "Þórður thordur",
        "Straße STRASSE strasse",
        "қала ҚАЛА кала",
        "ёлка Елка елка",
        "ہے ھے هے ەے",
        "زندگی زندگي زندګی",
        "خانۀ خانهٔ خانه خانۂ خانة خانۃ",
        "کتاب كتاب ڪتاب",
    ] {
        let found = words(spellings);
        assert!(found.len() == spellings.split(' ').count() && found.iter().all(|word| *word == found[0]), "{spellings}: {found:?}");
    }
}

/// All texts of a line have the same tokens.
#[test]
fn the_full_fold_ends_tokens_at_the_same_characters() {
    for texts in [
        ["oʻzbek", "o'zbek", "oʼzbek", "o’zbek", "o‘zbek", "o`zbek"],
        ["м'ята", "м’ята", "мʼята", "м´ята", "м＇ята", "мꞌята"],
        ["می\u{200C}رود", "می رود", "مي\u{200C}رود", "می\u{200C} رود", "می-رود", "مى رود"],
    ] {
        let [first, others @ ..] = texts.map(words);
        assert_eq!(first.len(), 2, "{texts:?}");
        others.iter().for_each(|other| assert_eq!(*other, first, "{texts:?}"));
    }
    assert_eq!(words("సాఫ్ట్\u{200C}వేర్"), words("సాఫ్ట్వేర్"), "elsewhere a non-joiner is not there");
    assert_eq!(words("Auf\u{200C}lage"), ["auflage"]);
    assert_eq!(words("don't 'quoted' l’eau"), ["don", "t", "quoted", "l", "eau"]);
}

/// Signs are no tokens, whatever they mean: who needs them compares with `--fold none`.
#[test]
fn signs_are_tokens_only_where_nothing_is_folded() {
    let same = |x: &str, y: &str, fold: Fold| Tokens::of(x, fold).hashes == Tokens::of(y, fold).hashes;
    for (x, y) in [
        ("C++", "C#"),
        ("12 + 7", "12 - 7"),
        ("$50", "€50"),
        ("ok 😀", "ok 😡"),
        ("a.", "a!"),
        ("-5", "5"),
        ("a\u{AD}b", "ab"),
        ("a_b", "a b"),
    ] {
        assert!(same(x, y, Fold::Full) && same(x, y, Fold::Light), "{x} {y}");
        assert!(!same(x, y, Fold::None), "{x} {y}");
    }
    assert!(!same("$50", "EUR 50", Fold::Full));
    assert!(same("a  b\n", "a b", Fold::None), "white space counts only where texts are compared byte for byte");
    assert_eq!(listed("C++ f(x)\0", Fold::None).into_iter().map(|t| t.0).collect::<Vec<_>>(), ["C", "+", "+", "f", "(", "x", ")", "\0"]);
}

#[test]
fn words_broken_at_line_ends_are_one_token() {
    for simd in [Simd::Auto, Simd::Off] {
        for padding in (0..140).step_by(3) {
            let text = format!("{}detec-\r\n  tion of anti\u{AD}body well -\nknown x-\n", "ab ".repeat(padding));
            let found = listed_with(&text, Fold::Full, simd);
            let last: Vec<(&str, &str)> = found[padding..].iter().map(|(word, span)| (word.as_str(), &text[span.clone()])).collect();
            let expected = [
                ("detection", "detec-\r\n  tion"),
                ("of", "of"),
                ("antibody", "anti\u{AD}body"),
                ("well", "well"),
                ("known", "known"),
                ("x", "x"),
            ];
            assert_eq!(last, expected);
        }
    }
    assert_eq!(words("Jean-\nPaul 1999-\n2000"), ["jean", "paul", "1999", "2000"]);
    assert_eq!(listed("a-\nb", Fold::None).len(), 3);
}

#[test]
fn a_token_may_be_longer_than_the_buffer() {
    let text = "ب".repeat(10_000);
    assert_eq!(listed(&text, Fold::Full), [(text.clone(), 0..20_000)]);
}

proptest! {
    #[test]
    fn spans_stand_in_order_and_slice_to_their_token(text in "\\PC{0,60}|[ا-ي ـًٌَ٠-٩ء.،]{0,60}|[가-힣ᄀ-ᇿぁ-ん゙ ]{0,40}") {
        for fold in [Fold::Full, Fold::Light, Fold::None] {
            let mut last = 0..0;
            for (word, span) in listed(&text, fold) {
                prop_assert!(!word.is_empty());
                prop_assert!(span.start >= last.end || text[span.start..last.end].chars().count() == 1, "only one character's expansion is shared");
                last = span.clone();
                let alone: Vec<String> = listed(&text[span.clone()], fold).into_iter().map(|(w, _)| w).collect();
                prop_assert!(alone.contains(&word), "{word} not in {alone:?}");
            }
        }
    }

    #[test]
    fn canonically_equal_texts_have_equal_tokens(text in "\\PC{0,40}") {
        let nfd = icu_normalizer::DecomposingNormalizerBorrowed::new_nfd();
        let nfc = ComposingNormalizerBorrowed::new_nfc();
        // The iota subscript is a mark that folds to a letter: its order among marks is not kept by folding one by one.
        prop_assume!(!nfd.normalize(&text).contains('\u{345}'));
        let of = |t: &str| listed(t, Fold::Full).into_iter().map(|(w, _)| w).collect::<Vec<_>>();
        prop_assert_eq!(of(&nfd.normalize(&text)), of(&nfc.normalize(&text)));
    }

    /// Blocks of the vector unit end anywhere in a word, a character, a run of what is dropped; long pieces make several of them.
    #[test]
    fn vector_unit_and_plain_loop_agree(
        pieces in prop::collection::vec(
            "\\PC{0,12}|[ا-ي ـًٌَ٠-٩ء.،«»]{0,90}|[a-zA-Z0-9' “”\u{ad}–…é]{0,90}|[а-яё «»—]{0,70}|[α-ωά ͅ]{0,20}|[ल्מְൎീ്\u{e48}\u{5b0}\u{94d}\u{d4d}]{0,12}|[가-힣ぁ-んไก-ฮ、。]{0,9}|[\u{0}\n\u{2011}\u{200f}\u{200c}\u{e9}\u{640}]{0,70}|[-a-c]{0,9}(-[ \t]{0,2}(\r\n|\r|\n)[ \u{a0}]{0,2}[a-cÉب]{0,70}){0,3}|[a\u{ad}ب\u{200c}\n]{0,20}",
            0..12,
        )
    ) {
        let text = pieces.concat();
        for fold in [Fold::Full, Fold::Light, Fold::None] {
            prop_assert_eq!(listed_with(&text, fold, Simd::Auto), listed_with(&text, fold, Simd::Off));
        }
    }

    /// What is hashed is what is listed, and a token's hash depends on nothing around it.
    #[test]
    fn hashes_are_those_of_the_listed_tokens(text in "[ا-ي ـa-zé一-三]{0,300}") {
        let tokens = Tokens::of(&text, Fold::Full);
        let list = listed(&text, Fold::Full);
        prop_assert_eq!(tokens.len(), list.len());
        for ((hash, span), (word, place)) in tokens.hashes.iter().zip(&tokens.spans).zip(list) {
            prop_assert_eq!(span.range(), place);
            prop_assert_eq!(&Tokens::of(&word, Fold::Full).hashes, &[*hash]);
        }
    }
}

#[test]
fn texts_longer_than_a_chunk_lose_nothing() {
    let words = ["الطقسُ", "naïve", "x", "—", "東京", "\u{1112}\u{1161}\u{11ab}", "тест", "٣٫٥", "ﷺ"];
    let text: String = (0..30_000).map(|n| [words[n * n % 9], [" ", "", "،", "\u{640}"][n % 4]].concat()).collect();
    for fold in [Fold::Full, Fold::Light, Fold::None] {
        let plain = listed_with(&text, fold, Simd::Off);
        assert!(plain.len() > 10_000);
        assert_eq!(listed_with(&text, fold, Simd::Auto), plain);
        let whole: String = plain.iter().map(|(word, _)| format!("{word} ")).collect();
        let again: Vec<String> = listed(&whole, Fold::None).into_iter().map(|(word, _)| word).collect();
        assert!(fold != Fold::None || again.len() == plain.len());
    }
}
