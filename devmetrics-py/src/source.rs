//! A source that a user wrote in Python.

use std::sync::Arc;

use async_trait::async_trait;
use devmetrics_bindings::ForeignSource;
use devmetrics_core::{Error, ErrorKind, Result};
use pyo3::prelude::*;

use crate::errors::error;

/// The adapter that the package puts around a user's object: `call(method, arguments)` takes and gives JSON, whatever the object has.
#[derive(Debug)]
pub(crate) struct PythonSource(Arc<Py<PyAny>>);

impl PythonSource {
    pub(crate) fn new(adapter: Py<PyAny>) -> Self {
        Self(Arc::new(adapter))
    }
}

fn call(adapter: &Py<PyAny>, method: &str, arguments: String, usual: ErrorKind) -> Result<String> {
    Python::attach(|py| {
        let given = adapter.call_method1(py, "call", (method, arguments));
        let given = given.and_then(|given| given.extract::<String>(py));
        given.map_err(|raised| error(py, &raised, usual))
    })
}

#[async_trait]
impl ForeignSource for PythonSource {
    async fn call(&self, method: &'static str, arguments: String) -> Result<String> {
        let adapter = Arc::clone(&self.0);
        let called = move || call(&adapter, method, arguments, ErrorKind::Internal);
        // It may take long, and it waits for the interpreter.
        let called = tokio::task::spawn_blocking(called).await;
        called.unwrap_or_else(|panic| {
            Err(Error::new(ErrorKind::Internal, "a method of a source panicked").caused_by(panic))
        })
    }

    fn normalize(&self, arguments: String) -> Result<String> {
        tokio::task::block_in_place(|| call(&self.0, "normalize", arguments, ErrorKind::Corrupt))
    }
}
