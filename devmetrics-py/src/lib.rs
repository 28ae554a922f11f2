//! The native module of the Python package: it converts, calls and maps errors. What it does not decide is in
//! `devmetrics-bindings`; what people see is in `python/devmetrics`.

mod errors;
mod facts;
mod running;
mod session;
mod source;
mod told;

use pyo3::prelude::*;

#[pymodule]
mod _devmetrics {
    use std::ffi::OsString;

    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::facts::Facts;
    #[pymodule_export]
    use crate::running::Task;
    #[pymodule_export]
    use crate::session::Session;
    #[pymodule_export]
    use crate::told::Told;

    /// Runs the `devmetrics` command with these arguments, the program's name first; gives its exit code.
    #[pyfunction]
    fn command(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
        py.detach(|| devmetrics_cli::run(arguments))
    }

    /// The codes of errors, in order.
    #[pyfunction]
    fn codes() -> Vec<&'static str> {
        devmetrics_bindings::Failure::CODES.to_vec()
    }

    /// The names of calls, in order.
    #[pyfunction]
    fn calls() -> Vec<&'static str> {
        devmetrics_bindings::Session::calls().collect()
    }
}
