//! Removes repetition from articles.
//!
//! In: an article. Out: the article without the repetition that can be removed. Always: cleaning the result removes nothing more, and nothing is removed for
//! a repetition that only a cut created: a cut is not made if the parts that it joins would repeat something.

use super::apart::{Ranges, apart};
use super::article::{Article, Cut, Why, byte_offsets};
use super::copies::{Copies, Removal, Text};
use super::policy::{Policy, Rule};
use super::units::Units;
use refrain_engine::config::{DetectConfig, WithinConfig};
use refrain_engine::detect::SingleDocument;
use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

/// How often cleaning starts again because a cut must not be made. After that, repetitions across cuts are removed as well.
const MOST_ATTEMPTS: usize = 16;

/// Removes repetition from articles, one after another.
pub(super) struct Cleaner<'p> {
    policy: &'p Policy,
    /// Hashes of paragraphs that are boilerplate.
    boilerplate: &'p HashSet<u64>,
    within: WithinConfig,
    document: SingleDocument,
}

/// The removals that one pass finds.
#[derive(Default)]
struct Found {
    /// Of repetitions in the original text.
    original: Vec<Removal>,
    /// Of repetitions that span a cut.
    joined: Vec<Removal>,
}

impl<'p> Cleaner<'p> {
    pub(super) fn new(policy: &'p Policy, config: &DetectConfig, boilerplate: &'p HashSet<u64>) -> Self {
        Self { policy, boilerplate, within: config.within, document: SingleDocument::new(config) }
    }

    /// Removes boilerplate, then repetition until there is none.
    pub(super) fn clean(&mut self, article: &mut Article<'_>) {
        if !self.boilerplate.is_empty() {
            self.take_boilerplate(article);
        }
        if self.policy.within() {
            self.take_repetition(article);
        }
    }

    /// True if the text has a word.
    pub(super) fn has_words(&mut self, text: &str) -> bool {
        self.document.read(text);
        self.document.has_words()
    }

    /// A text without boilerplate.
    pub(super) fn without_boilerplate<'t>(&mut self, text: Cow<'t, str>) -> Cow<'t, str> {
        if self.boilerplate.is_empty() || text.is_empty() {
            return text;
        }
        let mut article = Article::new(&text, Vec::new());
        self.take_boilerplate(&mut article);
        match article.into_parts() {
            (_, cuts) if cuts.is_empty() => text,
            (left, _) => Cow::Owned(left.into_owned()),
        }
    }

    /// Words of a text.
    pub(super) fn count_words(&mut self, text: &str) -> u64 {
        self.document.read(text);
        self.document.tokens().len() as u64
    }

    fn take_boilerplate(&mut self, article: &mut Article<'_>) {
        self.document.read(article.text());
        let found = self.document.paragraphs(article.text()).filter(|(hash, _)| self.boilerplate.contains(hash));
        let why = Why { rule: Rule::Boilerplate, first: None, other: None, similarity: None };
        let removals: Vec<_> = found.map(|(_, range)| (range, why.clone())).collect();
        if !removals.is_empty() {
            article.take(removals);
        }
    }

    /// Cleans until a pass over the result, taken as an original text, finds nothing.
    fn take_repetition(&mut self, article: &mut Article<'_>) {
        loop {
            let text = article.text().to_owned();
            let mut left = Article::new(&text, Vec::new());
            let is_done = self.take_once(&mut left);
            let cuts = left.into_parts().1;
            let has_some = !cuts.is_empty();
            article.take_cuts(cuts);
            if is_done || !has_some {
                return;
            }
        }
    }

    /// Makes the cuts that create no repetition. True if a pass over the result would find nothing.
    fn take_once(&mut self, article: &mut Article<'_>) -> bool {
        let mut banned = Ranges::default();
        for _ in 0..MOST_ATTEMPTS {
            let joined = self.take_until_none(article, &banned);
            if joined.is_empty() {
                return banned.is_empty();
            }
            let is_inside = |cut: &&Cut| joined.iter().any(|range| range.start < cut.range.start && cut.range.end < range.end);
            article.cuts().iter().filter(is_inside).for_each(|cut| banned.add(&cut.range));
            article.reset();
        }
        while self.take_all(article) {}
        true
    }

    /// Removes repetitions of the original text, in rounds. Returns the original ranges of repetitions that cuts created.
    fn take_until_none(&mut self, article: &mut Article<'_>, banned: &Ranges) -> Vec<Range<usize>> {
        loop {
            let Found { mut original, joined } = self.find(article);
            original.retain(|removal| !banned.overlap(&article.in_original(&removal.removed)));
            let chosen = apart(original);
            if chosen.is_empty() {
                let ranges = joined.iter().flat_map(|removal| [&removal.removed, &removal.kept]).filter(|range| article.is_joined(range));
                return ranges.map(|range| article.in_original(range)).collect();
            }
            take(article, chosen);
        }
    }

    /// Removes all repetitions, including those that cuts created. False if there are none.
    fn take_all(&mut self, article: &mut Article<'_>) -> bool {
        let Found { original, joined } = self.find(article);
        let chosen = apart(original.into_iter().chain(joined).collect());
        let has_some = !chosen.is_empty();
        take(article, chosen);
        has_some
    }

    /// The removals that are possible in the current text.
    fn find(&mut self, article: &Article<'_>) -> Found {
        let text = article.text();
        self.document.read(text);
        let repetitions = self.document.repetitions(text);
        if repetitions.is_empty() {
            return Found::default();
        }
        let mut edges: Vec<usize> =
            repetitions.iter().flat_map(|found| [found.first.start, found.first.end, found.again.start, found.again.end]).collect();
        edges.sort_unstable();
        edges.dedup();
        let bytes = byte_offsets(text, &edges);
        let copies: Vec<(Rule, f64, [usize; 4])> = repetitions
            .iter()
            .filter(|found| self.policy.removes(found.rule.into()))
            .map(|found| {
                let ends = [found.first.start, found.first.end, found.again.start, found.again.end];
                (found.rule.into(), found.similarity, ends.map(|edge| edges.binary_search(&edge).map_or(0, |at| bytes[at])))
            })
            .collect();
        let tokens = self.document.tokens();
        let units = Units::of(text, tokens);
        let at = |byte: usize| tokens.spans.partition_point(|span| (span.start as usize) < byte);
        let look = Text { text, tokens, units: &units, least: self.within.min_sentence_words, least_apart: self.within.min_words };
        let of = |(rule, similarity, [a, b, c, d]): (Rule, f64, [usize; 4])| {
            look.removals(&Copies { first: at(a)..at(b), again: at(c)..at(d), rule, similarity }, self.policy)
        };
        let all = copies.into_iter().flat_map(of);
        let (joined, original) = all.partition(|removal| article.is_joined(&removal.removed) || article.is_joined(&removal.kept));
        Found { original, joined }
    }
}

/// Makes removals that do not conflict.
fn take(article: &mut Article<'_>, removals: Vec<Removal>) {
    let why = |removal: Removal| {
        let first = Some(article.in_original(&removal.kept));
        (removal.removed, Why { rule: removal.rule, first, other: None, similarity: Some(removal.similarity) })
    };
    let removals: Vec<_> = removals.into_iter().map(why).collect();
    if !removals.is_empty() {
        article.take(removals);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cleaned(text: &str) -> (String, Vec<(Rule, String, String)>) {
        let policy = Policy::default();
        let none = HashSet::new();
        let mut cleaner = Cleaner::new(&policy, &DetectConfig::default(), &none);
        let mut article = Article::new(text, Vec::new());
        cleaner.clean(&mut article);
        let (left, cuts) = article.into_parts();
        let removed = cuts.iter().map(|cut| {
            let first = cut.why.first.clone().map_or("", |first| &text[first]);
            (cut.why.rule, text[cut.range.clone()].to_owned(), first.to_owned())
        });
        (left.into_owned(), removed.collect())
    }

    fn sentence(salt: &str, count: usize) -> String {
        let words: Vec<String> = (0..count).map(|n| format!("{salt}{n}")).collect();
        format!("T{}.", words.join(" "))
    }

    #[test]
    fn the_first_copy_stays_and_the_text_reads_on() {
        let (lead, one, two, end) = (sentence("l", 9), sentence("a", 14), sentence("b", 12), sentence("e", 9));
        let body = format!("{one}\n\n{two}");
        let (left, removed) = cleaned(&format!("{lead}\n\n{body}\n\n{body}\n\n{end}\n"));
        assert_eq!(left, format!("{lead}\n\n{body}\n\n{end}\n"));
        assert_eq!(removed, [(Rule::RepeatedBlock, format!("{body}\n\n"), body)]);
        let (left, _) = cleaned(&[one.as_str(); 5].join("\n"));
        assert_eq!(left, one);
    }

    #[test]
    fn a_joined_copy_goes_with_its_full_stop() {
        let body = [sentence("a", 14), sentence("b", 12), sentence("c", 15)];
        let text = format!("{}\n{}\n{}\n", sentence("l", 9), body.join("\n"), body.join(" "));
        assert_eq!(cleaned(&text).0, format!("{}\n{}\n", sentence("l", 9), body.join("\n")));
    }

    #[test]
    fn what_comes_to_stand_twice_by_a_removal_goes_too() {
        let (x, half, other) = (sentence("x", 30), sentence("h", 6), sentence("o", 6));
        let (half, other) = (half.trim_end_matches('.').to_owned(), other.trim_start_matches('T').to_owned());
        let text = format!("{x}\n{half} {other}\nZq.\n{half}\n{x}\n{other}\n");
        let once = cleaned(&text).0;
        assert_eq!(cleaned(&once).0, once);
    }

    proptest! {
        #[test]
        fn cleaning_the_cleaned_changes_nothing_and_cuts_are_apart(
            units in prop::collection::vec((0..6_usize, "(\n|\n\n| |. |\r\n)"), 1..24),
        ) {
            let sentences: Vec<String> = (0..6).map(|n| sentence(["a", "b", "c", "ث", "é", "x"][n], [12, 9, 14, 11, 26, 3][n])).collect();
            let text: String = units.iter().map(|(unit, separator)| sentences[*unit].clone() + separator).collect();
            let policy = Policy::default();
            let none = HashSet::new();
            let mut cleaner = Cleaner::new(&policy, &DetectConfig::default(), &none);
            let mut article = Article::new(&text, Vec::new());
            cleaner.clean(&mut article);
            let (left, cuts) = article.into_parts();
            prop_assert!(cuts.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start));
            prop_assert_eq!(left.len() + cuts.iter().map(|cut| cut.range.len()).sum::<usize>(), text.len());
            let mut again = Article::new(&left, Vec::new());
            cleaner.clean(&mut again);
            prop_assert_eq!(again.text(), left.as_ref());
            prop_assert_eq!(&left[left.trim_end().len()..], &text[text.trim_end().len()..]);
        }
    }
}
