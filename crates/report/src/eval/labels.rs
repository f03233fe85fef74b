//! Labels: what is truly alike, in one of four forms.
//!
//! In: lines, and the form or None. Out: [`Labels`]. Always: of labels for the same pair or document the last counts.
//!
//! | form | a line |
//! |---|---|
//! | exact | `a`, `b`, Jaccard between tabs; more columns are passed over |
//! | pairs | `a`, `b` between tabs; a third column groups them |
//! | clusters | `id`, cluster between tabs; more columns are passed over |
//! | spans | a JSON object with `kind` passage or repetition and its offsets ([`SpanLabels`]) |

use super::ids::{DocId, DocPair, Ids};
use super::lines::{Line, Lines, wrong_line};
use super::span_labels::SpanLabels;
use super::told::Told;
use refrain_engine::error::Result;
use std::collections::{HashMap, HashSet};
use std::io::BufRead;

/// The forms of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelKind {
    /// Every pair over some threshold, with its Jaccard.
    Exact,
    /// Pairs that people hold to be alike.
    Pairs,
    /// The cluster of each document.
    Clusters,
    /// Passages and repetitions with their offsets.
    Spans,
}

impl LabelKind {
    /// The form's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Pairs => "pairs",
            Self::Clusters => "clusters",
            Self::Spans => "spans",
        }
    }
}

/// Labels of one form.
#[derive(Debug)]
pub enum Labels {
    /// Jaccard of each pair.
    Exact(HashMap<DocPair, f64>),
    /// Pairs that are alike.
    Pairs(PairLabels),
    /// Number of the cluster of each document.
    Clusters(HashMap<DocId, u32>),
    /// Where text comes again.
    Spans(SpanLabels),
}

impl Labels {
    /// Their form.
    #[must_use]
    pub fn kind(&self) -> LabelKind {
        match self {
            Self::Exact(_) => LabelKind::Exact,
            Self::Pairs(_) => LabelKind::Pairs,
            Self::Clusters(_) => LabelKind::Clusters,
            Self::Spans(_) => LabelKind::Spans,
        }
    }
}

/// Pairs that are alike, with what the third column says of them.
#[derive(Debug, Default)]
pub struct PairLabels(pub(super) HashMap<DocPair, Option<Box<str>>>);

/// A line of two columns or more.
struct Row {
    a: String,
    b: String,
    third: Option<String>,
    line: u64,
}

/// Reads labels, called `name` in errors; their form from their content where `kind` is None. `told` helps to tell pairs from
/// clusters.
///
/// # Errors
/// [`refrain_engine::Error::Io`]; [`refrain_engine::Error::Record`] for the first line that is not of the form, and for a form that cannot be told.
pub fn read_labels(input: impl BufRead, name: &str, kind: Option<LabelKind>, told: &Told, ids: &mut Ids) -> Result<Labels> {
    let mut lines = Lines::new(input, name);
    let mut spans = SpanLabels::default();
    let mut rows = Vec::new();
    let mut is_json = kind.map(|kind| kind == LabelKind::Spans);
    while let Some(line) = lines.next()? {
        if *is_json.get_or_insert(line.bytes.trim_ascii_start().starts_with(b"{")) {
            spans.read(&line, ids)?;
        } else {
            rows.push(read_row(&line)?);
        }
    }
    let kind = match (kind, is_json) {
        (Some(kind), _) => kind,
        (None, Some(true)) => LabelKind::Spans,
        (None, _) => kind_of(&rows, told, ids).map_err(|reason| wrong_line(name, 0, reason))?,
    };
    Ok(match kind {
        LabelKind::Exact => Labels::Exact(exact(&rows, name, ids)?),
        LabelKind::Pairs => Labels::Pairs(pairs(rows, ids)),
        LabelKind::Clusters => Labels::Clusters(clusters(&rows, ids)),
        LabelKind::Spans => Labels::Spans(spans),
    })
}

fn read_row(line: &Line<'_>) -> Result<Row> {
    let mut columns = line.text()?.split('\t').map(str::to_owned);
    match (columns.next(), columns.next()) {
        (Some(a), Some(b)) => Ok(Row { a, b, third: columns.next(), line: line.number }),
        _ => Err(line.wrong("only one column; separate two ids, or an id and its cluster, with a tab")),
    }
}

fn jaccard(column: Option<&str>) -> Option<f64> {
    column?.trim().parse().ok().filter(|jaccard| (0.0..=1.0).contains(jaccard))
}

/// The form of rows, or what to say where they may be of two.
fn kind_of(rows: &[Row], told: &Told, ids: &Ids) -> std::result::Result<LabelKind, String> {
    if rows.is_empty() {
        return Err("no labels; name a file with labels, or say what it holds with the setting `labels`".to_owned());
    }
    if rows.iter().all(|row| jaccard(row.third.as_deref()).is_some()) {
        return Ok(LabelKind::Exact);
    }
    if rows.iter().any(|row| row.third.is_some()) {
        return Ok(LabelKind::Pairs);
    }
    kind_of_two_columns(rows, |name| ids.known(name).is_some_and(|id| told.names(id)))
        .ok_or_else(|| "two columns that may be pairs or clusters; say which with the setting `labels`: pairs or clusters".to_owned())
}

/// Whether the second column holds documents or clusters. A document is in one cluster; a pair is of two documents; a cluster may
/// bear the name of a member.
fn kind_of_two_columns(rows: &[Row], is_told: impl Fn(&str) -> bool) -> Option<LabelKind> {
    let mut second_of: HashMap<&str, &str> = HashMap::new();
    if rows.iter().any(|row| row.a == row.b) {
        return Some(LabelKind::Clusters);
    }
    if rows.iter().any(|row| second_of.insert(&row.a, &row.b).is_some_and(|before| before != row.b)) {
        return Some(LabelKind::Pairs);
    }
    let seconds: HashSet<&str> = second_of.values().copied().collect();
    if seconds.iter().any(|second| second_of.contains_key(second) || is_told(second)) {
        return Some(LabelKind::Pairs);
    }
    // Where the findings know the first column and nothing of the second, the second holds no documents.
    second_of.keys().any(|first| is_told(first)).then_some(LabelKind::Clusters)
}

fn exact(rows: &[Row], name: &str, ids: &mut Ids) -> Result<HashMap<DocPair, f64>> {
    let read = |row: &Row| {
        let jaccard = jaccard(row.third.as_deref()).ok_or_else(|| {
            let third = row.third.as_deref().unwrap_or_default();
            wrong_line(
                name,
                row.line,
                format!(
                    "`{third}` in the third column is not a Jaccard between 0 and 1; for labelled pairs use the setting `labels`: pairs"
                ),
            )
        })?;
        Ok((DocPair::new(ids.number(&row.a), ids.number(&row.b)), jaccard))
    };
    rows.iter().map(read).collect()
}

fn pairs(rows: Vec<Row>, ids: &mut Ids) -> PairLabels {
    let pair = |row: Row| (DocPair::new(ids.number(&row.a), ids.number(&row.b)), row.third.map(String::into_boxed_str));
    PairLabels(rows.into_iter().map(pair).collect())
}

fn clusters(rows: &[Row], ids: &mut Ids) -> HashMap<DocId, u32> {
    let mut clusters = Ids::default();
    rows.iter().map(|row| (ids.number(&row.a), clusters.number(&row.b).0)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::told::read_findings;
    use super::*;

    const PAIR: &str = r#"{"type":"pair","a":"a1","b":"b1"}"#;

    fn read(labels: &str, kind: Option<LabelKind>) -> Result<Labels> {
        let mut ids = Ids::default();
        let told = read_findings(PAIR.as_bytes(), "f.jsonl", &mut ids)?;
        read_labels(labels.as_bytes(), "t.tsv", kind, &told, &mut ids)
    }

    #[track_caller]
    fn assert_kind(labels: &str, kind: LabelKind) {
        assert_eq!(read(labels, None).unwrap().kind(), kind, "{labels:?}");
    }

    #[test]
    fn the_form_follows_from_the_content() {
        assert_kind("a1\tb1\t0.9\tmore\n", LabelKind::Exact);
        assert_kind("a1\tb1\tcut\na1\tb2\t0.5\n", LabelKind::Pairs);
        assert_kind("a1\tb1\t3\n", LabelKind::Pairs);
        assert_kind("{\"kind\":\"repetition\",\"doc\":\"x\",\"first\":[0,3],\"again\":[4,7]}\n", LabelKind::Spans);
    }

    #[test]
    fn two_columns_are_pairs_or_clusters() {
        assert_kind("x1\tb1\n", LabelKind::Pairs);
        assert_kind("x1\tx2\nx2\tx3\n", LabelKind::Pairs);
        assert_kind("x1\tx2\nx1\tx3\n", LabelKind::Pairs);
        assert_kind("a1\tone\nb1\tone\n", LabelKind::Clusters);
        assert_kind("a1\ta1\nb1\ta1\n", LabelKind::Clusters);
    }

    #[test]
    fn what_cannot_be_told_is_asked_for() {
        let wrong = |labels: &str, kind| read(labels, kind).unwrap_err().to_string();
        assert!(
            wrong("x1\tx2\ny1\ty2\n", None)
                .starts_with("t.tsv: two columns that may be pairs or clusters; say which with the setting `labels`")
        );
        assert!(wrong("\n", None).starts_with("t.tsv: no labels;"));
        assert!(wrong("a1\tb1\nc1\n", None).starts_with("t.tsv:2: only one column;"));
        let no_number =
            "t.tsv:2: `x` in the third column is not a Jaccard between 0 and 1; for labelled pairs use the setting `labels`: pairs";
        assert_eq!(wrong("a1\tb1\t0.5\na1\tb1\tx\n", Some(LabelKind::Exact)), no_number);
        assert!(read("", Some(LabelKind::Pairs)).is_ok());
    }

    #[test]
    fn the_last_label_of_a_pair_counts_in_either_order() {
        let Labels::Exact(truth) = read("a1\tb1\t0.9\r\nb1\ta1\t0.7\r\n", None).unwrap() else { panic!("not exact") };
        assert_eq!(truth.values().copied().collect::<Vec<_>>(), [0.7]);
    }
}
