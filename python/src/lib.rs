//! The extension module of the Python package: data in, findings out. What is convenient about the package is written in Python, beside this.

#![expect(clippy::needless_pass_by_value, reason = "functions for Python own what they are given")]

mod against;
mod cell;
mod clean;
mod columns;
mod corpus;
mod errors;
mod files;
mod findings;
mod index;
mod run;
mod scan;
mod stages;
mod strings;
mod table;
mod texts;

use pyo3::prelude::*;
use std::ffi::OsString;

#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The allocator asks for memory in large pages, as that of the program does.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "a name that the linker knows")]
#[unsafe(export_name = "_rjem_malloc_conf")]
static ALLOCATOR_SETTINGS: &[u8; 11] = b"thp:always\0";

/// Runs the program with a command line and returns its exit code.
#[pyfunction]
fn program(py: Python<'_>, line: Vec<OsString>) -> u8 {
    py.detach(|| refrain::cli::main(Some(line)))
}

#[pymodule]
fn _refrain(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<table::NativeTable>()?;
    module.add_class::<findings::NativeFindings>()?;
    module.add_function(wrap_pyfunction!(program, module)?)?;
    module.add_function(wrap_pyfunction!(scan::scan_table, module)?)?;
    module.add_function(wrap_pyfunction!(scan::scan_files, module)?)?;
    module.add_class::<index::NativeIndex>()?;
    module.add_class::<clean::NativeCleaned>()?;
    module.add_class::<against::NativeMatches>()?;
    module.add_function(wrap_pyfunction!(clean::clean_table, module)?)?;
    module.add_function(wrap_pyfunction!(against::against_table, module)?)?;
    module.add_function(wrap_pyfunction!(files::report_files, module)?)?;
    module.add_function(wrap_pyfunction!(files::clean_files, module)?)?;
    module.add_function(wrap_pyfunction!(files::score, module)?)?;
    module.add_function(wrap_pyfunction!(scan::write_rows, module)?)?;
    module.add_function(wrap_pyfunction!(table::table_of, module)?)?;
    module.add_function(wrap_pyfunction!(stages::sketch_batch, module)?)?;
    module.add_function(wrap_pyfunction!(stages::verify_batch, module)?)?;
    module.add_function(wrap_pyfunction!(stages::pairs_of_buckets, module)?)?;
    module.add_function(wrap_pyfunction!(stages::digest_batch, module)?)?;
    module.add_function(wrap_pyfunction!(texts::tokens, module)?)?;
    module.add_function(wrap_pyfunction!(texts::sketch, module)?)?;
    module.add_function(wrap_pyfunction!(texts::jaccard, module)?)?;
    module.add_function(wrap_pyfunction!(texts::compare, module)?)?;
    Ok(())
}
