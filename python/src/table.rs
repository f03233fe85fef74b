//! Tables between Python and Rust: the PyCapsule interface of Arrow in both directions.

use crate::errors::input_error;
use arrow_array::builder::LargeStringBuilder;
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchIterator, RecordBatchReader};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyList, PyString};
use std::sync::Arc;

const STREAM: &std::ffi::CStr = c"arrow_array_stream";

/// The batches of an object with the method `__arrow_c_stream__`.
///
/// # Errors
/// `InputError` for an object without that method, and for what its stream reports.
pub(crate) fn batches(data: &Bound<'_, PyAny>) -> PyResult<Vec<RecordBatch>> {
    let py = data.py();
    let capsule = data.call_method0("__arrow_c_stream__")?.cast_into::<PyCapsule>()?;
    let pointer = capsule.pointer_checked(Some(STREAM))?.cast::<FFI_ArrowArrayStream>();
    #[expect(unsafe_code, reason = "the interface is of C")]
    // SAFETY: the capsule has the name of a stream, so that it holds one; the stream is moved out of it, and a released one is left.
    let stream = unsafe { FFI_ArrowArrayStream::from_raw(pointer.as_ptr()) };
    let failed = |error: arrow_schema::ArrowError| input_error(py, &format!("the stream of the table failed: {error}"));
    let reader = RecordBatchStreamReader::try_new(stream).map_err(failed)?;
    reader.collect::<Result<_, _>>().map_err(failed)
}

/// A table of findings.
#[pyclass(frozen, module = "refrain._refrain")]
pub(crate) struct NativeTable(pub(crate) RecordBatch);

#[pymethods]
impl NativeTable {
    /// A stream of one batch.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(&self, py: Python<'py>, requested_schema: Option<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyCapsule>> {
        // A producer may ignore what it cannot convert to.
        drop(requested_schema);
        let reader: Box<dyn RecordBatchReader + Send> = Box::new(RecordBatchIterator::new([Ok(self.0.clone())], self.0.schema()));
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(reader), STREAM)
    }

    fn __len__(&self) -> usize {
        self.0.num_rows()
    }

    /// Names of the columns.
    fn column_names(&self) -> Vec<String> {
        self.0.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    /// The rows as lists of values, from `start` to `stop`.
    fn rows<'py>(&self, py: Python<'py>, start: usize, stop: usize) -> PyResult<Vec<Vec<Bound<'py, PyAny>>>> {
        (start..stop.min(self.0.num_rows()))
            .map(|row| self.0.columns().iter().map(|column| crate::cell::value(py, column, row)).collect())
            .collect()
    }
}

/// A table of columns that are lists of strings and None.
///
/// # Errors
/// `InputError` with the row of what is neither, and of a string that is no Unicode text.
#[pyfunction]
pub(crate) fn table_of(py: Python<'_>, columns: Vec<(String, Bound<'_, PyList>)>) -> PyResult<NativeTable> {
    let mut table = Vec::with_capacity(columns.len());
    for (name, list) in &columns {
        let mut column = LargeStringBuilder::with_capacity(list.len(), 0);
        for (row, cell) in list.iter().enumerate() {
            if cell.is_none() {
                column.append_null();
                continue;
            }
            let wrong = |found: &str| input_error(py, &format!("row {row}: `{name}` is {found}, not a string"));
            let Ok(string) = cell.cast::<PyString>() else {
                return Err(wrong(&cell.get_type().name()?.to_cow()?));
            };
            match string.to_cow() {
                Ok(string) => column.append_value(string),
                Err(_) => return Err(input_error(py, &format!("row {row}: `{name}` has a lone surrogate, which is no character"))),
            }
        }
        let column: ArrayRef = Arc::new(column.finish());
        table.push((name.as_str(), column, true));
    }
    let table = RecordBatch::try_from_iter_with_nullable(table);
    table.map(NativeTable).map_err(|error| input_error(py, &error.to_string()))
}
