//! Laws of the rows and columns, over texts that are cut, moved and edited at random.

use super::changes::Mark;
use super::rows::{Cell, Row, Unshared, rows};
use super::wrap::width;
use super::{CompareConfig, Comparison, Layout, NamedText, write_comparison_json, write_html, write_side_by_side};
use crate::report::Palette;
use proptest::prelude::*;

fn compare<'t>(a: &'t str, b: &'t str) -> Comparison<'t> {
    let named = |name, text| NamedText { name, id: name, text };
    Comparison::of(named("one", a), named("two", b), CompareConfig::default())
}

fn text(comparison: &Comparison<'_>, layout: Layout) -> String {
    let mut out = Vec::new();
    write_side_by_side(comparison, layout, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Characters that are seen.
fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn words_of(cell: &Cell<'_>) -> String {
    cell.0.iter().flatten().map(|piece| piece.text).collect()
}

/// Runs of words, some of which both texts take, in different orders and with edits.
fn runs() -> impl Strategy<Value = (String, String)> {
    let word = prop::sample::select(vec!["net", "Boat", "بَحْر", "ميناء", "渔船", "e\u{301}t\u{e9}", "x", "(salt)", "harbourmaster"]);
    let run = prop::collection::vec((word, 0..400_u16), 30..60)
        .prop_map(|words| words.into_iter().map(|(word, n)| format!("{word}{n}")).collect::<Vec<_>>());
    let order = Just(vec![0_usize, 1, 2]).prop_shuffle();
    (prop::collection::vec(run, 6), order, 1..25_usize, prop::bool::ANY).prop_map(|(runs, order, edit_every, as_paragraphs)| {
        let joint = if as_paragraphs { "\n" } else { " " };
        let edit = |run: &Vec<String>| {
            let word = |(at, word): (usize, &String)| if at % (edit_every + 5) == 4 { "edited".to_owned() } else { word.to_uppercase() };
            run.iter().enumerate().map(word).collect::<Vec<_>>()
        };
        let a: Vec<String> = (0..4).map(|at| runs[at].join(" ")).collect();
        let b: Vec<String> = order.iter().map(|&at| edit(&runs[at]).join(" ")).chain([runs[5].join(" ")]).collect();
        (a.join(joint), b.join(joint))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_word_of_both_stands_in_the_rows((a, b) in runs()) {
        let comparison = compare(&a, &b);
        let (mut told_a, mut told_b) = (String::new(), Vec::new());
        for row in rows(&comparison, Unshared::All) {
            let [cell_a, cell_b] = match row {
                Row::Shared(shared) => [shared.a, shared.b],
                Row::Unshared { a, b } => [a.head, b.head],
            };
            told_a += &words_of(&cell_a);
            told_b.push(bare(&words_of(&cell_b)));
        }
        let overlap = comparison.passages().zip(comparison.passages().skip(1)).any(|(one, next)| one.a.end > next.a.start);
        prop_assert!(overlap || bare(&told_a) == bare(&a));
        let sorted = |text: String| { let mut c: Vec<char> = text.chars().collect(); c.sort_unstable(); c };
        prop_assert_eq!(sorted(told_b.concat()), sorted(bare(&b)));
    }

    #[test]
    fn columns_keep_their_width_and_their_words((a, b) in runs(), cells in 24..140_usize) {
        let comparison = compare(&a, &b);
        let laid = text(&comparison, Layout { palette: Palette::PLAIN, width: cells, all: true });
        let lines: Vec<&str> = laid.lines().skip(4).collect();
        prop_assert!(lines.iter().all(|line| width(line) <= cells));
        let column = (cells - 3) / 2;
        if cells < Layout::LEAST_FOR_COLUMNS {
            return Ok(());
        }
        let mut left = String::new();
        for line in lines {
            let (cell, _) = line.split_once('│').unwrap();
            prop_assert_eq!(width(cell), column + 1);
            left += cell;
        }
        let mut told = bare(&left).replace(['{', '}', '~', '\u{2066}', '\u{2067}', '\u{2069}'], "");
        for number in 1..=comparison.passages().len() {
            told = told.replacen(&format!("[{number}]"), "", 1).replacen(&format!("[/{number}]"), "", 1);
        }
        let expected: String = rows(&comparison, Unshared::All).iter().map(|row| match row {
            Row::Shared(shared) => words_of(&shared.a),
            Row::Unshared { a, .. } => words_of(&a.head),
        }).collect();
        prop_assert_eq!(told, bare(&expected));
    }

    /// A scan of both texts reports the same passages, and as many respelled words in its segments.
    #[test]
    fn a_scan_counts_the_same_words((a, b) in runs()) {
        let mut out = Vec::new();
        write_comparison_json(&compare(&a, &b), &mut out).unwrap();
        let compared: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let documents = [("one", &a), ("two", &b)].map(|(id, text)| refrain_engine::Document::new(id, text));
        let findings = refrain_engine::Detector::new(refrain_engine::DetectConfig::default()).unwrap().detect(documents).unwrap();
        let Some(pair) = findings.pairs().next() else { return Ok(()) };
        let passages = pair.passages.unwrap();
        let numbers = |passage: &refrain_engine::SharedPassage| serde_json::json!([passage.a, passage.b, passage.words, passage.respelled]);
        let expected: Vec<_> = passages.iter().map(numbers).collect();
        let passages = compared["passages"].as_array().unwrap();
        let found: Vec<_> = passages.iter().map(|p| serde_json::json!([p["a"], p["b"], p["words"], p["respelled"]])).collect();
        prop_assert_eq!(found, expected);
        let respelled = |p: &serde_json::Value| p["respelled"].as_u64().unwrap();
        prop_assert_eq!(compared["a"]["respelled"].as_u64().unwrap(), passages.iter().map(respelled).sum::<u64>());
        prop_assert_eq!(&compared["a"]["respelled"], &compared["b"]["respelled"]);
    }

    #[test]
    fn any_two_texts_can_be_shown(a in "\\PC{0,200}", b in "\\PC{0,200}", cells in 0..120_usize) {
        let comparison = compare(&a, &b);
        text(&comparison, Layout { palette: Palette::TERMINAL, width: cells, all: false });
        write_html(&comparison, false, &mut Vec::new()).unwrap();
        write_comparison_json(&comparison, &mut Vec::new()).unwrap();
    }
}

fn numbered(salt: &str, count: usize) -> String {
    (0..count).map(|n| format!("{salt}{n}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_passage_that_moved_says_after_which_it_stands() {
    let (x, y, gap) = (numbered("x", 60), numbered("y", 60), numbered("gap", 400));
    let a = format!("{x} {gap} {y}");
    let b = format!("{y} {} {x}", numbered("other", 400));
    let laid = text(&compare(&a, &b), Layout { palette: Palette::PLAIN, width: 100, all: false });
    assert!(laid.contains("[1] (after [2]) x0"), "{laid}");
    assert!(laid.contains("[2] (at the start) y0"), "{laid}");
    assert!(laid.contains("… 376 words …"), "{laid}");
}

#[test]
fn texts_without_words_are_shown_as_they_are() {
    let comparison = compare("--- !", "");
    assert!(text(&comparison, Layout { palette: Palette::PLAIN, width: 60, all: false }).contains("--- !"));
    assert_eq!(comparison.passages().len(), 0);
}

#[test]
fn a_character_that_is_several_tokens_is_shown_once() {
    let shared = |at: &str| format!("{} {at} {}", numbered("v", 20), numbered("w", 20));
    let (a, b) = (shared("3¼"), shared("3½"));
    let comparison = compare(&a, &b);
    let [Row::Shared(passage)] = &rows(&comparison, Unshared::All)[..] else { panic!("one passage") };
    assert_eq!([&passage.a, &passage.b].map(words_of), [a.clone(), b.clone()]);
}

#[test]
fn punctuation_stays_with_its_word() {
    let shared = numbered("w", 30);
    let (a, b) = (format!("Before it. «{shared}». After."), format!("«{shared}»."));
    let comparison = compare(&a, &b);
    let rows = rows(&comparison, Unshared::All);
    let Row::Shared(passage) = &rows[1] else { panic!("no passage: {rows:?}") };
    assert_eq!(words_of(&passage.a).trim(), format!("«{shared}»."));
    assert!(passage.a.0[0].iter().all(|piece| piece.mark == Mark::Same));
}
