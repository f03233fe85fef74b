//! An index of documents seen before, in a file.

use crate::columns::Columns;
use crate::corpus::TableCorpus;
use crate::errors::exception;
use crate::scan::{Request, table};
use crate::table::NativeTable;
use arrow_array::RecordBatch;
use pyo3::prelude::*;
use rayon::prelude::*;
use refrain::index::{
    Added, Article, Destination, Identity, Index, IndexError, Ingest, Kept, Query, QueryMatcher, QueryResult, Texts, add_corpus,
};
use refrain::{DetectConfig, Error, FoundPair, Progress, Result};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Documents of a transaction.
const BATCH: usize = 1000;
/// Documents that are looked up before they are measured.
const STRETCH: usize = 1024;

/// An index, opened when it is first used; a process that was forked opens it again.
#[pyclass(frozen, module = "refrain._refrain")]
pub(crate) struct NativeIndex {
    path: PathBuf,
    request: Request,
    texts: Texts,
    opened: Mutex<Option<Opened>>,
}

struct Opened {
    process: u32,
    writes: bool,
    index: Index,
}

impl NativeIndex {
    /// The index, to be read, or to be changed; None if there is no file.
    fn open(&self, writes: bool) -> Result<MutexGuard<'_, Option<Opened>>> {
        let mut opened = self.lock();
        if opened.as_ref().is_none_or(|opened| writes && !opened.writes) {
            *opened = None;
            let config = &self.request.detect;
            let index = if writes { Index::open_to_write(&self.path, config) } else { Index::open(&self.path, config) };
            match index {
                Ok(index) => *opened = Some(Opened { process: std::process::id(), writes, index }),
                Err(error) if matches!(IndexError::behind(&error), Some(IndexError::NotFound { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(opened)
    }

    /// What this process has opened.
    fn lock(&self) -> MutexGuard<'_, Option<Opened>> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        // What another process opened is not closed here: its locks are not ours.
        if opened.as_ref().is_some_and(|opened| opened.process != std::process::id()) {
            std::mem::forget(opened.take());
        }
        opened
    }

    /// Calls `work` with the index.
    fn with<T>(&self, writes: bool, work: impl FnOnce(&Index) -> Result<T>) -> Result<T> {
        match &*self.open(writes)? {
            Some(opened) => work(&opened.index),
            None => Err(IndexError::NotFound { path: self.path.clone() }.into()),
        }
    }
}

#[pymethods]
impl NativeIndex {
    #[new]
    fn new(py: Python<'_>, path: PathBuf, request: &str, keeps_texts: bool) -> PyResult<Self> {
        let request = Request::parse(py, request)?;
        request.detect.check().map_err(|error| exception(py, &error))?;
        let texts = if keeps_texts { Texts::Kept } else { Texts::LeftOut };
        Ok(Self { path, request, texts, opened: Mutex::new(None) })
    }

    /// Closes the file.
    fn close(&self, py: Python<'_>) {
        py.detach(|| *self.lock() = None);
    }

    /// Adds the rows of a table; returns how many are new, replaced and unchanged.
    #[pyo3(signature = (data, callback=None))]
    fn add(&self, data: &Bound<'_, PyAny>, callback: Option<Py<PyAny>>) -> PyResult<(usize, usize, usize)> {
        let py = data.py();
        let corpus = table(data, &self.request)?.unnamed();
        let call = self.request.call(callback);
        let Added { new, replaced, unchanged } = call.run(py, |progress| {
            let how = Ingest { batch: BATCH, threads: rayon::current_num_threads(), progress };
            let opened = self.open(true)?;
            let new = Destination::New { path: &self.path, config: &self.request.detect, texts: self.texts };
            let to = opened.as_ref().map_or(new, |opened| Destination::Existing(&opened.index));
            Ok(add_corpus(to, &corpus, how, |_| ())?.added)
        })?;
        Ok((new, replaced, unchanged))
    }

    /// Pairs of the rows of a table with documents of the index.
    #[pyo3(signature = (data, callback=None))]
    fn query(&self, data: &Bound<'_, PyAny>, callback: Option<Py<PyAny>>) -> PyResult<NativeTable> {
        let py = data.py();
        let corpus = table(data, &self.request)?;
        let call = self.request.call(callback);
        let found = call.run(py, |progress| self.with(false, |index| queried(index, &corpus, &self.request.detect, progress)))?;
        Ok(NativeTable(matches_table(&found)))
    }

    /// Removes documents by their ids; returns how many were removed, and the ids that are not in the index.
    fn remove(&self, py: Python<'_>, ids: Vec<String>) -> PyResult<(usize, Vec<String>)> {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let removed = py.detach(|| {
            self.with(true, |index| {
                let mut transaction = index.write()?;
                let removed = transaction.remove(&ids)?;
                transaction.commit()?;
                Ok(removed)
            })
        });
        let removed = removed.map_err(|error| exception(py, &error))?;
        Ok((removed.removed, removed.missing.into_iter().map(String::from).collect()))
    }

    /// Number of documents, of distinct texts, and of bytes; 0 if there is no file.
    fn stats(&self, py: Python<'_>) -> PyResult<(u64, u64, u64)> {
        let stats = py.detach(|| match &*self.open(false)? {
            Some(opened) => opened.index.read().map(|view| view.stats()).map(|stats| (stats.documents, stats.contents, stats.bytes)),
            None => Ok((0, 0, 0)),
        });
        stats.map_err(|error: Error| exception(py, &error))
    }

    /// Reads everything, and checks it; returns the number of documents.
    fn verify(&self, py: Python<'_>) -> PyResult<u64> {
        let verified = py.detach(|| self.with(false, |index| index.read()?.verify()));
        verified.map(|verified| verified.documents).map_err(|error| exception(py, &error))
    }

    /// Gives back room that is not used.
    fn compact(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.with(true, Index::compact)).map_err(|error| exception(py, &error))
    }

    /// All documents.
    fn export(&self, py: Python<'_>) -> PyResult<NativeTable> {
        let kept = py.detach(|| {
            self.with(false, |index| {
                let mut kept: Vec<Kept> = Vec::new();
                index.read()?.each(|document| {
                    kept.push(document);
                    Ok(())
                })?;
                Ok(kept)
            })
        });
        let kept = kept.map_err(|error| exception(py, &error))?;
        let table = Columns::default()
            .texts("id", kept.iter().map(|kept| Some(&kept.id)))
            .texts("text", kept.iter().map(|kept| kept.text.as_deref()))
            .texts("date", kept.iter().map(Kept::date_text))
            .texts("outlet", kept.iter().map(|kept| kept.outlet.as_deref()))
            .counts("characters", kept.iter().map(|kept| usize::try_from(kept.characters).ok()))
            .counts("words", kept.iter().map(|kept| Some(kept.words)));
        Ok(NativeTable(table.table()))
    }
}

/// A row and what the index says of it.
type Found = (usize, String, QueryResult);

fn queried(index: &Index, corpus: &TableCorpus, config: &DetectConfig, progress: &dyn Progress) -> Result<Vec<Found>> {
    let view = index.read()?;
    let rows: Vec<usize> = (0..corpus.rows()).filter(|&row| corpus.text_of(row).is_some()).collect();
    let mut found = Vec::new();
    for rows in rows.chunks(STRETCH) {
        if progress.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let documents: Vec<_> = rows.iter().map(|&row| corpus.document_of(row)).collect();
        let ask = |matcher: &mut QueryMatcher, at: usize| {
            let (id, text, date, outlet) = &documents[at];
            let identity = if corpus.has_ids() { Identity::Id } else { Identity::Content(Default::default()) };
            matcher.ask(Article { id, identity, text, date: *date, outlet: *outlet, origin: "" })
        };
        let asked: Vec<Query<'_>> =
            (0..documents.len()).into_par_iter().map_init(|| QueryMatcher::new(config), |matcher, at| ask(matcher, at)).collect();
        let besides = HashSet::new();
        let gathered = asked.iter().map(|asked| view.gather(asked, &besides)).collect::<Result<Vec<_>>>()?;
        let results = asked
            .par_iter()
            .zip(&gathered)
            .map_init(|| QueryMatcher::new(config), |matcher: &mut QueryMatcher, (asked, gathered)| matcher.matches(asked, gathered));
        let results = results.collect::<Result<Vec<QueryResult>>>()?;
        found.extend(rows.iter().zip(&documents).zip(results).map(|((&row, document), result)| (row, document.0.to_string(), result)));
    }
    Ok(found)
}

fn matches_table(found: &[Found]) -> RecordBatch {
    let pairs: Vec<_> = found.iter().flat_map(|(row, id, result)| result.pairs.iter().map(move |pair| (*row, id, pair))).collect();
    let is_first = |id: &str, pair: &FoundPair| *pair.a == *id;
    let words = |pair: &FoundPair| pair.passages.as_ref().map(|passages| passages.iter().map(|passage| passage.words).sum());
    Columns::default()
        .texts("rule", pairs.iter().map(|(.., found)| Some(found.pair.rule.name())))
        .texts("id", pairs.iter().map(|(_, id, _)| Some(id)))
        .counts("row", pairs.iter().map(|(row, ..)| Some(*row)))
        .texts("seen", pairs.iter().map(|(_, id, found)| Some(if is_first(id, &found.pair) { &found.pair.b } else { &found.pair.a })))
        .numbers("jaccard", pairs.iter().map(|(.., found)| Some(found.pair.jaccard)))
        .numbers(
            "share",
            pairs.iter().map(|(_, id, found)| if is_first(id, &found.pair) { found.pair.a_covered } else { found.pair.b_covered }),
        )
        .numbers(
            "seen_share",
            pairs.iter().map(|(_, id, found)| if is_first(id, &found.pair) { found.pair.b_covered } else { found.pair.a_covered }),
        )
        .counts("words", pairs.iter().map(|(.., found)| words(&found.pair)))
        .texts("outlet", pairs.iter().map(|(.., found)| found.outlet.as_deref()))
        .table()
}
