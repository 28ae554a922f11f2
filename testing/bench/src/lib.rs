//! On-demand measurements; see `src/bin`.

pub mod synthetic;
