//! Which findings a baseline knows.
//!
//! In: the findings of a check, each with the documents that it is in and the keys of its text; a baseline. Out: for each finding the entries that know
//! it. A finding is known in the documents that it was known in: the same text in a new document is new. Of n documents with the same text n - 1 pairs are
//! entries; the others are known by them. Where the document of an entry is gone, it may have been moved or renamed: then the text alone is compared, and
//! each entry knows one finding.

use super::baseline::{Baseline, Entry};
use refrain_engine::union_find::UnionFind;
use std::collections::{HashMap, HashSet};

/// What of a finding is looked up.
pub(super) struct Sought<'f> {
    /// Names of its documents, in order.
    pub(super) documents: &'f [Box<str>],
    /// Keys of each of its parts: of a repetition one, of a pair its passages.
    pub(super) parts: &'f [Vec<u64>],
}

/// Documents and files that are given.
#[derive(Debug, Default)]
pub(super) struct Present<'a> {
    pub(super) documents: HashSet<&'a str>,
    pub(super) files: HashSet<&'a str>,
}

/// Keys of a part by which it is looked up. Where the lines of a text are broken elsewhere a copy may begin or end a few words earlier or later, and
/// a few of its keys stay.
const LOOKED_UP: usize = 3;

type Documents<'a> = &'a [Box<str>];

/// For each finding the entries of `baseline` that know it; None for one that is new.
pub(super) fn known(baseline: &Baseline, findings: &[Sought<'_>], present: &Present<'_>) -> Vec<Option<Vec<usize>>> {
    let mut by_document: HashMap<(Documents<'_>, u64), usize> = HashMap::new();
    for (number, entry) in baseline.entries.iter().enumerate() {
        entry.fingerprints.iter().for_each(|&key| _ = by_document.insert((&entry.documents, key), number));
    }
    let mut joined = Joined::of(baseline);
    let exactly = |finding: &Sought<'_>| {
        let mut of_key = |&key: &u64| match by_document.get(&(finding.documents, key)) {
            Some(&entry) => Some(Some(entry)),
            None => joined.knows(finding.documents, key).then_some(None),
        };
        let of_part = |part: &Vec<u64>| part.iter().take(LOOKED_UP).find_map(&mut of_key);
        let entries = finding.parts.iter().map(of_part).collect::<Option<Vec<Option<usize>>>>().filter(|entries| !entries.is_empty())?;
        Some(distinct(entries.into_iter().flatten().collect()))
    };
    let mut found: Vec<Option<Vec<usize>>> = findings.iter().map(exactly).collect();
    let used: HashSet<usize> = found.iter().flatten().flatten().copied().collect();
    let mut moved = Moved::of(baseline, &used, present);
    if !moved.by_key.is_empty() {
        for (finding, found) in findings.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
            *found = moved.take(finding);
        }
    }
    found
}

fn distinct(mut entries: Vec<usize>) -> Vec<usize> {
    entries.sort_unstable();
    entries.dedup();
    entries
}

/// Which documents have the text of a key, as far as pairs say so: if they join a to b and b to c, the pair of a and c says nothing new.
struct Joined<'b> {
    members: HashMap<(u64, &'b str), u32>,
    sets: UnionFind,
}

impl<'b> Joined<'b> {
    fn of(baseline: &'b Baseline) -> Self {
        let mut joined = Self { members: HashMap::new(), sets: UnionFind::new(0) };
        for Entry { documents, fingerprints, .. } in &baseline.entries {
            let [one, two] = &**documents else { continue };
            for &key in fingerprints {
                let [one, two] = [one, two].map(|document| *joined.members.entry((key, document)).or_insert_with(|| joined.sets.push()));
                joined.sets.join(one, two);
            }
        }
        joined
    }

    fn knows(&mut self, documents: &[Box<str>], key: u64) -> bool {
        let [one, two] = documents else { return false };
        let members = [one, two].map(|document| self.members.get(&(key, &**document)).copied());
        // Two records of one file are known as such alone.
        matches!(members, [Some(x), Some(y)] if one != two && self.sets.root(x) == self.sets.root(y))
    }
}

/// Entries of which a document is gone, as far as no finding has taken their keys.
struct Moved<'b> {
    baseline: &'b Baseline,
    /// For each entry which of its documents are gone.
    gone: HashMap<usize, Vec<bool>>,
    by_key: HashMap<u64, Vec<usize>>,
}

impl<'b> Moved<'b> {
    fn of(baseline: &'b Baseline, used: &HashSet<usize>, present: &Present<'_>) -> Self {
        let mut moved = Self { baseline, gone: HashMap::new(), by_key: HashMap::new() };
        for (number, entry) in baseline.entries.iter().enumerate().filter(|(number, _)| !used.contains(number)) {
            let gone: Vec<bool> = entry.documents.iter().map(|document| baseline.is_gone(document, present)).collect();
            if gone.contains(&true) {
                moved.gone.insert(number, gone);
                entry.fingerprints.iter().for_each(|&key| moved.by_key.entry(key).or_default().push(number));
            }
        }
        moved
    }

    /// The entries that know a finding in other documents; they do not know it again.
    fn take(&mut self, finding: &Sought<'_>) -> Option<Vec<usize>> {
        let of_part = |part: &Vec<u64>| {
            let entries = part.iter().take(LOOKED_UP).filter_map(|key| self.by_key.get(key)).flatten();
            entries.copied().find(|&entry| self.may_be(entry, finding.documents))
        };
        let chosen = finding.parts.iter().map(of_part).collect::<Option<Vec<usize>>>().filter(|entries| !entries.is_empty())?;
        for (part, &entry) in finding.parts.iter().zip(&chosen) {
            for key in part {
                if let Some(left) = self.by_key.get_mut(key) {
                    left.retain(|&other| other != entry);
                }
            }
        }
        Some(distinct(chosen))
    }

    /// True if the documents of an entry may be `documents` now.
    fn may_be(&self, entry: usize, documents: &[Box<str>]) -> bool {
        let Some(gone) = self.gone.get(&entry) else { return false };
        let Entry { documents: then, .. } = &self.baseline.entries[entry];
        let fits = |at: usize, now: &str| gone[at] || *then[at] == *now;
        match documents {
            [one] => then.len() == 1 && fits(0, one),
            [one, two] => then.len() == 2 && (fits(0, one) && fits(1, two) || fits(0, two) && fits(1, one)),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline(entries: &[(&[&str], &[u64])], missing: &[&str]) -> Baseline {
        let entries = entries.iter().map(|(documents, keys)| {
            let keys: Vec<String> = keys.iter().map(|key| format!("{key:016x}")).collect();
            serde_json::json!({"rule": "r", "documents": documents, "fingerprints": keys})
        });
        let text = serde_json::json!({"refrain-baseline": 2, "findings": entries.collect::<Vec<_>>()}).to_string();
        Baseline::parse(&text).unwrap().with_missing(|file| missing.contains(&file))
    }

    type Owned = (Vec<Box<str>>, Vec<Vec<u64>>);
    type Finding<'a> = (&'a [&'a str], &'a [&'a [u64]]);

    /// Which of `findings`, each its documents and the keys of its parts, are known where `given` documents are given.
    fn found(baseline: &Baseline, findings: &[Finding<'_>], given: &[&str]) -> Vec<bool> {
        let owned = |(documents, parts): &Finding<'_>| {
            (documents.iter().map(|&document| document.into()).collect(), parts.iter().map(|part| part.to_vec()).collect())
        };
        let findings: Vec<Owned> = findings.iter().map(owned).collect();
        let sought: Vec<Sought<'_>> = findings.iter().map(|(documents, parts)| Sought { documents, parts }).collect();
        let files = given.iter().map(|document| document.split('#').next().unwrap()).collect();
        let present = Present { documents: given.iter().copied().collect(), files };
        known(baseline, &sought, &present).iter().map(Option::is_some).collect()
    }

    #[test]
    fn the_same_text_in_another_document_is_new() {
        let baseline = baseline(&[(&["c.txt"], &[1, 2])], &[]);
        let of_both: &[Finding<'_>] = &[(&["c.txt"], &[&[1, 2]]), (&["d.txt"], &[&[1, 2]])];
        assert_eq!(found(&baseline, of_both, &["c.txt", "d.txt"]), [true, false]);
        // It is there, though it was not given.
        assert_eq!(found(&baseline, &of_both[1..], &["d.txt"]), [false]);
    }

    #[test]
    fn a_document_that_was_moved_is_known_once() {
        let baseline = baseline(&[(&["c.txt"], &[1, 2])], &["c.txt"]);
        let moved: &[Finding<'_>] = &[(&["d.txt"], &[&[1, 2]]), (&["e.txt"], &[&[1, 2]])];
        assert_eq!(found(&baseline, moved, &["d.txt", "e.txt"]), [true, false]);
    }

    #[test]
    fn a_record_that_is_gone_from_its_file_was_moved() {
        let baseline = baseline(&[(&["a.jsonl#c"], &[1])], &[]);
        assert_eq!(found(&baseline, &[(&["b.jsonl#c"], &[&[1]])], &["b.jsonl#c"]), [false], "a.jsonl was not given");
        assert_eq!(found(&baseline, &[(&["b.jsonl#c"], &[&[1]])], &["b.jsonl#c", "a.jsonl#x"]), [true]);
    }

    #[test]
    fn of_a_pair_every_passage_must_be_known_and_the_other_document_be_the_same() {
        let baseline = baseline(&[(&["a.txt", "b.txt"], &[1, 2])], &["b.txt"]);
        let given = &["a.txt", "z.txt", "y.txt"];
        assert_eq!(found(&baseline, &[(&["a.txt", "b.txt"], &[&[1], &[2]])], given), [true]);
        assert_eq!(found(&baseline, &[(&["a.txt", "b.txt"], &[&[1], &[3]])], given), [false]);
        assert_eq!(found(&baseline, &[(&["a.txt", "z.txt"], &[&[1]])], given), [true], "b.txt is z.txt now");
        assert_eq!(found(&baseline, &[(&["y.txt", "z.txt"], &[&[1]])], given), [false]);
    }

    #[test]
    fn pairs_of_one_text_are_known_by_those_that_join_its_documents() {
        let baseline = baseline(&[(&["a.txt", "b.txt"], &[1]), (&["b.txt", "c.txt"], &[1]), (&["c.txt", "d.txt"], &[2])], &[]);
        let given = &["a.txt", "b.txt", "c.txt", "d.txt", "e.txt"];
        let pairs: &[Finding<'_>] = &[
            (&["a.txt", "c.txt"], &[&[1]]),
            (&["a.txt", "d.txt"], &[&[1]]),
            (&["a.txt", "c.txt"], &[&[1], &[2]]),
            (&["a.txt", "e.txt"], &[&[1]]),
        ];
        assert_eq!(found(&baseline, pairs, given), [true, false, false, false]);
    }

    #[test]
    fn records_without_ids_are_known_by_their_number() {
        let baseline = baseline(&[(&["a.jsonl", "a.jsonl"], &[1, 2])], &[]);
        let pairs: &[Finding<'_>] = &[(&["a.jsonl", "a.jsonl"], &[&[1]]), (&["a.jsonl", "a.jsonl"], &[&[3]])];
        assert_eq!(found(&baseline, pairs, &["a.jsonl"]), [true, false]);
    }
}
