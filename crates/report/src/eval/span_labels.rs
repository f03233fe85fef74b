//! Labels with offsets: passages that two documents share, repetitions inside one.
//!
//! In: lines such as
//!
//! ```json
//! {"kind":"passage","change":"light","source":"a1","source_span":[0,40],"target":"b1","target_span":[7,45]}
//! {"kind":"repetition","shape":"block","change":"verbatim","doc":"c1","first":[0,90],"again":[91,181]}
//! ```
//!
//! `change` and `shape` may be missing. `type` does for `kind`, and a stretch may be `{"start":0,"end":40}`, so that findings that
//! were looked through can serve as labels; of lines with a `type`, all but repetitions are passed over. Out: [`SpanLabels`].

use super::ids::Ids;
use super::lines::Line;
use super::spans::{Alignment, Case, SpanKind};
use super::stretch::Stretch;
use refrain_engine::error::Result;
use serde::Deserialize;
use std::borrow::Cow;

/// What a user is to do about a line that is no label.
const WANTED: &str = "expected an object with kind passage (source, source_span, target, target_span) or repetition (doc, first, again)";

/// Passages and repetitions that are there.
#[derive(Debug, Default)]
pub struct SpanLabels {
    pub(super) passages: Vec<Case>,
    pub(super) repetitions: Vec<Case>,
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow, default)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    r#type: Cow<'a, str>,
    change: Option<Box<str>>,
    shape: Option<Box<str>>,
}

#[derive(Deserialize)]
struct PassageLine<'a> {
    #[serde(borrow)]
    source: Cow<'a, str>,
    source_span: Stretch,
    #[serde(borrow)]
    target: Cow<'a, str>,
    target_span: Stretch,
}

#[derive(Deserialize)]
struct RepetitionLine<'a> {
    #[serde(borrow)]
    doc: Cow<'a, str>,
    first: Stretch,
    again: Stretch,
}

impl SpanLabels {
    /// Adds the label on a line.
    ///
    /// # Errors
    /// No JSON, a kind that is not known, a field that is missing.
    pub(super) fn read(&mut self, line: &Line<'_>, ids: &mut Ids) -> Result<()> {
        let head: Head<'_> = line.json(WANTED)?;
        let case = |place| Case { place, change: head.change, shape: head.shape };
        match (head.kind.as_ref(), head.r#type.as_ref()) {
            ("passage", _) => self.passages.push(case(passage(&line.json(WANTED)?, ids))),
            ("repetition", _) | ("", "repetition") => {
                let read: RepetitionLine<'_> = line.json(WANTED)?;
                self.repetitions.push(case(Alignment::within(ids.number(&read.doc), [read.first, read.again], None)));
            }
            ("", "") => return Err(line.wrong(format!("no field `kind`; {WANTED}"))),
            ("", _) => {}
            (kind, _) => return Err(line.wrong(format!("unknown kind `{kind}`; {WANTED}"))),
        }
        Ok(())
    }

    pub(super) fn of(&self, kind: SpanKind) -> &[Case] {
        match kind {
            SpanKind::Passage => &self.passages,
            SpanKind::Repetition => &self.repetitions,
        }
    }
}

/// The stretches of a passage in the order of the findings: the smaller id first, bytewise.
fn passage(read: &PassageLine<'_>, ids: &mut Ids) -> Alignment {
    let source = (ids.number(&read.source), read.source_span);
    let target = (ids.number(&read.target), read.target_span);
    let (first, second) = if read.source <= read.target { (source, target) } else { (target, source) };
    Alignment { documents: [first.0, second.0], sides: [first.1, second.1], words: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SpanLabels> {
        let mut labels = SpanLabels::default();
        let line = Line { bytes: text.as_bytes(), name: "t.jsonl", number: 1 };
        labels.read(&line, &mut Ids::default()).map(|()| labels)
    }

    #[test]
    fn a_passage_is_turned_into_the_order_of_the_findings() {
        let labels =
            read(r#"{"kind":"passage","change":"light","source":"b1","source_span":[3,9],"target":"a1","target_span":[5,8]}"#).unwrap();
        let case = &labels.passages[0];
        assert_eq!(case.place.sides, [Stretch { start: 5, end: 8 }, Stretch { start: 3, end: 9 }]);
        assert_eq!((case.change.as_deref(), case.shape.as_deref()), (Some("light"), None));
    }

    #[test]
    fn findings_can_serve_as_labels() {
        let finding = r#"{"type":"repetition","rule":"x","doc":"a1","first":{"start":0,"end":4},"again":{"start":5,"end":9}}"#;
        assert_eq!(read(finding).unwrap().repetitions[0].place.sides[1], Stretch { start: 5, end: 9 });
        assert!(read(r#"{"type":"quiet","doc":"a1"}"#).unwrap().repetitions.is_empty());
    }

    #[test]
    fn what_is_no_label_is_told() {
        let wrong = |text| read(text).unwrap_err().to_string();
        assert!(wrong(r#"{"kind":"poem"}"#).starts_with("t.jsonl:1: unknown kind `poem`; expected "));
        assert!(wrong("{}").starts_with("t.jsonl:1: no field `kind`; expected "));
        assert!(wrong(r#"{"kind":"passage","source":"a1"}"#).starts_with("t.jsonl:1: missing field `source_span`; expected "));
    }
}
