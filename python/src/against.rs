//! A table compared with a reference.

use crate::columns::Columns;
use crate::findings::problems_table;
use crate::scan::{Request, table};
use crate::table::NativeTable;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use refrain::against::{Matches, Reference};
use refrain::report::write_matches_jsonl;
use std::collections::HashMap;

/// What rows of a table share with the items of a reference.
#[pyclass(frozen, module = "refrain._refrain")]
pub(crate) struct NativeMatches {
    matches: Matches,
    /// Rows of the items of the reference, by their ids.
    rows: HashMap<String, usize>,
}

#[pymethods]
impl NativeMatches {
    /// The matches, or the skipped rows of the table.
    fn table(&self, name: &str) -> NativeTable {
        if name == "problems" {
            return NativeTable(problems_table(self.matches.problems(), true));
        }
        let found = self.matches.pairs();
        let all = || found.iter();
        let words = |found: &refrain::FoundPair| found.passages.as_ref().map(|passages| passages.iter().map(|passage| passage.words).sum());
        let table = Columns::default()
            .texts("rule", all().map(|found| Some(found.pair.rule.name())))
            .texts("id", all().map(|found| Some(&found.pair.a)))
            .counts("row", all().map(|found| usize::try_from(found.locator.start).ok()))
            .texts("item", all().map(|found| Some(&found.pair.b)))
            .counts("item_row", all().map(|found| self.rows.get(&*found.pair.b).copied()))
            .numbers("jaccard", all().map(|found| Some(found.pair.jaccard)))
            .numbers("share", all().map(|found| found.pair.a_covered))
            .numbers("item_share", all().map(|found| Some(found.item_share())))
            .counts("words", all().map(|found| words(&found.pair)));
        NativeTable(table.table())
    }

    /// The lines of `refrain scan --against --format jsonl`.
    fn jsonl<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let mut lines = Vec::new();
        write_matches_jsonl(&self.matches, None, &mut lines)?;
        Ok(PyBytes::new(py, &lines))
    }
}

/// Compares each row of `data` with the rows of `reference`.
#[pyfunction]
#[pyo3(signature = (data, reference, request, callback=None))]
pub(crate) fn against_table(
    data: &Bound<'_, PyAny>,
    reference: &Bound<'_, PyAny>,
    request: &str,
    callback: Option<Py<PyAny>>,
) -> PyResult<NativeMatches> {
    let py = data.py();
    let request = Request::parse(py, request)?;
    let (corpus, items) = (table(data, &request)?, table(reference, &request)?);
    let rows = items.rows_by_id();
    let matches = request.call(callback).run(py, |progress| {
        let reference = Reference::read(&items, &request.detect, progress)?;
        reference.matches(&corpus, progress)
    })?;
    Ok(NativeMatches { matches, rows })
}
