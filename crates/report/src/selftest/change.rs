//! What happens to a text when it is copied.
//!
//! In: a stretch of text. Out: the stretch as a copy would have it. Always: the same numbers give the same copy, and a re-spelled copy
//! has the same tokens under the full fold.

use super::random::SplitMix64;
use super::sample::Article;
use refrain_engine::config::DetectConfig;
use refrain_engine::text::{Tokenizer, Tokens, paragraphs, sentences};
use serde::Serialize;

/// How a copy differs from what was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Not at all.
    Verbatim,
    /// In case, in Arabic letter variants, in harakat, tatweel and digits.
    Respelled,
    /// 5 % of the words are replaced, dropped, or followed by a new one.
    Light,
    /// 20 % of them are.
    Heavy,
    /// 35 % of them are.
    Rewritten,
    /// In the order of its sentences; of its clauses, where it has no two sentences.
    Reordered,
}

impl Change {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 6] = [Self::Verbatim, Self::Respelled, Self::Light, Self::Heavy, Self::Rewritten, Self::Reordered];

    /// The change's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Verbatim => "verbatim",
            Self::Respelled => "respelled",
            Self::Light => "light",
            Self::Heavy => "heavy",
            Self::Rewritten => "rewritten",
            Self::Reordered => "reordered",
        }
    }
}

/// Tokens in a clause, where a text has no two sentences.
const CLAUSE: usize = 8;

/// Copies texts with changes.
pub(super) struct Changer<'a> {
    pub(super) random: SplitMix64,
    /// Where new words come from; not empty, each with a token.
    articles: &'a [Article],
    tokenizer: Tokenizer,
}

impl<'a> Changer<'a> {
    pub(super) fn new(articles: &'a [Article], config: &DetectConfig, random: SplitMix64) -> Self {
        Self { random, articles, tokenizer: Tokenizer::new(config.fold, config.simd) }
    }

    /// A copy of `text`.
    pub(super) fn copy(&mut self, text: &str, change: Change) -> String {
        match change {
            Change::Verbatim => text.to_owned(),
            Change::Respelled => respell(text, &mut self.random),
            Change::Light => self.edit(text, 5),
            Change::Heavy => self.edit(text, 20),
            Change::Rewritten => self.edit(text, 35),
            Change::Reordered => self.reorder(text),
        }
    }

    /// `text` with `percent` of its words changed, one at least: a third of them replaced, dropped, followed by a new one.
    pub(super) fn edit(&mut self, text: &str, percent: usize) -> String {
        let spans = self.tokens(text).spans;
        let mut changed: Vec<usize> = (0..spans.len()).collect();
        self.random.shuffle(&mut changed);
        changed.truncate(((spans.len() * percent + 50) / 100).max(1));
        changed.sort_unstable();
        let (mut copy, mut at) = (String::with_capacity(text.len() + text.len() / 4), 0);
        for span in changed.into_iter().map(|token| spans[token].range()) {
            if span.start < at {
                continue; // One character can be two tokens.
            }
            match self.random.below(3) {
                0 => copy.extend([&text[at..span.start], self.word()]),
                1 => copy.push_str(&text[at..span.start]),
                _ => copy.extend([&text[at..span.end], " ", self.word()]),
            }
            at = span.end;
        }
        copy.push_str(&text[at..]);
        copy
    }

    fn reorder(&mut self, text: &str) -> String {
        let sentences = paragraphs(text).into_iter().flat_map(|paragraph| sentences(text, paragraph));
        let mut parts: Vec<&str> = sentences.map(|sentence| &text[sentence.range()]).collect();
        if parts.len() < 2 {
            let spans = self.tokens(text).spans;
            let clauses = spans.chunks(CLAUSE.min(spans.len().div_ceil(2)).max(1));
            parts = clauses.map(|clause| &text[clause[0].range().start..clause[clause.len() - 1].range().end]).collect();
        }
        let before = parts.clone();
        self.random.shuffle(&mut parts);
        if parts == before && !parts.is_empty() {
            parts.rotate_left(1);
        }
        parts.join(" ")
    }

    fn tokens(&mut self, text: &str) -> Tokens {
        let mut tokens = Tokens::default();
        self.tokenizer.read(text, &mut tokens);
        tokens
    }

    /// A word of some article, so that frequent words come often.
    fn word(&mut self) -> &'a str {
        let article = &self.articles[self.random.below(self.articles.len())];
        let span = article.spans[self.random.below(article.spans.len())];
        &article.text[span.range()]
    }
}

/// `text` as another hand would spell it. Full-folded, its tokens stay the same.
fn respell(text: &str, random: &mut SplitMix64) -> String {
    let is_arabic = text.chars().any(is_arabic_letter);
    let mut copy = String::with_capacity(text.len() + text.len() / 4);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        copy.push(match c {
            'أ' | 'إ' | 'آ' if random.chance(70) => 'ا',
            'ة' if random.chance(50) => 'ه',
            'ى' if random.chance(70) => 'ي',
            '0'..='9' if is_arabic => char::from_u32(u32::from(c) - u32::from('0') + u32::from('٠')).unwrap_or(c),
            _ if random.chance(10) => other_case(c),
            _ => c,
        });
        // Inside words alone: beside a mark, it would compose with another letter than before.
        if is_arabic_letter(c) && rest.peek().is_some_and(|&next| is_arabic_letter(next)) {
            match random.below(100) {
                0..10 => copy.push(HARAKAT[random.below(HARAKAT.len())]),
                10..14 => copy.push('\u{640}'),
                _ => {}
            }
        }
    }
    copy
}

/// Fathatan, dammatan, fatha, damma, kasra, shadda, sukun.
const HARAKAT: [char; 7] = ['\u{64B}', '\u{64C}', '\u{64E}', '\u{64F}', '\u{650}', '\u{651}', '\u{652}'];

fn is_arabic_letter(c: char) -> bool {
    matches!(c, '\u{621}'..='\u{63A}' | '\u{641}'..='\u{64A}')
}

/// The letter in the other case, where each has exactly one; else itself. Latin, Greek and Cyrillic alone.
fn other_case(c: char) -> char {
    let only = |mut chars: &mut dyn Iterator<Item = char>| (&mut chars).next().filter(|_| chars.next().is_none());
    let (upper, lower) = (only(&mut c.to_uppercase()), only(&mut c.to_lowercase()));
    match (upper, lower) {
        (Some(upper), Some(lower)) if c.is_alphabetic() && c < '\u{530}' => match c {
            _ if c == lower && only(&mut upper.to_lowercase()) == Some(c) => upper,
            _ if c == upper && only(&mut lower.to_uppercase()) == Some(c) => lower,
            _ => c,
        },
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use refrain_engine::text::Fold;

    fn hashes(text: &str) -> Vec<u64> {
        Tokens::of(text, Fold::Full).hashes
    }

    fn words(count: usize) -> String {
        (0..count).map(|n| format!("word{n}")).collect::<Vec<_>>().join(" ")
    }

    fn copied(text: &str, change: Change) -> String {
        let articles = [Article::new((0..100).map(|n| format!("new{n}")).collect::<Vec<_>>().join(" "), &DetectConfig::default())];
        Changer::new(&articles, &DetectConfig::default(), SplitMix64::new(9)).copy(text, change)
    }

    proptest! {
        #[test]
        fn a_respelled_copy_has_the_same_tokens(
            text in prop_oneof![any::<String>(), "[\u{600}-\u{6FF} a-zA-Z0-9]{0,60}", "[\u{C0}-\u{52F}\u{300}-\u{36F} ]{0,40}", "[ا-يأإآةى\u{64B}-\u{655}0-9 ]{0,60}"],
            seed in any::<u64>(),
        ) {
            let copy = respell(&text, &mut SplitMix64::new(seed));
            prop_assert_eq!(hashes(&copy), hashes(&text), "{:?} from {:?}", copy, text);
        }

        #[test]
        fn any_text_can_be_copied(text in any::<String>()) {
            for change in Change::ALL {
                copied(&text, change);
            }
        }
    }

    #[test]
    fn a_respelled_copy_looks_otherwise() {
        for text in
            ["زارت الأستاذة إيمان مدينة الإسكندرية في 2015 ورأت أمواجا عالية على الشاطئ", "The Harbour Master Counted Nineteen Boats At Dawn"]
        {
            let copy = copied(text, Change::Respelled);
            assert!(copy != text && hashes(&copy) == hashes(text), "{copy}");
        }
        assert!(copied("عام 2015", Change::Respelled).contains("٢٠١٥"));
        assert_eq!(copied("in 2015", Change::Verbatim), "in 2015");
    }

    #[test]
    fn an_edit_changes_as_many_words_as_it_says() {
        let text = words(100);
        for (change, changed) in [(Change::Light, 5), (Change::Heavy, 20), (Change::Rewritten, 35)] {
            let copy = hashes(&copied(&text, change));
            let original = hashes(&text);
            let gone = original.iter().filter(|&hash| !copy.contains(hash)).count();
            let new = copy.iter().filter(|&hash| !original.contains(hash)).count();
            assert!(gone <= changed && new <= changed && gone + new >= changed, "{change:?}: {gone} gone, {new} new");
            // What stays is in order.
            let stays: Vec<&u64> = copy.iter().filter(|&hash| original.contains(hash)).collect();
            assert!(stays.is_sorted_by_key(|hash| original.iter().position(|other| other == *hash)));
        }
    }

    #[test]
    fn sentences_are_moved_and_else_clauses() {
        let moved = copied("One came. Two went. Three stayed.", Change::Reordered);
        assert_ne!(moved, "One came. Two went. Three stayed.");
        assert!(["One came.", "Two went.", "Three stayed."].iter().all(|sentence| moved.contains(sentence)), "{moved}");
        for count in [2, 7, 15, 40] {
            let (text, moved) = (words(count), copied(&words(count), Change::Reordered));
            assert_ne!(moved, text);
            let sorted = |text: &str| text.split(' ').map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
            assert_eq!(sorted(&moved), sorted(&text));
        }
        assert_eq!(copied("alone", Change::Reordered), "alone");
    }

    /// The Thai vowel am is two tokens, of one place.
    #[test]
    fn characters_of_several_tokens_can_be_changed() {
        let text = "น้ำ".repeat(30);
        let spans = Tokens::of(&text, Fold::Full).spans;
        assert!(spans.windows(2).any(|pair| pair[1].start < pair[0].end));
        for change in Change::ALL {
            assert!(!copied(&text, change).is_empty());
        }
    }
}
