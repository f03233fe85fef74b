//! The steps of a search for near-duplicates, for engines that group and join by themselves: each takes a batch and returns a batch.

use crate::scan::{Request, table};
use crate::strings::Strings;
use crate::table::{NativeTable, batches};
use arrow_array::builder::{BinaryBuilder, Int32Builder, ListBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch};
use pyo3::prelude::*;
use refrain::compare::Overlap;
use refrain::sketch::Sketcher;
use refrain::stages::{Digest, pairs_of_bucket};
use refrain::text::{Tokenizer, Tokens, shingle_set, shingles_into};
use std::sync::Arc;

/// What is looked up of a document: 128 bits of its tokens, their number, its date, and a key for each band. A text without tokens has no keys; a null has no hash.
#[pyfunction]
pub(crate) fn sketch_batch(data: &Bound<'_, PyAny>, request: &str) -> PyResult<NativeTable> {
    let py = data.py();
    let request = Request::parse(py, request)?;
    let corpus = table(data, &request)?;
    let detect = request.detect;
    let batch = py.detach(|| {
        let mut sketcher = Sketcher::new(detect.banding(), detect.simd);
        let (mut tokenizer, mut tokens, mut shingles) = (Tokenizer::new(detect.fold, detect.simd), Tokens::default(), Vec::new());
        let (mut hashes, mut counts, mut keys) = (BinaryBuilder::new(), Int32Builder::new(), ListBuilder::new(Int32Builder::new()));
        let mut seconds: Vec<Option<i64>> = Vec::with_capacity(corpus.rows());
        for row in 0..corpus.rows() {
            let (_, text, date, _) = corpus.document_of(row);
            seconds.push(date);
            if corpus.text_of(row).is_none() {
                hashes.append_null();
                counts.append_value(0);
                keys.append(true);
                continue;
            }
            tokenizer.read(&text, &mut tokens);
            let [high, low] = refrain::compare::fingerprint_of(&tokens.hashes);
            hashes.append_value([high.to_le_bytes(), low.to_le_bytes()].concat());
            counts.append_value(i32::try_from(tokens.len()).unwrap_or(i32::MAX));
            if !tokens.is_empty() {
                shingles_into(&tokens.hashes, detect.shingle, &mut shingles);
                let mut of_document = Vec::new();
                sketcher.append_keys(&shingles, &mut of_document);
                of_document.into_iter().for_each(|key| keys.values().append_value(key.cast_signed()));
            }
            keys.append(true);
        }
        let columns: [(&str, ArrayRef); 4] = [
            ("hash", Arc::new(hashes.finish())),
            ("tokens", Arc::new(counts.finish())),
            ("seconds", Arc::new(Int64Array::from(seconds))),
            ("keys", Arc::new(keys.finish())),
        ];
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
    });
    batch.map(NativeTable).map_err(|error| crate::errors::input_error(py, &error.to_string()))
}

/// The exact similarity of pairs of texts, the columns `a` and `b`: Jaccard, the share of each in the other, and whether the pair is at the threshold or over it.
#[pyfunction]
pub(crate) fn verify_batch(data: &Bound<'_, PyAny>, request: &str) -> PyResult<NativeTable> {
    let py = data.py();
    let request = Request::parse(py, request)?;
    let wrong = |message: String| crate::errors::input_error(py, &message);
    let mut pairs: Vec<(Strings, Strings, usize)> = Vec::new();
    for batch in batches(data)? {
        let column = |name: &str| {
            let column = batch.column_by_name(name).ok_or_else(|| format!("no column `{name}`"))?;
            Strings::new(column).map_err(|found| format!("column `{name}`: holds {found}, not strings"))
        };
        pairs.push((column("a").map_err(wrong)?, column("b").map_err(wrong)?, batch.num_rows()));
    }
    let verified: Vec<Overlap> = py.detach(|| {
        let mut sets = ShingleSets::new(&request);
        let rows = pairs.iter().flat_map(|(a, b, rows)| (0..*rows).map(move |row| (a.get(row), b.get(row))));
        rows.map(|(a, b)| sets.overlap(a.unwrap_or_default(), b.unwrap_or_default())).collect()
    });
    let share = |of: fn(Overlap) -> f64| -> ArrayRef {
        Arc::new(verified.iter().map(|&overlap| Some(refrain::round(of(overlap)))).collect::<Float64Array>())
    };
    let is_near: BooleanArray = verified.iter().map(|overlap| Some(overlap.jaccard() >= request.detect.threshold)).collect();
    let columns: [(&str, ArrayRef); 4] = [
        ("jaccard", share(Overlap::jaccard)),
        ("a_in_b", share(Overlap::a_in_b)),
        ("b_in_a", share(Overlap::b_in_a)),
        ("is_near", Arc::new(is_near)),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)));
    batch.map(NativeTable).map_err(|error| wrong(error.to_string()))
}

/// Shingle sets of texts; the last one of each side is kept, since pairs come sorted.
struct ShingleSets {
    html: refrain::HtmlFields,
    shingle: usize,
    tokenizer: Tokenizer,
    tokens: Tokens,
    last: [(String, Vec<u64>); 2],
}

impl ShingleSets {
    fn new(request: &Request) -> Self {
        let detect = request.detect;
        Self {
            html: request.html.into(),
            shingle: detect.shingle,
            tokenizer: Tokenizer::new(detect.fold, detect.simd),
            tokens: Tokens::default(),
            last: Default::default(),
        }
    }

    fn overlap(&mut self, a: &str, b: &str) -> Overlap {
        self.read(0, a);
        self.read(1, b);
        Overlap::of(&self.last[0].1, &self.last[1].1)
    }

    fn read(&mut self, side: usize, text: &str) {
        if self.last[side].0 == text && !text.is_empty() {
            return;
        }
        let shown = refrain::source::ShownText::of(text, self.html);
        self.tokenizer.read(shown.map_or_else(|| text.to_owned(), refrain::source::ShownText::into_text).as_str(), &mut self.tokens);
        self.last[side] = (text.to_owned(), shingle_set(&self.tokens.hashes, self.shingle));
    }
}

/// Pairs of the members of buckets, the columns are lists: of a large bucket each with the first ones alone. Returns the pairs, lesser first, and the
/// number of pairs that are left out.
#[pyfunction]
pub(crate) fn pairs_of_buckets(py: Python<'_>, buckets: Vec<Vec<i64>>) -> PyResult<(NativeTable, u64)> {
    let (mut a, mut b, mut left_out) = (Vec::new(), Vec::new(), 0_u64);
    for mut bucket in buckets {
        bucket.sort_unstable();
        left_out += pairs_of_bucket(&bucket, |first, other| {
            a.push(first);
            b.push(other);
        });
    }
    let columns: [(&str, ArrayRef); 2] = [("a", Arc::new(Int64Array::from(a))), ("b", Arc::new(Int64Array::from(b)))];
    let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)));
    batch.map(|batch| (NativeTable(batch), left_out)).map_err(|error| crate::errors::input_error(py, &error.to_string()))
}

/// Digest of a batch of pairs (rule, a, b, jaccard) or of members of clusters (cluster, id, keep), in hexadecimal; digests of parts are added modulo 2^128.
#[pyfunction]
pub(crate) fn digest_batch(data: &Bound<'_, PyAny>) -> PyResult<String> {
    let py = data.py();
    let mut digest = Digest::default();
    for batch in batches(data)? {
        add_batch(&mut digest, &batch).map_err(|message| crate::errors::input_error(py, &message))?;
    }
    Ok(digest.to_string())
}

fn add_batch(digest: &mut Digest, batch: &RecordBatch) -> Result<(), String> {
    let column = |name: &str| batch.column_by_name(name).ok_or_else(|| format!("no column `{name}`"));
    let texts = |name: &str| Strings::new(column(name)?).map_err(|found| format!("column `{name}`: holds {found}, not strings"));
    let wrong = |name: &str| format!("column `{name}`: has another type");
    if batch.column_by_name("rule").is_some() {
        let (rule, a, b) = (texts("rule")?, texts("a")?, texts("b")?);
        let jaccard = column("jaccard")?.as_primitive_opt::<Float64Type>().ok_or_else(|| wrong("jaccard"))?;
        for row in 0..batch.num_rows() {
            let [rule, a, b] = [&rule, &a, &b].map(|texts| texts.get(row).unwrap_or_default());
            digest.add_pair(rule, [a, b], jaccard.value(row));
        }
        return Ok(());
    }
    let (cluster, id) = (texts("cluster")?, texts("id")?);
    let keep = column("keep")?.as_boolean_opt().ok_or_else(|| wrong("keep"))?;
    for row in 0..batch.num_rows() {
        digest.add_member(cluster.get(row).unwrap_or_default(), id.get(row).unwrap_or_default(), keep.value(row));
    }
    Ok(())
}
