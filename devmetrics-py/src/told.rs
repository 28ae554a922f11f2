use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{RecordBatchIterator, RecordBatchReader};
use devmetrics_bindings::Told as Shared;
use devmetrics_core::Result;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::errors::exception;

/// What a call gave.
#[pyclass(frozen, module = "devmetrics._devmetrics")]
#[derive(Debug)]
pub(crate) struct Told {
    shared: Shared,
    /// Written where nobody waits for the interpreter.
    #[pyo3(get)]
    json: String,
}

impl Told {
    pub(crate) fn new(shared: Shared) -> Result<Self> {
        Ok(Self {
            json: shared.json()?,
            shared,
        })
    }
}

#[pymethods]
impl Told {
    /// The rows, by the Arrow PyCapsule interface.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // A consumer casts what it gets where it wants something else: that is its right to ask, and ours to leave to it.
        let _ = requested_schema;
        let batch = py
            .detach(|| self.shared.table())
            .map_err(|error| exception(py, &error))?;
        let schema = batch.schema();
        stream(py, RecordBatchIterator::new([Ok(batch)], schema))
    }
}

/// A reader as the capsule that the Arrow PyCapsule interface asks for.
pub(crate) fn stream(
    py: Python<'_>,
    reader: impl RecordBatchReader + Send + 'static,
) -> PyResult<Bound<'_, PyCapsule>> {
    let stream = FFI_ArrowArrayStream::new(Box::new(reader));
    PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
}
