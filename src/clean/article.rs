//! One article as it stands after its own repetition is gone.
//!
//! In: a text. Out: cuts, which are stretches of that text, apart and in order, each with its reason. Always: looking for repetition in what is
//! left finds none, since it was looked for until there was none.

use super::mend::{is_silent, mended};
use super::policy::{Policy, Rule};
use crate::config::DetectConfig;
use crate::detect::SingleDocument;
use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

/// A stretch that is taken from a text, in bytes of the text as it came.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cut {
    pub(super) range: Range<usize>,
    pub(super) why: Why,
}

/// Why a stretch is taken.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Why {
    pub(super) rule: Rule,
    /// The copy that stays, in bytes of the text as it came.
    pub(super) first: Option<Range<usize>>,
    pub(super) similarity: Option<f64>,
}

/// A text without some of it.
#[derive(Clone, Debug)]
pub(super) struct Article<'t> {
    original: &'t str,
    cuts: Vec<Cut>,
    text: Cow<'t, str>,
    /// For each cut where it was in what is left, and the bytes that are gone up to its end.
    shifts: Vec<(usize, usize)>,
}

fn shifts(cuts: &[Cut]) -> Vec<(usize, usize)> {
    let mut gone = 0;
    let shift = |cut: &Cut| {
        let place = cut.range.start - gone;
        gone += cut.range.len();
        (place, gone)
    };
    cuts.iter().map(shift).collect()
}

/// `text` without `cuts`.
pub(super) fn without<'t>(text: &'t str, cuts: &[Cut]) -> Cow<'t, str> {
    if cuts.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut left = String::with_capacity(text.len());
    let mut at = 0;
    for cut in cuts {
        left.push_str(&text[at..cut.range.start]);
        at = cut.range.end;
    }
    left.push_str(&text[at..]);
    Cow::Owned(left)
}

impl<'t> Article<'t> {
    pub(super) fn new(original: &'t str, cuts: Vec<Cut>) -> Self {
        Self { original, text: without(original, &cuts), shifts: shifts(&cuts), cuts }
    }

    /// What is left.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What is taken from it.
    pub(super) fn cuts(&self) -> &[Cut] {
        &self.cuts
    }

    pub(super) fn into_parts(self) -> (Cow<'t, str>, Vec<Cut>) {
        (self.text, self.cuts)
    }

    /// Where `range` of what is left stands in the original; cuts inside it included.
    fn in_original(&self, range: &Range<usize>) -> Range<usize> {
        self.origin(range.start)..self.origin(range.end - 1) + 1
    }

    /// Where the byte at `offset` of what is left stands in the original.
    fn origin(&self, offset: usize) -> usize {
        let before = self.shifts.partition_point(|(place, _)| *place <= offset);
        before.checked_sub(1).map_or(offset, |last| offset + self.shifts[last].1)
    }

    /// Takes `removals`, which are ranges of what is left, with what must go with them.
    fn take(&mut self, mut removals: Vec<(Range<usize>, Why)>) {
        removals.sort_by_key(|(range, _)| (range.start, range.end));
        let mut taken: Vec<Cut> = Vec::new();
        let silent_between = |a: &(Range<usize>, Why), b: &(Range<usize>, Why)| is_silent(&self.text[a.0.end.min(b.0.start)..b.0.start]);
        for group in removals.chunk_by(silent_between) {
            let (first, last) = (&group[0].0, &group[group.len() - 1].0);
            let whole = mended(&self.text, first.start..last.end.max(first.end));
            for (at, (range, why)) in group.iter().enumerate() {
                let start = if at == 0 { whole.start } else { range.start };
                let end = group.get(at + 1).map_or(whole.end, |next| next.0.start);
                self.push_original(start..end, why, &mut taken);
            }
        }
        self.cuts.extend(taken);
        self.cuts.sort_by_key(|cut| cut.range.start);
        self.text = without(self.original, &self.cuts);
        self.shifts = shifts(&self.cuts);
    }

    /// Appends `range` of what is left as cuts of the original: one for each stretch between cuts that are there.
    fn push_original(&self, range: Range<usize>, why: &Why, to: &mut Vec<Cut>) {
        if range.is_empty() {
            return;
        }
        let whole = self.in_original(&range);
        let mut start = whole.start;
        let from = self.cuts.partition_point(|cut| cut.range.start <= whole.start);
        for cut in self.cuts[from..].iter().take_while(|cut| cut.range.start < whole.end) {
            if start < cut.range.start {
                to.push(Cut { range: start..cut.range.start, why: why.clone() });
            }
            start = cut.range.end;
        }
        to.push(Cut { range: start..whole.end, why: why.clone() });
    }
}

/// Takes repetition out of articles, one after another.
pub(super) struct Cleaner<'p> {
    policy: &'p Policy,
    /// Hashes of paragraphs that are boilerplate.
    boilerplate: &'p HashSet<u64>,
    document: SingleDocument,
}

impl<'p> Cleaner<'p> {
    pub(super) fn new(policy: &'p Policy, config: &DetectConfig, boilerplate: &'p HashSet<u64>) -> Self {
        Self { policy, boilerplate, document: SingleDocument::new(config) }
    }

    /// Takes boilerplate, then repetition until there is none.
    pub(super) fn clean(&mut self, article: &mut Article<'_>) {
        if !self.boilerplate.is_empty() {
            self.take_boilerplate(article);
        }
        while self.policy.within() && self.take_repetition(article) {}
    }

    /// True if the text has a word.
    pub(super) fn has_words(&mut self, text: &str) -> bool {
        self.document.read(text);
        self.document.has_words()
    }

    fn take_boilerplate(&mut self, article: &mut Article<'_>) {
        self.document.read(&article.text);
        let found = self.document.paragraphs(&article.text).filter(|(hash, _)| self.boilerplate.contains(hash));
        let why = Why { rule: Rule::Boilerplate, first: None, similarity: None };
        let removals: Vec<_> = found.map(|(_, range)| (range, why.clone())).collect();
        if !removals.is_empty() {
            article.take(removals);
        }
    }

    /// Takes what can be taken at once: no copy of which the first stands in another that goes. False if there is none.
    fn take_repetition(&mut self, article: &mut Article<'_>) -> bool {
        self.document.read(&article.text);
        let policy = self.policy;
        let found = self
            .document
            .repetitions(&article.text)
            .iter()
            .filter(|found| policy.removes(found.rule.into()) && found.similarity >= policy.min_similarity);
        let mut chosen: Vec<(Range<usize>, Range<usize>, Rule, f64)> = Vec::new();
        for repetition in found {
            let (first, again) = (repetition.first.start..repetition.first.end, repetition.again.start..repetition.again.end);
            // Copies come in order, and each after its first; so those that are chosen stand in order and apart, and no first is in a later copy.
            let before = chosen.partition_point(|(_, chosen, ..)| chosen.end <= first.start);
            let first_stays = chosen.get(before).is_none_or(|(_, chosen, ..)| chosen.start >= first.end);
            if first_stays && chosen.last().is_none_or(|(_, last, ..)| last.end <= again.start) {
                chosen.push((first, again, repetition.rule.into(), repetition.similarity));
            }
        }
        if chosen.is_empty() {
            return false;
        }
        let mut edges: Vec<usize> = chosen.iter().flat_map(|(first, again, ..)| [first.start, first.end, again.start, again.end]).collect();
        edges.sort_unstable();
        edges.dedup();
        let bytes = byte_offsets(&article.text, &edges);
        let in_bytes = |chars: &Range<usize>| {
            let at = |edge: usize| edges.binary_search(&edge).map_or(0, |at| bytes[at]);
            at(chars.start)..at(chars.end)
        };
        let removal = |(first, again, rule, similarity): (Range<usize>, Range<usize>, Rule, f64)| {
            let first = Some(article.in_original(&in_bytes(&first)));
            (in_bytes(&again), Why { rule, first, similarity: Some(similarity) })
        };
        article.take(chosen.into_iter().map(removal).collect::<Vec<_>>());
        true
    }
}

/// Byte offsets of `chars`, which are ascending offsets in code points.
fn byte_offsets(text: &str, chars: &[usize]) -> Vec<usize> {
    let mut starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let mut next = 0;
    let offset = |&char: &usize| {
        let at = starts.nth(char - next).unwrap_or(text.len());
        next = char + 1;
        at
    };
    chars.iter().map(offset).collect()
}

/// Offsets in code points of `bytes`, which are ascending byte offsets of `text`.
pub(super) fn char_offsets(text: &str, bytes: &[usize]) -> Vec<usize> {
    let (mut at, mut chars) = (0, 0);
    let offset = |&byte: &usize| {
        chars += text[at..byte].chars().count();
        at = byte;
        chars
    };
    bytes.iter().map(offset).collect()
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
        let told = cuts.iter().map(|cut| {
            let first = cut.why.first.clone().map_or("", |first| &text[first]);
            (cut.why.rule, text[cut.range.clone()].to_owned(), first.to_owned())
        });
        (left.into_owned(), told.collect())
    }

    fn sentence(salt: &str, count: usize) -> String {
        let words: Vec<String> = (0..count).map(|n| format!("{salt}{n}")).collect();
        format!("T{}.", words.join(" "))
    }

    #[test]
    fn the_first_copy_stays_and_the_text_reads_on() {
        let (lead, one, two, end) = (sentence("l", 9), sentence("a", 14), sentence("b", 12), sentence("e", 9));
        let body = format!("{one}\n\n{two}");
        let (left, told) = cleaned(&format!("{lead}\n\n{body}\n\n{body}\n\n{end}\n"));
        assert_eq!(left, format!("{lead}\n\n{body}\n\n{end}\n"));
        assert_eq!(told, [(Rule::RepeatedBlock, format!("{body}\n\n"), body)]);
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

    #[test]
    fn offsets_there_and_back() {
        let text = "aéب😀z";
        let bytes = byte_offsets(text, &[0, 2, 3, 5]);
        assert_eq!(bytes, [0, 3, 5, 10]);
        assert_eq!(char_offsets(text, &bytes), [0, 2, 3, 5]);
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
