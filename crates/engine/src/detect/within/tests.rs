//! How what comes again is named, and where its edges are.

use super::*;
use crate::text::Fold;

fn find(text: &str) -> Vec<(&'static str, String, String)> {
    let mut found = Vec::new();
    Within::new(WithinConfig::default()).find(text, &Tokens::of(text, Fold::Full), &mut found);
    let slice = |span: Span| text.chars().skip(span.start).take(span.end - span.start).collect::<String>();
    found.into_iter().map(|r| (r.rule.name(), slice(r.first), slice(r.again))).collect()
}

/// A sentence of `count` words of its own, with a capital and a full stop.
fn sentence(salt: &str, count: usize) -> String {
    let words: Vec<String> = (0..count).map(|n| format!("{salt}{n}")).collect();
    format!("T{}.", words.join(" "))
}

#[test]
fn shingles_that_stand_again_are_found() {
    let (one, two) = (sentence("a", 14), sentence("b", 12));
    let mut within = Within::new(WithinConfig::default());
    for text in ["".to_owned(), one.clone(), format!("{one} {two} {one}"), "x y ".repeat(40), format!("{}{one}{one}", "z ".repeat(30))] {
        let tokens = Tokens::of(&text, Fold::Full);
        within.find(&text, &tokens, &mut Vec::new());
        for length in 1..8 {
            let mut shingles = Vec::new();
            crate::text::shingles_into(&tokens.hashes, length, &mut shingles);
            let expected: Vec<u32> =
                (0..).zip(&shingles).filter(|(at, hash)| shingles[..*at as usize].contains(hash)).map(|(at, _)| at).collect();
            // What is there already stays.
            let mut found = vec![7];
            let is_known = within.append_again(&shingles, length, &mut found).is_some();
            assert!(if length < 3 { !is_known } else { found == [vec![7], expected].concat() || tokens.len() < length }, "{length} {text}");
        }
    }
}

#[test]
fn one_paragraph_and_several() {
    let (lead, one, two) = (sentence("l", 9), sentence("a", 14), sentence("b", 12));
    assert_eq!(find(&format!("{lead}\n{one}\n{two}\n{one}")), [("repeated-paragraph", one.clone(), one.clone())]);
    let body = format!("{one}\n{two}");
    assert_eq!(find(&format!("{lead}\n{body}\n{body}")), [("repeated-block", body.clone(), body.clone())]);
    let spaced = format!("{one}\n\u{a0}\n{two}");
    assert_eq!(find(&format!("{lead}\n\n{spaced}\n\n{spaced}")), [("repeated-block", spaced.clone(), spaced)]);
}

#[test]
fn a_sentence_inside_paragraphs_keeps_its_full_stop() {
    let (one, two, three) = (sentence("a", 14), sentence("b", 12), sentence("c", 11));
    assert_eq!(find(&format!("{one} {two}\n{three} {one}")), [("repeated-sentence", one.clone(), one)]);
}

#[test]
fn joined_lines_are_a_passage_from_token_to_token() {
    let body = [sentence("a", 14), sentence("b", 12), sentence("c", 15)];
    let found = find(&format!("{}\n{}\n{}", sentence("l", 9), body.join("\n"), body.join(" ")));
    let bare = |text: String| text.trim_end_matches('.').to_owned();
    assert_eq!(found, [("repeated-passage", bare(body.join("\n")), bare(body.join(" ")))]);
}

#[test]
fn edges_go_to_the_sentences_ends_over_an_edited_word() {
    let (one, lead) = (sentence("a", 16), sentence("l", 9));
    let edited = one.replace("Ta0 a1", "Tx a1").replace("a14 a15.", "a14 y.");
    assert_eq!(find(&format!("{one} {lead}\n{lead} {edited}")), [("repeated-sentence", one, edited)]);
}

#[test]
fn a_loop_is_one_phrase() {
    let text = format!("{} {}", sentence("l", 9), "read more ".repeat(12));
    let found = find(&text);
    assert_eq!(found, [("repeated-phrase", "read more".into(), "read more ".repeat(11).trim_end().into())]);
    assert_eq!(find(&"read more ".repeat(4)), [], "a few copies are emphasis");
}

#[test]
fn a_period_too_long_for_a_loop_is_told_copy_by_copy() {
    let one = sentence("a", 20);
    let found = find(&[one.as_str(); 4].join("\n"));
    assert_eq!(found, vec![("repeated-paragraph", one.clone(), one); 3]);
}

#[test]
fn headlines_labels_and_short_quotations_stay_quiet() {
    let headline = "Council votes to mend the old bridge in spring";
    let quiet = [
        format!("{headline}\n{headline}\n{}", sentence("a", 30)),
        (0..9).map(|n| format!("Price: {n} crowns a kilo\n")).collect(),
        format!("\"We will not move,\" he said. {} \"We will not move,\" he said.", sentence("a", 30)),
    ];
    for text in quiet {
        assert_eq!(find(&text), [], "{text}");
    }
}
