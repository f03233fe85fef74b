//! Skipped records: counted by kind, with examples of each.
//!
//! A file may hold more bad lines than memory holds messages, so that only the first of each kind are kept. Which are kept does not depend on the order in
//! which they are found.

use crate::error::Problem;
use std::collections::BTreeMap;

/// Examples kept of each kind by default.
pub const EXAMPLES: usize = 10;
/// Kinds that are counted separately. Messages of parsers may quote the input, so that their number has no bound.
const MOST_KINDS: usize = 100;

/// Records that were skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    count: usize,
    examples: usize,
    /// First of all in the order of [`Problem`].
    first: Option<Problem>,
    by_kind: BTreeMap<String, OfKind>,
    /// Skipped records of kinds beyond [`MOST_KINDS`].
    of_other_kinds: usize,
    /// Skipped records of each file, without files that were skipped as a whole.
    by_file: BTreeMap<String, u64>,
}

/// Skipped records of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct OfKind {
    count: usize,
    /// The first, in order.
    examples: Vec<Problem>,
}

impl Default for Problems {
    fn default() -> Self {
        Self::new(EXAMPLES)
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        let mut problems = Self::default();
        problems.push(problem);
        problems
    }
}

impl Problems {
    /// None yet; at least one and at most `examples` of each kind will be kept.
    #[must_use]
    pub fn new(examples: usize) -> Self {
        Self { count: 0, examples: examples.max(1), first: None, by_kind: BTreeMap::new(), of_other_kinds: 0, by_file: BTreeMap::new() }
    }

    /// Counts a skipped record.
    pub fn push(&mut self, problem: Problem) {
        self.count += 1;
        if problem.line > 0 {
            match self.by_file.get_mut(&problem.path) {
                Some(count) => *count += 1,
                None => drop(self.by_file.insert(problem.path.clone(), 1)),
            }
        }
        if self.first.as_ref().is_none_or(|first| problem < *first) {
            self.first = Some(problem.clone());
        }
        let kind = kind(&problem.reason);
        match self.by_kind.get_mut(&kind) {
            Some(of_kind) => of_kind.push(problem, self.examples),
            None => drop(self.by_kind.insert(kind, OfKind { count: 1, examples: vec![problem] })),
        }
        self.drop_kinds();
    }

    /// Counts those of a chunk of a file that begins after `lines_before` lines.
    pub fn append(&mut self, chunk: Self, lines_before: u64) {
        let shifted = |problem: Problem| Problem { line: if problem.line == 0 { 0 } else { problem.line + lines_before }, ..problem };
        self.count += chunk.count;
        self.of_other_kinds += chunk.of_other_kinds;
        self.examples = self.examples.max(chunk.examples);
        for (file, count) in chunk.by_file {
            *self.by_file.entry(file).or_default() += count;
        }
        self.first = self.first.take().into_iter().chain(chunk.first.map(shifted)).min();
        for (kind, of_chunk) in chunk.by_kind {
            let of_kind = self.by_kind.entry(kind).or_default();
            of_kind.count += of_chunk.count;
            of_kind.examples.extend(of_chunk.examples.into_iter().map(shifted));
            of_kind.examples.sort();
            of_kind.examples.truncate(self.examples);
        }
        self.drop_kinds();
    }

    /// Keeps the first kinds: a kind that is dropped once would be dropped again.
    fn drop_kinds(&mut self) {
        while self.by_kind.len() > MOST_KINDS {
            self.of_other_kinds += self.by_kind.pop_last().map_or(0, |(_, of_kind)| of_kind.count);
        }
    }

    /// How many records were skipped; a file that was skipped as a whole counts as one.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// True if no record was skipped.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The first skipped record, by file and line.
    #[must_use]
    pub fn first(&self) -> Option<&Problem> {
        self.first.as_ref()
    }

    /// The first skipped records of each kind, by file and line.
    #[must_use]
    pub fn examples(&self) -> Vec<&Problem> {
        let mut examples: Vec<&Problem> = self.by_kind.values().flat_map(|of_kind| &of_kind.examples).collect();
        examples.sort();
        examples
    }

    /// For each kind with more skipped records than [`Problems::examples`] has: the reason of the first, and how many more. The reason is empty for kinds
    /// without an example.
    pub fn more(&self) -> impl Iterator<Item = (&str, usize)> {
        let of_kinds = self.by_kind.values().map(|of_kind| {
            let reason = of_kind.examples.first().map_or("", |example| example.reason.as_str());
            (reason, of_kind.count - of_kind.examples.len())
        });
        of_kinds.chain([("", self.of_other_kinds)]).filter(|(_, count)| *count > 0)
    }

    /// Skipped records of the file at `path`; 0 if it was skipped as a whole.
    #[must_use]
    pub fn of_file(&self, path: &str) -> u64 {
        self.by_file.get(path).copied().unwrap_or(0)
    }
}

impl OfKind {
    fn push(&mut self, problem: Problem, most: usize) {
        self.count += 1;
        if self.examples.len() == most && self.examples.last().is_some_and(|last| *last <= problem) {
            return;
        }
        let at = self.examples.partition_point(|example| *example <= problem);
        self.examples.insert(at, problem);
        self.examples.truncate(most);
    }
}

/// A reason without the parts that differ from record to record: numbers, and names between backticks.
fn kind(reason: &str) -> String {
    let mut kind = String::with_capacity(reason.len());
    for part in reason.split('`').step_by(2) {
        kind.extend(part.split(|c: char| c.is_ascii_digit()));
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn problem(path: &str, line: u64, reason: &str) -> Problem {
        Problem { path: path.into(), line, reason: reason.into() }
    }

    fn all(problems: &Problems) -> (usize, Vec<Problem>, Vec<(String, usize)>, u64) {
        let more = problems.more().map(|(reason, count)| (reason.to_owned(), count)).collect();
        (problems.count(), problems.examples().into_iter().cloned().collect(), more, problems.of_file("a"))
    }

    #[test]
    fn reasons_that_differ_in_numbers_and_names_are_of_one_kind() {
        assert_eq!(kind("not JSON: line 1 column 17"), kind("not JSON: line 1 column 5"));
        assert_eq!(kind("no text field `body`"), kind("no text field `text`"));
        assert_ne!(kind("not JSON"), kind("no text"));
    }

    #[test]
    fn the_first_of_each_kind_are_kept_and_all_are_counted() {
        let mut problems = Problems::new(2);
        (1..=50).rev().for_each(|line| problems.push(problem("a", line, &format!("not JSON at {line}"))));
        problems.push(problem("b", 0, "damaged"));
        assert_eq!((problems.count(), problems.of_file("a"), problems.of_file("b")), (51, 50, 0));
        let examples = [problem("a", 1, "not JSON at 1"), problem("a", 2, "not JSON at 2"), problem("b", 0, "damaged")];
        assert_eq!(problems.examples(), examples.iter().collect::<Vec<_>>());
        assert_eq!(problems.more().collect::<Vec<_>>(), [("not JSON at 1", 48)]);
        assert_eq!(problems.first(), Some(&examples[0]));
    }

    #[test]
    fn the_number_of_kinds_is_bounded() {
        let letters = |n: u32| char::from_u32(0x4e00 + n).unwrap().to_string();
        let mut problems = Problems::default();
        (0..1000).for_each(|n| problems.push(problem("a", 1, &letters(n))));
        assert_eq!((problems.examples().len(), problems.more().collect::<Vec<_>>()), (MOST_KINDS, vec![("", 900)]));
    }

    proptest! {
        /// What is kept depends neither on the order of the records nor on how they were split.
        #[test]
        fn order_does_not_matter(
            found in prop::collection::vec((0..3_usize, 1..9_u64, 0..4_usize), 0..60),
            split in 0..60_usize,
            examples in 1..5_usize,
        ) {
            let record = |&(path, line, reason): &(usize, u64, usize)| problem(["a", "b", "c"][path], line, ["x", "y", "z 1", "z 2"][reason]);
            let (mut forward, mut back) = (Problems::new(examples), Problems::new(examples));
            found.iter().for_each(|entry| forward.push(record(entry)));
            found.iter().rev().for_each(|entry| back.push(record(entry)));
            prop_assert_eq!(all(&forward), all(&back));
            let mut parts = Problems::new(examples);
            let (first, second) = found.split_at(split.min(found.len()));
            for part in [second, first] {
                let mut chunk = Problems::new(examples);
                part.iter().for_each(|entry| chunk.push(record(entry)));
                parts.append(chunk, 0);
            }
            prop_assert_eq!(all(&forward), all(&parts));
        }

        /// Lines of a chunk are counted from the start of the file; those of whole files stay 0.
        #[test]
        fn lines_of_a_chunk_are_shifted(line in 0..5_u64, before in 0..9_u64) {
            let mut problems = Problems::default();
            problems.append(Problems::from(problem("a", line, "x")), before);
            let expected = if line == 0 { 0 } else { line + before };
            prop_assert_eq!(problems.first().map(|first| first.line), Some(expected));
        }
    }
}
