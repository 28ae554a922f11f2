//! Where futures run, and how Python waits for them: by blocking a thread that has let go of the interpreter, or by a callback.

use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use devmetrics_bindings::{guarded, guarded_now};
use devmetrics_core::engine::StopSignal;
use devmetrics_core::{Error, ErrorKind, Result};
use pyo3::BoundObject;
use pyo3::prelude::*;
use tokio::runtime::Runtime;
use tokio::task::AbortHandle;

use crate::errors::exception;

/// How often Ctrl-C is looked for while a thread waits.
const LOOKED_FOR: Duration = Duration::from_millis(50);

/// The runtime of this process. Threads do not outlive a fork: in a child there is another one.
///
/// The lock is held only by who holds the interpreter, as who forks does: no child finds it locked.
pub(crate) fn runtime() -> Result<&'static Runtime> {
    static RUNTIME: Mutex<Option<(u32, &'static Runtime)>> = Mutex::new(None);
    let mut known = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    match *known {
        Some((process, runtime)) if process == std::process::id() => Ok(runtime),
        _ => {
            let made = tokio::runtime::Builder::new_multi_thread().enable_all().build();
            let made = made.map_err(|error| {
                Error::new(ErrorKind::Unavailable, "the runtime does not start").caused_by(error)
            })?;
            // For the rest of the process.
            let made: &'static Runtime = Box::leak(Box::new(made));
            *known = Some((std::process::id(), made));
            Ok(made)
        }
    }
}

/// Something that was started, and may be ended early.
#[pyclass(frozen, module = "devmetrics._devmetrics")]
#[derive(Debug)]
pub(crate) struct Task {
    abort: AbortHandle,
    stop: Option<StopSignal>,
}

#[pymethods]
impl Task {
    /// Ends it: a sync after the current page, everything else at once.
    fn cancel(&self) {
        match &self.stop {
            Some(stop) => stop.stop(),
            None => self.abort.abort(),
        }
    }
}

/// Runs a future. Without `done` this thread waits for it and gives what it gives; Ctrl-C ends it, by `stop` where there is one.
/// With `done` a task comes back at once, and `done(result, error)` is called from another thread.
pub(crate) fn go<T>(
    py: Python<'_>,
    future: impl Future<Output = Result<T>> + Send + 'static,
    stop: Option<StopSignal>,
    done: Option<Py<PyAny>>,
) -> PyResult<Py<PyAny>>
where
    T: for<'py> IntoPyObject<'py> + Send + 'static,
{
    let runtime = runtime().map_err(|error| exception(py, &error))?;
    // A defect is an error like others: it must not take the interpreter down.
    let future = guarded(future);
    let Some(done) = done else {
        let waited = py.detach(|| guarded_now(|| Ok(wait(runtime, future, stop))));
        let given = waited.map_err(|error| exception(py, &error))??;
        return object(py, given.map_err(|error| exception(py, &error))?);
    };
    let task = runtime.spawn(async move {
        let ended = future.await;
        Python::attach(|py| {
            let told = match ended
                .map_err(|error| exception(py, &error))
                .and_then(|given| object(py, given))
            {
                Ok(given) => done.call1(py, (given, py.None())),
                Err(error) => done.call1(py, (py.None(), error)),
            };
            if let Err(error) = told {
                error.write_unraisable(py, None);
            }
        });
    });
    let task = Task {
        abort: task.abort_handle(),
        stop,
    };
    Ok(Py::new(py, task)?.into_any())
}

/// Waits on this thread, and looks for Ctrl-C meanwhile.
fn wait<T>(
    runtime: &Runtime,
    future: impl Future<Output = Result<T>>,
    stop: Option<StopSignal>,
) -> PyResult<Result<T>> {
    let mut future = pin!(future);
    let mut interrupted = None;
    loop {
        let ended = runtime.block_on(async { tokio::time::timeout(LOOKED_FOR, &mut future).await });
        if let Ok(given) = ended {
            return interrupted.map_or(Ok(given), Err);
        }
        if let Err(signal) = Python::attach(|py| py.check_signals()) {
            match &stop {
                Some(stop) if !stop.is_stopped() => {
                    stop.stop();
                    interrupted = Some(signal);
                }
                _ => return Err(signal),
            }
        }
    }
}

fn object<T: for<'py> IntoPyObject<'py>>(py: Python<'_>, given: T) -> PyResult<Py<PyAny>> {
    let object = given.into_pyobject(py).map_err(Into::into)?;
    Ok(object.into_any().unbind())
}
