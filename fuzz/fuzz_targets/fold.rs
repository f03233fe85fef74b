//! Any text through the text model: tokens of each fold, paragraphs, sentences, lines.
#![no_main]

use libfuzzer_sys::fuzz_target;
use refrain::text::{ByteSpan, LineIndex, Tokenizer, Tokens, paragraphs, sentences};
use refrain::{Fold, Simd};
use std::collections::HashMap;

fn listed(text: &str, fold: Fold, simd: Simd) -> Vec<(String, ByteSpan)> {
    let mut list = Vec::new();
    Tokenizer::new(fold, simd).for_each(text, |folded, span| {
        list.push((String::from_utf8(folded.to_vec()).expect("folded text is UTF-8"), span));
    });
    list
}

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let paragraphs = check_paragraphs(&text);
    let sentences: Vec<ByteSpan> = paragraphs.iter().flat_map(|&paragraph| check_sentences(&text, paragraph)).collect();
    for fold in [Fold::Full, Fold::Light, Fold::None] {
        let tokens = listed(&text, fold, Simd::Off);
        assert_eq!(tokens, listed(&text, fold, Simd::Auto), "vector unit and plain loop");
        check_tokens(&text, &tokens);
        check_hashes(&text, fold, &tokens);
        check_refolded(&tokens, fold);
        check_places(&tokens, &paragraphs);
        check_places(&tokens, &sentences);
    }
    check_lines(&text);
});

/// Tokens are filled, stand in order, and overlap at most by one character, of which each is a part.
fn check_tokens(text: &str, tokens: &[(String, ByteSpan)]) {
    let mut last = ByteSpan { start: 0, end: 0 };
    for (word, span) in tokens {
        assert!(!word.is_empty());
        assert!(text.get(span.range()).is_some_and(|slice| !slice.is_empty()), "{span:?} does not slice the text");
        assert!(span.start >= last.start && span.end >= last.end, "{span:?} after {last:?}");
        let shared = &text[span.start.min(last.end) as usize..last.end as usize];
        assert!(shared.chars().count() <= 1, "{word} shares {shared:?}");
        last = *span;
    }
}

/// Hashes stand for folded tokens.
fn check_hashes(text: &str, fold: Fold, tokens: &[(String, ByteSpan)]) {
    let hashed = Tokens::of(text, fold);
    assert_eq!(hashed.len(), tokens.len());
    let mut hash_of = HashMap::new();
    let mut word_of = HashMap::new();
    for ((word, span), (hash, hashed_span)) in tokens.iter().zip(hashed.hashes.iter().zip(&hashed.spans)) {
        assert_eq!(span, hashed_span);
        assert_eq!(hash_of.entry(word).or_insert(hash), &hash);
        assert_eq!(word_of.entry(hash).or_insert(word), &word);
    }
}

/// What is folded folds to itself. A token that begins with a mark may come apart: whether letters join it is decided by the first
/// of its marks as they are written, and NFC may put another first. Then its parts are still the same characters.
fn check_refolded(tokens: &[(String, ByteSpan)], fold: Fold) {
    for (word, _) in tokens {
        let again: Vec<String> = listed(word, fold, Simd::Auto).into_iter().map(|(word, _)| word).collect();
        assert_eq!(again.concat(), *word, "{fold:?}");
        assert!(again.len() == 1 || begins_with_mark(word, fold), "{word} comes apart: {again:?}, {fold:?}");
    }
}

/// Alone among characters, a mark joins a letter of a script without spaces.
fn begins_with_mark(word: &str, fold: Fold) -> bool {
    let first: String = word.chars().take(1).collect();
    listed(&format!("京{first}"), fold, Simd::Off).len() == 1
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1C}'..='\u{1F}').contains(&c)
}

/// `spans` slice `text` in order, with nothing but white space between them and around.
fn check_cut(text: &str, within: ByteSpan, spans: &[ByteSpan]) {
    let mut end = within.start;
    for span in spans {
        assert!(span.start >= end && span.end > span.start, "{span:?} overlaps or is empty");
        assert!(!text[span.range()].chars().all(is_space), "{span:?} is blank");
        assert!(text[end as usize..span.start as usize].chars().all(is_space), "text before {span:?} is left out");
        end = span.end;
    }
    assert!(text[end as usize..within.end as usize].chars().all(is_space), "the last of the text is left out");
}

fn check_paragraphs(text: &str) -> Vec<ByteSpan> {
    let paragraphs = paragraphs(text);
    check_cut(text, ByteSpan { start: 0, end: u32::try_from(text.len()).expect("inputs are small") }, &paragraphs);
    paragraphs
}

fn check_sentences(text: &str, paragraph: ByteSpan) -> Vec<ByteSpan> {
    let sentences = sentences(text, paragraph);
    check_cut(text, paragraph, &sentences);
    for sentence in &sentences {
        let sentence = &text[sentence.range()];
        assert_eq!(sentence, sentence.trim_matches(is_space));
    }
    sentences
}

/// Each token lies in exactly one unit.
fn check_places(tokens: &[(String, ByteSpan)], units: &[ByteSpan]) {
    for (word, span) in tokens {
        let next = units.partition_point(|unit| unit.end <= span.start);
        assert!(units.get(next).is_some_and(|unit| unit.start <= span.start && span.end <= unit.end), "{word} lies in no unit");
    }
}

fn check_lines(text: &str) {
    let index = LineIndex::new(text);
    let mut line = 1;
    for (chars, (at, c)) in text.char_indices().enumerate() {
        let at = u32::try_from(at).expect("inputs are small");
        assert_eq!((index.chars(at), index.line(at)), (chars, line));
        let ends_line = c == '\n' || c == '\r' && !text[at as usize + 1..].starts_with('\n');
        line += usize::from(ends_line);
    }
    let end = u32::try_from(text.len()).expect("inputs are small");
    assert_eq!((index.chars(end), index.line(end)), (text.chars().count(), line));
}
