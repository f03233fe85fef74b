//! Errors of the library as exceptions: the classes are those of `refrain.errors`.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use refrain::Error;

/// The exception for an error of the library, with its code as the attribute `code`.
pub(crate) fn exception(py: Python<'_>, error: &Error) -> PyErr {
    let class = match error {
        Error::Config { .. } => "SettingError",
        Error::NotFound { .. } => "NotFoundError",
        Error::Index(_) => "IndexFileError",
        Error::TooMuchRemoved { .. } => "TooMuchRemovedError",
        _ => "InputError",
    };
    raised(py, class, &error.to_string(), error.code())
}

/// The exception for rows or values that cannot be read.
pub(crate) fn input_error(py: Python<'_>, message: &str) -> PyErr {
    raised(py, "InputError", message, "input")
}

/// The exception for a setting that is out of its range.
pub(crate) fn setting_error(py: Python<'_>, message: &str) -> PyErr {
    raised(py, "SettingError", message, "setting")
}

fn raised(py: Python<'_>, class: &str, message: &str, code: &str) -> PyErr {
    let made = || -> PyResult<PyErr> {
        let class = py.import("refrain.errors")?.getattr(class)?;
        let exception = class.call1((message,))?;
        exception.setattr("code", code)?;
        Ok(PyErr::from_value(exception))
    };
    made().unwrap_or_else(|error| PyRuntimeError::new_err(format!("{message} ({error})")))
}
