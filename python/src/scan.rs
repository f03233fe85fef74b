//! Scans: of tables and of files.

use crate::corpus::TableCorpus;
use crate::errors::{input_error, setting_error};
use crate::findings::NativeFindings;
use crate::run::Call;
use crate::table::batches;
use pyo3::prelude::*;
use refrain::{DetectConfig, Detector, FieldNames, FileCorpus, Format, HtmlFields, MemoryLimit, SourceOptions};
use serde::Deserialize;
use std::path::PathBuf;

/// What a call is asked for besides its data, as the Python side writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub(crate) struct Request {
    pub(crate) detect: DetectConfig,
    /// Bytes of memory.
    pub(crate) memory: Option<u64>,
    pub(crate) temp_dir: Option<PathBuf>,
    pub(crate) threads: usize,
    /// Names of fields, where the data are files.
    pub(crate) fields: Fields,
    pub(crate) format: Option<Format>,
    /// Whether texts may be HTML: auto, yes or no.
    pub(crate) html: Html,
    /// What is removed.
    pub(crate) policy: refrain::clean::Policy,
}

/// Whether texts may be HTML.
#[derive(Clone, Copy, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Html {
    #[default]
    Auto,
    Yes,
    No,
}

impl From<Html> for HtmlFields {
    fn from(html: Html) -> Self {
        match html {
            Html::Auto => Self::Auto,
            Html::Yes => Self::Yes,
            Html::No => Self::No,
        }
    }
}

/// Names of the fields of records.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Fields {
    text: Option<String>,
    id: Option<String>,
    date: Option<String>,
    outlet: Option<String>,
}

impl Request {
    /// # Errors
    /// `SettingError` with what is wrong.
    pub(crate) fn parse(py: Python<'_>, json: &str) -> PyResult<Self> {
        serde_json::from_str(json).map_err(|error| setting_error(py, &error.to_string()))
    }

    pub(crate) fn call(&self, callback: Option<Py<PyAny>>) -> Call {
        Call { threads: self.threads, callback }
    }

    pub(crate) fn memory_limit(&self) -> Option<MemoryLimit> {
        let temp_dir = || self.temp_dir.clone().unwrap_or_else(std::env::temp_dir);
        self.memory.map(|bytes| MemoryLimit { bytes, temp_dir: temp_dir() })
    }

    pub(crate) fn detector(&self) -> refrain::Result<Detector> {
        let detector = Detector::new(self.detect)?;
        Ok(match self.memory_limit() {
            Some(limit) => detector.within_memory(limit),
            None => detector,
        })
    }

    pub(crate) fn source(&self) -> SourceOptions {
        let Fields { text, id, date, outlet } = &self.fields;
        let fields = FieldNames { text: text.clone(), id: id.clone(), date: date.clone(), outlet: outlet.clone(), ..FieldNames::default() };
        SourceOptions { fields, format: self.format, html_fields: self.html.into(), ..SourceOptions::default() }
    }
}

/// The table of an object with the method `__arrow_c_stream__`.
///
/// # Errors
/// `InputError` for a table without texts.
pub(crate) fn table(data: &Bound<'_, PyAny>, request: &Request) -> PyResult<TableCorpus> {
    let html = if request.detect.is_exact() { HtmlFields::No } else { request.html.into() };
    TableCorpus::new(&batches(data)?, html).map_err(|message| input_error(data.py(), &message))
}

/// Everything found in a table with the columns `text` and, where there are any, `id`, `date` and `outlet`.
#[pyfunction]
#[pyo3(signature = (data, request, callback=None))]
pub(crate) fn scan_table(data: &Bound<'_, PyAny>, request: &str, callback: Option<Py<PyAny>>) -> PyResult<NativeFindings> {
    let py = data.py();
    let request = Request::parse(py, request)?;
    let corpus = table(data, &request)?;
    let findings = request.call(callback).run(py, |progress| request.detector()?.detect_in(&corpus, progress))?;
    Ok(NativeFindings { findings, has_rows: true })
}

/// Everything found in files.
#[pyfunction]
#[pyo3(signature = (paths, request, callback=None))]
pub(crate) fn scan_files(py: Python<'_>, paths: Vec<PathBuf>, request: &str, callback: Option<Py<PyAny>>) -> PyResult<NativeFindings> {
    let request = Request::parse(py, request)?;
    let source = request.source();
    let findings = request.call(callback).run(py, |progress| {
        let corpus = FileCorpus::open(&paths, &source)?;
        let findings = request.detector()?.detect_in(&corpus, progress)?;
        corpus.require_articles(findings.summary().documents, findings.problems())?;
        Ok(findings)
    })?;
    Ok(NativeFindings { findings, has_rows: false })
}

/// Writes the rows of a table as lines of JSON with the fields `text`, `id`, `date` and `outlet`.
#[pyfunction]
pub(crate) fn write_rows(data: &Bound<'_, PyAny>, path: PathBuf) -> PyResult<()> {
    let py = data.py();
    let corpus = table(data, &Request::default())?;
    py.detach(|| {
        let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
        corpus.write_jsonl(&mut file)?;
        std::io::Write::flush(&mut file)
    })?;
    Ok(())
}
