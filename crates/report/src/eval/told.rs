//! What a scan told: the lines of `--format jsonl` that are scored.
//!
//! In: lines. Out: [`Told`]. Only pairs, repetitions and clusters count; lines of other types, and fields that no score needs, are
//! passed over.

use super::ids::{DocId, DocPair, Ids};
use super::lines::{Line, Lines, wrong_line};
use super::spans::Alignment;
use super::stretch::Stretch;
use refrain_engine::error::{Error, Result};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::BufRead;

/// What a user is to do about a line that is no finding.
const WANTED: &str = "expected the JSONL findings of `refrain scan`";

/// Findings, as far as they are scored.
#[derive(Debug, Default)]
pub struct Told {
    /// Where they were read.
    pub(super) name: String,
    /// In the order of the lines.
    pub(super) pairs: Vec<ToldPair>,
    /// The passages of all pairs.
    pub(super) passages: Vec<Alignment>,
    pub(super) repetitions: Vec<Alignment>,
    /// For each document the number of its cluster.
    pub(super) clusters: HashMap<DocId, u32>,
    /// Documents that some finding names have numbers below this.
    pub(super) documents: usize,
    /// First line with a pair that has no Jaccard.
    pub(super) without_jaccard: Option<u64>,
    pub(super) unlisted_pairs: u64,
}

impl Told {
    /// True if some finding names the document.
    #[must_use]
    pub fn names(&self, id: DocId) -> bool {
        (id.0 as usize) < self.documents
    }

    /// Pairs of equal documents that the run counted in its summary and did not list; no score knows them.
    #[must_use]
    pub fn unlisted_pairs(&self) -> u64 {
        self.unlisted_pairs
    }

    /// The pairs, each once: what was told last of it counts.
    pub(super) fn distinct_pairs(&self) -> HashMap<DocPair, &ToldPair> {
        self.pairs.iter().map(|told| (told.pair, told)).collect()
    }

    /// # Errors
    /// A pair was told without its Jaccard.
    pub(super) fn check_jaccard(&self) -> Result<()> {
        let lacking = |line| wrong_line(&self.name, line, "a pair without `jaccard`, which exact labels are compared with; scan again");
        self.without_jaccard.map_or(Ok(()), |line| Err(lacking(line)))
    }

    /// An error of the findings as a whole.
    pub(super) fn wrong(&self, reason: impl Into<String>) -> Error {
        wrong_line(&self.name, 0, reason)
    }
}

/// Two documents that were told to be alike, with the shares that the finding gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToldPair {
    pub(super) pair: DocPair,
    pub(super) jaccard: Option<f64>,
    /// The larger of the two containments.
    pub(super) containment: Option<f64>,
    /// The larger of the two covered shares.
    pub(super) coverage: Option<f64>,
}

/// A string that is borrowed from the line where it has no escapes.
#[derive(Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

#[derive(Deserialize)]
struct Typed<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
}

#[derive(Deserialize)]
struct PairLine<'a> {
    #[serde(borrow)]
    a: Cow<'a, str>,
    #[serde(borrow)]
    b: Cow<'a, str>,
    jaccard: Option<f64>,
    a_in_b: Option<f64>,
    b_in_a: Option<f64>,
    a_covered: Option<f64>,
    b_covered: Option<f64>,
    #[serde(default)]
    passages: Vec<PassageField>,
}

#[derive(Deserialize)]
struct PassageField {
    a: Stretch,
    b: Stretch,
    words: Option<u64>,
}

#[derive(Deserialize)]
struct RepetitionLine<'a> {
    #[serde(borrow)]
    doc: Cow<'a, str>,
    first: Stretch,
    again: Stretch,
    words: Option<u64>,
}

#[derive(Deserialize)]
struct ClusterLine<'a> {
    /// A number or a name; only whether two are equal matters.
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    members: Vec<Text<'a>>,
}

#[derive(Deserialize)]
struct SummaryLine {
    unlisted_pairs: Option<u64>,
}

/// Reads the lines of a scan, called `name` in errors. Linear in their bytes; one line is held at a time, and numbers for what is scored.
///
/// # Errors
/// [`Error::Io`]; [`Error::Record`] for the first line that is no JSON object with a type, or lacks a field that is scored.
pub fn read_findings(input: impl BufRead, name: &str, ids: &mut Ids) -> Result<Told> {
    let mut told = Told { name: name.to_owned(), ..Told::default() };
    let mut clusters = Ids::default();
    let mut lines = Lines::new(input, name);
    while let Some(line) = lines.next()? {
        let Typed { r#type } = line.json(WANTED)?;
        match r#type.as_ref() {
            "pair" => read_pair(&line, &mut told, ids)?,
            "repetition" => {
                let read: RepetitionLine<'_> = line.json(WANTED)?;
                told.repetitions.push(Alignment::within(ids.number(&read.doc), [read.first, read.again], read.words));
            }
            "cluster" => {
                let read: ClusterLine<'_> = line.json(WANTED)?;
                let cluster = clusters.number(read.id.get()).0;
                told.clusters.extend(read.members.iter().map(|member| (ids.number(&member.0), cluster)));
            }
            "summary" => told.unlisted_pairs += line.json::<SummaryLine>(WANTED)?.unlisted_pairs.unwrap_or(0),
            _ => {}
        }
    }
    told.documents = ids.count();
    Ok(told)
}

fn read_pair(line: &Line<'_>, told: &mut Told, ids: &mut Ids) -> Result<()> {
    let read: PairLine<'_> = line.json(WANTED)?;
    let documents = [ids.number(&read.a), ids.number(&read.b)];
    // A share that is missing is below every share that is there.
    let larger = |x: Option<f64>, y: Option<f64>| if x >= y { x } else { y };
    told.pairs.push(ToldPair {
        pair: DocPair::new(documents[0], documents[1]),
        jaccard: read.jaccard,
        containment: larger(read.a_in_b, read.b_in_a),
        coverage: larger(read.a_covered, read.b_covered),
    });
    if read.jaccard.is_none() {
        told.without_jaccard.get_or_insert(line.number);
    }
    let passages = read.passages.into_iter();
    told.passages.extend(passages.map(|passage| Alignment { documents, sides: [passage.a, passage.b], words: passage.words }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str) -> Result<Told> {
        read_findings(lines.as_bytes(), "f.jsonl", &mut Ids::default())
    }

    #[test]
    fn lines_of_other_types_and_fields_are_passed_over() {
        let told = read(
            r#"{"type":"run","schema":1,"config":{"a":1}}
{"type":"derivation","a":5,"members":7}
{"type":"pair","rule":"near-duplicate","a":"a1","b":"b1","jaccard":0.5,"a_in_b":0.25,"b_in_a":0.75,"later":[{}]}
{"type":"cluster","id":1,"members":["a1","b\u0031"],"keep":"a1"}
{"type":"summary","pairs":1,"unlisted_pairs":3}"#,
        );
        let told = told.unwrap();
        let pair = told.pairs[0];
        assert_eq!((pair.jaccard, pair.containment, pair.coverage), (Some(0.5), Some(0.75), None));
        assert_eq!((told.documents, told.clusters.len(), told.unlisted_pairs()), (2, 2, 3));
    }

    #[test]
    fn the_first_wrong_line_is_named() {
        let wrong = |lines: &str| read(lines).unwrap_err().to_string();
        let run = "{\"type\":\"run\"}\n";
        assert_eq!(wrong(&format!("{run}{{\"type\":\"pair\",\"a\":\"x\"}}")), format!("f.jsonl:2: missing field `b`; {WANTED}"));
        assert_eq!(wrong(&format!("{run}{{}}")), format!("f.jsonl:2: missing field `type`; {WANTED}"));
        assert!(wrong("pair a b").starts_with("f.jsonl:1: not JSON: "));
        let backwards = r#"{"type":"repetition","doc":"x","first":{"start":5,"end":3},"again":{"start":7,"end":9}}"#;
        assert_eq!(wrong(backwards), format!("f.jsonl:1: a stretch that ends at 3 before it starts at 5; {WANTED}"));
    }
}
