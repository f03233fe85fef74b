//! Findings as tables, as lines of JSON and as text.

use crate::columns::Columns;
use crate::run::Call;
use crate::table::NativeTable;
use arrow_array::RecordBatch;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use refrain::report::{Palette, summary_line, write_jsonl, write_text};
use refrain::{Findings, Origin, Pair, Problems, SharedPassage};

/// What a run found.
#[pyclass(frozen, module = "refrain._refrain")]
pub(crate) struct NativeFindings {
    pub(crate) findings: Findings,
    /// The documents are rows of a table.
    pub(crate) has_rows: bool,
}

/// A pair of documents, or one of its passages, as a row of a table.
struct PairRow<'f> {
    pair: Pair<'f>,
    rows: [Option<usize>; 2],
}

impl NativeFindings {
    /// The row of the document with an id; None where documents are no rows.
    pub(crate) fn row_of(&self, id: &str) -> Option<usize> {
        let locator = self.findings.member(self.findings.position_of(id)?).locator;
        usize::try_from(locator.start).ok().filter(|_| self.has_rows)
    }

    fn pair_rows(&self) -> Vec<PairRow<'_>> {
        self.findings.pairs().map(|pair| PairRow { rows: [pair.a, pair.b].map(|id| self.row_of(id)), pair }).collect()
    }

    fn pairs_table(&self) -> RecordBatch {
        let pairs = self.pair_rows();
        let all = || pairs.iter();
        let matched = |passages: &Vec<SharedPassage>| passages.iter().map(|passage| passage.words).sum();
        sides(Columns::default().texts("rule", all().map(|row| Some(row.pair.rule.name()))), &pairs)
            .numbers("jaccard", all().map(|row| Some(row.pair.jaccard)))
            .numbers("a_in_b", all().map(|row| Some(row.pair.a_in_b)))
            .numbers("b_in_a", all().map(|row| Some(row.pair.b_in_a)))
            .texts("origin", all().map(|row| row.pair.origin.map(origin)))
            .numbers("a_covered", all().map(|row| row.pair.a_covered))
            .numbers("b_covered", all().map(|row| row.pair.b_covered))
            .counts("words", all().map(|row| row.pair.passages.as_ref().map(matched)))
            .table()
    }

    fn passages_table(&self) -> RecordBatch {
        let pairs = self.pair_rows();
        let passages: Vec<(&PairRow<'_>, &SharedPassage)> =
            pairs.iter().flat_map(|row| row.pair.passages.iter().flatten().map(move |passage| (row, passage))).collect();
        let all = || passages.iter().map(|(_, passage)| *passage);
        let pair = || passages.iter().map(|(row, _)| *row);
        Columns::default()
            .texts("a", pair().map(|row| Some(row.pair.a)))
            .texts("b", pair().map(|row| Some(row.pair.b)))
            .counts("a_row", pair().map(|row| row.rows[0]))
            .counts("b_row", pair().map(|row| row.rows[1]))
            .counts("a_start", all().map(|passage| Some(passage.a[0])))
            .counts("a_end", all().map(|passage| Some(passage.a[1])))
            .counts("b_start", all().map(|passage| Some(passage.b[0])))
            .counts("b_end", all().map(|passage| Some(passage.b[1])))
            .texts("kind", all().map(|passage| Some(passage.kind.name())))
            .numbers("similarity", all().map(|passage| Some(passage.similarity)))
            .counts("words", all().map(|passage| Some(passage.words)))
            .counts("respelled", all().map(|passage| Some(passage.respelled)))
            .counts("own", all().map(|passage| Some(passage.own())))
            .flags("reordered", all().map(|passage| passage.reordered))
            .table()
    }

    fn repetitions_table(&self) -> RecordBatch {
        let found = self.findings.repetitions();
        let all = || found.iter();
        Columns::default()
            .texts("rule", all().map(|found| Some(found.rule.name())))
            .texts("id", all().map(|found| Some(&found.doc)))
            .counts("row", all().map(|found| self.row_of(&found.doc)))
            .counts("first_start", all().map(|found| Some(found.first.start)))
            .counts("first_end", all().map(|found| Some(found.first.end)))
            .counts("again_start", all().map(|found| Some(found.again.start)))
            .counts("again_end", all().map(|found| Some(found.again.end)))
            .numbers("similarity", all().map(|found| Some(found.similarity)))
            .counts("words", all().map(|found| Some(found.words)))
            .counts("copies", all().map(|found| found.copies))
            .table()
    }

    fn clusters_table(&self) -> RecordBatch {
        let clusters: Vec<_> = self.findings.clusters().collect();
        let members: Vec<_> = clusters.iter().flat_map(|cluster| cluster.members.iter().map(move |&member| (cluster, member))).collect();
        Columns::default()
            .counts("cluster", members.iter().map(|(cluster, _)| Some(cluster.id)))
            .texts("id", members.iter().map(|(_, member)| Some(*member)))
            .counts("row", members.iter().map(|(_, member)| self.row_of(member)))
            .flags("keep", members.iter().map(|(cluster, member)| cluster.keep == *member))
            .counts("size", members.iter().map(|(cluster, _)| Some(cluster.members.len())))
            .numbers("min_jaccard", members.iter().map(|(cluster, _)| Some(cluster.min_jaccard)))
            .table()
    }

    fn derivations_table(&self) -> RecordBatch {
        let derivations: Vec<_> = self.findings.derivations().collect();
        let sources: Vec<_> = derivations.iter().flat_map(|derived| derived.sources.iter().map(move |source| (derived, source))).collect();
        let label = |label| match label {
            refrain::DerivationLabel::Wholly => "wholly",
            refrain::DerivationLabel::Partly => "partly",
        };
        Columns::default()
            .texts("id", sources.iter().map(|(derived, _)| Some(derived.doc)))
            .counts("row", sources.iter().map(|(derived, _)| self.row_of(derived.doc)))
            .texts("label", sources.iter().map(|(derived, _)| Some(label(derived.label))))
            .numbers("copied", sources.iter().map(|(derived, _)| Some(derived.copied)))
            .texts("source", sources.iter().map(|(_, source)| Some(source.doc)))
            .counts("source_row", sources.iter().map(|(_, source)| self.row_of(source.doc)))
            .numbers("share", sources.iter().map(|(_, source)| Some(source.share)))
            .counts("words", sources.iter().map(|(_, source)| Some(source.words)))
            .table()
    }

    fn common_runs_table(&self) -> RecordBatch {
        let runs: Vec<_> = self.findings.common_runs().collect();
        let places: Vec<_> =
            runs.iter().enumerate().flat_map(|(number, run)| run.places.iter().map(move |place| (number + 1, run, place))).collect();
        Columns::default()
            .counts("run", places.iter().map(|(number, ..)| Some(*number)))
            .texts("id", places.iter().map(|(.., place)| Some(place.doc)))
            .counts("row", places.iter().map(|(.., place)| self.row_of(place.doc)))
            .counts("start", places.iter().map(|(.., place)| Some(place.start)))
            .counts("end", places.iter().map(|(.., place)| Some(place.end)))
            .counts("words", places.iter().map(|(_, run, _)| Some(run.words)))
            .counts("documents", places.iter().map(|(_, run, _)| Some(run.documents)))
            .counts("outlets", places.iter().map(|(_, run, _)| run.outlets))
            .texts("text", places.iter().map(|(_, run, _)| Some(run.text)))
            .table()
    }

    fn boilerplate_table(&self) -> RecordBatch {
        let found = self.findings.boilerplate();
        Columns::default()
            .texts("text", found.iter().map(|found| Some(&found.text)))
            .counts("documents", found.iter().map(|found| Some(found.documents)))
            .counts("outlets", found.iter().map(|found| found.outlets))
            .texts("example", found.iter().map(|found| found.examples.first()))
            .table()
    }
}

fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::A => "a",
        Origin::B => "b",
    }
}

/// The ids and rows of both sides.
fn sides(columns: Columns, pairs: &[PairRow<'_>]) -> Columns {
    columns
        .texts("a", pairs.iter().map(|row| Some(row.pair.a)))
        .texts("b", pairs.iter().map(|row| Some(row.pair.b)))
        .counts("a_row", pairs.iter().map(|row| row.rows[0]))
        .counts("b_row", pairs.iter().map(|row| row.rows[1]))
}

/// Skipped records: examples of each kind. Rows are counted from 0.
pub(crate) fn problems_table(problems: &Problems, has_rows: bool) -> RecordBatch {
    let listed: Vec<_> = problems.examples();
    Columns::default()
        .texts("source", listed.iter().map(|problem| Some(&problem.path)))
        .counts("row", listed.iter().map(|problem| usize::try_from(problem.line).ok()?.checked_sub(usize::from(has_rows))))
        .texts("reason", listed.iter().map(|problem| Some(&problem.reason)))
        .table()
}

#[pymethods]
impl NativeFindings {
    /// A table by its name.
    fn table(&self, py: Python<'_>, name: &str) -> PyResult<NativeTable> {
        let table = py.detach(|| match name {
            "pairs" => Some(self.pairs_table()),
            "passages" => Some(self.passages_table()),
            "repetitions" => Some(self.repetitions_table()),
            "clusters" => Some(self.clusters_table()),
            "derivations" => Some(self.derivations_table()),
            "common_runs" => Some(self.common_runs_table()),
            "boilerplate" => Some(self.boilerplate_table()),
            "problems" => Some(problems_table(self.findings.problems(), self.has_rows)),
            _ => None,
        });
        table.map(NativeTable).ok_or_else(|| crate::errors::setting_error(py, &format!("no table `{name}`")))
    }

    /// Whether a document with this id was read.
    fn has(&self, id: &str) -> bool {
        self.findings.position_of(id).is_some()
    }

    /// Totals as JSON.
    fn summary(&self) -> PyResult<String> {
        serde_json::to_string(self.findings.summary()).map_err(|error| PyOSError::new_err(error.to_string()))
    }

    /// Totals in words.
    fn summary_line(&self) -> String {
        summary_line(self.findings.summary())
    }

    /// The lines of `refrain scan --format jsonl`.
    fn jsonl<'py>(&self, py: Python<'py>, threads: usize) -> PyResult<Bound<'py, PyBytes>> {
        let call = Call { threads, callback: None };
        let failed = |cause| refrain::Error::Io { path: "findings".into(), cause };
        let lines = call.run(py, |_| {
            let mut lines = Vec::new();
            write_jsonl(&self.findings, None, &mut lines).map_err(failed)?;
            Ok(lines)
        })?;
        Ok(PyBytes::new(py, &lines))
    }

    /// What `refrain scan` prints, of at most `limit` findings.
    #[pyo3(signature = (limit=None))]
    fn text(&self, limit: Option<usize>) -> PyResult<String> {
        let mut text = Vec::new();
        write_text(&self.findings, Palette::PLAIN, limit, &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}
