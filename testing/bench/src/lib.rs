//! On-demand measurements; see `src/bin`.
