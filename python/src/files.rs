//! Reports, scores and cleaning of files: what the program does, for callers in Python.

use crate::errors::setting_error;
use crate::findings::NativeFindings;
use crate::scan::Request;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use refrain::catalogue::Catalogue;
use refrain::clean::{Options, clean};
use refrain::eval::{Ids, LabelKind, Measure, Request as ScoreRequest, evaluate, read_findings, read_labels};
use refrain::report::{Anonymity, Dossier, Lang, PageOptions, write_page};
use refrain::{Error, FileCorpus};
use std::path::PathBuf;

/// Bytes of a page from which texts are left out.
const MOST_PAGE_BYTES: u64 = 50 << 20;

/// The page of `refrain report` about files; `language` says also whether outlets are numbered instead of named.
#[pyfunction]
#[pyo3(signature = (paths, request, language, callback=None))]
pub(crate) fn report_files<'py>(
    py: Python<'py>,
    paths: Vec<PathBuf>,
    request: &str,
    language: (String, bool),
    callback: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let request = Request::parse(py, request)?;
    let (lang, anonymise) = language;
    let lang = match lang.as_str() {
        "en" => Lang::En,
        "ar" => Lang::Ar,
        _ => return Err(setting_error(py, &format!("lang: must be `en` or `ar` (got `{lang}`)"))),
    };
    let anonymity = if anonymise { Anonymity::Numbered } else { Anonymity::Named };
    let source = request.source();
    let page = request.call(callback).run(py, |progress| {
        let corpus = FileCorpus::open(&paths, &source)?;
        let (findings, catalogue) = Catalogue::detect(&corpus, &request.detector()?, progress)?;
        corpus.require_articles(findings.summary().documents, findings.problems())?;
        let dossier = Dossier::of(&findings, &catalogue)?;
        let mut page = Vec::new();
        let options = PageOptions { lang, anonymity, max_bytes: MOST_PAGE_BYTES };
        write_page(&dossier, &catalogue, options, &mut page)?;
        catalogue.check_lengths()?;
        Ok(page)
    })?;
    Ok(PyBytes::new(py, &page))
}

/// Cleans files into `output` and returns the totals as JSON, what was found, and the path of the manifest. Without `output` nothing is written.
#[pyfunction]
#[pyo3(signature = (paths, output, request, callback=None))]
pub(crate) fn clean_files(
    py: Python<'_>,
    paths: Vec<PathBuf>,
    output: Option<PathBuf>,
    request: &str,
    callback: Option<Py<PyAny>>,
) -> PyResult<(String, NativeFindings, PathBuf)> {
    let request = Request::parse(py, request)?;
    let source = request.source();
    let cleaned = request.call(callback).run(py, |progress| {
        let corpus = FileCorpus::open(&paths, &source)?;
        let options =
            Options { policy: request.policy.clone(), detection: request.detect, memory: request.memory_limit(), ..Options::default() };
        clean(&corpus, &paths, output.as_deref(), &options, progress)
    })?;
    let totals = serde_json::to_string(&cleaned.totals).map_err(|error| setting_error(py, &error.to_string()))?;
    Ok((totals, NativeFindings { findings: cleaned.findings, has_rows: false }, cleaned.manifest))
}

/// The scores of findings against labels, as JSON; both are the bytes of files. `how` is the kind of labels, the threshold and the measure to sweep over.
#[pyfunction]
pub(crate) fn score(py: Python<'_>, findings: &[u8], labels: &[u8], how: (Option<String>, f64, Option<String>)) -> PyResult<String> {
    let (kind, threshold, sweep) = how;
    let kind = match kind.as_deref() {
        None => None,
        Some("exact") => Some(LabelKind::Exact),
        Some("pairs") => Some(LabelKind::Pairs),
        Some("clusters") => Some(LabelKind::Clusters),
        Some("spans") => Some(LabelKind::Spans),
        Some(other) => return Err(setting_error(py, &format!("kind: must be exact, pairs, clusters or spans (got `{other}`)"))),
    };
    let sweep = match sweep.as_deref() {
        None => None,
        Some("jaccard") => Some(Measure::Jaccard),
        Some("containment") => Some(Measure::Containment),
        Some("coverage") => Some(Measure::Coverage),
        Some(other) => return Err(setting_error(py, &format!("sweep: must be jaccard, containment or coverage (got `{other}`)"))),
    };
    crate::run::Call { threads: 1, callback: None }.run(py, |_| {
        let mut ids = Ids::default();
        let found = read_findings(findings, "findings", &mut ids)?;
        let labels = read_labels(labels, "labels", kind, &found, &mut ids)?;
        let scores = evaluate(&found, &labels, ScoreRequest { threshold, sweep })?;
        serde_json::to_string(&scores).map_err(|error| Error::Io { path: "scores".into(), cause: error.into() })
    })
}
