//! The native half of the Node package: it converts, calls and maps errors. What it does not decide is in `devmetrics-bindings`;
//! what people see is in `index.js` and `lib`.

mod errors;
pub mod facts;
pub mod session;

use napi_derive::napi;

/// The names of calls, in order.
#[napi]
pub fn calls() -> Vec<String> {
    devmetrics_bindings::Session::calls().map(str::to_owned).collect()
}

/// The codes of errors, in order.
#[napi]
pub fn codes() -> Vec<String> {
    devmetrics_bindings::Failure::CODES.map(str::to_owned).to_vec()
}
