use std::sync::{Mutex, PoisonError};

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use devmetrics_bindings::{FactPages, Session};
use devmetrics_core::Result;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use tokio::runtime::Runtime;

use crate::errors::exception;
use crate::running::runtime;
use crate::told::stream;

/// Pull requests as columns, read while they are taken. They may be taken again, and are read again then.
#[pyclass(frozen, module = "devmetrics._devmetrics")]
#[derive(Debug)]
pub(crate) struct Facts {
    session: Session,
    arguments: String,
    /// Those that were asked for first, until somebody takes them.
    first: Mutex<Option<FactPages>>,
    schema: SchemaRef,
}

impl Facts {
    pub(crate) async fn open(session: Session, arguments: String) -> Result<Self> {
        Ok(Self {
            first: Mutex::new(Some(session.facts(&arguments).await?)),
            schema: FactPages::schema()?,
            session,
            arguments,
        })
    }
}

#[pymethods]
impl Facts {
    /// The rows, by the Arrow PyCapsule interface.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let open = || {
            let runtime = runtime()?;
            let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
            let pages = match first {
                Some(first) => first,
                None => py.detach(|| runtime.block_on(self.session.facts(&self.arguments)))?,
            };
            Ok(Reader {
                pages,
                runtime,
                schema: SchemaRef::clone(&self.schema),
            })
        };
        let reader: Result<Reader> = open();
        stream(py, reader.map_err(|error| exception(py, &error))?)
    }
}

/// Reads a page whenever its consumer wants one, on the consumer's thread, whether that holds the interpreter or not.
struct Reader {
    pages: FactPages,
    runtime: &'static Runtime,
    schema: SchemaRef,
}

impl Iterator for Reader {
    type Item = std::result::Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self.runtime.block_on(self.pages.next());
        read.map_err(|error| ArrowError::ExternalError(Box::new(error)))
            .transpose()
    }
}

impl RecordBatchReader for Reader {
    fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }
}
