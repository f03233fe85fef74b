//! One article as it stands after its own repetition is gone.
//!
//! In: a text and what goes of it. Out: cuts, which are stretches of that text, apart and in order, each with its reason; and what is left.

use super::mend::{is_silent, mended};
use super::orphans::with_orphans;
use super::policy::Rule;
use std::borrow::Cow;
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
    /// Or one in another article: its position in the run, and code points of its text as it came.
    pub(super) other: Option<(u32, [usize; 2])>,
    pub(super) similarity: Option<f64>,
}

/// A range of the current text to cut, and why.
type Planned = (Range<usize>, Why);

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

    /// Back to the original text.
    pub(super) fn reset(&mut self) {
        *self = Self::new(self.original, Vec::new());
    }

    /// Adds `cuts` of the current text.
    pub(super) fn take_cuts(&mut self, cuts: Vec<Cut>) {
        let mut taken = Vec::new();
        for Cut { range, why } in cuts {
            let why = Why { first: why.first.map(|first| self.in_original(&first)), ..why };
            self.push_original(range, &why, &mut taken);
        }
        self.add(taken);
    }

    fn add(&mut self, cuts: Vec<Cut>) {
        if cuts.is_empty() {
            return;
        }
        self.cuts.extend(cuts);
        self.cuts.sort_by_key(|cut| cut.range.start);
        self.text = without(self.original, &self.cuts);
        self.shifts = shifts(&self.cuts);
    }

    /// What is left.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether a cut lies inside `range` of what is left.
    pub(super) fn is_joined(&self, range: &Range<usize>) -> bool {
        self.in_original(range).len() > range.len()
    }

    /// What is taken from it.
    pub(super) fn cuts(&self) -> &[Cut] {
        &self.cuts
    }

    pub(super) fn into_parts(self) -> (Cow<'t, str>, Vec<Cut>) {
        (self.text, self.cuts)
    }

    /// Where `range` of what is left stands in the original; cuts inside it included.
    pub(super) fn in_original(&self, range: &Range<usize>) -> Range<usize> {
        self.origin(range.start)..self.origin(range.end - 1) + 1
    }

    /// Where the byte at `offset` of what is left stands in the original.
    fn origin(&self, offset: usize) -> usize {
        let before = self.shifts.partition_point(|(place, _)| *place <= offset);
        before.checked_sub(1).map_or(offset, |last| offset + self.shifts[last].1)
    }

    /// Cuts `removals`, ranges of the current text that do not overlap, with labels, headlines and separators that would be left over.
    pub(super) fn take(&mut self, mut removals: Vec<Planned>) {
        removals.sort_by_key(|(range, _)| (range.start, range.end));
        let mut taken: Vec<Cut> = Vec::new();
        for (whole, group) in self.together(&removals) {
            let whole = mended(&self.text, whole);
            for (at, (range, why)) in group.iter().enumerate() {
                let start = if at == 0 { whole.start } else { range.start };
                let end = group.get(at + 1).map_or(whole.end, |next| next.0.start);
                self.push_original(start..end, why, &mut taken);
            }
        }
        self.add(taken);
    }

    /// Groups `removals` that only punctuation and white space separates; each group includes labels and headlines that would be left over.
    fn together<'r>(&self, removals: &'r [Planned]) -> Vec<(Range<usize>, &'r [Planned])> {
        let mut groups: Vec<(Range<usize>, Range<usize>)> = Vec::new();
        // Merges a group with those before it if no word is between them.
        let join = |groups: &mut Vec<(Range<usize>, Range<usize>)>, (mut whole, mut members): (Range<usize>, Range<usize>)| {
            while let Some((last, before)) = groups.pop_if(|(last, _)| is_silent(&self.text[last.end.min(whole.start)..whole.start])) {
                whole = last.start.min(whole.start)..last.end.max(whole.end);
                members.start = before.start;
            }
            (whole, members)
        };
        for (at, (range, _)) in removals.iter().enumerate() {
            let (whole, members) = join(&mut groups, (range.clone(), at..at + 1));
            // A label or headline may be all that is between two groups.
            let group = join(&mut groups, (with_orphans(&self.text, whole), members));
            groups.push(group);
        }
        groups.into_iter().map(|(whole, members)| (whole, &removals[members])).collect()
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

/// Byte offsets of `chars`, which are ascending offsets in code points.
pub(super) fn byte_offsets(text: &str, chars: &[usize]) -> Vec<usize> {
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

    #[test]
    fn offsets_there_and_back() {
        let text = "aéب😀z";
        let bytes = byte_offsets(text, &[0, 2, 3, 5]);
        assert_eq!(bytes, [0, 3, 5, 10]);
        assert_eq!(char_offsets(text, &bytes), [0, 2, 3, 5]);
    }

    proptest! {
        /// Whatever is around and between the removals: cuts do not overlap, contain all removals, and leave the rest unchanged.
        #[test]
        fn cuts_are_apart_and_hold_what_was_to_go(
            lines in prop::collection::vec("(3\\. |## |- |• |\\(b\\) |READ |So: )?(one two\\.|three|Four five\\.|ست|:|…)?( six\\.)?", 1..14),
            ends in prop::collection::vec("(\n|\n\n| |\r\n)", 14),
            chosen in prop::collection::vec(any::<bool>(), 80),
        ) {
            let text: String = lines.iter().zip(&ends).map(|(line, end)| line.clone() + end).collect();
            let starts: Vec<usize> = text.split_whitespace().map(|word| word.as_ptr() as usize - text.as_ptr() as usize).collect();
            let why = Why { rule: Rule::RepeatedBlock, first: None, other: None, similarity: None };
            let word = |start: usize| start..start + text[start..].find(char::is_whitespace).unwrap_or(text.len() - start);
            let going: Vec<_> = starts.iter().zip(&chosen).filter(|(_, goes)| **goes).map(|(&start, _)| (word(start), why.clone())).collect();
            let mut article = Article::new(&text, Vec::new());
            article.take(going.clone());
            let (left, cuts) = article.into_parts();
            prop_assert!(cuts.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start));
            prop_assert_eq!(left.len() + cuts.iter().map(|cut| cut.range.len()).sum::<usize>(), text.len());
            for (range, _) in going {
                prop_assert!(cuts.iter().any(|cut| cut.range.start <= range.start && range.end <= cut.range.end));
            }
        }
    }
}
