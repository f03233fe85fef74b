//! Single texts: their tokens, sketches, similarity and comparison.

use crate::columns::Columns;
use crate::scan::Request;
use crate::table::NativeTable;
use pyo3::prelude::*;
use refrain::compare::Overlap;
use refrain::comparison::{CompareConfig, Comparison, Layout, NamedText, write_comparison_json, write_html, write_side_by_side};
use refrain::report::Palette;
use refrain::sketch::Sketcher;
use refrain::text::{LineIndex, Tokenizer, Tokens, shingle_set, shingles_into};

/// The tokens of a text: each as it is compared, with the code points where it starts and ends.
#[pyfunction]
pub(crate) fn tokens(py: Python<'_>, text: &str, request: &str) -> PyResult<Vec<(String, usize, usize)>> {
    let detect = Request::parse(py, request)?.detect;
    let index = LineIndex::new(text);
    let mut tokens = Vec::new();
    Tokenizer::new(detect.fold, detect.simd).for_each(text, |folded, span| {
        tokens.push((String::from_utf8_lossy(folded).into_owned(), index.chars(span.start), index.chars(span.end)));
    });
    Ok(tokens)
}

/// The band keys of texts: a row for each text with words, and band.
#[pyfunction]
#[pyo3(signature = (data, request, callback=None))]
pub(crate) fn sketch(data: &Bound<'_, PyAny>, request: &str, callback: Option<Py<PyAny>>) -> PyResult<NativeTable> {
    let py = data.py();
    let request = Request::parse(py, request)?;
    let corpus = crate::scan::table(data, &request)?;
    let detect = request.detect;
    let keys = request.call(callback).run(py, |progress| {
        detect.check()?;
        corpus.map_rows(progress, || {
            let mut sketcher = Sketcher::new(detect.banding(), detect.simd);
            let (mut tokenizer, mut tokens, mut shingles) = (Tokenizer::new(detect.fold, detect.simd), Tokens::default(), Vec::new());
            move |text: &str| {
                let mut keys = Vec::new();
                tokenizer.read(text, &mut tokens);
                if !tokens.is_empty() {
                    shingles_into(&tokens.hashes, detect.shingle, &mut shingles);
                    sketcher.append_keys(&shingles, &mut keys);
                }
                keys
            }
        })
    })?;
    let rows: Vec<(usize, usize, u32)> =
        keys.iter().enumerate().flat_map(|(row, keys)| keys.iter().enumerate().map(move |(band, &key)| (row, band, key))).collect();
    let table = Columns::default()
        .counts("row", rows.iter().map(|(row, ..)| Some(*row)))
        .counts("band", rows.iter().map(|(_, band, _)| Some(*band)))
        .counts("key", rows.iter().map(|(.., key)| Some(*key as usize)));
    Ok(NativeTable(table.table()))
}

/// The Jaccard similarity of two texts, and the share of each one's shingles in the other.
#[pyfunction]
pub(crate) fn jaccard(py: Python<'_>, a: &str, b: &str, request: &str) -> PyResult<(f64, f64, f64)> {
    let detect = Request::parse(py, request)?.detect;
    let set = |text: &str| {
        let mut tokens = Tokens::default();
        Tokenizer::new(detect.fold, detect.simd).read(text, &mut tokens);
        shingle_set(&tokens.hashes, detect.shingle)
    };
    let overlap = py.detach(|| Overlap::of(&set(a), &set(b)));
    Ok((overlap.jaccard(), overlap.a_in_b(), overlap.b_in_a()))
}

/// What two texts share: as JSON, as a page of HTML, and for a terminal of `width` columns.
#[pyfunction]
pub(crate) fn compare(
    py: Python<'_>,
    texts: (String, String),
    names: (String, String),
    request: &str,
    width: usize,
) -> PyResult<(String, String, String)> {
    let detect = Request::parse(py, request)?.detect;
    let call = crate::run::Call { threads: 1, callback: None };
    let failed = |cause| refrain::Error::Io { path: "comparison".into(), cause };
    call.run(py, |_| {
        detect.check()?;
        let config = CompareConfig { fold: detect.fold, shingle: detect.shingle, min_words: detect.within.min_words };
        let (a, b) =
            (NamedText { name: &names.0, id: &names.0, text: &texts.0 }, NamedText { name: &names.1, id: &names.1, text: &texts.1 });
        let comparison = Comparison::of(a, b, config);
        let (mut json, mut page, mut text) = (Vec::new(), Vec::new(), Vec::new());
        write_comparison_json(&comparison, &mut json).map_err(failed)?;
        write_html(&comparison, false, &mut page).map_err(failed)?;
        write_side_by_side(&comparison, Layout { palette: Palette::PLAIN, width, all: false }, &mut text).map_err(failed)?;
        let string = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok((string(json), string(page), string(text)))
    })
}
