use std::sync::{Mutex, PoisonError};

use devmetrics_bindings::{FactPages, FactReader, Session, guarded_now};
use devmetrics_core::Result;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

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
}

impl Facts {
    pub(crate) async fn open(session: Session, arguments: String) -> Result<Self> {
        Ok(Self {
            first: Mutex::new(Some(session.facts(&arguments).await?)),
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
        let open = || -> Result<FactReader> {
            let runtime = runtime()?;
            let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
            let pages = match first {
                Some(first) => first,
                None => {
                    py.detach(|| guarded_now(|| runtime.block_on(self.session.facts(&self.arguments))))?
                }
            };
            FactReader::new(pages, runtime.handle().clone())
        };
        stream(py, open().map_err(|error| exception(py, &error))?)
    }
}
