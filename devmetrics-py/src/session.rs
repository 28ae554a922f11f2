use std::mem;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};

use devmetrics_bindings::{JsonSource, Opening, Session as Shared};
use devmetrics_core::engine::StopSignal;
use devmetrics_core::source::SourceProvider;
use devmetrics_core::{Error, ErrorKind, Result};
use pyo3::prelude::*;

use crate::errors::{error, exception};
use crate::facts::Facts;
use crate::running::{go, runtime};
use crate::source::PythonSource;
use crate::told::Told;

/// An engine. Each method takes `done`: see [`go`].
#[pyclass(frozen, module = "devmetrics._devmetrics")]
#[derive(Debug)]
pub(crate) struct Session {
    /// There until it is dropped.
    shared: Option<Shared>,
    process: u32,
}

#[pymethods]
impl Session {
    /// Opens an engine; `sources` are pairs of a description and an adapter.
    #[staticmethod]
    #[pyo3(signature = (opening, sources, done=None))]
    fn open(
        py: Python<'_>,
        opening: &str,
        sources: Vec<(String, String, Py<PyAny>)>,
        done: Option<Py<PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let opening = Opening::parse(opening).map_err(|error| exception(py, &error))?;
        let sources = sources.into_iter().map(|(kind, description, adapter)| {
            let source = JsonSource::new(kind, description, PythonSource::new(adapter));
            Arc::new(source) as Arc<dyn SourceProvider>
        });
        let sources = sources.collect();
        let opened = async move {
            Ok(Self {
                shared: Some(Shared::open(opening, sources).await?),
                process: std::process::id(),
            })
        };
        go(py, opened, None, done)
    }

    /// Calls by name, with a JSON object of arguments.
    #[pyo3(signature = (name, arguments, done=None))]
    fn ask(
        &self,
        py: Python<'_>,
        name: String,
        arguments: String,
        done: Option<Py<PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let shared = self.shared(py)?;
        let asked = async move { Told::new(shared.ask(&name, &arguments).await?) };
        go(py, asked, None, done)
    }

    /// The pull requests of a question, as columns.
    #[pyo3(signature = (arguments, done=None))]
    fn facts(&self, py: Python<'_>, arguments: String, done: Option<Py<PyAny>>) -> PyResult<Py<PyAny>> {
        let shared = self.shared(py)?;
        go(py, Facts::open(shared, arguments), None, done)
    }

    /// Collects what is new; `progress` is called with each event, as JSON.
    #[pyo3(signature = (arguments, progress=None, done=None))]
    fn sync(
        &self,
        py: Python<'_>,
        arguments: String,
        progress: Option<Py<PyAny>>,
        done: Option<Py<PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let shared = self.shared(py)?;
        let stop = StopSignal::default();
        let stopped = stop.clone();
        let synced = async move {
            let (events, told) = channel::<String>();
            let failed: Arc<Mutex<Option<Error>>> = Arc::default();
            let (failure, stopping) = (Arc::clone(&failed), stopped.clone());
            // One thread, so that events come in order; a runtime's own may not wait for the interpreter.
            let telling = tokio::task::spawn_blocking(move || {
                let Some(progress) = progress else { return };
                for event in told {
                    let called = Python::attach(|py| {
                        let called = progress.call1(py, (event,));
                        called
                            .map(drop)
                            .map_err(|raised| error(py, &raised, ErrorKind::Internal))
                    });
                    if let Err(raised) = called {
                        *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(raised);
                        stopping.stop();
                        return;
                    }
                }
            });
            let tell = move |event| {
                // Nobody listens any more where the callback failed.
                let _ = events.send(event);
            };
            let report = shared.sync(&arguments, tell, stopped).await;
            if telling.await.is_err() {
                return Err(Error::new(
                    ErrorKind::Internal,
                    "the callback of the progress panicked",
                ));
            }
            let failed = failed.lock().unwrap_or_else(PoisonError::into_inner).take();
            match failed {
                Some(raised) => Err(raised),
                None => Told::new(report?),
            }
        };
        go(py, synced, Some(stop), done)
    }
}

impl Session {
    fn shared(&self, py: Python<'_>) -> PyResult<Shared> {
        let found = match &self.shared {
            Some(shared) if self.process == std::process::id() => Ok(shared.clone()),
            _ => {
                let message = "this engine was opened before the process was forked: open another one in the child, \
                               or start processes by `spawn`";
                Err(Error::new(ErrorKind::Unsupported, message))
            }
        };
        found.map_err(|error| exception(py, &error))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let shared = self.shared.take();
        if self.process != std::process::id() {
            // Its threads stayed with the parent: nobody is there to close anything.
            mem::forget(shared);
            return;
        }
        // What is closed needs a runtime.
        let runtime: Result<_> = runtime();
        let _entered = runtime.ok().map(|runtime| runtime.enter());
        drop(shared);
    }
}
