//! Errors of the engine as exceptions, and exceptions of a user's source as errors of the engine.

use chrono::{DateTime, Utc};
use devmetrics_bindings::Failure;
use devmetrics_core::{Error, ErrorKind};
use pyo3::prelude::*;

/// The exception of an error: of the class of its kind.
pub(crate) fn exception(py: Python<'_>, error: &Error) -> PyErr {
    let failure = Failure::from(error);
    let made = py.import("devmetrics._errors").and_then(|errors| {
        let arguments = (
            failure.code,
            failure.message,
            failure.cause,
            failure.near,
            failure.retry_at,
        );
        errors.call_method1("of_code", arguments)
    });
    match made {
        Ok(made) => PyErr::from_value(made),
        Err(error) => error,
    }
}

/// The error that an exception is: of its `code` where it has one, else of this kind.
pub(crate) fn error(py: Python<'_>, exception: &PyErr, usual: ErrorKind) -> Error {
    let value = exception.value(py);
    let text = |name: &str| value.getattr(name).ok()?.extract::<String>().ok();
    match text("code").as_deref().and_then(Failure::kind) {
        Some(kind) => {
            let error = Error::new(kind, text("message").unwrap_or_else(|| value.to_string()));
            let retry_at = value.getattr("retry_at").ok();
            match retry_at.and_then(|at| at.extract::<DateTime<Utc>>().ok()) {
                Some(at) => error.retry_at(at),
                None => error,
            }
        }
        None => Error::new(usual, exception.to_string()),
    }
}
