//! On-demand measurements; see `src/bin`.

pub mod organization;
pub mod synthetic;
