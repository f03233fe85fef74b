//! Cleaning of tables: which rows stay, and what is left of their texts.

use crate::columns::Columns;
use crate::corpus::TableCorpus;
use crate::findings::NativeFindings;
use crate::scan::{Request, table};
use crate::table::NativeTable;
use arrow_array::RecordBatch;
use pyo3::prelude::*;
use refrain::against::Reference;
use refrain::clean::{CleanedDocuments, Options, RemovedDocument, RemovedSpan, clean_documents};
use refrain::{Locator, Progress, Result};
use std::sync::Arc;

/// What cleaning does to the rows of a table.
#[pyclass(frozen, module = "refrain._refrain")]
pub(crate) struct NativeCleaned {
    findings: Py<NativeFindings>,
    keep: RecordBatch,
    texts: Option<RecordBatch>,
    removed: RecordBatch,
    spans: RecordBatch,
}

#[pymethods]
impl NativeCleaned {
    /// What was found before anything was removed.
    #[getter]
    fn findings(&self, py: Python<'_>) -> Py<NativeFindings> {
        self.findings.clone_ref(py)
    }

    /// One column, `keep`: whether a row stays.
    fn keep(&self) -> NativeTable {
        NativeTable(self.keep.clone())
    }

    /// One column, `text`: the texts of the rows that stay; None if no text changes.
    fn texts(&self) -> Option<NativeTable> {
        self.texts.clone().map(NativeTable)
    }

    /// Rows that are removed.
    fn removed(&self) -> NativeTable {
        NativeTable(self.removed.clone())
    }

    /// Ranges that are removed from the texts of other rows.
    fn spans(&self) -> NativeTable {
        NativeTable(self.spans.clone())
    }
}

/// Cleans a table with the columns `text` and, where there are any, `id`, `date` and `outlet`; with `reference`, another such table, by what is in that one.
#[pyfunction]
#[pyo3(signature = (data, request, reference=None, callback=None))]
pub(crate) fn clean_table(
    data: &Bound<'_, PyAny>,
    request: &str,
    reference: Option<&Bound<'_, PyAny>>,
    callback: Option<Py<PyAny>>,
) -> PyResult<NativeCleaned> {
    let py = data.py();
    let request = Request::parse(py, request)?;
    let corpus = table(data, &request)?;
    let reference = reference.map(|reference| table(reference, &request)).transpose()?;
    let call = request.call(callback);
    let cleaned = call.run(py, |progress| cleaned(&corpus, &request, reference.as_ref(), progress))?;
    let Parts { documents, keep, texts, spans } = cleaned;
    let rows =
        |id: &str| documents.findings().position_of(id).and_then(|at| usize::try_from(documents.findings().member(at).locator.start).ok());
    // Ids of a reference are no rows.
    let copy_row = |removed: &RemovedDocument<'_>| if reference.is_some() { None } else { rows(removed.copy.as_deref()?) };
    let mut removed: Vec<RemovedDocument<'_>> = documents.removed().collect();
    removed.sort_by_key(|removed| removed.locator.start);
    let removed = Columns::default()
        .texts("id", removed.iter().map(|removed| Some(removed.id)))
        .counts("row", removed.iter().map(|removed| usize::try_from(removed.locator.start).ok()))
        .texts("rule", removed.iter().map(|removed| Some(removed.rule.name())))
        .texts("kept", removed.iter().map(|removed| removed.copy.as_deref()))
        .counts("kept_row", removed.iter().map(copy_row))
        .numbers("similarity", removed.iter().map(|removed| removed.similarity))
        .texts("measure", removed.iter().map(|removed| removed.measure.map(|(name, ..)| name)))
        .numbers("value", removed.iter().map(|removed| removed.measure.map(|(_, value, _)| value)))
        .table();
    let findings = Py::new(py, NativeFindings { findings: documents.into_findings(), has_rows: true })?;
    Ok(NativeCleaned { findings, keep, texts, removed, spans })
}

struct Parts {
    documents: CleanedDocuments,
    keep: RecordBatch,
    texts: Option<RecordBatch>,
    spans: RecordBatch,
}

fn cleaned(corpus: &TableCorpus, request: &Request, reference: Option<&TableCorpus>, progress: &dyn Progress) -> Result<Parts> {
    let reference = match reference {
        Some(items) => {
            let detect = refrain::DetectConfig { scope: request.policy.reference_scope(), ..request.detect };
            Some(Arc::new(Reference::read(items, &detect, progress)?))
        }
        None => None,
    };
    let options = Options {
        policy: request.policy.clone(),
        detection: request.detect,
        memory: request.memory_limit(),
        reference,
        ..Options::default()
    };
    let documents = clean_documents(corpus, &options, progress)?;
    let spans = spans_table(documents.spans(corpus)?);
    let removed = |row: usize| documents.ranges_removed(Locator { file: 0, length: 0, start: row as u64 });
    let left = |row: usize| removed(row).map(|ranges| corpus.text_of(row).map(|text| corpus.without(text, ranges)));
    let keep: Vec<bool> = (0..corpus.rows()).map(|row| removed(row).is_some()).collect();
    let texts = (spans.num_rows() > 0).then(|| Columns::default().texts("text", (0..corpus.rows()).filter_map(left)).table());
    let keep = Columns::default().flags("keep", keep.into_iter()).table();
    Ok(Parts { documents, keep, texts, spans })
}

fn spans_table(mut spans: Vec<RemovedSpan<'_>>) -> RecordBatch {
    spans.sort_by_key(|span| (span.locator.start, span.span));
    Columns::default()
        .texts("id", spans.iter().map(|span| Some(span.id)))
        .counts("row", spans.iter().map(|span| usize::try_from(span.locator.start).ok()))
        .texts("rule", spans.iter().map(|span| Some(span.rule.name())))
        .counts("start", spans.iter().map(|span| Some(span.span[0])))
        .counts("end", spans.iter().map(|span| Some(span.span[1])))
        .texts("kept", spans.iter().map(|span| span.copy.map(|(id, _)| id)))
        .counts("kept_start", spans.iter().map(|span| span.copy.map(|(_, span)| span[0])))
        .counts("kept_end", spans.iter().map(|span| span.copy.map(|(_, span)| span[1])))
        .numbers("similarity", spans.iter().map(|span| span.similarity))
        .table()
}
